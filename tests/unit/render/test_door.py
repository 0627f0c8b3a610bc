"""The frame around the front door's pages, and the choices in their forms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import html

from pipeline.app import default_templates
from pipeline.core.cadence import parse_cadence
from pipeline.core.item import Picture
from pipeline.core.media import MediaFile
from pipeline.core.newsroom import Newsletter, NewsletterVersion, Subscribing
from pipeline.core.theme import Theme
from pipeline.errors import RenderError
from pipeline.render.door import Door, Place
from pipeline.render.templates import Templates
from tests.archive_site import NEWSROOM

LETTER = Newsletter(
    key="letter",
    title="The <letter>",
    sender="Desk <desk@news.example.org>",
    postal_address="1200 Genève",
    cadence=parse_cadence("last day 09:00"),
    languages=("en", "fr"),
    versions=(NewsletterVersion(lang="fr", title="La lettre"),),
    topics=True,
)
OTHER = replace(LETTER, key="other", title="Другое", languages=("ru",), versions=(), topics=False)
ROOM = replace(NEWSROOM, newsletters=(LETTER, OTHER), subscribing=Subscribing(open=True), series={})
THEMES = {
    key: Theme(key=key, title=title, source="", digest="")
    for key, title in (("b", "alpha"), ("a", "Beta"))
}


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates([default_templates()])


@pytest.fixture
def door(templates: Templates) -> Door:
    return Door(templates, ROOM, themes=THEMES, media={})


def said(door: Door, lang: str, root: str = "../") -> html.HtmlElement:
    place = Place(root=root, lang=lang)
    page = door.page("said.html", place, "A <title>", said=["Said."], places=[], undo="")
    return html.fromstring(page)


def test_the_frame_speaks_the_newsrooms_language_and_the_page_the_readers(door: Door) -> None:
    page = said(door, "ar")
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    masthead, footer = (page.xpath(f"//{tag}/..")[0] for tag in ("header[1]", "footer"))
    assert (masthead.get("lang"), masthead.get("dir")) == ("en", None)
    assert (footer.get("lang"), footer.get("dir")) == ("en", "ltr")
    assert page.xpath("//a[@class='skip']/text()") != said(door, "en").xpath(
        "//a[@class='skip']/text()"
    )


def test_links_of_the_frame_lead_to_the_sites_root(door: Door) -> None:
    page = said(door, "en")
    assert page.xpath("//link[@rel='stylesheet']/@href") == [
        "../assets/door.css",
        "../assets/site.css",
    ]
    assert page.xpath("//p[@class='brand']/a/@href") == ["../"]
    assert page.xpath("//footer//a/@href")[1] == "../subscribe"
    assert said(door, "en", "").xpath("//p[@class='brand']/a/@href") == ["./"]


def test_a_page_is_not_to_be_found(door: Door) -> None:
    page = said(door, "en")
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert page.xpath("//meta[@name='referrer']/@content") == ["no-referrer"]
    assert not page.xpath("//link[@rel='canonical']")
    assert page.xpath("//title")[0].text.startswith("A <title> – ")


def test_the_logo_stands_in_the_masthead(templates: Templates) -> None:
    logo = Picture(src="media/logo.png", alt="Logo")
    file = MediaFile(
        path="media/logo.png", size=1, mime="image/png", digest="", width=480, height=112
    )
    door = Door(templates, replace(ROOM, logo=logo), themes={}, media={file.path: file})
    (image,) = said(door, "en").xpath("//img[@class='logo']")
    assert (image.get("src"), image.get("height")) == ("../media/logo.png", "56")


def test_choices_are_marked_with_their_language(door: Door) -> None:
    first, second = door.newsletters(frozenset({"letter"}), "fr")
    assert (first.label, first.chosen, first.attributes) == ("La lettre", True, "")
    assert (second.label, second.chosen, second.attributes) == (
        "Другое", False, ' lang="ru" dir="ltr"',
    )  # fmt: skip
    topics = door.topics(frozenset({"a"}), "fr")
    assert [(x.value, x.chosen) for x in topics] == [("b", False), ("a", True)]
    assert topics[0].attributes == ' lang="en" dir="ltr"'
    assert door.topical("en") == "<bdi>The &lt;letter&gt;</bdi>"
    assert [x.value for x in door.tongues("fr", "en") if x.chosen] == ["fr"]


def test_where_there_is_nothing_to_choose_nothing_is_asked(templates: Templates) -> None:
    plain = replace(OTHER, languages=())
    door = Door(templates, replace(ROOM, newsletters=(plain,)), themes=THEMES, media={})
    assert door.topics(frozenset(), "en") == []
    assert door.tongues("en", "en") == []


def test_the_languages_of_pages_are_those_that_there_are_words_in(door: Door) -> None:
    assert door.languages[0] == "en"
    assert sorted(door.languages) == ["ar", "en", "es", "fr"]


def test_the_newsrooms_own_words_of_consent_come_first(templates: Templates, door: Door) -> None:
    assert door.consent("fr").startswith("En vous abonnant")
    assert "ce que vous avez choisi" in door.consent("fr")
    own = replace(ROOM, subscribing=Subscribing(consent="I do."))
    assert Door(templates, own, themes={}, media={}).consent("fr") == "I do."


def test_where_there_is_one_newsletter_consent_names_it(templates: Templates) -> None:
    def room(**changes: object) -> Door:
        letter = replace(LETTER, **changes)  # type: ignore[arg-type]
        return Door(templates, replace(ROOM, newsletters=(letter,)), themes=THEMES, media={})

    assert room().has_choice
    plain = room(topics=False)
    assert not plain.has_choice
    assert "sends the newsletter “The <letter>” to this address" in plain.consent("en")
    assert "«\u00a0La lettre\u00a0»" in plain.consent("fr")
    bare = Door(templates, replace(ROOM, newsletters=(LETTER,)), themes={}, media={})
    assert bare.consent("en") == plain.consent("en")
    none = Door(templates, replace(ROOM, newsletters=()), themes=THEMES, media={})
    assert "what you chose" in none.consent("en")


def test_a_template_that_fails_is_named(door: Door) -> None:
    with pytest.raises(RenderError, match=r"templates/door/said\.html:4: there is no 'said'"):
        door.page("said.html", Place(root="", lang="en"), "A title")
