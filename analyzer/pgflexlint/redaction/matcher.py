"""Many texts are looked for in another one, all at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator


class MultiMatcher:
    """Texts that are looked for in others, all at once: however many there are, one is gone through once."""

    SHORTEST = 4
    """Shorter ones are not looked for."""
    FEW = 200
    """How many ways to start the search itself tells apart."""
    LENGTHS = 64
    """How many lengths of those that start alike are tried one by one."""
    STEPS = 8
    """How often it is looked for the next of more of them, before as much is taken as the longest has."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = frozenset(bare for text in texts if len(bare := text.strip()) >= self.SHORTEST)
        lengths: dict[str, set[int]] = defaultdict(set)
        for text in self._texts:
            lengths[text[: self.SHORTEST]].add(len(text))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}
        """How long those are that start so, the longest first."""
        crowded = {start for start, found in lengths.items() if len(found) > self.LENGTHS}
        self._crowded: dict[str, list[str]] = defaultdict(list)
        for text in sorted(self._texts) if crowded else ():
            if text[: self.SHORTEST] in crowded:
                self._crowded[text[: self.SHORTEST]].append(text)
        rests: dict[str, list[str]] = defaultdict(list)
        for start in sorted(lengths):
            rests[re.escape(start[0])].append(re.escape(start[1:]))
        few = len(lengths) <= self.FEW
        starts = (f"{initial}(?={'|'.join(rest)})" if few else initial for initial, rest in rests.items())
        self._initial = re.compile("|".join(starts) or r"(?!)")

    def __bool__(self) -> bool:
        return bool(self._texts)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they stand in a text, in order; of several at one place it is the longest."""
        for initial in self._initial.finditer(text):
            at = initial.start()
            longest = next(self._starting(text, at), None)
            if longest is not None:
                yield at, at + longest

    def within(self, text: str) -> frozenset[str]:
        """Those that stand in a text."""
        starts = (initial.start() for initial in self._initial.finditer(text))
        found = (text[at : at + length] for at in starts for length in self._starting(text, at))
        return self._texts.intersection(found)

    def stand_in(self, text: str) -> bool:
        """Whether one of them stands in a text."""
        return any(True for _ in self.places(text))

    def _starting(self, text: str, at: int) -> Iterator[int]:
        start = text[at : at + self.SHORTEST]
        if start in self._crowded:
            yield from self._beginning(self._crowded[start], text[at : at + self._lengths[start][0]])
            return
        for length in self._lengths.get(start, ()):
            if at + length <= len(text) and text[at : at + length] in self._texts:
                yield length

    def _beginning(self, texts: list[str], piece: str) -> Iterator[int]:
        """The lengths of those of some sorted texts that a piece begins with, the longest first."""
        left = piece
        for _ in range(self.STEPS):
            at = bisect_right(texts, left)
            if not at or len(left) < self.SHORTEST:
                return
            near = texts[at - 1]
            if left.startswith(near):
                yield len(near)
                left = near[:-1]
            else:
                left = left[: _in_common(near, left)]
        yield len(piece)


def _in_common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if one[:middle] == other[:middle] else (least, middle - 1)
    return least
