"""The list of feeds: OPML 2.0 (opml.org/spec2.opml)."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from tests.feed_site import ITEMS, NEWSROOM, make_site, rendered


def test_every_feed_once() -> None:
    root = etree.fromstring(rendered()["feeds.opml"])
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    assert root.findtext("head/title") == "Coop & Co"
    found = root.findall("body/outline")
    assert [outline.get("xmlUrl") for outline in found] == [
        "https://news.example.org/feed.xml",
        "https://news.example.org/kinds/news/feed.xml",
        "https://news.example.org/kinds/champion/feed.xml",
        "https://news.example.org/kinds/resource/feed.xml",
        "https://news.example.org/themes/care/feed.xml",
        "https://news.example.org/themes/youth/feed.xml",
        "https://news.example.org/issues/enewsupdate/feed.xml",
    ]


def test_outline_says_what_a_reader_needs() -> None:
    # "Subscription lists": type rss, text and xmlUrl are required.
    outline = etree.fromstring(rendered()["feeds.opml"]).findall("body/outline")[4]
    assert {str(key): str(value) for key, value in outline.attrib.items()} == {
        "type": "rss",
        "text": "Coop & Co: Care & work",
        "title": "Coop & Co: Care & work",
        "description": "Coop & Co: Care & work",
        "language": "en",
        "version": "RSS2",
        "htmlUrl": "https://news.example.org/themes/care/",
        "xmlUrl": "https://news.example.org/themes/care/feed.xml",
    }


def test_news_does_not_change_it() -> None:
    assert rendered(make_site(ITEMS[1:]))["feeds.opml"] == rendered()["feeds.opml"]


def test_illegal_characters_in_titles_are_left_out() -> None:
    site = make_site(newsroom=replace(NEWSROOM, title="Co\x00op\x0c"))
    assert etree.fromstring(rendered(site)["feeds.opml"]).findtext("head/title") == "Coop"
