"""Functions of numbers, truth values and comparisons.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric, …-logical and
…-comparison. Readers make operators of most of these; what is written in an odd way arrives here.
"""

from __future__ import annotations

from typing import Any

from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.equality import all_true, any_true
from pgflexlint.evaluate.functions import Table, anything, limited, settled
from pgflexlint.evaluate.template.functions.parameters import boolean, integer
from pgflexlint.evaluate.template.types import equal, to_int
from pgflexlint.values import Unknown, Value

FUNCTIONS = Table()

FUNCTIONS.plain("add", integer, integer)(lambda left, right: left + right)
FUNCTIONS.plain("sub", integer, integer)(lambda left, right: left - right)
FUNCTIONS.plain("mul", integer, integer)(lambda left, right: left * right)
FUNCTIONS.plain("int", to_int)(lambda number: number)
FUNCTIONS.plain("bool", boolean)(lambda truth: truth)
FUNCTIONS.plain("not", boolean)(lambda truth: not truth)
FUNCTIONS.plain("true")(lambda: True)
FUNCTIONS.plain("false")(lambda: False)


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationError("a number is divided by zero")
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


FUNCTIONS.plain("div", integer, integer)(_quotient)
FUNCTIONS.plain("mod", integer, integer)(lambda left, right: left - _quotient(left, right) * right)


@FUNCTIONS.structural("null", 0, nullable=True)
def _null(call: FunctionCall) -> Value[None]:
    return call.known(None)


@FUNCTIONS.plain("float", anything)
def _float(value: Any) -> float:
    try:
        return float(value) if isinstance(value, str) else to_int(value)
    except ValueError:
        raise EvaluationError("a number is needed, and this string is none") from None


def _compared(left: Any, right: Any) -> int:
    """Numbers, or strings character by character."""
    if not (isinstance(left, str) and isinstance(right, str)):
        left, right = integer(left), integer(right)
    return int(left > right) - int(left < right)


FUNCTIONS.plain("less", anything, anything)(lambda left, right: _compared(left, right) < 0)
FUNCTIONS.plain("lessorequals", anything, anything)(lambda left, right: _compared(left, right) <= 0)
FUNCTIONS.plain("greater", anything, anything)(lambda left, right: _compared(left, right) > 0)
FUNCTIONS.plain("greaterorequals", anything, anything)(lambda left, right: _compared(left, right) >= 0)


def _verdict(call: FunctionCall, answer: bool | None) -> Value[Any]:
    if answer is None:
        settled(call.arguments)
    return call.known(answer)


@FUNCTIONS.structural("equals", 2)
def _equals(call: FunctionCall) -> Value[Any]:
    limited(call.arguments)
    return _verdict(call, equal(*call.arguments))


def _truths(call: FunctionCall) -> list[bool | None]:
    return [None if isinstance(value, Unknown) else boolean(value.value) for value in call.arguments]


@FUNCTIONS.structural("and", 2, None)
def _and(call: FunctionCall) -> Value[Any]:
    return _verdict(call, all_true(_truths(call)))


@FUNCTIONS.structural("or", 2, None)
def _or(call: FunctionCall) -> Value[Any]:
    return _verdict(call, any_true(_truths(call)))
