"""What is due by now gets its row, and the operators their mail. Called by the ticker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.alert import alert, alert_text
from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.planning import GRACE, MENDED, due_runs, every, plans, retries
from pipeline.core.run import Flow, Origin, Run, RunState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.app import App
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.planning import Plan
    from pipeline.scheduler import Ticker
    from pipeline.store.opening import Store

TRIED = 100
"""Runs of a flow among which is looked for one that failed."""
HISTORY = 500
"""Runs among which is looked for what the operators know already."""


class Clockwork:
    """One for the life of the service; `place` is this machine's name among several."""

    def __init__(self, app: App, newsdesk: Callable[[], Newsroom], place: str) -> None:
        self._app = app
        self._newsdesk = newsdesk
        self._place = place
        self._planned: tuple[object, ...] = ()
        self.build_at: datetime | None = None  # when content changes by itself: see `Hands`

    def look(self, store: Store) -> bool:
        """One look; True where there is something new to do. Raises StoreError."""
        now, newsroom = self._app.now(), self._newsdesk()
        runs = store.runs
        # At every look: of two services at once, the one that stays says so.
        if runs.stopped() is not None:
            runs.stop(None)
        wanted = self.plans(newsroom)
        zone = ZoneInfo(newsroom.timezone)
        due = [*due_runs(newsroom, wanted, runs.last_slots(now + GRACE), zone, now)]
        due.append(every(Flow.BUILD, newsroom.schedule.build_minutes, now, place=self._place))
        if self._app.settings.bounces_url:
            due.append(every(Flow.BOUNCES, newsroom.schedule.bounces_minutes, now))
        if self.build_at is not None and self.build_at <= now:
            due.append(
                build_run(f"content of {self.build_at:%Y-%m-%dT%H:%M:%S}Z", self._place, now)
            )
            self.build_at = None
        history = [run for flow in MENDED for run in runs.latest(TRIED, flow=flow)]
        due.extend(retries(history, newsroom, now))
        fresh = [run for run, new in map(runs.add, due) if new and not run.is_over]
        died = runs.recover(now)
        told = self._tell_operators(store, newsroom, zone, now)
        return bool(fresh or died or told)

    def plans(self, newsroom: Newsroom) -> tuple[Plan, ...]:
        """What has a cadence here."""
        return plans(newsroom, backup=not self._app.settings.database_url)

    def replan(self, ticker: Ticker) -> None:
        """Let the ticker tick at the newsroom's cadences as they are now."""
        newsroom = self._newsdesk()
        wanted = self.plans(newsroom)
        planned = (*wanted, newsroom.timezone, newsroom.holidays)
        if planned != self._planned:
            ticker.plan(wanted, ZoneInfo(newsroom.timezone), newsroom.holidays)
            self._planned = planned

    def _tell_operators(
        self, store: Store, newsroom: Newsroom, zone: ZoneInfo, now: datetime
    ) -> bool:
        untold = store.runs.untold()
        if not untold:
            return False
        found = alert(untold, store.runs.latest(HISTORY), now)
        for run, told in found.quiet:
            store.runs.tell([run.id], told)
        if not found.news:
            return False
        text = alert_text(newsroom.title, found.news, zone)
        for operator in newsroom.operators:
            store.notices.add(_notice(operator, text, now), since=now, most=len(found.news) + 1)
        store.runs.tell([run.id for run in found.news], now)
        return bool(newsroom.operators)


def _notice(operator: str, text: str, now: datetime) -> Notice:
    address = operator.rpartition("<")[2].rstrip(">").strip()
    return Notice(
        kind=NoticeKind.OPERATORS, address=address, language="en", text=text, created=now, due=now
    )


def build_run(why: str, place: str, now: datetime) -> Run:
    """A build that something here asks for."""
    return Run(
        flow=Flow.BUILD,
        slot=f"{why} @{place}",
        place=place,
        origin=Origin.CONTENT,
        due=now,
        created=now,
    )


def change_seen(store: Store, place: str, now: datetime) -> bool:
    """Content changed: a build is due, unless one waits already. False where one does."""
    waits = any(
        run.flow is Flow.BUILD and run.state is RunState.QUEUED and run.place == place
        for run in store.runs.open()
    )
    if not waits:
        # By the system's own clock, which goes on while a driven one stands still.
        store.runs.add(build_run(f"change {time.time_ns()}", place, now))
    return not waits
