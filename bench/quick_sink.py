"""A mail server that takes letters faster than anyone brings them, and forgets them.

    python -m bench.quick_sink 2525 [FILE]      # FILE: how many letters came

`smtp-sink` is one process that looks at each byte: of long letters it takes so many a second and no
more, from whomever. This one only looks for the end of a letter.
"""

from __future__ import annotations

import selectors
import socket
import sys
from contextlib import suppress
from pathlib import Path

END = b"\r\n.\r\n"
READ_MOST = 1 << 20
GREETING = b"220 quick ESMTP\r\n"
OK = b"250 Ok\r\n"
REPLIES = {
    b"EHLO": b"250-quick\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 Bye\r\n",
}


class Talk:
    """One connection, and how many letters came by it."""

    def __init__(self, connection: socket.socket) -> None:
        self.letters = 0
        self._connection = connection
        self._came = b""
        self._in_letter = False
        with suppress(ConnectionError):  # who is gone already is noticed by `read`
            connection.sendall(GREETING)

    def read(self) -> bool:
        """Take what is there, and answer it; False at the end."""
        try:
            more = self._connection.recv(READ_MOST)
            self._came += more
            replies: list[bytes] = []
            while (reply := self._taken()) is not None:
                replies.append(reply)
            if replies:
                self._connection.sendall(b"".join(replies))
        except ConnectionError:
            return False
        return bool(more)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _taken(self) -> bytes | None:
        """The reply to the next command or letter; None where it has not come whole."""
        if self._in_letter:
            # From behind: no sender begins another letter before the reply to this one.
            end = self._came.rfind(END)
            if end < 0:
                return None
            self._came = self._came[end + len(END) :]
            self._in_letter = False
            self.letters += 1
            return OK
        end = self._came.find(b"\n")
        if end < 0:
            return None
        word, self._came = self._came[:4].upper(), self._came[end + 1 :]
        self._in_letter = word == b"DATA"
        return REPLIES.get(word, OK)


def main(port: int, counts: Path | None) -> None:
    """Serve until killed."""
    waiting = selectors.DefaultSelector()
    server = socket.create_server(("127.0.0.1", port), backlog=100)
    waiting.register(server, selectors.EVENT_READ)
    letters = 0
    while True:
        for key, _ in waiting.select():
            if key.fileobj is server:
                connection, _ = server.accept()
                waiting.register(connection, selectors.EVENT_READ, Talk(connection))
                continue
            talk: Talk = key.data
            if talk.read():
                continue
            waiting.unregister(key.fileobj)
            talk.close()
            letters += talk.letters
            if counts is not None:
                counts.write_text(f"mesg={letters}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None)
