"""PGF302: the firewall lets in more addresses than any one organisation's clients need."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Verdicts
from pgflexlint_rules._firewall import ALLOWED, INTERNET, WIDE, Firewall, forbid_width, widths


def check(server: Server, *, wide: int, very_wide: int, allowed: tuple[str, ...]) -> Verdicts:
    """Flag more than `wide` public addresses, in one firewall rule or in all together; the whole internet is PGF301."""
    firewall = Firewall.of(server, allowed)
    narrower = firewall.without(widths(firewall, INTERNET))
    yield from forbid_width(server, narrower, wide + 1, lambda width: Level.ERROR if width > very_wide else None)


RULE = Rule(
    id="PGF302",
    slug="firewall-range-too-wide",
    summary="The firewall lets in a wide range of public addresses.",
    level=Level.WARNING,
    security_severity=6.8,
    messages={
        "single": "Too many public addresses can reach server '{0}'. Firewall rule '{1}' lets in '{4}' "
        "addresses, from '{2}' to '{3}'.",
        "together": "Too many public addresses can reach server '{0}'. Its firewall rules together let in "
        "'{4}' addresses, the widest being '{1}' ('{2}' to '{3}').",
        "others": "Too many public addresses can reach server '{0}'. Its narrower firewall rules alone let in "
        "'{4}' addresses, the widest of them being '{1}' ('{2}' to '{3}').",
    },
    why="A wide range includes strangers, such as other customers of the same provider or cloud region, and all of "
    "them can try passwords. The more addresses the firewall lets in, the less it protects.",
    fix_terraform="Narrow `start_ip_address` and `end_ip_address` to the addresses of the clients, or delete the rule "
    "and connect through a private endpoint.",
    fix_template="Narrow `startIpAddress` and `endIpAddress` to the addresses of the clients. Or connect through a "
    "private endpoint, and delete the rule in the template and on the server.",
    limits="Does not count private, loopback, carrier-grade NAT and documentation addresses, because no connection "
    "over the internet comes from them. More addresses than `wide` are a warning, more than `very-wide` an error. What "
    "opens the server to the whole internet is PGF301.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-firewall-rules",),
    check=check,
    options=(
        WIDE,
        Option("very_wide", 65_536, "More public addresses than this are an error.", least=1, most=INTERNET),
        ALLOWED,
    ),
    cwe=(284,),
    controls=("MCSB NS-2 (by analogy)",),
    peers=("Trivy AZU-0029", "PSRule AZR-000151 (single server)"),
)
