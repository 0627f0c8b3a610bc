"""Feeds read back: what a reader sees in each format, in one shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import feedparser
from lxml import etree

from tests.validators import atom, jsonfeed, rss, rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.validators.rules import Finding

NS = {"a": "http://www.w3.org/2005/Atom", **rss.NAMESPACES}
VALIDATORS: dict[str, Callable[[bytes], list[Finding]]] = {
    "feed.xml": rss.validate,
    "atom.xml": atom.validate,
    "feed.json": jsonfeed.validate,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """An item as a reader found it."""

    id: str
    url: str
    title: str
    summary: str
    html: str
    published: datetime
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    enclosure: tuple[str, str, int] | None


def findings(path: str, data: bytes) -> list[Finding]:
    """What the validator of the file's format says."""
    return VALIDATORS[path.rpartition("/")[2]](data)


def read(path: str, data: bytes) -> list[Read]:
    """The items of a feed, in the order of the file."""
    readers = {"feed.xml": read_rss, "atom.xml": read_atom, "feed.json": read_json}
    return readers[path.rpartition("/")[2]](data)


def read_rss(data: bytes) -> list[Read]:
    """RSS by way of lxml."""
    return [_rss_item(item) for item in etree.fromstring(data).iter("item")]


def read_atom(data: bytes) -> list[Read]:
    """Atom by way of lxml."""
    return [_atom_entry(entry) for entry in etree.fromstring(data).iter(f"{{{NS['a']}}}entry")]


def read_json(data: bytes) -> list[Read]:
    """JSON Feed by way of json."""
    return [_json_item(item) for item in json.loads(data)["items"]]


def parse(data: bytes) -> Any:  # feedparser is untyped
    """RSS or Atom by way of feedparser, a reader in wide use, with its own cleaning off."""
    parsed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def _rss_item(item: etree._Element) -> Read:
    description = item.findtext("description", "")
    # Where there is no summary the full text is the description; a summary holds no element.
    full = "<" in description
    encoded = description if full else item.findtext("content:encoded", "", NS)
    enclosure = item.find("enclosure")
    return Read(
        id=item.findtext("guid", ""),
        url=item.findtext("link", ""),
        title=item.findtext("title", ""),
        summary="" if full else rss.summary_of(description),
        html=encoded,
        published=_date(rules.rfc822(item.findtext("pubDate", ""))),
        authors=tuple(x.text or "" for x in item.findall("dc:creator", NS)),
        tags=tuple(x.text or "" for x in item.findall("category")),
        enclosure=None
        if enclosure is None
        else (
            enclosure.get("url", ""),
            enclosure.get("type", ""),
            int(enclosure.get("length", "")),
        ),
    )


def _atom_entry(entry: etree._Element) -> Read:
    links = {link.get("rel", "alternate"): link for link in entry.findall("a:link", NS)}
    picture = links.get("enclosure")
    return Read(
        id=entry.findtext("a:id", "", NS),
        url=links["alternate"].get("href", ""),
        title=entry.findtext("a:title", "", NS),
        summary=entry.findtext("a:summary", "", NS),
        html=entry.findtext("a:content", "", NS),
        published=_date(rules.rfc3339(entry.findtext("a:published", "", NS))),
        authors=tuple(x.text or "" for x in entry.findall("a:author/a:name", NS)),
        tags=tuple(x.get("label", "") for x in entry.findall("a:category", NS)),
        enclosure=None
        if picture is None
        else (picture.get("href", ""), picture.get("type", ""), int(picture.get("length", ""))),
    )


def _json_item(item: dict[str, Any]) -> Read:
    pictures = [(x["url"], x["mime_type"], x["size_in_bytes"]) for x in item.get("attachments", [])]
    return Read(
        id=item["id"],
        url=item["url"],
        title=item["title"],
        summary=item.get("summary", ""),
        html=item.get("content_html", ""),
        published=_date(rules.rfc3339(item["date_published"])),
        authors=tuple(author["name"] for author in item["authors"]),
        tags=tuple(item["tags"]),
        enclosure=pictures[0] if pictures else None,
    )


def _date(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment
