"""What the functions of all languages have in common: arguments, unknowns, candidates.

A *plain* function is one of bare Python values. Where an argument is unknown, so is its answer; if all that the unknown
can be is known, the answer's candidates are worked out one by one.
A *structural* function takes the values themselves, so that members come out as they went in, with the places where
they were written, and it may answer although some members are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any, TypeAlias

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import DEPTH_LIMIT, LimitError, check_size, too_deep
from pgflexlint.evaluate.calls import EvaluationError, Function, FunctionCall
from pgflexlint.evaluate.equality import describe, frozen
from pgflexlint.source import Span
from pgflexlint.values import Known, ListValue, MapValue, Step, Unknown, Value, merge_traces

CANDIDATE_LIMIT = 16
"""How many combinations of candidates are worked out."""

Parameter: TypeAlias = Callable[[Any], Any]
"""Brings a bare argument to the type that the function wants, as the language converts arguments."""


class UndecidedError(Exception):
    """An answer hangs on a value that is unknown. Never leaves a function."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


class GiveUpError(Exception):
    """The language's tool would answer and we cannot, so `try` must not catch it. Never leaves a function."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def anything(value: Any) -> Any:
    """A parameter of any type, null too."""
    return value


class Table(dict[str, Function]):
    """Functions by their names."""

    def plain(self, name: str, *parameters: Parameter, rest: Parameter | None = None) -> Callable[[Any], Any]:
        """A decorator for a function of bare values; `rest` is the type of any further arguments."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            def body(call: FunctionCall) -> Value[Any]:
                given = call.arguments
                extra = (rest,) * (len(given) - len(parameters)) if rest else ()
                bare = [wanted(to_bare(value)) for wanted, value in zip((*parameters, *extra), given, strict=True)]
                return to_value(function(*bare), call.span, merge_traces(nodes(given)))

            most = None if rest else len(parameters)
            self[name] = _guarded(body, len(parameters), most, nullable=False)
            return function

        return register

    def structural(
        self, name: str, least: int, most: int | None = -1, *, nullable: bool = False
    ) -> Callable[[Callable[[FunctionCall], Value[Any]]], Callable[[FunctionCall], Value[Any]]]:
        """A decorator for a function of values, which takes `least` to `most` arguments (as many as one likes if None).

        `nullable` where its answer may be null.
        """

        def register(body: Callable[[FunctionCall], Value[Any]]) -> Callable[[FunctionCall], Value[Any]]:
            self[name] = _guarded(body, least, least if most == -1 else most, nullable=nullable)
            return body

        return register

    def unknowable(self, reason: str, *names: str) -> None:
        """Functions whose answer is always unknown; `{}` in the reason stands for the name."""
        for name in names:
            self[name] = lambda call: call.unknown(reason.format(call.name))


def _guarded(body: Callable[[FunctionCall], Value[Any]], least: int, most: int | None, *, nullable: bool) -> Function:
    def function(call: FunctionCall) -> Value[Any]:
        try:
            if not least <= len(call.arguments) <= (len(call.arguments) if most is None else most):
                raise EvaluationError(f"it was given {len(call.arguments)} arguments")
            return call.budget.admit(call.budget.work(call.arguments, lambda: _decided(call, body, nullable)))
        except EvaluationError as error:
            message = f"function '{call.name}' fails: {error.message}"
            trace = error.trace or merge_traces(nodes(call.arguments))
            raise EvaluationError(message, error.span or call.span, trace, error.undecoded) from error
        except GiveUpError as error:
            return call.unknown(f"function '{call.name}' was not evaluated: {error.reason}")
        except UnicodeError:
            return call.unknown(f"function '{call.name}' was not evaluated: a text is not valid Unicode")
        except (OverflowError, RecursionError):
            raise LimitError(f"The arguments of function '{call.name}' are too large.") from None

    return function


def _decided(call: FunctionCall, body: Callable[[FunctionCall], Value[Any]], nullable: bool) -> Value[Any]:
    try:
        return body(call)
    except UndecidedError as error:
        undecided = Unknown(
            error.unknown.reason, call.span, merge_traces(nodes(call.arguments)), never_null=not nullable
        )
    return spread(call, body, undecided)


def spread(call: FunctionCall, body: Callable[[FunctionCall], Value[Any]], undecided: Unknown) -> Value[Any]:
    """The answer for each combination of what the unknown arguments can be.

    All of them the same: that answer. Some combination without an answer: `undecided` as it is.
    """
    holes = [node for node in nodes(call.arguments) if isinstance(node, Unknown)]
    if not holes or not 0 < prod(len(hole.candidates) for hole in holes) <= CANDIDATE_LIMIT:
        return undecided
    answers: dict[Hashable, Known[Any]] = {}
    for choice in product(*(hole.candidates for hole in holes)):
        chosen = iter(choice)
        try:
            answer = body(replace(call, arguments=tuple(_filled(value, chosen) for value in call.arguments)))
        except (EvaluationError, UndecidedError):
            return undecided
        key = frozen(answer)
        if isinstance(answer, Unknown) or key is None:
            return undecided
        answers.setdefault(key, answer)
    different = tuple(answers.values())
    return different[0] if len(different) == 1 else replace(undecided, candidates=different)


def _filled(value: Value[Any], chosen: Iterator[Known[Any]]) -> Known[Any]:
    match value:
        case Unknown():
            return next(chosen)
        case Known(tuple() as members):
            return replace(value, value=type(members)(_filled(member, chosen) for member in members))
        case Known(Mapping() as members):
            kind = MapValue if isinstance(members, MapValue) else dict
            return replace(value, value=kind((key, _filled(member, chosen)) for key, member in members.items()))
        case _:
            return value


def nodes(values: Iterable[Value[Any]]) -> Iterator[Value[Any]]:
    """The values and all that they hold, each before its members, in order."""
    stack = list(values)[::-1]
    while stack:
        value = stack.pop()
        yield value
        match value:
            case Known(tuple() as members):
                stack.extend(reversed(members))
            case Known(Mapping() as members):
                stack.extend(reversed(list(members.values())))


def to_bare(value: Value[Any]) -> Any:
    """The bare Python value: lists and sets as lists. An unknown member leaves it undecided."""
    match value:
        case Unknown():
            raise UndecidedError(value)
        case Known(tuple() as members):
            return [to_bare(member) for member in members]
        case Known(Mapping() as members):
            return {key: to_bare(member) for key, member in members.items()}
        case Known(bare):
            return bare


def to_value(bare: Any, span: Span, trace: tuple[Step, ...], depth: int = 0) -> Value[Any]:
    """A bare Python value as one value with members: lists as lists, dicts as objects; values in it stay.

    A `ListValue` or `MapValue` stays one.
    """
    if depth > DEPTH_LIMIT:
        raise too_deep()
    match bare:
        case list() | ListValue():
            check_size(items=len(bare))
            members = (to_value(item, span, trace, depth + 1) for item in bare)
            made: Any = tuple(members) if isinstance(bare, list) else ListValue(members)
        case dict():
            made = type(bare)((key, to_value(item, span, trace, depth + 1)) for key, item in bare.items())
        case Known() | Unknown():
            return bare
        case _:
            made = bare
    return Known(made, span, trace)


def members_of(value: Value[Any], wanted: str = "a list") -> tuple[Value[Any], ...]:
    """The members of a list or set, which must be known to be one."""
    match value:
        case Unknown():
            raise UndecidedError(value)
        case Known(tuple() as members):
            return members
        case Known(other):
            raise EvaluationError(f"{wanted} is needed, not {describe(other)}")


def attributes_of(value: Value[Any]) -> Mapping[str, Value[Any]]:
    """The members of an object or map, which must be known to be one."""
    match value:
        case Unknown():
            raise UndecidedError(value)
        case Known(Mapping() as members):
            return members
        case Known(other):
            raise EvaluationError(f"an object is needed, not {describe(other)}")


def scalar(value: Value[Any], wanted: Parameter) -> Any:
    """A bare scalar argument of a structural function."""
    return wanted(to_bare(value))


def settled(members: Iterable[Value[Any]]) -> None:
    """Leave the answer undecided unless all of these are wholly known."""
    for node in nodes(members):
        if isinstance(node, Unknown):
            raise UndecidedError(node)


def verdict(call: FunctionCall, answer: Any) -> Value[Any]:
    """What was found out by looking at the arguments and all that they hold; None leaves it undecided where that is
    not wholly known."""
    if answer is None:
        settled(call.arguments)
    return Known(answer, call.span, merge_traces(nodes(call.arguments)))


def with_holes(call: FunctionCall, parts: list[Value[Any]], body: Callable[[FunctionCall], Value[Any]]) -> Value[Any]:
    """A text put together of parts, each a string: known if all of them are, else unknown with its parts kept.

    `body` is the function at work, to be asked again for each candidate of what is unknown.
    """
    check_size(texts=sum(len(part.value) for part in parts if isinstance(part, Known)))
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    trace = merge_traces(nodes(call.arguments))
    if unknown is None:
        return Known("".join(part.value for part in parts if isinstance(part, Known)), call.span, trace)
    return spread(call, body, Unknown(unknown.reason, call.span, trace, parts=tuple(parts), never_null=True))
