"""The interpreter of expressions, for all languages. Every value that it makes is known or unknown, and has a trace.

- The `Scope` brings what differs between languages: names, functions, operators, conversion to text.
- What the language's own tool would refuse is raised as `EvaluationError`. What cannot be known is `Unknown`.
- A value that passes a bound is reported as a problem and becomes unknown (see `bounds`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.evaluate.bounds import Budget, LimitError, bounded, check_size
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import describe
from pgflexlint.evaluate.functions import nodes
from pgflexlint.evaluate.members import (
    CANDIDATE_LIMIT,
    AnyValue,
    Every,
    Namespace,
    chained,
    either,
    keyed,
    known_in_part,
    member,
    one_taken,
    overlaid,
    pairs,
)
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
from pgflexlint.values import (
    Known,
    ListValue,
    SetValue,
    Unknown,
    first_unknown,
    is_null,
    member_trace,
    merge_traces,
    picked,
    plain,
    reshaped,
    text_pieces,
)


class Language(Protocol):
    """What each language brings to the interpreter."""

    def call(self, call: Call, scope: Scope) -> AnyValue:
        """The result of a function call. Its arguments are not evaluated yet."""

    def equal(self, left: AnyValue, right: AnyValue) -> bool | None:
        """Whether two values are equal; None if that is unknown."""

    def unlike(self, expression: Expression, value: AnyValue) -> bool:
        """Whether the type of an expression rules out that it equals a value."""

    def branch(self, value: AnyValue, other: Callable[[], AnyValue]) -> AnyValue:
        """The result of a conditional that chose `value`. `other` evaluates the branch that was not chosen."""

    def arithmetic(self, operator: str, left: Any, right: Any) -> Any:
        """The result of `+ - * / % < <= > >=` and of the language's own operators on plain values."""

    def text(self, value: Any) -> str:
        """The text that an interpolation makes of a plain value; members of lists and dicts are plain too.

        Raises `EvaluationError` if it cannot be interpolated.
        """

    def condition(self, value: Any) -> bool:
        """A plain scalar as a condition."""

    def derived(self, unknown: Unknown, operation: str, operands: tuple[AnyValue, ...]) -> Unknown:
        """The unknown, with a note of the operation and the operands that made it, if the language needs it."""

    @property
    def ignores_case(self) -> bool:
        """Whether case does not matter in the names of members."""


class Scope(Struct):
    """The names that an expression may use."""

    language: Language
    names: Mapping[str, AnyValue]
    parent: Scope | None = None
    budget: Budget = field(default_factory=Budget)
    strict: bool = False
    """An `EvaluationError` is raised even inside a list or object, as `try` needs it."""
    quiet: bool = False
    """An `EvaluationError` is not reported, because the value may not be used."""

    def child(self, names: Mapping[str, AnyValue]) -> Scope:
        """A scope inside this one. Its names shadow the same names outside."""
        return Scope(self.language, names, self, self.budget, self.strict, self.quiet)

    def strictly(self) -> Scope:
        """The same names, for an expression whose errors are caught."""
        return Scope(self.language, {}, self, self.budget, strict=True, quiet=True)

    def quietly(self) -> Scope:
        """The same names, for an expression whose value may not be used."""
        return Scope(self.language, {}, self, self.budget, self.strict, quiet=True)

    def holder(self, name: str) -> Mapping[str, AnyValue] | None:
        """The innermost names that have a name; None if it is not declared."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names
            scope = scope.parent
        return None

    def missing(self, name: str, span: Span) -> str:
        """A clause that says that a name is not declared. `span` is where it is asked for."""
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.names, Namespace):
            scope = scope.parent
        if scope is not None and isinstance(scope.names, Namespace):
            return scope.names.missing(name, span)
        return f"nothing is called '{name}' here"


class Nth(Struct, frozen=True, eq=False):
    """Marks an unknown loop index: which certain member of a partly known list it is, or `None` for the rest."""

    listed: Unknown
    position: int | None
    """The position among the certain members; None for any other member."""

    def of(self, other: AnyValue, scope: Scope) -> AnyValue | None:
        """The member at this index, of the list or of what a loop made of the list. None if `other` is another list, or
        if nothing is known of the member."""
        match other:
            case Unknown(members=tuple() as members):
                listed, others = other, None
            case Known(Every(listed=Unknown() as listed, certain=members, others=others)):
                pass
            case _:
                return None
        found = others if self.position is None else members[self.position] if self.position < len(members) else None
        return found if found is not None and scope.language.equal(listed, self.listed) else None


def evaluate(expression: Expression, scope: Scope) -> AnyValue:
    """The value of an expression; its span is the expression. Raises `EvaluationError` and `SpentError`.

    A value that passes a bound is reported and becomes unknown.
    """
    budget = scope.budget
    budget.spend()
    try:
        return budget.admit(_EVALUATORS[type(expression)](expression, scope))
    except LimitError as error:
        return budget.passed(str(error), expression.span)
    except OverflowError:
        return budget.passed("A number would be too large to evaluate.", expression.span)


def settle(expression: Expression, scope: Scope) -> AnyValue:
    """As `evaluate`, but an `EvaluationError` becomes an `Unknown` with its message as the reason."""
    if scope.strict:
        return evaluate(expression, scope)
    try:
        return evaluate(expression, scope)
    except EvaluationError as error:
        return Unknown(error.message, expression.span)


def contained(expression: Expression, scope: Scope) -> AnyValue:
    """As `settle`, but a `SpentError` costs only this value: it is reported, and the value becomes unknown."""
    return bounded(lambda: settle(expression, scope), expression.span, scope.budget)


def _derived(value: AnyValue, scope: Scope, operation: str, *operands: AnyValue) -> AnyValue:
    """The value itself. An unknown that nothing else identifies notes the operation and the operands that made it."""
    if isinstance(value, Known) or value.reference is not None or value.parts:
        return value
    return scope.language.derived(value, operation, operands)


def _literal(node: Literal, scope: Scope) -> AnyValue:
    return Known(node.value, node.span)


def _template(node: Template, scope: Scope) -> AnyValue:
    if len(node.parts) == 1:
        return evaluate(node.parts[0], scope).at(node.span)
    parts = [_piece(evaluate(part, scope), scope) for part in node.parts]
    unknown = [part for part in parts if isinstance(part, Unknown)]

    def joined(hole: str = "") -> str:
        texts = [scope.language.text(part.value) if isinstance(part, Known) else hole for part in parts]
        check_size(texts=sum(map(len, texts)))
        return "".join(texts)

    trace = merge_traces(parts)
    if not unknown:
        known = [part for part in parts if isinstance(part, Known)] if trace else []
        texts = (part if isinstance(part.value, str) else part.map(scope.language.text) for part in known)
        return Known(joined(), node.span, trace, pieces=text_pieces(texts))
    first = unknown[0]
    pieces = [_piece(each, scope) for each in first.candidates] if len(unknown) == 1 else []
    candidates = tuple(
        Known(joined(scope.language.text(each.value)), each.span, each.trace)
        for each in pieces
        if isinstance(each, Known)
    )
    return Unknown(
        first.reason,
        node.span,
        trace,
        candidates if len(candidates) == len(pieces) else (),
        parts=tuple(parts),
        never_null=True,
    )


def _piece(part: AnyValue, scope: Scope) -> AnyValue:
    """A piece of a text. A list or object becomes one text; if anything in it is unknown, all of it is."""
    if isinstance(part, Unknown) or _is_scalar(part):
        return part

    def text() -> AnyValue:
        found = first_unknown(part)
        if found is not None:
            return Unknown(found.reason, part.span, merge_traces((part, found)))
        return replace(part, value=scope.language.text(plain(part)), trace=merge_traces(nodes((part,))))

    return scope.budget.work((part,), text)


def _name(node: Name, scope: Scope) -> AnyValue:
    return _value_of_name(node.name, node.span, scope)


def _nested(node: Nested, scope: Scope) -> AnyValue:
    return _value_of_name(node_path(node), node.span, scope)


def node_path(node: Expression) -> str:
    """Bicep's `outer::inner`, as the name of the inner resource."""
    if isinstance(node, Nested):
        return f"{node_path(node.base)}::{node.name}"
    return node.name if isinstance(node, Name) else ""


def _value_of_name(name: str, span: Span, scope: Scope) -> AnyValue:
    holder = scope.holder(name)
    if holder is None:
        raise EvaluationError(scope.missing(name, span), span)
    value = holder[name]
    if not isinstance(holder, Namespace) or not holder.traced:
        return value.at(span)
    text = holder.describe(name)
    return value.via(span, text, holder.sensitive(name)) if text else value.at(span)


def _attribute(node: Attribute, scope: Scope) -> AnyValue:
    base = evaluate(node.base, scope)
    if _null_safe(base, node.base):
        return base.at(node.span)
    found = member(_folded(base, node.name, scope), node.name, node.span, optional=node.optional)
    found = _or_null(found, base, node.base, node.span)
    return _member_derived(found, base, Known(node.name, node.span), scope)


def _member_derived(found: AnyValue, base: AnyValue, key: AnyValue, scope: Scope) -> AnyValue:
    """A member, with the access as the operation that made it, if its container is unknown."""
    name = key.value if isinstance(key, Known) and isinstance(key.value, str | int) else None
    if isinstance(base, Known) or (isinstance(base.members, Mapping) and name in base.members):
        return found
    if isinstance(name, str) and isinstance(key, Known) and scope.language.ignores_case:
        key = replace(key, value=name.lower())
    return _derived(found, scope, ".", base, key)


def _null_safe(base: AnyValue, node: Expression) -> bool:
    """Whether a `.?` further left gave null: then the whole chain is null (Bicep, "Safe-dereference")."""
    return is_null(base) and _is_safe(node)


def _or_null(found: AnyValue, base: AnyValue, node: Expression, span: Span) -> AnyValue:
    """What was found in `base`, or null if a `.?` further left may have given null."""
    if isinstance(base, Known) or not _is_safe(node):
        return found
    nothing = [*filter(is_null, base.candidates)]
    return either([nothing[0], found], base, span) if nothing else found


def _is_safe(node: Expression) -> bool:
    """Whether there is a `.?` in a chain."""
    while isinstance(node, Attribute | Index):
        if node.optional:
            return True
        node = node.base
    return False


def _folded(base: AnyValue, name: Any, scope: Scope) -> AnyValue:
    """An object in which `name` finds its member: the object itself or, if the language ignores case, one that has the
    member under this spelling."""
    if not scope.language.ignores_case or not isinstance(name, str):
        return base
    container = base.value if isinstance(base, Known) else base.members
    if not isinstance(container, Mapping) or name in container:
        return base
    spelled = next((key for key in container if key.lower() == name.lower()), None)
    if spelled is None:
        return base
    only = {name: container[spelled]}
    return Known(only, base.span, base.trace) if isinstance(base, Known) else replace(base, members=only)


def _index(node: Index, scope: Scope) -> AnyValue:
    base = evaluate(node.base, scope)
    if _null_safe(base, node.base):
        return base.at(node.span)
    key = evaluate(node.key, scope)
    if isinstance(key, Unknown):
        nth = key.key if isinstance(key.key, Nth) and not node.from_end else None
        if nth is not None and (found := nth.of(base, scope)) is not None:
            return one_taken(found, base, node.span)
        return _member_derived(_unknown_key(base, key, node.span), base, key, scope)
    if node.from_end and isinstance(key.value, int):
        key = key.map(lambda number: -number)
    if isinstance(base, Known) and isinstance(base.value, Mapping) and isinstance(key.value, bool | int | float):
        key = Known(scope.language.text(key.value), key.span, key.trace)
    base = _folded(base, key.value, scope)
    found = member(base, key.value, node.span, optional=node.optional, from_end=node.from_end)
    found = _or_null(found, base, node.base, node.span)
    return picked(found, key) if isinstance(found, Known) else _member_derived(found, base, key, scope)


def _unknown_key(base: AnyValue, key: Unknown, span: Span) -> AnyValue:
    """The element at an unknown index or key: one of all elements."""
    if isinstance(base, Unknown):
        return Unknown(base.reason, span, member_trace(base.trace, None), reference=base.reference)
    if key.candidates:
        return either([member(base, each.value, span) for each in key.candidates], key, span)
    whole = base.value
    members = list(whole.values() if isinstance(whole, Mapping) else whole if isinstance(whole, tuple) else ())
    if isinstance(whole, Namespace) or not 0 < len(members) <= CANDIDATE_LIMIT:
        return Unknown(key.reason, span, key.trace)
    return either([one_taken(each, base, span) for each in members], key, span)


def _splat(node: Splat, scope: Scope) -> AnyValue:
    base = evaluate(node.base, scope)
    if isinstance(base, Unknown):
        if base.candidates:
            return either([_each(node, each, scope) for each in base.candidates], base, node.span)
        if base.reference is None:
            return Unknown(base.reason, node.span, base.trace)
        return evaluate(node.body, scope.child({_SPLAT: replace(base, members=None)})).at(node.span)
    return _each(node, base, scope)


def _each(node: Splat, base: Known[Any], scope: Scope) -> AnyValue:
    """Null counts as an empty list, and any other value as a list of itself (HCL, section "Splat Operators")."""
    items = base.value if isinstance(base.value, tuple) else () if base.value is None else (base,)
    members = (evaluate(node.body, scope.child({_SPLAT: item})) for item in items)
    kind = ListValue if isinstance(base.value, ListValue | SetValue) else tuple
    return Known(kind(members), node.span, base.trace)


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
        raise EvaluationError(error.message, error.span or node.span, error.trace) from None


def arguments(node: Call, scope: Scope) -> tuple[AnyValue, ...] | Unknown:
    """The evaluated arguments of a call; `Unknown` if it is unknown how many there are."""
    values = [evaluate(argument, scope) for argument in node.arguments]
    if not node.expand:
        return tuple(values)
    last = values.pop()
    if isinstance(last, Unknown):
        return Unknown(last.reason, node.span, merge_traces((*values, last)))
    if not isinstance(last.value, tuple):
        raise EvaluationError("'...' needs a list", node.span)
    return (*values, *_each_taken(last, node.arguments[-1].span))


def _each_taken(container: Known[Any], span: Span) -> tuple[AnyValue, ...]:
    """The members of a list that is spread, as in `list...`."""
    return tuple(one_taken(each, container, span) for each in container.value)


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
    if operator in ("==", "!="):
        if _is_scalar(left) and _is_scalar(right):
            found = _equality(operator, left, right, language, span)
        elif language.unlike(node.left, right) or language.unlike(node.right, left):
            found = Known(operator == "!=", span, merge_traces((left, right)))
        else:
            found = scope.budget.work((left, right), lambda: _equality(operator, left, right, language, span))
    else:
        found = _operated(operator, left, right, language, span)
    return _derived(found, scope, operator, left, right)


def _equality(operator: str, left: AnyValue, right: AnyValue, language: Language, span: Span) -> AnyValue:
    same = _same(left, right, language)
    if same is None:
        return _unknown_of((left, right), span)
    return Known(same == (operator == "=="), span, merge_traces(nodes((left, right))))


def _operated(operator: str, left: AnyValue, right: AnyValue, language: Language, span: Span) -> AnyValue:
    match left, right:
        case Known(first), Known(second):
            return Known(language.arithmetic(operator, first, second), span, merge_traces((left, right)))
        case Unknown(candidates=candidates), Known(second) if candidates:
            return left.map(lambda first: language.arithmetic(operator, first, second)).at(span)
        case Known(first), Unknown(candidates=candidates) if candidates:
            return right.map(lambda second: language.arithmetic(operator, first, second)).at(span)
        case _:
            return _unknown_of((left, right), span)


def _same(left: AnyValue, right: AnyValue, language: Language) -> bool | None:
    """Whether two values are equal. Candidates that agree decide, and so does null beside what is never null."""
    for one, other in ((left, right), (right, left)):
        if is_null(other):
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
    """`&&` and `||` in three-valued logic (Kleene): if either side decides, the other may be unknown."""
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
        return (left if left.value is not None else picked(evaluate(node.right, scope), left)).at(node.span)
    possible = [each for each in left.candidates if each.value is not None]
    if left.never_null or (possible and len(possible) == len(left.candidates)):
        return left.at(node.span)
    right = evaluate(node.right, scope)
    outcomes = [*possible, right] if left.candidates else [left, right]
    return _derived(either(outcomes, left, node.span), scope, "??", left, right)


def _conditional(node: Conditional, scope: Scope) -> AnyValue:
    test = _truth(node.test, scope)
    if isinstance(test, Unknown):
        then, otherwise = settle(node.then, scope.quietly()), settle(node.otherwise, scope.quietly())
        language = scope.language
        outcomes = [language.branch(then, lambda: otherwise), language.branch(otherwise, lambda: then)]
        answers = {each.value for each in test.candidates}
        if len(answers) == 1:
            return outcomes[0 if answers.pop() else 1].at(node.span)
        return _derived(either(outcomes, test, node.span), scope, "?:", test, *outcomes)
    wanted, other = (node.then, node.otherwise) if test.value else (node.otherwise, node.then)
    branch = scope.language.branch(evaluate(wanted, scope), lambda: settle(other, scope.quietly()))
    return picked(branch.at(node.span), test)


def _list(node: ListOf, scope: Scope) -> AnyValue:
    if not any(isinstance(item, Spread) for item in node.items):
        return Known(tuple(settle(item, scope) for item in node.items), node.span)
    lists: list[AnyValue] = []
    for item in node.items:
        if isinstance(item, Spread):
            spread = evaluate(item.value, scope)
            if isinstance(spread, Known) and isinstance(spread.value, tuple):
                spread = replace(spread, value=_each_taken(spread, item.value.span))
            lists += () if is_null(spread) else (spread,)
        else:
            lists.append(Known((settle(item, scope),), item.span))
    return chained(lists, node.span)


def _object(node: ObjectOf, scope: Scope) -> AnyValue:
    language = scope.language
    members: dict[str, AnyValue] = {}
    layers: list[AnyValue] = [Known(members, node.span)]
    for key_node, value_node in node.items:
        if isinstance(value_node, Spread):
            layer = evaluate(value_node.value, scope)
        else:
            key, value = evaluate(key_node, scope), settle(value_node, scope)
            if isinstance(key, Known):
                members[key_text(key, scope)] = picked(value, key)
                continue
            layer = keyed(key, value, lambda known: key_text(known, scope))
        members = {}
        layers += (layer, Known(members, node.span))
    return layers[0] if len(layers) == 1 else overlaid(layers, node.span, str.lower if language.ignores_case else str)


def key_text(key: Known[Any], scope: Scope) -> str:
    """A value as the name of a member. Raises `EvaluationError` if it cannot be one."""
    if not _is_scalar(key):
        raise EvaluationError(f"{describe(key.value)} cannot be the name of a member", key.span)
    return scope.language.text(key.value)


def _for(node: For, scope: Scope) -> AnyValue:
    return reshaped(_gone_through(node, evaluate(node.collection, scope), scope))


def _gone_through(node: For, collection: AnyValue, scope: Scope) -> AnyValue:
    if isinstance(collection, Unknown):
        if collection.candidates:
            return either([_for_each(node, each, scope) for each in collection.candidates], collection, node.span)
        part = collection.known_part
        if part is None:
            return Unknown(collection.reason, node.span, collection.trace)
        return _for_each(node, part, scope, collection)
    return _for_each(node, collection, scope)


def _for_each(node: For, collection: Known[Any], scope: Scope, doubt: Unknown | None = None) -> AnyValue:
    """The list or object that a `for` makes of a collection. `doubt` says why that may have other members."""
    items: list[AnyValue] = []
    members: dict[str, AnyValue] = {}
    groups: dict[str, list[AnyValue]] = {}
    unplaced = doubt if not isinstance(collection.value, Mapping | SetValue) else None
    for place, value in pairs(collection):
        key = place if unplaced is None else Unknown(unplaced.reason, place.span, unplaced.trace)
        names = {node.value_name: value} | ({node.key_name: key} if node.key_name else {})
        inner = scope.child(names)
        wanted: AnyValue | None = None
        if node.condition is not None:
            wanted = _truth(node.condition, inner)
            if isinstance(wanted, Unknown):
                doubt = doubt or wanted
                continue
            if not wanted.value:
                continue
        result = settle(node.value, inner)
        if wanted is not None:
            result = picked(result, wanted)
        if node.key is None:
            items.append(result)
            continue
        name = evaluate(node.key, inner)
        if isinstance(name, Unknown):  # and not that of another one: a name that comes twice is refused
            doubt = doubt or name
            continue
        text, result = key_text(name, scope), picked(result, name)
        if node.grouped:
            groups.setdefault(text, []).append(result)
        elif text in members:
            raise EvaluationError("two members would have the same name", node.key.span)
        else:
            members[text] = result
    members |= {name: Known(tuple(group), node.value.span) for name, group in groups.items()}
    made: Any = tuple(items) if node.key is None else members
    if doubt is None:
        return Known(made, node.span, collection.trace)
    if node.grouped:  # each group may have more members too
        made = {name: known_in_part(group.value, doubt, group.span) for name, group in made.items()}
    return known_in_part(made, doubt, node.span)


def _refused(node: Spread | Lambda, scope: Scope) -> AnyValue:
    raise EvaluationError("this has no value of its own here", node.span)


def _is_scalar(value: AnyValue) -> bool:
    """Whether a value is known and has no members."""
    return isinstance(value, Known) and not isinstance(value.value, tuple | Mapping)


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
