"""A mail server by another hand: aiosmtpd, in a thread, on a port that is free."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Post:
    """What the server took: recipient and message."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return "250 2.0.0 taken"


@contextmanager
def aiosmtpd_server(**options: Any) -> Iterator[Post]:
    """Serve, with what `aiosmtpd.smtp.SMTP` can be told."""
    post = Post()
    loop = asyncio.new_event_loop()
    stop, began = asyncio.Event(), threading.Event()

    transports: list[asyncio.Transport] = []

    class Server(SMTP):
        def connection_made(self, transport: Any) -> None:
            transports.append(transport)
            super().connection_made(transport)

    async def serve() -> None:
        server = await loop.create_server(
            lambda: Server(post, loop=loop, **options), "127.0.0.1", 0
        )
        post.port = server.sockets[0].getsockname()[1]
        began.set()
        await stop.wait()
        # As in `tests.smtp_server`: nobody is accepted while this closes.
        for socket in server.sockets:
            loop.remove_reader(socket.fileno())
        await asyncio.sleep(0.01)
        server.close()
        for transport in transports:
            transport.abort()
        await asyncio.sleep(0.01)

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert began.wait(10)
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
