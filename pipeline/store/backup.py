"""A copy of the ledger a day, made while others write; the newest few stay.

::

    ledger.sqlite ─▶ ledger-<day>.sqlite.part ─▶ looked through ─▶ ledger-<day>.sqlite

What has its final name is whole and on the disk, whenever this process ends. A copy holds people's
addresses, also of those who are erased later, until it is too old and goes.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
from contextlib import closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING

from pipeline.errors import StoreError
from pipeline.store.database import WAIT
from pipeline.store.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.store.database import Database

POSTGRESQL = "PostgreSQL is copied by its own means: 'pg_dump', or its keeper's"

_NAME = re.compile(r"ledger-(\d{4}-\d\d-\d\d)\.sqlite")


def backup(database: Database, folder: Path, kept: int, day: date) -> Path | None:
    """Copy a SQLite database into `folder`, in place of an earlier copy of that day.

    Then the oldest go, so that `kept` stay, this one among them. None for PostgreSQL: see
    `POSTGRESQL`. Raises StoreError; then there are the copies that there were.
    """
    if database.path is None:
        return None
    target = folder / f"ledger-{day:%Y-%m-%d}.sqlite"
    try:
        with _alone(folder):
            _sweep(folder)
            part = target.with_name(f"{target.name}.part")
            try:
                _copy(database.path, part)
                part.rename(target)
            finally:
                _sweep(folder)
            _sync(folder)
            for old in _superfluous(folder, kept, target):
                old.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"the copy of {database.path} could not be written: {error.filename or folder}: "
            f"{error.strerror}; look at the folder's owner, and at the disk"
        ) from error
    return target


def backups(folder: Path) -> dict[date, Path]:
    """The copies that there are, by their day, oldest first. Raises OSError but for no folder."""
    found: dict[date, Path] = {}
    if not folder.is_dir():
        return found
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        try:
            if match:
                found[date.fromisoformat(match[1])] = path
        except ValueError:
            continue  # 2026-02-31: not ours
    return found


def _copy(source: Path, target: Path) -> None:
    """Raises StoreError where the one is damaged, or the other cannot be written."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    name = f"the copy of {source} in {target.parent}"
    try:
        # Not made where it is gone: an empty copy would take the place of a good one.
        there = f"{source.absolute().as_uri()}?mode=rw"
        with (
            closing(sqlite3.connect(there, uri=True, timeout=WAIT)) as old,
            closing(sqlite3.connect(target, isolation_level=None)) as new,
        ):
            new.execute("PRAGMA synchronous = OFF")  # synced below, once
            old.backup(new)
        with closing(sqlite3.connect(target)) as new:
            said = str(new.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        raise trouble(error, name) from error
    if said != "ok":
        raise StoreError(f"{source} is damaged: {said}. Restore the newest good copy of it")
    _sync(target)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time copies into a folder, which only its owner may read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _sweep(folder: Path) -> None:
    """Remove what a copy that was not finished left, SQLite's own files for it too."""
    for path in folder.glob("ledger-*.sqlite.part*"):
        path.unlink(missing_ok=True)


def _superfluous(folder: Path, kept: int, newest: Path) -> list[Path]:
    """All but the newest `kept`; where the clock stepped back, the new one stays all the same."""
    others = [path for path in backups(folder).values() if path != newest]
    return others[: max(len(others) - max(kept, 1) + 1, 0)]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
