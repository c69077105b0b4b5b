"""From paths on disk to a workspace: what is read, from where, and what is left out."""

from __future__ import annotations

import codecs
import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from msgspec import Struct, field

from pgflexlint.globs import WORK_LIMIT, Lines, Work, matcher
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, UsageError
from pgflexlint.source import SourceFile, TooLargeError, UnreadableError

SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".terragrunt-cache", ".venv", "node_modules"})
OWN, PROJECT = ".pgflexlint.toml", "pyproject.toml"
"""The names of a configuration file, the one that counts for more first."""
GITIGNORE, GIT_EXCLUDE = ".gitignore", ".git/info/exclude"
"""The files that say what Git ignores: in any directory, and in the top one."""
CONFIGURATION_LIMIT = 2**20
"""Bytes; a larger configuration is not read."""
SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes; a larger file is not read."""
SEARCH_LIMIT = 8 * SIZE_LIMIT
"""Bytes; in a larger file nothing is even searched for."""

_LEADS_OUT = (
    "This link leads out of the directory that is looked at, so it is not followed.",
    "Look at where it leads separately, or exclude it.",
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
    """The files below a directory. Nothing outside it is ever read, not through links either."""

    def __init__(self, root: Path, unsaved: Mapping[str, bytes] | None = None) -> None:
        """`unsaved`: by path, contents that count in the place of what is on disk."""
        self.root = resolved(root)
        self.left_out: Callable[[str], str] = lambda path: ""
        """Why a file is not listed, whoever asks; it can be read all the same. "" where it is."""
        self.unlisted: dict[str, set[str]] = {}
        """By reason, the files that were not listed, and the directories, which end with `/`, that were not entered."""
        self.problems: list[Problem] = []
        """Directories that could not be looked into."""
        self._files: dict[str, SourceFile | None] = {}
        self._read: set[str] = set()
        self._listings: dict[str, tuple[str, ...]] = {}
        self._plain: set[str] = set()
        """Files that are no links and are in directories inside the root, so that they may be opened without more."""
        self._inside = {""}
        """Directories that are no links, and are in such up to the root."""
        self._real: dict[str, str] = {}
        self._unsaved = dict(unsaved or {})

    @property
    def read_count(self) -> int:
        """How many files were read."""
        return len(self._read)

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
        self._read.add(path)
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
                    raise UnreadableError("This link leads to no file.", "Mend or delete it, or exclude it.")
                if place.exists() and not place.is_dir():
                    message = "This is no file that can be read as a whole, but a pipe, socket or device."
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

    def enter(self, directory: str) -> list[os.DirEntry[str]]:
        """List a directory; answers the directories and links to such in it, by name."""
        prefix = f"{directory}/" if directory else ""
        inside: list[os.DirEntry[str]] = []
        listed = {path for path in self._unsaved if path.rpartition("/")[0] == directory}
        for entry in self._entries(directory):
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
        """Keep that a file is not listed, or a directory not entered."""
        self.unlisted.setdefault(reason, set()).add(path)

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        place = f"{self._prefix}{directory}"
        try:
            if directory not in self._inside and (
                ".." in PurePosixPath(directory).parts or not resolved(Path(place)).is_relative_to(self.root)
            ):
                return []
            with os.scandir(place) as entries:
                return list(entries)
        except ValueError:  # a NUL, which no path has
            return []
        except OSError as error:
            if error.errno not in _NOT_THERE:
                self.unreadable(error)
            return []

    def real(self, directory: str) -> str:
        """See `Workspace.real`."""
        if directory in self._inside:
            return directory
        if "\0" in directory:  # which no path has
            return directory
        if directory not in self._real:
            place = resolved(self.root / directory)
            inside = place.is_relative_to(self.root)
            path = place.relative_to(self.root).as_posix() if inside else directory
            self._real[directory] = "" if path == "." else path
        return self._real[directory]

    def leads_out(self, link: str) -> None:
        """Keep that a link to a directory was not followed."""
        message, hint = _LEADS_OUT
        self.problems.append(Problem(Kind.UNREADABLE, message, link, hint=hint))

    def unreadable(self, error: OSError) -> None:
        """Keep that a directory could not be looked into."""
        path = Path(error.filename or self.root)
        shown = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else "."
        message = f"This directory cannot be looked into: {error.strerror or error}."
        self.problems.append(Problem(Kind.UNREADABLE, message, shown, hint="Check its permissions, or exclude it."))


def resolved(path: Path) -> Path:
    """The path without links, also where these lead nowhere or in a circle, which `Path.resolve` cannot bear."""
    return Path(os.path.realpath(path))


def _searchable(descriptor: int) -> mmap | None:
    """A large file, to be searched without being read as a whole; None where that takes too long."""
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


class Target(Struct, frozen=True):
    """What is to be looked at."""

    workspace: DiskWorkspace
    directories: tuple[str, ...]
    """All directories in which sources are looked for, relative to the root."""
    seeds: frozenset[str] = field(default_factory=frozenset)
    """The files that were named, with those in the directories that were; empty where only directories were."""
    tops: tuple[str, ...] = ()
    """The directories that were named."""

    def covers(self, path: str) -> bool:
        """Whether all findings in a file or below a directory would be reported."""
        return path in self.seeds or self.below(path)

    def below(self, path: str) -> bool:
        """Whether a file or directory is in one that was named."""
        return any(top in ("", path) or path.startswith(f"{top}/") for top in self.tops)


def configuration(directory: Path, top: Path) -> Path | None:
    """The configuration file that counts for a directory: the nearest one, up to `top`.

    Of two in one directory `.pgflexlint.toml` counts; a `pyproject.toml` counts that has the table, and one that may
    not be read: nothing says that it has none.
    """
    for place in (directory, *directory.parents):
        for name in (OWN, PROJECT):
            if (place / name).is_file() and (name == OWN or _has_our_table(place / name, top)):
                return place / name
        if place == top:
            break
    return None


_OUR_TABLE = compiled(rb"""tool["']?\s*\.\s*["']?pgflexlint\b|^[ \t]*+(?:\[\s*tool\s*\]|tool\s*=)""", re.MULTILINE)
"""How the table may be written; most files have nothing like it, and need not be read as TOML, which takes longer."""


def _has_our_table(path: Path, top: Path) -> bool:
    if not resolved(path).is_relative_to(top):
        return True
    try:
        with path.open("rb") as stream:
            content = stream.read(CONFIGURATION_LIMIT + 1)
    except OSError:
        return True
    if len(content) > CONFIGURATION_LIMIT:
        return True
    if not _OUR_TABLE.search(content):
        return False
    try:
        return "pgflexlint" in read_toml(content.decode("utf-8")).get("tool", {})
    except (ValueError, AttributeError, TypeError):
        return True  # whoever reads it says what is wrong


TOML_TOKEN = compiled(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}'
    + r"|'''(?s:.*?)'{3,5}"
    + r'|"(?:[^"\\\n]|\\.)*+"'
    + r"|'[^'\n]*+'|#[^\n]*+|[\[\]{}\n]",
    re.DOTALL,
)
"""Texts, comments, and what a document is made of besides."""
_KEY = compiled(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){2,}+")
"""All but the last part of a key of three parts and more."""
_LONG_NUMBER = compiled(r"(?<![\w-])[+-]?+(?=\w{1000})\d")
"""Python reads and writes no number of more than 4,300 decimal digits, whatever the base it is written to."""
_KEY_LIMIT, _KEYS_LIMIT = 100, 10_000
"""How many parts one key may have, and all of three and more: each part takes far more memory than its text."""


def read_toml(text: str) -> dict[str, Any]:
    """A TOML document. Raises `ValueError`, which says what is wrong and where, as `tomllib` does."""
    import tomllib  # noqa: PLC0415 - slow, and mostly not needed

    text = text.replace("\r\n", "\n")
    bare = TOML_TOKEN.sub(lambda token: token[0] if len(token[0]) == 1 else "a" + "\n" * token[0].count("\n"), text)
    for what, place in _out_of_bounds(bare):
        line = bare.count("\n", 0, place) + 1
        raise ValueError(f"{what} (at line {line}, column 1)")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("It is nested too deeply") from None


def _out_of_bounds(bare: str) -> Iterator[tuple[str, int]]:
    """What costs too much in a TOML document without its texts and comments, and the offset."""
    if number := _LONG_NUMBER.search(bare):
        yield "A number is too long", number.start()
    parts = 0
    for key in _KEY.finditer(bare):
        its_own = key[0].count(".")
        parts += its_own
        if its_own >= _KEY_LIMIT:
            yield f"A key has more than {_KEY_LIMIT} parts", key.start()
        if parts >= _KEYS_LIMIT:
            yield f"The keys have more than {_KEYS_LIMIT:,} parts", key.start()


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
    gitignore: bool = True,
) -> Target:
    """The workspace for some paths. Raises `UsageError` for a path that is not there.

    Where files are named their callers count too: they are looked for everywhere in the checkout; outside of one, only
    in the directories of the files and those above. The globs of `excludes` are relative to `excludes_base`, else to
    the current directory. `unsaved` is one of the paths and what stands there in the place of what is on disk. With
    `gitignore`, what Git ignores is left out of directories, unless it is named itself.
    """
    root, named, _ = places(paths, cwd, unsaved[0] if unsaved else "")
    in_memory = {_place(cwd / unsaved[0]).relative_to(root).as_posix(): unsaved[1]} if unsaved else {}
    workspace = DiskWorkspace(root, in_memory)
    tops = [_relative(place, root) for place in named if place.is_dir()]
    seeds = frozenset(place.relative_to(root).as_posix() for place in named if not place.is_dir())
    everywhere = [""] if seeds and (root / ".git").exists() else []
    walk = _Walk(workspace, _Excluded(excludes, root, resolved(excludes_base or cwd)), seeds, gitignore=gitignore)
    directories = [found for top in tops for found in walk.below(top)]
    inside = [path for directory in directories for path in workspace.files(directory)] if seeds else []
    directories += [found for top in everywhere for found in walk.below(top)]
    for seed in sorted(seeds):
        above = (parent.as_posix() for parent in PurePosixPath(seed).parents)
        directories += ["" if parent == "." else parent for parent in above]
    return Target(workspace, tuple(dict.fromkeys(directories)), seeds.union(inside), tuple(tops))


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


class _Walk:
    """The directories of a workspace in which sources are looked for."""

    def __init__(
        self, workspace: DiskWorkspace, excluded: _Excluded, seeds: frozenset[str], *, gitignore: bool
    ) -> None:
        self._workspace = workspace
        self._excluded = excluded
        self._seeds = seeds
        self._gitignore = gitignore
        self._lines: dict[str, tuple[tuple[int, Lines], ...]] = {}
        """By directory: what Git ignores there, the last to count first, each with how many names lead to its file."""
        self._shared: dict[str, Lines] = {}
        """By text: what is made of it."""
        self._written = [0, 0]
        """How many lines and characters they have together."""
        self._work = Work()
        self._gave_up: set[str] = set()
        workspace.left_out = self._left_out

    def below(self, top: str) -> Iterator[str]:
        """A directory, although it may be ignored, and those in it that are not left out."""
        names = top.split("/") if top else []
        for depth in range(len(names) + 1):
            self._take("/".join(names[:depth]))
        todo = [top]
        while todo:
            here = todo.pop()
            if here and self._is_excluded(here, directory=True):
                self._workspace.leave_out(f"{here}/", _EXCLUDED)
                continue
            self._take(here)
            yield here
            inside: list[str] = []
            for entry in self._workspace.enter(here):
                path = f"{here}/{entry.name}" if here else entry.name
                if entry.is_symlink():
                    if not resolved(Path(entry.path)).is_relative_to(self._workspace.root):
                        self._workspace.leads_out(path)
                elif entry.name in SKIPPED_DIRECTORIES:
                    continue
                elif self._is_ignored(path, directory=True):
                    self._workspace.leave_out(f"{path}/", _IGNORED)
                else:
                    inside.append(path)
            todo += reversed(inside)

    def _left_out(self, path: str) -> str:
        if path in self._seeds:
            return ""
        if self._is_excluded(path, directory=False):
            return _EXCLUDED
        return _IGNORED if self._is_ignored(path, directory=False) else ""

    def _is_ignored(self, path: str, *, directory: bool) -> bool:
        lines = self._lines.get(path.rpartition("/")[0])
        if not lines:
            return False
        names = path.split("/")
        for depth, each in lines:
            answer = None if self._work.passed else each.ignore(names[depth:], directory)
            if self._work.passed:
                self._give_up("Patterns for Git", "/".join((*names[:depth], GITIGNORE)), _IGNORED_AFTER_ALL)
                return False
            if answer is not None:
                return answer
        return False

    def _is_excluded(self, path: str, *, directory: bool) -> bool:
        excluded = self._excluded.directory(path) if directory else self._excluded.file(path)
        if self._excluded.work.passed:
            self._give_up("What is excluded", "", _EXCLUDED_AFTER_ALL)
        return excluded

    def _give_up(self, what: str, path: str, hint: str) -> None:
        """Say once that one kind of globs counts no longer."""
        if what in self._gave_up:
            return
        self._gave_up.add(what)
        message = f"{what} would take more than {WORK_LIMIT:,} comparisons of names, so from here on none counts."
        self._workspace.problems.append(Problem(Kind.LIMIT, message, path, hint=hint, warning_only=True))

    def _take(self, directory: str) -> None:
        """Read what Git ignores in a directory, after those above."""
        if directory in self._lines or not self._gitignore:
            return
        above = self._lines.get(directory.rpartition("/")[0], ()) if directory else self._read(GIT_EXCLUDE, 0)
        prefix = f"{directory}/" if directory else ""
        lines = (*self._read(f"{prefix}{GITIGNORE}", prefix.count("/")), *above)
        if self._gitignore:
            self._lines[directory] = lines

    def _read(self, path: str, depth: int) -> tuple[tuple[int, Lines], ...]:
        if self._work.passed or not os.path.exists(self._workspace.root / path):  # noqa: PTH110 - once for each directory
            return ()
        try:
            content = self._workspace.content(path)
            file = None if content is None else decode(path, content)
        except UnreadableError:
            return ()  # more is looked at then
        if file is None:
            return ()
        if file.text.count("\n") > LINES_LIMIT:
            message = f"This file has more than {LINES_LIMIT:,} lines, so none of them counts."
            self._workspace.problems.append(
                Problem(Kind.LIMIT, message, path, hint=_IGNORED_AFTER_ALL, warning_only=True)
            )
            return ()
        lines = self._shared.get(file.text) or self._made(path, file.text)
        return ((depth, lines),) if lines else ()

    def _made(self, path: str, text: str) -> Lines | None:
        """What is made of a text that was not there before; None where these are too much, and then none counts."""
        self._written = [self._written[0] + text.count("\n") + 1, self._written[1] + len(text)]
        if self._written[0] <= ALL_LINES_LIMIT and self._written[1] <= ALL_CHARACTERS_LIMIT:
            self._shared[text] = Lines(text, self._work)
            return self._shared[text]
        self._gitignore = False
        self._lines.clear()
        self._shared.clear()
        bound = f"{ALL_LINES_LIMIT:,} lines or {ALL_CHARACTERS_LIMIT:,} characters"
        message = f"What Git ignores is written in more than {bound}, so from this file on none counts."
        self._workspace.problems.append(Problem(Kind.LIMIT, message, path, hint=_IGNORED_AFTER_ALL, warning_only=True))
        return None


_EXCLUDED, _IGNORED = "excluded", "ignored by Git"
LINES_LIMIT = 2_000
"""How many lines of a `.gitignore` count: each may have to be tried on each file."""
ALL_LINES_LIMIT, ALL_CHARACTERS_LIMIT = 200_000, 10_000_000
"""How many lines and characters all files of this kind may have that differ: they are kept."""
_IGNORED_AFTER_ALL = "What it ignores is looked at: exclude that in the configuration."
_EXCLUDED_AFTER_ALL = "What would be excluded is looked at: exclude it with fewer or shorter globs."

_ANYTHING = "\ufffe" * 16
"""A name that no glob means unless it means all."""


class _Excluded:
    """What globs leave out, which are relative to a directory."""

    def __init__(self, globs: Sequence[str], root: Path, base: Path) -> None:
        self.work = Work()
        self._matches = cache(matcher(globs, _relative(base, root) if base.is_relative_to(root) else "", self.work))

    def directory(self, path: str) -> bool:
        """Whether a directory, relative to the root, is left out."""
        # A glob such as `examples/**` means the directory too: what is in it is what is left out.
        return self._matches(f"{path}/{_ANYTHING}" if path else _ANYTHING)

    def file(self, path: str) -> bool:
        """Whether a file is left out by itself: those of a directory that is left out can be called from elsewhere."""
        return self._matches(path) and not self.directory(path.rpartition("/")[0])
