"""The one expression language that HCL, Bicep and ARM template expressions are lowered to.

Each node has the span of its source. Nodes are plain data: what they mean is the interpreter's business.
They are not frozen only because parsing makes millions of them; nobody changes one after it is made.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from pgflexlint.source import Span


class Literal(Struct, eq=False):
    """A number, a boolean, null, or a string without holes (escapes already undone)."""

    value: str | int | float | bool | None
    span: Span


class Template(Struct, eq=False):
    """A string with holes: `Literal` strings and other expressions in turn."""

    parts: tuple[Expression, ...]
    span: Span


class Name(Struct, eq=False):
    """A bare name: `var`, `each`, a resource type, a loop variable, a Bicep symbol."""

    name: str
    span: Span


class Attribute(Struct, eq=False):
    """`base.name`; `base.?name` where `optional`."""

    base: Expression
    name: str
    span: Span
    optional: bool = False


class Nested(Struct, eq=False):
    """Bicep's `base::name`: the resource `name` that is declared in the body of the resource `base`."""

    base: Expression
    name: str
    span: Span


class Index(Struct, eq=False):
    """`base[key]`; `base[?key]` where `optional`; `base[^key]` where `from_end`. HCL's `base.0` too."""

    base: Expression
    key: Expression
    span: Span
    optional: bool = False
    from_end: bool = False


class SplatItem(Struct, eq=False):
    """The member at hand inside the body of a splat."""

    span: Span


class Splat(Struct, eq=False):
    """`base[*].rest` or `base.*.rest`: `body` for each member, which `body` names by `SplatItem`."""

    base: Expression
    body: Expression
    span: Span


class Call(Struct, eq=False):
    """`function(arguments)`. A namespaced name keeps its `::` (`provider::azapi::parse_resource_id`)."""

    function: str
    arguments: tuple[Expression, ...]
    span: Span
    expand: bool = False
    """The last argument is a list whose members are the arguments (HCL's `...`)."""
    target: Expression | None = None
    """What the function belongs to: a namespace (`az` in Bicep's `az.resourceGroup()`) or a value."""


class Unary(Struct, eq=False):
    """`!operand` or `-operand`."""

    operator: str
    operand: Expression
    span: Span


class Binary(Struct, eq=False):
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression
    span: Span


class Conditional(Struct, eq=False):
    """`test ? then : otherwise`; HCL's `%{if}` too."""

    test: Expression
    then: Expression
    otherwise: Expression
    span: Span


class Spread(Struct, eq=False):
    """`...value` as a member of a list or object."""

    value: Expression
    span: Span


class ListOf(Struct, eq=False):
    """`[items]`."""

    items: tuple[Expression, ...]
    span: Span


class ObjectOf(Struct, eq=False):
    """`{key = value}`; a bare key is a `Literal` string, a computed one any other expression."""

    items: tuple[tuple[Expression, Expression], ...]
    span: Span


class For(Struct, eq=False):
    """A list, or an object where `key` is given, made of the members of `collection`."""

    key_name: str | None
    """The name that the key or index of the member has in the body, if it has one."""
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    span: Span
    grouped: bool = False
    """Values under the same key are gathered in a list (HCL's `...`)."""


class Lambda(Struct, eq=False):
    """`(names) => body`."""

    names: tuple[str, ...]
    body: Expression
    span: Span


Expression: TypeAlias = (
    Literal | Template | Name | Attribute | Nested | Index | SplatItem | Splat | Call
    | Unary | Binary | Conditional | Spread | ListOf | ObjectOf | For | Lambda
)  # fmt: skip


def spelled(expression: Expression) -> str:
    """An expression of a template in the words of ARM, where it cannot be shown as it is written."""
    match expression:
        case Literal(value=str(text)):
            return f"'{text}'"
        case Literal(value=value):
            return "null" if value is None else str(value).lower()
        case Template(parts=parts):
            texts = [str(each.value) if isinstance(each, Literal) else f"${{{spelled(each)}}}" for each in parts]
            return f"'{''.join(texts)}'"
        case Attribute(base=Name(name="parameters" | "variables" as table), name=name):
            return f"{table}('{name}')"
        case Attribute(base=base, name=name):
            return f"{spelled(base)}.{name}"
        case Call(function=function, arguments=arguments, target=None):
            return f"{function}({', '.join(map(spelled, arguments))})"
        case Name(name=name):
            return name
    return "…"
