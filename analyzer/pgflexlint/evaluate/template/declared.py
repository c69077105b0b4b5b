"""What the declared types of parameters and outputs say of values: which are hidden, and whether null is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from pgflexlint.syntax.template import Import, Type
from pgflexlint.values import Hidden

REFERENCE_LIMIT = 32
"""How many names of types one is followed through; what is behind more of them is not seen."""

_Found: TypeAlias = "tuple[Type, Types]"
"""A type, and where the names in it are looked up."""
_UNSEEN = Type()
"""In place of a type of a file that is not there, or behind too many names."""


class Types:
    """The types that a template declares, and those that it imports."""

    def __init__(
        self, own: Mapping[str, Type], imports: Callable[[], Iterable[tuple[Import, Types | None]]] = tuple
    ) -> None:
        """`imports` are what is taken over from other files; None for one that is not there."""
        self._own = own
        self._imports = imports
        self._hiding: dict[int, bool | Hidden] = {}
        self._found: dict[tuple[str | None, ...], _Found | None] = {}

    def nullable(self, declared: Type) -> bool:
        """Whether a type takes null, as the outermost of its names has it that says so."""
        return next((each.nullable for each, _ in self._way(declared) if each.nullable is not None), False)

    def hides(self, declared: Type) -> bool | Hidden:
        """Whether a type hides its values, or what in them."""
        known = id(declared)
        if known not in self._hiding:
            self._hiding[known] = False  # another name for itself
            found = self._find(declared.path) if declared.path and not declared.secure else None
            if found is not None and found[0] is not _UNSEEN:
                self._hiding[known] = found[1].hides(found[0])
            elif self._hides_any(declared):
                self._hiding[known] = _hidden(declared, self, {})
        return self._hiding[known]

    def _hides_any(self, declared: Type) -> bool:
        """Whether a type hides anything, or that cannot be told."""
        todo: list[_Found] = [(declared, self)]
        seen: set[int] = set()
        while todo:
            start, types = todo.pop()
            if id(start) in seen:
                continue
            seen.add(id(start))
            for each, at in types._way(start):
                if each is _UNSEEN or each.secure:
                    return True
                inner = (*each.members.values(), each.others, *each.choices)
                todo += [(inside, at) for inside in inner if inside is not None]
        return False

    def _way(self, declared: Type, depth: int = 0) -> Iterator[_Found]:
        """A type, that which it is another name for, and so on."""
        found: _Found | None = declared, self
        for _ in range(REFERENCE_LIMIT - depth):
            if found is None:
                return
            yield found
            named, types = found
            found = types._find(named.path, depth + 1) if named.path else None
        if found is not None:
            yield _UNSEEN, self

    def _find(self, path: tuple[str | None, ...], depth: int = 0) -> _Found | None:
        """The type that a path leads to; None for one of the language, and for one that it leads through itself."""
        if path not in self._found:
            self._found[path] = None
            self._found[path] = self._looked_for(path, depth)
        return self._found[path]

    def _looked_for(self, path: Sequence[str | None], depth: int) -> _Found | None:
        first, *rest = path
        if first is None:
            return None
        if first in self._own:
            return self._within(first, rest, depth)
        for taken, other in self._imports():
            there = next((there for there, here in taken.symbols if here == first), None)
            if there is None and first == taken.namespace and rest:
                there, *rest = rest
            if there is not None:
                return (_UNSEEN, self) if other is None else other._within(there, rest, depth)
        return None

    def _within(self, name: str, path: Sequence[str | None], depth: int) -> _Found | None:
        found: _Found | None = (self._own[name], self) if name in self._own else None
        for step in path:
            last: _Found | None = None
            for last in found[1]._way(found[0], depth) if found else ():  # noqa: B007 - the last one counts
                pass
            found = None if last is None else _inside(last, step)
        return found


def _inside(found: _Found, step: str | None) -> _Found | None:
    """The type of a member, by its name or position; with None of any."""
    declared, types = found
    if declared is _UNSEEN:
        return found
    inside = declared.others if step is None else declared.members.get(step.lower(), declared.others)
    return None if inside is None else (inside, types)


def _hidden(declared: Type, types: Types, made: dict[int, bool | Hidden]) -> bool | Hidden:
    """What a type hides; `made` are those that were looked at, by their identities."""
    if id(declared) in made:
        return made[id(declared)]
    made[id(declared)] = Hidden()  # of what it has inside itself nothing tells
    way = [*types._way(declared)]
    last, at = way[-1]
    answer: bool | Hidden = any(each.secure for each, _ in way)
    if last is _UNSEEN and not answer:
        answer = Hidden()
    elif not answer:
        members = {name: _hidden(each, at, made) for name, each in last.members.items()}
        others = False if last.others is None else _hidden(last.others, at, made)
        answer = Hidden(members, others) if others or any(members.values()) else False
        if last.choices:
            chosen = _either([_hidden(each, at, made) for each in last.choices])
            answer = Hidden() if answer else chosen
    made[id(declared)] = answer
    return answer


def _either(choices: Sequence[bool | Hidden]) -> bool | Hidden:
    """What is hidden by one of several types, of which it is not known which: what all of them hide."""
    hiding = [each for each in choices if each is not False]
    if all(each is hiding[0] for each in hiding) and len(hiding) in (0, len(choices)):
        return choices[0]
    parts = [each for each in hiding if each is not True]
    if len(parts) < len(hiding) or any(each.members is None for each in parts):
        return Hidden()
    if len(hiding) < len(choices):
        parts.append(Hidden({}))  # for all that hide nothing
    names = {name for each in parts for name in each.members or ()}
    members = {name: _either([each.member(name) for each in parts]) for name in names}
    return Hidden(members, _either([each.others for each in parts]))
