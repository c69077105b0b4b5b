"""The table of Bicep, which `tables` makes of bicep.lark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pgflexlint.syntax import tables

_GRAMMAR = Path(__file__).with_name("bicep.lark")
SHIPPED = Path(__file__).with_name("table.json")
"""Where the table is put when the package is built."""


@cache
def load() -> tables.Table:
    """The table, read once in a process."""
    return tables.load(SHIPPED, _GRAMMAR.read_text(encoding="utf-8"))


def build() -> str:
    """The table as JSON, the same text each time."""
    return tables.build(_GRAMMAR.read_text(encoding="utf-8"))
