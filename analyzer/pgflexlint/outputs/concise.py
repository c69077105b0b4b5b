"""One line for each finding and problem, for editors and `grep`; a summary on the last line."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.outputs.harmless import harmless, place, shown
from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.outputs.summary import resources, sentences, statistics
from pgflexlint.problem import Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Doubt, Finding, Report
from pgflexlint.source import Viewpoint


def render(report: Report, options: Options = DEFAULTS) -> str:
    """`path:line:col: level PGF101 message [address]`, sorted by place."""
    summary = sentences(report, unknown_shown=options.show_unknown, suppressed_shown=options.show_suppressed)
    counts = map(harmless, statistics(report, options.viewpoint)) if options.statistics else ()
    return "".join(f"{line}\n" for line in (*_lines(report, options), *counts, harmless(" ".join(summary))))


def _lines(report: Report, options: Options) -> Iterator[str]:
    secrets, viewpoint = report.secrets, options.viewpoint
    for finding in report.by_place:
        yield _finding(finding, finding.level.value, secrets, viewpoint)
    for problem in report.problems:
        yield _problem(problem, secrets, viewpoint)
    for doubt in report.doubts if options.show_unknown else ():
        yield _doubt(doubt, secrets, viewpoint)
    for finding in report.suppressed if options.show_suppressed else ():
        yield _finding(finding, "allowed", secrets, viewpoint) + _allowance(finding, secrets, viewpoint)


def _finding(finding: Finding, level: str, secrets: Redactor, viewpoint: Viewpoint) -> str:
    scenarios = f" (only with {', '.join(finding.scenarios)})" if finding.scenarios else ""
    return f"{place(finding.span, viewpoint)}: {level} {finding.rule.id} " + shown(
        f"{finding.text} [{resources(finding)}]{scenarios}", secrets
    )


def _allowance(finding: Finding, secrets: Redactor, viewpoint: Viewpoint) -> str:
    allowance = finding.allowance
    return shown(f" (by the {allowance.by.value}, {place(allowance.at, viewpoint)})", secrets) if allowance else ""


def _problem(problem: Problem, secrets: Redactor, viewpoint: Viewpoint) -> str:
    where = place(problem.span or problem.path, viewpoint)
    level = "remark" if problem.warning_only else "problem"
    prefix = f"{where}: " if where else ""
    return f"{prefix}{level} {problem.kind.value} " + shown(f"{problem.message} {problem.hint}".rstrip(), secrets)


def _doubt(doubt: Doubt, secrets: Redactor, viewpoint: Viewpoint) -> str:
    return f"{place(doubt.span, viewpoint)}: unknown {doubt.rule.id} " + shown(
        f"{doubt.rule.slug} could not be decided, because {doubt.reason}. [{doubt.address}]", secrets
    )
