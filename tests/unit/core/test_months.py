"""The same day of another month."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.core.months import months_after

ZONE = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("at", "months", "then"),
    [
        ("2017-07-05T09:30", 1, "2017-08-05T09:30"),
        ("2017-12-05T09:30", 1, "2018-01-05T09:30"),
        ("2017-11-30T09:30", 3, "2018-02-28T09:30"),
        ("2024-01-31T09:30", 1, "2024-02-29T09:30"),
        ("2017-11-15T00:00", 14, "2019-01-15T00:00"),
    ],
)
def test_a_month_that_is_too_short_ends_it(at: str, months: int, then: str) -> None:
    assert months_after(datetime.fromisoformat(at), months) == datetime.fromisoformat(then)


def test_the_local_time_stays_over_a_change_of_the_clock() -> None:
    found = months_after(datetime(2017, 10, 5, 9, tzinfo=ZONE), 1)
    assert found.isoformat() == "2017-11-05T09:00:00+01:00"
