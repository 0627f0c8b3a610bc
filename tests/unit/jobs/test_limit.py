"""A bound on processor time."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

import pytest

from pipeline.jobs.limit import ProcessorLimit


def busy() -> None:
    while True:
        pass


def stubborn() -> str:
    """Swallows the first two, as some libraries do."""
    swallowed = 0
    while swallowed < 2:
        try:
            busy()
        except TimeoutError:
            swallowed += 1
    busy()
    return "never"


def test_work_within_the_bound_gives_its_result() -> None:
    assert ProcessorLimit(5)(lambda: "done") == "done"


def test_work_beyond_the_bound_is_ended() -> None:
    with pytest.raises(TimeoutError, match=r"more than 0\.02 s of processor time"):
        ProcessorLimit(0.02)(busy)


def test_an_error_of_the_work_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        ProcessorLimit(5)(lambda: 1 // 0)


@pytest.mark.parametrize("work", [lambda: None, busy])
def test_nothing_is_left_armed(work) -> None:  # type: ignore[no-untyped-def]
    before = signal.getsignal(signal.SIGVTALRM)
    with suppress(TimeoutError):
        ProcessorLimit(0.02)(work)
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_what_swallows_the_end_is_ended_again() -> None:
    with pytest.raises(TimeoutError):
        ProcessorLimit(0.02)(stubborn)


def test_in_a_thread_there_is_no_bound_and_no_error() -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(ProcessorLimit(5)(lambda: "done")))
    thread.start()
    thread.join()
    assert found == ["done"]
