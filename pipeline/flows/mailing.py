"""`enews mailing`: begin, pause, go on, end. Starting and going on are one thing: rows decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.core.delivery import DeliveryState
from pipeline.core.issue import Lock
from pipeline.core.mailing import (
    MOVES,
    Mailing,
    MailingState,
    cancelled_words,
    may_begin_anew,
    may_go_on,
)
from pipeline.core.recipients import Wanted, audience, recipients, themes_of
from pipeline.core.spread import spread
from pipeline.core.versions import languages
from pipeline.errors import MailingError
from pipeline.flows.issue_report import find_issue, find_newsletter, messages, open_site

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
class Trial:
    """An issue to be tried out on somebody, released or not; `messages` as in `Released`."""

    id: str
    newsroom: Newsroom
    messages: Mapping[str, bytes]


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
    found = {
        version.lang or main: workshop.issues.message(lock, version.lang)
        for version in lock.all_versions
    }
    by_id = site.catalogue.by_id
    themes = None
    if newsletter.topics:
        ids = [item.id for item in lock.items]
        themes = themes_of(ids, {key: by_id[key].themes for key in ids if key in by_id})
    wanted = Wanted(newsletter=newsletter.key, languages=tuple(found), themes=themes)
    return Released(
        lock=lock, newsroom=newsroom, newsletter=newsletter, messages=found, wanted=wanted
    )


def trial(workshop: Workshop, name: str, *, now: datetime) -> Trial:
    """The issue `name` as it was released, or as it would be now.

    Raises ConfigError for an unknown issue, ContentError, RenderError and IssueError.
    """
    site = open_site(workshop, now=now)
    issue = find_issue(site, name)
    newsletter = find_newsletter(site, issue.newsletter)
    main = languages(newsletter, site.catalogue.newsroom)[0]
    found = messages(workshop, site, issue)
    return Trial(
        id=issue.id,
        newsroom=site.catalogue.newsroom,
        messages={lang or main: raw for lang, raw in found.items()},
    )


def plan(records: Records, issue: Released, at: datetime | None = None) -> Audience:
    """Who would get it, and who would not; `at` is when it begins, None where no pause counts."""
    return audience(records.subscribers.each(), replace(issue.wanted, at=at))


def standing(
    records: Records, issue: Released, *, outbox: bool, by_hand: bool = False
) -> Mailing | None:
    """The mailing of an issue; None also for one that nobody got, see `may_begin_anew`."""
    there = records.ledger.mailing(issue.lock.id)
    if there is None:
        return None
    tally = records.ledger.tally(there.id)
    return None if may_begin_anew(there, tally, outbox=outbox, by_hand=by_hand) else there


def begin(
    records: Records,
    issue: Released,
    *,
    now: datetime,
    begins: datetime | None,
    outbox: bool,
    by_hand: bool = False,
    late: bool = False,
) -> Mailing:
    """Keep the mailing with a row for every recipient, or find it; nothing is sent yet.

    With `begins` in the future it is scheduled. `by_hand` begins anew what was cancelled before
    anybody got it; `late` is an editor's word that the database is the newest. Raises MailingError
    where it is an older copy, and where a worker still has rows of what nobody got.
    """
    ledger = records.ledger
    there = standing(records, issue, outbox=outbox, by_hand=by_hand)
    if there is not None:
        return there
    if not late:
        refuse_copy(records, issue)
    gone = ledger.mailing(issue.lock.id)
    if gone is not None and not ledger.discard(gone.id):
        # Another process that begins it may have been first.
        there = standing(records, issue, outbox=outbox, by_hand=by_hand)
        if there is not None:
            return there
        if ledger.mailing(issue.lock.id) is not None:
            raise MailingError(f"another process is at work on {gone.issue} just now: end it first")
    later = begins is not None and begins > now
    mailing = Mailing(
        issue=issue.lock.id,
        newsletter=issue.newsletter.key,
        digest=issue.lock.digest,
        state=MailingState.SCHEDULED if later else MailingState.RUNNING,
        created=now,
        begins=begins if later and begins is not None else now,
        since=now,
        outbox=outbox,
    )
    if gone is not None or late:
        records.tokens.accept(issue.lock.id, 0)
    wanted = replace(issue.wanted, at=mailing.begins)
    who = recipients(records.subscribers.each(), wanted)
    limited = issue.newsroom.sending.per_domain_per_minute
    return ledger.create(mailing, spread(who) if limited else who)


def refuse_copy(records: Records, issue: Released) -> None:
    """Raises MailingError for an issue that was sent, by what lies beside the database, not by it.

    Such a database is an older copy, and to begin the mailing would send it a second time. Ask this
    of what has no mailing, or one that nobody got.
    """
    name = issue.lock.id
    # Read before the row: another worker may send in between, and only makes the row newer.
    token = records.tokens.read(name)
    there = records.ledger.mailing(name)
    if token <= (there.steps if there else 0):
        return
    knows = f"has counted {there.steps} steps of {name}, and {token} were made" if there else ""
    raise MailingError(
        "the database is an older copy: it "
        f"{knows or f'knows no mailing of {name}, which was begun'}. Restore the newest one. "
        f"To send it all the same, to some for the second time: enews mailing start {name} --late"
    )


def go_on(
    records: Records,
    mailing: Mailing,
    issue: Released,
    *,
    now: datetime,
    outbox: bool,
    by_hand: bool = False,
    late: bool = False,
    early: bool = False,
) -> Mailing:
    """Make it run, where it may; a finished one stays as it is.

    `by_hand` is an editor's word, which wakes what is paused; `late` lets go on what is old, seems
    to be a copy, or was released anew: then who has nothing yet gets what is released now. `early`
    is for what is scheduled for later. Raises MailingError with what to do where the database is an
    older copy, the mailing is too old, was cancelled, or goes by another way than it began.
    """
    check(records, mailing, issue, now=now, late=late, outbox=outbox)
    ledger = records.ledger
    # First what dead workers left: a finished mailing may have rows of theirs.
    ledger.recover(now)
    if late:
        _accept(records, find(ledger, mailing.issue), issue, now)
    mailing = find(ledger, mailing.issue)
    waits = mailing.begins > now and not early
    if early and mailing.begins > now:
        # Its Date counts from when it does begin, and so does whose its links are.
        ledger.reschedule(mailing.id, now)
    if mailing.state is MailingState.FINISHED and not ledger.tally(mailing.id).open:
        return mailing
    states = {MailingState.FINISHED}
    to = MailingState.RUNNING
    if not waits:
        states.add(MailingState.SCHEDULED)
    if by_hand:
        states.add(MailingState.PAUSED)
        to = MailingState.SCHEDULED if waits else to
    if mailing.state in states:
        ledger.move(mailing.id, [mailing.state], to, "", now)
    return find(ledger, mailing.issue)


def _accept(records: Records, mailing: Mailing, issue: Released, now: datetime) -> None:
    """An editor's word: this database is the newest, this release is meant. MailingError."""
    ledger, digest = records.ledger, issue.lock.digest
    newer = mailing.digest != digest and ledger.tally(mailing.id).open > 0
    if newer and not ledger.renew(mailing.id, digest):
        raise MailingError(
            f"another process is sending the older release of {mailing.issue} just now. First: "
            f"enews mailing pause {mailing.issue}"
        )
    records.tokens.accept(mailing.issue, mailing.steps)
    ledger.allow(mailing.id, now + timedelta(hours=issue.newsroom.sending.late_hours))


def check(
    records: Records, mailing: Mailing, issue: Released, *, now: datetime, late: bool, outbox: bool
) -> None:
    """Raises MailingError where a mailing must not send a mail more, with what to do."""
    if mailing.state is MailingState.CANCELLED:
        raise _cancelled(records.ledger, mailing)
    if mailing.outbox and not outbox:
        raise MailingError(
            f"{mailing.issue} was only written into a folder, nobody got it. To send it: "
            f"enews mailing start {mailing.issue}"
        )
    if outbox and not mailing.outbox:
        raise MailingError(
            f"{mailing.issue} began by a mail server, and none is set here: set ENEWS_SMTP_URL"
        )
    # Read before the row: another worker may send in between, and only makes the row newer.
    token = records.tokens.read(mailing.issue)
    why = may_go_on(
        find(records.ledger, mailing.issue),
        issue.lock.digest,
        token=token,
        at=now,
        hours=issue.newsroom.sending.late_hours,
        late=late,
    )
    if why:
        raise MailingError(why)


def reschedule(records: Records, mailing: Mailing, begins: datetime, now: datetime) -> Mailing:
    """Let a mailing that has not begun begin at another time. Raises MailingError."""
    if begins <= now or not records.ledger.reschedule(mailing.id, begins):
        raise MailingError(
            f"{mailing.issue} is {mailing.state}: only what has not begun can be moved, and only "
            "to a time that is still to come"
        )
    return find(records.ledger, mailing.issue)


def pause(ledger: Ledger, name: str, reason: str, *, now: datetime) -> Mailing:
    """Whoever sends it stops within seconds; nothing is lost. Raises MailingError."""
    return _move(ledger, name, MailingState.PAUSED, reason or "by an editor", now)


def cancel(ledger: Ledger, name: str, reason: str, *, now: datetime) -> Mailing:
    """What was not sent never will be. Raises MailingError."""
    return _move(ledger, name, MailingState.CANCELLED, reason or "by an editor", now)


def cancel_unknown(records: Records, issue: Released, reason: str, *, now: datetime) -> Mailing:
    """Keep as cancelled, with no row, what an older copy of the database knows nothing of.

    Then it is mailed no more, not even by hand without `late`. Raises MailingError where nothing
    says that it ever began.
    """
    if not records.tokens.read(issue.lock.id):
        raise MailingError(f"no mailing of {issue.lock.id} was started")
    mailing = Mailing(
        issue=issue.lock.id,
        newsletter=issue.newsletter.key,
        digest=issue.lock.digest,
        state=MailingState.CANCELLED,
        reason=reason or "begun before this copy of the database knew of it",
        created=now,
        begins=now,
        since=now,
    )
    return records.ledger.create(mailing, ())


def retry(ledger: Ledger, name: str, states: Collection[DeliveryState], *, now: datetime) -> int:
    """Queue the failed or uncertain rows of a mailing again; how many. Raises MailingError.

    A finished mailing runs again for them; who may not be mailed any more stays as they are. Ask
    `check` first.
    """
    mailing = find(ledger, name)
    if mailing.state is MailingState.CANCELLED:
        raise _cancelled(ledger, mailing)
    return ledger.requeue(mailing.id, frozenset(states) & RETRIED, now)


def find(ledger: Ledger, name: str) -> Mailing:
    """The mailing of an issue; `2017-05` is enough where one newsletter has it.

    Raises MailingError where it has none, or several have.
    """
    name = name.strip().removeprefix("issues/")
    mailing = ledger.mailing(name)
    if mailing is None:
        there = ledger.mailings()
        meant = [one for one in there if one.issue.partition("/")[2] == name]
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise MailingError(f"which one? {', '.join(one.issue for one in meant)}")
        known = [one.issue for one in there]
        hint = f"; there are: {', '.join(known[-5:])}" if known else ""
        raise MailingError(f"no mailing of {name} was started{hint}")
    return mailing


def _move(ledger: Ledger, name: str, to: MailingState, reason: str, now: datetime) -> Mailing:
    mailing = find(ledger, name)
    if mailing.state is to:
        return mailing
    if not ledger.move(mailing.id, _before(to), to, reason, now):
        mailing = find(ledger, mailing.issue)
        since = f"since {_moment(mailing)}"
        raise MailingError(f"{mailing.issue} is {mailing.state} {since}: nothing changed")
    return find(ledger, mailing.issue)


def _before(to: MailingState) -> tuple[MailingState, ...]:
    return tuple(state for state, after in MOVES.items() if to in after)


def _cancelled(ledger: Ledger, mailing: Mailing) -> MailingError:
    return MailingError(cancelled_words(mailing, ledger.tally(mailing.id), _moment(mailing)))


def _moment(mailing: Mailing) -> str:
    return f"{mailing.since:%Y-%m-%d at %H:%M} UTC"
