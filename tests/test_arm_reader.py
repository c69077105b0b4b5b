import json
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.evaluate.template.declared_types import Types
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.arm.expressions import (
    DEFERRED,
    INVALID,
    NESTING_LIMIT,
    Bindings,
    InvalidExpressionError,
    parse,
)
from pgflexlint.syntax.arm.reader import read, read_parameters
from pgflexlint.syntax.arm.values import PROBLEM_LIMIT
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
    ObjectOf,
    Unary,
)
from pgflexlint.syntax.expressions import Template as Text
from pgflexlint.syntax.template import Module, ParameterFile, Resource, Template
from tests.work import calls

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
PARAMETERS = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"


def show(node: Expression | None) -> str:
    """A tree on one line."""
    match node:
        case None:
            return "-"
        case Literal(value=value):
            return json.dumps(value, ensure_ascii=False)
        case Name(name=name):
            return name
        case Attribute(base=base, name=name, optional=optional):
            return f"{show(base)}.{'?' if optional else ''}{name}"
        case Index(base=base, key=key, optional=optional, from_end=from_end):
            return f"{show(base)}[{'?' if optional else ''}{'^' if from_end else ''}{show(key)}]"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(show, arguments))})"
        case Unary(operator=operator, operand=operand):
            return f"{operator}{show(operand)}"
        case Binary(operator=operator, left=left, right=right):
            return f"({show(left)} {operator} {show(right)})"
        case Conditional(test=test, then=then, otherwise=otherwise):
            return f"({show(test)} ? {show(then)} : {show(otherwise)})"
        case ListOf(items=items):
            return f"[{', '.join(map(show, items))}]"
        case ObjectOf(items=pairs):
            return "{" + ", ".join(f"{show(key)}: {show(value)}" for key, value in pairs) + "}"
        case Lambda(names=names, body=body):
            return f"({', '.join(names)}) => {show(body)}"
        case For(value_name=name, collection=collection, value=value):
            return f"for {name} in {show(collection)}: {show(value)}"
        case Text(parts=parts):
            return "`" + "".join(str(p.value) if isinstance(p, Literal) else f"${{{show(p)}}}" for p in parts) + "`"
    raise AssertionError(node)


def tree(text: str, bindings: Bindings | None = None) -> str:
    span = Span(SourceFile("main.json", text), 0, len(text))
    return show(parse(text, span, 0, bindings or Bindings(), _raise))


def _raise(error: InvalidExpressionError) -> NoReturn:
    raise error


def template(sections: dict[str, Any] | None = None, /, **more: Any) -> Template:
    found = read(SourceFile("main.json", json.dumps({"$schema": SCHEMA, **(sections or {}), **more}, indent=2)))
    assert found is not None
    return found


def clean(**sections: Any) -> Template:
    found = template(**sections)
    assert found.problems == ()
    return found


def resource(**properties: Any) -> Resource:
    (found,) = clean(resources=[{"type": SERVER, "apiVersion": "2024-08-01", "name": "db", **properties}]).resources
    return found


def deployment(properties: Any, **more: Any) -> Module:
    (found,) = clean(
        resources=[{"type": "Microsoft.Resources/deployments", "name": "nested", "properties": properties, **more}]
    ).modules
    return found


def parameters(values: Any, path: str = "main.parameters.json", **more: Any) -> ParameterFile:
    found = read_parameters(SourceFile(path, json.dumps({"$schema": PARAMETERS, "parameters": values, **more})))
    assert found is not None
    return found


def variable(value: Any) -> str:
    return show(clean(variables={"x": value}).variables["x"])


def refusal(text: str) -> Problem:
    found = template(variables={"x": text, "other": "[null()]"})
    assert f"{INVALID}()" in show(found.variables["x"])
    assert show(found.variables["other"]) == "null"
    (problem,) = found.problems
    assert problem.hint
    return problem


# The expression language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'it''s'", '"it\'s"'),
        ("''", '""'),
        ("-12", "-12"),
        ("1.5", "1.5"),
        ("true", "true"),
        ("null()", "null"),
        ("TRUE()", "true"),
        ("False( )", "false"),
        ("parameters('tls')", "parameters.tls"),
        ("PARAMETERS('tls')", "parameters.tls"),
        ("variables('a').b.c[0]['d e'][variables('i')]", "variables.a.b.c[0].d e[variables.i]"),
        ("variables(concat('a', 'b'))", 'variables[concat("a", "b")]'),
        ("variables('$fxv#0')", "variables.$fxv#0"),
        ("if(not(true()), 'a', 'b')", '(!true ? "a" : "b")'),
        ("and(true(), false())", "(true && false)"),
        ("and(1, 2, 3, 4)", "((1 && 2) && (3 && 4))"),
        ("or(1, 2, 3)", "(1 || (2 || 3))"),
        ("Or(true())", "true"),
        ("equals(1, 2)", "(1 == 2)"),
        ("coalesce(1, 2, 3)", "(1 ?? (2 ?? 3))"),
        ("add(sub(1, 2), mul(3, div(4, mod(5, 6))))", "((1 - 2) + (3 * (4 / (5 % 6))))"),
        ("less(1, 2)", "(1 < 2)"),
        ("lessOrEquals(1, 2)", "(1 <= 2)"),
        ("greater(1, 2)", "(1 > 2)"),
        ("greaterOrEquals(1, 2)", "(1 >= 2)"),
        ("createArray()", "[]"),
        ("createArray('a', createArray(1))", '["a", [1]]'),
        ("createObject('a', 1, concat('b'), 2)", '{"a": 1, concat("b"): 2}'),
        ("tryGet(parameters('x'), 'a', 0)", "parameters.x.?a[?0]"),
        ("tryGet(parameters('x'), 'a').b", "parameters.x.?a.b"),
        ("indexFromEnd(parameters('x'), 1)", "parameters.x[^1]"),
        ("tryIndexFromEnd(parameters('x'), 1)", "parameters.x[?^1]"),
        ("lambda('x', lambdaVariables('x'))", "(x) => x"),
        ("map(variables('l'), lambda('X', 'i', lambdaVariables('x').id))", "map(variables.l, (X, i) => X.id)"),
        ("lambda('variables', lambdaVariables('variables'))", "(lambda:variables) => lambda:variables"),
        ("format('{0}-{1}', 'a', parameters('b'))", "`a-${parameters.b}`"),
        ("format('{0}', parameters('b'))", "`${parameters.b}`"),
        ("format('{{{0}}}', parameters('b'))", "`{${parameters.b}}`"),
        ("format('plain')", '"plain"'),
        ("format('')", '""'),
        ("format('{0:D3}', 1)", 'format("{0:D3}", 1)'),
        ("format('{1}', 1)", 'format("{1}", 1)'),
        ("format('{', 1)", 'format("{", 1)'),
        ("format(variables('f'), 1)", "format(variables.f, 1)"),
        ("resourceGroup().location", "resourceGroup().location"),
        ("resourceId('a', 'b')", 'resourceId("a", "b")'),
        ("__bicep.pick('a')", '__bicep.pick("a")'),
        ("contoso . unique ( 'a' ) . b", 'contoso.unique("a").b'),
        ("\n  concat(\n    'a' ,\t'b'\r\n)  ", 'concat("a", "b")'),
        ("json('{\"a\": [1]}').a[0]", 'json("{\\"a\\": [1]}").a[0]'),
    ],
)
def test_an_expression_becomes_the_shared_tree(text: str, expected: str) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("copyIndex()", "copyIndex:vm"),
        ("copyIndex(1)", "(copyIndex:vm + 1)"),
        ("copyIndex('disks')", "copyIndex:disks"),
        ("copyindex('DISKS', parameters('first'))", "(copyIndex:disks + parameters.first)"),
    ],
)
def test_the_index_of_a_loop_is_a_name(text: str, expected: str) -> None:
    bindings = Bindings().within("vm", "copyIndex:vm", nearest=True).within("disks", "copyIndex:disks", nearest=False)
    assert tree(text, bindings) == expected


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("[]", "A function, a text in quotes or a number was expected here.", "]"),
        ("[parameters('x'] ", None, None),  # it ends with a space, so it is text
        ("[parameters('x']", "This '(' is never closed.", "("),
        ("[parameters('x'))]", "The end of the expression was expected here.", ")"),
        ("[concat('a', )]", "A function, a text in quotes or a number was expected here.", ")"),
        ("[concat('a' 'b')]", "',' or ')' was expected here.", "'"),
        ("[concat('a, 'b')]", "',' or ')' was expected here.", "b"),
        ("[concat('a]", "This text in quotes is not closed.", "'"),
        ("[variables('x')[0)]", "']' was expected here.", ")"),
        ("[variables('x')[0, 1]]", "']' was expected here.", ","),
        ("[variables('x')[]]", "A function, a text in quotes or a number was expected here.", "]"),
        ("[concat(concat('a')]", "This '(' is never closed.", "("),
        ("[concat(]", "The expression ends too early.", "]"),
        ("[foo]", "A function, a text in quotes or a number was expected here.", "f"),
        ("[1 + 2]", "The end of the expression was expected here.", "+"),
        ("[if(true(), 1)]", "'if' takes 3 arguments, not 2.", "if(true(), 1)"),
        ("[null(1)]", "'null' takes no arguments, not 1.", "null(1)"),
        ("[parameters()]", "'parameters' takes 1 argument, not 0.", "parameters()"),
        ("[coalesce()]", "'coalesce' takes at least 1 argument, not 0.", "coalesce()"),
        ("[copyIndex('a', 1, 2)]", "'copyIndex' takes at most 2 arguments, not 3.", "copyIndex('a', 1, 2)"),
        ("[copyIndex()]", "copyIndex() is outside of any loop.", "copyIndex()"),
        ("[add(copyIndex('vm'), 1)]", "No loop around this is called 'vm'.", "'vm'"),
        ("[createObject('a')]", "The last key of this 'createObject' has no value.", "createObject('a')"),
        ("[lambda(1, 2)]", "The name of a lambda variable must be a text in quotes.", "1"),
        ("[999999999999999999999]", "This number has more digits than ARM's numbers have.", "9" * 21),
    ],
)
def test_what_is_no_expression_is_a_problem_where_it_goes_wrong(text: str, message: str | None, at: str | None) -> None:
    if message is None:
        assert variable(text) == json.dumps(text)
        return
    problem = refusal(text)
    assert (problem.kind, problem.message) == (Kind.SYNTAX, message)
    assert problem.span is not None
    assert problem.span.text == at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[parameters('x')]", "\"[parameters('x')]\""),
        ("[[a] b", '"[[a] b"'),
        ("[a] b", '"[a] b"'),
        (" [a]", '" [a]"'),
        ("[", '"["'),
        ("]", '"]"'),
        ("", '""'),
    ],
)
def test_only_text_in_brackets_is_an_expression(text: str, expected: str) -> None:
    assert variable(text) == expected


# Places


def places(node: Expression) -> list[str]:
    found = [f"{node.span.begin.line}:{node.span.begin.column} {node.span.text}"]
    match node:
        case Attribute(base=base):
            found += places(base)
        case Call(arguments=arguments):
            found += [place for each in arguments for place in places(each)]
        case Index(base=base, key=key):
            found += places(base) + places(key)
    return found


def test_a_node_knows_its_place_in_the_string() -> None:
    text = f'{{"$schema": "{SCHEMA}",\n "variables": {{\n  "x": "[concat(\'😀\', variables(\'y\').z[1])]"\n}}}}'
    found = read(SourceFile("main.json", text))
    assert found is not None
    assert places(found.variables["x"]) == [
        "3:10 concat('😀', variables('y').z[1])",
        "3:17 '😀'",
        "3:23 variables('y').z[1]",
        "3:23 variables('y').z",
        "3:23 variables('y')",
        "3:23 variables('y')",
        "3:40 1",
    ]


def test_with_escapes_the_place_is_the_whole_string() -> None:
    text = f'{{"$schema": "{SCHEMA}", "variables": {{"x": "[json(\'\\"\\"\')]"}}}}'
    found = read(SourceFile("main.json", text))
    assert found is not None
    assert {place.partition(" ")[2] for place in places(found.variables["x"])} == {'"[json(\'\\"\\"\')]"'}


def test_a_resource_is_reported_at_the_line_of_its_type() -> None:
    found = resource(properties={"version": "16"})
    assert found.header.text == f'"type": "{SERVER}"'
    (_, properties) = next(pair for pair in found.body.items if show(pair[0]) == '"properties"')
    assert isinstance(properties, ObjectOf)
    ((key, value),) = properties.items
    assert (key.span.text, value.span.text) == ('"version"', '"16"')


# What a template is


@pytest.mark.parametrize(
    "schema",
    [
        SCHEMA,
        SCHEMA.rstrip("#").replace("https", "http").upper(),
        "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
        "https://schema.management.azure.com/schemas/2019-08-01/managementGroupDeploymentTemplate.json#",
        "https://schema.management.azure.com/schemas/2019-08-01/tenantDeploymentTemplate.json#",
    ],
)
def test_the_schema_makes_a_template(schema: str) -> None:
    assert template({"$schema": schema, "outputs": {"o": {"value": 1}}}).outputs.keys() == {"o"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"resources": []}',
        f'{{"$schema": "{PARAMETERS}"}}',
        '{"$schema": "https://json.schemastore.org/package.json"}',
        f'{{"x": {{"$schema": "{SCHEMA}"}}}}',
        f'{{"template": "{SCHEMA}"}}',
        f'{{"$schema": "https://example.org/notA{SCHEMA.rpartition("/")[2]}"}}',
    ],
)
def test_other_json_is_no_template(text: str) -> None:
    assert read(SourceFile("azuredeploy.json", text)) is None


def test_a_template_that_is_no_json_is_a_template_with_a_problem() -> None:
    found = read(SourceFile("main.json", f'{{"$schema": "{SCHEMA}", "resources": ['))
    assert found is not None
    assert found.resources == ()
    assert [problem.kind for problem in found.problems] == [Kind.SYNTAX]


def test_comments_and_repeated_keys_are_kept() -> None:
    text = f'// pgflexlint: ignore[PGF303] lab\n{{"$schema": "{SCHEMA}", "variables": {{"a": 1, "a": 2}}}} /* end */'
    found = read(SourceFile("main.json", text))
    assert found is not None
    assert [comment for comment, _ in found.comments] == ["// pgflexlint: ignore[PGF303] lab", "/* end */"]
    assert [problem.message for problem in found.problems] == ["Key 'a' is written twice; first on line 2."]


def test_keys_that_differ_in_case_are_the_same() -> None:
    found = read(SourceFile("a.json", f'{{"$schema": "{SCHEMA}",\n"resources": [],\n"RESOURCES": []}}'))
    assert found is not None
    assert [problem.message for problem in found.problems] == [
        "Key 'RESOURCES' is written twice; first as 'resources' on line 2."
    ]


def test_the_compiler_signs_its_work() -> None:
    assert clean(metadata={"_generator": {"name": "bicep", "version": "0.30"}}).compiled
    assert not clean(metadata={"_generator": {"name": "by hand"}}).compiled


# Parameters, variables, functions, outputs


def test_parameters() -> None:
    found = clean(
        definitions={
            "password": {"type": "secureString"},
            "maybe": {"$ref": "#/definitions/password", "nullable": True},
            "ring": {"$ref": "#/definitions/RING"},
        },
        parameters={
            "plain": {"type": "string", "defaultValue": "[resourceGroup().location]"},
            "secret": {"Type": "SecureString"},
            "object": {"type": "secureObject"},
            "nullable": {"type": "int", "nullable": True},
            "refers": {"$ref": "#/definitions/password"},
            "twice": {"$ref": "#/definitions/maybe"},
            "certain": {"$ref": "#/definitions/maybe", "nullable": False},
            "ring": {"$ref": "#/definitions/ring"},
            "missing": {"$ref": "#/definitions/nothing"},
        },
    )
    types = Types(found.types)
    shown = {
        name: " ".join(
            [show(each.default)]
            + ["null"] * types.nullable(each.type)
            + ["sensitive"] * (types.sensitive(each.type) is True)
        )
        for name, each in found.parameters.items()
    }
    assert shown == {
        "plain": "resourceGroup().location",
        "secret": "- sensitive",
        "object": "- sensitive",
        "nullable": "- null",
        "refers": "- sensitive",
        "twice": "- null sensitive",
        "certain": "- sensitive",
        "ring": "-",
        "missing": "-",
    }
    assert found.parameters["plain"].span.text == '"plain"'


def test_variables_and_their_loops() -> None:
    found = clean(
        variables={
            "plain": {"a": [1, "[true()]", None]},
            "copy": [
                {"name": "names", "count": "[length(variables('l'))]", "input": "[concat('n', copyIndex('names', 1))]"},
                {"name": "flat", "count": 2, "input": 0},
            ],
            "inside": {
                "copy": [
                    {
                        "name": "outer",
                        "count": 2,
                        "input": {
                            "copy": [
                                {"name": "inner", "count": 3, "input": "[add(copyIndex('outer'), copyIndex('inner'))]"}
                            ]
                        },
                    }
                ]
            },
            "data": {"copy": ["no", "loop"]},
        }
    )
    assert {name: show(value) for name, value in found.variables.items()} == {
        "plain": '{"a": [1, true, null]}',
        "names": 'for copyIndex:names in range(0, length(variables.l)): concat("n", (copyIndex:names + 1))',
        "flat": "for copyIndex:flat in range(0, 2): 0",
        "inside": '{"outer": for copyIndex:outer in range(0, 2): '
        '{"inner": for copyIndex:inner in range(0, 3): (copyIndex:outer + copyIndex:inner)}}',
        "data": '{"copy": ["no", "loop"]}',
    }


def test_user_functions_and_outputs() -> None:
    found = clean(
        functions=[
            {
                "namespace": "contoso",
                "members": {
                    "unique": {
                        "parameters": [{"name": "Prefix", "type": "string"}],
                        "output": {"type": "string", "value": "[concat(toLower(parameters('prefix')), 'x')]"},
                    }
                },
            }
        ],
        outputs={
            "name": {"type": "string", "value": "[contoso.unique('a')]"},
            "all": {"type": "array", "copy": {"count": 2, "input": "[copyIndex()]"}},
        },
    )
    assert {name: show(body) for name, body in found.functions.items()} == {
        "contoso.unique": '(Prefix) => concat(toLower(Prefix), "x")'
    }
    assert {name: show(output.value) for name, output in found.outputs.items()} == {
        "name": 'contoso.unique("a")',
        "all": "for copyIndex:all in range(0, 2): copyIndex:all",
    }


@pytest.mark.parametrize(
    ("type_", "secure"),
    [({"type": "string"}, False), ({"type": "SecureString"}, True), ({"type": "secureObject"}, True),
     ({"$ref": "#/definitions/hidden"}, True)],
)  # fmt: skip
def test_an_output_says_whether_it_hides_its_value(type_: dict[str, str], secure: bool) -> None:
    found = clean(
        languageVersion="2.0",
        definitions={"hidden": {"type": "securestring"}},
        outputs={"o": {**type_, "value": "x"}},
    )
    assert Types(found.types).sensitive(found.outputs["o"].type) is secure
    assert found.outputs["o"].span.text == '"o"'


# Resources


def test_a_resource() -> None:
    found = resource(
        condition="[parameters('deploy')]",
        apiVersion="[variables('version')]",
        scope="[resourceId('a', 'b')]",
        dependsOn=["x"],
        comments="why",
        location="here",
        tags={"[concat('a')]": 1},
        Properties={"Backup": {"geoRedundantBackup": "Disabled"}},
    )
    assert found.symbol == "resources[0]"
    assert found.type == SERVER
    assert not found.existing
    assert (found.parent, found.container, found.loop) == (None, None, None)
    assert [show(each) for each in (found.name, found.api_version, found.condition, found.scope)] == [
        '"db"',
        "variables.version",
        "parameters.deploy",
        'resourceId("a", "b")',
    ]
    assert show(found.body) == (
        '{"location": "here", "tags": {concat("a"): 1}, "Properties": {"Backup": {"geoRedundantBackup": "Disabled"}}}'
    )


def test_symbolic_names() -> None:
    found = clean(
        languageVersion="2.0",
        resources={
            "server": {"existing": True, "type": SERVER, "name": "db", "resourceGroup": "rg", "subscriptionId": "s"},
            "other": {"type": SERVER, "name": "x", "subscriptionId": "s"},
            "loop": {
                "type": f"{SERVER}/databases",
                "name": "[format('db/{0}', copyIndex())]",
                "copy": {"name": "loop", "count": 3},
            },
        },
    )
    server, other, loop = found.resources
    assert (server.symbol, server.existing, show(server.scope)) == ("server", True, 'resourceGroup("s", "rg")')
    assert (other.existing, show(other.scope)) == (False, 'subscription("s")')
    assert show(loop.name) == "`db/${copyIndex:loop}`"
    assert loop.loop is not None
    assert (loop.loop.name, loop.loop.index, show(loop.loop.count)) == ("loop", "copyIndex:loop", "3")


def test_children_inside_their_parents() -> None:
    rule = {"type": "firewallRules", "name": "all"}
    found = clean(
        resources=[
            {"type": "Microsoft.Storage/storageAccounts", "name": "s"},
            {
                "type": SERVER,
                "name": "[concat('db', copyIndex())]",
                "copy": {"name": "servers", "count": 2},
                "resources": [
                    {
                        **rule,
                        "properties": {"index": "[copyIndex('servers')]"},
                        "resources": [{**rule, "type": "deep"}],
                    },
                    {"type": f"{SERVER.lower()}/databases", "name": "db/full"},
                ],
            },
        ]
    )
    _, server, child, grandchild, full = found.resources
    assert (child.symbol, child.container) == ("resources[1].resources[0]", "resources[1]")
    assert child.type == f"{SERVER}/firewallRules"
    assert child.loop is server.loop
    assert show(child.body) == '{"properties": {"index": copyIndex:servers}}'
    assert (grandchild.type, grandchild.container) == (f"{SERVER}/firewallRules/deep", child.symbol)
    assert (full.type, full.container) == (f"{SERVER.lower()}/databases", None)
    assert len({each.symbol for each in found.resources}) == 5


def test_property_loops_inside_a_resource_loop() -> None:
    found = resource(
        copy={"name": "servers", "count": 2},
        properties={
            "name": "[copyIndex()]",
            "copy": [{"name": "rules", "count": 3, "input": "[createArray(copyIndex(), copyIndex('RULES'))]"}],
        },
    )
    assert show(found.body) == (
        '{"properties": {"name": copyIndex:servers, '
        '"rules": for copyIndex:rules in range(0, 3): [copyIndex:servers, copyIndex:rules]}}'
    )


def test_a_property_loop_at_the_top_of_a_resource() -> None:
    found = resource(copy=[{"name": "zones", "count": 3, "input": "[string(copyIndex('zones'))]"}])
    assert found.loop is None
    assert show(found.body) == '{"zones": for copyIndex:zones in range(0, 3): string(copyIndex:zones)}'


# Deployments


def test_a_nested_deployment() -> None:
    found = deployment(
        {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "Inner"},
            "parameters": {
                "plain": {"value": "[parameters('x')]"},
                "secret": {"reference": {"keyVault": {"id": "[variables('vault')]"}, "secretName": "pw"}},
                "either": "[if(variables('c'), createObject('value', 1), createObject('value', null()))]",
                "computed": "[variables('wrapped')]",
                "list": {"copy": [{"name": "value", "count": 2, "input": "[copyIndex('value')]"}]},
            },
            "template": {
                "$schema": SCHEMA,
                "parameters": {"plain": {"type": "string"}},
                "resources": [{"type": SERVER, "name": "[parameters('plain')]"}],
            },
        },
        resourceGroup="rg",
    )
    assert found.inner
    assert (found.source, show(found.name), show(found.scope)) == (None, '"nested"', 'resourceGroup("rg")')
    assert found.header.text == '"type": "Microsoft.Resources/deployments"'
    assert show(found.parameters) == (
        '{"plain": parameters.x, "secret": getSecret(variables.vault, "pw"), "either": (variables.c ? 1 : null), '
        '"computed": variables.wrapped.?value, "list": for copyIndex:value in range(0, 2): copyIndex:value}'
    )
    assert found.template is not None
    assert [show(each.name) for each in found.template.resources] == ["parameters.plain"]


@pytest.mark.parametrize("scope", ["outer", "inner"])
def test_only_an_outer_template_sees_the_loop_around_it(scope: str) -> None:
    whole = template(
        resources=[
            {
                "type": "Microsoft.Resources/deployments",
                "name": "one",
                "copy": {"name": "all", "count": 2},
                "properties": {
                    "expressionEvaluationOptions": {"scope": scope},
                    "template": {"variables": {"i": "[copyIndex()]", "later": "[[variables('i')]"}},
                },
            }
        ]
    )
    (found,) = whole.modules
    assert found.inner == (scope == "inner")
    assert found.template is not None
    if scope == "outer":
        assert show(found.template.variables["i"]) == "copyIndex:all"
    assert [each.message for each in whole.problems] == ["copyIndex() is outside of any loop."] * (scope == "inner")
    later = f"{DEFERRED}()" if scope == "outer" else json.dumps("[variables('i')]")
    assert show(found.template.variables["later"]) == later


@pytest.mark.parametrize(
    ("link", "source"),
    [
        ({"relativePath": "nested/db.json"}, "nested/db.json"),
        ({"uri": "https://example.org/db.json"}, "https://example.org/db.json"),
        ({"uri": "[uri(deployment().properties.templateLink.uri, 'nested/db.json')]"}, "nested/db.json"),
        ({"uri": "[concat(parameters('base'), 'db.json')]"}, "[concat(parameters('base'), 'db.json')]"),
        ({"id": "/subscriptions/s/templateSpecs/t"}, "/subscriptions/s/templateSpecs/t"),
        ({}, None),
    ],
)
def test_a_linked_deployment(link: dict[str, str], source: str | None) -> None:
    found = deployment({"templateLink": link, "parametersLink": {"uri": "x"}})
    assert (found.source, found.template) == (source, None)
    assert show(found.parameters) == f"{DEFERRED}()"
    assert source is None or next(iter(link.values())) in found.source_span.text


def test_parameters_that_are_one_expression_are_unwrapped_too() -> None:
    found = deployment({"parameters": "[variables('p')]", "template": {}})
    assert show(found.parameters) == "mapValues(variables.p, (wrapped) => wrapped.value)"


# What is wrong with a template


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"resources": "none"}, "'resources' should be an array or an object."),
        ({"resources": [1]}, "A resource should be an object."),
        ({"resources": [{"name": "x"}]}, "This resource has no type."),
        ({"resources": [{"type": "A/b", "apiVersion": "1"}]}, "This resource has no name."),
        ({"resources": [{"type": "[concat('A', '/b')]", "name": "x"}]}, "The type of this resource is an expression."),
        ({"parameters": []}, "'parameters' should be an object."),
        ({"parameters": {"x": "string"}}, "Parameter 'x' should be an object."),
        ({"variables": 1}, "'variables' should be an object."),
        ({"outputs": True}, "'outputs' should be an object."),
        ({"variables": {"copy": [{"name": "x", "input": 1}]}}, "This copy has no 'count'."),
        ({"variables": {"copy": [{"name": "x", "count": 1}]}}, "This copy has no 'input'."),
        ({"resources": [{"type": SERVER, "name": "s", "copy": {"name": "x"}}]}, "This copy has no 'count'."),
        ({"functions": [{"namespace": "a", "members": {"f": {}}}]}, "Function 'f' has no output value."),
    ],
)
def test_a_part_of_the_wrong_shape_is_a_problem(sections: dict[str, Any], message: str) -> None:
    found = template(**sections)
    assert [problem.message for problem in found.problems] == [message]
    assert found.problems[0].span is not None


@pytest.mark.parametrize(
    "sections",
    [
        {"resources": None, "parameters": None, "variables": None, "outputs": None, "functions": None},
        {"parameters": {"x": {"type": 1, "$ref": 2}}, "definitions": [], "metadata": "none", "functions": {"a": 1}},
        {"outputs": {"x": None, "y": {"copy": [1]}}, "functions": [1, {"members": 2}]},
        {"resources": [{"type": "Microsoft.Resources/deployments", "properties": "[variables('p')]"}]},
        {"resources": [{"type": "Microsoft.Resources/deployments", "properties": {"template": "[variables('t')]"}}]},
    ],
)
def test_odd_shapes_that_hide_nothing_are_passed_over(sections: dict[str, Any]) -> None:
    assert template(**sections).problems == ()


# Parameter files


def test_a_parameter_file() -> None:
    found = parameters(
        {
            "plain": {"value": "[not an expression]"},
            "placeholder": {"value": "${AZURE_LOCATION}"},
            "object": {"Value": {"a": [1, None]}},
            "secret": {"reference": {"keyVault": {"id": "/vault"}, "secretName": "pw", "secretVersion": "1"}},
            "external": {"expression": "[externalInput('sys.cli')]"},
        },
        metadata={"template": "./main.json"},
    )
    assert found.problems == ()
    assert found.using == "./main.json"
    assert {name: show(value) for name, value in found.values.items()} == {
        "plain": '"[not an expression]"',
        "placeholder": "placeholder()",
        "object": '{"a": [1, null]}',
        "secret": 'getSecret("/vault", "pw", "1")',
        "external": 'externalInput("sys.cli")',
    }
    assert found.secrets == {"secret"}


def test_a_parameter_without_a_value_is_a_problem() -> None:
    found = parameters({"x": {}, "y": "bare"})
    assert [problem.message for problem in found.problems] == [
        "Parameter 'x' has no value.",
        "Parameter 'y' has no value.",
    ]


@pytest.mark.parametrize(
    ("path", "text", "is_one"),
    [
        ("values.json", f'{{"$schema": "{PARAMETERS}", "parameters": {{}}}}', True),
        ("values.json", '{"parameters": {}}', True),
        ("values.json", '{"parameters": {"a": {"value": 1}, "b": {}}}', True),
        ("values.json", '{"parameters": {"a": {"reference": {}}}}', True),
        ("values.json", '{"parameters": {"a": {"type": "int"}}}', False),
        ("main.parameters.json", '{"parameters": {"a": 1}}', False),
        ("main.parameters.json", '{"parameters": []}', False),
        ("main.parameters.json", "{", False),
        ("main.parameters.json", '{"parameters": {', True),
        ("main.parameters.json", f'{{"$schema": "{SCHEMA}", "parameters": {{}}}}', False),
        ("main.json", f'{{"$schema": "{PARAMETERS.replace("deployment", "subscriptionDeployment")}"}}', True),
        ("main.json", f'{{"$schema": "{PARAMETERS}"', True),
    ],
)
def test_what_a_parameter_file_is(path: str, text: str, is_one: bool) -> None:
    found = read_parameters(SourceFile(path, text))
    assert (found is not None) == is_one


# Hostile files


@pytest.mark.parametrize(
    "text",
    [
        "concat(" * 5_000,
        "concat(" * 5_000 + "'a'" + ")" * 5_000,
        "variables('x')" + "[0]" * 5_000,
        "variables('x')" + ".a" * 5_000,
        "variables('x')" + "[variables('x')" * 5_000 + "]" * 5_000,
        "tryGet(variables('x'), " + ", ".join(["0"] * 5_000) + ")",
    ],
)
def test_deep_nesting_is_a_problem(text: str) -> None:
    assert refusal(f"[{text}]").kind is Kind.LIMIT


def test_what_is_just_deep_enough_is_read() -> None:
    depth = NESTING_LIMIT - 1
    assert tree("a(" * depth + "1" + ")" * depth).count("(") == depth


@pytest.mark.parametrize(
    "text",
    [
        "'" + "a" * 1_000_000 + "'",
        "'" + "a" * 1_000_000,
        "'" + "''" * 500_000,
        "concat(" + "'a'," * 250_000 + "'b')",
        "and(" + "true()," * 100_000 + "true())",
        "format('" + "{0}" * 300_000 + "', 1)",
        "format('" + "{" * 1_000_000 + "', 1)",
        " " * 1_000_000 + "x",
        "a . " * 250_000 + "b",
        "-" * 1_000_000,
        "1" * 1_000_000,
        "(" * 1_000_000,
    ],
)
def test_a_megabyte_takes_linear_work(text: str) -> None:
    assert calls(lambda: template(variables={"x": f"[{text}]"})) < 8 * len(text)


def test_problems_of_a_file_are_bounded() -> None:
    assert len(template(variables={f"x{i}": "[bad" + "]" for i in range(1_000)}).problems) == PROBLEM_LIMIT


@pytest.mark.parametrize(("depth", "kinds"), [(24, []), (25, [Kind.LIMIT]), (5_000, [Kind.LIMIT])])
def test_deployments_in_deployments_end_at_the_nesting_of_json(depth: int, kinds: list[Kind]) -> None:
    opening = '"resources": [{"type": "Microsoft.Resources/deployments", "properties": {"template": {'
    text = f'{{"$schema": "{SCHEMA}", {opening * depth}{"}}}]" * depth}}}'
    found = read(SourceFile("main.json", text))
    assert found is not None
    assert [problem.kind for problem in found.problems] == kinds


def test_long_chains_of_types_and_lambdas_take_linear_work() -> None:
    def read_chains(count: int) -> Template:
        return template(
            definitions={f"d{i}": {"$ref": f"#/definitions/d{i + 1}"} for i in range(count)},
            parameters={f"p{i}": {"$ref": "#/definitions/d0"} for i in range(count)},
            variables={"x": "[lambda(" + "'a', " * count + "lambdaVariables('b'), " * count + "1)]"},
        )

    work = [calls(read_chains, count) for count in (500, 5_000)]
    assert work[1] < 15 * work[0]


PIECES = ["(", ")", "[", "]", ",", ".", "'", "''", "1", "-", "x", "if(", "null()", "format(", "'{0}'", "lambda(", " "]
EXPRESSIONS = st.lists(st.sampled_from(PIECES)).map("".join) | st.text()


def spans(node: Expression) -> list[Span]:
    found = [node.span]
    for name in type(node).__match_args__:
        part = getattr(node, str(name))
        for each in part if isinstance(part, tuple) else (part,):
            for inner in each if isinstance(each, tuple) else (each,):
                if hasattr(inner, "span"):
                    found += spans(inner)
    return found


@given(EXPRESSIONS)
def test_any_text_is_an_expression_or_refused_inside_the_file(text: str) -> None:
    file = SourceFile("main.json", text)
    refused: list[InvalidExpressionError] = []
    try:
        found = spans(parse(text, Span(file, 0, len(text)), 0, Bindings(), refused.append))
    except InvalidExpressionError as error:
        found = [error.span]
    found += (error.span for error in refused)
    assert all(0 <= span.start <= span.end <= len(text) + 1 for span in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | EXPRESSIONS.map(lambda text: f"[{text}]") | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["type", "copy", "name", "count", "input", "resources", "properties", "template", "parameters", "value"]
            ),
            inner | st.just("Microsoft.Resources/deployments"),
        )
    ),
    max_leaves=40,
)
SECTIONS = st.dictionaries(
    st.sampled_from(["parameters", "variables", "resources", "outputs", "functions", "definitions", "metadata"]), JSON
)


@given(SECTIONS, st.booleans())
def test_any_json_is_read(sections: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps({"$schema": SCHEMA, **sections}, ensure_ascii=ascii_only)
    found = read(SourceFile("main.json", text))
    assert found is not None
    outputs = [each.value for each in found.outputs.values()]
    values = [*found.variables.values(), *outputs, *(each.body for each in found.resources)]
    for span in (span for value in values for span in spans(value)):
        assert 0 <= span.start <= span.end <= len(text)


@given(st.text())
def test_any_text_is_read(rest: str) -> None:
    for text in (rest, f'{{"$schema": "{SCHEMA}"{rest}', f'{{"$schema": "{PARAMETERS}"{rest}'):
        read(SourceFile("main.json", text))
        read_parameters(SourceFile("main.parameters.json", text))
