"""Makes the data of server parameters of Azure's documentation: `python benchmarks/parameter_pages.py CHECKOUT ...`.

The directories are checkouts of https://github.com/MicrosoftDocs/azure-databases-docs, oldest first where there are
more. The pages `param-VERSION-CATEGORY.md` are one table for each parameter; their facts are written to
`analyzer/pgflexlint/data/parameters.json`, where neighbouring versions that say the same are one row. Read the
difference before it is committed: what versions no longer have turns findings around. Where two pages of a version
have a parameter, the later one counts, since old pages stay when a category is renamed.

That a version lacks a parameter is written only where it is sure: every page that has the parameter for another
version was read for this one, and PostgreSQL itself brings the parameter with a major version and takes it away with
one. What extensions and Azure add may come to any version on any day, and a page may leave one out: of these nothing
is written, which is not known.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from pgflexlint.parameters import DATA, SUPPORTED_VERSIONS

_ARTICLES = Path("articles/postgresql")
FOLDERS = (_ARTICLES / "flexible-server/includes", _ARTICLES / "server-parameters/includes")
"""Where the pages were, and are."""
_PAGE = re.compile(r"param-(\d+)-([a-z0-9-]+)\.md")
_DATE = re.compile(r"^ms\.date: (\d\d)/(\d\d)/(\d{4})", re.MULTILINE)
_SECTION = re.compile(r"^### (\S+)$(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
_CELL = re.compile(r"^\| (Data type|Default value|Allowed values|Parameter type) \| ?(.*?) ?\|$", re.MULTILINE)
_RANGE = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?)-(-?[\d.]+(?:e[+-]?\d+)?)")
_SIZED = "Depends on resources"
"""What a default begins with that depends on the size of the server."""
_OF_ONE_SERVER = frozenset(
    {
        "num_os_semaphores",
        "server_version",
        "server_version_num",
        "shared_memory_size",
        "shared_memory_size_in_huge_pages",
    }
)
"""Parameters whose default the pages have from the server that they were made on."""
_UNSETTLED = {
    "intelligent_tuning": range(11, 19),
    "old_snapshot_threshold": range(11, 12),
    "restrict_nonsystem_relation_kind": range(12, 17),
}
"""Parameters without a dot, with versions that may have them though their pages do not: one is Azure's own, one is left
out for a version of PostgreSQL that has it, and one came to versions that were out with their minor releases."""
_ABSENT = {11: ("azure_storage.", "pgaudit.log_"), 18: ("connection_throttle.",)}
"""Beginnings of names with a dot, of which a version is known to lack those that its pages lack."""

Found = Mapping[str, Mapping[int, dict[str, Any]]]
Pages = Mapping[int, Collection[str]]


def read(page: str) -> dict[str, dict[str, Any]]:
    """The facts of one page, by the name of the parameter in lower case."""
    found = {name.lower(): _facts(dict(_CELL.findall(body))) for name, body in _SECTION.findall(page)}
    for name in _OF_ONE_SERVER & set(found):
        found[name].pop("default", None)
    return found


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


def fold(found: Found, pages: Pages) -> dict[str, list[dict[str, Any]]]:
    """Rows for ranges of versions, of facts by parameter and version and the pages that there are of each version."""
    folded: dict[str, list[dict[str, Any]]] = {}
    for name, versions in found.items():
        rows: list[dict[str, Any]] = []
        for major in map(int, SUPPORTED_VERSIONS):
            row = versions.get(major)
            if row is None and _lacks(name, major, versions, pages):
                nearest = min(versions, key=lambda other: abs(other - major))
                row = {"type": None, "page": versions[nearest]["page"]}
            if row is None:
                continue
            if rows and {**rows[-1], "versions": 0} == {**row, "versions": 0} and rows[-1]["versions"][1] == major - 1:
                rows[-1]["versions"][1] = major
            else:
                rows.append({"versions": [major, major], **row})
        folded[name] = rows
    return folded


def _lacks(name: str, major: int, versions: Mapping[int, Mapping[str, Any]], pages: Pages) -> bool:
    """Whether a version whose pages do not have a parameter is sure to lack it."""
    settled = name.startswith(_ABSENT.get(major, ())) if "." in name else major not in _UNSETTLED.get(name, ())
    read = all(row["page"] in pages.get(major, ()) for row in versions.values())
    return settled and read and not min(versions) < major < max(versions)


def render(parameters: Mapping[str, Iterable[Mapping[str, Any]]]) -> str:
    """The data file: a row on each line, in the order of the names."""
    entries = []
    for name in sorted(parameters):
        rows = ",\n".join(f"   {json.dumps(row)}" for row in parameters[name])
        entries.append(f"  {json.dumps(name)}: [\n{rows}\n  ]")
    body = ",\n".join(entries)
    return f'{{\n "$schema": "parameters.schema.json",\n "parameters": {{\n{body}\n }}\n}}\n'


def collect(checkouts: Iterable[Path]) -> tuple[Found, Pages]:
    """The facts of every page in the checkouts, by parameter and version, and the pages that there are of a version."""
    found: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    pages: dict[int, set[str]] = defaultdict(set)
    dated: list[tuple[str, int, Path, str]] = []
    for place, folder in enumerate(checkout / folder for checkout in checkouts for folder in FOLDERS):
        for path in folder.glob("param-*.md"):
            text = path.read_text("utf-8")
            date = _DATE.search(text)
            dated.append(("".join(date.group(3, 1, 2)) if date else "", place, path, text))
    for _, _, path, text in sorted(dated):
        name = _PAGE.fullmatch(path.name)
        if name is not None and name[1] in SUPPORTED_VERSIONS:
            pages[int(name[1])].add(name[2])
            for parameter, row in read(text).items():
                found[parameter][int(name[1])] = {**row, "page": name[2]}
    return found, pages


def main() -> None:
    """Writes the data file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs="+", metavar="CHECKOUT")
    found, pages = collect(parser.parse_args().checkouts)
    if not found:
        parser.error(f"there are no pages in {FOLDERS[-1]}")
    DATA.write_text(render(fold(found, pages)), encoding="utf-8")
    print(f"{len(found)} parameters written to {DATA.name}")


if __name__ == "__main__":
    main()
