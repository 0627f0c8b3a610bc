"""How often a client may ask."""

from __future__ import annotations

import pytest

from pipeline.core.rate import Rate, RateLimit, household


def test_some_at_once_then_one_at_a_time() -> None:
    limit = RateLimit(Rate(most=3, seconds=10))
    assert [limit.wait("a", 0) for _ in range(3)] == [0, 0, 0]
    assert limit.wait("a", 0) == 10
    assert limit.wait("a", 4) == pytest.approx(6)
    assert limit.wait("b", 4) == 0
    assert limit.wait("a", 10) == 0
    assert limit.wait("a", 10) == pytest.approx(10)


def test_who_asked_in_vain_waits_no_longer_for_it() -> None:
    limit = RateLimit(Rate(most=1, seconds=10))
    limit.wait("a", 0)
    for at in range(1, 10):
        assert limit.wait("a", at) > 0
    assert limit.wait("a", 10) == 0


def test_a_bucket_never_holds_more_than_its_own() -> None:
    limit = RateLimit(Rate(most=2, seconds=1))
    limit.wait("a", 0)
    assert [limit.wait("a", 1000) == 0 for _ in range(3)] == [True, True, False]


def test_a_clock_that_steps_back_gives_nothing() -> None:
    limit = RateLimit(Rate(most=1, seconds=10))
    assert limit.wait("a", 100) == 0
    assert limit.wait("a", 50) > 0
    assert limit.wait("a", 110) == 0


def test_only_the_last_clients_are_remembered() -> None:
    limit = RateLimit(Rate(most=1, seconds=10), clients=3)
    for client in "abc":
        limit.wait(client, 0)
    limit.wait("a", 0)
    limit.wait("d", 0)
    assert len(limit) == 3
    assert limit.wait("a", 0) > 0
    assert limit.wait("b", 0) == 0


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("somewhere", "somewhere"),
    ],
)
def test_households(client: str, expected: str) -> None:
    assert household(client) == expected
