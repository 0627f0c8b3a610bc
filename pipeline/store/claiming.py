"""Rows that a worker takes, in one transaction, and those that are not sent after all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select, update

from pipeline.core.delivery import Claim, DeliveryState
from pipeline.core.mailing import MailingState
from pipeline.store.rows import chunks
from pipeline.store.subscriber_rows import WANTED
from pipeline.store.tables import DELIVERY, MAILING, SUBSCRIBER, SUBSCRIPTION, SUPPRESSION
from pipeline.store.withheld import withheld

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

_DUE = (
    select(
        DELIVERY.c.id,
        DELIVERY.c.subscriber,
        DELIVERY.c.attempts,
        DELIVERY.c.first,
        SUBSCRIBER.c.address,
        SUBSCRIBER.c.name,
        SUBSCRIBER.c.language,
        SUBSCRIBER.c.state,
        SUBSCRIPTION.c.state.label("wanted"),
        SUPPRESSION.c.reason,
    )
    .outerjoin(SUBSCRIBER, SUBSCRIBER.c.id == DELIVERY.c.subscriber)
    .outerjoin(SUPPRESSION, SUPPRESSION.c.hash == SUBSCRIBER.c.hash)
    .order_by(DELIVERY.c.due, DELIVERY.c.id)
    .with_for_update(of=DELIVERY, skip_locked=True)
)


def claim(
    connection: Connection, worker: int, mailing: int, most: int, at: float
) -> tuple[int, list[Claim]]:
    """Take up to `most` rows that are due: how many, and those of them that are to be sent.

    The others are `suppressed` now. Nothing is taken of a mailing that is not running: once it was
    paused or cancelled, nobody begins with more of it.
    """
    newsletter = connection.execute(
        select(MAILING.c.newsletter)
        .where(MAILING.c.id == mailing, MAILING.c.state == MailingState.RUNNING.value)
        .with_for_update(key_share=True)
    ).scalar()
    if newsletter is None:
        return 0, []
    mine = and_(
        SUBSCRIPTION.c.subscriber == DELIVERY.c.subscriber, SUBSCRIPTION.c.newsletter == newsletter
    )
    query = _DUE.outerjoin(SUBSCRIPTION, mine).where(
        DELIVERY.c.mailing == mailing, DELIVERY.c.due <= at
    )
    rows = connection.execute(query.limit(most)).all()
    if not rows:
        return 0, []
    claims: list[Claim] = []
    reasons: dict[int, str] = {}
    for id_, subscriber, attempts, first, address, name, language, state, wanted, reason in rows:
        why = withheld(state, reason, subscribed=wanted == WANTED)
        if why:
            reasons[id_] = why
        else:
            claims.append(Claim(id_, subscriber, address, name, language, attempts, first))
    _hold(connection, worker, [claim.id for claim in claims])
    _withhold(connection, reasons, at)
    counted = update(MAILING).where(MAILING.c.id == mailing)
    connection.execute(counted.values(steps=MAILING.c.steps + 1))
    return len(rows), claims


def _hold(connection: Connection, worker: int, ids: Sequence[int]) -> None:
    queued = DeliveryState.QUEUED.value
    for some in chunks(ids):
        query = update(DELIVERY).where(DELIVERY.c.id.in_(some))
        connection.execute(query.values(state=queued, worker=worker, due=None))


def _withhold(connection: Connection, reasons: dict[int, str], at: float) -> None:
    suppressed = DeliveryState.SUPPRESSED.value
    for reason in sorted(set(reasons.values())):
        for some in chunks(id_ for id_, why in reasons.items() if why == reason):
            query = update(DELIVERY).where(DELIVERY.c.id.in_(some))
            words = {"at": at, "code": 0, "status": "", "said": reason}
            connection.execute(query.values(state=suppressed, due=None, **words))
