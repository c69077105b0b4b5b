"""Secrets are kept out of everything that is shown."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from pgflexlint.lazily import compiled
from pgflexlint.redaction.decode import readings
from pgflexlint.redaction.matcher import MultiMatcher
from pgflexlint.source import SourceFile, Span

_QUOTE = compiled(r"(?P<kind>(?:parameter|variable) (?='\w+'))?'(?P<said>[^']+)'")
"""A quotation in a sentence. After "parameter" or "variable" it is the name of an input, which is no secret."""


class _Hidden(NamedTuple):
    """A range of a text that is redacted."""

    start: int
    end: int
    mark: str
    """What is shown instead."""


class Redactor:
    """Keeps secrets out of everything that is shown. It redacts

    - secret values, wherever they are, and the places where secrets are written;
    - the whole of a literal that contains a secret value with escapes or encoded;
    - secret words, in literals only. These are secret values that are also in our own sentences or in names: a gap in a
      sentence or an address would give such a word away. The whole literal is redacted if it is the word, has it
      between colons, or contains it and it is no common word;
    - secrets that a text itself gives away, such as the literal behind `password =`, evaluated or not;
    - all literals in lines that were given up, and lines with a syntax error, except for the name at the beginning.
    """

    MARK = "[REDACTED]"
    SHORTEST = MultiMatcher.SHORTEST
    """Shorter secrets are redacted only where they are written."""

    def __init__(
        self,
        values: frozenset[str] = frozenset(),
        spans: tuple[Span, ...] = (),
        unread: tuple[Span, ...] = (),
        broken: tuple[Span, ...] = (),
        words: frozenset[str] = frozenset(),
    ) -> None:
        """`values` and `words` are the secrets, `spans` the places where secrets are written, `unread` the places that
        were given up, and `broken` the places with a syntax error."""
        self._values, self._words = values, words
        self._common = frozenset(word.strip() for word in words if not is_uncommon(word))
        self._uncommon = MultiMatcher(filter(is_uncommon, words))
        self._shown = MultiMatcher(spelled for value in values for spelled in _spelled(value.strip()))
        self._every = MultiMatcher(values | words)
        self._spans, self._unread, self._broken = spans, unread, broken
        self._hidden: dict[SourceFile, list[_Hidden]] = {}

    def with_unread(self, spans: Iterable[Span]) -> Redactor:
        """The same with more places that were given up."""
        return Redactor(self._values, self._spans, (*self._unread, *spans), self._broken, self._words)

    def with_broken(self, spans: Iterable[Span]) -> Redactor:
        """The same with more places that have a syntax error."""
        return Redactor(self._values, self._spans, self._unread, (*self._broken, *spans), self._words)

    def text(self, text: str) -> str:
        """A text without the secrets in it."""
        if not self._shown:
            return text
        return _replaced(text, _disjoint(self._copies_of_values(text)))

    @property
    def knows_values(self) -> bool:
        """Whether there are secret values or words."""
        return bool(self._every)

    def value(self, value: str) -> str:
        """A quoted value without the secrets in it."""
        shown = self.text(value)
        return self.MARK if self._is_hidden_as_whole(shown) else shown

    def _may_say_secret(self, text: str) -> bool:
        """Whether a secret is in any reading of a text: a quick test before the exact ones."""
        return bool(self._every) and len(text) >= self.SHORTEST and any(map(self._every.stand_in, readings(text)))

    def _is_hidden_as_whole(self, literal: str) -> bool:
        """Whether a whole literal is redacted. Secret values in it were redacted before."""
        return self._may_say_secret(literal) and (self._says_value(literal) or self._says_word(literal))

    def _says_value(self, text: str) -> bool:
        """Whether a text contains a secret value with escapes or encoded."""
        return any(map(self._shown.stand_in, readings(text)))

    def _says_word(self, literal: str) -> bool:
        """Whether a literal is a secret word, has one between colons (`admin:production`), or contains an uncommon one.

        The literal may be with or without its quotes. The word may have escapes or be encoded.
        """
        return any(
            self._uncommon.stand_in(each) or not self._common.isdisjoint(each.strip(" \t\"'").split(":"))
            for each in readings(literal)
        )

    def about(self, span: Span | None, text: str, names: tuple[str, ...] = ()) -> str:
        """A text about a place. What it quotes of redacted source at this place is redacted, except for `names`."""
        if span is None:
            return text
        hidden = [span.file.text[each.start : each.end] for each in self._within(_lines(span))]

        def unquoted(quote: re.Match[str]) -> str:
            is_name = quote["kind"] is not None or quote["said"] in names
            if is_name and self.text(quote["said"]) == quote["said"]:
                return quote[0]
            known = len(quote["said"]) >= self.SHORTEST and any(quote["said"] in each for each in hidden)
            return f"{quote['kind'] or ''}'{self.MARK}'" if known else quote[0]

        return _QUOTE.sub(unquoted, text) if hidden else text

    def source(self, span: Span) -> str:
        """The source of a span without secrets, even if the span begins or ends inside one."""
        if span.start >= span.end or not self._ranges(span.file):
            return span.text
        return _replaced(span.file.text, self._within(span), span.start, span.end)

    def literal(self, text: str) -> str:
        """A literal without the secrets in it."""
        from pgflexlint.redaction.scan import secret_ranges  # noqa: PLC0415 - only for values

        if self._is_hidden_as_whole(self.text(text)):
            return self.MARK
        found = (self._marked(text, start, end) for start, end in secret_ranges(text))
        return _replaced(text, _disjoint(chain(found, self._copies_of_values(text))))

    def hides(self, span: Span) -> bool:
        """Whether something in a span is redacted."""
        return any(True for _ in self._within(span))

    def widened(self, span: Span) -> Span:
        """The span, extended to the whole of the redacted ranges at its ends, so that no part of them is shown."""
        hidden = list(self._within(span))
        if not hidden:
            return span
        return Span(span.file, min(span.start, hidden[0].start), max(span.end, hidden[-1].end))

    def _within(self, span: Span) -> Iterator[_Hidden]:
        """The redacted ranges that overlap a span."""
        hidden = self._ranges(span.file)
        for place in hidden[bisect_right(hidden, span.start, key=lambda place: place.end) :]:
            if place.start >= span.end:
                break
            yield place

    def _marked(self, text: str, start: int, end: int) -> _Hidden:
        """A range with its mark, which has the quotes of the range."""
        first, last = text[start : start + 1], text[end - 1 : end]
        quote = first if first in ('"', "'") else ""
        return _Hidden(start, end, f"{quote}{self.MARK}{quote if last == quote and end > start + 1 else ''}")

    def _copies_of_values(self, text: str) -> Iterator[_Hidden]:
        """The ranges of secret values in a text."""
        return (_Hidden(start, end, self.MARK) for start, end in self._shown.places(text))

    def _ranges(self, file: SourceFile) -> list[_Hidden]:
        """The redacted ranges of a file, in order and disjoint.

        The whole text is searched, so that a value with several lines is redacted in each of them.
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
            places.update(self._copies(text))
            found = (self._marked(text, start, end) for start, end in places)
            self._hidden[file] = _disjoint(chain(found, self._copies_of_values(text)))
        return self._hidden[file]

    def _copies(self, text: str) -> Iterator[tuple[int, int]]:
        """The literals and comments that are redacted as a whole."""
        from pgflexlint.redaction.literals import pieces, written_out  # noqa: PLC0415 - only for source

        if not self._may_say_secret(self.text(text)):
            return
        todo = [[(self.text(text[start:end]), start, end, is_value) for start, end, is_value in pieces(text)]]
        while todo:  # bisect: most texts contain no secret
            some = todo.pop()
            if not self._may_say_secret("\0".join(shown for shown, *_ in some)):
                continue
            if len(some) > 1:
                todo += [some[: len(some) // 2], some[len(some) // 2 :]]
                continue
            ((shown, start, end, is_value),) = some
            if self._says_value(shown) or (is_value and self._says_word(written_out(shown))):
                yield start, end


def is_uncommon(text: str) -> bool:
    """Whether a text is found nowhere by chance: it is long, and neither a word nor a number."""
    return len(text) >= 8 and not (text.isalpha() or text.isdecimal())


def _spelled(value: str) -> Iterator[str]:
    """The spellings of a value: as it is, and in double and single quotes."""
    yield value
    if not value.isalnum():
        yield json.dumps(value, ensure_ascii=False)[1:-1]
        yield value.replace("\\", "\\\\").replace("'", "\\'")


def _disjoint(places: Iterable[_Hidden]) -> list[_Hidden]:
    """Ranges in order, with overlapping ones merged."""
    merged: list[_Hidden] = []
    for place in sorted(places):
        if merged and place.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = _Hidden(last.start, max(last.end, place.end), max(last.mark, place.mark, key=len))
        else:
            merged.append(place)
    return merged


def _replaced(text: str, hidden: Iterable[_Hidden], start: int = 0, end: int | None = None) -> str:
    """A text, or a part of it, with marks in place of the redacted ranges."""
    pieces = []
    for each in hidden:
        pieces += [text[start : each.start], each.mark]
        start = each.end
    return "".join([*pieces, text[start:end]])


def _lines(span: Span) -> Span:
    """The whole lines that a span touches."""
    file, last = span.file, span.last_line
    return Span(file, file.line_starts[span.first_line - 1], file.line_starts[last - 1] + len(file.line(last)))


def _lines_of(file: SourceFile, spans: Iterable[Span]) -> dict[int, tuple[int, int]]:
    """By line number, the ranges of the lines of a file that some places touch."""
    numbers: set[int] = set()
    for span in spans:
        if span.file.path == file.path:
            numbers.update(range(span.first_line, span.last_line + 1))
    starts = file.line_starts
    return {number: (starts[number - 1], starts[number - 1] + len(file.line(number))) for number in numbers}
