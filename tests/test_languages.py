"""One server written in Terraform, Bicep and ARM JSON: every rule says the same of it in all three."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from docs.render import AS_OF
from hypothesis import given, settings
from hypothesis import strategies as st

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES

SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"
API = "2024-08-01"
NETWORK = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/vnet/subnets/postgres"
PARAMETERS: dict[str, tuple[str, ...]] = {
    "require_secure_transport": ("on", "OFF"),
    "ssl_min_protocol_version": ("TLSv1.1", "TLS1_2", "TLSv1.3"),
    "ssl_max_protocol_version": ("TLSv1.1", "TLSv1.2", ""),
    "password_encryption": ("md5", "scram-sha-256"),
    "azure.accepted_password_auth_method": ("md5", "SCRAM-SHA-256, MD5", "scram-sha-256"),
    "connection_throttle.enable": ("on", "off"),
    "log_connections": ("off", "all", ""),
    "log_checkpoints": ("off", "1"),
    "logfiles.download_enable": ("on",),
    "logfiles.retention_days": ("1", "7", "9"),
    "shared_preload_libraries": ("PGAUDIT,pg_cron", "pg_cron"),
    "azure.extensions": ("pgaudit", "DBLINK", "azure_storage", ""),
    "pgaudit.log": ("none", "all", "role,ddl", "all,-misc"),
    "log_statement": ("ddl", "all"),
    "log_min_duration_statement": ("0", "-1"),
    "log_line_prefix": ("%m %u@%d ", "%m "),
    "row_security": ("off",),
    "log_retention_days": ("7",),
}
RANGES = (
    ("0.0.0.0", "255.255.255.255"),
    ("0.0.0.0", "0.0.0.0"),
    ("0.0.0.0", "127.255.255.255"),
    ("20.50.2.0", "20.50.9.255"),
    ("20.50.2.1", "20.50.2.1"),
    ("20.50.2.9", "20.50.2.1"),
    ("10.0.0.0", "10.0.0.255"),
)


class Choice(NamedTuple):
    """One setting: an argument or block of Terraform's, and a property of ARM's."""

    argument: str
    property: dict[str, Any]


def on(flag: bool) -> str:
    return "Enabled" if flag else "Disabled"


@st.composite
def choices(draw: st.DrawFn) -> list[Choice]:
    """Settings of a server, each written or not. Public access is always written where the languages differ in it."""
    flags = st.booleans()
    mode = draw(st.sampled_from(["Default"] * 3 + ["Update", "Replica", "PointInTimeRestore"]))
    made = [Choice(f'create_mode = "{mode}"', {"createMode": mode})]
    network: dict[str, Any] = {}
    if mode != "Default" or draw(flags):
        public = draw(flags)
        network["publicNetworkAccess"] = on(public)
        made.append(Choice(f"public_network_access_enabled = {str(public).lower()}", {}))
    if draw(flags):
        zone = draw(st.sampled_from(["db.private.postgres.database.azure.com", "db.example.com"]))
        network["delegatedSubnetResourceId"] = SUBNET
        network["privateDnsZoneArmResourceId"] = f"{NETWORK}/privateDnsZones/{zone}"
        made.append(Choice(f'delegated_subnet_id = "{SUBNET}"', {}))
        made.append(Choice(f'private_dns_zone_id = "{NETWORK}/privateDnsZones/{zone}"', {}))
    made.append(Choice("", {"network": network}))
    if draw(flags):
        made.append(Choice(f'version = "{(version := draw(st.integers(11, 18)))}"', {"version": str(version)}))
    if draw(flags):
        days, geo = draw(st.sampled_from([7, 14])), draw(flags)
        made.append(Choice(f"backup_retention_days = {days}", {}))
        made.append(
            Choice(
                f"geo_redundant_backup_enabled = {str(geo).lower()}",
                {"backup": {"backupRetentionDays": days, "geoRedundantBackup": on(geo)}},
            )
        )
    if draw(flags):
        entra, password = draw(flags), draw(flags)
        block = f"active_directory_auth_enabled = {entra}\npassword_auth_enabled = {password}".lower()
        auth = {"activeDirectoryAuth": on(entra), "passwordAuth": on(password)}
        made.append(Choice(f"authentication {{\n{block}\n}}", {"authConfig": auth}))
    if draw(flags):
        standby = draw(st.sampled_from(["ZoneRedundant", "SameZone"]))
        made.append(Choice(f'high_availability {{\nmode = "{standby}"\n}}', {"highAvailability": {"mode": standby}}))
    return made


def terraform(made: list[Choice], sku: str, parameters: dict[str, str], ranges: list[tuple[str, str]]) -> str:
    prefix = "B" if sku == "Burstable" else "GP"
    body = "\n".join([f'name = "psql"\nsku_name = "{prefix}_Standard_X"', *(each.argument for each in made)])
    parts = [
        f'provider "azurerm" {{\nfeatures {{}}\n}}\nresource "azurerm_postgresql_flexible_server" "s" {{\n{body}\n}}'
    ]
    owner = "server_id = azurerm_postgresql_flexible_server.s.id"
    for index, (name, value) in enumerate(parameters.items()):
        text = f"name = {json.dumps(name)}\nvalue = {json.dumps(value)}\n{owner}"
        parts.append(f'resource "azurerm_postgresql_flexible_server_configuration" "p{index}" {{\n{text}\n}}')
    for index, (start, end) in enumerate(ranges):
        text = f'name = "r{index}"\nstart_ip_address = "{start}"\nend_ip_address = "{end}"\n{owner}'
        parts.append(f'resource "azurerm_postgresql_flexible_server_firewall_rule" "r{index}" {{\n{text}\n}}')
    return "\n".join(parts)


def template(made: list[Choice], sku: str, parameters: dict[str, str], ranges: list[tuple[str, str]]) -> list[Any]:
    """The resources, as ARM JSON has them."""
    properties = {name: value for each in made for name, value in each.property.items()}
    server: dict[str, Any] = {"type": SERVERS, "apiVersion": API, "name": "psql", "location": "westeurope"}
    server |= {"sku": {"name": "Standard_X", "tier": sku}, "properties": properties}
    children = [
        (f"{SERVERS}/configurations", name, {"value": value, "source": "user-override"})
        for name, value in parameters.items()
    ]
    children += [
        (f"{SERVERS}/firewallRules", f"r{index}", {"startIpAddress": start, "endIpAddress": end})
        for index, (start, end) in enumerate(ranges)
    ]
    return [server] + [
        {"type": kind, "apiVersion": API, "name": f"psql/{name}", "properties": content}
        for kind, name, content in children
    ]


def bicep(resources: list[Any]) -> str:
    return "\n".join(
        f"resource r{index} '{each['type']}@{each['apiVersion']}' = "
        + literal({name: value for name, value in each.items() if name not in ("type", "apiVersion")})
        for index, each in enumerate(resources)
    )


def literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{\n" + "".join(f"{name}: {literal(member)}\n" for name, member in value.items()) + "}"
    return f"'{value}'" if isinstance(value, str) else str(value)


def said(name: str, text: str) -> Counter[tuple[str, str, str]]:
    with TemporaryDirectory() as room:
        (Path(room) / name).write_text(text, encoding="utf-8")
        rules = [rule for rule in RULES if not rule.not_in]
        report = analyze(target([room], [], Path(room)), rules, RULES, Settings(as_of=AS_OF))
    assert not report.problems
    found = Counter((each.rule.id, each.level.value, each.message) for each in report.findings)
    return found + Counter({(each.rule.id, "unknown", "") for each in report.doubts})


@settings(max_examples=60, deadline=None)
@given(
    choices(),
    st.sampled_from(["Burstable", "GeneralPurpose"]),
    st.dictionaries(st.sampled_from(sorted(PARAMETERS)), st.none(), max_size=6).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(PARAMETERS[name]) for name in names})
    ),
    st.lists(st.sampled_from(RANGES), max_size=2),
)
def test_the_same_server_has_the_same_findings(
    made: list[Choice], sku: str, parameters: dict[str, str], ranges: list[tuple[str, str]]
) -> None:
    resources = template(made, sku, parameters, ranges)
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    arm = {"$schema": schema, "contentVersion": "1.0.0.0", "resources": resources}
    expected = said("main.tf", terraform(made, sku, parameters, ranges))
    assert said("main.bicep", bicep(resources)) == expected
    assert said("main.json", json.dumps(arm, indent=2)) == expected
