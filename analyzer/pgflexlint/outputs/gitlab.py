"""A Code Quality report, which GitLab shows in merge requests.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from pgflexlint.level import Level
from pgflexlint.outputs.harmless import shown
from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.outputs.rows import encode, inert_json
from pgflexlint.outputs.summary import resources
from pgflexlint.problem import Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Finding, Report
from pgflexlint.source import Span

_SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "major", Level.NOTE: "minor"}


def render(report: Report, _options: Options = DEFAULTS) -> str:
    """A JSON array with an entry for each finding and problem, one on a line."""
    rows = [inert_json(encode(entry)) for entry in _entries(report)]
    return "[\n  " + ",\n  ".join(rows) + "\n]\n" if rows else "[]\n"


def _entries(report: Report) -> Iterator[dict[str, Any]]:
    """The entries. GitLab shows only one entry of each fingerprint, so equal fingerprints are numbered."""
    seen: Counter[str] = Counter()
    for entry in _raw(report):
        print_ = entry["fingerprint"]
        seen[print_] += 1
        number = seen[print_]
        yield entry if number == 1 else entry | {"fingerprint": _digest(f"{print_}:{number}")}


def _raw(report: Report) -> Iterator[dict[str, Any]]:
    secrets = report.secrets
    for problem in report.problems:
        yield _problem(problem, secrets)
    for finding in report.by_place:
        yield _finding(finding, secrets)


def _finding(finding: Finding, secrets: Redactor) -> dict[str, Any]:
    return {
        "description": shown(f"{finding.text} [{resources(finding)}]", secrets),
        "check_name": finding.rule.id,
        "fingerprint": finding.finding_id,
        "severity": _SEVERITIES[finding.level],
        "location": _location(finding.span),
    }


def _problem(problem: Problem, secrets: Redactor) -> dict[str, Any]:
    return {
        "description": shown(f"{problem.message} {problem.hint}".rstrip(), secrets),
        "check_name": problem.kind.value,
        "fingerprint": _digest(f"{problem.kind.value}|{problem.path}"),
        "severity": "info" if problem.warning_only else "critical",
        "location": _location(problem.span or problem.path),
    }


def _location(where: Span | str) -> dict[str, Any]:
    """A place. The place of a whole file is its first line, because GitLab needs a line."""
    if isinstance(where, str):
        return {"path": where, "lines": {"begin": 1}}
    return {"path": where.file.path, "lines": {"begin": where.first_line, "end": where.last_line}}


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
