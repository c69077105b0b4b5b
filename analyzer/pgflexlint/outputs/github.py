"""Annotations on a commit or a pull request, as workflow commands of GitHub Actions.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands; the runner's reader is
`ActionCommand.TryParseV2` in actions/runner. Scanned text cannot get out of its command, see `_data` and `_property`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from msgspec import Struct

from pgflexlint.outputs.harmless import harmless, place, shown
from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.outputs.summary import counted, resources, sentences
from pgflexlint.problem import Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Finding, Report
from pgflexlint.source import Span

LIMIT = 10
"""How many annotations of a level GitHub shows for a step."""
PROBLEMS = 3
"""How many problems come before the findings: findings may be missing if something could not be scanned."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


class _Annotation(Struct, frozen=True):
    command: str
    path: str
    span: Span | None
    title: str
    paragraphs: tuple[str, ...]

    def line(self, prefix: str) -> str:
        properties = {"file": harmless(prefix + self.path)} if self.path else {}
        if self.span is not None:
            begin, finish = self.span.begin, self.span.finish
            properties |= {"line": str(begin.line), "endLine": str(finish.line)}
            if begin.line == finish.line:
                properties |= {"col": str(begin.column), "endColumn": str(finish.column)}
        properties["title"] = self.title
        fields = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        return f"::{self.command} {fields}::{_data(chr(10).join(self.paragraphs))}"


def render(report: Report, options: Options = DEFAULTS) -> str:
    """At most ten annotations of each level, worst first, then the summary as plain text."""
    annotations = list(_annotations(report, findings=options.annotate_findings))
    lines: list[str] = []
    for command in _COMMANDS.values():
        mine = [annotation for annotation in annotations if annotation.command == command]
        shown_ones = mine if len(mine) <= LIMIT else mine[: LIMIT - 1]
        lines += [annotation.line(options.prefix) for annotation in shown_ones]
        if len(mine) > LIMIT:
            more = counted(len(mine) - len(shown_ones), f"more {command}")
            lines.append(
                f"::{command} title=pgflexlint::{_data(f'{more}: see the log, the job summary or the SARIF.')}"
            )
    return "".join(f"{line}\n" for line in [*lines, harmless(" ".join(sentences(report)))])


def _annotations(report: Report, *, findings: bool) -> Iterator[_Annotation]:
    secrets = report.secrets
    problems = [_problem(problem, secrets) for problem in report.problems]
    yield from problems[:PROBLEMS]
    for _, group in groupby(
        report.by_place if findings else (), key=lambda finding: (finding.span.file.path, finding.span.first_line)
    ):
        of_line = sorted(group, key=lambda finding: (finding.level.rank, finding.rule.id))
        for _, same in groupby(of_line, key=lambda finding: (finding.level, finding.rule.id)):
            yield _finding(list(same), secrets)
    yield from problems[PROBLEMS:]


def _finding(same: list[Finding], secrets: Redactor) -> _Annotation:
    first = same[0]
    paragraphs = [shown(first.text, secrets), f"Resource: {shown(resources(*same), secrets)}"]
    if first.scenarios:
        paragraphs.append(f"Only with: {shown(', '.join(first.scenarios), secrets)}")
    if first.trace:
        origin = first.trace[0]
        paragraphs.append(f"Because of: {place(origin.span)}, {shown(origin.text, secrets)}")
    paragraphs.append(f"Fix: {first.fix}")
    title = f"{first.rule.id} {first.rule.slug}"
    return _Annotation(_COMMANDS[first.level.value], first.span.file.path, first.span, title, tuple(paragraphs))


def _problem(problem: Problem, secrets: Redactor) -> _Annotation:
    command = "warning" if problem.warning_only else "error"
    paragraphs = tuple(shown(text, secrets) for text in (problem.message, problem.hint) if text)
    return _Annotation(command, problem.path, problem.span, f"pgflexlint {problem.kind.value}", paragraphs)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
