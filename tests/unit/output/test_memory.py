"""Cache and manifest over a database in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.output.cache import SqliteCache
from pipeline.output.database import Database
from pipeline.output.manifest import Entry, Manifest
from pipeline.ports import Rendered, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

STAMP = Stamp(1, 2, 3, 4)
BODY = Rendered(html="<p>x</p>", urls=("a.md", "b.png"), excerpt="x")
EMPTY = Rendered(html="", urls=(), excerpt="")
SHORT = Rendered(html="ü", urls=("x",), excerpt="")


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


@pytest.mark.parametrize("body", [BODY, EMPTY, SHORT])
def test_bodies_come_back_equal(database: Database, body: Rendered) -> None:
    cache = SqliteCache(database)
    assert cache.body("key") is None
    cache.keep_bodies([("key", body), ("other", BODY)])
    assert cache.body("key") == body
    cache.trim_bodies(["key", "not there"])
    assert cache.body("other") == BODY, "a few may stay"
    cache.keep_bodies([(str(number), BODY) for number in range(200)])
    cache.trim_bodies(["key", "not there"])
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
