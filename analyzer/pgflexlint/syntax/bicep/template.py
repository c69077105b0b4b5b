"""Bicep documents, lowered to the shape that they share with ARM JSON.

What the compiler does on the way (https://github.com/Azure/bicep/tree/main/src/Bicep.Core) is done here too: a resource
that is declared inside another takes over the type of that one, its API version where it names none, and its condition;
and it goes by its bare name inside the other, by `outer::inner` elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from pgflexlint.problem import Kind, Problem, quoted
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax import template as lowered
from pgflexlint.syntax.bicep import document as bicep
from pgflexlint.syntax.bicep._binding import bound, without
from pgflexlint.syntax.bicep.reader import read
from pgflexlint.syntax.expressions import Attribute, Binary, Call, Expression, Lambda, Literal, Name, ObjectOf
from pgflexlint.syntax.template import ParameterFile, Template

_OWN_TYPES = frozenset({"array", "bool", "int", "object", "string"})
"""The types that Bicep has itself."""
_NO_NAMES: Mapping[str, str] = {}
_DEPLOYMENT = "microsoft.resources/deployments"
_OWN = frozenset({"name", "parent", "scope", "dependson"})
"""What belongs to the declaration of a resource; the rest is its body."""

_Declared = TypeVar("_Declared", bound=bicep.Declaration)
_Stated = TypeVar("_Stated", bound=bicep.Statement)


def read_template(file: SourceFile) -> Template:
    """The template in a `.bicep` file; what of it cannot be read is among its problems."""
    return template(read(file))


def read_parameters(file: SourceFile) -> ParameterFile:
    """The parameters in a `.bicepparam` file; what of it cannot be read is among its problems."""
    return parameter_file(read(file))


def template(document: bicep.BicepDocument) -> Template:
    """The template that a `.bicep` file declares."""
    return _Lowering(document).template()


def parameter_file(document: bicep.BicepDocument) -> ParameterFile:
    """What a `.bicepparam` file gives to the template that it names."""
    return _Lowering(document).parameter_file()


class _Lowering:
    """The lowering of one file."""

    def __init__(self, document: bicep.BicepDocument) -> None:
        self._document = document
        self._problems = list(document.problems)
        self._taken: dict[str, Span] = {}
        """Where the names are declared that the whole file knows, and those of nested resources."""

    def template(self) -> Template:
        document = self._document
        types = {each.name: _type(each.type, each.decorators) for each in self._once(document.types)}
        parameters = {each.name: _parameter(each) for each in self._once(document.parameters)}
        variables = self._variables()
        functions = {each.name: _function(each) for each in self._once(document.functions)}
        imports = tuple(self._imports())
        modules = [module for each in self._once(document.modules) for module in self._module(each)]
        resources = [found for each in self._once(document.resources) for found in self._resources(each)]
        self._taken = {}  # outputs have names of their own
        outputs = {each.name: _output(each) for each in self._once(document.outputs)}
        modules += [_deployment(each) for each in resources if _is_deployment(each)]
        return Template(
            document.file,
            parameters=parameters,
            variables=variables,
            functions=functions,
            resources=tuple(resources),
            modules=tuple(modules),
            outputs=outputs,
            types=types,
            imports=imports,
            comments=document.comments,
            problems=tuple(self._problems),
        )

    def parameter_file(self) -> ParameterFile:
        document = self._document
        using, extends = self._only(document.usings, "using"), self._only(document.extends, "extends")
        if extends is not None:
            self._take("base", extends.span)  # the name of what is extended
        values = {each.name: each.value for each in self._once(document.assignments)}
        source = None if using is None or using.source is None else self._string(using.source)
        extended = None if extends is None else self._string(extends.source)
        return ParameterFile(
            document.file,
            using=source,
            place=Span(document.file, 0, 0) if using is None else using.span,
            extends=None if extends is None or extended is None else (extended, extends.source.span),
            values=values,
            variables=self._variables(),
            secrets=frozenset(name for name, value in values.items() if _is_secret(value)),
            imports=tuple(self._imports()),
            comments=document.comments,
            problems=tuple(self._problems),
        )

    # Names and strings

    def _once(self, declarations: Iterable[_Declared], container: str = "") -> Iterator[_Declared]:
        """The declarations but for those of a name that is taken; Bicep refuses them."""
        for each in declarations:
            if self._take(f"{container}{each.name}", each.name_span):
                yield each

    def _take(self, name: str, span: Span) -> bool:
        first = self._taken.setdefault(name, span)
        if first is not span:
            message = f"The name '{name}' is declared twice; it is also declared on line {first.first_line}."
            self._report(message, span, "Rename one of the two.")
        return first is span

    def _only(self, statements: Sequence[_Stated], keyword: str) -> _Stated | None:
        """The first of some statements, of which Bicep allows no other."""
        if not statements:
            return None
        first, *others = statements
        for each in others:
            message = f"There is another '{keyword}' on line {first.span.first_line}."
            self._report(message, each.span, "Keep one of the two.")
        return first

    def _string(self, expression: Expression) -> str | None:
        """The text of a string without holes; it is a problem where it has some."""
        found = _text(expression)
        if found is None:
            self._report("A plain text should be here.", expression.span, "Bicep allows no ${ } in it.")
        return found

    def _report(self, message: str, span: Span, hint: str) -> None:
        """Keep a problem. What the message quotes are names and keywords."""
        self._problems.append(Problem(Kind.SYNTAX, message, span.file.path, span, hint, names=quoted(message)))

    # Statements

    def _variables(self) -> dict[str, Expression]:
        return {each.name: each.value for each in self._once(self._document.variables)}

    def _imports(self) -> Iterator[lowered.Import]:
        for each in self._document.imports:
            source = self._string(each.source)
            symbols = [(symbol.name, symbol.alias) for symbol in each.symbols if self._take(symbol.alias, symbol.span)]
            if source is not None:
                yield lowered.Import(source, each.source.span, tuple(symbols), each.namespace)

    def _module(self, module: bicep.Module) -> Iterator[lowered.Module]:
        source = self._string(module.source)
        if source is None:
            return
        members = {_key(key): value for key, value in module.body.properties.items}
        yield lowered.Module(
            symbol=module.name,
            header=module.header,
            span=module.span,
            condition=module.body.condition,
            loop=_loop(module.body.loop, _NO_NAMES),
            name=members.get("name"),
            source=source,
            source_span=module.source.span,
            template=None,
            inner=True,
            parameters=members.get("params"),
            scope=members.get("scope"),
            depends=members.get("dependson"),
        )

    def _resources(
        self, resource: bicep.Resource, container: lowered.Resource | None = None, names: Mapping[str, str] = _NO_NAMES
    ) -> Iterator[lowered.Resource]:
        """A resource and those in its body; `names` are those of nested resources that it sees, with their symbols."""
        written = self._string(resource.type)
        if written is None:
            return
        type_, _, version = written.partition("@")
        symbol = f"{container.symbol}::{resource.name}" if container else resource.name
        body = resource.body
        in_loop = without(names, body.loop.item, body.loop.index) if body.loop else names
        in_body = {**in_loop, **{child.name: f"{symbol}::{child.name}" for child in resource.children}}
        members = {_key(key): bound(value, in_body) for key, value in body.properties.items if _key(key) in _OWN}
        items = [
            (bound(key, in_body), bound(value, in_body))
            for key, value in body.properties.items
            if _key(key) not in _OWN
        ]
        found = lowered.Resource(
            symbol=symbol,
            header=resource.header,
            span=resource.span,
            condition=_both(container.condition if container else None, body.condition, in_loop),
            loop=_loop(body.loop, names),
            type=_whole_type(type_, container),
            api_version=_version(version, resource.type) or (container.api_version if container else None),
            existing=resource.existing,
            name=self._name(resource, members, _whole_type(type_, container)),
            parent=members.get("parent"),
            container=container.symbol if container else None,
            scope=members.get("scope"),
            body=ObjectOf(tuple(items), body.properties.span),
            depends=members.get("dependson"),
        )
        yield found
        for child in self._once(resource.children, f"{symbol}::"):
            yield from self._resources(child, found, in_body)

    def _name(self, resource: bicep.Resource, members: Mapping[str, Expression], type_: str) -> Expression | None:
        """The name of a resource; each of Azure has one, those of extensions such as Kubernetes need not."""
        namespace = type_.partition("/")[0].lower()
        if "name" not in members and namespace.startswith("microsoft.") and namespace != "microsoft.graph":
            self._report(f"Resource '{resource.name}' has no name.", resource.header, "Give it the property 'name'.")
        return members.get("name")


def _is_deployment(resource: lowered.Resource) -> bool:
    return resource.type.lower() == _DEPLOYMENT and not resource.existing


def _deployment(resource: lowered.Resource) -> lowered.Module:
    """What a deployment deploys that is declared as a resource, as the module that it is in ARM JSON."""
    properties = _members(_members(resource.body).get("properties"))
    options, link = (_members(properties.get(name)) for name in ("expressionevaluationoptions", "templatelink"))
    source = next((link[name] for name in ("relativepath", "uri", "id") if name in link), None)
    return lowered.Module(
        symbol=resource.symbol,
        header=resource.header,
        span=resource.span,
        condition=resource.condition,
        loop=resource.loop,
        name=resource.name,
        source=None if source is None else _text(source),
        source_span=resource.header if source is None else source.span,
        template=None,
        inner=(_text(options.get("scope")) or "").lower() == "inner",
        parameters=_unwrapped(properties.get("parameters")),
        scope=resource.scope,
        content=properties.get("template"),
        depends=resource.depends,
    )


def _unwrapped(parameters: Expression | None) -> Expression | None:
    """What a deployment gives, without the `{ value: … }` around each."""
    if parameters is None:
        return None
    each = Lambda(("wrapped",), Attribute(Name("wrapped", parameters.span), "value", parameters.span), parameters.span)
    if not isinstance(parameters, ObjectOf):
        return Call("mapValues", (parameters, each), parameters.span)
    items = [
        (key, _members(value).get("value") or Attribute(value, "value", value.span)) for key, value in parameters.items
    ]
    return ObjectOf(tuple(items), parameters.span)


def _members(node: Expression | None) -> dict[str, Expression]:
    """The members of an object by their names in lower case."""
    return {_key(key): value for key, value in node.items} if isinstance(node, ObjectOf) else {}


def _parameter(parameter: bicep.Parameter) -> lowered.Parameter:
    type_ = _type(parameter.type, parameter.decorators)
    return lowered.Parameter(parameter.name, parameter.name_span, parameter.default, type_)


def _output(output: bicep.Output) -> lowered.Output:
    return lowered.Output(output.name_span, output.value, _type(output.type, output.decorators))


def _type(type_: bicep.Type, decorators: Sequence[Call] = ()) -> lowered.Type:
    """A type, with what is written above the declaration that has it."""
    nullable: bool | None = None
    while isinstance(type_, bicep.NullableType | bicep.NonNullableType):
        nullable = isinstance(type_, bicep.NullableType) if nullable is None else nullable
        type_ = type_.item
    members: dict[str, lowered.Type] = {}
    others: lowered.Type | None = None
    choices: tuple[lowered.Type, ...] = ()
    match type_:
        case bicep.ObjectType():
            members = {each.name.lower(): _type(each.type, each.decorators) for each in type_.properties}
            others = None if type_.others is None else _type(type_.others.type, type_.others.decorators)
        case bicep.TupleType():
            members = {str(at): _type(each.type, each.decorators) for at, each in enumerate(type_.items)}
        case bicep.ArrayType():
            others = _type(type_.item)
        case bicep.UnionType():
            choices = tuple(_type(each) for each in type_.members if not isinstance(each, bicep.LiteralType))
    if nullable is None and isinstance(type_, bicep.UnionType | bicep.LiteralType):
        nullable = _takes_null(type_)
    return lowered.Type(
        sensitive=_is_secure(decorators),
        nullable=nullable,
        path=_path(type_),
        members=members,
        others=others,
        choices=choices,
    )


def _path(type_: bicep.Type) -> tuple[str | None, ...]:
    """The names and positions that lead to a type that is declared; none where it is written out or Bicep's own."""
    steps: list[str | None] = []
    while isinstance(type_, bicep.MemberType | bicep.ElementType):
        steps.append(str(type_.member) if isinstance(type_, bicep.MemberType) else None)
        type_ = type_.base
    if not isinstance(type_, bicep.NamedType) or (type_.name in _OWN_TYPES and not steps):
        return ()
    return (type_.name, *reversed(steps))


def _function(function: bicep.Function) -> Lambda:
    return Lambda(tuple([name for name, _ in function.parameters]), function.body, function.span)


def _loop(loop: bicep.Loop | None, names: Mapping[str, str]) -> lowered.Loop | None:
    if loop is None:
        return None
    return lowered.Loop(bound(loop.collection, names), None, loop.item, loop.index, "", loop.span)


def _both(outer: Expression | None, own: Expression | None, names: Mapping[str, str]) -> Expression | None:
    """The condition of a resource, where that of the resource around it holds too."""
    if own is None:
        return outer
    own = bound(own, names)
    return Binary("&&", outer, own, own.span) if outer else own


def _whole_type(type_: str, container: lowered.Resource | None) -> str:
    """The type of a resource that is declared inside another: only its last segment is written as a rule."""
    if container is None or "." in type_.partition("/")[0]:
        return type_
    return f"{container.type}/{type_}"


def _version(version: str, written: Expression) -> Literal | None:
    """The API version at the end of a string."""
    if not version:
        return None
    span = written.span
    start = span.start + max(span.text.rfind(version), 0)
    return Literal(version, Span(span.file, start, start + len(version)))


def _key(key: Expression) -> str:
    """The name of a member in lower case, as ARM reads it; "" where it is not known."""
    return (_text(key) or "").lower()


def _text(expression: Expression | None) -> str | None:
    """The text of a string without holes."""
    return expression.value if isinstance(expression, Literal) and isinstance(expression.value, str) else None


def _is_secure(decorators: Iterable[Call]) -> bool:
    return any(each.function == "secure" and _is_of(each, "sys") for each in decorators)


def _is_secret(value: Expression) -> bool:
    """Whether it is read from a Key Vault."""
    return isinstance(value, Call) and value.function == "getSecret" and _is_of(value, "az")


def _is_of(call: Call, namespace: str) -> bool:
    """Whether a function is of a namespace, which need not be written."""
    return call.target is None or (isinstance(call.target, Name) and call.target.name == namespace)


def _takes_null(type_: bicep.Type | None) -> bool:
    """Whether `null` is the type, or one of several that it may be."""
    match type_:
        case bicep.UnionType(members=members):
            return any(isinstance(each, bicep.NullableType) or _takes_null(each) for each in members)
        case bicep.LiteralType(value=Literal(value=None)):
            return True
    return False
