"""A deployment's resources in, its servers with all that belongs to them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pgflexlint.model import (
    Authentication,
    Backup,
    Encryption,
    ManagedKey,
    Network,
    Part,
    Parts,
    ResourceGroup,
    Server,
    Storage,
)
from pgflexlint.normalize import arm, avm, azapi, azurerm, deployments, locks
from pgflexlint.normalize.claims import GROUP, Claim, Context, Piece
from pgflexlint.normalize.links import Index, link
from pgflexlint.resource import PROVIDER_PREFIX, REQUIRED_PROVIDERS, Deployment
from pgflexlint.values import Known, Unknown, Value

_TERRAFORM = (azurerm.READERS, azapi.READERS, deployments.READERS)
"""What is made of Terraform's resources, by their types."""

_CONTEXT = (REQUIRED_PROVIDERS, f"{PROVIDER_PREFIX}azurerm", f"{PROVIDER_PREFIX}postgresql")
"""What says something of a whole deployment."""

DATABASE_KINDS = (
    "databases", "providers", "roles", "role_grants", "grants", "schema_policies", "extensions",
)  # fmt: skip
"""Those that are inside PostgreSQL."""
KINDS = (
    "parameters", "firewall_rules", "administrators", "private_endpoints", "diagnostic_settings", "locks",
    "threat_protection", "replicas", *DATABASE_KINDS,
)  # fmt: skip
"""The fields of `Server` that hold parts which say to which server they belong."""
JUDGED_ALONE = ("parameters", "firewall_rules", "administrators", "threat_protection", *DATABASE_KINDS)
"""Those that are judged although their server is not in sight."""


def wanted(type_: str) -> bool:
    """Whether resources of a type are looked at."""
    return type_ in _CONTEXT or any(type_ in table for table in _TERRAFORM) or avm.matches(type_)


@dataclass(slots=True)
class _Collected:
    """What was found for one server so far."""

    server: Server
    parts: dict[str, list[Part]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    gaps: dict[str, list[Unknown]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    names: list[str] = field(default_factory=list)
    """Other addresses under which parts refer to it: its identity, and that of its resource group."""

    def add(self, kind: str, part: Part) -> None:
        """Take a part; one of an unknown number of parts leaves the set open."""
        self.parts[kind].append(part)
        if part.maybe is not None and "[?]" in part.address:
            self.gaps[kind].append(part.maybe)

    def finished(self) -> Server:
        """The server with its parts."""
        found: dict[str, Any] = {
            kind: Parts(tuple(self.parts[kind]), tuple(dict.fromkeys(self.gaps[kind]))) for kind in KINDS
        }
        return replace(self.server, **found)


def assemble(deployment: Deployment) -> tuple[Part, ...]:
    """The servers of a deployment, those that are not in sight but have parts here, and retired ones."""
    collected: dict[str, _Collected] = {}
    claims: list[Claim] = []
    others: list[Part] = []
    for piece in _pieces(deployment):
        match piece:
            case Server():
                collected[piece.address] = _Collected(piece)
            case Claim():
                claims.append(piece)
            case _:
                others.append(piece)
    for claim in claims:
        if claim.of in collected and claim.target.reference is not None:
            collected[claim.of].names.append(claim.target.reference.address)
    _drop_repeated(collected)
    unseen: dict[str, _Collected] = {}
    groups = {part.address: part.name for part in others if isinstance(part, ResourceGroup)}
    for claim in claims:
        if claim.part is not None and claim.kind == "locks":
            _lock(claim, claim.part, collected, groups)
        elif claim.part is not None:
            _settle(claim, claim.part, collected, unseen)
    for gap in deployment.gaps:
        for server in collected.values():
            if gap.inputs is None or any(_mentions(value, server) for value in gap.inputs.values()):
                for kind in KINDS:
                    server.gaps[kind].append(gap.reason)
    index = Index(others, claims, [gap.reason for gap in deployment.gaps])
    return (*(link(each.finished(), index) for each in (*collected.values(), *unseen.values())), *others)


def _drop_repeated(collected: dict[str, _Collected]) -> None:
    """Forget servers that are only referred to where the same one is declared: its parts are then its own."""
    declared = {name for each in collected.values() if each.server.declared for name in each.names} - {GROUP}
    for address, each in list(collected.items()):
        if not each.server.declared and declared & set(each.names):
            del collected[address]


def _context(deployment: Deployment) -> Context:
    required: dict[str, Value[Any]] = {}
    for resource in deployment.resources:
        if resource.type == REQUIRED_PROVIDERS:
            required |= resource.attributes
    configurations = (each for each in deployment.resources if each.type.startswith(PROVIDER_PREFIX))
    return Context(deployment.whole, required, tuple(configurations))


def _pieces(deployment: Deployment) -> Iterator[Piece]:
    context = _context(deployment)
    for resource in deployment.resources:
        tables = (*_TERRAFORM, arm.READERS)
        reader = next((table[resource.type] for table in tables if resource.type in table), None)
        if reader is None and avm.matches(resource.type):
            reader = avm.read
        if reader is not None:
            yield from reader(resource, context)


def _settle(claim: Claim, part: Part, servers: Mapping[str, _Collected], unseen: dict[str, _Collected]) -> None:
    """Give a part to its server; to one that is not in sight where it names none that is."""
    owners = [each for each in servers.values() if _names(claim.target, each)]
    for owner in owners:
        owner.add(claim.kind, part)
    if owners:
        return
    certain = claim.target.reference is not None or isinstance(claim.target, Known)
    if not certain and isinstance(claim.target, Unknown):
        reason = f"it cannot be told to which server '{part.label}' belongs, because {claim.target.reason}"
        for each in servers.values():
            each.gaps[claim.kind].append(Unknown(reason, claim.target.span, claim.target.trace))
    if claim.kind in JUDGED_ALONE:
        key = _key(claim.target)
        unseen.setdefault(key, _Collected(_unseen_server(key, part, claim.target))).add(claim.kind, part)


def _lock(claim: Claim, part: Part, servers: Mapping[str, _Collected], groups: Mapping[str, Value[str]]) -> None:
    """Give a lock to every server in its scope, which may be wider than one."""
    for each in servers.values():
        answer = True if _names(claim.target, each) else locks.covers(claim.target, each.server, groups)
        if answer:
            each.add(claim.kind, part)
        elif answer is None:
            each.gaps[claim.kind].append(locks.doubt(part.label, claim.target, each.server))


def _names(target: Value[Any], server: _Collected) -> bool:
    """Whether an id or name is that of a server, or of its resource group."""
    if target.reference is not None:
        address = target.reference.address
        return _same(address, server.server.address) or address in server.names
    if isinstance(target, Known) and isinstance(target.value, str) and isinstance(server.server.name, Known):
        return target.value.rstrip("/").rsplit("/", 1)[-1].lower() == server.server.name.value.lower()
    return locks.same_unknown(target, server.server.name)


def _same(one: str, other: str) -> bool:
    """Whether two addresses are, or may be, of one instance: an unknown key may be any."""
    if one == other:
        return True
    return "[?]" in one + other and _without_keys(one) == _without_keys(other)


def _without_keys(address: str) -> str:
    head, bracket, _ = address.rpartition("[")
    return head if bracket and address.endswith("]") else address


def _key(target: Value[Any]) -> str:
    """What tells unseen servers apart: what their parts say of them."""
    if target.reference is not None:
        return target.reference.address
    return str(target.value) if isinstance(target, Known) else target.span.text or target.reason


def _unseen_server(key: str, part: Part, target: Value[Any]) -> Server:
    """A server of which only parts are in sight."""

    def unknown() -> Unknown:
        return Unknown("the server is not in sight", target.span)

    return Server(
        address=key,
        label=key.removeprefix(f"{arm.SERVER}/"),
        header=part.header,
        language=part.language,
        calls=part.calls,
        maybe=None,
        declared=False,
        whole=False,
        name=unknown(),
        version=unknown(),
        resource_group=unknown(),
        create_mode=unknown(),
        tier=unknown(),
        network=Network(unknown(), unknown(), unknown()),
        authentication=Authentication(unknown(), unknown(), unknown(), ()),
        backup=Backup(unknown(), unknown()),
        high_availability=unknown(),
        encryption=Encryption(no_key := ManagedKey(unknown(), unknown(), unknown()), no_key),
        storage=Storage(unknown(), unknown()),
        maintenance_window=unknown(),
    )


def _mentions(value: Value[Any], server: _Collected) -> bool:
    """Whether a value, or anything that it holds, refers to a server. Shared members are looked at once."""
    known_as = {server.server.address, *server.names} - {GROUP}
    seen: set[int] = set()
    todo: list[Value[Any]] = [value]
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        reference = value.reference
        if reference is not None and any(_same(reference.address, name) for name in known_as):
            return True
        match value:
            case Known(tuple() as items):
                todo += items
            case Known(dict() as items):
                todo += items.values()
            case Unknown(parts=parts, candidates=candidates):
                todo += (*parts, *candidates)
    return False
