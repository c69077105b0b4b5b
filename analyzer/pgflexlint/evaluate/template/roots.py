"""Finds the Bicep and ARM files that are deployed by themselves, and evaluates each with its sets of inputs.

A file that no other one uses as a module is a root. So is a file with parameter files: it is deployed with each of
these, and not with its defaults alone. All other files are judged through their callers. A Bicep parameter file names
its template; `parameter_matching` finds the template of a JSON parameter file.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.evaluator import Evaluator
from pgflexlint.evaluate.graph import after
from pgflexlint.evaluate.interpreter import Scope
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.scenarios import Scenario, of_root, roots_of
from pgflexlint.evaluate.session import Input
from pgflexlint.evaluate.template.inputs import inputs_of, report_undeclared
from pgflexlint.evaluate.template.instance import Instance
from pgflexlint.evaluate.template.language import Arm
from pgflexlint.evaluate.template.parameter_matching import Match, ParameterMatching
from pgflexlint.evaluate.template.session import Session
from pgflexlint.evaluate.template.survey import TemplateSurvey
from pgflexlint.evaluate.template.twins import may_be_compiled_from
from pgflexlint.evaluate.visited import Visited
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, Problems, unreadable
from pgflexlint.resource import Deployment, Resource
from pgflexlint.source import SourceFile, Span, UnreadableError, beside, spelled_out
from pgflexlint.syntax import template as syntax
from pgflexlint.syntax.arm import reader as arm
from pgflexlint.syntax.bicep import template as bicep
from pgflexlint.syntax.expressions import Literal, Name, ObjectOf
from pgflexlint.syntax.template import ParameterFile, Template

COMPARED_LIMIT = 1 << 20
"""The most characters of a template that is compared with the Bicep file of its name."""
_GENERATED = compiled(
    r'''\s*\{(?:(?!"(?:resources|parameters)")[\s\S]){0,4096}?"_generator"\s*:\s*\{\s*"name"\s*:\s*"bicep"'''
)
_SERVER = "dbforpostgresql"
"""A part of the type of each server, in lower case."""


class TemplateEvaluator(Evaluator):
    """The Bicep and ARM files of a workspace, pruned to what can matter."""

    too_much_work = "What was not reached is not judged: exclude the file, or split the template."

    def __init__(
        self,
        survey: TemplateSurvey,
        parameters: Sequence[str] = (),
        seeds: Collection[str] = (),
        scenarios: Collection[Scenario] = (),
        *,
        outputs_matter: Callable[[Collection[Resource]], bool] = lambda resources: True,
        may_be_deployed: Callable[[str], bool] = lambda path: False,
    ) -> None:
        """`outputs_matter` tells from the resources of a root whether its outputs are looked at. `may_be_deployed`
        tells whether Terraform may deploy the template at a path.

        `parameters` are the parameter files of the command line: roots are then deployed with these alone. A template
        that has scenarios or parameter files is a root, even if others use it, and is evaluated with each of them. With
        `seeds`, only roots that are related to them are evaluated.
        """
        super().__init__(outputs_matter)
        self._survey = survey
        self.workspace = survey.tree
        self._parameters = parameters
        self._seeds = seeds
        self._scenarios = scenarios
        self._templates: dict[str, Template | None] = {}
        self._parameter_files: dict[str, ParameterFile | None] = {}
        self._matches: dict[str, Match] = {}
        self._names: dict[str, frozenset[str] | None] = {}
        self._sources: dict[str, list[str]] = {}
        """By template: the Bicep files that it is compiled from."""
        self._comparisons = defaultdict[str, Budget](Budget)
        """By directory: the budget for the comparisons of its templates with Bicep files of other names."""
        closure = survey.closure
        if seeds:
            inputs = survey.parameter_files.intersection(seeds)
            given = survey.templates_for(inputs, closure) if inputs else set()
            closure = closure & survey.around({*seeds, *given, *roots_of(scenarios, seeds)})
        found = sorted(path for path in closure if path.endswith((".bicep", ".json", ".jsonc")))
        self._reachable = frozenset(found)
        with_scenarios = {scenario.root for scenario in scenarios} - survey.outside
        used = {path for path in found if self._callers(path) or (not parameters and may_be_deployed(path))}
        used |= survey.outside
        uncalled = {
            path for path in found if path not in used or path in with_scenarios or path in self._files_by_template
        }
        from_registries = [file for file in self._files_to_check() if file.using is not None and ":" in file.using]
        self._for_registries = {file.file.path: file for file in from_registries}
        self.roots = (*(path for path in found if path in uncalled), *self._for_registries)
        others = (path for path in found if path not in uncalled and path not in survey.outside)
        self.others = tuple(after(others, survey.users))

    def load(self, path: str) -> Template | None:
        """The template at a path; None if there is none."""
        if path not in self._templates:
            self._templates[path] = self._read(path)
        return self._templates[path]

    def _read(self, path: str) -> Template | None:
        try:
            file = self.workspace.read(path)
        except UnreadableError as error:
            self._visited.problems.append(unreadable(error, path))
            return None
        if file is None:
            return None
        return bicep.read_template(file) if path.endswith(".bicep") else arm.read(file)

    @property
    def visited(self) -> Visited:
        """What was visited so far."""
        for path, template in self._templates.items():
            if template is not None and path not in self._visited.compiled_copies:
                self._visited.add(path, template.comments)
        return self._visited

    def remaining(self) -> Iterator[str]:
        """The templates that no root turned out to use, each after those that may use it."""
        for path in self.others:
            if path not in self._visited.evaluated and path not in self._visited.deployed_zero_times:
                yield path

    def of(self, name: str) -> Iterator[Deployment]:
        """The deployments of one file; none if it is no template, or was compiled from a Bicep file."""
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
        return [*self._files_by_template.get(path, ()), *self._for_the_only_root.get(path, ())]

    @cached_property
    def _files_by_template(self) -> Mapping[str, list[ParameterFile]]:
        """By template, the parameter files that are for it."""
        found: dict[str, list[ParameterFile]] = {}
        files = map(self._parameter_file, self._survey.parameter_files_for(self._reachable))
        for file in self._asked_for if self._parameters else files:
            if file is not None:
                for template in self._match(file).templates:
                    found.setdefault(template, []).append(file)
        return found

    @cached_property
    def _asked_for(self) -> list[ParameterFile]:
        return [file for path in self._parameters if (file := self._parameter_file(path)) is not None]

    @cached_property
    def _for_the_only_root(self) -> Mapping[str, list[ParameterFile]]:
        """By template, the parameter files of the command line that match no template: the only root gets them."""
        found: dict[str, list[ParameterFile]] = {}
        if not self._asked_for:
            return found
        templates = {path for path in (*self.roots, *self.others) if self._is_template(path)}
        roots = [path for path in self.roots if path in templates]
        for file in self._asked_for:
            if not templates.isdisjoint(self._match(file).templates):
                continue
            if file.using is not None and file.file.path.endswith(".bicepparam"):
                self._report_missing_template(file)
            elif len(roots) == 1:
                found.setdefault(roots[0], []).append(file)
            else:
                self._report_ambiguous(file, "Name it after the template.")
        return found

    def prepare(self) -> None:
        """Match the parameter files of the command line with roots, and report those that are wrong."""
        found = {file.file.path for file in self._asked_for}
        unreadable = {problem.path for problem in self._visited.problems if problem.kind is Kind.UNREADABLE}
        unreadable |= {problem.path for problem in self._survey.problems}
        for path in self._parameters:
            if path not in found and path not in unreadable:
                message = "This is not a parameter file of Bicep or ARM."
                hint = "Check the path given with --parameters."
                self._visited.problems.append(Problem(Kind.CONFIGURATION, message, path, hint=hint))
        for scenario in self._scenarios:
            self._check(scenario)
        if self._parameters:
            self._for_the_only_root  # noqa: B018 - it reports those that match no template
        else:
            for file in self._files_to_check():
                self._report_missing_template(file)
            self._report_ambiguous_files()

    def _check(self, scenario: Scenario) -> None:
        """Report a scenario whose root is no template, or whose files are no parameter files."""
        root, found = scenario.root, dict[str, str]()
        if root in self.roots:
            if not self._is_template(root):
                compiled_ = root in self._visited.compiled_copies
                found[root] = "it was compiled from the Bicep file beside it" if compiled_ else "it is not a template"
            found |= {
                path: "it is not a parameter file" for path in scenario.files if self._parameter_file(path) is None
            }
        elif root.endswith((".json", ".jsonc")) and self._read(root) is None:
            found[root] = "it is not a template"
        said = {problem.path for problem in (*self._visited.problems, *self._survey.problems)}
        for path, why in found.items():
            if path not in said:
                message = f"Scenario '{scenario.name}' in the configuration names this file, but {why}."
                hint = "Check the scenario's 'root' and 'parameters'."
                self._visited.problems.append(Problem(Kind.CONFIGURATION, message, path, hint=hint))

    def _files_to_check(self) -> list[ParameterFile]:
        """The parameter files of the command line, or else the Bicep ones that the user named or that can matter."""
        if self._parameters:
            return self._asked_for
        relevant = self._survey.closure.union(self._survey.sources.intersection(self._seeds)) - self._survey.outside
        paths = sorted(path for path in relevant if path.endswith(".bicepparam"))
        counted = [path for path in paths if not self._seeds or path in self._seeds]
        return [file for path in counted if (file := self._parameter_file(path)) is not None]

    def _report_ambiguous(self, file: ParameterFile, hint: str) -> None:
        message = "It cannot be determined which template this parameter file is for."
        self._visited.problems.append(Problem(Kind.MODULE, message, file.file.path, Span(file.file, 0, 0), hint))

    def _report_ambiguous_files(self) -> None:
        """Report JSON parameter files that may be for several templates, if one of these can matter."""
        matter = self._survey.closure - {scenario.root for scenario in self._scenarios}
        asked = self._survey.json_parameters.intersection(self._seeds or self._survey.json_parameters)
        asked -= {path for scenario in self._scenarios for path in scenario.files}
        hint = "Name it after the template and put it nearby, or name both in a scenario of the configuration."
        for path in sorted(asked.intersection(self._survey.parameter_files_for(matter))):
            file = self._parameter_file(path)
            if file is not None and not matter.isdisjoint(self._match(file).candidates):
                self._report_ambiguous(file, hint)

    def _parameters_of(self, path: str) -> frozenset[str] | None:
        """The names of the parameters of a template, in lower case; None for a file that is no template."""
        if path not in self._names:
            template = self.load(path) if self._is_template(path) else None
            self._names[path] = None if template is None else frozenset(map(str.lower, template.parameters))
        return self._names[path]

    def _report_missing_template(self, file: ParameterFile) -> None:
        """Report a Bicep parameter file whose template does not exist."""
        path, using = file.file.path, file.using
        if path in self._for_registries:
            return
        if using is None:
            self._visited.problems += file.problems
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
        self._visited.problems.append(Problem(Kind.MODULE, message, path, file.place, hint))

    def _is_template(self, path: str) -> bool:
        made_of = self._compiled_from(path)
        named_alone = path in self._seeds and not any(each in self._seeds for each in made_of)
        if made_of and not named_alone and not self._is_named_by_a_file(path):
            self._visited.compiled_copies.add(path)
            return False
        return self.load(path) is not None

    def _compiled_from(self, path: str) -> list[str]:
        """The Bicep files beside a template that may be compiled to it."""
        if path not in self._sources:
            self._sources[path] = self._sources_of(path)
        return self._sources[path]

    def _sources_of(self, path: str) -> list[str]:
        if path.endswith(".bicep"):
            return []
        files = (each for each in self.workspace.files(posixpath.dirname(path)) if each.endswith(".bicep"))
        beside = [each for each in files if each in self._survey.sources and each not in self._survey.outside]
        namesake = f"{posixpath.splitext(path)[0]}.bicep"
        if namesake in beside and self._counts_as_compiled(path):
            return [namesake]
        template = self.load(path)
        if template is None or not template.compiled:
            return []

        def may_be_source(each: str, budget: Callable[[], Budget]) -> bool:
            source, session = self.load(each), lambda: self._session(budget(), Visited())
            return source is not None and may_be_compiled_from(template, source, session)

        if namesake in beside and may_be_source(namesake, Budget):
            return [namesake]
        comparisons = self._comparisons[posixpath.dirname(path)]
        return [each for each in beside if each != namesake and may_be_source(each, lambda: comparisons)]

    def _counts_as_compiled(self, path: str) -> bool:
        """Whether a template counts as compiled from the Bicep file of its name without a comparison.

        Its beginning says that the compiler made it, and no server is in it, or it is too large.
        """
        try:
            file = self.workspace.glance(path)
        except UnreadableError:
            return False
        if file is None or not _GENERATED.match(file.text):
            return False
        return len(file.text) > COMPARED_LIMIT or _SERVER not in spelled_out(file.text).lower()

    def _is_named_by_a_file(self, path: str) -> bool:
        """Whether a parameter file names a template as its own."""
        files = map(self._parameter_file, sorted(self._survey.parameter_files_naming(path)))
        return any(file is not None and self._template_named_in(file) == path for file in files)

    def _callers(self, path: str) -> set[str]:
        """The other templates that may use one."""
        return self._survey.users.get(path, set()) - self._survey.parameter_files - {path}

    def _parameter_file(self, path: str) -> ParameterFile | None:
        if path not in self._parameter_files:
            self._parameter_files[path] = self._read_parameters(path)
        return self._parameter_files[path]

    def _read_parameters(self, path: str) -> ParameterFile | None:
        try:
            file = self.workspace.read(path)
        except UnreadableError as error:
            self._visited.problems.append(unreadable(error, path))
            return None
        if file is None:
            return None
        self._visited.analysed.add(path)
        found = bicep.read_parameters(file) if path.endswith(".bicepparam") else arm.read_parameters(file)
        if found is not None:
            self._visited.add_inputs(path, found.comments)
        return found

    def _match(self, file: ParameterFile) -> Match:
        path = file.file.path
        if path not in self._matches:
            template = self._template_named_in(file)
            if template is not None or path.endswith(".bicepparam"):
                self._matches[path] = Match(() if template is None else (template,))
            else:
                self._matches[path] = self._matching.match(path, frozenset(map(str.lower, file.values)))
        return self._matches[path]

    @cached_property
    def _matching(self) -> ParameterMatching:
        survey = self._survey
        called = {path for path in survey.users if self._callers(path)}
        return ParameterMatching(survey.index, self._parameters_of, called, survey.closure)

    def _template_named_in(self, file: ParameterFile) -> str | None:
        """The template that a parameter file names. In JSON, where Azure ignores it, it counts only if it exists.

        https://azure.github.io/PSRule.Rules.Azure/using-templates/
        """
        if file.using is None:
            return None
        here = posixpath.dirname(file.file.path)
        paths = [beside(self.workspace, each, file.using) for each in (here, "")]
        if file.file.path.endswith(".bicepparam"):
            return paths[0]
        return next((path for path in paths if self._survey.is_there(path)), None)

    def _deployed(self, path: str, sets: Mapping[str, Sequence[ParameterFile]]) -> Iterator[Deployment]:
        """The deployments of a template with each of `sets`, by name. If there are none, it is deployed with its
        defaults."""
        template = self.load(path)
        if template is None:
            return
        self._visited.evaluated.add(path)

        def instance(files: Sequence[ParameterFile], session: Session) -> Instance:
            inputs: dict[str, Input] = {}
            for file in files:
                inputs |= inputs_of(file, session, self._parameter_file)
                if file.file.path.endswith(".bicepparam") or not self._survey.is_of_azd(file.file.path, path):
                    report_undeclared(file, template, session.problems)
            return Instance(session, template, inputs)

        for scenario, files in (sets or {"": ()}).items():
            yield self._evaluated(template.file, scenario, partial(instance, files))

    def _deployed_from_registry(self, file: ParameterFile) -> Deployment:
        """The deployment of a parameter file whose template is in a registry: like a call of that module."""

        def instance(session: Session) -> Instance:
            given = {name: each.value for name, each in inputs_of(file, session, self._parameter_file).items()}
            scope = Scope(Arm(session.workspace, "", session.problems.report), given, budget=session.budget)
            return Instance(session, calling(file, given), {}, scope=scope)

        return self._evaluated(file.file, "", instance)

    def _evaluated(self, file: SourceFile, scenario: str, instance: Callable[[Session], Instance]) -> Deployment:
        """The deployment of the instance that `instance` makes in a new session."""
        session = self._session(Budget(Problems()), self._visited)
        begin = partial(instance, session)
        return self._deployment(file.path, scenario, session, begin, place=Span(file, 0, 0), whole=True)

    def _session(self, budget: Budget, visited: Visited) -> Session:
        """A new session, which reports where the budget does."""
        return Session(
            budget.problems,
            budget,
            visited.evaluated,
            visited.deployed_zero_times,
            workspace=self.workspace,
            load=self.load,
            registry=self._survey.registry,
            leads_on=self._leads_on,
            seeds=frozenset(self._seeds),
        )

    def _leads_on(self, path: str) -> bool:
        return not self._survey.closure.isdisjoint(self._survey.uses.get(path, ()))


def calling(file: ParameterFile, given: Mapping[str, AnyValue]) -> Template:
    """A template that only calls the one that a parameter file names. It passes on the values in scope."""
    place = file.place
    items = tuple((Literal(name, value.span), Name(name, value.span)) for name, value in given.items())
    call = syntax.Module(
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
