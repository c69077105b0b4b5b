"""A summary of the run in GitHub-flavored Markdown, for a job's summary page or a comment.

A step's summary may have 1 MiB (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from pgflexlint.explain import url
from pgflexlint.lazily import compiled
from pgflexlint.outputs._remote import repository_uri
from pgflexlint.outputs.harmless import shown
from pgflexlint.outputs.options import DEFAULTS, Options, Provenance
from pgflexlint.outputs.summary import counted, resources, sentences
from pgflexlint.problem import Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Finding, Report
from pgflexlint.rule import Rule
from pgflexlint.source import Span

ROWS = 50
"""How many findings, and how many problems, get a row."""
LONGEST = 300
"""The longest text of a cell, in characters."""

_MARKUP = compiled(r"([\\`*_\[\]#|<>~&])")
_REACHES_OUT = compiled(r"(?<=:)(?=//)|(?<=@)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where a mention or a bare URL is cut, so that GitHub does not link it."""
_ICONS = {"error": "🔴", "warning": "🟠", "note": "🔵"}


def render(report: Report, options: Options = DEFAULTS) -> str:
    """The summary, problems, the worst findings as a table, and how to fix what each rule found."""
    return "\n".join(_lines(report, options)) + "\n"


def _lines(report: Report, options: Options) -> Iterator[str]:
    secrets, places = report.secrets, _Places(options)
    yield "### pgflexlint"
    yield ""
    yield " ".join(_escaped(sentence) for sentence in sentences(report))
    if report.problems:
        yield ""
        yield "#### What could not be scanned"
        yield ""
        for problem in report.problems[:ROWS]:
            yield _problem(problem, secrets, places)
        yield from _more(len(report.problems), "problem")
    if report.findings:
        worst = sorted(report.findings, key=lambda finding: (finding.level.rank, finding.sort_key))
        yield ""
        yield "| | rule | what is wrong | resource | where |"
        yield "|---|---|---|---|---|"
        for finding in worst[:ROWS]:
            yield _row(finding, secrets, places)
        yield ""
        yield from _more(len(worst), "finding")
        for rule in {finding.rule.id: finding.rule for finding in worst}.values():
            yield from _details(rule, [finding for finding in worst if finding.rule.id == rule.id])


def _more(number: int, noun: str) -> Iterator[str]:
    if number > ROWS:
        yield f"… and {counted(number - ROWS, f'more {noun}')}; the other outputs have them all."
        yield ""


def _problem(problem: Problem, secrets: Redactor, places: _Places) -> str:
    where = places.link(problem.span or problem.path)
    return f"- {where}: {_cell(f'{problem.message} {problem.hint}'.rstrip(), secrets)}"


def _row(finding: Finding, secrets: Redactor, places: _Places) -> str:
    icon = f"{_ICONS[finding.level.value]} {finding.level.value}"
    scenarios = f" (only with {', '.join(finding.scenarios)})" if finding.scenarios else ""
    rule = f"[{finding.rule.id}]({url(finding.rule.page)})"
    what, resource = _cell(finding.text + scenarios, secrets), _cell(resources(finding), secrets)
    return f"| {icon} | {rule} | {what} | {resource} | {places.link(finding.span)} |"


def _details(rule: Rule, findings: list[Finding]) -> Iterator[str]:
    fixes = dict.fromkeys(finding.fix for finding in findings)
    yield f"<details><summary>{rule.id} {rule.slug}: {counted(len(findings), 'finding')}</summary>"
    yield ""
    yield rule.why
    for fix in fixes:
        yield ""
        yield f"**Fix**: {fix}"
    yield ""
    yield "</details>"
    yield ""


class _Places:
    """Names places, with a link to the file at the commit if that is known."""

    def __init__(self, options: Options) -> None:
        self._base = _blob(options.provenance)

    def link(self, where: Span | str) -> str:
        path = where if isinstance(where, str) else where.file.path
        line = None if isinstance(where, str) else where.first_line
        name = _escaped(path if line is None else f"{path}:{line}")
        if not self._base or not path:
            return name
        anchor = "" if line is None else f"#L{line}"
        return f"[{name}]({self._base}/{quote(path, safe='/', errors='replace')}{anchor})"


def _blob(provenance: Provenance | None) -> str:
    """The URL of the files of a commit on GitHub; "" if there is none."""
    address = repository_uri(provenance.repository) if provenance else None
    if address is None or not provenance or not provenance.revision:
        return ""
    return f"{address}/blob/{quote(provenance.revision)}"


def _cell(text: str, secrets: Redactor) -> str:
    text = shown(text, secrets)
    return _escaped(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def _escaped(text: str) -> str:
    """Escapes text so that Markdown shows it as it is: no markup, no link, no mention, no end of a table cell."""
    return _REACHES_OUT.sub("\u200b", _MARKUP.sub(r"\\\1", shown(text, Redactor())))
