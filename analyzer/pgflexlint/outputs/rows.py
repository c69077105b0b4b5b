"""JSON that people can read and `diff` can compare: an indented frame, with long lists that have a row on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pgflexlint.lazily import compiled

_ESCAPED = compiled("[^\0-~]")
"""What is written by its number: all but ASCII, and the control character DEL."""


def encode(value: Any) -> str:
    """A row: an object as ASCII JSON on one line."""
    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can write
        return json.dumps(value, separators=(",", ":"))
    return text if text.isascii() and "\x7f" not in text else _ESCAPED.sub(_escape, text)


def _escape(character: re.Match[str]) -> str:
    return json.dumps(character[0])[1:-1]


def dumps(frame: Mapping[str, Any], rows: Mapping[str, Iterable[str]]) -> str:
    """`frame` as JSON, where each empty list that it holds under a key of `rows` gets those rows.

    The keys must be unique in the frame, and in the order of `rows`. The text
    is ASCII, and escapes what a build agent would obey (as `harmless.inert` does for text).
    """
    rest, pieces = inert_json(_indented(frame)), []
    for key, members in rows.items():
        # A quoted key cannot stand in a string: there its quotes are escaped.
        before, _, rest = rest.partition(f'"{key}": []')
        margin = before[before.rfind("\n") :]
        lines = f",{margin}  ".join(map(inert_json, members))
        pieces += [before, f'"{key}": [', f"{margin}  " if lines else "", lines, margin if lines else "", "]"]
    return "".join([*pieces, rest, "\n"])


def _indented(frame: Mapping[str, Any]) -> str:
    try:
        return msgspec.json.format(encode(frame), indent=2)
    except msgspec.DecodeError:  # see `encode`
        return json.dumps(frame, indent=2)


def inert_json(text: str) -> str:
    """ASCII JSON with escapes in what a build agent would obey."""
    return text.replace("##", "#\\u0023")
