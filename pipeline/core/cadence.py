"""When a newsletter is due: cadences read aloud as written, and the period that one issue covers.

`daily 07:30`, `every monday 09:00`, `first tuesday 09:00`, `last friday 16:00`, `last day 09:00`,
`last working day 09:00`, `day 15 09:00`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDINALS = ("first", "second", "third", "fourth", "last")
EXPECTED = (
    "a cadence such as 'last working day 09:00', 'every monday 09:00', 'first tuesday 09:00', "
    "'day 15 09:00' or 'daily 07:30'"
)

_DAY = "|".join(WEEKDAYS)
_PATTERN = re.compile(
    rf"(?:(?P<daily>daily)|every (?P<weekly>{_DAY})"
    rf"|(?P<nth>{'|'.join(ORDINALS)}) (?P<nth_day>{_DAY})"
    r"|(?P<last>last (?:working )?day)|day (?P<day>[1-9]|[12]\d|3[01])) "
    r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
)


class Period(StrEnum):
    """The stretch of time that has one issue."""

    DAY = "day"
    WEEK = "week"  # Monday to Sunday (ISO 8601)
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """A cadence as typed (`text`, one space between words), its period and its local time."""

    text: str
    period: Period
    at: time


def parse_cadence(text: str) -> Cadence:
    """Read a cadence; raises ValueError with what would be right."""
    words = " ".join(text.lower().split())
    match = _PATTERN.fullmatch(words)
    if match is None:
        raise ValueError(EXPECTED)
    period = Period.DAY if match["daily"] else Period.WEEK if match["weekly"] else Period.MONTH
    return Cadence(text=words, period=period, at=time(int(match["hour"]), int(match["minute"])))


def period_of(cadence: Cadence, day: date) -> tuple[date, date]:
    """First and last day of the period that `day` lies in."""
    if cadence.period is Period.DAY:
        return day, day
    if cadence.period is Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    next_month = (first + timedelta(days=31)).replace(day=1)
    return first, next_month - timedelta(days=1)
