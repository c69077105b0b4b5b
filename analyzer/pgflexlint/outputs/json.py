"""The report as one JSON object, for programs: stable keys, stable order, one line for each finding.

Lines and columns count from 1, columns in UTF-16 code units; ends are exclusive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.outputs.rows import dumps, encode
from pgflexlint.problem import Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Doubt, Finding, Report
from pgflexlint.rule import Related, Rule
from pgflexlint.source import Span
from pgflexlint.values import Step

VERSION = 1
"""The version of the format. New keys may come. No key goes or changes its meaning without a new number."""


def render(report: Report, _options: Options = DEFAULTS) -> str:
    """`{"version", "exitCode", "coverage", "baseline", "findings", "problems", "doubts", "suppressed"}`.

    Always everything.
    """
    coverage = report.coverage
    frame = {
        "version": VERSION,
        "exitCode": report.exit_code,
        "coverage": {
            "files": coverage.files,
            "seen": coverage.seen,
            "analysed": coverage.analysed,
            "left": {reason: list(paths) for reason, paths in sorted(coverage.left.items())},
            "roots": coverage.roots,
            "scenarios": coverage.scenarios,
            "servers": coverage.servers,
            "rules": len(report.rules),
            "skipped": dict(sorted(coverage.skipped.items())),
        },
        "baseline": _baseline(report),
        "findings": [],
        "problems": [],
        "doubts": [],
        "suppressed": [],
    }
    secrets = report.secrets
    rows = {
        "findings": (encode(_finding(finding, secrets)) for finding in report.by_place),
        "problems": (encode(_problem(problem, secrets)) for problem in report.problems),
        "doubts": (encode(_doubt(doubt, secrets)) for doubt in report.doubts),
        "suppressed": (encode(_suppressed(finding, secrets)) for finding in report.suppressed),
    }
    return dumps(frame, rows)


def _finding(finding: Finding, secrets: Redactor) -> dict[str, Any]:
    return {
        "rule": _rule(finding.rule),
        "level": finding.level.value,
        "message": secrets.text(finding.text),
        **_place(finding.span),
        "resources": [secrets.text(address) for address in finding.addresses],
        "language": finding.language.value,
        "missing": finding.missing,
        "fix": finding.fix,
        "trace": _steps(finding.trace, secrets),
        "related": _steps(finding.related, secrets),
        "scenarios": list(finding.scenarios),
        "edit": None if finding.edit is None else {**_place(finding.edit.span), "text": finding.edit.text},
        "fingerprint": finding.finding_id,
    }


def _suppressed(finding: Finding, secrets: Redactor) -> dict[str, Any]:
    allowance = finding.allowance
    by: dict[str, Any] | None = None
    if allowance is not None:
        place = {"path": allowance.at} if isinstance(allowance.at, str) else _place(allowance.at)
        by = {"kind": allowance.by.value, **place}
    return _finding(finding, secrets) | {"justification": secrets.text(finding.justification), "allowedBy": by}


def _baseline(report: Report) -> dict[str, Any] | None:
    if report.baseline is None:
        return None
    path, known, fixed = report.baseline
    return {"path": path, "known": known, "fixed": [report.secrets.text(entry.text) for entry in fixed]}


def _problem(problem: Problem, secrets: Redactor) -> dict[str, Any]:
    place = {"path": problem.path} if problem.span is None else _place(problem.span)
    return {
        "kind": problem.kind.value,
        "message": secrets.text(problem.message),
        **place,
        "hint": secrets.text(problem.hint),
        "warningOnly": problem.warning_only,
    }


def _doubt(doubt: Doubt, secrets: Redactor) -> dict[str, Any]:
    return {
        "rule": _rule(doubt.rule),
        "reason": secrets.text(doubt.reason),
        **_place(doubt.span),
        "resource": secrets.text(doubt.address),
        "trace": _steps(doubt.trace, secrets),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {"id": rule.id, "slug": rule.slug, "securitySeverity": rule.security_severity}


def _place(span: Span) -> dict[str, Any]:
    begin, finish = span.begin, span.finish
    return {
        "path": span.file.path,
        "line": begin.line,
        "column": begin.column,
        "endLine": finish.line,
        "endColumn": finish.column,
    }


def _steps(steps: Iterable[Step | Related], secrets: Redactor) -> list[dict[str, Any]]:
    return [{**_place(step.span), "text": secrets.text(step.text)} for step in steps]
