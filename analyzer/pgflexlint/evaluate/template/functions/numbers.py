"""Conversions to numbers and bools; arithmetic and comparisons are operators by the time that they are evaluated.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric and …-logical.
"""

from __future__ import annotations

from typing import Any

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.functions import Table, anything
from pgflexlint.evaluate.template.types import to_bool, to_int

FUNCTIONS = Table()

FUNCTIONS.plain("int", to_int)(lambda number: number)
FUNCTIONS.plain("bool", to_bool)(lambda truth: truth)


@FUNCTIONS.plain("float", anything)
def _float(value: Any) -> float:
    try:
        number = float(value) if isinstance(value, str) else to_int(value)
    except ValueError:
        raise EvaluationError("a number is needed, but this string is not one") from None
    if number - number != 0:
        raise EvaluationError("this number is not finite")
    return number
