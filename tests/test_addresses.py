"""IPv4 arithmetic, against Python's `ipaddress` and against counting one by one."""

from __future__ import annotations

import ipaddress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.addresses import (
    HIGHEST,
    AddressRange,
    count,
    count_public,
    format_address,
    parse_address,
    parse_range,
    union,
)

ADDRESSES = st.integers(0, HIGHEST)
RANGES = st.builds(AddressRange, ADDRESSES, ADDRESSES)
SMALL_RANGES = st.builds(AddressRange, st.integers(0, 60), st.integers(0, 60))
# Python's tables of this block differ between patch releases; ours counts all of it as not public.
DISPUTED = ipaddress.ip_network("192.0.0.0/24")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0.0.0", 0),
        ("0.0.0.0 ", 0),
        ("0.0.0.00", 0),
        ("255.255.255.255", HIGHEST),
        ("9.0.0.0", 9 * 2**24),
        ("010.0.0.1", 10 * 2**24 + 1),
        ("10.0.0.0/8", None),
        ("256.0.0.1", None),
        ("1.2.3", None),
        ("1.2.3.4.5", None),
        ("-1.2.3.4", None),
        ("٠.٠.٠.٠", None),
        ("::1", None),
        ("::ffff:1.2.3.4", None),
        ("office", None),
        ("", None),
        (None, None),
    ],
)
def test_parse(text: str | None, expected: int | None) -> None:
    assert parse_address(text) == expected


@given(ADDRESSES)
def test_parse_and_format_are_inverse(number: int) -> None:
    text = format_address(number)
    assert text == str(ipaddress.IPv4Address(number))
    assert parse_address(text) == number


@given(st.text())
def test_anything_may_be_parsed(text: str) -> None:
    number = parse_address(text)
    assert number is None or 0 <= number <= HIGHEST


@given(st.lists(SMALL_RANGES))
def test_union_and_count_agree_with_counting(ranges: list[AddressRange]) -> None:
    members = {number for first, last in ranges for number in range(first, last + 1)}
    merged = union(ranges)
    assert {number for first, last in merged for number in range(first, last + 1)} == members
    assert all(left.last + 1 < right.first for left, right in pairwise(merged))
    assert count(ranges) == len(members)


@given(ADDRESSES)
def test_one_address_is_public_where_python_says_so(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    if address not in DISPUTED:
        expected = address.is_global and not address.is_multicast
        assert count_public([AddressRange(number, number)]) == expected


@given(ADDRESSES, st.integers(0, 300))
def test_a_range_is_as_public_as_its_addresses(first: int, length: int) -> None:
    last = min(first + length, HIGHEST)
    singles = sum(count_public([AddressRange(number, number)]) for number in range(first, last + 1))
    assert count_public([AddressRange(first, last)]) == singles


@given(st.lists(RANGES, max_size=6), RANGES)
def test_more_ranges_never_let_in_less(ranges: list[AddressRange], further: AddressRange) -> None:
    before, after = count_public(ranges), count_public([*ranges, further])
    assert before <= after <= before + count_public([further])
    assert after <= count([*ranges, further])


def test_the_whole_internet() -> None:
    everything = AddressRange(0, HIGHEST)
    halves = [AddressRange(0, 2**31 - 1), AddressRange(2**31, HIGHEST)]
    assert count([everything]) == 2**32
    assert count_public([everything]) == count_public(halves) > 2**31


@pytest.mark.parametrize(
    ("first", "last", "public"),
    [
        ("0.0.0.0", "0.0.0.0", 0),
        ("10.0.0.0", "10.255.255.255", 0),
        ("172.16.0.0", "172.31.255.255", 0),
        ("192.168.0.0", "192.168.255.255", 0),
        ("100.64.0.0", "100.127.255.255", 0),
        ("169.254.0.0", "169.254.255.255", 0),
        ("203.0.113.0", "203.0.113.255", 0),
        ("224.0.0.0", "255.255.255.255", 0),
        ("20.50.2.0", "20.50.2.255", 256),
        ("9.255.255.255", "11.0.0.0", 2),
        ("20.50.2.9", "20.50.2.1", 0),
    ],
)
def test_public_addresses(first: str, last: str, public: int) -> None:
    start, end = parse_address(first), parse_address(last)
    assert start is not None
    assert end is not None
    assert count_public([AddressRange(start, end)]) == public


@given(ADDRESSES, st.integers(0, 32))
def test_a_block_is_what_python_says(number: int, prefix: int) -> None:
    text = f"{format_address(number)}/{prefix}"
    network = ipaddress.ip_network(text, strict=False)
    assert parse_range(text) == (int(network.network_address), int(network.broadcast_address))


@given(ADDRESSES, ADDRESSES)
def test_a_pair_is_a_range(first: int, last: int) -> None:
    assert parse_range(f"{format_address(first)} - {format_address(last)}") == (first, last)
    assert parse_range(format_address(first)) == (first, first)


@given(st.lists(SMALL_RANGES), st.lists(SMALL_RANGES))
def test_what_is_taken_out_does_not_count(ranges: list[AddressRange], but: list[AddressRange]) -> None:
    """Moved to where every address is public."""
    start = 20 * 2**24
    moved, taken = ([AddressRange(a + start, b + start) for a, b in each] for each in (ranges, but))
    members = {number for first, last in moved for number in range(first, last + 1)}
    for first, last in taken:
        members -= set(range(first, last + 1))
    assert count_public(moved, but=taken) == len(members)


@pytest.mark.parametrize(
    "text", ["", "office", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4-", "-", "::/0", "1.2.3.4/٣"]
)
def test_what_is_no_range(text: str) -> None:
    assert parse_range(text) is None
