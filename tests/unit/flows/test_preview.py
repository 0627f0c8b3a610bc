"""What a preview takes from the newsroom: the pictures of a mail, as data and within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.core.catalogue import compile_catalogue
from pipeline.core.media import MediaFile, variants
from pipeline.flows.preview import PICTURES_MOST, embedded, picture_loader
from tests.feed_site import NEWSROOM, NOW
from tests.flow_desk import NoPictures

if TYPE_CHECKING:
    from collections.abc import Callable

MEDIA = MediaFile(
    path="media/a hall.png", size=9, mime="image/png", digest="d", width=1600, height=900
)
SMALL = variants(MEDIA)[0]
PLAIN = "https://news.example.org/media/a%20hall.png"


@pytest.fixture
def load() -> Callable[[str], tuple[str, bytes] | None]:
    catalogue = compile_catalogue(NEWSROOM, (), themes={}, media={MEDIA.path: MEDIA}, now=NOW)
    return picture_loader(NoPictures(), catalogue)


def test_a_picture_is_found_by_its_address(
    load: Callable[[str], tuple[str, bytes] | None],
) -> None:
    small = PLAIN.replace(".png", f".{SMALL.width}w.png")
    assert load(PLAIN) == ("image/png", b"media/a hall.png")
    assert load(small) == ("image/png", f"{MEDIA.path} {SMALL.width} {SMALL.height}".encode())


def test_an_earlier_address_of_the_site_leads_to_the_same_picture(
    load: Callable[[str], tuple[str, bytes] | None],
) -> None:
    assert load("http://old.example/site/media/a%20hall.png") == load(PLAIN)


@pytest.mark.parametrize(
    "url", ["", "https://news.example.org/", "https://elsewhere.example/b.png", "cid:1", "//[x"]
)
def test_what_is_not_the_newsrooms_is_not_loaded(
    load: Callable[[str], tuple[str, bytes] | None], url: str
) -> None:
    assert load(url) is None


def test_pictures_are_data_within_bounds() -> None:
    files = {"a": b"A", "b": b"B" * PICTURES_MOST, "c": b"C"}
    found, weight = embedded(
        ("a", "b", "none", "c"), lambda url: ("image/gif", files[url]) if url in files else None
    )
    assert found == {"a": "data:image/gif;base64,QQ==", "c": "data:image/gif;base64,Qw=="}
    assert weight == PICTURES_MOST + 2
