"""The summary at the end of a report: what was found, and what was not scanned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pgflexlint.level import Level
from pgflexlint.report import Finding, Report
from pgflexlint.source import Viewpoint

EXAMPLES = 3
"""How many files are listed for each reason why files were not analysed."""


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`, `1,000 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def resources(*findings: Finding) -> str:
    """The first resource of some findings, and how many others there are."""
    first, *others = dict.fromkeys(address for finding in findings for address in finding.addresses)
    return f"{first} and {counted(len(others), 'other')}" if others else first


def listed(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def sentences(report: Report, *, unknown_shown: bool = False, suppressed_shown: bool = False) -> Iterator[str]:
    """The summary, most important first."""
    yield _found(report)
    if report.elsewhere:
        verb = "touches" if report.elsewhere == 1 else "touch"
        left_out = "is left out" if report.elsewhere == 1 else "are left out"
        yield f"{counted(report.elsewhere, 'finding')} that {verb} none of the named files {left_out}."
    asides = []
    if report.doubts:
        hint = "" if unknown_shown else " (--show-unknown)"
        asides.append(f"{counted(len(report.doubts), 'check')} could not be decided{hint}")
    known = report.baseline.known if report.baseline else 0
    hint = "" if suppressed_shown else " (--show-suppressed)"
    for number, state in ((len(report.suppressed) - known, "allowed"), (known, "in the baseline")):
        if number:
            asides.append(f"{counted(number, 'finding')} {'is' if number == 1 else 'are'} {state}{hint}")
            hint = ""
    if asides:
        yield f"{'; '.join(asides)}."
    if report.baseline and report.baseline.fixed:
        number = len(report.baseline.fixed)
        verb = "is" if number == 1 else "are"
        them = "it" if number == 1 else "them"
        fixed = f"{counted(number, 'finding')} of the baseline {verb} fixed"
        yield f"{fixed}: run 'pgflexlint baseline update' to remove {them}."
    if gaps := _not_looked_at(report):
        yield f"Not scanned: {'; '.join(gaps)}."


def _found(report: Report) -> str:
    coverage = report.coverage
    read = f"{counted(coverage.files, 'file')} read"
    if not (report.findings or coverage.servers):
        return f"Found no flexible server to judge ({read})."
    extent = f"{counted(coverage.servers, 'server')}, {counted(len(report.rules), 'rule')}"
    if report.findings:
        levels = Counter(finding.level for finding in report.findings)
        kinds = [counted(levels[level], level.value) for level in Level if levels[level]]
        files = len({finding.span.file.path for finding in report.findings})
        return f"Found {listed(kinds)} in {counted(files, 'file')} ({extent})."
    if any(not problem.warning_only for problem in report.problems):
        return f"Found nothing wrong in what could be scanned ({extent}, {read})."
    clear = "Found nothing wrong" if report.doubts or any(coverage.skipped.values()) else "All clear: nothing wrong"
    if report.elsewhere:
        return f"Found nothing wrong that touches the named files ({extent}, {read})."
    servers, rules = counted(coverage.servers, "server"), counted(len(report.rules), "rule")
    return f"{clear} with {servers} ({rules}, {read})."


def statistics(report: Report, viewpoint: Viewpoint) -> Iterator[str]:
    """How much was scanned, what was not and why, and how many findings each rule has."""
    coverage = report.coverage
    yield f"{counted(coverage.seen, 'file')} seen, {coverage.analysed:,} analysed"
    for reason, paths in sorted(coverage.left.items(), key=lambda item: (-len(item[1]), item[0])):
        examples = ", ".join(viewpoint.path(path) for path in paths[:EXAMPLES]) + (
            ", …" if len(paths) > EXAMPLES else ""
        )
        yield f"  {reason}: {len(paths):,} ({examples})"
    yield (
        f"{counted(coverage.roots, 'root')}, {counted(coverage.scenarios, 'scenario')}, "
        f"{counted(coverage.servers, 'server')}, {counted(len(report.rules), 'rule')}"
    )
    rows = Counter((finding.rule.id, finding.rule.slug, finding.level.value) for finding in report.findings)
    width = max((len(slug) for _, slug, _ in rows), default=0)
    for (id_, slug, level), number in sorted(rows.items(), key=lambda row: (-row[1], row[0])):
        yield f"{number:>6,}  {id_}  {slug:{width}}  {level}"


def _not_looked_at(report: Report) -> list[str]:
    broken = len({problem.path for problem in report.problems if problem.path and not problem.warning_only})
    gaps = [f"{counted(broken, 'file')} in part or whole, for the problems above"] if broken else []
    return gaps + [f"{what}: {number:,}" for what, number in sorted(report.coverage.skipped.items()) if number]
