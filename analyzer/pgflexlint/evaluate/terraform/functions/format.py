"""`format` and `formatlist`.

https://developer.hashicorp.com/terraform/language/functions/format, whose verbs are a part of those of Go's `fmt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import LimitError, check_size
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.functions import (
    Table,
    UndecidedError,
    nodes,
    scalar,
    to_bare,
    with_holes,
)
from pgflexlint.evaluate.terraform.functions.json_text import compact, quoted
from pgflexlint.evaluate.terraform.functions.parameters import integer, text
from pgflexlint.evaluate.terraform.functions.regexes import graphemes
from pgflexlint.evaluate.terraform.types import STRING, convert, number_text, to_bool, to_number, to_string
from pgflexlint.lazily import compiled
from pgflexlint.values import Known, ListValue, Unknown, Value

FUNCTIONS = Table()
_VERB = compiled(
    r"%%|%(?P<flags>[-0#+ ]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<index>[1-9][0-9]*)\])?(?P<verb>[A-Za-z])"
)
WIDTH_LIMIT = 1024
"""The widest field and the most digits that are written; nobody asks for more in earnest."""


class _Verb:
    """One `%…` of a format string."""

    def __init__(self, match: re.Match[str], index: int) -> None:
        self.flags = match["flags"]
        self.width = _bounded(match["width"])
        precision = match["precision"]
        self.precision = None if precision is None else _bounded(precision)
        self.verb = match["verb"]
        self.index = index
        self.as_it_is = self.verb in "svd" and match[0] == f"%{self.verb}"

    def write(self, bare: Any) -> str:
        """The text of one argument."""
        verb, flags = self.verb, self.flags
        if bare is None and verb != "v":
            raise EvaluationError(f"null cannot be formatted with %{verb}")
        if verb == "v":
            return self._pad(_as_it_is(bare, sharp="#" in flags))
        if verb == "t":
            return to_string(to_bool(bare))
        if verb in "sq":
            content = to_string(bare)
            if self.precision:
                content = "".join(graphemes(content)[: self.precision])
            return self._pad(quoted(content) if verb == "q" else content)
        if verb in "bdoxX":
            return self._integer(integer(bare))
        if verb in "eEfgG":
            return self._float(to_number(bare))
        raise EvaluationError(f"there is no verb %{verb}")

    def _pad(self, content: str) -> str:
        padding = ("0" if "0" in self.flags else " ") * (self.width - len(graphemes(content)))
        return content + padding if "-" in self.flags else padding + content

    def _number(self, negative: bool, digits: str, *, zeros: bool) -> str:
        """Go's padding of numbers: zeros stand between the sign and the digits."""
        sign = "-" if negative else "+" if "+" in self.flags else " " if " " in self.flags else ""
        if zeros:
            return sign + digits.rjust(self.width - len(sign), "0")
        return (sign + digits).ljust(self.width) if "-" in self.flags else (sign + digits).rjust(self.width)

    def _integer(self, number: int) -> str:
        if number == self.precision == 0:
            return ""
        digits = format(abs(number), self.verb).rjust(self.precision or 0, "0")
        prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(self.verb, "") if "#" in self.flags else ""
        zeros = "0" in self.flags and "-" not in self.flags and self.precision is None
        return self._number(number < 0, prefix + digits, zeros=zeros)

    def _float(self, number: float) -> str:
        size = abs(number)
        places = 6 if self.precision is None else self.precision
        if self.verb == "f":
            digits = _fixed(size, places)
        elif self.verb in "eE":
            digits = _exponent(size, places, self.verb)
        else:
            digits = _general(size) if self.precision is None else format(float(size), f".{places}g")
            digits = digits.upper() if self.verb == "G" else digits
        return self._number(number < 0, digits, zeros="0" in self.flags)


def _bounded(digits: str | None) -> int:
    size = int(digits[:9]) if digits else 0
    if size > WIDTH_LIMIT:
        raise LimitError(f"A field would be wider than {WIDTH_LIMIT:,} characters.")
    return size


def _as_it_is(bare: Any, *, sharp: bool) -> str:
    if not sharp:
        if isinstance(bare, str):
            return bare
        if isinstance(bare, int | float) and not isinstance(bare, bool):
            return ("-" if bare < 0 else "") + _general(abs(bare))
    return compact(bare)


def _decimal(size: float) -> Any:
    from decimal import Decimal  # noqa: PLC0415  few runs format numbers

    return Decimal(number_text(size))


def _fixed(size: float, digits: int) -> str:
    return format(_decimal(size), f".{digits}f")


def _exponent(size: float, digits: int, letter: str) -> str:
    mantissa, _, exponent = format(_decimal(size) or 0.0, f".{digits}e").partition("e")
    return f"{mantissa}{letter}{exponent[0]}{exponent[1:]:0>2}"


def _general(size: float) -> str:
    """Go's %g without a precision: as few digits as possible, an exponent below -4 and from 6 up."""
    _, digits, exponent = _decimal(size).normalize().as_tuple()
    if size == 0 or -4 <= len(digits) + exponent - 1 < 6:
        return number_text(size)
    return _exponent(size, len(digits) - 1, "e")


def _pieces(template: str, given: int) -> Iterator[str | _Verb]:
    """The literal texts and the verbs of a format string; every one of the `given` arguments must be used."""
    end, following, highest = 0, 1, 0
    for match in re.finditer(r"%", template):
        if match.start() < end:
            continue
        verb = _VERB.match(template, match.start())
        if verb is None:
            raise EvaluationError("the format string is not valid")
        yield template[end : match.start()]
        end = verb.end()
        if verb["verb"] is None:
            yield "%"
            continue
        index = int(verb["index"][:9]) if verb["index"] else following
        following, highest = index + 1, max(highest, index)
        if index > given:
            raise EvaluationError("there are not enough arguments for the format string")
        yield _Verb(verb, index - 1)
    yield template[end:]
    if highest < given:
        raise EvaluationError("there are more arguments than the format string uses")


def _piece(value: Value[Any], verb: _Verb, call: FunctionCall) -> Value[Any]:
    """An argument as a verb writes it. An unknown one stays as it is if the verb writes it without a change."""
    if isinstance(value, Unknown) and verb.as_it_is:
        return value
    for node in nodes((value,)):
        if isinstance(node, Unknown):
            return Unknown(node.reason, call.span, node.trace, never_null=True)
    return Known(verb.write(to_bare(value)), call.span, value.trace)


@FUNCTIONS.variadic("format", 1)
def _format(call: FunctionCall) -> Value[Any]:
    template, given = scalar(call.arguments[0], text), call.arguments[1:]
    parts: list[Value[Any]] = []
    for piece in _pieces(template, len(given)):
        if isinstance(piece, str):
            if piece:
                parts.append(Known(piece, call.span, call.arguments[0].trace))
            continue
        parts.append(_piece(given[piece.index], piece, call))
    if len(parts) == 1 and isinstance(parts[0], Unknown):
        return convert(parts[0], STRING)
    return with_holes(call, parts, _format)


@FUNCTIONS.variadic("formatlist", 1)
def _formatlist(call: FunctionCall) -> Value[Any]:
    template, *given = call.arguments
    scalar(template, text)
    lists = [value.value if isinstance(value, Known) and isinstance(value.value, tuple) else None for value in given]
    for value in given:
        if isinstance(value, Unknown) and not value.parts:
            raise UndecidedError(value)
    lengths = {len(members) for members in lists if members is not None} or {1}
    if len(lengths) > 1:
        raise EvaluationError("its lists differ in length")
    check_size(items=max(lengths) * len(call.arguments))
    made: list[Value[Any]] = []
    for row in range(lengths.pop()):
        chosen = (value if members is None else members[row] for value, members in zip(given, lists, strict=True))
        made.append(_format(replace(call, arguments=(template, *chosen))))
    return call.known(ListValue(made))
