"""IPv4 ranges as numbers: how many addresses of a firewall can be the source of a connection from the internet.

An address counts as public when a packet from it can cross the internet: all but the blocks that the IANA
special-purpose registry says are not globally reachable, and multicast, which is never a source. Python's
`ipaddress` is close, but its tables changed between patch releases, and a verdict must not depend on those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from pgflexlint.lazily import compiled

HIGHEST = 2**32 - 1
_DOTTED = compiled(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)

_NOT_PUBLIC = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private use
    "100.64.0.0/10",  # carrier-grade NAT
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local
    "172.16.0.0/12",  # private use
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.168.0.0/16",  # private use
    "198.18.0.0/15",  # benchmarking
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, with the broadcast address
)


class AddressRange(NamedTuple):
    """The addresses from `first` to `last`, both included; none where `first` is greater."""

    first: int
    last: int


def parse_address(text: str | None) -> int | None:
    """The number of a dotted IPv4 address; None for CIDR, IPv6 and all else.

    Compared as the service does: surrounding spaces and leading zeros (`0.0.0.00`) carry no meaning.
    """
    if text is None or not _DOTTED.fullmatch(text.strip()):
        return None
    octets = [int(octet) for octet in text.split(".")]
    if max(octets) > 255:
        return None
    return int.from_bytes(octets, "big")


def parse_range(text: str) -> AddressRange | None:
    """The addresses that `20.50.2.10`, `20.50.2.0/24` or `20.50.2.0-20.50.2.99` names; None for all else.

    Of `20.50.2.10/24` it is the whole block.
    """
    head, dash, tail = text.partition("-")
    if dash:
        first, last = parse_address(head), parse_address(tail)
        return AddressRange(first, last) if first is not None and last is not None else None
    head, slash, prefix = text.partition("/")
    address = parse_address(head)
    if not slash:
        return None if address is None else AddressRange(address, address)
    if address is None or not re.fullmatch(r"[0-9]{1,2}", prefix.strip(), re.ASCII) or int(prefix) > 32:
        return None
    size = 2 ** (32 - int(prefix))
    first = address - address % size
    return AddressRange(first, first + size - 1)


def format_address(number: int) -> str:
    """The dotted form of an address."""
    return ".".join(str(octet) for octet in number.to_bytes(4, "big"))


def union(ranges: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """The same addresses as disjoint ranges with gaps between them, in order."""
    merged: list[AddressRange] = []
    for first, last in sorted(ranges):
        if first > last:
            continue
        if merged and first <= merged[-1].last + 1:
            merged[-1] = AddressRange(merged[-1].first, max(merged[-1].last, last))
        else:
            merged.append(AddressRange(first, last))
    return tuple(merged)


def count(ranges: Iterable[AddressRange]) -> int:
    """How many different addresses the ranges hold."""
    return sum(last - first + 1 for first, last in union(ranges))


def count_public(ranges: Iterable[AddressRange], but: Iterable[AddressRange] = ()) -> int:
    """How many different public addresses the ranges hold that are in none of the ranges `but`."""
    merged = union(ranges)
    uncounted = union((*_NOT_PUBLIC_RANGES, *but))
    hidden = [AddressRange(max(first, low), min(last, high)) for first, last in merged for low, high in uncounted]
    return count(merged) - count(hidden)


_NOT_PUBLIC_RANGES = tuple(block for block in map(parse_range, _NOT_PUBLIC) if block is not None)
