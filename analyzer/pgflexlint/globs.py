"""Globs as in .gitignore (https://git-scm.com/docs/gitignore#_pattern_format), and for addresses.

They come from configurations that strangers may have written. Libraries make one regular expression of a glob, which a
few stars can keep busy for hours; here each name between slashes is matched by itself, and no star is tried twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

_ESCAPED = re.compile(r"\\(.)")
_ANY = re.compile("")
"""Stands for `**`."""


def matcher(globs: Iterable[str], base: str) -> Callable[[str], bool]:
    """Whether a file is one that globs mean, or is in a directory that they mean; the last glob that fits decides.

    The globs are relative to `base`, which like the path of the file is relative to the workspace root.
    """
    compiled = [found for found in map(_glob, globs) if found is not None]
    prefix = f"{base}/" if base else ""

    def matches(path: str) -> bool:
        if not path.startswith(prefix):
            return False
        names = path[len(prefix) :].split("/")
        return next((not glob.negated for glob in reversed(compiled) if glob.matches(names)), False)

    return matches


def fits(glob: str, text: str) -> bool:
    """Whether a text is what a glob says in which `*` is anything and `?` any character."""
    return _name(glob.replace("[", "[[]")).match(text) is not None


class _Glob(NamedTuple):
    names: tuple[re.Pattern[str], ...]
    """What the names between slashes must be; `_ANY` for any number of them."""
    negated: bool
    directory: bool
    """It means directories only."""

    def matches(self, names: Sequence[str]) -> bool:
        """Whether a path, or a directory that it is in, is meant."""
        ends = {0}
        for number, pattern in enumerate(self.names, 1):
            if pattern is _ANY:
                first = min(ends) + (number == len(self.names))  # `a/**` means what is in `a`
                ends = set(range(first, len(names) + 1))
            else:
                ends = {end + 1 for end in ends if end < len(names) and pattern.match(names[end])}
            if not ends:
                return False
        return not self.directory or min(ends) < len(names)


def _glob(line: str) -> _Glob | None:
    """The glob on one line; None where there is none."""
    text = line.rstrip(" \t")
    if text.endswith("\\") and text != line:
        text += line[len(text)]  # an escaped space stays
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text.removeprefix("!")
    directory = text.endswith("/")
    names = text.rstrip("/").split("/")
    if len(names) == 1:
        names.insert(0, "**")  # a name alone means that name everywhere
    elif not names[0]:
        del names[0]
    return _Glob(tuple(_ANY if name == "**" else _name(name) for name in names), negated, directory)


@lru_cache(maxsize=256)
def _name(glob: str) -> re.Pattern[str]:
    """One name: what a star stands for is decided once (`fnmatch` makes atomic groups)."""
    from fnmatch import translate  # noqa: PLC0415 - only where somebody has globs

    plain = _ESCAPED.sub(lambda escaped: f"[{escaped[1]}]" if escaped[1] in "*?[" else escaped[1], glob)
    return re.compile(translate(plain.replace("[^", "[!")))
