"""JSON in which every key and value knows its place, for files that are not trusted.

Reads RFC 8259 and what Azure takes besides, because ARM templates hold it
(https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax): `//` and `/* */` comments anywhere, line
breaks inside strings, and a comma after the last member, which its parser (Newtonsoft.Json) passes over.

The reader is linear in the text, never recursive, and about as fast as Python can be: one regular expression match for
each member. Nodes carry offsets; a `Span` is made when somebody asks for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, TypeAlias

from msgspec import Struct

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, quoted
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.reading import too_long

NESTING_LIMIT = 100
"""How deep objects and arrays may nest. The deepest of the 573 templates in Azure's registry of modules is at 30."""
DIGITS_LIMIT = 1_000
"""How many characters a number may have: turning digits into a number takes time quadratic in their count."""
REPEATED_LIMIT = 20
"""How many keys that come twice are reported for a file."""


class Scalar(Struct, eq=False):
    """A string, number, boolean or null."""

    file: SourceFile
    start: int
    end: int
    value: str | int | float | bool | None

    @property
    def span(self) -> Span:
        """The value; of a string, with its quotes."""
        return Span(self.file, self.start, self.end)


class Array(Struct, eq=False):
    """`[items]`."""

    file: SourceFile
    start: int
    end: int
    items: tuple[Node, ...]

    @property
    def span(self) -> Span:
        """From `[` to `]`."""
        return Span(self.file, self.start, self.end)


class Member(Struct, eq=False):
    """`"key": value`."""

    key: str
    key_start: int
    key_end: int
    value: Node

    @property
    def key_span(self) -> Span:
        """The key with its quotes."""
        return Span(self.value.file, self.key_start, self.key_end)


class Object(Struct, eq=False):
    """`{members}`."""

    file: SourceFile
    start: int
    end: int
    members: tuple[Member, ...]
    """All of them as written, so that a key may come twice."""
    by_key: Mapping[str, Member]
    """The one that counts for each key: the last, as in Python, JavaScript and Newtonsoft.Json."""

    @property
    def span(self) -> Span:
        """From `{` to `}`."""
        return Span(self.file, self.start, self.end)

    def get(self, key: str) -> Node | None:
        """The value under a key, or None where there is none."""
        member = self.by_key.get(key)
        return member.value if member else None

    def repeated(self, fold: Callable[[str], str] = str) -> list[tuple[Member, Member]]:
        """Each member whose key was there before, after the first one; `fold` makes one of keys that are the same."""
        first: dict[str, Member] = {}
        pairs = [(first.setdefault(fold(member.key), member), member) for member in self.members]
        return [(earlier, member) for earlier, member in pairs if earlier is not member]


Node: TypeAlias = Object | Array | Scalar


class Document(Struct, frozen=True):
    """One file."""

    file: SourceFile
    root: Node | None
    """None where the file is no JSON: half a template would look like one that lacks settings."""
    comments: tuple[Span, ...]
    problems: tuple[Problem, ...]
    last_commas: tuple[Span, ...] = ()
    """Those after the last member of an object or array."""


def read(file: SourceFile, *, unique_keys: bool = True) -> Document:
    """The content of a JSON file. With `unique_keys` a key that an object has twice, in any case, is a problem."""
    long = too_long(file)
    if long is not None:
        return Document(file, None, (), (long,))
    reader = _Reader(file, unique_keys=unique_keys)
    try:
        root = reader.read()
    except _Refused as refusal:
        root, problems = None, (*reader.problems, refusal.problem)
    else:
        problems = tuple(reader.problems)
    return Document(file, root, tuple(reader.comments), problems, tuple(reader.last_commas))


# Possessive quantifiers and the unclosed alternatives keep hostile text linear: nothing is ever scanned twice.
_SPACE = r"[ \t\r\n]*+"
_STRING = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_VALUE = rf"(?:{_STRING}|([\[{{])|(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)|(true|false|null)\b)"
_TAIL = rf"(?:{_SPACE},)?"
_MEMBER = compiled(rf"{_SPACE}{_STRING}{_SPACE}:{_SPACE}{_VALUE}{_TAIL}", re.DOTALL)
_ELEMENT = compiled(rf"{_SPACE}(){_VALUE}{_TAIL}", re.DOTALL)
_CLOSE = compiled(rf"{_SPACE}([\]}}]){_TAIL}")
_COMMA = compiled(rf"{_SPACE},")
_BLANKS = compiled(_SPACE)
_KEY = compiled(_STRING, re.DOTALL)
_COMMENT = compiled(r'"[^"\\]*+(?:\\.?[^"\\]*+)*+"?|//[^\r\n]*+|/\*.*?(?:\*/|\Z)', re.DOTALL)

_STRINGS = json.JSONDecoder(strict=False)
_WORDS = {"true": True, "false": False, "null": None}
_TEXT, _OPEN, _NUMBER, _WORD = range(2, 6)  # the groups of _MEMBER and _ELEMENT; the first is the key

_HINT = "Fix the JSON; nothing in this file was checked."


def _blank(match: re.Match[str]) -> str:
    """Spaces for a comment, so that every offset stays; a string stays itself."""
    text = match[0]
    return text if text[0] == '"' else " " * len(text)


class _Refused(Exception):  # noqa: N818  (not an error of ours)
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Reader:
    def __init__(self, file: SourceFile, *, unique_keys: bool) -> None:
        self.file = file
        self.text = file.text
        self.comments: list[Span] = []
        self.problems: list[Problem] = []
        self.last_commas: list[Span] = []
        self._unique_keys = unique_keys
        self._blanked = False

    def read(self) -> Node:
        """The one value of the file; raises `_Refused`."""
        file, text = self.file, self.text
        entry = _ELEMENT
        items: list[Any] = []
        frames: list[tuple[re.Pattern[str], list[Any], int, tuple[str, int, int]]] = []
        key = ("", 0, 0)
        position = opened = 0
        more = True  # an item may come next: it is the first or follows a comma
        while frames or not items:
            match = entry.match(text, position) if more else None
            if match is None:
                match = _CLOSE.match(text, position) if frames else None
                if match is None or (match[1] == "}") != (entry is _MEMBER):
                    if not more and (match := _COMMA.match(text, position)):
                        position, more = match.end(), True
                    elif self._blank_comments():
                        text = self.text
                    else:
                        raise self._refusal(position, opened if frames else None, more=more)
                    continue
                comma = position if more and items else None
                node: Node = self._closed(entry, opened, match.end(1), items, comma)
                entry, items, opened, key = frames.pop()
            else:
                kind = match.lastindex
                if entry is _MEMBER:
                    name = match[1]
                    start, end = match.span(1)
                    key = (self._unescaped(start) if "\\" in name else name, start - 1, end + 1)
                if kind == _OPEN:
                    if len(frames) >= NESTING_LIMIT:
                        raise self._too_deep(match.start(_OPEN))
                    frames.append((entry, items, opened, key))
                    opened = match.start(_OPEN)
                    entry = _MEMBER if match[_OPEN] == "{" else _ELEMENT
                    items = []
                    position = opened + 1
                    continue
                assert kind is not None
                start, end = match.span(kind)
                raw = match[kind]
                if kind == _TEXT:
                    node = Scalar(file, start - 1, end + 1, self._unescaped(start) if "\\" in raw else raw)
                else:
                    node = Scalar(file, start, end, _WORDS[raw] if kind == _WORD else self._number(raw, start))
            items.append(Member(*key, node) if entry is _MEMBER else node)
            position = match.end()
            more = text[position - 1] == ","
        self._end(position, comma=more)
        root: Node = items[0]
        return root

    def _closed(
        self, entry: re.Pattern[str], start: int, end: int, items: list[Any], comma: int | None
    ) -> Object | Array:
        """What ends at `end`; `comma` is the end of the one after its last member."""
        if comma is not None:
            self.last_commas.append(Span(self.file, comma - 1, comma))
        if entry is _ELEMENT:
            return Array(self.file, start, end, tuple(items))
        return self._object(start, end, items)

    def _object(self, start: int, end: int, members: list[Member]) -> Object:
        node = Object(self.file, start, end, tuple(members), {member.key: member for member in members})
        if self._unique_keys and len({key.lower() for key in node.by_key}) < len(members):
            self._report_repeated(node)
        return node

    def _report_repeated(self, node: Object) -> None:
        for first, again in node.repeated(str.lower):
            if len(self.problems) < REPEATED_LIMIT:
                spelled = "" if first.key == again.key else f" as '{first.key}'"
                message = f"Key '{again.key}' is written twice; first{spelled} on line {first.key_span.first_line}."
                hint = "Remove one: which of them counts depends on the program that reads the file."
                names = quoted(message)
                self.problems.append(Problem(Kind.SYNTAX, message, self.file.path, again.key_span, hint, names=names))

    def _unescaped(self, start: int) -> str:
        """The string whose first character after the quote is at `start`, its escapes undone."""
        try:
            text: str = _STRINGS.raw_decode(self.text, start - 1)[0]
        except json.JSONDecodeError as error:
            raise self._refused("This is not a valid escape in JSON.", error.pos, error.pos + 1) from None
        return text

    def _number(self, raw: str, start: int) -> int | float:
        if len(raw) <= DIGITS_LIMIT:
            number = float(raw) if raw.strip("-0123456789") else int(raw)
            if isinstance(number, int) or isfinite(number):
                return number
        raise self._refused("This number is too large to evaluate.", start, start + len(raw), Kind.LIMIT)

    def _blank_comments(self) -> bool:
        """Replace the comments by spaces; False where that was done before or there are none."""
        if self._blanked:
            return False
        self._blanked = True
        for match in _COMMENT.finditer(self.text):
            if match[0][0] == "/":
                self.comments.append(Span(self.file, *match.span()))
                if match[0][1] == "*" and (len(match[0]) < 4 or not match[0].endswith("*/")):
                    raise self._refused("This comment is not closed.", match.start(), match.start() + 2)
        self.text = _COMMENT.sub(_blank, self.text)
        return bool(self.comments)

    def _refusal(self, position: int, opened: int | None, *, more: bool) -> _Refused:
        """What is wrong at `position`, inside the object or array that opened at `opened`, where no pattern matches."""
        position = self._skip(position)
        in_object = opened is not None and self.text[opened] == "{"
        expected = "A value"
        if not more:
            expected = "A comma or '}'" if in_object else "A comma or ']'"
        elif in_object:
            expected = "A key in double quotes"
            if key := _KEY.match(self.text, position):
                expected, position = "':'", self._skip(key.end())
                if self.text.startswith(":", position):
                    expected, position = "A value", self._skip(position + 1)
        if position == len(self.text):
            if opened is None:
                return self._refused("There is no value in this file.", position, position)
            kind, line = "object" if in_object else "array", self.file.position(opened).line
            message = f"The file ends before the {kind} that begins on line {line} is closed."
            return self._refused(message, position, position)
        if more and expected != "':'" and self.text[position] == '"':
            return self._refused("This string is not closed.", position, position + 1)
        return self._refused(f"{expected} was expected here.", position, position + 1)

    def _end(self, position: int, *, comma: bool) -> None:
        """Refuse what follows the root, unless it is a comment."""
        rest = position - 1 if comma else self._skip(position)
        if rest < len(self.text) and self._blank_comments():
            rest = self._skip(rest)
        if rest < len(self.text):
            raise self._refused("There is text after the end of the JSON value.", rest, rest + 1)

    def _skip(self, position: int) -> int:
        match = _BLANKS.match(self.text, position)
        return match.end() if match else position

    def _too_deep(self, start: int) -> _Refused:
        message = f"Objects and arrays are nested more than {NESTING_LIMIT} levels deep."
        return self._refused(message, start, start + 1, Kind.LIMIT)

    def _refused(self, message: str, start: int, end: int, kind: Kind = Kind.SYNTAX) -> _Refused:
        return _Refused(Problem(kind, message, self.file.path, Span(self.file, start, end), _HINT))
