"""A page for each item, and a redirect from each of its old addresses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from markupsafe import Markup

from pipeline.core.related import related, translations
from pipeline.render.dates import language_name
from pipeline.render.frame import Head, Link, root_of
from pipeline.render.links import place
from pipeline.render.markdown import excerpt
from pipeline.render.metadata import breadcrumbs, news_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.item import Item
    from pipeline.render.cards import Cards
    from pipeline.render.frame import Frame
    from pipeline.render.page import Page

ISSUES = "issues/"
"""Where the path of an item that announces an issue begins; that page is made elsewhere."""


def articles(frame: Frame, cards: Cards) -> Iterator[Page]:
    """The article pages, newest first."""
    site, catalogue = frame.site, frame.catalogue
    versions = translations(catalogue)
    links = site.link_keys
    themes = {key: cards.theme_key(theme) for key, theme in catalogue.themes.items()}
    for item, others in related(catalogue):
        if item.path.startswith(ISSUES):
            continue
        mine = versions.get(item.id, ())
        key = (
            "article",
            item.id,
            item.digest,
            item.date.isoformat(),
            item.source,
            links.get(item.id, ""),
            cards.picture_key(item.image),
            *[themes[theme] for theme in item.themes],
            *[f"{version.path}\x1e{version.lang}" for version in mine],
            "related",
            *[cards.key(other) for other in others],
        )
        render = partial(_article, frame, cards, item, mine, others)
        yield frame.plan(item.path, key, render)


def redirects(frame: Frame) -> Iterator[Page]:
    """A page at every old address of a public item, which leads to the new one."""
    taken: set[str] = set()
    for item in frame.catalogue.items:
        for alias in item.aliases:
            path = redirect_path(alias)
            if path and path not in taken:
                taken.add(path)
                key = ("redirect", item.path, item.title, item.lang)
                yield frame.plan(path, key, partial(_redirect, frame, path, item))


def redirect_path(alias: str) -> str:
    """The file for an alias: `/old/x.html` is one, `/old/path/` a folder; "" if it leads nowhere.

    A folder's path ends with a slash, as everywhere.
    """
    segments = [part for part in unquote(urlsplit(alias).path).split("/") if part not in ("", ".")]
    if not segments or ".." in segments:
        return ""
    path = "/".join(segments)
    return path if "." in segments[-1] and not alias.endswith("/") else f"{path}/"


def _article(
    frame: Frame, cards: Cards, item: Item, versions: tuple[Item, ...], others: tuple[Item, ...]
) -> bytes:
    catalogue, newsroom = frame.catalogue, frame.newsroom
    root = root_of(item.path)
    html = frame.site.body_of(item)
    image = cards.address(item.image)
    listing = next((x for x in newsroom.listings if item.kind in x.kinds), None)
    section = Link(path=f"{listing.path}/", label=listing.title) if listing else None
    way = (section,) if section else ()
    published, changed = item.date.date(), item.modified.date()
    updated = changed if changed != published else None
    head = Head(
        title=item.title,
        description=item.summary,
        type="article",
        image=image,
        section=section.path if section else "",
        attributes=frame.attributes(item.lang),
        data=(
            news_article(frame, item, image=image),
            breadcrumbs(frame, *way, Link(path=item.path, label=item.title)),
        ),
    )
    return frame.fill(
        "article.html",
        item.path,
        head,
        item=item,
        kind=newsroom.kinds[item.kind],
        section=section,
        day=frame.day(published, item.lang),
        date=item.date.isoformat(),
        updated_day=frame.day(updated, item.lang) if updated else "",
        updated=updated.isoformat() if updated else "",
        # A summary drawn from the body would say the first paragraph twice.
        standfirst="" if item.summary == excerpt(html) else item.summary,
        picture=cards.picture(item.image, root),
        body_html=Markup(place(html, item.source, catalogue, base=root)),  # noqa: S704 # nh3 cleaned it
        link_host=(urlsplit(item.link).hostname or "").removeprefix("www."),
        translations=[_version(frame, version) for version in versions],
        themes=[
            cards.theme_card(catalogue.themes[key], root, summary=False) for key in item.themes
        ],
        series=Link(path=f"series/{item.series}/", label=newsroom.series[item.series])
        if item.series
        else None,
        related=[cards.card(other, root, summary=False) for other in others],
    )


def _version(frame: Frame, item: Item) -> dict[str, str]:
    return {
        "path": item.path,
        "lang": item.lang,
        "language": language_name(item.lang),
        "address": frame.address(item.path),
    }


def _redirect(frame: Frame, path: str, item: Item) -> bytes:
    target = root_of(path) + quote(item.path)
    return frame.site.templates.html(
        "site/redirect.html",
        newsroom=frame.newsroom,
        words=frame.words,
        title=item.title,
        attributes=frame.attributes(item.lang),
        canonical=frame.address(item.path),
        target=target,
    ).encode()
