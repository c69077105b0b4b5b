"""How long each major version of PostgreSQL is supported: one table, each row with its source."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

_MAINTAIN = "https://learn.microsoft.com/azure/postgresql/configure-maintain"
_EXTENDED = f"{_MAINTAIN}/extended-support#eligible-postgresql-versions"
_POLICY = f"{_MAINTAIN}/concepts-version-policy#support-policy"


class Support(NamedTuple):
    """The last days of support for one major version."""

    version: str
    community: date
    """Until then the PostgreSQL community mends it."""
    standard: date
    """Until then Azure's standard support covers it; afterwards it costs extra, where there is any."""
    source: str


SUPPORT = (
    Support("11", date(2023, 11, 9), date(2026, 7, 31), _EXTENDED),
    Support("12", date(2024, 11, 14), date(2026, 7, 31), _EXTENDED),
    Support("13", date(2025, 11, 13), date(2026, 7, 31), _EXTENDED),
    Support("14", date(2026, 11, 12), date(2026, 12, 11), _EXTENDED),
    # Of these Microsoft gives one date, which is the community's.
    Support("15", date(2027, 11, 11), date(2027, 11, 11), _POLICY),
    Support("16", date(2028, 11, 9), date(2028, 11, 9), _POLICY),
    Support("17", date(2029, 11, 8), date(2029, 11, 8), _POLICY),
    Support("18", date(2030, 11, 14), date(2030, 11, 14), _POLICY),
)
_BY_VERSION = {row.version: row for row in SUPPORT}


def support(version: str) -> Support | None:
    """How long a major version, such as `16`, is supported; None where the table lacks it."""
    return _BY_VERSION.get(version)
