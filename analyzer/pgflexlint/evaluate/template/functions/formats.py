"""`format`: composite formats of .NET.

https://learn.microsoft.com/dotnet/standard/base-types/composite-formatting. Strings and bools have no formats of their
own, so those that are given for them have no effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.functions import GiveUpError, Table, UndecidedError, nodes, scalar, to_bare, with_holes
from pgflexlint.evaluate.template.functions.parameters import text
from pgflexlint.evaluate.template.types import to_text
from pgflexlint.lazily import compiled
from pgflexlint.values import Known, Unknown, Value, merge_traces

FUNCTIONS = Table()
WIDTH_LIMIT = 1024
_TOKEN = compiled(
    r"(?P<text>[^{}]+)|(?P<brace>\{\{|\}\})"
    r"|\{(?P<index>\d{1,6})(?:\s*,\s*(?P<width>-?\d{1,6}))?\s*(?::(?P<format>[^{}]*))?\}",
    re.ASCII,
)
_STANDARD = compiled(r"([A-Za-z])(\d{0,2})", re.ASCII)
_DIGITS = compiled(r"(?P<group>#,##)?(?P<whole>0+)(?:\.(?P<decimals>0+))?")


def _hexadecimal(number: int, digits: int) -> str:
    return format(number & (2**64 - 1) if number < 0 else number, f"0{digits}x")


def _decimal(number: int, digits: int) -> str:
    return "-" * (number < 0) + str(abs(number)).rjust(digits, "0")


_FORMATS: Mapping[str, Callable[[Any, str], str]] = {
    "d": lambda number, digits: _decimal(number, int(digits or 0)),
    "f": lambda number, digits: format(number, f".{digits}f"),
    "n": lambda number, digits: format(number, f",.{digits}f"),
    "p": lambda number, digits: format(number * 100, f",.{digits}f") + "%",
    "x": lambda number, digits: _hexadecimal(number, int(digits or 0)),
    "g": lambda number, digits: str(number),
}


def formatted(bare: Any, wanted: str) -> str:
    """One argument, written in its format. How many decimals `N` alone writes depends on the version of .NET."""
    if isinstance(bare, bool) or not isinstance(bare, int) or not wanted:
        return to_text(bare)
    if standard := _STANDARD.fullmatch(wanted):
        letter, digits = standard.groups()
        if letter.lower() not in _FORMATS or (letter in "gG" and digits) or (letter in "fFnNpP" and not digits):
            raise GiveUpError(f"the format '{wanted}' is not supported")
        made = _FORMATS[letter.lower()](bare, digits)
        return made.upper() if letter == "X" else made
    if custom := _DIGITS.fullmatch(wanted):
        whole = format(abs(bare), "," if custom["group"] else "").rjust(len(custom["whole"]), "0")
        return "-" * (bare < 0) + whole + ("." + custom["decimals"] if custom["decimals"] else "")
    raise GiveUpError(f"the format '{wanted}' is not supported")


def _tokens(template: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(template):
        token = _TOKEN.match(template, at)
        if token is None:
            raise EvaluationError("the format has a brace that stands alone")
        yield token
        at = token.end()


@FUNCTIONS.variadic("format", 1)
def _format(call: FunctionCall) -> Value[Any]:
    parts: list[Value[Any]] = []
    for token in _tokens(scalar(call.arguments[0], text)):
        if token["index"] is None:
            parts.append(Known(token["text"] or token["brace"][0], call.span, call.arguments[0].trace))
            continue
        index, width = int(token["index"]) + 1, int(token["width"] or 0)
        if index >= len(call.arguments):
            raise EvaluationError(f"the format asks for argument {index - 1}, which is not given")
        value = call.arguments[index]
        if isinstance(value, Unknown):
            if width or token["format"]:
                raise UndecidedError(value)
            parts.append(value)
            continue
        if abs(width) > WIDTH_LIMIT:
            raise LimitError(f"A field would be wider than {WIDTH_LIMIT:,} characters.")
        content = formatted(to_bare(value), token["format"] or "")
        content = content.ljust(-width) if width < 0 else content.rjust(width)
        pieces = value.pieces if content == value.value else ()
        parts.append(Known(content, call.span, merge_traces(nodes((value,))), pieces=pieces))
    return with_holes(call, parts, _format)
