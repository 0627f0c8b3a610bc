"""A look at the database that makes nothing and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from pipeline.store.opening import database_at
from pipeline.store.schema import found_version
from pipeline.store.tables import HEAD

if TYPE_CHECKING:
    from pathlib import Path


class StoreLook(NamedTuple):
    """`version` is "" where nothing is there yet, `current` what this program wants.

    `engine` is the database's own name and version; `size` is in bytes.
    """

    engine: str
    version: str
    current: str
    size: int


def look_at_store(url: str, path: Path) -> StoreLook:
    """How the database is. Raises ConfigError and StoreError, as opening it would."""
    import sqlite3

    if not url and not path.exists():
        return StoreLook(f"SQLite {sqlite3.sqlite_version}", "", HEAD, 0)
    database = database_at(url, path)
    try:
        with database.reads() as connection:
            version = found_version(connection, database.name)
            if database.is_sqlite:
                engine, size = f"SQLite {sqlite3.sqlite_version}", path.stat().st_size
            else:
                number = connection.execute(text("SHOW server_version")).scalar_one()
                engine = f"PostgreSQL {str(number).partition(' ')[0]}"
                query = text("SELECT pg_database_size(current_database())")
                size = int(connection.execute(query).scalar_one())
    finally:
        database.close()
    return StoreLook(engine, version, HEAD, size)
