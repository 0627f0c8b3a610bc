"""Times for people."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.cli.mailing_time import Times
from pipeline.errors import ConfigError

NOW = datetime(2017, 6, 30, 7, 0, 7, tzinfo=UTC)
ZURICH = Times(NOW, ZoneInfo("Europe/Zurich"))


def test_they_are_the_newsrooms_and_say_so() -> None:
    assert ZURICH.full(NOW) == "2017-06-30 09:00 CEST"
    assert ZURICH.exact(NOW) == "2017-06-30 09:00:07 CEST"
    assert ZURICH.full(None) == ZURICH.exact(None) == ""
    assert Times(NOW, ZoneInfo("America/Sao_Paulo")).full(NOW) == "2017-06-30 04:00 -03"


def test_today_needs_no_date() -> None:
    assert ZURICH.short(NOW + timedelta(hours=2)) == "11:00 CEST"
    assert ZURICH.short((NOW + timedelta(hours=2)).timestamp()) == "11:00 CEST"
    # Another day there, though not in UTC.
    assert ZURICH.short(NOW.replace(hour=22)) == "2017-07-01 00:00 CEST"


def test_no_next_try_is_over() -> None:
    assert ZURICH.next_try(NOW + timedelta(minutes=5)) == "next try 09:05 CEST"
    assert ZURICH.next_try(NOW - timedelta(minutes=5)) == "due now"


def test_what_was_typed_is_a_time_of_the_newsroom_to_come() -> None:
    assert ZURICH.meant(None) is None
    assert ZURICH.meant(datetime(2017, 6, 30, 9, 1)) == NOW.replace(minute=1, second=0)  # noqa: DTZ001
    given = datetime(2017, 6, 30, 9, 1, tzinfo=UTC)
    assert ZURICH.meant(given) == given
    with pytest.raises(ConfigError, match="2017-06-30 09:00 CEST is in the past"):
        ZURICH.meant(datetime(2017, 6, 30, 9, 0))  # noqa: DTZ001
