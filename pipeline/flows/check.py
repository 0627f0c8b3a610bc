"""`enews check`: every problem of every file, in one go; the output is not touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.flows.reading import read, survey
from pipeline.flows.showing import compile_site

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.flows.workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much is right: files by sort, and the items that no reader sees yet or any more."""

    items: int
    themes: int
    media: int
    drafts: int
    waiting: int
    expired: int


def check(workshop: Workshop, *, now: datetime) -> Tally:
    """Read everything as a build would. Raises ContentError or ConfigError with every problem.

    Raises RenderError for the newsroom's own interface words.
    """
    reading = read(workshop, survey(workshop))
    compile_site(workshop, reading, now=now)
    workshop.templates.check_words()
    shown = [item for item in reading.items if not item.draft]
    return Tally(
        items=len(reading.items),
        themes=len(reading.themes),
        media=len(reading.media),
        drafts=len(reading.items) - len(shown),
        waiting=sum(item.date > now for item in shown),
        expired=sum(item.expires is not None and item.expires <= now for item in shown),
    )
