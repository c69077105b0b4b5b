"""What is written: standard output, and files as a whole or not at all."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

EXIT_USAGE = 2

FILE_WIDTH = 100
"""Columns of text that no terminal shows."""


def write_output(text: str, code: int) -> int:
    """Write to standard output; `code` is the exit code where that works, or where nobody reads it any more."""
    if isinstance(sys.stdout, TextIOWrapper):  # what the terminal's encoding lacks is shown as an escape
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # such as `pgflexlint check | head`
        _silence(sys.stdout)
    except OSError as error:
        complain(f"The output cannot be written: {error.strerror or error}.")
        _silence(sys.stdout)
        return EXIT_USAGE
    return code


def complain(text: str) -> int:
    """Say on standard error what is wrong with how the program is used, one to a line; answers the exit code."""
    for line in text.splitlines():
        print(f"pgflexlint: {line}", file=sys.stderr)
    return EXIT_USAGE


def _silence(stream: TextIO) -> None:
    """Let nothing be written to a stream when Python closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def terminal(color: str) -> tuple[bool, int]:
    """Whether to colour, and how wide lines may be."""
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


def write_file(path: Path, text: str) -> None:
    """Write a file as a whole or not at all. Raises `OSError`."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o644)  # noqa: PTH101 - what mkstemp makes is for its owner only
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise
