"""Versions and version constraints as Terraform writes them.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints. A constraint is a range of versions
without some single ones, so "may it be 3.105.0 or later?" has an exact answer. Pre-releases are not supported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from pgflexlint.lazily import compiled
from pgflexlint.normalize.claims import Context
from pgflexlint.values import Known, Unknown, Value

Version: TypeAlias = tuple[int, int, int]

LOWEST: Version = (0, 0, 0)

_VERSION = r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?"
_EXACT = compiled(rf"\s*=?\s*{_VERSION}\s*", re.ASCII)
_CONDITION = compiled(rf"\s*(=|!=|>=|<=|>|<|~>)?\s*{_VERSION}\s*", re.ASCII)


def exact(text: str) -> Version | None:
    """The one version that a text names, such as `v1.2` or `= 1.2.3`; None if it names none or several."""
    found = _EXACT.fullmatch(text)
    return _padded(found.groups()) if found else None


class Constraint(Struct, frozen=True):
    """The versions from `first` to before `end`, except for some."""

    first: Version = LOWEST
    end: Version | None = None
    """The first version that is too new; None if none is."""
    excluded: frozenset[Version] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Constraint | None:
        """A list of conditions, such as `>= 3.90, < 4`; None if the text is no such list."""
        constraint = cls()
        for part in text.split(","):
            found = _CONDITION.fullmatch(part)
            if found is None:
                return None
            constraint = constraint.and_(_condition(found[1] or "=", found.groups()[1:]))
        return constraint

    def and_(self, other: Constraint) -> Constraint:
        """The versions that both constraints allow."""
        ends = [end for end in (self.end, other.end) if end is not None]
        return Constraint(max(self.first, other.first), min(ends) if ends else None, self.excluded | other.excluded)

    def allows(self, version: Version) -> bool:
        """Whether a version is one of them."""
        return self.first <= version and (self.end is None or version < self.end) and version not in self.excluded

    def may_be(self, since: Version) -> bool:
        """Whether it allows `since` or a later version."""
        first = max(self.first, since)
        if self.end is None:
            return True
        if first[:2] != self.end[:2]:  # there is no last patch version before the next minor one
            return first < self.end
        return any(self.allows((*first[:2], patch)) for patch in range(first[2], self.end[2]))


def _condition(operator: str, numbers: tuple[str | None, ...]) -> Constraint:
    version = _padded(numbers)
    match operator:
        case "=":
            return Constraint(version, _next(version))
        case "!=":
            return Constraint(excluded=frozenset((version,)))
        case ">":
            return Constraint(_next(version))
        case ">=":
            return Constraint(version)
        case "<":
            return Constraint(end=version)
        case "<=":
            return Constraint(end=_next(version))
        case _:  # ~> lets the last number that is written rise, and of one number those that are not
            major, minor, _ = version
            return Constraint(version, (major, minor + 1, 0) if numbers[2] else (major + 1, 0, 0))


def _padded(numbers: Iterable[str | None]) -> Version:
    major, minor, patch = (int(number or 0) for number in numbers)
    return major, minor, patch


def _next(version: Version) -> Version:
    return version[0], version[1], version[2] + 1


class Pin(Struct, frozen=True):
    """The versions of a provider that a root may be deployed with."""

    constraint: Constraint
    words: str
    """The words in the root that say so: "3.90.0", "~> 3.90.0, < 3.95"; "" if there are none."""
    doubt: Unknown | None = None
    """Why fewer versions may be possible."""

    def may_be(self, since: Version) -> bool | None:
        """Whether the version may be `since` or later; None if that is unknown."""
        if not self.constraint.may_be(since):
            return False
        return None if self.doubt is not None else True


def pinned(context: Context, provider: str) -> Pin:
    """The versions of a provider of HashiCorp's, such as `azurerm`.

    The lock file decides: https://developer.hashicorp.com/terraform/language/files/dependency-lock. Without one, all
    constraints in `required_providers` of all modules do.
    """
    locked = context.locked.get(f"hashicorp/{provider}")
    if isinstance(locked, Known) and (version := exact(str(locked.value))) is not None:
        return Pin(Constraint(version, _next(version)), str(locked.value))
    constraint, words, doubt = Constraint(), [], None
    for required in context.providers.get(provider, ()):
        written = _version(required)
        if isinstance(written, Unknown):
            doubt = written
        elif written is not None:
            condition = Constraint.parse(written.value)
            if condition is None:
                doubt = Unknown(f"version constraint '{written.value}' is not understood", written.span, written.trace)
            else:
                constraint = constraint.and_(condition)
                words.append(written.value)
                if not constraint.may_be(LOWEST):
                    reason = f"no version of {provider} is '{', '.join(dict.fromkeys(words))}'"
                    return Pin(Constraint(), "", Unknown(reason, written.span, written.trace))
    return Pin(constraint, ", ".join(dict.fromkeys(words)), doubt)


def _version(required: Value[Any]) -> Value[str] | None:
    """The constraint of an entry of `required_providers`: of an object, or the old form, a mere constraint."""
    if isinstance(required, Known) and isinstance(required.value, Mapping):
        found = required.value.get("version")
        if found is None:
            return None
        required = found
    if isinstance(required, Known):
        return Known(required.value, required.span, required.trace) if isinstance(required.value, str) else None
    return required
