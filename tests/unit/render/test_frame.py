"""What every page shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.core.item import Picture
from pipeline.render.frame import Frame, Logo, root_of
from tests.archive_site import MEDIA, NEWSROOM, data_of, keys, make_site, parsed, rendered

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_root_for_every_depth() -> None:
    assert [root_of(path) for path in ("", "a/", "a/b/", "old/x.html", "404.html")] == [
        "",
        "../",
        "../../",
        "../",
        "",
    ]


def test_another_language_says_so_and_turns_where_it_must() -> None:
    frame = Frame(make_site())
    assert [frame.attributes(lang) for lang in ("en", "fr", "ar")] == [
        "",
        ' lang="fr"',
        ' lang="ar" dir="rtl"',
    ]


def test_days_are_said_once_where_they_are_one() -> None:
    frame = Frame(make_site(newsroom=replace(NEWSROOM, language="fr")))
    first = date(2017, 7, 1)
    assert frame.days(first, first) == "1 juillet 2017"
    assert frame.days(first, date(2017, 8, 1)) == "1 juillet 2017 – 1 août 2017"


def test_addresses_are_absolute_and_in_ascii() -> None:
    address: Callable[[str], str] = Frame(make_site()).address
    assert address("") == "https://news.example.org/coop/"
    assert address("é/") == "https://news.example.org/coop/%C3%A9/"


def test_names_stand_in_a_row_as_the_language_has_it() -> None:
    said = {
        lang: str(Frame(make_site(newsroom=replace(NEWSROOM, language=lang))).names(["A", "<B>"]))
        for lang in ("en", "fr", "ar")
    }
    assert said["en"] == ('<bdi class="author">A</bdi> and <bdi class="author">&lt;B&gt;</bdi>')
    assert "</bdi> et <bdi" in said["fr"]
    assert "</bdi> و<bdi" in said["ar"]


def test_a_logo_stands_in_the_masthead_at_the_size_it_has_there() -> None:
    newsroom = replace(NEWSROOM, logo=Picture(src="media/a b.png", alt="The mark"))
    page = parsed("items/2017/seoul/", make_site(newsroom=newsroom))
    (image,) = page.xpath("//header//img")
    assert dict(image.attrib) == {
        "class": "logo",
        "src": "../../../media/a%20b.png",
        "alt": "The mark",
        "width": "100",
        "height": "50",
    }
    publisher = data_of(page)["NewsArticle"]["publisher"]
    assert publisher["logo"] == "https://news.example.org/coop/media/a%20b.png"


def test_a_logo_is_made_smaller_never_larger_and_moves_every_page() -> None:
    newsroom = replace(NEWSROOM, logo=Picture(src="media/seoul.png", alt="x"))
    site = make_site(newsroom=newsroom)
    assert Frame(site).logo == Logo(path="media/seoul.png", alt="x", width=100, height=56)
    wide = {**MEDIA, "media/seoul.png": replace(MEDIA["media/seoul.png"], width=2000, height=100)}
    other = make_site(newsroom=newsroom, media=wide)
    assert Frame(other).logo == Logo(path="media/seoul.png", alt="x", width=240, height=12)
    assert keys(site)["404.html"] != keys(other)["404.html"]
    assert Frame(make_site()).logo is None


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ar"])
def test_every_page_says_its_language_and_direction(lang: str) -> None:
    site = make_site(newsroom=replace(NEWSROOM, language=lang))
    pages = {path: raw for path, raw in rendered(site).items() if path.endswith(".html")}
    turned = "rtl" if lang == "ar" else "ltr"
    assert len(pages) > 10
    for path, raw in pages.items():
        assert f'<html lang="{lang}" dir="{turned}">' in raw.decode(), path


def test_a_page_of_another_language_keeps_the_newsrooms_words() -> None:
    page = parsed("items/2017/سيول/", make_site(newsroom=replace(NEWSROOM, language="fr")))
    (article,) = page.xpath("//article[@class='article']")
    assert (article.get("lang"), article.get("dir")) == ("ar", "rtl")
    (also,) = page.xpath("//p[@class='translations']")
    assert (also.get("lang"), also.get("dir")) == ("fr", "ltr")
    assert also.text_content().split()[0] == "Également"
