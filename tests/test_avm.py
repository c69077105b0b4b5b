"""Calls of the Azure Verified Modules: judged by what the called version makes of its arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from docs.render import AS_OF

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.model import Server
from pgflexlint.normalize import avm, readers
from pgflexlint.normalize.assemble import assemble
from pgflexlint.normalize.avm_tables import BICEP, TERRAFORM
from pgflexlint.resource import Deployment, Language, Resource
from pgflexlint.settings import Settings
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Origin, Reference, Unknown, Value
from pgflexlint_rules import RULES

# Terraform, through the real readers

REGISTRY = "Azure/avm-res-dbforpostgresql-flexibleserver/azurerm"
GIT = "git::https://github.com/Azure/terraform-azurerm-avm-res-dbforpostgresql-flexibleserver"
PROVIDER = 'provider "azurerm" {\n  features {}\n}\n'


def said(
    room: Path, arguments: str = "", source: str = REGISTRY, version: str | None = "0.2.3", more: str = ""
) -> list[str]:
    """What is said of a call: rule, level and `line:column`, sorted; `unknown` for what could not be told."""
    pinned = f'  version = "{version}"\n' if version else ""
    text = f'module "db" {{\n  source = "{source}"\n{pinned}  name = "psql"\n{arguments}\n}}\n{more}\n{PROVIDER}'
    (room / "main.tf").write_text(text, encoding="utf-8")
    report = analyze(target([str(room)], [], room), RULES, RULES, Settings())
    assert not report.problems
    lines = [f"{each.rule.id} {each.level.value} {_place(each.span)}" for each in report.findings]
    lines += [f"{each.rule.id} unknown {_place(each.span)}" for each in report.doubts]
    return sorted(lines)


def _place(span: Span) -> str:
    return f"{span.begin.line}:{span.begin.column}"


def about(lines: list[str], *rules: str) -> list[str]:
    """Those that some rules say."""
    return [line for line in lines if line.startswith(rules)]


FIREWALL = ("PGF301", "PGF302", "PGF303", "PGF304")


def test_the_default_firewall_rule_is_open_once_public_access_is_on(tmp_path: Path) -> None:
    lines = said(tmp_path, "  public_network_access_enabled = true")
    assert about(lines, *FIREWALL) == ["PGF301 error 1:1"]
    assert about(lines, "PGF305") == ["PGF305 warning 5:35"]


def test_the_default_firewall_rule_waits_while_public_access_is_off(tmp_path: Path) -> None:
    assert about(said(tmp_path), *FIREWALL, "PGF305") == ["PGF304 warning 1:1"]


@pytest.mark.parametrize("access", ["true", "false"])
def test_no_firewall_rules_is_the_fix(access: str, tmp_path: Path) -> None:
    lines = said(tmp_path, f"  public_network_access_enabled = {access}\n  firewall_rules = {{}}")
    assert not about(lines, *FIREWALL)


def test_the_default_tells_whence_it_comes(tmp_path: Path) -> None:
    said(tmp_path, "  public_network_access_enabled = true")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    finding = next(each for each in report.findings if each.rule.id == "PGF301")
    assert finding.address == 'module.db.firewall_rules["rule1"]'
    assert finding.missing
    assert [step.text for step in finding.trace] == [f"the default of variable 'firewall_rules' of module '{REGISTRY}'"]


def test_what_the_module_leaves_to_the_provider(tmp_path: Path) -> None:
    lines = said(tmp_path, "  firewall_rules = {}")
    assert about(lines, "PGF401", "PGF402", "PGF403", "PGF701", "PGF702", "PGF703") == [
        "PGF401 warning 1:1",
        "PGF403 warning 1:1",
        "PGF701 warning 1:1",
        "PGF702 note 1:1",
    ]


def test_arguments_are_judged_where_they_stand(tmp_path: Path) -> None:
    arguments = """\
  geo_redundant_backup_enabled = false
  backup_retention_days = 7
  authentication = {
    password_auth_enabled = true
    active_directory_auth_enabled = false
  }
  server_configuration = {
    tls = { name = "require_secure_transport", config = "OFF" }
  }
  firewall_rules = {
    azure = { name = "a", start_ip_address = "0.0.0.0", end_ip_address = "0.0.0.0" }
  }
  public_network_access_enabled = true
"""
    lines = said(tmp_path, arguments)
    assert about(lines, "PGF101", "PGF303", "PGF401", "PGF403", "PGF701") == [
        "PGF101 error 12:57",
        "PGF303 warning 15:46",
        "PGF401 warning 9:37",
        "PGF403 warning 8:29",
        "PGF701 warning 5:34",
    ]


def test_members_from_a_variable_are_placed_at_the_argument(tmp_path: Path) -> None:
    more = """\
variable "rules" {
  default = { office = { name = "o", start_ip_address = "0.0.0.1", end_ip_address = "255.255.255.254" } }
}
"""
    lines = said(tmp_path, "  public_network_access_enabled = true\n  firewall_rules = var.rules", more=more)
    assert about(lines, *FIREWALL) == ["PGF301 error 6:20"]


def test_unknown_collections_leave_the_sets_open(tmp_path: Path) -> None:
    arguments = """\
  public_network_access_enabled = true
  firewall_rules = var.given
  server_configuration = var.given
  ad_administrator = var.given
  authentication = { active_directory_auth_enabled = true, password_auth_enabled = false }
"""
    lines = said(tmp_path, arguments, more='variable "given" {}')
    assert not [line for line in about(lines, "PGF301", "PGF402", "PGF406") if "unknown" not in line]
    assert {line.split()[0] for line in lines if "unknown" in line} >= {"PGF301", "PGF402", "PGF406"}


@pytest.mark.parametrize(
    "source,version,expected",
    [
        (REGISTRY, "0.1.2", []),  # had no firewall rules yet
        (REGISTRY, "= 0.1.3", ["PGF301 error"]),
        (REGISTRY, "~> 0.1.0", ["PGF301 error"]),  # the newest of 0.1
        (REGISTRY, "< 0.1.3", []),
        (REGISTRY, ">= 0.1.0, < 0.1.3", []),
        (REGISTRY, "~> 0.1", ["PGF301 unknown"]),  # perhaps a later one
        (REGISTRY, "9.0.0", ["PGF301 unknown"]),
        (REGISTRY, "0.1.9", ["PGF301 unknown"]),
        (REGISTRY, None, ["PGF301 unknown"]),
        (f"registry.terraform.io/{REGISTRY}", "0.2.0", ["PGF301 error"]),
        (GIT, None, ["PGF301 unknown"]),
        (f"{GIT}.git?ref=v0.2.1", None, ["PGF301 error"]),
        (f"{GIT}?ref=0.1.2", None, []),
        (f"{GIT}?depth=1&ref=0.1.2", None, []),
    ],
)
def test_versions(source: str, version: str | None, expected: list[str], tmp_path: Path) -> None:
    lines = said(tmp_path, "  public_network_access_enabled = true", source, version)
    assert [line.rpartition(" ")[0] for line in about(lines, "PGF301")] == expected


@pytest.mark.parametrize("version", ["9.0.0", "0.1.9", "~> 0.1", None])
def test_no_default_of_a_version_that_is_not_known_is_guessed(version: str | None, tmp_path: Path) -> None:
    lines = said(tmp_path, version=version)
    assert {line.split()[1:][0] for line in lines} == {"unknown"}
    assert {line.split()[0] for line in lines} >= {"PGF304", "PGF305", "PGF307", "PGF402", "PGF702", "PGF703", "PGF704"}
    (written,) = about(said(tmp_path, "  backup_retention_days = 7", version=version), "PGF702")
    assert written.startswith("PGF702 note ")


@pytest.mark.parametrize(
    "source",
    [
        "someone/avm-res-dbforpostgresql-flexibleserver/azurerm",
        f"{REGISTRY}//modules/database",
        f"{GIT}//modules/database?ref=v0.2.1",
        "Azure/avm-res-dbforpostgresql-flexibleserver/azapi",
        "br/public:avm/res/db-for-my-sql/flexible-server:0.1.0",
        "br/public:avm/res/db-for-postgre-sql/flexible-server/database:0.1.0",
        "modules/res/db-for-postgre-sql/flexible-server:0.1.0",
        "azurerm_postgresql_flexible_server",
    ],
)
def test_other_modules(source: str) -> None:
    assert not avm.matches(source)


@pytest.mark.parametrize(
    "source",
    [
        "br/public:avm/res/db-for-postgre-sql/flexible-server:0.15.3",
        "br:mcr.microsoft.com/bicep/avm/res/db-for-postgre-sql/flexible-server:0.16.0",
        "br/avm:res/db-for-postgre-sql/flexible-server:0.16.0",
        "br/AVM:avm/res/db-for-postgre-sql/flexible-server@sha256:00",
        "br/public:avm/res/db-for-postgre-sql/flexible-server/configuration:0.1.0",
        "git@github.com:Azure/terraform-azurerm-avm-res-dbforpostgresql-flexibleserver.git?ref=v0.2.0",
    ],
)
def test_their_sources(source: str) -> None:
    assert avm.matches(source)


def test_what_others_attach_to_the_module(tmp_path: Path) -> None:
    more = """\
resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "require_secure_transport"
  server_id = module.db.resource_id
  value     = "OFF"
}
"""
    report = said(tmp_path, "  firewall_rules = {}", more=more)
    assert about(report, "PGF101") == ["PGF101 error 10:15"]


# Bicep, and what Terraform's reader keeps back: calls as the evaluator hands them over

BICEP_SOURCE = "br/public:avm/res/db-for-postgre-sql/flexible-server:"
TEXT = SourceFile("main.bicep", "header\n" + "".join(f"{letter * 9}\n" for letter in "abcdefghij"))
HEADER = Span(TEXT, 0, 6)
NULL: Known[Any] = Known(None, Span(TEXT, 7, 16))
GROUP = Unknown("variable 'x' has no value", Span(TEXT, 7, 16))


def written(value: Any, line: int = 1) -> Value[Any]:
    """A value that stands on a line of the call."""
    span = Span(TEXT, 7 + 10 * (line - 1), 16 + 10 * (line - 1))
    if isinstance(value, Known | Unknown):
        return value
    if isinstance(value, dict):
        value = {name: written(each, line) for name, each in value.items()}
    elif isinstance(value, list):
        value = tuple(written(each, line) for each in value)
    return Known(value, span)


def called(version: str = "0.16.0", source: str = BICEP_SOURCE, **arguments: Any) -> Resource:
    """A call of the Bicep module."""
    attributes = {"name": "psql", **arguments}
    values = {name: written(value, line) for line, (name, value) in enumerate(attributes.items(), 1)}
    return Resource("database", source + version, values, HEADER, Language.BICEP)


def terraform(**arguments: Any) -> Resource:
    """A call of the Terraform module."""
    values = {name: written(value) for name, value in {"name": "psql", "version": "0.2.3", **arguments}.items()}
    return Resource('module.db["a"]', REGISTRY, values, HEADER, Language.TERRAFORM, label="db", identity="module.db")


def deployed(*resources: Resource) -> Server:
    """The first server of some resources."""
    parts = assemble(Deployment("main.bicep", "", resources, (), (), whole=True))
    return next(part for part in parts if isinstance(part, Server))


def server(version: str = "0.16.0", **arguments: Any) -> Server:
    return deployed(called(version, **arguments))


def plain(value: Value[Any]) -> Any:
    """The bare value; `?` where it is unknown."""
    return value.value if isinstance(value, Known) else "?"


def facts(found: Server) -> dict[str, Any]:
    """What the module decides."""
    return {
        "version": plain(found.version),
        "high_availability": plain(found.high_availability),
        "geo": plain(found.backup.geo_redundant),
        "public": plain(found.network.public_access),
        "entra": plain(found.authentication.entra),
        "password": plain(found.authentication.password),
    }


@pytest.mark.parametrize(
    "version,expected",
    [
        ("0.1.0", ("15", "Disabled", False, True, True, False)),
        ("0.1.8", ("16", "Disabled", False, True, True, False)),
        ("0.4.0", ("16", "ZoneRedundant", False, True, True, False)),
        ("0.5.0", ("16", "ZoneRedundant", True, True, True, False)),
        ("0.6.0", ("16", "ZoneRedundant", True, True, False, False)),
        ("0.10.2", ("16", "ZoneRedundant", True, True, False, False)),
        ("0.11.0", ("16", "ZoneRedundant", True, False, False, False)),
        ("0.13.2", ("17", "ZoneRedundant", True, False, False, False)),
        ("0.14.0", ("17", "ZoneRedundant", True, False, True, False)),
        ("0.15.0", ("17", "ZoneRedundant", True, False, True, False)),
        ("0.15.1", ("18", "ZoneRedundant", True, False, True, False)),
        ("0.16.0", ("18", "ZoneRedundant", True, False, True, False)),
        ("0.16.9", ("?", "?", "?", "?", "?", "?")),
        ("0.13.9", ("?", "?", "?", "?", "?", "?")),
        ("0.17.0", ("?", "?", "?", "?", "?", "?")),
    ],
)
def test_defaults_by_version(version: str, expected: tuple[Any, ...]) -> None:
    assert tuple(facts(server(version)).values()) == expected


def test_a_version_that_the_table_lacks_is_named() -> None:
    found = server("0.17.0", highAvailability="SameZone").backup.geo_redundant
    assert isinstance(found, Unknown)
    assert found.reason == f"the defaults of version 0.17.0 of module '{BICEP.name}' are not in pgflexlint's table"
    assert plain(server("0.17.0", highAvailability="SameZone").high_availability) == "SameZone"


@pytest.mark.parametrize("version", ["0.17.0", "0.13.9"])
def test_no_default_of_an_unknown_bicep_module_is_guessed(version: str, tmp_path: Path) -> None:
    lines = bicep(tmp_path, version, "")
    assert {line.split()[1] for line in lines} == {"unknown"}
    assert {line.split()[0] for line in lines} >= {"PGF301", "PGF307", "PGF402", "PGF602", "PGF702", "PGF704"}
    written = "backupRetentionDays: 7, serverThreatProtection: 'Disabled'"
    assert about(bicep(tmp_path, version, written), "PGF702", "PGF602") == ["PGF602 warning 5:53", "PGF702 note 5:26"]


def test_defaults_stand_at_the_header_and_arguments_where_they_are_written() -> None:
    found = server(publicNetworkAccess="Enabled")
    assert isinstance(found.high_availability, Known)
    assert found.high_availability.span == HEADER
    assert found.high_availability.origin is Origin.DEFAULT
    assert found.network.public_access.span.text == "bbbbbbbbb"


def test_null_is_the_default_in_bicep_and_none_in_terraform() -> None:
    assert plain(server(highAvailability=None).high_availability) == "ZoneRedundant"
    assert plain(deployed(terraform(high_availability=None)).high_availability) == "Disabled"
    assert plain(deployed(terraform()).high_availability) == "ZoneRedundant"
    assert plain(deployed(terraform(public_network_access_enabled=None)).network.public_access) is True


def test_a_choice_between_a_value_and_null() -> None:
    choice = Unknown("'x' is not known", HEADER, candidates=(Known("Disabled", HEADER), NULL))
    found = server(highAvailability=choice).high_availability
    assert isinstance(found, Unknown)
    assert [each.value for each in found.candidates] == ["Disabled", "ZoneRedundant"]
    objects = (Known({"mode": Known("SameZone", HEADER)}, HEADER), NULL)
    found = deployed(terraform(high_availability=Unknown("?", HEADER, candidates=objects))).high_availability
    assert isinstance(found, Unknown)
    assert [each.value for each in found.candidates] == ["SameZone", "Disabled"]


def test_children_of_bicep() -> None:
    found = server(
        configurations=[{"name": "require_secure_transport", "value": "OFF"}],
        firewallRules=[{"name": "all", "startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}],
        administrators=[{"objectId": "0", "principalName": "dba", "principalType": "Group"}],
        privateEndpoints=[{"subnetResourceId": "s"}],
        diagnosticSettings=[{"workspaceResourceId": "w"}],
        lock={"kind": "CanNotDelete"},
    )
    assert plain(found.parameter("require_secure_transport")) == "OFF"
    (rule,) = found.firewall_rules
    assert (rule.label, rule.address, plain(rule.end)) == ("all", "database.firewallRules[0]", "255.255.255.255")
    assert rule.header.text == "ccccccccc"
    assert [plain(each.principal_type) for each in found.administrators] == ["Group"]
    assert len(found.private_endpoints.items) == 1
    (setting,) = found.diagnostic_settings
    assert plain(setting.destinations) == 1
    assert [(plain(each.name), plain(each.enabled)) for each in setting.logs] == [("allLogs", True)]
    assert [plain(each.level) for each in found.locks] == ["CanNotDelete"]


def test_children_of_terraform() -> None:
    found = deployed(
        terraform(
            server_configuration={"a": {"name": "log_checkpoints", "config": "off"}},
            ad_administrator={"a": {"principal_name": "dba", "principal_type": "Group"}},
            private_endpoints={"a": {"subnet_resource_id": "s"}},
            diagnostic_settings={"a": {"workspace_resource_id": "w", "log_categories": ["PostgreSQLLogs"]}},
            lock={"kind": "ReadOnly"},
        )
    )
    assert plain(found.parameter("log_checkpoints")) == "off"
    assert [each.label for each in found.administrators] == ["a"]
    assert len(found.private_endpoints.items) == 1
    (setting,) = found.diagnostic_settings
    assert [plain(each.name) for each in setting.logs] == ["allLogs", "PostgreSQLLogs"]
    assert [plain(each.level) for each in found.locks] == ["ReadOnly"]
    assert all(
        getattr(found, kind).closed for kind in ("parameters", "firewall_rules", "administrators", "private_endpoints")
    )


def test_a_lock_of_no_kind_is_none() -> None:
    assert not server(lock={"kind": "None"}).locks
    assert not server(lock={}).locks


@pytest.mark.parametrize(
    "version,metrics,expected", [("0.15.5", True, 1), ("0.16.0", True, 0), ("0.16.0", False, 1), ("0.1.3", True, 1)]
)
def test_logs_that_a_diagnostic_setting_leaves_out(version: str, metrics: bool, expected: int) -> None:
    setting = {"workspaceResourceId": "w"} | ({"metricCategories": [{"category": "AllMetrics"}]} if metrics else {})
    (found,) = server(version, diagnosticSettings=[setting]).diagnostic_settings
    assert len(found.logs.items) == expected


def test_unknown_collections() -> None:
    found = server(firewallRules=GROUP, configurations=GROUP, administrators=GROUP, privateEndpoints=GROUP)
    for kind in ("firewall_rules", "parameters", "administrators", "private_endpoints"):
        assert not getattr(found, kind).closed
    assert found.diagnostic_settings.closed


def test_members_that_may_be_there() -> None:
    candidates = (written([{"subnetResourceId": "s"}]), written([]))
    choice = Unknown("'x' is not known", HEADER, candidates=candidates)  # type: ignore[arg-type]
    found = server(privateEndpoints=choice).private_endpoints
    assert found.closed
    assert [each.maybe is not None for each in found] == [True]


RANGE = [{"name": "office", "startIpAddress": "20.1.1.1", "endIpAddress": "20.1.1.1"}]
SUBNET = Unknown("known after deployment", HEADER, reference=Reference("subnet", "id"), never_null=True)


@pytest.mark.parametrize("version", ["0.1.0", "0.10.0", "0.16.0"])
def test_the_subnet_is_dropped_where_there_are_firewall_rules(version: str) -> None:
    found = server(version, delegatedSubnetResourceId="subnet", firewallRules=RANGE).network
    assert found.vnet_integrated is False
    assert found.discarded_subnet is not None
    assert plain(found.discarded_subnet) == "subnet"
    kept = server(version, delegatedSubnetResourceId=SUBNET, firewallRules=[]).network
    assert kept.vnet_integrated is True
    assert kept.discarded_subnet is None


def test_whether_the_subnet_is_dropped_may_be_unknown() -> None:
    assert server(delegatedSubnetResourceId="subnet", firewallRules=GROUP).network.vnet_integrated is None


def test_private_endpoints_are_ignored_in_a_subnet() -> None:
    endpoints = [{"subnetResourceId": "s"}]
    assert not server(delegatedSubnetResourceId=SUBNET, privateEndpoints=endpoints).private_endpoints
    (maybe,) = server(delegatedSubnetResourceId=GROUP, privateEndpoints=endpoints).private_endpoints
    assert maybe.maybe is not None


def test_public_access_that_older_modules_do_not_send() -> None:
    found = server("0.9.1", publicNetworkAccess="Disabled").network
    assert plain(found.public_access) is True
    assert found.ignored_public_access is not None
    assert plain(found.ignored_public_access) is False
    inside = server("0.9.1", publicNetworkAccess="Disabled", delegatedSubnetResourceId=SUBNET).network
    assert (plain(inside.public_access), inside.ignored_public_access) == (False, None)
    assert server("0.11.0", publicNetworkAccess="Disabled").network.ignored_public_access is None


SECRET = Unknown("it is read at deployment", HEADER, never_null=True)
MAYBE = Unknown("'x' is not known", HEADER, candidates=(Known((NULL,), HEADER), Known((), HEADER)), never_null=True)


@pytest.mark.parametrize(
    "version,arguments,expected",
    [
        ("0.5.0", {"passwordAuth": "Enabled"}, (True, True)),
        ("0.6.0", {"administrators": [{"objectId": "0"}]}, (True, False)),
        ("0.13.2", {"administratorLogin": "a", "administratorLoginPassword": "p"}, (False, True)),
        ("0.13.2", {"administratorLogin": "a", "administratorLoginPassword": GROUP}, (False, "?")),
        ("0.13.2", {"administratorLogin": "a", "administratorLoginPassword": SECRET}, (False, True)),
        ("0.13.2", {"administrators": MAYBE}, ("?", False)),
        ("0.13.2", {"administratorLogin": "a"}, (False, False)),
        ("0.14.0", {"administratorLogin": "a", "administratorLoginPassword": "p"}, (True, False)),
        ("0.14.0", {"authConfig": {"activeDirectoryAuth": "Enabled"}}, (True, True)),
        ("0.16.0", {"authConfig": {"passwordAuth": "Disabled"}}, (False, False)),
    ],
)
def test_sign_in(version: str, arguments: dict[str, Any], expected: tuple[Any, Any]) -> None:
    found = facts(server(version, **arguments))
    assert (found["entra"], found["password"]) == expected


def test_a_replica_gets_no_geo_backup() -> None:
    assert plain(server(createMode="Replica").backup.geo_redundant) is False
    assert plain(server("0.13.0", createMode="Replica").backup.geo_redundant) is True


def test_a_published_child_module() -> None:
    source = "br/public:avm/res/db-for-postgre-sql/flexible-server/configuration:"
    child = called("0.1.1", source, name="log_checkpoints", value="OFF", flexibleServerName="psql")
    found = deployed(called(), child)
    assert plain(found.parameter("log_checkpoints")) == "OFF"


def test_arguments_that_are_unknown_as_a_whole() -> None:
    found = deployed(Resource("database", BICEP_SOURCE + "0.16.0", {}, HEADER, Language.BICEP))
    assert set(facts(found).values()) == {"?"}
    assert not found.firewall_rules.closed


# The tables


@pytest.mark.parametrize("table", [BICEP, TERRAFORM])
def test_the_tables_are_in_order(table: Any) -> None:
    assert list(table.versions) == sorted(set(table.versions))
    for name in {row.parameter for row in table.defaults}:
        since = [row.since for row in table.defaults if row.parameter == name]
        assert since == sorted(set(since))
        assert set(since) <= set(table.versions)
    known = {**readers.TERRAFORM, **readers.ARM}
    assert {table.server, *(child.type for child in table.children)} <= set(known)


def test_every_default_has_a_source() -> None:
    assert BICEP.defaults[1].source(BICEP) == (
        "https://github.com/Azure/bicep-registry-modules/blob/avm/res/db-for-postgre-sql/flexible-server/0.1.8"
        "/avm/res/db-for-postgre-sql/flexible-server/main.bicep"
    )
    assert TERRAFORM.defaults[-1].source(TERRAFORM).endswith("/blob/0.1.3/variables.firewallrule.tf")


# Keys, windows, threat protection

KEYED = "customer_managed_key = { key_vault_key_id = azurerm_key_vault_key.k.id }"
KEY = """
resource "azurerm_key_vault" "v" {
  name = "kv"
}
resource "azurerm_key_vault_key" "k" {
  name         = "key"
  key_vault_id = azurerm_key_vault.v.id
}
"""


def test_the_terraform_module_hands_its_key_on(tmp_path: Path) -> None:
    lines = said(tmp_path, f"  {KEYED}\n  geo_redundant_backup_enabled = true", more=KEY)
    assert about(lines, "PGF2") == ["PGF202 warning 5:26", "PGF203 note 5:47", "PGF204 warning 9:1"]
    assert about(said(tmp_path), "PGF2") == ["PGF201 note 1:1"]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("", []),
        ("maintenance_window = {}", []),
        ("maintenance_window = null", ["PGF706 note 1:1"]),
        ("maintenance_window = var.given", ["PGF706 unknown 5:24"]),
        ("auto_grow_enabled = true", []),
    ],
)
def test_the_window_of_the_terraform_module(argument: str, expected: list[str], tmp_path: Path) -> None:
    assert about(said(tmp_path, f"  {argument}", more='variable "given" {}'), "PGF706") == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("", ["PGF704 note 1:1"]),
        ('lock = { kind = "CanNotDelete" }', []),
        ("lock = null", ["PGF704 note 1:1"]),
        ("lock = var.given", ["PGF704 unknown 5:10"]),
    ],
)
def test_the_lock_of_the_terraform_module(argument: str, expected: list[str], tmp_path: Path) -> None:
    assert about(said(tmp_path, f"  {argument}", more='variable "given" {}'), "PGF704") == expected


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        ('  lock = { kind = "CanNotDelete" }', ["PGF704 note 7:1"]),
        ("", ["PGF704 note 7:1"]),
        ("  for_each = toset([var.given])\n  lock = { kind = var.given }", ["PGF704 note 8:1", "PGF704 unknown 5:14"]),
    ],
)
def test_the_lock_of_one_server_is_no_other_servers(lock: str, expected: list[str], tmp_path: Path) -> None:
    scope = "" if lock else "module.db.resource_id"
    more = 'resource "azurerm_postgresql_flexible_server" "s" {\n  name = "s"\n}\nvariable "given" {}\n'
    own = f'resource "azurerm_management_lock" "l" {{\n  lock_level = "ReadOnly"\n  scope = {scope}\n}}\n'
    assert about(said(tmp_path, lock, more=more + (own if scope else "")), "PGF704") == expected


def bicep(room: Path, version: str, arguments: str, child: str = "") -> list[str]:
    """What is said of a call of the Bicep module, or of one of its children."""
    source = f"br/public:avm/res/db-for-postgre-sql/flexible-server{child}:{version}"
    call = f"module db '{source}' = {{\n  params: {{\n    {arguments}\n    name: 'psql'\n  }}\n}}\n"
    text = f"param given object\nparam switch bool\n{call}"
    (room / "main.bicep").write_text(text, encoding="utf-8")
    report = analyze(target([str(room)], [], room), RULES, RULES, Settings(as_of=AS_OF))
    assert not report.problems
    lines = [f"{each.rule.id} {each.level.value} {_place(each.span)}" for each in report.findings]
    return sorted(lines + [f"{each.rule.id} unknown {_place(each.span)}" for each in report.doubts])


def test_of_a_subnet_that_is_dropped_nothing_else_is_said(tmp_path: Path) -> None:
    office = "{ name: 'office', startIpAddress: '20.1.1.1', endIpAddress: '20.1.1.1' }"
    arguments = f"tier: 'Burstable'\n    delegatedSubnetResourceId: 'subnet'\n    firewallRules: [ {office} ]"
    lines = bicep(tmp_path, "0.16.0", arguments)
    assert [line for line in lines if line.startswith("PGF3")] == ["PGF304 error 6:32"]


VAULT = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"


@pytest.mark.parametrize(
    ("version", "key", "expected"),
    [
        ("0.16.0", "", ["PGF201 note 3:1"]),
        ("0.16.0", "customerManagedKey: {}", ["PGF201 note 3:1"]),
        ("0.16.0", "customerManagedKey: given", ["PGF201 unknown 5:57", "PGF203 unknown 5:57", "PGF204 unknown 5:57"]),
        ("0.16.0", f"customerManagedKey: {{ keyVaultResourceId: '{VAULT}', keyName: 'key' }}", []),
        ("0.13.1", f"customerManagedKey: {{ keyVaultResourceId: '{VAULT}', keyName: 'key' }}", ["PGF203 note 5:57"]),
        (
            "0.16.0",
            f"customerManagedKey: {{ keyVaultResourceId: '{VAULT}', keyName: 'key', keyVersion: '0' }}",
            ["PGF203 note 5:57"],
        ),
        (
            "0.16.0",
            f"customerManagedKey: {{ keyVaultResourceId: '{VAULT}', keyName: 'key', autoRotationEnabled: false }}",
            ["PGF203 note 5:57"],
        ),
        (
            "0.16.0",
            f"customerManagedKey: {{ keyVaultResourceId: '{VAULT}', keyName: 'key', autoRotationEnabled: switch }}",
            ["PGF203 unknown 5:193", "PGF204 unknown 5:193"],
        ),
    ],
)
def test_the_key_of_the_bicep_module(version: str, key: str, expected: list[str], tmp_path: Path) -> None:
    lines = bicep(tmp_path, version, f"geoRedundantBackup: 'Disabled', {key}".rstrip(", "))
    assert [line for line in about(lines, "PGF2") if not line.startswith("PGF202")] == expected


def test_the_bicep_module_has_no_second_key(tmp_path: Path) -> None:
    key = f"customerManagedKey: {{ keyVaultResourceId: '{VAULT}', keyName: 'key' }}"
    assert about(bicep(tmp_path, "0.16.0", key), "PGF202") == ["PGF202 warning 5:25"]


@pytest.mark.parametrize(
    ("version", "argument", "expected"),
    [
        ("0.16.0", "", []),
        ("0.16.0", "serverThreatProtection: 'Disabled'", ["PGF602 warning 5:29"]),
        ("0.16.0", "enableAdvancedThreatProtection: false", ["PGF602 warning 5:37"]),
        ("0.16.0", "enableAdvancedThreatProtection: switch", ["PGF602 unknown 5:37"]),
        ("0.15.3", "", ["PGF602 unknown 3:1"]),  # it gives the setting a name that ARM's schema refuses
        ("0.15.3", "serverThreatProtection: 'Disabled'", ["PGF602 warning 5:29"]),
        ("0.6.0", "", ["PGF602 unknown 3:1"]),
    ],
)
def test_threat_protection_of_the_bicep_module(
    version: str, argument: str, expected: list[str], tmp_path: Path
) -> None:
    assert about(bicep(tmp_path, version, argument), "PGF602") == expected


def test_threat_protection_of_the_published_child(tmp_path: Path) -> None:
    arguments = "flexibleServerName: 'psql', serverThreatProtection: 'Disabled'"
    lines = bicep(tmp_path, "0.1.0", arguments, "/advanced-threat-protection-setting")
    assert lines == ["PGF602 warning 5:57"]


@pytest.mark.parametrize(
    ("version", "argument", "expected"),
    [
        ("0.1.6", "", ["PGF706 note 3:1", "PGF707 note 3:1"]),
        ("0.1.7", "", ["PGF707 note 3:1"]),
        ("0.16.0", "maintenanceWindow: { customWindow: 'Disabled' }", ["PGF706 note 5:40", "PGF707 note 3:1"]),
        ("0.16.0", "autoGrow: 'Enabled'", []),
        ("0.16.0", "storageType: 'PremiumV2_LRS'", []),
        ("latest", "autoGrow: 'Enabled'", ["PGF706 unknown 3:1"]),
    ],
)
def test_window_and_storage_of_the_bicep_module(
    version: str, argument: str, expected: list[str], tmp_path: Path
) -> None:
    assert about(bicep(tmp_path, version, argument), "PGF706", "PGF707") == expected


# Bicep, through the real readers

CALL = """\
// The PostgreSQL server.
var rules = [{ name: 'all', startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' }]
module db 'br/public:avm/res/db-for-postgre-sql/flexible-server:0.15.3' = {
  params: {
    name: 'psql'
    publicNetworkAccess: 'Enabled'
    geoRedundantBackup: 'Disabled'
    firewallRules: rules
    authConfig: { passwordAuth: 'Enabled', activeDirectoryAuth: 'Enabled' }
  }
}
"""


def test_a_bicep_caller_is_judged_where_the_arguments_stand(tmp_path: Path) -> None:
    (tmp_path / "main.bicep").write_text(CALL, encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    lines = [f"{each.rule.id} {each.level.value} {_place(each.span)}" for each in report.findings]
    assert about(sorted(lines), "PGF3", "PGF4", "PGF7") == [
        "PGF301 error 8:20",
        "PGF305 warning 6:26",
        "PGF402 warning 3:1",
        "PGF403 note 9:33",
        "PGF405 warning 3:1",
        "PGF701 warning 7:25",
        "PGF702 note 3:1",
        "PGF704 note 3:1",
        "PGF707 note 3:1",
    ]


PARAMETERS = """module server 'br/public:avm/res/db-for-postgre-sql/flexible-server:%s' = {
  params: {
    name: 'psql-ledger'
    skuName: 'Standard_D2s_v3'
    tier: 'GeneralPurpose'
    availabilityZone: 1
    version: '16'
    configurations: [
      {
        name: 'shared_preload_libraries'
        value: 'pgaudit'
%s      }
    ]
  }
}
"""
SOURCE = "        source: 'user-override'\n"


@pytest.mark.parametrize(
    ("version", "source", "found", "unknown"),
    [
        ("0.16.0", SOURCE, ["warning 11:16"], []),
        ("0.15.4", "", ["warning 11:16"], []),
        ("0.15.3", SOURCE, [], []),
        ("0.15.3", "", ["note 11:16"], []),
        (
            "0.17.0",
            SOURCE,
            [],
            [
                "which API version it is set with is not known because the defaults of version 0.17.0 of module "
                "'avm/res/db-for-postgre-sql/flexible-server' are not in pgflexlint's table"
            ],
        ),
    ],
)
def test_a_version_of_the_module_loses_static_parameters(
    tmp_path: Path, version: str, source: str, found: list[str], unknown: list[str]
) -> None:
    (tmp_path / "main.bicep").write_text(PARAMETERS % (version, source), encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    about_it = [each for each in report.findings if each.rule.id == "PGF903"]
    assert [f"{each.level.value} {_place(each.span)}" for each in about_it] == found
    assert [doubt.reason for doubt in report.doubts if doubt.rule.id == "PGF903"] == unknown


ENDPOINT = """provider "azurerm" {
  features {}
}
resource "azurerm_postgresql_flexible_server" "s" {
  name                          = "s"
  version                       = "16"
  public_network_access_enabled = false
}
module "other" {
  source = "%s"
  target = azurerm_postgresql_flexible_server.s.id
}
"""
BICEP_ENDPOINT = """resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  properties: {
    version: '16'
    createMode: 'Default'
    network: { publicNetworkAccess: 'Disabled' }
  }
}
module other '%s' = {
  params: { target: s.id }
}
"""
ADDITIONS = {"PGF307", "PGF509", "PGF704", "PGF101"}
"""What a private endpoint, a diagnostic setting, a lock and a parameter would decide."""


@pytest.mark.parametrize(
    ("source", "unknown"),
    [
        ("br/public:avm/res/network/private-endpoint:0.12.0", {"PGF307"}),
        ("br:example.azurecr.io/bicep/avm/res/Network/private-endpoint@sha256:0f", {"PGF307"}),
        ("br/public:avm/res/insights/diagnostic-setting:0.1.0", ADDITIONS),
        ("br/public:avm/res/data-factory/factory:0.10.0", {"PGF307"}),
        ("br/public:avm/res/network/virtual-network/subnet:0.1.0", {"PGF307"}),
        ("br/public:avm/res/resources/deployment-script:0.5.0", ADDITIONS),
        ("br/public:avm/ptn/network/private-link-private-dns-zones:0.5.0", ADDITIONS),
        ("br:example.azurecr.io/modules/network/private-endpoint:1.0", ADDITIONS),
        ("Azure/avm-res-network-privateendpoint/azurerm", {"PGF307"}),
        ("registry.terraform.io/Azure/avm-res-insights-diagnosticsetting/azurerm", ADDITIONS),
        ("Azure/avm-res-keyvault-vault/azurerm", {"PGF307"}),
        ("Azure/avm-res-keyvault-vault/azurerm//modules/secret", {"PGF307"}),
        ("br/public:avm/res/authorization/role-assignment/rg-scope:0.1.0", ADDITIONS),
        ("Azure/avm-ptn-alz/azurerm", ADDITIONS),
        ("Azure/naming/azurerm", set()),
        ("registry.terraform.io/Azure/avm-utl-regions/azurerm", set()),
        ("br/public:avm/utl/general/get-environment:0.1.0", set()),
        ("acme/naming/azurerm", ADDITIONS),
        ("acme/avm-res-network-privateendpoint/azurerm", ADDITIONS),
    ],
)
def test_a_module_for_another_resource_adds_only_what_it_is_for(tmp_path: Path, source: str, unknown: set[str]) -> None:
    name, text = ("main.bicep", BICEP_ENDPOINT) if source.startswith("br") else ("main.tf", ENDPOINT)
    (tmp_path / name).write_text(text % source, encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert {doubt.rule.id for doubt in report.doubts if doubt.rule.id in ADDITIONS} == unknown
    assert report.coverage.skipped["modules that are not on disk"] == 1


def test_a_module_is_called_by_its_symbol_wherever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "main.bicep").write_text("module each 'inner.bicep' = [for name in ['a', 'b']: {\n  name: name\n}]\n")
    (tmp_path / "inner.bicep").write_text(
        "module db 'br/public:avm/res/db-for-postgre-sql/flexible-server:0.15.3' = {\n"
        "  params: {\n    name: 'psql'\n    tier: 'GeneralPurpose'\n    skuName: 'Standard_D2ds_v5'\n  }\n}\n"
    )
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    [finding] = [each for each in report.findings if each.rule.id == "PGF505"]
    assert finding.text == "Statements on server 'db' are not audited: pgaudit is not switched on."
    assert finding.addresses == ("each[0].db", "each[1].db")
