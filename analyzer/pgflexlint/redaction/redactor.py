"""Secrets are kept out of everything that is shown."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from pgflexlint.lazily import compiled
from pgflexlint.redaction.decode import readings
from pgflexlint.redaction.matcher import MultiMatcher
from pgflexlint.source import SourceFile, Span

_QUOTE = compiled(r"(?P<kind>(?:parameter|variable) (?='\w+'))?'(?P<said>[^']+)'")
"""What a sentence quotes; behind what says so the name of an input, which is declared and no secret."""


class Redactor:
    """Keeps secrets out of everything that is shown.

    Known secret values are replaced wherever they stand in a line, and the places where they are written are blanked.
    A literal that says one with escapes or encoded is blanked as a whole. So is one that is a secret which is a mere
    word, or that holds one which is a name as well. These are replaced nowhere else: in an address or a sentence they
    would be told by what is missing.
    Of what was not evaluated the names tell: the literal after `password =` is blanked whatever becomes of it. A line
    that was given up shows none of its literals, and one that cannot be read no more than the name that it begins with.
    """

    MARK = "[REDACTED]"
    SHORTEST = MultiMatcher.SHORTEST
    """Shorter secrets are hidden only where they are written."""

    def __init__(
        self,
        values: frozenset[str] = frozenset(),
        spans: tuple[Span, ...] = (),
        unread: tuple[Span, ...] = (),
        broken: tuple[Span, ...] = (),
        words: frozenset[str] = frozenset(),
    ) -> None:
        """`unread` are the places that were given up, `broken` those that cannot be read, `words` the secrets that are
        hidden only in literals: those that hold one, or that are one where nobody would take it for anything else."""
        self._values, self._words = values, words
        self._common = frozenset(word.strip() for word in words if not is_no_word(word))
        self._held = MultiMatcher(filter(is_no_word, words))
        self._shown = MultiMatcher(spelled for value in values for spelled in _spelled(value.strip()))
        self._every = MultiMatcher(values | words)
        self._spans, self._unread, self._broken = spans, unread, broken
        self._hidden: dict[SourceFile, list[tuple[int, int, str]]] = {}

    def with_unread(self, spans: Iterable[Span]) -> Redactor:
        """The same with further places that were given up."""
        return Redactor(self._values, self._spans, (*self._unread, *spans), self._broken, self._words)

    def with_broken(self, spans: Iterable[Span]) -> Redactor:
        """The same with further places that cannot be read."""
        return Redactor(self._values, self._spans, self._unread, (*self._broken, *spans), self._words)

    def text(self, text: str) -> str:
        """A text without the secrets that it holds."""
        if not self._shown:
            return text
        pieces, offset = [], 0
        for start, end in self._shown.places(text):
            if start >= offset:
                pieces += [text[offset:start], self.MARK]
            offset = max(offset, end)
        return "".join([*pieces, text[offset:]]) if pieces else text

    @property
    def knows_values(self) -> bool:
        """Whether there is a value to be looked for."""
        return bool(self._every)

    def value(self, value: str) -> str:
        """A value that is quoted, without the secrets that it holds."""
        shown = self.text(value)
        return self.MARK if self._is_told(shown) else shown

    def _may_tell(self, text: str) -> bool:
        """Whether anything in a text in which no secret value stands may say one all the same."""
        if not self._every or len(text) < self.SHORTEST:
            return False
        return any(map(self._every.stand_in, readings(text)))

    def _is_told(self, literal: str) -> bool:
        """Whether a literal in which no secret value stands says one all the same, or is one that is a word."""
        return self._may_tell(literal) and (self._spells(literal) or self._is_word(literal))

    def _spells(self, text: str) -> bool:
        """Whether a text in which no secret value stands says one with escapes or encoded."""
        return any(map(self._shown.stand_in, readings(text)))

    def _is_word(self, literal: str) -> bool:
        """Whether a literal, in quotes or not and however it is spelled, is a secret that is a word or holds a name.

        So does one that is such a word between colons: `admin:production` is a login and its password.
        """
        return any(
            self._held.stand_in(each) or not self._common.isdisjoint(each.strip(" \t\"'").split(":"))
            for each in readings(literal)
        )

    def about(self, span: Span | None, text: str, names: tuple[str, ...] = ()) -> str:
        """A text about a place, without what it quotes of the source that is hidden there, but for names."""
        if span is None:
            return text
        hidden = [span.file.text[start:end] for start, end, _ in self._within(_lines(span))]

        def unquoted(quote: re.Match[str]) -> str:
            is_name = quote["kind"] is not None or quote["said"] in names
            if is_name and self.text(quote["said"]) == quote["said"]:
                return quote[0]
            known = len(quote["said"]) >= self.SHORTEST and any(quote["said"] in each for each in hidden)
            return f"{quote['kind'] or ''}'{self.MARK}'" if known else quote[0]

        return _QUOTE.sub(unquoted, text) if hidden else text

    def source(self, span: Span) -> str:
        """The source of a span without the secrets that it holds, also where it cuts through one."""
        if span.start >= span.end or not self._ranges(span.file):
            return span.text
        text, offset, pieces = span.file.text, span.start, []
        for start, end, mark in self._within(span):
            pieces += [text[offset:start], mark]
            offset = end
        return "".join([*pieces, text[offset : span.end]])

    def literal(self, text: str) -> str:
        """A value that is written as a literal, without the secrets that it holds."""
        from pgflexlint.redaction.scan import secret_ranges  # noqa: PLC0415 - only for values

        if self._is_told(self.text(text)):
            return self.MARK
        found = [self._marked(text, start, end) for start, end in secret_ranges(text)]
        found += [(start, end, self.MARK) for start, end in self._shown.places(text)]
        pieces, offset = [], 0
        for start, end, mark in _disjoint(found):
            pieces += [text[offset:start], mark]
            offset = end
        return "".join([*pieces, text[offset:]])

    def hides(self, span: Span) -> bool:
        """Whether something is hidden in a span."""
        return any(True for _ in self._within(span))

    def widened(self, span: Span) -> Span:
        """The span with the whole of what is hidden at its ends, so that a part of that is not shown as such."""
        hidden = list(self._within(span))
        if not hidden:
            return span
        return Span(span.file, min(span.start, hidden[0][0]), max(span.end, hidden[-1][1]))

    def _within(self, span: Span) -> Iterator[tuple[int, int, str]]:
        hidden = self._ranges(span.file)
        for place in hidden[bisect_right(hidden, span.start, key=lambda place: place[1]) :]:
            if place[0] >= span.end:
                break
            yield place

    def _marked(self, text: str, start: int, end: int) -> tuple[int, int, str]:
        """A range and what stands for it, in the quotes that it has."""
        first, last = text[start : start + 1], text[end - 1 : end]
        quote = first if first in ('"', "'") else ""
        return start, end, f"{quote}{self.MARK}{quote if last == quote and end > start + 1 else ''}"

    def _ranges(self, file: SourceFile) -> list[tuple[int, int, str]]:
        """Where a file holds secrets, in order and disjoint, and what is shown instead.

        Values are looked for in the whole text: one that runs over several lines is found from each of them.
        """
        if file not in self._hidden:
            from pgflexlint.redaction.literals import in_broken_line, in_line  # noqa: PLC0415 - only for source
            from pgflexlint.redaction.scan import secret_ranges  # noqa: PLC0415

            text = file.text
            places = {(span.start, span.end) for span in self._spans if span.file.path == file.path}
            places.update(secret_ranges(text))
            for start, end in _lines_of(file, self._unread).values():
                places.update(in_line(text, start, end))
            broken = _lines_of(file, self._broken)
            for number, (start, end) in broken.items():
                places.update(in_broken_line(text, start, end, named=number - 1 not in broken))
            found = [self._marked(text, start, end) for start, end in places]
            found += [(start, end, self.MARK) for start, end in self._shown.places(text)]
            found += [self._marked(text, start, end) for start, end in self._copies(text)]
            self._hidden[file] = _disjoint(found)
        return self._hidden[file]

    def _copies(self, text: str) -> Iterator[tuple[int, int]]:
        """The literals that say a secret otherwise than by its value, or one that is a word."""
        from pgflexlint.redaction.literals import pieces, written_out  # noqa: PLC0415 - only for source

        if not self._may_tell(self.text(text)):
            return
        todo = [[(self.text(text[start:end]), start, end, is_value) for start, end, is_value in pieces(text)]]
        while todo:  # halved until each is alone: most texts say nothing
            some = todo.pop()
            if not self._may_tell("\0".join(shown for shown, *_ in some)):
                continue
            if len(some) > 1:
                todo += [some[: len(some) // 2], some[len(some) // 2 :]]
                continue
            ((shown, start, end, is_value),) = some
            if self._spells(shown) or (is_value and self._is_word(written_out(shown))):
                yield start, end


def is_no_word(text: str) -> bool:
    """Whether a text is not one that may stand elsewhere by chance."""
    return len(text) >= 8 and not (text.isalpha() or text.isdecimal())


def _spelled(value: str) -> Iterator[str]:
    """How a value is spelled: as it is, and in double and single quotes."""
    yield value
    if not value.isalnum():
        yield json.dumps(value, ensure_ascii=False)[1:-1]
        yield value.replace("\\", "\\\\").replace("'", "\\'")


def _disjoint(places: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Ranges with what stands for them in order, those that overlap as one."""
    merged: list[tuple[int, int, str]] = []
    for start, end, mark in sorted(places):
        if merged and start < merged[-1][1]:
            first, last, kept = merged[-1]
            merged[-1] = (first, max(last, end), max(kept, mark, key=len))
        else:
            merged.append((start, end, mark))
    return merged


def _lines(span: Span) -> Span:
    """The whole lines that a span touches."""
    file, last = span.file, span.last_line
    return Span(file, file.line_starts[span.first_line - 1], file.line_starts[last - 1] + len(file.line(last)))


def _lines_of(file: SourceFile, spans: Iterable[Span]) -> dict[int, tuple[int, int]]:
    """Where the lines of a file lie that some places touch, by their numbers."""
    numbers: set[int] = set()
    for span in spans:
        if span.file.path == file.path:
            numbers.update(range(span.first_line, span.last_line + 1))
    starts = file.line_starts
    return {number: (starts[number - 1], starts[number - 1] + len(file.line(number))) for number in numbers}
