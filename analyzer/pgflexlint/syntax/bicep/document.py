"""What a Bicep file holds, as its readers see it, in Bicep's own words.

The words are those of https://learn.microsoft.com/azure/azure-resource-manager/bicep/file and, for `.bicepparam`,
https://learn.microsoft.com/azure/azure-resource-manager/bicep/parameter-files. Values are expressions; types are a
tree of their own, which keeps what tells whether and with what a value may be left out. As with expressions, nothing
here compares by its parts.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from pgflexlint.problem import Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.expressions import Call, Expression, ObjectOf
from pgflexlint.syntax.reading import Comment

# Types


class NamedType(Struct, frozen=True, eq=False):
    """`string`, a type declared elsewhere, or one made from others: `resourceInput<'Microsoft…@2024-08-01'>`.

    `resource 'Microsoft…@2024-08-01'` is the type `resource` with that argument.
    """

    name: str
    arguments: tuple[Type, ...]
    span: Span


class MemberType(Struct, frozen=True, eq=False):
    """`base.name` (a type of a namespace, or of a property), or `base[0]`."""

    base: Type
    member: str | int
    arguments: tuple[Type, ...]
    span: Span


class ElementType(Struct, frozen=True, eq=False):
    """`base[*]` or `base.*`: what the members of a list or an object without fixed names are."""

    base: Type
    span: Span


class LiteralType(Struct, frozen=True, eq=False):
    """The type of one value: `'Enabled'`, `5`, `-1`, `true`, `null`."""

    value: Expression
    span: Span


class UnionType(Struct, frozen=True, eq=False):
    """`'a' | 'b'`."""

    members: tuple[Type, ...]
    span: Span


class NullableType(Struct, frozen=True, eq=False):
    """`T?`: a value that may be left out, and is null then."""

    item: Type
    span: Span


class NonNullableType(Struct, frozen=True, eq=False):
    """`T!`."""

    item: Type
    span: Span


class ArrayType(Struct, frozen=True, eq=False):
    """`T[]`."""

    item: Type
    span: Span


class TypeProperty(Struct, frozen=True, eq=False):
    """`name: T` in the type of an object."""

    name: str
    name_span: Span
    type: Type
    decorators: tuple[Call, ...]


class TypeItem(Struct, frozen=True, eq=False):
    """`T` for one member of a tuple, or in `*: T` for all other properties of an object."""

    type: Type
    decorators: tuple[Call, ...]


class ObjectType(Struct, frozen=True, eq=False):
    """`{ name: T }`; `others` is the type of all other properties."""

    properties: tuple[TypeProperty, ...]
    others: TypeItem | None
    span: Span


class TupleType(Struct, frozen=True, eq=False):
    """`[T1, T2]`."""

    items: tuple[TypeItem, ...]
    span: Span


Type: TypeAlias = (
    NamedType | MemberType | ElementType | LiteralType | UnionType
    | NullableType | NonNullableType | ArrayType | ObjectType | TupleType
)  # fmt: skip

# Statements


class Statement(Struct, frozen=True, eq=False):
    """One statement, decorators not counted in its spans."""

    span: Span
    """From the keyword to the end."""
    decorators: tuple[Call, ...]
    """In the order of the source. `@sys.secure()` is a call of `secure` on the target `sys`."""


class Declaration(Statement, frozen=True, eq=False):
    """A statement that gives a name to something."""

    name: str
    name_span: Span
    header: Span
    """From the keyword to before the `=` or `=>`, or to the end where there is none."""


class Skipped(Statement, frozen=True, eq=False):
    """`targetScope`, `metadata`, `test`, `assert`, `extension` or `extensionConfig`: only its syntax is checked."""


class Parameter(Declaration, frozen=True, eq=False):
    """`param name type = default`."""

    type: Type
    default: Expression | None


class Assignment(Declaration, frozen=True, eq=False):
    """`param name = value` in a `.bicepparam` file."""

    value: Expression


class Variable(Declaration, frozen=True, eq=False):
    """`var name = value`; `var name type = value`."""

    type: Type | None
    value: Expression


class TypeDeclaration(Declaration, frozen=True, eq=False):
    """`type name = T`."""

    type: Type


class Function(Declaration, frozen=True, eq=False):
    """`func name(argument type, …) type => body`."""

    parameters: tuple[tuple[str, Type], ...]
    returns: Type
    body: Expression


class Output(Declaration, frozen=True, eq=False):
    """`output name type = value`."""

    type: Type
    value: Expression


class Loop(Struct, frozen=True, eq=False):
    """`[for item in collection: …]` or `[for (item, index) in collection: …]`."""

    item: str
    index: str | None
    collection: Expression
    span: Span
    """From `for` to before the colon."""


class Body(Struct, frozen=True, eq=False):
    """What stands after the `=` of a resource or module: an object, after `if (condition)` or in a loop, or both."""

    properties: ObjectOf
    condition: Expression | None
    loop: Loop | None
    span: Span


class Resource(Declaration, frozen=True, eq=False):
    """`resource name 'type@version' existing = body`."""

    type: Expression
    existing: bool
    body: Body
    children: tuple[Resource, ...]
    """The resources that are declared in its body; they are no members of the body's object."""


class Module(Declaration, frozen=True, eq=False):
    """`module name 'source' = body`."""

    source: Expression
    body: Body


class ImportedSymbol(Struct, frozen=True, eq=False):
    """`name as alias`; the alias is the name where none is given."""

    name: str
    alias: str
    span: Span


class Import(Statement, frozen=True, eq=False):
    """`import { … } from 'source'` or `import * as namespace from 'source'`."""

    symbols: tuple[ImportedSymbol, ...]
    namespace: str | None
    source: Expression


class Using(Statement, frozen=True, eq=False):
    """`using 'main.bicep'` in a `.bicepparam` file; the source of `using none` is None."""

    source: Expression | None


class Extends(Statement, frozen=True, eq=False):
    """`extends 'base.bicepparam'`."""

    source: Expression


class BicepDocument(Struct, frozen=True, eq=False):
    """One file. Where there are problems, the rest holds what could be read all the same.

    Statements of a kind keep their order; several may have one name, which Bicep refuses.
    """

    file: SourceFile
    parameters: tuple[Parameter, ...]
    variables: tuple[Variable, ...]
    types: tuple[TypeDeclaration, ...]
    functions: tuple[Function, ...]
    resources: tuple[Resource, ...]
    """Those of the top level; see `Resource.children`."""
    modules: tuple[Module, ...]
    outputs: tuple[Output, ...]
    imports: tuple[Import, ...]
    usings: tuple[Using, ...]
    extends: tuple[Extends, ...]
    assignments: tuple[Assignment, ...]
    comments: tuple[Comment, ...]
    """Pragmas such as `#disable-next-line` are among them."""
    problems: tuple[Problem, ...]
