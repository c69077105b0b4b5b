"""A line of source with a part of it marked, ready to be shown in a terminal."""

from __future__ import annotations

from msgspec import Struct

from pgflexlint.outputs.harmless import cells, harmless, head, tail
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.source import Span

TAB = 4
"""The columns between two tab stops."""
REACH = 1000
"""How many characters around the marked part are used: a minified file is one long line."""


class Frame(Struct, frozen=True):
    """The first line that a span covers, in three parts. All of it is printable and free of secrets."""

    number: int
    before: str
    marked: str
    after: str

    @property
    def text(self) -> str:
        """The line as it is shown."""
        return f"{self.before}{self.marked}{self.after}".rstrip()

    @property
    def indent(self) -> int:
        """The columns left of the marked part."""
        return cells(self.before)

    @property
    def carets(self) -> int:
        """The columns of the marked part; at least one, so that an empty span is visible."""
        return max(1, cells(self.marked))


def frame(span: Span, secrets: Redactor, width: int) -> Frame:
    """The first line of a span, cut to `width` columns around its marked part."""
    file, number = span.file, span.first_line
    start = file.line_starts[number - 1]
    end = max(start + len(file.line(number)), span.start)
    marked_part = secrets.widened(Span(file, span.start, min(span.end, end)))
    first, stop = max(marked_part.start, start), min(marked_part.end, end)

    def source(begin: int, finish: int) -> str:
        return secrets.source(Span(file, begin, finish))

    before = _expand(source(max(start, first - REACH), first), 0)
    marked = _expand(source(first, min(stop, first + REACH)), cells(before))
    after = _expand(source(stop, min(end, stop + REACH)), cells(before) + cells(marked))
    return _cut(number, before, marked, after, max(width, 40))


def _expand(text: str, column: int) -> str:
    """The text with tabs as spaces, and with visible escapes for characters that do not print."""
    pieces: list[str] = []
    for index, piece in enumerate(text.split("\t")):
        if index:
            pieces.append(" " * (TAB - column % TAB))
            column += len(pieces[-1])
        pieces.append(harmless(piece))
        column += cells(pieces[-1])
    return "".join(pieces)


def _cut(number: int, before: str, marked: str, after: str, width: int) -> Frame:
    if cells(before) + cells(marked) + cells(after) <= width:
        return Frame(number, before, marked, after)
    marked = head(marked, width * 3 // 4)
    rest = width - cells(marked)
    before = tail(before, max(rest - min(cells(after), rest // 3), 1))
    return Frame(number, before, marked, head(after, max(rest - cells(before), 1)))
