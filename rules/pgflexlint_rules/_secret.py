"""What is common to rules about secrets."""

from __future__ import annotations

import re

from pgflexlint.lazily import compiled

PLACEHOLDER = compiled(r"<.*>|\$\{.*\}|\$\(.*\)|#\{.*\}#|@Microsoft\.KeyVault\(.*\)|REPLACE|", re.DOTALL)


def is_literal(password: str | None) -> bool:
    """Whether somebody could sign in with it: not empty, and no mark that something else fills in."""
    return password is not None and not PLACEHOLDER.fullmatch(password.strip())
