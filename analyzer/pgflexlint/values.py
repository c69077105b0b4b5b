"""Values as an evaluation finds them: known, or unknown for a stated reason, each with the way it came.

`Value[T]` is what every attribute holds, so a reader of one must say what it does about `Unknown`:
mypy refuses code that forgets.

What `Known.value` may be: `None`, `bool`, `int`, `float`, `str`, a `tuple` of values (a list),
a `SetValue` of values, or a `Mapping` of names to values (an object or map).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.source import Span

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

TRACE_LIMIT = 32
"""How many steps of a value's way are kept."""


class Origin(Enum):
    """Who decided a known value."""

    WRITTEN = "written"
    """It stands in the sources."""
    DEFAULT = "default"
    """The sources are silent and the platform applies its default."""


class PartlySensitive(Struct, frozen=True, eq=False):
    """Which members of an input are sensitive, where not all of them are: some properties of an object, for example."""

    members: Mapping[str, bool | PartlySensitive] | None = None
    """Whether each member is sensitive, by its name in lower case or its position. None if nothing tells which are."""
    others: bool | PartlySensitive = False
    """Whether all other members are sensitive."""

    def member(self, name: Hashable) -> bool | PartlySensitive:
        """Whether a member is sensitive. `name` is None if it is unknown which member it is."""
        if self.members is None or (name is None and self.members):
            return PartlySensitive()
        return self.members.get(str(name).lower(), self.others)


class Step(NamedTuple):
    """One step of a trace: where the value stood, and in words what it was there."""

    span: Span
    text: str
    """Such as "the default of variable 'tls'"; never holds the value itself."""
    sensitive: bool | PartlySensitive | None = None
    """Of an input of a module or template: whether it is sensitive (Terraform's `sensitive`, Bicep's `@secure()`), or
    which of its members are. None for anything else."""
    decides: bool = False
    """The value only decided which other value counts, such as a condition: the other value does not come from it."""


class Reference(NamedTuple):
    """A resource, or an attribute of one, known by its address although its value is not."""

    address: str
    """The address of the resource in its root, such as `module.db.azurerm_subnet.main[0]`."""
    attribute: str
    """`id`, `name`, …, or "" for the resource as a whole."""


class SetValue(tuple[T, ...]):
    """An unordered collection without duplicates."""

    __slots__ = ()


class ListValue(tuple[T, ...]):
    """What is certain to be of one of Terraform's types `list(…)`; any other tuple may be that or a tuple there."""

    __slots__ = ()


class MapValue(dict[str, T]):
    """What is certain to be of one of Terraform's types `map(…)`; any other mapping may be that or an object there."""

    __slots__ = ()


class Known(Struct, Generic[T_co], frozen=True):
    """A value that is certain."""

    value: T_co
    span: Span
    """The expression that gave the value at the place where it is used; for a default, the header of its resource."""
    trace: tuple[Step, ...] = ()
    """The way of the value, from where it was written to just before `span`."""
    origin: Origin = Origin.WRITTEN
    reference: Reference | None = None
    """The resource attribute that it was read from, where it is exactly one."""

    def via(self, span: Span, text: str, sensitive: bool | PartlySensitive | None = None) -> Known[T_co]:
        """The same value, used at `span`, having stood as `text` where it came from; `secure` as in `Step`."""
        trace = _extend(self.trace, Step(self.span, text, sensitive))
        return Known(self.value, span, trace, self.origin, self.reference)

    def at(self, span: Span) -> Known[T_co]:
        """The same value seen at another place, with no further step."""
        return Known(self.value, span, self.trace, self.origin, self.reference)

    def map(self, change: Callable[[Any], U]) -> Known[U]:
        """Another value made of this one, that came the same way."""
        return Known(change(self.value), self.span, self.trace, self.origin)


class Unknown(Struct, frozen=True, eq=False):
    """A value that cannot be known before deployment, or that could not be worked out."""

    reason: str
    """A clause that completes "It is unknown because …", such as "variable 'tls' has no value"."""
    span: Span
    trace: tuple[Step, ...] = ()
    candidates: tuple[Known[Any], ...] = ()
    """Where every value that it can have is known: those values, all of them."""
    reference: Reference | None = None
    """The resource attribute that it stands for, where it is exactly one."""
    parts: tuple[Any, ...] = ()
    """Of a text with unknown holes: its pieces as values, in order."""
    some: tuple[Known[Any], ...] = ()
    """Where only some of the values that it can have are known: those."""
    never_null: bool = False
    """It is certain not to be null, such as the id of a resource."""
    members: Mapping[str, Any] | tuple[Any, ...] | None = None
    """Of an object, list or set that is known in part: values that are certain to be in it, of an object by name.
    What else is in it, and of a list where these are, is unknown."""

    @property
    def known_part(self) -> Known[Any] | None:
        """An object, list or set of the certain members alone, where this is one that is known in part."""
        return None if self.members is None else Known(self.members, self.span, self.trace)

    key: Hashable = None
    """Two unknowns of one key are certain to turn out equal: a variable, a parameter or a local value, or a member of
    one, wherever it is used. None where nothing tells."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and self._compared == other._compared and self.members == other.members

    def __hash__(self) -> int:
        return hash(self._compared)

    @property
    def _compared(self) -> tuple[Hashable, ...]:
        """What makes two of them one: neither the key nor, which cannot be hashed, the members."""
        return (
            self.reason,
            self.span,
            self.trace,
            self.candidates,
            self.reference,
            self.parts,
            self.some,
            self.never_null,
        )

    def via(self, span: Span, text: str, sensitive: bool | PartlySensitive | None = None) -> Unknown:
        """The same unknown, used at `span`, having stood as `text` where it came from; `secure` as in `Step`."""
        return replace(self, span=span, trace=_extend(self.trace, Step(self.span, text, sensitive)))

    def at(self, span: Span) -> Unknown:
        """The same unknown seen at another place, with no further step."""
        return replace(self, span=span)

    def member(self, name: Hashable) -> Unknown:
        """A member of what is unknown, as unknown as the whole."""
        key = None if self.key is None else (self.key, name)
        return Unknown(self.reason, self.span, inside(self.trace, name), key=key)

    def map(self, change: Callable[[Any], Any]) -> Unknown:
        """An unknown that came the same way; its candidates are changed alike."""
        return Unknown(
            self.reason, self.span, self.trace, tuple(candidate.map(change) for candidate in self.candidates)
        )


Value: TypeAlias = Known[T] | Unknown


def _extend(trace: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    if trace and trace[-1] == step:
        return trace
    return (*trace, step) if len(trace) < TRACE_LIMIT else _bounded((*trace, step))


def _bounded(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The first of many steps; where none of them hides the value, the last one makes way for one that does."""
    if len(steps) <= TRACE_LIMIT:
        return steps
    kept = steps[:TRACE_LIMIT]
    hiding = None if any(step.sensitive for step in kept) else next((step for step in steps if step.sensitive), None)
    return kept if hiding is None else (*kept[:-1], hiding)


def inside(trace: tuple[Step, ...], name: Hashable) -> tuple[Step, ...]:
    """The way of a member of what came a way, with what the inputs on it hide of that member.

    None is the name of a member of which it is unknown which it is.
    """
    return _changed(trace, lambda hidden: hidden.member(name))


def reshaped(value: Value[Any]) -> Value[Any]:
    """What something else was made into: nothing tells which of its members are those that are hidden there."""
    trace = _changed(value.trace, lambda hidden: PartlySensitive())
    return value if trace is value.trace else replace(value, trace=trace)


def _changed(trace: tuple[Step, ...], change: Callable[[PartlySensitive], bool | PartlySensitive]) -> tuple[Step, ...]:
    if not trace or not any(isinstance(step.sensitive, PartlySensitive) for step in trace):
        return trace
    return tuple(
        step._replace(sensitive=change(step.sensitive)) if isinstance(step.sensitive, PartlySensitive) else step
        for step in trace
    )


def merge_traces(values: Iterable[Value[Any]]) -> tuple[Step, ...]:
    """The steps of several values that were put together, each once, in order."""
    steps: dict[tuple[Span, str], Step] = {}
    for value in values:
        for step in value.trace:
            known = steps.get(step[:2])
            if known is None or known.decides:
                steps[step[:2]] = step
    return _bounded(tuple(steps.values()))


def deciding(value: Value[T]) -> Value[T]:
    """A value that only decided which of others counts, so that its way is not theirs."""
    return replace(value, trace=tuple(step._replace(decides=True) for step in value.trace)) if value.trace else value


def picked(value: Value[T], by: Value[Any]) -> Value[T]:
    """A value that another one picked out of several."""
    return replace(value, trace=merge_traces((deciding(by), value))) if by.trace else value


def instead(value: Value[T], others: Iterable[Value[Any]]) -> Value[T]:
    """A value that counts because others are null or empty, or would be refused."""
    for other in others:
        value = picked(value, other)
    return value


def files_of(steps: Iterable[Step]) -> frozenset[str]:
    """The paths of the files that a way leads through."""
    return frozenset(step.span.file.path for step in steps)


def holds(value: Value[T], test: Callable[[T], bool]) -> bool | None:
    """Whether `test` is true of the value; None where that is unknown.

    An unknown value whose candidates all give the same answer gives that answer.
    """
    if isinstance(value, Known):
        return test(value.value)
    answers = {test(candidate.value) for candidate in value.candidates}
    return answers.pop() if len(answers) == 1 else None


def first_unknown(value: Value[Any]) -> Unknown | None:
    """The first unknown in a value and all that it holds, or None where all of it is known."""
    todo = [value]
    seen: dict[int, object] = {}
    while todo:
        each = todo.pop()
        if isinstance(each, Unknown):
            return each
        held = each.value
        if isinstance(held, tuple | Mapping) and id(held) not in seen:
            seen[id(held)] = held
            todo += reversed(held if isinstance(held, tuple) else [*held.values()])
    return None


def plain(value: Known[Any]) -> Any:
    """The bare Python value of a wholly known value: lists become lists, objects dicts.

    Raises `ValueError` where a member is unknown.
    """
    match value.value:
        case tuple() as items:
            return [plain(_known(item)) for item in items]
        case Mapping() as items:
            return {key: plain(_known(item)) for key, item in items.items()}
        case scalar:
            return scalar


def _known(value: Value[Any]) -> Known[Any]:
    if isinstance(value, Unknown):
        raise ValueError(value.reason)
    return value
