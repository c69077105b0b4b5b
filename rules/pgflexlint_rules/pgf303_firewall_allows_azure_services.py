"""PGF303: the firewall lets in everything that runs in Azure, of other customers too."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown, holds
from pgflexlint_rules._firewall import allows_azure
from pgflexlint_rules._server import public_endpoint


def check(server: Server) -> Verdicts:
    """Flag the range 0.0.0.0 to 0.0.0.0, whatever the name of the firewall rule."""
    endpoint = public_endpoint(server)
    if holds(endpoint, bool) is False:
        return
    for rule in server.firewall_rules:
        answer = allows_azure(rule)
        bounds = next((bound for bound in (rule.start, rule.end) if isinstance(bound, Unknown)), None)
        doubt = rule.maybe or (endpoint if isinstance(endpoint, Unknown) else None) or (None if answer else bounds)
        if answer and doubt is None:
            yield Fail(rule.start, "azure", (server.label, rule.label), part=rule)
        elif answer is not False and doubt is not None:
            yield Undecided(doubt)
    if server.declared and server.firewall_rules.gaps:
        yield Undecided(server.firewall_rules.gaps[0])


RULE = Rule(
    id="PGF303",
    slug="firewall-allows-azure-services",
    summary="The firewall lets in everything that runs in Azure.",
    level=Level.WARNING,
    security_severity=6.5,
    messages={"azure": "All of Azure, other customers included, can reach server '{0}' through firewall rule '{1}'."},
    why="The range 0.0.0.0 to 0.0.0.0 is not one host: it admits every Azure address, so anybody with a subscription "
    "can attack from a virtual machine. The rule may be named 'internal', but Azure looks only at the range.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_firewall_rule` from `0.0.0.0` to `0.0.0.0`. Then "
    "connect through a private endpoint, or allow the outbound addresses of your own services.",
    fix_template="Remove the `firewallRules` child resource from `0.0.0.0` to `0.0.0.0` **and** delete the rule on the "
    "server, because an incremental deployment keeps it. Then connect through a private endpoint, or allow the "
    "outbound addresses of your own services.",
    limits="Does not see a rule that was added with the portal's check box. A rule on a server without public access "
    "is PGF304.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-firewall-rules",),
    check=check,
    precision="very-high",
    cwe=(668,),
    controls=(
        "CIS Azure Foundations 3.0.0 5.2.5",
        "CIS Azure Foundations 2.1.0 4.3.7",
        "MCSB NS-2 (by analogy)",
    ),
    peers=("Checkov CKV2_AZURE_26", "PSRule AZR-000150 (single server)"),
)
