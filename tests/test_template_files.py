"""`templatefile`: templates in files of their own are evaluated, and judged as what they give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.command_line import Check, Write

Look = Callable[..., Report]

SERVER = """variable "u" {{}}
resource "azurerm_postgresql_flexible_server" "s" {{
  name                  = "s"
  backup_retention_days = {}
}}
"""
ARM = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
%{ for server in servers ~}
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers",
      "apiVersion": "2024-08-01",
      "name": "${server}",
      "properties": { "backup": { "backupRetentionDays": ${days} } }
    }${server == last ? "" : ","}
%{ endfor ~}
  ]
}
"""
DEPLOYED = """variable "u" {{}}
resource "azurerm_resource_group_template_deployment" "d" {{
  name                = "d"
  resource_group_name = "g"
  deployment_mode     = "Incremental"
  template_content    = templatefile("${{path.module}}/servers.json.tftpl", {})
}}
"""


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def run(files: dict[str, str]) -> Report:
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())

    return run


def said(report: Report) -> list[str]:
    """The problems, and what is found or undecided about how long backups are kept."""
    lines = [f"{each.span}: {each.kind.value} {each.message} {each.hint}" for each in report.problems]
    lines += [f"{each.span}: {each.text}" for each in report.findings if each.rule.id == "PGF702"]
    return lines + [f"{each.span}: because {each.reason}" for each in report.doubts if each.rule.id == "PGF702"]


@pytest.mark.parametrize(
    ("call", "template", "lines"),
    [
        (
            'templatefile("t.txt", { days = 8 })', "${days}",
            ["main.tf:4:27: Backups of server 's' are kept for '8' days, less than the recommended '14'."],
        ),
        ('templatefile("t.txt", { days = 30 })', "${days}", []),
        ('templatefile("t.txt", {})', '%{ if length("ab") == 2 }21%{ else }7%{ endif }', []),
        ('templatefile("t.txt", { parts = ["2", "1"] })', "%{ for part in parts }${part}%{ endfor }", []),
        ('templatefile("${path.root}/t.txt", { n = { days = 3 } })', "$${x}${n.days}",
         ["main.tf:4:27: because it is not a whole number"]),
        ('templatefile("t.txt", { days = var.u })', "${days}", ["main.tf:4:27: because variable 'u' has no value"]),
        ('templatefile("t.txt", var.u)', "${days}", ["main.tf:4:27: because variable 'u' has no value"]),
        ('templatefile("t.txt", { days = var.u })', "30", []),
        ('templatefile("t.txt", merge(var.u, { days = 30 }))', "${days}", []),
        ('templatefile("${var.u}.txt", {})', "30", ["main.tf:4:27: because variable 'u' has no value"]),
        ('try(templatefile("t.txt", {}), 30)', "${days}", []),
        ('templatefile("t.txt", {})', "${var.u}",
         ["main.tf:4:27: because function 'templatefile' fails: 'var' is not given to template 't.txt'"]),
        ('templatefile("t.txt", [])', "30",
         ["main.tf:4:27: because function 'templatefile' fails: its second argument is not an object"]),
        ('templatefile("none.txt", {})', "30",
         ["main.tf:4:27: because function 'templatefile' fails: the file is not in the workspace"]),
        ('templatefile("t.txt")', "30",
         ["main.tf:4:27: because function 'templatefile' fails: it was given 1 arguments"]),
        ('templatefile("t.txt", {})', '${templatefile("t.txt", {})}',
         ["main.tf:4:27: because function 'templatefile' fails: a template cannot call 'templatefile'"]),
        ('templatefile("t.txt", {})', "3\n${1",
         ["t.txt:2:1: syntax-error This ${ is never closed. Add the bracket that closes it.",
          "main.tf:4:27: because template 't.txt' cannot be read"]),
    ],
)  # fmt: skip
def test_a_template_gives_its_text(look: Look, call: str, template: str, lines: list[str]) -> None:
    assert said(look({"main.tf": SERVER.format(call), "t.txt": template})) == lines


def test_a_template_of_arm_is_judged_as_it_is_filled_in(look: Look) -> None:
    call = DEPLOYED.format('{ servers = ["one", "two"], last = "two", days = 9 }')
    assert said(look({"main.tf": call, "servers.json.tftpl": ARM})) == [
        f"main.tf:6:25: Backups of server '{server}' are kept for '9' days, less than the recommended '14'."
        for server in ("one", "two")
    ]


@pytest.mark.parametrize("resources", ['[ ${join(",", servers)} ]', "${servers}", "[ ${servers}, ${servers} ]"])
def test_resources_that_are_not_known_are_no_mistake(look: Look, resources: str) -> None:
    template = f"{ARM[: ARM.index('[')]}{resources}\n}}\n"
    report = look({"main.tf": DEPLOYED.format("{ servers = var.u }"), "servers.json.tftpl": template})
    assert said(report) == []
    assert report.coverage.skipped["modules that are not on disk"] >= 1


def test_what_is_known_beside_them_is_judged(look: Look) -> None:
    one = """{ "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "one",
      "properties": { "backup": { "backupRetentionDays": 8 } } }"""
    template = f"{ARM[: ARM.index('[')]}[ {one}, ${{others}} ]\n}}\n"
    report = look({"main.tf": DEPLOYED.format("{ others = var.u }"), "servers.json.tftpl": template})
    assert said(report) == [
        "main.tf:6:25: Backups of server 'one' are kept for '8' days, less than the recommended '14'."
    ]
    assert report.coverage.skipped["modules that are not on disk"] == 1


def test_what_is_put_into_a_template_stays_on_the_way_of_its_text(look: Look) -> None:
    report = look(
        {
            "main.tf": 'variable "days" {}\n' + SERVER.format('templatefile("t.txt", { days = trimspace(var.days) })'),
            "t.txt": "${days}",
            "a.auto.tfvars": 'days = "8"\n',
        }
    )
    [finding] = [each for each in report.findings if each.rule.id == "PGF702"]
    assert {step.span.file.path for step in finding.trace} == {"a.auto.tfvars", "t.txt"}


def test_what_is_unknown_in_a_template_comes_by_way_of_its_file(look: Look) -> None:
    report = look({"main.tf": SERVER.format('templatefile("t.txt", { days = var.u })'), "t.txt": "${days}"})
    [doubt] = [each for each in report.doubts if each.rule.id == "PGF702"]
    assert {"main.tf", "t.txt"} <= {doubt.span.file.path, *(step.span.file.path for step in doubt.trace)}


@pytest.mark.parametrize("value", ["var.p", '"x ${var.p}"', "[var.p]", "{ a = var.p }"])
def test_what_is_hidden_stays_hidden_in_the_text_of_a_template(write: Write, run: Check, value: str) -> None:
    tags = f'  tags = {{ t = templatefile("t.txt", {{ v = {value} }}) }}\n}}\n'
    call = SERVER.format("7").replace("}\n", tags)
    files: dict[str, str | bytes] = {
        "main.tf": 'variable "p" {\n  sensitive = true\n}\n' + call.replace('variable "u" {}\n', ""),
        "t.txt": "x ${try(v.a, v[0], v)}",
        "terraform.tfvars": 'p = "Hunter2-Hunter2"\n',
    }
    _, output, _ = run("trace", "azurerm_postgresql_flexible_server.s", write(files))
    assert "Hunter2" not in output
    assert "[REDACTED]" in output


def test_a_file_that_a_template_is_made_of_shows_no_secret(look: Look) -> None:
    report = look({"main.tf": SERVER.format('templatefile("t.txt", {})'), "t.txt": "hunter2"})
    [doubt] = [each for each in report.doubts if each.rule.id == "PGF702"]
    assert "hunter2" not in "".join(str(step) for step in doubt.trace)
