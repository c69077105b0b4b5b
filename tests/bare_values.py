"""Bare Python values as values of an evaluation, and back, so that tests of functions are short to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgflexlint.evaluate.terraform.types import make_set
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Step, Unknown, Value

HERE = Span(SourceFile("main.tf", "here and there"), 0, 4)
THERE = Span(HERE.file, 9, 14)
HOLE: dict[str, list[Any]] = {"?": []}
"""What `shown` makes of an unknown without candidates."""


def value(bare: Any) -> Value[Any]:
    """JSON and the values in it as one value; `{"$set": …}` is a set."""
    match bare:
        case Known() | Unknown():
            return bare
        case {"$set": members}:
            return Known(make_set(map(value, members)), HERE)
        case dict():
            return Known({key: value(member) for key, member in bare.items()}, HERE)
        case list():
            return Known(tuple(map(value, bare)), HERE)
        case _:
            return Known(bare, HERE)


def unknown(*candidates: Any, reason: str = "variable 'x' has no value", **rest: Any) -> Unknown:
    known = tuple(made for bare in candidates if isinstance(made := value(bare), Known))
    return Unknown(reason, HERE, (Step(HERE, "the way"),), known, **rest)


def shown(result: Value[Any]) -> Any:
    """A value in short: unknown ones as `{"?": their candidates}`."""
    match result:
        case Unknown():
            return {"?": [shown(candidate) for candidate in result.candidates]}
        case Known(tuple() as members):
            return [shown(member) for member in members]
        case Known(Mapping() as members):
            return {key: shown(member) for key, member in members.items()}
        case Known(bare):
            return bare
