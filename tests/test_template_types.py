"""Types that Bicep and ARM JSON declare: what they hide and whether they take null, wherever they are declared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.command_line import Check, Write
from tests.test_template_evaluation import arm, nested, resource

SERVER = """\
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'pg'
  properties: { %s }
}
"""
TYPES = """\
@export()
@secure()
type pwT = string
@export()
type nT = int?
@export()
type credT = {
  login: string
  @secure()
  password: string
}
@export()
type allT = { first: credT, list: credT[], pair: [string, pwT], *: pwT, days: nT, less: int? }
type hidden = allT
type oneT = {
  kind: 'a'
  login: string
  @secure()
  password: string
  @secure()
  token: string
}
type otherT = {
  kind: 'b'
  login: string
  @secure()
  password: string
  token: string
}
@export()
@discriminator('kind')
type anyT = oneT | otherT
@export()
type restT = {
  login: string
  @sys.secure()
  *: string
}
@export()
type pairT = [
  @secure()
  string
  string
]
"""
EXPOSED = "warning PGF408"
UNSURE = "unknown PGF408"


def said(run: Check, rule: str) -> list[str]:
    """What the concise format says of one rule: its level, its id, and why it is undecided."""
    _, output, _ = run("check", "--isolated", "--format", "concise", "--show-unknown", "--select", rule)
    lines = [line.partition(": ")[2] for line in output.splitlines()[:-1]]
    return [line if line.startswith("problem") else " ".join(line.split()[:2]) for line in lines]


def reasons(run: Check, rule: str) -> list[str]:
    _, output, _ = run("check", "--isolated", "--format", "concise", "--show-unknown", "--select", rule)
    return [line.partition("because ")[2].partition(". [")[0] for line in output.splitlines()[:-1]]


PASSWORDS: list[tuple[str, str, list[str]]] = [
    ("pwT", "x", []),
    ("pwT?", "x!", []),
    ("string", "x", [EXPOSED]),
    ("credT", "x.password", []),
    ("credT", "x.PASSWORD", []),
    ("credT", "x['password']", []),
    ("credT", "x.login", [EXPOSED]),
    ("credT?", "x.?password", []),
    ("credT.password", "x", []),
    ("credT.login", "x", [EXPOSED]),
    ("credT[]", "x[0].password", []),
    ("credT[]", "x[0].login", [EXPOSED]),
    ("credT[*]", "x", [EXPOSED]),
    ("allT", "x.first.password", []),
    ("allT", "x.first.login", [EXPOSED]),
    ("allT", "x.list[2].password", []),
    ("allT", "x.pair[1]", []),
    ("allT", "x.pair[0]", [EXPOSED]),
    ("allT", "x.another", []),
    ("allT.list[*].password", "x", []),
    ("allT.list[*].login", "x", [EXPOSED]),
    ("allT.pair[1]", "x", []),
    ("allT.*", "x", []),
    ("anyT", "x.password", []),
    ("anyT?", "x!.password", []),
    ("anyT[]", "x[0].login", [EXPOSED]),
    ("anyT", "x.token", [UNSURE]),
    ("restT", "x.foo", []),
    ("restT", "x.login", [EXPOSED]),
    ("restT.*", "x", []),
    ("pairT", "x[0]", []),
    ("pairT", "x[1]", [EXPOSED]),
    ("pairT[0]", "x", []),
    ("pairT[]", "x[2][0]", []),
    ("credT", "first(items(x)).value", [UNSURE]),
    ("credT[]", "map(x, c => c.login)[0]", [UNSURE]),
    ("allT", "y.first.password", []),
]


@pytest.mark.parametrize(
    "imported",
    ["", "import { pwT, nT, credT, allT, anyT, restT, pairT } from 't.bicep'", "import * as t from 't.bicep'"],
)
@pytest.mark.parametrize(("type_", "password", "expected"), PASSWORDS)
def test_a_type_hides_what_it_is_declared_to(
    write: Write, run: Check, *, imported: str, type_: str, password: str, expected: list[str]
) -> None:
    named = f"t.{type_}" if "*" in imported and "T" in type_ else type_
    text = f"param x {named}\nvar y = x\n" + SERVER % f"administratorLoginPassword: {password}"
    write({"main.bicep": f"{imported or TYPES}\n{text}", "t.bicep": TYPES})
    assert said(run, "PGF408") == expected


def test_an_alias_of_an_imported_type_hides_what_that_does(write: Write, run: Check) -> None:
    text = "import { credT as c } from 't.bicep'\ntype d = c\nparam x d\n"
    write({"main.bicep": text + SERVER % "administratorLoginPassword: x.password", "t.bicep": TYPES})
    assert said(run, "PGF408") == []


@pytest.mark.parametrize(("type_", "expected"), [("object", [EXPOSED]), ("credT", [])])
def test_each_input_on_the_way_hides_for_itself(write: Write, run: Check, type_: str, expected: list[str]) -> None:
    imported = "import { credT } from 't.bicep'\n"
    child = f"{imported}param y {type_}\n" + SERVER % "administratorLoginPassword: y.password"
    main = f"{imported}param x credT\nmodule s 's.bicep' = {{ params: {{ y: x }} }}\n"
    write({"main.bicep": main, "s.bicep": child, "t.bicep": TYPES})
    assert said(run, "PGF408") == expected


@pytest.mark.parametrize(("member", "expected"), [("login", [UNSURE]), ("password", [])])
def test_a_loop_over_what_hides_something_hides_it_too(
    write: Write, run: Check, member: str, expected: list[str]
) -> None:
    loop = SERVER.replace("= {", "= [for c in x: {") % f"administratorLoginPassword: c.{member}"
    write({"main.bicep": f"{TYPES}param x credT[]\n{loop.rstrip()}]\n"})
    assert said(run, "PGF408") == expected


def test_what_a_parameter_file_gives_is_hidden_too(write: Write, run: Check) -> None:
    main = TYPES + "param x credT\n" + SERVER % "administratorLoginPassword: x.password"
    given = "using 'main.bicep'\nparam p string\nparam x = { login: 'a', password: readEnvironmentVariable('PW') }\n"
    write({"main.bicep": main, "main.bicepparam": given.replace("param p string\n", "")})
    assert said(run, "PGF408") == []


def test_types_that_refer_to_each_other_in_a_circle_end(write: Write, run: Check) -> None:
    types = "type a = b\ntype b = a\ntype c = d.x\ntype d = c.y\n"
    text = types + "type node = {\n  next: node?\n  @secure()\n  p: string\n}\nparam x node\nparam y a\nparam z c\n"
    write({"main.bicep": text + SERVER % "administratorLoginPassword: '${x.p}${y}${z}'"})
    assert said(run, "PGF408") == []
    write({"main.bicep": text + SERVER % "administratorLoginPassword: x.next.next.p"})
    assert said(run, "PGF408") == [UNSURE]


def test_a_type_that_is_not_there_may_hide_or_not(write: Write, run: Check) -> None:
    text = "import { pwT } from 'br:example.azurecr.io/types:1'\nparam x pwT\n"
    write({"main.bicep": text + SERVER % "administratorLoginPassword: x"})
    assert said(run, "PGF408") == [UNSURE]
    assert reasons(run, "PGF408") == ["it cannot be determined whether this input hides it"]


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("credT", [UNSURE.replace("408", "409")]),
        ("pwT", []),
        ("string", ["error PGF409"]),
        ("object", ["error PGF409"]),
    ],
)
def test_an_output_hides_what_its_type_does(write: Write, run: Check, type_: str, expected: list[str]) -> None:
    value = "{ password: x }" if type_ in ("credT", "object") else "x"
    text = f"@secure()\nparam x string\noutput o {type_} = {value}\n" + SERVER % "administratorLoginPassword: x"
    write({"main.bicep": "import { credT, pwT } from 't.bicep'\n" + text, "t.bicep": TYPES})
    assert said(run, "PGF409") == expected


SHORT = ["note PGF702"]
NULLABLE: list[tuple[str, str, list[str]]] = [
    ("nT", "x ?? 8", SHORT),
    ("allT.less", "x ?? 8", SHORT),
    ("allT.days", "x ?? 8", SHORT),
    ("nT!", "x ?? 8", ["unknown PGF702"]),
    ("int", "x ?? 8", ["unknown PGF702"]),
    ("allT.list", "empty(x) ? 8 : 30", ["unknown PGF702"]),
]


@pytest.mark.parametrize("imported", ["", "import { nT, allT } from 't.bicep'", "import * as t from 't.bicep'"])
@pytest.mark.parametrize(("type_", "days", "expected"), NULLABLE)
def test_a_type_takes_null_wherever_it_is_declared(
    write: Write, run: Check, *, imported: str, type_: str, days: str, expected: list[str]
) -> None:
    named = f"t.{type_}" if "*" in imported and "T" in type_ else type_
    text = f"param x {named}\n" + SERVER % f"backup: {{ backupRetentionDays: {days} }}"
    write({"main.bicep": f"{imported or TYPES}\n{text}", "t.bicep": TYPES})
    assert said(run, "PGF702") == expected


DEFINITIONS: dict[str, Any] = {
    "pwT": {"type": "securestring"},
    "nT": {"type": "int", "nullable": True},
    "credT": {
        "type": "object",
        "properties": {
            "login": {"type": "string"},
            "password": {"type": "securestring"},
            "days": {"$ref": "#/definitions/nT"},
        },
    },
    "pairT": {"type": "array", "prefixItems": [{"type": "string"}, {"$ref": "#/definitions/pwT"}], "items": False},
    "listT": {"type": "array", "items": {"$ref": "#/definitions/credT"}},
    "restT": {"type": "object", "additionalProperties": {"type": "securestring"}},
    "anyT": {
        "type": "object",
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"a": {"$ref": "#/definitions/credT"}, "b": {"$ref": "#/definitions/otherT"}},
        },
    },
    "otherT": {"type": "object", "properties": {"login": {"type": "securestring"}, "x": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("reference", "password", "expected"),
    [
        ("credT", ".password", []),
        ("credT", ".login", [EXPOSED]),
        ("credT/properties/password", "", []),
        ("credT/properties/login", "", [EXPOSED]),
        ("pairT", "[1]", []),
        ("pairT/prefixItems/1", "", []),
        ("pairT/prefixItems/0", "", [EXPOSED]),
        ("listT", "[1].password", []),
        ("listT/items/properties/password", "", []),
        ("listT/items/properties/login", "", [EXPOSED]),
        ("anyT", ".x", [EXPOSED]),
        ("anyT", ".login", [UNSURE]),
        ("anyT", ".password", [UNSURE]),
        ("restT", ".x", []),
        ("restT/additionalProperties", "", []),
    ],
)
def test_a_definition_hides_what_it_is_declared_to(
    write: Write, run: Check, reference: str, password: str, expected: list[str]
) -> None:
    server = resource("pg", properties={"administratorLoginPassword": f"[parameters('x'){password}]"})
    parameters = {"x": {"$ref": f"#/definitions/{reference}"}}
    write({"main.json": json.dumps(arm({"pg": server}, definitions=DEFINITIONS, parameters=parameters))})
    assert said(run, "PGF408") == expected


def test_a_definition_that_a_member_refers_to_takes_null(write: Write, run: Check) -> None:
    server = resource("pg", properties={"backup": {"backupRetentionDays": "[coalesce(parameters('x'), 8)]"}})
    parameters = {"x": {"$ref": "#/definitions/credT/properties/days"}}
    write({"main.json": json.dumps(arm({"pg": server}, definitions=DEFINITIONS, parameters=parameters))})
    assert said(run, "PGF702") == SHORT


def test_a_nested_template_has_definitions_of_its_own(write: Write, run: Check) -> None:
    server = resource("pg", properties={"administratorLoginPassword": "[parameters('y').password]"})
    child = arm({"pg": server}, definitions=DEFINITIONS, parameters={"y": {"$ref": "#/definitions/credT"}})
    outer = arm(
        {"m": nested("m", child, parameters={"y": "[parameters('x')]"})}, parameters={"x": {"type": "secureObject"}}
    )
    write({"main.json": json.dumps(outer)})
    assert said(run, "PGF408") == []


@pytest.mark.parametrize(("names", "expected"), [(20, []), (40, [UNSURE])])
def test_what_is_behind_many_names_of_types_may_be_hidden(
    write: Write, run: Check, names: int, expected: list[str]
) -> None:
    chain = "".join(f"type t{number} = t{number + 1}\n" for number in range(names))
    hidden = f"@secure()\ntype t{names} = string\n"
    server = SERVER % "administratorLoginPassword: x.password"
    write({"main.bicep": f"{chain}{hidden}param x {{ password: t0 }}\n{server}"})
    assert said(run, "PGF408") == expected
