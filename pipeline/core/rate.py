"""How often a client may ask: a bucket of tokens each, refilled as time goes by."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

IPV6_BITS = 64
"""Bits that tell clients apart: the rest is one household's to choose (RFC 4291 §2.5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`most` at once; from then on one every `seconds`."""

    most: int
    seconds: float


class RateLimit:
    """Remembers `clients` of them, those that asked last; who is forgotten starts anew.

    Not for several threads at once: its owner holds a lock, or is one thread.
    """

    def __init__(self, rate: Rate, *, clients: int = 20_000) -> None:
        self._rate = rate
        self._clients = clients
        self._full: OrderedDict[str, float] = OrderedDict()

    def wait(self, client: str, at: float) -> float:
        """0 where it may go on, which takes a token; else the seconds until it may.

        `at` is in seconds, by a clock that does not step back.
        """
        # The time at which its bucket is full again says how many tokens are missing.
        full = max(self._full.pop(client, at), at)
        early = full - at - (self._rate.most - 1) * self._rate.seconds
        self._full[client] = full if early > 0 else full + self._rate.seconds
        if len(self._full) > self._clients:
            self._full.popitem(last=False)
        return max(early, 0.0)

    def __len__(self) -> int:
        return len(self._full)


def household(client: str) -> str:
    """What counts as one client: an IPv4 address, the first 64 bits of an IPv6 address.

    What is no address (a Unix socket's other end) counts as itself.
    """
    try:
        address = plain_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), IPV6_BITS), strict=False))
    return str(address)


def plain_address(text: str) -> IPv4Address | IPv6Address:
    """An address, without its zone; IPv4 also where it came in the clothes of IPv6.

    Raises ValueError for what is no address.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
