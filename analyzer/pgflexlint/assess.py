"""Makes a report from a survey: evaluates what can matter, and judges it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from msgspec.structs import replace

from pgflexlint.baseline import Baseline, compare
from pgflexlint.discover import Target
from pgflexlint.engine import Opinion, merge_opinions, opinion
from pgflexlint.evaluate.evaluator import Evaluator
from pgflexlint.evaluate.visited import Visited
from pgflexlint.gone import Gone
from pgflexlint.normalize.assemble import outputs_matter, wanted, worked_out
from pgflexlint.outcome import coverage, exit_code, presentable
from pgflexlint.problem import Problem
from pgflexlint.report import Compared, Doubts, Finding, Report
from pgflexlint.resource import Deployment
from pgflexlint.rule import Rule
from pgflexlint.schedule import Names, in_processes, processes
from pgflexlint.settings import Settings
from pgflexlint.source import SourceFile
from pgflexlint.suppress import Allows, Ignore, Policy, Scope, current, ignores, may_allow, suppress
from pgflexlint.survey import SOURCES, Survey, Watch

Root: TypeAlias = tuple[Evaluator, str]
"""An evaluator, and the name of one of its roots."""


def evaluate(
    surveyed: Survey, settings: Settings, wanted: Callable[[str], bool] = wanted, visited: Visited | None = None
) -> Iterator[Deployment]:
    """Every deployment in a target, with the resources whose types are `wanted`. Adds to `visited` what it visits."""
    for evaluator, name in _in_turn(_evaluators(surveyed, settings, wanted), Visited() if visited is None else visited):
        yield from evaluator.of(name)


def _in_turn(evaluators: Iterable[Evaluator], visited: Visited) -> Iterator[Root]:
    """Every root of some evaluators. The caller evaluates each before it takes the next. Adds to `visited`."""
    for evaluator in evaluators:
        evaluator.visited.evaluated |= visited.evaluated  # such as templates that Terraform deploys
        for name in evaluator.in_turn():
            yield evaluator, name
        visited.update(evaluator.visited)


def _evaluators(surveyed: Survey, settings: Settings, wanted: Callable[[str], bool]) -> list[Evaluator]:
    """The evaluators that have something to evaluate, prepared. Others are not imported."""
    seeds, inputs, parameters = surveyed.target.seeds, settings.inputs, settings.parameter_files
    evaluators: list[Evaluator] = []
    if surveyed.terraform.relevant:
        from pgflexlint.evaluate.terraform.roots import TerraformEvaluator  # noqa: PLC0415 - see above

        terraform = TerraformEvaluator(
            surveyed.terraform,
            wanted,
            inputs,
            seeds,
            settings.scenarios,
            outputs_matter=outputs_matter,
            worked_out=worked_out,
        )
        evaluators.append(terraform)
    if surveyed.templates.relevant or parameters:
        from pgflexlint.evaluate.template.roots import TemplateEvaluator  # noqa: PLC0415 - see above

        templates = TemplateEvaluator(
            surveyed.templates,
            parameters,
            seeds,
            settings.scenarios,
            outputs_matter=outputs_matter,
            may_be_deployed=surveyed.terraform.may_deploy,
        )
        evaluators.append(templates)
    for evaluator in evaluators:
        evaluator.prepare()
    return evaluators


def assess(
    surveyed: Survey, rules: Sequence[Rule], all_rules: Sequence[Rule], settings: Settings, watch: Watch
) -> Report:
    """Evaluate everything that can matter and judge it with `rules`. `all_rules` are those that exist."""
    target = surveyed.target
    today = settings.as_of or datetime.now(UTC).date()
    policy = Policy(today, settings.require_reason)
    counting, refused = current(settings.allows if settings.ignores else (), policy)
    allows = Allows(counting)
    opinions, visited = _opinions(surveyed, settings, rules, watch)
    judgement = merge_opinions(opinions, all_rules, allows.covering)
    problems = [*surveyed.problems, *visited.problems, *judgement.problems]
    own = frozenset(target.directories)
    findings = [_adapted(finding, own, settings) for finding in judgement.findings]
    ran = frozenset(rule.id for rule in rules)
    found, remarks = _ignores(visited, all_rules, settings, policy)
    scope = Scope(ran, _files(target, visited, findings) if counting else (), visited.inputs)
    standing, allowed, unused = suppress(findings, judgement.doubts, found, allows, scope)
    remarks = [
        each
        for each in (*remarks, *refused, *unused)
        if not each.path.endswith(SOURCES) or posixpath.dirname(each.path) in own
    ]
    elsewhere = 0
    if target.seeds:
        every = len(standing)
        standing, allowed, remarks = _touching_seeds(target.seeds, standing, allowed, remarks)
        elsewhere = every - len(standing)
    compared = None
    if settings.baseline is not None:
        gone = partial(Gone, target, judgement, problems, settings)
        standing, known, compared = _against_baseline(standing, settings.baseline, ran, gone)
        allowed += known
    shown, secrets = presentable([*problems, *remarks], judgement.secrets)
    return Report(
        findings=tuple(sorted(standing, key=lambda finding: finding.sort_key)),
        doubts=Doubts(judgement.doubts, secrets),
        problems=shown,
        suppressed=tuple(sorted(allowed, key=lambda finding: finding.sort_key)),
        rules=rules,
        coverage=coverage(surveyed, problems, visited, judgement),
        secrets=secrets,
        exit_code=1 if settings.strict_ignores and remarks else exit_code(standing, shown, settings),
        baseline=compared,
        elsewhere=elsewhere,
    )


def _touching_seeds(
    seeds: frozenset[str], standing: list[Finding], allowed: list[Finding], remarks: list[Problem]
) -> tuple[list[Finding], list[Finding], list[Problem]]:
    """The findings and remarks that touch the files that the user named. Remarks on the configuration stay."""
    return (
        [finding for finding in standing if finding.touches(seeds)],
        [finding for finding in allowed if finding.touches(seeds)],
        [each for each in remarks if each.path in seeds or not each.path.endswith(SOURCES)],
    )


def _against_baseline(
    standing: Iterable[Finding], baseline: Baseline, ran: frozenset[str], make_gone: Callable[[], Gone]
) -> tuple[list[Finding], list[Finding], Compared]:
    """The new findings, the known ones, and the comparison as the report shows it. `ran` are the ids of the rules."""
    new, known, missing = compare(standing, baseline)
    gone = make_gone() if missing else None
    fixed = tuple(entry for entry in missing if gone and entry.rule in ran and gone.holds(entry))
    return new, known, Compared(baseline.path, len(known), fixed)


def _adapted(finding: Finding, own: frozenset[str], settings: Settings) -> Finding:
    """A finding with the level that the user sets, and without its edit if the file is not the user's own."""
    level, edit = settings.levels.get(finding.rule.id, finding.level), finding.edit
    if edit is not None and posixpath.dirname(finding.span.file.path) not in own:
        edit = None
    changed = level is not finding.level or edit is not finding.edit
    return replace(finding, level=level, edit=edit) if changed else finding


def _opinions(
    surveyed: Survey, settings: Settings, rules: Sequence[Rule], watch: Watch
) -> tuple[list[Opinion], Visited]:
    """What the rules say of each deployment, and what was visited for it.

    If it pays, several processes evaluate the roots: no root depends on another one. The opinions come in the order of
    the roots, as from one process. A module that turns out to have no caller is evaluated here, afterwards.
    """
    options, seeds = _options(rules, settings), frozenset(surveyed.target.seeds)
    evaluators = _evaluators(surveyed, settings, wanted)

    def judge_root(root: Root) -> list[Opinion]:
        evaluator, name = root
        return [opinion(each, rules, options, seeds) for each in evaluator.of(name)]

    roots = [(each, name) for each in evaluators for name in each.roots]

    def watch_roots(done: int) -> None:
        watch("Judging", min(done, len(roots)), len(roots))

    number = processes(settings.jobs, len(roots), surveyed.size)
    done = _in_parallel(number, roots, judge_root, _Shared(surveyed, rules), watch_roots) if number > 1 else {}
    found: list[Opinion] = []
    all_visited = Visited()
    for at, root in enumerate(_in_turn(evaluators, all_visited)):
        if root in done:
            found += done.pop(root)
        else:
            watch_roots(at)
            found += judge_root(root)
    return found, all_visited


def _in_parallel(
    number: int,
    roots: Sequence[Root],
    judge_root: Callable[[Root], list[Opinion]],
    shared: _Shared,
    watch: Callable[[int], None],
) -> dict[Root, list[Opinion]]:
    """The opinions about each root, from `number` processes. What these visited goes to the evaluators of this one."""
    evaluators = list(dict.fromkeys(evaluator for evaluator, _ in roots))
    read = shared.workspace.read_paths
    read_before = frozenset(read)

    def take_visited() -> tuple[list[Visited], set[str]]:
        own = [each.visited.without(lambda comment: not may_allow(comment)) for each in evaluators]
        return own, read - read_before

    opinions, told = in_processes(
        number, roots, judge_root, take_visited, names=shared.names, lookup=shared.lookup, watch=watch
    )
    for of_one, read_by_one in told:
        read |= read_by_one
        for evaluator, each in zip(evaluators, of_one, strict=True):
            evaluator.visited.update(each)
    return dict(zip(roots, opinions, strict=True))


class _Shared:
    """Names of source files and rules. Every process has these objects, so that a process sends only their names."""

    def __init__(self, surveyed: Survey, rules: Sequence[Rule]) -> None:
        self.workspace = surveyed.target.workspace
        self._rules = {rule.id: rule for rule in rules}
        self.names: Names = {SourceFile: self._name_of_file, Rule: lambda rule: ("rule", rule.id)}

    def _name_of_file(self, file: SourceFile) -> tuple[str, str] | None:
        read = self.workspace.read(file.path)
        if read is None or read is file:
            return ("file", file.path) if read else None
        return ("emptied", file.path) if read.emptied is file else None

    def lookup(self, name: tuple[str, str]) -> object:
        """The source file or rule that has a name."""
        kind, of = name
        if kind == "rule":
            return self._rules[of]
        read = self.workspace.read(of)
        return read.emptied if read is not None and kind == "emptied" else read


def _options(rules: Sequence[Rule], settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """The options of each rule. `--as-of` overrides the configuration."""
    if settings.as_of is None:
        return settings.options
    dated = [rule.id for rule in rules if any(option.name == "as_of" for option in rule.options)]
    return {**settings.options, **{id_: {**settings.options.get(id_, {}), "as_of": settings.as_of} for id_ in dated}}


def _ignores(
    visited: Visited, all_rules: Sequence[Rule], settings: Settings, policy: Policy
) -> tuple[list[Ignore], list[Problem]]:
    if not settings.ignores:
        return [], []
    comments = (comment for _, of_one in sorted(visited.comments.items()) for comment in of_one)
    return ignores(comments, all_rules, policy)


def _files(target: Target, visited: Visited, findings: Iterable[Finding]) -> set[str]:
    """The files of the target, those that were parsed, and those in which something was found."""
    listed = {path for directory in target.directories for path in target.workspace.files(directory)}
    return listed | visited.analysed | {finding.span.file.path for finding in findings}
