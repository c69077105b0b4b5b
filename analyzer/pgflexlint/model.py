"""The typed model of a flexible server and everything around it, in Azure's words.

It is what rules see: no syntax, no language, no file formats. Each field is a `Value`: written, defaulted by the
platform (`Origin.DEFAULT`, placed at the header of the resource), or unknown with its reason.
Sources of the facts: `reference` links beside the defaults table (`defaults.py`) and in each rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from msgspec import Struct

from pgflexlint.defaults import parameter_default
from pgflexlint.lazily import compiled
from pgflexlint.resource import Language
from pgflexlint.source import Span
from pgflexlint.values import Known, Reference, Step, Unknown, Value, holds


class Part(Struct, frozen=True):
    """What every resource in the model has."""

    address: str
    """Unique in the deployment, as in `Resource.address`."""
    label: str
    """What a person calls it in a sentence: the Terraform label, the Bicep symbol, the ARM name. That of a server is
    without an index, so that what is true of all its instances is said once."""
    header: Span
    """Where a missing setting is reported."""
    language: Language
    calls: tuple[Span, ...]
    """The headers of the module calls that lead here, outermost first."""
    module: str
    """What its address begins with through these calls."""
    maybe: Unknown | None
    """Why it is not certain that it exists; None where it does."""
    left_alone: tuple[tuple[Span, Span], ...]
    """Where what is written counts only when it is created, each with the place that says so (`ignore_changes`)."""
    as_arm: tuple[Span, ...]
    """Where it is written as ARM inside another language: bodies of azapi resources and templates in Terraform."""

    @property
    def declaration(self) -> str:
        """Its address within its module: the same whoever calls that, and for all that one declaration makes."""
        return uncounted(self.address.removeprefix(self.module))


P = TypeVar("P", bound=Part)

_COUNTED = compiled(r"""\[(?:"(?:[^"\\]|\\.)*"|[^\[\]"]*)\]|@[^@]+:\d+""")
"""What tells from others in an address what is declared alike: a key, and the place of what has a name twice."""


def uncounted(address: str) -> str:
    """An address without its keys and numbers."""
    return _COUNTED.sub("", address)


_MODULE = compiled(r"(?:^|\.)module\.[^.\[\]]+(?:\[[^\]]*\])?$")


def given(value: Value[Any]) -> bool | None:
    """Whether an id or a name is given at all, whatever it is; None where that is unknown.

    What refers to a resource, or is put together of texts, is given even where it is known only after deployment.
    """
    if isinstance(value, Unknown) and not value.candidates:
        return True if value.never_null or (value.reference is not None and _of_resource(value.reference)) else None
    return holds(value, lambda known: known not in (None, ""))


def _of_resource(reference: Reference) -> bool:
    """Whether a reference is to an attribute of a resource, not to an output of a module that is not in sight."""
    return reference.attribute.partition(".")[0] != "outputs" and not _MODULE.search(reference.address)


class Parts(Struct, Generic[P], frozen=True):
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


class Parameter(Part, frozen=True):
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
    by_system: bool = False
    """ARM's `source` says that the value is the platform's own, as an export of a server does of most parameters."""


class FirewallRule(Part, frozen=True):
    """A range of IPv4 addresses that may connect over the public endpoint."""

    start: Value[str]
    end: Value[str]
    one_address: bool = False
    """The bounds are certain to be equal, also where neither of them is known."""


class Administrator(Part, frozen=True):
    """A Microsoft Entra administrator."""

    principal_name: Value[str | None]
    principal_type: Value[str | None]
    """`User`, `Group`, `ServicePrincipal` or `Unknown`."""


class PrivateEndpoint(Part, frozen=True):
    """A private endpoint whose connection targets the server."""

    subnet_id: Value[str | None]
    subnet: Subnet | None = None
    """The subnet that it is in, where that is declared here."""


class DiagnosticSetting(Part, frozen=True):
    """A diagnostic setting on the server."""

    logs: Parts[LogCategory]
    """Open where it may send logs that are not in sight."""
    destinations: Value[int]
    """How many destinations it has: a workspace, a storage account, an event hub, a partner solution."""


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
    """Address prefixes and service tags, as written; none where it is about application security groups."""
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
    """Those of its network security group; open where it may have one that is not in sight."""


class Output(Part, frozen=True):
    """An output of a root module, or of a template, whose deployment keeps it."""

    value: Value[Any]
    sensitive: Value[bool]
    """It is declared as Terraform's `sensitive`, Bicep's `@secure()` or ARM's `securestring`."""


class GeneratedPassword(Part, frozen=True):
    """A resource that makes up a password."""

    length: Value[int]
    classes: tuple[tuple[str, Value[bool]], ...]
    """For each class of characters (`upper`, `lower`, `numeric`, `special`): whether it may be used."""


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
    """libpq's word in lower case: `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`. What the client
    takes where none is written; unknown where that depends on the client."""
    trusts_any_certificate: Value[bool]
    """Npgsql's `Trust Server Certificate`, or the like."""
    as_administrator: Value[bool]
    """It signs in as the administrator of the server that it leads to."""


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
    """Privileges that a role is given on objects, or by default on those that will be created."""

    role: Value[str]
    """`public` is everybody."""
    object_type: Value[str]
    """`database`, `schema`, `table`, …"""
    database: Value[str]
    schema: Value[str | None]
    objects: Value[tuple[Value[str], ...]]
    """Their names; none for all of the type."""
    columns: Value[tuple[Value[str], ...]]
    """Of a table; none for all."""
    owner: Value[str | None]
    """Whose objects those are that will be created."""
    privileges: Value[tuple[Value[str], ...]]
    """Upper case; none is a revocation of all."""
    grant_option: Value[bool]
    by_default: bool
    """It is about objects that will be created."""


class SchemaPolicy(Part, frozen=True):
    """What a role may do in a schema, as the schema's own declaration says."""

    schema: Value[str]
    role: Value[str]
    """`public` is everybody."""
    create: Value[bool]
    """It may create objects in it."""
    grant_option: Value[bool]
    """It may pass on what it may do."""


class Extension(Part, frozen=True):
    """An extension that is created in a database."""

    name: Value[str]


class Network(Struct, frozen=True):
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
    """What takes no notice of it: "API version 2022-12-01", "azurerm ~> 3.90.0"."""
    ignored_doubt: Unknown | None = None
    """Why it cannot be told whether what is written of public access counts."""
    discarded_subnet: Value[str | None] | None = None
    """The delegated subnet that is written and that the module between it and the server drops, because it is given
    firewall rules as well."""
    subnet: Subnet | None = None
    """The delegated subnet itself, where it is declared here."""
    dns_zone: PrivateDnsZone | None = None
    """The private DNS zone itself, where it is declared here or known by its name."""

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


class Password(Struct, frozen=True):
    """An administrator password that is written."""

    value: Value[str | None]
    write_only: bool = False
    """Terraform does not keep it in its state (`administrator_password_wo`)."""
    write_only_possible: Value[bool] | None = None
    """The version of the provider that is asked for could keep it out of the state; None where there is no state or
    no way to."""
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
    """A customer-managed key, or none where its id is None."""

    id: Value[str | None]
    """The id of the key in its vault, or of a version of it."""
    identity: Value[str | None]
    """The user-assigned identity that reads the key."""
    versioned: Value[bool]
    """The id is that of one version."""
    vault: KeyVault | Unknown | None = None
    """The vault that holds the key; None where it is declared elsewhere, Unknown where that cannot be told."""

    @property
    def used(self) -> bool | None:
        """There is such a key; None where unknown."""
        return given(self.id)

    @property
    def readable(self) -> bool | None:
        """There is such a key and an identity that reads it; None where unknown."""
        answers = (self.used, given(self.identity))
        return False if False in answers else None if None in answers else True


class Encryption(Struct, frozen=True):
    """Encryption at rest, with a service-managed key where no customer-managed one is used.

    https://learn.microsoft.com/azure/postgresql/security/security-data-encryption
    """

    key: ManagedKey
    geo_key: ManagedKey
    """The one for the geo-redundant backup, which lies in another region."""
    at: Span | None = None
    """Where the keys are configured as a whole; None where nothing is."""


class Storage(Struct, frozen=True):
    """The storage of the server."""

    auto_grow: Value[bool]
    type: Value[str | None]
    """`Premium_LRS`, `PremiumV2_LRS` or `UltraSSD_LRS`; None where it is left to the platform."""


class Server(Part, frozen=True):
    """A flexible server with its parts, or the parts of one that is not in sight (`declared` is False)."""

    declared: bool
    """It is created here. False for an existing one or one that is not in sight: of its own settings only those are
    known that an update of it writes."""
    whole: bool
    """All that is deployed together with it was in sight."""
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
    """Those of applications and of Terraform's `postgresql` provider."""
    outputs: Parts[Output] = Parts()
    """Those that carry an administrator password of it."""
    secrets: Parts[KeyVaultSecret] = Parts()
    """Those that hold an administrator password of it."""
    generated_passwords: Parts[GeneratedPassword] = Parts()
    """Those that its administrator passwords come from."""
    defender_plans: Parts[DefenderPlan] = Parts()
    """All that are deployed together with it."""

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
            return certain[0].value if len(certain) == 1 else one_of([parameter.value for parameter in certain], TWICE)
        if doubts:
            return doubts[0].at(self.header)
        default = self.default(name)
        if not written:
            return default
        maybe = written[0].maybe
        return one_of([*(each.value for each in written), default], maybe.reason if maybe else TWICE)

    def default(self, name: str) -> Value[str | None]:
        """What a server parameter is when nobody sets it; depends on the PostgreSQL version."""
        if not self.declared:
            return Unknown(f"server '{self.label}' is not in sight", self.header)
        doubt = brought_along(self.create_mode, self.header, "its parameters")
        return parameter_default(name, self.version, self.header) if doubt is None else doubt


def brought_along(create_mode: Value[str], header: Span, what: str) -> Unknown | None:
    """Why what is not written need not be the default, going by how a server is made; None where it is.

    `what` is not written, such as "the setting". `Update` says that the server is there already: azurerm's
    documentation of `create_mode`, and `CreateMode` of Azure's API.
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


TWICE = "it is set in several places, and which one counts cannot be told"


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
