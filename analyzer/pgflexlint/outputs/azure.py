"""Issues of a build in Azure Pipelines, as logging commands of its agent.

https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands. Scanned text cannot get out of its command,
see `_data` and `_property`.
"""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.level import Level
from pgflexlint.outputs.harmless import harmless, place, shown
from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.outputs.summary import resources, sentences
from pgflexlint.problem import Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Finding, Report
from pgflexlint.source import Span

_TYPES = {Level.ERROR: "error", Level.WARNING: "warning"}
"""The types that the agent knows; a note is a line of the log."""


def render(report: Report, options: Options = DEFAULTS) -> str:
    """A command for each error, warning and problem, a line for each note, then the summary as plain text."""
    lines = [*_lines(report, options), harmless(" ".join(sentences(report)))]
    return "".join(f"{line}\n" for line in lines)


def _lines(report: Report, options: Options) -> Iterator[str]:
    secrets = report.secrets
    for problem in report.problems:
        yield _problem(problem, secrets, options.prefix)
    for finding in report.by_place:
        yield _finding(finding, secrets, options.prefix)


def _finding(finding: Finding, secrets: Redactor, prefix: str) -> str:
    scenarios = f" (only with {', '.join(finding.scenarios)})" if finding.scenarios else ""
    text = shown(f"{finding.text} [{resources(finding)}]{scenarios}", secrets)
    type_ = _TYPES.get(finding.level)
    if type_ is None:
        return f"{place(finding.span)}: {finding.level.value} {finding.rule.id} {text}"
    return _command(type_, prefix + finding.span.file.path, finding.span, finding.rule.id, text)


def _problem(problem: Problem, secrets: Redactor, prefix: str) -> str:
    type_ = "warning" if problem.warning_only else "error"
    text = shown(f"{problem.message} {problem.hint}".rstrip(), secrets)
    return _command(type_, prefix + problem.path if problem.path else "", problem.span, problem.kind.value, text)


def _command(type_: str, path: str, span: Span | None, code: str, text: str) -> str:
    properties = {"type": type_}
    if path:
        properties["sourcepath"] = harmless(path)
    if span is not None:
        properties |= {"linenumber": str(span.first_line), "columnnumber": str(span.begin.column)}
    properties["code"] = code
    fields = "".join(f"{name}={_property(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {fields}]{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")
