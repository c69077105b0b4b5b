"""Changes that are suggested: applied, they parse and their finding is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgflexlint.edits import edit
from pgflexlint.report import Finding, Report
from pgflexlint.rule import Fail, Rule
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Origin, Step
from pgflexlint_rules import RULES
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
