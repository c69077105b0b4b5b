"""One run from beginning to end: a target and rules in, a report out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgflexlint.discover import Target
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Coverage, Report
from pgflexlint.settings import Settings
from pgflexlint.survey import SKIPPED, SOURCES, Survey, Watch, left, sources, survey

if TYPE_CHECKING:
    from pgflexlint.rule import Rule


def analyze(
    target: Target,
    rules: Sequence[Rule],
    known: Sequence[Rule],
    settings: Settings,
    watch: Watch = lambda what, done, all_: None,
) -> Report:
    """Look at everything in the target. `known` are all rules that there are, of which `rules` run.

    Where nothing can matter, neither a reader nor a rule is loaded. `watch` is told now and then what is being done,
    how many of it are done, and how many there are.
    """
    surveyed = survey(
        target,
        watch,
        parameters=settings.parameter_files,
        inputs=settings.inputs,
        scenarios=settings.scenarios,
    )
    asked_for = settings.parameter_files or settings.allows or settings.baseline
    if not (surveyed.matters or asked_for):
        return _nothing(surveyed, rules)
    from pgflexlint.assess import assess  # noqa: PLC0415 - see above

    return assess(surveyed, rules, known, settings, watch)


def _nothing(surveyed: Survey, rules: Sequence[Rule]) -> Report:
    """The report where there is nothing to judge."""
    problems = tuple(sorted(surveyed.problems, key=lambda each: (each.path, each.message)))
    seen = sources(surveyed.target)
    unlisted = surveyed.target.workspace.unlisted
    coverage = Coverage(
        files=surveyed.target.workspace.read_count,
        seen=len(seen.union(*({path for path in each if path.endswith(SOURCES)} for each in unlisted.values()))),
        left=left(seen, set(), problems, surveyed),
        skipped=dict.fromkeys(SKIPPED, 0),
    )
    return Report((), (), problems, (), rules, coverage, Redactor(), exit_code=3 if problems else 0)
