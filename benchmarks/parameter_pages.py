"""Makes the data of server parameters of Azure's documentation: `python benchmarks/parameter_pages.py CHECKOUT`.

The directory is a checkout of https://github.com/MicrosoftDocs/azure-databases-docs. The pages
`param-VERSION-CATEGORY.md` of `articles/postgresql/server-parameters/includes` are one table for each parameter; their
facts are written to `analyzer/pgflexlint/data/parameters.json`, where neighbouring versions that say the same are one
row. Read the difference before it is committed: what versions no longer have turns findings around. Where two
pages of a version have a parameter, the later one counts, since old pages stay when a category is renamed.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pgflexlint.parameters import DATA, SUPPORTED_VERSIONS

PAGES = Path("articles/postgresql/server-parameters/includes")
_PAGE = re.compile(r"param-(\d+)-([a-z0-9-]+)\.md")
_DATE = re.compile(r"^ms\.date: (\d\d)/(\d\d)/(\d{4})", re.MULTILINE)
_SECTION = re.compile(r"^### (\S+)$(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
_CELL = re.compile(r"^\| (Data type|Default value|Allowed values|Parameter type) \| ?(.*?) ?\|$", re.MULTILINE)
_RANGE = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?)-(-?[\d.]+(?:e[+-]?\d+)?)")
_SIZED = "Depends on resources"
"""What a default begins with that depends on the size of the server."""


def read(page: str) -> dict[str, dict[str, Any]]:
    """The facts of one page, by the name of the parameter in lower case."""
    return {name.lower(): _facts(dict(_CELL.findall(body))) for name, body in _SECTION.findall(page)}


def _facts(cells: Mapping[str, str]) -> dict[str, Any]:
    kind, change, default = cells["Data type"], cells["Parameter type"], cells["Default value"]
    row: dict[str, Any] = {"type": kind}
    if not default.startswith(_SIZED):
        row["default"] = _code(default)
    row["change"] = change
    allowed = _code(cells["Allowed values"])
    if change == "read-only":
        return row
    if kind in ("integer", "numeric"):
        bounds = _RANGE.fullmatch(allowed)
        if bounds is not None:
            row["least"], row["most"] = map(_number, bounds.groups())
    elif kind == "string":
        row["pattern"] = allowed
    else:
        values = [value.strip() for value in allowed.split(",")]
        if (kind, values) != ("boolean", ["on", "off"]):
            row["values"] = values
    return row


def _code(cell: str) -> str:
    return cell.strip("`").replace('\\"', '"')


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() and "e" not in text else number


def fold(found: Mapping[str, Mapping[int, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Rows for ranges of versions, of facts by parameter and version. A version without facts lacks the parameter."""
    majors = sorted({major for versions in found.values() for major in versions})
    folded: dict[str, list[dict[str, Any]]] = {}
    for name, versions in found.items():
        rows: list[dict[str, Any]] = []
        for major in majors:
            row = versions.get(major) or {"type": None, "page": next(iter(versions.values()))["page"]}
            if rows and {**rows[-1], "versions": 0} == {**row, "versions": 0}:
                rows[-1]["versions"][1] = major
            else:
                rows.append({"versions": [major, major], **row})
        folded[name] = rows
    return folded


def render(parameters: Mapping[str, Iterable[Mapping[str, Any]]]) -> str:
    """The data file: a row on each line, in the order of the names."""
    entries = []
    for name in sorted(parameters):
        rows = ",\n".join(f"   {json.dumps(row)}" for row in parameters[name])
        entries.append(f"  {json.dumps(name)}: [\n{rows}\n  ]")
    body = ",\n".join(entries)
    return f'{{\n "$schema": "parameters.schema.json",\n "parameters": {{\n{body}\n }}\n}}\n'


def pages(checkout: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """The facts of every page in a checkout, by parameter and version."""
    found: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    dated: list[tuple[str, Path, str]] = []
    for path in (checkout / PAGES).glob("param-*.md"):
        text = path.read_text("utf-8")
        date = _DATE.search(text)
        dated.append(("".join(date.group(3, 1, 2)) if date else "", path, text))
    for _, path, text in sorted(dated):
        name = _PAGE.fullmatch(path.name)
        if name is not None and name[1] in SUPPORTED_VERSIONS:
            for parameter, row in read(text).items():
                found[parameter][int(name[1])] = {**row, "page": name[2]}
    return found


def main() -> None:
    """Writes the data file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    found = pages(parser.parse_args().checkout)
    if not found:
        parser.error(f"there are no pages in {PAGES}")
    DATA.write_text(render(fold(found)), encoding="utf-8")
    print(f"{len(found)} parameters written to {DATA.name}")


if __name__ == "__main__":
    main()
