"""A deployment template as Bicep and ARM JSON both declare it: nothing evaluated yet.

The words are those of ARM (https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax). Both readers
lower to this one shape with one set of names, so that a Bicep file and the JSON compiled from it evaluate alike:

- Bicep's bare names stand for parameters, variables, resources, modules, loop and lambda variables; a resource that is
  declared inside another has the symbol `outer::inner`. In ARM JSON `parameters('x')` is
  `Attribute(Name("parameters"), "x")`, `variables('x')` likewise, `lambdaVariables('x')` is `Name("x")`, and
  `copyIndex('loop')` is the `Name` of the index of that loop, `copyIndex:loop`, which no scope but the loop's has.
  A `copy` of properties, variables or outputs is a `For` over `range(0, count)`.
- What ARM writes as functions and Bicep as syntax is the syntax node: `if`, `and`, `or`, `not`, `equals`, `coalesce`,
  `add`, `less`, `createObject`, `createArray`, `tryGet`, `lambda`, `null`, and `format` where it only fills holes.
- All other functions are `Call`s by their ARM name, compared without case.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from pgflexlint.problem import Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.expressions import Expression, Lambda, ObjectOf


class Type(Struct, frozen=True, eq=False):
    """What a declared type says of its values, as far as it matters here."""

    sensitive: bool = False
    """It is declared with `@secure()`, or as `securestring` or `secureObject`."""
    nullable: bool | None = None
    """Whether null is one of them; None where that is said by the type that it is another name for, or by none."""
    path: tuple[str | None, ...] = ()
    """The type that it is another name for: the name of that, then those of members or the positions of elements; None
    stands for any member. A namespace of imported types comes first. Empty where it is no name."""
    members: Mapping[str, Type] = field(default_factory=dict)
    """The types of members, by names in lower case and positions."""
    others: Type | None = None
    """The type of all other members."""
    choices: tuple[Type, ...] = ()
    """Where it is one of several types that may hold members: these."""


class Parameter(Struct, frozen=True):
    """A parameter of a template."""

    name: str
    span: Span
    """Where its name is declared."""
    default: Expression | None
    type: Type
    """With what is written above the parameter."""


class Output(Struct, frozen=True):
    """An output of a template."""

    span: Span
    """Where its name is declared."""
    value: Expression
    type: Type
    """Of what is hidden, deployments don't keep the value in clear."""


class Loop(Struct, frozen=True):
    """`[for item, index in collection]` of Bicep, or `copy` of ARM JSON."""

    collection: Expression | None
    """Bicep: what is gone through. None for ARM, which counts."""
    count: Expression | None
    """ARM: how many times."""
    item: str | None
    """The name of the member at hand."""
    index: str | None
    """The name of its 0-based index."""
    name: str
    """ARM: the name of the loop, which `copyIndex` may give; "" in Bicep."""
    span: Span


class Declaration(Struct, frozen=True):
    """What resources and modules have in common."""

    symbol: str
    """Its symbolic name; one made up from its position (`resources[2]`) where it has none. Unique in the template."""
    header: Span
    """Where a missing setting is reported: the `resource` or `module` line of Bicep, the `"type"` line of ARM JSON."""
    span: Span
    condition: Expression | None
    loop: Loop | None


class Resource(Declaration, frozen=True):
    """A resource."""

    type: str
    """As written, segments of parents included: `Microsoft.DBforPostgreSQL/flexibleServers/configurations`."""
    api_version: Expression | None
    existing: bool
    name: Expression | None
    """The whole name, or the last segment where `parent` or `container` is given."""
    parent: Expression | None
    """Bicep's `parent: symbol`."""
    container: str | None
    """The symbol of the resource in whose body it is declared."""
    scope: Expression | None
    """Of an extension resource: what it is about."""
    body: ObjectOf
    """All properties as written (`properties`, `sku`, `identity`, `tags`, …), loops inside already lowered."""
    depends: Expression | None = None
    """Of a deployment that Bicep declares as a resource: what it waits for."""


class Module(Declaration, frozen=True):
    """A Bicep module, or a nested or linked deployment of ARM JSON."""

    name: Expression | None
    """The name of the deployment."""
    source: str | None
    """The path or registry reference (`br:…`, `ts:…`) as written; None for a template that is written in place."""
    source_span: Span
    template: Template | None
    """The template that is written in place."""
    inner: bool
    """Its expressions see its own parameters. False for ARM's default, where they see the parent's."""
    parameters: Expression | None
    """An object of parameter values by name, ARM's `{ "value": … }` wrappers already taken off."""
    scope: Expression | None
    content: Expression | None = None
    """The template where it has to be worked out."""
    depends: Expression | None = None
    """What is written in `dependsOn`."""


class Import(Struct, frozen=True):
    """What is taken over from another Bicep file."""

    source: str
    source_span: Span
    symbols: tuple[tuple[str, str], ...]
    """Name there and name here; empty with `namespace`."""
    namespace: str | None


class Template(Struct, frozen=True):
    """One template."""

    file: SourceFile
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    variables: Mapping[str, Expression] = field(default_factory=dict)
    functions: Mapping[str, Lambda] = field(default_factory=dict)
    """User functions by name, `namespace.name` in ARM JSON."""
    resources: tuple[Resource, ...] = ()
    """Children that are declared inside others stand here too, after them."""
    modules: tuple[Module, ...] = ()
    outputs: Mapping[str, Output] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    """Types by name; in lower case in ARM JSON, where they are the `definitions`."""
    imports: tuple[Import, ...] = ()
    compiled: bool = False
    """ARM JSON that the Bicep compiler made (`metadata._generator`)."""
    comments: tuple[tuple[str, Span], ...] = ()
    problems: tuple[Problem, ...] = ()


class ParameterFile(Struct, frozen=True):
    """A `.bicepparam` or `*.parameters.json` file."""

    file: SourceFile
    using: str | None
    """The template that it names; None where it names none."""
    place: Span
    """Where it names that, or where the file begins."""
    extends: tuple[str, Span] | None
    """The parameter file that it builds upon, and where that is named."""
    values: Mapping[str, Expression]
    variables: Mapping[str, Expression] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    """Names whose value is a reference to a Key Vault."""
    imports: tuple[Import, ...] = ()
    comments: tuple[tuple[str, Span], ...] = ()
    problems: tuple[Problem, ...] = ()
