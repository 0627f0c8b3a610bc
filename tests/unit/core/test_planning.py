"""Which runs are due: after absences, changes of cadence, clock changes, and clocks that step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.cadence import parse_cadence
from pipeline.core.newsroom import Author, Newsletter, Newsroom
from pipeline.core.planning import (
    BUSY,
    FIRST_WAIT,
    FURTHER_TRIES,
    GRACE,
    Plan,
    again,
    due_runs,
    every,
    plans,
    retries,
    slot_of,
    too_late,
)
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.schedule import Late, Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.core.due import Due

ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def newsroom(cadence: str = "last working day 09:00", **changes: object) -> Newsroom:
    newsletter = Newsletter(
        key="letter",
        title="Letter",
        sender="news@example.org",
        postal_address="Geneva",
        cadence=parse_cadence(cadence),
    )
    values: dict[str, object] = {
        "title": "Newsroom",
        "base_url": "https://news.example.org",
        "timezone": "Europe/Zurich",
        "authority": "news.example.org,2016",
        "author": Author(name="Unit"),
        "kinds": {},
        "series": {},
        "newsletters": (newsletter,),
        "schedule": Schedule(backup=None, cleanup=None),
    }
    return Newsroom(**(values | changes))  # type: ignore[arg-type]


class Rows:
    """What a store does with them: one for each flow and slot."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.runs: dict[tuple[Flow, str], Run] = {}

    def look(self, now: datetime) -> list[Run]:
        wanted = plans(self.room, backup=True)
        zone = ZoneInfo(self.room.timezone)
        fresh = []
        for run in due_runs(self.room, wanted, self._last(now), zone, now):
            if (run.flow, run.slot) not in self.runs:
                kept = replace(run, id=len(self.runs) + 1)
                self.runs[(run.flow, run.slot)] = kept
                fresh.append(kept)
        return fresh

    def _last(self, now: datetime) -> dict[tuple[Flow, str], Run]:
        until = [run for run in self.runs.values() if run.due <= now + GRACE]
        ordered = sorted(until, key=lambda run: (run.due, run.id))
        return {(run.flow, run.subject): run for run in ordered}

    def queued(self) -> list[Run]:
        return [run for run in self.runs.values() if run.state is RunState.QUEUED]


def slots(found: Iterable[Run]) -> list[str]:
    return [run.slot for run in found]


def test_nothing_from_before_the_service_is_made_up_for() -> None:
    rows = Rows(newsroom())
    assert [run.state for run in rows.look(START)] == [RunState.DONE]
    assert rows.look(START + timedelta(days=3)) == []


def test_a_run_is_due_once_at_its_local_time() -> None:
    rows = Rows(newsroom())
    rows.look(START)
    due = datetime(2026, 3, 31, 7, tzinfo=UTC)
    assert rows.look(due - timedelta(seconds=1)) == []
    (run,) = rows.look(due)
    assert (run.slot, run.due, run.state) == ("letter 2026-03-31T09:00", due, RunState.QUEUED)
    assert run.asked["day"] == "2026-03-31"
    assert rows.look(due + timedelta(seconds=5)) == []
    # The clock steps back, and comes by again.
    assert rows.look(due - timedelta(hours=1)) == []
    assert rows.look(due) == []


def test_a_late_run_is_caught_up_for_the_day_it_was_for() -> None:
    rows = Rows(newsroom())
    rows.look(START)
    (run,) = rows.look(datetime(2026, 4, 1, 5, tzinfo=UTC))
    assert run.state is RunState.QUEUED
    assert run.asked["day"] == "2026-03-31"


@pytest.mark.parametrize(
    ("schedule", "hours", "words"),
    [
        (Schedule(backup=None, cleanup=None, late_hours=10), 11, "11 hours later; the limit is 10"),
        (
            Schedule(backup=None, cleanup=None, late={Flow.DRAFT: Late.SKIP}),
            1,
            "skips what is late",
        ),
    ],
)
def test_what_is_too_late_is_missed_and_says_why(
    schedule: Schedule, hours: int, words: str
) -> None:
    rows = Rows(newsroom(schedule=schedule))
    rows.look(START)
    (run,) = rows.look(datetime(2026, 3, 31, 7, tzinfo=UTC) + timedelta(hours=hours))
    assert run.state is RunState.MISSED
    assert words in run.reason
    assert rows.look(datetime(2026, 4, 2, tzinfo=UTC)) == []


def test_a_service_that_skips_what_is_late_has_a_moment_to_start() -> None:
    schedule = Schedule(backup=None, cleanup=None, late={Flow.DRAFT: Late.SKIP})
    rows = Rows(newsroom(schedule=schedule))
    rows.look(START)
    (run,) = rows.look(datetime(2026, 3, 31, 7, tzinfo=UTC) + GRACE)
    assert run.state is RunState.QUEUED


def test_of_several_missed_ones_the_newest_is_caught_up() -> None:
    rows = Rows(newsroom("daily 07:00"))
    rows.look(START)
    found = rows.look(datetime(2026, 3, 5, 8, tzinfo=UTC))
    assert [run.state for run in found] == [RunState.MISSED] * 3 + [RunState.QUEUED]
    assert slots(found)[-1] == "letter 2026-03-05T07:00"
    assert "a later draft has come due" in found[0].reason


def test_a_changed_cadence_counts_from_when_it_is_seen() -> None:
    rows = Rows(newsroom("day 15 09:00"))
    rows.look(START)
    rows.look(datetime(2026, 3, 15, 9, tzinfo=UTC))
    rows.room = newsroom("day 10 09:00")
    assert [run.state for run in rows.look(datetime(2026, 3, 20, tzinfo=UTC))] == [RunState.DONE]
    (run,) = rows.look(datetime(2026, 4, 10, 7, tzinfo=UTC))
    assert run.slot == "letter 2026-04-10T09:00"


def test_a_changed_time_zone_repeats_no_day() -> None:
    rows = Rows(newsroom("daily 09:00"))
    rows.look(START)
    rows.look(datetime(2026, 3, 2, 8, tzinfo=UTC))
    rows.room = newsroom("daily 09:00", timezone="America/New_York")
    assert rows.look(datetime(2026, 3, 2, 20, tzinfo=UTC)) == []


def test_one_look_at_a_wrong_clock_stops_no_cadence() -> None:
    rows = Rows(newsroom("every monday 09:00"))
    rows.look(START)
    assert rows.look(START + timedelta(days=3650))
    assert rows.look(START + timedelta(minutes=5)) == []
    (run,) = rows.look(datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert (run.slot, run.state) == ("letter 2026-03-02T09:00", RunState.QUEUED)
    assert rows.look(datetime(2026, 3, 2, 8, 1, tzinfo=UTC)) == []


def test_a_slot_that_is_due_later_than_now_counts_for_nothing() -> None:
    room = newsroom("every monday 09:00")
    ahead = run(Flow.DRAFT, "x", RunState.DONE, due=START + timedelta(days=3650))
    ahead = replace(ahead, asked={"cadence": "every monday 09:00"})
    last = {(Flow.DRAFT, "letter"): ahead}
    (mark,) = due_runs(room, plans(room, backup=True), last, ZURICH, START)
    assert (mark.state, mark.due) == (RunState.DONE, START)


def test_holidays_move_the_last_working_day() -> None:
    rows = Rows(newsroom(holidays=frozenset({date(2026, 3, 31)})))
    rows.look(START)
    (run,) = rows.look(datetime(2026, 3, 30, 8, tzinfo=UTC))
    assert run.slot == "letter 2026-03-30T09:00"


def test_the_ledger_of_a_server_is_not_copied() -> None:
    room = newsroom(schedule=Schedule())
    assert [plan.flow for plan in plans(room, backup=True)] == [
        Flow.DRAFT, Flow.BACKUP, Flow.CLEANUP,
    ]  # fmt: skip
    assert [plan.flow for plan in plans(room, backup=False)] == [Flow.DRAFT, Flow.CLEANUP]


@given(
    st.lists(st.integers(1, 60 * 30), min_size=1, max_size=60),
    st.sampled_from(["UTC", "Europe/Zurich", "Africa/Cairo", "Australia/Lord_Howe"]),
    st.sampled_from(["daily 00:00", "daily 02:30", "every monday 09:00", "last working day 09:00"]),
)
def test_however_often_one_looks_each_day_has_one_run(
    minutes: list[int], zone: str, cadence: str
) -> None:
    rows = Rows(newsroom(cadence, timezone=zone))
    now = datetime(2010, 8, 1, tzinfo=UTC)
    rows.look(now)
    for step in minutes:
        now += timedelta(minutes=step)
        rows.look(now)
    planned = [run for run in rows.runs.values() if "day" in run.asked]
    days = [run.asked["day"] for run in planned]
    assert len(days) == len(set(days))
    # None is left out: what the cadence names up to now is queued or missed.
    plan = Plan(flow=Flow.DRAFT, subject="letter", cadence=parse_cadence(cadence))
    wanted = {
        slot_of(plan, due)
        for due in _dues(plan, datetime(2010, 8, 1, tzinfo=UTC), now, ZoneInfo(zone))
    }
    assert {run.slot for run in planned} == wanted


def _dues(plan: Plan, after: datetime, until: datetime, zone: ZoneInfo) -> list[Due]:
    from itertools import takewhile

    from pipeline.core.planning import next_runs

    return list(takewhile(lambda due: due.at <= until, next_runs(plan, after, zone)))


def test_every_so_many_minutes_has_one_run_a_stretch() -> None:
    first = every(Flow.BUILD, 10, START, place="a1")
    assert every(Flow.BUILD, 10, START + timedelta(minutes=9), place="a1").slot == first.slot
    assert every(Flow.BUILD, 10, START + timedelta(minutes=10), place="a1").slot != first.slot
    assert every(Flow.BUILD, 10, START, place="b2").slot != first.slot
    assert first.place == "a1"


def run(flow: Flow, slot: str, state: RunState, **changes: object) -> Run:
    values: dict[str, object] = {
        "flow": flow,
        "slot": slot,
        "subject": "letter",
        "origin": Origin.CLOCK,
        "due": START,
        "state": state,
        "created": START,
    }
    return Run(**(values | changes))  # type: ignore[arg-type]


BUILD = run(Flow.BUILD, "change", RunState.DONE, id=9)
DRAFT = run(Flow.DRAFT, "letter 2026-03-01T09:00", RunState.FAILED, id=1, asked={"day": "d"})


def test_what_failed_by_its_content_is_tried_again_when_that_changed() -> None:
    (found,) = again([DRAFT], BUILD, newsroom(), START + timedelta(hours=2))
    assert (found.flow, found.slot, found.asked["day"]) == (
        Flow.DRAFT, "letter 2026-03-01T09:00 after build 9", "d",
    )  # fmt: skip
    failed = replace(found, id=10, state=RunState.FAILED)
    later = replace(BUILD, id=11)
    (third,) = again([DRAFT, failed], later, newsroom(), START + timedelta(hours=3))
    assert third.slot == "letter 2026-03-01T09:00 after build 11"
    # The limit counts from the first try.
    assert again([DRAFT, failed], later, newsroom(), START + timedelta(hours=25)) == []


def test_what_went_well_or_was_asked_for_by_hand_is_not_tried_again() -> None:
    done = run(Flow.DRAFT, "x", RunState.DONE, id=2, asked={"day": "d"})
    by_hand = replace(DRAFT, origin=Origin.EDITOR)
    told = run(Flow.SEND, "letter/2026-02 stopped", RunState.FAILED, id=3)
    for history in ([DRAFT, done], [by_hand], [told]):
        assert again(history, BUILD, newsroom(), START) == []


def test_a_day_later_the_next_draft_counts_and_not_the_one_that_failed() -> None:
    next_day = run(Flow.DRAFT, "letter 2026-03-02T09:00", RunState.DONE, id=7, asked={"day": "e"})
    history = [DRAFT, replace(next_day, tries=1)]
    assert again(history, BUILD, newsroom(), START + timedelta(hours=2)) == []
    assert retries(history, newsroom(), START + timedelta(hours=2)) == []


def test_a_passing_fault_is_tried_again_by_the_clock_after_ever_longer_waits() -> None:
    room, now = newsroom(), START
    history = [replace(DRAFT, ended=START, place="a1")]
    tried = []
    for minute in range(1, 26 * 60):
        now = START + timedelta(minutes=minute)
        found = retries(history, room, now)
        for number, fresh in enumerate(found, len(history) + 1):
            assert (fresh.asked["day"], fresh.place) == ("d", "a1")
            tried.append(minute)
            failed = replace(fresh, id=number, state=RunState.FAILED, ended=now)
            history.append(failed)
    assert tried == [20, 60, 140, 300, 620, 1260]
    assert slots(history)[1:3] == [f"{DRAFT.slot} again 1", f"{DRAFT.slot} again 2"]
    assert len({run.slot for run in history}) == FURTHER_TRIES + 1


def test_what_is_too_late_is_not_tried_again_and_an_editors_run_never_is() -> None:
    failed = replace(DRAFT, ended=START)
    assert retries([failed], newsroom(), START + FIRST_WAIT)
    assert retries([failed], newsroom(), START + timedelta(hours=25)) == []
    assert retries([replace(failed, origin=Origin.EDITOR)], newsroom(), START + FIRST_WAIT) == []
    queued = replace(failed, id=5, state=RunState.QUEUED)
    assert retries([failed, queued], newsroom(), START + FIRST_WAIT) == []


def test_a_try_after_a_build_leaves_the_clocks_tries_as_they_were() -> None:
    second = replace(DRAFT, asked={"day": "d", "again": 2}, ended=START)
    (found,) = again([second], BUILD, newsroom(), START)
    assert found.asked["again"] == 2


HOUR = timedelta(hours=1)
SKIPS = Schedule(backup=None, cleanup=None, late={Flow.DRAFT: Late.SKIP})


@pytest.mark.parametrize(
    ("flow", "schedule", "after", "words"),
    [
        (Flow.DRAFT, Schedule(), 25 * HOUR, "25 hours later; the limit is 24 hours"),
        (Flow.RELEASE, Schedule(), 25 * HOUR, "enews issue release letter/2026-02"),
        (Flow.SEND, Schedule(), 73 * HOUR, "late_hours of [sending]"),
        (Flow.SEND, Schedule(), 73 * HOUR, "enews mailing start letter/2026-02"),
        (Flow.BACKUP, Schedule(), 25 * HOUR, "by hand: enews backup"),
        (Flow.CLEANUP, Schedule(), 25 * HOUR, "nobody came to it"),
        (Flow.DRAFT, SKIPS, BUSY + timedelta(seconds=1), "draft skips what is late"),
        (Flow.DRAFT, Schedule(late_hours=0), BUSY + timedelta(seconds=1), "limit is 0 hours"),
        (Flow.DRAFT, Schedule(), 24 * HOUR, ""),
        (Flow.DRAFT, SKIPS, BUSY, ""),
        (Flow.SEND, Schedule(), 72 * HOUR, ""),
        (Flow.BUILD, Schedule(), 900 * HOUR, ""),
        (Flow.BOUNCES, Schedule(), 900 * HOUR, ""),
    ],
)
def test_a_run_that_waited_too_long_does_not_begin(
    flow: Flow, schedule: Schedule, after: timedelta, words: str
) -> None:
    queued = run(flow, "x", RunState.QUEUED, asked={"issue": "letter/2026-02"})
    found = too_late(queued, newsroom(schedule=schedule), START + after)
    assert words in found if words else found == ""


def test_what_an_editor_asked_for_is_never_too_late_nor_skipped_where_it_is_a_further_try() -> None:
    room = newsroom(schedule=SKIPS)
    asked = run(Flow.DRAFT, "x", RunState.QUEUED, origin=Origin.EDITOR)
    assert too_late(asked, room, START + 900 * HOUR) == ""
    (further,) = again([DRAFT], BUILD, room, START + 2 * HOUR)
    assert too_late(further, room, START + 5 * HOUR) == ""
    assert "25 hours later" in too_late(further, room, START + 25 * HOUR)
