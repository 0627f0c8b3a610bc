"""A real mail server over real sockets, with manners, and with named ways of not having them.

In a test:

    with smtp_server(Fault("refuse", recipient="nobody@example.org")) as server:
        ...
        assert server.taken == ["somebody@example.org"]

As a process of its own, which outlives whoever is killed; the first line it prints is its port, and
the log has a line of JSON for each message that it took, written before it says 250:

    python -m tests.smtp_server --port 0 --log FILE --pipelining --fault drop-after-data:every=7
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import sys
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence

FAULTS = {
    "greeting-421": "421 instead of a greeting, and good-bye",
    "greeting-554": "554 instead of a greeting",
    "greeting-garbage": "something else than SMTP",
    "greeting-silent": "no greeting at all",
    "starttls-stripped": "no STARTTLS is offered, as if somebody took it out",
    "starttls-refused": "454 to STARTTLS",
    "auth-later": "454 to AUTH",
    "sender": "550 to MAIL FROM",
    "421": "421 to MAIL FROM, and good-bye",
    "refuse": "550 to RCPT TO",
    "greylist": "451 to RCPT TO, the first time for each recipient",
    "full": "452 to RCPT TO",
    "421-recipient": "421 to RCPT TO, and good-bye",
    "garbage": "nonsense to RCPT TO",
    "stall": "no answer to RCPT TO",
    "drop-before-data": "hangs up at RCPT TO",
    "data": "451 to DATA",
    "early": "552 in the middle of a message",
    "drop-in-data": "hangs up in the middle of a message",
    "stall-in-data": "stops reading in the middle of a message",
    "drop-after-data": "takes the message and hangs up before it says so",
    "drop-untaken": "hangs up after the message, without taking it",
    "stall-after-data": "takes the message and never says so",
    "421-after-data": "421 after the message, and good-bye",
    "content": "554 after the message",
    "slow": "waits 'seconds' before it takes a message",
}
LONGEST = 64_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and when: every nth time, the nth time, for a recipient or a domain; or always.

    Times are counted over all connections, from 1, each fault for itself.
    """

    name: str
    every: int = 0
    nth: int = 0
    recipient: str = ""
    seconds: float = 0.05

    def __post_init__(self) -> None:
        assert self.name in FAULTS, f"{self.name}: choose from {', '.join(FAULTS)}"

    @classmethod
    def parse(cls, text: str) -> Fault:
        """`name` or `name:every=7` (`nth=`, `recipient=`, `seconds=`), several with commas."""
        name, _, rest = text.partition(":")
        given = dict(part.split("=", 1) for part in rest.split(",") if part)
        return cls(
            name,
            every=int(given.pop("every", 0)),
            nth=int(given.pop("nth", 0)),
            recipient=given.pop("recipient", ""),
            seconds=float(given.pop("seconds", 0.05)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What it offers; `users` are names and passwords, `per_connection` messages, 0 for any."""

    pipelining: bool = True
    size: int | None = 10_000_000
    utf8: bool = True
    esmtp: bool = True
    forgets: bool = False  # throws away what came with a message's end
    takes_empty: bool = False  # 354 to DATA without a recipient, as RFC 2920 §3.1 has it
    users: tuple[tuple[str, str], ...] = ()
    per_connection: int = 0
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that the server took."""

    sender: str
    recipient: str
    data: bytes

    @property
    def message_id(self) -> str:
        """Its Message-ID, "" for none."""
        found = re.search(rb"(?im)^message-id:\s*(\S+)", self.data)
        return found[1].decode("ascii", "replace") if found else ""


@dataclass(slots=True)
class MailServer:
    """What happened, for a test to look at; `log` is a file's descriptor, -1 for none."""

    faults: Sequence[Fault] = ()
    manners: Manners = field(default_factory=Manners)
    log: int = -1
    keeps: bool = True
    port: int = 0
    messages: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    talked_ahead: int = 0  # commands that came before the reply they had to wait for
    connections: int = 0
    open: int = 0
    most_open: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    known: set[str] = field(default_factory=set)  # to the greylist

    @property
    def taken(self) -> list[str]:
        """Whose mail it took, in order."""
        return [message.recipient for message in self.messages]

    @property
    def url(self) -> str:
        """Where it is, for a connection without TLS."""
        return f"smtp://127.0.0.1:{self.port}"

    def strikes(self, name: str, recipient: str = "") -> Fault | None:
        """The fault, if this is one of its times."""
        for number, fault in enumerate(self.faults):
            if fault.name != name or (fault.recipient and not recipient.endswith(fault.recipient)):
                continue
            key = f"{number} {name}"
            self.counts[key] += 1
            time = self.counts[key]
            if (fault.every and time % fault.every) or (fault.nth and time != fault.nth):
                continue
            return fault
        return None

    def take(self, message: Taken) -> None:
        """Keep a message, where it survives this process."""
        if self.keeps:
            self.messages.append(message)
        if self.log >= 0:
            line = {
                "recipient": message.recipient,
                "id": message.message_id,
                "sender": message.sender,
                "size": len(message.data),
            }
            os.write(self.log, json.dumps(line).encode() + b"\n")


class _GoneError(Exception):
    """The connection is over."""


class _Session:
    """One connection."""

    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.buffer = bytearray()
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.encrypted = server.manners.implicit_tls
        self.logged_in = False
        self.carried = 0

    async def serve(self) -> None:
        """Greet, and answer commands until the end."""
        strikes = self.server.strikes
        if strikes("greeting-silent"):
            await self.stall()
        if strikes("greeting-garbage"):
            self.say("HTTP/1.1 400 Bad Request")
            await self.hang_up()
        if strikes("greeting-554"):
            self.say("554 5.3.2 no mail here")
            await self.hang_up()
        if strikes("greeting-421"):
            self.say("421 4.3.2 too busy")
            await self.hang_up()
        self.say("220 test.example ready")
        answers: dict[str, Callable[[str], object]] = {
            "EHLO": self.ehlo,
            "HELO": lambda _: self.say("250 test.example"),
            "RSET": self.rset,
            "NOOP": lambda _: self.say("250 2.0.0 ok"),
        }
        waits = {
            "STARTTLS": self.starttls,
            "AUTH": self.auth,
            "MAIL": self.mail,
            "RCPT": self.rcpt,
            "DATA": self.data,
            "QUIT": self.quit,
        }
        while True:
            line = (await self.until(b"\r\n")).decode()
            self.server.commands.append(line)
            verb = line.split(" ")[0].upper()
            if verb in answers:
                answers[verb](line)
            elif verb in waits:
                await waits[verb](line)
            else:
                self.say("500 5.5.2 unknown")
            if self.buffer and not self.server.manners.pipelining:
                self.server.talked_ahead += 1

    # Bytes.

    async def until(self, end: bytes) -> bytes:
        """What comes before `end`, which goes too."""
        while (at := self.buffer.find(end)) < 0:
            await self.more()
        found = bytes(self.buffer[:at])
        del self.buffer[: at + len(end)]
        return found

    async def more(self) -> None:
        await self.writer.drain()
        data = await self.reader.read(65_536)
        if not data or len(self.buffer) > LONGEST:
            raise _GoneError
        self.buffer += data

    def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")

    async def hang_up(self) -> NoReturn:
        """Say what is to be said, and close."""
        with suppress(OSError):
            await self.writer.drain()
        raise _GoneError

    def drop(self) -> NoReturn:
        """Close without another word."""
        self.writer.transport.abort()
        raise _GoneError

    async def stall(self) -> NoReturn:
        """Do nothing, until the other side has had enough."""
        with suppress(_GoneError, OSError):
            while True:
                await self.more()
        raise _GoneError

    # Commands.

    def ehlo(self, _: str) -> None:
        manners = self.server.manners
        if not manners.esmtp:
            self.say("502 5.5.1 not known")
            return
        offered = ["test.example", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if manners.pipelining:
            offered.append("PIPELINING")
        if manners.size is not None:
            offered.append(f"SIZE {manners.size}")
        if manners.utf8:
            offered.append("SMTPUTF8")
        if manners.users and (self.encrypted or manners.tls is None):
            offered.append("AUTH PLAIN LOGIN")
        if manners.tls and not self.encrypted and not self.server.strikes("starttls-stripped"):
            offered.append("STARTTLS")
        for line in offered[:-1]:
            self.say(f"250-{line}")
        self.say(f"250 {offered[-1]}")

    async def starttls(self, _: str) -> None:
        context = self.server.manners.tls
        if context is None or self.server.strikes("starttls-refused"):
            self.say("454 4.7.0 no TLS now")
            return
        self.say("220 2.0.0 go on")
        await self.writer.drain()
        await self.writer.start_tls(context)
        self.buffer.clear()
        self.encrypted = True

    async def auth(self, line: str) -> None:
        if self.server.strikes("auth-later"):
            self.say("454 4.7.0 not now")
            return
        _, method, *first = line.split(" ")
        if method.upper() == "PLAIN" and first:
            _, user, password = base64.b64decode(first[0]).decode().split("\0")
        else:
            self.say("334 UGFzc3dvcmQ6")
            answer = await self.until(b"\r\n")
            user = base64.b64decode(first[0]).decode() if first else ""
            password = base64.b64decode(answer).decode()
        self.logged_in = (user, password) in self.server.manners.users
        # Some servers say what they were told.
        told = f"wrong user or password: {password} ({first[-1] if first else ''})"
        self.say("235 2.7.0 welcome" if self.logged_in else f"535 5.7.8 {told}")

    async def mail(self, line: str) -> None:
        server, manners = self.server, self.server.manners
        if self.sender is not None:
            self.say("503 5.5.1 nested MAIL")
        elif manners.users and not self.logged_in:
            self.say("530 5.7.0 log in first")
        elif (manners.per_connection and self.carried >= manners.per_connection) or server.strikes(
            "421"
        ):
            self.say("421 4.7.0 enough for now")
            await self.hang_up()
        elif server.strikes("sender"):
            self.say("550 5.7.1 not from you")
        else:
            self.sender = _address(line)
            self.say("250 2.1.0 ok")

    async def rcpt(self, line: str) -> None:
        strikes, recipient = self.server.strikes, _address(line)
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif strikes("drop-before-data", recipient):
            self.drop()
        elif strikes("stall", recipient):
            await self.stall()
        elif strikes("421-recipient", recipient):
            self.say("421 4.7.0 not him")
            await self.hang_up()
        elif strikes("garbage", recipient):
            self.say("what?")
        elif strikes("refuse", recipient):
            self.say("550-5.1.1 there is nobody\r\n550 5.1.1 of this name")
        elif strikes("full", recipient):
            self.say("452 4.2.2 mailbox full")
        elif recipient not in self.server.known and strikes("greylist", recipient):
            self.server.known.add(recipient)
            self.say("451 4.7.1 greylisted")
        elif not recipient.isascii() and not self.server.manners.utf8:
            self.say("553 5.6.7 no")
        else:
            self.recipients.append(recipient)
            self.say("250 2.1.5 ok")

    async def data(self, _: str) -> None:
        strikes = self.server.strikes
        if not self.recipients and not (
            self.server.manners.takes_empty and self.sender is not None
        ):
            self.say("554 5.5.1 no valid recipients")
            return
        recipient = self.recipients[0] if self.recipients else ""
        if strikes("data", recipient):
            self.say("451 4.3.0 not now")
            return
        self.say("354 go on")
        for name in ("drop-in-data", "stall-in-data", "early"):
            if strikes(name, recipient):
                await self.middle(name)
        data = await self.content()
        if self.server.manners.forgets:
            self.buffer.clear()
        self.carried += 1
        await self.after(data, recipient)
        self.sender, self.recipients = None, []

    async def middle(self, name: str) -> None:
        """A fault when a part of the message is there."""
        while len(self.buffer) < 1000:
            await self.more()
        if name == "drop-in-data":
            self.drop()
        if name == "stall-in-data":
            await asyncio.sleep(3600)
        self.say("552 5.3.4 too much")
        await self.hang_up()

    async def content(self) -> bytes:
        """A message, as it was before its dots were stuffed."""
        while not self.buffer.startswith(b".\r\n") and b"\r\n.\r\n" not in self.buffer:
            await self.more()
        if self.buffer.startswith(b".\r\n"):
            del self.buffer[:3]
            return b""
        data = await self.until(b"\r\n.\r\n") + b"\r\n"
        return re.sub(rb"(?m)^\.", b"", data)

    async def after(self, data: bytes, recipient: str) -> None:
        strikes = self.server.strikes
        if not self.recipients:
            self.say("554 5.5.1 nobody to give it to")
            return
        if strikes("content", recipient):
            self.say("554 5.7.1 looks like spam")
            return
        if strikes("421-after-data", recipient):
            self.say("421 4.3.0 no more")
            await self.hang_up()
        if strikes("drop-untaken", recipient):
            self.drop()
        if fault := strikes("slow", recipient):
            await asyncio.sleep(fault.seconds)
        assert self.sender is not None
        for one in self.recipients:
            self.server.take(Taken(sender=self.sender, recipient=one, data=data))
        if strikes("drop-after-data", recipient):
            self.drop()
        if strikes("stall-after-data", recipient):
            await self.stall()
        self.say("250 2.0.0 taken")

    def rset(self, _: str) -> None:
        self.sender, self.recipients = None, []
        self.say("250 2.0.0 ok")

    async def quit(self, _: str) -> None:
        self.say("221 2.0.0 bye")
        await self.hang_up()


def _address(line: str) -> str:
    found = re.search(r"<(.*)>", line)
    return found[1] if found else ""


async def _serve(server: MailServer, ready: Callable[[asyncio.Event], object], port: int) -> None:
    """Serve until the event that `ready` gets is set; no socket is open after that."""
    stop = asyncio.Event()
    writers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(_session(server, reader, writer))
        writers[task] = writer

    manners = server.manners
    context = manners.tls if manners.implicit_tls else None
    listening = await asyncio.start_server(connected, "127.0.0.1", port, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    ready(stop)
    await stop.wait()
    # Whoever has just connected becomes a session before this closes: asyncio (3.11) fails on, and
    # never closes, what it accepted a moment earlier. Whoever is left then is cut off.
    for socket in listening.sockets:
        asyncio.get_running_loop().remove_reader(socket.fileno())
    await asyncio.sleep(0.01)
    listening.close()
    for task, writer in writers.items():
        task.cancel()
        writer.transport.abort()
    await asyncio.gather(*writers, return_exceptions=True)
    await asyncio.sleep(0.01)


async def _session(
    server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    server.connections += 1
    server.open += 1
    server.most_open = max(server.most_open, server.open)
    try:
        with suppress(_GoneError, OSError):
            await _Session(server, reader, writer).serve()
    finally:
        server.open -= 1
        writer.close()


@contextmanager
def smtp_server(
    *faults: Fault, manners: Manners | None = None, log: Path | None = None
) -> Iterator[MailServer]:
    """A server in a thread of this process."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else -1
    server = MailServer(faults=faults, manners=manners or Manners(), log=file)
    loop = asyncio.new_event_loop()
    began = threading.Event()
    stops: list[asyncio.Event] = []

    def ready(stop: asyncio.Event) -> None:
        stops.append(stop)
        began.set()

    def run() -> None:
        loop.run_until_complete(_serve(server, ready, 0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert began.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stops[0].set)
        thread.join(10)
        if file >= 0:
            os.close(file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until killed, or until nobody reads what this prints."""
    parser = argparse.ArgumentParser(prog="tests.smtp_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--pipelining", action="store_true")
    parser.add_argument("--fault", type=Fault.parse, action="append", default=[])
    options = parser.parse_args(arguments)
    file = os.open(options.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    manners = Manners(pipelining=options.pipelining)
    server = MailServer(faults=options.fault, manners=manners, log=file, keeps=False)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(server, lambda _: _tell(server.port), options.port))


def _tell(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
