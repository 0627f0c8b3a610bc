"""A validator of RSS 2.0.

Sources: the RSS 2.0 specification (rssboard.org/rss-specification, "spec"), the RSS Advisory
Board's Best Practices Profile (rssboard.org/rss-profile, "profile"), and the warnings that the W3C
feed validator documents (validator.w3.org/feed/docs, "W3C").
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING

from lxml import etree

from tests.validators import rules
from tests.validators.rules import Report, attributes, words

if TYPE_CHECKING:
    from datetime import datetime

    from tests.validators.rules import Finding

RULES = {
    **rules.BYTE_RULES,
    **rules.HTML_RULES,
    "xml": "profile §1: an RSS document must conform to XML 1.0",
    "root": "spec: the top element is rss with version 2.0, and one channel",
    "unknown-element": "profile §1: elements without a namespace are the specification's",
    "namespace": "W3C UnknownNamespace: namespaces that readers know",
    "unknown-attribute": "profile §1: attributes without a namespace are the specification's",
    "children": "profile, Character Data: elements with text must not contain elements",
    "blank": "W3C NotBlank: an element that is there says something",
    "required": "spec: a channel has title, link and description",
    "single": "profile: an element that may occur once occurs once",
    "channel-link": "profile, link: the address of the web site, not of the feed",
    "url": "profile, URLs: absolute, with a registered scheme, in ASCII (RFC 3986)",
    "self": "profile, atom:link: one with rel self, absolute, of type application/rss+xml",
    "atom-link": "RFC 4287 §4.2.7: href is required, rel is self, hub, alternate or related",
    "date": "profile, Dates: RFC 822 with a four-digit year, and the right day of the week",
    "language": "spec, language: a tag that the W3C defines (RFC 5646)",
    "email": "profile, Email Addresses: user@example.com (Name), the name with it",
    "item-content": "spec: an item has a title or a description",
    "guid": "profile, guid: every item has one; W3C MissingGuid",
    "guid-unique": "profile, guid: no two items have the same",
    "guid-permalink": "profile, isPermaLink: true or false, and true only for an address",
    "guid-tag": "RFC 4151 §2.1: a tag URI has authority, date and specific part",
    "enclosure": "profile, enclosure: url, length and type; a web address, bytes, a media type",
    "order-content": "W3C NeedDescriptionBeforeContent: description precedes content:encoded",
    "content-alone": "W3C: with content:encoded there is a description, which is the summary",
    "order": "The product's own: newest first by pubDate",
    "build-date": "spec, lastBuildDate: when the content last changed, so not before any pubDate",
    "ttl": "spec, ttl: a number of minutes",
    "creator": "profile, dc:creator: names the author",
}

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
ENCODED = f"{{{NAMESPACES['content']}}}encoded"
ONCE_IN_CHANNEL = words(
    "title link description language copyright managingEditor webMaster pubDate lastBuildDate"
    " generator docs cloud ttl image rating textInput skipHours skipDays"
)
ONCE_IN_ITEM = words("title link description author comments enclosure guid pubDate source") | {
    ENCODED
}
ATTRIBUTES = {
    "rss": {"version"},
    "guid": {"isPermaLink"},
    "category": {"domain"},
    "enclosure": {"url", "length", "type"},
    "source": {"url"},
}
HOLDS_ELEMENTS = {"channel", "item", "image", "textInput", "skipHours", "skipDays"}


def validate(data: bytes) -> list[Finding]:
    """Everything that is wrong with a feed; an empty list where it is sound."""
    report = Report(RULES)
    for rule, found in rules.byte_findings(data):
        report.check(False, rule, "bytes", found)
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        report.check(False, "xml", "document", error)
        return report.findings
    channels = root.findall("channel")
    sound = root.tag == "rss" and root.get("version") == "2.0" and len(channels) == len(root) == 1
    if report.check(sound, "root", str(root.tag)):
        _elements(root, report)
        _channel(channels[0], report)
    return report.findings


def _elements(root: etree._Element, report: Report) -> None:
    """Names, attributes and text of all elements, wherever they are."""
    for element in root.iter(etree.Element):
        name = etree.QName(element)
        where = element.getroottree().getpath(element)
        if name.namespace:
            report.check(name.namespace in NAMESPACES.values(), "namespace", where, name.namespace)
        else:
            allowed = ATTRIBUTES.get(name.localname, set())
            plain = {str(key) for key in element.attrib if not str(key).startswith("{")}
            report.check(plain <= allowed, "unknown-attribute", where, plain - allowed)
            holds = name.localname in HOLDS_ELEMENTS or element is root
            report.check(holds or len(element) == 0, "children", where, name.localname)
            empty_is_fine = holds or name.localname == "enclosure"
            report.check(empty_is_fine or _text(element), "blank", where, name.localname)


def _channel(channel: etree._Element, report: Report) -> None:
    _known(channel, ONCE_IN_CHANNEL | {"category", "item"}, report)
    _once(channel, ONCE_IN_CHANNEL, report)
    for name in ("title", "link", "description"):
        report.check(channel.find(name) is not None, "required", f"channel/{name}")
    _self(channel, report)
    _urls(channel, ("link", "docs"), report)
    for name in ("managingEditor", "webMaster"):
        for element in channel.findall(name):
            match = re.fullmatch(r"(\S+) \(([^()]+(?:\([^()]*\)[^()]*)*)\)", _text(element))
            sound = match is not None and rules.is_email(match[1])
            report.check(sound, "email", f"channel/{name}", _text(element))
    for element in channel.findall("language"):
        report.check(rules.is_language(_text(element)), "language", "channel", _text(element))
    for element in channel.findall("ttl"):
        report.check(_text(element).isdecimal(), "ttl", "channel/ttl", _text(element))
    built = _date(channel, "lastBuildDate", report)
    _date(channel, "pubDate", report)
    _items(channel.findall("item"), built, report)


def _self(channel: etree._Element, report: Report) -> None:
    links = channel.findall("atom:link", NAMESPACES)
    for link in links:
        known = link.get("rel", "alternate") in {"self", "hub", "alternate", "related"}
        sound = known and rules.is_uri(link.get("href", ""))
        report.check(sound, "atom-link", "channel", attributes(link))
    own = [link for link in links if link.get("rel") == "self"]
    sound = len(own) == 1 and own[0].get("type") == "application/rss+xml"
    if report.check(sound, "self", "channel", len(own)):
        address = own[0].get("href", "")
        report.check(rules.is_web(address), "self", "channel", address)
        differs = channel.findtext("link") != address
        report.check(differs, "channel-link", "channel/link", address)


def _items(items: list[etree._Element], built: datetime | None, report: Report) -> None:
    counts = Counter(item.findtext("guid") for item in items)
    dates: list[datetime] = []
    for index, item in enumerate(items):
        where = f"item[{index}]"
        _item(item, where, report)
        guid = item.findtext("guid")
        report.check(counts[guid] == 1, "guid-unique", where, guid)
        if date := _date(item, "pubDate", report):
            dates.append(date)
            report.check(built is None or date <= built, "build-date", where, date)
    report.check(dates == sorted(dates, reverse=True), "order", "channel", dates)


def _item(item: etree._Element, where: str, report: Report) -> None:
    _known(item, ONCE_IN_ITEM | {"category"}, report)
    _once(item, ONCE_IN_ITEM, report)
    _urls(item, ("link", "comments"), report)
    names = [child.tag for child in item]
    report.check({"title", "description"} & set(names), "item-content", where)
    _guid(item.find("guid"), where, report)
    for element in item.findall("author"):
        address = _text(element).partition(" (")[0]
        report.check(rules.is_email(address), "email", where, _text(element))
    for element in item.findall("enclosure"):
        _enclosure(element, where, report)
    for element in (*item.findall("category"), *item.findall("source")):
        named = element.get("domain") if element.tag == "category" else element.get("url", "")
        if named is not None:
            report.check(rules.is_uri(named), "url", where, named)
    for element in item.findall("dc:creator", NAMESPACES):
        report.check(_text(element), "creator", where)
    for element in item.findall("dc:language", NAMESPACES):
        report.check(rules.is_language(_text(element)), "language", where, _text(element))
    if ENCODED in names and report.check("description" in names, "content-alone", where):
        report.check(names.index("description") < names.index(ENCODED), "order-content", where)
    for element in (*item.findall("description"), *item.findall(ENCODED)):
        report.html(where, element.text or "")


def _guid(guid: etree._Element | None, where: str, report: Report) -> None:
    if not report.check(guid is not None and _text(guid), "guid", where) or guid is None:
        return
    permalink = guid.get("isPermaLink", "true")
    sound = permalink == "false" or (permalink == "true" and rules.is_web(_text(guid)))
    report.check(sound, "guid-permalink", where, permalink)
    if _text(guid).startswith("tag:"):
        report.check(rules.is_id(_text(guid)), "guid-tag", where, _text(guid))


def _enclosure(element: etree._Element, where: str, report: Report) -> None:
    sound = (
        rules.is_web(element.get("url", ""))
        and element.get("length", "").isdecimal()
        and rules.is_media_type(element.get("type", ""))
    )
    report.check(sound, "enclosure", where, attributes(element))


def _known(parent: etree._Element, names: frozenset[str], report: Report) -> None:
    for child in parent:
        tag = str(child.tag)
        report.check(tag.startswith("{") or tag in names, "unknown-element", str(parent.tag), tag)


def _once(parent: etree._Element, names: frozenset[str], report: Report) -> None:
    for tag, count in Counter(str(child.tag) for child in parent).items():
        report.check(tag not in names or count == 1, "single", str(parent.tag), tag)


def _urls(parent: etree._Element, names: tuple[str, ...], report: Report) -> None:
    for name in names:
        for element in parent.findall(name):
            report.check(
                rules.is_web(_text(element)), "url", f"{parent.tag}/{name}", _text(element)
            )


def _date(parent: etree._Element, name: str, report: Report) -> datetime | None:
    text = parent.findtext(name)
    if text is None:
        return None
    date = rules.rfc822(text)
    report.check(date, "date", f"{parent.tag}/{name}", text)
    return date


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def summary_of(description: str) -> str:
    """The plain text that a description of plain text stands for."""
    return unescape(description)
