"""PGF311: a network security group lets everybody connect to the port of PostgreSQL."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from pgflexlint.model import SecurityRule, Server, Subnet
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint.values import Known, Unknown, Value, all_true, first_unknown, holds
from pgflexlint_rules._ports import PORTS, covers, everybody, reaches, speaks


def check(server: Server) -> Verdicts:
    """Flag rules on the server's subnets that let the internet in on PostgreSQL's ports, with no denial before them."""
    network = server.network
    if not server.declared:
        return
    used: list[tuple[Value[str | None], Subnet | None]] = []
    if network.vnet_integrated:
        used.append((network.delegated_subnet, network.subnet))
    elif network.vnet_integrated is None and isinstance(network.delegated_subnet, Unknown):
        yield Undecided(network.delegated_subnet)
    used += [(endpoint.subnet_id, endpoint.subnet) for endpoint in server.private_endpoints]
    judged: set[str] = set()
    for id_, subnet in used:
        if subnet is None:
            yield Undecided(id_ if isinstance(id_, Unknown) else Unknown("the subnet is not declared here", id_.span))
        elif subnet.address not in judged:
            judged.add(subnet.address)
            yield from _judge(server, subnet)


def _judge(server: Server, subnet: Subnet) -> Verdicts:
    doubts: list[Unknown] = list(subnet.security_rules.gaps)
    refusals = {port: _Refusals.of(subnet, port) for port in PORTS}
    for rule in subnet.security_rules:
        ports: list[str] = []
        for port in PORTS:
            open_ = all_true([
                holds(rule.allow, bool), speaks(rule, port), everybody(rule), reaches(rule, subnet.prefixes),
                refusals[port].after(rule.priority),
            ])  # fmt: skip
            if open_ is None:
                doubts.append(_why(rule, subnet))
            elif open_:
                ports.append(str(port))
        if ports and not subnet.security_rules.gaps:
            related = (
                Related(subnet.header, f"Subnet '{subnet.label}' has this network security group."),
                Related(server.header, f"Server '{server.label}' is reached through this subnet."),
            )
            yield Fail(_source(rule), "open", ("' and '".join(ports), rule.label), part=rule, related=related)
    yield from map(Undecided, {(doubt.reason, doubt.span): doubt for doubt in doubts}.values())


class _Refusals(NamedTuple):
    """The lowest priority numbers of rules that deny everybody a port: of those that certainly do, and that may."""

    certain: float
    possible: float

    @classmethod
    def of(cls, subnet: Subnet, port: int) -> _Refusals:
        """The numbers for a port of a subnet."""
        certain = possible = inf
        for rule in subnet.security_rules:
            refuses = all_true([
                holds(rule.allow, lambda allow: not allow), speaks(rule, port), everybody(rule),
                covers(rule, subnet.prefixes),
            ])  # fmt: skip
            number = rule.priority.value if isinstance(rule.priority, Known) else None
            if refuses is not False:
                possible = min(possible, -inf if number is None else number)
            if refuses and rule.maybe is None and number is not None:
                certain = min(certain, number)
        return cls(certain, possible)

    def after(self, priority: Value[int]) -> bool | None:
        """Whether no such rule comes before a rule of a priority; None if that is unknown."""
        if not isinstance(priority, Known):
            return True if self.possible == inf else None
        return False if self.certain < priority.value else None if self.possible < priority.value else True


def _why(rule: SecurityRule, subnet: Subnet) -> Unknown:
    """The first unknown value of a rule, or else of the rules that may come before it."""
    for each in (rule, *subnet.security_rules):
        for value in (each.allow, each.inbound, each.protocol, each.ports, each.sources, each.destinations):
            if (doubt := first_unknown(value)) is not None:
                return doubt
        if isinstance(each.priority, Unknown):
            return each.priority
    doubts = [each.maybe for each in subnet.security_rules if each.maybe is not None]
    doubts += [doubt] if (doubt := first_unknown(subnet.prefixes)) is not None else []
    return doubts[0] if doubts else Unknown("the addresses of the subnet are not known", subnet.header)


def _source(rule: SecurityRule) -> Value[object]:
    """The source of a rule if there is one, else the list of sources."""
    sources = rule.sources
    return sources.value[0] if isinstance(sources, Known) and len(sources.value) == 1 else sources


RULE = Rule(
    id="PGF311",
    slug="nsg-opens-postgres-port",
    summary="A network security group lets everybody connect to the port of PostgreSQL.",
    level=Level.ERROR,
    security_severity=7.5,
    messages={
        "open": "Everybody may connect to PostgreSQL's ports: network security rule '{1}' opens '{0}'.",
    },
    why="The network security group keeps the rest of the network away from the server, and this rule undoes that. One "
    "compromised machine in the network, or behind a peering or a gateway, then reaches the database.",
    fix_terraform="Set `source_address_prefix` to the subnet of the application, such as `10.20.3.0/24`, or to an "
    "application security group with `source_application_security_group_ids`.",
    fix_template="Set `sourceAddressPrefix` to the subnet of the application, such as `10.20.3.0/24`, or name an "
    "application security group in `sourceApplicationSecurityGroups`.",
    limits="Does not see network security groups and rules that are declared elsewhere. Does not judge application "
    "security groups. On the subnet of a private endpoint, a group works only if the subnet's network policies for "
    "private endpoints are on, which is not checked.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private",
        "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
    ),
    check=check,
    cwe=(284,),
    controls=("MCSB NS-1 (by analogy)",),
)
