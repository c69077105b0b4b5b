"""What touches the files that are named: a finding is shown where one of them decides that there is one."""

from __future__ import annotations

import pytest

from pgflexlint.assess import evaluate
from pgflexlint.discover import target
from pgflexlint.model import DefenderPlan
from pgflexlint.normalize import readers
from pgflexlint.normalize.assemble import added, context_of
from pgflexlint.normalize.claims import DEFENDER_PLANS, SECURITY_RULES, Claim, Reader
from pgflexlint.normalize.network import Attachment, SeparateRule
from pgflexlint.resource import Resource
from pgflexlint.settings import Settings
from pgflexlint.survey import survey
from pgflexlint.values import Unknown
from tests.command_line import PARAMETER, SERVER, Check, Write, found
from tests.paths import ROOT
from tests.work import calls

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
        ("filter(items(t), x => x.key == given)[0].value", "string = 'dev'", "'prod'"),
        ("first(concat(given, ['off']))", "array = ['on']", "[]"),
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
EACH = """\
resource "azurerm_postgresql_flexible_server_configuration" "each" {
  for_each  = %s
  name      = each.key
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = each.value
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
        ("PGF101", SERVER + EACH % '{for k in [1]: var.given => "off"}', '"require_secure_transport"'),
        ("PGF101", SERVER + EACH % '{(var.given) = "off"}', '"require_secure_transport"'),
        ("PGF101", SERVER + EACH % 'zipmap([var.given], ["off"])', '"require_secure_transport"'),
        ("PGF101", SERVER + EACH % 'merge({require_secure_transport = "off"}, var.given)', "{}"),
        ("PGF701", SERVER.replace("= false", '= lookup(var.given, "x", false)'), "{}"),
    ],
)  # fmt: skip
def test_what_decides_elsewhere_touches(write: Write, run: Check, rule: str, main: str, given: str) -> None:
    write({"main.tf": main, "variables.tf": VARIABLE % given, "other.tf": 'variable "other" {\n  default = "x"\n}\n'})
    there = found(run(*CHECK, rule)[1])
    assert there
    assert found(run(*CHECK, rule, "variables.tf")[1]) == there
    assert found(run(*CHECK, rule, "other.tf")[1]) == []


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("count  = var.given ? 1 : 0", "true"),
        ("for_each = var.given", '{"a" = 1}'),
        ("for_each = toset(var.given)", '["a"]'),
    ],
)
def test_what_decides_on_a_module_touches_what_is_in_it(write: Write, run: Check, call: str, given: str) -> None:
    inner = {"db/main.tf": 'module "db" {\n  source = "../server"\n}\n', "server/main.tf": OFF}
    write({"main.tf": MODULE % call, "variables.tf": VARIABLE % given, **inner, "other.tf": "locals {}\n"})
    assert found(run(*CHECK, "PGF101", "variables.tf")[1]) == ["PGF101 server/main.tf:14"]
    assert found(run(*CHECK, "PGF101", "other.tf")[1]) == []


def test_a_file_that_is_read_touches_as_a_variable_does(write: Write, run: Check) -> None:
    rule = RULE % ('trimspace(file("a.txt"))', '"255.255.255.255"')
    write({"main.tf": SERVER + rule, "a.txt": "0.0.0.0\n", "b.txt": "0.0.0.0\n"})
    assert found(run(*CHECK, "PGF301", "a.txt")[1]) == ["PGF301 main.tf:15"]
    assert found(run(*CHECK, "PGF301", "b.txt")[1]) == []


PLACE = """\
param given {type}

resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'psql-main'
  sku: {{ name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }}
  properties: {{ version: '16', backup: {{ geoRedundantBackup: 'Enabled' }} }}
}}
"""
SETTING = """
resource setting 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {condition} {{
  parent: main
  name: {name}
  properties: {{ value: 'off', source: 'user-override' }}
}}
"""
OPEN = """
resource open 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: main
  name: 'open'
  properties: { startIpAddress: given, endIpAddress: '255.255.255.255' }
}
"""
LOCKED = """
resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (given) {
  scope: main
  name: 'lock'
  properties: { level: 'CanNotDelete' }
}
"""
SECURE = "'require_secure_transport'"
INSIDE = "\nmodule inside 'inside.bicep' = %s { name: '%s' }%s\n"


@pytest.mark.parametrize(
    ("rule", "more", "given"),
    [
        ("PGF301", OPEN, "string = '0.0.0.0'"),
        ("PGF101", SETTING.format(condition="", name="given"), f"string = {SECURE}"),
        ("PGF101", SETTING.format(condition="if (given)", name=SECURE), "bool = true"),
        ("PGF704", LOCKED, "bool = false"),
        ("PGF701", "", "string = 'Disabled'"),
        ("PGF701", "", "string? = null"),
        ("PGF101", INSIDE % ("if (given)", "i", ""), "bool = true"),
        ("PGF101", INSIDE % ("[for i in range(0, given):", "i${i}", "]"), "int = 1"),
        ("PGF101", INSIDE % ("[for (x, i) in given:", "i${i}", "]"), "array = [1]"),
    ],
)
def test_what_decides_elsewhere_in_a_template_touches(
    write: Write, run: Check, rule: str, more: str, given: str
) -> None:
    type_, _, value = given.partition(" = ")
    main = PLACE.format(type=type_) + more
    if rule == "PGF701":
        main = main.replace("'Enabled'", "given")
    inside = PLACE.replace("param given {type}", "").replace("{{", "{").replace("}}", "}")
    inside += SETTING.format(condition="", name=SECURE)
    using = f"using 'main.bicep'\nparam given = {value}\n"
    write({"main.bicep": main, "p.bicepparam": using, "other.bicep": "param x string\n"})
    write({"inside.bicep": inside} if "inside" in main else {})
    there = found(run(*CHECK, rule)[1])
    assert there
    assert found(run(*CHECK, rule, "p.bicepparam")[1]) == there
    assert found(run(*CHECK, rule, "other.bicep")[1]) == []


ARM = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"given": {"type": "object"}},
  "resources": [
    {
      %s
      "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
      "apiVersion": "2024-08-01",
      "name": "[concat('psql-main', '/rule')]",
      "properties": { "startIpAddress": "%s", "endIpAddress": "255.255.255.255" }
    }
  ]
}
"""


@pytest.mark.parametrize(
    ("meta", "start", "given"),
    [
        ("", "[parameters('given').start]", '{"start": "0.0.0.0"}'),
        ("\"condition\": \"[equals(parameters('given').env, 'dev')]\",", "0.0.0.0", '{"env": "dev"}'),
        ('"copy": {"name": "c", "count": "[length(parameters(\'given\').l)]"},', "0.0.0.0", '{"l": [1]}'),
    ],
)
def test_what_decides_elsewhere_in_arm_touches(write: Write, run: Check, meta: str, start: str, given: str) -> None:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    values = '{"$schema": "%s", "contentVersion": "1.0.0.0", "parameters": {"given": {"value": %s}}}'
    other = "other.parameters.json"
    write({"main.json": ARM % (meta, start), "main.parameters.json": values % (schema, given)})
    there = found(run(*CHECK, "PGF301")[1])
    assert there
    assert found(run(*CHECK, "PGF301", "main.parameters.json")[1]) == there
    write({other: values % (schema, "{}")})
    assert found(run(*CHECK, "PGF301", other)[1]) == []


def test_what_does_not_matter_to_a_finding_does_not_touch_it(write: Write, run: Check) -> None:
    main = OFF.replace('"psql-ledger"', "var.given").replace("= 7", "= var.days")
    write({"main.tf": main, "variables.tf": VARIABLE % '"psql"' + 'variable "days" {\n  default = 30\n}\n'})
    assert found(run(*CHECK, "PGF101,PGF701,PGF702", "variables.tf")[1]) == []
    assert found(run(*CHECK, "PGF101,PGF701,PGF702")[1]) != []


def test_objects_that_hold_one_another_twice_cost_no_more_than_their_number(write: Write, run: Check) -> None:
    def work(depth: int) -> int:
        named = (f"  l{at + 1} = {{ a = local.l{at}, b = local.l{at} }}\n" for at in range(depth))
        tagged = SERVER.replace("}\n", f"  tags = local.l{depth}\n}}\n")
        write({"main.tf": tagged, "locals.tf": f'locals {{\n  l0 = {{ a = "x" }}\n{"".join(named)}}}\n'})
        write({"other.tf": "locals {\n  other = 1\n}\n"})
        return calls(run, "check", "--jobs", "1", "other.tf")

    work(4)  # which imports what all need
    assert work(14) < 2 * work(7)


SUBNET = """\
resource "azurerm_subnet" "s" {
  name                 = "snet-db"
  resource_group_name  = "rg-ledger"
  virtual_network_name = "vnet-ledger"
  address_prefixes     = ["10.0.0.0/24"]
}
resource "azurerm_private_dns_zone" "z" {
  name                = "wrong.example.com"
  resource_group_name = "rg-ledger"
}
"""
PRIVATE = SUBNET + SERVER.replace("}\n", "  delegated_subnet_id = %s\n  private_dns_zone_id = %s\n}\n").replace(
    "access_enabled = true", "access_enabled = false"
)
LOCALS = """\
locals {
  private = true
  subnet  = azurerm_subnet.s.id
  server  = azurerm_postgresql_flexible_server.main.id
  servers = { a = azurerm_postgresql_flexible_server.main }
}
"""
TO = PARAMETER.replace("azurerm_postgresql_flexible_server.main.id", "%s").replace("= %s\n}", '= "off"\n}')


@pytest.mark.parametrize(
    ("rule", "main"),
    [
        ("PGF310", PRIVATE % ("local.private ? azurerm_subnet.s.id : null", "null")),
        ("PGF310", PRIVATE % ("local.subnet", "null")),
        ("PGF310", PRIVATE % ("azurerm_subnet.s.id", "local.private ? azurerm_private_dns_zone.z.id : null")),
        ("PGF101", SERVER + TO % "local.server"),
        ("PGF101", SERVER + TO % 'local.servers["a"].id'),
        ("PGF101", SERVER + TO % "local.private ? azurerm_postgresql_flexible_server.main.id : null"),
    ],
)
def test_what_decides_on_what_is_referred_to_touches(write: Write, run: Check, rule: str, main: str) -> None:
    write({"main.tf": main, "locals.tf": LOCALS, "other.tf": 'locals {\n  other = "x"\n}\n'})
    there = found(run(*CHECK, rule)[1])
    assert there
    assert set(found(run(*CHECK, rule, "locals.tf")[1])) <= set(there)
    assert found(run(*CHECK, rule, "locals.tf")[1])
    assert found(run(*CHECK, rule, "other.tf")[1]) == []


ADMINISTRATOR = """\
resource "azurerm_postgresql_flexible_server_active_directory_administrator" "a" {
  server_name         = azurerm_postgresql_flexible_server.main.name
  resource_group_name = "rg-ledger"
  tenant_id           = "00000000-0000-0000-0000-000000000001"
  object_id           = "00000000-0000-0000-0000-000000000002"
  principal_name      = "ann@example.com"
  principal_type      = "User"
}
"""


def test_what_a_resource_says_of_itself_does_not_touch_who_refers_to_it(write: Write, run: Check) -> None:
    named = SERVER.replace('"psql-ledger"', 'var.given == "" ? "psql" : var.given')
    write({"main.tf": named + ADMINISTRATOR, "variables.tf": VARIABLE % '"ledger"'})
    assert found(run(*CHECK, "PGF414")[1]) == ["PGF414 main.tf:17"]
    assert found(run(*CHECK, "PGF414", "variables.tf")[1]) == []


ELEMENTS = """\
locals {
  days  = { dev = 7 }
  list  = [7]
  given = {}
  null  = null
  flags = [true]
}
"""


@pytest.mark.parametrize(
    "expression",
    [
        'local.days["dev"]',
        'lookup(local.days, "dev", 14)',
        "lookup(local.days, var.unknown, 7)",
        "local.list[var.unknown]",
        "element(local.list, 0)",
        "element(local.list, var.unknown)",
        "one(local.list)",
        "one(toset(local.list))",
        "one([for each in local.list : each])",
        "max(local.list...)",
        "min(local.list...)",
        "coalesce(local.list...)",
        "try(local.list[1], 7)",
        "try(local.given.x, 7)",
        "try(local.given.x.y, 7)",
        "try(local.null.x, 7)",
        'try(local.given["x"], 7)',
        'try(lookup(local.given, "x"), 7)',
        "try(element(local.list[0], 0), 7)",
        "alltrue(local.flags) ? 7 : 14",
        "alltrue([local.flags[0]]) ? 7 : 14",
        "contains([local.list[0]], 7) ? 7 : 14",
        "index([local.list[0], 14], 7) + 7",
        "[for each in [local.list[0]] : each + 0][0]",
        "element([local.list[0]][*], 0)",
        "[local.list[0]] == [7] ? 7 : 14",
    ],
)
def test_who_holds_what_is_taken_touches(write: Write, run: Check, expression: str) -> None:
    main = SERVER.replace("= 7", f"= {expression}") + 'variable "unknown" {}\n'
    write({"main.tf": main, "locals.tf": ELEMENTS, "other.tf": 'locals {\n  other = "x"\n}\n'})
    assert found(run(*CHECK, "PGF702", "locals.tf")[1]) == ["PGF702 main.tf:7"]
    assert found(run(*CHECK, "PGF702", "other.tf")[1]) == []


SHARED = """\
@export()
var days = 7
@export()
var list = [7]
@export()
var byName = { dev: 7 }
@export()
func given() int => 7
"""


@pytest.mark.parametrize(
    ("taken", "expression"),
    [
        ("{ days }", "days"),
        ("{ days as kept }", "kept"),
        ("{ list }", "list[0]"),
        ("{ list }", "first(list)"),
        ("{ byName }", "byName.dev"),
        ("{ given }", "given()"),
        ("* as v", "v.given()"),
        ("* as v", "v.days"),
        ("* as v", "v.list[0]"),
        ("* as v", "first(v.list)"),
        ("* as v", "last(v.list)"),
        ("* as v", "[...v.list][0]"),
        ("* as v", "map([...v.list], x => x + 0)[0]"),
        ("* as v", "map(items({ ...v.byName }), x => x.value + 0)[0]"),
        ("* as v", "max(v.list)"),
        ("* as v", "contains([v.days], 7) ? 7 : 14"),
        ("* as v", "reduce(v.list, 0, (a, b) => a + b)"),
        ("* as v", "reduce(v.list, 7, (a, b) => 7)"),
        ("* as v", "[v.days] == [7] ? 7 : 14"),
        ("* as v", "'${[v.days]}' == '[7]' ? 7 : 14"),
        ("* as v", "v.byName.?dev"),
        ("* as v", "v.byName.?prod ?? 7"),
    ],
)
def test_who_exports_what_is_taken_touches(write: Write, run: Check, taken: str, expression: str) -> None:
    main = PLACE.format(type="string = ''").replace("geo", f"backupRetentionDays: {expression}, geo")
    write({"main.bicep": f"import {taken} from 'shared.bicep'\n{main}", "shared.bicep": SHARED, "other.bicep": ""})
    assert found(run(*CHECK, "PGF702", "shared.bicep")[1]) == ["PGF702 main.bicep:7"]
    assert found(run(*CHECK, "PGF702", "other.bicep")[1]) == []


@pytest.mark.parametrize(
    "expression",
    [
        'jsondecode(file("${path.module}/v.json")).v',
        'jsondecode(file("${path.root}/v.json")).v',
        'path.module == "." ? "12" : "16"',
        'terraform.workspace == "dev" ? "12" : "12"',
        'path.cwd == "/" ? "12" : "12"',
    ],
)
def test_where_a_module_is_does_not_touch(write: Write, run: Check, expression: str) -> None:
    main = SERVER.replace('"16"', expression)
    write({"main.tf": main, "v.json": '{"v":"12"}', "a.tf": 'variable "tags" {\n  default = {}\n}\n'})
    assert found(run(*CHECK, "PGF", "a.tf")[1]) == []
    assert "PGF705 main.tf:5" in found(run(*CHECK, "PGF", "main.tf")[1])
    shown = run("check", "--select", "PGF705")[1]
    assert "in an object" not in shown.replace("'v' in an object", "")
    assert found(run(*CHECK, "PGF705", "v.json")[1]) == (["PGF705 main.tf:5"] if "json" in expression else [])


@pytest.mark.parametrize(("root", "folder"), [(".", ""), ("infra", "infra/")])
def test_the_variable_file_of_a_scenario_touches_wherever_its_root_is(
    write: Write, run: Check, root: str, folder: str
) -> None:
    scenario = f'[[scenarios]]\nroot = "{root}"\nvar-files = ["env/prod.tfvars"]\n'
    main = SERVER.replace("= 7", "= var.days") + 'variable "days" {\n  type = number\n}\n'
    write({".git/HEAD": "", ".pgflexlint.toml": scenario, "env/prod.tfvars": "days = 7\n", f"{folder}main.tf": main})
    assert found(run(*CHECK, "PGF702", "--", "env/prod.tfvars")[1]) == [f"PGF702 {folder}main.tf:7"]


def test_the_variable_file_of_the_command_line_touches_wherever_the_root_is(write: Write, run: Check) -> None:
    main = SERVER.replace("= 7", "= var.days") + 'variable "days" {\n  type = number\n}\n'
    write({".git/HEAD": "", "env/prod.tfvars": "days = 7\n", "env/test.tfvars": "", "infra/main.tf": main})
    check = (*CHECK, "PGF702", "--var-file", "env/prod.tfvars", "--")
    assert found(run(*check, "env/prod.tfvars")[1]) == ["PGF702 infra/main.tf:7"]
    assert found(run(*check, "env/test.tfvars")[1]) == []


REST = """\
  resource_group_name = "rg-ledger"
  location            = "westeurope"
"""
ADDED = [
    ("azurerm_resource_group", '  location = "westeurope"\n', ()),
    ("azurerm_subnet", REST, ()),
    ("azurerm_key_vault", REST, ()),
    ("azurerm_key_vault_secret", '  value = "x"\n  key_vault_id = "/subscriptions/0/kv"\n', ()),
    ("random_password", "  length = 20\n", ()),
    ("azurerm_container_app", REST, ()),
    ("postgresql_role", "", ()),
    ("azurerm_postgresql_flexible_server_database",
     "  server_id = azurerm_postgresql_flexible_server.main.id\n", ()),
    ("azurerm_private_endpoint", REST, ("PGF307",)),
    ("azurerm_postgresql_flexible_server_firewall_rule",
     '  server_id = azurerm_postgresql_flexible_server.main.id\n  start_ip_address = "203.0.113.7"\n'
     '  end_ip_address = "203.0.113.7"\n', ()),
    ("azurerm_management_lock", '  scope = "/subscriptions/0"\n  lock_level = "ReadOnly"\n', ("PGF704",)),
    ("azurerm_monitor_diagnostic_setting", '  target_resource_id = "/subscriptions/0"\n', ("PGF509",)),
    ("azurerm_storage_account", REST, ()),
    ("azapi_resource", '  type = "Microsoft.Storage/storageAccounts@2023-01-01"\n', ()),
]  # fmt: skip
"""Types, what is written in a resource of each beside its name, and what others of it can change of a server."""


@pytest.mark.parametrize(("type_", "written", "changed"), ADDED)
@pytest.mark.parametrize("shut", [False, True])
def test_others_of_a_type_touch_what_they_can_change(
    write: Write, run: Check, type_: str, written: str, changed: tuple[str, ...], *, shut: bool
) -> None:
    server = SERVER.replace("access_enabled = true", "access_enabled = false") if shut else SERVER
    more = f'resource "{type_}" "x" {{\n  for_each = toset(var.names)\n  name = each.key\n{written}}}\n'
    write({"main.tf": server, "more.tf": more + 'variable "names" {}\n', "terraform.tfvars": 'names = ["a"]\n'})
    there = {each.split()[0] for each in found(run(*CHECK, "PGF")[1]) if "main.tf" in each}
    for only in ("terraform.tfvars", "more.tf"):
        shown = {each.split()[0] for each in found(run(*CHECK, "PGF", "--", only)[1]) if "main.tf" in each}
        assert shown == there.intersection(changed)


AUDIT = """\
resource "azurerm_monitor_diagnostic_setting" "audit" {
  count                      = %s
  name                       = "audit"
  target_resource_id         = azurerm_postgresql_flexible_server.main.id
  log_analytics_workspace_id = "/subscriptions/0/law"
  enabled_log {
    category_group = "allLogs"
  }
}
"""
SWITCH = 'variable "on" {\n  default = false\n}\n'
INNER = AUDIT.replace("  count                      = %s\n", "").replace(
    "azurerm_postgresql_flexible_server.main.id", "var.id"
) + 'variable "id" {}\n'  # fmt: skip
CALL = """\
module "audit" {
  source = "./audit"
  count  = %s
  id     = azurerm_postgresql_flexible_server.main.id
}
"""


@pytest.mark.parametrize(
    ("audit", "more"),
    [
        (AUDIT % "0", {}),
        (AUDIT % "var.on ? 1 : 0", {"variables.tf": SWITCH}),
        (AUDIT % "local.on ? 1 : 0" + "locals {\n  on = false\n}\n", {}),
        (AUDIT.replace("count   ", "for_each") % "{}", {}),
        (CALL % "0", {"audit/main.tf": INNER}),
        (CALL % "0", {"audit/main.tf": CALL.replace("./audit", "./b").replace("%s", "1").replace(
            "azurerm_postgresql_flexible_server.main.id", "var.id") + 'variable "id" {}\n', "audit/b/main.tf": INNER}),
    ],
)  # fmt: skip
def test_what_switches_a_resource_off_touches_what_is_missing_then(
    write: Write, run: Check, audit: str, more: dict[str, str]
) -> None:
    write({"main.tf": SERVER, "audit.tf": audit, "other.tf": "locals {\n  other = 1\n}\n", **more})
    assert "PGF509 main.tf:1" in found(run(*CHECK, "PGF")[1])
    assert found(run(*CHECK, "PGF", "--", "audit.tf")[1]) == ["PGF509 main.tf:1"]
    assert found(run(*CHECK, "PGF", "--", "other.tf")[1]) == []


SERVER_MODULE = """\
resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-main'
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }
  properties: { version: '16' }
}
output name string = main.name
"""
USING = "module server 'server.bicep' = { name: 'server' }\n"
INNER_AUDIT = """\
param name string
resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = { name: name }
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: main
  name: 'audit'
  properties: { workspaceId: '/subscriptions/0/law', logs: [{ categoryGroup: 'allLogs', enabled: true }] }
}
"""
INNER_RULES = """\
param name string
param offices array
resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = { name: name }
resource rules 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = [for office in offices: {
  parent: main
  name: office.name
  properties: { startIpAddress: office.ip, endIpAddress: office.ip }
}]
"""
OFFICES = (
    "param offices array\nmodule rules 'rules.bicep' = { name: 'r', params: { name: 'psql-main', offices: offices } }\n"
)
AUDITED = "module audit 'audit.bicep' = if (%s) { name: 'a', params: { name: 'psql-main' } }\n"


@pytest.mark.parametrize(
    ("main", "parameters", "shown"),
    [
        (OFFICES, "param offices = [{ name: 'a', ip: '20.50.60.70' }]", []),
        ("param on bool\n" + AUDITED % "on", "param on = false", ["PGF509 server.bicep:1"]),
        ("param on bool\n" + AUDITED % "on", "param on = true", []),
    ],
)
def test_a_parameter_that_decides_how_many_there_are_touches_what_they_can_change(
    write: Write, run: Check, main: str, parameters: str, shown: list[str]
) -> None:
    write({"server.bicep": SERVER_MODULE, "audit.bicep": INNER_AUDIT, "rules.bicep": INNER_RULES})
    write({"main.bicep": USING + main, "p.bicepparam": f"using 'main.bicep'\n{parameters}\n"})
    everything = found(run(*CHECK, "PGF")[1])
    assert ("PGF509 server.bicep:1" in everything) == ("param on = true" not in parameters)
    assert found(run(*CHECK, "PGF", "--", "p.bicepparam")[1]) == shown


def test_a_condition_that_is_off_touches_what_is_missing_then(write: Write, run: Check) -> None:
    main = SERVER_MODULE + "module audit 'audit.bicep' = { name: 'a', params: { name: main.name } }\n"
    off = INNER_AUDIT.replace("-preview' =", "-preview' = if (false)")
    write({"main.bicep": main, "audit.bicep": off})
    assert "PGF509 main.bicep:1" in found(run(*CHECK, "PGF")[1])
    assert found(run(*CHECK, "PGF", "--", "audit.bicep")[1]) == ["PGF509 main.bicep:1"]


def _kind(piece: object, resource: Resource) -> str:
    """The kind of parts that one of a resource is, of those that are looked for where something is not looked at."""
    match piece:
        case Claim(kind=kind):
            return kind
        case Attachment(subnet=Unknown(reference=reference)):
            own = reference is not None and reference.address.startswith(resource.address)
            return "" if own else SECURITY_RULES
        case SeparateRule():
            return SECURITY_RULES
        case DefenderPlan():
            return DEFENDER_PLANS
    return ""


def test_whatever_a_resource_adds_its_type_is_known_to_add() -> None:
    """Of what is in the fixtures, and of all types that are read as one there is."""
    tables = {**readers.TERRAFORM, **readers.ARM}
    kinds: dict[Reader, set[str]] = {}
    for deployment in evaluate(survey(target(["fixtures"], [], ROOT)), Settings()):
        context = context_of(deployment)
        for resource in deployment.resources:
            if (reader := tables.get(resource.type)) is not None:
                found_ = kinds.setdefault(reader, set())
                found_.update(kind for piece in reader(resource, context) if (kind := _kind(piece, resource)))
    assert {type_: kinds[reader] for type_, reader in tables.items() if kinds.get(reader, set()) - added(type_)} == {}
    assert {reader.__name__ for reader in tables.values() if reader not in kinds} == {
        "_configuration_key",
        "_extension",
    }


NESTED = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"on": {"type": "bool"}},
  "resources": [
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers",
      "apiVersion": "2024-08-01",
      "name": "psql-main",
      "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
      "properties": {"version": "16"}
    },
    {
      "type": "Microsoft.Resources/deployments",
      "apiVersion": "2022-09-01",
      "name": "more",
      "condition": "[parameters('on')]",
      "properties": {
        "mode": "Incremental",
        "template": {
          "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
          "contentVersion": "1.0.0.0",
          "resources": [
            {
              "type": "%s",
              "apiVersion": "2024-08-01",
              "name": "psql-main/x",
              "properties": {}
            }
          ]
        }
      }
    }
  ]
}
"""


@pytest.mark.parametrize(
    ("type_", "shown"),
    [
        ("Microsoft.DBforPostgreSQL/flexibleServers/databases", []),
        ("Microsoft.DBforPostgreSQL/flexibleServers/providers/diagnosticSettings", ["PGF509 main.json:7"]),
    ],
)
def test_a_nested_deployment_touches_what_it_can_change(write: Write, run: Check, type_: str, shown: list[str]) -> None:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    values = f'{{"$schema": "{schema}", "contentVersion": "1.0.0.0", "parameters": {{"on": {{"value": false}}}}}}'
    write({"main.json": NESTED % type_, "main.parameters.json": values})
    assert "PGF509 main.json:7" in found(run(*CHECK, "PGF")[1])
    assert found(run(*CHECK, "PGF", "--", "main.parameters.json")[1]) == shown


HARDENING = """\
variable "harden" {
  type = bool
}
resource "azapi_update_resource" "main" {
  count       = var.harden ? 1 : 0
  type        = "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01"
  resource_id = azurerm_postgresql_flexible_server.main.id
  body        = { properties = { authConfig = { passwordAuth = "Disabled", activeDirectoryAuth = "Enabled" } } }
}
"""


@pytest.mark.parametrize("name", ["terraform.tfvars", "up.tf"])
def test_what_takes_an_update_away_touches_what_it_would_set(write: Write, run: Check, name: str) -> None:
    write({"main.tf": SERVER, "up.tf": HARDENING, "terraform.tfvars": "harden = false\n"})
    assert found(run(*CHECK, "PGF401,PGF403", "--", name)[1]) == ["PGF401 main.tf:1", "PGF403 main.tf:1"]
    write({"terraform.tfvars": "harden = true\n"})
    assert found(run(*CHECK, "PGF401,PGF403", "--", name)[1]) == []


def test_an_update_of_another_service_touches_no_server(write: Write, run: Check) -> None:
    storage = HARDENING.replace("DBforPostgreSQL/flexibleServers", "Storage/storageAccounts")
    write({"main.tf": SERVER, "up.tf": storage, "terraform.tfvars": "harden = false\n"})
    assert found(run(*CHECK, "PGF401,PGF403", "--", "up.tf")[1]) == []


def test_an_update_of_a_parameter_touches_parameters_alone(write: Write, run: Check) -> None:
    update = HARDENING.replace("flexibleServers@", "flexibleServers/configurations@")
    update = update.replace("resource_id = azurerm", 'name = "work_mem"\n  parent_id = azurerm')
    write({"main.tf": SERVER, "up.tf": update, "terraform.tfvars": "harden = true\n"})
    assert found(run(*CHECK, "PGF401,PGF403,PGF508", "--", "terraform.tfvars")[1]) == ["PGF508 main.tf:1"]
