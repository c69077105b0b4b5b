"""Which Bicep and ARM files are deployed by themselves, and their evaluation with each set of inputs.

A file that another one uses as a module is judged through its callers; one that nobody uses is a root. A root that
parameter files name, or that parameter files are named after, is deployed with each of them and not with its defaults
alone: https://learn.microsoft.com/azure/azure-resource-manager/templates/parameter-files#file-name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from pgflexlint.evaluate.bounds import SpentError
from pgflexlint.evaluate.interpreter import contained, spent
from pgflexlint.evaluate.scenarios import Scenario, of_root, roots_of
from pgflexlint.evaluate.template.instance import Input, Instance, Session
from pgflexlint.evaluate.template.registry import Registry
from pgflexlint.problem import Kind, Problem, Problems, unreadable
from pgflexlint.resource import Deployment, Gap, Resource
from pgflexlint.source import SourceFile, Span, UnreadableError, Workspace, beside
from pgflexlint.syntax.arm import reader as arm
from pgflexlint.syntax.bicep import template as bicep
from pgflexlint.syntax.template import ParameterFile, Template
from pgflexlint.values import Unknown

SUFFIXES = (".bicep", ".bicepparam", ".json", ".jsonc")
_JSON = (".json", ".jsonc")
_TERRAFORM_JSON = (".tf.json", ".tofu.json", ".tfvars.json")

_USED = re.compile(r"""'(\.{0,2}[^'\s$]*\.(?:bicep|json|bicepparam))'|"(?:relativePath)"\s*:\s*"([^"]+)\"""")
"""What may be the path of a module, an import, or the template of a parameter file."""
_REGISTERED = re.compile(r"'(br[:/][^'\s$]+)'")
_GENERATED = re.compile(
    r'''\s*\{(?:(?!"(?:resources|parameters)")[\s\S]){0,4096}?"_generator"\s*:\s*\{\s*"name"\s*:\s*"bicep"'''
)
_ARM = "schema.management.azure.com"
"""What is in the `$schema` of every template and parameter file."""
_ARM_WORD = re.compile(re.escape(_ARM), re.IGNORECASE)
_ARM_BYTES = re.compile(rb"\0?".join(re.escape(letter.encode()) for letter in _ARM), re.IGNORECASE)
"""The same in bytes of UTF-8 or UTF-16."""


class Templates:
    """The Bicep and ARM files of a workspace, pruned to what can matter."""

    def __init__(
        self,
        workspace: Workspace,
        directories: Iterable[str],
        matters: Callable[[str], bool],
        root: Path | None = None,
        outputs_matter: Callable[[Collection[Resource]], bool] = lambda resources: True,
    ) -> None:
        """`matters` tells from the text of a file whether it may declare anything that is looked for, `outputs_matter`
        from the resources of a root whether its outputs are. `root` is where the workspace is on disk.
        """
        self._outputs_matter = outputs_matter
        self.workspace = workspace
        self._registry = Registry(workspace, root)
        self.problems: list[Problem] = []
        self._texts: dict[str, SourceFile] = {}
        self._templates: dict[str, Template | None] = {}
        self._uses: dict[str, set[str]] = {}
        self._relevant: set[str] = set()
        self._restored: set[str] = set()
        """Where modules of registries are looked for, which count only where they are used."""
        self._parameter_files: set[str] = set()
        self.twins: set[str] = set()
        """The compiled templates that stand beside the Bicep file that they are made of."""
        self.strangers: set[str] = set()
        """The JSON files that are no templates."""
        directories = sorted(set(directories))
        caches = {cache for each in directories if (cache := self._registry.configuration(each).cache) is not None}
        for directory in directories:
            if not any(f"{directory}/".startswith(f"{cache}/") for cache in caches):
                for path in workspace.files(directory):
                    if path.endswith(SUFFIXES):
                        self._survey(path, matters)
        self._users: dict[str, set[str]] = {}
        for path, used in self._uses.items():
            for other in used:
                self._users.setdefault(other, set()).add(path)

    def _survey(self, path: str, matters: Callable[[str], bool]) -> None:
        try:
            file = self.workspace.read(path)
        except UnreadableError as error:
            is_json = path.endswith(_JSON)
            if is_json and error.content is not None and not _ARM_BYTES.search(error.content):
                self.strangers.add(path)
            elif not path.endswith(_TERRAFORM_JSON):
                self.problems.append(unreadable(error, path))
            return
        if file is None:
            return
        if path.endswith(_JSON) and not _ARM_WORD.search(file.text):
            if not path.endswith(_TERRAFORM_JSON):
                self.strangers.add(path)
            return
        self._texts[path] = file
        if matters(file.text):
            self._relevant.add(path)
        here = posixpath.dirname(path)
        for source in _REGISTERED.findall(file.text) if path.endswith(".bicep") else ():
            if matters(self._registry.full(source, here)):
                self._relevant.add(path)
            cached = self._registry.cached(source, here)
            if cached is not None:
                self._uses.setdefault(path, set()).add(cached)
                if cached not in self._restored:
                    self._restored.add(cached)
                    self._survey(cached, matters)
        for match in _USED.finditer(file.text):
            self._uses.setdefault(path, set()).add(beside(self.workspace, here, match[1] or match[2]))

    @cached_property
    def _closure(self) -> set[str]:
        """The files that matter and all that use them."""
        return _reach(self._relevant, self._users)

    def load(self, path: str) -> Template | None:
        """The template at a path; None where there is none."""
        if path not in self._templates:
            self._templates[path] = self._read(path)
        return self._templates[path]

    def _read(self, path: str) -> Template | None:
        try:
            file = self.workspace.read(path)
        except UnreadableError as error:
            self.problems.append(unreadable(error, path))
            return None
        if file is None:
            return None
        return bicep.read_template(file) if path.endswith(".bicep") else arm.read(file)

    @property
    def analysed(self) -> set[str]:
        """The paths of the files that were parsed, parameter files among them."""
        return self._parameter_files | {path for path, template in self._templates.items() if template is not None}

    @property
    def comments(self) -> Iterator[tuple[str, Span]]:
        """The comments of the templates that were read."""
        return (comment for template in self._templates.values() if template for comment in template.comments)

    def deployments(
        self, parameters: Iterable[str], seeds: Collection[str] = (), scenarios: Collection[Scenario] = ()
    ) -> Iterator[Deployment]:
        """Each root that matters with each of its inputs, then what turned out to have no user after all.

        `parameters` are parameter files that were asked for: roots are then deployed with these alone. A template that
        has scenarios is a root whoever uses it, and is evaluated with each of them. Where there are seeds, only roots
        that they have to do with.
        """
        closure = self._closure
        if seeds:
            closure = closure & _reach(_reach({*seeds, *roots_of(scenarios, seeds)}, self._users), self._uses)
        candidates = sorted(path for path in closure - self._restored if path.endswith((".bicep", ".json", ".jsonc")))
        templates = [path for path in candidates if self._is_template(path, asked_for=path in seeds)]
        parameters = tuple(parameters)
        given = {path: self._parameter_file(path) for path in parameters or self._all_parameter_files()}
        files = [file for file in given.values() if file is not None]
        self._report_missing([path for path in parameters if given[path] is None])
        visited: set[str] = set()
        named = {scenario.root for scenario in scenarios}
        uncalled = [path for path in templates if path in named or not self._template_users(path)]
        adopted = {file.file.path: self._adopter(file, templates, uncalled) for file in files if parameters}
        for path in (*uncalled, *templates):
            if path in named:
                named.discard(path)
                for scenario in of_root(scenarios, path):
                    merged = [file for each in scenario.files if (file := self._parameter_file(each)) is not None]
                    yield from self._deployed(path, {scenario.name: merged}, visited)
            elif path not in visited:
                its_own = [file for file in files if self._belongs(file, path) or adopted.get(file.file.path) == path]
                yield from self._deployed(path, {file.file.path: [file] for file in its_own}, visited)

    def _report_missing(self, paths: Iterable[str]) -> None:
        """Say which files that were asked for are no parameter files, unless they could not be read."""
        unreadable = {problem.path for problem in self.problems if problem.kind is Kind.UNREADABLE}
        for path in paths:
            if path not in unreadable:
                message = "There is no such parameter file."
                if self.workspace.read(path) is not None:
                    message = "This is no parameter file, neither of Bicep nor of ARM."
                hint = "Check the path given with --parameters."
                self.problems.append(Problem(Kind.CONFIGURATION, message, path, hint=hint))

    def _adopter(self, file: ParameterFile, templates: Sequence[str], uncalled: Sequence[str]) -> str | None:
        """The template that a parameter file is given to, where it names none itself."""
        if any(self._belongs(file, path) for path in templates):
            return None
        here = posixpath.dirname(file.file.path)
        message, hint = "It cannot be told which template this parameter file is for.", "Name it after the template."
        if file.using is not None:
            if self._is_there(beside(self.workspace, here, file.using)):
                return None  # a template that declares nothing that is looked at
            message, hint = f"There is no template '{file.using}'.", "Check the path after 'using'."
        else:
            near = [path for path in uncalled if posixpath.dirname(path) == here] or uncalled
            if len(near) == 1:
                return near[0]
        self.problems.append(Problem(Kind.MODULE, message, file.file.path, Span(file.file, 0, 0), hint))
        return None

    def _is_there(self, path: str) -> bool:
        try:
            return self.workspace.read(path) is not None
        except UnreadableError:
            return True  # and that it cannot be read was said

    def _is_template(self, path: str, *, asked_for: bool) -> bool:
        has_source = f"{posixpath.splitext(path)[0]}.bicep" in self._texts and not path.endswith(".bicep")
        if has_source and not asked_for and self._is_compiled(path):
            self.twins.add(path)
            return False
        return self.load(path) is not None

    def _is_compiled(self, path: str) -> bool:
        """Whether the Bicep compiler made a template: it says so at its beginning, so that it need not be read."""
        file = self._texts.get(path)
        if file is not None and _GENERATED.match(file.text):
            return True
        template = self.load(path)
        return template is not None and template.compiled

    def _template_users(self, path: str) -> list[str]:
        return [user for user in self._users.get(path, ()) if user.endswith((".bicep", ".json")) and user != path]

    def _all_parameter_files(self) -> list[str]:
        return [
            path for path in self._texts if path.endswith(".bicepparam") or "parameters" in posixpath.basename(path)
        ]

    def _parameter_file(self, path: str) -> ParameterFile | None:
        try:
            file = self._texts.get(path) or self.workspace.read(path)
        except UnreadableError as error:
            self.problems.append(unreadable(error, path))
            return None
        if file is None:
            return None
        self._parameter_files.add(path)
        return bicep.read_parameters(file) if path.endswith(".bicepparam") else arm.read_parameters(file)

    def _belongs(self, file: ParameterFile, path: str) -> bool:
        """Whether a parameter file is for a template: it names it, or is named after it."""
        here = posixpath.dirname(file.file.path)
        if file.using is not None:
            return beside(self.workspace, here, file.using) == path
        if file.file.path.endswith(".bicepparam") or posixpath.dirname(path) != here:
            return False
        stem = posixpath.splitext(posixpath.basename(path))[0]
        return bool(re.fullmatch(rf"{re.escape(stem)}\.parameters(\.[^/]*)?\.json", posixpath.basename(file.file.path)))

    def _deployed(
        self, path: str, sets: Mapping[str, Sequence[ParameterFile]], visited: set[str]
    ) -> Iterator[Deployment]:
        """A template with each set of parameter files, by its name; with its defaults where there is none."""
        template = self.load(path)
        if template is None:
            return
        visited.add(path)
        for scenario, files in (sets or {"": ()}).items():
            problems = Problems()
            session = Session(self.workspace, self.load, problems, visited, self._registry)
            inputs: dict[str, Input] = {}
            resources: list[Resource] = []
            place = Span(template.file, 0, 0)
            try:
                for file in files:
                    inputs |= self._inputs(file, session)
                _report_strangers(inputs, template, problems)
                instance = Instance(session, template, inputs)
                resources += instance.resources()
                resources += instance.kept() if self._outputs_matter(resources) else ()
            except (SpentError, RecursionError) as error:
                hint = "What was not reached is not judged: exclude the file, or split the template."
                problems.report(Problem(Kind.LIMIT, spent(error), path, place, hint))
                session.gaps.append(Gap(Unknown("a bound on the work for this root was passed", place)))
            yield Deployment(path, scenario, tuple(resources), tuple(session.gaps), tuple(problems), whole=True)

    def _inputs(self, file: ParameterFile, session: Session, derived: frozenset[str] = frozenset()) -> dict[str, Input]:
        """The values of a parameter file and of those that it extends."""
        inputs: dict[str, Input] = {}
        here, derived = posixpath.dirname(file.file.path), derived | {file.file.path}
        for base in file.extends:
            found = self._parameter_file(beside(self.workspace, here, base))
            if found is None or found.file.path in derived:
                _report_base(base, file, session.problems, circular=found is not None)
            else:
                inputs |= self._inputs(found, session, derived)
        for problem in file.problems:
            session.problems.report(problem)
        # A parameter of such a file may be made of its variables, of what it imports, and of its other parameters.
        names = Template(file.file, variables={**file.values, **file.variables}, imports=file.imports)
        scope = Instance(session, names, {}).scope
        for name, expression in file.values.items():
            value = contained(expression, scope)
            if name in file.secrets:
                value = Unknown(f"parameter '{name}' is read from a Key Vault", expression.span, never_null=True)
            inputs[name] = Input(value, f"parameter '{name}' in {file.file.path}")
        return inputs


def _report_base(base: str, file: ParameterFile, problems: Problems, *, circular: bool) -> None:
    """A parameter file that is extended and that cannot be."""
    message = f"Parameter file '{base}' extends itself." if circular else f"There is no parameter file '{base}'."
    hint = "Break the cycle." if circular else "Check the path after 'extends'."
    kind = Kind.CYCLE if circular else Kind.MODULE
    problems.report(Problem(kind, message, file.file.path, Span(file.file, 0, 0), hint))


def _report_strangers(inputs: Mapping[str, Input], template: Template, problems: Problems) -> None:
    """Values for parameters that a template does not have: Azure refuses them."""
    declared = {name.lower() for name in template.parameters}
    for name, given in inputs.items():
        if name.lower() not in declared and not template.problems:
            span = given.value.span
            message = f"Template '{template.file.path}' has no parameter '{name}'."
            hint = "Check the spelling, and whether this parameter file is for another template."
            problems.report(Problem(Kind.REFERENCE, message, span.file.path, span, hint))


def _reach(start: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(start)
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += edges.get(path, ())
    return found
