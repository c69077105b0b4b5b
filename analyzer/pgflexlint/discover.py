"""From paths on disk to a workspace: what is read, from where, and what is left out."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pgflexlint.source import SourceFile, UnreadableError

SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".terragrunt-cache", ".venv", "node_modules"})
SIZE_LIMIT = 32 * 1024 * 1024
"""Bytes; a larger file is not read."""


class UsageError(Exception):
    """The command line or the configuration asks for something that cannot be; the message is for a person."""


class DiskWorkspace:
    """The files below a directory. Nothing outside it is ever read, not through links either."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._files: dict[str, SourceFile | None] = {}
        self._listings: dict[str, tuple[str, ...]] = {}

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
                return None
            if not place.resolve().is_relative_to(self.root):
                raise UnreadableError("This link leads out of the directory that is looked at, so it is not followed.")
            if place.stat().st_size > SIZE_LIMIT:
                raise UnreadableError(f"This file is larger than {SIZE_LIMIT // 2**20} MiB.")
            content = place.read_bytes()
        except OSError as error:
            raise UnreadableError(f"This file cannot be read: {error.strerror or error}.") from None
        return decode(path, content)

    def files(self, directory: str) -> Iterable[str]:
        """See `Workspace.files`."""
        if directory not in self._listings:
            place = self.root / directory
            inside = ".." not in PurePosixPath(directory).parts and place.resolve().is_relative_to(self.root)
            names = (
                sorted(entry.name for entry in os.scandir(place) if entry.is_file()) if _is_dir(place, inside) else []
            )
            prefix = f"{directory}/" if directory else ""
            self._listings[directory] = tuple(prefix + name for name in names)
        return self._listings[directory]


def _is_dir(place: Path, inside: bool) -> bool:
    return inside and place.is_dir()


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
    folder that they share. Where only files are named their callers count too, so everything below the root is
    looked through.
    """
    places = [(cwd / path).resolve() for path in paths or (".",)]
    for path, place in zip(paths or (".",), places, strict=True):
        if not place.exists():
            raise UsageError(f"There is no file or directory '{path}'.")
    root = _root(places, cwd.resolve())
    workspace = DiskWorkspace(root)
    seeds = frozenset(place.relative_to(root).as_posix() for place in places if place.is_file())
    tops = [place for place in places if place.is_dir()] or [root]
    excluded = _matcher(excludes, root, cwd.resolve())
    directories = [found for top in tops for found in _walk(top, root, excluded)]
    return Target(workspace, tuple(dict.fromkeys(directories)), seeds)


def _root(places: Sequence[Path], cwd: Path) -> Path:
    shared = Path(os.path.commonpath([place if place.is_dir() else place.parent for place in places]))
    for place in (shared, *shared.parents):
        if (place / ".git").exists():
            return place
    return cwd if shared.is_relative_to(cwd) else shared


def _walk(top: Path, root: Path, excluded: Callable[[str], bool]) -> Iterable[str]:
    for directory, names, _ in os.walk(top):
        relative = Path(directory).relative_to(root).as_posix()
        here = "" if relative == "." else relative
        if here and excluded(here):
            names.clear()
            continue
        yield here
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
