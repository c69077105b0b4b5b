"""Globs as in .gitignore (https://git-scm.com/docs/gitignore#_pattern_format), and for addresses.

Globs come from configurations, which are not trusted. Libraries turn a glob into one regular expression; a few stars
can keep that busy for hours. Here each name between slashes is matched by itself, and no star is tried twice.
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
"""The pattern of `**`."""
_NOTHING = compiled(r"(?!)")
NAME_LIMIT = 1_000
"""The most characters that a glob may have for one name. File names are shorter, so a longer glob matches nothing."""
NAMES_LIMIT = 2_048
"""The most names that a glob may have. Paths have fewer, so a longer glob matches nothing."""
WORK_LIMIT = 10_000_000
"""The most comparisons of short names for one kind of globs. They take a few seconds."""
_COMPARED = 64
"""A comparison of two names takes as long as this many pairs of characters."""
_PREPARED = 40
"""Preparing one character of a name with stars takes as long as this many comparisons."""


class Work:
    """Counts the work of comparing globs with names. If it is too much, nothing matches any more."""

    def __init__(self) -> None:
        self._left = WORK_LIMIT
        self._prepared: set[str] = set()

    @property
    def passed(self) -> bool:
        """Whether the work was too much."""
        return self._left < 0

    def add(self, comparisons: int) -> None:
        """Count some comparisons."""
        self._left -= comparisons

    def prepare(self, names: Iterable[str]) -> None:
        """Count the preparation of names as globs have them; each name counts once."""
        for name in names:
            if name not in self._prepared and _SPECIAL.search(name):
                self._prepared.add(name)
                self.add(_PREPARED * min(len(name), NAME_LIMIT))


def matcher(globs: Iterable[str], base: str, work: Work) -> Callable[[str], bool]:
    """A function that tells whether globs match a file or a directory above it. The last glob that matches decides.

    The globs are relative to `base`. `base` and the path of the file are relative to the workspace root.
    """
    compiled = [found for found in map(_glob, globs) if found is not None]
    for glob in compiled:
        work.prepare(glob.written)
    prefix = f"{base}/" if base else ""
    backwards = [(glob, glob.plain) for glob in reversed(compiled)]

    def matches(path: str) -> bool:
        if not path.startswith(prefix):
            return False
        inside = path[len(prefix) :]
        for glob, plain in backwards:
            if work.passed:
                return False
            if glob.matches_plain(inside, plain, work) if plain else glob.matches(inside.split("/"), work):
                return not glob.negated
        return False

    return matches


class Lines:
    """The lines of one `.gitignore`. They are asked about directories before what is in them."""

    def __init__(self, text: str, work: Work) -> None:
        self._work = work
        written = (line.removesuffix("\r") for line in text.split("\n"))
        self._globs = [found for found in map(_glob, written) if found is not None]
        self._plain: dict[str, list[int]] = {}
        """Lines that match a name at any depth, or an end such as `*.tfvars`: their positions, by the name or end."""
        self._patterns: list[int] = []
        """All others that match a name at any depth."""
        self._below: dict[str, list[int]] = {}
        """The lines that match a path and begin with a plain name, by this name."""
        self._placed: list[int] = []
        """All others that match a path."""
        self._by_name: dict[tuple[str, bool], int] = {}
        for at, glob in enumerate(self._globs):
            work.prepare(glob.written)
            first, last = glob.written[0], glob.written[-1]
            if len(glob.names) == 2 and glob.names[0] is _ANY:
                plain = _SPECIAL.search(last[1:] if last.startswith("*.") else last) is None
                (self._plain.setdefault(last, []) if plain else self._patterns).append(at)
            else:
                plain = _SPECIAL.search(first) is None
                (self._below.setdefault(first, []) if plain else self._placed).append(at)

    def ignore(self, names: Sequence[str], directory: bool) -> bool | None:
        """Whether an entry is ignored; None if no line matches it.

        `names` are those of its path below the directory of the `.gitignore`. As Git does, ask about an entry only if
        the directories above it are not ignored.
        """
        key = (names[-1], directory)
        last = self._by_name.get(key)
        if last is None:
            found = [*self._patterns, *(at for each in _ends(names[-1]) for at in self._plain.get(each, ()))]
            last = max((at for at in found if self._means(at, names[-1:], directory)), default=-1)
            self._by_name[key] = last
        for at in sorted((*self._placed, *self._below.get(names[0], ())), reverse=True):
            if at < last:
                break
            if self._means(at, names, directory):
                last = at
                break
        return None if last < 0 or self._work.passed else not self._globs[last].negated

    def _means(self, at: int, names: Sequence[str], directory: bool) -> bool:
        return not self._work.passed and self._globs[at].means(names, directory, self._work)


def fitter(glob: str, work: Work) -> Callable[[str], bool]:
    """A function that tells whether a glob matches a text. `*` matches anything, and `?` any character."""
    if is_plain(glob):
        return glob.__eq__
    work.prepare((glob,))
    pattern = _name(glob.replace("[", "[[]"))

    def fits(text: str) -> bool:
        work.add(_cost(glob, len(text)))
        return not work.passed and bool(pattern.match(text))

    return fits


def is_plain(glob: str) -> bool:
    """Whether a glob for `fitter` matches only the text that is equal to it."""
    return not any(special in glob for special in "*?\\")


def _cost(name: str, longest: int) -> int:
    """The cost of comparing one name of a glob, as written, with a name of that length; in comparisons, at most."""
    return 1 + min(len(name), NAME_LIMIT) * longest // _COMPARED


def _ends(name: str) -> Iterator[str]:
    """A name, and the globs `*.…` that match it."""
    yield name
    yield from (f"*{name[at:]}" for at, character in enumerate(name) if character == ".")


class _Plain(NamedTuple):
    """A name without stars. It needs no regular expression."""

    name: str

    def match(self, name: str) -> bool:
        return name == self.name


class _Glob(NamedTuple):
    names: tuple[re.Pattern[str] | _Plain, ...]
    """The patterns of the names between slashes; `_ANY` matches any number of names."""
    written: tuple[str, ...]
    """The names as they are written."""
    negated: bool
    directory: bool
    """It matches only directories."""

    def matches(self, names: Sequence[str], work: Work) -> bool:
        """Whether it matches a path or a directory above it."""
        ends = self._ends(names, work)
        return bool(ends) and (not self.directory or min(ends) < len(names))

    @property
    def plain(self) -> str:
        """The path that it means alone, with what is in there; "" if it means others."""
        return "" if any(not isinstance(name, _Plain) for name in self.names) else "/".join(self.written)

    def matches_plain(self, path: str, plain: str, work: Work) -> bool:
        """The same as `matches`, of a glob that is `plain`."""
        work.add(1)
        return path.startswith(f"{plain}/") or (path == plain and not self.directory)

    def means(self, names: Sequence[str], directory: bool, work: Work) -> bool:
        """Whether it matches the path itself, of a directory or a file."""
        return (directory or not self.directory) and len(names) in self._ends(names, work)

    def _ends(self, names: Sequence[str], work: Work) -> set[int]:
        """The lengths of the beginnings of the path that it matches, in names."""
        ends = {0}
        longest = max(map(len, names))
        for number, (pattern, written) in enumerate(zip(self.names, self.written, strict=True), 1):
            if pattern is _ANY:
                first = min(ends) + (number == len(self.names))  # `a/**` means what is in `a`
                ends = set(range(first, len(names) + 1))
                work.add(1 + len(ends) // 8)
            else:
                work.add(len(ends) * _cost(written, longest))
                ends = {end + 1 for end in ends if end < len(names) and pattern.match(names[end])}
            if not ends:
                break
        return ends


def _glob(line: str) -> _Glob | None:
    """The glob on one line; None if there is none."""
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
    if len(names) > NAMES_LIMIT:
        return None
    patterns = tuple(_ANY if name == "**" else _name(name) for name in names)
    return _Glob(patterns, tuple(names), negated, directory)


@cache
def _name(glob: str) -> re.Pattern[str] | _Plain:
    """The pattern of one name. No star is tried twice, because `fnmatch` makes atomic groups."""
    if _SPECIAL.search(glob) is None:
        return _Plain(glob)
    from fnmatch import translate  # noqa: PLC0415 - only where somebody has globs

    if len(glob) > NAME_LIMIT:
        return _NOTHING
    plain = _ESCAPED.sub(lambda escaped: f"[{escaped[1]}]" if escaped[1] in "*?[" else escaped[1], glob)
    head, closing, tail = plain.replace("[^", "[!").rpartition("]")
    return compiled(translate(f"{head}{closing}{tail.replace('[', '[[]')}"))  # which else looks for its end each time
