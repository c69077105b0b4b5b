"""Parses connection strings for PostgreSQL. Where a piece of one is unknown, it has a hole.

It knows three forms:

- URIs of libpq and others, `postgres://user:password@host/database?sslmode=require`, also after `jdbc:`:
  https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
- libpq's keywords, `host=… user=… sslmode=…`, on the same page
- ADO.NET's pairs, `Host=…;Username=…;Ssl Mode=Require`: https://www.npgsql.org/doc/connection-string-parameters.html
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from pgflexlint.evaluate.equality import is_text
from pgflexlint.lazily import compiled
from pgflexlint.values import Known, Step, Unknown, Value, merge_traces, within

TEXT_LIMIT = 8192
"""A longer text is no connection string, but there may be a URI in it."""
PIECE_LIMIT = 1000
"""A text of more pieces is no connection string."""
_MARK = "\U000f0000"
"""What stands for a hole in the text that is parsed: a character of a private use area of Unicode."""

_JSON_AMPERSAND = "\\u0026"
"""How `jsonencode` writes `&`: https://developer.hashicorp.com/terraform/language/functions/jsonencode."""

_URI = compiled(
    r"(?P<jdbc>(?:jdbc|r2dbc):)?postgres(?:ql)?(?:\+\w{1,30})?://"
    r"(?:(?P<user>[^\s:@/?#]*)(?::(?P<password>[^\s@/?#]*))?@)?"
    r"(?P<host>[^\s:/?#,\"'<>\\]*)[^\s?#\"'<>\\]*(?:\?(?P<query>[^\s\"'<>\\]*))?",
    re.IGNORECASE,
)
_PARAMETER = compiled(r"([^&;=]*)=([^&;]*)")
_HOST = compiled(r"(?:tcp:)?([^,:]*).*", re.DOTALL)
_PAIR = compiled(r"\s*+(\w[\w ]{0,40}+)=\s*+(\"[^\"]*\"|'[^']*'|[^;]*)(?:;|$)")
_KEYWORD = compiled(r"\s*+(\w{1,40}+)\s*+=\s*+('(?:\\.|[^'\\])*'|\S*)")
_JSON_STRING = compiled(r'"((?:\\[\s\S]|[^"\\])*+)(?:"|\\?\Z)')
_KEYWORDS = {
    "host": "host", "hostname": "host", "server": "host", "datasource": "host", "address": "host",
    "hostaddr": "hostaddr",
    "user": "user", "username": "user", "userid": "user", "uid": "user", "password": "password", "pwd": "password",
    "sslmode": "sslmode", "trustservercertificate": "trust", "sslfactory": "sslfactory",
}  # fmt: skip
"""What a key means, by its name in lower case without spaces and underscores."""
_WORDS = {"verifyca": "verify-ca", "verifyfull": "verify-full"}
"""The sslmodes of libpq, by Npgsql's words for them."""


class Form(Enum):
    """How a connection is written. This says something about the client that reads it."""

    URI = "URI"
    """libpq and many others read it. Their defaults differ."""
    JDBC = "JDBC"
    KEYWORDS = "libpq"
    ADO = "ADO.NET"
    SETTINGS = "settings"
    """Several settings instead of one string. Any client may read them."""


class ConnectionText(Struct, frozen=True):
    """What a connection string says."""

    form: Form
    host: Value[Any]
    user: Value[Any] | None
    password: Value[Any] | None
    sslmode: Value[Any] | None
    trusts_any_certificate: bool = False
    trace: tuple[Step, ...] = ()
    """The steps of the string, from where it was written."""


def parse(value: Value[Any]) -> Iterator[ConnectionText]:
    """What each connection string for PostgreSQL in a text says; nothing if the value is not certainly a text."""
    marked = _Marked(value)
    for form, said in _readings(marked.text):
        host = said.get("host") or said.get("hostaddr")
        if host:
            escaped = form is Form.URI
            yield ConnectionText(
                form,
                marked.value(_without_port(marked.text, host)),
                marked.given(said.get("user"), escaped=escaped),
                marked.given(said.get("password"), escaped=escaped),
                marked.mode(said.get("sslmode")),
                _trusts(*(marked.text[said[name]].lower() for name in ("trust", "sslfactory") if name in said)),
                marked.trace(said["start"]),
            )


def _trusts(*words: str) -> bool:
    return any(word in ("true", "yes", "1") or "nonvalidating" in word for word in words)


def _readings(text: str) -> Iterator[tuple[Form, Mapping[str, slice]]]:
    """The connection strings in a text: the form of each, and the places of its parts, by the meanings in `_KEYWORDS`.

    "start" is the place where the connection string begins. In JSON, each string can be one.
    """
    uri = None
    for uri in _URI.finditer(text):
        query = _meanings(text, _PARAMETER.finditer(text, *uri.span("query"))) if uri["query"] else {}
        said = {name: slice(*uri.span(name)) for name in ("user", "password", "host") if uri[name]}
        yield (Form.JDBC if uri["jdbc"] else Form.URI), {**said, **query, "start": slice(uri.start(), uri.start() + 1)}
    if uri is not None or len(text) > TEXT_LIMIT:
        return
    json = text.lstrip().startswith(("{", "["))
    for start, end in [each.span(1) for each in _JSON_STRING.finditer(text)] if json else [(0, len(text))]:
        if text.find(";", start, end) >= 0:
            yield Form.ADO, _meanings(text, _PAIR.finditer(text, start, end))
        elif text.find("=", start, end) >= 0:
            yield Form.KEYWORDS, _meanings(text, _KEYWORD.finditer(text, start, end))


def _meanings(text: str, pairs: Iterable[re.Match[str]]) -> dict[str, slice]:
    """The places of values in a text, by what their keys mean. If several mean the same, the last counts.

    https://www.connectionstrings.com/formating-rules-for-connection-strings/
    """
    meanings: dict[str, slice] = {}
    for pair in pairs:
        meaning = _KEYWORDS.get(re.sub(r"[\s_]", "", pair[1]).lower())
        if meaning is not None:
            meanings[meaning] = _bare(text, *pair.span(2))
            if meaning.startswith("host"):
                meanings.setdefault("start", slice(*pair.span(1)))
    return {meaning: place for meaning, place in meanings.items() if place.start < place.stop}


def _bare(text: str, start: int, end: int) -> slice:
    """The place of a value without its quotes and the blanks around it."""
    if end - start > 1 and text[start] == text[end - 1] and text[start] in "'\"":
        start, end = start + 1, end - 1
    value = text[start:end]
    return slice(start + len(value) - len(value.lstrip()), end - len(value) + len(value.rstrip()))


def _without_port(text: str, host: slice) -> slice:
    """The place of a host, the first of several, without Npgsql's `tcp:` in front of it and without its port."""
    found = _HOST.fullmatch(text, host.start, host.stop)
    return host if found is None else slice(*found.span(1))


def sslmode_word(text: str) -> str:
    """An sslmode in libpq's spelling."""
    word = text.strip().strip("'\"").lower()
    return _WORDS.get(word, word)


class _Marked:
    """A text that is parsed, in which each hole is one character."""

    def __init__(self, whole: Value[Any]) -> None:
        self.text = ""
        """Empty if the value is not certainly a text."""
        self._span = whole.span
        self._pieces: list[Value[Any]] = []
        self._starts: list[int] = []
        """Where each piece begins in the text."""
        todo = [whole] if isinstance(whole, Known) or is_text(whole) else []
        length = 0
        while todo:
            piece = todo.pop()
            parts = piece.pieces if isinstance(piece, Known) else piece.parts if is_text(piece) else ()
            if parts:
                todo += reversed(within(piece, parts))
                continue
            if isinstance(piece, Known) and (isinstance(piece.value, bool) or not isinstance(piece.value, str | int)):
                return
            self._starts.append(length)
            if isinstance(piece, Known):
                piece = piece.map(lambda value: str(value).replace(_MARK, "").replace(_JSON_AMPERSAND, "&"))
            self._pieces.append(piece)
            length += len(piece.value) if isinstance(piece, Known) else 1
            if len(self._pieces) > PIECE_LIMIT:
                return
        self.text = "".join(_MARK if isinstance(piece, Unknown) else piece.value for piece in self._pieces)

    def value(self, place: slice, change: Callable[[str], str] = str) -> Value[Any]:
        """A part of the text as a value: unknown if it has a hole. `change` is done to what is known."""
        first = bisect_right(self._starts, place.start) - 1
        pieces: list[Value[Any]] = []
        for piece, start in zip(self._pieces[first:], self._starts[first:], strict=True):
            if start >= place.stop:
                break
            if isinstance(piece, Unknown):
                pieces.append(piece)
            elif text := piece.value[max(place.start - start, 0) : place.stop - start]:
                pieces.append(Known(change(text), self._span, piece.trace))
        if len(pieces) == 1:
            return pieces[0]
        trace = merge_traces(pieces)
        unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
        if unknown is None:
            return Known("".join(piece.value for piece in pieces if isinstance(piece, Known)), self._span, trace)
        return Unknown(unknown.reason, self._span, trace, parts=tuple(pieces), never_null=True)

    def trace(self, place: slice) -> tuple[Step, ...]:
        """The trace of a part."""
        return self.value(place).trace

    def given(self, place: slice | None, *, escaped: bool) -> Value[Any] | None:
        """A part as a value; None if it is missing. `escaped`: escapes as in a URI, such as `%40`, are resolved."""
        if place is None:
            return None
        if escaped and "%" in self.text[place]:
            from urllib.parse import unquote  # noqa: PLC0415  most runs need it not

            return self.value(place, unquote)
        return self.value(place)

    def mode(self, place: slice | None) -> Value[Any] | None:
        """The sslmode as a value, in libpq's spelling; None if it is missing."""
        return None if place is None else self.value(place).map(lambda text: sslmode_word(str(text)))
