"""Where passwords come from and where they end up, through the whole pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.equality import Equality
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint.values import Unknown, deciding, merge_traces
from pgflexlint_rules import RULES
from tests.factory import VALUE, known

PROVIDER = 'provider "azurerm" {\n  features {}\n}\n'


def look(room: Path, files: dict[str, str]) -> Report:
    for name, text in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    report = analyze(target([str(room)], [], room), RULES, RULES, Settings())
    assert not report.problems, report.problems
    return report


def said(report: Report, *rules: str) -> list[str]:
    """The findings of some rules by rule and address, and the doubts with a question mark."""
    findings = [f"{each.rule.id[3:]} {each.address}" for each in report.findings if each.rule.id in rules]
    return sorted(findings + [f"{each.rule.id[3:]} ?" for each in report.doubts if each.rule.id in rules])


def terraform(password: str, *more: str) -> dict[str, str]:
    server = f'resource "azurerm_postgresql_flexible_server" "s" {{\n  administrator_password = {password}\n}}\n'
    return {"main.tf": "\n".join([PROVIDER, 'resource "random_string" "r" {\n  length = 20\n}', server, *more])}


def output(value: str) -> str:
    return f'output "o" {{\n  value = {value}\n}}\n'


VARIABLE = 'variable "db" {}\nvariable "on" { type = bool }\n'
GENERATED = "random_string.r.result"


@pytest.mark.parametrize(
    ("password", "value", "verdict"),
    [
        (GENERATED, GENERATED, "409 output.o"),
        (GENERATED, "azurerm_postgresql_flexible_server.s.administrator_password", "409 output.o"),
        (GENERATED, "azurerm_postgresql_flexible_server.s", "409 output.o"),
        (GENERATED, "random_string.r", "409 output.o"),
        (GENERATED, f"concat([{GENERATED}], [for i in range(1000): [for j in range(12): i]])", "409 output.o"),
        ('"Secret-Pass"', '[for i in range(1000): [for j in range(12): "${i}Secret-Passes"]]', "409 output.o"),
        (GENERATED, f"jsonencode({{ password = {GENERATED} }})", "409 output.o"),
        (GENERATED, f'format("%s@host", {GENERATED})', "409 output.o"),
        (GENERATED, f"nonsensitive({GENERATED})", "409 output.o"),
        (GENERATED, f'[for p in [{GENERATED}] : "x${{p}}"]', "409 output.o"),
        (GENERATED, f"urlencode(base64encode({GENERATED}))", "409 output.o"),
        (GENERATED, f"try({GENERATED}, null)", "409 output.o"),
        (f'"P-${{{GENERATED}}}"', f'"P-${{{GENERATED}}}"', "409 output.o"),
        (GENERATED, f"sha256({GENERATED})", "409 ?"),
        (GENERATED, f"length({GENERATED})", ""),
        (GENERATED, f'var.on ? {GENERATED} : "none"', "409 ?"),
        (GENERATED, "random_string.r.id", ""),
        (GENERATED, "azurerm_postgresql_flexible_server.s.fqdn", ""),
        (GENERATED, '"secret"', ""),
        ("var.db.password", "var.db.password", "409 output.o"),
        ("var.db.password", "var.db", "409 output.o"),
        ("var.db.password", "var.db.name", ""),
        ("local.p", "local.p", "409 output.o"),
        ("local.p", "upper(local.p)", "409 output.o"),
        ("local.p", "local.q", "409 ?"),
        ("local.p", GENERATED, "409 ?"),
        (f'var.on ? {GENERATED} : "none"', GENERATED, "409 ?"),
        (f'var.on ? {GENERATED} : "none"', "random_string.r", "409 ?"),
        (f'var.on ? {GENERATED} : "none"', "random_string.r.id", ""),
        (f'var.on ? {GENERATED} : "none"', "var.on", ""),
        (f'{{ a = {GENERATED}, b = "none" }}[var.db]', GENERATED, "409 ?"),
        (f'"${{{GENERATED}}}x"', GENERATED, "409 ?"),
        (f"sha256({GENERATED})", GENERATED, "409 ?"),
        ('"Fake-Passw0rd-1"', '"x Fake-Passw0rd-1"', "409 output.o"),
        ('"Fake-Passw0rd-1"', '"Fake"', ""),
    ],
)
def test_what_an_output_shows(password: str, value: str, verdict: str, tmp_path: Path) -> None:
    locals_ = f"locals {{\n  p = coalesce(var.db.secret, {GENERATED})\n  q = var.db.name\n}}\n"
    report = look(tmp_path, terraform(password, VARIABLE, locals_, output(value)))
    assert said(report, "PGF409") == ([verdict] if verdict else [])


def resource(type_: str, body: str) -> str:
    return f'resource "{type_}" "t" {{\n  {body}\n}}\n'


SECRET_BLOCK = f'secret {{\n    name  = "s"\n    value = {GENERATED}\n  }}'


@pytest.mark.parametrize(
    ("password", "written", "value", "verdict"),
    [
        (GENERATED, resource("azurerm_key_vault_secret", f"value = {GENERATED}"), "azurerm_key_vault_secret.t", "!"),
        (GENERATED, resource("azurerm_key_vault_secret", f"value_wo = {GENERATED}"), "azurerm_key_vault_secret.t", ""),
        (GENERATED, resource("azurerm_key_vault_secret", 'value = "x"'), "azurerm_key_vault_secret.t", ""),
        (GENERATED, resource("terraform_data", f"input = {GENERATED}"), "terraform_data.t", "!"),
        (GENERATED, resource("terraform_data", f"input = {GENERATED}"), "[{ all = terraform_data.t }]", "!"),
        (GENERATED, resource("terraform_data", f"input = {GENERATED}"), "var.on ? terraform_data.t : null", "?"),
        (GENERATED, resource("terraform_data", f"input = {GENERATED}"), "terraform_data.t.id", ""),
        (GENERATED, resource("terraform_data", f'input = var.on ? {GENERATED} : ""'), "terraform_data.t", "?"),
        (GENERATED, resource("terraform_data", f"count = 1\n  input = [{GENERATED}]"), "terraform_data.t", "!"),
        (GENERATED, resource("azurerm_container_app", SECRET_BLOCK), "azurerm_container_app.t", "!"),
        (GENERATED, resource("azurerm_container_app", SECRET_BLOCK), "azurerm_container_app.t.secret", "!"),
        (GENERATED, resource("azapi_resource", f"body = {{ p = {GENERATED} }}"), "azapi_resource.t", "!"),
        (GENERATED, resource("azapi_resource", f"sensitive_body = {{ p = {GENERATED} }}"), "azapi_resource.t", ""),
        ('"Secret-Pass"', resource("terraform_data", 'input = "Secret-Pass"'), "terraform_data.t", "!"),
        ("var.db.password", resource("terraform_data", "input = var.db.name"), "terraform_data.t", ""),
        (GENERATED, "", f"merge(var.db, {{ p = {GENERATED} }})", "!"),
    ],
)
def test_what_is_written_in_a_resource_is_shown_with_it(
    password: str, written: str, value: str, verdict: str, tmp_path: Path
) -> None:
    report = look(tmp_path, terraform(password, VARIABLE, written, output(value)))
    assert said(report, "PGF409") == {"!": ["409 output.o"], "?": ["409 ?"], "": []}[verdict]


def test_what_is_write_only_is_not_shown_with_its_server(tmp_path: Path) -> None:
    files = terraform(GENERATED, output("azurerm_postgresql_flexible_server.s"))
    files["main.tf"] = files["main.tf"].replace("administrator_password", "administrator_password_wo")
    assert said(look(tmp_path, files), "PGF409") == []


LITERAL = 'a"b<c&Zz 9'


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("base64encode(local.p)", "!"),
        ('base64encode("u:${local.p}@h")', "!"),
        ('"Basic ${base64encode(local.p)}"', "!"),
        ('textencodebase64(local.p, "UTF-16LE")', "!"),
        ('textencodebase64(local.p, "UTF-16BE")', "!"),
        ('textencodebase64(local.p, "UTF-16")', "!"),
        ("urlencode(local.p)", "!"),
        ("urlencode(base64encode(jsonencode([local.p])))", "!"),
        ("jsonencode({ p = local.p })", "!"),
        ("base64gzip(local.p)", "!"),
        ("bcrypt(local.p)", "?"),
        ('var.on ? base64encode(local.p) : ""', "?"),
        ('base64encode("other")', ""),
        ("base64encode(substr(local.p, 0, 8))", ""),
        ("bcrypt(local.user)", ""),
    ],
)
def test_a_literal_is_told_in_any_encoding(value: str, verdict: str, tmp_path: Path) -> None:
    literal = LITERAL.replace('"', '\\"')
    locals_ = f'locals {{\n  p    = "{literal}"\n  user = "ledger"\n}}\n'
    report = look(tmp_path, terraform("local.p", VARIABLE, locals_, output(value)))
    assert said(report, "PGF409") == {"!": ["409 output.o"], "?": ["409 ?"], "": []}[verdict]


def test_a_password_is_the_same_on_both_sides_of_a_module(tmp_path: Path) -> None:
    module = 'variable "p" {\n  type = string\n}\noutput "p" {\n  value = var.p\n}\n'
    files = terraform("module.m.p", f'module "m" {{\n  source = "./m"\n  p      = {GENERATED}\n}}\n', output(GENERATED))
    assert said(look(tmp_path, files | {"m/main.tf": module}), "PGF409") == ["409 output.o"]


def test_outputs_of_a_module_that_is_judged_alone_are_its_callers(tmp_path: Path) -> None:
    server = 'resource "azurerm_postgresql_flexible_server" "s" {\n  administrator_password = var.p\n}\n'
    report = look(tmp_path, {"main.tf": 'variable "p" {}\n' + server + output("var.p")})
    assert said(report, "PGF408", "PGF409") == ["408 ?"]


@pytest.mark.parametrize(
    ("argument", "inner", "verdict"),
    [
        ("var.shown", "", "408 module.m.azurerm_postgresql_flexible_server.s"),
        ("var.shown", "sensitive = true", ""),
        ("var.hidden", "", ""),
        (GENERATED, "", "408 module.m.azurerm_postgresql_flexible_server.s"),
    ],
)
def test_one_sensitive_variable_on_the_way_is_enough(argument: str, inner: str, verdict: str, tmp_path: Path) -> None:
    root = (
        PROVIDER
        + 'variable "shown" {}\nvariable "hidden" {\n  sensitive = true\n}\n'
        + 'resource "random_string" "r" {\n  length = 20\n}\n'
        + f'module "m" {{\n  source = "./m"\n  p      = {argument}\n}}\n'
    )
    server = 'resource "azurerm_postgresql_flexible_server" "s" {\n  administrator_password = var.p\n}\n'
    module = f'variable "p" {{\n  {inner}\n}}\n' + server
    found = said(look(tmp_path, {"main.tf": root, "m/main.tf": module}), "PGF408")
    assert found == ([verdict] if verdict and argument != GENERATED else ["408 ?"] if verdict else [])


HIDDEN = """\
resource "random_password" "p" {
  length = 20
  count  = 1
}
ephemeral "random_password" "p" {
  length = 20
}
data "azurerm_key_vault_secret" "p" {}
data "vault_generic_secret" "p" {}
variable "on" {}
variable "plain" {}
variable "given" {
  default = null
}
"""


@pytest.mark.parametrize(
    ("argument", "verdict"),
    [
        ("random_password.p[0].result", ""),
        ("one(random_password.p[*].result)", ""),
        ('"A-${random_password.p[0].result}"', ""),
        ("upper(random_password.p[0].result)", ""),
        ("coalesce(var.given, random_password.p[0].result)", ""),
        ("ephemeral.random_password.p.result", ""),
        ("data.azurerm_key_vault_secret.p.value", ""),
        ("chomp(data.azurerm_key_vault_secret.p.value)", ""),
        ("random_password.p[0].id", "408 ?"),
        ("nonsensitive(random_password.p[0].result)", "408 ?"),
        ("data.azurerm_key_vault_secret.p.name", "408 ?"),
        ("data.vault_generic_secret.p.data_json", "408 ?"),
        ("var.on ? random_password.p[0].result : var.plain", "408 ?"),
    ],
)
def test_what_the_provider_hides_stays_hidden_in_plain_variables(argument: str, verdict: str, tmp_path: Path) -> None:
    root = f'{PROVIDER}{HIDDEN}module "m" {{\n  source = "./m"\n  p      = {argument}\n}}\n'
    server = 'resource "azurerm_postgresql_flexible_server" "s" {\n  administrator_password = var.p\n}\n'
    report = look(tmp_path, {"main.tf": root, "m/main.tf": f'variable "p" {{}}\n{server}'})
    assert said(report, "PGF408") == ([verdict] if verdict else [])


BICEP = """\
{head}
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'pg'
  properties: {{
    administratorLogin: 'ledgeradmin'
    administratorLoginPassword: {password}
  }}
}}
{tail}
"""
SECURE = "@secure()\nparam p string\n"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("p", "409 outputs.o"),
        ("concat('x', p)", "409 outputs.o"),
        ("uriComponent(p)", "409 outputs.o"),
        ("string({ a: p })", "409 outputs.o"),
        ("uniqueString(p)", ""),
        ("guid(p)", ""),
        ("string(length(p))", ""),
        ("empty(p) ? 'no' : 'yes'", ""),
        ("empty(p) ? '' : p", "409 ?"),
        ("s.id", ""),
        ("s.properties.administratorLogin", ""),
    ],
)
def test_what_an_output_of_a_template_shows(value: str, verdict: str, tmp_path: Path) -> None:
    text = BICEP.format(head=SECURE, password="p", tail=f"output o string = {value}")
    assert said(look(tmp_path, {"main.bicep": text}), "PGF409") == ([verdict] if verdict else [])


SHOWING = """\
@secure()
param p string
resource k 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  name: 'v/k'
  properties: { value: p }
}
resource script 'Microsoft.Resources/deploymentScripts@2023-08-01' = {
  name: 'd'
  location: 'x'
  kind: 'AzureCLI'
  properties: { azCliVersion: '2.1', retentionInterval: 'P1D', arguments: p }
}
"""


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("script", "409 ?"),
        ("script.properties", "409 ?"),
        ("script.id", ""),
        ("k", ""),
        ("k.properties", ""),
        ("s", ""),
        ("s.properties", ""),
    ],
)
def test_what_azure_shows_of_a_resource_may_hold_what_is_written(value: str, verdict: str, tmp_path: Path) -> None:
    text = BICEP.format(head=SHOWING, password="p", tail=f"output o object = {value}")
    assert said(look(tmp_path, {"main.bicep": text}), "PGF409") == ([verdict] if verdict else [])


@pytest.mark.parametrize(
    ("password", "value", "verdict"),
    [
        ("x == 'a' ? p : 'none'", "p", "409 ?"),
        ("x == 'a' ? p : 'none'", "x", ""),
        ("'${p}x'", "p", "409 ?"),
        ("toUpper(p)", "p", "409 ?"),
        ("'P-${uniqueString(resourceGroup().id)}'", "'st${uniqueString(resourceGroup().id)}'", "409 ?"),
        ("'P-${uniqueString(resourceGroup().id)}'", "resourceGroup().id", ""),
    ],
)
def test_what_a_password_is_made_of_may_tell_it(password: str, value: str, verdict: str, tmp_path: Path) -> None:
    text = BICEP.format(head=SECURE + "param x string\n", password=password, tail=f"output o string = {value}")
    assert said(look(tmp_path, {"main.bicep": text}), "PGF409") == ([verdict] if verdict else [])


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("base64(p)", "409 outputs.o"),
        ("uriComponent(p)", "409 outputs.o"),
        ("dataUri(p)", "409 outputs.o"),
        ("base64(string({ a: p }))", "409 outputs.o"),
        ("uniqueString(p)", ""),
    ],
)
def test_a_literal_is_told_in_any_encoding_of_a_template(value: str, verdict: str, tmp_path: Path) -> None:
    text = BICEP.format(head="var p = 'Secret%Pass/1'\n", password="p", tail=f"output o string = {value}")
    assert said(look(tmp_path, {"main.bicep": text}), "PGF409") == ([verdict] if verdict else [])


def test_every_parameter_of_a_template_must_hide_it(tmp_path: Path) -> None:
    module = BICEP.format(head="param p string\n", password="p", tail="@secure()\noutput o string = p")
    root = SECURE + "module m 'm.bicep' = {\n  name: 'm'\n  params: { p: p }\n}\noutput o string = m.outputs.o\n"
    found = said(look(tmp_path, {"main.bicep": root, "m.bicep": module}), "PGF408", "PGF409")
    assert found == ["408 m.s", "409 outputs.o"]


def test_members_of_parameters_that_are_not_known_are_not_one(tmp_path: Path) -> None:
    """All that is known of them is that one object holds them."""
    module = BICEP.format(head=SECURE + "param name string\n", password="p", tail="output o string = name")
    root = "param all object\nmodule m 'm.bicep' = {\n  name: 'm'\n  params: all\n}\n"
    assert said(look(tmp_path, {"main.bicep": root, "m.bicep": module}), "PGF409") == []


@pytest.mark.parametrize("ephemeral", ["", "ephemeral."])
@pytest.mark.parametrize("index", ["", "[0]"])
def test_generators_are_found_by_what_refers_to_them(ephemeral: str, index: str, tmp_path: Path) -> None:
    kind = "ephemeral" if ephemeral else "resource"
    count = "count  = 1\n  " if index else ""
    attribute = "administrator_password_wo" if ephemeral else "administrator_password"
    generator = f'{kind} "random_password" "g" {{\n  {count}length = 8\n}}\n'
    password = f"{ephemeral}random_password.g{index}.result"
    server = f'resource "azurerm_postgresql_flexible_server" "s" {{\n  {attribute} = {password}\n}}\n'
    files = {"main.tf": PROVIDER + generator + server}
    assert said(look(tmp_path, files), "PGF410") == [f"410 {ephemeral}random_password.g{index}"]


def test_what_has_one_name_is_one() -> None:
    key = object()
    one, other = (Unknown("variable 'x' has no value", VALUE, key=each) for each in (key, key))
    equality = Equality(text=str)
    assert equality.equal(one, other) is True
    assert equality.equal(one, Unknown("variable 'x' has no value", VALUE, key=object())) is None
    assert equality.equal(one, one.map(str.upper)) is None


def test_what_decides_is_no_way() -> None:
    test = known(True).via(VALUE, "variable 'x'", sensitive=False)
    chosen = known("a").via(VALUE, "variable 'y'", sensitive=True)
    assert [step.decides for step in merge_traces((deciding(test), chosen))] == [True, False]
    assert [step.decides for step in merge_traces((deciding(test), test))] == [False]


PARAMETERS = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "p": { "value": "%s" } }
}
"""


@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize(
    ("default", "files"),
    [
        ("", {"main.parameters.json": PARAMETERS % "${PG_PASSWORD}"}),
        ("", {"main.parameters.json": PARAMETERS % "Pre-${PG_PASSWORD}"}),
        ("", {"main.parameters.json": PARAMETERS % "$(secretOrRandomPassword kv pw)"}),
        ("", {"main.parameters.json": PARAMETERS % "#{DB_PASSWORD}#"}),
        ("", {"main.bicepparam": "using 'main.bicep'\nparam p = '#{DB_PASSWORD}#'\n"}),
        (" = '#{DB_PASSWORD}#'", {}),
    ],
)
def test_a_placeholder_is_filled_in_through_its_parameter(
    default: str, files: dict[str, str], secure: bool, tmp_path: Path
) -> None:
    head = f"{'@secure()' if secure else ''}\nparam p string{default}\n"
    report = look(tmp_path, {"main.bicep": BICEP.format(head=head, password="p", tail=""), **files})
    assert said(report, "PGF407", "PGF408") == ([] if secure else ["408 s"])


@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize(
    ("default", "files"),
    [
        ('"#{DB_PASSWORD}#"', {}),
        ('"<password>"', {}),
        ("null", {"terraform.tfvars": 'p = "#{DB_PASSWORD}#"\n'}),
    ],
)
def test_a_placeholder_is_filled_in_through_its_variable(
    default: str, files: dict[str, str], secure: bool, tmp_path: Path
) -> None:
    variable = f'variable "p" {{\n  default   = {default}\n  sensitive = {str(secure).lower()}\n}}\n'
    report = look(tmp_path, {**terraform("var.p", variable), **files})
    server = "408 azurerm_postgresql_flexible_server.s"
    assert said(report, "PGF407", "PGF408") == ([] if secure else [server])


SEC = "@secure()\nparam sec object\n"


@pytest.mark.parametrize(
    ("password", "value", "verdict"),
    [
        ("sec.pw", "sec.host", ""),
        ("sec.pw", "sec.pw", "409 outputs.o"),
        ("sec.pw", "sec.PW", "409 outputs.o"),
        ("sec.pw", "sec['pw']", "409 outputs.o"),
        ("sec.pw", "sec", "409 outputs.o"),
        ("sec.pw", "string(sec)", "409 outputs.o"),
        ("sec.pw", "'x ${sec.host}'", ""),
        ("sec.pw", "sec[x]", "409 ?"),
        ("sec.db.pw", "sec.host", ""),
        ("sec.db.pw", "sec.db.host", ""),
        ("sec.db.pw", "sec.db", "409 outputs.o"),
        ("sec.pw ?? p", "sec.host", ""),
        ("sec.pw ?? p", "sec.pw", "409 ?"),
        ("sec.pw ?? p", "sec", "409 ?"),
        ("sec[x]", "sec.pw", "409 ?"),
        ("sec[x]", "sec", "409 outputs.o"),
        ("sec[x].pw", "sec.one.host", ""),
        ("sec[x].pw", "sec[x].host", ""),
        ("sec[x].pw", "sec.one.pw", "409 ?"),
        ("sec[x].pw", "sec.one", "409 ?"),
        ("sec[x].pw", "sec[x]", "409 outputs.o"),
        ("first(items(sec)).value", "sec.host", "409 ?"),
        ("split(p, '@')[0]", "p", "409 ?"),
        ("split(p, '@')[0]", "split(p, '@')[1]", "409 ?"),
    ],
)
def test_another_member_of_an_object_does_not_tell_the_password(
    password: str, value: str, verdict: str, tmp_path: Path
) -> None:
    text = BICEP.format(head=SECURE + SEC + "param x string\n", password=password, tail=f"output o object = {value}")
    assert said(look(tmp_path, {"main.bicep": text}), "PGF409") == ([verdict] if verdict else [])


@pytest.mark.parametrize("type_", ["object", "secureObject"])
@pytest.mark.parametrize(
    ("value", "verdict"), [("host", []), ("pw", ["409 outputs.o"]), ("PW", ["409 outputs.o"]), ("', 'x", ["409 ?"])]
)
def test_another_member_of_an_object_of_arm(type_: str, value: str, verdict: list[str], tmp_path: Path) -> None:
    shown = f"parameters('o').{value}" if value.isalpha() else "first(items(parameters('o')))"
    report = look(tmp_path, {"main.json": arm({"o": {"type": type_}}, "[parameters('o').pw]", f"[{shown}]")})
    assert said(report, "PGF409") == verdict


MASKED = """\
var cs = 'postgresql://adm:${p}@${s.properties.fullyQualifiedDomainName}/db'
"""


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("cs", "409 outputs.o"),
        ("toUpper(cs)", "409 outputs.o"),
        ("trim(cs)", "409 outputs.o"),
        ("padLeft(p, 40)", "409 outputs.o"),
        ("join([ p, 'x' ], ';')", "409 outputs.o"),
        ("base64ToString(base64(p))", "409 outputs.o"),
        ("dataUri(cs)", "409 outputs.o"),
        ("json('[\"${p}\"]')", "409 outputs.o"),
        ("items({ a: p })", "409 outputs.o"),
        ("replace(cs, p, '***')", "409 ?"),
        ("last(split(cs, '@'))", "409 ?"),
        ("first(split(cs, ':'))", "409 ?"),
        ("split(cs, '@')[1]", "409 ?"),
        ("split(cs, p)", "409 ?"),
        ("take(cs, 10)", "409 ?"),
        ("skip(cs, 10)", "409 ?"),
        ("substring(cs, 0, 10)", "409 ?"),
        ("union({ p: p }, x)", "409 ?"),
        ("indexOf(cs, '@')", ""),
        ("lastIndexOf(cs, '@')", ""),
        ("length(cs) + 1", ""),
        ("p > 'a'", ""),
        ("p =~ 'a'", ""),
        ("p != 'a'", ""),
        ("startsWith(p, 'a')", ""),
        ("contains(x, p)", ""),
    ],
)
def test_what_is_left_of_a_password_may_not_tell_it(value: str, verdict: str, tmp_path: Path) -> None:
    text = BICEP.format(head=SECURE + "param x object\n", password="p", tail=f"{MASKED}output o object = {value}")
    assert said(look(tmp_path, {"main.bicep": text}), "PGF409") == ([verdict] if verdict else [])


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("[concat('x', parameters('p'))]", ["409 outputs.o"]),
        ("[toLower(parameters('p'))]", ["409 outputs.o"]),
        ("[replace(concat('x', parameters('p')), parameters('p'), '*')]", ["409 ?"]),
        ("[last(split(concat('x@', parameters('p')), '@'))]", ["409 ?"]),
        ("[indexOf(parameters('p'), '@')]", []),
        ("[greater(parameters('p'), 'a')]", []),
        ("[not(equals(parameters('p'), 'a'))]", []),
    ],
)
def test_what_is_left_of_a_password_in_arm(value: str, verdict: list[str], tmp_path: Path) -> None:
    report = look(tmp_path, {"main.json": arm({"p": {"type": "securestring"}}, "[parameters('p')]", value)})
    assert said(report, "PGF409") == verdict


URL = f'locals {{\n  cs = "postgresql://adm:${{{GENERATED}}}@h/app"\n}}\n'


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("local.cs", "!"),
        ("upper(local.cs)", "!"),
        ("chomp(local.cs)", "!"),
        ("nonsensitive(local.cs)", "!"),
        (f'replace(local.cs, {GENERATED}, "***")', "?"),
        ('replace(local.cs, "/:[^:@]*@/", ":***@")', "?"),
        (f"trim(local.cs, {GENERATED})", "?"),
        (f"trimsuffix(local.cs, {GENERATED})", "?"),
        ('element(split("@", local.cs), 1)', "?"),
        ("substr(local.cs, 0, 10)", "?"),
        (f"length({GENERATED})", ""),
        (f"nonsensitive(length({GENERATED}))", ""),
        (f'{GENERATED} != ""', ""),
        (f'{GENERATED} == "a" || {GENERATED} == "b"', ""),
        (f'!startswith({GENERATED}, "a")', ""),
        (f"can({GENERATED})", ""),
        (f'can(regex("a", {GENERATED}))', ""),
        (f'strcontains({GENERATED}, "a") ? "yes" : "no"', ""),
    ],
)
@pytest.mark.parametrize("rule", ["PGF409", "PGF411"])
def test_what_is_left_of_a_password_in_terraform(value: str, verdict: str, rule: str, tmp_path: Path) -> None:
    shown = output(value) if rule == "PGF409" else resource("azurerm_key_vault_secret", f"value = {value}")
    address = "output.o" if rule == "PGF409" else "azurerm_key_vault_secret.t"
    number = rule[3:]
    report = look(tmp_path, terraform(GENERATED, URL, shown))
    assert said(report, rule) == {"!": [f"{number} {address}"], "?": [f"{number} ?"], "": []}[verdict]


def arm(parameters: object, password: str, value: str) -> str:
    server = {
        "type": "Microsoft.DBforPostgreSQL/flexibleServers",
        "apiVersion": "2024-08-01",
        "name": "pg",
        "properties": {"administratorLogin": "ledgeradmin", "administratorLoginPassword": password},
    }
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [server],
        "outputs": {"o": {"type": "object", "value": value}},
    }
    return json.dumps(template, indent=2)


BLANKS = ["", " ", "<to-be-set>", "REPLACE"]


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("suffix", []),
        ("x ? 'x' : '{0}'", []),
        ("'{0}'", []),
        ("empty(p) ? '{0}' : 'set'", []),
        ("p", ["409 outputs.o"]),
        ("toUpper(p)", ["409 outputs.o"]),
        ("s.properties.administratorLoginPassword", ["409 outputs.o"]),
    ],
)
def test_what_stands_for_a_password_that_is_not_given_is_none(
    blank: str, value: str, verdict: list[str], tmp_path: Path
) -> None:
    head = f"@secure()\nparam p string = '{blank}'\nparam suffix string = '{blank}'\nparam x bool\n"
    text = BICEP.format(head=head, password="p", tail=f"output o string = {value.format(blank)}")
    assert said(look(tmp_path, {"main.bicep": text}), "PGF409") == verdict


@pytest.mark.parametrize("blank", BLANKS)
def test_what_stands_for_a_password_in_arm(blank: str, tmp_path: Path) -> None:
    parameters = {
        "p": {"type": "securestring", "defaultValue": blank},
        "domain": {"type": "string", "defaultValue": blank},
    }
    for value, verdict in {"[parameters('domain')]": [], "[parameters('p')]": ["409 outputs.o"]}.items():
        report = look(tmp_path, {"main.json": arm(parameters, "[parameters('p')]", value)})
        assert said(report, "PGF409") == verdict


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize(
    ("password", "value", "shown"),
    [
        ("var.p", "var.suffix", False),
        ("var.p", '"{0}"', False),
        ("var.p", "var.p", True),
        ("var.all.p", "var.all.suffix", False),
        ("var.all.p", "var.all.p", True),
        ('jsondecode(file("c.json")).p', 'jsondecode(file("c.json")).host', False),
        ("local.file.p", "local.file.host", False),
        ('var.on ? "{0}" : random_string.r.result', '"{0}"', False),
    ],
)
def test_what_stands_for_a_password_in_terraform(
    blank: str, password: str, value: str, shown: bool, tmp_path: Path
) -> None:
    variables = (
        f'variable "p" {{\n  default = "{blank}"\n  sensitive = true\n}}\n'
        f'variable "suffix" {{\n  default = "{blank}"\n}}\n'
        f'variable "all" {{\n  default = {{ p = "{blank}", suffix = "{blank}" }}\n}}\n'
        'variable "on" {}\nlocals {\n  file = jsondecode(file("c.json"))\n}\n'
    )
    value = value.format(blank)
    secret = resource("azurerm_key_vault_secret", f"value = {value}")
    files = terraform(password.format(blank), variables, output(value), secret)
    files["c.json"] = json.dumps({"p": blank, "host": blank})
    found = said(look(tmp_path, files), "PGF409", "PGF411")
    assert found == (["409 output.o", "411 azurerm_key_vault_secret.t"] if shown else [])


@pytest.mark.parametrize(
    ("blank", "verdict"),
    [("REPLACE", []), ("<to-be-set>", []), ("", []), ("one-word", ["409 outputs.o"])],
)
def test_what_stands_for_a_password_in_a_parameter_file(blank: str, verdict: list[str], tmp_path: Path) -> None:
    text = BICEP.format(head=SECURE + "param host string\n", password="p", tail="output o string = host")
    parameters = json.loads(PARAMETERS % blank)
    parameters["parameters"]["host"] = {"value": blank}
    report = look(tmp_path, {"main.bicep": text, "main.parameters.json": json.dumps(parameters, indent=2)})
    assert said(report, "PGF409") == verdict


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("upper(local.p)", ["409 output.o"]), ('"x-${lower(local.p)}"', ["409 output.o"]), ('"SECRET-PASS"', [])],
)
def test_a_literal_in_another_case_is_told_by_its_way(value: str, verdict: list[str], tmp_path: Path) -> None:
    files = terraform("local.p", 'locals {\n  p = "Secret-Pass"\n}\n', output(value))
    assert said(look(tmp_path, files), "PGF409") == verdict
