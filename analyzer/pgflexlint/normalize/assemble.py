"""Makes servers of the resources of a deployment: each server gets the parts that belong to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.evaluate.equality import is_text, operation_of
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
from pgflexlint.normalize import arm, avm, azapi, deployments, locks, readers
from pgflexlint.normalize.claims import DEFENDER_PLANS, GROUP, SECURITY_RULES, Claim, Context, Piece
from pgflexlint.normalize.index import COMPARISON_LIMIT, Index, held, mentions, too_much
from pgflexlint.normalize.links import link
from pgflexlint.normalize.reading import EQUALITY
from pgflexlint.normalize.updates import updated
from pgflexlint.problem import Kind, Problem
from pgflexlint.resource import (
    ANY_INSTANCE,
    CALLED,
    FLEXIBLE_SERVER,
    LOCKED_PROVIDERS,
    PROVIDER_PREFIX,
    REQUIRED_PROVIDERS,
    Deployment,
    Gap,
    Resource,
)
from pgflexlint.values import Known, Reference, Unknown, Value

_TERRAFORM = (readers.TERRAFORM, azapi.READERS, deployments.READERS)
"""The readers of Terraform's resources, by type."""

_CONTEXT = (REQUIRED_PROVIDERS, f"{PROVIDER_PREFIX}azurerm", f"{PROVIDER_PREFIX}postgresql")
"""The types of resources that `Context` is made of."""

DATABASE_KINDS = (
    "databases", "providers", "roles", "role_grants", "grants", "schema_policies", "extensions",
)  # fmt: skip
"""Kinds of parts that are inside PostgreSQL."""
KINDS = (
    "parameters", "firewall_rules", "administrators", "private_endpoints", "diagnostic_settings", "locks",
    "threat_protection", "replicas", "connections", *DATABASE_KINDS,
)  # fmt: skip
"""The fields of `Server` that hold parts which say to which server they belong."""
JUDGED_ALONE = ("parameters", "firewall_rules", "administrators", "threat_protection", "connections", *DATABASE_KINDS)
"""Kinds of parts that are judged even if their server is not in sight."""

_THE_SAME = frozenset(
    ["lower", "upper", "tolower", "toupper", "chomp", "trimspace", "trim", "trimprefix", "trimsuffix"]
)
"""Functions of Terraform and of templates that do not change an id or a name, except for its case."""

GAP_LIMIT = 4
"""The most gaps of a server for each kind of parts. One would be enough to say that there may be more parts."""
PAIR_LIMIT = 20_000
"""The most parts of all servers of a deployment together. A part of several servers counts for each."""


def added(type_: str) -> frozenset[str]:
    """The kinds of parts that resources of a type add. `type_` is as in `Deployment.decided_in`."""
    every = frozenset((*KINDS, DEFENDER_PLANS, SECURITY_RULES))
    source = type_.removeprefix(CALLED)
    if source != type_ and not avm.matches(source):
        return frozenset(avm.adds(source, every))
    deployed = type_ == deployments.DEPLOYMENT or type_ in azapi.READERS or type_ in deployments.READERS
    return every if not type_ or source != type_ or deployed else readers.added(type_)


def wanted(type_: str) -> bool:
    """Whether Terraform's resources of a type are looked at."""
    return type_ in _CONTEXT or any(type_ in table for table in _TERRAFORM) or avm.matches(type_)


def outputs_matter(resources: Iterable[Resource]) -> bool:
    """Whether the outputs of a root may contain a password: one of its resources may be a server with a password."""
    return any(_may_have_password(resource) for resource in resources)


def worked_out(resources: Iterable[Resource]) -> bool:
    """Whether all templates that Terraform's resources deploy are known, except for values in them."""
    contents = (azapi.template(resource) or deployments.template(resource) for resource in resources)
    return all(content is None or isinstance(content, Known) or is_text(content) for content in contents)


def _may_have_password(resource: Resource) -> bool:
    if resource.type in azapi.READERS or resource.type in deployments.READERS or avm.matches(resource.type):
        return True
    if resource.type == FLEXIBLE_SERVER:
        return arm.property_of(resource, "properties.administratorLoginPassword") is not None
    return any(name.startswith("administrator_password") for name in resource.attributes)


class _Collected(Struct):
    """A server with the parts that were found so far."""

    server: Server
    parts: dict[str, list[Part]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    gaps: dict[str, list[Unknown]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    names: list[str] = field(default_factory=list)
    """Other addresses that refer to it: its identity, and the address of its resource group."""

    def add(self, kind: str, part: Part) -> None:
        """Add a part. If it stands for an unknown number of parts, there may be more."""
        self.parts[kind].append(part)
        if part.any_number is not None:
            self.open(kind, part.any_number)

    def open(self, kind: str, gap: Unknown) -> None:
        """Note that there may be more parts of a kind. `gap` says why."""
        if len(self.gaps[kind]) < GAP_LIMIT:
            self.gaps[kind].append(gap)

    def finished(self) -> Server:
        """The server with its parts."""
        found: dict[str, Any] = {kind: Parts(tuple(self.parts[kind]), _each_once(self.gaps[kind])) for kind in KINDS}
        return replace(self.server, **found)


def _each_once(gaps: list[Unknown]) -> tuple[Unknown, ...]:
    return () if not gaps else tuple({(gap.reason, gap.span, gap.trace): gap for gap in gaps}.values())


class _Addresses:
    """Finds the positions of servers by their addresses. `ANY_INSTANCE` in an address may be any key."""

    def __init__(self) -> None:
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._stems: dict[str, list[int]] = defaultdict(list)
        self._open: dict[str, list[int]] = defaultdict(list)

    def add(self, address: str, at: int) -> None:
        """Add the address of a position."""
        self._exact[address].append(at)
        self._stems[_without_keys(address)].append(at)
        if ANY_INSTANCE in address:
            self._open[_without_keys(address)].append(at)

    def exactly(self, address: str) -> Iterable[int]:
        """The positions with exactly this address."""
        return self._exact.get(address, ())

    def perhaps(self, address: str) -> set[int]:
        """The positions that have or may have this address."""
        alike = self._stems if ANY_INSTANCE in address else self._open
        return {*self.exactly(address), *alike.get(_without_keys(address), ())}


def _uncased(name: Value[Any]) -> Value[Any]:
    """A name or id for comparison: in lower case, and without functions that do not change it."""
    name = _unwrapped(name)
    if isinstance(name, Unknown) and is_text(name):
        return replace(name, parts=tuple(map(_uncased_piece, name.parts)))
    return name


def _uncased_piece(piece: Value[Any]) -> Value[Any]:
    if isinstance(piece, Known):
        return replace(piece, value=piece.value.lower()) if isinstance(piece.value, str) else piece
    return _unwrapped(piece)


def _unwrapped(name: Value[Any]) -> Value[Any]:
    """A name or id without the functions around it that do not change it."""
    while True:
        match operation_of(name):
            case function, (inner, *_) if function in _THE_SAME:
                name = inner
            case _:
                return name


class _Servers:
    """The servers in sight. They can be found by address, id and name."""

    def __init__(self, servers: Iterable[_Collected], report: Callable[[Problem], None]) -> None:
        self.all = tuple(servers)
        self._names = [_uncased(each.server.name) for each in self.all]
        self._report = report
        self._pairs = self._compared = 0
        self._opened: dict[str, int] = defaultdict(int)
        self._own, self._others = _Addresses(), _Addresses()
        self._found: dict[str, list[_Collected]] = {}
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._unknown: dict[Any, list[int]] = defaultdict(list)
        self._pieces: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._keyed: dict[Hashable, list[int]] = defaultdict(list)
        self._references: dict[Reference, list[int]] = defaultdict(list)
        for at, each in enumerate(self.all):
            self._own.add(each.server.address, at)
            for address in each.names:
                self._others.add(address, at)
            name_ = self._names[at]
            if name_.reference is not None:
                self._references[name_.reference].append(at)
            if isinstance(name_, Unknown) and name_.key is not None:
                self._keyed[name_.key].append(at)
            match name_:
                case Known(name):
                    self._by_name[name.lower()].append(at)
                case Unknown(reason, trace=(first, *_), parts=()):
                    self._unknown[reason, first].append(at)
                case Unknown(parts=(_, *_)) as name:
                    self._pieces[EQUALITY.known_ends(name)].append(at)

    def targeted_by(self, target: Value[Any]) -> list[_Collected]:
        """The servers that an id or name refers to, directly or by their resource group."""
        found: Iterable[int] = ()
        match target := _uncased(target):
            case Known(reference=reference) | Unknown(reference=reference) if reference is not None:
                alike = self._references.get(reference, ())
                return self._referred(reference.address) or [self.all[at] for at in alike]
            case Known(str(text)):
                found = self._by_name.get(text.rstrip("/").rsplit("/", 1)[-1].lower(), ())
            case Unknown(reason, trace=(first, *_), parts=()):  # the name is unknown for one and the same variable
                found = self._unknown.get((reason, first), ())
            case Unknown(parts=(_, *_)):
                alike = self._pieces.get(EQUALITY.known_ends(target), ())
                found = [at for at in alike if EQUALITY.equal(target, self._names[at]) is True]
        return [self.all[at] for at in sorted(found)]

    def _referred(self, address: str) -> list[_Collected]:
        """The servers that an address refers to, directly or by their resource group."""
        if address not in self._found:
            found = {*self._own.perhaps(address), *self._others.exactly(address)}
            self._found[address] = [self.all[at] for at in sorted(found)]
        return self._found[address]

    def reached(self, gap: Gap, *, limited: bool) -> list[_Collected]:
        """The servers that a gap may add parts to: those that its inputs refer to.

        If it is not `limited` to some kinds of resources, the name of a server in an input is enough, and so is a
        dependency on the server.
        """
        given = (gap.inputs or {}).values()
        found: set[int] = set()
        for address in mentions(given):
            found |= self._at(address)
        if not limited:
            for value in held((*given, *gap.after)):
                found.update(self._called(value))
            for address in dict.fromkeys(mentions(gap.after)):
                found |= self._at(address)
                found.update(self._inside(address))
        return [self.all[at] for at in sorted(found)]

    def _inside(self, module: str) -> Iterable[int]:
        """The servers that a module deploys; all servers if that is too much work."""
        self._compared += len(self.all)
        if self._compared > COMPARISON_LIMIT:
            return range(len(self.all))
        return (at for at, each in enumerate(self.all) if each.server.address.startswith(f"{module}."))

    def _at(self, address: str) -> set[int]:
        """The servers that an address may refer to, except by the resource group of the deployment."""
        found = self._own.perhaps(address)
        return found if address == GROUP else found | self._others.perhaps(address)

    def _called(self, value: Value[Any]) -> Iterable[int]:
        """The servers that a value certainly names: it is their name, or an id that ends with it."""
        match value := _uncased(value):
            case Known(str(text)):
                return self._by_name.get(text.rstrip("/").rsplit("/", 1)[-1].lower(), ())
            case Unknown(key=key) if key is not None:
                return self._keyed.get(key, ())
            case Unknown(parts=(Known(""), Unknown() as piece)):  # Bicep's interpolation of nothing else
                return self._called(piece)
            case Unknown(parts=(_, *_)):
                alike = self._pieces.get(EQUALITY.known_ends(value), ())
                self._compared += len(alike)
                if self._compared > COMPARISON_LIMIT:
                    return alike
                return [at for at in alike if EQUALITY.equal(value, self._names[at]) is True]
        return ()

    def give(self, kind: str, part: Part, owners: list[_Collected]) -> None:
        """Give a part to some servers."""
        self._pairs += len(owners)
        if self._pairs <= PAIR_LIMIT:
            for owner in owners:
                owner.add(kind, part)
            return
        message = f"The servers of this deployment have more than {PAIR_LIMIT:,} parts together."
        hint = "What depends on it is not judged: name the servers of the parts, or exclude the file."
        self._report(Problem(Kind.LIMIT, message, part.header.file.path, part.header, hint))
        self.open(kind, Unknown("there are too many parts", part.header))

    def lock(self, claim: Claim, part: Part, groups: Mapping[str, Value[str]]) -> None:
        """Give a lock to all servers in its scope, which may be wider than one server."""
        self._compared += len(self.all)
        if self._compared > COMPARISON_LIMIT:
            self._report(too_much(part))
            self.open(claim.kind, Unknown("there are too many locks", part.header))
            return
        targets = self.targeted_by(claim.target)
        own = {id(each) for each in targets}
        made = any(each.server.declared for each in targets)
        inside: list[_Collected] = []
        for each in self.all:
            answer = True if id(each) in own else locks.covers(claim.target, each.server, groups, made=made)
            if answer:
                inside.append(each)
            elif answer is None:
                each.open(claim.kind, locks.doubt(part.label, claim.target, each.server))
        self.give(claim.kind, part, inside)

    def open(self, kind: str, gap: Unknown) -> None:
        """Note that any server may have more parts of a kind. `gap` says why."""
        self._opened[kind] += 1
        if self._opened[kind] <= GAP_LIMIT:
            for each in self.all:
                each.open(kind, gap)


def assemble(deployment: Deployment, report: Callable[[Problem | Gap], None] = lambda told: None) -> tuple[Part, ...]:
    """The servers of a deployment, those that are not in sight but have parts here, and retired servers.

    `report` gets what could not be looked at.
    """
    collected: dict[str, _Collected] = {}
    claims: list[Claim] = []
    others: list[Part] = []
    gaps = list(deployment.gaps)
    context = context_of(deployment)
    for piece in _pieces(deployment, context):
        match piece:
            case Server():
                collected[piece.address] = _Collected(piece)
            case Claim():
                claims.append(piece)
            case Gap():
                gaps.append(piece)
                report(piece)
            case Problem():
                report(piece)
            case _:
                others.append(piece)
    for problem in context.budget.problems:
        report(problem)
    for claim in claims:
        if claim.of in collected and claim.target.reference is not None:
            collected[claim.of].names.append(claim.target.reference.address)
    _merge_repeated(collected)
    servers = _Servers(collected.values(), report)
    unseen: dict[str, _Collected] = {}
    groups = {part.address: part.name for part in others if isinstance(part, ResourceGroup)}
    for claim in claims:
        if claim.part is not None and claim.kind == "locks":
            servers.lock(claim, claim.part, groups)
        elif claim.part is not None:
            _assign(claim, claim.part, servers, unseen)
    for gap in gaps:
        kinds = avm.adds(gap.source, KINDS) if gap.kinds is None else gap.kinds.intersection(KINDS)
        if gap.inputs is None:
            for kind in kinds:
                servers.open(kind, gap.reason)
        elif kinds:
            for server in servers.reached(gap, limited=len(kinds) < len(KINDS)):
                for kind in kinds:
                    server.open(kind, gap.reason)
    index = Index(others, claims, gaps)
    linked = [link(each.finished(), index) for each in (*collected.values(), *unseen.values())]
    for problem in index.problems.values():
        report(problem)
    return (*linked, *others)


def _merge_repeated(collected: dict[str, _Collected]) -> None:
    """Merge entries for the same server: it gets the parts of all, and the settings that updates write.

    The declared entry stays, or else the first one, preferably one that is certain to exist.
    """
    owners: dict[str, _Collected] = {}
    named: dict[str, _Collected] = {}
    repeated: dict[str, list[Server]] = defaultdict(list)
    for each in sorted(collected.values(), key=lambda each: (not each.server.declared, each.server.maybe is not None)):
        server = each.server
        known_as = [name for name in (server.address, *each.names) if name != GROUP]
        name = server.name.value.lower() if isinstance(server.name, Known) else ""
        owner = None
        if not server.declared:
            owner = next((owners[other] for other in known_as if other in owners), None)
            owner = owner or named.get(name)  # two servers in Azure never share a name
        if owner is not None:
            del collected[server.address]
            repeated[owner.server.address].append(server)
            owner.names += [other for other in known_as if other not in owner.names]
        for other in known_as:
            owners.setdefault(other, owner or each)
        if name:
            named.setdefault(name, owner or each)
    for address, others in repeated.items():
        owner = collected[address]
        owner.server = updated(owner.server, others) if owner.server.declared else _one_of_many(owner.server, others)


def _one_of_many(server: Server, others: Sequence[Server]) -> Server:
    """One server that is only referred to, several times and by different names."""
    label, *more = dict.fromkeys(each.label for each in (server, *others))
    merged = updated(server, (server, *others))
    return replace(merged, label=f"{label} (also {', '.join(more)})") if more else merged


def context_of(deployment: Deployment) -> Context:
    """The context of a deployment."""
    required: dict[str, tuple[Value[Any], ...]] = {}
    locked: Mapping[str, Value[Any]] = {}
    for resource in deployment.resources:
        if resource.type == REQUIRED_PROVIDERS:
            for name, value in resource.attributes.items():
                required[name] = (*required.get(name, ()), value)
        elif resource.type == LOCKED_PROVIDERS:
            locked = resource.attributes
    configurations = {each.address: each for each in deployment.resources if each.type.startswith(PROVIDER_PREFIX)}
    return Context(deployment.whole, required, locked, configurations)


def _pieces(deployment: Deployment, context: Context) -> Iterator[Piece]:
    """What the readers make of the resources of a deployment."""
    for resource in deployment.resources:
        tables = (*_TERRAFORM, readers.ARM)
        reader = next((table[resource.type] for table in tables if resource.type in table), None)
        if reader is None and avm.matches(resource.type):
            reader = avm.read
        if reader is not None:
            yield from reader(resource, context)


def _assign(claim: Claim, part: Part, servers: _Servers, unseen: dict[str, _Collected]) -> None:
    """Give a part to the server that it names. If that is not in sight, make an entry for it in `unseen`."""
    owners = servers.targeted_by(claim.target)
    if owners:
        servers.give(claim.kind, part, owners)
        return
    certain = claim.target.reference is not None or isinstance(claim.target, Known)
    if not certain and isinstance(claim.target, Unknown):
        reason = f"it cannot be determined to which server '{part.label}' belongs, because {claim.target.reason}"
        servers.open(claim.kind, Unknown(reason, claim.target.span, claim.target.trace))
    if claim.kind in JUDGED_ALONE:
        key = claim.unseen if claim.unseen and not certain else _key(claim.target)
        if key not in unseen:
            unseen[key] = _Collected(_unseen_server(key, claim, part))
        unseen[key].add(claim.kind, part)


def _without_keys(address: str) -> str:
    """An address without the key at its end."""
    head, bracket, _ = address.rpartition("[")
    return head if bracket and address.endswith("]") else address


def _key(target: Value[Any]) -> str:
    """A key for a server that is not in sight: what its parts say of it."""
    if target.reference is not None:
        return target.reference.address
    written = target.value if isinstance(target, Known) and isinstance(target.value, str) else target.span.text
    return written or (target.reason if isinstance(target, Unknown) else "")


def _unseen_server(key: str, claim: Claim, part: Part) -> Server:
    """A server that is not in sight, of which there are parts."""

    def unknown() -> Unknown:
        return Unknown("the server is not in the scanned files", part.header)

    name = key.removeprefix(f"{FLEXIBLE_SERVER}/")
    label = claim.unseen or name if name != key else key
    return Server(
        address=key if name == key else f"flexibleServers/{label}",
        label=label,
        header=part.header,
        language=part.language,
        calls=part.calls,
        module=part.module,
        maybe=None,
        left_alone=(),
        as_arm=part.as_arm,
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
