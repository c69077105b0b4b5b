"""What tells resources and unknown texts apart: equal for what is certain to be the same, however it is spelled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgflexlint.evaluate.calls import FunctionCall
from pgflexlint.evaluate.template.functions import FUNCTIONS
from pgflexlint.evaluate.template.identity import called, identity, key, split_name
from pgflexlint.values import Known, Reference, Unknown, Value
from tests.bare_values import HERE, THERE, shown, unknown, value
from tests.command_line import Check, Write
from tests.workspace import MemoryWorkspace

SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"
CONFIGURATIONS = f"{SERVERS}/configurations"


def call(name: str, *arguments: Any) -> Value[Any]:
    return FUNCTIONS[name.lower()](FunctionCall(name, THERE, tuple(map(value, arguments)), MemoryWorkspace({})))


def text(*parts: Any) -> Unknown:
    return unknown(parts=tuple(map(value, parts)))


X, Y = unknown(reason="parameter 'x' has no value"), unknown(reason="parameter 'y' has no value")
GROUP = unknown(reference=Reference("resourcegroup()", "id"))
HASH = call("uniqueString", GROUP)
NAME = text("PG-", HASH)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (value("Pg-1"), "pg-1"),
        (value(5), "5"),
        (value(True), "true"),
        (X, "{parameter 'x' has no value}"),
        (GROUP, "<resourcegroup().id>"),
        (HASH, "{uniquestring|<resourcegroup().id>}"),
        (NAME, "{pg-|{uniquestring|<resourcegroup().id>}}"),
        (text("a", "B", X, "c", "d"), "{ab|{parameter 'x' has no value}|cd}"),
        (text(text("a", text("b", X)), "c"), "{ab|{parameter 'x' has no value}|c}"),
        (text(X), "{parameter 'x' has no value}"),
        (call("toLower", NAME), "{pg-|{uniquestring|<resourcegroup().id>}}"),
        (call("toUpper", X), "{parameter 'x' has no value}"),
        (call("guid", X, "a"), "{guid|{parameter 'x' has no value}|a}"),
        (replace(NAME, reference=Reference("a.b/c/pg", "name")), "{pg-|{uniquestring|<resourcegroup().id>}}"),
        (replace(X, reference=Reference("a.b/c/{parameter 'x' has no value}", "name")), "{parameter 'x' has no value}"),
        (replace(X, reference=Reference("a.b/c/<m.outputs.name>", "name")), "<m.outputs.name>"),
        (replace(X, reference=Reference("resourcegroup()", "name")), "<resourcegroup().name>"),
        (value([1]), "1"),
    ],
)
def test_key(made: Value[Any], expected: str) -> None:
    assert key(made) == expected


def test_different_texts_have_different_keys() -> None:
    texts = [
        X,
        Y,
        GROUP,
        HASH,
        NAME,
        text(X, Y),
        text(Y, X),
        text("a", X),
        text(X, "a"),
        call("guid", X),
        call("guid", Y),
    ]
    assert len({key(each) for each in texts}) == len(texts)


@pytest.mark.parametrize(
    ("name", "segments"),
    [
        (value("a/b"), ["a", "b"]),
        (value("a"), ["a"]),
        (value(5), ["5"]),
        (X, ["{parameter 'x' has no value}"]),
        (text(X, "/b"), ["{parameter 'x' has no value}", "b"]),
        (text("a/", X), ["a", "{parameter 'x' has no value}"]),
        (text("a", "b/c", "d/", X, "-1"), ["ab", "cd", "{{parameter 'x' has no value}|-1}"]),
        (text(text("a/", X), "/", NAME), ["a", key(X), key(NAME)]),
        (HASH, [key(HASH)]),
        (call("toLower", text(X, "/B")), [key(X), "b"]),
    ],
)
def test_split_name(name: Value[Any], segments: list[str]) -> None:
    assert [key(each) for each in split_name(name)] == segments


def test_a_segment_that_is_one_part_is_that_part() -> None:
    assert split_name(text("a/", X))[1] is X
    written = Known("a", HERE, reference=Reference("b", "name"))
    assert split_name(written)[0] is written
    assert shown(split_name(text("a", "b", "/", X))[0]) == "ab"


def test_a_resource_is_the_same_however_its_name_is_put_together() -> None:
    expected = f"{CONFIGURATIONS.lower()}/{key(NAME)}/tls"
    server = identity(SERVERS, NAME)
    parent = unknown(reference=Reference(server, "id"))
    for names in (
        [NAME, value("tls")],
        [text(NAME, "/", "TLS")],
        [text("pg-", HASH, "/tls")],
        [call("format", "{0}/{1}", call("toLower", NAME), "tls")],
        [call("concat", "pg-", HASH, "/tls")],
        [parent, value("Tls")],
        [replace(parent, reference=Reference(server, "")), value("tls")],
        [replace(NAME, reference=Reference(server, "name")), value("tls")],
    ):
        assert identity(CONFIGURATIONS, *names) == expected
    by_id = call("resourceId", CONFIGURATIONS, NAME, "tls")
    assert by_id.reference == Reference(expected, "id")
    assert key(by_id) == f"<{expected}.id>"


def test_what_a_function_makes_is_one_part_that_is_no_text() -> None:
    made = called(FunctionCall("toFoo", THERE, (X,), MemoryWorkspace({})), Y)
    assert (made.reason, made.never_null, key(made)) == (Y.reason, True, "{tofoo|{parameter 'x' has no value}}")


PIECES = st.lists(st.text("aB-", min_size=1, max_size=3) | st.sampled_from([X, Y, GROUP, HASH]), min_size=1, max_size=4)


def grouped(draw: st.DataObject, parts: list[Any]) -> list[Any]:
    """The same parts, some of them put together to texts of their own."""
    made: list[Any] = []
    while parts:
        size = draw.draw(st.integers(1, len(parts)))
        group, parts = parts[:size], parts[size:]
        if all(isinstance(part, str) for part in group):
            made.append("".join(group))
        else:
            made += [text(*grouped(draw, group[:1]), *group[1:])] if draw.draw(st.booleans()) else group
    return made


def as_name(parts: list[Any]) -> Value[Any]:
    return value("".join(parts)) if all(isinstance(part, str) for part in parts) else text(*parts)


@given(st.lists(PIECES, min_size=1, max_size=3), st.data())
def test_identity_and_key_do_not_depend_on_how_a_text_is_nested(segments: list[list[Any]], draw: st.DataObject) -> None:
    separated = [part for segment in segments for part in ("/", *segment)][1:]
    names = [as_name(segment) for segment in segments]
    whole = as_name(separated)
    nested = as_name(grouped(draw, separated))
    assert key(whole) == key(nested)
    assert [key(each) for each in split_name(nested)] == [key(each) for each in names]
    assert identity("A.B/c", *names) == identity("a.b/C", nested)
    assert key(call("toUpper", nested)) == key(whole)


UNSEEN = """\
param name string
param other string
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: {server}
  properties: {{ version: '16', authConfig: {{ activeDirectoryAuth: 'Enabled' }} }}
}}
module m 'br:acme.azurecr.io/pg:1' = {{ name: 'm', params: {{ server: {given} }} }}
"""
UNSEEN_OF_TERRAFORM = """\
provider "azurerm" {{}}
variable "name" {{}}
variable "other" {{}}
resource "azurerm_postgresql_flexible_server" "s" {{
  name    = {server}
  version = "16"
  authentication {{
    active_directory_auth_enabled = true
    tenant_id                     = "x"
  }}
}}
module "m" {{
  source = "acme/pg/azurerm"
  server = {given}
}}
"""


@pytest.mark.parametrize(
    ("server", "given", "same"),
    [
        ("name", "name", True),
        ("name", "toLower(name)", True),
        ("toUpper(name)", "name", True),
        ("toLower(name)", "toUpper(toLower(name))", True),
        ("'${toLower(name)}'", "name", True),
        ("toLower('PG-${name}')", "'pg-${name}'", True),
        ("'PG-${name}'", "'pg-${toLower(name)}'", True),
        ("toLower('PG')", "toUpper('pG')", True),
        ("name", "toLower(other)", False),
        ("'pg-${name}'", "'pg-${toLower(other)}'", False),
        ("name", "uniqueString(name)", False),
    ],
)
def test_a_module_may_add_to_a_server_that_it_is_given_by_its_name_in_any_case(
    write: Write, run: Check, server: str, given: str, same: bool
) -> None:
    check = ("check", "--select", "PGF402", "--format", "concise", "--show-unknown")
    write({"main.bicep": UNSEEN.format(server=server, given=given)})
    _, output, _ = run(*check)
    assert ("unknown PGF402" in output, "warning PGF402" in output) == (same, not same)
    if "uniqueString" not in given:
        here, there = (
            text.replace("toLower", "lower").replace("toUpper", "upper").replace("name", "var.name")
            .replace("other", "var.other").replace("'", '"')
            for text in (server, given)
        )  # fmt: skip
        write({"main.tf": UNSEEN_OF_TERRAFORM.format(server=here, given=there), "main.bicep": ""})
        _, output, _ = run(*check)
        assert ("unknown PGF402" in output, "warning PGF402" in output) == (same, not same)


@pytest.mark.parametrize("server", ["name", "toLower(name)", "toLower('PG-${name}')"])
@pytest.mark.parametrize("change", ["toLower", "toUpper", ""])
def test_a_server_is_referred_to_by_its_name_in_any_case(write: Write, run: Check, server: str, change: str) -> None:
    administrator = (
        "resource a 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = {\n"
        f"  name: '${{{change}({server})}}/00000000-0000-0000-0000-000000000001'\n"
        "  properties: { principalType: 'Group' }\n}\n"
    )
    text = UNSEEN.format(server=server, given="other").replace("module m", "// module m")
    write({"main.bicep": text})
    check = ("check", "--select", "PGF402", "--format", "concise", "--show-unknown")
    assert "warning PGF402" in run(*check)[1]
    write({"main.bicep": text + administrator})
    assert "PGF402" not in run(*check)[1]


EXISTING = "resource {} 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {{ name: {} }}\n"
TLS_OFF = """\
resource c 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: %s
  name: 'require_secure_transport'
  properties: { value: 'off', source: 'user-override' }
}
"""
ALL_OPEN = """\
resource f 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: %s
  name: 'all'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' }
}
"""
UNENCRYPTED = "error PGF101 Unencrypted connections are accepted by server '{}'. [{}]"


def judged(run: Check) -> list[str]:
    return run("check", "--select", "PGF101,PGF301", "--format", "concise", "--show-unknown")[1].splitlines()[:-1]


@pytest.mark.parametrize("names", [("'srv'", "'srv'"), ("'srv'", "'SRV'"), ("n", "n")])
def test_a_server_that_is_referred_to_twice_is_one(write: Write, run: Check, names: tuple[str, str]) -> None:
    texts = [EXISTING.format(symbol, name) for symbol, name in zip("ab", names, strict=True)]
    write({"main.bicep": "".join(["param n string\n", *texts, TLS_OFF % "b"])})
    assert judged(run) == ["main.bicep:7:24: " + UNENCRYPTED.format("a (also b)", "c")]


def test_a_server_that_is_referred_to_twice_is_one_in_arm(write: Write, run: Check) -> None:
    declared = {"existing": True, "type": SERVERS, "apiVersion": "2024-08-01", "name": "srv"}
    off = {
        "type": CONFIGURATIONS,
        "apiVersion": "2024-08-01",
        "name": "srv/require_secure_transport",
        "properties": {"value": "off", "source": "user-override"},
    }
    template = {"languageVersion": "2.0", "resources": {"a": declared, "b": declared, "c": off}}
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    write({"main.json": json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", **template}, indent=1)})
    assert judged(run) == ["main.json:23:14: " + UNENCRYPTED.format("a (also b)", "c")]


def test_a_server_that_two_modules_refer_to_is_one(write: Write, run: Check) -> None:
    called = "module {0} '{0}.bicep' = {{ params: {{ n: n }} }}\n"
    write(
        {
            "a.bicep": "param n string\n" + EXISTING.format("a", "n") + TLS_OFF % "a",
            "b.bicep": "param n string\n" + EXISTING.format("b", "n") + ALL_OPEN % "b",
            "main.bicep": "param n string\n" + called.format("a") + called.format("b"),
        }
    )
    assert judged(run) == [
        "a.bicep:6:24: " + UNENCRYPTED.format("a (also b)", "a.c"),
        "b.bicep:6:58: error PGF301 The public internet can reach server 'a (also b)'. Firewall rule 'f' lets in"
        " '3,702,258,688' public addresses, '0.0.0.0' to '255.255.255.255'. [b.f]",
    ]


def test_servers_of_which_nothing_tells_that_they_are_one_are_two(write: Write, run: Check) -> None:
    texts = [EXISTING.format("a", "n"), EXISTING.format("b", "m"), TLS_OFF % "b"]
    write({"main.bicep": "".join(["param n string\nparam m string\n", *texts])})
    assert judged(run) == ["main.bicep:8:24: " + UNENCRYPTED.format("b", "c")]
