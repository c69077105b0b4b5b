"""Tells which literals in a text may be values. In doubt, text counts as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial

from pgflexlint.lazily import compiled
from pgflexlint.redaction.outline import Range, ends_with, is_raw, next_sign, outline_of, strings_between

_BLOCKS = "(?:resource|data|variable|module|provider|output|ephemeral)"
_LABELS = compiled(rf'\b{_BLOCKS}[ \t]+("[\w-]*"[ \t]*){{1,2}}')
_HEAD = compiled(
    r"\s*+(?:"
    + _BLOCKS
    + r"""[ \t]+(?:"[\w-]*"[ \t]*+){1,2}(?:\{[ \t]*+$)?
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
_LINE = compiled(r"[^\r\n]+")
_BEFORE_INDEX = compiled(r"[\w\])]\[$")
_HOLE = compiled(r"""(["'])\$\{[^"'{}]*\}\1""")
_TEMPLATE_EXPRESSION = compiled(r'"\s*\[(?![\[{\\]).*\]\s*"', re.DOTALL)
_TEMPLATE_STRING = compiled(r"'(?:[^']|'')*+'")
_NAMES_WHAT_FOLLOWS = compiled(
    rf"""\b(?:{_BLOCKS}[ \t]+(?:"[\w-]*"[ \t]*)?"""
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
_DESCRIBES = compiled(r"""(?:(?<![\w.-])(?i:type|description|name|apiVersion)|\$schema|\$ref)["']?\s*[:=]\s*$""")
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
    return values_among(text, strings_between(text, start, end))


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
    return values_among(text, strings_between(text, labels.end() if labels else start, end))


def in_broken_line(text: str, start: int, end: int, *, named: bool) -> Iterator[Range]:
    """The ranges to redact in a line with a syntax error: all but a name or the head of a declaration at its beginning.

    If it is not `named`, it may begin inside a text, so that all of it is redacted.
    """
    head = _HEAD.match(text, start, end) if named else None
    first = _SOMETHING.search(text, head.end() if head else start, end)
    if first is not None:  # with what goes on below: a text of several lines, or one that is not closed
        yield first.start(), max([end, *(stop for _, stop in strings_between(text, first.start(), end))])
    elif head is not None and (below := _BELOW.match(text, head.end())):
        yield below.span(1)


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
    return next_sign(text, _NO_BARE, first)
