"""What is made of resources, by their types: the tables of all concepts together."""

from __future__ import annotations

from collections.abc import Mapping

from pgflexlint.normalize import arm, azurerm, connections, network, passwords
from pgflexlint.normalize.claims import Reader

AZURERM: Mapping[str, Reader] = {**azurerm.READERS, **network.TERRAFORM, **passwords.TERRAFORM, **connections.TERRAFORM}
"""By the type of the azurerm provider, and of what goes with it."""
ARM: Mapping[str, Reader] = {**arm.READERS, **network.ARM, **passwords.ARM, **connections.ARM}
"""By the type in ARM, in lower case."""
