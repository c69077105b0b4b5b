import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile
from pgflexlint.syntax import jsonc
from pgflexlint.syntax.jsonc import Array, Document, Node, Object, Scalar
from tests.work import calls

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)
JSON_TEXTS = st.builds(json.dumps, VALUES, indent=st.sampled_from([None, 0, 2, "\t"]), ensure_ascii=st.booleans())
PIECES = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        '"a"',
        '"b"',
        "\\",
        "1",
        "-",
        "0.5e3",
        "true",
        "null",
        "//",
        "/*",
        "*/",
        "\n",
        " ",
    ]
)


def read(text: str, *, unique_keys: bool = True) -> Document:
    return jsonc.read(SourceFile("main.json", text), unique_keys=unique_keys)


def root(text: str) -> Node:
    document = read(text)
    assert document.root is not None
    return document.root


def refused(text: str) -> Problem:
    document = read(text)
    assert document.root is None
    problem = document.problems[-1]
    assert problem.path == "main.json"
    assert problem.span is not None
    assert 0 <= problem.span.start <= problem.span.end <= len(text) + 1
    return problem


def plain(node: Node) -> Any:
    match node:
        case Object():
            return {member.key: plain(member.value) for member in node.members}
        case Array():
            return [plain(item) for item in node.items]
        case Scalar():
            return node.value


def nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Object():
            for member in node.members:
                yield from nodes(member.value)
        case Array():
            for item in node.items:
                yield from nodes(item)


@given(JSON_TEXTS)
def test_values_are_those_of_the_standard_library_and_spans_cover_them(text: str) -> None:
    document = read(text)
    assert not document.problems
    assert document.root is not None
    assert json.dumps(plain(document.root)) == json.dumps(json.loads(text))  # tells 1 from 1.0 and true
    for node in nodes(document.root):
        assert json.loads(node.span.text) == plain(node)
        if isinstance(node, Object):
            for member in node.members:
                assert json.loads(member.key_span.text) == member.key


@given(VALUES.filter(lambda value: isinstance(value, list | dict)), st.data())
def test_a_truncated_file_is_a_problem(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    refused(text[: data.draw(st.integers(0, len(text) - 1))])


@given(st.text() | st.lists(PIECES).map("".join))
def test_no_text_makes_it_raise(text: str) -> None:
    document = read(text)
    assert (document.root is None) == any("twice" not in problem.message for problem in document.problems)
    for problem in document.problems:
        assert problem.span is not None
        assert 0 <= problem.span.start <= problem.span.end


@given(st.lists(PIECES).map("".join))
def test_it_accepts_all_that_the_standard_library_does(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        return
    assert plain(root(text)) == expected


@given(VALUES)
def test_comments_are_as_good_as_blanks_anywhere(value: Any) -> None:
    tokens = json.JSONEncoder(separators=(" , ", " : ")).iterencode(value)
    text = "// first\n" + '/* a " { */'.join(tokens) + " // last"
    document = read(text)
    assert document.root is not None
    assert json.dumps(plain(document.root)) == json.dumps(value)
    assert [comment.text for comment in document.comments][:1] == ["// first"]
    assert document.comments[-1].text == "// last"


def test_what_arm_templates_hold() -> None:
    text = (
        "/* before */ {\n"
        '  "$schema": "https://schema.management.azure.com/#", // after\n'
        '  "multi": "[concat(\n    parameters(\'a\'))]",\n'
        '  "list": [1, 2, /* trailing */ ],\n'
        "}\n// end"
    )
    document = read(text)
    assert not document.problems
    assert document.root is not None
    assert plain(document.root) == {
        "$schema": "https://schema.management.azure.com/#",
        "multi": "[concat(\n    parameters('a'))]",
        "list": [1, 2],
    }
    assert [comment.text for comment in document.comments] == ["/* before */", "// after", "/* trailing */", "// end"]


def test_places() -> None:
    document = root('{"a": [1, {"é\\n": "😀x"}]}')
    assert isinstance(document, Object)
    items = document.get("a")
    assert isinstance(items, Array)
    assert document.get("b") is None
    inner = items.items[1]
    assert isinstance(inner, Object)
    member = inner.by_key["é\n"]
    assert (member.key_span.text, member.value.span.text, inner.span.text) == (
        '"é\\n"',
        '"😀x"',
        '{"é\\n": "😀x"}',
    )


def test_a_key_that_comes_twice_is_a_problem_at_the_second() -> None:
    text = '{"a": {\n "tls": 1,\n "tls": 2}}'
    document = read(text)
    [problem] = document.problems
    assert problem.kind is Kind.SYNTAX
    assert problem.message == "Key 'tls' is written twice; first on line 2."
    assert str(problem.span) == "main.json:3:2"
    assert isinstance(document.root, Object)
    inner = document.root.get("a")
    assert isinstance(inner, Object)
    assert [plain(member.value) for member in inner.members] == [1, 2]
    last = inner.get("tls")
    assert last is not None
    assert plain(last) == 2
    assert not read(text, unique_keys=False).problems


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "There is no value in this file.", "1:1"),
        (" // nothing\n", "There is no value in this file.", "2:1"),
        ('{"a": 1', "The file ends before the object that begins on line 1 is closed.", "1:8"),
        ('{"a":\n [1,\n', "The file ends before the array that begins on line 2 is closed.", "3:1"),
        ('{"a"', "The file ends before the object that begins on line 1 is closed.", "1:5"),
        ('{"a": ', "The file ends before the object that begins on line 1 is closed.", "1:7"),
        ('{"a": "x}', "This string is not closed.", "1:7"),
        ('{"a": 1, "b}', "This string is not closed.", "1:10"),
        ('"\\', "This string is not closed.", "1:1"),
        ('["a" "b"]', "A comma or ']' was expected here.", "1:6"),
        ('{"a": 1 /* c */ "b": 2}', "A comma or '}' was expected here.", "1:17"),
        ("[1}", "A comma or ']' was expected here.", "1:3"),
        ('{"a" 1}', "':' was expected here.", "1:6"),
        ('{"a" "b"}', "':' was expected here.", "1:6"),
        ("{a: 1}", "A key in double quotes was expected here.", "1:2"),
        ("{'a': 1}", "A key in double quotes was expected here.", "1:2"),
        ('{"a": }', "A value was expected here.", "1:7"),
        ("[1,,2]", "A value was expected here.", "1:4"),
        ("[,]", "A value was expected here.", "1:2"),
        ("[NaN]", "A value was expected here.", "1:2"),
        ("[01]", "A comma or ']' was expected here.", "1:3"),
        ("[truest]", "A value was expected here.", "1:2"),
        ("]", "A value was expected here.", "1:1"),
        ("{} {}", "There is text after the end of the JSON value.", "1:4"),
        ("{} /* c */ {}", "There is text after the end of the JSON value.", "1:12"),
        ("1,", "There is text after the end of the JSON value.", "1:2"),
        ("{} /* ", "This comment is not closed.", "1:4"),
        ("/*/ {}", "This comment is not closed.", "1:1"),
        ('["\\x"]', "This is not a valid escape in JSON.", "1:3"),
        ('{"\\ud8": 1}', "This is not a valid escape in JSON.", "1:4"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str, place: str) -> None:
    problem = refused(text)
    assert (problem.kind, problem.message) == (Kind.SYNTAX, message)
    assert str(problem.span) == f"main.json:{place}"


def test_deep_nesting_passes_a_bound() -> None:
    depth = jsonc.NESTING_LIMIT
    assert root("[" * depth + "]" * depth)
    for text in ("[" * 5_000 + "]" * 5_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "[" * 400_000):
        problem = refused(text)
        assert problem.kind is Kind.LIMIT
        assert problem.span is not None
        assert problem.span.start == (depth if text[0] == "[" else depth * 5)


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999", "-1e999", "0." + "1" * 5_000])
def test_a_number_beyond_all_bounds_is_a_problem(number: str) -> None:
    assert refused(f"[{number}]").kind is Kind.LIMIT


@pytest.mark.parametrize(
    "text",
    [
        "[" + '"' + '\\"' * 500_000,
        '"' * 1_000_001,
        "/* " * 300_000,
        "/" * 1_000_000,
        "[" + "1 /**/," * 150_000,
        "[" + " " * 1_000_000 + "x",
        "[" + "{}," * 300_000,
        "{" + '"a":1,' * 150_000 + "}",
        "[" + "1" * 1_000_000,
        '["' + "\\" * 1_000_001,
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_takes_linear_work(text: str) -> None:
    assert read(text).problems
    work = [calls(read, text[:size]) for size in (10_000, len(text))]
    assert work[1] < len(text) / 5_000 * work[0]
