"""What the mail templates show of an issue: plain values, addresses absolute, nothing to work out.

Tokens stand where each subscriber's own links will go; they are ordinary addresses that lead
nowhere (RFC 2606), so that neither an inliner nor an encoder treats them in a special way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE, issue_path, issues_path
from pipeline.core.versions import item_in, languages, newsletter_in, plan_in
from pipeline.render import links, markdown
from pipeline.render.dates import direction, format_day_in, language_name
from pipeline.render.mail_pictures import (
    CARD,
    COLUMN,
    LOGO_HEIGHT,
    LOGO_WIDTH,
    THUMBNAIL,
    MailPicture,
    fitted,
    mail_picture,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.core.item import Item
    from pipeline.core.newsroom import Newsletter
    from pipeline.core.plan import Plan, PlanSection
    from pipeline.render.site import Site
    from pipeline.render.words import Words

SUMMARY = 360
MORE = 40
"""Characters of a title in the link below its summary."""

PREVIEW = 160
"""Characters that an inbox shows beside a subject, at most."""

ROWS = "rows"
"""The layout of a section that asks for none."""

WIDTHS = {"cards": CARD}
"""Pixels of the pictures in a layout; a thumbnail's in all others."""

_NO_LINK = re.compile(r"<a(?![^>]* href=)[^>]*>(.*?)</a>", re.DOTALL)
_BETWEEN = " \t,;:.–—-·،؛"
"""What may stand between a newsletter's name and its number in a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item in an issue; `attributes` is ` lang="…" dir="…"` where its language is another.

    `language` is that language's own name, else "". `start` and `end` are `left` and `right`, the
    other way round where the text runs from right to left; `script` is `arabic` or "". `more` is
    the text of its second link, in its language, "" where a title is all that is shown.
    """

    title: str
    url: str
    kind: str
    summary: str
    picture: MailPicture | None
    attributes: Markup
    dir: str
    language: str
    start: str
    end: str
    script: str
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A section; `left` rows of it are on the web only, and it has a row or some left.

    `layout` is the name of a file in `email/layouts/`.
    """

    title: str
    layout: str
    rows: tuple[Row, ...]
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeLink:
    """A theme of an item that the issue carries; `attributes` as those of a row.

    Themes have one name, in the newsroom's language.
    """

    title: str
    url: str
    attributes: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """An issue as the templates see it; `message` is HTML that may be shown as it is.

    `title` in two parts is `name`, the newsletter's, and `number`, what follows ("" where the
    title does not begin with the name). `padding` follows the preheader, so that an inbox shows
    nothing of the text. Where it had to be shortened, `left` items are in sections that are on
    the web only.
    """

    title: str
    name: str
    number: str
    subject: str
    preheader: str
    padding: str
    day: str
    lang: str
    dir: str
    start: str
    end: str
    script: str
    newsletter: str
    newsroom: str
    logo: MailPicture | None
    home: str
    online: str
    feed: str
    message: Markup
    lead: Row | None
    sections: tuple[Group, ...]
    left: int = 0
    themes: tuple[ThemeLink, ...]
    sender: str
    sender_address: str
    postal_address: str
    sender_attributes: Markup
    postal_attributes: Markup
    unsubscribe: str
    preferences: str
    words: Words

    @property
    def shortened(self) -> bool:
        """True where some of its items are on the web only."""
        return bool(self.left or any(group.left for group in self.sections))


def issue_view(plan: Plan, newsletter: Newsletter, site: Site, lang: str = "") -> IssueView:
    """The plan as it would go out now in a language ("": the main one). Raises RenderError."""
    newsroom = site.catalogue.newsroom
    main = languages(newsletter, newsroom)[0]
    lang = lang or main
    version = newsletter.version(lang)
    plan, newsletter = plan_in(plan, lang), newsletter_in(newsletter, lang)
    own = "" if lang == main else f"{lang}/"
    name, address = parseaddr(newsletter.sender)
    items = _Items(site, lang)
    lead = items.item(plan.lead)
    name_part, number = _parts(plan.title, newsletter.title)
    preheader = preheader_of(plan, site, lang)
    start, end = _sides(lang)
    return IssueView(
        title=plan.title,
        name=name_part,
        number=number,
        subject=plan.subject or plan.title,
        preheader=preheader,
        padding="\u034f\u200c\u00a0" * max(0, PREVIEW - len(preheader)),
        day=format_day_in(plan.date, newsroom.date_format, newsroom.language, lang),
        lang=lang,
        dir=direction(lang),
        start=start,
        end=end,
        script=_script(lang),
        newsletter=newsletter.title,
        newsroom=newsroom.title,
        logo=mail_picture(newsroom.logo, site, LOGO_WIDTH, highest=LOGO_HEIGHT),
        home=newsroom.url(""),
        online=newsroom.url(issue_path(plan.id) + own),
        feed=newsroom.url(f"{issues_path(newsletter.key)}{own}feed.xml"),
        message=message_html(plan, site),
        lead=items.row(lead, COLUMN) if lead else None,
        sections=items.groups(plan),
        themes=_themes(plan, items, site, lang),
        sender=name or newsletter.title,
        sender_address=newsletter.reply_to or address,
        postal_address=newsletter.postal_address,
        # What has no words in this language is the main one's, and may run the other way.
        sender_attributes=_attributes(lang if version and version.sender else main, lang),
        postal_attributes=_attributes(lang if version and version.postal_address else main, lang),
        unsubscribe=UNSUBSCRIBE,
        preferences=PREFERENCES,
        words=words(site, lang),
    )


def _attributes(own: str, lang: str) -> Markup:
    """` lang="…" dir="…"` for a text in the language `own` in a mail in `lang`; "" where it is."""
    if own == lang:
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(own, direction(own))


def words(site: Site, lang: str = "") -> Words:
    """The templates' own words in a language ("": the newsroom's). Raises RenderError."""
    return site.templates.words("email", lang or site.catalogue.newsroom.language)


def message_html(plan: Plan, site: Site) -> Markup:
    """The editor's message as HTML for mail, every address absolute, no picture too wide."""
    if not plan.message.strip():
        return Markup()
    catalogue = site.catalogue
    html = markdown.body(plan.message, name="message").html
    placed = links.place(html, plan.source, catalogue, base=catalogue.newsroom.url(""))
    clean = _NO_LINK.sub(r"\1", markdown.for_mail(placed))
    return Markup(fitted(clean, site))  # noqa: S704  # sanitised just here


def address_of(plan: Plan, site: Site, url: str) -> str:
    """An address in the message, absolute; "" where it leads nowhere public."""
    if links.mark(url) == url or url.lower().startswith(tuple(f"{x}:" for x in markdown.SCHEMES)):
        return url
    if links.mark(url) is None:
        return ""
    target = links.resolve(url, plan.source, site.catalogue)
    return site.catalogue.newsroom.url(target.path) if target and target.public else ""


def preheader_of(plan: Plan, site: Site, lang: str = "") -> str:
    """What a reader sees beside the subject: the editor's words, else the first titles.

    `plan` is in `lang` already ("": the newsroom's language).
    """
    if plan.preheader:
        return plan.preheader
    items = _Items(site, lang or site.catalogue.newsroom.language)
    found = [item for name in plan.carried if (item := items.item(name))]
    return markdown.shorten(" · ".join(item.title for item in found[:3]), 140)


class _Items:
    """The items of an issue in one language."""

    def __init__(self, site: Site, lang: str) -> None:
        self._site = site
        self._lang = lang

    def item(self, name: str) -> Item | None:
        """An item, if readers may see it: the pages of a draft issue lie in the public output."""
        catalogue = self._site.catalogue
        item = catalogue.by_id.get(name)
        if item is None:
            return None
        found = item_in(item, self._lang, catalogue)
        return found if catalogue.is_public(found) else None

    def groups(self, plan: Plan) -> tuple[Group, ...]:
        """The sections that have something to show, in order."""
        found = (self._group(section, plan) for section in plan.sections)
        return tuple(group for group in found if group.rows)

    def _group(self, section: PlanSection, plan: Plan) -> Group:
        layout = section.layout or ROWS
        width = WIDTHS.get(layout, THUMBNAIL)
        lead = self.item(plan.lead)
        named = [item for name in section.items if (item := self.item(name))]
        unique = {item.id: item for item in named if lead is None or item.id != lead.id}
        rows = tuple(self.row(item, width) for item in unique.values())
        return Group(title=section.title, layout=layout, rows=rows)

    def row(self, item: Item, width: int) -> Row:
        """An item with a picture at most so wide."""
        newsroom = self._site.catalogue.newsroom
        start, end = _sides(item.lang)
        other = item.lang != self._lang
        return Row(
            title=item.title,
            url=newsroom.url(item.path),
            kind=newsroom.kinds.get(item.kind, ""),
            summary=markdown.shorten(item.summary, SUMMARY),
            picture=mail_picture(item.image, self._site, width),
            attributes=_attributes(item.lang, self._lang),
            dir=direction(item.lang),
            language=language_name(item.lang) if other else "",
            start=start,
            end=end,
            script=_script(item.lang),
            more=words(self._site, item.lang).read_more(title=markdown.shorten(item.title, MORE)),
        )


def _themes(plan: Plan, items: _Items, site: Site, lang: str) -> tuple[ThemeLink, ...]:
    """The themes of what the issue carries, each once, in the order in which they come up."""
    carried: Iterable[Item] = filter(None, map(items.item, plan.carried))
    keys = dict.fromkeys(key for item in carried for key in item.themes)
    known = (site.catalogue.themes.get(key) for key in keys)
    newsroom = site.catalogue.newsroom
    attributes = _attributes(newsroom.language, lang)
    return tuple(
        ThemeLink(title=x.title, url=newsroom.url(x.path), attributes=attributes)
        for x in known
        if x
    )


def _parts(title: str, name: str) -> tuple[str, str]:
    """A title as the newsletter's name and what follows it; ("", title) for another title."""
    rest = title.removeprefix(name)
    if rest == title or (rest and rest[0] not in _BETWEEN):
        return "", title
    return name, rest.strip(_BETWEEN)


def _sides(lang: str) -> tuple[str, str]:
    """Where a line of a language begins and ends."""
    return ("right", "left") if direction(lang) == "rtl" else ("left", "right")


def _script(lang: str) -> str:
    """`arabic` where the letters need a typeface and lines of their own, else ""."""
    return "arabic" if direction(lang) == "rtl" else ""
