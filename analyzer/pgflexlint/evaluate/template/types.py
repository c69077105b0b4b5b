"""Conversions between the types of ARM templates, and equality.

https://learn.microsoft.com/azure/azure-resource-manager/templates/data-types. What the pages leave open is taken from
what the deployment engine answers in the tests of https://github.com/Azure/bicep (`EvaluationTests.cs`,
`FunctionResolverTests.cs`).

Strings are compared with case ("The comparison is case-sensitive", template-functions-comparison#equals), and names of
members without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import Equality, describe
from pgflexlint.lazily import compiled

_INTEGER = compiled(r"\s*[-+]?[0-9]{1,400}\s*", re.ASCII)
_LARGEST = 2**63


def to_text(value: Any) -> str:
    """A bare value as `format`, `concat` and interpolation write it: `True`, and JSON in single quotes."""
    match value:
        case None:
            return ""
        case str():
            return value
        case list() | dict():
            return json_text(value, single_quoted)
        case _:
            return json_text(value).capitalize() if isinstance(value, bool) else json_text(value)


def double_quoted(text: str) -> str:
    """A JSON string."""
    import json  # noqa: PLC0415  most runs write no JSON here

    return json.dumps(text, ensure_ascii=False)


def single_quoted(text: str) -> str:
    """A JSON string in single quotes, as an object stands in an interpolated string."""
    return "'" + double_quoted(text)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def json_text(value: Any, quote: Callable[[str], str] = double_quoted) -> str:
    """A bare value as compact JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case int() | float():
            return str(value)
        case Mapping():
            return "{" + ",".join(f"{quote(name)}:{json_text(member, quote)}" for name, member in value.items()) + "}"
        case _:
            return "[" + ",".join(json_text(item, quote) for item in value) + "]"


def to_bool(value: Any) -> bool:
    """A bare scalar as a bool: "true" and "false" in any case; of numbers, only 0 is false."""
    match value:
        case bool():
            return value
        case int() | float():
            return value != 0
        case str() if value.strip().lower() in {"true", "false"}:
            return value.strip().lower() == "true"
        case _:
            raise EvaluationError(f"a bool is needed, not {describe(value)}")


def to_int(value: Any) -> int:
    """A bare scalar as an integer of 64 bits; strings in decimal notation count."""
    match value:
        case int() if not isinstance(value, bool):
            number = value
        case float() if value.is_integer():
            number = int(value)
        case str() if _INTEGER.fullmatch(value):
            number = int(value)
        case _:
            raise EvaluationError(f"an integer is needed, not {describe(value)}")
    if not -_LARGEST <= number < _LARGEST:
        raise EvaluationError("this number is too large")
    return number


_EQUALITY = Equality(to_text, str.lower)
equal, frozen, distinct = _EQUALITY.equal, _EQUALITY.frozen, _EQUALITY.distinct
known_ends = _EQUALITY.known_ends
