"""Which lock protects which server, and which vault holds its key: through the real readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from docs.render import AS_OF
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.normalize.keys import vault_name, versioned
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint.values import Known, Unknown
from pgflexlint_rules import RULES
from tests.factory import VALUE, either, known

PROVIDER = 'provider "azurerm" {\n  features {}\n}\n'
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
SERVERS = f"{SUBSCRIPTION}/resourceGroups/rg-x/providers/Microsoft.DBforPostgreSQL/flexibleServers"

Look = Callable[..., dict[str, str]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """What some rules say of some files: by rule the level of its findings, or why it cannot tell."""

    def run(*rules: str, **files: str) -> dict[str, str]:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_tf", ".tf").replace("_bicep", ".bicep")
            path = path.with_suffix(".json") if name.endswith("_json") else path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return said(analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings(as_of=AS_OF)), rules)

    return run


def said(report: Report, rules: tuple[str, ...]) -> dict[str, str]:
    assert not report.problems
    answers = {doubt.rule.id: doubt.reason for doubt in report.doubts}
    answers |= {finding.rule.id: finding.level.value for finding in report.findings}
    return {rule: answer for rule, answer in answers.items() if rule in rules}


# --- locks ----------------------------------------------------------------------------------------------------------

DECLARED = """
data "azurerm_subscription" "current" {}
data "azurerm_client_config" "current" {}
data "azurerm_resource_group" "shared" {
  name = var.unset
}
variable "unset" {}
variable "group" {
  default = "rg-X"
}
resource "azurerm_resource_group" "x" {
  name = "rg-x"
}
resource "azurerm_resource_group" "unset" {
  name = var.unset
}
resource "azurerm_resource_group" "other" {
  name = "rg-other"
}
resource "azurerm_postgresql_flexible_server_database" "d" {
  name = "orders"
  server_id = azurerm_postgresql_flexible_server.s.id
}
module "elsewhere" {
  source = "acme/group/azurerm"
}
"""
LOCKED = """
resource "azurerm_postgresql_flexible_server" "s" {
  name                = "psql-s"
  resource_group_name = %s
}
resource "azurerm_management_lock" "l" {
  name       = "l"
  lock_level = "CanNotDelete"
  scope      = %s
}
"""


@pytest.mark.parametrize(
    ("group", "scope", "answer"),
    [
        # the server
        ('"rg-x"', "azurerm_postgresql_flexible_server.s.id", ""),
        ('"rg-x"', f'"{SERVERS}/PSQL-S"', ""),
        ('"rg-x"', f'"{SERVERS}/psql-other"', "note"),
        ('"rg-x"', "azurerm_postgresql_flexible_server_database.d.id", "note"),
        # its resource group
        ("azurerm_resource_group.x.name", "azurerm_resource_group.x.id", ""),
        ("azurerm_resource_group.other.name", "azurerm_resource_group.x.id", "note"),
        ('"RG-X"', "azurerm_resource_group.x.id", ""),
        ('"rg-y"', "azurerm_resource_group.x.id", "note"),
        ("var.group", f'"{SUBSCRIPTION}/resourceGroups/rg-x"', ""),
        ("var.group", f'"{SUBSCRIPTION}/resourceGroups/${{var.group}}"', ""),
        ("var.unset", "azurerm_resource_group.unset.id", ""),
        ("var.unset", f'"{SUBSCRIPTION}/resourceGroups/${{var.unset}}"', ""),
        ("var.unset", "azurerm_resource_group.x.id", "unknown"),
        ("azurerm_resource_group.unset.name", "azurerm_resource_group.x.id", "note"),
        ("data.azurerm_resource_group.shared.name", "data.azurerm_resource_group.shared.id", ""),
        ('"rg-x"', "data.azurerm_resource_group.shared.id", "unknown"),
        ('"rg-x"', "module.elsewhere.id", "unknown"),
        # its subscription
        ('"rg-x"', "data.azurerm_subscription.current.id", ""),
        ('"rg-x"', '"/subscriptions/${data.azurerm_client_config.current.subscription_id}"', ""),
        ('"rg-x"', f'"{SUBSCRIPTION}"', "unknown"),
        # anything
        ('"rg-x"', "var.unset", "unknown"),
        ('"rg-x"', '"nonsense"', "unknown"),
    ],
)
def test_a_lock_protects_what_is_in_its_scope(look: Look, group: str, scope: str, answer: str) -> None:
    answers = look("PGF704", main_tf=PROVIDER + DECLARED + LOCKED % (group, scope))
    if answer == "unknown":
        assert answers["PGF704"].startswith("it cannot be determined whether lock 'l' protects it, because ")
    else:
        assert answers == ({"PGF704": answer} if answer else {})


def test_a_lock_in_a_module_finds_the_server_that_is_handed_in(look: Look) -> None:
    body = '  scope      = var.postgres\n  lock_level = "CanNotDelete"\n'
    lock = f'variable "postgres" {{}}\nresource "azurerm_management_lock" "l" {{\n{body}}}\n'
    server = 'resource "azurerm_postgresql_flexible_server" "s" {\n  name = "s"\n}\n'
    call = 'module "lock" {\n  source = "./lock"\n  postgres = azurerm_postgresql_flexible_server.s.id\n}\n'
    assert look("PGF704", main_tf=PROVIDER + server + call, lock__main_tf=lock) == {}


def test_a_module_that_is_not_on_disk_may_lock_what_it_is_given(look: Look) -> None:
    server = 'resource "azurerm_postgresql_flexible_server" "s" {\n  name = "s"\n}\n'
    call = 'module "lock" {\n  source = "acme/lock/azurerm"\n  id = azurerm_postgresql_flexible_server.s.id\n}\n'
    assert look("PGF704", main_tf=PROVIDER + server + call) == {
        "PGF704": "module 'lock' (acme/lock/azurerm) is not on disk"
    }


def test_a_module_judged_alone_may_be_locked_by_its_caller(look: Look) -> None:
    server = 'variable "n" {}\nresource "azurerm_postgresql_flexible_server" "s" {\n  name = var.n\n}\n'
    assert look("PGF704", main_tf=server) == {"PGF704": "whoever uses this module may add a lock"}


SERVER = """
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql'
}
"""
LOCK = """
resource l 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'l'
  %s
  properties: { level: 'CanNotDelete' }
}
"""


@pytest.mark.parametrize("scope", ["scope: s", "", "scope: resourceGroup()"])
def test_a_template_locks_the_server_or_its_group(look: Look, scope: str) -> None:
    assert look("PGF704", main_bicep=SERVER + LOCK % scope) == {}


def test_a_lock_inside_the_server_is_its_own(look: Look) -> None:
    server = {"type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "psql"}
    lock = {
        "type": "Microsoft.DBforPostgreSQL/flexibleServers/providers/locks",
        "apiVersion": "2016-09-01",
        "name": "psql/Microsoft.Authorization/l",
        "properties": {"level": "ReadOnly"},
    }
    assert look("PGF704", main_json=template(server, lock)) == {}


def template(*resources: object) -> str:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "resources": resources})


# --- keys -----------------------------------------------------------------------------------------------------------

VAULTS = """
variable "unset" {}
resource "azurerm_key_vault" "v" {
  for_each = toset(["a", "b"])
  name     = "kv-${each.key}"
}
resource "azurerm_key_vault_key" "k" {
  for_each     = azurerm_key_vault.v
  name         = "key"
  key_vault_id = each.value.id
}
data "azurerm_key_vault_key" "d" {
  name = "key"
}
module "keys" {
  source = "acme/keys/azurerm"
}
resource "azurerm_postgresql_flexible_server" "s" {
  name = "psql"
  customer_managed_key {
    key_vault_key_id = %s
  }
}
"""
NO_VALUE = "variable 'unset' has no value"
NOT_ON_DISK = "module 'keys' (acme/keys/azurerm) is not on disk"


@pytest.mark.parametrize(
    ("key", "missing", "fixed", "purged"),
    [
        ('azurerm_key_vault_key.k["a"].id', "", "note", "warning"),
        ('azurerm_key_vault_key.k["b"].versionless_id', "", "", "warning"),
        ('"${azurerm_key_vault.v["a"].vault_uri}keys/key"', "", "", "warning"),
        ('"https://KV-a.vault.azure.net/keys/key"', "", "", "warning"),
        ('"https://kv-c.vault.azure.net/keys/key/0123"', "", "note", ""),
        ("data.azurerm_key_vault_key.d.id", "", "note", ""),
        ("data.azurerm_key_vault_key.d.versionless_id", "", "", ""),
        ('""', "note", "", ""),
        ("null", "note", "", ""),
        ("var.unset", NO_VALUE, NO_VALUE, f"it cannot be determined which key vault holds the key, because {NO_VALUE}"),
        (
            "module.keys.ledger",
            NOT_ON_DISK,
            NOT_ON_DISK,
            f"it cannot be determined which key vault holds the key, because {NOT_ON_DISK}",
        ),
    ],
)
def test_the_id_of_a_key_says_its_version_and_vault(
    look: Look, key: str, missing: str, fixed: str, purged: str
) -> None:
    answers = look("PGF201", "PGF203", "PGF204", main_tf=PROVIDER + VAULTS % key)
    expected = {"PGF201": missing, "PGF203": fixed, "PGF204": purged}
    assert answers == {rule: answer for rule, answer in expected.items() if answer}


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("", False),
        (None, False),
        ("https://kv.vault.azure.net/keys/key", False),
        ("https://kv.vault.azure.net/keys/key/", False),
        ("https://kv.vault.azure.net/keys/key/0123", True),
        ("https://KV.managedhsm.azure.net/KEYS/key/0123", True),
        ("key", None),
    ],
)
def test_the_form_of_an_id(key: str | None, answer: bool | None) -> None:
    found = versioned(known(key))
    assert found.value is answer if isinstance(found, Known) else answer is None


NAMES = st.from_regex(r"[a-z][a-z0-9-]{1,20}", fullmatch=True)


@given(NAMES, NAMES, st.none() | NAMES, st.integers(0, 200))
def test_an_id_of_which_a_part_is_unknown(vault: str, name: str, version: str | None, cut: int) -> None:
    text = f"https://{vault}.vault.azure.net/keys/{name}" + (f"/{version}" if version else "")
    assert vault_name(known(text)) == vault
    assert versioned(known(text)).map(bool) == known(version is not None)
    hole = Unknown("it is not written", VALUE)
    pieces = (known(text[:cut]), hole, known(text[cut + 1 :]))
    whole = Unknown("it is not written", VALUE, parts=pieces, never_null=True)
    found = versioned(whole)
    if cut > text.index(".vault") and isinstance(found, Known) and text[cut : cut + 1] not in ("/", ""):
        assert found.value is (version is not None)


def test_possible_ids_are_judged_each() -> None:
    ids = ("https://kv.vault.azure.net/keys/a", "https://kv.vault.azure.net/keys/a/1")
    found = versioned(either(*ids))
    assert isinstance(found, Unknown)
    assert [each.value for each in found.candidates] == [False, True]
