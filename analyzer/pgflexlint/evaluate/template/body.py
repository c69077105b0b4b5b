"""The body of a resource of ARM."""

from __future__ import annotations

from pgflexlint.evaluate.members import AnyValue, member, object_members


def top_level(body: AnyValue) -> dict[str, AnyValue]:
    """The top-level members of a resource's body, by name in lower case. If the body is known only in part,
    `properties` and `sku` are unknown unless they are written."""
    members, unseen = object_members(body)
    written = {name.lower(): value for name, value in members.items()}
    if unseen is None:
        return written
    return {name: member(unseen, name, unseen.span, optional=True) for name in ("properties", "sku")} | written
