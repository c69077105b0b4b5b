"""What a server refers to and what carries something of it: parts that are found by following references.

A part that belongs to a server says so itself (`Claim`). What the server points at, such as its subnet, does not know
of it, and is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable

from pgflexlint.model import Server
from pgflexlint.normalize import network, passwords
from pgflexlint.normalize.index import Index

LINKS: tuple[Callable[[Server, Index], Server], ...] = (network.connected, passwords.linked)
"""Each gives a server something that it is linked with."""


def link(server: Server, index: Index) -> Server:
    """The server with all that it is linked with."""
    for each in LINKS:
        server = each(server, index)
    return server
