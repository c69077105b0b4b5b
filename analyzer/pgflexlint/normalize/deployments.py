"""ARM templates that Terraform deploys: `azurerm_resource_group_template_deployment` and its like.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/resource_group_template_deployment
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import LimitError, SpentError, spent
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.members import member, object_members
from pgflexlint.evaluate.names import fully_evaluated
from pgflexlint.normalize import readers
from pgflexlint.normalize.claims import Context, Piece, Reader
from pgflexlint.problem import Kind, Problem, Problems
from pgflexlint.resource import Gap, Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value

DEPLOYMENT = "microsoft.resources/deployments"


class NoFiles:
    """A workspace for functions that read no files."""

    def read(self, path: str) -> None:
        """There is no file."""

    def files(self, directory: str) -> tuple[str, ...]:
        """There are no files."""
        return ()

    def real(self, directory: str) -> str:
        """There are no links."""
        return directory


def decoded(value: Value[Any], context: Context) -> Value[Any]:
    """The value of a JSON text, or an object as it is. Raises `EvaluationError` if the text is no JSON."""
    possible = [value] if isinstance(value, Known) else value.candidates
    if not any(isinstance(each.value, str) for each in possible) and not (isinstance(value, Unknown) and value.parts):
        return value
    from pgflexlint.evaluate.terraform.functions import FUNCTIONS  # noqa: PLC0415 - Terraform alone needs it

    try:
        return FUNCTIONS["jsondecode"](FunctionCall("jsondecode", value.span, (value,), NoFiles(), context.budget))
    except LimitError as error:
        return context.budget.passed(str(error), value.span)


def not_json(what: str, resource: Resource, span: Span) -> Problem:
    """The problem that an attribute is no JSON: Terraform's provider refuses it."""
    message = f"The {what} of '{resource.address}' is not valid JSON."
    return Problem(Kind.EVALUATION, message, span.file.path, span, "Fix it: what it declares is not judged.")


def unseen(resource: Resource, reason: Unknown, given: Mapping[str, Value[Any]] = MappingProxyType({})) -> Gap:
    """The gap for a resource that may deploy unknown resources. `given` are its parameters."""
    inputs = {**resource.attributes, **given}
    return Gap(reason.bare(), inputs, elsewhere=True)


def follow(
    resource: Resource, context: Context, content: Value[Any], given: Mapping[str, Value[Any]], what: str
) -> Iterator[Piece]:
    """The resources of a template that a Terraform resource deploys.

    `given` are its parameters, with what stands for any others under "" where these are unknown; `what` is where they
    are written.
    """
    # Few configurations deploy templates, and no other needs what evaluates them.
    from pgflexlint.evaluate.session import Input  # noqa: PLC0415
    from pgflexlint.evaluate.template.instance import Instance  # noqa: PLC0415
    from pgflexlint.evaluate.template.nested import template_of  # noqa: PLC0415
    from pgflexlint.evaluate.template.registry import Registry  # noqa: PLC0415
    from pgflexlint.evaluate.template.session import Session  # noqa: PLC0415

    try:
        found = template_of(content, inner=False)
        if isinstance(found, Unknown):
            yield unseen(resource, found, given)
            return
        others = dict.fromkeys(found.template.parameters, given[""]) if "" in given else {}
        inputs = {name: Input(value, f"parameter '{name}' in {what}") for name, value in {**others, **given}.items()}
        inputs |= {name: Input(value, "") for name, value in found.given.items()}
        session = Session(
            Problems(),
            context.budget,
            set(),
            workspace=NoFiles(),
            load=lambda path: None,
            registry=Registry(NoFiles()),
        )
        inside = list(fully_evaluated(Instance(session, found.template, inputs).resources(), context.budget))
    except (LimitError, SpentError, RecursionError) as error:
        message = str(error) if isinstance(error, LimitError) else spent(error)
        yield unseen(resource, context.budget.passed(message, content.span), given)
        return
    yield from session.problems
    yield from (Gap(gap, elsewhere=True) for gap in found.gaps)
    yield from (replace(gap, inputs={**resource.attributes, **given}) for gap in session.gaps)
    for inner in inside:
        read = readers.ARM.get(inner.type)
        if read is not None:
            yield from read(_relocated(inner, resource), context)


def parameters(wrapped: Value[Any]) -> Mapping[str, Value[Any]]:
    """The values in `{ name = { value = … } }`. If there may be others, the value under "" stands for them."""
    members, others = object_members(wrapped)
    given: dict[str, Value[Any]] = {}
    for name in members:
        each = members[name]
        try:
            given[name] = member(each, "value", each.span)
        except EvaluationError as error:
            given[name] = Unknown(error.message, each.span, each.trace)
    return given if others is None else {**given, "": others.bare()}


def template(resource: Resource) -> Value[Any] | None:
    """The template of a resource; None if it is not written there, or if the resource deploys none."""
    attributes = resource.attributes if resource.type in READERS else {}
    return attributes.get("template_content") or attributes.get("template_body")


def _deployed(resource: Resource, context: Context) -> Iterator[Piece]:
    """The deployed resources, all at the place of the argument with the template."""
    attributes = resource.attributes
    given: Mapping[str, Value[Any]] = {}
    name = next((each for each in ("parameters_content", "parameters_body", "parameters") if each in attributes), "")
    if name:
        try:
            value = decoded(attributes[name], context)
            given = parameters(value) if name != "parameters" else _bare(value)
        except EvaluationError:
            span = attributes[name].span
            yield not_json(f"attribute '{name}'", resource, span)
            given = {"": Unknown(f"'{name}' is not valid JSON", span)}
    content = template(resource)
    if content is None:  # such as one with a `template_spec_version_id`
        yield unseen(resource, Unknown("its template is known only after deployment", resource.header), given)
        return
    try:
        content = decoded(content, context)
    except EvaluationError:
        yield not_json("template", resource, content.span)
        yield unseen(resource, Unknown("its template is not valid JSON", content.span), given)
        return
    yield from follow(resource, context, content, given, name)


def _bare(value: Value[Any]) -> Mapping[str, Value[Any]]:
    """The parameters of `azurerm_template_deployment`, which azurerm had up to version 2: a map of texts."""
    members, others = object_members(value)
    return members if others is None else {**members, "": others.bare()}


def _relocated(inner: Resource, outer: Resource) -> Resource:
    """A resource of the template, as a resource of the Terraform configuration that deploys it."""
    return replace(
        inner,
        address=f"{outer.address}/{inner.address}",
        language=outer.language,
        calls=outer.calls,
        module=outer.module,
        maybe=inner.maybe or outer.maybe,
    )


READERS: Mapping[str, Reader] = {
    f"azurerm_{scope}template_deployment": _deployed
    for scope in ("", "resource_group_", "subscription_", "management_group_", "tenant_")
}
"""The readers of resources, by Terraform type."""
