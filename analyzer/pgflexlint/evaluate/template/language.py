"""The expression language of ARM templates, which Bicep shares: operators, lambdas, functions.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.equality import made_of
from pgflexlint.evaluate.files import undecoded
from pgflexlint.evaluate.interpreter import Scope, arguments, evaluate, key_text, node_path
from pgflexlint.evaluate.members import (
    AnyValue,
    for_each_choice,
    keyed,
    known_in_part,
    object_members,
    one_taken,
    overlaid,
    pairs,
)
from pgflexlint.evaluate.template.functions import FUNCTIONS
from pgflexlint.evaluate.template.types import equal, to_bool, to_int, to_text
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import Span, Workspace
from pgflexlint.syntax.arm.expressions import DEFERRED, INVALID, PLACEHOLDER
from pgflexlint.syntax.expressions import Attribute, Call, Expression, Index, Lambda, Name, Nested
from pgflexlint.values import Known, Unknown, picked, reshaped

_Items: TypeAlias = list[tuple[AnyValue, AnyValue]]
"""Pairs of an index and a member of a collection."""

_UNREADABLE = {
    INVALID: "the expression cannot be read",
    DEFERRED: "it is evaluated at deployment",
    PLACEHOLDER: "a placeholder is filled in before the deployment",
}
_FILES = frozenset({"loadtextcontent", "loadjsoncontent", "loadyamlcontent", "loadfileasbase64"})
_NAMESPACES = frozenset({"az", "sys"})


class Reference(Protocol):
    """Answers `reference(…)` for a symbol or an id; None if only the deployment knows the answer."""

    def __call__(self, value: AnyValue, *, full: bool) -> AnyValue | None:
        """With `full` the whole resource, else its properties."""


class Arm:
    """The expression language of one template."""

    ignores_case = True

    def __init__(
        self,
        workspace: Workspace,
        directory: str,
        report: Callable[[Problem], None],
        reference: Reference | None = None,
    ) -> None:
        """Paths in the template are relative to `directory`. `reference` answers the function of this name."""
        self._workspace = workspace
        self._directory = directory
        self._report = report
        self._reference = reference

    def call(self, call: Call, scope: Scope) -> AnyValue:
        """The answer of a function. A function that does not exist is reported, and its answer is unknown."""
        name = call.function.lower()
        if name in _UNREADABLE:
            some = tuple(each for each in (evaluate(each, scope) for each in call.arguments) if isinstance(each, Known))
            return Unknown(_UNREADABLE[name], call.span, some=some)
        target = call.target
        if target is not None and not (isinstance(target, Name) and target.name in _NAMESPACES):
            return self._member_function(call, target, scope)
        holder = scope.holder(f"{name}()")
        if holder is not None:
            return self._user_function(call, holder[f"{name}()"], scope)
        if name in _OF_EXPRESSIONS:
            return reshaped(_OF_EXPRESSIONS[name](call, scope))
        values = arguments(call, scope)
        if isinstance(values, Unknown):
            return values
        if name == "reference" and values:
            known = self._reference(values[0], full=_is_full(values)) if self._reference else None
            if known is not None:
                return known
        if name in _FILES and values:
            values = (self._path(values[0]), *values[1:])
        function = FUNCTIONS.get(name)
        if function is None:
            hint = "Check the spelling. If the function is new, please report it."
            path = call.span.file.path
            self._report(Problem(Kind.FUNCTION, f"There is no function '{call.function}'.", path, call.span, hint))
            return Unknown(f"function '{call.function}' is not known", call.span)
        try:
            return reshaped(function(FunctionCall(call.function, call.span, values, self._workspace, scope.budget)))
        except EvaluationError as error:
            compiled = call.function.lower().startswith("load")  # when nothing is known of what counts
            for problem in undecoded(error, call.function) if compiled or not scope.quiet else ():
                self._report(problem)
            raise

    def _path(self, value: AnyValue) -> AnyValue:
        """Turns a path relative to the template into one relative to the workspace's root."""
        return value.map(lambda path: posixpath.normpath(posixpath.join(self._directory or ".", str(path))))

    def _member_function(self, call: Call, target: Expression, scope: Scope) -> AnyValue:
        """`vault.getSecret('x')`, `account.listKeys()`: what a resource answers is known at deployment only."""
        reason = f"the result of '{call.function}' is known only at deployment"
        name = f"{target.name}.{call.function}()".lower() if isinstance(target, Name) else ""
        imported = scope.holder(name)
        if imported is not None:
            return self._user_function(call, imported[name], scope)
        unknown = Unknown(reason, call.span, never_null=True)
        if call.function.lower() != "getsecret":
            return unknown
        values = arguments(call, scope)  # of one vault, secrets of one name are the same, and others are not
        vault = evaluate(Attribute(target, "id", call.span), scope)
        return values if isinstance(values, Unknown) else made_of(unknown, "getsecret", vault, *values)

    def _user_function(self, call: Call, function: AnyValue, scope: Scope) -> AnyValue:
        values = arguments(call, scope)
        if isinstance(values, Unknown) or isinstance(function, Unknown):
            return values if isinstance(values, Unknown) else function
        body, owner = function.value  # what is declared beside it is in sight of its body
        answer = evaluate(body.body, owner.scope.child(dict(zip(body.names, values, strict=False))))
        return answer.via(call.span, f"function '{call.function}'")

    def derived(self, unknown: Unknown, operation: str, operands: tuple[AnyValue, ...]) -> Unknown:
        """The unknown, with a note of its operation and operands: the same operation on the same values is equal to
        it."""
        if operation == "!=":  # which the compiler writes as `not(equals(…))`
            return made_of(unknown, "!", made_of(unknown, "==", *operands))
        return made_of(unknown, operation, *operands)

    def equal(self, left: AnyValue, right: AnyValue) -> bool | None:
        """The answer of `equals`: strings are compared with case."""
        return equal(left, right)

    def unlike(self, expression: Expression, value: AnyValue) -> bool:
        """Always False: there is only one type of lists, and one of objects."""
        return False

    def branch(self, value: AnyValue, other: Callable[[], AnyValue]) -> AnyValue:
        """The value itself: it keeps its type."""
        return value

    def arithmetic(self, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic of whole numbers; comparisons of numbers and of strings."""
        if operator in ("=~", "!~"):
            return (str(left).lower() == str(right).lower()) == (operator == "=~")
        if operator in _COMPARISONS:
            both_text = isinstance(left, str) and isinstance(right, str)
            return _COMPARISONS[operator](*((left, right) if both_text else (to_int(left), to_int(right))))
        first, second = to_int(left), to_int(right)
        match operator:
            case "+":
                return first + second
            case "-":
                return first - second
            case "*":
                return first * second
        if second == 0:
            raise EvaluationError("a number is divided by zero")
        quotient = abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
        return quotient if operator == "/" else first - quotient * second

    def text(self, value: Any) -> str:
        """A bare value as `format` writes it: lists and objects as JSON."""
        return to_text(value)

    def condition(self, value: Any) -> bool:
        """A bare scalar as a condition."""
        return to_bool(value)


def _is_full(values: tuple[AnyValue, ...]) -> bool:
    """Whether the third argument of `reference` is `'Full'`."""
    wanted = values[2] if len(values) > 2 else None
    return isinstance(wanted, Known) and str(wanted.value).lower() == "full"


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _applied(call: Call, scope: Scope) -> tuple[AnyValue, Callable[..., AnyValue]]:
    """The collection that a function with a lambda gets, and the lambda as a function of values."""
    body = call.arguments[-1] if len(call.arguments) > 1 else None
    if not isinstance(body, Lambda):
        raise EvaluationError(f"function '{call.function}' needs a collection and a lambda", call.span)
    return evaluate(call.arguments[0], scope), _function(body, scope)


def _function(body: Expression, scope: Scope) -> Callable[..., AnyValue]:
    if not isinstance(body, Lambda):
        raise EvaluationError("a lambda is needed here", body.span)
    return lambda *values: evaluate(body.body, scope.child(dict(zip(body.names, values, strict=False))))


def _each(call: Call, scope: Scope, make: Callable[[_Items, Callable[..., AnyValue]], Any]) -> AnyValue:
    """The collection that `make` makes of the members of another one. If the latter is known in part, so is the
    result."""
    collection, apply = _applied(call, scope)
    return _through(collection, call.span, lambda items: make(items, apply))


def _through(collection: AnyValue, span: Span, make: Callable[[_Items], Any]) -> AnyValue:
    return for_each_choice((collection,), lambda one: _through_one(one[0], span, make), span)


def _through_one(collection: AnyValue, span: Span, make: Callable[[_Items], Any]) -> AnyValue:
    if isinstance(collection, Known):
        made = make([(Known(index, item.span), item) for index, (_, item) in enumerate(pairs(collection))])
        return made if isinstance(made, Unknown) else Known(made, span, collection.trace)
    unseen = Unknown(collection.reason, span, collection.trace)
    part = collection.known_part
    if part is None:
        return unseen
    made = make([(unseen, item) for _, item in pairs(part)])
    return made if isinstance(made, Unknown) else known_in_part(made, unseen, span)


def _map(call: Call, scope: Scope) -> AnyValue:
    """`map`. A lambda with two names gets the index, too."""
    return _each(call, scope, lambda items, apply: tuple(apply(item, index) for index, item in items))


def _filter(call: Call, scope: Scope) -> AnyValue:
    def make(items: _Items, apply: Callable[..., AnyValue]) -> Any:
        kept: list[AnyValue] = []
        doubt: Unknown | None = None
        for index, item in items:
            wanted = apply(item, index)
            if isinstance(wanted, Unknown):
                doubt = doubt or wanted
            elif to_bool(wanted.value):
                kept.append(picked(item, wanted))
        return tuple(kept) if doubt is None else known_in_part(tuple(kept), doubt, call.span)

    return _each(call, scope, make)


def _reduce(call: Call, scope: Scope) -> AnyValue:
    if len(call.arguments) != 3:
        raise EvaluationError("function 'reduce' needs a collection, a start and a lambda", call.span)
    collection, start = evaluate(call.arguments[0], scope), evaluate(call.arguments[1], scope)
    apply = _function(call.arguments[2], scope)
    if isinstance(collection, Unknown):
        return Unknown(collection.reason, call.span, collection.trace)
    for index, (_, item) in enumerate(pairs(collection)):
        start = apply(start, one_taken(item, collection, call.arguments[0].span), Known(index, item.span))
    return picked(start, collection)


def _sort(call: Call, scope: Scope) -> AnyValue:
    def make(items: _Items, apply: Callable[..., AnyValue]) -> Any:
        ordered: list[AnyValue] = []
        for _, item in items:  # an insertion sort: what comes first may be unknown, and then so is the order
            position = len(ordered)
            for index, other in enumerate(ordered):
                before = apply(item, other)
                if isinstance(before, Unknown):
                    return known_in_part(tuple(item for _, item in items), before, call.span)
                if to_bool(before.value):
                    position = index
                    break
            ordered.insert(position, item)
        return tuple(ordered)

    return _each(call, scope, make)


def _to_object(call: Call, scope: Scope) -> AnyValue:
    if len(call.arguments) not in (2, 3):
        raise EvaluationError("function 'toObject' needs a collection and one or two lambdas", call.span)
    collection = evaluate(call.arguments[0], scope)
    key = _function(call.arguments[1], scope)
    change = _function(call.arguments[2], scope) if len(call.arguments) == 3 else None

    def name(known: Known[Any]) -> str:
        return key_text(known, scope)

    def make(items: _Items) -> Any:
        """Of the members with one key the last counts. If the list is known in part, that may be one that is not
        known."""
        layers = [keyed(key(item), change(item) if change else item, name) for _, item in items]
        layers += [index for index, _ in items[:1] if isinstance(index, Unknown)]
        made = overlaid(layers, call.span)
        return made if isinstance(made, Unknown) else made.value

    return _through(collection, call.span, make)


def _group_by(call: Call, scope: Scope) -> AnyValue:
    def make(items: _Items, apply: Callable[..., AnyValue]) -> Any:
        groups: dict[str, list[AnyValue]] = {}
        doubt = next((index for index, _ in items if isinstance(index, Unknown)), None)
        for _, item in items:
            name = apply(item)
            if isinstance(name, Unknown):
                doubt = doubt or name
                continue
            groups.setdefault(key_text(name, scope), []).append(item)
        if doubt is None:
            return {name: Known(tuple(group), call.span) for name, group in groups.items()}
        open_ = {name: known_in_part(tuple(group), doubt, call.span) for name, group in groups.items()}
        return known_in_part(open_, doubt, call.span)

    return _each(call, scope, make)


def _map_values(call: Call, scope: Scope) -> AnyValue:
    collection, apply = _applied(call, scope)
    members, doubt = object_members(collection)
    made = {name: apply(members[name]) for name in sorted(members)}
    if doubt is None:
        return Known(made, call.span, collection.trace)
    return known_in_part(made, doubt, call.span)


def _nameof(call: Call, scope: Scope) -> AnyValue:
    """`nameof`: the name itself or, of a member such as `a.b`, the last name. What it names must be declared, and is
    not evaluated."""
    node = named = call.arguments[0] if len(call.arguments) == 1 else None
    while isinstance(node, Attribute | Index):
        node = node.base
    if not isinstance(node, Name | Nested) or not isinstance(named, Name | Nested | Attribute):
        raise EvaluationError("function 'nameof' needs a name", call.span)
    if scope.holder(path := node_path(node)) is None:
        raise EvaluationError(scope.missing(path, node.span), node.span)
    return Known(named.name.rpartition("::")[2], call.span)


_OF_EXPRESSIONS: Mapping[str, Callable[[Call, Scope], AnyValue]] = {
    "map": _map,
    "filter": _filter,
    "reduce": _reduce,
    "sort": _sort,
    "toobject": _to_object,
    "groupby": _group_by,
    "mapvalues": _map_values,
    "nameof": _nameof,
}
"""Functions that get expressions in place of values, by their names in lower case."""
