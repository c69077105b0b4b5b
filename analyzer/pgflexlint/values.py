"""Values as an evaluation finds them: known, or unknown for a stated reason, each with its trace.

The trace of a value is the list of steps on its way: the places that it went through, from where it was written.

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
V = TypeVar("V", bound="Known[Any] | Unknown")
U = TypeVar("U")

TRACE_LIMIT = 32
"""The most steps that a trace has."""
PIECES_LIMIT = 64
"""The most pieces that are kept of a text whose pieces are all known."""


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
    """Such as "the default of variable 'tls'"; it never contains the value itself."""
    sensitive: bool | PartlySensitive | None = None
    """Of an input of a module or template: whether it is sensitive (Terraform's `sensitive`, Bicep's `@secure()`), or
    which of its members are. None for anything else."""
    decides: bool = False
    """The value only decided which other value counts, such as a condition: the other value does not come from it."""


class Reference(NamedTuple):
    """A resource or one of its attributes: its address is known, although the value may be unknown."""

    address: str
    """The address of the resource in its root, such as `module.db.azurerm_subnet.main[0]`."""
    attribute: str
    """`id`, `name`, …, or "" for the resource as a whole."""


class SetValue(tuple[T, ...]):
    """An unordered collection without duplicates."""

    __slots__ = ()


class ListValue(tuple[T, ...]):
    """A list that is certain to have one of Terraform's types `list(…)`. A plain tuple may have such a type, too."""

    __slots__ = ()


class MapValue(dict[str, T]):
    """A map that is certain to have one of Terraform's types `map(…)`. A plain mapping may have such a type, too."""

    __slots__ = ()


class Known(Struct, Generic[T_co], frozen=True):
    """A value that is certain."""

    value: T_co
    span: Span
    """Where the value is used: the expression that gives it. For a platform default, the header of the resource."""
    trace: tuple[Step, ...] = ()
    """The steps of the value, from where it was written to just before `span`."""
    origin: Origin = Origin.WRITTEN
    reference: Reference | None = None
    """The resource attribute that it was read from, if it is exactly one."""
    pieces: tuple[Known[Any], ...] = ()
    """Of a text that was put together: the texts that it was made of, each with its own trace, as in `text_pieces`."""

    def via(self, span: Span, text: str, sensitive: bool | PartlySensitive | None = None) -> Known[T_co]:
        """The same value used at `span`, with one more step, which describes the place where it was before."""
        trace = _extend(self.trace, Step(self.span, text, sensitive))
        return Known(self.value, span, trace, self.origin, self.reference, self.pieces)

    def at(self, span: Span) -> Known[T_co]:
        """The same value at another place, without another step."""
        return Known(self.value, span, self.trace, self.origin, self.reference, self.pieces)

    def map(self, change: Callable[[Any], U]) -> Known[U]:
        """Another value that is made of this one; it has the same trace."""
        return Known(change(self.value), self.span, self.trace, self.origin)


class Unknown(Struct, frozen=True, eq=False):
    """A value that cannot be known before deployment, or that could not be worked out."""

    reason: str
    """A clause that completes "It is unknown because …", such as "variable 'tls' has no value"."""
    span: Span
    trace: tuple[Step, ...] = ()
    candidates: tuple[Known[Any], ...] = ()
    """If all values that it can have are known: these values."""
    reference: Reference | None = None
    """The resource attribute that it stands for, if it is exactly one."""
    parts: tuple[Any, ...] = ()
    """Of a text with unknown interpolations: its pieces as values, in order. Else as in `equality.made_of`."""
    some: tuple[Value[Any], ...] = ()
    """If only some of the values that it can have are known: these; also references, and texts known in part."""
    never_null: bool = False
    """It cannot be null, such as the id of a resource."""
    members: Mapping[str, Any] | tuple[Any, ...] | None = None
    """Of an object, list or set that is known in part: the members that are certain, of an object by name. It may have
    other members. The positions of the members of a list are unknown."""

    @property
    def possible(self) -> tuple[Known[Any], ...]:
        """The known values that it can have: all of them, or only some."""
        return (*self.candidates, *(each for each in self.some if isinstance(each, Known)))

    @property
    def known_part(self) -> Known[Any] | None:
        """The certain members alone, of an object, list or set that is known in part."""
        return None if self.members is None else Known(self.members, self.span, self.trace)

    key: Hashable = None
    """Two unknowns with the same key are certain to be equal: they come from the same variable, parameter or local
    value, or from the same member of one. None if it is not known to be equal to any other."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and self._compared == other._compared and self.members == other.members

    def __ne__(self, other: object) -> bool:
        return (self == other) is False  # a `Struct` does not derive it from `__eq__`

    def __hash__(self) -> int:
        return hash(self._compared)

    @property
    def _compared(self) -> tuple[Hashable, ...]:
        """What makes two of them equal, without the members, which cannot be hashed. The key does not count."""
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
        """The same unknown used at `span`, with one more step, as in `Known.via`."""
        return replace(self, span=span, trace=_extend(self.trace, Step(self.span, text, sensitive)))

    def at(self, span: Span) -> Unknown:
        """The same unknown at another place, without another step."""
        return replace(self, span=span)

    def bare(self) -> Unknown:
        """An unknown of the same reason, place and trace. Nothing else is known of it."""
        return Unknown(self.reason, self.span, self.trace)

    def member(self, name: Hashable) -> Unknown:
        """A member of an unknown object or list: it is unknown for the same reason."""
        key = None if self.key is None else (self.key, name)
        return Unknown(self.reason, self.span, member_trace(self.trace, name), key=key)

    def map(self, change: Callable[[Any], Any]) -> Unknown:
        """Another unknown that is made of this one: with the same trace, and `change` applied to its candidates."""
        return Unknown(
            self.reason, self.span, self.trace, tuple(candidate.map(change) for candidate in self.candidates)
        )


Value: TypeAlias = Known[T] | Unknown


def _extend(trace: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    if trace and trace[-1] == step:
        return trace
    return (*trace, step) if len(trace) < TRACE_LIMIT else _bounded((*trace, step))


def _bounded(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The first steps of a long trace. If none makes the value sensitive, a later one that does replaces the last."""
    if len(steps) <= TRACE_LIMIT:
        return steps
    kept = steps[:TRACE_LIMIT]
    hiding = None if any(step.sensitive for step in kept) else next((step for step in steps if step.sensitive), None)
    return kept if hiding is None else (*kept[:-1], hiding)


def member_trace(trace: tuple[Step, ...], name: Hashable) -> tuple[Step, ...]:
    """The trace of a member, made of the trace of the whole: each step says whether it makes this member sensitive.

    `name` is None if it is unknown which member it is.
    """
    return _changed(trace, lambda hidden: hidden.member(name))


def reshaped(value: Value[Any]) -> Value[Any]:
    """A value that was converted. If only some members were sensitive before, it is unknown which ones are now."""
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
    """The trace of a value that is made of several ones: all their steps, each once, in order."""
    steps: dict[tuple[Span, str], Step] = {}
    for value in values:
        for step in value.trace:
            known = steps.get(step[:2])
            if known is None or known.decides:
                steps[step[:2]] = step
    return _bounded(tuple(steps.values()))


def text_pieces(parts: Iterable[Known[str]]) -> tuple[Known[str], ...]:
    """The pieces of a text that is put together of parts. Pieces of parts are pieces of the text.

    Empty if no part has a trace, or if there are more than `PIECES_LIMIT` pieces.
    """
    parts = [part for part in parts if part.value]
    if not any(part.trace for part in parts) or sum(len(part.pieces) or 1 for part in parts) > PIECES_LIMIT:
        return ()
    return tuple(piece for part in parts for piece in (within(part, part.pieces) if part.pieces else (part,)))


def within(whole: Value[Any], parts: Iterable[V]) -> list[V]:
    """The parts of a text, each with the steps that the text as a whole has taken."""
    parts = list(parts)
    own = {step for part in parts for step in part.trace}
    steps = tuple(step for step in whole.trace if step not in own)
    if not steps:
        return parts
    decisive = tuple(step for step in steps if step.decides)
    others = tuple(step for step in steps if not step.decides)
    return [replace(part, trace=_bounded((*decisive, *part.trace, *others))) for part in parts]


def deciding(value: Value[T]) -> Value[T]:
    """A value such as a condition, with all steps marked: it decided which other value counts, and is no part of it."""
    return replace(value, trace=tuple(step._replace(decides=True) for step in value.trace)) if value.trace else value


def picked(value: Value[T], by: Value[Any]) -> Value[T]:
    """A value that `by` picked out of several: the trace of `by` is added to its own."""
    return replace(value, trace=merge_traces((deciding(by), value))) if by.trace else value


def instead(value: Value[T], others: Iterable[Value[Any]]) -> Value[T]:
    """A value that counts because the others are null or empty, or would be refused."""
    for other in others:
        value = picked(value, other)
    return value


def files_of(steps: Iterable[Step]) -> frozenset[str]:
    """The paths of the files that a trace leads through."""
    return frozenset(step.span.file.path for step in steps)


def decide(value: Value[T], test: Callable[[T], bool]) -> bool | Unknown:
    """Whether `test` is true of the value; the value itself, which says why, if that is unknown.

    If an unknown value has candidates and all of them give the same answer, that is the answer.
    """
    if isinstance(value, Known):
        return test(value.value)
    answers = {test(candidate.value) for candidate in value.candidates}
    return answers.pop() if len(answers) == 1 else value


def holds(value: Value[T], test: Callable[[T], bool]) -> bool | None:
    """As `decide`, with None if that is unknown."""
    answer = decide(value, test)
    return None if isinstance(answer, Unknown) else answer


def all_true(answers: Iterable[bool | None]) -> bool | None:
    """Whether all answers are true: None if that is unknown, False if one is false."""
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def any_true(answers: Iterable[bool | None]) -> bool | None:
    """Whether any answer is true: None if that is unknown, True if one is true."""
    inverted = all_true(None if answer is None else not answer for answer in answers)
    return None if inverted is None else not inverted


def is_null(value: Value[Any] | None) -> bool:
    """Whether a value is certainly null. What is not written (None) is not."""
    return isinstance(value, Known) and value.value is None


def first_unknown(value: Value[Any]) -> Unknown | None:
    """The first unknown in a value and its members, at any depth; None if everything is known."""
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
    """The plain Python value of a value: lists become `list`, objects become `dict`.

    Raises `ValueError` if a member is unknown.
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
