"""Signatures made ahead of need, in threads, while other letters are being sent.

::

    expect ──▶ prepare each, in order ──▶ threads: finish, finish …
                         └──▶ take: finished, or finished right here

An RSA signature takes 0.4 ms, more than all else of a letter, and lets other threads run meanwhile
(`cryptography` 47 and newer). What holds the interpreter is done before, so that a thread asks for
it once a letter: waiting for that costs more than it takes.

Whoever needs a letter never just waits: what no thread has begun is finished where it is needed,
and while a thread is at it, the next one is finished there. So all processors are busy, and where a
thread fails or there is none, nothing is lost but time.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.core.delivery import Claim

Work = TypeVar("Work")

THREADS_MOST = 3
"""As many sign faster than one process sends."""

JOBS_MOST = 1000
"""Those that nobody came for, or no thread came to, are forgotten then, the oldest first."""

FEW = 4
"""Claims for which no thread is started."""


class _Job(Generic[Work]):
    """One claim; whoever gets the lock finishes it, and who takes it keeps the lock."""

    __slots__ = ("claim", "done", "lock", "work")

    def __init__(self, claim: Claim, work: Work) -> None:
        self.claim = claim
        self.work = work
        self.done = False
        self.lock = Lock()


class Ahead(Generic[Work]):
    """`prepare` begins the work for a claim, `finish` ends it, in any thread, and may be repeated.

    The threads end with the work, so that nobody has to end them.
    """

    def __init__(
        self, prepare: Callable[[Claim], Work], finish: Callable[[Work], object], threads: int
    ) -> None:
        self._prepare = prepare
        self._finish = finish
        self._threads = threads
        self._lock = Lock()  # of the next two
        # Bounded by itself: what was taken before a thread came to it is in no other list.
        self._queue: deque[_Job[Work]] = deque(maxlen=JOBS_MOST)
        self._running = 0
        self._jobs: dict[int, _Job[Work]] = {}

    def expect(self, claims: Sequence[Claim]) -> None:
        """Begin with these, behind those of the calls before; never raises."""
        if not self._threads or len(claims) <= FEW:
            return
        for claim in claims:
            # Whoever needs it hears what is wrong with it.
            with suppress(Exception):
                job = self._jobs[claim.id] = _Job(claim, self._prepare(claim))
                with self._lock:
                    self._queue.append(job)
                if self._running < self._threads and len(self._queue) > FEW:
                    self._start()
        while len(self._jobs) > JOBS_MOST:
            del self._jobs[next(iter(self._jobs))]

    def take(self, claim: Claim) -> Work:
        """The work for a claim, finished, expected or not; raises what `prepare` raises."""
        job = self._jobs.pop(claim.id, None)
        if job is None or job.claim is not claim:
            work = self._prepare(claim)
            self._finish(work)
            return work
        if not job.lock.acquire(blocking=False):
            with suppress(IndexError):
                self._try(self._queue.popleft())
            job.lock.acquire()
        if not job.done:
            self._finish(job.work)
        return job.work

    def _start(self) -> None:
        with self._lock:
            self._running += 1
        try:
            Thread(target=self._run, name="letters ahead").start()
        except RuntimeError:
            # Where the system gives no thread, the work is done without.
            self._threads = 0
            with self._lock:
                self._running -= 1

    def _run(self) -> None:
        while True:
            with self._lock:
                try:
                    job = self._queue.popleft()
                except IndexError:
                    self._running -= 1
                    return
            if job.claim.id in self._jobs:  # else it was taken, or forgotten
                self._try(job)

    def _try(self, job: _Job[Work]) -> None:
        """Finish it, unless somebody else does; what fails is left to who needs it."""
        if job.lock.acquire(blocking=False):
            with suppress(Exception):
                self._finish(job.work)
                job.done = True
            job.lock.release()


def spare_processors() -> int:
    """How many threads are worth their while beside the one that sends; 0 on one processor."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        count = os.cpu_count() or 1
    return min(count - 1, THREADS_MOST)
