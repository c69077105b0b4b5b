"""Shared by the rules about connections of applications."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from msgspec.structs import replace

from pgflexlint.model import Connection
from pgflexlint.rule import Fail, Related, Span, Undecided, Verdict, Verdicts
from pgflexlint.values import Known, Value


def as_written(value: Value[Any]) -> Hashable:
    """An identity of a value: where it is written, and what it may be."""
    possible = (value,) if isinstance(value, Known) else value.candidates
    place = next((step.span for step in value.trace if not step.decides), value.span)
    return place, tuple(each.value for each in possible)


def as_received(value: Value[Any]) -> Hashable:
    """An identity of a value: where a setting is given it."""
    return value.span


def once(verdicts: Iterable[Verdict], identity: Callable[[Value[Any]], Hashable]) -> Verdicts:
    """Merge verdicts on connections whose values have one identity: one finding, which names the other connections.

    It is about a connection that certainly exists, if there is one.
    """
    fails: dict[object, Fail] = {}
    for verdict in sorted(verdicts, key=_may_be_missing):
        if isinstance(verdict, Undecided):
            yield verdict
            continue
        key = (verdict.at if isinstance(verdict.at, Span) else identity(verdict.at), verdict.message)
        first = fails.setdefault(key, verdict)
        if first is not verdict and isinstance(verdict.part, Connection):
            also = Related(verdict.part.header, f"Connection '{verdict.part.label}' uses the same value.")
            fails[key] = replace(first, related=tuple(dict.fromkeys((*first.related, also))))
    yield from fails.values()


def _may_be_missing(verdict: Verdict) -> bool:
    return isinstance(verdict, Fail) and verdict.part is not None and verdict.part.maybe is not None
