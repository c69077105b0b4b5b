"""Tells which connections a rule of a network security group is about. An answer is None if it is unknown."""

from __future__ import annotations

from collections.abc import Callable

from pgflexlint.addresses import AddressRange, count_public, parse_range
from pgflexlint.model import SecurityRule
from pgflexlint.values import Known, Unknown, Value, all_true, any_true, holds
from pgflexlint_rules._firewall import INTERNET

PORTS = (5432, 6432)
"""PostgreSQL's port and PgBouncer's."""

_EVERYBODY = frozenset({"*", "internet", "any"})
_EVERYWHERE = frozenset({"*", "any", "virtualnetwork"})
_PROTOCOLS = frozenset({"*", "tcp", "any"})


def speaks(rule: SecurityRule, port: int) -> bool | None:
    """Whether a rule is about inbound TCP connections to a port."""
    protocol = holds(rule.protocol, lambda word: word.strip().lower() in _PROTOCOLS)
    return all_true((holds(rule.inbound, bool), protocol, _any(rule.ports, lambda text: _covers(text, port))))


def everybody(rule: SecurityRule) -> bool | None:
    """Whether a rule is about connections from all of the internet."""
    if _any(rule.sources, lambda text: text.strip().lower() in _EVERYBODY):
        return True
    certain, doubtful = _blocks(rule.sources)
    return True if count_public(certain) >= INTERNET else None if doubtful else False


def reaches(rule: SecurityRule, prefixes: Value[tuple[Value[str], ...]]) -> bool | None:
    """Whether a rule is about connections to some address of a subnet."""
    if _anywhere(rule):
        return True
    there, doubtful = _blocks(rule.destinations)
    here, unsure = _blocks(prefixes)
    if any(one.first <= other.last and other.first <= one.last for one in there for other in here):
        return True
    return None if doubtful or unsure or not here else False


def covers(rule: SecurityRule, prefixes: Value[tuple[Value[str], ...]]) -> bool | None:
    """Whether a rule is about connections to every address of a subnet."""
    if _anywhere(rule):
        return True
    there, doubtful = _blocks(rule.destinations)
    here, unsure = _blocks(prefixes)
    if here and not unsure and all(any(a <= first and last <= b for a, b in there) for first, last in here):
        return True
    return None if doubtful or unsure or not here else False


def _anywhere(rule: SecurityRule) -> bool | None:
    """Whether a rule is about connections to every address."""
    return _any(rule.destinations, lambda text: text.strip().lower() in _EVERYWHERE)


def _any(texts: Value[tuple[Value[str], ...]], test: Callable[[str], bool]) -> bool | None:
    """Whether a test is true of one of the texts."""
    if isinstance(texts, Unknown):
        return None
    return any_true(holds(text, test) for text in texts.value)


def _blocks(texts: Value[tuple[Value[str], ...]]) -> tuple[list[AddressRange], bool]:
    """The blocks of addresses among some texts, and whether there may be others."""
    if isinstance(texts, Unknown):
        return [], True
    found = [parse_range(text.value) for text in texts.value if isinstance(text, Known)]
    return [block for block in found if block is not None], any(isinstance(text, Unknown) for text in texts.value)


def _covers(text: str, port: int) -> bool:
    """Whether `*`, a port or a range of ports has a port in it."""
    first, _, last = text.strip().partition("-")
    if first == "*" or first.lower() == "any":
        return True
    if not (first.strip().isdecimal() and (last or first).strip().isdecimal()):
        return False
    return int(first) <= port <= int(last or first)
