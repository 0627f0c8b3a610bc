"""Where the server answers: ENEWS_LISTEN, and the socket that comes of it."""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
from contextlib import suppress
from dataclasses import dataclass

from pipeline.errors import ConfigError

BACKLOG = 1024
UNIX = "unix:"
UNIX_MOST = 100
"""Bytes of a socket's path that every system takes."""

ALL = ""
"""The host of `:8000`: every address of the machine, of both kinds."""

_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A host and a port (0: any that is free), or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.path:
            return f"{UNIX}{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def place_of(text: str) -> Place:
    """Read `host:port`, `[::1]:port`, `:port` or `unix:/path`. Raises ConfigError."""
    if text.startswith(UNIX):
        path = text.removeprefix(UNIX)
        if not path.startswith("/") or "\0" in path or len(os.fsencode(path)) > UNIX_MOST:
            raise _wrong(text)
        return Place(path=path)
    host, colon, port = text.rpartition(":")
    if not colon or not _PORT.fullmatch(port) or int(port) > 65535 or "/" in host:
        raise _wrong(text)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise _wrong(text)
    return Place(host=host, port=int(port))


def _wrong(text: str) -> ConfigError:
    return ConfigError(
        f'ENEWS_LISTEN is "{text}": expected host:port (127.0.0.1:8000, [::]:8000) or unix:/path, '
        f"of at most {UNIX_MOST} bytes"
    )


def listen(place: Place) -> socket.socket:
    """A socket that listens there. Raises ConfigError where none can."""
    try:
        return _unix(place.path) if place.path else _tcp(place)
    except (OSError, UnicodeError) as error:
        reason = str(getattr(error, "strerror", None) or error).rstrip(".")
        raise ConfigError(
            f"cannot listen on {place}: {reason}. Name another place with ENEWS_LISTEN."
        ) from error


def _tcp(place: Place) -> socket.socket:
    both = place.host in ("", "::") and socket.has_dualstack_ipv6()
    host = "::" if both else place.host or "0.0.0.0"  # noqa: S104  # asked for
    found = socket.getaddrinfo(host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both))
        made.bind(address)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _unix(path: str) -> socket.socket:
    """Takes the place of a socket that nobody listens at any more, never of anything else."""
    _remove_dead(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(path)
        # Who may come in is for the folder to say: the proxy is another user.
        os.chmod(path, 0o666)  # noqa: S103, PTH101  # see above
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _remove_dead(path: str) -> None:
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(path)
        except ConnectionRefusedError:
            with suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108  # a string, as sockets have it
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
