"""What a Bicep file holds, as its readers see it, in Bicep's own words.

The words are those of https://learn.microsoft.com/azure/azure-resource-manager/bicep/file and, for `.bicepparam`,
https://learn.microsoft.com/azure/azure-resource-manager/bicep/parameter-files. Values are expressions; types are a
tree of their own, which keeps what tells whether and with what a value may be left out. As with expressions, nothing
here compares by its parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pgflexlint.problem import Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.expressions import Call, Expression, ObjectOf
from pgflexlint.syntax.reading import Comment

# Types


@dataclass(frozen=True, slots=True, eq=False)
class NamedType:
    """`string`, a type declared elsewhere, or one made from others: `resourceInput<'Microsoft…@2024-08-01'>`.

    `resource 'Microsoft…@2024-08-01'` is the type `resource` with that argument.
    """

    name: str
    arguments: tuple[Type, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class MemberType:
    """`base.name` (a type of a namespace, or of a property), or `base[0]`."""

    base: Type
    member: str | int
    arguments: tuple[Type, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ElementType:
    """`base[*]` or `base.*`: what the members of a list or an object without fixed names are."""

    base: Type
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class LiteralType:
    """The type of one value: `'Enabled'`, `5`, `-1`, `true`, `null`."""

    value: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class UnionType:
    """`'a' | 'b'`."""

    members: tuple[Type, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class NullableType:
    """`T?`: a value that may be left out, and is null then."""

    item: Type
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class NonNullableType:
    """`T!`."""

    item: Type
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ArrayType:
    """`T[]`."""

    item: Type
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class TypeProperty:
    """`name: T` in the type of an object."""

    name: str
    name_span: Span
    type: Type
    decorators: tuple[Call, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ObjectType:
    """`{ name: T }`; `others` is the type of all other properties, `*: T`."""

    properties: tuple[TypeProperty, ...]
    others: Type | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class TupleType:
    """`[T1, T2]`."""

    items: tuple[Type, ...]
    span: Span


Type: TypeAlias = (
    NamedType | MemberType | ElementType | LiteralType | UnionType
    | NullableType | NonNullableType | ArrayType | ObjectType | TupleType
)  # fmt: skip

# Statements


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement, decorators not counted in its spans."""

    span: Span
    """From the keyword to the end."""
    decorators: tuple[Call, ...]
    """In the order of the source. `@sys.secure()` is a call of `secure` on the target `sys`."""


@dataclass(frozen=True, slots=True, eq=False)
class Declaration(Statement):
    """A statement that gives a name to something."""

    name: str
    name_span: Span
    header: Span
    """From the keyword to before the `=` or `=>`, or to the end where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class TargetScope(Statement):
    """`targetScope = 'subscription'`."""

    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Metadata(Declaration):
    """`metadata name = value`."""

    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Declaration):
    """`param name type = default`."""

    type: Type
    default: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class Assignment(Declaration):
    """`param name = value` in a `.bicepparam` file."""

    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Declaration):
    """`var name = value`; `var name type = value`."""

    type: Type | None
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class TypeDeclaration(Declaration):
    """`type name = T`."""

    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Function(Declaration):
    """`func name(argument type, …) type => body`."""

    parameters: tuple[tuple[str, Type], ...]
    returns: Type
    body: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Output(Declaration):
    """`output name type = value`."""

    type: Type
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """`[for item in collection: …]` or `[for (item, index) in collection: …]`."""

    item: str
    index: str | None
    collection: Expression
    span: Span
    """From `for` to before the colon."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What stands after the `=` of a resource or module: an object, after `if (condition)` or in a loop, or both."""

    properties: ObjectOf
    condition: Expression | None
    loop: Loop | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Resource(Declaration):
    """`resource name 'type@version' existing = body`."""

    type: Expression
    existing: bool
    body: Body
    children: tuple[Resource, ...]
    """The resources that are declared in its body; they are no members of the body's object."""


@dataclass(frozen=True, slots=True, eq=False)
class Module(Declaration):
    """`module name 'source' = body`."""

    source: Expression
    body: Body


@dataclass(frozen=True, slots=True, eq=False)
class Test(Declaration):
    """`test name 'source' = { … }`."""

    source: Expression
    properties: ObjectOf


@dataclass(frozen=True, slots=True, eq=False)
class Assertion(Declaration):
    """`assert name = condition`."""

    condition: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Extension(Statement):
    """`extension specification with { … } as alias`, in older files with the keyword `import`."""

    specification: Expression
    """A string, or the `Name` of an extension that `bicepconfig.json` lists."""
    configuration: ObjectOf | None
    alias: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ExtensionConfiguration(Declaration):
    """`extensionConfig name with { … }` in a `.bicepparam` file."""

    configuration: ObjectOf


@dataclass(frozen=True, slots=True, eq=False)
class ImportedSymbol:
    """`name as alias`; the alias is the name where none is given."""

    name: str
    alias: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Import(Statement):
    """`import { … } from 'source'` or `import * as namespace from 'source'`."""

    symbols: tuple[ImportedSymbol, ...]
    namespace: str | None
    source: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Using(Statement):
    """`using 'main.bicep'` in a `.bicepparam` file; the source of `using none` is None."""

    source: Expression | None
    configuration: ObjectOf | None


@dataclass(frozen=True, slots=True, eq=False)
class Extends(Statement):
    """`extends 'base.bicepparam'`."""

    source: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Pragma:
    """`#disable-next-line`, `#disable-diagnostics` or `#restore-diagnostics`, and the codes it is about."""

    directive: str
    """Without the `#`."""
    codes: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class BicepDocument:
    """One file. Where there are problems, the rest holds what could be read all the same.

    Statements of a kind keep their order; several may have one name, which Bicep refuses.
    """

    file: SourceFile
    target_scopes: tuple[TargetScope, ...]
    metadata: tuple[Metadata, ...]
    parameters: tuple[Parameter, ...]
    variables: tuple[Variable, ...]
    types: tuple[TypeDeclaration, ...]
    functions: tuple[Function, ...]
    resources: tuple[Resource, ...]
    """Those of the top level; see `Resource.children`."""
    modules: tuple[Module, ...]
    outputs: tuple[Output, ...]
    imports: tuple[Import, ...]
    extensions: tuple[Extension, ...]
    usings: tuple[Using, ...]
    extends: tuple[Extends, ...]
    assignments: tuple[Assignment, ...]
    extension_configurations: tuple[ExtensionConfiguration, ...]
    assertions: tuple[Assertion, ...]
    tests: tuple[Test, ...]
    comments: tuple[Comment, ...]
    pragmas: tuple[Pragma, ...]
    problems: tuple[Problem, ...]
