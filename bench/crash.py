"""How often a mailing may be killed without anybody losing a mail or getting it twice.

    python -m bench.crash                     # 200 kills, one worker, SQLite
    python -m bench.crash --workers 2 --kills 100 --recipients 5000

Real `enews mailing` processes send to a real mail server in a process of its own, and are ended by
SIGKILL at random moments. What counts is the server's log, written before each of its replies.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.delivery import DeliveryState
from pipeline.store.opening import open_store
from tests.mailing_room import (
    ISSUE,
    Senders,
    ServerBeside,
    mail_server,
    subscribe,
    until,
    write_mailing_room,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.mailing_room import Sender

START = ("mailing", "start", ISSUE, "--yes", "--no-wait")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 0 where everybody got one mail, or is uncertain by name."""
    options = _parser().parse_args(arguments)
    wanted = [f"reader-{n}@d{n % 97}.example.org" for n in range(options.recipients)]
    with tempfile.TemporaryDirectory(prefix="enews-crash-") as folder:
        room = write_mailing_room(Path(folder) / "room", connections=options.connections)
        subscribe(room, wanted, database=options.database)
        began = time.monotonic()
        with (
            mail_server(room / "log", "--pipelining") as server,
            Senders(database=options.database) as senders,
        ):
            died = _storm(room, senders, server, options)
            took = time.monotonic() - began
            accepted = server.accepted()
            uncertain = _uncertain(room, options.database)
            if uncertain:
                retry = ("mailing", "retry", ISSUE, "--uncertain", "--yes")
                senders.run(room, *retry, url=server.url)
            after = server.accepted()
    twice = sorted(who for who, count in accepted.items() if count > 1)
    lost = sorted(set(wanted) - after.keys())
    unnamed = sorted(set(wanted) - accepted.keys() - uncertain)
    print(f"recipients {len(wanted):,}, killed {died} times in {took:.0f} s")
    print(f"got it twice, unasked:           {len(twice)}")
    print(f"did not get it, and not named:   {len(unnamed)}")
    print(f"uncertain, by name:              {len(uncertain)}, at most {_most(options, died)}")
    print(f"without it after the retry:      {len(lost)}")
    return 1 if twice or unnamed or lost or len(uncertain) > _most(options, died) else 0


def _most(options: argparse.Namespace, died: int) -> int:
    """The connections that were in flight when workers died."""
    return died * int(options.connections)


def _storm(room: Path, senders: Senders, server: ServerBeside, options: argparse.Namespace) -> int:
    moments = random.Random(options.seed)
    running: list[Sender] = []
    died = 0
    for step in sorted(moments.sample(range(1, options.recipients), options.kills)):
        while len(running) < options.workers:
            running.append(senders.start(room, *START, url=server.url))
        victim = running.pop(moments.randrange(len(running)))
        if until(server, step, victim):
            victim.kill()
        died += victim.wait() == -9
    for sender in running:
        sender.wait()
    senders.run(room, *START, url=server.url)
    return died


def _uncertain(room: Path, database: str) -> set[str]:
    with open_store(database, room / ".pipeline" / "ledger.sqlite") as store:
        rows = store.ledger.deliveries(states=[DeliveryState.UNCERTAIN])
        return {row.address for row in rows}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--recipients", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--database", default="", help="postgresql://…; default: SQLite")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
