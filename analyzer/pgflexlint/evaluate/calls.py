"""Calls of functions: what a function gets, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct, field

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.source import Span, Workspace
from pgflexlint.values import Known, Step, Unknown, Value, merge_traces


class Undecoded(NamedTuple):
    """A text that cannot be decoded, such as one that is no JSON."""

    text: str
    offset: int
    """Where in the text."""


class EvaluationError(Exception):
    """An expression that the language's own tool would refuse, such as an index out of range.

    `try` and `can` catch it; elsewhere the value is `Unknown` with the message as its reason, so the message is a
    clause without a full stop: "attribute 'name' is not in this object".
    """

    def __init__(
        self,
        message: str,
        span: Span | None = None,
        trace: tuple[Step, ...] = (),
        undecoded: Undecoded | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.trace = trace
        """The trace of the value that the tool would refuse."""
        self.undecoded = undecoded
        """The text, if it cannot be decoded."""


class FunctionCall(Struct, frozen=True):
    """One call: everything that a function may use."""

    name: str
    span: Span
    arguments: tuple[Value[Any], ...]
    workspace: Workspace
    """For functions that read files; they take paths relative to the workspace root."""
    budget: Budget = field(default_factory=Budget)

    def known(self, value: Any) -> Known[Any]:
        """A known result. Its trace is that of the arguments."""
        return Known(value, self.span, merge_traces(self.arguments))

    def unknown(self, reason: str) -> Unknown:
        """An unknown result, with a reason that completes "because …"."""
        return Unknown(reason, self.span, merge_traces(self.arguments))


Function: TypeAlias = Callable[[FunctionCall], Value[Any]]
Functions: TypeAlias = Mapping[str, Function]
