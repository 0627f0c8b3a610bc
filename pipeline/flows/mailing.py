"""`enews mailing`: begin, pause, go on, end. Starting and going on are one thing: rows decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.delivery import DeliveryState
from pipeline.core.issue import Lock
from pipeline.core.mailing import Mailing, MailingState, may_go_on
from pipeline.core.recipients import Wanted, audience, recipients, themes_of
from pipeline.core.versions import languages
from pipeline.errors import MailingError
from pipeline.flows.issue_report import find_issue, find_newsletter, open_site

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from pipeline.core.newsroom import Newsletter, Newsroom
    from pipeline.core.recipients import Audience
    from pipeline.flows.workshop import Workshop
    from pipeline.ports.people import Subscribers
    from pipeline.ports.sending import Ledger, Tokens

RETRIED = frozenset({DeliveryState.FAILED, DeliveryState.UNCERTAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A released issue with all that its mailing needs; `messages` by language, the main first."""

    lock: Lock
    newsroom: Newsroom
    newsletter: Newsletter
    messages: Mapping[str, bytes]
    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The store, and what is kept beside it."""

    subscribers: Subscribers
    ledger: Ledger
    tokens: Tokens


def released(workshop: Workshop, name: str, *, now: datetime) -> Released:
    """The issue `name`, whose every message was found to be the bytes that its lock names.

    Raises MailingError for a draft, ConfigError for an unknown issue, ContentError where a message
    was changed or is gone.
    """
    site = open_site(workshop, now=now)
    lock = find_issue(site, name)
    if not isinstance(lock, Lock):
        raise MailingError(
            f"{lock.id} is a draft, and only what was released is sent: review it "
            f"(enews issue preview {lock.id}), then: enews issue release {lock.id} --digest …"
        )
    newsroom = site.catalogue.newsroom
    newsletter = find_newsletter(site, lock.newsletter)
    main = languages(newsletter, newsroom)[0]
    messages = {
        version.lang or main: workshop.issues.message(lock, version.lang)
        for version in lock.all_versions
    }
    by_id = site.catalogue.by_id
    themes = None
    if newsletter.topics:
        ids = [item.id for item in lock.items]
        themes = themes_of(ids, {key: by_id[key].themes for key in ids if key in by_id})
    wanted = Wanted(newsletter=newsletter.key, languages=tuple(messages), themes=themes)
    return Released(
        lock=lock, newsroom=newsroom, newsletter=newsletter, messages=messages, wanted=wanted
    )


def plan(records: Records, issue: Released) -> Audience:
    """Who would get it now, and who would not."""
    return audience(records.subscribers.each(), issue.wanted)


def begin(records: Records, issue: Released, *, now: datetime, begins: datetime | None) -> Mailing:
    """Keep the mailing with a row for every recipient, or find it; nothing is sent yet.

    With `begins` in the future it is scheduled. Raises MailingError where nobody would get it.
    """
    ledger = records.ledger
    there = ledger.mailing(issue.lock.id)
    if there is not None:
        return there
    later = begins is not None and begins > now
    mailing = Mailing(
        issue=issue.lock.id,
        newsletter=issue.newsletter.key,
        digest=issue.lock.digest,
        state=MailingState.SCHEDULED if later else MailingState.RUNNING,
        created=now,
        begins=begins if later and begins is not None else now,
        since=now,
    )
    return ledger.create(mailing, recipients(records.subscribers.each(), issue.wanted))


def go_on(
    records: Records, mailing: Mailing, issue: Released, *, now: datetime, late: bool, by_hand: bool
) -> Mailing:
    """Make it run, where it may; a finished one stays as it is.

    `by_hand` is an editor's word, which also wakes what is paused. Raises MailingError with what to
    do where the database is an older copy, the mailing is too old, or was cancelled.
    """
    if mailing.state is MailingState.FINISHED:
        return mailing
    if mailing.state is MailingState.CANCELLED:
        raise MailingError(f"{mailing.issue} was cancelled {_when(mailing)}: that is for good")
    why = may_go_on(
        mailing,
        issue.lock.digest,
        token=records.tokens.read(mailing.issue),
        at=now,
        hours=issue.newsroom.sending.late_hours,
        late=late,
    )
    if why:
        raise MailingError(why)
    if mailing.state is not MailingState.RUNNING:
        states = [MailingState.SCHEDULED] if mailing.begins <= now or by_hand else []
        if by_hand:
            states.append(MailingState.PAUSED)
        if not records.ledger.move(mailing.id, states, MailingState.RUNNING, "", now):
            return _again(records.ledger, mailing.issue)
    records.ledger.recover(now)
    return _again(records.ledger, mailing.issue)


def pause(ledger: Ledger, name: str, reason: str, *, now: datetime) -> Mailing:
    """Whoever sends it stops within seconds; nothing is lost. Raises MailingError."""
    return _move(ledger, name, MailingState.PAUSED, reason or "by an editor", now)


def cancel(ledger: Ledger, name: str, reason: str, *, now: datetime) -> Mailing:
    """What was not sent never will be. Raises MailingError."""
    return _move(ledger, name, MailingState.CANCELLED, reason or "by an editor", now)


def retry(ledger: Ledger, name: str, states: Collection[DeliveryState], *, now: datetime) -> int:
    """Queue the failed or uncertain rows of a mailing again; how many. Raises MailingError.

    A finished mailing runs again for them.
    """
    mailing = find(ledger, name)
    if mailing.state is MailingState.CANCELLED:
        raise MailingError(f"{mailing.issue} was cancelled {_when(mailing)}: that is for good")
    count = ledger.requeue(mailing.id, frozenset(states) & RETRIED)
    if count:
        ledger.move(mailing.id, [MailingState.FINISHED], MailingState.RUNNING, "retry", now)
    return count


def find(ledger: Ledger, name: str) -> Mailing:
    """The mailing of an issue. Raises MailingError where it has none."""
    mailing = ledger.mailing(name.strip().removeprefix("issues/"))
    if mailing is None:
        known = [mailing.issue for mailing in ledger.mailings()]
        hint = f"; there are: {', '.join(known[-5:])}" if known else ""
        raise MailingError(f"no mailing of {name} was started{hint}")
    return mailing


def _move(ledger: Ledger, name: str, to: MailingState, reason: str, now: datetime) -> Mailing:
    mailing = find(ledger, name)
    if mailing.state is to:
        return mailing
    if not ledger.move(mailing.id, _before(to), to, reason, now):
        mailing = _again(ledger, mailing.issue)
        raise MailingError(f"{mailing.issue} is {mailing.state} {_when(mailing)}: nothing changed")
    return _again(ledger, mailing.issue)


def _before(to: MailingState) -> tuple[MailingState, ...]:
    from pipeline.core.mailing import MOVES

    return tuple(state for state, after in MOVES.items() if to in after)


def _again(ledger: Ledger, issue: str) -> Mailing:
    found = ledger.mailing(issue)
    if found is None:
        raise MailingError(f"the mailing of {issue} is gone from the database")
    return found


def _when(mailing: Mailing) -> str:
    return f"since {mailing.since:%Y-%m-%d %H:%M} UTC"
