"""Tells whether a value, such as an output, contains a password.

The password may be the whole value, a member of it, a piece of a text, or something that the value is made of.
`contents` indexes the value, `secret_of` takes the password apart, and `holds_secret` looks the one up in the other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.evaluate.equality import TELLS_NOTHING, is_text, operation_of
from pgflexlint.evaluate.names import PlatformObject, ResourceObject, written
from pgflexlint.model import Server
from pgflexlint.normalize.reading import EQUALITY
from pgflexlint.redaction.decode import readings
from pgflexlint.redaction.placeholders import is_blank
from pgflexlint.resource import FLEXIBLE_SERVER, Language
from pgflexlint.source import Span
from pgflexlint.values import Known, Reference, Unknown, Value

N = TypeVar("N", bound=Value[Any])

_PASSWORD_ATTRIBUTES = frozenset({"administrator_password", "administrator_password_wo"})
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
"""Functions whose result contains all of their operands. The result of any other function may contain less."""
ALTERNATIVES = frozenset(["?:", "??", "coalesce"])
"""Operations that choose one of their operands."""
_NOT_GIVEN_BACK = (f"{FLEXIBLE_SERVER}/", "microsoft.keyvault/vaults/secrets/")
"""Beginnings of the addresses of resources whose passwords Azure never returns
(https://learn.microsoft.com/rest/api/postgresql/servers/get,
https://learn.microsoft.com/dotnet/api/azure.resourcemanager.keyvault.models.secretproperties.value)."""
_SHORTEST = 4
"""A shorter literal may be in a text by chance."""


class Secret(NamedTuple):
    """A password that is looked up, with what it is made of."""

    value: Value[Any]
    pieces: tuple[Unknown, ...]
    """If the password is unknown: itself, then all unknown values that it is made of."""
    literals: tuple[Known[str], ...]
    """The known texts that it is or may be."""


def secret_of(value: Value[Any]) -> Secret:
    """A password with what it is made of."""
    found: dict[int, Unknown] = {}
    todo = [value]
    while todo:
        node = todo.pop()
        if isinstance(node, Unknown) and id(node) not in found:
            found[id(node)] = node
            todo += (part for part, _ in _of_unknown(node, None))
    literals = (value,) if isinstance(value, Known) else value.possible
    return Secret(value, tuple(found.values()), tuple(each for each in literals if isinstance(each.value, str)))


class _Node(NamedTuple, Generic[N]):
    """A value inside another one."""

    order: int
    """How many values were found before it."""
    value: N
    certain: bool
    """Whether it is certain to be in there, or only may be."""


class Contents(Struct):
    """An index of everything in a value, for looking up secrets."""

    value: Value[Any]
    size: int = 0
    """How much work the index was: values and steps."""
    texts: list[_Node[Known[str]]] = field(default_factory=list)
    texts_by_step: dict[Hashable, list[_Node[Known[str]]]] = field(default_factory=dict)
    """The texts by each step of their traces."""
    by_key: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    """The unknown values by their keys."""
    members: dict[Hashable, list[tuple[_Path, _Node[Unknown]]]] = field(default_factory=dict)
    """The unknown members of named values, such as variables, by the keys of these."""
    by_shape: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    """The unknown values by their shapes: see `_shapes`."""
    by_beginning: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    """The unknown values without `parts`, by the first step of their traces."""
    by_step: dict[Hashable, list[_Node[Unknown]]] = field(default_factory=dict)
    """The same by each step of their traces."""
    by_reference: dict[Reference, list[_Node[Value[Any]]]] = field(default_factory=dict)
    resources: dict[str, list[_Node[Known[ResourceObject]]]] = field(default_factory=dict)
    """Whole resources in it, by address."""
    by_place: dict[Span, list[_Node[Known[ResourceObject]]]] = field(default_factory=dict)
    """The same by the places where they are declared."""
    joined: str = ""
    """All texts in one, for a fast search."""

    def cost(self, secret: Secret) -> int:
        """About how much work it is to look up a secret. The comparison of two scalars is 1."""
        wholes = [whole for each in secret.pieces for whole in _wholes(each)]
        alike = sum(len(self.by_shape.get(shape, ())) for each in wholes for shape in _shapes(each))
        alike += sum(len(self.texts_by_step.get(step, ())) for each in secret.literals for step in _steps_of(each)[:1])
        alike += sum(len(self.members.get(path.key, ())) for path in _paths(secret))
        return max(1, len(wholes)) + alike // 4 + len(self.joined) // 10_000

    def add_text(self, node: _Node[Known[str]]) -> None:
        """Index a text."""
        self.texts.append(node)
        steps = _steps_of(node.value)
        for step in steps:
            self.texts_by_step.setdefault(step, []).append(node)
        self.size += len(steps)

    def add(self, node: _Node[Unknown]) -> None:
        """Index an unknown value."""
        value = node.value
        if value.key is not None:
            self.by_key.setdefault(value.key, []).append(node)
        path = _path(value)
        if path is not None:
            self.members.setdefault(path.key, []).append((path, node))
        for shape in _shapes(value):
            self.by_shape.setdefault(shape, []).append(node)
        steps = _steps_of(value)
        if steps and not value.parts:
            self.by_beginning.setdefault(steps[0], []).append(node)
            for step in steps:
                self.by_step.setdefault(step, []).append(node)
            self.size += len(steps)


def contents(value: Value[Any], language: Language) -> Contents:
    """Index a value of a resource that is written in `language`."""
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
    """The members of an object, each with whether it is certain to be in the deployed object."""
    if isinstance(members, ResourceObject | PlatformObject) and language is not Language.TERRAFORM:
        if members.address.startswith(_NOT_GIVEN_BACK):
            return
        certain = False  # it is what Azure returns of a resource, mostly without secrets
    if isinstance(members, ResourceObject):
        yield from ((members[name], certain) for name in members if not _is_write_only(name))
    else:
        yield from ((member, certain) for member in written(members).values())


def _is_write_only(attribute: str) -> bool:
    """Whether an attribute of a Terraform resource is write-only. Its name tells, by convention."""
    return attribute.endswith("_wo") or attribute == "sensitive_body"


def _of_unknown(node: Unknown, keeping: frozenset[str] | None) -> Iterator[tuple[Value[Any], bool]]:
    """The values that an unknown is made of, each with whether it is certain to be in it.

    The pieces of a text are certain, and so are the operands of functions in `keeping`. If `keeping` is None, no value
    is certain.
    """
    if is_text(node):
        yield from ((part, keeping is not None) for part in node.parts)
        return
    match operation_of(node):
        case ".", (Unknown(candidates=(_, *_) as wholes), Known(str(name))):
            yield from ((member, False) for whole in wholes for member in _members_of_name(whole, name))
        case operation, operands if _path(node) is None:
            if operation in ALTERNATIVES:
                yield from ((operand, False) for operand in operands[operation == "?:" :])
            elif operation not in TELLS_NOTHING:
                yield from ((operand, operation in (keeping or ())) for operand in operands)
        case _:
            yield from ((each, False) for each in (*node.candidates, *node.some))


def _members_of_name(whole: Known[Any], name: str) -> Iterator[Value[Any]]:
    """The member of an object that has a name; case does not matter."""
    if isinstance(whole.value, Mapping):
        yield from (member for key, member in written(whole.value).items() if key.lower() == name.lower())


def _whole(member: Unknown) -> Value[Any] | None:
    """The object or list that an unknown is a member of; None if it is no member."""
    match operation_of(member):
        case ".", (whole, _):
            return whole
    return None


def _wholes(value: Unknown) -> Iterator[Unknown]:
    """An unknown, the object that it is a member of, and so on to the outermost one."""
    each: Value[Any] | None = value
    while isinstance(each, Unknown):
        yield each
        each = _whole(each)


class _Path(NamedTuple):
    """The path of a member inside a named value, such as a parameter or a local value."""

    key: Hashable
    names: tuple[Value[Any], ...] = ()
    """The names or indexes that lead to it, from the outside to the inside."""

    def is_apart(self, other: _Path) -> bool:
        """Whether two members of the same value differ, and neither is inside the other."""
        pairs = zip(self.names, other.names, strict=False)
        return any(isinstance(one, Known) and isinstance(two, Known) and one.value != two.value for one, two in pairs)


def _path(member: Unknown) -> _Path | None:
    """The path of a member; None if it is no member, or if the outermost value has no name."""
    *members, outermost = _wholes(member)
    if not members or outermost.key is None:
        return None
    return _Path(outermost.key, tuple(each.parts[0].value[2] for each in reversed(members)))


def holds_secret(held: Contents, secret: Secret, server: Server) -> bool | Unknown:
    """Whether a value certainly contains the administrator password of a server, as a whole or as a piece of a text.

    Unknown if it may.
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
    """The values inside another one that are or contain the password of a server, with True if certain, else None."""
    value = secret.value
    for name in _PASSWORD_ATTRIBUTES:
        yield from ((node, True) for node in held.by_reference.get(Reference(server.address, name), ()))
    for literal in secret.literals:
        told = [
            node for node in _from_its_place(held, literal) if _is_in(literal.value.lower(), node.value.value.lower())
        ]
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


def _from_its_place(held: Contents, literal: Known[str]) -> Iterable[_Node[Known[str]]]:
    """The texts whose traces begin where a literal is written. These do not contain it by chance."""
    steps = _steps_of(literal)
    if not steps or steps[0][0].text not in (f'"{literal.value}"', f"'{literal.value}'"):
        return ()
    return held.texts_by_step.get(steps[0], ())


def _is_in(literal: str, text: str) -> bool:
    """Whether a text contains a literal. A short literal must be the whole text."""
    return literal in text if len(literal) >= _SHORTEST else literal == text


def _shapes(unknown: Unknown) -> Iterator[Hashable]:
    """The keys under which an unknown value is found. Two values that are equal have such a key in common.

    One key is the attribute that the value refers to. Another is the tuple of its known pieces or operands, in order.
    """
    if unknown.reference is not None:
        yield unknown.reference
    if unknown.parts:
        parts = unknown.parts if is_text(unknown) else unknown.parts[0].value
        yield tuple(
            each.value if isinstance(each, Known) and isinstance(each.value, str | int) else None for each in parts
        )


def _same(held: Contents, secret: Unknown) -> Iterator[_Node[Unknown]]:
    """The values that are certain to be a secret, or to have it as a member."""
    for whole in _wholes(secret):
        key = whole.key
        while key is not None:
            yield from held.by_key.get(key, ())
            key = key[0] if isinstance(key, tuple) else None
        for shape in _shapes(whole):
            yield from (node for node in held.by_shape.get(shape, ()) if EQUALITY.equal(node.value, whole))


def _paths(secret: Secret) -> Iterator[_Path]:
    """The paths of a secret, and of what it is made of, inside named values."""
    for each in secret.pieces:
        path = _path(each) or _Path(each.key)
        if path.key is not None:
            yield path


def _perhaps(held: Contents, path: _Path) -> Iterable[_Node[Unknown]]:
    """A member that may be at a path, or around or inside it. One is enough, because it only raises a doubt."""
    return islice((node for other, node in held.members.get(path.key, ()) if not path.is_apart(other)), 1)


def _derived(held: Contents, secret: Value[Any]) -> Iterator[_Node[Any]]:
    """Values that may be made of a secret, or the secret of them.

    The trace of one of the two leads through the place where that of the other begins.
    """
    steps = _steps_of(secret)
    found = [held.by_step.get(step, ()) for step in steps[:1]] + [held.by_beginning.get(step, ()) for step in steps]
    for nodes in found:
        yield from islice((node for node in nodes if not _of_one_object(node.value, secret)), 1)
    if secret.reference is None:
        yield from (node for place, _ in steps for node in held.by_place.get(place, ())[:1])


def _steps_of(value: Value[Any]) -> list[tuple[Span, str]]:
    """The steps of the trace of a value, without those of conditions."""
    return [step[:2] for step in value.trace if not step.decides]


def _of_one_object(one: Value[Any], other: Value[Any]) -> bool:
    """Whether two values are members of one object, or attributes of one resource."""
    if one.reference is not None and other.reference is not None:
        return one.reference.address == other.reference.address
    match one, other:
        case Unknown(key=(first, _)), Unknown(key=(second, _)):
            return bool(first == second)
    return False
