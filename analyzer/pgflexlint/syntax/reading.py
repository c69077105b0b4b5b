"""What the readers of all languages have in common."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, Span

WORD_LIMIT = 500_000
"""How many words a file may have that is read: names, numbers, signs, and strings in double quotes."""

_WORD = compiled(r'"(?:[^"\\\n]++|\\.)*+"?|[\w.]++|[^\s\w]')


class Comment(NamedTuple):
    """One comment, with its `#`, `//` or `/* */`."""

    text: str
    span: Span


_MERGE_MARK = compiled(r"(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)")
"""What Git puts around the sides of a conflict, each on a line of its own."""


class RefusedError(Exception):
    """What stands at `[start, end)` is not in the language, or too much of it; the rest is as in a `Problem`."""

    def __init__(
        self,
        message: str,
        start: int,
        end: int,
        hint: str = "",
        kind: Kind = Kind.SYNTAX,
        *,
        names: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.hint, self.kind = message, start, end, hint, kind
        self.names = names

    def at(self, span: Span) -> Problem:
        """The problem that it is, at its place in a file."""
        if _MERGE_MARK.match(span.file.line(span.first_line)):
            message, hint = "This is the mark of a merge that is not resolved.", "Choose one of its sides."
            return Problem(Kind.SYNTAX, message, span.file.path, span, hint)
        return Problem(self.kind, self.message, span.file.path, span, self.hint, names=self.names)


def too_long(file: SourceFile) -> Problem | None:
    """The problem that a file has too many words to be read."""
    text = file.text
    if len(text) <= WORD_LIMIT or next(islice(_WORD.finditer(text), WORD_LIMIT, None), None) is None:
        return None
    message = f"This file has more than {WORD_LIMIT:,} words."
    hint = "It was not scanned: split it, or exclude it."
    return Problem(Kind.LIMIT, message, file.path, Span(file, 0, 0), hint)
