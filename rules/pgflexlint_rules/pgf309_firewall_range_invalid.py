"""PGF309: a firewall rule that no connection can match."""

from itertools import product

from pgflexlint.addresses import AddressRange, count_public, parse_address
from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Known, Unknown, Value, holds
from pgflexlint_rules._server import public_endpoint
from pgflexlint_rules._words import spoken


def check(server: Server) -> Verdicts:
    """Flag bounds that are not IPv4 addresses, and ranges that end before they start or have no public address."""
    idle = holds(public_endpoint(server), bool) is False  # that no rule has an effect is PGF304
    for rule in server.firewall_rules:
        bad = next((bound for bound in (rule.start, rule.end) if holds(bound, _is_no_address)), None)
        if bad is not None:
            yield Fail(bad, "bound", (server.label, rule.label, spoken(bad)), part=rule)
            continue
        pair = zip if rule.one_address else product
        wrong = {_wrong(start, end) for start, end in pair(_possible(rule.start), _possible(rule.end))}
        doubt = rule.maybe or next((bound for bound in (rule.start, rule.end) if isinstance(bound, Unknown)), None)
        if wrong <= {"", "private"} and idle:
            continue
        if "unknown" in wrong or len(wrong) != 1:
            assert doubt is not None
            yield Undecided(doubt)
        elif (message := wrong.pop()) != "":
            arguments = (server.label, rule.label, spoken(rule.start), spoken(rule.end))
            yield Fail(rule.start, message, arguments, part=rule)
    if server.declared and server.firewall_rules.gaps and not idle:
        yield Undecided(server.firewall_rules.gaps[0])


def _is_no_address(text: str) -> bool:
    return parse_address(text) is None


def _possible(bound: Value[str]) -> list[str | None]:
    """The values that a bound may have; None stands for any value."""
    if isinstance(bound, Known):
        return [bound.value]
    return [candidate.value for candidate in bound.candidates] or [None]


def _wrong(start: str | None, end: str | None) -> str:
    """What is wrong with a range: the key of a message, "" for nothing, or "unknown"."""
    first, last = parse_address(start), parse_address(end)
    if first is None or last is None:
        return "unknown"
    if first > last:
        return "inverted"
    azure = first == last == 0
    return "private" if not azure and not count_public([AddressRange(first, last)]) else ""


RULE = Rule(
    id="PGF309",
    slug="firewall-range-invalid",
    summary="A firewall rule has a range that no connection can match.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={
        "bound": "Firewall rule '{1}' of server '{0}' has a bound that is no IPv4 address: '{2}'.",
        "inverted": "Firewall rule '{1}' of server '{0}' lets nobody in: it starts at '{2}', above its end '{3}'.",
        "private": "Firewall rule '{1}' of server '{0}' lets nobody in: no address from '{2}' to '{3}' is public.",
    },
    why="The firewall refuses the clients that the rule is for, and somebody ends the outage in a hurry with a rule "
    "that lets in everybody. Azure's firewall sees public addresses only, so a private range is a misunderstanding.",
    fix_terraform="Set `start_ip_address` and `end_ip_address` to the first and the last public IPv4 address of the "
    "clients. For a CIDR block, these are `cidrhost(block, 0)` and `cidrhost(block, -1)`.",
    fix_template="Set `startIpAddress` and `endIpAddress` to the first and the last public IPv4 address of the "
    "clients. For a CIDR block, these are `parseCidr(block).network` and `.broadcast` in Bicep.",
    limits="Azure refuses some of these ranges in a deployment and accepts others. On a server without a public "
    "endpoint, private, loopback, carrier-grade NAT and documentation ranges are PGF304.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-firewall-rules",),
    check=check,
    controls=("MCSB NS-2 (by analogy)",),
)
