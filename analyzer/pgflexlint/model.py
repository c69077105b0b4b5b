"""The typed model of a flexible server and everything around it, in Azure's words.

Rules see this model and no syntax, language or file format. Each field is a `Value`: written in the sources, a default
of the platform (`Origin.DEFAULT`, whose span is the header of the resource), or unknown with its reason. A part is "in
sight" if what was scanned declares it. The sources of the facts are linked beside the defaults table (`defaults.py`)
and in each rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from msgspec import Struct

from pgflexlint.defaults import parameter_default
from pgflexlint.lazily import compiled
from pgflexlint.resource import ANY_INSTANCE, Language
from pgflexlint.source import Span
from pgflexlint.values import Known, Reference, Step, Unknown, Value, all_true, holds


class Part(Struct, frozen=True):
    """What all resources in the model have."""

    address: str
    """Unique in the deployment, as in `Resource.address`."""
    label: str
    """Its name in a sentence: the Terraform label, the Bicep symbol or the ARM name. That of a server has no index, so
    that findings about all its instances can be merged."""
    header: Span
    """Where a missing setting is reported."""
    language: Language
    calls: tuple[Span, ...]
    """The headers of the module calls that lead here, outermost first."""
    module: str
    """The beginning of its address that these calls make, such as `module.db["a"].`."""
    maybe: Unknown | None
    """Why it is not certain that it exists; None if it does."""
    left_alone: tuple[tuple[Span, Span], ...]
    """Places that count only when it is created, each with the place in `ignore_changes` that says so."""
    as_arm: tuple[Span, ...]
    """Places that are ARM inside Terraform: bodies of azapi resources, and templates."""

    @property
    def any_number(self) -> Unknown | None:
        """Why it stands for any number of instances, even none; None if it is one instance."""
        return self.maybe if ANY_INSTANCE in self.address else None

    @property
    def declaration(self) -> str:
        """Its address inside its module, without keys: the same for all callers and all instances."""
        return uncounted(self.address.removeprefix(self.module))


P = TypeVar("P", bound=Part)

_COUNTED = compiled(r"""\[(?:"(?:[^"\\]|\\.)*"|[^\[\]"]*)\]|@[^@]+:\d+""")
"""What differs in the addresses of one declaration: a key, or the place of a name that occurs twice."""


def uncounted(address: str) -> str:
    """An address without its keys and numbers."""
    return _COUNTED.sub("", address)


_MODULE = compiled(r"(?:^|\.)module\.[^.\[\]]+(?:\[[^\]]*\])?$")


def given(value: Value[Any]) -> bool | None:
    """Whether an id or a name is set at all; None if that is unknown.

    A reference to a resource and a text with unknown pieces are set, although their value is not known yet.
    """
    if isinstance(value, Unknown) and not value.candidates:
        return True if value.never_null or (value.reference is not None and _of_resource(value.reference)) else None
    return holds(value, lambda known: known not in (None, ""))


def _of_resource(reference: Reference) -> bool:
    """Whether a reference is to a resource, and not to an output of a module that is not on disk."""
    return reference.attribute.partition(".")[0] != "outputs" and not _MODULE.search(reference.address)


class Parts(Struct, Generic[P], frozen=True):
    """The parts of one kind that belong to a server, or to another part."""

    items: tuple[P, ...] = ()
    gaps: tuple[Unknown, ...] = ()
    """Why there may be more than `items`; empty if there are no others."""

    @property
    def closed(self) -> bool:
        """There are no others. Only then a rule may conclude that one is missing."""
        return not self.gaps

    @property
    def certain(self) -> tuple[P, ...]:
        """Those that certainly exist."""
        return tuple(part for part in self.items if part.maybe is None)

    @property
    def doubts(self) -> tuple[Unknown, ...]:
        """Why some of them may not exist, and then why there may be others."""
        return (*(part.maybe for part in self.items if part.maybe is not None), *self.gaps)

    def __iter__(self) -> Iterator[P]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)


class Parameter(Part, frozen=True):
    """A server parameter (`configurations` in ARM)."""

    name: Value[str]
    """Lower case."""
    value: Value[str]
    """As written; numbers and booleans as their text."""
    static_ignored: str | Unknown = ""
    """Of a static parameter: what keeps its value from taking effect, as a noun phrase; "" if nothing does."""
    source_written: bool = True
    """In ARM: `source` is written. The documentation says that a value changes only with it. Elsewhere always true."""
    by_system: bool = False
    """In ARM: `source` says that it is the platform's own value, as for most parameters in an exported template."""


class FirewallRule(Part, frozen=True):
    """A range of IPv4 addresses that may connect over the public endpoint."""

    start: Value[str]
    end: Value[str]
    one_address: bool = False
    """`start` and `end` are certain to be equal, even if they are unknown."""


class Administrator(Part, frozen=True):
    """A Microsoft Entra administrator."""

    principal_name: Value[str | None]
    principal_type: Value[str | None]
    """`User`, `Group`, `ServicePrincipal` or `Unknown`."""


class PrivateEndpoint(Part, frozen=True):
    """A private endpoint whose connection targets the server."""

    subnet_id: Value[str | None]
    subnet: Subnet | None = None
    """Its subnet, if that is declared here."""


class DiagnosticSetting(Part, frozen=True):
    """A diagnostic setting on the server."""

    logs: Parts[LogCategory]
    """Open if it may send logs that are not in sight."""
    destinations: Value[int]
    """How many of these destinations it has: workspace, storage account, event hub, partner solution."""


class LogCategory(Part, frozen=True):
    """A category or category group of logs that a diagnostic setting sends."""

    name: Value[str]
    enabled: Value[bool]


class Lock(Part, frozen=True):
    """A management lock on the server, its resource group or its subscription."""

    level: Value[str]
    """`CanNotDelete`, `ReadOnly`, or `NotSpecified`, which forbids nothing."""


class ThreatProtection(Part, frozen=True):
    """The advanced threat protection setting of the server."""

    enabled: Value[bool]


class Replica(Part, frozen=True):
    """A read replica of the server, which is a server of its own as well."""


class DefenderPlan(Part, frozen=True):
    """A Microsoft Defender for Cloud plan of the subscription."""

    plan: Value[str]
    """Such as `OpenSourceRelationalDatabases`."""
    enabled: Value[bool]
    """Its pricing tier is `Standard`."""


class KeyVault(Part, frozen=True):
    """A key vault that is declared here."""

    name: Value[str]
    purge_protection: Value[bool]


class KeyVaultKey(Part, frozen=True):
    """A key in a key vault."""

    vault: Value[Any]
    """The id of the vault."""


class ResourceGroup(Part, frozen=True):
    """A resource group that is declared here."""

    name: Value[str]


class PrivateDnsZone(Part, frozen=True):
    """A private DNS zone that is declared here."""

    name: Value[str]


class SecurityRule(Part, frozen=True):
    """A rule of a network security group."""

    inbound: Value[bool]
    allow: Value[bool]
    protocol: Value[str]
    """`Tcp`, `*`, …, as written."""
    priority: Value[int]
    """The lowest number decides."""
    sources: Value[tuple[Value[str], ...]]
    """Address prefixes and service tags, as written; empty if it names application security groups."""
    destinations: Value[tuple[Value[str], ...]]
    """As `sources`."""
    ports: Value[tuple[Value[str], ...]]
    """Destination ports and ranges of them, as written: `5432`, `1000-2000`, `*`."""


class Subnet(Part, frozen=True):
    """A subnet that is declared here."""

    prefixes: Value[tuple[Value[str], ...]]
    """Its addresses, as CIDR blocks."""
    delegations: Value[tuple[Value[str], ...]]
    """The services that it is delegated to."""
    security_rules: Parts[SecurityRule] = Parts()
    """The rules of its network security group. Open if it may have one that is not in sight."""


class Output(Part, frozen=True):
    """An output of a root module, which the state keeps, or of a template, which the deployment history keeps."""

    value: Value[Any]
    sensitive: Value[bool]
    """It is declared as Terraform's `sensitive`, Bicep's `@secure()` or ARM's `securestring`."""


class GeneratedPassword(Part, frozen=True):
    """A resource that generates a password."""

    length: Value[int]
    classes: tuple[tuple[str, Value[bool]], ...]
    """For each class of characters (`upper`, `lower`, `numeric`, `special`): whether the password has any."""


class KeyVaultSecret(Part, frozen=True):
    """A secret in a key vault."""

    value: Value[Any]
    expires: Value[bool]
    """An expiry date is set."""


class Connection(Part, frozen=True):
    """How a client connects to PostgreSQL: a connection string, a group of settings, or a provider's configuration."""

    to_azure: Value[bool]
    """Its host is certainly a server of Azure's."""
    user: Value[str | None]
    password: Value[str | None]
    sslmode: Value[str]
    """libpq's word in lower case: `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`. If none is
    written, the default of the client; unknown if it is not known which client that is."""
    trusts_any_certificate: Value[bool]
    """Npgsql's `Trust Server Certificate`, or the like."""
    as_administrator: Value[bool]
    """It signs in as the administrator of its server."""


class Database(Part, frozen=True):
    """A database on the server."""

    name: Value[str]


class DatabaseProvider(Part, frozen=True):
    """The configuration of Terraform's `postgresql` provider: a client of the server.

    https://registry.terraform.io/providers/cyrilgdn/postgresql/latest/docs
    """

    host: Value[str | None]
    sslmode: Value[str]
    password: Value[str | None]


class Role(Part, frozen=True):
    """A role inside PostgreSQL."""

    name: Value[str]
    privileges: tuple[tuple[str, Value[bool]], ...]
    """By PostgreSQL's word (`SUPERUSER`, `CREATEROLE`, `CREATEDB`, `REPLICATION`, `BYPASSRLS`): whether it has it."""
    login: Value[bool]
    member_of: Value[tuple[Value[str], ...]]
    password: Value[str | None]
    valid_until: Value[str | None]


class RoleGrant(Part, frozen=True):
    """A membership of a role in another one."""

    role: Value[str]
    granted: Value[str]
    admin_option: Value[bool]


class Grant(Part, frozen=True):
    """Privileges of a role on objects, or on objects that will be created (default privileges)."""

    role: Value[str]
    """`public` is everybody."""
    object_type: Value[str]
    """`database`, `schema`, `table`, …"""
    database: Value[str]
    schema: Value[str | None]
    objects: Value[tuple[Value[str], ...]]
    """Their names; empty for all objects of the type."""
    columns: Value[tuple[Value[str], ...]]
    """Columns of a table; empty for all."""
    owner: Value[str | None]
    """Of default privileges: the role whose future objects they are about."""
    privileges: Value[tuple[Value[str], ...]]
    """Upper case; empty revokes all."""
    grant_option: Value[bool]
    by_default: bool
    """They are default privileges, for objects that will be created."""


class SchemaPolicy(Part, frozen=True):
    """The privileges of a role in a schema, from a `policy` block of the schema."""

    schema: Value[str]
    role: Value[str]
    """`public` is everybody."""
    create: Value[bool]
    """The role may create objects in the schema."""
    grant_option: Value[bool]
    """The role may grant this to others."""


class Extension(Part, frozen=True):
    """An extension that is created in a database."""

    name: Value[str]


class Network(Struct, frozen=True):
    """The network settings of the server."""

    public_access: Value[bool]
    """The public network access setting, whatever the mode."""
    delegated_subnet: Value[str | None]
    """The id of the delegated subnet that the server is in; None if it is in none. If it is certain to be in one, but
    the id is unknown, an `Unknown` with `never_null`."""
    private_dns_zone: Value[str | None]
    ignored_public_access: Value[bool] | None = None
    """The public access setting that is written but ignored by the API version or the provider version. `public_access`
    is then the default."""
    ignored_because: str = ""
    """What ignores it: "API version 2022-12-01", "azurerm ~> 3.90.0"."""
    ignored_doubt: Unknown | None = None
    """Why it is unknown whether the written public access setting is ignored."""
    discarded_subnet: Value[str | None] | None = None
    """The delegated subnet that is passed to a module, which drops it because it gets firewall rules as well."""
    subnet: Subnet | None = None
    """The delegated subnet itself, if it is declared here."""
    dns_zone: PrivateDnsZone | None = None
    """The private DNS zone itself, if it is declared here or its name is known."""

    @property
    def vnet_integrated(self) -> bool | None:
        """The server is in a delegated subnet and has no public endpoint. None if unknown.

        https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private
        """
        if isinstance(self.delegated_subnet, Unknown) and self.delegated_subnet.never_null:
            return True
        return holds(self.delegated_subnet, lambda subnet: subnet not in (None, ""))

    @property
    def public(self) -> bool | None:
        """The server has a public endpoint, and the firewall decides who may connect. None if unknown."""
        integrated = self.vnet_integrated
        return all_true((None if integrated is None else not integrated, holds(self.public_access, bool)))


class Password(Struct, frozen=True):
    """An administrator password that is written."""

    value: Value[str | None]
    write_only: bool = False
    """Terraform does not keep it in its state (`administrator_password_wo`)."""
    write_only_possible: Value[bool] | None = None
    """The provider version that is asked for supports a write-only attribute for it. None if the language has no state,
    or the resource no such attribute."""
    nonsensitive_inputs: tuple[Step, ...] | Unknown = ()
    """The variables and parameters on its trace that are not sensitive. Empty if they are, or if one sensitive variable
    is enough, as in Terraform. Unknown if nothing tells whether they are."""


class Authentication(Struct, frozen=True):
    """Who may sign in, and how."""

    password: Value[bool]
    entra: Value[bool]
    administrator_login: Value[str | None]
    administrator_passwords: tuple[Password, ...]
    """Every administrator password that is written, each at its own place (Terraform has two attributes for it)."""


class Backup(Struct, frozen=True):
    """Backups of the server."""

    retention_days: Value[int]
    geo_redundant: Value[bool]


class ManagedKey(Struct, frozen=True):
    """A customer-managed key; its id is None if there is none."""

    id: Value[str | None]
    """The id of the key in its vault, or of one version of the key."""
    identity: Value[str | None]
    """The user-assigned identity that reads the key."""
    versioned: Value[bool]
    """The id is that of one version."""
    vault: KeyVault | Unknown | None = None
    """The vault of the key. None if it is declared elsewhere; Unknown if that is not known."""

    @property
    def used(self) -> bool | None:
        """There is a customer-managed key; None if unknown."""
        return given(self.id)

    @property
    def readable(self) -> bool | None:
        """There is a customer-managed key, and an identity that reads it; None if unknown."""
        return all_true((self.used, given(self.identity)))


class Encryption(Struct, frozen=True):
    """Encryption at rest, by a service-managed key if there is no customer-managed one.

    https://learn.microsoft.com/azure/postgresql/security/security-data-encryption
    """

    key: ManagedKey
    geo_key: ManagedKey
    """The key for the geo-redundant backup, in the other region."""
    at: Span | None = None
    """The place of the whole configuration of keys; None if there is none."""


class Storage(Struct, frozen=True):
    """The storage of the server."""

    auto_grow: Value[bool]
    type: Value[str | None]
    """`Premium_LRS`, `PremiumV2_LRS` or `UltraSSD_LRS`; None if the platform chooses."""


class Server(Part, frozen=True):
    """A flexible server with its parts. If it is not in sight, only its parts are (`declared` is False)."""

    declared: bool
    """It is created here. If not, it exists already or is not in sight, and only the settings that an update of it
    writes are known."""
    whole: bool
    """Everything that is deployed together with it is in sight."""
    name: Value[str]
    version: Value[str]
    """The major version, `11` to `18`."""
    resource_group: Value[Any]
    """The name or the id of the resource group that it is deployed to."""
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
    """Connections of applications and of Terraform's `postgresql` provider."""
    outputs: Parts[Output] = Parts()
    """Outputs that contain an administrator password of this server."""
    secrets: Parts[KeyVaultSecret] = Parts()
    """Key vault secrets that contain an administrator password of this server."""
    generated_passwords: Parts[GeneratedPassword] = Parts()
    """The resources that generate its administrator passwords."""
    defender_plans: Parts[DefenderPlan] = Parts()
    """All plans that are deployed together with it."""

    @property
    def replica(self) -> bool | None:
        """It is a read replica; None if unknown."""
        return holds(self.create_mode, lambda mode: mode == "Replica")

    def parameter(self, name: str) -> Value[str | None]:
        """The effective value of a server parameter: written, the platform's default, or unknown.

        It is `Known(None)` if the server's PostgreSQL version has no such parameter.
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
            return certain[0].value if len(certain) == 1 else one_of([parameter.value for parameter in certain], TWICE)
        if doubts:
            return doubts[0].at(self.header)
        default = self.default(name)
        if not written:
            return default
        maybe = written[0].maybe
        return one_of([*(each.value for each in written), default], maybe.reason if maybe else TWICE)

    def default(self, name: str) -> Value[str | None]:
        """The value of a server parameter that nobody sets. It depends on the PostgreSQL version."""
        if not self.declared:
            return Unknown(f"server '{self.label}' is not in the scanned files", self.header)
        doubt = brought_along(self.create_mode, self.header, "its parameters")
        return parameter_default(name, self.version, self.header) if doubt is None else doubt


def brought_along(create_mode: Value[str], header: Span, what: str) -> Unknown | None:
    """Why a setting that is not written may differ from the default: the server is made from another one, or exists.

    None if the create mode makes a new server. `what` is the setting in words. `Update` says that the server exists:
    see `create_mode` in azurerm's documentation, and `CreateMode` in Azure's API.
    """
    if holds(create_mode, lambda mode: mode == "Default"):
        return None
    match create_mode:
        case Unknown(reason):
            unsure = f"the server may be made from another one: its create mode is unknown, as {reason}"
            return Unknown(unsure, header, create_mode.trace)
        case Known("Update"):
            return Unknown(
                f"the server is there already, as its create mode says, and may have {what} from before", header
            )
        case _:
            return Unknown(f"a server that is made from another one may bring {what} along", header)


TWICE = "it is set in several places, and which one counts cannot be determined"


def one_of(values: list[Value[str | None]], reason: str) -> Unknown:
    """One of several values, each of which is a candidate."""
    first = values[0]
    known = tuple(value for value in values if isinstance(value, Known))
    return Unknown(
        reason,
        first.span,
        first.trace,
        known if len(known) == len(values) else (),
    )


class RetiredServer(Part, frozen=True):
    """A resource of the retired single server, which azurerm 5.0 no longer has."""

    type: str
    """The type as written, such as `azurerm_postgresql_server`."""
