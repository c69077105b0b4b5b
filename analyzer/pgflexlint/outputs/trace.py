"""Values of a resource as a page: each with its place and its way, drawn as in the text output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pgflexlint.literals import named
from pgflexlint.outputs._block import Block, Line, draw
from pgflexlint.outputs._harmless import cells, harmless, head, place, shown
from pgflexlint.report import Redactor
from pgflexlint.source import Viewpoint
from pgflexlint.trace import Found, Row
from pgflexlint.values import Known, Origin, Unknown, Value

WIDEST = 60
"""The columns that a value is given in a list."""


def one(found: Found, value: Value[Any], secrets: Redactor, width: int, viewpoint: Viewpoint) -> Iterator[Line]:
    """One value and its way."""
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
            message = f"{name} is {_text(found.rest, value, secrets)}: nothing is written, so the platform decides."
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


def _table(rows: list[Row], secrets: Redactor, viewpoint: Viewpoint) -> Iterator[Line]:
    names = [harmless(row.name) for row in rows]
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


def _text(name: str, value: Value[Any], secrets: Redactor) -> str:
    """A value for people; a secret is not shown."""
    if isinstance(value, Unknown):
        return "?"
    return Redactor.MARK if _is_secret(name, value, secrets) else secrets.text(_literal(value, name, secrets))


def _literal(value: Value[Any], name: str, secrets: Redactor) -> str:
    bare = value.value if isinstance(value, Known) else value
    match bare:
        case Unknown():
            return "?"
        case tuple():
            return f"[{', '.join(_text(name, item, secrets) for item in bare)}]"
        case Mapping():
            members = (f"{key} = {_text(str(key), bare[key], secrets)}" for key in bare)
            return f"{{{', '.join(members)}}}"
        case str():
            return json.dumps(secrets.text(bare), ensure_ascii=False)  # escaped it would not be known again
        case _:
            return json.dumps(bare, ensure_ascii=False, default=str)


def _is_secret(name: str, value: Known[Any], secrets: Redactor) -> bool:
    """Whether a name says that its value is secret, or the way of the value leads through a place that is hidden."""
    if not isinstance(value.value, str):
        return False
    spans = [value.span, *(step.span for step in value.trace)]
    hidden = any(secrets.source(span).strip("\"'") == Redactor.MARK for span in spans)
    last = name.replace("]", "").replace('"', "").rpartition(".")[2]
    by_name = any(named(f'{last} = "{Redactor.MARK}"'))
    return by_name or hidden or any(step.secure for step in value.trace)
