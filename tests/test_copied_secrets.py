"""Copies of passwords, however they are spelled or encoded, are shown nowhere; and what is no copy stays as it is."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from pgflexlint.redaction.redactor import Redactor
from pgflexlint.source import SourceFile, Span
from tests.command_line import Check, Write

SERVER = """\
resource "azurerm_postgresql_flexible_server" "s" {
  name                          = "psql-b"
  public_network_access_enabled = false
  administrator_login           = "pgadmin"
  administrator_password        = %s
%s}
"""
ROLE = 'resource "postgresql_role" "%s" {\n  name     = "%s"\n  login    = true\n  password = "%s"\n}\n'
OUTPUT = 'output "p" {\n  value = %s\n}\n'
QUOTED = r'"Zebra\"hund-77"'
PLAIN = '"S3cret-Pass!1"'
BASIC = b64encode(b"pgadmin:S3cret-Pass!1").decode()
WIDE = b64encode("S3cret-Pass!1".encode("utf-16-le")).decode()


def _said(run: Check, root: Path, *more: str) -> str:
    """All that any output says."""
    formats = ("text", "concise", "json", "github", "azure", "gitlab", "junit", "markdown")
    logs = [argument for name in formats for argument in ("-o", f"{name}:{name}.log")]
    code, output, errors = run("check", "--isolated", *more, "-o", "sarif:x.sarif", *logs)
    assert code in (0, 1), errors
    written = [(root / name).read_text() for name in ("x.sarif", *(f"{name}.log" for name in formats))]
    return "\n".join([output, errors, *written])


@pytest.mark.parametrize(
    ("password", "written", "word"),
    [
        (QUOTED, OUTPUT % QUOTED, "hund"),
        (QUOTED, OUTPUT % "local.copy" + f"locals {{\n  copy = {QUOTED}\n}}\n", "hund"),
        (QUOTED, OUTPUT % r'"it is Zebra\"hund-77 for all"', "hund"),
        (QUOTED, OUTPUT % f"{{\n    a = 1\n    b = {QUOTED}\n  }}", "hund"),
        (QUOTED, OUTPUT % r'"Zebra\u0022hund-77"', "hund"),
        (r'"Zebra$\\hund-77"', OUTPUT % r'"Zebra$\\hund-77"', "hund"),
        ('"Zebra$${hund}-77"', OUTPUT % '"Zebra$${hund}-77"', "hund"),
        (QUOTED, OUTPUT % '<<EOT\nfirst\n{"a": "Zebra\\"hund-77"}\nEOT', "hund"),
        (PLAIN, OUTPUT % f'"{BASIC}"', BASIC),
        (PLAIN, OUTPUT % "local.basic" + f'locals {{\n  basic = "{BASIC}"\n}}\n', BASIC),
        (PLAIN, OUTPUT % f'"Basic {BASIC}"', BASIC),
        (PLAIN, OUTPUT % f'"{WIDE}"', WIDE),
        (PLAIN, OUTPUT % '"postgres://pgadmin@S3cret-Pass%211"', "S3cret"),
        (PLAIN, OUTPUT % f'"{b64encode(BASIC.encode()).decode()}"', b64encode(BASIC.encode()).decode()),
        ('"Winter"', OUTPUT % '"the Winter of 2024"', "Winter"),
        ('"Winter"', OUTPUT % f'"{b64encode(b"pgadmin:Winter").decode()}"', b64encode(b"pgadmin:Winter").decode()),
    ],
)
def test_a_copy_of_a_password_is_hidden(write: Write, run: Check, password: str, written: str, word: str) -> None:
    root = write({"main.tf": SERVER % (password, "") + written})
    said = _said(run, root, "--select", "PGF409")
    assert "Output 'p' shows the administrator password of server 's'." in said
    assert word not in said
    for name in ("output.p", "output.p.value", "azurerm_postgresql_flexible_server.s"):
        code, traced, _ = run("trace", name)
        assert code == 0
        assert word not in traced


def test_a_copy_in_a_parameter_a_tag_and_a_rule_is_hidden(write: Write, run: Check) -> None:
    root = write(
        {
            "main.tf": SERVER % ("var.pw", '  tags = { note = "Zebra\\"hund-77 too" }\n')
            + 'variable "pw" {\n  type = string\n  sensitive = true\n}\n'
            + 'resource "azurerm_postgresql_flexible_server_configuration" "p" {\n  name = "log_line_prefix"\n'
            '  server_id = azurerm_postgresql_flexible_server.s.id\n  value = "Zebra\\"hund-77 %m"\n}\n'
            'resource "azurerm_postgresql_flexible_server_firewall_rule" "f" {\n  name = "Zebra\\"hund-77"\n'
            "  server_id = azurerm_postgresql_flexible_server.s.id\n"
            '  start_ip_address = "0.0.0.0"\n  end_ip_address = "255.255.255.255"\n}\n',
            "terraform.tfvars": f"pw = {QUOTED}\n",
        }
    )
    said = _said(run, root, "--select", "PGF508,PGF3")
    assert "log_line_prefix" in said
    assert "hund" not in said
    rule = "azurerm_postgresql_flexible_server_firewall_rule.f"
    for name in ("azurerm_postgresql_flexible_server.s", "azurerm_postgresql_flexible_server.s.tags", rule):
        assert "hund" not in run("trace", name)[1]


def test_a_copy_in_a_comment_of_a_change_is_hidden(write: Write, run: Check) -> None:
    more = '  version = "16" # Zebra\\"hund-77, Zebra"hund-77\n  geo_redundant_backup_enabled = false\n'
    write(
        {
            "main.tf": SERVER % (QUOTED, more) + 'resource "azurerm_postgresql_flexible_server_configuration" "p" {\n'
            '  # Zebra\\"hund-77 and Zebra"hund-77\n  name = "require_secure_transport"\n  value = "off"\n'
            "  server_id = azurerm_postgresql_flexible_server.s.id\n}\n"
        }
    )
    output = run("check", "--isolated", "--select", "PGF101", "--diff")[1]
    assert "# [REDACTED] and [REDACTED]" in output
    assert "hund" not in output


BICEP = """\
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-b'
  location: 'westeurope'
  properties: {
    administratorLogin: 'pgadmin'
    administratorLoginPassword: %s
  }
}
output p string = %s
"""


@pytest.mark.parametrize(
    ("password", "shown", "word"),
    [
        (r"'Zebra\'hund\\77'", r"'Zebra\'hund\\77'", "hund"),
        (r"'Zebra\'hund\\77'", r"'a Zebra\u{27}hund\\77'", "hund"),
        (r"'Zebra\${hund}77'", r"'Zebra\${hund}77'", "hund"),
        ("'S3cret-Pass!1'", f"'{BASIC}'", BASIC),
    ],
)
def test_a_copy_in_bicep_is_hidden(write: Write, run: Check, password: str, shown: str, word: str) -> None:
    root = write({"main.bicep": BICEP % (password, shown)})
    said = _said(run, root, "--select", "PGF409")
    assert "Output 'p' shows the administrator password" in said
    assert word not in said
    assert word not in run("trace", "output.p")[1] + run("trace", "s")[1]


ARM = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers",
      "apiVersion": "2024-08-01",
      "name": "psql-b",
      "location": "westeurope",
      "properties": { "administratorLogin": "pgadmin", "administratorLoginPassword": %s }
    }
  ],
  "outputs": {
    "p": {
      "type": "string",
      "value": %s
    }
  }
}
"""


@pytest.mark.parametrize(
    ("password", "shown"),
    [
        (r'"Zebra-0 \u0022q\u0022 x"', r'"Zebra-0 \u0022q\u0022 x"'),
        (r'"Zebra-0 \u0022q\u0022 x"', r'"Zebra-0 \"q\" x"'),
        (r'"Zebra-0 \u0022q\u0022 x"', '"Zebra-0%20%22q%22%20x"'),
        ("\"Zebra-0 'q' x\"", "\"[concat('Zebra-0 ''q'' x')]\""),
        ("\"Zebra-0 'q' x\"", "\"[format('{0}', concat('a ', 'Zebra-0 ''q'' x'))]\""),
    ],
)
def test_a_copy_in_arm_is_hidden(write: Write, run: Check, password: str, shown: str) -> None:
    root = write({"main.json": ARM % (password, shown)})
    said = _said(run, root, "--select", "PGF409")
    assert "Output 'p' shows the administrator password" in said
    assert "Zebra" not in said
    assert "Zebra" not in run("trace", "output.p")[1]


def test_a_password_that_is_a_word_garbles_nothing(write: Write, run: Check) -> None:
    more = (
        'resource "postgresql_database" "d" {\n  name = "postgres"\n  owner = "an app"\n}\n'
        'output "q" {\n  value = "${azurerm_postgresql_flexible_server.s.fqdn}/x"\n}\n'
    )
    root = write({"main.tf": SERVER % ("var.pw", "") + 'variable "pw" {}\n' + ROLE % ("app", "app", "postgres") + more})
    said = _said(run, root, "--select", "PGF407,PGF701,PGF9")
    assert 'password = "postgres"' not in said
    assert 'resource "azurerm_postgresql_flexible_server" "s"' in said
    assert "postgresql_role.app" in said
    assert "[REDACTED]ql" not in said
    assert "azurerm_[REDACTED]" not in said
    assert 'password = "[REDACTED]"' in said
    traced = run("trace", "postgresql_database.d")[1]
    assert "postgresql_database.d" in traced
    assert '"postgres"' not in traced


WORDY = """
provider "postgresql" {
  host     = azurerm_postgresql_flexible_server.s.fqdn
  password = "postgres"
}
resource "azurerm_postgresql_flexible_server_configuration" "p" {
  name      = "log_line_prefix"
  server_id = azurerm_postgresql_flexible_server.s.id
  value     = "postgres %t"
}
resource "postgresql_role" "r" {
  name      = "postgres_ro"
  superuser = true
}
module "p" {
  source = "./modules/postgres"
}
"""


def test_what_holds_a_password_that_is_a_word_is_shown(write: Write, run: Check) -> None:
    write({"main.tf": SERVER.replace("  administrator_password        = %s\n%s", "") + WORDY})
    _, output, _ = run("check", "--isolated", "--format", "text")
    for shown in ("'postgres %t'", "Role 'postgres_ro'", "'./modules/postgres' has no", 'value     = "postgres %t"'):
        assert shown in output
    assert '  password = "[REDACTED]"' in output


def test_a_short_secret_that_is_no_word_is_hidden_in_comments_and_reasons(write: Write, run: Check) -> None:
    mode = "  high_availability {\n    mode = local.modes[var.tier]\n  }\n"
    names = 'variable "tier" {\n  default = "Hunter2"\n}\nlocals {\n  modes = { dev = "SameZone" }\n}\n'
    role = ROLE % ("a", "a", "Hunter2")
    room = write({"main.tf": names + SERVER % ("null", mode) + role.replace('"Hunter2"', '"Hunter2" # it is Hunter2')})
    said = _said(run, room, "--select", "PGF407,PGF703", "--show-unknown")
    assert "PGF703" in said
    assert "Hunter2" not in said


def test_a_secret_that_is_called_as_a_resource_garbles_no_address(write: Write, run: Check) -> None:
    vault = 'resource "azurerm_key_vault_secret" "l" {\n  name  = "login"\n  value = "app_owner_1"\n}\n'
    write({"main.tf": ROLE % ("app_owner_1", "app_owner_1", "Hunter2-Secret") + vault})
    output = run("check", "--isolated", "--select", "PGF407", "--format", "json")[1]
    assert '"postgresql_role.app_owner_1"' in output
    output = run("trace", "postgresql_role.app_owner_1")[1]
    assert "postgresql_role.app_owner_1" in output
    assert '"app_owner_1"' not in output
    assert "Hunter2" not in output


def test_the_address_of_a_part_of_a_word_is_whole_in_templates(write: Write, run: Check) -> None:
    write({"main.bicep": BICEP % ("'flexible'", "resourceId('Microsoft.DBforPostgreSQL/flexibleServers', 'x')")})
    output = run("check", "--isolated", "--select", "PGF407,PGF701", "--format", "text")[1]
    assert "resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {" in output
    assert "administratorLoginPassword: '[REDACTED]'" in output


def test_what_cuts_a_secret_is_no_secret(write: Write, run: Check) -> None:
    outputs = "@secure()\nparam pw string\nvar cs = 'postgresql://adm:${pw}@h.example.com/db'\n"
    write({"main.bicep": BICEP % ("pw", "split(cs, '@')[1]") + outputs})
    output = run("check", "--isolated", "--select", "PGF409", "--show-unknown", "--format", "text")[1]
    assert "split(cs, '@')[1]" in output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("apiVersion: v1\nkind: Secret\ndata:\n  a: Hunter2\n  b: Hunter2\nmore: x", "kind: Secret"),
        ("password: |\n  Hunter2\n\n  Hunter2\nmore: x", "password: |"),
        ("password: >-\n  Hunter2\nmore: x", "password: >-"),
        ("- name: PGPASSWORD\n  value: |\n    Hunter2\n- name: x", "- name: x"),
    ],
)
def test_what_stands_below_its_name_in_yaml_is_hidden(text: str, shown: str) -> None:
    file = SourceFile("a.tf", f"a = <<EOT\n{text}\nEOT\n")
    source = Redactor().source(Span(file, 0, len(file.text)))
    assert "Hunter2" not in source
    assert shown in source
    assert source.endswith(("more: x\nEOT\n", "name: x\nEOT\n"))


def test_the_name_of_an_input_is_said_where_its_place_is_hidden(write: Write, run: Check) -> None:
    write(
        {
            "main.bicep": "param serverPassword string\n"
            "resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n"
            "  name: 's'\n  properties: { administratorLoginPassword: serverPassword }\n}\n"
            "output url string = replace('postgres://a:${serverPassword}@h/d', 'x', 'y')\n"
        }
    )
    _, output, _ = run("check", "--isolated", "--select", "PGF409", "--show-unknown", "--format", "concise")
    assert "because parameter 'serverPassword' has no value" in output


@pytest.mark.parametrize("value", ["adm:shop2024@h", "YWRtOnNob3AyMDI0QGg="])
def test_a_secret_that_is_a_name_is_hidden_in_literals_that_hold_it(write: Write, run: Check, value: str) -> None:
    server = (SERVER % ('"shop2024"', "")).replace('server" "s"', 'server" "shop2024"')
    parameter = (
        'resource "azurerm_postgresql_flexible_server_configuration" "d" {\n  name = "log_connections"\n'
        f'  server_id = azurerm_postgresql_flexible_server.shop2024.id\n  value = "{value}"\n}}\n'
    )
    room = write({"main.tf": server + parameter})
    said = _said(run, room)
    assert value not in said
    assert "azurerm_postgresql_flexible_server.shop2024" in said


def test_secrets_that_start_alike_garble_nothing(write: Write, run: Check) -> None:
    secrets = "".join(
        f'resource "azurerm_key_vault_secret" "c{at}" {{\n  name = "c{at}"\n  key_vault_id = "/x"\n'
        f'  value = "postgresql://app:pw{at:02}{"k" * at}@h/db"\n}}\n'
        for at in range(70)
    )
    room = write({"main.tf": secrets + (SERVER % ("null", ""))})
    said = _said(run, room)
    assert "azurerm_[REDACTED]" not in said
    assert "pw41kkkk" not in said


@pytest.mark.parametrize("password", ["true", "called", "resource", "Delete"])
def test_a_password_that_stands_in_our_own_sentences_is_not_cut_out_of_them(
    write: Write, run: Check, password: str
) -> None:
    write({"main.tf": f'module "a" {{\n  source = "./m"\n  pw     = "{password}"\n}}\n'})
    write({"m/main.tf": 'variable "pw" {}\n' + SERVER % ("var.pw", "")})
    _, output, _ = run("check", "--isolated", "--format", "text")
    assert f'pw     = "{Redactor.MARK}"' in output
    assert output.count(Redactor.MARK) == output.count(f'"{Redactor.MARK}"')


LOGIN = """\
variable "pw" {
  default   = "production"
  sensitive = true
}
output "login" {
  value = "%s"
}
"""


@pytest.mark.parametrize(
    "value",
    [
        "psqladmin:production",
        "production:psqladmin",
        "h:5432:d:psqladmin:production",
        "${azurerm_postgresql_flexible_server.s.administrator_login}:production",
        b64encode(b"psqladmin:production").decode(),
    ],
)
def test_a_password_that_is_a_word_of_the_prose_is_hidden_behind_a_colon(write: Write, run: Check, value: str) -> None:
    room = write({"main.tf": SERVER % ("var.pw", "") + LOGIN % value})
    said = _said(run, room)
    assert "Output 'login' shows the administrator password of server 's'." in said
    assert value not in said
    assert ":production" not in said
    code, traced, _ = run("trace", "output.login.value")
    assert code == 0
    assert value not in traced
    assert ":production" not in traced


@pytest.mark.parametrize(
    "value", ["rg-production", "it is for production use", "stage: production", "https://production.example.com:443/"]
)
def test_what_only_speaks_of_a_password_that_is_a_word_is_shown(write: Write, run: Check, value: str) -> None:
    write({"main.tf": (SERVER % ("var.pw", "")).replace('"s"', '"production"') + LOGIN % value})
    output = run("check", "--isolated", "--format", "text")[1]
    assert f'value = "{value}"' in output
    assert 'resource "azurerm_postgresql_flexible_server" "production"' in output
