"""How a value came to be, as a person asks for it."""

from __future__ import annotations

import json
import re

import pytest

from tests.command_line import PARAMETER, SERVER, Check, Write
from tests.paths import FIXTURES, ROOT

SERVER_TYPE = "azurerm_postgresql_flexible_server"
WEBSHOP = FIXTURES / "projects" / "webshop"
SHOP_IN_BICEP = FIXTURES / "projects" / "webshop-bicep"


def rows(output: str) -> dict[str, str]:
    """Of the list of a resource's values: what stands behind each name."""
    lines = (line.split(None, 1) for line in output.splitlines() if line.startswith("    "))
    return {line[0]: " ".join(line[1].split()) for line in lines}


def test_a_value_is_followed_across_modules_and_files(run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    address = 'module.orders.azurerm_postgresql_flexible_server_configuration.this["ssl_min_protocol_version"]'
    code, output, errors = run("trace", f"{address}.value", WEBSHOP)
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0] == f'value[written]: {address}.value is "TLSv1".'
    assert [line.split(": ")[1] for line in lines if "::: " in line] == [
        "fixtures/projects/webshop/main.tf:45:25",
        "fixtures/projects/webshop/terraform.tfvars:3:21",
        "fixtures/projects/webshop/terraform.tfvars:6:30",
    ]
    finding = run("check", WEBSHOP, "--select", "PGF102")[1]
    way = output[output.index(" --> ") :].rstrip()
    assert way[way.index("= the value comes from") : -4] in finding, "it is drawn as in a finding"


def test_why_a_value_is_unknown_is_said(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + PARAMETER % "var.tls" + 'variable "tls" {}\n'})
    code, output, _ = run("trace", "azurerm_postgresql_flexible_server_configuration.tls.value")
    assert code == 0
    assert output.startswith(
        "unknown[value]: azurerm_postgresql_flexible_server_configuration.tls.value is unknown, because variable 'tls'"
        " has no value.\n  --> main.tf:14:15\n"
    )


def test_what_an_unknown_value_may_be_is_said(write: Write, run: Check) -> None:
    value = 'terraform.workspace == "prod" ? "on" : "off"'
    write({"main.tf": SERVER + PARAMETER % value})
    output = run("trace", "azurerm_postgresql_flexible_server_configuration.tls.value")[1]
    assert '= either: "on" or "off"' in output


def test_what_nobody_writes_is_the_platform_s(write: Write, run: Check) -> None:
    write({"main.tf": SERVER})
    output = run("trace", "azurerm_postgresql_flexible_server.main.parameters.require_secure_transport")[1]
    assert output.startswith(
        'value[default]: azurerm_postgresql_flexible_server.main.parameters.require_secure_transport is "on":'
        " it is not set, and this is the platform's default.\n --> main.tf:1:1\n"
    )
    output = run("trace", "azurerm_postgresql_flexible_server.main.high_availability")[1]
    assert output.startswith('value[default]: azurerm_postgresql_flexible_server.main.high_availability is "Disabled"')


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("geo_redundant_backup_enabled", "false"),
        ("backup_retention_days", "7"),
        ("auto_grow_enabled", "false"),
        ("public_network_access_enabled", "true"),
    ],
)
def test_what_a_server_does_not_write_is_asked_by_its_own_name(write: Write, run: Check, name: str, said: str) -> None:
    write({"main.tf": re.sub(rf"  {name} .*\n", "", SERVER)})
    address = f"azurerm_postgresql_flexible_server.main.{name}"
    code, output, _ = run("trace", address)
    assert (code, output.splitlines()[0]) == (
        0, f"value[default]: {address} is {said}: it is not set, and this is the platform's default."
    )  # fmt: skip


OPEN = """\
variable "pg_version" {}

resource "azurerm_postgresql_flexible_server" "main" {
  name                = "psql-a"
  resource_group_name = "rg"
  location            = "westeurope"
  version             = var.pg_version
  sku_name            = "GP_Standard_D2s_v3"
}
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("backup_retention_days", "7"),
        ("auto_grow_enabled", "false"),
        ("create_mode", '"Default"'),
        ("high_availability.mode", '"Disabled"'),
        ("authentication.active_directory_auth_enabled", "false"),
    ],
)
def test_what_is_not_written_is_found_beside_what_is_unknown(write: Write, run: Check, name: str, said: str) -> None:
    write({"main.tf": OPEN})
    address = f"azurerm_postgresql_flexible_server.main.{name}"
    code, output, _ = run("trace", address)
    assert (code, output.splitlines()[0]) == (
        0, f"value[default]: {address} is {said}: it is not set, and this is the platform's default."
    )  # fmt: skip


@pytest.mark.parametrize("name", ["backup_retention_dayz", "tags", "tags.x", "bogus", "lifecycle.prevent_destroy"])
def test_what_no_rule_sees_has_no_value_beside_what_is_unknown(write: Write, run: Check, name: str) -> None:
    write({"main.tf": OPEN})
    code, output, errors = run("trace", f"azurerm_postgresql_flexible_server.main.{name}")
    assert (code, output) == (2, "")
    assert errors.startswith(f"pgflexlint: 'azurerm_postgresql_flexible_server.main' has no value '{name}'")


def test_what_a_template_does_not_write_is_asked_by_its_own_name(write: Write, run: Check) -> None:
    server = "resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'psql-a'\n%s}\n"
    write({"main.bicep": "param v string\n" + server % "  properties: { version: v, backup: {} }\n"})
    for name in ("properties.backup.geoRedundantBackup", "backup.geoRedundantBackup"):
        code, output, _ = run("trace", f"db.{name}")
        assert (code, output.splitlines()[0]) == (
            0, f"value[default]: db.{name} is false: it is not set, and this is the platform's default."
        )  # fmt: skip
    code, _, errors = run("trace", "db.properties.backup.geoRedundantBackups")
    meant = "; did you mean 'backup.geo_redundant'?"
    assert (code, errors) == (2, f"pgflexlint: 'db' has no value 'properties.backup.geoRedundantBackups'{meant}\n")


def test_what_a_template_does_not_write_is_asked_in_any_case(write: Write, run: Check) -> None:
    server = "resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'psql-a'\n%s}\n"
    write({"main.bicep": server % "  properties: { version: '16', backup: { geoRedundantBackup: 'Enabled' } }\n"})
    for name, said in {
        "PROPERTIES.BACKUP.GEOREDUNDANTBACKUP": '"Enabled".',
        "Properties.Backup.BackupRetentionDays": "7: it is not set, and this is the platform's default.",
        "Backup.BackupRetentionDays": "7: it is not set, and this is the platform's default.",
        "properties.Storage.AutoGrow": "false: it is not set, and this is the platform's default.",
    }.items():
        code, output, _ = run("trace", f"db.{name}")
        assert (code, output.splitlines()[0].partition(" ")[2]) == (0, f"db.{name} is {said}")


BLOCKS = """\
  authentication {
    active_directory_auth_enabled = true
  }
}
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("authentication[0].active_directory_auth_enabled", "true."),
        ("authentication[0].password_auth_enabled", "true: it is not set, and this is the platform's default."),
        ("authentication.password_auth_enabled", "true: it is not set, and this is the platform's default."),
        ("high_availability[0].mode", '"Disabled": it is not set, and this is the platform\'s default.'),
    ],
)
def test_what_a_block_does_not_write_is_asked_with_an_index(write: Write, run: Check, name: str, said: str) -> None:
    write({"main.tf": OPEN.removesuffix("}\n") + BLOCKS})
    code, output, _ = run("trace", f"azurerm_postgresql_flexible_server.main.{name}")
    line = output.splitlines()[0].partition(" ")[2]
    assert (code, line) == (0, f"azurerm_postgresql_flexible_server.main.{name} is {said}")


@pytest.mark.parametrize("index", ["1", "7", "9" * 5000])
def test_a_block_that_is_not_there_has_no_values(write: Write, run: Check, index: str) -> None:
    write({"main.tf": OPEN.removesuffix("}\n") + BLOCKS})
    name = f"authentication[{index}].password_auth_enabled"
    code, output, errors = run("trace", f"azurerm_postgresql_flexible_server.main.{name}")
    assert (code, output) == (2, "")
    assert f"has no value '{name}'" in errors


def test_the_values_of_a_resource_are_listed_with_their_origins(write: Write, run: Check) -> None:
    lines = '  administrator_password = "Not-Real-1"\n  zone = var.zone\n  authentication {\n'
    lines += "    password_auth_enabled = true\n  }\n  version"
    write({"main.tf": SERVER.replace("  version", lines) + 'variable "zone" {}\n' + PARAMETER % '"off"'})
    code, output, _ = run("trace", "azurerm_postgresql_flexible_server.main")
    assert code == 0
    assert output.splitlines()[0] == "azurerm_postgresql_flexible_server.main  main.tf:1:1"
    listed = rows(output)
    assert listed["backup_retention_days"] == "7 written main.tf:12:35"
    assert listed["administrator_password"] == "[REDACTED] written main.tf:5:28"
    assert listed["zone"] == "? unknown because variable 'zone' has no value"
    assert listed["authentication.password_auth_enabled"] == "true written main.tf:8:29"
    assert listed["backup.retention_days"] == "7 written main.tf:12:35"
    assert listed["authentication.entra"] == "false default"
    assert listed["parameters.require_secure_transport"] == '"off" written main.tf:20:15'
    assert "parameters.log_checkpoints" not in listed  # it can be asked for
    assert "Not-Real" not in output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("orders.server.properties.backup.backupRetentionDays", "value[written]: {} is 14."),
        ("orders.server.backup.backupretentiondays", "value[written]: {} is 14."),
        ("orders.server.backup.retention_days", "value[written]: {} is 14."),
        ("orders.server.network.public_access", "value[default]: {} is true: it is not set"),
        ("orders.server::parameter[3].properties.value", 'value[written]: {} is "OFF".'),
    ],
)
def test_bicep_is_asked_by_symbol(run: Check, name: str, said: str) -> None:
    output = run("trace", name, SHOP_IN_BICEP)[1]
    assert output.startswith(said.format(name))


def test_a_resource_is_found_by_its_name_in_azure(run: Check) -> None:
    output = run("trace", "psql-kaffeeklatsch-prod-orders.properties.version", SHOP_IN_BICEP)[1]
    assert output.startswith('value[written]: orders.server.properties.version is "16".')


def test_arm_is_asked_by_type_and_name_or_by_name(write: Write, run: Check) -> None:
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"version": {"type": "string", "defaultValue": "16"}},
        "resources": [
            {
                "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "psql",
                "properties": {"version": "[parameters('version')]", "administratorLoginPassword": "Not-Real-1"},
            }
        ],
    }  # fmt: skip
    write({"main.json": json.dumps(template, indent=1)})
    for name in ("flexibleServers/psql", "psql"):
        output = run("trace", f"{name}.properties.version")[1]
        assert output.startswith('value[written]: flexibleServers/psql.properties.version is "16".')
        assert "the default of parameter 'version'" in output
    output = run("trace", "psql")[1]
    assert rows(output)["properties.administratorLoginPassword"].startswith("[REDACTED] written")
    assert "Not-Real" not in output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "azurerm_postgresql_flexible_server.mian",
            "There is no resource 'azurerm_postgresql_flexible_server.mian';"
            " did you mean 'azurerm_postgresql_flexible_server.main'?",
        ),
        (
            "azurerm_postgresql_flexible_server.main.backup_retention_day",
            "'azurerm_postgresql_flexible_server.main' has no value 'backup_retention_day';"
            " did you mean 'backup_retention_days'?",
        ),
        (
            "azurerm_postgresql_flexible_server.main.high_availabilty",
            "'azurerm_postgresql_flexible_server.main' has no value 'high_availabilty';"
            " did you mean 'high_availability'?",
        ),
        (
            "main.version",
            "There is no resource 'main.version'; did you mean 'azurerm_postgresql_flexible_server.main.version'?",
        ),
        ("x", "There is no resource 'x'. There is one server: 'azurerm_postgresql_flexible_server.main'."),
        (
            "azurerm_postgresql_flexible_server.main.zzz",
            "'azurerm_postgresql_flexible_server.main' has no value 'zzz'.",
        ),
    ],
)
def test_a_wrong_name_is_2_and_the_nearest_is_suggested(write: Write, run: Check, name: str, said: str) -> None:
    write({"main.tf": SERVER})
    assert run("trace", name) == (2, "", f"pgflexlint: {said}\n")


def test_what_is_named_without_its_module_is_suggested_with_it(run: Check) -> None:
    for name in (f"{SERVER_TYPE}.this", f"{SERVER_TYPE}.this.version"):
        code, _, errors = run("trace", name, WEBSHOP)
        end = name.removeprefix(f"{SERVER_TYPE}.this")
        meant = (f"'module.{module}.{SERVER_TYPE}.this{end}'" for module in ("orders", "reporting"))
        said = f"pgflexlint: There is no resource '{name}'; did you mean {' or '.join(meant)}?\n"
        assert (code, errors) == (2, said)


def test_what_is_named_without_its_index_is_suggested_with_it(write: Write, run: Check) -> None:
    write({"main.tf": SERVER.replace("{\n", '{\n  for_each = toset(["a", "b"])\n', 1)})
    said = "; did you mean 'azurerm_postgresql_flexible_server.main[\"a\"].name' or "
    assert said in run("trace", "azurerm_postgresql_flexible_server.main.name")[2]


def test_the_servers_are_listed_where_nothing_is_near(write: Write, run: Check) -> None:
    write({"main.tf": "".join(SERVER.replace('"main"', f'"s{number}"') for number in range(12))})
    errors = run("trace", "x")[2]
    assert errors.startswith("pgflexlint: There is no resource 'x'. There are 12 servers: 'azurerm_postgresql_flexible")
    assert errors.endswith(".s8', 'azurerm_postgresql_flexible_server.s9' and 2 more.\n")


def test_where_nothing_is_declared_that_is_said(write: Write, run: Check) -> None:
    write({"main.tf": "locals {\n  a = 1\n}\n"})
    said = "pgflexlint: There is no resource 'x': the scanned files declare none.\n"
    assert run("trace", "x") == (2, "", said)


def test_what_differs_between_scenarios_is_shown_for_each(write: Write, run: Check) -> None:
    tables = '[[scenarios]]\nroot = "."\nvar-files = ["%s.tfvars"]\nname = "%s"\n'
    names = {"dev": "off", "test": "off", "prod": "on"}
    write({".pgflexlint.toml": "".join(tables % (name, name) for name in names)})
    for name, value in names.items():
        write({f"{name}.tfvars": f'tls = "{value}"\n'})
    write({"main.tf": SERVER + PARAMETER % "var.tls" + 'variable "tls" {}\n'})
    output = run("trace", "azurerm_postgresql_flexible_server_configuration.tls.value")[1]
    heads = [line for line in output.splitlines() if line.startswith(("With ", "value["))]
    value = "value[written]: azurerm_postgresql_flexible_server_configuration.tls.value is"
    assert heads == ["With dev:", f'{value} "off".', "With test:", f'{value} "off".', "With prod:", f'{value} "on".']
    assert "With dev, test, prod:" not in run("trace", "azurerm_postgresql_flexible_server.main.name")[1]


def test_inputs_of_the_command_line_count(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + PARAMETER % "var.tls" + 'variable "tls" {}\n'})
    output = run("trace", "azurerm_postgresql_flexible_server_configuration.tls.value", "--var", "tls=on")[1]
    assert output.startswith('value[written]: azurerm_postgresql_flexible_server_configuration.tls.value is "on".')
    assert "variable 'tls' on the command line" in output


@pytest.mark.parametrize(
    "lines",
    [
        'variable "p" {\n  default = "Not-Real-1"\n}\n',
        'variable "p" {\n  default = "Not-Real-1"\n  sensitive = true\n}\n',
        'locals {\n  p = "Not-Real-1"\n}\n',
    ],
)
@pytest.mark.parametrize("name", ["administrator_password", "tags"])
def test_no_secret_is_shown(write: Write, run: Check, lines: str, name: str) -> None:
    value = "local.p" if "locals" in lines else "var.p"
    body = f"  administrator_password = {value}\n  tags = {{ x = {value} }}\n  version"
    write({"main.tf": SERVER.replace("  version", body) + lines})
    for asked in ("", f".{name}"):
        code, output, _ = run("trace", f"azurerm_postgresql_flexible_server.main{asked}")
        assert code == 0
        assert "Not-Real" not in output
        assert "[REDACTED]" in output


def test_hostile_names_reach_no_terminal(write: Write, run: Check) -> None:
    server = "resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: '\\u{1b}[31m'\n}\n"
    write({"main.bicep": server})
    assert "\x1b" not in run("trace", "db")[1] + run("trace", "db.name")[1]


def test_what_could_not_be_looked_at_is_shown_below_a_value(write: Write, run: Check) -> None:
    write({
        "main.tf": SERVER + PARAMETER % "local.d",
        "locals.tf": 'locals {\n  d = "on"\n  password = "Not-Real-1\n}\n',
        "other/main.tf": 'resource "azurerm_postgresql_flexible_server" "x" {\n  a = = 1\n}\n',
    })  # fmt: skip
    code, output, errors = run("trace", "azurerm_postgresql_flexible_server_configuration.tls.value")
    assert (code, errors) == (3, "")
    _, checked, _ = run("check")
    (shown,) = (block for block in checked.split("\n\n") if "--> locals.tf" in block and "[syntax-error]" in block)
    assert shown in output
    assert "local value 'd'" in output
    assert "other/" not in output
    assert "Not-Real" not in output
    assert run("trace", "azurerm_postgresql_flexible_server.main")[0] == 3


def test_a_name_that_is_not_found_may_be_in_what_could_not_be_looked_at(write: Write, run: Check) -> None:
    write({"main.tf": SERVER, "more.tf": 'resource "azurerm_postgresql_flexible_server" "x" {\n'})
    code, _, errors = run("trace", "azurerm_postgresql_flexible_server.x")
    assert code == 2
    assert "Something could not be scanned. Run 'pgflexlint check' to see what." in errors


IMPORTING = """\
import %s from 'shared.bicep'

resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-main'
}

resource tls 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: main
  name: 'ssl_min_protocol_version'
  properties: { value: %s, source: 'user-override' }
}
"""


@pytest.mark.parametrize(
    ("taken", "expression", "step"),
    [
        ("{ minTls }", "minTls", "variable 'minTls'"),
        ("{ minTls as least }", "least", "variable 'minTls'"),
        ("* as sh", "sh.minTls", "'minTls' in an object"),
        ("{ least }", "least()", "function 'least'"),
        ("* as sh", "sh.least()", "function 'least'"),
    ],
)
def test_what_is_imported_comes_from_the_file_that_exports_it(
    write: Write, run: Check, taken: str, expression: str, step: str
) -> None:
    shared = "@export()\nvar minTls = 'TLSv1'\n@export()\nfunc least() string => 'TLSv1'\n"
    write({"main.bicep": IMPORTING % (taken, expression), "shared.bicep": shared})
    for output in (run("trace", "tls.properties.value")[1], run("check", "--select", "PGF102")[1]):
        place = "shared.bicep:4:24" if "least()" in expression else "shared.bicep:2:14"
        assert place in output
        assert step in output


def test_what_a_parameter_file_imports_comes_from_the_file_that_exports_it(write: Write, run: Check) -> None:
    main = IMPORTING.replace("import %s from 'shared.bicep'", "param least string") % "least"
    given = "using 'main.bicep'\nimport { minTls } from 'shared.bicep'\nparam least = minTls\n"
    write({"main.bicep": main, "p.bicepparam": given, "shared.bicep": "@export()\nvar minTls = 'TLSv1'\n"})
    output = run("trace", "tls.properties.value")[1]
    assert "shared.bicep:2:14" in output
    assert "p.bicepparam:3:15" in output
