"""Writes and reads JSON. Members that are unknown keep their places.

JSON with unknown members is a text with holes. If it is read again, the unknown members are back in the structure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pgflexlint.evaluate.bounds import check_digits
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall, Undecoded
from pgflexlint.evaluate.equality import is_text
from pgflexlint.evaluate.functions import GiveUpError, UndecidedError, nodes, to_bare, to_value
from pgflexlint.lazily import compiled
from pgflexlint.values import Known, Unknown, Value, merge_traces


def json_parts(
    call: FunctionCall,
    scalar: Callable[[Any], str],
    order: Callable[[Iterable[str]], Iterable[str]],
) -> list[Value[Any]]:
    """The first argument as compact JSON, in pieces: texts, and the unknown members between them.

    `scalar` writes a bare scalar or a name; `order` puts the members of an object in order.
    """
    parts: list[Value[Any]] = []
    texts: list[str] = []
    for piece in _pieces(call.arguments[0], scalar, order):
        if isinstance(piece, str):
            texts.append(piece)
            continue
        parts += [call.known("".join(texts)), piece]
        texts = []
    return [*parts, call.known("".join(texts))]


def _pieces(
    value: Value[Any],
    scalar: Callable[[Any], str],
    order: Callable[[Iterable[str]], Iterable[str]],
) -> Iterator[str | Unknown]:
    match value:
        case Unknown():
            yield from ('"', value, '"') if is_text(value) else (value,)
        case Known(tuple() as members):
            for at, member in enumerate(members):
                yield "," if at else "["
                yield from _pieces(member, scalar, order)
            yield "]" if members else "[]"
        case Known(Mapping() as members):
            for at, key in enumerate(order(members)):
                yield f"{',' if at else '{'}{scalar(key)}:"
                yield from _pieces(members[key], scalar, order)
            yield "}" if members else "{}"
        case Known(bare):
            yield scalar(bare)


_HOLE = compiled("\ue000([0-9]+\ue002?)\ue001")
"""What stands for a hole while a text is read; `\ue002` marks one that is a whole value and no part of a string."""
_QUOTE = compiled(r'\\.|"', re.DOTALL)


def _with_marks(parts: tuple[Value[Any], ...], text: Callable[[Any], str]) -> str:
    """The text with a mark in each hole. A mark outside of a string gets quotes."""
    pieces: list[str] = []
    within = False
    for at, part in enumerate(parts):
        if isinstance(part, Unknown):
            pieces.append(f"\ue000{at}\ue001" if within else f'"\ue000{at}\ue002\ue001"')
            continue
        content = text(part.value)
        if "\ue000" in content:
            raise GiveUpError("the text holds characters of the private use area")
        within ^= sum(match[0] == '"' for match in _QUOTE.finditer(content)) % 2 == 1
        pieces.append(content)
    return "".join(pieces)


def parse_json(content: str) -> Any:
    """The bare value of a JSON text."""
    import json  # noqa: PLC0415  most runs read no JSON here

    def refuse(_: str) -> Any:
        raise ValueError

    def number(digits: str) -> float:
        check_digits(digits)
        return float(digits) if set(digits) & set(".eE") else int(digits)

    try:
        return json.loads(content, parse_constant=refuse, parse_float=number, parse_int=number)
    except ValueError as error:
        offset = error.pos if isinstance(error, json.JSONDecodeError) else 0
        raise EvaluationError("the text is not valid JSON", undecoded=Undecoded(content, offset)) from None


def _valid(content: str) -> str:
    """The value with lone surrogates replaced."""
    return content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_json(call: FunctionCall, text: Callable[[Any], str], parse: Callable[[str], Any] = parse_json) -> Value[Any]:
    """The value of the JSON in the first argument. `text` writes a bare scalar as it stands in a text.

    `parse` reads a text without holes.
    """
    value = call.arguments[0]
    trace = merge_traces(nodes(call.arguments))
    if isinstance(value, Unknown) and value.candidates:
        raise UndecidedError(value)
    if not isinstance(value, Unknown) or not is_text(value):
        return to_value(_filled(parse(text(to_bare(value))), call, ()), call.span, trace)
    try:
        bare = parse_json(_with_marks(value.parts, text))
    except EvaluationError:
        return Unknown(value.reason, call.span, trace)
    return to_value(_filled(bare, call, value.parts), call.span, trace)


def _filled(bare: Any, call: FunctionCall, parts: tuple[Value[Any], ...]) -> Any:
    """The value with the unknown members back in the places of their marks."""
    match bare:
        case list():
            return [_filled(item, call, parts) for item in bare]
        case dict():
            return {_key(key): _filled(item, call, parts) for key, item in bare.items()}
        case str() if parts and _HOLE.search(bare):
            return _text_with_holes(bare, call, parts)
        case str():
            return _valid(bare)
        case _:
            return bare


def _key(key: str) -> str:
    if _HOLE.search(key):
        raise GiveUpError("a key is unknown")
    return _valid(key)


def _text_with_holes(content: str, call: FunctionCall, parts: tuple[Value[Any], ...]) -> Value[Any]:
    pieces = _HOLE.split(content)
    hole = parts[int(pieces[1].rstrip("\ue002"))]
    if pieces[1].endswith("\ue002"):
        # Such as `{"port": ${var.port}}`: what is unknown here is text, but what it will be read as is a value.
        if isinstance(hole, Known) or hole.members is not None:
            return hole
        return Unknown(hole.reason, call.span, hole.trace, reference=hole.reference)
    if len(pieces) == 3 and not pieces[0] + pieces[2]:
        return hole
    made = [parts[int(piece)] if at % 2 else call.known(piece) for at, piece in enumerate(pieces) if at % 2 or piece]
    unknown = next(part for part in made if isinstance(part, Unknown))
    return Unknown(unknown.reason, call.span, merge_traces(made), parts=tuple(made), never_null=True)
