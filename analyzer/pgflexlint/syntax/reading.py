"""What the readers of all languages have in common."""

from __future__ import annotations

from typing import NamedTuple

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import Span


class Comment(NamedTuple):
    """One comment, with its `#`, `//` or `/* */`."""

    text: str
    span: Span


class RefusedError(Exception):
    """What stands at `[start, end)` is not in the language, or too much of it; the rest is as in a `Problem`."""

    def __init__(self, message: str, start: int, end: int, hint: str = "", kind: Kind = Kind.SYNTAX) -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.hint, self.kind = message, start, end, hint, kind

    def at(self, span: Span) -> Problem:
        """The problem that it is, at its place in a file."""
        return Problem(self.kind, self.message, span.file.path, span, self.hint)
