"""To be told to end without being cut in two."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 0.1
"""Seconds of sleep between two looks."""


@contextmanager
def told_to_end() -> Iterator[threading.Event]:
    """Set by the first SIGINT or SIGTERM, unless the program has its own mind about it.

    The second does what it always does. In another thread than the main one nothing is ever told.
    """
    told = threading.Event()
    before: dict[int, Any] = {}  # as the library types it
    if threading.current_thread() is threading.main_thread():
        usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
        before = {number: how for number, how in usual.items() if signal.getsignal(number) is how}

    def restore() -> None:
        while before:
            signal.signal(*before.popitem())

    def tell(_number: int, _frame: object) -> None:
        told.set()
        restore()

    for number in tuple(before):
        signal.signal(number, tell)
    try:
        yield told
    finally:
        restore()


def sleep(seconds: float, told: threading.Event) -> None:
    """Sleep, in pieces: Python goes on with a sleep that a signal interrupted."""
    while not told.is_set() and seconds > 0:
        time.sleep(min(seconds, PIECE))
        seconds -= PIECE
