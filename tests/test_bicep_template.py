"""Bicep files as templates, and their agreement with the ARM JSON that is compiled from them."""

import json
from typing import Any

import pytest
from msgspec import Struct

from pgflexlint.evaluate.template.declared_types import Types
from pgflexlint.problem import Kind
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.arm import reader as arm
from pgflexlint.syntax.bicep.lexer import MAX_DEPTH
from pgflexlint.syntax.bicep.template import read_parameters, read_template
from pgflexlint.syntax.expressions import Attribute, Call, Lambda, Literal, Name, Nested, ObjectOf, Spread
from pgflexlint.syntax.template import ParameterFile, Resource, Template

SERVER = """\
param name string

@description('The server.')
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (deploy) {
  name: name
  location: resourceGroup().location
  dependsOn: [network]
  properties: {
    ...common
    version: '16'
  }

  @batchSize(1)
  resource database 'databases' = [for (entry, position) in databases: if (entry.wanted) {
    name: entry.name
  }]

  resource setting 'configurations@2025-08-01' = {
    name: 'require_secure_transport'
    dependsOn: [database]
    properties: { value: database[0].name, all: map(databases, database => database.name) }
    resource deeper 'notes' = {
      name: setting.name
    }
  }
}
output id string = server::setting.id
"""


def template(text: str) -> Template:
    found = read_template(SourceFile("main.bicep", text))
    assert not found.problems, found.problems
    return found


def parameters(text: str) -> ParameterFile:
    found = read_parameters(SourceFile("main.bicepparam", text))
    assert not found.problems, found.problems
    return found


def resources(text: str) -> dict[str, Resource]:
    return {resource.symbol: resource for resource in template(text).resources}


def source(node: Any) -> str:
    assert node is not None
    span: Span = node if isinstance(node, Span) else node.span
    return span.text


def place(node: Any) -> tuple[int, int, str]:
    """Line, column and text."""
    span: Span = node if isinstance(node, Span) else node.span
    return *span.begin, span.text


def names(node: Any) -> list[str]:
    """The bare names in an expression, in order."""
    if isinstance(node, Name):
        return [node.name]
    if isinstance(node, tuple):
        return [name for each in node for name in names(each)]
    return (
        [name for field in node.__struct_fields__ for name in names(getattr(node, field))]
        if isinstance(node, Struct)
        else []
    )


def shape(node: Any) -> Any:
    """An expression without its places."""
    if isinstance(node, tuple):
        return [shape(each) for each in node]
    if not isinstance(node, Struct):
        return node
    parts = [shape(getattr(node, field)) for field in node.__struct_fields__ if field != "span"]
    return [type(node).__name__, *parts]


# Parameters, variables, functions, imports, outputs


def test_parameters_with_their_defaults() -> None:
    found = template("param name string\n@allowed(['a'])\nparam size int = 32\n").parameters
    assert list(found) == ["name", "size"]
    assert place(found["name"].span) == (1, 7, "name")
    assert found["name"].default is None
    assert place(found["size"].default) == (3, 18, "32")
    types = Types({})
    assert not any(types.sensitive(each.type) or types.nullable(each.type) for each in found.values())


@pytest.mark.parametrize(
    ("text", "secure"),
    [
        ("@secure()\nparam p string", True),
        ("@sys.secure()\nparam p string", True),
        ("@other.secure()\nparam p string", False),
        ("@description('secure')\nparam p string", False),
        ("@secure()\ntype password = string\nparam p password?", True),
        ("@secure()\ntype password = string\ntype other = password\nparam p other", True),
    ],
)
def test_secure_parameters(text: str, secure: bool) -> None:
    found = template(text)
    assert Types(found.types).sensitive(found.parameters["p"].type) is secure


@pytest.mark.parametrize(
    ("text", "nullable"),
    [
        ("param p string?", True),
        ("param p (string)?", True),
        ("param p string[]?", True),
        ("param p (string?)[]", False),
        ("param p 'a' | 'b'?", True),
        ("param p 'a' | null", True),
        ("param p null", True),
        ("type t = string?\nparam p t", True),
        ("type t = string?\nparam p t!", False),
        ("type t = { a: string? }\nparam p t", False),
        ("type t = u\ntype u = t\nparam p t", False),
        ("import {t} from 'types.bicep'\nparam p t", False),
    ],
)
def test_nullable_parameters(text: str, nullable: bool) -> None:
    found = template(text)
    assert Types(found.types).nullable(found.parameters["p"].type) is nullable


@pytest.mark.parametrize(
    ("text", "secure"),
    [
        ("output o string = 'x'\n", False),
        ("@secure()\noutput o string = 'x'\n", True),
        ("@description('x')\n@sys.secure()\noutput o string = 'x'\n", True),
        ("@secure()\ntype hidden = string\noutput o hidden = 'x'\n", True),
        ("@secure()\nparam p string\noutput o string = p\n", False),
    ],
)
def test_an_output_says_whether_it_hides_its_value(text: str, secure: bool) -> None:
    found = template(text)
    assert Types(found.types).sensitive(found.outputs["o"].type) is secure


def test_variables_functions_and_outputs() -> None:
    found = template(
        "var tags object = { a: 1 }\nvar names = [for n in list: n]\n"
        "func full(name string, n int) string => '${name}-${n}'\noutput tags object = tags\n"
    )
    assert {name: place(value) for name, value in found.variables.items()} == {
        "tags": (1, 19, "{ a: 1 }"),
        "names": (2, 13, "[for n in list: n]"),
    }
    function = found.functions["full"]
    assert isinstance(function, Lambda)
    assert function.names == ("name", "n")
    assert place(function.body) == (3, 41, "'${name}-${n}'")
    assert place(found.outputs["tags"].value) == (4, 22, "tags")


def test_imports() -> None:
    found = template(
        "import { a, b as c, 'd-e' as f } from 'one.bicep'\nimport * as two from 'dir/two.bicep'\n"
    ).imports
    assert [(each.source, each.symbols, each.namespace) for each in found] == [
        ("one.bicep", (("a", "a"), ("b", "c"), ("d-e", "f")), None),
        ("dir/two.bicep", (), "two"),
    ]
    assert place(found[0].source_span) == (1, 39, "'one.bicep'")


def test_comments_and_pragmas_in_order() -> None:
    found = template("// one\n#disable-next-line use-recent-api BCP081\nvar a = 1 /* two */\n")
    assert [(text, span.begin.line) for text, span in found.comments] == [
        ("// one", 1),
        ("#disable-next-line use-recent-api BCP081", 2),
        ("/* two */", 3),
    ]


def test_problems_do_not_hide_the_rest() -> None:
    found = read_template(SourceFile("main.bicep", "var a = \nvar b = 1\n"))
    assert [str(problem.span) for problem in found.problems] == ["main.bicep:1:9"]
    assert list(found.variables) == ["b"]


# Resources


def test_a_resource() -> None:
    server = resources(SERVER)["server"]
    assert server.type == "Microsoft.DBforPostgreSQL/flexibleServers"
    assert isinstance(server.api_version, Literal)
    assert (server.api_version.value, *place(server.api_version)) == ("2024-08-01", 4, 60, "2024-08-01")
    assert place(server.header) == (
        4, 1, "resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01'",
    )  # fmt: skip
    assert server.span.begin == (4, 1)
    assert server.span.finish == (26, 2)
    assert place(server.condition) == (4, 77, "(deploy)")
    assert place(server.name) == (5, 9, "name")
    assert (server.existing, server.loop, server.parent, server.scope, server.container) == (False, *[None] * 4)
    keys = [(source(key), source(value)) for key, value in server.body.items]
    assert keys[0] == ("location", "resourceGroup().location")
    assert [key for key, _ in keys] == ["location", "properties"]
    properties = server.body.items[1][1]
    assert isinstance(properties, ObjectOf)
    assert all(isinstance(part, Spread) for part in properties.items[0])


def test_members_that_declare_are_no_part_of_the_body() -> None:
    found = resources(
        "resource a 'M.A/b@1' existing = {\n  name: 'x'\n  scope: resourceGroup('other')\n}\n"
        "resource b 'M.A/b/c@2' = [for x in xs: {\n  parent: a\n  name: x\n  sku: { name: 'B1' }\n}]\n"
    )
    assert found["a"].existing
    assert place(found["a"].header) == (1, 1, "resource a 'M.A/b@1' existing")
    assert place(found["a"].scope) == (3, 10, "resourceGroup('other')")
    assert place(found["b"].parent) == (6, 11, "a")
    assert place(found["b"].name) == (7, 9, "x")
    assert [source(key) for key, _ in found["b"].body.items] == ["sku"]
    loop = found["b"].loop
    assert loop
    assert (loop.item, loop.index, loop.count, loop.name) == ("x", None, None, "")
    assert place(loop.collection) == (5, 36, "xs")
    assert place(loop.span) == (5, 27, "for x in xs")


def test_children_follow_the_resource_that_they_are_declared_in() -> None:
    found = resources(SERVER)
    assert [(each.symbol, each.container, each.type.partition("/")[2]) for each in found.values()] == [
        ("server", None, "flexibleServers"),
        ("server::database", "server", "flexibleServers/databases"),
        ("server::setting", "server", "flexibleServers/configurations"),
        ("server::setting::deeper", "server::setting", "flexibleServers/configurations/notes"),
    ]
    versions = [each.api_version.value for each in found.values() if isinstance(each.api_version, Literal)]
    assert versions == ["2024-08-01", "2024-08-01", "2025-08-01", "2025-08-01"]
    assert place(found["server::database"].header) == (14, 3, "resource database 'databases'")


def test_a_child_written_with_its_whole_type() -> None:
    found = resources("resource a 'M.A/b@1' = {\n name: 'a'\n resource c 'M.A/b/c@2' = { name: 'c' }\n}")
    assert found["a::c"].type == "M.A/b/c"


def test_children_share_the_condition_of_the_resource_around_them() -> None:
    found = resources(SERVER)
    assert shape(found["server::setting::deeper"].condition) == ["Name", "deploy"]
    assert shape(found["server::database"].condition) == [
        "Binary", "&&", ["Name", "deploy"], ["Attribute", ["Name", "entry"], "wanted", False],
    ]  # fmt: skip


def test_children_go_by_their_bare_names_inside_the_resource_around_them() -> None:
    found = resources(SERVER)
    setting = found["server::setting"]
    assert names(setting.body) == ["server::database", "databases", "database"]
    assert place(next(value for key, value in setting.body.items)) == (
        21, 17, "{ value: database[0].name, all: map(databases, database => database.name) }",
    )  # fmt: skip
    deeper = found["server::setting::deeper"]
    assert shape(deeper.name) == ["Attribute", ["Name", "server::setting"], "name", False]
    output = template(SERVER).outputs["id"].value
    assert isinstance(output, Attribute)
    assert isinstance(output.base, Nested)


def test_what_is_nearer_hides_the_name_of_a_child() -> None:
    found = resources(
        "param child string\n"
        "resource a 'M.A/b@1' = if (child == 'x') {\n"
        "  name: child.name\n"
        "  tags: [for child in child: child]\n"
        "  zones: [for (x, child) in [child::inner]: [child, x]]\n"
        "  resource child 'c' = [for child in child: if (child) {\n"
        "    name: child\n"
        "  }]\n"
        "}\n"
    )
    outer, inner = found["a"], found["a::child"]
    assert names(outer.condition) == ["child"]
    assert names(outer.name) == ["a::child"]
    assert [names(value) for _, value in outer.body.items] == [["a::child", "child"], ["a::child", "child", "x"]]
    assert inner.loop
    assert names(inner.loop.collection) == ["a::child"]
    assert names(inner.name) == ["child"]
    assert names(inner.condition) == ["child", "child"]  # that of the outer one, and its own


def test_the_deepest_expression_in_a_resource_with_children() -> None:
    deep = "{ a: " * (MAX_DEPTH - 8) + "child" + " }" * (MAX_DEPTH - 8)
    found = resources(
        f"resource a 'M.A/b@1' = {{\n  name: 'a'\n  tags: {deep}\n  resource child 'c' = {{ name: 'c' }}\n}}\n"
    )
    (_, value), = found["a"].body.items  # fmt: skip
    while isinstance(value, ObjectOf):
        ((_, value),) = value.items
    assert isinstance(value, Name)
    assert value.name == "a::child"


def test_lowering_leaves_the_document_alone() -> None:
    file = SourceFile("main.bicep", SERVER)
    first, second = read_template(file), read_template(file)
    assert shape(first.resources) == shape(second.resources)


# Modules


def test_modules() -> None:
    found = {
        module.symbol: module
        for module in template(
            "module one 'modules/server.bicep' = {\n  name: 'one'\n  scope: group\n  params: { tls: 'on' }\n}\n"
            "module two 'br/public:avm/res/x/y:0.1.0' = [for (n, i) in names: if (n.wanted) {}]\n"
        ).modules
    }
    one, two = found["one"], found["two"]
    assert (one.source, one.inner, one.template) == ("modules/server.bicep", True, None)
    assert place(one.source_span) == (1, 12, "'modules/server.bicep'")
    assert place(one.header) == (1, 1, "module one 'modules/server.bicep'")
    assert (source(one.name), source(one.scope), source(one.parameters)) == ("'one'", "group", "{ tls: 'on' }")
    assert two.source == "br/public:avm/res/x/y:0.1.0"
    assert (two.name, two.scope, two.parameters) == (None, None, None)
    assert two.loop
    assert (two.loop.item, two.loop.index) == ("n", "i")
    assert source(two.condition) == "(n.wanted)"


# What Bicep refuses


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("param a string\nvar a = 1\n", ["2:5"]),
        ("resource a 'b@1' = {\n name: 'a'\n resource c 'c' = { name: 'c' }\n resource c 'd' = {}\n}", ["4:11"]),
        ("resource a 'Microsoft.A/b@1' = {\n tags: {}\n}\n", ["1:1"]),
        ("resource a 'M.A/b@1' = {\n name: 'a'\n sku: {\n  name: 'x'\n  'name': 'y'\n  Name: 'z'\n }\n}\n", ["5:3"]),
        ("var a = { '${b}': 1, '${b}': 2 }\n", []),
        ("var a = 18446744073709551616\n", ["1:9"]),
        ("import {a} from 'x.bicep'\nfunc a() int => 1\n", ["1:9"]),
        ("var a = 1\noutput a int = a\n", []),
        ("resource a 'M.A/${b}@1' = {}\n", ["1:12"]),
        ("module a '${b}.bicep' = {}\n", ["1:10"]),
    ],
)
def test_what_bicep_refuses_is_a_problem(text: str, places: list[str]) -> None:
    found = read_template(SourceFile("main.bicep", text)).problems
    assert [str(problem.span) for problem in found] == [f"main.bicep:{each}" for each in places]
    assert {problem.kind for problem in found} <= {Kind.SYNTAX}


def test_the_first_of_two_declarations_is_kept() -> None:
    found = read_template(SourceFile("main.bicep", "var a = 1\nvar a = 2\n"))
    assert found.problems[0].message == "The name 'a' is declared twice; it is also declared on line 1."
    assert source(found.variables["a"]) == "1"


# Parameter files


def test_a_parameter_file() -> None:
    found = parameters(
        "using '../main.bicep'\nextends 'base.bicepparam'\nimport { size } from 'sizes.bicep'\n"
        "var prefix = 'db'\nparam name = '${prefix}-1'\n"
        "param password = az.getSecret('sub', 'group', 'vault', 'secret')\n"
        "param other = getSecret('sub', 'group', 'vault', 'secret')\n"
        "param user = readEnvironmentVariable('USER', 'admin')\n"
    )
    assert found.using == "../main.bicep"
    assert found.extends is not None
    assert (found.extends[0], str(found.extends[1])) == ("base.bicepparam", "main.bicepparam:2:9")
    assert place(found.values["name"]) == (5, 14, "'${prefix}-1'")
    assert {name: source(value) for name, value in found.variables.items()} == {"prefix": "'db'"}
    assert found.secrets == {"password", "other"}
    assert all(isinstance(found.values[name], Call) for name in ("password", "other", "user"))
    assert [each.symbols for each in found.imports] == [(("size", "size"),)]


def test_a_parameter_file_of_no_template() -> None:
    assert parameters("using none\nparam a = 1\n").using is None


# Agreement with ARM JSON


def test_the_compiled_template_is_the_same() -> None:
    """A template without loops, in which nothing is renamed by the compiler, node by node."""
    bicep = template(
        "targetScope = 'subscription'\n"
        "@secure()\nparam password string\nparam tags object?\nparam tls string = 'on'\n"
        "var strict = tls == 'on' && !empty(tags ?? {})\n"
        "resource server 'M.DB/servers@2024-08-01' = if (strict) {\n"
        "  name: 'db-${tls}'\n"
        "  properties: { version: '16', zone: tags.?zone, keys: [1, true, null] }\n"
        "}\n"
        "module child 'child.bicep' = if (tls != 'x') {\n  name: 'child'\n  params: { tls: tls }\n}\n"
        "output tls string = strict ? tls : 'off'\n"
    )
    compiled = {
        "$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
        "languageVersion": "2.0",
        "parameters": {
            "password": {"type": "securestring"},
            "tags": {"type": "object", "nullable": True},
            "tls": {"type": "string", "defaultValue": "on"},
        },
        "variables": {
            "strict": "[and(equals(parameters('tls'), 'on'), not(empty(coalesce(parameters('tags'), createObject()))))]"
        },
        "resources": {
            "server": {
                "condition": "[variables('strict')]",
                "type": "M.DB/servers",
                "apiVersion": "2024-08-01",
                "name": "[format('db-{0}', parameters('tls'))]",
                "properties": {
                    "version": "16",
                    "zone": "[tryGet(parameters('tags'), 'zone')]",
                    "keys": [1, True, None],
                },
            },
            "child": {
                "condition": "[not(equals(parameters('tls'), 'x'))]",
                "type": "Microsoft.Resources/deployments",
                "apiVersion": "2025-04-01",
                "name": "child",
                "properties": {
                    "expressionEvaluationOptions": {"scope": "inner"},
                    "parameters": {"tls": {"value": "[parameters('tls')]"}},
                    "template": {
                        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
                    },
                },
            },
        },
        "outputs": {"tls": {"type": "string", "value": "[if(variables('strict'), parameters('tls'), 'off')]"}},
    }
    json_ = arm.read(SourceFile("main.json", json.dumps(compiled)))
    assert json_
    source, made = (
        [
            (each.name, types.nullable(each.type), types.sensitive(each.type), alike(each.default))
            for each in found.parameters.values()
        ]
        for found, types in ((bicep, Types(bicep.types)), (json_, Types(json_.types)))
    )
    assert source == made
    assert alike(bicep.variables) == alike(json_.variables)
    assert {name: alike(each.value) for name, each in bicep.outputs.items()} == {
        name: alike(each.value) for name, each in json_.outputs.items()
    }
    for ours, theirs in zip(bicep.resources, json_.resources, strict=True):
        for part in ("symbol", "type", "existing", "api_version", "condition", "loop", "name", "body"):
            assert alike(getattr(ours, part)) == alike(getattr(theirs, part)), part
    for module, deployment in zip(bicep.modules, json_.modules, strict=True):
        for part in ("symbol", "condition", "loop", "name", "inner", "parameters"):
            assert alike(getattr(module, part)) == alike(getattr(deployment, part)), part


def alike(node: Any) -> Any:
    """An expression without its places, in the one of two spellings that the compiler chooses."""
    if isinstance(node, dict):
        return {name: alike(value) for name, value in node.items()}
    found = shape(node)

    def compiled(part: Any) -> Any:
        match part:
            case ["Binary", "!=", left, right]:
                return ["Unary", "!", ["Binary", "==", compiled(left), compiled(right)]]
            case ["Attribute", ["Name", "parameters" | "variables"], str(name), _]:
                return ["Name", name]
            case ["Index", base, ["Literal", str(name)], optional, _]:
                return ["Attribute", compiled(base), name, optional]
            case list():
                return [compiled(each) for each in part]
        return part

    return compiled(found)
