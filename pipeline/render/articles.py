"""A page for each item, and a redirect from each of its old addresses."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from pipeline.core.conflicts import alias_file
from pipeline.core.related import related, translations
from pipeline.render.dates import language_name
from pipeline.render.frame import Head, Link, root_of
from pipeline.render.links import place
from pipeline.render.markdown import is_excerpt
from pipeline.render.metadata import breadcrumbs, graph, news_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.item import Item
    from pipeline.render.cards import Cards
    from pipeline.render.frame import Frame
    from pipeline.render.page import Page

ISSUES = "issues/"
"""Where the path of an item that announces an issue begins; that page is made elsewhere."""


class Version(NamedTuple):
    """The same piece in another language: where it is, and that language in its own words.

    `url` is relative to the page, `address` absolute.
    """

    url: str
    address: str
    lang: str
    language: str


def articles(frame: Frame, cards: Cards) -> Iterator[Page]:
    """The article pages, newest first."""
    site, catalogue = frame.site, frame.catalogue
    versions = translations(catalogue)
    links, keys = site.link_keys, cards.keys
    themes = {key: cards.theme_key(theme) for key, theme in catalogue.themes.items()}
    for item, others in related(catalogue, site.changed):
        if item.path.startswith(ISSUES):
            continue
        mine = versions.get(item.id, ())
        # The digest, the source and the environment stand for the time of day too.
        key = (
            "article",
            item.id,
            item.digest,
            item.source,
            links.get(item.id, ""),
            keys[item.id],
            *[themes[theme] for theme in item.themes],
            *[f"{version.path}\x1e{version.lang}" for version in mine],
            "related",
            *[keys[other.id] for other in others],
        )
        render = partial(_article, frame, cards, item, mine, others)
        yield frame.plan(item.path, key, render)


def redirects(frame: Frame) -> Iterator[Page]:
    """A page at every old address of a public item, which leads to the new one.

    Old are its aliases, and where a released issue links to it: mails that were sent stay as they
    are, so the addresses in them go on leading somewhere.
    """
    places = {alias_file(alias): item for item in frame.catalogue.items for alias in item.aliases}
    taken = {item.path for item in frame.catalogue.items}
    for lock in frame.site.issues:
        for locked in chain.from_iterable(version.items for version in lock.all_versions):
            item = frame.catalogue.by_id.get(locked.id)
            if item is not None and frame.catalogue.is_public(item) and locked.path not in taken:
                places.setdefault(f"{locked.path}index.html", item)
    for path, item in places.items():
        key = ("redirect", item.path, item.title, item.lang)
        yield frame.plan(path, key, partial(_redirect, frame, path, item))


def _article(
    frame: Frame, cards: Cards, item: Item, versions: tuple[Item, ...], others: tuple[Item, ...]
) -> bytes:
    catalogue, root = frame.catalogue, root_of(item.path)
    html = frame.site.body_of(item)
    published, changed = item.date.date(), item.modified.date()
    updated = changed if changed != published else None
    series = frame.newsroom.series.get(item.series)
    return frame.fill(
        "article.html",
        item.path,
        root,
        _head(frame, cards, item),
        item=item,
        authors=frame.names(item.authors),
        kind=frame.newsroom.kinds[item.kind],
        day=frame.day(published, item.lang),
        date=item.date.isoformat(),
        updated_day=frame.day(updated, item.lang) if updated else "",
        updated=updated.isoformat() if updated else "",
        # A summary drawn from the body would say the first paragraph twice.
        standfirst="" if is_excerpt(item.summary, html) else item.summary,
        picture=cards.picture(item.image, root),
        body_html=Markup(place(html, item.source, catalogue, base=root)),  # noqa: S704 # nh3 cleaned it
        link_host=(urlsplit(item.link).hostname or "").removeprefix("www."),
        translations=[_version(frame, version, root) for version in versions],
        themes=[
            cards.theme_card(catalogue.themes[key], root, summary=False) for key in item.themes
        ],
        series=Link(path=f"series/{item.series}/", label=series) if series else None,
        related=[cards.card(other, root, summary=False) for other in others],
    )


def _head(frame: Frame, cards: Cards, item: Item) -> Head:
    image = cards.address(item.image)
    listing = next((x for x in frame.newsroom.listings if item.kind in x.kinds), None)
    way = (Link(path=f"{listing.path}/", label=listing.title),) if listing else ()
    return Head(
        title=item.title,
        description=item.summary or item.title,
        type="article",
        image=image,
        section=way[0].path if way else "",
        attributes=frame.attributes(item.lang),
        data=graph(
            news_article(frame, item, image=image),
            breadcrumbs(frame, *way, Link(path=item.path, label=item.title)),
        ),
    )


def _version(frame: Frame, item: Item, root: str) -> Version:
    return Version(
        url=root + item.path,
        address=frame.address(item.path),
        lang=item.lang,
        language=language_name(item.lang),
    )


def _redirect(frame: Frame, path: str, item: Item) -> bytes:
    return frame.site.templates.html(
        "site/redirect.html",
        newsroom=frame.newsroom,
        words=frame.words,
        direction=frame.direction,
        title=item.title,
        attributes=frame.attributes(item.lang),
        canonical=frame.address(item.path),
        target=root_of(path) + quote(item.path),
    ).encode()
