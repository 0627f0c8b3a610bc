"""What a feed says, before it is said as RSS, Atom or JSON: the one place where it is decided.

All three formats are written from the same `Channel` and `FeedItem`s, so that they agree (ids,
order, dates, HTML). Every text is cleaned here, once, of characters that XML cannot carry; every
URL is absolute and ASCII here.
"""

from __future__ import annotations

import posixpath
import re
from datetime import UTC, timedelta
from html import escape, unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pipeline.core.newsroom import TAG_SAFE, Author
from pipeline.core.text import legal, one_line
from pipeline.render.dates import direction
from pipeline.render.links import place
from pipeline.render.markdown import for_feed

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.feed import Feed
    from pipeline.core.item import Item, Picture
    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Newsroom
    from pipeline.render.site import Site

GENERATOR = "enewsupdate"
"""Without a version: an upgrade must not change a feed whose news has not changed."""

ENTRIES_KEPT = 1024
"""Entries in memory while feeds are rendered: most stand in several of them."""

STYLESHEET = "assets/feed.css"

RSS, ATOM, JSON = "feed.xml", "atom.xml", "feed.json"
"""File names of the three formats, in the folder of their feed."""

_BREAKS = re.compile("\r\n?|\x85")  # U+0085 is legal in XML and an error in HTML (§13.2.3.5)
_OPENING = re.compile(r'<[a-z](?:[^">]|"[^"]*")*>')
_ID = re.compile(r' id="([^"]*)"')
_WITHIN = re.compile(r' href="#(?P<fragment>[^"]*)"')


class Tag(NamedTuple):
    """A kind or a theme: `term` is its key, `label` what readers see, `scheme` where it lives."""

    term: str
    label: str
    scheme: str


class Enclosure(NamedTuple):
    """A picture that comes with an item; `size` is its true length in bytes."""

    url: str
    mime: str
    size: int


class FeedItem(NamedTuple):
    """An item as all formats tell it.

    `title` and `summary` are plain text in one line, `html` is "" where the feed carries summaries
    only; `lang` is "" where the item speaks the feed's language; the dates are aware, in whole
    seconds.
    """

    id: str
    title: str
    url: str
    elsewhere: str
    summary: str
    html: str
    published: datetime
    updated: datetime
    authors: tuple[Author, ...]
    tags: tuple[Tag, ...]
    lang: str
    enclosure: Enclosure | None


class Channel(NamedTuple):
    """A feed as all formats tell it.

    `folder` is the address of the folder that holds its files, `home` that of the page it mirrors,
    `stylesheet` leads from the folder to the style sheet.
    """

    id: str
    title: str
    description: str
    lang: str
    folder: str
    home: str
    hub: str
    stylesheet: str
    author: Author
    updated: datetime


def channel(feed: Feed, newsroom: Newsroom) -> Channel:
    """A feed's own particulars."""
    return Channel(
        id=feed.id,
        title=_text(feed.title) or feed.id,
        description=_text(feed.description) or _text(feed.title) or feed.id,
        lang=feed.lang,
        folder=newsroom.url(feed.base),
        home=newsroom.url(feed.page),
        hub=newsroom.feeds.hub,
        stylesheet=posixpath.relpath(STYLESHEET, feed.base or "."),
        author=_author(newsroom),
        updated=instant(feed.updated),
    )


def feed_item(item: Item, site: Site) -> FeedItem:
    """An item as every feed that holds it tells it; reads its body if the newsroom wants it."""
    catalogue = site.catalogue
    newsroom = catalogue.newsroom
    names = [name for name in map(_text, item.authors) if name]
    return FeedItem(
        id=newsroom.tag(item.id),
        title=_text(item.title) or item.id,
        url=newsroom.url(item.path),
        elsewhere=quote(legal(item.link), safe=TAG_SAFE + "?#[]%"),
        summary=_text(item.summary),
        html=_html(item, site) if newsroom.feeds.full_text else "",
        published=instant(item.date),
        updated=instant(item.modified),
        authors=tuple(Author(name=name) for name in names) or (_author(newsroom),),
        tags=tuple(_tags(item, catalogue)),
        lang="" if item.lang == newsroom.language else item.lang,
        enclosure=_enclosure(item, catalogue),
    )


def instant(moment: datetime) -> datetime:
    """`moment` in whole seconds, with an offset that feeds can write.

    RFC 822 and RFC 3339 (§5.6) know offsets of whole minutes only; local mean time, before zones
    came in, had seconds in its offset.
    """
    moment = moment.replace(microsecond=0)
    offset = moment.utcoffset() or timedelta()
    return moment.astimezone(UTC) if offset % timedelta(minutes=1) else moment


def _text(text: str) -> str:
    return one_line(legal(text))


def _author(newsroom: Newsroom) -> Author:
    name = _text(newsroom.author.name) or _text(newsroom.title)
    return Author(name=name, email=legal(newsroom.author.email))


def _html(item: Item, site: Site) -> str:
    """The picture and the body, with absolute addresses; "" where there is neither."""
    catalogue = site.catalogue
    newsroom = catalogue.newsroom
    placed = place(site.body_of(item), item.source, catalogue, base=newsroom.url(""))
    body = _absolute(for_feed(placed), newsroom.url(item.path))
    media = _media(item, catalogue)
    figure = _figure(item.image, media, newsroom) if item.image and media else ""
    html = _BREAKS.sub("\n", legal(f"{figure}\n{body}".strip()))
    way = direction(item.lang)
    # Readers take the language from the HTML at best, the direction from nowhere else.
    if html and (item.lang != newsroom.language or way == "rtl"):
        return f'<div lang="{escape(item.lang)}" dir="{way}">\n{html}\n</div>'
    return html


def _absolute(html: str, url: str) -> str:
    """Lead links within the text to its page, where their target is not in the feed.

    Feeds keep no ids but those of notes; in text, as against elements, `href="#x"` is just text.
    """
    if 'href="#' not in html:
        return html
    ids = {found for tag in _OPENING.findall(html) for found in _ID.findall(tag)}

    def lead(match: re.Match[str]) -> str:
        if match["fragment"] in ids:
            return match[0]
        fragment = quote(unescape(match["fragment"]), safe=TAG_SAFE + "?%")
        return f' href="{escape(f"{url}#{fragment}")}"'

    return _OPENING.sub(lambda tag: _WITHIN.sub(lead, tag[0]), html)


def _figure(picture: Picture, media: MediaFile, newsroom: Newsroom) -> str:
    size = f' width="{media.width}" height="{media.height}"' if media.is_picture else ""
    src = escape(newsroom.url(media.path))
    image = f'<img src="{src}"{size} alt="{escape(_text(picture.alt))}">'
    words = " · ".join(
        escape(_text(x), quote=False) for x in (picture.caption, picture.credit) if x
    )
    caption = f"<figcaption>{words}</figcaption>" if words else ""
    return f"<figure>{image}{caption}</figure>"


def _tags(item: Item, catalogue: Catalogue) -> list[Tag]:
    newsroom = catalogue.newsroom
    kind = Tag(
        term=item.kind,
        label=_text(newsroom.kinds.get(item.kind, "")) or item.kind,
        scheme=newsroom.url(f"kinds/{item.kind}/{RSS}"),
    )
    themes = [catalogue.themes[key] for key in item.themes if key in catalogue.themes]
    return [
        kind,
        *(
            Tag(
                term=theme.key,
                label=_text(theme.title) or theme.key,
                scheme=newsroom.url(theme.path),
            )
            for theme in themes
        ),
    ]


def _media(item: Item, catalogue: Catalogue) -> MediaFile | None:
    return catalogue.media.get(item.image.src) if item.image else None


def _enclosure(item: Item, catalogue: Catalogue) -> Enclosure | None:
    media = _media(item, catalogue)
    if media is None:
        return None
    url = catalogue.newsroom.url(media.path)
    return Enclosure(url=url, mime=media.mime, size=media.size)
