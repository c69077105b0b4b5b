"""Functions of strings.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string. `startsWith`, `endsWith`
and `indexOf` compare without case, `contains` with case.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import check_size
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.functions import Table, anything, members_of, scalar, spread, with_holes
from pgflexlint.evaluate.json_text import json_parts, parse_json, read_json
from pgflexlint.evaluate.template.functions.arrays import joined, joined_case, utf16
from pgflexlint.evaluate.template.functions.parameters import integer, scalar_text, text
from pgflexlint.evaluate.template.identity import called, has_pieces
from pgflexlint.evaluate.template.types import json_text, known_ends, to_text
from pgflexlint.lazily import compiled
from pgflexlint.values import Known, Unknown, Value

FUNCTIONS = Table()
FUNCTIONS.unknowable("function '{}' gives another value at each deployment", "newguid")
FUNCTIONS.unknowable("function '{}' is not evaluated", "builduri", "parseuri")

_GUID_NAMESPACE = "11fb06fb-712d-4ddd-98c7-e71bbd588830"
_DATA_URI = compiled(r"data:[^,]*?(?P<encoded>;base64)?,(?P<content>.*)", re.DOTALL | re.IGNORECASE)


def base64_text(content: bytes) -> str:
    """Standard base64."""
    return b64encode(content).decode()


def _from_base64(content: str) -> str:
    try:
        return b64decode(content, validate=True).decode()
    except UnicodeDecodeError:
        raise EvaluationError("the decoded bytes are not UTF-8") from None
    except ValueError:
        raise EvaluationError("the text is not base64") from None


FUNCTIONS.plain("base64", text)(lambda content: base64_text(content.encode()))
FUNCTIONS.plain("base64tostring", text)(_from_base64)
FUNCTIONS.plain("datauri", anything)(
    lambda value: "data:text/plain;charset=utf-8;base64," + base64_text(_as_text(value).encode())
)
FUNCTIONS.plain("trim", text)(str.strip)


def _as_text(bare: Any) -> str:
    return to_text(bare) if isinstance(bare, str | bool) else json_text(bare)


@FUNCTIONS.plain("datauritostring", text)
def _data_uri_to_string(uri: str) -> str:
    match = _DATA_URI.fullmatch(uri)
    if match is None:
        raise EvaluationError("the text is not a data URI")
    return _from_base64(match["content"]) if match["encoded"] else _unescaped(match["content"])


# What is not closed goes to the end, so that hostile text takes linear time.
_STRING = r'"(?:[^"\\]|\\.)*+"?'
_LENIENT = compiled(
    rf"{_STRING}|'(?P<single>(?:[^'\\]|\\.)*+)'?|(?P<comment>//[^\r\n]*+|/\*.*?(?:\*/|\Z))"
    r"|(?P<word>[A-Za-z_$][\w$]*+)(?P<colon>\s*+:)?",
    re.DOTALL,
)
_COMMAS = compiled(rf"(?P<kept>{_STRING})|,(?=\s*+[}}\]])", re.DOTALL)
_IN_SINGLE = compiled(r"\\(?P<quote>')|(?P<kept>\\.)|\"", re.DOTALL)


def _strict(token: re.Match[str]) -> str:
    if token["comment"]:
        return ""
    if token["single"] is not None:
        return '"' + _IN_SINGLE.sub(lambda each: each["quote"] or each["kept"] or '\\"', token["single"]) + '"'
    return f'"{token["word"]}"{token["colon"]}' if token["colon"] else token[0]


def parse_lenient(content: str) -> Any:
    """JSON as Newtonsoft.Json takes it: single quotes, bare names, comments, a comma after the last member."""
    try:
        return parse_json(content)
    except EvaluationError as error:
        try:
            return parse_json(_COMMAS.sub(lambda each: each["kept"] or "", _LENIENT.sub(_strict, content)))
        except EvaluationError:
            raise error from None


@FUNCTIONS.structural("json", 1, nullable=True)
def _json(call: FunctionCall) -> Value[Any]:
    return read_json(call, scalar_text, parse_lenient)


@FUNCTIONS.structural("base64tojson", 1, nullable=True)
def _base64_to_json(call: FunctionCall) -> Value[Any]:
    content = _from_base64(scalar(call.arguments[0], text))
    return read_json(replace(call, arguments=(call.known(content),)), scalar_text, parse_lenient)


@FUNCTIONS.structural("string", 1)
def _string(call: FunctionCall) -> Value[Any]:
    """`string`: objects and arrays as JSON, with holes for unknown members."""
    match call.arguments[0]:
        case Known(str()) | Unknown(parts=(_, *_), members=None) as value:
            return value
        case Unknown(members=None) as value:
            return spread(call, _string, called(call, value.at(call.span)))
        case Known(bool() | int() | float() | None as bare):
            return call.known(_as_text(bare) if bare is not None else "")
        case _:
            return with_holes(call, json_parts(call, json_text, list), _string)


def _cased(name: str, change: Callable[[str], str]) -> None:
    """Registers `toLower` or `toUpper`. It changes each piece of a text, so that the known ones stay known."""

    def each(content: str) -> str:
        return "".join(new if len(new := change(character)) == 1 else character for character in content)

    @FUNCTIONS.structural(name, 1)
    def body(call: FunctionCall) -> Value[Any]:
        value = call.arguments[0]
        if isinstance(value, Known):
            return call.known(each(scalar(value, text)))
        if not has_pieces(value):
            return spread(call, body, called(call, value.at(call.span)))
        parts = [
            part.map(lambda bare: each(scalar_text(bare)))
            if isinstance(part, Known)
            else body(replace(call, arguments=(part,)))
            for part in value.parts
        ]
        return with_holes(call, parts, body)


_cased("tolower", str.lower)
_cased("toupper", str.upper)


def _affix_test(name: str, side: int) -> None:
    """Registers `startsWith` (side 0) or `endsWith` (side 1). The known end of a text with holes may decide."""

    @FUNCTIONS.structural(name, 2)
    def body(call: FunctionCall) -> Value[Any]:
        value, affix = call.arguments[0], joined_case(scalar(call.arguments[1], text))
        test = (str.startswith, str.endswith)[side]
        if isinstance(value, Unknown):
            known = joined_case(known_ends(value)[side])
            if test(known, affix):
                return call.known(True)
            if not test(affix, known):
                return call.known(False)
        return call.known(test(joined_case(scalar(value, text)), affix))


_affix_test("startswith", 0)
_affix_test("endswith", 1)


@FUNCTIONS.plain("like", text, text)
def _like(content: str, pattern: str) -> bool:
    """`*` stands for any text, without case."""
    pieces = joined_case(pattern).split("*")
    rest = joined_case(content)
    if len(pieces) == 1:
        return rest == pieces[0]
    first, *middle, last = pieces
    if not rest.startswith(first) or not rest[len(first) :].endswith(last):
        return False
    rest = rest[len(first) : len(rest) - len(last)]
    at = 0
    for piece in middle:
        at = rest.find(piece, at) + len(piece)
        if at < len(piece):
            return False
    return True


@FUNCTIONS.structural("join", 2)
def _join(call: FunctionCall) -> Value[Any]:
    members, separator = members_of(call.arguments[0]), scalar(call.arguments[1], text)
    parts: list[Value[Any]] = []
    for member in members:
        if parts and separator:
            parts.append(Known(separator, call.span, call.arguments[1].trace))
        parts.append(member if isinstance(member, Unknown) else member.map(scalar_text))
    return with_holes(call, parts, _join)


@FUNCTIONS.structural("padleft", 2, 3)
def _pad_left(call: FunctionCall) -> Value[Any]:
    content, width = scalar(call.arguments[0], scalar_text), scalar(call.arguments[1], integer)
    filler = scalar(call.arguments[2], text) if len(call.arguments) == 3 else " "
    if len(filler) != 1:
        raise EvaluationError("the padding is not one character")
    check_size(texts=width)
    return call.known(content.rjust(width + len(content) - len(utf16(content)), filler))


@FUNCTIONS.plain("replace", text, text, text)
def _replace(content: str, old: str, new: str) -> str:
    if not old:
        raise EvaluationError("the text to be replaced is empty")
    check_size(texts=len(content) + content.count(old) * max(len(new) - len(old), 0))
    return content.replace(old, new)


@FUNCTIONS.plain("split", text, anything)
def _split(content: str, delimiters: Any) -> list[str]:
    wanted = [text(each) for each in (delimiters if isinstance(delimiters, list) else [delimiters])]
    longest = sorted((each for each in wanted if each), key=len, reverse=True)
    return re.split("|".join(map(re.escape, longest)), content) if longest else [content]


@FUNCTIONS.structural("substring", 2, 3)
def _substring(call: FunctionCall) -> Value[Any]:
    units = utf16(scalar(call.arguments[0], text))
    start = scalar(call.arguments[1], integer)
    length = scalar(call.arguments[2], integer) if len(call.arguments) == 3 else len(units) - start
    if start < 0 or length < 0 or start + length > len(units):
        raise EvaluationError("the index and the length are not within the string")
    return call.known(joined(units[start : start + length]))


@FUNCTIONS.plain("uri", text, text)
def _uri(base: str, relative: str) -> str:
    from urllib.parse import urljoin  # noqa: PLC0415  hardly ever needed

    if not re.match("https?://[^/]", base, re.IGNORECASE):
        raise EvaluationError("the base is not an absolute URI")
    joined_uri = urljoin(base, relative)
    return joined_uri if re.match("[^:]+://[^/]+/", joined_uri) else f"{joined_uri}/"


@FUNCTIONS.plain("uricomponent", text)
def _uri_component(content: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415  hardly ever needed

    return quote(content, safe="")


def _unescaped(content: str) -> str:
    from urllib.parse import unquote  # noqa: PLC0415  hardly ever needed

    return unquote(content)


FUNCTIONS.plain("uricomponenttostring", text)(_unescaped)


@FUNCTIONS.plain("guid", text, rest=text)
def _guid(*contents: str) -> str:
    """A UUID of version 5; the namespace is the one that makes the answer that `FunctionResolverTests` records."""
    from uuid import UUID, uuid5  # noqa: PLC0415  it takes milliseconds, and few names are known here

    return str(uuid5(UUID(_GUID_NAMESPACE), "-".join(contents)))


@FUNCTIONS.variadic("uniquestring", 1)
def _unique_string(call: FunctionCall) -> Value[Any]:
    return call.unknown("function 'uniqueString' is not evaluated")
