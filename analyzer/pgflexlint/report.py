"""The report of one run: findings, doubts, problems, and how much was looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, overload

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.source import Span

if TYPE_CHECKING:
    from pgflexlint.judged import Deployed
    from pgflexlint.level import Level
    from pgflexlint.problem import Problem
    from pgflexlint.redaction.redactor import Redactor
    from pgflexlint.resource import Language
    from pgflexlint.rule import Related, Rule
    from pgflexlint.values import Step


NAME_REACH = 200
"""How many characters in front of a value are searched for its name."""
_NAME = compiled(r"([\w-]+)\W*$")


class By(Enum):
    """What allows a finding. The value is its name in JSON."""

    COMMENT = "comment"
    CONFIGURATION = "configuration"
    BASELINE = "baseline"


class Allowance(NamedTuple):
    """Why a finding does not count."""

    by: By
    reason: str
    at: Span | str
    """Where the allowance is written: a place, or only the path of the file."""


class Edit(Struct, frozen=True):
    """A change of the source that fixes a finding."""

    span: Span
    """What is replaced."""
    text: str


class Case(NamedTuple):
    """One resource that has a finding, in one deployment."""

    deployed: Deployed
    address: str
    """Of the resource, in the deployment."""
    evidence: tuple[str, ...] = ()
    """What tells it apart from other findings of its rule: the address, the arguments of the message, and values that
    the message does not quote, such as the whole firewall rule. Secrets of its own deployment are redacted."""
    trace: tuple[Step, ...] = ()
    """The steps of the value, from where it was written to just before the place of the finding."""


class Finding(Struct, frozen=True):
    """Something wrong in the user's infrastructure."""

    rule: Rule
    level: Level
    message: str
    """A key of the rule's messages."""
    arguments: tuple[str, ...]
    span: Span
    """Where the resource sets the value; if nothing sets it, the header of the resource."""
    cases: tuple[Case, ...]
    """The resources that have it, with each set of inputs that leads to it. Outputs show the first one."""
    language: Language
    missing: bool
    """Nothing sets the value: the span is a header."""
    declaration: str
    """The resource within its module, as in `Part.declaration`."""
    instance: str = ""
    """The same with its index."""
    as_arm: bool = False
    """The place to fix is an ARM body inside the language, as in azapi."""
    nth: tuple[int, int] = (1, 1)
    """The number of its place among the places with the same `setting`, and its own number at that place, from 1."""
    related: tuple[Related, ...] = ()
    scenarios: tuple[str, ...] = ()
    """The sets of inputs that lead to it, or the root if its inputs have no name; empty if all of them do."""
    files: frozenset[str] = frozenset()
    """The files on the traces of the value, with all inputs and all callers; and the files that the user named, if the
    finding depends on them."""
    allowance: Allowance | None = None
    """Of a suppressed finding: what allows it."""
    edit: Edit | None = None
    """A change that fixes it; None if no safe one is known."""

    @property
    def text(self) -> str:
        """The message with its arguments."""
        return self.rule.messages[self.message].format(*self.arguments)

    @property
    def fix(self) -> str:
        """What to write instead."""
        return self.rule.fix(self.language, as_arm=self.as_arm)

    @property
    def justification(self) -> str:
        """Of a suppressed finding: the reason that was given."""
        return self.allowance.reason if self.allowance else ""

    def touches(self, files: frozenset[str]) -> bool:
        """Whether the finding shows a place in one of some files, or depends on one of them."""
        places = (self.span, *(related.span for related in self.related))
        return not files.isdisjoint(self.files) or any(span.file.path in files for span in places)

    @property
    def address(self) -> str:
        """The address of the resource that outputs show."""
        return self.cases[0].address

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of all resources that have it, each once."""
        return tuple(dict.fromkeys(case.address for case in self.cases))

    @property
    def trace(self) -> tuple[Step, ...]:
        """The trace of the value of the resource that outputs show, as in `Case.trace`."""
        return self.cases[0].trace

    @property
    def setting(self) -> tuple[str, str, str, str]:
        """The rule, the file, the declaration and the setting. The line and the callers do not matter.

        The setting is the last word in front of its value; it is "" for a finding at a header.
        """
        file = self.span.file
        start = file.line_starts[self.span.first_line - 1]
        name = _NAME.search(file.text, max(start, self.span.start - NAME_REACH), self.span.start)
        return self.rule.id, file.path, self.declaration, name[1] if name else ""

    @property
    def place_id(self) -> str:
        """Identifies the place of the finding, in SARIF: the rule, a colon, and a hash of 16 hexadecimal digits.

        It stays the same when the place moves inside its file, and does not depend on who calls the module. Rules that
        find something at the same place have the same hash.
        """
        return self._at_place(self.nth[0])

    @property
    def finding_id(self) -> str:
        """Identifies the finding, in JSON and GitLab: as `place_id`, and apart for different findings there."""
        return self._at_place(*self.nth)

    def _at_place(self, *nth: int) -> str:
        numbers = nth if max(nth) > 1 else ()
        rule, *place = self.setting
        return f"{rule}:{_digest(*place, *map(str, numbers))[:16]}"

    def baseline_keys(self) -> Iterator[tuple[Case, str]]:
        """The key of each case in a baseline: a SHA-256 in hexadecimal digits.

        It hashes the message and the evidence, so that a finding with another value is a new one. It contains no secret
        of its deployment, and does not depend on what else is scanned.
        """
        for case in self.cases:
            root, inputs = case.deployed
            more = (f"inputs={inputs}",) if inputs else ()
            yield case, _digest(self.rule.id, self.span.file.path, root, self.message, *case.evidence, *more)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """By place, then rule, then resource."""
        return (self.span.file.path, self.span.start, self.span.end, self.rule.id, self.text, self.address)


def _digest(*parts: str) -> str:
    import hashlib  # noqa: PLC0415 - slow to load, and only some outputs identify findings

    return hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def numbered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with `nth` set: those with the same `setting` are numbered in the order of their places."""
    groups: dict[object, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.setting].append(finding)
    return [finding for group in groups.values() for finding in (_told_apart(group) if len(group) > 1 else group)]


def _told_apart(group: list[Finding]) -> Iterator[Finding]:
    places = groupby(sorted(group, key=lambda finding: finding.sort_key), key=lambda finding: finding.span)
    for place, (_, found) in enumerate(places, 1):
        numbers: dict[object, int] = {}
        for finding in found:  # equal ones share a number: some of them may be allowed
            said = finding.level, finding.message, finding.arguments, finding.instance
            yield replace(finding, nth=(place, numbers.setdefault(said, len(numbers) + 1)))


class Doubt(Struct, frozen=True):
    """A rule that is undecided about a resource."""

    rule: Rule
    address: str
    reason: str
    """A clause that completes "because …"."""
    span: Span
    trace: tuple[Step, ...] = ()


class Coverage(Struct, frozen=True):
    """How much was scanned."""

    files: int = 0
    """How many files were read."""
    seen: int = 0
    """How many files may be Terraform, Bicep or ARM JSON, or give values to them."""
    analysed: int = 0
    """How many of these were parsed."""
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The files that were not parsed, by the reason, such as "nothing to do with PostgreSQL"."""
    roots: int = 0
    """How many roots were evaluated."""
    scenarios: int = 0
    """How many deployments there are: each root with each of its sets of inputs."""
    servers: int = 0
    """How many declared flexible servers were judged."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many things were left out on purpose, by what they are, such as "modules that are not on disk"."""


class Entry(NamedTuple):
    """One entry of a baseline: `number` findings with the same key. Entries are sorted as in the file."""

    path: str
    rule: str
    address: str
    """Without secrets."""
    root: str
    """As in `Deployment.root`."""
    inputs: str
    """As in `Deployment.inputs`, without secrets."""
    key: str
    """One of `Finding.baseline_keys`."""
    number: int

    @property
    def text(self) -> str:
        """The entry as outputs show it."""
        several = f", {self.number:,} times" if self.number > 1 else ""
        inputs = f" (with {self.inputs})" if self.inputs else ""
        return f"{self.path}: {self.rule} [{self.address}]{inputs}{several}"


class Compared(NamedTuple):
    """The findings compared with a baseline."""

    path: str
    known: int
    """How many suppressed findings are in the baseline."""
    fixed: tuple[Entry, ...]
    """The entries of the baseline that are fixed."""


class Report(Struct, frozen=True):
    """The outcome of a run; every output renders this and nothing else."""

    findings: tuple[Finding, ...]
    doubts: Sequence[Doubt]
    problems: tuple[Problem, ...]
    suppressed: tuple[Finding, ...]
    rules: Sequence[Rule]
    """The rules that ran, in the order of their ids."""
    coverage: Coverage
    secrets: Redactor
    exit_code: int = 0
    baseline: Compared | None = None
    """None where there is no baseline."""
    elsewhere: int = 0
    """How many findings are left out because they touch none of the files that the user named."""

    @property
    def by_place(self) -> list[Finding]:
        """The findings sorted by file and place."""
        return sorted(self.findings, key=lambda finding: finding.sort_key)

    @property
    def by_reason(self) -> list[list[Doubt]]:
        """The doubts, grouped by reason and place, in their order."""
        groups: dict[object, list[Doubt]] = {}
        for doubt in self.doubts:
            groups.setdefault((doubt.span, doubt.reason, doubt.trace), []).append(doubt)
        return list(groups.values())


class Doubts(Sequence[Doubt]):
    """Doubts, sorted. A reason is redacted only when it is read, because few runs show doubts."""

    def __init__(self, doubts: Iterable[Doubt], secrets: Redactor) -> None:
        self._doubts = sorted(doubts, key=lambda doubt: (doubt.span.file.path, doubt.span.start, doubt.rule.id))
        self._secrets = secrets

    def __len__(self) -> int:
        return len(self._doubts)

    @overload
    def __getitem__(self, index: int) -> Doubt: ...
    @overload
    def __getitem__(self, index: slice) -> list[Doubt]: ...
    def __getitem__(self, index: int | slice) -> Doubt | list[Doubt]:
        if isinstance(index, slice):
            return [self._shown(doubt) for doubt in self._doubts[index]]
        return self._shown(self._doubts[index])

    def _shown(self, doubt: Doubt) -> Doubt:
        return replace(doubt, reason=self._secrets.about(doubt.span, doubt.reason))
