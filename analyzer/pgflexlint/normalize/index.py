"""Finds the parts of a deployment that are not servers, by following references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from pgflexlint.model import Part
from pgflexlint.normalize.claims import DEFENDER_PLANS, SECURITY_RULES, Claim
from pgflexlint.problem import Kind, Problem
from pgflexlint.resource import Gap
from pgflexlint.values import Known, Unknown, Value

COMPARISON_LIMIT = 50_000
"""The most pairs of a server and another resource that are compared, if no reference tells what belongs together."""
TOO_MANY = f"More than {COMPARISON_LIMIT:,} pairs of servers and other resources would have to be compared."

P = TypeVar("P", bound=Part)
T = TypeVar("T")


class Index:
    """The parts that are not servers, by all addresses that may refer to them."""

    def __init__(self, parts: Iterable[Part], claims: Iterable[Claim], gaps: Iterable[Gap] = ()) -> None:
        """`gaps` are what could not be looked at and may declare parts."""
        self.parts = tuple(parts)
        gaps = tuple(gaps)
        self.plan_gaps = tuple(gap.reason for gap in gaps if gap.kinds is None or DEFENDER_PLANS in gap.kinds)
        """Why there may be other Defender plans."""
        self._anywhere: list[Unknown] = []
        self._doubts: dict[str, list[Unknown]] = {}
        for gap in gaps:
            if gap.kinds is not None and SECURITY_RULES not in gap.kinds:
                continue
            if gap.inputs is None:
                self._anywhere.append(gap.reason)
                continue
            for address in dict.fromkeys(mentions(gap.inputs.values())):
                self._doubts.setdefault(address, []).append(gap.reason)
        self.problems: dict[str, Problem] = {}
        """Problems for what was too much work, by their message. The place is the first part that was skipped."""
        self._left = COMPARISON_LIMIT
        self._made: dict[Callable[[Index], Any], Any] = {}
        self._by_address = {part.address: part for part in self.parts}
        self._aliases = {
            claim.target.reference.address: claim.of
            for claim in claims
            if claim.of and claim.target.reference is not None
        }

    def find(self, value: Value[Any], kind: type[P]) -> P | None:
        """The part of a kind that a value refers to; None if it is not declared here."""
        return self.at(references(value), kind)

    def at(self, addresses: Iterable[str], kind: type[P]) -> P | None:
        """The part of a kind at the first of some addresses that has one."""
        for referred in addresses:
            address: str | None = referred
            seen: set[str] = set()
            while address is not None and address not in seen:
                seen.add(address)
                part = self._by_address.get(address)
                if isinstance(part, kind):
                    return part
                address = self._aliases.get(address)
        return None

    def all(self, kind: type[P]) -> Iterator[P]:
        """Every part of a kind."""
        return (part for part in self.parts if isinstance(part, kind))

    def affords(self, parts: Sequence[Part], work: int = 0) -> bool:
        """Whether one more server may be compared with these parts. If it is too much work, a problem is added.

        `work` is the number of simple comparisons, if there are more of them than parts.
        """
        self._left -= max(len(parts), work)
        if self._left < 0 and parts:
            self.give_up(parts[0], TOO_MANY)
            return False
        return True

    def give_up(self, part: Part, message: str) -> None:
        """Add the problem that a part was skipped. `message` is a sentence that says why."""
        self.problems.setdefault(message, too_much(part, message))

    def once(self, make: Callable[[Index], T]) -> T:
        """The result of `make`, which is called only once."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]  # type: ignore[no-any-return]

    def doubts(self, address: str) -> Iterator[Unknown]:
        """Why something that was not looked at may have added security rules to a part, or what has some."""
        yield from self._anywhere
        yield from self._doubts.get(address, ())


def too_much(part: Part, message: str = TOO_MANY) -> Problem:
    """The problem that a part and all after it are skipped. `message` is a sentence that says why."""
    hint = "What depends on it is not judged: split the deployment, or exclude the file."
    return Problem(Kind.LIMIT, message, part.header.file.path, part.header, hint)


def references(value: Value[Any]) -> Iterator[str]:
    """The addresses that a value refers to: its own, then those of the pieces of a text or the members of a list.

    What is inside another resource goes by its path there (`vnet.subnet[0]`), or by the id of that resource and the
    rest of its own (`vnet/subnets/database`).
    """
    return _addresses((value,), components)


def mentions(values: Iterable[Value[Any]]) -> Iterator[str]:
    """The addresses that values and all their members refer to."""
    return _addresses(values, _held)


def held(values: Iterable[Value[Any]]) -> Iterator[Value[Any]]:
    """Values and all members of lists and objects in them, each once. Pieces of texts are not included."""
    return walk(values, _members)


def components(value: Value[Any]) -> Iterable[Any]:
    """The pieces of a text or the operands that a value is made of, or the members of a list."""
    match value:
        case Unknown(parts=parts):
            return parts
        case Known(tuple() as members):
            return members
    return ()


def _held(value: Value[Any]) -> Iterable[Any]:
    return (*value.parts, *_members(value)) if isinstance(value, Unknown) else _members(value)


def _members(value: Value[Any]) -> Iterable[Any]:
    match value:
        case Known(dict() as members):
            return members.values()
        case Known(tuple() as items):
            return items
        case Unknown(candidates=candidates, known_part=part):
            return candidates if part is None else (*candidates, part)
    return ()


def _addresses(values: Iterable[Value[Any]], members: Callable[[Value[Any]], Iterable[Any]]) -> Iterator[str]:
    """The addresses that values and their members refer to, in order."""
    for value in walk(values, members):
        yield from _own(value)


def walk(values: Iterable[Value[Any]], members: Callable[[Value[Any]], Iterable[Any]]) -> Iterator[Value[Any]]:
    """Values and what is in them, in order, each once. `members` says what is in one."""
    seen: dict[int, Value[Any]] = {}
    todo: list[Any] = [*values][::-1]
    while todo:
        value = todo.pop()
        if isinstance(value, Known | Unknown) and id(value) not in seen:
            seen[id(value)] = value
            yield value
            todo += reversed([*members(value)])


def _own(value: Value[Any]) -> Iterator[str]:
    if value.reference is not None:
        address, attribute = value.reference
        if attribute.endswith(".id"):
            yield f"{address}.{attribute.removesuffix('.id')}"
        yield address
    match value:
        case Unknown(parts=(Known(""), *rest) | rest) if len(rest) > 1 and (whole := _inner(rest)):
            yield whole


def _inner(pieces: Sequence[Any]) -> str:
    """The address that an id has, if it begins with the id of the resource around it; "" for any other text."""
    first, *rest = pieces
    if first.reference is None or first.reference.attribute != "id":
        return ""
    if not all(isinstance(piece, Known) and isinstance(piece.value, str | int) for piece in rest):
        return ""
    return f"{first.reference.address}{''.join(str(piece.value) for piece in rest).lower().rstrip('/')}"
