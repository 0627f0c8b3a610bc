"""How many connections there may be, and when the next try is."""

from __future__ import annotations

from pipeline.mail.smtp_desk import Patience
from pipeline.mail.smtp_hiring import PRICE_MOST, Hiring

PATIENCE = Patience(again=1.0, again_most=8.0, unreachable=60.0, unreachable_first=5.0)


def test_each_letter_taken_earns_a_connection_up_to_the_limit() -> None:
    hiring = Hiring(3, PATIENCE)
    counts = []
    for _ in range(4):
        counts.append(hiring.allowed)
        hiring.answered()
    assert counts == [1, 2, 3, 3]
    assert Hiring(0, PATIENCE).allowed == 1


def test_after_trouble_connections_cost_more() -> None:
    hiring = Hiring(9, PATIENCE)
    for _ in range(8):
        hiring.answered()
    hiring.slow_down(4)
    hiring.slow_down(5)
    assert hiring.allowed == 4
    for _ in range(4):
        assert hiring.allowed == 4
        hiring.answered()
    assert hiring.allowed == 5
    for _ in range(20):
        hiring.slow_down(1)
    for _ in range(PRICE_MOST):
        assert hiring.allowed == 1
        hiring.answered()
    assert hiring.allowed == 2


def test_tries_are_further_and_further_apart() -> None:
    hiring = Hiring(1, PATIENCE)
    hiring.worked = True
    assert [hiring.failed(0.0) for _ in range(6)] == [1, 2, 4, 8, 8, 8]
    hiring.answered()
    assert hiring.failed(0.0) == 1


def test_before_there_was_any_connection_nobody_waits_for_long() -> None:
    hiring = Hiring(1, PATIENCE)
    assert hiring.opening == 20.0
    assert [hiring.failed(1.0) for _ in range(3)] == [1, 2, None]
    slow = Hiring(1, PATIENCE)
    assert slow.failed(20.0) is None
    slow.worked = True
    assert slow.opening == 60.0
    assert slow.failed(20.0) == 2
