"""The HCL reader: what it makes of sources, and what it says of those that are wrong.

Verdicts and values marked as recorded are those of Terraform 1.11.4 (`terraform fmt`, `terraform console`).
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.expressions import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    ListOf,
    Literal,
    Name,
    ObjectOf,
    Splat,
    SplatItem,
    Template,
    Unary,
)
from pgflexlint.syntax.hcl import grammar
from pgflexlint.syntax.hcl.document import Body, Document
from pgflexlint.syntax.hcl.lexer import MAX_DEPTH
from pgflexlint.syntax.hcl.lowering import Lowering
from pgflexlint.syntax.hcl.reader import MAX_PROBLEMS, read, read_expression, read_template

VERDICTS = json.loads(Path(__file__).with_name("data").joinpath("hcl_verdicts.json").read_text("utf-8"))
HERE = Span(SourceFile("here.tf", "xyz"), 1, 2)


def document(text: str) -> Document:
    return read(SourceFile("main.tf", text))


def value(text: str) -> Expression:
    """The value of the argument `a` in a text that is right."""
    found = document(text)
    assert not found.problems
    return found.body.arguments["a"].value


def said(text: str) -> list[str]:
    """What the user reads of the problems in a text, and its place."""
    return [f"{problem.span} {problem.message} {problem.hint}".strip() for problem in document(text).problems]


def show(node: Expression | None) -> str:
    """An expression in Lisp."""
    match node:
        case None:
            return "-"
        case Literal(literal):
            return json.dumps(literal, ensure_ascii=False)
        case Name(name):
            return name
        case SplatItem():
            return "@"
        case Template(parts):
            return f"(text {' '.join(map(show, parts))})"
        case Attribute(base, name):
            return f"(. {show(base)} {name})"
        case Index(base, key):
            return f"([] {show(base)} {show(key)})"
        case Splat(base, body):
            return f"(splat {show(base)} {show(body)})"
        case Call(function, arguments, expand=expand):
            return f"({function}{'...' * expand} {' '.join(map(show, arguments))})"
        case Unary(operator, operand):
            return f"({operator} {show(operand)})"
        case Binary(operator, left, right):
            return f"({operator} {show(left)} {show(right)})"
        case Conditional(test, then, otherwise):
            return f"(? {show(test)} {show(then)} {show(otherwise)})"
        case ListOf(items):
            return f"[{' '.join(map(show, items))}]"
        case ObjectOf(members):
            return "{" + " ".join(f"{show(key)}={show(member)}" for key, member in members) + "}"
        case For(key_name, value_name, collection, key, body, condition, grouped=grouped):
            names = f"{key_name or '-'} {value_name} {show(collection)}"
            return f"(for{'...' * grouped} {names} {show(key)} {show(body)} {show(condition)})"
        case _:
            raise AssertionError(node)


def shape(body: Body) -> list[str]:
    """A body, a line for each argument and block."""
    lines = [f"{name} = {show(argument.value)}" for name, argument in body.arguments.items()]
    for block in body.blocks:
        lines += [" ".join([block.type, *block.labels]), *(f"  {line}" for line in shape(block.body))]
    return lines


def nodes(node: object) -> Iterator[Expression]:
    """An expression and all that it holds."""
    if isinstance(node, tuple):
        for member in node:
            yield from nodes(member)
    elif isinstance(node, Expression):
        yield node
        for each in node.__struct_fields__:
            yield from nodes(getattr(node, each))


# What Terraform accepts and refuses


@pytest.mark.parametrize("text", VERDICTS["accepted"])
def test_what_terraform_accepts_has_no_problem(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize("text", VERDICTS["refused"])
def test_what_terraform_refuses_is_a_problem(text: str) -> None:
    assert said(text)


# Expressions


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1", "1"),
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("true", "true"),
        ("null", "null"),
        ('"s"', '"s"'),
        ("x.y.0.z", "(. ([] (. x y) 0) z)"),
        ('x["y"].z[0]', '([] (. ([] x "y") z) 0)'),
        ("x.null", "(. x null)"),
        ("x.for", "(. x for)"),
        ("(x).y", "(. x y)"),
        ("(x\n .y\n [0])", "([] (. x y) 0)"),
        ("x[*].y[0]", "(splat x ([] (. @ y) 0))"),
        ("x.*.y[0]", "([] (splat x (. @ y)) 0)"),
        ("x.*.y.0", "(splat x ([] (. @ y) 0))"),
        ("x[*].y[*].z", "(splat x (splat (. @ y) (. @ z)))"),
        ("x[*].*.y", "(splat x (splat @ (. @ y)))"),
        ("x.*[*]", "(splat (splat x @) @)"),
        ("x . * . y", "(splat x (. @ y))"),
        ("x[ * ].y", "(splat x (. @ y))"),
        ("(x.*).*", "(splat (splat x @) @)"),
        ("f()", "(f )"),
        ("f(x, y,)", "(f x y)"),
        ("f(x, y...)", "(f... x y)"),
        ("f(\n x\n ,\n y\n)", "(f x y)"),
        ("core::max(1)", "(core::max 1)"),
        ("provider :: a::f(1)", "(provider::a::f 1)"),
        ("!!x", "(! (! x))"),
        ("- -1", "(- (- 1))"),
        ("-x.y[0]", "(- ([] (. x y) 0))"),
        ("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)"),
        ("(1 + 2) * 3", "(* (+ 1 2) 3)"),
        ("(1\n - 2)", "(- 1 2)"),
        ("1-b", "(- 1 b)"),
        ("a-b", "a-b"),
        ("a || b && c == d < e + f * !g", "(|| a (&& b (== c (< d (+ e (* f (! g)))))))"),
        ("a == b != c", "(!= (== a b) c)"),
        ("a >= b % c", "(>= a (% b c))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a ? b ? c : d : e", "(? a (? b c d) e)"),
        ("[]", "[]"),
        ("[1,\n2,\n]", "[1 2]"),
        ("[x\n[0]]", "[([] x 0)]"),
        ("{}", "{}"),
        ('{ b = 1, "c" : 2, (d) = 3, 4 = 5 }', '{"b"=1 "c"=2 d=3 4=5}'),
        ("{\n b = 1\n\n c = 2,\n d : 3\n}", '{"b"=1 "c"=2 "d"=3}'),
        ("{ in = 1, if = 2, null = 3, true = 4 }", '{"in"=1 "if"=2 "null"=3 "true"=4}'),
        ("{ (null) = 1, (true) = 2 }", "{null=1 true=2}"),
        ('{ "${k}" = 1, "a${k}" = 2, f(k) = 3 }', '{(text k)=1 (text "a" k)=2 (f k)=3}'),
        ("{ k : x ? a : b }", '{"k"=(? x a b)}'),
        ("[for v in x : v]", "(for - v x - v -)"),
        ("[\n# c\nfor k, v\n in x :\n v\n if k != null\n]", "(for k v x - v (!= k null))"),
        ("{ for k, v in x : k => v }", "(for k v x k v -)"),
        ("{\n for k, v in x :\n k => v...\n if v\n}", "(for... k v x k v v)"),
        ("[for if in in : if if if]", "(for - if in - if if)"),
        ("[if, in]", "[if in]"),
        ("f(<<A\nx\nA\n, 2)", '(f "x\\n" 2)'),
        ("/* c */ 1 /* d */ + 2 // e", "(+ 1 2)"),
    ],
)
def test_expressions(source: str, expected: str) -> None:
    assert show(value(f"a = {source}\n")) == expected


def test_bodies() -> None:
    text = (
        'a = 1\nresource "b" c {\n  d = 2\n\n  in "e" {\n    for = 3 # f\n  }\n  true = 4\n}\n'
        "g { h = 5 }\ni {}\nj { k = {\n  l = 6\n} }\nföö-bar = 7\nresource x {\n}\n"
    )
    assert shape(document(text).body) == [
        "a = 1",
        "föö-bar = 7",
        "resource b c",
        "  d = 2",
        "  true = 4",
        "  in e",
        "    for = 3",
        "g",
        "  h = 5",
        "i",
        "j",
        '  k = {"l"=6}',
        "resource x",
    ]


# Templates


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('""', '""'),
        ('"$"', '"$"'),
        ('"%"', '"%"'),
        ('"$$ %% $x %y"', '"$$ %% $x %y"'),
        ('"$${x}"', '"${x}"'),
        ('"%%{x}"', '"%{x}"'),
        ('"$$${x}"', '"$${x}"'),
        (r'"\n\r\t\"\\ \u00e9 \U0001F600"', r'"\n\r\t\"\\ é 😀"'),
        ('"${x}"', "(text x)"),
        ('"a${x}b${y}"', '(text "a" x "b" y)'),
        ('"${"${"x"}"}"', '(text (text "x"))'),
        ('"${{ a = "}" }.a}"', '(text (. {"a"="}"} a))'),
        ('"${\nx\n}"', "(text x)"),
        ('" ${~ x ~} "', '(text "" x "")'),
        ('"%{ if x }a%{ endif }"', '(text (? x "a" ""))'),
        ('"%{ if x }a%{ else }${y}%{ endif }"', '(text (? x "a" (text y "")))'),
        ('"p%{ if x }%{ if y }a%{ endif }%{ else }b%{ endif }q"', '(text "p" (? x (text (? y "a" "") "") "b") "q")'),
        ('"%{ for k, v in x }${k}-${v} %{ endfor }"', '(text (join "" (for k v x - (text k "-" v " ") -)))'),
        ('"%{for v in x}%{endfor}"', '(text (join "" (for - v x - "" -)))'),
        ("<<E\nE\n", '""'),
        ("<<E\nx\nE\n", '"x\\n"'),
        ("<<E\n  x\n  E\n", '"  x\\n"'),
        ("<<E\r\nx\r\n y\r\nE\r\n", '"x\\r\\n y\\r\\n"'),
        ('<<E\n\\n "x" %%{ y\nE\n', r'"\\n \"x\" %{ y\n"'),
        ("<<E\nEE\nE E\n${x}E\nE\n", '(text "EE\\nE E\\n" x "E\\n")'),
        ("<<E\n${<<F\nx\nF\n}\nE\n", '(text "x\\n" "\\n")'),
        ("<<-E\n   x\n  y\n E\n", '" x\\ny\\n"'),
        ("<<-é\n x\n é \n", '"x\\n"'),
    ],
)
def test_templates(source: str, expected: str) -> None:
    assert show(value(f"a = {source}\n")) == expected


def rendered(node: Expression) -> str:
    """The text of a template whose holes are names, which stand for themselves in capitals."""
    match node:
        case Literal(literal):
            return str(literal)
        case Name(name):
            return name.upper()
        case Template(parts):
            return "".join(map(rendered, parts))
        case Conditional(Name(name), then, otherwise):
            return rendered(then if name == "yes" else otherwise)
        case Call("join", (Literal(""), For(collection=ListOf(items), value=body))):
            return rendered(body) * len(items)
        case _:
            raise AssertionError(node)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<<-E\n      a $$${ b\n\n        ${x}\n    \t  t\n      E\n", "a $${ b\n\n  X\n t\n"),
        ("<<E\n  a ${~ x ~}  \n   q\nE\n", "  aX   q\n"),
        ("<<-E\n     %{ if yes ~}\n     yes\n     %{ endif ~}\n     z\n  E\n", "     yes\n     z\n"),
        ("<<-E\n    ${x}\n      b\n  E\n", "X\n  b\n"),
        ("<<E\n%{ for v in [1, 2] ~}\n- ${x}\n%{ endfor ~}\nE\n", "- X\n- X\n"),
        ("<<-E\n  \n    x\n      \n   \n    y\n  E\n", "  \nx\n      \n   \ny\n"),
        ("<<-E\n    a ${x}\n   b\n  E\n", " a X\nb\n"),
        ("<<-E\n      ${~ x ~}\n      b\n    E\n", "X      b\n"),
        ("<<-E\r\n  a\r\n\r\n   b\r\n  E\r\n", "a\r\n\r\n b\r\n"),
        ('"a %{ for v in [1, 2] ~} ${x} %{ endfor ~} z"', "a X X z"),
    ],
)
def test_space_in_templates_as_recorded(source: str, expected: str) -> None:
    assert rendered(value(f"a = {source}")) == expected


# Places


def test_spans_are_exact() -> None:
    text = '# 😀\na = ( b + 1 )\nc "d" e { # f\n  g = <<E\nx\n  E\n  h = [for k in "${i}" : k]\n}\n'
    found = document(text)
    (block,) = found.body.blocks
    arguments = block.body.arguments
    assert found.body.arguments["a"].value.span.text == "( b + 1 )"
    assert found.body.arguments["a"].name_span.begin == (2, 1)
    assert block.header.text == 'c "d" e'
    assert block.span.text == text[text.index("c ") : -1]
    assert arguments["g"].value.span.text == "<<E\nx\n  E"
    assert arguments["h"].value.span.text == '[for k in "${i}" : k]'
    assert str(arguments["h"].value.span) == "main.tf:7:7"
    assert {node.span.text for node in nodes(arguments["h"].value)} == {'[for k in "${i}" : k]', '"${i}"', "i", "k"}


def test_columns_count_utf16_units() -> None:
    assert said('a = "😀" b = 1\n') == ["main.tf:1:10 A newline is needed between two arguments."]


ATOMS = st.sampled_from(["x", "1", '"s"', "true", "null", '"p${x}q"', "<<E\nt\nE\n"])


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"])
    return st.one_of(
        st.builds("{} {} {}".format, inner, operators, inner),
        st.builds("{} ? {} : {}".format, inner, inner, inner),
        st.builds("({})".format, inner),
        st.builds("!{}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{}.z".format, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[*].z".format, inner),
        st.builds("{}.*.z[0]".format, inner),
        st.builds("f({},\n{})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds('{{ k = {}\n "l" : {}}}'.format, inner, inner),
        st.builds('"p${{{}}}q%{{ if {} }}r%{{ endif }}"'.format, inner, inner),
        st.builds("[for k, v in {} : {} if {}]".format, inner, inner, inner),
        st.builds("{{for v in {} : {} => {}...}}".format, inner, inner, inner),
    )


@given(st.recursive(ATOMS, compound, max_leaves=12))
def test_every_node_reads_the_same_from_its_span(source: str) -> None:
    """A span holds all of an expression and nothing else, so reading its text gives the expression again."""
    found = document(f"a = ({source})\n")
    if found.problems:  # such as `x.*.z.*`
        return
    for node in nodes(found.body.arguments["a"].value):
        text = node.span.text
        if isinstance(node, Literal | Name | Binary | ListOf | ObjectOf | For) and not text.startswith(
            ("p", "q", "r", "%", "}")
        ):
            again = read_expression(text + "\n", HERE)
            assert not isinstance(again, Problem), text
            assert text in {"k", "z"} or show(again) == show(node)


# Comments


def test_all_comments_are_kept_in_order() -> None:
    text = (
        "# a\r\n/* b\n */ x = 1 // c\ny = [ # d\n  1, /* e */ 2\n]\nz { # f\n  # g\n}\n"
        'bad { # h\n  v = [1 2] # i\n}\nw = "${ /* j */ 1 }# no"\nv = <<E\n# no\nE\nworse {\n  # k\n  v = (\n}\n# l'
    )
    found = document(text)
    assert [comment.text for comment in found.comments] == [
        "# a", "/* b\n */", "// c", "# d", "/* e */", "# f", "# g", "# h", "# i", "/* j */", "# k", "# l",
    ]  # fmt: skip
    assert all(comment.text == comment.span.text for comment in found.comments)


# Problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1 b = 2\n", ["1:7 A newline is needed between two arguments."]),
        ("a = 1 b {}\n", ["1:7 A newline is needed after an argument."]),
        ("a {} b {}\n", ["1:6 A newline is needed after a block."]),
        ("a {\n  b = 1 }\n", ["2:9 A newline is needed before the brace that closes a block."]),
        (
            "a { b = 1, c = 2 }\n",
            ["1:10 A block on one line can hold one argument only. Write each argument on a line of its own."],
        ),
        (
            "a { b {} }\n",
            ["1:7 A block on one line cannot hold another block. Write the inner block on a line of its own."],
        ),
        (
            "a { b = 1\n}\n",
            [
                "1:9 A block that starts on one line with its argument must end on that line. "
                "Write the argument on a line of its own."
            ],
        ),
        ("a = 1, b = 2\n", ["1:6 Arguments are not separated by commas. Write each argument on a line of its own."]),
        (
            'a = "b\nc = 1\n',
            [
                "1:5 This string is not closed on its line. "
                'Close it with ", or write a text of several lines as <<-EOT … EOT.'
            ],
        ),
        (
            "a = <<EOT\nb\n EOT c\n",
            [
                "1:5 This text is never closed: EOT does not follow on a line of its own. "
                "Write EOT alone on the line after the text, and end that line."
            ],
        ),
        ("a = [1\n  2]\n", ["2:3 A comma is needed between two members of a list."]),
        ("a = f(1 2)\n", ["1:9 A comma is needed between two arguments of a function."]),
        ("a = {b = 1 c = 2}\n", ["1:12 A comma or a newline is needed between two members of an object."]),
        ("a = {b}\n", ["1:7 A member of an object needs a key and a value. Write key = value."]),
        ("a = [1,,2]\n", ["1:8 There is nothing between two commas. Remove one of them."]),
        ("a =\n  1\n", ["1:3 The value of 'a' is missing. It must start on the same line as the =."]),
        (
            "a = 1 +\n  2\n",
            [
                "1:7 What the operator + applies to is missing. "
                "An expression can go on in the next line only within parentheses."
            ],
        ),
        (
            "a\n",
            [
                "1:1 This is neither an argument nor a block. "
                "Write name = value, or name { … } with the opening brace on this line."
            ],
        ),
        (
            "a = b ? c\n",
            ["1:9 What the conditional gives otherwise is missing. Write condition ? one : other."],
        ),
        ("a = = 1\n", ["1:5 There is nothing between the two '='. Remove one of them."]),
        ("a : 1\n", ["1:3 ':' cannot follow the name of an argument. Write name = value."]),
        (
            "a b = 1\n",
            ["1:5 An argument has one name only before its '='. Remove the second name, or write a block with { … }."],
        ),
        ('"a" = 1\n', ["1:1 A string cannot start an argument or a block. Both start with a name."]),
        ('a "${b}" {}\n', ["1:3 A block label is a plain text without ${ }."]),
        ("a = b.\n", ["1:6 An attribute name is missing after the dot."]),
        ("a = b.c()\n", ["1:8 '(' cannot follow a complete value. A newline is needed after an argument."]),
        (
            "a = b::c\n",
            ["1:8 The arguments of this function are missing. A function is called with parentheses after its name."],
        ),
        ("a = b.0.1\n", ["1:7 '0.1' is not the number of a member. A member of a nested list is read as list[0][1]."]),
        ("a = b.*.c.*\n", ["1:10 A splat .* cannot apply to another one. Write [*] instead."]),
        ('a = "\\q"\n', [r"1:6 The escape \q is not one of HCL's. Write \\ for a backslash."]),
        ("a = 'b'\n", ['1:5 The character \' has no meaning here. A string stands in straight double quotes: "…".']),
        ("a = \x07\n", ["1:5 The character U+0007 has no meaning here."]),
        (
            "a = << E\n",
            ["1:5 This does not start a text of several lines. Write <<-EOT with a newline right after it."],
        ),
        (
            'a = "%{ b }"\n',
            ["1:6 A template directive starts with if, else, endif, for or endfor. Write %%{ for a literal %{."],
        ),
        ('a = "%{ if b }"\n', ["1:6 This %{ if } has no %{ endif }."]),
        ('a = "%{ for b in c }%{ endif }"\n', ["1:21 This %{ endif } belongs to no %{ if }."]),
        ("a = [\n  (1]\n]\n", ["2:5 This ] does not close the ( of line 2. Close that ( first."]),
        ("a = {\n", ["1:5 This { is never closed. Add the bracket that closes it."]),
        ("}\n", ["1:1 This } closes nothing. Remove it, or add what it closes."]),
        ("a = 1 /* b\n", ["1:7 This comment is never closed. Close it with */."]),
        (
            "a {\n  b = 1\n  c = 2\n  b = 3\n}\n",
            ["4:3 Argument 'b' is set twice; it was first set on line 2. Remove one of the two."],
        ),
        ("a = 1\na = 2\n", ["2:1 Argument 'a' is set twice; it was first set on line 1. Remove one of the two."]),
        (f"a = {'1' * 2000}\n", ["1:5 This number is too long."]),
    ],
)
def test_problems(text: str, expected: list[str]) -> None:
    assert said(text) == [f"main.tf:{line}" for line in expected]


def test_no_message_quotes_a_string() -> None:
    for text in (
        'a = "secret" "secret"\n',
        'a = [1 "secret"]\n',
        '"secret" {}\n',
        'a {\n  b = "secret" }\n',
        'a = "secret\n',
    ):
        assert said(text)
        assert "secret" not in "".join(said(text))


@pytest.mark.parametrize(
    "broken",
    [
        'bad "x" {\n  a = [1 2]\n}\n',
        'bad "x" {\n  a = "\n}\n',
        'bad "x" {\n  a = (\n}\n',
        "bad {\n  a = {\n}\n",
        "bad {\n  a = <<E\n}\n",
        "bad {\n  a = 'x'\n}\n",
        "bad {\n  a = 1 b = 2\n}\n",
        "bad = 1 +\n  2\n",
        "bad\n",
        "}\n",
        "bad /* x\n",
    ],
)
def test_a_broken_block_costs_itself_only(broken: str) -> None:
    found = document(f"first = 1\n{broken}\ngood {{\n  a = 1\n}}\n\nlast = 2\n")
    assert len(found.problems) == 1
    assert shape(found.body) == ["first = 1", "last = 2", "good", "  a = 1"]


def test_a_name_that_is_set_twice_keeps_its_first_value() -> None:
    assert shape(document("a = 1\na = 2\n").body) == ["a = 1"]


def test_problems_are_counted_to_a_limit() -> None:
    problems = document("a {\n  b = [1 2]\n}\n" * 1000).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].kind is Kind.LIMIT
    assert problems[-1].message == "This file has more than 20 problems; what follows may not have been read."


# Hostile input


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "(" * 100_000,
        "a = " + "[" * 100_000 + "]" * 100_000 + "\n",
        "a = " + "!" * 100_000 + "x\n",
        "a = 1" + " + 1" * 4000 + "\n",
        "a = x" + ".y" * 100_000 + "\n",
        "a = x" + "[0]" * 100_000 + "\n",
        "a = x" + "[*]" * 100_000 + "\n",
        "a = " + "x ? y : " * 50_000 + "z\n",
        "a = " + '"${' * 20_000 + "x" + '}"' * 20_000 + "\n",
        'a = "' + "%{ if x }" * 50_000 + '"\n',
        "a {\n" * 1000 + "}\n" * 1000,
    ],
)
def test_what_is_too_deep_is_a_problem(text: str) -> None:
    first, *_ = document(text).problems
    assert first.kind is Kind.LIMIT
    assert first.message == "This is more than 250 levels deep."
    assert first.hint == "Split it up with locals."


def test_what_is_almost_too_deep_is_read() -> None:
    for text in ("a = " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1), "a = 1" + " + 1" * MAX_DEPTH):
        assert sum(1 for _ in nodes(value(text))) >= MAX_DEPTH - 1


@pytest.mark.parametrize(
    "text",
    [
        "a = <<E\n" + "\n" * 50_000 + "E\n",
        "a = <<-E\n" + "\n" * 50_000 + "E\n",
        "a = <<E\n" * 20_000,
        'a = "' + "x" * 1_000_000,
        'a = "' + "$" * 1_000_000 + '"\n',
        'a = "' + "\\" * 999_999 + "\n",
        "a {\n" * 100_000,
        "a = (\n" + "a " * 200_000 + "\n",
        "a = {" + "{#\n" * 20_000,
        "/* " * 100_000,
        "\n" * 500_000,
        "a = " + "1." * 100_000 + "\n",
    ],
)
def test_time_is_linear(text: str) -> None:
    """Were it not, each of these would take minutes or more."""
    document(text)


WORDS = [
    *(
        "a",
        "b",
        "1",
        "1.5",
        '"s"',
        '"',
        "${",
        "%{",
        "}",
        "~}",
        "${~",
        "\\",
        "(",
        ")",
        "[",
        "]",
        "{",
        "=",
        "==",
        "=>",
        ",",
    ),
    *(".", ":", "::", "?", "+", "-", "*", "/", "!", "&&", "||", "<", "...", "[*]", ".*", "for", "in", "if", "else"),
    *("endif", "endfor", "true", "null", "#", "//", "/*", "*/", "<<E", "<<-E", "E", "$", "%", "$$", "é", "😀", "\x00"),
    *("\r", "\n", "\n", "\n", "\r\n", " ", " ", "\t"),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_any_text_can_be_read(text: str) -> None:
    found = document(text)
    assert all(problem.span is not None and problem.message.endswith(".") for problem in found.problems)


@given(st.text())
def test_any_template_can_be_read(text: str) -> None:
    read_template(text, HERE)
    read_expression(text, HERE)
    if "${" not in text and "%{" not in text:
        assert show(read_template_of(text)) == json.dumps(text, ensure_ascii=False)


def read_template_of(text: str) -> Expression:
    found = read_template(text, HERE)
    assert not isinstance(found, Problem)
    return found


# Parts of other languages


def test_a_template_of_the_json_syntax() -> None:
    found = read_template_of('a${var.x}\\n "q"\n$${y}')
    assert show(found) == '(text "a" (. var x) "\\\\n \\"q\\"\\n${y}")'
    assert {node.span for node in nodes(found)} == {HERE}
    assert show(read_template_of("")) == '""'
    assert show(read_template_of("${x}")) == "(text x)"


def test_an_expression_by_itself() -> None:
    found = read_expression('{ a = [1,\n 2], "b" = (c) }', HERE)
    assert not isinstance(found, Problem)
    assert show(found) == '{"a"=[1 2] "b"=c}'
    assert {node.span for node in nodes(found)} == {HERE}
    assert show(value("a = 1")) == "1"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (read_template("${x", HERE), "This ${ is never closed."),
        (read_expression("1 2", HERE), "'2' cannot follow a complete value."),
        (read_expression("", HERE), "An expression is missing."),
    ],
)
def test_a_problem_in_a_part(found: Expression | Problem, message: str) -> None:
    assert isinstance(found, Problem)
    assert (found.message, found.path, found.span) == (message, "here.tf", HERE)


# The table


def test_reading_imports_neither_lark_nor_hcl2() -> None:
    code = (
        "import sys; from pgflexlint.source import SourceFile; from pgflexlint.syntax.hcl.reader import read;"
        "read(SourceFile('a.tf', 'a = 1')); print({'lark', 'hcl2', 'hatchling'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_the_grammar_is_compiled_without_importing_hcl2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hcl2", raising=False)
    assert "?start : attribute | block" in grammar.amended_grammar()
    assert "hcl2" not in sys.modules


def test_a_grammar_without_place_for_an_amendment_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "_AMENDMENTS", (("no such rule", ""),))
    with pytest.raises(grammar.GrammarError, match="no single 'no such rule'"):
        grammar.amended_grammar()


def test_every_rule_has_its_lowering() -> None:
    assert {rule.action for rule in grammar.load().rules} <= {name[1:] for name in dir(Lowering)}
