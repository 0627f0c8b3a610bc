"""The store of a newsroom: `open_store`, which `app` calls."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError
from pipeline.store.access_tokens import DatabaseTokens
from pipeline.store.database import EXPECTED, Session, postgresql_database, sqlite_database
from pipeline.store.ledger import DatabaseLedger
from pipeline.store.notices import DatabaseNotices
from pipeline.store.runs import DatabaseRuns
from pipeline.store.schema import prepare
from pipeline.store.subscribers import DatabaseSubscribers
from pipeline.store.workers import FileWorkers, SessionWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.store.database import Database
    from pipeline.store.workers import Workers

SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")


class Store:
    """All that is kept, in one database; for several threads, but for the ledger's claims."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.subscribers = DatabaseSubscribers(database)
        self.ledger = DatabaseLedger(Session(database), self._workers("workers"))
        self.runs = DatabaseRuns(database, self._workers("runs"))
        self.notices = DatabaseNotices(database, self.subscribers)
        self.tokens = DatabaseTokens(database)

    def _workers(self, of: str) -> Workers:
        if self.database.path is not None:
            return FileWorkers(self.database.path, of)
        # Whoever shares the database, in another schema, has another salt.
        more = b"" if of == "workers" else of.encode()
        space = hashlib.sha256(self.subscribers.salt + more).digest()[:4]
        return SessionWorkers(int.from_bytes(space) & 0x7FFFFFFF)

    def close(self) -> None:
        """End as a worker, and close every connection."""
        self.runs.close()
        self.ledger.close()
        self.database.close()


@contextmanager
def open_store(
    url: str, path: Path, *, notice: Callable[[str], None] = lambda _: None
) -> Iterator[Store]:
    """The store at `url`, or in the SQLite file at `path` where that is "".

    It is made where there is none, and brought to this program's version where it is older, of
    which `notice` hears. Raises ConfigError for what is no URL of PostgreSQL, StoreError for a
    database that cannot be used.
    """
    database = database_at(url, path)
    try:
        prepare(database, notice)
        store = Store(database)
    except BaseException:
        database.close()
        raise
    try:
        yield store
    finally:
        store.close()


def database_at(url: str, path: Path) -> Database:
    """The one at `url`, or in the file at `path`, as it is. Raises ConfigError."""
    if not url:
        return sqlite_database(path)
    if not url.startswith(SCHEMES):
        raise ConfigError(f"ENEWS_DATABASE_URL is of no kind that is known: {EXPECTED}")
    return postgresql_database("postgresql://" + url.partition("://")[2])
