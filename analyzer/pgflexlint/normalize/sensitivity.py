"""Which inputs on the trace of a password show it, because nothing declares them sensitive or secure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pgflexlint.evaluate.equality import is_text
from pgflexlint.lazily import compiled
from pgflexlint.model import Server
from pgflexlint.normalize.containment import ALTERNATIVES
from pgflexlint.resource import Language
from pgflexlint.values import Hidden, Known, Reference, Step, Unknown, Value

_CHOICES = {
    Language.TERRAFORM: frozenset(["?:"]),  # what a function makes is sensitive where any argument is
    Language.BICEP: ALTERNATIVES,
    Language.ARM: ALTERNATIVES,
}
"""Operations whose result is hidden if the chosen operand is."""
_TYPE = compiled(r"(?:^|\.)(\w+)\.[^.\[\]]+(?:\[[^\]]*\])?$")
"""The type in the address of a resource."""
_BORN_HIDDEN: Mapping[str, tuple[str, ...]] = {
    "random_password": ("result", "bcrypt_hash"),
    "azurerm_key_vault_secret": ("value",),
    "azurerm_postgresql_flexible_server": ("administrator_password",),
}
"""Attributes that their providers declare sensitive, of data sources and ephemeral resources as well
(https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password,
https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/data-sources/key_vault_secret)."""


def shown_by(value: Value[Any], server: Server) -> tuple[Step, ...] | Unknown:
    """As `Password.shown_by`. A text is hidden where one of its unknown pieces is."""
    match value:
        case Unknown(parts=(Known((Known(operation), *operands)),)) if operation in _CHOICES[server.language]:
            return _shown_by_choice(value, operands[operation == "?:" :], server)
    pieces = _pieces(value)
    inputs = _own_inputs(value, pieces)
    showing = tuple(step for step in inputs if not step.secure)
    if server.language is Language.TERRAFORM:
        if _is_sensitive(value):
            return ()
        if showing and not server.whole:
            return Unknown("whoever uses this module may pass a value that is hidden", showing[0].span)
        if showing and isinstance(value, Unknown) and _origins(value):
            return value  # what it begins with may be sensitive
    if pieces:
        rest = _all_shown([shown_by(piece, server) for piece in pieces])
        return rest if not showing else (*rest, *showing) if isinstance(rest, tuple) else showing
    if not showing:
        return _doubt(inputs) or ()
    if isinstance(value, Unknown) and (_may_be_cut(value) or _may_be_absent(value)):
        return value
    return showing


def _shown_by_choice(choice: Unknown, operands: list[Value[Any]], server: Server) -> tuple[Step, ...] | Unknown:
    """What shows the operand that is chosen; unknown where some of them are hidden and some are not."""
    outcomes = [shown_by(each, server) for each in operands if isinstance(each, Unknown)]
    shown = _all_shown(outcomes)
    return Unknown(choice.reason, choice.span) if shown == () and set(outcomes) != {()} else shown


def _pieces(value: Value[Any]) -> list[Unknown]:
    """The unknown pieces of a text."""
    if not isinstance(value, Unknown) or not is_text(value):
        return []
    return [part for part in value.parts if isinstance(part, Unknown)]


def _inputs(value: Value[Any]) -> list[Step]:
    """The inputs on the trace of a value."""
    return [step for step in value.trace if step.secure is not None and not step.decides]


def _own_inputs(value: Value[Any], pieces: Iterable[Unknown]) -> list[Step]:
    """The inputs on the trace of a value that are on the trace of none of its pieces."""
    of_pieces = {step[:2] for piece in pieces for step in piece.trace}
    return [step for step in _inputs(value) if step[:2] not in of_pieces]


def _is_sensitive(value: Value[Any]) -> bool:
    """Whether Terraform hides a value: it hides all that is made of anything sensitive."""
    return any(step.secure for step in _inputs(value)) or any(map(_is_born_hidden, _origins(value)))


def _doubt(inputs: Iterable[Step]) -> Unknown | None:
    """Unknown where an input hides some of its values and nothing tells whether this one is among them."""
    step = next((step for step in inputs if isinstance(step.secure, Hidden)), None)
    return None if step is None else Unknown("it cannot be told whether this input hides it", step.span)


def _may_be_cut(value: Unknown) -> bool:
    """Whether something unknown begins elsewhere, so that its inputs may only say how it is cut."""
    return next(step for step in value.trace if not step.decides).secure is None


def _may_be_absent(value: Unknown) -> bool:
    """Whether nothing is known of a value, not even that what holds it has such a member."""
    return value.key is None and value.reference is None and not value.parts


def _origins(value: Value[Any]) -> list[Reference]:
    """The attributes of resources that a value is made of. For `nonsensitive(…)` it is one without a name."""
    found: list[Reference] = []
    todo = [value]
    seen: set[int] = set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        match node:
            case Unknown(parts=(Known((Known("nonsensitive"), *_)),)):
                found.append(Reference("", ""))
            case Unknown(reference=Reference() as reference):
                found.append(reference)
            case Unknown(parts=parts):
                todo += parts
            case Known(tuple() as members):
                todo += members
    return found


def _is_born_hidden(origin: Reference) -> bool:
    """Whether Terraform knows from the provider that an attribute is sensitive."""
    found = _TYPE.search(origin.address)
    return found is not None and origin.attribute in _BORN_HIDDEN.get(found[1], ())


def _all_shown(pieces: list[tuple[Step, ...] | Unknown]) -> tuple[Step, ...] | Unknown:
    """The inputs that show all of some pieces; none where one of these is hidden."""
    if () in pieces:
        return ()
    unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
    return unknown or tuple(dict.fromkeys(step for piece in pieces if isinstance(piece, tuple) for step in piece))
