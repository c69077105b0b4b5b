"""What the templates of one root share while they are evaluated, and how each of them is reached."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from msgspec import Struct, field

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.interpreter import AnyValue
from pgflexlint.evaluate.template.declared import Types
from pgflexlint.evaluate.template.registry import Registry
from pgflexlint.problem import Problems
from pgflexlint.resource import CALLED, Gap
from pgflexlint.source import Span, Workspace, beside
from pgflexlint.syntax import template as declared
from pgflexlint.syntax.template import Template
from pgflexlint.values import Unknown

ELSEWHERE = ("br:", "br/", "ts:", "ts/", "http:", "https:", "/", "[")
"""What the source of a template that is not a file of the workspace begins with."""


class Input(Struct, frozen=True):
    """The value of one parameter."""

    value: AnyValue
    text: str
    """What it is, for traces: "parameter 'tls' in prod.bicepparam"."""


class Session(Struct):
    """What all templates under one root share."""

    workspace: Workspace
    load: Callable[[str], Template | None]
    """The template at a path; None where there is none."""
    problems: Problems
    budget: Budget
    visited: set[str]
    """The paths of the templates that were deployed: one that is only imported from deploys nothing there."""
    registry: Registry
    dismissed: set[str] = field(default_factory=set)
    """The paths of those that some caller deploys zero times."""
    leads_on: Callable[[str], bool] = lambda path: True
    """Whether a template may deploy one that has to be looked at."""
    gaps: list[Gap] = field(default_factory=list)
    crowded: set[int] = field(default_factory=set)
    """The identities of the loops that have more instances than there is room for."""
    named: frozenset[str] = frozenset()
    """The files of which it matters what they decide."""
    decided_in: dict[str, frozenset[str]] = field(default_factory=dict)
    """As in `Deployment`."""
    _types: dict[int, tuple[Template, Types]] = field(default_factory=dict)

    def types_of(
        self, template: Template, imports: Callable[[], Iterator[tuple[declared.Import, Types | None]]]
    ) -> Types:
        """The types that a template knows: the same wherever it is deployed."""
        return self._types.setdefault(id(template), (template, Types(template.types, imports)))[1]

    def types(self, directory: str, module: declared.Module) -> set[str]:
        """The types of the resources that a module may declare, with what it deploys; as in `Deployment.decided_in`."""
        types: set[str] = set()
        seen: set[int] = set()
        todo = [(directory, module)]
        while todo:
            directory, module = todo.pop()
            source, template = module.source, module.template
            if source is not None and source.startswith(ELSEWHERE):
                cached = self.registry.cached(source, directory)
                template = self.load(cached) if cached is not None else None
                if template is None:
                    types.add(f"{CALLED}{self.registry.full(source, directory)}")
                    continue
            elif source is not None:
                path = beside(self.workspace, directory, source)
                template = None if path.startswith("..") else self.load(path)
            if template is None or template.problems:
                types.add("")
            elif id(template) not in seen:
                seen.add(id(template))
                types.update(each.type.lower() for each in template.resources if not each.existing)
                todo += ((posixpath.dirname(template.file.path), each) for each in template.modules)
        return types


class Place(Struct, frozen=True):
    """How a template instance is reached from the root."""

    prefix: str = ""
    """What its addresses begin with, such as `database.`."""
    calls: tuple[Span, ...] = ()
    ancestors: tuple[str, ...] = ()
    maybe: Unknown | None = None
    decided_in: frozenset[str] = frozenset()
    """The files on the ways of what decided that it is deployed."""
