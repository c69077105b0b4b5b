"""Makes text from scanned files harmless for terminals and build agents, which may obey what is in it."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

from pgflexlint.lazily import compiled
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.source import AT_ROOT, Span, Viewpoint

_AGENT_COMMAND = compiled(r"##(?=(?:vso)?\[)", re.IGNORECASE)


def harmless(text: str) -> str:
    r"""The text on one line with everything that does not print made visible, such as `\x1b` or `\u202e`.

    These are the characters that `str.isprintable` refuses: control characters, and so every terminal escape; line
    breaks; direction overrides and other invisible characters (https://trojansource.codes); lone surrogates; and odd
    spaces.
    """
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _escaped(character) for character in text)
    return inert(text)


def inert(text: str) -> str:
    r"""The text with escapes in what a build agent takes for a command anywhere in a line: `##` becomes `\x23#`.

    GitHub's runner obeys `##[name]` (actions/runner, `ActionCommand.TryParse`), Azure's agent `##vso[name]`.
    """
    return _AGENT_COMMAND.sub(r"\\x23#", text) if "##" in text else text


def place(where: Span | str, viewpoint: Viewpoint = AT_ROOT) -> str:
    """A path, or `path:line:column`. It never begins with what GitHub's runner takes for a command.

    The path is relative to the `viewpoint`, by default to the root.
    """
    if isinstance(where, Span):
        text = harmless("{}:{}:{}".format(viewpoint.path(where.file.path), *where.begin))
    else:
        text = harmless(viewpoint.path(where))
    return f"./{text}" if text.startswith((":", " ")) else text


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def shown(text: str, secrets: Redactor) -> str:
    """A text with parts from scanned files, harmless and without secrets."""
    return harmless(secrets.text(text))


def cells(text: str) -> int:
    """How many columns a terminal needs for printable text."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    """Unicode Standard Annex 11: wide and full-width characters take two columns, combining marks none."""
    if combining(character) or 0xFE00 <= ord(character) <= 0xFE0F:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def head(text: str, columns: int) -> str:
    """The start of the text, as much as fits, with … at the cut."""
    if cells(text) <= columns:
        return text
    kept, room = [], columns - 1
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def tail(text: str, columns: int) -> str:
    """The end of the text, as much as fits, with … at the cut."""
    if cells(text) <= columns:
        return text
    kept, room = [], columns - 1
    for character in reversed(text):
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    return "…" + "".join(reversed(kept))
