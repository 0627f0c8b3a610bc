"""The files of each issue below `issues/<newsletter>/<id>/`: web page and mail.

The main language lies there, each further one in a folder of its own with the same four files.

A released issue comes from the bytes that were released, and from nothing else: the web page is the
mail's own HTML with the site's bar around it. A draft is rendered as it would go out now. Keys are
worked out without rendering, so that premailer runs only for a draft that has moved, and then once.
"""

from __future__ import annotations

import re
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from pipeline.core.issue import issue_path, issues_path, newsletter_of
from pipeline.core.plan import Plan
from pipeline.core.versions import item_in, languages, newsletter_in, plan_in
from pipeline.render.assets import accent_style
from pipeline.render.dates import direction, language_name
from pipeline.render.issue_rest import REST, rest_of
from pipeline.render.page import Page, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.core.issue import Lock, LockedVersion
    from pipeline.core.item import Item
    from pipeline.core.message import Parts
    from pipeline.core.newsroom import Newsroom
    from pipeline.ports.building import Composer
    from pipeline.render.issue_rest import RestGroup
    from pipeline.render.site import Site
    from pipeline.render.words import Words

WEB, HTML, TEXT, MESSAGE = "index.html", "email.html", "email.txt", "email.eml"

_ONLY_MAIL = re.compile(r"<!--only-mail-->.*?<!--/only-mail-->\n?", re.DOTALL)
_BODY = re.compile(r"<body\b[^>]*>")


class VersionLink(NamedTuple):
    """The way to an issue in one of its languages; `name` is the language's own.

    `url` is relative to the page, `address` absolute; `current` is true on the version itself,
    `main` for the main language.
    """

    lang: str
    dir: str
    name: str
    url: str
    address: str
    current: bool
    main: bool


class WebPage(NamedTuple):
    """What the bar and the head of an issue's web page say; `root` leads to the site's root.

    `issues` leads to the past issues, `feeds` to the folder of the feeds in this language;
    `subscribe` leads to the form of the front door, "" where sign-up is closed; `versions` is empty
    where the issue comes in one language.
    """

    title: str
    description: str
    newsroom: str
    newsletter: str
    canonical: str
    root: str
    issues: str
    feeds: str
    subscribe: str
    draft: bool
    lang: str
    versions: tuple[VersionLink, ...]
    rest: tuple[RestGroup, ...]
    accent_css: Markup
    words: Words


class _Version(NamedTuple):
    """An issue in one language, as its pages need it; `langs` are all that it comes in."""

    id: str
    lang: str
    langs: tuple[str, ...]
    title: str
    summary: str
    draft: bool
    told: LockedVersion | Plan

    @property
    def own(self) -> str:
        """The name of its folder, "" for the main language."""
        return _folder(self.lang, self.langs)

    @property
    def path(self) -> str:
        return issue_path(self.id, self.own)


def issue_pages(
    site: Site,
    *,
    plans: Sequence[Plan],
    composer: Composer,
    message_of: Callable[[Lock, str], bytes],
) -> Iterator[Page]:
    """Four files a language for each released issue and for each of the drafts `plans`."""
    newsroom = site.catalogue.newsroom
    for lock in site.issues:
        langs = tuple(told.lang or newsroom.language for told in lock.all_versions)
        for lang, told in zip(langs, lock.all_versions, strict=True):
            released = _Letter(partial(message_of, lock, told.lang), composer)
            version = _version(lock, told, lang, langs)
            yield from _pages(site, version, released, key_of("released", told.digest))
    for plan in plans:
        newsletter = newsroom.newsletter(plan.newsletter)
        if newsletter is None:
            continue
        langs = languages(newsletter, newsroom)
        for lang in langs:
            draft = _Letter(partial(draft_bytes, plan, site, composer, lang), composer)
            version = _version(plan, plan_in(plan, lang), lang, langs)
            yield from _pages(site, version, draft, draft_key(plan, site, lang))


def _version(
    issue: Lock | Plan, told: LockedVersion | Plan, lang: str, langs: tuple[str, ...]
) -> _Version:
    return _Version(
        id=issue.id,
        lang=lang,
        langs=langs,
        title=told.title,
        summary=told.summary,
        draft=isinstance(issue, Plan),
        told=told,
    )


def _folder(lang: str, langs: Sequence[str]) -> str:
    return "" if lang == langs[0] else lang


def draft_bytes(plan: Plan, site: Site, composer: Composer, lang: str = "") -> bytes:
    """The message that would go out now in a language ("": the main one).

    Raises RenderError and IssueError.
    """
    newsroom = site.catalogue.newsroom
    newsletter = newsroom.newsletter(plan.newsletter)
    if newsletter is None:
        raise LookupError(plan.newsletter)
    lang = lang or languages(newsletter, newsroom)[0]
    # What makes a mail takes 25 ms to load, and most builds make none.
    from pipeline.render.email import mail_of

    return composer.compose(mail_of(plan, newsletter, site, lang=lang))


def draft_key(plan: Plan, site: Site, lang: str) -> str:
    """Stands for everything that a draft's message in a language is made from."""
    catalogue = site.catalogue
    logo = catalogue.newsroom.logo
    media = catalogue.media.get(logo.src) if logo else None
    links = site.link_keys.get(plan.id, "")
    parts: list[object] = ["draft", lang, site.environment, plan.id, plan.digest, links]
    parts.append(media and media.digest)
    for name in plan.carried:
        item = catalogue.by_id.get(name)
        parts.append(name)
        if item is not None:
            parts += _item_key(item_in(item, lang, catalogue), site)
    return key_of(*parts)


def _item_key(item: Item, site: Site) -> list[object]:
    catalogue = site.catalogue
    media = catalogue.media.get(item.image.src) if item.image else None
    themes = (catalogue.themes.get(key) for key in item.themes)
    titles = "\x1e".join(f"{theme.path} {theme.title}" for theme in themes if theme)
    public = catalogue.is_public(item)
    said = [item.id, item.digest, item.path, item.summary, public, titles]
    return [*said, media and media.digest]


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

    def web(self, site: Site, version: _Version) -> bytes:
        return _web(site, version, self.parts.html).encode()

    def html(self) -> bytes:
        return self.parts.html.encode()

    def text(self) -> bytes:
        return self.parts.text.encode()

    def message(self) -> bytes:
        return self.raw


def _pages(site: Site, version: _Version, letter: _Letter, key: str) -> Iterator[Page]:
    base = version.path
    # The bar around a released issue is the site's and may move with it; the rest may not.
    said = (version.title, version.summary, version.langs)
    web_key = key_of(WEB, site.environment, *said, key)
    yield Page(path=base + WEB, key=web_key, render=partial(letter.web, site, version))
    yield Page(path=base + HTML, key=key_of(HTML, key), render=letter.html)
    yield Page(path=base + TEXT, key=key_of(TEXT, key), render=letter.text)
    yield Page(path=base + MESSAGE, key=key_of(MESSAGE, key), render=letter.message)


def _web(site: Site, version: _Version, html: str) -> str:
    """The mail's HTML as a page of the site: nothing of a subscriber's, links relative."""
    page = _web_page(site, version, html)

    def part(name: str) -> str:
        return site.templates.html("email/web.html", part=name, page=page).strip() + "\n"

    html = _ONLY_MAIL.sub("", _relative(html, site, version, page.root))
    if page.rest:
        html = html.replace(REST, part("rest"), 1)
    html = html.replace("</head>", part("head") + "</head>", 1)
    html = _BODY.sub(lambda match: f"{match[0]}\n{part('before')}", html, count=1)
    before, end, after = html.rpartition("</body>")
    return f"{before}{part('after')}{end}{after}"


def _web_page(site: Site, version: _Version, html: str) -> WebPage:
    from pipeline.render.issue_view import words

    newsroom = site.catalogue.newsroom
    key = newsletter_of(version.id)
    newsletter = newsroom.newsletter(key)
    called = newsletter_in(newsletter, version.lang) if newsletter else None
    root = "../" * version.path.count("/")
    return WebPage(
        title=version.title,
        description=version.summary,
        newsroom=newsroom.title,
        newsletter=called.title if called else newsroom.title,
        canonical=newsroom.url(version.path),
        root=root,
        issues=root + issues_path(key),
        feeds=root + issues_path(key, version.own),
        subscribe=_form(newsroom, version.lang, root),
        draft=version.draft,
        lang=version.lang,
        versions=tuple(_links(site, version, root)) if len(version.langs) > 1 else (),
        rest=rest_of(html, version.told, version.lang, site, root),
        accent_css=Markup(accent_style(newsroom.accent)),  # noqa: S704  # a checked colour
        words=words(site, version.lang),
    )


def _form(newsroom: Newsroom, lang: str, root: str) -> str:
    """The way to the form where one signs up, in the version's language."""
    if not newsroom.subscribing.open:
        return ""
    return f"{root}subscribe" + ("" if lang == newsroom.language else f"?lang={lang}")


def _links(site: Site, version: _Version, root: str) -> Iterator[VersionLink]:
    for lang in version.langs:
        path = issue_path(version.id, _folder(lang, version.langs))
        yield VersionLink(
            lang=lang,
            dir=direction(lang),
            name=language_name(lang),
            url=root + path,
            address=site.catalogue.newsroom.url(path),
            current=lang == version.lang,
            main=lang == version.langs[0],
        )


def _relative(html: str, site: Site, version: _Version, root: str) -> str:
    """Addresses of this site relative, so that the page works wherever the site lies.

    An old issue may know the site by an earlier address: the one before its own path.
    """
    from pipeline.render.inlining import TAG

    own = re.search(rf'href="(https?://[^"]*?)/{re.escape(quote(version.path))}"', html)
    bases = {site.catalogue.newsroom.base_url, *([own[1]] if own else [])}
    for base in sorted(bases):
        address = re.compile(rf'\b(href|src)="{re.escape(base)}/')
        html = TAG.sub(partial(_led, address, root), html)
    return html


def _led(address: re.Pattern[str], root: str, tag: re.Match[str]) -> str:
    """A tag whose addresses begin at `root`; text that looks like one stays as it is."""
    return address.sub(rf'\1="{root}', tag[0])
