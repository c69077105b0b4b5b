"""What a server refers to and what carries something of it: parts that are found by following references.

A part that belongs to a server says so itself (`Claim`). What the server points at, such as its subnet, does not know
of it, and is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from pgflexlint.model import Part, Server
from pgflexlint.normalize.claims import Claim
from pgflexlint.values import Known, Unknown, Value

P = TypeVar("P", bound=Part)


class Index:
    """The parts that are no servers, by the addresses under which they are referred to."""

    def __init__(self, parts: Iterable[Part], claims: Iterable[Claim]) -> None:
        self.parts = tuple(parts)
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


def references(value: Value[Any]) -> Iterator[str]:
    """The addresses that a value refers to: its own, then those of the pieces of a text."""
    if value.reference is not None:
        yield value.reference.address
    match value:
        case Unknown(parts=parts):
            for part in parts:
                if isinstance(part, Known | Unknown):
                    yield from references(part)
        case Known(tuple() as members):
            for member in members:
                yield from references(member)


LINKS: tuple[Callable[[Server, Index], Server], ...] = ()
"""Each gives a server something that it is linked with."""


def link(server: Server, index: Index) -> Server:
    """The server with all that it is linked with."""
    for each in LINKS:
        server = each(server, index)
    return server
