"""Globs as in .gitignore (https://git-scm.com/docs/gitignore#_pattern_format), and for addresses.

They come from configurations that strangers may have written. Libraries make one regular expression of a glob, which a
few stars can keep busy for hours; here each name between slashes is matched by itself, and no star is tried twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from pgflexlint.lazily import compiled

_ESCAPED = compiled(r"\\(.)")
_SPECIAL = compiled(r"[*?\[\\]")
_ANY = compiled("")
"""Stands for `**`."""
_NOTHING = compiled(r"(?!)")
_FIRST_TRY = 50
"""How many tries the first one of a glob takes the time of."""
NAME_LIMIT = 1_000
"""How many characters a glob may have for one name; no name is as long as this, so that a longer one means none."""


def matcher(globs: Iterable[str], base: str) -> Callable[[str], bool]:
    """Whether a file is one that globs mean, or is in a directory that they mean; the last glob that fits decides.

    The globs are relative to `base`, which like the path of the file is relative to the workspace root.
    """
    compiled = [found for found in map(_glob, globs) if found is not None]
    prefix = f"{base}/" if base else ""

    @cache
    def matches(path: str) -> bool:
        if not path.startswith(prefix):
            return False
        names = path[len(prefix) :].split("/")
        return next((not glob.negated for glob in reversed(compiled) if glob.matches(names)), False)

    return matches


class Lines:
    """The lines of one `.gitignore`, asked about one entry after another from the top downwards."""

    def __init__(self, text: str) -> None:
        self._globs = [found for found in map(_glob, text.splitlines()) if found is not None]
        self._plain: dict[str, list[int]] = {}
        """Those that mean a name wherever it is, or what ends like `*.tfvars`, by this name or end."""
        self._patterns: list[int] = []
        """All others that mean a name wherever it is."""
        self._below: dict[str, list[int]] = {}
        """Those that mean more than a name and begin with a certain one, by this name."""
        self._placed: list[int] = []
        """All others that mean more than a name."""
        self._by_name: dict[tuple[str, bool], int] = {}
        for at, glob in enumerate(self._globs):
            first, last = glob.written[0], glob.written[-1]
            if len(glob.names) == 2 and glob.names[0] is _ANY:
                plain = _SPECIAL.search(last[1:] if last.startswith("*.") else last) is None
                (self._plain.setdefault(last, []) if plain else self._patterns).append(at)
            else:
                plain = _SPECIAL.search(first) is None
                (self._below.setdefault(first, []) if plain else self._placed).append(at)
        self.tries = _FIRST_TRY * (len(self._patterns) + len(self._placed))
        """How often a glob was tried so far."""

    def ignore(self, names: Sequence[str], directory: bool) -> bool | None:
        """Whether an entry is ignored, by its names below the directory of the file; None where that is not said.

        It is asked about what is in directories only that are not ignored, as Git does it.
        """
        key = (names[-1], directory)
        last = self._by_name.get(key)
        if last is None:
            found = [*self._patterns, *(at for each in _ends(names[-1]) for at in self._plain.get(each, ()))]
            last = max((at for at in found if self._globs[at].means(names[-1:], directory)), default=-1)
            self._by_name[key] = last
            self.tries += len(found)
        for at in sorted((*self._placed, *self._below.get(names[0], ())), reverse=True):
            if at < last:
                break
            self.tries += 1
            if self._globs[at].means(names, directory):
                last = at
                break
        return None if last < 0 else not self._globs[last].negated


def fits(glob: str, text: str) -> bool:
    """Whether a text is what a glob says in which `*` is anything and `?` any character."""
    return _name(glob.replace("[", "[[]")).match(text) is not None


def _ends(name: str) -> Iterator[str]:
    """A name, and the globs `*.…` that mean it."""
    yield name
    yield from (f"*{name[at:]}" for at, character in enumerate(name) if character == ".")


class _Glob(NamedTuple):
    names: tuple[re.Pattern[str], ...]
    """What the names between slashes must be; `_ANY` for any number of them."""
    written: tuple[str, ...]
    """These names as they are written."""
    negated: bool
    directory: bool
    """It means directories only."""

    def matches(self, names: Sequence[str]) -> bool:
        """Whether a path, or a directory that it is in, is meant."""
        ends = self._ends(names)
        return bool(ends) and (not self.directory or min(ends) < len(names))

    def means(self, names: Sequence[str], directory: bool) -> bool:
        """Whether a path itself is meant, which is of a directory or of a file."""
        return (directory or not self.directory) and len(names) in self._ends(names)

    def _ends(self, names: Sequence[str]) -> set[int]:
        """How many of the names, from the first one on, may be what is meant."""
        ends = {0}
        for number, pattern in enumerate(self.names, 1):
            if pattern is _ANY:
                first = min(ends) + (number == len(self.names))  # `a/**` means what is in `a`
                ends = set(range(first, len(names) + 1))
            else:
                ends = {end + 1 for end in ends if end < len(names) and pattern.match(names[end])}
            if not ends:
                break
        return ends


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
    patterns = tuple(_ANY if name == "**" else _name(name) for name in names)
    return _Glob(patterns, tuple(names), negated, directory)


@cache
def _name(glob: str) -> re.Pattern[str]:
    """One name: what a star stands for is decided once (`fnmatch` makes atomic groups)."""
    from fnmatch import translate  # noqa: PLC0415 - only where somebody has globs

    if len(glob) > NAME_LIMIT:
        return _NOTHING
    plain = _ESCAPED.sub(lambda escaped: f"[{escaped[1]}]" if escaped[1] in "*?[" else escaped[1], glob)
    head, closing, tail = plain.replace("[^", "[!").rpartition("]")
    return compiled(translate(f"{head}{closing}{tail.replace('[', '[[]')}"))  # which else looks for its end each time
