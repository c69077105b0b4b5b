"""Reads and writes TOML. It reads within bounds: configurations are not trusted, and `tomllib` sets no bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pgflexlint.lazily import compiled

TOML_TOKEN = compiled(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}'
    + r"|'''(?s:.*?)'{3,5}"
    + r'|"(?:[^"\\\n]|\\.)*+"'
    + r"|'[^'\n]*+'|#[^\n]*+|[\[\]{}\n]",
    re.DOTALL,
)
"""A text, a comment, or a character that gives a document its structure."""
_KEY = compiled(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){2,}+")
"""All but the last part of a key of three parts and more."""
_BARE_KEY = compiled(r"[A-Za-z0-9_-]+")
"""A key without quotes."""
_LONG_NUMBER = compiled(r"(?<![\w-])[+-]?+(?=\w{1000})\d")
"""Python reads and writes no number of more than 4,300 decimal digits, whatever the base it is written to."""
_KEY_LIMIT, _KEYS_LIMIT = 100, 10_000
"""How many parts one key may have, and all of three and more: each part takes far more memory than its text."""


def read_toml(text: str) -> dict[str, Any]:
    """What a TOML document says. Raises `ValueError`; its text says what is wrong and where, as that of `tomllib`."""
    import tomllib  # noqa: PLC0415 - slow, and mostly not needed

    text = text.replace("\r\n", "\n")
    bare = TOML_TOKEN.sub(lambda token: token[0] if len(token[0]) == 1 else "a" + "\n" * token[0].count("\n"), text)
    for what, place in _out_of_bounds(bare):
        line = bare.count("\n", 0, place) + 1
        raise ValueError(f"{what} (at line {line}, column 1)")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("It is nested too deeply") from None


def toml(value: Any) -> str:
    """A value as TOML writes it on one line: a text, number, truth value or date, or a list or table of such values."""
    match value:
        case Mapping():
            members = (
                f"{key if _BARE_KEY.fullmatch(key) else toml(key)} = {toml(each)}" for key, each in value.items()
            )
            return f"{{{', '.join(members)}}}"
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case str():
            return "".join(map(_escaped, json.dumps(value, ensure_ascii=False)))
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _escaped(character: str) -> str:
    r"""A character of a text, or `\u202e` for one that does not print."""
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _out_of_bounds(bare: str) -> Iterator[tuple[str, int]]:
    """What costs too much, with its offset. `bare` is a document without its texts and comments."""
    if number := _LONG_NUMBER.search(bare):
        yield "A number is too long", number.start()
    parts = 0
    for key in _KEY.finditer(bare):
        its_own = key[0].count(".")
        parts += its_own
        if its_own >= _KEY_LIMIT:
            yield f"A key has more than {_KEY_LIMIT} parts", key.start()
        if parts >= _KEYS_LIMIT:
            yield f"The keys have more than {_KEYS_LIMIT:,} parts", key.start()
