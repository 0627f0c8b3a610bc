"""How much a request may bring, and how long it may take to do so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from pipeline.web.asgi import Message, Receive, Scope

BODY_MOST = 64 << 10
"""Bytes of a form, or of what the API is told."""

PUSH_MOST = 1 << 20
"""Bytes of what a git forge tells of a push: it names every commit and file."""

PUSHES = "/api/v1/hooks/"
"""Below it a git forge is heard."""

BODY_SECONDS = 20.0
"""For a whole body: who is slower holds no thread meanwhile, and goes."""

TARGET_MOST = 8000
"""Characters of path and query (RFC 9110 §4.1 asks for no less)."""


class TooMuchError(EnewsError):
    """A request brings more than is taken: `status` 413 or 414, or takes too long: 408."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def body_most(path: str) -> int:
    """The bytes that a body for a path may have."""
    return PUSH_MOST if path.startswith(PUSHES) else BODY_MOST


async def read_whole(scope: Scope, receive: Receive, most: int) -> Receive:
    """The body, read before anybody works for it, as what gives it in one message.

    Raises TooMuchError: at once where the length is told, else as soon as it is too long.
    """
    if len(scope["path"]) + len(scope["query_string"]) > TARGET_MOST:
        raise TooMuchError(414, "The address is too long.")
    length, chunked = 0, False
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value) if value.isdigit() else most + 1
        elif name == b"transfer-encoding":
            chunked = True
    if length > most:
        raise TooMuchError(413, f"The body is too long: at most {most} bytes are taken.")
    if not length and not chunked:
        return receive
    try:
        async with asyncio.timeout(BODY_SECONDS):
            first = await _gathered(receive, most)
    except TimeoutError as error:
        raise TooMuchError(408, "The body took too long to come.") from error
    return _Replay(first, receive)


async def _gathered(receive: Receive, most: int) -> Message:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > most:
            raise TooMuchError(413, f"The body is too long: at most {most} bytes are taken.")
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}


class _Replay:
    """The whole body first; then what comes from the server, so that a client's leaving shows."""

    def __init__(self, first: Message, receive: Receive) -> None:
        self._first: Message | None = first
        self._receive = receive

    async def __call__(self) -> Message:
        first, self._first = self._first, None
        return first if first is not None else await self._receive()
