"""PGF304: firewall rules on a server without a public endpoint."""

from collections.abc import Iterable

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown, Value, holds
from pgflexlint_rules._firewall import ALLOWED, RELATED_LIMIT, WIDE, Firewall, Opening, allows_azure, beside
from pgflexlint_rules._server import public_endpoint


def check(server: Server, *, wide: int, allowed: tuple[str, ...]) -> Verdicts:
    """Flag firewall rules without effect: each wide one, then the others together; and a subnet that they drop."""

    def danger(opening: Opening) -> int:  # all of Azure counts as wide
        return max(opening.width, wide + 1 if allows_azure(opening.rule) else 0)

    firewall, endpoint = Firewall.of(server, allowed), public_endpoint(server)
    dropped = server.network.discarded_subnet
    if dropped is not None and (discarded := _is_set(dropped)) is not False:
        if discarded:
            yield Fail(dropped, "discarded", (server.label,), Level.ERROR, related=_beside(server))
        elif isinstance(dropped, Unknown):
            yield Undecided(dropped)
        return
    if isinstance(endpoint, Unknown) and firewall.openings:
        yield Undecided(endpoint)
    if isinstance(endpoint, Unknown) or endpoint.value:
        return
    # A flag opens no server in a virtual network. What has one that is updated is in none.
    matters = server.network.vnet_integrated is not None or not server.declared
    rest: list[Opening] = []
    for opening in firewall.openings:
        if opening.rule.maybe is None and matters and danger(opening) > wide:
            yield _fail(server, opening, open_=True)
        elif opening.rule.maybe is None:
            rest.append(opening)
    if rest:
        widest, *others = sorted(rest, key=lambda opening: -opening.width)
        yield _fail(server, widest, open_=matters and firewall.strangers(rest) > wide, others=others)
    if firewall.doubts:
        yield Undecided(firewall.doubts[0])


def _fail(server: Server, opening: Opening, *, open_: bool, others: Iterable[Opening] = ()) -> Fail:
    rule = opening.rule
    message = "integrated" if server.network.vnet_integrated else "latent" if open_ else "unused"
    place, level = (rule.end, None) if open_ else (rule.header, Level.NOTE)
    return Fail(place, message, (server.label, rule.label), level, rule, beside(others))


def _is_set(id_: Value[str | None]) -> bool | None:
    if isinstance(id_, Unknown) and id_.never_null:
        return True
    return holds(id_, lambda text: text not in (None, ""))


def _beside(server: Server) -> tuple[Related, ...]:
    rules = list(server.firewall_rules)[:RELATED_LIMIT]
    return tuple(Related(rule.header, f"Firewall rule '{rule.label}' makes the module do so.") for rule in rules)


RULE = Rule(
    id="PGF304",
    slug="firewall-rule-latent",
    summary="A firewall rule is declared for a server whose public endpoint is off.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "latent": "One flag keeps server '{0}' shut: with public access on, firewall rule '{1}' lets strangers in.",
        "unused": "No effect: public access to server '{0}' is off, so firewall rule '{1}' lets nobody in.",
        "discarded": "No virtual network for server '{0}': the module drops this subnet because of the firewall rules.",
        "integrated": "No effect: server '{0}' sits in a virtual network, so firewall rule '{1}' lets nobody in.",
    },
    why="If somebody switches public access on later, perhaps for an hour of debugging, the forgotten rules expose the "
    "server. Until then they mislead readers about how the server is reached.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_firewall_rule`.",
    fix_template="Remove the `firewallRules` child resource **and** delete the rule on the server, because an "
    "incremental deployment keeps it. For the Azure Verified Module, pass `firewallRules: []` beside a subnet.",
    limits="The finding is a note if the rules are narrow, or if it is unknown whether the server sits in a virtual "
    "network, where public access cannot be switched on. It is an error if the Azure Verified Module for Bicep drops "
    "the delegated subnet because of the rules. Does not see rules that are added outside the code.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/security/security-firewall-rules",
        "https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private",
    ),
    check=check,
    options=(WIDE, ALLOWED),
    cwe=(1188,),
    controls=("MCSB NS-2 (by analogy)",),
)
