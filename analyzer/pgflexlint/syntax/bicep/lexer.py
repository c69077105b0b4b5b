"""The words of Bicep, as its grammar knows them.

It settles what a grammar of one token of lookahead cannot: where a newline counts, which words are keywords, where a
string ends and its holes begin. The facts are those of the compiler's lexer and parser
(https://github.com/Azure/bicep/tree/main/src/Bicep.Core/Parsing):

- only `true`, `false` and `null` are reserved; every other keyword is one by its position;
- a newline ends a statement or separates members, but for those after an opening bracket, a comma or `=>`, those before
  a closing bracket, `?`, `:` or `|`, and the one between `=` and `if`;
- `$'''` opens a text of several lines with holes `${`, `$$'''` one with holes `$${`, and so on; a plain `'''` has none;
- a hole of any string ends on the line it begins on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.reading import Comment, RefusedError
from pgflexlint.syntax.tables import END, Token

MAX_DEPTH: Final = 250
"""How deep an expression or type may be: brackets, holes, and operators, properties and indexes in a row, together."""

SHOWN_LIMIT: Final = 40
"""How much of a word from the file is shown in a message."""

_ESCAPE = r"\\(?:[nrt\\'$]|u\{[0-9A-Fa-f]++\})"
_LINE_PIECE = rf"[^'\\$\r\n]*+(?:(?:{_ESCAPE}|\$(?!\{{))[^'\\$\r\n]*+)*+(?:'|\$\{{)"

_WORD = compiled(
    rf"""(?<![^\r\n])[ \t]*+(?P<pragma>\#(?:disable-next-line|disable-diagnostics|restore-diagnostics)\b[^\r\n]*+)
  | [ \t]*+(?:
    (?P<name>[A-Za-z_][A-Za-z0-9_]*+)
  | (?P<punctuation>\.\.\.|=>|==|=~|!=|!~|<=|>=|&&|\|\||\?\?|::|[{{}}()\[\]@,.?:=+\-*%<>!^|]|/(?![/*]))
  | (?P<line_string>'(?!'')(?:{_LINE_PIECE}))
  | (?P<newline>(?:[\r\n]++[ \t]*+(?=[\r\n]))*+[\r\n]++)
  | (?P<number>[0-9]++)
  | (?P<comment>//[^\r\n]*+)
  | (?P<long_string>\$*+''')
  | (?P<block_comment>/\*(?s:.*?)\*/)
  | (?P<end>\Z)
  | (?P<other>(?s:.))
    )""",
    re.VERBOSE,
)
_GROUPS = _WORD.groupindex
_NAME, _PUNCTUATION, _LINE_STRING, _NEWLINE, _NUMBER = (
    _GROUPS[group] for group in ("name", "punctuation", "line_string", "newline", "number")
)
_COMMENT, _LONG_STRING, _BLOCK_COMMENT, _END, _PRAGMA = (
    _GROUPS[group] for group in ("comment", "long_string", "block_comment", "end", "pragma")
)
_LINE_STRING_GOES_ON = compiled(_LINE_PIECE)
_NAME_FOLLOWS = compiled(r"(?:[ \t]|/\*(?s:.*?)\*/)++[A-Za-z_]")
_BAD_ESCAPE = compiled(rf"'(?:[^'\\\r\n]|{_ESCAPE})*+(\\(?:u(?:\{{[^'}}\r\n]*+\}}?)?|.)?)")
_REST_OF_LINE = compiled(r"[^\r\n]*")

_OPERATORS = dict.fromkeys(("==", "=~", "!=", "!~", "<=", ">=", "&&", "||", "??", "/", "%"), "BINARY")
_CLOSING = {"(": ")", "[": "]", "{": "}", "STRING_START": "STRING_END"}
_DEEPENING = frozenset({*_CLOSING, "BINARY", "+", "-", "*", "<", ">", "?", "!", ".", "::", "=>", "..."})
_SEPARATORS = frozenset({",", "|", "STRING_MIDDLE"})
_CONSTANTS = frozenset({"true", "false", "null"})
_GOES_ON_AFTER = frozenset({"", "NEWLINE", "(", "[", "{", ",", "=>", "<"})
_GOES_ON_BEFORE = frozenset({"?", ":", "|", ">"})
_GOES_ON_BEFORE_IN_BRACKETS = _GOES_ON_BEFORE | {")", "]", "}"}


class Level(NamedTuple):
    """What an opening bracket or a hole sets aside until it is closed."""

    offset: int
    opening: str
    closing: str
    rest: re.Pattern[str] | None
    """How the string goes on after a hole."""
    base: int
    deepest: int


@cache
def _long_string_rest(dollars: int) -> re.Pattern[str]:
    """The rest of a text of several lines, up to its end or a hole of that many dollar signs."""
    if not dollars:
        return re.compile(r"(?:[^']++|'{1,2}+(?!'))*+'{3,}+")
    fewer = rf"|\${{1,{dollars - 1}}}(?=\{{)" if dollars > 1 else ""
    return re.compile(rf"(?:[^'$]++|'{{1,2}}+(?!')|\$++(?!\{{){fewer})*+(?:'{{3,}}+|\$+\{{)")


class Lexer:
    """The words of one file, with its comments gathered on the way."""

    def __init__(self, file: SourceFile, keywords: Mapping[str, str]) -> None:
        """`keywords` are the words that begin a statement, with their kinds."""
        self.comments: list[Comment] = []
        """Pragmas are among them."""
        self.levels: list[Level] = []
        """The brackets and holes that are open."""
        self.reached = 0
        """The offset up to which the text was looked at."""
        self.statement = 0
        """Where the statement begins that the last word was of."""
        self._file = file
        self._keywords = keywords

    def forget(self, offset: int) -> None:
        """Make ready to read again from `offset`."""
        self.levels.clear()
        while self.comments and self.comments[-1].span.start >= offset:
            self.comments.pop()

    def tokens(self, position: int) -> Iterator[Token]:  # noqa: PLR0915 - one loop, for speed
        """The words from an offset on. After each statement stands `END`. Raises `RefusedError`."""
        text = self._file.text
        match = _WORD.match
        levels = self.levels
        previous = ""  # kind of the last word of the statement
        newline = -1  # offset of a newline that may count
        holes = base = deepest = depth = 0
        while True:
            found = match(text, position)
            assert found is not None  # the last alternatives take anything
            group = found.lastindex
            assert group is not None
            start, end = found.span(group)
            self.reached = end
            refused = None
            if group == _NAME:
                word = text[start:end]
                if newline >= 0 and previous == "=" and word == "if":
                    newline = -1
                if not previous or (newline >= 0 and not levels):
                    kind = self._keywords.get(word, "NAME")
                elif word in _CONSTANTS:
                    kind = "CONSTANT"
                elif word == "for" and previous == "[":
                    kind = "FOR"
                elif (
                    word == "resource"
                    and (newline >= 0 or previous in {"{", ",", "NEWLINE"})
                    and levels
                    and _NAME_FOLLOWS.match(text, end)
                ):
                    kind = "RESOURCE"
                else:
                    kind = "NAME"
            elif group == _PUNCTUATION:
                word = text[start:end]
                kind = _OPERATORS.get(word, word)
                if kind == "}" and levels and (rest := levels[-1].rest) is not None:
                    found = rest.match(text, end)
                    if found is None:
                        raise self._unclosed(levels[-1].offset)
                    end = self.reached = found.end()
                    word = text[start:end]
                    kind = "STRING_MIDDLE" if word[-1] == "{" else "STRING_END"
            elif group == _LINE_STRING:
                word = text[start:end]
                kind = "STRING_START" if word[-1] == "{" else "STRING"
            elif group == _NEWLINE:
                if holes:
                    raise self._broken_hole(start)
                if newline < 0 and previous not in _GOES_ON_AFTER:
                    newline = start
                position = end
                continue
            elif group == _NUMBER:
                word, kind = text[start:end], "NUMBER"
            elif group in {_COMMENT, _BLOCK_COMMENT, _PRAGMA}:
                self.comments.append(Comment(text[start:end], Span(self._file, start, end)))
                position = end
                continue
            elif group == _LONG_STRING:
                rest = _long_string_rest(end - start - 3)
                found = rest.match(text, end)
                if found is None:
                    refused = self._unclosed(start)
                    self.reached = len(text)
                else:
                    end = self.reached = found.end()
                word = text[start:end]
                kind = "STRING_START" if word[-1] == "{" else "STRING"
            elif group == _END:
                if levels:
                    raise self._unclosed(levels[-1].offset)
                if previous:
                    end = newline if newline >= 0 else end
                    yield Token(END, "", end, end)
                return
            else:
                refused, word, kind = self._strange(start), "", ""
            if not previous:
                self.statement = start
            if newline >= 0:
                if kind not in (_GOES_ON_BEFORE_IN_BRACKETS if levels else _GOES_ON_BEFORE):
                    if levels:
                        yield Token("NEWLINE", "", newline, start)
                        previous = "NEWLINE"
                    else:
                        yield Token(END, "", newline, newline)
                        self.statement = start
                    deepest = max(deepest, depth) if levels else 0
                    depth = base
                newline = -1
            if refused is not None:
                raise refused
            yield Token(kind, word, start, end)
            previous = kind
            position = end
            if kind in _SEPARATORS:
                deepest = max(deepest, depth)
                depth = base
            elif kind in _DEEPENING:
                depth += 1
                if kind in _CLOSING:
                    rest = None
                    if kind == "STRING_START":
                        holes += 1
                        rest = _LINE_STRING_GOES_ON if word[0] == "'" else _long_string_rest(_dollars(word))
                    levels.append(Level(start, kind, _CLOSING[kind], rest, base, deepest))
                    base = deepest = depth
            elif levels and kind == levels[-1].closing:
                holes -= kind == "STRING_END"
                depth = max(deepest, depth)
                base, deepest = levels.pop()[-2:]
            if depth > MAX_DEPTH:
                raise RefusedError(
                    f"This is nested more than {MAX_DEPTH} deep.",
                    start,
                    end,
                    "Give the inner parts names of their own with `var`.",
                    Kind.LIMIT,
                )

    def _unclosed(self, start: int) -> RefusedError:
        """A bracket or a string whose end was not found."""
        text = self._file.text
        if text[start] in _CLOSING:
            return RefusedError(f"This '{text[start]}' is never closed.", start, start + 1)
        if text.startswith("'''", start) or text[start] == "$":
            return RefusedError("This text is never closed.", start, text.index("'''", start) + 3, "Close it with '''.")
        return self._broken_string(start)

    def _broken_string(self, start: int) -> RefusedError:
        text = self._file.text
        bad = _BAD_ESCAPE.match(text, start)
        line = _REST_OF_LINE.match(text, start)
        assert line is not None
        if bad is not None and len(bad[1]) > 1:
            hint = "Write \\\\ for a backslash; the escapes are \\n \\r \\t \\\\ \\' \\$ and \\u{…}."
            return RefusedError("This is not a valid escape in Bicep.", bad.start(1), bad.end(1), hint)
        hint = "Close it with ', or write a text of several lines between ''' and '''."
        return RefusedError("This string is not closed on its line.", start, line.end(), hint)

    def _broken_hole(self, newline: int) -> RefusedError:
        start = next(level.offset for level in reversed(self.levels) if level.rest)
        return RefusedError(
            "A hole ${ } of a string must end on its line.", start, newline, "Give its value a name with `var`."
        )

    def _strange(self, start: int) -> RefusedError:
        """A character that begins no word."""
        text = self._file.text
        if text[start] == "'":
            return self._broken_string(start)
        if text.startswith("/*", start):
            self.reached = len(text)
            return RefusedError("This comment is never closed.", start, start + 2, "Close it with */.")
        if text[start] == '"':
            return RefusedError(
                "A double quote means nothing in Bicep.", start, start + 1, "Write strings in single quotes."
            )
        shown = text[start] if text[start].isprintable() else f"U+{ord(text[start]):04X}"
        return RefusedError(f"The character {shown} means nothing in Bicep.", start, start + 1)


def _dollars(opening: str) -> int:
    """How many dollar signs a string begins with."""
    return len(opening) - len(opening.lstrip("$"))
