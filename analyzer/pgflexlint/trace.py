"""Finds a resource by the name that a person uses, and its values: as written, and as the rules see them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.evaluate.names import whole
from pgflexlint.lazily import compiled
from pgflexlint.model import Part, Parts, Server
from pgflexlint.normalize.assemble import assemble
from pgflexlint.resource import Deployment, Language, Resource
from pgflexlint.values import Known, Unknown, Value

_STEP = compiled(r"""\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[["']([^"']*)["']\]|\.([^.\[\]]+)""")
_COMMON = frozenset(Part.__struct_fields__)
_ASKED = "trace asks for it"
"""The reason of the unknown value that stands for an attribute that is not written."""
DEPTH = 6
"""The most levels of values inside others that are listed."""
ROWS = 500
"""The most values of a resource that are listed."""


class Row(NamedTuple):
    """A value and its name."""

    name: str
    value: Value[Any]


class Found(NamedTuple):
    """A resource in one deployment."""

    deployment: Deployment
    resource: Resource
    part: Part | None
    """The part of the model that it became."""
    rest: str
    """The rest of the name, after that of the resource."""

    @property
    def written(self) -> list[Row]:
        """Its written values; each nested value is a row."""
        rows = (row for name, value in self.resource.attributes.items() for row in _flat(name, value, DEPTH))
        return [row for row, _ in zip(rows, range(ROWS), strict=False)]

    @property
    def judged(self) -> list[Row]:
        """Its values as the rules see them."""
        return list(_of_model(self.part)) if self.part else []

    @property
    def directories(self) -> frozenset[str]:
        """The directories of the files that the value comes from, or the resource if no value is asked for."""
        value = self.value()
        values = [row.value for row in (*self.written, *self.judged)] if value is None else [value]
        spans = [self.resource.header, *self.resource.calls, *(each.span for each in values)]
        spans += [step.span for each in values for step in each.trace]
        return frozenset(posixpath.dirname(span.file.path) for span in spans)

    def value(self) -> Value[Any] | None:
        """The value that `rest` names: a written one, or else one that the rules see; None if there is neither."""
        steps = _steps(self.rest)
        if not steps:
            return None
        first, *others = steps
        for start in (self.resource.attributes, _mapping(self.resource.attributes.get("properties"))):
            value = _member(start, first)
            found = value if value is None else _inside(value, others)
            if found is not None:
                return found
        name = ".".join(steps)
        if isinstance(self.part, Server) and first == "parameters" and others:
            return self.part.parameter(".".join(others))
        judged = next((row.value for row in self.judged if row.name == name), None)
        return self._left_out(steps) if judged is None else judged

    def _left_out(self, steps: list[str]) -> Value[Any] | None:
        """The value that the rules see for an attribute of a server that is not written; None if the model has none.

        To find its field, the server is read once more with an unknown value under the attribute's name: the field is
        the one that holds this value.
        """
        if not (isinstance(self.part, Server) and self.part.declared):
            return None
        below_properties = self.resource.language is not Language.TERRAFORM and steps[0].lower() != "properties"
        path = ["properties", *steps] if below_properties else steps
        attributes = _written(self.resource.attributes, path, Unknown(_ASKED, self.resource.header))
        asked = replace(self.resource, attributes=attributes)
        resources = tuple(asked if each is self.resource else each for each in self.deployment.resources)
        parts = _parts(assemble(replace(self.deployment, resources=resources)))
        rows = (row for part in parts if part.address == asked.address for row in _of_model(part))
        fields = {row.name for row in rows if isinstance(row.value, Unknown) and row.value.reason == _ASKED}
        found = [row.value for row in self.judged if row.name in fields]
        return found[0] if len(found) == 1 else None


def look_up(deployments: Iterable[Deployment], name: str) -> list[Found]:
    """The resources that a name begins with, by their addresses; if there is none, by their symbols and names."""
    by_rank: dict[tuple[int, int], list[Found]] = {}
    for deployment in deployments:
        parts: dict[str, Part] | None = None
        for resource in deployment.resources:
            for rank, called in enumerate(_names(resource)):
                if not _begins(name, called):
                    continue
                if parts is None:
                    parts = {part.address: part for part in _parts(assemble(deployment))}
                found = Found(deployment, resource, parts.get(resource.address), name[len(called) :])
                by_rank.setdefault((rank, -len(called)), []).append(found)
                break
    return by_rank[min(by_rank)] if by_rank else []


def addresses(deployments: Iterable[Deployment]) -> list[str]:
    """The addresses of all resources."""
    return list(dict.fromkeys(each.address for deployment in deployments for each in deployment.resources))


def servers(deployments: Iterable[Deployment]) -> list[str]:
    """The addresses of the servers that are declared."""
    parts = (part for deployment in deployments for part in assemble(deployment))
    return list(dict.fromkeys(part.address for part in parts if isinstance(part, Server) and part.declared))


def completed(deployments: Iterable[Deployment], name: str) -> list[str]:
    """The complete names for a name that lacks the module, the type or the index."""
    return list(
        dict.fromkeys(
            f"{resource.address}{name[len(called) :]}"
            for deployment in deployments
            for resource in deployment.resources
            for called in _ends(resource)
            if _begins(name, called)
        )
    )


def _ends(resource: Resource) -> Iterator[str]:
    """The address with and without its index, and what follows each dot in it."""
    for address in dict.fromkeys((resource.address, resource.address.removesuffix(resource.instance))):
        yield from (address[at + 1 :] for at, character in enumerate(address) if character == ".")
        yield address


def _begins(name: str, called: str) -> bool:
    return bool(called) and name.startswith(called) and name[len(called) : len(called) + 1] in ("", ".", "[")


def _names(resource: Resource) -> Iterator[str]:
    """The names of a resource: its address, its symbol, its name in Azure."""
    yield resource.address
    if resource.language is not Language.TERRAFORM:
        yield resource.label
        name = resource.attributes.get("name")
        yield str(name.value) if isinstance(name, Known) else ""


def _parts(parts: Iterable[Part]) -> Iterator[Part]:
    """Parts, with the parts that they hold."""
    for part in parts:
        yield part
        if isinstance(part, Server):
            for each in part.__struct_fields__:
                held = getattr(part, each)
                if isinstance(held, Parts):
                    yield from held


def _of_model(value: Struct, prefix: str = "") -> Iterator[Row]:
    """The values of a part. Those of its groups (`network`, `backup`, …) have dotted names. Of the server's parameters
    only those are listed that are written."""
    for field in value.__struct_fields__:
        if field in _COMMON:
            continue
        member, name = getattr(value, field), f"{prefix}{field}"
        if isinstance(member, Known | Unknown):
            yield Row(name, member)
        elif isinstance(member, Struct) and not isinstance(member, Parts | Part):
            yield from _of_model(member, f"{name}.")
    if isinstance(value, Server):
        written = (parameter.name for parameter in value.parameters)
        for name in dict.fromkeys(each.value for each in written if isinstance(each, Known)):
            yield Row(f"parameters.{name}", value.parameter(name))


def _flat(name: str, value: Value[Any], depth: int) -> Iterator[Row]:
    """A value; of an object or a list of objects, the values in it."""
    if depth and isinstance(value, Known):
        match value.value:
            case Mapping() as members if members and not whole(members):
                for key in members:
                    yield from _flat(
                        f"{name}.{key}" if key.isidentifier() else f'{name}["{key}"]', members[key], depth - 1
                    )
                return
            case tuple() as items if any(isinstance(_bare(item), Mapping) for item in items):
                for index, item in enumerate(items):
                    yield from _flat(name if len(items) == 1 else f"{name}[{index}]", item, depth - 1)
                return
    yield Row(name, value)


def _bare(value: Value[Any]) -> Any:
    return value.value if isinstance(value, Known) else None


def _steps(rest: str) -> list[str]:
    return ["".join(group for group in match.groups() if group) for match in _STEP.finditer(rest)]


def _mapping(value: Value[Any] | None) -> Mapping[str, Value[Any]]:
    bare = _bare(value) if value is not None else None
    return bare if isinstance(bare, Mapping) else {}


def _written(members: Mapping[str, Value[Any]], path: list[str], value: Value[Any]) -> dict[str, Value[Any]]:
    """The members, with one more value at a path of names and indices."""
    first, *others = path
    key = _spelled(members, first)
    return {**members, key: _replaced(members.get(key), others, value)}


def _replaced(old: Value[Any] | None, path: list[str], value: Value[Any]) -> Value[Any]:
    """The old value, with one more value inside, at a path that may begin with an index."""
    if not path:
        return value
    bare = _bare(old) if old is not None else None
    items = bare if isinstance(bare, tuple) else ()
    first, *others = path
    if first.isdecimal() and not isinstance(bare, Mapping):
        blocks = items or (Known({}, value.span),)  # the first block may be one that is not written
        changed = (_replaced(each, others, value) if str(at) == first else each for at, each in enumerate(blocks))
        return Known(tuple(changed), value.span)
    if len(items) == 1:
        return Known((_replaced(items[0], path, value),), value.span)
    return Known(_written(_mapping(old), path, value), value.span)


def _spelled(members: Mapping[str, Value[Any]], name: str) -> str:
    """The key that a name means. ARM compares names without case. If there is no such key, it is the name itself."""
    return name if name in members else next((key for key in members if key.lower() == name.lower()), name)


def _member(members: Mapping[str, Value[Any]], name: str) -> Value[Any] | None:
    return members.get(_spelled(members, name))


def _inside(value: Value[Any], steps: list[str]) -> Value[Any] | None:
    """The value at a path inside a value. Inside an unknown value, everything is unknown for its reason."""
    for step in steps:
        if isinstance(value, Unknown):
            return value
        bare = value.value
        if isinstance(bare, tuple) and step.isdecimal():
            found = next((item for at, item in enumerate(bare) if str(at) == step), None)
        elif isinstance(bare, tuple) and len(bare) == 1:  # a nested block of which there is one
            found = _member(_mapping(bare[0]), step)
        else:
            found = _member(_mapping(value), step)
        if found is None:
            return None
        value = found
    return value
