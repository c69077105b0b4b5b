"""ARM resources, from Bicep, ARM JSON and azapi, as parts of the model.

https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers. Types are in lower case here:
ARM compares types and names of properties without case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from pgflexlint.defaults import property_default
from pgflexlint.evaluate.members import object_members, taken
from pgflexlint.model import (
    Administrator,
    Authentication,
    Backup,
    Database,
    DefenderPlan,
    DiagnosticSetting,
    Encryption,
    FirewallRule,
    KeyVault,
    KeyVaultKey,
    Lock,
    LogCategory,
    Network,
    Parameter,
    Parts,
    Password,
    RetiredServer,
    Server,
    Storage,
    ThreatProtection,
    brought_along,
)
from pgflexlint.normalize.claims import GROUP, Claim, Context, Piece, Reader
from pgflexlint.normalize.keys import managed_key
from pgflexlint.normalize.parameters import static_ignored_by_api
from pgflexlint.normalize.parts import common, replica_of, standard
from pgflexlint.normalize.reading import (
    EQUALITY,
    as_text,
    count,
    flag,
    number,
    or_default,
    text,
    text_without_default,
    typed,
)
from pgflexlint.resource import FLEXIBLE_SERVER, Resource
from pgflexlint.values import Known, Origin, Reference, Unknown, Value, decide, holds, is_null

RETIRED = "Microsoft.DBforPostgreSQL/servers"

FIRST_WITH_PUBLIC_ACCESS = "2023-06-01"
"""The API version since which `network.publicNetworkAccess` can be set; before, it is read-only
(https://github.com/Azure/bicep-types-az, `generated/postgresql`)."""

_RENAMED = {
    "properties.authConfig.activeDirectoryAuth": ("properties.authConfig.activeDirectoryAuthEnabled", "2022-12-01"),
    "properties.authConfig.passwordAuth": ("properties.authConfig.passwordAuthEnabled", "2022-12-01"),
    "properties.backup.backupRetentionDays": ("properties.storageProfile.backupRetentionDays", "2021-06-01"),
    "properties.backup.geoRedundantBackup": ("properties.storageProfile.geoRedundantBackup", "2021-06-01"),
    "properties.highAvailability.mode": ("properties.haEnabled", "2021-06-01"),
    "properties.network.delegatedSubnetResourceId": (
        "properties.delegatedSubnetArguments.subnetArmResourceId", "2021-06-01",
    ),
    "properties.network.privateDnsZoneArmResourceId": (
        "properties.privateDnsZoneArguments.privateDnsZoneArmResourceId", "2021-06-01",
    ),
    "properties.network.publicNetworkAccess": ("properties.publicNetworkAccess", "2021-06-01"),
}  # fmt: skip
"""By property of a server, its old name, and the API version that renamed it
(https://github.com/Azure/bicep-types-az, `generated/postgresql`)."""
_STANDBY = {"enabled": "ZoneRedundant"}
"""The values of the old `haEnabled`: it always put the standby in another zone."""

_CREATE_MODES = ("Create", "Default", "GeoRestore", "PointInTimeRestore", "Replica", "ReviveDropped", "Update")
"""`CreateMode` of the API, which compares it without case."""


def property_of(resource: Resource, path: str) -> Value[Any] | None:
    """The value at a dotted path, whose case does not matter; None if it is not written or null."""
    first, *rest = path.lower().split(".")
    return member_at(resource.attributes.get(first), *rest)


def member_at(value: Value[Any] | None, *names: str) -> Value[Any] | None:
    """The member of an object at a path of names in lower case; Unknown if a value on the path is unknown."""
    for position, name in enumerate(names):
        if value is None or (isinstance(value, Known) and not isinstance(value.value, Mapping)):
            return None
        if isinstance(value, Unknown) and value.candidates:
            return _member_of_candidates(value, *names[position:])
        members, unseen = object_members(value)
        spelled, found = next(((key, member) for key, member in members.items() if key.lower() == name), (name, None))
        if found is None:
            return None if unseen is None else unseen.bare()
        value = member_of(value, spelled, found)
    return None if is_null(value) else value


def member_of(container: Value[Any], name: str, member: Value[Any]) -> Value[Any]:
    """A member where the platform receives it: at the place of its object, if that is passed on as a whole."""
    place = member.span if container.span.holds(member.span) else container.span
    return taken(member, container, name, place, f"'{name}' in an object")


def _member_of_candidates(value: Unknown, *names: str) -> Unknown:
    candidates = []
    for candidate in value.candidates:
        found = member_at(candidate, *names)
        if isinstance(found, Unknown):
            return value.bare()
        candidates.append(found or Known(None, candidate.span, candidate.trace))
    return Unknown(value.reason, value.span, value.trace, tuple(candidates))


def _property(resource: Resource, path: str) -> Value[Any] | None:
    """The value at a dotted path, or at the path that it has in the API version of the resource."""
    value = property_of(resource, path)
    if value is not None or path not in _RENAMED:
        return value
    earlier, since = _RENAMED[path]
    value = property_of(resource, earlier)
    version = resource.attributes.get("apiversion")
    if value is None or version is None:
        return None
    old = decide(text(version), lambda word: word[:10] < since)
    return _version_doubt(old) if isinstance(old, Unknown) else value if old else None


def _version_doubt(version: Unknown) -> Unknown:
    reason = f"which API version is used is not known because {version.reason}"
    return Unknown(reason, version.span, version.trace)


def _setting(resource: Resource, path: str, default: str) -> Value[Any]:
    """A property, or the platform's default."""
    value = _property(resource, path)
    silent = property_default(default, resource.header)
    if value is None:
        return Unknown("the server is declared elsewhere", resource.header) if resource.existing else silent
    return or_default(value, silent)


def _switch(value: Value[Any]) -> Value[bool]:
    """`Enabled` and `Disabled` as a boolean."""
    words = {"enabled": True, "disabled": False, "true": True, "false": False}
    return typed(value, lambda word: words.get(str(word).lower()), "'Enabled' or 'Disabled'")


def _word(value: Value[Any], words: tuple[str, ...]) -> Value[str]:
    """One of some words, in its usual spelling."""
    spelled = {word.lower(): word for word in words}
    return typed(value, lambda word: spelled.get(str(word).lower(), as_text(word)), "text")


def _written(resource: Resource, path: str) -> Value[str]:
    return text_without_default(property_of(resource, path), Unknown(f"'{path}' is not written", resource.header))


def _server(resource: Resource, context: Context) -> Iterator[Piece]:
    mode = _word(_setting(resource, "properties.createMode", "create_mode"), _CREATE_MODES)
    create_mode = mode.map(lambda word: "Default" if word == "Create" else word)
    if property_of(resource, "properties.createMode") is None:
        create_mode = _mode_of(resource) or create_mode
    tiers = ("Burstable", "GeneralPurpose", "MemoryOptimized")
    password = property_of(resource, "properties.administratorLoginPassword")
    login = property_of(resource, "properties.administratorLogin")
    standby = _setting(resource, "properties.highAvailability.mode", "high_availability")
    yield Server(
        **{**common(resource), "label": resource.called},
        declared=not resource.existing,
        whole=context.whole,
        name=text(resource.attributes["name"]),
        version=_written(resource, "properties.version"),
        resource_group=resource.parent or _group(resource),
        create_mode=create_mode,
        tier=_word(_written(resource, "sku.tier"), tiers),
        network=_network(resource, create_mode),
        authentication=Authentication(
            password=_switch(_setting(resource, "properties.authConfig.passwordAuth", "password_authentication")),
            entra=_switch(_setting(resource, "properties.authConfig.activeDirectoryAuth", "entra_authentication")),
            administrator_login=login or Known(None, resource.header, origin=Origin.DEFAULT),
            administrator_passwords=() if password is None else (Password(text(password)),),
        ),
        backup=Backup(
            retention_days=number(_setting(resource, "properties.backup.backupRetentionDays", "backup_retention_days")),
            geo_redundant=_switch(_setting(resource, "properties.backup.geoRedundantBackup", "geo_redundant_backup")),
        ),
        high_availability=_word(standby, ("Disabled", "SameZone", "ZoneRedundant")).map(
            lambda mode: _STANDBY.get(mode.lower(), mode)
        ),
        encryption=_encryption(resource),
        storage=Storage(
            auto_grow=_switch(_setting(resource, "properties.storage.autoGrow", "auto_grow")),
            type=_setting(resource, "properties.storage.type", "storage_type"),
        ),
        maintenance_window=_switch(
            _setting(resource, "properties.maintenanceWindow.customWindow", "maintenance_window")
        ),
    )
    yield _known_as(resource)
    yield Claim("", None, _group(resource), resource.header, of=resource.address)
    source = property_of(resource, "properties.sourceServerResourceId")
    yield from replica_of(source, create_mode, common(resource))


_REPLICAS = ("asyncreplica", "geoasyncreplica")


def _mode_of(resource: Resource) -> Value[str] | None:
    """The create mode "Replica", if the replication role of a server says so. None if there is no role.

    https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers
    """
    for path in ("properties.replica.role", "properties.replicationRole"):
        role = property_of(resource, path)
        if role is None:
            continue
        replica = decide(role, lambda word: str(word).lower() in _REPLICAS)
        if isinstance(replica, Unknown):
            return replica.bare()
        if replica:
            return Known("Replica", role.span, role.trace)
    return None


def _known_as(resource: Resource) -> Claim:
    """The claim for the name by which others refer to a resource."""
    own = Unknown("", resource.header, reference=Reference(resource.identity, "id"))
    return Claim("", None, own, resource.header, of=resource.address)


def _group(resource: Resource) -> Unknown:
    """A reference to the resource group that is deployed to."""
    reason = "the resource group is the one that is deployed to"
    return Unknown(reason, resource.header, reference=Reference(GROUP, "id"))


def _encryption(resource: Resource) -> Encryption:
    """https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers#dataencryption"""

    def part(name: str) -> Value[str | None]:
        return _setting(resource, f"properties.dataEncryption.{name}", "customer_managed_key")

    whole = property_of(resource, "properties.dataEncryption")
    return Encryption(
        key=managed_key(_key_in_use(resource, part("primaryKeyURI")), part("primaryUserAssignedIdentityId")),
        geo_key=managed_key(part("geoBackupKeyURI"), part("geoBackupUserAssignedIdentityId")),
        at=None if whole is None else whole.span,
    )


def _key_in_use(resource: Resource, key: Value[str | None]) -> Value[str | None]:
    """The primary key. It counts only if the type of the encryption says so."""
    written = property_of(resource, "properties.dataEncryption.type")
    if written is None:
        unsure = "'dataEncryption.type' is not written"
        return Unknown(unsure, key.span) if isinstance(key, Unknown) or key.value else key
    type_ = _word(written, ("AzureKeyVault", "SystemManaged"))
    managed = decide(type_, lambda word: word == "AzureKeyVault")
    if isinstance(managed, Unknown):
        return managed.bare()
    return key if managed and not (isinstance(key, Known) and not key.value) else type_.map(lambda word: None)


def _network(resource: Resource, create_mode: Value[str]) -> Network:
    """The settings that take effect. An old API version ignores the one of public access."""
    path = "properties.network.publicNetworkAccess"
    network = Network(
        public_access=_switch(_setting(resource, path, "public_network_access")),
        delegated_subnet=_setting(resource, "properties.network.delegatedSubnetResourceId", "delegated_subnet"),
        private_dns_zone=_setting(resource, "properties.network.privateDnsZoneArmResourceId", "private_dns_zone"),
    )
    if _property(resource, path) is None:
        doubt = None if resource.existing else brought_along(create_mode, resource.header, "its public access")
        return network if doubt is None else replace(network, public_access=doubt)
    version = resource.attributes.get("apiversion")
    old = version is not None and decide(text(version), lambda word: word[:10] < FIRST_WITH_PUBLIC_ACCESS)
    if version is None or old is False:
        return network
    if old is True:
        possible = [version] if isinstance(version, Known) else version.candidates
        words = dict.fromkeys(as_text(each.value) or "" for each in possible)
        return replace(
            network,
            public_access=property_default("public_network_access", resource.header),
            ignored_public_access=network.public_access,
            ignored_because=f"API version {' or '.join(words)}",
        )
    doubt = _version_doubt(old)
    return replace(network, public_access=doubt, ignored_doubt=doubt)


def _parameter(resource: Resource, context: Context) -> Iterator[Piece]:
    name, source = text(resource.attributes["name"]).map(str.lower), property_of(resource, "properties.source")
    part = Parameter(
        **common(resource),
        name=name,
        value=_written(resource, "properties.value"),
        static_ignored=static_ignored_by_api(resource),
        source_written=source is not None,
        by_system=source is not None and bool(holds(source, lambda word: str(word).lower() == "system-default")),
    )
    yield from _child("parameters", part, resource)


def _firewall_rule(resource: Resource, context: Context) -> Iterator[Piece]:
    start, end = _written(resource, "properties.startIpAddress"), _written(resource, "properties.endIpAddress")
    one = EQUALITY.equal(start, end) is True
    part = FirewallRule(**common(resource), start=start, end=end, one_address=one)
    yield from _child("firewall_rules", part, resource)


def _administrator(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Administrator(
        **common(resource),
        principal_name=_written(resource, "properties.principalName"),
        principal_type=_written(resource, "properties.principalType"),
    )
    yield from _child("administrators", part, resource)


def _database(resource: Resource, context: Context) -> Iterator[Piece]:
    yield from _child("databases", Database(**common(resource), name=text(resource.attributes["name"])), resource)


def _child(kind: str, part: Any, resource: Resource) -> Iterator[Piece]:
    if resource.existing:
        return
    target = resource.parent or Unknown("it names no server", resource.header)
    yield Claim(kind, part, target, resource.header, unseen=resource.owner)


def _diagnostic_setting(resource: Resource, context: Context) -> Iterator[Piece]:
    sinks = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    destinations = count([property_of(resource, f"properties.{sink}") for sink in sinks], resource.header)
    logs = property_of(resource, "properties.logs")
    categories, gaps = [], [logs] if isinstance(logs, Unknown) else []
    for entry in logs.value if isinstance(logs, Known) else ():
        name = member_at(entry, "category") or member_at(entry, "categorygroup")
        if name is None or isinstance(entry, Unknown):
            gaps.append(entry if isinstance(entry, Unknown) else Unknown("a log has no category", entry.span))
            continue
        enabled = member_at(entry, "enabled") or Unknown("whether the log is enabled is not written", entry.span)
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
    scope = resource.attributes.get("scope") or resource.parent or _group(resource)
    yield Claim("locks", part, scope, resource.header)


def _threat_protection(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers/advancedthreatprotectionsettings"""
    enabled = _switch(_written(resource, "properties.state"))
    name = text(resource.attributes["name"])
    if holds(name, lambda word: word.lower() == "default") is False and holds(enabled, lambda on: not on) is not True:
        enabled = Unknown("the setting of a server is called 'Default', and this one is not", resource.header)
    yield from _child("threat_protection", ThreatProtection(**common(resource), enabled=enabled), resource)


def _key_vault(resource: Resource, context: Context) -> Iterator[Piece]:
    if not resource.existing:
        protected = flag(_setting(resource, "properties.enablePurgeProtection", "purge_protection"))
        yield KeyVault(**common(resource), name=text(resource.attributes["name"]), purge_protection=protected)
        yield _known_as(resource)


def _key(resource: Resource, context: Context) -> Iterator[Piece]:
    yield KeyVaultKey(**common(resource), vault=resource.parent or Unknown("it names no vault", resource.header))
    yield _known_as(resource)


def _defender_plan(resource: Resource, context: Context) -> Iterator[Piece]:
    if not resource.existing:
        enabled = standard(_written(resource, "properties.pricingTier"))
        yield DefenderPlan(**common(resource), plan=text(resource.attributes["name"]), enabled=enabled)


def _retired(resource: Resource, context: Context) -> Iterator[Piece]:
    if not resource.existing:
        yield RetiredServer(**common(resource), type=_RETIRED_TYPES[resource.type])


_RETIRED_CHILDREN = ("configurations", "firewallRules", "databases", "administrators", "keys", "virtualNetworkRules")
_RETIRED_TYPES = {
    spelled.lower(): spelled for spelled in (RETIRED, *(f"{RETIRED}/{child}" for child in _RETIRED_CHILDREN))
}
"""The types of the single server and its parts as Microsoft spells them, by their lower case."""

READERS: Mapping[str, Reader] = {
    FLEXIBLE_SERVER: _server,
    f"{FLEXIBLE_SERVER}/configurations": _parameter,
    f"{FLEXIBLE_SERVER}/firewallrules": _firewall_rule,
    f"{FLEXIBLE_SERVER}/administrators": _administrator,
    f"{FLEXIBLE_SERVER}/databases": _database,
    f"{FLEXIBLE_SERVER}/advancedthreatprotectionsettings": _threat_protection,
    f"{FLEXIBLE_SERVER}/providers/diagnosticsettings": _diagnostic_setting,
    "microsoft.insights/diagnosticsettings": _diagnostic_setting,
    "microsoft.authorization/locks": _lock,
    f"{FLEXIBLE_SERVER}/providers/locks": _lock,
    "microsoft.keyvault/vaults": _key_vault,
    "microsoft.keyvault/vaults/keys": _key,
    "microsoft.security/pricings": _defender_plan,
    **dict.fromkeys(_RETIRED_TYPES, _retired),
}
"""The readers of resources, by type in lower case."""
