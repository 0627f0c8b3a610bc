"""What went wrong with the database, in words that say what to do.

Only the first line of a driver's message is told: what follows, and what SQLAlchemy adds, may hold
the values of a statement, which are people's addresses.
"""

from __future__ import annotations

import os
import re
import sqlite3
from typing import TYPE_CHECKING

from pipeline.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

MAILING = "how far a mailing came, 'enews mailing status' tells"
BACK = "when it is back, try again; a mailing goes on with 'enews mailing resume ISSUE'"

SQLITE = {
    sqlite3.SQLITE_BUSY: f"is locked by another process: try again when that ends; {MAILING}",
    sqlite3.SQLITE_LOCKED: f"is locked: try again; {MAILING}",
    sqlite3.SQLITE_PERM: "may not be used by this user: look at its owner and mode",
    sqlite3.SQLITE_READONLY: "cannot be written by this user: look at its owner and mode, and at "
    "those of its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: look at its folder, its owner and its mode",
    sqlite3.SQLITE_IOERR: "cannot be read or written: look at the disk",
    sqlite3.SQLITE_FULL: f"cannot grow, the disk is full: make room and try again; {MAILING}",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore the newest copy of it",
    sqlite3.SQLITE_NOTADB: "is not a database: restore the newest copy of it, or move it away",
}
"""By the primary code of SQLite's errors."""

READ_ONLY = (
    "cannot be used: its file system is read-only, and SQLite writes beside the file even to "
    "read it: mount it so that it can be written"
)

POSTGRESQL = {
    "08": f"cannot be reached, or the connection was lost: {BACK}",
    "57": f"is being shut down, or ended our connection: {BACK}",
    "28": "refuses the login: look at user and password in ENEWS_DATABASE_URL",
    "3D": "does not exist: create it, or correct ENEWS_DATABASE_URL",
    "42501": "does not let this user do that: grant it, as the owner of the database",
    "53": "has no room, no memory or no connection left",
    "55P03": f"is locked by another process: try again when that ends; {MAILING}",
    "40": f"was changed by another process at the same time: try again; {MAILING}",
    "25006": "cannot be written: it is a standby, or set to be read only",
}
"""By SQLSTATE, or its first two characters."""

TURNED_AWAY = "does not let us in: look at ENEWS_DATABASE_URL"

_AT_THE_DOOR = (
    ("3D", re.compile(r'database ".*" does not exist')),
    (
        "28",
        re.compile(
            r'role ".*" (?:does not exist|is not permitted to log in)|authentication failed'
            r"|pg_hba\.conf|no password supplied"
        ),
    ),
    ("42501", re.compile(r"permission denied for database")),
    ("53", re.compile(r"too many (?:clients|connections)|connection slots are reserved")),
    ("57", re.compile(r"the database system is (?:starting|shutting|not|in)\b")),
)
"""What a server says to who would connect: libpq keeps its words, and drops its SQLSTATE."""

_ANSWERED = re.compile(r" failed: \S+:  ")
"""The server's severity, in whatever language: libpq sets two spaces after that alone."""


def trouble(error: BaseException, name: str, path: Path | None = None) -> StoreError:
    """What to raise for an error of a driver, or of SQLAlchemy.

    `name` says which database, `path` is SQLite's file.
    """
    driver = getattr(error, "orig", None) or error
    what = _sqlite(driver, path) if isinstance(driver, sqlite3.Error) else _postgresql(driver)
    return StoreError(f"{name} {what}")


def is_lost(error: BaseException) -> bool:
    """True where the connection that raised it is of no use any more."""
    driver = getattr(error, "orig", None) or error
    state = getattr(driver, "sqlstate", None)
    return not isinstance(driver, sqlite3.Error) and (not state or state[:2] in {"08", "57"})


def _sqlite(error: sqlite3.Error, path: Path | None) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} and _is_read_only(path):
        return READ_ONLY
    return SQLITE.get(code) or f"cannot be used: {_words(error)}"


def _is_read_only(path: Path | None) -> bool:
    """True where the file system of a file's folder is mounted so."""
    try:
        return path is not None and bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _postgresql(error: BaseException) -> str:
    state = getattr(error, "sqlstate", None) or ""
    if not state:
        return _without_a_state(error)
    known = POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])
    return f"{known or 'cannot be used'} ({_words(error)})"


def _without_a_state(error: BaseException) -> str:
    """The driver's own: not let in, no server, a lost connection.

    Its words name host and user, no password. Of several addresses of a host it tries each, and
    the one that answers need not be the first: the line that says most is told.
    """
    lines = [line for line in str(error).splitlines() if " failed: " in line]
    for state, words in _AT_THE_DOOR:
        for line in filter(words.search, lines):
            return f"{POSTGRESQL[state]} ({line.strip()})"
    for line in filter(_ANSWERED.search, lines):
        return f"{TURNED_AWAY} ({line.strip()})"
    return f"{POSTGRESQL['08']} ({_words(error)})"


def _words(error: BaseException) -> str:
    """The first line of what a driver says."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
