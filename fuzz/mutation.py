"""Inputs made of others: words, lines and brackets are moved, doubled, lost and exchanged."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

LENGTH_LIMIT = 20_000
"""How long an input may become, in characters: what is made of length alone is in `tests/test_hostile.py`."""

_WORD = re.compile(r"[\w-]+|\s+|[^\w\s]")
_HOSTILE = (
    "", '"', "'", "'''", '"""', "`", "${", "%{", "$${", "}", "{", "(", ")", "[", "]", "\\", "\\u", "\\u{110000}",
    "\\ud800", "/*", "*/", "//", "#", "<<E\n", "<<-E\n", "\nE\n", "...", "[*]", ".*", "=>", "?", ":", "??", "::", "!",
    "-", ",", "\n", "\r", "\r\n", "\t", "\0", "\x1b[31m", "\u2028", "\x85", "\ufeff", "\u202e", "🐘", "é", "e\u0301",
    "::error::x", "##[group]x", "##vso[task.setvariable variable=x]y", "|", "<script>", "](x)", "%0A", "0x1F", "1e999",
    "1e-999", "9" * 30, "9" * 500, "-0", "0.0.0.0", "255.255.255.255/33", "::/0", "null", "true", "for", "if", "in",
    "each.key", "count.index", "var.x", "local.x", "module.m", "self", "../../../etc/passwd", "/dev/zero",
    "pgflexlint: ignore[PGF101]", "pgflexlint: ignore[", "#disable-next-line", "@secure()", "existing", "[[",
    "[concat(", "depends_on", "dynamic", "for_each", "count", "lifecycle", "provider", "$schema", "copy", "copyIndex()",
)  # fmt: skip
_PAIRS = (
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ('"', '"'),
    ("'", "'"),
    ("${", "}"),
    ("%{if x}", "%{endif}"),
    ("[for x in y : ", "]"),
    ("upper(", ")"),
)


class Mutator:
    """Makes inputs of seeds; the same ones for the same `Random`."""

    def __init__(self, seeds: Sequence[str]) -> None:
        """`seeds` are whole inputs; there is at least one."""
        self.seeds = seeds
        self._words = sorted({word for seed in seeds for word in _WORD.findall(seed) if not word.isspace()})

    def fresh(self, random: Random) -> str:
        """A seed, changed."""
        return self.changed(random.choice(self.seeds), random)

    def changed(self, text: str, random: Random) -> str:
        """The text after one change or a few."""
        for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            text = random.choice(self._changes)(self, text, random)
        return text[:LENGTH_LIMIT]

    def _word(self, random: Random) -> str:
        words: Sequence[str] = self._words if self._words and random.random() < 0.5 else _HOSTILE
        return random.choice(words)

    def _exchange(self, text: str, random: Random) -> str:
        start, end = _a_word(text, random)
        return text[:start] + self._word(random) + text[end:]

    def _insert(self, text: str, random: Random) -> str:
        start, _ = _a_word(text, random)
        return text[:start] + self._word(random) + text[start:]

    def _lose(self, text: str, random: Random) -> str:
        start, end = _a_range(text, random)
        return text[:start] + text[end:]

    def _double(self, text: str, random: Random) -> str:
        start, end = _a_range(text, random)
        return text[:end] + text[start:end] * random.choice((1, 1, 1, 2, 20)) + text[end:]

    def _move(self, text: str, random: Random) -> str:
        start, end = _a_range(text, random)
        rest = text[:start] + text[end:]
        at, _ = _a_word(rest, random)
        return rest[:at] + text[start:end] + rest[at:]

    def _enclose(self, text: str, random: Random) -> str:
        start, end = _a_range(text, random)
        opening, closing = random.choice(_PAIRS)
        times = random.choice((1, 1, 1, 2, 60, 300))
        return text[:start] + opening * times + text[start:end] + closing * times + text[end:]

    def _splice(self, text: str, random: Random) -> str:
        other = random.choice(self.seeds)
        start, end = _a_range(other, random)
        at, _ = _a_word(text, random)
        return text[:at] + other[start:end] + text[at:]

    def _cut(self, text: str, random: Random) -> str:
        return text[: random.randint(0, len(text))]

    def _line(self, text: str, random: Random) -> str:
        lines = text.splitlines(keepends=True) or [""]
        at = random.randrange(len(lines))
        line = random.choice((lines[random.randrange(len(lines))], "", lines[at] * 2, lines[at].rstrip()))
        return "".join([*lines[:at], line, *lines[at + 1 :]])

    def _character(self, text: str, random: Random) -> str:
        at = random.randint(0, len(text))
        return text[:at] + chr(random.choice((random.randrange(128), random.randrange(0xD800)))) + text[at + 1 :]

    _changes: tuple[Callable[[Mutator, str, Random], str], ...] = (
        _exchange, _exchange, _insert, _insert, _lose, _double, _move, _enclose, _splice, _cut, _line, _line,
        _character,
    )  # fmt: skip


def _a_word(text: str, random: Random) -> tuple[int, int]:
    match = _WORD.search(text, random.randint(0, len(text)))
    return match.span() if match else (len(text), len(text))


def _a_range(text: str, random: Random) -> tuple[int, int]:
    """From one word to another one that is not far, or a line."""
    start, end = _a_word(text, random)
    if random.random() < 0.3:
        return text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1 or len(text)
    _, end = _a_word(text[: start + random.choice((1, 10, 100, 1000))], Random(random.random()))
    return start, max(start, end)
