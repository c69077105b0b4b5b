"""How many public addresses the firewall of a server lets in: for certain, and at most.

Bounds that are not known make a rule let in fewer addresses for certain and more at most, so every question
about the union of all rules has a three-valued answer. A rule whose bounds are not known, but certain to be equal,
lets in one address at most.
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
    gaps: tuple[Unknown, ...]
    """Why there may be further ones."""
    trusted: tuple[AddressRange, ...]
    """The addresses of no strangers."""

    @classmethod
    def of(cls, server: Server, allowed: Iterable[str] = ()) -> Firewall:
        """The firewall of a server. Of a server that is not in sight only the declared rules are judged."""
        trusted = tuple(found for text in allowed if (found := parse_range(text)) is not None)
        openings = tuple(_opening(rule, trusted) for rule in server.firewall_rules)
        return cls(openings, server.firewall_rules.gaps if server.declared else (), trusted)

    @property
    def certain(self) -> int:
        """How many strangers' addresses they let in: public ones that are not trusted."""
        return self.strangers(self.openings)

    @property
    def possible(self) -> int:
        """How many it may be at most."""
        ranges = [_ALL] if self.gaps else [opening.possible for opening in self.openings]
        return count_public(ranges, but=self.trusted) + sum(opening.hidden for opening in self.openings)

    @property
    def doubts(self) -> tuple[Unknown, ...]:
        """Why the two may differ."""
        return tuple(opening.doubt for opening in self.openings if opening.doubt is not None) + self.gaps

    def strangers(self, openings: Iterable[Opening]) -> int:
        """How many strangers' addresses some of the firewall rules let in together for certain."""
        return count_public([opening.certain for opening in openings], but=self.trusted)

    def without(self, found: Iterable[Width]) -> Firewall:
        """The firewall without what is too wide."""
        left_out = {id(opening) for each in found for opening in (each.widest, *each.others)}
        return replace(self, openings=tuple(each for each in self.openings if id(each) not in left_out))


class Width(NamedTuple):
    """Firewall rules that are too wide: one alone, or several together."""

    widest: Opening
    others: tuple[Opening, ...]
    """The further ones that are needed to make them too wide, the widest first; none where it is that one alone."""
    addresses: int
    """How many strangers' addresses that one alone lets in, or all together that are not too wide alone."""


def widths(firewall: Firewall, limit: int) -> Iterator[Width]:
    """What lets in `limit` strangers' addresses or more: each firewall rule alone, then all others together.

    So none hides behind another one that is allowed.
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
) -> Iterator[Verdict]:
    """Fail where the firewall of a server lets in `limit` strangers' addresses or more, at what `widths` finds.

    The message is `single` for a rule that alone is too wide, else `together`, or `others` where some are left out,
    which are too wide alone. Their arguments are the server, the firewall rule, its first and last address, and how
    many strangers' addresses it, or all such rules together, let in; of that number the `level` is made.
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
    """Openings beside the one that is reported."""
    return tuple(
        Related(opening.rule.header, f"Firewall rule '{opening.rule.label}' belongs to the same server.")
        for opening in islice(others, RELATED_LIMIT)
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
