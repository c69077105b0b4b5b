"""PGF305: the server has a public endpoint."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, forbid
from pgflexlint.values import Known, Origin, holds
from pgflexlint_rules._server import public_endpoint, updated


def check(server: Server) -> Verdicts:
    """Flag public access that is on, also by default; a note if there is no firewall rule."""
    ignored = server.network.ignored_public_access
    if not (server.declared or updated(server, server.network.public_access)):
        return
    if ignored is not None and holds(ignored, lambda enabled: not enabled):
        return  # a `Disabled` without effect is PGF306
    access = ignored if isinstance(ignored, Known) else server.network.public_access
    message = "default" if isinstance(access, Known) and access.origin is Origin.DEFAULT else "enabled"
    level = Level.NOTE if server.firewall_rules.closed and not server.firewall_rules else None
    yield from forbid(public_endpoint(server), bool, message, server.label, at=access, level=level)


RULE = Rule(
    id="PGF305",
    slug="public-network-access-enabled",
    summary="The server is reachable over a public endpoint.",
    level=Level.WARNING,
    security_severity=6.5,
    messages={
        "enabled": "Public network access is enabled on server '{0}'.",
        "default": "Public network access is on by default on server '{0}', because nothing switches it off.",
    },
    why="A public endpoint is one firewall rule away from everybody: a wrong range, or a rule that was added for an "
    "hour, exposes the server. Without a public endpoint, no firewall rule can expose it.",
    fix_terraform="Set `public_network_access_enabled = false` and add an `azurerm_private_endpoint` with "
    '`subresource_names = ["postgresqlServer"]`.',
    fix_template="Set `properties.network.publicNetworkAccess` to `'Disabled'` with API version `2024-08-01` or newer "
    "(the property is read-only before `2023-06-01-preview`). Add a private endpoint with group `postgresqlServer`.",
    limits="The finding is a note if no firewall rule is declared, because the firewall then refuses everybody. Does "
    "not see rules that are added outside the code. A private endpoint does not switch public access off.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/network/concepts-networking-public",
        "https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link",
    ),
    check=check,
    precision="very-high",
    cwe=(284, 668),
    policies=("5e1de0e3-42cb-4ebc-a86d-61d0c619ca48",),
    controls=("CIS Azure Foundations 2.1.0 4.3.7 (policy mapping)", "MCSB NS-2"),
    peers=("Trivy AZU-0022", "Checkov CKV_AZURE_68 (single server)"),
)
