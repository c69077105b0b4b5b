"""How many public addresses the firewall of a server lets in: for certain, and at most.

Bounds that are not known make a rule let in fewer addresses for certain and more at most, so every question
about the union of all rules has a three-valued answer. A rule whose bounds are not known, but certain to be equal,
lets in one address at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from pgflexlint.addresses import HIGHEST, AddressRange, count_public, format_address, parse_address, parse_range
from pgflexlint.model import FirewallRule, Server
from pgflexlint.rule import Fail, Level, Option, Related, Undecided, Verdict
from pgflexlint.values import Known, Unknown, Value, holds
from pgflexlint_rules._server import public_endpoint

INTERNET = 2**31
"""From this many public addresses on, a firewall is open to the internet."""
WIDE = Option("wide", 256, "Up to this many public addresses are a narrow range.", least=1, most=INTERNET)
_OCTET = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_ADDRESS = rf"{_OCTET}(\.{_OCTET}){{3}}"
ALLOWED = Option(
    "allowed",
    (),
    "Ranges of addresses that are trusted and don't count, such as `20.50.2.0/24` or `20.50.2.10-20.50.2.19`.",
    pattern=rf"{_ADDRESS}(/(3[0-2]|[12]?\d)|-{_ADDRESS})?",
)
RELATED_LIMIT = 10
"""How many further firewall rules a finding names."""

_NONE = AddressRange(1, 0)
_ALL = AddressRange(0, HIGHEST)


class Opening(NamedTuple):
    """What one firewall rule lets in."""

    rule: FirewallRule
    certain: AddressRange
    possible: AddressRange
    hidden: int
    """How many addresses it may let in beside the possible ones, which nobody can tell."""
    doubt: Unknown | None
    """Why what is certain and what is possible may differ."""
    width: int
    """How many strangers' addresses it lets in for certain."""


class Firewall(Struct, frozen=True):
    """What all firewall rules of a server let in together."""

    openings: tuple[Opening, ...]
    certain: int
    """How many strangers' addresses they let in: public ones that are not trusted."""
    possible: int
    doubts: tuple[Unknown, ...]
    """Why the two may differ."""

    @classmethod
    def of(cls, server: Server, allowed: Iterable[str] = ()) -> Firewall:
        """The firewall of a server. Of a server that is not in sight only the declared rules are judged."""
        trusted = [found for text in allowed if (found := parse_range(text)) is not None]
        openings = tuple(_opening(rule, trusted) for rule in server.firewall_rules)
        gaps = server.firewall_rules.gaps if server.declared else ()
        return cls(
            openings,
            count_public([opening.certain for opening in openings], but=trusted),
            count_public([_ALL] if gaps else [opening.possible for opening in openings], but=trusted)
            + sum(opening.hidden for opening in openings),
            tuple(opening.doubt for opening in openings if opening.doubt is not None) + gaps,
        )


def forbid_width(server: Server, firewall: Firewall, limit: int, level: Level | None = None) -> Iterator[Verdict]:
    """Fail where the firewall of a server lets in `limit` strangers' addresses or more, at the widest rule.

    The message is `single` where that rule alone is too wide, else `together`. Their arguments are the server, the
    firewall rule, its first and last address, and how many strangers' addresses it, or all rules together, let in.
    """
    endpoint = public_endpoint(server)
    if firewall.possible < limit or holds(endpoint, bool) is False:
        return
    if isinstance(endpoint, Unknown):
        yield Undecided(endpoint)
    elif firewall.certain < limit:
        yield Undecided(firewall.doubts[0])
    else:
        widest = max(firewall.openings, key=lambda opening: opening.width)
        alone = widest.width >= limit
        arguments = (
            server.label,
            widest.rule.label,
            *map(format_address, widest.certain),
            f"{widest.width if alone else firewall.certain:,}",
        )
        message = "single" if alone else "together"
        yield Fail(widest.rule.end, message, arguments, level, widest.rule, others(firewall, widest))


def others(firewall: Firewall, widest: Opening) -> tuple[Related, ...]:
    """The certain openings beside the one that is reported, the widest first."""
    rest = [opening for opening in firewall.openings if opening is not widest and opening.rule.maybe is None]
    rest.sort(key=lambda opening: -opening.width)
    return tuple(
        Related(opening.rule.header, f"Firewall rule '{opening.rule.label}' belongs to the same server.")
        for opening in rest[:RELATED_LIMIT]
    )


def allows_azure(rule: FirewallRule) -> bool | None:
    """Whether the range is 0.0.0.0 to 0.0.0.0, which stands for all of Azure; None where unknown."""
    answers = {holds(bound, lambda text: parse_address(text) == 0) for bound in (rule.start, rule.end)}
    return False if False in answers else None if None in answers else True


def _opening(rule: FirewallRule, trusted: Iterable[AddressRange]) -> Opening:
    start, end = _extent(rule.start), _extent(rule.end)
    if start is None or end is None:
        return Opening(rule, _NONE, _NONE, 0, None, 0)
    unknown = next((bound for bound in (rule.start, rule.end) if isinstance(bound, Unknown)), None)
    many = rule.maybe is not None and "[?]" in rule.address  # it stands for any number of them
    if unknown is not None and rule.one_address and not many:
        return Opening(rule, _NONE, _NONE, 1, rule.maybe or unknown, 0)
    certain = _NONE if rule.maybe is not None else AddressRange(start.last, end.first)
    possible = AddressRange(start.first, end.last)
    return Opening(rule, certain, possible, 0, rule.maybe or unknown, count_public([certain], but=trusted))


def _extent(bound: Value[str]) -> AddressRange | None:
    """The lowest and the highest address that a bound can be; None where it is no address."""
    texts = [bound.value] if isinstance(bound, Known) else [candidate.value for candidate in bound.candidates]
    numbers = [parse_address(text) for text in texts]
    valid = [number for number in numbers if number is not None]
    if isinstance(bound, Known) and not valid:
        return None
    return AddressRange(min(valid), max(valid)) if valid and len(valid) == len(numbers) else _ALL
