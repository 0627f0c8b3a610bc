"""Atom 1.0 (RFC 4287) by way of feedgen; W3C WebSub §4 for the hub."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.render.feed_items import ATOM, ENTRIES_KEPT
from pipeline.render.feed_xml import LANG, Entry, Generator, categories, serialised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.core.newsroom import Author
    from pipeline.render.feed_items import Channel, FeedItem


def atom(channel: Channel, items: Sequence[FeedItem]) -> bytes:
    """`atom.xml`: the items in the order given."""
    feed = Generator(channel)
    feed.author(_person(channel.author))
    feed.link(href=channel.folder + ATOM, rel="self", type="application/atom+xml")
    if channel.hub:
        feed.link(href=channel.hub, rel="hub")
    feed.link(href=channel.home, rel="alternate", type="text/html")
    for item in items:
        feed.append(_entry(item))
    return serialised(feed.atom_str(pretty=True), feed.extra.root, "id", items)


@lru_cache(maxsize=ENTRIES_KEPT)
def _entry(item: FeedItem) -> Entry:
    entry = Entry()
    entry.id(item.id)
    entry.title(item.title)
    entry.updated(item.updated)
    entry.published(item.published)
    for author in item.authors:
        entry.author(_person(author))
    if item.html:
        # "html" always: any other type shows readers the tags, or is no Atom (RFC 4287 §3.1.1).
        entry.content(item.html, type="html")
    if item.summary:
        entry.summary(item.summary)
    entry.category(categories(item))
    # Of an entry's links feedgen writes the address only, which is right for the page alone: a link
    # without a relation is the alternate one (RFC 4287 §4.2.7.2).
    entry.link(href=item.url)
    if item.elsewhere:
        entry.extra.add("link", rel="related", href=item.elsewhere)
    if item.enclosure:
        entry.extra.add(
            "link",
            rel="enclosure",
            href=item.enclosure.url,
            type=item.enclosure.mime,
            length=str(item.enclosure.size),
        )
    if item.lang:
        entry.extra.attributes[LANG] = item.lang
    return entry


def _person(author: Author) -> dict[str, str]:
    return {"name": author.name, **({"email": author.email} if author.email else {})}
