"""Cache and manifest over a database in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from pipeline.core.item import Item, Picture
from pipeline.output.cache import LOOSE_MOST, SqliteCache
from pipeline.output.database import Database
from pipeline.output.manifest import Entry, Manifest
from pipeline.ports.building import Prepared, Rendered, Stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

STAMP = Stamp(1, 2, 3, 4)
BODY = Rendered(html="<p>x</p>", urls=("a.md", "b.png"), excerpt="x")
EMPTY = Rendered(html="", urls=(), excerpt="")
SHORT = Rendered(html="ü", urls=("x",), excerpt="")


def _item(number: int) -> Item:
    return Item(
        id=f"i{number}",
        title="T",
        date=datetime(2017, 6, 1, number % 24, tzinfo=ZoneInfo("Europe/Zurich")),
        kind="news",
        path=f"items/2017/{number}/",
        source=f"items/{number}.md",
        digest="d",
        lang="en",
        themes=("a", "b")[: number % 3],
        image=Picture(src="media/a.png", alt="A") if number % 2 else None,
    )


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database(Path(":memory:"), "code")
    yield database
    database.close()


def test_records_come_back_equal(database: Database) -> None:
    cache = SqliteCache(database)
    cache.remember([("a", STAMP, BODY), ("b", STAMP, None)])
    assert cache.stamps() == {"a": STAMP, "b": STAMP}
    assert cache.records(["a", "c"]) == {"a": BODY}
    assert cache.records([]) == {}
    cache.remember([("a", Stamp(9, 9, 9, 9), "other")])
    assert cache.records(["a"]) == {"a": "other"}
    cache.forget(["a", "not there"])
    assert cache.stamps() == {"b": STAMP}


def test_records_of_items_come_back_from_the_shelf_as_they_were(database: Database) -> None:
    cache = SqliteCache(database)
    prepared = {
        f"items/{number}.md": Prepared(
            record=_item(number),
            body_key=f"k{number}",
            urls=("x.md",) * (number % 2),
        )
        for number in range(LOOSE_MOST + 1)
    }
    cache.remember((path, STAMP, record) for path, record in prepared.items())
    cache.remember([("media/a.png", STAMP, BODY)])
    cache.tidy([])
    for again in (cache, SqliteCache(database)):
        assert again.records([*prepared, "media/a.png"]) == {**prepared, "media/a.png": BODY}
        assert again.records(["items/7.md"]) == {"items/7.md": prepared["items/7.md"]}
    changed = replace(prepared["items/7.md"], body_key="new")
    cache.remember([("items/7.md", STAMP, changed)])
    cache.forget(["items/8.md"])
    kept = {**prepared, "items/7.md": changed}
    del kept["items/8.md"]
    assert cache.records(prepared) == kept
    assert len(cache.stamps()) == len(prepared)
    cache.forget_all()
    assert cache.records(prepared) == {}


@pytest.mark.parametrize("body", [BODY, EMPTY, SHORT])
def test_bodies_come_back_equal(database: Database, body: Rendered) -> None:
    cache = SqliteCache(database)
    assert cache.body("key") is None
    cache.keep_bodies([("key", body), ("other", BODY)])
    assert cache.body("key") == body
    cache.tidy(["key", "not there"])
    assert cache.body("other") == BODY, "a few may stay"
    cache.keep_bodies([(str(number), BODY) for number in range(200)])
    cache.tidy(["key", "not there"])
    assert cache.body("key") == body
    assert cache.body("other") is None


def test_notes_come_back(database: Database) -> None:
    cache = SqliteCache(database)
    assert cache.note("x") == ""
    cache.keep_note("x", "1")
    cache.keep_note("x", "2")
    assert cache.note("x") == "2"


def test_the_manifest_takes_what_was_written_and_removed(database: Database) -> None:
    manifest = Manifest(database)
    manifest.change({"a": Entry("k", 1, 2), "b": Entry("l", 3, 4)}, [])
    manifest.change({"a": Entry("m", 5, 6)}, ["b", "not there"])
    assert manifest.entries() == {"a": Entry("m", 5, 6)}
    assert manifest.spare() == ""
    manifest.mark("dirty")
    assert manifest.spare() == "dirty"


def test_starting_over_forgets_all_but_what_lies_in_the_output(database: Database) -> None:
    cache, manifest = SqliteCache(database), Manifest(database)
    cache.remember([("a", STAMP, BODY)])
    cache.keep_bodies([("key", BODY)])
    cache.keep_note("x", "1")
    manifest.change({"a": Entry("k", 1, 2)}, [])
    manifest.mark("clean 1 2")
    cache.forget_all()
    assert (cache.stamps(), cache.body("key"), cache.note("x")) == ({}, None, "")
    assert manifest.entries() == {"a": Entry("", 1, 2)}
    assert manifest.spare() == "clean 1 2"


def test_a_cache_is_emptied_once_where_two_open_it_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one saw that other code wrote it, and comes to it when the first is done."""
    path = tmp_path / "build.sqlite"
    Database(path, "old code").connection.close()
    late, first = Database(path, "code"), Database(path, "code")
    saw = Database._is_foreign
    seen: list[bool] = []

    def looked(self: Database, connection: sqlite3.Connection) -> bool:
        seen.append(saw(self, connection))
        if len(seen) == 1:
            SqliteCache(first).keep_bodies([("key", BODY)])
            first.close()
        return seen[0] if len(seen) == 1 else saw(self, connection)

    monkeypatch.setattr(Database, "_is_foreign", looked)
    assert SqliteCache(late).body("key") == BODY
    late.close()
