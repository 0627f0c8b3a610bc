"""Reads the bounce mailbox by POP3 (RFC 1939), and removes what was handled."""

from __future__ import annotations

import poplib
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pipeline.errors import EnewsError, MailRefusedError
from pipeline.mail.mailbox_bounds import Bounds, TooMuchError, connected, reader
from pipeline.mail.mailbox_server import SECONDS, MailboxServer, Polled, server_words, trouble
from pipeline.mail.parts import READ_MOST

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import BinaryIO

LINES_MOST = 4000
"""Lines of the text that are asked for of a message longer than READ_MOST."""

CONNECTIONS_MOST = 10
"""A line or a message that is too long ends a connection; the others go on by a new one."""

LINE_TOO_LONG = "line too long"
"""The library's words; what is left of the line would be taken for the next answer."""


class _Pop(poplib.POP3):
    """The library's conversation, within bounds."""

    def __init__(self, server: MailboxServer, bounds: Bounds) -> None:
        self._server = server
        self.bounds = bounds
        try:
            super().__init__(server.host, server.port)
        except BaseException:
            with suppress(AttributeError):  # nothing to close yet
                _hang_up(self)
            raise

    @property
    def file(self) -> Any:
        """What the library reads from; None when it is closed."""
        return self._file

    @file.setter
    def file(self, made: BinaryIO | None) -> None:
        """In the place of its own, which knows no bounds: at first, and when TLS begins."""
        if made is not None:
            made.close()
            made = reader(self.sock, self.bounds)
        self._file = made

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002  # the library calls it so
        return connected(self._server, self.bounds)

    def _putline(self, line: bytes) -> None:
        self.bounds.asked()
        super()._putline(line)  # type: ignore[misc]  # the library's own, untyped


class PopMailbox:
    """The port `Mailbox` by POP3; a connection each time.

    A server deletes when it is told goodbye: what was handled before a connection broke is there
    again, and known.
    """

    def __init__(
        self,
        server: MailboxServer,
        seconds: float = SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._now = now

    def poll(self, handle: Callable[[bytes], object], most: int) -> Polled:
        """Hand over up to `most` messages, the oldest first; one is deleted when it was handled."""
        run = _Run(handle, most)
        bounds = Bounds(self._seconds, self._now)
        with trouble(self._server, poplib.error_proto):
            for _ in range(CONNECTIONS_MOST):
                connection = self._logged_in(bounds)
                try:
                    if run.through(connection):
                        break
                finally:
                    _hang_up(connection)
        return Polled(handled=len(run.done), left=len(run.left), waiting=run.waiting)

    def _logged_in(self, bounds: Bounds) -> _Pop:
        server = self._server
        connection = _Pop(server, bounds)
        try:
            if server.upgrades:
                connection.stls(server.trust())
            try:
                connection.user(server.user)
                connection.pass_(server.password)
            except poplib.error_proto as error:
                said = server_words(error, server)
                raise MailRefusedError(
                    f"{server} refused the login of {server.user}: {said}", str(server)
                ) from error
        except BaseException:
            _hang_up(connection)
            raise
        return connection


class _Run:
    """One poll, over as many connections as it takes."""

    def __init__(self, handle: Callable[[bytes], object], most: int) -> None:
        self._handle = handle
        self._most = most
        self.done: set[str] = set()
        self.left: set[str] = set()
        self.waiting = 0

    def through(self, connection: _Pop) -> bool:
        """Go through the mailbox; False where the connection is of no more use before its end."""
        sizes = _listed(connection.list()[1])
        names = self._names(connection, sizes)
        self.waiting = 0
        try:
            for number, size in sizes.items():
                name = names.get(number, str(number))
                if name in self.done:
                    connection.dele(number)
                elif len(self.done) >= self._most or connection.bounds.over:
                    self.waiting += name not in self.left
                elif name not in self.left and not self._one(connection, number, size, name):
                    return False
        except EnewsError:
            with suppress(OSError, poplib.error_proto):
                connection.quit()  # what was handled before is deleted by it
            raise
        connection.quit()
        return True

    def _one(self, connection: poplib.POP3, number: int, size: str, name: str) -> bool:
        """Read and handle a message; False where the rest of its answer is in the way."""
        try:
            if not size.isdigit() or int(size) > READ_MOST:
                lines = connection.top(number, LINES_MOST)[1]
            else:
                lines = connection.retr(number)[1]
        except poplib.error_proto as error:
            self.left.add(name)
            return str(error) != LINE_TOO_LONG
        except TooMuchError:
            self.left.add(name)
            return False
        self._handle(b"\r\n".join([*lines, b""]))
        connection.dele(number)
        self.done.add(name)
        return True

    def _names(self, connection: poplib.POP3, sizes: dict[int, str]) -> dict[int, str]:
        """What each message is called for as long as it is there; some servers have no names."""
        try:
            answer = connection.uidl()
        except poplib.error_proto as error:
            if str(error) == LINE_TOO_LONG:
                raise
            return {number: f"{number}/{size}" for number, size in sizes.items()}
        return _listed(answer[1])


def _hang_up(connection: poplib.POP3) -> None:
    """Close the connection in whatever state it is."""
    with suppress(OSError):
        connection.close()


def _listed(lines: list[bytes]) -> dict[int, str]:
    """`1 120` by line: numbers and what belongs to them."""
    pairs = (line.decode("ascii", "replace").split() for line in lines)
    return {int(pair[0]): pair[1] for pair in pairs if len(pair) > 1 and pair[0].isdigit()}
