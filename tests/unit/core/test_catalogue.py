"""The catalogue: what is public at one moment, in order and in its groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.core.catalogue import Catalogue, compile_catalogue, next_move
from pipeline.core.item import Item
from pipeline.core.newsroom import Listing
from pipeline.core.theme import Theme
from tests.content_examples import NEWSROOM

NOW = datetime(2017, 7, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CARE = Theme(key="care", title="Care", source="themes/care.md", digest="")


def _item(name: str, hours: int, **more: object) -> Item:
    item = Item(
        id=name,
        title=name,
        date=NOW + hours * HOUR,
        kind="news",
        path=f"items/2017/{name}/",
        source=f"items/{name}.md",
        digest="",
        lang="en",
    )
    return replace(item, **more)  # type: ignore[arg-type]


ITEMS = [
    _item("old", -9, themes=("care",)),
    _item("draft", -1, draft=True, themes=("care",), expires=NOW + HOUR),
    _item("talk", -2, kind="spotlight", series="interviews"),
    _item("new", 0, themes=("care",), expires=NOW + 9 * HOUR),
    _item("later", 3, themes=("care",)),
    _item("expired", -5, expires=NOW - HOUR),
]


def _catalogue() -> Catalogue:
    return compile_catalogue(NEWSROOM, ITEMS, themes={"care": CARE}, media={}, now=NOW)


def _ids(items: tuple[Item, ...]) -> list[str]:
    return [item.id for item in items]


def test_what_is_public_newest_first() -> None:
    assert _ids(_catalogue().items) == ["new", "talk", "old"]


def test_groups_hold_what_is_public_and_exist_where_they_are_empty() -> None:
    catalogue = _catalogue()
    assert {key: _ids(items) for key, items in catalogue.of_kind.items()} == {
        "news": ["new", "old"],
        "spotlight": ["talk"],
    }
    assert _ids(catalogue.of_theme["care"]) == ["new", "old"]
    assert _ids(catalogue.of_series["interviews"]) == ["talk"]
    empty = compile_catalogue(NEWSROOM, [], themes={"care": CARE}, media={}, now=NOW)
    assert (empty.of_theme["care"], empty.of_kind["news"], empty.items) == ((), (), ())


def test_every_item_can_be_asked_for() -> None:
    catalogue = _catalogue()
    assert catalogue.by_id.keys() == {item.id for item in ITEMS}
    assert catalogue.by_source["items/draft.md"].id == "draft"
    assert [catalogue.is_public(catalogue.by_id[name]) for name in ("new", "later", "draft")] == [
        True,
        False,
        False,
    ]


def test_a_listing_mixes_its_kinds_in_order() -> None:
    catalogue = _catalogue()
    both = Listing(path="all", title="All", kinds=("spotlight", "news"))
    one = Listing(path="talks", title="Talks", kinds=("spotlight",))
    assert _ids(catalogue.listed(both)) == ["new", "talk", "old"]
    assert _ids(catalogue.listed(one)) == ["talk"]


def test_the_next_move_is_the_first_to_come_of_what_is_no_draft() -> None:
    assert _catalogue().moves_at == NOW + 3 * HOUR
    assert next_move(ITEMS, NOW + 3 * HOUR) == NOW + 9 * HOUR
    assert next_move(ITEMS, NOW + 9 * HOUR) is None


def test_each_piece_is_there_once_in_the_newsrooms_language_where_there_is_one() -> None:
    items = [
        _item("fr", -1, lang="fr", translations=("en", "es")),
        _item("en", -2),
        _item("es", -3, lang="es"),
        _item("ar", -4, lang="ar", translations=("pt",)),
        _item("pt", -5, lang="pt"),
        _item("alone", -6, lang="fr"),
    ]
    catalogue = compile_catalogue(NEWSROOM, items, themes={}, media={}, now=NOW)
    assert [item.id for item in catalogue.each_piece(catalogue.items)] == ["en", "ar", "alone"]
    assert [item.id for item in catalogue.each_piece(items[2:5])] == ["es", "ar"]
