"""The arguments of a block, and the blocks in it, as one object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.interpreter import Scope, contained
from pgflexlint.evaluate.members import AnyValue, pairs
from pgflexlint.evaluate.names import Lazy
from pgflexlint.evaluate.terraform.session import Session
from pgflexlint.syntax.expressions import Name
from pgflexlint.syntax.hcl.document import Block, Body
from pgflexlint.values import Known, SetValue, Unknown, deciding, merge_traces

RESOURCE_META = frozenset({"count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner"})
"""What a resource says to Terraform itself; everything else goes to the provider."""


def body_of(session: Session, body: Body, scope: Scope, what: str) -> Lazy:
    """The members of a body: its arguments by name and, by type of nested block, a list of objects.

    `what` is what has this body, for traces and messages: an address, or "block 'storage'".
    """
    blocks: dict[str, list[Block]] = {}
    for block in body.blocks:
        name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
        blocks.setdefault(name, []).append(block)

    def resolve(name: str) -> AnyValue:
        if name in body.arguments:
            return contained(body.arguments[name].value, scope)
        return _nested(session, name, blocks[name], scope, what)

    def on_cycle(name: str) -> AnyValue:
        span = body.arguments[name].name_span if name in body.arguments else blocks[name][0].header
        return session.cycle(f"attribute '{name}' of {what}", span)

    names = [name for name in (*body.arguments, *blocks) if name not in RESOURCE_META]
    return Lazy(names, resolve, lambda name: f"attribute '{name}' of {what}", on_cycle)


def _nested(session: Session, name: str, blocks: list[Block], scope: Scope, what: str) -> AnyValue:
    """The blocks of one type. If it is certain of none that it is there, they are unknown."""
    members: list[AnyValue] = []
    collections: list[AnyValue] = []
    for block in blocks:
        if block.type != "dynamic":
            members.append(Known(body_of(session, block.body, scope, f"block '{name}'"), block.header))
            continue
        made = _dynamic(session, name, block, scope)
        members += made.value
        collections.append(made)
    if len(members) == 1 and isinstance(members[0], Unknown):
        return members[0]
    return Known(tuple(members), blocks[0].header, merge_traces(map(deciding, collections)))


def _dynamic(session: Session, name: str, block: Block, scope: Scope) -> Known[list[AnyValue]]:
    """The blocks that a `dynamic` block makes, with the trace of its collection.

    If only some members of the collection are known, the last block is unknown and stands for the blocks of the others.
    Its `some` are the lists of blocks that there may be.
    """
    arguments = block.body.arguments
    content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
    if "for_each" not in arguments or content is None:
        return Known([Unknown("the dynamic block is not complete", block.header)], block.header)
    body = content.body
    collection = contained(arguments["for_each"].value, scope)
    iterator = arguments.get("iterator")
    variable = iterator.value.name if iterator and isinstance(iterator.value, Name) else name

    def made(key: AnyValue, value: AnyValue) -> AnyValue:
        scope.budget.spend()
        inner = scope.child({variable: Known({"key": key, "value": value}, value.span, collection.trace)})
        return Known(body_of(session, body, inner, f"block '{name}'"), content.header)

    if isinstance(collection, Known):
        try:
            found = [made(key, value) for key, value in pairs(collection)]
        except EvaluationError as error:
            found = [Unknown(error.message, collection.span)]
        return Known(found, collection.span, collection.trace)
    others = collection.bare()
    part = collection.known_part
    certain = []
    if part is not None:
        listed = not isinstance(part.value, Mapping | SetValue)
        certain = [made(others if listed else key, value) for key, value in pairs(part)]
    cases = [_pairs(each) for each in collection.candidates] or [[(others, others)]]
    some = (Known(tuple(made(key, value) for key, value in case), content.header) for case in cases)
    unknown = replace(others, some=tuple(some))
    return Known([*certain, unknown], collection.span, collection.trace)


def _pairs(collection: Known[Any]) -> list[tuple[AnyValue, AnyValue]]:
    """As `pairs`; none if it is no collection, and the deployment would fail."""
    try:
        return list(pairs(collection))
    except EvaluationError:
        return []
