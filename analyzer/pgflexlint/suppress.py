"""Inline ignores: `# pgflexlint: ignore[PGF303] reason`, on the line of a finding or on the line above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pgflexlint.problem import Kind, Problem
from pgflexlint.report import Finding
from pgflexlint.rule import Rule
from pgflexlint.source import Span

_IGNORE = re.compile(r"pgflexlint:\s*ignore\b(?:\[(?P<rules>[^\]]*)\])?\s*(?P<reason>.*?)\s*(?:\*/)?\s*$", re.S)


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore comment."""

    rules: frozenset[str]
    """Ids of rules."""
    reason: str
    span: Span
    lines: tuple[int, ...]
    """The 1-based lines whose findings it allows."""


def ignores(comments: Iterable[tuple[str, Span]], rules: Sequence[Rule]) -> tuple[list[Ignore], list[Problem]]:
    """The ignore comments among comments, and what is wrong with some of them."""
    ids = {name: rule.id for rule in rules for name in (rule.id, rule.slug)}
    found: list[Ignore] = []
    problems: list[Problem] = []
    for text, span in comments:
        match = _IGNORE.search(text)
        if match is None:
            continue
        if match["rules"] is None:
            message = "An ignore without rules in brackets allows nothing."
            problems.append(_remark(message, span, "Write which rules it allows: 'pgflexlint: ignore[PGF303] reason'."))
            continue
        names = [name.strip() for name in match["rules"].split(",") if name.strip()]
        unknown = [name for name in names if name not in ids]
        problems += [
            _remark(f"There is no rule '{name}' to ignore.", span, "'pgflexlint rules' lists them.") for name in unknown
        ]
        line = span.begin.line
        alone = not span.file.line(line)[: span.start - span.file.line_starts[line - 1]].strip()
        allowed = frozenset(ids[name] for name in names if name in ids)
        if allowed:
            found.append(Ignore(allowed, match["reason"], span, (_next_code_line(span),) if alone else (line,)))
    return found, problems


def _next_code_line(span: Span) -> int:
    """The line below a comment; further comments between it and the code are skipped."""
    line = span.finish.line
    if span.text.endswith("\n"):
        line -= 1
    last = len(span.file.line_starts)
    line += 1
    while line < last and span.file.line(line).lstrip().startswith(("#", "//")):
        line += 1
    return line


def suppress(
    findings: Iterable[Finding], found: Sequence[Ignore]
) -> tuple[list[Finding], list[Finding], list[Problem]]:
    """The findings that stand, those that are allowed, and remarks on ignores that allow nothing."""
    by_line: dict[tuple[str, int], list[Ignore]] = {}
    for ignore in found:
        for line in ignore.lines:
            by_line.setdefault((ignore.span.file.path, line), []).append(ignore)
    standing: list[Finding] = []
    allowed: list[Finding] = []
    used: set[int] = set()
    for finding in findings:
        here = by_line.get((finding.span.file.path, finding.span.begin.line), ())
        allowing = [ignore for ignore in here if finding.rule.id in ignore.rules]
        if not allowing:
            standing.append(finding)
            continue
        used.update(map(id, allowing))
        allowed.append(replace(finding, justification=allowing[0].reason))
    unused = [
        _remark(f"Nothing is wrong here that {_listed(ignore.rules)} would have to ignore.", ignore.span, "Remove it.")
        for ignore in found
        if id(ignore) not in used
    ]
    return standing, allowed, unused


def _listed(rules: frozenset[str]) -> str:
    return "ignore[" + ", ".join(sorted(rules)) + "]"


def _remark(message: str, span: Span, hint: str) -> Problem:
    return Problem(Kind.CONFIGURATION, message, span.file.path, span, hint, warning_only=True)
