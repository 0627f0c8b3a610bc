"""What is wrong between files that are each right by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.core.conflicts import alias_file, conflicts, vanished
from pipeline.core.item import Item, Picture
from pipeline.core.media import MediaFile
from pipeline.core.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Iterable

THEME = Theme(key="care", title="Care", source="themes/care.md", digest="")
DOT = MediaFile(path="media/dot.png", size=1, mime="image/png", digest="", width=600, height=6)
SHEET = MediaFile(path="media/sheet.pdf", size=1, mime="application/pdf", digest="")
MEDIA = {media.path: media for media in (DOT, SHEET)}


def _item(name: str, *, slug: str = "", year: int = 2017, **more: object) -> Item:
    item = Item(
        id=name,
        title=name,
        date=datetime(year, 7, 10, tzinfo=UTC),
        kind="news",
        path=f"items/{year}/{slug or name}/",
        source=f"items/{name}.md",
        digest="",
        lang="en",
    )
    return replace(item, **more)  # type: ignore[arg-type]


def _found(
    items: Iterable[Item], theme: Theme = THEME, more: Iterable[MediaFile] = ()
) -> list[tuple[str, str, str]]:
    every = {**MEDIA, **{file.path: file for file in more}}
    return [conflict[:3] for conflict in conflicts(list(items), [theme], every)]


def test_nothing_is_wrong() -> None:
    items = [
        _item("a", translations=("b",), aliases=("/old/", "/old.html")),
        _item("b", image=Picture(src="media/dot.png", alt=""), aliases=("/old/b/",)),
        _item("c", slug="a", year=2016),
    ]
    assert _found(items) == []


@pytest.mark.parametrize(
    ("first", "second"), [("one", "one"), ("one", "ONE"), ("caf\u00e9", "cafe\u0301"), ("ß", "SS")]
)
def test_ids_and_places_given_twice(first: str, second: str) -> None:
    ids = [_item(first, slug="x"), _item(second, slug="y", source="items/2.md")]
    assert _found(ids) == [("items/2.md", "id", f'"{second}"')]
    places = [_item("a", slug=first), _item("b", slug=second)]
    assert _found(places) == [("items/b.md", "slug", f'"{second}" in 2017')]
    (told,) = conflicts(places, [], {})
    assert told.expected == "each item has its own; items/a.md has it too: give one 'slug:'"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("/items/2017/b/", ()),
        ("/items/2017/B", ()),
        ("/items/2017/a/", ()),
        ("/old/", ("/old/",)),
        ("/old", ("/OLD/index.html",)),
        ("/x.html/y/", ("/x.html",)),
        ("/x.html", ("/x.html/y/",)),
    ],
)
def test_addresses_that_are_taken(mine: str, theirs: tuple[str, ...]) -> None:
    found = _found([_item("b", aliases=theirs), _item("a", aliases=(mine,))])
    assert found == [("items/a.md", "aliases", f'"{mine}"')]


def test_an_item_may_give_an_old_address_twice() -> None:
    assert _found([_item("a", aliases=("/old", "/old/", "/old/index.html"))]) == []


def test_translations_are_other_items_that_are_there() -> None:
    items = [_item("one", translations=("one", "twoo")), _item("two")]
    assert [conflict[2] for conflict in _found(items)] == ['"one"', '"twoo"']
    told = [conflict.expected for conflict in conflicts(items, [], {})]
    assert told == [
        "expected the id of another item: this is its own",
        'expected the id of another item; did you mean "two"?',
    ]


def test_pictures_are_pictures_that_are_there() -> None:
    items = [
        _item("a", image=Picture(src="media/dott.png", alt="")),
        _item("b", image=Picture(src="media/sheet.pdf", alt="")),
    ]
    theme = replace(THEME, image=Picture(src="../x", alt=""))
    assert _found(items, theme) == [
        ("items/a.md", "image.src", '"media/dott.png"'),
        ("items/b.md", "image.src", '"media/sheet.pdf"'),
        ("themes/care.md", "image.src", '"../x"'),
    ]


def test_the_logo_is_a_picture_that_is_there() -> None:
    def found(src: str) -> list[tuple[str, ...]]:
        return [conflict[:3] for conflict in conflicts([], [], MEDIA, Picture(src=src, alt=""))]

    assert found("media/dot.png") == []
    for src in ("media/dott.png", "media/sheet.pdf"):
        assert found(src) == [("newsroom.toml", "newsroom.logo.src", f'"{src}"')]


def test_media_names_that_meet() -> None:
    upper = replace(DOT, path="media/DOT.png", width=6)
    copy = replace(DOT, path="media/dot.480w.png", width=6)
    assert [conflict[0] for conflict in _found([], more=[upper, copy])] == [
        "media/DOT.png",
        "media/dot.480w.png",
    ]


def test_published_ids_vanish_never() -> None:
    published = {"a": "items/a.md", "b": "items/b.md", "c": "items/c.md"}
    here = [_item("a"), _item("new", source="items/b.md")]
    moved, gone = vanished(published, here)
    assert (moved.path, moved.field, moved.found) == (
        "items/b.md",
        "id",
        '"new", published as "b"',
    )
    assert moved.expected.startswith("give it back: id: b.")
    assert (gone.path, gone.field) == ("items/c.md", "")
    assert "enews build --withdraw c" in gone.expected
    assert list(vanished(published, [*here, _item("b"), _item("c", source="items/x.md")])) == []


@pytest.mark.parametrize(
    ("alias", "file"),
    [
        ("/old/", "old/index.html"),
        ("/old", "old/index.html"),
        ("/old/page.html", "old/page.html"),
        ("/old.d/page", "old.d/page/index.html"),
        ("/old.html/", "old.html/index.html"),
    ],
)
def test_the_file_of_an_old_address(alias: str, file: str) -> None:
    assert alias_file(alias) == file
