"""A bound on the processor time of one piece of work, and on the memory it asks for.

Hostile Markdown can keep Python-Markdown busy for minutes (its issue 798). Processor time and not
wall time, so that a busy machine fails no honest text; a signal and not a process, so that ten
thousand honest texts pay nothing. Memory is bounded on request, for templates, where the system
does so (Linux): one may double a text forty times in no time at all.
"""

from __future__ import annotations

import resource
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

A = TypeVar("A")

SECONDS = 10.0

MEMORY = 1 << 30
"""Bytes that a template may ask for, beyond what the process has."""

CALLS = 64
"""How often the process is asked for its size: each so many pages, since asking takes 50 µs."""

_STATM = Path("/proc/self/statm")
"""Where Linux says how many pages of memory a process has, first of all."""


class ProcessorLimit:
    """The port `Bounded`: at most `seconds` of this process's time and `memory` more bytes.

    `memory` is 0 for no bound.

    Signals reach the main thread only, so elsewhere the work runs unbounded.
    """

    def __init__(self, seconds: float = SECONDS, *, memory: int = 0) -> None:
        self._seconds = seconds
        self._memory = memory
        self._most = 0
        self._calls = 0

    def __call__(self, work: Callable[[], A]) -> A:
        """The result; raises TimeoutError, and MemoryError."""
        if threading.current_thread() is not threading.main_thread():
            return work()
        before = signal.signal(signal.SIGVTALRM, self._stop)
        # It fires again and again: where a library swallows the first, the next one ends it.
        outer = signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds, 0.5)
        try:
            return self._within(work) if self._memory else work()
        finally:
            # A bound around this one goes on with what it had left.
            signal.setitimer(signal.ITIMER_VIRTUAL, *outer)
            signal.signal(signal.SIGVTALRM, before)

    def _within(self, work: Callable[[], A]) -> A:
        if not self._calls % CALLS:
            used = _used()
            self._most = used and used + self._memory
        self._calls += 1
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        tighter = any(x != resource.RLIM_INFINITY and x < self._most for x in (soft, hard))
        if tighter or not self._most:
            return work()
        resource.setrlimit(resource.RLIMIT_AS, (self._most, hard))
        try:
            return work()
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    def _stop(self, *_: object) -> NoReturn:
        raise TimeoutError(f"more than {self._seconds:g} s of processor time")


def _used() -> int:
    """Bytes of memory that this process has; 0 on a system that does not say so.

    Such a system would not keep to a bound either.
    """
    try:
        return int(_STATM.read_bytes().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
