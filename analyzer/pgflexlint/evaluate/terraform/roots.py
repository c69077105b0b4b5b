"""Finds the directories that are root modules, and evaluates them.

A directory is a root if nobody calls it, or if it has automatic variable files or a backend. Any other module is judged
through its callers. A root is whole if it configures a provider or a backend, has such files, or has no variable
without a default. Otherwise it is a reusable module, and is judged with unknown values for its required variables.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.evaluator import Evaluator
from pgflexlint.evaluate.scenarios import Scenario, of_root, roots_of
from pgflexlint.evaluate.terraform import inputs as inputs_
from pgflexlint.evaluate.terraform.inputs import Given
from pgflexlint.evaluate.terraform.instance import Instance
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.evaluate.terraform.module import LOCK_FILE, Module, Modules, locked, required_variables
from pgflexlint.evaluate.terraform.rooted import RootedWorkspace
from pgflexlint.evaluate.terraform.session import Session
from pgflexlint.evaluate.terraform.sources import SUFFIXES, is_automatic, restored
from pgflexlint.evaluate.terraform.survey import TerraformSurvey
from pgflexlint.evaluate.visited import Visited
from pgflexlint.problem import Kind, Problem, Problems, unreadable
from pgflexlint.resource import Deployment, Resource
from pgflexlint.source import UnreadableError


class TerraformEvaluator(Evaluator):
    """The Terraform of a workspace, pruned to what can matter."""

    too_much_work = "What was not reached is not judged: scan the modules of this root one by one."

    def __init__(
        self,
        survey: TerraformSurvey,
        wanted: Callable[[str], bool],
        inputs: Sequence[Given] = (),
        seeds: Collection[str] = (),
        scenarios: Collection[Scenario] = (),
        *,
        outputs_matter: Callable[[Collection[Resource]], bool] = lambda resources: True,
        worked_out: Callable[[Collection[Resource]], bool] = lambda resources: False,
    ) -> None:
        """`wanted` tells which types of resources are looked at. `outputs_matter` tells from the resources of a root
        whether its outputs are looked at, and `worked_out` whether the templates that these resources deploy are known.

        A directory that has scenarios is a root, even if others call it, and is evaluated with each of them. With
        `seeds`, only roots that are related to them are evaluated.
        """
        super().__init__(outputs_matter)
        self._survey = survey
        self._wanted = wanted
        self._inputs = inputs
        self._scenarios = scenarios
        self._worked_out = worked_out
        self._modules = Modules(survey.tree)
        self._seeds = frozenset(seeds)
        closure = survey.closure & survey.targets
        self._only_reading: set[str] = set()
        """Roots that are related to the seeds only if they turn out to read one of them."""
        if seeds:
            by_scenario = (posixpath.join(root, ".") for root in roots_of(scenarios, seeds))
            near = survey.near({*filter(self._counts_where_it_is, seeds), *by_scenario})
            if any(each.kind == "file" and each.text in seeds for each in inputs):
                near = closure  # every root is given this file
            if any(not each.endswith((*SUFFIXES, ".tfvars")) for each in seeds):
                self._only_reading = closure & survey.reading - near
            closure = closure & (near | self._only_reading)
        with_scenarios = {scenario.root for scenario in scenarios}
        self.roots = tuple(sorted(each for each in closure if each in with_scenarios or self._is_root(each)))
        others = closure - set(self.roots)
        self.others = tuple(sorted(others, key=lambda name: (-len(survey.callees.get(name, ())), name)))

    def _counts_where_it_is(self, seed: str) -> bool:
        """Whether a seed may matter to the module in its directory. A Terraform file that is excluded does not."""
        return not seed.endswith((*SUFFIXES, ".tfvars")) or seed in self._survey.tree.files(posixpath.dirname(seed))

    def _is_root(self, directory: str) -> bool:
        """Whether a directory is deployed by itself.

        A directory that somebody calls is parsed separately for this: if it is deployed zero times, it must not count
        as visited.
        """
        if self._survey.is_root(directory):
            return True
        return directory in self._survey.backends and Modules(self._survey.tree)[directory].backend

    @cached_property
    def _useful(self) -> set[str]:
        return self._survey.declaring(self._wanted)

    @property
    def visited(self) -> Visited:
        """What was visited so far."""
        for module in self._modules:
            for document in module.documents:
                self._visited.add(document.file.path, ((each.text, each.span) for each in document.comments))
        return self._visited

    def remaining(self) -> Iterator[str]:
        """The modules that no root turned out to call."""
        for directory in self.others:
            if directory not in self._visited.evaluated and directory not in self._visited.deployed_zero_times:
                yield directory

    def of(self, name: str) -> Iterator[Deployment]:
        """The deployments of one directory; none if it has no module."""
        module = self._modules.get(name)
        if module is None:
            return
        self._visited.variables |= module.variables.keys()
        for scenario in of_root(self._scenarios, name) or [Scenario(name, (), "")]:
            given = [*(Given("file", path) for path in scenario.files), *self._inputs]
            deployment, read = self._evaluated(module, given, scenario.name)
            deployment = replace(deployment, asked_for=", ".join(_asked_for(self._inputs, module)))
            if name not in self._only_reading or not self._seeds.isdisjoint(read):
                yield deployment

    def conclude(self) -> None:
        """Report variables of the command line that no root declares."""
        self._visited.problems += self._undeclared()

    def _undeclared(self) -> Iterator[Problem]:
        """Problems for variables that the command line sets and no root declares: Terraform refuses them.

        There are none if there is no Terraform: the same command line may be used for several repositories.
        """
        names = dict.fromkeys(each.text.partition("=")[0] for each in self._inputs if each.kind == "value")
        declared = set(self._visited.variables)
        if not (self.roots or self.others) or declared.issuperset(names):
            return
        modules = Modules(self._survey.tree)  # those that were not evaluated
        others = (modules.get(each) for each in sorted(self._survey.targets) if not self._survey.callers.get(each))
        declared |= {name for module in others if module is not None for name in module.variables}
        for name in names:
            if name not in declared:
                message = f"--var sets variable '{name}', which no root module declares."
                hint = "Check the spelling, or remove it from the command line."
                yield Problem(Kind.CONFIGURATION, message, "", hint=hint)

    def _is_irrelevant(self, directory: str) -> bool:
        return not self._survey.is_empty(directory) and directory not in self._useful

    def _leads_on(self, directory: str) -> bool:
        return not self._survey.closure.isdisjoint(self._survey.callees.get(directory, ()))

    def _evaluated(self, module: Module, options: Sequence[Given], scenario: str) -> tuple[Deployment, Collection[str]]:
        """The deployment of a module with some inputs, and the files that its functions read."""
        directory, workspace, visited = module.directory, self._survey.tree, self._visited
        problems = Problems()
        rooted = RootedWorkspace(workspace, directory)
        session = Session(
            problems,
            Budget(problems),
            visited.evaluated,
            visited.deployed_zero_times,
            modules=self._modules,
            root=directory,
            wanted=self._wanted,
            language=Terraform(rooted, problems.report),
            irrelevant=self._is_irrelevant,
            leads_on=self._leads_on,
            restored=restored(workspace, directory),
            seeds=self._seeds,
        )
        visited.analysed |= {path for path in workspace.files(directory) if is_automatic(path)}
        visited.analysed |= {each.text for each in options if each.kind == "file"}
        lock = None
        try:
            lock = locked(workspace, directory)
        except UnreadableError as error:
            problems.report(unreadable(error, posixpath.join(directory, LOCK_FILE)))

        def instance() -> Instance:
            given = inputs_.load(workspace, directory, session.budget, options)
            for problem in given.problems:
                problems.report(problem)
            for path, comments in given.comments.items():
                visited.add_inputs(path, ((each.text, each.span) for each in comments))
            return Instance(session, module, given.values)

        deployment = self._deployment(
            directory,
            scenario,
            session,
            instance,
            place=module.place,
            whole=bool(scenario) or is_root(module, workspace.files(directory)),
            resources=() if lock is None else (lock,),
        )
        # Templates among the files that functions read are deployed by what reads them.
        if rooted.taken and self._worked_out(deployment.resources):
            visited.evaluated |= rooted.taken
            visited.analysed |= rooted.taken
        return deployment, rooted.taken


def _asked_for(given: Iterable[Given], module: Module) -> Iterator[str]:
    """The inputs of the command line in words: variable files, and names of variables. Values may be secret."""
    yield from (each.text for each in given if each.kind == "file")
    names = {each.text.partition("=")[0] for each in given if each.kind == "value"}
    yield from (f"--var {name}" for name in sorted(names & module.variables.keys()))


def is_root(module: Module, files: Iterable[str]) -> bool:
    """Whether a module that nobody calls is a whole root, and not a reusable module."""
    return module.configured or any(is_automatic(path) for path in files) or not required_variables(module.variables)
