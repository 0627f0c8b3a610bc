"""Paged lists of items: listings, theme pages, series pages. A piece in several languages once.

A page shows the dates of its neighbours only where these can no longer change: those of numbered
pages, never those of the front page, or a new item would change two pages.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from pipeline.core.listing import paginate
from pipeline.render.frame import FeedLink, Head, Link, root_of
from pipeline.render.links import marked, place, targets
from pipeline.render.metadata import breadcrumbs, graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.item import Item
    from pipeline.core.listing import ListingPage
    from pipeline.core.theme import Theme
    from pipeline.render.cards import Cards
    from pipeline.render.frame import Frame
    from pipeline.render.page import Page

PAGE_SIZE = 20
"""Items on a numbered page of a theme or a series; a front page has up to twice as many."""


class PagerLink(NamedTuple):
    """A neighbouring page; `days` is the time its items span, "" for the front page."""

    path: str
    days: str


class Pager(NamedTuple):
    """Where a page of a list stands; `days` is the time its own items span.

    `oldest` is None where it would be the page itself or the same as `older`.
    """

    number: int
    days: str
    newer: PagerLink | None
    older: PagerLink | None
    oldest: PagerLink | None


class Collection(NamedTuple):
    """One paged list: `base` is its front page's path; `theme` is set for that of a theme."""

    template: str
    base: str
    title: str
    description: str
    items: tuple[Item, ...]
    page_size: int
    section: str
    feeds: tuple[FeedLink, ...] = ()
    theme: Theme | None = None


def listings(frame: Frame, cards: Cards) -> Iterator[Page]:
    """Every page of every listing, theme and series."""
    for collection in _collections(frame):
        yield from _pages(frame, cards, collection)


def _collections(frame: Frame) -> Iterator[Collection]:
    newsroom, catalogue = frame.newsroom, frame.catalogue
    for listing in newsroom.listings:
        yield Collection(
            template="listing.html",
            base=f"{listing.path}/",
            title=listing.title,
            description=newsroom.description,
            items=catalogue.each_piece(catalogue.listed(listing)),
            page_size=listing.page_size,
            section=f"{listing.path}/",
            feeds=tuple(
                FeedLink(base=f"kinds/{kind}/", title=newsroom.kinds[kind])
                for kind in listing.kinds
            ),
        )
    for key, theme in sorted(catalogue.themes.items()):
        yield Collection(
            template="theme.html",
            base=theme.path,
            title=theme.title,
            description=theme.summary,
            items=catalogue.each_piece(catalogue.of_theme[key]),
            page_size=PAGE_SIZE,
            section="themes/",
            feeds=(FeedLink(base=theme.path, title=theme.title),),
            theme=theme,
        )
    for key, title in newsroom.series.items():
        yield Collection(
            template="series.html",
            base=f"series/{key}/",
            title=title,
            description=newsroom.description,
            items=catalogue.each_piece(catalogue.of_series[key]),
            page_size=PAGE_SIZE,
            section="",
        )


def _pages(frame: Frame, cards: Cards, collection: Collection) -> Iterator[Page]:
    pages = list(paginate(collection.items, collection.base, collection.page_size))
    at = {page.path: page for page in pages}
    for page in pages:
        if page.number and not frame.site.shows_news(page.items):
            continue
        neighbours = _neighbours(page, pages, at)
        # Titles are the newsroom's, so in the environment, or the theme's.
        key = (
            collection.template,
            _theme_key(frame, cards, collection.theme, front=not page.number),
            *[f"{x.path} {_span(x.items)}" if x else "" for x in neighbours],
            *[cards.key_with_summary(item) for item in page.items],
        )
        render = partial(_page, frame, cards, collection, page, neighbours)
        yield frame.plan(page.path, key, render)


Neighbours = tuple[
    "ListingPage[Item] | None", "ListingPage[Item] | None", "ListingPage[Item] | None"
]
"""The next newer page if it has a number, the next older, and the oldest beyond that."""


def _neighbours(
    page: ListingPage[Item], pages: list[ListingPage[Item]], at: dict[str, ListingPage[Item]]
) -> Neighbours:
    newer, older = at.get(page.newer), at.get(page.older)
    oldest = pages[-1]
    return (
        newer if newer and newer.number else None,
        older,
        None if oldest in (page, older) else oldest,
    )


def _page(
    frame: Frame,
    cards: Cards,
    collection: Collection,
    page: ListingPage[Item],
    neighbours: Neighbours,
) -> bytes:
    root = root_of(page.path)
    pager = _pager(frame, page, neighbours)
    theme = collection.theme
    values = _theme_values(frame, cards, theme, root, front=not page.number) if theme else {}
    return frame.fill(
        collection.template,
        page.path,
        root,
        _head(frame, cards, collection, pager),
        title=collection.title,
        base=collection.base,
        feeds=collection.feeds,
        cards=[cards.card(item, root) for item in page.items],
        pager=pager,
        **values,
    )


def _head(frame: Frame, cards: Cards, collection: Collection, pager: Pager) -> Head:
    theme, title = collection.theme, collection.title
    way = (Link(path="themes/", label=frame.words.themes),) if theme else ()
    return Head(
        title=frame.words.page_title(title=title, days=pager.days) if pager.number else title,
        description=collection.description or title,
        image=cards.address(theme.image) if theme else "",
        data=graph(breadcrumbs(frame, *way, Link(path=collection.base, label=title))),
        feeds=collection.feeds,
        section=collection.section,
    )


def _theme_values(
    frame: Frame, cards: Cards, theme: Theme, root: str, *, front: bool
) -> dict[str, object]:
    """What a theme's template gets beside a listing's: all of it on the front page only."""
    html = frame.site.intros.get(theme.key, "") if front else ""
    body = place(html, theme.source, frame.catalogue, base=root)
    return {
        "summary": theme.summary,
        "picture": cards.picture(theme.image, root) if front else None,
        "body_html": Markup(body),  # noqa: S704 # nh3 cleaned it
    }


def _pager(frame: Frame, page: ListingPage[Item], neighbours: Neighbours) -> Pager:
    newer, older, oldest = neighbours
    return Pager(
        number=page.number,
        days=_days(frame, page.items),
        newer=PagerLink(path=page.newer, days=_days(frame, newer.items) if newer else "")
        if page.newer
        else None,
        older=PagerLink(path=older.path, days=_days(frame, older.items)) if older else None,
        oldest=PagerLink(path=oldest.path, days=_days(frame, oldest.items)) if oldest else None,
    )


def _days(frame: Frame, items: tuple[Item, ...]) -> str:
    return frame.days(items[-1].date.date(), items[0].date.date()) if items else ""


def _span(items: tuple[Item, ...]) -> str:
    return f"{items[-1].date.toordinal()} {items[0].date.toordinal()}" if items else ""


def _theme_key(frame: Frame, cards: Cards, theme: Theme | None, *, front: bool) -> str:
    """What a theme's page reads of the theme: all of it on its front page, else its head."""
    if theme is None:
        return ""
    if not front:
        return cards.theme_key_with_summary(theme)
    html = frame.site.intros.get(theme.key, "")
    links = targets(marked(html), theme.source, frame.catalogue)
    return f"{theme.digest} {cards.picture_key(theme.image)} {links}"
