"""Names that mean something else where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from msgspec.structs import replace

from pgflexlint.syntax import expressions
from pgflexlint.syntax.expressions import Expression, For, Lambda, Name, ObjectOf

_NODES = get_args(expressions.Expression)


def bound(node: Expression, names: Mapping[str, str]) -> Expression:
    """The expression with names put in place of others, but where a loop or lambda in it gives these to its own.

    It goes no more than two calls deeper for each level of the tree, so that no tree of the reader overflows Python.
    """
    if not names:
        return node
    inside = names
    match node:
        case Name():
            return Name(names.get(node.name, node.name), node.span)
        case ObjectOf():
            return ObjectOf(tuple([(bound(key, names), bound(value, names)) for key, value in node.items]), node.span)
        case Lambda():
            inside = without(names, *node.names)
        case For():
            inside = without(names, node.value_name, node.key_name)
    parts: dict[str, Any] = {}
    for field in node.__struct_fields__:
        part = getattr(node, field)
        seen = names if field == "collection" else inside
        if isinstance(part, _NODES):
            parts[field] = bound(part, seen)
        elif isinstance(part, tuple):
            parts[field] = tuple([bound(each, seen) if isinstance(each, _NODES) else each for each in part])
    return replace(node, **parts)


def without(names: Mapping[str, str], *others: str | None) -> Mapping[str, str]:
    """The names but for some that mean something else from here on."""
    return {name: symbol for name, symbol in names.items() if name not in others}
