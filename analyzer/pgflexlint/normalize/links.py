"""What a server refers to and what carries something of it: parts that are found by following references.

A part that belongs to a server says so itself (`Claim`). What the server points at, such as its subnet, does not know
of it, and is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from pgflexlint.model import DefenderPlan, KeyVault, KeyVaultKey, ManagedKey, Part, Parts, Server
from pgflexlint.normalize.claims import Claim
from pgflexlint.normalize.keys import of_vault, vault_addresses, vault_name
from pgflexlint.values import Known, Unknown, Value

P = TypeVar("P", bound=Part)


class Index:
    """The parts that are no servers, by the addresses under which they are referred to."""

    def __init__(self, parts: Iterable[Part], claims: Iterable[Claim], gaps: Iterable[Unknown] = ()) -> None:
        """`gaps`: why there may be others."""
        self.parts = tuple(parts)
        self.gaps = tuple(gaps)
        self._by_address = {part.address: part for part in self.parts}
        self._aliases = {
            claim.target.reference.address: claim.of
            for claim in claims
            if claim.of and claim.target.reference is not None
        }

    def find(self, value: Value[Any], kind: type[P]) -> P | None:
        """The part of a kind that a value refers to; None where it refers to none that is declared here."""
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


def _vaults(server: Server, index: Index) -> Server:
    """The key vaults that hold the server's keys."""
    encryption = server.encryption
    key, geo_key = _in_vault(encryption.key, index), _in_vault(encryption.geo_key, index)
    return replace(server, encryption=replace(encryption, key=key, geo_key=geo_key))


def _in_vault(key: ManagedKey, index: Index) -> ManagedKey:
    return key if key.used is False else replace(key, vault=_vault(key.id, index))


def _vault(id_: Value[Any], index: Index) -> KeyVault | Unknown | None:
    """The vault of an id, which is that of a key or of the vault itself."""
    addresses = tuple(vault_addresses(references(id_)))
    found, key = index.at(addresses, KeyVault), index.at(addresses, KeyVaultKey)
    if found is not None or key is not None:
        return found or (None if key is None else _vault(key.vault, index))
    name = vault_name(id_)
    if name is not None:
        return _vault_called(name, index)
    if any(map(of_vault, addresses)) or isinstance(id_, Known):
        return None
    return Unknown(f"it cannot be told which key vault holds the key, because {id_.reason}", id_.span, id_.trace)


def _vault_called(name: str, index: Index) -> KeyVault | Unknown | None:
    unsure: Unknown | None = None
    for vault in index.all(KeyVault):
        if isinstance(vault.name, Unknown):
            reason = f"key vault '{vault.label}' may hold the key: its name is not known, because {vault.name.reason}"
            unsure = unsure or replace(vault.name, reason=reason)
        elif vault.name.value.lower() == name:
            return vault
    return unsure


def _defender_plans(server: Server, index: Index) -> Server:
    """The plans count for the whole subscription."""
    return replace(server, defender_plans=Parts(tuple(index.all(DefenderPlan)), index.gaps))


LINKS: tuple[Callable[[Server, Index], Server], ...] = (_vaults, _defender_plans)
"""Each gives a server something that it is linked with."""


def link(server: Server, index: Index) -> Server:
    """The server with all that it is linked with."""
    for each in LINKS:
        server = each(server, index)
    return server
