"""What one run has to say: findings, what could not be told, what could not be looked at, and how much was seen."""

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
"""How far in front of a value, in characters, its name is looked for."""
_NAME = compiled(r"([\w-]+)\W*$")


class By(Enum):
    """What allows a finding; the value is the word for it in JSON."""

    COMMENT = "comment"
    CONFIGURATION = "configuration"
    BASELINE = "baseline"


class Allowance(NamedTuple):
    """Why a finding does not count."""

    by: By
    reason: str
    at: Span | str
    """Where that is written, or only the path of its file."""


class Edit(Struct, frozen=True):
    """A change of the source that mends a finding."""

    span: Span
    """What is replaced."""
    text: str


class Case(NamedTuple):
    """One resource of which a finding is true, with one set of inputs."""

    deployed: Deployed
    address: str
    evidence: tuple[str, ...]
    """As in `Finding.evidence`."""
    trace: tuple[Step, ...] = ()
    """The way of the value there, as in `Finding.trace`."""


class Finding(Struct, frozen=True):
    """Something wrong in the user's infrastructure."""

    rule: Rule
    level: Level
    message: str
    """A key of the rule's messages."""
    arguments: tuple[str, ...]
    span: Span
    """Where the platform receives the value, or the header of what lacks it."""
    address: str
    """The resource that it is about, by its address in the deployment."""
    language: Language
    missing: bool
    """Nothing is written: the span is a header."""
    declaration: str
    """The resource within its module, as in `Part.declaration`."""
    instance: str = ""
    """The same with its index."""
    as_arm: bool = False
    """What is to be mended is written as ARM inside the language."""
    nth: tuple[int, int] = (1, 1)
    """Which place it is of those with the same setting, and which finding there; both are counted from 1."""
    trace: tuple[Step, ...] = ()
    """The way of the value, first where it was written; ends before `span`."""
    related: tuple[Related, ...] = ()
    scenarios: tuple[str, ...] = ()
    """The inputs under which it holds, where it does not hold under all."""
    subjects: tuple[tuple[str, str], ...] = ()
    """All resources of which it is true in this place, through whichever callers: the root of each, as in
    `Deployment.root`, and the address there; the first is its own. Empty until findings are put together."""
    cases: tuple[Case, ...] = ()
    """The same one by one, with each set of inputs under which it holds."""
    files: frozenset[str] = frozenset()
    """The files on the ways of the value, under whichever inputs and through whichever callers; and of the named ones
    those without which nobody could tell that there is something wrong."""
    allowance: Allowance | None = None
    """Of a suppressed finding: what allows it."""
    edit: Edit | None = None
    """A change that mends it, where a safe one is known."""
    evidence: tuple[str, ...] = ()
    """What makes it what it is on its own resource: its address, what is said, and the values that are not named, such
    as the whole of a firewall rule; without what is secret in its own deployment."""

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
        """Whether one of some files has a place that the finding shows, or is one that the finding depends on."""
        places = (self.span, *(related.span for related in self.related))
        return not files.isdisjoint(self.files) or any(span.file.path in files for span in places)

    @property
    def addresses(self) -> tuple[str, ...]:
        """All resources of which it is true, each once."""
        return tuple(dict.fromkeys((self.address, *(address for _, address in self.subjects))))

    @property
    def setting(self) -> tuple[str, str, str, str]:
        """Which rule finds fault with which setting of which declaration, on whatever line and through whatever caller.

        The setting is the last word in front of its value; a header has none.
        """
        file = self.span.file
        start = file.line_starts[self.span.first_line - 1]
        name = _NAME.search(file.text, max(start, self.span.start - NAME_REACH), self.span.start)
        return self.rule.id, file.path, self.declaration, name[1] if name else ""

    @property
    def place(self) -> str:
        """What its place is known by: the same wherever that moves to inside its file.

        It does not depend on who calls the module that it is in, or how many do (32 hexadecimal digits).
        """
        return self._at_place(self.nth[0])

    @property
    def fingerprint(self) -> str:
        """As `place`, but one of its own for each finding, where several callers bring different ones there."""
        return self._at_place(*self.nth)

    def _at_place(self, *nth: int) -> str:
        numbers = nth if max(nth) > 1 else ()
        return _digest(*self.setting, *map(str, numbers))[:32]

    def fingerprints(self) -> Iterator[tuple[Case, str]]:
        """What a baseline knows each case of the defect by (hex, SHA-256).

        What is said counts with the values that it names, and so do those that it does not name, so that another value
        is another defect. No secret of its own deployment does, and nothing depends on what else is looked at.
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
    import hashlib  # noqa: PLC0415 - slow to load, and only some outputs have fingerprints

    return hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def numbered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with their numbers where several are about the same setting, as its places follow one another."""
    groups: dict[object, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.setting].append(finding)
    return [finding for group in groups.values() for finding in (_told_apart(group) if len(group) > 1 else group)]


def _told_apart(group: list[Finding]) -> Iterator[Finding]:
    places = groupby(sorted(group, key=lambda finding: finding.sort_key), key=lambda finding: finding.span)
    for place, (_, found) in enumerate(places, 1):
        numbers: dict[object, int] = {}
        for finding in found:  # of which some may be allowed that say the same of other resources
            said = finding.level, finding.message, finding.arguments, finding.instance
            yield replace(finding, nth=(place, numbers.setdefault(said, len(numbers) + 1)))


class Doubt(Struct, frozen=True):
    """A rule that could not be decided on a resource."""

    rule: Rule
    address: str
    reason: str
    """A clause that completes "because …"."""
    span: Span
    trace: tuple[Step, ...] = ()


class Coverage(Struct, frozen=True):
    """How much was looked at."""

    files: int = 0
    """How many files were read."""
    seen: int = 0
    """How many files are there that may hold Terraform, Bicep or ARM JSON, or values for them."""
    analysed: int = 0
    """How many of them were parsed for what they declare."""
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The others, by why they were not, in words such as "nothing to do with PostgreSQL"."""
    roots: int = 0
    """How many roots were evaluated."""
    scenarios: int = 0
    """How many deployments they are: each root with each of its sets of inputs."""
    servers: int = 0
    """How many declared flexible servers were judged."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many things were not looked at without that being a problem, by what they are, such as
    "modules that are not on disk"."""


class Entry(NamedTuple):
    """So many findings that are one to a baseline. Its order is that of the file."""

    path: str
    rule: str
    address: str
    """Without secrets."""
    root: str
    """As in `Deployment.root`."""
    inputs: str
    """As in `Deployment.inputs`, without secrets."""
    fingerprint: str
    number: int

    @property
    def text(self) -> str:
        """For people."""
        several = f", {self.number:,} times" if self.number > 1 else ""
        inputs = f" (with {self.inputs})" if self.inputs else ""
        return f"{self.path}: {self.rule} [{self.address}]{inputs}{several}"


class Compared(NamedTuple):
    """What a baseline has to do with the findings."""

    path: str
    known: int
    """How many of the suppressed findings are in it."""
    fixed: tuple[Entry, ...]
    """What it holds and is there no more."""


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
    """How many findings are left out because they touch none of the files that were named."""

    @property
    def by_place(self) -> list[Finding]:
        """The findings in the order in which a person goes through the files."""
        return sorted(self.findings, key=lambda finding: finding.sort_key)

    @property
    def by_reason(self) -> list[list[Doubt]]:
        """The doubts in groups that have one reason at one place, in their order."""
        groups: dict[object, list[Doubt]] = {}
        for doubt in self.doubts:
            groups.setdefault((doubt.span, doubt.reason, doubt.trace), []).append(doubt)
        return list(groups.values())


class Doubts(Sequence[Doubt]):
    """Doubts whose reasons are rid of what they quote of hidden source when they are looked at: few runs show any."""

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
