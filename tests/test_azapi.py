"""ARM inside Terraform: azapi resources and template deployments, through the whole pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.outputs import Options, renderer
from pgflexlint.settings import Settings
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
    # It may even say that the server is there already, and has a diagnostic setting and a lock.
    lines = found(tmp_path, 'variable "body" {}\nprovider "azapi" {}\n' + SERVER % "var.body")
    assert lines == []


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


UPDATE = """
resource "azapi_update_resource" "u" {
  type        = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  resource_id = azurerm_postgresql_flexible_server.s.id%s
  body        = { properties = {
    network    = { publicNetworkAccess = "Enabled" }
    backup     = { backupRetentionDays = 35 }
    authConfig = { activeDirectoryAuth = "Disabled", passwordAuth = "Enabled" }
    administratorLoginPassword = "Fake-Passw0rd"
  } }
}
"""
UPDATED = """
resource "azurerm_postgresql_flexible_server" "s" {
  version                       = "16"
  public_network_access_enabled = false
  backup_retention_days         = 7
  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = false
  }
}
resource "azurerm_postgresql_flexible_server_firewall_rule" "all" {
  server_id        = azurerm_postgresql_flexible_server.s.id
  start_ip_address = "0.0.0.0"
  end_ip_address   = "255.255.255.255"
}
"""
ABOUT = ("PGF301", "PGF304", "PGF305", "PGF307", "PGF401", "PGF403", "PGF407", "PGF702")


def test_an_update_of_a_server_that_is_declared_counts_for_more(tmp_path: Path) -> None:
    lines = found(tmp_path, UPDATED + UPDATE % "")
    assert [each for each in lines if each.endswith(ABOUT)] == [
        "14:22 PGF301", "21:42 PGF305", "23:42 PGF401", "23:69 PGF403", "24:34 PGF407"
    ]  # fmt: skip


def test_an_update_that_may_not_be_made_leaves_what_it_writes_undecided(tmp_path: Path) -> None:
    lines = found(tmp_path, 'variable "c" { type = bool }' + UPDATED + UPDATE % "\n  count = var.c ? 1 : 0")
    assert [each for each in lines if each.endswith(ABOUT)] == ["25:34 PGF407"]


def test_an_update_of_a_server_elsewhere_is_judged_alone(tmp_path: Path) -> None:
    source = 'data "azurerm_postgresql_flexible_server" "s" {}\n' + UPDATE.replace("= azurerm", "= data.azurerm") % ""
    lines = [each for each in found(tmp_path, source) if each.endswith(ABOUT)]
    assert lines == ["7:42 PGF305", "9:42 PGF401", "9:69 PGF403", "10:34 PGF407"]


def test_a_server_elsewhere_that_an_update_shuts_may_have_an_endpoint_there(tmp_path: Path) -> None:
    update = UPDATE.replace('publicNetworkAccess = "Enabled"', 'publicNetworkAccess = "Disabled"')
    update = update.replace("= azurerm", "= data.azurerm")
    source = 'data "azurerm_postgresql_flexible_server" "s" {}\n' + update % ""
    lines = [each for each in found(tmp_path, source) if each.endswith(("PGF305", "PGF306", "PGF307", "PGF308"))]
    assert lines == []


NEW, OLD = "2024-08-01", "2022-12-01"


def _update(name: str, properties: str, *, of: str = "azurerm_postgresql_flexible_server.s.id", api: str = NEW) -> str:
    return (
        f'resource "azapi_update_resource" "{name}" {{\n'
        f'  type = "Microsoft.DBforPostgreSQL/flexibleServers@{api}"\n'
        f"  resource_id = {of}\n  body = {{ properties = {{ {properties} }} }}\n}}\n"
    )


def _access(word: str) -> str:
    return f"network = {{ publicNetworkAccess = {word} }}"


def _server(*, public: str = "true", version: str = "16") -> str:
    return (
        'variable "u" {}\nvariable "b" { type = bool }\nresource "azurerm_postgresql_flexible_server" "s" {\n'
        f'  name = "pg"\n  version = "{version}"\n  public_network_access_enabled = {public}\n}}\n'
    )


ELSEWHERE = 'data "azurerm_postgresql_flexible_server" "s" {}\nvariable "u" {}\nvariable "b" { type = bool }\n'
DATA = "data.azurerm_postgresql_flexible_server.s.id"
ID = '"/subscriptions/x/resourceGroups/r/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg"'
OPEN = """resource "azurerm_postgresql_flexible_server_firewall_rule" "all" {
  server_id        = data.azurerm_postgresql_flexible_server.s.id
  start_ip_address = "0.0.0.0"
  end_ip_address   = "255.255.255.255"
}
"""
EITHER = 'var.b ? "Enabled" : "Disabled"'
NAMED = """variable "u" {}
resource "azapi_update_resource" "u" {
  type      = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  name      = azurerm_postgresql_flexible_server.s.name
  parent_id = azurerm_resource_group.r.id
  body      = { properties = { network = { publicNetworkAccess = "Disabled" } } }
}
resource "azurerm_resource_group" "r" {}
"""


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        # Of a server elsewhere
        (ELSEWHERE + _update("a", _access('"Disabled"'), of=DATA), []),
        (ELSEWHERE + OPEN + _update("a", _access('"Disabled"'), of=DATA), ["7:22 PGF304"]),
        (ELSEWHERE + OPEN + _update("a", _access('"Enabled"'), of=DATA), ["12:61 PGF305", "7:22 PGF301"]),
        (ELSEWHERE + OPEN + _update("a", _access(EITHER), of=DATA), [f"12:61 ? PGF30{at}" for at in "145"]),
        (ELSEWHERE + _update("a", "version = var.u", of=DATA), ["7:37 ? PGF705"]),
        (
            ELSEWHERE
            + OPEN
            + _update("a", _access('"Disabled"'), of=DATA)
            + _update("b", 'version = "12"', of=DATA),
            ["17:37 PGF705", "7:22 PGF304"],
        ),
        (
            ELSEWHERE + _update("a", _access('"Disabled"'), of=DATA) + _update("b", _access('"Enabled"'), of=DATA),
            ["7:61 ? PGF305"],
        ),
        # Of one that is declared, by a reference, its id or its name
        (_server() + _update("a", _access('"Disabled"')), []),
        (_server() + _update("a", _access('"Disabled"'), of=ID), []),
        (_server().replace('variable "u" {}\n', "") + NAMED, []),
        (_server(version="12") + _update("a", 'version = "16"'), ["6:35 PGF305"]),
        (_server(version="16") + _update("a", 'version = "12"'), ["6:35 PGF305", "11:37 PGF705"]),
        (_server(version="12") + _update("a", "version = var.u"), ["6:35 PGF305", "11:37 ? PGF705"]),
        # Several, which nothing orders
        (
            _server() + _update("a", _access('"Disabled"')) + _update("b", _access('"Enabled"')),
            ["11:61 ? PGF305"],
        ),
        (_server() + _update("a", _access('"Disabled"')) + _update("b", _access('"Disabled"')), []),
        (_server() + _update("a", _access('"Disabled"')) + _update("b", 'version = "12"'), ["16:37 PGF705"]),
        # API versions that take no notice
        (_server() + _update("a", _access('"Disabled"'), api=OLD), ["11:61 PGF306"]),
        (_server(public="false") + _update("a", _access('"Enabled"'), api=OLD), []),
        (SERVER.replace(NEW, OLD) % PROPERTIES.replace("Enabled", "Disabled")
         + _update("a", _access('"Disabled"'), of="azapi_resource.pg.id"), []),
    ],
)  # fmt: skip
def test_updates_are_put_together_with_their_server(tmp_path: Path, source: str, lines: list[str]) -> None:
    (tmp_path / "main.tf").write_text(source, encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert not report.problems
    found = {f"{each.span} {each.rule.id}" for each in report.findings}
    found |= {f"{each.span} ? {each.rule.id}" for each in report.doubts}
    wanted = ("PGF301", "PGF304", "PGF305", "PGF306", "PGF705")
    assert sorted(each.removeprefix("main.tf:") for each in found if each.endswith(wanted)) == sorted(lines)


ENCRYPTED = """  customer_managed_key {
    key_vault_key_id                  = "https://v.vault.azure.net/keys/k"
    primary_user_assigned_identity_id = "i"
  }
}
"""


@pytest.mark.parametrize(
    ("properties", "rules"),
    [
        (_access('"Disabled"'), []),
        ('dataEncryption = { type = "SystemManaged" }', ["PGF201"]),
        ("dataEncryption = var.u", ["? PGF201", "? PGF203"]),
    ],
)
def test_updates_of_keys(tmp_path: Path, properties: str, rules: list[str]) -> None:
    server = _server().removesuffix("}\n") + ENCRYPTED
    (tmp_path / "main.tf").write_text(server + _update("a", properties), encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    found = {each.rule.id for each in report.findings} | {f"? {each.rule.id}" for each in report.doubts}
    assert [each for each in sorted(found) if each.endswith(("PGF201", "PGF203"))] == rules


def test_who_takes_no_notice_of_an_update_is_named(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(_server() + _update("a", _access('"Disabled"'), api=OLD), encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    said = [each.text for each in report.findings if each.rule.id == "PGF306"]
    assert said == ["Public access to server 's' stays on: 'API version 2022-12-01' cannot switch it off."]


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


# What cannot be looked into

TEMPLATE_ADDRESS = "azurerm_resource_group_template_deployment.t"
UNSEEN = """provider "azurerm" {
  features {}
}
variable "u" {}
resource "azurerm_postgresql_flexible_server" "s" {
  name                = "s"
  resource_group_name = "g"
}
%s
"""
DEPLOYED = """resource "azurerm_resource_group_template_deployment" "t" {
  name                = "t"
  resource_group_name = "g"
  deployment_mode     = "Incremental"
  template_content    = %s
  parameters_content  = jsonencode({ server = { value = azurerm_postgresql_flexible_server.s.id } })
}"""
TEMPLATE = """jsonencode({
    "$schema"      = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    contentVersion = "1.0.0.0"
    resources = [{
      type       = "Microsoft.DBforPostgreSQL/flexibleServers"
      apiVersion = "2024-08-01"
      name       = "inner"
      properties = { createMode = "Default", backup = { backupRetentionDays = %s } }
    }]
  })"""


def said(room: Path, source: str, *rules: str) -> list[str]:
    """Problems, findings and doubts, and how much was not looked at."""
    (room / "main.tf").write_text(source, encoding="utf-8")
    report = analyze(target([str(room)], [], room), RULES, RULES, Settings())
    lines = [f"{each.span.begin.line if each.span else '-'} {each.message}" for each in report.problems]
    for found_ in (report.findings, report.doubts):
        for each in found_:
            if each.rule.id in rules:
                reason = getattr(each, "reason", "")
                lines.append(f"{each.span.begin.line} {each.rule.id} {reason}".rstrip())
    skipped = report.coverage.skipped["modules that are not on disk"]
    return [*lines, *(["not looked at"] if skipped else [])]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ('"{"', ["13 The template of '{}' is not valid JSON.", "not looked at"]),
        ("var.u", ["not looked at"]),
        ('"[1]"', ["not looked at"]),
        (TEMPLATE % 7, ["13 PGF702"]),
        (TEMPLATE % "var.u", ["13 PGF702 variable 'u' has no value"]),
        (TEMPLATE % '"[add(3, 4)]"', ["13 PGF702"]),
        (
            TEMPLATE % "\"[parameters('nope')]\"",
            ["13 Parameter 'nope' is not declared.", "13 PGF702 parameter 'nope' is not declared"],
        ),
        (
            TEMPLATE % '"[add(3, ]"',
            ["13 The expression ends too early.", "13 PGF702 the expression cannot be read"],
        ),
    ],
)
def test_a_template_is_followed_or_said_to_be_unknown(tmp_path: Path, content: str, lines: list[str]) -> None:
    found_ = said(tmp_path, UNSEEN % (DEPLOYED % content), "PGF702")
    assert [line for line in found_ if not line.startswith("5 ")] == [line.format(TEMPLATE_ADDRESS) for line in lines]


def test_a_template_that_is_not_seen_may_declare_parts_of_a_server(tmp_path: Path) -> None:
    unknown = ["5 PGF101 variable 'u' has no value", "not looked at"]
    assert said(tmp_path, UNSEEN % (DEPLOYED % "var.u"), "PGF101") == unknown
    assert said(tmp_path, UNSEEN % (DEPLOYED % (TEMPLATE % 7)), "PGF101") == []


WITH_DAYS = (TEMPLATE % "\"[parameters('days')]\"").replace(
    "resources = ", 'parameters     = { days = { type = "int" } }\n    resources = '
)


@pytest.mark.parametrize(
    ("parameters", "lines"),
    [
        ("jsonencode({ days = { value = 7 } })", ["5 PGF702"]),
        ("jsonencode({ days = { value = var.u } })", ["5 PGF702 variable 'u' has no value"]),
        ("var.u", ["5 PGF702 variable 'u' has no value"]),
        ("jsonencode(merge(var.u, { days = { value = 7 } }))", ["5 PGF702"]),
        (
            '"{"',
            [
                f"3 The attribute 'parameters_content' of '{TEMPLATE_ADDRESS}' is not valid JSON.",
                "5 PGF702 'parameters_content' is not valid JSON",
            ],
        ),
    ],
)
def test_parameters_of_a_template(tmp_path: Path, parameters: str, lines: list[str]) -> None:
    source = f"""variable "u" {{}}
resource "azurerm_resource_group_template_deployment" "t" {{
  parameters_content = {parameters}
  deployment_mode    = "Incremental"
  template_content   = {WITH_DAYS}
}}
"""
    assert said(tmp_path, source, "PGF702") == lines


def test_the_way_of_a_parameter_is_shown(tmp_path: Path) -> None:
    deployed = DEPLOYED.replace("server = { value = azurerm_postgresql_flexible_server.s.id }", "days = { value = 7 }")
    (tmp_path / "main.tf").write_text(deployed % WITH_DAYS, encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    (finding,) = [each for each in report.findings if each.rule.id == "PGF702"]
    assert [step.text for step in finding.trace][-1] == "parameter 'days' in parameters_content"


AZAPI = """variable "u" {}
provider "azapi" {}
resource "azapi_resource" "s" {
  type      = %s
  name      = "s"
  parent_id = "g"
  body      = %s
}
"""
SHORT = '{ properties = { createMode = "Default", backup = { backupRetentionDays = 7 } } }'
EMPTY = '{ properties = { createMode = "Default" } }'
REPLICA = "3 PGF702 the server may be a read replica; its create mode is not known because %s"
SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"


@pytest.mark.parametrize(
    ("type_", "body", "lines"),
    [
        (f'"{SERVERS}@${{var.u}}"', SHORT, ["7 PGF702"]),
        ("var.u", SHORT, ["not looked at"]),
        (f'var.u ? "{SERVERS}@2024-08-01" : "{SERVERS}@2023-06-01"', SHORT, ["7 PGF702"]),
        (f'var.u ? "{SERVERS}@2024-08-01" : "Microsoft.Storage/storageAccounts@2024-08-01"', SHORT, ["not looked at"]),
        ('var.u ? "Microsoft.Compute/disks@2024-08-01" : "Microsoft.Storage/storageAccounts@2024-08-01"', SHORT, []),
        (f'"{SERVERS}@2024-08-01"', '"{"',
         ["7 The body of 'azapi_resource.s' is not valid JSON.", REPLICA % "its body is not valid JSON"]),
        (f'"{SERVERS}@2024-08-01"', '"[1]"', [REPLICA % "its body is not an object"]),
        (f'"{SERVERS}@2024-08-01"', "var.u", [REPLICA % "variable 'u' has no value"]),
        (f'"{SERVERS}@2024-08-01"', f"var.u ? {SHORT} : {EMPTY}", ["7 PGF702"]),
        ('"Microsoft.Resources/deployments@2024-03-01"',
         f'{{ properties = {{ template = {{ resources = [{{ type = "{SERVERS}", apiVersion = "2024-08-01", name = "x", '
         'properties = { createMode = "Default", backup = { backupRetentionDays = "[parameters(\'d\')]" } } }], '
         'parameters = { d = { type = "int" } } }, parameters = { d = { value = 7 } } } }', ["7 PGF702"]),
        ('"Microsoft.Resources/deployments@2024-03-01"', "var.u", ["not looked at"]),
        ('"Microsoft.Resources/deployments@2024-03-01"', "{ properties = {} }", ["not looked at"]),
    ],
)  # fmt: skip
def test_azapi_resources_are_read_or_said_to_be_unknown(
    tmp_path: Path, type_: str, body: str, lines: list[str]
) -> None:
    found_ = said(tmp_path, AZAPI % (type_, body) + f"# {SERVERS}\n", "PGF702")
    assert found_ == lines


ACTION = """variable "u" {}
resource "azapi_resource" "s" {
  type      = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  name      = "s"
  parent_id = "g"
}
resource "azapi_resource_action" "a" {
  type        = "Microsoft.DBforPostgreSQL/flexibleServers%s@2024-08-01"
  resource_id = "${azapi_resource.s.id}%s"
  body        = { properties = { value = "off" } }
%s
}
"""
TLS = ("/configurations", "/configurations/require_secure_transport")


@pytest.mark.parametrize(
    ("kind", "more", "lines"),
    [
        (TLS, 'method = "PUT"', ["10 PGF101"]),
        (TLS, 'method = "PATCH"\naction = ""', ["10 PGF101"]),
        (("", ""), 'action = "restart"\nmethod = "POST"', []),
        (("", ""), 'action = "restart"', []),
        (("", ""), 'action = "start"\nmethod = "PUT"', []),
        (TLS, "method = var.u", ["not looked at"]),
        (TLS, 'method = "DELETE"', ["not looked at"]),
        (TLS, 'method = "PUT"\naction = var.u', ["not looked at"]),
    ],
)
def test_actions_count_where_they_write(tmp_path: Path, kind: tuple[str, str], more: str, lines: list[str]) -> None:
    found_ = said(tmp_path, ACTION % (*kind, more), "PGF101")
    assert [line for line in found_ if not line.startswith("2 ")] == lines


def test_a_sensitive_body_is_a_part_of_the_body(tmp_path: Path) -> None:
    secret = '{ properties = { administratorLoginPassword = "Fake-Passw0rd-1" } }'
    places = found(tmp_path, SERVER % f"{PROPERTIES}\n  sensitive_body = {secret}")
    assert "6:82 PGF305" in places
    assert "7:66 PGF407" in places


TLS_OFF = """
data "azapi_resource" "pg" {
  type = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  name = "pg"
}
resource "azapi_update_resource" "tls" {
  type      = "Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01"
  name      = "require_secure_transport"
  parent_id = data.azapi_resource.pg.id
  body      = { properties = { value = var.tls, source = "user-override" } }
}
variable "tls" {
  default = "off"
}
"""
PROVIDERS_OWN = """
resource "azurerm_postgresql_flexible_server" "s" {
  name = "s"
}
resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "require_secure_transport"
  server_id = azurerm_postgresql_flexible_server.s.id
  value     = "off"
}
"""
UPDATED_HERE = """
resource "azurerm_postgresql_flexible_server" "s" {
  name                          = "s"
  public_network_access_enabled = %s
}
resource "azapi_update_resource" "s" {
  type        = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  resource_id = azurerm_postgresql_flexible_server.s.id
  body        = { properties = { %s } }
}
"""
DEPLOYED_HERE = """
resource "azurerm_resource_group_template_deployment" "t" {
  deployment_mode     = "Incremental"
  template_content = jsonencode({
    "$schema"      = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    contentVersion = "1.0.0.0"
    resources = [{
      type       = "Microsoft.DBforPostgreSQL/flexibleServers/configurations"
      apiVersion = "2024-08-01"
      name       = "pg/require_secure_transport"
      properties = { value = "off", source = "user-override" }
    }]
  })
}
"""


@pytest.mark.parametrize(
    ("source", "rule", "as_arm"),
    [
        (TLS_OFF, "PGF101", True),
        (TLS_OFF.replace("azapi_update_resource", "azapi_resource"), "PGF101", True),
        (DEPLOYED_HERE, "PGF101", True),
        (PROVIDERS_OWN, "PGF101", False),
        (SERVER % PROPERTIES, "PGF305", True),
        (SERVER % PROPERTIES, "PGF704", True),
        (UPDATED_HERE % ("false", 'network = { publicNetworkAccess = "Enabled" }'), "PGF305", True),
        (UPDATED_HERE % ("true", "backup = { backupRetentionDays = 7 }"), "PGF305", False),
        (UPDATED_HERE % ("true", "backup = { backupRetentionDays = 7 }"), "PGF702", True),
        (UPDATED_HERE % ("true", "backup = { backupRetentionDays = 7 }"), "PGF704", False),
    ],
)
def test_what_is_written_as_arm_is_mended_as_arm(tmp_path: Path, source: str, rule: str, as_arm: bool) -> None:
    (tmp_path / "main.tf").write_text(f'{source}\nprovider "azurerm" {{}}\n', encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert not report.problems
    (finding,) = [each for each in report.findings if each.rule.id == rule]
    assert finding.fix == (finding.rule.fix_template if as_arm else finding.rule.fix_terraform)
    alone = replace(report, findings=(finding,))
    shown = {
        name: renderer(name)(alone, Options()) for name in ("text", "github", "junit", "markdown", "json", "sarif")
    }
    assert json.loads(shown.pop("json"))["findings"][0]["fix"] == finding.fix
    syntax = "Bicep and ARM JSON" if as_arm else "Terraform"
    (result,) = json.loads(shown.pop("sarif"))["runs"][0]["results"]
    assert result["properties"]["remediation"] == f"See the rule: how to fix it in {syntax}."
    other = finding.rule.fix_terraform if as_arm else finding.rule.fix_template
    for text in shown.values():
        words = " ".join(text.split())
        assert finding.fix[:25] in words and other[:25] not in words
