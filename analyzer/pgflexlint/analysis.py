"""One run from beginning to end: a target and rules in, a report out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pgflexlint.discover import Target
from pgflexlint.engine import judge
from pgflexlint.evaluate.template.roots import Templates
from pgflexlint.evaluate.terraform.inputs import Given
from pgflexlint.evaluate.terraform.roots import Estate
from pgflexlint.normalize.assemble import outputs_matter, wanted
from pgflexlint.problem import Kind, Problem
from pgflexlint.report import Coverage, Finding, Report
from pgflexlint.resource import Gap
from pgflexlint.rule import Level, Rule
from pgflexlint.suppress import ignores, suppress

WORDS = ("postgres", "postgre-sql", "opensourcerelationaldatabases")
"""A file in which none of these occurs, in any case, declares nothing that is looked at: they are in the names of
azurerm's resources, of ARM's resource types, of the modules that are judged by their tables, of the `postgresql`
provider's resources, in connection strings, and in the name of the Defender plan."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asks for, apart from the paths."""

    fail_on: Level | None = Level.WARNING
    """The mildest level that costs the clean exit code; None for never."""
    inputs: tuple[Given, ...] = ()
    """Variables and variable files for Terraform, in order."""
    parameter_files: tuple[str, ...] = ()
    """Parameter files of Bicep and ARM that were asked for; those beside a template count where this is empty."""
    ignores: bool = True
    """Inline ignores count."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is set of a rule, by its id and the name of the option."""
    as_of: date | None = None
    """The day for which rules are judged that have an option `as_of`; None for what is set of them, or today."""


def analyze(target: Target, rules: Sequence[Rule], known: Sequence[Rule], settings: Settings) -> Report:
    """Look at everything in the target. `known` are all rules that there are, of which `rules` run."""
    estate = Estate(target.workspace, target.directories, _matters, outputs_matter)
    templates = Templates(target.workspace, target.directories, _matters, target.workspace.root, outputs_matter)
    deployments = [
        *estate.deployments(wanted, settings.inputs, target.seeds),
        *templates.deployments(settings.parameter_files, target.seeds),
    ]
    judgement = judge(deployments, rules, _options(rules, settings))
    comments = [(comment.text, comment.span) for document in estate.documents for comment in document.comments]
    comments += templates.comments
    found, remarks = ignores(comments, known) if settings.ignores else ([], [])
    ran = {rule.id for rule in rules}
    standing, allowed, unused = suppress(judgement.findings, [each for each in found if each.rules <= ran])
    if target.seeds:
        standing = [finding for finding in standing if _touches(finding, target.seeds)]
        unused = [problem for problem in unused if problem.path in target.seeds]
    problems = _in_order(
        [*target.workspace.problems, *estate.problems, *templates.problems, *judgement.problems, *remarks, *unused]
    )
    secrets = judgement.secrets.with_unread(each.span for each in problems if each.span and each.kind is Kind.LIMIT)
    secrets = secrets.with_broken(each.span for each in problems if each.span and each.kind is Kind.SYNTAX)
    coverage = Coverage(
        files=target.workspace.read_count,
        roots=len(deployments),
        servers=judgement.servers,
        rules=len(rules),
        skipped=_skipped([*(gap for each in deployments for gap in each.gaps), *judgement.gaps], estate, templates),
    )
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
            for each in problems
        ),
        suppressed=tuple(sorted(allowed, key=lambda finding: finding.sort_key)),
        rules=tuple(rules),
        coverage=coverage,
        secrets=secrets,
        exit_code=_exit_code(standing, problems, settings.fail_on),
    )


def _options(rules: Sequence[Rule], settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """What is set of each rule; a day that is asked for counts for more."""
    if settings.as_of is None:
        return settings.options
    dated = [rule.id for rule in rules if any(option.name == "as_of" for option in rule.options)]
    return {**settings.options, **{id_: {**settings.options.get(id_, {}), "as_of": settings.as_of} for id_ in dated}}


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


def _skipped(gaps: Sequence[Gap], estate: Estate, templates: Templates) -> dict[str, int]:
    """What was not looked at without that being a problem."""
    remote = {gap.reason.span for gap in gaps if gap.elsewhere}
    return {
        "modules that are not on disk": len(remote),
        "modules that are called but deployed zero times": len(estate.not_deployed),
        "compiled templates beside their Bicep source": templates.twins,
    }


def _exit_code(findings: Sequence[Finding], problems: Sequence[Problem], fail_on: Level | None) -> int:
    """0 clean, 1 findings, 3 something could not be looked at."""
    if fail_on is not None and any(finding.level.rank <= fail_on.rank for finding in findings):
        return 1
    return 3 if any(not problem.warning_only for problem in problems) else 0
