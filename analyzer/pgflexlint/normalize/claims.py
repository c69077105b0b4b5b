"""Parts that say which server they belong to, before anybody checked."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from pgflexlint.model import Part
from pgflexlint.source import Span
from pgflexlint.values import Value


class Claim(NamedTuple):
    """A part and the server that it names."""

    kind: str
    """The field of `Server` that holds such parts; "" for a name under which a server is referred to."""
    part: Part | None
    target: Value[Any]
    """The id or the name of the server (or of what contains it)."""
    header: Span
    of: str = ""
    """Of a name: the address of the server."""


Piece: TypeAlias = Part | Claim
