"""What could not be scanned: never about the user's infrastructure, never silent."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

from pgflexlint.lazily import compiled
from pgflexlint.source import Span, UnreadableError

_QUOTED = compiled(r"'([^']+)'")


class Kind(Enum):
    """What went wrong; the value is the id under which SARIF notifications and JSON name it."""

    SYNTAX = "syntax-error"
    UNREADABLE = "unreadable-file"
    MODULE = "module-not-found"
    CYCLE = "cyclic-reference"
    REFERENCE = "invalid-reference"
    FUNCTION = "unknown-function"
    EVALUATION = "evaluation-error"
    LIMIT = "limit-passed"
    RULE = "rule-crashed"
    CONFIGURATION = "configuration"


class Problem(Struct, frozen=True):
    """Something that could not be scanned."""

    kind: Kind
    message: str
    """One sentence with a full stop: what is wrong, in words for a person. Never holds a secret."""
    path: str
    """The file, relative to the workspace root; "" for the command line."""
    span: Span | None = None
    """The place in it, where there is one."""
    hint: str = ""
    """One sentence with a full stop: what to do about it, in our own words alone."""
    warning_only: bool = False
    """It does not cost the clean exit code: a configuration remark such as an unused ignore."""
    names: tuple[str, ...] = ()
    """What the message quotes and is certain to be no secret, although the place cannot be read: keywords of the
    language, names of declarations, keys, functions that it has."""


def quoted(message: str) -> tuple[str, ...]:
    """What a message quotes: its `names` where it quotes nothing else."""
    return tuple(_QUOTED.findall(message))


def unreadable(error: UnreadableError, path: str) -> Problem:
    """That a file cannot be read."""
    return Problem(Kind.UNREADABLE, str(error), path, hint=error.hint)


class Problems(list[Problem]):
    """Problems in the order in which they came up, each once."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[Problem] = set()

    def report(self, problem: Problem) -> None:
        """Keep a problem that is not there yet."""
        if problem not in self._known:
            self._known.add(problem)
            self.append(problem)


class UsageError(Exception):
    """The command line or the configuration asks for something that cannot be; the message is for a person.

    Several mistakes are one to a line.
    """


def suggestion(name: str, names: Iterable[str]) -> str:
    """How a sentence ends that says that there is no such name: with the one that is most alike, or a full stop."""
    close = most_alike(name, names)
    return "." if close is None else f"; did you mean '{close}'?"


def most_alike(name: str, names: Iterable[str]) -> str | None:
    """The name that was perhaps meant; whether letters are small or capital makes no difference."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where somebody is wrong

    known = {each.lower(): each for each in names}
    close = get_close_matches(name.lower(), list(known), 1)
    return known[close[0]] if close else None
