"""A notice as a mail: a few sentences, at most one button, in the look of the issues.

::

    NoticeSubject ─▶ view ─▶ email/notice.html ─▶ styles into elements ─▶ HTML
                        └──▶ email/notice.txt ─▶ text

Nothing that a stranger can type stands in it: an address is written to before its owner said a
word, and a name would be a place for somebody else's message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.utils import parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.notice import NoticeKind
from pipeline.core.text import legal, one_line
from pipeline.core.versions import newsletter_in
from pipeline.render.dates import direction, join_names
from pipeline.render.inlining import compact, inlined, lint
from pipeline.render.mail_look import look_of, plain_css
from pipeline.render.wrapping import underline, wrap

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipeline.core.newsroom import Newsletter, Newsroom
    from pipeline.render.mail_look import Look
    from pipeline.render.templates import Templates
    from pipeline.render.words import Words

PAGE, TEXT = "email/notice.html", "email/notice.txt"
STYLES = ("email/style.css", "email/notice.css")
HEADS = {
    "head_css": "email/head.css",
    "clients_css": "email/clients.css",
    "notice_css": "email/notice_head.css",
}
LINK = "https://subscriber.invalid/notice"
"""Stands where the address of the button goes; it leads nowhere (RFC 2606)."""

SUBJECT_MOST = 150
PREVIEW = 160
"""Characters that an inbox shows beside a subject, at most."""
PADDING = "\u034f\u200c\u00a0"
LISTING = frozenset({NoticeKind.CONFIRM, NoticeKind.KNOWN, NoticeKind.ADDRESS})
"""Notices that name the newsletters which they are about."""

_ONLY_MAIL = re.compile(r"<!--/?only-mail-->\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSubject:
    """What a notice is about: keys of newsletters and titles of topics, both in order.

    `days` is how long its button works, 0 for good.
    """

    kind: NoticeKind
    lang: str
    newsletters: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMail:
    """The mail, with `LINK` where the address of its button goes; `html` is "" for text only.

    `sender` and `reply_to` are `Name <address>` or an address (`reply_to` may be "").
    """

    sender: str
    reply_to: str
    subject: str
    lang: str
    text: str
    html: str = ""

    def to(self, url: str) -> NoticeMail:
        """The mail whose button leads there; `url` holds nothing that HTML would read."""
        return replace(self, text=self.text.replace(LINK, url), html=self.html.replace(LINK, url))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """What the templates put in order; all values are plain, `preheader` is the first sentence.

    `button` is "" where there is nothing to press; `listed` are titles of newsletters.
    """

    subject: str
    preheader: str
    padding: str
    lang: str
    dir: str
    start: str
    end: str
    script: str
    newsroom: str
    home: str
    title: str
    text: str
    listed: tuple[str, ...]
    topics: str
    button: str
    url: str
    after: tuple[str, ...]
    sender: str
    sender_address: str
    postal_address: str
    why: str
    words: Words


class NoticePrinter:
    """Makes the notices of a newsroom; each different one once."""

    def __init__(self, templates: Templates, newsroom: Newsroom) -> None:
        self._templates = templates
        self._newsroom = newsroom
        self.mail = lru_cache(maxsize=256)(self._mail)
        self._look: Look | None = None

    def _mail(self, subject: NoticeSubject) -> NoticeMail:
        """The mail. Raises RenderError."""
        newsletter = self.newsletter(subject.newsletters, subject.lang)
        view = self._view(subject, newsletter)
        return NoticeMail(
            sender=newsletter.sender,
            reply_to=newsletter.reply_to,
            subject=view.subject,
            lang=subject.lang,
            text=self._text(view),
            html=self._html(view),
        )

    def operators(self, text: str) -> NoticeMail:
        """A mail to who runs the newsroom: the first line of a text is its subject."""
        lang = self._newsroom.language
        newsletter = self.newsletter((), lang)
        text = legal(text.replace("\r", ""))
        subject = one_line(text.partition("\n")[0]) or self._newsroom.title
        return NoticeMail(
            sender=newsletter.sender,
            reply_to=newsletter.reply_to,
            subject=subject.replace("=?", "= ?")[:SUBJECT_MOST],
            lang=lang,
            text=text if text.endswith("\n") else f"{text}\n",
        )

    def newsletter(self, keys: Collection[str], lang: str) -> Newsletter:
        """Whose sender a notice has: the first it is about, else the newsroom's first."""
        own = self._newsroom.newsletters
        found = next((one for one in own if one.key in keys), own[0])
        return newsletter_in(found, lang)

    def _view(self, subject: NoticeSubject, newsletter: Newsletter) -> NoticeView:
        newsroom, lang = self._newsroom, subject.lang
        words = self._templates.words("email", lang)
        own = (one for one in newsroom.newsletters if one.key in subject.newsletters)
        titles = tuple(newsletter_in(one, lang).title for one in own)
        about = join_names(titles, lang) if titles else newsroom.title
        said = _said(subject.kind, words, about, newsroom.title)
        days = (words.notice_days(subject.days),) if subject.days else ()
        start, end = ("right", "left") if direction(lang) == "rtl" else ("left", "right")
        sender, address = parseaddr(newsletter.sender)
        return NoticeView(
            subject=said.subject,
            preheader=said.text,
            padding=PADDING * max(0, PREVIEW - len(said.text)),
            lang=lang,
            dir=direction(lang),
            start=start,
            end=end,
            script="arabic" if start == "right" else "",
            newsroom=newsroom.title,
            home=newsroom.url(""),
            title=said.title,
            text=said.text,
            listed=titles if subject.kind in LISTING else (),
            topics=words.notice_topics(topics=join_names(subject.topics, lang))
            if subject.topics
            else "",
            button=said.button,
            url=LINK,
            after=(*days, said.otherwise),
            sender=sender or newsletter.title,
            sender_address=newsletter.reply_to or address,
            postal_address=newsletter.postal_address,
            why=words.notice_why(newsroom=newsroom.title),
            words=words,
        )

    def _text(self, view: NoticeView) -> str:
        return self._templates.text(
            TEXT,
            notice=view,
            title="\n".join(underline(wrap(view.title), "=")),
            paragraph="\n".join(wrap(view.text)),
            listed=["\n".join(wrap(title, first="* ", rest="  ")) for title in view.listed],
            topics="\n".join(wrap(view.topics)) if view.topics else "",
            after=["\n".join(wrap(line)) for line in view.after],
            postal_address="\n".join(wrap(view.postal_address)),
            why="\n".join(wrap(view.why)),
        )

    def _html(self, view: NoticeView) -> str:
        templates = self._templates
        look = self._look = self._look or look_of(templates, self._newsroom.accent)
        css = []
        for name in STYLES:
            css.append(look.resolved(name, plain_css(templates, name)))
            lint(name, css[-1])
        heads = {
            variable: Markup(look.resolved(name, plain_css(templates, name)).strip())  # noqa: S704  # our own style sheet
            for variable, name in HEADS.items()
        }
        page = templates.html(PAGE, issue=view, notice=view, look=look, **heads)
        return inlined(_ONLY_MAIL.sub("", compact(page)), "\n".join(css))


@dataclass(frozen=True, slots=True)
class _Said:
    subject: str
    title: str
    text: str
    button: str
    otherwise: str


def _said(kind: NoticeKind, words: Words, about: str, newsroom: str) -> _Said:
    """What a notice of a kind says; `button` is "" for none. Raises ValueError for OPERATORS."""
    if kind is NoticeKind.CONFIRM:
        return _Said(
            words.notice_confirm_subject(title=about),
            words.notice_confirm_title,
            words.notice_confirm_text(newsroom=newsroom),
            words.notice_confirm_button,
            words.notice_confirm_otherwise,
        )
    if kind is NoticeKind.KNOWN:
        return _Said(
            words.notice_known_subject(title=about),
            words.notice_known_title,
            words.notice_known_text(newsroom=newsroom),
            words.notice_known_button,
            words.notice_known_otherwise,
        )
    if kind is NoticeKind.PREFERENCES:
        return _Said(
            words.notice_preferences_subject(title=about),
            words.notice_preferences_title,
            words.notice_preferences_text(newsroom=newsroom),
            words.notice_preferences_button,
            words.notice_preferences_otherwise,
        )
    if kind is NoticeKind.ADDRESS:
        return _Said(
            words.notice_address_subject(title=about),
            words.notice_address_title,
            words.notice_address_text(newsroom=newsroom),
            words.notice_address_button,
            words.notice_address_otherwise,
        )
    if kind is NoticeKind.MOVED:
        return _Said(
            words.notice_moved_subject(title=about),
            words.notice_moved_title,
            words.notice_moved_text(newsroom=newsroom),
            "",
            words.notice_moved_otherwise,
        )
    raise ValueError(f"{kind} has a text of its own")
