"""When a newsletter is due: cadences read aloud as written, and the period that one issue covers.

`daily 07:30`, `every monday 09:00`, `first tuesday 09:00`, `last friday 16:00`, `last day 09:00`,
`last working day 09:00`, `day 15 09:00`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

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


def falls_on(cadence: Cadence, day: date, holidays: Collection[date] = ()) -> bool:
    """Whether a cadence is due on a day.

    `last working day` leaves out Saturdays, Sundays and `holidays`; `day 31` is the last day of a
    shorter month, since a month without an issue is not what anybody means by it.
    """
    match = _PATTERN.fullmatch(cadence.text)
    assert match is not None, cadence.text  # noqa: S101  # `parse_cadence` made it
    if match["daily"]:
        return True
    if match["weekly"]:
        return day.weekday() == WEEKDAYS.index(match["weekly"])
    first, last = period_of(cadence, day)
    if match["nth"]:
        return day == _nth_weekday(first, last, match["nth"], match["nth_day"])
    if match["day"]:
        return day.day == min(int(match["day"]), last.day)
    return day == (_last_working(first, last, holidays) if "working" in match["last"] else last)


def _nth_weekday(first: date, last: date, ordinal: str, weekday: str) -> date:
    number = WEEKDAYS.index(weekday)
    if ordinal == "last":
        return last - timedelta(days=(last.weekday() - number) % 7)
    weeks = ORDINALS.index(ordinal)
    return first + timedelta(days=(number - first.weekday()) % 7 + 7 * weeks)


def _last_working(first: date, last: date, holidays: Collection[date]) -> date:
    """The last day of a month on which people work; where there is none, its last day."""
    day = last
    while day >= first:
        if day.weekday() < 5 and day not in holidays:
            return day
        day -= timedelta(days=1)
    return last
