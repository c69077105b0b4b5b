"""Shared by the rules about connections of applications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from pgflexlint.model import Connection
from pgflexlint.rule import Fail, Related, Span, Undecided, Verdict


def once(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Merge verdicts on connections that use the same written value: one finding, which names the other connections."""
    fails: dict[object, Fail] = {}
    for verdict in verdicts:
        if isinstance(verdict, Undecided):
            yield verdict
            continue
        place = verdict.at if isinstance(verdict.at, Span) else verdict.at.span
        key = (place, verdict.message)
        first = fails.setdefault(key, verdict)
        if first is not verdict and isinstance(verdict.part, Connection):
            also = Related(verdict.part.header, f"Connection '{verdict.part.label}' uses the same value.")
            fails[key] = replace(first, related=tuple(dict.fromkeys((*first.related, also))))
    yield from fails.values()
