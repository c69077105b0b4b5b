"""Compares Bicep files with the JSON that the Bicep compiler made of them: `python benchmarks/parity.py DIRECTORY`.

Every `main.bicep` below the directory that has a `main.json` beside it is evaluated twice: the source through the Bicep
reader, the JSON through the ARM reader. First with no inputs, then with the arguments that each `tests/**/*.bicep`
beside it calls it with. What the two deploy should be equal:

1. the resources of `Microsoft.DBforPostgreSQL`: type, name, parent, scope, every property at every depth;
2. the types of all resources, and whether it is certain that each exists;
3. the literal values in the properties of all resources.

A value that is unknown counts as `?`, with its candidates where all of them are known; an unknown name or parent
as what it is made of. Left out is what only one side can see:

- A registry module (`br/public:…`) is a call in the source, but the JSON holds the whole module: its deployment in the
  JSON is replaced by the call before it is evaluated.
- A resource `Microsoft.Resources/deployments` of the source is a nested deployment in the JSON, not a resource.
- Where the JSON has no symbolic names, it has nothing that is `existing`, so that counts on neither side.
- A scope that is where the template is deployed to anyway, which the compiler leaves out.

Prints each pair that differs with its first differences, then the counts; exits with 1 where any pair differs.
A checkout of https://github.com/Azure/bicep-registry-modules is what this was made for.
"""

from __future__ import annotations

import argparse
import posixpath
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.template.identity import key
from pgflexlint.evaluate.template.instance import Instance
from pgflexlint.evaluate.template.naming import DEPLOYMENTS
from pgflexlint.evaluate.template.registry import Registry
from pgflexlint.evaluate.template.session import Session
from pgflexlint.evaluate.template.twins import with_calls_of
from pgflexlint.problem import Problem, Problems
from pgflexlint.resource import Resource
from pgflexlint.syntax.arm import reader as arm
from pgflexlint.syntax.bicep import template as bicep
from pgflexlint.syntax.template import Module, Template
from pgflexlint.values import Known, Value
from pgflexlint.workspace import DiskWorkspace

PROVIDER = "microsoft.dbforpostgresql/"
SHOWN = 5
"""How many differences are shown for a pair unless the user wants all."""


class Pair(Struct, frozen=True):
    """What the comparison of one source with its compiled form found."""

    path: str
    resources: int
    values: int
    postgres: int
    differences: Mapping[str, Sequence[str]]
    """By what differs, in words."""
    problems: Sequence[Problem]


class Sources(Struct):
    """The templates of a checkout, each read once."""

    workspace: DiskWorkspace
    _templates: dict[str, Template | None] = field(default_factory=dict)

    def load(self, path: str) -> Template | None:
        """The template at a path."""
        if path not in self._templates:
            file = self.workspace.read(path)
            read = bicep.read_template if path.endswith(".bicep") else arm.read
            self._templates[path] = read(file) if file else None
        return self._templates[path]

    def tests(self, path: str) -> list[str]:
        """The Bicep files that test a `main.bicep`."""
        directory = self.workspace.root / posixpath.dirname(path)
        found = sorted(directory.glob("tests/**/*.test.bicep"))
        return [test.relative_to(self.workspace.root).as_posix() for test in found]


def compare(path: str, sources: Sources) -> Iterator[Pair]:
    """One `main.bicep` with its `main.json`, alone and as each of its tests calls it."""
    source, compiled = sources.load(path), sources.load(f"{posixpath.splitext(path)[0]}.json")
    if source is None or compiled is None:
        return
    compiled = with_calls_of(source, compiled, sources.load)
    yield _compared(path, (source, compiled), sources, {})
    for test in sources.tests(path):
        root = sources.load(test)
        if root is not None and any(_path(module, root) == path for module in root.modules):
            yield _compared(test, (root, root), sources, {path: compiled})


def _path(module: Module, caller: Template) -> str:
    """The path of the template that a module deploys, if that is a file."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(caller.file.path), module.source or ""))


def _compared(path: str, roots: tuple[Template, Template], sources: Sources, instead: Mapping[str, Template]) -> Pair:
    """What the two roots deploy; under the second one some templates stand in for others."""
    problems = Problems()

    def deployed(template: Template, load: Callable[[str], Template | None]) -> list[Resource]:
        workspace = sources.workspace
        session = Session(
            problems, Budget(problems), set(), workspace=workspace, load=load, registry=Registry(workspace)
        )
        found = Instance(session, template, {}).resources()
        return [each for each in found if not each.existing and each.type != DEPLOYMENTS]

    one = deployed(roots[0], sources.load)
    other = deployed(roots[1], lambda wanted: instead.get(wanted) or sources.load(wanted))
    literals = [Counter(literal for each in side for literal in _literals(_shape_of(each))) for side in (one, other)]
    differences = {
        "postgres": _differences(*([each for each in side if each.type.startswith(PROVIDER)] for side in (one, other))),
        "types": _unequal(*(Counter(map(_kind, side)) for side in (one, other))),
        "literals": _unequal(*literals),
        "resources": _differences(one, other),
    }
    postgres = sum(each.type.startswith(PROVIDER) for each in one)
    return Pair(path, len(one), literals[0].total(), postgres, differences, problems)


# What is compared

_LINKS = ("name", "scope")
_TARGETS = ("<resourcegroup().>", "<subscription().>", "<tenant().>", "/")
"""Scopes that are where a template is deployed to; the compiler leaves them out, but writes `/` for the tenant."""


def _kind(resource: Resource) -> str:
    return f"{resource.type}{'' if resource.maybe is None else ' (maybe)'}"


def _shape_of(resource: Resource) -> dict[str, Any]:
    """All of a resource; its name, scope and parent as what they are made of."""
    values = {name: resource.attributes.get(name) for name in _LINKS} | {"parent": resource.parent}
    links = {name: key(value) for name, value in values.items() if value is not None}
    attributes = {name: _shape(value) for name, value in resource.attributes.items() if name not in _LINKS}
    if links.get("scope") in _TARGETS:
        del links["scope"]
    return {**attributes, **links, "kind": _kind(resource)}


def _shape(value: Value[Any]) -> Any:
    """A value as plain data, with `?` for what is unknown."""
    match value:
        case Known(tuple() as items):
            return [_shape(item) for item in items]
        case Known(Mapping() as members):
            return {name.lower(): _shape(member) for name, member in members.items()}
        case Known(scalar):
            return scalar
        case _:
            candidates = sorted({repr(_shape(each)) for each in value.candidates})
            return f"?{{{'|'.join(candidates)}}}" if candidates else "?"


def _literals(shape: Any) -> Iterator[str]:
    match shape:
        case list():
            for item in shape:
                yield from _literals(item)
        case dict():
            for item in shape.values():
                yield from _literals(item)
        case _:
            yield repr(shape)


def _unequal(one: Counter[str], other: Counter[str]) -> list[str]:
    """What is more often on one side, with the numbers of both."""
    return [
        f"{what}: {one[what]} times in the source, {other[what]} in the JSON"
        for what in sorted(one.keys() | other.keys())
        if one[what] != other[what]
    ]


def _differences(one: Sequence[Resource], other: Sequence[Resource]) -> list[str]:
    """Resource by resource: those of one identity belong together, then those of one type in their order."""
    left, right = list(one), list(other)
    found: list[str] = []
    for same in (_whole, lambda each: (each.type, each.identity), lambda each: each.type):
        for resource, partner in _paired(left, right, same):
            place = f"{resource.type} '{resource.address}'"
            found += (f"{place}{line}" for line in _unlike(_shape_of(resource), _shape_of(partner)))
    found += (f"{each.type} '{each.address}' is in the source only" for each in left)
    found += (f"{each.type} '{each.address}' is in the JSON only" for each in right)
    return found


def _whole(resource: Resource) -> Any:
    return repr((resource.type, resource.identity, sorted(_shape_of(resource).items())))


def _paired(
    left: list[Resource], right: list[Resource], same: Callable[[Resource], Any]
) -> list[tuple[Resource, Resource]]:
    """Takes the pairs that are the same out of both lists."""
    partners: dict[Any, list[Resource]] = {}
    for each in reversed(right):
        partners.setdefault(same(each), []).append(each)
    pairs = [(each, found.pop()) for each in left if (found := partners.get(same(each)))]
    taken = {id(each) for pair in pairs for each in pair}
    left[:] = [each for each in left if id(each) not in taken]
    right[:] = [each for each in right if id(each) not in taken]
    return pairs


def _unlike(one: Any, other: Any, path: str = "") -> Iterator[str]:
    match one, other:
        case dict(), dict():
            for name in sorted(one.keys() | other.keys()):
                yield from _unlike(one.get(name, "(absent)"), other.get(name, "(absent)"), f"{path}.{name}")
        case list(), list() if len(one) == len(other):
            for index, (first, second) in enumerate(zip(one, other, strict=True)):
                yield from _unlike(first, second, f"{path}[{index}]")
        case _ if one != other or isinstance(one, bool) != isinstance(other, bool):
            yield f"{path}: {_short(one)} in the source, {_short(other)} in the JSON"


def _short(shape: Any) -> str:
    text = repr(shape)
    return text if len(text) <= 600 else f"{text[:600]}…"


def _report(pairs: Sequence[Pair], shown: int) -> None:
    for pair in pairs:
        for what, lines in pair.differences.items():
            for line in lines[:shown]:
                print(f"{pair.path}: {what}: {line}")
            if len(lines) > shown:
                print(f"{pair.path}: {what}: … and {len(lines) - shown} more")
    problems = Counter(line for pair in pairs for line in _told(pair))
    for problem in sorted(problems):
        print(problem)
    print(
        f"{len(pairs)} comparisons of {sum(pair.resources for pair in pairs):,} resources,"
        f" {sum(pair.postgres for pair in pairs)} of them of PostgreSQL,"
        f" and {sum(pair.values for pair in pairs):,} values; {len(problems)} problems."
    )
    for what in pairs[0].differences if pairs else ():
        unequal = sum(bool(pair.differences[what]) for pair in pairs)
        print(f"{what}: {len(pairs) - unequal} agree, {unequal} differ.")


def _told(pair: Pair) -> Iterator[str]:
    return (f"{problem.span or problem.path}: {problem.message}" for problem in pair.problems)


def main() -> int:
    """Compares all pairs; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--only", default="", metavar="TEXT", help="pairs whose path contains this")
    parser.add_argument("--show", type=int, default=SHOWN, metavar="N", help="how many differences to print for a pair")
    arguments = parser.parse_args()
    start = time.perf_counter()
    sources = Sources(DiskWorkspace(arguments.directory))
    paths = sorted(path.relative_to(arguments.directory) for path in arguments.directory.rglob("main.bicep"))
    both = [path for path in paths if (arguments.directory / path).with_suffix(".json").is_file()]
    wanted = [path.as_posix() for path in both if arguments.only in path.as_posix()]
    pairs = [pair for path in wanted for pair in compare(path, sources)]
    _report(pairs, arguments.show)
    print(f"{time.perf_counter() - start:.1f} s.")
    return 1 if any(any(pair.differences.values()) for pair in pairs) else 0


if __name__ == "__main__":
    sys.exit(main())
