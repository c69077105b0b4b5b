"""The grammar of Bicep, which `tables` makes a table of."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pgflexlint.syntax import tables

_GRAMMAR = Path(__file__).with_name("bicep.lark")


def grammar() -> tables.Grammar:
    """The grammar, with the place of its table."""
    text = _GRAMMAR.read_text(encoding="utf-8")
    return tables.Grammar(Path(__file__).with_name("table.json"), text, lambda: text)


@cache
def load() -> tables.Table:
    """The table, read once in a process."""
    return tables.load(grammar())
