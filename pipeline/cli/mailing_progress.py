"""The progress of a mailing on a terminal: how many, how fast, how long still."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from pipeline.core.delivery import Tally
    from pipeline.flows.deliver import Progress

EACH = 0.1
"""Seconds between two drawings."""


class Watching:
    """Draws a bar while a mailing runs; elsewhere than on a terminal it is silent."""

    def __init__(self, issue: str, tally: Tally, *, shown: bool) -> None:
        self._done = tally.total - tally.open
        self._began = self._drawn = time.monotonic()
        self._words = ""
        self._bar: ProgressBar[int] | None = None
        if shown and tally.open:
            self._bar = click.progressbar(
                length=tally.total,
                label=issue,
                show_pos=True,
                item_show_func=lambda _: self._words,
                update_min_steps=0,
            )

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.__enter__()
            self._bar.update(self._done)
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def __call__(self, progress: Progress) -> None:
        """Draw where it is time to."""
        now = time.monotonic()
        if self._bar is None or now - self._drawn < EACH:
            return
        self._drawn = now
        final = progress.sent + progress.failed + progress.uncertain
        rest = {
            "deferred": progress.deferred,
            "failed": progress.failed,
            "uncertain": progress.uncertain,
        }
        rate = f"{final / max(now - self._began, 0.001):,.0f}/s"
        self._words = " · ".join(
            [rate, *(f"{count:,} {name}" for name, count in rest.items() if count)]
        )
        self._bar.update(self._done + final - self._bar.pos, 0)
