"""How a run ends: the exit code, the problems as they are shown, and how much was looked at.

A run with nothing to judge ends here as well, and it has to be fast: this module loads no reader, evaluator or rule.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pgflexlint.discover import Target
from pgflexlint.evaluate.visited import Visited
from pgflexlint.problem import Kind, Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Coverage, Finding
from pgflexlint.settings import Settings
from pgflexlint.survey import SOURCES, Survey

if TYPE_CHECKING:
    from pgflexlint.engine import Judgement


def exit_code(findings: Iterable[Finding], problems: Iterable[Problem], settings: Settings) -> int:
    """1 where a finding counts, else 3 where something could not be looked at, else 0. A remark does not count."""
    fail_on = settings.fail_on
    if fail_on is not None and any(finding.level.rank <= fail_on.rank for finding in findings):
        return 1
    return 3 if any(not problem.warning_only for problem in problems) else 0


def presentable(problems: Iterable[Problem], secrets: Redactor) -> tuple[tuple[Problem, ...], Redactor]:
    """Problems as they are shown: each once, in the order of their places, without what they quote of hidden source.

    Also answers the redactor to show them with. It hides the lines that they are about as well: nobody knows what is
    secret in a line that could not be read.
    """
    unique = {(each.path, each.span.start if each.span else -1, each.message): each for each in problems}
    ordered = [unique[place] for place in sorted(unique)]
    secrets = secrets.with_unread(each.span for each in ordered if each.span and each.kind is Kind.LIMIT)
    secrets = secrets.with_broken(each.span for each in ordered if each.span and each.kind is Kind.SYNTAX)
    shown = (replace(each, message=secrets.about(each.span, each.message, each.names)) for each in ordered)
    return tuple(shown), secrets


def coverage(
    surveyed: Survey, problems: Iterable[Problem], visited: Visited | None = None, judgement: Judgement | None = None
) -> Coverage:
    """How much was looked at. `visited` and `judgement` are None where there was nothing to judge."""
    visited = visited or Visited()
    workspace = surveyed.target.workspace
    seen = _sources(surveyed.target)
    unlisted = {path for paths in workspace.unlisted.values() for path in paths if path.endswith(SOURCES)}
    relevant = surveyed.terraform.relevant | (surveyed.templates.relevant - surveyed.templates.parameter_files)
    not_deployed = (visited.deployed_zero_times - visited.evaluated) & relevant
    return Coverage(
        files=len(workspace.read_paths),
        seen=len(seen | unlisted),
        analysed=len(visited.analysed & seen),
        left=_left(seen, problems, surveyed, visited),
        roots=judgement.roots if judgement else 0,
        scenarios=judgement.scenarios if judgement else 0,
        servers=judgement.servers if judgement else 0,
        skipped={
            "modules that are not on disk": judgement.elsewhere if judgement else 0,
            "modules that are called but deployed zero times": len(not_deployed),
            "compiled templates beside their Bicep source": len(visited.compiled_copies),
        },
    )


def _sources(target: Target) -> set[str]:
    """The files of a target that may hold Terraform, Bicep or ARM JSON, or values for them."""
    paths = (path for directory in target.directories for path in target.workspace.files(directory))
    return {path for path in paths if path.endswith(SOURCES)}


def _left(
    seen: set[str], problems: Iterable[Problem], surveyed: Survey, visited: Visited
) -> Mapping[str, tuple[str, ...]]:
    """The sources that were not analysed, by why. Of several reasons for a file the first one counts."""
    kinds: dict[Kind, set[str]] = defaultdict(set)
    for problem in problems:
        kinds[problem.kind].add(problem.path)
    idle = visited.deployed_zero_times - visited.evaluated  # directories of Terraform, files of templates
    reasons = (
        (kinds[Kind.UNREADABLE], "cannot be read"),
        (kinds[Kind.SYNTAX], "not valid in their language"),
        (visited.compiled_copies, "compiled from the Bicep file beside it"),
        (
            {path for path in seen if path in idle or posixpath.dirname(path) in idle},
            "in modules that are deployed zero times",
        ),
        (surveyed.templates.not_templates, "JSON that is not an ARM template"),
        ({path for path in seen if path.endswith((".tfvars", ".tfvars.json"))}, "values that no root uses"),
        (seen, "nothing to do with PostgreSQL"),
    )
    found: dict[str, tuple[str, ...]] = {}
    rest = seen - visited.analysed
    for paths, reason in reasons:
        if rest & paths:
            found[reason] = tuple(sorted(rest & paths))
            rest -= paths
    for reason, paths in surveyed.target.workspace.unlisted.items():
        if left_out := sorted(path for path in paths if path.endswith((*SOURCES, "/"))):
            found[reason] = tuple(left_out)
    return found
