"""PGF310: the delegated subnet or the private DNS zone of the server is misconfigured."""

import re

from pgflexlint.lazily import compiled
from pgflexlint.model import Server, Subnet
from pgflexlint.resource import FLEXIBLE_SERVER
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint.values import Known, Unknown, first_unknown, holds
from pgflexlint_rules._server import inherited

_ZONE = compiled(r".+\.postgres\.database\.(azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)", re.IGNORECASE)
"""Of all clouds: https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private for the public one,
https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure for that of the US government,
`AZURE_CHINA_CLOUD` of https://github.com/Azure/azure-cli (`azure/cli/core/cloud.py`) for China's."""


def check(server: Server) -> Verdicts:
    """Flag a subnet that is not delegated to the service, and a zone that is missing or misnamed."""
    network = server.network
    integrated = network.vnet_integrated
    if not server.declared or integrated is False:
        return
    if integrated is None and isinstance(network.delegated_subnet, Unknown):
        yield Undecided(network.delegated_subnet)
        return
    if network.subnet is not None:
        yield from _delegation(server, network.subnet)
    else:
        id_ = network.delegated_subnet
        yield Undecided(id_ if isinstance(id_, Unknown) else Unknown("the subnet is not declared here", id_.span))
    yield from _zone(server)


def _delegation(server: Server, subnet: Subnet) -> Verdicts:
    related = (Related(server.header, f"Server '{server.label}' is to sit in this subnet."),)
    services = subnet.delegations
    if isinstance(services, Unknown):
        yield Undecided(services)
    elif not services.value:
        yield Fail(subnet.header, "missing", (subnet.label,), part=subnet, related=related)
    elif any(holds(service, lambda name: name.lower() == FLEXIBLE_SERVER) for service in services.value):
        return
    elif (doubt := first_unknown(services)) is not None:
        yield Undecided(doubt)
    else:
        other = services.value[0]
        assert isinstance(other, Known)
        yield Fail(other, "other", (subnet.label, other.value), part=subnet, related=related)


def _zone(server: Server) -> Verdicts:
    id_, zone = server.network.private_dns_zone, server.network.dns_zone
    absent = holds(id_, lambda id_: id_ in (None, ""))
    if absent and (doubt := inherited(server, id_)) is not None:
        yield Undecided(doubt)
    elif absent:
        yield Fail(id_, "zoneless", (server.label,))
    elif zone is None:
        yield Undecided(id_ if isinstance(id_, Unknown) else Unknown("the zone is not declared here", id_.span))
    elif isinstance(zone.name, Unknown):
        if not _ends_well(zone.name):
            yield Undecided(zone.name)
    elif not _ZONE.fullmatch(zone.name.value):
        related = (Related(server.header, f"Server '{server.label}' is to be found in this zone."),)
        yield Fail(zone.name, "misnamed", (zone.name.value,), part=zone, related=related)


def _ends_well(name: Unknown) -> bool:
    """Whether a name ends as it must, although only its end or its possible values are known."""
    end = name.parts[-1] if name.parts else None
    tail = f"x{end.value}" if isinstance(end, Known) and isinstance(end.value, str) else ""
    return bool(_ZONE.fullmatch(tail)) or bool(holds(name, lambda text: bool(_ZONE.fullmatch(text))))


RULE = Rule(
    id="PGF310",
    slug="delegated-subnet-misconfigured",
    summary="The delegated subnet or the private DNS zone of the server is misconfigured.",
    level=Level.WARNING,
    security_severity=4.5,
    messages={
        "missing": "Subnet '{0}' is not delegated to PostgreSQL, although a flexible server is to sit in it.",
        "other": "Subnet '{0}' is delegated to '{1}', not to PostgreSQL, although a flexible server is to sit in it.",
        "zoneless": "No private DNS zone is set for server '{0}', so its name leads nowhere in the virtual network.",
        "misnamed": "Private DNS zone '{0}' does not fit its server: it must end in .postgres.database.azure.com.",
    },
    why="Azure refuses to create the server, or creates one whose name no client can resolve. Under time pressure "
    "somebody then replaces the virtual network with a public endpoint.",
    fix_terraform="Give the `azurerm_subnet` a `delegation` whose `service_delegation` is named "
    "`Microsoft.DBforPostgreSQL/flexibleServers`, and set `private_dns_zone_id` to a zone whose name ends in "
    "`.postgres.database.azure.com`.",
    fix_template="Give the subnet a delegation whose `serviceName` is `Microsoft.DBforPostgreSQL/flexibleServers`, and "
    "set `privateDnsZoneArmResourceId` to a zone whose name ends in `.postgres.database.azure.com`.",
    limits="Undecided for a subnet that is declared elsewhere. Of a DNS zone that is declared elsewhere, checks only "
    "the name, if the id contains it. Does not check whether the zone is linked to the virtual network.",
    references=("https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private",),
    check=check,
    controls=("MCSB NS-2 (by analogy)",),
)
