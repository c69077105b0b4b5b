"""Subnets, security groups and private DNS zones: the rules on a hand-made model, and what is read of files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.model import PrivateDnsZone, PrivateEndpoint, SecurityRule, Server, Subnet
from pgflexlint.report import Report
from pgflexlint.rule import Fail, Rule, Undecided
from pgflexlint.settings import Settings
from pgflexlint.values import Unknown, Value
from pgflexlint_rules import RULES
from pgflexlint_rules._ports import PORTS
from tests.factory import UNKNOWN, either, known, make_server, part, parts, value, verdicts

BY_ID = {rule.id: rule for rule in RULES}
DELEGATION: Rule = BY_ID["PGF310"]
OPEN_PORT: Rule = BY_ID["PGF311"]
PG = "Microsoft.DBforPostgreSQL/flexibleServers"
ZONE = "ledger.private.postgres.database.azure.com"
HERE = "10.20.1.0/24"


def texts(given: Any) -> Value[Any]:
    """A list of texts, each of them known or not."""
    return given if isinstance(given, Unknown) else known(tuple(value(each) for each in given))


def security_rule(  # noqa: PLR0917
    priority: Any = 100,
    allow: Any = True,
    sources: Any = ("*",),
    ports: Any = ("5432",),
    destinations: Any = ("*",),
    protocol: Any = "Tcp",
    inbound: Any = True,
    maybe: Unknown | None = None,
) -> SecurityRule:
    return SecurityRule(
        **part(f"rule{priority}", maybe),
        inbound=value(inbound),
        allow=value(allow),
        protocol=value(protocol),
        priority=value(priority),
        sources=texts(sources),
        destinations=texts(destinations),
        ports=texts(ports),
    )


def subnet(*rules: SecurityRule, delegations: Any = (PG,), prefixes: Any = (HERE,), gaps: Any = ()) -> Subnet:
    return Subnet(
        **part("subnet"),
        prefixes=texts(prefixes),
        delegations=texts(delegations),
        security_rules=parts(rules, gaps),
    )


def injected(inside: Subnet | None, zone: Any = ZONE, zone_id: Any = "/zones/ledger", **settings: Any) -> Server:
    """A server in a subnet; `zone` is the name of its private DNS zone, which is not in sight where that is None."""
    server = make_server(delegated_subnet="/subnets/database", public_access=False, **settings)
    found = None if zone is None else PrivateDnsZone(**part("zone"), name=value(zone))
    network = replace(server.network, subnet=inside, dns_zone=found, private_dns_zone=value(zone_id))
    return replace(server, network=network)


# --- PGF310 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delegations", "said"),
    [
        ((PG,), []),
        ((PG.upper(),), []),
        (("Microsoft.Web/serverFarms", PG), []),
        ((), ["missing"]),
        (("Microsoft.Web/serverFarms",), ["other"]),
        ((UNKNOWN,), ["undecided"]),
        ((UNKNOWN, PG), []),
        (("Microsoft.Web/serverFarms", UNKNOWN), ["undecided"]),
        (UNKNOWN, ["undecided"]),
    ],
)
def test_delegations(delegations: Any, said: list[str]) -> None:
    assert heard(DELEGATION, injected(subnet(delegations=delegations))) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (ZONE, []),
        ("ledger.postgres.database.azure.com", []),
        ("LEDGER.Postgres.Database.Azure.Com", []),
        ("postgres.database.azure.com", ["misnamed"]),
        ("ledger.postgres.database.azure.com.example.org", ["misnamed"]),
        ("ledgerpostgres.database.azure.com", ["misnamed"]),
        ("ledger.postgres.database.usgovcloudapi.net", []),
        ("privatelink.database.windows.net", ["misnamed"]),
        (UNKNOWN, ["undecided"]),
        (either(ZONE, "other.postgres.database.azure.com"), []),
        (either(ZONE, "ledger.internal"), ["undecided"]),
        (replace(UNKNOWN, parts=(UNKNOWN, known(".postgres.database.azure.com"))), []),
        (replace(UNKNOWN, parts=(UNKNOWN, known(".database.azure.com"))), ["undecided"]),
        (None, ["undecided"]),
    ],
)
def test_zones(zone: Any, said: list[str]) -> None:
    assert heard(DELEGATION, injected(subnet(), zone)) == said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"zone_id": None}, ["zoneless"]),
        ({"zone_id": ""}, ["zoneless"]),
        ({"zone_id": None, "create_mode": "Replica"}, ["undecided"]),
        ({"declared": False}, []),
    ],
)
def test_a_server_without_a_zone(settings: dict[str, Any], said: list[str]) -> None:
    assert heard(DELEGATION, injected(subnet(), None, **settings)) == said


def test_a_subnet_that_is_not_in_sight() -> None:
    assert heard(DELEGATION, injected(None)) == ["undecided"]
    assert heard(OPEN_PORT, injected(None)) == ["undecided"]
    assert heard(DELEGATION, make_server()) == heard(OPEN_PORT, make_server()) == []
    unknown = make_server(delegated_subnet=UNKNOWN)
    assert heard(DELEGATION, unknown) == heard(OPEN_PORT, unknown) == ["undecided"]


def heard(rule: Rule, server: Server) -> list[str]:
    """The messages of a rule, or that it is undecided."""
    return [each.message if isinstance(each, Fail) else "undecided" for each in rule.judge(server)]


# --- PGF311 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([security_rule()], ["error"]),
        ([security_rule(sources=("Internet",))], ["error"]),
        ([security_rule(sources=("any",))], ["error"]),
        ([security_rule(sources=("0.0.0.0/0",))], ["error"]),
        ([security_rule(sources=("0.0.0.0/1", "128.0.0.0/1"))], ["error"]),
        ([security_rule(sources=("10.0.0.0/8", UNKNOWN, "*"))], ["error"]),
        ([security_rule(sources=("10.0.0.0/8", "VirtualNetwork"))], []),
        ([security_rule(sources=())], []),
        ([security_rule(sources=(UNKNOWN,))], ["unknown"]),
        ([security_rule(sources=UNKNOWN)], ["unknown"]),
        ([security_rule(sources=(either("*", "Internet"),))], ["error"]),
        ([security_rule(ports=("6432",))], ["error"]),
        ([security_rule(ports=("*",))], ["error"]),
        ([security_rule(ports=("1-65535",))], ["error"]),
        ([security_rule(ports=("80", "5433-6431"))], []),
        ([security_rule(ports=("54320", "432"))], []),
        ([security_rule(ports=(UNKNOWN,))], ["unknown"]),
        ([security_rule(protocol="*")], ["error"]),
        ([security_rule(protocol="TCP")], ["error"]),
        ([security_rule(protocol="Icmp")], []),
        ([security_rule(inbound=False)], []),
        ([security_rule(allow=False)], []),
        ([security_rule(allow=UNKNOWN)], ["unknown"]),
        ([security_rule(destinations=("VirtualNetwork",))], ["error"]),
        ([security_rule(destinations=(HERE,))], ["error"]),
        ([security_rule(destinations=("10.20.0.0/16",))], ["error"]),
        ([security_rule(destinations=("10.20.1.4",))], ["error"]),
        ([security_rule(destinations=("10.20.2.0/24",))], []),
        ([security_rule(destinations=(UNKNOWN,))], ["unknown"]),
        ([security_rule(50, allow=False), security_rule()], []),
        ([security_rule(150, allow=False), security_rule()], ["error"]),
        ([security_rule(50, allow=False, protocol="*", ports=("*",)), security_rule()], []),
        ([security_rule(50, allow=False, protocol="Udp"), security_rule()], ["error"]),
        ([security_rule(50, allow=False, ports=("6432",)), security_rule()], ["error"]),
        ([security_rule(50, allow=False, sources=("10.0.0.0/8",)), security_rule()], ["error"]),
        ([security_rule(50, allow=False, destinations=("10.20.1.0/25",)), security_rule()], ["error"]),
        ([security_rule(50, allow=False, destinations=("10.20.0.0/16",)), security_rule()], []),
        ([security_rule(50, allow=False, inbound=False), security_rule()], ["error"]),
        ([security_rule(UNKNOWN, allow=False), security_rule()], ["unknown"]),
        ([security_rule(50, allow=False, sources=(UNKNOWN,)), security_rule()], ["unknown"]),
        ([security_rule(50, allow=False, maybe=UNKNOWN), security_rule()], ["unknown"]),
        ([security_rule(50, allow=UNKNOWN), security_rule()], ["unknown"]),
        ([security_rule(UNKNOWN)], ["error"]),
        ([security_rule(50, allow=False), security_rule(UNKNOWN)], ["unknown"]),
    ],
)
def test_security_rules(rules: list[SecurityRule], said: list[str]) -> None:
    assert verdicts(OPEN_PORT, injected(subnet(*rules))) == said


def test_an_unseen_rule_may_come_before() -> None:
    assert verdicts(OPEN_PORT, injected(subnet(security_rule(), gaps=(UNKNOWN,)))) == ["unknown"]
    assert verdicts(OPEN_PORT, injected(subnet(gaps=(UNKNOWN,)))) == ["unknown"]
    narrow = security_rule(destinations=("10.20.1.4",))
    assert verdicts(OPEN_PORT, injected(subnet(narrow, prefixes=UNKNOWN))) == ["unknown"]


def test_one_subnet_is_judged_once() -> None:
    inside = subnet(security_rule())
    endpoints = [PrivateEndpoint(**part(name), subnet_id=known("/subnets/a"), subnet=inside) for name in ("one", "two")]
    server = make_server(public_access=False, private_endpoints=parts(endpoints))
    assert verdicts(OPEN_PORT, server) == ["error"]


NUMBERS = st.integers(5430, 6434)
RULE_SETS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from([("*",), ("Internet",), ("10.0.0.0/8",), ("10.0.0.0/8", "0.0.0.0/0")]),
        st.tuples(NUMBERS, NUMBERS),
        st.sampled_from(["Tcp", "*", "Udp"]),
        st.sampled_from([True, True, False]),
    ),
    max_size=6,
)
HIDDEN = st.lists(
    st.sampled_from(["", "", "", "allow", "sources", "ports", "protocol", "inbound", "priority", "maybe"])
)


def arrives(rules: list[Any], port: int) -> bool:
    """Whether a packet from the internet passes a group: the first rule that is about it decides."""
    for allow, sources, (first, last), protocol, inbound in rules:
        about = sources != ("10.0.0.0/8",) and first <= port <= last and protocol != "Udp" and inbound
        if about:
            return bool(allow)
    return False


def made(rules: list[Any], hidden: list[str]) -> Server:
    """The rules in their order, some of which hide something."""
    built = []
    for index, (allow, sources, (first, last), protocol, inbound) in enumerate(rules):
        fields: dict[str, Any] = {
            "priority": 100 + index,
            "allow": allow,
            "sources": sources,
            "ports": (f"{first}-{last}",),
            "protocol": protocol,
            "inbound": inbound,
        }
        if index < len(hidden) and hidden[index]:
            fields[hidden[index]] = UNKNOWN
        built.append(security_rule(**fields))
    return injected(subnet(*reversed(built)))


def opened(server: Server) -> set[str]:
    """The ports that are certainly open: a finding about a rule that may not be there is none."""
    found = [each for each in OPEN_PORT.judge(server) if isinstance(each, Fail) and each.part and not each.part.maybe]
    return {word for each in found for word in each.arguments[0].split() if word.isdecimal()}


@given(RULE_SETS)
def test_a_port_is_open_where_a_packet_passes(rules: list[Any]) -> None:
    assert opened(made(rules, [])) == {str(port) for port in PORTS if arrives(rules, port)}


@given(RULE_SETS, HIDDEN)
def test_what_is_hidden_is_never_guessed(rules: list[Any], hidden: list[str]) -> None:
    truth = {str(port) for port in PORTS if arrives(rules, port)}
    server = made(rules, hidden)
    certain = opened(server)
    assert certain <= truth
    doubtful = any(
        isinstance(each, Undecided) or (each.part is not None and each.part.maybe is not None)
        for each in OPEN_PORT.judge(server)
    )
    assert certain == truth or doubtful


# --- through the readers --------------------------------------------------------------------------------------------

Look = Callable[..., Report]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def run(**files: str) -> Report:
        for name, text in files.items():
            place = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return analyze(target([str(tmp_path)], [], tmp_path), [DELEGATION, OPEN_PORT], RULES, Settings())

    return run


def found(report: Report) -> list[str]:
    assert not report.problems
    lines = [f"{each.rule.id} {each.span.file.path}:{each.span.begin.line}" for each in report.findings]
    return [*lines, *(f"{each.rule.id} unknown: {each.reason}" for each in report.doubts)]


NETWORK = """\
variable "name" {}
resource "azurerm_network_security_group" "g" {
  name = "g"
}
resource "azurerm_network_security_rule" "r" {
  network_security_group_name = azurerm_network_security_group.g.name
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "*"
  source_address_prefix       = "*"
  destination_port_range      = "*"
  destination_address_prefix  = "*"
}
resource "azurerm_subnet" "s" {
  name             = var.name
  address_prefixes = ["10.0.0.0/24"]
}
resource "azurerm_subnet_network_security_group_association" "a" {
  subnet_id                 = azurerm_subnet.s.id
  network_security_group_id = azurerm_network_security_group.g.id
}
resource "azurerm_private_dns_zone" "z" {
  name = "ledger.internal"
}
output "subnet_id" {
  value = azurerm_subnet.s.id
}
output "zone_id" {
  value = azurerm_private_dns_zone.z.id
}
"""
SERVER = """\
provider "azurerm" {
  features {}
}
resource "azurerm_postgresql_flexible_server" "s" {
  name                = "psql"
  version             = "16"
  delegated_subnet_id = module.network.subnet_id
  private_dns_zone_id = module.network.zone_id
}
module "network" {
  source = "%s"
  name   = "db"
}
"""


def test_a_network_in_a_module_of_its_own_is_read(look: Look) -> None:
    assert found(look(main_dot_tf=SERVER % "./network", network__main_dot_tf=NETWORK)) == [
        "PGF311 network/main.tf:11",
        "PGF310 network/main.tf:15",
        "PGF310 network/main.tf:24",
    ]


def test_a_network_that_is_not_on_disk_is_unknown(look: Look) -> None:
    assert set(found(look(main_dot_tf=SERVER % "acme/network/azurerm"))) == {
        "PGF310 unknown: module 'network' (acme/network/azurerm) is not on disk",
        "PGF311 unknown: module 'network' (acme/network/azurerm) is not on disk",
    }


MODULE = """\
variable "zone_id" {}
resource "azurerm_subnet" "s" {
  name             = "db"
  address_prefixes = ["10.0.0.0/24"]
  delegation {
    name = "d"
    service_delegation {
      name = "Microsoft.DBforPostgreSQL/flexibleServers"
    }
  }
}
resource "azurerm_postgresql_flexible_server" "s" {
  name                = "psql"
  version             = "16"
  delegated_subnet_id = azurerm_subnet.s.id
  private_dns_zone_id = var.zone_id
}
"""


def test_whoever_calls_a_module_may_add_a_group(look: Look) -> None:
    assert found(look(main_dot_tf=MODULE)) == [
        "PGF311 unknown: whoever uses this module may add a network security group",
        "PGF310 unknown: variable 'zone_id' has no value",
    ]


def test_a_module_elsewhere_that_is_given_the_subnet_may_add_a_group(look: Look) -> None:
    main = MODULE.replace('variable "zone_id" {}', f'variable "zone_id" {{\n  default = "/privateDnsZones/{ZONE}"\n}}')
    assert found(look(main_dot_tf=main)) == []
    call = 'module "group" {\n  source = "acme/nsg/azurerm"\n  subnets = [azurerm_subnet.s.id]\n}\n'
    report = look(main_dot_tf=main + call)
    assert found(report) == ["PGF311 unknown: module 'group' (acme/nsg/azurerm) is not on disk"]


def test_a_delegation_that_is_left_to_others_is_unknown(look: Look) -> None:
    lifecycle = "lifecycle {\n    ignore_changes = [delegation]\n  }"
    plain = MODULE.replace(
        MODULE[MODULE.index("delegation {") : MODULE.index('resource "azurerm_postgresql')], f"{lifecycle}\n}}\n"
    )
    assert "PGF310 unknown: 'delegation' is left to others by ignore_changes" in found(look(main_dot_tf=plain))


def test_azapi_declares_networks_too(look: Look) -> None:
    main = f"""\
provider "azapi" {{}}
resource "azapi_resource" "g" {{
  type = "Microsoft.Network/networkSecurityGroups@2024-05-01"
  name = "g"
  body = {{
    properties = {{
      securityRules = [{{
        name = "all"
        properties = {{
          priority             = 100
          direction            = "Inbound"
          access               = "Allow"
          protocol             = "Tcp"
          sourceAddressPrefix  = "*"
          destinationPortRange = "5432"
          destinationAddressPrefix = "*"
        }}
      }}]
    }}
  }}
}}
resource "azapi_resource" "v" {{
  type = "Microsoft.Network/virtualNetworks@2024-05-01"
  name = "v"
  body = {{
    properties = {{
      subnets = [{{
        name = "DB"
        properties = {{
          addressPrefix        = "10.0.0.0/24"
          networkSecurityGroup = {{ id = azapi_resource.g.id }}
        }}
      }}]
    }}
  }}
}}
resource "azurerm_postgresql_flexible_server" "s" {{
  name                = "psql"
  version             = "16"
  delegated_subnet_id = "${{azapi_resource.v.id}}/subnets/DB"
  private_dns_zone_id = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/{ZONE}"
}}
"""
    assert found(look(main_dot_tf=main)) == ["PGF311 main.tf:14", "PGF310 main.tf:27"]


NETWORK_IN_BICEP = """\
resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet'
  properties: {
    subnets: [
      { name: 'app', properties: { addressPrefix: '10.0.0.0/24' } }
      { name: 'db', properties: { addressPrefix: '10.0.1.0/24' } }
    ]
  }
  resource db 'subnets' existing = { name: 'db' }
}
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql'
  properties: {
    version: '16'
    network: {
      delegatedSubnetResourceId: %s
      privateDnsZoneArmResourceId: '/privateDnsZones/x.postgres.database.azure.com'
    }
  }
}
"""


@pytest.mark.parametrize(
    "reference",
    [
        "network::db.id",
        "network.properties.subnets[1].id",
        "network.properties.Subnets[1].Id",
        "network.properties.subnets[?1].?id",
        "last(network.properties.subnets).id",
        "filter(network.properties.subnets, each => each.name == 'db')[0].id",
        "map(network.properties.subnets, each => each.id)[1]",
        "'${network.id}/subnets/db'",
        "'${network.id}/subnets/DB'",
        "format('{0}/subnets/{1}', network.id, 'db')",
        "resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'db')",
        "resourceId('Microsoft.Network/virtualNetworks/subnets', network.name, 'db')",
        "empty(network.properties.subnets[1].id) ? '' : network::db.id",
        "empty(network::db.id) ? '' : network::db.id",
    ],
)
def test_ways_to_name_a_subnet_inside_a_network(look: Look, reference: str) -> None:
    assert found(look(main_dot_bicep=NETWORK_IN_BICEP % reference)) == ["PGF310 main.bicep:6"]


NETWORK_IN_TERRAFORM = """\
provider "azurerm" {
  features {}
}
resource "azurerm_virtual_network" "v" {
  subnet {
    name = "app"
  }
  subnet {
    name = "db"
  }
}
resource "azurerm_postgresql_flexible_server" "s" {
  name                = "psql"
  delegated_subnet_id = %s
  private_dns_zone_id = "/privateDnsZones/x.postgres.database.azure.com"
}
"""


@pytest.mark.parametrize(
    "reference",
    [
        '"${azurerm_virtual_network.v.id}/subnets/db"',
        'format("%s/subnets/db", azurerm_virtual_network.v.id)',
        'one([for each in azurerm_virtual_network.v.subnet : each.id if each.name == "db"])',
        '{ for each in azurerm_virtual_network.v.subnet : each.name => each.id }["db"]',
        "azurerm_virtual_network.v.subnet.*.id[1]",
        "(azurerm_virtual_network.v.subnet[*].id)[1]",
    ],
)
def test_ways_to_name_a_subnet_block(look: Look, reference: str) -> None:
    report = look(main_dot_tf=NETWORK_IN_TERRAFORM.replace("%s\n", f"{reference}\n"))
    assert found(report) == ["PGF310 main.tf:8"]


def test_a_group_that_depends_on_an_object_is_unknown(look: Look) -> None:
    main = MODULE.replace('variable "zone_id" {}', 'variable "prod" {}') + (
        'provider "azurerm" {\n  features {}\n}\n'
        'locals {\n  rule = var.prod ? { source = "*", port = "5432" } : { source = "10.0.0.0/8", port = "80" }\n}\n'
        'resource "azurerm_network_security_group" "g" {\n  name = "g"\n  security_rule {\n    priority = 100\n'
        '    direction = "Inbound"\n    access = "Allow"\n    protocol = "Tcp"\n    destination_address_prefix = "*"\n'
        "    source_address_prefix = local.rule.source\n    destination_port_range = local.rule.port\n  }\n}\n"
        'resource "azurerm_subnet_network_security_group_association" "a" {\n  subnet_id = azurerm_subnet.s.id\n'
        "  network_security_group_id = azurerm_network_security_group.g.id\n}\n"
    )
    main = main.replace("var.zone_id", f'"/privateDnsZones/{ZONE}"')
    assert set(found(look(main_dot_tf=main))) == {"PGF311 unknown: variable 'prod' has no value"}
