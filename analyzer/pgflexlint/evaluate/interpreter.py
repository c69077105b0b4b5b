"""The one interpreter of the expression language: three-valued, lazy, and every value with the way it came.

What differs between languages comes in with the `Scope`: names, functions, operators, text conversion.
Whatever the language's own tool would refuse is raised as `EvaluationError`; what cannot be known is `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.source import Span
from pgflexlint.syntax.expressions import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Lambda,
    ListOf,
    Literal,
    Name,
    Nested,
    ObjectOf,
    Splat,
    SplatItem,
    Spread,
    Template,
    Unary,
)
from pgflexlint.values import Known, SetValue, Unknown, Value, deciding, first_unknown, merge_traces

AnyValue: TypeAlias = Value[Any]

STEP_LIMIT = 500_000
"""How many expressions one root may evaluate: hostile loops within loops end here."""
CANDIDATE_LIMIT = 32
"""How many possible values of an unknown are followed."""


class LimitError(Exception):
    """A bound on the work for one root was passed; the message says which, as a sentence."""


class Namespace(Mapping[str, AnyValue]):
    """Values by name that say what they are when a trace passes through them."""

    traced = True
    """Whether taking a member is a step on its way; it is none on the way to a resource or a module as a whole."""
    absent: bool | Unknown = False
    """It is described but not there: `.?` on it is null. Unknown where that depends on what is unknown."""

    def describe(self, name: str) -> str:
        """What the member is, such as "local value 'tls'"."""
        raise NotImplementedError

    def secure(self, name: str) -> bool | None:
        """Of an input of a module or template: whether it hides its values. None of anything else."""
        return None

    def missing(self, name: str) -> str:
        """What to say where there is no such member, as a clause."""
        return f"'{name}' is not in this object"


class Language(Protocol):
    """What an expression language brings to the interpreter."""

    def call(self, call: Call, scope: Scope) -> AnyValue:
        """The answer of a function, whose arguments are not evaluated yet."""

    def equal(self, left: AnyValue, right: AnyValue) -> bool | None:
        """Whether two values are the same; None where that is unknown."""

    def arithmetic(self, operator: str, left: Any, right: Any) -> Any:
        """The result of `+ - * / % < <= > >=` and the language's own operators on bare values."""

    def text(self, value: Any) -> str:
        """A bare value as it stands in a string template. Raises `EvaluationError` where it cannot stand there."""

    def condition(self, value: Any) -> bool:
        """A bare scalar as a condition."""

    def derived(self, unknown: Unknown, operation: str, operands: tuple[AnyValue, ...]) -> Unknown:
        """An unknown with what tells it apart from others, where the language does: what it was made of."""

    @property
    def ignores_case(self) -> bool:
        """Whether the names of an object's members are compared without case."""


@dataclass(slots=True)
class Budget:
    """How much work is left for a root."""

    report: Callable[[str, Span], None] = lambda message, span: None
    """Is told what passed a bound, as a sentence, and where."""
    steps: int = STEP_LIMIT
    extensions: int = 8
    """How many more values may pass the bound before the root is given up."""

    def spend(self) -> None:
        """Take a step; raises `LimitError` when none are left."""
        self.steps -= 1
        if self.steps < 0:
            raise LimitError(f"More than {STEP_LIMIT:,} expressions would have to be evaluated.")

    def extend(self) -> bool:
        """Allow some more work after a value was given up, so that the others are still looked at."""
        self.extensions -= 1
        self.steps = max(self.steps, STEP_LIMIT // 5)
        return self.extensions >= 0


@dataclass(slots=True)
class Scope:
    """The names that an expression can see."""

    language: Language
    names: Mapping[str, AnyValue]
    parent: Scope | None = None
    budget: Budget = field(default_factory=Budget)
    strict: bool = False
    """What the language's tool would refuse is raised even inside a list or object, as `try` wants it."""

    def child(self, names: Mapping[str, AnyValue]) -> Scope:
        """A scope inside this one, whose names hide equal ones outside."""
        return Scope(self.language, names, self, self.budget, self.strict)

    def strictly(self) -> Scope:
        """The same names, for an expression whose errors are caught."""
        return Scope(self.language, {}, self, self.budget, strict=True)

    def holder(self, name: str) -> Mapping[str, AnyValue] | None:
        """The names among which a name is, the innermost ones; None where nothing has that name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names
            scope = scope.parent
        return None


def evaluate(expression: Expression, scope: Scope) -> AnyValue:
    """The value of an expression, placed at the expression. Raises `EvaluationError` and `LimitError`."""
    scope.budget.spend()
    return _EVALUATORS[type(expression)](expression, scope)


def settle(expression: Expression, scope: Scope) -> AnyValue:
    """As `evaluate`, but what the language's tool would refuse is `Unknown` with that reason."""
    if scope.strict:
        return evaluate(expression, scope)
    try:
        return evaluate(expression, scope)
    except EvaluationError as error:
        return Unknown(error.message, expression.span)


def contained(expression: Expression, scope: Scope) -> AnyValue:
    """As `settle`, but passing a bound costs only this value: it is a problem, and the value is unknown."""
    try:
        return settle(expression, scope)
    except (LimitError, RecursionError) as error:
        if not scope.budget.extend():
            raise
        message = str(error) if isinstance(error, LimitError) else "Expressions refer to each other too deeply."
        scope.budget.report(message, expression.span)
        return Unknown("a bound on the work was passed", expression.span)


def _derived(value: AnyValue, scope: Scope, operation: str, *operands: AnyValue) -> AnyValue:
    """A value with what it was made of, where nothing else tells what is unknown apart."""
    if isinstance(value, Known) or value.reference is not None or value.parts:
        return value
    return scope.language.derived(value, operation, operands)


def _literal(node: Literal, scope: Scope) -> AnyValue:
    return Known(node.value, node.span)


def _template(node: Template, scope: Scope) -> AnyValue:
    parts = [evaluate(part, scope) for part in node.parts]
    if len(parts) == 1:
        return parts[0].at(node.span)
    unknown = [part for part in parts if isinstance(part, Unknown)]

    def joined(hole: Any = None) -> str:
        return "".join(scope.language.text(part.value if isinstance(part, Known) else hole) for part in parts)

    trace = merge_traces(parts)
    if not unknown:
        return Known(joined(), node.span, trace)
    first = unknown[0]
    candidates = tuple(Known(joined(each.value), each.span, each.trace) for each in first.candidates)
    return Unknown(
        first.reason,
        node.span,
        trace,
        candidates if len(unknown) == 1 else (),
        parts=tuple(parts),
        never_null=True,
    )


def _name(node: Name, scope: Scope) -> AnyValue:
    return _named(node.name, node.span, scope)


def _nested(node: Nested, scope: Scope) -> AnyValue:
    return _named(node_path(node), node.span, scope)


def node_path(node: Expression) -> str:
    """`outer::inner` of Bicep as the one name under which the inner resource is known."""
    if isinstance(node, Nested):
        return f"{node_path(node.base)}::{node.name}"
    return node.name if isinstance(node, Name) else ""


def _named(name: str, span: Span, scope: Scope) -> AnyValue:
    holder = scope.holder(name)
    if holder is None:
        raise EvaluationError(f"nothing is called '{name}' here", span)
    value = holder[name]
    if not isinstance(holder, Namespace) or not holder.traced:
        return value.at(span)
    text = holder.describe(name)
    return value.via(span, text, holder.secure(name)) if text else value.at(span)


def _attribute(node: Attribute, scope: Scope) -> AnyValue:
    base = evaluate(node.base, scope)
    if _null_safe(base, node.base):
        return base.at(node.span)
    found = member(_folded(base, node.name, scope), node.name, node.span, optional=node.optional)
    return _member_derived(found, base, Known(node.name, node.span), scope)


def _member_derived(found: AnyValue, base: AnyValue, key: AnyValue, scope: Scope) -> AnyValue:
    """A member of what is unknown; that of a known container is what it is."""
    return _derived(found, scope, ".", base, key) if isinstance(base, Unknown) else found


def _null_safe(base: AnyValue, node: Expression) -> bool:
    """Whether null came of a `.?` further left, which makes the whole chain null (Bicep, "Safe-dereference")."""
    if not (isinstance(base, Known) and base.value is None):
        return False
    while isinstance(node, Attribute | Index):
        if node.optional:
            return True
        node = node.base
    return False


def _folded(base: AnyValue, name: Any, scope: Scope) -> AnyValue:
    """The base itself, or where the language ignores case one whose member has the case of `name`."""
    if not scope.language.ignores_case or not isinstance(base, Known) or not isinstance(name, str):
        return base
    container = base.value
    if not isinstance(container, Mapping) or name in container:
        return base
    spelled = next((key for key in container if key.lower() == name.lower()), None)
    if spelled is None:
        return base
    return Known({name: container[spelled]}, base.span, base.trace)


def _index(node: Index, scope: Scope) -> AnyValue:
    base = evaluate(node.base, scope)
    if _null_safe(base, node.base):
        return base.at(node.span)
    key = evaluate(node.key, scope)
    if isinstance(key, Unknown):
        return _member_derived(_unknown_key(base, key, node.span), base, key, scope)
    if node.from_end and isinstance(key.value, int):
        key = key.map(lambda number: -number)
    base = _folded(base, key.value, scope)
    found = member(base, key.value, node.span, optional=node.optional, from_end=node.from_end)
    return _member_derived(found, base, key, scope)


def _unknown_key(base: AnyValue, key: Unknown, span: Span) -> AnyValue:
    """An element that cannot be told apart from its fellows: one of all of them."""
    if isinstance(base, Unknown):
        return Unknown(base.reason, span, base.trace, reference=base.reference)
    if key.candidates:
        return either([member(base, each.value, span) for each in key.candidates], key, span)
    items = base.value.values() if isinstance(base.value, Mapping) else base.value if _is_list(base.value) else ()
    members = list(items)
    if isinstance(base.value, Namespace) or not 0 < len(members) <= CANDIDATE_LIMIT:
        return Unknown(key.reason, span, key.trace)
    return either([each.at(span) for each in members], key, span)


def member(
    base: AnyValue, key: str | int | float, span: Span, *, optional: bool = False, from_end: bool = False
) -> AnyValue:
    """The attribute or element `key` of a value, used at `span`."""
    if isinstance(base, Unknown):
        return _member_of_unknown(base, key, span, optional=optional)
    container = base.value
    if optional and isinstance(container, Namespace) and container.absent:
        nothing = Known(None, span, base.trace)
        if container.absent is True:
            return nothing
        return either([nothing, member(base, key, span)], container.absent, span)
    if isinstance(container, Mapping):
        name = key if isinstance(key, str) else str(key)
        found: AnyValue | None = container.get(name)
        if found is not None:
            if not isinstance(container, Namespace):
                return taken(found, base, span, f"'{name}' in an object")
            if not container.traced:
                return found.at(span)
            return taken(found, base, span, container.describe(name), container.secure(name))
        if optional:
            return Known(None, span, base.trace)
        missing = container.missing(name) if isinstance(container, Namespace) else f"'{name}' is not in this object"
        raise EvaluationError(missing, span)
    if _is_list(container) and not isinstance(container, SetValue):
        try:
            position = int(key)
        except ValueError:
            raise EvaluationError(f"a list has no attribute '{key}'", span) from None
        if (position < 0 and not from_end) or not -len(container) <= position < len(container):
            if optional:
                return Known(None, span, base.trace)
            raise EvaluationError(f"the list has {len(container)} elements, so none at {key}", span)
        return taken(container[position], base, span, f"element {position} of a list")
    if container is None and optional:
        return Known(None, span, base.trace)
    raise EvaluationError(f"{_kind(container)} has no attribute '{key}'", span)


def _member_of_unknown(base: Unknown, key: str | int | float, span: Span, *, optional: bool) -> AnyValue:
    if base.candidates:
        outcomes = []
        for each in base.candidates:
            try:
                outcomes.append(member(each, key, span, optional=optional))
            except EvaluationError:
                continue  # with this candidate the deployment fails, so it is another one
        return either(outcomes, base, span) if outcomes else Unknown(base.reason, span, base.trace)
    reference = base.reference
    if reference is not None and not reference.attribute and isinstance(key, str):
        reference = reference._replace(attribute=key)
        return Unknown(base.reason, span, base.trace, reference=reference, never_null=key == "id")
    return replace(base.member(key).at(span), reference=reference if isinstance(key, int) else None)


def taken(value: AnyValue, container: Known[Any], span: Span, text: str, secure: bool | None = None) -> AnyValue:
    """A member used at another place: it came its own way, then that of what holds it.

    No step where it is written inside that very place. `secure` as in `Step`.
    """
    inside = value.span.file is span.file and span.start <= value.span.start and value.span.end <= span.end
    taken = value.at(span) if inside else value.via(span, text, secure)
    return replace(taken, trace=merge_traces((taken, container))) if container.trace else taken


def either(outcomes: Iterable[AnyValue], because: Unknown, span: Span) -> AnyValue:
    """One of several values, which one being unknown for the reason of `because`."""
    outcomes = list(outcomes)
    candidates: dict[Any, Known[Any]] = {}
    complete = True
    for outcome in outcomes:
        for possible in (outcome,) if isinstance(outcome, Known) else outcome.candidates:
            candidates.setdefault(_identity(possible), possible)
        complete = complete and (isinstance(outcome, Known) or bool(outcome.candidates))
    if complete and len(candidates) == 1:
        return next(iter(candidates.values())).at(span)
    complete = complete and len(candidates) <= CANDIDATE_LIMIT
    further = (each for outcome in outcomes if isinstance(outcome, Unknown) for each in outcome.some)
    some = (*list(candidates.values())[:CANDIDATE_LIMIT], *further)
    references = {outcome.reference for outcome in outcomes}
    return Unknown(
        because.reason,
        span,
        merge_traces((deciding(because), *outcomes)),
        tuple(candidates.values()) if complete else (),
        references.pop() if len(references) == 1 else None,
        some=() if complete else some[:CANDIDATE_LIMIT],
        never_null=all(_never_null(outcome) for outcome in outcomes),
    )


def _identity(value: Known[Any]) -> Any:
    """Equal for equal scalars; an object or list is equal to none but itself."""
    scalar = value.value is None or isinstance(value.value, str | int | float | bool)
    return (type(value.value), value.value) if scalar else id(value.value)


def _never_null(value: AnyValue) -> bool:
    return value.value is not None if isinstance(value, Known) else value.never_null


def _splat(node: Splat, scope: Scope) -> AnyValue:
    base = evaluate(node.base, scope)
    if isinstance(base, Unknown):
        if base.candidates:
            return either([_each(node, each, scope) for each in base.candidates], base, node.span)
        if base.reference is None:
            return Unknown(base.reason, node.span, base.trace)
        return evaluate(node.body, scope.child({_SPLAT: base})).at(node.span)
    return _each(node, base, scope)


def _each(node: Splat, base: Known[Any], scope: Scope) -> AnyValue:
    """Null has no members, and what is no list is a list of itself (HCL, section "Splat Operators")."""
    items = base.value if _is_list(base.value) else () if base.value is None else (base,)
    members = tuple(evaluate(node.body, scope.child({_SPLAT: item})) for item in items)
    return Known(members, node.span, base.trace)


_SPLAT = "*"


def _splat_item(node: SplatItem, scope: Scope) -> AnyValue:
    holder = scope.holder(_SPLAT)
    if holder is None:
        raise EvaluationError("a splat item stands outside a splat", node.span)
    return holder[_SPLAT]


def _call(node: Call, scope: Scope) -> AnyValue:
    try:
        return scope.language.call(node, scope).at(node.span)
    except EvaluationError as error:
        raise EvaluationError(error.message, error.span or node.span) from None


def arguments(node: Call, scope: Scope) -> tuple[AnyValue, ...] | Unknown:
    """The arguments of a call, evaluated; `Unknown` where it is unknown how many there are."""
    values = [evaluate(argument, scope) for argument in node.arguments]
    if not node.expand:
        return tuple(values)
    last = values.pop()
    if isinstance(last, Unknown):
        return last
    if not _is_list(last.value):
        raise EvaluationError("'...' needs a list", node.span)
    return (*values, *last.value)


def _unary(node: Unary, scope: Scope) -> AnyValue:
    operand = evaluate(node.operand, scope)
    language = scope.language
    if node.operator == "!":
        found = _mapped(operand, lambda value: not language.condition(value), node.span)
    else:
        found = _mapped(operand, lambda value: language.arithmetic("-", 0, value), node.span)
    return _derived(found, scope, node.operator, operand)


def _mapped(value: AnyValue, change: Callable[[Any], Any], span: Span) -> AnyValue:
    return value.map(change).at(span)


def _binary(node: Binary, scope: Scope) -> AnyValue:
    operator, language, span = node.operator, scope.language, node.span
    if operator in ("&&", "||"):
        return _logic(node, scope)
    if operator == "??":
        return _first_not_null(node, scope)
    left, right = evaluate(node.left, scope), evaluate(node.right, scope)
    return _derived(_operated(operator, left, right, language, span), scope, operator, left, right)


def _operated(operator: str, left: AnyValue, right: AnyValue, language: Language, span: Span) -> AnyValue:
    trace = merge_traces((left, right))
    if operator in ("==", "!="):
        same = _same(left, right, language)
        if same is not None:
            return Known(same == (operator == "=="), span, trace)
    match left, right:
        case Known(first), Known(second):
            if operator in ("==", "!="):
                return _unknown_of((left, right), span)
            return Known(language.arithmetic(operator, first, second), span, trace)
        case Unknown(candidates=candidates), Known(second) if candidates and operator not in ("==", "!="):
            return left.map(lambda first: language.arithmetic(operator, first, second)).at(span)
        case Known(first), Unknown(candidates=candidates) if candidates and operator not in ("==", "!="):
            return right.map(lambda second: language.arithmetic(operator, first, second)).at(span)
        case _:
            return _unknown_of((left, right), span)


def _same(left: AnyValue, right: AnyValue, language: Language) -> bool | None:
    """Equality, also where all candidates agree and where one side is certain not to be null."""
    for one, other in ((left, right), (right, left)):
        if isinstance(other, Known) and other.value is None:
            if isinstance(one, Unknown) and one.never_null:
                return False
            if isinstance(one, Known):
                return one.value is None
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Unknown) and one.candidates and isinstance(other, Known):
            answers = {language.equal(each, other) for each in one.candidates}
            return answers.pop() if len(answers) == 1 else None
    return language.equal(left, right)


def _unknown_of(values: Iterable[AnyValue], span: Span) -> Unknown:
    values = tuple(values)
    first = next(found for value in values if (found := first_unknown(value)) is not None)
    return Unknown(first.reason, span, merge_traces(values))


def _logic(node: Binary, scope: Scope) -> AnyValue:
    """`&&` and `||` as Kleene has them: one side that decides is enough, whichever it is."""
    decisive = node.operator == "||"
    left = _truth(node.left, scope)
    if isinstance(left, Known) and left.value is decisive:
        return left.at(node.span)
    right = _truth(node.right, scope)
    if isinstance(right, Known) and (right.value is decisive or isinstance(left, Known)):
        return Known(right.value, node.span, merge_traces((left, right)))
    return _derived(_unknown_of((left, right), node.span), scope, node.operator, left, right)


def _truth(node: Expression, scope: Scope) -> AnyValue:
    value = evaluate(node, scope)
    if isinstance(value, Known):
        return value.map(scope.language.condition).at(node.span)
    return replace(value.map(scope.language.condition), span=node.span, parts=value.parts)


def _first_not_null(node: Binary, scope: Scope) -> AnyValue:
    left = evaluate(node.left, scope)
    if isinstance(left, Known):
        return left.at(node.span) if left.value is not None else evaluate(node.right, scope).at(node.span)
    possible = [each for each in left.candidates if each.value is not None]
    if left.never_null or (possible and len(possible) == len(left.candidates)):
        return left.at(node.span)
    right = evaluate(node.right, scope)
    outcomes = [*possible, right] if left.candidates else [left, right]
    return _derived(either(outcomes, left, node.span), scope, "??", left, right)


def _conditional(node: Conditional, scope: Scope) -> AnyValue:
    test = _truth(node.test, scope)
    if isinstance(test, Unknown):
        outcomes = [settle(node.then, scope), settle(node.otherwise, scope)]
        answers = {each.value for each in test.candidates}
        if len(answers) == 1:
            return outcomes[0 if answers.pop() else 1].at(node.span)
        return _derived(either(outcomes, test, node.span), scope, "?:", test, *outcomes)
    chosen = evaluate(node.then if test.value else node.otherwise, scope)
    return replace(chosen, span=node.span, trace=merge_traces((deciding(test), chosen)))


def _list(node: ListOf, scope: Scope) -> AnyValue:
    items: list[AnyValue] = []
    for item in node.items:
        if not isinstance(item, Spread):
            items.append(settle(item, scope))
            continue
        spread = evaluate(item.value, scope)
        if isinstance(spread, Unknown):
            return Unknown(spread.reason, node.span, spread.trace)
        items += spread.value or ()
    return Known(tuple(items), node.span)


def _object(node: ObjectOf, scope: Scope) -> AnyValue:
    members: dict[str, AnyValue] = {}
    for key_node, value_node in node.items:
        if isinstance(value_node, Spread):
            spread = evaluate(value_node.value, scope)
            if isinstance(spread, Unknown):
                return Unknown(spread.reason, node.span, spread.trace)
            members |= spread.value or {}
            continue
        key = evaluate(key_node, scope)
        if isinstance(key, Unknown):
            return Unknown(key.reason, node.span, key.trace)
        members[scope.language.text(key.value)] = settle(value_node, scope)
    return Known(members, node.span)


def pairs(collection: Known[Any]) -> Iterator[tuple[Known[Any], AnyValue]]:
    """Key and value of each member: indexes for a list, the value itself for a set. Raises `EvaluationError`."""
    container = collection.value
    if isinstance(container, Mapping):
        for name in sorted(container):
            yield Known(name, container[name].span), container[name]
    elif isinstance(container, SetValue):
        for value in container:
            yield (value if isinstance(value, Known) else Known("", collection.span)), value
    elif _is_list(container):
        for position, value in enumerate(container):
            yield Known(position, value.span), value
    else:
        raise EvaluationError(f"{_kind(container)} has no members to go through", collection.span)


def _for(node: For, scope: Scope) -> AnyValue:
    collection = evaluate(node.collection, scope)
    if isinstance(collection, Unknown):
        if collection.candidates:
            return either([_for_each(node, each, scope) for each in collection.candidates], collection, node.span)
        return Unknown(collection.reason, node.span, collection.trace)
    return _for_each(node, collection, scope)


def _for_each(node: For, collection: Known[Any], scope: Scope) -> AnyValue:
    items: list[AnyValue] = []
    members: dict[str, AnyValue] = {}
    for key, value in pairs(collection):
        names = {node.value_name: value} | ({node.key_name: key} if node.key_name else {})
        inner = scope.child(names)
        if node.condition is not None:
            wanted = _truth(node.condition, inner)
            if isinstance(wanted, Unknown):
                return Unknown(wanted.reason, node.span, wanted.trace)
            if not wanted.value:
                continue
        result = settle(node.value, inner)
        if node.key is None:
            items.append(result)
            continue
        name = evaluate(node.key, inner)
        if isinstance(name, Unknown):
            return Unknown(name.reason, node.span, name.trace)
        text = scope.language.text(name.value)
        if not node.grouped:
            members[text] = result
        else:
            group = members.get(text)
            earlier = group.value if isinstance(group, Known) else ()
            members[text] = Known((*earlier, result), node.value.span)
    return Known(tuple(items) if node.key is None else members, node.span, collection.trace)


def _refused(node: Spread | Lambda, scope: Scope) -> AnyValue:
    raise EvaluationError("this has no value of its own here", node.span)


def _is_list(container: Any) -> bool:
    return isinstance(container, tuple)


def _kind(container: Any) -> str:
    """What a bare value is, in words."""
    match container:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case SetValue():
            return "a set"
        case tuple():
            return "a list"
        case _:
            return "an object"


_EVALUATORS: Mapping[type, Callable[[Any, Scope], AnyValue]] = {
    Literal: _literal,
    Template: _template,
    Name: _name,
    Nested: _nested,
    Attribute: _attribute,
    Index: _index,
    Splat: _splat,
    SplatItem: _splat_item,
    Call: _call,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    ListOf: _list,
    ObjectOf: _object,
    For: _for,
    Spread: _refused,
    Lambda: _refused,
}
