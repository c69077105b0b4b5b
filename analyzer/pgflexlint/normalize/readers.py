"""What is made of resources, by their types: the tables of all concepts together."""

from __future__ import annotations

from collections.abc import Mapping

from pgflexlint.normalize import arm, azurerm, network
from pgflexlint.normalize.claims import Reader

AZURERM: Mapping[str, Reader] = {**azurerm.READERS, **network.TERRAFORM}
"""By the type of the azurerm provider."""
ARM: Mapping[str, Reader] = {**arm.READERS, **network.ARM}
"""By the type in ARM, in lower case."""
