"""Terraform resources that carry ARM inside: those of the azapi provider, and template deployments of azurerm.

https://registry.terraform.io/providers/Azure/azapi/latest/docs. They become ARM resources and are read like them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.terraform.functions import FUNCTIONS
from pgflexlint.normalize import arm, readers
from pgflexlint.normalize.claims import Context, Piece, Reader
from pgflexlint.resource import Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value


class NoFiles:
    """A workspace for functions that read no files."""

    def read(self, path: str) -> None:
        """There is none."""

    def files(self, directory: str) -> tuple[str, ...]:
        """There are none."""
        return ()


def _created(resource: Resource, context: Context) -> Iterator[Piece]:
    """`azapi_resource` creates."""
    name = resource.attributes.get("name") or Unknown("'name' is not written", resource.header)
    yield from _read(resource, context, {"name": name}, resource.attributes.get("parent_id"))


def _updated(resource: Resource, context: Context) -> Iterator[Piece]:
    """`azapi_update_resource` changes what was created elsewhere: only what it writes is judged."""
    name, parent = resource.attributes.get("name"), resource.attributes.get("parent_id")
    target = resource.attributes.get("resource_id")
    if target is not None:
        name, parent = _last_segment(target), _owner(target)
    given = name or Unknown("'name' is not written", resource.header)
    yield from _read(replace(resource, existing=True), context, {"name": given}, parent)


def _last_segment(target: Value[Any]) -> Value[Any]:
    """The name at the end of a resource id."""
    if isinstance(target, Known):
        return target.map(lambda text: str(text).rsplit("/", 1)[-1])
    last = target.parts[-1] if target.parts else None
    if isinstance(last, Known) and "/" in str(last.value):
        return last.map(lambda text: str(text).rsplit("/", 1)[-1])
    return target


def _owner(target: Value[Any]) -> Value[Any]:
    """What an id begins with, where that is a reference: the resource itself, or the parent of a child."""
    first = target.parts[0] if isinstance(target, Unknown) and target.parts else target
    return first if isinstance(first, Unknown) and first.reference is not None else target


def _read(
    resource: Resource, context: Context, own: Mapping[str, Value[Any]], parent: Value[Any] | None
) -> Iterator[Piece]:
    """The resource as ARM has it, through ARM's reader of its type."""
    typed = resource.attributes.get("type")
    if not isinstance(typed, Known) or not isinstance(typed.value, str):
        return
    type_, _, version = typed.value.partition("@")
    reader = readers.ARM.get(type_.lower())
    if reader is None:
        return
    body = _joined(_body(resource), resource.attributes.get("sensitive_body"))
    members = {str(key).lower(): value for key, value in body.value.items()} if isinstance(body, Known) else {}
    if isinstance(body, Unknown):
        members = {"properties": body, "sku": body}
    yield from reader(
        replace(
            resource,
            type=type_.lower(),
            attributes={**members, **own, "apiversion": Known(version, typed.span)},
            label=resource.label or resource.address.rsplit(f"{resource.type}.", 1)[-1],
            identity=resource.address,
            parent=parent,
            existing=resource.existing and type_.lower() == arm.SERVER,
        ),
        context,
    )


def _joined(body: Value[Any], hidden: Value[Any] | None) -> Value[Any]:
    """`body` with `sensitive_body`, which is sent with it and is in no state."""
    if hidden is None:
        return body
    if not isinstance(body, Known) or not isinstance(hidden, Known) or not isinstance(hidden.value, Mapping):
        return body if isinstance(body, Unknown) else hidden
    if not isinstance(body.value, Mapping):
        return hidden
    members = {name: _joined(body.value[name], hidden.value.get(name)) for name in body.value}
    span, other = body.span, hidden.span
    if other.file is span.file:  # what an object holds is placed inside it
        span = Span(span.file, min(span.start, other.start), max(span.end, other.end))
    return replace(body, span=span, value={**{name: hidden.value[name] for name in hidden.value}, **members})


def _body(resource: Resource) -> Value[Any]:
    """`body`, as an object, or as the JSON text that azapi 1 wanted."""
    body = resource.attributes.get("body")
    if body is None:
        return Known({}, resource.header)
    if isinstance(body, Known) and isinstance(body.value, Mapping):
        return body
    if isinstance(body, Known) or body.parts:
        try:
            decoded = FUNCTIONS["jsondecode"](FunctionCall("jsondecode", body.span, (body,), NoFiles()))
        except EvaluationError as error:
            return Unknown(error.message, body.span)
        if isinstance(decoded, Unknown) or isinstance(decoded.value, Mapping):
            return decoded
    return Unknown("'body' cannot be read", body.span, body.trace)


READERS: Mapping[str, Reader] = {
    "azapi_resource": _created,
    "azapi_update_resource": _updated,
}
"""What is made of a resource, by its Terraform type."""
