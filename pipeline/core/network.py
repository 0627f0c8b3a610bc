"""Which numbers of the network are public: what readers can open, and what a program may ask.

Narrower than `is_global` of the standard library, which lets pass what nobody has been given, and
numbers that carry a private one inside (IANA's registries of special-purpose addresses).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

GLOBAL = IPv6Network("2000::/3")
"""All that was given out so far (RFC 4291, 2.4)."""

CLOSED = (
    IPv6Network("2001::/23"),  # for protocols, Teredo among them (RFC 2928)
    IPv6Network("2001:db8::/32"),  # for documentation (RFC 3849)
    IPv6Network("3fff::/20"),  # for documentation (RFC 9637)
    IPv4Network("192.0.0.0/24"),  # for protocols (RFC 6890)
    IPv4Network("192.88.99.0/24"),  # relays of 6to4 (RFC 7526)
)
NAT64 = IPv6Network("64:ff9b::/96")

_PART = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


def is_public(number: str) -> bool:
    """True for a number of the public network. Raises ValueError for what is no number."""
    address = ip_address(number.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return is_public(str(inner))
        if address not in GLOBAL:
            return False
    if any(address in network for network in CLOSED):
        return False
    return address.is_global and not address.is_multicast


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 number that an IPv6 number stands for."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def number_of(host: str) -> str:
    """The number that a host is, or "" for a name.

    Browsers read the short, octal and hexadecimal forms of IPv4 as well: `127.1`, `0x7f.0.0.1`
    (WHATWG URL, 3.5).
    """
    if ":" in host:
        return host.strip("[]")
    parts = host.removesuffix(".").split(".")
    if len(parts) > 4 or not all(map(_PART.fullmatch, parts)):
        return ""
    try:
        values = [_value(part) for part in parts]
    except ValueError:
        return ""
    *first, last = values
    if any(value > 255 for value in first) or last >= 256 ** (4 - len(first)):
        return ""
    high = sum(value << (8 * (3 - place)) for place, value in enumerate(first))
    return str(IPv4Address(high + last))


def _value(part: str) -> int:
    if part[:2] in {"0x", "0X"}:
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") else int(part)
