"""RSS 2.0 by way of feedgen.

Rules: RSS 2.0 specification (rssboard.org/rss-specification), the RSS Advisory Board's Best
Practices Profile (rssboard.org/rss-profile), W3C WebSub §4 for the hub.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

import lxml.etree  # noqa: F401  # feedgen.ext.dc uses it without loading it
from feedgen.ext.dc import DcEntryExtension

from pipeline.render.feed_items import ENTRIES_KEPT, RSS
from pipeline.render.feed_xml import ATOM_LINK, Entry, Generator, categories, rfc822, serialised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.render.feed_items import Channel, FeedItem


def rss(channel: Channel, items: Sequence[FeedItem]) -> bytes:
    """`feed.xml`: the items in the order given."""
    feed = Generator(channel)
    feed.load_extension("dc", atom=False)
    feed.without_build_date()
    feed.docs("https://www.rssboard.org/rss-specification")
    feed.link(href=channel.folder + RSS, rel="self", type="application/rss+xml")
    # Last: feedgen takes the last link for the channel's <link>, which is the site's page.
    feed.link(href=channel.home, rel="alternate")
    feed.extra.add("lastBuildDate", rfc822(channel.updated))
    if channel.hub:
        feed.extra.add(ATOM_LINK, rel="hub", href=channel.hub)
    if channel.author.email:
        # Profile, "Email Addresses": the address, then the name in brackets.
        feed.managingEditor(f"{channel.author.email} ({channel.author.name})")
    for item in items:
        feed.append(_entry(item))
    return serialised(feed.rss_str(pretty=True), feed.extra.root, "guid", items)


@lru_cache(maxsize=ENTRIES_KEPT)
def _entry(item: FeedItem) -> Entry:
    made = Entry()
    # By its class: by its name feedgen would look for the module again, for each item.
    made.register_extension("dc", DcEntryExtension, atom=False)
    made.title(item.title)
    made.link(href=item.url)
    made.guid(item.id, permalink=False)
    if item.summary:
        # The one element of RSS that readers show as HTML (profile, "Character Data").
        made.description(escape(item.summary, quote=False))
    if item.html:
        # Where there is no summary feedgen puts it into the description, as it should be.
        made.content(item.html, type="html")
    for author in item.authors:
        made.dc.dc_creator(author.name)
    if item.lang:
        made.dc.dc_language(item.lang)
    made.category(categories(item))
    if item.enclosure:
        made.enclosure(item.enclosure.url, item.enclosure.size, item.enclosure.mime)
    made.extra.add("pubDate", rfc822(item.published))
    return made
