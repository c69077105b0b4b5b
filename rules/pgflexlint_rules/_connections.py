"""Shared by the rules about connections of applications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from pgflexlint.model import Connection
from pgflexlint.rule import Fail, Related, Span, Undecided, Verdict
from pgflexlint.values import Value


def written_at(value: Value[Any]) -> Span:
    """The place where a value is written."""
    return value.trace[0].span if value.trace else value.span


def received_at(value: Value[Any]) -> Span:
    """The place where a setting is given a value."""
    return value.span


def once(verdicts: Iterable[Verdict], place_of: Callable[[Value[Any]], Span]) -> Iterator[Verdict]:
    """Merge verdicts on connections whose values have one place: one finding, which names the other connections."""
    fails: dict[object, Fail] = {}
    for verdict in verdicts:
        if isinstance(verdict, Undecided):
            yield verdict
            continue
        place = verdict.at if isinstance(verdict.at, Span) else place_of(verdict.at)
        key = (place, verdict.message)
        first = fails.setdefault(key, verdict)
        if first is not verdict and isinstance(verdict.part, Connection):
            also = Related(verdict.part.header, f"Connection '{verdict.part.label}' uses the same value.")
            fails[key] = replace(first, related=tuple(dict.fromkeys((*first.related, also))))
    yield from fails.values()
