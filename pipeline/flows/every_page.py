"""Every page there is to be, each place taken once."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.errors import ContentError, Problem, RenderError
from pipeline.flows.showing import media_pages
from pipeline.render.dates import format_day_in
from pipeline.render.feeds import feed_pages
from pipeline.render.frame import WORDS
from pipeline.render.pages import site_pages
from pipeline.render.templates import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.core.newsroom import Newsroom
    from pipeline.flows.workshop import Workshop
    from pipeline.render.page import Page
    from pipeline.render.site import Site
    from pipeline.render.templates import Templates


def load(templates: Templates, newsroom: Newsroom) -> None:
    """Load all that renders pages and feeds: code, the pages' templates, words, names of months."""
    import_module("pipeline.render.atom")
    import_module("pipeline.render.rss")
    templates.compile(PAGES)
    with suppress(RenderError):
        templates.words(WORDS, newsroom.language)
    format_day_in(date(2000, 1, 1), newsroom.date_format, newsroom.language, newsroom.language)


def every_page(workshop: Workshop, site: Site) -> Sequence[Page]:
    """All pages and files of a site, planned and not rendered.

    Raises ContentError where two want one place, or a file is another's folder.
    """
    return _each_once(
        chain(
            # First what takes longest, or one process would be left alone with it.
            feed_pages(site),
            site_pages(site),
            media_pages(workshop, site.catalogue),
            _issue_pages(workshop, site),
        )
    )


def _issue_pages(workshop: Workshop, site: Site) -> Iterator[Page]:
    if not (site.issues or site.drafts):
        return
    # A newsroom without issues loads nothing for them.
    from pipeline.render.issue_page import issue_pages

    yield from issue_pages(
        site, plans=site.drafts, composer=workshop.composer, message_of=workshop.issues.message
    )


def _each_once(pages: Iterable[Page]) -> Sequence[Page]:
    by_path: dict[str, Page] = {}
    problems = []
    for page in pages:
        if page.path in by_path:
            problems.append(_clash(page.path))
        by_path[page.path] = page
    problems.extend(_clash(path) for path in _folders(by_path).intersection(by_path))
    if problems:
        raise ContentError(problems)
    return list(by_path.values())


def _folders(paths: Iterable[str]) -> set[str]:
    folders: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def _clash(path: str) -> Problem:
    expected = "two things want this address: change an alias, a slug or a listing's path"
    return Problem(path=f"/{path}", expected=expected)
