"""Functions of lists, sets, maps and objects.

https://developer.hashicorp.com/terraform/language/functions, group "Collection Functions", and the type conversions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product, repeat
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import check_size
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.equality import describe, is_text, made_of
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
)
from pgflexlint.evaluate.members import (
    chained,
    either,
    for_each_choice,
    keyed,
    known_in_part,
    list_members,
    one_taken,
    overlaid,
)
from pgflexlint.evaluate.members import member as member_of
from pgflexlint.evaluate.terraform import types
from pgflexlint.evaluate.terraform.functions.parameters import integer, number, text, texts
from pgflexlint.evaluate.terraform.functions.regexes import graphemes
from pgflexlint.evaluate.terraform.types import ANY, LIST, Collection, convert, equal, frozen, make_set
from pgflexlint.values import (
    Known,
    ListValue,
    MapValue,
    SetValue,
    Unknown,
    Value,
    all_true,
    any_true,
    instead,
    is_null,
    picked,
)

FUNCTIONS = Table()
RANGE_LIMIT = 1024
"""Terraform's own bound."""

FUNCTIONS.unknowable("whether a value is sensitive is not tracked", "issensitive")
FUNCTIONS.unknowable("whether a value is ephemeral is not tracked", "ephemeralasnull")


def _converter(name: str, type_: types.Type) -> None:
    @FUNCTIONS.structural(name, 1, nullable=True)
    def body(call: FunctionCall) -> Value[Any]:
        return convert(call.arguments[0], type_)


_CONVERSIONS: Mapping[str, types.Type] = {
    "tostring": types.STRING, "tonumber": types.NUMBER, "tobool": types.BOOL,
    "tolist": types.LIST, "toset": types.SET, "tomap": types.MAP,
    "sensitive": ANY,
}  # fmt: skip
for _name, _type in _CONVERSIONS.items():
    _converter(_name, _type)


@FUNCTIONS.structural("nonsensitive", 1, nullable=True)
def _nonsensitive(call: FunctionCall) -> Value[Any]:
    """`nonsensitive`: the same value. An unknown of which nothing else is known notes the function (see `made_of`)."""
    value = call.arguments[0]
    bare = isinstance(value, Unknown) and not (value.candidates or value.some or value.parts or value.members)
    return made_of(value, call.name, value) if bare else value  # type: ignore[arg-type]


def _bools(call: FunctionCall) -> Iterable[bool | None]:
    members, doubt = list_members(call.arguments[0])
    for member in members:
        yield None if isinstance(member, Unknown) else member.value is not None and types.to_bool(member.value)
    if doubt is not None:
        yield None


@FUNCTIONS.structural("alltrue", 1)
def _alltrue(call: FunctionCall) -> Value[Any]:
    return verdict(call, all_true(_bools(call)))


@FUNCTIONS.structural("anytrue", 1)
def _anytrue(call: FunctionCall) -> Value[Any]:
    return verdict(call, any_true(_bools(call)))


@FUNCTIONS.structural("contains", 2)
def _contains(call: FunctionCall) -> Value[Any]:
    items, wanted = call.arguments
    members, doubt = list_members(items)
    answers = [equal(member, wanted) for member in members]
    return verdict(call, any_true(answers if doubt is None else (*answers, None)))


@FUNCTIONS.structural("length", 1)
def _length(call: FunctionCall) -> Value[Any]:
    match call.arguments[0]:
        case Unknown() as unknown:
            raise UndecidedError(unknown)
        case Known(str(content)):
            return call.known(len(graphemes(content)))
        case Known(SetValue() as members) if len(members) > 1:
            require_known(members)
            return call.known(len(members))
        case Known(tuple() | Mapping() as members):
            return call.known(len(members))
        case Known(other):
            raise EvaluationError(f"a string or a collection is needed, not {describe(other)}")


@FUNCTIONS.variadic("coalesce", 1)
def _coalesce(call: FunctionCall) -> Value[Any]:
    kinds = {type(value.value) for value in call.arguments if isinstance(value, Known)}
    for position, value in enumerate(call.arguments, start=1):
        match value:
            case Unknown(candidates=()) if value.never_null or value.parts:
                return value
            case Unknown(candidates=()) if position < len(call.arguments):
                others = _coalesce(replace(call, arguments=call.arguments[position:]))
                return either((value, others), value, call.span)
            case Unknown(candidates=()):
                return replace(value, never_null=True)  # those before it are null, and no way for it
            case Unknown():
                raise UndecidedError(value)
            case Known(None | ""):
                continue
            case Known(bool() | int() | float()) if str in kinds:
                return instead(convert(value, types.STRING), call.arguments[: position - 1])
            case _:
                return instead(value, call.arguments[: position - 1])
    raise EvaluationError("all of its arguments are null or empty")


@FUNCTIONS.variadic("coalescelist", 1)
def _coalescelist(call: FunctionCall) -> Value[Any]:
    for position, value in enumerate(call.arguments):
        if is_null(value):
            continue
        if members_of(value):
            return instead(value, call.arguments[:position])
    raise EvaluationError("all of its arguments are null or empty")


@FUNCTIONS.structural("compact", 1)
def _compact(call: FunctionCall) -> Value[Any]:
    kept: list[Value[Any]] = []
    doubt: Unknown | None = None
    for member in members_of(call.arguments[0]):
        match member:
            case Known(None | ""):
                continue
            case Unknown() if not _is_filled(member):
                if member.candidates:
                    raise UndecidedError(member)
                doubt = doubt or member
            case _:
                kept.append(convert(member, types.STRING))
    return call.known(ListValue(kept)) if doubt is None else known_in_part(tuple(kept), doubt, call.span)


def _is_filled(unknown: Unknown) -> bool:
    """Whether an unknown text is certain not to be empty: it is an id, or a piece of it is known."""
    if unknown.reference is not None and unknown.reference.attribute == "id":
        return True
    return is_text(unknown) and any(isinstance(part, Known) and part.value not in (None, "") for part in unknown.parts)


def _list_members(value: Value[Any]) -> tuple[Value[Any], ...]:
    """The members of what must be a list and no set."""
    members = members_of(value)
    if isinstance(members, SetValue):
        raise EvaluationError("a list is needed, not a set")
    return members


def _as_list(value: Value[Any]) -> tuple[Value[Any], ...]:
    members_of(value)
    return members_of(convert(value, LIST))


@FUNCTIONS.structural("distinct", 1)
def _distinct(call: FunctionCall) -> Value[Any]:
    value = call.arguments[0]
    if isinstance(value, Unknown) and value.members is not None:
        return known_in_part(tuple(types.distinct(list_members(value)[0])), value, call.span)
    members = types.distinct(_as_list(value))
    doubt = next((member for member in members if isinstance(member, Unknown)), None)
    if doubt is None or len(members) == 1:
        return call.known(ListValue(members))
    if doubt.candidates:
        require_known(members)
    return known_in_part(tuple(members), doubt, call.span)


@FUNCTIONS.variadic("concat", 1)
def _concat(call: FunctionCall) -> Value[Any]:
    for value in call.arguments:
        if isinstance(value, Known):
            _list_members(value)
    check_size(items=sum(len(list_members(value)[0]) for value in call.arguments))
    return through_arguments(call, _typed(ListValue, call.arguments, chained(call.arguments, call.span)))


def _typed(kind: type[Any], arguments: Iterable[Value[Any]], made: Value[Any]) -> Value[Any]:
    """The result with the type `kind`, a list or a map, if all arguments have it. Else the result may be a tuple or
    an object."""
    typed = all(isinstance(value, Known) and isinstance(value.value, kind) for value in arguments)
    return made.map(kind) if typed and isinstance(made, Known) else made


def _is_scalar(unknown: Unknown) -> bool:
    """Whether an unknown is certain not to be a list: it is a text with holes, or the id or the name of a resource."""
    if unknown.candidates:
        return not any(isinstance(each.value, tuple) for each in unknown.candidates)
    return bool(unknown.parts) or (unknown.reference is not None and unknown.reference.attribute in {"id", "name"})


@FUNCTIONS.structural("flatten", 1)
def _flatten(call: FunctionCall) -> Value[Any]:
    members, doubt = list_members(call.arguments[0])
    return for_each_choice(members, lambda chosen: _flat(call, chosen, doubt), call.span)


def _flat(call: FunctionCall, members: Sequence[Value[Any]], doubt: Unknown | None) -> Value[Any]:
    flat: list[Value[Any]] = []
    stack = list(members)[::-1]
    while stack:
        check_size(items=len(flat) + len(stack))
        member = stack.pop()
        match member:
            case Known(tuple() as members):
                stack.extend(reversed(members))
            case Unknown(members=known) if not _is_scalar(member):
                doubt = doubt or member
                stack.extend(reversed(known if isinstance(known, tuple) else ()))
            case _:
                flat.append(member)
    return call.known(tuple(flat)) if doubt is None else known_in_part(tuple(flat), doubt, call.span)


@FUNCTIONS.structural("chunklist", 2)
def _chunklist(call: FunctionCall) -> Value[Any]:
    members, size = _as_list(call.arguments[0]), scalar(call.arguments[1], integer)
    if size < 0:
        raise EvaluationError("the size is negative")
    size = size or max(len(members), 1)
    chunks = (ListValue(members[at : at + size]) for at in range(0, len(members), size))
    return call.known(ListValue(map(call.known, chunks)))


def _is_open(key: Value[Any]) -> bool:
    return isinstance(key, Unknown) and not key.candidates


def _one_of(call: FunctionCall, members: Sequence[Value[Any]]) -> Value[Any]:
    """The member under an unknown key, the second argument: one of all members."""
    container, key = call.arguments[:2]
    if not isinstance(key, Unknown) or not members:
        raise EvaluationError("the object has no attributes")
    return either((one_taken(each, container, call.span) for each in members), key, call.span)


@FUNCTIONS.structural("element", 2, nullable=True)
def _element(call: FunctionCall) -> Value[Any]:
    members = _list_members(call.arguments[0])
    if not members:
        raise EvaluationError("the list is empty")
    if _is_open(call.arguments[1]):
        return _one_of(call, members)
    index: int = scalar(call.arguments[1], integer)
    return picked(member_of(call.arguments[0], index % len(members), call.span), call.arguments[1])


@FUNCTIONS.structural("index", 2)
def _index(call: FunctionCall) -> Value[Any]:
    members, wanted = members_of(call.arguments[0]), call.arguments[1]
    for at, member in enumerate(members):
        answer = equal(member, wanted)
        if answer is None:
            require_known(call.arguments)
        if answer:
            return verdict(call, at)
    raise EvaluationError("the item is not in the list")


@FUNCTIONS.structural("keys", 1)
def _keys(call: FunctionCall) -> Value[Any]:
    return _list_of(call, lambda members: [call.known(key) for key in sorted(members)])


@FUNCTIONS.structural("values", 1)
def _values(call: FunctionCall) -> Value[Any]:
    return _list_of(call, lambda members: [members[key] for key in sorted(members)])


def _list_of(call: FunctionCall, make: Callable[[Mapping[str, Value[Any]]], list[Value[Any]]]) -> Value[Any]:
    """A list made of the members of an object. It is known in part if the object is."""
    value = call.arguments[0]
    if isinstance(value, Unknown) and isinstance(value.members, Mapping):
        return known_in_part(tuple(make(value.members)), value, call.span)
    members = attributes_of(value)
    return call.known((ListValue if isinstance(members, MapValue) else tuple)(make(members)))


@FUNCTIONS.structural("lookup", 2, 3, nullable=True)
def _lookup(call: FunctionCall) -> Value[Any]:
    value = call.arguments[0]
    if isinstance(value, Unknown) and isinstance(value.members, Mapping) and not _is_open(call.arguments[1]):
        key = scalar(call.arguments[1], text)
        found: Value[Any] | None = value.members.get(key)
        if found is not None:
            return member_of(value, key, call.span)
    if isinstance(value, Unknown) and not value.candidates and len(call.arguments) == 3:
        return either((value.bare(), call.arguments[2]), value, call.span)
    members = attributes_of(value)
    if _is_open(call.arguments[1]):
        return _one_of(call, (*members.values(), *call.arguments[2:]))
    key = scalar(call.arguments[1], text)
    if key in members:
        return picked(member_of(value, key, call.span), call.arguments[1])
    if len(call.arguments) == 2:
        raise EvaluationError(f"the object has no attribute '{key}'")
    default = call.arguments[2]
    if isinstance(members, MapValue):
        default = convert(default, types.unify(map(types.type_of, members.values())))
    return instead(default, call.arguments[:2])


@FUNCTIONS.structural("matchkeys", 3)
def _matchkeys(call: FunctionCall) -> Value[Any]:
    values, keys, wanted = map(_as_list, call.arguments)
    require_known((*keys, *wanted))
    if len(values) != len(keys):
        raise EvaluationError("there are not as many keys as values")
    both = types.unify(map(types.type_of, (*keys, *wanted)))
    found = {frozen(convert(item, both)) for item in wanted}
    pairs = zip(values, keys, strict=True)
    return call.known(ListValue(value for value, key in pairs if frozen(convert(key, both)) in found))


@FUNCTIONS.variadic("merge", 0)
def _merge(call: FunctionCall) -> Value[Any]:
    return through_arguments(call, _typed(MapValue, call.arguments, overlaid(call.arguments, call.span)))


@FUNCTIONS.structural("one", 1, nullable=True)
def _one(call: FunctionCall) -> Value[Any]:
    members = members_of(call.arguments[0])
    if len(members) <= 1:
        return one_taken(members[0], call.arguments[0], call.span) if members else call.known(None)
    if isinstance(members, SetValue):
        require_known(members)
    raise EvaluationError(f"the list has {len(members)} members, not one or none")


@FUNCTIONS.plain("range", rest=number)
def _range(*limits: float) -> ListValue[float]:
    match limits:
        case [stop]:
            start, step = 0, -1 if stop < 0 else 1
        case [start, stop]:
            step = -1 if stop < start else 1
        case [start, stop, step]:
            pass
        case _:
            raise EvaluationError("it takes one to three arguments")
    if step == 0 or (stop - start) * step < 0:
        raise EvaluationError("the step does not lead from the start to the end")
    if abs(stop - start) > RANGE_LIMIT * abs(step):
        raise EvaluationError(f"more than {RANGE_LIMIT:,} values were asked for")
    result: list[float] = []
    value = start
    while value < stop if step > 0 else value > stop:
        result.append(value)
        value += step
    return ListValue(result)


@FUNCTIONS.structural("reverse", 1)
def _reverse(call: FunctionCall) -> Value[Any]:
    members = members_of(call.arguments[0])
    return call.known((tuple if type(members) is tuple else ListValue)(reversed(members)))


def _unified(call: FunctionCall) -> list[Value[Any]]:
    """The arguments as sets of one type."""
    given = [members_of(value) for value in call.arguments]
    item = types.unify(types.type_of(member) for members in given for member in members)
    return [convert(value, Collection("set", item)) for value in call.arguments]


@FUNCTIONS.variadic("setunion", 1)
def _setunion(call: FunctionCall) -> Value[Any]:
    doubt = next((value for value in call.arguments if isinstance(value, Unknown) and not value.candidates), None)
    if doubt is not None:
        return known_in_part(make_set(list_members(chained(call.arguments, call.span))[0]), doubt, call.span)
    return call.known(make_set(member for members in _unified(call) for member in members_of(members)))


@FUNCTIONS.variadic("setintersection", 1)
def _setintersection(call: FunctionCall) -> Value[Any]:
    return _members_of_first(call, in_others=True)


@FUNCTIONS.structural("setsubtract", 2)
def _setsubtract(call: FunctionCall) -> Value[Any]:
    return _members_of_first(call, in_others=False)


def _members_of_first(call: FunctionCall, *, in_others: bool) -> Value[Any]:
    """The members of the first set that are in all others, or in none of them."""
    require_known(call.arguments)
    first, *others = map(members_of, _unified(call))
    found = [{frozen(member) for member in members} for members in others]
    kept = (member for member in first if all((frozen(member) in keys) is in_others for keys in found))
    return call.known(SetValue(kept))


@FUNCTIONS.variadic("setproduct", 2)
def _setproduct(call: FunctionCall) -> Value[Any]:
    sets = [members_of(value) for value in call.arguments]
    total = 1
    for members in sets:
        total *= len(members)
    check_size(items=total * len(sets))
    columns = [
        members if isinstance(members, SetValue) else _as_list(value)
        for members, value in zip(sets, call.arguments, strict=True)
    ]
    rows = (call.known(row) for row in product(*columns))
    if any(isinstance(members, SetValue) for members in sets):
        require_known(call.arguments)
        return call.known(SetValue(rows))
    return call.known(ListValue(rows))


@FUNCTIONS.structural("slice", 3)
def _slice(call: FunctionCall) -> Value[Any]:
    members, start, end = _list_members(call.arguments[0]), *(scalar(value, integer) for value in call.arguments[1:])
    if not 0 <= start <= end <= len(members):
        raise EvaluationError("the indices are not within the list")
    return call.known(type(members)(members[start:end]))


@FUNCTIONS.structural("sort", 1)
def _sort(call: FunctionCall) -> Value[Any]:
    members = members_of(call.arguments[0])
    if len(members) == 1 and isinstance(members[0], Unknown):
        return call.known(ListValue([convert(members[0], types.STRING)]))
    require_known(members)
    by_text = sorted((scalar(member, text), at) for at, member in enumerate(members))
    return call.known(ListValue(convert(members[at], types.STRING) for _, at in by_text))


@FUNCTIONS.plain("transpose", anything)
def _transpose(lists: Any) -> MapValue[ListValue[str]]:
    if not isinstance(lists, dict):
        raise EvaluationError(f"a map is needed, not {describe(lists)}")
    result: dict[str, list[str]] = {}
    for key in sorted(lists):
        for item in texts(lists[key]):
            result.setdefault(text(item), []).append(key)
    return MapValue((key, ListValue(names)) for key, names in result.items())


@FUNCTIONS.structural("zipmap", 2)
def _zipmap(call: FunctionCall) -> Value[Any]:
    names, members = members_of(call.arguments[0]), _list_members(call.arguments[1])
    if len(names) != len(members):
        raise EvaluationError("there are not as many keys as values")
    made = overlaid(map(keyed, names, members, repeat(lambda known: text(known.value))), call.span)
    typed = isinstance(members, ListValue) and isinstance(made, Known)
    return through_arguments(call, made.map(MapValue) if typed else made)


@FUNCTIONS.variadic("list", 0)
def _list(call: FunctionCall) -> Value[Any]:
    """Gone since Terraform 0.12, where `tolist([…])` took its place."""
    return call.known(tuple(call.arguments))


@FUNCTIONS.variadic("map", 0)
def _map(call: FunctionCall) -> Value[Any]:
    """Gone since Terraform 0.12, where `tomap({…})` took its place."""
    if len(call.arguments) % 2:
        raise EvaluationError("a key has no value")
    keys = [scalar(key, text) for key in call.arguments[::2]]
    return call.known(dict(zip(keys, call.arguments[1::2], strict=True)))
