"""What is said on one connection, from the first MAIL FROM to QUIT.

With PIPELINING (RFC 2920) a letter costs one round trip, since the next envelope goes out behind
the letter before it, and all replies come back together::

    ──▶ letter 1 . MAIL FROM 2  RCPT TO 2  DATA
    ◀── 250 (letter 1)  250  250  354 (letter 2)      commit: 1 is sent, 2 begins
    ──▶ letter 2 . MAIL FROM 3 …

Without it each command waits for the reply to the one before. Either way the first byte of a letter
leaves only after the commit that says so, which comes after the reply to the letter before: of one
connection at most one letter can be uncertain.

Replies are matched to commands by their order. A refused recipient's DATA is refused as well; where
a server says 354 all the same, it gets a lone dot (RFC 2920 §3.1) and never the letter.
"""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from typing import TYPE_CHECKING

from pipeline.core.reply import Reply, Stage
from pipeline.mail.envelope import DATA, envelope
from pipeline.mail.smtp_replies import BROKEN, ReplyReader, as_reply, cleaned

if TYPE_CHECKING:
    from pipeline.mail.smtp_desk import Desk, Patience
    from pipeline.mail.smtp_opening import Line
    from pipeline.ports.sending import Letter

CONTENT = Stage.CONTENT
READ_MOST = 8192
DOT = b".\r\n"
RSET = b"RSET\r\n"
ADDRESSES = (Stage.SENDER, Stage.RECIPIENT)
ENVELOPE = (Stage.SENDER, Stage.RECIPIENT, Stage.DATA)


class Talk(asyncio.BufferedProtocol):
    """One connection; callbacks only, no task and no future for a letter."""

    def __init__(
        self, line: Line, desk: Desk, patience: Patience, *, pipelining: bool = True
    ) -> None:
        self.opened: Letter | None = None  # its envelope is said
        self.sending: Letter | None = None  # it has begun to leave, or waits for its reply
        self.answered = 0  # letters that the server said something of
        self.dismissed = False  # by a 421 in the middle of its work
        self.unheard = False  # the server never saw the envelope behind a letter
        self.leaving = False  # QUIT is said
        self.deadline = inf
        self.idle_since = 0.0  # for the desk, by its clock
        self._transport = line.transport
        self._offered = line.offered
        self._pipelining = line.offered.pipelining and pipelining
        self._desk = desk
        self._patience = patience
        # A view, since asyncio fills it in slices where there is TLS.
        self._buffer = memoryview(bytearray(READ_MOST))
        self._reader = ReplyReader()
        self._awaited: deque[Stage | None] = deque()  # None: whatever the reply is
        self._unsaid: deque[tuple[Stage | None, bytes]] = deque()  # without PIPELINING
        self._refusal: Reply | None = None  # of `opened`
        self._ready = False  # `opened` has its 354 and waits for its commit
        self._unclean = False  # the server still holds an envelope
        self._rest = b""  # the final dot and what follows, while the letter is still leaving
        self._fits = 0  # bytes that the system took at once before
        self._paused = False
        self._left = 0
        self._why = ""
        self._over = False
        # So 'paused' means that some bytes have not left this process. Not 0: with TLS, asyncio
        # takes an empty buffer for a full one then.
        self._transport.set_write_buffer_limits(high=1)
        self._transport.set_protocol(self)

    # What the desk asks.

    def start(self, letter: Letter) -> None:
        """Open a letter's envelope; this connection was idle."""
        self._write(self._envelope(letter))
        if self.opened is None:
            self._desk.idle(self)

    def go_on(self) -> None:
        """Take the next letter, if there is one."""
        letter = self._desk.next()
        if letter is None:
            self._desk.idle(self)
        else:
            self.start(letter)

    def send(self) -> None:
        """Let the opened letter go: its commit is done."""
        letter = self.opened
        if letter is None:
            return
        pieces = letter.pieces
        self.opened, self.sending, self._ready = None, letter, False
        self._awaited.append(CONTENT)
        ended = pieces[-1].endswith(b"\r\n") or letter.data.endswith(b"\r\n")
        rest = DOT if ended else b"\r\n" + DOT
        if self._pipelining:
            following = self._desk.next()
            if following is not None:
                rest += self._envelope(following)
        if self._transport.is_closing():
            self._rest = rest
        elif (size := letter.size) <= self._fits:
            self._transport.writelines([*pieces, rest])
        else:
            # The dot goes last: until then, a connection that ends took nothing.
            self._rest = rest
            self._transport.writelines(pieces)
            if not self._paused:
                self._fits = size
                self._finish()
        self._wait()

    def quit(self) -> None:
        """Say good-bye; nothing is under way."""
        if not self.leaving:
            self.leaving = True
            self._awaited.append(None)
            self._transport.write(b"QUIT\r\n")
            self.deadline = self._desk.seconds() + self._patience.quit

    def abandon(self) -> None:
        """Begin nothing more; wait for the reply to what is on its way."""
        self._put_back_opened()
        self._unsaid.clear()
        if self._rest:
            self._rest = self._rest[: self._rest.index(DOT) + len(DOT)]
        self.leaving = True
        if self.sending is None:
            self.break_off("interrupted")

    def watch(self, now: float) -> None:
        """Hang up where nothing has moved for too long."""
        if self._paused:
            left = self._transport.get_write_buffer_size()
            if left != self._left:
                self._left, self.deadline = left, now + self._patience.block
        if now >= self.deadline:
            # Some throw away what came with a letter's end, whatever they offer.
            begun = self._awaited and self._awaited[0] is Stage.SENDER
            self.unheard = self._pipelining and bool(begun and self.answered)
            self.break_off("no answer in time")

    def break_off(self, why: str) -> None:
        """Hang up; `connection_lost` settles what was under way."""
        self._why = self._why or why
        self._over = True
        self._transport.abort()

    # What asyncio calls.

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio calls it so
        """Where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came."""
        awaited = self._awaited
        replies = self._reader.feed(bytes(self._buffer[:nbytes]))
        for code, lines in replies:
            if 200 <= code < 300 and self._pipelining and awaited and awaited[0] in ADDRESSES:
                awaited.popleft()
                continue
            self._replied(code, lines)
            if self._over:
                break
        if replies and not self.leaving:
            # A part of one buys no time: a server that says a byte a minute would have it for ever.
            self._wait()
        self._desk.heard()

    def eof_received(self) -> bool:
        """The server hung up: no reply can come."""
        self.break_off("the server hung up")
        return False

    def pause_writing(self) -> None:
        """Not all bytes left at once."""
        self._paused = True
        self._left = self._transport.get_write_buffer_size()
        self.deadline = self._desk.seconds() + self._patience.block

    def resume_writing(self) -> None:
        """They have left."""
        self._paused = False
        if self._rest and not self._transport.is_closing():
            self._finish()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, for whatever reason: settle what was under way."""
        self._over = True
        self.deadline = inf
        reason = getattr(exc, "strerror", None) or (str(exc) if exc else "")
        why = f"connection lost: {self._why or reason or 'closed'}"
        blamed = self.sending is None
        if self.sending is not None:
            # Without its final dot no server may deliver a letter (RFC 5321 §4.1.1.4).
            stage = Stage.DATA if self._rest else Stage.CONTENT
            self._desk.settle(self.sending, Reply(stage, 0, "", why))
            self.sending = None
        if self.opened is not None and blamed and not self._ready and self._refusal is None:
            letter, self.opened = self.opened, None
            stage = (self._awaited[0] if self._awaited else None) or Stage.SENDER
            self._desk.lost(letter, stage, why)
        self._put_back_opened()
        self._desk.ended(self, why)

    # Replies.

    def _replied(self, code: int, lines: list[bytes]) -> None:
        if code == BROKEN:
            self.break_off(f"not a reply: {cleaned(lines[0])}")
            return
        if not self._awaited:
            words = as_reply(Stage.CONNECT, code, lines).text
            self.break_off(f"{code} {words}" if code == 421 else "a reply that nobody waited for")
            return
        stage = self._awaited.popleft()
        if code == 421:
            self._dismiss(as_reply(stage or Stage.CONNECT, code, lines))
        elif stage is CONTENT:
            self._content_answered(code, lines)
        elif stage is Stage.DATA:
            self._data_answered(code, lines)
        elif stage is not None:
            self._command_answered(stage, code, lines)
        elif self.leaving:
            self.break_off("done")
        if self._unsaid and not self._awaited and not self._over:
            expected, command = self._unsaid.popleft()
            self._awaited.append(expected)
            self._transport.write(command)

    def _command_answered(self, stage: Stage, code: int, lines: list[bytes]) -> None:
        """MAIL FROM or RCPT TO."""
        if code < 300:
            return
        if code < 400:
            self.break_off(f"{code} to {stage}")
            return
        self._refusal = self._refusal or as_reply(stage, code, lines)
        if not self._pipelining:
            self._unsaid.clear()
            self._unclean = True
            self._refuse()

    def _data_answered(self, code: int, lines: list[bytes]) -> None:
        if code < 300:
            self.break_off(f"{code} to DATA")
        elif code >= 400:
            self._refusal = self._refusal or as_reply(Stage.DATA, code, lines)
            self._unclean = True
            self._refuse()
        elif self._refusal is None:
            self._ready = True
            self._desk.begin(self)
        else:
            self._awaited.append(None)
            self._transport.write(DOT)
            self._refuse()

    def _refuse(self) -> None:
        """Settle the opened letter as refused; on with the next."""
        letter, reply = self.opened, self._refusal
        self.opened = self._refusal = None
        if letter is not None and reply is not None:
            self.answered += 1
            self._desk.settle(letter, reply)
        self.go_on()

    def _content_answered(self, code: int, lines: list[bytes]) -> None:
        letter = self.sending
        early = bool(self._rest)  # the letter has not ended yet
        if letter is None or 300 <= code < 400 or (early and code < 400):
            self.break_off(f"{code} to a letter")
            return
        self.sending = None
        self.answered += 1
        self._desk.settle(letter, as_reply(CONTENT, code, lines))
        if early or self.leaving:
            self._put_back_opened()
            self.break_off("interrupted" if self.leaving else f"{code} before a letter's end")
        elif self.opened is None:
            self.go_on()

    def _dismiss(self, reply: Reply) -> None:
        """421: the server closes the connection (RFC 5321 §3.8); what it has not taken goes again.

        A connection that carried letters before may just have carried enough of them.
        """
        enough = self.answered > 0 and reply.stage in {Stage.SENDER, Stage.CONNECT}
        self.dismissed = not enough and not self.leaving
        if reply.stage is Stage.CONTENT and self.sending is not None:
            letter, self.sending = self.sending, None
            self._desk.settle(letter, reply)
        elif self.opened is not None and self._refusal is None and self.dismissed:
            letter, self.opened = self.opened, None
            self._desk.settle(letter, reply)
        self._put_back_opened()
        self.break_off(f"421 {reply.text}")

    # Commands.

    def _envelope(self, letter: Letter) -> bytes:
        """Open a letter: what to write for it now; b"" where it is refused right here."""
        said = envelope(letter, self._offered)
        if isinstance(said, Reply):
            self._desk.settle(letter, said)
            return b""
        self.opened, self._refusal = letter, None
        mail, rcpt = said
        reset, self._unclean = self._unclean, False
        if self._pipelining:
            if reset:
                self._awaited.append(None)
            self._awaited.extend(ENVELOPE)
            return b"".join((RSET if reset else b"", mail, rcpt, DATA))
        self._unsaid.extend(zip(ENVELOPE, (mail, rcpt, DATA), strict=True))
        if reset:
            self._unsaid.appendleft((None, RSET))
        expected, command = self._unsaid.popleft()
        self._awaited.append(expected)
        return command

    def _write(self, commands: bytes) -> None:
        if commands and not self._transport.is_closing():
            self._transport.write(commands)
            self._wait()

    def _finish(self) -> None:
        rest, self._rest = self._rest, b""
        self._transport.write(rest)

    def _put_back_opened(self) -> None:
        """The opened letter goes by another connection, or is refused if that much is known."""
        letter, reply = self.opened, self._refusal
        self.opened = self._refusal = None
        if letter is None:
            return
        if self._ready:
            self._ready = False
            self._desk.withdraw(self)
        if reply is not None:
            self.answered += 1
            self._desk.settle(letter, reply)
        else:
            self._desk.put_back(letter)

    def _wait(self) -> None:
        """Set the time by which the next reply has to be there."""
        if not self._paused:
            awaited = self._awaited
            self.deadline = (
                self._desk.seconds() + self._patience.until(awaited[0]) if awaited else inf
            )
