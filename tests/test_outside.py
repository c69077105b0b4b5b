"""Templates outside of the directories that are looked at: they count where what is in these uses them."""

from __future__ import annotations

import json

import pytest

from pgflexlint.evaluate.template import roots
from tests.command_line import Check, Write, found, problems
from tests.test_parameter_files import ARM, BICEP, given

CHECK = ("check", "--select", "PGF702", "--format", "concise", "--fail-on", "note")
CALL = "module db '%s' = { name: 'db', params: { days: 7 } }\n"
EMPTY = "param days int = 35\noutput same int = days\n"
GIT: dict[str, str | bytes] = {".git/HEAD": ""}
IN_MODULES: dict[str, str | bytes] = {"main.bicep": CALL % "./modules/db.bicep", "modules/db.bicep": BICEP}
MODULE_FOUND = ["PGF702 modules/db.bicep:7"]
LINK = json.dumps(
    {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [
            {
                "type": "Microsoft.Resources/deployments",
                "apiVersion": "2022-09-01",
                "name": "db",
                "properties": {
                    "mode": "Incremental",
                    "templateLink": {"relativePath": "../modules/db.json"},
                    "parameters": {"days": {"value": 7}},
                },
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("files", "arguments", "expected"),
    [
        ({**GIT, "env/main.bicep": CALL % "../modules/db.bicep", "modules/db.bicep": BICEP}, ["env"], MODULE_FOUND),
        ({**GIT, "env/main.bicep": CALL % "../m/db.json", "m/db.json": ARM}, ["env"], ["PGF702 m/db.json:20"]),
        ({**GIT, "env/main.json": LINK, "modules/db.json": ARM}, ["env"], ["PGF702 modules/db.json:20"]),
        (
            {
                **GIT,
                "a/main.bicep": CALL % "../b/data.bicep",
                "b/data.bicep": "param days int\n" + (CALL % "../c/db.bicep").replace("7", "days"),
                "c/db.bicep": BICEP,
            },
            ["a"],
            ["PGF702 c/db.bicep:7"],
        ),
        (IN_MODULES, ["main.bicep"], MODULE_FOUND),
        (IN_MODULES, [".", "--exclude", "modules"], MODULE_FOUND),
        ({**GIT, **IN_MODULES, ".gitignore": "modules/\n"}, ["."], MODULE_FOUND),
        ({**GIT, **IN_MODULES, ".gitignore": "modules/\n"}, ["main.bicep"], MODULE_FOUND),
        ({**GIT, **IN_MODULES, ".pgflexlint.toml": 'exclude = ["modules"]\n'}, ["main.bicep"], MODULE_FOUND),
        (
            {
                **GIT,
                "env/main.bicep": CALL.replace("{ days: 7 }", "loadJsonContent('p.json')") % "../modules/db.bicep",
                "env/p.json": '{ "days": 7 }\n',
                "modules/db.bicep": BICEP,
            },
            ["env"],
            MODULE_FOUND,
        ),
    ],
    ids=["Bicep", "JSON", "linked", "three levels", "named", "excluded", "ignored", "hook", "configured", "data"],
)
def test_a_module_counts_wherever_it_is(
    write: Write, run: Check, files: dict[str, str | bytes], arguments: list[str], expected: list[str]
) -> None:
    write(files)
    _, output, _ = run(*CHECK, *arguments)
    assert found(output) == expected
    assert not problems(output)


@pytest.mark.parametrize(
    "text",
    [
        "import { size } from '../modules/db.bicep'\noutput size int = size\n",
        "output name string = '../modules/db.bicep'\n",
        "output text string = loadTextContent('../modules/db.bicep')\n",
        "module db '../modules/db.bicep' = if (false) { name: 'db', params: { days: 7 } }\n",
    ],
    ids=["imported", "mentioned", "loaded", "not deployed"],
)
def test_what_is_outside_and_not_deployed_is_not_judged(write: Write, run: Check, text: str) -> None:
    write({**GIT, "env/main.bicep": text, "modules/db.bicep": "@export()\nvar size = 3\n" + BICEP.replace("35", "7")})
    _, output, _ = run(*CHECK, "env")
    assert not found(output)
    assert not problems(output)


DEV = "using '%s'\nparam days = 7\n"


@pytest.mark.parametrize(
    ("files", "argument", "expected"),
    [
        (
            {**GIT, "main.bicep": BICEP, "params/dev/dev.bicepparam": DEV % "../../main.bicep"},
            "params/dev",
            "main.bicep:7",
        ),
        ({**GIT, "main.json": ARM, "params/dev/dev.bicepparam": DEV % "../../main.json"}, "params/dev", "main.json:20"),
        (
            {**IN_MODULES, "main.bicep": "param days int\n" + CALL.replace("7", "days") % "modules/db.bicep"}
            | {"params/dev/dev.bicepparam": DEV % "../../main.bicep"},
            "params/dev/dev.bicepparam",
            "modules/db.bicep:7",
        ),
        (
            {
                **GIT,
                "main.bicep": BICEP,
                "base.bicepparam": "using none\nparam days = 7\n",
                "params/dev.bicepparam": "using '../main.bicep'\nextends '../base.bicepparam'\n",
            },
            "params",
            "main.bicep:7",
        ),
        (
            {
                **GIT,
                "main.bicep": BICEP,
                "params/dev.parameters.json": given(days=7).replace(
                    '"parameters"', '"metadata": { "template": "../main.bicep" }, "parameters"'
                ),
            },
            "params",
            "main.bicep:7",
        ),
    ],
    ids=["Bicep", "JSON", "module", "extended", "metadata"],
)
def test_the_template_of_a_parameter_file_counts_wherever_it_is(
    write: Write, run: Check, files: dict[str, str | bytes], argument: str, expected: str
) -> None:
    write(files)
    _, output, _ = run(*CHECK, argument)
    assert found(output) == [f"PGF702 {expected}"]
    assert not problems(output)


def test_a_template_outside_is_deployed_with_the_parameter_files_that_are_inside(write: Write, run: Check) -> None:
    write(
        {
            **GIT,
            "main.bicep": BICEP,
            "params/base.bicepparam": "using '../main.bicep'\nparam days = 7\n",
            "params/dev/dev.bicepparam": DEV.replace("7", "35") % "../../main.bicep" + "extends '../base.bicepparam'\n",
        }
    )
    assert not found(run(*CHECK, "params/dev")[1])
    assert found(run(*CHECK, "params")[1]) == ["PGF702 main.bicep:7"]


def test_one_outside_that_cannot_be_read_is_said_where_it_is_used(write: Write, run: Check) -> None:
    files = {**GIT, "env/main.bicep": CALL % "../modules/db.bicep", "modules/db.bicep": b"par\xffm"}
    write(files)
    _, output, _ = run(*CHECK, "env")
    said = "problem unreadable-file This file is not UTF-8 text: see line 1. Save it as UTF-8, or exclude it."
    assert f"modules/db.bicep: {said}" in problems(output)
    write({"env/main.bicep": "output name string = '../modules/db.bicep'\n"})
    assert not problems(run(*CHECK, "env")[1])


def test_one_outside_that_calls_what_is_not_there_may_declare_anything(write: Write, run: Check) -> None:
    write(
        {
            **GIT,
            "env/main.bicep": CALL % "../a/db.bicep",
            "a/db.bicep": EMPTY + "module x 'gone.bicep' = { name: 'x' }\n",
        }
    )
    assert [line.split(" There")[0] for line in problems(run(*CHECK, "env")[1])] == [
        "a/db.bicep:3:10: problem module-not-found"
    ]


def test_what_nothing_leads_to_is_not_read(write: Write, run: Check) -> None:
    write(
        {
            **GIT,
            "env/main.bicep": CALL % "../modules/a.bicep" + "output x string = 'main.json'\n",
            "modules/a.bicep": EMPTY,
            "modules/b.bicep": BICEP,
            "other/main.bicep": BICEP,
        }
    )
    assert "(2 files read)" in run("check", "env")[1]


def test_a_parameter_file_that_was_asked_for_counts_wherever_it_is(write: Write, run: Check) -> None:
    write({**GIT, "main.bicep": BICEP, "params/dev.bicepparam": DEV % "../main.bicep", "env/x.bicep": EMPTY})
    asked_for = ("env", "--parameters", "params/dev.bicepparam")
    assert found(run(*CHECK, *asked_for)[1]) == ["PGF702 main.bicep:7"]
    assert "params/dev.bicepparam:2" in run("trace", "s.properties.backup.backupRetentionDays", *asked_for)[1]


@pytest.mark.parametrize("argument", [".", "params", "params/dev.bicepparam"])
def test_a_module_of_a_registry_counts_that_a_parameter_file_names_by_an_alias(
    write: Write, run: Check, argument: str
) -> None:
    aliases = {"br": {"acme": {"registry": "acme.azurecr.io"}}}
    write(
        {
            **GIT,
            "bicepconfig.json": json.dumps({"cacheRootDirectory": "cache", "moduleAliases": aliases}),
            "cache/br/acme.azurecr.io/db/1$/main.json": ARM,
            "params/dev.bicepparam": DEV % "br/acme:db:1",
        }
    )
    _, output, _ = run(*CHECK, argument)
    assert found(output) == ["PGF702 cache/br/acme.azurecr.io/db/1$/main.json:20"]
    assert not problems(output)


# --- templates that were compiled --------------------------------------------------------------------------------

COMPILED = ARM.replace('"parameters"', '"metadata": { "_generator": { "name": "bicep" } },\n  "parameters"', 1)
NAMING = given(days=7).replace('"parameters"', '"metadata": { "template": "./main.json" }, "parameters"')


@pytest.mark.parametrize(
    ("name", "text"),
    [("main.bicepparam", DEV % "./main.json"), ("dev.parameters.json", NAMING)],
    ids=["Bicep", "metadata"],
)
@pytest.mark.parametrize("arguments", [[], ["{name}"], ["--parameters", "{name}"]], ids=["", "named", "asked for"])
def test_a_compiled_template_beside_its_source_is_judged_where_a_parameter_file_names_it(
    write: Write, run: Check, name: str, text: str, arguments: list[str]
) -> None:
    write({"main.bicep": BICEP, "main.json": COMPILED, name: text})
    _, output, _ = run(*CHECK, *(each.format(name=name) for each in arguments))
    assert found(output) == ["PGF702 main.json:21"]
    assert not problems(output)
    assert "Not scanned" not in output


def test_what_a_comment_outside_allows_elsewhere_is_not_remarked_on(write: Write, run: Check) -> None:
    ignored = BICEP.replace("  properties:", "  // pgflexlint: ignore-next-line[PGF702] a toy\n  properties:")
    used = "using '../mods/db.bicep'\nparam days = 35\n"
    write({**GIT, "mods/db.bicep": ignored, "env/dev.bicepparam": used})
    code, output, _ = run(*CHECK, "--strict-ignores", "env")
    assert (code, problems(output)) == (0, [])


SOURCE = BICEP.replace("35", "7")
TWIN = COMPILED.replace('"int"', '"int", "defaultValue": 7').replace('ing"', 'ing", "defaultValue": "[newGuid()]"', 1)
"""What the compiler makes of it."""


@pytest.mark.parametrize("compiled", ["main.json", "azuredeploy.json"])
def test_a_compiled_template_beside_its_source_is_not_judged_by_itself(write: Write, run: Check, compiled: str) -> None:
    write({"main.bicep": SOURCE, compiled: TWIN, "other.bicepparam": ""})
    output = run("check", "--select", "PGF702")[1]
    assert "Not scanned: compiled templates beside their Bicep source: 1." in output
    coverage = json.loads(run("check", "--format", "json")[1])["coverage"]
    assert coverage["left"] == {"compiled from the Bicep file beside it": [compiled]}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["."], ["PGF702 infra/main.bicep:7"]),
        (["infra"], ["PGF702 infra/main.bicep:7"]),
        (["infra", "main.tf"], ["PGF702 infra/main.bicep:7"]),  # a file beside a directory does not make that count
        (["infra/main.bicep", "infra/azuredeploy.json"], ["PGF702 infra/main.bicep:7"]),
        (["infra/azuredeploy.json"], ["PGF702 infra/azuredeploy.json:21"]),
        (["infra/azuredeploy.json", "main.tf"], ["PGF702 infra/azuredeploy.json:21"]),
    ],
)
@pytest.mark.parametrize("compiled", ["main.json", "azuredeploy.json", "main.arm.json"])
def test_a_compiled_template_counts_where_it_is_named_without_its_source(
    write: Write, run: Check, compiled: str, arguments: list[str], expected: list[str]
) -> None:
    write({"infra/main.bicep": SOURCE, f"infra/{compiled}": TWIN, "main.tf": "locals {}\n"})
    _, output, _ = run(*CHECK, *(each.replace("azuredeploy.json", compiled) for each in arguments))
    assert found(output) == [each.replace("azuredeploy.json", compiled) for each in expected]


TELEMETRY = """
resource telemetry 'Microsoft.Resources/deployments@2024-03-01' = {
  name: 't'
  properties: {
    mode: 'Incremental'
    template: {
      '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
      contentVersion: '1.0.0.0'
      resources: []
    }
  }
}
"""
RULES = """
resource all 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: s
  name: 'all'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: start }
}
resource named 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: s
  name: start
  properties: { startIpAddress: '0.0.0.0', endIpAddress: start }
}
"""
COMPILED_RULE = """{
  "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules", "apiVersion": "2024-08-01",
  "name": "[format('{0}/{1}', 's', %s)]",
  "properties": { "startIpAddress": "0.0.0.0", "endIpAddress": "[parameters('start')]" }
},"""


@pytest.mark.parametrize(
    ("more", "compiled", "is_twin"),
    [
        (
            TELEMETRY,
            """{ "type": "Microsoft.Resources/deployments", "apiVersion": "2024-03-01", "name": "t", "properties":
            { "mode": "Incremental", "template": { "$schema":
            "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0", "resources": [] } } },""",
            True,
        ),
        (RULES, COMPILED_RULE % "parameters('start')" + COMPILED_RULE % "'all'", True),
        (RULES, COMPILED_RULE % "parameters('start')" + COMPILED_RULE % "'some'", False),
        (RULES, COMPILED_RULE % "parameters('start')" + COMPILED_RULE % "parameters('start')", False),
        (
            RULES,
            COMPILED_RULE.replace("0.0.0.0", "1.1.1.1") % "parameters('start')"
            + COMPILED_RULE.replace("0.0.0.0", "1.1.1.1") % "'all'",
            False,
        ),
    ],
    ids=["a deployment", "children", "another child", "a child whose name is no literal", "another address"],
)
def test_a_compiled_template_is_known_by_what_it_declares(
    write: Write, run: Check, more: str, compiled: str, is_twin: bool
) -> None:
    start = "param start string = '10.0.0.1'\n" if more is RULES else ""
    twin = TWIN.replace('"resources": [', f'"resources": [{compiled}')
    if start:
        twin = twin.replace('"days"', '"start": { "type": "string", "defaultValue": "10.0.0.1" }, "days"', 1)
    write({"main.bicep": SOURCE + start + more, "azuredeploy.json": twin})
    output = run("check", "--select", "PGF702")[1]
    assert ("Not scanned: compiled templates beside their Bicep source: 1." in output) is is_twin


@pytest.mark.parametrize(("name", "is_twin"), [("main.json", True), ("azuredeploy.json", False)])
def test_a_compiled_template_without_a_server_is_known_by_its_name(
    write: Write, run: Check, name: str, is_twin: bool
) -> None:
    endpoint = TWIN.replace("DBforPostgreSQL/flexibleServers", "Network/privateEndpoints").replace('"s"', '"postgres"')
    write({"main.bicep": SOURCE, name: endpoint})
    output = run("check", "--select", "PGF702")[1]
    assert ("Not scanned: compiled templates beside their Bicep source: 1." in output) is is_twin


def test_a_compiled_template_may_put_out_what_only_the_platform_knows(write: Write, run: Check) -> None:
    vault = "resource v 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: 'v' }\n"
    reference = "[reference(resourceId('Microsoft.KeyVault/vaults', 'v'), '2023-07-01')]"
    twin = {**json.loads(TWIN), "outputs": {"o": {"type": "object", "value": reference}}}
    write({"main.bicep": f"{SOURCE}{vault}output o object = v.properties\n", "azuredeploy.json": json.dumps(twin)})
    assert found(run(*CHECK)[1]) == ["PGF702 main.bicep:7"]


@pytest.mark.parametrize(
    "neighbour",
    [
        "param size int = 1\n" + SOURCE,  # has another parameter
        SOURCE.replace("Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01", "Microsoft.Sql/servers@2023-08-01"),
        SOURCE.partition("resource")[0],
        SOURCE + "output o int = days\n",
        SOURCE + TELEMETRY,
        SOURCE.replace("2024-08-01", "2022-12-01"),
        SOURCE.replace("name: 's'", "name: 'dev'"),
        SOURCE.replace("= 7", "= 35"),
        SOURCE.replace(" = 7", ""),
        SOURCE.replace("= 7", "= [7]"),
        SOURCE.replace("'s'", "pw") + SOURCE.partition("\n\n")[2].replace("resource s", "resource t"),
    ],
)
@pytest.mark.parametrize("name", ["azuredeploy.bicep", "other.bicep"])
def test_a_compiled_template_that_none_beside_it_can_be_made_into_is_judged(
    write: Write, run: Check, neighbour: str, name: str
) -> None:
    write({name: neighbour, "azuredeploy.json": TWIN})
    assert "PGF702 azuredeploy.json:21" in found(run(*CHECK)[1])


SETTINGS = """
param large bool
var kept = large ? 30 : 35
var url = 'https://${pw}.example.com/a'
resource t 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 't'
  tags: { many: [{ a: 'x' }], list: ['v', 'w'], url: url, kind: large ? 'big' : 'small' }
  properties: { backup: { backupRetentionDays: kept } }
}
"""
COMPILED_SETTINGS = """{
  "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "t",
  "tags": { "many": [{ "a": "x" }], "list": ["v", "w"], "url": "[variables('url')]",
            "kind": "[if(parameters('large'), 'big', 'small')]" },
  "properties": { "backup": { "backupRetentionDays": "[variables('kept')]" } }
},"""
COMPILED_VARIABLES = """"variables": {
  "kept": "[if(parameters('large'), 30, 35)]",
  "url": "[format('https://{0}.example.com/a', parameters('pw'))]"
},
"resources": ["""


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("30, 35", "30, 35"),  # as the compiler writes it
        ("30, 35", "7, 35"),
        ("30, 35", "30, 7"),
        ("parameters('large'), 30", "not(parameters('large')), 30"),  # the same literals, and one candidate as before
        ('"a": "x"', '"a": "y"'),
        ('"a": "x"', '"a": "x", "b": 1'),
        ('["v", "w"]', '["v", "w"]'),
        ('["v", "w"]', '["v"]'),
        ("/a'", "/b'"),
        (".example.com", "-example.com"),
        ("'big', 'small'", "'big', 'tiny'"),
        ("'big', 'small'", "'small', 'big'"),
        ('"properties": {', '"sku": { "name": "Standard_B1ms" }, "properties": {'),
        ('"large": { "type": "bool" }', '"large": { "type": "bool", "defaultValue": true }'),
        ('"type": "securestring"', '"type": "string"'),
    ],
)
def test_a_compiled_template_has_the_literals_of_its_source(
    write: Write, run: Check, written: str, instead: str
) -> None:
    twin = TWIN.replace('"resources": [', COMPILED_VARIABLES + COMPILED_SETTINGS, 1)
    twin = twin.replace('"parameters": {', '"parameters": { "large": { "type": "bool" },', 1)
    assert written in twin
    write({"main.bicep": SOURCE + SETTINGS, "azuredeploy.json": twin.replace(written, instead)})
    output = run("check", "--select", "PGF702")[1]
    is_twin = written == instead or "not(" in instead
    assert ("Not scanned: compiled templates beside their Bicep source: 1." in output) is is_twin


def test_a_large_template_counts_as_compiled_from_the_file_of_its_name(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = TWIN.replace('"defaultValue": 7', '"defaultValue": 6')
    write({"main.bicep": SOURCE, "main.json": stale})
    assert found(run(*CHECK)[1]) == ["PGF702 main.bicep:7", "PGF702 main.json:21"]
    monkeypatch.setattr(roots, "COMPARED_LIMIT", len(stale))
    assert len(found(run(*CHECK)[1])) == 2
    monkeypatch.setattr(roots, "COMPARED_LIMIT", len(stale) - 1)
    assert found(run(*CHECK)[1]) == ["PGF702 main.bicep:7"]


@pytest.mark.parametrize("days", ["35", "7"])
def test_the_modules_of_a_source_are_compared_with_what_is_compiled_from_them(
    write: Write, run: Check, days: str
) -> None:
    source = """
module db 'db.bicep' = { name: 'db' }
module net 'br/public:avm/res/network/virtual-network:0.7.0' = { name: 'net', params: { name: 'net' } }
"""
    template = (
        '"template": { "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"'
    )
    twin = f"""{{ "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "db", "properties": {{
      "mode": "Incremental", "expressionEvaluationOptions": {{ "scope": "inner" }}, {template}, "resources": [
        {{ "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "m",
           "properties": {{ "backup": {{ "backupRetentionDays": {days} }} }} }}
      ] }} }} }},
    {{ "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "net", "properties": {{
      "mode": "Incremental", "expressionEvaluationOptions": {{ "scope": "inner" }},
      "parameters": {{ "name": {{ "value": "net" }} }}, {template},
      "parameters": {{ "name": {{ "type": "string" }} }}, "resources": [
        {{ "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2024-01-01", "name": "[parameters('name')]" }}
      ] }} }} }},"""
    module = """resource m 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'm'
  properties: { backup: { backupRetentionDays: 35 } }
}
"""
    # The compiler writes modules last.
    server, end = TWIN.partition('"resources": [')[2].rsplit("]", 1)
    twin = TWIN.replace(f"{server}]{end}", f"{server},{twin.rstrip(',')}]{end}")
    write({"main.bicep": SOURCE + source, "db.bicep": module, "azuredeploy.json": twin})
    output = run("check", "--select", "PGF702")[1]
    assert ("compiled templates beside their Bicep source: 1" in output) is (days == "35")


def test_a_resource_of_an_extension_needs_no_name(write: Write, run: Check) -> None:
    group = """{ "import": "microsoftGraphV1", "type": "Microsoft.Graph/groups@v1.0",
    "properties": { "uniqueName": "admins", "displayName": "admins" } },"""
    source = """
extension microsoftGraphV1
resource admins 'Microsoft.Graph/groups@v1.0' = {
  uniqueName: 'admins'
  displayName: 'admins'
}
"""
    twin = TWIN.replace('"resources": [', f'"resources": [{group}', 1)
    write({"main.bicep": SOURCE + source, "azuredeploy.json": twin})
    _, output, _ = run("check", "--select", "PGF702")
    assert problems(output) == []
    assert "Not scanned: compiled templates beside their Bicep source: 1." in output
