"""ARM's function `reference`: the state of a resource or deployment that the template itself declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pgflexlint.evaluate.equality import made_of
from pgflexlint.evaluate.interpreter import Scope, contained
from pgflexlint.evaluate.members import AnyValue, member
from pgflexlint.evaluate.names import Lazy, ResourceObject
from pgflexlint.evaluate.template.naming import Naming
from pgflexlint.syntax import template as syntax
from pgflexlint.values import Known, Unknown


class RuntimeReferences:
    """Answers `reference(…)` in one template."""

    def __init__(
        self,
        naming: Naming,
        scope: Scope,
        resource_values: Lazy,
        outputs: Callable[[str, str], Mapping[str, AnyValue] | None],
    ) -> None:
        """`outputs` gives the outputs of one instance of a module, by the symbol of the module and the suffix
        (`[0]`)."""
        self.naming = naming
        self.scope = scope
        self._resource_values = resource_values
        self._outputs = outputs
        self._by_name: dict[str, str] | None = None

    def answer(self, value: AnyValue, *, full: bool) -> AnyValue | None:
        """The answer of `reference(value)`; None if the template does not declare what `value` stands for.

        `value` is a symbol, a name or an id. With `full` the answer is the whole resource, else only its properties.
        """
        for symbol in self._symbols(value, self.naming.modules, self._module_identity):
            return self._state_of_module(symbol, _index_in(value))
        for symbol in self._symbols(value, self.naming.resources, self._resource_identity):
            found = self._resource_values[symbol]
            index = _index_in(value)
            if index is not None:
                found = member(found, index, value.span)
            if isinstance(found, Unknown):
                return found
            if isinstance(found.value, ResourceObject):
                return found if full else found.value["properties"]
        return None

    def _symbols(
        self, value: AnyValue, declarations: Mapping[str, syntax.Declaration], known_as: Callable[[str], str]
    ) -> Iterator[str]:
        """The symbols of the declarations that `value` stands for. `known_as` gives the identity of each symbol."""
        if isinstance(value, Known) and isinstance(value.value, str):
            symbol = value.value.partition("[")[0]
            if symbol in declarations and (declarations[symbol].loop is None) == (symbol == value.value):
                yield symbol
            elif (only := self._symbol_of(value.value)) in declarations:
                yield only
        elif value.reference is not None and value.reference.attribute == "id":
            address = value.reference.address
            single = (symbol for symbol, each in declarations.items() if each.loop is None)
            yield from (symbol for symbol in single if known_as(symbol) == address)

    def _symbol_of(self, name: str) -> str:
        """The symbol of the resource or module with this name; "" if there is none, or more than one."""
        if self._by_name is None:
            self._by_name = {}  # what a name needs itself to be worked out is not found by its name
            found: dict[str, str] = {}
            all_: dict[str, syntax.Module | syntax.Resource] = {**self.naming.modules, **self.naming.resources}
            for symbol, each in all_.items():
                known = None if each.loop or each.name is None else contained(each.name, self.scope)
                if isinstance(known, Known):
                    key = str(known.value).lower()
                    found[key] = "" if key in found else symbol
            self._by_name = found
        return self._by_name.get(name.lower(), "")

    def _module_identity(self, symbol: str) -> str:
        return self.naming.of_module(self.naming.modules[symbol], self.scope)

    def _resource_identity(self, symbol: str) -> str:
        return self.naming.identity(self.naming.resources[symbol], self.scope)

    def _state_of_module(self, symbol: str, index: str | None) -> AnyValue | None:
        """The answer of `reference` for a deployment: its outputs, each as `{ "value": … }`."""
        suffix = "" if index is None else f"[{index}]"
        header = self.naming.modules[symbol].header
        outputs = self._outputs(symbol, suffix)
        if outputs is None:
            return None
        if not isinstance(outputs, Elsewhere):
            outputs = {name: Known({"value": outputs[name]}, header) for name in outputs}
        return Known({"outputs": Known(outputs, header)}, header)


class Elsewhere(Mapping[str, AnyValue]):
    """The outputs of a module that is not on disk, as ARM's `reference` gives them."""

    def __init__(self, module: AnyValue) -> None:
        self._module = module

    def __getitem__(self, name: str) -> AnyValue:
        span = self._module.span
        outputs = member(self._module, "outputs", span)
        value = member(outputs, name, span)
        if isinstance(value, Unknown):
            value = made_of(value, ".", outputs, Known(name, span))
        return Known({"value": value}, span)

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _index_in(value: AnyValue) -> str | None:
    """The index in `symbol[3]`, which is how ARM names an instance of a loop."""
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return None
    return value.value.partition("[")[2].removesuffix("]") or None
