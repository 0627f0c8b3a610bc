"""What comes of a message in the bounce mailbox, and of every bounce.

::

    report ─▶ whose? ── signed by us ───────────────▶ bounce, kept once ─▶ suppression, if due
                ├────── no return path of ours set: the Message-ID of their copy
                └────── nobody's, or nobody can tell ─▶ kept as it came, and counted

Anybody may write to the mailbox, and reports are easily made up. Where the newsroom has a return
path of its own (`[sending] return_path`), each mail has an address that we signed to come back to,
and nothing else is believed. Without, a report has to return the Message-ID of a copy. One in words
alone calls nobody gone whom it does not name. Whatever is done twice with the same message is done
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.address import folded, parse_address, salted_hash
from pipeline.core.bounce import Bounce, BounceKind, due_suppression, kind_of
from pipeline.core.delivery import DeliveryState, message_id
from pipeline.core.links import leaving
from pipeline.core.report import Refused, ReportKind, signed_link
from pipeline.core.subscriber import ConsentAction, SubscriberState
from pipeline.core.subscription import Occasion, leave
from pipeline.core.suppression import Suppression
from pipeline.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.core.links import Link
    from pipeline.core.mailing import Mailing
    from pipeline.core.report import Report
    from pipeline.core.subscriber import Subscriber
    from pipeline.ports.people import Subscribers
    from pipeline.ports.sending import Ledger

TELLING = frozenset({BounceKind.HARD, BounceKind.SOFT, BounceKind.COMPLAINT})
"""Bounces that say something of an address."""


class Upshot(StrEnum):
    """What a message was, as it is counted for people."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    POLICY = "policy"
    UNKNOWN = "unknown"  # no report on a mail of ours, or none that could be read: kept
    NOTICE = "notice"  # nothing failed: delayed, or delivered
    AUTO_REPLY = "auto-reply"  # out of office
    LEFT = "left"  # somebody unsubscribed by mail
    REPEATED = "repeated"  # known already
    ERASED = "erased"  # of somebody who is no subscriber any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What messages are judged with.

    `keys` are those that tokens were signed with; `signed` says that mails have a return path of
    ours, so that only what is signed is believed; `keep` puts an unknown message by, under a key.
    """

    subscribers: Subscribers
    ledger: Ledger
    keys: Sequence[bytes]
    signed: bool
    keep: Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message that is looked at `now`: its bytes, what they say, and which way they came."""

    raw: bytes
    report: Report
    source: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one recipient of a report; `suppression` is there where it is due to this."""

    upshot: Upshot
    address: str = ""
    suppression: Suppression | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """Whose bounce it is, by which mailing (0: unknown)."""

    subscriber: Subscriber
    mailing: int
    refused: Refused


def take(desk: Desk, arrival: Arrival) -> tuple[Outcome, ...]:
    """Do what follows from a message, once; an outcome for each recipient that it is about.

    Raises StoreError, and what `keep` raises; done again then, it is as if done once.
    """
    report = arrival.report
    leaves = leaving(desk.keys, report.subject)
    if leaves is not None and report.kind is not ReportKind.COMPLAINT:
        return (_left(desk, leaves, arrival.now),)
    if report.kind not in {ReportKind.BOUNCE, ReportKind.COMPLAINT}:
        return (_no_bounce(desk, arrival),)
    link = signed_link(report.marks, desk.keys)
    if link is None:
        found = [] if desk.signed else _named(desk, report)
    else:
        subscriber = desk.subscribers.get(link.subscriber)
        if subscriber is None:
            return (Outcome(upshot=Upshot.ERASED),)
        found = [_Found(subscriber, link.mailing, _theirs(report, subscriber))]
    if not found:
        return (_unknown(desk, arrival),)
    return tuple(_bounced(desk, arrival, one) for one in found)


def follow_bounce(
    subscribers: Subscribers, ledger: Ledger, bounce: Bounce, now: datetime
) -> Suppression | None:
    """Suppress the subscriber of a bounce that is kept already, where it is due; the new entry.

    Counts from the last time that an editor lifted their suppression. Also for refusals at once.
    """
    subscriber = subscribers.get(bounce.subscriber)
    if bounce.kind not in TELLING or subscriber is None:
        return None
    if subscriber.state is SubscriberState.SUPPRESSED:
        return None
    record = subscribers.consents(subscriber.id)
    restored = [line.at for line in record if line.action is ConsentAction.RESTORED]
    since = max(restored, default=datetime.min.replace(tzinfo=UTC))
    bounces = [one for one in subscribers.bounces(subscriber.id) if one.at > since]
    rows = ledger.deliveries(subscriber=subscriber.id, states={DeliveryState.SENT})
    reason = due_suppression(bounces, {row.mailing for row in rows})
    if reason is None:
        return None
    entry = Suppression(
        hash=salted_hash(subscriber.address, subscribers.salt),
        address=subscriber.address,
        reason=reason,
        at=now,
        detail=bounce.said,
    )
    how = "complaint" if bounce.kind is BounceKind.COMPLAINT else "bounce"
    subscribers.suppress([entry], how)
    return entry


def _no_bounce(desk: Desk, arrival: Arrival) -> Outcome:
    """An answer by a machine, a notice; or nobody knows what."""
    if arrival.report.kind is ReportKind.NOTICE:
        return Outcome(upshot=Upshot.NOTICE)
    if arrival.report.kind is ReportKind.AUTO_REPLY:
        return Outcome(upshot=Upshot.AUTO_REPLY)
    return _unknown(desk, arrival)


def _left(desk: Desk, link: Link, now: datetime) -> Outcome:
    """They leave the newsletter whose mail their link was in; all, where it is not known."""
    before = desk.subscribers.get(link.subscriber)
    if before is None:
        return Outcome(upshot=Upshot.ERASED)
    mailing = _mailing(desk, link.mailing)
    which = frozenset({mailing.newsletter}) if mailing else None
    change = leave(before, Occasion(at=now, how="mail"), which)
    if change is None:
        return Outcome(upshot=Upshot.REPEATED, address=before.address)
    desk.subscribers.save([change])
    return Outcome(upshot=Upshot.LEFT, address=before.address)


def _unknown(desk: Desk, arrival: Arrival) -> Outcome:
    """Kept first, then counted: what is counted is there to be looked at."""
    desk.keep(arrival.report.key, arrival.raw)
    bounce = Bounce(
        key=arrival.report.bounce_key(""),
        subscriber=0,
        mailing=0,
        at=arrival.now,
        kind=BounceKind.UNKNOWN,
        source=arrival.source,
    )
    new = desk.subscribers.add_bounce(bounce)
    return Outcome(upshot=Upshot.UNKNOWN if new else Upshot.REPEATED)


def _bounced(desk: Desk, arrival: Arrival, found: _Found) -> Outcome:
    """A subscriber's bounce, kept once; what follows is looked at again each time.

    A process may have been killed in between.
    """
    report, refused = arrival.report, found.refused
    kind = BounceKind.COMPLAINT
    if report.kind is ReportKind.BOUNCE:
        kind = kind_of(refused.code, refused.status, refused.said)
        if kind is BounceKind.HARD and refused.in_words and not _names(refused, found.subscriber):
            kind = BounceKind.UNKNOWN
    if kind is BounceKind.UNKNOWN:
        desk.keep(report.key, arrival.raw)
    bounce = Bounce(
        key=report.bounce_key(str(found.subscriber.id)),
        subscriber=found.subscriber.id,
        mailing=found.mailing,
        at=_written(report, _mailing(desk, found.mailing), arrival.now),
        kind=kind,
        code=refused.code,
        status=refused.status,
        said=refused.said,
        source=arrival.source,
    )
    new = desk.subscribers.add_bounce(bounce)
    entry = follow_bounce(desk.subscribers, desk.ledger, bounce, arrival.now)
    return Outcome(
        upshot=Upshot(kind.value) if new or entry else Upshot.REPEATED,
        address=found.subscriber.address,
        suppression=entry,
    )


def _written(report: Report, mailing: Mailing | None, now: datetime) -> datetime:
    """When it was written, which may be long before it is read: between the mailing and now."""
    at = min(report.at or now, now)
    return max(at, mailing.begins) if mailing and mailing.begins <= now else at


def _theirs(report: Report, subscriber: Subscriber) -> Refused:
    """Of the recipients that a report names, the subscriber; else the first: mail is forwarded."""
    same = [one for one in report.refused if _names(one, subscriber)]
    return (*same, *report.refused, Refused())[0]


def _names(refused: Refused, subscriber: Subscriber) -> bool:
    """Whether the subscriber's address is among those of a recipient, however it is written."""
    theirs = folded(subscriber.address)
    return any(folded(_written_alike(name)) == theirs for name in refused.addresses)


def _named(desk: Desk, report: Report) -> list[_Found]:
    """The subscribers whose addresses a report names, as far as it is about our mail to them.

    Its Message-ID has to be that of a copy of theirs: whoever knows an address can write a report.
    """
    found: dict[int, _Found] = {}
    for refused in report.refused:
        for name in refused.addresses:
            subscriber = _called(desk, name)
            mailing = _returned(desk, report, subscriber) if subscriber else 0
            if subscriber and mailing:
                found.setdefault(subscriber.id, _Found(subscriber, mailing, refused))
                break
    return list(found.values())


def _called(desk: Desk, name: str) -> Subscriber | None:
    """The one subscriber of that address, however its server writes it."""
    address = _written_alike(name)
    if not address:
        return None
    exact = desk.subscribers.find([address]).get(address)
    if exact is not None:
        return exact
    same = desk.subscribers.find_folded([folded(address)]).get(folded(address), ())
    return same[0] if len(same) == 1 else None


def _returned(desk: Desk, report: Report, subscriber: Subscriber) -> int:
    """The mailing whose copy a report is about; 0 where it is about none of ours."""
    if not report.message_id:
        return 0
    given = report.message_id.partition("@")[0]
    rows = desk.ledger.deliveries(subscriber=subscriber.id)
    mine = [row for row in rows if _ident(row.issue, subscriber.id) == given]
    return max((row.mailing for row in mine), default=0)


def _ident(issue: str, subscriber: int) -> str:
    """A Message-ID without its domain, which is that of a sender who may have changed."""
    return message_id(issue, subscriber, "").partition("@")[0]


def _mailing(desk: Desk, number: int) -> Mailing | None:
    return next((one for one in desk.ledger.mailings() if one.id == number), None)


def _written_alike(name: str) -> str:
    """An address as ours are written, "" for none."""
    try:
        return str(parse_address(name))
    except AddressError:
        return ""
