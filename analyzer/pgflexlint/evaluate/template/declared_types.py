"""What the declared types of parameters and outputs say of values: which are sensitive, and which may be null."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from pgflexlint.syntax.template import Import, Type
from pgflexlint.values import PartlySensitive

REFERENCE_LIMIT = 32
"""How many aliases are followed from one to the next. A type behind more of them counts as not found."""

_Found: TypeAlias = "tuple[Type, Types]"
"""A type, and where the names in it are looked up."""
_UNSEEN = Type()
"""Stands for a type that cannot be found: its file is not there, or it is behind too many aliases."""


class Types:
    """The types that a template declares, and those that it imports."""

    def __init__(
        self, own: Mapping[str, Type], imports: Callable[[], Iterable[tuple[Import, Types | None]]] = tuple
    ) -> None:
        """`imports` gives each import with the types of its file; None for a file that is not there."""
        self._own = own
        self._imports = imports
        self._sensitive: dict[int, bool | PartlySensitive] = {}
        self._found: dict[tuple[str | None, ...], _Found | None] = {}

    def nullable(self, declared: Type) -> bool:
        """Whether a value of a type may be null. Of the aliases that lead to the type, the first one that says so
        decides."""
        return next((each.nullable for each, _ in self._aliases(declared) if each.nullable is not None), False)

    def sensitive(self, declared: Type) -> bool | PartlySensitive:
        """Whether a type is sensitive, or which of its members are."""
        known = id(declared)
        if known not in self._sensitive:
            self._sensitive[known] = False  # another name for itself
            found = self._find(declared.path) if declared.path and not declared.sensitive else None
            if found is not None and found[0] is not _UNSEEN:
                self._sensitive[known] = found[1].sensitive(found[0])
            elif self._may_hold_sensitive(declared):
                self._sensitive[known] = _sensitivity(declared, self, {})
        return self._sensitive[known]

    def _may_hold_sensitive(self, declared: Type) -> bool:
        """Whether a type holds anything sensitive, or may: a type that cannot be found may."""
        todo: list[_Found] = [(declared, self)]
        seen: set[int] = set()
        while todo:
            start, types = todo.pop()
            if id(start) in seen:
                continue
            seen.add(id(start))
            for each, at in types._aliases(start):
                if each is _UNSEEN or each.sensitive:
                    return True
                inner = (*each.members.values(), each.others, *each.choices)
                todo += [(inside, at) for inside in inner if inside is not None]
        return False

    def _aliases(self, declared: Type, depth: int = 0) -> Iterator[_Found]:
        """A type, then the type that it is an alias for, and so on."""
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
        """The type that a path leads to; None for a type of the language, and for a path that leads through itself."""
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
            for last in found[1]._aliases(found[0], depth) if found else ():  # noqa: B007 - the last one counts
                pass
            found = None if last is None else _inside(last, step)
        return found


def _inside(found: _Found, step: str | None) -> _Found | None:
    """The type of the member `step`, a name or position; None is any member."""
    declared, types = found
    if declared is _UNSEEN:
        return found
    inside = declared.others if step is None else declared.members.get(step.lower(), declared.others)
    return None if inside is None else (inside, types)


def _sensitivity(declared: Type, types: Types, made: dict[int, bool | PartlySensitive]) -> bool | PartlySensitive:
    """Whether a type is sensitive, or which of its members are. `made` holds what is known so far, by identity."""
    if id(declared) in made:
        return made[id(declared)]
    made[id(declared)] = PartlySensitive()  # a type that holds itself
    aliases = [*types._aliases(declared)]
    last, at = aliases[-1]
    answer: bool | PartlySensitive = any(each.sensitive for each, _ in aliases)
    if last is _UNSEEN and not answer:
        answer = PartlySensitive()
    elif not answer:
        members = {name: _sensitivity(each, at, made) for name, each in last.members.items()}
        others = False if last.others is None else _sensitivity(last.others, at, made)
        answer = PartlySensitive(members, others) if others or any(members.values()) else False
        if last.choices:
            chosen = _either([_sensitivity(each, at, made) for each in last.choices])
            answer = PartlySensitive() if answer else chosen
    made[id(declared)] = answer
    return answer


def _either(choices: Sequence[bool | PartlySensitive]) -> bool | PartlySensitive:
    """The members that are sensitive in each of several types: these are certain to be, whichever type a value has."""
    hiding = [each for each in choices if each is not False]
    if all(each is hiding[0] for each in hiding) and len(hiding) in (0, len(choices)):
        return choices[0]
    parts = [each for each in hiding if each is not True]
    if len(parts) < len(hiding) or any(each.members is None for each in parts):
        return PartlySensitive()
    if len(hiding) < len(choices):
        parts.append(PartlySensitive({}))  # for the types with nothing sensitive
    names = {name for each in parts for name in each.members or ()}
    members = {name: _either([each.member(name) for each in parts]) for name in names}
    return PartlySensitive(members, _either([each.others for each in parts]))
