"""Mailings and deliveries between tables and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from pipeline.core.delivery import Delivery, DeliveryState
from pipeline.core.mailing import Mailing, MailingState
from pipeline.store.rows import moment, seconds
from pipeline.store.tables import DELIVERY, MAILING, SUBSCRIBER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Select
    from sqlalchemy.engine import Row

    from pipeline.store.database import Session

PAGE = 4000
"""Rows that are read at a time, so that no transaction stays open while others write."""


def mailing_of(row: Row[*tuple[Any, ...]]) -> Mailing:
    """A row of `mailing` as a value."""
    return Mailing(
        id=row.id,
        issue=row.issue,
        newsletter=row.newsletter,
        digest=row.digest,
        state=MailingState(row.state),
        reason=row.reason,
        created=moment(row.created),
        begins=moment(row.begins),
        since=moment(row.since),
        steps=row.steps,
        late_until=moment(row.late_until) if row.late_until else None,
        outbox=bool(row.outbox),
    )


def mailing_row(mailing: Mailing) -> dict[str, object]:
    """A mailing that is not kept yet, as a row."""
    return {
        "issue": mailing.issue,
        "newsletter": mailing.newsletter,
        "digest": mailing.digest,
        "state": mailing.state.value,
        "reason": mailing.reason,
        "created": seconds(mailing.created),
        "begins": seconds(mailing.begins),
        "since": seconds(mailing.since),
        "outbox": int(mailing.outbox),
    }


def deliveries(
    session: Session, mailing: int, subscriber: int, states: Collection[DeliveryState]
) -> Iterator[Delivery]:
    """Rows by mailing and id, a page at a time; 0 and () mean any."""
    query = _query(subscriber, states)
    with session.reads() as connection:
        ids = [mailing] if mailing else connection.execute(_MAILINGS).scalars().all()
        if subscriber:
            # At most one a mailing.
            few = query.where(DELIVERY.c.mailing == mailing) if mailing else query
            rows = connection.execute(few.order_by(DELIVERY.c.mailing)).all()
    if subscriber:
        yield from map(_delivery, rows)
        return
    for of in ids:
        last = 0
        page = query.where(DELIVERY.c.mailing == of).order_by(DELIVERY.c.id).limit(PAGE)
        while True:
            with session.reads() as connection:
                rows = connection.execute(page.where(DELIVERY.c.id > last)).all()
            if not rows:
                break
            yield from map(_delivery, rows)
            last = rows[-1].id


_MAILINGS = select(MAILING.c.id).order_by(MAILING.c.id)


def _query(subscriber: int, states: Collection[DeliveryState]) -> Select[Any]:
    query = (
        select(DELIVERY, MAILING.c.issue, SUBSCRIBER.c.address)
        .join(MAILING, MAILING.c.id == DELIVERY.c.mailing)
        .outerjoin(SUBSCRIBER, SUBSCRIBER.c.id == DELIVERY.c.subscriber)
    )
    if subscriber:
        query = query.where(DELIVERY.c.subscriber == subscriber)
    if states:
        query = query.where(DELIVERY.c.state.in_(sorted(state.value for state in states)))
    return query


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        mailing=row.mailing,
        issue=row.issue,
        subscriber=row.subscriber,
        address=row.address or "",
        state=DeliveryState(row.state),
        attempts=row.attempts,
        at=None if row.at is None else moment(row.at),
        due=moment(row.due) if row.due else None,
        code=row.code,
        status=row.status,
        said=row.said,
    )
