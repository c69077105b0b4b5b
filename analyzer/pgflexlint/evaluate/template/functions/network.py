"""Functions of IP networks.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-cidr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.functions import GiveUpError, Table
from pgflexlint.evaluate.template.functions.parameters import integer, text

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

FUNCTIONS = Table()


def _network(prefix: str) -> IPv4Network | IPv6Network:
    import ipaddress  # noqa: PLC0415  it takes milliseconds, and few templates reckon with addresses

    address, slash, length = prefix.partition("/")
    try:
        if not slash or not length.isascii() or not length.isdecimal() or "%" in address:
            raise ValueError
        return ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        raise EvaluationError("the prefix is not in CIDR notation") from None


def _hosts(network: IPv4Network | IPv6Network) -> tuple[int, int]:
    """The first and the last address that a host may have."""
    if network.version == 6:
        return int(network.network_address), int(network.broadcast_address)
    if network.prefixlen > 30:
        raise GiveUpError("so small a network has no usable addresses")
    return int(network.network_address) + 1, int(network.broadcast_address) - 1


def _address(network: IPv4Network | IPv6Network, number: int) -> str:
    return str(type(network.network_address)(number))


@FUNCTIONS.plain("parsecidr", text)
def _parse_cidr(prefix: str) -> dict[str, str | int]:
    """IPv6 has no broadcast address."""
    network = _network(prefix)
    first, last = _hosts(network)
    return {
        "network": str(network.network_address),
        "netmask": str(network.netmask),
        **({"broadcast": str(network.broadcast_address)} if network.version == 4 else {}),
        "firstUsable": _address(network, first),
        "lastUsable": _address(network, last),
        "cidr": network.prefixlen,
    }


@FUNCTIONS.plain("cidrsubnet", text, integer, integer)
def _cidr_subnet(prefix: str, length: int, index: int) -> str:
    """Unlike Terraform's function of this name, this one is given the new length of the prefix itself."""
    network = _network(prefix)
    if not network.prefixlen <= length <= network.max_prefixlen:
        raise EvaluationError(f"a prefix of {network.prefixlen} bits has no subnets of {length}")
    if not 0 <= index < 1 << (length - network.prefixlen):
        raise EvaluationError(f"the network has no subnet number {index}")
    return f"{_address(network, int(network.network_address) + (index << (network.max_prefixlen - length)))}/{length}"


@FUNCTIONS.plain("cidrhost", text, integer)
def _cidr_host(prefix: str, index: int) -> str:
    """Number 0 is the first address after that of the network."""
    network = _network(prefix)
    _, last = _hosts(network)
    number = int(network.network_address) + 1 + index
    if index < 0 or number > last:
        raise EvaluationError(f"the network has no host number {index}")
    return _address(network, number)
