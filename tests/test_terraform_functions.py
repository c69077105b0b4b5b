"""The functions of the Terraform language: as the real Terraform answers, and what it does not have to care about."""

from __future__ import annotations

import base64
import gzip
import ipaddress
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.functions import to_bare
from pgflexlint.evaluate.terraform.functions import FUNCTIONS
from pgflexlint.evaluate.terraform.functions.json_text import compact
from pgflexlint.source import SourceFile, UnreadableError
from pgflexlint.values import Known, Reference, SetValue, Step, Unknown, Value, merge_traces
from tests.bare_values import HERE, HOLE, THERE, shown, unknown, value
from tests.record_terraform_console import FILES, RECORD


class Files:
    """A workspace of some texts."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._files = {path: SourceFile(path, text) for path, text in texts.items()}

    def read(self, path: str) -> SourceFile | None:
        return self._files.get(path)

    def real(self, directory: str) -> str:
        return directory

    def files(self, directory: str) -> Iterable[str]:
        return sorted(path for path in self._files if path.rpartition("/")[0] == directory)


WORKSPACE = Files(FILES)


def call(name: str, *arguments: Any) -> Value[Any]:
    return FUNCTIONS[name](FunctionCall(name, THERE, tuple(map(value, arguments)), WORKSPACE))


def answer(name: str, *arguments: Any) -> Any:
    result = call(name, *arguments)
    assert isinstance(result, Known), result
    return to_bare(result)


RECORDED = json.loads(Path(RECORD).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "case", RECORDED, ids=lambda case: f"{case['function']}({', '.join(map(json.dumps, case['arguments']))})"[:80]
)
def test_answers_like_terraform(case: dict[str, Any]) -> None:
    if case["error"]:
        with pytest.raises(EvaluationError):
            result = call(case["function"], *case["arguments"])
            print(result)
    else:
        assert compact(answer(case["function"], *case["arguments"])) == compact(case["answer"])


ID = Reference("azurerm_subnet.db", "id")
X = unknown()
AB = unknown("a", "B")


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        # Plain functions: unknown in, unknown out; candidates one by one; one answer for all is an answer.
        ("lower", [X], HOLE),
        ("lower", [AB], {"?": ["a", "b"]}),
        ("upper", [unknown("a", "A")], "A"),
        ("lower", [unknown("a", ["b"])], HOLE),
        ("replace", [AB, "a", unknown("x", "y")], {"?": ["x", "y", "B"]}),
        ("substr", [AB, X, 1], HOLE),
        ("max", [1, unknown(2, 3)], {"?": [2, 3]}),
        ("max", [1, unknown(*range(20))], HOLE),
        ("sha1", [X], HOLE),
        ("uuid", [], HOLE),
        ("timestamp", [], HOLE),
        # Structural ones say what they can.
        ("length", [[X, X]], 2),
        ("length", [{"a": X}], 1),
        ("length", [X], HOLE),
        ("length", [Known(SetValue([X]), HERE)], 1),
        ("length", [Known(SetValue([X, value(1)]), HERE)], HOLE),
        ("contains", [["a", X], "a"], True),
        ("contains", [["b", X], "a"], HOLE),
        ("contains", [["b", unknown("c", "d")], "a"], False),
        ("contains", [["a", "b"], unknown("a", "b")], True),
        ("contains", [["a", "b"], unknown("a", "c")], {"?": [True, False]}),
        ("contains", [[unknown(reference=ID)], unknown(reference=ID)], True),
        ("alltrue", [[X, False]], False),
        ("alltrue", [[X, True]], HOLE),
        ("anytrue", [[X, True]], True),
        ("anytrue", [[X, False]], HOLE),
        ("merge", [{"a": X, "b": 1}, {"b": 2, "c": X}], {"a": HOLE, "b": 2, "c": HOLE}),
        ("merge", [{"a": 1}, X], HOLE),
        ("merge", [{"a": 1}, unknown({}, {"a": 2})], {"?": [{"a": 1}, {"a": 2}]}),
        ("lookup", [{"a": X}, "a", 1], HOLE),
        ("lookup", [{"a": X}, "b", 1], 1),
        ("lookup", [{"a": 1, "b": 2}, unknown("a", "c"), 3], {"?": [1, 3]}),
        ("lookup", [X, "a", 1], HOLE),
        ("lookup", [{"a": 1, "b": 2}, X, 3], {"?": [1, 2, 3]}),
        ("lookup", [{"a": 1, "b": X}, X, 3], HOLE),
        ("lookup", [{"a": 1}, X], 1),
        ("lookup", [{}, X, 3], 3),
        ("element", [[X, "b"], 1], "b"),
        ("element", [["a", "b"], X], {"?": ["a", "b"]}),
        ("element", [["a", X], X], HOLE),
        ("element", [["a", "b"], -1], "b"),
        ("keys", [{"b": X, "a": 1}], ["a", "b"]),
        ("values", [{"b": X, "a": 1}], [1, HOLE]),
        ("zipmap", [["a"], [X]], {"a": HOLE}),
        ("zipmap", [[X], ["a"]], HOLE),
        ("concat", [["a", X], ["b"]], ["a", HOLE, "b"]),
        ("concat", [["a"], X], HOLE),
        ("flatten", [[["a"], X]], HOLE),
        ("flatten", [[["a"], [unknown(reference=ID)]]], ["a", HOLE]),
        ("flatten", [[["a"], unknown(["b"], [])]], {"?": [["a", "b"], ["a"]]}),
        ("one", [[X]], HOLE),
        ("one", [X], HOLE),
        ("one", [unknown([], ["a"])], {"?": [None, "a"]}),
        ("compact", [["a", X]], HOLE),
        ("compact", [["a", unknown("", "b")]], {"?": [["a"], ["a", "b"]]}),
        ("distinct", [["a", X]], HOLE),
        ("sort", [["a", X]], HOLE),
        ("reverse", [[X, 1]], [1, HOLE]),
        ("slice", [[X, 1], 1, 2], [1]),
        ("chunklist", [[X, "a"], 1], [[HOLE], ["a"]]),
        ("index", [["a", X], "a"], 0),
        ("index", [[X, "a"], "a"], HOLE),
        ("setproduct", [["a"], [X]], [["a", HOLE]]),
        ("setunion", [["a"], [X]], ["a", HOLE]),
        ("setsubtract", [["a"], [X]], HOLE),
        ("matchkeys", [[X, "b"], ["k", "l"], ["l"]], ["b"]),
        ("toset", [["b", X, "a", "b"]], ["a", "b", HOLE]),
        ("tostring", [unknown(1, True)], {"?": ["1", "true"]}),
        ("tobool", [X], HOLE),
        ("coalesce", [None, X, "b"], HOLE),
        ("coalesce", ["a", X], "a"),
        ("coalesce", [unknown(None, "a"), "b"], {"?": ["b", "a"]}),
        ("coalesce", [unknown("", None), "b"], "b"),
        ("coalescelist", [[X], ["a"]], [HOLE]),
        ("coalescelist", [X, ["a"]], HOLE),
        ("range", [X], HOLE),
        ("sensitive", [X], HOLE),
        ("list", ["a", X], ["a", HOLE]),
        ("map", ["a", X], {"a": HOLE}),
        # Texts with holes.
        ("join", ["-", ["a", AB]], {"?": ["a-a", "a-B"]}),
        ("formatlist", ["%s!", ["a", X]], ["a!", HOLE]),
        ("formatlist", ["%s!", X], HOLE),
        ("startswith", [unknown(parts=(value("ab"), X)), "a"], True),
        ("startswith", [unknown(parts=(value("ab"), X)), "b"], False),
        ("startswith", [unknown(parts=(value("ab"), X)), "abc"], HOLE),
        ("endswith", [unknown(parts=(X, value("ab"))), "b"], True),
        ("endswith", [unknown(parts=(X, value("ab"))), "a"], False),
        ("strcontains", [unknown(parts=(X, value("-ab-"), X)), "ab"], True),
        ("strcontains", [unknown(parts=(X, value("-ab-"), X)), "c"], HOLE),
        ("base64gunzip", ["H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="], "hello"),
        ("urldecode", ["a+b%2Fc"], "a b/c"),
        ("cidrcontains", ["10.0.0.0/8", "10.1.2.3"], True),
        ("cidrcontains", ["10.0.0.0/8", "11.0.0.0/16"], False),
    ],
)
def test_unknown(name: str, arguments: list[Any], expected: Any) -> None:
    assert shown(call(name, *arguments)) == expected


def test_every_function_of_terraform_1_11_is_there() -> None:
    special = {"can", "try", "templatefile"}
    recorded = {case["function"] for case in RECORDED}
    assert recorded <= FUNCTIONS.keys()
    assert not special & FUNCTIONS.keys()
    assert all(FUNCTIONS[f"core::{name}"] is FUNCTIONS[name] for name in recorded)


def test_every_recorded_function_has_three_cases() -> None:
    counts = Counter(case["function"] for case in RECORDED)
    assert [name for name, count in counts.items() if count < 3] == []


def test_the_unknown_says_why_and_how_it_came() -> None:
    result = call("upper", X)
    assert isinstance(result, Unknown)
    assert (result.reason, result.trace, result.span) == (X.reason, X.trace, THERE)
    assert result.never_null
    nullable = call("lookup", X, "a")
    assert isinstance(nullable, Unknown)
    assert not nullable.never_null


@pytest.mark.parametrize(
    ("name", "rest", "step"),
    [
        ("lookup", ["a"], "'a' in an object"),
        ("element", [0], "element 0 of a list"),
        ("one", [], "an element of a list"),
    ],
)
def test_what_is_taken_says_where_it_was_written(name: str, rest: list[Any], step: str) -> None:
    first = Step(HERE, "the default of variable 'x'")
    member = Known("written there", HERE, (first,))
    found = call(name, {"a": member} if name == "lookup" else [member], *rest)
    assert isinstance(found, Known)
    assert (found.value, found.trace) == ("written there", (first, Step(HERE, step)))


def test_members_stay_the_same_objects() -> None:
    member = Known("written there", HERE, (Step(HERE, "the default of variable 'x'"),))
    whole = {"a": member}
    for result in (
        call("merge", {"a": 1}, whole), call("zipmap", ["a"], [member]), call("tomap", whole), call("map", "a", member),
    ):  # fmt: skip
        assert isinstance(result, Known)
        assert result.value["a"] is member
    single: list[tuple[str, list[Any]]] = [
        ("coalesce", [None, member]), ("tostring", [member]), ("nonsensitive", [member]),
    ]  # fmt: skip
    for name, arguments in single:
        assert call(name, *arguments) is member, name
    lists: list[tuple[str, list[Any]]] = [
        ("concat", [[member], []]), ("flatten", [[[member]]]), ("values", [whole]), ("toset", [[member]]),
        ("distinct", [[member]]), ("compact", [[member]]), ("sort", [[member]]), ("reverse", [[member]]),
        ("slice", [[member], 0, 1]), ("setunion", [[member], []]), ("setintersection", [[member], [member]]),
        ("coalescelist", [[member]]), ("matchkeys", [[member], [1], [1]]), ("list", [member]),
    ]  # fmt: skip
    for name, arguments in lists:
        result = call(name, *arguments)
        assert isinstance(result, Known)
        assert result.value[0] is member, name


def test_an_answer_came_the_way_of_its_arguments_and_their_members() -> None:
    step, other = Step(HERE, "the default of variable 'x'"), Step(HERE, "local 'y'")
    result = call("join", Known("-", HERE, (other,)), [Known("a", HERE, (step,))])
    assert (result.at(THERE), result.trace) == (result, (other, step))


def test_an_unknown_that_is_surely_there_ends_coalesce() -> None:
    sure = unknown(reference=ID, never_null=True)
    assert call("coalesce", None, sure, "b") is sure


def test_a_text_with_holes_keeps_its_parts() -> None:
    hole = unknown(reference=ID)
    for result in (call("format", "%s/%s%d", "a", hole, 5), call("join", "", ["a/", hole, 5])):
        assert isinstance(result, Unknown)
        assert [part if part is hole else part.value for part in result.parts if part is hole or part.value] in (
            ["a", "/", hole, "5"],
            ["a/", hole, "5"],
        )
    padded = call("format", "%5s", hole)
    assert isinstance(padded, Unknown)
    assert hole not in padded.parts


def test_json_keeps_the_unknown_in_its_place() -> None:
    hole = unknown(reference=ID)
    encoded = call("jsonencode", {"b": [1, hole], "a": {"x": True}})
    assert isinstance(encoded, Unknown)
    assert [part.value for part in encoded.parts if isinstance(part, Known)] == ['{"a":{"x":true},"b":[1,', "]}"]
    decoded = call("jsondecode", encoded)
    assert shown(decoded) == {"a": {"x": True}, "b": [1, HOLE]}
    assert isinstance(decoded, Known)
    assert decoded.value["b"].value[1].reference == ID


def test_json_is_read_around_the_holes_of_a_template() -> None:
    hole = unknown(reference=ID)
    parts = (value('{"a": "'), hole, value('", "b": "x/'), hole, value('", "c": "\\"", "d": '), hole, value("}"))
    decoded = call("jsondecode", unknown(parts=parts))
    assert isinstance(decoded, Known)
    assert decoded.value["a"] is hole
    assert [part if part is hole else part.value for part in decoded.value["b"].parts] == ["x/", hole]
    assert decoded.value["c"].value == '"'
    assert decoded.value["d"].reference == ID
    assert shown(call("jsondecode", unknown(parts=(value('{"a": '), hole)))) == HOLE
    assert shown(call("jsondecode", unknown('{"a": 1}', "[]", parts=parts))) == {"?": [{"a": 1}, []]}


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("regex", ["(a|aa)+$", "a" * 60 + "b"], "A regular expression takes longer than 0.2 seconds."),
        ("regexall", ["(a|aa)+$", "a" * 60 + "b"], "A regular expression takes longer than 0.2 seconds."),
        ("replace", ["a" * 60 + "b", "/(a|aa)+$/", "x"], "A regular expression takes longer than 0.2 seconds."),
        ("regex", ["(" * 5000 + ")" * 5000, "a"], "The arguments of function 'regex' are too large."),
        ("regex", ["a" * 20_000, "a"], "A regular expression is longer than 10,000 characters."),
        ("regex", ["(" + "[a-z]x" * 500 + "){1000}", "a"], "A regular expression is larger than 20,000"),
        ("regex", [".", "a" * 100_000], "is longer than 65,536 characters."),
        ("replace", ["a" * 1_000_000, "a", "b" * 1_000_000], "A text would be longer than 1,048,576 characters."),
        ("replace", ["a" * 60_000, "/a/", "b" * 1000], "A text would be longer than 1,048,576 characters."),
        ("replace", ["a" * 60_000, "/.*/", "$0" * 1000], "A text would be longer than 1,048,576 characters."),
        ("join", ["x" * 1_000_000, ["a"] * 1000], "A text would be longer than 1,048,576 characters."),
        ("format", ["%999999999d", 1], "A field would be wider than 1,024 characters."),
        ("format", ["%.99999999999999999999f", 1], "A field would be wider than 1,024 characters."),
        ("indent", [10**9, "\n\n"], "A text would be longer than 1,048,576 characters."),
        ("split", ["", "a" * 200_000], "A value would have more than 65,536 members."),
        ("setproduct", [list(range(100))] * 5, "A value would have more than 65,536 members."),
        ("concat", [[1] * 40_000] * 2, "A value would have more than 65,536 members."),
        ("concat", [[1] * 70_000], "A value would have more than 65,536 members."),
        ("jsondecode", ["[" * 200 + "]" * 200], "A value would be nested more than 100 levels deep."),
        ("jsondecode", ["[" * 100_000 + "]" * 100_000], "The arguments of function 'jsondecode' are too large."),
        ("jsondecode", ["9" * 5000], "A number has more than 400 digits."),
        ("tonumber", ["9" * 5000], "A number has more than 400 digits."),
        ("tonumber", ["1e999"], "A number is too large to evaluate."),
        ("parseint", ["9" * 5000, 10], "A number has more than 400 digits."),
        ("pow", [2, 100_000_000], "The arguments of function 'pow' are too large."),
        ("yamldecode", ["[" * 5000 + "]" * 5000], "A value would be nested more than 100 levels deep."),
        ("yamldecode", ["a" * 300_000], "A YAML text is longer than 262,144 characters."),
        ("base64gunzip", [base64.b64encode(gzip.compress(b"a" * 5_000_000)).decode()], "A text would be longer than"),
    ],
)
def test_what_is_out_of_bounds_is_refused(name: str, arguments: list[Any], message: str) -> None:
    with pytest.raises(LimitError, match=re.escape(message)):
        call(name, *arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("pathexpand", ["~/a"], "machine"),
        ("abspath", ["a"], "machine"),
        ("file", ["/etc/passwd"], "out of the workspace"),
        ("file", ["../../secret"], "out of the workspace"),
        ("file", ["~/.ssh/id_rsa"], "out of the workspace"),
        ("fileset", ["..", "*"], "out of the workspace"),
        ("fileset", [".", "**/*.tf"], "directories"),
        ("bcrypt", ["a"], "another value at each run"),
    ],
)
def test_what_is_not_worked_out_is_unknown(name: str, arguments: list[Any], reason: str) -> None:
    result = call(name, *arguments)
    assert isinstance(result, Unknown), result
    assert reason in result.reason


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    for name, argument in (
        ("yamldecode", "\n".join(lines)), ("jsonencode", _bomb()), ("flatten", _bomb()), ("tolist", _bomb()),
    ):  # fmt: skip
        with pytest.raises(LimitError, match=r"A value would have more than 65,536 members\."):
            call(name, argument)


def _bomb() -> Value[Any]:
    """Values that hold the same values ten times over, again and again."""
    bomb = value("x")
    for _ in range(12):
        bomb = Known((bomb,) * 10, HERE)
    return bomb


def test_nested_repetitions_have_the_bound_of_re2() -> None:
    with pytest.raises(EvaluationError, match="more than 1,000 times"):
        call("regex", "((a{100}){100}){100}", "a")
    assert answer("regex", "((?:a{2}){3}){4}|(?i)b", "b") == [None]


def test_range_has_terraforms_bound() -> None:
    with pytest.raises(EvaluationError, match="1,024"):
        call("range", 10**9)


def test_an_error_names_the_function_and_the_place_and_no_value() -> None:
    with pytest.raises(EvaluationError) as error:
        call("tonumber", "s3cret")
    assert error.value.message == "function 'tonumber' fails: a number is needed, but this string is not one"
    assert error.value.span == THERE
    with pytest.raises(EvaluationError, match="function 'lower' fails: it was given 2 arguments"):
        call("lower", "a", "b")


def test_a_file_that_is_no_text_is_unknown() -> None:
    class Broken(Files):
        def read(self, path: str) -> SourceFile | None:
            raise UnreadableError("it is not UTF-8")

    result = FUNCTIONS["file"](FunctionCall("file", THERE, (value("a"),), Broken({})))
    assert isinstance(result, Unknown)
    assert "not UTF-8" in result.reason


def test_a_byte_order_mark_belongs_to_the_text_of_a_file() -> None:
    class Marked(Files):
        def read(self, path: str) -> SourceFile | None:
            return SourceFile(path, "a", byte_order_mark=True)

    workspace = Marked({})
    answer = FUNCTIONS["file"](FunctionCall("file", THERE, (value("x"),), workspace))
    assert isinstance(answer, Known)
    assert answer.value == "\ufeffa"
    assert [(step.span.file.path, step.span.file.text) for step in answer.trace] == [("x", "")]
    assert isinstance(FUNCTIONS["filemd5"](FunctionCall("filemd5", THERE, (value("x"),), workspace)), Unknown)


def test_a_file_that_is_read_twice_is_one_step() -> None:
    file = SourceFile("x", "a")

    class One(Files):
        def read(self, path: str) -> SourceFile | None:
            return file

    call = FunctionCall("file", THERE, (value("x"),), One({}))
    first, second = FUNCTIONS["file"](call), FUNCTIONS["filebase64"](call)
    assert len(merge_traces((first, second))) == 1


Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(least: int, bits: int) -> st.SearchStrategy[Network]:
    return st.builds(
        lambda address, length: ipaddress.ip_network((address, length), strict=False),
        st.integers(least, 2**bits - 1),
        st.integers(0, bits),
    )


networks = _networks(0, 32) | _networks(2**100, 128)


@given(networks, st.data())
def test_hosts_are_those_that_python_counts(network: Network, data: st.DataObject) -> None:
    host = data.draw(st.integers(0, network.num_addresses - 1))
    assert answer("cidrhost", str(network), host) == str(network[host])
    assert answer("cidrhost", str(network), host - network.num_addresses) == str(network[host])
    with pytest.raises(EvaluationError):
        call("cidrhost", str(network), network.num_addresses)


@given(networks, st.data())
def test_subnets_are_those_that_python_counts(network: Network, data: st.DataObject) -> None:
    bits = data.draw(st.integers(0, min(8, network.max_prefixlen - network.prefixlen)))
    subnets = [str(subnet) for subnet in network.subnets(prefixlen_diff=bits)]
    number = data.draw(st.integers(0, len(subnets) - 1))
    assert answer("cidrsubnet", str(network), bits, number) == subnets[number]
    if bits:
        assert answer("cidrsubnets", str(network), *[bits] * len(subnets)) == subnets
        assert answer("cidrcontains", str(network), subnets[number]) is True


@given(st.integers(-(10**30), 10**30), st.integers(2, 36))
def test_numbers_are_read_as_they_are_written(number: int, base: int) -> None:
    assert answer("tonumber", answer("tostring", number)) == number
    assert answer("tonumber", answer("format", "%d", number)) == number
    assert answer("parseint", answer("format", "%x", number), 16) == number
    assert answer("parseint", answer("format", "%b", number), 2) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_fractions_are_read_as_they_are_written(number: float) -> None:
    """As fractions: a large whole one is written with the digits that tell it from its neighbours, then zeros."""
    assert float(answer("tonumber", answer("tostring", number))) == number
    for verb in ("%v", "%g"):
        assert float(answer("tonumber", answer("format", verb, number))) == number


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(json_values)
def test_json_is_read_as_it_is_written(bare: Any) -> None:
    encoded = answer("jsonencode", bare)
    assert answer("jsondecode", encoded) == bare
    assert json.loads(encoded) == bare


@given(st.text(), st.text(max_size=3))
def test_texts_come_back(content: str, separator: str) -> None:
    assert answer("base64decode", answer("base64encode", content)) == content
    assert answer("urldecode", answer("urlencode", content)) == content
    assert answer("strrev", answer("strrev", content)) == content or not content.isascii()
    assert answer("join", separator, answer("split", separator, content)) == content
    assert answer("textdecodebase64", answer("textencodebase64", content, "UTF-16LE"), "UTF-16LE") == content


@given(
    st.text(alphabet="ab[](){}|*+?^$.\\dwsbBzAQE-:=<>!Pp,01i&~#", max_size=12), st.text(alphabet="ab01 -\n", max_size=8)
)
def test_no_pattern_crashes(pattern: str, content: str) -> None:
    try:
        call("regexall", pattern, content)
    except EvaluationError as error:
        assert error.message


@given(st.text(max_size=20), st.lists(json_values, max_size=3))
def test_no_format_crashes(template: str, given_values: list[Any]) -> None:
    try:
        call("format", template, *given_values)
    except EvaluationError as error:
        assert error.message
