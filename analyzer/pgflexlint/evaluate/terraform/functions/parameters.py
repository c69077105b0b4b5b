"""The types of parameters that Terraform's functions have, with the conversions that they ask for."""

from __future__ import annotations

from typing import Any

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import describe
from pgflexlint.evaluate.terraform.types import to_bool, to_number, to_string


def text(value: Any) -> str:
    """A parameter of type string."""
    return to_string(value)


def number(value: Any) -> float:
    """A parameter of type number."""
    return to_number(value)


def integer(value: Any) -> int:
    """A parameter of type number that must be whole."""
    result = to_number(value)
    if isinstance(result, float) and not result.is_integer():
        raise EvaluationError("a whole number is needed")
    return int(result)


def texts(value: Any) -> list[str | None]:
    """A parameter of type list(string), whose members may be null."""
    if not isinstance(value, list):
        raise EvaluationError(f"a list is needed, not {describe(value)}")
    return [None if item is None else to_string(item) for item in value]


def boolean(value: Any) -> bool:
    """A parameter of type bool."""
    return to_bool(value)
