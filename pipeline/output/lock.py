"""One writer at a time: a lock file that the system frees when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from time import sleep
from typing import TYPE_CHECKING

from pipeline.errors import LockedError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


LOOK = 0.1
"""Seconds between two tries to get the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the lock is waited for: until `stopping` is True, or so many `seconds` are over."""

    seconds: float = inf
    stopping: Callable[[], bool] = bool


@contextmanager
def writer_lock(
    path: Path,
    who: str,
    *,
    wait: bool,
    waiting: Callable[[str], None],
    patience: Patience = Patience(),  # it cannot be changed
) -> Iterator[int]:
    """Hold the lock while the block runs; gives the file system's own time in nanoseconds.

    `who` is what others are told. Where another process holds it, `waiting` is called once with its
    words, and this one waits; with `wait=False`, and at the end of its `patience`, it raises
    LockedError. Raises OutputError where the lock file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            holder = holder or "another process"
            if not wait:
                raise LockedError(f"{holder} is at work here", holder) from None
            waiting(holder)
            if not _got(descriptor, patience):
                raise LockedError(f"{holder} is at work here", holder) from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{who}\n".encode(), 0)
            began = os.fstat(descriptor).st_mtime_ns
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}") from error
        yield began
    finally:
        os.close(descriptor)


def _got(descriptor: int, patience: Patience) -> bool:
    """Wait for the lock; not in one system call, which goes on after a signal."""
    if patience.seconds == inf and patience.stopping is bool:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return True
    waited = 0.0
    while not patience.stopping() and waited < patience.seconds:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(LOOK)
            waited += LOOK
        else:
            return True
    return False
