"""What naive readings get wrong, each once, through the whole pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.terraform.inputs import Given
from pgflexlint.problem import Kind
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES

PROVIDER = 'provider "azurerm" {\n  features {}\n}\n'
SERVER = 'resource "azurerm_postgresql_flexible_server" "s" {\n%s\n}\n'

Look = Callable[..., Report]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def run(files: dict[str, str], *given: Given) -> Report:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings(inputs=given))

    return run


def findings(report: Report, rule: str) -> list[str]:
    return [f"{finding.span}" for finding in report.findings if finding.rule.id == rule]


def doubts(report: Report, rule: str) -> list[str]:
    return [doubt.reason for doubt in report.doubts if doubt.rule.id == rule]


def test_options_and_variable_files_count_in_their_order(look: Look) -> None:
    files = {
        "main.tf": PROVIDER + 'variable "d" {}\n' + SERVER % "  backup_retention_days = var.d",
        "b.tfvars": "d = 35\n",
    }
    option, file = Given("value", "d=7"), Given("file", "b.tfvars")
    assert findings(look(files, option, file), "PGF702") == []
    assert findings(look(files, file, option), "PGF702") == ["main.tf:6:27"]


ENDPOINT = """
resource "azurerm_private_endpoint" "e" {
  private_service_connection {
    private_connection_resource_id = azurerm_postgresql_flexible_server.s.id
    subresource_names              = %s
  }
}
"""


@pytest.mark.parametrize(
    ("groups", "bad", "unsure"),
    [
        ('["postgresqlServer"]', 0, 0),
        ('["POSTGRESQLSERVER"]', 0, 0),
        ('["blob"]', 1, 0),
        ("[var.g]", 0, 0),
        ("var.g", 0, 1),
    ],
)
def test_a_private_endpoint_of_another_service(look: Look, groups: str, bad: int, unsure: int) -> None:
    server = SERVER % "  public_network_access_enabled = false"
    report = look({"main.tf": PROVIDER + 'variable "g" {}\n' + server + ENDPOINT % groups})
    assert (len(findings(report, "PGF307")), len(doubts(report, "PGF307"))) == (bad, unsure)


SETTING = """
resource "azurerm_postgresql_flexible_server_configuration" "%s" {
  server_id = azurerm_postgresql_flexible_server.s.id
  name      = "%s"
  value     = %s
}
"""


@pytest.mark.parametrize(("length", "wrong", "unsure"), [('"0"', 0, 0), ('"-1"', 1, 0), ("var.length", 0, 1)])
def test_data_that_may_be_hidden_from_the_log_is_a_doubt(look: Look, length: str, wrong: int, unsure: int) -> None:
    durations = SETTING % ("a", "log_min_duration_statement", '"100"')
    written = durations + SETTING % ("b", "log_parameter_max_length", length)
    report = look({"main.tf": PROVIDER + 'variable "length" {}\n' + SERVER % '  version = "16"' + written})
    assert (len(findings(report, "PGF507")), len(doubts(report, "PGF507"))) == (wrong, unsure)


@pytest.mark.parametrize("role", ["replica: { role: 'AsyncReplica' }", "replicationRole: 'GeoAsyncReplica'"])
def test_a_role_makes_a_replica(look: Look, role: str) -> None:
    text = """
resource r 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'r'
  properties: {
    version: '16'
    %s
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'Disabled' }
  }
}
"""
    report = look({"main.bicep": text % role})
    assert {"PGF701", "PGF702", "PGF703", "PGF401"}.isdisjoint(finding.rule.id for finding in report.findings)
    assert len(doubts(report, "PGF401")) == 1


def test_a_role_that_is_unknown_may_make_a_replica(look: Look) -> None:
    text = """param role string
resource r 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'r'
  properties: { version: '16', replica: { role: role } }
}
"""
    report = look({"main.bicep": text})
    assert {"PGF701", "PGF703", "PGF401"}.isdisjoint(finding.rule.id for finding in report.findings)
    assert [len(doubts(report, rule)) for rule in ("PGF701", "PGF703", "PGF401")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("ignored", "places"),
    [
        ("[backup_retention_days, zone]", ["main.tf:7:23"]),
        ('["backup_retention_days"]', ["main.tf:7:23"]),
        ("all", ["main.tf:7:22"]),
        ("[zone, high_availability[0].standby_availability_zone]", []),
    ],
)
def test_that_a_change_would_be_left_alone_is_said(look: Look, ignored: str, places: list[str]) -> None:
    lifecycle = f"\n  lifecycle {{\n    ignore_changes = {ignored}\n  }}"
    report = look({"main.tf": PROVIDER + SERVER % f"  backup_retention_days = 7{lifecycle}"})
    [finding] = [each for each in report.findings if each.rule.id == "PGF702"]
    said = "This ignores later changes: change an existing resource by hand."
    assert [(str(each.span), each.text) for each in finding.related] == [(place, said) for place in places]


def test_resources_of_extensions_need_no_name(look: Look) -> None:
    text = "extension kubernetes\nresource k 'networking.k8s.io/Ingress@v1' = {\n  metadata: { name: 'postgres' }\n}\n"
    assert look({"main.bicep": text}).problems == ()


def test_a_server_without_a_name_is_said(look: Look) -> None:
    text = "resource s 'microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  location: 'x'\n}\n"
    [problem] = look({"main.bicep": text}).problems
    assert (problem.message, str(problem.span)) == ("Resource 's' has no name.", "main.bicep:1:1")


@pytest.mark.parametrize(
    "password",
    ['var.p ? random_password.p.result : "Fake-Passw0rd"', 'coalesce(var.s, "Fake-Passw0rd")'],
)
def test_a_literal_that_may_be_the_password_is_a_doubt(look: Look, password: str) -> None:
    declared = 'variable "p" { type = bool }\nvariable "s" {}\nresource "random_password" "p" {}\n'
    report = look({"main.tf": PROVIDER + declared + SERVER % f"  administrator_password = {password}"})
    assert len(doubts(report, "PGF407")) == 1
    assert not findings(report, "PGF407")


def test_a_literal_password_is_one_whether_or_not_the_server_is_deployed(look: Look) -> None:
    server = '  count = var.e ? 1 : 0\n  administrator_password = "Fake-Passw0rd"'
    report = look({"main.tf": PROVIDER + 'variable "e" { type = bool }\n' + SERVER % server})
    assert findings(report, "PGF407") == ["main.tf:7:28"]


@pytest.mark.parametrize(
    ("default", "said"),
    [("'Fake-Passw0rd'", ["PGF407"]), ("'<password>'", ["PGF408"]), ("''", []), ("null", [])],
)
@pytest.mark.parametrize("name", ["main.tf", "main.bicep"])
def test_an_input_with_a_written_password_is_one_finding(look: Look, name: str, default: str, said: list[str]) -> None:
    if name == "main.tf":
        written = default.replace("'", '"')
        variable = f'variable "p" {{\n  default = {written}\n}}\n'
        text = PROVIDER + variable + SERVER % "  administrator_password = var.p"
    else:
        server = "'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01'"
        properties = "properties: { administratorLoginPassword: p }"
        text = f"param p string? = {default}\nresource s {server} = {{\n  name: 's'\n  {properties}\n}}\n"
    report = look({name: text})
    assert [rule for rule in ("PGF407", "PGF408") if findings(report, rule)] == said


def test_a_password_that_is_written_once_is_said_once(look: Look) -> None:
    password = 'variable "p" {\n  default = "Fake-Passw0rd"\n}\n'
    server = SERVER % '  administrator_login    = "a"\n  administrator_password = var.p'
    provider = (
        'provider "postgresql" {\n  host     = azurerm_postgresql_flexible_server.s.fqdn\n'
        "  username = azurerm_postgresql_flexible_server.s.administrator_login\n  password = %s\n}\n"
    )
    for given, lines in {"var.p": ["main.tf:9:28"], '"Fake-0ther-Passw0rd"': ["main.tf:9:28", "main.tf:14:14"]}.items():
        report = look({"main.tf": PROVIDER + password + server + provider % given})
        assert findings(report, "PGF407") == lines, given


def test_ignoring_all_changes_says_nothing_of_parameters(look: Look) -> None:
    server = '  version = "16"\n  lifecycle {\n    ignore_changes = all\n  }'
    report = look({"main.tf": PROVIDER + SERVER % server})
    assert doubts(report, "PGF101") == []
    assert doubts(report, "PGF701") == ["'geo_redundant_backup_enabled' is left to others by ignore_changes"]


def test_deep_is_not_cyclic(look: Look) -> None:
    files = {
        f"m{number}/main.tf": f'module "next" {{\n  source = "../m{number + 1}"\n}}\n# postgresql\n'
        for number in range(40)
    }
    files["m40/main.tf"] = SERVER % ""
    report = look(files)
    assert {problem.message for problem in report.problems} == {"Modules call modules more than 32 levels deep."}


def test_a_local_that_is_declared_twice_is_a_problem(look: Look) -> None:
    report = look({"main.tf": PROVIDER + "locals {\n  a = 7\n}\nlocals {\n  a = 35\n}\n" + SERVER % ""})
    assert [problem.message for problem in report.problems] == [
        "Local value 'a' is declared twice; first in main.tf on line 5."
    ]


def test_a_resource_that_is_declared_twice_keeps_its_name(look: Look) -> None:
    report = look(
        {"main.tf": PROVIDER + SERVER % "  backup_retention_days = 7", "b.tf": SERVER % "  backup_retention_days = 8"}
    )
    messages = [finding.text for finding in report.findings if finding.rule.id == "PGF702"]
    assert {message.partition(" are kept")[0] for message in messages} == {"Backups of server 's'"}
    assert len(messages) == 2


def test_an_administrator_names_its_server_by_the_same_variable(look: Look) -> None:
    server = "  name = var.n\n  authentication {\n    active_directory_auth_enabled = true\n  }"
    administrator = (
        'resource "azurerm_postgresql_flexible_server_active_directory_administrator" "a" {\n  server_name = var.n\n}\n'
    )
    report = look({"main.tf": PROVIDER + 'variable "n" {}\n' + SERVER % server + administrator})
    assert not findings(report, "PGF402")
    assert not doubts(report, "PGF402")


def test_a_linked_directory_outside_is_said(look: Look, tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for place in (inside, outside):
        place.mkdir()
    (inside / "main.tf").write_text(PROVIDER + SERVER % "", encoding="utf-8")
    (inside / "linked").symlink_to(outside)
    report = analyze(target([str(inside)], [], inside), RULES, RULES, Settings())
    assert [(problem.path, problem.message) for problem in report.problems] == [
        ("linked", "This link points outside the scanned directory, so it is not followed.")
    ]


def test_a_module_that_init_restored_is_read(look: Look) -> None:
    files = {
        "main.tf": PROVIDER + 'module "db" {\n  source = "acme/db/azurerm"\n  days   = 7\n}\n',
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "db", "Dir": ".terraform/modules/db"}]}',
        ".terraform/modules/db/main.tf": 'variable "days" {}\n' + SERVER % "  backup_retention_days = var.days",
    }
    report = look(files)
    assert findings(report, "PGF702") == [".terraform/modules/db/main.tf:3:27"]
    assert report.coverage.skipped["modules that are not on disk"] == 0


@pytest.mark.parametrize(
    ("header", "host"),
    [("module.cdn.host", "module.cdn.host"), ("local.host", "local.host"), ("module.b.id", "module.cdn.host")],
)
def test_a_module_that_is_not_on_disk_may_be_given_its_own_outputs(look: Look, header: str, host: str) -> None:
    """Terraform takes them where they do not depend on what they are given for, and nobody knows whether they do."""
    calls = (
        'module "cdn" {\n  source = "Azure/cdn/azurerm"\n  header = "https://${%s}"\n}\n'
        'module "b" {\n  source = "acme/b/azurerm"\n  key    = module.cdn.host\n}\n'
        "locals {\n  host = module.cdn.host\n}\n"
    )
    report = look({"main.tf": PROVIDER + calls % header + SERVER % f"  name = {host}"})
    assert not report.problems
    assert report.coverage.skipped["modules that are not on disk"] == 2


def test_how_many_there_are_of_a_module_cannot_hang_on_its_outputs(look: Look) -> None:
    call = 'module "cdn" {\n  source = "Azure/cdn/azurerm"\n  count  = module.cdn.number\n}\n'
    report = look({"main.tf": PROVIDER + call + SERVER % "  name = module.cdn[0].host"})
    assert [problem.kind for problem in report.problems] == [Kind.CYCLE]


@pytest.mark.parametrize("source", ["./.terraform/modules/__v3__/cdn", "./.terraform//modules/v3"])
def test_a_module_inside_one_that_init_has_not_restored_is_not_on_disk(look: Look, source: str) -> None:
    call = 'module "x" {\n  source = "%s"\n  id     = azurerm_postgresql_flexible_server.s.id\n}\n'
    files = {"main.tf": PROVIDER + SERVER % "  backup_retention_days = 35" + call % source}
    report = look(files)
    assert not report.problems
    assert report.coverage.skipped["modules that are not on disk"] == 1
    assert doubts(report, "PGF101") == [f"module 'x' ({source}) is not on disk"]
    files[f"{source}/main.tf"] = SERVER % "  backup_retention_days = 7"
    assert len(findings(look(files), "PGF702")) == 1


def test_a_number_beyond_all_range_is_unknown(look: Look) -> None:
    parameter = 'resource "azurerm_postgresql_flexible_server_configuration" "c" {\n  count = 1e400\n}\n'
    report = look({"main.tf": PROVIDER + SERVER % "  backup_retention_days = 1e309" + parameter})
    assert doubts(report, "PGF702") == ["a number would be too large to evaluate"]
    assert {problem.message for problem in report.problems} == {"A number would be too large to evaluate."}


def test_rules_of_which_it_is_unknown_how_many_there_are_leave_the_firewall_open(look: Look) -> None:
    rule = (
        'resource "azurerm_postgresql_flexible_server_firewall_rule" "f" {\n'
        '  for_each         = var.v ? { a = "10.0.0.1" } : var.w\n'
        "  server_id        = azurerm_postgresql_flexible_server.s.id\n"
        "  start_ip_address = each.value\n  end_ip_address   = each.value\n}\n"
    )
    report = look({"main.tf": PROVIDER + 'variable "v" {}\nvariable "w" {}\n' + SERVER % "" + rule})
    assert doubts(report, "PGF303") == ["variable 'v' has no value"]


@pytest.mark.parametrize("index", ["{ a = 1 }", "[1]", "null"])
def test_what_is_no_index_makes_the_value_unknown(look: Look, index: str) -> None:
    report = look({"main.tf": PROVIDER + SERVER % f"  backup_retention_days = [7, 35][{index}]"})
    assert [reason.endswith("is not an index") for reason in doubts(report, "PGF702")] == [True]


BICEP_SERVER = """resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  properties: { createMode: '%s', version: '16', backup: { geoRedundantBackup: 'Disabled' } }
}
"""
ARM_SERVER = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [{
    "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "s",
    "properties": { "createMode": "%s", "version": "16", "backup": { "geoRedundantBackup": "Disabled" } }
  }]
}
"""
MADE = {
    "main.tf": PROVIDER + SERVER % '  version = "16"\n  create_mode = "%s"\n  geo_redundant_backup_enabled = false',
    "main.bicep": BICEP_SERVER,
    "main.json": ARM_SERVER,
}
BEFORE = "the server is there already, as its create mode says, and may have %s from before"


@pytest.mark.parametrize("name", MADE)
def test_an_update_is_judged_by_what_it_says(look: Look, name: str) -> None:
    """It is no server that is made from another one: what it leaves out stays what it was."""
    report = look({name: MADE[name] % "Update"})
    assert len(findings(report, "PGF701")) == 1
    assert doubts(report, "PGF702") == [BEFORE % "the setting"]
    assert doubts(report, "PGF101") == [BEFORE % "its parameters"]
    assert doubts(report, "PGF509") == [BEFORE % "a diagnostic setting"]
    assert doubts(report, "PGF704") == [BEFORE % "a lock"]
    assert not findings(report, "PGF509") + findings(report, "PGF704")


@pytest.mark.parametrize("name", ["main.bicep", "main.json"])
@pytest.mark.parametrize("mode", ["Create", "default", "DEFAULT"])
def test_create_is_what_default_is(look: Look, name: str, mode: str) -> None:
    report = look({name: MADE[name] % mode})
    assert len(findings(report, "PGF702")) == 1
    assert doubts(report, "PGF503") == []


@pytest.mark.parametrize("name", MADE)
def test_a_server_made_from_another_one_brings_settings_along(look: Look, name: str) -> None:
    report = look({name: MADE[name] % "PointInTimeRestore"})
    assert doubts(report, "PGF702") == ["a server that is made from another one may bring the setting along"]


@pytest.mark.parametrize("suffix", [".tf", ".tf.json"])
def test_a_module_that_does_not_speak_of_postgresql_may_add_to_the_server(look: Look, suffix: str) -> None:
    endpoint = (
        'variable "target" {}\nresource "azurerm_private_endpoint" "e" {\n  private_service_connection {\n'
        "    private_connection_resource_id = var.target\n  }\n}\n"
    )
    if suffix == ".tf.json":
        connection = '[{"private_connection_resource_id": "${var.target}"}]'
        endpoint = (
            '{"variable": {"target": {}}, "resource": {"azurerm_private_endpoint": {"e": '
            f'{{"private_service_connection": {connection}}}}}}}}}'
        )
    call = 'module "endpoint" {\n  source = "./endpoint"\n  target = azurerm_postgresql_flexible_server.s.id\n}\n'
    main = PROVIDER + SERVER % "  public_network_access_enabled = false"
    assert findings(look({"main.tf": main}), "PGF307") == ["main.tf:4:1"]
    report = look({"main.tf": main + call, f"endpoint/main{suffix}": endpoint})
    assert not report.problems
    assert not findings(report, "PGF307")
    assert not doubts(report, "PGF307")


RULE = """resource "azurerm_postgresql_flexible_server_firewall_rule" "r" {
  %s
  server_id        = azurerm_postgresql_flexible_server.s.id
  start_ip_address = %s
  end_ip_address   = %s
}
"""


def test_a_private_endpoint_does_not_close_the_public_one(look: Look) -> None:
    endpoint = (
        'resource "azurerm_private_endpoint" "e" {\n  private_service_connection {\n'
        "    private_connection_resource_id = azurerm_postgresql_flexible_server.s.id\n  }\n}\n"
    )
    report = look({"main.tf": PROVIDER + SERVER % "  public_network_access_enabled = true" + endpoint})
    assert [findings(report, rule) for rule in ("PGF305", "PGF307", "PGF308")] == [
        ["main.tf:5:35"],
        [],
        ["main.tf:5:35"],
    ]


def test_a_replica_sends_public_access_as_well(look: Look) -> None:
    report = look({"main.tf": PROVIDER + SERVER % '  create_mode = "Replica"\n  source_server_id = "/servers/primary"'})
    assert findings(report, "PGF305") == ["main.tf:4:1"]


@pytest.mark.parametrize(
    ("cidrs", "rules"),
    [
        ('["20.50.2.0/24", "20.60.0.0/28"]', {"PGF302": ["main.tf:11:22"]}),
        ('["20.50.2.0/24"]', {}),
        ('["0.0.0.0/0"]', {"PGF301": ["main.tf:11:22"]}),
        ('["0.0.0.0/1", "128.0.0.0/1"]', {"PGF301": ["main.tf:11:22"]}),
        ('["10.1.0.0/16"]', {"PGF309": ["main.tf:10:22"]}),
    ],
)
def test_bounds_that_are_computed_from_blocks(look: Look, cidrs: str, rules: dict[str, list[str]]) -> None:
    rule = RULE % ("for_each = toset(local.cidrs)", "cidrhost(each.value, 0)", "cidrhost(each.value, -1)")
    blocks = f"locals {{\n  cidrs = {cidrs}\n}}\n"
    report = look({"main.tf": PROVIDER + SERVER % "" + rule + blocks})
    said = {name: places for name in ("PGF301", "PGF302", "PGF303", "PGF309") if (places := findings(report, name))}
    assert said == rules


@pytest.mark.parametrize(
    ("rule", "unknown"),
    [
        (("", "var.ip", "var.ip"), ["PGF303", "PGF309"]),
        (("", "local.one", "local.one"), []),
        (("", "chomp(data.http.ip.response_body)", "chomp(data.http.ip.response_body)"), ["PGF303", "PGF309"]),
        (("", "var.ip", "var.other"), ["PGF301", "PGF302", "PGF303", "PGF309"]),
        (("for_each = toset([var.ip])", "each.value", "each.value"), ["PGF301", "PGF302", "PGF303", "PGF309"]),
        (("for_each = var.ips", "each.value", "each.value"), ["PGF301", "PGF302", "PGF303", "PGF309"]),
        (("count = 256", "data.http.ip.body", "data.http.ip.body"), ["PGF303", "PGF309"]),
        (("count = 257", "data.http.ip.body", "data.http.ip.body"), ["PGF302", "PGF303", "PGF309"]),
    ],
)
@pytest.mark.parametrize("server", ["azurerm_postgresql_flexible_server.s.id", "var.server"])
def test_bounds_that_are_certain_to_be_equal_are_one_address(
    look: Look, rule: tuple[str, str, str], unknown: list[str], server: str
) -> None:
    declared = (RULE % rule).replace("azurerm_postgresql_flexible_server.s.id", server)
    inputs = "".join(f'variable "{name}" {{}}\n' for name in ("ip", "other", "ips", "server", "on"))
    one = 'locals {\n  one = var.on ? "20.50.2.10" : "52.1.2.3"\n}\ndata "http" "ip" {}\n'
    report = look({"main.tf": PROVIDER + (SERVER % "" if "var" not in server else "") + inputs + one + declared})
    assert sorted({doubt.rule.id for doubt in report.doubts} & {"PGF301", "PGF302", "PGF303", "PGF309"}) == unknown
    assert not [each for id_ in ("PGF301", "PGF302", "PGF303", "PGF309") for each in findings(report, id_)]


def test_an_office_range_is_trusted_by_option_or_comment(look: Look, tmp_path: Path) -> None:
    rule = RULE % ("", '"20.50.0.0"', '"20.50.255.255"')
    report = look({"main.tf": PROVIDER + SERVER % "" + rule})
    [place] = findings(report, "PGF302")
    settings = Settings(options={"PGF302": {"allowed": ("20.50.0.0/16",)}})
    assert not findings(analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, settings), "PGF302")
    line = int(place.split(":")[1])
    lines = (PROVIDER + SERVER % "" + rule).splitlines()
    lines.insert(line - 1, "# pgflexlint: ignore[PGF302] the office")
    report = look({"main.tf": "\n".join(lines)})
    assert not findings(report, "PGF302")
    assert [finding.justification for finding in report.suppressed] == ["the office"]


SWITCH = """param allowAllIPsFirewall bool%s
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2022-12-01' = {
  name: 'psql'
  properties: {
    version: '16'
  }
  resource firewall_all 'firewallRules' = if (allowAllIPsFirewall) {
    name: 'allow-all-IPs'
    properties: {
      startIpAddress: '0.0.0.0'
      endIpAddress: '255.255.255.255'
    }
  }
}
"""
CALL = "module db 'db.bicep' = {\n  params: {\n    allowAllIPsFirewall: %s\n  }\n}\n"


@pytest.mark.parametrize(
    ("files", "found", "unknown"),
    [
        ({"db.bicep": SWITCH % " = false"}, [], []),
        ({"db.bicep": SWITCH % " = true"}, ["db.bicep:11:21"], []),
        ({"db.bicep": SWITCH % ""}, [], ["parameter 'allowAllIPsFirewall' has no value"]),
        ({"db.bicep": SWITCH % " = false", "main.bicep": CALL % "true"}, ["db.bicep:11:21"], []),
        ({"db.bicep": SWITCH % " = true", "main.bicep": CALL % "false"}, [], []),
        (
            {"db.bicep": SWITCH % "", "dev.bicepparam": "using 'db.bicep'\nparam allowAllIPsFirewall = true\n"},
            ["db.bicep:11:21"],
            [],
        ),
    ],
)
def test_a_switch_for_developers(look: Look, files: dict[str, str], found: list[str], unknown: list[str]) -> None:
    report = look(files)
    assert not report.problems
    assert findings(report, "PGF301") == found
    assert doubts(report, "PGF301") == unknown


PARAMETER = (
    'resource "azurerm_postgresql_flexible_server_configuration" "%s" {\n'
    "  server_id = azurerm_postgresql_flexible_server.s.id\n"
    '  name      = "%s"\n'
    "  value     = %s\n}\n"
)
WAITING = (
    'provider "azurerm" {\n  features {\n    postgresql_flexible_server {\n'
    "      restart_server_on_configuration_value_change = false\n    }\n  }\n}\n"
)


def test_which_provider_a_module_is_given_decides_of_its_restarts(look: Look) -> None:
    module = SERVER % '  version = "16"' + PARAMETER % ("p", "max_connections", '"800"')
    call = 'module "db" {\n  source = "./db"\n}\n'
    assert findings(look({"main.tf": WAITING + call, "db/main.tf": module}), "PGF903") == ["db/main.tf:7:15"]
    second = 'provider "azurerm" {\n  alias = "restarting"\n  features {}\n}\n'
    report = look({"main.tf": WAITING + second + call, "db/main.tf": module})
    assert findings(report, "PGF903") == ["db/main.tf:7:15"]
    given = call.replace("}", "  providers = {\n    azurerm = azurerm.restarting\n  }\n}")
    report = look({"main.tf": WAITING + second + given, "db/main.tf": module})
    assert findings(report, "PGF903") == doubts(report, "PGF903") == []


def test_a_set_is_compared_without_case_and_space(look: Look) -> None:
    chain = (
        PARAMETER % ("l", "shared_preload_libraries", '"PG_CRON , PgAudit"')
        + PARAMETER % ("e", "azure.extensions", 'join(",", ["PGAUDIT", "HSTORE"])')
        + PARAMETER % ("c", "PGAUDIT.log", '"Role,DDL"')
    )
    report = look({"main.tf": PROVIDER + SERVER % '  version = "16"' + chain})
    assert [found for rule in ("PGF505", "PGF506", "PGF902") for found in findings(report, rule)] == []


def test_ignoring_changes_of_a_value_keeps_the_finding(look: Look) -> None:
    ignored = '"md5"\n  lifecycle {\n    ignore_changes = [value]\n  }'
    report = look(
        {"main.tf": PROVIDER + SERVER % '  version = "16"' + PARAMETER % ("p", "password_encryption", ignored)}
    )
    assert findings(report, "PGF404") == ["main.tf:10:15"]


def test_a_default_map_of_a_wrapper_module_is_judged(look: Look) -> None:
    module = (
        'variable "settings" {\n  default = {\n    log_statement = "ddl"\n    "pgaudit.log" = "ddl"\n  }\n}\n'
        + SERVER % '  version = "16"'
        + 'resource "azurerm_postgresql_flexible_server_configuration" "p" {\n  for_each  = var.settings\n'
        "  server_id = azurerm_postgresql_flexible_server.s.id\n  name      = each.key\n  value     = each.value\n}\n"
    )
    report = look({"main.tf": PROVIDER + 'module "db" {\n  source = "./db"\n}\n', "db/main.tf": module})
    assert findings(report, "PGF507") == ["db/main.tf:14:15"]
    assert findings(report, "PGF505") == ["db/main.tf:7:1"]


CONFIGURATION = """\
resource c 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  name: 's/require_secure_transport'
  properties: {
    value: 'off'
  }
}
"""


def test_a_template_that_is_only_imported_from_is_deployed_by_itself(look: Look) -> None:
    """What it exports is used elsewhere; what it declares is nobody's but its own."""
    report = look(
        {
            "main.bicep": "// Microsoft.DBforPostgreSQL\nimport { x } from 'server.bicep'\nvar y = x\n",
            "server.bicep": "@export()\nvar x = 'a'\n" + CONFIGURATION,
        }
    )
    assert findings(report, "PGF101") == ["server.bicep:6:12"]
    assert not report.problems


def test_templates_that_import_from_each_other_are_still_looked_at(look: Look) -> None:
    files = {
        "a.bicep": "import { y } from 'b.bicep'\n@export()\nvar x = y\n",
        "b.bicep": "import { x } from 'a.bicep'\n@export()\nvar y = x\n" + CONFIGURATION,
    }
    report = look(files)
    assert findings(report, "PGF101") == ["b.bicep:7:12"]
    assert {problem.kind for problem in report.problems} == {Kind.CYCLE}


def test_a_root_without_named_inputs_is_named_among_the_scenarios(look: Look) -> None:
    server = (
        "param access string\nresource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n"
        "  name: 's'\n  properties: { network: { publicNetworkAccess: access } }\n}\n"
    )
    call = "module db '%s' = {\n  params: { access: %s }\n}\n"
    files = {
        "server.bicep": server,
        "main.bicep": "param access string\n" + call % ("server.bicep", "access"),
        "dev.bicepparam": "using 'main.bicep'\nparam access = 'Enabled'\n",
        "prod.bicepparam": "using 'main.bicep'\nparam access = 'Disabled'\n",
        "examples/open.bicep": call % ("../server.bicep", "'Enabled'"),
    }
    [finding] = [each for each in look(files).findings if each.rule.id == "PGF305"]
    assert finding.scenarios == ("dev.bicepparam", "examples/open.bicep")


@pytest.mark.parametrize("condition", ["!empty(workspace)", "workspace != ''", "'' != workspace", "!(workspace == '')"])
@pytest.mark.parametrize(
    ("given", "said"), [("law.id", []), ("law.properties.customerId", ["unknown"]), ("''", ["warning"])]
)
def test_the_id_of_a_resource_is_no_empty_text(look: Look, condition: str, given: str, said: list[str]) -> None:
    setting = (
        "param workspace string\n"
        "resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 's'\n}\n"
        f"resource d 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if ({condition}) {{\n"
        "  name: 'd'\n  scope: s\n"
        "  properties: { workspaceId: workspace, logs: [ { categoryGroup: 'allLogs', enabled: true } ] }\n}\n"
    )
    main = (
        "resource law 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {\n  name: 'law'\n}\n"
        f"module db 'db.bicep' = {{\n  params: {{ workspace: {given} }}\n}}\n"
    )
    report = look({"main.bicep": main, "db.bicep": setting})
    found = [finding.level.value for finding in report.findings if finding.rule.id == "PGF509"]
    assert found + ["unknown"] * len(doubts(report, "PGF509")) == said


def test_what_provisioners_and_connections_say_goes_to_terraform(look: Look) -> None:
    blocks = """
  provisioner "local-exec" {
    when       = create
    on_failure = continue
    command    = "echo ${self.fqdn}"
  }
  connection {
    host = self.fqdn
  }
"""
    server = SERVER % f"{blocks}  backup_retention_days = 7"
    output = 'output "server" {\n  value = azurerm_postgresql_flexible_server.s\n}\n'
    report = look({"main.tf": PROVIDER + server + output})
    assert not report.problems
    assert findings(report, "PGF702") == ["main.tf:14:27"]


@pytest.mark.parametrize("count", ["1", '"1"', "1.0", "false ? 2 : 1"])
def test_a_count_is_a_number_or_text_that_is_one(count: str, look: Look) -> None:
    report = look({"main.tf": PROVIDER + SERVER % f"  count = {count}"})
    assert findings(report, "PGF305") == ["main.tf:4:1"]


@pytest.mark.parametrize("count", ["true", '"true"', "null", "-1", "1.5", '"1_0"', '" 1"', '"1e400"', "[1]"])
def test_no_server_is_certain_where_terraform_refuses_the_count(count: str, look: Look) -> None:
    report = look({"main.tf": PROVIDER + SERVER % f"  count = {count}"})
    assert not report.findings
    assert doubts(report, "PGF305") == ["'count' is not a whole number of 0 or more"]


@pytest.mark.parametrize("count", ["1000000000", "10001"])
def test_a_loop_over_too_long_a_range_is_a_problem(count: str, look: Look) -> None:
    report = look({"main.bicep": CONFIGURATION.replace("= {", f"= [for i in range(0, {count}): {{").strip() + "]\n"})
    assert [f"{problem.span} {problem.kind.value}" for problem in report.problems] == ["main.bicep:1:94 limit-passed"]
    assert len(doubts(report, "PGF101")) == 1


def test_a_parameter_outside_the_module_that_has_the_server(look: Look) -> None:
    """It is one of the server where the module is here, and is judged by itself where it is not."""
    module = SERVER % '  version = "16"' + 'output "id" {\n  value = azurerm_postgresql_flexible_server.s.id\n}\n'
    call = 'module "pg" {\n  source = "%s"\n}\n'
    beside = (PARAMETER % ("p", "require_secure_transport", '"off"')).replace(
        "azurerm_postgresql_flexible_server.s.id", "module.pg.id"
    )
    report = look({"main.tf": PROVIDER + call % "./pg" + beside, "pg/main.tf": module})
    assert findings(report, "PGF101") == ["main.tf:10:15"]
    assert findings(report, "PGF505") == ["pg/main.tf:1:1"]
    report = look({"main.tf": PROVIDER + call % "git::https://example.com/pg.git" + beside})
    assert findings(report, "PGF101") == ["main.tf:10:15"]
    assert not doubts(report, "PGF503")


def test_values_from_yaml(look: Look) -> None:
    settings = 'locals {\n  tier = yamldecode(file("${path.module}/tiers/prod.yml"))\n}\n'
    server = SERVER % "  version               = local.tier.version\n  backup_retention_days = local.tier.backup.days"
    report = look({"main.tf": PROVIDER + settings + server, "tiers/prod.yml": 'version: "11"\nbackup:\n  days: 7\n'})
    assert findings(report, "PGF705") == ["main.tf:8:27"]
    assert findings(report, "PGF702") == ["main.tf:9:27"]


def test_a_file_that_is_not_there_beside_the_root_is_not_there(look: Look) -> None:
    loader = 'output "days" {\n  value = try(yamldecode(file("${path.module}/../tiers/%s.yml")).days, 7)\n}\n'
    root = (
        PROVIDER
        + 'module "tier" {\n  source = "../loader"\n}\n'
        + SERVER % "  backup_retention_days = module.tier.days"
    )
    files = {"env/main.tf": root, "tiers/prod.yml": "days: 35\n"}
    assert findings(look(files | {"loader/main.tf": loader % "test"}), "PGF702") == ["env/main.tf:8:27"]
    report = look(files | {"loader/main.tf": loader % "prod"})
    assert findings(report, "PGF702") + doubts(report, "PGF702") == []


def test_parts_that_providers_add_to_a_server(look: Look) -> None:
    """The old way in a template: the type of the server, `providers`, and the name after that of the server."""
    more = """}, {
    "type": "Microsoft.DBforPostgreSQL/flexibleServers/providers/diagnosticSettings",
    "apiVersion": "2021-05-01-preview", "name": "s/Microsoft.Insights/diag",
    "properties": { "workspaceId": "/workspaces/log", "logs": [{ "categoryGroup": "allLogs", "enabled": true }] }
  }, {
    "type": "Microsoft.DBforPostgreSQL/flexibleServers/providers/locks",
    "apiVersion": "2016-09-01", "name": "s/Microsoft.Authorization/keep", "properties": { "level": "CanNotDelete" }
  }]
}"""
    plain = ARM_SERVER % "Default"
    assert len(findings(look({"main.json": plain}), "PGF509")) == 1
    report = look({"main.json": plain.replace("}]\n}", more)})
    assert not report.problems
    assert findings(report, "PGF509") + findings(report, "PGF704") == []
    assert doubts(report, "PGF509") + doubts(report, "PGF704") == []


FIREWALL = """
param id string
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = { name: %s }
resource all 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: server
  name: 'all'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' }
}
"""
CALLED = """
param suffix string
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg-${suffix}'
  location: 'x'
  properties: { version: '16', network: { publicNetworkAccess: 'Disabled' } }
}
module firewall 'firewall.bicep' = { name: 'f', params: { id: pg.%s } }
"""


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("id", "last(split(id, '/'))"),
        ("id", "split(id, '/')[8]"),
        ("id", "split(id, '/')[^1]"),
        ("id", "'${last(split(id, '/'))}'"),
        ("name", "id"),
    ],
)
def test_a_name_at_the_end_of_an_id_is_that_of_its_server(look: Look, given: str, name: str) -> None:
    report = look({"main.bicep": CALLED % given, "firewall.bicep": FIREWALL % name})
    assert (findings(report, "PGF301"), findings(report, "PGF304")) == ([], ["firewall.bicep:7:58"])


@pytest.mark.parametrize(
    "name",
    [
        "format('{0}/{1}', last(split(parameters('id'), '/')), 'all')",
        "concat(split(parameters('id'), '/')[8], '/all')",
    ],
)
def test_a_name_at_the_end_of_an_id_is_that_of_its_server_in_arm_too(look: Look, name: str) -> None:
    rule = """{"type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules", "apiVersion": "2024-08-01",
      "name": "[%s]", "properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}"""
    template = TEMPLATE % (rule % name)
    template = template.replace('"last": {"type": "string"', '"id": {"type": "string"}, "last": {"type": "string"')
    report = look({"main.bicep": CALLED.replace(".bicep", ".json") % "id", "firewall.json": template})
    assert (findings(report, "PGF301"), len(findings(report, "PGF304"))) == ([], 1)


def test_another_piece_of_an_id_is_no_name(look: Look) -> None:
    report = look({"main.bicep": CALLED % "id", "firewall.bicep": FIREWALL % "split(id, '/')[4]"})
    assert (findings(report, "PGF301"), findings(report, "PGF304")) == (["firewall.bicep:7:58"], [])


TEMPLATE = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"name": {"type": "string"}, "last": {"type": "string", "defaultValue": "10.0.0.1"}},
  "resources": [%s]
}
"""


@pytest.mark.parametrize(
    "scope",
    [
        "resourceId('Microsoft.DBforPostgreSQL/flexibleServers', parameters('name'))",
        "format('Microsoft.DBforPostgreSQL/flexibleServers/{0}', parameters('name'))",
        "concat('microsoft.dbforpostgresql/flexibleservers/', parameters('name'))",
    ],
)
def test_a_scope_may_be_a_text(look: Look, scope: str) -> None:
    server = """{"type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01",
      "name": "[parameters('name')]", "location": "x", "properties": {"version": "16"}}, """
    lock = """{"type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01", "name": "l",
      "scope": "[%s]", "properties": {"level": "CanNotDelete"}}"""
    report = look({"main.json": TEMPLATE % (server + lock % scope)})
    assert (findings(report, "PGF704"), doubts(report, "PGF704")) == ([], [])


OPENED = """{"type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules", "apiVersion": "2024-08-01",
  "name": "Srv/r", "properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "[parameters('last')]"}}"""
OPEN = TEMPLATE.replace("10.0.0.1", "255.255.255.255") % OPENED
DEPLOYED = """
variable "dir" {{}}
locals {{
  json = "arm/t.json"
}}
resource "azurerm_resource_group_template_deployment" "a" {{
  template_content   = {}
  parameters_content = jsonencode({{ last = {{ value = "{}" }} }})
}}
"""
DEPLOYED_BY_AZAPI = """
resource "azapi_resource" "a" {{
  type = "microsoft.resources/deployments@2022-09-01"
  body = {{ properties = {{ template = {}, parameters = {{ last = {{ value = "{}" }} }} }} }}
}}
"""


@pytest.mark.parametrize(
    ("source", "content"),
    [
        (DEPLOYED, 'file("${path.module}/arm/t.json")'),
        (DEPLOYED, "file(local.json)"),
        (DEPLOYED, 'templatefile("${path.module}/arm/t.json", {})'),
        (DEPLOYED, 'file("${path.module}/arm/${"t"}.json")'),
        (DEPLOYED, 'jsonencode(jsondecode(file("arm/t.json")))'),
        (DEPLOYED_BY_AZAPI, 'jsondecode(file("arm/t.json"))'),
        (DEPLOYED_BY_AZAPI.replace("Microsoft.Resources", "microsoft.resources"), 'jsondecode(file("arm/t.json"))'),
        (DEPLOYED_BY_AZAPI.replace("body = ", "body = jsonencode(").replace("}} }} }}\n", "}} }} }})\n"),
         'jsondecode(file("arm/t.json"))'),
    ],
)  # fmt: skip
def test_a_template_that_terraform_deploys_is_judged_as_it_is_deployed(look: Look, source: str, content: str) -> None:
    report = look({"main.tf": source.format(content, "10.0.0.1"), "arm/t.json": OPEN})
    assert (report.problems, findings(report, "PGF301"), report.coverage.roots) == ((), [], 1)
    assert report.coverage.left == {}
    report = look({"main.tf": source.format(content, "255.255.255.255"), "arm/t.json": OPEN})
    [finding] = [each for each in report.findings if each.rule.id == "PGF301"]
    assert finding.span.file.path == "main.tf"
    assert "server 'Srv'" in finding.text


@pytest.mark.parametrize(
    "content",
    [
        'file("${var.dir}/t.json")',
        'replace(file("arm/t.json"), "x", var.dir)',
        'file("arm/gone/t.json")',
        'file("other.json")',
    ],
)
def test_a_template_of_which_terraform_does_not_say_that_it_deploys_it_is_judged_alone(
    look: Look, content: str
) -> None:
    report = look({"main.tf": DEPLOYED.format(content, "10.0.0.1"), "arm/t.json": OPEN, "other.json": "{}"})
    assert [path.partition(":")[0] for path in findings(report, "PGF301")] == ["arm/t.json"]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("seeds", [["arm/t.json"], ["main.tf"], ["."]])
def test_a_template_that_terraform_deploys_is_judged_so_when_it_is_named(
    tmp_path: Path, seeds: list[str], jobs: int
) -> None:
    (tmp_path / "arm").mkdir()
    (tmp_path / "arm/t.json").write_text(OPEN, encoding="utf-8")
    (tmp_path / "main.tf").write_text(DEPLOYED.format('file("arm/t.json")', "10.0.0.1"), encoding="utf-8")
    (tmp_path / "other.tf").write_text('resource "azurerm_postgresql_flexible_server" "s" {}\n', encoding="utf-8")
    seen = target([str(tmp_path / seed) for seed in seeds], [], tmp_path)
    report = analyze(seen, RULES, RULES, Settings(jobs=jobs))
    assert (report.problems, findings(report, "PGF301")) == ((), [])


def test_a_template_that_terraform_and_somebody_else_deploys_is_judged_for_both(look: Look) -> None:
    files = {"main.tf": DEPLOYED.format('file("arm/t.json")', "10.0.0.1"), "arm/t.json": OPEN}
    caller = "module m 'arm/t.json' = { params: { name: 'x' } }\n"
    report = look({**files, "main.bicep": caller})
    assert [path.partition(":")[0] for path in findings(report, "PGF301")] == ["arm/t.json"]


def test_a_file_that_is_named_and_not_looked_at_is_said(tmp_path: Path) -> None:
    (tmp_path / "main.template").write_text(TEMPLATE % "", encoding="utf-8")
    report = analyze(target([str(tmp_path / "main.template")], [], tmp_path), RULES, RULES, Settings())
    assert [(each.path, each.warning_only) for each in report.problems] == [("main.template", True)]


HIDDEN = {
    "a.json": r"""{"\u0024schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.DBfor\u0050ostgreSQL/flexibleServers", "name": "a",
      "apiVersion": "2024-08-01", "properties": {"backup": {"backupRetentionDays": 7}}}]}""",
    "b.tf.json": r"""{"resource": {"azurerm_\u0070ostgresql_flexible_server": {"b": {"backup_retention_days": 7}}}}""",
    "d.tf": r"""resource "azurerm_\U00000070ostgresql_flexible_server" "d" {
  backup_retention_days = 7
}
""",
    "c.bicep": r"""resource c 'Microsoft.DBfor\u{50}ostgreSQL/flexibleServers@2024-08-01' = {
  name: 'c'
  properties: { backup: { backupRetentionDays: 7 } }
}
""",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_an_escaped_letter_hides_nothing(look: Look, name: str) -> None:
    assert len(findings(look({name: HIDDEN[name]}), "PGF702")) == 1


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ('try(compact([{ a = 1 }])[0], "35")', []),
        ('basename(path.cwd) == "prod" ? 35 : 7', ["'path.cwd' depends on where Terraform is run"]),
        ("indent(999999999999, 35)", ["a text would be longer than 1,048,576 characters"]),
        ('compact([""]) == [] ? 7 : 35', []),
    ],
)
def test_what_is_not_certain_or_too_large_is_a_doubt(look: Look, expression: str, days: list[str]) -> None:
    report = look({"main.tf": PROVIDER + SERVER % f"  backup_retention_days = {expression}"})
    assert findings(report, "PGF702") == []
    assert [reason[: len(said)] for reason, said in zip(doubts(report, "PGF702"), days, strict=True)] == days


def test_an_option_for_a_variable_of_any_type_is_an_expression(look: Look) -> None:
    rule = """
variable "rules" { type = any }
resource "azurerm_postgresql_flexible_server_firewall_rule" "all" {
  for_each         = var.rules
  server_id        = azurerm_postgresql_flexible_server.s.id
  start_ip_address = each.value
  end_ip_address   = "255.255.255.255"
}
"""
    report = look({"main.tf": PROVIDER + SERVER % "" + rule}, Given("value", 'rules={a="0.0.0.0"}'))
    assert len(findings(report, "PGF301")) == 1


def test_a_parameter_file_that_is_named_shows_what_it_touches(tmp_path: Path) -> None:
    server = """{"type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "s",
      "properties": {"backup": {"backupRetentionDays": "[parameters('name')]"}}}"""
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    (tmp_path / "azuredeploy.json").write_text(TEMPLATE % server, encoding="utf-8")
    named = tmp_path / "azuredeploy.parameters.json"
    named.write_text(f'{{"$schema": "{schema}", "parameters": {{"name": {{"value": 7}}}}}}', encoding="utf-8")
    report = analyze(target([str(named)], [], tmp_path), RULES, RULES, Settings())
    assert findings(report, "PGF702") == ["azuredeploy.json:6:58"]


NAMED = """
resource "random_pet" "n" {}
resource "azurerm_postgresql_flexible_server" "a" {
  name    = %s
  version = "16"
  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = false
  }
}
resource "azurerm_postgresql_flexible_server_active_directory_administrator" "adm" {
  server_name    = %s
  principal_type = "Group"
}
"""


@pytest.mark.parametrize("name", ["random_pet.n.id", '"${random_pet.n.id}"', '"psql-${random_pet.n.id}"'])
@pytest.mark.parametrize("given", ["azurerm_postgresql_flexible_server.a.name", ""])
def test_a_server_is_known_by_its_name_whatever_that_is_taken_from(look: Look, name: str, given: str) -> None:
    report = look({"main.tf": PROVIDER + NAMED % (name, given or name)})
    assert (findings(report, "PGF402"), doubts(report, "PGF402")) == ([], [])


SHUT = """
resource "azurerm_postgresql_flexible_server" "a" {
  count                         = 1
  name                          = "a"
  version                       = "16"
  public_network_access_enabled = false
}
resource "azurerm_postgresql_flexible_server_firewall_rule" "f" {
  name             = "f"
  server_id        = %s
  start_ip_address = "0.0.0.0"
  end_ip_address   = "255.255.255.255"
}
"""


@pytest.mark.parametrize(
    "server",
    [
        'join("", %s[*].id)',
        'format("%%s", %s[0].id)',
        "compact([%s[0].id])[0]",
        'element(compact(concat(["", null], %s[*].id)), 0)',
        "distinct([%s[0].id])[0]",
        "distinct([%s[0].id, %s[0].id])[0]",
        "sort([%s[0].id])[0]",
        "lower(%s[0].id)",
        'trimsuffix(trimspace(%s[0].id), "/")',
        'formatlist("%%s", %s[*].id)[0]',
        "coalesce(one(data.azurerm_postgresql_flexible_server.old[*].id), one(%s[*].id))",
        "try(data.azurerm_postgresql_flexible_server.old[0].id, %s[0].id)",
        "length(data.azurerm_postgresql_flexible_server.old) > 0 ? null : %s[0].id",
    ],
)
def test_a_link_to_a_server_survives_what_does_not_change_it(look: Look, server: str) -> None:
    old = 'data "azurerm_postgresql_flexible_server" "old" {\n  count = 0\n}\n'
    address = "azurerm_postgresql_flexible_server.a"
    expression = server.replace("%s", address).replace("%" + address, "%s")
    report = look({"main.tf": PROVIDER + old + SHUT % expression})
    assert (findings(report, "PGF301"), len(findings(report, "PGF304")), report.problems) == ([], 1, ())


def test_of_a_list_in_the_place_of_an_id_no_more_is_shown_than_is_written(look: Look) -> None:
    report = look({"main.tf": PROVIDER + SHUT % '[azurerm_postgresql_flexible_server.a[0].id, "Hunter2Secret!"]'})
    said = [finding.text for finding in report.findings] + [doubt.reason for doubt in report.doubts]
    assert not [text for text in said if "Unknown(" in text or "Known(" in text]


OVERRIDDEN = """
resource "azurerm_postgresql_flexible_server" "a" {
  name = "a"
  authentication {
    password_auth_enabled = true
  }
  lifecycle {
    prevent_destroy = true
  }
}
"""
DYNAMIC = """resource "azurerm_postgresql_flexible_server" "a" {
  dynamic "authentication" {
    for_each = [1]
    content {
      active_directory_auth_enabled = true
      password_auth_enabled         = false
    }
  }
}
"""


def test_override_files_merge_as_terraform_does(look: Look) -> None:
    ignoring = (
        'resource "azurerm_postgresql_flexible_server" "a" {\n  lifecycle {\n    ignore_changes = [zone]\n  }\n}\n'
    )
    report = look({"main.tf": PROVIDER + OVERRIDDEN, "override.tf": ignoring})
    assert (findings(report, "PGF704"), len(findings(report, "PGF403"))) == ([], 1)
    report = look({"main.tf": PROVIDER + OVERRIDDEN, "b_override.tf": DYNAMIC})
    assert (findings(report, "PGF403"), findings(report, "PGF401")) == ([], [])
    report = look({"main.tf": PROVIDER + DYNAMIC, "override.tf": OVERRIDDEN})
    assert len(findings(report, "PGF403")) == 1


EARLIER = """resource s 'Microsoft.DBforPostgreSQL/flexibleServers@%s' = {
  name: 'psql'
  sku: { name: 'Standard_D2s_v3', tier: 'GeneralPurpose' }
  properties: {
    version: '16'
    %s
  }
}
"""
SIGN_IN = "authConfig: { activeDirectoryAuthEnabled: true, passwordAuthEnabled: false }"
FIRST = (
    "haEnabled: 'Enabled', storageProfile: { backupRetentionDays: 35, geoRedundantBackup: 'Enabled' }, "
    "delegatedSubnetArguments: { subnetArmResourceId: '/subscriptions/x' }"
)


@pytest.mark.parametrize(
    ("version", "properties", "found"),
    [
        ("2022-03-08-preview", SIGN_IN, {"PGF402", "PGF305", "PGF701", "PGF702", "PGF703"}),
        ("2022-12-01", SIGN_IN, {"PGF401", "PGF403", "PGF305", "PGF701", "PGF702", "PGF703"}),
        ("2020-02-14-preview", FIRST, {"PGF401", "PGF403"}),
        ("2021-06-01", FIRST, {"PGF401", "PGF403", "PGF305", "PGF701", "PGF702", "PGF703"}),
        ("2020-02-14-preview", "publicNetworkAccess: 'Disabled'",
         {"PGF306", "PGF401", "PGF403", "PGF701", "PGF702", "PGF703"}),
    ],
)  # fmt: skip
def test_earlier_api_versions_call_properties_otherwise(
    look: Look, version: str, properties: str, found: set[str]
) -> None:
    report = look({"main.bicep": EARLIER % (version, properties)})
    asked = {"PGF305", "PGF306", "PGF401", "PGF402", "PGF403", "PGF701", "PGF702", "PGF703"}
    assert {finding.rule.id for finding in report.findings} & asked == found


def test_properties_of_an_unknown_api_version_are_unknown_where_it_matters(look: Look) -> None:
    server = {"type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "[parameters('api')]", "name": "psql"}
    backup = {"storageProfile": {"backupRetentionDays": 35}}
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": {"api": {"type": "string"}},
        "resources": [{**server, "properties": backup}],
    }
    report = look({"main.json": json.dumps(template)})
    reason = "which API version is used is not known because parameter 'api' has no value"
    assert doubts(report, "PGF702") == [reason]
    assert findings(report, "PGF702") == []
    assert findings(report, "PGF701") != []


VAULT_IN_JSON = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "parameters": {"vault": {"type": "string"}},
  "resources": [{
    "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "psql",
    "properties": {
      "expressionEvaluationOptions": {"scope": "inner"}, "mode": "Incremental",
      "parameters": {"pw": {"reference": {
        "keyVault": {"id": "[resourceId('Microsoft.KeyVault/vaults', parameters('vault'))]"},
        "secretName": "[parameters('vault')]"
      }}},
      "template": {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": {"pw": {"type": "%s"}},
        "resources": [{
          "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "psql",
          "properties": {"version": "16", "administratorLogin": "x", "administratorLoginPassword": "[parameters('pw')]"}
        }]
      }
    }
  }],
  "outputs": {"n": {"type": "string", "value": "[format('kv-{0}', parameters('vault'))]"}}
}
"""


def test_a_secret_does_not_consist_of_what_says_where_it_is(look: Look) -> None:
    report = look({"main.json": VAULT_IN_JSON % "securestring"})
    assert findings(report, "PGF408") == doubts(report, "PGF408") == doubts(report, "PGF409") == []
    report = look({"main.json": VAULT_IN_JSON % "string"})
    assert findings(report, "PGF408") == ["main.json:17:102"]


LOOPED = """module pg 'pg.bicep' = [for e in ['dev', 'prod']: {
  params: { env: e, pw: kv.getSecret(%s) }
}]
resource kv 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: 'kv' }
"""
SHOWN = """param env string
@secure()
param pw string
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-${env}'
  properties: { version: '16', administratorLogin: 'x', administratorLoginPassword: pw }
}
output conn string = 'Host=${s.properties.fullyQualifiedDomainName};Password=${pw}'
"""


@pytest.mark.parametrize("secret", ["'pg-${e}'", "'pg'"])
def test_secrets_of_other_names_are_other_secrets(look: Look, secret: str) -> None:
    report = look({"main.bicep": LOOPED % secret, "pg.bicep": SHOWN})
    assert findings(report, "PGF409") == ["pg.bicep:8:22"]
    assert doubts(report, "PGF409") == []


PLANNED = """targetScope = 'subscription'
resource plan 'Microsoft.Security/pricings@2024-01-01' = {
  name: 'OpenSourceRelationalDatabases'
  properties: { pricingTier: '%s' }
}
module pg 'pg.bicep' = { scope: resourceGroup('rg') }
"""


@pytest.mark.parametrize(("tier", "found"), [("Standard", []), ("Free", ["main.bicep:4:30"])])
def test_the_plan_that_is_declared_decides_of_threat_protection(look: Look, tier: str, found: list[str]) -> None:
    server = SHOWN.partition("output")[0]
    report = look({"main.bicep": PLANNED % tier, "pg.bicep": server})
    assert findings(report, "PGF601") == found
    assert findings(report, "PGF602") == doubts(report, "PGF602") == doubts(report, "PGF601") == []


UNITED = """param env string
@secure()
param pw string = ''
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql'
  properties: union(env == 'prod' ? { administratorLoginPassword: pw } : {}, { version: '16' })
}
output o string = s.properties.%s
"""


@pytest.mark.parametrize(
    ("member", "unknown"),
    [
        ("fullyQualifiedDomainName", []),
        ("version", []),
        ("administratorLoginPassword", ["parameter 'env' has no value"]),
    ],
)
def test_a_member_tells_nothing_of_its_fellows_in_what_is_known_in_part(
    look: Look, member: str, unknown: list[str]
) -> None:
    report = look({"main.bicep": UNITED % member})
    assert findings(report, "PGF409") == []
    assert doubts(report, "PGF409") == unknown
