"""Names that evaluators give to what a file declares: members that are worked out when first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from pgflexlint.evaluate.interpreter import AnyValue, Namespace
from pgflexlint.problem import suggestion
from pgflexlint.source import Span
from pgflexlint.values import Hidden, Known, Reference, Unknown


def shown(address: str) -> str:
    """What a resource that is referred to is called in a sentence: names that are not known are left out."""
    known = re.split(r"[{<]", address, maxsplit=1)[0]
    return address if known == address else known.rpartition("/")[0]


class Lazy(Namespace):
    """Members that are worked out when first asked for; one that needs itself is a cycle."""

    def __init__(
        self,
        names: Iterable[str],
        resolve: Callable[[str], AnyValue],
        describe: Callable[[str], str],
        on_cycle: Callable[[str], AnyValue],
        *,
        traced: bool = True,
        secure: Callable[[str], bool | Hidden | None] = lambda name: None,
        on_missing: Callable[[str, Span], None] = lambda sentence, span: None,
    ) -> None:
        """`on_missing` is told what is missing, as a sentence, and where it is asked for."""
        self.traced = traced
        self.on_missing = on_missing
        self._secure = secure
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

    def secure(self, name: str) -> bool | Hidden | None:  # noqa: D102 - as in Namespace
        return self._secure(name)

    def missing(self, name: str, span: Span) -> str:  # noqa: D102 - as in Namespace
        clause = f"{self._describe(name)} is not declared"
        self.on_missing(clause + suggestion(name, self._names), span)
        return clause


def _keyed(value: AnyValue) -> AnyValue:
    """A value under a name: wherever the name is used, it is one value although nobody knows which."""
    if isinstance(value, Known) or value.key is not None or value.reference is not None or value.parts:
        return value
    return replace(value, key=object())


class Declared(dict[str, AnyValue], Namespace):
    """Names under which there are declarations; taking one is no step on the way of a value."""

    traced = False

    def __init__(self, members: Mapping[str, AnyValue], missing: str, on_missing: Callable[[str, Span], None]) -> None:
        """`missing` says as a clause that `{}` is not there; `on_missing` is as in `Lazy`."""
        super().__init__(members)
        self._missing = missing
        self._on_missing = on_missing

    def missing(self, name: str, span: Span) -> str:
        """That there is no such declaration."""
        clause = self._missing.format(name)
        self._on_missing(f"{clause}.", span)
        return clause


class ResourceObject(Namespace):
    """One instance of a resource: what is written, and for everything else a reference to what will be."""

    closed = False

    def __init__(self, address: str, written: Mapping[str, AnyValue], place: Span) -> None:
        self.address = address
        self._written = written
        self._place = place

    def __getitem__(self, name: str) -> AnyValue:
        reference = Reference(self.address, name)
        value = self._written.get(name)
        if value is not None and not (isinstance(value, Known) and value.value is None):
            if isinstance(value, Known) and _are_blocks(value.value):
                value = opened(value, self.address, name, self._place, str)
            known_by = value.reference if name != "name" else None  # others refer to this resource by its name
            return value if known_by else replace(value, reference=reference)
        reason = f"'{name}' of {shown(self.address)} is known only after deployment"
        return Unknown(reason, self._place, reference=reference, never_null=name == "id")

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def describe(self, name: str) -> str:  # noqa: D102 - as in Namespace
        return f"attribute '{name}' of {shown(self.address)}"


def _are_blocks(value: object) -> bool:
    """Whether a value is a list of nested blocks, to which the provider may add attributes."""
    return isinstance(value, tuple) and any(isinstance(each, Known) and isinstance(each.value, Lazy) for each in value)


class Inside(Namespace):
    """What is written of an object inside a resource; the platform may know more of it."""

    def __init__(
        self, address: str, path: str, written: Mapping[str, AnyValue], place: Span, fold: Callable[[str], str]
    ) -> None:
        """`path` is where it is in the resource, such as `properties.subnets[0]`; `fold` makes equal names alike."""
        self._address = address
        self._path = path
        self._written = written
        self._names = {fold(name): name for name in written}
        self._place = place
        self._fold = fold

    def __getitem__(self, name: str) -> AnyValue:
        path = f"{self._path}.{name}"
        spelled = self._names.get(self._fold(name))
        value = None if spelled is None else self._written[spelled]
        if value is None or (isinstance(value, Known) and value.value is None):
            reason = f"'{path}' of {shown(self._address)} is known only after deployment"
            reference = Reference(self._address, self._fold(path))
            return Unknown(reason, self._place, reference=reference, never_null=self._fold(name) == "id")
        return opened(value, self._address, path, self._place, self._fold)

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def __len__(self) -> int:
        return len(self._names)

    def describe(self, name: str) -> str:
        """Where it is written."""
        return f"'{self._path}.{name}' of {shown(self._address)}"


def opened(value: AnyValue, address: str, path: str, place: Span, fold: Callable[[str], str]) -> AnyValue:
    """A value that is written inside a resource, where the objects in it may have more members."""
    match value:
        case Known(Mapping() as written):
            return replace(value, value=Inside(address, path, written, place, fold))
        case Known(tuple() as items) if any(
            isinstance(each, Known) and isinstance(each.value, Mapping) for each in items
        ):
            inner = (opened(each, address, f"{path}[{index}]", place, fold) for index, each in enumerate(items))
            return replace(value, value=type(items)(inner))
        case _:
            return value


class ModuleOutputs(Namespace):
    """The outputs of a module as its caller sees them."""

    def __init__(self, outputs: Lazy, module: str) -> None:
        self._outputs = outputs
        self._module = module

    def __getitem__(self, name: str) -> AnyValue:
        return self._outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)

    def describe(self, name: str) -> str:
        """Which output it is."""
        return f"output '{name}' of module '{self._module}'"

    def missing(self, name: str, span: Span) -> str:
        """That there is no such output."""
        clause = f"module '{self._module}' has no output '{name}'"
        self._outputs.on_missing(clause + suggestion(name, self._outputs), span)
        return clause


class Inherited(Namespace):
    """The parameters of the file that a parameter file extends."""

    def __init__(self, given: Mapping[str, AnyValue], described: Mapping[str, str], base: str) -> None:
        """`described` tells of each, for traces, where it stands; `base` is what is extended, as it is written."""
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
