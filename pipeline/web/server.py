"""uvicorn in a thread of its own: the service's main thread has other work."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from pipeline.errors import ConfigError
from pipeline.web.listening import BACKLOG, Place, listen, place_of
from pipeline.web.protocol import CONNECTIONS_MOST, BoundedProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from pipeline.web.asgi import Application

RESTING = 15
"""Seconds that a connection is kept for a next request."""

QUIET_SECONDS = 60.0
STRANGERS = ("Unsupported upgrade", "No supported WebSocket", "Invalid HTTP", "Exceeded")
"""How uvicorn begins to say what any client can make it say."""

STARTING = 30.0
SPARE = 5.0
"""Seconds that ending may take beyond the grace that requests are given."""


class Seldom(logging.Filter):
    """Lets each of `STRANGERS` through once in `QUIET_SECONDS`, so that nobody fills the log.

    `steady` is a clock in seconds that never steps back.
    """

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._steady = steady
        self._until: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what was said just now."""
        for start in STRANGERS:
            if str(record.msg).startswith(start):
                now = self._steady()
                if now < self._until.get(start, now):
                    return False
                self._until[start] = now + QUIET_SECONDS
        return True


_SELDOM = Seldom()
"""One for all servers of this process."""


class WebServer:
    """Answers at `listen_at` (see `listening.place_of`, whose ConfigError this raises)."""

    def __init__(self, app: Application, *, listen_at: str) -> None:
        self._place = place_of(listen_at)
        self._app = app
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where it is to be reached: `http://127.0.0.1:8000`, or `unix:/path`."""
        place = self._place
        if place.path:
            return str(place)
        port = self._socket.getsockname()[1] if self._socket is not None else place.port
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(place.host, place.host)  # noqa: S104  # asked, not listened at
        return f"http://{Place(host=host, port=port)}"

    def start(self) -> None:
        """Returns when it answers. Raises ConfigError where it cannot listen, or not begin."""
        self._socket = listen(self._place)
        logging.getLogger("uvicorn.error").addFilter(_SELDOM)
        self._server = _Server(_config(self._app))
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(STARTING) or not self._server.started:
            self.stop(0)
            raise ConfigError(f"the web server at {self._place} could not begin: see the log")

    def is_alive(self) -> bool:
        """True while it answers."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self, grace: float) -> None:
        """Take no new requests; those under way have `grace` seconds to end."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        server.config.timeout_graceful_shutdown = grace  # type: ignore[assignment]  # takes parts of a second
        server.should_exit = True
        thread.join(grace + SPARE)
        if self._socket is not None:
            self._socket.close()
        if self._place.path:
            with suppress(OSError):
                Path(self._place.path).unlink()
        self._server = self._thread = None

    def _run(self) -> None:
        server, bound = self._server, self._socket
        if server is None or bound is None:
            return
        try:
            # uvicorn leaves by SystemExit where the application could not begin.
            with suppress(SystemExit):
                server.run(sockets=[bound])
        finally:
            server.ready.set()


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin."""
        await super().startup(sockets=sockets)
        self.ready.set()


def _config(app: Application) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        loop="auto",
        lifespan="auto",
        log_config=None,
        log_level="warning",
        access_log=False,
        # Proxies are `clients`' matter, who is told which to believe.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=RESTING,
        limit_concurrency=CONNECTIONS_MOST,
        backlog=BACKLOG,
    )
