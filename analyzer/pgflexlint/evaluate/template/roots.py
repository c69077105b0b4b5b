"""Which Bicep and ARM files are deployed by themselves, and their evaluation with each set of inputs.

A file that another one uses as a module is judged through its callers; one that nobody uses is a root, and so is one
that has parameter files, whoever uses it: those that name it, that are named after it, or that go to it by where they
are and what they give. It is deployed with each of them and not with its defaults alone.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import Budget, Deployments, SpentError
from pgflexlint.evaluate.evaluator import Evaluator
from pgflexlint.evaluate.graph import after
from pgflexlint.evaluate.interpreter import AnyValue, Scope, contained, spent
from pgflexlint.evaluate.looked import Looked
from pgflexlint.evaluate.names import Inherited, settled
from pgflexlint.evaluate.scenarios import Scenario, of_root, roots_of
from pgflexlint.evaluate.template.instance import Input, Instance, Names, Session
from pgflexlint.evaluate.template.survey import Survey
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, Problems, unreadable
from pgflexlint.resource import Deployment, Gap, Resource
from pgflexlint.source import SourceFile, Span, UnreadableError, beside
from pgflexlint.syntax import template as declared
from pgflexlint.syntax.arm import reader as arm
from pgflexlint.syntax.bicep import template as bicep
from pgflexlint.syntax.expressions import Literal, Name, ObjectOf
from pgflexlint.syntax.template import ParameterFile, Template
from pgflexlint.values import Known, Unknown

_BASE = "base"
"""What expressions of a parameter file call the one that it extends."""
_SHARED = 8
"""How many templates a parameter file can be for that names none: with more, the work would be their product."""
_GENERATED = compiled(
    r'''\s*\{(?:(?!"(?:resources|parameters)")[\s\S]){0,4096}?"_generator"\s*:\s*\{\s*"name"\s*:\s*"bicep"'''
)


class _Owners(NamedTuple):
    """What a parameter file is for."""

    templates: Sequence[str]
    """The templates that it is given to."""
    rivals: Sequence[str] = ()
    """Where these are none: those among which it cannot be told."""
    far: Sequence[str] = ()
    """Where these are none as well: those in directories beside its own that it may be for, or may not."""


class Templates(Evaluator):
    """The Bicep and ARM files of a workspace, pruned to what can matter."""

    def __init__(
        self,
        survey: Survey,
        parameters: Sequence[str] = (),
        seeds: Collection[str] = (),
        scenarios: Collection[Scenario] = (),
        *,
        outputs_matter: Callable[[Collection[Resource]], bool] = lambda resources: True,
        may_be_deployed: Callable[[str], bool] = lambda path: False,
    ) -> None:
        """`outputs_matter` tells from the resources of a root whether its outputs are looked at, `may_be_deployed`
        whether Terraform may deploy the template at a path.

        `parameters` are parameter files that were asked for: roots are then deployed with these alone. A template that
        has scenarios or parameter files is a root whoever uses it, and is evaluated with each of them. Where there are
        seeds, only roots that they have to do with are evaluated.
        """
        self._survey = survey
        self.workspace = survey.tree
        self._parameters = parameters
        self._seeds = seeds
        self._scenarios = scenarios
        self._outputs_matter = outputs_matter
        self._templates: dict[str, Template | None] = {}
        self._entries_of: dict[str, list[str]] = {}
        self._parameter_files: dict[str, ParameterFile | None] = {}
        self._owners_of: dict[str, _Owners] = {}
        self._able_there: dict[tuple[str, frozenset[str]], list[str]] = {}
        self._names: dict[str, frozenset[str] | None] = {}
        self._looked = Looked()
        self._work: defaultdict[str, Deployments] = defaultdict(Deployments)
        closure = survey.closure
        if seeds:
            inputs = survey.parameters.intersection(seeds)
            given = survey.given(inputs, closure) if inputs else set()
            closure = closure & survey.around({*seeds, *given, *roots_of(scenarios, seeds)})
        found = sorted(path for path in closure if path.endswith((".bicep", ".json", ".jsonc")))
        self._found = frozenset(found)
        named = {scenario.root for scenario in scenarios} - survey.outside
        used = {path for path in found if self._callers(path) or (not parameters and may_be_deployed(path))}
        used |= survey.outside
        uncalled = {path for path in found if path not in used or path in named or self._own_files_of(path)}
        strays = [file for file in self._files_that_count() if file.using is not None and ":" in file.using]
        self._for_registries = {file.file.path: file for file in strays}
        self.roots = (*(path for path in found if path in uncalled), *self._for_registries)
        others = (path for path in found if path not in uncalled and path not in survey.outside)
        self.others = tuple(after(others, survey.users))

    def load(self, path: str) -> Template | None:
        """The template at a path; None where there is none."""
        if path not in self._templates:
            self._templates[path] = self._read(path)
        return self._templates[path]

    def _read(self, path: str) -> Template | None:
        try:
            file = self.workspace.read(path)
        except UnreadableError as error:
            self._looked.problems.append(unreadable(error, path))
            return None
        if file is None:
            return None
        return bicep.read_template(file) if path.endswith(".bicep") else arm.read(file)

    @property
    def looked(self) -> Looked:
        """What was looked at so far."""
        for path, template in self._templates.items():
            if template is not None:
                self._looked.add(path, template.comments)
        return self._looked

    def remaining(self) -> Iterator[str]:
        """The templates that turn out to have no user after all, each after those that may use it."""
        for path in self.others:
            if path not in self._looked.evaluated and path not in self._looked.dismissed:
                yield path

    def of(self, name: str) -> Iterator[Deployment]:
        """The deployments of one file; none where it is no template, or one that was compiled from another."""
        if name in self._for_registries:
            yield self._deployed_from_registry(self._for_registries[name])
        elif self._is_template(name):
            yield from self._deployed_as_given(name)

    def _deployed_as_given(self, name: str) -> Iterator[Deployment]:
        """The deployments of a template with its scenarios, or else with its parameter files."""
        scenarios = of_root(self._scenarios, name)
        for scenario in scenarios:
            merged = [file for each in scenario.files if (file := self._parameter_file(each)) is not None]
            yield from self._deployed(name, {scenario.name: merged})
        if not scenarios:
            yield from self._deployed(name, {file.file.path: [file] for file in self._files_of(name)})

    def _files_of(self, path: str) -> list[ParameterFile]:
        """The parameter files that a template is deployed with."""
        adopted = [file for file in self._asked_for if self._adopted.get(file.file.path) == path]
        return [*self._own_files_of(path), *adopted]

    def _own_files_of(self, path: str) -> list[ParameterFile]:
        """Those of them that belong to the template, whatever others there are."""
        return self._files_by_template.get(path, [])

    @cached_property
    def _files_by_template(self) -> Mapping[str, list[ParameterFile]]:
        found: dict[str, list[ParameterFile]] = {}
        files = map(self._parameter_file, self._survey.givers(self._found))
        for file in self._asked_for if self._parameters else files:
            if file is not None:
                for template in self._templates_of(file):
                    found.setdefault(template, []).append(file)
        return found

    @cached_property
    def _asked_for(self) -> list[ParameterFile]:
        return [file for path in self._parameters if (file := self._parameter_file(path)) is not None]

    @cached_property
    def _adopted(self) -> Mapping[str, str]:
        """The templates that parameter files are given to that name none themselves, by their paths."""
        templates = [path for path in (*self.roots, *self.others) if self._is_template(path)]
        uncalled = [path for path in self.roots if path in set(templates)]
        adopters = {file.file.path: self._adopter(file, templates, uncalled) for file in self._asked_for}
        return {path: adopter for path, adopter in adopters.items() if adopter is not None}

    def prepare(self) -> None:
        """Find out for which roots the parameter files are that were asked for, and say which are none."""
        found = {file.file.path for file in self._asked_for}
        unreadable = {problem.path for problem in self._looked.problems if problem.kind is Kind.UNREADABLE}
        unreadable |= {problem.path for problem in self._survey.problems}
        for path in self._parameters:
            if path not in found and path not in unreadable:
                message = "There is no such parameter file."
                if self.workspace.read(path) is not None:
                    message = "This is no parameter file, neither of Bicep nor of ARM."
                hint = "Check the path given with --parameters."
                self._looked.problems.append(Problem(Kind.CONFIGURATION, message, path, hint=hint))
        for scenario in self._scenarios:
            self._check(scenario)
        if self._parameters:
            self._adopted  # noqa: B018 - it reports those that are for none
        else:
            for file in self._files_that_count():
                self._report_stray(file)
            self._report_homeless()

    def _check(self, scenario: Scenario) -> None:
        """Say of a scenario if its root is no template that is judged, or if its files give no parameters."""
        root, found = scenario.root, dict[str, str]()
        if root in self.roots:
            if not self._is_template(root):
                compiled_ = root in self._looked.twins
                found[root] = "it was compiled from the Bicep file beside it" if compiled_ else "it is no template"
            found |= {path: "it is no parameter file" for path in scenario.files if self._parameter_file(path) is None}
        elif root.endswith((".json", ".jsonc")) and self._read(root) is None:
            found[root] = "it is no template"
        said = {problem.path for problem in (*self._looked.problems, *self._survey.problems)}
        for path, why in found.items():
            if path not in said:
                message = f"Scenario '{scenario.name}' in the configuration takes this file, and {why}."
                hint = "Check the scenario's 'root' and 'parameters'."
                self._looked.problems.append(Problem(Kind.CONFIGURATION, message, path, hint=hint))

    def _files_that_count(self) -> list[ParameterFile]:
        """The parameter files that were asked for, or else those of Bicep that are named or that can matter."""
        if self._parameters:
            return self._asked_for
        relevant = self._survey.closure.union(self._survey.sources.intersection(self._seeds)) - self._survey.outside
        paths = sorted(path for path in relevant if path.endswith(".bicepparam"))
        counted = [path for path in paths if not self._seeds or path in self._seeds]
        return [file for path in counted if (file := self._parameter_file(path)) is not None]

    def _adopter(self, file: ParameterFile, templates: Sequence[str], uncalled: Sequence[str]) -> str | None:
        """The template that a parameter file is given to, where it names none itself."""
        if any(self._belongs(file, path) for path in templates):
            return None
        if file.using is not None and file.file.path.endswith(".bicepparam"):
            self._report_stray(file)
            return None
        here = posixpath.dirname(file.file.path)
        near = [path for path in uncalled if posixpath.dirname(path) == here] or uncalled
        if len(near) == 1:
            return near[0]
        self._report_untold(file, "Name it after the template.")
        return None

    def _report_untold(self, file: ParameterFile, hint: str, *, warning_only: bool = False) -> None:
        message = "It cannot be told which template this parameter file is for."
        place = Span(file.file, 0, 0)
        problem = Problem(Kind.MODULE, message, file.file.path, place, hint, warning_only=warning_only)
        self._looked.problems.append(problem)

    def _report_homeless(self) -> None:
        """Say of JSON parameter files whose template cannot be told, and may be one that matters."""
        given = {path for scenario in self._scenarios for path in scenario.files}
        matter = self._survey.closure - {scenario.root for scenario in self._scenarios}
        values = self._survey.values - given
        hint = "Name it after the template and put it near that, or name both in a scenario of the configuration."
        for path in self._survey.givers(matter):
            asked = path in values and (not self._seeds or path in self._seeds)
            file = self._parameter_file(path) if asked else None
            if file is None:
                continue
            _, rivals, far = self._owners(file)
            if not matter.isdisjoint((*rivals, *far)):
                self._report_untold(file, hint, warning_only=matter.isdisjoint(rivals))

    def _parameters_of(self, path: str) -> frozenset[str] | None:
        """The names of the parameters of a template, in lower case; None of what is none."""
        if path not in self._names:
            template = self.load(path) if self._is_template(path) else None
            self._names[path] = None if template is None else frozenset(map(str.lower, template.parameters))
        return self._names[path]

    def _report_stray(self, file: ParameterFile) -> None:
        """Say of a parameter file of Bicep if the template is not there that it is for."""
        path, using = file.file.path, file.using
        if path in self._for_registries:
            return
        if using is None:
            self._looked.problems += file.problems
            extended = any(user.endswith(".bicepparam") for user in self._survey.users.get(path, ()))
            says_nothing = not (file.values or file.variables or file.imports or file.extends)
            if file.place.end or file.problems or extended or says_nothing:
                return
            message = "This parameter file does not say which template it is for."
            hint = "Name that with 'using', or write 'using none' where others extend the file."
        elif self._survey.is_there(beside(self.workspace, posixpath.dirname(path), using)):
            return
        else:
            message, hint = f"There is no template '{using}'.", "Check the path after 'using'."
        self._looked.problems.append(Problem(Kind.MODULE, message, path, file.place, hint))

    def _is_template(self, path: str) -> bool:
        source = f"{posixpath.splitext(path)[0]}.bicep"
        has_source = source != path and source in self._survey.sources and source not in self._survey.outside
        if has_source and path not in self._seeds and not self._is_named(path) and self._is_compiled(path):
            self._looked.twins.add(path)
            return False
        return self.load(path) is not None

    def _is_named(self, path: str) -> bool:
        """Whether a parameter file says that it is for a template."""
        files = map(self._parameter_file, sorted(self._survey.naming(path)))
        return any(file is not None and self._named(file) == path for file in files)

    def _is_compiled(self, path: str) -> bool:
        """Whether the Bicep compiler made a template: it says so at its beginning, so that it need not be read."""
        if path not in self._templates:
            try:
                file = self.workspace.glance(path)
            except UnreadableError:
                return False
            if file is not None and _GENERATED.match(file.text):
                return True
        template = self.load(path)
        return template is not None and template.compiled

    def _callers(self, path: str) -> set[str]:
        """The other templates that may use one."""
        return self._survey.users.get(path, set()) - self._survey.parameters - {path}

    def _parameter_file(self, path: str) -> ParameterFile | None:
        if path not in self._parameter_files:
            self._parameter_files[path] = self._read_parameters(path)
        return self._parameter_files[path]

    def _read_parameters(self, path: str) -> ParameterFile | None:
        try:
            file = self.workspace.read(path)
        except UnreadableError as error:
            self._looked.problems.append(unreadable(error, path))
            return None
        if file is None:
            return None
        self._looked.analysed.add(path)
        found = bicep.read_parameters(file) if path.endswith(".bicepparam") else arm.read_parameters(file)
        if found is not None:
            self._looked.add_inputs(path, found.comments)
        return found

    def _belongs(self, file: ParameterFile, path: str) -> bool:
        """Whether a parameter file is for a template."""
        return path in self._templates_of(file)

    def _templates_of(self, file: ParameterFile) -> Sequence[str]:
        return self._owners(file).templates

    def _owners(self, file: ParameterFile) -> _Owners:
        path = file.file.path
        if path not in self._owners_of:
            named = self._named(file)
            if named is not None or path.endswith(".bicepparam"):
                self._owners_of[path] = _Owners(() if named is None else (named,))
            else:
                self._owners_of[path] = self._found_for(path, frozenset(map(str.lower, file.values)))
        return self._owners_of[path]

    def _found_for(self, path: str, names: frozenset[str]) -> _Owners:
        """What a JSON parameter file is for that gives some parameters and names no template itself.

        It is what has all its parameters: the template of its project that it is named after, or one of its name above,
        or what is in the directory of the project, unless one of its name elsewhere has them as well; but its namesake
        in that directory goes before the last two. Or else it is the namesake that has half of them, or the only one
        in that directory if that has, or its namesake whatever that has.
        """
        candidates = self._survey.candidates(path)
        directory = posixpath.dirname(candidates.there[0]) if candidates.there else None
        entries = self._entries(directory, candidates.there) if directory is not None else []
        beside = [[each for each in group if posixpath.dirname(each) == directory] for group in candidates.named]
        found = self._first(candidates.named, names, len(names)) or self._first(beside, names, 0)
        if found := found or self._having(candidates.above, names):
            return self._chosen(found, names)
        half = (len(names) + 1) // 2
        there = self._able(entries, names)
        lone = self._having(entries, names, half) if len(entries) == 1 else []
        elsewhere = self._having(candidates.elsewhere, names) if there or lone else []
        if there and elsewhere:
            return _Owners((), (*there, *elsewhere))
        found = there or elsewhere or self._first(candidates.named, names, half) or lone
        if found := found or self._first(candidates.named, names, 0):
            return self._chosen(found, names)
        near = (*self._having(entries, names, 1), *self._having(candidates.above, names, 1))
        return _Owners((), near, self._having(candidates.below, names) if names else ())

    def _first(self, groups: Iterable[Sequence[str]], names: frozenset[str], least: int) -> list[str]:
        """The first of some groups in which there are templates with so many of some parameters, these alone."""
        return next(filter(None, (self._having(group, names, least) for group in groups)), [])

    def _able(self, entries: Sequence[str], names: frozenset[str]) -> list[str]:
        """The templates with all of some parameters, of those that are not called in a directory."""
        key = posixpath.dirname(entries[0]) if entries else "", names
        if key not in self._able_there:
            self._able_there[key] = self._having(entries, names)
        return self._able_there[key]

    def _having(self, templates: Iterable[str], names: frozenset[str], least: int | None = None) -> list[str]:
        """Those of some files that are templates with all of some parameters, or with `least` of them."""
        least = len(names) if least is None else least
        have = ((each, self._parameters_of(each)) for each in templates)
        return [each for each, there in have if there is not None and len(names & there) >= least]

    def _chosen(self, fitting: Sequence[str], names: frozenset[str]) -> _Owners:
        """Of templates that are as good for a parameter file: the only one, or the only one that nobody calls; or all
        in one directory that nobody calls, as far as these are not many."""
        uncalled = [each for each in fitting if each not in self._called]
        if len(uncalled or fitting) == 1:
            return _Owners(uncalled or fitting)
        together = len({posixpath.dirname(each) for each in uncalled}) == 1
        if names and together and len(self._survey.closure.intersection(uncalled)) <= _SHARED:
            return _Owners(uncalled)
        return _Owners((), self._having(fitting, names, 1))

    @cached_property
    def _called(self) -> set[str]:
        """The templates that others may use."""
        return {path for path in self._survey.users if self._callers(path)}

    def _entries(self, directory: str, templates: Sequence[str]) -> list[str]:
        """Those of the templates in a directory that none of the others there calls."""
        if directory not in self._entries_of:
            there = dict.fromkeys(filter(self._is_template, templates))
            self._entries_of[directory] = [each for each in there if there.keys().isdisjoint(self._callers(each))]
        return self._entries_of[directory]

    def _named(self, file: ParameterFile) -> str | None:
        """The template that a parameter file names; of JSON, to which Azure does not listen, only where that is there.

        https://azure.github.io/PSRule.Rules.Azure/using-templates/
        """
        if file.using is None:
            return None
        here = posixpath.dirname(file.file.path)
        named = [beside(self.workspace, each, file.using) for each in (here, "")]
        if file.file.path.endswith(".bicepparam"):
            return named[0]
        return next((path for path in named if self._survey.is_there(path)), None)

    def _deployed(self, path: str, sets: Mapping[str, Sequence[ParameterFile]]) -> Iterator[Deployment]:
        """A template with each set of parameter files, by its name; with its defaults where there is none."""
        template = self.load(path)
        if template is None:
            return
        self._looked.evaluated.add(path)

        def instance(files: Sequence[ParameterFile], session: Session) -> Instance:
            inputs: dict[str, Input] = {}
            for file in files:
                inputs |= self._inputs(file, session)
                if file.file.path.endswith(".bicepparam") or not self._survey.is_of_azd(file.file.path, path):
                    _report_strangers(file, template, session.problems)
            return Instance(session, template, inputs)

        for scenario, files in (sets or {"": ()}).items():
            yield self._deployment(template.file, scenario, partial(instance, files))

    def _deployed_from_registry(self, file: ParameterFile) -> Deployment:
        """What a parameter file deploys of a template in a registry: that of a module of the same source."""

        def instance(session: Session) -> Instance:
            given = {name: each.value for name, each in self._inputs(file, session).items()}
            caller = Instance(session, calling(file, given), {})
            caller.scope = caller.scope.child(given)
            return caller

        return self._deployment(file.file, "", instance)

    def _deployment(self, file: SourceFile, scenario: str, instance: Callable[[Session], Instance]) -> Deployment:
        """What an instance deploys that is made in a session of its own."""
        problems, looked = Problems(), self._looked
        session = Session(
            self.workspace, self.load, problems, Budget(problems), looked.evaluated, self._survey.registry
        )
        session.dismissed, session.leads_on = looked.dismissed, self._leads_on
        session.named = frozenset(self._seeds)
        resources: list[Resource] = []
        place = Span(file, 0, 0)
        work = self._work[file.path]
        try:
            work.begin(scenario)
            deployed = instance(session)
            resources += deployed.resources()
            resources += deployed.kept() if self._outputs_matter(resources) else ()
            resources = list(settled(resources, session.budget))
        except (SpentError, RecursionError) as error:
            hint = "What was not reached is not judged: exclude the file, or split the template."
            problems.report(Problem(Kind.LIMIT, spent(error), file.path, place, hint))
            session.gaps.append(Gap(Unknown("a bound on the work for this root was passed", place)))
        work.end(session.budget, len(resources))
        return Deployment(
            file.path,
            scenario,
            tuple(resources),
            tuple(session.gaps),
            tuple(problems),
            whole=True,
            decided_in=session.decided_in,
        )

    def _leads_on(self, path: str) -> bool:
        return not self._survey.closure.isdisjoint(self._survey.uses.get(path, ()))

    def _inputs(self, file: ParameterFile, session: Session, derived: frozenset[str] = frozenset()) -> dict[str, Input]:
        """The values of a parameter file and of the one that it extends."""
        derived |= {file.file.path}
        inherited, base = self._inherited(file, session, derived)
        for problem in file.problems:
            session.problems.report(problem)
        # A parameter of such a file may be made of its variables, of what it imports, of its other parameters, and of
        # those of the base.
        names = Template(file.file, variables={**file.values, **file.variables}, imports=file.imports)
        own = Instance(session, names, {})
        own.scope = replace(own.scope, parent=Scope(own.scope.language, base))
        inputs = dict(inherited)
        for name, expression in file.values.items():
            value = contained(expression, own.scope)
            if name in file.secrets:
                value = Unknown(f"parameter '{name}' is read from a Key Vault", expression.span, never_null=True)
            inputs[name] = Input(value, f"parameter '{name}' in {file.file.path}")
        return inputs

    def _inherited(
        self, file: ParameterFile, session: Session, derived: frozenset[str]
    ) -> tuple[Mapping[str, Input], Mapping[str, AnyValue]]:
        """What a parameter file takes over, and the names that its expressions have for it.

        https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-extend
        """
        if file.extends is None:
            return {}, {}
        source, place = file.extends
        found = self._parameter_file(beside(self.workspace, posixpath.dirname(file.file.path), source))
        if found is None or found.file.path in derived:
            _report_base(source, place, session.problems, circular=found is not None)
            return {}, {_BASE: Unknown(f"the parameters of '{source}' are not known", place)}
        inputs = self._inputs(found, session, derived)
        given = {name: each.value for name, each in inputs.items()}
        names = Inherited(given, {name: each.text for name, each in inputs.items()}, source)
        return inputs, Names({"inherited": names, "base": {_BASE: Known(names, place)}})


def calling(file: ParameterFile, given: Mapping[str, AnyValue]) -> Template:
    """A template that does nothing but to call the one that a parameter file names, with values by their names."""
    place = file.place
    items = tuple((Literal(name, value.span), Name(name, value.span)) for name, value in given.items())
    call = declared.Module(
        symbol=posixpath.basename(file.file.path).removesuffix(".bicepparam"),
        header=place,
        span=place,
        condition=None,
        loop=None,
        name=None,
        source=file.using,
        source_span=place,
        template=None,
        inner=True,
        parameters=ObjectOf(items, place),
        scope=None,
    )
    return Template(file.file, modules=(call,))


def _report_base(base: str, place: Span, problems: Problems, *, circular: bool) -> None:
    """A parameter file that is extended and that cannot be."""
    message = f"Parameter file '{base}' extends itself." if circular else f"There is no parameter file '{base}'."
    hint = "Break the cycle." if circular else "Check the path after 'extends'."
    kind = Kind.CYCLE if circular else Kind.MODULE
    problems.report(Problem(kind, message, place.file.path, place, hint))


def _report_strangers(file: ParameterFile, template: Template, problems: Problems) -> None:
    """Values for parameters that a template does not have: Azure refuses them.

    Of those that a file inherits, Bicep takes the ones that the template has. So does azd, which
    fills in `${NAME}`, of all in JSON.
    """
    declared = {name.lower() for name in template.parameters}
    is_json = not file.file.path.endswith(".bicepparam")
    for name, value in file.values.items():
        filled_in = is_json and "${" in value.span.text
        if name.lower() not in declared and not template.problems and not filled_in:
            message = f"Template '{template.file.path}' has no parameter '{name}'."
            hint = "Check the spelling, and whether this parameter file is for another template."
            problems.report(Problem(Kind.REFERENCE, message, value.span.file.path, value.span, hint))
