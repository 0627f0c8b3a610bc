"""No Ctrl-C while a process forks.

What Python runs in between (its own hooks and those of `threading`, `random`, `logging`) swallows
a KeyboardInterrupt with a traceback on the terminal, and the interrupt is lost. Blocked, it comes
a moment later, where it is understood.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold SIGINT back, here and in the children forked meanwhile, until the end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_interrupts_to_parent() -> None:
    """In a child: Ctrl-C goes to all processes at once, and the parent ends its children."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
