"""A validator of Atom 1.0: RFC 4287 by section, RFC 4151 for tag URIs, RFC 3339 for dates."""

from __future__ import annotations

from collections import Counter
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
    "xml": "§2: a well-formed XML document",
    "root": "§4.1.1: atom:feed in the Atom namespace",
    "unknown-element": "§4, §6.3: known Atom elements where they may stand",
    "unknown-attribute": "§4: known attributes, or those of another namespace",
    "required": "§4.1.1, §4.1.2: id, title and updated",
    "single": "§4.1.1, §4.1.2: at most one of each",
    "author": "§4.1.1: an author in the feed or in every entry",
    "person": "§3.2: a name; an address, if any, by RFC 2822",
    "id": "§4.2.6: an absolute IRI; a tag URI keeps to RFC 4151 §2.1",
    "id-normal": "§4.2.6.1: scheme and host in lower case, no default port, upper-case escapes",
    "id-unique": "§4.1.1: entries of one id differ in updated; here ids are unique",
    "date": "§3.3: RFC 3339 with upper-case T and Z",
    "text-type": "§3.1.1: text, html or xhtml",
    "text-children": "§3.1.1.1, §3.1.1.2: text and html hold no elements",
    "blank": "§4.2.14: a title that says something (W3C NotBlank)",
    "content-type": "§4.1.3.1: text, html, xhtml or a media type that is no multipart",
    "content-summary": "§4.1.2: an entry without content has an alternate link",
    "link-href": "§4.2.7.1: href is required, here absolute",
    "link-rel": "§4.2.7.2: a registered relation, or an IRI",
    "link-type": "§4.2.7.3: a media type",
    "link-length": "§4.2.7.6: a length in bytes",
    "link-alternate": "§4.1.1, §4.1.2: one alternate link of each type and language",
    "link-self": "§4.1.1: one self link, of type application/atom+xml",
    "link-empty": "W3C AtomLinkNotEmpty: a link holds nothing",
    "enclosure": "§4.2.7.6 (hint): an enclosure says its type and length",
    "category": "§4.2.2: a term; the scheme is an absolute IRI",
    "language": "§2 (xml:lang): a language tag by RFC 5646",
    "generator": "§4.2.4: the generator has a name",
    "order": "The product's own: newest first by published",
    "dates": "§4.2.9, §4.2.15: updated is not before published, nor the feed's before any entry's",
}

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FEED_ONCE = words("generator icon id logo rights subtitle title updated")
ENTRY_ONCE = words("content id published rights source summary title updated")
MANY = frozenset({"author", "category", "contributor", "link"})
ATTRIBUTES = {
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    "category": {"term", "scheme", "label"},
    "content": {"type", "src"},
    "generator": {"uri", "version"},
    **{name: {"type"} for name in ("title", "subtitle", "summary", "rights")},
}
RELATIONS = words(
    "alternate related self enclosure via hub first last next previous replies license edit"
    " current next-archive prev-archive"
)


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
    if report.check(root.tag == f"{ATOM}feed", "root", str(root.tag)):
        for element in root.iter(etree.Element):
            _element(element, report)
        _feed(root, report)
    return report.findings


def _element(element: etree._Element, report: Report) -> None:
    """Attributes that any element may carry."""
    name = etree.QName(element).localname
    where = element.getroottree().getpath(element)
    plain = {str(key) for key in element.attrib if not str(key).startswith("{")}
    allowed = ATTRIBUTES.get(name, set())
    report.check(plain <= allowed, "unknown-attribute", where, plain - allowed)
    if (lang := element.get(LANG)) is not None:
        report.check(rules.is_language(lang), "language", where, lang)


def _feed(feed: etree._Element, report: Report) -> None:
    _shape(feed, FEED_ONCE, MANY | {"entry"}, "feed", report)
    _metadata(feed, "feed", report)
    entries = feed.findall(f"{ATOM}entry")
    authored = feed.find(f"{ATOM}author") is not None or all(
        entry.find(f"{ATOM}author") is not None for entry in entries
    )
    report.check(authored, "author", "feed")
    own = [x for x in feed.findall(f"{ATOM}link") if x.get("rel") == "self"]
    sound = len(own) == 1 and own[0].get("type") == "application/atom+xml"
    report.check(sound, "link-self", "feed", len(own))
    for generator in feed.findall(f"{ATOM}generator"):
        report.check(_text(generator), "generator", "feed")
    _entries(feed, entries, report)


def _entries(feed: etree._Element, entries: list[etree._Element], report: Report) -> None:
    changed = rules.rfc3339(feed.findtext(f"{ATOM}updated", ""))
    counts = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    dates: list[datetime] = []
    for index, entry in enumerate(entries):
        where = f"entry[{index}]"
        _entry(entry, where, report)
        entry_id = entry.findtext(f"{ATOM}id")
        report.check(counts[entry_id] == 1, "id-unique", where, entry_id)
        updated = rules.rfc3339(entry.findtext(f"{ATOM}updated", ""))
        published = rules.rfc3339(entry.findtext(f"{ATOM}published", ""))
        if changed and updated:
            report.check(updated <= changed, "dates", where, updated)
        if published:
            dates.append(published)
            report.check(not updated or published <= updated, "dates", where, published)
    report.check(dates == sorted(dates, reverse=True), "order", "feed", dates)


def _entry(entry: etree._Element, where: str, report: Report) -> None:
    _shape(entry, ENTRY_ONCE, MANY, where, report)
    _metadata(entry, where, report)
    content = entry.find(f"{ATOM}content")
    if content is None:
        alternate = any(_rel(x) == "alternate" for x in entry.findall(f"{ATOM}link"))
        report.check(alternate, "content-summary", where)
        return
    kind = content.get("type", "text")
    sound = kind in {"text", "html", "xhtml"} or (
        rules.is_media_type(kind) and not kind.startswith("multipart/")
    )
    report.check(sound, "content-type", where, kind)
    _construct(content, kind, where, report)


def _shape(
    parent: etree._Element, once: frozenset[str], many: frozenset[str], where: str, report: Report
) -> None:
    """Which Atom elements stand in `parent`, and how often."""
    counts = Counter(str(child.tag) for child in parent.iterchildren(etree.Element))
    for tag, count in counts.items():
        name = tag.removeprefix(ATOM)
        report.check(name in once | many, "unknown-element", where, tag)
        report.check(name not in once or count == 1, "single", where, name)
    for name in ("id", "title", "updated"):
        report.check(counts[ATOM + name], "required", where, name)


def _metadata(parent: etree._Element, where: str, report: Report) -> None:
    """What feed and entry have in common."""
    for child in parent.findall(f"{ATOM}id"):
        report.check(rules.is_id(child.text or ""), "id", where, child.text)
        report.check(_is_normal(child.text or ""), "id-normal", where, child.text)
    for name in ("updated", "published"):
        for child in parent.findall(ATOM + name):
            report.check(rules.rfc3339(child.text or ""), "date", where, child.text)
    for name in ("title", "subtitle", "summary", "rights"):
        for child in parent.findall(ATOM + name):
            kind = child.get("type", "text")
            report.check(kind in {"text", "html", "xhtml"}, "text-type", where, kind)
            report.check(len(child) or _text(child), "blank", where, name)
            _construct(child, kind, where, report)
    for name in ("author", "contributor"):
        for child in parent.findall(ATOM + name):
            _person(child, where, report)
    for child in parent.findall(f"{ATOM}category"):
        scheme = child.get("scheme")
        sound = child.get("term") and (scheme is None or rules.is_uri(scheme))
        report.check(sound, "category", where, attributes(child))
    _links(parent.findall(f"{ATOM}link"), where, report)


def _construct(element: etree._Element, kind: str, where: str, report: Report) -> None:
    if kind in {"text", "html"}:
        report.check(len(element) == 0, "text-children", where, element.tag)
    if kind == "html":
        report.html(where, element.text or "")


def _person(person: etree._Element, where: str, report: Report) -> None:
    names = person.findall(f"{ATOM}name")
    report.check(len(names) == 1 and _text(names[0]), "person", where, "name")
    for email in person.findall(f"{ATOM}email"):
        report.check(rules.is_email(email.text or ""), "person", where, email.text)


def _links(links: list[etree._Element], where: str, report: Report) -> None:
    for link in links:
        href, rel = link.get("href", ""), _rel(link)
        report.check(rules.is_uri(href), "link-href", where, href)
        report.check(rel in RELATIONS or rules.is_uri(rel), "link-rel", where, rel)
        kind, length = link.get("type"), link.get("length")
        report.check(kind is None or rules.is_media_type(kind), "link-type", where, kind)
        report.check(length is None or length.isdecimal(), "link-length", where, length)
        report.check(len(link) == 0 and not _text(link), "link-empty", where)
        if rel == "enclosure":
            report.check(kind and length, "enclosure", where, attributes(link))
    alternates = Counter(
        (link.get("type"), link.get("hreflang")) for link in links if _rel(link) == "alternate"
    )
    report.check(max(alternates.values(), default=1) == 1, "link-alternate", where, alternates)


def _rel(link: etree._Element) -> str:
    return link.get("rel", "alternate")


def _is_normal(uri: str) -> bool:
    scheme, _, rest = uri.partition(":")
    host = rest.removeprefix("//").partition("/")[0] if rest.startswith("//") else ""
    authority = rest.partition(",")[0] if scheme == "tag" else host
    escapes = [part[:2] for part in uri.split("%")[1:]]
    return (
        scheme == scheme.lower()
        and authority == authority.lower()
        and not host.endswith((":80", ":443"))
        and all(escape == escape.upper() for escape in escapes)
    )


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
