"""Pages of a listing are counted from the oldest."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest

from pipeline.core.listing import ListingPage, page_path, paginate


def newest_first(count: int) -> list[int]:
    return list(range(count, 0, -1))


def pages_of(count: int) -> list[ListingPage[int]]:
    return list(paginate(newest_first(count), "news/", 10))


def test_the_front_page_holds_the_rest_and_the_newest_full_page() -> None:
    front, oldest = pages_of(23)
    assert (front.path, front.number, len(front.items)) == ("news/", 0, 13)
    assert (oldest.path, oldest.number) == ("news/page/1/", 1)
    assert oldest.items == tuple(range(10, 0, -1))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 19])
def test_what_fills_less_than_two_pages_is_one(count: int) -> None:
    (front,) = pages_of(count)
    assert front.items == tuple(newest_first(count))
    assert (front.newer, front.older) == ("", "")


@pytest.mark.parametrize("count", [20, 29, 30, 31, 105])
def test_every_item_is_on_one_page_in_order(count: int) -> None:
    pages = pages_of(count)
    assert list(chain.from_iterable(page.items for page in pages)) == newest_first(count)
    assert 10 <= len(pages[0].items) < 20
    assert all(len(page.items) == 10 for page in pages[1:])


def test_neighbours_are_linked_both_ways() -> None:
    pages = pages_of(45)
    assert [page.number for page in pages] == [0, 3, 2, 1]
    for newer, older in pairwise(pages):
        assert newer.older == older.path
        assert older.newer == newer.path
    assert pages[-1].older == ""


def test_a_new_item_changes_the_front_page_only() -> None:
    before = {page.path: page for page in pages_of(43)}
    after = {page.path: page for page in pages_of(44)}
    assert {path for path in after if after[path] != before.get(path)} == {"news/"}


def test_a_page_that_fills_up_adds_one_and_moves_none() -> None:
    before = {page.path: page.items for page in pages_of(49)}
    after = {page.path: page.items for page in pages_of(50)}
    assert {path for path in after if after[path] != before.get(path)} == {
        "news/",
        page_path("news/", 4),
    }
