"""Every rule on its fixtures, through the real readers; what the user reads is compared, line and column included."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from docs.render import AS_OF

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.report import Report
from pgflexlint.resource import Language
from pgflexlint.rule import Rule
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.paths import FIXTURES

LANGUAGES = {".tf": Language.TERRAFORM, ".bicep": Language.BICEP, ".json": Language.ARM}
DECIDED: dict[str, frozenset[str]] = {".tf": frozenset(), ".bicep": frozenset(), ".json": frozenset()}
"""Rules that a language leaves nothing unknown to."""
CASES = ("fail", "pass", "unknown", "not_applicable")


def look(rule: Rule, fixture: Path, room: Path) -> Report:
    """One fixture alone in a directory, looked at with one rule."""
    shutil.copy(fixture, room / fixture.name)
    return analyze(target([str(room)], [], room), [rule], RULES, Settings(as_of=AS_OF))


def lines(report: Report) -> list[str]:
    """What the user reads, without the directory."""
    said = [f"{finding.span}: {finding.level.value} {finding.text} [{finding.address}]" for finding in report.findings]
    said += [f"{doubt.span}: unknown because {doubt.reason} [{doubt.address}]" for doubt in report.doubts]
    said += [f"{problem.span or problem.path}: problem {problem.message}" for problem in report.problems]
    return said


@pytest.mark.parametrize(
    ("rule", "language"),
    [(rule, suffix) for rule in RULES for suffix, language in LANGUAGES.items() if language not in rule.not_in],
    ids=lambda each: each.id if isinstance(each, Rule) else each,
)
def test_fail_fails_pass_passes_and_unknown_is_said(rule: Rule, language: str, tmp_path: Path) -> None:
    for case in CASES:
        fixture = FIXTURES / rule.id / f"{case}{language}"
        if case == "not_applicable" and not fixture.exists():
            continue
        if case == "unknown" and not fixture.exists() and rule.id in DECIDED[language]:
            continue
        room = tmp_path / case
        room.mkdir()
        report = look(rule, fixture, room)
        assert not report.problems, lines(report)
        assert bool(report.findings) == (case == "fail"), (case, lines(report))
        if case == "unknown":
            assert report.doubts
        elif case != "fail":
            assert not report.doubts, lines(report)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_findings_read_as_recorded(rule: Rule, tmp_path: Path, matches: Callable[[Path, str], None]) -> None:
    recorded: list[str] = []
    for fixture in sorted(path for path in (FIXTURES / rule.id).iterdir() if path.suffix in LANGUAGES):
        room = tmp_path / fixture.name
        room.mkdir()
        recorded += lines(look(rule, fixture, room))
    matches(FIXTURES / rule.id / "expected.txt", "\n".join([*recorded, ""]))
