"""One run from beginning to end: a target and rules in, a report out."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pgflexlint.baseline import Baseline, compare
from pgflexlint.discover import Target
from pgflexlint.engine import Judgement, judge
from pgflexlint.evaluate.scenarios import Scenario
from pgflexlint.evaluate.template.roots import Templates
from pgflexlint.evaluate.terraform.inputs import Given
from pgflexlint.evaluate.terraform.roots import Estate
from pgflexlint.normalize.assemble import outputs_matter, wanted
from pgflexlint.problem import Kind, Problem
from pgflexlint.report import Compared, Coverage, Finding, Report
from pgflexlint.resource import Deployment, Gap
from pgflexlint.rule import Level, Rule
from pgflexlint.suppress import Allow, Ignore, Policy, current, ignores, suppress

WORDS = ("postgres", "postgre-sql", "opensourcerelationaldatabases")
"""A file in which none of these occurs, in any case, declares nothing that is looked at: they are in the names of
azurerm's resources, of ARM's resource types, of the modules that are judged by their tables, of the `postgresql`
provider's resources, in connection strings, and in the name of the Defender plan."""

SOURCES = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".bicep", ".bicepparam", ".json", ".jsonc")
"""How the files end that may hold Terraform, Bicep or ARM JSON, or values for them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asks for, apart from the paths."""

    fail_on: Level | None = Level.WARNING
    """The mildest level that costs the clean exit code; None for never."""
    inputs: tuple[Given, ...] = ()
    """Variables and variable files for Terraform, in order."""
    parameter_files: tuple[str, ...] = ()
    """Parameter files of Bicep and ARM that were asked for; those beside a template count where this is empty."""
    scenarios: tuple[Scenario, ...] = ()
    """The sets of inputs that roots are deployed with. Where variable or parameter files are asked for, these count
    alone."""
    ignores: bool = True
    """Inline ignores and `allows` count."""
    require_reason: bool = False
    """Inline ignores without a reason do not count."""
    strict_ignores: bool = False
    """Remarks on what allows nothing cost the clean exit code."""
    allows: tuple[Allow, ...] = ()
    """What the configuration allows."""
    as_of: date | None = None
    """The day for which it is judged what is allowed until a day, and rules that have an option `as_of`; None for what
    is set of these, and for today (UTC)."""
    baseline: Baseline | None = None
    """Findings that are known."""
    levels: Mapping[str, Level] = field(default_factory=dict)
    """Levels of findings by the ids of their rules, whatever the rule says."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is set of a rule, by its id and the name of the option."""


class Evaluated(NamedTuple):
    """The sources of a target, evaluated."""

    estate: Estate
    templates: Templates
    deployments: list[Deployment]


def evaluate(target: Target, settings: Settings, wanted: Callable[[str], bool] = wanted) -> Evaluated:
    """Every deployment in the target, with the resources whose types are `wanted`."""
    estate = Estate(target.workspace, target.directories, _matters, outputs_matter)
    templates = Templates(target.workspace, target.directories, _matters, target.workspace.root, outputs_matter)
    scenarios = settings.scenarios
    of_terraform = () if any(each.kind == "file" for each in settings.inputs) else scenarios
    of_templates = () if settings.parameter_files else scenarios
    deployments = [
        *estate.deployments(wanted, settings.inputs, target.seeds, of_terraform),
        *templates.deployments(settings.parameter_files, target.seeds, of_templates),
    ]
    return Evaluated(estate, templates, deployments)


def analyze(target: Target, rules: Sequence[Rule], known: Sequence[Rule], settings: Settings) -> Report:
    """Look at everything in the target. `known` are all rules that there are, of which `rules` run."""
    estate, templates, deployments = evaluated = evaluate(target, settings)
    judgement = judge(deployments, rules, _options(rules, settings))
    problems = [*target.workspace.problems, *estate.problems, *templates.problems, *judgement.problems]
    own = frozenset(target.directories)
    findings = [
        replace(
            finding,
            level=settings.levels.get(finding.rule.id, finding.level),
            # What was downloaded is not the user's to change.
            edit=finding.edit if posixpath.dirname(finding.span.file.path) in own else None,
        )
        for finding in judgement.findings
    ]
    today = settings.as_of or datetime.now(UTC).date()
    ran = frozenset(rule.id for rule in rules)
    found, remarks = _ignores(evaluated, known, settings, today)
    allows, expired = current(settings.allows if settings.ignores else (), today)
    standing, allowed, unused = suppress(findings, judgement.doubts, found, allows, ran)
    remarks += [*expired, *unused]
    if target.seeds:
        standing, allowed = (
            [finding for finding in some if _touches(finding, target.seeds)] for some in (standing, allowed)
        )
        remarks = [each for each in remarks if each.path in target.seeds or not each.path.endswith(SOURCES)]
    compared = None
    if settings.baseline is not None:
        standing, known_already, fixed = compare(standing, settings.baseline)
        allowed += known_already
        compared = Compared(
            settings.baseline.path,
            len(known_already),
            tuple(entry for entry in fixed if entry.rule in ran and _is_judged(entry.path, target, problems)),
        )
    shown = _in_order([*problems, *remarks])
    secrets = judgement.secrets.with_unread(each.span for each in shown if each.span and each.kind is Kind.LIMIT)
    secrets = secrets.with_broken(each.span for each in shown if each.span and each.kind is Kind.SYNTAX)
    return Report(
        findings=tuple(sorted(standing, key=lambda finding: finding.sort_key)),
        doubts=tuple(
            replace(doubt, reason=secrets.about(doubt.span, doubt.reason))
            for doubt in sorted(
                judgement.doubts, key=lambda doubt: (doubt.span.file.path, doubt.span.start, doubt.rule.id)
            )
        ),
        problems=tuple(
            replace(each, message=secrets.about(each.span, each.message), hint=secrets.about(each.span, each.hint))
            for each in shown
        ),
        suppressed=tuple(sorted(allowed, key=lambda finding: finding.sort_key)),
        rules=tuple(rules),
        coverage=_coverage(target, evaluated, problems, judgement, len(rules)),
        secrets=secrets,
        exit_code=_exit_code(standing, shown, settings, strict=settings.strict_ignores and bool(remarks)),
        baseline=compared,
    )


def _options(rules: Sequence[Rule], settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """What is set of each rule; a day that is asked for counts for more."""
    if settings.as_of is None:
        return settings.options
    dated = [rule.id for rule in rules if any(option.name == "as_of" for option in rule.options)]
    return {**settings.options, **{id_: {**settings.options.get(id_, {}), "as_of": settings.as_of} for id_ in dated}}


def _ignores(
    evaluated: Evaluated, known: Sequence[Rule], settings: Settings, today: date
) -> tuple[list[Ignore], list[Problem]]:
    if not settings.ignores:
        return [], []
    comments = [
        (comment.text, comment.span) for document in evaluated.estate.documents for comment in document.comments
    ]
    comments += evaluated.templates.comments
    return ignores(comments, known, Policy(today, settings.require_reason))


def _matters(text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in WORDS)


def _touches(finding: Finding, seeds: frozenset[str]) -> bool:
    """Whether any place that a finding speaks of is in one of the named files."""
    places = (finding.span, *(step.span for step in finding.trace), *(related.span for related in finding.related))
    return any(span.file.path in seeds for span in places)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    unique = {(each.path, each.span.start if each.span else -1, each.message): each for each in problems}
    return tuple(problem for _, problem in sorted(unique.items(), key=lambda item: item[0]))


def _is_judged(path: str, target: Target, problems: Sequence[Problem]) -> bool:
    """Whether all findings of a file would be known: it is covered, and nothing beside it could not be looked at."""
    directory = posixpath.dirname(path)
    broken = any(posixpath.dirname(problem.path) == directory for problem in problems if not problem.warning_only)
    return target.covers(path) and not broken


def _coverage(
    target: Target, evaluated: Evaluated, problems: Sequence[Problem], judgement: Judgement, rules: int
) -> Coverage:
    estate, templates, deployments = evaluated
    seen = {path for directory in target.directories for path in target.workspace.files(directory)}
    seen = {path for path in seen if path.endswith(SOURCES)}
    analysed = (estate.analysed | templates.analysed) & seen
    unread = {problem.path for problem in problems if problem.kind is Kind.UNREADABLE}
    broken = {problem.path for problem in problems if problem.kind is Kind.SYNTAX}
    reasons = (
        (unread, "cannot be read"),
        (broken - analysed, "not valid in their language"),
        (templates.twins, "compiled from the Bicep file beside it"),
        (templates.strangers, "JSON that is no ARM template"),
        ({path for path in seen if path.endswith((".tfvars", ".tfvars.json"))}, "values that no root is given"),
        (seen, "nothing to do with PostgreSQL"),
    )
    left: dict[str, tuple[str, ...]] = {}
    rest = seen - analysed
    for paths, reason in reasons:
        if rest & paths:
            left[reason] = tuple(sorted(rest & paths))
            rest -= paths
    if excluded := {path for path in target.workspace.excluded if path.endswith(SOURCES)}:
        left["excluded"] = tuple(sorted(excluded))
    return Coverage(
        files=target.workspace.read_count,
        seen=len(seen | excluded),
        analysed=len(analysed),
        left=left,
        roots=len({deployment.root for deployment in deployments}),
        scenarios=len(deployments),
        servers=judgement.servers,
        rules=rules,
        skipped=_skipped([*(gap for each in deployments for gap in each.gaps), *judgement.gaps], estate, templates),
    )


def _skipped(gaps: Sequence[Gap], estate: Estate, templates: Templates) -> dict[str, int]:
    """What was not looked at without that being a problem."""
    remote = {gap.reason.span for gap in gaps if gap.elsewhere}
    return {
        "modules that are not on disk": len(remote),
        "modules that are called but deployed zero times": len(estate.not_deployed),
        "compiled templates beside their Bicep source": len(templates.twins),
    }


def _exit_code(findings: Sequence[Finding], problems: Sequence[Problem], settings: Settings, *, strict: bool) -> int:
    """0 clean, 1 findings or remarks that count, 3 something could not be looked at."""
    fail_on = settings.fail_on
    if strict or (fail_on is not None and any(finding.level.rank <= fail_on.rank for finding in findings)):
        return 1
    return 3 if any(not problem.warning_only for problem in problems) else 0
