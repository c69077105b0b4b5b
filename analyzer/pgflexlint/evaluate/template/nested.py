"""Templates that have to be evaluated: `template` of a deployment in Bicep, or an expression in its place.

https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates#nested-template. The evaluated
object becomes the JSON that the platform receives, and is read like any template. A value in it that is unknown, or
that has a trace, becomes a parameter of this template. So its reason and its trace are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.evaluate.bounds import VALUE_DEPTH_LIMIT, too_deep
from pgflexlint.evaluate.members import object_members
from pgflexlint.source import Span
from pgflexlint.syntax.arm import reader
from pgflexlint.syntax.jsonc import Array, Member, Node, Object, Scalar
from pgflexlint.syntax.template import Parameter, Template, Type
from pgflexlint.values import Known, Unknown, Value, merge_traces

_STATIC = frozenset({"$schema", "apiversion", "contentversion", "existing", "name", "scope", "type"})
"""The members that say what a resource is and where. They stay as they are and do not become parameters."""


_DECLARING = ("", "resources", "template")
"""The names of the objects whose `resources` are resources: the template itself, resources, and deployments."""


class Nested(Struct, frozen=True):
    """A template that was evaluated."""

    template: Template
    given: Mapping[str, Value[Any]]
    """The values of the parameters that stand for some of its members."""
    files: frozenset[str]
    """The paths of the files that it came from."""
    gaps: tuple[Unknown, ...]
    """Why it may declare further resources."""


def template_of(value: Value[Any], *, inner: bool) -> Nested | Unknown:
    """The template that an object describes. Raises `LimitError`.

    With `inner` the deployment gets its texts as they are: what looks like an expression is none, because Bicep escapes
    it.
    """
    if isinstance(value, Unknown):
        return value
    if not isinstance(value.value, Mapping):
        return Unknown("its template is not an object", value.span, value.trace)
    nodes = _Nodes(value.span, inner)
    root = nodes.node(value, "", 0)
    assert isinstance(root, Object)
    template = reader.lower(root)
    own = {name: Parameter(name, given.span, None, Type()) for name, given in nodes.given.items()}
    whole = replace(template, parameters={**template.parameters, **own})
    return Nested(whole, nodes.given, frozenset(nodes.files), tuple(nodes.gaps))


class _Nodes:
    """Turns values into nodes of JSON, all of them in one file."""

    def __init__(self, place: Span, inner: bool) -> None:
        self._file = place.file
        self._escaped = inner
        self.given: dict[str, Value[Any]] = {}
        """The values that stand for parameters."""
        self.files: set[str] = set()
        self.gaps: list[Unknown] = []

    def node(self, value: Value[Any], key: str, depth: int) -> Node:
        if depth > VALUE_DEPTH_LIMIT:
            raise too_deep()
        self.files.update(step.span.file.path for step in value.trace)
        start, end = value.span.start, value.span.end
        match value:
            case Known(tuple() as items):
                inside = (self.node(self._held(item, value), key, depth + 1) for item in items)
                return Array(self._file, start, end, tuple(inside))
            case Known(Mapping() as members):
                return self._object(value, members, key, depth)
            case Known(str() as text) if text.startswith("["):
                return Scalar(self._file, start, end, f"[{text}" if self._escaped else text)
            case Known(scalar) if key in _STATIC or not value.trace:
                return Scalar(self._file, start, end, scalar)
            case _:
                return self._parameter(value)

    def _object(self, value: Known[Any], written: Mapping[str, Value[Any]], key: str, depth: int) -> Node:
        members, unseen = object_members(value)
        if unseen is not None:
            return self._parameter(unseen)
        made: list[Member] = []
        for name in written:
            held = self._held(members[name], value)
            if name.lower() == "resources" and key in _DECLARING:
                held = self._declared(held)
            node = self.node(held, name.lower(), depth + 1)
            made.append(Member(name, node.start, node.start, node))
        by_key = {member.key: member for member in made}
        return Object(self._file, value.span.start, value.span.end, tuple(made), by_key)

    def _declared(self, resources: Value[Any]) -> Value[Any]:
        """The resources that are known. Those that there may be besides are a gap."""
        items = resources.value if isinstance(resources, Known) else resources.members
        if isinstance(resources, Unknown):
            self.gaps.append(resources)
        if not isinstance(items, tuple):
            return resources if isinstance(resources, Known) else Known((), resources.span)
        self.gaps += (each for each in items if isinstance(each, Unknown))
        known = tuple(each for each in items if isinstance(each, Known))
        return Known(known, resources.span, resources.trace)

    def _parameter(self, value: Value[Any]) -> Node:
        name = f"\ue000{len(self.given)}"
        self.given[name] = value
        return Scalar(self._file, value.span.start, value.span.end, f"[parameters('{name}')]")

    def _held(self, value: Value[Any], holder: Known[Any]) -> Value[Any]:
        """A member with the trace of its holder. A member from another file is moved to the place of the holder."""
        if value.span.file is not self._file:
            value = value.via(holder.span, "the template")
        return replace(value, trace=merge_traces((value, holder))) if holder.trace else value
