"""Which template a JSON parameter file is for.

Such a file names no template. `ParameterMatching` looks for it in tiers, the surest first:

1. the template in its project directory or below that it is named after, if that declares all of its parameters;
2. the templates in its project directory that nobody calls and that declare them all;
3. the template in its project directory that it is named after, whatever that declares;
4. the nearest template of the whole tree that declares them all;
5. the only template in its project directory, if that declares half of them.

The first tier with any template decides. `TemplateIndex` knows from texts alone which templates may be in a tier, so
that only these are parsed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

import msgspec

from pgflexlint.lazily import compiled
from pgflexlint.source import Tree, spelled_out

_LEVELS = 32
"""How many directories up what belongs together may be."""
_SHARED = 8
"""How many templates may share a parameter file: with more, the work would be their product."""
_DECLARED = compiled(r"""\bparam\s+(\w+)|"([^"\n]*)"\s*(?:/[/*]|:\s*(?:/[/*]|\{))""")
"""What may be the name of a parameter that a template declares, in Bicep and in JSON with comments."""


class _Json(msgspec.Struct):
    """A JSON file, as far as it names parameters."""

    parameters: dict[str, msgspec.Raw]


class TemplateIndex:
    """The templates of a tree, by their directories and by the parameters that their texts speak of."""

    def __init__(self, tree: Tree, templates: Iterable[str]) -> None:
        """`templates` are the files that may be deployed with parameters."""
        self.templates = frozenset(templates)
        self._tree = tree
        self._declared: dict[str, frozenset[str]] = {}
        self._given: dict[str, frozenset[str] | None] = {}
        self._in_directory: dict[str, list[str]] = {}
        for path in sorted(self.templates):
            for directory in upwards(path):
                self._in_directory.setdefault(directory, [])
            self._in_directory[posixpath.dirname(path)].append(path)

    def project(self, path: str) -> str:
        """The nearest directory that has templates in it or below, of those that a file is in."""
        return next((each for each in upwards(path) if each in self._in_directory), "")

    def near(self, path: str) -> Sequence[str]:
        """The templates in that directory itself."""
        return self._in_directory.get(self.project(path), ())

    def may_be_for(self, path: str, templates: Collection[str]) -> Iterator[str]:
        """Those of some templates that a parameter file may be for: near it, or with all its parameters."""
        yield from (each for each in self.near(path) if each in templates)
        if path not in self._given:
            self._given[path] = _names_given(self._text(path))
        names = self._given[path]
        if names is None or names:
            yield from self.speaking_of(names or frozenset(), (each for each in templates if each in self.templates))

    def speaking_of(self, names: frozenset[str], templates: Iterable[str]) -> Iterator[str]:
        """Those of some templates whose texts may declare all of some parameters."""
        for path in templates:
            if path not in self._declared:
                self._declared[path] = _names_declared(self._text(path))
            if names <= self._declared[path]:
                yield path

    def _text(self, path: str) -> str:
        file = self._tree.glance(path)
        return "" if file is None else file.text


def _names_given(text: str) -> frozenset[str] | None:
    """The names of the parameters in a JSON file, in lower case; None where it is not plain JSON."""
    try:
        return frozenset(map(str.lower, msgspec.json.decode(text, type=_Json).parameters))
    except msgspec.ValidationError:
        return frozenset()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _names_declared(text: str) -> frozenset[str]:
    """The names of parameters that a template may declare, in lower case."""
    found = _names_given(text)
    return found or frozenset(name or key for name, key in _DECLARED.findall(spelled_out(text).lower()))


class Match(NamedTuple):
    """What a parameter file is for."""

    templates: Sequence[str]
    """The templates that are deployed with it."""
    rivals: Sequence[str] = ()
    """Where there are none: those among which it cannot be told."""


class ParameterMatching:
    """Finds the template that a parameter file is for."""

    def __init__(
        self,
        index: TemplateIndex,
        parameters_of: Callable[[str], frozenset[str] | None],
        called: set[str],
        relevant: set[str],
    ) -> None:
        """`parameters_of` gives the names of the parameters that a template declares, in lower case; None where a file
        is no template. `called` are the templates that others call, `relevant` those that can matter.
        """
        self._index = index
        self._parameters_of = parameters_of
        self._called = called
        self._relevant = relevant
        self._ranked = sorted(index.templates, key=lambda each: (each in called, each not in relevant, each))

    def match(self, path: str, names: frozenset[str]) -> Match:
        """Decide what a parameter file is for that gives the parameters with some names, in lower case.

        Where a tier has several templates, those count that nobody calls. If these are still several, they share a file
        of their directory.
        """
        found = self._uncalled(next(filter(None, map(list, self._tiers(path, names))), []))
        if len(found) == 1:
            return Match(found)
        is_shared = names and self._called.isdisjoint(found) and set(found).issubset(self._index.near(path))
        if is_shared and len(self._relevant.intersection(found)) <= _SHARED:
            return Match(found)
        return Match((), found if names else ())

    def _tiers(self, path: str, names: frozenset[str]) -> Iterator[Iterable[str]]:
        """The templates of each tier."""
        every, half = len(names), (len(names) + 1) // 2
        near = self._index.near(path)
        for namesakes in _namesakes(path, _below(self._index.project(path), self._index.templates)):
            yield self._declaring(every, names, namesakes)
        yield self._declaring(every, names, [each for each in near if each not in self._called])
        for namesakes in _namesakes(path, near):
            yield self._declaring(0, names, namesakes)
        if names:
            able = list(self._index.speaking_of(names, self._ranked))
            for directory in upwards(path):  # the first two show whether there is one
                yield islice(self._declaring(every, names, _below(directory, able)), 2)
        there = self._uncalled(list(self._declaring(0, names, near)))
        if len(there) == 1:
            yield self._declaring(half, names, there)

    def _uncalled(self, templates: list[str]) -> list[str]:
        """Those of some templates that nobody calls; all where there are none."""
        return [each for each in templates if each not in self._called] or templates

    def _declaring(self, least: int, names: frozenset[str], files: Iterable[str]) -> Iterator[str]:
        """Those of some files that are templates and declare at least so many of some parameters."""
        for path in self._index.speaking_of(names, files) if least == len(names) else files:
            declared = self._parameters_of(path)
            if declared is not None and len(names & declared) >= least:
                yield path


def upwards(path: str) -> Iterator[str]:
    """The directories that something is in, the nearest first."""
    for _ in range(_LEVELS):
        if not path:
            return
        path = posixpath.dirname(path)
        yield path


def _below(directory: str, paths: Iterable[str]) -> list[str]:
    """Those of some files that are in a directory or below it."""
    return [each for each in paths if each.startswith(f"{directory}/" if directory else "")]


def _namesakes(path: str, templates: Iterable[str]) -> Iterator[list[str]]:
    """Those of some templates with whose names that of a parameter file begins: longer names first, then what is less
    far down.

    https://learn.microsoft.com/azure/azure-resource-manager/templates/parameter-files#file-name
    """
    name = _stem(path)
    begun = [each for each in templates if name.startswith(_stem(each))]
    found = [each for each in begun if not name[len(_stem(each)) :][:1].isalnum()]
    return (list(group) for _, group in groupby(sorted(found, key=_rank), _rank))


def _rank(path: str) -> tuple[int, int]:
    return -len(_stem(path)), path.count("/")


def _stem(path: str) -> str:
    """The name of a file without how it ends, in lower case."""
    return posixpath.splitext(posixpath.basename(path))[0].lower()
