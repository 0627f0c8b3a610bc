"""How the threads of a service wake each other, and end."""

from __future__ import annotations

import threading
from enum import StrEnum


class Part(StrEnum):
    """What `enews run` is made of."""

    SCHEDULE = "schedule"  # ticks, and does runs
    WEB = "web"  # the site, the pages for subscribers, the API
    WORKER = "worker"  # sends mailings and notices


class Bell(StrEnum):
    """Who sleeps until there is something to do."""

    RUNS = "runs"
    MAILINGS = "mailings"
    NOTICES = "notices"


class Bells:
    """One for each who sleeps, and one for the end."""

    def __init__(self) -> None:
        self.ending = threading.Event()
        self._work = threading.Condition()
        self._rung = dict.fromkeys(Bell, False)

    def ring(self) -> None:
        """There is something to do."""
        with self._work:
            self._rung = dict.fromkeys(Bell, True)
            self._work.notify_all()

    def end(self) -> None:
        """Nothing more begins."""
        self.ending.set()
        # Not by 'ring': a signal may come while this very thread holds the lock.
        threading.Thread(target=self.ring, daemon=True).start()

    def ended(self) -> bool:
        """True once nothing more begins."""
        return self.ending.is_set()

    def wait(self, bell: Bell, seconds: float) -> None:
        """Until there is something to do, at most so long."""
        with self._work:
            if not self._rung[bell]:
                self._work.wait(seconds)
            self._rung[bell] = False
