"""Modules with their inputs: names resolved on demand, resources expanded, child modules called."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.evaluate.bounds import INSTANCE_LIMIT, LOOP_LIMIT, Budget
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.interpreter import (
    AnyValue,
    Namespace,
    Scope,
    bounded,
    contained,
    either,
    evaluate,
    pairs,
)
from pgflexlint.evaluate.names import Declared, Lazy, ModuleOutputs, ResourceObject
from pgflexlint.evaluate.terraform.inputs import Input
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.evaluate.terraform.module import Module, Modules, call_source
from pgflexlint.evaluate.terraform.sources import is_left_to_init, local_directory
from pgflexlint.evaluate.terraform.types import ANY, TYPES, Type, convert, parse_type
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, Problems, suggestion
from pgflexlint.resource import (
    CALLED,
    OUTPUT,
    PROVIDER_PREFIX,
    REQUIRED_PROVIDERS,
    UPDATE,
    Gap,
    Language,
    Lifecycle,
    Resource,
)
from pgflexlint.source import SourceFile, Span, Workspace
from pgflexlint.syntax.expressions import Attribute, Expression, Index, Literal, Name, ObjectOf
from pgflexlint.syntax.hcl.document import Block, Body
from pgflexlint.syntax.hcl.reader import read
from pgflexlint.values import Known, Reference, SetValue, Unknown, deciding, files_of, merge_traces

_KEYS = compiled(r"\[[^\]]*\]")

DEPTH_LIMIT = 32
"""How deep modules may call modules."""
_CWD = "'path.cwd' depends on where Terraform is run"

RESOURCE_META = frozenset({"count", "for_each", "depends_on", "provider", "lifecycle"})
CALL_META = frozenset({"count", "for_each", "depends_on", "providers", "source", "version"})


class Expansion(Struct, frozen=True):
    """One instance that `count` or `for_each` asks for."""

    suffix: str
    """`""`, `[0]`, `["key"]`, or `[?]` where the key is unknown."""
    names: Mapping[str, AnyValue]
    """`count` or `each`, where the block has it."""
    maybe: Unknown | None = None
    surplus: bool = False
    """It stands for instances that are not looked at, and another one of the same block does too."""
    decided_in: frozenset[str] = frozenset()
    """The files on the way of what decided that there is this one."""


class Session(Struct):
    """What all modules under one root share."""

    modules: Modules
    root: str
    wanted: Callable[[str], bool]
    language: Terraform
    problems: Problems
    budget: Budget
    evaluated: set[str]
    """The directories of the modules that are deployed."""
    irrelevant: Callable[[str], bool] = lambda directory: False
    """Whether it is certain that nothing that is wanted is declared in a directory or in what it calls."""
    leads_on: Callable[[str], bool] = lambda directory: True
    """Whether a directory may call one that has to be looked at."""
    restored: Mapping[str, str] = field(default_factory=dict)
    """Directories of the modules that `terraform init` has put on disk, by address without keys."""
    dismissed: set[str] = field(default_factory=set)
    """Those that some caller deploys zero times."""
    gaps: list[Gap] = field(default_factory=list)
    crowded: set[int] = field(default_factory=set)
    """The identities of the blocks that have more instances than there is room for."""
    named: frozenset[str] = frozenset()
    """The files of which it matters what they decide."""
    decided_in: dict[str, frozenset[str]] = field(default_factory=dict)
    """As in `Deployment`."""

    def directory(self, caller: str, address: str, block: Block) -> str | None:
        """Where the module is that is called in a directory: at its local path, or where `terraform init` put it.

        None where it has yet to. `address` is that of the call.
        """
        local = local_directory(self.modules.workspace, caller, call_source(block) or "")
        if local is not None and is_left_to_init(local) and not self.modules.exists(local):
            return None
        return self.restored.get(_KEYS.sub("", address)) if local is None else local

    def types(self, caller: str, address: str, block: Block) -> set[str]:
        """The types of the resources that a module may declare, with what it calls; as in `Deployment.decided_in`."""
        types: set[str] = set()
        seen: set[str] = set()
        todo = [(caller, address, block)]
        while todo:
            caller, address, block = todo.pop()
            source, directory = call_source(block), self.directory(caller, address, block)
            if directory is None:
                types.add("" if source is None else f"{CALLED}{source}")
                continue
            if directory in seen or self.irrelevant(directory):
                continue
            seen.add(directory)
            module = None if directory.startswith("..") else self.modules.get(directory)
            if module is None or module.problems:
                types.add("")
                continue
            types.update(_type(each) for each in (*module.resources.values(), *module.ephemerals.values()))
            todo += ((directory, f"{address}.module.{name}", each) for name, each in module.calls.items())
        return types


class ModulePath(Struct, frozen=True):
    """How a module instance is reached from the root."""

    prefix: str = ""
    """What its addresses begin with, such as `module.db["a"].`."""
    calls: tuple[Span, ...] = ()
    """The headers of the calls, outermost first."""
    ancestors: tuple[str, ...] = ()
    """The directories of the modules on the way."""
    maybe: Unknown | None = None
    """Why it is not certain that it is called."""
    decided_in: frozenset[str] = frozenset()
    """The files on the ways of what decided that it is called."""
    configurations: Mapping[str, str] = field(default_factory=dict)
    """The addresses of the provider configurations that it is given, by their names in it, such as
    `postgresql.admin`."""


class RootedWorkspace:
    """A workspace whose paths are relative to the root module, as Terraform's are."""

    def __init__(self, workspace: Workspace, root: str) -> None:
        self._workspace = workspace
        self._root = root
        self.taken: set[str] = set()
        """The files that were read, relative to the root of the workspace itself."""

    def _inside(self, path: str) -> str:
        joined = posixpath.normpath(posixpath.join(self._root or ".", path))
        return "" if joined == "." else joined

    def read(self, path: str) -> SourceFile | None:
        """The file at `path`; None outside the workspace."""
        inside = self._inside(path)
        if inside.startswith(("..", "/")):
            return None
        self.taken.add(inside)
        return self._workspace.read(inside)

    def real(self, directory: str) -> str:
        """The directory, relative to the root of the workspace itself."""
        inside = self._inside(directory)
        return inside if inside.startswith(("..", "/")) else self._workspace.real(inside)

    def files(self, directory: str) -> Iterable[str]:
        """Files of a directory, relative to the root module like every path here."""
        inside = self._inside(directory)
        if inside.startswith(("..", "/")):
            return ()
        return [posixpath.relpath(path, self._root or ".") for path in self._workspace.files(inside)]


class Instance:
    """A module with its inputs."""

    def __init__(
        self, session: Session, module: Module, inputs: Mapping[str, Input], path: ModulePath | None = None
    ) -> None:
        path = path or ModulePath()
        self.session = session
        self.module = module
        self.inputs = inputs
        self.prefix = path.prefix
        self.calls = path.calls
        self.ancestors = (*path.ancestors, module.directory)
        self.maybe = path.maybe
        self.decided_in = path.decided_in
        self.configurations = {**path.configurations, **self._own_configurations()}
        self._children: dict[str, list[tuple[Expansion, Instance | Unknown]]] = {}
        self._expansions: dict[int, list[Expansion]] = {}
        session.evaluated.add(module.directory)
        for problem in module.problems:
            session.problems.report(problem)
        if module.problems:
            reason = "a part of the module could not be read"
            session.gaps.append(Gap(Unknown(reason, module.problems[0].span or module.place)))
        self.outputs = self._lazy(module.outputs, self._output, "output '{}'")
        self._scope = Scope(session.language, self._roots(), budget=session.budget)

    # Names

    def _roots(self) -> Declared:
        module, place = self.module, self.module.place
        variables = Lazy(
            module.variables,
            self._variable,
            self._describe_variable,
            self._cycle("variable", module.variables),
            secure=self._is_sensitive,
            on_missing=self._undeclared,
        )
        fixed: dict[str, AnyValue] = {
            "var": Known(variables, place),
            "local": Known(self._lazy(module.locals, self._local, "local value '{}'"), place),
            "module": Known(self._lazy(module.calls, self._call, "module '{}'", module.calls), place),
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
            resolve = _partial(self._resource_value, type_)
            types[type_] = Known(self._lazy(blocks, resolve, type_ + ".{}", blocks), place)
        return Declared({**types, **fixed}, "nothing called '{}' is declared", self._undeclared)

    def _undeclared(self, sentence: str, span: Span) -> None:
        """Say that a reference leads nowhere, unless what it leads to may be in what could not be read."""
        if not self.module.problems:
            if "." not in sentence.split(" ", maxsplit=1)[0]:  # which begins with an address
                sentence = sentence[0].upper() + sentence[1:]
            hint = "Check the spelling of the name, or declare it: Terraform refuses it."
            self.session.problems.report(Problem(Kind.REFERENCE, sentence, span.file.path, span, hint))

    def _lazy(
        self,
        names: Iterable[str],
        resolve: Callable[[str], AnyValue],
        text: str,
        blocks: Mapping[str, Block] | None = None,
    ) -> Lazy:
        """Members that `text` describes; those that are blocks as a whole are no step on the way of a value."""
        on_cycle = self._cycle(text.split(" '", maxsplit=1)[0], blocks or {})
        return Lazy(names, resolve, text.format, on_cycle, traced=blocks is None, on_missing=self._undeclared)

    def _cycle(self, what: str, blocks: Mapping[str, Block]) -> Callable[[str], AnyValue]:
        def on_cycle(name: str) -> AnyValue:
            argument = self.module.locals.get(name)
            span = blocks[name].header if name in blocks else argument.name_span if argument else self.module.place
            message = f"{what.capitalize()} '{name}' needs itself to be worked out."
            hint = "Break the cycle of references: Terraform refuses it."
            self.session.problems.report(Problem(Kind.CYCLE, message, span.file.path, span, hint))
            return Unknown(f"{what} '{name}' refers to itself", span)

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
        """What `data` or `ephemeral` is in an expression."""
        types: dict[str, dict[str, Block]] = {}
        for (type_, label), block in declared.items():
            types.setdefault(type_, {})[label] = block
        place = self.module.place
        members = {}
        for type_, blocks in types.items():
            name = f"{kind}.{type_}"
            members[type_] = Known(self._lazy(blocks, self._reader(name, blocks), name + ".{}", blocks), place)
        return Declared(members, f"no {kind}.{{}} is declared", self._undeclared)

    def _reader(self, type_: str, blocks: Mapping[str, Block]) -> Callable[[str], AnyValue]:
        """What is read at deployment, under each of these labels."""

        def read(label: str) -> AnyValue:
            block, address = blocks[label], f"{self.prefix}{type_}.{label}"
            reason = f"{type_}.{label} is read at deployment"
            objects: list[tuple[Expansion, AnyValue]] = [
                (each, Unknown(reason, block.header, reference=Reference(address + each.suffix, ""), never_null=True))
                for each in self._expand(block)
            ]
            return _collected(block, objects, address)

        return read

    def _describe_variable(self, name: str) -> str:
        given = self.inputs.get(name)
        if given:
            return given.text
        block = self.module.variables.get(name)
        return (
            f"the default of variable '{name}'" if block and "default" in block.body.arguments else f"variable '{name}'"
        )

    def _is_sensitive(self, name: str) -> bool:
        """https://developer.hashicorp.com/terraform/language/values/variables#sensitive; `ephemeral` hides as well."""
        return True in (self._says(name, "sensitive"), self._says(name, "ephemeral"))

    def _says(self, name: str, word: str) -> object:
        """What the block of a variable says under a word, where that is known."""
        argument = self.module.variables[name].body.arguments.get(word)
        value = None if argument is None else contained(argument.value, self._constants())
        return value.value if isinstance(value, Known) else None

    def _variable(self, name: str) -> AnyValue:
        block = self.module.variables[name]
        arguments = block.body.arguments
        given, default = self.inputs.get(name), arguments.get("default")
        null = given is not None and isinstance(given.value, Known) and given.value.value is None
        if given is not None and not (null and self._says(name, "nullable") is False):
            value = given.value
        elif default is not None:
            value, given = contained(default.value, self._constants()), None
        elif given is not None:
            return self._unfit(name, given.value.span, "it must not be null", given)
        else:
            return Unknown(f"variable '{name}' has no value", block.header)
        if "type" not in arguments:
            return value
        type_ = parse_type(arguments["type"].value, self._no_type)
        try:
            if type_ == ANY and given and given.from_option:
                return self._from_option(name, given, type_)
            return self._converted(value, type_)
        except EvaluationError as error:
            if given and given.from_option:
                return self._from_option(name, given, type_)
            return self._unfit(name, value.span, error.message, given)

    def _no_type(self, name: str, span: Span) -> None:
        """Say that a type is none."""
        message = f"There is no type '{name}'{suggestion(name, TYPES)}"
        hint = "Check the spelling: Terraform refuses it."
        problem = Problem(Kind.REFERENCE, message, span.file.path, span, hint, names=(name,))
        self.session.problems.report(problem)

    def _unfit(self, name: str, span: Span, why: str, given: Input | None) -> Unknown:
        """Say that a variable has what it does not take, as its default or as what the root is given.

        An argument of a module may be a default that is always given anew.
        """
        reason = f"the value of variable '{name}' does not fit its type: {why}"
        if given is None or not self.calls:
            path, place = ("", None) if given and given.from_option else (span.file.path, span)
            hint = "Correct the value: Terraform refuses it."
            sentence = f"{reason[0].upper()}{reason[1:]}."
            self.session.problems.report(Problem(Kind.EVALUATION, sentence, path, place, hint))
        return Unknown(reason, span)

    def _converted(self, value: AnyValue, type_: Type) -> AnyValue:
        """A value as a variable of this type has it. Raises `EvaluationError` where it does not fit."""
        budget = self.session.budget

        def default(expression: Expression) -> AnyValue:
            return contained(expression, self._constants())

        def work() -> AnyValue:
            return budget.admit(budget.work((value,), lambda: convert(value, type_, default)))

        return bounded(work, value.span, budget)

    def _from_option(self, name: str, given: Input, type_: Type) -> AnyValue:
        """An option's text read as an expression, as Terraform does for what is not a string."""
        document = read(SourceFile(given.value.span.file.path, given.value.span.file.text))
        argument = next(iter(document.body.arguments.values()), None)
        if argument is None or document.problems:
            return self._unfit(name, given.value.span, "its text is no expression", given)
        try:
            return self._converted(evaluate(argument.value, self._nameless().strictly()), type_)
        except EvaluationError as error:
            return self._unfit(name, given.value.span, error.message, given)

    def _constants(self) -> Scope:
        """A scope for what must be constant, such as the default of a variable."""
        return self.session.language.constants(self.session.budget)

    def _nameless(self) -> Scope:
        """A scope without names, where those of other things may stand: what they give is unknown."""
        return Scope(self.session.language, {}, budget=self.session.budget)

    def _local(self, name: str) -> AnyValue:
        return contained(self.module.locals[name].value, self._scope)

    def _output(self, name: str) -> AnyValue:
        argument = self.module.outputs[name].body.arguments.get("value")
        if argument is None:
            return Unknown(f"output '{name}' has no value", self.module.outputs[name].header)
        return contained(argument.value, self._scope)

    # Expansion

    def _expand(self, block: Block) -> list[Expansion]:
        if id(block) not in self._expansions:
            found = self.session.budget.fitting(self._expansions_of(block))
            self._expansions[id(block)] = [self._surplus(block)] if found is None else found
        return self._expansions[id(block)]

    def _surplus(self, block: Block) -> Expansion:
        """One instance in place of those of a block that there is no room for; of all its callers, one is looked at."""
        argument = block.body.arguments.get("count") or block.body.arguments["for_each"]
        message = f"More than {INSTANCE_LIMIT:,} instances of resources and modules would have to be looked at."
        known = id(block) in self.session.crowded
        self.session.crowded.add(id(block))
        found = self._too_many(message, argument.value.span, "count" if "count" in block.body.arguments else "each")
        if not known:
            self.session.gaps.append(Gap(_more(argument.value.span)))
        return replace(found, surplus=known)

    def _expansions_of(self, block: Block) -> Iterator[Expansion]:
        arguments = block.body.arguments
        argument = arguments.get("count") or arguments.get("for_each")
        if argument is None:
            yield Expansion("", {})
            return
        value = contained(argument.value, self._scope)
        found = self._counted(value) if "count" in arguments else self._keyed(value)
        files = files_of(value.trace) | {argument.value.span.file.path}
        if not files.isdisjoint(self.session.named):
            self._decided(block, files & self.session.named)
        for each in found:
            yield replace(each, decided_in=each.decided_in | files)

    def _decided(self, block: Block, files: frozenset[str]) -> None:
        """Note where it was decided how many there are of what a block declares."""
        decided_in, types = self.session.decided_in, {_type(block)}
        if block.type == "module":
            address = f"{self.prefix}module.{block.labels[0]}"
            types = self.session.types(self.module.directory, address, block)
        decided_in.update({type_: decided_in.get(type_, frozenset()) | files for type_ in types})

    def _counted(self, value: AnyValue) -> Iterator[Expansion]:
        possible = [value] if isinstance(value, Known) else list(value.candidates)
        numbers = [_whole_number(each) for each in possible]
        if not numbers or None in numbers:
            refused = Unknown("'count' is no whole number of 0 or more", value.span)
            reason = value if isinstance(value, Unknown) else refused
            yield Expansion("[?]", {"count": Known({"index": replace(reason, candidates=())}, value.span)}, reason)
            return
        counts = [number for number in numbers if number is not None]
        if max(counts) > LOOP_LIMIT:
            message = f"A count of {max(counts):,} is more than the {LOOP_LIMIT:,} that are looked at."
            yield self._too_many(message, value.span, "count")
            return
        for index in range(max(counts)):
            maybe = value if isinstance(value, Unknown) and index >= min(counts) else None
            yield Expansion(f"[{index}]", {"count": Known({"index": Known(index, value.span)}, value.span)}, maybe)

    def _too_many(self, message: str, span: Span, name: str) -> Expansion:
        """One instance in place of more than are looked at."""
        self.session.budget.report(message, span)
        return Expansion("[?]", {name: _more(span)}, _more(span))

    def _keyed(self, value: AnyValue) -> Iterator[Expansion]:
        possible = [value] if isinstance(value, Known) else list(value.candidates)
        part = value.known_part if isinstance(value, Unknown) else None
        doubt = value if isinstance(value, Unknown) and not possible else None
        possible += [part] if part is not None and isinstance(part.value, Mapping | SetValue) else []
        members: dict[str, list[tuple[AnyValue, AnyValue]]] = {}
        try:
            for each in possible:
                for key, item in pairs(each):
                    if not isinstance(each.value, SetValue) or isinstance(item, Known):
                        members.setdefault(str(key.value), []).append((key, item))
                    elif doubt is None:
                        doubt = Unknown("a key of 'for_each' is unknown", value.span)
        except EvaluationError as error:
            doubt, members = Unknown(error.message, value.span), {}
        if doubt is not None:
            some = Unknown(doubt.reason, doubt.span, doubt.trace)
            yield Expansion("[?]", {"each": Known({"key": some, "value": some}, value.span)}, some)
        if len(members) > LOOP_LIMIT:
            message = f"A for_each over {len(members):,} members is more than the {LOOP_LIMIT:,} looked at."
            yield self._too_many(message, value.span, "each")
            return
        for name, items in members.items():
            maybe = value if isinstance(value, Unknown) and len(items) < len(possible) else None
            item = items[0][1]
            if isinstance(value, Unknown) and len(items) > 1:
                item = either([each for _, each in items], value, item.span)
            names = _Each({"key": items[0][0], "value": item}, name)
            yield Expansion(
                f'["{name}"]',
                {"each": Known(names, value.span, value.trace)},
                maybe,
                decided_in=files_of(item.trace),
            )

    # Resources

    def _resource_value(self, type_: str, label: str) -> AnyValue:
        """What `TYPE.LABEL` is in an expression: an object, a list or a map of them."""
        block = self.module.resources[type_, label]
        expansions = self._expand(block)
        address = f"{self.prefix}{type_}.{label}"
        objects: list[tuple[Expansion, AnyValue]] = [
            (each, Known(self._object(block, address + each.suffix, each), block.header)) for each in expansions
        ]
        return _collected(block, objects, address)

    def _object(self, block: Block, address: str, expansion: Expansion) -> ResourceObject:
        written = self._written(block.body, self._scope.child(expansion.names), address)
        return ResourceObject(address, written, block.header)

    def _written(self, body: Body, scope: Scope, what: str) -> Lazy:
        """What stands in a body: arguments, and nested blocks as lists of objects under their type."""
        blocks: dict[str, list[Block]] = {}
        for block in body.blocks:
            name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
            blocks.setdefault(name, []).append(block)

        def resolve(name: str) -> AnyValue:
            if name in body.arguments:
                return contained(body.arguments[name].value, scope)
            return self._nested(name, blocks[name], scope, what)

        def on_cycle(name: str) -> AnyValue:
            span = body.arguments[name].name_span if name in body.arguments else blocks[name][0].header
            message = f"Attribute '{name}' of {what} needs itself to be worked out."
            self.session.problems.report(
                Problem(Kind.CYCLE, message, span.file.path, span, "Break the cycle of references.")
            )
            return Unknown(f"attribute '{name}' refers to itself", span)

        names = [name for name in (*body.arguments, *blocks) if name not in RESOURCE_META]
        return Lazy(names, resolve, f"attribute '{{}}' of {what}".format, on_cycle)

    def _nested(self, name: str, blocks: list[Block], scope: Scope, what: str) -> AnyValue:
        members: list[AnyValue] = []
        collections: list[AnyValue] = []
        for block in blocks:
            if block.type != "dynamic":
                members.append(Known(self._written(block.body, scope, f"block '{name}'"), block.header))
                continue
            made = self._dynamic(name, block, scope)
            if isinstance(made, Unknown):
                return made
            members += made.value
            collections.append(made)
        return Known(tuple(members), blocks[0].header, merge_traces(map(deciding, collections)))

    def _dynamic(self, name: str, block: Block, scope: Scope) -> Known[list[AnyValue]] | Unknown:
        """The blocks that a `dynamic` block makes, by the way of its collection.

        Unknown where it cannot be told how many there are.

        The last one is Unknown where there may be others.
        """
        arguments = block.body.arguments
        content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
        if "for_each" not in arguments or content is None:
            return Unknown("the dynamic block is not complete", block.header)
        collection = contained(arguments["for_each"].value, scope)
        iterator = arguments.get("iterator")
        variable = iterator.value.name if iterator and isinstance(iterator.value, Name) else name
        part, others = collection, None
        if isinstance(collection, Unknown):
            others = Unknown(collection.reason, collection.span, collection.trace)
            part = collection.known_part or others
        if isinstance(part, Unknown):
            return part
        try:
            members = list(pairs(part))
        except EvaluationError as error:
            return Unknown(error.message, collection.span)
        made: list[AnyValue] = []
        for place, item in members:
            scope.budget.spend()
            listed = others is not None and not isinstance(part.value, Mapping | SetValue)
            key: AnyValue = others if listed and others is not None else place
            inner = scope.child({variable: Known({"key": key, "value": item}, item.span, collection.trace)})
            made.append(Known(self._written(content.body, inner, f"block '{name}'"), content.header))
        return Known(made if others is None else [*made, others], collection.span, collection.trace)

    def resources(self) -> Iterator[Resource]:
        """The wanted resources of this module and of all that it calls."""
        yield from self._settings()
        for (type_, label), block in self.module.resources.items():
            if not self.session.wanted(type_):
                continue
            for expansion in self._expand(block):
                if not expansion.surplus:
                    yield self._resource(type_, f"{type_}.{label}", block, expansion)
        for (type_, label), block in self.module.ephemerals.items():
            if self.session.wanted(type_):
                name = f"ephemeral.{type_}.{label}"
                for expansion in self._expand(block):
                    if not expansion.surplus:
                        yield replace(self._resource(type_, name, block, expansion), identity=f"{self.prefix}{name}")
        for name, block in self.module.calls.items():
            directory = self._directory(name, block)
            if directory is not None and self.session.irrelevant(directory):
                continue
            called = self._called(name)
            if directory is not None and not called:
                self._dismiss(directory)
            source = call_source(block) or ""
            for expansion, child in called:
                if isinstance(child, Instance):
                    yield from child.resources()
                elif not self.session.wanted(source):
                    if child is not expansion.maybe:
                        self.session.gaps.append(Gap(child, self._given(block, expansion), child.never_null, source))
                elif directory is None and not expansion.surplus:
                    yield self._foreign(name, block, expansion)

    def kept(self) -> Iterator[Resource]:
        """The outputs, which the state keeps and a run shows where this is the root module."""
        for name, block in self.module.outputs.items():
            yield self._block(OUTPUT, f"{OUTPUT}.{name}", block, name)

    def _settings(self) -> Iterator[Resource]:
        """The blocks that say what the resources are made with."""
        for block in self.module.requirements:
            yield self._block(REQUIRED_PROVIDERS, REQUIRED_PROVIDERS, block, "", self._nameless())
        for block in self.module.providers:
            type_ = f"{PROVIDER_PREFIX}{block.labels[0]}"
            if self.session.wanted(type_):
                yield self._block(type_, PROVIDER_PREFIX + _configuration(block), block, _alias(block))

    def _own_configurations(self) -> Mapping[str, str]:
        """The addresses of the provider configurations that are declared here, by their names."""
        names = [_configuration(block) for block in self.module.providers]
        return {name: f"{self.prefix}{PROVIDER_PREFIX}{name}" for name in names}

    def _handed_on(self, block: Block) -> Mapping[str, str]:
        """The provider configurations that a called module has: the default ones here, and what its call passes.

        https://developer.hashicorp.com/terraform/language/modules/develop/providers
        """
        handed = {name: address for name, address in self.configurations.items() if "." not in name}
        passed = block.body.arguments.get("providers")
        for key, value in passed.value.items if passed and isinstance(passed.value, ObjectOf) else ():
            handed[_unquoted(key)] = self._configuration_address(_unquoted(value))
        return handed

    def _configuration_address(self, name: str) -> str:
        """Where a provider configuration is or would be: a default one that nobody declares would be in the root."""
        return self.configurations.get(name) or f"{self.prefix if '.' in name else ''}{PROVIDER_PREFIX}{name}"

    def _block(self, type_: str, name: str, block: Block, label: str, scope: Scope | None = None) -> Resource:
        address = f"{self.prefix}{name}"
        written = self._written(block.body, scope or self._scope, name)
        return Resource(
            address,
            type_,
            self._attributes(written, block),
            block.header,
            Language.TERRAFORM,
            self.calls,
            self.maybe,
            label=label,
            module=self.prefix,
        )

    def _foreign(self, name: str, block: Block, expansion: Expansion) -> Resource:
        """A module that is not on disk, as a resource of its source whose attributes are what it is given."""
        attributes = self._given(block, expansion)
        if "version" in block.body.arguments:
            attributes["version"] = contained(block.body.arguments["version"].value, self._scope)
        return Resource(
            f"{self.prefix}module.{name}{expansion.suffix}",
            call_source(block) or "",
            attributes,
            block.header,
            Language.TERRAFORM,
            self.calls,
            expansion.maybe or self.maybe,
            label=name,
            instance=expansion.suffix,
            decided_in=expansion.decided_in | self.decided_in,
            identity=f"{self.prefix}module.{name}{expansion.suffix}",
            provider=self._handed_on(block).get("azurerm", f"{PROVIDER_PREFIX}azurerm"),
            module=self.prefix,
        )

    def _dismiss(self, directory: str) -> None:
        """A module that its caller deploys zero times was looked at: there is nothing to judge."""
        if directory in self.session.dismissed or not self.session.modules.exists(directory):
            return
        self.session.dismissed.add(directory)
        module = self.session.modules.get(directory) if self.session.leads_on(directory) else None
        for block in module.calls.values() if module else ():
            callee = local_directory(self.session.modules.workspace, directory, call_source(block) or "")
            if callee is not None:
                self._dismiss(callee)

    def _resource(self, type_: str, name: str, block: Block, expansion: Expansion) -> Resource:
        address = f"{self.prefix}{name}{expansion.suffix}"
        written = self._written(block.body, self._scope.child(expansion.names), address)
        attributes: dict[str, AnyValue] = {}
        null: dict[str, AnyValue] = {}
        for attribute, value in self._attributes(written, block).items():
            (null if isinstance(value, Known) and value.value is None else attributes)[attribute] = value
        return Resource(
            address,
            type_,
            attributes,
            block.header,
            Language.TERRAFORM,
            self.calls,
            expansion.maybe or self.maybe,
            self._lifecycle(block),
            instance=expansion.suffix,
            provider=self._configuration_address(_provider(block) or type_.partition("_")[0]),
            module=self.prefix,
            decided_in=expansion.decided_in | self.decided_in,
            null=null,
        )

    def _attributes(self, written: Lazy, block: Block) -> dict[str, AnyValue]:
        """What is written in a block, worked out."""
        budget = self.session.budget
        return {name: bounded(partial(written.__getitem__, name), block.header, budget) for name in written}

    def _lifecycle(self, block: Block) -> Lifecycle:
        inner = next((inner for inner in block.body.blocks if inner.type == "lifecycle"), None)
        if inner is None:
            return Lifecycle()
        ignored = inner.body.arguments.get("ignore_changes")
        prevent = inner.body.arguments.get("prevent_destroy")
        names = dict(_ignored_names(ignored.value)) if ignored else {}
        value = contained(prevent.value, self._constants()) if prevent else None
        pairs = tuple((span, by) for name, by in names.items() for span in _written_at(block.body, name))
        return Lifecycle(frozenset(names), pairs, isinstance(value, Known) and value.value is True)

    # Module calls

    def _call(self, name: str) -> AnyValue:
        """What `module.NAME` is in an expression."""
        block = self.module.calls[name]
        called = self._called(name)
        objects: list[tuple[Expansion, AnyValue]] = [
            (each, self._result(name, child, each, block.header)) for each, child in called
        ]
        return _collected(block, objects, f"{self.prefix}module.{name}")

    def _result(self, name: str, child: Instance | Unknown, expansion: Expansion, header: Span) -> AnyValue:
        """One instance of a module as its caller sees it."""
        if isinstance(child, Instance):
            return Known(ModuleOutputs(child.outputs, name), header)
        return replace(child, reference=Reference(f"{self.prefix}module.{name}{expansion.suffix}", ""))

    def _called(self, name: str) -> list[tuple[Expansion, Instance | Unknown]]:
        if name not in self._children:
            block = self.module.calls[name]
            self._children[name] = []  # a module that needs its own outputs finds none, and the cycle is reported
            target = self._target(name, block)
            self._children[name] = [(each, self._child(name, block, target, each)) for each in self._expand(block)]
        return self._children[name]

    def _target(self, name: str, block: Block) -> str | Unknown:
        """The directory of the module that is called.

        Unknown, and where it is the user's to mend a problem, where it is not there.
        """
        source = call_source(block)
        if source is None:
            return Unknown(f"the source of module '{name}' is no plain string", block.header)
        directory = self._directory(name, block)
        reference = Reference(f"{self.prefix}module.{name}", "")
        if directory is None:
            reason = f"module '{name}' ({source}) is not on disk"
            return Unknown(reason, block.header, reference=reference, never_null=True)
        place = block.body.arguments["source"].value.span
        if directory.startswith("..") or not self.session.modules.exists(directory):
            message = f"Module '{name}' is not there: '{source}' has no Terraform files."
            if directory.startswith(".."):
                message = f"Module '{name}' lies outside the directory that is looked at."
            hint = "Check its 'source', or run pgflexlint on a directory that holds it."
            self.session.problems.report(Problem(Kind.MODULE, message, place.file.path, place, hint))
            return Unknown(f"module '{name}' is not there", block.header, reference=reference)
        if len(self.ancestors) > DEPTH_LIMIT:
            self.session.budget.report(f"Modules call modules more than {DEPTH_LIMIT} levels deep.", place)
            return Unknown(f"module '{name}' is nested too deeply", block.header, reference=reference)
        if directory in self.ancestors:
            message = f"Module '{name}' calls itself, directly or through others."
            self.session.problems.report(
                Problem(Kind.CYCLE, message, place.file.path, place, "Break the cycle of modules.")
            )
            return Unknown(f"module '{name}' calls itself", block.header, reference=reference)
        return directory

    def _directory(self, name: str, block: Block) -> str | None:
        return self.session.directory(self.module.directory, f"{self.prefix}module.{name}", block)

    def _child(self, name: str, block: Block, target: str | Unknown, expansion: Expansion) -> Instance | Unknown:
        if isinstance(target, Unknown):
            return target
        if expansion.surplus and expansion.maybe is not None:
            return expansion.maybe
        return Instance(
            self.session,
            self.session.modules[target],
            self._arguments(block, self._scope.child(expansion.names)),
            ModulePath(
                f"{self.prefix}module.{name}{expansion.suffix}.",
                (*self.calls, block.header),
                self.ancestors,
                expansion.maybe or self.maybe,
                expansion.decided_in | self.decided_in,
                self._handed_on(block),
            ),
        )

    def _given(self, block: Block, expansion: Expansion) -> dict[str, AnyValue]:
        """What a call passes to a module that is not on disk, of whose own outputs that may be made."""
        arguments = self._arguments(block, self._scope.child(expansion.names))
        return {key: given.value for key, given in arguments.items()}

    def _arguments(self, block: Block, scope: Scope) -> Mapping[str, Input]:
        """What a call passes, worked out only when the child asks."""
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


class _Each(dict[str, AnyValue], Namespace):
    """`each` inside a block with `for_each`."""

    def __init__(self, members: Mapping[str, AnyValue], key: str) -> None:
        super().__init__(members)
        self._key = key

    def describe(self, name: str) -> str:
        return f"the {name} of '{self._key}' in for_each"


def _collected(block: Block, objects: list[tuple[Expansion, AnyValue]], address: str) -> AnyValue:
    """Instances as `count` makes them a list and `for_each` a map; Unknown where it is uncertain which there are."""
    arguments = block.body.arguments
    if "count" not in arguments and "for_each" not in arguments:
        return objects[0][1] if objects else Unknown("it refers to itself", block.header)
    doubt = next((each.maybe for each, _ in objects if each.maybe is not None), None)
    keyed = "for_each" in arguments

    def collection(members: list[tuple[Expansion, AnyValue]]) -> Known[Any]:
        if keyed:
            return Known({each.suffix[2:-2]: value for each, value in members}, block.header)
        return Known(tuple(value for _, value in members), block.header)

    if doubt is None:
        return collection(objects)
    if any(each.suffix == "[?]" for each, _ in objects):
        reference = Reference(address + "[?]", "")
        named = [(each, value) for each, value in objects if each.suffix != "[?]"]
        part = collection(named).value if named and keyed else None
        return Unknown(doubt.reason, block.header, doubt.trace, reference=reference, members=part)
    certain = [(each, value) for each, value in objects if each.maybe is None]
    candidates = (collection(certain), collection(objects))
    return Unknown(doubt.reason, block.header, doubt.trace, candidates)


_SERVICE = "microsoft.dbforpostgresql/"


def _type(block: Block) -> str:
    """The type of a resource; that in ARM where one of the azapi provider says it plainly and updates no server."""
    type_, written = block.labels[0], block.body.arguments.get("type")
    if type_.startswith("azapi_") and written is not None and isinstance(written.value, Literal):
        of_azure = str(written.value.value).partition("@")[0].lower()
        return UPDATE if type_ == UPDATE and of_azure.startswith(_SERVICE) else of_azure
    return type_


def _more(span: Span) -> Unknown:
    return Unknown("there are more instances than are looked at", span)


def _provider(block: Block) -> str:
    """The provider configuration that a block names, such as `postgresql.admin`; "" for the default one."""
    argument = block.body.arguments.get("provider")
    return _unquoted(argument.value) if argument else ""


def _unquoted(expression: Expression) -> str:
    """The name of a provider configuration, which JSON and old configurations put in quotes."""
    return expression.span.text.strip('"')


def _alias(block: Block) -> str:
    """The alias of a `provider` block; "" for the default configuration."""
    alias = block.body.arguments.get("alias")
    return str(alias.value.value) if alias and isinstance(alias.value, Literal) else ""


def _configuration(block: Block) -> str:
    """What a `provider` block configures, such as `postgresql.admin`."""
    return f"{block.labels[0]}.{_alias(block)}".rstrip(".")


def _whole_number(value: Known[Any]) -> int | None:
    try:
        number = float(value.value)
    except (TypeError, ValueError, OverflowError):
        return None
    return int(number) if number >= 0 and number.is_integer() else None


def _ignored_names(expression: Expression) -> Iterator[tuple[str, Span]]:
    """The attributes that `ignore_changes` names as a whole; an element of one ignores only itself."""
    if isinstance(expression, Name):
        yield expression.name, expression.span
    for item in getattr(expression, "items", ()):
        if isinstance(item, Name):
            yield item.name, item.span
        elif not isinstance(item, Attribute | Index) and isinstance(getattr(item, "value", None), str):
            yield item.value, item.span  # the quoted spelling of old configurations


def _written_at(body: Body, name: str) -> Iterator[Span]:
    """Where an attribute or nested block is written; all of them under the name `all`."""
    yield from (argument.value.span for key, argument in body.arguments.items() if name in (key, "all"))
    for block in body.blocks:
        if name in (block.type, "all") or (block.type == "dynamic" and name in block.labels):
            yield block.span


def _partial(function: Callable[[str, str], AnyValue], first: str) -> Callable[[str], AnyValue]:
    return lambda second: function(first, second)
