"""Finds the secrets that a text itself gives away, evaluated or not. This is how it works.

A name such as "password" says that its value is a secret (`names`). An `Outline` says what in a text is a string, a
comment or an object, so that `detectors` find the values of such names, and secrets that need no name, such as those in
a URL. Each string and comment that holds such a name is then read as a text of its own, without escapes and without the
signs of a comment, and searched in the same way, several levels deep; so is base64. The text in a string may be of any
language: it is read as YAML and XML as well, and a value without quotes goes on to the end of its line. Where a secret
is put into a text, as by `format("password=%s", …)`, what is put in is hidden instead (`arguments`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pgflexlint.lazily import compiled
from pgflexlint.redaction.arguments import put_in
from pgflexlint.redaction.decode import Reading, from_base64, uncommented, unescaped
from pgflexlint.redaction.detectors import HOLES, detected, merged, names_in
from pgflexlint.redaction.literals import literals, texts
from pgflexlint.redaction.outline import Outline, Range, content, holes, is_raw, line_end, outline_of

LEVELS = 6
"""How deep the strings in strings are that are searched."""
_ONLY_HOLES = compiled(rf"(?:{HOLES})?")
"""A secret of which nothing is written where it stands."""
_BASE64 = compiled(
    r"(?<![\w+/])[A-Za-z][A-Za-z0-9+/]{23,}+"
    r"(?:(?:\r\n?|\n)[ \t]{0,80}+[A-Za-z0-9+/]{4,}+(?=={0,2}[ \t]{0,80}(?:[\r\n\"']|$))){0,2000}+={0,2}"
)
"""Matches what may be a text in base64, in one line or more."""


def secret_ranges(text: str) -> Iterator[Range]:
    """The ranges of secrets in a text, in no order.

    Where a secret is put in, as by `%s` or `${…}`, it is what the hole holds or what the call is given.
    """
    for start, end in _found(text, outline_of(text), LEVELS):
        if _ONLY_HOLES.fullmatch(text, start, end):
            yield from literals(text, start, end)
        else:
            yield start, end


def _found(text: str, outline: Outline, levels: int) -> list[Range]:
    """The ranges of secrets, and of the holes where they are put in, in order.

    Each detector searches the whole text. Then the texts inside are searched likewise, as they may hold strings of
    their own. `levels` is how deep.
    """
    found = detected(text, outline)
    found.update(run.span() for run in _BASE64.finditer(text) if levels and _hides_secret(run[0], levels - 1))
    for inner, stop in _inside(text, outline) if levels else ():
        for place in _found(inner.text, Outline(inner.text, inner=True), levels - 1):
            first, last = inner.written(*place)
            found.add((first, line_end(text, last) if stop is not None and last >= stop else last))
    in_order = merged(found)
    return [*in_order, *put_in(text, outline, in_order)]


def _hides_secret(encoded: str, levels: int) -> bool:
    """Whether a text with a secret in it is written in base64."""
    meant = from_base64(encoded)
    return meant is not None and bool(_found(meant, Outline(meant, inner=True), levels))


def _inside(text: str, outline: Outline) -> Iterator[tuple[Reading, int | None]]:
    """The comments and strings of a text that hold a secret's name, as they are read.

    If a string may end elsewhere, with the place from which on a secret in it goes on to the end of the line.
    """
    places = [name.start() for name in names_in(text)]
    for comment in filter(None, dict.fromkeys(map(outline.comment, places))):
        yield uncommented(text, *comment), None
    for string in filter(None, dict.fromkeys(map(outline.string, places))):
        for each in texts(text, *string):
            inner = content(text, each)
            stop = inner[1] if outline.is_in_doubt(each) else None
            for kept in _kept(text, outline, each):
                yield unescaped(text, *inner, kept), stop


def _kept(text: str, outline: Outline, string: Range) -> Iterable[list[Range]]:
    """In which ranges of a string a backslash is no escape: one answer, or both where it may be one of a shell."""
    inner = content(text, string)
    raw = is_raw(text, string)
    if not raw:
        yield holes(text, *inner)
    if raw or (outline.inner and text[string[0]] == "'" and text.find("\\", *inner) >= 0):
        yield [inner]
