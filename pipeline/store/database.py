"""Connections and transactions, on SQLite and PostgreSQL.

SQLite: write-ahead log, foreign keys on, and every commit synced to the disk but those that ask
not to be. A transaction that writes takes the lock when it begins (`BEGIN IMMEDIATE`): one that
finds out in its middle that another was first could only begin anew.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from pipeline.errors import ConfigError, StoreError
from pipeline.store.trouble import BACK, is_lost, trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

WAIT = 30.0
"""Seconds that a transaction waits for another's lock."""

SCRUB_WAIT = 1.0
"""Seconds that emptying the log waits for who reads it."""

EXPECTED = "expected postgresql://user:password@host/name"

RELAXED = "SET LOCAL synchronous_commit = off"

LOST = f"was lost, and this process does nothing more with it: {BACK}"

_WRITES = "enews_writes"

_POSTGRESQL_SESSION = (
    f"SET lock_timeout = {int(WAIT * 1000)}",
    "SET synchronous_commit = on",
    # A worker whose machine is gone is found dead within a minute, not within two hours.
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)


class Database:
    """A database: `name` is what messages call it, without a password; `path` SQLite's file.

    `errors` are what its driver raises.
    """

    def __init__(self, engine: Engine, name: str, path: Path | None = None) -> None:
        self.engine = engine
        self.name = name
        self.path = path
        self.errors: tuple[type[Exception], ...] = (DBAPIError, sqlite3.Error)
        if path is None:
            import psycopg

            self.errors = (DBAPIError, psycopg.Error)

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite, False for PostgreSQL."""
        return self.path is not None

    @contextmanager
    def wrapped(self) -> Iterator[None]:
        """Raise a driver's error as StoreError."""
        try:
            yield
        except self.errors as error:
            raise trouble(error, self.name, self.path) from error

    @contextmanager
    def reads(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self.wrapped(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writes(self) -> Iterator[Connection]:
        """A transaction that is kept whole, and durable, when the block ends; else not at all."""
        with self.wrapped(), self.engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def scrub(self) -> bool:
        """Empty the log, in which deleted rows still stand; PostgreSQL's own is for its keeper.

        False while somebody reads: it stays as it is until this is asked for again.
        """
        if not self.is_sqlite:
            return True
        with self.wrapped():
            raw = self.engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute(f"PRAGMA busy_timeout = {int(SCRUB_WAIT * 1000)}")
                ((busy, _, _),) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.execute(f"PRAGMA busy_timeout = {int(WAIT * 1000)}")
            finally:
                raw.close()
        return not busy

    def close(self) -> None:
        """Close every connection that no block uses."""
        self.engine.dispose()


class Session:
    """One connection that is opened when first needed, and never again.

    A worker lives as long as its connection: with a new one it would be somebody else. When it is
    lost, everything raises StoreError, in the words of the first.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: Connection | None = None
        self._lost = False
        self._why = f"{database.name} {LOST}"
        self._relaxed = False

    @property
    def is_lost(self) -> bool:
        """True where everything raises from now on."""
        return self._lost

    @contextmanager
    def reads(self) -> Iterator[Connection]:
        """As `Database.reads`, over this connection."""
        with self.wrapped():
            connection = self._ready()
            connection.execution_options(**{_WRITES: False})
            with connection.begin():
                yield connection

    @contextmanager
    def writes(self) -> Iterator[Connection]:
        """As `Database.writes`, over this connection."""
        with self.wrapped():
            connection = self._ready()
            self._relax(self.raw(), relaxed=False)
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def driven(self, *, relaxed: bool) -> Iterator[Any]:
        """The driver's own connection, in a transaction; a relaxed one a power cut may lose.

        The end of this process does not, nor does anything once a later transaction that is not
        relaxed is kept: its sync covers all of the log before it. PostgreSQL has to be told so by
        `RELAXED`, which goes with the first statement to save it a journey.

        Each mail pays for what is here, so that nothing is asked of SQLAlchemy.
        """
        if self._lost:
            raise StoreError(self._why)
        try:
            raw = self.raw()
            if self.database.is_sqlite:
                self._relax(raw, relaxed=relaxed)
                raw.execute("BEGIN IMMEDIATE")
            try:
                yield raw
                raw.commit()
            except BaseException:
                raw.rollback()
                raise
        except self.database.errors as error:
            raise self._told(error) from error

    @contextmanager
    def wrapped(self) -> Iterator[None]:
        """Raise a driver's error as StoreError, and remember a lost connection."""
        if self._lost:
            raise StoreError(self._why)
        try:
            yield
        except self.database.errors as error:
            raise self._told(error) from error

    def raw(self) -> Any:  # sqlite3's or psycopg's connection
        """The driver's own connection."""
        return self._ready().connection.driver_connection

    def close(self) -> None:
        """Close it for good."""
        if self._connection is not None:
            with self.database.wrapped():
                if self._lost:
                    self._connection.invalidate()  # or SQLAlchemy would try to roll back
                self._connection.close()
        self._connection, self._lost = None, True

    def _told(self, error: Exception) -> StoreError:
        """A driver's error in our words; of a lost connection everything tells from now on."""
        told = trouble(error, self.database.name, self.database.path)
        if not self.database.is_sqlite and is_lost(error):
            self._lost, self._why = True, str(told)
        return told

    def _relax(self, raw: Any, *, relaxed: bool) -> None:
        """Whether SQLite's next commit is not synced; PostgreSQL is told in each transaction."""
        if relaxed is not self._relaxed:
            raw.execute(f"PRAGMA synchronous = {'NORMAL' if relaxed else 'FULL'}")
            self._relaxed = relaxed

    def _ready(self) -> Connection:
        if self._connection is None:
            self._connection = self.database.engine.connect()
        if self._connection.invalidated:  # SQLAlchemy would connect anew
            self._lost = True
            raise StoreError(self._why)
        return self._connection


def sqlite_database(path: Path) -> Database:
    """The database in a file, which need not be there yet."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": WAIT, "isolation_level": None},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA secure_delete = ON")  # who is erased is not left in free pages
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: each costs two syncs
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return Database(engine, str(path), path)


def postgresql_database(url: str) -> Database:
    """The database at a URL. Raises ConfigError, which never tells the password."""
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        # Not chained: the message holds the whole URL.
        raise ConfigError(f"ENEWS_DATABASE_URL is no URL: {EXPECTED}") from None
    if not parsed.database:
        raise ConfigError(f"ENEWS_DATABASE_URL names no database: {EXPECTED}")
    try:
        engine = create_engine(
            parsed,
            connect_args={"connect_timeout": 10, "application_name": "enews"},
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=2,
        )
    except ImportError as error:
        advice = "pip install 'enewsupdate[postgresql]'"
        raise ConfigError(f"the driver of PostgreSQL is not installed: {advice}") from error

    # What it warns of, a lost connection, is raised too, in our words.
    logging.getLogger("psycopg").setLevel(logging.ERROR)

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for setting in _POSTGRESQL_SESSION:
            cursor.execute(setting)
        cursor.close()
        connection.commit()

    where = f"{parsed.host or 'localhost'}/{parsed.database}"
    return Database(engine, f"the PostgreSQL database {where}")
