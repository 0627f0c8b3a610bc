"""Opening a database: made where there is none, brought to this program's version, or refused.

::

    nothing there ─────▶ made from the tables, at HEAD
    at HEAD ───────────▶ used
    older ─────────────▶ migrated by Alembic; of a SQLite file a copy is kept beside it
    newer, or unknown ─▶ StoreError
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
)

from pipeline.errors import StoreError
from pipeline.store.tables import HEAD, METADATA, SETTING, VERSION_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Connection

    from pipeline.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"

LOCK = 0x656E657773
"""The advisory lock under which a PostgreSQL database is made or migrated: "enews"."""

_VERSION = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)
"""As Alembic makes it, with one row."""


def prepare(database: Database, notice: Callable[[str], None]) -> None:
    """Make sure that the database is of this program's version; `notice` hears of a migration.

    Safe in several processes at once. Raises StoreError where it cannot be.
    """
    if database.path is not None:
        _make_file(database.path)
    with database.reads() as connection:
        if found_version(connection, database.name) == HEAD:
            return
    with _alone(database), database.writes() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        # Another process may have done it by now.
        found = found_version(connection, database.name)
        if not found:
            _make(connection)
        elif found != HEAD:
            copy = "" if database.path is None else _copy(database.path, found)
            migrate(connection, HEAD)
            kept = f"; as it was: {copy}" if copy else ""
            notice(f"{database.name} was of version {found}, and is of {HEAD} now{kept}")


def _make_file(path: Path) -> None:
    """An empty file that nobody else may read: it will hold people's addresses.

    One that is there is not opened. To close a file frees every lock that this process has on it
    (POSIX fcntl): SQLite's, too, in whatever thread, and another process that takes itself for the
    last one then deletes the log that is being written (sqlite.org/howtocorrupt.html §2.2).
    """
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            os.link(draft, path)  # unlike rename, never in the place of another's
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}") from error


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """No other process makes or migrates a SQLite file now; it is in WAL mode from here on."""
    if database.path is None:
        yield
        return
    path = database.path.with_name(f"{database.path.name}.lock")
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with database.wrapped(), database.engine.connect() as connection:
            # Not in a transaction, which the mode cannot change in.
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA journal_mode = WAL")
        yield
    finally:
        os.close(lock)


def found_version(connection: Connection, name: str) -> str:
    """The version that the database is of, "" where it is empty.

    Raises StoreError for one that this program does not know, and for another program's.
    """
    inspector = inspect(connection)
    if not inspector.has_table(VERSION_TABLE):
        others = sorted(METADATA.tables.keys() & set(inspector.get_table_names()))
        if others:
            raise StoreError(
                f"{name} holds tables of another program ({', '.join(others)}): give the newsroom "
                "a database, or a schema, of its own"
            )
        return ""
    found = str(connection.execute(select(_VERSION.c.version_num)).scalar() or "")
    if found not in versions():
        raise StoreError(
            f"{name} is of version {found or 'unknown'}, newer than this program, which is of "
            f"{HEAD}: update enews, or restore the copy from before"
        )
    return found


def versions() -> frozenset[str]:
    """Every version that this program knows."""
    scripts = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return frozenset(path.name.partition("_")[0] for path in scripts)


def _make(connection: Connection) -> None:
    """Everything at HEAD."""
    METADATA.create_all(connection)
    _VERSION.create(connection)
    connection.execute(insert(_VERSION), {"version_num": HEAD})
    connection.execute(insert(SETTING), {"name": "salt", "value": secrets.token_hex(32)})


def migrate(connection: Connection, version: str) -> None:
    """Bring the database to a version, in the connection's transaction."""
    # Both take a third of a second, and are seldom needed.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _copy(path: Path, version: str) -> Path:
    """Copy the database beside itself before it is migrated."""
    names = (f"-{number}" if number > 1 else "" for number in count(1))
    places = (path.with_name(f"{path.stem}-{version}{name}{path.suffix}") for name in names)
    target = next(place for place in places if not place.exists())
    part = target.with_name(f"{target.name}.part")  # of a migration that was killed, perhaps
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
        part.rename(target)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    return target
