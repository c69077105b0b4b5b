"""Finds the mappings and sequences in a text as YAML has them, by the indentation of its lines.

It needs no valid YAML: the text may hold directives of a template, or be cut off. So no library can read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pgflexlint.lazily import compiled


class Member(NamedTuple):
    """A value in a mapping or a sequence."""

    key: str
    """It is "" in a sequence."""
    said: str
    """What stands behind the key or the dash in the same line, without quotes and without a comment. It is "" if that
    is a mapping or a sequence itself."""
    start: int
    """Behind the key or the dash."""
    end: int
    """Where the next member begins."""


_LINE = compiled(
    r"(?<![^\r\n])(?P<directives>(?:[ \t]*+%\{[^}\r\n]*+\})*+)(?P<indent>[ \t]*+)(?!\#|%\{|[\r\n]|$)[^\r\n]++"
)
"""A line that says something. Comments and directives of a template may stand in any column."""
_OPENED = compiled(r"(?P<dashes>(?:-[ \t]++)*+)(?:[^\"']|\"[^\"]*+\"|'[^']*+')*+[\"']")
_DASH = compiled(r"-(?:[ \t]++|(?=[\r\n]|$))")
_KEY = compiled(
    r"(?P<key>\"[^\"\r\n]{0,200}+\"(?![ \t]*:[ \t]*[{\[])|'[^'\r\n]{0,200}+'|[^\s\"'][^\r\n]{0,200}?)"
    r"[ \t]{0,80}+(?::(?=\s|$)|=(?=[ \t]*(?:[\r\n]|$)))"
)
"""A key; also the name of an option in INI whose value is in the lines below.

One in double quotes in front of a bracket is left out: it is JSON."""


def collections(text: str, *, quoted: bool = False) -> Iterator[list[Member]]:
    """The members of each mapping and each sequence in a text, inner ones first.

    With `quoted`, a line begins behind a quote that is not closed in it, as in `echo 'kind: Secret`.

    A mapping is as deep as the column of its keys. The dashes of a sequence may stand in the column of the key above,
    so a sequence is a half deeper: depths are counted in halves of a column.
    """
    around: list[tuple[int, list[Member]]] = []
    for line in _LINE.finditer(text):
        at = line.end("indent")
        column = at - line.start("indent")
        opened = _OPENED.match(text, at, line.end()) if quoted else None
        if opened and any(sign.match(text, opened.end(), line.end()) for sign in (_DASH, _KEY)):
            column, at = column + len(opened["dashes"]), opened.end()
        begun: list[tuple[int, str, int]] = []  # the depth, the key and the start of each member
        while dash := _DASH.match(text, at, line.end()):
            begun.append((2 * column + 1, "", dash.end()))
            column += dash.end() - at
            at = dash.end()
        if key := _KEY.match(text, at, line.end()):
            begun.append((2 * column, key["key"].strip("\"'"), key.end()))
        deepest = begun[0][0] if begun else 2 * column - 1
        while around and around[-1][0] > deepest:
            yield _ended(around.pop()[1], line.start())
        for number, (depth, name, start) in enumerate(begun, 1):
            said = text[start : line.end()].split(" #", 1)[0].strip(" \t\"'") if number == len(begun) else ""
            if around and around[-1][0] == depth:
                _ended(around[-1][1], line.start())
            else:
                around.append((depth, []))
            around[-1][1].append(Member(name, said, start, len(text)))
    yield from (members for _, members in around)


def _ended(members: list[Member], end: int) -> list[Member]:
    """Members of which the last one ends there."""
    members[-1] = members[-1]._replace(end=end)
    return members
