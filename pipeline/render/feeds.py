"""The feeds of a site, planned: RSS, Atom and JSON Feed of each selection, and their list.

Planning compares keys and no more: no body is read, and feedgen and lxml are loaded (70 ms) only
when a feed is rendered.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from pipeline.core.feed import feeds
from pipeline.render.feed_items import ATOM, ENTRIES_KEPT, JSON, RSS, channel, feed_item
from pipeline.render.page import Page, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.core.feed import Feed
    from pipeline.core.item import Item
    from pipeline.render.feed_items import Channel, FeedItem
    from pipeline.render.site import Site

OPML = "feeds.opml"
"""Every feed of the site, at its root."""

ISSUES = "issues/"
"""Where the feeds of newsletters lie."""


def feed_pages(site: Site) -> Iterator[Page]:
    """Three files for each feed, then `feeds.opml`."""
    every = tuple(feeds(site.catalogue, site.issues))
    item_key = lru_cache(maxsize=None)(partial(_item_key, site))
    # The three formats of a feed are rendered one after another, from the same items.
    told = lru_cache(maxsize=ENTRIES_KEPT)(partial(feed_item, site=site))
    for feed in every:
        if not site.shows_news(feed.items):
            continue
        key = key_of(site.environment, *_feed_key(feed), feed.updated, *map(item_key, feed.items))
        for name, render in ((RSS, _rss), (ATOM, _atom), (JSON, _json)):
            yield Page(
                path=feed.base + name,
                key=key_of(name, key),
                render=partial(render, site, feed, told),
            )
    yield Page(
        path=OPML,
        key=key_of(site.environment, *(part for feed in every for part in _feed_key(feed))),
        render=partial(_opml, site, every),
    )


def _feed_key(feed: Feed) -> tuple[str, ...]:
    return feed.id, feed.title, feed.description, feed.base, feed.page, feed.lang


def _item_key(site: Site, item: Item) -> str:
    """What a feed tells of an item: its file, its place, its dates, its picture, themes, links.

    The date may come from the file's name, and path and id from its folder, so they are parts of
    their own; all else that an editor typed is in the digest.
    """
    catalogue = site.catalogue
    media = catalogue.media.get(item.image.src) if item.image else None
    themes = (catalogue.themes[key].digest for key in item.themes if key in catalogue.themes)
    return key_of(
        item.id,
        item.path,
        item.source,
        item.digest,
        item.date.isoformat(),
        item.modified.isoformat(),
        media.digest if media else "",
        site.link_keys.get(item.id, ""),
        *themes,
    )


def _channel(feed: Feed, site: Site) -> Channel:
    """A feed's own particulars, in the words of its language."""
    newsroom = site.catalogue.newsroom
    words = site.templates.words("site", feed.lang)
    label = feed.title.removeprefix(f"{newsroom.title}: ")
    of_kind = label != feed.title
    title = words.feed_kind(newsroom=newsroom.title, label=label) if of_kind else feed.title
    said = title if feed.description == feed.title else feed.description
    if feed.base.startswith(ISSUES):
        title, said = feed.title, words.issues_of(title=feed.title)
    return channel(feed._replace(title=title, description=said), newsroom)


def _rss(site: Site, feed: Feed, told: Callable[[Item], FeedItem]) -> bytes:
    from pipeline.render.rss import rss

    return rss(_channel(feed, site), [told(item) for item in feed.items])


def _atom(site: Site, feed: Feed, told: Callable[[Item], FeedItem]) -> bytes:
    from pipeline.render.atom import atom

    return atom(_channel(feed, site), [told(item) for item in feed.items])


def _json(site: Site, feed: Feed, told: Callable[[Item], FeedItem]) -> bytes:
    from pipeline.render.jsonfeed import jsonfeed

    return jsonfeed(_channel(feed, site), [told(item) for item in feed.items])


def _opml(site: Site, every: Sequence[Feed]) -> bytes:
    from pipeline.render.opml import opml

    channels = [_channel(feed, site) for feed in every]
    return opml(channels[0].title, channels)
