"""All readings of a text: as it is, without the escapes of a language, and decoded."""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterable, Iterator
from contextlib import suppress

from pgflexlint.lazily import compiled

TIMES = 3
"""How often a text is decoded: encodings may be nested."""
_BASE64 = compiled(r"[A-Za-z0-9+/]{6,}={0,2}")
_ESCAPE = compiled(r"\\(?:u([0-9A-Fa-f]{4})|U000([0-9A-Fa-f]{5})|u\{0{0,3}([0-9A-Fa-f]{1,5})\}|(.))")
"""An escape in a string of JSON, HCL or Bicep. Those for control characters are left out: no password has them."""
_DOUBLED = compiled(r"'(?=')|\$(?=\$\{)|%(?=%\{)")
"""The first half of a doubled character, which escapes it in HCL or in an expression of a template."""


def readings(text: str) -> Iterable[str]:
    """A text itself, then the text without escapes or decoded, up to `TIMES` times."""
    found = {text: None}
    latest = [text]
    for _ in range(TIMES):
        latest = list(dict.fromkeys(each for one in latest for each in _read(one) if each not in found))
        found |= dict.fromkeys(latest)
    return found


def _read(text: str) -> Iterator[str]:
    """A text decoded once: as a part of a URL, as a string of a language, and as base64 or with base64 in it."""
    if "%" in text or "+" in text:
        from urllib.parse import unquote_plus  # noqa: PLC0415  hardly ever needed

        yield unquote_plus(text)
    if "\\" in text:
        yield _ESCAPE.sub(lambda found: found[4] or chr(int(found[1] or found[2] or found[3], 16)), text)
    if "''" in text or "$${" in text or "%%{" in text:
        yield _DOUBLED.sub("", text)
    for run in dict.fromkeys(_BASE64.findall(text)):
        bare = run.rstrip("=")
        if len(bare) % 4 != 1:  # padded or not
            with suppress(ValueError):
                content = a2b_base64(bare + "=" * (-len(bare) % 4))
                yield content.decode("utf-8" if b"\0" not in content else "utf-16-be" if content[0] == 0 else "utf-16")
