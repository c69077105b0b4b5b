"""What each rule of the grammar makes of its parts: blocks, arguments, expressions.

A method is called by the name of its rule, after an underscore, with everything that the rule spans, in order:
tokens (tuples), what other rules made, and lists for repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from pgflexlint.lazily import compiled
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
from pgflexlint.syntax.hcl.lexer import Token
from pgflexlint.syntax.reading import RefusedError

Operation: TypeAlias = Callable[[Expression], Expression]
"""What follows a term, such as `.name` or `[0]`: given the term, it is the whole."""

_ESCAPE = compiled(r"\\(?:([nrt\"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)|([$%])\4\{", re.DOTALL)
_BARE_ESCAPE = compiled(r"([$%])\1\{")
"""An escape of a text that has no backslashes: `$${`, `%%{`."""
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _Hole(NamedTuple):
    """`${value}`, which may strip the space around it."""

    value: Expression
    strips_before: bool
    strips_after: bool


class _Directive(NamedTuple):
    """`%{if}` and its like; `rest` is what stands between the word and the brace."""

    word: str
    span: Span
    strips_before: bool
    strips_after: bool
    rest: tuple[Any, ...]


class _Open(NamedTuple):
    """An `%{if}` or `%{for}` that waits for its end, the parts before it, and its first branch after `%{else}`."""

    directive: _Directive
    before: list[Expression]
    then: Expression | None


class _Member(NamedTuple):
    key: Expression
    value: Expression


class _Arguments(NamedTuple):
    values: tuple[Expression, ...]
    expand: bool


class _Intro(NamedTuple):
    key_name: str | None
    value_name: str
    collection: Expression


class _Condition(NamedTuple):
    value: Expression


_Piece: TypeAlias = Literal | _Hole | _Directive


class Lowering:
    """The rules of one text."""

    def __init__(self, text: str, span: Callable[[int, int], Span], duplicate: Callable[[Argument, Argument], None]):
        """`span` tells where `[start, end)` of the text is; `duplicate` hears of an argument that was set before."""
        self._text = text
        self._span = span
        self._duplicate = duplicate
        self._in_parentheses: set[Expression] = set()
        self._attribute_splats: set[Expression] = set()

    # Repetitions

    def _first(self, *parts: Any) -> list[Any]:
        return list(parts)

    def _more(self, before: list[Any], *parts: Any) -> list[Any]:
        before.extend(parts)
        return before

    # Bodies

    def _attribute(self, name: Token, _: Token, value: Expression) -> Argument:
        return Argument(name[1], self._span(name[2], name[3]), value)

    def _block(self, kind: Token, *rest: Any) -> Block:
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
                raise RefusedError("A block label is a plain text without ${ }.", label.span.start, label.span.end)
        return Block(kind[1], tuple(labels), self._span(kind[2], end), self._span(kind[2], rest[-1][3]), rest[-2])

    def _body(self, *parts: Any) -> Body:
        return self.gather(_members(parts))

    def gather(self, items: Iterable[Argument | Block]) -> Body:
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

    def _variable(self, name: Token) -> Name:
        return Name(name[1], self._span(name[2], name[3]))

    def _literal_value(self, word: Token) -> Literal:
        return Literal(_CONSTANTS[word[1]], self._span(word[2], word[3]))

    def _int_lit(self, number: Token) -> Literal:
        return Literal(_integer(number), self._span(number[2], number[3]))

    def _float_lit(self, number: Token) -> Literal:
        value = float(number[1])
        exact = value.is_integer() and abs(value) < _EXACT
        return Literal(int(value) if exact else value, self._span(number[2], number[3]))

    def _parentheses(self, opening: Token, inner: Expression, closing: Token) -> Expression:
        inner.span = self._span(opening[2], closing[3])
        self._in_parentheses.add(inner)
        return inner

    def _tuple(self, opening: Token, *parts: Any) -> ListOf:
        return ListOf(tuple(_members(parts)), self._span(opening[2], parts[-1][3]))

    def _object(self, opening: Token, *parts: Any) -> ObjectOf:
        return ObjectOf(tuple(_members(parts)), self._span(opening[2], parts[-1][3]))

    def _object_separator(self, separator: Token, *_: Any) -> Token:
        return separator

    def _object_elem(self, key: Expression, _: Token, value: Expression) -> _Member:
        if key not in self._in_parentheses:
            match key:
                case Name(name):
                    key = Literal(name, key.span)
                case Literal(True | False | None as constant):
                    key = Literal(_WORD_OF_CONSTANT[constant], key.span)
        return _Member(key, value)

    def _function_name(self, first: Token, rest: list[Token]) -> Token:
        return ("NAME", "".join(token[1] for token in [first, *rest]), first[2], rest[-1][3])

    def _arguments(self, first: Expression, *rest: Any) -> _Arguments:
        return _Arguments((first, *_members(rest)), bool(rest) and rest[-1][0] == "ELLIPSIS")

    def _function_call(self, name: Token, _: Token, *rest: Any) -> Call:
        given = rest[0] if len(rest) > 1 else _Arguments((), False)
        return Call(name[1], given.values, self._span(name[2], rest[-1][3]), given.expand)

    # What follows a term

    def _get_attr(self, _: Token, name: Token) -> Operation:
        return lambda base: Attribute(base, name[1], self._span(base.span.start, name[3]))

    def _short_index(self, _: Token, number: Token) -> Operation:
        return lambda base: Index(base, self._int_lit(number), self._span(base.span.start, number[3]))

    def _braces_index(self, _: Token, key: Expression, closing: Token) -> Operation:
        return lambda base: Index(base, key, self._span(base.span.start, closing[3]))

    def _attr_splat(self, star: Token, operations: Iterable[Operation] = ()) -> Operation:
        splat = self._full_splat(star, operations)

        def attribute_splat(base: Expression) -> Expression:
            if base in self._attribute_splats and base not in self._in_parentheses:
                raise RefusedError("A splat .* cannot apply to another one.", star[2], star[3], "Write [*] instead.")
            result = splat(base)
            self._attribute_splats.add(result)
            return result

        return attribute_splat

    def _full_splat(self, star: Token, operations: Iterable[Operation] = ()) -> Operation:
        def splat(base: Expression) -> Expression:
            body: Expression = SplatItem(self._span(star[2], star[3]))
            for operation in operations:
                body = operation(body)
            return Splat(base, body, self._span(base.span.start, body.span.end))

        return splat

    def _get_attr_expr_term(self, base: Expression, operation: Operation) -> Expression:
        return operation(base)

    _index_expr_term = _attr_splat_expr_term = _full_splat_expr_term = _get_attr_expr_term

    # Operators

    def _binary_operator(self, operator: Token) -> Token:
        return operator

    def _unary_op(self, operator: Token, operand: Expression) -> Unary:
        return Unary(operator[1], operand, self._span(operator[2], operand.span.end))

    def _binary_term(self, operator: Token, right: Expression) -> list[Any]:
        return [operator[1], right]

    def _binary_op(self, left: Expression, term: list[Any]) -> Binary:
        operator, right = term
        return Binary(operator, left, right, self._span(left.span.start, right.span.end))

    def _conditional(
        self, test: Expression, _: Token, then: Expression, __: Token, otherwise: Expression
    ) -> Conditional:
        return Conditional(test, then, otherwise, self._span(test.span.start, otherwise.span.end))

    # For expressions

    def _for_intro(self, _: Token, first: Token, *rest: Any) -> _Intro:
        if rest[0][0] == "COMMA":
            return _Intro(first[1], rest[1][1], rest[-2])
        return _Intro(None, first[1], rest[-2])

    def _for_cond(self, _: Token, condition: Expression) -> _Condition:
        return _Condition(condition)

    def _for_tuple_expr(self, opening: Token, intro: _Intro, value: Expression, *rest: Any) -> For:
        return self._for(intro, None, value, opening, rest)

    def _for_object_expr(
        self, opening: Token, intro: _Intro, key: Expression, _: Token, value: Expression, *rest: Any
    ) -> For:
        return self._for(intro, key, value, opening, rest)

    def _for(
        self, intro: _Intro, key: Expression | None, value: Expression, opening: Token, rest: tuple[Any, ...]
    ) -> For:
        condition = next((part.value for part in rest if isinstance(part, _Condition)), None)
        span = self._span(opening[2], rest[-1][3])
        return For(
            intro.key_name, intro.value_name, intro.collection, key, value, condition, span, rest[0][0] == "ELLIPSIS"
        )

    # Templates

    def _plain_string(self, string: Token) -> Literal:
        return Literal(string[1][1:-1], self._span(string[2], string[3]))

    def _interpolation(self, opening: Token, value: Expression, closing: Token) -> _Hole:
        return _Hole(value, opening[1] == "${~", closing[1] == "~}")

    def _template_if_start(self, opening: Token, word: Token, *rest: Any) -> _Directive:
        closing = rest[-1]
        return _Directive(
            word[1], self._span(opening[2], closing[3]), opening[1] == "%{~", closing[1] == "~}", rest[:-1]
        )

    _template_else = _template_endif = _template_for_start = _template_endfor = _template_if_start

    def _string(self, opening: Token, *rest: Any) -> Literal | Template:
        closing: Token = rest[-1]
        span = self._span(opening[2], closing[3])
        pieces = self._pieces(rest[0] if len(rest) > 1 else [], opening[1] == '"')
        if opening[1].startswith("<<-"):
            _outdent(pieces)
        parts = self._nested(_melded(pieces))
        match parts:
            case []:
                return Literal("", span)
            case [Literal(str() as text)] if isinstance(pieces[0], Literal):
                return Literal(text, span)
            case _:
                return Template(tuple(parts), span)

    def _pieces(self, parts: list[Any], quoted: bool) -> list[_Piece]:
        """The parts of a template with escapes undone and space stripped where `~` says so."""
        pieces: list[_Piece] = []
        strip_next = False
        for part in parts:
            if isinstance(part, (_Hole, _Directive)):
                before = pieces[-1] if pieces else None
                if part.strips_before and isinstance(before, Literal):
                    before.value = str(before.value).rstrip()
                strip_next = part.strips_after
                pieces.append(part)
            else:
                text = _unescaped(part) if quoted else _BARE_ESCAPE.sub(r"\1{", part[1])
                pieces.append(Literal(text.lstrip() if strip_next else text, self._span(part[2], part[3])))
                strip_next = False
        return pieces

    def _nested(self, pieces: Iterable[_Piece]) -> list[Expression]:
        """The parts of a template with each directive and what it governs made one expression."""
        parts: list[Expression] = []
        stack: list[_Open] = []
        for piece in pieces:
            if isinstance(piece, _Hole):
                parts.append(piece.value)
            elif not isinstance(piece, _Directive):
                parts.append(piece)
            elif piece.word in ("if", "for"):
                stack.append(_Open(piece, parts, None))
                parts = []
            else:
                opener = stack.pop() if stack else None
                wanted = {"else": "if", "endif": "if", "endfor": "for"}[piece.word]
                if opener is None or opener.directive.word != wanted or (piece.word == "else" and opener.then):
                    raise RefusedError(
                        f"This %{{ {piece.word} }} belongs to no %{{ {wanted} }}.", piece.span.start, piece.span.end
                    )
                branch = _text_of(parts, piece.span)
                if piece.word == "else":
                    stack.append(opener._replace(then=branch))
                    parts = []
                else:
                    opener.before.append(_closed(opener, branch, piece.span))
                    parts = opener.before
        if stack:
            left = stack[-1].directive
            raise RefusedError(f"This %{{ {left.word} }} has no %{{ end{left.word} }}.", left.span.start, left.span.end)
        return parts


_EXACT = 2**53
_LONGEST_NUMBER = 1000
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_WORD_OF_CONSTANT = {constant: word for word, constant in _CONSTANTS.items()}


def _members(parts: Iterable[Any]) -> Iterator[Any]:
    """Everything in parts and their repetitions that is not a bare token."""
    for part in parts:
        if type(part) is list:
            for member in part:
                if type(member) is not tuple:
                    yield member
        elif type(part) is not tuple:
            yield part


def _integer(number: Token) -> int:
    if len(number[1]) > _LONGEST_NUMBER:
        raise RefusedError("This number is too long.", number[2], number[3])
    return int(number[1])


def _unescaped(token: Token) -> str:
    """The value of a piece of quoted text."""
    text, start = token[1], token[2]
    if "\\" not in text:
        return _BARE_ESCAPE.sub(r"\1{", text)

    def character(found: re.Match[str]) -> str:
        plain, four, eight, sign = found.groups()
        if plain:
            return _PLAIN_ESCAPES[plain]
        if sign:
            return f"{sign}{{"
        code = int(four or eight or "110000", 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise RefusedError(
                f"The escape {found[0]} is not one of HCL's.",
                start + found.start(),
                start + found.end(),
                "Write \\\\ for a backslash.",
            )
        return chr(code)

    return _ESCAPE.sub(character, text)


def _outdent(pieces: list[_Piece]) -> None:
    """What `<<-` does: takes from each line the indentation that all lines have, as HCL's own parser reckons it.

    A blank line does not count and keeps its space; a line that starts with a hole has no indentation.
    """
    lines = []
    smallest: int | None = None
    at_start = True
    for piece in pieces:
        text = str(piece.value) if isinstance(piece, Literal) else ""
        if at_start:
            indentation = len(text) - len(text.lstrip())
            if indentation < len(text) or not text.endswith("\n"):
                smallest = indentation if smallest is None else min(smallest, indentation)
                if isinstance(piece, Literal):
                    lines.append(piece)
        at_start = text.endswith("\n")
    for line in lines:
        line.value = str(line.value)[smallest:]


def _melded(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Neighbouring texts made one."""
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, Literal)):
        run = list(group)
        if is_text and len(run) > 1:
            texts = [piece for piece in run if isinstance(piece, Literal)]
            yield Literal("".join(str(text.value) for text in texts), texts[0].span.to(texts[-1].span))
        else:
            yield from run


def _text_of(parts: list[Expression], span: Span) -> Expression:
    """What a directive governs. It is a text even where it is one hole only, so that never stands alone."""
    match parts:
        case []:
            return Literal("", span)
        case [Literal() as text]:
            return text
        case [single]:
            return Template((single, Literal("", span)), single.span)
        case _:
            return Template(tuple(parts), parts[0].span.to(parts[-1].span))


def _closed(opener: _Open, branch: Expression, end: Span) -> Expression:
    directive = opener.directive
    span = directive.span.to(end)
    if directive.word == "if":
        then, otherwise = (branch, Literal("", end)) if opener.then is None else (opener.then, branch)
        return Conditional(directive.rest[0], then, otherwise, span)
    names = [token[1] for token in directive.rest if type(token) is tuple and token[0] == "NAME"]
    key_name, value_name = names if len(names) > 1 else (None, names[0])
    collection = directive.rest[-1]
    every = For(key_name, value_name, collection, None, branch, None, span)
    return Call("join", (Literal("", span), every), span)
