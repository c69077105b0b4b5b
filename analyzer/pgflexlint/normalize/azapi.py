"""Terraform resources with ARM inside: those of the azapi provider.

https://registry.terraform.io/providers/Azure/azapi/latest/docs. They are read as ARM resources.
`azapi_resource_action` counts if it writes a whole resource (`PUT`, `PATCH`): other actions, such as `restart`, change
no setting that is judged. `azapi_data_plane_resource` does not count: it cannot write anything of this service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.template.body import top_level
from pgflexlint.evaluate.terraform.types import known_ends
from pgflexlint.normalize import arm, readers
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.deployments import DEPLOYMENT, decoded, follow, not_json, parameters, unseen
from pgflexlint.resource import FLEXIBLE_SERVER, UPDATE, Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value, holds


def _created(resource: Resource, context: Context) -> Iterator[Piece]:
    """`azapi_resource` creates."""
    name = resource.attributes.get("name") or Unknown("'name' is not written", resource.header)
    yield from _read(resource, context, {"name": name}, resource.attributes.get("parent_id"))


def _updated(resource: Resource, context: Context) -> Iterator[Piece]:
    """`azapi_update_resource` changes a resource that something else creates. Only what it writes is judged, in place
    of the original settings."""
    name, parent = resource.attributes.get("name"), resource.attributes.get("parent_id")
    target = resource.attributes.get("resource_id")
    if target is not None:
        name, parent = _last_segment(target), _owner(target)
    given = name or Unknown("'name' is not written", resource.header)
    yield from _read(replace(resource, existing=True), context, {"name": given}, parent)
    if target is None and given.reference is not None and given.reference.attribute == "name":
        target = Unknown("", given.span, reference=given.reference._replace(attribute="id"))
    if target is not None:
        yield Claim("", None, target, resource.header, of=resource.address)


def _called(resource: Resource, context: Context) -> Iterator[Piece]:
    """`azapi_resource_action` may write a resource. Its default method is `POST`."""
    attributes = resource.attributes
    action = attributes.get("action") or Known("", resource.header)
    method = attributes.get("method") or Known("POST", resource.header)
    whole = holds(action, lambda text: not text)
    writes = holds(method, lambda text: str(text).upper() in ("PUT", "PATCH"))
    removes = holds(method, lambda text: str(text).upper() == "DELETE")
    if whole and writes:
        yield from _updated(resource, context)
    elif (whole is not False and writes is not False) or removes is not False:
        type_ = _type(resource)
        if isinstance(type_, Unknown) or type_[0] in readers.ARM or type_[0] == DEPLOYMENT:
            yield unseen(resource, Unknown("the effect of an action on it is not evaluated", resource.header))


def _last_segment(target: Value[Any]) -> Value[Any]:
    """The name at the end of a resource id."""
    if isinstance(target, Known):
        return target.map(lambda text: str(text).rsplit("/", 1)[-1])
    last = target.parts[-1] if target.parts else None
    if isinstance(last, Known) and "/" in str(last.value):
        return last.map(lambda text: str(text).rsplit("/", 1)[-1])
    return target


def _owner(target: Value[Any]) -> Value[Any]:
    """The reference at the beginning of an id: to the resource itself, or to the parent of a child."""
    first = target.parts[0] if isinstance(target, Unknown) and target.parts else target
    return first if isinstance(first, Unknown) and first.reference is not None else target


def _type(resource: Resource) -> tuple[str, Value[Any]] | Unknown:
    """The type in lower case, and the API version, which may be unknown."""
    written = resource.attributes.get("type")
    if written is None:
        return Unknown("'type' is not written", resource.header)
    possible = [written] if isinstance(written, Known) else list(written.candidates)
    types = {str(each.value).partition("@")[0].lower() for each in possible}
    if len(types) == 1:
        return types.pop(), written.map(lambda text: str(text).partition("@")[2])
    assert isinstance(written, Unknown)
    if types and not any(type_ in readers.ARM or type_ == DEPLOYMENT for type_ in types):
        return types.pop(), written  # none of these types matters
    type_, at, _ = known_ends(written)[0].partition("@")
    reason = Unknown(f"its type is not known because {written.reason}", written.span, written.trace)
    return (type_.lower(), reason) if at else reason


def _read(
    resource: Resource, context: Context, own: Mapping[str, Value[Any]], parent: Value[Any] | None
) -> Iterator[Piece]:
    """The parts that ARM's reader of the type makes of the resource."""
    typed = _type(resource)
    if isinstance(typed, Unknown):
        yield unseen(resource, typed)
        return
    type_, version = typed
    reader = readers.ARM.get(type_)
    if reader is None and type_ != DEPLOYMENT:
        return
    body = resource.attributes.get("body") or Known({}, resource.header)
    try:
        body = decoded(body, context)
    except EvaluationError:
        if isinstance(body, Known):
            yield not_json("body", resource, body.span)
        body = Unknown("its body is not valid JSON", body.span, body.trace)
    if isinstance(body, Known) and not isinstance(body.value, Mapping):
        body = Unknown("its body is not an object", body.span, body.trace)
    body = _joined(body, resource.attributes.get("sensitive_body"))
    if reader is None:
        properties = top_level(body).get("properties")
        content, given = (arm.member_at(properties, name) for name in ("template", "parameters"))
        nothing = Unknown("its template is known only after deployment", resource.header)
        yield from follow(resource, context, content or nothing, _given(given), "the body")
        return
    yield from reader(
        replace(
            resource,
            type=type_,
            attributes={**top_level(body), **own, "apiversion": version},
            label=resource.called,
            identity=resource.address,
            parent=parent,
            existing=resource.existing and type_ == FLEXIBLE_SERVER,
        ),
        context,
    )


def template(resource: Resource) -> Value[Any] | None:
    """The template of a deployment; None if it is not written there, or if the resource is no deployment."""
    written = resource.attributes.get("type") if resource.type in READERS else None
    if not isinstance(written, Known) or str(written.value).partition("@")[0].lower() != DEPLOYMENT:
        return None
    body = resource.attributes.get("body")
    if not isinstance(body, Known) or not isinstance(body.value, Mapping):
        return body
    return arm.member_at(top_level(body).get("properties"), "template")


def _joined(body: Value[Any], hidden: Value[Any] | None) -> Value[Any]:
    """`body` merged with `sensitive_body`, which is sent with it and kept in no state."""
    if hidden is None:
        return body
    if not isinstance(body, Known) or not isinstance(hidden, Known) or not isinstance(hidden.value, Mapping):
        return body if isinstance(body, Unknown) else hidden
    if not isinstance(body.value, Mapping):
        return hidden
    members = {name: _joined(body.value[name], hidden.value.get(name)) for name in body.value}
    span, other = body.span, hidden.span
    if other.file is span.file:  # members are inside the place of their object
        span = Span(span.file, min(span.start, other.start), max(span.end, other.end))
    return replace(body, span=span, value={**{name: hidden.value[name] for name in hidden.value}, **members})


def _given(wrapped: Value[Any] | None) -> Mapping[str, Value[Any]]:
    if wrapped is None:
        return {}
    try:
        return parameters(wrapped)
    except EvaluationError as error:
        return {"": Unknown(error.message, wrapped.span, wrapped.trace)}


READERS: Mapping[str, Reader] = {
    "azapi_resource": _created,
    UPDATE: _updated,
    "azapi_resource_action": _called,
    "azapi_operation": _called,
}
"""The readers of resources, by Terraform type."""
