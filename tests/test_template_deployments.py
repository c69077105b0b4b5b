"""Deployments that are declared as resources: their templates are followed, in Bicep as in ARM JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.test_template_evaluation import SCHEMA, arm, nested, resource
from tests.test_template_evaluation import SERVER as SERVERS

DEPLOYMENT = """param days int = 7
param unknown string
param template object
resource dep 'Microsoft.Resources/deployments@2024-03-01' = {
  name: 'dep'
  properties: {
    mode: 'Incremental'
%s
  }
}
"""
TEMPLATE = """    template: {
      '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
      contentVersion: '1.0.0.0'
%s
      resources: [
        {
          type: 'Microsoft.DBforPostgreSQL/flexibleServers'
          apiVersion: '2024-08-01'
          name: 's'
          properties: { createMode: 'Default', backup: { backupRetentionDays: %s, geoRedundantBackup: 'Enabled' } }
        }
      ]
    }"""
SERVER = arm(
    [
        resource(
            "s",
            properties={
                "createMode": "Default",
                "backup": {"backupRetentionDays": "[parameters('days')]", "geoRedundantBackup": "Enabled"},
            },
        )
    ],
    parameters={"days": {"type": "int"}},
)


def look(room: Path, files: dict[str, str]) -> Report:
    for name, text in files.items():
        (room / name).write_text(text, encoding="utf-8")
    return analyze(target([str(room)], [], room), RULES, RULES, Settings())


def said(report: Report, rule: str = "PGF702") -> list[str]:
    assert not report.problems, report.problems
    found = [
        f"{each.span.file.path}:{each.span.begin.line} {each.address}"
        for each in report.findings
        if each.rule.id == rule
    ]
    return found + [f"unknown because {each.reason}" for each in report.doubts if each.rule.id == rule]


def test_a_template_in_place(tmp_path: Path) -> None:
    report = look(tmp_path, {"main.bicep": DEPLOYMENT % (TEMPLATE % ("", "7"))})
    assert said(report) == ["main.bicep:17 dep.flexibleServers/s"]


def test_names_of_bicep_in_a_template_in_place(tmp_path: Path) -> None:
    report = look(tmp_path, {"main.bicep": DEPLOYMENT % (TEMPLATE % ("", "days"))})
    assert said(report) == ["main.bicep:17 dep.flexibleServers/s"]
    (found,) = [each for each in report.findings if each.rule.id == "PGF702"]
    assert [f"{step.span.begin.line} {step.text}" for step in found.trace] == ["1 the default of parameter 'days'"]


def test_what_is_unknown_outside_is_unknown_inside(tmp_path: Path) -> None:
    report = look(tmp_path, {"main.bicep": DEPLOYMENT % (TEMPLATE % ("", "int(unknown)"))})
    assert [line[-32:] for line in said(report)] == ["parameter 'unknown' has no value"]


def test_a_template_that_is_evaluated_by_itself(tmp_path: Path) -> None:
    """With `inner`, a name of Bicep becomes one of the parameters that the deployment is given."""
    inner = "    expressionEvaluationOptions: { scope: 'inner' }\n    parameters: { days: { value: %s } }\n"
    declared = TEMPLATE % ("      parameters: { days: { type: 'int' } }", "days")
    assert said(look(tmp_path, {"main.bicep": DEPLOYMENT % (inner % 8 + declared)})) == [
        "main.bicep:19 dep.flexibleServers/s"
    ]
    assert said(look(tmp_path, {"main.bicep": DEPLOYMENT % (inner % 35 + declared)})) == []


@pytest.mark.parametrize("content", ["loadJsonContent('server.json')", "json(loadTextContent('server.json'))"])
@pytest.mark.parametrize("scope", ["inner", "outer"])
def test_a_template_from_a_file(tmp_path: Path, content: str, scope: str) -> None:
    lines = f"    expressionEvaluationOptions: {{ scope: '{scope}' }}\n    parameters: {{ days: {{ value: %s }} }}\n"
    files = {
        "main.bicep": DEPLOYMENT % (lines % "days" + f"    template: {content}"),
        "server.json": json.dumps(SERVER),
    }
    assert said(look(tmp_path, files)) == ["main.bicep:10 dep.flexibleServers/s"]
    files["main.bicep"] = DEPLOYMENT % (lines % 35 + f"    template: {content}")
    assert said(look(tmp_path, files)) == []


def test_a_template_that_is_not_known_leaves_a_gap(tmp_path: Path) -> None:
    server = "resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 's'\n}\n"
    given = "    template: template\n    parameters: { server: { value: s.id } }"
    report = look(tmp_path, {"main.bicep": DEPLOYMENT % given + server})
    assert ["parameter 'template' has no value" in line for line in said(report, "PGF501")] == [True]


NAMED = """param name string
param other string
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  properties: {}
}
%s
"""
LINKED: dict[str, Any] = {
    "$schema": SCHEMA,
    "parameters": {"name": {"type": "string"}, "other": {"type": "string"}},
    "resources": [
        resource("[parameters('name')]", properties={}),
        resource(
            "rules",
            "Microsoft.Resources/deployments",
            properties={"mode": "Incremental", "templateLink": {"uri": "https://example.com/a.json"}},
        ),
    ],
}
PLACE = "[resourceId('Microsoft.DBforPostgreSQL/flexibleServers', parameters('name'))]"
BY_DEPENDING = (
    PLACE,
    "[parameters('name')]",
    "[concat('Microsoft.DBforPostgreSQL/flexibleServers/', parameters('name'))]",
)
UNSEEN = "br:acme.azurecr.io/rules:1"


def may_be_added(room: Path, name: str, text: str) -> bool:
    """Whether what is not seen may add firewall rules to the one server."""
    found = said(look(room, {name: text}), "PGF303")
    assert len(found) < 2
    return "not on disk" in "".join(found) or "only after deployment" in "".join(found)


@pytest.mark.parametrize(
    ("given", "may"),
    [
        ("{ server: name }", True),
        ("{ server: '${name}' }", True),
        ("{ all: [{ settings: { server: s.name } }] }", True),
        ("{ server: '${name}-app' }", False),
        ("{ server: other, location: resourceGroup().location }", False),
        ("{ }", False),
    ],
)
@pytest.mark.parametrize("source", [UNSEEN, "ts:11111111-1111-1111-1111-111111111111/rg/rules:1"])
def test_what_is_not_seen_may_add_to_the_server_whose_name_it_is_given(
    tmp_path: Path, source: str, given: str, may: bool
) -> None:
    text = NAMED % f"module rules '{source}' = {{\n  name: 'rules'\n  params: {given}\n}}"
    assert may_be_added(tmp_path, "main.bicep", text) is may


@pytest.mark.parametrize(
    ("given", "may"),
    [("{ name: name }", False), ("{ id: s.id }", False), ("{ }\n  dependsOn: [s]", False)],
)
def test_a_verified_module_for_another_resource_adds_no_rules(tmp_path: Path, given: str, may: bool) -> None:
    source = "br/public:avm/res/web/site:0.15.1"
    text = NAMED % f"module site '{source}' = {{\n  name: 'site'\n  params: {given}\n}}"
    assert may_be_added(tmp_path, "main.bicep", text) is may


@pytest.mark.parametrize(
    ("after", "may"),
    [
        ("s", True),
        ("db", False),
        ("all", False),
        ("all[1]", False),
        ("some", False),
        ("vnet", False),
        ("vnet\n    s", True),
    ],
)
def test_what_is_not_seen_may_add_to_the_server_that_it_is_deployed_after(
    tmp_path: Path, after: str, may: bool
) -> None:
    others = """resource vnet 'Microsoft.Network/virtualNetworks@2023-09-01' = { name: 'vnet' }
resource all 'Microsoft.Network/virtualNetworks@2023-09-01' = [for i in range(0, 2): { name: 'vnet${i}' }]
resource some 'Microsoft.Network/virtualNetworks@2023-09-01' = [for i in split(other, ','): { name: i }]
module db 'br:acme.azurecr.io/other:1' = { name: 'db' }
"""
    text = NAMED % f"{others}module rules '{UNSEEN}' = {{\n  name: 'rules'\n  dependsOn: [\n    {after}\n  ]\n}}"
    assert may_be_added(tmp_path, "main.bicep", text) is may


@pytest.mark.parametrize(
    ("after", "opened"),
    [
        ("db", ["db.s"]),
        ("each[0]", ["each[0].s"]),
        ("each[1]", ["each[1].s"]),
        ("each", ["each[0].s"]),  # and the other one, of which the same is said
        ("rules2", []),
    ],
)
def test_what_is_not_seen_may_add_to_the_server_in_a_module_that_it_is_deployed_after(
    tmp_path: Path, after: str, opened: list[str]
) -> None:
    module = "db 'db.bicep' = {" if after == "db" else "each 'db.bicep' = [for i in range(0, 2): {"
    end = "}" if after == "db" else "}]"
    text = f"""module {module}
  name: 'db'
  params: {{ name: 'pg', other: '' }}
{end}
module rules2 '{UNSEEN}' = {{ name: 'rules2' }}
module rules '{UNSEEN}' = {{
  name: 'rules'
  dependsOn: [{after}]
}}
"""
    report = look(tmp_path, {"main.bicep": text, "db.bicep": NAMED % ""})
    assert [each.address for each in report.doubts if each.rule.id == "PGF303"] == opened


@pytest.mark.parametrize("after", BY_DEPENDING)
def test_a_linked_template_may_add_to_the_server_that_it_is_deployed_after(tmp_path: Path, after: str) -> None:
    linked = json.loads(json.dumps(LINKED))
    assert may_be_added(tmp_path, "a.json", json.dumps(linked)) is False
    linked["resources"][1]["dependsOn"] = ["other", "[parameters('other')]"]
    assert may_be_added(tmp_path, "a.json", json.dumps(linked)) is False
    linked["resources"][1]["dependsOn"].append(after)
    assert may_be_added(tmp_path, "a.json", json.dumps(linked)) is True


@pytest.mark.parametrize(
    ("after", "may"),
    [
        ("db", True),
        ("[resourceId('Microsoft.Resources/deployments', 'db')]", True),
        ("Microsoft.Resources/deployments/db", True),
        ("other", False),
        ("rules", False),
    ],
)
def test_a_linked_template_may_add_to_the_server_that_a_deployment_before_it_deploys(
    tmp_path: Path, after: str, may: bool
) -> None:
    server, rules = LINKED["resources"]
    template = arm(
        [
            nested("db", arm([server]), outer=True),
            nested("other", arm([]), outer=True),
            {**rules, "dependsOn": [after]},
        ],
        parameters=LINKED["parameters"],
    )
    assert may_be_added(tmp_path, "a.json", json.dumps(template)) is may


@pytest.mark.parametrize("name", ["[parameters('name')]", "[parameters('other')]"])
def test_a_linked_template_may_add_to_the_server_whose_name_it_is_given(tmp_path: Path, name: str) -> None:
    linked = json.loads(json.dumps(LINKED))
    linked["resources"][1]["properties"]["parameters"] = {"server": {"value": name}}
    assert may_be_added(tmp_path, "a.json", json.dumps(linked)) is (name == "[parameters('name')]")


def test_a_linked_template_may_add_to_the_server_with_a_symbolic_name(tmp_path: Path) -> None:
    linked = {**LINKED, "languageVersion": "2.0", "resources": dict(zip("ab", LINKED["resources"], strict=True))}
    linked["resources"]["b"] = {**linked["resources"]["b"], "dependsOn": ["a"]}
    assert may_be_added(tmp_path, "a.json", json.dumps(linked)) is True


@pytest.mark.parametrize(
    ("parameters", "may"),
    [
        ('jsonencode({ server = { value = "pg" } })', True),
        ("jsonencode({ server = { value = var.name } })", False),
        ('"{ \\"server\\": { \\"value\\": \\"pg\\" } }"', True),
    ],
)
def test_a_template_spec_that_terraform_deploys(tmp_path: Path, parameters: str, may: bool) -> None:
    text = f"""
variable "name" {{}}
resource "azurerm_postgresql_flexible_server" "pg" {{
  name = "pg"
}}
resource "azurerm_resource_group_template_deployment" "rules" {{
  name                     = "rules"
  resource_group_name      = "rg"
  deployment_mode          = "Incremental"
  template_spec_version_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Resources/templateSpecs/t/1"
  parameters_content       = {parameters}
}}
"""
    assert may_be_added(tmp_path, "main.tf", text) is may


@pytest.mark.parametrize("link", ["uri: 'https://example.com/server.json'", "id: unknown"])
def test_a_template_that_is_linked_is_not_on_disk(tmp_path: Path, link: str) -> None:
    source = DEPLOYMENT.replace("param template", "// postgresql\nparam template") % f"    templateLink: {{ {link} }}"
    report = look(tmp_path, {"main.bicep": source})
    assert report.coverage.skipped["modules that are not on disk"] == 1


def test_a_linked_template_beside_it(tmp_path: Path) -> None:
    link = "    templateLink: { relativePath: 'server.json' }\n    parameters: { days: { value: 7 } }"
    report = look(tmp_path, {"main.bicep": DEPLOYMENT % link, "server.json": json.dumps(SERVER)})
    assert said(report) == ["server.json:1 dep.flexibleServers/s"]


def test_conditions_and_loops_count(tmp_path: Path) -> None:
    one = DEPLOYMENT % (TEMPLATE % ("", "7"))
    assert said(look(tmp_path, {"main.bicep": one.replace("' = {", "' = if (false) {")})) == []
    many = one.replace("' = {", "' = [for i in range(0, 2): {").rstrip().removesuffix("}") + "}]\n"
    many = many.replace("name: 'dep'", "name: 'dep${i}'").replace("name: 's'", "name: 's${i}'")
    assert said(look(tmp_path, {"main.bicep": many})) == [
        "main.bicep:17 dep[0].flexibleServers/s0",
        "main.bicep:17 dep[1].flexibleServers/s1",
    ]


def test_a_deployment_that_deploys_nothing_is_nothing(tmp_path: Path) -> None:
    """As the telemetry of the Azure Verified Modules is."""
    empty = (
        "{ '$schema': 'x', contentVersion: '1.0.0.0', resources: [], outputs: { a: { type: 'String', value: 'b' } } }"
    )
    source = DEPLOYMENT % f"    template: {empty}"
    server = "resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 's'\n}\n"
    report = look(tmp_path, {"main.bicep": source + server})
    assert said(report, "PGF501") == []
    assert report.coverage.skipped["modules that are not on disk"] == 0


def test_a_template_in_a_variable_of_arm(tmp_path: Path) -> None:
    properties = {
        "mode": "Incremental",
        "expressionEvaluationOptions": {"scope": "inner"},
        "parameters": {"days": {"value": 7}},
        "template": "[variables('server')]",
    }
    escaped = json.loads(json.dumps(SERVER).replace('"[', '"[['))
    dep = resource("dep", "Microsoft.Resources/deployments", properties=properties)
    source = arm([dep], variables={"server": escaped})
    assert said(look(tmp_path, {"main.json": json.dumps(source)})) == ["main.json:1 resources[0].flexibleServers/s"]


# What is read of a name that is not known

RULE = """resource rule '{type}/firewallRules@2024-08-01' = {{
  name: {name}
  properties: {{ startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' }}
}}
"""


def sentences(room: Path, files: dict[str, str], rule: str) -> list[str]:
    report = look(room, files)
    found = [each for each in report.findings if each.rule.id == rule]
    firsts = [each.text.partition("'. ")[0].removesuffix("'.") for each in found]
    return [f"{first}' {list(each.addresses)}" for first, each in zip(firsts, found, strict=True)]


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("'Psql-Main/all'", "Psql-Main"),
        ("'${name}/all'", "name"),
        ("'pg-${name}-${uniqueString(name)}/all'", "pg-${name}-${uniqueString(name)}"),
        ("'${take('pg-${uniqueString(resourceGroup().id, name, 'a rather long seed of a name')}-${name}-x', 63)}/all'",
         "take('pg-${uniqueString(resourceGroup().id, name, 'a rather long seed of a name'…"),
        ("'${settings.server}/all'", "settings.server"),
    ],
)  # fmt: skip
def test_a_server_that_is_not_in_sight_is_called_as_its_name_is_written(tmp_path: Path, name: str, called: str) -> None:
    text = f"param name string\nparam settings object\n{RULE.format(type=SERVERS, name=name)}"
    assert sentences(tmp_path, {"main.bicep": text}, "PGF301") == [
        f"The public internet can reach server '{called}' ['rule']"
    ]
    doubts = {each.address for each in look(tmp_path, {"main.bicep": text.replace("'0.0.0.0'", "name")}).doubts}
    assert doubts == {f"flexibleServers/{called}"}


def test_a_server_that_is_an_output_is_called_as_it_is_written(tmp_path: Path) -> None:
    rule = resource(
        "[concat(reference('d').outputs.name.value, '/all')]",
        f"{SERVERS}/firewallRules",
        properties={"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
    )
    [said] = sentences(tmp_path, {"a.json": json.dumps(arm([rule]))}, "PGF301")
    assert said.startswith("The public internet can reach server 'reference('d').outputs.name.value' ")


@pytest.mark.parametrize(
    ("name", "server", "rule", "problem"),
    [
        ("[concat('s/r', copyIndex('loop'))]", "s", "concat('s/r', copyIndex('loop'))[0]", None),
        (
            "[concat('s/r', copyIndex('lop'))]", "s", "concat('s/r', copyIndex('lop'))[0]",
            "No loop around this is called 'lop'; did you mean 'loop'?",
        ),
        (
            "[concat('s/r', copyIndex('pg'))]", "s", "concat('s/r', copyIndex('pg'))[0]",
            "No loop around this is called 'pg'.",
        ),
        ("[format('s/{0}', not())]", "s", "format('s/{0}', not())[0]", "'not' takes 1 argument, not 0."),
        ("[concat('s/r', copyIndex()]", "[concat('s/r', copyIndex()]", "[concat('s/r', copyIndex()][0]",
         "This '(' is never closed."),
    ],
)  # fmt: skip
def test_what_has_a_name_that_azure_refuses_is_called_as_it_is_written(
    tmp_path: Path, name: str, server: str, rule: str, problem: str | None
) -> None:
    made = resource(
        name,
        f"{SERVERS}/firewallRules",
        copy={"name": "loop", "count": 1},
        properties={"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
    )
    (tmp_path / "a.json").write_text(json.dumps(arm([resource("s"), made]), indent=1), encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert [each.message for each in report.problems] == [problem] * (problem is not None)
    [found] = [f"{each.text} {each.addresses}" for each in report.findings if each.rule.id == "PGF301"]
    assert found.startswith(f"The public internet can reach server '{server}'. Firewall rule '{rule}' lets in ")
    assert found.endswith(f" {(f'firewallRules/{rule}',)}")


@pytest.mark.parametrize("file", ["main.bicep", "a.json"])
def test_a_server_in_a_name_that_is_not_known_is_called_by_all_of_it(tmp_path: Path, file: str) -> None:
    rule = resource(
        "[parameters('whole')]",
        f"{SERVERS}/firewallRules",
        properties={"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
    )
    text = json.dumps(arm([rule], parameters={"whole": {"type": "string"}}))
    if file == "main.bicep":
        text = f"param whole string\n{RULE.format(type=SERVERS, name='whole')}"
    name = "whole" if file == "main.bicep" else "parameters('whole')"
    [said] = sentences(tmp_path, {file: text}, "PGF301")
    assert said.startswith(f"The public internet can reach server '{name}' ")


def test_what_terraform_deploys_is_called_by_the_expression_of_its_name(tmp_path: Path) -> None:
    server = '{ type = "Microsoft.DBforPostgreSQL/flexibleServers", apiVersion = "2024-08-01", name = %s }'
    names = ("\"[variables('n')]\"", "var.n", '"pg"', "\"[format('{0}-x', parameters('m'))]\"")
    text = f"""
variable "n" {{}}
resource "azurerm_resource_group_template_deployment" "td" {{
  template_content = jsonencode({{
    "$schema"  = "{SCHEMA}"
    parameters = {{ m = {{ type = "string" }} }}
    variables  = {{ n = "x" }}
    resources  = [
      {{ type = "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules"
         apiVersion = "2024-08-01"
         name = "[concat(parameters('m'), '/all')]"
         properties = {{ startIpAddress = "0.0.0.0", endIpAddress = "255.255.255.255" }} }},
      {", ".join(server % name for name in names)}
    ]
  }})
}}
"""
    called = ["'${parameters('m')}-x'", "pg", "resources[2]", "variables('n')"]
    prefix = "azurerm_resource_group_template_deployment.td"
    assert sorted(sentences(tmp_path, {"main.tf": text}, "PGF401")) == sorted(
        f"Microsoft Entra authentication is off on server '{each}' {[f'{prefix}/flexibleServers/{each}']}"
        for each in called
    )
    assert sentences(tmp_path, {"main.tf": text}, "PGF301")[0].startswith(
        "The public internet can reach server 'concat(parameters('m'), '/all')' "
    )


DAYS_9 = {"backup": {"backupRetentionDays": 9}}


@pytest.mark.parametrize(
    ("asked", "others", "said"),
    [
        ("reference('limits').outputs.days.value", [], "8"),
        ("reference('LIMITS').outputs.days.value", [], "8"),
        ("reference('other').backup.backupRetentionDays", [resource("other", properties=DAYS_9)], "9"),
        ("reference('limits').outputs.days.value", [resource("limits", properties=DAYS_9)], ""),
        ("reference('pg').backup.backupRetentionDays", [], ""),
    ],
)  # fmt: skip
def test_without_symbolic_names_reference_takes_the_name_of_a_resource(
    tmp_path: Path, asked: str, others: list[Any], said: str
) -> None:
    limits = arm([], outputs={"days": {"type": "int", "value": 8}})
    server = resource("pg", properties={"backup": {"backupRetentionDays": f"[{asked}]"}})
    template = arm([nested("[toLower('Limits')]", limits), *others, server])
    found = [line for line in sentences(tmp_path, {"a.json": json.dumps(template)}, "PGF702") if "'pg'" in line]
    assert [line.partition("kept for ")[2].split("'")[1] for line in found] == ([said] if said else [])
