"""The types of parameters that ARM's functions have. Unlike Terraform, ARM converts next to nothing."""

from __future__ import annotations

from typing import Any

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import describe
from pgflexlint.evaluate.template.types import to_int, to_text


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise EvaluationError(f"a string is needed, not {describe(value)}")
    return value


def scalar_text(value: Any) -> str:
    """A string, or a number or bool as text."""
    if value is None or isinstance(value, tuple | list | dict):
        raise EvaluationError(f"a string is needed, not {describe(value)}")
    return to_text(value)


def integer(value: Any) -> int:
    """An integer."""
    if isinstance(value, str):
        raise EvaluationError("an integer is needed, not a string")
    return to_int(value)
