"""A validator of JSON Feed 1.1: the rules of jsonfeed.org/version/1.1, by section of that page."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.validators import rules
from tests.validators.rules import Report, words

if TYPE_CHECKING:
    from datetime import datetime

    from tests.validators.rules import Finding

RULES = {
    **rules.BYTE_RULES,
    **rules.HTML_RULES,
    "json": "The Structure of a Feed: a JSON object (RFC 8259), no name twice (§4)",
    "version": "Top-level: version is the address of the version",
    "version-first": "Top-level: version should appear at the very top",
    "required": "Top-level: title and items are required",
    "public": "Top-level: home_page_url and feed_url are required of feeds on the public web",
    "type": "Top-level, Items: each member has the type that the page gives it",
    "unknown": "Extensions: names that the page does not know start with _ and a letter, no dot",
    "url": "Top-level, Items: addresses are absolute (RFC 3986)",
    "next": "Top-level: next_url is not feed_url",
    "authors": "Top-level: an author has at least one of name, url, avatar",
    "deprecated": "Deprecations: authors, not author",
    "language": "Top-level: a language by RFC 5646",
    "hubs": "Top-level: a hub has type and url",
    "id": "Items: every item has an id, a string that says something; a tag URI by RFC 4151 §2.1",
    "id-unique": "Items: ids are unique",
    "content": "Items: content_html or content_text is there",
    "blank": "The product's own: what has no value is left out",
    "date": "Items: dates in RFC 3339",
    "dates": "The product's own: modified is not before published",
    "attachments": "Attachments: url and mime_type are required, size_in_bytes counts bytes",
    "tags": "Items: tags are strings",
    "order": "The product's own: newest first",
}

STRING, BOOL, LIST = str, bool, list
TOP: dict[str, type] = {
    **dict.fromkeys(
        words(
            "version title home_page_url feed_url description user_comment next_url icon favicon"
            " language"
        ),
        STRING,
    ),
    **dict.fromkeys(("authors", "hubs", "items"), LIST),
    "expired": BOOL,
}
ITEM: dict[str, type] = {
    **dict.fromkeys(
        words(
            "id url external_url title content_html content_text summary image banner_image"
            " date_published date_modified language"
        ),
        STRING,
    ),
    **dict.fromkeys(("authors", "tags", "attachments"), LIST),
}
ADDRESSES = words(
    "home_page_url feed_url next_url icon favicon url external_url image banner_image"
)


def validate(data: bytes) -> list[Finding]:
    """Everything that is wrong with a feed; an empty list where it is sound."""
    report = Report(RULES)
    for rule, found in rules.byte_findings(data):
        report.check(False, rule, "bytes", found)
    try:
        document = json.loads(data, object_pairs_hook=_once, parse_constant=_no_constant)
    except ValueError as error:
        report.check(False, "json", "document", error)
        return report.findings
    if report.check(isinstance(document, dict), "json", "document", type(document)):
        _top(document, report)
    return report.findings


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name occurs twice")
    return dict(pairs)


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")


def _top(feed: dict[str, Any], report: Report) -> None:
    version = str(feed.get("version"))
    report.check(
        re.fullmatch(r"https://jsonfeed\.org/version/1(\.1)?", version), "version", "feed", version
    )
    report.check(next(iter(feed), "") == "version", "version-first", "feed")
    for name in ("title", "items"):
        report.check(name in feed, "required", "feed", name)
    for name in ("home_page_url", "feed_url"):
        report.check(rules.is_web(str(feed.get(name, ""))), "public", "feed", name)
    _members(feed, TOP, "feed", report)
    following = feed.get("next_url")
    report.check(following is None or following != feed.get("feed_url"), "next", "feed")
    for hub in _dicts(feed.get("hubs"), "hubs", "feed", report):
        sound = hub.get("type") and rules.is_web(str(hub.get("url", "")))
        report.check(sound, "hubs", "feed", hub)
    _items(_dicts(feed.get("items"), "type", "items", report), report)


def _items(items: list[dict[str, Any]], report: Report) -> None:
    counts = Counter(str(item.get("id")) for item in items)
    published: list[datetime] = []
    for index, item in enumerate(items):
        where = f"items[{index}]"
        _item(item, where, report)
        report.check(counts[str(item.get("id"))] == 1, "id-unique", where, item.get("id"))
        dates = {}
        for name in ("date_published", "date_modified"):
            if name in item:
                dates[name] = rules.rfc3339(str(item[name]))
                report.check(dates[name], "date", where, item[name])
        born, changed = dates.get("date_published"), dates.get("date_modified")
        report.check(not (born and changed) or born <= changed, "dates", where, changed)
        published += [born] if born else []
    report.check(published == sorted(published, reverse=True), "order", "items")


def _item(item: dict[str, Any], where: str, report: Report) -> None:
    _members(item, ITEM, where, report)
    own_id = item.get("id")
    report.check(isinstance(own_id, str) and own_id.strip(), "id", where, own_id)
    if isinstance(own_id, str) and own_id.startswith("tag:"):
        report.check(rules.is_id(own_id), "id", where, own_id)
    report.check({"content_html", "content_text"} & set(item), "content", where)
    tags = item.get("tags", [])
    strings = isinstance(tags, list) and all(isinstance(tag, str) and tag for tag in tags)
    report.check(strings, "tags", where, tags)
    if isinstance(item.get("content_html"), str):
        report.html(where, item["content_html"])
    for attachment in _dicts(item.get("attachments"), "attachments", where, report):
        size = attachment.get("size_in_bytes", 0)
        sound = (
            rules.is_web(str(attachment.get("url", "")))
            and rules.is_media_type(str(attachment.get("mime_type", "")))
            and isinstance(size, int)
            and size >= 0
        )
        report.check(sound, "attachments", where, attachment)


def _members(holder: dict[str, Any], known: dict[str, type], where: str, report: Report) -> None:
    """Names, types, addresses, authors and language of the feed or of an item."""
    for name, value in holder.items():
        if name not in known:
            extension = re.fullmatch(r"_[A-Za-z][^.]*", name)
            report.check(extension or name == "author", "unknown", where, name)
            continue
        report.check(isinstance(value, known[name]), "type", where, name)
        report.check(
            value not in ("", None) and (value != [] or name == "items"), "blank", where, name
        )
        if name in ADDRESSES:
            report.check(rules.is_uri(str(value)), "url", where, f"{name}: {value}")
    report.check("author" not in holder, "deprecated", where)
    if "language" in holder:
        report.check(rules.is_language(str(holder["language"])), "language", where)
    for author in _dicts(holder.get("authors"), "authors", where, report):
        report.check({"name", "url", "avatar"} & set(author), "authors", where, author)


def _dicts(value: object, rule: str, where: str, report: Report) -> list[dict[str, Any]]:
    """The objects of an array; whatever else is in it breaks the rule."""
    entries = value if isinstance(value, list) else []
    sound = [entry for entry in entries if isinstance(entry, dict)]
    report.check(len(sound) == len(entries), rule, where, "an array of objects")
    return sound
