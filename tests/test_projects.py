"""Whole projects through the command's own pipeline: what a person reads of them is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from docs.render import AS_OF

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.outputs import Options, renderer
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.paths import FIXTURES, ROOT

PROJECTS = FIXTURES / "projects"


def look(project: str) -> Report:
    """What a user sees who configures nothing."""
    rules = [rule for rule in RULES if rule.default]
    return analyze(target([str(PROJECTS / project)], [], ROOT), rules, RULES, Settings(as_of=AS_OF))


def test_the_webshop_reads_as_recorded(matches: Callable[[Path, str], None]) -> None:
    for project in ("webshop", "webshop-bicep"):
        text = renderer("text")(look(project), Options(show_unknown=True))
        matches(PROJECTS / project / "expected.txt", text)


def test_the_same_story_has_the_same_findings_in_terraform_and_bicep() -> None:
    first, second = (
        Counter((finding.rule.id, finding.level) for finding in look(project).findings if not finding.rule.not_in)
        for project in ("webshop", "webshop-bicep")
    )
    assert first == second
