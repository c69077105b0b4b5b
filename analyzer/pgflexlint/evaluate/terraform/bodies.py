"""The arguments of a block, and the blocks in it, as one object."""

from __future__ import annotations

from collections.abc import Mapping

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
    members: list[AnyValue] = []
    collections: list[AnyValue] = []
    for block in blocks:
        if block.type != "dynamic":
            members.append(Known(body_of(session, block.body, scope, f"block '{name}'"), block.header))
            continue
        made = _dynamic(session, name, block, scope)
        if isinstance(made, Unknown):
            return made
        members += made.value
        collections.append(made)
    return Known(tuple(members), blocks[0].header, merge_traces(map(deciding, collections)))


def _dynamic(session: Session, name: str, block: Block, scope: Scope) -> Known[list[AnyValue]] | Unknown:
    """The blocks that a `dynamic` block makes, with the trace of its collection. Unknown if nothing is known of that.

    If only some members of the collection are known, the last block is unknown and stands for the blocks of the others.
    """
    arguments = block.body.arguments
    content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
    if "for_each" not in arguments or content is None:
        return Unknown("the dynamic block is not complete", block.header)
    collection = contained(arguments["for_each"].value, scope)
    iterator = arguments.get("iterator")
    variable = iterator.value.name if iterator and isinstance(iterator.value, Name) else name
    part, others = collection, None
    if isinstance(collection, Unknown):
        others = collection.bare()
        part = collection.known_part or others
    if isinstance(part, Unknown):
        return part
    try:
        members = list(pairs(part))
    except EvaluationError as error:
        return Unknown(error.message, collection.span)
    made: list[AnyValue] = []
    for place, item in members:
        scope.budget.spend()
        listed = others is not None and not isinstance(part.value, Mapping | SetValue)
        key: AnyValue = others if listed and others is not None else place
        inner = scope.child({variable: Known({"key": key, "value": item}, item.span, collection.trace)})
        made.append(Known(body_of(session, content.body, inner, f"block '{name}'"), content.header))
    return Known(made if others is None else [*made, others], collection.span, collection.trace)
