"""Reads the bounce mailbox by IMAP (RFC 3501), and removes what was handled."""

from __future__ import annotations

import imaplib
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pipeline.errors import EnewsError, MailRefusedError
from pipeline.mail.mailbox_bounds import Bounds, connected, reader
from pipeline.mail.mailbox_server import SECONDS, MailboxServer, Polled, server_words, trouble
from pipeline.mail.parts import READ_MOST

if TYPE_CHECKING:
    import io
    import socket
    from collections.abc import Callable

PART = f"(BODY.PEEK[]<0.{READ_MOST}>)"
"""Of a message as much as is looked at, without marking it as read."""

SEARCHED_AT_ONCE = 10_000
"""Messages that one search asks about: the library takes no answer longer than 1 MB."""

SEARCHED_MOST = 1_000_000
"""Messages of a mailbox that are looked at; those beyond wait until the oldest are gone."""

LINE_MOST = 1_000_000
"""Bytes of a line, as the library has it."""


class _Imap(imaplib.IMAP4):
    """The library's conversation, within bounds.

    It keeps what a server says unasked for as long as a connection lasts; here, until it is asked
    the next time.
    """

    def __init__(self, server: MailboxServer, bounds: Bounds) -> None:
        self._server = server
        self.bounds = bounds
        self._reader: tuple[socket.socket, io.BufferedReader] | None = None
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002  # the library calls it so
        return connected(self._server, self.bounds)

    def read(self, size: int) -> bytes:
        """So many bytes; none are waited for where they would be too many."""
        self.bounds.fits(size)
        return self._from().read(size)

    def readline(self) -> bytes:
        """A line."""
        line = self._from().readline(LINE_MOST + 1)
        if len(line) > LINE_MOST:
            raise self.error(f"got more than {LINE_MOST} bytes")
        return line

    def send(self, data: Any) -> None:
        """Ask; what was answered before is forgotten."""
        self.bounds.asked()
        self.untagged_responses.clear()
        super().send(data)

    def _from(self) -> io.BufferedReader:
        """TLS that begins with a command is another socket."""
        if self._reader is None or self._reader[0] is not self.sock:
            self._reader = self.sock, reader(self.sock, self.bounds)
        return self._reader[1]


class ImapMailbox:
    """The port `Mailbox` by IMAP; a connection each time."""

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
        with trouble(self._server, imaplib.IMAP4.error):
            connection = self._connected()
            try:
                able = self._logged_in(connection)
                numbers = self._numbers(connection, self._opened(connection))
                return self._emptied(connection, able, numbers, handle, most)
            finally:
                _hang_up(connection)

    def _connected(self) -> _Imap:
        """A connection on which a password may be said."""
        server = self._server
        connection = _Imap(server, Bounds(self._seconds, self._now))
        if server.upgrades:
            try:
                connection.starttls(server.trust())
            except BaseException:
                _hang_up(connection)
                raise
        return connection

    def _logged_in(self, connection: imaplib.IMAP4) -> frozenset[str]:
        """Log in; what the server is able to do now."""
        server = self._server
        try:
            if "AUTH=PLAIN" in connection.capabilities:
                both = f"\0{server.user}\0{server.password}".encode()
                connection.authenticate("PLAIN", lambda _: both)
            else:
                # The library quotes the password, and leaves the name as it is.
                connection.login(_quoted(server.user), server.password)
        except imaplib.IMAP4.abort:
            raise
        except UnicodeEncodeError:
            # Which would hold the password.
            raise MailRefusedError(
                f"{server} takes a user and a password in ASCII only", str(server)
            ) from None
        except imaplib.IMAP4.error as error:
            said = server_words(error, server)
            raise MailRefusedError(
                f"{server} refused the login of {server.user}: {said}", str(server)
            ) from error
        _, found = connection.capability()
        return frozenset((found[-1] or b"").decode("ascii", "replace").upper().split())

    def _opened(self, connection: imaplib.IMAP4) -> int:
        """Choose the folder; how many messages are in it."""
        folder = self._server.folder
        data = self._well(connection.select(_quoted(folder)), f'the folder "{folder}"')
        return int(data[-1] or 0)

    def _numbers(self, connection: imaplib.IMAP4, there: int) -> list[str]:
        """The UIDs of messages that are not deleted, the oldest first.

        Asked for by place in the mailbox (RFC 3501 §6.4.4), since UIDs may lie far apart.
        """
        numbers: list[str] = []
        last = min(there, SEARCHED_MOST)
        for start in range(1, last + 1, SEARCHED_AT_ONCE):
            places = f"{start}:{min(start + SEARCHED_AT_ONCE - 1, last)}"
            data = self._well(connection.uid("SEARCH", places, "UNDELETED"), "a search")
            words = b" ".join(line for line in data if line).decode("ascii", "replace").split()
            numbers += [word for word in words if word.isdigit()]
        return numbers

    def _emptied(
        self,
        connection: _Imap,
        able: frozenset[str],
        numbers: list[str],
        handle: Callable[[bytes], object],
        most: int,
    ) -> Polled:
        handled = left = 0
        try:
            for number in numbers:
                if handled == most or connection.bounds.over:
                    break
                raw = self._message(connection, number)
                if raw is None:
                    left += 1
                    continue
                handle(raw)
                self._away(connection, able, number)
                handled += 1
        except EnewsError:
            _say_goodbye(connection)
            raise
        _say_goodbye(connection)
        return Polled(handled=handled, left=left, waiting=len(numbers) - handled - left)

    def _message(self, connection: imaplib.IMAP4, number: str) -> bytes | None:
        """A message's beginning; None where the server does not give it."""
        status, data = connection.uid("FETCH", number, PART)
        found = [item[1] for item in data if isinstance(item, tuple) and len(item) > 1]
        return found[0] if status == "OK" and found and isinstance(found[0], bytes) else None

    def _away(self, connection: imaplib.IMAP4, able: frozenset[str], number: str) -> None:
        """Delete a message, or move it to where handled ones go."""
        folder = self._server.handled
        if folder:
            place = _quoted(folder)
            move = "MOVE" if "MOVE" in able else "COPY"  # RFC 6851
            status, data = connection.uid(move, number, place)
            if status != "OK" and b"TRYCREATE" in (data[-1] or b""):
                self._well(connection.create(place), f'a folder "{folder}"')
                status, data = connection.uid(move, number, place)
            self._well((status, data), f'a message for "{folder}"')
            if move == "MOVE":
                return
        self._well(connection.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"), "a deletion")

    def _well(self, answer: tuple[str, list[Any]], what: str) -> list[Any]:
        """The data of an answer. Raises MailRefusedError where it is a refusal."""
        status, data = answer
        if status != "OK":
            said = server_words(Exception(data[-1] or status), self._server)
            raise MailRefusedError(f"{self._server} refused {what}: {said}", str(self._server))
        return data


def _say_goodbye(connection: imaplib.IMAP4) -> None:
    """Remove what is marked as deleted, also by a run before whose connection was lost."""
    with suppress(OSError, imaplib.IMAP4.error):
        connection.expunge()
        connection.logout()


def _hang_up(connection: imaplib.IMAP4) -> None:
    """Close the connection in whatever state it is; the library does not when it is broken."""
    with suppress(OSError, imaplib.IMAP4.error):
        connection.shutdown()


def _quoted(text: str) -> str:
    """A quoted string (RFC 3501 §4.3)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
