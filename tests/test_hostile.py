"""Files that are made to be expensive: each takes seconds, says which bound it passes, and hides nothing else.

Every case is run as a user runs it, in a process of its own whose memory is limited. Beside what is expensive stands a
server with an old TLS version, which is found whatever else the file holds.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.console import scrubbed

SECONDS = 30
"""Far more than any case takes, so that a busy machine fails no test: without bounds they take hours or forever."""
MEMORY = 1 << 30

Files = dict[str, str]


class Case(NamedTuple):
    """Files, and what the user reads of them."""

    files: Files
    problem: str
    """One of the problems: its place, and the sentence."""
    finding: str = ""
    """Where the old TLS version is found; "" where the file as a whole is not read."""


_TERRAFORM = """\
resource "azurerm_postgresql_flexible_server" "old" {
  name = "old"
}
resource "azurerm_postgresql_flexible_server_configuration" "old" {
  name      = "ssl_min_protocol_version"
  server_id = azurerm_postgresql_flexible_server.old.id
  value     = "TLSv1"
}
variable "unknown" {}
resource "azurerm_postgresql_flexible_server" "x" {
  name = local.x
}
"""
_BICEP = """\
resource old 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'old'
  resource tls 'configurations' = {
    name: 'ssl_min_protocol_version'
    properties: { value: 'TLSv1' }
  }
}
param unknown string
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: x
}
"""
TERRAFORM_FINDING, BICEP_FINDING, ARM_FINDING = "main.tf:7:15", "main.bicep:5:26", "main.json:1:"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"


def terraform(values: str | dict[str, str], problem: str, **more: str) -> Case:
    """Local values in a file of their own, of which `x` is the name of a server."""
    if isinstance(values, dict):
        values = "".join(f"  {name} = {value}\n" for name, value in values.items())
    more = {name.replace("__", "/").replace("_dot_", "."): text for name, text in more.items()}
    return Case({"main.tf": _TERRAFORM, "x.tf": f"locals {{\n{values}}}\n", **more}, problem, TERRAFORM_FINDING)


def bicep(values: str | dict[str, str], problem: str, **more: str) -> Case:
    """Variables below the resources, of which `x` is the name of a server; the first is on line 12."""
    if isinstance(values, dict):
        values = "".join(f"var {name} = {value}\n" for name, value in values.items())
    more = {name.replace("_dot_", "."): text for name, text in more.items()}
    return Case({"main.bicep": _BICEP + values, **more}, problem, BICEP_FINDING)


def arm(variables: dict[str, Any], problem: str, *resources: dict[str, Any]) -> Case:
    """A template on one line, of whose variables `x` is the name of a server."""
    server = {"type": SERVER, "apiVersion": "2024-08-01", "properties": {}}
    old = {**server, "type": f"{SERVER}/configurations", "name": "old/ssl_min_protocol_version"}
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "resources": [
            {**server, "name": "old"},
            {**old, "properties": {"value": "TLSv1"}},
            {**server, "name": "[variables('x')]"},
            *resources,
        ],
        "variables": {"x": "x", **variables},
    }
    return Case({"main.json": json.dumps(template)}, problem, ARM_FINDING)


def chain(first: str, step: str, length: int, name: str = "local.a{}") -> dict[str, str]:
    """`a0 = first`, and each of the others made of the one before, for which `@` stands in `step`; `x` is the last."""
    values = {"a0": first}
    values |= {f"a{at}": step.replace("@", name.format(at - 1)) for at in range(1, length)}
    return {**values, "x": name.format(length - 1)}


def bicep_chain(first: str, step: str, length: int) -> dict[str, str]:
    return chain(first, step, length, "a{}")


def dynamic(number: int, content: str) -> str:
    """A number of nested blocks."""
    return f'dynamic "a" {{\nfor_each = range({number})\ncontent {{\n{content}}}\n}}\n'


def called(levels: int, call: str, leaf: str) -> Files:
    """Terraform modules that call each other; `call` is how."""
    files = {
        f"m{at}/main.tf"
        if at
        else "main.tf": f'module "m" {{\n  source = "{"../" if at else "./"}m{at + 1}"\n{call}}}\n'
        for at in range(levels)
    }
    files["main.tf"] += _TERRAFORM.replace("local.x", '"x"')
    return {**files, f"m{levels}/main.tf": leaf}


TEXT = "A text would be longer than 1,048,576 characters."
TEXTS = "The texts in a value would be longer than 1,048,576 characters together."
MADE = "The values of this root would be longer than 67,108,864 characters together."
MEMBERS = "A value would have more than 65,536 members."
NESTED = "A value would be nested more than 100 levels deep."
STEPS = "Evaluating this takes more than 500,000 steps, the limit for one root."
CHAINED = "Expressions refer to each other too deeply."
INSTANCES = "There are more than 4,000 instances of resources and modules."
BITS = "A number would have more than 1,400 bits."
REGEX = "A regular expression takes longer than 0.2 seconds."
LEVELS = "This is more than 250 levels deep."
JSON_LEVELS = "Objects and arrays are nested more than 100 levels deep."
WORDS = "This file has more than 500,000 words."

COMPARED = "More than 50,000 pairs of servers and other resources would have to be compared."
NAMES = "The comments of this file name more than 1,000 rules to ignore."

_SERVER = 'resource "azurerm_postgresql_flexible_server" "y" {\n}\n'


def _with(content: str) -> str:
    """A server with something in it."""
    return _SERVER.replace("{\n", "{\n" + content)


_SERVERS = """\
resource "azurerm_postgresql_flexible_server" "s" {
  count                  = 300
  administrator_password = "abcdef${count.index}"
  delegated_subnet_id    = azurerm_subnet.n.id
}
"""

_TEN = '"' + "${@}" * 10 + '"'
_BICEP_TEN = "'" + "${@}" * 10 + "'"
_DIGITS, _BICEP_DIGITS = '"0123456789"', "'0123456789'"
_BACKTRACKING = '"(a|aa)+$", "' + "a" * 60 + 'b"'
_LOOPS = "[for a in range(1000): [for b in range(1000): [for c in range(1000): a]]]"
_LITERAL_LOOPS = _LOOPS.replace("range(1000)", f"[{'1,' * 1000}]")
_MANY = 'flatten([for i in range(1000): [for j in range(60): "${i}-${j}"]])'
_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 30)
)

_SHARED = {f"a{at}": f"[local.a{at - 1}, local.a{at - 1}]" if at else '["x"]' for at in range(60)}

CASES: dict[str, Case] = {
    # Texts that double again and again
    "template": terraform(chain(_DIGITS, _TEN, 12), f"x.tf:8:8 {TEXT}"),
    "format": terraform(
        chain(_DIGITS, 'format("%s%s%s%s%s", @, @, @, @, @)', 12),
        "x.tf:10:8 Evaluating this would read more than 131,072 members or 2,097,152 characters.",
    ),
    "join": terraform(chain(_DIGITS, f'join("", [{", ".join("@" * 10)}])', 12), f"x.tf:8:17 {TEXTS}"),
    "replace": terraform(chain('"aaaaaaaaaa"', 'replace(@, "a", "aaaaaaaaaa")', 12), f"x.tf:8:8 {TEXT}"),
    "wide template": terraform({"a": f'"{"x" * 600_000}"', "x": '"' + "${local.a}" * 3000 + '"'}, f"x.tf:3:7 {TEXT}"),
    "holes": terraform(chain("var.unknown", _TEN, 12), f"x.tf:7:8 {MEMBERS}"),
    "holes side by side": terraform(chain('"${var.unknown}x"', '"${@}${@}"', 60), f"x.tf:16:9 {MEMBERS}"),
    "candidates": terraform(chain('var.unknown ? ["a"] : ["b"]', "var.unknown ? [@, @] : [@, 1]", 40), MEMBERS),
    "many texts": terraform(
        {"a": f'"{"x" * 600_000}"', "x": '[for i in range(1000): "${i}${local.a}"]'}, f"x.tf:3:30 {MADE}"
    ),
    "template in Bicep": bicep(bicep_chain(_BICEP_DIGITS, _BICEP_TEN, 12), f"main.bicep:18:10 {TEXT}"),
    "concat in Bicep": bicep(bicep_chain(_BICEP_DIGITS, "concat(@, @, @)", 30), f"main.bicep:23:11 {TEXT}"),
    "format in Bicep": bicep(bicep_chain(_BICEP_DIGITS, "format('{0}{0}{0}', @)", 30), f"main.bicep:23:11 {TEXT}"),
    "join in Bicep": bicep(
        bicep_chain(_BICEP_DIGITS, f"join([{', '.join('@' * 10)}], '')", 12), f"main.bicep:18:15 {TEXTS}"
    ),
    "replace in Bicep": bicep(bicep_chain(_BICEP_DIGITS, "replace(@, '0', '0123456789000')", 40), TEXT),
    "holes in Bicep": bicep(bicep_chain("unknown", _BICEP_TEN, 12), f"main.bicep:17:10 {MEMBERS}"),
    "unknown conditions in Bicep": bicep(bicep_chain("'a'", "unknown == 'b' ? '${@}${@}' : '${@}b'", 60), MEMBERS),
    "padLeft": bicep({"x": "padLeft('a', 2000000000)"}, f"main.bicep:12:9 {TEXT}"),
    "reduce": bicep({"x": "reduce(range(0, 10000), 'a', (cur, next) => '${cur}${cur}')"}, f"main.bicep:12:53 {TEXT}"),
    "parameter file": bicep(
        "param x string\n",
        f"main.bicepparam:8:10 {TEXT}",
        main_dot_bicepparam="using 'main.bicep'\n"
        + "".join(
            f"var {name} = {value}\n" for name, value in bicep_chain(_BICEP_DIGITS, _BICEP_TEN, 12).items()
        ).replace("var x", "param x"),
    ),
    "format in ARM": arm(
        {"a0": "0123456789"}
        | {f"a{at}": f"[format('{'{0}' * 10}', variables('a{at - 1}'))]" for at in range(1, 12)}
        | {"x": "[variables('a11')]"},
        TEXT,
    ),
    # Instances of instances
    "modules with count": Case(
        called(3, "  count = 100\n", _TERRAFORM.replace("local.x", '"x"')),
        f"m2/main.tf:3:11 {INSTANCES}",
        "main.tf:11:15",
    ),
    "modules with for_each": Case(
        called(3, '  for_each = toset([for i in range(100): "${i}"])\n', _TERRAFORM.replace("local.x", '"x"')),
        f"m2/main.tf:3:14 {INSTANCES}",
        "main.tf:11:15",
    ),
    "two modules 31 levels deep": Case(
        called(31, "  count = 2\n", _TERRAFORM.replace("local.x", '"x"')), INSTANCES, "main.tf:11:15"
    ),
    "40 levels of modules": Case(
        called(40, "", _TERRAFORM), "m32/main.tf:2:12 Modules call modules more than 32 levels deep.", "main.tf:10:15"
    ),
    "count": terraform(
        {"x": '"x"'},
        "n.tf:2:11 A count of 1,000,000,000 is more than the limit of 1,000.",
        n_dot_tf='resource "azurerm_postgresql_flexible_server" "n" {\n  count = 1000000000\n}\n',
    ),
    "many resources with count": terraform(
        {"x": '"x"'},
        f"n.tf:14:11 {INSTANCES}",
        n_dot_tf="".join(
            f'resource "azurerm_postgresql_flexible_server" "n{at}" {{\n  count = 999\n}}\n' for at in range(50)
        ),
    ),
    "modules in Bicep": Case(
        {
            "main.bicep": _BICEP.replace("name: x", "name: 'x'")
            + "module m 'a.bicep' = [for i in range(0, 100): {}]\n",
            "a.bicep": "module m 'b.bicep' = [for i in range(0, 100): {}]\n",
            "b.bicep": "module m 'c.bicep' = [for i in range(0, 100): {}]\n",
            "c.bicep": f"resource s '{SERVER}@2024-08-01' = {{\n  name: 'x'\n}}\n",
        },
        f"a.bicep:1:23 {INSTANCES}",
        BICEP_FINDING,
    ),
    "40 levels of modules in Bicep": Case(
        {
            "main.bicep": _BICEP.replace("name: x", "name: 'x'") + "module m 'm1.bicep' = {}\n",
            **{f"m{at}.bicep": f"module m 'm{at + 1}.bicep' = {{}}\n" for at in range(1, 40)},
            "m40.bicep": f"resource s '{SERVER}@2024-08-01' = {{\n  name: 'x'\n}}\n",
        },
        "m33.bicep:1:10 Modules call modules more than 32 levels deep.",
        BICEP_FINDING,
    ),
    "copy": arm(
        {},
        "A loop of 1,000,000,000 is more than the limit of 1,000 instances.",
        {"type": SERVER, "apiVersion": "2024-08-01", "name": "n", "copy": {"name": "c", "count": 1_000_000_000}},
    ),
    "for_each": terraform(
        {"x": '"x"'},
        "n.tf:2:14 A for_each over 1,001 members is more than the limit of 1,000.",
        n_dot_tf='resource "azurerm_postgresql_flexible_server" "n" {\n'
        '  for_each = toset([for i in range(1001) : "${i}"])\n}\n',
    ),
    "a loop over members": bicep(
        f"var x = 'x'\nresource n '{SERVER}@2024-08-01' = [for i in range(0, 1001): {{\n  name: 'n${{i}}'\n}}]\n",
        "main.bicep:13:79 A loop of 1,001 is more than the limit of 1,000 instances.",
    ),
    "copy within copy": arm(
        {
            "y": {
                "copy": [{"name": "p", "count": 5000, "input": {"copy": [{"name": "q", "count": 5000, "input": "a"}]}}]
            },
            "x": "[string(variables('y'))]",
        },
        STEPS,
    ),
    # Lists that share their members
    **{
        f"shared members: {expression}": terraform(
            {**_SHARED, **{name.replace("a", "b"): value.replace(".a", ".b") for name, value in _SHARED.items()}}
            | {"x": expression},
            f"x.tf:17:9 {MEMBERS}",
        )
        for expression in (
            "local.a59 == local.b59",
            "local.a15 == local.b15",
            "tolist(local.a59)",
            "jsonencode(local.a59)",
            "flatten(local.a59)",
            "toset(local.a59)",
            "merge({a = local.a59}, {b = local.b59})",
            "contains(local.a59, local.b58)",
            "distinct(local.a59)",
            '"${local.a59}"',
            "local.a59 == [var.unknown]",
        )
    },
    **{
        f"shared members in Bicep: {expression}": bicep(
            {**bicep_chain("['x']", "[@, @]", 60), "x": expression}, f"main.bicep:27:11 {MEMBERS}"
        )
        for expression in (
            "a59 == a58",
            "string(a59)",
            "union(a59, a58)",
            "contains(a59, a57)",
            "'${a59}'",
            "dataUri(a59)",
            "string(map(a59, each => each == a58))",
            "uniqueString(string(a59))",
        )
    },
    "shared members of a typed variable": terraform(
        chain('["x"]', "[@, @]", 60),
        f"x.tf:17:9 {MEMBERS}",
        c_dot_tf='module "c" {\n  source = "./c"\n  y      = local.a59\n}\n',
        c__main_dot_tf='variable "y" {\n  type = list(any)\n}\nresource "azurerm_postgresql_flexible_server" "y" {\n'
        "  name = var.y[0]\n}\n",
    ),
    "shared outputs of modules": Case(
        {
            "main.tf": _TERRAFORM,
            "x.tf": 'module "m" {\n  source = "./m1"\n}\nlocals {\n  x = jsonencode(module.m)\n}\n',
            **{
                f"m{at}/main.tf": f'module "m" {{\n  source = "../m{at + 1}"\n}}\n'
                'output "o" {\n  value = [module.m, module.m]\n}\n'
                for at in range(1, 30)
            },
            "m30/main.tf": 'output "o" {\n  value = "x"\n}\nresource "azurerm_postgresql_flexible_server" "x" {\n}\n',
        },
        f"x.tf:5:7 {MEMBERS}",
        TERRAFORM_FINDING,
    ),
    "templates in an attribute": terraform(
        {
            "t": "jsonencode("
            + json.dumps(
                {
                    "$schema": SCHEMA,
                    "resources": [
                        {
                            "type": SERVER,
                            "apiVersion": "2024-08-01",
                            "name": "[string(map(range(0, 9999), lambda('a', "
                            "map(range(0, 9999), lambda('b', lambdaVariables('b'))))))]",
                        }
                    ],
                }
            )
            + ")",
            "x": '"x"',
        },
        f"t.tf:3:22 {STEPS}",
        t_dot_tf='resource "azurerm_resource_group_template_deployment" "t" {\n  count            = 1000\n'
        '  template_content = replace(local.t, "9999", "999${count.index % 9}")\n}\n',
    ),
    # Numbers, ranges, loops and functions that take long
    "squares": terraform(chain("12345678901234567890", "@ * @", 30), f"x.tf:7:8 {BITS}"),
    "pow": terraform({"x": "pow(2, 100000000)"}, "x.tf:2:7 The arguments of function 'pow' are too large."),
    "literal": terraform({"x": "1e999999999"}, "x.tf:2:7 A number would be too large to evaluate."),
    "digits": terraform({"x": "9" * 100_000}, "x.tf:2:7 This number is too long."),
    "parseint": terraform({"x": f'parseint("{"9" * 100_000}", 10)'}, "x.tf:2:7 A number has more than 400 digits."),
    "width": terraform({"x": 'format("%999999999d", 1)'}, "x.tf:2:7 A field would be wider than 1,024 characters."),
    "regex": terraform({"x": f"regex({_BACKTRACKING})"}, f"x.tf:2:7 {REGEX}"),
    "regexall": terraform({"x": f"regexall({_BACKTRACKING})"}, f"x.tf:2:7 {REGEX}"),
    "regex in try": terraform({"x": f'try(regex({_BACKTRACKING}), "x")'}, f"x.tf:2:11 {REGEX}"),
    "regex in can": terraform({"x": f'can(regex({_BACKTRACKING})) ? "x" : "y"'}, f"x.tf:2:11 {REGEX}"),
    "regex in a loop": terraform({"x": f"[for i in range(1000): can(regex({_BACKTRACKING}))]"}, f"x.tf:2:34 {REGEX}"),
    "setproduct": terraform({"a": "range(100)", "x": "setproduct(local.a, local.a, local.a)"}, f"x.tf:3:7 {MEMBERS}"),
    "loops": terraform({"x": _LOOPS}, f"x.tf:2:7 {STEPS}"),
    "eight loops": terraform(
        {f"a{at}": _LOOPS for at in range(8)} | {"x": "[local.a0, local.a7]"}, f"x.tf:9:8 {STEPS}"
    ),
    "blocks that nobody asks for": Case(
        {"main.tf": _TERRAFORM.replace("local.x", '"x"'), "y.tf": _with(dynamic(1000, dynamic(1000, "x = 1\n")))},
        f"y.tf:2:1 {STEPS}",
        TERRAFORM_FINDING,
    ),
    "grouping": terraform({"x": '{for i in range(1000): "a" => {for j in range(400): "b" => j...}...}'}, STEPS),
    **{
        f"in a loop: {expression}": terraform({"a": _MANY, "x": f"[for i in range(1000): {expression}]"}, STEPS)
        for expression in ("toset(local.a)", "jsonencode(local.a)", "local.a == concat(local.a, [])")
    },
    "unknown members": terraform(
        {"a": '[for i in range(1000): ["${var.unknown}${i}"]]', "x": "length(toset(local.a)) == 1"},
        "x.tf:3:14 More than 200,000 members would have to be compared.",
    ),
    "variable file": Case(
        {"main.tf": _TERRAFORM.replace("local.x", "var.unknown"), "terraform.tfvars": f"unknown = {_LITERAL_LOOPS}\n"},
        f"terraform.tfvars:1:11 {STEPS}",
        TERRAFORM_FINDING,
    ),
    "loops in Bicep": bicep({"x": "map(range(0, 9999), a => map(range(0, 9999), b => a))"}, f"main.bicep:12:9 {STEPS}"),
    "recursion in Bicep": bicep("func f(n int) int => f(n - 1) + f(n - 1)\nvar x = string(f(1000))\n", CHAINED),
    # Depth
    **{
        f"5,000 times {opening}": terraform({"x": opening * 5000 + "1" + closing * 5000}, f" {LEVELS}")
        for opening, closing in (
            ("(", ")"),
            ("[", "]"),
            ("{a = ", "}"),
            ('"${', '}"'),
            ("!", ""),
            ("upper(", ")"),
            ("true ? 1 : ", ""),
        )
    },
    "5,000 operators": terraform({"x": "+".join(["1"] * 5000)}, f" {LEVELS}"),
    "5,000 blocks": terraform({"x": '"x"'}, f" {LEVELS}", d_dot_tf="a {\n" * 5000 + "}\n" * 5000),
    "200 lists": terraform({"x": "[" * 200 + "1" + "]" * 200}, f" {NESTED}"),
    **{
        f"5,000 times {opening} in Bicep": bicep(
            {"x": opening * 5000 + "1" + closing * 5000}, " This is nested more than 250 deep."
        )
        for opening, closing in (("(", ")"), ("[", "]"), ("{ a: ", " }"), ("'${", "}'"), ("toUpper(", ")"))
    },
    "200 lists in Bicep": bicep({"x": "[" * 200 + "1" + "]" * 200}, f" {NESTED}"),
    "5,000 brackets in ARM": arm(
        {"x": "[" + "toUpper(" * 5000 + "'a'" + ")" * 5000 + "]"},
        "This expression is nested more than 100 levels deep.",
    ),
    "a deep variable file": terraform(
        {"x": '"x"'}, LEVELS, terraform_dot_tfvars=f"unknown = {'[' * 5000}{']' * 5000}\n"
    ),
    "a deep JSON variable file": terraform(
        {"x": '"x"'}, JSON_LEVELS, terraform_dot_tfvars_dot_json=f'{{"unknown": {"[" * 5000}{"]" * 5000}}}'
    ),
    "deep JSON configuration": terraform(
        {"x": '"x"'}, JSON_LEVELS, d_dot_tf_dot_json=f'{{"locals": {{"d": {"[" * 5000}{"]" * 5000}}}}}'
    ),
    "a deep template in JSON": terraform(
        {"x": "local.d"},
        LEVELS,
        d_dot_tf_dot_json=json.dumps({"locals": {"d": "${" + "(" * 5000 + "1" + ")" * 5000 + "}"}}),
    ),
    "a deep parameter file": bicep(
        "param x string\n",
        "main.parameters.json:1:",
        main_dot_parameters_dot_json='{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/'
        'deploymentParameters.json#", "parameters": {"x": {"value": ' + "[" * 5000 + "]" * 5000 + "}}}",
    ),
    "a deep Bicep parameter file": bicep(
        "param x string\n",
        "main.bicepparam:2:",
        main_dot_bicepparam=f"using 'main.bicep'\nparam x = {'[' * 5000}{']' * 5000}\n",
    ),
    "5,000 local values": terraform(chain('"x"', "@", 5000), CHAINED),
    "5,000 texts": terraform(chain("var.unknown", '"${@}x"', 5000), CHAINED),
    "5,000 calls": terraform(chain('"x"', "upper(@)", 5000), CHAINED),
    "5,000 lists": terraform(chain('["x"]', "[@]", 5000), CHAINED),
    "5,000 variables in Bicep": bicep(bicep_chain("'x'", "@", 5000), CHAINED),
    "5,000 variables in ARM": arm(
        {"a0": "x", **{f"a{at}": f"[variables('a{at - 1}')]" for at in range(1, 5000)}, "x": "[variables('a4999')]"},
        CHAINED,
    ),
    # Files that are read
    "YAML aliases": terraform({"x": 'yamldecode(file("b.yaml"))'}, f"x.tf:2:7 {MEMBERS}", b_dot_yaml=_BOMB),
    "deep YAML": terraform(
        {"x": 'yamldecode(file("b.yaml"))'}, f"x.tf:2:7 {NESTED}", b_dot_yaml="[" * 5000 + "]" * 5000
    ),
    "YAML aliases in Bicep": bicep({"x": "loadYamlContent('b.yaml')"}, f"main.bicep:12:9 {MEMBERS}", b_dot_yaml=_BOMB),
    "deep JSON in Bicep": bicep(
        {"x": "loadJsonContent('b.json')"}, f"main.bicep:12:9 {JSON_LEVELS}", b_dot_json="[" * 50_000 + "]" * 50_000
    ),
    "deep JSON": terraform(
        {"x": 'jsondecode(file("b.json"))'},
        "x.tf:2:7 The arguments of function 'jsondecode' are too large.",
        b_dot_json="[" * 100_000 + "]" * 100_000,
    ),
    "wide JSON": terraform(
        {"x": 'jsondecode(file("b.json"))'}, f"x.tf:2:7 {MEMBERS}", b_dot_json=f"[{','.join(['1'] * 200_000)}]"
    ),
    "a large file": terraform({"x": 'file("b.txt")'}, f"x.tf:2:7 {TEXT}", b_dot_txt="a" * 5_000_000),
    "a huge file": terraform(
        {"x": 'file("b.txt")'}, "x.tf:2:7 The file is larger than 8 MiB.", b_dot_txt="a" * 100_000_000
    ),
    "a long source": terraform(
        {"x": '"x"'},
        f"a.tf:1:1 {WORDS}",
        a_dot_tf="locals {\n" + "".join(f"  a{at} = 1\n" for at in range(400_000)) + "}\n",
    ),
    "a long variable file": terraform(
        {"x": '"x"'}, f"terraform.tfvars:1:1 {WORDS}", terraform_dot_tfvars=f"unknown = [{'1,' * 1_000_000}]\n"
    ),
    "a long Bicep file": Case({"main.bicep": _BICEP + "var a = 1\n" * 400_000}, f"main.bicep:1:1 {WORDS}"),
    "a long ARM template": Case(
        {"main.json": arm({"a": [1] * 600_000}, "").files["main.json"]}, f"main.json:1:1 {WORDS}"
    ),
    # What is linked with what
    **{
        name: Case({"main.tf": _TERRAFORM.replace("local.x", "var.unknown") + text}, COMPARED, TERRAFORM_FINDING)
        for name, text in {
            "servers and locks": _SERVERS
            + 'resource "azurerm_management_lock" "l" {\n  count = 300\n  lock_level = "CanNotDelete"\n'
            '  scope = "/subscriptions/x/resourceGroups/r${count.index}"\n}\n',
            "servers and secrets": _SERVERS
            + 'resource "azurerm_key_vault_secret" "k" {\n  count = 300\n  value = "a${var.unknown}"\n}\n',
            "servers and security rules": _SERVERS + 'resource "azurerm_subnet" "n" {\n  name = "n"\n}\n'
            'resource "azurerm_network_security_group" "g" {\n  name = "g"\n}\n'
            'resource "azurerm_network_security_rule" "r" {\n  count = 1000\n  network_security_group_name = "g"\n}\n'
            'resource "azurerm_subnet_network_security_group_association" "a" {\n  subnet_id = azurerm_subnet.n.id\n'
            "  network_security_group_id = azurerm_network_security_group.g.id\n}\n",
        }.items()
    },
    "very many texts in outputs": terraform(
        {"x": '"x"', "b": '[for i in range(300): [for j in range(10): "${i}${var.unknown}${j}"]]'},
        "c.tf:102:1 More than 500,000 values would have to be searched for passwords.",
        c_dot_tf='provider "azurerm" {\n}\n'
        + _with('  administrator_password = "a${var.unknown}"\n')
        + "".join(f'output "o{at}" {{\n  value = local.b\n}}\n' for at in range(60)),
    ),
    "servers and long outputs": terraform(
        {"x": '"x"', "b": '[for i in range(300): "${var.a}${var.unknown}"]'},
        COMPARED,
        c_dot_tf='provider "azurerm" {\n}\nvariable "a" {}\n'
        + _with('  count = 60\n  administrator_password = "${var.unknown}${var.a}"\n')
        + "".join(f'output "o{at}" {{\n  value = local.b\n}}\n' for at in range(60)),
    ),
    # Comments
    "comments below each other": terraform(
        {"x": '"x"'}, f"c.tf:1002:1 {NAMES}", c_dot_tf="# pgflexlint: ignore[PGF301]\n" * 30_000 + _SERVER
    ),
    "many unknown rules in a comment": terraform(
        {"x": '"x"'},
        f"c.tf:2:1 {NAMES}",
        c_dot_tf=f"# pgflexlint: ignore[{','.join(f'PGF3x{at}' for at in range(20_000))}]\n#\n" + _SERVER,
    ),
    "a huge source": Case({"main.tf": "#" * 40_000_000 + "\n" + _TERRAFORM}, "main.tf This file is larger than 8 MiB."),
}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_made_to_be_expensive_is_a_problem_and_hides_nothing(tmp_path: Path, case: Case) -> None:
    _lines(tmp_path, case, SECONDS)


def _lines(place: Path, case: Case, seconds: int) -> list[str]:
    """What a user reads of a case, which holds its problem and its finding."""
    for path, text in case.files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pgflexlint", "check", ".", "--format", "concise", "--select", "PGF102"]
    run = subprocess.run(
        [*command, "--fail-on", "never"],
        capture_output=True,
        encoding="utf-8",
        cwd=place,
        env=scrubbed(),
        stdin=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
        preexec_fn=_limited,
    )
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    problems = [_said(line) for line in lines if ": problem " in line]
    assert any(case.problem in problem for problem in problems), problems[:10]
    found = [line for line in lines if line.startswith(case.finding) and " PGF102 TLS older than 1.2" in line]
    assert bool(found) == bool(case.finding), lines[:10]
    assert run.returncode == 3
    return lines


_HEAVY = """\
locals {
  a = [for i in range(1000): [for j in range(60): "${i}-${j}"]]
  b = [for i in range(1000): jsonencode(local.a)]
  x = join("", local.b)
}
"""
_HEAVY_BICEP = """\
param at int
var a = map(range(0, 1000), i => map(range(0, 60), j => '${i}-${j}'))
var b = map(range(0, 1000), i => string(a))
var x = '${join(b, '')}${at}'
"""
_SCENARIOS = "".join(f'[[scenarios]]\nname = "s{at}"\nroot = "."\nvar-files = []\n' for at in range(100))
_TOGETHER = "The deployments of this root take more than 2,000,000 steps together: the one with '{}' is not judged."

DEPLOYED: dict[str, Case] = {
    "much work in many scenarios": Case(
        {"main.tf": _TERRAFORM, "x.tf": _HEAVY, ".pgflexlint.toml": _SCENARIOS},
        f"main.tf:1:1 {_TOGETHER.format('s99')}",
        TERRAFORM_FINDING,
    ),
    "many servers in many scenarios": Case(
        {
            "main.tf": _TERRAFORM.replace("local.x", '"x"') + _with("  count = 1000\n"),
            ".pgflexlint.toml": _SCENARIOS,
        },
        f"main.tf:1:1 {_TOGETHER.format('s99')}",
        TERRAFORM_FINDING,
    ),
    "many parameter files": Case(
        {
            "main.bicep": _BICEP + _HEAVY_BICEP,
            **{f"p{at}.bicepparam": f"using 'main.bicep'\nparam at = {at}\n" for at in range(10, 100)},
        },
        f"main.bicep:1:1 {_TOGETHER.format('p99.bicepparam')}",
        BICEP_FINDING,
    ),
}


@pytest.mark.parametrize("case", DEPLOYED.values(), ids=DEPLOYED)
def test_many_deployments_of_one_root_are_bounded_together(tmp_path: Path, case: Case) -> None:
    lines = _lines(tmp_path, case, 3 * SECONDS)
    assert sum(" steps together: " in line for line in lines) > 50


def test_many_deployments_of_one_root_that_are_cheap_are_all_judged(tmp_path: Path) -> None:
    (tmp_path / "main.bicep").write_text(_BICEP + "param x string\n", encoding="utf-8")
    for at in range(60):
        text = f"using 'main.bicep'\nparam unknown = 's{at}'\nparam x = 'x{at}'\n"
        (tmp_path / f"p{at}.bicepparam").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pgflexlint", "check", ".", "--format", "json", "--select", "PGF102"]
    run = subprocess.run(command, capture_output=True, cwd=tmp_path, env=scrubbed(), check=False)
    report = json.loads(run.stdout)
    assert (run.returncode, report["problems"], report["coverage"]["scenarios"]) == (1, [], 60)


def holding(at: int, value: str) -> str:
    """A server that holds the one before, for which `@` stands in the value."""
    type_ = "azurerm_postgresql_flexible_server"
    before = f"{type_}.r{at - 1}" if at else f"{type_}.y"
    return f'resource "{type_}" "r{at}" {{\ntags = {value.replace("@", before)}\n}}\n'


QUIET: dict[str, Files] = {
    "last days in a comment": {"c.tf": f"# pgflexlint: ignore[PGF301] {'- (until the a ' * 100_000}\n{_SERVER}"},
    "blanks in a comment": {"c.tf": f"# pgflexlint: ignore[PGF301] a{' ' * 100_000}x\n{_SERVER}"},
    "blanks in a pragma": {
        "c.bicep": f"#disable-next-line PGF301{' ' * 100_000}x\n"
        f"resource a '{SERVER}@2024-08-01' = {{\n  name: 'a'\n}}\n"
    },
    "blanks in a connection string": {
        "c.tf": 'resource "azurerm_linux_web_app" "a" {\n  app_settings = {\n'
        f'    A = "a;{" " * 8000}x"\n    B = "=a{" " * 8000}x"\n    C = "postgres://{":@" * 4000}"\n  }}\n}}\n{_SERVER}'
    },
    "blanks in a glob": {".pgflexlint.toml": f'exclude = ["{" " * 300_000}x"]\n'},
    "stars in a glob": {".pgflexlint.toml": f'exclude = ["{"*a" * 5000}b", "{"**/" * 5000}b"]\n'},
    "brackets in what Git ignores": {".gitignore": "[" * 20_000 + "\n"},
    "patterns in nested directories": {
        f"{'/'.join('d' * depth)}/.gitignore": "".join(f"*a{depth}*{at}b\n" for at in range(1900))
        for depth in range(1, 21)
    }
    | {f"{'/'.join('d' * 20)}/{at}.tf": "" for at in range(100)},
    "the same patterns in many directories": {
        f"many/{directory}/.gitignore": "".join(f"n{at:04}\n" for at in range(2000)) for directory in range(2000)
    },
    "a long list in the configuration": {".pgflexlint.toml": "exclude = [\n" + '  "nothing",\n' * 20_000 + "]\n"},
    "many entries of the configuration": {
        ".pgflexlint.toml": '[[allow]]\nrules = ["PGF301"]\nreason = "x"\npath = "a"\n' * 2000
    },
    "many entries of the configuration with many findings": {
        ".pgflexlint.toml": "".join(
            f'[[allow]]\nrules = ["PGF301"]\nreason = "x"\npath = "**/m{at}*/**"\naddress = "*a{at}*"\n'
            f'[[allow]]\nrules = ["PGF301"]\nreason = "x"\naddress = "*a{at}*"\n'
            for at in range(500)
        ),
        "c.tf": _with("  count = 500\n  public_network_access_enabled = true\n"),
    },
    "digits of a duration": {
        "c.tf": _SERVER.replace("{\n", f'{{\n  name = timeadd("2024-01-01T00:00:00Z", "{"1" * 100_000}")\n')
    },
    "brackets in a glob of fileset": {
        "c.tf": _SERVER.replace("{\n", f'{{\n  name = join("", fileset(".", "{"[" * 60_000}"))\n')
    },
    "names that look like modules": {
        "c.tf": _SERVER.replace("{\n", f'{{\n  for_each = {{"{".module.a[" * 20_000}" = 1}}\n')
    },
    "keys in a circle": {
        "c.tf": 'resource "azurerm_key_vault_key" "a" {\n  key_vault_id = azurerm_key_vault_key.b.id\n}\n'
        'resource "azurerm_key_vault_key" "b" {\n  key_vault_id = azurerm_key_vault_key.a.id\n}\n'
        + _SERVER.replace(
            "{\n", "{\n  customer_managed_key {\n    key_vault_key_id = azurerm_key_vault_key.a.id\n  }\n", 1
        )
    },
    "many outputs that are long": {
        "c.tf": _SERVER.replace("{\n", '{\n  count = 40\n  administrator_password = "Secret-${count.index}-Pass"\n')
        + 'locals {\n  b = [for i in range(900): [for j in range(10): "a${i}-${j}"]]\n}\n'
        + "".join(f'output "o{at}" {{\n  value = local.b\n}}\n' for at in range(40))
    },
    "resources that hold one another twice": {"c.tf": _SERVER + "".join(holding(at, "[@, @]") for at in range(50))},
    "a long chain of resources": {"c.tf": _SERVER + "".join(holding(at, "@") for at in range(1500))},
    "resources in a circle": {
        "c.tf": _with("a {\nb = azurerm_postgresql_flexible_server.z\n}\n")
        + _with("a {\nb = azurerm_postgresql_flexible_server.y\n}\n").replace('"y"', '"z"')
    },
    "many templates with many parameter files": {
        f"many/{name}": text
        for at in range(400)
        for name, text in (
            (f"m{at}.bicep", f"param tls string\n{_BICEP}var x = tls\n"),
            (
                f"m{at}.p.parameters.json",
                '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",'
                ' "parameters": {"tls": {"value": "on"}}}',
            ),
        )
    },
    "many parameter files that many templates can take": {
        f"many/{name}": text
        for at in range(400)
        for name, text in (
            (f"m{at}.bicep", f"param tls string\n{_BICEP}var x = tls\n"),
            (
                f"p{at}.json",
                '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",'
                ' "parameters": {"tls": {"value": "on"}}}',
            ),
        )
    },
    "a long line in which not every character is ASCII": {
        "long.json": json.dumps(
            {
                "$schema": SCHEMA,
                "metadata": {"description": "ü" + "u" * 7_500_000},
                "resources": [
                    {"type": SERVER, "apiVersion": "2024-08-01", "name": f"s{at}", "properties": {}}
                    for at in range(1500)
                ],
            },
            ensure_ascii=False,
        )
    },
    "sources of files that are not there": {
        "c.tf": 'resource "null_resource" "x" {\n'
        + '  provisioner "file" {\n    source = "./gone"\n  }\n' * 8000
        + "}\n"
    },
    "many secrets": {
        "c.tf": 'resource "azurerm_postgresql_flexible_server" "s" {\n  count = 1000\n'
        '  administrator_password = "abcdef${count.index}"\n}\n'
    },
}
"""Files that take very long where something is done in a roundabout way, and pass no bound."""


@pytest.mark.parametrize("files", QUIET.values(), ids=QUIET)
def test_what_looks_expensive_is_not(tmp_path: Path, files: Files) -> None:
    for path, text in {"main.tf": _TERRAFORM.replace("local.x", '"x"'), **files}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pgflexlint", "check", ".", "--format", "concise", "--fail-on", "never"]
    run = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env=scrubbed(),
        timeout=SECONDS,
        check=False,
        preexec_fn=_limited,
    )
    assert run.stderr == ""
    assert any(line.startswith(f"{TERRAFORM_FINDING}:") and "PGF102" in line for line in run.stdout.splitlines())


_UNREAD = "'x.json' is damaged: some of its findings cannot be read."


@pytest.mark.parametrize(
    ("row", "number", "message"),
    [
        ("[[]],", 13_000_000, "'x.json' is larger than 40 MiB."),
        ("[[]],", 8_000_000, "'x.json' has more than 1,000,000 objects and arrays."),
        ('"Ā",', 8_000_000, _UNREAD),
    ],
    ids=["size", "brackets", "texts"],
)
def test_a_baseline_that_is_no_baseline_costs_little_memory(
    tmp_path: Path, row: str, number: int, message: str
) -> None:
    (tmp_path / "main.tf").write_text(_TERRAFORM, encoding="utf-8")
    (tmp_path / ".pgflexlint.toml").write_text('baseline = "x.json"\n', encoding="utf-8")
    text = f'{{"pgflexlint-baseline": 1, "findings": [{row * number}[]]}}'
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pgflexlint", "check", "."]
    run = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env=scrubbed(),
        timeout=SECONDS,
        check=False,
        preexec_fn=_limited,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"pgflexlint: {message}")


def _said(line: str) -> str:
    """`main.tf:1:2 A sentence.` of a line that shows a problem."""
    place, _, rest = line.partition(": problem ")
    return f"{place} {rest.partition(' ')[2]}"


def test_1_000_servers_with_1_000_firewall_rules_are_each_judged(tmp_path: Path) -> None:
    server, rule = "azurerm_postgresql_flexible_server", "azurerm_postgresql_flexible_server_firewall_rule"
    (tmp_path / "main.tf").write_text(
        f'resource "{server}" "s" {{\n'
        '  for_each = toset(flatten([for i in range(5): [for j in range(200): "${i}-${j}"]]))\n'
        '  name     = "s-${each.key}"\n}\n'
        f'resource "{rule}" "f" {{\n  for_each         = {server}.s\n  server_id        = {server}.s[each.key].id\n'
        '  start_ip_address = "0.0.0.0"\n  end_ip_address   = "0.0.0.0"\n}\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pgflexlint", "check", ".", "--format", "json", "--select", "PGF303"]
    run = subprocess.run(
        command, capture_output=True, cwd=tmp_path, env=scrubbed(), timeout=SECONDS, check=False, preexec_fn=_limited
    )
    report = json.loads(run.stdout)
    addresses = {address for finding in report["findings"] for address in finding["resources"]}
    assert run.returncode == 1
    assert len(addresses) == 1000
    assert f'{rule}.f["4-199"]' in addresses


def test_a_module_that_a_long_chain_asks_for_is_still_deployed(tmp_path: Path) -> None:
    chain = "".join(f"  a{number} = local.a{number + 1}\n" for number in range(1994))
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(_TERRAFORM + 'output "o" {\n  value = "v"\n}\n', encoding="utf-8")
    (tmp_path / "main.tf").write_text(
        f'module "m" {{\n  source = "./m"\n}}\nlocals {{\n{chain}  a1994 = module.m.o\n}}\n'
        'resource "azurerm_postgresql_flexible_server" "t" {\n  name = local.a0\n}\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pgflexlint", "check", ".", "--format", "concise"]
    run = subprocess.run(
        command, capture_output=True, cwd=tmp_path, env=scrubbed(), timeout=SECONDS, check=False, encoding="utf-8"
    )
    assert "m/main.tf:" in run.stdout
    assert "deployed zero times" not in run.stdout
