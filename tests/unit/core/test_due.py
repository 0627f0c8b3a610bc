"""When a cadence is due: over time zones, clock changes in both directions, and odd months."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.cadence import falls_on, parse_cadence
from pipeline.core.due import Shift, due_on, runs

ZONES = (
    "UTC",
    "Europe/Zurich",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)
CADENCES = (
    "daily 00:00",
    "daily 02:30",
    "every monday 00:00",
    "first tuesday 09:00",
    "last friday 16:00",
    "last day 09:00",
    "last working day 09:00",
    "day 1 00:00",
    "day 31 23:30",
)


@pytest.mark.parametrize(
    ("cadence", "zone", "day", "utc", "shift"),
    [
        ("daily 07:30", "UTC", date(2025, 1, 5), "2025-01-05T07:30", Shift.NONE),
        ("daily 07:30", "Europe/Zurich", date(2025, 1, 5), "2025-01-05T06:30", Shift.NONE),
        # Forward: 02:00 becomes 03:00, and the next minute that there is comes once.
        ("daily 02:30", "Europe/Zurich", date(2025, 3, 30), "2025-03-30T01:00", Shift.SKIPPED),
        ("daily 02:30", "America/New_York", date(2025, 3, 9), "2025-03-09T07:00", Shift.SKIPPED),
        (
            "daily 02:15",
            "Australia/Lord_Howe",
            date(2025, 10, 5),
            "2025-10-04T15:30",
            Shift.SKIPPED,
        ),
        ("daily 00:00", "America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00", Shift.SKIPPED),
        ("daily 00:30", "Africa/Cairo", date(2025, 4, 25), "2025-04-24T22:00", Shift.SKIPPED),
        # A day that was never there: Samoa went across the date line.
        ("daily 09:00", "Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00", Shift.SKIPPED),
        # Back: the first of two.
        ("daily 02:30", "Europe/Zurich", date(2025, 10, 26), "2025-10-26T00:30", Shift.REPEATED),
        ("daily 01:30", "America/New_York", date(2025, 11, 2), "2025-11-02T05:30", Shift.REPEATED),
        ("daily 02:30", "Pacific/Chatham", date(2025, 4, 6), "2025-04-05T12:45", Shift.NONE),
        ("daily 05:45", "Asia/Kathmandu", date(2025, 4, 6), "2025-04-06T00:00", Shift.NONE),
        ("daily 00:30", "Asia/Tehran", date(2022, 3, 22), "2022-03-21T20:30", Shift.SKIPPED),
    ],
)
def test_the_moment_of_a_day(cadence: str, zone: str, day: date, utc: str, shift: Shift) -> None:
    found = due_on(parse_cadence(cadence), day, ZoneInfo(zone))
    assert found.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert found.shift is shift


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        ("every monday 09:00", [(2024, 2, 5), (2024, 2, 12), (2024, 2, 19), (2024, 2, 26)]),
        ("first tuesday 09:00", [(2024, 2, 6), (2024, 3, 5), (2024, 4, 2)]),
        ("last friday 16:00", [(2024, 2, 23), (2024, 3, 29), (2024, 4, 26)]),
        ("last day 09:00", [(2024, 2, 29), (2024, 3, 31), (2024, 4, 30)]),
        ("last working day 09:00", [(2024, 2, 29), (2024, 3, 28), (2024, 4, 30)]),
        ("day 31 09:00", [(2024, 2, 29), (2024, 3, 31), (2024, 4, 30)]),
        ("day 15 09:00", [(2024, 2, 15), (2024, 3, 15), (2024, 4, 15)]),
    ],
)
def test_days_of_months(cadence: str, days: list[tuple[int, int, int]]) -> None:
    good_friday = frozenset({date(2024, 3, 29)})
    found = runs(parse_cadence(cadence), datetime(2024, 2, 1, tzinfo=UTC), UTC, good_friday)
    assert [due.day for due in islice(found, len(days))] == [date(*day) for day in days]


def test_a_month_without_working_days_has_its_last_day() -> None:
    month = frozenset(date(2024, 2, 1) + timedelta(days=n) for n in range(29))
    cadence = parse_cadence("last working day 09:00")
    assert falls_on(cadence, date(2024, 2, 29), month)
    assert not falls_on(cadence, date(2024, 2, 28), month)


def test_a_run_of_this_very_moment_is_over() -> None:
    cadence, at = parse_cadence("daily 09:00"), datetime(2025, 1, 5, 9, tzinfo=UTC)
    assert next(runs(cadence, at, UTC)).at == at + timedelta(days=1)
    assert next(runs(cadence, at - timedelta(seconds=1), UTC)).at == at


def test_no_day_is_lost_after_the_clock_went_forward() -> None:
    zurich = ZoneInfo("Europe/Zurich")
    found = runs(parse_cadence("daily 00:00"), datetime(2025, 3, 28, tzinfo=UTC), zurich)
    assert [due.day.day for due in islice(found, 5)] == [29, 30, 31, 1, 2]


def test_a_day_that_was_never_there_has_no_run_of_its_own() -> None:
    apia = ZoneInfo("Pacific/Apia")
    found = runs(parse_cadence("daily 00:00"), datetime(2011, 12, 28, 12, tzinfo=UTC), apia)
    assert len({due.at for due in islice(found, 4)}) == 4


@given(
    st.sampled_from(CADENCES),
    st.sampled_from(ZONES),
    st.integers(min_value=946_684_800, max_value=2_114_380_800),  # 2000 to 2037
)
def test_runs_come_in_order_and_once_a_day(cadence: str, zone: str, seconds: int) -> None:
    after = datetime.fromtimestamp(seconds, UTC)
    found = list(islice(runs(parse_cadence(cadence), after, ZoneInfo(zone)), 5))
    assert len(found) == 5
    assert found[0].at > after
    for earlier, later in pairwise(found):
        assert earlier.at < later.at
        assert earlier.day < later.day
