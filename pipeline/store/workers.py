"""Who is at work: alive as long as the system, or the server, says so, without a heartbeat.

A worker that is slow, stopped in a debugger or starved of time is still alive, and nobody takes
what it claimed; one that ended, however it ended, is dead at once.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text

from pipeline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
SYSCTL = Path("/usr/sbin/sysctl")


class Workers(Protocol):
    """What a kind of database knows of the processes that use it."""

    def hold(self, connection: Connection, worker: int) -> None:
        """Be alive as `worker` until `release`, or the end of this process or its connection."""
        ...

    def release(self, connection: Connection, worker: int) -> None:
        """Be alive no more."""
        ...

    def alive(self, connection: Connection, workers: Sequence[int]) -> frozenset[int]:
        """Those of them that are alive."""
        ...

    def boot(self, connection: Connection) -> str:
        """The same as long as nothing that was committed can have been lost; "" for unknown."""
        ...


def this_boot() -> str:
    """The system's own name for the time that it runs, on Linux and macOS; "" elsewhere."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        pass
    try:
        command = [str(SYSCTL), "-n", "kern.bootsessionuuid"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # fixed words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


class FileWorkers:
    """For SQLite: a locked file a worker in a folder beside the database.

    The system frees a lock with the process. Numbers of workers are never given again, so a file
    without a lock is a dead one's for good; `runs`, whose numbers are, ask in a transaction that
    writes, of which there is one at a time. `of` names the folder.
    """

    def __init__(self, database: Path, of: str = "workers") -> None:
        self._folder = database.with_name(f"{database.name}.{of}")
        self._held: dict[int, int] = {}

    def hold(self, connection: Connection, worker: int) -> None:  # noqa: ARG002  # the other kind needs it
        """Lock the worker's file. Raises StoreError."""
        path = self._folder / str(worker)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"{path} cannot be made: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise StoreError(f"{path} cannot be locked: {error.strerror}") from error
        self._held[worker] = descriptor

    def release(self, connection: Connection, worker: int) -> None:  # noqa: ARG002  # the other kind needs it
        """Unlock the worker's file and delete it."""
        descriptor = self._held.pop(worker, None)
        if descriptor is not None:
            (self._folder / str(worker)).unlink(missing_ok=True)
            os.close(descriptor)

    def alive(self, connection: Connection, workers: Sequence[int]) -> frozenset[int]:  # noqa: ARG002  # the other kind needs it
        """Those whose files are locked; files of the others are deleted."""
        return frozenset(worker for worker in workers if self._is_alive(worker))

    def _is_alive(self, worker: int) -> bool:
        if worker in self._held:
            return True
        path = self._folder / str(worker)
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
        return False

    def boot(self, connection: Connection) -> str:  # noqa: ARG002  # the other kind needs it
        """Since when the machine runs."""
        return this_boot()


class SessionWorkers:
    """For PostgreSQL: an advisory lock a worker, held by its one connection.

    The server frees it when the connection ends. `space` tells newsrooms that share a database, in
    schemas of their own, from each other.
    """

    def __init__(self, space: int) -> None:
        self._space = space

    def hold(self, connection: Connection, worker: int) -> None:
        """Take the worker's lock. Raises StoreError."""
        query = text("SELECT pg_try_advisory_lock(:space, :worker)")
        if not connection.execute(query, self._key(worker)).scalar():
            raise StoreError(f"worker {worker} is another process: enter again")

    def release(self, connection: Connection, worker: int) -> None:
        """Free the worker's lock."""
        connection.execute(text("SELECT pg_advisory_unlock(:space, :worker)"), self._key(worker))

    def alive(self, connection: Connection, workers: Sequence[int]) -> frozenset[int]:
        """Those whose locks are held."""
        query = text(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 "
            "AND granted AND classid::bigint = :space AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        held = connection.execute(query, {"space": self._space}).scalars()
        return frozenset(held) & frozenset(workers)

    def boot(self, connection: Connection) -> str:
        """Since when the server lost nothing: its start, and a token in an unlogged table.

        Commits that were not waited for are lost when any of the server's processes crashes, too,
        after which the server goes on without a new start; but it empties unlogged tables then.
        """
        connection.execute(
            text(
                "INSERT INTO boot (id, token) VALUES (1, gen_random_uuid()::text) "
                "ON CONFLICT (id) DO NOTHING"
            )
        )
        query = text("SELECT pg_postmaster_start_time()::text || ' ' || token FROM boot")
        return str(connection.execute(query).scalar_one())

    def _key(self, worker: int) -> dict[str, int]:
        return {"space": self._space, "worker": worker}
