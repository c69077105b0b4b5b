"""Where secrets can stand in source text, found lexically: what nobody evaluates, or nobody can read, is shown too.

One scanner serves Terraform, Bicep and JSON. Where it cannot tell, it takes more for a literal and never less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]
"""A half-open range of offsets."""

REACH = 20_000
"""How many characters the value of one name is followed."""

_KEYWORD = (
    r"[AaCcPpSsſTt](?:"
    r"(?<=[Pp])(?i:assword|asswd|assphrase|wd)|(?<=[Ssſ])(?i:ecret)|(?<=[Tt])(?i:oken)"
    r"|(?<=[Cc])(?i:onnection[_-]?string)|(?<=[Aa])(?i:pi[_-]?key)"
    r"|(?:(?<![A-Za-z][Pp])(?<=[Pp])|(?<=[a-z0-9]P))[Ww](?![a-z]))"
)
"""A word that says so. It begins with a set of characters, so that `re` looks at no other place."""
_REST = r"(?P<rest>[\w-]{0,80}+)"
_NAME = re.compile(rf"{_KEYWORD}{_REST}")
_NAMED = re.compile(
    rf"{_KEYWORD}{_REST}\\?[\"']?\)?[ \t]{{0,80}}+"
    r"(?:[A-Za-z]\w{0,80}+\??[ \t]{1,80}+)?+"  # the type of a parameter in Bicep
    r"(?:=(?![=>~])|:(?!:))[ \t]{0,80}(?:(?:\r\n?|\n)\s{0,80}(?=[\"']))?"
)
_ABOUT = ["auth", "authentication", "encryption", "enabled", "disabled", "length", "version", "policy", "ttl", "days"]
_HARMLESS = re.compile(rf"(?:(?:^|[_-])(?:{'|'.join(_ABOUT)})|{'|'.join(word.title() for word in _ABOUT)})$")
"""How names go on that are about a secret and do not hold it, such as `password_encryption` or `passwordAuth`."""
_BLOCK = re.compile(
    rf"\b(?:variable|resource|data|ephemeral|output)[ \t]{{1,80}}[^\r\n{{=]{{0,200}}?{_KEYWORD}[^\r\n{{=]{{0,200}}\{{"
)
_VARIABLE = re.compile(r'\bvariable[ \t]{1,80}"[\w-]{0,80}"[ \t]{0,80}\{')
_SENSITIVE = re.compile(r"\b(?:sensitive|ephemeral)[ \t]{0,80}=[ \t]{0,80}true\b")
_SECURE = (
    re.compile(
        r"@(?:sys\.)?secure\(\)(?:\s{1,80}|//[^\r\n]{0,400}|@[^\r\n]{0,400}){0,40}?"
        r"param[ \t]{1,80}\w{1,80}[^\r\n=]{0,400}=[ \t]{0,80}"
    ),
    re.compile(
        r'"type"\s{0,80}:\s{0,80}"secure(?:string|object)"[^{}]{0,400}?"defaultValue"\s{0,80}:\s{0,80}', re.IGNORECASE
    ),
    re.compile(
        r'"defaultValue"\s{0,80}:\s{0,80}(?=[^{}]{0,400}?"type"\s{0,80}:\s{0,80}"secure(?:string|object)")',
        re.IGNORECASE,
    ),
)
"""What stands before the default of a parameter that is declared to hide its values, in Bicep and in ARM JSON."""
_GIVEN = re.compile(r"\b(?:value|default)[ \t]{0,80}=(?!=)[ \t]{0,80}")
_LABELS = re.compile(r'\b(?:resource|data|variable|module|provider|output|ephemeral)[ \t]+("[\w-]*"[ \t]*){1,2}')
_HEAD = re.compile(
    r"""\s*+(?:
        (?:resource|data|variable|module|provider|output|ephemeral)[ \t]+(?:"[\w-]*"[ \t]*+){1,2}(?:\{[ \t]*+$)?
        | (?:locals|terraform)[ \t]*+(?:\{[ \t]*+$)?
        | (?:resource|module)[ \t]+\w+[ \t]+'[^'$]*'(?:[ \t]+existing)?[ \t]*+=[ \t]*+(?:\{[ \t]*+$)?
        | [{,]?[ \t]*+(?:(?:param|var|output)[ \t]+)?(?P<quote>["']?)[\w.-]+(?P=quote)
          (?:[ \t]+(?:string|int|bool|object|array)\??)?[ \t]*+(?:=(?![=>~])|:(?!:))
    )""",
    re.VERBOSE,
)
"""What a line that cannot be read may show: the head of a declaration, or a name with the sign behind it."""
_SOMETHING = re.compile(r"[^\s{}()\[\],]")
_BELOW = re.compile(r"(?<=[=:])[ \t]*+[\r\n]\s*+([^\r\n]+)")
"""The line below a name that has no value on its own line."""
_TOKEN = re.compile(r"""["']|<<[-~]?(?P<marker>\w+)[ \t]*(?=[\r\n])|[\[({\])},;]|\r\n?|\n|\#|//""")
_IN_STRING = re.compile(r"""\\.|\$\$\{|\$\{|["'{}]|[\r\n]""")
_GOES_ON = re.compile(r"\s*[?:]")
_BEFORE_INDEX = re.compile(r"[\w\])]\[$")
_HOLE = re.compile(r"""(["'])\$\{[^"'{}]*\}\1""")
_TEMPLATE_EXPRESSION = re.compile(r'"\s*\[(?!\[).*\]\s*"', re.DOTALL)
_TEMPLATE_STRING = re.compile(r"'[^']*'")
_OF_A_NAME = re.compile(r"(?i:parameters|variables|getSecret)\(\s*$")
_DESCRIBES = re.compile(r"""\b(?i:type|description|\$schema)["']?\s*[:=]\s*$""")
_KEY = re.compile(r"\s*(?:=(?!=)|:)")
_BEFORE_KEY = re.compile(r"(?:[{,]\s*|[\r\n][ \t]*)$")
_SWITCH = re.compile(r"(?i)([\"'])(?:enabled|disabled|true|false|null)?\1")

_BEHIND = re.compile(r"[ \t]+[\w!@$%^&*\"'][^\r\n]*")
_SIGNS = re.compile(r"[(!-]*[ \t]*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?=[\s,;}\])\"']|$)")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_BARE = re.compile(r"""[^"'\r\n]+""")
_DECLARED = re.compile(r"\b(?:param|var|resource|module|func|for|as|import)\s+\(?(\w+)(?:\s*,\s*(\w+))?")
_REFERRED = frozenset(
    [
        "var",
        "local",
        "each",
        "count",
        "module",
        "data",
        "self",
        "path",
        "terraform",
        "ephemeral",
        "provider",
        "az",
        "sys",
    ]
)
_WORDS = frozenset(
    ["true", "false", "null", "string", "number", "bool", "any", "int", "object", "array", "list", "map", "set"]
)


def literals(text: str, start: int, end: int) -> Iterator[Range]:
    """The string literals in a range that can be part of what it gives: no keys, no indices, no bare holes."""
    return _given(text, _strings(text, start, end))


def named(text: str) -> Iterator[Range]:
    """The literals that stand after a name, or in a declaration, which says that they are secret."""
    end = 0
    while (match := _NAMED.search(text, end)) is not None:
        end = match.end()
        if not _HARMLESS.search(match["rest"]):
            found, end = _value(text, end, _declared(text))
            yield from found
    for opening, wanted in ((_BLOCK, None), (_VARIABLE, _SENSITIVE)):
        end = 0
        while (match := opening.search(text, end)) is not None:
            end = _closing(text, match.end())
            if wanted is None or wanted.search(text, match.end(), end):
                for given in _GIVEN.finditer(text, match.end(), end):
                    yield from _value(text, given.end(), _declared(text))[0]
    for pattern in _SECURE:
        end = 0
        while (match := pattern.search(text, end)) is not None:
            found, end = _value(text, match.end(), _declared(text))
            yield from found


def bare(text: str, start: int, end: int) -> Iterator[Range]:
    """A value that starts here without quotes and that no expression of the languages is, up to the end of its line."""
    stop = min(_bare_end(text, start, _declared(text)), end)
    if stop > start:
        yield start, stop


def in_line(text: str, start: int, end: int) -> Iterator[Range]:
    """All literals of a line that was not evaluated."""
    labels = _LABELS.search(text, start, end)
    return _given(text, _strings(text, labels.end() if labels else start, end))


def in_broken_line(text: str, start: int, end: int, *, named: bool) -> Iterator[Range]:
    """What to hide of a line that cannot be read: all but the name that it begins with, or the head of a declaration.

    Where it is not `named`, a name cannot be told from a part of a value, as below a text that is not closed.
    """
    head = _HEAD.match(text, start, end) if named else None
    first = _SOMETHING.search(text, head.end() if head else start, end)
    if first is not None:  # with what goes on below: a text of several lines, or one that is not closed
        yield first.start(), max([end, *(stop for _, stop in _strings(text, first.start(), end))])
    elif head is not None and (below := _BELOW.match(text, head.end())):
        yield below.span(1)


@lru_cache(maxsize=4)
def _declared(text: str) -> frozenset[str]:
    """The names that a file declares, as far as they stand without quotes; it is asked for many places in one file."""
    return frozenset(name for match in _DECLARED.finditer(text) for name in match.groups() if name)


def _value(text: str, start: int, declared: frozenset[str]) -> tuple[list[Range], int]:
    """The literals of the value that starts here, and where it ends."""
    bare = _bare_end(text, start, declared)
    if bare > start:
        return [(start, bare)], bare
    *found, (end, _) = _expression(text, start, min(len(text), start + REACH))
    if len(found) == 1 and found[0][0] == start:  # A string and more behind it is no expression in any language.
        behind = _BEHIND.match(text, found[0][1])
        if behind:
            return [(start, behind.end())], behind.end()
    return [each for each in _given(text, found) if not _SWITCH.fullmatch(text, *each)], end


def _given(text: str, strings: Iterable[Range]) -> Iterator[Range]:
    for start, end in strings:
        before = partial(_ends_with, text, start)
        is_key = before(_BEFORE_KEY) and _KEY.match(text, end)
        if (
            is_key
            or before(_BEFORE_INDEX)
            or before(_DESCRIBES)
            or before(_OF_A_NAME)
            or _HOLE.fullmatch(text, start, end)
        ):
            continue
        if _TEMPLATE_EXPRESSION.fullmatch(text, start, end):
            for inner in _TEMPLATE_STRING.finditer(text, start, end):
                if inner.end() > inner.start() + 2 and not _ends_with(text, inner.start(), _OF_A_NAME):
                    yield inner.span()
        elif end > start + 2:
            yield start, end


def _ends_with(text: str, end: int, pattern: re.Pattern[str]) -> bool:
    return pattern.search(text[max(0, end - 80) : end]) is not None


def _strings(text: str, start: int, end: int) -> Iterator[Range]:
    """The strings and heredocs of a range."""
    while start < end:
        *found, (_, start) = _expression(text, start, end)
        yield from found


def _expression(text: str, start: int, limit: int) -> Iterator[Range]:
    """The strings and heredocs of the one expression that starts here; last where it ends and where the next starts."""
    depth, position = 0, start
    while (match := _TOKEN.search(text, position, limit)) is not None:
        token, position = match[0], match.end()
        if token in ('"', "'"):
            position = _string_end(text, match.start(), limit)
            yield match.start(), position
        elif match["marker"]:
            position = _heredoc_end(text, match)
            yield match.start(), position
        elif token in ("#", "//"):
            position = _line_end(text, position)
        elif token in ("[", "(", "{"):
            depth += 1
        elif token in ("]", ")", "}") and depth:
            depth -= 1
        elif depth == 0 and not (token in ("\r\n", "\n", "\r") and _GOES_ON.match(text, position)):
            yield match.start(), position
            return
    yield limit, limit


def _string_end(text: str, start: int, limit: int) -> int:
    """Where a string ends; the end of its line where it is not closed."""
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


def _line_end(text: str, start: int) -> int:
    end = re.compile(r"[\r\n]").search(text, start)
    return len(text) if end is None else end.start()


def _closing(text: str, start: int) -> int:
    """Where the block ends whose opening brace stands before `start`."""
    depth, position, end = 1, start, min(len(text), start + REACH)
    while depth and (match := _TOKEN.search(text, position, end)) is not None:
        token, position = match[0], match.end()
        if token in "\"'":
            position = _string_end(text, match.start(), end)
        elif token in ("#", "//"):
            position = _line_end(text, position)
        elif token in "{}":
            depth += 1 if token == "{" else -1
    return position if not depth else end


def _bare_end(text: str, start: int, declared: frozenset[str]) -> int:
    """Where a value without quotes ends that is no expression; `start` where it is one."""
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
        known = root in declared or root in _REFERRED or root in _WORDS
        if known or (after == "(" and root[0].islower()) or (after in (".", "[") and "_" in root):
            return start
        if text.startswith("::", word.end()):
            return start
    bare = _BARE.match(text, first)
    return bare.end() if bare else start
