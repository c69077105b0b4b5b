"""Types of variables, conversions to them, and equality."""

from __future__ import annotations

from typing import Any

import pytest

from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.terraform.types import (
    ANY,
    BOOL,
    LIST,
    MAP,
    NUMBER,
    SET,
    STRING,
    Collection,
    Object,
    ObjectAttribute,
    Tuple,
    Type,
    convert,
    equal,
    frozen,
    number_text,
    parse_type,
    to_bool,
    to_number,
    to_string,
)
from pgflexlint.syntax.expressions import Call, Expression, ListOf, Literal, Name, ObjectOf
from pgflexlint.values import Known, Reference, SetValue, Step, Unknown, Value
from tests.bare_values import HERE, THERE, shown, unknown, value


def type_expression(shape: Any) -> Expression:
    """`"string"`, `("list", "string")`, `{"a": ("optional", "bool", default)}`, `["string"]` for a tuple."""
    match shape:
        case str(name):
            return Name(name, HERE)
        case dict():
            items = tuple((Literal(key, HERE), type_expression(member)) for key, member in shape.items())
            return Call("object", (ObjectOf(items, HERE),), HERE)
        case list():
            return Call("tuple", (ListOf(tuple(map(type_expression, shape)), HERE),), HERE)
        case ("optional", inner, default):
            return Call("optional", (type_expression(inner), Literal(default, THERE)), HERE)
        case (name, inner):
            return Call(name, (type_expression(inner),), HERE)
    raise AssertionError(shape)


def of(shape: Any) -> Type:
    return parse_type(type_expression(shape))


def evaluate(expression: Expression) -> Value[Any]:
    assert isinstance(expression, Literal)
    return value(expression.value).at(expression.span)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("string", STRING),
        ("number", NUMBER),
        ("bool", BOOL),
        ("any", ANY),
        ("list", LIST),
        ("map", MAP),
        ("set", SET),
        ("nonsense", ANY),
        (("list", "string"), Collection("list", STRING)),
        (("what", "string"), ANY),
        (("map", ("set", "number")), Collection("map", Collection("set", NUMBER))),
        (["string", "bool"], Tuple((STRING, BOOL))),
        (
            {"a": "string", "b": ("optional", "bool")},
            Object({"a": ObjectAttribute(STRING), "b": ObjectAttribute(BOOL, True)}),
        ),
    ],
)
def test_types_are_read(shape: Any, expected: Type) -> None:
    assert of(shape) == expected


def test_quoted_types_of_terraform_0_11_are_read() -> None:
    assert [parse_type(Literal(name, HERE)) for name in ("string", "list", "map")] == [STRING, LIST, MAP]


def test_a_default_is_kept_as_it_is_written() -> None:
    type_ = of({"a": ("optional", "bool", True)})
    assert isinstance(type_, Object)
    default = type_.attributes["a"].default
    assert isinstance(default, Literal)
    assert default.value is True


NESTED = {
    "tls": ("optional", "bool", True),
    "rules": ("optional", ("map", {"ip": "string", "on": ("optional", "number", 5)})),
}
X = unknown()
HOLE: dict[str, list[Any]] = {"?": []}


@pytest.mark.parametrize(
    ("given", "shape", "expected"),
    [
        (1, "string", "1"),
        (1.50, "string", "1.5"),
        (True, "string", "true"),
        ("1", "number", 1),
        ("true", "bool", True),
        ("1", "bool", True),
        (None, "string", None),
        (None, ("list", "string"), None),
        ([1, "a", None], ("list", "string"), ["1", "a", None]),
        (["b", "a", "b"], ("set", "string"), ["a", "b"]),
        ([10, "9"], ("set", "number"), [9, 10]),
        ([1, "1"], ("set", "any"), ["1"]),
        ({"a": 1}, ("map", "string"), {"a": "1"}),
        ({"a": 1, "b": "x"}, ("map", "any"), {"a": "1", "b": "x"}),
        ({"a": {"x": 1}, "b": {"x": None}}, ("map", "any"), {"a": {"x": 1}, "b": {"x": None}}),
        ({"a": {"x": 1}, "b": {"y": "z"}}, ("map", "any"), {"a": {"x": "1"}, "b": {"y": "z"}}),
        ([1, "a"], ["number", "string"], [1, "a"]),
        ({"a": 1, "more": 2}, {"a": "string"}, {"a": "1"}),
        ({}, {"a": ("optional", "string")}, {"a": None}),
        ({}, NESTED, {"tls": True, "rules": None}),
        ({"tls": None}, NESTED, {"tls": True, "rules": None}),
        ({"tls": "false", "rules": {"x": {"ip": 1}}}, NESTED, {"tls": False, "rules": {"x": {"ip": "1", "on": 5}}}),
        ([{}, {"tls": X}], ("list", NESTED), [{"tls": True, "rules": None}, {"tls": HOLE, "rules": None}]),
        (X, NESTED, HOLE),
        ([X, 1], ("list", "string"), [HOLE, "1"]),
        (unknown(1, 2), "string", {"?": ["1", "2"]}),
        (unknown({}, {"tls": False}), NESTED, {"?": [{"tls": True, "rules": None}, {"tls": False, "rules": None}]}),
        (unknown("a", []), "string", HOLE),
        ([1, True], "any", [1, True]),
    ],
)
def test_values_are_converted(given: Any, shape: Any, expected: Any) -> None:
    assert shown(convert(value(given), of(shape), evaluate)) == expected


@pytest.mark.parametrize(
    ("given", "shape", "message"),
    [
        ([], "string", "a string is needed, not a list"),
        ({}, "string", "a string is needed, not an object"),
        (1, "bool", "a bool is needed, not a number"),
        ("yes", "bool", 'a bool is needed, but this string is neither "true" nor "false"'),
        ("x", "number", "a number is needed, but this string is not one"),
        (True, "number", "a number is needed, not a bool"),
        ("x", ("list", "string"), "a list is needed, not a string"),
        ({}, ("set", "string"), "a set is needed, not an object"),
        ([], ("map", "string"), "a map is needed, not a list"),
        ([], {"a": "string"}, "an object is needed, not a list"),
        ({}, {"a": "string"}, "attribute 'a' is required"),
        ([1], ["string", "string"], "a tuple of 2 is needed, not of 1"),
        ({}, ["string"], "a tuple is needed, not an object"),
        ([1, True], ("list", "any"), "all members must have the same type"),
        ([1, []], ("set", "any"), "all members must have the same type"),
    ],
)
def test_what_terraform_refuses_is_an_error(given: Any, shape: Any, message: str) -> None:
    with pytest.raises(EvaluationError) as error:
        convert(value(given), of(shape), evaluate)
    assert error.value.message == message


def test_the_way_of_a_value_outlives_its_conversion() -> None:
    step = Step(THERE, "the default of variable 'x'")
    written = Known(1, HERE, (step,), reference=Reference("azurerm_x.a", "port"))
    converted = convert(written, STRING)
    assert converted == Known("1", HERE, (step,), reference=written.reference)
    assert convert(converted, STRING) is converted
    whole = convert(value({"a": written}), of({"a": "number", "b": ("optional", "bool", True)}), evaluate)
    assert isinstance(whole, Known)
    assert whole.value["a"] is written
    assert whole.value["b"].span == THERE
    reference = Reference("azurerm_x.a", "id")
    linked = convert(unknown(1, reference=reference), STRING)
    assert isinstance(linked, Unknown)
    assert linked.reference == reference


ID = Reference("azurerm_subnet.db", "id")
TEXT = unknown(parts=(value("ab"), X, value("yz")))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, "1", False),
        (True, 1, False),
        ("a", "a", True),
        (None, None, True),
        (None, "", False),
        ([1, "a"], [1, "a"], True),
        ([1], [1, 2], False),
        ([1], {"$set": [1]}, False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"$set": [1, 2]}, {"$set": [2, 1]}, True),
        ({"$set": [1]}, {"$set": [2]}, False),
        ({"$set": [1]}, {"$set": [1, 2]}, False),
        (X, 1, None),
        (X, X, None),
        ([X, 1], [X, 2], False),
        ([X, 1], [2, 1], None),
        ({"a": X}, {"b": X}, False),
        (unknown(1, 2), 3, False),
        (unknown(1, 2), 1, None),
        (unknown(1, 2), unknown(3, 4), False),
        (3, unknown(1, 2), False),
        (unknown(reference=ID), unknown(reference=ID), True),
        (unknown(reference=ID), unknown(reference=ID._replace(attribute="name")), None),
        (unknown(reference=ID._replace(attribute="")), unknown(reference=ID._replace(attribute="")), None),
        (unknown(reference=ID._replace(address="a.b[?]")), unknown(reference=ID._replace(address="a.b[?]")), None),
        (unknown(never_null=True), None, False),
        (X, None, None),
        (TEXT, None, False),
        (TEXT, "abcdyz", None),
        (TEXT, "acyz", False),
        (TEXT, "abcy", False),
        (TEXT, "abz", False),
        ("abyz", TEXT, None),
    ],
)
def test_equality_has_three_answers(left: Any, right: Any, expected: bool | None) -> None:
    assert equal(value(left), value(right)) is expected
    assert equal(value(right), value(left)) is expected
    keys = frozen(value(left)), frozen(value(right))
    assert None in keys or (keys[0] == keys[1]) is expected


def test_a_set_with_an_unknown_member_may_equal_another() -> None:
    assert equal(Known(SetValue([X]), HERE), value({"$set": [1]})) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "1"), (1.0, "1"), (-0.5, "-0.5"), (1e21, "1000000000000000000000"), (1e-7, "0.0000001"), (0.1, "0.1"),
        (2**100, str(2**100)), (1.5e300, "15" + "0" * 299), (-0.0, "0"),
    ],
)  # fmt: skip
def test_numbers_are_written_without_exponents(number: float, expected: str) -> None:
    assert number_text(number) == expected


def test_scalars_are_converted_both_ways() -> None:
    assert [to_string(True), to_string(1.0), to_number("1e3"), to_bool("0")] == ["true", "1", 1000, False]
    for convert_, bare in ((to_string, None), (to_number, None), (to_bool, None), (to_number, "1e")):
        with pytest.raises(EvaluationError):
            convert_(bare)


@pytest.mark.parametrize("text", ["1e999999999", "9" * 5000])
def test_numbers_out_of_all_bounds_are_refused(text: str) -> None:
    with pytest.raises(LimitError):
        to_number(text)
