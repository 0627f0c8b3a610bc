"""What is said of a database that cannot be used."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.store.trouble import is_lost, trouble

HOST = 'connection failed: connection to server at "db.example.org", port 5432 failed:'


def sqlite_error(code: int, message: str = "some words") -> sqlite3.Error:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


class ServerError(Exception):
    """As psycopg's: with the server's code, or None where it said none."""

    def __init__(self, message: str, sqlstate: str | None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (sqlite3.SQLITE_BUSY, "is locked by another process"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "is locked by another process"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "cannot be written by this user"),
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_IOERR_FSYNC, "look at the disk"),
        (sqlite3.SQLITE_CORRUPT, "is damaged"),
        (sqlite3.SQLITE_NOTADB, "is not a database"),
        (sqlite3.SQLITE_ERROR, "cannot be used: some words"),
    ],
)
def test_what_sqlite_means(code: int, said: str) -> None:
    found = str(trouble(sqlite_error(code), "news.sqlite"))
    assert found.startswith("news.sqlite ")
    assert said in found


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "cannot be reached"),
        ("08006", "the connection was lost"),
        ("57P01", "ended our connection"),
        ("28P01", "refuses the login"),
        ("3D000", "does not exist"),
        ("42501", "does not let this user"),
        ("42P01", "cannot be used"),
        ("53100", "has no room"),
        ("55P03", "is locked by another process"),
        ("40P01", "by another process at the same time"),
    ],
)
def test_what_postgresql_means(state: str | None, said: str) -> None:
    found = str(trouble(ServerError("its words\nDETAIL: ann@example.org", state), "the database"))
    assert said in found
    assert "its words" in found
    assert "ann@" not in found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('FATAL:  database "news" does not exist', "does not exist: create it"),
        ('FATAL:  role "ann" does not exist', "refuses the login"),
        ('FATAL:  role "ann" is not permitted to log in', "refuses the login"),
        ('FATAL:  password authentication failed for user "ann"', "refuses the login"),
        ('FATAL:  Peer authentication failed for user "ann"', "refuses the login"),
        ('FATAL:  no pg_hba.conf entry for host "192.0.2.1"', "refuses the login"),
        ("fe_sendauth: no password supplied", "refuses the login"),
        ('FATAL:  permission denied for database "news"', "does not let this user do that"),
        ("FATAL:  sorry, too many clients already", "no connection left"),
        ("FATAL:  the database system is starting up", "when it is back"),
        ("FATAL:  la base de données « news » n'existe pas", "does not let us in: look at ENEWS"),
        ("Connection refused", "cannot be reached"),
    ],
)
def test_who_is_not_let_in_is_told_why(words: str, said: str) -> None:
    """There is no SQLSTATE then, only words; in another language at least where to look."""
    found = str(trouble(ServerError(f"{HOST} {words}\nIs it running?", None), "the database"))
    assert said in found
    assert words in found
    assert "Is it running" not in found


def test_of_several_addresses_the_one_that_answers_is_told() -> None:
    words = f"Several failures:\n- {HOST} Connection refused\n- {HOST} FATAL:  " + (
        'database "news" does not exist'
    )
    found = str(trouble(ServerError(words, None), "the database"))
    assert "does not exist: create it" in found
    assert "Connection refused" not in found


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY_DIRECTORY])
def test_a_file_system_that_is_read_only(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("/srv/news/.pipeline/ledger.sqlite")
    asked: list[Path] = []

    def mounted(folder: Path) -> SimpleNamespace:
        asked.append(folder)
        return SimpleNamespace(f_flag=os.ST_RDONLY | os.ST_NOSUID)

    monkeypatch.setattr(os, "statvfs", mounted)
    found = str(trouble(sqlite_error(code), str(path), path))
    assert "its file system is read-only" in found
    assert asked == [path.parent]
    assert "read-only" not in str(trouble(sqlite_error(sqlite3.SQLITE_FULL), str(path), path))


def test_a_folder_that_is_gone_is_not_called_read_only(tmp_path: Path) -> None:
    path = tmp_path / "gone/ledger.sqlite"
    found = str(trouble(sqlite_error(sqlite3.SQLITE_CANTOPEN), str(path), path))
    assert "look at its folder, its owner and its mode" in found


def test_what_the_driver_said_is_looked_at_behind_what_wraps_it() -> None:
    class WrappedError(Exception):
        orig = sqlite_error(sqlite3.SQLITE_FULL)

    assert "disk is full" in str(trouble(WrappedError("[SQL: … ann@example.org]"), "x"))


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (ServerError("closed", None), True),
        (ServerError("shut down", "57P01"), True),
        (ServerError("broken", "08006"), True),
        (ServerError("taken", "23505"), False),
        (sqlite_error(sqlite3.SQLITE_BUSY), False),
    ],
)
def test_a_lost_connection_is_told_from_other_trouble(error: Exception, lost: bool) -> None:
    assert is_lost(error) is lost


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL])
def test_who_was_sending_is_told_where_to_look(code: int) -> None:
    """Not that nothing was done: letters may have gone out meanwhile."""
    found = str(trouble(sqlite_error(code), "news.sqlite"))
    assert "Nothing" not in found
    assert "'enews mailing status'" in found


@pytest.mark.parametrize("state", [None, "08006", "57P01"])
def test_who_lost_the_server_is_told_how_to_go_on(state: str | None) -> None:
    found = str(trouble(ServerError("gone", state), "the PostgreSQL database x"))
    assert "'enews mailing resume ISSUE'" in found
