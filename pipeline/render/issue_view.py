"""What the mail templates show of an issue: plain values, addresses absolute, nothing to work out.

Tokens stand where each subscriber's own links will go; they are ordinary addresses that lead
nowhere (RFC 2606), so that neither an inliner nor an encoder treats them in a special way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE, issue_path
from pipeline.core.media import variants
from pipeline.render import links, markdown
from pipeline.render.dates import direction, format_day

if TYPE_CHECKING:
    from pipeline.core.item import Item, Picture
    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Newsletter, Newsroom
    from pipeline.core.plan import Plan
    from pipeline.render.site import Site

COLUMN = 536
"""Pixels from the left of the text to its right, in a mail 600 pixels wide."""

THUMBNAIL = 168
"""Pixels of a picture beside a text."""

SUMMARY = 360
WORDS = "email/words.json"
MAIL_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif"})
"""What every mail client shows; an SVG or WebP would be a hole in many."""

_NO_LINK = re.compile(r"<a(?![^>]* href=)[^>]*>(.*?)</a>", re.DOTALL)
_IMAGE = re.compile(r'<img(?P<before>[^>]*?) src="(?P<src>[^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPicture:
    """A picture at the size at which it is shown, in pixels; the file may be denser."""

    src: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item in an issue; `attributes` is ` lang="…" dir="…"` where its language is another."""

    title: str
    url: str
    kind: str
    summary: str
    picture: MailPicture | None
    attributes: Markup
    dir: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A section with its rows, never empty."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """An issue as the templates see it; `message` is HTML that may be shown as it is."""

    title: str
    subject: str
    preheader: str
    day: str
    lang: str
    dir: str
    newsletter: str
    newsroom: str
    home: str
    online: str
    message: Markup
    lead: Row | None
    sections: tuple[Group, ...]
    sender: str
    sender_address: str
    postal_address: str
    unsubscribe: str
    preferences: str
    words: SimpleNamespace


def issue_view(plan: Plan, newsletter: Newsletter, site: Site) -> IssueView:
    """The plan as it would go out now."""
    newsroom = site.catalogue.newsroom
    lang = newsroom.language
    name, address = parseaddr(newsletter.sender)
    lead = _public(plan.lead, site)
    groups = (
        Group(title=section.title, rows=_rows(section.items, plan.lead, site))
        for section in plan.sections
    )
    return IssueView(
        title=plan.title,
        subject=plan.subject or plan.title,
        preheader=preheader_of(plan, site),
        day=format_day(plan.date, newsroom.date_format, lang),
        lang=lang,
        dir=direction(lang),
        newsletter=newsletter.title,
        newsroom=newsroom.title,
        home=newsroom.url(""),
        online=newsroom.url(issue_path(plan.id)),
        message=message_html(plan, site),
        lead=_row(lead, site, COLUMN) if lead else None,
        sections=tuple(group for group in groups if group.rows),
        sender=name or newsletter.title,
        sender_address=newsletter.reply_to or address,
        postal_address=newsletter.postal_address,
        unsubscribe=UNSUBSCRIBE,
        preferences=PREFERENCES,
        words=words(site, newsletter.title),
    )


def words(site: Site, title: str) -> SimpleNamespace:
    """The templates' own words, in one file to be translated; `title` is the newsletter's.

    Raises RenderError.
    """
    found = site.templates.words(WORDS)
    return SimpleNamespace(**{key: text.replace("{title}", title) for key, text in found.items()})


def message_html(plan: Plan, site: Site) -> Markup:
    """The editor's message as HTML for mail, every address absolute, no picture too wide."""
    if not plan.message.strip():
        return Markup()
    catalogue = site.catalogue
    html = markdown.body(plan.message, name="message").html
    placed = links.place(html, plan.source, catalogue, base=catalogue.newsroom.url(""))
    clean = _NO_LINK.sub(r"\1", markdown.for_mail(placed))
    return Markup(_fit(clean, site))  # noqa: S704  # sanitised just here


def address_of(plan: Plan, site: Site, url: str) -> str:
    """An address in the message, absolute; "" where it leads nowhere public."""
    if links.mark(url) == url or url.lower().startswith(tuple(f"{x}:" for x in markdown.SCHEMES)):
        return url
    if links.mark(url) is None:
        return ""
    target = links.resolve(url, plan.source, site.catalogue)
    return site.catalogue.newsroom.url(target.path) if target and target.public else ""


def mail_picture(picture: Picture | None, site: Site, most: int) -> MailPicture | None:
    """A picture at most `most` pixels wide; None where there is none that mail clients show."""
    media = site.catalogue.media.get(picture.src) if picture else None
    if picture is None or media is None or media.mime not in MAIL_PICTURES or not media.is_picture:
        return None
    path, width, height = _at(media, most)
    src = site.catalogue.newsroom.url(path)
    return MailPicture(src=src, alt=picture.alt, width=width, height=height)


def _at(media: MediaFile, most: int) -> tuple[str, int, int]:
    """The file to load, twice as dense as it is shown where there is one, and the size shown."""
    dense = [variant for variant in variants(media) if variant.width >= 2 * most]
    largest = variants(media)[-1:]
    path = next((variant.path for variant in (*dense, *largest)), media.path)
    width = min(most, media.width)
    return path, width, max(1, round(media.height * width / media.width))


def _fit(html: str, site: Site) -> str:
    """Pictures of this site in a message, at most as wide as the text, with their size."""
    base = site.catalogue.newsroom.url("")
    known = {base + quote(path): media for path, media in site.catalogue.media.items()}

    def put(match: re.Match[str]) -> str:
        media = known.get(match["src"])
        if media is None or not media.is_picture:
            return match[0]
        path, width, height = _at(media, COLUMN)
        src = base + quote(path)
        return f'<img{match["before"]} src="{src}" width="{width}" height="{height}"'

    return _IMAGE.sub(put, html) if "<img" in html else html


def _rows(ids: tuple[str, ...], lead: str, site: Site) -> tuple[Row, ...]:
    items = (_public(name, site) for name in dict.fromkeys(ids) if name != lead)
    return tuple(_row(item, site, THUMBNAIL) for item in items if item)


def _public(name: str, site: Site) -> Item | None:
    """An item, if readers may see it: the pages of a draft issue lie in the public output too."""
    item = site.catalogue.by_id.get(name)
    return item if item is not None and site.catalogue.is_public(item) else None


def _row(item: Item, site: Site, width: int) -> Row:
    newsroom = site.catalogue.newsroom
    return Row(
        title=item.title,
        url=newsroom.url(item.path),
        kind=newsroom.kinds.get(item.kind, ""),
        summary=markdown.shorten(item.summary, SUMMARY),
        picture=mail_picture(item.image, site, width),
        attributes=_attributes(item, newsroom),
        dir=direction(item.lang),
    )


def _attributes(item: Item, newsroom: Newsroom) -> Markup:
    if item.lang == newsroom.language:
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(item.lang, direction(item.lang))


def preheader_of(plan: Plan, site: Site) -> str:
    """What a reader sees beside the subject: the editor's words, else the first titles."""
    if plan.preheader:
        return plan.preheader
    items = [item for name in plan.carried if (item := _public(name, site))]
    return markdown.shorten(" · ".join(item.title for item in items[:3]), 140)
