"""Names in all the places where templates may have them: those that are declared are found, and others are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.test_template_evaluation import SCHEMA

LIBRARY = """\
@export()
var prefix = 'pg'
var hidden = 'x'
@export()
func named(n string) string => '${prefix}-${n}-${inner(n)}'
func inner(n string) string => toLower('${n}${hidden}')
@export()
func wrap(n string) string => named(n)
"""
MODULE = """\
param x string = 'a'
param items array = []
output id string = x
output many array = [for (i, n) in items: '${i}${n}']
"""
BICEP = """\
import * as lib from 'lib.bicep'
import { named, prefix as pre } from 'lib.bicep'
extension microsoftGraphV1 as graph
targetScope = 'resourceGroup'
metadata hello = 'x'
param name string
param list array = ['a', 'b']
param obj object = { a: 1 }
type t = { a: string, *: int }
param typed t?
var a = az.resourceGroup().location
var b = sys.concat('a', az.subscription().subscriptionId)
var c = map(list, (x, i) => '${x}${i}${name}')
var d = reduce(list, 0, (cur, next) => cur + length(next))
var e = [for (item, idx) in list: { n: item, i: idx, inner: map(list, z => '${z}${item}') }]
var f = lib.named(lib.prefix)
var g = named(pre)
var h = [for i in range(0, 3): i]
var j = toObject(list, entry => entry, entry => lib.wrap(entry))
var k = filter(items(obj), kv => kv.value == 1)
var l = groupBy(list, x => x)
var m2 = sort(list, (p, q) => p < q)
func up(s string) string => toUpper(sys.trim(s))
func up2(s string) string => '${up(s)}${lib.prefix}'
func up3(s string) object => { x: map([s], v => '${v}${s}') }
resource vnet 'Microsoft.Network/virtualNetworks@2023-04-01' existing = {
  name: 'v'
  scope: resourceGroup('other')
  resource sub 'subnets' existing = { name: 'one' }
}
resource old 'Microsoft.Network/virtualNetworks@2023-04-01' existing = [for n in list: {
  name: n
  scope: az.resourceGroup('rg-${n}')
}]
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for (n, i) in list: if (i < 1 && n != name) {
  name: '${up2(n)}-${i}'
  location: a
  tags: { a: a, b: b, c: c, d: d, e: e, f: f, g: g, h: h, j: j, k: k, l: l, m2: m2 }
  properties: { network: { delegatedSubnetResourceId: vnet::sub.id }, version: old[i].properties.x, d: up3(n).x }
  dependsOn: [ vnet, old[i] ]
}]
resource nested 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'nested'
  resource cfg 'configurations' = [for (n, i) in list: {
    name: n
    properties: { value: string(i), x: nested.name }
  }]
  resource db 'databases' = {
    name: 'db'
    dependsOn: [ nested::cfg ]
  }
}
resource lock 'Microsoft.Authorization/locks@2020-05-01' = [for (n, i) in list: if (contains(name, n)) {
  name: 'l-${n}'
  scope: s[i]
  properties: { level: 'CanNotDelete' }
}]
module mm 'mod.bicep' = [for (n, i) in list: if (n != 'z') {
  name: 'm-${n}'
  scope: resourceGroup('x-${n}')
  params: { x: n, items: [for q in list: '${q}${n}'] }
  dependsOn: [ s[i] ]
}]
module one 'mod.bicep' = { name: 'one', params: { x: nested::db.id } }
assert ok = name == 'x'
resource last 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'last'
  tags: {
    o: [for (n, i) in list: mm[i].outputs.id]
    o2: [for i in range(0, 1): mm[i].outputs.many]
    o3: nested::cfg[0].name
    o4: one.outputs.?id ?? a
    o5: sys.union(obj, { a: typed.?a, b: typed!.b })
    o6: deployer().objectId
    o7: environment().suffixes.storage
    o8: any(s[0].properties).fullyQualifiedDomainName
    o9: map(list, n => mm[0].outputs.id)
    p: tenant().displayName
    q2: az.deployment().name
  }
}
output name string = last.name
"""
PARAMETERS = """\
using 'main.bicep'
import { prefix } from 'lib.bicep'
var local = 'x'
param name = '${prefix}${local}${sys.readEnvironmentVariable('A','b')}${az.getSecret('a','b','c','d')}'
param list = map(['a'], x => '${x}${local}${name}')
"""
ARM = """\
{
  "$schema": "SCHEMA",
  "contentVersion": "1.0.0.0",
  "functions": [
    {
      "namespace": "contoso",
      "members": {
        "uniq": {
          "parameters": [
            {
              "name": "prefix",
              "type": "string"
            }
          ],
          "output": {
            "type": "string",
            "value": "[concat(toLower(parameters('prefix')), uniqueString(resourceGroup().id))]"
          }
        },
        "twice": {
          "parameters": [
            {
              "name": "p",
              "type": "string"
            }
          ],
          "output": {
            "type": "string",
            "value": "[contoso.uniq(parameters('P'))]"
          }
        }
      }
    }
  ],
  "parameters": {
    "name": {
      "type": "string",
      "defaultValue": "[contoso.uniq('x')]"
    },
    "count": {
      "type": "int",
      "defaultValue": 2
    }
  },
  "variables": {
    "a": "x",
    "copy": [
      {
        "name": "names",
        "count": "[parameters('Count')]",
        "input": "[concat(variables('A'), copyIndex('names'))]"
      }
    ],
    "obj": {
      "copy": [
        {
          "name": "disks",
          "count": 2,
          "input": {
            "n": "[copyIndex('disks')]"
          }
        }
      ]
    },
    "lam": "[map(variables('names'), lambda('x', concat(lambdaVariables('x'), parameters('name'))))]"
  },
  "resources": [
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers",
      "apiVersion": "2024-08-01",
      "name": "[concat(contoso.twice(parameters('name')), copyIndex())]",
      "copy": {
        "name": "lp",
        "count": "[length(variables('names'))]"
      },
      "condition": "[equals(copyIndex('LP'), 0)]",
      "properties": {
        "v": "[variables('names')[copyIndex('lp')]]",
        "copy": [
          {
            "name": "x",
            "count": 2,
            "input": "[add(copyIndex('x'), copyIndex('lp'))]"
          }
        ]
      },
      "resources": [
        {
          "type": "databases",
          "apiVersion": "2024-08-01",
          "name": "db",
          "dependsOn": [
            "[resourceId('Microsoft.DBforPostgreSQL/flexibleServers', concat(parameters('name'), copyIndex()))]"
          ]
        }
      ],
      "tags": {
        "o": "[reference('n1').outputs.o.value]",
        "l": "[variables('lam')]"
      }
    },
    {
      "type": "Microsoft.Resources/deployments",
      "apiVersion": "2022-09-01",
      "name": "n1",
      "properties": {
        "mode": "Incremental",
        "template": {
          "$schema": "SCHEMA",
          "contentVersion": "1.0.0.0",
          "parameters": {
            "inside": {
              "type": "string"
            }
          },
          "variables": {
            "vin": "x"
          },
          "resources": [
            {
              "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
              "apiVersion": "2024-08-01",
              "name": "[concat(parameters('name'),'/', variables('a'))]",
              "properties": {
                "startIpAddress": "[contoso.uniq(parameters('name'))]"
              }
            }
          ],
          "outputs": {
            "o": {
              "type": "string",
              "value": "[concat(parameters('name'), variables('a'))]"
            }
          }
        }
      }
    },
    {
      "type": "Microsoft.Resources/deployments",
      "apiVersion": "2022-09-01",
      "name": "[concat('n2', copyIndex('dl'))]",
      "copy": {
        "name": "dl",
        "count": 2
      },
      "properties": {
        "mode": "Incremental",
        "expressionEvaluationOptions": {
          "scope": "inner"
        },
        "parameters": {
          "inside": {
            "value": "[concat(parameters('name'), copyIndex('dl'))]"
          }
        },
        "template": {
          "$schema": "SCHEMA",
          "contentVersion": "1.0.0.0",
          "parameters": {
            "inside": {
              "type": "string"
            }
          },
          "variables": {
            "vin": "[parameters('inside')]"
          },
          "resources": [
            {
              "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
              "apiVersion": "2024-08-01",
              "name": "[concat(parameters('inside'),'/', variables('vin'))]",
              "properties": {
                "startIpAddress": "1.1.1.1"
              }
            }
          ],
          "outputs": {
            "o": {
              "type": "string",
              "value": "[variables('vin')]"
            }
          }
        }
      }
    },
    {
      "type": "Microsoft.Resources/deployments",
      "apiVersion": "2022-09-01",
      "name": "[concat('n3', copyIndex('dl'))]",
      "copy": {
        "name": "dl",
        "count": 2
      },
      "properties": {
        "mode": "Incremental",
        "template": {
          "$schema": "SCHEMA",
          "contentVersion": "1.0.0.0",
          "resources": [
            {
              "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
              "apiVersion": "2024-08-01",
              "name": "[concat(parameters('name'),'/', variables('names')[copyIndex('dl')])]",
              "properties": {
                "startIpAddress": "1.1.1.1"
              }
            }
          ]
        }
      }
    }
  ],
  "outputs": {
    "a": {
      "type": "array",
      "copy": {
        "count": 2,
        "input": "[concat(variables('a'), copyIndex())]"
      }
    }
  }
}
""".replace("SCHEMA", SCHEMA)
FILES = {
    "lib.bicep": LIBRARY,
    "mod.bicep": MODULE,
    "main.bicep": BICEP,
    "main.bicepparam": PARAMETERS,
    "arm.json": ARM,
}


def said(room: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (room / name).write_text(text, encoding="utf-8")
    return [each.message for each in analyze(target([str(room)], [], room), RULES, RULES, Settings()).problems]


def test_no_name_that_is_declared_is_refused(tmp_path: Path) -> None:
    assert said(tmp_path, FILES) == []


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("lib.bicep", "${n}${hidden}", "${n}${nope}"),
        ("lib.bicep", "var prefix = 'pg'", "var prefix = nope"),
        ("mod.bicep", "output id string = x", "output id string = nope"),
        ("mod.bicep", "'${i}${n}'", "'${i}${nope}'"),
        ("main.bicep", "'${x}${i}${name}'", "'${x}${nope}${name}'"),
        ("main.bicep", "cur + length(next)", "cur + length(nope)"),
        ("main.bicep", "'${z}${item}'", "'${z}${nope}'"),
        ("main.bicep", "lib.wrap(entry)", "lib.wrap(nope)"),
        ("main.bicep", "toUpper(sys.trim(s))", "toUpper(sys.trim(nope))"),
        ("main.bicep", "'${v}${s}'", "'${v}${nope}'"),
        ("main.bicep", "az.resourceGroup('rg-${n}')", "az.resourceGroup('rg-${nope}')"),
        ("main.bicep", "i < 1 && n != name", "i < 1 && n != nope"),
        ("main.bicep", "vnet::sub.id", "nope::sub.id"),
        ("main.bicep", "contains(name, n)", "contains(name, nope)"),
        ("main.bicep", "scope: s[i]", "scope: nope[i]"),
        ("main.bicep", "'${q}${n}'", "'${q}${nope}'"),
        ("main.bicep", "mm[i].outputs.id", "mm[nope].outputs.id"),
        ("main.bicep", "o3: nested::cfg[0].name", "o3: nope::cfg[0].name"),
        ("main.bicepparam", "'${prefix}${local}", "'${nope}${local}"),
        ("main.bicepparam", "'${x}${local}${name}'", "'${x}${nope}${name}'"),
        ("arm.json", "parameters('prefix')", "parameters('nope')"),
        ("arm.json", "contoso.uniq(parameters('P'))", "contoso.uniq(parameters('nope'))"),
        ("arm.json", "variables('A')", "variables('nope')"),
        ("arm.json", "[parameters('inside')]", "[parameters('nope')]"),
        ("arm.json", "parameters('name'),'/', variables('a')", "parameters('name'),'/', variables('nope')"),
        (
            "arm.json",
            "concat(lambdaVariables('x'), parameters('name'))",
            "concat(lambdaVariables('nope'), parameters('name'))",
        ),
    ],
)
def test_a_name_that_is_not_declared_is_said_wherever_it_stands(
    tmp_path: Path, file: str, before: str, after: str
) -> None:
    assert FILES[file].count(before) == 1
    [message] = said(tmp_path, {**FILES, file: FILES[file].replace(before, after)})
    assert "'nope" in message
