"""The report for a person at a terminal: the source, what is wrong with it, the trace, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pgflexlint.lazily import compiled
from pgflexlint.outputs._block import Block, Line, draw, of_problem
from pgflexlint.outputs.harmless import harmless, inert, place
from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.outputs.summary import counted, sentences, statistics
from pgflexlint.report import Doubt, Finding, Report
from pgflexlint.source import Viewpoint

ADDRESSES = 5
"""How many resources are listed that have the same finding at the same place."""


def render(report: Report, options: Options = DEFAULTS) -> str:
    """The report: findings by place, problems, optional parts, and a summary."""
    lines: list[Line] = []
    for block in _blocks(report, options):
        lines += [*draw(block, report.secrets, options.width, options.viewpoint), []]
    lines += [[(style, sentence)] for style, sentence in _ending(report, options)]
    return painted(lines, color=options.color, width=options.width)


def painted(lines: Iterable[Line], *, color: bool, width: int) -> str:
    """Lines as text, with escapes for colours if `color` is true."""
    return _colored(lines, width) if color else _plain(lines)


def _plain(lines: Iterable[Line]) -> str:
    return inert("".join("".join(text for _, text in line).rstrip() + "\n" for line in lines))


def _colored(lines: Iterable[Line], width: int) -> str:
    """The same lines through rich, which is imported here because it takes longer than most runs."""
    from io import StringIO  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    stream = StringIO()
    console = Console(
        file=stream, force_terminal=True, color_system="standard", width=width, legacy_windows=False, _environ={}
    )
    for line in lines:
        text = Text.assemble(*((piece, style) for style, piece in line))
        text.rstrip()
        console.print(text, soft_wrap=True, highlight=False)
    return inert(stream.getvalue())


def _blocks(report: Report, options: Options) -> Iterator[Block]:
    for _, group in groupby(report.by_place, key=_sameness):
        yield _finding(list(group))
    for problem in report.problems:
        yield of_problem(problem)
    if options.show_unknown:
        for doubts in report.by_reason:
            yield _undecided(doubts)
    for finding in report.suppressed if options.show_suppressed else ():
        yield _suppressed(finding, options.viewpoint)


def _sameness(finding: Finding) -> object:
    """Findings with the same key are shown as one: they concern several instances of one resource."""
    return (finding.rule.id, finding.level, finding.span, finding.text, finding.trace, finding.related)


def _finding(group: list[Finding]) -> Block:
    first = group[0]
    scenarios = list(dict.fromkeys(scenario for finding in group for scenario in finding.scenarios))
    instances = sorted(group, key=lambda finding: _in_numbers(finding.address))
    notes = [_resources(address for finding in instances for address in finding.addresses)]
    if scenarios and all(finding.scenarios for finding in group):
        notes.append(("only with", ", ".join(scenarios)))
    notes.append(("fix", first.fix))
    return Block(
        first.level.value, first.rule.id, first.text, first.span,
        trace=first.trace, related=first.related, notes=tuple(notes),
    )  # fmt: skip


def _undecided(group: Sequence[Doubt]) -> Block:
    """The block of doubts with the same reason at the same place."""
    first = group[0]
    slugs = {doubt.rule.id: doubt.rule.slug for doubt in group}
    notes = [_resources(doubt.address for doubt in group)]
    what = slugs[first.rule.id]
    if len(slugs) > 1:
        what = counted(len(slugs), "rule")
        notes.append(("rules", "\n".join(f"{id_} {slug}" for id_, slug in slugs.items())))
    message = f"{what} could not be decided, because {first.reason}."
    return Block("unknown", ", ".join(slugs), message, first.span, trace=first.trace, notes=tuple(notes))


def _resources(addresses: Iterable[str]) -> tuple[str, str]:
    unique = list(dict.fromkeys(addresses))
    more = [f"and {counted(len(unique) - ADDRESSES, 'other')}"] if len(unique) > ADDRESSES else []
    return "resource" if len(unique) == 1 else "resources", "\n".join([*unique[:ADDRESSES], *more])


_NUMBER = compiled(r"(\d+)")


def _in_numbers(address: str) -> list[str | int]:
    """A sort key that puts `s[2]` before `s[10]`."""
    return [int(piece) if piece.isdecimal() else piece for piece in _NUMBER.split(address)]


def _suppressed(finding: Finding, viewpoint: Viewpoint) -> Block:
    reason = finding.justification or "no reason was given"
    notes = [("resource", finding.address), ("allowed because", reason)]
    if finding.allowance:
        notes.append(("allowed by", f"the {finding.allowance.by.value}, {place(finding.allowance.at, viewpoint)}"))
    return Block("allowed", finding.rule.id, finding.text, finding.span, trace=finding.trace, notes=tuple(notes))


def _ending(report: Report, options: Options) -> Iterator[tuple[str, str]]:
    summary = sentences(report, unknown_shown=options.show_unknown, suppressed_shown=options.show_suppressed)
    style = "bold" if report.findings or report.problems else "bold green"
    for sentence in summary:
        yield style, harmless(sentence)
        style = ""
    if mendable := sum(finding.edit is not None for finding in report.findings):
        yield "", f"{counted(mendable, 'finding')} can be fixed with --fix (--diff shows how)."
    if options.statistics:
        yield "", ""
        for sentence in statistics(report, options.viewpoint):
            yield "", harmless(sentence)
        yield "", ""
    worst = min(report.by_place, key=lambda finding: finding.level.rank, default=None)
    if worst is not None:
        yield "dim", f"Why a rule exists and how to allow it: pgflexlint explain {worst.rule.id}"
