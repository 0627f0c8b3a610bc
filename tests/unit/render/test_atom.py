"""Atom 1.0: what feedgen leaves to be desired, and what readers need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from lxml import etree

from pipeline.core.newsroom import Author, FeedSettings
from tests.feed_readers import NS
from tests.feed_site import NEWSROOM, make, make_site, rendered

if TYPE_CHECKING:
    from pipeline.render.site import Site

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(path: str = "atom.xml", site: Site | None = None) -> etree._Element:
    return etree.fromstring(rendered(site)[path])


def entry(name: str) -> etree._Element:
    wanted = f"tag:news.example.org,2016:{name}"
    return next(x for x in feed().findall("a:entry", NS) if x.findtext("a:id", "", NS) == wanted)


def links(parent: etree._Element) -> list[dict[str, str]]:
    return [
        {str(key): str(value) for key, value in link.attrib.items()}
        for link in parent.findall("a:link", NS)
    ]


def test_feed_names_itself_its_page_and_its_hub() -> None:
    settings = FeedSettings(hub="https://hub.example/")
    site = make_site(newsroom=replace(NEWSROOM, feeds=settings))
    assert links(feed("themes/care/atom.xml", site)) == [
        {
            "href": "https://news.example.org/themes/care/atom.xml",
            "rel": "self",
            "type": "application/atom+xml",
        },
        {"href": "https://hub.example/", "rel": "hub"},
        {"href": "https://news.example.org/themes/care/", "rel": "alternate", "type": "text/html"},
    ]


def test_feed_has_a_lasting_id_and_the_date_of_its_newest_change() -> None:
    assert feed().findtext("a:id", None, NS) == "tag:news.example.org,2016:feed:"
    assert feed().findtext("a:updated", None, NS) == "2017-07-12T10:00:00+02:00"
    assert feed("kinds/resource/atom.xml").findtext("a:updated", None, NS) == (
        "2016-01-01T00:00:00+00:00"
    )


def test_feed_says_what_it_is() -> None:
    assert feed().findtext("a:title", None, NS) == "Coop & Co"
    assert feed().findtext("a:subtitle", None, NS) == "News on <cooperatives>"
    generator = feed().find("a:generator", NS)
    assert generator is not None
    assert (generator.text, len(generator.attrib)) == ("enewsupdate", 0)
    assert feed().get(LANG) == "en"


def test_links_of_an_entry_keep_relation_type_and_length() -> None:
    # feedgen 1.0 writes the address of an entry's link and nothing else: four alternates.
    assert links(entry("seoul")) == [
        {"href": "https://news.example.org/items/2017/seoul/"},
        {"rel": "related", "href": "https://elsewhere.example/s%C3%A9oul?a=1&b=%20#x"},
        {
            "rel": "enclosure",
            "href": "https://news.example.org/media/seoul.png",
            "type": "image/png",
            "length": "4321",
        },
    ]
    assert links(entry("plain")) == [{"href": "https://news.example.org/items/2017/plain/"}]


def test_content_is_html_and_the_summary_plain_text() -> None:
    content = entry("seoul").find("a:content", NS)
    assert content is not None
    assert content.get("type") == "html"
    assert (content.text or "").startswith("<figure><img ")
    summary = entry("seoul").find("a:summary", NS)
    assert summary is not None
    assert (summary.get("type"), summary.text) == (None, "Six days, 5 < 6 & more ]]> ends.")
    assert entry("cuidado").find("a:summary", NS) is None


def test_published_and_updated() -> None:
    assert entry("seoul").findtext("a:published", None, NS) == "2017-07-10T08:30:00+02:00"
    assert entry("seoul").findtext("a:updated", None, NS) == "2017-07-12T10:00:00+02:00"
    assert entry("plain").findtext("a:updated", None, NS) == "2017-06-01T00:00:00+02:00"


def test_offsets_of_local_mean_time_are_written_in_utc() -> None:
    old = feed(site=make_site([make("old", "1860-05-01")]))
    assert old.findtext("a:entry/a:published", None, NS) == "1860-04-30T23:30:14+00:00"


def test_address_of_the_newsroom_only() -> None:
    authors = entry("plain").findall("a:author", NS)
    assert [[child.text for child in author] for author in authors] == [
        ["Coop desk", "desk@news.example.org"]
    ]
    authors = entry("seoul").findall("a:author", NS)
    assert [[child.text for child in author] for author in authors] == [
        ["Ada Lovelace"],
        ["Émile Zola"],
    ]
    newsroom = replace(NEWSROOM, author=Author(name="Coop desk"))
    assert feed(site=make_site(newsroom=newsroom)).find(".//a:email", NS) is None


def test_categories() -> None:
    found = entry("seoul").findall("a:category", NS)
    assert [(x.get("term"), x.get("label"), x.get("scheme")) for x in found] == [
        ("news", "News", "https://news.example.org/kinds/news/feed.xml"),
        ("care", "Care & work", "https://news.example.org/themes/care/"),
    ]


def test_language_where_it_differs() -> None:
    assert entry(quote("تعاونيات")).get(LANG) == "ar"
    assert entry("cuidado").get(LANG) == "es"
    assert entry("plain").get(LANG) is None


def test_what_stands_before_the_root() -> None:
    lines = rendered()["issues/enewsupdate/atom.xml"].splitlines()
    assert lines[0] == b"<?xml version='1.0' encoding='UTF-8'?>"
    assert lines[1] == b'<?xml-stylesheet type="text/css" href="../../assets/feed.css"?>'
    assert lines[2].startswith(b"<feed ")
