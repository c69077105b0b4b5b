"""The names that an expression of a template can use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pgflexlint.evaluate.members import AnyValue, Namespace
from pgflexlint.problem import suggestion
from pgflexlint.source import Span
from pgflexlint.values import PartlySensitive


class Names(Namespace):
    """The bare names of one template, such as parameters, variables, resources, modules and functions in Bicep."""

    def __init__(
        self,
        tables: Mapping[str, Namespace | Mapping[str, AnyValue]],
        on_missing: Callable[[str, Span], None] = lambda sentence, span: None,
    ) -> None:
        """The first of `tables` that has a name gives its value. `on_missing` is as in `Lazy`."""
        self._tables = tuple(tables.values())
        self._on_missing = on_missing

    def _table(self, name: object) -> Mapping[str, AnyValue] | None:
        return next((table for table in self._tables if name in table), None)

    def __getitem__(self, name: str) -> AnyValue:
        table = self._table(name)
        if table is None:
            raise KeyError(name)
        return table[name]

    def __contains__(self, name: object) -> bool:
        return self._table(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for table in self._tables for name in table)

    def __len__(self) -> int:
        return sum(map(len, self._tables))

    def describe(self, name: str) -> str:
        """The description by the table that holds the name; "" if the use of the name is no step of a trace."""
        table = self._table(name)
        return table.describe(name) if isinstance(table, Namespace) and table.traced else ""

    def sensitive(self, name: str) -> bool | PartlySensitive | None:
        """Whether it is sensitive, by the table that holds the name."""
        table = self._table(name)
        return table.sensitive(name) if isinstance(table, Namespace) else None

    def missing(self, name: str, span: Span) -> str:
        """A clause that says that nothing has this name."""
        clause = f"nothing called '{name}' is declared"
        self._on_missing(clause + suggestion(name, (each for each in self if each.isidentifier())), span)
        return clause


class Imported(dict[str, AnyValue], Namespace):
    """What a Bicep file imports from others. The use of a variable is a step of the trace."""

    def __init__(self) -> None:
        super().__init__()
        self.called: dict[str, str] = {}
        """The variables, each with what it is called in traces."""

    def describe(self, name: str) -> str:  # noqa: D102 - as in Namespace
        return self.called.get(name, "")
