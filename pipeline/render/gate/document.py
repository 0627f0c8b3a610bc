"""A mail's HTML, parsed once: its links, its pictures, its styles, what readers see of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import html as lxml_html
from lxml.etree import ParserError

from pipeline.render.gate.styles import Declaration, StyleRule, declarations, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

PADDING = "\u034f\u00ad\u200b\u200c\u200d\u2007\u2060\ufeff\u00a0\u2800"
"""Characters without a shape, with which a preheader is padded."""

UNSEEN = frozenset({"head", "script", "style", "template", "title"})
HIDING = frozenset({("display", "none"), ("visibility", "hidden"), ("visibility", "collapse")})

NOTHING = b"<html><body></body></html>"

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An `a` with an address; `name` is what a reader hears of it: its words, else its label."""

    element: HtmlElement
    href: str
    words: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The HTML part. `styles` are the declarations of each element that has a style of its own.

    `preheader` is the text of the first element of the body, where that is hidden.
    """

    root: HtmlElement
    body: HtmlElement
    links: tuple[Link, ...]
    images: tuple[HtmlElement, ...]
    styles: Mapping[HtmlElement, tuple[Declaration, ...]]
    rules: tuple[StyleRule, ...]
    preheader: str
    preheader_element: HtmlElement | None

    def is_hidden(self, element: HtmlElement) -> bool:
        """True where an element, or one that it stands in, is not shown."""
        near: HtmlElement | None = element
        while near is not None:
            if near.tag in UNSEEN or "hidden" in near.attrib:
                return True
            if any((each.name, each.value) in HIDING for each in self.styles.get(near, ())):
                return True
            near = near.getparent()
        return False

    def texts(self) -> Iterator[tuple[HtmlElement, str]]:
        """Each piece of visible text with the element that it stands in, and each `alt`."""
        for element in self.body.iter():
            if not isinstance(element.tag, str) or self.is_hidden(element):
                continue
            if element.text and element.text.strip(PADDING + " \t\n\r"):
                yield element, element.text
            for child in element:
                if child.tail and child.tail.strip(PADDING + " \t\n\r"):
                    yield element, child.tail
            if element.get("alt"):
                yield element, element.get("alt", "")


def parse(html: str) -> Document:
    """The HTML part of a mail. Never raises: an empty one is a document without content."""
    parser = lxml_html.HTMLParser(encoding="utf-8")
    source = html.encode() if html.strip() else NOTHING
    try:
        root = lxml_html.document_fromstring(source, parser=parser)
    except ParserError:
        # Nothing but an end tag, for example: nothing to read.
        root = lxml_html.document_fromstring(NOTHING, parser=parser)
    body = root.find("body")
    body = root if body is None else body
    styles = {
        element: declarations(element.get("style", ""))
        for element in root.iter()
        if isinstance(element.tag, str) and element.get("style")
    }
    first = next((each for each in body if isinstance(each.tag, str)), None)
    hides = first is not None and any((x.name, x.value) in HIDING for x in styles.get(first, ()))
    preheader = first if hides else None
    return Document(
        root=root,
        body=body,
        links=tuple(_link(each) for each in body.iter("a") if "href" in each.attrib),
        images=tuple(body.iter("img")),
        styles=styles,
        rules=tuple(
            rule for each in root.iter("style") for rule in rules_of(each.text or "", _line(each))
        ),
        preheader=plain(_words(preheader)) if preheader is not None else "",
        preheader_element=preheader,
    )


def _line(element: HtmlElement) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def plain(text: str) -> str:
    """A text without padding, spaces as one."""
    kept = "".join(" " if c == "\u00a0" else c for c in text if c == "\u00a0" or c not in PADDING)
    return _SPACES.sub(" ", kept).strip()


def _link(element: HtmlElement) -> Link:
    words = plain(_words(element))
    label = plain(element.get("aria-label", ""))
    return Link(
        element=element,
        href=element.get("href", "").strip(),
        words=words,
        # The label is what a screen reader says, where a client keeps it.
        name=label or words or plain(element.get("title", "")),
    )


def _words(element: HtmlElement) -> str:
    """All text in an element, pictures by their `alt`."""
    parts = []
    for each in element.iter():
        if isinstance(each.tag, str):
            parts += [each.text or "", each.get("alt", "")]
        if each is not element:
            parts.append(each.tail or "")
    return " ".join(parts) if element.find(".//img") is not None else "".join(parts)
