"""Functions of IP addresses.

https://developer.hashicorp.com/terraform/language/functions, group "IP Network Functions"; the arithmetic is that of
https://github.com/apparentlymart/go-cidr.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.functions import Table
from pgflexlint.evaluate.terraform.functions.parameters import integer, text
from pgflexlint.lazily import compiled
from pgflexlint.values import ListValue

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

FUNCTIONS = Table()
_ADDRESS = {4: 32, 6: 128}
_LEADING_ZEROS = compiled(r"(?<![0-9A-Fa-f])0+(?=[0-9])")


def _network(prefix: str) -> IPv4Network | IPv6Network:
    """The network of a prefix; host bits are cleared, and zeros may lead the octets of IPv4, as in Terraform."""
    import ipaddress  # noqa: PLC0415  it takes milliseconds, and few configurations reckon with addresses

    address, slash, length = prefix.partition("/")
    if not slash or not re.fullmatch("[0-9]{1,3}", length) or "%" in address:
        raise EvaluationError("the prefix is not in CIDR notation")
    if ":" not in address:
        address = _LEADING_ZEROS.sub("", address)
    try:
        return ipaddress.ip_network(f"{address}/{length}", strict=False)
    except ValueError:
        raise EvaluationError("the prefix is not in CIDR notation") from None


def _address(network: IPv4Network | IPv6Network, number: int) -> str:
    return str(type(network.network_address)(number))


def _grown(network: IPv4Network | IPv6Network, bits: int) -> int:
    length = network.prefixlen + bits
    if not 0 <= length <= network.max_prefixlen:
        raise EvaluationError(f"a prefix of {network.prefixlen} bits cannot be extended by {bits}")
    return length


@FUNCTIONS.plain("cidrhost", text, integer)
def _cidrhost(prefix: str, host: int) -> str:
    network = _network(prefix)
    if not -network.num_addresses <= host < network.num_addresses:
        raise EvaluationError(f"a prefix of {network.prefixlen} bits has no host {host}")
    return _address(network, int(network.network_address) + host % network.num_addresses)


@FUNCTIONS.plain("cidrnetmask", text)
def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise EvaluationError("IPv6 has no netmasks")
    return str(network.netmask)


@FUNCTIONS.plain("cidrsubnet", text, integer, integer)
def _cidrsubnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    length = _grown(network, bits)
    if number and number >= 2 ** max(bits, 0):
        raise EvaluationError(f"{bits} bits do not hold the subnet number {number}")
    start = abs(int(network.network_address) | number << (network.max_prefixlen - length))
    return f"{_address(network, start)}/{length}"


@FUNCTIONS.plain("cidrsubnets", text, rest=integer)
def _cidrsubnets(prefix: str, *growth: int) -> ListValue[str]:
    network = _network(prefix)
    at = int(network.network_address)
    end = at + network.num_addresses
    subnets = []
    for bits in growth:
        if not 1 <= bits <= 32:
            raise EvaluationError("a prefix is extended by 1 to 32 bits")
        length = _grown(network, bits)
        size = 1 << (network.max_prefixlen - length)
        start = -(-at // size) * size
        at = start + size
        if at > end:
            raise EvaluationError("there is not enough address space left")
        subnets.append(f"{_address(network, start)}/{length}")
    return ListValue(subnets)


@FUNCTIONS.plain("cidrcontains", text, text)
def _cidrcontains(prefix: str, inner: str) -> bool:
    """OpenTofu's: https://opentofu.org/docs/language/functions/cidrcontains/."""
    network = _network(prefix)
    other = _network(inner if "/" in inner else f"{inner}/{_ADDRESS[6 if ':' in inner else 4]}")
    if network.version != other.version:
        raise EvaluationError("an IPv4 and an IPv6 address are compared")
    first, last = int(other.network_address), int(other.broadcast_address)
    return int(network.network_address) <= first and last <= int(network.broadcast_address)
