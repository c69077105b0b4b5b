"""The typed model of a flexible server and everything around it, in Azure's words.

It is what rules see: no syntax, no language, no file formats. Each field is a `Value`: written, defaulted by the
platform (`Origin.DEFAULT`, placed at the header of the resource), or unknown with its reason.
Sources of the facts: `reference` links beside the defaults table (`defaults.py`) and in each rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

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
    """The parts of one kind that belong to a server."""

    items: tuple[P, ...] = ()
    gaps: tuple[Unknown, ...] = ()
    """Why there may be more than `items`; empty where the set is closed."""

    @property
    def closed(self) -> bool:
        """There are no others: only then does absence mean something."""
        return not self.gaps

    def __iter__(self) -> Iterator[P]:
        return iter(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True, slots=True)
class Parameter(Part):
    """A server parameter (`configurations` in ARM)."""

    name: Value[str]
    """Lower case."""
    value: Value[str]
    """As written; numbers and booleans as their text."""


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
class Network:
    """How the server is reached."""

    public_access: Value[bool]
    """The public network access setting, whatever the mode."""
    delegated_subnet: Value[str | None]
    """The id of the subnet that the server is injected into; None where it is not. A subnet whose id is
    unknown but certain to be set is an `Unknown` with `never_null`."""
    private_dns_zone: Value[str | None]
    ignored_public_access: Value[bool] | None = None
    """What is written of public access where the API version takes no notice of it, so that `public_access` is
    the default."""
    discarded_subnet: Value[str | None] | None = None
    """The delegated subnet that is written and that the module between it and the server drops, because it is given
    firewall rules as well."""

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
class Authentication:
    """Who may sign in, and how."""

    password: Value[bool]
    entra: Value[bool]
    administrator_login: Value[str | None]
    administrator_passwords: tuple[Value[str | None], ...]
    """Every administrator password that is written, each at its own place (Terraform has two attributes for it)."""


@dataclass(frozen=True, slots=True)
class Backup:
    """Backups of the server."""

    retention_days: Value[int]
    geo_redundant: Value[bool]


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
    parameters: Parts[Parameter] = Parts()
    firewall_rules: Parts[FirewallRule] = Parts()
    administrators: Parts[Administrator] = Parts()
    private_endpoints: Parts[PrivateEndpoint] = Parts()
    diagnostic_settings: Parts[DiagnosticSetting] = Parts()
    locks: Parts[Lock] = Parts()

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
