"""The instances that loops and conditions make of a resource or module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import LOOP_LIMIT, LimitError, check_loop
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import made_of
from pgflexlint.evaluate.interpreter import Nth, Scope, contained
from pgflexlint.evaluate.members import AnyValue, Every, either, pairs
from pgflexlint.evaluate.session import Expansion, more_instances
from pgflexlint.evaluate.template.session import Session
from pgflexlint.resource import ANY_INSTANCE
from pgflexlint.source import Span
from pgflexlint.syntax import template as syntax
from pgflexlint.syntax.expressions import Call, Expression
from pgflexlint.values import Known, Unknown, Value, files_of, holds, member_trace


class Expander:
    """Expands the declarations of one template."""

    def __init__(self, session: Session, scope: Scope, directory: str) -> None:
        self.session = session
        self.scope = scope
        self.directory = directory
        self._loops: dict[int, list[Expansion]] = {}
        self._loops_decided_in: dict[int, frozenset[str]] = {}

    def expand(self, declaration: syntax.Declaration) -> Iterator[Expansion]:
        """The instances of a resource or module, without those whose condition is false."""
        looped = self.looped(declaration.loop)
        decided_in = self._loops_decided_in.get(id(declaration.loop), frozenset())
        self.session.decided(decided_in, lambda: self._types(declaration))
        for each in looped:
            if declaration.condition is None:
                yield each
                continue
            truth = truth_of(declaration.condition, each.scope)
            files = files_of(truth.trace) | {declaration.condition.span.file.path}
            self.session.decided(files, lambda: self._types(declaration))
            each = replace(each, decided_in=each.decided_in | files)  # noqa: PLW2901
            if isinstance(truth, Known):
                if truth.value:
                    yield each
            elif {candidate.value for candidate in truth.candidates} == {True}:
                yield each
            elif {candidate.value for candidate in truth.candidates} != {False}:
                yield replace(each, maybe=each.maybe or replace(truth, candidates=()))

    def looped(self, loop: syntax.Loop | None) -> list[Expansion]:
        """The instances that a loop makes, before any condition. If there is no loop, the only one."""
        if loop is None:
            return [Expansion("", self.scope)]
        if id(loop) not in self._loops:
            found = self.session.budget.fitting(self._loop(loop))
            self._loops[id(loop)] = [self._placeholder(loop)] if found is None else found
        return self._loops[id(loop)]

    def _types(self, declaration: syntax.Declaration) -> set[str]:
        """The types of the resources that a declaration makes, or may make if it is a module."""
        if isinstance(declaration, syntax.Module):
            return self.session.may_declare(self.directory, declaration)
        return {declaration.type.lower()} if isinstance(declaration, syntax.Resource) else set()

    def _placeholder(self, loop: syntax.Loop) -> Expansion:
        more, already_judged = self.session.no_room(loop, loop.span)
        scope = self.scope.child(loop_names(loop, more, more))
        return Expansion(ANY_INSTANCE, scope, more, already_judged=already_judged)

    def _loop(self, loop: syntax.Loop) -> Iterator[Expansion]:
        through: Expression = loop.collection or loop.count  # type: ignore[assignment]
        collection = contained(through, self.scope)
        files = self._loops_decided_in[id(loop)] = files_of(collection.trace) | {through.span.file.path}
        if isinstance(collection, Known):
            try:
                members = list(_members(loop, collection))
            except LimitError as error:
                self.session.budget.report(str(error), collection.span)
                collection = more_instances(collection.span)
            except EvaluationError as error:
                collection = Unknown(error.message, collection.span, collection.trace)
        possible = self._possible(loop, collection) if isinstance(collection, Unknown) else None
        if possible is not None:
            yield from (replace(each, decided_in=files | each.decided_in) for each in possible)
            return
        if isinstance(collection, Unknown):
            some = collection.bare()
            one = replace(some, trace=member_trace(some.trace, None))
            listed = self._listed(loop, collection)
            certain = listed.members if isinstance(listed.members, tuple) else ()
            for position, item in enumerate(certain[:LOOP_LIMIT]):
                names = loop_names(loop, item, replace(some, key=Nth(listed, position)))
                yield Expansion(f"[?{position}]", self.scope.child(names), decided_in=files_of(some.trace))
            another = replace(some, key=Nth(listed, None))
            names = loop_names(loop, made_of(one, ".", collection, some), another)
            yield Expansion(ANY_INSTANCE, self.scope.child(names), some, listed=listed)
            return
        for index, item in enumerate(members):
            names = loop_names(loop, item, Known(index, loop.span))
            yield Expansion(f"[{index}]", self.scope.child(names), decided_in=files | files_of(item.trace))

    def _possible(self, loop: syntax.Loop, collection: Unknown) -> list[Expansion] | None:
        """The instances of a loop that goes through one of several lists; None if these lists are not known.

        An instance is certain if each of the lists makes it.
        """
        try:
            lists = [list(_members(loop, candidate)) for candidate in collection.candidates]
        except (LimitError, EvaluationError):
            return None
        found: list[Expansion] = []
        doubt = replace(collection, candidates=())
        for index in range(max(map(len, lists), default=0)):
            members = [each[index] for each in lists if index < len(each)]
            item = either(members, collection, collection.span)
            if isinstance(item, Unknown):  # as JSON, which takes it out of the list by its index
                item = made_of(item, ".", collection, Known(index, collection.span))
            scope = self.scope.child(loop_names(loop, item, Known(index, loop.span)))
            maybe, listed = (None, None) if len(members) == len(lists) else (doubt, collection)
            found.append(Expansion(f"[{index}]", scope, maybe, decided_in=files_of(item.trace), listed=listed))
        return found if lists else None

    def _listed(self, loop: syntax.Loop, collection: Unknown) -> Unknown:
        """The list that a loop of unknown length goes through.

        A loop of ARM JSON has a count only. Where that is `length(list)`, it goes through this list.
        """
        match loop.count:
            case Call(function=name, arguments=(counted,)) if name.lower() == "length":
                listed = contained(counted, self.scope)
                return listed if isinstance(listed, Unknown) else collection
        return collection


def collection_of(symbol: str, expansions: Sequence[Expansion], values: Sequence[AnyValue], header: Span) -> AnyValue:
    """The value of a loop's symbol in an expression: a list, one of several lists, or `Every` if its length is
    unknown."""
    last = expansions[-1] if expansions else None
    doubt = last.maybe if last is not None and last.listed is not None and last.suffix != ANY_INSTANCE else None
    if doubt is not None:
        least = sum(each.listed is None for each in expansions)
        lists = tuple(Known(tuple(values[:length]), header) for length in range(least, len(values) + 1))
        return Unknown(doubt.reason, header, doubt.trace, lists)
    if last is None or last.maybe is None or last.suffix != ANY_INSTANCE:
        return Known(tuple(values), header)
    return Known(Every(symbol, values, last.listed, last.maybe), header)


def truth_of(condition: Expression, scope: Scope) -> Value[bool]:
    """Whether a condition holds."""
    value = contained(condition, scope)
    return value.map(lambda bare: bare is True or str(bare).lower() == "true")


def absent(condition: Value[bool]) -> bool | Unknown:
    """Whether a resource with this condition is not deployed; `Unknown` if that is unknown."""
    there = holds(condition, bool)
    return condition if there is None and isinstance(condition, Unknown) else not there


def loop_names(loop: syntax.Loop, item: AnyValue, index: AnyValue) -> Mapping[str, AnyValue]:
    """The names that a loop gives to a member and its index."""
    return {name: value for name, value in ((loop.item, item), (loop.index, index)) if name}


def _members(loop: syntax.Loop, collection: Known[Any]) -> Iterator[AnyValue]:
    """The values that a loop goes through: the members of its collection, or the numbers below its count."""
    if loop.collection is not None:
        members = [value for _, value in pairs(collection)]
        check_loop(len(members))
        yield from members
        return
    count = collection.value
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise EvaluationError("the count of a loop is not a whole number of 0 or more", collection.span)
    check_loop(count)
    for index in range(count):
        yield Known(index, loop.span)
