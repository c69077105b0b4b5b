"""What the templates under one root share while they are evaluated."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from msgspec import field

from pgflexlint.evaluate.session import RootSession
from pgflexlint.evaluate.template.declared_types import Types
from pgflexlint.evaluate.template.registry import Registry
from pgflexlint.resource import CALLED
from pgflexlint.source import Workspace, beside
from pgflexlint.syntax import template as syntax
from pgflexlint.syntax.template import Template

ELSEWHERE = ("br:", "br/", "ts:", "ts/", "http:", "https:", "/", "[")
"""How the source of a template begins if it is not a file of the workspace."""


class Session(RootSession, kw_only=True):
    """What all templates under one root share."""

    workspace: Workspace
    load: Callable[[str], Template | None]
    """The template at a path; None if there is none."""
    registry: Registry
    _types: dict[int, tuple[Template, Types]] = field(default_factory=dict)

    def types_of(
        self, template: Template, imports: Callable[[], Iterator[tuple[syntax.Import, Types | None]]]
    ) -> Types:
        """The types that a template declares and imports: the same wherever it is deployed."""
        return self._types.setdefault(id(template), (template, Types(template.types, imports)))[1]

    def may_declare(self, directory: str, module: syntax.Module) -> set[str]:
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
