"""How many rows are held: by how fast they go."""

import pytest

from pipeline.core.portion import BRIEF, LEAST, LONG, MOST, WIDE, Portion


def after(portion: Portion, *seconds: float) -> int:
    """The size when a quarter lasted so long, each."""
    now = 100.0
    portion.took(now)
    for lasted in seconds:
        now += lasted
        portion.took(now)
    return portion.size


def test_it_begins_small_and_grows_while_rows_go_fast() -> None:
    assert after(Portion()) == LEAST
    assert after(Portion(), BRIEF / 2, BRIEF / 2) == 4 * LEAST
    assert after(Portion(), *[BRIEF / 2] * 20) == MOST


def test_it_shrinks_when_they_become_slow_and_stays_in_between() -> None:
    fast = [BRIEF / 2] * 3
    assert after(Portion(), *fast, (BRIEF + LONG) / 2) == 8 * LEAST
    assert after(Portion(), *fast, LONG * 2) == 4 * LEAST
    assert after(Portion(), *fast, *[60.0] * 20) == LEAST


@pytest.mark.parametrize("rate", [1, 10, 30, 100, 300, 1000, 10_000])
def test_it_settles_at_about_a_second_of_rows(rate: int) -> None:
    portion, now = Portion(), 0.0
    for _ in range(50):
        portion.took(now)
        now += (portion.size - portion.low) / rate
    assert portion.size <= max(LEAST, 2 * rate)
    assert portion.size >= min(MOST, rate / 4)


def test_with_limits_of_domains_it_is_wide_from_the_start() -> None:
    assert after(Portion(WIDE), 60.0) == WIDE
