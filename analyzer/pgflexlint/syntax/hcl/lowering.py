"""What each rule of the grammar makes of its parts: blocks, arguments, expressions.

A method is called by the name of its rule with everything that the rule spans, in order: tokens (tuples), what
other rules made, and lists for repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from pgflexlint.source import Span
from pgflexlint.syntax.expressions import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    ListOf,
    Literal,
    Name,
    ObjectOf,
    Splat,
    SplatItem,
    Template,
    Unary,
)
from pgflexlint.syntax.hcl.document import Argument, Block, Body
from pgflexlint.syntax.hcl.lexer import Refused, Token

Operation: TypeAlias = Callable[[Expression], Expression]
"""What follows a term, such as `.name` or `[0]`: given the term, it is the whole."""

_ESCAPE = re.compile(r"\\(?:([nrt\"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)|([$%])\4\{", re.DOTALL)
_BARE_ESCAPE = re.compile(r"([$%])\1\{")
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _Hole(NamedTuple):
    """`${value}`, which may strip the space around it."""

    value: Expression
    strips_before: bool
    strips_after: bool


class _Directive(NamedTuple):
    """`%{if}` and its like."""

    word: str
    span: Span
    strips_before: bool
    strips_after: bool
    expression: Expression | None = None
    names: tuple[str, ...] = ()


class _Open(NamedTuple):
    """An `%{if}` or `%{for}` that waits for its end, with the parts before it."""

    directive: _Directive
    before: list[Expression]
    then: list[Expression] | None


class Lowering:
    """The rules of one text."""

    def __init__(self, text: str, span: Callable[[int, int], Span], duplicate: Callable[[Argument, Argument], None]):
        """`span` tells where `[start, end)` of the text is; `duplicate` hears of an argument that was set before."""
        self._text = text
        self._span = span
        self._duplicate = duplicate

    # Repetitions

    def _first(self, *parts: Any) -> list[Any]:
        return list(parts)

    def _more(self, before: list[Any], *parts: Any) -> list[Any]:
        before.extend(parts)
        return before

    # Bodies

    def attribute(self, name: Token, _: Token, value: Expression) -> Argument:
        return Argument(name[1], self._span(name[2], name[3]), value)

    def block(self, kind: Token, *rest: Any) -> Block:
        labels = []
        end = kind[3]
        for label in rest[0] if isinstance(rest[0], list) else ():
            if isinstance(label, tuple):
                labels.append(label[1])
                end = label[3]
            elif isinstance(label, Literal) and self._text[label.span.start] == '"':
                labels.append(str(label.value))
                end = label.span.end
            else:
                raise Refused("A block label is a plain text without ${ }.", label.span.start, label.span.end)
        return Block(
            kind[1], tuple(labels), self._span(kind[2], end), self._span(kind[2], rest[-1][3]), rest[-2]
        )

    def body(self, *parts: Any) -> Body:
        return self.gather(_members(parts))

    def gather(self, items: list[Argument | Block]) -> Body:
        """A body of these items; of arguments of one name the first stays."""
        arguments: dict[str, Argument] = {}
        blocks = []
        for item in items:
            if isinstance(item, Block):
                blocks.append(item)
            elif arguments.setdefault(item.name, item) is not item:
                self._duplicate(arguments[item.name], item)
        return Body(arguments, tuple(blocks))

    # Terms

    def variable(self, name: Token) -> Name:
        return Name(name[1], self._span(name[2], name[3]))

    def literal_value(self, word: Token) -> Literal:
        return Literal(_CONSTANTS[word[1]], self._span(word[2], word[3]))

    def int_lit(self, number: Token) -> Literal:
        return Literal(_integer(number), self._span(number[2], number[3]))

    def float_lit(self, number: Token) -> Literal:
        value = float(number[1])
        if value == float("inf"):
            raise Refused("This number is too large.", number[2], number[3])
        return Literal(int(value) if value.is_integer() else value, self._span(number[2], number[3]))

    def parentheses(self, opening: Token, inner: Expression, closing: Token) -> Expression:
        inner.span = self._span(opening[2], closing[3])
        return inner

    def tuple(self, opening: Token, *parts: Any) -> ListOf:
        return ListOf(tuple(_members(parts)), self._span(opening[2], parts[-1][3]))
