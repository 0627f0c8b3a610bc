"""The kinds of stores that keep one contract."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.store.opening import open_store
from tests.databases import DatabaseStores, MemoryStores, postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.databases import AnyStore, Stores


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new SQLite file with all its tables, closed; to make one takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "news.sqlite"
    with open_store("", path):
        pass
    return path


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path, empty: Path) -> Iterator[Stores]:
    made: Stores
    if request.param == "memory":
        made = MemoryStores()
    else:
        url = postgresql_url() if request.param == "postgresql" else ""
        made = DatabaseStores(tmp_path / "news.sqlite", url)
        if not url:
            shutil.copy(empty, made.path)
    yield made
    made.close()


@pytest.fixture
def store(stores: Stores) -> AnyStore:
    return stores.open()
