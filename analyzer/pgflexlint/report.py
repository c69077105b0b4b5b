"""What one run has to say: findings, what could not be told, what could not be looked at, and how much was seen."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, overload

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.readings import readings
from pgflexlint.source import SourceFile, Span

if TYPE_CHECKING:
    from pgflexlint.level import Level
    from pgflexlint.problem import Problem
    from pgflexlint.resource import Language
    from pgflexlint.rule import Related, Rule
    from pgflexlint.seen import Deployed
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

    def touches(self, named: frozenset[str]) -> bool:
        """Whether a place that it speaks of is in one of the named files, or one of these decides that it is found."""
        places = (self.span, *(related.span for related in self.related))
        return not named.isdisjoint(self.files) or any(span.file.path in named for span in places)

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


_QUOTE = compiled(r"(?P<kind>(?:parameter|variable) (?='\w+'))?'(?P<said>[^']+)'")
"""What a sentence quotes; behind what says so the name of an input, which is declared and no secret."""


class Texts:
    """Texts that are looked for in others, all at once: however many there are, one is gone through once."""

    SHORTEST = 4
    """Shorter ones are not looked for."""
    FEW = 200
    """How many ways to start the search itself tells apart."""
    LENGTHS = 64
    """How many lengths of those that start alike are tried one by one."""
    STEPS = 8
    """How often it is looked for the next of more of them, before as much is taken as the longest has."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = frozenset(bare for text in texts if len(bare := text.strip()) >= self.SHORTEST)
        lengths: dict[str, set[int]] = defaultdict(set)
        for text in self._texts:
            lengths[text[: self.SHORTEST]].add(len(text))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}
        """How long those are that start so, the longest first."""
        crowded = {start for start, found in lengths.items() if len(found) > self.LENGTHS}
        self._crowded: dict[str, list[str]] = defaultdict(list)
        for text in sorted(self._texts) if crowded else ():
            if text[: self.SHORTEST] in crowded:
                self._crowded[text[: self.SHORTEST]].append(text)
        rests: dict[str, list[str]] = defaultdict(list)
        for start in sorted(lengths):
            rests[re.escape(start[0])].append(re.escape(start[1:]))
        few = len(lengths) <= self.FEW
        starts = (f"{initial}(?={'|'.join(rest)})" if few else initial for initial, rest in rests.items())
        self._initial = re.compile("|".join(starts) or r"(?!)")

    def __bool__(self) -> bool:
        return bool(self._texts)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they stand in a text, in order; of several at one place it is the longest."""
        for initial in self._initial.finditer(text):
            at = initial.start()
            longest = next(self._starting(text, at), None)
            if longest is not None:
                yield at, at + longest

    def within(self, text: str) -> frozenset[str]:
        """Those that stand in a text."""
        starts = (initial.start() for initial in self._initial.finditer(text))
        found = (text[at : at + length] for at in starts for length in self._starting(text, at))
        return self._texts.intersection(found)

    def stand_in(self, text: str) -> bool:
        """Whether one of them stands in a text."""
        return any(True for _ in self.places(text))

    def _starting(self, text: str, at: int) -> Iterator[int]:
        start = text[at : at + self.SHORTEST]
        if start in self._crowded:
            yield from self._beginning(self._crowded[start], text[at : at + self._lengths[start][0]])
            return
        for length in self._lengths.get(start, ()):
            if at + length <= len(text) and text[at : at + length] in self._texts:
                yield length

    def _beginning(self, texts: list[str], piece: str) -> Iterator[int]:
        """The lengths of those of some sorted texts that a piece begins with, the longest first."""
        left = piece
        for _ in range(self.STEPS):
            at = bisect_right(texts, left)
            if not at or len(left) < self.SHORTEST:
                return
            near = texts[at - 1]
            if left.startswith(near):
                yield len(near)
                left = near[:-1]
            else:
                left = left[: _in_common(near, left)]
        yield len(piece)


def _in_common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if one[:middle] == other[:middle] else (least, middle - 1)
    return least


class Redactor:
    """Keeps secrets out of everything that is shown.

    Known secret values are replaced wherever they stand in a line, and the places where they are written are blanked.
    A literal that says one with escapes or encoded is blanked as a whole. So is one that is a secret which is a mere
    word, or that holds one which is a name as well. These are replaced nowhere else: in an address or a sentence they
    would be told by what is missing.
    Of what was not evaluated the names tell: the literal after `password =` is blanked whatever becomes of it. A line
    that was given up shows none of its literals, and one that cannot be read no more than the name that it begins with.
    """

    MARK = "[REDACTED]"
    SHORTEST = Texts.SHORTEST
    """Shorter secrets are hidden only where they are written."""

    def __init__(
        self,
        values: frozenset[str] = frozenset(),
        spans: tuple[Span, ...] = (),
        unread: tuple[Span, ...] = (),
        broken: tuple[Span, ...] = (),
        words: frozenset[str] = frozenset(),
    ) -> None:
        """`unread` are the places that were given up, `broken` those that cannot be read, `words` the secrets that are
        hidden only in literals: those that hold one, or that are one where nobody would take it for anything else."""
        self._values, self._words = values, words
        self._common = frozenset(word.strip() for word in words if not is_no_word(word))
        self._held = Texts(filter(is_no_word, words))
        self._shown = Texts(spelled for value in values for spelled in _spelled(value.strip()))
        self._every = Texts(values | words)
        self._spans, self._unread, self._broken = spans, unread, broken
        self._hidden: dict[SourceFile, list[tuple[int, int, str]]] = {}

    def with_unread(self, spans: Iterable[Span]) -> Redactor:
        """The same with further places that were given up."""
        return Redactor(self._values, self._spans, (*self._unread, *spans), self._broken, self._words)

    def with_broken(self, spans: Iterable[Span]) -> Redactor:
        """The same with further places that cannot be read."""
        return Redactor(self._values, self._spans, self._unread, (*self._broken, *spans), self._words)

    def text(self, text: str) -> str:
        """A text without the secrets that it holds."""
        if not self._shown:
            return text
        pieces, offset = [], 0
        for start, end in self._shown.places(text):
            if start >= offset:
                pieces += [text[offset:start], self.MARK]
            offset = max(offset, end)
        return "".join([*pieces, text[offset:]]) if pieces else text

    @property
    def knows_values(self) -> bool:
        """Whether there is a value to be looked for."""
        return bool(self._every)

    def value(self, value: str) -> str:
        """A value that is quoted, without the secrets that it holds."""
        shown = self.text(value)
        return self.MARK if self._is_told(shown) else shown

    def _may_tell(self, text: str) -> bool:
        """Whether anything in a text in which no secret value stands may say one all the same."""
        if not self._every or len(text) < self.SHORTEST:
            return False
        return any(map(self._every.stand_in, readings(text)))

    def _is_told(self, literal: str) -> bool:
        """Whether a literal in which no secret value stands says one all the same, or is one that is a word."""
        return self._may_tell(literal) and (self._spells(literal) or self._is_word(literal))

    def _spells(self, text: str) -> bool:
        """Whether a text in which no secret value stands says one with escapes or encoded."""
        return any(map(self._shown.stand_in, readings(text)))

    def _is_word(self, literal: str) -> bool:
        """Whether a literal, in quotes or not, is a secret that is a word, however it is spelled, or holds a name."""
        return any(each.strip(" \t\"'") in self._common or self._held.stand_in(each) for each in readings(literal))

    def about(self, span: Span | None, text: str, names: tuple[str, ...] = ()) -> str:
        """A text about a place, without what it quotes of the source that is hidden there, but for names."""
        if span is None:
            return text
        hidden = [span.file.text[start:end] for start, end, _ in self._within(_lines(span))]

        def unquoted(quote: re.Match[str]) -> str:
            is_name = quote["kind"] is not None or quote["said"] in names
            if is_name and self.text(quote["said"]) == quote["said"]:
                return quote[0]
            known = len(quote["said"]) >= self.SHORTEST and any(quote["said"] in each for each in hidden)
            return f"{quote['kind'] or ''}'{self.MARK}'" if known else quote[0]

        return _QUOTE.sub(unquoted, text) if hidden else text

    def source(self, span: Span) -> str:
        """The source of a span without the secrets that it holds, also where it cuts through one."""
        if span.start >= span.end or not self._ranges(span.file):
            return span.text
        text, offset, pieces = span.file.text, span.start, []
        for start, end, mark in self._within(span):
            pieces += [text[offset:start], mark]
            offset = end
        return "".join([*pieces, text[offset : span.end]])

    def literal(self, text: str) -> str:
        """A value that is written as a literal, without the secrets that it holds."""
        from pgflexlint.literals import named  # noqa: PLC0415 - only for values

        if self._is_told(self.text(text)):
            return self.MARK
        found = [self._marked(text, start, end) for start, end in named(text)]
        found += [(start, end, self.MARK) for start, end in self._shown.places(text)]
        pieces, offset = [], 0
        for start, end, mark in _disjoint(found):
            pieces += [text[offset:start], mark]
            offset = end
        return "".join([*pieces, text[offset:]])

    def hides(self, span: Span) -> bool:
        """Whether something is hidden in a span."""
        return any(True for _ in self._within(span))

    def widened(self, span: Span) -> Span:
        """The span with the whole of what is hidden at its ends, so that a part of that is not shown as such."""
        hidden = list(self._within(span))
        if not hidden:
            return span
        return Span(span.file, min(span.start, hidden[0][0]), max(span.end, hidden[-1][1]))

    def _within(self, span: Span) -> Iterator[tuple[int, int, str]]:
        hidden = self._ranges(span.file)
        for place in hidden[bisect_right(hidden, span.start, key=lambda place: place[1]) :]:
            if place[0] >= span.end:
                break
            yield place

    def _marked(self, text: str, start: int, end: int) -> tuple[int, int, str]:
        """A range and what stands for it, in the quotes that it has."""
        first, last = text[start : start + 1], text[end - 1 : end]
        quote = first if first in ('"', "'") else ""
        return start, end, f"{quote}{self.MARK}{quote if last == quote and end > start + 1 else ''}"

    def _ranges(self, file: SourceFile) -> list[tuple[int, int, str]]:
        """Where a file holds secrets, in order and disjoint, and what is shown instead.

        Values are looked for in the whole text: one that runs over several lines is found from each of them.
        """
        if file not in self._hidden:
            from pgflexlint.literals import in_broken_line, in_line, named  # noqa: PLC0415 - only for source

            text = file.text
            places = {(span.start, span.end) for span in self._spans if span.file.path == file.path}
            places.update(named(text))
            for start, end in _lines_of(file, self._unread).values():
                places.update(in_line(text, start, end))
            broken = _lines_of(file, self._broken)
            for number, (start, end) in broken.items():
                places.update(in_broken_line(text, start, end, named=number - 1 not in broken))
            found = [self._marked(text, start, end) for start, end in places]
            found += [(start, end, self.MARK) for start, end in self._shown.places(text)]
            found += [self._marked(text, start, end) for start, end in self._copies(text)]
            self._hidden[file] = _disjoint(found)
        return self._hidden[file]

    def _copies(self, text: str) -> Iterator[tuple[int, int]]:
        """The literals that say a secret otherwise than by its value, or one that is a word."""
        from pgflexlint.literals import pieces, written_out  # noqa: PLC0415 - only for source

        if not self._may_tell(self.text(text)):
            return
        todo = [[(self.text(text[start:end]), start, end, is_value) for start, end, is_value in pieces(text)]]
        while todo:  # halved until each is alone: most texts say nothing
            some = todo.pop()
            if not self._may_tell("\0".join(shown for shown, *_ in some)):
                continue
            if len(some) > 1:
                todo += [some[: len(some) // 2], some[len(some) // 2 :]]
                continue
            ((shown, start, end, is_value),) = some
            if self._spells(shown) or (is_value and self._is_word(written_out(shown))):
                yield start, end


def is_no_word(text: str) -> bool:
    """Whether a text is not one that may stand elsewhere by chance."""
    return len(text) >= 8 and not (text.isalpha() or text.isdecimal())


def _spelled(value: str) -> Iterator[str]:
    """How a value is spelled: as it is, and in double and single quotes."""
    yield value
    if not value.isalnum():
        yield json.dumps(value, ensure_ascii=False)[1:-1]
        yield value.replace("\\", "\\\\").replace("'", "\\'")


def _disjoint(places: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Ranges with what stands for them in order, those that overlap as one."""
    merged: list[tuple[int, int, str]] = []
    for start, end, mark in sorted(places):
        if merged and start < merged[-1][1]:
            first, last, kept = merged[-1]
            merged[-1] = (first, max(last, end), max(kept, mark, key=len))
        else:
            merged.append((start, end, mark))
    return merged


def _lines(span: Span) -> Span:
    """The whole lines that a span touches."""
    file, last = span.file, span.last_line
    return Span(file, file.line_starts[span.first_line - 1], file.line_starts[last - 1] + len(file.line(last)))


def _lines_of(file: SourceFile, spans: Iterable[Span]) -> dict[int, tuple[int, int]]:
    """Where the lines of a file lie that some places touch, by their numbers."""
    numbers: set[int] = set()
    for span in spans:
        if span.file.path == file.path:
            numbers.update(range(span.first_line, span.last_line + 1))
    starts = file.line_starts
    return {number: (starts[number - 1], starts[number - 1] + len(file.line(number))) for number in numbers}
