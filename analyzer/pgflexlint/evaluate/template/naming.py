"""The names of the resources of a template: their identity in Azure, their address, their label."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from pgflexlint.evaluate.interpreter import Scope, contained
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.names import ResourceObject, shown
from pgflexlint.evaluate.session import Input
from pgflexlint.evaluate.template.identity import abridged, identity, readable, reference_of, split_name
from pgflexlint.source import Span
from pgflexlint.syntax import template as syntax
from pgflexlint.syntax.expressions import Attribute, Expression, Literal, spelled
from pgflexlint.syntax.template import Template
from pgflexlint.values import Known, Reference, Unknown

DEPLOYMENTS = "microsoft.resources/deployments"


class Naming:
    """The names of the resources and modules of one template."""

    def __init__(self, template: Template, inputs: Mapping[str, Input]) -> None:
        """`inputs` are the values of its parameters."""
        self.template = template
        self.inputs = inputs
        self.resources = {resource.symbol: resource for resource in template.resources}
        self.modules = {module.symbol: module for module in template.modules}

    def name(self, resource: syntax.Resource, scope: Scope) -> AnyValue:
        """The value of a resource's `name`. ARM JSON writes those of its parents before it, as `server/database`."""
        if resource.name is None:
            return Unknown("it has no name", resource.header)
        return contained(resource.name, scope)

    def identity(self, resource: syntax.Resource, scope: Scope) -> str:
        """The identity of a resource in Azure: its type and its whole name, as in the function `identity`."""
        parent = self.parent(resource, scope)
        name = self.name(resource, scope)
        if parent is not None and parent.reference is not None and (resource.parent or resource.container):
            return identity(resource.type, parent, name)
        return identity(resource.type, name)

    def of_module(self, module: syntax.Module, scope: Scope) -> str:
        """The identity of a module in Azure, by the name of its deployment; "" if it has none."""
        return "" if module.name is None else identity(DEPLOYMENTS, contained(module.name, scope))

    def owner(self, resource: syntax.Resource, scope: Scope) -> str:
        """What messages call the parent of a resource: its symbol, or as much of its name as is known."""
        if resource.container is not None:
            return resource.container.rpartition("::")[2]
        if resource.parent is not None:
            return abridged(resource.parent.span.text)
        names = split_name(self.name(resource, scope))[:-1]
        if not names and resource.name is not None and resource.type.count("/") > 1:
            return abridged(self._as_written(resource, resource.name))  # somewhere in it
        if any(isinstance(name, Unknown) and name.span == resource.span for name in names):
            return self.label(resource)
        return "/".join(map(readable, names[: resource.type.lower().partition("/providers/")[0].count("/")]))

    def parent(self, resource: syntax.Resource, scope: Scope) -> AnyValue | None:
        """A reference to the resource that a child belongs to; None if it is not a child."""
        if resource.container is not None:
            outer = self.resources[resource.container]
            return referring(self.identity(outer, scope), resource.header)
        if resource.parent is not None:
            value = contained(resource.parent, scope)
            if isinstance(value, Known) and isinstance(value.value, ResourceObject):
                return referring(value.value.address, value.span)
            return value
        segments = split_name(self.name(resource, scope))
        if len(segments) < 2 or resource.type.count("/") < 2:
            return None
        extended, extension, _ = resource.type.lower().rpartition("/providers/")
        if extension:  # such as `…/flexibleServers/providers/locks` with the name `server/Microsoft.Authorization/lock`
            return referring(identity(extended, *segments[: extended.count("/")]), resource.header)
        return referring(identity(resource.type.rpartition("/")[0], *segments[:-1]), resource.header)

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """The addresses of resources by their symbols. A resource without a symbol has its name as it is written.

        Addresses do not depend on parameters, so a finding under several sets of parameters is one finding.
        """
        addresses: dict[str, str] = {}
        taken: set[str] = set()
        for resource in self.template.resources:
            address = resource.symbol
            if _is_position(address):
                outer = addresses[resource.container] if resource.container else ""
                names = (outer.partition("/")[2] or outer, self.label(resource)) if outer else (self.label(resource),)
                address = "/".join((resource.type.rpartition("/")[2], *names))
                if address in taken:
                    address += f"@{resource.header.file.path}:{resource.header.first_line}"
            taken.add(address)
            addresses[resource.symbol] = address
        return addresses

    def label(self, resource: syntax.Resource) -> str:
        """What messages call a resource: its symbol or, if it has none, its name as it is written."""
        if resource.name is None or not _is_position(resource.symbol):
            return resource.symbol.rpartition("::")[2]
        return self._as_written(resource, resource.name)

    def _as_written(self, resource: syntax.Resource, name: Expression) -> str:
        """The name of a resource as it is written."""
        if isinstance(name, Literal):
            return str(name.value)
        if name.span != resource.span:
            return name.span.text
        # In a template that was worked out, everything stands where the template is needed.
        given = self.inputs.get(name.name) if isinstance(name, Attribute) else None
        if given is None or given.text:
            return spelled(name)
        return readable(given.value) if isinstance(given.value, Known) else resource.symbol


def _is_position(symbol: str) -> bool:
    """Whether the reader made up a symbol from the position in an array, because the resource has none."""
    return symbol.endswith("]")


def as_reference(value: AnyValue) -> AnyValue:
    """A reference to the resource, if a value is a resource or its id; else the value itself."""
    if isinstance(value, Known) and isinstance(value.value, ResourceObject):
        return referring(value.value.address, value.span)
    found = None if value.reference is not None else reference_of(value)
    return value if found is None else referring(found.address, value.span)


def referring(address: str, span: Span) -> Unknown:
    """The id of a deployed resource: an unknown that refers to the resource."""
    reason = f"the id of {shown(address)} is known only after deployment"
    return Unknown(reason, span, reference=Reference(address, "id"), never_null=True)
