"""What search engines ask for: `sitemap.xml` and `robots.txt`."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from pipeline.core.issue import issue_path, issues_path
from pipeline.render.articles import ISSUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.render.frame import Frame
    from pipeline.render.page import Page

MOST = 50_000
"""Addresses in a sitemap, by its protocol; the oldest are left out beyond that."""


def for_robots(frame: Frame) -> Iterator[Page]:
    """`sitemap.xml` and `robots.txt`."""
    catalogue = frame.catalogue
    # Not the dates: to write them for every item costs more than to read all of its digests.
    items = [f"{item.path}{item.digest}{item.source}" for item in catalogue.items]
    issues = [
        " ".join([issue.id, *(version.lang for version in issue.versions)])
        for issue in frame.site.issues
    ]
    key = ("sitemap", *sorted(catalogue.themes), "issues", *issues, "items", *items)
    yield frame.plan("sitemap.xml", key, partial(_sitemap, frame))
    yield frame.plan("robots.txt", ("robots",), partial(_robots, frame))


def _sitemap(frame: Frame) -> bytes:
    """The front of every list and every item with the day of its last change.

    Numbered pages of lists are left out: they hold nothing that is not in here.
    """
    newsroom, catalogue = frame.newsroom, frame.catalogue
    paths = [
        "",
        *[f"{listing.path}/" for listing in newsroom.listings],
        *(["themes/"] if catalogue.themes else []),
        *[catalogue.themes[key].path for key in sorted(catalogue.themes)],
        *[f"series/{key}/" for key in newsroom.series],
        *[issues_path(newsletter.key) for newsletter in newsroom.newsletters],
        *[issue_path(issue.id) for issue in frame.site.issues],
        *[
            issue_path(issue.id, version.lang)
            for issue in frame.site.issues
            for version in issue.versions[1:]
        ],
    ]
    lines = [f"<url><loc>{escape(frame.address(path))}</loc></url>" for path in paths]
    for item in catalogue.items:
        if not item.path.startswith(ISSUES):
            address, day = escape(frame.address(item.path)), item.modified.date().isoformat()
            lines.append(f"<url><loc>{address}</loc><lastmod>{day}</lastmod></url>")
    body = "\n".join(lines[:MOST])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{body}\n</urlset>\n"
    ).encode()


def _robots(frame: Frame) -> bytes:
    text = frame.site.templates.text("site/robots.txt", sitemap=frame.address("sitemap.xml"))
    return text.encode()
