"""An item: one Markdown file, one dated piece of news, with an id that stays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SKIP_ISSUES = "skip"
"""The value of an item's `issue` that keeps it out of every newsletter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture beside a text; `src` is its path below `content/`, such as `media/seoul.jpg`."""

    src: str
    alt: str
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is known of a piece of news without its body.

    `date`, `updated` and `expires` are aware, in the newsroom's time zone; `path` is where its page
    lives below the site's root, with a trailing slash; `source` the file below `content/`; `digest`
    the SHA-256 of that file; `summary` the editor's, or else drawn from the body.
    """

    id: str
    title: str
    date: datetime
    kind: str
    path: str
    source: str
    digest: str
    lang: str
    summary: str = ""
    themes: tuple[str, ...] = ()
    series: str = ""
    image: Picture | None = None
    link: str = ""
    authors: tuple[str, ...] = ()
    updated: datetime | None = None
    translations: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    draft: bool = False
    expires: datetime | None = None
    issue: str = ""

    def __getstate__(self) -> list[object]:
        """For the cache, which reads ten thousand of them at once."""
        return [read(self) for read, _ in _SLOTS]

    def __setstate__(self, state: list[object]) -> None:
        """As the standard library would, in three quarters of the time."""
        for (_, write), value in zip(_SLOTS, state, strict=True):
            write(self, value)

    @property
    def modified(self) -> datetime:
        """When readers last had reason to look again."""
        return max(self.updated or self.date, self.date)

    def is_public(self, now: datetime) -> bool:
        """True from its date on until it expires, unless it is a draft."""
        return not self.draft and self.date <= now and (self.expires is None or now < self.expires)


_SLOTS = [
    (getattr(Item, field.name).__get__, getattr(Item, field.name).__set__) for field in fields(Item)
]


def newest_first(item: Item) -> tuple[float, str]:
    """Sort key: newest first, and by id where dates are equal, on every machine alike."""
    return -item.date.timestamp(), item.id
