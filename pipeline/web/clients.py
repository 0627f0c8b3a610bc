"""Who asks, behind proxies: only those named in ENEWS_TRUSTED_PROXIES are believed."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from pipeline.core.rate import plain_address
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.web.asgi import Scope

UNIX = "unix"
"""Stands for who comes by the Unix socket: a peer without an address."""

HOPS_MOST = 32
SCHEMES = ("http", "https")


class Proxies:
    """Those whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; nobody's by default."""

    def __init__(self, text: str = "") -> None:
        """`text`: addresses, networks and `unix`, with commas or spaces. Raises ConfigError."""
        names = text.replace(",", " ").split()
        self._unix = UNIX in names
        self._networks = tuple(_network(name) for name in names if name != UNIX)
        self.any = bool(names)

    def trusts(self, client: str) -> bool:
        """True for a proxy; "" is the other end of the Unix socket."""
        return _is_in(client, self._networks) if client else self._unix

    def unveil(self, scope: Scope) -> None:
        """Put who really asks, and by which scheme, into a request's `client` and `scheme`.

        Read from the right, since each proxy adds what it saw at the end and what stands before
        that is anybody's: past trusted proxies only. Where something is no address, the peer
        itself is the client.
        """
        peer = scope.get("client")
        if not self.trusts(peer[0] if peer else ""):
            return
        told = _listed(scope, b"x-forwarded-for")
        client, hops = "", 1
        for text in reversed(told[-HOPS_MOST:]):
            client = _address(text)
            if not client:
                return
            if not self.trusts(client):
                break
            hops += 1
        if client:
            scope["client"] = (client, 0)
        schemes = _listed(scope, b"x-forwarded-proto")
        if schemes:
            scheme = schemes[-min(hops, len(schemes))].lower()
            if scheme in SCHEMES:
                scope["scheme"] = scheme


@lru_cache(maxsize=1024)
def _is_in(client: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        address = plain_address(client)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _network(name: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(name)
    except ValueError as error:
        raise ConfigError(
            f'ENEWS_TRUSTED_PROXIES has "{name}": expected addresses (192.0.2.7), networks '
            f"(10.0.0.0/8, without bits after the mask) or unix. {str(error).rstrip('.')}."
        ) from error


def _listed(scope: Scope, field: bytes) -> Sequence[str]:
    """The values of a field, of all its lines, in order."""
    lines = [value for name, value in scope["headers"] if name == field]
    texts = b",".join(lines).decode("latin-1").split(",")
    return [text.strip() for text in texts] if lines else []


def _address(text: str) -> str:
    """An address as a proxy writes it, perhaps with a port; "" for what is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(plain_address(text))
    except ValueError:
        return ""
