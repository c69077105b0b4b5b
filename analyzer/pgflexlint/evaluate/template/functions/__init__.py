"""The functions of ARM templates and Bicep, by their names in lower case.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions and
https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions. What is decided by looking at
expressions is not among them: `if`, `coalesce`, `parameters`, `copyIndex`, `nameof`, and what takes a lambda.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from msgspec.structs import replace

from pgflexlint.evaluate.calls import EvaluationError, Function, FunctionCall, Functions
from pgflexlint.evaluate.equality import made_of
from pgflexlint.evaluate.functions import COMBINATION_LIMIT
from pgflexlint.evaluate.members import AnyValue, either
from pgflexlint.evaluate.template.functions import arrays, dates, files, formats, network, numbers, resources, strings
from pgflexlint.evaluate.template.identity import called
from pgflexlint.values import Known, Unknown

_TEXTS = frozenset(
    {
        "base64", "base64tostring", "cidrhost", "cidrsubnet", "datauri", "datauritostring", "datetimeadd",
        "format", "guid", "join", "padleft", "replace", "skip", "string", "substring", "take", "trim", "uniquestring",
        "uri", "uricomponent", "uricomponenttostring",
    }
)  # fmt: skip
"""Functions whose unknown answers are equal if their arguments are."""


def _complete(name: str, function: Function) -> Function:
    """A function as it is called: with all candidates of its arguments, and with a note of itself on an unknown
    text."""

    def completed(call: FunctionCall) -> AnyValue:
        answer = function(call)
        if isinstance(answer, Known) or answer.candidates or answer.parts:
            return answer
        if name in _TEXTS:
            answer = called(call, answer)
        elif answer.reference is None and answer not in call.arguments and _open(call):
            answer = made_of(answer, name, *call.arguments)
        return _each_candidate(call, function, answer)

    return completed


def _each_candidate(call: FunctionCall, function: Function, unknown: Unknown) -> AnyValue:
    """The answer for each combination of candidates of the arguments, although members of arguments may be unknown."""
    open_ = _open(call)
    if not open_ or not 0 < prod(len(value.candidates) for value in open_) <= COMBINATION_LIMIT:
        return unknown
    at = call.arguments.index(open_[0])
    outcomes = []
    for candidate in open_[0].candidates:
        arguments = (*call.arguments[:at], candidate, *call.arguments[at + 1 :])
        chosen = replace(call, arguments=arguments)
        try:
            answer = function(chosen)
        except EvaluationError:
            continue  # with this candidate the deployment fails, so it is another one
        outcomes.append(_each_candidate(chosen, function, answer) if isinstance(answer, Unknown) else answer)
    found = either(outcomes, unknown, call.span) if outcomes else unknown
    if isinstance(found, Known) or found.candidates:
        return found
    return unknown if found.members is None else replace(unknown, members=found.members, never_null=found.never_null)


def _open(call: FunctionCall) -> list[Unknown]:
    return [value for value in call.arguments if isinstance(value, Unknown)]


class _Functions(Mapping[str, Function]):
    """All functions. Those of resource providers are among them: whatever starts with `list`."""

    def __init__(self, named: Mapping[str, Function]) -> None:
        self._named = {name: _complete(name, function) for name, function in named.items()}

    def __getitem__(self, name: str) -> Function:
        if name not in self._named and name.startswith("list"):
            return resources.answered
        return self._named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


FUNCTIONS: Functions = _Functions(
    {
        name: function
        for module in (arrays, dates, files, formats, network, numbers, resources, strings)
        for name, function in module.FUNCTIONS.items()
    }
)
