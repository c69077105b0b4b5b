"""Whole templates: Bicep sources beside the JSON that the compiler makes of them, what is unknown, what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.template.identity import key
from pgflexlint.evaluate.template.roots import TemplateEvaluator
from pgflexlint.evaluate.template.survey import TemplateSurvey
from pgflexlint.problem import Kind, Problem
from pgflexlint.resource import Deployment, Resource
from pgflexlint.settings import Settings
from pgflexlint.values import Known, Unknown, Value, first_unknown
from pgflexlint_rules import RULES
from tests.workspace import MemoryWorkspace

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
PARAMETERS = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"
API = "2024-08-01"


def deployments(files: Mapping[str, str], parameters: tuple[str, ...] = ()) -> list[Deployment]:
    workspace = MemoryWorkspace(files)
    survey = TemplateSurvey(workspace, workspace.directories, lambda text: True)
    return list(TemplateEvaluator(survey, parameters).deployments())


def deployment(files: Mapping[str, str]) -> Deployment:
    """The one that deploys anything: a file that is imported from is deployed too, and what it declares are names."""
    found, *others = sorted(deployments(files), key=lambda each: not each.resources)
    assert not any(each.resources for each in others)
    return found


def bicep(text: str, **files: str) -> Deployment:
    """`main.bicep` with other files beside it, `/` in whose names is written `__`."""
    return deployment(
        {"main.bicep": text, **{f"{name.replace('__', '/')}.bicep": body for name, body in files.items()}}
    )


def arm(resources: Any, **sections: Any) -> dict[str, Any]:
    version = {"languageVersion": "2.0"} if isinstance(resources, dict) else {}
    return {"$schema": SCHEMA, **version, "contentVersion": "1.0.0.0", "resources": resources, **sections}


def resource(name: str, /, type_: str = SERVER, **members: Any) -> dict[str, Any]:
    return {"type": type_, "apiVersion": API, "name": name, **members}


def nested(name: str, template: Any, *, outer: bool = False, parameters: Any = None, **members: Any) -> dict[str, Any]:
    scope = {} if outer else {"expressionEvaluationOptions": {"scope": "inner"}}
    given = {"parameters": {key: {"value": value} for key, value in (parameters or {}).items()}}
    properties = {"mode": "Incremental", **scope, **given, "template": template}
    return resource(name, "Microsoft.Resources/deployments", properties=properties, **members)


def shape(value: Value[Any]) -> Any:
    match value:
        case Known(tuple() as items):
            return [shape(item) for item in items]
        case Known(Mapping() as members):
            return {name: shape(member) for name, member in members.items()}
        case Known(scalar):
            return scalar
        case Unknown(candidates=candidates):
            return "?" + "|".join(sorted(repr(shape(each)) for each in candidates))


def shown(resource: Resource) -> tuple[Any, ...]:
    attributes = {name: shape(value) for name, value in resource.attributes.items() if name not in ("name", "scope")}
    scope = resource.attributes.get("scope")
    parent = resource.parent.reference.address if resource.parent and resource.parent.reference else None
    return (
        resource.type,
        key(resource.attributes["name"]),
        resource.identity,
        parent,
        key(scope) if scope else None,
        resource.existing,
        resource.maybe is not None,
        attributes,
    )


def ways(value: Value[Any]) -> Iterator[list[str]]:
    """The ways that scalars came."""
    match value:
        case Known(tuple() as items):
            for item in items:
                yield from ways(item)
        case Known(Mapping() as members):
            for member in members.values():
                yield from ways(member)
        case _:
            yield [step.text for step in value.trace]


def at(found: Deployment, path: str) -> Value[Any]:
    """`address.property.member` of a deployment."""
    address, *names = path.split(".")
    value: Value[Any] = Known(next(each for each in found.resources if each.address == address).attributes, HERE)
    for name in names:
        assert isinstance(value, Known), value
        value = value.value[int(name) if isinstance(value.value, tuple) else name]
    return value


HERE: Any = None

# Pairs: the JSON is what Bicep 0.40 makes of the source, without metadata.

PAIRS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "parameters, defaults, nullable, variables": (
        {
            "main.bicep": """
param name string
param version string = '16'
param tier string?
param sku object = { name: 'Standard_D2s_v3', tier: tier ?? 'GeneralPurpose' }
var both = '${name}-${version}'
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: both
  sku: sku
  properties: { version: version, administratorLogin: tier, replicaOf: null }
}
"""
        },
        arm(
            {
                "server": resource(
                    "[variables('both')]",
                    sku="[parameters('sku')]",
                    properties={
                        "version": "[parameters('version')]",
                        "administratorLogin": "[parameters('tier')]",
                        "replicaOf": None,
                    },
                )
            },
            parameters={
                "name": {"type": "string"},
                "version": {"type": "string", "defaultValue": "16"},
                "tier": {"type": "string", "nullable": True},
                "sku": {
                    "type": "object",
                    "defaultValue": {
                        "name": "Standard_D2s_v3",
                        "tier": "[coalesce(parameters('tier'), 'GeneralPurpose')]",
                    },
                },
            },
            variables={"both": "[format('{0}-{1}', parameters('name'), parameters('version'))]"},
        ),
    ),
    "loops on resources, properties, variables": (
        {
            "main.bicep": """
param days array = [7, 14]
var names = [for i in range(0, 3): 'pg-${i + 1}']
resource servers 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for (name, i) in names: {
  name: name
  properties: {
    backup: { backupRetentionDays: days[i % 2] }
    zones: [for day in days: { day: day, server: i }]
  }
}]
"""
        },
        arm(
            [
                resource(
                    "[variables('names')[copyIndex()]]",
                    copy={"name": "servers", "count": "[length(variables('names'))]"},
                    properties={
                        "backup": {"backupRetentionDays": "[parameters('days')[mod(copyIndex(), 2)]]"},
                        "copy": [
                            {
                                "name": "zones",
                                "count": "[length(parameters('days'))]",
                                "input": {
                                    "day": "[parameters('days')[copyIndex('zones')]]",
                                    "server": "[copyIndex()]",
                                },
                            }
                        ],
                    },
                )
            ],
            parameters={"days": {"type": "array", "defaultValue": [7, 14]}},
            variables={
                "copy": [
                    {
                        "name": "names",
                        "count": "[length(range(0, 3))]",
                        "input": "[format('pg-{0}', add(range(0, 3)[copyIndex('names')], 1))]",
                    }
                ]
            },
        ),
    ),
    "conditions: true, false, unknown, in a loop": (
        {
            "main.bicep": """
param wanted bool
param on bool = true
resource yes 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (on || wanted) { name: 'yes' }
resource no 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (!on && wanted) { name: 'no' }
resource maybe 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (wanted) { name: 'maybe' }
resource some 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for n in ['a', 'b']: if (n != 'a') { name: n }]
"""
        },
        arm(
            [
                resource("yes", condition="[or(parameters('on'), parameters('wanted'))]"),
                resource("no", condition="[and(not(parameters('on')), parameters('wanted'))]"),
                resource("maybe", condition="[parameters('wanted')]"),
                resource(
                    "[createArray('a', 'b')[copyIndex()]]",
                    condition="[not(equals(createArray('a', 'b')[copyIndex()], 'a'))]",
                    copy={"name": "some", "count": "[length(createArray('a', 'b'))]"},
                ),
            ],
            parameters={"wanted": {"type": "bool"}, "on": {"type": "bool", "defaultValue": True}},
        ),
    ),
    "children: nested, by parent, by name, in a loop": (
        {
            "main.bicep": """
param name string
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  resource tls 'configurations' = {
    name: 'require_secure_transport'
    properties: { value: 'OFF' }
  }
}
resource rule 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: server
  name: 'all'
  properties: { startIpAddress: '0.0.0.0', tls: server::tls.name }
}
resource others 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = [for i in range(0, 2): {
  name: '${name}/rule-${i}'
  properties: { startIpAddress: '10.0.0.${i}' }
}]
"""
        },
        arm(
            [
                resource("[parameters('name')]"),
                resource(
                    "[format('{0}/{1}', parameters('name'), 'require_secure_transport')]",
                    f"{SERVER}/configurations",
                    properties={"value": "OFF"},
                ),
                resource(
                    "[format('{0}/{1}', parameters('name'), 'all')]",
                    f"{SERVER}/firewallRules",
                    properties={"startIpAddress": "0.0.0.0", "tls": "require_secure_transport"},
                ),
                resource(
                    "[format('{0}/rule-{1}', parameters('name'), range(0, 2)[copyIndex()])]",
                    f"{SERVER}/firewallRules",
                    copy={"name": "others", "count": "[length(range(0, 2))]"},
                    properties={"startIpAddress": "[format('10.0.0.{0}', range(0, 2)[copyIndex()])]"},
                ),
            ],
            parameters={"name": {"type": "string"}},
        ),
    ),
    "existing resources, extension resources, ids": (
        {
            "main.bicep": """
param serverName string
param vault string
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = { name: serverName }
resource keys 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vault
  scope: resourceGroup('shared')
}
resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: server
  name: 'keep'
  properties: { level: 'CanNotDelete', about: server.id, uri: keys.properties.vaultUri }
}
"""
        },
        arm(
            {
                "server": resource("[parameters('serverName')]", existing=True),
                "keys": resource(
                    "[parameters('vault')]", "Microsoft.KeyVault/vaults", existing=True, resourceGroup="shared"
                )
                | {"apiVersion": "2023-07-01"},
                "lock": resource(
                    "keep",
                    "Microsoft.Authorization/locks",
                    scope="[resourceId('Microsoft.DBforPostgreSQL/flexibleServers', parameters('serverName'))]",
                    properties={
                        "level": "CanNotDelete",
                        "about": "[resourceId('Microsoft.DBforPostgreSQL/flexibleServers', parameters('serverName'))]",
                        "uri": "[reference('keys').vaultUri]",
                    },
                )
                | {"apiVersion": "2020-05-01"},
            },
            parameters={"serverName": {"type": "string"}, "vault": {"type": "string"}},
        ),
    ),
    "modules: local, conditional, looped, with outputs": (
        {
            "main.bicep": """
param on bool = false
module server 'modules/server.bicep' = {
  name: 'server'
  params: { name: 'pg', version: '15' }
}
module off 'modules/server.bicep' = if (on) {
  name: 'off'
  params: { name: 'off' }
}
module many 'modules/server.bicep' = [for n in ['a', 'b']: {
  name: 'many-${n}'
  params: { name: n, version: null }
}]
resource rule 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  name: '${server.outputs.name}/all'
  properties: { first: many[0].outputs.name, none: off.?outputs.?name ?? 'none' }
}
""",
            "modules/server.bicep": """
param name string
param version string = '16'
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  properties: { version: version }
}
output name string = server.name
""",
        },
        arm(
            {
                "rule": resource(
                    "[format('{0}/all', reference('server').outputs.name.value)]",
                    f"{SERVER}/firewallRules",
                    properties={
                        "first": "[reference('many[0]').outputs.name.value]",
                        "none": "[coalesce(tryGet(tryGet(if(parameters('on'), reference('off'), null()), 'outputs'),"
                        " 'name', 'value'), 'none')]",
                    },
                ),
                "server": nested(
                    "server",
                    (
                        server := arm(
                            {
                                "server": resource(
                                    "[parameters('name')]", properties={"version": "[parameters('version')]"}
                                )
                            },
                            parameters={
                                "name": {"type": "string"},
                                "version": {"type": "string", "defaultValue": "16"},
                            },
                            outputs={"name": {"type": "string", "value": "[parameters('name')]"}},
                        )
                    ),
                    parameters={"name": "pg", "version": "15"},
                ),
                "off": nested("off", server, parameters={"name": "off"}, condition="[parameters('on')]"),
                "many": nested(
                    "[format('many-{0}', createArray('a', 'b')[copyIndex()])]",
                    server,
                    parameters={"name": "[createArray('a', 'b')[copyIndex()]]", "version": None},
                    copy={"name": "many", "count": "[length(createArray('a', 'b'))]"},
                ),
            },
            parameters={"on": {"type": "bool", "defaultValue": False}},
        ),
    ),
    "modules three directories up": (
        {
            "a/b/c/main.bicep": """
module server '../../../shared/server.bicep' = { name: 's', params: { name: 'deep' } }
""",
            "shared/server.bicep": """
param name string
module inner 'inner/server.bicep' = { name: 'inner', params: { name: '${name}-er' } }
""",
            "shared/inner/server.bicep": """
param name string
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: name }
""",
        },
        arm(
            {
                "server": nested(
                    "s",
                    arm(
                        {
                            "inner": nested(
                                "inner",
                                arm(
                                    {"server": resource("[parameters('name')]")},
                                    parameters={"name": {"type": "string"}},
                                ),
                                parameters={"name": "[format('{0}-er', parameters('name'))]"},
                            )
                        },
                        parameters={"name": {"type": "string"}},
                    ),
                    parameters={"name": "deep"},
                )
            }
        ),
    ),
    "lambdas and functions of the user": (
        {
            "main.bicep": """
func tag(env string, n int) string => '${toUpper(env)}-${n}'
func doubled(env string) string => '${tag(env, 1)}${tag(env, 2)}'
var rules = [{ name: 'a', port: 1 }, { name: 'b', port: 2 }]
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  tags: toObject(rules, r => r.name, r => '${r.port}')
  properties: {
    names: map(rules, (r, i) => '${r.name}${i}')
    kept: filter(rules, r => r.port > 1)
    sum: reduce(rules, 0, (total, r) => total + r.port)
    tag: doubled('prod')
  }
}
"""
        },
        arm(
            [
                resource(
                    "pg",
                    tags="[toObject(variables('rules'), lambda('r', lambdaVariables('r').name),"
                    " lambda('r', format('{0}', lambdaVariables('r').port)))]",
                    properties={
                        "names": "[map(variables('rules'), lambda('r', 'i',"
                        " format('{0}{1}', lambdaVariables('r').name, lambdaVariables('i'))))]",
                        "kept": "[filter(variables('rules'), lambda('r', greater(lambdaVariables('r').port, 1)))]",
                        "sum": "[reduce(variables('rules'), 0, lambda('total', 'r',"
                        " add(lambdaVariables('total'), lambdaVariables('r').port)))]",
                        "tag": "[__bicep.doubled('prod')]",
                    },
                )
            ],
            variables={"rules": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]},
            functions=[
                {
                    "namespace": "__bicep",
                    "members": {
                        "tag": {
                            "parameters": [{"type": "string", "name": "env"}, {"type": "int", "name": "n"}],
                            "output": {
                                "type": "string",
                                "value": "[format('{0}-{1}', toUpper(parameters('env')), parameters('n'))]",
                            },
                        },
                        "doubled": {
                            "parameters": [{"type": "string", "name": "env"}],
                            "output": {
                                "type": "string",
                                "value": "[format('{0}{1}', __bicep.tag(parameters('env'), 1),"
                                " __bicep.tag(parameters('env'), 2))]",
                            },
                        },
                    },
                }
            ],
        ),
    ),
    "objects put together, safe access": (
        {
            "main.bicep": """
param extra object = { network: { publicNetworkAccess: 'Disabled' } }
param absent object?
var base = { version: '16', Backup: { backupRetentionDays: 7 } }
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  properties: union(base, extra, { backup: { geoRedundantBackup: absent.?geo ?? 'Disabled' } })
}
resource spread 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'spread'
  properties: { ...base, version: '15', access: extra[?'network'].?publicNetworkAccess, none: extra.?x.y.z }
}
"""
        },
        arm(
            [
                resource(
                    "pg",
                    properties="[union(variables('base'), parameters('extra'), createObject('backup', createObject("
                    "'geoRedundantBackup', coalesce(tryGet(parameters('absent'), 'geo'), 'Disabled'))))]",
                ),
                resource(
                    "spread",
                    properties="[shallowMerge(createArray(variables('base'), createObject('version', '15', 'access',"
                    " tryGet(parameters('extra'), 'network', 'publicNetworkAccess'),"
                    " 'none', tryGet(parameters('extra'), 'x', 'y', 'z'))))]",
                ),
            ],
            parameters={
                "extra": {"type": "object", "defaultValue": {"network": {"publicNetworkAccess": "Disabled"}}},
                "absent": {"type": "object", "nullable": True},
            },
            variables={"base": {"version": "16", "Backup": {"backupRetentionDays": 7}}},
        ),
    ),
    "files that are loaded, imports": (
        {
            "main.bicep": """
import { version as v, label } from 'shared/values.bicep'
import * as all from 'shared/values.bicep'
var settings = loadJsonContent('settings.json')
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: settings.name
  properties: { version: v, tls: settings.parameters[0], label: label('x'), other: all.version }
}
""",
            "shared/values.bicep": """
@export()
var version = '17'
var prefix = 'pg'
@export()
func label(name string) string => '${prefix}-${name}'
""",
            "settings.json": '{"name": "pg", "parameters": ["on"]}',
        },
        arm(
            [
                resource(
                    "[variables('settings').name]",
                    properties={
                        "version": "[variables('v')]",
                        "tls": "[variables('settings').parameters[0]]",
                        "label": "[__bicep.label('x')]",
                        "other": "[variables('_1.version')]",
                    },
                )
            ],
            variables={
                "settings": {"name": "pg", "parameters": ["on"]},
                "v": "17",
                "_1.version": "17",
            },
            functions=[
                {
                    "namespace": "__bicep",
                    "members": {
                        "label": {
                            "parameters": [{"type": "string", "name": "name"}],
                            "output": {"type": "string", "value": "[format('pg-{0}', parameters('name'))]"},
                        }
                    },
                }
            ],
        ),
    ),
    "one of several, which one unknown": (
        {
            "main.bicep": """
param env string
param sizes object = { prod: 35, test: 7 }
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: env == 'prod' ? 'pg-prod' : 'pg-test'
  properties: {
    days: sizes[env]
    access: env == 'prod' ? 'Disabled' : 'Enabled'
    text: 'is ${env == 'prod' ? 'on' : 'off'}'
    same: env == 'prod' ? 'x' : 'x'
    lazy: false && env == 'prod' ? 1 : 2
    late: contains(env, 'x') || true
  }
}
"""
        },
        arm(
            [
                resource(
                    "[if(equals(parameters('env'), 'prod'), 'pg-prod', 'pg-test')]",
                    properties={
                        "days": "[parameters('sizes')[parameters('env')]]",
                        "access": "[if(equals(parameters('env'), 'prod'), 'Disabled', 'Enabled')]",
                        "text": "[format('is {0}', if(equals(parameters('env'), 'prod'), 'on', 'off'))]",
                        "same": "[if(equals(parameters('env'), 'prod'), 'x', 'x')]",
                        "lazy": "[if(and(false(), equals(parameters('env'), 'prod')), 1, 2)]",
                        "late": "[or(contains(parameters('env'), 'x'), true())]",
                    },
                )
            ],
            parameters={
                "env": {"type": "string"},
                "sizes": {"type": "object", "defaultValue": {"prod": 35, "test": 7}},
            },
        ),
    ),
    "loops of unknown length": (
        {
            "main.bicep": """
param rules array
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: 'pg' }
resource open 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = [for (r, i) in rules: {
  parent: server
  name: r.name
  properties: { startIpAddress: r.start, position: i, fixed: 'x' }
}]
"""
        },
        arm(
            {
                "server": resource("pg"),
                "open": resource(
                    "[format('{0}/{1}', 'pg', parameters('rules')[copyIndex()].name)]",
                    f"{SERVER}/firewallRules",
                    copy={"name": "open", "count": "[length(parameters('rules'))]"},
                    properties={
                        "startIpAddress": "[parameters('rules')[copyIndex()].start]",
                        "position": "[copyIndex()]",
                        "fixed": "x",
                    },
                ),
            },
            parameters={"rules": {"type": "array"}},
        ),
    ),
    "resources of a conditional resource": (
        {
            "main.bicep": """
param primary string
param replica string
resource first 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: primary
  properties: { version: '16' }
}
resource second 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: replica
  properties: { createMode: 'Replica', sourceServerResourceId: first.id, version: first.properties.version }
}
"""
        },
        arm(
            {
                "first": resource("[parameters('primary')]", properties={"version": "16"}),
                "second": resource(
                    "[parameters('replica')]",
                    properties={
                        "createMode": "Replica",
                        "sourceServerResourceId": "[resourceId('Microsoft.DBforPostgreSQL/flexibleServers',"
                        " parameters('primary'))]",
                        "version": "[reference('first').version]",
                    },
                ),
            },
            parameters={"primary": {"type": "string"}, "replica": {"type": "string"}},
        ),
    ),
}


def pair(case: str) -> tuple[Deployment, Deployment]:
    sources, compiled = PAIRS[case]
    return deployment(sources), deployment({"main.json": json.dumps(compiled)})


@pytest.mark.parametrize("case", PAIRS)
def test_a_source_and_its_compiled_form_deploy_the_same(case: str) -> None:
    source, compiled = pair(case)
    assert not source.problems
    assert not compiled.problems
    assert sorted(map(shown, source.resources), key=repr) == sorted(map(shown, compiled.resources), key=repr)


@pytest.mark.parametrize("case", PAIRS)
def test_no_value_is_unknown_without_need(case: str) -> None:
    """A guard for the test above: two readers that know nothing agree as well."""
    source, _ = pair(case)
    assert source.resources
    literals = [shape(value) for each in source.resources for value in each.attributes.values()]
    assert repr(literals).count("'?'") <= 6, literals


TRACED = [
    "parameters, defaults, nullable, variables",
    "objects put together, safe access",
    "modules three directories up",
]


@pytest.mark.parametrize("case", TRACED)
def test_values_come_the_same_way_in_both(case: str) -> None:
    one, other = (
        sorted(way for each in found.resources for value in each.attributes.values() for way in ways(value))
        for found in pair(case)
    )
    assert one == other
    assert any(one)


def test_expressions_of_an_outer_nested_template_see_the_names_around_it() -> None:
    inner = arm(
        [resource("[parameters('name')]", properties={"version": "[variables('version')]"})],
        parameters={"name": {"type": "string", "defaultValue": "inner"}},
        variables={"version": "11"},
    )
    around = {"parameters": {"name": {"type": "string", "defaultValue": "outer"}}, "variables": {"version": "16"}}
    for outer, name, version in ((True, "outer", "16"), (False, "inner", "11")):
        found = deployment({"main.json": json.dumps(arm([nested("n", inner, outer=outer)], **around))})
        assert [shown(each)[1] for each in found.resources] == [name]
        assert shape(found.resources[0].attributes["properties"]) == {"version": version}


# What is unknown


def test_members_of_one_unknown_object_are_different_names() -> None:
    """Else what belongs to one server would be counted as the other's."""
    found = bicep(
        """
param config object
param env string
resource a 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: config.first }
resource b 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: config.second }
resource c 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: env == 'prod' ? 'x' : 'y' }
resource d 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: env == 'test' ? 'x' : 'y' }
resource e 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: config.names[0] }
resource f 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: config.names[1] }
resource g 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: first(config.names) }
resource again 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = { name: config.FIRST }
"""
    )
    identities = {each.address: each.identity for each in found.resources}
    assert identities.pop("again") == identities["a"]
    assert len(set(identities.values())) == len(identities)


def test_a_partly_unknown_object_keeps_what_is_known() -> None:
    found = bicep(
        """
param days int
param more object
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  properties: union({ version: '16' }, { backup: { backupRetentionDays: days, geoRedundantBackup: 'Enabled' } })
  tags: union({ a: 'b' }, more)
}
"""
    )
    assert shape(at(found, "server.properties.version")) == "16"
    assert shape(at(found, "server.properties.backup.geoRedundantBackup")) == "Enabled"
    unknown = at(found, "server.properties.backup.backupRetentionDays")
    assert isinstance(unknown, Unknown)
    assert unknown.reason == "parameter 'days' has no value"
    assert isinstance(at(found, "server.tags"), Unknown)


def test_what_the_platform_adds_to_properties_is_unknown_and_not_null() -> None:
    found = bicep(
        """
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  properties: { version: '16' }
}
resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: 'app'
  properties: {
    host: server.properties.fullyQualifiedDomainName
    guess: server.properties.?fullyQualifiedDomainName ?? 'wrong'
    version: server.properties.version
  }
}
"""
    )
    host = at(found, "app.properties.host")
    assert isinstance(host, Unknown)
    assert "'properties.fullyQualifiedDomainName'" in host.reason
    assert shape(at(found, "app.properties.guess")) == "?"
    assert shape(at(found, "app.properties.version")) == "16"


def test_what_has_a_condition_is_null_to_safe_access_where_it_is_not_there() -> None:
    found = bicep(
        """
param on bool
resource no 'Microsoft.Network/virtualNetworks@2023-11-01' = if (false) { name: 'no' }
resource maybe 'Microsoft.Network/virtualNetworks@2023-11-01' = if (on) { name: 'maybe' }
resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: 'app'
  properties: { no: no.?name ?? 'none', maybe: maybe.?name ?? 'none' }
}
"""
    )
    assert shape(at(found, "app.properties.no")) == "none"
    assert shape(at(found, "app.properties.maybe")) == "?'maybe'|'none'"


def test_an_element_of_a_loop_of_unknown_length_is_one_of_its_instances() -> None:
    found = bicep(
        """
param names array
resource servers 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for n in names: { name: n }]
resource rules 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = [for (n, i) in names: {
  parent: servers[i]
  name: 'all'
  properties: { count: length(servers) }
}]
"""
    )
    server, rule = found.resources
    assert rule.parent is not None
    assert rule.parent.reference is not None
    assert rule.parent.reference.address == server.identity
    assert shape(rule.attributes["properties"]) == {"count": "?"}


def test_a_registry_module_is_a_resource_of_its_own_kind_and_no_problem() -> None:
    found = bicep(
        """
module server 'br/public:avm/res/db-for-postgre-sql/flexible-server:0.15.1' = {
  name: 'server'
  params: { name: 'pg', publicNetworkAccess: 'Enabled' }
}
resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: server.name
  properties: { host: server.outputs.fqdn }
}
"""
    )
    assert not found.problems
    assert [gap.elsewhere for gap in found.gaps] == [True]
    assert [each.type for each in found.resources if each.type.startswith("br:")]
    assert shape(at(found, "app.name")) == "server"
    assert shape(at(found, "app.properties.host")) == "?"


def test_arguments_that_are_unknown_are_not_taken_for_none() -> None:
    found = bicep(
        """
param common object
module own 'own.bicep' = { name: 'own', params: { ...common, name: 'pg' } }
module foreign 'br/public:avm/res/db-for-postgre-sql/flexible-server:0.15.1' = {
  name: 'foreign'
  params: { ...common, name: 'pg' }
}
""",
        own="""
param name string
param access string = 'Enabled'
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  properties: { network: { publicNetworkAccess: access } }
}
""",
    )
    assert [each.address for each in found.resources] == ["own.server", "foreign"]
    server, foreign = found.resources
    assert shape(server.attributes["name"]) == "pg"
    assert shape(server.attributes["properties"]) == {"network": {"publicNetworkAccess": "?"}}
    assert shape(Known(foreign.attributes, foreign.header)) == {"name": "pg", "": "?"}
    assert [gap.elsewhere for gap in found.gaps] == [True]


# Parameter files

ROOT = """
param tls string = 'on'
param name string
param tags object?
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  tags: tags
  properties: { tls: tls }
}
"""


def parameter_file(**values: Any) -> str:
    parameters = {name: value if isinstance(value, dict) else {"value": value} for name, value in values.items()}
    return json.dumps({"$schema": PARAMETERS, "contentVersion": "1.0.0.0", "parameters": parameters})


def test_a_root_is_deployed_with_each_of_its_parameter_files() -> None:
    base = "using none\nvar prefix = 'pg'\nparam tls = 'off'\nparam name = '${prefix}-base'\n"
    prod = (
        "using './main.bicep'\nextends './base.bicepparam'\nimport { common } from 'shared.bicep'\n"
        "param name = 'pg-prod'\nparam tags = { env: name, team: common }\n"
    )
    found = deployments(
        {
            "main.bicep": ROOT,
            "shared.bicep": "@export()\nvar common = 'data'\n",
            "base.bicepparam": base,
            "prod.bicepparam": prod,
            "main.parameters.json": parameter_file(NAME="pg-json"),
            "main.parameters.test.json": parameter_file(
                name={"reference": {"keyVault": {"id": "/x"}, "secretName": "s"}}
            ),
            "other.parameters.json": parameter_file(name="pg-other"),
            "else.parameters.json": parameter_file(sku="pg-else"),
        }
    )
    seen = {each.scenario: each for each in found if each.root == "main.bicep"}
    assert [problem for each in found for problem in each.problems] == []
    json_files = {"main.parameters.json", "main.parameters.test.json", "other.parameters.json"}
    assert set(seen) == {"prod.bicepparam", *json_files}
    assert shape(at(seen["prod.bicepparam"], "server.name")) == "pg-prod"
    assert shape(at(seen["prod.bicepparam"], "server.tags")) == {"env": "pg-prod", "team": "data"}
    tls = at(seen["prod.bicepparam"], "server.properties.tls")
    assert shape(tls) == "off"
    assert [step.text for step in tls.trace] == ["parameter 'tls' in base.bicepparam"]
    assert shape(at(seen["main.parameters.json"], "server.name")) == "pg-json"
    secret = at(seen["main.parameters.test.json"], "server.name")
    assert isinstance(secret, Unknown)
    assert "Key Vault" in secret.reason


def problems(files: Mapping[str, str]) -> list[Problem]:
    return [problem for each in deployments(files) for problem in each.problems]


def said(files: Mapping[str, str]) -> list[tuple[Kind, str]]:
    for problem in problems(files):
        assert problem.hint
        assert problem.span is not None
    return [(problem.kind, f"{problem.span}: {problem.message}") for problem in problems(files)]


def test_a_parameter_file_that_was_asked_for_goes_to_the_only_template_that_it_can_be_for() -> None:
    files = {"infra/main.bicep": ROOT, "prod.json": parameter_file(name="asked"), "x.bicepparam": "using 'y.bicep'\n"}
    (found,) = deployments(files, ("prod.json",))
    assert found.scenario == "prod.json"
    assert shape(at(found, "server.name")) == "asked"
    workspace = MemoryWorkspace({**files, "other/main.bicep": ROOT})
    templates = TemplateEvaluator(
        TemplateSurvey(workspace, workspace.directories, lambda text: True), ("prod.json", "x.bicepparam")
    )
    assert [each.scenario for each in templates.deployments()] == ["", ""]
    assert [problem.message for problem in templates.visited.problems] == [
        "It cannot be determined which template this parameter file is for.",
        "There is no template 'y.bicep'.",
    ]


def test_a_parameter_file_for_no_template_is_a_problem() -> None:
    files = {
        "infra/main.bicep": ROOT,
        "infra/a.bicepparam": "using 'old.bicep'\nparam postgres = 1\n",
        "infra/b.bicepparam": "using 'old.bicep'\nparam storage = 1\n",
        "infra/c.bicepparam": "using 'br/public:avm/res/x/y:0.1.0'\nparam postgres = 1\n",
    }
    workspace = MemoryWorkspace(files)
    templates = TemplateEvaluator(TemplateSurvey(workspace, workspace.directories, lambda text: "postgres" in text))
    templates.prepare()
    assert [(str(each.span), each.message) for each in templates.visited.problems] == [
        ("infra/a.bicepparam:1:1", "There is no template 'old.bicep'."),
        ("infra/b.bicepparam:1:1", "There is no template 'old.bicep'."),
    ]


def test_parameters_that_the_template_does_not_have_are_a_problem() -> None:
    text = parameter_file(name="a", sku="b")
    place = text.index('"b"') + 1
    assert said({"main.bicep": ROOT, "main.parameters.json": text}) == [
        (
            Kind.REFERENCE,
            f"main.parameters.json:1:{place}: Template 'main.bicep' has no parameter 'sku'.",
        )
    ]
    assert said({"main.bicep": ROOT, "p.bicepparam": "using 'main.bicep'\nparam name = 'a'\nparam nmae = 'b'\n"}) == [
        (Kind.REFERENCE, "p.bicepparam:3:14: Template 'main.bicep' has no parameter 'nmae'.")
    ]


def test_a_parameter_file_that_extends_what_it_cannot_is_a_problem() -> None:
    circle = {
        "main.bicep": ROOT,
        "a.bicepparam": "using 'main.bicep'\nextends 'b.bicepparam'\nparam name = 'a'\n",
        "b.bicepparam": "using none\nextends 'a.bicepparam'\n",
    }
    assert said(circle) == [(Kind.CYCLE, "b.bicepparam:2:9: Parameter file 'a.bicepparam' extends itself.")]
    missing = {"main.bicep": ROOT, "a.bicepparam": "using 'main.bicep'\nextends 'gone.bicepparam'\nparam name = 'a'\n"}
    assert said(missing) == [(Kind.MODULE, "a.bicepparam:2:9: There is no parameter file 'gone.bicepparam'.")]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${AZURE_ENV_NAME}", "?"),
        ("$(secretOrRandomPassword ${AZURE_KEY_VAULT_NAME} pw)", "?"),
        ("$(DbPassword)", "?"),
        ("#{DbPassword}#", "?"),
        ("${OPEN=true}", "?"),
        ("${DAYS=7}", "?"),
        ("${NAME=}", "?"),
        ("${TLS=off}", "?"),
        ("pg-${ENV=dev}-x", "?"),
        ("costs 5$", "costs 5$"),
        ("", ""),
        (["${A}", "b"], ["?", "b"]),
    ],
)
def test_placeholders_of_a_parameter_file_are_no_values(written: Any, expected: Any) -> None:
    (found,) = deployments({"main.bicep": ROOT, "main.parameters.json": parameter_file(name="s", tls=written)})
    assert found.problems == ()
    tls = at(found, "server.properties.tls")
    assert shape(tls) == expected
    if isinstance(tls, Unknown):
        assert tls.reason == "a placeholder is filled in before the deployment"


@pytest.mark.parametrize(
    ("written", "some"),
    [
        ("${TLS=off}", ["off"]),
        ("${TLS:-off}", ["off"]),
        ("${TLS}", []),
        ("${TLS=}", []),
        ("${TLS=true}", []),
        ("$(TLS)", []),
    ],
)
def test_the_default_of_a_placeholder_is_one_that_it_may_be(written: str, some: list[str]) -> None:
    (found,) = deployments({"main.bicep": ROOT, "main.parameters.json": parameter_file(name="s", tls=written)})
    tls = at(found, "server.properties.tls")
    assert isinstance(tls, Unknown)
    assert [each.value for each in tls.possible] == some


@pytest.mark.parametrize(("arguments", "some"), [("'TLS'", []), ("'TLS', 'off'", ["off"])])
def test_the_default_of_an_environment_variable_is_one_that_it_may_be(arguments: str, some: list[str]) -> None:
    text = f"using 'main.bicep'\nparam name = 's'\nparam tls = readEnvironmentVariable({arguments})\n"
    (found,) = deployments({"main.bicep": ROOT, "main.bicepparam": text})
    tls = at(found, "server.properties.tls")
    assert isinstance(tls, Unknown)
    assert [each.value for each in tls.possible] == some


def test_what_stands_beside_a_placeholder_is_known() -> None:
    (found,) = deployments({"main.bicep": ROOT, "main.parameters.json": parameter_file(name="PG-${AZURE_ENV_NAME}")})
    assert found.resources[0].identity.startswith("microsoft.dbforpostgresql/flexibleservers/{pg-|")


BASE = """using none
param name = 'pg-base'
param tags = { env: 'dev', team: ['data'] }
var hidden = 'x'
param region = '${name}-west'
"""


def derived(text: str, base: str = BASE, **more: str) -> Deployment:
    files = {"main.bicep": ROOT, "base.bicepparam": base, "prod.bicepparam": text}
    found = deployments(files | {f"{name}.bicepparam": body for name, body in more.items()})
    (seen,) = (each for each in found if each.root == "main.bicep")
    return seen


def test_a_parameter_file_builds_upon_what_it_extends() -> None:
    seen = derived(
        """using 'main.bicep'
extends 'base.bicepparam'
var full = '${base.name}-prod'
param name = full
param tags = union(base.tags, { env: 'prod', region: region, team: [...base.tags.team, 'web'] })
param tls = contains(base, 'tls') ? base.tls : base.?sku ?? 'on'
"""
    )
    assert seen.problems == ()
    assert shape(at(seen, "server.name")) == "pg-base-prod"
    # what is inherited was made of the names of its own file, and what the template does not have is dropped
    assert shape(at(seen, "server.tags")) == {"env": "prod", "region": "pg-base-west", "team": ["data", "web"]}
    assert shape(at(seen, "server.properties.tls")) == "on"
    assert [(step.text, str(step.span)) for step in at(seen, "server.name").trace] == [
        ("parameter 'name' in base.bicepparam", "base.bicepparam:2:14"),
        ("variable 'full'", "prod.bicepparam:3:12"),
        ("parameter 'name' in prod.bicepparam", "prod.bicepparam:4:14"),
    ]


def test_a_chain_of_parameter_files_is_inherited_as_a_whole() -> None:
    seen = derived(
        "using 'main.bicep'\nextends 'middle.bicepparam'\nparam tags = { ...base.tags, of: base.region }\n",
        middle="using none\nextends 'base.bicepparam'\nparam name = '${base.name}-middle'\n",
    )
    assert seen.problems == ()
    assert shape(at(seen, "server.name")) == "pg-base-middle"
    assert shape(at(seen, "server.tags")) == {"env": "dev", "team": ["data"], "of": "pg-base-west"}


def test_a_base_has_its_parameters_only() -> None:
    for text, reason in (
        ("extends 'base.bicepparam'\nparam name = base.hidden", "'base.bicepparam' gives no parameter 'hidden'"),
        ("extends 'base.bicepparam'\nparam name = hidden", "nothing called 'hidden' is declared"),
        ("param name = base.name", "nothing called 'base' is declared"),
    ):
        name = at(derived(f"using 'main.bicep'\n{text}\n"), "server.name")
        assert isinstance(name, Unknown)
        assert name.reason == reason


def test_a_name_that_nothing_has_is_said_to_be_that_of_nothing() -> None:
    found = bicep("resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: nope }\n")
    name = at(found, "s.name")
    assert isinstance(name, Unknown)
    assert name.reason == "nothing called 'nope' is declared"


def test_what_is_not_there_to_be_extended_leaves_unknown_what_is_made_of_it() -> None:
    seen = derived("using 'main.bicep'\nextends 'gone.bicepparam'\nparam name = base.name\n")
    assert [problem.message for problem in seen.problems] == ["There is no parameter file 'gone.bicepparam'."]
    name = at(seen, "server.name")
    assert isinstance(name, Unknown)
    assert name.reason == "the parameters of 'gone.bicepparam' are not known"


def test_what_bicep_refuses_in_a_parameter_file_that_extends() -> None:
    lines = ["using 'main.bicep'", "extends 'base.bicepparam'", "extends 'b.bicepparam'", "var base = 1"]
    seen = derived("\n".join([*lines, "using none", "param name = 'x'", "param nmae = 'y'"]), b="using none\n")
    assert [f"{problem.span}: {problem.message}" for problem in seen.problems] == [
        "prod.bicepparam:5:1: There is another 'using' on line 1.",
        "prod.bicepparam:3:1: There is another 'extends' on line 2.",
        "prod.bicepparam:4:5: The name 'base' is declared twice; it is also declared on line 2.",
        "prod.bicepparam:7:14: Template 'main.bicep' has no parameter 'nmae'.",
    ]


# What goes wrong


@pytest.mark.parametrize(
    "text,expected",
    [
        ("var a = b\nvar b = a\n", "Variable 'a' depends on itself."),
        ("param a string = b\nparam b string = a\nvar c = a\n", "Parameter 'a' depends on itself."),
    ],
)
def test_circles_of_names_end(text: str, expected: str) -> None:
    used = "a" if "var a" in text else "c"
    found = bicep(f"{text}resource x 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{ name: {used} }}\n")
    assert [(problem.kind, problem.message) for problem in found.problems] == [(Kind.CYCLE, expected)]
    assert found.problems[0].span is not None
    assert len(found.resources) == 1


def test_circles_of_modules_end() -> None:
    call = "module other '{}.bicep' = {{ name: 'm' }}\n" + (
        "resource x 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{ name: 'pg' }}\n"
    )
    files = {"a.bicep": call.format("b"), "b.bicep": call.format("a"), "c.bicep": call.format("c")}
    kinds = sorted(((problem.kind, problem.path) for problem in problems(files)), key=str)
    assert kinds == [(Kind.CYCLE, "a.bicep"), (Kind.CYCLE, "c.bicep")]


def with_tag(symbol: str, value: str) -> str:
    return f"resource {symbol} '{SERVER}@{API}' = {{ name: '{symbol}', tags: {{ a: {value} }} }}\n"


def call(symbol: str, value: str) -> str:
    return f"module {symbol} 's.bicep' = {{ params: {{ a: {value} }} }}\n"


CALLED = f"param a int\n{with_tag('x', 'a')}output o int = a\n"


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        (call("m", "n.outputs.o") + call("n", "m.outputs.o"), "1:1", "Module 'm'"),
        (call("m", "m.outputs.o"), "1:1", "Module 'm'"),
        (call("m", "r.tags.a") + with_tag("r", "m.outputs.o"), "1:1", "Module 'm'"),
        (with_tag("q", "r.tags.a") + with_tag("r", "q.tags.a"), "2:1", "Resource 'r'"),
    ],
)
def test_circles_through_outputs_and_properties_end(text: str, place: str, expected: str) -> None:
    found = bicep(text, **({"s": CALLED} if "module" in text else {}))
    assert [(each.kind, str(each.span), each.message) for each in found.problems] == [
        (Kind.CYCLE, f"main.bicep:{place}", f"{expected} depends on itself.")
    ]


def test_circles_of_deployments_end() -> None:
    server = resource("x", tags={"a": "[parameters('a')]"})
    outputs = {"o": {"type": "int", "value": "[parameters('a')]"}}
    child = arm([server], parameters={"a": {"type": "int"}}, outputs=outputs)
    deployed = {
        name: nested(name, child, parameters={"a": f"[reference('{other}').outputs.o.value]"})
        for name, other in (("m", "n"), ("n", "m"))
    }
    found = deployment({"main.json": json.dumps(arm(deployed))})
    assert [(each.kind, each.message) for each in found.problems] == [(Kind.CYCLE, "Module 'm' depends on itself.")]
    reasons = [first_unknown(each.attributes["tags"]) for each in found.resources if "tags" in each.attributes]
    assert [each and each.reason for each in reasons] == ["module 'm' refers to itself"] * 2


def test_circles_of_references_end() -> None:
    deployed = {
        name: resource(name, properties={"version": f"[reference('{other}').version]"})
        for name, other in (("m", "n"), ("n", "m"))
    }
    found = deployment({"main.json": json.dumps(arm(deployed))})
    assert [(each.kind, each.message) for each in found.problems] == [(Kind.CYCLE, "Resource 'n' depends on itself.")]
    reasons = [first_unknown(each.attributes["properties"]) for each in found.resources]
    assert [each and each.reason for each in reasons] == ["resource 'n' refers to itself"] * 2


def test_what_is_missing_is_a_problem_and_costs_only_itself() -> None:
    found = bicep(
        """
module gone './gone.bicep' = { name: 'gone' }
module outside '../../outside.bicep' = { name: 'outside' }
resource x 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  properties: { a: noSuchFunction(1), b: undeclared, c: gone.outputs.x, d: 'kept' }
}
"""
    )
    assert {(problem.kind, problem.span.begin.line) for problem in found.problems if problem.span} == {
        (Kind.MODULE, 2),
        (Kind.MODULE, 3),
        (Kind.FUNCTION, 6),
        (Kind.REFERENCE, 6),
    }
    assert "Nothing called 'undeclared' is declared." in [problem.message for problem in found.problems]
    assert shape(at(found, "x.properties")) == {"a": "?", "b": "?", "c": "?", "d": "kept"}
    assert len(found.gaps) == 2


def test_a_loop_without_end_costs_only_itself() -> None:
    copied = json.dumps(
        arm(
            [
                resource("[format('pg-{0}', copyIndex())]", copy={"name": "c", "count": 10**9}),
                resource("kept", properties={"copy": [{"name": "x", "count": 10**9, "input": "[copyIndex('x')]"}]}),
            ]
        )
    )
    looped = """
resource many 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for i in range(0, 1000000000): {
  name: 'pg-${i}'
}]
resource kept 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'kept'
  properties: { x: [for i in range(0, 1000000000): i] }
}
"""
    for files in ({"main.json": copied}, {"main.bicep": looped}):
        found = deployment(files)
        assert [shown(each)[6] for each in found.resources] == [True, False]
        assert "kept" in repr(found.resources[1].address)
        assert shape(found.resources[1].attributes["properties"]) == {"x": "?"}


def test_loops_within_loops_are_bounded() -> None:
    text = "resource x 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'pg'\n  properties: { x: "
    loops = "".join(f"map(range(0, 1000), {name} => " for name in "abcdef")
    found = bicep(f"{text}{loops}a{')' * 6} }}\n}}\n")
    assert [problem.kind for problem in found.problems] == [Kind.LIMIT]
    assert [shown(each)[1] for each in found.resources] == ["pg"]


def test_truncated_files_are_problems_that_hide_nothing_else() -> None:
    source = ROOT + "resource more 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'x'\n"
    found = deployment({"main.bicep": source})
    assert [problem.kind for problem in found.problems] == [Kind.SYNTAX]
    assert "server" in {each.address for each in found.resources}
    assert found.gaps
    compiled = json.dumps(arm([resource("pg")]), indent=1)
    for end in range(len(compiled) // 2, len(compiled) - 1, 7):
        (broken,) = deployments({"main.json": compiled[:end]})
        assert [problem.kind for problem in broken.problems] == [Kind.SYNTAX]


def test_findings_that_hold_with_one_parameter_file_only_say_so(tmp_path: Path) -> None:
    files = {
        "main.bicep": """
param access string = 'Disabled'
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  properties: { version: '16', network: { publicNetworkAccess: access } }
}
""",
        "open.bicepparam": "using 'main.bicep'\nparam access = 'Enabled'\n",
        "closed.bicepparam": "using 'main.bicep'\n",
        "main.parameters.json": parameter_file(access="Disabled"),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    assert not report.problems
    found = {finding.rule.id: finding for finding in report.findings}
    assert found["PGF305"].scenarios == ("open.bicepparam",)
    assert [step.text for step in found["PGF305"].trace] == ["parameter 'access' in open.bicepparam"]
    assert found["PGF701"].scenarios == ()


def test_a_list_or_object_in_a_string_is_its_json() -> None:
    found = bicep(
        "param p string\nvar list = ['a', 1]\n"
        "resource x 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n"
        "  name: 'pg'\n  properties: { a: 'x-${list}', b: 'x-${{ k: list }}', c: 'x-${[p]}' }\n}\n"
    )
    assert shape(found.resources[0].attributes["properties"]) == {"a": "x-['a',1]", "b": "x-{'k':['a',1]}", "c": "?"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("nameof(tls)", "tls"),
        ("sys.nameof(tls.a.require)", "require"),
        ("nameof(tls.?a)", "a"),
        ("nameof(list[0].first)", "first"),
        ("nameof(server)", "server"),
        ("nameof(server.properties.version)", "version"),
        ("nameof(server::child)", "child"),
        ("nameof(here)", "here"),
        ("nameof(loop)", "loop"),
    ],
)
def test_nameof_is_the_name_itself(expression: str, expected: str) -> None:
    found = bicep(
        f"""
param tls object
param list array
var here = '${{tls.a}} ${{server.id}}'
resource server '{SERVER}@{API}' = {{
  name: 'pg'
  resource child 'databases' = {{
    name: 'app'
  }}
}}
resource probe '{SERVER}@{API}' = [for loop in [1]: {{ name: {expression} }}]
"""
    )
    assert not found.problems
    assert shape(at(found, "probe[0].name")) == expected


def test_nameof_what_nothing_declares_is_a_problem() -> None:
    found = bicep(f"resource probe '{SERVER}@{API}' = {{ name: nameof(nope.a) }}\n")
    assert [str(each.span) for each in found.problems] == ["main.bicep:1:88"]
