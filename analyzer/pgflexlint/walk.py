"""The directories in which sources are looked for: all but what Git ignores and what globs exclude."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pgflexlint.globs import WORK_LIMIT, Lines, Work, matcher
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import UnreadableError
from pgflexlint.workspace import DiskWorkspace, decode, relative, resolved

SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".terragrunt-cache", ".venv", "node_modules"})
GITIGNORE, GIT_EXCLUDE = ".gitignore", ".git/info/exclude"
"""The files that say what Git ignores: in any directory, and in the top one."""


class Walk:
    """The directories of a workspace in which sources are looked for."""

    def __init__(self, workspace: DiskWorkspace, excluded: Excluded, seeds: frozenset[str], *, gitignore: bool) -> None:
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


class Excluded:
    """What globs leave out, which are relative to a directory."""

    def __init__(self, globs: Sequence[str], root: Path, base: Path) -> None:
        self.work = Work()
        self._matches = cache(matcher(globs, relative(base, root) if base.is_relative_to(root) else "", self.work))

    def directory(self, path: str) -> bool:
        """Whether a directory, relative to the root, is left out."""
        # A glob such as `examples/**` means the directory too: what is in it is what is left out.
        return self._matches(f"{path}/{_ANYTHING}" if path else _ANYTHING)

    def file(self, path: str) -> bool:
        """Whether a file is left out by itself: those of a directory that is left out can be called from elsewhere."""
        return self._matches(path) and not self.directory(path.rpartition("/")[0])
