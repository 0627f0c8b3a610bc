"""One writer at a time: a lock file that the system frees when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.errors import LockedError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def writer_lock(
    path: Path, who: str, *, wait: bool, waiting: Callable[[str], None]
) -> Iterator[int]:
    """Hold the lock while the block runs; gives the file system's own time in nanoseconds.

    `who` is what others are told. Where another process holds it, `waiting` is called once with its
    words, and this one waits, or with `wait=False` raises LockedError. Raises OutputError where the
    lock file cannot be written.
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
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{who}\n".encode(), 0)
        yield os.fstat(descriptor).st_mtime_ns
    finally:
        os.close(descriptor)
