"""URLs that an editor wrote: where each leads, and how it is written on a page and in a feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.catalogue import Catalogue, compile_catalogue
from pipeline.core.item import Item
from pipeline.core.media import MediaFile
from pipeline.core.theme import Theme
from pipeline.render.links import MARK, Target, mark, marked, place, resolve, srcset, targets
from tests.content_examples import NEWSROOM

NOW = datetime(2017, 8, 1, tzinfo=UTC)
SOURCE = "items/2017/2017-07-10-here.md"
WIDE = MediaFile(
    path="media/wide one.png", size=1, mime="image/png", digest="", width=1000, height=500
)
SHEET = MediaFile(path="media/sheet.pdf", size=1, mime="application/pdf", digest="")
CARE = Theme(key="care", title="Care", source="themes/care.md", digest="")


def _item(name: str, days: int = 0, **more: object) -> Item:
    item = Item(
        id=name,
        title=name,
        date=NOW + timedelta(days=days),
        kind="news",
        path=f"items/2017/{name}/",
        source=f"items/2017/2017-07-10-{name}.md",
        digest="",
        lang="en",
    )
    return replace(item, **more)  # type: ignore[arg-type]


def _catalogue() -> Catalogue:
    items = [
        _item("here"),
        _item("café"),
        _item("draft", draft=True),
        _item("later", days=9),
        _item("deep", source="items/2016/deep.md"),
    ]
    media = {file.path: file for file in (WIDE, SHEET)}
    return compile_catalogue(NEWSROOM, items, themes={"care": CARE}, media=media, now=NOW)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("a.md", f"{MARK}a.md{MARK}"),
        (" a b.md ", f"{MARK}a b.md{MARK}"),
        ("media\\a.png", f"{MARK}media/a.png{MARK}"),
        ("#note", "#note"),
        ("//x.example/", None),
        ("\\\\x.example/", None),
        ("/\\x.example/", None),
        (" //x.example/", None),
        (f"a{MARK}b", None),
    ],
)
def test_relative_urls_are_marked(url: str, expected: str | None) -> None:
    assert mark(url) == expected


def test_marked_urls_are_found_in_attributes_only() -> None:
    html = f'<a href="{MARK}a&amp;b{MARK}">x</a><img src="{MARK}c{MARK}">{MARK}d{MARK}'
    assert marked(html) == ("a&b", "c")
    assert marked("<p>x</p>") == ()


@pytest.mark.parametrize(
    ("url", "path", "public"),
    [
        ("deep", "items/2017/deep/", True),
        ("../2016/deep.md", "items/2017/deep/", True),
        ("items/2016/deep.md#part", "items/2017/deep/#part", True),
        ("deep.md", "items/2017/deep/", True),
        ("draft", "items/2017/draft/", False),
        ("2017-07-10-later.md", "items/2017/later/", False),
        ("../../themes/care.md", "themes/care/", True),
        ("themes/care.md", "themes/care/", True),
        ("media/sheet.pdf", "media/sheet.pdf", True),
        ("../../media/wide%20one.png", "media/wide%20one.png", True),
        ("/news/#x", "news/#x", True),
        ("/a b/\"'/", "a%20b/%22'/", True),
        ("/%2F/x.example", "x.example", True),
    ],
)
def test_where_urls_lead(url: str, path: str, public: bool) -> None:
    target = resolve(url, SOURCE, _catalogue())
    assert target is not None
    assert (target.path, target.public) == (path, public)


@pytest.mark.parametrize(
    "url", ["", "x", "x.md", "media/x.png", "themes/x.md", "../../../etc/passwd", "www.example.org",
            "?a=b", "themes/../items", "."],
)  # fmt: skip
def test_urls_that_lead_nowhere(url: str) -> None:
    assert resolve(url, SOURCE, _catalogue()) is None
    assert targets([url], SOURCE, _catalogue()) == {url: None}


def test_a_media_file_comes_with_its_target() -> None:
    assert resolve("media/sheet.pdf", SOURCE, _catalogue()) == Target(
        "media/sheet.pdf", media=SHEET
    )


def test_pages_get_relative_addresses_and_smaller_pictures() -> None:
    html = f'<a href="{MARK}deep{MARK}">a</a><img alt="" src="{MARK}media/wide one.png{MARK}">'
    placed = place(html, SOURCE, _catalogue(), base="../../../")
    assert '<a href="../../../items/2017/deep/">a</a>' in placed
    assert 'src="../../../media/wide%20one.png" width="1000" height="500"' in placed
    assert "../../../media/wide%20one.480w.png 480w" in placed
    assert 'loading="lazy"' in placed


def test_feeds_get_absolute_addresses_and_sizes_only() -> None:
    html = f'<a href="{MARK}deep{MARK}">a</a><img alt="" src="{MARK}media/wide one.png{MARK}">'
    assert place(html, SOURCE, _catalogue(), base="https://x.example/") == (
        '<a href="https://x.example/items/2017/deep/">a</a><img alt="" '
        'src="https://x.example/media/wide%20one.png" width="1000" height="500">'
    )


def test_links_to_what_nobody_sees_yet_are_text() -> None:
    html = f'<a href="{MARK}draft{MARK}">a</a> <a href="{MARK}later{MARK}">b</a>'
    assert place(html, SOURCE, _catalogue(), base="") == "<a >a</a> <a >b</a>"


def test_marks_elsewhere_vanish() -> None:
    assert place(f"a{MARK}b", SOURCE, _catalogue(), base="") == "ab"
    assert place("no marks", SOURCE, _catalogue(), base="") == "no marks"


def test_the_sources_of_a_picture() -> None:
    assert srcset(WIDE, "/") == (
        "/media/wide%20one.336w.png 336w, /media/wide%20one.480w.png 480w, "
        "/media/wide%20one.png 1000w"
    )
    assert srcset(replace(WIDE, width=350), "") == ""
