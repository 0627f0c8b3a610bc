"""The ticker: APScheduler calls `look` when a cadence is due, and every few seconds besides.

A tick does nothing itself: `look` keeps the runs that are due by now, and a tick that is late,
doubled or lost changes nothing. When a cadence is due is our own arithmetic (`core.due`), since the
triggers that come with APScheduler 3 lose days when clocks change.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from pipeline.core.planning import next_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date, tzinfo

    from apscheduler.events import JobExecutionEvent

    from pipeline.core.planning import Plan

LOOKS = "looks"


class CadenceTrigger(BaseTrigger):  # type: ignore[misc]  # has no types
    """Fires when a plan is due: a local time, once a local date, whatever the clock does."""

    def __init__(self, plan: Plan, zone: tzinfo, holidays: Collection[date] = ()) -> None:
        self.plan = plan
        self._zone = zone
        self._holidays = frozenset(holidays)

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The first moment after the last one, or from now on; None where there is no more."""
        after = previous_fire_time or now - timedelta(microseconds=1)
        due = next(next_runs(self.plan, after, self._zone, self._holidays), None)
        return None if due is None else due.at


class Ticker:
    """Calls `look` in a thread of its own, one call at a time; `trouble` hears what it raised."""

    def __init__(
        self, look: Callable[[], None], *, seconds: float, trouble: Callable[[str], None]
    ) -> None:
        self._look = look
        self._one = threading.Lock()
        self._over = False
        self._trouble = trouble
        # The lateness of runs is `core.planning`'s to judge: no tick is ever too late.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(self._heard, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._scheduler.add_job(
            self._tick,
            IntervalTrigger(seconds=max(1, int(seconds)), timezone=UTC),
            id=LOOKS,
            next_run_time=datetime.now(UTC),  # APScheduler's own clock
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def plan(self, wanted: Collection[Plan], zone: tzinfo, holidays: Collection[date]) -> None:
        """Tick at these cadences from now on, and at no others."""
        for job in self._scheduler.get_jobs():
            if job.id != LOOKS:
                job.remove()
        for plan in wanted:
            trigger = CadenceTrigger(plan, zone, holidays)
            name = f"{plan.flow} {plan.subject}".strip()
            self._scheduler.add_job(self._tick, trigger, id=name, replace_existing=True)

    def jobs(self) -> list[str]:
        """What it ticks for."""
        return sorted((job.id for job in self._scheduler.get_jobs()), key=lambda x: (x != LOOKS, x))

    def stop(self) -> None:
        """End; a look at work is waited for, and none begins."""
        if not self._scheduler.running:
            return
        # APScheduler waits with a lock in hand that a look may need, for `plan`.
        with self._one:
            self._over = True
            self._scheduler.shutdown(wait=False)

    def _tick(self) -> None:
        with self._one:
            if not self._over:
                self._look()

    def _heard(self, event: JobExecutionEvent) -> None:
        error = getattr(event, "exception", None)
        self._trouble(f"a tick of the schedule failed: {error!r}" if error else "a tick was missed")
