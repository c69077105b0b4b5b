"""One finding, problem or doubt as lines of styled text, in the form that compilers use."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from msgspec import Struct

from pgflexlint.outputs._frames import Frame, frame
from pgflexlint.outputs.harmless import cells, place, shown
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.source import AT_ROOT, Span, Viewpoint

if TYPE_CHECKING:
    from pgflexlint.problem import Problem
    from pgflexlint.rule import Related
    from pgflexlint.values import Step

Line: TypeAlias = list[tuple[str, str]]
"""Pieces of a line, each with its style in the words of rich."""

STEPS = 5
"""How many steps of a trace are shown: the last ones, and the first one, where the value was written."""
RELATED = 10
"""How many related places are shown."""

_STYLES = {
    "error": "bold red", "warning": "bold yellow", "note": "bold cyan", "problem": "bold magenta",
    "remark": "bold yellow", "unknown": "bold blue", "allowed": "bold green",
    "value": "bold cyan",
}  # fmt: skip
_MARGIN = "bold blue"
_ASIDE = "blue"


class Block(Struct, frozen=True):
    """What is said about one place."""

    level: str
    code: str
    message: str
    at: Span | str
    """The place, or only the path of its file; "" if there is none."""
    trace: tuple[Step, ...] = ()
    related: tuple[Related, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """Notes at the end, each with its heading."""


class _Marked(NamedTuple):
    """A related frame with its text, or the number of those that are left out."""

    span: Span
    frame: Frame
    label: str


def of_problem(problem: Problem) -> Block:
    """The block of a problem."""
    notes = (("help", problem.hint),) if problem.hint else ()
    level = "remark" if problem.warning_only else "problem"
    return Block(level, problem.kind.value, problem.message, problem.span or problem.path, notes=notes)


def draw(block: Block, secrets: Redactor, width: int, viewpoint: Viewpoint = AT_ROOT) -> Iterator[Line]:
    """The lines of a block, without an empty one at the end. Paths are relative to the `viewpoint`."""
    yield [
        (_STYLES[block.level], f"{block.level}[{block.code}]"),
        ("bold", f": {shown(block.message, secrets)}"),
    ]
    room = width - 8
    steps = _marked(_shown_steps(block), secrets, room)
    related = _marked(block.related[:RELATED], secrets, room)
    main = frame(block.at, secrets, room) if isinstance(block.at, Span) else None
    numbers = [marked.frame.number for marked in (*steps, *related)] + ([main.number] if main else [])
    margin = len(str(max(numbers, default=0))) + 1

    if block.at:
        yield [(_MARGIN, f"{'':{margin - 1}}--> "), ("", place(block.at, viewpoint))]
    if main:
        yield _gutter(margin)
        yield from _source(main, margin, "^", _STYLES[block.level])
    yield from _section("the value comes from", steps, margin, width, viewpoint)
    left_out = len(block.trace) - len(steps)
    if left_out > 0:
        yield [*_gutter(margin, "="), (_ASIDE, f" and {left_out} more in between")]
    yield from _section("see also", related, margin, width, viewpoint)
    if main:
        yield _gutter(margin)
    for name, text in block.notes:
        yield from _note(name, text, secrets, margin, width)


def _shown_steps(block: Block) -> list[Step]:
    """The steps of the trace that are shown, from the place of the finding back to where the value was written."""
    steps = list(reversed(block.trace))
    return steps if len(steps) <= STEPS else [*steps[: STEPS - 1], steps[-1]]


def _marked(steps: tuple[Related, ...] | list[Step], secrets: Redactor, room: int) -> list[_Marked]:
    return [_Marked(step.span, frame(step.span, secrets, room), shown(step.text, secrets)) for step in steps]


def _gutter(margin: int, mark: str = "|", number: str = "") -> Line:
    return [(_MARGIN, f"{number:>{margin - 1}}{mark:>2}" if number else f"{'':{margin}}{mark}")]


def _source(line: Frame, margin: int, caret: str, style: str) -> Iterator[Line]:
    yield [*_gutter(margin, "|", str(line.number)), ("", f" {line.text}")]
    yield [*_gutter(margin), (style, f" {'':{line.indent}}{caret * line.carets}")]


def _section(title: str, marked: list[_Marked], margin: int, width: int, viewpoint: Viewpoint) -> Iterator[Line]:
    if not marked:
        return
    yield _gutter(margin)
    yield [*_gutter(margin, "="), (_ASIDE, f" {title}")]
    for span, line, label in marked:
        yield [(_MARGIN, f"{'':{margin - 1}}::: "), ("", place(span, viewpoint))]
        source, underline = _source(line, margin, "-", _ASIDE)
        yield source
        if margin + 3 + line.indent + line.carets + cells(label) <= width:
            yield [*underline, (_ASIDE, f" {label}")]
        else:
            yield underline
            indent = max(0, min(line.indent, width - margin - 3 - cells(label)))
            yield [*_gutter(margin), (_ASIDE, f" {'':{indent}}{label}")]


def _note(name: str, text: str, secrets: Redactor, margin: int, width: int) -> Iterator[Line]:
    hang = len(name) + 2
    room = max(width - margin - 3 - hang, 40)
    lines = [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(shown(paragraph, secrets), room, break_long_words=False, break_on_hyphens=False)
    ]
    for index, line in enumerate(lines):
        if index:
            # GitHub's runner takes `::` for a command at the start of a line, whatever space is before it.
            safe = line.replace("::", "\\x3a:", 1) if line.lstrip().startswith("::") else line
            yield [("", f"{'':{margin + 2 + hang}}{safe}")]
        else:
            yield [*_gutter(margin, "="), ("bold", f" {name}"), ("", f": {line}")]
