"""From paths on disk to a workspace: what is read, from where, and what is left out."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, TooLargeError, UnreadableError

SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".terragrunt-cache", ".venv", "node_modules"})
SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes; a larger file is not read."""


class UsageError(Exception):
    """The command line or the configuration asks for something that cannot be; the message is for a person."""


class DiskWorkspace:
    """The files below a directory. Nothing outside it is ever read, not through links either."""

    def __init__(self, root: Path) -> None:
        self.root = resolved(root)
        self.problems: list[Problem] = []
        """Directories that could not be looked into."""
        self._files: dict[str, SourceFile | None] = {}
        self._listings: dict[str, tuple[str, ...]] = {}
        self._real: dict[str, str] = {}

    @property
    def read_count(self) -> int:
        """How many files were read."""
        return sum(file is not None for file in self._files.values())

    def read(self, path: str) -> SourceFile | None:
        """See `Workspace.read`."""
        if path not in self._files:
            self._files[path] = self._load(path)
        return self._files[path]

    def _load(self, path: str) -> SourceFile | None:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            return None
        place = self.root / path
        try:
            if not place.is_file():
                if place.is_symlink():
                    raise UnreadableError("This link leads to no file.")
                if place.exists() and not place.is_dir():
                    raise UnreadableError("This is no file that can be read as a whole, but a pipe, socket or device.")
                return None
            if not resolved(place).is_relative_to(self.root):
                raise UnreadableError("This link leads out of the directory that is looked at, so it is not followed.")
            if place.stat().st_size > SIZE_LIMIT:
                raise TooLargeError(f"This file is larger than {SIZE_LIMIT // 2**20} MiB.")
            content = place.read_bytes()
        except OSError as error:
            raise UnreadableError(f"This file cannot be read: {error.strerror or error}.") from None
        return decode(path, content)

    def files(self, directory: str) -> Iterable[str]:
        """See `Workspace.files`."""
        if directory not in self._listings:
            prefix = f"{directory}/" if directory else ""
            self._listings[directory] = tuple(prefix + name for name in self._names(directory))
        return self._listings[directory]

    def _names(self, directory: str) -> list[str]:
        place = self.root / directory
        try:
            if ".." in PurePosixPath(directory).parts or not resolved(place).is_relative_to(self.root):
                return []
            # A link that leads nowhere counts as a file, so that reading it says what is wrong.
            return sorted(entry.name for entry in os.scandir(place) if not entry.is_dir(follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.unreadable(error)
            return []

    def real(self, directory: str) -> str:
        """See `Workspace.real`."""
        if directory not in self._real:
            place = resolved(self.root / directory)
            inside = place.is_relative_to(self.root)
            path = place.relative_to(self.root).as_posix() if inside else directory
            self._real[directory] = "" if path == "." else path
        return self._real[directory]

    def leads_out(self, link: Path) -> None:
        """Keep that a link to a directory was not followed."""
        message = "This link leads out of the directory that is looked at, so it is not followed."
        hint = "Look at where it leads separately, or exclude it."
        self.problems.append(Problem(Kind.UNREADABLE, message, link.relative_to(self.root).as_posix(), hint=hint))

    def unreadable(self, error: OSError) -> None:
        """Keep that a directory could not be looked into."""
        path = Path(error.filename or self.root)
        shown = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else "."
        message = f"This directory cannot be looked into: {error.strerror or error}."
        self.problems.append(Problem(Kind.UNREADABLE, message, shown, hint="Check its permissions, or exclude it."))


def resolved(path: Path) -> Path:
    """The path without links, also where these lead nowhere or in a circle, which `Path.resolve` cannot bear."""
    return Path(os.path.realpath(path))


def decode(path: str, content: bytes) -> SourceFile:
    """Bytes as text: UTF-8 with or without a byte order mark, or UTF-16 with one. Raises `UnreadableError`."""
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    mark, encoding = next(((mark, name) for mark, name in marks if content.startswith(mark)), (b"", "utf-8"))
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"This file is not {encoding.upper()} text: see line {line}.") from None
    return SourceFile(path, text, byte_order_mark=bool(mark))


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be looked at."""

    workspace: DiskWorkspace
    directories: tuple[str, ...]
    """All directories in which sources are looked for, relative to the root."""
    seeds: frozenset[str] = field(default_factory=frozenset)
    """The files that were named; empty where only directories were."""


def target(paths: Sequence[str], excludes: Sequence[str], cwd: Path) -> Target:
    """The workspace for some paths. Raises `UsageError` for a path that is not there.

    Its root is the top of the git checkout above the paths, else the current directory where it holds them, else the
    folder that they share. Where files are named their callers count too: they are looked for everywhere in the
    checkout; outside of one, only in the directories of the files and those above.
    """
    places = [_place(cwd / path) for path in paths or (".",)]
    for path, place in zip(paths or (".",), places, strict=True):
        if not place.exists():
            raise UsageError(f"There is no file or directory '{path}'.")
        if not place.is_file() and not place.is_dir():
            raise UsageError(f"'{path}' is neither a file nor a directory.")
    root = _root(places, resolved(cwd))
    workspace = DiskWorkspace(root)
    seeds = frozenset(place.relative_to(root).as_posix() for place in places if place.is_file())
    tops = [place for place in places if place.is_dir()]
    if seeds and (root / ".git").exists():
        tops.append(root)
    excluded = _matcher(excludes, root, resolved(cwd))
    directories = [found for top in tops for found in _walk(top, workspace, excluded)]
    for seed in sorted(seeds):
        above = (parent.as_posix() for parent in PurePosixPath(seed).parents)
        directories += ["" if parent == "." else parent for parent in above]
    return Target(workspace, tuple(dict.fromkeys(directories)), seeds)


def _place(path: Path) -> Path:
    """Where a path leads. A link to a file stays one, so that it is not followed out of where it is."""
    place = resolved(path)
    return place if place.is_dir() or not path.name else resolved(path.parent) / path.name


def _root(places: Sequence[Path], cwd: Path) -> Path:
    shared = Path(os.path.commonpath([place if place.is_dir() else place.parent for place in places]))
    for place in (shared, *shared.parents):
        if (place / ".git").exists():
            return place
    return cwd if shared.is_relative_to(cwd) else shared


def _walk(top: Path, workspace: DiskWorkspace, excluded: Callable[[str], bool]) -> Iterable[str]:
    for directory, names, _ in os.walk(top, onerror=workspace.unreadable):
        relative = Path(directory).relative_to(workspace.root).as_posix()
        here = "" if relative == "." else relative
        if here and excluded(here):
            names.clear()
            continue
        yield here
        for name in names:
            link = Path(directory) / name
            if link.is_symlink() and not resolved(link).is_relative_to(workspace.root):
                workspace.leads_out(link)
        names[:] = sorted(name for name in names if name not in SKIPPED_DIRECTORIES)


def _matcher(globs: Sequence[str], root: Path, cwd: Path) -> Callable[[str], bool]:
    """Whether a directory, relative to the root, is left out by globs that are relative to the current directory."""
    if not globs:
        return lambda directory: False
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - only where somebody excludes something

    spec = GitIgnoreSpec.from_lines(globs)
    prefix = f"{cwd.relative_to(root).as_posix()}/" if cwd.is_relative_to(root) and cwd != root else ""

    def excluded(directory: str) -> bool:
        # A glob such as `examples/**` means the directory too: what is in it is what is left out.
        return directory.startswith(prefix) and spec.match_file(f"{directory[len(prefix) :]}/any")

    return excluded
