"""Why a copy is not sent after all."""

from __future__ import annotations

import pytest

from pipeline.core.subscriber import SubscriberState
from pipeline.store.withheld import withheld


@pytest.mark.parametrize(
    ("state", "reason", "subscribed", "said"),
    [
        ("active", None, True, ""),
        ("active", None, False, "left this newsletter"),
        ("active", "complaint", True, "suppressed: complaint"),
        ("unsubscribed", "hard bounce", False, "suppressed: hard bounce"),
        ("unsubscribed", None, True, "unsubscribed"),
        ("pending", None, True, "not confirmed"),
        ("suppressed", None, True, "suppressed"),
        (None, None, False, "erased"),
    ],
)
def test_the_strongest_reason_is_told(
    state: str | None, reason: str | None, subscribed: bool, said: str
) -> None:
    assert withheld(state, reason, subscribed=subscribed) == said


def test_a_pause_is_told_where_nothing_stronger_is() -> None:
    day = 1_500_000_000.0  # 14 July 2017
    assert withheld("active", None, subscribed=True, pause=day) == "pausing until 2017-07-14"
    assert withheld("active", None, subscribed=False, pause=day) == "left this newsletter"
    assert withheld("unsubscribed", None, subscribed=True, pause=day) == "unsubscribed"


@pytest.mark.parametrize("state", SubscriberState)
def test_only_the_active_are_mailed(state: SubscriberState) -> None:
    mailed = withheld(state, None, subscribed=True) == ""
    assert mailed is (state is SubscriberState.ACTIVE)
