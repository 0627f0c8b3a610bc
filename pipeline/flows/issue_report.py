"""What there is to say of an issue before anybody sends it: contents, what is left out, digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.assembly import Choice, LeftOut
from pipeline.core.issue import newsletter_of
from pipeline.core.plan import Plan
from pipeline.core.refresh import review
from pipeline.errors import ConfigError, IssueError
from pipeline.flows.reading import read, survey
from pipeline.flows.showing import compile_site
from pipeline.render.dates import month_name
from pipeline.render.issue_page import draft_bytes
from pipeline.render.issue_view import preheader_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from pipeline.core.issue import Lock
    from pipeline.core.newsroom import Newsletter
    from pipeline.flows.workshop import Workshop
    from pipeline.render.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item in an issue; `note` is "" or what an editor should know before it goes out."""

    id: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A section with its items; the lead stands in one without a title."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReport:
    """An issue as `show` tells it; `sizes` are in bytes, by `html`, `text` and `eml`.

    `path` is its file below the content folder; `left_out` is empty for a released issue.
    """

    id: str
    newsletter: str
    number: int | None
    date: date
    title: str
    subject: str
    preheader: str
    summary: str
    released: bool
    path: str
    digest: str
    sizes: Mapping[str, int]
    chapters: tuple[Chapter, ...]
    left_out: tuple[LeftOut, ...]


def open_site(workshop: Workshop, *, now: datetime) -> Site:
    """Everything in `content/`, at `now`. Raises ContentError and ConfigError."""
    return compile_site(workshop, read(workshop, survey(workshop)), now=now)


def every_issue(site: Site) -> list[Lock | Plan]:
    """Drafts and released issues, newest first."""
    issues: list[Lock | Plan] = [*site.drafts, *site.issues]
    return sorted(issues, key=lambda issue: (issue.date, issue.id), reverse=True)


def find_newsletter(site: Site, key: str) -> Newsletter:
    """The newsletter of that key; without one, the only one there is. Raises ConfigError."""
    newsletters = site.catalogue.newsroom.newsletters
    found = site.catalogue.newsroom.newsletter(key) if key else None
    if found is None and not key and len(newsletters) == 1:
        found = newsletters[0]
    if found is not None:
        return found
    keys = [newsletter.key for newsletter in newsletters]
    if not keys:
        raise ConfigError("newsroom.toml has no [[newsletters]] yet")
    if not key:
        raise ConfigError(f"Name a newsletter: {', '.join(keys)}")
    raise ConfigError(f'There is no newsletter "{key}". {_known(key, keys)}')


def find_issue(site: Site, name: str) -> Lock | Plan:
    """The issue of that id; `2017-05` is enough where there is one newsletter. ConfigError."""
    issues = {issue.id: issue for issue in every_issue(site)}
    newsletters = site.catalogue.newsroom.newsletters
    if "/" not in name and len(newsletters) == 1:
        name = f"{newsletters[0].key}/{name}"
    if name in issues:
        return issues[name]
    raise ConfigError(f'There is no issue "{name}". {_known(name, sorted(issues))}')


def choice_of(
    site: Site, newsletter: Newsletter, *, on: date, now: datetime, without: str = ""
) -> Choice:
    """What an issue is chosen from, beside every other issue; `without` is its own id."""
    return Choice(
        newsletter=newsletter,
        catalogue=site.catalogue,
        on=on,
        now=now,
        month=month_name(on, site.catalogue.newsroom.language),
        taken=_taken(site, newsletter, without),
    )


def today(site: Site, now: datetime) -> date:
    """The newsroom's day."""
    return now.astimezone(ZoneInfo(site.catalogue.newsroom.timezone)).date()


def render(workshop: Workshop, site: Site, plan: Plan) -> bytes:
    """The message that would go out now, within bounds. Raises RenderError and IssueError."""
    try:
        return workshop.bounded(partial(draft_bytes, plan, site, workshop.composer))
    except (TimeoutError, RecursionError) as error:
        raise IssueError(f"{plan.source}: the message is too hard to render") from error


def report(
    workshop: Workshop, site: Site, issue: Lock | Plan, *, now: datetime, message: bytes = b""
) -> IssueReport:
    """Everything about an issue; `message` saves rendering a draft again."""
    if isinstance(issue, Plan):
        newsletter = find_newsletter(site, issue.newsletter)
        raw = message or render(workshop, site, issue)
        choice = choice_of(site, newsletter, on=issue.date, now=now, without=issue.id)
        left_out = review(issue, choice)
        chapters = _drafted(issue, site)
        preheader = preheader_of(issue, site)
    else:
        raw = workshop.issues.message(issue)
        left_out = ()
        chapters = _released(issue, site)
        preheader = issue.preheader
    parts = workshop.composer.parts(raw)
    return IssueReport(
        id=issue.id,
        newsletter=newsletter_of(issue.id),
        number=issue.number,
        date=issue.date,
        title=issue.title,
        subject=parts.subject,
        preheader=preheader,
        summary=issue.summary,
        released=not isinstance(issue, Plan),
        path=issue.source,
        digest=hashlib.sha256(raw).hexdigest(),
        sizes={
            "html": len(parts.html.encode()),
            "text": len(parts.text.encode()),
            "eml": len(raw),
        },
        chapters=chapters,
        left_out=left_out,
    )


def carried_by(issue: Lock | Plan) -> tuple[str, ...]:
    """The ids in an issue."""
    return issue.carried if isinstance(issue, Plan) else tuple(item.id for item in issue.items)


def moved(lock: Lock, site: Site) -> tuple[str, ...]:
    """Ids whose items are not today what was released: changed, or gone."""
    now = {name: item.digest for name, item in site.catalogue.by_id.items()}
    return tuple(item.id for item in lock.items if now.get(item.id) != item.digest)


def unready(plan: Plan, site: Site) -> dict[str, str]:
    """Items of a draft that no reader could open now, each with the reason."""
    found = {}
    for name in plan.carried:
        item = site.catalogue.by_id.get(name)
        if item is not None and not site.catalogue.is_public(item):
            until = f", expires {item.expires.date()}" if item.expires else ""
            found[name] = "a draft" if item.draft else f"dated {item.date.date()}{until}"
    return found


def _taken(site: Site, newsletter: Newsletter, without: str) -> dict[str, str]:
    """What other issues of a newsletter carry, with the first that did."""
    taken: dict[str, tuple[date, str]] = {}
    for issue in every_issue(site):
        if newsletter_of(issue.id) != newsletter.key or issue.id == without:
            continue
        for name in carried_by(issue):
            mine = (issue.date, issue.id)
            taken[name] = min(mine, taken.get(name, mine))
    return {name: issue for name, (_, issue) in taken.items()}


def _drafted(plan: Plan, site: Site) -> tuple[Chapter, ...]:
    notes = unready(plan, site)

    def entry(name: str) -> Entry:
        item = site.catalogue.by_id.get(name)
        return Entry(id=name, title=item.title if item else "", note=notes.get(name, ""))

    lead = [Chapter(title="", entries=(entry(plan.lead),))] if plan.lead else []
    sections = (
        Chapter(
            title=section.title,
            entries=tuple(entry(name) for name in section.items if name != plan.lead),
        )
        for section in plan.sections
    )
    return (*lead, *(chapter for chapter in sections if chapter.entries))


def _released(lock: Lock, site: Site) -> tuple[Chapter, ...]:
    differ = frozenset(moved(lock, site))
    chapters: dict[str, list[Entry]] = {}
    for item in lock.items:
        note = ""
        if item.id in differ:
            note = "changed since" if item.id in site.catalogue.by_id else "gone since"
        entry = Entry(id=item.id, title=item.title, note=note)
        chapters.setdefault(item.section, []).append(entry)
    return tuple(Chapter(title=t, entries=tuple(entries)) for t, entries in chapters.items())


def _known(word: str, names: list[str]) -> str:
    # Only a mistake pays for loading difflib.
    from difflib import get_close_matches

    near = get_close_matches(word, names, n=1, cutoff=0.4)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Known: {', '.join(names[-12:])}" if names else "There is none yet."
