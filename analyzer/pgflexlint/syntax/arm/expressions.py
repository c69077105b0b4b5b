"""ARM's template expressions, `[format('{0}-db', parameters('name'))]`, lowered to the shared expression tree.

The language is that of https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions: calls,
`'strings'` in which `''` is a quote, whole numbers, and `.name` and `[index]` after a call; there are no operators.
The functions that other languages have syntax for become that syntax
(https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions), so that a Bicep file and the
JSON compiled from it are one tree. Names of functions compare without case.

The parser is one loop with a stack of its own: it takes time linear in the text, and no text overflows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, most_alike, suggestion
from pgflexlint.source import Span
from pgflexlint.syntax.expressions import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    Index,
    Lambda,
    ListOf,
    Literal,
    Name,
    ObjectOf,
    Template,
    Unary,
)

NESTING_LIMIT = 100
"""How deep calls, indexes and properties may nest. No expression in Azure's registry of modules is deeper than 20."""
DIGITS_LIMIT = 20
"""How many characters a number may have; ARM's are of 64 bits."""

INVALID = "invalid expression"
"""The function of the `Call` that stands for what cannot be read. There is none of that name, so nobody knows its
value; why has been reported."""
DEFERRED = "deferred expression"
"""The same for what only Azure sees: the parameters in a file elsewhere, and `[[…]` in a template whose expressions the
template around it evaluates, of which its own deployment evaluates the `[…]` that is left."""
PLACEHOLDER = "placeholder"
"""The same for what a tool fills in before the deployment; the argument is what it is if nobody says otherwise."""


class Bindings(Struct, frozen=True):
    """What the names at one place of a template stand for, where that depends on the place and not on the values."""

    loops: Mapping[str, str] = field(default_factory=dict)
    """The index of each `copy` around the place, by the name of the loop in lower case."""
    loop: str | None = None
    """The index that `copyIndex()` means: that of the resource, else of the one around it all."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the user function around the place, by their names in lower case."""
    outer: bool = False
    """Whether the place is in a nested template whose expressions the template around it evaluates."""

    def within(self, loop: str, index: str, *, nearest: bool) -> Bindings:
        """Inside one more loop, `nearest` where `copyIndex()` without a name means it whatever is around it."""
        named = {**self.loops, loop.lower(): index}
        return replace(self, loops=named, loop=index if nearest or self.loop is None else self.loop)


class InvalidExpressionError(Exception):
    """An expression, or a call in it, that cannot be read: what is wrong, as a sentence, and where; `names` as in
    `Problem`."""

    def __init__(self, message: str, span: Span, kind: Kind = Kind.SYNTAX, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names
        self.message = message
        self.span = span
        self.kind = kind


Refuse: TypeAlias = Callable[[InvalidExpressionError], None]


def parse(text: str, span: Span, exact: int | None, bindings: Bindings, refuse: Refuse) -> Expression:
    """The tree of `text`, an expression without the brackets around it. Raises `InvalidExpressionError`.

    `exact` is the offset of `text` in the file; without it, where escapes hide the offsets, each node has the `span`.
    `refuse` is told of calls that are well formed and mean nothing: `INVALID` stands for each in the tree.
    """
    return _Parser(text, span, exact, bindings, refuse).parse()


_HEAD = compiled(
    r"\s*+(?:'([^']*+(?:''[^']*+)*+)'"
    r"|([A-Za-z_$][\w$]*+(?:\s*+\.\s*+[A-Za-z_$][\w$]*+)*+)\s*+\("
    r"|(-?[0-9]++(?:\.[0-9]++)?)"
    r"|(true|false|null)\b"
    r"|(\)))",
    re.IGNORECASE,
)
"""What an operand begins with; `)` is none, after the `(` of a call without arguments."""
_TAIL = compiled(r"\s*+(?:\.\s*+([^\W\d][\w$-]*+|\$[\w$-]*+)|([,)\[\]]))")
"""What comes after an operand."""
_BLANKS = compiled(r"\s*+")
_STRING, _CALL, _NUMBER, _WORD, _EMPTY = range(1, 6)
_WORDS = {"true": True, "false": False, "null": None}


class _Frame(NamedTuple):
    """A bracket that is open."""

    function: str
    """Whose arguments these are; "" for an index."""
    start: int
    """Where what it belongs to begins."""
    nodes: list[Expression]
    """The arguments so far, or what is indexed."""
    heights: list[int]
    opening: int


class _Parser:
    def __init__(self, text: str, span: Span, exact: int | None, bindings: Bindings, refuse: Refuse) -> None:
        self.text = text
        self._refuse = refuse
        self.bindings = bindings
        self.frames: list[_Frame] = []
        self._span = span
        self._exact = exact

    def span(self, start: int, end: int) -> Span:
        """A range of the text as a place in the file."""
        return self._span if self._exact is None else Span(self._span.file, self._exact + start, self._exact + end)

    def parse(self) -> Expression:
        """The whole text as one operand."""
        frames, position = self.frames, 0
        while True:
            start, position, node = self._operand(position)
            if node is None:
                continue
            height = 1
            while True:
                tail = _TAIL.match(self.text, position)
                mark = tail and tail[2]
                if tail is None or (mark and mark != "[" and not frames):
                    return self._finished(node, position)
                position = tail.end()
                if not mark:
                    node = Attribute(node, tail[1], self.span(start, position))
                    height += 1
                elif mark == "[":
                    self._open("", start, position - 1, [node], [height])
                    break
                elif mark == ",":
                    if not frames[-1].function:
                        raise self._expected("']'", position - 1)
                    frames[-1].nodes.append(node)
                    frames[-1].heights.append(height)
                    break
                else:
                    frame = frames[-1]
                    if (mark == ")") != bool(frame.function):
                        raise self._expected("',' or ')'" if frame.function else "']'", position - 1)
                    frames.pop()
                    frame.nodes.append(node)
                    start, height = frame.start, max(height, *frame.heights, 0) + self._rise(frame)
                    node = self._closed(frame, position)
                if height > NESTING_LIMIT:
                    raise self._too_deep(start, position)

    def _operand(self, position: int) -> tuple[int, int, Expression | None]:
        """Where the operand at a position starts and ends, and its tree; None where its arguments come first."""
        head = _HEAD.match(self.text, position)
        if head is None or (head.lastindex == _EMPTY and not self._just_called()):
            raise self._no_operand(position)
        kind = head.lastindex
        assert kind is not None
        start, end = head.start(kind), head.end()
        if kind == _CALL:
            self._open("".join(head[_CALL].split()), start, end - 1, [], [])
            return start, end, None
        if kind == _EMPTY:
            frame = self.frames.pop()
            return frame.start, end, self._closed(frame, end)
        if kind == _STRING:
            return start - 1, end, Literal(head[_STRING].replace("''", "'"), self.span(start - 1, end))
        span = self.span(start, end)
        if kind == _WORD:
            return start, end, Literal(_WORDS[head[_WORD].lower()], span)
        if end - start > DIGITS_LIMIT:
            raise InvalidExpressionError("This number has more digits than ARM's numbers have.", span)
        return start, end, Literal(float(head[_NUMBER]) if "." in head[_NUMBER] else int(head[_NUMBER]), span)

    def _just_called(self) -> bool:
        """Whether the bracket that was opened last is that of a call, and there is nothing in it."""
        return bool(self.frames and self.frames[-1].function and not self.frames[-1].nodes)

    def _open(self, function: str, start: int, opening: int, nodes: list[Expression], heights: list[int]) -> None:
        if len(self.frames) >= NESTING_LIMIT:
            raise self._too_deep(opening, opening + 1)
        self.frames.append(_Frame(function, start, nodes, heights, opening))

    def _closed(self, frame: _Frame, end: int) -> Expression:
        """The tree of a call or index whose bracket was closed."""
        span = self.span(frame.start, end)
        if not frame.function:
            base, key = frame.nodes
            return _at(base, key, span)
        form = _FORMS.get(frame.function.lower())
        if form is None:
            return Call(frame.function, tuple(frame.nodes), span)
        try:
            if not form.least <= len(frame.nodes) <= form.most:
                message = form.misused(frame.function, len(frame.nodes))
                raise InvalidExpressionError(message, span, names=(frame.function,))
            return form.lower(self, frame.function, frame.nodes, span)
        except InvalidExpressionError as error:
            self._refuse(error)
            return Call(INVALID, (), span)

    @staticmethod
    def _rise(frame: _Frame) -> int:
        """How much deeper a tree is than its deepest argument: `tryGet` becomes a node for each key."""
        return len(frame.nodes) if frame.function.lower() == "tryget" else 1

    def _finished(self, node: Expression, position: int) -> Expression:
        rest = self._skip(position)
        if self.frames:
            frame = self.frames[-1]
            expected = "',' or ')'" if frame.function else "']'"
            if rest < len(self.text):
                raise self._expected(expected, rest)
            opening = "(" if frame.function else "["
            message = f"This '{opening}' is never closed."
            raise InvalidExpressionError(message, self.span(frame.opening, frame.opening + 1))
        if rest < len(self.text):
            raise self._expected("the end of the expression", rest)
        return node

    def _no_operand(self, position: int) -> InvalidExpressionError:
        position = self._skip(position)
        if self.text.startswith("'", position):
            return InvalidExpressionError("This text in quotes is not closed.", self.span(position, position + 1))
        if position == len(self.text) and self.frames:
            return InvalidExpressionError("The expression ends too early.", self.span(position, position + 1))
        return self._expected("A function, a text in quotes or a number", position)

    def _expected(self, what: str, position: int) -> InvalidExpressionError:
        message = f"{what[0].upper()}{what[1:]} was expected here."
        return InvalidExpressionError(message, self.span(position, position + 1))

    def _too_deep(self, start: int, end: int) -> InvalidExpressionError:
        message = f"This expression is nested more than {NESTING_LIMIT} levels deep."
        return InvalidExpressionError(message, self.span(start, end), Kind.LIMIT)

    def _skip(self, position: int) -> int:
        match = _BLANKS.match(self.text, position)
        return match.end() if match else position


# What the functions become that are syntax in other languages

_Lower: TypeAlias = Callable[[_Parser, str, list[Expression], Span], Expression]


class _Form(NamedTuple):
    lower: _Lower
    least: int
    most: int

    def misused(self, function: str, given: int) -> str:
        """What to say where the number of arguments is wrong."""
        number = self.least if given < self.least else self.most
        bound = "" if self.least == self.most else "at least " if given < self.least else "at most "
        return f"'{function}' takes {bound}{number or 'no'} argument{'' if number == 1 else 's'}, not {given}."


_ANY = 1 << 30
_VARIABLE_LIMIT = 8
"""How many variables a lambda may have; no function of ARM gives it more than three."""


def _at(base: Expression, key: Expression, span: Span, *, optional: bool = False) -> Expression:
    if isinstance(key, Literal) and isinstance(key.value, str):
        return Attribute(base, key.value, span, optional)
    return Index(base, key, span, optional)


def _binary(operator: str) -> _Lower:
    return lambda _, __, nodes, span: _folded(operator, nodes, span)


def _folded(operator: str, nodes: Sequence[Expression], span: Span) -> Expression:
    """The operands in turn, halved again and again so that many of them make no deep tree."""
    if len(nodes) == 1:
        return nodes[0]
    half = len(nodes) // 2
    return Binary(operator, _folded(operator, nodes[:half], span), _folded(operator, nodes[half:], span), span)


def _constant(value: bool | None) -> _Lower:
    return lambda _, __, ___, span: Literal(value, span)


def _not(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    return Unary("!", nodes[0], span)


def _if(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    return Conditional(nodes[0], nodes[1], nodes[2], span)


def _list(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    return ListOf(tuple(nodes), span)


def _object(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    if len(nodes) % 2:
        raise InvalidExpressionError(f"The last key of this '{function}' has no value.", span, names=(function,))
    return ObjectOf(tuple(zip(nodes[::2], nodes[1::2], strict=True)), span)


def _member(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    """`parameters('x')` and `variables('x')`."""
    (name,) = nodes
    if isinstance(name, Literal) and isinstance(name.value, str) and function.lower() == "parameters":
        argument = parser.bindings.arguments.get(name.value.lower())
        if argument is not None:
            return Name(argument, span)
    return _at(Name(function.lower(), span), name, span)


def _try_get(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    base, *keys = nodes
    for key in keys:
        base = _at(base, key, span, optional=True)
    return base


def _from_end(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    return Index(nodes[0], nodes[1], span, optional=function.lower().startswith("try"), from_end=True)


def _lambda(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    *names, body = nodes
    return Lambda(tuple([_variable(_text(name, "The name of a lambda variable")) for name in names]), body, span)


def _lambda_variable(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    """The variable as the lambda around the place spells it."""
    name = _text(nodes[0], "The name of a lambda variable")
    for frame in reversed(parser.frames):
        if frame.function.lower() == "lambda":
            for node in frame.nodes[:_VARIABLE_LIMIT]:
                if isinstance(node, Literal) and isinstance(node.value, str) and node.value.lower() == name.lower():
                    return Name(_variable(node.value), span)
    return Name(_variable(name), span)


def _variable(name: str) -> str:
    """A name for a lambda variable that hides none of the names that the tree needs."""
    return f"lambda:{name}" if name in ("parameters", "variables") else name


def _text(node: Expression, what: str) -> str:
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    raise InvalidExpressionError(f"{what} must be a text in quotes.", node.span)


def _copy_index(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    """`copyIndex('loop', offset)`, either of which may be missing."""
    bindings, offsets = parser.bindings, nodes
    index = bindings.loop
    if nodes and isinstance(nodes[0], Literal) and isinstance(nodes[0].value, str):
        loop, offsets = nodes[0].value, nodes[1:]
        index = bindings.loops.get(loop.lower())
        if index is None:
            names = (loop,) if most_alike(loop, bindings.loops) else ()  # what is like no name may be anything
            message = f"No loop around this is called '{loop}'{suggestion(loop, bindings.loops)}"
            raise InvalidExpressionError(message, nodes[0].span, names=names)
    elif index is None:
        raise InvalidExpressionError("copyIndex() is outside of any loop.", span)
    if len(offsets) > 1:
        return Call(function, tuple(nodes), span)
    name = Name(index, span)
    return Binary("+", name, offsets[0], span) if offsets else name


_HOLE = compiled(r"\{\{|\}\}|\{([0-9]{1,4})\}|[{}]")


def _format(parser: _Parser, function: str, nodes: list[Expression], span: Span) -> Expression:
    """A template, unless the text is computed or asks for more than to fill holes (`{0:D3}`)."""
    pattern, *values = nodes
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
        return Call(function, tuple(nodes), span)
    parts: list[Expression] = []
    text, position = "", 0
    for hole in _HOLE.finditer(pattern.value):
        text += pattern.value[position : hole.start()]
        position = hole.end()
        if hole[0] in ("{{", "}}"):
            text += hole[0][0]
        elif hole[1] is None or int(hole[1]) >= len(values):
            return Call(function, tuple(nodes), span)
        else:
            parts += (Literal(text, pattern.span), values[int(hole[1])]) if text else (values[int(hole[1])],)
            text = ""
    text += pattern.value[position:]
    if text or not parts:
        parts.append(Literal(text, pattern.span))
    if len(parts) == 1 and parts[0] in values:
        parts.insert(0, Literal("", span))  # text, whatever the hole holds: only HCL means the hole itself
    return Template(tuple(parts), span) if len(parts) > 1 else Literal(text, span)


_FORMS: Mapping[str, _Form] = {
    "parameters": _Form(_member, 1, 1),
    "variables": _Form(_member, 1, 1),
    "if": _Form(_if, 3, 3),
    "not": _Form(_not, 1, 1),
    "and": _Form(_binary("&&"), 1, _ANY),
    "or": _Form(_binary("||"), 1, _ANY),
    "coalesce": _Form(_binary("??"), 1, _ANY),
    "equals": _Form(_binary("=="), 2, 2),
    "less": _Form(_binary("<"), 2, 2),
    "lessorequals": _Form(_binary("<="), 2, 2),
    "greater": _Form(_binary(">"), 2, 2),
    "greaterorequals": _Form(_binary(">="), 2, 2),
    "add": _Form(_binary("+"), 2, 2),
    "sub": _Form(_binary("-"), 2, 2),
    "mul": _Form(_binary("*"), 2, 2),
    "div": _Form(_binary("/"), 2, 2),
    "mod": _Form(_binary("%"), 2, 2),
    "true": _Form(_constant(True), 0, 0),
    "false": _Form(_constant(False), 0, 0),
    "null": _Form(_constant(None), 0, 0),
    "createarray": _Form(_list, 0, _ANY),
    "createobject": _Form(_object, 0, _ANY),
    "tryget": _Form(_try_get, 2, _ANY),
    "indexfromend": _Form(_from_end, 2, 2),
    "tryindexfromend": _Form(_from_end, 2, 2),
    "lambda": _Form(_lambda, 1, _VARIABLE_LIMIT + 1),
    "lambdavariables": _Form(_lambda_variable, 1, 1),
    "copyindex": _Form(_copy_index, 0, 2),
    "format": _Form(_format, 1, _ANY),
}
