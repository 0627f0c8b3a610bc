"""`enews build`: the output becomes what the content says now, all of it or nothing of it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError, ContentError, Problem
from pipeline.flows.following import is_steady, items_before, reworded
from pipeline.flows.reading import read, settled, survey
from pipeline.flows.showing import compile_site, media_pages
from pipeline.ports.building import Changes
from pipeline.render.feeds import feed_pages
from pipeline.render.issue_page import issue_pages
from pipeline.render.pages import site_pages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from pipeline.flows.reading import Survey
    from pipeline.flows.workshop import Workshop
    from pipeline.render.page import Page
    from pipeline.render.site import Site


def build(workshop: Workshop, *, now: datetime, withdrawn: Collection[str] = ()) -> Changes:
    """Bring the output up to date; `now` is aware, `withdrawn` are published ids given up for good.

    Raises ContentError or ConfigError with every problem, RenderError and OutputError; whatever is
    raised, the output stays as it was.
    """
    # Where the last build did not end well, everything is looked at anyway. Asking for the note
    # also opens the cache, which is emptied then if other code wrote it: never by two at once.
    ended = bool(workshop.cache.note("since"))
    intact = workshop.jobs.begin(workshop.output.intact) if ended else bool
    found = survey(workshop)
    steady = not withdrawn and is_steady(workshop, found, now)
    before = items_before(workshop, found) if steady else None
    if before is not None and not intact():
        before = None
    if before is not None and found.quiet:
        return Changes(unchanged=int(workshop.cache.note("pages")))
    reading = read(workshop, found)
    changed = reworded(before, reading) if before is not None else None
    site = compile_site(workshop, reading, now=now, withdrawn=withdrawn, changed=changed)
    _refuse_withdrawal(workshop, site, withdrawn)
    pages = _each_once(
        chain(
            # First what takes longest, or one process would be left alone with it.
            feed_pages(site),
            site_pages(site),
            media_pages(workshop, site.catalogue),
            issue_pages(
                site,
                plans=site.drafts,
                composer=workshop.composer,
                message_of=workshop.issues.message,
            ),
        )
    )
    changes = workshop.output.publish(
        pages, workshop.jobs, intact=steady and intact(), others=changed is not None
    )
    workshop.cache.tidy(tuple(reading.body_keys.values()))
    # In this order: what is remembered last makes the next build skip all of this.
    if changed is None:
        _record_ids(workshop, site, withdrawn)
    _remember(workshop, found, site, now=now, pages=changes.total)
    return changes


def _each_once(pages: Iterable[Page]) -> Sequence[Page]:
    """The pages; raises ContentError where two want one place, or a file is another's folder."""
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


def _remember(workshop: Workshop, found: Survey, site: Site, *, now: datetime, pages: int) -> None:
    until = site.catalogue.moves_at
    workshop.cache.remember(
        (path, settled(stamp, workshop.began), None) for path, stamp in found.scan.issues.items()
    )
    workshop.cache.keep_note("environment", site.environment)
    workshop.cache.keep_note("until", until.isoformat() if until else "")
    workshop.cache.keep_note("pages", str(pages))
    # The last one: without it, the others count for nothing.
    workshop.cache.keep_note("since", now.isoformat())


def _refuse_withdrawal(workshop: Workshop, site: Site, withdrawn: Collection[str]) -> None:
    """Raises ConfigError for an id that still has its file, or that no reader has seen."""
    known = workshop.published.ids() if withdrawn else {}
    for name in withdrawn:
        if name in site.catalogue.by_id:
            path = site.catalogue.by_id[name].source
            raise ConfigError(f"{name} still has its file, {path}: delete that first")
        if name not in known:
            raise ConfigError(f"{name} was never published, so it cannot be withdrawn")


def _record_ids(workshop: Workshop, site: Site, withdrawn: Collection[str]) -> None:
    known = workshop.published.ids()
    now_public = {item.id: item.source for item in site.catalogue.items}
    ids = {name: path for name, path in known.items() if name not in withdrawn} | now_public
    if ids != known:
        workshop.published.keep(ids)
