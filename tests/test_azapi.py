"""ARM inside Terraform: azapi resources and template deployments, through the whole pipeline."""

from __future__ import annotations

import json
from pathlib import Path

from pgflexlint.analysis import Settings, analyze
from pgflexlint.discover import target
from pgflexlint_rules import RULES

SERVER = """
resource "azapi_resource" "pg" {
  type      = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  name      = "pg"
  parent_id = azurerm_resource_group.main.id
  body      = %s
}
resource "azurerm_resource_group" "main" {
  name = "main"
}
"""
PROPERTIES = '{ properties = { version = "16", network = { publicNetworkAccess = "Enabled" } } }'


def found(room: Path, source: str, **files: str) -> list[str]:
    """Findings as `line:column id`."""
    (room / "main.tf").write_text(source, encoding="utf-8")
    for name, text in files.items():
        (room / name.replace("_json", ".json")).write_text(text, encoding="utf-8")
    report = analyze(target([str(room)], [], room), RULES, RULES, Settings())
    assert not report.problems
    places = [(finding.span.begin, finding.rule.id) for finding in report.findings]
    return [f"{begin.line}:{begin.column} {rule}" for begin, rule in places]


def test_a_body_is_read_as_arm(tmp_path: Path) -> None:
    assert "6:82 PGF305" in found(tmp_path, SERVER % PROPERTIES)


def test_a_body_may_be_json_text(tmp_path: Path) -> None:
    assert "6:15 PGF305" in found(tmp_path, SERVER % f"jsonencode({PROPERTIES})")


def test_an_unknown_body_leaves_nothing_decided(tmp_path: Path) -> None:
    # A diagnostic setting would be a resource of its own.
    assert found(tmp_path, 'variable "body" {}\nprovider "azapi" {}\n' + SERVER % "var.body") == ["4:1 PGF509"]


def test_children_find_their_server(tmp_path: Path) -> None:
    child = """
resource "azapi_resource" "rule" {
  type      = "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01"
  name      = "all"
  parent_id = azapi_resource.pg.id
  body      = { properties = { startIpAddress = "0.0.0.0", endIpAddress = "255.255.255.255" } }
}
"""
    assert "16:75 PGF301" in found(tmp_path, SERVER % PROPERTIES + child)


def test_an_update_is_judged_for_what_it_writes(tmp_path: Path) -> None:
    source = """
# Microsoft.DBforPostgreSQL/flexibleServers
data "azapi_resource" "pg" {
  type = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
}
resource "azapi_update_resource" "tls" {
  type        = "Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01"
  resource_id = "${data.azapi_resource.pg.id}/configurations/require_secure_transport"
  body        = { properties = { value = "off" } }
}
resource "azapi_update_resource" "server" {
  type        = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  resource_id = data.azapi_resource.pg.id
  body        = { properties = { administratorLoginPassword = "Fake-Passw0rd" } }
}
"""
    assert found(tmp_path, source) == ["9:42 PGF101", "14:63 PGF407"]


def test_a_template_deployment_is_looked_into(tmp_path: Path) -> None:
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"tls": {"type": "string"}},
        "resources": [
            {
                "type": "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
                "apiVersion": "2024-08-01",
                "name": "pg/require_secure_transport",
                "properties": {"value": "[parameters('tls')]"},
            }
        ],
    }
    source = """
resource "azurerm_resource_group_template_deployment" "tls" {
  name                = "Microsoft.DBforPostgreSQL"
  resource_group_name = "main"
  deployment_mode     = "Incremental"
  template_content    = file("${path.module}/tls.json")
  parameters_content  = jsonencode({ tls = { value = "off" } })
}
"""
    assert found(tmp_path, source, tls_json=json.dumps(template)) == ["6:25 PGF101"]
