"""The files of each issue below `issues/<newsletter>/<id>/`: web page and mail.

A released issue comes from the bytes that were released, and from nothing else: the web page is the
mail's own HTML with the site's bar around it. A draft is rendered as it would go out now. Keys are
worked out without rendering, so that premailer runs only for a draft that has moved, and then once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.core.issue import issue_path, issues_path, newsletter_of
from pipeline.core.plan import Plan
from pipeline.render.page import Page, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import SimpleNamespace

    from pipeline.core.issue import Lock
    from pipeline.core.message import Parts
    from pipeline.ports import Composer
    from pipeline.render.site import Site

WEB, HTML, TEXT, MESSAGE = "index.html", "email.html", "email.txt", "email.eml"

_ONLY_MAIL = re.compile(r"<!--only-mail-->.*?<!--/only-mail-->\n?", re.DOTALL)
_BODY = re.compile(r"<body\b[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """What the bar and the head of an issue's web page say; `root` leads to the site's root."""

    title: str
    description: str
    newsroom: str
    newsletter: str
    canonical: str
    root: str
    issues: str
    draft: bool
    words: SimpleNamespace


def issue_pages(
    site: Site,
    *,
    plans: Sequence[Plan],
    composer: Composer,
    message_of: Callable[[Lock], bytes],
) -> Iterator[Page]:
    """Four files for each released issue and for each of the drafts `plans`."""
    for lock in site.issues:
        released = _Letter(partial(message_of, lock), composer)
        yield from _pages(site, lock, released, key_of("released", lock.digest))
    for plan in plans:
        if site.catalogue.newsroom.newsletter(plan.newsletter) is None:
            continue
        draft = _Letter(partial(draft_bytes, plan, site, composer), composer)
        yield from _pages(site, plan, draft, draft_key(plan, site))


def draft_bytes(plan: Plan, site: Site, composer: Composer) -> bytes:
    """The message that would go out now. Raises RenderError and IssueError."""
    newsletter = site.catalogue.newsroom.newsletter(plan.newsletter)
    if newsletter is None:
        raise LookupError(plan.newsletter)
    # What makes a mail takes 25 ms to load, and most builds make none.
    from pipeline.render.email import mail_of

    return composer.compose(mail_of(plan, newsletter, site))


def draft_key(plan: Plan, site: Site) -> str:
    """Stands for everything that a draft's message is made from."""
    catalogue = site.catalogue
    links = site.link_keys.get(plan.id, "")
    parts: list[object] = ["draft", site.environment, plan.id, plan.digest, links]
    for name in plan.carried:
        item = catalogue.by_id.get(name)
        parts.append(name)
        if item is not None:
            media = catalogue.media.get(item.image.src) if item.image else None
            public = catalogue.is_public(item)
            parts += [item.digest, item.path, item.summary, public, media and media.digest]
    return key_of(*parts)


class _Letter:
    """A message, made or read when it is first asked for, and taken apart once."""

    def __init__(self, load: Callable[[], bytes], composer: Composer) -> None:
        self._load = load
        self._composer = composer

    @cached_property
    def raw(self) -> bytes:
        return self._load()

    @cached_property
    def parts(self) -> Parts:
        return self._composer.parts(self.raw)

    def web(self, site: Site, issue: Lock | Plan) -> bytes:
        return _web(site, issue, self.parts.html).encode()

    def html(self) -> bytes:
        return self.parts.html.encode()

    def text(self) -> bytes:
        return self.parts.text.encode()

    def message(self) -> bytes:
        return self.raw


def _pages(site: Site, issue: Lock | Plan, letter: _Letter, key: str) -> Iterator[Page]:
    base = issue_path(issue.id)
    # The bar around a released issue is the site's and may move with it; the rest may not.
    web_key = key_of(WEB, site.environment, issue.title, issue.summary, key)
    yield Page(path=base + WEB, key=web_key, render=partial(letter.web, site, issue))
    yield Page(path=base + HTML, key=key_of(HTML, key), render=letter.html)
    yield Page(path=base + TEXT, key=key_of(TEXT, key), render=letter.text)
    yield Page(path=base + MESSAGE, key=key_of(MESSAGE, key), render=letter.message)


def _web(site: Site, issue: Lock | Plan, html: str) -> str:
    """The mail's HTML as a page of the site: nothing of a subscriber's, links relative."""
    page = _web_page(site, issue)

    def part(name: str) -> str:
        return site.templates.html("email/web.html", part=name, page=page).strip() + "\n"

    html = _ONLY_MAIL.sub("", _relative(html, site, issue, page.root))
    html = html.replace("</head>", part("head") + "</head>", 1)
    html = _BODY.sub(lambda match: f"{match[0]}\n{part('before')}", html, count=1)
    before, end, after = html.rpartition("</body>")
    return f"{before}{part('after')}{end}{after}"


def _web_page(site: Site, issue: Lock | Plan) -> WebPage:
    from pipeline.render.issue_view import words

    newsroom = site.catalogue.newsroom
    newsletter = newsroom.newsletter(newsletter_of(issue.id))
    path = issue_path(issue.id)
    root = "../" * path.count("/")
    title = newsletter.title if newsletter else newsroom.title
    return WebPage(
        title=issue.title,
        description=issue.summary,
        newsroom=newsroom.title,
        newsletter=title,
        canonical=newsroom.url(path),
        root=root,
        issues=root + issues_path(newsletter_of(issue.id)),
        draft=isinstance(issue, Plan),
        words=words(site, title),
    )


def _relative(html: str, site: Site, issue: Lock | Plan, root: str) -> str:
    """Addresses of this site relative, so that the page works wherever the site lies.

    An old issue may know the site by an earlier address: the one before its own path.
    """
    own = re.search(rf'href="(https?://[^"]*?)/{re.escape(quote(issue_path(issue.id)))}"', html)
    bases = {site.catalogue.newsroom.base_url, *([own[1]] if own else [])}
    for base in sorted(bases):
        html = re.sub(rf'\b(href|src)="{re.escape(base)}/', rf'\1="{root}', html)
    return html
