"""Functions of arrays and objects.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array and
…/template-functions-object. Names of members are compared without case, strings with case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pgflexlint.evaluate.bounds import VALUE_DEPTH_LIMIT, LimitError, check_size, too_deep
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.equality import describe, is_id, is_text
from pgflexlint.evaluate.functions import (
    Table,
    UndecidedError,
    anything,
    attributes_of,
    members_of,
    require_known,
    scalar,
    through_arguments,
    verdict,
    with_holes,
)
from pgflexlint.evaluate.members import (
    chained,
    for_each_choice,
    known_in_part,
    list_members,
    object_members,
    overlaid,
    perhaps,
)
from pgflexlint.evaluate.members import member as member_of
from pgflexlint.evaluate.template import types
from pgflexlint.evaluate.template.functions.parameters import integer, scalar_text, text
from pgflexlint.evaluate.template.types import equal, known_ends
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value, all_true, any_true, merge_traces

FUNCTIONS = Table()
RANGE_LIMIT = 10_000
"""ARM's own bound."""


def utf16(content: str) -> list[str]:
    """The UTF-16 code units of a text, in which .NET counts."""
    if not content or max(content) <= "\uffff":
        return list(content)
    units = content.encode("utf-16-le", "surrogatepass")
    return [units[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(units), 2)]


def joined(units: Iterable[str]) -> str:
    """The text of UTF-16 code units."""
    content = "".join(units)
    return content.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def known(value: Value[Any]) -> Any:
    """The bare value, which may hold unknown members. Raises `UndecidedError` if the value itself is unknown."""
    if isinstance(value, Unknown):
        raise UndecidedError(value)
    return value.value


def _refuse(value: Any, wanted: str = "an array, an object or a string") -> EvaluationError:
    return EvaluationError(f"{wanted} is needed, not {describe(value)}")


@FUNCTIONS.structural("array", 1)
def _array(call: FunctionCall) -> Value[Any]:
    value = call.arguments[0]
    return value if isinstance(known(value), tuple) else call.known((value,))


def _content(value: Value[Any]) -> Any:
    """The bare value or, if it is known in part, its certain members."""
    return value.value if isinstance(value, Known) else value.members


@FUNCTIONS.variadic("concat", 1)
def _concat(call: FunctionCall) -> Value[Any]:
    """`concat` of arrays, or of strings, numbers and bools. If it is unknown which, the pieces of a text are kept."""
    if any(isinstance(_content(value), tuple) for value in call.arguments):
        check_size(items=sum(len(list_members(value)[0]) for value in call.arguments))
        return through_arguments(call, chained(call.arguments, call.span))
    parts = [value if isinstance(value, Unknown) else value.map(scalar_text) for value in call.arguments]
    return with_holes(call, parts, _concat)


@FUNCTIONS.structural("contains", 2)
def _contains(call: FunctionCall) -> Value[Any]:
    container, wanted = call.arguments
    match container:
        case Known(tuple() as members):
            return verdict(call, any_true(equal(member, wanted) for member in members))
        case Known(Mapping() as members):
            return call.known(_folded(members).get(scalar(wanted, scalar_text).lower()) is not None)
        case Known(str() as content):
            return call.known(scalar(wanted, scalar_text) in content)
        case Known(other):
            raise _refuse(other)
        case Unknown(members=tuple() as members) if any(equal(member, wanted) for member in members):
            return call.known(True)
        case Unknown(members=Mapping() as members) if scalar(wanted, scalar_text).lower() in _folded(members):
            return call.known(True)
        case Unknown(parts=parts) if isinstance(wanted, Known) and isinstance(wanted.value, str):
            if any(isinstance(part, Known) and wanted.value in types.to_text(part.value) for part in _texts(parts)):
                return call.known(True)
    raise UndecidedError(container)


def _texts(parts: Iterable[Value[Any]]) -> Iterable[Value[Any]]:
    """The parts that are pieces of a text."""
    return (part for part in parts if isinstance(part, Unknown) or not isinstance(part.value, tuple))


@FUNCTIONS.structural("empty", 1)
def _empty(call: FunctionCall) -> Value[Any]:
    """`empty`: null is empty too (bicep-functions-array#empty), and the id of a resource never is."""
    value = call.arguments[0]
    if isinstance(value, Unknown) and (value.members or any(known_ends(value)) or is_id(value)):
        return call.known(False)
    match known(value):
        case None:
            return call.known(True)
        case str() | tuple() | Mapping() as content:
            return call.known(len(content) == 0)
        case other:
            raise _refuse(other)


def _end(name: str, at: int) -> None:
    @FUNCTIONS.structural(name, 1, nullable=True)
    def body(call: FunctionCall) -> Value[Any]:
        """Null for an empty array, as `FunctionResolverTests` has it."""
        value = call.arguments[0]
        if isinstance(known(value), str):
            return call.known(joined(utf16(known(value))[at]) if known(value) else "")
        members = members_of(value, "an array or a string")
        return member_of(value, at % len(members), call.span) if members else call.known(None)


_end("first", 0)
_end("last", -1)


@FUNCTIONS.structural("flatten", 1)
def _flatten(call: FunctionCall) -> Value[Any]:
    """`flatten`, by one level only."""
    lists, doubt = list_members(call.arguments[0])
    for each in lists:
        if isinstance(each, Known):
            members_of(each, "an array of arrays")
    check_size(items=sum(len(list_members(each)[0]) for each in lists))
    return through_arguments(call, chained(lists if doubt is None else (*lists, doubt.bare()), call.span))


@FUNCTIONS.structural("distinct", 1)
def _distinct(call: FunctionCall) -> Value[Any]:
    members = members_of(call.arguments[0])
    require_known(members)
    return call.known(tuple(types.distinct(members)))


def _position(name: str, *, last: bool) -> None:
    """Registers `indexOf` or `lastIndexOf`: in strings without case, in arrays with case."""

    @FUNCTIONS.structural(name, 2)
    def body(call: FunctionCall) -> Value[Any]:
        searched, wanted = call.arguments
        if not isinstance(known(searched), tuple):
            units, sought = (joined_case(scalar(value, text)) for value in call.arguments)
            return call.known(units.rfind(sought) if last else units.find(sought))
        members = list(enumerate(members_of(searched)))
        for at, member in reversed(members) if last else members:
            answer = equal(member, wanted)
            if answer is None:
                require_known(call.arguments)
            if answer:
                return call.known(at)
        return call.known(-1)


def joined_case(content: str) -> str:
    """A text for comparisons without case. It has as many UTF-16 code units as the text itself."""
    return "".join(upper if len(upper := unit.upper()) == 1 else unit for unit in utf16(content))


_position("indexof", last=False)
_position("lastindexof", last=True)


def _folded(members: Mapping[str, Value[Any]]) -> dict[str, tuple[str, Value[Any]]]:
    """The members by their names in lower case, with the names as they are written."""
    return {name.lower(): (name, member) for name, member in members.items()}


def _are_arrays(call: FunctionCall) -> bool:
    """Whether the arguments are arrays and not objects, as far as is known."""
    contents = (_content(value) for value in call.arguments)
    settled_kinds = {isinstance(content, tuple) for content in contents if content is not None}
    if len(settled_kinds) > 1:
        raise EvaluationError("arrays and objects are mixed")
    return settled_kinds == {True}


@FUNCTIONS.variadic("intersection", 2)
def _intersection(call: FunctionCall) -> Value[Any]:
    if _are_arrays(call):
        require_known(call.arguments)
        first, *others = map(members_of, call.arguments)
        found = [{types.frozen(member) for member in members} for members in others]
        kept = (member for member in first if all(types.frozen(member) in keys for keys in found))
        return call.known(tuple(types.distinct(kept)))
    within, *outside = map(attributes_of, call.arguments)
    folded = [_folded(members) for members in outside]
    result: dict[str, Value[Any]] = {}
    for name, member in within.items():
        answer = all_true(name.lower() in members and equal(member, members[name.lower()][1]) for members in folded)
        if answer is None:
            require_known(call.arguments)
        if answer:
            result[name] = member
    return call.known(result)


def _list_of(call: FunctionCall, make: Callable[[str, Value[Any]], Value[Any]]) -> Value[Any]:
    """A list made of the members of an object, in the order of their names without case.

    The order is that of `EvaluationTests.Items_function…`.
    """
    value = call.arguments[0]
    doubt = value if isinstance(value, Unknown) and isinstance(value.members, Mapping) else None
    members = attributes_of(value) if doubt is None else object_members(doubt)[0]
    made = tuple(make(name, members[name]) for name in sorted(members, key=str.upper))
    return call.known(made) if doubt is None else known_in_part(made, doubt, call.span)


@FUNCTIONS.structural("items", 1)
def _items(call: FunctionCall) -> Value[Any]:
    return _list_of(call, lambda name, member: call.known({"key": call.known(name), "value": member}))


@FUNCTIONS.structural("objectkeys", 1)
def _object_keys(call: FunctionCall) -> Value[Any]:
    return _list_of(call, lambda name, member: call.known(name))


@FUNCTIONS.structural("length", 1)
def _length(call: FunctionCall) -> Value[Any]:
    match known(call.arguments[0]):
        case str() as content:
            return call.known(len(utf16(content)))
        case tuple() | Mapping() as members:
            return call.known(len(members))
        case other:
            raise _refuse(other)


def _extreme(name: str, choose: Callable[[Iterable[int]], int]) -> None:
    @FUNCTIONS.plain(name, anything, rest=anything)
    def body(*given: Any) -> int:
        numbers = given[0] if len(given) == 1 and isinstance(given[0], list) else given
        if not numbers:
            raise EvaluationError("the array is empty")
        return choose(map(integer, numbers))


_extreme("max", max)
_extreme("min", min)


@FUNCTIONS.plain("range", integer, integer)
def _range(start: int, count: int) -> list[int]:
    if count < 0:
        raise EvaluationError("the count must not be negative")
    if count > RANGE_LIMIT:
        raise LimitError(f"A range of {count:,} is more than the {RANGE_LIMIT:,} numbers that Azure allows.")
    if start + count > 2**31 - 1:
        raise EvaluationError("the numbers are too large")
    return list(range(start, start + count))


def _cut(name: str, cut: Callable[[Any, int], Any]) -> None:
    @FUNCTIONS.structural(name, 2)
    def body(call: FunctionCall) -> Value[Any]:
        value = call.arguments[0]
        content = known(value)
        count = max(scalar(call.arguments[1], integer), 0)
        match content:
            case tuple():
                return call.known(cut(content, count))
            case str():
                return call.known(joined(cut(utf16(content), count)))
            case _:
                raise _refuse(content, "an array or a string")


_cut("skip", lambda content, count: content[count:])
_cut("take", lambda content, count: content[:count])


def _merged(first: Value[Any], second: Value[Any], span: Span, depth: int = 0) -> Value[Any]:
    """Two objects merged. Objects in them are merged too; anything else is replaced, also arrays
    (template-functions-object#union)."""
    if depth > VALUE_DEPTH_LIMIT:
        raise too_deep()
    return for_each_choice((first, second), lambda both: _merged_objects(both[0], both[1], span, depth), span)


def _merged_objects(first: Value[Any], second: Value[Any], span: Span, depth: int) -> Value[Any]:
    """As `_merged`, for objects without candidates."""
    if depth and not (_may_be_object(first) and _may_be_object(second)):
        return second
    if depth and isinstance(second, Unknown) and second.members is None:
        return perhaps(first, second)
    (earlier, doubt), (later, later_doubt) = object_members(first), object_members(second)
    result = {name: member if later_doubt is None else perhaps(member, later_doubt) for name, member in earlier.items()}
    spelled = {name.lower(): name for name in earlier}
    for name, member in later.items():
        at = spelled.setdefault(name.lower(), name)
        before = earlier[at] if at in earlier else None if doubt is None else doubt.bare()
        result[at] = member if before is None else _merged(before, member, span, depth + 1)
    unseen = doubt or later_doubt
    if unseen is None:
        return Known(result, span, merge_traces((first, second)))
    return known_in_part(result, unseen, span)


def _may_be_object(value: Value[Any]) -> bool:
    return not is_text(value) if isinstance(value, Unknown) else isinstance(value.value, Mapping)


@FUNCTIONS.variadic("union", 1)
def _union(call: FunctionCall) -> Value[Any]:
    if _are_arrays(call):
        lists = [list_members(value) for value in call.arguments]
        members = tuple(types.distinct(member for items, _ in lists for member in items))
        doubt = next((unseen for _, unseen in lists if unseen is not None), None)
        if doubt is not None:
            return known_in_part(members, doubt, call.span)
        require_known(members)
        return call.known(members)
    result = call.arguments[0]
    for value in call.arguments[1:]:
        result = _merged(result, value, call.span)
    return result.at(call.span)


@FUNCTIONS.structural("shallowmerge", 1)
def _shallow_merge(call: FunctionCall) -> Value[Any]:
    layers = members_of(call.arguments[0])
    for each in layers:
        if isinstance(each, Known):
            attributes_of(each)
    return through_arguments(call, overlaid(layers, call.span, str.lower))
