"""Connection strings and groups of settings: what they say, and to which server they lead."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.normalize import connection_text
from pgflexlint.normalize.connection_text import Form, parse
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint.values import Known, Unknown, Value
from pgflexlint_rules import RULES
from tests.factory import VALUE, known


def bare(value: Value[Any] | None) -> Any:
    """A known value; of an unknown one its reason in brackets."""
    if value is None:
        return None
    return value.value if isinstance(value, Known) else f"<{value.reason}>"


def pieces(*parts: str | Unknown) -> Unknown:
    """A text with holes."""
    values = tuple(known(part) if isinstance(part, str) else part for part in parts)
    hole = next(part for part in parts if isinstance(part, Unknown))
    return Unknown(hole.reason, VALUE, parts=values, never_null=True)


def hole(reason: str) -> Unknown:
    return Unknown(reason, VALUE)


AZURE = "pg.postgres.database.azure.com"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"postgres://u:p@{AZURE}:5432/d?sslmode=require", (Form.URI, AZURE, "u", "p", "require")),
        (f"postgresql+asyncpg://u@{AZURE}/d?ssl=true&sslmode=VERIFY-FULL", (Form.URI, AZURE, "u", None, "verify-full")),
        (f"postgres://u:a%40b%2Fc@{AZURE}", (Form.URI, AZURE, "u", "a@b/c", None)),
        (f"jdbc:postgresql://{AZURE}:5432/d?user=u&password=p&sslmode=allow", (Form.JDBC, AZURE, "u", "p", "allow")),
        (f"host={AZURE} port=5432 user=u password='a b' sslmode=prefer", (Form.KEYWORDS, AZURE, "u", "a b", "prefer")),
        (f"Host={AZURE};Username=u;Password=p;SSL Mode=VerifyCA", (Form.ADO, AZURE, "u", "p", "verify-ca")),
        (f"Server=tcp:{AZURE},5432;User Id=u;Pwd=\"a;b\";Ssl Mode=Disable;", (Form.ADO, AZURE, "u", "a;b", "disable")),
        (f"Host={AZURE},b.{AZURE};Username=u;Password=p;Ssl Mode=Disable", (Form.ADO, AZURE, "u", "p", "disable")),
        (f"host={AZURE},b user=u sslmode=disable", (Form.KEYWORDS, AZURE, "u", None, "disable")),
        (f"postgresql:///d?host={AZURE}&user=u&password=p&sslmode=disable", (Form.URI, AZURE, "u", "p", "disable")),
        (f"postgresql://u:p@:5432/d?host={AZURE}&sslmode=disable", (Form.URI, AZURE, "u", "p", "disable")),
        (f"postgresql://u@x/d?host={AZURE}&sslmode=require&sslmode=disable", (Form.URI, AZURE, "u", None, "disable")),
        (f"Server=x;Host={AZURE};Ssl Mode=Require;SSLMode=Disable", (Form.ADO, AZURE, None, None, "disable")),
        (f"host={AZURE} hostaddr=10.0.0.4 sslmode=disable", (Form.KEYWORDS, AZURE, None, None, "disable")),
        ("hostaddr=10.0.0.4 sslmode=disable", (Form.KEYWORDS, "10.0.0.4", None, None, "disable")),
        (f'{{"a":"postgres://u@{AZURE}/d?sslmode=disable"}}', (Form.URI, AZURE, "u", None, "disable")),
        ("sslmode=disable", None),
        ("", None),
        ("postgres://", None),
        ("https://www.postgresql.org/docs", None),
        ("x" * 10_000, None),
    ],
)  # fmt: skip
def test_what_a_string_says(text: str, said: tuple[Any, ...] | None) -> None:
    assert all_said(text) == ([] if said is None else [said])


def test_a_string_of_json_that_does_not_end_is_read_once() -> None:
    string_ = connection_text._JSON_STRING
    for start in ('"a', '"'):
        for text in (start + '\\"a' * 50, start + "\\" * 101):
            assert [each.span() for each in string_.finditer(text)] == [(0, len(text))]


def all_said(text: str) -> list[tuple[Any, ...]]:
    return [(each.form, *map(bare, (each.host, each.user, each.password, each.sslmode))) for each in parse(known(text))]


def test_what_several_strings_in_one_text_say() -> None:
    first, second = (f"postgres://u:p@{AZURE}/d?a=1&sslmode={mode}" for mode in ("require", "disable"))
    said: list[tuple[Any, ...]] = [(Form.URI, AZURE, "u", "p", mode) for mode in ("require", "disable")]
    assert all_said(f"{first} {second}") == all_said(json.dumps({"a": first, "b": [second]})) == said
    assert all_said(json.dumps({"a": first, "b": [second]}).replace("&", "\\u0026")) == said
    first, second = (f"Host={AZURE};Username=u;Password=p;Ssl Mode={mode}" for mode in ("Require", "Disable"))
    said = [(Form.ADO, *rest) for _, *rest in said]
    assert all_said(json.dumps({"a;b": 'x="y"', "c": first, "d": {"e": second}})) == said
    first, second = (f"host={AZURE} user='u' password=p sslmode={mode}" for mode in ("require", "disable"))
    assert all_said(json.dumps([first, second])) == [(Form.KEYWORDS, *rest) for _, *rest in said]


@pytest.mark.parametrize(
    ("text", "trusts"),
    [
        (f"Host={AZURE};Trust Server Certificate=true", True),
        (f"Host={AZURE};TrustServerCertificate=True;Ssl Mode=Require", True),
        (f"Host={AZURE};Trust Server Certificate=false", False),
        (f"jdbc:postgresql://{AZURE}/d?ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory", True),
    ],
)
def test_trust_in_any_certificate(text: str, trusts: bool) -> None:
    (found,) = parse(known(text))
    assert found.trusts_any_certificate is trusts


def test_holes_stay_where_they_are() -> None:
    text = pieces(
        "postgres://", hole("user"), ":", hole("password"), "@db-", hole("name"), f".{AZURE}/d?sslmode=", hole("m")
    )
    (found,) = parse(text)
    assert [bare(each) for each in (found.user, found.password, found.sslmode)] == ["<user>", "<password>", "<m>"]
    assert isinstance(found.host, Unknown)
    assert [bare(part) for part in found.host.parts] == ["db-", "<name>", f".{AZURE}"]


def test_a_text_of_which_nothing_is_known_is_none() -> None:
    for value in (hole("x"), known(5), known(None)):
        assert [*parse(value)] == []


NAMES = st.text(string.ascii_letters + string.digits + "_-.", min_size=1, max_size=12)
SECRETS = st.text(string.printable, max_size=20)


@given(NAMES, SECRETS, NAMES, st.sampled_from(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]))
def test_a_uri_says_what_it_was_made_of(user: str, secret: str, name: str, mode: str) -> None:
    host = f"{name.strip('.')}.postgres.database.azure.com"
    text = f"postgres://{user}:{quote(secret, safe='')}@{host}:5432/d?connect_timeout=1&sslmode={mode}"
    (found,) = parse(known(text))
    assert [bare(each) for each in (found.user, found.password or known(""), found.host, found.sslmode)] == [
        user, secret, host, mode,
    ]  # fmt: skip


@given(st.text(), st.text())
def test_no_text_is_too_odd(start: str, end: str) -> None:
    for text in (
        known(start),
        known("{" + start + end),
        pieces(start, hole("x"), end),
        pieces(f"Host={start}", hole("x"), f";Username={end};"),
    ):
        assert all(each.host for each in parse(text))


# --- through the whole pipeline ---------------------------------------------------------------------------------------

PROVIDER = 'provider "azurerm" {\n  features {}\n}\n'
SERVER = """\
resource "azurerm_postgresql_flexible_server" "s" {
  name                = var.name
  administrator_login = var.login
}
variable "name" {}
variable "login" {}
"""


def look(room: Path, files: dict[str, str]) -> Report:
    for name, text in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    return analyze(target([str(room)], [], room), RULES, RULES, Settings())


def found(report: Report, rule: str) -> list[str]:
    return [str(finding.span) for finding in report.findings if finding.rule.id == rule]


def app(settings: str, resource: str = "azurerm_linux_web_app") -> str:
    return f'resource "{resource}" "a" {{\n  app_settings = {{\n    {settings}\n  }}\n}}\n'


@pytest.mark.parametrize(
    ("settings", "flagged"),
    [
        ("A_HOST = azurerm_postgresql_flexible_server.s.fqdn; A_USER = var.login", True),
        ("A_HOST = azurerm_postgresql_flexible_server.s.fqdn; B_USER = var.login", False),
        ('Db__Host = "${var.name}.postgres.database.azure.com"; Db__UserName = var.login', True),
        ('A_HOST = "other.postgres.database.azure.com"; A_USER = var.login', False),
        ("USER = azurerm_postgresql_flexible_server.s.administrator_login", False),
        ('URL = format("postgres://%s@%s/x", var.login, azurerm_postgresql_flexible_server.s.fqdn)', True),
        ('URL = join("", ["postgres://", var.login, "@", azurerm_postgresql_flexible_server.s.fqdn])', True),
        ('URL = jsonencode({ url = "postgres://${var.login}@${azurerm_postgresql_flexible_server.s.fqdn}/x" })', True),
    ],
)
def test_who_signs_in(settings: str, flagged: bool, tmp_path: Path) -> None:
    report = look(tmp_path, {"main.tf": PROVIDER + SERVER + app(settings.replace("; ", "\n    "))})
    assert not report.problems
    assert len(found(report, "PGF412")) == flagged


def test_a_connection_that_goes_through_a_module(tmp_path: Path) -> None:
    url = '"postgres://${var.login}@${azurerm_postgresql_flexible_server.s.fqdn}/x?sslmode=disable"'
    module = f'module "app" {{\n  source   = "./app"\n  settings = {{ URL = {url} }}\n}}\n'
    inner = 'variable "settings" {}\n' + app("").replace("{\n    \n  }", "var.settings")
    report = look(tmp_path, {"main.tf": PROVIDER + SERVER + module, "app/main.tf": inner})
    assert found(report, "PGF104") == ["app/main.tf:3:18"]
    assert len(found(report, "PGF412")) == 1


def test_a_password_that_is_written_once_is_said_once(tmp_path: Path) -> None:
    variable = 'variable "password" {\n  default = "Fake-Passw0rd-1"\n}\n'
    server = SERVER.replace("var.login\n", "var.login\n  administrator_password = var.password\n", 1)
    url = 'URL = "postgres://ledger:${var.password}@${azurerm_postgresql_flexible_server.s.fqdn}/x"'
    report = look(tmp_path, {"main.tf": PROVIDER + variable + server + app(url)})
    assert len(found(report, "PGF407")) == 1


CONTAINER = """\
resource "azurerm_container_app" "a" {
  secret {
    name  = "db"
    value = "postgres://app:Hunter2Hunter2@${azurerm_postgresql_flexible_server.s.fqdn}/app?sslmode=verify-full"
  }
  template {
    container {
      env {
        name        = "DB"
        secret_name = "db"
      }
    }
  }
}
"""
BICEP_CONTAINER = """\
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
}
resource app 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'app'
  properties: {
    configuration: {
      secrets: [
        {
          name: 'db'
          value: 'postgres://app:Hunter2Hunter2@${pg.properties.fullyQualifiedDomainName}/app?sslmode=verify-full'
        }
      ]
    }
    template: {
      containers: [
        { name: 'app', env: [{ name: 'DB', secretRef: 'db' }] }
      ]
    }
  }
}
"""


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("main.tf", PROVIDER + SERVER + CONTAINER, "main.tf:13:13"),
        ("main.bicep", BICEP_CONTAINER, "main.bicep:11:18"),
    ],
)
def test_a_secret_that_is_handed_to_a_container_is_said_once(file: str, text: str, place: str, tmp_path: Path) -> None:
    report = look(tmp_path, {file: text})
    (finding,) = [each for each in report.findings if each.rule.id == "PGF407"]
    assert str(finding.span) == place
    assert [related.text for related in finding.related] == ["Connection 'DB' uses the same value."]


OTHERS = """\
@secure()
param pw string
param id string
resource sql 'Microsoft.Sql/servers@2023-08-01' = {
  name: 'sql-${id}'
}
resource my 'Microsoft.DBforMySQL/flexibleServers@2023-12-30' = {
  name: 'my'
}
resource redis 'Microsoft.Cache/redis@2024-03-01' existing = {
  name: id
}
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
}
resource web 'Microsoft.Web/sites@2023-12-01' = {
  name: 'web'
  properties: {
    siteConfig: {
      %s: [
        { name: 'it', %s: 'Server=%s;User Id=a;Password=${pw};Database=x' }
      ]
    }
  }
}
"""
CONFIG = """\
resource config 'Microsoft.Web/sites/config@2023-12-01' = {
  parent: web
  name: 'connectionstrings'
  properties: {
    it: { type: '%s', value: 'Server=${id};User Id=a;Password=${pw};Database=x' }
  }
}
"""


def verdict(report: Report) -> str:
    """What is said of a connection without an sslmode."""
    assert not report.problems
    doubts = ["?" for doubt in report.doubts if doubt.rule.id == "PGF104"]
    return "".join(["!" for finding in report.findings if finding.rule.id == "PGF104"] + doubts)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("tcp:${sql.properties.fullyQualifiedDomainName},1433", ""),
        ("${reference(sql.id).fullyQualifiedDomainName}", ""),
        ("${my.properties.fullyQualifiedDomainName}", ""),
        ("${redis.properties.hostName}", ""),
        ("${sql.name}.database.windows.net", ""),
        ("tcp:${id}.mysql.database.azure.com,3306", ""),
        ("${id}.postgres.database.azure.com", "!"),
        ("${id}.private.postgres.database.azure.com", "!"),
        ("${id}.azure.com", "?"),
        ("${id}", "?"),
        ("${pg.properties.fullyQualifiedDomainName}", "!"),
    ],
)
def test_a_host_of_another_service_is_none(host: str, said: str, tmp_path: Path) -> None:
    text = OTHERS % ("appSettings", "value", host)
    assert verdict(look(tmp_path, {"main.bicep": text})) == said


@pytest.mark.parametrize(
    ("kind", "host", "said"),
    [
        ("SQLAzure", "${id}", ""),
        ("SQLServer", "${id}", ""),
        ("MySql", "${id}", ""),
        ("Custom", "${id}", "?"),
        ("PostgreSQL", "${id}", "?"),
        ("SQLAzure", "${pg.properties.fullyQualifiedDomainName}", "!"),
    ],
)
def test_the_type_of_a_connection_string_counts_where_its_host_says_nothing(
    kind: str, host: str, said: str, tmp_path: Path
) -> None:
    text = OTHERS % ("connectionStrings", f"type: '{kind}', connectionString", host)
    assert verdict(look(tmp_path, {"main.bicep": text})) == said
    if host == "${id}":
        text = OTHERS % ("appSettings", "value", "localhost") + CONFIG % kind
        assert verdict(look(tmp_path, {"main.bicep": text})) == said


@pytest.mark.parametrize(("kind", "said"), [("MySQL", ""), ("Custom", "?"), ("PostgreSQL", "?"), ("SQLAzure", "")])
def test_the_type_of_a_connection_string_counts_in_terraform(kind: str, said: str, tmp_path: Path) -> None:
    string = f'name = "x"\n    type = "{kind}"\n    value = "Server=${{var.host}};User Id=a;Database=x"'
    web = f'resource "azurerm_linux_web_app" "a" {{\n  connection_string {{\n    {string}\n  }}\n}}\n'
    assert verdict(look(tmp_path, {"main.tf": PROVIDER + SERVER + 'variable "host" {}\n' + web})) == said


def test_a_uri_is_found_in_a_long_text_as_well() -> None:
    script = "echo 'a=b; host=elsewhere';\n" * 1_000
    text = f"{script}psql 'postgres://u@{AZURE}/d?sslmode=disable'\n{script}"
    assert all_said(text) == [(Form.URI, AZURE, "u", None, "disable")]
    assert all_said(script) == []


BOSS = SERVER.replace("var.login", '"boss"')
CHOICES = [f'var.x["{number}"] == "1" ? {{ K{number} = 1 }} : {{}}' for number in range(6)]
USER, HOST = (f"azurerm_postgresql_flexible_server.s.{name}" for name in ("administrator_login", "fqdn"))
IN_PART = """variable "x" {
  type = map(string)
}
locals {
  url = "postgresql://boss@${azurerm_postgresql_flexible_server.s.fqdn}/d?sslmode=disable"
}
resource "azurerm_linux_web_app" "a" {
  app_settings = %s
}
"""


@pytest.mark.parametrize(
    ("settings", "certain", "doubtful"),
    [
        ("{ A = local.url }", 1, 0),
        ("merge(var.x, { A = local.url })", 1, 0),
        ('merge({ A = local.url }, length(var.x) > 0 ? { B = "b" } : {})', 1, 0),
        ("length(var.x) > 0 ? { A = local.url } : { A = local.url, B = 1 }", 1, 0),
        ("merge({ A = local.url }, var.x)", 0, 1),
        ('merge({ U = "boss", URL = local.url }, length(var.x) > 0 ? { U = "app" } : {})', 1, 0),
        (f"merge({{ A = local.url }}, {', '.join(CHOICES)})", 0, 1),  # more cases than are told apart
        ('{ A = length(var.x) > 0 ? local.url : "" }', 0, 1),
        ("length(var.x) > 0 ? {} : { A = local.url }", 0, 1),
        (f"{{ PGUSER = {USER}, PGHOST = {HOST} }}", 1, 0),
        (f"merge({{ PGUSER = {USER}, PGHOST = {HOST} }}, var.x)", 0, 1),
        (f'{{ PGUSER = {USER}, PGHOST = length(var.x) > 0 ? {HOST} : "localhost" }}', 0, 1),
        ('jsonencode({ a = { b = local.url, c = "d" } })', 0, 0),  # not the settings of an application
        ('{ A = jsonencode({ a = { b = local.url, c = "d" } }) }', 1, 0),
        ("var.x", 0, 0),
    ],
)
def test_settings_that_are_known_in_part(settings: str, certain: int, doubtful: int, tmp_path: Path) -> None:
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + IN_PART % settings})
    assert len(found(report, "PGF412")) == certain
    assert len([doubt for doubt in report.doubts if doubt.rule.id == "PGF412"]) == doubtful


SITE = """param more array
param other bool
param host string
var one = [{ name: 'A', value: 'postgresql://boss@${pg.properties.fullyQualifiedDomainName}/d?sslmode=disable' }]
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: host
  properties: { administratorLogin: 'boss' }
}
resource web 'Microsoft.Web/sites@2023-12-01' = {
  name: 'web'
  properties: { siteConfig: { appSettings: %s } }
}
"""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("one", "!"),
        ("concat(one, more)", "!"),
        ("[...more, ...one]", "!"),
        ("concat(one, other ? [] : [{ name: 'B', value: 'b' }])", "!"),
        ("other ? [] : one", "?"),
        ("[{ name: 'A', value: string({ a: { b: one[0].value } }) }]", "!"),
        (
            "[{ name: 'A', value: string({ b: 'Host=${pg.properties.fullyQualifiedDomainName};Ssl Mode=Disable' }) }]",
            "!",
        ),
        ("more", ""),
    ],
)
def test_lists_of_settings_that_are_known_in_part(settings: str, said: str, tmp_path: Path) -> None:
    assert verdict(look(tmp_path, {"main.bicep": SITE % settings})) == said


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("appSettings: [other ? one[0] : { name: 'B', value: 'b' }]", "?"),
        ("appSettings: [other ? one[0] : { name: 'A', value: 'b' }]", "?"),
        ("appSettings: [{ name: 'A_${host}', value: one[0].value }]", "!"),
        ("appSettings: [one[0], { name: host, value: 'x' }]", "!"),
        ("appSettings: [{ name: host, value: one[0].value }, { name: host, value: 'x' }]", "!"),
        ("connectionStrings: [{ name: 'A', connectionString: one[0].value }]", "!"),
        ("connectionStrings: other ? [{ name: 'A', connectionString: one[0].value }] : []", "?"),
    ],
)
def test_settings_of_a_site_that_are_known_in_part(site: str, said: str, tmp_path: Path) -> None:
    text = SITE.replace("appSettings: %s", "%s") % site
    assert verdict(look(tmp_path, {"main.bicep": text})) == said


@pytest.mark.parametrize(
    ("strings", "said"),
    [
        ("{ A: { Value: one[0].value } }", "!"),
        ("other ? { A: { value: one[0].value } } : {}", "?"),
        ("union({ A: { value: one[0].value } }, more[0])", "?"),
        ("union(more[0], { A: { value: one[0].value } })", "!"),
        ("more[0]", ""),
    ],
)
def test_connection_strings_of_a_site_that_are_known_in_part(strings: str, said: str, tmp_path: Path) -> None:
    config = f"{CONFIG.partition('properties')[0]}properties: {strings}\n}}\n"
    assert verdict(look(tmp_path, {"main.bicep": SITE % "[]" + config})) == said


@pytest.mark.parametrize(
    ("secrets", "containers", "said"),
    [
        ("[{ name: 'db', value: one[0].value }]", "[]", "!"),
        ("other ? [{ name: 'db', value: one[0].value }] : []", "[{ env: [{ name: 'A', secretRef: 'db' }] }]", "?"),
        ("[other ? { name: 'db', value: one[0].value } : { name: 'x', value: 'x' }]", "[]", "?"),
        ("[]", "other ? [{ env: one }] : []", "?"),
        ("[]", "[other ? { env: one } : { name: 'x' }]", "?"),
        ("[]", "[{ env: other ? one : [] }]", "?"),
        ("[]", "[...more, { env: concat(one, more) }]", "!"),
        (
            "[{ name: 'h', value: other ? pg.properties.fullyQualifiedDomainName : 'localhost' }]",
            "[{ env: [{ name: 'PGHOST', secretRef: 'h' }, { name: 'PGSSLMODE', value: 'disable' }] }]",
            "?",
        ),
        ("more", "more", ""),
    ],
)
def test_container_apps_that_are_known_in_part(secrets: str, containers: str, said: str, tmp_path: Path) -> None:
    properties = f"configuration: {{ secrets: {secrets} }}\n    template: {{ containers: {containers} }}"
    type_ = "Microsoft.App/containerApps@2024-03-01"
    container_app = f"resource app '{type_}' = {{\n  name: 'app'\n  properties: {{\n    {properties}\n  }}\n}}\n"
    assert verdict(look(tmp_path, {"main.bicep": SITE % "[]" + container_app})) == said


BLOCK = """dynamic "%s" {
    for_each = %s
    content {
%s
    }
  }"""
ENTRY = 'name = "A"\nvalue = local.url'


@pytest.mark.parametrize(
    ("type_", "content", "certain", "doubtful"),
    [
        ("linux_web_app", BLOCK % ("connection_string", "[1, 2]", 'type = "Custom"\n' + ENTRY), 1, 0),
        ("linux_web_app", BLOCK % ("connection_string", "length(var.x) > 0 ? [1] : []", ENTRY), 0, 1),
        ("linux_web_app", BLOCK % ("connection_string", "var.x", ENTRY), 0, 1),
        (
            "linux_web_app",
            f"connection_string {{\n{ENTRY}\n}}\n" + BLOCK % ("connection_string", "var.x", 'name = "B"\nvalue = "b"'),
            1,
            0,
        ),
        (
            "linux_web_app",
            BLOCK
            % (
                "connection_string",
                "merge(var.x, { A = local.url })",
                "name = connection_string.key\nvalue = connection_string.value",
            ),
            1,
            0,
        ),
        ("container_app", BLOCK % ("secret", "length(var.x) > 0 ? [1] : []", ENTRY), 0, 1),
        (
            "container_app",
            "template {\n" + BLOCK % ("container", "length(var.x) > 0 ? [1] : []", f"env {{\n{ENTRY}\n}}") + "\n}",
            0,
            1,
        ),
        (
            "container_app",
            "template {\ncontainer {\n"
            + BLOCK % ("env", "length(var.x) > 0 ? { A = local.url } : {}", "name = env.key\nvalue = env.value")
            + "\n}\n}",
            0,
            1,
        ),
        (
            "container_app",
            "template {\ncontainer {\n" + BLOCK % ("env", "var.x", "name = env.key\nvalue = env.value") + "\n}\n}",
            0,
            0,
        ),
        (
            "container_group",
            "container {\nsecure_environment_variables = length(var.x) > 0 ? { A = local.url } : {}\n}",
            0,
            1,
        ),
    ],
)
def test_blocks_that_there_may_be(type_: str, content: str, certain: int, doubtful: int, tmp_path: Path) -> None:
    text = IN_PART.replace("linux_web_app", type_).replace("app_settings = %s", "%s") % content
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + text})
    assert len(found(report, "PGF412")) == certain
    assert len([doubt for doubt in report.doubts if doubt.rule.id == "PGF412"]) == doubtful


def test_what_is_written_once_is_said_once_with_where_it_is_written(tmp_path: Path) -> None:
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + IN_PART % "{ A = local.url, B = local.url }"})
    (finding,) = [each for each in report.findings if each.rule.id == "PGF104"]
    assert str(finding.span) == "main.tf:17:24"
    assert [step.text for step in finding.trace] == ["local value 'url'"]
    assert [related.text for related in finding.related] == ["Connection 'B' uses the same value."]
    assert found(report, "PGF412") == ["main.tf:17:24", "main.tf:17:39"]  # each application is changed by itself


BESIDE = "azurerm_postgresql_flexible_server.s.fqdn"


@pytest.mark.parametrize(
    ("url", "user", "password"),
    [
        ("SPRING_DATASOURCE_URL", "SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD"),
        ("KC_DB_URL", "KC_DB_USERNAME", "KC_DB_PASSWORD"),
        ("db_jdbc_url", "db_user", "db_pass"),
    ],
)
def test_a_url_has_the_user_and_the_password_of_the_settings_beside_it(
    url: str, user: str, password: str, tmp_path: Path
) -> None:
    settings = f'{url} = "jdbc:postgresql://${{{BESIDE}}}/d?sslmode=verify-full"\n    {user} = "boss"\n    '
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + app(f'{settings}{password} = "hunter2Hunter"')})
    assert found(report, "PGF412") == [f"main.tf:13:{len(user) + 8}"]
    assert found(report, "PGF407") == [f"main.tf:14:{len(password) + 8}"]
    assert found(report, "PGF104") == []


def test_a_secret_that_is_a_host_is_no_connection(tmp_path: Path) -> None:
    secret = f'resource "azurerm_key_vault_secret" "pg_host" {{\n  name  = "pg-host"\n  value = {BESIDE}\n}}\n'
    assert verdict(look(tmp_path, {"main.tf": PROVIDER + BOSS + secret})) == ""


TWO = {
    "main.tf": PROVIDER
    + BOSS
    + """variable "host" {
  default = "s.postgres.database.azure.com"
}
resource "azurerm_linux_web_app" "a" {
  app_settings = {
    ONE_URL = "postgresql://u:%s@${var.host}/one?sslmode=disable"
  }
}
resource "azurerm_linux_web_app" "b" {
  app_settings = {
    TWO_URL = "postgresql://u:%s@${var.host}/two?sslmode=disable"
  }
}
""",
    "main.bicep": """param host string = 'pg.postgres.database.azure.com'
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: 'pg' }
resource a 'Microsoft.Web/sites/config@2023-12-01' = {
  name: 'a/appsettings'
  properties: { ONE_URL: 'postgresql://u:%s@${host}/one?sslmode=disable' }
}
resource b 'Microsoft.Web/sites/config@2023-12-01' = {
  name: 'b/appsettings'
  properties: { TWO_URL: 'postgresql://u:%s@${host}/two?sslmode=disable' }
}
""",
    "main.json": """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "host": { "type": "string", "defaultValue": "pg.postgres.database.azure.com" } },
  "resources": [
    { "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "pg" },
    { "type": "Microsoft.Web/sites/config", "apiVersion": "2023-12-01", "name": "a/appsettings", "properties": {
      "ONE_URL": "[format('postgresql://u:%s@{0}/one?sslmode=disable', parameters('host'))]" } },
    { "type": "Microsoft.Web/sites/config", "apiVersion": "2023-12-01", "name": "b/appsettings", "properties": {
      "TWO_URL": "[format('postgresql://u:%s@{0}/two?sslmode=disable', parameters('host'))]" } }
  ]
}
""",
}


@pytest.mark.parametrize("secrets", [("Hunter2Hunter", "Pr0dSecret99"), ("Hunter2Hunter", "Hunter2Hunter")])
@pytest.mark.parametrize("file", TWO)
def test_strings_that_share_a_host_are_written_each_by_itself(
    file: str, secrets: tuple[str, str], tmp_path: Path
) -> None:
    text = TWO[file] % secrets
    report = look(tmp_path, {file: text})
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "_URL" in line]
    for rule in ("PGF104", "PGF407"):
        findings = [finding for finding in report.findings if finding.rule.id == rule]
        assert [finding.span.first_line for finding in findings] == lines
        assert [finding.trace for finding in findings] == [(), ()]  # the host's is none of theirs
        assert [finding.related for finding in findings] == [(), ()]


def test_passwords_that_are_decided_by_the_same_variable_are_written_each_by_itself(tmp_path: Path) -> None:
    settings = "\n".join(
        f'    {name}_HOST = {BESIDE}\n    {name}_PASSWORD = var.c ? "{secret}" : ""'
        for name, secret in (("A", "Hunter2Hunter"), ("B", "Pr0dSecret99"))
    )
    variable = 'variable "c" {\n  default = true\n}\n'
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + app(settings), "c.tf": variable})
    assert len(found(report, "PGF407")) == 2


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("main.tf", PROVIDER + BOSS + """variable "c" {}
locals {
  url = "postgresql://boss@${azurerm_postgresql_flexible_server.s.fqdn}/d?sslmode=disable"
}
resource "azurerm_linux_web_app" "first" {
  count        = var.c ? 1 : 0
  app_settings = { A = local.url }
}
resource "azurerm_linux_web_app" "web" {
  app_settings = { B = local.url }
}
"""),
        ("main.bicep", """param c bool
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  properties: { administratorLogin: 'boss' }
}
var url = 'postgresql://boss@${pg.properties.fullyQualifiedDomainName}/d?sslmode=disable'
resource first 'Microsoft.Web/sites/config@2023-12-01' = if (c) {
  name: 'first/appsettings'
  properties: { A: url }
}
resource web 'Microsoft.Web/sites/config@2023-12-01' = {
  name: 'web/appsettings'
  properties: { B: url }
}
"""),
    ],
)  # fmt: skip
def test_a_connection_that_certainly_exists_is_told_of_rather_than_one_that_may(
    file: str, text: str, tmp_path: Path
) -> None:
    report = look(tmp_path, {file: text})
    (finding,) = [finding for finding in report.findings if finding.rule.id == "PGF104"]
    assert finding.address.endswith("web.B")
    assert [related.text for related in finding.related] == ["Connection 'A' uses the same value."]


@pytest.mark.parametrize("union", ["union({0}, c ? {{ K: 'x' }} : {{}})", "union(c ? {{ K: 'x' }} : {{}}, {0})"])
def test_a_setting_is_where_it_is_written_whatever_is_added_to_it(union: str, tmp_path: Path) -> None:
    settings = "{\n    URL: 'postgresql://boss:Hunter2Hunter@${pg.properties.fullyQualifiedDomainName}/d'\n  }"
    text = f"""param c bool
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'pg'
  properties: {{ administratorLogin: 'boss' }}
}}
resource a 'Microsoft.Web/sites/config@2023-12-01' = {{
  name: 'a/appsettings'
  properties: {union.format(settings)}
}}
"""
    report = look(tmp_path, {"main.bicep": text})
    for rule in ("PGF407", "PGF412"):
        assert found(report, rule) == ["main.bicep:9:10"]


def test_names_of_settings_in_terraform_know_case(tmp_path: Path) -> None:
    good = f'db_url = "postgresql://app@${{{BESIDE}}}/d?sslmode=verify-full"'
    bad = f'DB_URL = "postgresql://boss@${{{BESIDE}}}/d?sslmode=disable"'
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + app(f"{good}\n    {bad}")})
    assert found(report, "PGF104") == found(report, "PGF412") == ["main.tf:13:14"]


def test_a_connection_string_whose_name_is_that_of_a_host_counts_once(tmp_path: Path) -> None:
    setting = f'DB_SERVER = "Server=${{{BESIDE}}};User Id=app;SSL Mode=VerifyFull"'
    assert verdict(look(tmp_path, {"main.tf": PROVIDER + BOSS + app(setting)})) == ""


PUT_TOGETHER = {
    "main.tf": PROVIDER
    + BOSS
    + """variable "word" {
  default = "%s"
}
variable "other" {}
locals {
  host = %s
}
resource "azurerm_linux_web_app" "a" {
  app_settings = {
    URL = "postgresql://u:${var.other}@${local.host}/postgres?sslmode=${var.word}"
  }
}
""",
    "main.bicep": """param word string = '%s'
param other string
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: 'pg' }
var host = %s
resource a 'Microsoft.Web/sites/config@2023-12-01' = {
  name: 'a/appsettings'
  properties: {
    URL: 'postgresql://u:${other}@${host}/postgres?sslmode=${word}'
  }
}
""",
    "main.json": """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "word": { "type": "string", "defaultValue": "%s" }, "other": { "type": "string" } },
  "variables": { "host": "[%s]" },
  "resources": [
    { "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "pg" },
    { "type": "Microsoft.Web/sites/config", "apiVersion": "2023-12-01", "name": "a/appsettings", "properties": {
      "URL": "[format('postgresql://u:{0}@{1}/postgres?sslmode={2}', parameters('other'), variables('host'),
        parameters('word'))]" } }
  ]
}
""",
}


@pytest.mark.parametrize("server", ["known", "unknown"])
@pytest.mark.parametrize("file", PUT_TOGETHER)
def test_a_part_of_a_string_has_its_own_trace(file: str, server: str, tmp_path: Path) -> None:
    known = f"'{AZURE}'" if file != "main.tf" else f'"s.{AZURE.partition(".")[2]}"'
    unknown = {
        "main.tf": BESIDE,
        "main.bicep": "pg.properties.fullyQualifiedDomainName",
        "main.json": "reference('pg').fullyQualifiedDomainName",
    }[file]
    text = PUT_TOGETHER[file] % ("disable", known if server == "known" else unknown)
    (finding,) = [each for each in look(tmp_path, {file: text}).findings if each.rule.id == "PGF104"]
    kind = "variable" if file == "main.tf" else "parameter"
    assert [step.text for step in finding.trace] == [f"the default of {kind} 'word'"]


@pytest.mark.parametrize("word", ["password", "postgres", "u"])
def test_a_password_that_is_also_a_word_of_the_string_has_its_own_trace(word: str, tmp_path: Path) -> None:
    url = f'"postgresql://u:${{var.password}}@${{{BESIDE}}}/postgres?sslmode=verify-full"'
    settings = f"ONE = {url}\n    TWO = {url}"
    variable = f'variable "password" {{\n  default = "{word}"\n}}\n'
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + app(settings), "p.tf": variable})
    (finding,) = [each for each in report.findings if each.rule.id == "PGF407"]
    assert [step.text for step in finding.trace] == ["the default of variable 'password'"]
    assert [related.text for related in finding.related] == ["Connection 'TWO' uses the same value."]


@pytest.mark.parametrize("fallback", ['try(var.x["u"], {})', 'lookup(var.x, "u", {})', 'coalesce(var.x["u"], {})'])
def test_a_string_that_stands_in_for_another_counts(fallback: str, tmp_path: Path) -> None:
    url = f'"postgresql://boss:Hunter2Hunter@${{{BESIDE}}}/d?sslmode=disable"'
    variable = 'variable "x" {\n  type = map(string)\n}\n'
    settings = f"URL = {fallback.format(url)}"
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + app(settings), "x.tf": variable})
    assert len(found(report, "PGF407")) == 1
    assert {doubt.rule.id for doubt in report.doubts} >= {"PGF104", "PGF412"}


@pytest.mark.parametrize("function", ["trimspace({})", "tostring({})", 'replace({}, "\\r\\n", "")'])
def test_a_function_that_leaves_a_text_as_it_is_keeps_its_pieces(function: str, tmp_path: Path) -> None:
    text = f'"postgresql://u:${{var.secret}}@s.{AZURE.partition(".")[2]}/d?sslmode=${{var.mode}}"'
    defaults = "".join(
        f'variable "{name}" {{\n  default = "{value}"\n}}\n'
        for name, value in (("mode", "disable"), ("secret", "Hunter2Hunter"))
    )
    report = look(tmp_path, {"main.tf": PROVIDER + BOSS + app(f"URL = {function.format(text)}"), "v.tf": defaults})
    for rule, name in (("PGF104", "mode"), ("PGF407", "secret")):
        (finding,) = [each for each in report.findings if each.rule.id == rule]
        assert [step.text for step in finding.trace] == [f"the default of variable '{name}'"]


@pytest.mark.parametrize("mode", ["{2}", "{2,-10}"])
def test_what_bicep_formats_has_its_own_trace(mode: str, tmp_path: Path) -> None:
    text = f"""param word string = 'disable'
param host string = '{AZURE}'
param secret string = 'Hunter2Hunter'
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{ name: 'pg' }}
resource a 'Microsoft.Web/sites/config@2023-12-01' = {{
  name: 'a/appsettings'
  properties: {{
    URL: format('postgresql://u:{{0}}@{{1}}/d?sslmode={mode}', secret, host, word)
  }}
}}
"""
    report = look(tmp_path, {"main.bicep": text})
    for rule, name in (("PGF104", "word"), ("PGF407", "secret")):
        (finding,) = [each for each in report.findings if each.rule.id == rule]
        assert [step.text for step in finding.trace] == [f"the default of parameter '{name}'"]
