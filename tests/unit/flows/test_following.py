"""Which changes are followed outwards, and which make every page be looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.flows.following import reworded
from pipeline.flows.reading import Reading
from tests.archive_site import NEWSROOM, make

if TYPE_CHECKING:
    from pipeline.core.item import Item

ITEM = make("a", "2017-06-01", themes=("care",))


def reading(*items: Item) -> Reading:
    return Reading(newsroom=NEWSROOM, items=items, themes={}, media={}, urls={}, body_keys={})


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"summary": "Other"},
        {"digest": "other"},
        {"link": "https://x.example/"},
        {"authors": ("A",)},
        {"updated": datetime(2018, 1, 1, tzinfo=UTC)},
        {"issue": "skip"},
    ],
)
def test_other_words_are_followed(change: dict[str, Any]) -> None:
    after = reading(replace(ITEM, **change), make("b", "2017-06-02"))
    assert reworded({ITEM.source: ITEM}, after) == frozenset({"a"})


@pytest.mark.parametrize(
    "change",
    [
        {"id": "b"},
        {"date": ITEM.date + timedelta(minutes=1)},
        {"kind": "resource"},
        {"path": "items/2017/b/"},
        {"lang": "fr"},
        {"themes": ()},
        {"series": "talks"},
        {"translations": ("b",)},
        {"aliases": ("/b/",)},
        {"draft": True},
        {"expires": datetime(2030, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_moves_an_item_is_not(change: dict[str, Any]) -> None:
    assert reworded({ITEM.source: ITEM}, reading(replace(ITEM, **change))) is None


def test_an_item_that_cannot_be_read_any_more_is_not() -> None:
    assert reworded({ITEM.source: ITEM}, reading()) is None


def test_every_field_of_an_item_is_one_or_the_other() -> None:
    """A new field has to be put on one of the lists above."""
    assert set(ITEM.__slots__) == {
        *("title", "summary", "digest", "link", "authors", "updated", "issue", "image"),
        *("id", "date", "kind", "path", "lang", "themes", "series", "translations", "aliases"),
        *("draft", "expires", "source"),
    }
