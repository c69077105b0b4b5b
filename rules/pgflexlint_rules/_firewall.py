"""How many public addresses the firewall of a server lets in: for certain, and at most.

An unknown bound makes these two numbers differ. So every question about all rules together has three answers: yes, no
and unknown. If both bounds are unknown but certainly equal, the rule lets in one address at most.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.addresses import HIGHEST, AddressRange, count_public, format_address, parse_address, parse_range
from pgflexlint.model import FirewallRule, Server
from pgflexlint.rule import Fail, Level, Option, Related, Undecided, Verdicts
from pgflexlint.values import Known, Unknown, Value, all_true, holds
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
    example="20.50.2.0/24",
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
    """How many more addresses it may let in, if it is unknown which."""
    doubt: Unknown | None
    """Why `certain` and `possible` differ; None if they do not."""
    width: int
    """How many public addresses that are not trusted it certainly lets in."""


class Firewall(Struct, frozen=True):
    """What all firewall rules of a server let in together."""

    openings: tuple[Opening, ...]
    gaps: tuple[Unknown, ...]
    """Why there may be more firewall rules."""
    trusted: tuple[AddressRange, ...]
    """Addresses that do not count, as the option `allowed` says."""

    @classmethod
    def of(cls, server: Server, allowed: Iterable[str] = ()) -> Firewall:
        """The firewall of a server. If the server is declared elsewhere, only the rules declared here count."""
        trusted = tuple(found for text in allowed if (found := parse_range(text)) is not None)
        openings = tuple(_opening(rule, trusted) for rule in server.firewall_rules)
        return cls(openings, server.firewall_rules.gaps if server.declared else (), trusted)

    @property
    def certain(self) -> int:
        """How many strangers' addresses they certainly let in: public ones that are not trusted."""
        return self.strangers(self.openings)

    @property
    def possible(self) -> int:
        """How many strangers' addresses they let in at most."""
        ranges = [_ALL] if self.gaps else [opening.possible for opening in self.openings]
        return count_public(ranges, but=self.trusted) + sum(opening.hidden for opening in self.openings)

    @property
    def doubts(self) -> tuple[Unknown, ...]:
        """Why `certain` and `possible` differ."""
        return tuple(opening.doubt for opening in self.openings if opening.doubt is not None) + self.gaps

    def strangers(self, openings: Iterable[Opening]) -> int:
        """How many strangers' addresses some of the firewall rules certainly let in together."""
        return count_public([opening.certain for opening in openings], but=self.trusted)

    def without(self, found: Iterable[Width]) -> Firewall:
        """The firewall without the rules that are too wide."""
        left_out = {id(opening) for each in found for opening in (each.widest, *each.others)}
        return replace(self, openings=tuple(each for each in self.openings if id(each) not in left_out))


class Width(NamedTuple):
    """Firewall rules that are too wide: one alone, or several together."""

    widest: Opening
    others: tuple[Opening, ...]
    """The other rules that are needed to pass the limit, the widest first; none if one rule alone passes it."""
    addresses: int
    """How many strangers' addresses the one rule lets in, or all rules together that are not too wide alone."""


def widths(firewall: Firewall, limit: int) -> Iterator[Width]:
    """Each firewall rule that alone lets in `limit` strangers' addresses or more, then the others if together they do.

    So no wide rule hides behind another one that is allowed.
    """
    rest: list[Opening] = []
    for opening in firewall.openings:
        if opening.width >= limit:
            yield Width(opening, (), opening.width)
        else:
            rest.append(opening)
    addresses = firewall.strangers(rest)
    if addresses >= limit:
        rest.sort(key=lambda opening: -opening.width)
        needed = bisect_left(range(len(rest)), limit, key=lambda number: firewall.strangers(rest[:number]))
        yield Width(rest[0], tuple(rest[1:needed]), addresses)


def forbid_width(
    server: Server, firewall: Firewall, limit: int, level: Callable[[int], Level | None] = lambda addresses: None
) -> Verdicts:
    """Fail for each of the `widths` of a server's firewall.

    The message is `single` for a rule that is too wide alone and `together` for all rules, or `others` if some of them
    are too wide alone. The arguments are the server, the firewall rule, its first and last address, and how many
    strangers' addresses it, or all such rules together, let in. `level` makes the level of that number.
    """
    endpoint = public_endpoint(server)
    if firewall.possible < limit or holds(endpoint, bool) is False:
        return
    if isinstance(endpoint, Unknown):
        yield Undecided(endpoint)
        return
    found = list(widths(firewall, limit))
    counted = len(firewall.openings) - sum(not others for _, others, _ in found)
    together = "together" if counted == len(server.firewall_rules) else "others"
    for widest, others, addresses in found:
        arguments = (server.label, widest.rule.label, *map(format_address, widest.certain), f"{addresses:,}")
        message = together if others else "single"
        yield Fail(widest.rule.end, message, arguments, level(addresses), widest.rule, beside(others))
    rest = firewall.without(found)
    if rest.possible >= limit and rest.doubts:
        yield Undecided(rest.doubts[0])


def beside(others: Iterable[Opening]) -> tuple[Related, ...]:
    """The other firewall rules that belong to a finding."""
    return tuple(
        Related(opening.rule.header, f"Firewall rule '{opening.rule.label}' belongs to the same server.")
        for opening in islice(others, RELATED_LIMIT)
    )


def allows_azure(rule: FirewallRule) -> bool | None:
    """Whether the range is 0.0.0.0 to 0.0.0.0, which means all of Azure; None if that is unknown."""
    return all_true(holds(bound, lambda text: parse_address(text) == 0) for bound in (rule.start, rule.end))


def _opening(rule: FirewallRule, trusted: Iterable[AddressRange]) -> Opening:
    """What a firewall rule lets in. It lets in nothing if one of its bounds is certainly no address."""
    start, end = _extent(rule.start), _extent(rule.end)
    if start is None or end is None:
        return Opening(rule, _NONE, _NONE, 0, None, 0)
    unknown = next((bound for bound in (rule.start, rule.end) if isinstance(bound, Unknown)), None)
    if unknown is not None and rule.one_address and rule.any_number is None:
        return Opening(rule, _NONE, _NONE, 1, rule.maybe or unknown, 0)
    certain = _NONE if rule.maybe is not None else AddressRange(start.last, end.first)
    possible = AddressRange(start.first, end.last)
    return Opening(rule, certain, possible, 0, rule.maybe or unknown, count_public([certain], but=trusted))


def _extent(bound: Value[str]) -> AddressRange | None:
    """The lowest and the highest address that a bound can be; None if it is not an address."""
    texts = [bound.value] if isinstance(bound, Known) else [candidate.value for candidate in bound.candidates]
    numbers = [parse_address(text) for text in texts]
    valid = [number for number in numbers if number is not None]
    if isinstance(bound, Known) and not valid:
        return None
    return AddressRange(min(valid), max(valid)) if valid and len(valid) == len(numbers) else _ALL
