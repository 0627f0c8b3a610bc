"""What a mail weighs once each subscriber's own links are in it."""

from __future__ import annotations

from pipeline.core.budget import HTML_MOST, HTML_NEAR, LINK_MOST, weight
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE


def test_tokens_weigh_what_a_real_link_weighs() -> None:
    assert weight("<p>ü</p>") == 9
    assert weight(f"{UNSUBSCRIBE} {UNSUBSCRIBE} {PREFERENCES}") == 3 * LINK_MOST + 2
    assert len(UNSUBSCRIBE) < LINK_MOST


def test_near_is_nine_tenths_of_what_gmail_shows() -> None:
    assert (HTML_MOST, HTML_NEAR) == (102_400, 92_160)
