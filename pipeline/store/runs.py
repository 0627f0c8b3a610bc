"""Runs in the database: the port `Runs`.

Whoever is at a run holds its lock: a file beside SQLite's, an advisory lock of PostgreSQL. Both end
with their process, however it ends, and a run that is `running` and has no lock is a dead one's.
Locks are taken and freed in the transaction that changes the row, so that no one sees one without
the other. How often a run was begun tells who began it: one who was found dead, and lives, does not
write over what its successor did.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pipeline.core.run import (
    FINAL,
    Flow,
    Origin,
    Run,
    RunState,
    begun,
    ended,
    orphaned,
    unbegun,
)
from pipeline.errors import StoreError
from pipeline.store.database import Session
from pipeline.store.rows import chunks, moment, moment_or_none, seconds, seconds_or_none
from pipeline.store.tables import CLOCK_RUNS, OPEN_RUNS, RUN, SETTING, UNTOLD_RUNS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Connection, Row

    from pipeline.store.database import Database
    from pipeline.store.workers import Workers

STOPPED = "stopped"
"""The name of the setting that says since when nobody minds the schedule, as told."""

_RUNNING = RUN.c.state == RunState.RUNNING.value


class DatabaseRuns:
    """Every run, by flow and slot; for several threads. `locks` numbers workers by their run."""

    def __init__(self, database: Database, locks: Workers) -> None:
        self._database = database
        self._locks = locks
        self._session = Session(database)
        self._alone = Lock()
        self._held: dict[int, int] = {}  # tries by run, as it was when taken

    def add(self, run: Run) -> tuple[Run, bool]:
        """Keep it, or find the one of its flow and slot; and whether it is new."""
        same = select(RUN).where(RUN.c.flow == run.flow.value, RUN.c.slot == run.slot)
        # Nearly always it is there: each tick asks for the same again.
        with self._database.reads() as connection:
            there = connection.execute(same).first()
        if there is None:
            with self._database.writes() as connection:
                new = connection.execute(self._insert(), _row(run)).first()
                if new is not None:
                    return _run(new), True
                there = connection.execute(same).one()  # another was first, by an instant
        return _run(there), False

    def _insert(self) -> Any:
        return self._kind(RUN).on_conflict_do_nothing().returning(*RUN.c)

    def _kind(self, table: Table) -> Any:
        return (sqlite_insert if self._database.is_sqlite else postgresql_insert)(table)

    def take(self, at: datetime, flows: Collection[Flow], place: str = "") -> Run | None:
        """Begin the oldest queued run of these flows that is due: nobody else gets it."""
        query = (
            select(RUN)
            .where(
                text(OPEN_RUNS),
                RUN.c.state == RunState.QUEUED.value,
                RUN.c.flow.in_(sorted(flow.value for flow in flows)),
                RUN.c.place.in_(["", place]),
                RUN.c.due <= seconds(at),
            )
            .order_by(RUN.c.due, RUN.c.id)
            .limit(1)
        )
        held = 0
        try:
            with self._locking() as connection:
                row = connection.execute(query.with_for_update(skip_locked=True)).first()
                if row is None:
                    return None
                run = _keep(connection, begun(_run(row), at))
                self._locks.hold(connection, run.id)
                held, self._held[run.id] = run.id, run.tries
        except BaseException:
            if held:  # and not kept: nobody is at it
                with suppress(StoreError), self._locking() as connection:
                    self._release(connection, held)
                self._held.pop(held, None)
            raise
        return run

    def say(self, run: int, progress: str) -> None:
        """Keep the last line that a run said."""
        query = update(RUN).where(RUN.c.id == run, _RUNNING).values(progress=progress)
        with self._database.writes() as connection:
            connection.execute(query)

    def end(
        self, run: int, state: RunState, reason: str, found: Mapping[str, object], at: datetime
    ) -> None:
        """Its outcome."""
        with self._locking() as connection:
            there = _locked(connection, RUN.c.id == run)
            for one in there:
                if one.state is RunState.QUEUED or self._has(one):
                    _keep(connection, ended(one, state, reason, found, at))
            self._release(connection, run)
        self._held.pop(run, None)

    def put_back(self, run: int) -> None:
        """Queue it again, as if it had not been begun."""
        with self._locking() as connection:
            for one in filter(self._has, _locked(connection, RUN.c.id == run)):
                _keep(connection, unbegun(one))
            self._release(connection, run)
        self._held.pop(run, None)

    def recover(self, at: datetime) -> tuple[Run, ...]:
        """Runs whose process died: queued again, or failed at their last try."""
        with self._database.reads() as connection:
            if (
                connection.execute(select(RUN.c.id).where(text(OPEN_RUNS), _RUNNING)).first()
                is None
            ):
                return ()
        with self._locking() as connection:
            running = _locked(connection, and_(text(OPEN_RUNS), _RUNNING))
            alive = self._locks.alive(connection, [run.id for run in running])
            dead = [run for run in running if run.id not in alive]
            return tuple(_keep(connection, orphaned(run, at)) for run in dead)

    def get(self, run: int) -> Run | None:
        """The one of that id."""
        with self._database.reads() as connection:
            row = connection.execute(select(RUN).where(RUN.c.id == run)).first()
        return _run(row) if row else None

    def latest(
        self, count: int, *, flow: Flow | None = None, subject: str | None = None
    ) -> tuple[Run, ...]:
        """The newest ones by id, newest first."""
        query = select(RUN).order_by(RUN.c.id.desc()).limit(count)
        if flow is not None:
            query = query.where(RUN.c.flow == flow.value)
        if subject is not None:
            query = query.where(RUN.c.subject == subject)
        return self._found(query)

    def last_slots(self, until: datetime | None = None) -> Mapping[tuple[Flow, str], Run]:
        """The run with the latest `due` of each flow and subject that the clock asked for."""
        query = select(RUN).where(RUN.c.id.in_(_last_slots(until)))
        return {(run.flow, run.subject): run for run in self._found(query)}

    def open(self) -> tuple[Run, ...]:
        """Those that are queued or running, oldest first."""
        return self._found(select(RUN).where(text(OPEN_RUNS)).order_by(RUN.c.id))

    def untold(self) -> tuple[Run, ...]:
        """Failed and missed runs that the operators have not heard of, oldest first."""
        return self._found(select(RUN).where(text(UNTOLD_RUNS)).order_by(RUN.c.id))

    def tell(self, runs: Sequence[int], at: datetime) -> None:
        """The operators have heard of these."""
        with self._database.writes() as connection:
            for some in chunks(sorted(runs)):
                query = update(RUN).where(RUN.c.id.in_(some))
                connection.execute(query.values(told=seconds(at)))

    def forget(self, before: datetime) -> int:
        """Delete final runs that ended before; how many."""
        last = select(func.max(RUN.c.id)).group_by(RUN.c.flow, RUN.c.subject, RUN.c.place)
        query = RUN.delete().where(
            RUN.c.state.in_(sorted(FINAL)),
            RUN.c.flow != Flow.SEND.value,
            func.coalesce(RUN.c.ended, RUN.c.created) < seconds(before),
            RUN.c.id.not_in(last),
            RUN.c.id.not_in(_last_slots()),
        )
        with self._database.writes() as connection:
            return connection.execute(query).rowcount

    def stop(self, at: datetime | None) -> None:
        """Whoever minded the schedule was told to stop, then; None: somebody minds it."""
        query: Any = delete(SETTING).where(SETTING.c.name == STOPPED)
        if at is not None:
            value = {"value": repr(seconds(at))}
            query = self._kind(SETTING).values(name=STOPPED, **value)
            query = query.on_conflict_do_update(index_elements=[SETTING.c.name], set_=value)
        with self._database.writes() as connection:
            connection.execute(query)

    def stopped(self) -> datetime | None:
        """When whoever minded the schedule was told to stop."""
        query = select(SETTING.c.value).where(SETTING.c.name == STOPPED)
        with self._database.reads() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else moment(float(found))

    def close(self) -> None:
        """End: what this process is still at is for another's `recover`."""
        with self._alone:
            if self._held:
                with suppress(StoreError), self._session.reads() as connection:
                    for run in self._held:
                        self._locks.release(connection, run)
                self._held.clear()
            self._session.close()

    def _found(self, query: Any) -> tuple[Run, ...]:
        with self._database.reads() as connection:
            return tuple(map(_run, connection.execute(query)))

    @contextmanager
    def _locking(self) -> Iterator[Connection]:
        """A transaction over the connection whose locks show that this process lives.

        Where that was lost meanwhile, so were its locks: a new one goes on, and what was taken
        stays ours unless somebody found us dead.
        """
        with self._alone:
            if not self._database.is_sqlite:
                self._look()
            try:
                with self._session.writes() as connection:
                    yield connection
            except BaseException:
                # A commit that failed leaves its transaction open.
                with suppress(StoreError, *self._database.errors):
                    self._session.raw().rollback()
                raise

    def _look(self) -> None:
        try:
            with self._session.reads() as connection:
                connection.execute(select(1))
        except StoreError:
            if not self._session.is_lost:
                raise
            self._session.close()
            self._session = Session(self._database)

    def _has(self, run: Run) -> bool:
        """True where it is this process that is at it, as far as anybody knows."""
        return run.state is RunState.RUNNING and self._held.get(run.id) == run.tries

    def _release(self, connection: Connection, run: int) -> None:
        if run in self._held:
            self._locks.release(connection, run)


def _locked(connection: Connection, where: ColumnElement[bool]) -> list[Run]:
    """Runs as they are, and stay until the transaction ends."""
    query = select(RUN).where(where).order_by(RUN.c.id).with_for_update()
    return list(map(_run, connection.execute(query)))


def _last_slots(until: datetime | None = None) -> Any:
    """The ids of the latest runs of each flow and subject that the clock asked for."""
    named = (RUN.c.flow, RUN.c.subject)
    by_then = () if until is None else (RUN.c.due <= seconds(until),)
    last = (
        select(*named, func.max(RUN.c.due).label("due"))
        .where(text(CLOCK_RUNS), *by_then)
        .group_by(*named)
        .subquery()
    )
    same = and_(*(RUN.c[name] == last.c[name] for name in ("flow", "subject", "due")))
    return select(func.max(RUN.c.id)).join(last, same).where(text(CLOCK_RUNS)).group_by(*named)


def _keep(connection: Connection, run: Run) -> Run:
    """Write a run over itself, and give it as it is kept."""
    query = update(RUN).where(RUN.c.id == run.id).values(_row(run)).returning(*RUN.c)
    return _run(connection.execute(query).one())


def _row(run: Run) -> dict[str, object]:
    return {
        "flow": run.flow.value,
        "slot": run.slot,
        "subject": run.subject,
        "place": run.place,
        "origin": run.origin.value,
        "due": seconds(run.due),
        "state": run.state.value,
        "reason": run.reason,
        "progress": run.progress,
        "asked": json.dumps(dict(run.asked), ensure_ascii=False),
        "found": json.dumps(dict(run.found), ensure_ascii=False),
        "created": seconds(run.created),
        "began": seconds_or_none(run.began),
        "ended": seconds_or_none(run.ended),
        "tries": run.tries,
        "told": seconds_or_none(run.told),
    }


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(
        id=row.id,
        flow=Flow(row.flow),
        slot=row.slot,
        subject=row.subject,
        place=row.place,
        origin=Origin(row.origin),
        due=moment(row.due),
        state=RunState(row.state),
        reason=row.reason,
        progress=row.progress,
        asked=json.loads(row.asked),
        found=json.loads(row.found),
        created=moment(row.created),
        began=moment_or_none(row.began),
        ended=moment_or_none(row.ended),
        tries=row.tries,
        told=moment_or_none(row.told),
    )
