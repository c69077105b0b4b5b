"""Templates with their parameters: names resolved on demand, loops expanded, nested templates followed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.evaluate.bounds import INSTANCE_LIMIT, LOOP_LIMIT, Budget, LimitError, check_loop
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.equality import made_of
from pgflexlint.evaluate.interpreter import (
    AnyValue,
    Every,
    Namespace,
    Nth,
    Scope,
    contained,
    either,
    member,
    node_path,
    object_members,
    pairs,
)
from pgflexlint.evaluate.names import Lazy, ModuleOutputs, ResourceObject, opened, shown
from pgflexlint.evaluate.template.body import top_level
from pgflexlint.evaluate.template.declared import Types
from pgflexlint.evaluate.template.identity import abridged, identity, readable, reference_of, split_name
from pgflexlint.evaluate.template.language import Arm
from pgflexlint.evaluate.template.nested import Nested, template_of
from pgflexlint.evaluate.template.registry import Registry
from pgflexlint.problem import Kind, Problem, Problems, suggestion
from pgflexlint.resource import CALLED, OUTPUT, Gap, Language, Resource
from pgflexlint.source import Span, Workspace, beside
from pgflexlint.syntax import template as declared
from pgflexlint.syntax.expressions import Attribute, Call, Expression, Index, ListOf, Literal, ObjectOf, spelled
from pgflexlint.syntax.template import Template
from pgflexlint.values import Hidden, Known, Reference, Unknown, Value, files_of, holds, inside

DEPTH_LIMIT = 32
"""How deep modules may call modules."""

DEPLOYMENTS = "microsoft.resources/deployments"

_ELSEWHERE = ("br:", "br/", "ts:", "ts/", "http:", "https:", "/", "[")
"""What the source of a template that is not a file of the workspace begins with."""


class Input(Struct, frozen=True):
    """The value of one parameter."""

    value: AnyValue
    text: str
    """What it is, for traces: "parameter 'tls' in prod.bicepparam"."""


class Session(Struct):
    """What all templates under one root share."""

    workspace: Workspace
    load: Callable[[str], Template | None]
    """The template at a path; None where there is none."""
    problems: Problems
    budget: Budget
    visited: set[str]
    """The paths of the templates that were deployed: one that is only imported from deploys nothing there."""
    registry: Registry
    dismissed: set[str] = field(default_factory=set)
    """The paths of those that some caller deploys zero times."""
    leads_on: Callable[[str], bool] = lambda path: True
    """Whether a template may deploy one that has to be looked at."""
    gaps: list[Gap] = field(default_factory=list)
    crowded: set[int] = field(default_factory=set)
    """The identities of the loops that have more instances than there is room for."""
    named: frozenset[str] = frozenset()
    """The files of which it matters what they decide."""
    decided_in: dict[str, frozenset[str]] = field(default_factory=dict)
    """As in `Deployment`."""
    _types: dict[int, tuple[Template, Types]] = field(default_factory=dict)

    def types_of(
        self, template: Template, imports: Callable[[], Iterator[tuple[declared.Import, Types | None]]]
    ) -> Types:
        """The types that a template knows: the same wherever it is deployed."""
        return self._types.setdefault(id(template), (template, Types(template.types, imports)))[1]


class Place(Struct, frozen=True):
    """How a template instance is reached from the root."""

    prefix: str = ""
    """What its addresses begin with, such as `database.`."""
    calls: tuple[Span, ...] = ()
    ancestors: tuple[str, ...] = ()
    maybe: Unknown | None = None
    decided_in: frozenset[str] = frozenset()
    """The files on the ways of what decided that it is deployed."""


class Expansion(Struct, frozen=True):
    """One instance that a declaration stands for."""

    suffix: str
    """`""`, `[0]`, or `[?]` where it is unknown how many there are; of these, those that are certain are `[?0]`, ….
    """
    scope: Scope
    maybe: Unknown | None
    surplus: bool = False
    """It stands for instances that are not looked at, and another one of the same loop does too."""
    decided_in: frozenset[str] = frozenset()
    """The files on the way of what decided that there is this one."""
    listed: Unknown | None = None
    """What its loop goes through, where it stands for instances of which nothing is certain."""


class Names(Namespace):
    """The bare names of Bicep: parameters, variables, resources, modules, functions."""

    def __init__(
        self,
        tables: Mapping[str, Namespace | Mapping[str, AnyValue]],
        on_missing: Callable[[str, Span], None] = lambda sentence, span: None,
    ) -> None:
        """`on_missing` is as in `Lazy`."""
        self._tables = tuple(tables.values())
        self._on_missing = on_missing

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

    def secure(self, name: str) -> bool | Hidden | None:
        """As the table that holds the name says."""
        table = self._table(name)
        return table.secure(name) if isinstance(table, Namespace) else None

    def missing(self, name: str, span: Span) -> str:
        """That nothing has a name."""
        clause = f"nothing called '{name}' is declared"
        self._on_missing(clause + suggestion(name, (each for each in self if each.isidentifier())), span)
        return clause


class Imported(dict[str, AnyValue], Namespace):
    """What is taken over from other files; taking a variable is a step, and so is what a function answers."""

    def __init__(self) -> None:
        super().__init__()
        self.called: dict[str, str] = {}
        """The variables, each with what it is called in traces."""

    def describe(self, name: str) -> str:  # noqa: D102 - as in Namespace
        return self.called.get(name, "")


class Instance:
    """A template with its parameters."""

    def __init__(
        self, session: Session, template: Template, inputs: Mapping[str, Input], place: Place | None = None
    ) -> None:
        place = place or Place()
        self.session = session
        self.template = template
        spelled = {name.lower(): name for name in template.parameters}
        self.inputs = {spelled.get(name.lower(), name): value for name, value in inputs.items()}
        self.place = place
        self.directory = posixpath.dirname(template.file.path)
        self._children: dict[str, list[tuple[Expansion, Instance | Unknown]]] = {}
        self._hidden: dict[str, bool | Hidden] = {}
        self.types = session.types_of(template, self._imported_types)
        self._by_name: dict[str, str] | None = None
        self._busy: set[str] = set()
        """The symbols of the modules that are being deployed: one that asks for its own outputs is a cycle."""
        self._loops: dict[int, list[Expansion]] = {}
        self._loops_decided_in: dict[int, frozenset[str]] = {}
        self._here = Span(template.file, 0, 0)
        for problem in template.problems:
            session.problems.report(problem)
        if template.problems:
            reason = "a part of the template could not be read"
            session.gaps.append(Gap(Unknown(reason, template.problems[0].span or self._here)))
        language = Arm(session.workspace, self.directory, session.problems.report, self._reference)
        self._resources = {resource.symbol: resource for resource in template.resources}
        self._modules = {module.symbol: module for module in template.modules}
        self._resource_values = self._lazy(self._resources, self._resource_value, "resource '{}'", traced=False)
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
            secure=self._hides,
            on_missing=self._undeclared,
        )
        variables = self._lazy(template.variables, self._variable, "variable '{}'")
        functions = {f"{name.lower()}()": Known((body, self), self._here) for name, body in template.functions.items()}
        roots = {"parameters": Known(parameters, self._here), "variables": Known(variables, self._here)}
        if self._language is Language.ARM:  # which has no bare names but those of loops and lambdas
            return Names({"roots": roots, "functions": functions}, self._undeclared)
        return Names(
            {
                "parameters": parameters,
                "variables": variables,
                "resources": self._resource_values,
                "modules": self._lazy(self._modules, self._module_value, "module '{}'", traced=False),
                "imports": self._imports(),
                "functions": functions,
                "roots": roots,
            },
            self._undeclared,
        )

    def _hides(self, parameter: str) -> bool | Hidden:
        if parameter not in self._hidden:
            self._hidden[parameter] = self.types.hides(self.template.parameters[parameter].type)
        return self._hidden[parameter]

    def _lazy(self, names: Any, resolve: Callable[[str], AnyValue], text: str, *, traced: bool = True) -> Lazy:
        on_cycle = self._cycle(text.split(" '", maxsplit=1)[0], names)
        return Lazy(names, resolve, text.format, on_cycle, traced=traced, on_missing=self._undeclared)

    def _undeclared(self, sentence: str, span: Span) -> None:
        """Say that a name leads nowhere, unless what it leads to may be in what could not be read."""
        if not self.template.problems:
            hint = "Check the spelling of the name, or declare it: no deployment accepts it."
            message = sentence[0].upper() + sentence[1:]
            self.session.problems.report(Problem(Kind.REFERENCE, message, span.file.path, span, hint))

    def _cycle(self, what: str, declarations: Mapping[str, Any]) -> Callable[[str], Unknown]:
        def on_cycle(name: str) -> Unknown:
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
        declared_ = self.template.parameters.get(name)
        has_default = declared_ is not None and declared_.default is not None
        return f"the default of parameter '{name}'" if has_default else f"parameter '{name}'"

    def _parameter(self, name: str) -> AnyValue:
        parameter = self.template.parameters[name]
        given = self.inputs.get(name)
        if given is not None:
            null = isinstance(given.value, Known) and given.value.value is None
            if not null or parameter.default is None or self.types.nullable(parameter.type):
                return self._null_replaced(given.value, parameter)
        if parameter.default is not None:
            return contained(parameter.default, self.scope)
        if self.types.nullable(parameter.type):
            return Known(None, parameter.span)
        return Unknown(f"parameter '{name}' has no value", parameter.span)

    def _null_replaced(self, value: AnyValue, parameter: declared.Parameter) -> AnyValue:
        """Where a value may turn out null: the default in its place."""
        if isinstance(value, Known) or parameter.default is None or self.types.nullable(parameter.type):
            return value
        if all(each.value is not None for each in value.candidates):
            return value
        default = contained(parameter.default, self.scope)
        return either([default if each.value is None else each for each in value.candidates], value, value.span)

    def _variable(self, name: str) -> AnyValue:
        return contained(self.template.variables[name], self.scope)

    def _output(self, name: str) -> AnyValue:
        return contained(self.template.outputs[name].value, self.scope)

    def _imports(self) -> Mapping[str, AnyValue]:
        """Variables and functions that are taken over from other Bicep files."""
        names = Imported()
        for taken, other in self._imported:
            if isinstance(other, Unknown):
                for _, here in taken.symbols:
                    names[here] = names[f"{here.lower()}()"] = other
                continue
            scope = other.scope
            exported = [(name, name) for name in (*other.template.variables, *other.template.functions)]
            for there, here in taken.symbols or exported:
                bare = f"{taken.namespace}.{here}" if taken.namespace else here
                if there in other.template.variables:
                    names[bare] = contained(other.template.variables[there], scope)
                    names.called[bare] = f"variable '{there}'"
                if there in other.template.functions:
                    names[f"{bare.lower()}()"] = Known((other.template.functions[there], other), self._here)
            if taken.namespace:
                members = {name: contained(value, scope) for name, value in other.template.variables.items()}
                names[taken.namespace] = Known(members, taken.source_span)
        return names

    @cached_property
    def _imported(self) -> Sequence[tuple[declared.Import, Instance | Unknown]]:
        return [(taken, self._other(taken.source, taken.source_span)) for taken in self.template.imports]

    def _imported_types(self) -> Iterator[tuple[declared.Import, Types | None]]:
        for taken, other in self._imported:
            yield taken, other.types if isinstance(other, Instance) else None

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
            for problem in self.session.registry.configuration(self.directory).problems:
                self.session.problems.report(problem)
            cached = self.session.registry.cached(source, self.directory)
            restored = self.session.load(cached) if cached is not None else None
            return restored or Unknown(f"'{source}' is not on disk", span, never_null=True)
        path = beside(self.session.workspace, self.directory, source)
        found = None if path.startswith("..") else self.session.load(path)
        if found is None:
            message = f"There is no template '{source}'."
            if path.startswith(".."):
                message = f"'{source}' lies outside the directory that is looked at."
            hint = "Check the path, or run pgflexlint on a directory that holds it."
            self.session.problems.report(Problem(Kind.MODULE, message, span.file.path, span, hint))
            return Unknown(f"'{source}' is not there", span)
        if len(self.place.ancestors) > DEPTH_LIMIT:
            self.session.budget.report(f"Modules call modules more than {DEPTH_LIMIT} levels deep.", span)
            return Unknown(f"'{source}' is nested too deeply", span)
        if path in self._ancestors:
            message = f"Template '{source}' uses itself, directly or through others."
            hint = "Break the cycle of modules."
            self.session.problems.report(Problem(Kind.CYCLE, message, span.file.path, span, hint))
            return Unknown(f"'{source}' uses itself", span)
        return found

    # Expansion

    def _expand(self, declaration: declared.Declaration) -> Iterator[Expansion]:
        looped = self._looped(declaration.loop)
        self._decided(declaration, self._loops_decided_in.get(id(declaration.loop), frozenset()))
        for each in looped:
            if declaration.condition is None:
                yield each
                continue
            truth = _truth(declaration.condition, each.scope)
            files = files_of(truth.trace) | {declaration.condition.span.file.path}
            self._decided(declaration, files)
            each = replace(each, decided_in=each.decided_in | files)  # noqa: PLW2901
            if isinstance(truth, Known):
                if truth.value:
                    yield each
            elif {candidate.value for candidate in truth.candidates} == {True}:
                yield each
            elif {candidate.value for candidate in truth.candidates} != {False}:
                yield replace(each, maybe=each.maybe or replace(truth, candidates=()))

    def _looped(self, loop: declared.Loop | None) -> list[Expansion]:
        if loop is None:
            return [Expansion("", self.scope, None)]
        if id(loop) not in self._loops:
            found = self.session.budget.fitting(self._loop(loop))
            self._loops[id(loop)] = [self._surplus(loop)] if found is None else found
        return self._loops[id(loop)]

    def _decided(self, declaration: declared.Declaration, files: frozenset[str]) -> None:
        """Note where it was decided how many there are."""
        files &= self.session.named
        if not files:
            return
        types = self._types(declaration) if isinstance(declaration, declared.Module) else set()
        types |= {declaration.type.lower()} if isinstance(declaration, declared.Resource) else set()
        decided_in = self.session.decided_in
        decided_in.update({type_: decided_in.get(type_, frozenset()) | files for type_ in types})

    def _types(self, module: declared.Module) -> set[str]:
        """The types of the resources that a module may declare, with what it deploys; as in `Deployment.decided_in`."""
        session, types = self.session, set[str]()
        seen: set[int] = set()
        todo = [(self.directory, module)]
        while todo:
            directory, module = todo.pop()
            source, template = module.source, module.template
            if source is not None and source.startswith(_ELSEWHERE):
                cached = session.registry.cached(source, directory)
                template = session.load(cached) if cached is not None else None
                if template is None:
                    types.add(f"{CALLED}{session.registry.full(source, directory)}")
                    continue
            elif source is not None:
                path = beside(session.workspace, directory, source)
                template = None if path.startswith("..") else session.load(path)
            if template is None or template.problems:
                types.add("")
            elif id(template) not in seen:
                seen.add(id(template))
                types.update(each.type.lower() for each in template.resources if not each.existing)
                todo += ((posixpath.dirname(template.file.path), each) for each in template.modules)
        return types

    def _surplus(self, loop: declared.Loop) -> Expansion:
        """One instance in place of those of a loop that there is no room for; of all its callers, one is looked at."""
        message = f"More than {INSTANCE_LIMIT:,} instances of resources and modules would have to be looked at."
        self.session.budget.report(message, loop.span)
        some = Unknown("there are more instances than are looked at", loop.span)
        known = id(loop) in self.session.crowded
        if not known:
            self.session.crowded.add(id(loop))
            self.session.gaps.append(Gap(some))
        return Expansion("[?]", self.scope.child(_loop_names(loop, some, some)), some, surplus=known)

    def _loop(self, loop: declared.Loop) -> Iterator[Expansion]:
        through: Expression = loop.collection or loop.count  # type: ignore[assignment]
        collection = contained(through, self.scope)
        files = self._loops_decided_in[id(loop)] = files_of(collection.trace) | {through.span.file.path}
        if isinstance(collection, Known):
            try:
                members = list(_members(loop, collection))
            except LimitError as error:
                self.session.budget.report(str(error), collection.span)
                collection = Unknown("there are more instances than are looked at", collection.span)
            except EvaluationError as error:
                collection = Unknown(error.message, collection.span, collection.trace)
        if isinstance(collection, Unknown):
            some = Unknown(collection.reason, collection.span, collection.trace)
            one = replace(some, trace=inside(some.trace, None))
            listed = self._listed(loop, collection)
            certain = listed.members if isinstance(listed.members, tuple) else ()
            for position, item in enumerate(certain[:LOOP_LIMIT]):
                names = _loop_names(loop, item, replace(some, key=Nth(listed, position)))
                yield Expansion(f"[?{position}]", self.scope.child(names), None, decided_in=files_of(some.trace))
            another = replace(some, key=Nth(listed, None))
            names = _loop_names(loop, made_of(one, ".", collection, some), another)
            yield Expansion("[?]", self.scope.child(names), some, listed=listed)
            return
        for index, item in enumerate(members):
            names = _loop_names(loop, item, Known(index, loop.span))
            yield Expansion(
                f"[{index}]",
                self.scope.child(names),
                None,
                decided_in=files | files_of(item.trace),
            )

    def _listed(self, loop: declared.Loop, collection: Unknown) -> Unknown:
        """The list that a loop of unknown length goes through.

        ARM JSON counts its members as `length(list)` and takes each as `list[copyIndex()]`.
        """
        match loop.count:
            case Call(function=name, arguments=(counted,)) if name.lower() == "length":
                listed = contained(counted, self.scope)
                return listed if isinstance(listed, Unknown) else collection
        return collection

    # Resources

    def _resource_value(self, symbol: str) -> AnyValue:
        """What the symbol of a resource is in an expression."""
        resource = self._resources[symbol]
        expansions = list(self._expand(replace(resource, condition=None)))
        objects = [Known(self._object(resource, each), resource.header) for each in expansions]
        return objects[0] if resource.loop is None else _collection(symbol, expansions, objects, resource.header)

    def _object(self, resource: declared.Resource, expansion: Expansion) -> ResourceObject:
        body = contained(resource.body, expansion.scope)
        written = dict(object_members(body)[0])
        name = self._name(resource, expansion.scope)
        written["name"] = name
        place, address = resource.header, self._identity(resource, expansion.scope)
        written |= {"type": Known(resource.type, place), "id": _referring(address, place)}
        silent: Known[Any] = Known({}, place)
        properties = next((value for name, value in written.items() if name.lower() == "properties"), silent)
        if isinstance(properties, Known) and isinstance(properties.value, Mapping):
            written["properties"] = opened(properties, address, "properties", place, str.lower)
        made = ResourceObject(address, written, place)
        if resource.condition is not None:
            made.absent = _absent(_truth(resource.condition, expansion.scope))
        return made

    def _name(self, resource: declared.Resource, scope: Scope) -> AnyValue:
        if resource.name is None:
            return Unknown("it has no name", resource.header)
        return contained(resource.name, scope)

    def _identity(self, resource: declared.Resource, scope: Scope) -> str:
        """What this resource is known by: its type and its whole name, known or not."""
        parent = self._parent(resource, scope)
        name = self._name(resource, scope)
        if parent is not None and parent.reference is not None and (resource.parent or resource.container):
            return identity(resource.type, parent, name)
        return identity(resource.type, name)

    def _owner(self, resource: declared.Resource, scope: Scope) -> str:
        """What a person calls the parent: its symbol, or its name as far as it is known."""
        if resource.container is not None:
            return resource.container.rpartition("::")[2]
        if resource.parent is not None:
            return abridged(resource.parent.span.text)
        names = split_name(self._name(resource, scope))[:-1]
        if not names and resource.name is not None and resource.type.count("/") > 1:
            return abridged(self._as_written(resource, resource.name))  # somewhere in it
        if any(isinstance(name, Unknown) and name.span == resource.span for name in names):
            return self._label(resource)  # see there
        return "/".join(map(readable, names[: resource.type.lower().partition("/providers/")[0].count("/")]))

    def _parent(self, resource: declared.Resource, scope: Scope) -> AnyValue | None:
        """The resource that a child belongs to, by reference."""
        if resource.container is not None:
            outer = self._resources[resource.container]
            return _referring(self._identity(outer, scope), resource.header)
        if resource.parent is not None:
            value = contained(resource.parent, scope)
            if isinstance(value, Known) and isinstance(value.value, ResourceObject):
                return _referring(value.value.address, value.span)
            return value
        segments = split_name(self._name(resource, scope))
        if len(segments) < 2 or resource.type.count("/") < 2:
            return None
        extended, extension, _ = resource.type.lower().rpartition("/providers/")
        if extension:  # such as `…/flexibleServers/providers/locks` with the name `server/Microsoft.Authorization/lock`
            return _referring(identity(extended, *segments[: extended.count("/")]), resource.header)
        return _referring(identity(resource.type.rpartition("/")[0], *segments[:-1]), resource.header)

    def resources(self) -> Iterator[Resource]:
        """The resources of this template and of all that it deploys."""
        for resource in self.template.resources:
            if resource.loop is None:
                self.session.budget.fitting((None,))
            for expansion in self._expand(resource):
                if not expansion.surplus:
                    yield self._resource(resource, expansion)
        for symbol, module in self._modules.items():
            called = self._called(symbol)
            if not called:
                self._dismiss(module)
            for expansion, child in called:
                if isinstance(child, Instance):
                    yield from child.resources()
                    continue
                if module.source is not None and not expansion.surplus:
                    yield self._foreign(module, self._given(module, expansion), expansion)

    def kept(self) -> Iterator[Resource]:
        """The outputs of this template and of all that it deploys, which the history of deployments keeps."""
        for symbol in self._modules:
            for _, child in self._called(symbol):
                if isinstance(child, Instance):
                    yield from child.kept()
        for name, output in self.template.outputs.items():
            yield self._output_resource(name, output)

    def _is_hidden(self, output: declared.Output) -> Value[bool]:
        hidden = self.types.hides(output.type)
        if isinstance(hidden, Hidden):
            return Unknown("its type hides a part of it, or is not on disk", output.span)
        return Known(hidden, output.span)

    def _output_resource(self, name: str, output: declared.Output) -> Resource:
        return Resource(
            address=f"{self.place.prefix}outputs.{name}",
            type=OUTPUT,
            attributes={
                "name": Known(name, output.span),
                "value": self.outputs[name],
                "sensitive": self._is_hidden(output),
            },
            header=output.span,
            language=self._language,
            calls=self.place.calls,
            module=self.place.prefix,
            maybe=self.place.maybe,
            label=name,
        )

    def _resource(self, resource: declared.Resource, expansion: Expansion) -> Resource:
        body = contained(resource.body, expansion.scope)
        attributes = top_level(body)
        attributes["name"] = split_name(self._name(resource, expansion.scope))[-1]
        if resource.api_version is not None:
            attributes["apiversion"] = contained(resource.api_version, expansion.scope)
        if resource.scope is not None:
            attributes["scope"] = _as_reference(contained(resource.scope, expansion.scope))
        return Resource(
            address=f"{self.place.prefix}{self._addresses[resource.symbol]}{expansion.suffix}",
            type=resource.type.lower(),
            attributes=attributes,
            header=resource.header,
            language=self._language,
            calls=self.place.calls,
            module=self.place.prefix,
            maybe=expansion.maybe or self.place.maybe,
            identity=self._identity(resource, expansion.scope),
            label=self._label(resource),
            instance=expansion.suffix,
            existing=resource.existing,
            parent=self._parent(resource, expansion.scope),
            owner=self._owner(resource, expansion.scope),
            decided_in=expansion.decided_in | self.place.decided_in,
        )

    @property
    def _language(self) -> Language:
        return Language.BICEP if self.template.file.path.endswith((".bicep", ".bicepparam")) else Language.ARM

    @cached_property
    def _addresses(self) -> Mapping[str, str]:
        """The addresses of resources by their symbols, of one that has no symbol by its name as it is written.

        They are the same whatever the parameters are: what is found under several of them is found once.
        """
        addresses: dict[str, str] = {}
        taken: set[str] = set()
        for resource in self.template.resources:
            address = resource.symbol
            if _is_position(address):
                outer = addresses[resource.container] if resource.container else ""
                names = (outer.partition("/")[2] or outer, self._label(resource)) if outer else (self._label(resource),)
                address = "/".join((resource.type.rpartition("/")[2], *names))
                if address in taken:
                    address += f"@{resource.header.file.path}:{resource.header.first_line}"
            taken.add(address)
            addresses[resource.symbol] = address
        return addresses

    def _label(self, resource: declared.Resource) -> str:
        """What a person calls a resource: its symbol, or its name as it is written where it has none."""
        if resource.name is None or not _is_position(resource.symbol):
            return resource.symbol.rpartition("::")[2]
        return self._as_written(resource, resource.name)

    def _as_written(self, resource: declared.Resource, name: Expression) -> str:
        """The name of a resource as it is written."""
        if isinstance(name, Literal):
            return str(name.value)
        if name.span != resource.span:
            return name.span.text
        # In a template that was worked out, everything stands where the template is needed.
        given = self.inputs.get(name.name) if isinstance(name, Attribute) else None
        if given is None or given.text:
            return spelled(name)
        return readable(given.value) if isinstance(given.value, Known) else resource.symbol

    def _foreign(self, module: declared.Module, given: Mapping[str, AnyValue], expansion: Expansion) -> Resource:
        """A module that is not on disk, as a resource whose attributes are what it is given."""
        return Resource(
            address=f"{self.place.prefix}{module.symbol}{expansion.suffix}",
            type=self._source(module),
            attributes=given,
            header=module.header,
            language=self._language,
            calls=self.place.calls,
            module=self.place.prefix,
            maybe=expansion.maybe or self.place.maybe,
            label=module.symbol,
            instance=expansion.suffix,
            decided_in=expansion.decided_in | self.place.decided_in,
        )

    def _source(self, module: declared.Module) -> str:
        """The source of a module, with an alias of it spelled out."""
        return self.session.registry.full(module.source or "", self.directory)

    def _given(self, module: declared.Module, expansion: Expansion) -> Mapping[str, AnyValue]:
        """The arguments of a module; with what stands for any others under "" where these are unknown."""
        if module.parameters is None:
            return {}
        try:
            members, unseen = object_members(contained(module.parameters, expansion.scope))
        except EvaluationError as error:
            members, unseen = {}, Unknown(error.message, module.parameters.span)
        return members if unseen is None else {**members, "": unseen}

    # Modules

    def _module_value(self, symbol: str) -> AnyValue:
        """What the symbol of a module is in an expression."""
        module = self._modules[symbol]
        deployed = {each.suffix: self._result(symbol, each, child) for each, child in self._called(symbol)}
        expansions = self._looped(module.loop)
        # As the compiler has it: null if not deployed, and a condition moves no other instance to another index.
        values = [deployed.get(each.suffix, Known(None, module.header)) for each in expansions]
        return values[0] if module.loop is None else _collection(symbol, expansions, values, module.header)

    def _result(self, symbol: str, expansion: Expansion, child: Instance | Unknown) -> AnyValue:
        module = self._modules[symbol]
        if isinstance(child, Unknown):
            address = f"{self.place.prefix}{symbol}{expansion.suffix}"
            outputs: AnyValue = replace(child, reference=Reference(address, "outputs"))
        else:
            outputs = Known(ModuleOutputs(child.outputs, symbol), module.header)
        named = {} if module.name is None else {"name": contained(module.name, expansion.scope)}
        return Known({**named, "outputs": outputs}, module.header)

    def _called(self, symbol: str) -> list[tuple[Expansion, Instance | Unknown]]:
        if symbol not in self._children:
            module = self._modules[symbol]
            if symbol in self._busy:
                raise EvaluationError(self._cycle("module", self._modules)(symbol).reason)
            self._busy.add(symbol)
            try:
                if module.loop is None:
                    self.session.budget.fitting((None,))
                self._children[symbol] = [(each, self._deployed(module, each)) for each in self._expand(module)]
            finally:
                self._busy.discard(symbol)
            for each, child in self._children[symbol]:
                if isinstance(child, Unknown):
                    source = self._source(module) if child.never_null else ""
                    given, after = self._given(module, each), tuple(self._awaited(module, each))
                    self.session.gaps.append(Gap(child, given, child.never_null, source, after))
        return self._children[symbol]

    def _awaited(self, module: declared.Module, expansion: Expansion) -> Iterator[AnyValue]:
        """What `dependsOn` names: resources by their ids, modules by references to them, and what may be a name."""
        depends, scope = module.depends, expansion.scope
        for item in depends.items if isinstance(depends, ListOf) else () if depends is None else (depends,):
            value = _as_reference(contained(item, scope))
            yield from map(_as_reference, _instances(value))
            symbol, index = _named_in(item, value, scope)
            if symbol in self._resources and isinstance(value, Known):
                each = self._expand(replace(self._resources[symbol], condition=None))
                ids = [self._identity(self._resources[symbol], one.scope) for one in each if index in ("", one.suffix)]
                yield from (_referring(id_, value.span) for id_ in ids)
            known_as = ""  # in ARM JSON, a deployment is known by its id or by its name
            if isinstance(value, Unknown) or isinstance(value.value, str):
                known_as = value.reference.address if value.reference else identity(DEPLOYMENTS, value)
            for other in self._modules if known_as else {symbol} & self._modules.keys():
                for one in self._expand(self._modules[other]):
                    meant = other == symbol and index in ("", one.suffix)
                    if meant or (known_as and known_as == self._module_identity(other, one.scope)):
                        place = Reference(f"{self.place.prefix}{other}{one.suffix}", "")
                        yield Unknown("it is a module", value.span, reference=place)

    def _deployed(self, module: declared.Module, expansion: Expansion) -> Instance | Unknown:
        if module.template is not None:
            return self._child(module, module.template, expansion)
        if module.content is not None:
            return self._worked_out(module, module.content, expansion)
        if module.source is None:
            return Unknown("its template is known only after deployment", module.header, never_null=True)
        found = self._load(module.source, module.source_span)
        return found if isinstance(found, Unknown) else self._child(module, found, expansion)

    def _worked_out(self, module: declared.Module, content: Expression, expansion: Expansion) -> Instance | Unknown:
        """A deployment whose template is a value."""
        if len(self.place.ancestors) > DEPTH_LIMIT:
            self.session.budget.report(f"Templates are nested more than {DEPTH_LIMIT} levels deep.", content.span)
            return Unknown("it is nested too deeply", content.span)
        found = self._nested(module, content, expansion)
        if isinstance(found, Unknown):
            return found
        self.session.visited |= found.files
        self.session.gaps += (Gap(gap, elsewhere=True) for gap in found.gaps)
        given = {name: Input(value, "") for name, value in found.given.items()}
        return self._child(module, found.template, expansion, given)

    def _nested(self, module: declared.Module, content: Expression, expansion: Expansion) -> Nested | Unknown:
        """The template that a value is."""
        inner = module.inner and isinstance(content, ObjectOf)
        # Bicep's names in a template that is evaluated by itself become names of its own parameters.
        scope = expansion.scope.child(self._given(module, expansion)) if inner else expansion.scope
        try:
            return template_of(contained(content, scope), inner=inner)
        except LimitError as error:
            return self.session.budget.passed(str(error), content.span)

    def _dismiss(self, module: declared.Module) -> None:
        """Of a module that is deployed zero times there is nothing to judge, nor of those that it would deploy."""
        session, template = self.session, module.template
        if module.content is not None:
            none = Unknown("it is deployed zero times", module.header)
            names = {} if module.loop is None else _loop_names(module.loop, none, none)
            found = self._nested(module, module.content, Expansion("", self.scope.child(names), none))
            if isinstance(found, Nested):
                template = found.template
                session.dismissed |= found.files
        elif module.source is not None and not module.source.startswith(_ELSEWHERE):
            path = beside(session.workspace, self.directory, module.source)
            if path not in session.dismissed:
                session.dismissed.add(path)
                template = session.load(path) if session.leads_on(path) else None
        if template is not None:
            below = Instance(session, template, {}, self.place)
            for each in template.modules:
                below._dismiss(each)

    def _child(
        self,
        module: declared.Module,
        template: Template,
        expansion: Expansion,
        more: Mapping[str, Input] = MappingProxyType({}),
    ) -> Instance:
        given = dict(self._given(module, expansion))
        unseen = given.pop("", None)
        if isinstance(unseen, Unknown):
            written = {name.lower() for name in given}
            others = [name for name in template.parameters if name.lower() not in written and name not in more]
            given |= {name: unseen.member(name) for name in others}
        text = "argument '{}' of module '" + module.symbol + "'"
        inputs = {name: Input(value, text.format(name)) for name, value in given.items()}
        place = Place(
            f"{self.place.prefix}{module.symbol}{expansion.suffix}.",
            (*self.place.calls, module.header),
            self._ancestors if module.template is None else self.place.ancestors,
            expansion.maybe or self.place.maybe,
            expansion.decided_in | self.place.decided_in,
        )
        self.session.visited.add(template.file.path)
        child = Instance(self.session, template, {**inputs, **more}, place)
        if not module.inner and module.template is not None:
            # ARM's default: expressions of a nested template see the names of the template around it.
            child.scope = expansion.scope
        return child

    def _reference(self, value: AnyValue, *, full: bool) -> AnyValue | None:
        """What `reference(symbol)` or `reference(resourceId(…))` gives, where it is a module or declared here."""
        for symbol in self._asked(value, self._modules, self._module_identity):
            return self._armed(symbol, _index_in(value))
        for symbol in self._asked(value, self._resources, self._resource_identity):
            found = self._resource_values[symbol]
            index = _index_in(value)
            if index is not None:
                found = member(found, index, value.span)
            if isinstance(found, Unknown):
                return found
            if isinstance(found.value, ResourceObject):
                return found if full else found.value["properties"]
        return None

    def _asked(
        self, value: AnyValue, declarations: Mapping[str, declared.Declaration], known_as: Callable[[str], str]
    ) -> Iterator[str]:
        """The symbols that a name or an id stands for."""
        if isinstance(value, Known) and isinstance(value.value, str):
            symbol = value.value.partition("[")[0]
            if symbol in declarations and (declarations[symbol].loop is None) == (symbol == value.value):
                yield symbol
            elif (only := self._symbol_of(value.value)) in declarations:
                yield only
        elif value.reference is not None and value.reference.attribute == "id":
            address = value.reference.address
            single = (symbol for symbol, each in declarations.items() if each.loop is None)
            yield from (symbol for symbol in single if known_as(symbol) == address)

    def _symbol_of(self, name: str) -> str:
        """The symbol of the one resource or module with a name, which stands for it where it has no symbolic name."""
        if self._by_name is None:
            self._by_name = {}  # of names that refer to others: nothing
            found: dict[str, str] = {}
            all_: dict[str, declared.Module | declared.Resource] = {**self._modules, **self._resources}
            for symbol, each in all_.items():
                known = None if each.loop or each.name is None else contained(each.name, self.scope)
                if isinstance(known, Known):
                    key = str(known.value).lower()
                    found[key] = "" if key in found else symbol
            self._by_name = found
        return self._by_name.get(name.lower(), "")

    def _module_identity(self, symbol: str, scope: Scope | None = None) -> str:
        name = self._modules[symbol].name
        return "" if name is None else identity(DEPLOYMENTS, contained(name, scope or self.scope))

    def _resource_identity(self, symbol: str) -> str:
        return self._identity(self._resources[symbol], self.scope)

    def _armed(self, symbol: str, index: str | None) -> AnyValue | None:
        """The outputs of a module as ARM's `reference` gives them: each as `{ "value": … }`."""
        suffix = "" if index is None else f"[{index}]"
        header = self._modules[symbol].header
        for expansion, child in self._called(symbol):
            if expansion.suffix == suffix:
                if isinstance(child, Unknown):
                    outputs: Mapping[str, AnyValue] = Elsewhere(self._result(symbol, expansion, child))
                else:
                    outputs = {name: Known({"value": child.outputs[name]}, header) for name in child.outputs}
                return Known({"outputs": Known(outputs, header)}, header)
        return None


class Elsewhere(Mapping[str, AnyValue]):
    """The outputs of a module that is not on disk, as ARM's `reference` gives them."""

    def __init__(self, module: AnyValue) -> None:
        self._module = module

    def __getitem__(self, name: str) -> AnyValue:
        span = self._module.span
        outputs = member(self._module, "outputs", span)
        value = member(outputs, name, span)
        if isinstance(value, Unknown):
            value = made_of(value, ".", outputs, Known(name, span))
        return Known({"value": value}, span)

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _collection(symbol: str, expansions: Sequence[Expansion], values: Sequence[AnyValue], header: Span) -> AnyValue:
    """What the symbol of a loop is: a list, as far as it is known how long."""
    last = expansions[-1] if expansions else None
    if last is None or last.maybe is None or last.suffix != "[?]":
        return Known(tuple(values), header)
    return Known(Every(symbol, values, last.listed, last.maybe), header)


def _index_in(value: AnyValue) -> str | None:
    """The index in `symbol[3]`, which is how ARM names an instance of a loop."""
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return None
    return value.value.partition("[")[2].removesuffix("]") or None


def _named_in(item: Expression, value: AnyValue, scope: Scope) -> tuple[str, str]:
    """The symbol that a member of `dependsOn` may be and the instance of its loop (`[3]`), each "" where it is none.

    In ARM JSON it is the value of the member, in Bicep the expression.
    """
    if isinstance(value, Known) and isinstance(value.value, str):
        symbol, bracket, index = value.value.partition("[")
        return symbol, f"{bracket}{index}"
    if not isinstance(item, Index):
        return node_path(item), ""
    key = contained(item.key, scope)
    return node_path(item.base), f"[{key.value}]" if isinstance(key, Known) else ""


def _instances(value: AnyValue) -> Iterable[AnyValue]:
    """A resource, or those of a loop."""
    match value:
        case Known(tuple() | Every() as many):
            return tuple(many.values() if isinstance(many, Every) else many)
        case _:
            return (value,)


def _truth(condition: Expression, scope: Scope) -> Value[bool]:
    value = contained(condition, scope)
    return value.map(lambda bare: bare is True or str(bare).lower() == "true")


def _absent(condition: Value[bool]) -> bool | Unknown:
    """Whether what has a condition is not there."""
    there = holds(condition, bool)
    return condition if there is None and isinstance(condition, Unknown) else not there


def _loop_names(loop: declared.Loop, item: AnyValue, index: AnyValue) -> Mapping[str, AnyValue]:
    return {name: value for name, value in ((loop.item, item), (loop.index, index)) if name}


def _members(loop: declared.Loop, collection: Known[Any]) -> Iterator[AnyValue]:
    """What a loop goes through: members, or the numbers below a count."""
    if loop.collection is not None:
        members = [value for _, value in pairs(collection)]
        check_loop(len(members))
        yield from members
        return
    count = collection.value
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise EvaluationError("the count of a loop is no whole number of 0 or more", collection.span)
    check_loop(count)
    for index in range(count):
        yield Known(index, loop.span)


def _is_position(symbol: str) -> bool:
    """Whether a symbol is made up from a position, as of a resource in an array."""
    return symbol.endswith("]")


def _as_reference(value: AnyValue) -> AnyValue:
    """A resource itself as a reference to it."""
    if isinstance(value, Known) and isinstance(value.value, ResourceObject):
        return _referring(value.value.address, value.span)
    found = None if value.reference is not None else reference_of(value)
    return value if found is None else _referring(found.address, value.span)


def _referring(address: str, span: Span) -> Unknown:
    """A resource by its id."""
    reason = f"the id of {shown(address)} is known only after deployment"
    return Unknown(reason, span, reference=Reference(address, "id"), never_null=True)
