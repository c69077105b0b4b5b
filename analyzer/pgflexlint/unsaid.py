"""A deployment as it would be known without what some files say: what hangs on them turns out to be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from pgflexlint.normalize.assemble import is_read
from pgflexlint.resource import Deployment, Gap, Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value

_WHY = "a file that was named decides it"


def without(deployment: Deployment, named: frozenset[str]) -> Deployment:
    """Values whose way leads through a named file are unknown, but for which resource they refer to.

    So is whether a resource is there that is declared in one, or of which that is decided in one, and in the latter
    case whether there are others.
    """
    resources = tuple(_without(resource, named) for resource in deployment.resources)
    gaps = deployment.gaps
    decided = (files for type_, files in deployment.decided_in.items() if not type_ or is_read(type_))
    if resources and not all(map(named.isdisjoint, decided)):
        gaps = (*gaps, Gap(_unsaid(resources[0].header)))
    return replace(deployment, resources=resources, gaps=gaps)


def _unsaid(span: Span) -> Unknown:
    return Unknown(_WHY, span)


def _without(resource: Resource, named: frozenset[str]) -> Resource:
    maybe = resource.maybe
    if maybe is None and not named.isdisjoint((resource.header.file.path, *resource.decided_in)):
        maybe = _unsaid(resource.header)
    null = {name: value for name, value in resource.null.items() if _said_in(value, named)}
    attributes = {name: _known(value, named) for name, value in {**resource.attributes, **null}.items()}
    return replace(resource, attributes=attributes, maybe=maybe)


def _known(value: Value[Any], named: frozenset[str]) -> Value[Any]:
    """What is known of a value, or of its members, without the named files."""
    if _said_in(value, named):
        return _unsaid(value.span)
    match value:
        case Known(tuple() as items):
            made = [_known(item, named) for item in items]
            return replace(value, value=type(items)(made)) if _differ(made, items) else value
        case Known(Mapping() as members):
            kept = {name: _known(members[name], named) for name in members}
            return replace(value, value=kept) if _differ(kept.values(), members.values()) else value
        case _:
            return value


def _said_in(value: Value[Any], named: frozenset[str]) -> bool:
    return value.reference is None and any(step.span.file.path in named for step in value.trace)


def _differ(made: Iterable[Value[Any]], of: Iterable[Value[Any]]) -> bool:
    return any(one is not other for one, other in zip(made, of, strict=True))
