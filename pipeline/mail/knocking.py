"""Comes in at a mail server, says good-bye, and sends nothing: whether mails could be sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pipeline.mail.smtp_opening import open_line, trust

if TYPE_CHECKING:
    from pipeline.mail.envelope import Offers
    from pipeline.mail.server_url import MailServer

STEP = 8.0
"""Seconds for each step."""

GOODBYE = 2.0
"""Seconds that are waited for the server to hang up."""


def knock(server: MailServer, seconds: float = STEP) -> Offers:
    """Connect, STARTTLS, AUTH, QUIT; what the server offers.

    Raises ConfigError, MailTemporaryError, MailRefusedError.
    """
    return asyncio.run(_knock(server, seconds))


async def _knock(server: MailServer, seconds: float) -> Offers:
    line = await open_line(server, trust(server), seconds)
    ended = asyncio.Event()
    line.transport.set_protocol(_Ended(ended))
    line.transport.write(b"QUIT\r\n")
    try:
        await asyncio.wait_for(ended.wait(), GOODBYE)
    except TimeoutError:
        line.transport.abort()
        await ended.wait()
    return line.offered


class _Ended(asyncio.Protocol):
    """Tells when the connection is over."""

    def __init__(self, ended: asyncio.Event) -> None:
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio calls it so
        """It is."""
        self._ended.set()
