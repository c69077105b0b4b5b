"""What a server refers to and what carries something of it: parts that are found by following references.

A part that belongs to a server says so itself (`Claim`). What the server points at, such as its subnet, does not know
of it, and is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from pgflexlint.model import DefenderPlan, Parts, Server
from pgflexlint.normalize import keys, network, passwords
from pgflexlint.normalize.index import Index


def _defended(server: Server, index: Index) -> Server:
    """A server with the Defender plans, which count for the whole subscription."""
    return replace(server, defender_plans=index.once(_plans))


def _plans(index: Index) -> Parts[DefenderPlan]:
    return Parts(tuple(index.all(DefenderPlan)), index.plan_gaps)


LINKS: tuple[Callable[[Server, Index], Server], ...] = (
    network.connected,
    passwords.linked,
    keys.in_vaults,
    _defended,
)
"""Each gives a server something that it is linked with."""


def link(server: Server, index: Index) -> Server:
    """The server with all that it is linked with."""
    for each in LINKS:
        server = each(server, index)
    return server
