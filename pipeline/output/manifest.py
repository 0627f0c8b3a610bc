"""What the last build left in the output: each file with its key, size and time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.output.database import Database


class Entry(NamedTuple):
    """A file as it was written: the key of its page, its size in bytes, its time in nanoseconds."""

    key: str
    size: int
    mtime: int


class Manifest:
    """The `page` table of the build's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self) -> dict[str, Entry]:
        """Every file by its path."""
        rows = self._database.connection.execute("SELECT path, key, size, mtime FROM page")
        return {path: Entry(key, size, mtime) for path, key, size, mtime in rows}

    def change(self, written: Mapping[str, Entry], removed: Iterable[str]) -> None:
        """Take over what a build did, in one step."""
        with self._database.connection as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?)",
                ((path, *entry) for path, entry in written.items()),
            )
            connection.executemany("DELETE FROM page WHERE path = ?", ((p,) for p in removed))

    def mark(self, spare: str) -> None:
        """Note the state of the spare tree: `dirty`, or `clean <inode> <time>` of the live one."""
        with self._database.connection as connection:
            connection.execute("INSERT OR REPLACE INTO note VALUES ('spare', ?)", (spare,))

    def spare(self) -> str:
        """The state of the spare tree as noted last."""
        row = self._database.connection.execute(
            "SELECT value FROM note WHERE name = 'spare'"
        ).fetchone()
        return row[0] if row else ""


def intact(root: str, entries: Mapping[str, Entry]) -> list[str]:
    """The paths below `root` that are not as they were written."""
    wrong = []
    stat = os.stat
    for path, (_, size, mtime) in entries.items():
        try:
            status = stat(f"{root}/{path}")
        except OSError:
            wrong.append(path)
            continue
        if status.st_size != size or status.st_mtime_ns != mtime:
            wrong.append(path)
    return wrong


def strangers(root: str, entries: Mapping[str, Entry], since: int) -> list[str]:
    """The files below `root` that no build made, in folders that changed at `since` or later.

    At the top, names that begin with a dot (`.git`, `.well-known`) are not looked at.
    """
    folders = {""}
    for path in entries:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    found = []
    waiting = [folder for folder in folders if _changed(f"{root}/{folder}", since)]
    while waiting:
        folder = waiting.pop()
        for entry in _listed(f"{root}/{folder}"):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if path.startswith("."):
                continue
            if not entry.is_dir(follow_symlinks=False):
                if path not in entries:
                    found.append(path)
            elif path not in folders:
                waiting.append(path)
    return found


def _changed(folder: str, since: int) -> bool:
    try:
        return os.stat(folder).st_ctime_ns >= since  # noqa: PTH116  # ten thousand times
    except OSError:
        return False


def _listed(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
