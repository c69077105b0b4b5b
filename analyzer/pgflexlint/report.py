"""What one run has to say: findings, what could not be told, what could not be looked at, and how much was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pgflexlint.problem import Problem
from pgflexlint.resource import Language
from pgflexlint.rule import Level, Related, Rule
from pgflexlint.source import Span
from pgflexlint.values import Step


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in the user's infrastructure."""

    rule: Rule
    level: Level
    message: str
    """A key of the rule's messages."""
    arguments: tuple[str, ...]
    span: Span
    """Where the platform receives the value, or the header of what lacks it."""
    address: str
    """The resource that it is about, by its address in the deployment."""
    language: Language
    missing: bool
    """Nothing is written: the span is a header."""
    trace: tuple[Step, ...] = ()
    """The way of the value, first where it was written; ends before `span`."""
    related: tuple[Related, ...] = ()
    scenarios: tuple[str, ...] = ()
    """The inputs under which it holds, where it does not hold under all."""
    justification: str = ""
    """Of a suppressed finding: the reason that was given."""

    @property
    def text(self) -> str:
        """The message with its arguments."""
        return self.rule.messages[self.message].format(*self.arguments)

    @property
    def fingerprint(self) -> str:
        """The same for the same defect wherever its code moves to inside its file (hex, SHA-256)."""
        return hashlib.sha256(
            "|".join((self.rule.id, self.span.file.path, self.address, self.message)).encode()
        ).hexdigest()

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """By place, then rule."""
        return (self.span.file.path, self.span.start, self.span.end, self.rule.id, self.text)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule that could not be decided on a resource."""

    rule: Rule
    address: str
    reason: str
    """A clause that completes "because …"."""
    span: Span
    trace: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was looked at."""

    files: int = 0
    """How many files were read."""
    roots: int = 0
    servers: int = 0
    """How many declared flexible servers were judged."""
    rules: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many things were not looked at without that being a problem, by what they are, such as
    "modules that are not on disk"."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run; every output renders this and nothing else."""

    findings: tuple[Finding, ...]
    doubts: tuple[Doubt, ...]
    problems: tuple[Problem, ...]
    suppressed: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    """The rules that ran, in the order of their ids."""
    coverage: Coverage
    secrets: Redactor
    exit_code: int = 0


class Redactor:
    """Keeps secrets out of everything that is shown.

    Known secret values are replaced wherever they stand in a line, and the places where they are written
    are blanked, so that an escaped spelling does not get through either.
    """

    MARK = "[REDACTED]"
    SHORTEST = 4
    """Shorter secrets are hidden only where they are written: replacing them everywhere would garble the text."""

    def __init__(self, values: frozenset[str] = frozenset(), spans: tuple[Span, ...] = ()) -> None:
        self._values = sorted((value for value in values if len(value) >= self.SHORTEST), key=len, reverse=True)
        self._spans: dict[str, list[Span]] = {}
        for span in spans:
            self._spans.setdefault(span.file.path, []).append(span)

    def text(self, text: str) -> str:
        """A text without the secrets that it holds."""
        for value in self._values:
            text = text.replace(value, self.MARK)
        return text

    def source(self, span: Span) -> str:
        """The source of a span without the secrets that it holds."""
        pieces, offset = [], span.start
        for secret in sorted(self._spans.get(span.file.path, ()), key=lambda secret: secret.start):
            if secret.end <= offset or secret.start >= span.end:
                continue
            pieces += [span.file.text[offset : max(offset, secret.start)], f'"{self.MARK}"']
            offset = secret.end
        pieces.append(span.file.text[offset : max(offset, span.end)])
        return self.text("".join(pieces))
