"""Which mailings begin by themselves: after absences, changes of mind, and on new machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.issue import Lock
from pipeline.core.newsroom import Newsroom, Start
from pipeline.core.outgoing import looked, sends
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.schedule import Schedule
from tests.unit.core.test_planning import newsroom

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MARK = "letter from now on"
KNOWN = {"letter": [MARK]}
DONE, MISSED, QUEUED = RunState.DONE, RunState.MISSED, RunState.QUEUED


def lock(name: str, at: datetime) -> Lock:
    return Lock(
        id=f"letter/{name}", newsletter="letter", number=3, date=at.date(), at=at, title="T",
        subject="T", preheader="", summary="", items=(), digest="d" * 64, html_digest="",
        text_digest="", lang="en", versions=(),
    )  # fmt: skip


def manual() -> Newsroom:
    room = newsroom()
    return replace(room, newsletters=(replace(room.newsletters[0], mailing=Start.MANUAL),))


def states(found: tuple[Run, ...]) -> list[tuple[str, RunState]]:
    return [(run.slot, run.state) for run in found]


def test_at_first_sight_nothing_is_sent_that_is_released_already() -> None:
    """A new machine, and the content comes from a repository: somebody mailed it."""
    old, new = lock("2026-01", NOW - 20 * DAY), lock("2026-02", NOW - 2 * DAY)
    later = lock("2026-03", NOW + DAY)
    for before in (None, NOW - MINUTE):
        found = sends(newsroom(), [old, new, later], {}, NOW, before=before)
        assert states(found) == [
            ("letter/2026-01", DONE),
            ("letter/2026-02", DONE),
            ("letter/2026-03", DONE),
            (MARK, DONE),
        ]
        assert "released before the service was there" in found[1].reason
        assert "enews mailing start letter/2026-02" in found[1].reason


def test_a_first_look_that_died_half_way_is_a_first_look_again() -> None:
    new = lock("2026-02", NOW - 2 * DAY)
    found = sends(newsroom(), [new], {"letter": ["letter/2026-01"]}, NOW, before=None)
    assert states(found) == [("letter/2026-02", DONE), (MARK, DONE)]


def test_what_is_released_while_somebody_looks_goes_out_also_where_its_date_has_passed() -> None:
    dated = lock("2026-02", NOW - 20 * DAY)
    found = sends(newsroom(), [dated], KNOWN, NOW, before=NOW - 10 * MINUTE, place="a1")
    assert [(run.slot, run.state, run.place) for run in found] == [("letter/2026-02", QUEUED, "a1")]
    archive = lock("2025-02", NOW - 365 * DAY)
    (kept,) = sends(newsroom(), [archive], KNOWN, NOW, before=NOW - 10 * MINUTE)
    assert (kept.state, kept.place) == (DONE, "")
    assert "enews mailing start letter/2025-02" in kept.reason
    known = {"letter": [MARK, "letter/2026-02"]}
    assert sends(newsroom(), [dated], known, NOW, before=NOW - 10 * MINUTE) == ()


def test_after_a_change_of_mind_only_what_comes_then_goes_out() -> None:
    locks = [lock("2026-01", NOW - DAY), lock("2026-02", NOW)]
    found = sends(manual(), locks, KNOWN, NOW, before=NOW - MINUTE)
    assert states(found) == [("letter/2026-01", DONE), ("letter/2026-02", DONE)]
    assert "mailed by hand" in found[0].reason
    known = {"letter": [MARK, *(run.slot for run in found)]}
    fresh = lock("2026-03", NOW)
    again = sends(newsroom(), [*locks, fresh], known, NOW + MINUTE, before=NOW)
    assert states(again) == [("letter/2026-03", QUEUED)]


def test_after_an_absence_the_newest_goes_out_and_only_where_its_time_was_lately() -> None:
    locks = [lock(f"2026-0{week}", NOW - (29 - 7 * week) * DAY) for week in (1, 2, 3, 4)]
    found = sends(newsroom(), locks, KNOWN, NOW, before=NOW - 30 * DAY)
    assert states(found) == [
        ("letter/2026-01", MISSED),
        ("letter/2026-02", MISSED),
        ("letter/2026-03", MISSED),
        ("letter/2026-04", QUEUED),
    ]
    assert all(f"enews mailing start {run.slot}" in run.reason for run in found[:3])
    # Nobody knows how long nobody looked.
    assert states(sends(newsroom(), locks, KNOWN, NOW, before=None)) == states(found)
    late = sends(newsroom(), locks, KNOWN, NOW + 3 * DAY, before=NOW - 30 * DAY)
    assert {run.state for run in late} == {MISSED}


def test_of_two_that_are_lately_the_newest_and_what_is_for_later_at_its_time() -> None:
    locks = [
        lock("2026-01", NOW - 2 * DAY),
        lock("2026-02", NOW - HOUR),
        lock("2026-03", NOW + DAY),
    ]
    found = sends(newsroom(), locks, KNOWN, NOW, before=NOW - 4 * DAY)
    assert states(found) == [
        ("letter/2026-01", MISSED),
        ("letter/2026-02", QUEUED),
        ("letter/2026-03", QUEUED),
    ]
    assert "letter/2026-02 is newer" in found[0].reason


def test_where_builds_are_rare_the_time_between_two_is_no_absence() -> None:
    room = newsroom(schedule=Schedule(build_minutes=1440))
    room = replace(room, sending=replace(room.sending, late_hours=1))
    old = lock("2026-01", NOW - 2 * DAY)
    assert states(sends(room, [old], KNOWN, NOW, before=NOW - DAY)) == [(old.id, QUEUED)]
    assert states(sends(room, [old], KNOWN, NOW, before=NOW - 3 * DAY)) == [(old.id, MISSED)]


@given(
    st.lists(st.integers(-40 * 24, 48), max_size=8),
    st.none() | st.integers(0, 60 * 24),
    st.booleans(),
)
def test_each_is_judged_once_and_none_storms(
    hours: list[int], ago: int | None, first: bool
) -> None:
    locks = [lock(f"2026-{n:02}", NOW + at * HOUR) for n, at in enumerate(hours, 1)]
    before = None if ago is None else NOW - ago * HOUR
    found = sends(newsroom(), locks, {} if first else KNOWN, NOW, before=before)
    assert sorted(run.slot for run in found if run.slot != MARK) == [one.id for one in locks]
    going = {run.slot for run in found if run.state is QUEUED}
    if first:
        assert not going
    elif ago is None or ago > 72:
        assert sum(one.id in going and one.at <= NOW for one in locks) <= 1
    else:
        assert len(going) == len(locks)
    known = {"letter": [MARK, *(run.slot for run in found)]}
    assert sends(newsroom(), locks, known, NOW, before=NOW) == ()


def look(flow: Flow, state: RunState, ended: datetime | None, tries: int = 1) -> Run:
    return Run(
        flow=flow, slot="x", origin=Origin.CLOCK, due=NOW, created=NOW, state=state, ended=ended,
        tries=tries,
    )  # fmt: skip


def test_a_look_is_a_run_that_saw_what_is_released() -> None:
    good = look(Flow.BUILD, DONE, NOW - HOUR)
    others = [
        look(Flow.BUILD, RunState.FAILED, NOW),
        look(Flow.BACKUP, DONE, NOW),
        look(Flow.DRAFT, DONE, NOW, tries=0),
        look(Flow.DRAFT, MISSED, NOW),
        look(Flow.BUILD, RunState.RUNNING, None),
        look(Flow.BUILD, DONE, NOW + 3650 * DAY),
    ]
    assert looked([*others, good], NOW) == NOW - HOUR
    assert looked(others, NOW) is None
    assert looked([good, look(Flow.DRAFT, DONE, NOW)], NOW) == NOW
