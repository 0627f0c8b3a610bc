"""Cards of items and themes, and the keys that stand for them."""

from __future__ import annotations

from dataclasses import replace

from pipeline.core.item import Picture
from pipeline.render.cards import SUMMARY, Cards
from pipeline.render.frame import Frame
from tests.archive_site import ITEMS, SEOUL, THEMES, make, make_site


def cards(*items: object) -> Cards:
    return Cards(Frame(make_site(items or ITEMS)))  # type: ignore[arg-type]


def test_a_summary_is_cut_between_words() -> None:
    item = make("a", "2017-01-01", summary="word " * 200)
    summary = cards(item).card(item, "").summary
    assert len(summary) <= SUMMARY
    assert summary.endswith("word…")


def test_a_card_without_a_summary_says_none_whatever_the_item_has() -> None:
    made = cards()
    assert made.card(ITEMS[0], "../", summary=False).summary == ""
    assert made.theme_card(THEMES["care"], "../", summary=False).summary == ""


def test_sizes_are_worked_out_for_each_depth() -> None:
    made = cards()
    near, far = made.picture(SEOUL, ""), made.picture(SEOUL, "../../")
    assert near is not None
    assert far is not None
    assert near.src == "media/seoul.png"
    assert far.src == "../../media/seoul.png"
    assert far.srcset.startswith("../../media/seoul.336w.png 336w, ")


def test_one_file_may_have_different_words() -> None:
    made = cards()
    first = made.picture(SEOUL, "")
    second = made.picture(Picture(src=SEOUL.src, alt="Another"), "")
    assert first is not None
    assert second is not None
    assert (first.alt, second.alt) == ('A "hall"', "Another")


def test_a_small_picture_has_no_variants() -> None:
    picture = cards().picture(THEMES["care"].image, "")
    assert picture is not None
    assert (picture.src, picture.srcset) == ("media/a%20b.png", "")


def test_no_picture_and_no_file_are_no_picture() -> None:
    made = cards()
    gone = Picture(src="media/gone.png", alt="")
    assert made.picture(None, "") is made.picture(gone, "") is None
    assert made.picture_key(None) == made.picture_key(gone) == made.address(gone) == ""


def test_a_key_tells_what_a_card_shows_and_no_more() -> None:
    item = make("a", "2017-01-01")

    def key(**values: object) -> str:
        other = replace(item, **values)  # type: ignore[arg-type]
        return cards(other).keys["a"]

    assert key(digest="2", summary="New", authors=("X",)) == key()
    for values in ({"title": "T"}, {"kind": "spotlight"}, {"lang": "fr"}, {"image": SEOUL}):
        assert key(**values) != key()
