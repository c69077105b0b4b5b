"""What stands for a password that something else gives."""

from __future__ import annotations

import re

from pgflexlint.lazily import compiled

_NAMED = r"\$\{.*\}|\$\(.*\)|#\{.*\}#|@Microsoft\.KeyVault\(.*\)"
"""Marks that name what is filled in."""
_BLANK = compiled(r"<.*>|REPLACE|", re.DOTALL)
_PLACEHOLDER = compiled(rf"{_NAMED}|{_BLANK.pattern}", re.DOTALL)


def is_literal(password: str | None) -> bool:
    """Whether somebody could sign in with it: not empty, and no mark that something else fills in."""
    return password is not None and not _PLACEHOLDER.fullmatch(password.strip())


def is_blank(password: str) -> bool:
    """Whether the same text may stand for anything else: nothing, or a mark that does not name what is filled in."""
    return _BLANK.fullmatch(password.strip()) is not None
