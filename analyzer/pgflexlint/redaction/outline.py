"""Finds the strings, comments and objects of a text of Terraform, Bicep or JSON.

The search is lexical. So it covers text that nothing evaluates, and text that is no valid source.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import TypeAlias

from pgflexlint.lazily import compiled

Range: TypeAlias = tuple[int, int]
"""A half-open range of offsets."""
REACH = 20_000
"""How many characters of a value are searched."""
NEAR = 2_000
"""How many characters before and behind the name of an item its value is looked for."""
_ITEM = compiled(r"\$\{[^{}]{0,200}\}|(?P<border>[{}]|[\r\n][ \t]{0,80}(?:-[ \t]|---|\[\[\w)|/>|</\w)")
"""Matches where an item begins or ends: an object, an element of a list in YAML, a table of TOML, an element of XML."""
_TOKEN = compiled(r"""["']|<<[-~]?(?P<marker>\w+)[ \t]*(?=[\r\n])|[\[({\])},;]|\r\n?|\n|\#|//|/\*""")
_IN_STRING = compiled(r"""\\.|\$\$\{|\$\{|["'{}]|[\r\n]""")
_CLOSES_COMMENT = compiled(r"\*/")
_TO_NEXT_LINE = compiled(r"[ \t]*(?:\r\n?|\n)[ \t]*")
LINE_BREAK = compiled(r"[\r\n]")
_GOES_ON = compiled(r"\s*[?:]")
_DECLARES = compiled(
    r"\"type\"\s{0,80}:\s{0,80}\"(?:(?i:(?:secure)?(?:string|object)|int|bool|array)\"|[A-Za-z]+(?:\.[A-Za-z]+)+/)"
)


_AFTER_STRING = compiled(r"[\s,;:)\]}=<>?&|+./]|$")
_LACKS_VALUE = compiled(r"[=:][ \t]*$")
_AFTER_EMPTY = compiled(r"[ \t]*(?:[,)\]}\r\n]|$)")
"""They match what may stand behind a string, and behind one that ends where a value is expected."""


class Outline:
    """The strings, comments and objects of a text. They are found when one of them is first asked for."""

    def __init__(self, text: str, *, inner: bool = False) -> None:
        self._text = text
        self.inner = inner
        """Whether the text is that of a string or comment, and no source."""

    @property
    def strings(self) -> list[Range]:
        """The strings and heredocs."""
        return self._found[0]

    @property
    def comments(self) -> list[Range]:
        """The comments. Those in lines that follow one another are one."""
        return self._found[2]

    @cached_property
    def _found(self) -> tuple[list[Range], list[list[int]], list[Range], list[Range]]:
        """The strings, the objects, the comments and the borders of the objects.

        An object is where it starts, where it ends and the index of the object around it, or -1. A border is where an
        object starts or ends, with the index of the innermost object behind it, or -1.
        """
        text, position = self._text, 0
        strings: list[Range] = []
        comments: list[Range] = []
        objects: list[list[int]] = []
        borders: list[Range] = [(0, -1)]
        innermost = -1
        while (match := _TOKEN.search(text, position)) is not None:
            token, position = match[0], match.end()
            if token in "\"'":
                position = _string_end(text, match.start(), len(text))
                strings.append((match.start(), position))
            elif match["marker"]:
                position = _heredoc_end(text, match)
                strings.append((match.start(), position))
            elif token in ("#", "//", "/*"):
                start, position = match.start(), _comment_end(text, match)
                if comments and _TO_NEXT_LINE.fullmatch(text, comments[-1][1], start):
                    start, _ = comments.pop()
                comments.append((start, position))
            elif token == "{":
                objects.append([position, len(text), innermost])
                innermost = len(objects) - 1
                borders.append((position, innermost))
            elif token == "}" and innermost >= 0:
                objects[innermost][1] = match.start()
                innermost = objects[innermost][2]
                borders.append((match.start(), innermost))
        return strings, objects, comments, borders

    def string(self, at: int) -> Range | None:
        """The string or heredoc that a place is in."""
        return _around(self._found[0], at)

    def certain_string(self, at: int) -> Range | None:
        """The same, unless the string is in doubt."""
        string = self.string(at)
        return None if string and self.is_in_doubt(string) else string

    def is_in_doubt(self, string: Range) -> bool:
        """Whether a string may end elsewhere.

        Something stands directly behind it, or in the text of a string, it is not closed or lacks a value at its end:
        there an apostrophe pairs with whatever comes next, as in `sh -c 'PGPASSWORD='…' psql'`.
        """
        text, (start, end) = self._text, string
        if not self.inner or text[start] == "<":
            return not _AFTER_STRING.match(text, end)
        is_open = end == start + 1 or text[end - 1] != text[start]
        behind = _AFTER_EMPTY if ends_with(text, end - 1, _LACKS_VALUE) else _AFTER_STRING
        return is_open or not behind.match(text, end)

    def comment(self, at: int) -> Range | None:
        """The comment that a place is in."""
        return _around(self._found[2], at)

    def object(self, at: int) -> Range | None:
        """The innermost object or block that a place is in."""
        _, objects, _, borders = self._found
        index = borders[bisect_right(borders, at, key=itemgetter(0)) - 1][1]
        return (objects[index][0], objects[index][1]) if index >= 0 else None

    @cached_property
    def _item_borders(self) -> list[int]:
        """Where items begin or end in a text without braces, in order."""
        return [match.start() for match in _ITEM.finditer(self._text) if match["border"]]

    def item(self, start: int, end: int) -> Range:
        """The item of a list in YAML, table of TOML or element of XML that a range is in, or what of it is near."""
        borders = self._item_borders
        before, behind = bisect_right(borders, start), bisect_left(borders, end)
        first = borders[before - 1] if before else 0
        last = borders[behind] if behind < len(borders) else len(self._text)
        return max(first, start - NEAR), min(last, end + NEAR)

    @cached_property
    def declarations(self) -> frozenset[int]:
        """Where the objects start that are declarations in JSON: of a parameter, an output, a type or a resource."""
        objects = (self.object(match.start()) for match in _DECLARES.finditer(self._text))
        return frozenset(each[0] for each in objects if each)

    def block_end(self, start: int) -> int:
        """The end of the block whose opening brace is before `start`. It may be in a comment."""
        block = self.object(start)
        return block[1] if block and block[0] == start else max(start, self._text.find("}", start, start + REACH))


@lru_cache(maxsize=4)
def outline_of(text: str) -> Outline:
    """The outline of a text (cached)."""
    return Outline(text)


def is_raw(text: str, string: Range) -> bool:
    """Whether a backslash is no escape in a string: in a heredoc, and in a multi-line string of Bicep."""
    return text.startswith(("<", "'''"), string[0])


def content(text: str, string: Range) -> Range:
    """The range inside the quotes of a string, or between the lines that open and close a heredoc."""
    start, end = string
    if text[start] == "<":
        return line_end(text, start), max(line_end(text, start), text.rfind("\n", start, end))
    quote = "'''" if is_raw(text, string) else text[start]
    start += len(quote)
    return start, max(start, end - len(quote)) if text.endswith(quote, start, end) else end


def holes(text: str, start: int, end: int) -> list[Range]:
    """The interpolations such as `${f("a")}` in the text of a string.

    Where something in one is escaped, as in JSON, the whole text is; there are no interpolations before it is read.
    """
    found: list[Range] = []
    inside: list[str] = []
    begun = start
    for match in _IN_STRING.finditer(text, start, end):
        piece = match[0]
        if not inside:
            if piece == "${":
                begun = match.start()
                inside.append("{")
        elif inside[-1] == "{":
            if piece[0] == "\\":
                return []
            if piece == "}":
                inside.pop()
                found += () if inside else [(begun, match.end())]
            elif piece in ('"', "'", "{", "${"):
                inside.append(piece[-1])
        elif piece == "${":
            inside.append("{")
        elif piece == inside[-1]:
            inside.pop()
    return found


def expression(text: str, start: int, limit: int) -> Iterator[Range]:
    """The strings and heredocs of the one expression that starts at `start`.

    The last range is no string: it is from the end of this expression to the start of the next one.
    """
    depth, position = 0, start
    while (match := _TOKEN.search(text, position, limit)) is not None:
        token, position = match[0], match.end()
        if token in ('"', "'"):
            position = _string_end(text, match.start(), limit)
            yield match.start(), position
        elif match["marker"]:
            position = _heredoc_end(text, match)
            yield match.start(), position
        elif token in ("#", "//", "/*"):
            position = _comment_end(text, match)
        elif token in ("[", "(", "{"):
            depth += 1
        elif token in ("]", ")", "}") and depth:
            depth -= 1
        elif depth == 0 and not (token in ("\r\n", "\n", "\r") and _GOES_ON.match(text, position)):
            yield match.start(), position
            return
    yield limit, limit


def strings_between(text: str, start: int, end: int) -> Iterator[Range]:
    """The strings and heredocs of a range."""
    while start < end:
        *found, (_, start) = expression(text, start, end)
        yield from found


def ends_with(text: str, end: int, pattern: re.Pattern[str]) -> bool:
    """Whether a pattern that ends with `$` fits the text before `end`."""
    return pattern.search(text[max(0, end - 80) : end]) is not None


def line_end(text: str, start: int) -> int:
    """Where the line ends that a place is in."""
    return next_sign(text, LINE_BREAK, start)


def next_sign(text: str, signs: re.Pattern[str], start: int) -> int:
    """Where the first of some signs is from a place on; the end of the text if there is none."""
    places = _places(text, signs)
    index = bisect_left(places, start)
    return places[index] if index < len(places) else len(text)


@lru_cache(maxsize=8)
def _places(text: str, signs: re.Pattern[str]) -> list[int]:
    """The places of some signs in a text (cached, so that a long line is not searched anew from each place in it)."""
    return [match.start() for match in signs.finditer(text)]


def _around(ranges: list[Range], at: int) -> Range | None:
    """That of some ranges, which are in order and disjoint, that a place is in."""
    index = bisect_right(ranges, at, key=itemgetter(0)) - 1
    return ranges[index] if index >= 0 and at < ranges[index][1] else None


def _string_end(text: str, start: int, limit: int) -> int:
    """The end of a string; the end of its line if it is not closed."""
    if text.startswith("'''", start):
        end = text.find("'''", start + 3)
        return len(text) if end < 0 else end + 3
    inside = [text[start]]
    for match in _IN_STRING.finditer(text, start + 1, limit):
        piece, innermost = match[0], inside[-1]
        if innermost == "{":
            if piece == "}":
                inside.pop()
            elif piece in ('"', "'", "{", "${"):
                inside.append(piece[-1])
        elif piece in "\r\n":
            return match.start()
        elif piece == "${":
            inside.append("{")
        elif piece == innermost:
            inside.pop()
            if not inside:
                return match.end()
    return limit


def _heredoc_end(text: str, opener: re.Match[str]) -> int:
    closing = re.compile(rf"^[ \t]*{opener['marker']}[ \t]*$", re.MULTILINE).search(text, opener.end())
    return len(text) if closing is None else closing.end()


def _comment_end(text: str, opener: re.Match[str]) -> int:
    """The end of a comment; that of its line if it is not closed, as a text may hold `/*` that opens none."""
    closing = next_sign(text, _CLOSES_COMMENT, opener.end()) if opener[0] == "/*" else len(text)
    return closing + 2 if closing < len(text) else line_end(text, opener.end())
