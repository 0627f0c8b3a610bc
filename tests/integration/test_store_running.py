"""Runs whose processes are really killed, lost connections, and what a file keeps of a notice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import event, text

from pipeline.core.notice import NoticeState
from pipeline.core.run import RunState
from pipeline.store.opening import open_store
from tests.databases import postgresql_url
from tests.running import ALL, LATER, NOW, add, notice, run, take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.run import Run
    from pipeline.store.opening import Store

ROOT = Path(__file__).parents[2]

CHILD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from pipeline.core.run import Flow
from pipeline.store.opening import open_store
with open_store(sys.argv[1], Path(sys.argv[2])) as store:
    print(store.runs.take(datetime.now(UTC), frozenset(Flow)).id, flush=True)
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


def recovered(store: Store) -> Run:
    """The one of a dead process; PostgreSQL's server notices an end a moment later."""
    while not (found := store.runs.recover(LATER)):
        pass
    (only,) = found
    return only


def test_a_killed_process_leaves_its_run_to_others(place: tuple[str, Path], store: Store) -> None:
    (kept,) = add(store, run("a"))
    command = [sys.executable, "-c", CHILD, place[0], str(place[1])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == f"{kept.id}\n"
    os.kill(process.pid, signal.SIGSTOP)
    assert store.runs.take(LATER, ALL) is None
    assert store.runs.recover(LATER) == (), "one that is stopped is not dead"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    found = recovered(store)
    assert (found.id, found.state, found.tries) == (kept.id, RunState.QUEUED, 1)
    assert take(store).tries == 2


def lose_connection(url: str, store: Store) -> None:
    """End the connection that holds its runs' locks."""
    with store.runs._session.reads() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(url) as admin:
        # Waits until the backend is gone, and its locks with it.
        assert admin.execute("SELECT pg_terminate_backend(%s, 10000)", [backend]).fetchone()


def test_a_run_outlives_its_connection(tmp_path: Path) -> None:
    url = postgresql_url()
    with open_store(url, tmp_path) as store:
        add(store, run("a"), run("b"))
        taken = take(store)
        lose_connection(url, store)
        store.runs.end(taken.id, RunState.DONE, "nothing new", {}, NOW)
        assert [one.state for one in store.runs.latest(2)] == [RunState.QUEUED, RunState.DONE]
        assert take(store).slot == "b"
        assert store.runs.recover(LATER) == (), "it has a lock of the new connection"


def test_who_lost_its_connection_is_taken_for_dead(tmp_path: Path) -> None:
    url = postgresql_url()
    with open_store(url, tmp_path) as store, open_store(url, tmp_path) as other:
        add(store, run("a"))
        taken = take(store)
        lose_connection(url, store)
        assert [one.id for one in other.runs.recover(LATER)] == [taken.id]
        again = take(other)
        store.runs.end(taken.id, RunState.FAILED, "too late", {}, LATER)
        assert other.runs.get(taken.id) == again


def test_a_run_that_cannot_be_kept_as_begun_is_nobodys(tmp_path: Path) -> None:
    with open_store("", tmp_path / "ledger.sqlite") as store:
        add(store, run("a"))

        def fail(_: object) -> None:
            raise ZeroDivisionError

        event.listen(store.database.engine, "commit", fail, once=True)
        with pytest.raises(ZeroDivisionError):
            store.runs.take(NOW, ALL)
        assert not list((tmp_path / "ledger.sqlite.runs").iterdir())
        assert take(store).tries == 1


def test_newsrooms_that_share_a_server_do_not_see_each_others_runs(tmp_path: Path) -> None:
    first, second = postgresql_url(), postgresql_url()
    with (
        open_store(first, tmp_path) as one,
        open_store(first, tmp_path) as another,
        open_store(second, tmp_path) as other,
    ):
        for store in (one, other):
            add(store, run("a"))
        assert take(one).id == take(other).id
        lose_connection(first, one)
        assert other.runs.recover(LATER) == ()
        assert len(another.runs.recover(LATER)) == 1, "the other's lock is not its own"


def test_an_outcome_that_could_not_be_kept_can_be_told_again(tmp_path: Path) -> None:
    with open_store("", tmp_path / "ledger.sqlite") as store:
        add(store, run("a"))
        taken = take(store)

        def fail(_: object) -> None:
            raise ZeroDivisionError

        event.listen(store.database.engine, "commit", fail, once=True)
        with pytest.raises(ZeroDivisionError):
            store.runs.end(taken.id, RunState.DONE, "", {}, NOW)
        assert [one.state for one in store.runs.latest(1)] == [RunState.RUNNING]
        assert len(store.runs.recover(LATER)) == 1, "or nobody would ever go on with it"
        store.runs.end(taken.id, RunState.DONE, "", {}, NOW)
        assert [one.state for one in store.runs.latest(1)] == [RunState.DONE]


def test_a_lock_is_gone_with_its_run(tmp_path: Path) -> None:
    with open_store("", tmp_path / "ledger.sqlite") as store:
        add(store, run("a"), run("b"))
        store.runs.end(take(store).id, RunState.DONE, "", {}, NOW)
        store.runs.put_back(take(store).id)
        assert not list((tmp_path / "ledger.sqlite.runs").iterdir())
        take(store)
    assert not list((tmp_path / "ledger.sqlite.runs").iterdir())


@pytest.mark.parametrize("state", [NoticeState.SENT, NoticeState.FAILED])
def test_what_is_over_names_nobody(store: Store, state: NoticeState) -> None:
    store.notices.add(notice("ann", text="ann said"), since=NOW, most=1)
    taken = store.notices.take(NOW)
    assert taken is not None
    store.notices.settle(taken.id, state, "250 ok", NOW)
    with store.database.reads() as connection:
        (row,) = connection.execute(text("SELECT * FROM notice"))
    assert "ann" not in repr(tuple(row))
    assert (row.state, row.said, len(row.hash)) == (state, "250 ok", 32)


def test_who_is_erased_is_in_no_file(tmp_path: Path) -> None:
    from tests.people import keep, reader, suppression

    with open_store("", tmp_path / "ledger.sqlite") as store:
        (ann,) = keep(store, reader("ann-of-the-desk"))
        store.notices.add(notice("ann-of-the-desk", subscriber=ann.id), since=NOW, most=1)
        store.subscribers.erase(ann.id, suppression(store, ann.address))
        for path in tmp_path.glob("ledger.sqlite*"):
            assert path.is_dir() or b"ann-of-the-desk" not in path.read_bytes(), path.name


def test_nothing_that_is_asked_often_reads_a_whole_table(tmp_path: Path) -> None:
    asked: dict[str, object] = {}

    def note(_c: object, _cursor: object, text: str, values: object, _x: object, _m: bool) -> None:
        if text.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.setdefault(text, values)

    with open_store("", tmp_path / "ledger.sqlite") as store:
        salt = store.subscribers.salt
        event.listen(store.database.engine, "before_cursor_execute", note)
        add(store, run("a"))
        taken = take(store)
        store.runs.say(taken.id, "at it")
        store.runs.recover(NOW)
        store.runs.open()
        store.runs.untold()
        store.runs.latest(9)
        store.runs.end(taken.id, RunState.DONE, "", {}, NOW)
        store.notices.add(notice(), since=NOW, most=1)
        letter = store.notices.take(NOW)
        assert letter is not None
        store.notices.settle(letter.id, NoticeState.SENT, "", NOW)
        store.tokens.find("00" * 32)
        store.tokens.use(1, NOW)
        event.remove(store.database.engine, "before_cursor_execute", note)
        with store.database.reads() as connection:
            plans = {
                text: [
                    str(row[3])
                    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)  # type: ignore[arg-type]
                ]
                for text, values in asked.items()
            }
    assert salt
    assert len(plans) > 12
    few = ("SCAN run USING INDEX run_open", "SCAN run USING INDEX run_untold", "SCAN notice USING")
    slow = {
        text: step
        for text, plan in plans.items()
        for step in plan
        if step.startswith("SCAN")
        and not step.startswith(few)
        and "ORDER BY run.id DESC" not in text
    }
    assert slow == {}
