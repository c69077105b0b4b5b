"""PGF307: a server without public access has no private endpoint."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown
from pgflexlint_rules._server import elsewhere, public_endpoint


def check(server: Server) -> Verdicts:
    """Flag a server that nothing reaches: no delegated subnet, no private endpoint, public access off."""
    endpoints = server.private_endpoints
    if not server.declared or server.network.vnet_integrated or endpoints.certain:
        return
    if server.network.discarded_subnet is not None:
        return  # a subnet that the module drops is PGF304
    reached, subnet = public_endpoint(server), server.network.delegated_subnet
    doubts = [subnet] if server.network.vnet_integrated is None and isinstance(subnet, Unknown) else []
    doubts += endpoints.doubts
    unseen = elsewhere(server, "a private endpoint")
    doubts += [unseen] if unseen is not None else []
    if isinstance(reached, Unknown):
        yield Undecided(reached)
    elif not reached.value and doubts:
        yield Undecided(doubts[0])
    elif not reached.value:
        yield Fail(server.header, "missing", (server.label,))


RULE = Rule(
    id="PGF307",
    slug="private-endpoint-missing",
    summary="A server without public access has no private endpoint.",
    level=Level.NOTE,
    security_severity=3.5,
    messages={
        "missing": "No private endpoint is declared for server '{0}', and its public access is off: nothing here "
        "reaches it.",
    },
    why="If nothing reaches the server, somebody will switch public access on, because that is the quickest way. A "
    "private endpoint that is declared beside the server keeps that from happening.",
    fix_terraform="Add an `azurerm_private_endpoint` with a `private_service_connection` that names the server's `id` "
    'and `subresource_names = ["postgresqlServer"]`. Add the private DNS zone '
    "`privatelink.postgres.database.azure.com`.",
    fix_template="Add a `Microsoft.Network/privateEndpoints` resource whose `privateLinkServiceConnections` name the "
    "server's id and `groupIds: ['postgresqlServer']`. Add the private DNS zone "
    "`privatelink.postgres.database.azure.com`.",
    limits="Does not see a private endpoint that another deployment adds. Undecided in a module that no checked file "
    "calls, because its caller may add one. A server with a public endpoint is PGF305. A server in a delegated subnet "
    "cannot have private endpoints.",
    references=("https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link",),
    check=check,
    precision="medium",
    cwe=(668,),
    policies=("5375a5bb-22c6-46d7-8a43-83417cfb4460",),
    controls=("MCSB NS-2 (by analogy with the single server)",),
    peers=("Checkov CKV2_AZURE_57",),
)
