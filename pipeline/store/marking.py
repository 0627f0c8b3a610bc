"""The statements that each mail costs, past SQLAlchemy.

They run once or twice a mail, between the server's replies, and SQLAlchemy takes longer to hand a
row to the driver than SQLite takes to write it. So the texts are written out, here and in
`claiming`, a list of rows goes to the driver in one call, and everything else stays with
SQLAlchemy. Both give how many rows were this worker's, and how many steps their mailing has made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.store.database import RELAXED
from pipeline.store.words import waits_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.core.delivery import Settled

_SENDING_SQLITE = "UPDATE delivery SET state = 'sending' WHERE id = ? AND worker = ?"
# `due` of a row that is held is NULL already; not named, its index costs nothing.
_FINAL_SQLITE = (
    "UPDATE delivery SET state = ?, worker = NULL, at = ?, code = ?, status = ?, said = ?, "
    "attempts = attempts + ?, first = CASE WHEN first = 0 THEN ? ELSE first END "
    "WHERE id = ? AND worker = ?"
)
_SETTLED_SQLITE = (
    "UPDATE delivery SET state = ?, worker = NULL, due = ?, at = ?, code = ?, status = ?, "
    "said = ?, attempts = attempts + ?, first = CASE WHEN first = 0 THEN ? ELSE first END "
    "WHERE id = ? AND worker = ?"
)
# Two statements: SQLite takes longer to return what one of them wrote.
_STEP_SQLITE = (
    "UPDATE mailing SET steps = steps + 1 WHERE id = (SELECT mailing FROM delivery WHERE id = ?)"
)
_STEPS_SQLITE = "SELECT steps FROM mailing WHERE id = (SELECT mailing FROM delivery WHERE id = ?)"
_STEP_POSTGRESQL = (
    "UPDATE mailing SET steps = steps + 1 "
    "WHERE id = (SELECT mailing FROM delivery WHERE id = %s) RETURNING steps"
)
_SENDING_POSTGRESQL = (
    "UPDATE delivery SET state = 'sending' WHERE id = ANY(%s::bigint[]) AND worker = %s"
)
_SETTLED_POSTGRESQL = (
    "UPDATE delivery AS d SET state = n.state, worker = NULL, due = n.due, at = n.at, "
    "code = n.code, status = n.status, said = n.said, attempts = d.attempts + n.counts, "
    "first = CASE WHEN d.first = 0 THEN n.first ELSE d.first END "
    "FROM unnest(%s::text[], %s::float8[], %s::float8[], %s::int[], %s::text[], %s::text[], "
    "%s::int[], %s::float8[], %s::bigint[]) "
    "AS n (state, due, at, code, status, said, counts, first, id) "
    "WHERE d.id = n.id AND d.worker = %s"
)


def mark_sqlite(
    raw: Any, worker: int, sending: Sequence[int], settled: Sequence[Settled]
) -> tuple[int, int]:
    """In the transaction of a sqlite3 connection."""
    count = 0
    if sending:
        rows = [(id_, worker) for id_ in sending]
        count += raw.executemany(_SENDING_SQLITE, rows).rowcount
    if settled:
        final, again = [], []
        for state, due, *rest in map(_outcome, settled):
            if due is None:
                final.append((state, *rest, worker))
            else:
                again.append((state, due, *rest, worker))
        if final:
            count += raw.executemany(_FINAL_SQLITE, final).rowcount
        if again:
            count += raw.executemany(_SETTLED_SQLITE, again).rowcount
    one = sending[0] if sending else settled[0].id
    raw.execute(_STEP_SQLITE, (one,))
    step = raw.execute(_STEPS_SQLITE, (one,)).fetchone()
    return count, step[0] if step else 0


def mark_postgresql(
    raw: Any,
    worker: int,
    sending: Sequence[int],
    settled: Sequence[Settled],
) -> tuple[int, int]:
    """In the transaction of a psycopg connection; all leaves in one go."""
    cursors = []
    with raw.pipeline():
        raw.execute(RELAXED)
        if sending:
            cursors.append(raw.execute(_SENDING_POSTGRESQL, (list(sending), worker)))
        if settled:
            columns = [list(column) for column in zip(*map(_outcome, settled), strict=True)]
            cursors.append(raw.execute(_SETTLED_POSTGRESQL, (*columns, worker)))
        one = sending[0] if sending else settled[0].id
        stepped = raw.execute(_STEP_POSTGRESQL, (one,))
    step = stepped.fetchone()
    return sum(cursor.rowcount for cursor in cursors), step[0] if step else 0


def _outcome(outcome: Settled) -> tuple[object, ...]:
    return (
        outcome.state.value,
        waits_until(outcome),
        outcome.at,
        outcome.code,
        outcome.status,
        outcome.said,
        int(outcome.counts),
        # The first try, whatever came of it: a row that nobody ever answers is given up as well.
        outcome.at if outcome.tried else 0.0,
        outcome.id,
    )
