"""What the functions of all languages have in common: arguments, unknowns, candidates.

A *plain* function works with bare Python values. If an argument is unknown, so is the answer; if the argument has
candidates, the function answers for each of them.

A *structural* function works with the values themselves. So members keep the places where they were written, and the
function may answer although some members are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any, TypeAlias

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import VALUE_DEPTH_LIMIT, LimitError, check_size, too_deep
from pgflexlint.evaluate.calls import EvaluationError, Function, FunctionCall
from pgflexlint.evaluate.equality import describe, frozen
from pgflexlint.source import Span
from pgflexlint.values import Known, ListValue, MapValue, Step, Unknown, Value, merge_traces, text_pieces

COMBINATION_LIMIT = 16
"""How many combinations of candidates are worked out."""

Parameter: TypeAlias = Callable[[Any], Any]
"""Brings a bare argument to the type that the function wants, as the language converts arguments."""


class UndecidedError(Exception):
    """The answer depends on a value that is unknown. It never leaves a function."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


class GiveUpError(Exception):
    """The language's tool would answer and we cannot, so `try` must not catch it. It never leaves a function."""

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
                return _in_pieces(to_value(function(*bare), call.span, merge_traces(nodes(given))), given)

            most = None if rest else len(parameters)
            self[name] = _guarded(body, len(parameters), most, nullable=False)
            return function

        return register

    def structural(
        self, name: str, least: int, most: int | None = None, *, nullable: bool = False
    ) -> Callable[[Function], Function]:
        """A decorator for a function of values that takes `least` to `most` arguments, or exactly `least`.

        `nullable` if its answer may be null.
        """

        def register(body: Function) -> Function:
            self[name] = _guarded(body, least, least if most is None else most, nullable=nullable)
            return body

        return register

    def variadic(self, name: str, least: int) -> Callable[[Function], Function]:
        """A decorator for a function of values that takes any number of arguments, but at least `least`."""

        def register(body: Function) -> Function:
            self[name] = _guarded(body, least, None, nullable=False)
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
    """The answer of a function, found for each combination of candidates of its unknown arguments.

    If all answers are the same, it is that one, else `undecided` with all of them as candidates. If a combination has
    no answer, it is `undecided` as it is.
    """
    holes = [node for node in nodes(call.arguments) if isinstance(node, Unknown)]
    if not holes or not 0 < prod(len(hole.candidates) for hole in holes) <= COMBINATION_LIMIT:
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
    """The bare Python value: lists and sets as lists. Raises `UndecidedError` if it or a member is unknown."""
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
    """A value made of a bare Python value: lists as lists, dicts as objects. Values inside it stay as they are.

    A `ListValue` or `MapValue` stays one.
    """
    if depth > VALUE_DEPTH_LIMIT:
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


def _in_pieces(made: Value[Any], given: Iterable[Value[Any]]) -> Value[Any]:
    """What a function made of its arguments. A text that it left as it is has the same pieces as before."""
    for each in given:
        if isinstance(each, Known) and each.pieces and isinstance(made, Known) and made.value == each.value:
            return replace(made, pieces=each.pieces)
    return made


def members_of(value: Value[Any], wanted: str = "a list") -> tuple[Value[Any], ...]:
    """The members of a list or set. Raises `UndecidedError` if it is unknown, `EvaluationError` if it is neither."""
    match value:
        case Unknown():
            raise UndecidedError(value)
        case Known(tuple() as members):
            return members
        case Known(other):
            raise EvaluationError(f"{wanted} is needed, not {describe(other)}")


def attributes_of(value: Value[Any]) -> Mapping[str, Value[Any]]:
    """The members of an object or map. Raises `UndecidedError` if it is unknown, `EvaluationError` if it is neither."""
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


def require_known(members: Iterable[Value[Any]]) -> None:
    """Raise `UndecidedError` if one of these values, or a member of one, is unknown."""
    for node in nodes(members):
        if isinstance(node, Unknown):
            raise UndecidedError(node)


def verdict(call: FunctionCall, answer: Any) -> Value[Any]:
    """An answer that was found by looking at the arguments and all their members. If it is None and one of these is
    unknown, this raises `UndecidedError`."""
    if answer is None:
        require_known(call.arguments)
    return Known(answer, call.span, merge_traces(nodes(call.arguments)))


def through_arguments(call: FunctionCall, made: Value[Any]) -> Value[Any]:
    """The value that a function made of its arguments, with their trace as its own."""
    return replace(made, trace=merge_traces(call.arguments))


def with_holes(call: FunctionCall, parts: list[Value[Any]], body: Callable[[FunctionCall], Value[Any]]) -> Value[Any]:
    """A text put together of parts, each a string. If a part is unknown, so is the text, and it keeps its parts.

    `body` is the function itself. It is called again for each candidate of the unknown arguments.
    """
    check_size(texts=sum(len(part.value) for part in parts if isinstance(part, Known)))
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    trace = merge_traces(nodes(call.arguments))
    if unknown is None:
        texts = [part for part in parts if isinstance(part, Known)]
        return Known("".join(part.value for part in texts), call.span, trace, pieces=text_pieces(texts))
    return spread(call, body, Unknown(unknown.reason, call.span, trace, parts=tuple(parts), never_null=True))
