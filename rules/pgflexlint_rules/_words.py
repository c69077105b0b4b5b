"""What the words of server parameters mean."""

from __future__ import annotations

from typing import Any

from pgflexlint.values import Unknown, Value

_OFF = frozenset({"off", "false", "0", "no"})
_ON = frozenset({"on", "true", "1", "yes"})
_TLS = {"tls1": 10, "tls10": 10, "tls11": 11, "tls12": 12, "tls13": 13}


def is_off(text: str | None) -> bool:
    """Whether the text of a boolean parameter switches it off, in any spelling that PostgreSQL knows."""
    return text is not None and text.strip().casefold() in _OFF


def is_on(text: str | None) -> bool:
    """Whether the text of a boolean parameter switches it on, in any spelling that PostgreSQL knows."""
    return text is not None and text.strip().casefold() in _ON


def members(text: str | None) -> frozenset[str]:
    """The members of a set, which commas separate, in lower case."""
    return frozenset(member for each in (text or "").split(",") if (member := each.strip().casefold()))


def tls_version(text: str | None) -> int | None:
    """Ten times the TLS version that a text names (`TLSv1.2`, `TLS1_2`, … are 12); None if it names none."""
    return _TLS.get("".join(character for character in (text or "").casefold() if character not in "v._ "))


def spoken(value: Value[Any]) -> str:
    """A value for a message; if it is unknown, its possible values."""
    if isinstance(value, Unknown):
        return " or ".join(dict.fromkeys(str(candidate.value) for candidate in value.candidates))
    return str(value.value)
