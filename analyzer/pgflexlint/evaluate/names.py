"""Names that evaluators give to what a file declares: members that are worked out when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from pgflexlint.evaluate.interpreter import AnyValue, Namespace
from pgflexlint.source import Span
from pgflexlint.values import Known, Reference, Unknown


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
        secure: Callable[[str], bool | None] = lambda name: None,
    ) -> None:
        self.traced = traced
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
            self._cache[name] = self._resolve(name)
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

    def secure(self, name: str) -> bool | None:  # noqa: D102 - as in Namespace
        return self._secure(name)

    def missing(self, name: str) -> str:  # noqa: D102 - as in Namespace
        return f"{self._describe(name)} is not declared"


class ResourceObject(Namespace):
    """One instance of a resource: what is written, and for everything else a reference to what will be."""

    def __init__(self, address: str, written: Mapping[str, AnyValue], place: Span) -> None:
        self.address = address
        self._written = written
        self._place = place

    def __getitem__(self, name: str) -> AnyValue:
        reference = Reference(self.address, name)
        value = self._written.get(name)
        if value is not None and not (isinstance(value, Known) and value.value is None):
            return value if value.reference else replace(value, reference=reference)
        reason = f"'{name}' of {self.address} is known only after deployment"
        return Unknown(reason, self._place, reference=reference, never_null=name == "id")

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def describe(self, name: str) -> str:  # noqa: D102 - as in Namespace
        return f"attribute '{name}' of {self.address}"


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

    def missing(self, name: str) -> str:
        """That there is no such output."""
        return f"module '{self._module}' has no output '{name}'"
