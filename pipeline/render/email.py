"""An issue as a mail: HTML with its styles in its elements, and plain text from the Markdown.

premailer runs once an issue, never once a reader. Its traps, each closed here: it fetches what
`@import` names even when told not to (so that is refused), overwrites the sizes of pictures (so
those attributes are off limits), loses a lower-case doctype (so ours is put in front), and needs a
quarter of a second to load (so it is loaded only when there is something to do).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.issue import sent_at
from pipeline.core.message import Message
from pipeline.errors import RenderError
from pipeline.render.issue_view import address_of, issue_view
from pipeline.render.text import Links, to_text
from pipeline.render.wrapping import underline, wrap

if TYPE_CHECKING:
    from pipeline.core.newsroom import Newsletter
    from pipeline.core.plan import Plan
    from pipeline.render.issue_view import IssueView, Row
    from pipeline.render.site import Site
    from pipeline.render.templates import Templates

STYLE = "email/style.css"
HEAD_STYLE = "email/head.css"
DOCTYPE = "<!DOCTYPE html>\n"
KEEP = ["width", "height", "align", "valign", "bgcolor"]
"""Attributes that the templates set and premailer must not."""

_IMPORT = re.compile(r"@\s*(?:import|\\)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(r'\s+(href="https://subscriber\.invalid/)')
_BLANK = re.compile(r"\n\s*\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSection:
    """A heading, underlined, and its entries, each in wrapped lines."""

    title: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """What the plain-text template puts in order; every value is in wrapped lines."""

    title: str
    day: str
    message: str
    notes: tuple[str, ...]
    lead: str
    sections: tuple[TextSection, ...]
    sender: str
    postal_address: str
    why: str


def mail_of(plan: Plan, newsletter: Newsletter, site: Site) -> Message:
    """The plan as the mail that would go out now. Raises RenderError."""
    newsroom = site.catalogue.newsroom
    view = issue_view(plan, newsletter, site)
    return Message(
        sender=newsletter.sender,
        reply_to=newsletter.reply_to,
        subject=view.subject,
        date=sent_at(newsletter, newsroom, plan.date),
        list_id=f"{newsletter.key}.{newsroom.authority.partition(',')[0].rpartition('@')[2]}",
        list_title=newsletter.title,
        lang=newsroom.language,
        text=_text(view, plan, site),
        html=_html(view, site.templates),
    )


def _html(view: IssueView, templates: Templates) -> str:
    css = _css(templates, STYLE)
    head_css = Markup(_css(templates, HEAD_STYLE))  # noqa: S704  # a template of ours
    page = templates.html("email/issue.html", issue=view, head_css=head_css)
    html = _inline(_BLANK.sub("\n", page), css)
    # Each token on a line of its own, so that no encoding of the mail cuts it in two.
    return DOCTYPE + _TOKEN.sub(r"\n\1", html).strip() + "\n"


def _css(templates: Templates, name: str) -> str:
    """A style sheet without its comments, refused where it would load another."""
    raw = templates.asset(name).decode()
    found = _IMPORT.search(raw)
    if found:
        line = raw.count("\n", 0, found.start()) + 1
        raise RenderError(name, line, "@import would load something while the mail is made")
    if "</" in raw:
        raise RenderError(name, 0, "a style sheet holds no markup")
    return _COMMENT.sub("", raw).strip()


def _inline(html: str, css: str) -> str:
    """Styles into elements, by premailer, without a look at network or disk."""
    from premailer import Premailer

    inliner = Premailer(
        base_url=None,
        css_text=css,
        strip_important=False,
        remove_classes=False,
        keep_style_tags=False,
        disable_basic_attributes=KEEP,
        align_floating_images=False,
        disable_validation=True,
        allow_network=False,
        cssutils_logging_level=logging.CRITICAL,
    )
    return str(inliner.transform(html, pretty_print=False))


def _text(view: IssueView, plan: Plan, site: Site) -> str:
    links = Links(lambda url: address_of(plan, site, url))
    message = to_text(plan.message, links)
    text = TextView(
        title="\n".join(underline(wrap(view.title), "=")),
        day=view.day,
        message=message,
        notes=tuple(links.listed()),
        lead=_entry(view.lead, links, mark="") if view.lead else "",
        sections=tuple(
            TextSection(
                title="\n".join(underline(wrap(group.title), "=")),
                entries=tuple(_entry(row, links, mark="* ") for row in group.rows),
            )
            for group in view.sections
        ),
        sender=view.sender,
        postal_address="\n".join(wrap(view.postal_address)),
        why="\n".join(wrap(view.words.why)),
    )
    return site.templates.text("email/issue.txt", issue=view, text=text).strip("\n") + "\n"


def _entry(row: Row, links: Links, *, mark: str) -> str:
    """Title, summary, and the address under its number; the lead's title is underlined."""
    indent = " " * len(mark)
    title = wrap(row.title, first=mark, rest=indent)
    lines = title if mark else [*underline(title, "-"), ""]
    if row.summary:
        lines += wrap(row.summary, first=indent, rest=indent)
    return "\n".join([*lines, f"{indent}[{links.number(row.url)}] {row.url}"])
