"""Loops of Bicep and of ARM JSON: which of their instances are deployed, and what is known of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.command_line import Check, Write
from tests.test_template_evaluation import SERVER, arm, nested, resource


def lines(run: Check, room: Any, rule: str) -> list[str]:
    """What the concise format says of one rule, the summary left out."""
    _, output, _ = run("check", room, "--isolated", "--format", "concise", "--show-unknown", "--select", rule)
    return output.splitlines()[:-1]


DAYS = "param i int\noutput days int = i == 1 ? 8 : 35\n"
BACKUP = """\
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'pg'
  properties: {{ backup: {{ backupRetentionDays: {} }} }}
}}
"""
SHORT = "note PGF702 Backups of server 'pg' are kept for '8' days, less than the recommended '14'. [pg]"


@pytest.mark.parametrize(
    ("loop", "wanted", "said"),
    [
        ("range(0, 3): if (i > 0)", "s[1]", SHORT),
        ("range(0, 3): if (i < 2)", "s[1]", SHORT),
        ("range(0, 2): if (i == 1)", "s[1]", SHORT),
        ("range(0, 3): if (i > 0)", "s[2]", ""),
        ("range(0, 3): if (i > 0)", "s[0]", "unknown PGF702"),
    ],
)
def test_a_condition_moves_no_module_of_a_loop_to_another_index(
    write: Write, run: Check, loop: str, wanted: str, said: str
) -> None:
    text = f"module s 's.bicep' = [for i in {loop} {{ params: {{ i: i }} }}]\n" + BACKUP.format(
        f"{wanted}.outputs.days"
    )
    found = lines(run, write({"s.bicep": DAYS, "main.bicep": text}), "PGF702")
    assert [line.startswith(f"main.bicep:4:48: {said}") for line in found] == ([True] if said else [])


def test_a_condition_moves_no_deployment_of_a_copy_to_another_index(write: Write, run: Check) -> None:
    child = arm(
        [],
        parameters={"i": {"type": "int"}},
        outputs={"days": {"type": "int", "value": "[if(equals(parameters('i'), 1), 8, 35)]"}},
    )
    copy = {"condition": "[greater(copyIndex(), 0)]", "copy": {"name": "s", "count": 3}}
    resources = {
        "s": {**nested("s", child, parameters={"i": "[copyIndex()]"}), **copy},
        "pg": resource(
            "pg", SERVER, properties={"backup": {"backupRetentionDays": "[reference('s[1]').outputs.days.value]"}}
        ),
    }
    found = lines(run, write({"main.json": json.dumps(arm(resources), indent=1)}), "PGF702")
    assert [line.partition(": ")[2] for line in found] == [SHORT]


CHILDREN = """\
param ips array
param extra object
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
}
resource fw 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = [
  for ip in concat(ips, ['0.0.0.0']): {
    parent: pg
    name: 'r-${replace(ip, '.', '-')}'
    properties: { startIpAddress: ip, endIpAddress: ip }
  }
]
resource set 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = [
  for (each, i) in items(union(extra, { require_secure_transport: 'off' })): {
    parent: pg
    name: each.key
    properties: { value: each.value, source: 'user-override' }
  }
]
"""
OPEN = (
    "warning PGF303 All of Azure, other customers included, can reach server 'pg' through firewall rule 'fw[?0]'."
    " [fw[?0]]"
)
UNENCRYPTED = "error PGF101 Unencrypted connections are accepted by server 'pg'. [set[?0]]"
FURTHER = (
    "unknown PGF303 firewall-allows-azure-services could not be decided, because parameter 'ips' has no value. [pg]"
)


def test_the_certain_members_of_a_list_are_gone_through(write: Write, run: Check) -> None:
    room = write({"main.bicep": CHILDREN})
    assert lines(run, room, "PGF101,PGF303") == [
        f"main.bicep:10:35: {OPEN}",
        f"main.bicep:17:26: {UNENCRYPTED}",
        f"main.bicep:7:13: {FURTHER}",
    ]


def counted(list_: str, other: str = "") -> dict[str, Any]:
    """Firewall rules for the members of a list."""
    address = f"[{other or list_}[copyIndex()]]"
    name = f"[format('pg/r-{{0}}', replace({list_}[copyIndex()], '.', '-'))]"
    properties = {"startIpAddress": address, "endIpAddress": address}
    copy = {"name": "fw", "count": f"[length({list_})]"}
    return resource(name, f"{SERVER}/firewallRules", properties=properties, copy=copy)


IPS = "concat(parameters('ips'), createArray('0.0.0.0'))"


@pytest.mark.parametrize(
    ("rules", "certain"),
    [
        (counted(IPS), True),
        (counted("variables('all')"), True),
        (counted("variables('all')", IPS), True),
        (counted(IPS, "concat(createArray('0.0.0.0'), parameters('others'))"), False),
        (counted(IPS, "parameters('others')"), False),
    ],
)
def test_the_certain_members_of_a_list_are_counted(
    write: Write, run: Check, rules: dict[str, Any], certain: bool
) -> None:
    parameters = {"ips": {"type": "array"}, "others": {"type": "array"}}
    resources = {"pg": resource("pg"), "fw": rules}
    template = arm(resources, parameters=parameters, variables={"all": f"[{IPS}]"})
    found = lines(run, write({"main.json": json.dumps(template, indent=1)}), "PGF303")
    said = [line.partition(": ")[2] for line in found]
    assert (OPEN in said) == certain
    assert FURTHER in said


def test_a_module_for_each_certain_member_of_a_list(write: Write, run: Check) -> None:
    text = "param more array\nmodule s 's.bicep' = [for i in concat([1], more): { params: { i: i } }]\n"
    backup = "resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'pg'\n"
    child = f"param i int\n{backup}  properties: {{ backup: {{ backupRetentionDays: i == 1 ? 8 : 35 }} }}\n}}\n"
    found = lines(run, write({"main.bicep": text, "s.bicep": child}), "PGF702")
    assert found == [
        "s.bicep:4:48: " + SHORT.replace("[pg]", "[s[?0].pg]"),
        "s.bicep:4:48: unknown PGF702 backup-retention-short could not be decided,"
        " because parameter 'more' has no value. [s[?].pg]",
    ]


SERVERS = """\
param more array
param k int
var l = concat([{ n: 'a', tls: 'OFF' }, { n: 'b', tls: 'ON' }], more)
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for r in l: {
  name: r.n
}]
resource c 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = [for (r, i) in %s: {
  parent: s[%s]
  name: 'require_secure_transport'
  properties: { value: r.tls, source: 'user-override' }
}]
"""
OFF_AT_A = "main.bicep:10:24: error PGF101 Unencrypted connections are accepted by server 's'. [c[?0]]"
OTHERS = (
    "main.bicep:4:1: unknown PGF101 secure-transport-disabled could not be decided,"
    " because parameter 'more' has no value. [s[?]]"
)


@pytest.mark.parametrize("list_", ["l", "concat([{ n: 'a', tls: 'OFF' }, { n: 'b', tls: 'ON' }], more)"])
def test_children_of_resources_that_go_through_the_same_list(write: Write, run: Check, list_: str) -> None:
    room = write({"main.bicep": SERVERS % (list_, "i")})
    assert lines(run, room, "PGF101") == [OFF_AT_A, OTHERS]


@pytest.mark.parametrize(
    ("list_", "index"),
    [
        ("concat(more, [{ tls: 'OFF' }, { tls: 'ON' }])", "i"),  # in another order
        ("concat([{ tls: 'OFF' }, { tls: 'ON' }], more)", "i"),  # with other members
        ("l", "^i"),
        ("l", "i + 1"),
        ("l", "k"),
        ("l", "0"),  # nobody knows whether the certain ones come first
        ("[l[0]]", "0"),
    ],
)
def test_children_of_nobody_knows_which_instance(write: Write, run: Check, list_: str, index: str) -> None:
    """Any of the servers may have them, so of none of them is it certain what applies."""
    found = lines(run, write({"main.bicep": SERVERS % (list_, index)}), "PGF101")
    assert [line.partition(" could not")[0] for line in found if "[s[?" in line] == [
        "main.bicep:4:1: unknown PGF101 secure-transport-disabled"
    ]
    assert not [line for line in found if " PGF101 Unencrypted" in line]


def test_outputs_of_a_module_that_goes_through_the_same_list(write: Write, run: Check) -> None:
    text = (
        "param more array\nvar l = concat([1, 2], more)\nmodule s 's.bicep' = [for i in l: { params: { i: i } }]\n"
        "resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for (x, i) in l: {\n  name: 'pg${x}'\n"
        "  properties: { backup: { backupRetentionDays: s[i].outputs.days } }\n}]\n"
    )
    found = lines(run, write({"s.bicep": DAYS, "main.bicep": text}), "PGF702")
    assert [line.partition(" ")[2].partition(" Back")[0] for line in found if "[pg[?0]]" in line] == ["note PGF702"]
    assert not [line for line in found if "[pg[?1]]" in line]


LISTS = """\
param more bool
var open = [{{ n: 'all', a: '0.0.0.0', b: '255.255.255.255' }}]
var rules = {}
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'pg'
}}
resource fw 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = [for r in rules: {{
  parent: pg
  name: r.n
  properties: {{ startIpAddress: r.a, endIpAddress: r.b }}
}}]
output number int = length(fw)
"""
LISTS_IN_JSON = {
    "copy": {"name": "fw", "count": "[length(variables('rules'))]"},
    "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
    "apiVersion": "2024-08-01",
    "name": "[format('{0}/{1}', 'pg', variables('rules')[copyIndex()].n)]",
    "properties": {
        "startIpAddress": "[variables('rules')[copyIndex()].a]",
        "endIpAddress": "[variables('rules')[copyIndex()].b]",
    },
}
OTHER = "createArray(createObject('n', 'o', 'a', '20.1.2.3', 'b', '20.1.2.3'))"


@pytest.mark.parametrize(
    ("source", "compiled", "said"),
    [
        ("concat(open, more ? [{ n: 'o', a: '20.1.2.3', b: '20.1.2.3' }] : [])",
         f"concat(variables('open'), if(parameters('more'), {OTHER}, createArray()))", "error"),
        ("more ? open : [{ n: 'x', a: '0.0.0.0', b: '255.255.255.255' }]",
         "if(parameters('more'), variables('open'), "
         "createArray(createObject('n', 'x', 'a', '0.0.0.0', 'b', '255.255.255.255')))", "error"),
        ("more ? open : []", "if(parameters('more'), variables('open'), createArray())", "unknown"),
        ("more ? open : [{ n: 'o', a: '20.1.2.3', b: '20.1.2.3' }]",
         f"if(parameters('more'), variables('open'), {OTHER})", "unknown"),
        ("more ? [] : []", "if(parameters('more'), createArray(), createArray())", ""),
    ],
)  # fmt: skip
def test_what_is_in_each_of_several_lists_is_certain(
    write: Write, run: Check, source: str, compiled: str, said: str
) -> None:
    server = resource("pg")
    variables = {"open": [{"n": "all", "a": "0.0.0.0", "b": "255.255.255.255"}], "rules": f"[{compiled}]"}
    template = arm([server, LISTS_IN_JSON], parameters={"more": {"type": "bool"}}, variables=variables)
    write({"a/main.bicep": LISTS.format(source), "b/main.json": json.dumps(template)})
    for room in ("a", "b"):
        assert [line.split()[1] for line in lines(run, room, "PGF301")] == [said] * bool(said)
