"""What tells resources, and texts that are unknown, apart.

Most names in templates are unknown: `'pg-${uniqueString(resourceGroup().id)}'`. Two of them are still known to be the
same, by what they are made of. A text that a function makes holds as its one part a list, the name of the function and
its arguments, of which no character is known; the parts of an interpolated string are its pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from pgflexlint.evaluate.calls import FunctionCall
from pgflexlint.evaluate.template.types import to_text
from pgflexlint.values import Known, Unknown, Value, merge_traces

AnyValue = Value[Any]

_SAME_NAME = frozenset({"tolower", "toupper"})
"""Functions that change nothing about a name, because names are compared without case."""


def called(call: FunctionCall, unknown: Unknown) -> Unknown:
    """The answer of a function that is unknown, but the same whenever its arguments are."""
    known_by = Known((Known(call.name, call.span), *call.arguments), call.span)
    return replace(unknown, parts=(known_by,), never_null=True)


def key(value: AnyValue) -> str:
    """A text that is the same for values that are certain to be the same, compared without case as ARM does."""
    match value:
        case Known(tuple() as members):
            return "|".join(map(key, members))
        case Known(bare):
            return to_text(bare).lower() if isinstance(bare, str | bool | int | float) else "{" + value.span.text + "}"
        case Unknown(parts=(Known((Known(str(name)), argument)),)) if name.lower() in _SAME_NAME:
            return key(argument)
        case Unknown(parts=parts, reference=reference) if parts and (reference is None or reference.attribute == "name"):
            return "{" + "|".join(_keys(parts)) + "}"
        case Unknown(reference=reference) if reference is not None and reference.attribute != "name":
            return f"<{reference.address}.{reference.attribute}>"
        case Unknown(reason):
            return "{" + reason + "}"


def _keys(parts: Iterable[AnyValue]) -> Iterator[str]:
    """The keys of the parts of a text, all texts that follow each other as one, parts of parts among them."""
    texts: list[str] = []
    for part in _flat(parts):
        if isinstance(part, Known) and not isinstance(part.value, tuple):
            texts.append(key(part))
            continue
        if texts:
            yield "".join(texts)
            texts = []
        yield key(part)
    if texts:
        yield "".join(texts)


def _is_text(value: AnyValue) -> bool:
    """Whether an unknown is a text with holes, each part of which is text."""
    return isinstance(value, Unknown) and bool(value.parts) and not (
        isinstance(value.parts[0], Known) and isinstance(value.parts[0].value, tuple)
    )


def _flat(parts: Iterable[AnyValue]) -> Iterator[AnyValue]:
    for part in parts:
        if isinstance(part, Unknown) and _is_text(part) and (
            part.reference is None or part.reference.attribute == "name"
        ):
            yield from _flat(part.parts)
        else:
            yield part
