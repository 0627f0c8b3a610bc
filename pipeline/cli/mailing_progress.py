"""The progress of a mailing on a terminal: how many, how fast, how long still.

It is read from the ledger, so that every terminal shows the same, whoever sends.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from typing import TYPE_CHECKING, Self

import click

from pipeline.cli.mailing_output import percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.core.delivery import Tally
    from pipeline.flows.deliver import Progress

EACH = 1.0
"""The least seconds between two looks at the ledger."""

COST = 20
"""A look that took so long is not taken again for so many times as long: a million rows."""

WINDOW = 10.0
"""Seconds that the rate is taken from."""

BAR_LEAST, BAR_MOST = 6, 40
"""Characters of the bar, with its brackets."""

BETWEEN = " · "


class Watching:
    """Draws one line while a mailing runs; where it is not `shown` it is silent.

    `look` reads the tally, and words for what it waits for ("" where it does not wait); `done` says
    what became of those that were sent; `said` takes lines of their own.
    """

    def __init__(
        self,
        issue: str,
        look: Callable[[], tuple[Tally, str]],
        *,
        shown: bool,
        done: str = "sent",
        said: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issue = issue
        self._look = look
        self._shown = shown
        self._done = done
        self._said = said
        self._clock = clock
        self._next = 0.0
        self._drawn = 0  # characters of the line that stands there
        self._seen: deque[tuple[float, int]] = deque()

    def __enter__(self) -> Self:
        if self._shown:
            self._draw()
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        if self._shown:
            if kind is None:
                self._draw()
            click.echo(err=True)

    def __call__(self, progress: Progress | None = None) -> None:
        """Draw where it is time to; what this worker alone did is not shown."""
        del progress
        if self._shown and self._clock() >= self._next:
            self._draw()

    def say(self, text: str) -> None:
        """A line of its own, below the one that moves."""
        if self._shown and self._drawn:
            click.echo(err=True)
            self._drawn = 0
        self._said(text)

    def _draw(self) -> None:
        began = self._clock()
        tally, waits = self._look()
        now = self._clock()
        self._next = now + max(EACH, COST * (now - began))
        speed = self._speed(now, tally.total - tally.open)
        # A character less than there are: in the last column some terminals begin a new line.
        width = shutil.get_terminal_size().columns - 1
        text = progress_line(self._issue, tally, speed, waits, width=width, done=self._done)
        click.echo("\r" + text.ljust(min(self._drawn, width)), nl=False, err=True)
        self._drawn = len(text)

    def _speed(self, now: float, final: int) -> float:
        """How many became final in a second, lately."""
        self._seen.append((now, final))
        while len(self._seen) > 2 and now - self._seen[1][0] >= WINDOW:
            self._seen.popleft()
        began, before = self._seen[0]
        return max(final - before, 0) / (now - began) if now > began else 0.0


def progress_line(
    issue: str, tally: Tally, speed: float, waits: str, *, width: int, done: str
) -> str:
    """One line of at most `width` characters: the bar gives way first, then words."""
    final = tally.total - tally.open
    share = percent(final, tally.total).strip()
    others = {name: getattr(tally, name) for name in ("deferred", "failed", "uncertain")}
    counts = [
        f"{tally.sent:,} of {tally.total:,} {done}",
        *(f"{count:,} {name}" for name, count in others.items() if count),
    ]
    rate = [rate_words(speed)] if speed and tally.open and not waits else []
    left = [f"about {duration(tally.open / speed)} left"] if rate else []
    left = [waits] if waits else left
    for parts in (
        [issue, share, *counts, *rate, *left],
        [share, *counts, *rate, *left],
        [share, *counts, *left],
        [*counts, *left],
        [share, *counts],
        counts,
    ):
        text = BETWEEN.join(parts)
        if len(text) <= width:
            bar = _bar(final / tally.total if tally.total else 1.0, width - len(text) - 1)
            return f"{bar} {text}" if bar else text
    return text[:width]


def rate_words(speed: float) -> str:
    """How many a second, or a minute where those are few."""
    return f"{speed:,.0f}/s" if speed >= 1 else f"{60 * speed:.0f}/min"


def duration(seconds: float) -> str:
    """`40 s`, `2 min`, `3 h`."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:,.0f} h"


def _bar(share: float, room: int) -> str:
    """A bar as long as there is room; "" where there is too little."""
    if room < BAR_LEAST:
        return ""
    inside = min(room, BAR_MOST) - 2
    full = int(share * inside)
    return f"[{'#' * full}{'-' * (inside - full)}]"
