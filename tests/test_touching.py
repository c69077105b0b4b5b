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
