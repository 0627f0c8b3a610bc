"""`enews issue release`: only the bytes that were reviewed, and from then on nothing else."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from pipeline.core.issue import Lock, LockedItem, LockedVersion, digest_of, newsletter_of, sent_at
from pipeline.core.newsroom import Numbering
from pipeline.core.plan import Plan
from pipeline.core.versions import item_in, plan_in
from pipeline.errors import ConfigError, DigestError, IssueError
from pipeline.flows.gate import judge_issue, refuse_unfit
from pipeline.flows.issue_report import find_issue, find_newsletter, messages, open_site, unready
from pipeline.render.issue_view import preheader_of

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.flows.workshop import Workshop
    from pipeline.render.site import Site

DIGEST = re.compile(r"[0-9a-f]{12,64}")


def release(workshop: Workshop, name: str, digest: str, *, now: datetime) -> tuple[Lock, bool]:
    """Release an issue; the lock, and False where it was released before with the same digest.

    Raises DigestError where `digest` (all of it, or its first 12 characters or more) is not that of
    what would go out now, IssueError where the issue is not fit to go out (GateError: where the
    gate says so), ConfigError for an unknown id.
    """
    given = digest.strip().lower()
    if not DIGEST.fullmatch(given):
        raise ConfigError(
            f'"{digest}" is no digest: give the 64 hexadecimal digits that "enews issue show" '
            "prints, or the first 12 or more"
        )
    site = open_site(workshop, now=now)
    issue = find_issue(site, name)
    if not isinstance(issue, Plan):
        if not issue.digest.startswith(given):
            message = (
                f"{issue.id} is released already, with the digest {issue.digest}; given: {given}"
            )
            raise DigestError(message, given, issue.digest)
        return issue, False
    _refuse(issue, site)
    raws = messages(workshop, site, issue)
    actual = digest_of(raws)
    if not actual.startswith(given):
        message = (
            f"{issue.id} is not what was reviewed. Given: {given}. Now it would be: {actual}. "
            f"Look at it again: enews issue show {issue.id}"
        )
        raise DigestError(message, given, actual)
    refuse_unfit(judge_issue(workshop, site, issue, raws, now=now))
    versions = tuple(
        _version(workshop, site, plan_in(issue, lang), lang, raw) for lang, raw in raws.items()
    )
    lock = _lock(site, issue, versions, actual)
    workshop.issues.release(lock, {version.lang: raws[version.lang] for version in versions})
    return lock, True


def _refuse(plan: Plan, site: Site) -> None:
    """Raises IssueError for a draft that is not fit to go out."""
    hidden = unready(plan, site)
    if hidden:
        which = "; ".join(f"{name} ({reason})" for name, reason in hidden.items())
        raise IssueError(f"{plan.source}: readers could not open these items: {which}")
    if not plan.carried and not plan.message.strip():
        raise IssueError(f"{plan.source}: nothing in it; add items, or write a message")
    newsletter = find_newsletter(site, plan.newsletter)
    for lock in site.issues:
        if lock.number is None or lock.number != plan.number:
            continue
        if newsletter_of(lock.id) != plan.newsletter:
            continue
        if newsletter.numbering is Numbering.CONTINUOUS:
            raise IssueError(f"No. {plan.number} was given to {lock.id}: rename {plan.source}")


def _lock(site: Site, plan: Plan, versions: tuple[LockedVersion, ...], digest: str) -> Lock:
    newsletter = find_newsletter(site, plan.newsletter)
    main = versions[0]
    return Lock(
        id=plan.id,
        newsletter=plan.newsletter,
        number=plan.number,
        date=plan.date,
        at=sent_at(newsletter, site.catalogue.newsroom, plan.date),
        title=main.title,
        subject=main.subject,
        preheader=main.preheader,
        summary=main.summary,
        items=main.items,
        digest=digest,
        html_digest=main.html_digest,
        text_digest=main.text_digest,
        lang=main.lang,
        versions=versions if len(versions) > 1 else (),
    )


def _version(workshop: Workshop, site: Site, plan: Plan, lang: str, raw: bytes) -> LockedVersion:
    """One language of an issue; `plan` is in that language already."""
    parts = workshop.composer.parts(raw)
    places = {plan.lead: ""} if plan.lead else {}
    for section in plan.sections:
        for name in section.items:
            places.setdefault(name, section.title)
    return LockedVersion(
        lang=lang,
        title=plan.title,
        subject=plan.subject or plan.title,
        preheader=preheader_of(plan, site, lang),
        summary=plan.summary,
        items=tuple(_locked(site, name, section, lang) for name, section in places.items()),
        digest=hashlib.sha256(raw).hexdigest(),
        html_digest=hashlib.sha256(parts.html.encode()).hexdigest(),
        text_digest=hashlib.sha256(parts.text.encode()).hexdigest(),
    )


def _locked(site: Site, name: str, section: str, lang: str) -> LockedItem:
    item = item_in(site.catalogue.by_id[name], lang, site.catalogue)
    return LockedItem(
        id=item.id, title=item.title, section=section, path=item.path, digest=item.digest
    )
