"""Namespaces of declarations, resources and modules. Their members are evaluated when they are first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import Budget, bounded
from pgflexlint.evaluate.members import AnyValue, Namespace
from pgflexlint.problem import suggestion
from pgflexlint.resource import Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, PartlySensitive, Reference, Unknown, is_null


def shown(address: str) -> str:
    """The address of a resource in a sentence: without its end if a name in that is unknown."""
    known = re.split(r"[{<]", address, maxsplit=1)[0]
    return address if known == address else known.rpartition("/")[0]


class Lazy(Namespace):
    """Members that are evaluated when they are first asked for. A member that depends on itself is a cycle."""

    def __init__(
        self,
        names: Iterable[str],
        resolve: Callable[[str], AnyValue],
        describe: Callable[[str], str],
        on_cycle: Callable[[str], AnyValue],
        *,
        traced: bool = True,
        sensitive: Callable[[str], bool | PartlySensitive | None] = lambda name: None,
        on_missing: Callable[[str, Span], None] = lambda sentence, span: None,
    ) -> None:
        """`on_missing` gets a sentence that says what is missing, and the place where it is asked for."""
        self.traced = traced
        self.on_missing = on_missing
        self._sensitive = sensitive
        self._names = dict.fromkeys(names)
        self._resolve = resolve
        self._describe = describe
        self._on_cycle = on_cycle
        self._cache: dict[str, AnyValue] = {}
        self._busy: set[str] = set()

    def __getitem__(self, name: str) -> AnyValue:
        if name in self._cache:
            return self._cache[name]
        if name not in self._names:
            raise KeyError(name)
        if name in self._busy:
            return self._on_cycle(name)
        self._busy.add(name)
        try:
            self._cache[name] = _keyed(self._resolve(name))
        finally:
            self._busy.discard(name)
        return self._cache[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def describe(self, name: str) -> str:  # noqa: D102 - as in Namespace
        return self._describe(name)

    def sensitive(self, name: str) -> bool | PartlySensitive | None:  # noqa: D102 - as in Namespace
        return self._sensitive(name)

    def missing(self, name: str, span: Span) -> str:  # noqa: D102 - as in Namespace
        clause = f"{self._describe(name)} is not declared"
        self.on_missing(clause + suggestion(name, self._names), span)
        return clause


def _keyed(value: AnyValue) -> AnyValue:
    """A value with a key, if it is unknown: wherever its name is used, it is the same value."""
    if isinstance(value, Known) or value.key is not None or value.reference is not None or value.parts:
        return value
    return replace(value, key=object())


class Declared(dict[str, AnyValue], Namespace):
    """Names under which there are declarations. Taking one is no step of a trace."""

    traced = False

    def __init__(self, members: Mapping[str, AnyValue], missing: str, on_missing: Callable[[str, Span], None]) -> None:
        """`missing` is the clause for a missing name, with `{}` for the name; `on_missing` is as in `Lazy`."""
        super().__init__(members)
        self._missing = missing
        self._on_missing = on_missing

    def missing(self, name: str, span: Span) -> str:
        """That there is no such declaration."""
        clause = self._missing.format(name)
        self._on_missing(f"{clause}.", span)
        return clause


class ResourceObject(Namespace):
    """One instance of a resource: the attributes that are written, and an unknown with a reference for any other."""

    closed = False

    def __init__(self, address: str, written: Mapping[str, AnyValue], place: Span) -> None:
        self.address = address
        self.written = written
        self.place = place

    def __getitem__(self, name: str) -> AnyValue:
        reference = Reference(self.address, name)
        value = self.written.get(name)
        if value is not None and not is_null(value):
            if isinstance(value, Known) and _are_blocks(value.value):
                value = opened(value, self.address, name, self.place, str)
            known_by = value.reference if name != "name" else None  # others refer to this resource by its name
            return value if known_by else replace(value, reference=reference)
        reason = f"'{name}' of {shown(self.address)} is known only after deployment"
        return Unknown(reason, self.place, reference=reference, never_null=name == "id")

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.written)

    def __len__(self) -> int:
        return len(self.written)

    def describe(self, name: str) -> str:  # noqa: D102 - as in Namespace
        return f"attribute '{name}' of {shown(self.address)}"


def _are_blocks(value: object) -> bool:
    """Whether a value is a list of nested blocks: the provider may add attributes to them."""
    return isinstance(value, tuple) and any(isinstance(each, Known) and isinstance(each.value, Lazy) for each in value)


class PlatformObject(Namespace):
    """An object inside a resource, as the platform returns it: the written members, and others that it may add."""

    def __init__(
        self, address: str, path: str, written: Mapping[str, AnyValue], place: Span, fold: Callable[[str], str]
    ) -> None:
        """`path` is its path in the resource, such as `properties.subnets[0]`. `fold` is as in `Equality`."""
        self.address = address
        self._path = path
        self.written = written
        self._names = {fold(name): name for name in written}
        self._place = place
        self._fold = fold

    def __getitem__(self, name: str) -> AnyValue:
        path = f"{self._path}.{name}"
        spelled = self._names.get(self._fold(name))
        value = None if spelled is None else self.written[spelled]
        if value is None or is_null(value):
            reason = f"'{path}' of {shown(self.address)} is known only after deployment"
            reference = Reference(self.address, self._fold(path))
            return Unknown(reason, self._place, reference=reference, never_null=self._fold(name) == "id")
        return opened(value, self.address, path, self._place, self._fold)

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def __len__(self) -> int:
        return len(self._names)

    def describe(self, name: str) -> str:
        """Where it is written."""
        return f"'{self._path}.{name}' of {shown(self.address)}"


def opened(value: AnyValue, address: str, path: str, place: Span, fold: Callable[[str], str]) -> AnyValue:
    """A value inside a resource. Each object in it becomes a `PlatformObject`: the platform may add members to it."""
    match value:
        case Known(ResourceObject() | ModuleOutputs()):
            return value
        case Known(Mapping() as written):
            return replace(value, value=PlatformObject(address, path, written, place, fold))
        case Known(tuple() as items) if any(
            isinstance(each, Known) and isinstance(each.value, Mapping) for each in items
        ):
            inner = (opened(each, address, f"{path}[{index}]", place, fold) for index, each in enumerate(items))
            return replace(value, value=type(items)(inner))
        case _:
            return value


class ModuleObject(Namespace):
    """What a module's symbol stands for in Bicep: its name and its outputs."""

    def __init__(self, members: Mapping[str, AnyValue], absent: bool | Unknown) -> None:
        self._members = members
        self.absent = absent

    def __getitem__(self, name: str) -> AnyValue:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def describe(self, name: str) -> str:
        """That it is a member."""
        return f"'{name}' in an object"


class ModuleOutputs(Namespace):
    """The outputs of a module, as its caller uses them."""

    def __init__(self, outputs: Lazy, module: str) -> None:
        self.written = outputs
        self.module = module

    def __getitem__(self, name: str) -> AnyValue:
        return self.written[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.written)

    def __len__(self) -> int:
        return len(self.written)

    def describe(self, name: str) -> str:
        """Which output it is."""
        return f"output '{name}' of module '{self.module}'"

    def missing(self, name: str, span: Span) -> str:
        """That there is no such output."""
        clause = f"module '{self.module}' has no output '{name}'"
        self.written.on_missing(clause + suggestion(name, self.written), span)
        return clause


class Inherited(Namespace):
    """The parameters of the parameter file that another one extends."""

    def __init__(self, given: Mapping[str, AnyValue], described: Mapping[str, str], base: str) -> None:
        """`described` says in words, for traces, where each stands. `base` is the extended file, as it is written."""
        self._given = given
        self._described = described
        self._base = base

    def __getitem__(self, name: str) -> AnyValue:
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def describe(self, name: str) -> str:
        """Where it is given."""
        return self._described[name]

    def missing(self, name: str, span: Span) -> str:
        """That there is no such parameter."""
        return f"'{self._base}' gives no parameter '{name}'"


def whole(members: Mapping[str, AnyValue]) -> str:
    """The name of a resource or module that is used as a whole value; "" for any other object.

    Resources and modules may contain each other without an end, so their members are never listed.
    """
    if isinstance(members, ResourceObject):
        return shown(members.address)
    return f"module.{members.module}" if isinstance(members, ModuleOutputs) else ""


def written(members: Mapping[str, AnyValue]) -> Mapping[str, AnyValue]:
    """The members of an object that are written, without what the platform adds. Always the same mapping object."""
    while isinstance(members, ResourceObject | PlatformObject | ModuleOutputs):
        members = members.written
    return members


_SCALARS = frozenset({str, int, float, bool, type(None)})


def _worked_out(value: AnyValue, budget: Budget, seen: dict[int, Any]) -> AnyValue:
    """Evaluate everything in a value and return the value. Raises `SpentError`.

    `seen` are the lists and objects that are done, by their identity.
    """
    todo = [value]
    while todo:
        each = todo.pop()
        if type(each) is Known and type(each.value) in _SCALARS:
            continue
        if isinstance(each, Unknown):
            todo += (
                *each.parts,
                *each.candidates,
                *each.some,
                *(() if each.known_part is None else (each.known_part,)),
            )
        elif isinstance(each, Known) and isinstance(each.value, Mapping | tuple):
            container = written(each.value) if isinstance(each.value, Mapping) else each.value
            if id(container) in seen:
                continue
            seen[id(container)] = container
            if isinstance(container, tuple):
                todo += container
                continue
            for name in container:
                budget.spend()
                todo.append(container[name])
    return value


def fully_evaluated(resources: Iterable[Resource], budget: Budget) -> Iterator[Resource]:
    """Resources with all their values evaluated, so that nothing that uses them later passes a bound.

    A value that passes a bound here becomes unknown. Raises `SpentError` if the whole root has to be given up.
    """
    seen: dict[int, Any] = {}
    for resource in resources:
        changed: dict[str, AnyValue] = {}
        for name, value in resource.attributes.items():
            if type(value) is Known and type(value.value) in _SCALARS:
                continue
            found = bounded(partial(_worked_out, value, budget, seen), value.span, budget)
            if found is not value:
                changed[name] = found
        yield replace(resource, attributes={**resource.attributes, **changed}) if changed else resource
