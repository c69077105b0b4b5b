"""Type constraints of variables, the conversions that they ask for, and equality.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints; where that page is silent, go-cty
(https://github.com/zclconf/go-cty, packages `convert` and `cty`) decides, which Terraform and OpenTofu share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from msgspec import Struct, json
from msgspec.structs import replace

from pgflexlint.evaluate.bounds import LimitError, check_digits
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import Equality, describe
from pgflexlint.evaluate.members import Namespace
from pgflexlint.source import Span
from pgflexlint.syntax.expressions import Call, Expression, ListOf, Literal, Name, ObjectOf
from pgflexlint.values import Known, ListValue, MapValue, SetValue, Unknown, Value, first_unknown, is_null


class Primitive(Struct, frozen=True):
    """`string`, `number`, `bool`, or `any`, which is no constraint."""

    name: str


class Collection(Struct, frozen=True):
    """`list(item)`, `set(item)` or `map(item)`; `any` as the item asks for members of one type, whichever it is."""

    name: str
    item: Type


class ObjectAttribute(Struct, frozen=True):
    """An attribute of an object type. An optional one that is missing gets its default, or else null."""

    type: Type
    optional: bool = False
    default: Expression | None = None


class Object(Struct, frozen=True):
    """`object({…})`."""

    attributes: Mapping[str, ObjectAttribute]


class Tuple(Struct, frozen=True):
    """`tuple([…])`."""

    items: tuple[Type, ...]


Type: TypeAlias = Primitive | Collection | Object | Tuple
Evaluate: TypeAlias = Callable[[Expression], Value[Any]]

ANY, STRING, NUMBER, BOOL = (Primitive(name) for name in ("any", "string", "number", "bool"))
LIST, SET, MAP = (Collection(name, ANY) for name in ("list", "set", "map"))
_NAMED: Mapping[str, Type] = {
    "string": STRING, "number": NUMBER, "bool": BOOL, "any": ANY, "list": LIST, "set": SET, "map": MAP,
}  # fmt: skip


TYPES = (*_NAMED, "object", "tuple", "optional")
"""The words of type constraints."""
Report: TypeAlias = Callable[[str, Span], None]


def parse_type(expression: Expression, report: Report = lambda name, span: None) -> Type:
    """The type that an expression such as `map(object({ tls = optional(bool, true) }))` stands for.

    Quoted names (`"string"`, `"list"`), as Terraform 0.11 had them, count as bare ones. Anything that is no type counts
    as `any`, so that values pass unchanged; `report` is told its name and place.
    """
    match expression:
        case Name(name) | Literal(str(name)):
            if name not in _NAMED:
                report(name, expression.span)
            return _NAMED.get(name, ANY)
        case Call(("list" | "set" | "map") as name, (item,)):
            return Collection(name, parse_type(item, report))
        case Call("tuple", (ListOf(items),)):
            return Tuple(tuple(parse_type(item, report) for item in items))
        case Call("object", (ObjectOf(pairs),)):
            return Object({_key(key): _attribute(value, report) for key, value in pairs})
        case Call(name) if name not in TYPES:
            report(name, expression.span)
    return ANY


def _key(expression: Expression) -> str:
    match expression:
        case Literal(str(name)) | Name(name):
            return name
        case _:
            return ""


def _attribute(expression: Expression, report: Report) -> ObjectAttribute:
    match expression:
        case Call("optional", (type_, default)):
            return ObjectAttribute(parse_type(type_, report), True, default)
        case Call("optional", (type_,)):
            return ObjectAttribute(parse_type(type_, report), True)
        case _:
            return ObjectAttribute(parse_type(expression, report))


def number_text(number: float) -> str:
    """A number as Terraform writes it: without an exponent, without needless zeros."""
    if isinstance(number, int):
        return str(number)
    if number.is_integer() and abs(number) < 2**53:
        return str(int(number))
    text = repr(number)
    if "e" not in text:
        return text
    from decimal import Decimal  # noqa: PLC0415  a rare case that should not cost start-up time

    return format(Decimal(text), "f")


def tidy(number: float) -> float:
    """The same number, as an int if it is whole and a float holds it exactly."""
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 2**53 else number


def to_string(value: Any) -> str:
    """A bare scalar as a string."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case _:
            raise EvaluationError(f"a string is needed, not {describe(value)}")


def to_number(value: Any) -> float:
    """A bare scalar as a number; strings in decimal notation count."""
    match value:
        case int() | float() if not isinstance(value, bool):
            return value
        case str():
            return _parse_number(value)
        case _:
            raise EvaluationError(f"a number is needed, not {describe(value)}")


def _parse_number(text: str) -> float:
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if not digits or digits[0] not in "0123456789." or "_" in digits:
        raise EvaluationError("a number is needed, but this string is not one")
    try:
        if digits.isascii() and digits.isdecimal():
            check_digits(digits)
            return int(text)
        number = float(text)
    except ValueError:
        raise EvaluationError("a number is needed, but this string is not one") from None
    if number in {float("inf"), float("-inf")}:
        raise LimitError("A number is too large to evaluate.")
    return tidy(number)


def to_bool(value: Any) -> bool:
    """A bare scalar as a bool; the strings "true", "false", "1" and "0" count, numbers do not."""
    match value:
        case bool():
            return value
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case str():
            raise EvaluationError('a bool is needed, but this string is neither "true" nor "false"')
        case _:
            raise EvaluationError(f"a bool is needed, not {describe(value)}")


_SCALARS: Mapping[str, Callable[[Any], Any]] = {"string": to_string, "number": to_number, "bool": to_bool}


def no_defaults(expression: Expression) -> Value[Any]:
    """The `evaluate` of `convert` for a type without optional attributes. It is never called."""
    raise EvaluationError("this type has no defaults", expression.span)


def convert(value: Value[Any], type_: Type, evaluate: Evaluate = no_defaults) -> Value[Any]:
    """A value as a variable of this type would hold it. Members that need no change stay the same objects.

    `evaluate` works out the defaults of optional attributes. Attributes that the type does not name are dropped. Null
    stays null; unknown stays unknown, and its candidates are converted. Raises `EvaluationError` if Terraform refuses
    the value.
    """
    if type_ == ANY:
        return value
    match value:
        case Unknown():
            return _convert_unknown(value, type_, evaluate)
        case Known(None):
            return value
        case Known(bare):
            converted = _convert_bare(bare, type_, value, evaluate)
            return value if converted is bare else replace(value, value=converted)


def _convert_unknown(value: Unknown, type_: Type, evaluate: Evaluate) -> Value[Any]:
    if not value.candidates:
        return value if value.members is None else _convert_part(value, type_, evaluate)
    try:
        candidates = tuple(convert(candidate, type_, evaluate) for candidate in value.candidates)
    except EvaluationError:
        return replace(value, candidates=())
    return replace(value, candidates=cast("tuple[Known[Any], ...]", candidates))


def _convert_part(value: Unknown, type_: Type, evaluate: Evaluate) -> Value[Any]:
    """The certain members of a value that is known in part, converted. An object type says which others there are."""
    members = value.members
    unseen = value.bare()
    try:
        match type_, members:
            case Collection("map", item), Mapping():
                return replace(value, members={name: convert(members[name], item, evaluate) for name in members})
            case Collection("set", item), tuple():
                return replace(value, members=make_set(convert(member, item, evaluate) for member in members))
            case Collection("list", item), tuple():
                return replace(value, members=tuple(convert(member, item, evaluate) for member in members))
            case Object(attributes), Mapping():
                whole = {
                    name: convert(members.get(name, unseen), each.type, evaluate) for name, each in attributes.items()
                }
                return Known(whole, value.span, value.trace)
    except EvaluationError:
        pass
    return unseen


def _convert_bare(bare: Any, type_: Type, holder: Known[Any], evaluate: Evaluate) -> Any:
    match type_, bare:
        case Primitive(name), _:
            return _SCALARS[name](bare)
        case Collection("map", item), Mapping():
            members = _convert_members(bare.values(), item, evaluate)
            return MapValue(zip(bare, members, strict=True))
        case Collection("set", item), tuple():
            return make_set(_convert_members(bare, item, evaluate))
        case Collection("list", item), tuple():
            return ListValue(_convert_members(bare, item, evaluate))
        case Object(attributes), Mapping():
            return {
                name: _convert_attribute(name, attribute, bare, holder, evaluate)
                for name, attribute in attributes.items()
            }
        case Tuple(items), tuple():
            if len(items) != len(bare):
                raise EvaluationError(f"a tuple of {len(items)} is needed, not of {len(bare)}")
            return tuple(convert(member, item, evaluate) for member, item in zip(bare, items, strict=True))
        case Object(), _:
            needed = "an object"
        case Tuple(), _:
            needed = "a tuple"
        case Collection(name), _:
            needed = f"a {name}"
    raise EvaluationError(f"{needed} is needed, not {describe(bare)}")


def _convert_members(members: Iterable[Value[Any]], item: Type, evaluate: Evaluate) -> list[Value[Any]]:
    members = list(members)
    if item == ANY:
        item = unify(map(type_of, members))
    return [convert(member, item, evaluate) for member in members]


def _convert_attribute(
    name: str, attribute: ObjectAttribute, given: Mapping[str, Value[Any]], holder: Known[Any], evaluate: Evaluate
) -> Value[Any]:
    value = given.get(name)
    if value is None and not attribute.optional:
        raise EvaluationError(f"attribute '{name}' is required")
    if value is None or is_null(value):
        if attribute.default is not None:
            value = evaluate(attribute.default)
        elif value is None:
            return Known(None, holder.span, holder.trace)
    return convert(value, attribute.type, evaluate)


def unlike(expression: Expression, value: Value[Any]) -> bool:
    """Whether an expression `[…]` or `{…}` is certain to differ from a value by its type: it makes a tuple or an
    object, which never equals a list or a map, even if both are empty."""
    match value:
        case Known(ListValue()):
            return isinstance(expression, ListOf)
        case Known(MapValue()):
            return isinstance(expression, ObjectOf)
        case Unknown(candidates=candidates):
            return bool(candidates) and all(unlike(expression, each) for each in candidates)
        case _:
            return False


def branch(value: Value[Any], other: Callable[[], Value[Any]]) -> Value[Any]:
    """The value that a conditional gives for one branch, converted to the type that both branches have in common.

    If there is no such type, which Terraform refuses, it is the value itself.
    https://developer.hashicorp.com/terraform/language/expressions/conditionals#result-types
    """
    own = type_of(value)
    if own in (ANY, STRING):  # which all that is no collection becomes
        return value
    try:
        common = unify((own, type_of(other())))
        return value if common == own else convert(value, common)
    except EvaluationError:
        return value


def type_of(value: Value[Any]) -> Type:
    """The type of a value; `any` if it fits every type, such as null, or if its type cannot be told."""
    if isinstance(value, Unknown):
        return _type_of_unknown(value)
    match value.value:
        case Namespace():
            return ANY
        case str():
            return STRING
        case bool():
            return BOOL
        case int() | float():
            return NUMBER
        case SetValue() as members:
            return Collection("set", unify(map(type_of, members)))
        case ListValue() as members:
            return Collection("list", unify(map(type_of, members)))
        case tuple() as members:
            return Tuple(tuple(map(type_of, members)))
        case MapValue() as members:
            return Collection("map", unify(map(type_of, members.values())))
        case Mapping() as members:
            return Object({name: ObjectAttribute(type_of(member)) for name, member in members.items()})
        case _:
            return ANY


def _type_of_unknown(value: Unknown) -> Type:
    try:
        return unify(map(type_of, value.candidates))
    except EvaluationError:
        return ANY


def unify(types: Iterable[Type]) -> Type:
    """The one type that values of these types can all be converted to (go-cty's `convert.UnifyUnsafe`)."""
    kinds = list(dict.fromkeys(_key_of(type_) for type_ in types if type_ != ANY))
    found = [kind.type for kind in kinds]
    match found:
        case []:
            return ANY
        case [only]:
            return only
    if all(isinstance(type_, Primitive) for type_ in found):
        if STRING in found:
            return STRING
    elif all(isinstance(type_, Tuple) for type_ in found):
        return _unify_tuples(cast("list[Tuple]", found))
    elif all(isinstance(type_, Object) for type_ in found):
        return _unify_objects(cast("list[Object]", found))
    else:
        return _unify_collections(found)
    raise EvaluationError("all members must have the same type")


def _unify_collections(types: Sequence[Type]) -> Type:
    """The type in common: a map for maps and objects, a set for sets and tuples, else a list for anything with an
    order."""
    names = {type_.name for type_ in types if isinstance(type_, Collection)}
    if names <= {"map"} and not any(isinstance(type_, Tuple | Primitive) for type_ in types):
        return Collection("map", unify(item for type_ in types for item in _items(type_)))
    if names <= {"list", "set"} and not any(isinstance(type_, Object | Primitive) for type_ in types):
        name = "set" if names == {"set"} else "list"
        return Collection(name, unify(item for type_ in types for item in _items(type_)))
    raise EvaluationError("all members must have the same type")


def _items(type_: Type) -> Iterable[Type]:
    """The types of the members of a list, a set, a map, a tuple or an object."""
    match type_:
        case Collection(item=item):
            return (item,)
        case Tuple(items):
            return items
        case Object(attributes):
            return [attribute.type for attribute in attributes.values()]
        case _:
            return ()


class _Keyed(Struct, frozen=True):
    """A type as a key of a dict. Object types hold dicts themselves, so they have no hash."""

    key: str
    type: Type

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.key == other.key


def _key_of(type_: Type) -> _Keyed:
    return _Keyed(repr(type_), type_)


def _unify_tuples(tuples: Sequence[Tuple]) -> Type:
    if len({len(type_.items) for type_ in tuples}) == 1:
        try:
            return Tuple(tuple(map(unify, zip(*(type_.items for type_ in tuples), strict=True))))
        except EvaluationError:
            pass
    return _unify_collections(tuples)


def _unify_objects(objects: Sequence[Object]) -> Type:
    names = objects[0].attributes
    if all(type_.attributes.keys() == names.keys() for type_ in objects):
        try:
            return Object(
                {name: ObjectAttribute(unify(type_.attributes[name].type for type_ in objects)) for name in names}
            )
        except EvaluationError:
            pass
    return _unify_collections(objects)


def make_set(values: Iterable[Value[Any]]) -> SetValue[Value[Any]]:
    """A set of these values: duplicates dropped, in the order in which Terraform goes through a set."""
    members = distinct(values)
    known = [member for member in members if isinstance(member, Known)]
    scalars = len({describe(member.value) for member in known}) == 1 and isinstance(known[0].value, str | int | float)
    if scalars or all(first_unknown(member) is None for member in known):
        known.sort(key=(lambda member: member.value) if scalars else _sort_key)
        members = [*known, *(member for member in members if isinstance(member, Unknown))]
    return SetValue(members)


def _sort_key(value: Value[Any]) -> str:
    """A key that puts members of a set in the order of Terraform, if they are no scalars (go-cty,
    `cty/set_internals.go`)."""
    match value:
        case Known(None):
            return "~"
        case Known(bool() as bare):
            return "T" if bare else "F"
        case Known(int() | float() as bare):
            return number_text(bare)
        case Known(str() as bare):
            return json.encode(bare).decode()
        case Known(ListValue() | SetValue() as members):
            return "[" + "".join(f"{_sort_key(member)};" for member in members) + "]"
        case Known(tuple() as members):
            return "<" + "".join(f"{_sort_key(member)};" for member in members) + ">"
        case Known(MapValue() as members):
            pairs = (f"{json.encode(name).decode()}:{_sort_key(members[name])};" for name in sorted(members))
            return "{" + "".join(pairs) + "}"
        case Known(Mapping() as members):
            return "<" + "".join(f"{_sort_key(members[name])};" for name in sorted(members)) + ">"
        case _:
            return "?"


_EQUALITY = Equality(to_string)
equal, frozen, distinct = _EQUALITY.equal, _EQUALITY.frozen, _EQUALITY.distinct
may_be, known_ends = _EQUALITY.may_be, _EQUALITY.known_ends
