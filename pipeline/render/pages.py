"""Every page of the archive except the issues themselves: which files there are, and from what.

Nothing is rendered here. A page is planned from a key; only where that is new, `Page.render` runs.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pipeline.render.articles import articles, redirects
from pipeline.render.assets import asset
from pipeline.render.cards import Cards
from pipeline.render.frame import Frame
from pipeline.render.listings import listings
from pipeline.render.overviews import overviews
from pipeline.render.page import Page, key_of
from pipeline.render.sitemap import for_robots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.render.site import Site

ASSETS = "site/assets/"


def site_pages(site: Site) -> Iterator[Page]:
    """The pages of a site and the files that they use, each path once."""
    frame = Frame(site)
    cards = Cards(frame)
    yield from overviews(frame, cards)
    yield from listings(frame, cards)
    yield from articles(frame, cards)
    yield from redirects(frame)
    yield from for_robots(frame)
    yield from assets(site)


def assets(site: Site) -> Iterator[Page]:
    """The files beside the site's templates: style sheets and the icon."""
    for name in site.templates.assets(ASSETS):
        yield Page(
            path=name.removeprefix("site/"),
            key=key_of(site.environment, name),
            render=partial(asset, site, name),
        )
