"""Searches a text for many other texts at the same time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator


class MultiMatcher:
    """Searches a text once for any number of other texts."""

    SHORTEST = 4
    """Shorter texts are not searched for."""
    FEW = 200
    """How many ways to start the search itself tells apart."""
    NESTED = 64
    """How many of them may begin with one another, as `abcd` begins `abcde`. Where there are more, the longest of these
    is taken to begin all further ones, so that as much is found as the longest of them has."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: list[str] = []
        """In alphabetical order: whatever a piece begins with, the last text before the piece begins with it too."""
        self._shorter: list[int] = []
        """For each text the longest other one that it begins with, or -1."""
        self._lengths: list[int] = []
        """How much is taken where a text is found."""
        begins: list[int] = []
        for text in sorted({bare for each in texts if len(bare := each.strip()) >= self.SHORTEST}):
            while begins and not text.startswith(self._texts[begins[-1]]):
                begins.pop()
            if len(begins) == self.NESTED:
                self._lengths[begins[-1]] = max(self._lengths[begins[-1]], len(text))
                continue
            self._shorter.append(begins[-1] if begins else -1)
            begins.append(len(self._texts))
            self._texts.append(text)
            self._lengths.append(len(text))
        self._longest: dict[str, int] = defaultdict(int)
        """How much is taken at most, by how a text starts."""
        for text, length in zip(self._texts, self._lengths, strict=True):
            start = text[: self.SHORTEST]
            self._longest[start] = max(self._longest[start], length)
        self._start = self._starts()

    def _starts(self) -> re.Pattern[str]:
        """The expression for how they start."""
        rests: dict[str, list[str]] = defaultdict(list)
        for start in self._longest:
            rests[re.escape(start[0])].append(re.escape(start[1:]))
        few = len(self._longest) <= self.FEW
        starts = (f"{initial}(?={'|'.join(rest)})" if few else initial for initial, rest in rests.items())
        return re.compile("|".join(starts) or r"(?!)")

    def __bool__(self) -> bool:
        return bool(self._texts)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """The ranges where they are in a text, in order. Of several at one place, the longest."""
        for at in self._candidates(text):
            found = next(self._found(text, at), None)
            if found is not None:
                yield at, min(at + self._lengths[found], len(text))

    def within(self, text: str) -> frozenset[str]:
        """Those that are in a text."""
        return frozenset(self._texts[found] for at in self._candidates(text) for found in self._found(text, at))

    def stand_in(self, text: str) -> bool:
        """Whether one of them is in a text."""
        return any(True for _ in self.places(text))

    def _candidates(self, text: str) -> Iterator[int]:
        """Offsets at which one of them may be."""
        return (start.start() for start in self._start.finditer(text)) if self else iter(())

    def _found(self, text: str, at: int) -> Iterator[int]:
        """Those that are at an offset, the longest first."""
        longest = self._longest.get(text[at : at + self.SHORTEST])
        if longest is None:
            return
        piece = text[at : at + longest]
        index = bisect_right(self._texts, piece) - 1
        while index >= 0:
            if piece.startswith(self._texts[index]):
                yield index
            index = self._shorter[index]
