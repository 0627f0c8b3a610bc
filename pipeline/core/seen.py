"""Which texts were there before: a set for a million of them in 16 to 32 MB."""

from __future__ import annotations

from array import array
from typing import Final

FIRST: Final = 1 << 12
MASK: Final = (1 << 64) - 1


class Seen:
    """Remembers 8 bytes a text: of a million, two are mistaken for one once in 37 million runs."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * FIRST))
        self._held = 0

    def __len__(self) -> int:
        return self._held

    def add(self, text: str) -> bool:
        """Remember a text; False where it was there before."""
        if 2 * self._held >= len(self._slots):
            self._grow()
        mark = (hash(text) & MASK) or 1  # 0 is a free slot
        if not self._put(mark):
            return False
        self._held += 1
        return True

    def _put(self, mark: int) -> bool:
        slots, last = self._slots, len(self._slots) - 1
        place = mark & last
        while slots[place]:
            if slots[place] == mark:
                return False
            place = (place + 1) & last
        slots[place] = mark
        return True

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(16 * len(before)))
        for mark in before:
            if mark:
                self._put(mark)
