"""From a survey to a report: what can matter is evaluated and judged."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from msgspec.structs import replace

from pgflexlint.baseline import compare
from pgflexlint.discover import Target
from pgflexlint.engine import Judgement, Opinion, opinion, together
from pgflexlint.evaluate.evaluator import Evaluator
from pgflexlint.evaluate.looked import Looked
from pgflexlint.normalize.assemble import outputs_matter, wanted, worked_out
from pgflexlint.problem import Kind, Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Compared, Coverage, Doubts, Entry, Finding, Report
from pgflexlint.resource import Deployment
from pgflexlint.rule import Rule
from pgflexlint.schedule import Names, in_processes, processes
from pgflexlint.seen import Deployed
from pgflexlint.settings import Settings
from pgflexlint.source import SourceFile, UnreadableError
from pgflexlint.suppress import Allows, Ignore, Policy, Scope, current, ignores, may_allow, suppress
from pgflexlint.survey import SKIPPED, SOURCES, Survey, Watch, left, sources


def evaluate(
    surveyed: Survey, settings: Settings, wanted: Callable[[str], bool] = wanted, looked: Looked | None = None
) -> Iterator[Deployment]:
    """Every deployment in a target, with the resources whose types are `wanted`; `looked` takes what was looked at."""
    looked = Looked() if looked is None else looked
    for evaluator in _evaluators(surveyed, settings, wanted):
        evaluator.looked.evaluated |= looked.evaluated
        yield from evaluator.deployments()
        looked.update(evaluator.looked)


def _evaluators(surveyed: Survey, settings: Settings, wanted: Callable[[str], bool]) -> Iterator[Evaluator]:
    """Those that there is something for; no other is loaded."""
    seeds, inputs, parameters = surveyed.target.seeds, settings.inputs, settings.parameter_files
    if surveyed.terraform.relevant:
        from pgflexlint.evaluate.terraform.roots import Estate  # noqa: PLC0415 - see above

        scenarios = () if any(each.kind == "file" for each in inputs) else settings.scenarios
        yield Estate(
            surveyed.terraform,
            wanted,
            inputs,
            seeds,
            scenarios,
            outputs_matter=outputs_matter,
            worked_out=worked_out,
        )
    if surveyed.templates.relevant or parameters:
        from pgflexlint.evaluate.template.roots import Templates  # noqa: PLC0415 - see above

        scenarios = () if parameters else settings.scenarios
        yield Templates(
            surveyed.templates,
            parameters,
            seeds,
            scenarios,
            outputs_matter=outputs_matter,
            may_be_deployed=surveyed.terraform.may_deploy,
        )


def assess(surveyed: Survey, rules: Sequence[Rule], known: Sequence[Rule], settings: Settings, watch: Watch) -> Report:
    """Look at everything that can matter. `known` are all rules that there are, of which `rules` run."""
    target = surveyed.target
    today = settings.as_of or datetime.now(UTC).date()
    policy = Policy(today, settings.require_reason)
    counting, refused = current(settings.allows if settings.ignores else (), policy)
    allows = Allows(counting)
    opinions, looked = _opinions(surveyed, settings, rules, watch)
    judgement = together(opinions, known, allows.covering)
    problems = [*surveyed.problems, *looked.problems, *judgement.problems]
    own = frozenset(target.directories)
    findings = [_adapted(finding, own, settings) for finding in judgement.findings]
    ran = frozenset(rule.id for rule in rules)
    found, remarks = _ignores(looked, known, settings, policy)
    scope = Scope(ran, _files(target, looked, findings) if counting else (), looked.inputs)
    standing, allowed, unused = suppress(findings, judgement.doubts, found, allows, scope)
    remarks += [*refused, *unused]
    remarks = [each for each in remarks if not each.path.endswith(SOURCES) or posixpath.dirname(each.path) in own]
    every = len(standing)
    if target.seeds:
        standing, allowed = (
            [finding for finding in some if finding.touches(target.seeds)] for some in (standing, allowed)
        )
        remarks = [each for each in remarks if each.path in target.seeds or not each.path.endswith(SOURCES)]
    elsewhere = every - len(standing)
    compared = None
    if settings.baseline is not None:
        standing, known_already, missing = compare(standing, settings.baseline)
        allowed += known_already
        gone = _Gone(target, judgement, problems, settings) if missing else None
        compared = Compared(
            settings.baseline.path,
            len(known_already),
            tuple(entry for entry in missing if gone and entry.rule in ran and gone.holds(entry)),
        )
    shown, secrets = presentable([*problems, *remarks], judgement.secrets)
    return Report(
        findings=tuple(sorted(standing, key=lambda finding: finding.sort_key)),
        doubts=Doubts(judgement.doubts, secrets),
        problems=shown,
        suppressed=tuple(sorted(allowed, key=lambda finding: finding.sort_key)),
        rules=rules,
        coverage=_coverage(surveyed, looked, problems, judgement),
        secrets=secrets,
        exit_code=_exit_code(standing, shown, settings, strict=settings.strict_ignores and bool(remarks)),
        baseline=compared,
        elsewhere=elsewhere,
    )


def _adapted(finding: Finding, own: frozenset[str], settings: Settings) -> Finding:
    """A finding with the level that the user gives it, and no edit of what was downloaded and is not theirs."""
    level, edit = settings.levels.get(finding.rule.id, finding.level), finding.edit
    if edit is not None and posixpath.dirname(finding.span.file.path) not in own:
        edit = None
    changed = level is not finding.level or edit is not finding.edit
    return replace(finding, level=level, edit=edit) if changed else finding


def _opinions(
    surveyed: Survey, settings: Settings, rules: Sequence[Rule], watch: Watch
) -> tuple[list[Opinion], Looked]:
    """What the rules say of each deployment, and what was looked at for it.

    Roots do not depend on one another, so they may be evaluated in several processes; what comes of them is put
    together in their order, so that it is the same. What turns out to be a root only then comes after them.
    """
    options, named = _options(rules, settings), frozenset(surveyed.target.seeds)
    evaluators = list(_evaluators(surveyed, settings, wanted))
    for evaluator in evaluators:
        evaluator.prepare()

    def opinions(root: tuple[Evaluator, str]) -> list[Opinion]:
        evaluator, name = root
        return [opinion(each, rules, options, named) for each in evaluator.of(name)]

    def looked() -> list[Looked]:
        return [each.looked.without(lambda comment: not may_allow(comment)) for each in evaluators]

    roots = [(each, name) for each in evaluators for name in each.roots]
    number = processes(settings.jobs, len(roots), surveyed.size)
    done: list[list[Opinion]] = []
    if number > 1:
        shared = _Shared(surveyed, rules)
        done, told = in_processes(
            number,
            roots,
            opinions,
            looked,
            names=shared.names,
            named=shared.named,
            watch=lambda at: watch("Judging", at, len(roots)),
        )
        for of_one in told:
            for evaluator, each in zip(evaluators, of_one, strict=True):
                evaluator.looked.update(each)
    else:
        for at, root in enumerate(roots):
            watch("Judging", at, len(roots))
            done.append(opinions(root))
    all_opinions: list[Opinion] = []
    all_looked = Looked()
    of_roots = iter(done)
    for evaluator in evaluators:
        for of_root in islice(of_roots, len(evaluator.roots)):
            all_opinions += of_root
        evaluator.looked.evaluated |= all_looked.evaluated  # such as templates that Terraform deploys
        for name in evaluator.remaining():
            all_opinions += opinions((evaluator, name))
        evaluator.conclude()
        all_looked.update(evaluator.looked)
    return all_opinions, all_looked


class _Shared:
    """What every process has anyhow: the sources and the rules. It goes by its name from one to another."""

    def __init__(self, surveyed: Survey, rules: Sequence[Rule]) -> None:
        self._read = surveyed.target.workspace.read
        self._rules = {rule.id: rule for rule in rules}
        self.names: Names = {SourceFile: self._name_of_file, Rule: lambda rule: ("rule", rule.id)}

    def _name_of_file(self, file: SourceFile) -> tuple[str, str] | None:
        read = self._read(file.path)
        if read is None or read is file:
            return ("file", file.path) if read else None
        return ("emptied", file.path) if read.emptied is file else None

    def named(self, name: tuple[str, str]) -> object:
        """What has a name."""
        kind, of = name
        if kind == "rule":
            return self._rules[of]
        read = self._read(of)
        return read.emptied if read is not None and kind == "emptied" else read


def _options(rules: Sequence[Rule], settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """What is set of each rule; a day that is asked for counts for more."""
    if settings.as_of is None:
        return settings.options
    dated = [rule.id for rule in rules if any(option.name == "as_of" for option in rule.options)]
    return {**settings.options, **{id_: {**settings.options.get(id_, {}), "as_of": settings.as_of} for id_ in dated}}


def _ignores(
    looked: Looked, known: Sequence[Rule], settings: Settings, policy: Policy
) -> tuple[list[Ignore], list[Problem]]:
    if not settings.ignores:
        return [], []
    comments = (comment for _, of_one in sorted(looked.comments.items()) for comment in of_one)
    return ignores(comments, known, policy)


def _files(target: Target, looked: Looked, findings: Iterable[Finding]) -> set[str]:
    """All files that are looked at, and those beyond in which something was found."""
    listed = {path for directory in target.directories for path in target.workspace.files(directory)}
    return listed | looked.analysed | {finding.span.file.path for finding in findings}


def presentable(problems: Sequence[Problem], secrets: Redactor) -> tuple[tuple[Problem, ...], Redactor]:
    """Problems in order and without what they quote of hidden source, and what hides the lines that they are about."""
    ordered = _in_order(problems)
    secrets = secrets.with_unread(each.span for each in ordered if each.span and each.kind is Kind.LIMIT)
    secrets = secrets.with_broken(each.span for each in ordered if each.span and each.kind is Kind.SYNTAX)
    shown = (replace(each, message=secrets.about(each.span, each.message, each.names)) for each in ordered)
    return tuple(shown), secrets


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    unique = {(each.path, each.span.start if each.span else -1, each.message): each for each in problems}
    return tuple(problem for _, problem in sorted(unique.items(), key=lambda item: item[0]))


class _Gone:
    """What is there no more: a run has looked at all that it depends on, and it was decided."""

    def __init__(self, target: Target, judgement: Judgement, problems: Sequence[Problem], settings: Settings) -> None:
        self._target = target
        self._settings = settings
        self._seen = judgement.seen.shown(judgement.secrets.text)
        self._broken = {posixpath.dirname(problem.path) for problem in problems if not problem.warning_only}
        self._left_out = {path for paths in target.workspace.unlisted.values() for path in paths}

    def holds(self, entry: Entry) -> bool:
        """Whether a finding that was not found is there no more."""
        seen, root, deployed = self._seen, entry.root, Deployed(entry.root, entry.inputs)
        folder = posixpath.dirname(root) if root.endswith(SOURCES) else root
        if not (self._covered(entry) and seen.decided(deployed, entry.address, entry.rule)):
            return False
        if (deployed, entry.address) in seen.owners:
            return self._broken.isdisjoint((folder, posixpath.dirname(entry.path)))
        # Its resource is not there. What was not looked at may declare it, unless the root itself did.
        own = folder == posixpath.dirname(entry.path)
        return not self._broken and (own or deployed not in seen.gaps)

    def _covered(self, entry: Entry) -> bool:
        if self._target.seeds and not self._target.covers(entry.path):
            return False
        if any(deployed.root == entry.root for deployed in self._seen.deployed):
            return Deployed(entry.root, entry.inputs) in self._seen.deployed or self._without(entry)
        return self._target.below(entry.root) and not (self._is_left_out(entry.root) or self._is_left_out(entry.path))

    def _without(self, entry: Entry) -> bool:
        """Whether a root that was evaluated is deployed with some inputs no more.

        The command line may give inputs, and leave out others.
        """
        is_template = entry.root.endswith(SOURCES)
        if self._settings.parameter_files if is_template else self._settings.inputs:
            return False
        return not any(name.startswith("--var ") or self._is_file(name) for name in entry.inputs.split(", ") if name)

    def _is_file(self, path: str) -> bool:
        try:
            return self._target.workspace.read(path) is not None
        except UnreadableError:
            return True

    def _is_left_out(self, path: str) -> bool:
        above = [path[:at] for at, character in enumerate(path, 1) if character == "/"]
        return not self._left_out.isdisjoint((path, f"{path}/", *above))


def _coverage(surveyed: Survey, looked: Looked, problems: Sequence[Problem], judgement: Judgement) -> Coverage:
    seen = sources(surveyed.target)
    analysed = looked.analysed & seen
    not_deployed = looked.dismissed - looked.evaluated  # directories of Terraform, files of templates
    idle = {path for path in seen if path in not_deployed or posixpath.dirname(path) in not_deployed}
    more = (
        (looked.twins, "compiled from the Bicep file beside it"),
        (idle, "in modules that are deployed zero times"),
    )
    relevant = surveyed.terraform.relevant | (surveyed.templates.relevant - surveyed.templates.parameters)
    unlisted = surveyed.target.workspace.unlisted
    return Coverage(
        files=surveyed.target.workspace.read_count,
        seen=len(seen.union(*({path for path in each if path.endswith(SOURCES)} for each in unlisted.values()))),
        analysed=len(analysed),
        left=left(seen, analysed, problems, surveyed, more),
        roots=judgement.roots,
        scenarios=judgement.scenarios,
        servers=judgement.servers,
        skipped=dict(
            zip(
                SKIPPED,
                (judgement.elsewhere, len(not_deployed & relevant), len(looked.twins)),
                strict=True,
            )
        ),
    )


def _exit_code(findings: Sequence[Finding], problems: Sequence[Problem], settings: Settings, *, strict: bool) -> int:
    """0 clean, 1 findings or remarks that count, 3 something could not be looked at."""
    fail_on = settings.fail_on
    if strict or (fail_on is not None and any(finding.level.rank <= fail_on.rank for finding in findings)):
        return 1
    return 3 if any(not problem.warning_only for problem in problems) else 0
