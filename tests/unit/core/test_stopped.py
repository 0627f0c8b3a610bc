"""A service that was told to stop, told apart from one that died."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.standing import AWAY, Standing, away_since, wrong
from tests.unit.core.test_planning import newsroom

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOM = newsroom()
PATIENCE = timedelta(minutes=ROOM.schedule.build_minutes) + AWAY
BUILT = Run(
    id=1, flow=Flow.BUILD, slot="a", origin=Origin.CLOCK, due=NOW, created=NOW,
    state=RunState.DONE, tries=1,
)  # fmt: skip
SECOND = timedelta(seconds=1)


def test_it_is_no_trouble_before_a_dead_one_would_be() -> None:
    stopped = NOW + timedelta(minutes=9)
    standing = Standing(history=[BUILT], stopped=stopped)
    assert wrong(ROOM, standing, stopped + PATIENCE) == ()
    (found,) = wrong(ROOM, standing, stopped + PATIENCE + SECOND)
    assert found == "nobody is at work since 2026-03-01 12:09 UTC (told to stop): enews run"


def test_one_that_died_was_told_nothing() -> None:
    (found,) = wrong(ROOM, Standing(history=[BUILT]), NOW + PATIENCE + SECOND)
    assert found == "nobody is at work since 2026-03-01 12:00 UTC: enews run"


def test_a_stop_that_a_wrong_clock_dated_later_hides_nothing() -> None:
    ahead = Standing(history=[BUILT], stopped=NOW + timedelta(days=3650))
    assert away_since(ROOM, ahead, NOW + PATIENCE + SECOND) == NOW
