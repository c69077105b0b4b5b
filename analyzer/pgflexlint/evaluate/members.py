"""Values that are known in part: their members, and one of several values.

An `Unknown` may still tell something: the values that it can have (`candidates`), or the members that are certain
(`members`). These functions keep what is known through an access, a merge and a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, TypeAlias

from msgspec.structs import replace

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import describe, is_text
from pgflexlint.resource import ANY_INSTANCE
from pgflexlint.source import Span
from pgflexlint.values import (
    Known,
    PartlySensitive,
    SetValue,
    Unknown,
    Value,
    deciding,
    is_null,
    member_trace,
    merge_traces,
    picked,
)

AnyValue: TypeAlias = Value[Any]

CANDIDATE_LIMIT = 32
"""The most candidates that an unknown may have."""


class Namespace(Mapping[str, AnyValue]):
    """Names with their values, such as the variables of a module. Each name can be described in words, for traces."""

    traced = True
    """Whether the use of a member is a step of its trace. Whole resources and modules are used without a step."""
    closed = True
    """Whether it has exactly the members that it lists. If not, the platform may add others."""
    absent: bool | Unknown = False
    """Whether it is declared but not deployed, so that `.?` gives null. `Unknown` if that is unknown."""

    def describe(self, name: str) -> str:
        """What the member is, such as "local value 'tls'"."""
        raise NotImplementedError

    def sensitive(self, name: str) -> bool | PartlySensitive | None:
        """Whether an input of a module or template is sensitive, or which of its members; None for anything else."""
        return None

    def missing(self, name: str, span: Span) -> str:
        """A clause that says that there is no such member. `span` is where it is asked for."""
        return _missing(name, span)


class Every(Mapping[str, AnyValue]):
    """The instances that a loop of unknown length makes: those that are certain, and one for all others."""

    def __init__(self, symbol: str, values: Sequence[AnyValue], listed: Unknown | None, because: Unknown) -> None:
        """`values` are the certain instances and, last, one that stands for all others. `because` says why there may be
        others.

        `listed` is the list that the loop goes through, if its certain members made the certain instances in this
        order.
        """
        self._symbol = symbol
        self._because = because
        self.listed = listed
        *certain, self.others = values
        self.certain = tuple(certain)

    def __getitem__(self, name: str) -> AnyValue:
        """One of them: the positions of the certain ones are unknown."""
        return either(self.values(), self._because, self._because.span)

    def values(self) -> Any:
        """The certain instances, and the one for all others."""
        return (*self.certain, self.others)

    def __iter__(self) -> Iterator[str]:
        raise EvaluationError(f"it is unknown how many '{self._symbol}' there are")

    def __len__(self) -> int:
        raise EvaluationError(f"it is unknown how many '{self._symbol}' there are")


def member(
    base: AnyValue, key: str | int | float, span: Span, *, optional: bool = False, from_end: bool = False
) -> AnyValue:
    """The attribute or element `key` of a value, used at `span`. Raises `EvaluationError` if there is none.

    With `optional` a missing one is null. With `from_end` a negative position counts from the end of a list.
    """
    if isinstance(base, Unknown):
        return _member_of_unknown(base, key, span, optional=optional)
    container = base.value
    if key is None or isinstance(key, tuple | Mapping):
        raise EvaluationError(f"{describe(key)} is not an index", span)
    if optional and isinstance(container, Namespace) and container.absent:
        nothing = Known(None, span, base.trace)
        if container.absent is True:
            return nothing
        return either([nothing, member(base, key, span)], container.absent, span)
    if isinstance(container, Mapping):
        name = key if isinstance(key, str) else str(key)
        found: AnyValue | None = container.get(name)
        if found is not None:
            if not isinstance(container, Namespace):
                return taken(found, base, name, span, f"'{name}' in an object")
            if not container.traced:
                return found.at(span)
            return taken(found, base, name, span, container.describe(name), sensitive=container.sensitive(name))
        if optional:
            return Known(None, span, base.trace)
        missing = container.missing if isinstance(container, Namespace) else _missing
        raise EvaluationError(missing(name, span), span, base.trace)
    if isinstance(container, tuple) and not isinstance(container, SetValue):
        try:
            position = int(key)
        except ValueError:
            raise EvaluationError(f"a list has no attribute '{key}'", span) from None
        if isinstance(key, bool) or (not isinstance(key, str) and position != key):
            kind = describe(key) if isinstance(key, bool) else "a number that is not whole"
            raise EvaluationError(f"{kind} is not an index of a list", span)
        if (position < 0 and not from_end) or not -len(container) <= position < len(container):
            if optional:
                return Known(None, span, base.trace)
            raise EvaluationError(f"the list has {len(container)} elements, so none at {key}", span, base.trace)
        return taken(container[position], base, position, span, f"element {position} of a list")
    if container is None and optional:
        return Known(None, span, base.trace)
    raise EvaluationError(f"{describe(container)} has no attribute '{key}'", span, base.trace)


def _missing(name: str, span: Span) -> str:
    return f"'{name}' is not in this object"


def _member_of_unknown(base: Unknown, key: str | int | float, span: Span, *, optional: bool) -> AnyValue:
    if base.candidates:
        outcomes = []
        for each in base.candidates:
            try:
                outcomes.append(member(each, key, span, optional=optional))
            except EvaluationError:
                continue  # with this candidate the deployment fails, so it is another one
        return either(outcomes, base, span) if outcomes else Unknown(base.reason, span, base.trace)
    if isinstance(base.members, Mapping) and isinstance(key, str) and key in base.members:
        return taken(base.members[key], base, key, span, f"'{key}' in an object")
    reference = base.reference
    if reference is None:
        return base.member(key).at(span)
    if isinstance(base.members, Mapping) and reference.address.endswith(ANY_INSTANCE) and not reference.attribute:
        instance = reference._replace(address=f'{reference.address.removesuffix(ANY_INSTANCE)}["{key}"]')
        return replace(base.member(key).at(span), reference=instance)  # and none of those that are certain
    if isinstance(key, str):
        path = f"{reference.attribute}.{key}" if reference.attribute else key
        has_id = key == "id" and (path == "id" or path.startswith("properties."))  # those in ARM are resources' ids
        return Unknown(base.reason, span, base.trace, reference=reference._replace(attribute=path), never_null=has_id)
    if reference.attribute:
        reference = reference._replace(attribute=f"{reference.attribute}[{key}]")
    return replace(base.member(key).at(span), reference=reference)


def taken(
    value: AnyValue,
    container: AnyValue,
    name: str | int | None,
    span: Span,
    text: str,
    *,
    sensitive: bool | PartlySensitive | None = None,
) -> AnyValue:
    """A member of `container`, used at `span`.

    Its trace is its own, then one step with `text` as its description, then the trace of the container. There is no
    step if the member is written inside `span`. `name` is as in `member_trace`, `sensitive` as in `Step`.
    """
    used = value.at(span) if span.holds(value.span) else value.via(span, text, sensitive)
    if not container.trace:
        return used
    holder = replace(container, trace=member_trace(container.trace, name))
    return replace(used, trace=merge_traces((used, holder)))


def one_taken(value: AnyValue, container: AnyValue, span: Span) -> AnyValue:
    """As `taken`, for any one of the members: it is unknown which one, or does not matter."""
    of = "an object" if isinstance(container, Known) and isinstance(container.value, Mapping) else "a list"
    return taken(value, container, None, span, f"an element of {of}")


def either(outcomes: Iterable[AnyValue], because: Unknown, span: Span) -> AnyValue:
    """One of several values. `because` says why it is unknown which one. If all are known, they are the candidates."""
    outcomes = list(outcomes)
    candidates: dict[Any, Known[Any]] = {}
    complete = True
    for outcome in outcomes:
        for possible in (outcome,) if isinstance(outcome, Known) else outcome.candidates:
            candidates.setdefault(_identity(possible), possible)
        complete = complete and (isinstance(outcome, Known) or bool(outcome.candidates))
    if complete and len(candidates) == 1:
        return next(iter(candidates.values())).at(span)
    complete = complete and len(candidates) <= CANDIDATE_LIMIT
    unknown = [outcome for outcome in outcomes if isinstance(outcome, Unknown)]
    further = (each for outcome in unknown for each in ((outcome,) if _says_something(outcome) else outcome.some))
    some = (*list(candidates.values())[:CANDIDATE_LIMIT], *further)
    references = {outcome.reference for outcome in outcomes}
    return Unknown(
        because.reason,
        span,
        merge_traces((deciding(because), *outcomes)),
        tuple(candidates.values()) if complete else (),
        references.pop() if len(references) == 1 else None,
        some=() if complete else some[:CANDIDATE_LIMIT],
        never_null=all(_never_null(outcome) for outcome in outcomes),
        members=None if complete else _common(outcomes, because, span),
    )


def _common(outcomes: list[AnyValue], because: Unknown, span: Span) -> Mapping[str, AnyValue] | None:
    """The members that all of several objects have, if one of the objects is known in part."""
    parts: list[Mapping[str, AnyValue]] = []
    for outcome in outcomes:
        for each in outcome.candidates if isinstance(outcome, Unknown) and outcome.candidates else (outcome,):
            part = each.value if isinstance(each, Known) else each.members
            if type(part) is not dict:
                return None
            parts.append(part)
    names = [name for name in parts[0] if all(name in part for part in parts)] if parts else []
    return {name: _one_of([part[name] for part in parts], because, span) for name in names}


def _one_of(values: list[AnyValue], because: Unknown, span: Span) -> AnyValue:
    """As `either`, but it does not merge their members: there may be very many."""
    if all(isinstance(value, Known) or value.members is None for value in values):
        return either(values, because, span)
    return Unknown(because.reason, span, merge_traces((because, *values)))


def for_each_choice(
    values: Sequence[AnyValue], combine: Callable[[Sequence[AnyValue]], AnyValue], span: Span
) -> AnyValue:
    """The result of `combine` for each combination of candidates of `values`. It is one of these results, as in
    `either`.

    If there are too many combinations, `combine` gets the values themselves.
    """
    open_ = [value for value in values if isinstance(value, Unknown) and value.candidates]
    if not open_ or prod(len(value.candidates) for value in open_) > CANDIDATE_LIMIT:
        return combine(values)
    choices = (value.candidates if isinstance(value, Unknown) and value.candidates else (value,) for value in values)
    outcomes: list[AnyValue] = []
    refused: EvaluationError | None = None
    for choice in product(*choices):
        try:
            outcomes.append(combine(choice))
        except EvaluationError as error:  # with these the deployment fails, so they are others
            refused = error
    if refused is not None and not outcomes:
        raise refused
    return either(outcomes, open_[0], span)


def known_in_part(members: Mapping[str, AnyValue] | tuple[AnyValue, ...], because: Unknown, span: Span) -> Unknown:
    """An object, list or set that has these members and may have others; `because` says why."""
    return Unknown(because.reason, span, because.trace, never_null=True, members=members)


def overlaid(layers: Iterable[AnyValue], span: Span, fold: Callable[[str], str] = str) -> AnyValue:
    """Merge objects. Of several members with one name, the last counts. Null counts as an empty object.

    `fold` is as in `Equality`. Of several spellings of a name, the first one stays.
    """
    return for_each_choice(tuple(layers), lambda chosen: _overlaid(chosen, span, fold), span)


def _overlaid(layers: Iterable[AnyValue], span: Span, fold: Callable[[str], str]) -> AnyValue:
    result: dict[str, tuple[str, AnyValue]] = {}
    doubt: Unknown | None = None
    for layer in layers:
        if is_null(layer):
            continue
        members, unseen = object_members(layer)
        if unseen is not None:
            doubt = doubt or unseen
            result = {folded: (name, perhaps(value, unseen)) for folded, (name, value) in result.items()}
        for name in members:
            folded = fold(name)
            result[folded] = result.get(folded, (name,))[0], members[name]
    made = dict(result.values())
    return Known(made, span) if doubt is None else known_in_part(made, doubt, span)


def object_members(value: AnyValue) -> tuple[Mapping[str, AnyValue], Unknown | None]:
    """The certain members of an object, and why it may have others; None if it has no others.

    Raises `EvaluationError` if it is not an object.
    """
    if isinstance(value, Unknown):
        members = _common([value], value, value.span) if value.candidates else value.members
        return members if isinstance(members, Mapping) else {}, value
    members = value.value
    if not isinstance(members, Mapping):
        raise EvaluationError(f"an object is needed, not {describe(members)}")
    if isinstance(members, Namespace) and not members.closed:
        return members, Unknown("what else it holds is known only after deployment", value.span, value.trace)
    return members, None


def perhaps(value: AnyValue, because: Unknown) -> Unknown:
    """This value or any other one; `because` says why."""
    if isinstance(value, Known) or _says_something(value):
        possible: tuple[AnyValue, ...] = (value,)
    else:
        possible = (*value.candidates, *value.some)
    return Unknown(because.reason, value.span, merge_traces((because, value)), some=tuple(possible[:CANDIDATE_LIMIT]))


def _says_something(unknown: Unknown) -> bool:
    """Whether it is one value of which something is known: a text that is known in part, or a reference."""
    return is_text(unknown) or unknown.reference is not None


def chained(lists: Iterable[AnyValue], span: Span) -> AnyValue:
    """Concatenate several lists."""
    return for_each_choice(tuple(lists), lambda chosen: _chained(chosen, span), span)


def _chained(lists: Iterable[AnyValue], span: Span) -> AnyValue:
    members: list[AnyValue] = []
    doubt: Unknown | None = None
    for each in lists:
        found, unseen = list_members(each)
        members += found
        doubt = doubt or unseen
    return Known(tuple(members), span) if doubt is None else known_in_part(tuple(members), doubt, span)


def list_members(value: AnyValue) -> tuple[tuple[AnyValue, ...], Unknown | None]:
    """The certain members of a list or set, and why it may have others; None if it has no others.

    Raises `EvaluationError` if it is neither.
    """
    if isinstance(value, Unknown):
        return value.members if isinstance(value.members, tuple) else (), value
    if not isinstance(value.value, tuple):
        raise EvaluationError(f"a list is needed, not {describe(value.value)}")
    return value.value, None


def _identity(value: Known[Any]) -> Any:
    """A key that equal scalars share. A list or object shares it only with itself."""
    scalar = value.value is None or isinstance(value.value, str | int | float | bool)
    return (type(value.value), value.value) if scalar else id(value.value)


def _never_null(value: AnyValue) -> bool:
    return value.value is not None if isinstance(value, Known) else value.never_null


def keyed(key: AnyValue, value: AnyValue, name: Callable[[Known[Any]], str]) -> AnyValue:
    """An object with one member, whose name may be unknown. `name` turns a known key into the name."""
    if isinstance(key, Known):
        return Known({name(key): picked(value, key)}, value.span)
    candidates = tuple(Known({name(each): value}, value.span) for each in key.candidates)
    return Unknown(key.reason, key.span, key.trace, candidates, never_null=True)


def pairs(collection: Known[Any]) -> Iterator[tuple[Known[Any], AnyValue]]:
    """The key and value of each member. The key is the index in a list, and the value itself in a set.

    Raises `EvaluationError`.
    """
    container = collection.value
    if isinstance(container, Mapping):
        for name in sorted(container):
            yield Known(name, container[name].span), container[name]
    elif isinstance(container, SetValue):
        for value in container:
            yield (value if isinstance(value, Known) else Known("", collection.span)), value
    elif isinstance(container, tuple):
        for position, value in enumerate(container):
            yield Known(position, value.span), value
    else:
        raise EvaluationError(f"{describe(container)} has no members to go through", collection.span)
