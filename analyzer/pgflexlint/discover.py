"""What the command line names: from paths on disk to a workspace and the directories that are looked at."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from msgspec import Struct, field

from pgflexlint.problem import UsageError
from pgflexlint.walk import Walk
from pgflexlint.workspace import DiskWorkspace, exists, is_directory, is_file, relative, resolved


class Target(Struct, frozen=True):
    """What is to be looked at."""

    workspace: DiskWorkspace
    directories: tuple[str, ...]
    """All directories in which sources are looked for, relative to the root."""
    seeds: frozenset[str] = field(default_factory=frozenset)
    """The files that were named, with those in the directories that were; empty where only directories were. One that
    is left out counts where something else uses it."""
    tops: tuple[str, ...] = ()
    """The directories that were named."""

    def covers(self, path: str) -> bool:
        """Whether all findings in a file or below a directory would be reported."""
        return path in self.seeds or self.below(path)

    def below(self, path: str) -> bool:
        """Whether a file or directory is in one that was named."""
        return any(top in ("", path) or path.startswith(f"{top}/") for top in self.tops)

    def enters(self, path: str) -> bool:
        """Whether sources are looked for in a directory."""
        return path in self.directories

    def lists(self, path: str) -> bool:
        """Whether a file is looked at by itself, and not only where something else uses it."""
        directory = path.rpartition("/")[0]
        return self.enters(directory) and path in self.workspace.files(directory)


class Places(NamedTuple):
    """Where to look."""

    root: Path
    """The directory that nothing is read outside of."""
    named: tuple[Path, ...]
    """The files and directories that were named."""
    shared: Path
    """The directory that they share."""


def places(paths: Sequence[str], cwd: Path, unsaved: str = "") -> Places:
    """Where some paths are. Raises `UsageError` for one that is empty or not there, but for that of an `unsaved` file.

    The root is the top of the git checkout above them, else the current directory where it holds them, else the
    folder that they share.
    """
    named = []
    for path in paths or (".",):
        if not path:
            raise UsageError("A path is empty. Write '.' for the current directory.")
        place = _place(cwd / path)
        if not exists(place) and path != unsaved:
            raise UsageError(_missing(path, place))
        if exists(place) and not is_file(place) and not is_directory(place):
            raise UsageError(f"'{path}' is neither a file nor a directory.")
        named.append(place)
    shared = Path(os.path.commonpath([place if is_directory(place) else place.parent for place in named]))
    return Places(_root(shared, resolved(cwd)), tuple(named), shared)


def _missing(path: str, place: Path) -> str:
    """Why nothing can be found at a path, as a sentence."""
    try:
        place.stat()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            return f"'{path}' cannot be found: {error.strerror or error}."
    return f"There is no file or directory '{path}'."


def target(
    paths: Sequence[str],
    excludes: Sequence[str],
    cwd: Path,
    *,
    excludes_base: Path | None = None,
    unsaved: tuple[str, bytes] | None = None,
    gitignore: bool = True,
    force: bool = False,
    everything: Path | None = None,
) -> Target:
    """The workspace for some paths. Raises `UsageError` for a path that is not there.

    Where files are named their callers count too: they are looked for everywhere in the checkout; outside of one, only
    in the directories of the files and those above. The globs of `excludes` are relative to `excludes_base`, else to
    the current directory. `unsaved` is one of the paths and what stands there in the place of what is on disk. With
    `gitignore`, what Git ignores is left out of directories. With `force`, a file that is excluded is not looked at by
    itself even if it is named, but counts where something else uses it. `everything` is a directory that is looked at
    in the place of the files that are named, together with their own.
    """
    root, named, _ = places(paths, cwd, unsaved[0] if unsaved else "")
    in_memory = {_place(cwd / unsaved[0]).relative_to(root).as_posix(): unsaved[1]} if unsaved else {}
    workspace = DiskWorkspace(root, in_memory)
    tops = [relative(place, root) for place in named if is_directory(place)]
    seeds = frozenset(place.relative_to(root).as_posix() for place in named if not is_directory(place))
    walk = Walk(workspace, excludes, resolved(excludes_base or cwd), seeds, gitignore=gitignore, force=force)
    tops = [top for top in tops if not walk.leaves_out(top, directory=True)]
    if everything:
        own = (seed for seed in sorted(seeds) if not walk.leaves_out(seed, directory=False))
        tops += [relative(everything, root), *(seed.rpartition("/")[0] for seed in own)]
        seeds = frozenset()
    everywhere = [""] if seeds and exists(root / ".git") else []
    directories = [found for top in tops for found in walk.below(top)]
    inside = [path for directory in directories for path in workspace.files(directory)] if seeds else []
    directories += [found for top in everywhere for found in walk.below(top)]
    for seed in sorted(seeds):
        above = ("" if parent == PurePosixPath() else parent.as_posix() for parent in PurePosixPath(seed).parents)
        directories += [each for each in above if not walk.leaves_out(each, directory=True)]
    return Target(workspace, tuple(dict.fromkeys(directories)), seeds.union(inside), tuple(tops))


def _place(path: Path) -> Path:
    """Where a path leads. A link to a file stays one, so that it is not followed out of where it is."""
    place = resolved(path)
    return place if is_directory(place) or not path.name else resolved(path.parent) / path.name


def _root(shared: Path, cwd: Path) -> Path:
    for place in (shared, *shared.parents):
        if exists(place / ".git"):
            return place
    return cwd if shared.is_relative_to(cwd) else shared
