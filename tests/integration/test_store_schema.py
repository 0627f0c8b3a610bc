"""Databases of earlier, later and other programs; and that migrations lead where the tables are."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, text

from pipeline.errors import StoreError
from pipeline.store import schema
from pipeline.store.database import postgresql_database, sqlite_database
from pipeline.store.opening import Store, open_store
from pipeline.store.tables import HEAD, METADATA, SETTING, VERSION_TABLE
from tests.databases import postgresql_url
from tests.people import crowd, keep, reader
from tests.running import NOW, notice, run, token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.store.database import Database

LATER = '''
"""A version to come."""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{head}"
def upgrade() -> None:
    op.add_column("subscriber", sa.Column("nickname", sa.Text(), server_default=""))
'''


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """URL and path of an empty database, as `open_store` takes them."""
    url = postgresql_url() if request.param == "postgresql" else ""
    return url, tmp_path / "state/ledger.sqlite"


@pytest.fixture
def database(place: tuple[str, Path]) -> Iterator[Database]:
    url, path = place
    path.parent.mkdir()
    found = postgresql_database(url) if url else sqlite_database(path)
    yield found
    found.close()


def described(database: Database) -> list[str]:
    """Every table, column, index and rule, as the database itself tells them."""
    if database.is_sqlite:
        query = "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master"
    else:
        query = (
            "SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, "
            "is_nullable, column_default) FROM information_schema.columns "
            "WHERE table_schema = current_schema() "
            "UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() "
            "UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, "
            "pg_get_constraintdef(oid)) FROM pg_constraint "
            "WHERE connamespace = current_schema()::regnamespace "
            "UNION ALL SELECT concat_ws(' ', relname, relkind, relpersistence) FROM pg_class "
            "WHERE relnamespace = current_schema()::regnamespace"
        )
    with database.reads() as connection:
        return sorted(" ".join(str(row[0]).split()) for row in connection.execute(text(query)))


def told(rows: list[str]) -> list[str]:
    """Without the parts that a schema's name, or the order of writing, decides."""
    plain = (re.sub(r"\bnews_\d+_\d+\.", "", row) for row in rows)
    return sorted(re.sub(r"[\s(),\"]+", " ", row) for row in plain)


def columns_apart(rows: list[str]) -> list[list[str]]:
    """A CREATE TABLE's parts in any order: a column's rule stands with it, or at the end."""
    return [sorted(row.split()) for row in rows]


def migrated(database: Database) -> None:
    with database.writes() as connection:
        schema.migrate(connection, HEAD)


def test_migrations_lead_where_the_tables_are(database: Database) -> None:
    migrated(database)
    with database.writes() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                # SQLite's '' is not taken for ''; the next test compares these too.
                "compare_server_default": not database.is_sqlite,
            },
        )
        assert compare_metadata(context, METADATA) == []


def test_both_ways_make_the_same(place: tuple[str, Path], tmp_path: Path) -> None:
    """Also what Alembic does not compare: partial indexes, rules, unlogged and row-less tables."""
    url, path = place
    path.parent.mkdir()
    by_tables = postgresql_database(url) if url else sqlite_database(path)
    other = tmp_path / "other.sqlite"
    by_migrations = postgresql_database(postgresql_url()) if url else sqlite_database(other)
    schema.prepare(by_tables, print)
    migrated(by_migrations)
    first, second = described(by_tables), described(by_migrations)
    assert len(first) > 20
    assert columns_apart(told(first)) == columns_apart(told(second))
    by_tables.close()
    by_migrations.close()


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == HEAD
    assert {script.revision for script in scripts.walk_revisions()} == schema.versions()


def test_what_is_made_is_of_this_version(place: tuple[str, Path]) -> None:
    heard: list[str] = []
    for _ in range(2):
        with open_store(*place, notice=heard.append) as store:
            with store.database.reads() as connection:
                query = text(f"SELECT version_num FROM {VERSION_TABLE}")
                assert connection.execute(query).scalars().all() == [HEAD]
            crowd(store, 1) if not store.subscribers.counts() else None
            assert sum(store.subscribers.counts().values()) == 1
    assert heard == []


def test_a_new_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    path = tmp_path / "a/b/ledger.sqlite"
    with open_store("", path) as store:
        crowd(store, 1)
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file.name


def test_a_newer_database_is_refused(place: tuple[str, Path]) -> None:
    with open_store(*place) as store, store.database.writes() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0099'"))
    with (
        pytest.raises(StoreError, match="version 0099, newer than this program"),
        open_store(*place),
    ):
        pass


def test_another_programs_tables_are_left_alone(place: tuple[str, Path]) -> None:
    with open_store(*place) as store, store.database.writes() as connection:
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    with pytest.raises(StoreError, match="another program"), open_store(*place):
        pass


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is one version further."""
    folder = tmp_path / "100% migrations"
    (folder / "versions").mkdir(parents=True)
    for path in (schema.MIGRATIONS / "env.py", *(schema.MIGRATIONS / "versions").glob("0*.py")):
        target = folder / path.relative_to(schema.MIGRATIONS)
        target.write_text(path.read_text("utf-8"), "utf-8")
    (folder / "versions/9999_to_come.py").write_text(LATER.format(head=HEAD), "utf-8")
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    monkeypatch.setattr(schema, "HEAD", "9999")


def test_an_older_database_is_migrated_and_said_so(
    place: tuple[str, Path], request: pytest.FixtureRequest
) -> None:
    with open_store(*place) as store:
        crowd(store, 3)
    request.getfixturevalue("newer")
    heard: list[str] = []
    with open_store(*place, notice=heard.append) as store:
        assert sum(store.subscribers.counts().values()) == 3
        with store.database.reads() as connection:
            connection.execute(text("SELECT nickname FROM subscriber"))
    assert len(heard) == 1
    assert f"was of version {HEAD}, and is of 9999 now" in heard[0]
    copy = place[1].with_name(f"ledger-{HEAD}.sqlite")
    if place[0]:
        assert not copy.exists()
        return
    assert str(copy) in heard[0]
    with closing(sqlite3.connect(copy)) as connection_:
        assert connection_.execute("SELECT count(*) FROM subscriber").fetchone() == (3,)
        assert connection_.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_first_versions_people_are_kept(database: Database) -> None:
    with database.writes() as connection:
        schema.migrate(connection, "0001")
        connection.execute(insert(SETTING), {"name": "salt", "value": "00" * 32})
        connection.execute(
            text(
                "INSERT INTO subscriber (address, hash, state, since) "
                "VALUES ('ann@example.org', :hash, 'active', 1500000000)"
            ),
            {"hash": bytes(32)},
        )
    heard: list[str] = []
    schema.prepare(database, heard.append)
    store = Store(database)
    (ann,) = store.subscribers.each()
    assert (ann.address, ann.state, ann.quiet_until) == ("ann@example.org", "active", None)
    assert store.runs.add(run("a"))[1]
    assert store.notices.add(notice(), since=NOW, most=1)
    assert store.tokens.add(token("desk")).id
    store.close()
    assert "was of version 0001" in heard[0]


def test_a_migration_that_fails_changes_nothing(
    place: tuple[str, Path], request: pytest.FixtureRequest
) -> None:
    with open_store(*place) as store:
        crowd(store, 3)
    request.getfixturevalue("newer")
    broken = schema.MIGRATIONS / "versions/9999_to_come.py"
    broken.write_text(broken.read_text("utf-8") + "    raise ZeroDivisionError\n", "utf-8")
    with pytest.raises(ZeroDivisionError), open_store(*place):
        pass
    request.getfixturevalue("monkeypatch").undo()
    with open_store(*place) as store:
        assert sum(store.subscribers.counts().values()) == 3


def test_many_can_open_a_new_database_at_once(place: tuple[str, Path]) -> None:
    def salt(_: int) -> bytes:
        with open_store(*place) as store:
            return store.subscribers.salt

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(salt, range(6)))) == 1


def test_alembic_is_not_loaded_for_a_database_of_this_version(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from pipeline.store.opening import open_store\n"
        "for _ in range(2):\n"
        f"    with open_store('', Path({str(tmp_path / 'a.sqlite')!r})): pass\n"
        "print([name for name in ('alembic', 'psycopg') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_second_store_in_a_process_takes_no_lock_from_the_first(tmp_path: Path) -> None:
    """Else another process takes itself for the last one, and deletes the log under the first."""
    path = tmp_path / "ledger.sqlite"
    count = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
    count += "print(c.execute('SELECT count(*) FROM subscriber').fetchone()[0]); c.close()"

    def seen_from_outside() -> int:
        done = subprocess.run(
            [sys.executable, "-c", count, str(path)], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    with open_store("", path) as first:
        keep(first, reader("ana"))
        with open_store("", path):
            pass
        assert seen_from_outside() == 1
        keep(first, reader("ben"))
        assert seen_from_outside() == 2
