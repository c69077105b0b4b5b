"""Attributes of resources as typed fields: written, defaulted by the platform, or unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from pgflexlint.defaults import property_default
from pgflexlint.evaluate.equality import Equality
from pgflexlint.resource import Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value, is_null

T = TypeVar("T")

EQUALITY = Equality(text=lambda bare: as_text(bare) or "")
"""The equality of values of any language."""


def typed(value: Value[Any], convert: Callable[[Any], T | None], what: str) -> Value[T]:
    """A value converted to the type of its field; Unknown if that is not possible.

    `convert` returns None for a value that it cannot convert. `what` names the type in words, such as "a boolean".
    A candidate that is null stays null: it means that nothing is written.
    """
    if isinstance(value, Known):
        converted = convert(value.value)
        if converted is None:
            return Unknown(f"it is not {what}", value.span, value.trace)
        return Known(converted, value.span, value.trace, value.origin, value.reference)
    candidates = tuple(each if each.value is None else each.map(convert) for each in value.candidates)
    if any(new.value is None and old.value is not None for new, old in zip(candidates, value.candidates, strict=True)):
        candidates = ()
    some = (each.map(convert) if isinstance(each, Known) and each.value is not None else each for each in value.some)
    possible = tuple(each for each in some if isinstance(each, Unknown) or each.value is not None)
    return replace(value, candidates=candidates, some=possible)


def text(value: Value[Any]) -> Value[str]:
    """As text: numbers and booleans as Terraform and ARM write them."""
    return typed(value, as_text, "text")


def text_without_default(value: Value[Any] | None, absent: Unknown) -> Value[str]:
    """As text. If it is not written or may be null, it is unknown, and `absent` says why: there is no default."""
    if value is None:
        return absent
    found = text(value)
    if isinstance(found, Known) or all(each.value is not None for each in found.candidates):
        return found
    some = tuple(each for each in found.candidates if each.value is not None)
    return replace(found, candidates=(), some=some) if some else absent


def flag(value: Value[Any]) -> Value[bool]:
    """As a boolean."""
    return typed(value, as_flag, "a boolean")


def number(value: Value[Any]) -> Value[int]:
    """As a whole number."""
    return typed(value, as_number, "a whole number")


def count(written: Iterable[Value[Any] | None], header: Span) -> Value[int]:
    """How many of some attributes are written. Unknown if none certainly is and one may be."""
    there = [value for value in written if value is not None and not (isinstance(value, Known) and not value.value)]
    doubtful = [value for value in there if isinstance(value, Unknown) and not value.never_null]
    return doubtful[0] if doubtful and len(doubtful) == len(there) else Known(len(there), header)


def as_text(value: Any) -> str | None:
    """A plain scalar as text; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def as_flag(value: Any) -> bool | None:
    """A plain boolean, or the text of one."""
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def as_number(value: Any) -> int | None:
    """A plain whole number, or the text of one."""
    try:
        return None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def setting(resource: Resource, attribute: str, default: str) -> Value[Any]:
    """An attribute of a resource, or else the platform's default. `default` is its name in the table of defaults."""
    value = resource.attributes.get(attribute)
    if value is not None:
        return or_default(value, property_default(default, resource.header))
    doubt = ignored(resource, attribute)
    return doubt if doubt is not None else property_default(default, resource.header)


def nested(resource: Resource, block: str, attribute: str, default: str) -> Value[Any]:
    """As `setting`, of an attribute in a nested block that occurs at most once."""
    value = resource.attributes.get(block)
    if value is None:
        doubt = ignored(resource, block)
        return doubt if doubt is not None else property_default(default, resource.header)
    if isinstance(value, Unknown):
        return value.bare()  # there may be no block at all
    items = value.value if isinstance(value.value, tuple) else (value,)
    for item in items:
        if isinstance(item, Unknown):
            return item.bare()
        member = item.value.get(attribute) if isinstance(item.value, Mapping) else None
        if member is not None and not is_null(member):
            return or_default(member, property_default(default, resource.header))
    return property_default(default, resource.header)


def or_default(value: Value[Any], default: Known[Any]) -> Value[Any]:
    """A value with `default` in place of its null candidates."""
    if isinstance(value, Known) or not any(map(is_null, value.candidates)):
        return value
    return replace(value, candidates=tuple(default if is_null(each) else each for each in value.candidates))


def blocks(resource: Resource, name: str) -> tuple[Value[Any], ...]:
    """The nested blocks of a type; one `Unknown` if it is unknown how many there are."""
    value = resource.attributes.get(name)
    if value is None:
        return ()
    if isinstance(value, Unknown):
        return (value,)
    return value.value if isinstance(value.value, tuple) else (value,)


def block_member(block: Value[Any], attribute: str) -> Value[Any] | None:
    """An attribute of a nested block; None if it is not written."""
    if isinstance(block, Unknown):
        return block.bare()
    value = block.value.get(attribute) if isinstance(block.value, Mapping) else None
    return None if is_null(value) else value


def ignored(resource: Resource, attribute: str) -> Unknown | None:
    """Why the default of an attribute that is not written need not apply: `ignore_changes` leaves it to others."""
    ignored = resource.lifecycle.ignore_changes
    if attribute in ignored or "all" in ignored:
        return Unknown(f"'{attribute}' is left to others by ignore_changes", resource.header)
    return None
