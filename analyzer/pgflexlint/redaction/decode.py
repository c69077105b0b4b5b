"""Reads a text as it is, without the escapes of a language, and decoded."""

from __future__ import annotations

import re
from binascii import a2b_base64
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pgflexlint.lazily import compiled

TIMES = 3
"""How often a text is decoded: encodings may be nested."""
_BASE64 = compiled(r"[A-Za-z0-9+/]{6,}={0,2}")
_BACKSLASHED = r"\\(?:u([0-9A-Fa-f]{4})|U000([0-9A-Fa-f]{5})|u\{0{0,3}([0-9A-Fa-f]{1,5})\}|(.))"
_ESCAPE = compiled(_BACKSLASHED)
"""An escape in a string of JSON, HCL or Bicep."""
_ESCAPE_IN_QUOTES = compiled(rf"{_BACKSLASHED}|'(')")
"""The same in single quotes, where an expression of a template doubles a quote."""
_OPENS_COMMENT = compiled(r"#+|//+|/\*+")
_LINE_OF_COMMENT = compiled(r"(?<=[\r\n])[ \t]*(?:#+|//+|\*+(?=\s))")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t"}
_DOUBLED = compiled(r"'(?=')|\$(?=\$\{)|%(?=%\{)")
"""The first half of a doubled character, which escapes it in HCL or in an expression of a template."""


def readings(text: str) -> Iterable[str]:
    """A text itself, then the text without escapes or decoded, up to `TIMES` times."""
    found = {text: None}
    latest = [text]
    for _ in range(TIMES):
        latest = list(dict.fromkeys(each for one in latest for each in _read(one) if each not in found))
        found |= dict.fromkeys(latest)
    return found


class Reading:
    """A part of a text as somebody reads it. It knows where each character is written."""

    def __init__(self, text: str, start: int, end: int, changes: Iterable[tuple[int, int, str]]) -> None:
        """The `changes` are ranges of the text, in order, each with what is read there instead."""
        pieces: list[str] = []
        self._read, self._written = [0], [start]
        """Offsets in the result, and the same places in the text: the beginning, and both ends of each change."""
        length, at = 0, start
        for first, last, meant in changes:
            pieces += [text[at:first], meant]
            length += first - at
            self._read += [length, length + len(meant)]
            self._written += [first, last]
            length, at = length + len(meant), last
        self.text = "".join([*pieces, text[at:end]])

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where a range of the result is written in the text."""
        first, last = (bisect_right(self._read, at) - 1 for at in (start, end))
        return self._written[first] + start - self._read[first], self._written[last] + end - self._read[last]


def unescaped(text: str, start: int, end: int, kept: Sequence[tuple[int, int]]) -> Reading:
    """A string without its escapes.

    In the `kept` ranges, which are in order, a backslash is no escape, or one of a string inside.
    """
    escapes = _ESCAPE_IN_QUOTES if text.startswith("'", start - 1) else _ESCAPE
    begins, ends = zip(*kept, strict=True) if kept else ((), ())
    between = zip((start, *ends), (*begins, end), strict=True)
    found = chain.from_iterable(escapes.finditer(text, *piece) for piece in between)
    return Reading(text, start, end, ((*escape.span(), _meant(escape)) for escape in found))


def uncommented(text: str, start: int, end: int) -> Reading:
    """A comment without the signs that open it and begin its lines."""
    opening = _OPENS_COMMENT.match(text, start)
    begin = opening.end() if opening else start
    return Reading(text, begin, end, ((*sign.span(), "") for sign in _LINE_OF_COMMENT.finditer(text, begin, end)))


def _meant(escape: re.Match[str]) -> str:
    """The character that an escape stands for."""
    group = escape.lastindex or 0
    return chr(int(escape[group], 16)) if group < 4 else _CONTROL.get(escape[group], escape[group])


def _read(text: str) -> Iterator[str]:
    """A text decoded once: as a part of a URL, as a string of a language, and as base64 or with base64 in it."""
    if "%" in text or "+" in text:
        from urllib.parse import unquote_plus  # noqa: PLC0415  hardly ever needed

        yield unquote_plus(text)
    if "\\" in text:
        yield _ESCAPE.sub(_meant, text)
    if "''" in text or "$${" in text or "%%{" in text:
        yield _DOUBLED.sub("", text)
    yield from filter(None, map(from_base64, dict.fromkeys(_BASE64.findall(text))))


def from_base64(text: str) -> str | None:
    """The text that is written in base64, padded or not; `None` if it is none."""
    bare = "".join(text.split()).rstrip("=")
    try:
        content = a2b_base64(bare + "=" * (-len(bare) % 4))
        return content.decode("utf-8" if b"\0" not in content else "utf-16-be" if content[0] == 0 else "utf-16")
    except ValueError:
        return None
