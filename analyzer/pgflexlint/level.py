"""How bad a finding is."""

from __future__ import annotations

from enum import Enum


class Level(Enum):
    """How bad; the value is SARIF's `level` (specification 2.1.0, section 3.27.10)."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self.value]


_RANKS = {level.value: rank for rank, level in enumerate(Level)}
