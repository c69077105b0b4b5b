"""Links a server with parts that it refers to, and with parts that contain its passwords.

A part that belongs to a server names the server itself (see `Claim`). But a part that the server names, such as its
subnet, is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from pgflexlint.model import DefenderPlan, Parts, Server
from pgflexlint.normalize import keys, network, passwords
from pgflexlint.normalize.index import Index


def _defended(server: Server, index: Index) -> Server:
    """A server with all Defender plans: they apply to the whole subscription."""
    return replace(server, defender_plans=index.once(_plans))


def _plans(index: Index) -> Parts[DefenderPlan]:
    return Parts(tuple(index.all(DefenderPlan)), index.plan_gaps)


LINKS: tuple[Callable[[Server, Index], Server], ...] = (
    network.connected,
    passwords.linked,
    keys.in_vaults,
    _defended,
)
"""Functions that each link a server with some kinds of parts."""


def link(server: Server, index: Index) -> Server:
    """The server with everything that it is linked with."""
    for each in LINKS:
        server = each(server, index)
    return server
