"""One request to another site, to an address that was looked at before anything was sent.

The standard library, and no HTTP package: a name is resolved once, every number it stands for has
to be public, and the connection goes to just that number, with the name for TLS and `Host`. What
resolves names anew between looking and connecting can be led into a private network. Nothing of a
body is read, so there is none to be too long.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader
from threading import Event, Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SILENCE_MOST = 8.0
"""Seconds that a server may say nothing."""

REQUEST_MOST = 15.0
"""Seconds for one request, however slowly its headers drip."""

URL_SAFE = "%/:=&?~#+!$,;'@()*[]"


class PrivateAddressError(Exception):
    """A name that leads into a private network."""


class NoSuchNameError(Exception):
    """A host that no name server knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's answer; `location` is where it sends on to, "" for nowhere."""

    status: int
    location: str = ""


@cache
def system_trust() -> ssl.SSLContext:
    """Who signs certificates: read from the system once."""
    return ssl.create_default_context()


class _Lines(BufferedReader):
    """Lines of an answer, each of them there: to the standard library an end is a last line."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """One line. Raises ConnectionError where there is none."""
        line = super().readline(size)
        if not line:
            raise ConnectionError("it ended before its headers did")
        return line


class _Response(HTTPResponse):
    """An answer whose headers have an end."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = _Lines(self.fp.detach())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far requests go: `allows` says of a number whether it may be connected to."""

    agent: str
    allows: Callable[[str], bool]
    silence: float = SILENCE_MOST
    most: float = REQUEST_MOST
    trust: Callable[[], ssl.SSLContext] = system_trust

    def request(self, method: str, url: str, form: bytes | None = None) -> Reply:
        """Send one request, with a form as its body if there is one, and read its headers.

        Raises PrivateAddressError, NoSuchNameError, OSError, HTTPException, and ValueError for
        what is no address.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        if parts.scheme not in {"http", "https"} or not host:
            raise ValueError("neither http nor https")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with self._bounded(self._connected(host, port), host, parts.scheme) as stream:
            path = quote(parts.path or "/", safe=URL_SAFE)
            query = f"?{quote(parts.query, safe=URL_SAFE)}" if parts.query else ""
            usual = port == (443 if parts.scheme == "https" else 80)
            name = host if usual else f"{host}:{port}"
            return self._asked(stream, method, path + query, name, form)

    @contextmanager
    def _bounded(self, plain: socket.socket, host: str, scheme: str) -> Iterator[socket.socket]:
        """The stream to speak on, for as long as a request may take.

        TLS takes the plain socket over, so that closing the plain one would end nothing.
        """
        stream, late = plain, Event()
        try:
            if scheme == "https":
                stream = self.trust().wrap_socket(
                    plain, server_hostname=host, do_handshake_on_connect=False
                )
            timer = Timer(self.most, _hang_up, [stream, late])
            timer.daemon = True
            timer.start()
            try:
                if isinstance(stream, ssl.SSLSocket):
                    stream.do_handshake()
                yield stream
            finally:
                timer.cancel()
        except (OSError, HTTPException) as error:
            if late.is_set():
                raise TimeoutError("timed out") from error
            raise
        finally:
            stream.close()
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

    def _asked(
        self, stream: socket.socket, method: str, path: str, host: str, form: bytes | None
    ) -> Reply:
        connection = HTTPConnection(host.partition(":")[0])
        connection.response_class = _Response
        connection.sock = stream
        headers = {"Host": host, "User-Agent": self.agent, "Accept": "*/*", "Connection": "close"}
        if method == "GET":
            headers["Range"] = "bytes=0-0"
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=form, headers=headers)
        answer = connection.getresponse()
        return Reply(status=answer.status, location=answer.headers.get("Location", ""))


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


def _hang_up(stream: socket.socket, late: Event) -> None:
    late.set()
    try:
        # Not the method of a TLS stream, which takes its state away under a reader.
        socket.socket.shutdown(stream, socket.SHUT_RDWR)
    except OSError:
        return
