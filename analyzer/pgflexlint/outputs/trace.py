"""The output of `pgflexlint trace`: values of a resource, each with its place and its trace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pgflexlint.evaluate.names import whole
from pgflexlint.outputs._block import Block, Line, draw, of_problem
from pgflexlint.outputs.harmless import cells, head, place, shown
from pgflexlint.problem import Problem
from pgflexlint.redaction.literals import NO_EXPRESSION
from pgflexlint.redaction.names import is_no_secret, is_option, says_so, told_by_others
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.redaction.scan import secret_ranges
from pgflexlint.source import Viewpoint
from pgflexlint.trace import Found, Row
from pgflexlint.values import Known, Origin, Unknown, Value

WIDEST = 60
"""The columns for a value in a list."""


def one(found: Found, value: Value[Any], secrets: Redactor, width: int, viewpoint: Viewpoint) -> Iterator[Line]:
    """One value and its trace."""
    name = f"{found.resource.address}{found.rest}"
    match value:
        case Unknown():
            message = f"{name} is unknown, because {secrets.about(value.span, value.reason)}."
            notes = []
            if value.candidates:
                each = (_text(found.rest, candidate, secrets) for candidate in value.candidates)
                notes.append(("either", " or ".join(dict.fromkeys(each))))
            block = Block("unknown", "value", message, value.span, trace=value.trace, notes=tuple(notes))
        case Known(origin=Origin.DEFAULT):
            message = (
                f"{name} is {_text(found.rest, value, secrets)}: it is not set, and this is the platform's default."
            )
            block = Block("value", "default", message, value.span, trace=value.trace)
        case Known():
            message = f"{name} is {_text(found.rest, value, secrets)}."
            block = Block("value", "written", message, value.span, trace=value.trace)
    yield from draw(block, secrets, width, viewpoint)


def overview(found: Found, secrets: Redactor, viewpoint: Viewpoint) -> Iterator[Line]:
    """All values of a resource, a line for each."""
    resource = found.resource
    yield [("bold", shown(resource.address, secrets)), ("", f"  {place(resource.header, viewpoint)}")]
    if resource.maybe is not None:
        reason = secrets.about(resource.maybe.span, resource.maybe.reason)
        yield [("", f"It may not exist, because {shown(reason, secrets)}.")]
    for title, rows in (("as written", found.written), ("as the rules see it", found.judged)):
        if rows:
            yield []
            yield [("blue", f"  {title}")]
            yield from _table(rows, secrets, viewpoint)


def gaps(problems: Iterable[Problem], secrets: Redactor, width: int, viewpoint: Viewpoint) -> Iterator[Line]:
    """Problems: what could not be scanned."""
    for problem in problems:
        yield []
        yield from draw(of_problem(problem), secrets, width, viewpoint)


def _table(rows: list[Row], secrets: Redactor, viewpoint: Viewpoint) -> Iterator[Line]:
    names = [shown(row.name, secrets) for row in rows]
    values = [head(shown(_text(row.name, row.value, secrets), secrets), WIDEST) for row in rows]
    first, second = max(map(cells, names)), max(map(cells, values))
    for row, name, value in zip(rows, names, values, strict=True):
        origin = "unknown" if isinstance(row.value, Unknown) else row.value.origin.value
        detail = "" if origin == "default" else f"  {place(row.value.span, viewpoint)}"
        if isinstance(row.value, Unknown):
            detail = f"  because {shown(secrets.about(row.value.span, row.value.reason), secrets)}"
        pads = " " * (first - cells(name)), " " * (second - cells(value))
        style = {"unknown": "bold blue", "default": "green"}.get(origin, "")
        yield [("", f"    {name}{pads[0]}  {value}{pads[1]}  "), (style, f"{origin:7}"), ("", detail)]


def _text(name: str, value: Value[Any], secrets: Redactor, *, secret: bool = False) -> str:
    """A value for people; a secret is not shown."""
    if isinstance(value, Unknown):
        return "?"
    secret = secret or _says_so(name)
    match value.value:
        case tuple() as items:
            options = (False, *(is_option(getattr(item, "value", None)) for item in items))
            texts = (
                _text("", item, secrets, secret=secret or each) for item, each in zip(items, options, strict=False)
            )
            return f"[{', '.join(texts)}]"
        case Mapping() as members if whole(members):
            return whole(members)
        case Mapping() as members:
            told = told_by_others((str(key), getattr(member, "value", None)) for key, member in members.items())
            texts = (
                f"{key} = {_text(str(key), members[key], secrets, secret=secret or key in told)}" for key in members
            )
            return secrets.text(f"{{{', '.join(texts)}}}")
        case bool() | None:
            return json.dumps(value.value)
        case bare:
            text = secrets.literal(json.dumps(bare, ensure_ascii=False, default=str))
            hidden = (secret and not is_no_secret(bare)) or (Redactor.MARK not in text and _is_hidden(value, secrets))
            return Redactor.MARK if hidden else text


def _says_so(name: str) -> bool:
    """Whether a name such as `secret[0].value` says that what it names is secret."""
    steps = [step for step in re.split(r"[.\[\]\"]+", name) if step]
    return any(map(says_so, steps)) or any(secret_ranges(f'{steps[-1]} = "{Redactor.MARK}"')) if steps else False


def _is_hidden(value: Known[Any], secrets: Redactor) -> bool:
    """Whether the trace of a value leads through a sensitive input, or through a place with a secret."""
    steps = [step for step in value.trace if not step.decides]
    spans = [value.span, *(step.span for step in steps)]
    return any(step.sensitive for step in steps) or any(
        secrets.hides(span) for span in spans if not NO_EXPRESSION.match(span.text)
    )
