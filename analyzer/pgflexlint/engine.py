"""Rules on parts of the model: every rule on every subject that it is about, and what they agree on said once."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.edits import Receivers, edit
from pgflexlint.evaluate.names import written
from pgflexlint.evidence import evidence
from pgflexlint.lazily import compiled
from pgflexlint.literals import (
    NO_EXPRESSION,
    bare,
    is_no_secret,
    is_option,
    literals,
    named,
    refers,
    says_so,
    told_by_others,
)
from pgflexlint.model import KeyVaultSecret, Part, Parts, Server, uncounted
from pgflexlint.normalize.assemble import assemble
from pgflexlint.problem import Kind, Problem
from pgflexlint.report import Case, Doubt, Finding, Redactor, Texts, is_no_word, numbered
from pgflexlint.resource import Deployment, Gap
from pgflexlint.rule import Fail, Related, Rule, Undecided
from pgflexlint.seen import Deployed, Seen
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Origin, Step, Unknown, Value, files_of

_MAY_SAY_SO = compiled(r"[=:']|--|\$\$")
_IDENTIFIER = compiled(r"[A-Za-z_][\w-]*")
_ENDS = compiled(r"[;&\s\"'\\]+")


_LEFT_ALONE = "This leaves a later change alone: what is there already has to be changed by hand."
_CALLED = "The module is called here."
_OWN = f"{_LEFT_ALONE} {_CALLED} resource module variable parameter output default value true false null none"
"""Words that are said of whatever is found, and those of the languages."""


def _prose(rule: Rule) -> str:
    """All that is said of what a rule finds."""
    return "\n".join((*rule.messages.values(), rule.fix_terraform, rule.fix_template, rule.why, rule.summary))


class Secrets(NamedTuple):
    """What is secret."""

    values: set[str]
    spans: set[Span]
    """Where it is written."""
    names: set[str]
    """Addresses and what stands for them in sentences. But for their keys they are said whatever is secret."""

    def redactor(self, rules: Iterable[Rule] = ()) -> Redactor:
        """What hides it all. A word of the rules' own sentences, or of a name, is hidden only in literals.

        To hide the word "password" in "The administrator password" would tell what the password is.
        """
        said = Texts(self.values).within("\n".join((_OWN, *map(_prose, rules)))) if self.values else frozenset()
        names = "\n".join(sorted(map(uncounted, self.names))) if self.values else ""
        said |= Texts(filter(_IDENTIFIER.fullmatch, self.values)).within(names)
        words = frozenset(value for value in self.values if value.strip() in said)
        spans = sorted(self.spans, key=lambda span: (span.file.path, span.start, span.end))
        return Redactor(frozenset(self.values) - words, tuple(spans), words=words)


class Opinion(Struct):
    """What the rules have to say of one deployment."""

    deployed: Deployed
    scenario: str
    findings: list[Finding] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    servers: set[str] = field(default_factory=set)
    """The addresses of the servers that the sources deploy."""
    secrets: Secrets = field(default_factory=lambda: Secrets(set(), set(), set()))
    elsewhere: set[Span] = field(default_factory=set)
    """Where modules are named that are published elsewhere and were not looked at."""
    receivers: Receivers = field(default_factory=Receivers)
    seen: Seen = field(default_factory=Seen)

    def tell(self, told: Problem | Gap) -> None:
        """Keep what could not be looked at."""
        if isinstance(told, Problem):
            self.problems.append(told)
        else:
            self.take(told)

    def take(self, gap: Gap) -> None:
        """Keep that something was not looked at."""
        self.seen.gaps.add(self.deployed)
        if gap.elsewhere:
            self.elsewhere.add(gap.reason.span)


class Judgement(Struct):
    """What the rules have to say of all deployments together."""

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
    """How many modules that are published elsewhere were not looked at."""
    seen: Seen


def opinion(
    deployment: Deployment,
    rules: Sequence[Rule],
    options: Mapping[str, Mapping[str, Any]],
    named: frozenset[str] = frozenset(),
) -> Opinion:
    """Every rule on every subject in a deployment. `options`: what is set of a rule, by its id and the name.

    `named` are the files of which it matters whether a finding touches them.
    """
    deployed = Deployed(deployment.root, deployment.inputs)
    told = Opinion(deployed, deployment.scenario, problems=list(deployment.problems))
    told.seen.deployed.add(deployed)
    for gap in deployment.gaps:
        told.take(gap)
    parts = assemble(deployment, told.tell)
    secrets = _Secrets()
    for resource in deployment.resources:
        for name, value in resource.attributes.items():
            secrets.add_named(name, value)
    for part in parts:
        secrets.add(part)
        told.receivers.add(deployment.root, part)
        told.seen.add(deployed, part.address)
        secrets.add_name(part)
        for member in _members(part):
            secrets.add_name(member)
            told.seen.add(deployed, member.address, part.address)
        if isinstance(part, Server) and part.declared:
            told.servers.add(part.address)
    for part, outcome in _judged(parts, rules, options, told.problems):
        secrets.add_way(outcome.span, outcome.trace)
        if isinstance(outcome, Finding):
            told.findings.append(outcome)
        else:
            told.doubts.append(outcome)
            about = {part.address, outcome.address}
            told.seen.undecided |= {(deployed, address, outcome.rule.id) for address in about}
    told.secrets = secrets.found
    told.findings = list(_veiled(told.findings, secrets.found))
    if not all(finding.touches(named) for finding in told.findings if named):
        told.findings = list(_touching(told.findings, deployment, options, named))
    return told


def _veiled(findings: Iterable[Finding], own: Secrets) -> Iterator[Finding]:
    """Findings whose evidence is whole and without the secrets of their own deployment.

    It is what they are known by: the secrets of other deployments must not matter, nor must which rules run.
    """
    secrets = own.redactor()
    for finding in findings:
        veiled = _quoted(finding, secrets, own.names)
        evidence = (secrets.text(finding.address), *veiled.arguments, *map(secrets.value, finding.evidence))
        yield replace(finding, evidence=evidence)


def _quoted(finding: Finding, secrets: Redactor, names: Collection[str]) -> Finding:
    """A finding whose message quotes nothing that is secret; what something is called is quoted as in addresses."""
    if not secrets.knows_values:
        return finding
    said = tuple(secrets.text(each) if each in names else secrets.value(each) for each in finding.arguments)
    return finding if said == finding.arguments else replace(finding, arguments=said)


def _judged(
    parts: Sequence[Part], rules: Sequence[Rule], options: Mapping[str, Mapping[str, Any]], problems: list[Problem]
) -> Iterator[tuple[Part, Finding | Doubt]]:
    """What every rule says of every part that is its subject."""
    for rule in rules:
        for part in parts:
            if isinstance(part, rule.subject):
                for outcome in _outcomes(rule, part, options.get(rule.id, {}), problems):
                    yield part, outcome


def _touching(
    findings: list[Finding],
    deployment: Deployment,
    options: Mapping[str, Mapping[str, Any]],
    named: frozenset[str],
) -> Iterator[Finding]:
    """Findings with the named files among theirs where they are not found without what is said there.

    A value that a rule looks at need not be the one that it finds fault with.
    """
    from pgflexlint.unsaid import updates, without  # noqa: PLC0415 - few runs name files

    if updates(deployment, named):
        yield from (replace(finding, files=finding.files | named) for finding in findings)
        return
    rest = without(deployment, named)
    rules = tuple({finding.rule.id: finding.rule for finding in findings if not finding.touches(named)}.values())
    still = {
        (outcome.address, _identity(outcome))
        for _, outcome in _judged(assemble(rest), rules, options, [])
        if isinstance(outcome, Finding)
    }
    for finding in findings:
        hangs = not finding.touches(named) and (finding.address, _identity(finding)) not in still
        yield replace(finding, files=finding.files | named) if hangs else finding


def together(
    opinions: Iterable[Opinion], rules: Sequence[Rule], allowing: Callable[[Finding], Iterable[object]] = lambda _: ()
) -> Judgement:
    """What several deployments agree on is said once. Their order decides which of equal things is kept.

    What is a word in the sentences of `rules` is not hidden there. `allowing` tells what allows a finding, so that of
    several resources some may be allowed and others not.
    """
    receivers = Receivers()
    scenarios: dict[str, set[str]] = defaultdict(set)
    found: dict[object, list[tuple[Opinion, Finding]]] = defaultdict(list)
    doubts: dict[object, Doubt] = {}
    problems: list[Problem] = []
    servers: set[tuple[str, str]] = set()
    secrets = Secrets(set(), set(), set())
    elsewhere: set[Span] = set()
    seen = Seen()
    number = 0
    for each in opinions:
        number += 1
        scenarios[each.deployed.root].add(each.scenario)
        problems += each.problems
        elsewhere |= each.elsewhere
        receivers.update(each.receivers)
        seen.update(each.seen)
        servers |= {(each.deployed.root, address) for address in each.servers}
        secrets.values.update(each.secrets.values)
        secrets.spans.update(each.secrets.spans)
        secrets.names.update(each.secrets.names)
        for finding in each.findings:
            found[_identity(finding), *map(id, allowing(finding))].append((each, finding))
        for doubt in each.doubts:
            doubts.setdefault((doubt.rule.id, doubt.span, doubt.reason), doubt)
    for group in found.values():
        receivers.mend((opinion.deployed.root, finding) for opinion, finding in group)
    redactor = secrets.redactor(rules)
    findings = numbered(receivers.safe(_merged(group, scenarios)) for group in found.values())
    return Judgement(
        [_quoted(each, redactor, secrets.names) for each in findings],
        list(doubts.values()),
        problems,
        len(scenarios),
        number,
        len(servers),
        redactor,
        len(elsewhere),
        seen,
    )


def judge(
    deployments: Iterable[Deployment], rules: Sequence[Rule], options: Mapping[str, Mapping[str, Any]]
) -> Judgement:
    """Every rule on every subject in every deployment."""
    return together((opinion(each, rules, options) for each in deployments), rules)


def _outcomes(rule: Rule, part: Part, options: Mapping[str, Any], problems: list[Problem]) -> Iterator[Finding | Doubt]:
    """The verdicts of one rule on one part. The only broad `except` there is: a rule that raises costs only itself."""
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
                    yield _finding(rule, part, verdict)
                else:  # What may not exist at all is not known to be wrong.
                    yield Doubt(rule, about.address, doubt.reason, doubt.span, doubt.trace)


def _members(part: Part) -> Iterator[Part]:
    """The parts that belong to another one."""
    for name in part.__struct_fields__:
        members = getattr(part, name)
        if isinstance(members, Parts):
            yield from members


def _finding(rule: Rule, subject: Part, fail: Fail) -> Finding:
    part = fail.part or subject
    at = fail.at
    span = at if isinstance(at, Span) else at.span
    alone = tuple(Related(by, _LEFT_ALONE) for written, by in part.left_alone if written.holds(span))
    calls = tuple(Related(call, _CALLED) for call in part.calls)
    return Finding(
        rule=rule,
        level=fail.level or rule.level,
        message=fail.message,
        arguments=fail.arguments,
        span=span,
        address=part.address,
        language=part.language,
        as_arm=any(written.holds(span) for written in part.as_arm),
        declaration=part.declaration,
        instance=part.address.removeprefix(part.module),
        missing=isinstance(at, Span) or (isinstance(at, Known) and at.origin is Origin.DEFAULT),
        trace=() if isinstance(at, Span) else at.trace,
        files=frozenset() if isinstance(at, Span) else files_of(at.trace),
        related=(*fail.related, *alone, *calls),
        edit=edit(fail),
        evidence=evidence(rule, subject, fail),
    )


def _identity(finding: Finding) -> object:
    """Findings that say the same of one resource of a module are one, through whichever caller they came."""
    return (finding.rule.id, finding.span, finding.message, finding.arguments, finding.level, finding.instance)


def _merged(group: list[tuple[Opinion, Finding]], scenarios: dict[str, set[str]]) -> Finding:
    first = group[0][1]
    related = tuple(dict.fromkeys(related for _, finding in group for related in finding.related))
    under = {(opinion.deployed.root, opinion.scenario) for opinion, _ in group}
    everywhere = all((root, name) in under for root in {root for root, _ in under} for name in scenarios[root])
    names = () if everywhere else tuple(sorted(name for _, name in under))
    cases: dict[Case, Case] = {}
    for opinion, finding in group:
        case = Case(opinion.deployed, finding.address, finding.evidence)
        cases.setdefault(case, case._replace(trace=finding.trace))
    files = frozenset[str]().union(*(finding.files for _, finding in group))
    subjects = tuple(dict.fromkeys((case.deployed.root, case.address) for case in cases))
    every = tuple(cases.values())
    return replace(first, related=related, scenarios=names, subjects=subjects, cases=every, files=files)


def _is_values_only(file: SourceFile) -> bool:
    return file.path.endswith((".tfvars", ".tfvars.json"))


def _narrowed(literal: Span, texts: Collection[str]) -> list[tuple[int, int]]:
    """Where all of a password's texts stand in a literal that holds more; else the whole of it."""
    text, start, end = literal.file.text, literal.start, literal.end
    if not texts or not all(len(each) >= Redactor.SHORTEST and text.find(each, start, end) >= 0 for each in texts):
        return [(start, end)]
    found = re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True)))).finditer(text, start, end)
    return [place.span() for place in found]


class _Secrets:
    """Collects what is secret in parts of the model and where it is written."""

    def __init__(self) -> None:
        self.found = Secrets(set(), set(), set())
        self._values, self._spans, self._names = self.found
        self._seen: dict[tuple[int, bool], object] = {}
        """The lists and objects that were looked through, by their identity and whether they are secret."""

    def add(self, part: Part) -> None:
        """Take the secrets of a part, those that it only may have included."""
        match part:
            case KeyVaultSecret(value=value):
                for known in (value,) if isinstance(value, Known) else (*value.candidates, *value.some):
                    self._add_written(known)
                    if isinstance(known.value, str) and is_no_word(known.value):
                        self._values.add(known.value)
            case Server():
                for password in part.authentication.administrator_passwords:
                    self._add(password.value)
                for holder in (*part.roles, *part.providers, *part.connections):
                    self._add(holder.password)

    def add_name(self, part: Part) -> None:
        """Take what a part is called."""
        self._names.update((part.label, part.address))

    def add_named(self, name: str, value: Value[Any]) -> None:
        """Take what a name says to be secret, that of the value or one beside it, and what a text says itself.

        What several values share is looked through once.
        """
        todo = [(value, says_so(name))]
        while todo:
            each, secret = todo.pop()
            if isinstance(each, Unknown):
                todo += ((one, secret) for one in (*each.candidates, *each.some))
            elif isinstance(each.value, tuple | Mapping):
                todo += self._inside(each.value, secret=secret)
            else:
                self._add_scalar(each, secret=secret)

    def _inside(self, container: tuple[Any, ...] | Mapping[str, Any], *, secret: bool) -> Iterator[tuple[Any, bool]]:
        """What a list or object holds, each with whether it is secret, where that was not looked at yet."""
        held = written(container) if isinstance(container, Mapping) else container
        if (id(held), secret) in self._seen:
            return
        self._seen[id(held), secret] = held
        if isinstance(held, tuple):
            option = False
            for item in held:
                yield item, secret or option
                option = is_option(getattr(item, "value", None))
            return
        told = told_by_others(held, lambda member: getattr(member, "value", None))
        for key, member in held.items():
            yield member, (secret and not refers(key)) or key in told or says_so(key)

    def _add_scalar(self, value: Known[Any], *, secret: bool) -> None:
        match value:
            case Known(bool() | None):
                pass
            case Known() if secret and not is_no_secret(value.value):
                self._add_written(value)
                if is_no_word(str(value.value)):
                    self._values.add(str(value.value))
            case Known(str() as text) if _MAY_SAY_SO.search(text):
                self._add_said(value)

    def _add_said(self, value: Known[str]) -> None:
        """The secrets in a text, and where they were written before they came into it."""
        quoted = json.dumps(value.value, ensure_ascii=False)
        pieces = {quoted[start:end] for start, end in named(quoted)}
        pieces |= {piece for each in pieces for piece in _ENDS.split(each) if piece}
        self._values.update(filter(is_no_word, pieces))
        for step in value.trace if pieces else ():
            file, text = step.span.file, step.span.file.text
            for start, end in literals(text, step.span.start, step.span.end):
                written = text[start:end].strip("\"'")
                if len(written) >= Redactor.SHORTEST and any(written in piece for piece in pieces):
                    self._spans.add(Span(file, start, end))

    def add_way(self, span: Span, trace: tuple[Step, ...]) -> None:
        """Take what is written on a way that leads through an input that hides its values."""
        if any(step.secure for step in trace):
            for each in (span, *(step.span for step in trace)):
                self._spans.update(place for place in self._literals(each) if any(map(str.isalnum, place.text)))

    def _add(self, secret: Value[Any]) -> None:
        known = (secret,) if isinstance(secret, Known) else (*secret.candidates, *secret.some)
        for value in known:
            if isinstance(value.value, str) and value.value:
                self._values |= {value.value, b64encode(value.value.encode()).decode()}
        pieces = (*known, *(secret.parts if isinstance(secret, Unknown) else ()))
        texts = {each.value for each in pieces if isinstance(each, Known) and isinstance(each.value, str)} - {""}
        for source in (secret, *known):
            if not isinstance(source, Known) or source.value is not None:
                self._add_written(source, texts)
        if isinstance(secret, Unknown):
            self._add_pieces(secret)

    def _add_written(self, secret: Value[Any], texts: Collection[str] = ()) -> None:
        for span in (secret.span, *(step.span for step in secret.trace)):
            self._add_literals(span, texts)

    def _add_literals(self, span: Span, texts: Collection[str] = ()) -> None:
        """The strings in an expression that a password comes from, so that `join("", ["a", "b"])` hides its parts.

        Where the password stands in one of them as it is, with all its `texts`, the rest of that is shown.
        """
        for literal in self._literals(span):
            narrowed = _narrowed(literal, () if _is_values_only(span.file) else texts)
            self._spans.update(Span(span.file, *each) for each in narrowed)

    def _literals(self, span: Span) -> Iterator[Span]:
        """The strings in an expression, or what it is without quotes.

        Of an object it is one member, which has a place of its own; what is no expression is a header.
        """
        if _is_values_only(span.file):
            yield span  # there is nothing but values there, also where one has no quotes
        elif not NO_EXPRESSION.match(span.text):
            text, start, end = span.file.text, span.start, span.end
            found = (*literals(text, start, end), *bare(text, start, end))
            yield from (Span(span.file, *each) for each in found)

    def _add_pieces(self, password: Unknown) -> None:
        """The written pieces of a password of which only a part is known."""
        for piece in password.parts:
            if isinstance(piece, Known) and isinstance(piece.value, str) and len(piece.value) > 1:
                self._values.add(piece.value)
