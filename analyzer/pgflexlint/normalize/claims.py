"""Parts that say which server they belong to, before anybody checked."""

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
"""What stands for the resource group that a template is deployed to: how a reference to `resourceGroup()` spells it."""


DEFENDER_PLANS, SECURITY_RULES = "defender_plans", "security_rules"
"""Kinds of parts that no server has for itself."""


class Context(Struct, frozen=True):
    """What is known of a deployment as a whole."""

    whole: bool
    """Everything that is deployed together is in sight."""
    providers: Mapping[str, tuple[Value[Any], ...]] = field(default_factory=dict)
    """Of Terraform: what `required_providers` says in each of the modules, by local name."""
    locked: Mapping[str, Value[Any]] = field(default_factory=dict)
    """Of Terraform: the versions in the lock file, by the provider's address without its registry."""
    configurations: Mapping[str, Resource] = field(default_factory=dict)
    """Of Terraform: the `provider` blocks, by their addresses."""
    budget: Budget = field(default_factory=Budget)
    """What is left for templates that are the value of an attribute, and what passed a bound in them."""


class Claim(NamedTuple):
    """A part and the server that it names."""

    kind: str
    """The field of `Server` that holds such parts; "" for a name under which a part is referred to."""
    part: Part | None
    target: Value[Any]
    """The id or the name of the server (or of what contains it)."""
    header: Span
    of: str = ""
    """Of a name: the address of the part."""
    unseen: str = ""
    """What the server is called where it cannot be told which one it is; the text of `target` where this is empty."""


Piece: TypeAlias = Part | Claim | Gap | Problem
"""What a resource comes to: parts, and what of it could not be looked at."""
Reader: TypeAlias = Callable[[Resource, Context], Iterator[Piece]]
"""What is made of a resource of one type."""
