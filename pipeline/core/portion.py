"""How many rows a worker holds.

Each time it takes some, the disk has to be waited for, so a fast one takes many. Of those it holds,
a power cut leaves uncertain whether they went; so a slow one holds few: about what goes in a
second, never much more than what goes in two.
"""

from __future__ import annotations

LEAST, MOST = 20, 400

WIDE = 200
"""The least where domains have limits of their own: while a busy one waits, others can go."""

BRIEF, LONG = 0.1, 0.4
"""Seconds that a quarter lasts: less, and the portion was small; more, and it was large."""


class Portion:
    """How many rows to hold, `size`, and how few are left when more are taken, `low`."""

    def __init__(self, least: int = LEAST) -> None:
        self.size = self._least = least
        self._took: float | None = None  # when

    @property
    def low(self) -> int:
        """When a quarter went: while hundreds are taken at once, the server has nothing to do."""
        return self.size * 3 // 4

    def took(self, now: float) -> None:
        """Some were taken, at `now` by a clock that never steps: the next may be more, or fewer."""
        if self._took is not None:
            lasted = now - self._took
            if lasted < BRIEF:
                self.size = min(MOST, self.size * 2)
            elif lasted > LONG:
                self.size = max(self._least, self.size // 2)
        self._took = now
