"""What readers make of resources: parts, and claims that say which server a part belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct, field

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.model import Part
from pgflexlint.problem import Problem
from pgflexlint.resource import Gap, Resource
from pgflexlint.source import Span
from pgflexlint.values import Value

GROUP = "resourcegroup()"
"""The address of the resource group that a template is deployed to."""


DEFENDER_PLANS, SECURITY_RULES = "defender_plans", "security_rules"
"""Kinds of parts that do not belong to one server."""


class Context(Struct, frozen=True):
    """What readers have to know of the whole deployment."""

    whole: bool
    """As in `Deployment.whole`."""
    providers: Mapping[str, tuple[Value[Any], ...]] = field(default_factory=dict)
    """In Terraform: the entries of `required_providers` in all modules, by local name."""
    locked: Mapping[str, Value[Any]] = field(default_factory=dict)
    """In Terraform: the versions in the lock file, by the address of the provider without its registry."""
    configurations: Mapping[str, Resource] = field(default_factory=dict)
    """In Terraform: the `provider` blocks, by their addresses."""
    budget: Budget = field(default_factory=Budget)
    """The budget for templates that are the value of an attribute."""


class Claim(NamedTuple):
    """Says which server a part belongs to: the part names it by its id or name."""

    kind: str
    """The field of `Server` for such parts; "" if this is only another name of a part."""
    part: Part | None
    target: Value[Any]
    """The id or the name of the server (or of what contains it)."""
    header: Span
    of: str = ""
    """Of such a name: the address of the part."""
    unseen: str = ""
    """The name of the server if it is not in sight; "" if the text of `target` is its name."""


Piece: TypeAlias = Part | Claim | Gap | Problem
"""What a reader makes of a resource: parts and their claims, and what could not be looked at."""
Reader: TypeAlias = Callable[[Resource, Context], Iterator[Piece]]
"""Reads resources of one type."""
