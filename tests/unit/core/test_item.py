"""Items: who sees them when, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.item import Item, newest_first

NOON = datetime(2017, 7, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ITEM = Item(
    id="a",
    title="A",
    date=NOON,
    kind="news",
    path="items/2017/a/",
    source="items/2017-07-10-a.md",
    digest="",
    lang="en",
)


@pytest.mark.parametrize(
    ("item", "now", "public"),
    [
        (ITEM, NOON, True),
        (ITEM, NOON - SECOND, False),
        (replace(ITEM, draft=True), NOON, False),
        (replace(ITEM, expires=NOON + SECOND), NOON, True),
        (replace(ITEM, expires=NOON), NOON, False),
        (replace(ITEM, expires=NOON - SECOND), NOON, False),
    ],
)
def test_from_its_date_on_until_it_expires(item: Item, now: datetime, public: bool) -> None:
    assert item.is_public(now) is public


def test_an_update_before_the_date_is_none() -> None:
    assert ITEM.modified == NOON
    assert replace(ITEM, updated=NOON + SECOND).modified == NOON + SECOND
    assert replace(ITEM, updated=NOON - SECOND).modified == NOON


def test_newest_first_and_by_id_where_dates_are_equal() -> None:
    later = replace(ITEM, id="z", date=NOON + SECOND)
    same = replace(ITEM, id="b")
    elsewhere = replace(ITEM, id="aa", date=NOON.astimezone())
    items = [same, elsewhere, ITEM, later]
    assert [item.id for item in sorted(items, key=newest_first)] == ["z", "a", "aa", "b"]
