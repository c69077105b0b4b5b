"""Compares values that may be unknown, or known in part, for all languages. The answer `None` means "unknown"."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.resource import ANY_INSTANCE
from pgflexlint.values import Known, Reference, SetValue, Unknown, Value, all_true, any_true

COMPARISON_LIMIT = 200_000
"""How many pairs of members one comparison may compare."""
TELLS_NOTHING = frozenset(
    [
        "length", "empty", "contains", "strcontains", "startswith", "endswith", "indexof", "lastindexof", "like",
        "bool", "alltrue", "anytrue", "can", "issensitive", "uniquestring", "guid", "newguid", "getsecret",
        "!", "==", "!=", "=~", "!~", "<", "<=", ">", ">=", "&&", "||",
    ]
)  # fmt: skip
"""Functions and operators, in lower case, whose result does not contain their operands or parts of them."""


def describe(value: Any) -> str:
    """The kind of a plain value in words, with an article: "a string", "null"."""
    match value:
        case None:
            return "null"
        case bool():
            return "a bool"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case SetValue():
            return "a set"
        case tuple() | list():
            return "a list"
        case _:
            return "an object"


def frozen(value: Value[Any], fold: Callable[[str], str] = str) -> Hashable | None:
    """A hashable key of a value: equal values have the same key, other values do not. None if a member is unknown.

    `fold` maps names of members that are equal in the language to the same name.
    """
    match value:
        case Unknown():
            return None
        case Known(tuple() as members):
            keys = [frozen(member, fold) for member in members]
            collected = frozenset(keys) if isinstance(members, SetValue) else tuple(keys)
            return None if None in keys else (describe(members), collected)
        case Known(Mapping() as members):
            items = [(name, frozen(member, fold)) for name, member in _folded(members, fold).items()]
            return None if any(key is None for _, key in items) else ("an object", tuple(sorted(items, key=_name)))
        case Known(bare):
            return describe(bare), bare


def _name(item: tuple[str, Any]) -> str:
    return item[0]


def _folded(members: Mapping[str, Value[Any]], fold: Callable[[str], str]) -> Mapping[str, Value[Any]]:
    return members if fold is str else {fold(name): member for name, member in members.items()}


class _Work(Struct):
    """How many more pairs of members one comparison may compare."""

    left: int = COMPARISON_LIMIT


class Equality(Struct, frozen=True):
    """The equality of one language. Values of different types are never equal: `"1"` is not `1`."""

    text: Callable[[Any], str]
    """Converts a plain scalar to the text that an interpolation makes of it."""
    fold: Callable[[str], str] = str
    """Maps names of members that are equal in the language to the same name."""

    def equal(self, left: Value[Any], right: Value[Any]) -> bool | None:
        """Whether two values and all their members are equal; None if that is unknown.

        Lists count as tuples, and maps as objects. Raises `LimitError` if it takes too long.
        """
        return self._equal(left, right, _Work())

    def _equal(self, left: Value[Any], right: Value[Any], work: _Work) -> bool | None:
        work.left -= 1
        if work.left < 0:
            raise LimitError(f"More than {COMPARISON_LIMIT:,} members would have to be compared.")
        match left, right:
            case Known(first), Known(second):
                return self._equal_bare(first, second, work)
            case Known(), Unknown():
                return self._equal(right, left, work)
            case Unknown(), Unknown() if self._same_unknown(left, right, work):
                return True
            case Unknown(candidates=candidates), _ if candidates:
                answers = {self._equal(candidate, right, work) for candidate in candidates}
                return answers.pop() if len(answers) == 1 else None
            case Unknown(), Unknown(candidates=candidates) if candidates:
                return self._equal(right, left, work)
            case Unknown(), Known(None):
                return False if left.never_null or is_text(left) else None
            case Unknown(), Known("") if is_id(left):
                return False
            case Unknown(), Known(str(text)) if left.parts:
                return None if self.may_be(left, text) else False
            case Unknown(members=members), Known(bare) if members is not None:
                return None if self._may_hold(bare, members, work) else False
            case _:
                return None

    def _same_unknown(self, left: Unknown, right: Unknown, work: _Work) -> bool:
        """Whether two unknowns are certain to be equal: the same name or attribute, or texts of equal pieces."""
        reference, parts = left.reference, left.parts
        if left.key is not None and left.key == right.key:
            return True
        if reference is not None and reference == right.reference and _names_one_value(reference):
            return True
        same = (self._equal(one, other, work) for one, other in zip(parts, right.parts, strict=False))
        return 0 < len(parts) == len(right.parts) and all(same)

    def _equal_bare(self, left: Any, right: Any, work: _Work) -> bool | None:
        if describe(left) != describe(right):
            return False
        match left, right:
            case SetValue(), SetValue():
                return self._equal_sets(left, right, work)
            case tuple(), tuple():
                pairs = zip(left, right, strict=False)
                return len(left) == len(right) and all_true(self._equal(one, other, work) for one, other in pairs)
            case Mapping(), Mapping():
                left, right = _folded(left, self.fold), _folded(right, self.fold)
                names = left.keys()
                return names == right.keys() and all_true(self._equal(left[key], right[key], work) for key in names)
            case _:
                return bool(left == right)

    def _may_hold(self, whole: Any, members: Mapping[str, Value[Any]] | tuple[Value[Any], ...], work: _Work) -> bool:
        """Whether an object, list or set may have all of `members`."""
        if isinstance(whole, Mapping) and isinstance(members, Mapping):
            whole, members = _folded(whole, self.fold), _folded(members, self.fold)
            return all(
                name in whole and self._equal(member, whole[name], work) is not False
                for name, member in members.items()
            )
        return isinstance(whole, tuple) and isinstance(members, tuple)

    def _equal_sets(self, left: SetValue[Value[Any]], right: SetValue[Value[Any]], work: _Work) -> bool | None:
        keys = [[self.frozen(member) for member in members] for members in (left, right)]
        if not any(None in each for each in keys):
            return set(keys[0]) == set(keys[1])
        answers = [any_true(self._equal(member, other, work) for other in right) for member in left]
        if None not in answers:
            return all(answers) and len(left) == len(right)
        return None

    def frozen(self, value: Value[Any]) -> Hashable | None:
        """As the function `frozen`, for this language."""
        return frozen(value, self.fold)

    def distinct(self, values: Iterable[Value[Any]]) -> list[Value[Any]]:
        """The values, without each that certainly equals an earlier one."""
        kept: dict[Hashable, Value[Any]] = {}
        doubtful: list[Value[Any]] = []
        work = _Work()
        for at, value in enumerate(values):
            key = self.frozen(value)
            if key is not None:
                kept.setdefault(key, value)
            elif not any(self._equal(value, other, work) for other in doubtful):
                doubtful.append(value)
                kept[at] = value
        return list(kept.values())

    def may_be(self, unknown: Unknown, text: str) -> bool:
        """Whether a text with unknown interpolations may be `text`: its known start and end fit."""
        start, end = self.known_ends(unknown)
        return text.startswith(start) and text.endswith(end) and len(text) >= max(len(start), len(end))

    def known_ends(self, unknown: Unknown) -> tuple[str, str]:
        """The known start and the known end of a text with unknown interpolations."""
        return self._known_start(unknown.parts, last=False), self._known_start(unknown.parts[::-1], last=True)

    def _known_start(self, parts: Iterable[Value[Any]], *, last: bool) -> str:
        texts: list[str] = []
        for part in parts:
            match part:
                case Known(str() | bool() | int() | float() as bare):
                    texts.append(self.text(bare))
                case Unknown(parts=inner) if inner:
                    texts.append(self.known_ends(part)[last])
                    break
                case _:
                    break
        return "".join(reversed(texts) if last else texts)


def made_of(unknown: Unknown, operation: str, *operands: Value[Any]) -> Unknown:
    """The unknown, with a note of the operation and the operands that made it.

    Two unknowns are equal if they have the same operation and equal operands. The note is one tuple in its `parts`.
    """
    known_by = Known((Known(operation, unknown.span), *operands), unknown.span)
    return replace(unknown, parts=(known_by,), key=None)


def operation_of(value: Value[Any]) -> tuple[str, tuple[Value[Any], ...]] | None:
    """The operation that made an unknown, and its operands, as `made_of` notes them. None for any other value."""
    match value:
        case Unknown(parts=(Known((Known(str(operation)), *operands)),)):
            return operation, tuple(operands)
    return None


def is_text(unknown: Unknown) -> bool:
    """Whether the `parts` of an unknown are the pieces of a text, and not what `made_of` puts there."""
    first = unknown.parts[0] if unknown.parts else None
    return first is not None and not (isinstance(first, Known) and isinstance(first.value, tuple))


def is_id(unknown: Unknown) -> bool:
    """Whether an unknown is the id of a resource, which is never null and never an empty text."""
    reference = unknown.reference
    return unknown.never_null and reference is not None and reference.attribute.rpartition(".")[2] == "id"


def _names_one_value(reference: Reference) -> bool:
    """Whether a reference is to one particular instance; `ANY_INSTANCE` stands for any of several."""
    return bool(reference.attribute) and ANY_INSTANCE not in reference.address
