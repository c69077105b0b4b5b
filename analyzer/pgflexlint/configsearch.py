"""Finds the configuration file that counts for a directory; `configfile` reads it."""

from __future__ import annotations

import re
from pathlib import Path

from pgflexlint.lazily import compiled
from pgflexlint.toml_text import read_toml
from pgflexlint.workspace import is_file, resolved

OWN, PROJECT = ".pgflexlint.toml", "pyproject.toml"
"""The names of a configuration file, the one that counts for more first."""
CONFIGURATION_LIMIT = 2**20
"""Bytes; a larger configuration is not read."""


def nearest(directory: Path, top: Path) -> Path | None:
    """The configuration file that counts for a directory: the nearest one, up to `top`.

    Of two in one directory `.pgflexlint.toml` counts. A `pyproject.toml` counts where it has our table, and where it
    cannot be read, so that the user hears of it.
    """
    for place in (directory, *directory.parents):
        for name in (OWN, PROJECT):
            if is_file(place / name) and (name == OWN or _has_our_table(place / name, top)):
                return place / name
        if place == top:
            break
    return None


_OUR_TABLE = compiled(rb"""tool["']?\s*\.\s*["']?pgflexlint\b|^[ \t]*+(?:\[\s*tool\s*\]|tool\s*=)""", re.MULTILINE)
"""How the table may be written; most files have nothing like it, and need not be read as TOML, which takes longer."""


def _has_our_table(path: Path, top: Path) -> bool:
    if not resolved(path).is_relative_to(top):
        return True
    try:
        with path.open("rb") as stream:
            content = stream.read(CONFIGURATION_LIMIT + 1)
    except OSError:
        return True
    if len(content) > CONFIGURATION_LIMIT:
        return True
    if not _OUR_TABLE.search(content):
        return False
    try:
        return "pgflexlint" in read_toml(content.decode("utf-8")).get("tool", {})
    except (ValueError, AttributeError, TypeError):
        return True  # whoever reads it says what is wrong
