"""When a cadence is due, as a moment: local times that a clock change skips or repeats.

A time that is skipped comes at the next minute that there is, once; one that occurs twice comes at
the first. Our own arithmetic, since schedulers lose days by it (a day added as 24 hours).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.cadence import falls_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import tzinfo

    from pipeline.core.cadence import Cadence

MINUTE = timedelta(minutes=1)
YEARS_MOST = 10
"""How far ahead a run is looked for."""


class Shift(StrEnum):
    """What a clock change does to a run."""

    NONE = ""
    SKIPPED = "skipped"  # the local time does not exist on that day: it runs a little later
    REPEATED = "repeated"  # the local time occurs twice: it runs at the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run to come: `day` is the local date that it is for, `at` the moment, in UTC."""

    day: date
    at: datetime
    shift: Shift


def runs(
    cadence: Cadence, after: datetime, zone: tzinfo, holidays: Collection[date] = ()
) -> Iterator[Due]:
    """Every run after a moment (aware), in order; one a local date at most.

    Where a whole day is skipped, its run would come with that of the day after, and is left out.
    """
    last = after
    day = after.astimezone(zone).date() - timedelta(days=1)
    end = date(min(day.year + YEARS_MOST, 9998), 12, 31)
    while day <= end:
        if falls_on(cadence, day, holidays):
            due = due_on(cadence, day, zone)
            if due.at > last:
                last = due.at
                yield due
        day += timedelta(days=1)


def due_on(cadence: Cadence, day: date, zone: tzinfo) -> Due:
    """The run of a local date."""
    at, shift = moment(datetime.combine(day, cadence.at), zone)
    return Due(day=day, at=at, shift=shift)


def moment(local: datetime, zone: tzinfo) -> tuple[datetime, Shift]:
    """The moment of a local time without a zone, in UTC."""
    wanted = local
    while not _exists(wanted, zone):
        wanted += MINUTE
    first = wanted.replace(tzinfo=zone, fold=0)
    second = wanted.replace(tzinfo=zone, fold=1)
    if wanted != local:
        return first.astimezone(UTC), Shift.SKIPPED
    twice = first.utcoffset() != second.utcoffset()
    return first.astimezone(UTC), Shift.REPEATED if twice else Shift.NONE


def _exists(local: datetime, zone: tzinfo) -> bool:
    there = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) == local
