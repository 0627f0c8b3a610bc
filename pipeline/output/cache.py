"""What earlier builds found out about sources: the port `Cache`."""

from __future__ import annotations

import pickle
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.output.shelf import packed, unpacked
from pipeline.ports.building import Rendered, Stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pipeline.output.database import Database

SPARE_BODIES = 100
"""Bodies that may stay beside those in use: an editor who goes back finds them again."""

LOOSE_MOST = 400
"""Records that lie beside the shelf, since their files were read after it was filled."""

ON_A_SHELF = 2000
"""Records in one row of the shelf."""

FEW = 100
"""Records that are looked up one by one; from there on, to read all of them takes less time."""

SEPARATOR = "\n"
"""Between the URLs of a body; no URL holds one."""


class SqliteCache:
    """Records and bodies in the build's database.

    Records are pickled: the file is this program's own, below `.pipeline/`, and is emptied whenever
    the program's code changes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def stamps(self) -> Mapping[str, Stamp]:
        """The stamp that each file had when it was read."""
        rows = self._database.connection.execute(
            "SELECT path, mtime, ctime, size, inode FROM source"
        )
        return {row[0]: Stamp._make(row[1:]) for row in rows}

    def records(self, paths: Iterable[str]) -> Mapping[str, object]:
        """What was read from files."""
        wanted = frozenset(paths)
        execute = self._database.connection.execute
        if len(wanted) <= FEW:
            one = "SELECT path, record FROM source WHERE path = ?"
            rows = [row for path in wanted for row in execute(one, (path,))]
        else:
            rows = execute("SELECT path, record FROM source").fetchall()
        loads = pickle.loads
        found = {path: record for path, record in rows if path in wanted}
        # Only items lie on the shelf, so that a look at the newsroom alone does not read it.
        shelf = self._shelf if None in found.values() else {}
        return {
            path: shelf[path] if record is None else loads(record)
            for path, record in found.items()
            if record is not None or path in shelf
        }

    @cached_property
    def _shelf(self) -> dict[str, object]:
        """The records of items when they were last put together."""
        rows = self._database.connection.execute("SELECT records FROM shelf").fetchall()
        return {path: record for (row,) in rows for path, record in unpacked(row).items()}

    def remember(self, records: Iterable[tuple[str, Stamp, object]]) -> None:
        """Keep what was read from files."""
        with self._database.connection as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?)",
                ((path, *stamp, pickle.dumps(record, 5)) for path, stamp, record in records),
            )

    def forget(self, paths: Iterable[str]) -> None:
        """Drop files that are gone."""
        with self._database.connection as connection:
            connection.executemany("DELETE FROM source WHERE path = ?", ((path,) for path in paths))

    def body(self, key: str) -> Rendered | None:
        """A rendered body."""
        if not self._bodies:
            return None
        row = self._database.connection.execute(
            "SELECT html, urls, excerpt FROM body WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        html, urls, excerpt = row
        split = tuple(urls.split(SEPARATOR)) if urls else ()
        return Rendered(html=html, urls=split, excerpt=excerpt)

    @cached_property
    def _bodies(self) -> bool:
        """False where there is none: a first build need not ask for each of its texts."""
        return (
            self._database.connection.execute("SELECT 1 FROM body LIMIT 1").fetchone() is not None
        )

    def keep_bodies(self, bodies: Iterable[tuple[str, Rendered]]) -> None:
        """Keep rendered bodies."""
        self.__dict__.pop("_bodies", None)
        with self._database.connection as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO body VALUES (?, ?, ?, ?)",
                ((key, body.html, SEPARATOR.join(body.urls), body.excerpt) for key, body in bodies),
            )

    def tidy(self, keys: Collection[str]) -> None:
        """Drop bodies without a file once they are many; put new records of items on the shelf."""
        self._trim_bodies(keys)
        count = (
            "SELECT COUNT(*) FROM source "
            "WHERE record IS NOT NULL AND path > 'items/' AND path < 'items0'"
        )
        loose: int = self._database.connection.execute(count).fetchone()[0]
        if loose > LOOSE_MOST:
            self._fill_shelf()

    def _fill_shelf(self) -> None:
        """Put all records of items there, some at a time: memory holds them once already."""
        connection = self._database.connection
        items = "SELECT path FROM source WHERE path > 'items/' AND path < 'items0' ORDER BY path"
        paths = [path for (path,) in connection.execute(items)]
        parts = [paths[start : start + ON_A_SHELF] for start in range(0, len(paths), ON_A_SHELF)]
        shelves = [packed(self.records(part)) for part in parts]
        with connection:
            connection.execute("DELETE FROM shelf")
            connection.executemany("INSERT INTO shelf VALUES (?)", zip(shelves))
            connection.execute(
                "UPDATE source SET record = NULL WHERE path > 'items/' AND path < 'items0'"
            )
        self.__dict__.pop("_shelf", None)

    def _trim_bodies(self, keys: Collection[str]) -> None:
        with self._database.connection as connection:
            count: int = connection.execute("SELECT COUNT(*) FROM body").fetchone()[0]
            if count <= 2 * len(keys) + SPARE_BODIES:
                return
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY)")
            connection.execute("DELETE FROM kept")
            connection.executemany("INSERT INTO kept VALUES (?)", ((key,) for key in set(keys)))
            connection.execute("DELETE FROM body WHERE key NOT IN (SELECT key FROM kept)")

    def forget_all(self) -> None:
        """Start from nothing."""
        self._database.empty()

    def note(self, name: str) -> str:
        """A short text kept under a name; "" where there is none."""
        row = self._database.connection.execute(
            "SELECT value FROM note WHERE name = ?", (name,)
        ).fetchone()
        return row[0] if row else ""

    def keep_note(self, name: str, value: str) -> None:
        """Keep a short text."""
        with self._database.connection as connection:
            connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))
