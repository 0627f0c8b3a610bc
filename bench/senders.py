"""The senders, each run in a process of its own that says what it took.

    python -m bench.senders enews --port 2525 --count 2000 --size 57000 --database ledger.sqlite

Measured is the sending: from the first connection to the last reply. Not measured, for all of them:
Python's start, imports, reading the issue, and opening the database.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import resource
import selectors
import socket
import sys
import time
from contextlib import ExitStack
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bench import mailing
from pipeline.core.delivery import Claim, message_id
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.links import Purpose, sign

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import aiosmtplib

    from bench.mailing import Texts
    from pipeline.mail.dkim_keys import DkimKey

Row = TypeVar("Row")

CONNECTIONS = 10
REPLIES = 4
"""To a letter and the next one's envelope."""
LAST_LINE = re.compile(rb"^\d{3} .*\n", re.MULTILINE)
HOST = "127.0.0.1"
SENDER = "news@example.org"
BASE = mailing.ROOM.base_url


class Job:
    """What to send, and where to."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.port: int = options.port
        self.count: int = options.count
        self.size: int = options.size
        self.database: Path | None = options.database
        self.dkim: str = options.dkim
        self.texts: Texts = mailing.texts(self.size)
        self.until_its_end = ExitStack()

    def composed(self, number: int) -> EmailMessage:
        """A reader's copy by the standard library, from nothing, as most programs do it."""
        unsubscribe = f"{BASE}/u/{sign(mailing.KEY, Purpose.UNSUBSCRIBE, number, 1)}"
        preferences = f"{BASE}/p/{sign(mailing.KEY, Purpose.PREFERENCES, number, 1)}"

        def filled(text: str) -> str:
            return text.replace(UNSUBSCRIBE, unsubscribe).replace(PREFERENCES, preferences)

        mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
        mail["From"] = f"A newsroom <{SENDER}>"
        mail["To"] = f"Reader {number} <{mailing.address(number)}>"
        mail["Subject"] = "News No. 1, January 2026"
        mail["Message-ID"] = message_id(mailing.ISSUE, number, "example.org")
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(filled(self.texts.text))
        mail.add_alternative(filled(self.texts.html), subtype="html")
        return mail

    def claims(self) -> list[Claim]:
        """A row for each reader, where no ledger gives them."""
        numbers = range(1, self.count + 1)
        return [Claim(n, n, mailing.address(n), f"Reader {n}", "", 0, 0.0) for n in numbers]


class _Clock:
    """The port `Clock`."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def steady(self) -> float:
        """Seconds of a clock that never steps."""
        return time.monotonic()


def by_smtplib(job: Job) -> Callable[[], None]:
    """One connection, every message composed."""
    import smtplib

    def send() -> None:
        with smtplib.SMTP(HOST, job.port) as smtp:
            for number in range(1, job.count + 1):
                smtp.send_message(job.composed(number), SENDER, [mailing.address(number)])

    return send


def by_aiosmtplib(job: Job) -> Callable[[], None]:
    """Ten connections, every message composed."""

    async def work(client: aiosmtplib.SMTP, numbers: Sequence[int]) -> None:
        async with client:
            for number in numbers:
                await client.send_message(
                    job.composed(number), sender=SENDER, recipients=[mailing.address(number)]
                )

    return lambda: asyncio.run(_ten(work, list(range(1, job.count + 1)), job.port))


def by_aiosmtplib_template(job: Job) -> Callable[[], None]:
    """Ten connections, each message out of our own template of bytes."""
    written = mailing.writer(job.size)

    async def work(client: aiosmtplib.SMTP, claims: Sequence[Claim]) -> None:
        async with client:
            for claim in claims:
                letter = written.letter(claim)
                await client.sendmail(letter.sender, [letter.recipient], letter.data)

    return lambda: asyncio.run(_ten(work, job.claims(), job.port))


def by_bytes(job: Job) -> Callable[[], None]:
    """Ten connections and one letter in bytes, over and over: nothing is read, noted or limited.

    Who waits for the replies to a letter cannot be much faster than this: it is the sink's speed.
    """
    letter = mailing.writer(job.size).letter(job.claims()[0])
    envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n".encode()
    whole = letter.data.removesuffix(b"\r\n") + b"\r\n.\r\n" + envelope

    def opened() -> socket.socket:
        wire = socket.create_connection((HOST, job.port))
        _hear(wire, 1)
        wire.sendall(b"EHLO bench\r\n")
        _hear(wire, 1)
        wire.sendall(envelope)
        _hear(wire, REPLIES - 1)
        return wire

    def send() -> None:
        waiting = selectors.DefaultSelector()
        left = job.count
        with ExitStack() as until_the_end:
            for _ in range(min(CONNECTIONS, job.count)):
                wire = until_the_end.enter_context(opened())
                waiting.register(wire, selectors.EVENT_READ, wire)
                wire.sendall(whole)
                left -= 1
            while waiting.get_map():
                for key, _ in waiting.select():
                    wire = key.data
                    _hear(wire, REPLIES)
                    if left:
                        wire.sendall(whole)
                        left -= 1
                    else:
                        waiting.unregister(wire)

    return send


def _hear(wire: socket.socket, replies: int) -> None:
    """Wait for so many replies; one in lines, as EHLO has it, counts once."""
    heard = 0
    while heard < replies:
        heard += len(LAST_LINE.findall(wire.recv(4096)))


async def _ten(
    work: Callable[[aiosmtplib.SMTP, Sequence[Row]], Awaitable[None]],
    rows: Sequence[Row],
    port: int,
) -> None:
    """Share the rows out to ten connections."""
    import aiosmtplib

    clients = [
        aiosmtplib.SMTP(hostname=HOST, port=port, start_tls=False) for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(
        *(work(client, rows[start::CONNECTIONS]) for start, client in enumerate(clients))
    )


def by_enews(job: Job) -> Callable[[], None]:
    """`enews` itself: ledger, limits, letters and connections as `enews mailing start` has them."""
    from pipeline.config import Folders
    from pipeline.flows.deliver import Delivering, Desk
    from pipeline.mail.carriers import carrier
    from pipeline.store.opening import open_store
    from pipeline.store.tokens import TokenFolder

    assert job.database is not None
    root = job.database.parent
    folders = Folders(root=root, content=root, templates=root, output=root, state=root)
    url = f"smtp://{HOST}:{job.port}"
    carries = carrier(url, mailing.ROOM.sending, folders, name=mailing.ISSUE)
    letters = mailing.writer(job.size, _signers(job.dkim))

    store = job.until_its_end.enter_context(open_store("", job.database))
    found = store.ledger.mailing(mailing.ISSUE)
    assert found is not None
    desk = Desk(
        ledger=store.ledger,
        subscribers=store.subscribers,
        tokens=TokenFolder(root / "sent"),
        letters=letters,
        sending=mailing.ROOM.sending,
        clock=_Clock(),
        chance=random.random,
        bounced=lambda _: None,
        watch=lambda _: None,
    )
    store.ledger.enter("benchmark")

    def send() -> None:
        going = Delivering(desk, found)
        carries.carry(going)
        if not going.close() or store.ledger.tally(found.id).sent != job.count:
            raise SystemExit("not everything was sent")

    return send


def _signers(dkim: str) -> tuple[DkimKey, ...]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    from pipeline.mail import dkim_keys

    if dkim == "rsa":
        return (dkim_keys.rsa("bench", generate_private_key(65537, 2048)),)
    if dkim == "ed25519":
        return (dkim_keys.ed25519("bench", Ed25519PrivateKey.generate()),)
    return ()


SENDERS: dict[str, Callable[[Job], Callable[[], None]]] = {
    "smtplib": by_smtplib,
    "aiosmtplib": by_aiosmtplib,
    "aiosmtplib-template": by_aiosmtplib_template,
    "bytes": by_bytes,
    "enews": by_enews,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Prepare, or send and say what it took as a line of JSON."""
    parser = argparse.ArgumentParser(prog="bench.senders")
    parser.add_argument("sender", choices=[*SENDERS, "prepare"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--dkim", default="")
    options = parser.parse_args(arguments)
    if options.sender == "prepare":
        mailing.prepare(options.database, options.count)
        return
    job = Job(options)
    with job.until_its_end:
        send = SENDERS[options.sender](job)
        cpu, wall = time.process_time(), time.perf_counter()
        send()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(json.dumps({"wall": wall, "cpu": cpu, "peak": peak}) + "\n")


if __name__ == "__main__":
    main()
