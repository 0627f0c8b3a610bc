"""HTTP on one connection: an end to what a slow client can hold, and a short way to what is ready.

uvicorn bounds how long a connection may rest between requests, and nothing else. Here every `LOOK`
seconds each connection is looked at: who completed no request since the last look but one, or took
nothing of what was sent, goes.

Most requests are for a feed that has not changed. uvicorn makes a scope, a cycle and a task of each
of them, which takes longer than the answer does: what the application has at hand goes out at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipeline.web.limits import PUSH_MOST

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

CONNECTIONS_MOST = 800
"""At once; below the 1,024 files that a process may usually open."""

HEAD_MOST = 32 << 10
"""Bytes of a request before its body."""

REQUEST_MOST = PUSH_MOST + (1 << 18)
"""Bytes of all that one request brings: the longest body with its head, in chunks, and no more.

Who is answered and goes on is counted too, and so is what follows a body in chunks.
"""

LOOK = 8.0
"""Seconds between two looks."""

STRIKES_MOST = 7
"""Looks at which nothing was taken of an answer, until its connection ends."""

STRIKES_OF_REST = 4
"""What a look counts for at which no request has come since the last one: the second is enough."""

ENDINGS = b"content-length: 0\r\nconnection: close\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + ENDINGS
TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n" + ENDINGS

SLOW = frozenset({b"content-length", b"transfer-encoding", b"upgrade", b"expect"})
"""What makes a request more than a question."""

METHODS = {b"GET": True, b"HEAD": False}
"""Those that may be answered at once, and whether with a body."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol. `quick` is the application's, which may have one (`Door.quick`)."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._quick: Callable[..., tuple[bytes, bytes, bytes] | None] | None
        self._quick = getattr(self.config.app, "quick", None)
        self._answered = False
        self._date: tuple[object, bytes] = (None, b"")
        self._head_open = True
        self._head_size = 0
        self._brought = 0
        self._requests = 0
        self._seen = 0
        self._strikes = 0
        self._unsent = 0
        self._looking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # always one that writes
        """Begin, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MOST:
            transport.write(TOO_MANY)
            transport.close()
        self._looking = self.loop.call_later(LOOK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; an endless head up to `HEAD_MOST`, a request up to `REQUEST_MOST`."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._brought += len(data)
        if self._brought > REQUEST_MOST:
            self.transport.close()
        elif self._head_open:
            self._head_size += len(data)
            if self._head_size > HEAD_MOST and not self.transport.is_closing():
                self.transport.write(TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins; a scope is made of it when somebody needs one."""
        self.url = b""
        self.headers = []
        self._head_open = True
        self._head_size = 0
        self._brought = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field. Those that follow a body may be dropped (RFC 9110 §6.5.1), and are."""
        if not self._head_open:
            return
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """A head is whole: answer at once, or do what uvicorn does."""
        self._head_open = False
        self._requests += 1
        self._answered = self._answer()
        if self._answered:
            return
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        if not self._answered:
            super().on_message_complete()

    def _answer(self) -> bool:
        """True where the answer was at hand, and is sent."""
        body = METHODS.get(self.parser.get_method())
        if (
            body is None
            or self._quick is None
            or (self.cycle is not None and not self.cycle.response_complete)
            or self.pipeline
            or self.flow.write_paused
            or not self.parser.should_keep_alive()
        ):
            return False
        fields = dict(self.headers)
        if not SLOW.isdisjoint(fields):
            return False
        found = self._quick(self.url, self.headers, fields, self.client, body=body)
        if found is None:
            return False
        status, lines, data = found
        head = b"".join((status, self._common(), lines))
        if data:
            self.transport.writelines((head, data))
        else:
            self.transport.write(head)
        self.server_state.total_requests += 1
        return True

    def _common(self) -> bytes:
        """The lines that uvicorn begins each answer with: the date, new each second."""
        fields = self.server_state.default_headers
        if self._date[0] is not fields:
            lines = b"".join(b"%b: %b\r\n" % field for field in fields)
            self._date = (fields, lines)
        return self._date[1]

    def _look(self) -> None:
        """End the connection where nothing moves."""
        unsent = self.transport.get_write_buffer_size()
        busy = self.cycle is not None and not self.cycle.response_complete
        if unsent:
            self._strikes = self._strikes + 1 if unsent == self._unsent else 0
        elif busy or self._requests != self._seen:
            self._strikes = 0
        else:
            self._strikes += STRIKES_OF_REST
        self._unsent, self._seen = unsent, self._requests
        if self._strikes > STRIKES_MOST:
            # What is not taken would be kept for as long as the client likes.
            self.transport.abort() if unsent else self.transport.close()
            return
        self._looking = self.loop.call_later(LOOK, self._look)
