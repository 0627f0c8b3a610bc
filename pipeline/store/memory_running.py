"""Runs, notices and access tokens in memory: the ports `Runs`, `Notices` and `AccessTokens`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.core.address import salted_hash
from pipeline.core.notice import NoticeKind, NoticeState, settled, tried
from pipeline.core.run import Flow, Origin, Run, RunState, begun, ended, orphaned, unbegun
from pipeline.errors import StaleError
from pipeline.store.words import token_named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pipeline.core.notice import Notice
    from pipeline.core.token import AccessToken
    from pipeline.store.memory_state import State

T = TypeVar("T", "Run", "Notice", "AccessToken")


class MemoryRuns:
    """One process's view of the runs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: dict[int, int] = {}  # tries by run, as it was when taken
        with state.lock:
            state.last_view += 1
            self._view = state.last_view

    def add(self, run: Run) -> tuple[Run, bool]:
        """Keep it, or find the one of its flow and slot; and whether it is new."""
        with self._state.lock:
            for there in self._state.runs.values():
                if (there.flow, there.slot) == (run.flow, run.slot):
                    return there, False
            self._state.last_run += 1
            number = self._state.last_run
            kept = replace(run, id=number, asked=_plain(run.asked), found=_plain(run.found))
            return self._keep(kept), True

    def take(self, at: datetime, flows: Collection[Flow], place: str = "") -> Run | None:
        """Begin the oldest queued run of these flows that is due."""
        with self._state.lock:
            waiting = [
                run
                for run in self._state.runs.values()
                if run.state is RunState.QUEUED
                and run.flow in flows
                and run.place in ("", place)
                and run.due <= at
            ]
            if not waiting:
                return None
            run = self._keep(begun(min(waiting, key=lambda run: (run.due, run.id)), at))
            self._state.run_locks[run.id] = self._view
            self._held[run.id] = run.tries
            return run

    def say(self, run: int, progress: str) -> None:
        """Keep the last line that a run said."""
        with self._state.lock:
            there = self._state.runs.get(run)
            if there is not None and there.state is RunState.RUNNING:
                self._keep(replace(there, progress=progress))

    def end(
        self, run: int, state: RunState, reason: str, found: Mapping[str, object], at: datetime
    ) -> None:
        """Its outcome."""
        with self._state.lock:
            there = self._state.runs.get(run)
            free = there is not None and there.state is RunState.QUEUED
            if there is not None and (free or self._has(there)):
                self._keep(ended(there, state, reason, _plain(found), at))
            self._let_go(run)

    def put_back(self, run: int) -> None:
        """Queue it again, as if it had not been begun."""
        with self._state.lock:
            there = self._state.runs.get(run)
            if there is not None and self._has(there):
                self._keep(unbegun(there))
            self._let_go(run)

    def recover(self, at: datetime) -> tuple[Run, ...]:
        """Runs whose process died: queued again, or failed."""
        state = self._state
        with state.lock:
            running = [run for run in state.runs.values() if run.state is RunState.RUNNING]
            dead = [run for run in running if run.id not in state.run_locks]
            return tuple(self._keep(orphaned(run, at)) for run in dead)

    def get(self, run: int) -> Run | None:
        """The one of that id."""
        with self._state.lock:
            return self._state.runs.get(run)

    def latest(
        self, count: int, *, flow: Flow | None = None, subject: str | None = None
    ) -> tuple[Run, ...]:
        """The newest ones by id, newest first."""
        found = [
            run
            for run in self._all()
            if flow in (None, run.flow) and subject in (None, run.subject)
        ]
        return tuple(reversed(found))[:count]

    def last_slots(self, until: datetime | None = None) -> Mapping[tuple[Flow, str], Run]:
        """The run with the latest `due` of each flow and subject that the clock asked for."""
        clocked = [
            run
            for run in self._all()
            if run.origin is Origin.CLOCK and (until is None or run.due <= until)
        ]
        clocked.sort(key=lambda run: (run.due, run.id))
        return {(run.flow, run.subject): run for run in clocked}

    def open(self) -> tuple[Run, ...]:
        """Those that are queued or running, oldest first."""
        return tuple(run for run in self._all() if not run.is_over)

    def untold(self) -> tuple[Run, ...]:
        """Failed and missed runs that the operators have not heard of, oldest first."""
        bad = (RunState.FAILED, RunState.MISSED)
        return tuple(run for run in self._all() if run.state in bad and run.told is None)

    def tell(self, runs: Sequence[int], at: datetime) -> None:
        """The operators have heard of these."""
        with self._state.lock:
            for run in runs:
                if run in self._state.runs:
                    self._keep(replace(self._state.runs[run], told=at))

    def forget(self, before: datetime) -> int:
        """Delete final runs that ended before; how many."""
        with self._state.lock:
            everyone = self._all()
            last = {(run.flow, run.subject, run.place): run.id for run in everyone}
            stays = {*last.values(), *(run.id for run in self.last_slots().values())}
            gone = [
                run.id
                for run in everyone
                if run.is_over
                and run.flow is not Flow.SEND
                and run.id not in stays
                and (run.ended or run.created) < before
            ]
            for number in gone:
                del self._state.runs[number]
            return len(gone)

    def stop(self, at: datetime | None) -> None:
        """Whoever minded the schedule was told to stop, then; None: somebody minds it."""
        self._state.stopped = at and at.astimezone(UTC)

    def stopped(self) -> datetime | None:
        """When whoever minded the schedule was told to stop."""
        return self._state.stopped

    def die(self) -> None:
        """End as a killed process does: what it was at is for `recover` to settle."""
        with self._state.lock:
            locks = self._state.run_locks
            for run in [run for run, view in locks.items() if view == self._view]:
                del locks[run]

    close = die

    def _has(self, run: Run) -> bool:
        return run.state is RunState.RUNNING and self._held.get(run.id) == run.tries

    def _let_go(self, run: int) -> None:
        self._held.pop(run, None)
        if self._state.run_locks.get(run) == self._view:
            del self._state.run_locks[run]

    def _keep(self, run: Run) -> Run:
        kept = _in_utc(run, ("due", "created", "began", "ended", "told"))
        self._state.runs[kept.id] = kept
        return kept

    def _all(self) -> list[Run]:
        with self._state.lock:
            return list(self._state.runs.values())


class MemoryNotices:
    """Mails to one person each."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, notice: Notice, *, since: datetime, most: int) -> bool:
        """Keep it; False where `most` of its kind were kept for its address since then."""
        state = self._state
        with state.lock:
            entry = salted_hash(notice.address, state.salt)
            same = [
                there
                for hashed, there in state.notices.values()
                if hashed == entry and there.kind is notice.kind and there.created >= since
            ]
            if len(same) >= most:
                return False
            state.last_notice += 1
            kept = replace(notice, id=state.last_notice)
            state.notices[kept.id] = (entry, _in_utc(kept, ("created", "due")))
            return True

    def take(self, at: datetime) -> Notice | None:
        """The oldest one that waits and is due."""
        with self._state.lock:
            waiting = [
                (there.due, there.id)
                for _, there in self._state.notices.values()
                if there.state is NoticeState.WAITING and there.due <= at
            ]
            if not waiting:
                return None
            entry, there = self._state.notices[min(waiting)[1]]
            taken = _in_utc(tried(there, at), ("due",))
            self._state.notices[taken.id] = (entry, taken)
            return taken

    def settle(self, notice: int, state: NoticeState, said: str, due: datetime) -> None:
        """What came of a try."""
        with self._state.lock:
            entry, there = self._state.notices.get(notice, ("", None))
            if there is not None and there.state is NoticeState.WAITING:
                kept = _in_utc(settled(there, state, said, due), ("due",))
                self._state.notices[notice] = (entry, kept)

    def counts(
        self, *, since: datetime | None = None, kind: NoticeKind | None = None
    ) -> Mapping[NoticeState, int]:
        """How many are in each state, of that kind, of those kept since then."""
        with self._state.lock:
            kept = [
                there for _, there in self._state.notices.values() if kind in (None, there.kind)
            ]
        return dict(Counter(one.state for one in kept if since is None or one.created >= since))

    def oldest(self) -> datetime | None:
        """When the oldest one that waits was kept, None where none does."""
        with self._state.lock:
            kept = [there for _, there in self._state.notices.values()]
        return min((one.created for one in kept if one.state is NoticeState.WAITING), default=None)

    def forget(self, before: datetime) -> int:
        """Delete those that are sent or failed and were kept before then; how many."""
        with self._state.lock:
            gone = [
                there.id
                for _, there in self._state.notices.values()
                if there.state is not NoticeState.WAITING and there.created < before
            ]
            for number in gone:
                del self._state.notices[number]
            return len(gone)


def forget_notices(state: State, subscriber: int, entry: str) -> None:
    """Delete the notices to a person: by their id, and by the hash of their address."""
    state.notices = {
        number: (hashed, there)
        for number, (hashed, there) in state.notices.items()
        if there.kind is NoticeKind.OPERATORS
        or (there.subscriber != subscriber and hashed != entry)
    }


class MemoryTokens:
    """Who may ask for runs."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, token: AccessToken) -> AccessToken:
        """Keep it, with its id."""
        state = self._state
        with state.lock:
            if any(x.name == token.name and x.revoked is None for x in state.tokens.values()):
                raise StaleError(token_named(token.name))
            state.last_token += 1
            return self._keep(replace(token, id=state.last_token))

    def find(self, hash_: str) -> AccessToken | None:
        """The one of that hash."""
        return next((token for token in self.all() if token.hash == hash_), None)

    def all(self) -> tuple[AccessToken, ...]:
        """Every one, oldest first."""
        with self._state.lock:
            return tuple(self._state.tokens.values())

    def revoke(self, token: int, at: datetime) -> bool:
        """End it; False where it is over already."""
        with self._state.lock:
            there = self._state.tokens.get(token)
            if there is None or there.revoked is not None:
                return False
            self._keep(replace(there, revoked=at))
            return True

    def use(self, token: int, at: datetime) -> None:
        """Note that it was used."""
        with self._state.lock:
            there = self._state.tokens.get(token)
            if there is not None and (there.used is None or there.used < at):
                self._keep(replace(there, used=at))

    def _keep(self, token: AccessToken) -> AccessToken:
        kept = _in_utc(token, ("created", "expires", "revoked", "used"))
        self._state.tokens[kept.id] = kept
        return kept


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """As JSON keeps them."""
    kept: dict[str, object] = json.loads(json.dumps(values))
    return kept


def _in_utc(value: T, names: Iterable[str]) -> T:
    """With its times as a database gives them back."""
    times = {name: getattr(value, name) for name in names}
    moved: dict[str, Any] = {
        name: at.astimezone(UTC) for name, at in times.items() if isinstance(at, datetime)
    }
    return replace(value, **moved)
