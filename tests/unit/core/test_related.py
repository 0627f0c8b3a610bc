"""Which items stand beside an item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.catalogue import Catalogue, compile_catalogue
from pipeline.core.related import LIMIT, WINDOW, related, translations
from tests.archive_site import NEWSROOM, make

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.core.item import Item

FIRST = datetime(2017, 1, 1, tzinfo=UTC)


def on(day: int) -> str:
    """The date so many days after the first, without an offset."""
    return (FIRST + timedelta(days=day)).replace(tzinfo=None).isoformat()


def catalogue(items: Iterable[Item]) -> Catalogue:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    return compile_catalogue(NEWSROOM, items, themes={}, media={}, now=now)


def shown(*items: Item) -> dict[str, list[str]]:
    """The ids beside each id."""
    return {item.id: [x.id for x in others] for item, others in related(catalogue(items))}


def row(count: int) -> list[Item]:
    """Items of one theme, one a day, named by their day."""
    return [make(str(day), on(day), themes=("care",)) for day in range(count)]


def test_what_shares_most_comes_first_then_what_is_nearest() -> None:
    beside = shown(
        make("x", on(10), themes=("care", "youth"), series="talks"),
        make("both", on(30), themes=("care", "youth")),
        make("near", on(12), themes=("care",)),
        make("far", on(40), themes=("youth",)),
        make("series", on(5), series="talks"),
    )
    assert beside["x"] == ["both", "near", "series", "far"]


def test_the_newer_one_comes_first_where_all_else_is_equal() -> None:
    assert shown(*row(3))["1"] == ["2", "0"]


def test_only_neighbours_in_a_list_are_candidates() -> None:
    beside = shown(*row(20))
    assert set(beside["10"]) == {"9", "11", "8", "12"}
    assert beside["19"] == ["18", "17", "16"]
    assert all(len(others) <= LIMIT for others in beside.values())
    far = 10 + WINDOW + 1
    others = [make(str(far), on(far), themes=("care", "youth")) if x.id == str(far) else x
              for x in row(20)]  # fmt: skip
    assert str(far) not in shown(*others)["10"]


def test_without_theme_and_series_there_is_nothing_to_show() -> None:
    assert shown(make("a", on(1)), make("b", on(1)))["a"] == []


def test_a_theme_is_not_the_series_of_the_same_name() -> None:
    assert shown(make("a", on(1), themes=("talks",)), make("b", on(2), series="talks"))["a"] == []


def test_a_theme_named_twice_counts_once() -> None:
    beside = shown(
        make("a", on(1), themes=("care", "care")),
        make("twice", on(9), themes=("care", "care")),
        make("once", on(2), themes=("care",)),
    )
    assert beside["a"] == ["once", "twice"]


def test_never_another_version_of_the_same_piece() -> None:
    beside = shown(
        make("en", on(3), themes=("care",), translations=("fr",)),
        make("fr", on(3), themes=("care",), lang="fr"),
        make("es", on(3), themes=("care",), lang="es", translations=("fr",)),
        make("other", on(9), themes=("care",)),
    )
    assert beside["en"] == beside["fr"] == beside["es"] == ["other"]


def test_a_piece_is_shown_in_the_readers_language_where_it_has_one() -> None:
    items = (
        make("x", on(1), themes=("care",)),
        make("y", on(1), themes=("care",), lang="fr"),
        make("a", on(1), themes=("care",), lang="ar"),
        make("p-en", on(2), themes=("care",), translations=("p-fr",)),
        make("p-fr", on(2), themes=("care",), lang="fr"),
    )
    beside = shown(*items)
    assert "p-en" in beside["x"]
    assert "p-fr" not in beside["x"]
    assert "p-fr" in beside["y"]
    assert "p-en" not in beside["y"]
    assert "p-fr" not in beside["a"]


def test_of_a_piece_in_other_languages_the_newsrooms_own_version_is_shown() -> None:
    beside = shown(
        make("a", on(1), themes=("care",), lang="ar"),
        make("p-fr", on(3), themes=("care",), lang="fr", translations=("p-en",)),
        make("p-en", on(2), themes=("care",)),
        make("p-es", on(4), themes=("care",), lang="es", translations=("p-en",)),
    )
    assert beside["a"] == ["p-en"]


def test_of_a_piece_without_either_language_the_newest_version_is_shown() -> None:
    beside = shown(
        make("a", on(1), themes=("care",), lang="ar"),
        make("p-es", on(2), themes=("care",), lang="es", translations=("p-fr",)),
        make("p-fr", on(3), themes=("care",), lang="fr"),
    )
    assert beside["a"] == ["p-fr"]


def test_a_new_item_changes_few_others() -> None:
    items = [
        make(str(day), on(day), themes=("care", "youth")[day % 2 :], series=("talks", "")[day % 2])
        for day in range(200)
    ]
    before = shown(*items)
    after = shown(*items, make("new", on(200), themes=("care", "youth")))
    assert 0 < sum(after[name] != before[name] for name in before) <= 2 * WINDOW


def test_drafts_and_what_is_still_to_come_are_never_shown() -> None:
    beside = shown(
        make("a", on(1), themes=("care",)),
        make("draft", on(1), themes=("care",), draft=True),
        make("future", "2031-01-01", themes=("care",)),
    )
    assert beside == {"a": []}


def test_versions_are_found_in_both_directions_and_through_each_other() -> None:
    items = (
        make("en", on(1), translations=("fr",)),
        make("fr", on(1), lang="fr"),
        make("ar", on(1), lang="ar", translations=("fr", "gone")),
        make("draft", on(1), lang="es", translations=("en",), draft=True),
        make("alone", on(1), translations=("alone",)),
    )
    found = {
        name: [version.id for version in versions]
        for name, versions in translations(catalogue(items)).items()
    }
    assert found == {"en": ["ar", "fr"], "fr": ["ar", "en"], "ar": ["en", "fr"]}


@given(
    st.lists(st.sets(st.sampled_from("abc"), max_size=3), max_size=24),
    st.sets(st.integers(0, 23), max_size=3),
)
def test_after_a_change_only_items_that_may_show_the_changed_ones_are_asked(
    themes: list[set[str]], changed: set[int]
) -> None:
    items = catalogue(
        make(f"i{number}", on(number), themes=tuple(sorted(mine)))
        for number, mine in enumerate(themes)
    )
    names = {f"i{number}" for number in changed}
    every = {item.id: others for item, others in related(items)}
    some = {item.id: others for item, others in related(items, names)}
    assert some.items() <= every.items()
    assert names & every.keys() <= some.keys()
    for name, others in every.items():
        if not names.isdisjoint(item.id for item in others):
            assert name in some
