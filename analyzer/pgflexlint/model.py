"""The typed model of a flexible server and everything around it, in Azure's words.

It is what rules see: no syntax, no language, no file formats. Each field is a `Value`: written, defaulted by the
platform (`Origin.DEFAULT`, placed at the header of the resource), or unknown with its reason.
Sources of the facts: `reference` links beside the defaults table (`defaults.py`) and in each rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pgflexlint.defaults import parameter_default
from pgflexlint.resource import Language
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value, holds


@dataclass(frozen=True, slots=True)
class Part:
    """What every resource in the model has."""

    address: str
    """Unique in the deployment, as in `Resource.address`."""
    label: str
    """What a person calls it in a sentence: the Terraform label, the Bicep symbol, the ARM name."""
    header: Span
    """Where a missing setting is reported."""
    language: Language
    calls: tuple[Span, ...]
    """The headers of the module calls that lead here, outermost first."""
    maybe: Unknown | None
    """Why it is not certain that it exists; None where it does."""


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Parts(Generic[P]):
    """The parts of one kind that belong to a server, or to another part."""

    items: tuple[P, ...] = ()
    gaps: tuple[Unknown, ...] = ()
    """Why there may be more than `items`; empty where the set is closed."""

    @property
    def closed(self) -> bool:
        """There are no others: only then does absence mean something."""
        return not self.gaps

    def __iter__(self) -> Iterator[P]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True, slots=True)
class Parameter(Part):
    """A server parameter (`configurations` in ARM)."""

    name: Value[str]
    """Lower case."""
    value: Value[str]
    """As written; numbers and booleans as their text."""
    static_ignored: str | Unknown = ""
    """What keeps the value of a static parameter that is set this way from taking effect, as a noun phrase; "" where
    nothing does."""
    source_written: bool = True
    """ARM's `source`, which the documentation says is needed to change a value, is written. True elsewhere."""


@dataclass(frozen=True, slots=True)
class FirewallRule(Part):
    """A range of IPv4 addresses that may connect over the public endpoint."""

    start: Value[str]
    end: Value[str]


@dataclass(frozen=True, slots=True)
class Administrator(Part):
    """A Microsoft Entra administrator."""

    principal_name: Value[str | None]
    principal_type: Value[str | None]
    """`User`, `Group`, `ServicePrincipal` or `Unknown`."""


@dataclass(frozen=True, slots=True)
class PrivateEndpoint(Part):
    """A private endpoint whose connection targets the server."""


@dataclass(frozen=True, slots=True)
class DiagnosticSetting(Part):
    """A diagnostic setting on the server."""

    logs: Parts[LogCategory]
    """Open where it may send logs that are not in sight."""
    destinations: Value[int]
    """How many destinations it has: a workspace, a storage account, an event hub, a partner solution."""


@dataclass(frozen=True, slots=True)
class LogCategory(Part):
    """A category or category group of logs that a diagnostic setting sends."""

    name: Value[str]
    enabled: Value[bool]


@dataclass(frozen=True, slots=True)
class Lock(Part):
    """A management lock on the server, its resource group or its subscription."""

    level: Value[str]
    """`CanNotDelete` or `ReadOnly`."""


@dataclass(frozen=True, slots=True)
class ThreatProtection(Part):
    """The advanced threat protection setting of the server."""

    enabled: Value[bool]


@dataclass(frozen=True, slots=True)
class Replica(Part):
    """A read replica of the server, which is a server of its own as well."""


@dataclass(frozen=True, slots=True)
class DefenderPlan(Part):
    """A Microsoft Defender for Cloud plan of the subscription."""

    plan: Value[str]
    """Such as `OpenSourceRelationalDatabases`."""
    enabled: Value[bool]
    """Its pricing tier is `Standard`."""


@dataclass(frozen=True, slots=True)
class KeyVault(Part):
    """A key vault that is declared here."""

    purge_protection: Value[bool]


@dataclass(frozen=True, slots=True)
class PrivateDnsZone(Part):
    """A private DNS zone that is declared here."""

    name: Value[str]


@dataclass(frozen=True, slots=True)
class SecurityRule(Part):
    """A rule of a network security group."""

    inbound: Value[bool]
    allow: Value[bool]
    protocol: Value[str]
    """`Tcp`, `*`, …, as written."""
    priority: Value[int]
    """The lowest number decides."""
    sources: Value[tuple[Value[str], ...]]
    """Address prefixes and service tags, as written."""
    ports: Value[tuple[Value[str], ...]]
    """Destination ports and ranges of them, as written: `5432`, `1000-2000`, `*`."""


@dataclass(frozen=True, slots=True)
class Subnet(Part):
    """A subnet that is declared here."""

    delegations: Value[tuple[Value[str], ...]]
    """The services that it is delegated to."""
    security_rules: Parts[SecurityRule]
    """Those of its network security group; open where it may have one that is not in sight."""


@dataclass(frozen=True, slots=True)
class Output(Part):
    """An output of a root module or template."""

    value: Value[Any]
    secure: Value[bool]
    """Its value is hidden: Terraform's `sensitive`, `@secure()` of Bicep, `securestring` of ARM."""


@dataclass(frozen=True, slots=True)
class GeneratedPassword(Part):
    """A resource that makes up a password."""

    length: Value[int]
    classes: tuple[tuple[str, Value[bool]], ...]
    """For each class of characters (`upper`, `lower`, `numeric`, `special`): whether it may be used."""


@dataclass(frozen=True, slots=True)
class KeyVaultSecret(Part):
    """A secret in a key vault."""

    value: Value[Any]
    expires: Value[bool]
    """An expiry date is set."""


@dataclass(frozen=True, slots=True)
class Connection(Part):
    """How an application connects to a PostgreSQL server: a connection string, or a group of settings for one."""

    text: Value[str]
    """The connection string; of a group of settings, those that say nothing of the password, put together."""
    sslmode: Value[str | None]
    """libpq's word; None where none is written, so that the client's default counts."""
    user: Value[str | None]
    where: str
    """What it is a setting of, in words: "app setting 'DATABASE_URL'"."""


@dataclass(frozen=True, slots=True)
class Database(Part):
    """A database on the server."""

    name: Value[str]


@dataclass(frozen=True, slots=True)
class DatabaseProvider(Part):
    """The configuration of Terraform's `postgresql` provider: a client of the server.

    https://registry.terraform.io/providers/cyrilgdn/postgresql/latest/docs
    """

    host: Value[str | None]
    sslmode: Value[str]
    password: Value[str | None]


@dataclass(frozen=True, slots=True)
class Role(Part):
    """A role inside PostgreSQL."""

    name: Value[str]
    privileges: tuple[tuple[str, Value[bool]], ...]
    """By PostgreSQL's word (`SUPERUSER`, `CREATEROLE`, `CREATEDB`, `REPLICATION`, `BYPASSRLS`): whether it has it."""
    login: Value[bool]
    member_of: Value[tuple[Value[str], ...]]
    password: Value[str | None]
    valid_until: Value[str | None]


@dataclass(frozen=True, slots=True)
class RoleGrant(Part):
    """A membership of a role in another one."""

    role: Value[str]
    granted: Value[str]
    admin_option: Value[bool]


@dataclass(frozen=True, slots=True)
class Grant(Part):
    """Privileges that a role is given on objects, or by default on those that will be created."""

    role: Value[str]
    """`public` is everybody."""
    object_type: Value[str]
    """`database`, `schema`, `table`, …"""
    schema: Value[str | None]
    privileges: Value[tuple[Value[str], ...]]
    """Upper case; none is a revocation of all."""
    grant_option: Value[bool]
    by_default: bool
    """It is about objects that will be created."""


@dataclass(frozen=True, slots=True)
class SchemaPolicy(Part):
    """What a role may do in a schema, as the schema's own declaration says."""

    schema: Value[str]
    role: Value[str]
    """`public` is everybody."""
    create: Value[bool]
    grant_option: Value[bool]
    """It may pass on what it may do."""


@dataclass(frozen=True, slots=True)
class Extension(Part):
    """An extension that is created in a database."""

    name: Value[str]


@dataclass(frozen=True, slots=True)
class Network:
    """How the server is reached."""

    public_access: Value[bool]
    """The public network access setting, whatever the mode."""
    delegated_subnet: Value[str | None]
    """The id of the subnet that the server is injected into; None where it is not. A subnet whose id is
    unknown but certain to be set is an `Unknown` with `never_null`."""
    private_dns_zone: Value[str | None]
    ignored_public_access: Value[bool] | None = None
    """What is written of public access where what deploys it takes no notice of it, so that `public_access` is
    the default."""
    ignored_because: str = ""
    """What takes no notice of it: "API version '2022-12-01'", "version 3.90 of the azurerm provider"."""
    discarded_subnet: Value[str | None] | None = None
    """The delegated subnet that is written and that the module between it and the server drops, because it is given
    firewall rules as well."""
    subnet: Subnet | None = None
    """The delegated subnet itself, where it is declared here."""
    dns_zone: PrivateDnsZone | None = None
    """The private DNS zone itself, where it is declared here."""

    @property
    def vnet_integrated(self) -> bool | None:
        """Private access through a delegated subnet: no public endpoint. None where unknown.

        https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private
        """
        if isinstance(self.delegated_subnet, Unknown) and self.delegated_subnet.never_null:
            return True
        return holds(self.delegated_subnet, lambda subnet: subnet not in (None, ""))

    @property
    def public(self) -> bool | None:
        """The public endpoint accepts connections that the firewall lets in. None where unknown."""
        answers = (
            None if self.vnet_integrated is None else not self.vnet_integrated,
            holds(self.public_access, bool),
        )
        return False if False in answers else None if None in answers else True


@dataclass(frozen=True, slots=True)
class Password:
    """An administrator password that is written."""

    value: Value[str | None]
    write_only: bool = False
    """Terraform does not keep it in its state (`administrator_password_wo`)."""
    write_only_possible: bool = False
    """It is kept in the state, although the version of the provider that is asked for could do without."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who may sign in, and how."""

    password: Value[bool]
    entra: Value[bool]
    administrator_login: Value[str | None]
    administrator_passwords: tuple[Password, ...]
    """Every administrator password that is written, each at its own place (Terraform has two attributes for it)."""


@dataclass(frozen=True, slots=True)
class Backup:
    """Backups of the server."""

    retention_days: Value[int]
    geo_redundant: Value[bool]


@dataclass(frozen=True, slots=True)
class Encryption:
    """Encryption at rest: with a customer-managed key, or with a service-managed one where `key` is None."""

    key: Value[str | None]
    """The id of the key in its vault, or of a version of it."""
    identity: Value[str | None]
    """The user-assigned identity that reads the key."""
    geo_key: Value[str | None]
    """The key for the geo-redundant backup."""
    geo_identity: Value[str | None]
    vault: KeyVault | None = None
    """The vault that holds the key, where it is declared here."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The storage of the server."""

    auto_grow: Value[bool]
    type: Value[str | None]
    """`Premium_LRS`, `PremiumV2_LRS` or `UltraSSD_LRS`; None where it is left to the platform."""


@dataclass(frozen=True, slots=True)
class Server(Part):
    """A flexible server with its parts, or the parts of one that is not in sight (`declared` is False)."""

    declared: bool
    """It is created here. False for an existing one or one that is not in sight: its own settings are all unknown."""
    whole: bool
    """All that is deployed together with it was in sight."""
    name: Value[str]
    version: Value[str]
    """The major version, `11` to `18`."""
    create_mode: Value[str]
    """`Default`, `Replica`, `PointInTimeRestore`, `GeoRestore`, `ReviveDropped` or `Update`."""
    tier: Value[str]
    """`Burstable`, `GeneralPurpose` or `MemoryOptimized`."""
    network: Network
    authentication: Authentication
    backup: Backup
    high_availability: Value[str]
    """`Disabled`, `SameZone` or `ZoneRedundant`."""
    encryption: Encryption
    storage: Storage
    maintenance_window: Value[bool]
    """It has a maintenance window of its own."""
    prevent_destroy: bool = False
    """Terraform refuses to destroy it (`lifecycle`)."""
    parameters: Parts[Parameter] = Parts()
    firewall_rules: Parts[FirewallRule] = Parts()
    administrators: Parts[Administrator] = Parts()
    private_endpoints: Parts[PrivateEndpoint] = Parts()
    diagnostic_settings: Parts[DiagnosticSetting] = Parts()
    locks: Parts[Lock] = Parts()
    threat_protection: Parts[ThreatProtection] = Parts()
    replicas: Parts[Replica] = Parts()
    databases: Parts[Database] = Parts()
    providers: Parts[DatabaseProvider] = Parts()
    roles: Parts[Role] = Parts()
    role_grants: Parts[RoleGrant] = Parts()
    grants: Parts[Grant] = Parts()
    schema_policies: Parts[SchemaPolicy] = Parts()
    extensions: Parts[Extension] = Parts()
    connections: Parts[Connection] = Parts()
    """Those that certainly lead to it."""
    outputs: Parts[Output] = Parts()
    """Those that carry an administrator password of it."""
    secrets: Parts[KeyVaultSecret] = Parts()
    """Those that hold an administrator password of it."""
    generated_passwords: Parts[GeneratedPassword] = Parts()
    """Those that its administrator passwords come from."""

    @property
    def replica(self) -> bool | None:
        """It is a read replica; None where unknown."""
        return holds(self.create_mode, lambda mode: mode == "Replica")

    def parameter(self, name: str) -> Value[str | None]:
        """What a server parameter is in effect: written, the platform's default, or unknown.

        `Known(None)` where the server's PostgreSQL version has no such parameter.
        """
        written: list[Parameter] = []
        doubts: list[Unknown] = list(self.parameters.gaps)
        for parameter in self.parameters:
            match parameter.name:
                case Known(known) if known == name:
                    written.append(parameter)
                case Unknown() as doubt:
                    doubts.append(doubt)
        certain = [parameter for parameter in written if parameter.maybe is None]
        if certain:
            # Two resources for one parameter overwrite each other in no fixed order.
            return (
                certain[0].value if len(certain) == 1 else _one_of([parameter.value for parameter in certain], _TWICE)
            )
        if doubts:
            return doubts[0].at(self.header)
        default = self.default(name)
        if not written:
            return default
        maybe = written[0].maybe
        return _one_of([*(each.value for each in written), default], maybe.reason if maybe else _TWICE)

    def default(self, name: str) -> Value[str | None]:
        """What a server parameter is when nobody sets it; depends on the PostgreSQL version."""
        if not self.declared:
            return Unknown(f"server '{self.label}' is not in sight", self.header)
        default_mode = holds(self.create_mode, lambda mode: mode == "Default")
        if default_mode is None and isinstance(self.create_mode, Unknown):
            reason = (
                f"the server may be made from another one: its create mode is unknown, as {self.create_mode.reason}"
            )
            return Unknown(reason, self.header, self.create_mode.trace)
        if default_mode is False:
            return Unknown("a server that is made from another one may bring its parameters along", self.header)
        return parameter_default(name, self.version, self.header)


_TWICE = "it is set in several places, and which one counts cannot be told"


def _one_of(values: list[Value[str | None]], reason: str) -> Unknown:
    """One of several values, each of which is a candidate."""
    first = values[0]
    known = tuple(value for value in values if isinstance(value, Known))
    return Unknown(
        reason,
        first.span,
        first.trace,
        known if len(known) == len(values) else (),
    )


@dataclass(frozen=True, slots=True)
class RetiredServer(Part):
    """A resource of the retired single server, which azurerm 5.0 no longer has."""

    type: str
    """The type as written, such as `azurerm_postgresql_server`."""
