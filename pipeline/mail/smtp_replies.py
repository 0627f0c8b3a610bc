"""A server's replies (RFC 5321 §4.2), out of bytes as they come in.

Most replies are only asked for their code; the words are put in order for the few that are kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.core.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.core.reply import Stage

REPLY_MOST = 16_384
"""Bytes of one reply; the standard has lines of 512 (§4.5.3.1.5), servers write more."""

TEXT_MOST = 500
"""Characters of a reply that are kept."""

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?![.\d])")


BROKEN = 0
"""The code of what is no reply: whoever answers there does not speak SMTP, or lost the thread."""

_LAST = {b"%d%b" % (code, end): code for code in range(200, 600) for end in (b" ", b"\r", b"")}
"""How the last line of a reply begins; the first four bytes tell it from another."""


class ReplyReader:
    """Takes bytes, gives replies: their code and their lines without it."""

    __slots__ = ("_begun", "_lines")

    def __init__(self) -> None:
        self._begun = b""  # a line without its end
        self._lines: list[bytes] = []  # of a reply that goes on

    def feed(self, data: bytes) -> list[tuple[int, list[bytes]]]:
        """The replies that `data` completes, in order; nothing counts after a broken one."""
        lines = (self._begun + data).split(b"\n")
        self._begun = lines.pop()
        found: list[tuple[int, list[bytes]]] = []
        for line in lines:
            code = _LAST.get(line[:4])
            self._lines.append(line[4:])
            if code is not None:
                found.append((code, self._lines))
                self._lines = []
            elif line[3:4] != b"-" or line[:3] not in _LAST:
                found.append((BROKEN, [line]))
                return found
        if self._begun or self._lines:
            size = len(self._begun) + sum(map(len, self._lines)) + len(self._lines)
            if size > REPLY_MOST:
                found.append((BROKEN, [b"a reply without an end"]))
        return found


def as_reply(stage: Stage, code: int, lines: Sequence[bytes]) -> Reply:
    """A reply to keep: its words in one line, the enhanced code (RFC 3463) apart from them.

    An enhanced code whose first digit is not that of the reply says nothing (RFC 2034 §4).
    """
    status, texts = "", []
    for line in lines:
        text = cleaned(line)
        found = _STATUS.match(text)
        if found and int(found[1]) == code // 100:
            status = status or found[0]
            text = text[found.end() :].lstrip()
        texts.append(text)
    return Reply(stage, code, status, " ".join(filter(None, texts))[:TEXT_MOST])


def cleaned(line: bytes) -> str:
    """Words of a server as one line that may be printed: no control, no invisible characters."""
    text = line[:REPLY_MOST].rstrip().decode("utf-8", "replace")
    shown = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.split())[:TEXT_MOST]
