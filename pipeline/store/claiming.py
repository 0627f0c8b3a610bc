"""Rows that a worker takes, in one transaction, and those that are not sent after all.

Past SQLAlchemy, as `marking` and for the same reason: each mail is claimed once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.core.delivery import Claim
from pipeline.errors import FencedError
from pipeline.store.subscriber_rows import WANTED
from pipeline.store.withheld import withheld
from pipeline.store.words import FENCED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What a claim says to one kind of database.

    `rows` makes one value of many ids.
    """

    known: str
    running: str
    due: str
    hold: str
    withhold: str
    step: str
    steps: str
    rows: Callable[[Sequence[int]], object]


def _statements(
    mark: str, among: str, rows: Callable[[Sequence[int]], object], *, locks: bool
) -> Statements:
    """`mark` stands for a value, `among` looks for an id in what `rows` makes.

    Locks: nobody gives this worker up, or pauses its mailing, while it takes rows; and rows that
    another one is taking are passed over. SQLite has one lock for all, which the transaction has.
    """
    texts = {
        "known": "SELECT 1 FROM worker WHERE id = {mark}{known_lock}",
        "running": "SELECT newsletter FROM mailing WHERE id = {mark} AND state = 'running'"
        "{running_lock}",
        "due": "SELECT d.id, d.subscriber, s.address, s.name, s.language, d.attempts, d.first, "
        "s.state, w.state, x.reason, s.quiet_until FROM delivery AS d "
        "LEFT JOIN subscriber AS s ON s.id = d.subscriber "
        "LEFT JOIN subscription AS w ON w.subscriber = d.subscriber AND w.newsletter = {mark} "
        "LEFT JOIN suppression AS x ON x.hash = s.hash "
        "WHERE d.mailing = {mark} AND d.due <= {mark} ORDER BY d.due, d.id LIMIT {mark}"
        "{due_lock}",
        "hold": "UPDATE delivery SET state = 'queued', worker = {mark}, due = NULL WHERE {among}",
        "withhold": "UPDATE delivery SET state = 'suppressed', due = NULL, at = {mark}, code = 0, "
        "status = '', said = {mark} WHERE {among}",
        "step": "UPDATE mailing SET steps = steps + 1 WHERE id = {mark}",
        "steps": "SELECT steps FROM mailing WHERE id = {mark}",
    }
    words = {
        "mark": mark,
        "among": among,
        "known_lock": " FOR KEY SHARE" if locks else "",
        "running_lock": " FOR NO KEY UPDATE" if locks else "",
        "due_lock": " FOR UPDATE OF d SKIP LOCKED" if locks else "",
    }
    return Statements(**{name: text.format(**words) for name, text in texts.items()}, rows=rows)


SQLITE = _statements("?", "id IN (SELECT value FROM json_each(?))", json.dumps, locks=False)
POSTGRESQL = _statements("%s", "id = ANY(%s::bigint[])", list, locks=True)


def claim(
    raw: Any, say: Statements, *, worker: int, mailing: int, most: int, at: float
) -> tuple[int, list[Claim], int]:
    """Take up to `most` rows that are due: how many, those of them that are to be sent, and the
    steps of the mailing with this one, 0 where none was taken.

    In the transaction of a driver's connection. The others are `suppressed` now. Nothing is taken
    of a mailing that is not running: once it was paused or cancelled, nobody begins with more of
    it. Raises FencedError.
    """
    if raw.execute(say.known, (worker,)).fetchone() is None:
        raise FencedError(FENCED)
    running = raw.execute(say.running, (mailing,)).fetchone()
    if running is None:
        return 0, [], 0
    rows = raw.execute(say.due, (running[0], mailing, at, most)).fetchall()
    if not rows:
        return 0, [], 0
    claims: list[Claim] = []
    reasons: dict[str, list[int]] = {}
    for row in rows:
        state, wanted, reason, quiet = row[7:]
        pause = quiet if quiet and quiet > at else 0.0
        why = withheld(state, reason, subscribed=wanted == WANTED, pause=pause)
        if why:
            reasons.setdefault(why, []).append(row[0])
        else:
            claims.append(Claim._make(row[:7]))
    if claims:
        raw.execute(say.hold, (worker, say.rows([claim.id for claim in claims])))
    for why, ids in reasons.items():
        raw.execute(say.withhold, (at, why, say.rows(ids)))
    raw.execute(say.step, (mailing,))
    return len(rows), claims, raw.execute(say.steps, (mailing,)).fetchone()[0]
