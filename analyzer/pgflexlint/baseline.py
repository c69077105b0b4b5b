"""The findings that existed when a baseline was written: they are known, and do not count.

A finding is known by its keys, which have no line in them, and by how many of each key there are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from pgflexlint.problem import UsageError
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Allowance, By, Entry, Finding

VERSION = 1
"""The version of the format. It changes when an older pgflexlint would misread the file."""
NESTED_LIMIT = 1_000_000
"""How many objects and arrays a baseline may have: an empty array of two characters takes 60 bytes when it is read."""


_Unnumbered: TypeAlias = tuple[str, str, str, str, str, str]
"""An entry without its number."""


class Baseline(NamedTuple):
    """The findings that are known."""

    path: str
    """The path of the file, as outputs show it."""
    entries: tuple[Entry, ...]


class Comparison(NamedTuple):
    """Findings compared with a baseline."""

    new: list[Finding]
    known: list[Finding]
    fixed: list[Entry]
    """The entries that were not found again, each with how many of its findings are missing."""


def entries(findings: Iterable[Finding], secrets: Redactor) -> tuple[Entry, ...]:
    """The entries for some findings, sorted."""
    counts: Counter[_Unnumbered] = Counter()
    for finding in findings:
        for case, key in finding.baseline_keys():
            (root, inputs), address = case.deployed, secrets.text(case.address)
            counts[(finding.span.file.path, finding.rule.id, address, root, secrets.text(inputs), key)] += 1
    return _counted(counts)


def compare(findings: Iterable[Finding], baseline: Baseline) -> Comparison:
    """Separate the known findings from the new ones, and name the entries that were not found again.

    If a key occurs more often than the baseline says, the last findings are new. A finding with some known cases is
    new, and shown at its first unknown case.
    """
    left = Counter({entry.key: entry.number for entry in baseline.entries})
    allowance = Allowance(By.BASELINE, "it is in the baseline", baseline.path)
    found = Comparison([], [], [])
    for finding in sorted(findings, key=lambda finding: finding.sort_key):
        keys = list(finding.baseline_keys())
        new = [case for case, each in keys if left[each] <= 0]
        left.subtract(each for _, each in keys if left[each] > 0)
        if new:
            known = [case for case in finding.cases if case not in new]
            found.new.append(replace(finding, cases=(*new, *known)))
        else:
            found.known.append(replace(finding, allowance=allowance))
    missing = (entry._replace(number=left[entry.key]) for entry in baseline.entries)
    found.fixed.extend(entry for entry in missing if entry.number > 0)
    return found


def subtract(some: Iterable[Entry], others: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries without other ones: the numbers of equal entries are subtracted."""
    gone = Counter({entry.key: entry.number for entry in others})
    rest = (entry._replace(number=entry.number - gone[entry.key]) for entry in some)
    return tuple(entry for entry in rest if entry.number > 0)


def merge_entries(*several: Iterable[Entry]) -> tuple[Entry, ...]:
    """All entries of several lists, sorted. The numbers of equal entries are added."""
    counts: Counter[_Unnumbered] = Counter()
    for entry in (entry for lot in several for entry in lot):
        counts[entry[:6]] += entry.number
    return _counted(counts)


def _counted(counts: Counter[_Unnumbered]) -> tuple[Entry, ...]:
    return tuple(sorted(Entry(*key, number) for key, number in counts.items()))


# --- the file ---------------------------------------------------------------------------------------------------


def dumps(found: Sequence[Entry]) -> str:
    """The text of the file. Each entry has a line, so that versions of it can be compared and merged."""
    rows = ",\n".join(f"    {json.dumps(_row(entry))}" for entry in found)
    listed = f"[\n{rows}\n  ]" if rows else "[]"
    return f'{{\n  "pgflexlint-baseline": {VERSION},\n  "findings": {listed}\n}}\n'


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "rule": entry.rule,
        "address": entry.address,
        "root": entry.root,
        **({"inputs": entry.inputs} if entry.inputs else {}),
        "count": entry.number,
        "fingerprint": entry.key,
    }


def loads(text: str, path: str) -> Baseline:
    """What a file holds. Raises `UsageError` if it is not a baseline, or only a part of one."""
    if text.count("[") + text.count("{") > NESTED_LIMIT:
        raise UsageError(f"'{path}' has more than {NESTED_LIMIT:,} objects and arrays.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(
            f"'{path}' is not a complete baseline: it is not valid JSON. Restore it, or delete it and run"
            " 'pgflexlint baseline create'."
        ) from None
    version = content.get("pgflexlint-baseline") if isinstance(content, dict) else None
    if version is None:
        raise UsageError(f"'{path}' is not a baseline of pgflexlint.")
    if version != VERSION:
        raise UsageError(f"'{path}' has version {version!r} of the format; this pgflexlint reads version {VERSION}.")
    try:
        counts: Counter[_Unnumbered] = Counter()
        for entry in map(_entry, content["findings"]):
            counts[entry[:6]] = max(counts[entry[:6]], entry.number)  # a merge of branches may have kept both lines
        return Baseline(path, _counted(counts))
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"'{path}' is damaged: some of its findings cannot be read. Restore it, or delete it and run"
            " 'pgflexlint baseline create'."
        ) from None


def _entry(row: dict[str, Any]) -> Entry:
    texts = (row["path"], row["rule"], row["address"], row["root"], row.get("inputs", ""), row["fingerprint"])
    entry = Entry(*texts, row["count"])
    if not all(isinstance(text, str) for text in texts) or type(entry.number) is not int or entry.number < 1:
        raise ValueError(row)
    return entry
