"""Which variables and parameters on the trace of a password are not sensitive, so that its value may be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pgflexlint.evaluate.equality import is_text, operation_of
from pgflexlint.lazily import compiled
from pgflexlint.model import Server
from pgflexlint.normalize.containment import ALTERNATIVES
from pgflexlint.normalize.index import components, walk
from pgflexlint.resource import Language
from pgflexlint.values import Known, PartlySensitive, Reference, Step, Unknown, Value

_CHOICES = {
    Language.TERRAFORM: frozenset(["?:"]),  # what a function makes is sensitive where any argument is
    Language.BICEP: ALTERNATIVES,
    Language.ARM: ALTERNATIVES,
}
"""Operations that choose one of their operands: the result is sensitive if the chosen operand is."""
_TYPE = compiled(r"(?:^|\.)(\w+)\.[^.\[\]]+(?:\[[^\]]*\])?$")
"""The type in the address of a resource."""
_SENSITIVE_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "random_password": ("result", "bcrypt_hash"),
    "azurerm_key_vault_secret": ("value",),
    "azurerm_postgresql_flexible_server": ("administrator_password",),
}
"""Attributes that their providers declare sensitive, of data sources and ephemeral resources as well
(https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password,
https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/data-sources/key_vault_secret)."""


def nonsensitive_inputs(value: Value[Any], server: Server) -> tuple[Step, ...] | Unknown:
    """As `Password.nonsensitive_inputs`. A text is sensitive if one of its unknown pieces is."""
    made = operation_of(value)
    if isinstance(value, Unknown) and made is not None and made[0] in _CHOICES[server.language]:
        return _nonsensitive_inputs_of_choice(value, made[1][made[0] == "?:" :], server)
    pieces = _pieces(value)
    inputs = _own_inputs(value, pieces)
    nonsensitive = tuple(step for step in inputs if not step.sensitive)
    if server.language is Language.TERRAFORM:
        if _is_sensitive(value):
            return ()
        if nonsensitive and not server.whole:
            return Unknown("whoever uses this module may pass a value that is hidden", nonsensitive[0].span)
        if nonsensitive and isinstance(value, Unknown) and _origins(value):
            return value  # the attribute that it begins with may be sensitive
    if pieces:
        rest = _merged([nonsensitive_inputs(piece, server) for piece in pieces])
        return rest if not nonsensitive else (*rest, *nonsensitive) if isinstance(rest, tuple) else nonsensitive
    if not nonsensitive:
        return _doubt(inputs) or ()
    if isinstance(value, Unknown) and (_may_be_cut(value) or _may_be_absent(value)):
        return value
    return nonsensitive


def _nonsensitive_inputs_of_choice(
    choice: Unknown, operands: tuple[Value[Any], ...], server: Server
) -> tuple[Step, ...] | Unknown:
    """The same of the operand that is chosen; unknown if some operands are sensitive and others are not."""
    outcomes = [nonsensitive_inputs(each, server) for each in operands if isinstance(each, Unknown)]
    shown = _merged(outcomes)
    return Unknown(choice.reason, choice.span) if shown == () and set(outcomes) != {()} else shown


def _pieces(value: Value[Any]) -> list[Unknown]:
    """The unknown pieces of a text."""
    if not isinstance(value, Unknown) or not is_text(value):
        return []
    return [part for part in value.parts if isinstance(part, Unknown)]


def _inputs(value: Value[Any]) -> list[Step]:
    """The inputs on the trace of a value."""
    return [step for step in value.trace if step.sensitive is not None and not step.decides]


def _own_inputs(value: Value[Any], pieces: Iterable[Unknown]) -> list[Step]:
    """The inputs on the trace of a value, without those on the traces of its pieces."""
    of_pieces = {step[:2] for piece in pieces for step in piece.trace}
    return [step for step in _inputs(value) if step[:2] not in of_pieces]


def _is_sensitive(value: Value[Any]) -> bool:
    """Whether a value is sensitive in Terraform: it is if anything that it is made of is."""
    return any(step.sensitive for step in _inputs(value)) or any(map(_is_sensitive_attribute, _origins(value)))


def _doubt(inputs: Iterable[Step]) -> Unknown | None:
    """Unknown if an input is sensitive in part, and nothing tells whether this value is in that part."""
    step = next((step for step in inputs if isinstance(step.sensitive, PartlySensitive)), None)
    return None if step is None else Unknown("it cannot be determined whether this input hides it", step.span)


def _may_be_cut(value: Unknown) -> bool:
    """Whether the value begins at something other than an input: its inputs may then only say how it is cut."""
    return next(step for step in value.trace if not step.decides).sensitive is None


def _may_be_absent(value: Unknown) -> bool:
    """Whether nothing at all is known of a value: it may be a member that does not exist."""
    return value.key is None and value.reference is None and not value.parts


def _origins(value: Value[Any]) -> list[Reference]:
    """The attributes of resources that a value is made of. `nonsensitive(…)` counts as one with an empty name."""
    return [origin for node in walk((value,), _made_of) if (origin := _origin(node)) is not None]


def _origin(node: Value[Any]) -> Reference | None:
    match node:
        case Unknown(parts=(Known((Known("nonsensitive"), *_)),)):
            return Reference("", "")
        case Unknown(reference=reference):
            return reference
    return None


def _made_of(node: Value[Any]) -> Iterable[Any]:
    return components(node) if _origin(node) is None else ()


def _is_sensitive_attribute(origin: Reference) -> bool:
    """Whether the provider declares an attribute as sensitive."""
    found = _TYPE.search(origin.address)
    return found is not None and origin.attribute in _SENSITIVE_ATTRIBUTES.get(found[1], ())


def _merged(pieces: list[tuple[Step, ...] | Unknown]) -> tuple[Step, ...] | Unknown:
    """The inputs of all pieces, each once. Empty if one of the pieces is sensitive, unknown if one is unknown."""
    if () in pieces:
        return ()
    unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
    return unknown or tuple(dict.fromkeys(step for piece in pieces if isinstance(piece, tuple) for step in piece))
