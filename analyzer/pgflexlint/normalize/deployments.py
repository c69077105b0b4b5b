"""ARM templates that Terraform deploys: `azurerm_resource_group_template_deployment` and its like.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/resource_group_template_deployment
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pgflexlint.evaluate.functions import to_value
from pgflexlint.evaluate.interpreter import LimitError
from pgflexlint.evaluate.template.instance import Input, Instance, Session
from pgflexlint.normalize import readers
from pgflexlint.normalize.azapi import NoFiles
from pgflexlint.normalize.claims import Context, Piece, Reader
from pgflexlint.problem import Problems
from pgflexlint.resource import Resource
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.arm import reader
from pgflexlint.values import Known, Unknown, Value


def _deployed(resource: Resource, context: Context) -> Iterator[Piece]:
    """The resources of the template, all placed at the argument that holds it."""
    content = resource.attributes.get("template_content")
    if not isinstance(content, Known) or not isinstance(content.value, str):
        return
    template = reader.read(SourceFile(content.span.file.path, content.value))
    if template is None or template.problems:
        return
    session = Session(NoFiles(), lambda path: None, Problems(), set())
    try:
        found = list(Instance(session, template, _inputs(resource)).resources())
    except (LimitError, RecursionError):
        return
    for inner in found:
        read = readers.ARM.get(inner.type)
        if read is not None:
            yield from read(_relocated(inner, resource, content.span), context)


def _inputs(resource: Resource) -> Mapping[str, Input]:
    """`parameters_content`, which is JSON as in a parameter file without the frame."""
    content = resource.attributes.get("parameters_content")
    if not isinstance(content, Known) or not isinstance(content.value, str):
        return {}
    try:
        written = json.loads(content.value)
        values = {name: entry["value"] for name, entry in written.items() if "value" in entry}
    except (ValueError, AttributeError, TypeError):
        return {}
    text = "parameter '{}' in parameters_content"
    return {name: Input(to_value(value, content.span, ()), text.format(name)) for name, value in values.items()}


def _relocated(inner: Resource, outer: Resource, span: Span) -> Resource:
    """A resource of the template as one of the Terraform that deploys it."""
    return replace(
        inner,
        address=f"{outer.address}/{inner.address}",
        attributes={name: _moved(value, span) for name, value in inner.attributes.items()},
        header=span,
        language=outer.language,
        calls=outer.calls,
        maybe=inner.maybe or outer.maybe,
        parent=None if inner.parent is None else _moved(inner.parent, span),
    )


def _moved(value: Value[Any], span: Span) -> Value[Any]:
    """A value with all that it holds at another place, the way that it came forgotten."""
    if isinstance(value, Unknown):
        return replace(value, span=span, trace=(), candidates=tuple(each.at(span) for each in value.candidates))
    bare = value.value
    if isinstance(bare, tuple):
        bare = tuple(_moved(item, span) for item in bare)
    elif isinstance(bare, Mapping):
        bare = {name: _moved(item, span) for name, item in bare.items()}
    return Known(bare, span, reference=value.reference)


READERS: Mapping[str, Reader] = {
    f"azurerm_{scope}_template_deployment": _deployed
    for scope in ("resource_group", "subscription", "management_group", "tenant")
}
"""What is made of a resource, by its Terraform type."""
