"""What allows findings: comments in the sources, and the configuration.

`# pgflexlint: ignore[PGF303] reason` allows findings on its own line; if no code is in front of it there, on the next
line of code. `ignore-next-line[…]` and `ignore-file[…]` allow findings where their names say, and so do Bicep's own
`#disable-next-line PGF303` and `#disable-diagnostics PGF303`
(https://learn.microsoft.com/azure/azure-resource-manager/bicep/linter#silencing-false-positives).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from pgflexlint.globs import WORK_LIMIT, Work, is_plain
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, suggestion
from pgflexlint.report import Allowance, By, Doubt, Finding
from pgflexlint.rule import Rule
from pgflexlint.source import SourceFile, Span

WORDS = ("ignore", "ignore-next-line", "ignore-file")

_DIRECTIVE = compiled(r"pgflexlint:\s*(?P<word>[A-Za-z][\w-]*)\s*+(?:\[(?P<rules>[^\]]*)\])?(?P<rest>.*)", re.S)
_NEXT_DIRECTIVE = compiled(r"(?=pgflexlint:\s*+[A-Za-z][\w-]*+\s*+\[)")
_GUTTER = compiled(r"\n[ \t]*+\*++(?!/)")
"""Matches the star at the beginning of a line of a block comment."""
_NEARLY = compiled(
    r"(pgflexlint\s*+[:-]?+\s*+(?:ignore|disable)(?:-next-line|-line|-file)?+)(?:\s*+[:=\[]|\s++PGF\d)", re.IGNORECASE
)
"""Matches a comment that is meant as a directive and misspells it."""
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*+"
_DATE = rf"""
    (?: (?:the|end|of|mid|early|late|{_MONTH}) [^\w/#]*+ )*+ [hq]?\d
    | (?: [^\W\d]{{1,15}}+ [^\w/#]{{1,3}}+ ){{0,8}}? 20\d\d(?!\w)
"""
"""The beginning of what is meant as a date, such as `31.1.2027`, `Jan 31st` or `the end of 2027`."""
_UNTIL = compiled(
    rf"""
    ://\S*+
    | (?<![\w?&]) until (?: \s*+ = [^\w/]*+ | (?= [^\w/#]++ (?:{_DATE}) ) [^\w/#]++ )
      (?P<day> \d{{4}}-\d\d-\d\d (?! [\w/] | [-.]\w ) )?+
      (?P<rest> [^\w\s/]*+ (?: \s*+ [,;:–—-]++ (?=\s|\Z) )*+ )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Matches `until` with `=` or a date behind it. `day` is the date if it is written as in 2027-01-31. Links match as a
whole, without `rest`, so that nothing in them does."""
_BRACKET = compiled(r"[()\[\]]")
_EMPTY = compiled(r"\(\s*+\)|\[\s*+\]")
_PRAGMA = compiled(r"#(?P<word>disable-next-line|disable-diagnostics|restore-diagnostics)\s++(?P<codes>[^\r\n]*)")
_OURS = compiled(r"PGF\d", re.IGNORECASE)
NAME_LIMIT = 1_000
"""How many rules the comments of one file may name."""
_END = 1 << 62
"""A line after the last one of any file."""


class Ignore(NamedTuple):
    """One comment that allows findings."""

    rules: frozenset[str]
    """Ids of rules."""
    reason: str
    span: Span
    first: int
    last: int
    """The 1-based lines whose findings it allows, both included."""
    word: str = "ignore"

    def written_for(self, rules: Iterable[str]) -> str:
        """The comment as it would be written for some of its rules."""
        listed = sorted(rules)
        return f"{self.word} {' '.join(listed)}" if self.word[0] == "#" else f"{self.word}[{', '.join(listed)}]"


class Allow(NamedTuple):
    """One entry of the configuration that allows findings."""

    rules: frozenset[str]
    """Ids of rules."""
    span: Span
    """Where it is written."""
    work: Work
    """Counts the comparisons of names, of all entries together."""
    reason: str = ""
    address: str = "*"
    """The addresses of resources, as a pattern with `*` and `?`."""
    fits: Callable[[str], bool] = lambda address: True
    """Whether an address matches the pattern."""
    in_path: Callable[[str], bool] = lambda path: True
    """Whether the entry is about a file."""
    until: date | None = None
    """The last day on which it counts."""
    complete: bool = False
    """All files that it may match were scanned, so an unused entry is reported."""
    explained: bool = False
    """Whether this kind of entry takes a reason."""

    def covers(self, finding: Finding) -> bool:
        """Whether it matches all resources of a finding. The finding is one of its rules, in one of its files."""
        return self.address == "*" or all(map(self.fits, finding.addresses))


class Scope(NamedTuple):
    """What a run scanned."""

    ran: frozenset[str]
    """The ids of the rules that ran."""
    files: Collection[str]
    inputs: Collection[str] = ()
    """The files that only give values to other files. Findings are reported in those others, never here."""


class Policy(NamedTuple):
    """Which ignores count."""

    today: date
    require_reason: bool = False


def may_allow(comment: tuple[str, Span]) -> bool:
    """Whether a comment may be a directive or a pragma of Bicep."""
    text, _ = comment
    return "pgflexlint" in text.lower() or _PRAGMA.match(text) is not None


def ignores(
    comments: Iterable[tuple[str, Span]], rules: Sequence[Rule], policy: Policy
) -> tuple[list[Ignore], list[Problem]]:
    """The comments that allow something, and remarks on those that are wrong."""
    reader = _Reader(rules, policy)
    by_file: dict[SourceFile, list[tuple[str, Span]]] = defaultdict(list)
    for text, span in comments:
        by_file[span.file].append((text, span))
    for file, its_own in by_file.items():
        reader.read(file, its_own)
    return reader.found, reader.problems


def _dated(text: str) -> tuple[str, str | None]:
    """A reason without its last day, and that day: "" if it is not a date as we read it, None if there is none."""
    until = next((match for match in _UNTIL.finditer(text) if match["rest"] is not None), None)
    if until is None:
        return " ".join(text.split()), None
    brackets = "".join(_BRACKET.findall(until[0]))
    before, after = text[: until.start()].rstrip(" ,;:–—-"), text[until.end() :]
    return " ".join(_EMPTY.sub(" ", f"{before} {brackets} {after}").split()), until["day"] or ""


class _Reader:
    def __init__(self, rules: Sequence[Rule], policy: Policy) -> None:
        self._ids = {name: rule.id for rule in rules for name in (rule.id, rule.slug)}
        self._policy = policy
        self.found: list[Ignore] = []
        self.problems: list[Problem] = []
        self._names = 0
        """How many rules the comments of a file have named so far."""
        self._passed = range(0)
        """The gap that was last skipped between a comment and the code below, so that it is searched only once."""

    def read(self, file: SourceFile, comments: Iterable[tuple[str, Span]]) -> None:
        """Take the comments of one file, in order."""
        open_: dict[str, tuple[Span, str, str | None]] = {}
        self._names, self._passed = 0, range(0)
        for text, span in ((part, span) for whole, span in comments for part in _NEXT_DIRECTIVE.split(whole)):
            if self._names > NAME_LIMIT:
                message = f"The comments of this file name more than {NAME_LIMIT:,} rules to ignore."
                hint = "Comments from here on have no effect: use the configuration instead."
                self.problems.append(Problem(Kind.LIMIT, message, file.path, span, hint))
                break
            if file.path.endswith((".bicep", ".bicepparam")) and (pragma := _PRAGMA.match(text)):
                self._pragma(pragma, span, open_)
            elif (directive := _DIRECTIVE.search(text)) and (
                directive["word"] in WORDS or directive["rules"] is not None
            ):
                self._directive(directive, span)
            elif nearly := _NEARLY.search(text):
                hint = "Write it like 'pgflexlint: ignore[PGF303] reason', in lower case."
                self._remark(f"'{nearly[1]}' is not an ignore comment and has no effect.", span, hint)
        for rule, (span, reason, until) in open_.items():
            self._add(Ignore(frozenset({rule}), reason, span, span.first_line, _END, "#disable-diagnostics"), until)

    def _directive(self, match: re.Match[str], span: Span) -> None:
        word = match["word"]
        if word not in WORDS:
            there = " or ".join(f"'{each}[…]'" for each in WORDS)
            self._remark(f"There is no '{word}[…]' in a comment.", span, f"Write {there}.")
            return
        if not (match["rules"] or "").replace(",", " ").strip():
            message = f"An {word} without rules in brackets has no effect."
            self._remark(message, span, f"Write which rules it allows: 'pgflexlint: {word}[PGF303] reason'.")
            return
        names = [name.strip() for name in match["rules"].split(",", NAME_LIMIT) if name.strip()]
        reason, until = _dated(_GUTTER.sub("\n", match["rest"].rstrip().removesuffix("*/")))
        first, last = self._lines(word, span)
        self._add(Ignore(self._known(names, span), reason, span, first, last, word), until)

    def _pragma(self, match: re.Match[str], span: Span, open_: dict[str, tuple[Span, str, str | None]]) -> None:
        """Read a pragma of Bicep. Codes that are not rules of ours belong to other linters."""
        text, until = _dated(match["codes"])
        codes, reason = map(str.strip, text.partition("//")[::2])
        ours = [code for code in re.split(r"[\s,]+", codes) if code in self._ids or _OURS.match(code)]
        rules, line = self._known(ours, span), span.first_line
        match match["word"]:
            case "disable-next-line":
                self._add(Ignore(rules, reason, span, line + 1, line + 1, "#disable-next-line"), until)
            case "disable-diagnostics":
                open_.update((rule, (span, reason, until)) for rule in rules if rule not in open_)
            case _:
                for rule in rules & set(open_):
                    begin, reason, until = open_.pop(rule)
                    ignore = Ignore(frozenset({rule}), reason, begin, begin.first_line, line, "#disable-diagnostics")
                    self._add(ignore, until)

    def _known(self, names: Iterable[str], span: Span) -> frozenset[str]:
        ids = {name: self._ids.get(name) or self._ids.get(name.upper()) for name in names}
        self._names += max(len(ids), 1)
        for name, id_ in ids.items():
            if id_ is None:
                message = f"There is no rule '{name}' to ignore{suggestion(name, self._ids)}"
                if name and any(each.startswith(name.upper()) for each in self._ids):
                    message = f"'{name}' is only the beginning of an id. Write the whole id."
                self._remark(message, span, "'pgflexlint rules' lists them.")
        return frozenset(id_ for id_ in ids.values() if id_)

    def _add(self, ignore: Ignore, until: str | None) -> None:
        """Keep an ignore, or remark why it does not count."""
        if not ignore.rules:
            return
        name = ignore.written_for(ignore.rules)
        try:
            last_day = date.fromisoformat(until) if until else None
        except ValueError:
            last_day, until = None, ""
        if until == "":
            self._remark(f"{name} has no valid date after 'until'.", ignore.span, "Write it like until=2027-01-31.")
        elif last_day is not None and last_day < self._policy.today:
            self._remark(f"{name} expired after {last_day}.", ignore.span, EXPIRED)
        elif self._policy.require_reason and not ignore.reason:
            self._remark(f"{name} has no effect, because it has no reason.", ignore.span, "Write the reason after it.")
        else:
            self.found.append(ignore)

    def _remark(self, message: str, span: Span, hint: str) -> None:
        self.problems.append(remark(message, span, hint))

    def _lines(self, word: str, span: Span) -> tuple[int, int]:
        """The first and the last line that a comment is about."""
        match word:
            case "ignore-file":
                return 1, _END
            case "ignore-next-line":
                return (next_line := self._code_line(span.file, _line_end(span))), next_line
        line = span.first_line
        if not span.file.text[span.file.line_starts[line - 1] : span.start].strip():
            line = self._code_line(span.file, span.end)
        return line, line

    def _code_line(self, file: SourceFile, offset: int) -> int:
        """The line of the first code after an offset."""
        if offset not in self._passed:
            self._passed = range(offset, _code(file, offset) + 1)
        return file.line_number(self._passed[-1])


_COMMENT = r"\s++|//[^\r\n]*+|/\*(?s:.*?)\*/"
_NO_CODE = compiled(rf"(?:{_COMMENT}|#[^\r\n]*+)*+")
_NO_CODE_IN_JSON = compiled(rf'(?:{_COMMENT}|,|"//"\s*+:\s*+"(?:[^"\\]|\\.)*+")*+')
_DECORATOR = compiled(rf"@[\w.]++(?:{_COMMENT})*+(?=\()|@[\w.]*+")
_IN_DECORATOR = compiled(rf"{_COMMENT}|'''(?s:.*?)'''|'(?:[^'\\\r\n]|\\.)*+'|(?P<open>\()|(?P<close>\))|[^\s/'()]++|.")


def _line_end(span: Span) -> int:
    """Where the last line ends that a span touches."""
    line = span.last_line - span.text.endswith(("\n", "\r"))
    return span.file.line_starts[line - 1] + len(span.file.line(line))


def _code(file: SourceFile, offset: int) -> int:
    """Where the first code after an offset begins. Empty lines, comments and Bicep's decorators are not code."""
    text, no_code = file.text, _NO_CODE_IN_JSON if file.path.endswith(".json") else _NO_CODE
    while True:
        if skipped := no_code.match(text, offset):
            offset = skipped.end()
        decorator = _DECORATOR.match(text, offset) if file.path.endswith(".bicep") else None
        if decorator is None:
            return offset
        offset = _closed(text, decorator.end())


def _closed(text: str, offset: int) -> int:
    """The end of the brackets that open at an offset, or the offset if none opens there."""
    depth = 0
    while word := _IN_DECORATOR.match(text, offset):
        if depth == 0 and not word["open"]:
            break
        offset = word.end()
        depth += (word["open"] is not None) - (word["close"] is not None)
        if depth == 0:
            break
    return offset


EXPIRED = "Fix the finding, or set a later date."


class Outcome(NamedTuple):
    """Findings, separated into those that stand and those that are allowed."""

    standing: list[Finding]
    allowed: list[Finding]
    problems: list[Problem]
    """Remarks on comments and entries that allow nothing."""


def current(allows: Iterable[Allow], policy: Policy) -> tuple[list[Allow], list[Problem]]:
    """The entries of the configuration that count, and remarks on those that expired or lack a reason."""
    counting: list[Allow] = []
    problems: list[Problem] = []
    for allow in allows:
        if allow.until is not None and allow.until < policy.today:
            message = f"This entry expired after {allow.until}."
            problems.append(remark(message, allow.span, EXPIRED))
        elif policy.require_reason and allow.explained and not allow.reason.strip():
            message = "This entry has no effect, because it has no reason."
            problems.append(remark(message, allow.span, "Add a 'reason'."))
        else:
            counting.append(allow)
    return counting, problems


Used: TypeAlias = set[tuple[int, str]]
"""Comments and entries by their `id`, each with the rule whose findings it allows."""


def suppress(
    findings: Iterable[Finding],
    doubts: Iterable[Doubt],
    found: Sequence[Ignore],
    allows: Allows,
    scope: Scope,
) -> Outcome:
    """Separate the findings that are allowed from those that stand, and remark on comments and entries without use.

    A comment is also of use where its rule is undecided: there may be a finding.
    """
    comments = _Comments(found)
    used: Used = {
        (id(each), doubt.rule.id) for doubt in doubts for each in comments.covering(doubt.rule.id, doubt.span)
    }
    standing: list[Finding] = []
    allowed: list[Finding] = []
    for finding in findings:
        rule = finding.rule.id
        here, entries = comments.covering(rule, finding.span), allows.covering(finding)
        used.update((id(each), rule) for each in (*here, *entries))
        if here:
            allowance = Allowance(By.COMMENT, here[0].reason, here[0].span)
        elif entries:
            allowance = Allowance(By.CONFIGURATION, entries[0].reason, entries[0].span)
        else:
            standing.append(finding)
            continue
        allowed.append(replace(finding, allowance=allowance))
    problems = [*_unused_comments(found, used, scope), *_unused_entries(allows, used, scope)]
    if allows.exhausted:
        message = f"Matching the allowed findings takes more than {WORK_LIMIT:,} comparisons, so not all are allowed."
        hint = "Write fewer entries, without stars in their addresses and paths."
        path = allows.entries[0].span.file.path
        problems.append(Problem(Kind.LIMIT, message, path, hint=hint, warning_only=True))
    return Outcome(standing, allowed, problems)


def _unused_comments(found: Iterable[Ignore], used: Used, scope: Scope) -> Iterator[Problem]:
    """Remarks on comments that allow no finding of a rule that ran."""
    for ignore in found:
        unused = {rule for rule in ignore.rules & scope.ran if (id(ignore), rule) not in used}
        if not unused:
            continue
        name = ignore.written_for(unused)
        if ignore.span.file.path in scope.inputs:
            message = f"{name} has no effect in a file of values: findings are reported where the value is used."
            yield remark(message, ignore.span, "Write it there, or allow it in the configuration.")
        else:
            yield remark(f"No finding here matches {name}.", ignore.span, "Remove it.")


def _unused_entries(allows: Allows, used: Used, scope: Scope) -> Iterator[Problem]:
    """Remarks on entries of the configuration that allow no finding.

    Nothing is said of an entry whose rules did not all run, or that may be about files that were not scanned.
    """
    for allow in allows.entries:
        if not allow.complete or any((id(allow), rule) in used for rule in allow.rules):
            continue
        somewhere = any(map(allow.in_path, scope.files))
        if allows.exhausted:
            return
        if not somewhere:
            message = "This entry matches no scanned file."
            yield remark(message, allow.span, "Correct the path, or remove it.")
        elif allow.rules <= scope.ran:
            yield remark("No finding matches this entry.", allow.span, "Remove it.")


class _Comments:
    """The comments of all files, found by file and rule."""

    def __init__(self, found: Iterable[Ignore]) -> None:
        self._by_rule: dict[tuple[str, str], list[Ignore]] = defaultdict(list)
        for ignore in found:
            for rule in ignore.rules:
                self._by_rule[ignore.span.file.path, rule].append(ignore)

    def covering(self, rule: str, span: Span) -> list[Ignore]:
        """The comments that allow the findings of a rule at a place."""
        here = self._by_rule.get((span.file.path, rule), ())
        return [ignore for ignore in here if ignore.first <= span.first_line <= ignore.last]


class Allows:
    """The entries of the configuration, indexed: a finding is compared only with entries that may be about it."""

    def __init__(self, entries: Sequence[Allow]) -> None:
        """`entries` are those that count."""
        self.entries = entries
        self._by_file: dict[str, list[tuple[int, Allow]]] = {}
        self._by_rule: dict[tuple[str, str], Mapping[str, list[tuple[int, Allow]]]] = {}
        """By rule and file: entries by their address; entries with a pattern are under ""."""

    @property
    def exhausted(self) -> bool:
        """Whether comparing names took more than the limit. From then on the entries allow nothing."""
        return bool(self.entries) and self.entries[0].work.passed

    def covering(self, finding: Finding) -> list[Allow]:
        """The entries that allow a finding, in the order of the configuration."""
        if self.exhausted or not self.entries:
            return []
        here = self._here(finding.rule.id, finding.span.file.path)
        found = [each for each in here.get("", ()) if each[1].covers(finding)]
        first, *others = finding.addresses or ("",)
        if first and all(address == first for address in others):
            found += here.get(first, ())
        return [allow for _, allow in sorted(found, key=itemgetter(0))]

    def _here(self, rule: str, path: str) -> Mapping[str, list[tuple[int, Allow]]]:
        if (rule, path) not in self._by_rule:
            if path not in self._by_file:
                self._by_file[path] = [each for each in enumerate(self.entries) if each[1].in_path(path)]
            found: dict[str, list[tuple[int, Allow]]] = defaultdict(list)
            for number, allow in self._by_file[path]:
                if rule in allow.rules:
                    found[allow.address if is_plain(allow.address) else ""].append((number, allow))
            self._by_rule[rule, path] = found
        return self._by_rule[rule, path]


def remark(message: str, span: Span, hint: str) -> Problem:
    """A problem that is only a warning: by itself it leaves the exit code 0."""
    return Problem(Kind.CONFIGURATION, message, span.file.path, span, hint, warning_only=True)
