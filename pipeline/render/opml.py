"""OPML 2.0 (opml.org/spec2.opml): every feed of the site, to be subscribed to at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from pipeline.render.feed_items import RSS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.render.feed_items import Channel


def opml(title: str, channels: Iterable[Channel]) -> bytes:
    """`feeds.opml`: one line a feed, in one format, lest readers subscribe three times.

    Without a date: the list changes when feeds come and go, not when news does.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for channel in channels:
        # "Subscription lists": type and xmlUrl are required, RSS2 is the version of feed.xml.
        etree.SubElement(
            body,
            "outline",
            {
                "type": "rss",
                "text": channel.title,
                "title": channel.title,
                "description": channel.description,
                "language": channel.lang,
                "version": "RSS2",
                "htmlUrl": channel.home,
                "xmlUrl": channel.folder + RSS,
            },
        )
    return etree.tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=True)
