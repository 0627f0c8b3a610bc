"""The SQLite file behind cache and manifest; whatever is wrong with it, a new one is made."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from pipeline.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS source (
    path TEXT PRIMARY KEY, mtime INTEGER, ctime INTEGER, size INTEGER, inode INTEGER, record BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS body (key TEXT PRIMARY KEY, html TEXT, urls TEXT, excerpt TEXT);
CREATE TABLE IF NOT EXISTS page (
    path TEXT PRIMARY KEY, key TEXT, size INTEGER, mtime INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shelf (records BLOB);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""


class Database:
    """One connection a process (a forked one opens its own); `code` is what it was written by."""

    def __init__(self, path: Path, code: str) -> None:
        self._path = path
        self._code = code
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of this process."""
        if self._connection is None or self._process != os.getpid():
            self._connection = self._open()
            self._process = os.getpid()
        return self._connection

    def close(self) -> None:
        """Close this process's connection; it opens again when needed."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    def _open(self) -> sqlite3.Connection:
        try:
            return self._prepared()
        except sqlite3.DatabaseError:
            self._delete()
        try:
            return self._prepared()
        except sqlite3.DatabaseError as error:
            raise OutputError(f"{self._path} cannot be opened: {error}") from error

    def wrap(self, error: sqlite3.Error) -> OutputError:
        """What to raise for an error met while working; a damaged file is deleted."""
        self.close()
        if type(error) is not sqlite3.DatabaseError:
            return OutputError(f"{self._path} cannot be used: {error}")
        self._delete()
        return OutputError(f"{self._path} was damaged and has been deleted: run the command again")

    def _delete(self) -> None:
        try:
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{self._path} cannot be replaced: {error.strerror}") from error

    def _prepared(self) -> sqlite3.Connection:
        """Open; empty it where other code wrote it, whose records may mean something else."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
        try:
            # A cache: after a power failure it is made anew, so nothing waits for the disk.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)
            if self._is_foreign(connection):
                connection.execute("BEGIN IMMEDIATE")
                # Another process may have done it by now, and have put something in.
                if self._is_foreign(connection):
                    self._empty(connection)
                connection.rollback()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def empty(self) -> None:
        """Forget everything but which files the output has."""
        self._empty(self.connection)

    def _is_foreign(self, connection: sqlite3.Connection) -> bool:
        row = connection.execute("SELECT value FROM note WHERE name = 'code'").fetchone()
        return bool(row != (self._code,))

    def _empty(self, connection: sqlite3.Connection) -> None:
        with connection:
            # The manifest stays: what lies in the output is a fact, whoever wrote it.
            for table in ("source", "shelf", "body"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
            connection.execute("UPDATE page SET key = ''")
            connection.execute("DELETE FROM note WHERE name != 'spare'")
            connection.execute("INSERT INTO note VALUES ('code', ?)", (self._code,))
