"""A deployment as it would be known without what some files say: what hangs on them turns out to be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from pgflexlint.normalize.assemble import added
from pgflexlint.resource import UPDATE, Deployment, Gap, Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value

_WHY = "a file that was named decides it"


def without(deployment: Deployment, named: frozenset[str]) -> Deployment:
    """Values whose way leads through a named file are unknown, but for which resource they refer to where that is not
    said in one: what a resource itself says of an attribute does not matter to who refers to it.

    So is whether a resource is there that is declared in one, or of which that is decided in one, and in the latter
    case whether there are others: these can add what resources of their type add, and nothing else.
    """
    rest = _Rest(deployment.resources, named)
    resources = tuple(map(rest.resource, deployment.resources))
    gaps = deployment.gaps
    decided = [type_ for type_, files in deployment.decided_in.items() if not named.isdisjoint(files)]
    kinds = frozenset[str]().union(*map(added, decided))
    if resources and kinds:
        gaps = (*gaps, Gap(_unsaid(resources[0].header), kinds=kinds))
    return replace(deployment, resources=resources, gaps=gaps)


def updates(deployment: Deployment, named: frozenset[str]) -> bool:
    """Whether a named file decides how many updates of resources there are, which may set whatever a server has."""
    return not named.isdisjoint(deployment.decided_in.get(UPDATE, ()))


def _unsaid(span: Span) -> Unknown:
    return Unknown(_WHY, span)


class _Rest:
    """What is known of resources and their values without the named files."""

    def __init__(self, resources: Iterable[Resource], named: frozenset[str]) -> None:
        self._named = named
        self._resources = {resource.address: resource for resource in resources}
        self._headers = {resource.header for resource in self._resources.values()}
        self._seen: dict[int, tuple[Any, Any]] = {}
        """Lists and objects by their identity, each with what is known of it: many values may hold one and the same."""

    def resource(self, resource: Resource) -> Resource:
        maybe = resource.maybe
        if maybe is None and not self._named.isdisjoint((resource.header.file.path, *resource.decided_in)):
            maybe = _unsaid(resource.header)
        null = {name: value for name, value in resource.null.items() if self._is_said(value)}
        attributes = {name: self._known(value) for name, value in {**resource.attributes, **null}.items()}
        return replace(resource, attributes=attributes, maybe=maybe)

    def _known(self, value: Value[Any]) -> Value[Any]:
        """What is known of a value, or of its members."""
        if self._is_said(value):
            return _unsaid(value.span)
        if not isinstance(value, Known) or not isinstance(value.value, tuple | Mapping):
            return value
        held = value.value
        if id(held) not in self._seen:
            self._seen[id(held)] = held, self._members(held)
        known = self._seen[id(held)][1]
        return value if known is held else replace(value, value=known)

    def _members(self, held: tuple[Value[Any], ...] | Mapping[str, Value[Any]]) -> Any:
        if isinstance(held, tuple):
            made = [self._known(item) for item in held]
            return type(held)(made) if _differ(made, held) else held
        kept = {name: self._known(held[name]) for name in held}
        return kept if _differ(kept.values(), held.values()) else held

    def _is_said(self, value: Value[Any]) -> bool:
        steps = [step for step in value.trace if step.span.file.path in self._named]
        if not steps or value.reference is None:
            return bool(steps)
        referred = self._resources.get(value.reference.address)
        own = referred.attributes.get(value.reference.attribute) if referred is not None else None
        itself = set(self._headers if own is None else (own.span, *(step.span for step in own.trace)))
        return any(step.span not in itself for step in steps)


def _differ(made: Iterable[Value[Any]], of: Iterable[Value[Any]]) -> bool:
    return any(one is not other for one, other in zip(made, of, strict=True))
