"""Server-sent events of a run (WHATWG HTML §9.2), of a store that does not tell of changes.

The run is looked at every `LOOK` seconds, in a thread; what differs from what was sent last goes
out as an event. An event's id is made of what it says, so that who comes back with `Last-Event-ID`
gets nothing twice, whichever process answers.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from pipeline.errors import StoreError
from pipeline.web.api.shapes import shape_of
from pipeline.web.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from pipeline.core.run import Run
    from pipeline.core.token import AccessToken
    from pipeline.web.context import Context

LOOK = 1.0
"""Seconds between two looks."""
QUIET_LOOKS = 15
"""Looks without news after which a comment is sent: proxies end what is silent."""
LOOKS_MOST = 1800
"""After that a stream ends by itself, and who still follows comes back."""
AGAIN = 3000
"""Milliseconds after which a client comes back."""

STREAMS_MOST = 32
EACH_MOST = 8
"""Of one token."""

EVENTS = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
BEAT = b": still here\n\n"


class Streams:
    """Those that are open; for the web server's one event loop."""

    def __init__(
        self, context: Context, *, rest: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """`rest` waits for so many seconds."""
        self._context = context
        self._rest = rest
        self._open: Counter[int] = Counter()

    def enter(self, token: int) -> None:
        """One more of that token. Raises ProblemError where there are too many."""
        if self._open[token] >= EACH_MOST or self._open.total() >= STREAMS_MOST:
            detail = "Too many streams are open; close one, or ask for the run itself."
            raise ProblemError(429, detail, headers={"Retry-After": "30"})
        self._open[token] += 1

    def leave(self, token: int) -> None:
        """One less."""
        self._open[token] -= 1
        if not self._open[token]:
            del self._open[token]

    def __len__(self) -> int:
        return self._open.total()

    async def follow(
        self, run: Run, root: str, last: str, *, token: AccessToken
    ) -> AsyncIterator[bytes]:
        """What to send, from `run` as it was read just now until it is over.

        It ends early where the server ends, the store is away, the run is forgotten or the token
        is not good any more: who comes back is told why.
        """
        yield b"retry: %d\n\n" % AGAIN
        state, quiet = None, 0
        for _ in range(LOOKS_MOST):
            mark = mark_of(run)
            if mark != last:
                name = "progress" if run.state is state else "state"
                yield event(name, mark, shape_of(run, root).model_dump_json())
                last, quiet = mark, 0
            state = run.state
            if run.is_over or self._context.ending():
                return
            quiet += 1
            if quiet % QUIET_LOOKS == 0:
                yield BEAT
            await self._rest(LOOK)
            try:
                found = await run_in_threadpool(self._look, run.id, token.hash)
            except StoreError:
                return
            if found is None:
                return
            run = found

    def _look(self, run: int, token: str) -> Run | None:
        """The run as it is now, for a token of that hash; None where there is none, or no more."""
        store = self._context.store
        kept = store.tokens.find(token)
        if kept is None or not kept.is_good(self._context.now()):
            return None
        return store.runs.get(run)


class _Stream(StreamingResponse):
    """Counted as long as it is sent, however that ends."""

    def __init__(self, streams: Streams, token: int, content: AsyncIterator[bytes]) -> None:
        super().__init__(content, headers=HEADERS, media_type=EVENTS)
        self._streams = streams
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._streams.enter(self._token)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave(self._token)


def answer_stream(streams: Streams, run: Run, request: Request, last: str) -> Response:
    """The stream of a run; 204 where nothing is to come, upon which clients stop asking."""
    if run.is_over and last == mark_of(run):
        return Response(status_code=204, headers=HEADERS)
    if request.method == "HEAD":
        return Response(headers=HEADERS, media_type=EVENTS)
    root = str(request.scope.get("root_path", ""))
    token: AccessToken = request.state.token
    return _Stream(streams, token.id, streams.follow(run, root, last, token=token))


def event(name: str, mark: str, data: str) -> bytes:
    """One event; JSON has no line ends of its own."""
    return f"event: {name}\nid: {mark}\ndata: {data}\n\n".encode()


def mark_of(run: Run) -> str:
    """The same for two looks at which a run says the same."""
    said = "\0".join((run.state.value, str(run.tries), run.progress, run.reason))
    return f"{run.id}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"
