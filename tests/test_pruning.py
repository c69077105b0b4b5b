"""What is left unread changes nothing: with and without pruning, in one process and in several, the report is one."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.pruning import unpruned
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgflexlint import globs, schedule, suppress, walk
from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.command_line import SERVER, Check, Write, found, problems
from tests.paths import ROOT

NETWORK = """\
variable "server" { default = null }
variable "number" { default = 1 }
resource "azurerm_private_endpoint" "this" {
  count               = var.number
  name                = "pe"
  location            = "westeurope"
  resource_group_name = "rg"
  subnet_id           = azurerm_subnet.this.id
  private_service_connection {
    name                           = "psc"
    is_manual_connection           = false
    private_connection_resource_id = var.server
  }
}
resource "azurerm_subnet" "this" {
  name                 = "snet"
  resource_group_name  = "rg"
  virtual_network_name = "vnet"
  address_prefixes     = ["10.0.0.0/24"]
}
output "subnet" { value = azurerm_subnet.this.id }
"""
LOCK = """\
variable "server" { default = null }
resource "azurerm_management_lock" "this" {
  name       = "lock"
  scope      = var.server
  lock_level = "CanNotDelete"
}
"""
STORAGE = 'variable "server" { default = null }\nresource "azurerm_storage_account" "this" { name = "st" }\n'
VARIABLE = 'variable "server" { default = null }\n'
CALL = 'module "%s" {\n  source = "../%s"\n  server = var.server\n}\n'
BICEP = """\
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql'
  location: 'westeurope'
  properties: { version: '16', network: { publicNetworkAccess: 'Enabled' } }
}
"""
MODULES = ("a", "b", "c", "d")


@st.composite
def estates(draw: Callable[..., object]) -> dict[str, str]:
    """Modules with and without anything to do with a server, some of which call others, and templates beside them."""
    contents = st.sampled_from([NETWORK, LOCK, STORAGE, VARIABLE + SERVER, VARIABLE, VARIABLE + "# postgres\n"])
    files = {f"{name}/main.tf": str(draw(contents)) for name in MODULES}
    pairs = st.lists(st.tuples(st.sampled_from(MODULES), st.sampled_from(MODULES)), max_size=4, unique=True)
    for caller, callee in draw(pairs):  # type: ignore[attr-defined]
        if caller < callee:  # Terraform refuses circles
            files[f"{caller}/calls_{callee}.tf"] = CALL % (callee, callee)
    root = SERVER if draw(st.booleans()) else ""
    for name in draw(st.lists(st.sampled_from(MODULES), max_size=3, unique=True)):  # type: ignore[attr-defined]
        server = "azurerm_postgresql_flexible_server.main.id" if root else '"x"'
        count = draw(st.sampled_from(["", "  count = 0\n", "  count = 1\n"]))
        root += f'module "{name}" {{\n  source = "./{name}"\n{count}  server = {server}\n}}\n'
    files["main.tf"] = root
    if draw(st.booleans()):
        files["server.bicep"] = BICEP
        files["main.bicep"] = "module s 'server.bicep' = { name: 's' }\n" if draw(st.booleans()) else "param x string\n"
    return files


def shown(report: Report) -> list[str]:
    """The findings as a person reads them, and what could not be decided."""
    findings = [f"{finding.span} {finding.rule.id} {finding.text} {finding.addresses}" for finding in report.findings]
    return findings + [f"{doubt.span} {doubt.rule.id} {doubt.reason} {doubt.address}" for doubt in report.doubts]


def looked_at(room: Path) -> Report:
    return analyze(target([str(room)], [], room), RULES, RULES, Settings(jobs=1))


def judged(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What is said of some files, which is the same with and without pruning."""
    room = tmp_path_factory.mktemp("estate")
    for name, text in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    pruned = looked_at(room)
    with unpruned():
        assert shown(pruned) == shown(looked_at(room))
    return pruned


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=estates())
def test_what_is_pruned_changes_no_finding(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of configurations that Terraform accepts: what is wrong with a module that cannot matter is not looked for."""
    judged(files, tmp_path_factory)


# --- what is worked out -----------------------------------------------------------------------------------------

PLAN = 'resource "azurerm_security_center_subscription_pricing" "this" {\n%s  resource_type = %s\n  tier = "Free"\n}\n'
AZAPI = """\
%s
resource "azapi_resource" "this" {
  type%s = %s
  name      = "psql"
  location  = "westeurope"
  parent_id = "/subscriptions/0/resourceGroups/rg"
  body = { properties = { version = "16", network = { publicNetworkAccess = "Enabled" } } }
}
"""
TYPE = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
SPLIT = "Microsoft.DBfor_SQL/flexibleServers@2024-08-01"
VARIABLE_TYPE = 'variable "type" { type = string }'
ENGINE = 'locals { engine = "Postgre" }'
BICEP_PLAN = """\
targetScope = 'subscription'
param plan string
resource p 'Microsoft.Security/pricings@2024-01-01' = {
  name: plan
  properties: { pricingTier: 'Free' }
}
"""
CONNECTION = "postgresql://app@psql.postgres.database.azure.com/ledger?sslmode=disable"
APP = """\
variable "settings" { type = map(string) }
resource "azurerm_linux_web_app" "this" {
  name                = "app"
  resource_group_name = "rg"
  location            = "westeurope"
  service_plan_id     = "x"
  app_settings        = var.settings
}
"""
BICEP_APP = """\
param url string
resource app 'Microsoft.Web/sites@2022-03-01' = {
  name: 'app'
  location: 'westeurope'
  properties: { siteConfig: { appSettings: [{ name: 'DATABASE_URL', value: url }] } }
}
"""
GIVEN_HERE = f"using '../main.bicep'\nparam url = '{CONNECTION}'\n"
GIVEN_URL = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "url": { "value": "%s" } }
}
"""
GIVEN_PLAN = "using 'main.bicep'\nparam plan = 'OpenSourceRelationalDatabases'\n"


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        (
            "PGF601",
            {
                "main.tf": 'variable "plans" {}\n' + PLAN % ("  for_each = var.plans\n", "each.key"),
                "terraform.tfvars": 'plans = { OpenSourceRelationalDatabases = "Free" }\n',
            },
        ),
        (
            "PGF601",
            {
                "main.tf": PLAN % ('  for_each = yamldecode(file("plans.yaml"))\n', "each.key"),
                "plans.yaml": "OpenSourceRelationalDatabases: Free\n",
            },
        ),
        ("PGF601", {"main.tf": PLAN % ("", '"OpenSource${"Relational"}Databases"')}),
        ("PGF601", {"main.bicep": BICEP_PLAN, "main.bicepparam": GIVEN_PLAN}),
        ("PGF104", {"main.tf": APP, "terraform.tfvars": f'settings = {{ DATABASE_URL = "{CONNECTION}" }}\n'}),
        ("PGF104", {"main.bicep": BICEP_APP, "env/x.bicepparam": GIVEN_HERE}),
        ("PGF104", {"main.bicep": BICEP_APP, "main.parameters.json": GIVEN_URL % CONNECTION}),
        ("PGF305", {"main.tf": AZAPI % (VARIABLE_TYPE, "", "var.type"), "terraform.tfvars": f'type = "{TYPE}"\n'}),
        ("PGF305", {"main.tf": AZAPI % (ENGINE, "", f'"{SPLIT}"'.replace("_", "${local.engine}"))}),
        ("PGF305", {"main.tf": AZAPI % (ENGINE, " /* = */", f'"{SPLIT}"'.replace("_", "${local.engine}"))}),
        ("PGF305", {"main.tf": AZAPI % (ENGINE, "", f'join(local.engine, split("_", "{SPLIT}"))')}),
        ("PGF305", {"main.tf": AZAPI % (ENGINE, "", f'replace("{SPLIT}", "_", local.engine)')}),
        ("PGF305", {"main.tf": AZAPI % ("", "", 'jsondecode(file("t.json")).type'), "t.json": f'{{"type": "{TYPE}"}}'}),
    ],
)  # fmt: skip
def test_what_is_worked_out_counts(rule: str, files: dict[str, str | bytes], write: Write, run: Check) -> None:
    """Here no Terraform or template has the word by which what matters is found."""
    write(files)
    assert f" {rule} " in run("check", "--select", rule, "--format", "concise")[1]


def test_a_type_that_is_plain_and_another_is_not_parsed(write: Write, run: Check) -> None:
    write({"main.tf": AZAPI % (VARIABLE_TYPE, "", '"Microsoft.KeyVault/vaults@2023-07-01"')})
    assert "nothing to do with PostgreSQL: 1 (main.tf)" in run("check", "--statistics")[1]


# --- how calls are spelled --------------------------------------------------------------------------------------

NAMES = st.sampled_from(["m", "my modules/a b", "it's", "a$b", "$", 'a"b', "a${b", "s\\n", "ü"])
BETWEEN = st.sampled_from(["", " ", "\t", "/**/", " /* don't */ ", "/* \"./x\", './y.bicep' */", "/* resource */"])
ESCAPES = {"hcl": ["\\u%04x", "\\U%08x"], "json": ["\\u%04x", "\\u%04X"], "bicep": ["\\u{%x}", "\\u{%06X}"]}
ARM = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  %s
}
"""
DEPLOYMENT = """\
"resources": [{
  "type": "Microsoft.Resources/deployments",
  "apiVersion": "2022-09-01",
  "name": "pg",
  "properties": {
    "mode": "Incremental",
    "templateLink": { %s: %s },
    "parameters": { "access": { "value": "Disabled" } }
  }
}]"""
DEPLOYED = """\
"parameters": { "access": { "type": "string", "defaultValue": "Enabled" } },
"resources": [{
  "type": "Microsoft.DBforPostgreSQL/flexibleServers",
  "apiVersion": "2024-08-01",
  "name": "psql",
  "location": "westeurope",
  "properties": { "version": "16", "network": { "publicNetworkAccess": "[parameters('access')]" } }
}]"""


def joined(draw: Callable[..., str], *parts: str) -> str:
    """Parts with blanks and comments between them."""
    return "".join(f"{part}{draw(BETWEEN)}" for part in parts)


def quoted(draw: Callable[..., str], text: str, language: str) -> str:
    """A text in quotes, of which some characters are escaped that need not be."""
    mark = "'" if language == "bicep" else '"'
    text = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    text = text.replace("${", "\\${" if language == "bicep" else "$${")
    plain = draw(st.sets(st.sampled_from(text)))
    number = draw(st.sampled_from(ESCAPES[language]))
    written = [number % ord(each) if each in plain and each not in "$\\\"'{" else each for each in text]
    slash = draw(st.sampled_from(["/", "\\/"] if language == "json" else ["/"]))
    return f"{mark}{''.join(written).replace('/', slash)}{mark}"


@st.composite
def hcl_calls(draw: Callable[..., str]) -> dict[str, str]:
    """A server, and a module that does not speak of it and locks it, in Terraform's own language."""
    name = draw(NAMES)
    source = quoted(draw, f"./{name}", "hcl")
    for _ in range(draw(st.integers(0, 2))):  # type: ignore[call-overload]
        source = joined(draw, "(", source, ")")
    call = f"module {draw(BETWEEN)}n {{\n  {joined(draw, 'source', '=')}{source}\n  server = %s\n}}\n"
    type_ = draw(st.sampled_from(["azurerm_management_lock", quoted(draw, "azurerm_management_lock", "hcl")]))
    lock = LOCK.replace('resource "azurerm_management_lock"', draw(st.sampled_from(["", "# a lock resource\n"])) + "%s")
    written = joined(draw, "resource ", type_, " ")
    return {
        "main.tf": SERVER + call % "azurerm_postgresql_flexible_server.main.id",
        f"{name}/main.tf": lock % written,
    }


@st.composite
def json_calls(draw: Callable[..., str]) -> dict[str, str]:
    """The same in JSON."""
    name = draw(NAMES)
    call = '{ %s: { "n": { %s: %s, "server": "${azurerm_postgresql_flexible_server.main.id}" } } }'
    source = quoted(draw, f"./{name}", "json")
    lock = '{ %s: { %s: { "this": { "name": "lock", "scope": "${var.server}", "lock_level": "CanNotDelete" } } } }'
    written = (quoted(draw, "resource", "json"), quoted(draw, "azurerm_management_lock", "json"))
    return {
        "main.tf": SERVER,
        "call.tf.json": call % (quoted(draw, "module", "json"), quoted(draw, "source", "json"), source),
        f"{name}/variables.tf": VARIABLE,
        f"{name}/main.tf.json": lock % written,
    }


@st.composite
def template_calls(draw: Callable[..., str]) -> dict[str, str]:
    """A template without public access through the one that uses it, in Bicep or in JSON, and with it by itself."""
    name = f"{draw(NAMES)}.json"
    if draw(st.booleans()):
        source = quoted(draw, name, "bicep").removesuffix("'") + "'"
        header = joined(draw, "module ", "pg", " ", source, "=")
        return {"main.bicep": header + " {\n  params: { access: 'Disabled' }\n}\n", name: ARM % DEPLOYED}
    key, path = quoted(draw, "relativePath", "json"), quoted(draw, name, "json").replace("$${", "${")
    return {"main.json": ARM % (DEPLOYMENT % (key, path)), name: ARM % DEPLOYED}


@pytest.mark.skipif(os.name != "posix", reason="names that Windows refuses")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.one_of(hcl_calls(), json_calls()))
def test_a_call_counts_however_it_is_spelled(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    report = judged(files, tmp_path_factory)
    assert not [finding for finding in report.findings if finding.rule.id == "PGF704"]
    assert not report.problems


@pytest.mark.skipif(os.name != "posix", reason="names that Windows refuses")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=template_calls())
def test_a_template_is_judged_as_it_is_used_however_that_is_spelled(
    files: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    report = judged(files, tmp_path_factory)
    assert not [finding for finding in report.findings if finding.rule.id == "PGF305"]
    assert [finding for finding in report.findings if finding.rule.id == "PGF307"]
    assert not report.problems


BICEP_DEPLOYMENT = (
    "resource d 'Microsoft.Resources/deployments@2022-09-01' = {\n  name: 'd'\n"
    "  properties: {\n    mode: 'Incremental'\n    template: %s\n  }\n}\n"
)


@pytest.mark.parametrize(
    ("template", "files"),
    [
        ("loadJsonContent('t.template')", {"t.template": ARM % DEPLOYED}),
        ("loadJsonContent('t.data')", {"t.data": ARM % DEPLOYED}),
        ("json(loadTextContent('t.txt'))", {"t.txt": ARM % DEPLOYED}),
        ("json(loadTextContent /* t */ ('t.txt'))", {"t.txt": ARM % DEPLOYED}),
        ("loadJsonContent('${'t'}.txt')", {"t.txt": ARM % DEPLOYED}),
        ("loadJsonContent('\\u{74}.json')", {"t.json": (ARM % DEPLOYED).replace("/", "\\/")}),
        ("loadJsonContent(/* t */ 'my files/t.json', '$.a')", {"my files/t.json": f'{{"a": {ARM % DEPLOYED}}}'}),
        ("loadYamlContent('t.yaml')", {"t.yaml": ARM % DEPLOYED}),
    ],
)
def test_a_template_counts_that_is_loaded(
    template: str, files: dict[str, str | bytes], write: Write, run: Check
) -> None:
    write({"main.bicep": BICEP_DEPLOYMENT % template, **files})
    assert places(run), run("check")


ENCODED = base64.b64encode((ARM % DEPLOYED).encode()).decode()
SPLIT_TEMPLATE = (ARM % DEPLOYED).replace("Postgre", "@@")
INLINE = """{
      resources: [{ type: '${t}greSQL/flexibleServers', apiVersion: '2024-08-01', name: 'psql', location: 'w'
        properties: { version: '16', network: { publicNetworkAccess: 'Enabled' } } }]
    }"""
YAML_TEMPLATE = """\
contentVersion: 1.0.0.0
resources:
- type: "Microsoft.DBforPost%sSQL/flexibleServers"
  apiVersion: "2024-08-01"
  name: psql
  location: westeurope
  properties: { version: "16", network: { publicNetworkAccess: Enabled } }
"""
TELEMETRY = """\
resource telemetry 'Microsoft.Resources/deployments@2024-03-01' = if (enableTelemetry) {
  name: take(
    'pid.${replace('-..--..-', '.', '-')}.${substring(uniqueString(deployment().name, location), 0, 4)}',
    64
  )
  location: location
  properties: {
    mode: 'Incremental'
    template: {
      '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
      contentVersion: '1.0.0.0'
      resources: []
      outputs: {
        telemetry: {
          type: 'String'
          value: 'For more information, see https://aka.ms/avm/TelemetryInfo'
        }
      }
    }
  }
}
param enableTelemetry bool = true
param location string = 'westeurope'
"""
PLAIN = TELEMETRY[TELEMETRY.index("properties: {") : TELEMETRY.index("}\nparam ")]
ON_ONE_LINE = "properties: { mode: 'Incremental' template: { '$schema': 's' contentVersion: '1' resources: [] } } }"
SPELLED = f"' {ON_ONE_LINE}".replace("'", "\\u{27}")
WORKED_OUT = f"json(base64ToString('{ENCODED}'))"
REAL = f"properties: {{ mode: 'Incremental', template: {WORKED_OUT} }}"


def deployment(body: str) -> str:
    return "resource d 'Microsoft.Resources/deployments@2022-09-01' = {\n" + body + "\n}\n"


@pytest.mark.parametrize(
    "files",
    [
        *(
            {"main.bicep": "var t = 'Microsoft.DBforPost'\n" + BICEP_DEPLOYMENT % template, **files}
            for template, files in (
                (WORKED_OUT, {}),
                (INLINE, {}),
                ("json(replace(loadTextContent('x.txt'), '@@', 'Postgre'))", {"x.txt": SPLIT_TEMPLATE}),
                ("json(base64ToString(loadTextContent('x.txt')))", {"x.txt": ENCODED}),
                ("loadYamlContent('x.yaml')", {"x.yaml": YAML_TEMPLATE % "gr\\x65"}),
                ("loadYamlContent('x.yaml')", {"x.yaml": YAML_TEMPLATE % "\\\n    gre"}),
            )
        ),
        {
            "main.bicep": f"param t object\n{BICEP_DEPLOYMENT % 't'}",
            "main.bicepparam": f"using 'main.bicep'\nparam t = {WORKED_OUT}\n",
        },
        {"main.bicep": deployment(f"name: 'd'\n{REAL}") + TELEMETRY},
        {"main.bicep": f"var p = {WORKED_OUT}\n" + TELEMETRY.replace("template: {", "template: true ? p : {")},
        *(
            {"main.json": ARM % DEPLOYMENT.replace('"templateLink": { %s: %s }', f'{key}: "[{WORKED_OUT}]"')}
            for key in ('"template"', '"Templ\\u0061te" ')
        ),
    ],
)  # fmt: skip
def test_a_deployed_template_counts_that_no_word_tells_of(
    files: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert judged(files, tmp_path_factory).findings


@pytest.mark.parametrize(
    "body",
    [
        f"name: '' // {{\n{REAL}\n/*\n{PLAIN}\n*/",
        f"name: 'd' /* {ON_ONE_LINE} */\n{REAL}",
        f"name: '{SPELLED}'\n{REAL}",
        f"name: '''' {ON_ONE_LINE} '''\n{REAL}",
        f"name: true ? 'd' : string({{\n{PLAIN}}})\n{REAL}",
        f"{REAL}\nname: 'd'\n#disable-next-line x {{ {ON_ONE_LINE}",
    ],
)  # fmt: skip
def test_what_looks_like_a_plain_template_hides_no_other(body: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is deployed stands beside what is a comment or a text, whether Bicep takes it or not."""
    judged({"main.bicep": deployment(body)}, tmp_path_factory)


@pytest.mark.parametrize(
    "files",
    [
        {"main.bicep": TELEMETRY},
        {"main.bicep": TELEMETRY.replace("\n", "\r\n")},
        {"main.bicep": TELEMETRY + TELEMETRY.replace("telemetry '", "more '")},
        {"main.bicep": deployment(f"name: 'd'\n{ON_ONE_LINE.removesuffix(' }')}\nlocation: 'westeurope'")},
        {"main.json": ARM % DEPLOYMENT.replace('"templateLink": { %s: %s }', '"template": { "resources": [] }')},
        {"main.json": ARM % '"resources": [], "variables": { "role": "Microsoft.Resources/deployments/*" }'},
    ],
)
def test_a_deployed_template_that_is_plain_is_not_parsed(
    files: dict[str, str | bytes], write: Write, run: Check
) -> None:
    write(files)
    assert "nothing to do with PostgreSQL: 1 (main." in run("check", "--statistics")[1]


def test_values_in_yaml_count_however_they_are_spelled(write: Write, run: Check) -> None:
    app = BICEP_APP.replace("param url string\n", "").replace("value: url", "value: loadYamlContent('s.yaml').url")
    for sql in ("gr\\x65", "\\\n  gre", "\\\r\n\tgre"):
        write({"main.bicep": app, "s.yaml": f'url: "{CONNECTION}"\n'.replace("gre", sql).encode()})
        assert " PGF104 " in run("check", "--select", "PGF104", "--format", "concise")[1]


def test_a_private_endpoint_in_a_module_that_does_not_speak_of_postgresql_counts(write: Write, run: Check) -> None:
    call = 'module "n" {\n  source = "./network"\n  server = azurerm_postgresql_flexible_server.main.id\n%s}\n'
    check = ("check", "--select", "PGF704", "--format", "concise", "--fail-on", "note")
    write({"main.tf": SERVER + call % "", "network/main.tf": LOCK})
    assert run(*check)[0] == 0
    write({"main.tf": SERVER + call % "  count = 0\n"})
    assert run(*check)[0] == 1


def test_a_module_that_is_deployed_zero_times_is_not_parsed_and_that_is_said(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + 'module "n" {\n  source = "./network"\n  count = 0\n}\n', "network/main.tf": NETWORK})
    _, output, _ = run("check", "--select", "PGF305", "--statistics")
    assert "  in modules that are deployed zero times: 1 (network/main.tf)\n" in output
    assert "problem" not in output


def test_a_restored_module_that_a_local_one_calls_counts(write: Write, run: Check) -> None:
    listed = (
        '{"Modules": [{"Key": "l", "Source": "./l", "Dir": "l"}, '
        '{"Key": "l.m", "Source": "registry.terraform.io/foo/bar/azurerm", "Dir": ".terraform/modules/l.m"}]}'
    )
    write(
        {
            "main.tf": 'module "l" {\n  source = "./l"\n}\n',
            "l/main.tf": 'module "m" {\n  source = "foo/bar/azurerm"\n}\n',
            ".terraform/modules/modules.json": listed,
            ".terraform/modules/l.m/main.tf": SERVER,
        }
    )
    assert places(run) == [".terraform/modules/l.m/main.tf"]


# --- what Git ignores -------------------------------------------------------------------------------------------


def places(run: Check, *more: str) -> list[str]:
    output = run("check", "--select", "PGF305", "--format", "concise", *more)[1]
    return [line.split(":")[0] for line in output.splitlines() if " PGF305 " in line]


def test_what_git_ignores_is_left_out_of_directories_and_not_of_what_is_named(write: Write, run: Check) -> None:
    write(
        {
            ".gitignore": "/build/\n*.gen.tf\n!keep.gen.tf\n",
            "main.tf": SERVER,
            "build/main.tf": SERVER,
            "a/x.gen.tf": SERVER,
            "b/keep.gen.tf": SERVER,
            "c/.gitignore": "*\n!/main.tf\n",
            "c/main.tf": SERVER,
            "c/d/main.tf": SERVER,
            "c/other.tf": SERVER.replace('"main"', '"other"'),
        }
    )
    assert places(run) == ["b/keep.gen.tf", "c/main.tf", "main.tf"]
    assert places(run, "build") == ["build/main.tf"]
    assert places(run, "a/x.gen.tf") == ["a/x.gen.tf"]
    assert len(places(run, "--no-respect-gitignore")) == 7
    assert "ignored by Git: 4 (a/x.gen.tf, build/, c/d/, …)" in run("check", "--statistics")[1]
    write({".pgflexlint.toml": "respect-gitignore = false\n"})
    assert len(places(run)) == 7


def test_a_module_that_git_ignores_is_still_read_where_it_is_called(write: Write, run: Check) -> None:
    write(
        {".gitignore": "vendor/\n", "main.tf": 'module "db" {\n  source = "./vendor/db"\n}\n', "vendor/db/a.tf": SERVER}
    )
    assert places(run) == ["vendor/db/a.tf"]


def test_a_hostile_gitignore_costs_no_time(write: Write, run: Check) -> None:
    write({".gitignore": "a*" * 40 + "b\n", f"{'a' * 60}.tf": SERVER})
    start = time.monotonic()
    assert len(places(run)) == 1
    assert time.monotonic() - start < 20
    write({".gitignore": "x\n" * 3000 + "*.tf\n"})
    assert len(places(run)) == 1
    assert "has more than 2,000 lines, so it is not used." in run("check")[1]


def test_patterns_for_git_that_are_the_same_are_kept_once(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "ALL_LINES_LIMIT", 100)
    write({f"d{at}/{name}.tf": SERVER for at in range(30) for name in ("a", "b")})
    write({f"d{at}/.gitignore": "/a.tf\n" + "x\n" * 40 for at in range(30)})
    assert places(run) == sorted(f"d{at}/b.tf" for at in range(30))
    assert "limit-passed" not in run("check", "--format", "concise")[1]


@pytest.mark.parametrize(("name", "limit"), [("ALL_LINES_LIMIT", 100), ("ALL_CHARACTERS_LIMIT", 400)])
def test_that_there_are_too_many_patterns_for_git_is_said(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(walk, name, limit)
    write({".gitignore": "*.draft.tf\n/d2/e/a.tf\n", "d2/e/a.tf": SERVER})
    write({f"d{at}/{name}.draft.tf": SERVER for at in range(4) for name in ("a", "b")})
    write({f"d{at}/.gitignore": f"# {at}\n!a.draft.tf\n" + "xxxx\n" * 30 for at in range(4)})
    left_out = ("d0/b.draft.tf", "d1/b.draft.tf")
    assert places(run) == sorted(
        {f"d{at}/{name}.draft.tf" for at in range(4) for name in "ab"} - {*left_out} | {"d2/e/a.tf"}
    )
    lines, characters = walk.ALL_LINES_LIMIT, walk.ALL_CHARACTERS_LIMIT
    said = (
        f"d2/.gitignore: remark limit-passed The .gitignore files have more than {lines:,} lines or "
        f"{characters:,} characters together, so they are not used from this one on. "
        "Files that Git ignores are scanned: exclude them in the configuration.\n"
    )
    output = run("check", "--format", "concise")[1]
    assert said in output
    assert output.count("limit-passed") == 1


def test_only_line_feeds_end_what_git_ignores(write: Write, run: Check) -> None:
    write({".gitignore": b"/a.tf\r\nx\x0cb.tf\n/c.tf", "a.tf": SERVER, "b.tf": SERVER, "c.tf": SERVER})
    assert places(run) == ["b.tf"]


def limited(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Let globs compare so few names."""
    for module in (globs, walk, suppress):
        monkeypatch.setattr(module, "WORK_LIMIT", limit)


def test_that_patterns_for_git_are_compared_no_more_is_said(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, 800)
    write({".gitignore": "*x*\n" + "plain\n" * 1000, **{f"x{at}.tf": SERVER for at in range(100)}})
    assert places(run) == []
    write({".gitignore": "*x*\n*y*\n*z*\n"})
    assert len(places(run)) > 10
    said = (
        ".gitignore: remark limit-passed Matching the patterns for Git takes more than 800 comparisons of names, so "
        "the rest is not matched. Files that Git ignores are scanned: exclude them in the configuration.\n"
    )
    assert said in run("check", "--format", "concise")[1]


_LONG = "/".join(["**", "*a"] * 80)
_DEEP = "/".join("a" * 100) + "/main.tf"
_MORE = "takes more than 200,000 comparisons"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {".gitignore": "".join(f"{_LONG}/z{at}\n" for at in range(50))},
            f".gitignore: remark limit-passed Matching the patterns for Git {_MORE} of names, "
            "so the rest is not matched. ",
        ),
        (
            {".pgflexlint.toml": f"exclude = {[f'{_LONG}/z{at}' for at in range(50)]}"},
            f"remark limit-passed Matching the globs of excluded files {_MORE} of names, so the rest is not matched. ",
        ),
        (
            {
                ".pgflexlint.toml": "".join(
                    f'[[allow]]\nrules = ["PGF305"]\nreason = "x"\npath = "{_LONG}/z{at}"\n' for at in range(50)
                )
            },
            f".pgflexlint.toml: remark limit-passed Matching the allowed findings {_MORE}, so not all are allowed. ",
        ),
        (
            {
                ".pgflexlint.toml": "[per-file-ignores]\n"
                + "".join(f'"{_LONG}/z{at}" = ["PGF305"]\n' for at in range(50))
            },
            f".pgflexlint.toml: remark limit-passed Matching the allowed findings {_MORE}, so not all are allowed. ",
        ),
        (
            {
                ".pgflexlint.toml": "".join(
                    f'[[allow]]\nrules = ["PGF305"]\nreason = "x"\naddress = "*a*b*c{at}"\n' for at in range(100)
                ),
                "a.tf": "".join(SERVER.replace('"main"', f'"s{at}"') for at in range(400)),
            },
            f".pgflexlint.toml: remark limit-passed Matching the allowed findings {_MORE}, so not all are allowed. ",
        ),
    ],
)
def test_that_globs_cost_too_much_is_said(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], said: str
) -> None:
    limited(monkeypatch, 200_000)
    write({_DEEP: SERVER, **files})
    output = run("check", "--select", "PGF305", "--format", "concise")[1]
    assert said in f"\n{output}"
    assert f"\n{_DEEP}:" in f"\n{output}"
    assert "this entry" not in output.lower()


def test_entries_without_stars_are_compared_with_nothing_else(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, 5_000)
    server = "azurerm_postgresql_flexible_server"
    write(
        {
            ".pgflexlint.toml": "".join(
                f'[[allow]]\nrules = ["PGF305"]\nreason = "x"\naddress = "{server}.s{at}"\n' for at in range(100)
            ),
            "a.tf": "".join(SERVER.replace('"main"', f'"s{at}"') for at in range(100)),
        }
    )
    assert "limit-passed" not in run("check", "--select", "PGF305", "--format", "concise")[1]
    assert places(run) == []


# --- processes --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
@pytest.mark.parametrize("name", ["json", "sarif", "text", "concise"])
def test_several_processes_say_what_one_says(run: Check, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "fixtures")
    check = (
        "check",
        "PGF101",
        "PGF407",
        "PGF102",
        "projects",
        "--format",
        name,
        "--show-unknown",
        "--as-of",
        "2026-01-01",
    )
    assert run(*check, "--jobs", "3") == run(*check, "--jobs", "1")


def test_processes_are_used_only_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(4)), raising=False)
    assert schedule.processes(0, 100, schedule.SIZE) == 1
    assert schedule.processes(0, 100, schedule.SIZE * 3) == 3
    assert schedule.processes(0, 100, schedule.SIZE * 30) == 4
    assert schedule.processes(0, 2, schedule.SIZE * 30) == 2
    assert schedule.processes(8, 100, 0) == 8
    monkeypatch.setattr(sys, "platform", "darwin")
    assert schedule.processes(8, 100, 0) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupt_leaves_no_process(tmp_path: Path, number: signal.Signals, expected: int) -> None:
    code = (
        "import sys, time\n"
        "from pgflexlint import schedule\n"
        "try:\n"
        "    schedule.in_processes(2, range(4), lambda _: time.sleep(60), list, names={},\n"
        "        lookup=lambda _: None, watch=lambda _: None)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(130)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509  which `nohup` ignores
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20
        while len(found := children.read_text().split()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(number)
        start = time.monotonic()
        assert process.wait(10) == expected
        assert time.monotonic() - start < 5
    assert not [pid for pid in found if Path(f"/proc/{pid}").exists()]


def _is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"  # which somebody has to reap
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
def test_processes_end_when_the_first_one_is_killed(tmp_path: Path) -> None:
    code = (
        "import time\n"
        "from pgflexlint import schedule\n"
        "schedule.in_processes(2, range(2), lambda _: time.sleep(600), list, names={},\n"
        "    lookup=lambda _: None, watch=lambda _: None)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20
        while len(found := children.read_text().split()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    while any(map(_is_running, found)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As `nohup` has it."""

    def heard(_: int) -> int:
        os.kill(os.getppid(), signal.SIGHUP)
        return 1

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        made, told = schedule.in_processes(2, range(4), heard, int, names={}, lookup=lambda _: None, watch=print)
        assert (made, told) == ([1, 1, 1, 1], [0, 0])
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
@pytest.mark.parametrize(
    ("work", "message"),
    [("1 / 0", "ZeroDivisionError: division by zero"), ("os._exit(1)", "a process ended before its work was done")],
)
def test_a_process_that_fails_is_an_error_of_the_whole(work: str, message: str) -> None:
    def fail(_: int) -> None:
        exec(work, {"os": os})

    with pytest.raises(RuntimeError, match=message):
        schedule.in_processes(2, range(4), fail, list, names={}, lookup=lambda _: None, watch=lambda _: None)


# --- start-up ---------------------------------------------------------------------------------------------------


def test_where_nothing_matters_nothing_is_loaded(write: Write) -> None:
    room = write({"main.tf": 'resource "azurerm_storage_account" "a" {}\n', "main.bicep": "param x string\n"})
    code = f"import sys, pgflexlint.cli\nprint(pgflexlint.cli.main(['check', {str(room)!r}]), *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=room)
    exit_code, *loaded = done.stdout.splitlines()[-1].split()
    assert exit_code == "0"
    assert not [
        each for each in loaded if each.startswith(("pgflexlint_rules", "pgflexlint.syntax", "pgflexlint.model"))
    ]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_it_needs_neither_a_home_nor_a_place_to_write(write: Write) -> None:
    room = write({"main.tf": SERVER})
    room.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pgflexlint", "check", "--format", "concise", "."],
            capture_output=True, text=True, check=False, cwd=room, env={"PATH": os.defpath},
        )  # fmt: skip
    finally:
        room.chmod(0o755)
    assert (done.returncode, done.stderr) == (1, "")


PASSWORD = "hunter2-of-the-ledger"


@pytest.mark.parametrize(
    "password",
    [
        f"{PASSWORD}{'x' * 300}/y/",
        f"selfl/{PASSWORD}/",
        f"{PASSWORD}\0/y/",
        f"main.tf/{PASSWORD}/",
        f"../../{PASSWORD}/",
    ],
    ids=["too long", "a link to itself", "a NUL", "a file", "outside"],
)
@pytest.mark.parametrize("read", ["var.path", '"%s"'], ids=["a path from elsewhere", "itself"])
def test_a_text_that_looks_like_a_directory_is_no_problem(write: Write, run: Check, password: str, read: str) -> None:
    attribute = f'  administrator_password = "{password}"\n  tags = {{ a = file({read.replace("%s", password)}) }}\n'
    room = write({"main.tf": SERVER.replace("  version ", attribute + "  version ") + 'variable "path" {}\n'})
    (room / "selfl").symlink_to("selfl")
    _, output, errors = run("check", "--select", "PGF407", "--format", "concise", "main.tf")
    assert found(output) == ["PGF407 main.tf:5"]
    assert PASSWORD not in output + errors
    assert "cannot be listed" not in output


def test_a_module_whose_path_is_none_is_not_there(write: Write, run: Check) -> None:
    names = ("x" * 300, "nul\0", "selfl")
    calls = "".join(f'module "m{number}" {{\n  source = "./{name}"\n}}\n' for number, name in enumerate(names))
    room = write({"main.tf": SERVER + calls})
    (room / "selfl").symlink_to("selfl")
    assert [line.split(" ", 1)[0] for line in problems(run("check", "--format", "concise", "main.tf")[1])] == [
        "main.tf:12:12:", "main.tf:15:12:", "main.tf:18:12:"
    ]  # fmt: skip


APP = """locals {
  name = "app"
}
variable "url" {
  type    = string
  default = ""
}
resource "azurerm_linux_web_app" "main" {
  name         = "app"
  app_settings = %s
}
"""
URL = "postgresql://u@pg.postgres.database.azure.com/d?sslmode=disable"
FROM_FILES = [
    ('yamldecode(file("${path.module}/s/app.yaml"))', {"s/app.yaml": f"A: {URL}\n"}, ()),
    ('yamldecode(file("./s/${local.name}.yaml"))', {"s/app.yaml": f"A: {URL}\n"}, ()),
    ('{ for each in fileset(path.module, "s/*.txt") : each => file(each) }', {"s/a.txt": URL}, ()),
    ('yamldecode(file("${path.module}/${local.name}/prod/app.yaml"))', {"app/prod/app.yaml": f"A: {URL}\n"}, ()),
    ('yamldecode(file(join("/", [path.module, "s", "app.yaml"])))', {"s/app.yaml": f"A: {URL}\n"}, ()),
    ('yamldecode(file(format("%s/s/%s.yaml", path.module, local.name)))', {"s/app.yaml": f"A: {URL}\n"}, ()),
    ('yamldecode(file("s/${local.name == "app" ? "app" : "x"}.yaml"))', {"s/app.yaml": f"A: {URL}\n"}, ()),
    ('yamldecode(file("${path.module}/s/${local.name}.CFG"))', {"s/app.CFG": f"A: {URL}\n"}, ()),
    ('yamldecode(file("${path.module}/s/app"))', {"s/app": f"A: {URL}\n"}, ()),
    ("{ A = var.url }", {"other/prod.tfvars": f'url = "{URL}"\n'}, ("--var-file", "other/prod.tfvars")),
    ("{ A = var.url }", {}, ("--var", f"url={URL}")),
    (
        "{ A = var.url }",
        {
            "other/prod.tfvars": f'url = "{URL}"\n',
            ".pgflexlint.toml": '[[scenarios]]\nroot = "."\nvar-files = ["other/prod.tfvars"]\n',
        },
        (),
    ),
]


@pytest.mark.parametrize(("app", "files", "options"), FROM_FILES)
def test_a_module_is_looked_at_for_what_stands_only_in_the_values_that_it_reads_or_is_given(
    write: Write, run: Check, app: str, files: dict[str, str | bytes], options: tuple[str, ...]
) -> None:
    write({"main.tf": APP % app, **files})
    code, output, _ = run("check", "--format", "concise", ".", *options)
    assert code == 1
    assert found(output) == ["PGF104 main.tf:10"]
