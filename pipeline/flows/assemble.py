"""`enews issue build`, `show` and `list`: an issue's plan, and what would go out.

::

    the period has a plan? ── yes ─▶ keep it ── --refresh ─▶ add what is new ─┐
            │ no                                                              ├─▶ render ─▶ digest
            └─▶ assemble ── nothing new: say so ── else ─▶ number it, write it ┘
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.assembly import assemble
from pipeline.core.cadence import period_of
from pipeline.core.issue import (
    digest_of,
    issue_id,
    issue_title,
    newsletter_of,
    next_number,
    number_in,
    special_slug,
)
from pipeline.core.plan import Plan, PlanVersion
from pipeline.core.refresh import refresh
from pipeline.core.versions import newsletter_in
from pipeline.flows.gate import GateReport, judge_issue
from pipeline.flows.issue_report import (
    IssueReport,
    carried_by,
    choice_of,
    every_issue,
    find_issue,
    find_newsletter,
    languages_of,
    messages,
    moved,
    open_site,
    report,
    today,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from pipeline.core.assembly import Assembly, Choice, LeftOut
    from pipeline.core.issue import Lock
    from pipeline.core.newsroom import Newsletter
    from pipeline.flows.workshop import Workshop
    from pipeline.render.site import Site


class Made(StrEnum):
    """What `build` did with the plan."""

    CREATED = "created"  # there was none for the period
    KEPT = "kept"  # it was there, and stays as the editor left it
    REFRESHED = "refreshed"  # new candidates were added
    RELEASED = "released"  # the period's issue is out; nothing to build
    NOTHING = "nothing"  # no item is new: no issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked of `build`: of which newsletter ("" for the only one), for which day."""

    newsletter: str = ""
    on: date | None = None
    special: str = ""
    another: bool = False
    refresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came of it: a report unless nothing was new; `added` are ids that a refresh put in.

    `gate` is what stands against a release; None where there is nothing to release.
    """

    made: Made
    newsletter: str
    issue: IssueReport | None
    gate: GateReport | None = None
    added: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An issue in the list; `moved` are ids that are not today what was released."""

    id: str
    number: int | None
    date: date
    title: str
    released: bool
    digest: str
    items: int
    moved: tuple[str, ...]
    languages: tuple[str, ...]


def build_issue(workshop: Workshop, wish: Wish, *, now: datetime) -> Built:
    """Make the plan that is wanted, or find it, and render it.

    Raises ConfigError for an unknown newsletter, ContentError, RenderError and IssueError.
    """
    site = open_site(workshop, now=now)
    newsletter = find_newsletter(site, wish.newsletter)
    on = wish.on or today(site, now)
    there = _there(site, newsletter, wish, on)
    if there is None:
        return _create(workshop, site, newsletter, wish, on=on, now=now)
    if not isinstance(there, Plan):
        found = report(workshop, site, there, now=now)
        return Built(made=Made.RELEASED, newsletter=newsletter.key, issue=found)
    plan, made = there, Made.KEPT
    if wish.refresh:
        choice = choice_of(site, newsletter, on=plan.date, now=now, without=plan.id)
        renewed, _ = refresh(plan, choice)
        if renewed != plan:
            plan, made = workshop.issues.refresh(plan, renewed), Made.REFRESHED
    found, gate = _judged(workshop, site, plan, now=now)
    return Built(
        made=made,
        newsletter=newsletter.key,
        issue=found,
        gate=gate,
        added=plan.offered[len(there.offered) :],
    )


def show_issue(workshop: Workshop, name: str, *, now: datetime) -> IssueReport:
    """Everything about one issue. Raises ConfigError for an unknown id, with the nearest one."""
    site = open_site(workshop, now=now)
    return report(workshop, site, find_issue(site, name), now=now)


def review_issue(
    workshop: Workshop, name: str, *, now: datetime
) -> tuple[IssueReport, GateReport | None]:
    """The same, and for a draft what stands against its release. Raises as `show_issue` does."""
    site = open_site(workshop, now=now)
    issue = find_issue(site, name)
    if isinstance(issue, Plan):
        return _judged(workshop, site, issue, now=now)
    return report(workshop, site, issue, now=now), None


def list_issues(workshop: Workshop, *, now: datetime) -> tuple[Listed, ...]:
    """Every issue, newest first; digests of drafts are of what would go out now."""
    site = open_site(workshop, now=now)
    return tuple(_listed(workshop, site, issue) for issue in every_issue(site))


def _listed(workshop: Workshop, site: Site, issue: Lock | Plan) -> Listed:
    differ: tuple[str, ...] = ()
    if isinstance(issue, Plan):
        digest = digest_of(messages(workshop, site, issue))
    else:
        digest, differ = issue.digest, moved(issue, site)
    return Listed(
        id=issue.id,
        number=issue.number,
        date=issue.date,
        title=issue.title,
        released=not isinstance(issue, Plan),
        digest=digest,
        items=len(carried_by(issue)),
        moved=differ,
        languages=languages_of(issue, site),
    )


def _there(site: Site, newsletter: Newsletter, wish: Wish, on: date) -> Lock | Plan | None:
    """The issue that the wish means, if it is there: by its name, or as its period's last."""
    issues = [issue for issue in every_issue(site) if newsletter_of(issue.id) == newsletter.key]
    if wish.special:
        name = issue_id(newsletter.key, on.year, None, special_slug(wish.special))
        return next((issue for issue in issues if issue.id == name), None)
    if wish.another:
        return None
    first, last = period_of(newsletter.cadence, on)
    numbered = (issue for issue in issues if number_in(issue.id) and first <= issue.date <= last)
    return max(numbered, key=lambda issue: number_in(issue.id) or (0, 0), default=None)


def _create(
    workshop: Workshop,
    site: Site,
    newsletter: Newsletter,
    wish: Wish,
    *,
    on: date,
    now: datetime,
) -> Built:
    choice = choice_of(site, newsletter, on=on, now=now)
    proposal = assemble(choice)
    if not proposal.offered and not wish.special:
        left_out = proposal.left_out
        return Built(made=Made.NOTHING, newsletter=newsletter.key, issue=None, left_out=left_out)
    plan = _plan(choice, proposal, wish.special, workshop.issues.ids())
    titles = {name: site.catalogue.by_id[name].title for name in proposal.offered}
    # Before it is written: a plan whose mail cannot be made would only be in the way.
    raws = messages(workshop, site, plan)
    written = workshop.issues.create(plan, titles)
    same = replace(plan, digest=written.digest) == written
    found, gate = _judged(workshop, site, written, now=now, raws=raws if same else None)
    return Built(
        made=Made.CREATED, newsletter=newsletter.key, issue=found, gate=gate, added=written.offered
    )


def _judged(
    workshop: Workshop,
    site: Site,
    plan: Plan,
    *,
    now: datetime,
    raws: Mapping[str, bytes] | None = None,
) -> tuple[IssueReport, GateReport]:
    """A draft, rendered once (`raws`, if it was), and what the gate says of it."""
    raws = messages(workshop, site, plan) if raws is None else raws
    found = report(workshop, site, plan, now=now, raws=raws)
    return found, judge_issue(workshop, site, plan, raws, now=now)


def _plan(choice: Choice, proposal: Assembly, special: str, ids: Iterable[str]) -> Plan:
    """The proposal under its name: the next number, or the special issue's title."""
    newsletter, on = choice.newsletter, choice.on
    number = None if special else next_number(newsletter, on.year, ids)
    slug = special_slug(special) if special else ""
    return Plan(
        id=issue_id(newsletter.key, on.year, number, slug),
        newsletter=newsletter.key,
        number=number,
        date=on,
        title=special if number is None else issue_title(newsletter, number, on, choice.month),
        lead=proposal.lead,
        sections=proposal.sections,
        offered=proposal.offered,
        versions=tuple(
            PlanVersion(lang=version.lang, title=_title(choice, version.lang, number))
            for version in newsletter.versions
        ),
    )


def _title(choice: Choice, lang: str, number: int | None) -> str:
    """The title in a further language; "" in a special issue, whose title the editor gave."""
    if number is None:
        return ""
    newsletter = newsletter_in(choice.newsletter, lang)
    return issue_title(newsletter, number, choice.on, choice.months.get(lang, ""))
