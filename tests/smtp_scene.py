"""One connection by hand: a transport that keeps what is written, and a desk that keeps events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pipeline.mail.envelope import Offers
from pipeline.mail.smtp_desk import Patience
from pipeline.mail.smtp_opening import Line
from pipeline.mail.smtp_talk import Talk
from tests.rounds import letter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.core.reply import Reply, Stage
    from pipeline.ports.sending import Letter

PIPELINING = Offers(pipelining=True)
ENVELOPE = b"MAIL FROM:<news@example.org>\r\nRCPT TO:<reader%d@example.org>\r\nDATA\r\n"
READY = b"250 ok\r\n250 ok\r\n354 go\r\n"


class Wire(asyncio.Transport):
    """A transport that keeps what is written; `room` bytes of it leave at once, None for all."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.room: int | None = None
        self.left = 0
        self.closed = False
        self.talk: Talk | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.written += bytes(data)
        if self.room is not None:
            self.left += max(0, len(data) - self.room)
            self.room = max(0, self.room - len(data))
            if self.left and self.talk is not None:
                self.talk.pause_writing()

    def all_left(self) -> None:
        """What was written has left."""
        self.room, self.left = None, 0
        assert self.talk is not None
        self.talk.resume_writing()

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 1

    def get_write_buffer_size(self) -> int:
        return self.left

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, Talk)
        self.talk = protocol

    def said(self) -> bytes:
        """What was written since this was asked."""
        found, self.written = self.written, b""
        return found


class Table:
    """The desk by hand: `events` in order; it gives the letters of `given`, taking them out."""

    def __init__(self, given: Iterable[Letter]) -> None:
        self.given = list(given)
        self.events: list[object] = []
        self.ends: list[tuple[int, Stage | None]] = []  # of letters; None: goes again
        self.time = 0.0

    def next(self) -> Letter | None:
        return self.given.pop(0) if self.given else None

    def begin(self, talk: Talk) -> None:
        assert talk.opened is not None
        self.events.append(f"begin {talk.opened.claim.id}")

    def withdraw(self, talk: Talk) -> None:
        self.events.append("withdraw")

    def settle(self, letter: Letter, reply: Reply) -> None:
        self.events.append((letter.claim.id, reply.stage, reply.code))
        self.ends.append((letter.claim.id, reply.stage))

    def put_back(self, letter: Letter) -> None:
        self.events.append(f"put back {letter.claim.id}")
        self.ends.append((letter.claim.id, None))

    def lost(self, letter: Letter, stage: Stage, why: str) -> None:
        self.events.append(f"lost {letter.claim.id} at {stage}")
        self.ends.append((letter.claim.id, None))

    def heard(self) -> None:
        pass

    def idle(self, talk: Talk) -> None:
        self.events.append("idle")

    def ended(self, talk: Talk, why: str) -> None:
        self.events.append("ended")

    def seconds(self) -> float:
        return self.time

    def told(self) -> list[object]:
        """What happened since this was asked."""
        found, self.events = self.events, []
        return found


class Scene:
    """A talk, its wire and its desk."""

    def __init__(self, count: int, offered: Offers = PIPELINING) -> None:
        self.heard: list[object] = []
        self.letters = [letter(number) for number in range(1, count + 1)]
        self.wire, self.desk = Wire(), Table(self.letters)
        self.talk = Talk(Line(transport=self.wire, offered=offered), self.desk, Patience())
        self.talk.go_on()

    def hear(self, data: bytes) -> list[object]:
        """Bytes from the server, and what they lead to."""
        buffer = self.talk.get_buffer(-1)
        buffer[: len(data)] = data
        self.talk.buffer_updated(len(data))
        self.heard = self.desk.told()
        return self.heard

    def begins(self) -> bool:
        """Whether what was heard lets the opened letter go."""
        return any(str(event).startswith("begin") for event in self.heard)

    def lose(self, error: Exception | None = None) -> list[object]:
        """The connection ends, and what that leads to."""
        self.wire.closed = True
        self.talk.connection_lost(error)
        return self.desk.told()

    def in_content(self) -> None:
        """Letter 1 is on its way, whole."""
        assert self.hear(READY) == ["begin 1"]
        self.talk.send()
        self.wire.said()
