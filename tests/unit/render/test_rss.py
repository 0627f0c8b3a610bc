"""RSS 2.0: what feedgen leaves to be desired, and what readers need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.core.newsroom import Author, FeedSettings
from tests.feed_readers import NS
from tests.feed_site import NEWSROOM, make, make_site, rendered

if TYPE_CHECKING:
    from pipeline.render.site import Site


def channel(path: str = "feed.xml", site: Site | None = None) -> etree._Element:
    found = etree.fromstring(rendered(site)[path]).find("channel")
    assert found is not None
    return found


def item(guid: str, path: str = "feed.xml") -> etree._Element:
    found = channel(path).xpath(f"item[guid='tag:news.example.org,2016:{guid}']")
    assert isinstance(found, list)
    assert isinstance(found[0], etree._Element)
    return found[0]


def test_channel_link_is_the_page_and_not_the_feed() -> None:
    # feedgen takes whichever link was added last.
    assert channel().findtext("link") == "https://news.example.org/"
    assert channel("themes/care/feed.xml").findtext("link") == (
        "https://news.example.org/themes/care/"
    )
    assert channel("kinds/news/feed.xml").findtext("link") == "https://news.example.org/news/"


def test_channel_says_where_it_is_itself() -> None:
    links = channel("kinds/news/feed.xml").findall("atom:link", NS)
    assert [dict(link.attrib) for link in links] == [
        {
            "href": "https://news.example.org/kinds/news/feed.xml",
            "rel": "self",
            "type": "application/rss+xml",
        }
    ]


def test_hub_gets_into_rss() -> None:
    # feedgen writes no link into RSS but self; WebSub needs both.
    settings = FeedSettings(hub="https://hub.example/")
    site = make_site(newsroom=replace(NEWSROOM, feeds=settings))
    links = channel(site=site).findall("atom:link", NS)
    assert {link.get("rel"): link.get("href") for link in links} == {
        "self": "https://news.example.org/feed.xml",
        "hub": "https://hub.example/",
    }


def test_build_date_is_that_of_the_newest_change() -> None:
    assert channel().findtext("lastBuildDate") == "Wed, 12 Jul 2017 10:00:00 +0200"
    assert len(channel().findall("lastBuildDate")) == 1


def test_build_date_of_an_empty_feed_is_when_the_authority_began() -> None:
    empty = channel("kinds/resource/feed.xml")
    assert empty.findtext("lastBuildDate") == "Fri, 01 Jan 2016 00:00:00 +0000"
    assert empty.find("item") is None


def test_generator_has_no_version() -> None:
    assert channel().findtext("generator") == "enewsupdate"


def test_editor_is_named_with_an_address_or_not_at_all() -> None:
    assert channel().findtext("managingEditor") == "desk@news.example.org (Coop desk)"
    newsroom = replace(NEWSROOM, author=Author(name="Coop desk"))
    assert channel(site=make_site(newsroom=newsroom)).find("managingEditor") is None


def test_guid_is_no_permalink() -> None:
    guid = item("plain").find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"
    assert guid.text == "tag:news.example.org,2016:plain"


def test_authors_without_an_address_do_not_vanish() -> None:
    # feedgen writes <author> only where there is an address.
    names = [x.text for x in item("seoul").findall("dc:creator", NS)]
    assert names == ["Ada Lovelace", "Émile Zola"]
    assert item("seoul").find("author") is None
    assert item("plain").findtext("dc:creator", None, NS) == "Coop desk"


def test_summary_is_html_in_the_description_alone() -> None:
    # Profile, "Character Data": the description, and no other element, is shown as HTML.
    assert item("seoul").findtext("description") == "Six days, 5 &lt; 6 &amp; more ]]&gt; ends."
    assert item("seoul").findtext("title") == "Academy in Seoul: <Social> & Solidarity"


def test_full_text_stands_beside_the_summary() -> None:
    # feedgen: content without summary would land in the description, and there it belongs.
    assert "<figure>" in (item("seoul").findtext("content:encoded", "", NS))
    assert item("cuidado").find("content:encoded", NS) is None
    assert "Texto en español." in item("cuidado").findtext("description", "")
    assert item("bare").find("description") is None


def test_description_precedes_the_content() -> None:
    names = [child.tag for child in item("seoul")]
    assert names.index("description") < names.index(f"{{{NS['content']}}}encoded")


def test_one_enclosure_with_its_true_size() -> None:
    assert [dict(x.attrib) for x in item("seoul").findall("enclosure")] == [
        {"url": "https://news.example.org/media/seoul.png", "length": "4321", "type": "image/png"}
    ]
    assert item("plain").find("enclosure") is None


def test_categories_are_kind_then_themes() -> None:
    assert [(x.get("domain"), x.text) for x in item("seoul").findall("category")] == [
        ("https://news.example.org/kinds/news/feed.xml", "News"),
        ("https://news.example.org/themes/care/", "Care & work"),
    ]


def test_language_of_the_feed_and_where_it_differs() -> None:
    assert channel().findtext("language") == "en"
    assert item("cuidado").findtext("dc:language", None, NS) == "es"
    assert item("plain").find("dc:language", NS) is None


def test_dates_are_english_with_the_zone_in_figures() -> None:
    # 1 June could be read as 6 January: feedgen takes text dates month first.
    assert item("plain").findtext("pubDate") == "Thu, 01 Jun 2017 00:00:00 +0200"
    assert item("bare").findtext("pubDate") == "Wed, 01 Mar 2017 00:00:00 +0100"


def test_offsets_of_local_mean_time_are_written_in_utc() -> None:
    # Zurich, 1860: +00:29:46, which RFC 822 cannot write.
    site = make_site([make("old", "1860-05-01")])
    assert channel(site=site).findtext("item/pubDate") == "Mon, 30 Apr 1860 23:30:14 +0000"


def test_what_stands_before_the_root() -> None:
    lines = rendered()["themes/care/feed.xml"].splitlines()
    assert lines[0] == b"<?xml version='1.0' encoding='UTF-8'?>"
    assert lines[1] == b'<?xml-stylesheet type="text/css" href="../../assets/feed.css"?>'
    assert lines[2].startswith(b"<rss ")
