"""Draws `docs/picture.svg`, what a person sees in a terminal, from the real output: `python docs/make_picture.py`."""

from __future__ import annotations

import html
import re
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.outputs import Options, renderer
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "picture.svg"
PROJECT = "fixtures/projects/webshop"
RULE = "PGF102"
COMMAND = f"pgflexlint check {PROJECT} --select {RULE} --show-unknown"
WIDTH = 100
"""Where the text wraps what it wraps; sources and headlines may be longer."""

FONTS = "ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
"""What a reader's machine has: nothing is fetched to show the picture."""


def output(*, color: bool) -> str:
    """What the command prints."""
    report = analyze(target([PROJECT], [], ROOT), [rule for rule in RULES if rule.id == RULE], RULES, Settings())
    return renderer("text")(report, Options(width=WIDTH, color=color, show_unknown=True))


def picture() -> str:
    """The output as SVG."""
    text = Text.from_ansi(output(color=True))
    width = max(line.cell_len for line in text.split("\n"))
    console = Console(record=True, width=width, file=StringIO(), force_terminal=True, legacy_windows=False, _environ={})
    console.print(text, highlight=False)
    drawn = console.export_svg(title=COMMAND, theme=MONOKAI, unique_id="pgflexlint")
    drawn = re.sub(r"\s*@font-face \{[^}]*\}", "", drawn)
    drawn = re.sub(r"font-family: [^;]+;", f"font-family: {FONTS};", drawn)
    drawn = _PIECE.sub(_without_blanks, drawn)
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines())


_PIECE = re.compile(r'(<text class="[^"]*" x=")([^"]*)(" y="[^"]*" textLength=")([^"]*)("[^>]*>)([^<]*)</text>')


def _without_blanks(piece: re.Match[str]) -> str:
    """A piece of a line that begins and ends with ink: some viewers drop blanks at the ends, and carets would move."""
    before, x, between, length, after, escaped = piece.groups()
    text = html.unescape(escaped)
    ink = text.strip()
    if not ink:
        return ""
    column = float(length) / len(text)
    start = float(x) + column * (len(text) - len(text.lstrip()))
    shown = html.escape(ink).replace("\xa0", "&#160;")
    return f"{before}{start:g}{between}{column * len(ink):g}{after}{shown}</text>"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
