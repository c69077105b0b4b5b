"""Where passwords come from and where they end up: generators, Key Vault secrets, outputs.

A server is linked with them where one and the same value is in both; what cannot be told is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeGuard, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.evaluate.equality import TELLS_NOTHING, is_text
from pgflexlint.evaluate.names import Inside, ResourceObject, written
from pgflexlint.lazily import compiled
from pgflexlint.model import Connection, GeneratedPassword, KeyVaultSecret, Output, Parts, Server
from pgflexlint.normalize import arm, connections
from pgflexlint.normalize.azurerm import common
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.index import Index
from pgflexlint.normalize.reading import EQUALITY, flag, number, setting
from pgflexlint.redaction.decode import readings
from pgflexlint.redaction.placeholders import is_blank
from pgflexlint.resource import OUTPUT, Language, Resource
from pgflexlint.source import Span
from pgflexlint.values import Hidden, Known, Reference, Step, Unknown, Value

N = TypeVar("N", bound=Value[Any])
P = TypeVar("P", Output, KeyVaultSecret)

_PASSWORD_ATTRIBUTES = frozenset({"administrator_password", "administrator_password_wo"})
_CLASSES = ("upper", "lower", "numeric", "special")
_OF_TEMPLATES = frozenset(
    [
        "any", "array", "base64", "base64tojson", "base64tostring", "concat", "datauri", "datauritostring", "format",
        "items", "join", "json", "padleft", "string", "tolower", "toupper", "trim", "uricomponent",
        "uricomponenttostring",
    ]
)  # fmt: skip
_KEEPING = {
    Language.TERRAFORM: frozenset(
        [
            "base64encode", "base64gzip", "chomp", "lower", "nonsensitive", "textencodebase64", "trimspace", "upper",
            "urlencode", "yamlencode",
        ]
    ),
    Language.BICEP: _OF_TEMPLATES,
    Language.ARM: _OF_TEMPLATES,
}  # fmt: skip
"""Functions whose answer tells the whole of what they are given. Any other may have taken a password out or left only
a piece of it, but for those that tell nothing."""
_ALTERNATIVES = frozenset(["?:", "??", "coalesce"])
_CHOICES = {
    Language.TERRAFORM: frozenset(["?:"]),  # what a function makes is sensitive where any argument is
    Language.BICEP: _ALTERNATIVES,
    Language.ARM: _ALTERNATIVES,
}
"""Of them those that are as hidden as what they choose."""
_TYPE = compiled(r"(?:^|\.)(\w+)\.[^.\[\]]+(?:\[[^\]]*\])?$")
"""The type in the address of a resource."""
_BORN_HIDDEN: Mapping[str, tuple[str, ...]] = {
    "random_password": ("result", "bcrypt_hash"),
    "azurerm_key_vault_secret": ("value",),
    "azurerm_postgresql_flexible_server": ("administrator_password",),
}
"""Attributes that their providers declare sensitive, of data sources and ephemeral resources as well
(https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password,
https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/data-sources/key_vault_secret)."""
_NOT_GIVEN_BACK = ("microsoft.dbforpostgresql/flexibleservers/", "microsoft.keyvault/vaults/secrets/")
"""What the addresses of resources begin with that Azure shows without their passwords
(https://learn.microsoft.com/rest/api/postgresql/servers/get,
https://learn.microsoft.com/dotnet/api/azure.resourcemanager.keyvault.models.secretproperties.value)."""
_SHORTEST = 4
"""A shorter literal may be in a text by chance."""
_WALK_LIMIT = 500_000
"""How many values are looked through for passwords in one deployment."""


# What holds a password


class Secret(NamedTuple):
    """A password that is looked for."""

    value: Value[Any]
    pieces: tuple[Unknown, ...]
    """What is unknown of it: itself first, and what it is made of."""
    literals: tuple[Known[str], ...]
    """What it is, or may be, as far as that is written."""


def secret_of(value: Value[Any]) -> Secret:
    """A password with what it is made of, where that tells of it."""
    found: dict[int, Unknown] = {}
    todo = [value]
    while todo:
        node = todo.pop()
        if isinstance(node, Unknown) and id(node) not in found:
            found[id(node)] = node
            todo += (part for part, _ in _of_unknown(node, None))
    literals = (value,) if isinstance(value, Known) else (*value.candidates, *value.some)
    return Secret(value, tuple(found.values()), tuple(each for each in literals if isinstance(each.value, str)))


class _Node(NamedTuple, Generic[N]):
    """A value that is in another one."""

    order: int
    value: N
    certain: bool
    """It is certain to be in it."""


class Contents(Struct):
    """What a value holds, sorted by what of it may be a secret."""

    value: Value[Any]
    size: int = 0
    texts: list[_Node[Known[str]]] = field(default_factory=list)
    texts_by_step: dict[Hashable, list[_Node[Known[str]]]] = field(default_factory=dict)
    """The same by each place on their way."""
    by_key: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    members: dict[Hashable, list[tuple[_Path, _Node[Unknown]]]] = field(default_factory=dict)
    """What is in something with a name, by the key of that."""
    by_shape: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    """What is unknown, by what two that are equal share: see `_shapes`."""
    by_beginning: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    """What is unknown and may be made of anything, by where its way begins."""
    by_step: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    """The same by each place on its way."""
    by_reference: dict[Reference, list[_Node[Value[Any]]]] = field(default_factory=dict)
    resources: dict[str, list[_Node[Known[ResourceObject]]]] = field(default_factory=dict)
    """Those that are in it as a whole, by address."""
    by_place: dict[Span, list[_Node[Known[ResourceObject]]]] = field(default_factory=dict)
    """The same by where they are declared."""
    joined: str = ""
    """All texts, to be searched at once."""

    def cost(self, secret: Secret) -> int:
        """How much work it is to look for a secret in it, where a pair of scalars is 1."""
        wholes = [whole for each in secret.pieces for whole in _wholes(each)]
        alike = sum(len(self.by_shape.get(shape, ())) for each in wholes for shape in _shapes(each))
        alike += sum(len(self.texts_by_step.get(step, ())) for each in secret.literals for step in _way(each)[:1])
        alike += sum(len(self.members.get(path.key, ())) for path in _paths(secret))
        return max(1, len(wholes)) + alike // 4 + len(self.joined) // 10_000

    def add_text(self, node: _Node[Known[str]]) -> None:
        """Keep that a text is in it."""
        self.texts.append(node)
        way = _way(node.value)
        for step in way:
            self.texts_by_step.setdefault(step, []).append(node)
        self.size += len(way)

    def add(self, node: _Node[Unknown]) -> None:
        """Keep that something unknown is in it."""
        value = node.value
        if value.key is not None:
            self.by_key.setdefault(value.key, []).append(node)
        path = _path(value)
        if path is not None:
            self.members.setdefault(path.key, []).append((path, node))
        for shape in _shapes(value):
            self.by_shape.setdefault(shape, []).append(node)
        way = _way(value)
        if way and not value.parts:
            self.by_beginning.setdefault(way[0], []).append(node)
            for step in way:
                self.by_step.setdefault(step, []).append(node)
            self.size += len(way)


def contents(value: Value[Any], language: Language) -> Contents:
    """What a value tells, in a language."""
    found = Contents(value)
    todo = [(value, True)]
    seen: dict[int, Value[Any]] = {}
    opened: dict[int, object] = {}
    while todo:
        node, certain = todo.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        if node.reference is not None:
            found.by_reference.setdefault(node.reference, []).append(_Node(len(seen), node, certain))
        match node:
            case Known(str(text)):
                for each in readings(text):
                    found.add_text(_Node(len(seen), replace(node, value=each), certain))
            case Known(Mapping() as members):
                if isinstance(members, ResourceObject):
                    whole = _Node(len(seen), node, certain)
                    found.resources.setdefault(members.address, []).append(whole)
                    found.by_place.setdefault(members.place, []).append(whole)
                if id(written(members)) not in opened:
                    opened[id(written(members))] = members
                    todo += _of_object(members, language, certain=certain)
            case Known(tuple() as members):
                todo += ((member, certain) for member in members)
            case Unknown():
                found.add(_Node(len(seen), node, certain))
                todo += _of_unknown(node, _KEEPING[language] if certain else None)
                todo += () if node.known_part is None else ((node.known_part, certain),)
    found.size += len(seen) + len(found.texts)
    found.joined = "\0".join(each.value.value for each in found.texts)
    return found


def _of_object(members: Mapping[str, Any], language: Language, *, certain: bool) -> Iterator[tuple[Value[Any], bool]]:
    """What is written in an object, each with whether it is certain to be in what stands for it after deployment."""
    if isinstance(members, ResourceObject | Inside) and language is not Language.TERRAFORM:
        if members.address.startswith(_NOT_GIVEN_BACK):
            return
        certain = False  # it is what Azure shows of a resource, mostly without its secrets
    if isinstance(members, ResourceObject):
        yield from ((members[name], certain) for name in members if not _is_write_only(name))
    else:
        yield from ((member, certain) for member in written(members).values())


def _is_write_only(attribute: str) -> bool:
    """Whether an attribute of a Terraform resource is null in its state: by custom its name tells."""
    return attribute.endswith("_wo") or attribute == "sensitive_body"


def _of_unknown(node: Unknown, keeping: frozenset[str] | None) -> Iterator[tuple[Value[Any], bool]]:
    """What something unknown tells, each with whether that is certain to be in it.

    It is in a text, and in what a function makes that is among `keeping`; nothing is certain where this is None.
    """
    match node:
        case Unknown(parts=parts) if is_text(node):
            yield from ((part, keeping is not None) for part in parts)
        case Unknown(parts=(Known((Known(operation), *operands)),)) if _path(node) is None:
            if operation in _ALTERNATIVES:
                yield from ((operand, False) for operand in operands[operation == "?:" :])
            elif operation not in TELLS_NOTHING:
                yield from ((operand, operation in (keeping or ())) for operand in operands)
        case Unknown(candidates=candidates, some=some):
            yield from ((each, False) for each in (*candidates, *some))


def _whole(member: Unknown) -> Value[Any] | None:
    """The object or list that something unknown was taken from, where it tells that."""
    match member:
        case Unknown(parts=(Known((Known("."), Known() | Unknown() as whole, _)),)):
            return whole
    return None


def _wholes(value: Unknown) -> Iterator[Unknown]:
    """Something unknown, and all that it is in as a member, from the inside to the outside."""
    each: Value[Any] | None = value
    while isinstance(each, Unknown):
        yield each
        each = _whole(each)


class _Path(NamedTuple):
    """Where something is in what has a name: a parameter, or a local value."""

    key: Hashable
    names: tuple[Value[Any], ...] = ()
    """Those of the members that lead to it, from the outside to the inside."""

    def is_apart(self, other: _Path) -> bool:
        """Whether the one is certain to be no part of the other, both being in the same."""
        pairs = zip(self.names, other.names, strict=False)
        return any(isinstance(one, Known) and isinstance(two, Known) and one.value != two.value for one, two in pairs)


def _path(member: Unknown) -> _Path | None:
    """Where a member is, which tells nothing of its fellows; None of what is no member, or of what has no name."""
    *members, outermost = _wholes(member)
    if not members or outermost.key is None:
        return None
    return _Path(outermost.key, tuple(each.parts[0].value[2] for each in reversed(members)))


def holds_secret(held: Contents, secret: Secret, server: Server) -> bool | Unknown:
    """Whether a value certainly holds the administrator password of a server, whole or as a piece of a text.

    Unknown where that cannot be told.
    """
    doubt: _Node[Any] | None = None
    for node, answer in _answers(held, secret, server):
        if answer and node.certain:
            return True
        doubt = node if doubt is None or node.order < doubt.order else doubt
    if doubt is None:
        return False
    value = held.value
    reasons = [each.reason for each in (value, doubt.value, secret.value) if isinstance(each, Unknown)]
    return Unknown(reasons[0], value.span, value.trace)


def _answers(held: Contents, secret: Secret, server: Server) -> Iterator[tuple[_Node[Any], bool | None]]:
    """What in a value is the password of a server, or a text with it; None of what may be made of it."""
    value = secret.value
    for name in _PASSWORD_ATTRIBUTES:
        yield from ((node, True) for node in held.by_reference.get(Reference(server.address, name), ()))
    for literal in secret.literals:
        told = [node for node in _of_its_way(held, literal) if _is_in(literal.value.lower(), node.value.value.lower())]
        if literal.value in held.joined and not is_blank(literal.value):
            told += (node for node in held.texts if _is_in(literal.value, node.value.value))
        yield from ((node, True if value is literal else None) for node in told)
    if isinstance(value, Unknown):
        yield from ((node, True if each is value else None) for each in secret.pieces for node in _same(held, each))
        yield from ((node, None) for path in _paths(secret) for node in _perhaps(held, path))
    yield from ((node, None) for node in _derived(held, value))
    if value.reference is not None and not _is_write_only(value.reference.attribute):
        for whole in held.resources.get(value.reference.address, ()):
            yield whole, EQUALITY.equal(whole.value.value[value.reference.attribute], value) or None


def _of_its_way(held: Contents, literal: Known[str]) -> Iterable[_Node[Known[str]]]:
    """The texts that begin where a literal is written, which is what they mean where they say it."""
    way = _way(literal)
    if not way or way[0][0].text not in (f'"{literal.value}"', f"'{literal.value}'"):
        return ()
    return held.texts_by_step.get(way[0], ())


def _is_in(literal: str, text: str) -> bool:
    """Whether a text holds a literal; a short one is in a text by chance."""
    return literal in text if len(literal) >= _SHORTEST else literal == text


def _shapes(unknown: Unknown) -> Iterator[Hashable]:
    """What two unknowns share that are equal, where no name tells.

    That is an attribute of a resource, or how many pieces or operands they have and those of them that are known.
    """
    if unknown.reference is not None:
        yield unknown.reference
    if is_text(unknown):
        yield tuple(
            each.value if isinstance(each, Known) and isinstance(each.value, str | int) else None
            for each in unknown.parts
        )
    elif unknown.parts:
        yield tuple(
            each.value if isinstance(each, Known) and isinstance(each.value, str | int) else None
            for each in unknown.parts[0].value
        )


def _same(held: Contents, secret: Unknown) -> Iterator[_Node[Unknown]]:
    """What is certain to be a secret, or what the secret is a member of."""
    for whole in _wholes(secret):
        key = whole.key
        while key is not None:
            yield from held.by_key.get(key, ())
            key = key[0] if isinstance(key, tuple) else None
        for shape in _shapes(whole):
            yield from (node for node in held.by_shape.get(shape, ()) if EQUALITY.equal(node.value, whole))


def _paths(secret: Secret) -> Iterator[_Path]:
    """Where in what has a name a secret is, and what it is made of."""
    for each in secret.pieces:
        path = _path(each) or _Path(each.key)
        if path.key is not None:
            yield path


def _perhaps(held: Contents, path: _Path) -> Iterable[_Node[Unknown]]:
    """One of the members that may be what a path leads to, or in it."""
    return islice((node for other, node in held.members.get(path.key, ()) if not path.is_apart(other)), 1)


def _derived(held: Contents, secret: Value[Any]) -> Iterator[_Node[Any]]:
    """What came the way of a secret, or the secret its way, where nothing tells that it is something else."""
    way = _way(secret)
    found = [held.by_step.get(step, ()) for step in way[:1]] + [held.by_beginning.get(step, ()) for step in way]
    for nodes in found:
        yield from islice((node for node in nodes if not _of_one_object(node.value, secret)), 1)
    if secret.reference is None:
        yield from (node for place, _ in way for node in held.by_place.get(place, ())[:1])


def _way(value: Value[Any]) -> list[tuple[Span, str]]:
    """The places on the way of a value, without those of what decided only that it counts."""
    return [step[:2] for step in value.trace if not step.decides]


def _of_one_object(one: Value[Any], other: Value[Any]) -> bool:
    """Whether two values are members of one object, or attributes of one resource."""
    if one.reference is not None and other.reference is not None:
        return one.reference.address == other.reference.address
    match one, other:
        case Unknown(key=(first, _)), Unknown(key=(second, _)):
            return bool(first == second)
    return False


# Which inputs show it


def _shown_by(value: Value[Any], server: Server) -> tuple[Step, ...] | Unknown:
    """As `Password.shown_by`. A text is hidden where one of its unknown pieces is."""
    terraform = server.language is Language.TERRAFORM
    match value:
        case Unknown(parts=(Known((Known(operation), *operands)),)) if operation in _CHOICES[server.language]:
            outcomes = [_shown_by(each, server) for each in operands[operation == "?:" :] if isinstance(each, Unknown)]
            shown = _all_shown(outcomes)
            return Unknown(value.reason, value.span) if shown == () and set(outcomes) != {()} else shown
    inputs = [step for step in value.trace if step.secure is not None and not step.decides]
    origins = _origins(value)
    if terraform and (any(step.secure for step in inputs) or any(map(_is_born_hidden, origins))):
        return ()  # what is made of anything sensitive is sensitive
    pieces = [part for part in value.parts if isinstance(part, Unknown)] if _in_pieces(value) else []
    below = {step[:2] for piece in pieces for step in piece.trace}
    shown = tuple(step for step in inputs if not step.secure and step[:2] not in below)
    doubt = next((step for step in inputs if isinstance(step.secure, Hidden) and step[:2] not in below), None)
    none = () if doubt is None else Unknown("it cannot be told whether this input hides it", doubt.span)
    if shown and terraform and not server.whole:
        return Unknown("whoever uses this module may pass a value that is hidden", shown[0].span)
    if isinstance(value, Known):
        return shown or none
    if shown and terraform and origins:
        return value  # what it begins with may be sensitive
    if pieces:
        rest = _all_shown([_shown_by(piece, server) for piece in pieces])
        return rest if not shown else (*rest, *shown) if isinstance(rest, tuple) else shown
    if not shown:
        return none
    if next(step for step in value.trace if not step.decides).secure is None:
        return value  # it begins elsewhere, and the input may say no more than how it is cut
    if value.key is None and value.reference is None and not value.parts:
        return value  # what holds it is unknown, so that it may not be there
    return shown


def _in_pieces(value: Value[Any]) -> TypeGuard[Unknown]:
    return isinstance(value, Unknown) and is_text(value)


def _origins(value: Value[Any]) -> list[Reference]:
    """The attributes of resources that a value is made of; what is made known on purpose refers to none."""
    found: list[Reference] = []
    todo = [value]
    seen: set[int] = set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        match node:
            case Unknown(parts=(Known((Known("nonsensitive"), *_)),)):
                found.append(Reference("", ""))
            case Unknown(reference=Reference() as reference):
                found.append(reference)
            case Unknown(parts=parts):
                todo += parts
            case Known(tuple() as members):
                todo += members
    return found


def _is_born_hidden(origin: Reference) -> bool:
    """Whether Terraform knows from the provider that an attribute is sensitive."""
    found = _TYPE.search(origin.address)
    return found is not None and origin.attribute in _BORN_HIDDEN.get(found[1], ())


def _all_shown(pieces: list[tuple[Step, ...] | Unknown]) -> tuple[Step, ...] | Unknown:
    """What shows all of some pieces; none where one is hidden."""
    if () in pieces:
        return ()
    unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
    return unknown or tuple(dict.fromkeys(step for piece in pieces if isinstance(piece, tuple) for step in piece))


# Links


def _passwords(server: Server) -> tuple[Value[str | None], ...]:
    return tuple(password.value for password in server.authentication.administrator_passwords)


def _looked_through(index: Index, kind: type[P]) -> tuple[tuple[P, Contents], ...] | None:
    """The parts of a kind with what their values hold; None where that would be too much work."""
    found: list[tuple[P, Contents]] = []
    size = 0
    for part in index.all(kind):
        found.append((part, contents(part.value, part.language)))
        size += found[-1][1].size
        if size > _WALK_LIMIT:
            index.give_up(part, f"More than {_WALK_LIMIT:,} values would have to be looked through for passwords.")
            return None
    return tuple(found)


def _outputs(index: Index) -> tuple[tuple[Output, Contents], ...] | None:
    return _looked_through(index, Output)


def _secrets(index: Index) -> tuple[tuple[KeyVaultSecret, Contents], ...] | None:
    return _looked_through(index, KeyVaultSecret)


def _holding(
    server: Server, index: Index, looked_through: Callable[[Index], tuple[tuple[P, Contents], ...] | None]
) -> Parts[P]:
    """The parts whose value holds a password of the server."""
    parts = index.once(looked_through)
    secrets = [secret_of(password) for password in _passwords(server)]
    work = sum(held.cost(secret) for _, held in parts or () for secret in secrets)
    if parts is None or not index.affords([part for part, _ in parts], work):
        return Parts((), (Unknown("there are more of them than are looked at", server.header),))
    items, gaps = [], []
    for part, held in parts:
        answers = [holds_secret(held, secret, server) for secret in secrets]
        if True in answers:
            items.append(part)
        else:
            gaps += [answer for answer in answers if isinstance(answer, Unknown)]
    return Parts(tuple(items), tuple(gaps))


def linked(server: Server, index: Index) -> Server:
    """A server with the outputs and Key Vault secrets that hold its password, and what makes that up."""
    server = replace(server, connections=replace(server.connections, items=tuple(_connections(server))))
    authentication = server.authentication
    if not authentication.administrator_passwords:
        return server
    passwords = [
        replace(each, shown_by=_shown_by(each.value, server)) for each in authentication.administrator_passwords
    ]
    return replace(
        server,
        authentication=replace(authentication, administrator_passwords=tuple(passwords)),
        outputs=_holding(server, index, _outputs),
        secrets=_holding(server, index, _secrets),
        generated_passwords=Parts(tuple(_generators(server, index))),
    )


def _connections(server: Server) -> Iterator[Connection]:
    """The connections that lead to the server, and whether they are the administrator's."""
    login = server.authentication.administrator_login
    for connection in server.connections:
        user = connection.user
        to_azure: Value[bool] = Known(True, user.span) if server.declared else connection.to_azure
        yield replace(connection, to_azure=to_azure, as_administrator=_is_administrator(user, login, server))


def _is_administrator(user: Value[str | None], login: Value[str | None], server: Server) -> Value[bool]:
    """Whether a user is the administrator of a server."""
    reference = user.reference
    if reference is not None and reference == (server.address, "administrator_login"):
        return Known(True, user.span, user.trace)
    if (isinstance(user, Known) and user.value is None) or not server.declared:
        return Known(False, user.span)
    answer = EQUALITY.equal(user, login)
    if answer is None:
        unknown = user if isinstance(user, Unknown) else login
        assert isinstance(unknown, Unknown)
        return Unknown(unknown.reason, user.span, user.trace)
    return Known(answer, user.span, user.trace)


def _generators(server: Server, index: Index) -> Iterator[GeneratedPassword]:
    """Those on the way of a password."""
    found: dict[str, GeneratedPassword] = {}
    for password in _passwords(server):
        known = index.find(password, GeneratedPassword)
        if known is not None:
            found[known.address] = known
            continue
        by_header = index.once(_by_header)
        found |= {each.address: each for step in password.trace for each in by_header.get(step.span, ())}
    yield from found.values()


def _by_header(index: Index) -> dict[Span, list[GeneratedPassword]]:
    found: dict[Span, list[GeneratedPassword]] = {}
    for each in index.all(GeneratedPassword):
        found.setdefault(each.header, []).append(each)
    return found


# Readers


def _generated(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password"""
    spelled = {"numeric": "number"} if "number" in resource.attributes else {}  # until version 3.3
    length = resource.attributes.get("length") or Unknown("'length' is not written", resource.header)
    yield GeneratedPassword(
        **common(resource),
        length=number(length),
        classes=tuple((name, flag(setting(resource, spelled.get(name, name), "generated_class"))) for name in _CLASSES),
    )
    if resource.identity and resource.identity != resource.address:
        known_as = Unknown("", resource.header, reference=Reference(resource.identity, ""))
        yield Claim("", None, known_as, resource.header, of=resource.address)


def _output(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value")
    if value is None or (resource.language is Language.TERRAFORM and not context.whole):
        return  # the outputs of a module that is judged alone are its caller's to pass on
    hidden = [resource.attributes[word] for word in ("sensitive", "ephemeral") if word in resource.attributes]
    yes = next((each for each in map(flag, hidden) if isinstance(each, Known) and each.value), None)
    doubt = next((each for each in map(flag, hidden) if isinstance(each, Unknown)), None)
    yield Output(**common(resource), value=value, secure=yes or doubt or Known(False, resource.header))


def _vault_secret(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value") or resource.attributes.get("value_wo")
    if value is not None:
        expires = _is_set(setting(resource, "expiration_date", "key_vault_secret_expiry"))
        yield KeyVaultSecret(**common(resource), value=value, expires=expires)
        yield from connections.found(resource, {_label(resource): value})


def _arm_vault_secret(resource: Resource, context: Context) -> Iterator[Piece]:
    value = arm.property_of(resource, "properties.value")
    if value is not None and not resource.existing:
        expiry = arm.property_of(resource, "properties.attributes.exp")
        expires = _is_set(Known(None, resource.header) if expiry is None else expiry)
        yield KeyVaultSecret(**common(resource), value=value, expires=expires)
        yield from connections.found(resource, {_label(resource): value})


def _label(resource: Resource) -> str:
    return str(common(resource)["label"])


def _is_set(value: Value[Any]) -> Value[bool]:
    """Whether something is given that is not null."""
    if isinstance(value, Known):
        return Known(value.value is not None, value.span, value.trace, value.origin)
    if value.never_null or value.reference is not None:
        return Known(True, value.span, value.trace)
    return value.map(lambda known: known is not None)


TERRAFORM: Mapping[str, Reader] = {
    "random_password": _generated,
    "random_string": _generated,
    "azurerm_key_vault_secret": _vault_secret,
    OUTPUT: _output,
}
"""What is made of a Terraform resource, by its type."""
ARM: Mapping[str, Reader] = {
    "microsoft.keyvault/vaults/secrets": _arm_vault_secret,
    OUTPUT: _output,
}
"""What is made of an ARM resource, by its type in lower case."""
