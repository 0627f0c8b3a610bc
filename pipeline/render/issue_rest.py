"""What a mail had no room for, as the web version of the issue shows it: the titles, as links.

A mail that had to be shortened has a mark where this goes. What the issue carries is known from its
lock, or its plan; what of it the mail shows, from the mail.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pipeline.core.plan import Plan
from pipeline.core.versions import item_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.issue import LockedVersion
    from pipeline.render.site import Site

REST = "<!--rest-->"
"""Where a mail that had to be shortened leaves room for what is on the web only."""


class RestLink(NamedTuple):
    """An item; `url` is relative to the page."""

    title: str
    url: str


class RestGroup(NamedTuple):
    """Those of a section that the mail has no room for."""

    title: str
    links: tuple[RestLink, ...]


def rest_of(
    html: str, told: LockedVersion | Plan, lang: str, site: Site, root: str
) -> tuple[RestGroup, ...]:
    """What `html` left out, by section; () where it was not shortened."""
    if REST not in html:
        return ()
    every = _planned(told, lang, site) if isinstance(told, Plan) else _locked(told)
    missing = (entry for entry in every if f'/{quote(entry[2])}"' not in html)
    return tuple(
        RestGroup(
            title=section,
            links=tuple(RestLink(title=title, url=root + quote(path)) for _, title, path in found),
        )
        for section, found in groupby(missing, key=lambda entry: entry[0])
    )


def _locked(told: LockedVersion) -> Iterator[tuple[str, str, str]]:
    """Section, title and path of each item, in order."""
    for item in told.items:
        yield item.section, item.title, item.path


def _planned(plan: Plan, lang: str, site: Site) -> Iterator[tuple[str, str, str]]:
    catalogue = site.catalogue
    for section in plan.sections:
        for name in section.items:
            named = catalogue.by_id.get(name)
            item = item_in(named, lang, catalogue) if named else None
            if item and catalogue.is_public(item):
                yield section.title, item.title, item.path
