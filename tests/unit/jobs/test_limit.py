"""A bound on processor time."""

from __future__ import annotations

import resource
import signal
import sys
import threading
from contextlib import suppress
from functools import partial

import pytest

from pipeline.jobs.limit import MEMORY, ProcessorLimit


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


def test_a_bound_within_a_bound_leaves_the_outer_one_armed() -> None:
    outer, inner = ProcessorLimit(0.1), ProcessorLimit(5)

    def work() -> None:
        inner(lambda: None)
        busy()

    with pytest.raises(TimeoutError, match=r"0\.1 s"):
        outer(work)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system keeps to no such bound")
def test_memory_is_bounded_and_the_bound_is_lifted_again() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    bounded = ProcessorLimit(5, memory=MEMORY)
    with pytest.raises(MemoryError):
        bounded(partial(bytes, 2 * MEMORY))
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert bounded(lambda: len(bytes(1000))) == 1000
