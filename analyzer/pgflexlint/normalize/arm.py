"""ARM resources, from Bicep, ARM JSON and azapi, as parts of the model.

https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers. Types are lower case here:
ARM compares them, and the names of properties, without case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pgflexlint.defaults import property_default
from pgflexlint.evaluate.interpreter import taken
from pgflexlint.model import (
    Administrator,
    Authentication,
    Backup,
    DiagnosticSetting,
    Encryption,
    FirewallRule,
    Lock,
    LogCategory,
    Network,
    Parameter,
    Parts,
    Password,
    PrivateEndpoint,
    RetiredServer,
    Server,
    Storage,
)
from pgflexlint.normalize.azurerm import common
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.parameters import static_ignored_by_api
from pgflexlint.normalize.reading import as_text, count, number, text, typed
from pgflexlint.resource import Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Reference, Unknown, Value, holds

SERVER = "microsoft.dbforpostgresql/flexibleservers"
RETIRED = "Microsoft.DBforPostgreSQL/servers"

FIRST_WITH_PUBLIC_ACCESS = "2023-06-01"
"""The API version since which `network.publicNetworkAccess` can be set; before, it is read-only
(https://github.com/Azure/bicep-types-az, `generated/postgresql`)."""

GROUP = "resourceGroup()"
"""What stands for the resource group that a template is deployed to."""


def property_of(resource: Resource, path: str) -> Value[Any] | None:
    """The value at a dotted path, compared without case; None where it is not written or null."""
    first, *rest = path.lower().split(".")
    return inside(resource.attributes.get(first), rest)


def inside(value: Value[Any] | None, names: list[str]) -> Value[Any] | None:
    """The value at a path inside another one; Unknown where what holds it is unknown."""
    for position, name in enumerate(names):
        if value is None or (isinstance(value, Known) and not isinstance(value.value, Mapping)):
            return None
        if isinstance(value, Unknown):
            return _inside_candidates(value, names[position:])
        container = value
        spelled, found = next(
            ((key, member) for key, member in container.value.items() if key.lower() == name), (name, None)
        )
        # Where an object is passed on as a whole, the platform receives its members where it receives the object.
        value = (
            None if found is None else taken(found, container, _place(found, container), f"'{spelled}' in an object")
        )
    return None if isinstance(value, Known) and value.value is None else value


def _place(member: Value[Any], container: Known[Any]) -> Span:
    outer, inner = container.span, member.span
    written_inside = inner.file is outer.file and outer.start <= inner.start and inner.end <= outer.end
    return inner if written_inside else outer


def _inside_candidates(value: Unknown, names: list[str]) -> Unknown:
    candidates = []
    for candidate in value.candidates:
        found = inside(candidate, names)
        if isinstance(found, Unknown):
            return Unknown(value.reason, value.span, value.trace)
        candidates.append(found or Known(None, candidate.span, candidate.trace))
    return Unknown(value.reason, value.span, value.trace, tuple(candidates))


def _setting(resource: Resource, path: str, default: str) -> Value[Any]:
    """A property, or the platform's default."""
    value = property_of(resource, path)
    silent = property_default(default, resource.header)
    if value is None:
        return Unknown("the server is declared elsewhere", resource.header) if resource.existing else silent
    if isinstance(value, Known):
        return value
    candidates = tuple(silent if each.value is None else each for each in value.candidates)
    return replace(value, candidates=candidates)


def _switch(value: Value[Any]) -> Value[bool]:
    """`Enabled` and `Disabled` as a boolean."""
    words = {"enabled": True, "disabled": False, "true": True, "false": False}
    return typed(value, lambda word: words.get(str(word).lower()), "'Enabled' or 'Disabled'")


def _word(value: Value[Any], words: tuple[str, ...]) -> Value[str]:
    """One of some words, in their usual spelling."""
    spelled = {word.lower(): word for word in words}
    return typed(value, lambda word: spelled.get(str(word).lower(), as_text(word)), "text")


def _written(resource: Resource, path: str) -> Value[str]:
    value = property_of(resource, path)
    return Unknown(f"'{path}' is not written", resource.header) if value is None else text(value)


def _server(resource: Resource, context: Context) -> Iterator[Piece]:
    mode = _word(_setting(resource, "properties.createMode", "create_mode"), ("Default", "Create", "Replica"))
    create_mode = mode.map(lambda word: "Default" if word == "Create" else word)
    tiers = ("Burstable", "GeneralPurpose", "MemoryOptimized")
    password = property_of(resource, "properties.administratorLoginPassword")
    login = property_of(resource, "properties.administratorLogin")
    subnet = _setting(resource, "properties.network.delegatedSubnetResourceId", "delegated_subnet")
    zone = _setting(resource, "properties.network.privateDnsZoneArmResourceId", "private_dns_zone")
    access, ignored = _public_access(resource, create_mode)
    modes = ("Disabled", "SameZone", "ZoneRedundant")
    yield Server(
        **common(resource),
        declared=not resource.existing,
        whole=context.whole,
        name=text(resource.attributes["name"]),
        version=_written(resource, "properties.version"),
        create_mode=create_mode,
        tier=_word(_written(resource, "sku.tier"), tiers),
        network=Network(access, subnet, zone, ignored),
        authentication=Authentication(
            password=_switch(_setting(resource, "properties.authConfig.passwordAuth", "password_authentication")),
            entra=_switch(_setting(resource, "properties.authConfig.activeDirectoryAuth", "entra_authentication")),
            administrator_login=login or Known(None, resource.header),
            administrator_passwords=() if password is None else (Password(text(password)),),
        ),
        backup=Backup(
            retention_days=number(_setting(resource, "properties.backup.backupRetentionDays", "backup_retention_days")),
            geo_redundant=_switch(_setting(resource, "properties.backup.geoRedundantBackup", "geo_redundant_backup")),
        ),
        high_availability=_word(_setting(resource, "properties.highAvailability.mode", "high_availability"), modes),
        encryption=_encryption(resource),
        storage=Storage(
            auto_grow=_switch(_setting(resource, "properties.storage.autoGrow", "auto_grow")),
            type=_setting(resource, "properties.storage.type", "storage_type"),
        ),
        maintenance_window=_switch(
            _setting(resource, "properties.maintenanceWindow.customWindow", "maintenance_window")
        ),
    )
    yield Claim("", None, Unknown("", resource.header, reference=Reference(resource.identity, "id")),
                resource.header, of=resource.address)  # fmt: skip
    yield Claim("", None, Unknown("", resource.header, reference=Reference(GROUP, "id")),
                resource.header, of=resource.address)  # fmt: skip


def _encryption(resource: Resource) -> Encryption:
    """https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers#dataencryption"""

    def part(name: str) -> Value[str | None]:
        return _setting(resource, f"properties.dataEncryption.{name}", "customer_managed_key")

    return Encryption(
        key=part("primaryKeyURI"),
        identity=part("primaryUserAssignedIdentityId"),
        geo_key=part("geoBackupKeyURI"),
        geo_identity=part("geoBackupUserAssignedIdentityId"),
    )


def _public_access(resource: Resource, create_mode: Value[str]) -> tuple[Value[bool], Value[bool] | None]:
    """The setting in effect, and the written one where the API version ignores it."""
    value = _switch(_setting(resource, "properties.network.publicNetworkAccess", "public_network_access"))
    if property_of(resource, "properties.network.publicNetworkAccess") is None:
        if holds(create_mode, lambda mode: mode == "Default") is not True and not resource.existing:
            reason = "a server that is made from another one may take its public access along"
            return Unknown(reason, resource.header), None
        return value, None
    version = resource.attributes.get("apiversion")
    if version is None:
        return value, None
    old = holds(text(version), lambda word: word[:10] < FIRST_WITH_PUBLIC_ACCESS)
    if old is None and isinstance(version, Unknown):
        reason = f"which API version is used is not known because {version.reason}"
        return Unknown(reason, version.span, version.trace), None
    if old:
        return property_default("public_network_access", resource.header), value
    return value, None


def _parameter(resource: Resource, context: Context) -> Iterator[Piece]:
    name = text(resource.attributes["name"]).map(str.lower)
    part = Parameter(
        **common(resource),
        name=name,
        value=_written(resource, "properties.value"),
        static_ignored=static_ignored_by_api(resource),
        source_written=property_of(resource, "properties.source") is not None,
    )
    yield from _child("parameters", part, resource)


def _firewall_rule(resource: Resource, context: Context) -> Iterator[Piece]:
    start, end = _written(resource, "properties.startIpAddress"), _written(resource, "properties.endIpAddress")
    yield from _child("firewall_rules", FirewallRule(**common(resource), start=start, end=end), resource)


def _administrator(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Administrator(
        **common(resource),
        principal_name=_written(resource, "properties.principalName"),
        principal_type=_written(resource, "properties.principalType"),
    )
    yield from _child("administrators", part, resource)


def _child(kind: str, part: Any, resource: Resource) -> Iterator[Piece]:
    if resource.existing:
        return
    target = resource.parent or Unknown("it names no server", resource.header)
    yield Claim(kind, part, target, resource.header)


def _private_endpoint(resource: Resource, context: Context) -> Iterator[Piece]:
    part = PrivateEndpoint(**common(resource))
    for kind in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        connections = property_of(resource, f"properties.{kind}")
        if isinstance(connections, Unknown):
            yield Claim("private_endpoints", part, connections, resource.header)
            continue
        for connection in connections.value if connections is not None else ():
            target = inside(connection, ["properties", "privatelinkserviceid"])
            if target is not None:
                yield Claim("private_endpoints", part, target, resource.header)


def _diagnostic_setting(resource: Resource, context: Context) -> Iterator[Piece]:
    sinks = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    destinations = count([property_of(resource, f"properties.{sink}") for sink in sinks], resource.header)
    logs = property_of(resource, "properties.logs")
    categories, gaps = [], [logs] if isinstance(logs, Unknown) else []
    for entry in logs.value if isinstance(logs, Known) else ():
        name = inside(entry, ["category"]) or inside(entry, ["categorygroup"])
        if name is None or isinstance(entry, Unknown):
            gaps.append(entry if isinstance(entry, Unknown) else Unknown("a log has no category", entry.span))
            continue
        enabled = inside(entry, ["enabled"]) or Unknown("whether the log is enabled is not written", entry.span)
        categories.append(LogCategory(**common(resource), name=text(name), enabled=_switch(enabled)))
    part = DiagnosticSetting(
        **common(resource),
        logs=Parts(tuple(categories), tuple(gaps)),
        destinations=destinations,
    )
    target = resource.attributes.get("scope") or resource.parent
    if target is not None:
        yield Claim("diagnostic_settings", part, target, resource.header)


def _lock(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Lock(**common(resource), level=_written(resource, "properties.level"))
    group = Unknown("", resource.header, reference=Reference(GROUP, "id"))
    yield Claim("locks", part, resource.attributes.get("scope") or resource.parent or group, resource.header)


def _retired(resource: Resource, context: Context) -> Iterator[Piece]:
    if not resource.existing:
        yield RetiredServer(**common(resource), type=_RETIRED_TYPES[resource.type])


_RETIRED_CHILDREN = ("configurations", "firewallRules", "databases", "administrators", "keys", "virtualNetworkRules")
_RETIRED_TYPES = {
    spelled.lower(): spelled for spelled in (RETIRED, *(f"{RETIRED}/{child}" for child in _RETIRED_CHILDREN))
}
"""The types of the single server and its parts as Microsoft spells them, by how they are compared."""

READERS: Mapping[str, Reader] = {
    SERVER: _server,
    f"{SERVER}/configurations": _parameter,
    f"{SERVER}/firewallrules": _firewall_rule,
    f"{SERVER}/administrators": _administrator,
    f"{SERVER}/providers/diagnosticsettings": _diagnostic_setting,
    "microsoft.network/privateendpoints": _private_endpoint,
    "microsoft.insights/diagnosticsettings": _diagnostic_setting,
    "microsoft.authorization/locks": _lock,
    **dict.fromkeys(_RETIRED_TYPES, _retired),
}
"""What is made of a resource, by its type in lower case."""
