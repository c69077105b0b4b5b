"""PGF308: a server with a private endpoint is still reachable over its public one."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown, holds
from pgflexlint_rules._server import public_endpoint


def check(server: Server) -> Verdicts:
    """Flag public access to a server that has a private endpoint."""
    network, endpoints = server.network, server.private_endpoints
    certain, doubts = endpoints.certain, endpoints.doubts
    if not server.declared or not (certain or doubts):
        return
    if network.ignored_public_access is not None and holds(network.ignored_public_access, lambda on: not on):
        return  # a `Disabled` without effect is PGF306
    reached = public_endpoint(server)
    if isinstance(reached, Unknown):
        yield Undecided(reached)
    elif reached.value and certain:
        related = tuple(Related(each.header, f"Private endpoint '{each.label}' is here.") for each in certain)
        written = network.ignored_public_access or network.public_access
        yield Fail(written, "both", (server.label, certain[0].label), related=related)
    elif reached.value:
        yield Undecided(doubts[0])


RULE = Rule(
    id="PGF308",
    slug="private-endpoint-with-public-access",
    summary="A server with a private endpoint is still reachable over its public one.",
    level=Level.WARNING,
    security_severity=5.5,
    messages={
        "both": "Private endpoint '{1}' does not close the public endpoint of server '{0}', which stays on.",
    },
    why="The private endpoint makes the server look private, but its public endpoint still answers everybody whom the "
    "firewall lets in. The two settings are independent, and only one of them was made.",
    fix_terraform="Set `public_network_access_enabled = false` on the server.",
    fix_template="Set `properties.network.publicNetworkAccess` to `'Disabled'` with API version `2024-08-01` or newer.",
    limits="Does not see a private endpoint that another deployment adds. The public endpoint by itself is PGF305, and "
    "what the firewall lets in over it is PGF301 to PGF303.",
    references=("https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link",),
    check=check,
    cwe=(668,),
    policies=("5e1de0e3-42cb-4ebc-a86d-61d0c619ca48",),
    controls=("MCSB NS-2",),
)
