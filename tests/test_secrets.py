"""Passwords never appear in any output: whole files through the command's own pipeline, those that are broken too."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.outputs import FORMATS, Options, renderer
from pgflexlint.redaction.literals import literals
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.redaction.scan import secret_ranges
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint.source import SourceFile, Span
from pgflexlint_rules import RULES
from tests.test_template_evaluation import SCHEMA

HIDDEN = ("Hunter2", "Secret!", "SHVudGVy")
PROVIDER = 'provider "azurerm" {\n  features {}\n}\n'


def server(*lines: str, resource: str = "azurerm_postgresql_flexible_server") -> str:
    body = "".join(f"  {line}\n" for line in ('name = "db"', 'version = "11"', *lines, "storage_mb = 32768"))
    return f'{PROVIDER}resource "{resource}" "main" {{\n{body}}}\n'


def terraform(name: str, *lines: str, more: str = "", **files: str) -> object:
    return pytest.param({"main.tf": server(*lines) + more, **files}, id=name)


BICEP = """\
{0}
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'db'
  location: 'westeurope'
  properties: {{
    version: '11'
    administratorLogin: 'admin'
    administratorLoginPassword: {1}
    backup: {{ backupRetentionDays: 7 }}
  }}
}}
"""


def bicep(name: str, value: str, head: str = "", **files: str) -> object:
    return pytest.param({"main.bicep": BICEP.format(head, value), **files}, id=f"bicep {name}")


def arm(
    name: str,
    value: str,
    *,
    files: dict[str, str] | None = None,
    broken: bool = False,
    bare: bool = False,
    **parts: object,
) -> object:
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        **parts,
        "resources": [
            {
                "type": "Microsoft.DBforPostgreSQL/flexibleServers",
                "apiVersion": "2024-08-01",
                "name": "db",
                "location": "westeurope",
                "properties": {
                    "version": "11",
                    "administratorLoginPassword": value,
                    "backup": {"backupRetentionDays": 7},
                },
            }
        ],
    }
    text = json.dumps(template, indent=2)
    if broken:
        text = text.replace('Secret!"', "Secret!")
    if bare:
        text = text.replace('"Hunter2', "Hunter2")
    return pytest.param({"main.json": text, **(files or {})}, id=f"arm {name}")


PARAMETERS = json.dumps({
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"p": {"value": "Hunter2Secret!"}},
}, indent=2)  # fmt: skip
VARIABLE = 'variable "p" {\n  type = string\n}\n'

FILES = [
    terraform(
        "written in base64",
        'administrator_password = "Hunter2-Secret!1"',
        more='output "o" {\n  value = "SHVudGVyMi1TZWNyZXQhMQ=="\n}\n',
    ),
    terraform(
        "single server on one line",
        more='resource "azurerm_postgresql_server" "o2" { administrator_login_password = "Hunter2Secret!" }\n',
    ),
    terraform("not closed", 'administrator_password = "Hunter2Secret!'),
    terraform("two strings", 'administrator_password = "Hunter2Secret!" "x"'),
    terraform("two strings, second", 'administrator_password = "x" "Hunter2Secret!"'),
    terraform("no quotes", "administrator_password = Hunter2Secret!"),
    terraform("no quotes, a name", "administrator_password = Hunter2Secret"),
    terraform("no quotes, two words", "administrator_password = Hunter2 Secret!"),
    terraform("no quotes, a number", "administrator_password = 12Hunter2Secret!"),
    terraform("odd quotes", "administrator_password = “Hunter2Secret!”"),
    terraform("single quotes", "administrator_password = 'Hunter2Secret!'"),
    terraform("no equals sign", 'administrator_password "Hunter2Secret!"'),
    terraform("on the next line", "administrator_password =", '  "Hunter2Secret!"'),
    terraform("heredoc", "administrator_password = <<EOT", "Hunter2Secret!", "EOT"),
    terraform("heredoc not closed", "administrator_password = <<EOT", "Hunter2Secret!"),
    *(
        terraform(f"no hint, {name}", "administrator_password = local.p", more=f"locals {{\n{lines}\n}}\n")
        for name, lines in (
            ("no quotes", "  p = Hunter2Secret!"),
            ("two words", "  p = Hunter2 Secret!"),
            ("like an expression", "  p = Hunter2.Secret[!x]"),
            ("like a call", "  p = x(Hunter2 + Secret!)"),
            ("no equals sign", "  p Hunter2Secret"),
            ("no name", "  Hunter2 Secret!"),
            ("a colon", "  p : Hunter2Secret!"),
            ("behind another one", '  a = "x" p = Hunter2Secret!'),
            ("on the next line", "  p =\n  Hunter2Secret!"),
            ("over lines", '  p = "Hunter2\nSecret = Hunter2"'),
            ("heredoc not closed", "  p = <<EOT\nHunter2 = Secret!"),
        )
    ),
    terraform(
        "tfvars with two words", "administrator_password = var.p", more=VARIABLE,
        **{"terraform.tfvars": "p = Hunter2 Secret!\n"},
    ),
    terraform(
        "tfvars, behind another one", "administrator_password = var.p", more=VARIABLE,
        **{"terraform.tfvars": 'a = "b" p = Hunter2 Secret!\n'},
    ),
    terraform("written", 'administrator_password = "Hunter2Secret!"'),
    terraform("escaped", 'administrator_password = "Hunter2\\u0053ecret!"'),
    terraform("join", 'administrator_password = join("", ["Hunter2","Secret!"])'),
    terraform("join on lines", 'administrator_password = join("", [', '"Hunter2",', '"Secret!"])'),
    terraform("base64", 'administrator_password = base64decode("SHVudGVyMlNlY3JldCE=")'),
    terraform("conditional", 'administrator_password = var.x ? "Hunter2Secret!" : "Secret!Hunter2"'),
    terraform("in a template", 'administrator_password = "${join("", ["Hunter2", "Secret!"])}"'),
    terraform(
        "base64 of a local", "administrator_password = base64decode(local.p)",
        more='locals { p = "SHVudGVyMlNlY3JldCE=" }\n',
    ),
    terraform(
        "join through a module's names", "administrator_password = local.p",
        more='locals {\n  p = join("", [local.a, "Secret!"])\n  a = "Hunter2"\n}\n',
    ),
    terraform(
        "default of a variable of objects", "backup_retention_days = var.db.days",
        more='variable "db" { default = { days = 7, password = "Hunter2Secret!" } }\n',
    ),
    terraform(
        "local of objects", "backup_retention_days = local.db.days",
        more='locals { db = { days = 7, administrator_password = "Hunter2Secret!" } }\n',
    ),
    terraform(
        "quoted key", "backup_retention_days = local.db.days",
        more="locals { db = { days = 7, \"adminPwd\" : \"Hunter2Secret!\", apiKey = join(\"\", [\"Secret!\"]) } }\n",
    ),
    terraform("a comma in locals", more='locals { pw = "Hunter2Secret!" , x = 1 }\n'),
    terraform("default not closed", more='variable "admin_password" {\n  default = "Hunter2Secret!\n}\n'),
    terraform(
        "tfvars", "administrator_password = var.p", more=VARIABLE, **{"terraform.tfvars": 'p = "Hunter2Secret!"\n'}
    ),
    terraform(
        "tfvars not closed", "administrator_password = var.p", more=VARIABLE,
        **{"terraform.tfvars": 'p = "Hunter2Secret!\n'},
    ),
    terraform(
        "tfvars without quotes", "administrator_password = var.p", more=VARIABLE,
        **{"terraform.tfvars": "p = Hunter2Secret!\n"},
    ),
    terraform(
        "tfvars with a name", "administrator_password = var.p", more=VARIABLE,
        **{"terraform.tfvars": "p = Hunter2Secret\n"},
    ),
    terraform(
        "tfvars.json not closed", "administrator_password = var.p", more=VARIABLE,
        **{"terraform.tfvars.json": '{"p": "Hunter2Secret!\n}\n'},
    ),
    terraform(
        "in a connection string", 'public_network_access_enabled = true',
        more='resource "azurerm_linux_web_app" "a" {\n  app_settings = {\n'
        '    URL = "postgres://u:Hunter2Secret!@db.postgres.database.azure.com/x?sslmode=disable"\n  }\n}\n',
    ),
    terraform(
        "escaped in a connection string", 'public_network_access_enabled = true',
        more='resource "azurerm_linux_web_app" "a" {\n  app_settings = {\n'
        '    URL = "postgres://u:Hunter2Secret%21@db.postgres.database.azure.com/x?sslmode=disable"\n  }\n}\n',
    ),
    terraform(
        "beside a host", 'public_network_access_enabled = true',
        more='resource "azurerm_linux_web_app" "a" {\n  app_settings = {\n'
        '    PGPASS = join("", ["Hunter2", "Secret!"])\n'
        '    PGHOST = "db.postgres.database.azure.com"\n    PGSSLMODE = "disable"\n  }\n}\n',
    ),
    terraform(
        "below its name in YAML",
        'tags = { a = "password: |\\n  Hunter2Secret!\\n" }', "tags = { b = <<EOT", "tokens:", "- Secret!",
        "%{ if var.x }", '"password": | # x', "  Hunter2", "%{ endif }", "EOT", "}",
    ),
    terraform("in a Kubernetes Secret in YAML", 'tags = { a = "kind: Secret\\nstringData:\\n  a: Hunter2" }'),
    terraform("in YAML in JSON", 'tags = { a = jsonencode({ b = "password: |\\n  Hunter2Secret!\\n" }) }'),
    terraform(
        "put in behind a colon and a sign",
        'tags = { a = format("Server=%s;Password=%s", "tcp:psql-a,5432", "Hunter2") }',
        'tags = { a = format("%s&password=%-10s", "a=b", "Hunter2") }',
    ),
    terraform("in .pgpass", 'tags = { a = "10.0.0.4:5432:d:adm:Hunter2", b = "psqlprod:*:d:adm:Secret!" }'),
    terraform(
        "of a role", 'public_network_access_enabled = true',
        more='resource "postgresql_role" "r" {\n  name = "r"\n  superuser = true\n  password = local.a\n}\n'
        'locals {\n  a = "Hunter2Secret!"\n}\n',
    ),
    terraform(
        "of a provider", 'public_network_access_enabled = true',
        more='provider "postgresql" {\n  host = "db.postgres.database.azure.com"\n  password = local.a\n}\n'
        'locals {\n  a = "Hunter2Secret!"\n}\n',
    ),
    terraform(
        "in a vault", "administrator_password = random_password.p.result",
        more='resource "random_password" "p" {\n  length = 9\n}\nresource "azurerm_key_vault_secret" "a" {\n'
        '  value = "${random_password.p.result}${local.a}"\n}\nlocals {\n  a = "Hunter2Secret!"\n}\n'
        'resource "azurerm_key_vault_secret" "b" {\n  value = local.a\n}\n',
    ),
    terraform(
        "in an output", 'administrator_password = "Hunter2Secret!"',
        more='output "o" {\n  value = "x Hunter2Secret! ${azurerm_postgresql_flexible_server.main.fqdn}"\n}\n',
    ),
    terraform(
        "default of a sensitive variable", "backup_retention_days = var.days",
        more='variable "days" {\n  type = string\n  sensitive = true\n  default = "Hunter2Secret!"\n}\n',
    ),
    bicep("written", "'Hunter2Secret!'"),
    bicep(
        "default of another secure parameter", "'x'",
        "@description('days')\n@secure()\n@minLength(2)\nparam days string = 'Hunter2Secret!'",
    ),
    bicep(
        "in an output", "p",
        "param p string = 'Hunter2Secret!'\noutput o string = 'x Hunter2Secret!'",
    ),
    bicep(
        "in a connection string", "p",
        "@secure()\nparam p string\nresource a 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {\n  name: 'a/b'\n"
        "  properties: { value: 'Host=x.postgres.database.azure.com;Pwd=Hunter2Secret!;Ssl Mode=Disable' }\n}",
    ),
    bicep("not closed", "'Hunter2Secret!"),
    bicep("no quotes", "Hunter2Secret!"),
    bicep("wrong quotes", '"Hunter2Secret!"'),
    *(
        bicep(f"no hint, {name}", "p", lines)
        for name, lines in (
            ("no quotes", "var p = Hunter2Secret!x"),
            ("wrong quotes", 'var p = "Hunter2Secret!"'),
            ("two words", "var p = Hunter2 Secret!"),
            ("typed", "param p string = Hunter2 Secret!"),
            ("no equals sign", "var p Hunter2Secret"),
            ("like a call", "var p = x(Hunter2 Secret!)"),
            ("in an object", "var o = {\n  p: Hunter2 Secret!\n}\nvar p = o.p"),
            ("in a list", "var o = [\n  Hunter2 Secret!\n]\nvar p = o[0]"),
            ("lines not closed", "var p = '''\nHunter2 = Secret!\n"),
        )
    ),
    bicep(
        "parameters, two words", "p", "param p string",
        **{"main.bicepparam": "using 'main.bicep'\nparam p = Hunter2 Secret!\n"},
    ),
    bicep("concat", "concat('Hunter2', 'Secret!')"),
    bicep("base64", "base64ToString('SHVudGVyMlNlY3JldCE=')"),
    bicep("interpolated", "'${'Hunter2'}Secret!'"),
    bicep("default", "p", "@secure()\nparam p string = 'Hunter2Secret!'"),
    bicep("default not closed", "adminPassword", "param adminPassword string = 'Hunter2Secret!"),
    bicep("variables", "settings.password", "var settings = { days: 7, password: 'Hunter2Secret!' }"),
    bicep("lines", "'''\nHunter2Secret!\n'''"),
    bicep(
        "parameters", "p", "param p string",
        **{"main.bicepparam": "using 'main.bicep'\nparam p = 'Hunter2Secret!'\n"},
    ),
    bicep(
        "parameters not closed", "p", "param p string",
        **{"main.bicepparam": "using 'main.bicep'\nparam p = 'Hunter2Secret!\n"},
    ),
    arm("written", "Hunter2Secret!"),
    arm("not closed", "Hunter2Secret!", broken=True),
    arm("no quotes", "Hunter2Secret!", broken=True, bare=True),
    arm("no hint", "[variables('p')]", variables={"p": "Hunter2Secret!"}, bare=True),
    arm("default", "[parameters('p')]", parameters={"p": {"type": "string", "defaultValue": "Hunter2Secret!"}}),
    arm("default, unused", "x", parameters={"aPassword": {"type": "securestring", "defaultValue": "Hunter2Secret!"}}),
    arm("default of another", "x", parameters={"days": {"type": "secureString", "defaultValue": "Hunter2Secret!"}}),
    arm("default before the type", "x", parameters={"d": {"defaultValue": "Hunter2Secret!", "type": "secureString"}}),
    arm("concat", "[concat('Hunter2', 'Secret!')]"),
    arm("base64", "[base64ToString('SHVudGVyMlNlY3JldCE=')]"),
    arm("variables", "[variables('db').password]", variables={"db": {"days": 7, "password": "Hunter2Secret!"}}),
    arm(
        "parameters", "[parameters('p')]", parameters={"p": {"type": "securestring"}},
        files={"main.parameters.json": PARAMETERS},
    ),
    arm(
        "parameters not closed", "[parameters('p')]", parameters={"p": {"type": "securestring"}},
        files={"main.parameters.json": PARAMETERS.replace('Secret!"', "Secret!")},
    ),
]  # fmt: skip


@lru_cache
def _look(files: tuple[tuple[str, str], ...]) -> Report:
    with TemporaryDirectory() as directory:
        for name, text in files:
            (Path(directory) / name).write_text(text, encoding="utf-8")
        return analyze(target([directory], [], Path(directory)), RULES, RULES, Settings())


@pytest.mark.parametrize("show", [False, True], ids=["default", "unknown"])
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("files", FILES)
def test_no_password_appears(files: dict[str, str], name: str, show: bool) -> None:
    report = _look(tuple(files.items()))
    assert report.findings or report.problems
    output = renderer(name)(report, Options(show_unknown=show, show_suppressed=show))
    assert [word for word in HIDDEN if word in output] == []
    if name == "sarif" and Redactor.MARK in output:
        (run,) = json.loads(output)["runs"]
        assert run["redactionTokens"] == [Redactor.MARK]


@pytest.mark.parametrize("files", FILES)
def test_no_password_appears_on_any_line_that_could_be_shown(files: dict[str, str]) -> None:
    """Whichever line a rule may speak of some day."""
    report = _look(tuple(files.items()))
    seen = {span.file for each in report.findings for span in (each.span, *(step.span for step in each.trace))}
    seen |= {problem.span.file for problem in report.problems if problem.span}
    for file in seen:
        shown = report.secrets.source(Span(file, 0, len(file.text)))
        assert [word for word in HIDDEN if word in shown] == []


@pytest.mark.parametrize(
    "text",
    [
        "administrator_password = var.admin_password",
        "administrator_password = random_password.db.result",
        "administrator_password = each.value.password",
        'administrator_password = var.passwords["main"]',
        'administrator_password = "${var.admin_password}"',
        "password = local.secrets[each.key].token",
        "password_auth_enabled = true",
        'password_encryption = "md5"',
        "type = object({ password = string, token = optional(string) })",
        'variable "admin_password" {\n  type = string\n  sensitive = true\n}',
        "param adminPassword string",
        "param adminPassword string\nresource x 'y@z' = { password: adminPassword }",
        "resource vault 'x@y' existing = {}\nadministratorLoginPassword: vault.getSecret('db')",
        "passwordAuth: 'Enabled'",
        '"administratorLoginPassword": "[parameters(\'adminPassword\')]"',
        '"passwordAuth": "Disabled"',
        'var.password != "" && var.password == "x"',
        'variable "days" {\n  default = "abcd"\n  sensitive = false\n}',
        "@secure()\nparam days string\n\nparam other string = 'abcd'",
        '"days": { "type": "string", "defaultValue": "abcd" }, "other": { "type": "securestring" }',
        "{ for name, password in var.all : name => password }",
    ],
)
def test_what_is_no_literal_stays_readable(text: str) -> None:
    assert list(secret_ranges(text)) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('password = "abcd" # why', 'password = "[REDACTED]" # why'),
        ('password = "abcd', 'password = "[REDACTED]'),
        ("{ PASSWORD: 'abcd', x: 1 }", "{ PASSWORD: '[REDACTED]', x: 1 }"),
        ('"connectionString": "a=b;c",', '"connectionString": "[REDACTED]",'),
        ('x = "Server=a;Password=abcd;"', 'x = "Server=a;Password=[REDACTED]"'),
        ("api-key = abcd", "api-key = [REDACTED]"),
        ("my_api_key = abcd", "my_api_key = [REDACTED]"),
        ('db_pw = ["ab", "cd"]', 'db_pw = ["[REDACTED]", "[REDACTED]"]'),
        ('spw = "abcd"', 'spw = "abcd"'),
        ('password = var.x ? "abcd" : var.y', 'password = var.x ? "[REDACTED]" : var.y'),
        ('passwords = { a = "abcd" }', 'passwords = { a = "[REDACTED]" }'),
        ('variable "pw" { default = "abcd" }', 'variable "pw" { default = "[REDACTED]" }'),
    ],
)
def test_what_a_name_gives_away_is_blanked(text: str, shown: str) -> None:
    file = SourceFile("a.tf", text)
    assert Redactor().source(Span(file, 0, len(text))) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  p = Hunter2 x", "  p = [REDACTED]"),
        ("  sku_name = ", "  sku_name = "),
        ("  sku_name B_Standard", "  [REDACTED]"),
        ("  }}", "  }}"),
        ('resource "a" "b" x {', 'resource "a" "b" [REDACTED]'),
        ("locals {", "locals {"),
        ("param p string = abcd x", "param p string = [REDACTED]"),
        ("resource s 'Microsoft.X/y@2024-08-01' existing = {", "resource s 'Microsoft.X/y@2024-08-01' existing = {"),
        ('  "p": abcd, "q": 1', '  "p": [REDACTED]'),
        ("    p: abcd x", "    p: [REDACTED]"),
        ("{ p: abcd x }", "{ p: [REDACTED]"),
    ],
)
def test_what_a_line_that_cannot_be_read_shows(text: str, shown: str) -> None:
    file = SourceFile("a.tf", f"{text}\nmore = x\n")
    line = Span(file, 0, len(text))
    assert Redactor().with_broken([Span(file, len(text), len(text))]).source(line) == shown


def test_a_line_below_a_broken_line_shows_nothing() -> None:
    """It may be the rest of a text that is not closed."""
    file = SourceFile("a.tf", "p = <<A\nabcd = x\n")
    whole = Span(file, 0, len(file.text))
    assert Redactor().with_broken([whole]).source(whole) == "p = [REDACTED]\n[REDACTED]\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("main.bicep", "resouce s 'a@b' = {}", "No statement begins with 'resouce'; did you mean 'resource'?"),
        ("main.bicep", "using 'main.bicep'", "No statement begins with 'using'."),
        ("main.bicep", "Hunter2 Secret", "No statement begins with '[REDACTED]'."),
        ("main.bicep", "param p string 'Hunter2'", "Here should be '=' or a new line, not a string."),
        ("main.bicep", "param p Hunter2 'Hunter2'", "Here should be '=' or a new line, not a string."),
        ("main.bicep", "resource s 'a@b' existng = {}", "Here should be 'existing', not 'existng'."),
        ("main.bicep", "resource s 'a@b' Hunter2 = {}", "Here should be 'existing', not '[REDACTED]'."),
        (
            "main.bicep",
            "var a = { publicNetworkAccess: 1, publicNetworkAccess: Hunter2 }",
            "The property 'publicNetworkAccess' is declared twice; it is also declared on line 2.",
        ),
        ("main.bicep", "var a = { p: Hunter2 Secret }", "'[REDACTED]' is out of place here."),
        (
            "a.json",
            '"variables": { "publicNetworkAccess": 1, "publicNetworkAccess": "Hunter2" }',
            "Key 'publicNetworkAccess' is written twice; first on line 2.",
        ),
        ("a.json", '"resources": "Hunter2"', "'resources' should be an array or an object."),
        ("a.json", '"parameters": { "password": "Hunter2" }', "Parameter 'password' should be an object."),
        ("a.json", '"variables": { "v": "[equals(\'Hunter2\')]" }', "'equals' takes 2 arguments, not 1."),
        ("a.json", '"variables": { "v": "[Hunter2(\'a\']" }', "This '(' is never closed."),
        (
            "a.tf.json",
            '"resource": { "azurerm_postgresql_flexible_server": { "s": { "zone": "1", "zone": "Hunter2" } } }',
            "'zone' is written twice; first on line 2.",
        ),
        (
            "a.tf",
            'resource "azurerm_postgresql_flexible_server" "s" {\n  zone = "a zone"\n  zone = "Hunter2 zone"',
            "Argument 'zone' is set twice; it was first set on line 2.",
        ),
        (
            "main.bicep",
            "param location string\nparam location string",
            "The name 'location' is declared twice; it is also declared on line 2.",
        ),
        (
            "main.bicep",
            "var tags = { team: 'postgres', team: 'x' }",
            "The property 'team' is declared twice; it is also declared on line 2.",
        ),
    ],
)
def test_words_of_the_language_and_keys_are_said_where_a_line_cannot_be_read(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    """A word that the reader did not understand is not: it may be a part of a secret without quotes."""
    if name == "main.bicep":
        text = f"// postgresql\n{text}\n"
    elif name == "a.json":
        text = f'{{ "$schema": "{SCHEMA}",\n{text}, "x": "postgresql" }}'
    elif name == "a.tf":
        text = f"{text}\n}}\n"
    else:
        text = f"{{\n{text} }}"
    (tmp_path / name).write_text(text, encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert [problem.message for problem in report.problems] == [message]


def test_what_is_declared_twice_is_named_where_a_line_cannot_be_read(tmp_path: Path) -> None:
    variables = '[{ "location": { "default": 1, "default": "Hunter2" } }, { "location": {} }]'
    (tmp_path / "a.tf.json").write_text(f'{{ "variable": {variables}, "locals": {{ "a": "postgresql" }} }}')
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert [problem.message for problem in report.problems] == [
        "'default' is written twice; first on line 1.",
        "Variable 'location' is declared twice; first in a.tf.json on line 1.",
    ]


def test_a_hint_is_in_our_own_words(tmp_path: Path) -> None:
    text = "resource x 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { tags: { a: 'name Hunter2' } }\n"
    (tmp_path / "main.bicep").write_text(text)
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert [(each.message, each.hint) for each in report.problems] == [
        ("Resource 'x' has no name.", "Give it the property 'name'.")
    ]


def test_hostile_text_takes_no_long_time() -> None:
    for piece in (
        "password",
        "password=",
        "password={",
        'password="${',
        "password=(\n",
        "variable password ",
        "@secure()\n",
        "@secure() param x y=",
        '"type":"securestring",',
        '"defaultValue":',
        'variable "x" {',
        "=<<A\n",
    ):
        text = piece * (400_000 // len(piece))
        list(secret_ranges(text))
        list(literals(text, 0, len(text)))


def test_a_password_that_is_a_word_of_a_sentence_is_hidden_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(server('administrator_login = "root"', 'administrator_password = "password"'))
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    text = renderer("text")(report, Options())
    assert "The administrator password of server 'main' is written in the source code." in text
    assert 'administrator_password = "[REDACTED]"' in text
