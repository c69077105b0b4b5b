"""ARM templates in JSON, lowered to `Template`.

The sections of a template are those of https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax, with
symbolic names where `languageVersion` is 2.0. Sources for the rest, all below the same address:
`copy-resources`, `copy-variables`, `copy-outputs`, `child-resource-name-type`, `scope-extension-resources`,
`linked-templates` (nested and linked deployments), `user-defined-functions`.

Keys compare without case everywhere. What `copyIndex` means is settled here, from the loops around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.source import Span
from pgflexlint.syntax.arm.expressions import DEFERRED, INVALID, Bindings
from pgflexlint.syntax.arm.values import REFUSED, Values, child, index_name, members, text
from pgflexlint.syntax.expressions import (
    Attribute,
    Call,
    Conditional,
    Expression,
    Lambda,
    Literal,
    Name,
    ObjectOf,
)
from pgflexlint.syntax.jsonc import Array, Member, Node, Object, Scalar
from pgflexlint.syntax.template import Loop, Module, Output, Parameter, Resource, Template, Type

SCHEMA = compiled(r"(?:.*/)?(?:|subscription|managementGroup|tenant)deploymentTemplate\.json(?:[#?].*)?", re.I | re.S)
"""The `$schema` of a template, for any scope."""

_DEPLOYMENT = "microsoft.resources/deployments"
_OWN = frozenset({
    "type", "apiversion", "name", "condition", "existing", "copy", "scope", "subscriptionid", "resourcegroup",
    "resources", "dependson", "comments", "metadata", "import", "extension", "@options",
})  # fmt: skip
"""What belongs to the declaration of a resource; the rest is its body. A `copy` that is a list is property loops."""
_BESIDE = compiled(r"\[\s*uri\(\s*deployment\(\)\.properties\.templateLink\.uri\s*,", re.IGNORECASE)
_TOP = Bindings()


def lower_template(root: Object, values: Values, bindings: Bindings = _TOP) -> Template:
    """The template that an object is. Problems go to `values`; the bindings are those around a nested template."""
    section = {key: member.value for key, member in members(root).items()}
    declared = _Declarations(values, bindings)
    declared.gather(section.get("resources"))
    variables = values.object(section.get("variables"), "'variables'")
    return Template(
        values.file,
        types={name: _type(member.value) for name, member in members(section.get("definitions")).items()},
        parameters=_parameters(section, values, bindings),
        variables=_named(values.items(variables.members, bindings)) if variables else {},
        functions=_functions(section.get("functions"), values),
        resources=tuple(declared.resources),
        modules=tuple(declared.modules),
        outputs=_outputs(section, values, bindings),
        compiled=(text(child(section.get("metadata"), "_generator", "name")) or "").lower() == "bicep",
    )


def _named(items: Iterator[tuple[Expression, Expression]]) -> dict[str, Expression]:
    return {key.value: value for key, value in items if isinstance(key, Literal) and isinstance(key.value, str)}


# Parameters, functions, outputs


def _parameters(section: Mapping[str, Node], values: Values, bindings: Bindings) -> dict[str, Parameter]:
    declared = values.object(section.get("parameters"), "'parameters'")
    parameters: dict[str, Parameter] = {}
    for member in declared.members if declared else ():
        if values.object(member.value, f"Parameter '{member.key}'") is None:
            continue
        default = values.optional(child(member.value, "defaultvalue"), bindings)
        parameters[member.key] = Parameter(member.key, member.key_span, default, _type(member.value))
    return parameters


_SECURE = ("securestring", "secureobject")
"""The types of what is hidden, in lower case."""


def _type(node: Node) -> Type:
    """The type that a parameter, an output, a definition or a part of one has.

    https://learn.microsoft.com/azure/azure-resource-manager/templates/definitions
    """
    said, elements = child(node, "nullable"), child(node, "prefixitems")
    inside = {name: _type(member.value) for name, member in members(child(node, "properties")).items()}
    inside |= {str(at): _type(item) for at, item in enumerate(elements.items if isinstance(elements, Array) else ())}
    others = child(node, "items") or child(node, "additionalproperties")
    choices = members(child(child(node, "discriminator"), "mapping"))
    return Type(
        sensitive=(text(child(node, "type")) or "").lower() in _SECURE,
        nullable=said.value if isinstance(said, Scalar) and isinstance(said.value, bool) else None,
        path=_path(text(child(node, "$ref")) or ""),
        members=inside,
        others=_type(others) if isinstance(others, Object) else None,
        choices=tuple(_type(choice.value) for choice in choices.values()),
    )


def _path(reference: str) -> tuple[str | None, ...]:
    """What `#/definitions/name/properties/member` names; also `items`, `prefixItems/0` and `additionalProperties`."""
    steps = [unquote(step).replace("~1", "/").replace("~0", "~").lower() for step in reference.split("/")[2:]]
    path: list[str | None] = steps[:1]  # type: ignore[assignment]
    rest = iter(steps[1:])
    for step in rest:
        path.append(next(rest, None) if step in ("properties", "prefixitems") else None)
    return tuple(path)


def _functions(node: Node | None, values: Values) -> dict[str, Lambda]:
    functions: dict[str, Lambda] = {}
    for namespace in node.items if isinstance(node, Array) else ():
        prefix = text(child(namespace, "namespace"))
        declared = child(namespace, "members")
        for member in declared.members if isinstance(declared, Object) else ():
            parameters = child(member.value, "parameters")
            items = parameters.items if isinstance(parameters, Array) else ()
            names = [name for item in items if (name := text(child(item, "name"))) is not None]
            value = child(member.value, "output", "value")
            if value is None:
                values.report(f"Function '{member.key}' has no output value.", member.key_span, REFUSED)
                continue
            body = values.lower(value, Bindings(arguments={name.lower(): name for name in names}))
            functions[f"{prefix}.{member.key}"] = Lambda(tuple(names), body, member.value.span)
    return functions


def _outputs(section: Mapping[str, Node], values: Values, bindings: Bindings) -> dict[str, Output]:
    declared = values.object(section.get("outputs"), "'outputs'")
    outputs: dict[str, Output] = {}
    for member in declared.members if declared else ():
        copy = child(member.value, "copy")
        value = child(member.value, "value")
        if isinstance(copy, Object):
            lowered = values.copied(copy, member.key, bindings)
        elif value is not None:
            lowered = values.lower(value, bindings)
        else:
            continue
        outputs[member.key] = Output(member.key_span, lowered, _type(member.value))
    return outputs


# Resources and deployments


class _Holder(Struct, frozen=True):
    """The resource in whose `resources` others are declared."""

    symbol: str
    type: str
    loop: Loop | None


class _Declared(Struct, frozen=True):
    """What is read of a declaration before it is known to be a resource or a module."""

    symbol: str
    header: Span
    node: Object
    condition: Expression | None
    loop: Loop | None


class _Declarations(Struct):
    """The resources and modules of one template."""

    values: Values
    bindings: Bindings
    resources: list[Resource] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    _symbols: set[str] = field(default_factory=set)

    def gather(self, node: Node | None) -> None:
        """All of the section `resources`."""
        for symbol, resource in self._section(node, ""):
            self._declare(symbol, resource, None, self.bindings)

    def _section(self, node: Node | None, within: str) -> Iterator[tuple[str, Object]]:
        """The declarations of a section by their symbols; those in an array are named after their positions."""
        pairs: list[tuple[str, Node]] = []
        if isinstance(node, Object):
            pairs = [(member.key, member.value) for member in node.by_key.values()]
        elif isinstance(node, Array):
            pairs = [(f"{within}resources[{position}]", item) for position, item in enumerate(node.items)]
        elif node is not None and not (isinstance(node, Scalar) and node.value is None):
            self.values.report("'resources' should be an array or an object.", node.span, REFUSED)
        for symbol, item in pairs:
            resource = self.values.object(item, "A resource")
            if resource is not None:
                unique = f"{within}{symbol}" if symbol in self._symbols else symbol
                self._symbols.add(unique)
                yield unique, resource

    def _declare(self, symbol: str, node: Object, holder: _Holder | None, bindings: Bindings) -> None:
        """One resource or deployment, and what is declared inside."""
        own = members(node)
        type_ = text(child(node, "type"))
        if type_ is None:
            self.values.report("This resource has no type.", Span(node.file, node.start, node.start + 1), REFUSED)
            return
        header = Span(node.file, own["type"].key_start, own["type"].value.end)
        if type_.startswith("["):
            self.values.report("The type of this resource is an expression.", header, "Write the type itself.")
            return
        type_ = type_.strip("/")
        # A child that is declared in a resource with `copy` comes with each of its instances.
        loop = self._loop(symbol, child(node, "copy"), bindings) or (holder.loop if holder else None)
        if holder is not None and (_provider(type_) == _provider(holder.type) or type_.lower() == _DEPLOYMENT):
            holder = None  # it stands inside its parent and yet is written in full, name and all
        elif holder is not None:
            type_ = f"{holder.type}/{type_}"
        inside = bindings.within(loop.name, index_name(loop.name), nearest=True) if loop else bindings
        condition = self.values.optional(child(node, "condition"), inside)
        existing = child(node, "existing")
        declaration = _Declared(symbol, header, node, condition, loop)
        outer: _Holder | None = _Holder(symbol, type_, loop)
        if type_.lower() == _DEPLOYMENT and not (isinstance(existing, Scalar) and existing.value is True):
            self._add_module(declaration, inside)
            outer = None  # what stands in it is no part of it
        else:
            container = holder.symbol if holder else None
            self._add_resource(declaration, type_, container, inside)
        for name, inner in self._section(child(node, "resources"), f"{symbol}."):
            self._declare(name, inner, outer, inside)

    def _add_resource(self, declared: _Declared, type_: str, container: str | None, bindings: Bindings) -> None:
        node, optional = declared.node, self.values.optional
        of_extension = child(node, "import") or child(node, "extension")  # such as Kubernetes, which needs no name
        if child(node, "name") is None and not of_extension:
            self.values.report("This resource has no name.", declared.header, REFUSED)
        type_, _, version = type_.partition("@")  # as the types of extensions are written
        api_version = Literal(version, declared.header) if version else optional(child(node, "apiversion"), bindings)
        existing = child(node, "existing")
        body = [each for each in node.members if each.key.lower() not in _OWN or _is_property_loop(each)]
        self.resources.append(
            Resource(
                symbol=declared.symbol,
                header=declared.header,
                span=node.span,
                condition=declared.condition,
                loop=declared.loop,
                type=type_,
                api_version=api_version,
                existing=isinstance(existing, Scalar) and existing.value is True,
                name=optional(child(node, "name"), bindings),
                parent=None,
                container=container,
                scope=self._scope(node, bindings),
                body=ObjectOf(tuple(self.values.items(body, bindings)), node.span),
            )
        )

    def _add_module(self, declared: _Declared, bindings: Bindings) -> None:
        node, values = declared.node, self.values
        properties = child(node, "properties")
        inner = (text(child(properties, "expressionevaluationoptions", "scope")) or "").lower() == "inner"
        template = child(properties, "template")
        nested = None
        content = values.optional(template, bindings) if isinstance(template, Scalar) else None
        if isinstance(template, Object):
            nested = lower_template(template, values, Bindings() if inner else replace(bindings, outer=True))
        links = (child(properties, "templatelink", key) for key in ("relativepath", "uri", "id"))
        link = next((each for each in links if text(each)), None)
        self.modules.append(
            Module(
                symbol=declared.symbol,
                header=declared.header,
                span=node.span,
                condition=declared.condition,
                loop=declared.loop,
                name=values.optional(child(node, "name"), bindings),
                source=self._source(link, bindings),
                source_span=link.span if link else declared.header,
                template=nested,
                inner=inner,
                parameters=self._arguments(properties, bindings),
                scope=self._scope(node, bindings),
                content=content,
                depends=values.optional(child(node, "dependson"), bindings),
            )
        )

    def _source(self, link: Node | None, bindings: Bindings) -> str | None:
        """Where a linked template is: as written, or the path of one that lies beside this one.

        `uri(deployment().properties.templateLink.uri, 'nested.json')` is how to say so without `relativePath`
        (https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates, "Linked template").
        """
        written = text(link)
        if link is not None and written is not None and _BESIDE.match(written):
            match self.values.lower(link, bindings):
                case Call(arguments=(_, Literal(value=str(path)))):
                    return path
        return written

    def _arguments(self, properties: Node | None, bindings: Bindings) -> Expression | None:
        """The parameters that a deployment is given."""
        given, link = child(properties, "parameters"), child(properties, "parameterslink")
        if given is None:
            return None if link is None else Call(DEFERRED, (), link.span)
        return unwrapped_all(self.values.lower(given, bindings))

    def _scope(self, node: Object, bindings: Bindings) -> Expression | None:
        """What it is deployed to or about; a group or subscription of its own is what Bicep calls them by."""
        scope = child(node, "scope")
        if scope is not None:
            return self.values.lower(scope, bindings)
        subscription, group = child(node, "subscriptionid"), child(node, "resourcegroup")
        places = [self.values.lower(place, bindings) for place in (subscription, group) if place is not None]
        return Call("resourceGroup" if group else "subscription", tuple(places), places[-1].span) if places else None

    def _loop(self, symbol: str, copy: Node | None, bindings: Bindings) -> Loop | None:
        if not isinstance(copy, Object):
            return None
        count = self.values.optional(child(copy, "count"), bindings)
        if count is None:
            self.values.report("This copy has no 'count'.", copy.span, REFUSED)
            count = Call(INVALID, (), copy.span)
        name = text(child(copy, "name")) or symbol
        return Loop(None, count, None, index_name(name), name, copy.span)


def _provider(type_: str) -> str:
    return type_.partition("/")[0].lower()


def _is_property_loop(member: Member) -> bool:
    return member.key.lower() == "copy" and isinstance(member.value, Array)


# The values of parameters, which a deployment and a parameter file wrap


def unwrapped_all(wrapped: Expression) -> Expression:
    """An object of values by name, each wrapped, without the wrappings."""
    if isinstance(wrapped, ObjectOf):
        return ObjectOf(tuple([(key, unwrapped(value)) for key, value in wrapped.items]), wrapped.span)
    each = Lambda(("wrapped",), Attribute(Name("wrapped", wrapped.span), "value", wrapped.span), wrapped.span)
    return Call("mapValues", (wrapped, each), wrapped.span)


def unwrapped(wrapped: Expression) -> Expression:
    """The value in `{ "value": … }`, or a call of `getSecret` for what is in a Key Vault."""
    if isinstance(wrapped, Conditional):
        return Conditional(wrapped.test, unwrapped(wrapped.then), unwrapped(wrapped.otherwise), wrapped.span)
    if not isinstance(wrapped, ObjectOf):
        return Attribute(wrapped, "value", wrapped.span, optional=True)
    value, reference = _under(wrapped, "value"), _under(wrapped, "reference")
    if value is not None:
        return value
    return Call(INVALID, (), wrapped.span) if reference is None else secret(reference)


def secret(reference: Expression) -> Call:
    """What `{ "keyVault": { "id" }, "secretName", "secretVersion" }` refers to."""
    vault = _under(reference, "keyvault")
    parts = (_under(vault, "id"), _under(reference, "secretname"), _under(reference, "secretversion"))
    return Call("getSecret", tuple([part for part in parts if part is not None]), reference.span)


def _under(node: Expression | None, key: str) -> Expression | None:
    for name, value in reversed(node.items) if isinstance(node, ObjectOf) else ():
        if isinstance(name, Literal) and isinstance(name.value, str) and name.value.lower() == key:
            return value
    return None
