"""Writes to standard output and to files. A file is written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from pgflexlint.outputs.harmless import harmless
from pgflexlint.problem import UsageError
from pgflexlint.source import Viewpoint
from pgflexlint.workspace import relative, resolved

EXIT_USAGE = 2

FILE_WIDTH = 100
"""The columns of text that is not for a terminal."""


def stand_in() -> None:
    """Replace streams that the caller closed (`>&-`), for which Python has None.

    Text for standard error is then dropped, and writing to standard output fails.
    """
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for as long as the program runs
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - the same


def current_directory() -> Path:
    """The current directory. Raises `UsageError` if it no longer exists."""
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(
            f"The current directory cannot be found ({error.strerror or error}). Change to one that exists."
        ) from None


def viewpoint(root: Path) -> Viewpoint:
    """The directory that printed paths are relative to: the current one."""
    here = resolved(current_directory())
    if here.is_relative_to(root):
        return Viewpoint(relative(here, root))
    return Viewpoint(outside=f"{from_here(root).rstrip('/')}/")


def from_here(place: Path) -> str:
    """The path that leads to a place from the current directory."""
    try:
        way = os.path.relpath(place, resolved(current_directory()))
    except ValueError:  # another drive
        way = str(place)
    return Path(way).as_posix()


def write_output(text: str, code: int) -> int:
    """Write to standard output. Returns `code` as the exit code, unless writing fails.

    A reader that has closed the pipe is no failure.
    """
    if isinstance(sys.stdout, TextIOWrapper):  # what the terminal's encoding lacks is shown as an escape
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # such as `pgflexlint check | head`
        _silence(sys.stdout)
    except OSError as error:
        complain(f"The output cannot be written: {error.strerror or 'standard output is closed'}.")
        _silence(sys.stdout)
        return EXIT_USAGE
    return code


def complain(text: str) -> int:
    """Print mistakes of usage on standard error, one on each line. Returns the exit code."""
    for line in text.splitlines():
        print(f"pgflexlint: {harmless(line)}", file=sys.stderr)
    return EXIT_USAGE


def _silence(stream: TextIO) -> None:
    """Keep Python from writing to a stream when it closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def terminal(color: str) -> tuple[bool, int]:
    """Whether to use colours, and the width of lines."""
    person = sys.stdout.isatty()
    if color == "auto":
        colored = person and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        colored = colored or bool(os.environ.get("FORCE_COLOR"))
    else:
        colored = color == "always"
    if not person:
        return colored, FILE_WIDTH
    import shutil

    return colored, shutil.get_terminal_size((FILE_WIDTH, 24)).columns


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file as a whole or not at all. An existing file keeps its mode. Raises `OSError`.

    A link is replaced, not followed: a repository may hold one that leads anywhere. A path that is not a regular file,
    such as a pipe, or that is in `/dev`, such as `/dev/stdout`, is written to directly.
    """
    import tempfile

    data = content.encode("utf-8") if isinstance(content, str) else content
    if (path.exists() and not path.is_file()) or Path("/dev") in path.absolute().parents:
        path.write_bytes(data)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644  # what mkstemp makes is for its owner only
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, mode)  # noqa: PTH101
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise
