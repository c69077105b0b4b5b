"""Changes that are suggested: applied, they parse and their finding is gone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.edits import edit
from pgflexlint.outputs import Options, renderer
from pgflexlint.report import Finding, Report
from pgflexlint.rule import Fail, Rule
from pgflexlint.settings import Settings
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Origin, Step
from pgflexlint_rules import RULES
from tests.command_line import Write
from tests.paths import FIXTURES
from tests.test_fixtures import look


def applied(finding: Finding, text: str) -> str:
    assert finding.edit is not None
    return text[: finding.edit.span.start] + finding.edit.text + text[finding.edit.span.end :]


def places(report: Report) -> set[tuple[str, str]]:
    return {(finding.address, finding.message) for finding in report.findings}


@pytest.mark.parametrize("language", [".tf", ".bicep", ".json"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_change_mends_its_finding(rule: Rule, language: str, tmp_path: Path) -> None:
    fixture = FIXTURES / rule.id / f"fail{language}"
    if not fixture.exists():
        pytest.skip("the rule has no meaning in this language")
    room = tmp_path / "before"
    room.mkdir()
    before = look(rule, fixture, room)
    text = fixture.read_text("utf-8")
    for number, finding in enumerate(each for each in before.findings if each.edit is not None):
        mended = tmp_path / f"after{number}" / fixture.name
        mended.parent.mkdir()
        mended.write_text(applied(finding, text), "utf-8")
        room = tmp_path / f"room{number}"
        room.mkdir()
        after = look(rule, mended, room)
        assert not after.problems
        assert places(before) - places(after) == {(finding.address, finding.message)}


def value(source: str, known: object, **more: object) -> Known[object]:
    return Known(known, Span(SourceFile("a.tf", source), 0, len(source)), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "known", "instead", "text"),
    [
        ('"off"', "off", "on", '"on"'),
        ("'off'", "off", "on", "'on'"),
        ("true", True, False, "false"),
        ('"true"', True, False, '"false"'),
        ("'Enabled'", True, False, "'Disabled'"),
        ('"disabled"', False, True, '"Enabled"'),
    ],
)
def test_a_literal_keeps_its_quotes(source: str, known: object, instead: str | bool, text: str) -> None:
    found = edit(Fail(value(source, known), "x", instead=instead))
    assert found is not None
    assert found.text == text


@pytest.mark.parametrize(
    "source", ["var.x", '"${var.x}"', "x ? true : false", '"a" + "b"', r'"a\"b"', "'''off'''", "1", '"[x]"']
)
def test_what_is_no_plain_literal_is_left_alone(source: str) -> None:
    assert edit(Fail(value(source, "off"), "x", instead="on")) is None


def test_what_comes_from_elsewhere_is_left_to_a_person() -> None:
    step = Step(Span(SourceFile("b.tf", "x"), 0, 1), "variable 'x'")
    assert edit(Fail(value('"off"', "off", trace=(step,)), "x", instead="on")) is None
    assert edit(Fail(value('"off"', "off", origin=Origin.DEFAULT), "x", instead="on")) is None
    assert edit(Fail(value('"off"', "off"), "x")) is None


TERRAFORM = """\
resource "azurerm_postgresql_flexible_server" "main" {
  name     = "psql-main"
  version  = "17"
  sku_name = "GP_Standard_D2ds_v5"
}

resource "azurerm_postgresql_flexible_server_configuration" "these" {
  for_each  = toset(["require_secure_transport", "%s"])
  name      = each.key
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = "off"
}
"""
BICEP = """\
resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-main'
  location: 'westeurope'
  properties: { version: '17' }
}

resource these 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = [
  for name in ['require_secure_transport', '%s']: {
    parent: main
    name: name
    properties: { value: 'off', source: 'user-override' }
  }
]
"""


@pytest.mark.parametrize(("name", "text"), [("main.tf", TERRAFORM), ("main.bicep", BICEP)])
@pytest.mark.parametrize(("beside", "offered"), [("log_disconnections", True), ("log_statement_stats", False)])
def test_a_literal_that_is_right_for_another_parameter_is_left_alone(
    write: Write, name: str, text: str, beside: str, offered: bool
) -> None:
    room = write({name: text % beside})
    rules = [rule for rule in RULES if rule.id in ("PGF101", "PGF502")]
    report = analyze(target([str(room)], [], room), rules, RULES, Settings())
    assert {finding.rule.id for finding in report.findings} == ({"PGF101", "PGF502"} if offered else {"PGF101"})
    assert {finding.edit is not None for finding in report.findings} == {offered}


CHANGES = [
    ("PGF101", "require_secure_transport", "off", "on"),
    ("PGF102", "ssl_min_protocol_version", "TLSv1.1", "TLSv1.2"),
    ("PGF103", "ssl_max_protocol_version", "TLSv1.2", "TLSv1.3"),
    ("PGF406", "connection_throttle.enable", "OFF", "on"),
    ("PGF501", "log_connections", "no", "on"),
    ("PGF502", "log_disconnections", "off", "on"),
    ("PGF503", "log_checkpoints", "off", "on"),
    ("PGF507", "pgaudit.log_client", "on", "off"),
    ("PGF507", "pgaudit.log_parameter", "on", "off"),
    ("PGF804", "row_security", "off", "on"),
]
"""Of each it was asked whether it stops a server, costs money or cannot be taken back, and it does not."""


@pytest.mark.parametrize(("id_", "name", "wrong", "right"), CHANGES)
def test_the_change_is_what_the_parameter_takes(id_: str, name: str, wrong: str, right: str, write: Write) -> None:
    text = TERRAFORM.replace('toset(["require_secure_transport", "%s"])', f'toset(["{name}"])').replace("off", wrong)
    room = write({"main.tf": text})
    rules = [rule for rule in RULES if rule.id in (id_, "PGF902")]
    report = analyze(target([str(room)], [], room), rules, RULES, Settings())
    (finding,) = (finding for finding in report.findings if finding.rule.id == id_)
    assert finding.edit is not None
    assert finding.edit.text == f'"{right}"'
    write({"main.tf": applied(finding, text)})
    assert analyze(target([str(room)], [], room), rules, RULES, Settings()).findings == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_other_rule_suggests_a_change(rule: Rule, tmp_path: Path) -> None:
    for number, fixture in enumerate(FIXTURES.glob(f"{rule.id}/fail.*")):
        room = tmp_path / str(number)
        room.mkdir()
        suggested = any(finding.edit is not None for finding in look(rule, fixture, room).findings)
        assert not suggested or rule.id in {id_ for id_, *_ in CHANGES}


def by_region(text: str, region: dict[str, int], inserted: str) -> str:
    """What an editor makes of a replacement in SARIF: lines and columns in UTF-16 code units (section 3.30)."""
    lines = re.split(r"(?<=\n)", text)

    def offset(line: int, column: int) -> int:
        before = lines[line - 1].encode("utf-16-le")[: 2 * (column - 1)].decode("utf-16-le")
        return sum(map(len, lines[: line - 1])) + len(before)

    start = offset(region["startLine"], region["startColumn"])
    return text[:start] + inserted + text[offset(region["endLine"], region["endColumn"]) :]


@pytest.mark.parametrize(("id_", "name", "wrong", "right"), CHANGES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_reads_sarif_can_make_the_change(
    id_: str, name: str, wrong: str, right: str, *, end: str, write: Write
) -> None:
    text = TERRAFORM.replace('toset(["require_secure_transport", "%s"])', f'toset(["{name}"])').replace("off", wrong)
    text = text.replace("  value     =", "  /* 🐘 é */ value =").replace("\n", end)
    room = write({"main.tf": text})
    rules = [rule for rule in RULES if rule.id == id_]
    report = analyze(target([str(room)], [], room), rules, RULES, Settings())
    (result,) = json.loads(renderer("sarif")(report, Options()))["runs"][0]["results"]
    (fix,) = result["fixes"]
    assert fix["description"]["text"] == f'Replace "{wrong}" with "{right}".'
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    assert region["startColumn"] > 1, "Visual Studio Code would clamp it to the first character of the line"
    mended = by_region(text, region, replacement["insertedContent"]["text"])
    assert mended == text.replace(f'"{wrong}"', f'"{right}"')
    write({change["artifactLocation"]["uri"]: mended})
    assert analyze(target([str(room)], [], room), rules, RULES, Settings()).findings == ()
