"""Parses connection strings for PostgreSQL. Where a piece of one is unknown, it has a hole.

It knows three forms:

- URIs of libpq and others, `postgres://user:password@host/database?sslmode=require`, also after `jdbc:`:
  https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
- libpq's keywords, `host=… user=… sslmode=…`, on the same page
- ADO.NET's pairs, `Host=…;Username=…;Ssl Mode=Require`: https://www.npgsql.org/doc/connection-string-parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from msgspec import Struct, field

from pgflexlint.evaluate.equality import is_text
from pgflexlint.lazily import compiled
from pgflexlint.values import Known, Step, Unknown, Value, merge_traces

TEXT_LIMIT = 8192
"""A longer text is no connection string, but there may be a URI in it."""
_FIRST_MARK = 0xF0000
"""The character for the first hole in the text that is parsed. The next hole is the next character, and so on.
They are in a private use area of Unicode."""
_HOLE = compiled("[\U000f0000-\U000ffffd]")

_URI = compiled(
    r"(?P<jdbc>(?:jdbc|r2dbc):)?postgres(?:ql)?(?:\+\w{1,30})?://"
    r"(?:(?P<user>[^\s:@/?#]*)(?::(?P<password>[^\s@/?#]*))?@)?"
    r"(?P<host>[^\s:/?#,]+)[^\s?#]*(?:\?(?P<query>\S*))?",
    re.IGNORECASE,
)
_PAIR = compiled(r"\s*+(\w[\w ]{0,40}+)=\s*+(\"[^\"]*\"|'[^']*'|[^;]*)(?:;|$)")
_KEYWORD = compiled(r"\s*+(\w{1,40}+)\s*+=\s*+('(?:\\.|[^'\\])*'|\S*)")
_KEYWORDS = {
    "host": "host", "hostaddr": "host", "hostname": "host", "server": "host", "datasource": "host", "address": "host",
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


_MARKS = {
    Form.URI: r"postgres\S*://",
    Form.JDBC: r"postgres\S*://",
    Form.KEYWORDS: r"(?i)\b(?:host(?:_?(?:addr|name))?|server)\s*=",
    Form.ADO: r"(?i)\b(?:host(?:_?name)?|server|data ?source|address)\s*=",
}
"""By form: what the source text has in it where a connection string is written."""


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


def parse(value: Value[Any]) -> ConnectionText | None:
    """What a connection string for PostgreSQL says; None if the value is none, or is not certainly a text."""
    marked = _Marked(value)
    if not marked.text:
        return None
    for form, said in _readings(marked.text):
        host = said.get("host")
        if host:
            trust = said.get("trust", "").lower() in ("true", "yes", "1")
            trust = trust or "nonvalidating" in said.get("sslfactory", "").lower()
            return ConnectionText(
                form,
                marked.value(_without_port(host)),
                marked.given(said.get("user"), decoded=form is Form.URI),
                marked.given(said.get("password"), decoded=form is Form.URI),
                marked.mode(said.get("sslmode")),
                trust,
                marked.trace(_MARKS[form]),
            )
    return None


def _readings(text: str) -> Iterator[tuple[Form, Mapping[str, str]]]:
    """The form that a text has, with the parts that it has then, by the meanings in `_KEYWORDS`."""
    uri = _URI.search(text)
    if uri is not None:
        separated = re.split(r"[&;]", uri["query"] or "")
        query = _meanings(pair.partition("=")[::2] for pair in separated if "=" in pair)
        said = {name: uri[name] for name in ("user", "password", "host") if uri[name] is not None}
        yield (Form.JDBC if uri["jdbc"] else Form.URI), {**query, **said}
    elif len(text) > TEXT_LIMIT:
        return
    elif ";" in text:
        yield Form.ADO, _meanings((pair[1], _unquoted(pair[2])) for pair in _PAIR.finditer(text))
    elif "=" in text:
        yield Form.KEYWORDS, _meanings((pair[1], _unquoted(pair[2])) for pair in _KEYWORD.finditer(text))


def _meanings(pairs: Any) -> dict[str, str]:
    """The values of keys, by what the keys mean. If several mean the same, the first counts."""
    meanings: dict[str, str] = {}
    for key, written in pairs:
        meaning = _KEYWORDS.get(re.sub(r"[\s_]", "", key).lower())
        if meaning is not None:
            meanings.setdefault(meaning, written.strip())
    return meanings


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _without_port(host: str) -> str:
    return re.sub(r"^tcp:|[:,]\d*$", "", host)


def sslmode_word(text: str) -> str:
    """An sslmode in libpq's spelling."""
    word = text.strip().strip("'\"").lower()
    return _WORDS.get(word, word)


class _Marked(Struct):
    """A text that is parsed, in which each hole is one character."""

    whole: Value[Any]
    text: str = ""
    """Empty if the value is not certainly a text."""
    _holes: list[Unknown] = field(default_factory=list)
    """The pieces that are unknown."""
    _written: list[Known[Any]] = field(default_factory=list)
    """The pieces that are known."""

    def __post_init__(self) -> None:
        todo = [self.whole] if isinstance(self.whole, Known) or is_text(self.whole) else []
        texts: list[str] = []
        while todo:
            piece = todo.pop()
            if isinstance(piece, Unknown) and is_text(piece):
                todo += reversed(piece.parts)
            elif isinstance(piece, Unknown):
                texts.append(chr(_FIRST_MARK + len(self._holes) % 0xFFFD))
                self._holes.append(piece)
            elif isinstance(piece.value, str | int) and not isinstance(piece.value, bool):
                texts.append(_HOLE.sub("", str(piece.value)))
                self._written.append(piece)
            else:
                return
        self.text = "".join(texts)

    def value(self, marked: str) -> Value[Any]:
        """A part of the text as a value: unknown if it has a hole."""
        pieces: list[Value[Any]] = []
        for piece in re.split(f"({_HOLE.pattern})", marked):
            if _HOLE.fullmatch(piece):
                pieces.append(self._holes[ord(piece) - _FIRST_MARK])
            elif piece:
                pieces.append(Known(piece, self.whole.span, self._trace_of(piece)))
        if len(pieces) == 1:
            return pieces[0]
        unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
        if unknown is None:
            return Known(marked, self.whole.span, self._trace_of(marked))
        return Unknown(unknown.reason, self.whole.span, merge_traces(pieces), parts=tuple(pieces), never_null=True)

    def _trace_of(self, text: str) -> tuple[Step, ...]:
        """The trace of a part that is known: that of the piece that it is in, and then of the whole text."""
        own = next((piece.trace for piece in self._written if text in str(piece.value)), ())
        steps = tuple(dict.fromkeys((*own, *self.whole.trace)))
        return self._from(rf"(?<!\w){re.escape(text)}(?!\w)", steps)

    def trace(self, mark: str) -> tuple[Step, ...]:
        """The trace of the whole text, from the step on whose source text has a mark in it."""
        return self._from(mark, self.whole.trace)

    def _from(self, pattern: str, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Of some steps, those from where a pattern is written on, and all that only decide.

        A trace does not say which part of a text a step is of. The steps before are those of other parts.
        """
        if re.search(pattern, self.whole.span.text):
            return tuple(step for step in steps if step.decides)
        at = next((at for at in reversed(range(len(steps))) if re.search(pattern, steps[at].span.text)), len(steps))
        return (*(step for step in steps[:at] if step.decides), *steps[at:])

    def given(self, marked: str | None, *, decoded: bool) -> Value[Any] | None:
        """A part as a value; None if it is missing. `decoded` resolves the escapes of a URI, such as `%40`."""
        if not marked:
            return None
        if decoded and "%" in marked:
            from urllib.parse import unquote  # noqa: PLC0415  most runs need it not

            marked = unquote(marked)
        return self.value(marked)

    def mode(self, marked: str | None) -> Value[Any] | None:
        """The sslmode as a value, in libpq's spelling; None if it is missing."""
        return None if not marked else self.value(marked).map(lambda text: sslmode_word(str(text)))
