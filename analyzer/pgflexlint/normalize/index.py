"""The parts of a deployment that are no servers, found by following references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from pgflexlint.model import Part
from pgflexlint.normalize.claims import Claim
from pgflexlint.resource import Gap
from pgflexlint.values import Known, Unknown, Value

P = TypeVar("P", bound=Part)


class Index:
    """The parts that are no servers, by the addresses under which they are referred to."""

    def __init__(self, parts: Iterable[Part], claims: Iterable[Claim], gaps: Iterable[Gap] = ()) -> None:
        self.parts = tuple(parts)
        self.gaps = tuple(gaps)
        """What was not looked at and may declare parts."""
        self._by_address = {part.address: part for part in self.parts}
        self._aliases = {
            claim.target.reference.address: claim.of
            for claim in claims
            if claim.of and claim.target.reference is not None
        }

    def find(self, value: Value[Any], kind: type[P]) -> P | None:
        """The part of a kind that a value refers to; None where it refers to none that is declared here."""
        for referred in references(value):
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

    def doubts(self, address: str) -> Iterator[Unknown]:
        """Why something may have been added to a part that was not looked at."""
        for gap in self.gaps:
            if gap.inputs is None or any(address in mentions(value) for value in gap.inputs.values()):
                yield gap.reason


def references(value: Value[Any]) -> Iterator[str]:
    """The addresses that a value refers to: its own, then those of the pieces of a text.

    What is inside another resource goes by its path there (`vnet.subnet[0]`), or by the id of that resource and the
    rest of its own (`vnet/subnets/database`).
    """
    if value.reference is not None:
        address, attribute = value.reference
        if attribute.endswith(".id"):
            yield f"{address}.{attribute.removesuffix('.id')}"
        yield address
    match value:
        case Unknown(parts=(Known(""), *rest) | rest) if len(rest) > 1 and (whole := _inner(rest)):
            yield whole
    match value:
        case Unknown(parts=parts):
            for part in parts:
                if isinstance(part, Known | Unknown):
                    yield from references(part)
        case Known(tuple() as members):
            for member in members:
                yield from references(member)


def _inner(pieces: Sequence[Any]) -> str:
    """The address of what is inside a resource, of an id that begins with the id of that one; "" of all else."""
    first, *rest = pieces
    if first.reference is None or first.reference.attribute != "id":
        return ""
    if not all(isinstance(piece, Known) and isinstance(piece.value, str | int) for piece in rest):
        return ""
    return f"{first.reference.address}{''.join(str(piece.value) for piece in rest).lower().rstrip('/')}"


def mentions(value: Value[Any]) -> set[str]:
    """The addresses of all that a value, or anything that it holds, refers to."""
    found: set[str] = set()
    seen: set[int] = set()
    todo: list[Value[Any]] = [value]
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        found.update(references(value))
        match value:
            case Known(tuple() as items):
                todo += items
            case Known(dict() as items):
                todo += items.values()
            case Unknown(parts=parts, candidates=candidates):
                todo += (*parts, *candidates)
    return found
