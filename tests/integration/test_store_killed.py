"""Workers that are really killed: processes, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.core.delivery import DeliveryState, Tally
from pipeline.ports.sending import Recovered
from pipeline.store.opening import open_store
from tests.databases import postgresql_url
from tests.people import AT, LATER, begin, crowd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.store.opening import Store

ROOT = Path(__file__).parents[2]

WORKER = """
import sys, time
from pathlib import Path
from pipeline.core.delivery import DeliveryState, Settled
from pipeline.store.opening import open_store
url, path, batch, endless = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "on"
with open_store(url, path) as store:
    store.ledger.enter("child")
    while claims := store.ledger.claim(1, batch, 2e9):
        for claim in claims[: None if endless else 5]:
            store.ledger.mark([claim.id], [])
            print("sending", claim.id, flush=True)
            if endless or claim is not claims[4]:
                outcome = Settled(claim.id, DeliveryState.SENT, 1e9, 250, "", "ok")
                store.ledger.mark([], [outcome])
                print("sent", claim.id, flush=True)
        if not endless:
            print("ready", flush=True)
            time.sleep(600)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    url = postgresql_url() if request.param == "postgresql" else ""
    return url, tmp_path / "ledger.sqlite"


@pytest.fixture
def store(place: tuple[str, Path]) -> Iterator[Store]:
    with open_store(*place) as opened:
        yield opened


def child(place: tuple[str, Path], batch: int, endless: str = "off") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, place[0], str(place[1]), str(batch), endless]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill it as nothing can be prevented from; what it had printed and nobody read."""
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    return rest.splitlines()


def recovered(store: Store) -> Recovered:
    """What is found of the dead; PostgreSQL's server notices an end a moment later."""
    while store.ledger.workers():
        pass
    return store.ledger.recover(LATER)


def test_a_killed_workers_claims_are_free_and_what_it_sent_is_uncertain(
    place: tuple[str, Path], store: Store
) -> None:
    run = begin(store, crowd(store, 30))
    process = child(place, 20)
    assert process.stdout is not None
    while (line := process.stdout.readline()) != "ready\n":
        assert line
    assert store.ledger.workers() == 1
    assert store.ledger.recover(LATER) == Recovered()
    assert store.ledger.tally(run.id) == Tally(queued=25, sending=1, sent=4)
    kill(process)
    assert recovered(store) == Recovered(requeued=15, uncertain=1)
    assert store.ledger.tally(run.id) == Tally(queued=25, sent=4, uncertain=1)
    store.ledger.enter("parent")
    assert len(store.ledger.claim(run.id, 99, AT)) == 25


def test_a_stopped_worker_is_not_dead(place: tuple[str, Path], store: Store) -> None:
    begin(store, crowd(store, 30))
    process = child(place, 20)
    assert process.stdout is not None
    while process.stdout.readline() != "ready\n":
        pass
    os.kill(process.pid, signal.SIGSTOP)
    assert store.ledger.workers() == 1
    assert store.ledger.recover(LATER) == Recovered()
    kill(process)


def test_killed_at_any_moment_no_row_is_lost_or_sent_twice(
    place: tuple[str, Path], store: Store
) -> None:
    everyone = crowd(store, 600)
    run = begin(store, everyone)
    tries: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    uncertain = 0
    for number in range(3):
        processes = [child(place, 17, "on"), child(place, 17, "on")]
        lines: list[str] = []
        for process in processes:
            assert process.stdout is not None
            lines += [process.stdout.readline().strip() for _ in range(20 + 15 * number)]
        for process in processes:
            lines += kill(process)
        tries.update(line[8:] for line in lines if line.startswith("sending "))
        taken.update(line[5:] for line in lines if line.startswith("sent "))
        found = recovered(store)
        assert found.uncertain <= 2
        uncertain += found.uncertain
        tally = store.ledger.tally(run.id)
        assert (tally.sending, tally.uncertain) == (0, uncertain)
    states = {str(row.id): row.state for row in store.ledger.deliveries(mailing=run.id)}
    assert max(tries.values()) == 1, "what was begun is not begun again by itself"
    assert {states[row] for row in taken} == {DeliveryState.SENT}
    assert {states[row] for row in tries} <= {DeliveryState.SENT, DeliveryState.UNCERTAIN}
    assert len(states) == 600
