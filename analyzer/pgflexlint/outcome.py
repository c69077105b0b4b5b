"""How a run ends: what is shown of what could not be looked at, how much was looked at, and the exit code.

Nothing here loads a reader, an evaluator or a rule, so that a run with nothing to judge ends the same way, and fast.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pgflexlint.discover import Target
from pgflexlint.evaluate.looked import Looked
from pgflexlint.problem import Kind, Problem
from pgflexlint.report import Coverage, Finding, Redactor
from pgflexlint.settings import Settings
from pgflexlint.survey import SOURCES, Survey

if TYPE_CHECKING:
    from pgflexlint.engine import Judgement

SKIPPED = (
    "modules that are not on disk",
    "modules that are called but deployed zero times",
    "compiled templates beside their Bicep source",
)
"""What may not be looked at without that being a problem."""


def exit_code(findings: Iterable[Finding], problems: Iterable[Problem], settings: Settings) -> int:
    """0 clean, 1 findings that count, 3 something could not be looked at; a remark alone does not count."""
    fail_on = settings.fail_on
    if fail_on is not None and any(finding.level.rank <= fail_on.rank for finding in findings):
        return 1
    return 3 if any(not problem.warning_only for problem in problems) else 0


def presentable(problems: Iterable[Problem], secrets: Redactor) -> tuple[tuple[Problem, ...], Redactor]:
    """Problems in order and without what they quote of hidden source, and what hides the lines that they are about."""
    ordered = _in_order(problems)
    secrets = secrets.with_unread(each.span for each in ordered if each.span and each.kind is Kind.LIMIT)
    secrets = secrets.with_broken(each.span for each in ordered if each.span and each.kind is Kind.SYNTAX)
    shown = (replace(each, message=secrets.about(each.span, each.message, each.names)) for each in ordered)
    return tuple(shown), secrets


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    unique = {(each.path, each.span.start if each.span else -1, each.message): each for each in problems}
    return tuple(problem for _, problem in sorted(unique.items(), key=lambda item: item[0]))


def coverage(
    surveyed: Survey, problems: Sequence[Problem], looked: Looked | None = None, judgement: Judgement | None = None
) -> Coverage:
    """How much was looked at. `looked` and `judgement` are None where there was nothing to judge."""
    looked = looked or Looked()
    seen = sources(surveyed.target)
    analysed = looked.analysed & seen
    not_deployed = looked.dismissed - looked.evaluated  # directories of Terraform, files of templates
    idle = {path for path in seen if path in not_deployed or posixpath.dirname(path) in not_deployed}
    more = (
        (looked.twins, "compiled from the Bicep file beside it"),
        (idle, "in modules that are deployed zero times"),
    )
    relevant = surveyed.terraform.relevant | (surveyed.templates.relevant - surveyed.templates.parameters)
    unlisted = surveyed.target.workspace.unlisted
    skipped = (judgement.elsewhere if judgement else 0, len(not_deployed & relevant), len(looked.twins))
    return Coverage(
        files=surveyed.target.workspace.read_count,
        seen=len(seen.union(*({path for path in each if path.endswith(SOURCES)} for each in unlisted.values()))),
        analysed=len(analysed),
        left=left(seen, analysed, problems, surveyed, more),
        roots=judgement.roots if judgement else 0,
        scenarios=judgement.scenarios if judgement else 0,
        servers=judgement.servers if judgement else 0,
        skipped=dict(zip(SKIPPED, skipped, strict=True)),
    )


def left(
    seen: set[str],
    analysed: set[str],
    problems: Iterable[Problem],
    surveyed: Survey,
    more: Iterable[tuple[set[str], str]] = (),
) -> Mapping[str, tuple[str, ...]]:
    """The sources that were not analysed, by why: what is said first of a file counts. `more` are further reasons."""
    unread = {problem.path for problem in problems if problem.kind is Kind.UNREADABLE}
    broken = {problem.path for problem in problems if problem.kind is Kind.SYNTAX}
    reasons = (
        (unread, "cannot be read"),
        (broken - analysed, "not valid in their language"),
        *more,
        (surveyed.templates.strangers, "JSON that is no ARM template"),
        ({path for path in seen if path.endswith((".tfvars", ".tfvars.json"))}, "values that no root is given"),
        (seen, "nothing to do with PostgreSQL"),
    )
    found: dict[str, tuple[str, ...]] = {}
    rest = seen - analysed
    for paths, reason in reasons:
        if rest & paths:
            found[reason] = tuple(sorted(rest & paths))
            rest -= paths
    for reason, paths in surveyed.target.workspace.unlisted.items():
        if sources := sorted(path for path in paths if path.endswith((*SOURCES, "/"))):
            found[reason] = tuple(sources)
    return found


def sources(target: Target) -> set[str]:
    """The files of a target that may hold Terraform, Bicep or ARM JSON, or values for them."""
    paths = (path for directory in target.directories for path in target.workspace.files(directory))
    return {path for path in paths if path.endswith(SOURCES)}
