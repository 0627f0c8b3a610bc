"""An ASGI application asked without a server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.web.asgi import Application, Message, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`headers` by their names in lower case; `sent` counts the pieces of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: int


def scope_of(
    path: str, method: str = "GET", headers: Mapping[str, str] | None = None, **more: object
) -> Scope:
    """A request, as uvicorn tells of it."""
    fields = [(n.lower().encode(), v.encode()) for n, v in (headers or {}).items()]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(errors="replace"),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "client": ("192.0.2.1", 4000),
        "headers": fields,
        **more,
    }


def ask(app: Application, scope: Scope, body: Sequence[bytes] = ()) -> Answer:
    """What it answers; the request's body comes in these pieces."""
    return asyncio.run(asked(app, scope, body))


async def asked(app: Application, scope: Scope, body: Sequence[bytes] = ()) -> Answer:
    """As `ask`, for who is in a loop already."""
    waiting: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": place < len(body)}
        for place, piece in enumerate(body or [b""], 1)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert not rest[-1].get("more_body", False)
    return Answer(
        status=start["status"],
        headers={name.decode(): value.decode() for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in rest),
        sent=len(rest),
    )
