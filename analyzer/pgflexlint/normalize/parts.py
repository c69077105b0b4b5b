"""What the readers of azurerm's and of ARM's resources share: the fields of every part, and some whole parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pgflexlint.model import Replica
from pgflexlint.normalize.claims import Claim, Piece
from pgflexlint.normalize.reading import typed
from pgflexlint.resource import Language, Resource
from pgflexlint.source import Span
from pgflexlint.values import Unknown, Value, decide


def common(resource: Resource) -> dict[str, Any]:
    """The fields of `Part` for the part that a resource is."""
    return {
        "address": resource.address,
        "label": resource.called + resource.instance,
        "header": resource.header,
        "language": resource.language,
        "calls": resource.calls,
        "module": resource.module,
        "maybe": resource.maybe,
        "left_alone": resource.lifecycle.ignored,
        "as_arm": _as_arm(resource),
    }


def _as_arm(resource: Resource) -> tuple[Span, ...]:
    """As `Part.as_arm`. In Terraform, ARM's types are those with a slash."""
    if resource.language is not Language.TERRAFORM or "/" not in resource.type:
        return ()
    return (resource.header, *(value.span for value in resource.attributes.values()))


def replica_of(source: Value[Any] | None, create_mode: Value[str], common_: dict[str, Any]) -> Iterator[Piece]:
    """A replica as a part of the server that it is made from."""
    answer = decide(create_mode, lambda mode: mode == "Replica")
    if source is not None and answer is not False:
        maybe = common_["maybe"] or (answer if isinstance(answer, Unknown) else None)
        yield Claim("replicas", Replica(**{**common_, "maybe": maybe}), source, common_["header"])


def standard(tier: Value[Any]) -> Value[bool]:
    """The pricing tier of a Defender plan: whether it is on."""
    return typed(tier, lambda word: {"standard": True, "free": False}.get(str(word).lower()), "'Free' or 'Standard'")
