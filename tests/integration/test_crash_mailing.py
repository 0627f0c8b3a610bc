"""`kill -9` in the middle of a mailing, again and again: nobody is lost, nobody gets it twice.

What counts is the log of a real mail server in a process of its own, written before each 250. The
senders are real `enews mailing` processes. Longer runs: `python -m bench.crash`.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from contextlib import closing
from sqlite3 import connect
from typing import TYPE_CHECKING

import pytest

from pipeline.core.delivery import DeliveryState
from pipeline.store.opening import open_store
from tests.databases import postgresql_url
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
    from pathlib import Path

    from tests.mailing_room import Sender

CONNECTIONS = 4


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mailing_room(tmp_path_factory.mktemp("mailing") / "room", connections=CONNECTIONS)


@pytest.fixture
def room(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "room")


def addresses(count: int) -> list[str]:
    return [f"reader-{number}@d{number % 7}.example.org" for number in range(count)]


def sent_to(root: Path, state: DeliveryState, *, database: str = "") -> set[str]:
    """The addresses whose delivery is in a state."""
    with open_store(database, root / ".pipeline" / "ledger.sqlite") as store:
        return {row.address for row in store.ledger.deliveries(states=[state])}


def storm(
    root: Path,
    senders: Senders,
    server: ServerBeside,
    *,
    kills: int,
    total: int,
    workers: int = 1,
    seed: int = 0,
) -> int:
    """Start and kill at random moments, then let it end; how many connections died with letters."""
    moments = random.Random(seed)
    start = ("mailing", "start", ISSUE, "--yes", "--no-wait")
    steps = sorted(moments.sample(range(1, total), kills))
    running: list[Sender] = []
    died = 0
    for step in steps:
        while len(running) < workers:
            running.append(senders.start(root, *start, url=server.url))
        victim = running.pop(moments.randrange(len(running)))
        if until(server, step, victim):
            victim.kill()
        died += victim.wait() == -9
    assert died > kills // 2, "most of them ended before they could be killed"
    for sender in running:
        assert sender.wait() == 0
    assert senders.run(root, *start, url=server.url) == 0
    return died


def check(
    root: Path, server: ServerBeside, wanted: list[str], died: int, *, database: str = ""
) -> None:
    """Nobody lost, nobody twice, and at most the connections in flight uncertain."""
    accepted = server.accepted()
    uncertain = sent_to(root, DeliveryState.UNCERTAIN, database=database)
    assert sent_to(root, DeliveryState.SENT, database=database) == set(wanted) - uncertain
    assert {who: count for who, count in accepted.items() if count > 1} == {}
    assert set(wanted) - accepted.keys() <= uncertain
    assert len(uncertain) <= died * CONNECTIONS


@pytest.mark.parametrize("options", [("--pipelining",), ()], ids=["pipelining", "lock-step"])
def test_killed_at_fifty_moments(room: Path, options: tuple[str, ...]) -> None:
    # In lock step each message takes four round trips: fewer of them, and fewer kills.
    total, kills = (2000, 50) if options else (400, 10)
    wanted = addresses(total)
    subscribe(room, wanted)
    with mail_server(room / "log", *options) as server, Senders() as senders:
        died = storm(room, senders, server, kills=kills, total=total)
        check(room, server, wanted, died)
        before = server.accepted()
        uncertain = sent_to(room, DeliveryState.UNCERTAIN)
        retry = ("mailing", "retry", ISSUE, "--uncertain", "--yes")
        assert senders.run(room, *retry, url=server.url) == 0
        assert server.accepted() - before == Counter(uncertain)
        assert server.accepted().keys() == set(wanted)
        assert sent_to(room, DeliveryState.SENT) == set(wanted)


def test_two_workers_one_of_them_killed_all_the_time(room: Path) -> None:
    wanted = addresses(1500)
    subscribe(room, wanted)
    with mail_server(room / "log", "--pipelining") as server, Senders() as senders:
        died = storm(room, senders, server, kills=15, total=1500, workers=2, seed=1)
        check(room, server, wanted, died)


def test_on_postgresql_too(room: Path) -> None:
    wanted = addresses(1000)
    database = postgresql_url()
    subscribe(room, wanted, database=database)
    with (
        mail_server(room / "log", "--pipelining") as server,
        Senders(database=database) as senders,
    ):
        died = storm(room, senders, server, kills=10, total=1000, workers=2, seed=2)
        check(room, server, wanted, died, database=database)


@pytest.mark.parametrize(
    "fault", ["drop-after-data:every=50", "drop-in-data:every=50", "drop-untaken:every=50"]
)
def test_a_server_that_hangs_up_costs_nobody_a_mail_without_a_name(room: Path, fault: str) -> None:
    wanted = addresses(500)
    subscribe(room, wanted)
    with (
        mail_server(room / "log", "--pipelining", "--fault", fault) as server,
        Senders() as senders,
    ):
        assert senders.run(room, "mailing", "start", ISSUE, "--yes", url=server.url) == 0
        check(room, server, wanted, died=10)
        uncertain = sent_to(room, DeliveryState.UNCERTAIN)
        assert 0 < len(uncertain) <= 10 or "in-data" in fault


def test_a_copy_made_in_the_middle_of_a_batch_sends_nothing_again(room: Path) -> None:
    wanted = addresses(60)
    subscribe(room, wanted)
    file = room / ".pipeline" / "ledger.sqlite"
    slow = ("--pipelining", "--fault", "slow:every=1,seconds=0.02")
    with mail_server(room / "log", *slow) as server, Senders() as senders:
        start = ("mailing", "start", ISSUE, "--yes", "--no-wait")
        sender = senders.start(room, *start, url=server.url)
        assert until(server, 10, sender)
        with closing(connect(file)) as live, closing(connect(room / "copy")) as copy:
            live.backup(copy)
        assert sender.wait() == 0
        assert server.accepted() == Counter(wanted)
        for part in file.parent.glob("ledger.sqlite-*"):
            part.unlink()
        shutil.copy(room / "copy", file)
        assert senders.run(room, "mailing", "resume", ISSUE, url=server.url) == 1
        assert senders.run(room, "worker", "--once", url=server.url) == 1
        assert server.accepted() == Counter(wanted)
