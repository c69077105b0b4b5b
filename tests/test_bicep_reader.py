"""Statements, trees, places and problems of Bicep files."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark, logger
from msgspec import Struct

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.bicep import grammar
from pgflexlint.syntax.bicep.document import (
    ArrayType,
    BicepDocument,
    ElementType,
    LiteralType,
    MemberType,
    NamedType,
    NonNullableType,
    NullableType,
    ObjectType,
    Resource,
    TupleType,
    Type,
    UnionType,
)
from pgflexlint.syntax.bicep.lexer import MAX_DEPTH
from pgflexlint.syntax.bicep.reader import read
from pgflexlint.syntax.expressions import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Lambda,
    ListOf,
    Literal,
    Name,
    Nested,
    ObjectOf,
    Spread,
    Template,
    Unary,
)
from tests.work import calls

SERVER = """\
targetScope = 'resourceGroup'
metadata name = 'Server'

// Who may log in.
@description('Password of the administrator.')
@secure()
param password string?
@sys.allowed(['12', '16'])
param version '12' | '16' = '16'
var name = 'db-${uniqueString(resourceGroup().id)}'

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (version != '12') {
  name: name
  properties: {
    version: version /* the newest */
    ...extra
  }

  @batchSize(1)
  resource rule 'firewallRules' = [for (ip, i) in ips: {
    name: 'rule-${i}'
  }]
  resource: 'a property'
}
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: 'v' }

module copies './copy.bicep' = [for ip in ips: if (ip != '') {
  name: ip
}]
output id string = server::rule[0].id
"""


def document(text: str, path: str = "main.bicep") -> BicepDocument:
    return read(SourceFile(path, text))


def clean(text: str, path: str = "main.bicep") -> BicepDocument:
    found = document(text, path)
    assert found.problems == ()
    return found


def expression(text: str) -> Expression:
    return clean(f"var x = {text}").variables[0].value


def type_of(text: str) -> Type:
    return clean(f"type x = {text}").types[0].type


def shown(node: Expression | Type) -> str:
    """The tree in brackets, without places."""
    match node:
        case Literal():
            return json.dumps(node.value)
        case Template():
            return f"template({', '.join(map(shown, node.parts))})"
        case Name():
            return node.name
        case Attribute():
            return f"{shown(node.base)}{'.?' if node.optional else '.'}{node.name}"
        case Nested():
            return f"{shown(node.base)}::{node.name}"
        case Index():
            marks = "?" * node.optional + "^" * node.from_end
            return f"{shown(node.base)}[{marks}{shown(node.key)}]"
        case Call():
            target = f"{shown(node.target)}." if node.target else ""
            return f"{target}{node.function}({', '.join(map(shown, node.arguments))})"
        case Unary():
            return f"({node.operator}{shown(node.operand)})"
        case Binary():
            return f"({shown(node.left)} {node.operator} {shown(node.right)})"
        case Conditional():
            return f"({shown(node.test)} ? {shown(node.then)} : {shown(node.otherwise)})"
        case Spread():
            return f"...{shown(node.value)}"
        case ListOf():
            return f"[{', '.join(map(shown, node.items))}]"
        case ObjectOf():
            members = (
                shown(value) if isinstance(value, Spread) else f"{shown(key)}: {shown(value)}"
                for key, value in node.items
            )
            return f"{{{', '.join(members)}}}"
        case For():
            names = f"({node.value_name}, {node.key_name})" if node.key_name else node.value_name
            return f"[for {names} in {shown(node.collection)}: {shown(node.value)}]"
        case Lambda():
            return f"(({', '.join(node.names)}) => {shown(node.body)})"
        case NamedType():
            return node.name + (f"<{', '.join(map(shown, node.arguments))}>" if node.arguments else "")
        case MemberType():
            return f"{shown(node.base)}.{node.member}"
        case ElementType():
            return f"{shown(node.base)}.*"
        case LiteralType():
            return shown(node.value)
        case UnionType():
            return f"({' | '.join(map(shown, node.members))})"
        case NullableType():
            return f"{shown(node.item)}?"
        case NonNullableType():
            return f"{shown(node.item)}!"
        case ArrayType():
            return f"{shown(node.item)}[]"
        case ObjectType():
            named = [f"{each.name}: {shown(each.type)}" for each in node.properties]
            return f"{{{', '.join([*named, *([f'*: {shown(node.others.type)}'] if node.others else [])])}}}"
        case TupleType():
            return f"[{', '.join(shown(each.type) for each in node.items)}]"
    raise AssertionError(node)


def said(problem: Problem) -> str:
    assert problem.span is not None
    begin, finish = problem.span.begin, problem.span.finish
    return f"{begin.line}:{begin.column}-{finish.line}:{finish.column} {problem.message}"


def nodes(value: Any) -> Iterator[Any]:
    """All expressions, types and statements in a value."""
    if isinstance(value, tuple | list):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, Struct) and not isinstance(value, Span | Problem):
        yield value
        for each in value.__struct_fields__:
            yield from nodes(getattr(value, each))


def test_a_whole_file() -> None:
    found = clean(SERVER)
    password, version = found.parameters
    assert (password.name, shown(password.type), password.default) == ("password", "string?", None)
    assert [shown(each) for each in password.decorators] == [
        'description("Password of the administrator.")',
        "secure()",
    ]
    assert password.span.text == password.header.text == "param password string?"
    assert password.name_span.text == "password"
    assert [shown(each) for each in version.decorators] == ['sys.allowed(["12", "16"])']
    assert version.header.text == "param version '12' | '16'"
    assert version.span.text == "param version '12' | '16' = '16'"
    assert version.default is not None
    assert str(version.default.span) == "main.bicep:9:29"

    server, vault = found.resources
    assert server.header.text == "resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01'"
    assert shown(server.type) == '"Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"'
    assert (server.existing, server.body.loop) == (False, None)
    assert server.body.condition is not None
    assert shown(server.body.condition) == '(version != "12")'
    assert server.body.condition.span.text == "(version != '12')"
    assert server.body.span.text.startswith("if (version != '12') {")
    assert server.body.span.text.endswith("'a property'\n}")
    assert shown(server.body.properties) == (
        '{"name": name, "properties": {"version": version, ...extra}, "resource": "a property"}'
    )
    (rule,) = server.children
    assert [shown(each) for each in rule.decorators] == ["batchSize(1)"]
    assert rule.header.text == "resource rule 'firewallRules'"
    assert rule.body.loop is not None
    assert (rule.body.loop.item, rule.body.loop.index, shown(rule.body.loop.collection)) == ("ip", "i", "ips")
    assert rule.body.loop.span.text == "for (ip, i) in ips"
    assert shown(rule.body.properties) == '{"name": template("rule-", i)}'
    assert vault.existing
    assert vault.header.text == "resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing"

    (module,) = found.modules
    assert (module.name, shown(module.source), module.header.text) == (
        "copies",
        '"./copy.bicep"',
        "module copies './copy.bicep'",
    )
    assert module.body.condition is not None
    assert module.body.loop is not None
    assert (module.body.loop.item, module.body.loop.index) == ("ip", None)
    (output,) = found.outputs
    assert (shown(output.type), shown(output.value)) == ("string", "server::rule[0].id")
    assert [(each.text, str(each.span)) for each in found.comments] == [
        ("// Who may log in.", "main.bicep:4:1"),
        ("/* the newest */", "main.bicep:15:22"),
    ]


def test_the_other_statements() -> None:
    found = clean(
        "func add(a int, b int[]) int => a + b[0]\n"
        "func none() string => ''\n"
        "var n int = 5\n"
        "import { a, b as c, 'x-y' as d } from 'types.bicep'\n"
        "import {\n  a\n  b\n} from 'types.bicep'\n"
        "import * as all from 'br/public:x:1'\n"
        "extension kubernetes with {\n  namespace: 'default'\n} as k8s\n"
        "extension 'br:x/y:1' as y\n"
        "import 'kubernetes@1.0.0' with { a: 1 }\n"
        "assert ok = true\n"
        "test t 'main.bicep' = { params: {} }\n"
        "output r resource 'A.B/c@1' = x\n"
        "param p resource 'A.B/c@1'\n"
        "@export()\n@sealed()\ntype t = {}\n"
        "var resource = 1\n"
        "param param string = 'param'\n"
    )
    add, none = found.functions
    assert [(name, shown(type_)) for name, type_ in add.parameters] == [("a", "int"), ("b", "int[]")]
    assert (shown(add.returns), shown(add.body)) == ("int", "(a + b[0])")
    assert add.header.text == "func add(a int, b int[]) int"
    assert (none.parameters, shown(none.body)) == ((), '""')
    assert found.variables[0].type is not None
    assert found.variables[0].header.text == "var n int"
    assert [
        (each.namespace, [(symbol.name, symbol.alias, symbol.span.text) for symbol in each.symbols])
        for each in found.imports
    ] == [
        (None, [("a", "a", "a"), ("b", "c", "b as c"), ("x-y", "d", "'x-y' as d")]),
        (None, [("a", "a", "a"), ("b", "b", "b")]),
        ("all", []),
    ]
    assert shown(found.outputs[0].type) == shown(found.parameters[0].type) == 'resource<"A.B/c@1">'
    assert [each.function for each in found.types[0].decorators] == ["export", "sealed"]
    assert [each.name for each in found.variables] == ["n", "resource"]


def test_a_parameters_file() -> None:
    found = clean(
        "using './main.bicep' with {\n  mode: 'x'\n}\nextends 'base.bicepparam'\nimport { a } from 'b.bicep'\n"
        "param location = readEnvironmentVariable('LOCATION', 'westeurope')\nvar x = 1\n"
        "extensionConfig k8s with {\n  a: 1\n}\ntype t = string\nextension k8s\n",
        "main.bicepparam",
    )
    assert [each.source and shown(each.source) for each in found.usings] == ['"./main.bicep"']
    assert [shown(each.source) for each in found.extends] == ['"base.bicepparam"']
    (location,) = found.assignments
    assert (location.name, shown(location.value)) == (
        "location",
        'readEnvironmentVariable("LOCATION", "westeurope")',
    )
    assert location.header.text == "param location"
    assert clean("using none", "x.bicepparam").usings[0].source is None


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("a.bicepparam", "resource a 'b' = {}", "1:1-1:9 No statement begins with 'resource'."),
        ("a.bicepparam", "param a string", "1:9-1:15 Here should be '=', not 'string'."),
        ("a.bicepparam", "using some", "1:7-1:11 Here should be 'none', not 'some'."),
        ("a.bicep", "using 'main.bicep'", "1:1-1:6 No statement begins with 'using'."),
        ("a.bicep", "param a = 1", "1:9-1:10 '=' is out of place here."),
    ],
)
def test_each_kind_of_file_has_its_statements(path: str, text: str, message: str) -> None:
    assert [said(each) for each in document(text, path).problems] == [message]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("a ?? b || c && d == e < f + g", "(a ?? (b || (c && (d == (e < (f + g))))))"),
        ("a / b % c * d", "(((a / b) % c) * d)"),
        ("a ?? b ?? c", "((a ?? b) ?? c)"),
        ("a =~ b !~ c != d", "(((a =~ b) !~ c) != d)"),
        ("a >= b || a <= c || a > d", "(((a >= b) || (a <= c)) || (a > d))"),
        ("(a + b) * c", "((a + b) * c)"),
        ("!a && -b < +c", "((!a) && ((-b) < (+c)))"),
        ("!a.b", "(!a.b)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a\n  ? b\n  : c", "(a ? b : c)"),
        ("a ?? b ? c : d", "((a ?? b) ? c : d)"),
        ("a.b.?c[0][?1][^2][?^d]", "a.b.?c[0][?1][^2][?^d]"),
        ("a!.b!", "a.b"),
        ("a::b::c.d", "a::b::c.d"),
        ("az.resourceGroup().location", "az.resourceGroup().location"),
        ("f(a, [\n  b\n  c\n], {\n  d: e\n})", 'f(a, [b, c], {"d": e})'),
        ("f(\n  a,\n  b\n)", "f(a, b)"),
        ("x => x + 1", "((x) => (x + 1))"),
        ("map(a, (x, i) => '${i}')", 'map(a, ((x, i) => template("", i)))'),
        ("() => 1", "(() => 1)"),
        ("a =>\n  a", "((a) => a)"),
        ("[for x in y: x.z]", "[for x in y: x.z]"),
        ("[\n  for (x, i) in y: {\n    z: i\n  }\n]", '[for (x, i) in y: {"z": i}]'),
        ("[1, 2, ...a]", "[1, 2, ...a]"),
        ("[\n\n  1\n  // one\n  2, 3\n\n]", "[1, 2, 3]"),
        ("{ a: 1, 'b c': 2, '${d}': 3, ...e }", '{"a": 1, "b c": 2, template("", d): 3, ...e}'),
        ("{\n  if: 1\n  for: 2\n  resource: 3\n  param: 4\n}", '{"if": 1, "for": 2, "resource": 3, "param": 4}'),
        ("{}", "{}"),
        ("[]", "[]"),
        ("true", "true"),
        ("null", "null"),
        ("18446744073709551615", "18446744073709551615"),
        ("'it\\'s \\n \\r \\t \\\\ \\$ \\${x} \\u{1F600} $ $x'", json.dumps("it's \n \r \t \\ $ ${x} \U0001f600 $ $x")),
        ("'\\u{D800}'", '"\\ufffd"'),
        ("''", '""'),
        ("'${a}'", 'template("", a)'),
        ("'${a}${b}\\n'", 'template("", a, b, "\\n")'),
        ("'a${'b${{ c: '}' }}'}d'", 'template("a", template("b", {"c": "}"}), "d")'),
        ("'''abc'''", '"abc"'),
        ("''''''", '""'),
        ("'''\n  a\n b'''", '"  a\\n b"'),
        ("'''\r\na\r\n'''", '"a\\r\\n"'),
        ("'''it's '' \\n ${x}'''", "\"it's '' \\\\n ${x}\""),
        ("'''a'''''", "\"a''\""),
        ("$'''\na${b}\n$c'''", 'template("a", b, "\\n$c")'),
        ("$'''$${a}'''", 'template("$", a)'),
        ("$$'''${a}$${b}$$${c}'''", 'template("${a}", b, "$", c)'),
    ],
)
def test_expressions(text: str, tree: str) -> None:
    found = expression(text)
    assert shown(found) == tree
    assert found.span.text == text


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("string", "string"),
        ("sys.string", "sys.string"),
        ("string[]?", "string[]?"),
        ("a!", "a!"),
        ("'a' | 'b' | null", '("a" | "b" | null)'),
        ("\n  | 'a'\n  | 'b'"[3:], '("a" | "b")'),
        ("| 1", "(1)"),
        ("-1 | true", "((-1) | true)"),
        ("('a' | 'b')[]", '("a" | "b")[]'),
        ("a.b[0][*].*", "a.b.0.*.*"),
        ("resourceInput<'A.B/c@1'>.properties.d", 'resourceInput<"A.B/c@1">.properties.d'),
        ("resourceOutput<\n  'A.B/c@1'\n>", 'resourceOutput<"A.B/c@1">'),
        ("[\n  string\n  @description('x')\n  int\n]", "[string, int]"),
        ("{\n  @secure()\n  a: string?\n  'b-c': int\n  *: { d: bool[] }\n}", "{a: string?, b-c: int, *: {d: bool[]}}"),
    ],
)
def test_types(text: str, tree: str) -> None:
    found = type_of(text)
    assert shown(found) == tree
    assert found.span.text == text


@pytest.mark.parametrize(
    "text",
    [
        "func f(\n  a string\n  , b int\n) string => a",
        "func f(a string, b int,) string => a",
        "var f = reduce(c, 0, (\n  a\n\n  // the other one\n  , b) => a)",
        "var f = reduce(c, 0, (\n  a,\n  b,\n) => a)",
    ],
)
def test_lists_of_names_may_break_before_a_comma_and_end_with_one(text: str) -> None:
    found = clean(text)
    for function in found.functions:
        assert [name for name, _ in function.parameters] == ["a", "b"]
    for variable in found.variables:
        if isinstance(variable.value, Call):
            last = variable.value.arguments[2]
            assert isinstance(last, Lambda)
            assert last.names == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("var f = concat(a\n  , b)", "1:17-2:3 A new line is out of place here."),
        ("var f = concat(a,)", "1:18-1:19 ')' is out of place here."),
        ("var f = (a,)", "1:13-1:13 Here should be '=>', not the end of the statement."),
    ],
)
def test_arguments_may_not(text: str, message: str) -> None:
    assert [said(each) for each in document(text).problems] == [message]


def test_decorated_properties_of_a_type() -> None:
    found = type_of("{\n  @secure()\n  @minLength(8)\n  a: string\n}")
    assert isinstance(found, ObjectType)
    assert [shown(each) for each in found.properties[0].decorators] == ["secure()", "minLength(8)"]
    assert found.properties[0].name_span.text == "a"


def test_spans_of_the_parts_of_a_template() -> None:
    for text, parts in [
        ("'a${b}c${d}e'", ["a", "b", "c", "d", "e"]),
        ("$$'''a$${b}c$$${d}e'''", ["a", "b", "c$", "d", "e"]),
    ]:
        found = expression(text)
        assert isinstance(found, Template)
        assert [part.span.text for part in found.parts] == parts


def test_parentheses_and_marks_belong_to_what_they_are_around() -> None:
    found = expression("(a.b)!.c + ((d))")
    assert isinstance(found, Binary)
    assert isinstance(found.left, Attribute)
    assert (found.left.base.span.text, found.left.span.text, found.right.span.text) == ("(a.b)!", "(a.b)!.c", "((d))")


def test_places_in_a_file_with_crlf_and_wide_characters() -> None:
    found = clean("// 😀\r\n\r\nvar a = '😀' /* 😀 */\r\n  var b = '${'😀'}' == a\r\n")
    a, b = found.variables
    assert str(a.value.span) == "main.bicep:3:9"
    assert (a.value.span.start, a.value.span.end) == (16, 19)
    assert isinstance(b.value, Binary)
    assert str(b.value.right.span) == "main.bicep:4:24"


def test_pragmas() -> None:
    found = clean(
        "#disable-next-line BCP081 no-unused-vars // because\nvar a = {\n  #disable-diagnostics BCP037\n  b: 1\n"
        "\t#restore-diagnostics BCP037\n}\n"
    )
    assert [(each.text, str(each.span)) for each in found.comments] == [
        ("#disable-next-line BCP081 no-unused-vars // because", "main.bicep:1:1"),
        ("#disable-diagnostics BCP037", "main.bicep:3:3"),
        ("#restore-diagnostics BCP037", "main.bicep:5:2"),
    ]
    assert [said(each) for each in document("var a = 1 #disable-next-line BCP081").problems] == [
        "1:11-1:12 The character # means nothing in Bicep."
    ]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("var a = 'b\nvar c = 1", ["1:9-1:11 This string is not closed on its line."]),
        ("var a = 'b${c\nvar d = 1", ["1:9-1:14 A hole ${ } of a string must end on its line."]),
        ("var a = 'b${c} d\nvar e = 1", ["1:9-1:17 This string is not closed on its line."]),
        ("var a = 'b\\qc'", ["1:11-1:13 This is not a valid escape in Bicep."]),
        ("var a = '\\u{110000}'", ["1:10-1:20 There is no such character."]),
        ("var a = '''b\nvar c = 1", ["1:9-1:12 This text is never closed."]),
        ("var a = $'''b${c}\n", ["1:9-1:13 This text is never closed."]),
        ("var a = 1 /* b", ["1:11-1:13 This comment is never closed."]),
        ('var a = "b"', ["1:9-1:10 A double quote means nothing in Bicep."]),
        ("var a = \0", ["1:9-1:10 The character U+0000 means nothing in Bicep."]),
        ("var a = {", ["1:9-1:10 This '{' is never closed."]),
        ("var a = { b: [1\nvar c = 1", ["1:14-1:15 This '[' is never closed."]),
        ("resource a 'b@c' = {\n  name: 'd'\n\nparam e string", ["1:20-1:21 This '{' is never closed."]),
        ("foo bar", ["1:1-1:4 No statement begins with 'foo'."]),
        ("var a = 1 }", ["1:11-1:12 '}' is out of place here."]),
        ("var a", ["1:6-1:6 The end of the statement is out of place here."]),
        ("var a =\n", ["1:8-1:8 The end of the statement is out of place here."]),
        ("var a = 1 var b = 2", ["1:11-1:14 'var' is out of place here."]),
        ("var a = [1 2]", ["1:12-1:13 A number is out of place here."]),
        ("var a = f(1,)", ["1:13-1:14 ')' is out of place here."]),
        ("var a = (1, 2)", ["1:9-1:15 Parentheses hold exactly one value."]),
        ("var a = (1, 2) => 3", ["1:10-1:11 A lambda takes names only."]),
        ("var a = 184467440737095516160", ["1:9-1:30 This number is too large."]),
        ("var a = [for b of c: d]", ["1:16-1:18 Here should be 'in', not 'of'."]),
        ("resource a 'b@c' exists = {}", ["1:18-1:24 Here should be 'existing', not 'exists'."]),
        ("resource a 'b@c' = when (d) {}", ["1:20-1:24 Here should be 'if', not 'when'."]),
        ("resource a = {}", ["1:12-1:13 Here should be a string, not '='."]),
        ("import * as a of 'b'", ["1:15-1:17 Here should be 'from', not 'of'."]),
        ("import { 'a b' } from 'c'", ["1:10-1:15 A symbol imported by a string needs a name: 'x' as y."]),
        ("var a = {\n  b: {\n    resource c 'd@e' = {}\n  }\n}", ["3:5-3:21 A resource cannot be declared here."]),
        ("@secure()", ["1:2-1:10 This decorator has no statement below it."]),
        ("@secure() param a string", ["1:11-1:16 Here should be '.' or the end of the statement, not 'param'."]),
        ("type a = b[c]", ["1:12-1:13 A number should be here."]),
        ("type a = { '${b}': c }", ["1:12-1:18 A string without holes should be here."]),
    ],
)
def test_what_is_not_bicep(text: str, messages: list[str]) -> None:
    found = document(text)
    assert [said(each) for each in found.problems] == messages
    assert all(each.kind is Kind.SYNTAX and each.path == "main.bicep" for each in found.problems)


@pytest.mark.parametrize(
    "bad",
    [
        "var x = [1",
        "var x = {\n  a: 'b\n}",
        "resource x 'y@z' = {\n  a: b c\n  d: {\n    resource: 1\n  }\n}",
        "var x = f(\n  1",
        "}",
        "§",
        "nonsense {\n  a: 1\n}",
        "var x = '''",
        "@minValue(",
        "@export(]\nvar y = [",
    ],
)
def test_an_error_costs_its_statement_only(bad: str) -> None:
    found = document(
        f"@secure()\nparam before string // one\n{bad}\n@allowed([\n  1\n])\nparam after int // two\nvar z = 1"
    )
    assert found.problems
    before, after = found.parameters
    assert (before.name, after.name, [each.name for each in found.variables]) == ("before", "after", ["z"])
    assert [each.function for each in before.decorators] == ["secure"]
    assert [each.function for each in after.decorators] == ["allowed"]
    assert [each.text for each in found.comments] == ["// one", "// two"]


def test_a_bad_decorator_leaves_its_statement() -> None:
    found = document("@secure()\n@minLength(8\nparam a string\nparam b string")
    assert [said(each) for each in found.problems] == ["2:13-3:1 A new line is out of place here."]
    assert [each.hint for each in found.problems] == ["The '(' of line 2 is still open."]
    assert [[call.function for call in each.decorators] for each in found.parameters] == [["secure"], []]


def test_a_resource_in_a_bad_resource_is_no_statement() -> None:
    found = document("resource a 'b@c' = {\n  d: e f\n  resource g 'h' = {\n  }\n}\nparam i string")
    assert [said(each) for each in found.problems] == ["2:8-2:9 'f' is out of place here."]
    assert (found.resources, [each.name for each in found.parameters]) == ((), ["i"])


@pytest.mark.parametrize(
    "text",
    [
        "var a = " + "[" * 5_000 + "]" * 5_000,
        "var a = " + "{a:" * 5_000 + "1" + "}" * 5_000,
        "var a = " + "f(" * 5_000 + ")" * 5_000,
        "var a = " + "'${" * 5_000 + "1" + "}'" * 5_000,
        "var a = 1" + " + 1" * 5_000,
        "var a = b" + ".c" * 5_000,
        "var a = b" + "[0]" * 5_000,
        "var a = " + "b ? c : " * 5_000 + "d",
        "var a = " + "b => " * 5_000 + "d",
        "type a = b" + "[]" * 5_000,
        "type a = " + "{ b: " * 5_000 + "c" + " }" * 5_000,
        "resource a 'b' = {\n" * 5_000,
    ],
)
def test_depth_is_bounded(text: str) -> None:
    found = document(text + "\n#disable-next-line x\nparam after string")
    assert found.problems[0].kind is Kind.LIMIT
    assert found.problems[0].message == f"This is nested more than {MAX_DEPTH} deep."


def test_width_is_not_bounded() -> None:
    found = clean(
        "var a = [\n" + "  [b.c, (d + e), '${f}${g}']\n" * 2_000 + "]\ntype t = " + " | ".join(["'a'"] * 2_000)
    )
    assert isinstance(found.variables[0].value, ListOf)
    assert len(found.variables[0].value.items) == 2_000


@pytest.mark.parametrize(
    "line", ["var a = {", "var a = '''", "var a = /*", "var a = 'x", "var a b c", "var a = '${", "resource a 'b' = {"]
)
def test_many_errors_take_no_more_than_linear_work(line: str) -> None:
    work = [calls(document, f"{line}\n" * count) for count in (2_000, 20_001)]
    assert work[1] < 15 * work[0]
    assert 1 <= len(document(f"{line}\n" * 20_001).problems) <= 101 + MAX_DEPTH


def test_after_many_errors_it_stops() -> None:
    *_, last = document("var a b c\n" * 200).problems
    assert (last.kind, said(last)) == (Kind.LIMIT, "101:1-101:1 There are too many errors to read on.")


PIECES = st.lists(
    st.sampled_from([
        "var x = ", "param p string", "resource r 'a@b' = {", "@secure()", "type t = ", "output o int = 1", "for ",
        "in ", "if ", "true", "a", "1",
        "\n", "\r\n", " ", "{", "}", "[", "]", "(", ")", "'", "'''", "$'''", "${", "$",
        "\\", "\\u{", ",", ":", ".", "?", "??", "!", "=>", "=", "|", "...", "::", "<", "*", "^", "//", "/*", "*/",
        "#disable-next-line", "\U0001f600",
    ]),
    max_size=40,
).map("".join)  # fmt: skip


@given(PIECES)
def test_any_text_is_read(text: str) -> None:
    found = document(text)
    for problem in found.problems:
        assert problem.span is not None
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert problem.message.endswith((".", "?"))
    for node in nodes(found):
        if hasattr(node, "span"):
            assert 0 <= node.span.start < node.span.end <= len(text) or isinstance(node, Literal)


@given(st.integers(0, len(SERVER)), st.integers(0, 30))
def test_a_file_with_a_piece_missing_is_read(start: int, length: int) -> None:
    document(SERVER[:start] + SERVER[start + length :])


OPERANDS = st.sampled_from(["a", "1", "'b'", "true", "null", "'c${d}e'"])
EXPRESSIONS = st.recursive(
    OPERANDS,
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["+", "*", "??", "&&", "==", "<", "%"]), inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({}).b.?c[{}]".format, inner, inner),
        st.builds("f({}, {})".format, inner, inner),
        st.builds("[{}\n{}]".format, inner, inner),
        st.builds("{{ a: {}, ...{} }}".format, inner, inner),
        st.builds("map({}, x => {})".format, inner, inner),
        st.builds("[for x in {}: {}]".format, inner, inner),
        st.builds("!({})".format, inner),
        inner.filter(lambda text: "\n" not in text).map("'x${{{}}}y'".format),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_what_a_span_covers_reads_as_the_node(text: str) -> None:
    for node in nodes(expression(text)):
        if not isinstance(node, Spread) and not (isinstance(node, Literal) and isinstance(node.value, str)):
            assert shown(expression(node.span.text)) == shown(node)


def test_children_of_children() -> None:
    (a,) = clean(
        "resource a 'b' = {\n  resource c 'd' = {\n    resource e 'f' = {}\n  }\n  resource g 'h' = {}\n}"
    ).resources

    def names(resource: Resource) -> Any:
        return resource.name, [names(child) for child in resource.children]

    assert names(a) == ("a", [("c", [("e", [])]), ("g", [])])


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    text = Path(grammar.__file__).with_name("bicep.lark").read_text("utf-8")
    with caplog.at_level(logging.DEBUG, logger.name):
        logger.addHandler(caplog.handler)
        try:
            Lark(text, parser="lalr", lexer="basic", debug=True)
        finally:
            logger.removeHandler(caplog.handler)
    assert "onflict" not in caplog.text


def test_reading_needs_no_lark() -> None:
    clean("var a = 1")  # the table is there now
    program = (
        "import sys; from pgflexlint.source import SourceFile; from pgflexlint.syntax.bicep.reader import read;"
        "assert not read(SourceFile('a.bicep', 'var a = 1')).problems; assert 'lark' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
