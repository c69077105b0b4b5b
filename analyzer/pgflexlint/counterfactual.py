"""A deployment as it would be known without some files: what depends on them becomes unknown.

A finding that is no longer found there depends on these files. So a run that is given files shows the findings that
these files cause, wherever the findings are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from pgflexlint.normalize.assemble import added
from pgflexlint.resource import UPDATE, Deployment, Gap, Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value

_WHY = "a file that was named decides it"


def without_files(deployment: Deployment, files: frozenset[str]) -> Deployment:
    """The deployment without what some files say.

    - A value is unknown if its trace leads through one of the files. A reference to a resource stays known if only the
      resource itself is in one of them.
    - A resource may or may not exist if one of the files declares it, or decides whether it exists.
    - If one of the files decides how many resources of a type there are, a gap stands for those that may be added.
    """
    rest = _WithoutFiles(deployment.resources, files)
    resources = tuple(map(rest.resource, deployment.resources))
    gaps = deployment.gaps
    decided = [type_ for type_, deciding in deployment.decided_in.items() if not files.isdisjoint(deciding)]
    kinds = frozenset[str]().union(*map(added, decided))
    if resources and kinds:
        gaps = (*gaps, Gap(_undecided(resources[0].header), kinds=kinds))
    return replace(deployment, resources=resources, gaps=gaps)


def decide_updates(deployment: Deployment, files: frozenset[str]) -> bool:
    """Whether one of the files decides how many `azapi_update_resource` there are: they may set anything."""
    return not files.isdisjoint(deployment.decided_in.get(UPDATE, ()))


def _undecided(span: Span) -> Unknown:
    return Unknown(_WHY, span)


class _WithoutFiles:
    """Makes unknown what comes from some files, in resources and their values."""

    def __init__(self, resources: Iterable[Resource], files: frozenset[str]) -> None:
        self._files = files
        self._resources = {resource.address: resource for resource in resources}
        self._headers = {resource.header for resource in self._resources.values()}
        self._seen: dict[int, tuple[Any, Any]] = {}
        """By identity, lists and objects with what remains known of each: many values may share one."""

    def resource(self, resource: Resource) -> Resource:
        maybe = resource.maybe
        if maybe is None and not self._files.isdisjoint((resource.header.file.path, *resource.decided_in)):
            maybe = _undecided(resource.header)
        null = {name: value for name, value in resource.null.items() if self._comes_from_files(value)}
        attributes = {name: self._known(value) for name, value in {**resource.attributes, **null}.items()}
        return replace(resource, attributes=attributes, maybe=maybe)

    def _known(self, value: Value[Any]) -> Value[Any]:
        """What remains known of a value and of its members."""
        if self._comes_from_files(value):
            return _undecided(value.span)
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

    def _comes_from_files(self, value: Value[Any]) -> bool:
        steps = [step for step in value.trace if step.span.file.path in self._files]
        if not steps or value.reference is None:
            return bool(steps)
        referred = self._resources.get(value.reference.address)
        own = referred.attributes.get(value.reference.attribute) if referred is not None else None
        itself = set(self._headers if own is None else (own.span, *(step.span for step in own.trace)))
        return any(step.span not in itself for step in steps)


def _differ(made: Iterable[Value[Any]], of: Iterable[Value[Any]]) -> bool:
    return any(one is not other for one, other in zip(made, of, strict=True))
