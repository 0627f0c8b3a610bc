"""What RSS and Atom share: feedgen, set up so that it does what the formats ask, and no more.

feedgen 1.0 writes into RSS no link but `self`, drops `rel`, `type` and `length` of the links in an
Atom entry, knows `xml:lang` on the feed only, writes RSS dates by way of the process-wide
`setlocale`, and dates what is not dated with the clock. `Extra` adds what is missing, as an
extension of feedgen, so that nothing is parsed again. Loading feedgen costs 70 ms: import this
module only where a feed is rendered.
"""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from pipeline.errors import EnewsError
from pipeline.render.feed_items import GENERATOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lxml.etree import _Element

    from pipeline.render.feed_items import Channel, FeedItem

ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Extra(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """Elements and attributes that feedgen has no call for, in the order in which they came."""

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self._elements: list[tuple[str, str, dict[str, str]]] = []

    def add(self, name: str, text: str = "", **attributes: str) -> None:
        """Write an element (Clark's notation where it has a namespace)."""
        self._elements.append((name, text, attributes))

    def write(self, parent: _Element) -> None:
        """Put everything into the tree that feedgen has built so far."""
        for key, value in self.attributes.items():
            parent.set(key, value)
        for name, text, attributes in self._elements:
            element = etree.SubElement(parent, name, attributes)
            element.text = text or None


class ItemExtra(Extra):
    """For one item; feedgen calls it when the item's own elements are written."""

    def extend_rss(self, entry: _Element) -> _Element:
        """Add to `<item>`."""
        self.write(entry)
        return entry

    def extend_atom(self, entry: _Element) -> _Element:
        """Add to `<entry>`."""
        self.write(entry)
        return entry


class FeedExtra(Extra):
    """For the feed; keeps its `root`, so that `serialised` can look at what feedgen made."""

    def __init__(self) -> None:
        super().__init__()
        self.stylesheet = ""
        self.root: _Element | None = None

    def extend_rss(self, feed: _Element) -> _Element:
        """Add to `<channel>`, which is the root's only child."""
        self._begin(feed)
        self.write(feed[0])
        return feed

    def extend_atom(self, feed: _Element) -> _Element:
        """Add to `<feed>`."""
        self._begin(feed)
        self.write(feed)
        return feed

    def _begin(self, root: _Element) -> None:
        """Put the style sheet before the root (Associating Style Sheets with XML documents, §4)."""
        self.root = root
        sheet = f'type="text/css" href="{self.stylesheet}"'
        root.addprevious(etree.ProcessingInstruction("xml-stylesheet", sheet))


class Entry(FeedEntry):  # type: ignore[misc]  # feedgen is untyped
    """One item in one format, whose XML is made once and moves from feed to feed.

    Most items stand in several feeds (all, their kind, their themes), which are written one after
    another; to make the XML is most of what a feed costs.
    """

    extra: ItemExtra
    _made: _Element | None = None

    def __init__(self) -> None:
        super().__init__()
        self.register_extension("extra", ItemExtra)

    def rss_entry(self, extensions: bool = True) -> _Element:  # noqa: FBT001, FBT002  # the library's name and shape
        """The `<item>`."""
        if self._made is None:
            self._made = super().rss_entry(extensions)
        return self._made

    def atom_entry(self, extensions: bool = True) -> _Element:  # noqa: FBT001, FBT002  # the library's name and shape
        """The `<entry>`."""
        if self._made is None:
            self._made = super().atom_entry(extensions)
        return self._made


class Generator(FeedGenerator):  # type: ignore[misc]  # feedgen is untyped
    """A FeedGenerator with nothing of its own in the feed: no clock, no locale, no version."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self.extra: FeedExtra
        self.register_extension("extra", FeedExtra, ItemExtra)
        self.extra.stylesheet = channel.stylesheet
        self.id(channel.id)
        self.title(channel.title)
        self.description(channel.description)
        self.subtitle(channel.description)
        self.language(channel.lang)
        self.generator(GENERATOR)
        self.updated(channel.updated)

    def append(self, entry: Entry) -> None:
        """Put an entry behind the others."""
        self.add_entry(entry, order="append")

    def without_build_date(self) -> None:
        """Leave `lastBuildDate` to `extra`: feedgen would call `setlocale` to write it.

        feedgen has no call that takes it back. Should the name change, the test that forbids
        `setlocale` fails.
        """
        self._FeedGenerator__rss_lastBuildDate = None


def categories(item: FeedItem) -> list[dict[str, str]]:
    """An item's tags as feedgen takes them all at once."""
    return [{"term": tag.term, "label": tag.label, "scheme": tag.scheme} for tag in item.tags]


def rfc822(moment: datetime) -> str:
    """A date for RSS (RFC 822 §5, four-digit year, numeric zone), English in every locale."""
    return format_datetime(moment)


def serialised(xml: bytes, root: _Element | None, name: str, items: Sequence[FeedItem]) -> bytes:
    """`xml` with a final newline, once it is certain that its ids stand in the order asked for.

    feedgen puts new entries first unless told otherwise; a library that changes its mind would show
    every reader old items as new. Raises EnewsError.
    """
    found = [] if root is None else [element.text for element in root.iter("{*}" + name)]
    if found[len(found) - len(items) :] != [item.id for item in items]:
        raise EnewsError("feedgen wrote the items in another order: pin it to 1.0.0")
    return xml if xml.endswith(b"\n") else xml + b"\n"
