"""What went wrong with the database, in words that say what to do.

Only the first line of a driver's message is told: what follows, and what SQLAlchemy adds, may hold
the values of a statement, which are people's addresses.
"""

from __future__ import annotations

import sqlite3

from pipeline.errors import StoreError

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


def trouble(error: BaseException, name: str) -> StoreError:
    """What to raise for an error of a driver, or of SQLAlchemy; `name` says which database."""
    driver = getattr(error, "orig", None) or error
    what = _sqlite(driver) if isinstance(driver, sqlite3.Error) else _postgresql(driver)
    return StoreError(f"{name} {what}")


def is_lost(error: BaseException) -> bool:
    """True where the connection that raised it is of no use any more."""
    driver = getattr(error, "orig", None) or error
    state = getattr(driver, "sqlstate", None)
    return not isinstance(driver, sqlite3.Error) and (not state or state[:2] in {"08", "57"})


def _sqlite(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return SQLITE.get(code) or f"cannot be used: {_words(error)}"


def _postgresql(error: BaseException) -> str:
    state = getattr(error, "sqlstate", None) or ""
    known = POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])
    if known or state:
        return f"{known or 'cannot be used'} ({_words(error)})"
    # The driver's own: no server, a lost connection. Its words name host and user, no password.
    return f"{POSTGRESQL['08']} ({_words(error)})"


def _words(error: BaseException) -> str:
    """The first line of what a driver says."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
