"""The small parts of the service: bells, counted replies, moments."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from pipeline.flows.deliver import Progress
from pipeline.service.bells import Bell, Bells
from pipeline.service.delivery import Replies
from pipeline.service.hands import moment_of


def test_a_ring_wakes_every_part_once_also_one_that_was_not_waiting_yet() -> None:
    bells = Bells()
    bells.ring()
    for bell in Bell:
        thread = threading.Thread(target=bells.wait, args=(bell, 60))
        thread.start()
        thread.join(30)
        assert not thread.is_alive()


def test_the_end_wakes_who_waits() -> None:
    bells = Bells()
    thread = threading.Thread(target=lambda: bells.wait(Bell.MAILINGS, 60))
    thread.start()
    bells.end()
    thread.join(30)
    assert not thread.is_alive()
    assert bells.ended()


def test_replies_are_counted_by_what_is_new_in_each_look() -> None:
    heard: list[int] = []
    replies = Replies(heard.append)
    progress = Progress()
    progress.sent = 2
    replies(progress)
    progress.sent, progress.failed = 3, 1
    replies(progress)
    replies(Progress(deferred=1, uncertain=1))  # another mailing begins at 0
    assert heard == [250, 250, 250, 550, 450, 0]


def test_a_moment_in_the_figures_of_a_build() -> None:
    assert moment_of("2017-06-01T09:00:00+02:00") == datetime(2017, 6, 1, 7, tzinfo=UTC)
    assert moment_of("") is None
    assert moment_of(None) is None
