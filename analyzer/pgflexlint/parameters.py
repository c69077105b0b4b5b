"""What Azure documents of each server parameter on each PostgreSQL major version.

The facts are data, `data/parameters.json`, whose form is `data/parameters.schema.json`. They come from the pages of
`articles/postgresql/server-parameters/includes` of https://github.com/MicrosoftDocs/azure-databases-docs;
`benchmarks/parameter_pages.py` makes the data of a checkout of them. A row without a type says that a version lacks the
parameter; where there is no row, that is not known. The file is read when a fact is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

SUPPORTED_VERSIONS = tuple(str(major) for major in range(11, 19))
"""The PostgreSQL major versions that the service knows."""

DATA = Path(__file__).with_name("data") / "parameters.json"

_PAGES = (
    "https://github.com/MicrosoftDocs/azure-databases-docs/blob/main/articles/postgresql/server-parameters/includes"
)


class ParameterRow(NamedTuple):
    """What is documented of a server parameter on a range of major versions."""

    name: str
    """Lower case: the service compares names without case."""
    first: int
    last: int
    """The range; the pages of both ends say the same."""
    type: str | None
    """`boolean`, `integer`, `numeric`, `enumeration`, `set` (a comma separates the members) or `string`; None where
    these versions have no such parameter."""
    default: str | None
    """Azure's; None where it depends on the size of the server, and where there is no such parameter."""
    values: tuple[str, ...]
    """Of a boolean, an enumeration or a set: what may be written; of others, and where it can only be read, none."""
    least: float | None
    most: float | None
    """Of a number: its bounds, included."""
    pattern: str | None
    """Of a string: the regular expression that all of it must match."""
    change: str
    """`dynamic`, `static` (it takes effect after a restart) or `read-only`."""
    page: str
    """The last part of the name of the documentation page, which there is one of for each version."""

    @property
    def source(self) -> str:
        """Where it is documented, for the newest version of the row."""
        return f"{_PAGES}/param-{self.last}-{self.page}.md"

    def covers(self, version: str) -> bool:
        """Whether it is about a major version."""
        return str(self.first) <= version <= str(self.last)


@cache
def _rows() -> Mapping[str, tuple[ParameterRow, ...]]:
    data = json.loads(DATA.read_text("utf-8"))
    return {name: tuple(_row(name, row) for row in found) for name, found in data["parameters"].items()}


def _row(name: str, row: Mapping[str, Any]) -> ParameterRow:
    switch = row["type"] == "boolean" and row["change"] != "read-only"
    return ParameterRow(
        name=name,
        first=row["versions"][0],
        last=row["versions"][1],
        type=row["type"],
        default=row.get("default"),
        values=tuple(row.get("values", ("on", "off") if switch else ())),
        least=row.get("least"),
        most=row.get("most"),
        pattern=row.get("pattern"),
        change=row.get("change", ""),
        page=row["page"],
    )


def names() -> tuple[str, ...]:
    """Every parameter that is known of any version."""
    return tuple(_rows())


def rows(name: str) -> tuple[ParameterRow, ...]:
    """What is documented of a parameter, by range of versions; nothing where it is not known at all."""
    return _rows().get(name, ())


def facts(name: str, version: str) -> ParameterRow | None:
    """What is documented of a parameter on a major version; None where no page was read that says."""
    return next((row for row in rows(name) if row.covers(version)), None)
