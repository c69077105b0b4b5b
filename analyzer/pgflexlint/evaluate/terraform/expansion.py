"""The instances that `count` and `for_each` make of a block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import compress
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import LOOP_LIMIT, LimitError
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.interpreter import Scope, contained
from pgflexlint.evaluate.members import AnyValue, Namespace, either, pairs
from pgflexlint.evaluate.session import Expansion, more_instances
from pgflexlint.evaluate.terraform.session import Session, type_of
from pgflexlint.evaluate.terraform.types import to_number
from pgflexlint.resource import ANY_INSTANCE
from pgflexlint.source import Span
from pgflexlint.syntax.hcl.document import Block
from pgflexlint.values import Known, Reference, SetValue, Unknown, files_of


class Expander:
    """Expands the blocks of one module."""

    def __init__(self, session: Session, scope: Scope, directory: str, prefix: str) -> None:
        self.session = session
        self._scope = scope
        self._directory = directory
        self.prefix = prefix
        self._expansions: dict[int, list[Expansion]] = {}

    def expand(self, block: Block) -> list[Expansion]:
        """The instances of a block."""
        if id(block) not in self._expansions:
            found = self.session.budget.fitting(self._expansions_of(block))
            self._expansions[id(block)] = [self._placeholder(block)] if found is None else found
        return self._expansions[id(block)]

    def _placeholder(self, block: Block) -> Expansion:
        name = "count" if "count" in block.body.arguments else "for_each"
        more, already_judged = self.session.no_room(block, block.body.arguments[name].value.span)
        scope = self._scope.child({"count" if name == "count" else "each": more})
        return Expansion(ANY_INSTANCE, scope, more, already_judged=already_judged)

    def _expansions_of(self, block: Block) -> Iterator[Expansion]:
        arguments = block.body.arguments
        argument = arguments.get("count") or arguments.get("for_each")
        if argument is None:
            yield Expansion("", self._scope)
            return
        value = contained(argument.value, self._scope)
        found = self._counted(value) if "count" in arguments else self._keyed(value)
        files = files_of(value.trace) | {argument.value.span.file.path}
        self.session.decided(files, lambda: self._types(block))
        for each in found:
            yield replace(each, decided_in=each.decided_in | files)

    def _types(self, block: Block) -> set[str]:
        """The types of the resources that a block declares, or may declare if it calls a module."""
        if block.type != "module":
            return {type_of(block)}
        return self.session.may_declare(self._directory, f"{self.prefix}module.{block.labels[0]}", block)

    def _counted(self, value: AnyValue) -> Iterator[Expansion]:
        possible = [value] if isinstance(value, Known) else list(value.candidates)
        numbers = [_whole_number(each) for each in possible]
        if not numbers or None in numbers:
            refused = Unknown("'count' is not a whole number of 0 or more", value.span)
            reason = value if isinstance(value, Unknown) else refused
            yield Expansion(ANY_INSTANCE, self._counting(replace(reason, candidates=()), value.span), reason)
            return
        counts = [number for number in numbers if number is not None]
        if max(counts) > LOOP_LIMIT:
            message = f"A count of {max(counts):,} is more than the limit of {LOOP_LIMIT:,}."
            yield self._too_many(message, value.span, "count")
            return
        for index in range(max(counts)):
            choices = tuple(index < count for count in counts)
            maybe = value if isinstance(value, Unknown) and not all(choices) else None
            yield Expansion(f"[{index}]", self._counting(Known(index, value.span), value.span), maybe, choices)

    def _counting(self, index: AnyValue, span: Span) -> Scope:
        return self._scope.child({"count": Known({"index": index}, span)})

    def _too_many(self, message: str, span: Span, name: str) -> Expansion:
        """A placeholder for instances beyond the bound."""
        self.session.budget.report(message, span)
        more = more_instances(span)
        return Expansion(ANY_INSTANCE, self._scope.child({name: more}), more)

    def _keyed(self, value: AnyValue) -> Iterator[Expansion]:
        possible = [value] if isinstance(value, Known) else list(value.candidates)
        part = value.known_part if isinstance(value, Unknown) else None
        doubt = value if isinstance(value, Unknown) and not possible else None
        possible += [part] if part is not None and isinstance(part.value, Mapping | SetValue) else []
        members: dict[str, dict[int, tuple[AnyValue, AnyValue]]] = {}
        try:
            for number, each in enumerate(possible):
                for key, item in pairs(each):
                    if not isinstance(each.value, SetValue) or isinstance(item, Known):
                        members.setdefault(str(key.value), {})[number] = key, item
                    elif doubt is None:
                        doubt = Unknown("a key of 'for_each' is unknown", value.span)
        except EvaluationError as error:
            doubt, members = Unknown(error.message, value.span), {}
        if doubt is not None:
            some = doubt.bare()
            each = Known({"key": some, "value": some}, value.span)
            yield Expansion(ANY_INSTANCE, self._scope.child({"each": each}), some)
        if len(members) > LOOP_LIMIT:
            message = f"A for_each over {len(members):,} members is more than the limit of {LOOP_LIMIT:,}."
            yield self._too_many(message, value.span, "each")
            return
        for name, items in members.items():
            choices = tuple(number in items for number in range(len(possible)))
            maybe = value if isinstance(value, Unknown) and not all(choices) else None
            (called, item), *others = items.values()
            if isinstance(value, Unknown) and others:
                item = either([item, *(other for _, other in others)], value, item.span)
            each = Known(_Each({"key": called, "value": item}, name), value.span, value.trace)
            scope = self._scope.child({"each": each})
            yield Expansion(f'["{name}"]', scope, maybe, choices, decided_in=files_of(item.trace))


class _Each(dict[str, AnyValue], Namespace):
    """`each` inside a block with `for_each`."""

    def __init__(self, members: Mapping[str, AnyValue], key: str) -> None:
        super().__init__(members)
        self._key = key

    def describe(self, name: str) -> str:
        return f"the {name} of '{self._key}' in for_each"


def collected(block: Block, objects: list[tuple[Expansion, AnyValue]], address: str) -> AnyValue:
    """The value of a block's name in an expression.

    It is a list if the block has `count`, a map if it has `for_each`, and else the one object. It is unknown if it is
    not certain which instances there are. `objects` are the instances with their values; `address` is that of the
    block.
    """
    arguments = block.body.arguments
    if "count" not in arguments and "for_each" not in arguments:
        return objects[0][1] if objects else Unknown("it refers to itself", block.header)
    doubt = next((each.maybe for each, _ in objects if each.maybe is not None), None)
    keyed = "for_each" in arguments

    def collection(members: list[tuple[Expansion, AnyValue]]) -> Known[Any]:
        if keyed:
            return Known({each.suffix[2:-2]: value for each, value in members}, block.header)
        return Known(tuple(value for _, value in members), block.header)

    if doubt is None:
        return collection(objects)
    if any(each.suffix == ANY_INSTANCE for each, _ in objects):
        reference = Reference(address + ANY_INSTANCE, "")
        named = [(each, value) for each, value in objects if each.suffix != ANY_INSTANCE]
        part = collection(named).value if named and keyed else None
        return Unknown(doubt.reason, block.header, doubt.trace, reference=reference, members=part)
    choices = dict.fromkeys(zip(*(each.choices for each, _ in objects), strict=True))
    candidates = tuple(collection(list(compress(objects, choice))) for choice in choices)
    return Unknown(doubt.reason, block.header, doubt.trace, candidates)


def _whole_number(value: Known[Any]) -> int | None:
    try:
        number = to_number(value.value)
    except (EvaluationError, LimitError):
        return None
    return int(number) if number >= 0 and number % 1 == 0 else None
