"""Placeholders in the place of a password that another tool fills in."""

from __future__ import annotations

import re

from pgflexlint.lazily import compiled

_NAMED = r"\$\{.*\}|\$\(.*\)|#\{.*\}#|@Microsoft\.KeyVault\(.*\)"
"""Placeholders with the name of what is filled in."""
_BLANK = compiled(r"<.*>|REPLACE|", re.DOTALL)
_PLACEHOLDER = compiled(rf"{_NAMED}|{_BLANK.pattern}", re.DOTALL)


def is_literal(password: str | None) -> bool:
    """Whether a password is written as it is: not empty, and no placeholder."""
    return password is not None and not _PLACEHOLDER.fullmatch(password.strip())


def is_blank(password: str) -> bool:
    """Whether it is empty, or a placeholder without a name: such a text may stand for anything."""
    return _BLANK.fullmatch(password.strip()) is not None
