"""What the validators of all formats share: findings, dates, addresses, languages, HTML.

The rules are ours to check, never ours to make: each names its source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import html5lib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from lxml import etree

HTML_RULES = {
    "html-parse": "HTML Standard §13.2: a fragment without parse errors (W3C: NotHtml)",
    "html-unsafe": "RFC 4287 §8.1, W3C SecurityRisk: no script, style, frame, form",
    "html-handler": "W3C SecurityRiskAttr: no event handlers and no style attributes",
    "html-scheme": "RFC 4287 §8.1: http, https, mailto and tel addresses only",
    "html-relative": "RSS profile, URLs; W3C ContainsRelRef: no relative addresses",
    "html-fragment": "HTML Standard §7.4.6.3: a link within the text has its target in the text",
    "html-alt": "HTML Standard §4.8.3: every img has src and alt",
    "html-id": "HTML Standard §3.2.6: an id is unique, not empty, without white space",
}

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_RFC822 = re.compile(
    rf"(?:(?P<day>Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{{2}} (?:{_MONTHS}) \d{{4}} "
    r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d (?:GMT|[+-](?:[01]\d|2[0-3])[0-5]\d)"
)
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_TAG = re.compile(
    rf"tag:(?:{_LABEL}(?:\.{_LABEL})*|[A-Za-z0-9._-]+@{_LABEL}(?:\.{_LABEL})*)"
    r",(?P<date>\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)"
    r":(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
)
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?"
    r"(?:-(?:[A-Za-z]{2}|\d{3}))?(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*"
)
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_ADDRESSES = ("href", "src", "cite", "poster", "srcset", "action", "background")


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_UNSAFE = words(
    "script style link meta base iframe frame frameset object embed applet form input button select"
    " textarea option svg math template noscript title head body html"
)


def attributes(element: etree._Element) -> dict[str, str]:
    """An element's attributes, to be shown."""
    return {str(key): str(value) for key, value in element.attrib.items()}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a feed breaks, and where."""

    rule: str
    where: str
    found: str = ""


@dataclass(slots=True)
class Report:
    """The findings of one feed; a rule that is not in the table is a mistake in the validator."""

    rules: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)

    def check(self, holds: object, rule: str, where: str, found: object = "") -> bool:
        """Note that a rule does not hold; True where it does."""
        if rule not in self.rules:
            raise KeyError(rule)
        if not holds:
            self.findings.append(Finding(rule, where, str(found)[:200]))
        return bool(holds)

    def html(self, where: str, html: str) -> None:
        """Check a fragment of HTML."""
        for rule, found in html_findings(html):
            self.check(False, rule, where, found)


def rfc822(text: str) -> datetime | None:
    """A date by RFC 822 §5 with a four-digit year and a zone in figures (RSS profile, Dates)."""
    match = _RFC822.fullmatch(text)
    if match is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # The weekday, if included, must be that of the date (RFC 822 §5.2).
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return moment if match["day"] in (None, names[moment.weekday()]) else None


def rfc3339(text: str) -> datetime | None:
    """A date-time by RFC 3339 §5.6, with upper-case T and Z (RFC 4287 §3.3)."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_uri(text: str) -> bool:
    """An absolute URI in ASCII (RFC 3986 §2, §3)."""
    return _URI.fullmatch(text) is not None


def is_web(text: str) -> bool:
    """An absolute http or https address with a host (RFC 9110 §4.2)."""
    return (
        is_uri(text) and text.startswith(("http://", "https://")) and bool(urlsplit(text).hostname)
    )


def is_id(text: str) -> bool:
    """An absolute URI; a tag URI keeps to RFC 4151 §2.1."""
    return bool(_TAG.fullmatch(text)) if text.startswith("tag:") else is_uri(text)


def is_language(text: str) -> bool:
    """A language tag (RFC 5646 §2.1: language, script, region, variants)."""
    return _LANGUAGE.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """An address that every reader accepts (the ASCII dot-atom form of RFC 5322 §3.4.1)."""
    return _EMAIL.fullmatch(text) is not None


def is_media_type(text: str) -> bool:
    """A media type without parameters (RFC 6838 §4.2)."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def byte_findings(data: bytes) -> Iterator[tuple[str, str]]:
    """What can be said of any feed's bytes before it is parsed: (rule, found)."""
    if data.startswith(b"\xef\xbb\xbf"):
        yield "bytes-bom", "byte order mark"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield "bytes-utf8", str(error)
        return
    if "\r" in text or not text.endswith("\n"):
        yield "bytes-lines", "CR, or no LF at the end"
    if unseen := re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]", text
    ):
        yield "bytes-characters", hex(ord(unseen[0]))


BYTE_RULES = {
    "bytes-bom": "RFC 8259 §8.1 (JSON must not), RSS readers choke (W3C validator: UnicodeError)",
    "bytes-utf8": "JSON Feed, Suggestions for Publishers; RFC 3629: valid UTF-8",
    "bytes-lines": "The product's own: LF and a final newline on every machine",
    "bytes-characters": "XML 1.0 §2.2: no characters that are forbidden or discouraged",
}


def html_findings(html: str) -> Iterator[tuple[str, str]]:
    """Check a fragment as a browser would read it: (rule, found)."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    root = parser.parseFragment(html)
    for _, code, _ in parser.errors:
        yield "html-parse", code
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    if len(elements) != sum(1 for _ in root.iter()):
        yield "html-unsafe", "a comment"
    for element in elements:
        yield from _element_findings(element)
    ids = [element.attrib["id"] for element in elements if "id" in element.attrib]
    yield from _id_findings(ids)
    for element in elements:
        for name in _ADDRESSES:
            if name in element.attrib:
                yield from _link_findings(element.attrib[name], ids)


def _element_findings(element: Element) -> Iterator[tuple[str, str]]:
    name = element.tag.rpartition("}")[2]  # SVG and MathML have a namespace even here
    if name in _UNSAFE:
        yield "html-unsafe", name
    if element.tag == "img" and not ("alt" in element.attrib and element.get("src")):
        yield "html-alt", str(element.attrib)
    for name in element.attrib:
        if name.startswith("on") or name == "style":
            yield "html-handler", name


def _id_findings(ids: list[str]) -> Iterator[tuple[str, str]]:
    for value in ids:
        if ids.count(value) > 1 or not value or len(value.split()) != 1:
            yield "html-id", value


def _link_findings(value: str, ids: list[str]) -> Iterator[tuple[str, str]]:
    if value.startswith("#"):
        if value[1:] not in ids:
            yield "html-fragment", value
        return
    scheme = re.match(r"[\s\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):", value)
    if scheme is None:
        yield "html-relative", value
    elif scheme[1].lower() not in ("http", "https", "mailto", "tel"):
        yield "html-scheme", value
