"""What the store says when its database cannot be used."""

from __future__ import annotations

import sqlite3
import traceback
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from pipeline.errors import ConfigError, StoreError
from pipeline.ports.sending import Recovered
from pipeline.store import database as module
from pipeline.store import workers
from pipeline.store.opening import open_store
from tests.databases import DatabaseStores, postgresql_url
from tests.people import AT, LATER, begin, crowd, keep, reader, sent

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT", 0.05)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"Dear diary, " * 400)
    with pytest.raises(StoreError, match="is not a database: restore"), open_store("", path):
        pass
    assert path.read_bytes() == b"Dear diary, " * 400


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StoreError, match="state"), open_store("", tmp_path / "state/ledger.sqlite"):
        pass


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"), open_store("", tmp_path):
        pass


def test_a_locked_database_is_said_so_and_nothing_is_half_done(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with open_store("", path) as store, closing(sqlite3.connect(path)) as other:
        everyone = crowd(store, 2)
        run = begin(store, everyone)
        store.ledger.enter("worker")
        a, b = store.ledger.claim(run.id, 2, AT)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another process"):
            keep(store, reader("ann"))
        with pytest.raises(StoreError, match="is locked by another process"):
            store.ledger.mark([a.id, b.id], [])
        assert store.subscribers.get(everyone[0].id) == everyone[0]
        assert store.ledger.tally(run.id).queued == 2
        other.rollback()
        store.ledger.mark([a.id], [sent(b.id)])
        assert store.ledger.tally(run.id).sent == 1


def test_a_full_disk_is_said_so_and_nothing_is_half_done(tmp_path: Path) -> None:
    with open_store("", tmp_path / "ledger.sqlite") as store:
        crowd(store, 1)
        with store.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 60")
        many = [reader(f"other-{number}", name="x" * 500) for number in range(500)]
        with pytest.raises(StoreError, match="the disk is full"):
            keep(store, *many)
        assert sum(store.subscribers.counts().values()) == 1


@pytest.mark.parametrize("url", ["mysql://a:s3cret@host/x", "s3cret", "postgresql://a:s3cret@host"])
def test_a_url_that_is_none_is_refused_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as caught, open_store(url, tmp_path / "x"):
        pass
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://ann:s3cret@/news?host={tmp_path}&port=5433"
    with pytest.raises(StoreError, match="cannot be reached") as caught, open_store(url, tmp_path):
        pass
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("/postgres?", "/nowhere?", "does not exist: create it, or correct ENEWS_DATABASE_URL"),
        ("//postgres:", "//nobody:", "refuses the login: look at user and password"),
    ],
)
def test_a_server_that_lets_nobody_in_says_why(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    url = postgresql_url().replace(old, new)
    with pytest.raises(StoreError, match=said) as caught, open_store(url, tmp_path):
        pass
    assert "try again" not in str(caught.value)


def test_no_address_is_told_by_an_error(tmp_path: Path) -> None:
    for url in ("", postgresql_url()):
        with open_store(url, tmp_path / "ledger.sqlite") as store:
            keep(store, reader("secret-reader"))
            with pytest.raises(StoreError) as caught:
                keep(store, reader("secret-reader"))
            assert "secret-reader" not in str(caught.value)


def test_a_lost_connection_ends_the_worker(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgresql_url()
    with open_store(url, tmp_path) as store, open_store(url, tmp_path) as other:
        run = begin(store, crowd(store, 2))
        store.ledger.enter("worker")
        a, b = store.ledger.claim(run.id, 2, AT)
        store.ledger.mark([a.id], [])
        with store.ledger._session.reads() as connection:
            backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(url) as admin:
            # Waits until the backend is gone, and its locks with it.
            assert admin.execute("SELECT pg_terminate_backend(%s, 10000)", [backend]).fetchone()
        said = set()
        for attempt in (
            lambda: store.ledger.mark([b.id], []),
            lambda: store.ledger.mark([b.id], []),
            lambda: store.ledger.tally(run.id),
            store.ledger.give_back,
            lambda: store.ledger.enter("worker"),
        ):
            with pytest.raises(StoreError, match=r"lost|ended our connection") as caught:
                attempt()
            said.add(str(caught.value))
        (first,) = said
        assert "enews mailing resume ISSUE" in first
        found = other.ledger.recover(LATER)
        assert (found.requeued, found.uncertain) == (1, 1)
        assert sum(store.subscribers.counts().values()) == 2, "people are asked over another one"
    assert caplog.records == []


def test_a_server_that_crashed_makes_claims_uncertain(tmp_path: Path) -> None:
    """What a crash empties is a table, which stands for commits that were not waited for."""
    stores = DatabaseStores(tmp_path / "x", postgresql_url())
    dead, store = stores.open(), stores.open()
    run = begin(store, crowd(store, 3))
    dead.ledger.enter("dead")
    dead.ledger.claim(run.id, 2, AT)
    stores.kill(dead)
    with store.database.writes() as connection:
        connection.execute(text("TRUNCATE boot"))
    found = store.ledger.recover(LATER)
    assert (found.requeued, found.uncertain) == (0, 2)
    stores.close()


def test_newsrooms_that_share_a_server_do_not_see_each_others_workers(tmp_path: Path) -> None:
    first, second = (DatabaseStores(tmp_path / "x", postgresql_url()) for _ in range(2))
    one, other = first.open(), second.open()
    one.ledger.enter("worker")
    other.ledger.enter("worker")
    assert one.ledger.workers() == other.ledger.workers() == 1
    first.kill(one)
    again = first.open()
    again.ledger.recover(LATER)
    assert again.ledger.workers() == 0
    assert other.ledger.workers() == 1
    first.close()
    second.close()


def test_files_of_workers_go_with_them(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    folder = path.with_name("ledger.sqlite.workers")
    with open_store("", path) as store:
        store.ledger.enter("worker")
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []


def test_where_the_system_does_not_say_since_when_it_runs_nothing_is_taken_for_unsent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BOOT_ID", tmp_path / "none")
    monkeypatch.setattr(workers, "SYSCTL", tmp_path / "none")
    stores = DatabaseStores(tmp_path / "ledger.sqlite")
    dead, store = stores.open(), stores.open()
    run = begin(store, crowd(store, 3))
    dead.ledger.enter("dead")
    dead.ledger.claim(run.id, 2, AT)
    stores.kill(dead)
    assert store.ledger.recover(LATER) == Recovered(uncertain=2)
    stores.close()
