"""How much of a mailbox server's words is listened to, and for how long."""

from __future__ import annotations

import socket
from itertools import count

import pytest

from pipeline.mail.mailbox_bounds import ANSWER_MOST, LOOK_MOST, TAKEN_FOR, Bounds, TooMuchError
from pipeline.mail.mailbox_bounds import reader as bounded


def test_a_byte_at_a_time_does_not_hold_a_look_for_ever() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    minutes = count(0, 60)

    def now() -> float:
        theirs.send(b"x")
        return next(minutes)

    late = pytest.raises(OSError, match="not at an end after 10 minutes")
    with ours, theirs, bounded(ours, Bounds(30, now)) as reader, late:
        reader.readline()


def test_nothing_is_waited_for_longer_than_a_look_may_take() -> None:
    times = iter([0.0, 1.0, LOOK_MOST - 2.0])
    bounds = Bounds(30, times.__next__)
    assert (bounds.patience(), bounds.patience()) == (30, 2)


def test_after_some_time_nothing_new_is_begun() -> None:
    times = iter([5.0, TAKEN_FOR, TAKEN_FOR + 5])
    bounds = Bounds(30, times.__next__)
    assert (bounds.over, bounds.over) == (False, True)


def test_each_answer_may_be_long_and_none_longer() -> None:
    bounds = Bounds(30, float)
    for _ in range(3):
        bounds.asked()
        bounds.came(ANSWER_MOST)
    with pytest.raises(TooMuchError, match="more than 16 MB in one answer"):
        bounds.came(1)
