"""What a monitor wants to know of mailings, out of the indexes of the few rows that are not sent.

Sent ones are never counted: they are what is left of the recipients, as in `Ledger.tally`. Over a
connection of its own, so that any thread may ask.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, text

from pipeline.core.mailing import MailingState
from pipeline.store.tables import DELIVERY, MAILING, ODD, WORKER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row
    from sqlalchemy.engine import Connection

    from pipeline.store.database import Database

OVER = frozenset({MailingState.FINISHED.value, MailingState.CANCELLED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`deliveries` are those of all mailings by state, `under_way` by issue and state those of
    mailings that are not over, `mailings` how many are in each state.

    `oldest` is since when, in seconds since the epoch, the oldest delivery could have been tried
    and was not; 0 where nothing waits. Rehearsals into a folder do not count.
    """

    deliveries: Mapping[str, int]
    under_way: Mapping[str, Mapping[str, int]]
    mailings: Mapping[str, int]
    oldest: float


def figures(database: Database) -> Figures:
    """As it stands now. Raises StoreError."""
    with database.reads() as connection:
        mailings = connection.execute(select(MAILING).where(MAILING.c.outbox == 0)).all()
        counts = _counts(connection)
        running = [row.id for row in mailings if row.state == MailingState.RUNNING.value]
        first_due = {row: _first_due(connection, row) for row in running}
    return _summed(mailings, counts, first_due)


def _counts(connection: Connection) -> dict[int, Counter[str]]:
    """How many rows of each mailing are in each state but `sent`."""
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    # In the order of the index, or SQLite would sort a million rows.
    deferred = func.sum(case((DELIVERY.c.due > 0, 1), else_=0))
    waiting = select(DELIVERY.c.mailing, func.count(), deferred).where(DELIVERY.c.due.is_not(None))
    for mailing, count, later in connection.execute(waiting.group_by(DELIVERY.c.mailing)):
        found[mailing].update({"queued": count - later, "deferred": later})
    by_state = select(DELIVERY.c.mailing, DELIVERY.c.state, func.count())
    for some in (DELIVERY.c.worker.in_(select(WORKER.c.id)), text(ODD)):
        rows = by_state.where(some).group_by(DELIVERY.c.mailing, DELIVERY.c.state)
        for mailing, state, count in connection.execute(rows):
            found[mailing][state] += count
    return found


def _first_due(connection: Connection, mailing: int) -> float:
    """When the first deferred row is due; 0 for none."""
    query = select(func.min(DELIVERY.c.due)).where(
        DELIVERY.c.mailing == mailing, DELIVERY.c.due > 0
    )
    return float(connection.execute(query).scalar() or 0.0)


def _summed(
    mailings: Sequence[Row[Any]],
    counts: Mapping[int, Counter[str]],
    first_due: Mapping[int, float],
) -> Figures:
    deliveries: Counter[str] = Counter()
    under_way: dict[str, Mapping[str, int]] = {}
    oldest: list[float] = []
    for mailing in mailings:
        here = Counter(counts.get(mailing.id, Counter()))
        here["sent"] = mailing.recipients - here.total()
        deliveries += here
        if mailing.state not in OVER:
            under_way[mailing.issue] = dict(here)
        if mailing.state == MailingState.RUNNING.value:
            if here["queued"]:
                oldest.append(mailing.since)
            if first_due[mailing.id]:
                oldest.append(first_due[mailing.id])
    return Figures(
        deliveries=dict(deliveries),
        under_way=under_way,
        mailings=dict(Counter(mailing.state for mailing in mailings)),
        oldest=min(oldest, default=0.0),
    )
