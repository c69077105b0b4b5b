"""One run from beginning to end: takes a target and rules, and returns a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgflexlint.discover import Target
from pgflexlint.outcome import coverage, exit_code, presentable
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint.survey import Survey, Watch, survey

if TYPE_CHECKING:
    from pgflexlint.rule import Rule


def analyze(
    target: Target,
    rules: Sequence[Rule],
    all_rules: Sequence[Rule],
    settings: Settings,
    watch: Watch = lambda what, done, all_: None,
) -> Report:
    """Scan the target with some `rules`; `all_rules` are those that exist. `watch` is told what is being done.

    A run in which nothing can matter loads no reader and no rule.
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
        return _nothing(surveyed, rules, settings)
    from pgflexlint.assess import assess  # noqa: PLC0415 - see above

    return assess(surveyed, rules, all_rules, settings, watch)


def _nothing(surveyed: Survey, rules: Sequence[Rule], settings: Settings) -> Report:
    """The report of a run that has nothing to judge."""
    problems, secrets = presentable(surveyed.problems, Redactor())
    return Report((), (), problems, (), rules, coverage(surveyed, problems), secrets, exit_code((), problems, settings))
