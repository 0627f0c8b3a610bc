"""`enews check`: every problem of every file, in one go; the output is not touched."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.flows.reading import read, survey
from pipeline.flows.showing import compile_site
from pipeline.render.issue_page import issue_pages
from pipeline.render.pages import site_pages

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.flows.workshop import Workshop
    from pipeline.render.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much is right: files by sort, and the items that no reader sees yet or any more."""

    items: int
    themes: int
    media: int
    drafts: int
    waiting: int
    expired: int


def check(workshop: Workshop, *, now: datetime) -> Tally:
    """Read everything as a build would. Raises ContentError or ConfigError with every problem.

    Raises RenderError for the newsroom's own templates and interface words.
    """
    reading = read(workshop, survey(workshop))
    site = compile_site(workshop, reading, now=now)
    workshop.templates.check_words()
    if workshop.templates.sandboxed:
        _try_templates(workshop, site)
    shown = [item for item in reading.items if not item.draft]
    return Tally(
        items=len(reading.items),
        themes=len(reading.themes),
        media=len(reading.media),
        drafts=len(reading.items) - len(shown),
        waiting=sum(item.date > now for item in shown),
        expired=sum(item.expires is not None and item.expires <= now for item in shown),
    )


def _try_templates(workshop: Workshop, site: Site) -> None:
    """Make one page of each sort, and each draft's mail. Raises RenderError."""
    issues = issue_pages(
        site,
        plans=site.drafts,
        composer=workshop.composer,
        message_of=workshop.issues.message,
    )
    tried: set[tuple[str, int, str]] = set()
    for page in chain(site_pages(site), issues):
        folder, _, name = page.path.rpartition("/")
        sort = (folder.partition("/")[0], folder.count("/"), name)
        if sort not in tried:
            tried.add(sort)
            page.render()
