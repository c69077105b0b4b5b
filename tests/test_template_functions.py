"""The functions of ARM templates and Bicep, as their pages and the tests of Azure/bicep say what they answer."""

from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.equality import made_of
from pgflexlint.evaluate.functions import to_bare
from pgflexlint.evaluate.members import member
from pgflexlint.evaluate.template.functions import FUNCTIONS
from pgflexlint.evaluate.template.identity import key
from pgflexlint.evaluate.template.types import equal, to_bool, to_int, to_text
from pgflexlint.source import SourceFile
from pgflexlint.values import Known, Reference, Step, Unknown, Value
from tests.bare_values import HERE, HOLE, THERE, shown, unknown, value
from tests.workspace import MemoryWorkspace

WORKSPACE = MemoryWorkspace(
    {
        "a.txt": "Grüße\n",
        "server.json": '{"tls": "TLSv1.2", /* why */ "ports": [5432, {"x-y": true}], "empty": null,}',
        "server.yaml": "tls: 'on'\nport: 5432\nflags: [yes, true, ~, 1.5]\n",
        "broken.json": "{",
        "long.txt": "x" * 131_073,
    }
)


def call(name: str, *arguments: Any) -> Value[Any]:
    return FUNCTIONS[name.lower()](FunctionCall(name, THERE, tuple(map(value, arguments)), WORKSPACE))


NULL = Known(None, HERE)
NESTED = {"name": "pg", "network": {"access": "Disabled", "subnet": "a"}, "tags": ["x", "y"]}

ANSWERS: list[tuple[str, list[Any], Any]] = [
    ("array", ["a"], ["a"]), ("array", [["a", 1]], ["a", 1]), ("array", [{"a": 1}], [{"a": 1}]),
    ("concat", ["pg-", 5, True], "pg-5True"), ("concat", [[1], [], ["a"]], [1, "a"]), ("concat", ["x"], "x"),
    ("contains", ["Postgres", "gres"], True), ("contains", ["Postgres", "GRES"], False),
    ("contains", [{"Tls": NULL}, "tls"], True), ("contains", [{"a": 1}, "b"], False),
    ("contains", [["A", 1], "a"], False), ("contains", [["A", 1], 1], True), ("contains", ["a1", 1], True),
    ("empty", [""], True), ("empty", [[]], True), ("empty", [{}], True), ("empty", [None], True),
    ("empty", ["a"], False),
    ("first", [["a", "b"]], "a"), ("first", ["abc"], "a"), ("first", [[]], None),
    ("last", [["a", "b"]], "b"), ("last", ["abc"], "c"), ("last", [[]], None),
    ("flatten", [[[1, [2]], [], [3]]], [1, [2], 3]), ("flatten", [[]], []),
    ("distinct", [["b", "a", "b", 1]], ["b", "a", 1]), ("distinct", [[{"a": 1}, {"A": 1}]], [{"a": 1}]),
    ("indexOf", ["FOOBAR", "bar"], 3), ("indexOf", ["abc", "z"], -1), ("indexOf", ["abc", ""], 0),
    ("indexOf", [["FOO", "a", "a"], "a"], 1), ("indexOf", [["FOO"], "foo"], -1), ("indexOf", [[1], "1"], -1),
    ("lastIndexOf", ["abcABC", "b"], 4), ("lastIndexOf", [["a", "b", "a"], "a"], 2), ("lastIndexOf", [[], 1], -1),
    ("intersection", [[1, 2, 3, 2], [2, 4], [2]], [2]), ("intersection", [["A"], ["a"]], []),
    ("intersection", [{"a": 1, "B": 2}, {"b": 2, "A": 9}], {"B": 2}),
    ("items", [{"b": 1, "A": 2}], [{"key": "A", "value": 2}, {"key": "b", "value": 1}]), ("items", [{}], []),
    ("objectKeys", [{"b": 1, "a": 2}], ["a", "b"]), ("objectKeys", [{}], []),
    ("length", ["Grüße"], 5), ("length", ["😀"], 2), ("length", [[1, 2]], 2), ("length", [{"a": 1}], 1),
    ("max", [3, 9, -1], 9), ("max", [[3, 9]], 9), ("min", [3, 9, -1], -1), ("min", [[3]], 3),
    ("range", [5, 3], [5, 6, 7]), ("range", [-1, 0], []),
    ("skip", [[1, 2, 3], 2], [3]), ("skip", ["abc", -1], "abc"), ("skip", ["abc", 9], ""),
    ("take", [[1, 2, 3], 2], [1, 2]), ("take", ["abc", 1], "a"), ("take", ["abc", -1], ""),
    ("union", [["a", "b"], ["b", "c"]], ["a", "b", "c"]), ("union", [{"a": 1}], {"a": 1}),
    (
        "union",
        [NESTED, {"Network": {"ACCESS": "Enabled"}, "tags": ["z"], "sku": 1}],
        {"name": "pg", "network": {"access": "Enabled", "subnet": "a"}, "tags": ["z"], "sku": 1},
    ),
    ("shallowMerge", [[NESTED, {"NETWORK": {}, "n": 1}]], {**NESTED, "network": {}, "n": 1}),
    ("shallowMerge", [[]], {}),
    ("int", ["42"], 42), ("int", [7], 7), ("int", ["-3"], -3), ("float", ["3.5"], 3.5), ("float", [3], 3),
    ("bool", ["trUe"], True), ("bool", [-1], True), ("bool", [0], False), ("bool", ["false"], False),
    ("parseCidr", ["10.144.0.9/20"], {
        "network": "10.144.0.0", "netmask": "255.255.240.0", "broadcast": "10.144.15.255",
        "firstUsable": "10.144.0.1", "lastUsable": "10.144.15.254", "cidr": 20,
    }),
    ("parseCidr", ["fdad:3236:5555::/48"], {
        "network": "fdad:3236:5555::", "netmask": "ffff:ffff:ffff::", "firstUsable": "fdad:3236:5555::",
        "lastUsable": "fdad:3236:5555:ffff:ffff:ffff:ffff:ffff", "cidr": 48,
    }),
    ("cidrSubnet", ["10.144.0.0/20", 24, 4], "10.144.4.0/24"),
    ("cidrSubnet", ["fdad:3236:5555::/48", 52, 3], "fdad:3236:5555:3000::/52"),
    ("cidrHost", ["10.144.3.0/24", 0], "10.144.3.1"),
    ("cidrHost", ["fdad:3236:5555:3000::/52", 4], "fdad:3236:5555:3000::5"),
    ("base64", [" Fizz "], "IEZpenog"), ("base64", [""], ""), ("base64ToString", ["IEZpenog"], " Fizz "),
    ("base64ToString", ["w7w="], "ü"), ("base64ToJson", ["eydhJzogMX0="], {"a": 1}), ("base64ToJson", ["WzFd"], [1]),
    ("dataUri", [" Fizz "], "data:text/plain;charset=utf-8;base64,IEZpenog"),
    ("dataUri", [True], "data:text/plain;charset=utf-8;base64,VHJ1ZQ=="),
    ("dataUriToString", ["data:;base64,SGVsbG8sIFdvcmxkIQ=="], "Hello, World!"),
    ("dataUriToString", ["data:,a%20b"], "a b"),
    ("startsWith", ["Postgres", "POST"], True), ("startsWith", ["abc", "bc"], False),
    ("endsWith", ["Postgres", "GRES"], True), ("endsWith", ["abc", "ab"], False),
    ("like", ["abcdef", "A*C*"], True), ("like", ["aXbYa", "a*b*a"], True), ("like", ["abc", "*b"], False),
    ("like", ["", "***"], True), ("like", ["a", "a*a"], False), ("like", ["abc", "ABC"], True),
    ("format", ["{0}/{1}/{2}/{3}", 1, 2, 3, True], "1/2/3/True"), ("format", ["{0:N0}", 8175133], "8,175,133"),
    ("format", ["{{{0}}}", "a"], "{a}"), ("format", ["{1,-3}|{0,3}", "a", "b"], "b  |  a"),
    ("format", ["{0:D3}-{1:x2}-{2:000}-{3:F1}", 7, 255, 5, 2], "007-ff-005-2.0"), ("format", ["{0:N0}", "a"], "a"),
    ("format", ["{0}{1}", {"a": "b", "!c": 2}, [True, 2893, "it's"]], "{'a':'b','!c':2}[true,2893,'it\\'s']"),
    ("guid", ["foo", "bar", "baz"], "2ed86837-7c7c-5eaa-9864-dd077fd19b0d"),
    ("guid", ["a"], "3703365d-5a9f-59b4-bca7-b9681389e4c1"),
    ("join", [["a", "b"], "/"], "a/b"), ("join", [["abc", 123, True], "/"], "abc/123/True"), ("join", [[], ","], ""),
    ("json", ['{"a": [1, 2.5, null]}'], {"a": [1, 2.5, None]}), ("json", ["null"], None), ("json", ['"test"'], "test"),
    ("json", ["{'a': 'it\\'s \"so\"', b: [1,], /* c */ }"], {"a": 'it\'s "so"', "b": [1]}),
    ("padLeft", [123, 10, "0"], "0000000123"), ("padLeft", ["abc", 2], "abc"), ("padLeft", ["00", 5], "   00"),
    ("replace", ["a.b.c", ".", "-"], "a-b-c"), ("replace", ["123-123", "-", ""], "123123"),
    ("split", ["a,b,,c", ","], ["a", "b", "", "c"]), ("split", ["a,b;c", [",", ";"]], ["a", "b", "c"]),
    ("split", ["abc", "x"], ["abc"]),
    ("string", [5], "5"), ("string", [True], "True"), ("string", ["a"], "a"),
    ("string", [{"valueB": 'x"<', "a": [True, None]}], '{"valueB":"x\\"<","a":[true,null]}'),
    ("substring", ["one two three", 4, 3], "two"), ("substring", ["abc", 1], "bc"), ("substring", ["abc", 3], ""),
    ("toLower", ["One TWO"], "one two"), ("toLower", ["ÄÖ"], "äö"), ("toUpper", ["One"], "ONE"),
    ("toUpper", ["ß"], "ß"),
    ("trim", ["  a b\t\n"], "a b"), ("trim", [""], ""),
    ("uri", ["http://contoso.org/firstpath", "myscript.sh"], "http://contoso.org/myscript.sh"),
    ("uri", ["http://contoso.org/firstpath/", "myscript.sh"], "http://contoso.org/firstpath/myscript.sh"),
    ("uri", ["https://github.com/another/repo", "/Azure/bicep"], "https://github.com/Azure/bicep"),
    ("uriComponent", [" Fizz/ü~"], "%20Fizz%2F%C3%BC~"), ("uriComponent", ["http://a"], "http%3A%2F%2Fa"),
    ("uriComponentToString", ["%20Fizz%20"], " Fizz "), ("uriComponentToString", ["a+b"], "a+b"),
    ("dateTimeAdd", ["2023-01-01 00:00:00Z", "P1Y"], "2024-01-01T00:00:00Z"),
    ("dateTimeAdd", ["2024-01-01 00:00:00Z", "P1Y"], "2024-12-31T00:00:00Z"),
    ("dateTimeAdd", ["2024-02-01T00:00:00Z", "P1M"], "2024-03-02T00:00:00Z"),
    ("dateTimeAdd", ["20200407T145314Z", "-P9D", "G"], "3/29/2020 2:53:14 PM"),
    ("dateTimeAdd", ["2020-04-07T14:53:14+02:00", "PT1H9.5S", "yy/M/d H:mm:ss.ff 'at' tt"], "20/4/7 13:53:23.50 at PM"),
    ("dateTimeToEpoch", ["1970-01-02T00:00:00Z"], 86400), ("dateTimeToEpoch", ["2023-05-04T20:41:24Z"], 1683232884),
    ("dateTimeFromEpoch", [86400], "1970-01-02T00:00:00Z"), ("dateTimeFromEpoch", [1683232884], "2023-05-04T20:41:24Z"),
    ("tenantResourceId", ["Microsoft.Authorization/policyDefinitions", "p"],
     "/providers/Microsoft.Authorization/policyDefinitions/p"),
    ("tenantResourceId", ["A.B/c/d", "x", "y"], "/providers/A.B/c/x/d/y"),
    ("resourceId", ["s", "g", "A.B/c/d", "x", "y"], "/subscriptions/s/resourceGroups/g/providers/A.B/c/x/d/y"),
    ("subscriptionResourceId", ["s", "A.B/c", "x"], "/subscriptions/s/providers/A.B/c/x"),
    ("managementGroupResourceId", ["m", "A.B/c", "x"],
     "/providers/Microsoft.Management/managementGroups/m/providers/A.B/c/x"),
    ("extensionResourceId", ["/subscriptions/s/resourceGroups/g", "A.B/c", "x"],
     "/subscriptions/s/resourceGroups/g/providers/A.B/c/x"),
    ("extensionResourceId", ["/providers/A.B/c/x", "D.E/f", "y"], "/providers/A.B/c/x/providers/D.E/f/y"),
    ("any", [1], 1), ("any", [{"a": None}], {"a": None}),
    ("loadTextContent", ["a.txt"], "Grüße\n"), ("loadTextContent", ["./a.txt", "utf-8"], "Grüße\n"),
    ("loadFileAsBase64", ["a.txt"], "R3LDvMOfZQo="), ("loadFileAsBase64", ["./x/../a.txt"], "R3LDvMOfZQo="),
    ("loadJsonContent", ["server.json"], {"tls": "TLSv1.2", "ports": [5432, {"x-y": True}], "empty": None}),
    ("loadJsonContent", ["server.json", ".ports[1]['x-y']"], True),
    ("loadJsonContent", ["server.json", "$.ports[0]"], 5432),
    ("loadYamlContent", ["server.yaml"], {"tls": "on", "port": 5432, "flags": ["yes", True, None, 1.5]}),
    ("loadYamlContent", ["server.yaml", "flags[3]"], 1.5),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), ANSWERS)
def test_answers(name: str, arguments: list[Any], expected: Any) -> None:
    result = call(name, *arguments)
    assert isinstance(result, Known), result
    assert json.dumps(to_bare(result)) == json.dumps(expected)


REFUSED: list[tuple[str, list[Any]]] = [
    ("concat", ["a", [1]]), ("concat", [{"a": 1}, "b"]), ("concat", []), ("contains", [1, 1]), ("empty", [5]),
    ("first", [5]), ("flatten", [[1]]),
    ("intersection", [[1], {"a": 1}]), ("intersection", [[1]]), ("items", [[1]]), ("length", [5]), ("max", [[]]),
    ("max", ["a"]), ("range", [0, -1]), ("range", [2**31 - 1, 1]), ("skip", ["abc", "1"]),
    ("union", [[1], {}]), ("shallowMerge", [[1]]),
    ("int", ["1.5"]),
    ("int", [True]), ("int", ["9" * 20]), ("float", ["x"]), ("bool", ["yes"]),
    ("parseCidr", ["10.0.0.0"]),
    ("parseCidr", ["10.0.0/8"]), ("cidrSubnet", ["10.0.0.0/24", 20, 0]), ("cidrSubnet", ["10.0.0.0/24", 25, 2]),
    ("cidrHost", ["10.0.0.0/24", 254]), ("cidrHost", ["10.0.0.0/24", -1]), ("base64", [5]), ("base64ToString", ["?"]),
    ("base64ToString", ["/w=="]), ("base64ToJson", ["e30"]), ("dataUriToString", ["x"]), ("format", ["{0}"]),
    ("format", ["{"]), ("json", ["{"]), ("padLeft", ["a", 5, "xy"]), ("replace", ["a", "", "b"]),
    ("substring", ["abc", 1, 3]), ("substring", ["abc", -1, 1]), ("toLower", [5]), ("uri", ["a", "b"]),
    ("dateTimeAdd", ["x", "P1D"]), ("dateTimeAdd", ["2020-01-01", "P"]), ("dateTimeAdd", ["2020-13-01", "P1D"]),
    ("dateTimeAdd", ["9999-12-31", "P1Y"]), ("dateTimeToEpoch", ["x"]), ("dateTimeFromEpoch", [2**62]),
    ("resourceId", ["A.B/c", "x", "y"]), ("resourceId", ["A", "b"]), ("tenantResourceId", ["s", "A.B/c", "x"]),
    ("fail", ["no"]), ("fail", []), ("loadTextContent", ["none.txt"]), ("loadTextContent", ["long.txt"]),
    ("loadJsonContent", ["broken.json"]), ("loadJsonContent", ["server.json", "x"]),
    ("loadYamlContent", ["server.yaml", "[0]"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), REFUSED)
def test_what_arm_refuses_is_an_error(name: str, arguments: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"function '{name}' fails: ") as error:
        call(name, *arguments)
    assert error.value.span == THERE


X = unknown()
AB = unknown("a", "B")
TEXT = unknown(parts=(value("Pg-"), X, value("/x")))

UNDECIDED: list[tuple[str, list[Any], Any]] = [
    ("toLower", [AB], {"?": ["a", "b"]}), ("toUpper", [unknown("a", "A")], "A"), ("take", [AB, 1], {"?": ["a", "B"]}),
    ("array", [X], HOLE), ("array", [[X]], [HOLE]), ("concat", [["a"], [X]], ["a", HOLE]), ("concat", [["a"], X], HOLE),
    ("contains", [["a", X], "a"], True), ("contains", [["b", X], "a"], HOLE), ("contains", [{"a": X}, "A"], True),
    ("contains", [{"a": X}, "b"], False), ("contains", [TEXT, "g-"], True), ("contains", [TEXT, "z"], HOLE),
    ("contains", [X, "z"], HOLE), ("contains", [["a", "B"], AB], True),
    ("empty", [X], HOLE), ("empty", [TEXT], False), ("empty", [[X]], False), ("empty", [{"a": X}], False),
    ("first", [[X, "a"]], HOLE), ("last", [[X, "a"]], "a"), ("flatten", [[["a"], [X]]], ["a", HOLE]),
    ("flatten", [[["a"], X]], HOLE), ("indexOf", [["a", X], "a"], 0), ("indexOf", [[X, "a"], "a"], HOLE),
    ("lastIndexOf", [[X, "a"], "a"], 1), ("intersection", [["a"], [X]], HOLE),
    ("intersection", [{"a": 1, "b": X}, {"a": 1}], {"a": 1}), ("intersection", [{"a": X}, {"a": 1}], HOLE),
    ("items", [{"a": X}], [{"key": "a", "value": HOLE}]), ("objectKeys", [{"a": X}], ["a"]), ("length", [[X, X]], 2),
    ("length", [X], HOLE), ("length", [unknown("ab", [1, 2])], 2), ("max", [1, X], HOLE),
    ("max", [unknown(1, 2), 3], 3),
    ("skip", [["a", X], 1], [HOLE]), ("take", [["a", X], 1], ["a"]), ("take", [[1], X], HOLE),
    ("union", [["a"], [X]], HOLE),
    ("union", [{"a": 1, "b": X}, {"A": X, "b": 2}], {"a": HOLE, "b": 2}),
    ("union", [{"a": {"b": 1}}, {"a": X}], {"a": HOLE}), ("union", [{"a": X}, {"a": {"b": 1}}], {"a": HOLE}),
    ("union", [{"a": TEXT}, {"a": {"b": 1}}], {"a": {"b": 1}}), ("union", [{"a": 1}, X], HOLE),
    ("union", [unknown({"a": 1}, {"b": 2}), {"c": X}], {"?": [{"a": 1, "c": HOLE}, {"b": 2, "c": HOLE}]}),
    ("union", [unknown({"a": 1}, [1]), {"c": X}], {"a": 1, "c": HOLE}),
    ("shallowMerge", [[{"a": X}, {"A": 1}]], {"a": 1}), ("shallowMerge", [[{"a": 1}, X]], HOLE),
    ("startsWith", [TEXT, "PG"], True), ("startsWith", [TEXT, "a"], False), ("startsWith", [TEXT, "pg-1"], HOLE),
    ("endsWith", [TEXT, "/X"], True), ("endsWith", [TEXT, "y"], False), ("endsWith", [X, "y"], HOLE),
    ("json", [X], HOLE), ("json", [unknown('{"a":1}', "[]")], {"?": [{"a": 1}, []]}), ("split", [X, ","], HOLE),
    ("parseCidr", [X], HOLE), ("dateTimeAdd", [X, "P1D"], HOLE), ("any", [X], HOLE), ("loadTextContent", [X], HOLE),
    ("resourceGroup", [], HOLE), ("subscription", ["s"], HOLE), ("tenant", [], HOLE), ("managementGroup", ["m"], HOLE),
    ("deployment", [], HOLE), ("environment", [], HOLE), ("deployer", [], HOLE),
    ("reference", ["x", "2020-01-01"], HOLE),
    ("references", ["x"], HOLE), ("listKeys", ["x", "2020-01-01"], HOLE), ("listAnything", [], HOLE),
    ("providers", ["A.B"], HOLE),
    ("pickZones", ["A.B", "c", "eu"], HOLE), ("getSecret", ["a"], HOLE), ("newGuid", [], HOLE), ("utcNow", ["u"], HOLE),
    ("uniqueString", ["a"], HOLE), ("uniqueString", [X], HOLE), ("guid", [X], HOLE),
    ("readEnvironmentVariable", ["HOME"], HOLE), ("resourceId", ["A.B/c", "x"], HOLE), ("resourceId", [X, "b"], HOLE),
    ("extensionResourceId", [X, "A.B/c", "x"], HOLE), ("subscriptionResourceId", ["A.B/c", "x"], HOLE),
    ("managementGroupResourceId", ["A.B/c", "x"], HOLE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), UNDECIDED)
def test_unknown_in_as_much_known_out_as_is_certain(name: str, arguments: list[Any], expected: Any) -> None:
    assert shown(call(name, *arguments)) == expected


def test_every_function_has_two_cases() -> None:
    names = [name for cases in (ANSWERS, REFUSED, UNDECIDED) for name, *_ in cases]
    counts = Counter(map(str.lower, names))
    constant = {"newguid", "utcnow"}
    rarely = {"tologicalzone", "tologicalzones", "tophysicalzone", "tophysicalzones", "readenvvar", "readcliarg"}
    unknowable = {name for name in FUNCTIONS if isinstance(_asked(name), Unknown)}
    assert [name for name in FUNCTIONS if counts[name] < 2 and name not in constant | unknowable] == []
    assert {name for name in FUNCTIONS if not counts[name]} <= rarely | unknowable


def _asked(name: str) -> Value[Any] | None:
    try:
        return call(name, "a", "b")
    except EvaluationError:
        return None


def test_members_stay_the_same_objects() -> None:
    written = Known("written there", HERE, (Step(HERE, "the default of parameter 'x'"),))
    lists: list[tuple[str, list[Any]]] = [
       ("array", [written]), ("concat", [[written], []]), ("flatten", [[[written]]]), ("distinct", [[written]]),
       ("intersection", [[written], [written]]), ("union", [[written], []]), ("skip", [[written], 0]),
       ("take", [[written], 1]),
    ]  # fmt: skip
    for name, arguments in lists:
        result = call(name, *arguments)
        assert isinstance(result, Known)
        assert result.value[0] is written, name
    objects: list[tuple[str, list[Any]]] = [
       ("union", [{"b": 1}, {"a": written}]), ("union", [{"a": written}, {"b": 1}]),
       ("shallowMerge", [[{"a": written}]]), ("intersection", [{"a": written}, {"a": written}]),
    ]  # fmt: skip
    for name, arguments in objects:
        result = call(name, *arguments)
        assert isinstance(result, Known)
        assert result.value["a"] is written, name
    for name in ("first", "last"):
        taken = call(name, [written])
        assert isinstance(taken, Known)
        assert (taken.value, taken.trace) == (written.value, (*written.trace, Step(HERE, "element 0 of a list")))
    assert call("any", written) is written
    pairs = call("items", {"a": written})
    assert isinstance(pairs, Known)
    assert pairs.value[0].value["value"] is written


def test_members_of_a_loaded_file_stand_in_that_file() -> None:
    result = call("loadJsonContent", "server.json")
    assert isinstance(result, Known)
    assert (result.value["tls"].span.file.path, result.value["tls"].span.text) == ("server.json", '"TLSv1.2"')


def _parts(result: Value[Any]) -> list[Any]:
    assert isinstance(result, Unknown)
    return [part.value if isinstance(part, Known) else part.reason for part in result.parts if part != Known("", THERE)]


def test_a_text_with_holes_keeps_its_parts() -> None:
    assert _parts(call("format", "a{0}b{1}", X, 5)) == ["a", X.reason, "b", "5"]
    assert _parts(call("concat", "a", X)) == ["a", X.reason]
    assert _parts(call("concat", X, X)) == [X.reason, X.reason]
    assert _parts(call("join", ["a", X], "-")) == ["a", "-", X.reason]
    assert _parts(call("string", {"a": X})) == ['{"a":', X.reason, "}"]
    assert _parts(call("toUpper", TEXT)) == ["PG-", X.reason, "/X"]
    assert shown(call("json", call("string", {"a": [1, X]}))) == {"a": [1, HOLE]}
    assert shown(call("json", call("format", '{{"a": "{0}"}}', X))) == {"a": HOLE}
    assert shown(call("format", "{0}-{1}", AB, 1)) == {"?": ["a-1", "B-1"]}


def test_of_a_text_that_a_function_makes_nothing_is_known_but_how_it_is_made() -> None:
    group = member(call("resourceGroup"), "id", THERE)
    one, same, other = (call("uniqueString", group), call("uniqueString", group), call("uniqueString", group, "x"))
    assert equal(one, same) is True
    assert equal(one, other) is None
    assert equal(one, value("uniquestring")) is None
    assert shown(call("startsWith", one, "z")) == HOLE
    assert equal(call("format", "pg-{0}", one), call("concat", "pg-", same)) is True
    assert equal(call("take", one, 5), call("take", same, 5)) is True
    assert equal(call("newGuid"), call("newGuid")) is None
    assert equal(group, member(call("resourceGroup"), "location", THERE)) is None
    assert equal(member(call("resourceGroup", "a"), "id", THERE), group) is None


def test_the_id_of_a_resource_is_known_by_its_identity() -> None:
    result = call("resourceId", "Microsoft.DBforPostgreSQL/flexibleServers/configurations", X, "Tls")
    assert isinstance(result, Unknown)
    assert result.reference == Reference(
        "microsoft.dbforpostgresql/flexibleservers/configurations/{variable 'x' has no value}/tls", "id"
    )
    assert result.reason == (
        "the id of microsoft.dbforpostgresql/flexibleservers/configurations is known only after deployment"
    )
    assert [part.value for part in result.parts if isinstance(part, Known)] == [
        "/subscriptions/",
        "/resourceGroups/",
        "/providers/Microsoft.DBforPostgreSQL/flexibleServers/",
        "/configurations/Tls",
    ]
    assert result.parts[1].reference == Reference("subscription()", "subscriptionId")
    whole = call("resourceId", "s", "g", "A.B/c", "x")
    assert whole.reference == Reference("a.b/c/x", "id")
    assert shown(call("endsWith", result, "/TLS")) is True
    assert shown(call("startsWith", result, "/subscriptions/")) is True


def test_what_is_answered_at_deployment_is_told_apart_by_the_resource() -> None:
    asked = call("reference", call("resourceId", "A.B/c", "x"), "2020-01-01")
    assert isinstance(asked, Unknown)
    assert asked.reason == "the result of 'reference' of a.b/c/x is known only at deployment"


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("concat", ["a" * 600_000] * 2, "A text would be longer than 1,048,576 characters."),
        ("concat", [[1] * 40_000] * 2, "A value would have more than 65,536 members."),
        ("replace", ["a" * 1_000_000, "a", "b" * 1000], "A text would be longer than 1,048,576 characters."),
        ("padLeft", ["a", 10**9], "A text would be longer than 1,048,576 characters."),
        ("format", ["{0,99999}", 1], "A field would be wider than 1,024 characters."),
        ("format", ["{0}" * 2, "a" * 600_000], "A text would be longer than 1,048,576 characters."),
        ("join", [["a"] * 1000, "x" * 10_000], "A text would be longer than 1,048,576 characters."),
        ("split", ["a" * 200_000, "a"], "A value would have more than 65,536 members."),
        ("json", ["[" * 200 + "]" * 200], "A value would be nested more than 100 levels deep."),
        ("json", ["[" * 100_000 + "]" * 100_000], "The arguments of function 'json' are too large."),
        ("json", ["9" * 5000], "A number has more than 400 digits."),
    ],
)
def test_what_is_out_of_bounds_is_refused(name: str, arguments: list[Any], message: str) -> None:
    with pytest.raises(LimitError, match=re.escape(message)):
        call(name, *arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("format", ["{0:C}", 1], "not supported"),
        ("format", ["{0:N}", 1], "not supported"),
        ("json", ["[" + "a" * 1_000_000], None),
        ("json", ["[" + '\\"' * 500_000], None),
        ("json", ["[" + "/*" * 500_000], None),
        ("json", ["[" + ", " * 500_000], None),
        ("like", ["a" * 100_000 + "b", "a*" * 50_000 + "c"], None),
        ("cidrHost", ["10.0.0.0/32", 0], "usable"),
        ("dateTimeAdd", ["2020-01-01", "P1D", "Q"], "not supported"),
        ("loadTextContent", ["../../secret"], "out of the workspace"),
        ("loadTextContent", ["/etc/passwd"], "out of the workspace"),
        ("loadJsonContent", ["server.json", "$..tls"], "JSONPath"),
    ],
)
def test_what_is_not_worked_out_is_unknown(name: str, arguments: list[Any], reason: str | None) -> None:
    if reason is None:
        with suppress(EvaluationError):
            call(name, *arguments)
    else:
        result = call(name, *arguments)
        assert isinstance(result, Unknown), result
        assert reason in result.reason


def test_values_that_hold_the_same_values_again_and_again_take_no_time() -> None:
    bomb: Known[Any] = Known({"a": value("x")}, HERE)
    text = X
    for _ in range(12):
        bomb = Known({str(at): bomb for at in range(10)}, HERE)
    for _ in range(60):
        text = unknown(parts=(text, text, made_of(X, "uniquestring", text, text)))
    with pytest.raises(LimitError, match="compared"):
        equal(bomb, Known(bomb.value, THERE))
    for name in ("union", "intersection", "string"):
        with pytest.raises(LimitError, match="members"):
            call(name, bomb, *([bomb] if name != "string" else []))
    again = unknown(parts=(text, text))
    assert equal(text, again) is None
    assert key(text) == key(unknown(parts=text.parts))
    assert key(text) != key(again)
    assert len(key(text)) < 10_000


class Marked(MemoryWorkspace):
    def read(self, path: str) -> SourceFile | None:
        return SourceFile(path, "a", byte_order_mark=True)


def test_the_bytes_of_a_file_with_a_byte_order_mark_are_not_known() -> None:
    loaded = FUNCTIONS["loadfileasbase64"](FunctionCall("loadFileAsBase64", THERE, (value("x"),), Marked({})))
    assert isinstance(loaded, Unknown)


@pytest.mark.parametrize(
    ("bare", "text"),
    [(None, ""), (True, "True"), (False, "False"), (5, "5"), (2.5, "2.5"), (3.0, "3"), ("a'b", "a'b"), ([], "[]")],
)
def test_text_is_what_format_writes(bare: Any, text: str) -> None:
    assert to_text(bare) == text


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("a", "A", False), (1, 1, True), (1, "1", False), (True, 1, False), (None, None, True), (None, "", False),
        ({"A": [1]}, {"a": [1]}, True), ({"a": 1}, {"a": 1, "b": 1}, False), ([1, 2], [2, 1], False),
        (X, 1, None), (X, X, None), ({"a": X, "b": 1}, {"a": 1, "b": 2}, False), ([X, 1], [2, 1], None),
        (AB, "c", False), (AB, "a", None), (TEXT, "my-db/x", False), (TEXT, "Pg-1/x", None), (TEXT, None, False),
    ],
)  # fmt: skip
def test_equality(left: Any, right: Any, expected: bool | None) -> None:
    assert equal(value(left), value(right)) is expected
    assert equal(value(right), value(left)) is expected


def test_conversions() -> None:
    assert [to_bool(each) for each in (True, "TRUE", 2, "false", 0)] == [True, True, True, False, False]
    assert [to_int(each) for each in (5, " 5", "-5", 5.0)] == [5, 5, -5, 5]
    for convert in (to_bool, to_int):
        bad: list[Any] = [None, "x", [], {}]
        for bare in bad:
            with pytest.raises(EvaluationError, match="is needed"):
                convert(bare)


@given(st.text())
def test_encodings_come_back(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    for there, back in (
       ("base64", "base64ToString"), ("dataUri", "dataUriToString"), ("uriComponent", "uriComponentToString"),
       ("string", "string"),
    ):  # fmt: skip
        assert shown(call(back, call(there, text))) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_json_comes_back(bare: Any) -> None:
    if isinstance(bare, list | dict):
        assert shown(call("json", call("string", bare))) == bare
    assert equal(value(bare), value(bare)) is True


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_union_and_intersection_are_those_of_sets(first: list[int], second: list[int]) -> None:
    assert shown(call("union", first, second)) == list(dict.fromkeys(first + second))
    assert shown(call("intersection", first, second)) == [each for each in dict.fromkeys(first) if each in second]


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(0, 8), st.integers(0, 300))
def test_subnets_are_those_of_the_standard_library(number: int, length: int, more: int, index: int) -> None:
    network = ipaddress.ip_network((number, length), strict=False)
    grown = min(length + more, 32)
    if index < 2 ** (grown - length):
        subnet = shown(call("cidrSubnet", str(network), grown, index))
        assert ipaddress.ip_network(subnet).subnet_of(network)  # type: ignore[arg-type]
    if index < network.num_addresses - 2:
        assert shown(call("cidrHost", str(network), index)) == str(network[index + 1])
