"""How much of a mailbox server's words is listened to, and for how long.

The libraries wait for each byte anew and keep whatever comes: a server that never comes to an end
would hold a look for ever, or fill the memory.
"""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    from pipeline.mail.mailbox_server import MailboxServer

ANSWER_MOST = 16 * 2**20
"""Bytes of one answer: POP3 lists half a million messages in it, with their names."""

TAKEN_FOR = 480.0
"""Seconds after which no other message is begun; the rest waits for the next look."""

LOOK_MOST = 600.0
"""Seconds after which a look ends, whatever the server still says."""


class TooMuchError(OSError):
    """One answer is longer than ANSWER_MOST; of what is still to come nothing was read."""

    def __init__(self) -> None:
        super().__init__(f"more than {ANSWER_MOST // 2**20} MB in one answer")


class Bounds:
    """Of one look, over all its connections.

    `seconds` is how long a server may say nothing; `now` counts seconds, and never goes back.
    """

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self.seconds = seconds
        self._now = now
        self._began = now()
        self._read = 0

    @property
    def over(self) -> bool:
        """True where no other message should be begun."""
        return self._now() - self._began >= TAKEN_FOR

    def asked(self) -> None:
        """Something was asked: another answer begins."""
        self._read = 0

    def patience(self) -> float:
        """Seconds to wait for more. Raises OSError at the end of all time."""
        left = self._began + LOOK_MOST - self._now()
        if left <= 0:
            raise OSError(f"not at an end after {LOOK_MOST / 60:g} minutes")
        return min(self.seconds, left)

    def fits(self, count: int) -> None:
        """Raises TooMuchError where so many bytes more would be too many."""
        if self._read + count > ANSWER_MOST:
            raise TooMuchError

    def came(self, count: int) -> None:
        """So many bytes did. Raises TooMuchError."""
        self.fits(count)
        self._read += count


def connected(server: MailboxServer, bounds: Bounds) -> socket.socket:
    """A connection, with TLS where the address says so. Raises OSError."""
    made = socket.create_connection((server.host, server.port), bounds.patience())
    if server.scheme != f"{server.protocol}s":
        return made
    try:
        return server.trust().wrap_socket(made, server_hostname=server.host)
    except BaseException:
        made.close()
        raise


def reader(connection: socket.socket, bounds: Bounds) -> io.BufferedReader:
    """What a server says, within bounds; closing it leaves the connection open."""
    return io.BufferedReader(_Said(connection, bounds))


class _Said(io.RawIOBase):
    """The bytes as they come; raises OSError beyond the bounds."""

    def __init__(self, connection: socket.socket, bounds: Bounds) -> None:
        self._connection = connection
        self._bounds = bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._connection.settimeout(self._bounds.patience())
        count = self._connection.recv_into(buffer)
        self._bounds.came(count)
        return count
