"""A web server to talk to, with an inner application that does as it is told."""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.web.asgi import started
from pipeline.web.door import Door
from pipeline.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.web.asgi import Receive, Scope, Send

BASE = "https://news.example.org"


class Inner:
    """Answers with what it got; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Scope] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        self.asked.append(scope)
        message = await receive()
        self.bodies.append(message.get("body", b""))
        await send(started(200, [(b"content-length", b"5")]))
        await send({"type": "http.response.body", "body": b"inner"})


async def live(receive: Receive, send: Send) -> None:
    """An application's life: it begins and ends well."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


@contextmanager
def serving(
    door: Door | Path, *, listen_at: str = "127.0.0.1:0", grace: float = 5.0
) -> Iterator[WebServer]:
    """A server for a door, or for a site in a folder."""
    if not isinstance(door, Door):
        door = Door(Inner(), folder=door, base_url=BASE)
    server = WebServer(door, listen_at=listen_at)
    server.start()
    try:
        yield server
    finally:
        server.stop(grace)


@contextmanager
def connected(server: WebServer) -> Iterator[socket.socket]:
    """A connection to a server."""
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=10) as connection:
        yield connection


def told(connection: socket.socket, *pieces: bytes) -> bytes:
    """All that comes back until the server ends the connection."""
    for piece in pieces:
        connection.sendall(piece)
    return rest(connection)


def one(connection: socket.socket, sent: bytes) -> bytes:
    """The answer to one request, whole, on a connection that stays."""
    connection.sendall(sent)
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(1 << 16)
    head, _, body = found.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    if length is None or sent.startswith(b"HEAD "):
        return found
    while len(body) < int(length[1]):
        body += connection.recv(1 << 16)
    return head + b"\r\n\r\n" + body


def rest(connection: socket.socket) -> bytes:
    """What still comes until the server ends the connection."""
    found = b""
    try:
        while piece := connection.recv(1 << 16):
            found += piece
    except ConnectionResetError:
        pass
    return found


def request(path: str, *fields: str, method: str = "GET", last: bool = True) -> bytes:
    """A request; after the `last` one the server ends the connection."""
    lines = [f"{method} {path} HTTP/1.1", "host: x", *fields]
    if last:
        lines.append("connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
