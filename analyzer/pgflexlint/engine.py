"""Runs the rules: `opinion` judges one deployment, and `merge_opinions` merges what several deployments have in common.

A rule yields `Fail` and `Undecided`; they become a `Finding` and a `Doubt`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.edits import Receivers, edit
from pgflexlint.evidence import evidence
from pgflexlint.judged import Deployed, Judged
from pgflexlint.model import Part, Parts, Server
from pgflexlint.normalize.assemble import assemble
from pgflexlint.problem import Kind, Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Case, Doubt, Finding, numbered
from pgflexlint.resource import Deployment, Gap
from pgflexlint.rule import Fail, Related, Rule, Undecided
from pgflexlint.secret_collector import SecretCollector, Secrets
from pgflexlint.source import Span
from pgflexlint.values import Known, Origin, files_of

_LEFT_ALONE = "This ignores later changes: change an existing resource by hand."
_CALLED = "The module is called here."
_OWN = f"{_LEFT_ALONE} {_CALLED} resource module variable parameter output default value true false null none"
"""Words of our own sentences and of the languages. A secret that is spelled the same is not redacted in them."""


def _prose(rules: Iterable[Rule]) -> str:
    """All sentences that some rules may show."""
    said = ((*rule.messages.values(), rule.fix_terraform, rule.fix_template, rule.why, rule.summary) for rule in rules)
    return "\n".join((_OWN, *chain.from_iterable(said)))


class Opinion(Struct):
    """What the rules say of one deployment."""

    deployed: Deployed
    scenario: str
    findings: list[Finding] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    servers: set[str] = field(default_factory=set)
    """The addresses of the servers that the sources deploy."""
    secrets: Secrets = field(default_factory=Secrets)
    elsewhere: set[Span] = field(default_factory=set)
    """The calls of published modules that are not on disk."""
    receivers: Receivers = field(default_factory=Receivers)
    judged: Judged = field(default_factory=Judged)

    def tell(self, told: Problem | Gap) -> None:
        """Add a problem or a gap."""
        if isinstance(told, Problem):
            self.problems.append(told)
        else:
            self.take(told)

    def take(self, gap: Gap) -> None:
        """Add something that was not evaluated."""
        self.judged.gaps.add(self.deployed)
        if gap.elsewhere:
            self.elsewhere.add(gap.reason.span)


class Judgement(Struct):
    """What the rules say of all deployments together."""

    findings: list[Finding]
    doubts: list[Doubt]
    problems: list[Problem]
    roots: int
    scenarios: int
    """How many deployments they are: each root with each of its sets of inputs."""
    servers: int
    """How many servers that the sources deploy were judged, each once however many scenarios it is in."""
    secrets: Redactor
    elsewhere: int
    """How many calls of published modules there are that are not on disk."""
    judged: Judged


def opinion(
    deployment: Deployment,
    rules: Sequence[Rule],
    options: Mapping[str, Mapping[str, Any]],
    seeds: frozenset[str] = frozenset(),
) -> Opinion:
    """Run every rule on every part of a deployment that it is about.

    `options` are the options that are set, by the id of the rule and the name of the option. `seeds` are the files that
    the user named: a finding that depends on them has them among its files.
    """
    deployed = Deployed(deployment.root, deployment.inputs)
    told = Opinion(deployed, deployment.scenario, problems=list(deployment.problems))
    parts = assemble(deployment, told.tell)
    secrets = SecretCollector()
    _collect(deployment, parts, told, secrets)
    for part, outcome in _judged(deployed, parts, rules, options, told.problems):
        secrets.add_trace(outcome.span, outcome.trace)
        if isinstance(outcome, Finding):
            told.findings.append(outcome)
        else:
            told.doubts.append(outcome)
            about = {part.address, outcome.address}
            told.judged.undecided |= {(deployed, address, outcome.rule.id) for address in about}
    told.secrets = secrets.found
    told.findings = list(_redacted(told.findings, secrets.found))
    if not all(finding.touches(seeds) for finding in told.findings if seeds):
        told.findings = list(_touching(told.findings, deployment, options, seeds))
    return told


def _collect(deployment: Deployment, parts: Sequence[Part], told: Opinion, secrets: SecretCollector) -> None:
    """Collect what a deployment and its parts give before any rule runs: secrets, gaps, servers and addresses."""
    told.judged.deployed.add(told.deployed)
    for gap in deployment.gaps:
        told.take(gap)
    for resource in deployment.resources:
        for name, value in resource.attributes.items():
            secrets.add_named(name, value)
    for part in parts:
        secrets.add(part)
        told.receivers.add(deployment.root, part)
        told.judged.add(told.deployed, part.address)
        secrets.add_name(part)
        for member in _members(part):
            secrets.add_name(member)
            told.judged.add(told.deployed, member.address, part.address)
        if isinstance(part, Server) and part.declared:
            told.servers.add(part.address)


def _redacted(findings: Iterable[Finding], own: Secrets) -> Iterator[Finding]:
    """Findings with their complete evidence, without the secrets of their own deployment.

    Baseline keys hash the evidence, so it must not depend on other deployments or on which rules run.
    """
    secrets = own.redactor(_OWN)
    for finding in findings:
        [case] = finding.cases
        redacted = _without_quoted_secrets(finding, secrets, own.names)
        complete = (secrets.text(case.address), *redacted.arguments, *map(secrets.value, case.evidence))
        yield replace(finding, cases=(case._replace(evidence=complete),))


def _without_quoted_secrets(finding: Finding, secrets: Redactor, names: Collection[str]) -> Finding:
    """A finding whose message quotes no secret. A name is redacted as in addresses, any other value as a value."""
    if not secrets.knows_values:
        return finding
    said = tuple(secrets.text(each) if each in names else secrets.value(each) for each in finding.arguments)
    return finding if said == finding.arguments else replace(finding, arguments=said)


def _judged(
    deployed: Deployed,
    parts: Sequence[Part],
    rules: Sequence[Rule],
    options: Mapping[str, Mapping[str, Any]],
    problems: list[Problem],
) -> Iterator[tuple[Part, Finding | Doubt]]:
    """The outcomes of every rule on every part that it is about."""
    for rule in rules:
        for part in parts:
            if isinstance(part, rule.subject):
                for outcome in _outcomes(deployed, rule, part, options.get(rule.id, {}), problems):
                    yield part, outcome


def _touching(
    findings: list[Finding],
    deployment: Deployment,
    options: Mapping[str, Mapping[str, Any]],
    seeds: frozenset[str],
) -> Iterator[Finding]:
    """Findings, with the seeds among the files of each finding that depends on them.

    A finding depends on the seeds if it is not found without them: a rule may use more values than it reports.
    """
    from pgflexlint.counterfactual import decide_updates, without_files  # noqa: PLC0415 - few runs name files

    if decide_updates(deployment, seeds):
        yield from (replace(finding, files=finding.files | seeds) for finding in findings)
        return
    rest = without_files(deployment, seeds)
    deployed = Deployed(rest.root, rest.inputs)
    rules = tuple({finding.rule.id: finding.rule for finding in findings if not finding.touches(seeds)}.values())
    still = {
        (outcome.address, _identity(outcome))
        for _, outcome in _judged(deployed, assemble(rest), rules, options, [])
        if isinstance(outcome, Finding)
    }
    for finding in findings:
        hangs = not finding.touches(seeds) and (finding.address, _identity(finding)) not in still
        yield replace(finding, files=finding.files | seeds) if hangs else finding


def merge_opinions(
    opinions: Iterable[Opinion], rules: Sequence[Rule], allowing: Callable[[Finding], Iterable[object]] = lambda _: ()
) -> Judgement:
    """Merge opinions: equal findings of several deployments become one, and so do equal doubts.

    A secret that is also a word in a sentence of `rules` is not redacted there. `allowing` gives the comments and
    entries that allow a finding: findings are merged only if the same ones allow them.
    """
    receivers = Receivers()
    scenarios: dict[str, set[str]] = defaultdict(set)
    found: dict[object, list[tuple[Opinion, Finding]]] = defaultdict(list)
    doubts: dict[object, Doubt] = {}
    problems: list[Problem] = []
    servers: set[tuple[str, str]] = set()
    secrets = Secrets()
    elsewhere: set[Span] = set()
    judged = Judged()
    number = 0
    for each in opinions:
        number += 1
        scenarios[each.deployed.root].add(each.scenario)
        problems += each.problems
        elsewhere |= each.elsewhere
        receivers.update(each.receivers)
        judged.update(each.judged)
        servers |= {(each.deployed.root, address) for address in each.servers}
        secrets.update(each.secrets)
        for finding in each.findings:
            found[_identity(finding), *map(id, allowing(finding))].append((each, finding))
        for doubt in each.doubts:
            doubts.setdefault((doubt.rule.id, doubt.span, doubt.reason), doubt)
    for group in found.values():
        receivers.mend((opinion.deployed.root, finding) for opinion, finding in group)
    redactor = secrets.redactor(_prose(rules))
    findings = numbered(receivers.safe(_merged(group, scenarios)) for group in found.values())
    return Judgement(
        [_without_quoted_secrets(each, redactor, secrets.names) for each in findings],
        list(doubts.values()),
        problems,
        len(scenarios),
        number,
        len(servers),
        redactor,
        len(elsewhere),
        judged,
    )


def judge(
    deployments: Iterable[Deployment], rules: Sequence[Rule], options: Mapping[str, Mapping[str, Any]]
) -> Judgement:
    """Run every rule on every part of every deployment that it is about."""
    return merge_opinions((opinion(each, rules, options) for each in deployments), rules)


def _outcomes(
    deployed: Deployed, rule: Rule, part: Part, options: Mapping[str, Any], problems: list[Problem]
) -> Iterator[Finding | Doubt]:
    """The outcomes of one rule on one part. If the rule raises anything, that is a problem; other rules go on."""
    try:
        verdicts = list(rule.judge(part, options))
    except Exception as error:  # noqa: BLE001 - said to the user as a problem
        message = f"Rule {rule.id} crashed on '{part.label}' ({type(error).__name__})."
        hint = "This is a bug in pgflexlint: please report it. The other rules were not affected."
        problems.append(Problem(Kind.RULE, message, part.header.file.path, part.header, hint))
        return
    for verdict in verdicts:
        match verdict:
            case Undecided(why):
                yield Doubt(rule, part.address, why.reason, why.span, why.trace)
            case Fail(part=of):
                about = of or part
                doubt = part.maybe or about.maybe
                if doubt is None or rule.about_source:
                    yield _finding(deployed, rule, part, verdict)
                else:  # It may not exist: then nothing is wrong.
                    yield Doubt(rule, about.address, doubt.reason, doubt.span, doubt.trace)


def _members(part: Part) -> Iterator[Part]:
    """The parts that belong to another one."""
    for name in part.__struct_fields__:
        members = getattr(part, name)
        if isinstance(members, Parts):
            yield from members


def _finding(deployed: Deployed, rule: Rule, subject: Part, fail: Fail) -> Finding:
    part = fail.part or subject
    at = fail.at
    span, trace = (at, ()) if isinstance(at, Span) else (at.span, at.trace)
    alone = tuple(Related(by, _LEFT_ALONE) for written, by in part.left_alone if written.holds(span))
    calls = tuple(Related(call, _CALLED) for call in part.calls)
    return Finding(
        rule=rule,
        level=fail.level or rule.level,
        message=fail.message,
        arguments=fail.arguments,
        span=span,
        cases=(Case(deployed, part.address, evidence(rule, subject, fail), trace),),
        language=part.language,
        as_arm=any(written.holds(span) for written in part.as_arm),
        declaration=part.declaration,
        instance=part.address.removeprefix(part.module),
        missing=isinstance(at, Span) or (isinstance(at, Known) and at.origin is Origin.DEFAULT),
        files=files_of(trace),
        related=tuple(dict.fromkeys((*fail.related, *alone, *calls))),
        edit=edit(fail),
    )


def _identity(finding: Finding) -> object:
    """Findings with the same identity are merged: they say the same of one resource, whoever calls its module."""
    return (finding.rule.id, finding.span, finding.message, finding.arguments, finding.level, finding.instance)


def _merged(group: list[tuple[Opinion, Finding]], scenarios: dict[str, set[str]]) -> Finding:
    opinion, first = group[0]
    if len(group) == 1 and len(scenarios[opinion.deployed.root]) == 1:
        return first
    related = tuple(dict.fromkeys(related for _, finding in group for related in finding.related))
    under = {(opinion.deployed.root, opinion.scenario) for opinion, _ in group}
    everywhere = all((root, name) in under for root in {root for root, _ in under} for name in scenarios[root])
    names = () if everywhere else tuple(sorted({name or root or "." for root, name in under}))
    cases: dict[Case, Case] = {}
    for case in (case for _, finding in group for case in finding.cases):
        cases.setdefault(case._replace(trace=()), case)
    files = frozenset[str]().union(*(finding.files for _, finding in group))
    return replace(first, related=related, scenarios=names, cases=tuple(cases.values()), files=files)
