"""The expression language of Terraform: operators, conversions, functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.calls import EvaluationError, Function, FunctionCall
from pgflexlint.evaluate.equality import TELLS_NOTHING, is_text, made_of
from pgflexlint.evaluate.files import undecoded
from pgflexlint.evaluate.interpreter import Scope, arguments, evaluate
from pgflexlint.evaluate.members import CANDIDATE_LIMIT, AnyValue
from pgflexlint.evaluate.names import Declared
from pgflexlint.evaluate.terraform.functions import FUNCTIONS
from pgflexlint.evaluate.terraform.types import branch, equal, tidy, to_bool, to_number, to_string, unlike
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import Span, Workspace
from pgflexlint.syntax.expressions import Call, Expression
from pgflexlint.values import Known, Unknown, instead

_MADE_OF = TELLS_NOTHING | {
    "base64encode", "base64gzip", "textencodebase64", "urlencode", "yamlencode", "lower", "upper", "chomp", "trimspace",
    "trim", "trimprefix", "trimsuffix", "replace",
}  # fmt: skip
"""Functions and operators that note on an unknown answer what they made it of (see `made_of`). The operation, and no
longer the trace, then says how much of its operands the answer reveals."""


class Terraform:
    """The expression language of one root module.

    https://developer.hashicorp.com/terraform/language/expressions
    """

    ignores_case = False

    def __init__(self, workspace: Workspace, report: Callable[[Problem], None]) -> None:
        """`workspace` resolves paths as Terraform does, relative to the root module. `report` is told about
        problems."""
        self._workspace = workspace
        self.report = report

    def constants(self, budget: Budget) -> Scope:
        """The scope of an expression that must be constant. Any name or call in it is reported."""
        language = _Constants(self._workspace, self.report)
        return Scope(language, Declared({}, "'{}'" + _NOT_CONSTANT, language.refuse), budget=budget)

    def call(self, call: Call, scope: Scope) -> AnyValue:
        """The answer of a function. A function that Terraform does not have is reported, and its answer is unknown."""
        name = call.function.removeprefix("core::")
        if name == "try":
            return _try(call, scope)
        if name == "can":
            return _can(call, scope)
        function = self._templatefile() if name == "templatefile" else FUNCTIONS.get(name)
        if function is not None:
            values = arguments(call, scope)
            if isinstance(values, Unknown):
                return values
            try:
                answer = function(FunctionCall(name, call.span, values, self._workspace, scope.budget))
            except EvaluationError as error:
                for problem in () if scope.quiet else undecoded(error, name):
                    self.report(problem)
                raise
            bare = isinstance(answer, Unknown) and not (answer.candidates or answer.parts or answer.reference)
            return made_of(answer, name, *values) if bare and name in _MADE_OF else answer  # type: ignore[arg-type]
        if not name.startswith("provider::"):
            hint = "Check the spelling. If the function is new, please report it."
            path = call.span.file.path
            self.report(Problem(Kind.FUNCTION, f"Terraform has no function '{name}'.", path, call.span, hint))
        return Unknown(f"function '{name}' is not known", call.span)

    def _templatefile(self) -> Function:
        from pgflexlint.evaluate.terraform.templates import templatefile  # noqa: PLC0415  hardly ever needed

        return templatefile(_InTemplate(self._workspace, self.report))

    def derived(self, unknown: Unknown, operation: str, operands: tuple[AnyValue, ...]) -> Unknown:
        """The unknown, with a note of its operation and operands if the operation is one of `_MADE_OF`."""
        return made_of(unknown, operation, *operands) if operation in _MADE_OF else unknown

    def equal(self, left: AnyValue, right: AnyValue) -> bool | None:
        """HCL's `==`: values of different types differ."""
        return equal(left, right)

    def unlike(self, expression: Expression, value: AnyValue) -> bool:
        """Whether the expression makes a tuple or an object, and the value is a list or a map."""
        return unlike(expression, value)

    def branch(self, value: AnyValue, other: Callable[[], AnyValue]) -> AnyValue:
        """The value in the type that both branches have in common: `condition ? 35 : "7"` is a string."""
        return branch(value, other)

    def arithmetic(self, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic of numbers, and of texts that HCL converts to numbers."""
        first, second = to_number(left), to_number(right)
        match operator:
            case "+" | "-" | "*" if isinstance(first, float) or isinstance(second, float):
                return _in_decimals(operator, first, second)
            case "+":
                return first + second
            case "-":
                return first - second
            case "*":
                return first * second
            case "<":
                return first < second
            case "<=":
                return first <= second
            case ">":
                return first > second
            case ">=":
                return first >= second
        if second == 0:
            raise EvaluationError("a number is divided by zero")
        if operator == "%":
            # HCL's remainder has the sign of the dividend; Python's that of the divisor.
            remainder = abs(first) % abs(second)
            return -remainder if first < 0 else remainder
        quotient = first / second
        return int(quotient) if quotient == int(quotient) else quotient

    def text(self, value: Any) -> str:
        """The value as `tostring` converts it."""
        return to_string(value)

    def condition(self, value: Any) -> bool:
        """The value as `tobool` converts it."""
        return to_bool(value)


def _in_decimals(operator: str, first: float, second: float) -> float:
    """Sums, differences and products without the rounding of binary floats: 0.1 + 0.2 is 0.3."""
    from decimal import Decimal  # noqa: PLC0415  hardly ever needed

    one, other = Decimal(repr(first)), Decimal(repr(second))
    return tidy(float(one + other if operator == "+" else one - other if operator == "-" else one * other))


_NOT_CONSTANT = " cannot be used here: only constant values can"


class _InTemplate(Terraform):
    """The language inside a template file, which cannot call `templatefile`."""

    def _templatefile(self) -> Function:
        raise EvaluationError("a template cannot call 'templatefile'")


class _Constants(Terraform):
    """The language where only constant values may stand.

    https://developer.hashicorp.com/terraform/language/values/variables#default-values
    """

    def call(self, call: Call, scope: Scope) -> AnyValue:
        clause = f"function '{call.function}'{_NOT_CONSTANT}"
        self.refuse(f"F{clause[1:]}.", call.span)
        raise EvaluationError(clause)

    def refuse(self, sentence: str, span: Span) -> None:
        """Report what is written where only a constant may be."""
        hint = "Write the value itself: Terraform refuses anything else."
        self.report(Problem(Kind.REFERENCE, sentence, span.file.path, span, hint))


def _try(call: Call, scope: Scope) -> AnyValue:
    """The first argument that Terraform would not refuse."""
    refused: list[AnyValue] = []
    for number, argument in enumerate(call.arguments, 1):
        try:
            found = evaluate(argument, scope.strictly())
        except EvaluationError as error:
            refused.append(Known(None, argument.span, error.trace))
            continue
        return instead(_or_one_of(found, call.arguments[number:], scope), refused)
    raise EvaluationError("none of the expressions given to 'try' has a value")


def _or_one_of(found: AnyValue, others: Sequence[Expression], scope: Scope) -> AnyValue:
    """A value that may be refused if nothing is known of it. Then others count, of which some may be known."""
    if isinstance(found, Known) or found != found.bare():
        return found
    values: list[AnyValue] = []
    for other in others:
        with suppress(EvaluationError):
            values.append(evaluate(other, scope.quietly()))
    known = (each for each in values if (is_text(each) if isinstance(each, Unknown) else each.value is not None))
    return replace(found, some=tuple(known)[:CANDIDATE_LIMIT])


def _can(call: Call, scope: Scope) -> AnyValue:
    if len(call.arguments) != 1:
        raise EvaluationError(f"function 'can' fails: it was given {len(call.arguments)} arguments")
    try:
        value = evaluate(call.arguments[0], scope.strictly())
    except EvaluationError as error:
        return Known(False, call.span, error.trace)
    if isinstance(value, Unknown):
        return made_of(Unknown(value.reason, call.span, value.trace, never_null=True), "can", value)
    return Known(True, call.span, value.trace)
