"""Functions of numbers.

https://developer.hashicorp.com/terraform/language/functions, group "Numeric Functions".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pgflexlint.evaluate.bounds import check_digits
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import describe
from pgflexlint.evaluate.functions import Table, anything
from pgflexlint.evaluate.terraform.functions.parameters import integer, number
from pgflexlint.evaluate.terraform.types import tidy, to_number

FUNCTIONS = Table()
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

FUNCTIONS.plain("abs", number)(abs)
FUNCTIONS.plain("ceil", number)(math.ceil)
FUNCTIONS.plain("floor", number)(math.floor)
FUNCTIONS.plain("signum", integer)(lambda value: (value > 0) - (value < 0))
FUNCTIONS.plain("max", number, rest=number)(lambda *values: max(values))
FUNCTIONS.plain("min", number, rest=number)(lambda *values: min(values))


def _finite(compute: Callable[[float, float], float]) -> Callable[[float, float], float]:
    def body(first: float, second: float) -> float:
        try:
            return tidy(compute(float(first), float(second)))
        except (ValueError, ZeroDivisionError):
            raise EvaluationError("the result is not a number") from None

    return body


FUNCTIONS.plain("log", number, number)(_finite(lambda value, base: math.log(value) / math.log(base)))
FUNCTIONS.plain("pow", number, number)(_finite(math.pow))


@FUNCTIONS.plain("sum", anything)
def _sum(values: Any) -> float:
    if not isinstance(values, list):
        raise EvaluationError(f"a list is needed, not {describe(values)}")
    if not values:
        raise EvaluationError("the list is empty")
    numbers = [to_number(value) for value in values]
    return tidy(math.fsum(numbers)) if float in map(type, numbers) else sum(numbers)


@FUNCTIONS.plain("parseint", anything, integer)
def _parseint(digits: Any, base: int) -> int:
    if not isinstance(digits, str):
        raise EvaluationError(f"a string is needed, not {describe(digits)}")
    if not 2 <= base <= len(_DIGITS):
        raise EvaluationError("the base is not between 2 and 62")
    unsigned = digits[1:] if digits[:1] in {"+", "-"} else digits
    values = [_DIGITS.find(digit) for digit in (unsigned if base > 36 else unsigned.lower())]
    if not values or not all(0 <= value < base for value in values):
        raise EvaluationError(f"the string is not a number of base {base}")
    check_digits(unsigned)
    result = 0
    for value in values:
        result = result * base + value
    return -result if digits.startswith("-") else result
