"""A bound on the processor time of one piece of work.

Hostile Markdown can keep Python-Markdown busy for minutes (its issue 798). Processor time and not
wall time, so that a busy machine fails no honest text; a signal and not a process, so that ten
thousand honest texts pay nothing.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

A = TypeVar("A")

SECONDS = 10.0


class ProcessorLimit:
    """The port `Bounded`: at most `seconds` of this process's time.

    Signals reach the main thread only, so elsewhere the work runs unbounded.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def __call__(self, work: Callable[[], A]) -> A:
        """The result; raises TimeoutError."""
        if threading.current_thread() is not threading.main_thread():
            return work()
        before = signal.signal(signal.SIGVTALRM, self._stop)
        # It fires again and again: where a library swallows the first, the next one ends it.
        signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds, 0.5)
        try:
            return work()
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    def _stop(self, *_: object) -> NoReturn:
        raise TimeoutError(f"more than {self._seconds:g} s of processor time")
