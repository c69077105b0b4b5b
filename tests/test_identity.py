"""By what a defect is known again: not by its line, not by its value, and not by who calls the module that it is in."""

from __future__ import annotations

import json

import pytest

from tests.command_line import SERVER, Check, Write

CALL = 'module "%s" {\n  source = "./server"\n}\n'
NAMED = 'module "%s" {\n  source = "./server"\n  name   = "psql-%s"\n}\n'
THREE = "PGF701,PGF702,PGF703"

BICEP_MODULE = """\
param days int = 7

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-ledger'
  location: 'westeurope'
  properties: {
    version: '16'
    backup: {
      backupRetentionDays: days
      geoRedundantBackup: 'Disabled'
    }
  }
}
"""
BICEP_CALL = "module %s 'server.bicep' = {\n  name: '%s'\n}\n"


def identities(run: Check, format_: str, select: str = THREE) -> dict[str, str]:
    """The identity of each finding, by its rule and line, as a format says it."""
    document = json.loads(run("check", "--select", select, "--format", format_)[1])
    if format_ == "sarif":
        found = [
            (
                result["ruleId"],
                result["locations"][0]["physicalLocation"]["region"]["startLine"],
                result["partialFingerprints"]["pgflexlintFinding/v1"],
            )
            for result in document["runs"][0]["results"]
        ]
    elif format_ == "gitlab":
        found = [(each["check_name"], each["location"]["lines"]["begin"], each["fingerprint"]) for each in document]
    else:
        found = [(each["rule"]["id"], each["line"], each["fingerprint"]) for each in document["findings"]]
    assert len({print_ for *_, print_ in found}) == len(found), "each has its own"
    return {f"{rule}:{line}": print_ for rule, line, print_ in found}


@pytest.mark.parametrize("format_", ["sarif", "gitlab", "json"])
def test_callers_come_go_and_are_renamed(write: Write, run: Check, format_: str) -> None:
    room = write({"main.tf": CALL % "b" + CALL % "c", "server/main.tf": SERVER})
    before = identities(run, format_)
    assert set(before) == {"PGF701:8", "PGF702:7", "PGF703:1"}
    for names in ("cb", "c", "abc", "xy", "x"):
        (room / "main.tf").write_text("".join(CALL % name for name in names), encoding="utf-8")
        assert identities(run, format_) == before, names
    (room / "main.tf").write_text((CALL % "each").replace("}", '  for_each = toset(["a", "b"])\n}'), encoding="utf-8")
    assert identities(run, format_) == before
    (room / "main.tf").unlink()
    assert identities(run, format_) == before, "judged alone"


@pytest.mark.parametrize("format_", ["sarif", "gitlab", "json"])
def test_callers_of_a_bicep_module_do_not_matter(write: Write, run: Check, format_: str) -> None:
    room = write({"main.bicep": BICEP_CALL % ("b", "b") + BICEP_CALL % ("c", "c"), "server.bicep": BICEP_MODULE})
    before = identities(run, format_)
    assert set(before) == {"PGF701:10", "PGF702:9"}
    for names in ("cb", "c", "abc", "xy"):
        (room / "main.bicep").write_text("".join(BICEP_CALL % (name, name) for name in names), encoding="utf-8")
        assert identities(run, format_) == before, names


def test_callers_whose_servers_have_names_of_their_own_are_one_alert(write: Write, run: Check) -> None:
    module = 'variable "name" {}\n' + SERVER.replace('"psql-ledger"', "var.name")
    room = write({"main.tf": NAMED % ("b", "b") + NAMED % ("c", "c"), "server/main.tf": module})
    before = identities(run, "sarif")
    for names in ("cb", "c", "b", "abc"):
        (room / "main.tf").write_text("".join(NAMED % (name, name) for name in names), encoding="utf-8")
        assert identities(run, "sarif") == before, names


def test_what_a_baseline_knows_of_other_callers_does_not_matter(write: Write, run: Check) -> None:
    module = 'variable "name" {}\n' + SERVER.replace('"psql-ledger"', "var.name")
    room = write({"main.tf": NAMED % ("a", "a") + NAMED % ("b", "b"), "server/main.tf": module})
    all_ = identities(run, "sarif")
    run("baseline", "create", "--select", THREE)
    (room / ".pgflexlint.toml").write_text('baseline = ".pgflexlint-baseline.json"\n', encoding="utf-8")
    assert identities(run, "sarif") == {}
    for names in ("abc", "ac", "c", "cab"):
        (room / "main.tf").write_text("".join(NAMED % (name, name) for name in names), encoding="utf-8")
        assert identities(run, "sarif") == all_, names


def test_a_caller_that_takes_the_worst_finding_of_a_line_away_leaves_its_alert(write: Write, run: Check) -> None:
    module = 'variable "days" {}\n' + SERVER.replace("= 7", "= var.days")
    call = 'module "%s" {\n  source = "./server"\n  days   = %s\n}\n'
    room = write({"main.tf": call % ("a", 7) + call % ("b", 8) + call % ("c", 9), "server/main.tf": module})
    before = identities(run, "sarif", "PGF702")
    assert len(before) == 1
    for values in ((9, 8, 7), (8, 9, 35), (35, 35, 9)):
        calls = [call % (name, value) for name, value in zip("abc", values, strict=True)]
        (room / "main.tf").write_text("".join(calls), encoding="utf-8")
        assert identities(run, "sarif", "PGF702") == before, values


def test_code_moves_and_its_value_changes(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    before = identities(run, "sarif")
    (room / "main.tf").write_text(f"# one\n\n{SERVER}".replace("= 7", "= 8").replace("  sku", "\n  sku"), "utf-8")
    assert list(identities(run, "sarif").values()) == list(before.values())
    (room / "main.tf").rename(room / "other.tf")
    assert set(identities(run, "sarif").values()).isdisjoint(before.values()), "another file is another place"


def test_two_settings_of_a_resource_are_two(write: Write, run: Check) -> None:
    one, other = '  administrator_password = "Not-Real-1"\n', '  administrator_password_wo = "Not-Real-2"\n'
    room = write({"main.tf": SERVER.replace("  version", f"{one}{other}  version")})
    both = list(identities(run, "sarif", "PGF407").values())
    assert len(both) == 2
    (room / "main.tf").write_text(SERVER.replace("  version", f"{other}  version"), encoding="utf-8")
    assert list(identities(run, "sarif", "PGF407").values()) == both[1:], "what is left is still the second one"


def test_places_that_nothing_else_tells_apart_are_numbered(write: Write, run: Check) -> None:
    servers = [
        {
            "type": "Microsoft.DBforPostgreSQL/flexibleServers",
            "apiVersion": "2024-08-01",
            "name": f"[variables('names')[{number}]]",
            "location": "westeurope",
            "properties": {"version": "16", "backup": {"backupRetentionDays": 7}},
        }
        for number in range(3)
    ]
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "variables": {"names": ["psql-a", "psql-b", "psql-c"]},
        "resources": servers,
    }
    room = write({"azuredeploy.json": json.dumps(template, indent=2)})
    before = list(identities(run, "sarif", "PGF702").values())
    assert len(before) == 3
    servers.pop()
    (room / "azuredeploy.json").write_text(json.dumps(template, indent=4), encoding="utf-8")
    assert list(identities(run, "sarif", "PGF702").values()) == before[:2]


@pytest.mark.parametrize("format_", ["sarif", "gitlab", "json"])
def test_the_rule_comes_first_and_the_place_is_the_same_for_all_rules(write: Write, run: Check, format_: str) -> None:
    write({"main.tf": SERVER})
    found = identities(run, format_, "ALL")
    assert [print_.partition(":")[0] for print_ in found.values()] == [key.partition(":")[0] for key in found]
    at_header = {print_.partition(":")[2] for key, print_ in found.items() if key.endswith(":1")}
    elsewhere = {print_.partition(":")[2] for key, print_ in found.items() if not key.endswith(":1")}
    assert len(found) > 4
    assert len(at_header) == 1
    assert at_header.isdisjoint(elsewhere)
