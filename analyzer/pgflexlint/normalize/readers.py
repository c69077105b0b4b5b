"""What is made of resources, by their types: the tables of all concepts together."""

from __future__ import annotations

from collections.abc import Mapping

from pgflexlint.normalize import arm, azurerm, connections, database, network, passwords
from pgflexlint.normalize.claims import Reader

TERRAFORM: Mapping[str, Reader] = {
    **azurerm.READERS,
    **network.TERRAFORM,
    **passwords.TERRAFORM,
    **connections.TERRAFORM,
    **database.READERS,
}
"""By the type in Terraform, of every provider but azapi."""
ARM: Mapping[str, Reader] = {**arm.READERS, **network.ARM, **passwords.ARM, **connections.ARM}
"""By the type in ARM, in lower case."""
