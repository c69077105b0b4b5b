"""A baseline and values that no message names: what gets worse is new, and what is the same is known."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.command_line import SERVER, Check, Write, found

NAME = ".pgflexlint-baseline.json"

SHUT = SERVER.replace("access_enabled = true", "access_enabled = false")
RULE = """\
resource "azurerm_postgresql_flexible_server_firewall_rule" "partner" {
  name             = "partner"
  server_id        = azurerm_postgresql_flexible_server.main.id
  start_ip_address = "%s"
  end_ip_address   = "%s"
}
"""
SHUT_BICEP = """\
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-a'
  location: 'westeurope'
  properties: {
    version: '16'
    network: {
      publicNetworkAccess: 'Disabled'
    }
  }

  resource partner 'firewallRules' = {
    name: 'partner'
    properties: {
      startIpAddress: '%s'
      endIpAddress: '%s'
    }
  }
}
"""
SHUT_ARM = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers",
      "apiVersion": "2024-08-01",
      "name": "psql-a",
      "properties": {"version": "16", "network": {"publicNetworkAccess": "Disabled"}}
    },
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
      "apiVersion": "2024-08-01",
      "name": "psql-a/partner",
      "dependsOn": ["psql-a"],
      "properties": {"startIpAddress": "%s", "endIpAddress": "%s"}
    }
  ]
}
"""
GRANT = """\
resource "postgresql_grant" "all" {
  database    = "shop"
  role        = "public"
  schema      = "%s"
  object_type = "table"
  objects     = [%s]
  privileges  = [%s]
}
"""
ROLE = """\
resource "postgresql_role" "maker" {
  name        = "maker"
  login       = %s
  create_role = true
  password    = "%s"
}
"""
GENERATOR = """\
resource "random_password" "admin" {
  length = %s
}
"""
WITH_GENERATED = SERVER.replace("  version", "  administrator_password = random_password.admin.result\n  version")
SETTING = """\
resource "azurerm_postgresql_flexible_server_configuration" "%s" {
  name      = "%s"
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = "%s"
}
"""
DURATIONS = SETTING % ("durations", "log_min_duration_statement", "%s")
CONTAINERS = """\
resource "azurerm_container_app" "a" {
  secret {
    name  = "db"
    value = "postgres://app@psql-ledger.postgres.database.azure.com/app?sslmode=disable"
  }
  template {
    container {
      %s
    }
  }
}
"""
ENV = 'env {\n        name        = "%s"\n        secret_name = "db"\n      }\n      '
DEFAULTS = """\
resource "postgresql_default_privileges" "all" {
  database    = "shop"
  role        = "public"
  owner       = "%s"
  object_type = "table"
  privileges  = ["SELECT"]
}
"""

WORSE: dict[str, tuple[str, str, str, str]] = {
    "a range that is latent": ("PGF304", "main.tf", SHUT + RULE % ("20.0.0.0", "20.0.3.255"),
        SHUT + RULE % ("0.0.0.0", "255.255.255.255")),
    "its start": ("PGF304", "main.tf", SHUT + RULE % ("20.0.0.0", "20.0.3.255"),
        SHUT + RULE % ("1.0.0.0", "20.0.3.255")),
    "one in Bicep": ("PGF304", "main.bicep", SHUT_BICEP % ("20.0.0.0", "20.0.3.255"),
        SHUT_BICEP % ("0.0.0.0", "255.255.255.255")),
    "one in ARM": ("PGF304", "main.json", SHUT_ARM % ("20.0.0.0", "20.0.3.255"),
        SHUT_ARM % ("0.0.0.0", "255.255.255.255")),
    "a note that is a warning now": ("PGF305", "main.tf", SERVER, SERVER + RULE % ("20.0.0.0", "20.0.0.0")),
    "another schema": ("PGF802", "main.tf", GRANT % ("app", '"countries"', '"SELECT"'),
        GRANT % ("hr", '"countries"', '"SELECT"')),
    "other tables": ("PGF802", "main.tf", GRANT % ("app", '"countries"', '"SELECT"'),
        GRANT % ("app", '"salaries"', '"SELECT"')),
    "all tables": ("PGF802", "main.tf", GRANT % ("app", '"countries"', '"SELECT"'), GRANT % ("app", "", '"SELECT"')),
    "a role that signs in": ("PGF805", "main.tf", ROLE % ("false", "x"), ROLE % ("true", "x")),
    "a shorter password": ("PGF410", "main.tf", WITH_GENERATED + GENERATOR % "12", WITH_GENERATED + GENERATOR % "4"),
    "a value of a parameter": ("PGF507", "main.tf", SERVER + DURATIONS % "5000", SERVER + DURATIONS % "0"),
    "objects of another role": ("PGF802", "main.tf", DEFAULTS % "app", DEFAULTS % "hr"),
    "one more client": ("PGF104", "main.tf", CONTAINERS % (ENV % "A"), CONTAINERS % (ENV % "A" + ENV % "B")),
}  # fmt: skip


@pytest.mark.parametrize("case", WORSE)
def test_what_gets_worse_is_new_although_nothing_else_is_said(write: Write, run: Check, case: str) -> None:
    rule, name, before, after = WORSE[case]
    room = write({name: before})
    check = ("check", "--select", rule, "--fail-on", "note", "--baseline", NAME, "--format", "concise")
    assert run("baseline", "create", "--select", rule)[1].startswith("1 finding written")
    assert run(*check)[0] == 0
    (room / name).write_text(after, encoding="utf-8")
    code, output, _ = run(*check)
    assert (code, len(found(output))) == (1, 1)
    assert "1 finding of the baseline is fixed" in output


SAME: dict[str, tuple[str, Callable[[str], str]]] = {
    "lists in another order": (GRANT % ("app", '"a", "b"', '"SELECT", "UPDATE"'), lambda text: text.replace(
        '"a", "b"', '"b", "a"')),
    "a password": (ROLE % ("true", "x"), lambda text: text.replace('"x"', '"y"')),
    "a password of a server": (SERVER.replace("  version", '  administrator_password = "x"\n  version'),
        lambda text: text.replace('"x"', '"y"')),
    "code that moves": (ROLE % ("true", "x"), "# moved\n\n{}".format),
}  # fmt: skip


@pytest.mark.parametrize(("before", "change"), SAME.values(), ids=SAME)
def test_what_is_the_same_is_known(write: Write, run: Check, before: str, change: Callable[[str], str]) -> None:
    room = write({"main.tf": before})
    rules = ("--select", "PGF802,PGF805,PGF407,PGF410")
    run("baseline", "create", *rules)
    (room / "main.tf").write_text(change(before), encoding="utf-8")
    code, output, _ = run("check", *rules, "--fail-on", "note", "--baseline", NAME)
    assert (code, "no more" in output) == (0, False)


def test_a_level_that_is_set_makes_nothing_new(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    run("baseline", "create", "--select", "PGF305")
    (room / ".pgflexlint.toml").write_text('rules.PGF305.level = "error"\n', encoding="utf-8")
    assert run("check", "--select", "PGF305", "--baseline", NAME)[0] == 0


def test_each_environment_has_its_own_values(write: Write, run: Check) -> None:
    bicep = "param last string\n" + SHUT_BICEP.replace("'%s'\n    }", "last\n    }") % "20.0.0.0"
    given = "using 'main.bicep'\nparam last = '%s'\n"
    room = write({
        "main.bicep": bicep, "dev.bicepparam": given % "99.0.0.0", "prod.bicepparam": given % "20.0.3.255",
    })  # fmt: skip
    run("baseline", "create", "--select", "PGF304")
    inputs = [row["inputs"] for row in json.loads((room / NAME).read_text("utf-8"))["findings"]]
    assert inputs == ["dev.bicepparam", "prod.bicepparam"]
    check = ("check", "--select", "PGF304", "--baseline", NAME)
    assert run(*check)[0] == 0
    (room / "prod.bicepparam").write_text(given % "99.0.0.0", encoding="utf-8")
    assert run(*check)[0] == 1
