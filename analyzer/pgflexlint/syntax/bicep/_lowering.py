"""What each rule of the grammar makes of its parts: statements, types, expressions.

A method is called by the name that bicep.lark gives its rule, with everything that the rule spans, in order: tokens,
lists for repetitions, and what other rules made.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.problem import most_alike, quoted
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.bicep.document import (
    ArrayType,
    Assignment,
    Body,
    ElementType,
    Extends,
    Function,
    Import,
    ImportedSymbol,
    LiteralType,
    Loop,
    MemberType,
    Module,
    NamedType,
    NonNullableType,
    NullableType,
    ObjectType,
    Output,
    Parameter,
    Resource,
    Skipped,
    TupleType,
    Type,
    TypeDeclaration,
    TypeItem,
    TypeProperty,
    UnionType,
    Using,
    Variable,
)
from pgflexlint.syntax.bicep.lexer import SHOWN_LIMIT
from pgflexlint.syntax.expressions import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Lambda,
    ListOf,
    Literal,
    Name,
    Nested,
    ObjectOf,
    Spread,
    Template,
    Unary,
)
from pgflexlint.syntax.reading import RefusedError
from pgflexlint.syntax.tables import Token

_DIGITS_LIMIT = 20
"""How many digits a number may have: Bicep's are of 64 bits."""
_LARGEST = 2**64 - 1
"""The largest number that the compiler reads."""
_WHERE_RESOURCES_GO = "Declare it at the top level or directly in the body of another resource."

_PRECEDENCE = {
    "??": 30, "||": 40, "&&": 50, "==": 70, "!=": 70, "=~": 70, "!~": 70,
    "<": 80, ">": 80, "<=": 80, ">=": 80, "+": 90, "-": 90, "*": 100, "/": 100, "%": 100,
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}
_ESCAPE = compiled(r"\\(?:u\{([0-9A-Fa-f]+)\}|(.))")
_FIRST_BREAK = compiled(r"\A(?:\r\n?|\n)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class _Group(NamedTuple):
    """What stands between round brackets."""

    items: list[Expression]
    start: int
    end: int


class _If(NamedTuple):
    """`if (test) { … }`."""

    test: Expression
    properties: ObjectOf
    start: int


_Member: TypeAlias = tuple[Expression, Expression] | Resource


class Lowering:
    """The rules of bicep.lark for one file."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._families: list[tuple[ObjectOf, tuple[Resource, ...]]] = []
        """Objects that resources are declared in, until the resource is read whose body the object is."""

    def finish(self) -> None:
        """A statement was read to its end."""
        for _, children in self._families:
            header = children[0].header
            raise RefusedError("A resource cannot be declared here.", header.start, header.end, _WHERE_RESOURCES_GO)

    def forget(self) -> None:
        """A statement was given up."""
        self._families.clear()

    def _span(self, start: int, end: int) -> Span:
        return Span(self._file, start, end)

    # Lists

    def first(self, item: Any, *_: Token) -> list[Any]:
        return [item]

    def more(self, items: list[Any], _: Token, item: Any) -> list[Any]:
        items.append(item)
        return items

    def again(self, items: list[Any], item: Any, _: Token) -> list[Any]:
        items.append(item)
        return items

    def comma(self, _: Token, comma: Token) -> Token:
        return comma

    def pair(self, name: Token, type_: Type) -> tuple[str, Type]:
        return name.text, type_

    # Statements

    def _named(
        self, keyword: Token, name: Token, header: int, end: int
    ) -> tuple[Span, tuple[Call, ...], str, Span, Span]:
        """What every declaration has; `header` and `end` are the offsets where these end."""
        start = keyword.start
        return self._span(start, end), (), name.text, self._span(name.start, name.end), self._span(start, header)

    def skipped(self, keyword: Token, *rest: Any) -> Skipped:
        return Skipped(self._span(keyword.start, _end(rest[-1])), ())

    def parameter(self, keyword: Token, name: Token, type_: Type, *rest: Any) -> Parameter:
        default: Expression | None = rest[1] if rest else None
        header = type_.span.end
        return Parameter(*self._named(keyword, name, header, default.span.end if default else header), type_, default)

    def assignment(self, keyword: Token, name: Token, _: Token, value: Expression) -> Assignment:
        return Assignment(*self._named(keyword, name, name.end, value.span.end), value)

    def variable(self, keyword: Token, name: Token, _: Token, value: Expression) -> Variable:
        return Variable(*self._named(keyword, name, name.end, value.span.end), None, value)

    def typed_variable(self, keyword: Token, name: Token, type_: Type, _: Token, value: Expression) -> Variable:
        return Variable(*self._named(keyword, name, type_.span.end, value.span.end), type_, value)

    def type_declaration(self, keyword: Token, name: Token, _: Token, type_: Type) -> TypeDeclaration:
        return TypeDeclaration(*self._named(keyword, name, name.end, type_.span.end), type_)

    def function(self, keyword: Token, name: Token, _: Token, *rest: Any) -> Function:
        parameters = tuple(rest[0]) if isinstance(rest[0], list) else ()
        returns: Type = rest[-3]
        body: Expression = rest[-1]
        return Function(*self._named(keyword, name, returns.span.end, body.span.end), parameters, returns, body)

    def output(self, keyword: Token, name: Token, type_: Type, _: Token, value: Expression) -> Output:
        return Output(*self._named(keyword, name, type_.span.end, value.span.end), type_, value)

    def resource(self, keyword: Token, name: Token, type_: Expression, *rest: Any) -> Resource:
        *words, _, body = rest
        header = type_.span.end
        for word in words:
            self._expect(word, "existing")
            header = word.end
        children: tuple[Resource, ...] = ()
        if self._families and self._families[-1][0] is body.properties:
            _, children = self._families.pop()
        named = self._named(keyword, name, header, body.span.end)
        return Resource(*named, type_, bool(words), body, children)

    def module(self, keyword: Token, name: Token, source: Expression, _: Token, body: Body) -> Module:
        return Module(*self._named(keyword, name, source.span.end, body.span.end), source, body)

    def config(self, word: Token, configuration: ObjectOf) -> ObjectOf:
        self._expect(word, "with")
        return configuration

    def alias(self, word: Token, name: Token) -> Token:
        self._expect(word, "as")
        return name

    def symbol(self, named: Token | Expression, alias: Token | None = None) -> ImportedSymbol:
        if isinstance(named, Token):
            name, start, end = named.text, named.start, named.end
        else:
            name, start, end = self._plain(named), named.span.start, named.span.end
            if alias is None:
                raise RefusedError("A symbol imported by a string needs a name: 'x' as y.", start, end)
        return ImportedSymbol(name, alias.text if alias else name, self._span(start, alias.end if alias else end))

    def import_symbols(self, keyword: Token, *rest: Any) -> Import:
        symbols = tuple(rest[1]) if isinstance(rest[1], list) else ()
        self._expect(rest[-2], "from")
        return Import(self._span(keyword.start, rest[-1].span.end), (), symbols, None, rest[-1])

    def import_all(self, keyword: Token, _: Token, alias: Token, word: Token, source: Expression) -> Import:
        self._expect(word, "from")
        return Import(self._span(keyword.start, source.span.end), (), (), alias.text, source)

    def using(self, keyword: Token, named: Token | Expression, configuration: ObjectOf | None = None) -> Using:
        if isinstance(named, Token):
            self._expect(named, "none")
        source = None if isinstance(named, Token) else named
        return Using(self._span(keyword.start, _end(configuration or named)), (), source)

    def extends(self, keyword: Token, source: Expression) -> Extends:
        return Extends(self._span(keyword.start, source.span.end), (), source)

    def _expect(self, found: Token, word: str) -> None:
        """Refuse another word where only `word` has a meaning; it is no keyword elsewhere."""
        if found.text != word:
            shown = found.text[:SHOWN_LIMIT]
            names = (word, shown) if most_alike(shown, [word]) else (word,)
            raise RefusedError(f"Here should be '{word}', not '{shown}'.", found.start, found.end, names=names)

    def _plain(self, string: Expression) -> str:
        """The text of a string that must not have holes."""
        if isinstance(string, Literal) and isinstance(string.value, str):
            return string.value
        raise RefusedError("A string without holes should be here.", string.span.start, string.span.end)

    # Bodies

    def plain_body(self, properties: ObjectOf) -> Body:
        return Body(properties, None, None, properties.span)

    def conditional_body(self, condition: _If) -> Body:
        span = self._span(condition.start, condition.properties.span.end)
        return Body(condition.properties, condition.test, None, span)

    def loop_body(  # noqa: PLR0917 - what the rule spans
        self, opening: Token, keyword: Token, variables: tuple[str, str | None], word: Token, collection: Expression,
        colon: Token, inner: ObjectOf | _If, closing: Token,
    ) -> Body:  # fmt: skip
        self._expect(word, "in")
        loop = Loop(*variables, collection, self._span(keyword.start, collection.span.end))
        span = self._span(opening.start, closing.end)
        if isinstance(inner, _If):
            return Body(inner.properties, inner.test, loop, span)
        return Body(inner, None, loop, span)

    def condition(self, word: Token, group: _Group, properties: ObjectOf) -> _If:
        self._expect(word, "if")
        return _If(self.parentheses(group), properties, word.start)

    def loop_item(self, name: Token) -> tuple[str, None]:
        return name.text, None

    def loop_pair(self, _: Token, item: Token, _comma: Token, index: Token, _closing: Token) -> tuple[str, str]:
        return item.text, index.text

    # Decorators

    def decorator(self, _: Token, found: Name | Attribute | Call) -> Call:
        if isinstance(found, Name):
            return Call(found.name, (), found.span)
        if isinstance(found, Attribute):
            return Call(found.name, (), found.span, target=found.base)
        return found

    def bare_decorator(self, name: Token) -> Name:
        return self.name(name)

    def member_decorator(self, base: Expression, dot: Token, name: Token) -> Attribute:
        return self.attribute(base, dot, name)

    def decorated(self, decorators: list[Call], found: Any) -> Any:
        return replace(found, decorators=tuple(decorators))

    # Expressions

    def conditional(
        self, test: Expression, _: Token, then: Expression, _colon: Token, otherwise: Expression
    ) -> Conditional:
        return Conditional(test, then, otherwise, Span(self._file, test.span.start, otherwise.span.end))

    def lambda_of_one(self, name: Token, _: Token, body: Expression) -> Lambda:
        return Lambda((name.text,), body, self._span(name.start, body.span.end))

    def lambda_of_group(self, group: _Group, _: Token, body: Expression) -> Lambda:
        names = []
        for item in group.items:
            if not isinstance(item, Name):
                raise RefusedError("A lambda takes names only.", item.span.start, item.span.end)
            names.append(item.name)
        return Lambda(tuple(names), body, self._span(group.start, body.span.end))

    def chain(self, left: Expression, operator: Token, right: Expression) -> list[Any]:
        return [left, operator.text, right]

    def longer_chain(self, chain: list[Any], operator: Token, right: Expression) -> list[Any]:
        chain += (operator.text, right)
        return chain

    def binary(self, chain: list[Any]) -> Expression:
        """`a + b * c` from its parts in a row: all operators are left-associative."""
        operands: list[Expression] = [chain[0]]
        waiting: list[str] = []

        def join() -> None:
            right = operands.pop()
            left = operands.pop()
            operands.append(Binary(waiting.pop(), left, right, Span(self._file, left.span.start, right.span.end)))

        for position in range(1, len(chain), 2):
            while waiting and _PRECEDENCE[waiting[-1]] >= _PRECEDENCE[chain[position]]:
                join()
            waiting.append(chain[position])
            operands.append(chain[position + 1])
        while waiting:
            join()
        return operands[0]

    def unary(self, operator: Token, operand: Expression) -> Unary:
        return Unary(operator.kind, operand, Span(self._file, operator.start, operand.span.end))

    def name(self, name: Token) -> Name:
        return Name(name.text, Span(self._file, name.start, name.end))

    def number(self, number: Token) -> Literal:
        if len(number.text) > _DIGITS_LIMIT or int(number.text) > _LARGEST:
            raise RefusedError("This number is too large.", number.start, number.end, "Bicep's have 64 bits.")
        return Literal(int(number.text), self._span(number.start, number.end))

    def constant(self, word: Token) -> Literal:
        return Literal(_CONSTANTS[word.text], Span(self._file, word.start, word.end))

    def group(self, opening: Token, *rest: Any) -> _Group:
        return _Group(rest[0] if len(rest) > 1 else [], opening.start, rest[-1].end)

    def parentheses(self, group: _Group) -> Expression:
        if len(group.items) != 1:
            raise RefusedError("Parentheses hold exactly one value.", group.start, group.end)
        return self._widened(group.items[0], group.start, group.end)

    def non_null(self, operand: Expression, mark: Token) -> Expression:
        """`x!` is `x`: it only tells the compiler not to warn."""
        return self._widened(operand, operand.span.start, mark.end)

    def _widened(self, expression: Expression, start: int, end: int) -> Expression:
        expression.span = Span(self._file, start, end)
        return expression

    def call(self, name: Token, arguments: _Group) -> Call:
        return Call(name.text, tuple(arguments.items), Span(self._file, name.start, arguments.end))

    def method(self, target: Expression, _: Token, name: Token, arguments: _Group) -> Call:
        span = Span(self._file, target.span.start, arguments.end)
        return Call(name.text, tuple(arguments.items), span, target=target)

    def attribute(self, base: Expression, _: Token, name: Token) -> Attribute:
        return Attribute(base, name.text, Span(self._file, base.span.start, name.end))

    def safe_attribute(self, base: Expression, _: Token, _mark: Token, name: Token) -> Attribute:
        return Attribute(base, name.text, Span(self._file, base.span.start, name.end), optional=True)

    def nested(self, base: Expression, _: Token, name: Token) -> Nested:
        return Nested(base, name.text, Span(self._file, base.span.start, name.end))

    def index(self, base: Expression, _: Token, key: Expression, closing: Token) -> Index:
        return Index(base, key, Span(self._file, base.span.start, closing.end))

    def index_with_marks(self, base: Expression, _: Token, *rest: Any) -> Index:
        *marks, key, closing = rest
        kinds = {mark.kind for mark in marks}
        return Index(base, key, Span(self._file, base.span.start, closing.end), "?" in kinds, "^" in kinds)

    def for_list(  # noqa: PLR0917 - what the rule spans
        self, opening: Token, keyword: Token, variables: tuple[str, str | None], word: Token, collection: Expression,
        colon: Token, value: Expression, closing: Token,
    ) -> For:  # fmt: skip
        self._expect(word, "in")
        item, index = variables
        return For(index, item, collection, None, value, None, self._span(opening.start, closing.end))

    def object_of(self, opening: Token, *rest: Any) -> ObjectOf:
        members: list[_Member] = rest[0] if len(rest) > 1 else []
        span = Span(self._file, opening.start, rest[-1].end)
        items = tuple(member for member in members if not isinstance(member, Resource))
        self._check_names(items)
        found = ObjectOf(items, span)
        if len(items) < len(members):
            self._families.append((found, tuple(member for member in members if isinstance(member, Resource))))
        return found

    def _check_names(self, members: Iterable[_Member]) -> None:
        """Refuse an object that has a property twice, as Bicep does (BCP025); its names are told apart by case."""
        first: dict[object, Span] = {}
        for member in members:
            key = None if isinstance(member, Resource) else member[0]
            if isinstance(key, Literal) and first.setdefault(key.value, key.span) is not key.span:
                line = first[key.value].first_line
                message = f"The property '{key.value}' is declared twice; it is also declared on line {line}."
                start, end = key.span.start, key.span.end
                raise RefusedError(message, start, end, "Remove one of the two.", names=quoted(message))

    def named_member(self, name: Token, _: Token, value: Expression) -> _Member:
        return Literal(name.text, Span(self._file, name.start, name.end)), value

    def computed_member(self, key: Expression, _: Token, value: Expression) -> _Member:
        return key, value

    def spread_member(self, dots: Token, value: Expression) -> _Member:
        spread = self.spread(dots, value)
        return spread, spread

    def list_of(self, opening: Token, *rest: Any) -> ListOf:
        return ListOf(tuple(rest[0]) if len(rest) > 1 else (), Span(self._file, opening.start, rest[-1].end))

    def spread(self, dots: Token, value: Expression) -> Spread:
        return Spread(value, self._span(dots.start, value.span.end))

    # Strings

    def string(self, token: Token) -> Literal:
        text = token.text
        dollars, long = _opening(text)
        value = _long_text(text[dollars + 3 : -3]) if long else self._unescaped(text[1:-1], token.start + 1)
        return Literal(value, Span(self._file, token.start, token.end))

    def holes(self, opening: Token, value: Expression) -> list[Any]:
        return [opening, value]

    def more_holes(self, parts: list[Any], middle: Token, value: Expression) -> list[Any]:
        parts += (middle, value)
        return parts

    def template(self, holes: list[Any], closing: Token) -> Template:
        """The first part is always text, even if empty: `'${x}'` is a text, never `x` itself."""
        dollars, long = _opening(holes[0].text)
        before, hole, after = (dollars + 3, dollars + 1, 3) if long else (1, 2, 1)
        parts: list[Expression] = []
        for position, part in enumerate([*holes, closing]):
            if not isinstance(part, Token):
                parts.append(part)
                continue
            start = part.start + (1 if position else before)
            end = part.end - (after if part is closing else hole)
            value = self._file.text[start:end]
            if not long:
                value = self._unescaped(value, start)
            elif not position:
                value = _long_text(value)
            if value or not position:
                parts.append(Literal(value, self._span(start, end)))
        return Template(tuple(parts), self._span(holes[0].start, closing.end))

    def _unescaped(self, text: str, start: int) -> str:
        """The text of a string on one line, which stands at `start`."""
        if "\\" not in text:
            return text

        def undone(escape: re.Match[str]) -> str:
            if escape[2]:
                return _ESCAPED.get(escape[2], escape[2])
            digits = escape[1].lstrip("0")
            if len(digits) > 6 or int(digits or "0", 16) > sys.maxunicode:
                raise RefusedError("There is no such character.", start + escape.start(), start + escape.end())
            code = int(digits or "0", 16)
            return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= code < 0xE000 else chr(code)

        return _ESCAPE.sub(undone, text)

    # Types

    def two_types(self, left: Type, _: Token, right: Type) -> list[Type]:
        return [left, right]

    def union(self, members: list[Type]) -> UnionType:
        return UnionType(tuple(members), self._span(members[0].span.start, members[-1].span.end))

    def union_of_one(self, bar: Token, member: Type) -> UnionType:
        return self.bar_union(bar, [member])

    def bar_union(self, bar: Token, members: list[Type]) -> UnionType:
        return UnionType(tuple(members), self._span(bar.start, members[-1].span.end))

    def nullable_type(self, item: Type, mark: Token) -> NullableType:
        return NullableType(item, self._span(item.span.start, mark.end))

    def non_nullable_type(self, item: Type, mark: Token) -> NonNullableType:
        return NonNullableType(item, self._span(item.span.start, mark.end))

    def unary_type(self, operator: Token, operand: Type) -> LiteralType:
        if not isinstance(operand, LiteralType):
            raise RefusedError(f"'{operator.text}' takes a value here.", operand.span.start, operand.span.end)
        value = self.unary(operator, operand.value)
        return LiteralType(value, value.span)

    def named_type(self, name: Token) -> NamedType:
        return NamedType(name.text, (), self._span(name.start, name.end))

    def generic_type(self, name: Token, _: Token, arguments: list[Type], closing: Token) -> NamedType:
        return NamedType(name.text, tuple(arguments), self._span(name.start, closing.end))

    def resource_type(self, word: Token, string: Expression) -> NamedType:
        if word.text != "resource":
            message = "Here should be '=' or a new line, not a string."
            raise RefusedError(message, string.span.start, string.span.end)
        return NamedType(word.text, (LiteralType(string, string.span),), self._span(word.start, string.span.end))

    def string_type(self, string: Expression) -> LiteralType:
        return LiteralType(string, string.span)

    def constant_type(self, word: Token) -> LiteralType:
        return self.string_type(self.constant(word))

    def number_type(self, number: Token) -> LiteralType:
        return self.string_type(self.number(number))

    def parentheses_type(self, opening: Token, inner: Type, closing: Token) -> Type:
        return replace(inner, span=self._span(opening.start, closing.end))

    def object_type(self, opening: Token, *rest: Any) -> ObjectType:
        properties: list[TypeProperty | TypeItem] = rest[0] if len(rest) > 1 else []
        others = [found for found in properties if isinstance(found, TypeItem)]
        return ObjectType(
            tuple(found for found in properties if isinstance(found, TypeProperty)),
            others[0] if others else None,
            self._span(opening.start, rest[-1].end),
        )

    def type_property(self, key: Token | Expression, _: Token, type_: Type) -> TypeProperty | TypeItem:
        if not isinstance(key, Token):
            return TypeProperty(self._plain(key), key.span, type_, ())
        if key.kind == "*":
            return TypeItem(type_, ())
        return TypeProperty(key.text, self._span(key.start, key.end), type_, ())

    def tuple_type(self, opening: Token, *rest: Any) -> TupleType:
        items: list[Type | TypeItem] = rest[0] if len(rest) > 1 else []
        return TupleType(
            tuple(found if isinstance(found, TypeItem) else TypeItem(found, ()) for found in items),
            self._span(opening.start, rest[-1].end),
        )

    def decorated_item(self, decorators: list[Call], item: Type) -> TypeItem:
        return TypeItem(item, tuple(decorators))

    def array_type(self, item: Type, _: Token, closing: Token) -> ArrayType:
        return ArrayType(item, self._span(item.span.start, closing.end))

    def element_type(self, base: Type, *rest: Token) -> ElementType:
        return ElementType(base, self._span(base.span.start, rest[-1].end))

    def item_type(self, base: Type, _: Token, key: Expression, closing: Token) -> MemberType:
        if not isinstance(key, Literal) or not isinstance(key.value, int):
            raise RefusedError("A number should be here.", key.span.start, key.span.end)
        return MemberType(base, key.value, (), self._span(base.span.start, closing.end))

    def property_type(self, base: Type, _: Token, name: Token) -> MemberType:
        return MemberType(base, name.text, (), self._span(base.span.start, name.end))

    def generic_property_type(
        self, base: Type, _: Token, name: Token, _opening: Token, arguments: list[Type], closing: Token
    ) -> MemberType:
        return MemberType(base, name.text, tuple(arguments), self._span(base.span.start, closing.end))


def _end(part: Token | Expression) -> int:
    return part.end if isinstance(part, Token) else part.span.end


def _opening(text: str) -> tuple[int, bool]:
    """How many dollar signs a string begins with, and whether it may have several lines."""
    if text[0] == "$":
        return len(text) - len(text.lstrip("$")), True
    return 0, text.startswith("'''")


def _long_text(text: str) -> str:
    """A text of several lines; a line break straight after the opening is not part of it."""
    return _FIRST_BREAK.sub("", text, count=1)
