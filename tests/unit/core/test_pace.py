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


def test_per_hour_counts_what_went_before() -> None:
    pace = Pace(Sending(per_hour=100), now=0, last_hour=90)
    assert sent(pace, ["a"], 1.0).total() == 10
    assert pace.waits_for_all(1.0) == pytest.approx(36, abs=2)
    full = Pace(Sending(per_hour=100), now=0, last_hour=100)
    assert full.wait("a", 0) == pytest.approx(HOUR / 100)


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
