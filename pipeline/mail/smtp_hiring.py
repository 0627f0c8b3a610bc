"""How many connections there may be, and when to try for another; no I/O.

One at first, and another for each letter that the server takes. After trouble there are fewer, and
more have to be earned; where none works, the tries are further and further apart, until the time
that they cost in vain is more than anybody wants to wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.mail.smtp_desk import Patience

PRICE_MOST = 64
"""Letters that have to be taken for another connection, after trouble with connections."""


class Hiring:
    """The count for one server; times are in seconds."""

    def __init__(self, limit: int, patience: Patience) -> None:
        self.allowed = 1  # connections
        self.worked = False  # there was a connection
        self.pipelining = True  # until a server that offers it does not keep to it
        self._limit = max(1, limit)
        self._patience = patience
        self._price = 1  # letters taken for another connection
        self._earned = 0
        self._tries = 0  # without a connection that works
        self._in_vain = 0.0  # what they took, with the pauses between

    @property
    def opening(self) -> float:
        """How long a step of the next opening may take."""
        return self._patience.opening if self.worked else self._patience.opening_first

    def answered(self) -> None:
        """The server said something of a letter."""
        self._tries, self._in_vain = 0, 0.0
        self._earned += 1
        if self._earned >= self._price and self.allowed < self._limit:
            self._earned = 0
            self.allowed += 1

    def slow_down(self, allowed: int) -> None:
        """There was trouble: no more than so many."""
        self.allowed = min(self.allowed, allowed)
        self._price = min(2 * self._price, PRICE_MOST)
        self._earned = 0

    def failed(self, took: float) -> float | None:
        """No connection works, after a try of so long: the pause until the next; None: no more."""
        patience = self._patience
        pause = min(patience.again * 2**self._tries, patience.again_most)
        self._tries += 1
        self._in_vain += took + pause
        most = patience.unreachable if self.worked else patience.unreachable_first
        return None if self._in_vain > most else pause
