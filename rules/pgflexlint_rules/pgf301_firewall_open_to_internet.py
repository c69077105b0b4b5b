"""PGF301: the firewall lets in the internet."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._firewall import ALLOWED, INTERNET, Firewall, forbid_width


def check(server: Server, *, allowed: tuple[str, ...]) -> Verdicts:
    """Flag firewall rules that let in 2^31 public addresses or more, alone or together."""
    yield from forbid_width(server, Firewall.of(server, allowed), INTERNET)


RULE = Rule(
    id="PGF301",
    slug="firewall-open-to-internet",
    summary="The firewall lets in the whole public internet.",
    level=Level.ERROR,
    security_severity=9.3,
    messages={
        "single": "The public internet can reach server '{0}'. Firewall rule '{1}' lets in '{4}' public addresses, "
        "'{2}' to '{3}'.",
        "together": "The public internet can reach server '{0}'. Its firewall rules together let in '{4}' public "
        "addresses, most of them through '{1}' ('{2}' to '{3}').",
        "others": "The public internet can reach server '{0}'. Its narrower firewall rules alone let in '{4}' public "
        "addresses, most of them through '{1}' ('{2}' to '{3}').",
    },
    why="Scanners find an open PostgreSQL port within hours and try passwords on it around the clock. One weak or "
    "leaked password is then all that separates a stranger from the data.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_firewall_rule` and connect through a private "
    "endpoint or a delegated subnet. If public access must stay, list the exact addresses of the clients.",
    fix_template="Remove the `firewallRules` child resource **and** delete the rule on the server, because an "
    "incremental deployment keeps it. Then connect through a private endpoint, or list the exact addresses of the "
    "clients.",
    limits="Counts the public addresses of each firewall rule, and those of all narrower rules together. Does not see "
    "rules that are added outside the code. If public access is off, an open firewall is PGF304.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/security/security-firewall-rules",
        "https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link",
    ),
    check=check,
    options=(ALLOWED,),
    precision="very-high",
    cwe=(284,),
    controls=("MCSB NS-2 (by analogy)",),
    peers=(
        "Trivy AZU-0029",
        "Checkov CKV2_AZURE_26",
        "Sonar S6329 (Bicep and ARM)",
        "PSRule AZR-000151 (single server)",
        "Checkov CKV_AZURE_11 (single server)",
    ),
)
