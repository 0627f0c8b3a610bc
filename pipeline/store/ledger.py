"""The ledger in the database: the port `Ledger`.

A row waits (`due` is set, `worker` is not), is held (the other way round) or is final (neither);
each kind has an index of its own rows only, so that a claim costs the same in a mailing of a
thousand and of a million.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)

from pipeline.core.delivery import REACHED, DeliveryState, Tally
from pipeline.core.mailing import MailingState
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import FencedError, StoreError
from pipeline.ports.sending import Recovered
from pipeline.store.claiming import POSTGRESQL, SQLITE, claim
from pipeline.store.creating import create
from pipeline.store.delivery_rows import deliveries, mailing_of
from pipeline.store.marking import mark_postgresql, mark_sqlite
from pipeline.store.rows import chunks, seconds
from pipeline.store.tables import (
    DELIVERY,
    MAILING,
    ODD,
    SENT,
    SUBSCRIBER,
    SUBSCRIPTION,
    WORKER,
)
from pipeline.store.words import FENCED, KILLED, NO_WORKER, POWER_CUT, check_retried

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select, Update
    from sqlalchemy.engine import Connection, Row

    from pipeline.core.delivery import Claim, Delivery, Settled
    from pipeline.core.mailing import Mailing
    from pipeline.store.claiming import Statements
    from pipeline.store.database import Session
    from pipeline.store.workers import Workers

_FREE = {"worker": None, "due": 0.0, "state": DeliveryState.QUEUED.value}
_HELD = DELIVERY.c.worker.in_(select(WORKER.c.id))
"""True for held rows; said so, it leads to the index of them."""


class DatabaseLedger:
    """One worker's view of the ledger, over one connection; for one thread at a time."""

    def __init__(self, session: Session, workers: Workers) -> None:
        self._session = session
        self._workers = workers
        self._worker = 0
        self._claimed: dict[int, int] = {}

    def mailings(self) -> tuple[Mailing, ...]:
        """All of them, oldest first."""
        with self._session.reads() as connection:
            return tuple(
                map(mailing_of, connection.execute(select(MAILING).order_by(MAILING.c.id)))
            )

    def mailing(self, issue: str) -> Mailing | None:
        """The one of an issue."""
        with self._session.reads() as connection:
            row = connection.execute(select(MAILING).where(MAILING.c.issue == issue)).first()
        return mailing_of(row) if row else None

    def create(self, mailing: Mailing, subscribers: Iterable[int]) -> Mailing:
        """Keep a mailing and a queued row for each subscriber: all, or nothing at all.

        Raises StoreError where one of them is named twice.
        """
        with self._session.writes() as connection:
            return create(connection, self._session.raw(), mailing, subscribers)

    def move(
        self,
        mailing: int,
        states: Collection[MailingState],
        to: MailingState,
        reason: str,
        at: datetime,
    ) -> bool:
        """Change the state where it is one of `states`; False where it is not."""
        query = update(MAILING).where(
            MAILING.c.id == mailing, MAILING.c.state.in_([state.value for state in states])
        )
        if to is MailingState.FINISHED:
            of_it = DELIVERY.c.mailing == mailing
            waiting = select(DELIVERY.c.id).where(of_it, DELIVERY.c.due.is_not(None))
            query = query.where(~waiting.exists(), ~_held_of(mailing).exists())
        moved = query.values(state=to.value, reason=reason, since=seconds(at))
        with self._session.writes() as connection:
            return connection.execute(moved).rowcount > 0

    def discard(self, mailing: int) -> bool:
        """Forget what went into a folder, or was cancelled in time; False for others, at work."""
        states = sorted(state.value for state in REACHED)
        reached = select(DELIVERY.c.id).where(
            DELIVERY.c.mailing == mailing, DELIVERY.c.state.in_(states)
        )
        cancelled = MAILING.c.state == MailingState.CANCELLED.value
        query = delete(MAILING).where(
            MAILING.c.id == mailing,
            or_(MAILING.c.outbox == 1, and_(cancelled, ~reached.exists())),
            ~_held_of(mailing).exists(),
        )
        with self._session.writes() as connection:
            gone = connection.execute(query).rowcount > 0
            if gone:
                connection.execute(delete(DELIVERY).where(DELIVERY.c.mailing == mailing))
            return gone

    def renew(self, mailing: int, digest: str) -> bool:
        """The release of this digest goes out from now on; False while a worker has rows of it."""
        query = update(MAILING).where(MAILING.c.id == mailing, ~_held_of(mailing).exists())
        with self._session.writes() as connection:
            return connection.execute(query.values(digest=digest)).rowcount > 0

    def reschedule(self, mailing: int, begins: datetime) -> bool:
        """Let a mailing that has not begun begin at another time; False where it has."""
        waits = (MailingState.SCHEDULED.value, MailingState.PAUSED.value)
        query = update(MAILING).where(
            MAILING.c.id == mailing, MAILING.c.state.in_(waits), MAILING.c.steps == 0
        )
        with self._session.writes() as connection:
            return connection.execute(query.values(begins=seconds(begins))).rowcount > 0

    def allow(self, mailing: int, until: datetime) -> None:
        """An editor's word that it may go on though it is late."""
        query = update(MAILING).where(MAILING.c.id == mailing)
        with self._session.writes() as connection:
            connection.execute(query.values(late_until=seconds(until)))

    def tally(self, mailing: int) -> Tally:
        """How many rows are in each state."""
        with self._session.reads() as connection:
            counts = {row[0]: int(row[1]) for row in connection.execute(_counts(mailing))}
        total = counts.pop("")
        return Tally(**counts, sent=total - sum(counts.values()))

    def enter(self, worker: str) -> None:
        """Begin to be a worker: alive until this process, or its connection, ends."""
        with self._session.writes() as connection:
            if self._worker and self._known(connection):
                return
            row = {"name": worker, "boot": self._workers.boot(connection)}
            given = connection.execute(insert(WORKER).returning(WORKER.c.id), row).scalar_one()
            # Before others see the row: a worker without its lock is a dead one.
            self._workers.hold(connection, given)
        self._worker = given

    def workers(self) -> int:
        """How many workers are alive, this one among them."""
        with self._session.reads() as connection:
            ids = connection.execute(select(WORKER.c.id)).scalars().all()
            return len(self._workers.alive(connection, ids))

    def recover(self, at: datetime) -> Recovered:
        """Settle what dead workers left: `sending` is uncertain, their other claims are free again.

        Costs others nothing where nobody died.
        """
        with self._session.reads() as connection:
            if not self._dead(connection):
                return Recovered()
        requeued = uncertain = 0
        with self._session.writes() as connection:
            boot = self._workers.boot(connection)
            for row in self._dead(connection):
                # First, so that a claim of theirs that is being kept is waited for, and seen.
                gone = connection.execute(delete(WORKER).where(WORKER.c.id == row.id)).rowcount
                if gone:
                    cut = not boot or row.boot != boot
                    uncertain += _doubt(connection, row.id, at, cut=cut)
                    free = update(DELIVERY).where(DELIVERY.c.worker == row.id).values(_FREE)
                    requeued += connection.execute(free).rowcount
        return Recovered(requeued=requeued, uncertain=uncertain)

    def _dead(self, connection: Connection) -> list[Row[*tuple[Any, ...]]]:
        rows = connection.execute(select(WORKER).where(WORKER.c.id != self._worker)).all()
        alive = self._workers.alive(connection, [row.id for row in rows])
        return [row for row in rows if row.id not in alive]

    def claim(self, mailing: int, most: int, at: float) -> Sequence[Claim]:
        """Take up to `most` rows that are queued, or deferred and due; nobody else gets them.

        One transaction, or several where all of the first were suppressed on the way.
        """
        if not self._worker:
            raise StoreError(NO_WORKER)
        say = self._say()
        mine = partial(claim, say=say, worker=self._worker, mailing=mailing, most=most, at=at)
        while True:
            with self._session.driven(relaxed=False) as raw:
                taken, claims, steps = mine(raw)
            if taken:
                self._claimed[mailing] = steps
            if claims or not taken:
                return claims

    def steps(self, mailing: int) -> int:
        """How many it had made with this worker's last claim, which no power cut takes back."""
        # Not asked later: by then another worker may have made some that are not on the disk yet.
        return self._claimed.get(mailing, 0)

    def mark(self, sending: Sequence[int], settled: Sequence[Settled]) -> int:
        """In one commit: these rows of this worker's are being sent now, and these came out so.

        How many steps their mailing has made; 0 for no rows.
        """
        if not sending and not settled:
            return 0
        if not self._worker:
            raise StoreError(NO_WORKER)
        mark = mark_sqlite if self._session.database.is_sqlite else mark_postgresql
        with self._session.driven(relaxed=True) as raw:
            count, steps = mark(raw, self._worker, sending, settled)
            if count != len(sending) + len(settled):
                raise FencedError(FENCED)
        return steps

    def give_back(self, rows: Collection[int] | None = None) -> None:
        """Free the rows that this worker claimed and did not send: these, or every one."""
        queued = DELIVERY.c.state == DeliveryState.QUEUED.value
        free = update(DELIVERY).where(DELIVERY.c.worker == self._worker, queued).values(_FREE)
        with self._session.writes() as connection:
            self._check(connection)
            if rows is None:
                connection.execute(free)
                return
            for some in chunks(rows):
                connection.execute(free.where(DELIVERY.c.id.in_(some)))

    def next_due(self, mailing: int) -> float:
        """When the next deferred row is due, in seconds since the epoch; 0 for none."""
        query = select(func.min(DELIVERY.c.due)).where(
            DELIVERY.c.mailing == mailing, DELIVERY.c.due > 0
        )
        with self._session.reads() as connection:
            return connection.execute(query).scalar() or 0.0

    def sent_since(self, at: float) -> int:
        """How many mails servers took since then, of all mailings."""
        query = select(func.count()).select_from(DELIVERY).where(text(SENT), DELIVERY.c.at >= at)
        with self._session.reads() as connection:
            return connection.execute(query).scalar_one()

    def requeue(self, mailing: int, states: Collection[DeliveryState], at: datetime) -> int:
        """Queue rows of these states again, by an editor's word; how many.

        A finished mailing runs again for them. Those who may not be mailed any more stay as they
        are, with the server's words. Raises ValueError for states that are not final, and for
        `sent`.
        """
        check_retried(states)
        chosen = DELIVERY.c.state.in_(sorted(state.value for state in states))
        of_it = update(DELIVERY).where(
            DELIVERY.c.mailing == mailing, text(ODD), chosen, _still_wanted(mailing).exists()
        )
        with self._session.writes() as connection:
            # A mailing is not found to be finished meanwhile.
            lock = select(MAILING.c.id).where(MAILING.c.id == mailing)
            connection.execute(lock.with_for_update(key_share=True))
            values = _FREE | {"attempts": 0, "first": 0.0}
            count = connection.execute(of_it.values(values)).rowcount
            if count:
                # In the same step: nothing that is finished has rows to send.
                connection.execute(_reopened(mailing, at))
            return count

    def deliveries(
        self,
        *,
        mailing: int = 0,
        subscriber: int = 0,
        states: Collection[DeliveryState] = (),
    ) -> Iterator[Delivery]:
        """Rows, by mailing and id, in bounded memory; 0 and () mean any."""
        return deliveries(self._session, mailing, subscriber, states)

    def close(self) -> None:
        """End as a worker: what was not sent is free; what is being sent stays for `recover`."""
        if self._worker:
            # Where the connection is lost, so is the worker: the next one settles its rows.
            with suppress(StoreError):
                self._leave()
        self._session.close()

    def _leave(self) -> None:
        with self._session.writes() as connection:
            mine = DELIVERY.c.worker == self._worker
            queued = DELIVERY.c.state == DeliveryState.QUEUED.value
            connection.execute(update(DELIVERY).where(mine, queued).values(_FREE))
            rest = select(DELIVERY.c.id).where(mine)
            connection.execute(delete(WORKER).where(WORKER.c.id == self._worker, ~rest.exists()))
        with self._session.reads() as connection:
            self._workers.release(connection, self._worker)
        self._worker = 0

    def _say(self) -> Statements:
        return SQLITE if self._session.database.is_sqlite else POSTGRESQL

    def _known(self, connection: Connection) -> bool:
        """True while nobody gave this worker up; keeps them from it until the transaction ends."""
        query = select(WORKER.c.id).where(WORKER.c.id == self._worker)
        lock = query.with_for_update(key_share=True, read=True)
        return connection.execute(lock).first() is not None

    def _check(self, connection: Connection) -> None:
        if not self._worker:
            raise StoreError(NO_WORKER)
        if not self._known(connection):
            raise FencedError(FENCED)


def _held_of(mailing: int) -> Select[Any]:
    """The rows of a mailing that a worker has."""
    return select(DELIVERY.c.id).where(DELIVERY.c.mailing == mailing, _HELD)


def _doubt(connection: Connection, worker: int, at: datetime, *, cut: bool) -> int:
    """Make uncertain what a dead worker was sending, or after a power cut all that it held."""
    query = update(DELIVERY).where(DELIVERY.c.worker == worker)
    if not cut:
        query = query.where(DELIVERY.c.state == DeliveryState.SENDING.value)
    values = {
        "state": DeliveryState.UNCERTAIN.value,
        "worker": None,
        "at": seconds(at),
        "code": 0,
        "status": "",
        "said": POWER_CUT if cut else KILLED,
    }
    return connection.execute(query.values(values)).rowcount


def _reopened(mailing: int, at: datetime) -> Update:
    finished = MAILING.c.state == MailingState.FINISHED.value
    values = {"state": MailingState.RUNNING.value, "reason": "retry", "since": seconds(at)}
    return update(MAILING).where(MAILING.c.id == mailing, finished).values(values)


def _still_wanted(mailing: int) -> Select[Any]:
    """The subscriber of a delivery, where they may get this mailing's newsletter today."""
    newsletter = select(MAILING.c.newsletter).where(MAILING.c.id == mailing).scalar_subquery()
    joined = SUBSCRIBER.join(SUBSCRIPTION, SUBSCRIPTION.c.subscriber == SUBSCRIBER.c.id)
    return (
        select(SUBSCRIBER.c.id)
        .select_from(joined)
        .where(
            SUBSCRIBER.c.id == DELIVERY.c.subscriber,
            SUBSCRIBER.c.state == SubscriberState.ACTIVE.value,
            SUBSCRIPTION.c.newsletter == newsletter,
            SUBSCRIPTION.c.state == "wanted",
        )
        .correlate(DELIVERY)
    )


def _counts(mailing: int) -> Select[Any]:
    """How many rows are in each state but `sent`; all of them under ""."""
    of_it = DELIVERY.c.mailing == mailing
    waits: ColumnElement[str] = case((DELIVERY.c.due > 0, "deferred"), else_="queued")
    parts = union_all(
        select(waits, func.count()).where(of_it, DELIVERY.c.due.is_not(None)).group_by(waits),
        select(DELIVERY.c.state, func.count()).where(of_it, _HELD).group_by(DELIVERY.c.state),
        select(DELIVERY.c.state, func.count()).where(of_it, text(ODD)).group_by(DELIVERY.c.state),
        select(literal(""), MAILING.c.recipients).where(MAILING.c.id == mailing),
    ).subquery()
    state, count = parts.c
    return select(state, func.sum(count)).group_by(state)
