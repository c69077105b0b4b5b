"""A baseline and the inputs that a root is deployed with: what is known of one says nothing of another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import Check, Write, found

NAME = ".pgflexlint-baseline.json"
TLS = ("--select", "PGF101")
DAYS = ("--select", "PGF702", "--fail-on", "note")
COMPARED = ("--baseline", NAME, "--format", "concise")
NO_MORE = "1 finding of the baseline is fixed"

TERRAFORM = """\
variable "tls" {
  default = "on"
}

resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "require_secure_transport"
  server_id = "/subscriptions/0/psql-a"
  value     = var.tls
}
"""
SCENARIOS = """\
[[scenarios]]
root = "."
name = "dev"
var-files = ["dev.tfvars"]

[[scenarios]]
root = "."
name = "prod"
var-files = ["prod.tfvars"]
"""
BICEP = """\
param tls string = 'on'
param days int = 30

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-a'
  location: 'westeurope'
  properties: {
    version: '16'
    backup: {
      backupRetentionDays: days
    }
  }

  resource configuration 'configurations' = {
    name: 'require_secure_transport'
    properties: {
      value: tls
      source: 'user-override'
    }
  }
}
"""
ARM = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"tls": {"type": "string", "defaultValue": "on"}, "days": {"type": "int", "defaultValue": 30}},
  "resources": [
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers",
      "apiVersion": "2024-08-01",
      "name": "psql-a",
      "properties": {"version": "16", "backup": {"backupRetentionDays": "[parameters('days')]"}}
    },
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
      "apiVersion": "2024-08-01",
      "name": "psql-a/require_secure_transport",
      "dependsOn": ["psql-a"],
      "properties": {"value": "[parameters('tls')]", "source": "user-override"}
    }
  ]
}
"""
SOURCES: dict[str, dict[str, str | bytes]] = {
    "terraform": {"main.tf": TERRAFORM, ".pgflexlint.toml": SCENARIOS},
    "bicep": {"main.bicep": BICEP},
    "arm": {"main.json": ARM},
}
FILES = {"terraform": "%s.tfvars", "bicep": "%s.bicepparam", "arm": "main.parameters.%s.json"}
ENVIRONMENTS = {"terraform": "%s", "bicep": FILES["bicep"], "arm": FILES["arm"]}


def given(language: str, **values: str | int) -> str:
    """An input file of a language."""
    match language:
        case "terraform":
            return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
        case "bicep":
            lines = (f"param {name} = {json.dumps(value)}\n".replace('"', "'") for name, value in values.items())
            return "using 'main.bicep'\n" + "".join(lines)
        case _:
            parameters = {name: {"value": value} for name, value in values.items()}
            start = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
            return json.dumps({"$schema": start, "contentVersion": "1.0.0.0", "parameters": parameters})


def rows(room: Path) -> list[dict[str, object]]:
    found_rows: list[dict[str, object]] = json.loads((room / NAME).read_text("utf-8"))["findings"]
    return found_rows


@pytest.mark.parametrize("language", SOURCES)
def test_what_is_known_of_one_environment_is_new_in_another(write: Write, run: Check, language: str) -> None:
    def set_(environment: str, tls: str) -> None:
        (room / (FILES[language] % environment)).write_text(given(language, tls=tls), encoding="utf-8")

    room = write(SOURCES[language])
    dev, prod = (ENVIRONMENTS[language] % name for name in ("dev", "prod"))
    set_("dev", "off")
    set_("prod", "on")
    assert run("baseline", "create", *TLS)[1] == f"1 finding written to '{NAME}'.\n"
    assert run("check", *TLS, *COMPARED)[0] == 0
    assert f" (with {dev})\n" in run("baseline", "show")[1]

    set_("prod", "off")
    code, output, _ = run("check", *TLS, *COMPARED)
    assert (code, len(found(output))) == (1, 1)
    text = run("check", *TLS, "--baseline", NAME)[1]
    assert FILES[language] % "prod" in text, "the way of the new one is shown"
    assert FILES[language] % "dev" not in text

    set_("dev", "on")
    code, output, _ = run("check", *TLS, *COMPARED)
    assert (code, f"(only with {prod})" in output, NO_MORE in output) == (1, True, True)
    result = json.loads(run("check", *TLS, "--baseline", NAME, "--format", "sarif")[1])["runs"][0]["results"][0]
    assert result["baselineState"] == "new"

    assert run("baseline", "update", "--add", *TLS)[1].startswith(
        "Removed 1 fixed finding from the baseline and added 1 "
    )
    assert [row["inputs"] for row in rows(room)] == [prod]
    assert run("check", *TLS, *COMPARED)[0] == 0
    set_("dev", "off")
    assert run("check", *TLS, *COMPARED)[0] == 1


def test_it_is_counted_for_each_set_of_inputs(write: Write, run: Check) -> None:
    bad = given("bicep", tls="off")
    room = write({"main.bicep": BICEP, "dev.bicepparam": bad, "prod.bicepparam": bad})
    each = "one for each resource and set of inputs: 'pgflexlint check' shows them as 1"
    assert run("baseline", "create", *TLS)[1] == f"2 findings written to '{NAME}', {each}.\n"
    assert run("check", *TLS, *COMPARED)[0] == 0
    (room / "prod.bicepparam").unlink()
    code, output, _ = run("check", *TLS, *COMPARED)
    assert (code, NO_MORE in output) == (0, True), "an environment that is gone"
    (room / "test.bicepparam").write_text(bad, encoding="utf-8")
    assert run("check", *TLS, *COMPARED)[0] == 1, "an environment that came"


def test_a_root_without_inputs_says_nothing_of_any(write: Write, run: Check) -> None:
    room = write({"main.bicep": BICEP.replace("'on'", "'off'")})
    run("baseline", "create", *TLS)
    assert "inputs" not in rows(room)[0]
    assert run("check", *TLS, *COMPARED)[0] == 0


@pytest.mark.parametrize("language", ["bicep", "arm"])
def test_a_parameter_file_that_is_asked_for_alone_tells_nothing_of_others(
    write: Write, run: Check, language: str
) -> None:
    dev, prod = (FILES[language] % name for name in ("dev", "prod"))
    room = write({**SOURCES[language], dev: given(language, days=30), prod: given(language, days=7)})
    run("baseline", "create", *DAYS)
    before = rows(room)
    assert "no more" not in run("check", *DAYS, *COMPARED, "--parameters", dev)[1]
    assert run("baseline", "update", *DAYS, "--parameters", dev)[1].startswith("Removed 0 fixed findings")
    assert rows(room) == before
    assert run("check", *DAYS, *COMPARED, "--parameters", prod)[0] == 0, "the same inputs, asked for or not"
    (room / prod).write_text(given(language, days=30), encoding="utf-8")
    assert "no more" not in run("check", *DAYS, *COMPARED, "--parameters", dev)[1]
    assert NO_MORE in run("check", *DAYS, *COMPARED, "--parameters", prod)[1]


@pytest.mark.parametrize(
    "options", [("--var-file", "dev.tfvars"), ("--var", "tls=on")], ids=["a variable file", "a value"]
)
def test_variables_of_the_command_line_tell_nothing_of_other_runs(
    write: Write, run: Check, options: tuple[str, str]
) -> None:
    room = write({"main.tf": TERRAFORM.replace('"on"', '"off"'), "dev.tfvars": 'tls = "on"\n'})
    run("baseline", "create", *TLS)
    before = rows(room)
    assert "no more" not in run("check", *TLS, *COMPARED, *options)[1]
    assert run("baseline", "update", *TLS, *options)[1].startswith("Removed 0 fixed findings")
    assert rows(room) == before
    assert run("check", *TLS, *COMPARED)[0] == 0


def test_a_baseline_can_be_made_with_variables_of_the_command_line(write: Write, run: Check) -> None:
    room = write({"main.tf": TERRAFORM, "dev.tfvars": 'tls = "off"\n', "prod.tfvars": 'tls = "off"\n'})
    dev, prod = ("--var-file", "dev.tfvars"), ("--var-file", "prod.tfvars")
    run("baseline", "create", *TLS, *dev)
    assert [row["inputs"] for row in rows(room)] == ["dev.tfvars"]
    assert run("check", *TLS, *COMPARED, *dev)[0] == 0
    assert run("check", *TLS, *COMPARED, *prod)[0] == 1
    assert "no more" not in run("check", *TLS, *COMPARED)[1]
    (room / "dev.tfvars").write_text('tls = "on"\n', encoding="utf-8")
    assert NO_MORE in run("check", *TLS, *COMPARED, *dev)[1]


def test_values_of_the_command_line_are_known_by_their_names_alone(write: Write, run: Check) -> None:
    room = write({"main.tf": TERRAFORM, "b/main.tf": TERRAFORM.replace('"tls"', '"other"').replace("var.tls", "1")})
    run("baseline", "create", *TLS, "--var", "tls=off", "--var", "other=x")
    assert [row["inputs"] for row in rows(room)] == ["--var tls"]
    assert run("check", *TLS, *COMPARED, "--var", "tls=off", "--var", "other=y")[0] == 0
    assert NO_MORE in run("check", *TLS, *COMPARED, "--var", "tls=on")[1]


def test_a_scenario_that_is_there_no_more_is_taken_out(write: Write, run: Check) -> None:
    bad = 'tls = "off"\n'
    room = write({"main.tf": TERRAFORM, ".pgflexlint.toml": SCENARIOS, "dev.tfvars": bad, "prod.tfvars": bad})
    run("baseline", "create", *TLS)
    (room / ".pgflexlint.toml").write_text(SCENARIOS.replace('"prod"', '"live"'), encoding="utf-8")
    code, output, _ = run("check", *TLS, *COMPARED)
    assert (code, NO_MORE in output) == (1, True)


def test_what_cannot_be_decided_with_other_inputs_does_not_matter(write: Write, run: Check) -> None:
    bicep = BICEP.replace("param days int = 30", "param days int")
    room = write({
        "main.bicep": bicep, "dev.bicepparam": given("bicep"), "prod.bicepparam": given("bicep", days=7),
    })  # fmt: skip
    run("baseline", "create", *DAYS)
    (room / "prod.bicepparam").write_text(given("bicep", days=30), encoding="utf-8")
    assert NO_MORE in run("check", *DAYS, *COMPARED)[1]
