"""What tests of the command line share: a server, and what the concise format says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Write = Callable[[dict[str, str | bytes]], Path]
Outcome = tuple[int, str, str]
Check = Callable[..., Outcome]

SERVER = """\
resource "azurerm_postgresql_flexible_server" "main" {
  name                          = "psql-ledger"
  resource_group_name           = "rg-ledger"
  location                      = "westeurope"
  version                       = "16"
  sku_name                      = "GP_Standard_D2ds_v5"
  backup_retention_days         = 7
  geo_redundant_backup_enabled  = false
  public_network_access_enabled = true
}
"""
PARAMETER = """\
resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "require_secure_transport"
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = %s
}
"""


def found(output: str) -> list[str]:
    """`PGF101 main.tf:3` for each finding of the concise format."""
    lines = [line.split(": ", 1) for line in output.splitlines() if " PGF" in line]
    return [f"{rest.split()[1]} {place.rsplit(':', 1)[0]}" for place, rest in lines if rest.split()[0] != "unknown"]


def problems(output: str) -> list[str]:
    """The lines of the concise format about what could not be scanned, remarks included."""
    return [line for line in output.splitlines() if ": problem " in line or ": remark " in line]
