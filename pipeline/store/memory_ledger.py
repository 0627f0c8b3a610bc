"""The ledger in memory: the port `Ledger`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.core.address import salted_hash
from pipeline.core.delivery import REACHED, Claim, Delivery, DeliveryState, Tally
from pipeline.core.mailing import MailingState
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import FencedError, StoreError
from pipeline.ports.sending import Recovered
from pipeline.store.memory_state import Row
from pipeline.store.withheld import withheld
from pipeline.store.words import (
    FENCED,
    KILLED,
    NO_WORKER,
    POWER_CUT,
    check_retried,
    twice,
    waits_until,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from pipeline.core.delivery import Settled
    from pipeline.core.mailing import Mailing
    from pipeline.store.memory_state import State

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED)


class MemoryLedger:
    """One worker's view of the ledger."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._worker = 0
        self._claimed: dict[int, int] = {}

    def mailings(self) -> tuple[Mailing, ...]:
        """All of them, oldest first."""
        with self._state.lock:
            return tuple(self._state.mailings.values())

    def mailing(self, issue: str) -> Mailing | None:
        """The one of an issue."""
        return next((mailing for mailing in self.mailings() if mailing.issue == issue), None)

    def create(self, mailing: Mailing, subscribers: Iterable[int]) -> Mailing:
        """Keep a mailing and a queued row for each subscriber: all, or nothing at all."""
        state = self._state
        with state.lock:
            there = self.mailing(mailing.issue)
            if there is not None:
                return there
            ids = list(subscribers)
            if len(set(ids)) < len(ids):
                raise twice(mailing.issue)
            kept = replace(
                mailing,
                id=state.next_mailing(),
                created=mailing.created.astimezone(UTC),
                begins=mailing.begins.astimezone(UTC),
                since=mailing.since.astimezone(UTC),
                steps=0,
            )
            for number, subscriber in enumerate(ids, state.next_rows(len(ids))):
                state.rows[number] = Row(id=number, mailing=kept.id, subscriber=subscriber)
            state.mailings[kept.id] = kept
            return kept

    def move(
        self,
        mailing: int,
        states: Collection[MailingState],
        to: MailingState,
        reason: str,
        at: datetime,
    ) -> bool:
        """Change the state where it is one of `states`; False where it is not."""
        with self._state.lock:
            found = self._state.mailings.get(mailing)
            if found is None or found.state not in states:
                return False
            if to is MailingState.FINISHED and self.tally(mailing).open:
                return False
            moved = replace(found, state=to, reason=reason, since=at.astimezone(UTC))
            self._state.mailings[mailing] = moved
            return True

    def discard(self, mailing: int) -> bool:
        """Forget what went into a folder, or was cancelled in time; False for others, at work."""
        state = self._state
        with state.lock:
            found, rows = state.mailings.get(mailing), self._rows(mailing)
            if found is None or any(row.worker for row in rows):
                return False
            unsent = not any(row.state in REACHED for row in rows)
            if not found.outbox and not (found.state is MailingState.CANCELLED and unsent):
                return False
            del state.mailings[mailing]
            state.rows = {key: row for key, row in state.rows.items() if row.mailing != mailing}
            return True

    def renew(self, mailing: int, digest: str) -> bool:
        """The release of this digest goes out from now on; False while a worker has rows of it."""
        with self._state.lock:
            found = self._state.mailings.get(mailing)
            if found is None or any(row.worker for row in self._rows(mailing)):
                return False
            self._state.mailings[mailing] = replace(found, digest=digest)
            return True

    def reschedule(self, mailing: int, begins: datetime) -> bool:
        """Let a mailing that has not begun begin at another time; False where it has."""
        with self._state.lock:
            found = self._state.mailings.get(mailing)
            waits = (MailingState.SCHEDULED, MailingState.PAUSED)
            if found is None or found.state not in waits or found.steps:
                return False
            self._state.mailings[mailing] = replace(found, begins=begins.astimezone(UTC))
            return True

    def allow(self, mailing: int, until: datetime) -> None:
        """An editor's word that it may go on though it is late."""
        with self._state.lock:
            found = self._state.mailings[mailing]
            self._state.mailings[mailing] = replace(found, late_until=until.astimezone(UTC))

    def tally(self, mailing: int) -> Tally:
        """How many rows are in each state."""
        counts = Counter(row.state.value for row in self._rows(mailing))
        return Tally(**counts)

    def enter(self, worker: str) -> None:  # noqa: ARG002  # nobody reads its name here
        """Begin to be a worker: alive until `die` or `close`."""
        state = self._state
        with state.lock:
            if self._worker in state.workers:
                return
            state.last_worker += 1
            self._worker = state.last_worker
            state.workers[self._worker] = state.boot
            state.alive.add(self._worker)

    def workers(self) -> int:
        """How many workers are alive."""
        with self._state.lock:
            return len(self._state.alive)

    def die(self) -> None:
        """End as a killed process does: what it held is for `recover` to settle."""
        with self._state.lock:
            self._state.alive.discard(self._worker)

    def close(self) -> None:
        """End as a worker; what it was sending stays for `recover`."""
        with self._state.lock:
            if self._worker in self._state.workers:
                self.give_back()
                self._state.alive.discard(self._worker)
                if not self._held(self._worker):
                    del self._state.workers[self._worker]
            self._worker = 0

    def recover(self, at: datetime) -> Recovered:
        """Settle what dead workers left."""
        requeued = uncertain = 0
        state = self._state
        with state.lock:
            for worker in state.workers.keys() - state.alive - {self._worker}:
                cut = state.workers.pop(worker) != state.boot
                for row in self._held(worker):
                    row.worker = 0
                    if cut or row.state is DeliveryState.SENDING:
                        row.state = DeliveryState.UNCERTAIN
                        row.at, row.code, row.status = at.timestamp(), 0, ""
                        row.said = POWER_CUT if cut else KILLED
                        uncertain += 1
                    else:
                        requeued += 1
        return Recovered(requeued=requeued, uncertain=uncertain)

    def claim(self, mailing: int, most: int, at: float) -> Sequence[Claim]:
        """Take up to `most` rows that are due; nobody else gets them."""
        with self._state.lock:
            self._check()
            while taken := self._due(mailing, most, at):
                found = self._state.mailings[mailing]
                self._state.mailings[mailing] = replace(found, steps=found.steps + 1)
                self._claimed[mailing] = found.steps + 1
                claims = [claim for row in taken if (claim := self._take(found, row, at))]
                if claims:
                    return claims
            return ()

    def _due(self, mailing: int, most: int, at: float) -> list[Row]:
        found = self._state.mailings.get(mailing)
        if found is None or found.state is not MailingState.RUNNING:
            return []
        waiting = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
        rows = (r for r in self._rows(mailing) if not r.worker and r.state in waiting)
        due = sorted((row for row in rows if row.due <= at), key=lambda row: (row.due, row.id))
        return due[:most]

    def _take(self, mailing: Mailing, row: Row, at: float) -> Claim | None:
        """Claim a row, or find that it must not be sent."""
        one = self._state.subscribers.get(row.subscriber)
        entry = one and self._state.suppressions.get(salted_hash(one.address, self._state.salt))
        wanted = one is not None and mailing.newsletter in one.newsletters
        state, reason = one.state if one else None, entry.reason if entry else None
        quiet = one.quiet_until.timestamp() if one and one.quiet_until else 0.0
        why = withheld(state, reason, subscribed=wanted, pause=quiet if quiet > at else 0.0)
        row.due = 0.0
        if one is None or why:
            row.state, row.at, row.said = DeliveryState.SUPPRESSED, at, why
            row.code, row.status = 0, ""
            return None
        row.state, row.worker = DeliveryState.QUEUED, self._worker
        return Claim(
            row.id, row.subscriber, one.address, one.name, one.language, row.attempts, row.first
        )

    def steps(self, mailing: int) -> int:
        """How many it had made with this worker's last claim."""
        return self._claimed.get(mailing, 0)

    def mark(self, sending: Sequence[int], settled: Sequence[Settled]) -> int:
        """In one commit: these rows are being sent now, and these came out so."""
        if not sending and not settled:
            return 0
        with self._state.lock:
            self._check()
            rows = self._state.rows
            wanted = [*sending, *(outcome.id for outcome in settled)]
            if any(id_ not in rows or rows[id_].worker != self._worker for id_ in wanted):
                raise FencedError(FENCED)
            for id_ in sending:
                rows[id_].state = DeliveryState.SENDING
            for outcome in settled:
                self._settle(rows[outcome.id], outcome)
            of = rows[wanted[0]].mailing
            found = self._state.mailings[of]
            self._state.mailings[of] = replace(found, steps=found.steps + 1)
            return found.steps + 1

    def _settle(self, row: Row, outcome: Settled) -> None:
        row.worker = 0
        row.state, row.at, row.due = outcome.state, outcome.at, waits_until(outcome) or 0.0
        row.code, row.status, row.said = outcome.code, outcome.status, outcome.said
        row.attempts += outcome.counts
        row.first = row.first or (outcome.at if outcome.tried else 0.0)

    def give_back(self, rows: Collection[int] | None = None) -> None:
        """Free the rows that this worker claimed and did not send: these, or every one."""
        with self._state.lock:
            self._check()
            for row in self._held(self._worker):
                if row.state is DeliveryState.QUEUED and (rows is None or row.id in rows):
                    row.worker = 0

    def next_due(self, mailing: int) -> float:
        """When the next deferred row is due; 0 for none."""
        rows = self._rows(mailing)
        return min((row.due for row in rows if row.state is DeliveryState.DEFERRED), default=0.0)

    def sent_since(self, at: float) -> int:
        """How many mails servers took since then, of all mailings."""
        sent = (row for row in self._rows() if row.state is DeliveryState.SENT)
        return sum(1 for row in sent if (row.at or 0.0) >= at)

    def requeue(self, mailing: int, states: Collection[DeliveryState], at: datetime) -> int:
        """Queue rows of these states again; how many."""
        check_retried(states)
        with self._state.lock:
            found = self._state.mailings.get(mailing)
            people = self._state.subscribers
            rows = [
                row
                for row in self._rows(mailing)
                if row.state in states
                and (one := people.get(row.subscriber)) is not None
                and found is not None
                and one.state is SubscriberState.ACTIVE
                and found.newsletter in one.newsletters
            ]
            for row in rows:
                row.state, row.due, row.attempts, row.first = DeliveryState.QUEUED, 0.0, 0, 0.0
            if rows:
                self.move(mailing, [MailingState.FINISHED], MailingState.RUNNING, "retry", at)
            return len(rows)

    def deliveries(
        self,
        *,
        mailing: int = 0,
        subscriber: int = 0,
        states: Collection[DeliveryState] = (),
    ) -> Iterator[Delivery]:
        """Rows, by mailing and id; 0 and () mean any."""
        with self._state.lock:
            found = [
                self._told(row)
                for row in self._rows(mailing)
                if (not subscriber or row.subscriber == subscriber)
                and (not states or row.state in states)
            ]
        yield from found

    def _told(self, row: Row) -> Delivery:
        one = self._state.subscribers.get(row.subscriber)
        return Delivery(
            id=row.id,
            mailing=row.mailing,
            issue=self._state.mailings[row.mailing].issue,
            subscriber=row.subscriber,
            address=one.address if one else "",
            state=row.state,
            attempts=row.attempts,
            at=None if row.at is None else datetime.fromtimestamp(row.at, UTC),
            due=datetime.fromtimestamp(row.due, UTC) if row.due else None,
            code=row.code,
            status=row.status,
            said=row.said,
        )

    def _rows(self, mailing: int = 0) -> list[Row]:
        with self._state.lock:
            return [r for r in self._state.rows.values() if mailing in (0, r.mailing)]

    def _held(self, worker: int) -> list[Row]:
        return [row for row in self._rows() if worker and row.worker == worker]

    def _check(self) -> None:
        if not self._worker:
            raise StoreError(NO_WORKER)
        if self._worker not in self._state.workers:
            raise FencedError(FENCED)
