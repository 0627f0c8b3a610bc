"""`enews build`: the output becomes what the content says now, all of it or nothing of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError
from pipeline.flows.following import is_steady, items_before, reworded
from pipeline.flows.reading import read, settled, survey
from pipeline.ports.building import Changes
from pipeline.render.templates import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from pipeline.core.newsroom import Newsroom
    from pipeline.flows.reading import Survey
    from pipeline.flows.workshop import Workshop
    from pipeline.render.site import Site
    from pipeline.render.templates import Templates


def build(workshop: Workshop, *, now: datetime, withdrawn: Collection[str] = ()) -> Changes:
    """Bring the output up to date; `now` is aware, `withdrawn` are published ids given up for good.

    Raises ContentError or ConfigError with every problem, RenderError and OutputError; whatever is
    raised, the output stays as it was.
    """
    # Where the last build did not end well, everything is looked at anyway. Asking for the note
    # also opens the cache, which is emptied then if other code wrote it: never by two at once.
    ended = bool(workshop.cache.note("since"))
    # Until there is something to read, a second process has nothing else to do.
    begin, templates = workshop.jobs.begin, workshop.templates
    intact = begin(workshop.output.intact) if ended else bool
    compiled = bool if ended else begin(partial(templates.compile, PAGES))
    found = survey(workshop)
    steady = not withdrawn and is_steady(workshop, found, now)
    before = items_before(workshop, found) if steady else None
    if before is not None and not intact():
        before = None
    if before is not None and found.quiet:
        return Changes(unchanged=int(workshop.cache.note("pages")))
    reading = read(workshop, found, meanwhile=partial(_load, templates, found.newsroom, compiled))
    changed = reworded(before, reading) if before is not None else None
    # What shows a site is loaded here at the latest: a build with nothing to show does without.
    from pipeline.flows.every_page import every_page
    from pipeline.flows.showing import compile_site

    site = compile_site(workshop, reading, now=now, withdrawn=withdrawn, changed=changed)
    _refuse_withdrawal(workshop, site, withdrawn)
    tidy = partial(workshop.cache.tidy, tuple(reading.body_keys.values()))
    changes = workshop.output.publish(
        every_page(workshop, site),
        workshop.jobs,
        intact=steady and intact(),
        others=changed is not None,
        meanwhile=tidy,
    )
    # Where no other process was at work; else all is tidy, and this takes no time.
    tidy()
    # In this order: what is remembered last makes the next build skip all of this.
    if changed is None:
        _record_ids(workshop, site, withdrawn)
    _remember(workshop, found, site, now=now, pages=changes.total)
    return changes


def _load(templates: Templates, newsroom: Newsroom, compiled: Callable[[], bool]) -> None:
    """Load all that comes after reading; processes that are forked later inherit it."""
    from pipeline.flows.every_page import load

    compiled()
    load(templates, newsroom)


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
