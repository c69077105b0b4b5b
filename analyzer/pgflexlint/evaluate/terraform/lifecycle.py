"""The `lifecycle` block of a resource."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.evaluate.interpreter import Scope, contained
from pgflexlint.resource import Lifecycle
from pgflexlint.source import Span
from pgflexlint.syntax.expressions import Attribute, Expression, Index, Name
from pgflexlint.syntax.hcl.document import Block, Body
from pgflexlint.values import Known


def lifecycle(block: Block, constants: Scope) -> Lifecycle:
    """The `lifecycle` block of a resource, evaluated. `constants` is the scope of expressions that must be constant."""
    inner = next((inner for inner in block.body.blocks if inner.type == "lifecycle"), None)
    if inner is None:
        return Lifecycle()
    ignored = inner.body.arguments.get("ignore_changes")
    prevent = inner.body.arguments.get("prevent_destroy")
    names = dict(_ignored_names(ignored.value)) if ignored else {}
    value = contained(prevent.value, constants) if prevent else None
    pairs = tuple((span, by) for name, by in names.items() for span in _written_at(block.body, name))
    return Lifecycle(frozenset(names), pairs, isinstance(value, Known) and value.value is True)


def _ignored_names(expression: Expression) -> Iterator[tuple[str, Span]]:
    """The attributes that `ignore_changes` names as a whole; an element of one ignores only itself."""
    if isinstance(expression, Name):
        yield expression.name, expression.span
    for item in getattr(expression, "items", ()):
        if isinstance(item, Name):
            yield item.name, item.span
        elif not isinstance(item, Attribute | Index) and isinstance(getattr(item, "value", None), str):
            yield item.value, item.span  # the quoted spelling of old configurations


def _written_at(body: Body, name: str) -> Iterator[Span]:
    """The places where an attribute or nested block is written. The name `all` stands for all of them."""
    yield from (argument.value.span for key, argument in body.arguments.items() if name in (key, "all"))
    for block in body.blocks:
        if name in (block.type, "all") or (block.type == "dynamic" and name in block.labels):
            yield block.span
