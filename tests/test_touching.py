"""What touches the files that are named: a finding is shown where one of them decides that there is one."""

from __future__ import annotations

import pytest

from tests.command_line import PARAMETER, SERVER, Check, Write, found

CHECK = ("check", "--format", "concise", "--select")


@pytest.mark.parametrize(
    ("expression", "given"),
    [
        ("local.t[var.given]", '"prod"'),
        ('local.t["${var.given}"]', '"prod"'),
        ('lookup(local.t, var.given, "on")', '"prod"'),
        ('lookup({"dev" = "on"}, var.given, "off")', '"prod"'),
        ('element(["on", "off"], var.given)', "1"),
        ('["on", "off"][var.given]', "1"),
        ('coalesce(var.given, "off")', "null"),
        ('join("", coalescelist(var.given, ["off"]))', "[]"),
        ('try(var.given.tls, "off")', "{}"),
        ('try(tostring(var.given), "off")', "[]"),
        ('can(var.given.tls) ? "on" : "off"', "{}"),
        ('var.given == "prod" ? "off" : "on"', '"prod"'),
    ],
)
def test_what_picks_a_value_touches_it(write: Write, run: Check, expression: str, given: str) -> None:
    locals_ = 'locals {\n  t = { dev = "on", prod = "off" }\n}\n'
    write(
        {
            "main.tf": SERVER + PARAMETER % expression + locals_,
            "variables.tf": f'variable "given" {{\n  default = {given}\n}}\n',
            "other.tf": 'variable "other" {\n  default = "x"\n}\n',
        }
    )
    assert found(run(*CHECK, "PGF101", "variables.tf")[1]) == ["PGF101 main.tf:14"]
    assert found(run(*CHECK, "PGF101", "other.tf")[1]) == []
    output = run("check", "--select", "PGF101")[1]
    assert output.index("the value comes from") < output.index("the default of variable 'given'")


BICEP = """\
param given {default}
var t = {{ dev: 'on', prod: 'off' }}

resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {{
  name: 'psql-main'
}}

resource setting 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {{
  parent: main
  name: 'require_secure_transport'
  properties: {{ value: {expression}, source: 'user-override' }}
}}
"""


@pytest.mark.parametrize(
    ("expression", "default", "given"),
    [
        ("t[given]", "string = 'dev'", "'prod'"),
        ("t['${given}']", "string = 'dev'", "'prod'"),
        ("['on', 'off'][given]", "int = 0", "1"),
        ("given ?? 'off'", "string? = 'on'", "null"),
        ("given.?tls ?? 'off'", "object = { tls: 'on' }", "{}"),
        ("given == 'prod' ? 'off' : 'on'", "string = 'dev'", "'prod'"),
    ],
)
def test_what_picks_a_value_of_a_template_touches_it(
    write: Write, run: Check, expression: str, default: str, given: str
) -> None:
    main = BICEP.format(default=default, expression=expression)
    write({"main.bicep": main, "p.bicepparam": f"using 'main.bicep'\nparam given = {given}\n", "other.bicep": ""})
    assert found(run(*CHECK, "PGF101", "p.bicepparam")[1]) == ["PGF101 main.bicep:11"]
    assert found(run(*CHECK, "PGF101", "other.bicep")[1]) == []


VARIABLE = 'variable "given" {\n  default = %s\n}\n'
RULE = """\
resource "azurerm_postgresql_flexible_server_firewall_rule" "all" {
  name             = "all"
  server_id        = azurerm_postgresql_flexible_server.main.id
  start_ip_address = %s
  end_ip_address   = %s
}
"""
LOCK = """\
resource "azurerm_management_lock" "main" {
  %s
  name       = "lock"
  scope      = azurerm_postgresql_flexible_server.main.id
  lock_level = "CanNotDelete"
}
"""
BURSTABLE = SERVER.replace('"GP_Standard_D2ds_v5"', "%s").removesuffix("}\n")
MODULE = 'module "db" {\n  source = "./db"\n  %s\n}\n'
OFF = SERVER + PARAMETER % '"off"'


@pytest.mark.parametrize(
    ("rule", "main", "given"),
    [
        ("PGF301", SERVER + RULE % ("var.given", '"255.255.255.255"'), '"0.0.0.0"'),
        ("PGF301", SERVER + RULE % ('"0.0.0.0"', "var.given"), '"255.255.255.255"'),
        ("PGF101", SERVER + PARAMETER.replace('"require_secure_transport"', "var.given") % '"off"',
         '"require_secure_transport"'),
        ("PGF904", BURSTABLE % "var.given" + '  high_availability {\n    mode = "ZoneRedundant"\n  }\n}\n',
         '"B_Standard_B1ms"'),
        ("PGF904", BURSTABLE % '"B_Standard_B1ms"' + '  dynamic "high_availability" {\n    for_each = var.given\n'
         '    content {\n      mode = "ZoneRedundant"\n    }\n  }\n}\n', "[1]"),
        ("PGF703", SERVER.replace("}\n", '  dynamic "high_availability" {\n    for_each = var.given\n'
         '    content {\n      mode = "ZoneRedundant"\n    }\n  }\n}\n'), "[]"),
        ("PGF701", SERVER.replace("= false", "= var.given"), "null"),
        ("PGF101", OFF.replace("  name      =", "  count     = var.given\n  name      ="), "1"),
        ("PGF101", OFF.replace("  name      =", "  for_each  = toset(var.given)\n  name      ="), '["a"]'),
        ("PGF101", OFF.replace("  name      =", "  for_each  = {for k in [1]: k => k if var.given}\n  name      ="),
         "true"),
        ("PGF704", SERVER + LOCK % "count = var.given ? 1 : 0", "false"),
        ("PGF704", SERVER + LOCK % "for_each = var.given", "{}"),
    ],
)  # fmt: skip
def test_what_decides_elsewhere_touches(write: Write, run: Check, rule: str, main: str, given: str) -> None:
    write({"main.tf": main, "variables.tf": VARIABLE % given, "other.tf": 'variable "other" {\n  default = "x"\n}\n'})
    there = found(run(*CHECK, rule)[1])
    assert there
    assert found(run(*CHECK, rule, "variables.tf")[1]) == there
    assert found(run(*CHECK, rule, "other.tf")[1]) == []


def test_what_does_not_matter_to_a_finding_does_not_touch_it(write: Write, run: Check) -> None:
    main = OFF.replace('"psql-ledger"', "var.given").replace("= 7", "= var.days")
    write({"main.tf": main, "variables.tf": VARIABLE % '"psql"' + 'variable "days" {\n  default = 30\n}\n'})
    assert found(run(*CHECK, "PGF101,PGF701,PGF702", "variables.tf")[1]) == []
    assert found(run(*CHECK, "PGF101,PGF701,PGF702")[1]) != []
