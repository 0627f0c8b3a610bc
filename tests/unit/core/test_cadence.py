"""Cadences: read aloud as written, and the period that one issue covers."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.cadence import EXPECTED, ORDINALS, WEEKDAYS, Period, parse_cadence, period_of


@pytest.mark.parametrize(
    ("text", "period", "at"),
    [
        ("daily 07:30", Period.DAY, time(7, 30)),
        ("every monday 09:00", Period.WEEK, time(9)),
        ("first tuesday 09:00", Period.MONTH, time(9)),
        ("last friday 16:00", Period.MONTH, time(16)),
        ("last day 09:00", Period.MONTH, time(9)),
        ("last working day 23:59", Period.MONTH, time(23, 59)),
        ("day 15 00:00", Period.MONTH, time(0)),
        ("day 31 09:00", Period.MONTH, time(9)),
    ],
)
def test_cadences(text: str, period: Period, at: time) -> None:
    cadence = parse_cadence(text)
    assert (cadence.text, cadence.period, cadence.at) == (text, period, at)


def test_spaces_and_capitals_do_not_matter() -> None:
    assert parse_cadence("  Last  WORKING\tday 09:00 ") == parse_cadence("last working day 09:00")


@pytest.mark.parametrize("ordinal", ORDINALS)
@pytest.mark.parametrize("day", WEEKDAYS)
def test_every_weekday_of_a_month(ordinal: str, day: str) -> None:
    assert parse_cadence(f"{ordinal} {day} 09:00").period is Period.MONTH


@pytest.mark.parametrize(
    "text",
    ["", "daily", "daily 7:30", "daily 24:00", "daily 07:60", "every day 09:00", "day 0 09:00",
     "day 32 09:00", "fifth monday 09:00", "every 1 09:00", "0 9 * * 1", "monday 09:00",
     "last working friday 09:00", "daily 07:30 UTC", "first mon 09:00", "hourly", "day ١٥ 09:00"],
)  # fmt: skip
def test_what_is_no_cadence(text: str) -> None:
    with pytest.raises(ValueError, match=EXPECTED):
        parse_cadence(text)


@pytest.mark.parametrize(
    ("text", "day", "first", "last"),
    [
        ("daily 09:00", date(2017, 7, 10), date(2017, 7, 10), date(2017, 7, 10)),
        ("every friday 09:00", date(2017, 1, 1), date(2016, 12, 26), date(2017, 1, 1)),
        ("every friday 09:00", date(2017, 7, 10), date(2017, 7, 10), date(2017, 7, 16)),
        ("last day 09:00", date(2016, 2, 29), date(2016, 2, 1), date(2016, 2, 29)),
        ("day 31 09:00", date(2017, 2, 1), date(2017, 2, 1), date(2017, 2, 28)),
        ("first monday 09:00", date(2017, 12, 31), date(2017, 12, 1), date(2017, 12, 31)),
    ],
)
def test_periods(text: str, day: date, first: date, last: date) -> None:
    assert period_of(parse_cadence(text), day) == (first, last)


@given(
    st.sampled_from(["daily 09:00", "every monday 09:00", "day 15 09:00"]),
    st.dates(date(1900, 1, 8), date(2999, 12, 24)),
)
def test_periods_follow_one_another(text: str, day: date) -> None:
    cadence = parse_cadence(text)
    first, last = period_of(cadence, day)
    assert first <= day <= last
    assert period_of(cadence, first) == period_of(cadence, last) == (first, last)
    before = date.fromordinal(first.toordinal() - 1)
    assert period_of(cadence, before)[1] == before
