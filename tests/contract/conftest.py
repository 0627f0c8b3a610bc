"""The kinds of stores that keep one contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.databases import DatabaseStores, MemoryStores, postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.databases import AnyStore, Stores


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    made: Stores
    if request.param == "memory":
        made = MemoryStores()
    else:
        url = postgresql_url() if request.param == "postgresql" else ""
        made = DatabaseStores(tmp_path / "news.sqlite", url)
    yield made
    made.close()


@pytest.fixture
def store(stores: Stores) -> AnyStore:
    return stores.open()
