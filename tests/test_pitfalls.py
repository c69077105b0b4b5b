"""What naive readings of Terraform get wrong, each once, through the whole pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pgflexlint.analysis import Settings, analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.terraform.inputs import Given
from pgflexlint.report import Report
from pgflexlint_rules import RULES

PROVIDER = 'provider "azurerm" {\n  features {}\n}\n'
SERVER = 'resource "azurerm_postgresql_flexible_server" "s" {\n%s\n}\n'

Look = Callable[..., Report]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def run(files: dict[str, str], *given: Given) -> Report:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings(inputs=given))

    return run


def findings(report: Report, rule: str) -> list[str]:
    return [f"{finding.span}" for finding in report.findings if finding.rule.id == rule]


def doubts(report: Report, rule: str) -> list[str]:
    return [doubt.reason for doubt in report.doubts if doubt.rule.id == rule]


def test_options_and_variable_files_count_in_their_order(look: Look) -> None:
    files = {
        "main.tf": PROVIDER + 'variable "d" {}\n' + SERVER % "  backup_retention_days = var.d",
        "b.tfvars": "d = 35\n",
    }
    option, file = Given("value", "d=7"), Given("file", "b.tfvars")
    assert findings(look(files, option, file), "PGF702") == []
    assert findings(look(files, file, option), "PGF702") == ["main.tf:6:27"]


@pytest.mark.parametrize(
    "password",
    ['var.p ? random_password.p.result : "Fake-Passw0rd"', 'coalesce(var.s, "Fake-Passw0rd")'],
)
def test_a_literal_that_may_be_the_password_is_a_doubt(look: Look, password: str) -> None:
    declared = 'variable "p" { type = bool }\nvariable "s" {}\nresource "random_password" "p" {}\n'
    report = look({"main.tf": PROVIDER + declared + SERVER % f"  administrator_password = {password}"})
    assert len(doubts(report, "PGF407")) == 1
    assert not findings(report, "PGF407")


def test_a_literal_password_is_one_whether_or_not_the_server_is_deployed(look: Look) -> None:
    server = '  count = var.e ? 1 : 0\n  administrator_password = "Fake-Passw0rd"'
    report = look({"main.tf": PROVIDER + 'variable "e" { type = bool }\n' + SERVER % server})
    assert findings(report, "PGF407") == ["main.tf:7:28"]


def test_ignoring_all_changes_says_nothing_of_parameters(look: Look) -> None:
    server = '  version = "16"\n  lifecycle {\n    ignore_changes = all\n  }'
    report = look({"main.tf": PROVIDER + SERVER % server})
    assert doubts(report, "PGF101") == []
    assert doubts(report, "PGF701") == ["'geo_redundant_backup_enabled' is left to others by ignore_changes"]


def test_deep_is_not_cyclic(look: Look) -> None:
    files = {
        f"m{number}/main.tf": f'module "next" {{\n  source = "../m{number + 1}"\n}}\n# postgresql\n'
        for number in range(40)
    }
    files["m40/main.tf"] = SERVER % ""
    report = look(files)
    assert {problem.message for problem in report.problems} == {"Modules call modules more than 32 levels deep."}


def test_a_local_that_is_declared_twice_is_a_problem(look: Look) -> None:
    report = look({"main.tf": PROVIDER + "locals {\n  a = 7\n}\nlocals {\n  a = 35\n}\n" + SERVER % ""})
    assert [problem.message for problem in report.problems] == [
        "Local value 'a' is declared twice; first in main.tf on line 5."
    ]


def test_an_administrator_names_its_server_by_the_same_variable(look: Look) -> None:
    server = "  name = var.n\n  authentication {\n    active_directory_auth_enabled = true\n  }"
    administrator = (
        'resource "azurerm_postgresql_flexible_server_active_directory_administrator" "a" {\n  server_name = var.n\n}\n'
    )
    report = look({"main.tf": PROVIDER + 'variable "n" {}\n' + SERVER % server + administrator})
    assert not findings(report, "PGF402")
    assert not doubts(report, "PGF402")


def test_a_linked_directory_outside_is_said(look: Look, tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for place in (inside, outside):
        place.mkdir()
    (inside / "main.tf").write_text(PROVIDER + SERVER % "", encoding="utf-8")
    (inside / "linked").symlink_to(outside)
    report = analyze(target([str(inside)], [], inside), RULES, RULES, Settings())
    assert [(problem.path, problem.message) for problem in report.problems] == [
        ("linked", "This link leads out of the directory that is looked at, so it is not followed.")
    ]


def test_a_module_that_init_restored_is_read(look: Look) -> None:
    files = {
        "main.tf": PROVIDER + 'module "db" {\n  source = "acme/db/azurerm"\n  days   = 7\n}\n',
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "db", "Dir": ".terraform/modules/db"}]}',
        ".terraform/modules/db/main.tf": 'variable "days" {}\n' + SERVER % "  backup_retention_days = var.days",
    }
    report = look(files)
    assert findings(report, "PGF702") == [".terraform/modules/db/main.tf:3:27"]
    assert report.coverage.skipped["modules that are not on disk"] == 0


def test_a_number_beyond_all_range_is_unknown(look: Look) -> None:
    parameter = 'resource "azurerm_postgresql_flexible_server_configuration" "c" {\n  count = 1e400\n}\n'
    report = look({"main.tf": PROVIDER + SERVER % "  backup_retention_days = 1e309" + parameter})
    assert doubts(report, "PGF702") == ["it is not a whole number"]


PARAMETER = (
    'resource "azurerm_postgresql_flexible_server_configuration" "%s" {\n'
    "  server_id = azurerm_postgresql_flexible_server.s.id\n"
    '  name      = "%s"\n'
    "  value     = %s\n}\n"
)
WAITING = (
    'provider "azurerm" {\n  features {\n    postgresql_flexible_server {\n'
    "      restart_server_on_configuration_value_change = false\n    }\n  }\n}\n"
)


def test_which_provider_a_module_is_given_decides_of_its_restarts(look: Look) -> None:
    module = SERVER % '  version = "16"' + PARAMETER % ("p", "max_connections", '"800"')
    call = 'module "db" {\n  source = "./db"\n}\n'
    assert findings(look({"main.tf": WAITING + call, "db/main.tf": module}), "PGF903") == ["db/main.tf:7:15"]
    second = 'provider "azurerm" {\n  alias = "restarting"\n  features {}\n}\n'
    report = look({"main.tf": WAITING + second + call, "db/main.tf": module})
    assert findings(report, "PGF903") == []
    assert doubts(report, "PGF903") == ["which of several provider configurations the module is given is not looked at"]


def test_a_set_is_compared_without_case_and_space(look: Look) -> None:
    chain = (
        PARAMETER % ("l", "shared_preload_libraries", '"PG_CRON , PgAudit"')
        + PARAMETER % ("e", "azure.extensions", 'join(",", ["PGAUDIT", "HSTORE"])')
        + PARAMETER % ("c", "PGAUDIT.log", '"Role,DDL"')
    )
    report = look({"main.tf": PROVIDER + SERVER % '  version = "16"' + chain})
    assert [found for rule in ("PGF505", "PGF506", "PGF902") for found in findings(report, rule)] == []


def test_ignoring_changes_of_a_value_keeps_the_finding(look: Look) -> None:
    ignored = '"md5"\n  lifecycle {\n    ignore_changes = [value]\n  }'
    report = look(
        {"main.tf": PROVIDER + SERVER % '  version = "16"' + PARAMETER % ("p", "password_encryption", ignored)}
    )
    assert findings(report, "PGF404") == ["main.tf:10:15"]


def test_a_default_map_of_a_wrapper_module_is_judged(look: Look) -> None:
    module = (
        'variable "settings" {\n  default = {\n    log_statement = "ddl"\n    "pgaudit.log" = "ddl"\n  }\n}\n'
        + SERVER % '  version = "16"'
        + 'resource "azurerm_postgresql_flexible_server_configuration" "p" {\n  for_each  = var.settings\n'
        "  server_id = azurerm_postgresql_flexible_server.s.id\n  name      = each.key\n  value     = each.value\n}\n"
    )
    report = look({"main.tf": PROVIDER + 'module "db" {\n  source = "./db"\n}\n', "db/main.tf": module})
    assert findings(report, "PGF507") == ["db/main.tf:14:15"]
    assert findings(report, "PGF505") == ["db/main.tf:7:1"]
