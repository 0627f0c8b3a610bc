"""Limits: how many mails go out in a simulated time."""

from collections import Counter

import pytest

from pipeline.core.pace import HOUR, PATIENCE_MOST, Pace, warmed_up
from pipeline.core.sending import Sending


def sent(pace: Pace, domains: list[str], until: float, step: float = 0.01) -> Counter[str]:
    """Who gets how many until a time where each of `domains` is asked for at each step."""
    found: Counter[str] = Counter()
    now = 0.0
    while now < until:
        for domain in domains:
            if not pace.wait(domain, now):
                found[domain] += 1
        now += step
    return found


def test_without_limits_nothing_waits() -> None:
    pace = Pace(Sending(), now=0)
    assert not any(pace.wait("example.org", 0.0) for _ in range(1000))


@pytest.mark.parametrize(("workers", "most"), [(1, 50), (2, 25), (10, 5)])
def test_per_second_is_shared_by_the_workers(workers: int, most: int) -> None:
    pace = Pace(Sending(per_second=5), now=0, workers=workers)
    assert sent(pace, ["a"], 10).total() == pytest.approx(most, abs=1)


def test_per_hour_lets_no_more_go_in_any_hour() -> None:
    pace = Pace(Sending(per_hour=500), now=0)
    assert sent(pace, ["a"], 3600, 1.0).total() == pytest.approx(500, abs=10)
    full = Pace(Sending(per_hour=100), now=0, last_hour=100)
    assert full.wait("a", 0) == pytest.approx(HOUR / 100)
    assert full.waits_for_all(0) == pytest.approx(36)


def test_a_mail_that_did_not_go_counts_for_no_limit() -> None:
    sending = Sending(per_second=1, per_hour=60, per_domain_per_minute=1)
    pace = Pace(sending, now=0, allowed_today=1)
    for _ in range(3):
        assert pace.wait("a", 0) == 0
        pace.put_back("a")
    pace.put_back("a")
    assert [bool(pace.wait("a", 0)) for _ in range(2)] == [False, True]


def test_room_is_what_may_go_soon() -> None:
    assert Pace(Sending(), now=0).room(0, 100, 5) == 100
    assert Pace(Sending(per_second=2), now=0).room(0, 100, 5) == 11
    assert Pace(Sending(per_hour=60, per_second=50), now=0, last_hour=60).room(0, 100, 5) == 1


def test_another_pace_goes_on_with_silences_and_domains() -> None:
    sending = Sending(per_domain_per_minute=60)
    before = Pace(sending, now=0)
    assert before.wait("busy", 0) == 0
    before.slow_down(0)
    after = Pace(sending, now=0)
    after.go_on_like(before)
    assert after.wait("busy", 0) == 2
    after.slow_down(2)
    assert after.wait("other", 2) == 4


def test_a_domain_with_a_limit_does_not_hold_up_the_others() -> None:
    pace = Pace(Sending(per_domain_per_minute=60), now=0)
    found = sent(pace, ["busy", "other"], 10)
    assert found == {"busy": 10, "other": 10}
    assert pace.waits_for_all(10) == 0
    assert pace.wait("third", 10) == 0


def test_memory_of_domains_is_bounded() -> None:
    pace = Pace(Sending(per_domain_per_minute=60), now=0)
    for number in range(25_000):
        assert pace.wait(f"{number}.example", number * 1.0) == 0
    assert len(pace._domains) <= 10_001


def test_a_server_that_asks_for_less_gets_silence_twice_as_long_each_time() -> None:
    pace = Pace(Sending(), now=0)
    now, waits = 0.0, []
    for _ in range(10):
        pace.slow_down(now)
        pace.slow_down(now)  # another connection hears the same
        waits.append(pace.wait("a", now))
        now += waits[-1]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, PATIENCE_MOST, PATIENCE_MOST]
    assert pace.wait("a", now) == 0
    pace.went_well()
    pace.slow_down(now)
    assert pace.wait("a", now) == 2


def test_warm_up_doubles_the_busiest_day_and_is_used_up() -> None:
    assert warmed_up(Sending(), [5]) is None
    assert warmed_up(Sending(warm_up=50), []) == 50
    assert warmed_up(Sending(warm_up=50), [0, 0]) == 50
    assert warmed_up(Sending(warm_up=50), [50, 100, 20]) == 200
    pace = Pace(Sending(warm_up=50), now=0, today=30, allowed_today=50)
    assert sent(pace, ["a"], 100, 0.5).total() == 20
    assert pace.wait("a", 1e6) == float("inf")
    shared = Pace(Sending(warm_up=1), now=0, allowed_today=1, workers=2)
    assert shared.wait("a", 0) == 0
