"""The port `Carrier` over SMTP (RFC 5321).

::

    SmtpCarrier ─▶ smtp_crew     how many connections, and what to do when there is trouble
                     ├─▶ smtp_opening    one connection: TLS and login
                     └─▶ smtp_talk       the letters on it
                           ├─▶ envelope      MAIL FROM and RCPT TO
                           └─▶ smtp_replies  what the server says
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from pipeline.mail.smtp_crew import Crew
from pipeline.mail.smtp_desk import Patience
from pipeline.mail.smtp_opening import open_line, trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.mail.server_url import MailServer
    from pipeline.ports.sending import Round


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, which takes a third less time for a letter; Python's own where there is none."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class SmtpCarrier:
    """Carries letters to one server, by up to `connections` at once."""

    def __init__(
        self,
        server: MailServer,
        connections: int,
        patience: Patience | None = None,
        loop: Callable[[], asyncio.AbstractEventLoop] = new_loop,
    ) -> None:
        """Reads the certificates that are trusted. Raises ConfigError."""
        self._server = server
        self._connections = connections
        self._patience = patience or Patience()
        self._loop = loop
        self._trust = trust(server)

    def carry(self, letters: Round) -> None:
        """Send everything.

        Raises MailTemporaryError where no connection has worked for a while, MailRefusedError where
        none ever will, and what the round itself raises: then not a byte more is sent. On Ctrl-C,
        and where a service manager says to end (SIGTERM), nothing more begins, the replies to what
        is on its way are waited for, and KeyboardInterrupt is raised.
        """
        try:
            with asyncio.Runner(loop_factory=self._loop) as runner:
                runner.run(self._carry(letters))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None

    async def _carry(self, letters: Round) -> None:
        server, patience = self._server, self._patience
        opening = partial(open_line, server, self._trust)
        crew = Crew(letters, opening, str(server), self._connections, patience)
        with _ended_in_order():
            await crew.work()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM cancels what runs, unless the program has its own mind about it."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
