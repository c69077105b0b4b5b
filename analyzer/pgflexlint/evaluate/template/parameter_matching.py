"""Which template a JSON parameter file is for.

Such a file names no template. `ParameterMatching` looks for it in tiers, the surest first:

1. the template that it is named after and that declares all of its parameters, in its project directory or below;
2. the templates in its project directory that declare them all and that nobody calls;
3. the template that it is named after in its project directory, whatever that declares;
4. the nearest template of the whole tree that declares them all;
5. the template in its project directory that declares half of them, if it is the only one.

The first tier that finds a template decides. If none does, the file may still be for a template in its project
directory that declares some of them. `TemplateIndex` looks for the parameters in the texts first, so that few
templates have to be parsed.
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
"""How many directories up a template is looked for."""
_SHARED = 8
"""How many relevant templates may share a parameter file. Many files for many templates would be too much work."""
_DECLARED = compiled(r"""\bparam\s+(\w+)|"([^"\n]*)"\s*(?:/[/*]|:\s*(?:/[/*]|\{))""")
"""What may be the name of a parameter that a template declares, in Bicep and in JSON with comments."""


class _Json(msgspec.Struct):
    """A JSON file, as far as it names parameters."""

    parameters: dict[str, msgspec.Raw]


class TemplateIndex:
    """Looks templates up by their directories and by the parameters in their texts. Nothing is parsed for that."""

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
        """The project directory of a file: the nearest one, its own or above, with templates in it or below."""
        return next((each for each in upwards(path) if each in self._in_directory), "")

    def near(self, path: str) -> Sequence[str]:
        """The templates in the project directory of a file."""
        return self._in_directory.get(self.project(path), ())

    def may_be_for(self, path: str, templates: Collection[str]) -> Iterator[str]:
        """Those of `templates` that a parameter file may be for: they are near it, or mention all of its parameters."""
        yield from (each for each in self.near(path) if each in templates)
        if path not in self._given:
            self._given[path] = _names_given(self._text(path))
        names = self._given[path]
        if names is None or names:
            yield from self.may_declare(names or frozenset(), (each for each in templates if each in self.templates))

    def may_declare(self, names: frozenset[str], templates: Iterable[str]) -> Iterator[str]:
        """Those of `templates` that declare all of the parameters `names`, judged by their texts."""
        for path in templates:
            if path not in self._declared:
                self._declared[path] = _names_declared(self._text(path))
            if names <= self._declared[path]:
                yield path

    def _text(self, path: str) -> str:
        file = self._tree.glance(path)
        return "" if file is None else file.text


def _names_given(text: str) -> frozenset[str] | None:
    """The names of the parameters in a JSON file, in lower case; None if it is not plain JSON."""
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
    """The templates that one parameter file is for."""

    templates: Sequence[str]
    """The templates that are deployed with it."""
    candidates: Sequence[str] = ()
    """If there are none, the templates that it may be for: nothing decides among them."""


class ParameterMatching(msgspec.Struct):
    """Finds the template that a parameter file is for."""

    index: TemplateIndex
    parameters_of: Callable[[str], frozenset[str] | None]
    """The names of the parameters that a template declares, in lower case; None for a file that is no template."""
    called: set[str]
    """The templates that others call."""
    relevant: set[str]
    """The templates that can matter."""

    def match(self, path: str, names: frozenset[str]) -> Match:
        """The templates that a parameter file is for. `names` are the parameters that it gives, in lower case.

        If a tier finds several templates, those that nobody calls count. If several of these are left, and all are in
        the project directory of the file and declare all of its parameters, the file is for each of them.
        """
        found = self._uncalled(next(filter(None, map(list, self._tiers(path, names))), []))
        if not found:
            return Match((), list(self._declaring(1, names, self.index.near(path))))
        if len(found) == 1:
            return Match(found)
        near = self._declaring(len(names), names, self.index.near(path))
        is_shared = names and self.called.isdisjoint(found) and set(found).issubset(near)
        if is_shared and len(self.relevant.intersection(found)) <= _SHARED:
            return Match(found)
        return Match((), found if names else ())

    def _tiers(self, path: str, names: frozenset[str]) -> Iterator[Iterable[str]]:
        """What each tier finds, the surest tier first."""
        every, half = len(names), (len(names) + 1) // 2
        near = self.index.near(path)
        for namesakes in _namesakes(path, _below(self.index.project(path), self.index.templates)):
            yield self._declaring(every, names, namesakes)
        yield self._declaring(every, names, [each for each in near if each not in self.called])
        for namesakes in _namesakes(path, near):
            yield self._declaring(0, names, namesakes)
        if names:
            able = sorted(self.index.may_declare(names, self.index.templates), key=self._uncalled_first)
            for directory in upwards(path):  # two are enough to see that there is more than one
                yield islice(self._declaring(every, names, _below(directory, able)), 2)
        yield self._declaring(half, names, self._uncalled(list(self._declaring(0, names, near))))

    def _uncalled_first(self, path: str) -> tuple[bool, bool, str]:
        """Sorts templates that nobody calls first, and then relevant ones."""
        return path in self.called, path not in self.relevant, path

    def _uncalled(self, templates: list[str]) -> list[str]:
        """Those of `templates` that nobody calls, or else all of them."""
        return [each for each in templates if each not in self.called] or templates

    def _declaring(self, least: int, names: frozenset[str], files: Iterable[str]) -> Iterator[str]:
        """Those of `files` that are templates and declare at least `least` of the parameters `names`."""
        for path in self.index.may_declare(names, files) if least == len(names) else files:
            declared = self.parameters_of(path)
            if declared is not None and len(names & declared) >= least:
                yield path


def upwards(path: str) -> Iterator[str]:
    """The directories above a path, the nearest first."""
    for _ in range(_LEVELS):
        if not path:
            return
        path = posixpath.dirname(path)
        yield path


def _below(directory: str, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that are in a directory or below it."""
    return [each for each in paths if each.startswith(f"{directory}/" if directory else "")]


def _namesakes(path: str, templates: Iterable[str]) -> Iterator[list[str]]:
    """Those of `templates` that a parameter file is named after: its name begins with theirs.

    They come in groups: longer names first and, of equally long names, those in fewer directories first.

    https://learn.microsoft.com/azure/azure-resource-manager/templates/parameter-files#file-name
    """
    name = _stem(path)
    begun = [each for each in templates if name.startswith(_stem(each))]
    found = [each for each in begun if not name[len(_stem(each)) :][:1].isalnum()]
    return (list(group) for _, group in groupby(sorted(found, key=_rank), _rank))


def _rank(path: str) -> tuple[int, int]:
    return -len(_stem(path)), path.count("/")


def _stem(path: str) -> str:
    """The name of a file without its suffix, in lower case."""
    return posixpath.splitext(posixpath.basename(path))[0].lower()
