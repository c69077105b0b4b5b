"""Whether the inputs that a password comes through hide it, or who looks at the deployment is shown it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

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
"""Of them those that are as hidden as what they choose."""
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
    terraform = server.language is Language.TERRAFORM
    match value:
        case Unknown(parts=(Known((Known(operation), *operands)),)) if operation in _CHOICES[server.language]:
            outcomes = [shown_by(each, server) for each in operands[operation == "?:" :] if isinstance(each, Unknown)]
            shown = _all_shown(outcomes)
            return Unknown(value.reason, value.span) if shown == () and set(outcomes) != {()} else shown
    inputs = [step for step in value.trace if step.secure is not None and not step.decides]
    origins = _origins(value)
    if terraform and (any(step.secure for step in inputs) or any(map(_is_born_hidden, origins))):
        return ()  # what is made of anything sensitive is sensitive
    pieces = [part for part in value.parts if isinstance(part, Unknown)] if _in_pieces(value) else []
    below = {step[:2] for piece in pieces for step in piece.trace}
    shown = tuple(step for step in inputs if not step.secure and step[:2] not in below)
    doubt = next((step for step in inputs if isinstance(step.secure, Hidden) and step[:2] not in below), None)
    none = () if doubt is None else Unknown("it cannot be told whether this input hides it", doubt.span)
    if shown and terraform and not server.whole:
        return Unknown("whoever uses this module may pass a value that is hidden", shown[0].span)
    if isinstance(value, Known):
        return shown or none
    if shown and terraform and origins:
        return value  # what it begins with may be sensitive
    if pieces:
        rest = _all_shown([shown_by(piece, server) for piece in pieces])
        return rest if not shown else (*rest, *shown) if isinstance(rest, tuple) else shown
    if not shown:
        return none
    if next(step for step in value.trace if not step.decides).secure is None:
        return value  # it begins elsewhere, and the input may say no more than how it is cut
    if value.key is None and value.reference is None and not value.parts:
        return value  # what holds it is unknown, so that it may not be there
    return shown


def _in_pieces(value: Value[Any]) -> TypeGuard[Unknown]:
    return isinstance(value, Unknown) and is_text(value)


def _origins(value: Value[Any]) -> list[Reference]:
    """The attributes of resources that a value is made of; what is made known on purpose refers to none."""
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
    """What shows all of some pieces; none where one is hidden."""
    if () in pieces:
        return ()
    unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
    return unknown or tuple(dict.fromkeys(step for piece in pieces if isinstance(piece, tuple) for step in piece))
