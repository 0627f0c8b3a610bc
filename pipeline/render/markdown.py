"""From an editor's Markdown to HTML that is safe to publish anywhere.

`body` parses and sanitises once; `for_feed` and `for_mail` take away what has no place there. URLs
keep their marks until `links.place` puts them where they will stand.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from importlib import import_module
from typing import NamedTuple

import nh3

from pipeline.core.text import legal
from pipeline.render.excess import refuse_html, refuse_references
from pipeline.render.links import MARK, mark, marked

TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre",
    "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "time", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"id", "class", "lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"src", "alt"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "td": {"align", "colspan", "rowspan", "headers"},
    "th": {"align", "colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
}
MAIL_TAGS = TAGS - {"details", "summary", "figure", "figcaption", "time", "abbr", "bdi", "bdo"}
MAIL_ATTRIBUTES = {**ATTRIBUTES, "*": {"lang", "dir"}}
SCHEMES = {"http", "https", "mailto", "tel"}
EXCERPT = 240
"""Characters of a summary that is drawn from the body."""

_MARK_TYPED = re.compile(r"&#(?:0*2(?![0-9])|[xX]0*2(?![0-9a-fA-F]));?")
_FOOTNOTE = re.compile(r'((?:id|href)="#?)(fn(?:ref)?\d*:)')
_FEED_NOISE = re.compile(r' (?:id="(?![^"]*-fn(?:ref)?\d*:)[^"]*"|class="[^"]*")')
_OPENING = re.compile(r'<[a-z][a-z0-9]* (?:[^">]|"[^"]*")*>')
"""An opening tag with attributes, which follow a space, as the sanitiser writes them."""
_NOTE_LINK = re.compile(r'(?:&nbsp;)?<a [^>]*href="#[^"]*"[^>]*>(?:↩|([^<]*))</a>')
_BLOCK_END = re.compile(r"</(?:p|h[2-6]|[uo]l|li|table|thead|tr|blockquote|div|pre)>|<hr>")
_PARAGRAPH = re.compile(r"<p(?: [^>]*)?>")
_FIRST_WORD = re.compile(r"<p>(\w{1,40})")
_NOTE_MARK = re.compile(r"<sup[^>]*>.*?</sup>", re.DOTALL)
_IMAGE = re.compile(r"<img(?: [^>]*)?>")
_TAG = re.compile(r"<[^>]*>")
_TYPED = re.compile(r"<(code|pre|kbd|samp)(?![^>]* dir=)(?=[ >])")


class Body(NamedTuple):
    """A rendered text: `html` with marked URLs, the `urls` marked in it, and a short `excerpt`."""

    html: str
    urls: tuple[str, ...]
    excerpt: str


def load() -> None:
    """Load all that renders a text; processes that are forked later inherit it."""
    import_module("pipeline.render.dialect")


def body(text: str, *, name: str) -> Body:
    """Render Markdown for the web; `name` (an item's slug) makes the ids of its notes its own.

    Raises RecursionError for nesting no reader could follow, and for HTML that would burst.
    """
    # Most builds render no text at all, and take 20 ms less.
    from pipeline.render.dialect import convert

    refuse_references(text)
    parsed = convert(text)
    if "<" in text:
        refuse_html(parsed)
    html = _legal(_cleaner().clean(_MARK_TYPED.sub(" ", parsed)))
    if "<img" in html:
        html = _IMAGE.sub(_image, html)
    if "fn" in html:
        html = _OPENING.sub(lambda tag: _FOOTNOTE.sub(rf"\g<1>{name}-\g<2>", tag[0]), html)
    html = _BLOCK_END.sub(lambda end: end[0] + "\n", html).strip()
    return Body(html=html, urls=marked(html), excerpt=excerpt(html))


def for_feed(html: str) -> str:
    """For feed readers: no classes, and no ids but those of notes, which are unique everywhere."""
    if ' id="' not in html and ' class="' not in html:
        return html
    return _OPENING.sub(lambda tag: _FEED_NOISE.sub("", tag[0]), html)


def for_mail(html: str) -> str:
    """For mail clients: fewer elements, no ids, no classes, no links within the text.

    What is typed into a machine runs from left to right in any language, which not all of them
    can be told in a style sheet.
    """
    clean = _mail_cleaner().clean(_NOTE_LINK.sub(lambda match: match[1] or "", html))
    return _TYPED.sub(r'<\1 dir="ltr"', clean)


def excerpt(html: str, limit: int = EXCERPT) -> str:
    """The first paragraph as plain text, at most `limit` characters, cut between words."""
    end = 0
    while (opening := _PARAGRAPH.search(html, end)) and (
        end := html.find("</p>", opening.end())
    ) > 0:
        inside = html[opening.end() : end]
        text = " ".join(unescape(_TAG.sub("", _NOTE_MARK.sub("", inside))).split())
        if text:
            return shorten(text, limit)
    return ""


def is_excerpt(text: str, html: str) -> bool:
    """True where `text` is the excerpt of `html`; most differ in the first word already."""
    beginning = _FIRST_WORD.match(html)
    if beginning and not text.startswith(beginning[1]):
        return False
    return text == excerpt(html)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words, with an ellipsis where something is gone."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    words = cut.rpartition(" ")[0] if " " in cut else cut
    return words.rstrip(" ,;:.–—-") + "…"


def _image(match: re.Match[str]) -> str:
    """An image as it is; nothing, where the sanitiser took its address; with an `alt` in any case.

    In an attribute's value there are no quotation marks, so ` src="` is the attribute.
    """
    tag = match[0]
    if ' src="' not in tag:
        return ""
    return tag if ' alt="' in tag else f'{tag[:-1]} alt="">'


def _legal(html: str) -> str:
    """Without characters that XML 1.0 cannot carry, which references such as `&#1;` smuggle in."""
    return MARK.join(map(legal, html.split(MARK)))


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative=mark,
        link_rel=None,
    )


@lru_cache(maxsize=1)
def _mail_cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=MAIL_TAGS,
        attributes=MAIL_ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="pass_through",
        link_rel=None,
    )
