"""What there is to say of an issue before anybody sends it: contents, what is left out, digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.assembly import Choice, LeftOut
from pipeline.core.issue import digest_of, newsletter_of
from pipeline.core.plan import Plan
from pipeline.core.refresh import review
from pipeline.core.versions import item_in, languages, plan_in
from pipeline.errors import ConfigError, IssueError
from pipeline.flows.reading import read, survey
from pipeline.flows.showing import compile_site
from pipeline.render.dates import month_name
from pipeline.render.issue_page import draft_bytes
from pipeline.render.issue_view import preheader_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from pipeline.core.issue import Lock, LockedItem, LockedVersion
    from pipeline.core.newsroom import Newsletter
    from pipeline.flows.workshop import Workshop
    from pipeline.render.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item in an issue; `note` is "" or what an editor should know before it goes out.

    `lang` is the item's language where that is not the version's, else "".
    """

    id: str
    title: str
    note: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A section with its items; the lead stands in one without a title."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReport:
    """An issue in one language; `sizes` are in bytes, by `html`, `text` and `eml`."""

    lang: str
    title: str
    subject: str
    preheader: str
    summary: str
    digest: str
    sizes: Mapping[str, int]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReport:
    """An issue as `show` tells it, in each language (the main one first).

    `digest` is what a release names: it stands for the messages in all languages. `path` is the
    issue's file below the content folder; `left_out` is empty for a released issue.
    """

    id: str
    newsletter: str
    number: int | None
    date: date
    released: bool
    path: str
    digest: str
    versions: tuple[VersionReport, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def main(self) -> VersionReport:
        """The version in the main language."""
        return self.versions[0]


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
    langs = languages(newsletter, site.catalogue.newsroom)
    return Choice(
        newsletter=newsletter,
        catalogue=site.catalogue,
        on=on,
        now=now,
        month=month_name(on, langs[0]),
        taken=_taken(site, newsletter, without),
        months={lang: month_name(on, lang) for lang in langs[1:]},
    )


def today(site: Site, now: datetime) -> date:
    """The newsroom's day."""
    return now.astimezone(ZoneInfo(site.catalogue.newsroom.timezone)).date()


def render(workshop: Workshop, site: Site, plan: Plan, lang: str = "") -> bytes:
    """The message that would go out now in a language ("": the main one), within bounds.

    Raises RenderError and IssueError.
    """
    lang = lang or languages_of(plan, site)[0]
    try:
        return workshop.bounded(partial(draft_bytes, plan, site, workshop.composer, lang))
    except (TimeoutError, RecursionError) as error:
        raise IssueError(f"{plan.source}: the message is too hard to render") from error


def languages_of(issue: Lock | Plan, site: Site) -> tuple[str, ...]:
    """The languages an issue comes in, the main one first."""
    newsroom = site.catalogue.newsroom
    if isinstance(issue, Plan):
        return languages(find_newsletter(site, issue.newsletter), newsroom)
    return tuple(version.lang or newsroom.language for version in issue.all_versions)


def messages(workshop: Workshop, site: Site, issue: Lock | Plan) -> dict[str, bytes]:
    """The bytes of an issue by language, the main one first: as released, or as they would be.

    Raises ContentError, RenderError and IssueError.
    """
    langs = languages_of(issue, site)
    if isinstance(issue, Plan):
        return {lang: render(workshop, site, issue, lang) for lang in langs}
    return {lang: workshop.issues.message(issue, lang) for lang in langs}


def report(
    workshop: Workshop,
    site: Site,
    issue: Lock | Plan,
    *,
    now: datetime,
    raws: Mapping[str, bytes] | None = None,
) -> IssueReport:
    """Everything about an issue; `raws`, its `messages`, save rendering them again."""
    raws = messages(workshop, site, issue) if raws is None else raws
    left_out: tuple[LeftOut, ...] = ()
    if isinstance(issue, Plan):
        newsletter = find_newsletter(site, issue.newsletter)
        choice = choice_of(site, newsletter, on=issue.date, now=now, without=issue.id)
        left_out = review(issue, choice)
    versions = tuple(
        _version(workshop, site, issue, number, raw) for number, raw in enumerate(raws.values())
    )
    shown = {entry.id for told in versions for part in told.chapters for entry in part.entries}
    return IssueReport(
        id=issue.id,
        newsletter=newsletter_of(issue.id),
        number=issue.number,
        date=issue.date,
        released=not isinstance(issue, Plan),
        path=issue.source,
        digest=digest_of(raws),
        versions=versions,
        # A translation that another version shows is not left out.
        left_out=tuple(out for out in left_out if out.item.id not in shown),
    )


def _version(
    workshop: Workshop, site: Site, issue: Lock | Plan, number: int, raw: bytes
) -> VersionReport:
    """An issue in its language of that number."""
    lang = languages_of(issue, site)[number]
    parts = workshop.composer.parts(raw)
    told: Plan | LockedVersion
    if isinstance(issue, Plan):
        told = plan_in(issue, lang)
        preheader, chapters = preheader_of(told, site, lang), _drafted(told, site, lang)
    else:
        told = issue.all_versions[number]
        preheader, chapters = told.preheader, _released(told, site)
    return VersionReport(
        lang=lang,
        title=told.title,
        subject=parts.subject,
        preheader=preheader,
        summary=told.summary,
        digest=hashlib.sha256(raw).hexdigest(),
        sizes={
            "html": len(parts.html.encode()),
            "text": len(parts.text.encode()),
            "eml": len(raw),
        },
        chapters=chapters,
    )


def carried_by(issue: Lock | Plan) -> tuple[str, ...]:
    """The ids in an issue."""
    return issue.carried if isinstance(issue, Plan) else tuple(item.id for item in issue.items)


def moved(lock: Lock, site: Site) -> tuple[str, ...]:
    """Ids whose items are not today what was released, in any language: changed, or gone."""
    versions = lock.all_versions
    differ = (item.id for version in versions for item in version.items if _moved(item, site))
    return tuple(dict.fromkeys(differ))


def _moved(item: LockedItem, site: Site) -> bool:
    now = site.catalogue.by_id.get(item.id)
    return now is None or now.digest != item.digest


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
    """What other issues of a newsletter carry in any language, with the first that did."""
    taken: dict[str, tuple[date, str]] = {}
    for issue in every_issue(site):
        if newsletter_of(issue.id) != newsletter.key or issue.id == without:
            continue
        names = set(carried_by(issue))
        if not isinstance(issue, Plan):
            names.update(item.id for version in issue.versions for item in version.items)
        for name in names:
            mine = (issue.date, issue.id)
            taken[name] = min(mine, taken.get(name, mine))
    return {name: issue for name, (_, issue) in taken.items()}


def _drafted(plan: Plan, site: Site, lang: str) -> tuple[Chapter, ...]:
    notes = unready(plan, site)

    def entry(name: str) -> Entry:
        item = site.catalogue.by_id.get(name)
        if item is None:
            return Entry(id=name, title="")
        shown = item_in(item, lang, site.catalogue)
        foreign = shown.lang if shown.lang != lang else ""
        return Entry(id=shown.id, title=shown.title, note=notes.get(name, ""), lang=foreign)

    lead = [Chapter(title="", entries=(entry(plan.lead),))] if plan.lead else []
    sections = (
        Chapter(
            title=section.title,
            entries=tuple(entry(name) for name in section.items if name != plan.lead),
        )
        for section in plan.sections
    )
    return (*lead, *(chapter for chapter in sections if chapter.entries))


def _released(version: LockedVersion, site: Site) -> tuple[Chapter, ...]:
    chapters: dict[str, list[Entry]] = {}
    for item in version.items:
        note = ""
        if _moved(item, site):
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
