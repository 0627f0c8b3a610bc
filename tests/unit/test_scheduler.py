"""Our trigger in APScheduler's hands: no day is lost where its own triggers lose one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.core.cadence import parse_cadence
from pipeline.core.planning import Plan
from pipeline.core.run import Flow
from pipeline.scheduler import LOOKS, CadenceTrigger, Ticker


def trigger(cadence: str, zone: str) -> CadenceTrigger:
    plan = Plan(flow=Flow.DRAFT, subject="letter", cadence=parse_cadence(cadence))
    return CadenceTrigger(plan, ZoneInfo(zone))


def fires(cadence: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """As APScheduler asks: the last moment, and a clock a little after it."""
    ours, found = trigger(cadence, zone), list[datetime]()
    at = ours.get_next_fire_time(None, start)
    while at is not None and at < end:
        found.append(at)
        at = ours.get_next_fire_time(at, at + timedelta(milliseconds=3))
    return found


@pytest.mark.parametrize(
    ("cadence", "zone", "start", "days"),
    [
        # The library's cron trigger skips the day after the clock went forward.
        ("daily 00:00", "Europe/Zurich", datetime(2025, 3, 20, tzinfo=UTC), 20),
        ("daily 00:30", "Africa/Cairo", datetime(2010, 8, 1, tzinfo=UTC), 70),
        # It fires twice at 02:30 when the clock goes back.
        ("daily 02:30", "Europe/Zurich", datetime(2025, 10, 20, tzinfo=UTC), 10),
        ("daily 01:45", "Australia/Lord_Howe", datetime(2025, 4, 1, tzinfo=UTC), 10),
    ],
)
def test_each_local_day_fires_once(cadence: str, zone: str, start: datetime, days: int) -> None:
    found = fires(cadence, zone, start, start + timedelta(days=days))
    local = [at.astimezone(ZoneInfo(zone)).date() for at in found]
    assert len(local) == days
    assert local == [local[0] + timedelta(days=number) for number in range(days)]


def test_the_first_of_each_month_is_there_in_april() -> None:
    """The library jumped from 1 March to 1 May 2024."""
    found = fires(
        "day 1 00:00", "Europe/Zurich", datetime(2024, 2, 1, 12, tzinfo=UTC),
        datetime(2024, 6, 2, tzinfo=UTC),
    )  # fmt: skip
    assert [at.astimezone(ZoneInfo("Europe/Zurich")).month for at in found] == [3, 4, 5, 6]


def test_a_ticker_looks_at_once_and_hears_of_what_a_look_raised() -> None:
    from threading import Event

    looked, heard, words = Event(), Event(), list[str]()

    def look() -> None:
        looked.set()
        raise RuntimeError("the database is gone")

    def trouble(said: str) -> None:
        words.append(said)
        heard.set()

    ticker = Ticker(look, seconds=3600, trouble=trouble)
    ticker.start()
    try:
        assert looked.wait(20)
        assert heard.wait(20)
    finally:
        ticker.stop()
    assert "the database is gone" in words[0]


def test_plans_replace_each_other() -> None:
    ticker = Ticker(lambda: None, seconds=3600, trouble=lambda _: None)
    zone = ZoneInfo("UTC")
    plans = [
        Plan(flow=Flow.DRAFT, subject=name, cadence=parse_cadence("daily 07:30"))
        for name in ("one", "two")
    ]
    ticker.plan(plans, zone, ())
    assert ticker.jobs() == [LOOKS, "draft one", "draft two"]
    ticker.plan(plans[:1], zone, ())
    assert ticker.jobs() == [LOOKS, "draft one"]


def test_a_look_that_plans_anew_while_the_ticker_stops_ends_and_is_the_last() -> None:
    from threading import Event, Thread

    looks, looking, stopping = list[int](), Event(), Event()

    def look() -> None:
        looks.append(1)
        looking.set()
        assert stopping.wait(20)
        for _ in range(200):
            ticker.plan((), ZoneInfo("UTC"), ())
            Event().wait(0.001)

    def stop() -> None:
        stopping.set()
        ticker.stop()

    ticker = Ticker(look, seconds=1, trouble=lambda _: None)
    ticker.start()
    assert looking.wait(20)
    going = Thread(target=stop, daemon=True)
    going.start()
    going.join(20)
    assert not going.is_alive()
    assert looks == [1]
