"""When a notice is tried, and what is left of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.notice import (
    TRIED_FOR,
    WAITS,
    Notice,
    NoticeKind,
    NoticeState,
    next_try,
    settled,
    tried,
)

NOW = datetime(2017, 7, 12, 9, tzinfo=UTC)
NOTICE = Notice(
    kind=NoticeKind.OPERATORS, address="ann@example.org", text="ann@", created=NOW, due=NOW
)


@pytest.mark.parametrize(("tries", "wait"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3), (9, 3)])
def test_each_try_waits_longer(tries: int, wait: int) -> None:
    assert next_try(replace(NOTICE, tries=tries), NOW) == NOW + WAITS[wait]


def test_after_a_day_it_is_tried_no_more() -> None:
    last = NOW + TRIED_FOR
    assert next_try(NOTICE, last) is None
    assert next_try(NOTICE, last - timedelta(seconds=1)) is not None


def test_one_that_is_tried_comes_back_by_itself() -> None:
    first = tried(NOTICE, NOW)
    assert (first.tries, first.due) == (1, NOW + WAITS[0])
    assert tried(first, NOW).due == NOW + WAITS[1]
    assert tried(NOTICE, NOW + TRIED_FOR).due == NOW + 2 * TRIED_FOR


@pytest.mark.parametrize("state", NoticeState)
def test_one_that_is_over_names_nobody(state: NoticeState) -> None:
    found = settled(NOTICE, state, "250 ok", NOW + TRIED_FOR)
    assert (found.state, found.said, found.due) == (state, "250 ok", NOW + TRIED_FOR)
    named = (found.address, found.text)
    assert named == (("ann@example.org", "ann@") if state is NoticeState.WAITING else ("", ""))


def test_a_refusal_that_has_the_address_in_it_is_forgotten_with_it() -> None:
    said = "550 5.1.1 <Ann@example.org>: no such user"
    assert settled(NOTICE, NoticeState.FAILED, said, NOW).said == ""
    assert settled(NOTICE, NoticeState.WAITING, said, NOW).said == said
