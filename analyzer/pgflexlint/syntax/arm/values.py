"""Values in ARM templates, JSON in which a string may be an expression, lowered to the shared expression tree.

`"copy": [{"name", "count", "input"}]` in an object stands for a property that is a list with `input` for each index
(https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties), and becomes a `For`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, quoted
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.arm.expressions import DEFERRED, INVALID, PLACEHOLDER, Bindings, InvalidExpressionError, parse
from pgflexlint.syntax.expressions import Call, Expression, For, ListOf, Literal, ObjectOf, Template
from pgflexlint.syntax.jsonc import Array, Member, Node, Object, Scalar

PROBLEM_LIMIT = 20
"""How many mistakes are reported for a file; nobody reads more of a hostile one."""

REFUSED = "ARM refuses the template as it is."
_PLACEHOLDER = compiled(r"\$\{\w+(?::?[-=](?P<default>[^{}]*))?\}|\$\([^()]+\)|#\{[^{}]+\}#")
"""What is filled in before a deployment, as azd does it and tasks of pipelines do: `${NAME}`, `${NAME=default}`,
`$(secretOrRandomPassword …)`, `$(name)`, `#{name}#`.
https://learn.microsoft.com/azure/developer/azure-developer-cli/manage-environment-variables"""
_OTHER_TYPES = compiled(r"true|false|null|-?\d+(?:\.\d+)?|[\[{].*|", re.DOTALL)
"""A default that may become a value of another type; an empty one stands for that of the template."""
_HINT = "Fix the expression. To write a text in brackets, begin it with '[['."


def index_name(loop: str) -> str:
    """What the index of a loop is called in the tree; nothing that a template declares has such a name there."""
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


class Values:
    """The lowering of the values of one file."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def lower(self, node: Node, bindings: Bindings) -> Expression:
        """Any value."""
        match node:
            case Scalar(value=str(value)):
                return self._string(value, node.start, node.end, bindings)
            case Scalar(value=value):
                return Literal(value, node.span)
            case Array(items=items):
                return ListOf(tuple([self.lower(item, bindings) for item in items]), node.span)
            case Object():
                return ObjectOf(tuple(self.items(node.members, bindings)), node.span)

    def optional(self, node: Node | None, bindings: Bindings) -> Expression | None:
        """The same where there may be none."""
        return None if node is None else self.lower(node, bindings)

    def items(self, inside: Iterable[Member], bindings: Bindings) -> Iterator[tuple[Expression, Expression]]:
        """Keys and values of members; those that `copy` makes in its place."""
        for member in inside:
            copies = _copies(member)
            if copies is None:
                key = self._string(member.key, member.key_start, member.key_end, bindings)
                yield key, self.lower(member.value, bindings)
                continue
            for copy in copies:
                name = child(copy, "name")
                assert name is not None
                yield Literal(text(name), name.span), self.copied(copy, text(name) or "", bindings)

    def copied(self, copy: Object, name: str, bindings: Bindings) -> Expression:
        """The list that `{"count", "input"}` stands for."""
        count, value = child(copy, "count"), child(copy, "input")
        if count is None or value is None:
            missing = "count" if count is None else "input"
            self.report(f"This copy has no '{missing}'.", copy.span, REFUSED)
            return Call(INVALID, (), copy.span)
        numbers = Call("range", (Literal(0, count.span), self.lower(count, bindings)), count.span)
        index = index_name(name)
        inside = bindings.within(name, index, nearest=False)
        return For(None, index, numbers, None, self.lower(value, inside), None, copy.span)

    def literal(self, node: Node) -> Expression:
        """A value in a file that has no expressions, but perhaps placeholders."""
        match node:
            case Scalar(value=str(text)):
                return _filled_in(text, node.span)
            case Scalar(value=value):
                return Literal(value, node.span)
            case Array(items=items):
                return ListOf(tuple([self.literal(item) for item in items]), node.span)
            case Object(members=inside):
                pairs = [(Literal(each.key, each.key_span), self.literal(each.value)) for each in inside]
                return ObjectOf(tuple(pairs), node.span)

    def object(self, node: Node | None, what: str) -> Object | None:
        """A part of the file that should be an object; what is none is reported."""
        if node is None or isinstance(node, Object):
            return node
        if not (isinstance(node, Scalar) and node.value is None):
            self.report(f"{what} should be an object.", node.span, REFUSED)
        return None

    def report(self, message: str, span: Span, hint: str) -> None:
        """Keep a problem, unless there are enough. What the message quotes are keys."""
        self._keep(Problem(Kind.SYNTAX, message, self.file.path, span, hint, names=quoted(message)))

    def _keep(self, problem: Problem) -> None:
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(problem)

    def _string(self, value: str, start: int, end: int, bindings: Bindings) -> Expression:
        """A string between the quotes at two offsets: an expression in `[…]`, and text anywhere else."""
        span = Span(self.file, start, end)
        if not (value.startswith("[") and value.endswith("]")) or value == "[":
            return Literal(value, span)
        if value.startswith("[["):
            return Call(DEFERRED, (), span) if bindings.outer else Literal(value[1:], span)

        def refuse(error: InvalidExpressionError) -> None:
            self._keep(Problem(error.kind, error.message, self.file.path, error.span, _HINT, names=error.names))

        as_written = end - start - 2 == len(value)  # an escape is longer than what it stands for
        try:
            return parse(value[1:-1], span, start + 2 if as_written else None, bindings, refuse)
        except InvalidExpressionError as error:
            refuse(error)
            return Call(INVALID, (), Span(self.file, start + 1, end - 1))


def _filled_in(text: str, span: Span) -> Expression:
    """A text in which placeholders may stand."""
    parts: list[Expression] = []
    position = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > position:
            parts.append(Literal(text[position : found.start()], span))
        default, position = found["default"], found.end()
        plain = default is not None and not _OTHER_TYPES.fullmatch(default)
        parts.append(Call(PLACEHOLDER, (Literal(default, span),) if plain else (), span))
    if position < len(text) or not parts:
        parts.append(Literal(text[position:], span))
    return parts[0] if len(parts) == 1 else Template(tuple(parts), span)


def _copies(member: Member) -> list[Object] | None:
    """The loops under a key `copy`; None where it is a property of that name."""
    if member.key.lower() != "copy" or not isinstance(member.value, Array) or not member.value.items:
        return None
    copies = [item for item in member.value.items if isinstance(item, Object) and text(child(item, "name")) is not None]
    loops = [copy for copy in copies if child(copy, "count") or child(copy, "input")]
    return loops if len(loops) == len(member.value.items) else None
