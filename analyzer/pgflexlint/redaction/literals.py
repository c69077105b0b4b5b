"""Finds literals in source text of Terraform, Bicep and JSON.

The search is lexical. So it covers text that nothing evaluates, and text that is no valid source. In doubt, text
counts as a literal.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache, partial
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
_LABELS = compiled(r'\b(?:resource|data|variable|module|provider|output|ephemeral)[ \t]+("[\w-]*"[ \t]*){1,2}')
_HEAD = compiled(
    r"""\s*+(?:
        (?:resource|data|variable|module|provider|output|ephemeral)[ \t]+(?:"[\w-]*"[ \t]*+){1,2}(?:\{[ \t]*+$)?
        | (?:locals|terraform)[ \t]*+(?:\{[ \t]*+$)?
        | (?:resource|module)[ \t]+\w+[ \t]+'[^'$]*'(?:[ \t]+existing)?[ \t]*+=[ \t]*+(?:\{[ \t]*+$)?
        | [{,]?[ \t]*+(?:(?:param|var|output)[ \t]+)?(?P<quote>["']?)[\w.-]+(?P=quote)
          (?:[ \t]+(?:string|int|bool|object|array)\??)?[ \t]*+(?:=(?![=>~])|:(?!:))
    )""",
    re.VERBOSE,
)
"""What may be shown of a line with a syntax error: the head of a declaration, or a name with the sign behind it."""
_SOMETHING = compiled(r"[^\s{}()\[\],]")
_BELOW = compiled(r"(?<=[=:])[ \t]*+[\r\n]\s*+([^\r\n]+)")
"""The line below a name that has no value on its own line."""
_TOKEN = compiled(r"""["']|<<[-~]?(?P<marker>\w+)[ \t]*(?=[\r\n])|[\[({\])},;]|\r\n?|\n|\#|//|/\*""")
_IN_STRING = compiled(r"""\\.|\$\$\{|\$\{|["'{}]|[\r\n]""")
_CLOSES_COMMENT = compiled(r"\*/")
_TO_NEXT_LINE = compiled(r"[ \t]*(?:\r\n?|\n)[ \t]*")
LINE_BREAK = compiled(r"[\r\n]")
_LINE = compiled(r"[^\r\n]+")
_GOES_ON = compiled(r"\s*[?:]")
_BEFORE_INDEX = compiled(r"[\w\])]\[$")
_HOLE = compiled(r"""(["'])\$\{[^"'{}]*\}\1""")
_TEMPLATE_EXPRESSION = compiled(r'"\s*\[(?![\[{\\]).*\]\s*"', re.DOTALL)
_TEMPLATE_STRING = compiled(r"'(?:[^']|'')*+'")
_NAMES_WHAT_FOLLOWS = compiled(
    r"""\b(?:(?:resource|data|variable|module|provider|output|ephemeral)[ \t]+(?:"[\w-]*"[ \t]*)?"""
    r"""|(?:resource|module)[ \t]+\w+[ \t]+)$"""
)
"""What stands before the labels of a block, or before the type or the path in a declaration of Bicep."""
_RESOURCE_TYPE = compiled(r"""["']?[A-Za-z]+(?:\.[A-Za-z]+)+(?:/[A-Za-z]+)+(?:@[\w-]+)?["']?""")
_HOLE_INSIDE = compiled(r"\$\{(?:[^{}]|\{[^{}]*\}){0,400}\}")
_QUOTED = compiled(r"""\"[^\"]*\"|'[^']*'""")
_OF_A_NAME = compiled(
    r"(?:(?i:parameters|variables|getSecret|copyIndex|lambda|lambdaVariables|reference|list[A-Z]\w*)\([^()]*"
    r"|(?i:tryGet)\((?:[^()]|\([^()]*\)){0,80},\s*|@\w*(?i:description)\(\s*)$"
)
"""What stands before a literal in a call that names something, and so is no part of the result."""
_DESCRIBES = compiled(r"""(?:\b(?i:type|description|name|apiVersion)|\$schema|\$ref)["']?\s*[:=]\s*$""")
_DECLARES = compiled(
    r"\"type\"\s{0,80}:\s{0,80}\"(?:(?i:(?:secure)?(?:string|object)|int|bool|array)\"|[A-Za-z]+(?:\.[A-Za-z]+)+/)"
)
_KEY = compiled(r"\s*(?:=(?!=)|:)")
_BEFORE_KEY = compiled(r"(?:[{,]\s*|[\r\n][ \t]*)$")
NO_EXPRESSION = compiled(r"""\{|(?:resource|module|data|variable|param|output)\b[^=]*["']""")
"""The beginning of an object or a header, which is no expression."""
_SIGNS = compiled(r"[(!-]*[ \t]*")
_NUMBER = compiled(r"\d+(?:\.\d+)?(?=[\s,;}\])\"']|$)")
_WORD = compiled(r"[A-Za-z_][\w-]*")
_NO_BARE = compiled(r"""["'\r\n]""")
_DECLARED = compiled(r"\b(?:param|var|resource|module|func|for|as|import)\s+\(?(\w+)(?:\s*,\s*(\w+))?")
_REFERRED = frozenset(
    [
        "var", "local", "each", "count", "module", "data", "self", "path", "terraform", "ephemeral", "provider", "az",
        "sys",
    ]
)  # fmt: skip
"""What references begin with in the languages."""
_WORDS = frozenset(
    ["true", "false", "null", "string", "number", "bool", "any", "int", "object", "array", "list", "map", "set"]
)


def literals(text: str, start: int, end: int) -> Iterator[Range]:
    """The string literals in a range that may be part of its value: no keys, indices or mere interpolations."""
    return values_among(text, _strings(text, start, end))


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


class Outline:
    """The strings, comments and objects of a text. They are found when one of them is first asked for."""

    def __init__(self, text: str, *, inner: bool = False) -> None:
        self._text = text
        self.inner = inner
        """Whether the text is that of a string, and no source."""

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


def _around(ranges: list[Range], at: int) -> Range | None:
    """That of some ranges, which are in order and disjoint, that a place is in."""
    index = bisect_right(ranges, at, key=itemgetter(0)) - 1
    return ranges[index] if index >= 0 and at < ranges[index][1] else None


def pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """The literals and comments of a text, each with whether it is a value.

    Keys, labels, types of resources and comments are no values. What has several lines is split into them.
    """
    for start, end in outline_of(text).comments:
        yield from ((*line.span(), False) for line in _LINE.finditer(text, start, end))
    for start, end in outline_of(text).strings:
        if is_raw(text, (start, end)):
            yield from ((*line.span(), True) for line in _LINE.finditer(text, start, end))
        elif ends_with(text, start, _NAMES_WHAT_FOLLOWS):
            yield start, end, False
        elif given := list(values_among(text, [(start, end)])):
            yield from ((*each, not _RESOURCE_TYPE.fullmatch(text, *each)) for each in given)
        else:
            yield start, end, False


def written_out(literal: str) -> str:
    """The text of a literal. Of each `${…}` only the strings inside count."""
    return _HOLE_INSIDE.sub(lambda hole: "".join(_QUOTED.findall(hole[0])), literal)


def bare(text: str, start: int, end: int) -> Iterator[Range]:
    """A value without quotes that starts at `start` and is no expression, to the end of its line."""
    stop = min(bare_end(text, start), end)
    if stop > start:
        yield start, stop


def in_line(text: str, start: int, end: int) -> Iterator[Range]:
    """All literals of a line that was not evaluated."""
    labels = _LABELS.search(text, start, end)
    return values_among(text, _strings(text, labels.end() if labels else start, end))


def in_broken_line(text: str, start: int, end: int, *, named: bool) -> Iterator[Range]:
    """The ranges to redact in a line with a syntax error: all but a name or the head of a declaration at its beginning.

    If it is not `named`, it may begin inside a text, so that all of it is redacted.
    """
    head = _HEAD.match(text, start, end) if named else None
    first = _SOMETHING.search(text, head.end() if head else start, end)
    if first is not None:  # with what goes on below: a text of several lines, or one that is not closed
        yield first.start(), max([end, *(stop for _, stop in _strings(text, first.start(), end))])
    elif head is not None and (below := _BELOW.match(text, head.end())):
        yield below.span(1)


@lru_cache(maxsize=4)
def outline_of(text: str) -> Outline:
    """The outline of a text (cached)."""
    return Outline(text)


@lru_cache(maxsize=4)
def _declared_in(text: str) -> frozenset[str]:
    """The names that a text declares without quotes (cached)."""
    return frozenset(name for match in _DECLARED.finditer(text) for name in match.groups() if name)


def values_among(text: str, strings: Iterable[Range]) -> Iterator[Range]:
    """Those of some strings that may be part of a value."""
    for start, end in strings:
        before = partial(ends_with, text, start)
        is_key = before(_BEFORE_KEY) and _KEY.match(text, end)
        if (
            is_key
            or before(_BEFORE_INDEX)
            or before(_DESCRIBES)
            or before(_OF_A_NAME)
            or _HOLE.fullmatch(text, start, end)
        ):
            continue
        for first, last in texts(text, start, end):
            if last > first + 2 and not ends_with(text, first, _OF_A_NAME):
                yield first, last


def texts(text: str, start: int, end: int) -> Iterator[Range]:
    """A string; or, if it is an expression of a template, the strings inside."""
    if _TEMPLATE_EXPRESSION.fullmatch(text, start, end):
        yield from (inner.span() for inner in _TEMPLATE_STRING.finditer(text, start, end))
    else:
        yield start, end


def ends_with(text: str, end: int, pattern: re.Pattern[str]) -> bool:
    """Whether a pattern that ends with `$` fits the text before `end`."""
    return pattern.search(text[max(0, end - 80) : end]) is not None


def _strings(text: str, start: int, end: int) -> Iterator[Range]:
    """The strings and heredocs of a range."""
    while start < end:
        *found, (_, start) = expression(text, start, end)
        yield from found


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
    closing = _next(text, _CLOSES_COMMENT, opener.end()) if opener[0] == "/*" else len(text)
    return closing + 2 if closing < len(text) else line_end(text, opener.end())


def line_end(text: str, start: int) -> int:
    """Where the line ends that a place is in."""
    return _next(text, LINE_BREAK, start)


def _next(text: str, signs: re.Pattern[str], start: int) -> int:
    """Where the first of some signs is from a place on; the end of the text if there is none."""
    places = _places(text, signs)
    index = bisect_left(places, start)
    return places[index] if index < len(places) else len(text)


@lru_cache(maxsize=8)
def _places(text: str, signs: re.Pattern[str]) -> list[int]:
    """The places of some signs in a text (cached, so that a long line is not searched anew from each place in it)."""
    return [match.start() for match in signs.finditer(text)]


def bare_end(text: str, start: int) -> int:
    """The end of a value without quotes, as in `password = abc`. It is `start` if an expression is there."""
    signs = _SIGNS.match(text, start)
    first = signs.end() if signs else start
    begins = text[first : first + 2]
    if not begins or begins[0] in "\r\n\"'[]{}(),;=>#" or begins in ("<<", "${", "%{", "//", "/*"):
        return start
    if number := _NUMBER.match(text, first):
        return number.end()
    word = _WORD.match(text, first)
    if word is not None:
        root, after = word[0], text[word.end() : word.end() + 1]
        known = root in _declared_in(text) or root in _REFERRED or root in _WORDS or root.endswith("Type")
        if known or (after == "(" and root[0].islower()) or (after in (".", "[") and "_" in root):
            return start
        if text.startswith("::", word.end()):
            return start
    return _next(text, _NO_BARE, first)
