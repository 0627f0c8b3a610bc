"""The shapes of ASGI: what a server gives an application, and takes from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]
"""Names in lower case."""

NOTHING: Message = {"type": "http.response.body", "body": b""}
"""The end of an answer without a body."""


def started(status: int, headers: Headers) -> Message:
    """The first message of an answer."""
    return {"type": "http.response.start", "status": status, "headers": headers}


async def answer_text(send: Send, status: int, text: str, headers: Headers, *, body: bool) -> None:
    """A whole answer of one line; without the line where not `body` (HEAD)."""
    data = f"{text}\n".encode()
    await answer(send, status, data, "text/plain; charset=utf-8", headers, body=body)


async def answer(
    send: Send, status: int, data: bytes, kind: str, headers: Headers, *, body: bool
) -> None:
    """A whole answer; without its bytes where not `body` (HEAD)."""
    own = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(data))]
    await send(started(status, [*own, *headers]))
    await send({"type": "http.response.body", "body": data if body else b""})
