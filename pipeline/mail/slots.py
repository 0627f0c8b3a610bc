"""Bytes with gaps: what all copies share is made once, and each copy fills the gaps in.

While a text is being worked on, a gap is a mark: NUL and a digit, which no message can hold. No
mark is white space, a dot or part of a line end, so that what is done to whole lines (folding,
stuffing dots, canonical forms) is the same before and after the gaps are filled.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NUL = b"\0"
_MARK = re.compile(rb"\0(\d)")


class Slot(IntEnum):
    """What goes into a gap: its place among the values of a copy."""

    SIGNATURES = 0  # the fields DKIM-Signature, each with its CRLF
    TO = 1  # the field To, with its CRLF
    TO_CANONICAL = 2  # the same as DKIM reads it; b"" where nothing is signed
    MESSAGE_ID = 3  # in angle brackets
    UNSUBSCRIBE = 4  # a token
    PREFERENCES = 5  # a token
    BODY_HASH = 6  # of DKIM; base64
    BOUNCE = 7  # a token; it stands in the envelope, not in a text

    @property
    def mark(self) -> bytes:
        """What stands in its place."""
        return b"\0%d" % self


class Slotted:
    """A text with gaps; about a microsecond to fill, however long it is."""

    __slots__ = ("_gaps", "_pieces")

    def __init__(self, marked: bytes) -> None:
        self._pieces = _MARK.split(marked)
        self._gaps = [(n, int(self._pieces[n])) for n in range(1, len(self._pieces), 2)]

    def pieces(self, values: Sequence[bytes]) -> list[bytes]:
        """The text with these values, by slot, in pieces; nothing is copied."""
        pieces = self._pieces.copy()
        for place, slot in self._gaps:
            pieces[place] = values[slot]
        return pieces

    def filled(self, values: Sequence[bytes]) -> bytes:
        """The same in one piece."""
        return b"".join(self.pieces(values))


def before_gaps(marked: bytes) -> tuple[bytes, bytes]:
    """What comes before the first mark, and the rest, which begins with it."""
    first = _MARK.search(marked)
    end = first.start() if first else len(marked)
    return marked[:end], marked[end:]
