"""Which directories are root modules, and their evaluation.

A directory that another one calls is judged through its callers. One that nobody calls is a root when it configures
a provider or a backend, has automatic variable files, or has no variable without a default; otherwise it is a
reusable module that is judged alone, its required inputs unknown.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from pgflexlint.evaluate.bounds import SpentError
from pgflexlint.evaluate.interpreter import spent
from pgflexlint.evaluate.scenarios import Scenario, of_root, roots_of
from pgflexlint.evaluate.terraform import inputs as inputs_
from pgflexlint.evaluate.terraform.inputs import Given
from pgflexlint.evaluate.terraform.instance import Instance, RootedWorkspace, Session
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.evaluate.terraform.module import (
    LOCK_FILE,
    Module,
    Modules,
    local_directory,
    locked,
    required_variables,
    restored,
    source_files,
)
from pgflexlint.problem import Kind, Problem, Problems, unreadable
from pgflexlint.resource import Deployment, Gap, Resource
from pgflexlint.source import UnreadableError, Workspace
from pgflexlint.syntax.hcl.document import Document
from pgflexlint.values import Unknown

_LOCAL_SOURCE = re.compile(r"""source"?\s*[=:]\s*"(\.{1,2}(?:/[^"]*)?)\"""")

_DECLARED = re.compile(r"""\bresource\s+"?([\w-]+)""")
_QUOTED = re.compile(r'"([\w-]+)"')
"""What may be the type of a resource, in HCL and in JSON."""


class Estate:
    """The Terraform of a workspace, pruned to what can matter."""

    def __init__(
        self,
        workspace: Workspace,
        directories: Iterable[str],
        matters: Callable[[str], bool],
        outputs_matter: Callable[[Collection[Resource]], bool] = lambda resources: True,
    ) -> None:
        """`matters` tells from a file's text whether it may declare anything that is looked for, `outputs_matter`
        from the resources of a root whether its outputs are."""
        self._outputs_matter = outputs_matter
        self.workspace = workspace
        self.modules = Modules(workspace)
        self._callees: dict[str, set[str]] = {}
        self._relevant: set[str] = set()
        self._declared: dict[str, set[str]] = {}
        self._useful: set[str] = set()
        self.not_deployed: set[str] = set()
        """Modules that matter and whose callers deploy none of them, with the inputs that are known."""
        self.problems: list[Problem] = []
        self._variable_files: set[str] = set()
        self._targets = set(directories)
        todo = sorted(self._targets)
        while todo:  # modules that are called count wherever in the workspace they are
            directory = todo.pop(0)
            if directory not in self._callees:
                self._survey(directory, matters)
                todo += sorted(callee for callee in self._callees[directory] if not callee.startswith(".."))
        self._callers: dict[str, set[str]] = {}
        for directory, callees in self._callees.items():
            for callee in callees:
                self._callers.setdefault(callee, set()).add(directory)

    def _survey(self, directory: str, matters: Callable[[str], bool]) -> None:
        """What a directory may call and whether it matters, from its text alone: cheaper than parsing by far."""
        callees = self._callees.setdefault(directory, set())
        callees |= set(restored(self.workspace, directory).values()) - {directory}
        for path in source_files(self.workspace.files(directory)):
            try:
                file = self.workspace.read(path)
            except UnreadableError as error:
                self.problems.append(unreadable(error, path))
                continue
            if file is None:
                continue
            if matters(file.text):
                self._relevant.add(directory)
            pattern = _QUOTED if path.endswith(".json") else _DECLARED
            self._declared.setdefault(directory, set()).update(pattern.findall(file.text))
            for match in _LOCAL_SOURCE.finditer(file.text):
                callee = local_directory(self.workspace, directory, match[1])
                if callee is not None and callee != directory:
                    callees.add(callee)

    @cached_property
    def _closure(self) -> set[str]:
        """The directories that matter, and all that lead to them."""
        return self._reach(self._relevant, self._callers)

    @property
    def documents(self) -> Iterator[Document]:
        """The files that were parsed."""
        return (document for module in self.modules for document in module.documents)

    @property
    def analysed(self) -> set[str]:
        """The paths of the files that were parsed, variable files among them."""
        return self._variable_files | {document.file.path for document in self.documents}

    def deployments(
        self,
        wanted: Callable[[str], bool],
        options: Sequence[Given],
        seeds: Collection[str] = (),
        scenarios: Collection[Scenario] = (),
    ) -> Iterator[Deployment]:
        """Each root that matters, evaluated; then the modules that turned out to have no caller after all.

        A directory that has scenarios is a root whoever calls it, and is evaluated with each of them. Where there are
        seeds, only roots that they have to do with.
        """
        declaring = {directory for directory, types in self._declared.items() if any(map(wanted, types))}
        self._useful = self._reach(self._relevant | declaring, self._callers)
        closure = self._closure
        if seeds:
            around = {posixpath.dirname(seed) for seed in seeds} | roots_of(scenarios, seeds)
            closure = closure & self._around(around)
        visited: set[str] = set()
        roots: list[Module] = []
        closure = closure & self._targets
        named = {scenario.root for scenario in scenarios}
        uncalled = sorted(name for name in closure if name in named or not self._callers.get(name))
        for directory in (*uncalled, *sorted(closure, key=lambda name: (-len(self._callees.get(name, ())), name))):
            module = self.modules.get(directory) if directory in named or directory not in visited else None
            if module is None:
                continue
            roots.append(module)
            named.discard(directory)
            for scenario in of_root(scenarios, directory) or [Scenario(directory, (), "")]:
                given = [*(Given("file", path) for path in scenario.files), *options]
                yield self._deployment(module, wanted, given, visited, scenario.name)
        self._report_undeclared(options, roots)

    def _report_undeclared(self, options: Iterable[Given], roots: Collection[Module]) -> None:
        """Say which variables are given on the command line and declared by no root: Terraform refuses them.

        Where there is no Terraform there is nothing to say: one command line may serve several repositories.
        """
        names = dict.fromkeys(each.text.partition("=")[0] for each in options if each.kind == "value")
        declared = {name for module in roots for name in module.variables}
        if not roots or declared.issuperset(names):
            return
        modules = Modules(self.workspace)  # those that were not evaluated
        others = (modules.get(each) for each in sorted(self._targets) if not self._callers.get(each))
        declared |= {name for module in others if module is not None for name in module.variables}
        for name in names:
            if name not in declared:
                message = f"No root module declares variable '{name}', which --var gives a value."
                hint = "Check the spelling, or take it off the command line."
                self.problems.append(Problem(Kind.CONFIGURATION, message, "", hint=hint))

    def _is_irrelevant(self, directory: str) -> bool:
        looked_at = directory in self._callees and bool(source_files(self.workspace.files(directory)))
        return looked_at and directory not in self._useful

    def _around(self, directories: set[str]) -> set[str]:
        """Directories with all that call them and all that these call."""
        return self._reach(self._reach(directories, self._callers), self._callees)

    def _reach(self, start: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
        found: set[str] = set()
        todo = list(start)
        while todo:
            directory = todo.pop()
            if directory not in found:
                found.add(directory)
                todo += edges.get(directory, ())
        return found

    def _deployment(
        self,
        module: Module,
        wanted: Callable[[str], bool],
        options: Sequence[Given],
        visited: set[str],
        scenario: str,
    ) -> Deployment:
        directory = module.directory
        problems = Problems()
        language = Terraform(RootedWorkspace(self.workspace, directory), problems.report)
        session = Session(self.modules, directory, wanted, language, problems, visited, self._is_irrelevant)
        session.restored = restored(self.workspace, directory)
        self._variable_files |= {path for path in self.workspace.files(directory) if inputs_.is_automatic(path)}
        self._variable_files |= {each.text for each in options if each.kind == "file"}
        resources: list[Resource] = []
        try:
            lock = locked(self.workspace, directory)
            resources += [lock] if lock is not None else []
        except UnreadableError as error:
            problems.report(unreadable(error, posixpath.join(directory, LOCK_FILE)))
        try:
            given = inputs_.load(self.workspace, directory, session.budget, options)
            for problem in given.problems:
                problems.report(problem)
            instance = Instance(session, module, given.values)
            resources += instance.resources()
            resources += instance.kept() if self._outputs_matter(resources) else ()
        except (SpentError, RecursionError) as error:
            hint = "What was not reached is not judged: scan the modules of this root one by one."
            problems.report(Problem(Kind.LIMIT, spent(error), module.place.file.path, module.place, hint))
            session.gaps.append(Gap(Unknown("a bound on the work for this root was passed", module.place)))
        whole = bool(scenario) or is_root(module, self.workspace.files(directory))
        self.not_deployed = (self.not_deployed | session.dismissed) & self._relevant
        return Deployment(directory, scenario, tuple(resources), tuple(session.gaps), tuple(problems), whole)


def is_root(module: Module, files: Iterable[str]) -> bool:
    """Whether a module that nobody calls is deployed as it is."""
    return (
        module.configured
        or any(inputs_.is_automatic(path) for path in files)
        or not required_variables(module.variables)
    )
