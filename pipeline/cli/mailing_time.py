"""Times for people: in the newsroom's zone, which each of them names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from datetime import tzinfo

    from pipeline.app import App


class Moment(click.ParamType[datetime]):
    """A point in time; without an offset, in the newsroom's time zone (done by `Times.meant`)."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """`2017-06-30T09:00` to a time."""
        try:
            return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r}: expected a time such as 2017-06-30T09:00", param, ctx)


@dataclass(frozen=True, slots=True)
class Times:
    """How times are told: `now` is aware, `zone` the newsroom's."""

    now: datetime
    zone: tzinfo

    def full(self, at: datetime | None) -> str:
        """`2017-06-30 09:00 CEST`; "" for none."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M %Z}" if at else ""

    def exact(self, at: datetime | None) -> str:
        """`2017-06-30 09:00:07 CEST`, for the log of a mail server beside it; "" for none."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S %Z}" if at else ""

    def short(self, at: datetime | float) -> str:
        """`09:00 CEST` where that is today, else in full; a float is seconds since the epoch."""
        there = _aware(at).astimezone(self.zone)
        today = there.date() == self.now.astimezone(self.zone).date()
        return f"{there:%H:%M %Z}" if today else self.full(there)

    def next_try(self, due: datetime | float) -> str:
        """When what is deferred goes again: never in the past."""
        at = _aware(due)
        return f"next try {self.short(at)}" if at > self.now else "due now"

    def meant(self, at: datetime | None) -> datetime | None:
        """What `--at` means, aware. Raises ConfigError where that is over."""
        if at is None:
            return None
        meant = at if at.tzinfo is not None else at.replace(tzinfo=self.zone)
        if meant <= self.now:
            raise ConfigError(
                f"--at {self.full(meant)} is in the past, it is {self.full(self.now)} now: give a "
                "time to come, or leave --at out to begin now"
            )
        return meant


def times(app: App) -> Times:
    """How this newsroom tells times, from now on. Raises ConfigError."""
    return Times(app.now(), app.zone())


def _aware(at: datetime | float) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
