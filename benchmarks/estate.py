"""Makes a synthetic estate: `python benchmarks/estate.py DIRECTORY FILES [--relevant SHARE] [--seed NUMBER]`.

It has the three languages in the shares of real landing zones: directories of Terraform modules that call one another,
Bicep files with modules, and ARM templates. One file in a hundred speaks of PostgreSQL. The same arguments make the
same files.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

TERRAFORM_STORAGE = """\
variable "name" {{ type = string }}
variable "location" {{
  type    = string
  default = "westeurope"
}}
locals {{
  tags = {{ team = "team-{number}", cost = "{number}" }}
}}
resource "azurerm_storage_account" "a{number}" {{
  name                     = "${{var.name}}{number}"
  resource_group_name      = "rg-{number}"
  location                 = var.location
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = local.tags
  dynamic "network_rules" {{
    for_each = toset(["10.{low}.0.0/16", "10.{low}.1.0/24"])
    content {{
      default_action = "Deny"
      ip_rules       = [network_rules.value]
    }}
  }}
}}
output "id" {{ value = azurerm_storage_account.a{number}.id }}
"""
TERRAFORM_SERVER = """\
variable "tls" {{ default = "TLSv1.{low}" }}
resource "azurerm_postgresql_flexible_server" "s{number}" {{
  name                          = "psql-{number}"
  resource_group_name           = "rg-{number}"
  location                      = "westeurope"
  version                       = "16"
  sku_name                      = "GP_Standard_D2ds_v5"
  backup_retention_days         = {days}
  public_network_access_enabled = {public}
}}
resource "azurerm_postgresql_flexible_server_configuration" "tls{number}" {{
  name      = "ssl_min_protocol_version"
  server_id = azurerm_postgresql_flexible_server.s{number}.id
  value     = var.tls
}}
"""
BICEP_STORAGE = """\
param name string
param location string = resourceGroup().location
var tags = {{ team: 'team-{number}' }}
resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = {{
  name: '${{name}}{number}'
  location: location
  kind: 'StorageV2'
  sku: {{ name: 'Standard_ZRS' }}
  tags: tags
}}
output id string = account.id
"""
BICEP_SERVER = """\
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'psql-{number}'
  location: 'westeurope'
  sku: {{ name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }}
  properties: {{
    version: '16'
    backup: {{ backupRetentionDays: {days}, geoRedundantBackup: 'Disabled' }}
    network: {{ publicNetworkAccess: '{state}' }}
  }}
}}
"""
SCHEMA = '"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"'
ARM_STORAGE = (
    "{{\n  "
    + SCHEMA
    + """,
  "contentVersion": "1.0.0.0",
  "resources": [
    {{
      "type": "Microsoft.Storage/storageAccounts",
      "apiVersion": "2023-01-01",
      "name": "st{number}",
      "location": "westeurope",
      "sku": {{ "name": "Standard_ZRS" }}
    }}
  ]
}}
"""
)
ARM_SERVER = (
    "{{\n  "
    + SCHEMA
    + """,
  "contentVersion": "1.0.0.0",
  "resources": [
    {{
      "type": "Microsoft.DBforPostgreSQL/flexibleServers",
      "apiVersion": "2024-08-01",
      "name": "psql-{number}",
      "location": "westeurope",
      "properties": {{ "version": "16", "backup": {{ "backupRetentionDays": {days} }} }}
    }}
  ]
}}
"""
)
MODULE = 'module "m{number}" {{\n  source = "../{callee}"\n}}\n'
LANGUAGES = (
    ("tf", TERRAFORM_STORAGE, TERRAFORM_SERVER),
    ("bicep", BICEP_STORAGE, BICEP_SERVER),
    ("json", ARM_STORAGE, ARM_SERVER),
)
WEIGHTS = (6, 3, 1)
PER_DIRECTORY = 4


def make(directory: Path, files: int, relevant: float = 0.01, seed: int = 20260101) -> None:
    """Writes so many files, of which a share is relevant, into an empty directory."""
    chance = random.Random(seed)
    number = 0
    place = 0
    callee = ""
    while number < files:
        extension, storage, server = chance.choices(LANGUAGES, WEIGHTS)[0]
        here = directory / f"area{place // 100}" / f"d{place}"
        here.mkdir(parents=True)
        for at in range(min(PER_DIRECTORY, files - number)):
            facts = {
                "number": number, "low": number % 4, "days": 7 + number % 29,
                "public": str(number % 2 == 0).lower(), "state": ("Enabled", "Disabled")[number % 2],
            }  # fmt: skip
            # which one is relevant is not left to chance: an estate of a hundred files has one
            text = (server if number % round(1 / relevant) == 0 else storage).format(**facts)
            if extension == "tf" and at == 0 and callee and chance.random() < 0.5:
                text += MODULE.format(number=number, callee=callee)
            if extension == "tf" and at:  # one module has each variable once
                kept = (line for line in text.splitlines() if not line.startswith(("output", 'variable "name"')))
                text = "\n".join(kept) + "\n"
                for name in ('variable "location', 'variable "tls', "  tags"):
                    text = text.replace(name, f"{name}{at}", 1)
            (here / f"{('main', 'more', 'extra', 'last')[at]}.{extension}").write_text(text, encoding="utf-8")
            number += 1
        if extension == "tf":
            callee = "" if place % 100 == 99 else here.name
        place += 1


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("files", type=int)
    parser.add_argument("--relevant", type=float, default=0.01, help="the share that speaks of PostgreSQL")
    parser.add_argument("--seed", type=int, default=20260101)
    options = parser.parse_args()
    make(options.directory, options.files, options.relevant, options.seed)


if __name__ == "__main__":
    main()
