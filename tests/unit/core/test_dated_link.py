from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.core import links
from pipeline.core.dated_link import NUMBER_MOST, TOKEN_MOST, DatedLink, Purpose, read, sign

OLD, NEW = b"the key of before, long enough" * 2, b"the key of today, long enough" * 2
LINK = DatedLink(
    purpose=Purpose.CONFIRM, subscriber=70_000, at=datetime(2017, 7, 12, 9, tzinfo=UTC), mark=3
)


def test_a_token_says_what_was_signed() -> None:
    token = sign(NEW, LINK)
    assert read([NEW], Purpose.CONFIRM, token) == LINK
    assert len(token) <= TOKEN_MOST
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_token_of_the_key_before_stays_good() -> None:
    assert read([NEW, OLD], Purpose.CONFIRM, sign(OLD, LINK)) == LINK
    assert read([NEW], Purpose.CONFIRM, sign(OLD, LINK)) is None


def test_a_token_is_good_for_its_purpose_only() -> None:
    token = sign(NEW, LINK)
    assert read([NEW], Purpose.ADDRESS, token) is None
    assert all(links.read([NEW], purpose, token) is None for purpose in links.Purpose)
    other = links.sign(NEW, links.Purpose.PREFERENCES, 70_000, 3)
    assert all(read([NEW], purpose, other) is None for purpose in Purpose)


@pytest.mark.parametrize("place", range(0, 34, 3))
def test_a_token_that_was_touched_is_none(place: int) -> None:
    token = sign(NEW, LINK)
    other = "A" if token[place] != "A" else "B"
    assert read([NEW], Purpose.CONFIRM, token[:place] + other + token[place + 1 :]) is None


@pytest.mark.parametrize("text", ["", "A", "é", "=" * 8, "A" * 65, "A" * 34, "\x00", "../x"])
def test_nonsense_is_no_token(text: str) -> None:
    assert read([NEW], Purpose.CONFIRM, text) is None


def test_another_spelling_of_a_token_is_none() -> None:
    token = sign(NEW, LINK)
    assert read([NEW], Purpose.CONFIRM, f"{token}=") is None
    assert read([NEW], Purpose.CONFIRM, f"{token}\n") is None


def test_numbers_have_bounds() -> None:
    assert read([NEW], Purpose.CONFIRM, sign(NEW, replace(LINK, mark=2**48 - 1))) is not None
    for wrong in (-1, NUMBER_MOST + 1):
        with pytest.raises(ValueError, match="no number of a link"):
            sign(NEW, replace(LINK, subscriber=wrong))
