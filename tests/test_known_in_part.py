"""Objects and lists of which only some members are known: what is certain stays so, the rest is no default."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.template.roots import TemplateEvaluator
from pgflexlint.evaluate.template.survey import TemplateSurvey
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint.values import Known, Unknown, Value, plain
from pgflexlint_rules import RULES
from tests.test_template_evaluation import arm, resource
from tests.test_terraform_evaluation import output
from tests.workspace import MemoryWorkspace

VARIABLES = """variable "u" {}
variable "k" {}
variable "flag" { type = bool }
locals {
  l = concat(var.u, [1])
}
"""


def terraform(expression: str) -> Value[Any]:
    return output(expression, VARIABLES)


def bicep(expression: str) -> Value[Any]:
    text = f"param u object\nparam l array\nparam k string\nparam flag bool\n{_holder(expression)}"
    return _probed({"main.bicep": text})


def _holder(expression: str) -> str:
    type_ = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
    return f"resource s '{type_}' = {{\n  name: 's'\n  probe: {expression}\n}}\n"


def template(expression: str) -> Value[Any]:
    """`$u` is short for a parameter, `$x` for one of a lambda, `[](` and `{}(` for what makes lists and objects."""
    expression = expression.replace("$x", "lambdaVariables('x')").replace("[](", "createArray(")
    expression = re.sub(r"\$(\w+)", r"parameters('\1')", expression.replace("{}(", "createObject("))
    parameters = {name: {"type": type_} for name, type_ in (("u", "object"), ("l", "array"), ("k", "string"))}
    server = resource("s", probe=f"[{expression}]")
    return _probed({"main.json": json.dumps(arm([server], parameters={**parameters, "flag": {"type": "bool"}}))})


def _probed(files: dict[str, str]) -> Value[Any]:
    workspace = MemoryWorkspace(files)
    (found,) = TemplateEvaluator(TemplateSurvey(workspace, workspace.directories, lambda text: True)).deployments()
    assert not found.problems
    return found.resources[0].attributes["probe"]


CERTAIN_IN_TERRAFORM = [
    ("merge(var.u, { a = 1 }).a", 1),
    ("merge({ a = 1 }, var.u, { a = 2 })[\"a\"]", 2),
    ("merge(var.u, { a = { b = [3] } }).a.b[0]", 3),
    ("{ (var.k) = 1, a = 2 }.a", 2),
    ("{ for x in [\"a\", var.k] : x => 1 }.a", 1),
    ("{ for k, v in merge(var.u, { a = 1 }) : upper(k) => v + 1 }.A", 2),
    ("{ for k, v in { a = 1, b = 2 } : k => v if v == 1 || var.flag }.a", 1),
    ("contains(concat(var.u, [\"x\"]), \"x\")", True),
    ("contains(keys(merge(var.u, { a = 1 })), \"a\")", True),
    ("contains(values(merge(var.u, { a = 1 })), 1)", True),
    ("contains([for x in concat(var.u, [1]) : x * 2], 2)", True),
    ("contains(flatten([var.u, [[\"x\"]]]), \"x\")", True),
    ("contains(toset(concat(var.u, [\"x\"])), \"x\")", True),
    ("contains(setunion(var.u, [\"x\"]), \"x\")", True),
    ("contains(distinct(concat(var.u, [\"x\"])), \"x\")", True),
    ("contains(concat(var.flag ? [\"y\"] : [], [var.k, \"x\"]), \"x\")", True),
    ("lookup(merge(var.u, { a = 1 }), \"a\", 0)", 1),
    ("lookup(tomap(merge(var.u, { a = 1 })), \"a\", 0)", 1),
    ("anytrue(concat(var.u, [true]))", True),
    ("alltrue(concat(var.u, [false]))", False),
    ("zipmap([var.k, \"a\"], [1, 2]).a", 2),
    ("jsondecode(jsonencode(merge(var.u, { a = 1 }))).a", 1),
    ("merge(var.u, { a = 1 }) == null", False),
    ("merge(var.u, { a = 1 }) == {}", False),
    ("merge(var.u, { a = 1 }) == { a = 2 }", False),
    ("merge(var.flag ? { a = 1 } : {}, { b = var.k, c = 2 }).c", 2),
    ("merge(var.flag ? { a = 1 } : { a = 1, b = 1 }, var.u, { c = 2 }).c", 2),
    ("(var.flag ? merge(var.u, { a = 1 }) : { a = 1, b = 2 }).a", 1),
]  # fmt: skip


@pytest.mark.parametrize("expression,expected", CERTAIN_IN_TERRAFORM)
def test_what_is_certain_in_terraform(expression: str, expected: object) -> None:
    value = terraform(expression)
    assert isinstance(value, Known), value
    assert plain(value) == expected


CERTAIN_IN_TEMPLATES = [
    ("{ ...u, a: 1 }.a", "shallowMerge([]($u, {}('a', 1))).a", 1),
    ("{ a: 1, ...u, A: 2 }.a", "shallowMerge([]({}('a', 1), $u, {}('A', 2))).a", 2),
    ("{ '${k}': 1, a: 2 }.a", "{}($k, 1, 'a', 2).a", 2),
    ("union(u, { a: { b: 1 } }).a.b", "union($u, {}('a', {}('b', 1))).a.b", 1),
    ("union({ a: 1 }, u, { A: 2 }).a", "union({}('a', 1), $u, {}('A', 2)).a", 2),
    ("contains({ ...u, a: 1 }, 'A')", "contains(shallowMerge([]($u, {}('a', 1))), 'A')", True),
    ("contains({ a: 1, ...u }, 'a')", "contains(shallowMerge([]({}('a', 1), $u)), 'a')", True),
    ("contains([...l, 'x'], 'x')", "contains(flatten([]($l, []('x'))), 'x')", True),
    ("contains(concat(l, ['x']), 'x')", "contains(concat($l, []('x')), 'x')", True),
    ("contains(union(l, ['x']), 'x')", "contains(union($l, []('x')), 'x')", True),
    ("empty({ ...u, a: 1 })", "empty(shallowMerge([]($u, {}('a', 1))))", False),
    ("empty([...l, 1])", "empty(flatten([]($l, [](1))))", False),
    ("empty(resourceGroup().id)", "empty(resourceGroup().id)", False),
    ("resourceGroup().id == ''", "equals(resourceGroup().id, '')", False),
    ("contains(objectKeys({ ...u, a: 1 }), 'a')",
     "contains(objectKeys(shallowMerge([]($u, {}('a', 1)))), 'a')", True),
    ("contains(toObject([...l, 'a'], x => x), 'a')",
     "contains(toObject(flatten([]($l, []('a'))), lambda('x', $x)), 'a')", True),
    ("contains(map([...l, 1], x => x + 1), 2)",
     "contains(map(flatten([]($l, [](1))), lambda('x', add($x, 1))), 2)", True),
    ("contains(filter([...l, 1, 2], x => x > 1), 2)",
     "contains(filter(flatten([]($l, [](1, 2))), lambda('x', greater($x, 1))), 2)", True),
    ("mapValues({ ...u, a: 1 }, x => x + 1).a",
     "mapValues(shallowMerge([]($u, {}('a', 1))), lambda('x', add($x, 1))).a", 2),
    ("json(string({ ...u, a: 1 })).a", "json(string(shallowMerge([]($u, {}('a', 1))))).a", 1),
    ("union({ p: { a: 1 } }, { p: flag ? { b: 2 } : {} }).p.a",
     "union({}('p', {}('a', 1)), {}('p', if($flag, {}('b', 2), {}()))).p.a", 1),
]  # fmt: skip


@pytest.mark.parametrize("source,compiled,expected", CERTAIN_IN_TEMPLATES)
def test_what_is_certain_in_templates(source: str, compiled: str, expected: object) -> None:
    for value in (bicep(source), template(compiled)):
        assert isinstance(value, Known), value
        assert plain(value) == expected


UNKNOWN_IN_TERRAFORM = [
    ("merge({ a = 1 }, var.u).a", [1]),
    ("merge(var.u, { a = 1 }).b", []),
    ("{ a = 1, (var.k) = 2 }.a", [1]),
    ("{ for k, v in merge({ a = 1 }, var.u) : k => v }.a", [1]),
    ("{ for k, v in merge(var.u, { a = 1 }) : v => k... }[1]", []),
    ("length(merge(var.u, { a = 1 }))", []),
    ("concat(var.u, [1])[0]", []),
    ("contains(concat(var.u, [\"x\"]), \"y\")", []),
    ("contains(keys(merge(var.u, { a = 1 })), \"b\")", []),
    ("lookup(merge(var.u, { a = 1 }), \"b\", 0)", [0]),
    ("merge(var.u, { a = 1 }) == { a = 1 }", []),
    ("jsonencode(merge(var.u, { a = 1 }))", []),
    ("try(merge(var.u, { a = 1 }).b, \"fallback\")", ["fallback"]),
    ("alltrue(concat(var.u, [true]))", []),
    ("[for i, x in concat(var.u, [\"x\"]) : i][0]", []),
    ("contains([for i, x in concat(var.u, [\"x\"]) : i], 0)", []),
    ("concat([1], var.u)[1]", []),
    ("reverse(concat([1], var.u))[0]", []),
    ("sort(concat([\"a\"], var.u))[0]", []),
    ("element(concat([1], var.u), -1)", []),
    ("slice(concat(var.u, [1]), 0, 1)[0]", []),
    ("setintersection(concat([1], var.u), [1])", []),
    ("setsubtract(concat([1], var.u), [2])", []),
    ("contains(setsubtract([1, 2], concat([2], var.u)), 1)", []),
    ("zipmap([\"a\", var.k], [1, 2]).a", [1]),
    ("lookup(merge({ a = 1 }, var.u), \"a\", 0)", [1]),
    ("distinct(local.l) == local.l", []),
    ("max(local.l...) == min(local.l...)", []),
    ("contains(concat(concat([[1]], var.u)...), [1])", []),
    ("contains(keys(merge(concat([{ a = 1 }], var.u)...)), \"b\")", []),
]  # fmt: skip


@pytest.mark.parametrize("expression,possible", UNKNOWN_IN_TERRAFORM)
def test_what_stays_unknown_in_terraform(expression: str, possible: list[object]) -> None:
    value = terraform(expression)
    assert isinstance(value, Unknown), value
    assert value.reason in ("variable 'u' has no value", "variable 'k' has no value")
    assert not value.candidates
    assert [each.value for each in value.possible] == possible


@pytest.mark.parametrize(
    "source",
    [
        "{ a: 1, ...u }.a",
        "{ ...u, a: 1 }.b",
        "{ ...u, a: 1 }.?b",
        "union({ a: 1 }, u).a",
        "union({ a: { b: 1 } }, { a: u }).a.b",
        "union({ a: { b: 1 } }, u).a.b",
        "union(u, { a: { b: 1 } }).a.c",
        "length({ ...u, a: 1 })",
        "length([...l, 1])",
        "[...l, 1][0]",
        "contains({ ...u, a: 1 }, 'b')",
        "contains([...l, 1], 2)",
        "items({ ...u, a: 1 })[0].key",
        "concat([1], l)[1]",
        "first(concat(l, [1]))",
        "last(concat([1], l))",
        "skip(concat([1], l), 1)[0]",
        "take(concat(l, [1]), 1)[0]",
        "sort(concat([1], l), (x, y) => x < y)[0]",
        "reduce(concat([1], l), 0, (x, y) => x + y)",
        "intersection(concat([1], l), [1])",
        "toObject(concat(['a'], l), x => x).a",
        "mapValues(toObject(concat(['a'], l), x => x), x => x).a",
        "first(map(items(toObject(concat(['a'], l), x => x)), y => y.value))",
        "contains(map(items(toObject(concat(['a'], l), x => x)), y => y.value), 'a')",
        "groupBy(concat(['a'], l), x => 'g').g[0]",
    ],
)
def test_what_stays_unknown_in_templates(source: str) -> None:
    value = bicep(source)
    assert isinstance(value, Unknown), value
    assert not value.candidates


# Through the whole pipeline


def look(room: Path, **files: str) -> Report:
    for name, text in files.items():
        (room / name.replace("_", ".")).write_text(text, encoding="utf-8")
    report = analyze(target([str(room)], [], room), RULES, RULES, Settings())
    assert not report.problems, report.problems
    return report


def verdicts(report: Report, *rules: str) -> list[str]:
    found = [f"{each.rule.id} {each.span.begin.line}:{each.span.begin.column}" for each in report.findings]
    doubtful = [f"{each.rule.id} unknown" for each in report.doubts]
    return sorted(line for line in {*found, *doubtful} if line.startswith(rules))


REPLACED = """param more array
var A = { name: 'all', start: '0.0.0.0', end: '255.255.255.255' }
var byName = toObject(concat([A], more), x => x.name)
var rules = %s
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
}
resource f 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = [
  for r in rules: {
    parent: s
    name: r.name
    properties: { startIpAddress: r.start, endIpAddress: r.end }
  }
]
"""


@pytest.mark.parametrize("rules", ["[byName.all]", "map(items(byName), y => y.value)"])
def test_a_later_member_of_the_same_key_may_count(tmp_path: Path, rules: str) -> None:
    """`toObject` keeps the last one of a key, so one before an unknown one is not certain."""
    report = look(tmp_path, main_bicep=REPLACED % rules)
    assert verdicts(report, "PGF301", "PGF302", "PGF303") == ["PGF301 unknown", "PGF302 unknown", "PGF303 unknown"]


PROPERTIES = """param more object
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }
  properties: %s
}
"""
LITERAL = "{ createMode: 'Default', backup: { backupRetentionDays: 7 } }"
SETTINGS = ("PGF305", "PGF401", "PGF701", "PGF702")


@pytest.mark.parametrize(
    "properties,geo_redundancy",
    [(f"union(more, {LITERAL})", "PGF701 unknown"), (f"{{ ...more, ...{LITERAL} }}", "PGF701 2:1")],
)
def test_properties_known_in_part_are_judged_in_part(tmp_path: Path, properties: str, geo_redundancy: str) -> None:
    """What may be among the unknown ones is unknown, never the default; `union` merges objects in objects, too."""
    lines = verdicts(look(tmp_path, main_bicep=PROPERTIES % properties), *SETTINGS)
    assert lines[:3] == ["PGF305 unknown", "PGF401 unknown", geo_redundancy]
    assert [line.partition(":")[0] for line in lines[3:]] == ["PGF702 5"]


@pytest.mark.parametrize("properties", [f"union({LITERAL}, more)", f"{{ ...{LITERAL}, ...more }}"])
def test_unknown_properties_that_come_later_win(tmp_path: Path, properties: str) -> None:
    report = look(tmp_path, main_bicep=PROPERTIES % properties)
    assert verdicts(report, *SETTINGS) == [f"{rule} unknown" for rule in SETTINGS]


def test_properties_known_in_part_in_arm(tmp_path: Path) -> None:
    known = "createObject('createMode', 'Default', 'backup', createObject('backupRetentionDays', 7))"
    merged = f"[union(parameters('more'), {known})]"
    source = arm([resource("s", properties=merged)], parameters={"more": {"type": "object"}})
    report = look(tmp_path, main_json=json.dumps(source))
    assert verdicts(report, *SETTINGS)[:3] == ["PGF305 unknown", "PGF401 unknown", "PGF701 unknown"]
    assert verdicts(report, *SETTINGS)[3].startswith("PGF702 1:")


def test_a_body_that_is_known_in_part_in_bicep(tmp_path: Path) -> None:
    """Bicep refuses a spread here; nothing that it may hold is taken for left out."""
    source = PROPERTIES.replace("  properties: %s", "  ...more") + ""
    report = look(tmp_path, main_bicep=source)
    assert verdicts(report, *SETTINGS) == [f"{rule} unknown" for rule in SETTINGS]


AZAPI = """variable "more" {}
provider "azapi" {}
resource "azapi_resource" "pg" {
  type      = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  name      = "pg"
  parent_id = "/subscriptions/0/resourceGroups/g"
  body      = %s
}
"""


MERGED = 'merge(var.more, { createMode = "Default", backup = { backupRetentionDays = 7 } })'


@pytest.mark.parametrize("form", ["%s", "merge(var.more, %s)", "jsonencode(%s)", "jsonencode(merge(var.more, %s))"])
def test_azapi_bodies_known_in_part(tmp_path: Path, form: str) -> None:
    lines = verdicts(look(tmp_path, main_tf=AZAPI % (form % f"{{ properties = {MERGED} }}")), *SETTINGS)
    assert lines[:3] == ["PGF305 unknown", "PGF401 unknown", "PGF701 3:1"]
    assert lines[3].startswith("PGF702 7:")


PARAMETERS = """provider "azurerm" {
  features {}
}
variable "more" {}
resource "azurerm_postgresql_flexible_server" "s" {
  name    = "s"
  version = "16"
}
resource "azurerm_postgresql_flexible_server_configuration" "c" {
  for_each  = %s
  name      = each.key
  server_id = azurerm_postgresql_flexible_server.s.id
  value     = each.value
}
"""


def test_for_each_over_a_map_known_in_part(tmp_path: Path) -> None:
    """A known key is judged; whatever else there is leaves the other parameters unknown."""
    report = look(tmp_path, main_tf=PARAMETERS % 'merge(var.more, { require_secure_transport = "off" })')
    assert verdicts(report, "PGF101", "PGF501", "PGF503") == ["PGF101 13:15", "PGF501 unknown", "PGF503 unknown"]
    assert (
        'c["require_secure_transport"]' in {each.address for each in report.findings if each.rule.id == "PGF101"}.pop()
    )


def test_for_each_over_a_map_whose_unknown_part_comes_later(tmp_path: Path) -> None:
    report = look(tmp_path, main_tf=PARAMETERS % 'merge({ require_secure_transport = "off" }, var.more)')
    assert verdicts(report, "PGF101", "PGF501") == ["PGF101 unknown", "PGF501 unknown"]


def test_for_each_over_a_set_known_in_part(tmp_path: Path) -> None:
    source = PARAMETERS.replace("each.value", '"off"') % 'toset(concat(var.more, ["log_checkpoints"]))'
    report = look(tmp_path, main_tf=source)
    assert verdicts(report, "PGF101", "PGF503") == ["PGF101 unknown", "PGF503 13:15"]


def test_an_instance_with_a_known_key_is_found_by_it(tmp_path: Path) -> None:
    source = """provider "azurerm" {
  features {}
}
variable "more" {}
resource "azurerm_postgresql_flexible_server" "s" {
  for_each = merge(var.more, { main = "16" })
  name     = "s-${each.key}"
  version  = each.value
}
resource "azurerm_postgresql_flexible_server_configuration" "c" {
  name      = "require_secure_transport"
  server_id = azurerm_postgresql_flexible_server.s["main"].id
  value     = "off"
}
"""
    report = look(tmp_path, main_tf=source)
    found = [each for each in report.findings if each.rule.id == "PGF101"]
    assert [each.span.begin.line for each in found] == [13]


@pytest.mark.parametrize("key", ["[each.key]", '["second"]', ".second"])
def test_an_instance_that_is_not_certain_is_none_of_those_that_are(tmp_path: Path, key: str) -> None:
    source = """provider "azurerm" {
  features {}
}
variable "more" {}
resource "azurerm_postgresql_flexible_server" "s" {
  for_each = merge(var.more, { main = "16" })
  name     = "s-${each.key}"
}
resource "azurerm_postgresql_flexible_server_configuration" "c" {
  for_each  = { second = "off" }
  name      = "require_secure_transport"
  server_id = azurerm_postgresql_flexible_server.s%s.id
  value     = each.value
}
"""
    report = look(tmp_path, main_tf=source % key)
    assert not [each.message for each in report.findings if each.rule.id == "PGF101"]
    assert [each.address for each in report.doubts if each.rule.id == "PGF101"] == [
        'azurerm_postgresql_flexible_server_configuration.c["second"]'
    ]


MODULE = """param more array
param others object
module db 'br/public:avm/res/db-for-postgre-sql/flexible-server:0.12.0' = {
  params: {
    name: 'psql'
    skuName: 'Standard_D2ds_v5'
    tier: 'GeneralPurpose'
    availabilityZone: 1
    createMode: 'Default'
%s
  }
}
"""


def test_an_argument_of_a_module_known_in_part(tmp_path: Path) -> None:
    listed = "    configurations: [...more, { name: 'require_secure_transport', value: 'off' }]"
    report = look(tmp_path, main_bicep=MODULE % listed)
    assert verdicts(report, "PGF101", "PGF501")[0].startswith("PGF101 10:")
    assert verdicts(report, "PGF101", "PGF501")[1:] == ["PGF501 unknown"]


def test_arguments_of_a_module_known_in_part(tmp_path: Path) -> None:
    report = look(tmp_path, main_bicep=MODULE % "    backupRetentionDays: 7\n    ...others")
    assert verdicts(report, "PGF702", "PGF305") == ["PGF305 unknown", "PGF702 unknown"]
    report = look(
        tmp_path, main_bicep=(MODULE % "    backupRetentionDays: 7").replace("params: {", "params: {\n    ...others")
    )
    assert verdicts(report, "PGF702", "PGF305") == ["PGF305 unknown", "PGF702 11:26"]


def test_arguments_of_a_local_module_known_in_part(tmp_path: Path) -> None:
    server = """param days int = 35
param backup string = 'Enabled'
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  properties: { backup: { backupRetentionDays: days, geoRedundantBackup: backup } }
}
"""
    main = "param others object\nmodule db 'db.bicep' = { params: { ...others, Days: 7 } }\n"
    report = look(tmp_path, main_bicep=main, db_bicep=server)
    assert verdicts(report, "PGF701", "PGF702") == ["PGF701 unknown", "PGF702 5:48"]


@pytest.mark.parametrize(
    ("loop", "expression", "possible"),
    [
        ("count = var.flag ? 1 : var.k == null ? 2 : 3", "length(random_pet.x)", [1, 2, 3]),
        ("count = var.flag ? 1 : 3", "length(random_pet.x)", [1, 3]),
        ('for_each = toset(var.flag ? ["a"] : var.k == null ? ["a", "b"] : ["c"])', "length(random_pet.x)", [1, 2]),
        ('for_each = toset(var.flag ? ["a"] : ["b", "c"])', "keys(random_pet.x)", [["a"], ["b", "c"]]),
        ("for_each = toset(var.flag ? [] : [])", "length(random_pet.x)", [0]),
    ],
)
def test_a_resource_has_the_instances_of_each_value_that_its_loop_can_have(
    loop: str, expression: str, possible: list[Any]
) -> None:
    value = output(expression, f'{VARIABLES}resource "random_pet" "x" {{\n  {loop}\n}}\n')
    values = [value] if isinstance(value, Known) else list(value.candidates)
    assert [plain(each) for each in values] == possible


def test_unknowns_are_equal_or_different_and_never_both() -> None:
    value, again, other = (output(f"var.{name}", VARIABLES) for name in "uuk")
    assert isinstance(value, Unknown)
    assert value == value.at(value.span)
    for two in (value.at(value.span), again, other):
        assert (value == two) is not (value != two)
