"""Evaluates a template with its parameters: it resolves names on demand, makes resources and calls modules."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import MODULE_DEPTH_LIMIT, LimitError
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.interpreter import Scope, contained, node_path
from pgflexlint.evaluate.members import AnyValue, Every, either, object_members
from pgflexlint.evaluate.names import Lazy, ModuleObject, ModuleOutputs, ResourceObject, opened
from pgflexlint.evaluate.session import ROOT, Expansion, Input, ModulePath
from pgflexlint.evaluate.template.body import top_level
from pgflexlint.evaluate.template.declared_types import Types
from pgflexlint.evaluate.template.expansion import Expander, absent, collection_of, loop_names, truth_of
from pgflexlint.evaluate.template.identity import identity, split_name
from pgflexlint.evaluate.template.language import Arm
from pgflexlint.evaluate.template.names import Imported, Names
from pgflexlint.evaluate.template.naming import DEPLOYMENTS, Naming, as_reference, referring
from pgflexlint.evaluate.template.nested import Nested, template_of
from pgflexlint.evaluate.template.runtime_reference import Elsewhere, RuntimeReferences
from pgflexlint.evaluate.template.session import ELSEWHERE, Session
from pgflexlint.problem import Kind, Problem
from pgflexlint.resource import OUTPUT, Gap, Language, Resource
from pgflexlint.source import Span, beside
from pgflexlint.syntax import template as syntax
from pgflexlint.syntax.expressions import Expression, Index, ListOf, ObjectOf
from pgflexlint.syntax.template import Template
from pgflexlint.values import Known, PartlySensitive, Reference, Unknown, Value, is_null


class Instance:
    """A template with its parameters."""

    def __init__(
        self,
        session: Session,
        template: Template,
        inputs: Mapping[str, Input],
        path: ModulePath = ROOT,
        scope: Scope | None = None,
    ) -> None:
        """With `scope`, the expressions of this template see the names of another one in place of its own."""
        self.session = session
        self.template = template
        spelled = {name.lower(): name for name in template.parameters}
        self.inputs = {spelled.get(name.lower(), name): value for name, value in inputs.items()}
        self.path = path
        self.directory = posixpath.dirname(template.file.path)
        self._children: dict[str, list[tuple[Expansion, Instance | Unknown]]] = {}
        self._sensitive: dict[str, bool | PartlySensitive] = {}
        self.types = session.types_of(template, self._imported_types)
        self._busy: set[str] = set()
        """The symbols of the modules that are being deployed: one that asks for its own outputs is a cycle."""
        self._here = Span(template.file, 0, 0)
        session.unread(template.problems, "template", self._here)
        self.naming = Naming(template, self.inputs)
        self._resources = self.naming.resources
        self._modules = self.naming.modules
        self._resource_values = self._lazy(self._resources, self._resource_value, "resource '{}'", traced=False)
        if scope is None:
            language = Arm(session.workspace, self.directory, session.problems.report, self._reference)
            scope = Scope(language, self._names(), budget=session.budget)
        self.scope = scope
        self._expander = Expander(session, scope, self.directory)
        self._references = RuntimeReferences(self.naming, scope, self._resource_values, self._outputs_of)
        self.outputs = self._lazy(template.outputs, self._output, "output '{}'")

    # Names

    def _names(self) -> Names:
        template = self.template
        parameters = Lazy(
            template.parameters,
            self._parameter,
            self._describe_parameter,
            self._cycle("parameter '{}'", template.parameters),
            sensitive=self._is_sensitive,
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

    def _is_sensitive(self, parameter: str) -> bool | PartlySensitive:
        if parameter not in self._sensitive:
            self._sensitive[parameter] = self.types.sensitive(self.template.parameters[parameter].type)
        return self._sensitive[parameter]

    def _lazy(
        self, names: Mapping[str, Any], resolve: Callable[[str], AnyValue], text: str, *, traced: bool = True
    ) -> Lazy:
        """Members that `text` describes, with `{}` for the name."""
        return Lazy(names, resolve, text.format, self._cycle(text, names), traced=traced, on_missing=self._undeclared)

    def _undeclared(self, sentence: str, span: Span) -> None:
        """Report that a name leads nowhere, unless it may be declared in a part that could not be read."""
        if not self.template.problems:
            hint = "Check the spelling of the name, or declare it: no deployment accepts it."
            self.session.undeclared(sentence, span, hint)

    def _cycle(self, text: str, declarations: Mapping[str, Any]) -> Callable[[str], Unknown]:
        return lambda name: self.session.cycle(text.format(name), declarations[name].span)

    def _describe_parameter(self, name: str) -> str:
        given = self.inputs.get(name)
        if given:
            return given.text
        declared = self.template.parameters.get(name)
        has_default = declared is not None and declared.default is not None
        return f"the default of parameter '{name}'" if has_default else f"parameter '{name}'"

    def _parameter(self, name: str) -> AnyValue:
        parameter = self.template.parameters[name]
        given = self.inputs.get(name)
        if given is not None:
            null = is_null(given.value)
            if not null or parameter.default is None or self.types.nullable(parameter.type):
                return self._null_replaced(given.value, parameter)
        if parameter.default is not None:
            return contained(parameter.default, self.scope)
        if self.types.nullable(parameter.type):
            return Known(None, parameter.span)
        return Unknown(f"parameter '{name}' has no value", parameter.span)

    def _null_replaced(self, value: AnyValue, parameter: syntax.Parameter) -> AnyValue:
        """A value that may be null, with the default in place of null."""
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
        """The variables and functions that are imported from other Bicep files."""
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
    def _imported(self) -> Sequence[tuple[syntax.Import, Instance | Unknown]]:
        return [(taken, self._other(taken.source, taken.source_span)) for taken in self.template.imports]

    def _imported_types(self) -> Iterator[tuple[syntax.Import, Types | None]]:
        for taken, other in self._imported:
            yield taken, other.types if isinstance(other, Instance) else None

    def _other(self, source: str, span: Span) -> Instance | Unknown:
        """Another file that this one imports from: its declarations are used, and it is not deployed."""
        found = self._load(source, span)
        if isinstance(found, Unknown):
            return found
        return Instance(self.session, found, {}, replace(self.path, ancestors=self._ancestors))

    @property
    def _ancestors(self) -> tuple[str, ...]:
        return (*self.path.ancestors, self.template.file.path)

    def _load(self, source: str, span: Span) -> Template | Unknown:
        """The template that a path or registry reference names."""
        if source.startswith(ELSEWHERE):
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
                message = f"'{source}' is outside the scanned directory."
            hint = "Check the path, or run pgflexlint on a directory that contains it."
            self.session.problems.report(Problem(Kind.MODULE, message, span.file.path, span, hint))
            return Unknown(f"'{source}' does not exist", span)
        if len(self.path.ancestors) > MODULE_DEPTH_LIMIT:
            self.session.budget.report(f"Modules call modules more than {MODULE_DEPTH_LIMIT} levels deep.", span)
            return Unknown(f"'{source}' is nested too deeply", span)
        if path in self._ancestors:
            message = f"Template '{source}' uses itself, directly or through others."
            hint = "Break the cycle of modules."
            self.session.problems.report(Problem(Kind.CYCLE, message, span.file.path, span, hint))
            return Unknown(f"'{source}' uses itself", span)
        return found

    # Resources

    def _resource_value(self, symbol: str) -> AnyValue:
        """The value of a resource's symbol in an expression."""
        resource = self._resources[symbol]
        expansions = list(self._expander.expand(replace(resource, condition=None)))
        objects = [Known(self._object(resource, each), resource.header) for each in expansions]
        return objects[0] if resource.loop is None else collection_of(symbol, expansions, objects, resource.header)

    def _object(self, resource: syntax.Resource, expansion: Expansion) -> ResourceObject:
        body = contained(resource.body, expansion.scope)
        written = dict(object_members(body)[0])
        name = self.naming.name(resource, expansion.scope)
        written["name"] = name
        place, address = resource.header, self.naming.identity(resource, expansion.scope)
        written |= {"type": Known(resource.type, place), "id": referring(address, place)}
        silent: Known[Any] = Known({}, place)
        properties = next((value for name, value in written.items() if name.lower() == "properties"), silent)
        if isinstance(properties, Known) and isinstance(properties.value, Mapping):
            written["properties"] = opened(properties, address, "properties", place, str.lower)
        made = ResourceObject(address, written, place)
        if resource.condition is not None:
            made.absent = absent(truth_of(resource.condition, expansion.scope))
        return made

    def resources(self) -> Iterator[Resource]:
        """The resources of this template and of all that it deploys."""
        for resource in self.template.resources:
            if resource.loop is None:
                self.session.budget.fitting((None,))
            for expansion in self._expander.expand(resource):
                if not expansion.already_judged:
                    yield self._resource(resource, expansion)
        for symbol, module in self._modules.items():
            called = self._called(symbol)
            if not called:
                self._note_zero_times(module)
            for expansion, child in called:
                if isinstance(child, Instance):
                    yield from child.resources()
                    continue
                if module.source is not None and not expansion.already_judged:
                    yield self._foreign(module, self._given(module, expansion), expansion)

    def output_resources(self) -> Iterator[Resource]:
        """The outputs of this template and of all that it deploys. The history of deployments keeps them."""
        for symbol in self._modules:
            for _, child in self._called(symbol):
                if isinstance(child, Instance):
                    yield from child.output_resources()
        for name, output in self.template.outputs.items():
            yield self._output_resource(name, output)

    def _is_output_sensitive(self, output: syntax.Output) -> Value[bool]:
        hidden = self.types.sensitive(output.type)
        if isinstance(hidden, PartlySensitive):
            return Unknown("its type hides a part of it, or is not on disk", output.span)
        return Known(hidden, output.span)

    def _output_resource(self, name: str, output: syntax.Output) -> Resource:
        return Resource(
            address=f"{self.path.prefix}outputs.{name}",
            type=OUTPUT,
            attributes={
                "name": Known(name, output.span),
                "value": self.outputs[name],
                "sensitive": self._is_output_sensitive(output),
            },
            header=output.span,
            language=self._language,
            calls=self.path.calls,
            module=self.path.prefix,
            maybe=self.path.maybe,
            label=name,
        )

    def _resource(self, resource: syntax.Resource, expansion: Expansion) -> Resource:
        body = contained(resource.body, expansion.scope)
        attributes = top_level(body)
        attributes["name"] = split_name(self.naming.name(resource, expansion.scope))[-1]
        if resource.api_version is not None:
            attributes["apiversion"] = contained(resource.api_version, expansion.scope)
        if resource.scope is not None:
            attributes["scope"] = as_reference(contained(resource.scope, expansion.scope))
        return Resource(
            address=f"{self.path.prefix}{self.naming.addresses[resource.symbol]}{expansion.suffix}",
            type=resource.type.lower(),
            attributes=attributes,
            header=resource.header,
            language=self._language,
            calls=self.path.calls,
            module=self.path.prefix,
            maybe=expansion.maybe or self.path.maybe,
            identity=self.naming.identity(resource, expansion.scope),
            label=self.naming.label(resource),
            instance=expansion.suffix,
            existing=resource.existing,
            parent=self.naming.parent(resource, expansion.scope),
            owner=self.naming.owner(resource, expansion.scope),
            decided_in=expansion.decided_in | self.path.decided_in,
        )

    @property
    def _language(self) -> Language:
        return Language.BICEP if self.template.file.path.endswith((".bicep", ".bicepparam")) else Language.ARM

    def _foreign(self, module: syntax.Module, given: Mapping[str, AnyValue], expansion: Expansion) -> Resource:
        """A module that is not on disk, as a resource: its type is the source, its attributes are the arguments."""
        return Resource(
            address=f"{self.path.prefix}{module.symbol}{expansion.suffix}",
            type=self._source(module),
            attributes=given,
            header=module.header,
            language=self._language,
            calls=self.path.calls,
            module=self.path.prefix,
            maybe=expansion.maybe or self.path.maybe,
            label=module.symbol,
            instance=expansion.suffix,
            decided_in=expansion.decided_in | self.path.decided_in,
        )

    def _source(self, module: syntax.Module) -> str:
        """The source of a module, with its alias spelled out."""
        return self.session.registry.full(module.source or "", self.directory)

    def _given(self, module: syntax.Module, expansion: Expansion) -> Mapping[str, AnyValue]:
        """The arguments of a module by name. If there may be others, "" has the unknown that stands for them."""
        if module.parameters is None:
            return {}
        try:
            members, unseen = object_members(contained(module.parameters, expansion.scope))
        except EvaluationError as error:
            members, unseen = {}, Unknown(error.message, module.parameters.span)
        return members if unseen is None else {**members, "": unseen}

    # Modules

    def _module_value(self, symbol: str) -> AnyValue:
        """The value of a module's symbol in an expression."""
        module = self._modules[symbol]
        deployed = {each.suffix: self._result(symbol, each, child) for each, child in self._called(symbol)}
        expansions = self._expander.looped(module.loop)
        # As the compiler has it: null if not deployed, and a condition moves no other instance to another index.
        values = [deployed.get(each.suffix, Known(None, module.header)) for each in expansions]
        return values[0] if module.loop is None else collection_of(symbol, expansions, values, module.header)

    def _result(self, symbol: str, expansion: Expansion, child: Instance | Unknown) -> AnyValue:
        module = self._modules[symbol]
        if isinstance(child, Unknown):
            address = f"{self.path.prefix}{symbol}{expansion.suffix}"
            outputs: AnyValue = replace(child, reference=Reference(address, "outputs"))
        else:
            outputs = Known(ModuleOutputs(child.outputs, symbol), module.header)
        named = {} if module.name is None else {"name": contained(module.name, expansion.scope)}
        condition = (
            Known(True, module.header) if module.condition is None else truth_of(module.condition, expansion.scope)
        )
        return Known(ModuleObject({**named, "outputs": outputs}, absent(condition)), module.header)

    def _outputs_of(self, symbol: str, suffix: str) -> Mapping[str, AnyValue] | None:
        """The outputs of one instance of a module; None if there is no such instance."""
        for expansion, child in self._called(symbol):
            if expansion.suffix == suffix:
                if isinstance(child, Instance):
                    return child.outputs
                return Elsewhere(self._result(symbol, expansion, child))
        return None

    def _reference(self, value: AnyValue, *, full: bool) -> AnyValue | None:
        return self._references.answer(value, full=full)

    def _called(self, symbol: str) -> list[tuple[Expansion, Instance | Unknown]]:
        if symbol not in self._children:
            module = self._modules[symbol]
            if symbol in self._busy:
                raise EvaluationError(self.session.cycle(f"module '{symbol}'", module.span).reason)
            self._busy.add(symbol)
            try:
                if module.loop is None:
                    self.session.budget.fitting((None,))
                self._children[symbol] = [
                    (each, self._deployed(module, each)) for each in self._expander.expand(module)
                ]
            finally:
                self._busy.discard(symbol)
            for each, child in self._children[symbol]:
                if isinstance(child, Unknown):
                    source = self._source(module) if child.never_null else ""
                    given, after = self._given(module, each), tuple(self._awaited(module, each))
                    self.session.gaps.append(Gap(child, given, child.never_null, source, after))
        return self._children[symbol]

    def _awaited(self, module: syntax.Module, expansion: Expansion) -> Iterator[AnyValue]:
        """What `dependsOn` names: ids of resources, references to modules, and values that may be a name."""
        depends, scope = module.depends, expansion.scope
        for item in depends.items if isinstance(depends, ListOf) else () if depends is None else (depends,):
            value = as_reference(contained(item, scope))
            yield from map(as_reference, _instances(value))
            symbol, index = _named_in(item, value, scope)
            if symbol in self._resources and isinstance(value, Known):
                resource = replace(self._resources[symbol], condition=None)
                each = [one for one in self._expander.expand(resource) if index in ("", one.suffix)]
                ids = [self.naming.identity(resource, one.scope) for one in each]
                yield from (referring(id_, value.span) for id_ in ids)
            known_as = ""  # in ARM JSON, a deployment is known by its id or by its name
            if isinstance(value, Unknown) or isinstance(value.value, str):
                known_as = value.reference.address if value.reference else identity(DEPLOYMENTS, value)
            for other in self._modules if known_as else {symbol} & self._modules.keys():
                for one in self._expander.expand(self._modules[other]):
                    meant = other == symbol and index in ("", one.suffix)
                    if meant or (known_as and known_as == self.naming.of_module(self._modules[other], one.scope)):
                        place = Reference(f"{self.path.prefix}{other}{one.suffix}", "")
                        yield Unknown("it is a module", value.span, reference=place)

    def _deployed(self, module: syntax.Module, expansion: Expansion) -> Instance | Unknown:
        if module.template is not None:
            return self._child(module, module.template, expansion)
        if module.content is not None:
            return self._worked_out(module, module.content, expansion)
        if module.source is None:
            return Unknown("its template is known only after deployment", module.header, never_null=True)
        found = self._load(module.source, module.source_span)
        return found if isinstance(found, Unknown) else self._child(module, found, expansion)

    def _worked_out(self, module: syntax.Module, content: Expression, expansion: Expansion) -> Instance | Unknown:
        """The instance that a deployment deploys whose template is an expression."""
        if len(self.path.ancestors) > MODULE_DEPTH_LIMIT:
            self.session.budget.report(
                f"Templates are nested more than {MODULE_DEPTH_LIMIT} levels deep.", content.span
            )
            return Unknown("it is nested too deeply", content.span)
        found = self._nested(module, content, expansion)
        if isinstance(found, Unknown):
            return found
        self.session.evaluated |= found.files
        self.session.gaps += (Gap(gap, elsewhere=True) for gap in found.gaps)
        given = {name: Input(value, "") for name, value in found.given.items()}
        return self._child(module, found.template, expansion, given)

    def _nested(self, module: syntax.Module, content: Expression, expansion: Expansion) -> Nested | Unknown:
        """The template that an expression gives."""
        inner = module.inner and isinstance(content, ObjectOf)
        # Bicep's names in a template that is evaluated by itself become names of its own parameters.
        scope = expansion.scope.child(self._given(module, expansion)) if inner else expansion.scope
        try:
            return template_of(contained(content, scope), inner=inner)
        except LimitError as error:
            return self.session.budget.passed(str(error), content.span)

    def _note_zero_times(self, module: syntax.Module) -> None:
        """Note that a module is deployed zero times, with all that it would deploy: it is not judged on its own."""
        session, template = self.session, module.template
        if module.content is not None:
            none = Unknown("it is deployed zero times", module.header)
            names = {} if module.loop is None else loop_names(module.loop, none, none)
            found = self._nested(module, module.content, Expansion("", self.scope.child(names), none))
            if isinstance(found, Nested):
                template = found.template
                session.deployed_zero_times |= found.files
        elif module.source is not None and not module.source.startswith(ELSEWHERE):
            path = beside(session.workspace, self.directory, module.source)
            if path not in session.deployed_zero_times:
                session.deployed_zero_times.add(path)
                template = session.load(path) if session.leads_on(path) else None
        if template is not None:
            below = Instance(session, template, {}, self.path)
            for each in template.modules:
                below._note_zero_times(each)

    def _child(
        self,
        module: syntax.Module,
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
        text = f"of module '{module.symbol}'"
        inputs = {name: Input(value, f"argument '{name}' {text}") for name, value in given.items()}
        ancestors = self._ancestors if module.template is None else self.path.ancestors
        path = self.path.through(module.symbol, module.header, expansion, ancestors)
        self.session.evaluated.add(template.file.path)
        # ARM's default: expressions of a nested template see the names of the template around it.
        around = expansion.scope if not module.inner and module.template is not None else None
        return Instance(self.session, template, {**inputs, **more}, path, around)


def _named_in(item: Expression, value: AnyValue, scope: Scope) -> tuple[str, str]:
    """The symbol that a member of `dependsOn` may be and the index of its instance (`[3]`). Each is "" if there is
    none.

    In ARM JSON the symbol is the value of the member, in Bicep the expression.
    """
    if isinstance(value, Known) and isinstance(value.value, str):
        symbol, bracket, index = value.value.partition("[")
        return symbol, f"{bracket}{index}"
    if not isinstance(item, Index):
        return node_path(item), ""
    key = contained(item.key, scope)
    return node_path(item.base), f"[{key.value}]" if isinstance(key, Known) else ""


def _instances(value: AnyValue) -> Iterable[AnyValue]:
    """The resource, or the resources of a loop."""
    match value:
        case Known(tuple() | Every() as many):
            return tuple(many.values() if isinstance(many, Every) else many)
        case _:
            return (value,)
