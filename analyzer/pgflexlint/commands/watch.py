"""`pgflexlint check --watch`: scan again when a file changes that may matter."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pgflexlint.commands.streams import complain, current_directory
from pgflexlint.configsearch import OWN, PROJECT
from pgflexlint.discover import places
from pgflexlint.evaluate.terraform.module import LOCK_FILE
from pgflexlint.problem import UsageError
from pgflexlint.survey import DATA, SOURCES
from pgflexlint.walk import GIT_EXCLUDE, GITIGNORE, SKIPPED_DIRECTORIES
from pgflexlint.workspace import exists, is_directory

_SETTINGS = (OWN, PROJECT, GITIGNORE, LOCK_FILE)
"""Names of files that matter, whatever their suffix."""
PATIENCE = 200
"""Milliseconds after which the watcher returns even if nothing has changed."""
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def run(options: argparse.Namespace, written: Sequence[Path], look: Callable[[], int]) -> int:
    """Call `look` once and after each change, until Ctrl-C. `written` are the files that `look` writes.

    Returns the exit code. It is 0 after Ctrl-C, which is the intended end.
    """
    try:
        from watchfiles import watch
    except ImportError:
        return complain("--watch needs the library 'watchfiles'. Install it with: pip install 'pgflexlint[watch]'.")
    try:
        root = places(options.paths, current_directory()).root
    except UsageError as error:
        return complain(str(error))
    matters = Matters(root, written, [options.baseline or "", options.config, *(text for _, text in options.inputs)])
    try:
        looked = False
        for changed in watch(
            root, watch_filter=matters, rust_timeout=PATIENCE, yield_on_timeout=True, ignore_permission_denied=True
        ):
            if changed or not looked:  # the first time only now, so that no change is missed meanwhile
                _again(look)
                looked = True
    except KeyboardInterrupt:
        pass
    return 0


def _again(look: Callable[[], int]) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
    print("Scanning.", file=sys.stderr, flush=True)  # editors clear what they show
    look()
    print("Watching for changes; press Ctrl-C to stop.", file=sys.stderr, flush=True)


class Matters:
    """Whether a change may change what is found."""

    def __init__(self, root: Path, written: Sequence[Path], named: Sequence[str]) -> None:
        """`written` are files that the run writes, `named` those that the command line names, wherever they are."""
        self._root = root
        files = {path.resolve() for path in written}
        self._written = files.union(*(path.parents for path in files))
        self._named = {Path(name).resolve() for name in named if name} | {root / GIT_EXCLUDE}

    def __call__(self, _change: object, name: str) -> bool:
        """Whether the change of a file, given by its absolute path, matters."""
        path = Path(name)
        if path in self._written or _is_stream(path):  # what is written would be looked at for ever
            return False
        if path in self._named:
            return True
        inside = path.relative_to(self._root).parts if path.is_relative_to(self._root) else path.parts
        if not SKIPPED_DIRECTORIES.isdisjoint(inside):
            return False
        # Of a directory that comes or goes as a whole nothing else may be told. One that went looks like any name.
        went = not (path.suffix or exists(path))
        return is_directory(path) or went or name.endswith((*SOURCES, *DATA)) or path.name in _SETTINGS


def _is_stream(path: Path) -> bool:
    """Whether a file is what standard output or standard error is written to."""
    try:
        there = path.stat()
        return any(os.path.samestat(there, os.fstat(stream.fileno())) for stream in (sys.stdout, sys.stderr))
    except (OSError, ValueError):  # it went; or a stream is none of the system's
        return False
