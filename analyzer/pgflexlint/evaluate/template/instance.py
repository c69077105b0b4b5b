"""Templates with their parameters: names resolved on demand, loops expanded, modules and nested deployments followed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.interpreter import (
    AnyValue,
    Budget,
    LimitError,
    Namespace,
    Scope,
    contained,
    either,
    pairs,
    settle,
)
from pgflexlint.evaluate.names import Lazy, ResourceObject
from pgflexlint.evaluate.template.identity import identity, key, split_name
from pgflexlint.evaluate.template.language import Arm
from pgflexlint.problem import Kind, Problem, Problems
from pgflexlint.resource import Gap, Language, Resource
from pgflexlint.source import Span, Workspace
from pgflexlint.syntax import template as declared
from pgflexlint.syntax.template import Template
from pgflexlint.values import Known, Reference, Unknown

LOOP_LIMIT = 10_000
"""How many instances one loop may have; ARM allows 800."""
DEPTH_LIMIT = 32
"""How deep modules may call modules."""

DEPLOYMENTS = "microsoft.resources/deployments"

_ELSEWHERE = ("br:", "br/", "ts:", "ts/", "http:", "https:", "/", "[")
"""What the source of a template that is not a file of the workspace begins with."""


@dataclass(frozen=True, slots=True)
class Input:
    """The value of one parameter."""

    value: AnyValue
    text: str
    """What it is, for traces: "parameter 'tls' in prod.bicepparam"."""


@dataclass(slots=True)
class Session:
    """What all templates under one root share."""

    workspace: Workspace
    load: Callable[[str], Template | None]
    """The template at a path; None where there is none."""
    problems: Problems
    visited: set[str]
    """The paths of the templates that were evaluated."""
    gaps: list[Gap] = field(default_factory=list)
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.report_limit)

    def report_limit(self, message: str, span: Span) -> None:
        """A bound was passed: it costs what is at this place."""
        hint = "What depends on it is not judged."
        self.problems.report(Problem(Kind.LIMIT, message, span.file.path, span, hint))


@dataclass(frozen=True, slots=True)
class Place:
    """How a template instance is reached from the root."""

    prefix: str = ""
    """What its addresses begin with, such as `database.`."""
    calls: tuple[Span, ...] = ()
    ancestors: tuple[str, ...] = ()
    maybe: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """One instance that a declaration stands for."""

    suffix: str
    """`""`, `[0]`, or `[?]` where it is unknown how many there are."""
    scope: Scope
    maybe: Unknown | None


class Names(Namespace):
    """The bare names of Bicep: parameters, variables, resources, modules, functions."""

    def __init__(self, tables: Mapping[str, Namespace | Mapping[str, AnyValue]]) -> None:
        self._tables = tuple(tables.values())

    def _table(self, name: object) -> Mapping[str, AnyValue] | None:
        return next((table for table in self._tables if name in table), None)

    def __getitem__(self, name: str) -> AnyValue:
        table = self._table(name)
        if table is None:
            raise KeyError(name)
        return table[name]

    def __contains__(self, name: object) -> bool:
        return self._table(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for table in self._tables for name in table)

    def __len__(self) -> int:
        return sum(map(len, self._tables))

    def describe(self, name: str) -> str:
        """As the table that holds the name says; "" where taking it is no step."""
        table = self._table(name)
        return table.describe(name) if isinstance(table, Namespace) and table.traced else ""


class Instance:
    """A template with its parameters."""

    def __init__(
        self, session: Session, template: Template, inputs: Mapping[str, Input], place: Place | None = None
    ) -> None:
        place = place or Place()
        self.session = session
        self.template = template
        self.inputs = inputs
        self.place = place
        self.directory = posixpath.dirname(template.file.path)
        self._children: dict[str, list[tuple[Expansion, Instance | Unknown]]] = {}
        self._here = Span(template.file, 0, 0)
        session.visited.add(template.file.path)
        for problem in template.problems:
            session.problems.report(problem)
        if template.problems:
            reason = "a part of the template could not be read"
            session.gaps.append(Gap(Unknown(reason, template.problems[0].span or self._here)))
        language = Arm(session.workspace, self.directory, session.problems.report, self._reference)
        self._resources = {resource.symbol: resource for resource in template.resources}
        self._modules = {module.symbol: module for module in template.modules}
        self.scope = Scope(language, self._names(), budget=session.budget)
        self.outputs = self._lazy(template.outputs, self._output, "output '{}'")

    # Names

    def _names(self) -> Names:
        template = self.template
        parameters = Lazy(
            template.parameters,
            self._parameter,
            self._describe_parameter,
            self._cycle("parameter", template.parameters),
        )
        variables = self._lazy(template.variables, self._variable, "variable '{}'")
        functions = {f"{name.lower()}()": Known((body, self), self._here) for name, body in template.functions.items()}
        if self._language is Language.ARM:  # which has no bare names but those of loops and lambdas
            roots = {"parameters": Known(parameters, self._here), "variables": Known(variables, self._here)}
            return Names({"roots": roots, "functions": functions})
        return Names(
            {
                "parameters": parameters,
                "variables": variables,
                "resources": self._lazy(self._resources, self._resource_value, "resource '{}'", traced=False),
                "modules": self._lazy(self._modules, self._module_value, "module '{}'", traced=False),
                "imports": self._imports(),
                "functions": functions,
            }
        )

    def _lazy(self, names: Any, resolve: Callable[[str], AnyValue], text: str, *, traced: bool = True) -> Lazy:
        return Lazy(names, resolve, text.format, self._cycle(text.split(" '", maxsplit=1)[0], names), traced=traced)

    def _cycle(self, what: str, declarations: Mapping[str, Any]) -> Callable[[str], AnyValue]:
        def on_cycle(name: str) -> AnyValue:
            span = declarations[name].span
            message = f"{what.capitalize()} '{name}' needs itself to be worked out."
            hint = "Break the cycle of references."
            self.session.problems.report(Problem(Kind.CYCLE, message, span.file.path, span, hint))
            return Unknown(f"{what} '{name}' refers to itself", span)

        return on_cycle

    def _describe_parameter(self, name: str) -> str:
        given = self.inputs.get(name)
        if given:
            return given.text
        return f"the default of parameter '{name}'" if name in self.template.parameters else f"parameter '{name}'"

    def _parameter(self, name: str) -> AnyValue:
        parameter = self.template.parameters[name]
        given = self.inputs.get(name)
        if given is not None:
            null = isinstance(given.value, Known) and given.value.value is None
            if not null or parameter.nullable or parameter.default is None:
                return self._null_replaced(given.value, parameter)
        if parameter.default is not None:
            return contained(parameter.default, self.scope)
        if parameter.nullable:
            return Known(None, parameter.span)
        return Unknown(f"parameter '{name}' has no value", parameter.span)

    def _null_replaced(self, value: AnyValue, parameter: declared.Parameter) -> AnyValue:
        """Where a value may turn out null: the default in its place."""
        may_be_null = isinstance(value, Unknown) and any(each.value is None for each in value.candidates)
        if not may_be_null or parameter.nullable or parameter.default is None:
            return value
        default = contained(parameter.default, self.scope)
        return either([default if each.value is None else each for each in value.candidates], value, value.span)

    def _variable(self, name: str) -> AnyValue:
        return contained(self.template.variables[name], self.scope)

    def _output(self, name: str) -> AnyValue:
        return contained(self.template.outputs[name], self.scope)

    def _imports(self) -> Mapping[str, AnyValue]:
        """Variables and functions that are taken over from other Bicep files."""
        names: dict[str, AnyValue] = {}
        for taken in self.template.imports:
            other = self._other(taken.source, taken.source_span)
            if isinstance(other, Unknown):
                for _, here in taken.symbols:
                    names[here] = names[f"{here.lower()}()"] = other
                continue
            scope = other.scope
            exported = [(name, name) for name in (*other.template.variables, *other.template.functions)]
            for there, here in taken.symbols or exported:
                bare = f"{taken.namespace}.{here}" if taken.namespace else here
                if there in other.template.variables:
                    names[bare] = settle(other.template.variables[there], scope)
                if there in other.template.functions:
                    names[f"{bare.lower()}()"] = Known((other.template.functions[there], other), self._here)
            if taken.namespace:
                members = {name: settle(value, scope) for name, value in other.template.variables.items()}
                names[taken.namespace] = Known(members, taken.source_span)
        return names

    def _other(self, source: str, span: Span) -> Instance | Unknown:
        """Another file whose declarations are used, not deployed."""
        found = self._load(source, span)
        if isinstance(found, Unknown):
            return found
        return Instance(self.session, found, {}, replace(self.place, ancestors=self._ancestors))

    @property
    def _ancestors(self) -> tuple[str, ...]:
        return (*self.place.ancestors, self.template.file.path)

    def _load(self, source: str, span: Span) -> Template | Unknown:
        """The template that a path or registry reference names."""
        if source.startswith(_ELSEWHERE):
            return Unknown(f"'{source}' is not on disk", span, never_null=True)
        path = posixpath.normpath(posixpath.join(self.directory or ".", source))
        found = None if path.startswith("..") else self.session.load(path)
        if found is None:
            message = f"There is no template '{source}'."
            if path.startswith(".."):
                message = f"'{source}' lies outside the directory that is looked at."
            hint = "Check the path, or run pgflexlint on a directory that holds it."
            self.session.problems.report(Problem(Kind.MODULE, message, span.file.path, span, hint))
            return Unknown(f"'{source}' is not there", span)
        if path in self._ancestors or len(self.place.ancestors) > DEPTH_LIMIT:
            message = f"Template '{source}' uses itself, directly or through others."
            hint = "Break the cycle of modules."
            self.session.problems.report(Problem(Kind.CYCLE, message, span.file.path, span, hint))
            return Unknown(f"'{source}' uses itself", span)
        return found

    # Expansion

    def _expand(self, declaration: declared.Declaration) -> Iterator[Expansion]:
        for suffix, scope, maybe in self._looped(declaration.loop):
            if declaration.condition is None:
                yield Expansion(suffix, scope, maybe)
                continue
            condition = contained(declaration.condition, scope)
            truth = condition.map(lambda value: value is True or str(value).lower() == "true")
            if isinstance(truth, Known):
                if truth.value:
                    yield Expansion(suffix, scope, maybe)
            elif {each.value for each in truth.candidates} != {False}:
                certain = {each.value for each in truth.candidates} == {True}
                yield Expansion(suffix, scope, maybe if certain else maybe or replace(truth, candidates=()))

    def _looped(self, loop: declared.Loop | None) -> Iterator[tuple[str, Scope, Unknown | None]]:
        if loop is None:
            yield "", self.scope, None
            return
        collection = contained(loop.collection or loop.count, self.scope)  # type: ignore[arg-type]
        if isinstance(collection, Known):
            try:
                members = list(_members(loop, collection))
            except LimitError as error:
                self.session.report_limit(str(error), collection.span)
                collection = Unknown("there are more instances than are looked at", collection.span)
            except EvaluationError as error:
                collection = Unknown(error.message, collection.span, collection.trace)
        if isinstance(collection, Unknown):
            unknown = replace(collection, candidates=(), reference=None, parts=())
            names = {name: unknown for name in (loop.item, loop.index) if name}
            yield "[?]", self.scope.child(names), unknown
            return
        for index, item in enumerate(members):
            names = {loop.item: item} if loop.item else {}
            if loop.index:
                names[loop.index] = Known(index, loop.span)
            yield f"[{index}]", self.scope.child(names), None

    # Resources

    def _resource_value(self, symbol: str) -> AnyValue:
        """What the symbol of a resource is in an expression."""
        resource = self._resources[symbol]
        objects = [
            Known(self._object(resource, each), resource.header)
            for each in self._expand(replace(resource, condition=None))
        ]
        if resource.loop is None:
            return objects[0]
        if any(each.suffix == "[?]" for each in self._expand(replace(resource, condition=None))):
            return Unknown(f"it is unknown how many '{symbol}' there are", resource.header)
        return Known(tuple(objects), resource.header)

    def _object(self, resource: declared.Resource, expansion: Expansion) -> ResourceObject:
        body = contained(resource.body, expansion.scope)
        written = dict(body.value) if isinstance(body, Known) else {}
        name = self._name(resource, expansion.scope)
        written["name"] = name
        place = resource.header
        written["type"] = Known(resource.type, place)
        return ResourceObject(self._identity(resource, expansion.scope), written, place)

    def _name(self, resource: declared.Resource, scope: Scope) -> AnyValue:
        if resource.name is None:
            return Unknown("it has no name", resource.header)
        return settle(resource.name, scope)

    def _identity(self, resource: declared.Resource, scope: Scope) -> str:
        """What this resource is known by: its type and its whole name, known or not."""
        parent = self._parent(resource, scope)
        name = self._name(resource, scope)
        if parent is not None and parent.reference is not None and (resource.parent or resource.container):
            return identity(resource.type, parent, name)
        return identity(resource.type, name)

    def _parent(self, resource: declared.Resource, scope: Scope) -> AnyValue | None:
        """The resource that a child belongs to, by reference."""
        if resource.container is not None:
            outer = self._resources[resource.container]
            return self._referring(self._identity(outer, scope), resource.header)
        if resource.parent is not None:
            value = settle(resource.parent, scope)
            if isinstance(value, Known) and isinstance(value.value, ResourceObject):
                return self._referring(value.value.address, value.span)
            return value
        segments = split_name(self._name(resource, scope))
        if len(segments) < 2 or resource.type.count("/") < 2:
            return None
        return self._referring(identity(resource.type.rpartition("/")[0], *segments[:-1]), resource.header)

    def _referring(self, address: str, span: Span) -> Unknown:
        return Unknown(f"the id of {address} is known only after deployment", span, reference=Reference(address, "id"))

    def resources(self) -> Iterator[Resource]:
        """The resources of this template and of all that it deploys."""
        for resource in self.template.resources:
            for expansion in self._expand(resource):
                yield self._resource(resource, expansion)
        for symbol, module in self._modules.items():
            for expansion, child in self._called(symbol):
                if isinstance(child, Instance):
                    yield from child.resources()
                elif module.source is not None:
                    yield self._foreign(module, expansion)

    def _resource(self, resource: declared.Resource, expansion: Expansion) -> Resource:
        body = contained(resource.body, expansion.scope)
        attributes = {name.lower(): value for name, value in body.value.items()} if isinstance(body, Known) else {}
        attributes["name"] = split_name(self._name(resource, expansion.scope))[-1]
        if resource.api_version is not None:
            attributes["apiversion"] = settle(resource.api_version, expansion.scope)
        if resource.scope is not None:
            attributes["scope"] = _as_reference(settle(resource.scope, expansion.scope))
        return Resource(
            address=f"{self.place.prefix}{self._label(resource, expansion)}{expansion.suffix}",
            type=resource.type.lower(),
            attributes=attributes,
            header=resource.header,
            language=self._language,
            calls=self.place.calls,
            maybe=expansion.maybe or self.place.maybe,
            identity=self._identity(resource, expansion.scope),
            label=f"{self._label(resource, expansion).rpartition('::')[2]}{expansion.suffix}",
            existing=resource.existing,
            parent=self._parent(resource, expansion.scope),
        )

    @property
    def _language(self) -> Language:
        return Language.BICEP if self.template.file.path.endswith(".bicep") else Language.ARM

    def _label(self, resource: declared.Resource, expansion: Expansion) -> str:
        """The symbol that a person gave; the name where it has none."""
        if not resource.symbol.startswith("resources["):
            return resource.symbol
        name = self._name(resource, expansion.scope)
        kind = resource.type.rpartition("/")[2]
        return f"{kind}/{name.value}" if isinstance(name, Known) else kind

    def _foreign(self, module: declared.Module, expansion: Expansion) -> Resource:
        """A module that is not on disk, as a resource whose attributes are what it is given."""
        return Resource(
            address=f"{self.place.prefix}{module.symbol}{expansion.suffix}",
            type=module.source or "",
            attributes=self._given(module, expansion),
            header=module.header,
            language=self._language,
            calls=self.place.calls,
            maybe=expansion.maybe or self.place.maybe,
        )

    def _given(self, module: declared.Module, expansion: Expansion) -> Mapping[str, AnyValue]:
        if module.parameters is None:
            return {}
        value = contained(module.parameters, expansion.scope)
        return value.value if isinstance(value, Known) and isinstance(value.value, Mapping) else {}

    # Modules

    def _module_value(self, symbol: str) -> AnyValue:
        """What the symbol of a module is in an expression."""
        module = self._modules[symbol]
        values = [self._result(symbol, child) for _, child in self._called(symbol)]
        if module.loop is None:
            return (
                values[0] if values else Known({"outputs": Unknown("it is not deployed", module.header)}, module.header)
            )
        return Known(tuple(values), module.header)

    def _result(self, symbol: str, child: Instance | Unknown) -> AnyValue:
        header = self._modules[symbol].header
        if isinstance(child, Unknown):
            return replace(child, reference=Reference(f"{self.place.prefix}{symbol}", ""), never_null=True)
        return Known({"outputs": Known(Outputs(child.outputs, symbol), header)}, header)

    def _called(self, symbol: str) -> list[tuple[Expansion, Instance | Unknown]]:
        if symbol not in self._children:
            self._children[symbol] = []  # a module that needs its own outputs finds none
            module = self._modules[symbol]
            target = self._target(module)
            expansions = list(self._expand(module))
            self._children[symbol] = [
                (each, target if isinstance(target, Unknown) else self._child(module, target, each))
                for each in expansions
            ]
            if isinstance(target, Unknown):
                for each in expansions:
                    self.session.gaps.append(Gap(target, self._given(module, each), elsewhere=target.never_null))
        return self._children[symbol]

    def _target(self, module: declared.Module) -> Template | Unknown:
        if module.template is not None:
            return module.template
        if module.source is None:
            return Unknown("its template is known only after deployment", module.header, never_null=True)
        return self._load(module.source, module.source_span)

    def _child(self, module: declared.Module, template: Template, expansion: Expansion) -> Instance:
        given = self._given(module, expansion)
        text = "argument '{}' of module '" + module.symbol + "'"
        inputs = {name: Input(value, text.format(name)) for name, value in given.items()}
        place = Place(
            f"{self.place.prefix}{module.symbol}{expansion.suffix}.",
            (*self.place.calls, module.header),
            self._ancestors if module.template is None else self.place.ancestors,
            expansion.maybe or self.place.maybe,
        )
        child = Instance(self.session, template, inputs, place)
        if not module.inner and module.template is not None:
            # ARM's default: expressions of a nested template see the names of the template around it.
            child.scope = expansion.scope
        return child

    def _reference(self, value: AnyValue) -> AnyValue | None:
        """What `reference(symbol)` or `reference(resourceId(…))` gives, where it is a module or declared here."""
        if isinstance(value, Known) and isinstance(value.value, str):
            if value.value in self._modules:
                return self._armed(value.value)
            if value.value in self._resources:
                found = self._resource_value(value.value)
                if isinstance(found, Known) and isinstance(found.value, ResourceObject):
                    properties = found.value.get("properties")
                    return properties if isinstance(properties, Known) else None
        if value.reference is not None and value.reference.address.startswith(f"{DEPLOYMENTS}/"):
            for symbol, module in self._modules.items():
                if module.loop is None and self._deployment(module) == value.reference.address:
                    return self._armed(symbol)
        return None

    def _deployment(self, module: declared.Module) -> str:
        return identity(DEPLOYMENTS, settle(module.name, self.scope)) if module.name is not None else ""

    def _armed(self, symbol: str) -> AnyValue | None:
        """The outputs of a module as ARM's `reference` gives them: each as `{ "value": … }`."""
        called = self._called(symbol)
        if len(called) != 1 or isinstance(called[0][1], Unknown):
            return None
        child, header = called[0][1], self._modules[symbol].header
        wrapped = {name: Known({"value": child.outputs[name]}, header) for name in child.outputs}
        return Known({"outputs": Known(wrapped, header)}, header)


class Outputs(Namespace):
    """The outputs of a module as its caller sees them."""

    def __init__(self, outputs: Lazy, module: str) -> None:
        self._outputs = outputs
        self._module = module

    def __getitem__(self, name: str) -> AnyValue:
        return self._outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)

    def describe(self, name: str) -> str:
        """Which output it is."""
        return f"output '{name}' of module '{self._module}'"

    def missing(self, name: str) -> str:
        """That there is no such output."""
        return f"module '{self._module}' has no output '{name}'"


def _members(loop: declared.Loop, collection: Known[Any]) -> Iterator[AnyValue]:
    """What a loop goes through: members, or the numbers below a count."""
    if loop.collection is not None:
        yield from (value for _, value in pairs(collection))
        return
    count = collection.value
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise EvaluationError("the count of a loop is no whole number", collection.span)
    if count > LOOP_LIMIT:
        raise LimitError(f"A loop of {count:,} is more than the {LOOP_LIMIT:,} instances that are looked at.")
    for index in range(count):
        yield Known(index, loop.span)


def _as_reference(value: AnyValue) -> AnyValue:
    """A resource itself as a reference to it."""
    if isinstance(value, Known) and isinstance(value.value, ResourceObject):
        address = value.value.address
        return Unknown(
            f"the id of {address} is known only after deployment", value.span, reference=Reference(address, "id")
        )
    return value
