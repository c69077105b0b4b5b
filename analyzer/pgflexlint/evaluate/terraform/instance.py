"""Evaluates a module with its inputs: it resolves names on demand, makes resources and calls child modules."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import MODULE_DEPTH_LIMIT, SpentError, bounded
from pgflexlint.evaluate.interpreter import Scope, contained
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.names import Declared, Lazy, ModuleOutputs, ResourceObject
from pgflexlint.evaluate.session import ROOT, Expansion, Input, ModulePath
from pgflexlint.evaluate.terraform.bodies import body_of
from pgflexlint.evaluate.terraform.expansion import Expander, collected
from pgflexlint.evaluate.terraform.lifecycle import lifecycle
from pgflexlint.evaluate.terraform.module import Module, call_source
from pgflexlint.evaluate.terraform.providers import Configurations, alias_of, configured, named_by
from pgflexlint.evaluate.terraform.session import Session
from pgflexlint.evaluate.terraform.variables import Variables
from pgflexlint.problem import Kind, Problem
from pgflexlint.resource import OUTPUT, PROVIDER_PREFIX, REQUIRED_PROVIDERS, Gap, Language, Resource
from pgflexlint.source import Span
from pgflexlint.syntax.expressions import Expression
from pgflexlint.syntax.hcl.document import Block
from pgflexlint.values import Known, Reference, Unknown, is_null

_CWD = "'path.cwd' depends on where Terraform is run"

CALL_META = frozenset({"count", "for_each", "depends_on", "providers", "source", "version"})


class Instance:
    """A module with its inputs."""

    def __init__(
        self,
        session: Session,
        module: Module,
        inputs: Mapping[str, Input],
        path: ModulePath = ROOT,
        providers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`providers` are the addresses of the provider configurations that it is given, by their names in it, such
        as `postgresql.admin`.
        """
        self.session = session
        self.module = module
        self.path = path
        self.ancestors = (*path.ancestors, module.directory)
        self.configurations = Configurations(path.prefix, module.providers, providers)
        self._variables = Variables(session, module.variables, inputs, is_root=not path.calls)
        self._children: dict[str, list[tuple[Expansion, Instance | Unknown]]] = {}
        session.evaluated.add(module.directory)
        session.unread(module.problems, "module", module.place)
        self.outputs = self._lazy(module.outputs, self._output, "output '{}'".format)
        self._scope = Scope(session.language, self._roots(), budget=session.budget)
        self._expander = Expander(session, self._scope, module.directory, path.prefix)

    # Names

    def _roots(self) -> Declared:
        module, place = self.module, self.module.place
        variables = Lazy(
            module.variables,
            self._variables.value,
            self._variables.describe,
            self._cycle("variable '{}'".format, module.variables),
            sensitive=self._variables.is_sensitive,
            on_missing=self._undeclared,
        )
        fixed: dict[str, AnyValue] = {
            "var": Known(variables, place),
            "local": Known(self._lazy(module.locals, self._local, "local value '{}'".format), place),
            "module": Known(self._lazy(module.calls, self._call, "module '{}'".format, module.calls), place),
            "data": Known(self._read("data", module.data), place),
            "path": Known(self._paths(), place),
            "terraform": Unknown("'terraform.workspace' depends on how Terraform is run", place),
            "self": Unknown("'self' is known only after deployment", place),
            "ephemeral": Known(self._read("ephemeral", module.ephemerals), place),
        }
        labels: dict[str, list[str]] = {}
        for type_, label in module.resources:
            labels.setdefault(type_, []).append(label)
        types: dict[str, AnyValue] = {}
        for type_, names in labels.items():
            blocks = {label: module.resources[type_, label] for label in names}
            resolve = partial(self._resource_value, type_)
            types[type_] = Known(self._lazy(blocks, resolve, partial("{}.{}".format, type_), blocks), place)
        return Declared({**types, **fixed}, "nothing called '{}' is declared", self._undeclared)

    def _undeclared(self, sentence: str, span: Span) -> None:
        """Report that a name leads nowhere, unless it may be declared in a part that could not be read."""
        if not self.module.problems:
            hint = "Check the spelling of the name, or declare it: Terraform refuses it."
            self.session.undeclared(sentence, span, hint)

    def _lazy(
        self,
        names: Iterable[str],
        resolve: Callable[[str], AnyValue],
        describe: Callable[[str], str],
        blocks: Mapping[str, Block] | None = None,
    ) -> Lazy:
        """Members by name. If they are whole blocks, their use is no step of a trace."""
        on_cycle = self._cycle(describe, blocks or {})
        return Lazy(names, resolve, describe, on_cycle, traced=blocks is None, on_missing=self._undeclared)

    def _cycle(self, describe: Callable[[str], str], blocks: Mapping[str, Block]) -> Callable[[str], AnyValue]:
        def on_cycle(name: str) -> AnyValue:
            argument = self.module.locals.get(name)
            span = blocks[name].header if name in blocks else argument.name_span if argument else self.module.place
            hint = "Break the cycle of references: Terraform refuses it."
            return self.session.cycle(describe(name), span, hint)

        return on_cycle

    def _paths(self) -> Mapping[str, AnyValue]:
        place = self.module.place
        relative = posixpath.relpath(self.module.directory or ".", self.session.root or ".")
        paths: dict[str, AnyValue] = {
            "module": Known(relative, place),
            "root": Known(".", place),
            "cwd": Unknown(_CWD, place),
        }
        return Declared(paths, "there is no path.{}", self._undeclared)

    def _read(self, kind: str, declared: Mapping[tuple[str, str], Block]) -> Mapping[str, AnyValue]:
        """The value of `data` or `ephemeral` in an expression."""
        types: dict[str, dict[str, Block]] = {}
        for (type_, label), block in declared.items():
            types.setdefault(type_, {})[label] = block
        place = self.module.place
        members = {}
        for type_, blocks in types.items():
            name = f"{kind}.{type_}"
            describe = partial("{}.{}".format, name)
            members[type_] = Known(self._lazy(blocks, self._reader(name, blocks), describe, blocks), place)
        return Declared(members, f"no {kind}.{{}} is declared", self._undeclared)

    def _reader(self, type_: str, blocks: Mapping[str, Block]) -> Callable[[str], AnyValue]:
        """Resolves the labels of one type to values that are read at deployment."""

        def read(label: str) -> AnyValue:
            block, address = blocks[label], f"{self.path.prefix}{type_}.{label}"
            reason = f"{type_}.{label} is read at deployment"
            objects: list[tuple[Expansion, AnyValue]] = [
                (each, Unknown(reason, block.header, reference=Reference(address + each.suffix, ""), never_null=True))
                for each in self._expander.expand(block)
            ]
            return collected(block, objects, address)

        return read

    def _local(self, name: str) -> AnyValue:
        return contained(self.module.locals[name].value, self._scope)

    def _output(self, name: str) -> AnyValue:
        argument = self.module.outputs[name].body.arguments.get("value")
        if argument is None:
            return Unknown(f"output '{name}' has no value", self.module.outputs[name].header)
        return contained(argument.value, self._scope)

    # Resources

    def _resource_value(self, type_: str, label: str) -> AnyValue:
        """The value of `TYPE.LABEL` in an expression: an object, or a list or map of objects."""
        block = self.module.resources[type_, label]
        expansions = self._expander.expand(block)
        address = f"{self.path.prefix}{type_}.{label}"
        objects: list[tuple[Expansion, AnyValue]] = [
            (each, Known(self._object(block, address + each.suffix, each), block.header)) for each in expansions
        ]
        return collected(block, objects, address)

    def _object(self, block: Block, address: str, expansion: Expansion) -> ResourceObject:
        written = body_of(self.session, block.body, expansion.scope, address)
        return ResourceObject(address, written, block.header)

    def resources(self) -> Iterator[Resource]:
        """The wanted resources of this module and of all that it calls."""
        yield from self._settings()
        for (type_, label), block in self.module.resources.items():
            if not self.session.wanted(type_):
                continue
            for expansion in self._expander.expand(block):
                if not expansion.already_judged:
                    yield self._resource(type_, f"{type_}.{label}", block, expansion)
        for (type_, label), block in self.module.ephemerals.items():
            if self.session.wanted(type_):
                name = f"ephemeral.{type_}.{label}"
                identity = f"{self.path.prefix}{name}"
                for expansion in self._expander.expand(block):
                    if not expansion.already_judged:
                        yield replace(self._resource(type_, name, block, expansion), identity=identity)
        for name, block in self.module.calls.items():
            directory = self._directory(name, block)
            if directory is not None and self.session.irrelevant(directory):
                continue
            called = self._called(name)
            if directory is not None and not called:
                self.session.note_zero_times(directory)
            source = call_source(block) or ""
            for expansion, child in called:
                if isinstance(child, Instance):
                    yield from child.resources()
                elif not self.session.wanted(source):
                    if child is not expansion.maybe:
                        self.session.gaps.append(Gap(child, self._given(block, expansion), child.never_null, source))
                elif directory is None and not expansion.already_judged:
                    yield self._foreign(name, block, expansion)

    def output_resources(self) -> Iterator[Resource]:
        """The outputs of the root module: Terraform keeps them in its state and shows them."""
        for name, block in self.module.outputs.items():
            yield self._block(OUTPUT, f"{OUTPUT}.{name}", block, name)

    def _settings(self) -> Iterator[Resource]:
        """The blocks that configure providers, and those that require them."""
        for block in self.module.requirements:
            yield self._block(REQUIRED_PROVIDERS, REQUIRED_PROVIDERS, block, "", self.session.nameless())
        for block in self.module.providers:
            type_ = f"{PROVIDER_PREFIX}{block.labels[0]}"
            if self.session.wanted(type_):
                yield self._block(type_, PROVIDER_PREFIX + configured(block), block, alias_of(block))

    def _block(self, type_: str, name: str, block: Block, label: str, scope: Scope | None = None) -> Resource:
        address = f"{self.path.prefix}{name}"
        written = body_of(self.session, block.body, scope or self._scope, name)
        return Resource(
            address,
            type_,
            self._attributes(written, block),
            block.header,
            Language.TERRAFORM,
            self.path.calls,
            self.path.maybe,
            label=label,
            module=self.path.prefix,
        )

    def _foreign(self, name: str, block: Block, expansion: Expansion) -> Resource:
        """A module that is not on disk, as a resource: its type is the source, its attributes are the arguments."""
        attributes = self._given(block, expansion)
        if "version" in block.body.arguments:
            attributes["version"] = contained(block.body.arguments["version"].value, self._scope)
        return Resource(
            f"{self.path.prefix}module.{name}{expansion.suffix}",
            call_source(block) or "",
            attributes,
            block.header,
            Language.TERRAFORM,
            self.path.calls,
            expansion.maybe or self.path.maybe,
            label=name,
            instance=expansion.suffix,
            decided_in=expansion.decided_in | self.path.decided_in,
            identity=f"{self.path.prefix}module.{name}{expansion.suffix}",
            provider=self.configurations.handed_on(block).get("azurerm", f"{PROVIDER_PREFIX}azurerm"),
            module=self.path.prefix,
        )

    def _resource(self, type_: str, name: str, block: Block, expansion: Expansion) -> Resource:
        address = f"{self.path.prefix}{name}{expansion.suffix}"
        written = body_of(self.session, block.body, expansion.scope, address)
        attributes: dict[str, AnyValue] = {}
        null: dict[str, AnyValue] = {}
        for attribute, value in self._attributes(written, block).items():
            (null if is_null(value) else attributes)[attribute] = value
        return Resource(
            address,
            type_,
            attributes,
            block.header,
            Language.TERRAFORM,
            self.path.calls,
            expansion.maybe or self.path.maybe,
            lifecycle(block, self.session.constants()),
            label=name.partition("@")[0].rpartition(".")[2],  # the place belongs to a name that is declared twice
            instance=expansion.suffix,
            provider=self.configurations.address(named_by(block) or type_.partition("_")[0]),
            module=self.path.prefix,
            decided_in=expansion.decided_in | self.path.decided_in,
            null=null,
        )

    def _attributes(self, written: Lazy, block: Block) -> dict[str, AnyValue]:
        """The attributes that are written in a block, evaluated."""
        budget = self.session.budget
        return {name: bounded(partial(written.__getitem__, name), block.header, budget) for name in written}

    # Module calls

    def _call(self, name: str) -> AnyValue:
        """The value of `module.NAME` in an expression."""
        block = self.module.calls[name]
        called = self._called(name)
        objects: list[tuple[Expansion, AnyValue]] = [
            (each, self._result(name, child, each, block.header)) for each, child in called
        ]
        return collected(block, objects, f"{self.path.prefix}module.{name}")

    def _result(self, name: str, child: Instance | Unknown, expansion: Expansion, header: Span) -> AnyValue:
        """One instance of a module as its caller sees it."""
        if isinstance(child, Instance):
            return Known(ModuleOutputs(child.outputs, name), header)
        return replace(child, reference=Reference(f"{self.path.prefix}module.{name}{expansion.suffix}", ""))

    def _called(self, name: str) -> list[tuple[Expansion, Instance | Unknown]]:
        if name not in self._children:
            block = self.module.calls[name]
            self._children[name] = []  # a module that needs its own outputs finds none, and the cycle is reported
            try:
                target = self._target(name, block)
                self._children[name] = [
                    (each, self._child(name, block, target, each)) for each in self._expander.expand(block)
                ]
            except (SpentError, RecursionError):
                del self._children[name]  # who asked went too far, and not the module
                raise
        return self._children[name]

    def _target(self, name: str, block: Block) -> str | Unknown:
        """The directory of the module that is called; Unknown if there is none.

        A directory that is missing, or that calls itself, is reported.
        """
        source = call_source(block)
        if source is None:
            return Unknown(f"the source of module '{name}' is not a plain string", block.header)
        directory = self._directory(name, block)
        reference = Reference(f"{self.path.prefix}module.{name}", "")
        if directory is None:
            reason = f"module '{name}' ({source}) is not on disk"
            return Unknown(reason, block.header, reference=reference, never_null=True)
        place = block.body.arguments["source"].value.span
        if directory.startswith("..") or not self.session.modules.exists(directory):
            message = f"Module '{name}' does not exist: '{source}' has no Terraform files."
            if directory.startswith(".."):
                message = f"Module '{name}' is outside the scanned directory."
            hint = "Check its 'source', or run pgflexlint on a directory that contains it."
            self.session.problems.report(Problem(Kind.MODULE, message, place.file.path, place, hint))
            return Unknown(f"module '{name}' does not exist", block.header, reference=reference)
        if len(self.ancestors) > MODULE_DEPTH_LIMIT:
            self.session.budget.report(f"Modules call modules more than {MODULE_DEPTH_LIMIT} levels deep.", place)
            return Unknown(f"module '{name}' is nested too deeply", block.header, reference=reference)
        if directory in self.ancestors:
            message = f"Module '{name}' calls itself, directly or through others."
            self.session.problems.report(
                Problem(Kind.CYCLE, message, place.file.path, place, "Break the cycle of modules.")
            )
            return Unknown(f"module '{name}' calls itself", block.header, reference=reference)
        return directory

    def _directory(self, name: str, block: Block) -> str | None:
        return self.session.directory(self.module.directory, f"{self.path.prefix}module.{name}", block)

    def _child(self, name: str, block: Block, target: str | Unknown, expansion: Expansion) -> Instance | Unknown:
        if isinstance(target, Unknown):
            return target
        if expansion.already_judged and expansion.maybe is not None:
            return expansion.maybe
        return Instance(
            self.session,
            self.session.modules[target],
            self._arguments(block, expansion.scope),
            self.path.through(f"module.{name}", block.header, expansion, self.ancestors),
            self.configurations.handed_on(block),
        )

    def _given(self, block: Block, expansion: Expansion) -> dict[str, AnyValue]:
        """The values of the arguments that a call passes to a module that is not on disk."""
        arguments = self._arguments(block, expansion.scope)
        return {key: given.value for key, given in arguments.items()}

    def _arguments(self, block: Block, scope: Scope) -> Mapping[str, Input]:
        """The arguments of a call. Each is evaluated when the called module asks for it."""
        name = block.labels[0]
        return _Arguments(
            {
                key: (argument.value, f"argument '{key}' of module '{name}'")
                for key, argument in block.body.arguments.items()
                if key not in CALL_META
            },
            scope,
        )


class _Arguments(Mapping[str, Input]):
    """The arguments of a module call, evaluated in the caller's scope on demand."""

    def __init__(self, expressions: Mapping[str, tuple[Expression, str]], scope: Scope) -> None:
        self._expressions = expressions
        self._scope = scope
        self._cache: dict[str, Input] = {}

    def __getitem__(self, name: str) -> Input:
        if name not in self._cache:
            expression, text = self._expressions[name]
            self._cache[name] = Input(contained(expression, self._scope), text)
        return self._cache[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._expressions)

    def __len__(self) -> int:
        return len(self._expressions)
