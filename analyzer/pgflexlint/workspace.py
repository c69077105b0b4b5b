"""The files below a directory on disk, read as text; nothing outside of it is ever read."""

from __future__ import annotations

import codecs
import errno
import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path, PurePosixPath

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, TooLargeError, UnreadableError

SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes; a larger file is not read."""
SEARCH_LIMIT = 8 * SIZE_LIMIT
"""Bytes; in a larger file nothing is even searched for."""

_LEADS_OUT = (
    "This link points outside the scanned directory, so it is not followed.",
    "Scan its target separately, or exclude it.",
)


def _leads_to_directory(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:
        return False  # it leads in a circle


_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)
"""Flags that only some platforms have, or need."""


_NO_NAMES = frozenset({errno.ENAMETOOLONG, errno.EINVAL})
"""What the system says of a text that is no path: of one too long, and on Windows of one with characters that no name
has."""
_NOT_THERE = _NO_NAMES | {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
"""What it says where there is no such directory, be it that a link leads in a circle."""


class DiskWorkspace:
    """The files below a directory, its root. Nothing outside the root is ever read, not through links either."""

    def __init__(self, root: Path, unsaved: Mapping[str, bytes] | None = None) -> None:
        """`unsaved` holds contents by path: they count instead of what is on disk."""
        self.root = resolved(root)
        self.left_out: Callable[[str], str] = lambda path: ""
        """Tells why a file is not listed; "" where it is listed. A file that is not listed can still be read."""
        self.unlisted: dict[str, set[str]] = {}
        """By reason: files that were not listed, and directories that were not entered. These end with `/`."""
        self.problems: list[Problem] = []
        """Directories that could not be looked into."""
        self._files: dict[str, SourceFile | None] = {}
        self.read_paths: set[str] = set()
        """The files that were read."""
        self._listings: dict[str, tuple[str, ...]] = {}
        self._plain: set[str] = set()
        """Files that are certain to be inside the root: neither they nor the directories above them are links."""
        self._inside = {""}
        """Directories of which the same is certain."""
        self._real: dict[str, str] = {}
        self._unsaved = dict(unsaved or {})

    def read(self, path: str) -> SourceFile | None:
        """See `Workspace.read`."""
        if path not in self._files:
            self._files[path] = self._load(path)
        return self._files[path]

    def glance(self, path: str) -> SourceFile | None:
        """See `Tree.glance`."""
        return self._files[path] if path in self._files else self._load(path)

    def _load(self, path: str) -> SourceFile | None:
        if path in self._unsaved:
            content: bytes | None = self._unsaved[path]
        else:
            content = self.content(path)
        if content is None:
            return None
        file = decode(path, content)
        self.read_paths.add(path)
        return file

    def content(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none or where it lies outside. Raises `UnreadableError`."""
        try:
            if path in self._plain:
                return self._bytes(f"{self._prefix}{path}", _NO_LINK)
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                return None
            place = self.root / path
            if not place.is_file():
                if place.is_symlink():
                    raise UnreadableError("This link points to a missing file.", "Fix, delete or exclude it.")
                if place.exists() and not place.is_dir():
                    message = "This is a pipe, socket or device, not a regular file."
                    raise UnreadableError(message, "Exclude it.")
                return None
            if not resolved(place).is_relative_to(self.root):
                raise UnreadableError(*_LEADS_OUT)
            return self._bytes(str(place))
        except ValueError:  # a NUL, which no path has
            return None
        except OSError as error:
            if error.errno in _NO_NAMES:
                return None
            message = f"This file cannot be read: {error.strerror or error}."
            raise UnreadableError(message, "Check its permissions, or exclude it.") from None

    @cached_property
    def _prefix(self) -> str:
        return f"{str(self.root).rstrip(os.sep)}{os.sep}"

    @staticmethod
    def _bytes(place: str, flags: int = 0) -> bytes:
        with open(os.open(place, os.O_RDONLY | _BINARY | flags), "rb", buffering=0) as stream:  # noqa: PTH123 - takes flags
            content = stream.read(SIZE_LIMIT + 1)
            if len(content) > SIZE_LIMIT:
                message = f"This file is larger than {SIZE_LIMIT // 2**20} MiB."
                raise TooLargeError(message, "Split it, or exclude it.", _searchable(stream.fileno()))
        return content

    def files(self, directory: str) -> Iterable[str]:
        """See `Workspace.files`."""
        if directory not in self._listings:
            self.enter(directory)
        return self._listings[directory]

    def enter(self, directory: str, *, known: bool = False) -> list[os.DirEntry[str]]:
        """List a directory; answers the directories in it and the links to directories, sorted by name.

        It is `known` if it was found on the way: then it is a problem if its path is too long to be entered.
        """
        prefix = f"{directory}/" if directory else ""
        inside: list[os.DirEntry[str]] = []
        listed = {path for path in self._unsaved if path.rpartition("/")[0] == directory}
        for entry in self._entries(directory, known=known):
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                inside.append(entry)
                if directory in self._inside:
                    self._inside.add(path)
                continue
            listed.add(path)  # a link that leads nowhere as well, so that reading it says what is wrong
            if entry.is_file(follow_symlinks=False):
                if directory in self._inside:
                    self._plain.add(path)
            elif _leads_to_directory(entry):
                inside.append(entry)
        for path in tuple(listed):
            if reason := self.left_out(path):
                self.leave_out(path, reason)
                listed.remove(path)
        self._listings[directory] = tuple(sorted(listed))
        return sorted(inside, key=lambda entry: entry.name)

    def leave_out(self, path: str, reason: str) -> None:
        """Record that a file is not listed, or that a directory is not entered."""
        self.unlisted.setdefault(reason, set()).add(path)

    def _entries(self, directory: str, *, known: bool) -> list[os.DirEntry[str]]:
        place = f"{self._prefix}{directory}"
        try:
            if directory not in self._inside and (
                ".." in PurePosixPath(directory).parts or not resolved(Path(place)).is_relative_to(self.root)
            ):
                return []
            with os.scandir(place) as entries:
                return list(entries)
        except ValueError:  # see `resolved`
            return []
        except OSError as error:
            if error.errno not in (_NOT_THERE - _NO_NAMES if known else _NOT_THERE):
                self.unreadable(error)
            return []

    def real(self, directory: str) -> str:
        """See `Workspace.real`."""
        if directory in self._inside:
            return directory
        if directory not in self._real:
            place = resolved(self.root / directory)
            inside = place.is_relative_to(self.root)
            self._real[directory] = relative(place, self.root) if inside else directory
        return self._real[directory]

    def leads_out(self, link: str) -> None:
        """Record that a link to a directory was not followed."""
        message, hint = _LEADS_OUT
        self.problems.append(Problem(Kind.UNREADABLE, message, link, hint=hint))

    def unreadable(self, error: OSError) -> None:
        """Record that a directory could not be looked into."""
        path = Path(error.filename or self.root)
        shown = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else "."
        message = f"This directory cannot be listed: {error.strerror or error}."
        self.problems.append(Problem(Kind.UNREADABLE, message, shown, hint="Check its permissions, or exclude it."))


def resolved(path: Path) -> Path:
    """The path without links. Unlike `Path.resolve` it bears links that lead in a circle, and what no path can be."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a NUL, or a surrogate that is alone
        return Path(os.path.normpath(path))


def exists(path: Path) -> bool:
    """Whether something is there. Unlike `Path.exists` it bears what may not be looked at, and what no path can be."""
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: Path) -> bool:
    """Whether a regular file is there, bearing the same."""
    return os.path.isfile(path)  # noqa: PTH113


def is_directory(path: Path) -> bool:
    """Whether a directory is there, bearing the same."""
    return os.path.isdir(path)  # noqa: PTH112


def relative(place: Path, root: Path) -> str:
    """A place as a path relative to the root; "" for the root itself."""
    path = place.relative_to(root).as_posix()
    return "" if path == "." else path


def _searchable(descriptor: int) -> mmap | None:
    """A file that is too large to be read, mapped so that it can be searched; None where even that takes too long."""
    return None if os.fstat(descriptor).st_size > SEARCH_LIMIT else mmap(descriptor, 0, access=ACCESS_READ)


def decode(path: str, content: bytes) -> SourceFile:
    """Bytes as text: UTF-8 or UTF-16, each with or without a byte order mark. Raises `UnreadableError`."""
    mark, encoding = encoding_of(content)
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"This file is not {encoding.upper()} text: see line {line}."
        raise UnreadableError(message, "Save it as UTF-8, or exclude it.", content) from None
    if "\0" in text[:2]:  # UTF-32, or no text at all
        raise UnreadableError(
            "This file is neither UTF-8 nor UTF-16 text.", "Save it as UTF-8, or exclude it.", content
        )
    return SourceFile(path, text, byte_order_mark=bool(mark), encoding=encoding)


def encoding_of(content: bytes) -> tuple[bytes, str]:
    """The byte order mark that bytes begin with, b"" for none, and Python's name of how they are encoded.

    Sources begin with two characters of ASCII, of which one half is zero in UTF-16.
    """
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    zeros = {content[:4:2]: "utf-16-be", content[1:4:2]: "utf-16-le"}
    unmarked = (b"", zeros.get(b"\0\0", "utf-8"))
    return next(((mark, name) for mark, name in marks if content.startswith(mark)), unmarked)
