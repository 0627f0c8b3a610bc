"""One request to another site, to an address that was looked at before anything was sent.

The standard library, and no HTTP package: a name is resolved once, every number it stands for has
to be public, and the connection goes to just that number, with the name for TLS and `Host`. What
resolves names anew between looking and connecting can be led into a private network. Nothing of a
body is read, so there is none to be too long.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

SILENCE_MOST = 8.0
"""Seconds that a server may say nothing."""

REQUEST_MOST = 15.0
"""Seconds for one request, however slowly its headers drip."""

URL_SAFE = "%/:=&?~#+!$,;'@()*[]"
NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddressError(Exception):
    """A name that leads into a private network."""


class NoSuchNameError(Exception):
    """A host that no name server knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's answer; `location` is where it sends on to, "" for nowhere."""

    status: int
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far requests go: `allows` says of a number whether it may be connected to."""

    agent: str
    allows: Callable[[str], bool]
    silence: float = SILENCE_MOST
    most: float = REQUEST_MOST

    def request(self, method: str, url: str) -> Reply:
        """Send one request and read its headers.

        Raises PrivateAddressError, NoSuchNameError, OSError, HTTPException, and ValueError for
        what is no address.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        if parts.scheme not in {"http", "https"} or not host:
            raise ValueError("neither http nor https")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        plain = self._connected(host, port)
        timer = Timer(self.most, _hang_up, [plain])
        timer.daemon = True
        timer.start()
        try:
            stream = plain
            if parts.scheme == "https":
                stream = _trust().wrap_socket(plain, server_hostname=host)
            path = quote(parts.path or "/", safe=URL_SAFE)
            query = f"?{quote(parts.query, safe=URL_SAFE)}" if parts.query else ""
            usual = port == (443 if parts.scheme == "https" else 80)
            return self._asked(stream, method, path + query, host if usual else f"{host}:{port}")
        finally:
            timer.cancel()
            plain.close()

    def _connected(self, host: str, port: int) -> socket.socket:
        """A connection to a number that was found to be public."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            if getattr(error, "errno", None) == socket.EAI_AGAIN:
                raise TimeoutError("its name server does not answer") from error
            raise NoSuchNameError(host) from error
        numbers = dict.fromkeys(str(address[0]) for *_, address in found)
        if not all(self.allows(number) for number in numbers):
            raise PrivateAddressError(host)
        trouble: OSError = TimeoutError("no address")
        for number in numbers:
            try:
                return socket.create_connection((number, port), timeout=self.silence)
            except OSError as error:
                trouble = error
        raise trouble

    def _asked(self, stream: socket.socket, method: str, path: str, host: str) -> Reply:
        connection = HTTPConnection(host.partition(":")[0])
        connection.sock = stream
        headers = {"Host": host, "User-Agent": self.agent, "Accept": "*/*", "Connection": "close"}
        if method == "GET":
            headers["Range"] = "bytes=0-0"
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return Reply(status=answer.status, location=answer.headers.get("Location", ""))


def is_public(number: str) -> bool:
    """True for a number of the public network, also behind those that carry another inside."""
    address = ip_address(number.partition("%")[0])
    inner = _inside(address) if isinstance(address, IPv6Address) else None
    if inner is not None and not is_public(str(inner)):
        return False
    return address.is_global and not address.is_multicast


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 number that an IPv6 number stands for."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo


def trouble_in_words(error: Exception) -> str:
    """Why nothing came, for people."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not right: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return str(error) if error.args and "name server" in str(error) else "no answer in time"
    if isinstance(error, HTTPException):
        return "an answer that is not HTTP"
    said = getattr(error, "strerror", None) or (error.args[-1] if error.args else error)
    return f"no connection: {said}"


@cache
def _trust() -> ssl.SSLContext:
    """Who signs certificates: read from the system once."""
    return ssl.create_default_context()


def _hang_up(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
