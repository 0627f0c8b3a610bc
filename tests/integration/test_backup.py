"""Copies of the ledger: whole, private, of few days, and never half of one under its name."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.core.mailing import Mailing, MailingState
from pipeline.errors import StoreError
from pipeline.store.backup import POSTGRESQL, backup, backups
from pipeline.store.database import sqlite_database
from pipeline.store.opening import open_store
from tests.databases import postgresql_url

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 3, 30, tzinfo=UTC)
MAILING = Mailing(
    issue="letter/2026-03",
    newsletter="letter",
    digest="d",
    state=MailingState.RUNNING,
    created=NOW,
    begins=NOW,
    since=NOW,
)

KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
import pipeline.store.backup as b

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[3] == "copied":
    b._sync = die
else:
    real = b.sqlite3.connect
    class Dying(b.sqlite3.Connection):
        def backup(self, target, **_):
            super().backup(target, pages=1, progress=die)
    b.sqlite3.connect = lambda *a, **k: real(*a, **{"factory": Dying, **k})
from pipeline.store.database import sqlite_database
b.backup(sqlite_database(Path(sys.argv[1])), Path(sys.argv[2]), 3, date(2026, 3, 31))
"""


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_copy_is_a_store_with_all_that_was_there(tmp_path: Path) -> None:
    with open_store("", tmp_path / "ledger.sqlite") as store:
        store.ledger.create(MAILING, range(1, 501))
        # What the log still holds is in it, too; and who writes meanwhile does not mind.
        path = backup(store.database, tmp_path / "backups", 3, DAY)
        store.ledger.move(1, [MailingState.RUNNING], MailingState.PAUSED, "", NOW)
    assert path == tmp_path / "backups/ledger-2026-03-31.sqlite"
    assert kept(tmp_path / "backups") == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.rename(tmp_path / "restored.sqlite")
    with open_store("", tmp_path / "restored.sqlite") as store:
        found = store.ledger.mailing("letter/2026-03")
        assert found is not None
        assert found.state is MailingState.RUNNING
        assert store.ledger.tally(found.id).queued == 500
        with store.database.reads() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            assert mode == "wal"


def test_the_same_day_replaces_and_the_oldest_go(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with open_store("", tmp_path / "ledger.sqlite") as store:
        for day in (28, 29, 30, 31):
            backup(store.database, folder, 2, date(2026, 3, day))
        (folder / "mine.sqlite").touch()
        (folder / "ledger-2026-02-31.sqlite").touch()
        store.ledger.create(MAILING, [1])
        backup(store.database, folder, 2, DAY)
    assert list(backups(folder)) == [date(2026, 3, 30), DAY]
    assert {"mine.sqlite", "ledger-2026-02-31.sqlite"} <= set(kept(folder))
    with closing(sqlite3.connect(folder / "ledger-2026-03-31.sqlite")) as copy:
        assert copy.execute("SELECT count(*) FROM mailing").fetchone() == (1,)


def test_a_clock_that_stepped_back_keeps_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with open_store("", tmp_path / "ledger.sqlite") as store:
        for day in (date(2027, 1, 1), date(2027, 1, 2), DAY):
            backup(store.database, folder, 2, day)
    assert list(backups(folder)) == [DAY, date(2027, 1, 2)]


@pytest.mark.parametrize("when", ["copying", "copied"])
def test_a_kill_leaves_no_half_file_under_the_name(tmp_path: Path, when: str) -> None:
    path, folder = tmp_path / "ledger.sqlite", tmp_path / "backups"
    with open_store("", path) as store:
        store.ledger.create(MAILING, range(1, 501))
        good = backup(store.database, folder, 3, DAY)
        assert good is not None
        before = good.read_bytes()
        command = [sys.executable, "-c", KILLED, str(path), str(folder), when]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        assert good.read_bytes() == before
        assert f"{good.name}.part" in kept(folder)
        assert list(backups(folder)) == [DAY]
        backup(store.database, folder, 3, DAY)
    assert kept(folder) == [good.name]


def test_a_database_that_is_gone_does_not_become_an_empty_copy(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with pytest.raises(StoreError, match="cannot be opened"):
        backup(sqlite_database(tmp_path / "ledger.sqlite"), folder, 3, DAY)
    assert kept(folder) == []
    assert not (tmp_path / "ledger.sqlite").exists()


def test_a_damaged_database_does_not_replace_a_good_copy(tmp_path: Path) -> None:
    path, folder = tmp_path / "ledger.sqlite", tmp_path / "backups"
    with open_store("", path) as store:
        store.ledger.create(MAILING, range(1, 5001))
        good = backup(store.database, folder, 3, DAY)
        assert good is not None
        before = good.read_bytes()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * 8192)
    with pytest.raises(StoreError, match="damaged"):
        backup(sqlite_database(path), folder, 3, DAY)
    assert good.read_bytes() == before
    assert kept(folder) == [good.name]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file")
    with (
        open_store("", tmp_path / "ledger.sqlite") as store,
        pytest.raises(StoreError, match=r"backups.*look at the folder"),
    ):
        backup(store.database, tmp_path / "backups", 3, DAY)


def test_two_at_once_leave_one(tmp_path: Path) -> None:
    folder, path = tmp_path / "backups", tmp_path / "ledger.sqlite"
    with open_store("", path) as store:
        store.ledger.create(MAILING, range(1, 501))
        threads = [
            threading.Thread(target=backup, args=(store.database, folder, 3, DAY)) for _ in "ab"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert kept(folder) == ["ledger-2026-03-31.sqlite"]


def test_postgresql_is_left_to_its_keeper(tmp_path: Path) -> None:
    with open_store(postgresql_url(), tmp_path / "none") as store:
        assert backup(store.database, tmp_path / "backups", 3, DAY) is None
    assert not (tmp_path / "backups").exists()
    assert "pg_dump" in POSTGRESQL
