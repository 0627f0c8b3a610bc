"""The order in which those of one mailing get it, where domains have limits of their own.

A list is often sorted by domain: a worker holds a few hundred rows, and of those at the front none
may go while their domain waits, though ten thousand of other domains could. So the ids are dealt
out in steps of about the golden section of their number, which spreads whatever stood together.
"""

from __future__ import annotations

from array import array
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECTION = 0.6180339887498949


def spread(ids: Iterable[int]) -> Iterator[int]:
    """Each of them once, always in the same order; eight bytes each are held."""
    all_ = array("q", ids)
    count = len(all_)
    step = max(1, round(count * SECTION))
    while gcd(step, count) > 1:
        step += 1
    return (all_[place * step % count] for place in range(count))
