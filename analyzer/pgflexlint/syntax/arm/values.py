"""Values in ARM templates, JSON in which a string may be an expression, lowered to the shared expression tree.

`"copy": [{"name", "count", "input"}]` in an object stands for a property that is a list with `input` for each index
(https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties), and becomes a `For`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.arm.expressions import INVALID, Bindings, InvalidExpressionError, parse
from pgflexlint.syntax.expressions import Call, Expression, For, ListOf, Literal, ObjectOf
from pgflexlint.syntax.jsonc import Array, Member, Node, Object, Scalar

PROBLEM_LIMIT = 20
"""How many mistakes are reported for a file; nobody reads more of a hostile one."""

_HINT = "Mend the expression; a text that should begin with '[' and end with ']' begins with '[['."
_REST = "ARM refuses the template as it is."


def index_name(loop: str) -> str:
    """What the index of a loop is called in the tree. No name in a template can be the same."""
    return f"copyIndex:{loop}"


def members(node: Node | None) -> dict[str, Member]:
    """The members of an object by their keys in lower case, as ARM reads keys; none where it is no object."""
    return {member.key.lower(): member for member in node.members} if isinstance(node, Object) else {}


def text(node: Node | None) -> str | None:
    """The string that a node is, if it is one."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def child(node: Node | None, *keys: str) -> Node | None:
    """What stands under keys, given in lower case, within each other; None where something is missing."""
    for key in keys:
        member = members(node).get(key)
        node = member.value if member else None
    return node


def is_expression(value: str) -> bool:
    """Whether ARM evaluates a string."""
    return value.startswith("[") and value.endswith("]") and not value.startswith("[[")


class Values:
    """The lowering of the values of one file."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def lower(self, node: Node, bindings: Bindings) -> Expression:
        """Any value."""
        match node:
            case Scalar(value=str(value)):
                return self.string(value, node.span, bindings)
            case Scalar(value=value):
                return Literal(value, node.span)
            case Array(items=items):
                return ListOf(tuple([self.lower(item, bindings) for item in items]), node.span)
            case Object(members=items):
                return ObjectOf(tuple(self.items(items, bindings)), node.span)

    def string(self, value: str, span: Span, bindings: Bindings) -> Expression:
        """A string in JSON, which is an expression where it is in brackets, and text where it is in `[[…]`."""
        if not value.startswith("[") or not value.endswith("]") or value == "[":
            return Literal(value, span)
        escaped = value.startswith("[" * (bindings.level + 1)) ...
        return Literal(value, span)
