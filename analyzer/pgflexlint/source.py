"""Files as text, places in them, and the workspace that holds them.

A place is a `Span`: a file and a half-open range of offsets in code points. Lines and columns are
worked out only when somebody reads them, because most spans are never shown.
"""

from __future__ import annotations

import posixpath
import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct

from pgflexlint.lazily import compiled

if TYPE_CHECKING:
    from mmap import mmap

_LINE_BREAK = compiled(r"\r\n|\n|\r")
_PAIR = compiled("[\U00010000-\U0010ffff]")
"""A character that is two code units in UTF-16."""


_ESCAPE = compiled(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|u\{([0-9A-Fa-f]{1,6})\})")


def spelled_out(text: str) -> str:
    """A source with the characters that JSON, HCL or Bicep escape by their numbers, and with the slashes that JSON
    escapes, for a look at the words in it."""
    if "\\" not in text:
        return text
    if "\\/" in text:
        text = text.replace("\\/", "/")
    return _ESCAPE.sub(_escaped, text) if "\\u" in text or "\\U" in text else text


def _escaped(escape: re.Match[str]) -> str:
    """What an escape stands for; itself where that would begin or end something if it were not escaped."""
    character = chr(min(int(escape[escape.lastindex or 0], 16), sys.maxunicode))
    return character if character.isprintable() and character not in "\"'\\{}" else escape[0]


_OF_YAML = compiled(r"\\(?:x([0-9A-Fa-f]{2})|\r?\n[ \t]*+)")
"""What YAML has besides: further numbers, and lines that go on in the next one."""


class Position(NamedTuple):
    """A place a person or an editor can go to."""

    line: int
    """1-based. Lines end at LF, CR LF or a lone CR."""
    column: int
    """1-based, in UTF-16 code units as SARIF and editors count: an emoji counts two."""


class SourceFile:
    """The text of one file, decoded, without its byte order mark."""

    def __init__(self, path: str, text: str, *, byte_order_mark: bool = False, encoding: str = "utf-8") -> None:
        """`path` is relative to the workspace root and separated by `/`; `encoding` is Python's name of it."""
        self.path = path
        self.text = text
        self.byte_order_mark = byte_order_mark
        self.encoding = encoding
        self.whole: SourceFile | None = None
        """Where this one is `emptied`, the file itself."""

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts; `line_starts[0]` is 0."""
        return [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]

    @cached_property
    def _pairs(self) -> list[int]:
        """The offsets of the characters that are two code units in UTF-16."""
        return [] if self.text.isascii() else [match.start() for match in _PAIR.finditer(self.text)]

    @cached_property
    def emptied(self) -> SourceFile:
        """Stands for the file where nothing of its text may be shown; the same object each time."""
        empty = SourceFile(self.path, "")
        empty.whole = self
        return empty

    def position(self, offset: int) -> Position:
        """The line and column of an offset; an offset past the end is the end of the file."""
        line = bisect_right(self.line_starts, offset)
        start = self.line_starts[line - 1]
        end = min(offset, len(self.text))
        pairs = bisect_left(self._pairs, end) - bisect_left(self._pairs, start)
        return Position(line, end - start + pairs + 1)

    def line_number(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return bisect_right(self.line_starts, offset)

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line break."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"


class Span(Struct, frozen=True):
    """A half-open range `[start, end)` of code points in one file."""

    file: SourceFile
    start: int
    end: int

    @property
    def first_line(self) -> int:
        """The 1-based line where the span starts."""
        return self.file.line_number(self.start)

    @property
    def last_line(self) -> int:
        """The 1-based line where the span ends."""
        return self.file.line_number(self.end)

    @property
    def begin(self) -> Position:
        """Where the span starts."""
        return self.file.position(self.start)

    @property
    def finish(self) -> Position:
        """Where the span ends; exclusive, so the column after the last character."""
        return self.file.position(self.end)

    @property
    def text(self) -> str:
        """The source that the span covers."""
        return self.file.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`, in the same file."""
        return Span(self.file, self.start, other.end)

    def holds(self, other: Span) -> bool:
        """Whether another span is a part of this one."""
        return self.file is other.file and self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        begin = self.begin
        return f"{self.file.path}:{begin.line}:{begin.column}"


COMMAND_LINE = "--var"
"""What stands for the path of a value that the command line gives."""


class Viewpoint(Struct, frozen=True):
    """The directory that somebody looks from: what they read and open leads from there, not from the root."""

    inside: str = ""
    """Where it is below the root, relative to that; "" for the root itself."""
    outside: str = ""
    """What leads from it to the root, where it is not below that; ends with `/`."""

    def path(self, path: str) -> str:
        """The path from here of what has one relative to the root; "" stays "", which is nothing."""
        if path in ("", COMMAND_LINE):
            return path
        if self.outside:
            return f"{self.outside}{path}"
        return posixpath.relpath(f"/{path}", f"/{self.inside}") if self.inside else path


AT_ROOT = Viewpoint()


class UnreadableError(Exception):
    """A file is there and cannot be read as text; the message says why in words for a person."""

    def __init__(self, message: str, hint: str = "", content: bytes | mmap | None = None) -> None:
        """`hint` is a sentence about what to do; `content` what is in the file, None where that cannot be told."""
        super().__init__(message)
        self.hint = hint
        self.content = content


class TooLargeError(UnreadableError):
    """A file is there and larger than what is read."""


class Workspace(Protocol):
    """The files below one root that may be read, and nothing outside it.

    Paths are relative to the root, `/`-separated and normalized; the root itself is "".
    """

    def read(self, path: str) -> SourceFile | None:
        """The file at `path`, the same object each time; None where there is none or where it lies outside the root.

        Raises `UnreadableError` where the file is there and is no text.
        """

    def files(self, directory: str) -> Iterable[str]:
        """The paths of the files directly in `directory`, sorted; empty where there is no such directory."""

    def real(self, directory: str) -> str:
        """The directory that one is, where links lead to it; as it is where that lies outside the root."""


class Tree(Workspace, Protocol):
    """A workspace of which all files are looked at, most of them once."""

    def glance(self, path: str) -> SourceFile | None:
        """As `read`, of a file that need not be kept."""


def beside(workspace: Workspace, directory: str, path: str) -> str:
    """The path, relative to the workspace's root, that a relative one names from a directory of it.

    Links to directories are followed, so that what is reached in two ways is one. A path out of the root begins with
    `..`.
    """
    joined = posixpath.normpath(posixpath.join(directory or ".", path))
    if joined.startswith(".."):
        return joined
    parent, name = posixpath.split(joined)
    return posixpath.join(workspace.real(parent), name)


def speaks(tree: Tree, path: str, matters: Callable[[str], bool]) -> bool:
    """Whether a file of any kind that others read speaks of what is looked for, or cannot be read."""
    try:
        file = tree.glance(path)
    except UnreadableError:
        return True
    if file is None:
        return False
    text = spelled_out(file.text)
    return matters(_OF_YAML.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else "", text))
