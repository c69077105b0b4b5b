"""Subnets, network security groups, private DNS zones and private endpoints, of azurerm and of ARM.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/subnet and its neighbours,
https://learn.microsoft.com/azure/templates/microsoft.network/virtualnetworks and its. A subnet may be
declared inside its virtual network or by itself, and a security rule inside its group or by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeGuard

from msgspec.structs import replace

from pgflexlint.evaluate.template.identity import identity
from pgflexlint.model import Part, Parts, PrivateDnsZone, PrivateEndpoint, SecurityRule, Server, Subnet
from pgflexlint.normalize import arm, parts
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.index import Index
from pgflexlint.normalize.reading import as_text, block_member, blocks, ignored, number, text
from pgflexlint.resource import Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Origin, Reference, Unknown, Value, decide, holds

Get: TypeAlias = Callable[[str], Value[Any] | None]
"""Gets the value of an attribute by its name in azurerm; None if it is not written."""

NETWORK = "microsoft.network/virtualnetworks"
GROUP = "microsoft.network/networksecuritygroups"
ZONE = "microsoft.network/privatednszones"


class SecurityGroup(Part, frozen=True):
    """A network security group, with the rules that are declared inside it."""

    name: Value[str]
    rules: Parts[SecurityRule]


class SeparateRule(Part, frozen=True):
    """A security rule that is declared by itself."""

    rule: SecurityRule
    group: Value[Any]
    """The id or the name of its group."""


class Attachment(Part, frozen=True):
    """The association of a network security group with a subnet."""

    subnet: Value[Any]
    group: Value[Any]


# azurerm


def _subnet(resource: Resource, context: Context) -> Iterator[Piece]:
    delegations = _delegated(resource.attributes.get("delegation"), resource.header, _block_service)
    if "delegation" not in resource.attributes and (doubt := ignored(resource, "delegation")) is not None:
        delegations = doubt
    yield Subnet(
        **parts.common(resource),
        prefixes=_prefixes(resource.attributes.get, resource.header),
        delegations=delegations,
    )


def _virtual_network(resource: Resource, context: Context) -> Iterator[Piece]:
    for index, block in enumerate(blocks(resource, "subnet")):
        get = _inside(block)
        delegations = _delegated(get("delegation"), block.span, _block_service)
        common = _within(resource, f"subnet[{index}]", block)
        subnet = Subnet(**common, prefixes=_prefixes(get, block.span), delegations=delegations)
        yield from _inner_subnet(resource, subnet, get("name"), get("security_group"))


def _association(resource: Resource, context: Context) -> Iterator[Piece]:
    yield Attachment(
        **parts.common(resource),
        subnet=_written(resource.attributes.get, "subnet_id", resource.header),
        group=_written(resource.attributes.get, "network_security_group_id", resource.header),
    )


def _security_group(resource: Resource, context: Context) -> Iterator[Piece]:
    inner, gaps = [], []
    for index, block in enumerate(blocks(resource, "security_rule")):
        if isinstance(block, Unknown):
            gaps.append(block)
        else:
            inner.append(_rule(_within(resource, f"security_rule[{index}]", block), _inside(block)))
    name = text(_written(resource.attributes.get, "name", resource.header))
    yield SecurityGroup(**parts.common(resource), name=name, rules=Parts(tuple(inner), tuple(gaps)))


def _security_rule(resource: Resource, context: Context) -> Iterator[Piece]:
    common = parts.common(resource)
    group = _written(resource.attributes.get, "network_security_group_name", resource.header)
    yield SeparateRule(**common, rule=_rule(common, resource.attributes.get), group=group)


def _zone(resource: Resource, context: Context) -> Iterator[Piece]:
    name = text(_written(resource.attributes.get, "name", resource.header))
    yield PrivateDnsZone(**parts.common(resource), name=name)


def _private_endpoint(resource: Resource, context: Context) -> Iterator[Piece]:
    subnet = resource.attributes.get("subnet_id") or Known(None, resource.header)
    part = PrivateEndpoint(**parts.common(resource), subnet_id=subnet)
    for connection in blocks(resource, "private_service_connection"):
        target = block_member(connection, "private_connection_resource_id")
        if target is not None:
            yield from _connected(part, target, block_member(connection, "subresource_names"))


def _connected(part: PrivateEndpoint, target: Value[Any], groups: Value[Any] | None) -> Iterator[Piece]:
    """The claim of a private endpoint on a server; none if `groups` are those of another service.

    https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource
    """
    answer = True if groups is None else decide(groups, _has_server)
    if isinstance(answer, Unknown):
        part = replace(part, maybe=part.maybe or answer)
    if answer is not False:
        yield Claim("private_endpoints", part, target, part.header)


def _has_server(groups: Any) -> bool:
    """Whether the group of PostgreSQL servers is, or may be, among those of a private endpoint."""
    members = groups if isinstance(groups, tuple) else ()
    return any(holds(member, lambda word: str(word).lower() == "postgresqlserver") is not False for member in members)


TERRAFORM: Mapping[str, Reader] = {
    "azurerm_subnet": _subnet,
    "azurerm_virtual_network": _virtual_network,
    "azurerm_subnet_network_security_group_association": _association,
    "azurerm_network_security_group": _security_group,
    "azurerm_network_security_rule": _security_rule,
    "azurerm_private_dns_zone": _zone,
    "azurerm_private_endpoint": _private_endpoint,
}
"""The readers of resources, by Terraform type."""


# ARM


def _arm_subnet(resource: Resource, context: Context) -> Iterator[Piece]:
    if resource.existing:
        return
    get = _members(resource.attributes.get("properties"))
    yield Subnet(
        **parts.common(resource),
        prefixes=_prefixes(get, resource.header),
        delegations=_delegated(get("delegations"), resource.header, _arm_service),
    )
    yield _alias(resource.identity, resource.address, resource.header)
    if (group := get("network_security_group.id")) is not None:
        yield _attachment(resource, resource.address, group)


def _arm_virtual_network(resource: Resource, context: Context) -> Iterator[Piece]:
    subnets = arm.property_of(resource, "properties.subnets")
    if resource.existing or subnets is None:
        return
    items = (subnets,) if isinstance(subnets, Unknown) else subnets.value
    for index, item in enumerate(items if isinstance(items, tuple) else ()):
        get = _arm_item(item)
        delegations = _delegated(get("delegations"), item.span, _arm_service)
        common = _within(resource, f"properties.subnets[{index}]", item)
        subnet = Subnet(**common, prefixes=_prefixes(get, item.span), delegations=delegations)
        yield from _inner_subnet(resource, subnet, get("name"), get("network_security_group.id"))


def _arm_security_group(resource: Resource, context: Context) -> Iterator[Piece]:
    if resource.existing:
        return
    written = arm.property_of(resource, "properties.securityRules")
    gaps = (written,) if isinstance(written, Unknown) else ()
    inner = []
    for index, item in enumerate(written.value if isinstance(written, Known) else ()):
        place = f"properties.securityRules[{index}]"
        inner.append(_rule(_within(resource, place, item), _arm_item(item)))
    name = text(resource.attributes["name"])
    yield SecurityGroup(**parts.common(resource), name=name, rules=Parts(tuple(inner), gaps))
    yield _alias(resource.identity, resource.address, resource.header)


def _arm_security_rule(resource: Resource, context: Context) -> Iterator[Piece]:
    if not resource.existing:
        common = parts.common(resource)
        rule = _rule(common, _members(resource.attributes.get("properties")))
        yield SeparateRule(**common, rule=rule, group=resource.parent or Unknown("it names no group", resource.header))


def _arm_zone(resource: Resource, context: Context) -> Iterator[Piece]:
    yield PrivateDnsZone(**parts.common(resource), name=text(resource.attributes["name"]))
    yield _alias(resource.identity, resource.address, resource.header)


def _arm_private_endpoint(resource: Resource, context: Context) -> Iterator[Piece]:
    subnet = arm.property_of(resource, "properties.subnet.id") or Known(None, resource.header)
    part = PrivateEndpoint(**parts.common(resource), subnet_id=subnet)
    for kind in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        connections = arm.property_of(resource, f"properties.{kind}")
        if isinstance(connections, Unknown):
            yield Claim("private_endpoints", part, connections, resource.header)
            continue
        for connection in connections.value if connections is not None else ():
            target = arm.member_at(connection, "properties", "privatelinkserviceid")
            if target is not None:
                yield from _connected(part, target, arm.member_at(connection, "properties", "groupids"))


ARM: Mapping[str, Reader] = {
    NETWORK: _arm_virtual_network,
    f"{NETWORK}/subnets": _arm_subnet,
    GROUP: _arm_security_group,
    f"{GROUP}/securityrules": _arm_security_rule,
    ZONE: _arm_zone,
    "microsoft.network/privateendpoints": _arm_private_endpoint,
}
"""The readers of resources, by ARM type in lower case."""


# Both


def _inside(block: Value[Any]) -> Get:
    return lambda name: block_member(block, name)


def _members(properties: Value[Any] | None) -> Get:
    """Gets members of an ARM object by their names in azurerm, which have underscores in addition."""
    return lambda name: arm.member_at(properties, *name.replace("_", "").split("."))


def _arm_item(item: Value[Any]) -> Get:
    """Gets members of an object inside a resource, and its name."""
    properties = _members(arm.member_at(item, "properties"))
    return lambda name: arm.member_at(item, name) if name == "name" else properties(name)


def _written(get: Get, name: str, place: Span) -> Value[Any]:
    return get(name) or Unknown(f"'{name}' is not written", place)


def _within(resource: Resource, place: str, item: Value[Any]) -> dict[str, Any]:
    """The fields of `Part` for a part that is declared inside a resource."""
    name = block_member(item, "name") if not isinstance(item, Unknown) else None
    label = name.value if isinstance(name, Known) and isinstance(name.value, str) else place
    return {
        **parts.common(resource),
        "address": f"{resource.address}.{place}",
        "label": label,
        "header": item.span,
        "maybe": resource.maybe or (replace(item, candidates=()) if isinstance(item, Unknown) else None),
    }


def _alias(address: str, of: str, header: Span) -> Claim:
    """The claim for another address of a part."""
    return Claim("", None, Unknown("", header, reference=Reference(address, "id")), header, of=of)


def _attachment(resource: Resource, subnet: str, group: Value[Any]) -> Attachment:
    common = {**parts.common(resource), "address": f"{subnet}.security_group"}
    here = Unknown("", resource.header, reference=Reference(subnet, "id"))
    return Attachment(**common, subnet=here, group=group)


def _inner_subnet(
    resource: Resource, subnet: Subnet, name: Value[Any] | None, group: Value[Any] | None
) -> Iterator[Piece]:
    """A subnet inside a virtual network. Others refer to it by its position, by its name, or in ARM by its own id."""
    yield subnet
    place = subnet.address.removeprefix(resource.address)
    network = resource.identity or resource.address
    if network != resource.address:
        yield _alias(f"{network}{place}", subnet.address, subnet.header)
        if name is not None:
            whole = Unknown("", subnet.header, reference=Reference(network, "id"))
            yield _alias(identity(f"{NETWORK}/subnets", whole, name), subnet.address, subnet.header)
    if isinstance(name, Known):
        yield _alias(f"{network}/subnets/{str(name.value).lower()}", subnet.address, subnet.header)
    if group is not None:
        yield _attachment(resource, subnet.address, group)


def _prefixes(get: Get, place: Span) -> Value[tuple[Value[str], ...]]:
    return _several(get, "address_prefix", "address_prefixes", place)


def _delegated(
    written: Value[Any] | None, place: Span, service: Callable[[Value[Any]], Value[Any] | None]
) -> Value[tuple[Value[str], ...]]:
    """The services of delegations; `service` gets the service of one."""
    if written is None:
        return Known((), place, origin=Origin.DEFAULT)
    if isinstance(written, Unknown):
        return written
    items = written.value if isinstance(written.value, tuple) else (written,)
    named = ((item, service(item)) for item in items)
    services = (text(name) if name is not None else Unknown("it names no service", item.span) for item, name in named)
    return Known(tuple(services), written.span, written.trace)


def _block_service(delegation: Value[Any]) -> Value[Any] | None:
    """The service of a `delegation` block."""
    inner = block_member(delegation, "service_delegation")
    if isinstance(inner, Known) and isinstance(inner.value, tuple):
        inner = inner.value[0] if inner.value else None
    return None if inner is None else block_member(inner, "name")


def _arm_service(delegation: Value[Any]) -> Value[Any] | None:
    return arm.member_at(delegation, "properties", "servicename")


def _several(get: Get, one: str, many: str, place: Span) -> Value[tuple[Value[str], ...]]:
    """The texts of an attribute for one text and of an attribute for a list of texts, together."""
    found: list[Value[str]] = []
    where: Value[Any] | None = None
    for name in (many, one):
        value = get(name)
        if value is None or (isinstance(value, Known) and value.value == ""):
            continue
        if isinstance(value, Unknown) and name == many:
            return value
        where = value if where is None else where
        found += value.value if isinstance(value, Known) and isinstance(value.value, tuple) else (value,)
    return Known(tuple(map(text, found)), where.span if where is not None else place)


def _rule(common: Mapping[str, Any], get: Get) -> SecurityRule:
    place = common["header"]

    def word(name: str) -> Value[str]:
        return text(_written(get, name, place))

    def addresses(side: str) -> Value[tuple[Value[str], ...]]:
        return _several(get, f"{side}_address_prefix", f"{side}_address_prefixes", place)

    return SecurityRule(
        **common,
        inbound=word("direction").map(lambda direction: direction.lower() == "inbound"),
        allow=word("access").map(lambda access: access.lower() == "allow"),
        protocol=word("protocol"),
        priority=number(_written(get, "priority", place)),
        sources=addresses("source"),
        destinations=addresses("destination"),
        ports=_several(get, "destination_port_range", "destination_port_ranges", place),
    )


# Links


def connected(server: Server, index: Index) -> Server:
    """The server with the subnets and the private DNS zone that it and its private endpoints refer to."""
    network, networks = server.network, index.once(_Networks)
    endpoints = (
        replace(each, subnet=networks.subnet(each.subnet_id, whole=server.whole)) for each in server.private_endpoints
    )
    return replace(
        server,
        network=replace(
            network,
            subnet=networks.subnet(network.delegated_subnet, whole=server.whole),
            dns_zone=index.find(network.private_dns_zone, PrivateDnsZone) or _named_zone(server),
        ),
        private_endpoints=replace(server.private_endpoints, items=tuple(endpoints)),
    )


class _Networks:
    """Which network security groups apply to which subnets, and which rules they have."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._attachments: dict[str, list[Attachment]] = defaultdict(list)
        self._separate: dict[str, list[SecurityRule]] = defaultdict(list)
        self._anywhere: list[Unknown] = []
        """Why any subnet may have another group."""
        self._of_any: list[Unknown] = []
        """Why any group may have another rule."""
        self._subnets: dict[tuple[str, bool], Subnet] = {}
        for each in index.all(Attachment):
            subnet = index.find(each.subnet, Subnet)
            if subnet is not None:
                self._attachments[subnet.address].append(each)
            elif _may_be_any(each.subnet):
                self._anywhere.append(replace(each.subnet, candidates=()))
        names = {group.name.value.lower(): group for group in index.all(SecurityGroup) if isinstance(group.name, Known)}
        for rule in index.all(SeparateRule):
            group = index.find(rule.group, SecurityGroup)
            if group is None and isinstance(rule.group, Known):
                group = names.get(str(rule.group.value).lower())
            if group is not None:
                self._separate[group.address].append(rule.rule)
            elif _may_be_any(rule.group):
                self._of_any.append(replace(rule.group, candidates=()))

    def subnet(self, id_: Value[Any], *, whole: bool) -> Subnet | None:
        """The subnet with an id, and the rules of its group. `whole` is that of the server in the subnet."""
        subnet = self._index.find(id_, Subnet)
        if subnet is None:
            return None
        key = subnet.address, whole
        if key not in self._subnets:
            self._subnets[key] = self._ruled(subnet, whole=whole)
        found = self._subnets[key]
        if self._index.affords(found.security_rules.items):
            return found
        gap = Unknown("there are too many security rules", subnet.header)
        return replace(found, security_rules=Parts((), (gap,)))

    def _ruled(self, subnet: Subnet, *, whole: bool) -> Subnet:
        rules: list[SecurityRule] = []
        attachments = self._attachments[subnet.address]
        gaps = [*self._anywhere, *self._index.doubts(subnet.address)]
        for each in attachments:
            group = self._index.find(each.group, SecurityGroup)
            if group is None:
                gaps.append(_elsewhere(each.group))
                continue
            found = (*group.rules, *self._separate[group.address])
            rules += (replace(rule, maybe=rule.maybe or each.maybe or group.maybe) for rule in found)
            gaps += (*group.rules.gaps, *self._of_any, *self._index.doubts(group.address))
            gaps += [each.maybe] if each.maybe is not None else []
        if not attachments and not whole:
            gaps.append(Unknown("whoever uses this module may add a network security group", subnet.header))
        each_once = {(gap.reason, gap.span): gap for gap in gaps}
        return replace(subnet, security_rules=Parts(tuple(rules), tuple(each_once.values())))


def _may_be_any(target: Value[Any]) -> TypeGuard[Unknown]:
    """Whether a value may refer to anything."""
    return isinstance(target, Unknown) and target.reference is None and not target.parts


def _elsewhere(target: Value[Any]) -> Unknown:
    if isinstance(target, Unknown):
        return target.bare()
    return Unknown("the network security group is not declared here", target.span, target.trace)


def _named_zone(server: Server) -> PrivateDnsZone | None:
    """The zone of a server that is not declared here, if its id contains its name."""
    id_ = server.network.private_dns_zone
    name = None
    if id_.reference is not None and id_.reference.address.startswith(f"{ZONE}/"):
        name = id_.reference.address.removeprefix(f"{ZONE}/")
    elif isinstance(id_, Known) and id_.value:
        name = as_text(id_.value)
    elif isinstance(id_, Unknown) and id_.parts and isinstance(id_.parts[-1], Known):
        name = as_text(id_.parts[-1].value)
        name = name if name and "/" in name else None
    name = (name or "").rstrip("/").rpartition("/")[2]
    if not name or "{" in name or "<" in name:
        return None
    return PrivateDnsZone(
        address=f"{server.address}/{name}",
        label=name,
        header=id_.span,
        language=server.language,
        calls=server.calls,
        module=server.module,
        maybe=server.maybe,
        left_alone=(),
        as_arm=server.as_arm,
        name=Known(name, id_.span, id_.trace),
    )
