"""Templates that their only callers deploy zero times: nothing in them is judged, and that is counted."""

from __future__ import annotations

import json

import pytest

from tests.command_line import Check, Write, found, problems
from tests.test_template_evaluation import arm

CHECK = ("check", "--select", "PGF402", "--format", "concise", "--fail-on", "never")
SERVER = """\
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql'
  properties: { version: '16', authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled' } }
}
"""
ADMINISTRATOR = """\
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {
  name: 'psql'
  resource admin 'administrators' = {
    name: '00000000-0000-0000-0000-000000000001'
    properties: { principalType: 'Group', principalName: 'dba' }
  }
}
"""
MAIN = """\
param enabled bool = false
param names array = []
module pg 'modules/pg.bicep' = %s
module adm 'modules/adm.bicep' = %s
"""
IF = "if (enabled) { name: 'x' }"
MODULES: dict[str, str | bytes] = {"modules/pg.bicep": SERVER, "modules/adm.bicep": ADMINISTRATOR}
ALONE = ["PGF402 modules/pg.bicep:1"]
"""What is said where the module of the server is judged without that of its administrator."""


def zero_times(run: Check) -> int:
    """How many modules are called but deployed zero times, as it is counted."""
    counted: int = json.loads(run(*CHECK, "--format", "json")[1])["coverage"]["skipped"][
        "modules that are called but deployed zero times"
    ]
    return counted


def test_both_modules_are_judged_together_where_they_are_deployed(write: Write, run: Check) -> None:
    write({"main.bicep": MAIN.replace("= false", "= true") % (IF, IF), **MODULES})
    assert found(run(*CHECK)[1]) == []
    assert zero_times(run) == 0


def test_the_modules_of_a_false_condition_are_not_judged(write: Write, run: Check) -> None:
    write({"main.bicep": MAIN % (IF, IF), **MODULES})
    code, output, _ = run(*CHECK)
    assert (code, found(output), problems(output)) == (0, [], [])
    assert zero_times(run) == 2
    _, output, _ = run(*CHECK, "--statistics")
    assert "in modules that are deployed zero times: 2 (modules/adm.bicep, modules/pg.bicep)" in output


def test_the_modules_of_an_empty_loop_are_not_judged(write: Write, run: Check) -> None:
    loop = "[for name in names: { name: name }]"
    write({"main.bicep": MAIN % (loop, loop), **MODULES})
    assert found(run(*CHECK)[1]) == []
    assert zero_times(run) == 2


def test_a_parameter_file_that_makes_the_condition_true_deploys_them(write: Write, run: Check) -> None:
    write({"main.bicep": MAIN % (IF, "{ name: 'y' }"), **MODULES, "modules/adm.bicep": "// postgres\n"})
    assert found(run(*CHECK)[1]) == []
    write({"dev.bicepparam": "using 'main.bicep'\nparam enabled = false\n"})
    assert found(run(*CHECK)[1]) == []
    write({"prod.bicepparam": "using 'main.bicep'\nparam enabled = true\n"})
    assert found(run(*CHECK)[1]) == ALONE
    assert zero_times(run) == 0
    assert found(run(*CHECK, "--parameters", "dev.bicepparam")[1]) == []


def test_a_module_with_a_parameter_file_of_its_own_is_deployed_by_it(write: Write, run: Check) -> None:
    write({"main.bicep": MAIN % (IF, IF), **MODULES, "modules/pg.bicepparam": "using 'pg.bicep'\n"})
    assert found(run(*CHECK)[1]) == ALONE
    assert zero_times(run) == 1


def test_what_a_module_would_call_that_is_not_deployed_is_not_judged(write: Write, run: Check) -> None:
    middle = "module pg 'pg.bicep' = { name: 'pg' }\nmodule adm 'adm.bicep' = { name: 'adm' }\n"
    write({"main.bicep": "module all 'modules/all.bicep' = if (false) { name: 'x' }\n", "modules/all.bicep": middle})
    write(MODULES)
    assert found(run(*CHECK)[1]) == []
    assert zero_times(run) == 2


def test_a_module_that_another_caller_deploys_is_judged(write: Write, run: Check) -> None:
    write({"main.bicep": MAIN % (IF, IF), "z.bicep": "module pg 'modules/pg.bicep' = { name: 'z' }\n", **MODULES})
    assert found(run(*CHECK)[1]) == ALONE
    assert zero_times(run) == 1


def test_a_caller_that_is_only_imported_from_is_judged_before_what_it_calls(write: Write, run: Check) -> None:
    middle = "@export()\nvar tier = 'x'\n" + MAIN.replace("modules/", "") % (IF, IF)
    write({"main.bicep": "import { tier } from 'modules/zone.bicep'\noutput t string = tier\n", **MODULES})
    write({"modules/zone.bicep": middle})
    assert found(run(*CHECK)[1]) == []
    assert zero_times(run) == 2


LINKED: dict[str, object] = {
    "type": "Microsoft.Resources/deployments",
    "apiVersion": "2022-09-01",
    "name": "linked",
    "properties": {"mode": "Incremental", "templateLink": {"relativePath": "pg.json"}},
}
PG = arm(
    [
        {
            "type": "Microsoft.DBforPostgreSQL/flexibleServers",
            "apiVersion": "2024-08-01",
            "name": "psql",
            "properties": {"authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}},
        }
    ]
)


def outer(deployment: dict[str, object]) -> dict[str, object]:
    """A deployment whose template is written in place and holds another one."""
    properties = {"mode": "Incremental", "template": arm([deployment])}
    return {**LINKED, "name": "outer", "properties": properties, "condition": False}


@pytest.mark.parametrize(
    ("deployment", "dismissed"),
    [
        ({**LINKED, "condition": True}, 0),
        ({**LINKED, "condition": False}, 1),
        ({**LINKED, "copy": {"name": "c", "count": 0}}, 1),
        (outer(LINKED), 1),
    ],
)
def test_linked_templates(write: Write, run: Check, deployment: dict[str, object], dismissed: int) -> None:
    write({"main.json": json.dumps(arm([deployment])), "pg.json": json.dumps(PG)})
    assert [each.split(":")[0] for each in found(run(*CHECK)[1])] == ["PGF402 pg.json"] * (1 - dismissed)
    assert zero_times(run) == dismissed


@pytest.mark.parametrize(
    ("head", "dismissed"),
    [("if (true) {", 0), ("if (false) {", 1), ("[for each in range(0, 0): {", 1)],
)
def test_a_template_that_is_loaded(write: Write, run: Check, head: str, dismissed: int) -> None:
    body = "\n  name: 'x'\n  properties: { mode: 'Incremental', template: loadJsonContent('pg.json') }\n}"
    text = f"resource dep 'Microsoft.Resources/deployments@2022-09-01' = {head}{body}{']' if '[' in head else ''}\n"
    write({"main.bicep": text, "pg.json": json.dumps(PG)})
    assert len(found(run(*CHECK)[1])) == 1 - dismissed
    assert zero_times(run) == dismissed
    write({"root.bicep": "module main 'main.bicep' = if (false) { name: 'm' }\n"})
    assert found(run(*CHECK)[1]) == []


def test_a_parameter_file_that_gives_the_template_is_no_module(write: Write, run: Check) -> None:
    body = "{ name: 'x', properties: { mode: 'Incremental', template: t } }"
    deployment = f"resource dep 'Microsoft.Resources/deployments@2022-09-01' = if (false) {body}\n"
    write({"main.bicep": f"// postgres\nparam t object\n{deployment}"})
    write({"main.bicepparam": "using 'main.bicep'\nparam t = { contentVersion: 'postgres', resources: [] }\n"})
    assert run(*CHECK)[0] == 0
    assert zero_times(run) == 0
