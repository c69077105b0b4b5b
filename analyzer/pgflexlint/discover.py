"""From paths on disk to a workspace: what is read, from where, and what is left out."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pgflexlint.globs import matcher
from pgflexlint.problem import Kind, Problem, UsageError
from pgflexlint.source import SourceFile, TooLargeError, UnreadableError

SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".terragrunt-cache", ".venv", "node_modules"})
OWN, PROJECT = ".pgflexlint.toml", "pyproject.toml"
"""The names of a configuration file, the one that counts for more first."""
SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes; a larger file is not read."""
SEARCH_LIMIT = 8 * SIZE_LIMIT
"""Bytes; in a larger file nothing is even searched for."""

_LEADS_OUT = (
    "This link leads out of the directory that is looked at, so it is not followed.",
    "Look at where it leads separately, or exclude it.",
)


class DiskWorkspace:
    """The files below a directory. Nothing outside it is ever read, not through links either."""

    def __init__(self, root: Path, unsaved: Mapping[str, bytes] | None = None) -> None:
        """`unsaved`: by path, contents that count in the place of what is on disk."""
        self.root = resolved(root)
        self.left_out: Callable[[str], bool] = lambda path: False
        """Whether a file is not listed, whoever asks; it can be read all the same."""
        self.excluded: set[str] = set()
        """The files that were not listed."""
        self.problems: list[Problem] = []
        """Directories that could not be looked into."""
        self._files: dict[str, SourceFile | None] = {}
        self._listings: dict[str, tuple[str, ...]] = {}
        self._real: dict[str, str] = {}
        self._unsaved = dict(unsaved or {})

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
        if path in self._unsaved:
            return decode(path, self._unsaved[path])
        place = self.root / path
        try:
            if not place.is_file():
                if place.is_symlink():
                    raise UnreadableError("This link leads to no file.", "Mend or delete it, or exclude it.")
                if place.exists() and not place.is_dir():
                    message = "This is no file that can be read as a whole, but a pipe, socket or device."
                    raise UnreadableError(message, "Exclude it.")
                return None
            if not resolved(place).is_relative_to(self.root):
                raise UnreadableError(*_LEADS_OUT)
            if (size := place.stat().st_size) > SIZE_LIMIT:
                message = f"This file is larger than {SIZE_LIMIT // 2**20} MiB."
                raise TooLargeError(message, "Split it, or exclude it.", _searchable(place, size))
            content = place.read_bytes()
        except OSError as error:
            message = f"This file cannot be read: {error.strerror or error}."
            raise UnreadableError(message, "Check its permissions, or exclude it.") from None
        return decode(path, content)

    def files(self, directory: str) -> Iterable[str]:
        """See `Workspace.files`."""
        if directory not in self._listings:
            prefix = f"{directory}/" if directory else ""
            listed = {prefix + name for name in self._names(directory)}
            listed |= {path for path in self._unsaved if path.rpartition("/")[0] == directory}
            left_out = set(filter(self.left_out, listed))
            self.excluded |= left_out
            self._listings[directory] = tuple(sorted(listed - left_out))
        return self._listings[directory]

    def _names(self, directory: str) -> list[str]:
        place = self.root / directory
        try:
            if ".." in PurePosixPath(directory).parts or not resolved(place).is_relative_to(self.root):
                return []
            # A link that leads nowhere counts as a file, so that reading it says what is wrong.
            return [entry.name for entry in os.scandir(place) if not entry.is_dir(follow_symlinks=False)]
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
        message, hint = _LEADS_OUT
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


def _searchable(place: Path, size: int) -> mmap | None:
    """A large file, to be searched without being read as a whole; None where that takes too long."""
    if size > SEARCH_LIMIT:
        return None
    with place.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)


def decode(path: str, content: bytes) -> SourceFile:
    """Bytes as text: UTF-8 with or without a byte order mark, or UTF-16 with one. Raises `UnreadableError`."""
    mark, encoding = encoding_of(content)
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"This file is not {encoding.upper()} text: see line {line}."
        raise UnreadableError(message, "Save it as UTF-8, or exclude it.", content) from None
    return SourceFile(path, text, byte_order_mark=bool(mark))


def encoding_of(content: bytes) -> tuple[bytes, str]:
    """The byte order mark that bytes begin with, b"" for none, and Python's name of how they are encoded."""
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    return next(((mark, name) for mark, name in marks if content.startswith(mark)), (b"", "utf-8"))


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be looked at."""

    workspace: DiskWorkspace
    directories: tuple[str, ...]
    """All directories in which sources are looked for, relative to the root."""
    seeds: frozenset[str] = field(default_factory=frozenset)
    """The files that were named; empty where only directories were."""
    tops: tuple[str, ...] = ()
    """The directories that were named."""

    def covers(self, path: str) -> bool:
        """Whether all findings in a file or below a directory would be reported."""
        if self.seeds:
            return path in self.seeds
        return any(top in ("", path) or path.startswith(f"{top}/") for top in self.tops)


def configuration(directory: Path, top: Path) -> Path | None:
    """The configuration file that counts for a directory: the nearest one, up to `top`.

    Of two in one directory `.pgflexlint.toml` counts; a `pyproject.toml` counts that has the table.
    """
    for place in (directory, *directory.parents):
        for name in (OWN, PROJECT):
            if (place / name).is_file() and (name == OWN or _has_our_table(place / name)):
                return place / name
        if place == top:
            break
    return None


_OUR_TABLE = re.compile(rb"""tool["']?\s*\.\s*["']?pgflexlint\b|^\s*(?:\[\s*tool\s*\]|tool\s*=)""", re.MULTILINE)
"""How the table may be written; most files have nothing like it, and need not be read as TOML, which takes longer."""


def _has_our_table(path: Path) -> bool:
    content = path.read_bytes()
    if not _OUR_TABLE.search(content):
        return False
    import tomllib  # noqa: PLC0415 - slow, and mostly not needed

    try:
        return "pgflexlint" in tomllib.loads(content.decode("utf-8")).get("tool", {})
    except (ValueError, AttributeError):
        return True  # whoever reads it says what is wrong


class Places(NamedTuple):
    """Where to look."""

    root: Path
    """The directory that nothing is read outside of."""
    named: tuple[Path, ...]
    """The files and directories that were named."""
    shared: Path
    """The directory that they share."""


def places(paths: Sequence[str], cwd: Path, unsaved: str = "") -> Places:
    """Where some paths are. Raises `UsageError` for one that is not there, but for the one of an `unsaved` file.

    The root is the top of the git checkout above them, else the current directory where it holds them, else the
    folder that they share.
    """
    named = []
    for path in paths or (".",):
        place = _place(cwd / path)
        if not place.exists() and path != unsaved:
            raise UsageError(f"There is no file or directory '{path}'.")
        if place.exists() and not place.is_file() and not place.is_dir():
            raise UsageError(f"'{path}' is neither a file nor a directory.")
        named.append(place)
    shared = Path(os.path.commonpath([place if place.is_dir() else place.parent for place in named]))
    return Places(_root(shared, resolved(cwd)), tuple(named), shared)


def target(
    paths: Sequence[str],
    excludes: Sequence[str],
    cwd: Path,
    *,
    excludes_base: Path | None = None,
    unsaved: tuple[str, bytes] | None = None,
) -> Target:
    """The workspace for some paths. Raises `UsageError` for a path that is not there.

    Where files are named their callers count too: they are looked for everywhere in the checkout; outside of one, only
    in the directories of the files and those above. The globs of `excludes` are relative to `excludes_base`, else to
    the current directory. `unsaved` is one of the paths and what stands there in the place of what is on disk.
    """
    root, named, _ = places(paths, cwd, unsaved[0] if unsaved else "")
    in_memory = {_place(cwd / unsaved[0]).relative_to(root).as_posix(): unsaved[1]} if unsaved else {}
    workspace = DiskWorkspace(root, in_memory)
    tops = [place for place in named if place.is_dir()]
    seeds = frozenset(place.relative_to(root).as_posix() for place in named if not place.is_dir())
    named_directories = tuple(_relative(place, root) for place in tops)
    if seeds and (root / ".git").exists():
        tops.append(root)
    excluded = _Excluded(excludes, root, resolved(excludes_base or cwd))
    workspace.left_out = lambda path: path not in seeds and excluded.file(path)
    directories = [found for top in tops for found in _walk(top, workspace, excluded.directory)]
    for seed in sorted(seeds):
        above = (parent.as_posix() for parent in PurePosixPath(seed).parents)
        directories += ["" if parent == "." else parent for parent in above]
    return Target(workspace, tuple(dict.fromkeys(directories)), seeds, named_directories)


def _place(path: Path) -> Path:
    """Where a path leads. A link to a file stays one, so that it is not followed out of where it is."""
    place = resolved(path)
    return place if place.is_dir() or not path.name else resolved(path.parent) / path.name


def _relative(place: Path, root: Path) -> str:
    path = place.relative_to(root).as_posix()
    return "" if path == "." else path


def _root(shared: Path, cwd: Path) -> Path:
    for place in (shared, *shared.parents):
        if (place / ".git").exists():
            return place
    return cwd if shared.is_relative_to(cwd) else shared


def _walk(top: Path, workspace: DiskWorkspace, excluded: Callable[[str], bool]) -> Iterable[str]:
    for directory, names, _ in os.walk(top, onerror=workspace.unreadable):
        here = _relative(Path(directory), workspace.root)
        if here and excluded(here):
            names.clear()
            continue
        yield here
        for name in names:
            link = Path(directory) / name
            if link.is_symlink() and not resolved(link).is_relative_to(workspace.root):
                workspace.leads_out(link)
        names[:] = sorted(name for name in names if name not in SKIPPED_DIRECTORIES)


_ANYTHING = "\ufffe" * 16
"""A name that no glob means unless it means all."""


class _Excluded:
    """What globs leave out, which are relative to a directory."""

    def __init__(self, globs: Sequence[str], root: Path, base: Path) -> None:
        self._matches = matcher(globs, _relative(base, root) if base.is_relative_to(root) else "")

    def directory(self, path: str) -> bool:
        """Whether a directory, relative to the root, is left out."""
        # A glob such as `examples/**` means the directory too: what is in it is what is left out.
        return self._matches(f"{path}/{_ANYTHING}" if path else _ANYTHING)

    def file(self, path: str) -> bool:
        """Whether a file is left out by itself: those of a directory that is left out can be called from elsewhere."""
        return self._matches(path) and not self.directory(path.rpartition("/")[0])
