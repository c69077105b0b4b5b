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
"""The names of directories that hold no sources of the user's."""
GITIGNORE, GIT_EXCLUDE = ".gitignore", ".git/info/exclude"
"""The files that say what Git ignores: in any directory, and in the top one."""
LINES_LIMIT = 2_000
"""How many lines of a `.gitignore` count: each may have to be tried on each file."""
ALL_LINES_LIMIT, ALL_CHARACTERS_LIMIT = 200_000, 10_000_000
"""How many lines and characters all files of this kind may have that differ: they are kept."""
_EXCLUDED, _IGNORED, _LINKED = "excluded", "ignored by Git", "links to other directories"
"""Why something is left out, in words."""
_EXCLUDED_AFTER_ALL = "Files that should be excluded may be scanned: use fewer or shorter globs."
_IGNORED_AFTER_ALL = "Files that Git ignores are scanned: exclude them in the configuration."
_ANYTHING = "\ufffe" * 16
"""A name that no glob means unless it means all."""


class Walk:
    """Goes through the directories of a workspace, and tells the workspace which files it leaves out."""

    def __init__(
        self,
        workspace: DiskWorkspace,
        globs: Sequence[str],
        base: Path,
        named: frozenset[str],
        *,
        gitignore: bool,
        force: bool,
    ) -> None:
        """`globs` say what is excluded, relative to `base`. Of the files that are `named` none is left out because Git
        ignores it, and with `force` those are that are excluded."""
        self._workspace = workspace
        self._excluded = _Excluded(workspace, globs, base)
        self._ignored = _Ignored(workspace, counts=gitignore)
        self._named = named
        self._force = force
        workspace.left_out = self._left_out

    def below(self, top: str) -> Iterator[str]:
        """A directory, although it may be ignored, and those in it that are not left out."""
        names = top.split("/") if top else []
        for depth in range(len(names) + 1):
            self._ignored.read("/".join(names[:depth]))
        todo = [top]
        while todo:
            here = todo.pop()
            if here and self._excluded.directory(here):
                self._workspace.leave_out(f"{here}/", _EXCLUDED)
                continue
            self._ignored.read(here)
            yield here
            inside: list[str] = []
            for entry in self._workspace.enter(here, known=True):
                path = f"{here}/{entry.name}" if here else entry.name
                if entry.is_symlink():
                    if resolved(Path(entry.path)).is_relative_to(self._workspace.root):
                        self._workspace.leave_out(f"{path}/", _LINKED)
                    else:
                        self._workspace.leads_out(path)
                elif entry.name in SKIPPED_DIRECTORIES:
                    continue
                elif self._ignored.holds(path, directory=True):
                    self._workspace.leave_out(f"{path}/", _IGNORED)
                else:
                    inside.append(path)
            todo += reversed(inside)

    def leaves_out(self, path: str, *, directory: bool) -> bool:
        """Whether a file or directory is excluded although it was named. The workspace is told what is left out."""
        names = path.split("/") if path and self._force else []
        for depth in range(1, len(names) + 1):
            here = "/".join(names[:depth])
            is_file = depth == len(names) and not directory
            if self._excluded.file(here) if is_file else self._excluded.directory(here):
                self._workspace.leave_out(here if is_file else f"{here}/", _EXCLUDED)
                return True
        return False

    def _left_out(self, path: str) -> str:
        """Why a file is left out; "" where it is not."""
        is_named = path in self._named
        if self._excluded.file(path) and (self._force or not is_named):
            return _EXCLUDED
        return _IGNORED if self._ignored.holds(path, directory=False) and not is_named else ""


class _Bounded:
    """Globs that leave something out, until they have cost too much."""

    def __init__(self, workspace: DiskWorkspace) -> None:
        self._workspace = workspace
        self._work = Work()
        self._gave_up = False

    def _give_up(self, what: str, path: str, hint: str) -> None:
        """Say once that they count no longer."""
        if not self._gave_up:
            self._gave_up = True
            cost = f"more than {WORK_LIMIT:,} comparisons of names"
            self._remark(f"{what} takes {cost}, so the rest is not matched.", path, hint)

    def _remark(self, message: str, path: str, hint: str) -> None:
        self._workspace.problems.append(Problem(Kind.LIMIT, message, path, hint=hint, warning_only=True))


class _Excluded(_Bounded):
    """What the user's globs leave out, which are relative to a directory."""

    def __init__(self, workspace: DiskWorkspace, globs: Sequence[str], base: Path) -> None:
        super().__init__(workspace)
        root = workspace.root
        inside = relative(base, root) if base.is_relative_to(root) else ""
        self._above = f"{relative(root, base)}/" if root.is_relative_to(base) and root != base else ""
        self._matches = cache(matcher(globs, inside, self._work))

    def directory(self, path: str) -> bool:
        """Whether a directory, relative to the root, is left out."""
        # A glob such as `examples/**` means the directory too: what is in it is what is left out.
        return self._means(f"{path}/{_ANYTHING}" if path else _ANYTHING)

    def file(self, path: str) -> bool:
        """Whether a file is left out by itself: those of a directory that is left out can be called from elsewhere."""
        return self._means(path) and not self.directory(path.rpartition("/")[0])

    def _means(self, path: str) -> bool:
        matches = self._matches(f"{self._above}{path}")
        if self._work.passed:
            self._give_up("Matching the globs of excluded files", "", _EXCLUDED_AFTER_ALL)
        return matches


class _Ignored(_Bounded):
    """What Git ignores."""

    def __init__(self, workspace: DiskWorkspace, *, counts: bool) -> None:
        super().__init__(workspace)
        self._counts = counts
        self._lines: dict[str, tuple[tuple[int, Lines], ...]] = {}
        """By directory: what Git ignores there, the last to count first, each with how many names lead to its file."""
        self._shared: dict[str, Lines] = {}
        """By text: what is made of it."""
        self._number_of_lines = self._number_of_characters = 0
        """How many these texts have together."""

    def holds(self, path: str, *, directory: bool) -> bool:
        """Whether a file or directory is ignored, whose own directory was read."""
        lines = self._lines.get(path.rpartition("/")[0])
        if not lines:
            return False
        names = path.split("/")
        for depth, each in lines:
            answer = None if self._work.passed else each.ignore(names[depth:], directory)
            if self._work.passed:
                self._give_up(
                    "Matching the patterns for Git", "/".join((*names[:depth], GITIGNORE)), _IGNORED_AFTER_ALL
                )
                return False
            if answer is not None:
                return answer
        return False

    def read(self, directory: str) -> None:
        """Read what a directory says, after those above it."""
        if directory in self._lines or not self._counts:
            return
        above = self._lines.get(directory.rpartition("/")[0], ()) if directory else self._lines_of(GIT_EXCLUDE, 0)
        prefix = f"{directory}/" if directory else ""
        lines = (*self._lines_of(f"{prefix}{GITIGNORE}", prefix.count("/")), *above)
        if self._counts:
            self._lines[directory] = lines

    def _lines_of(self, path: str, depth: int) -> tuple[tuple[int, Lines], ...]:
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
            message = f"This file has more than {LINES_LIMIT:,} lines, so it is not used."
            self._remark(message, path, _IGNORED_AFTER_ALL)
            return ()
        lines = self._shared.get(file.text) or self._made(path, file.text)
        return ((depth, lines),) if lines else ()

    def _made(self, path: str, text: str) -> Lines | None:
        """What is made of a text that was not there before; None where these are too much, and then none counts."""
        self._number_of_lines += text.count("\n") + 1
        self._number_of_characters += len(text)
        if self._number_of_lines <= ALL_LINES_LIMIT and self._number_of_characters <= ALL_CHARACTERS_LIMIT:
            self._shared[text] = Lines(text, self._work)
            return self._shared[text]
        self._counts = False
        self._lines.clear()
        self._shared.clear()
        bound = f"{ALL_LINES_LIMIT:,} lines or {ALL_CHARACTERS_LIMIT:,} characters"
        message = f"The .gitignore files have more than {bound} together, so they are not used from this one on."
        self._remark(message, path, _IGNORED_AFTER_ALL)
        return None
