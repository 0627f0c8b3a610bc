"""Which limit keeps a mailing waiting, and until when."""

from bisect import bisect_left

import pytest

from pipeline.core.mailing_limit import Limit, limit
from pipeline.core.pace import DAY, HOUR
from pipeline.core.sending import Sending

NOON = 17_000 * DAY + 12 * HOUR
MIDNIGHT = 17_001 * DAY


def held(sending: Sending, *times: float, left: int = 300) -> Limit | None:
    """With mails that went out at these times."""
    sorted_times = sorted(times)
    return limit(
        sending,
        lambda since: len(sorted_times) - bisect_left(sorted_times, since),
        left=left,
        at=NOON,
    )


def test_without_limits_and_without_mails_nothing_waits() -> None:
    assert held(Sending()) is None
    assert held(Sending(per_hour=10, warm_up=1), NOON, left=0) is None


def test_the_days_share_of_a_warm_up_lasts_until_midnight() -> None:
    first = [NOON - 60] * 100
    assert held(Sending(warm_up=100), *first[1:]) is None
    found = held(Sending(warm_up=100), *first)
    assert found == Limit(
        key="warm_up", words="100 today", next_=200, begins=MIDNIGHT, ends=MIDNIGHT
    )
    found = held(Sending(warm_up=100), *first, left=7)
    assert found is not None
    assert found.next_ == 7


def test_the_share_is_twice_the_busiest_day_before() -> None:
    yesterday, today = [NOON - DAY] * 150, [NOON - 60] * 200
    assert held(Sending(warm_up=100), *yesterday, *today) is None
    found = held(Sending(warm_up=100), *yesterday, *today, *[NOON - 30] * 100, left=9_000)
    assert found is not None
    assert (found.words, found.next_) == ("300 today", 600)


@pytest.mark.parametrize(
    ("sending", "key", "words", "each"),
    [
        (Sending(per_hour=100), "per_hour", "100 an hour", 36),
        (Sending(per_second=0.5), "per_second", "0.5 a second", 2),
        (Sending(per_second=0.5, per_hour=3600), "per_second", "0.5 a second", 2),
        (Sending(per_second=9, per_hour=1200), "per_hour", "1,200 an hour", 3),
        (Sending(per_second=0.5, warm_up=100), "per_second", "0.5 a second", 2),
    ],
)
def test_of_two_rates_the_slower_one_counts(
    sending: Sending, key: str, words: str, each: float
) -> None:
    assert held(sending) == Limit(
        key=key, words=words, next_=300, begins=NOON + each, ends=NOON + 300 * each
    )
