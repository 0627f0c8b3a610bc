"""Items and themes as other pages show them: a card, and a key that stands for it.

A page's key is made of the keys of its cards, so that a change to an item reaches the pages that
show what has changed, and no others. Keys are made without CLDR and without templates.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pipeline.core.issue import issue_path
from pipeline.render.dates import direction, language_name
from pipeline.render.links import srcset
from pipeline.render.markdown import shorten

if TYPE_CHECKING:
    from pipeline.core.issue import Lock
    from pipeline.core.item import Item, Picture
    from pipeline.core.theme import Theme
    from pipeline.render.frame import Frame

SUMMARY = 400
"""Characters of a summary on a card, so that a page of cards stays light."""

_SEPARATOR = "\x1e"


class Image(NamedTuple):
    """A picture for an `<img>`; `width` is 0 where the size is unknown, `srcset` may be ""."""

    src: str
    srcset: str
    width: int
    height: int
    alt: str
    caption: str
    credit: str


class IssueVersion(NamedTuple):
    """An issue in another language, whose own name is `name`; `path` is below the site's root."""

    path: str
    lang: str
    dir: str
    name: str


class Card(NamedTuple):
    """An item or a theme beside others.

    `url` is relative to the page; `day` the date in words and `date` its ISO form, "" for a
    theme; `attributes` is ` lang="…" dir="…"` and `language` the language's own name where it is
    not the newsroom's, else both are "". `versions` are the further languages of the issue that it
    announces.
    """

    title: str
    url: str
    day: str
    date: str
    kind: str
    summary: str
    picture: Image | None
    attributes: str
    language: str
    versions: tuple[IssueVersion, ...] = ()


class Cards:
    """Makes cards and their keys."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._media = frame.catalogue.media
        self._kinds = frame.newsroom.kinds
        self._sizes: dict[tuple[str, str], tuple[str, str, int, int]] = {}

    @cached_property
    def keys(self) -> dict[str, str]:
        """By the id of each public item, what stands for its card without its summary."""
        return {
            item.id: f"{item.path}\x1e{item.title}\x1e{item.date.toordinal()}\x1e{item.kind}\x1e"
            f"{item.lang}\x1e{self.picture_key(item.image) if item.image else ''}"
            for item in self._frame.catalogue.items
        }

    def key_with_summary(self, item: Item) -> str:
        """Stands for an item's card with its summary."""
        return f"{self.keys[item.id]}\x1e{item.summary}"

    def theme_key(self, theme: Theme) -> str:
        """Stands for a theme's card without its summary."""
        return _SEPARATOR.join((theme.key, theme.title, self.picture_key(theme.image)))

    def theme_key_with_summary(self, theme: Theme) -> str:
        """Stands for a theme's card with its summary."""
        return f"{self.theme_key(theme)}\x1e{theme.summary}"

    def picture_key(self, picture: Picture | None) -> str:
        """Stands for a picture with its words; "" where there is none."""
        media = self._media.get(picture.src) if picture else None
        if picture is None or media is None:
            return ""
        words = (picture.src, picture.alt, picture.caption, picture.credit, media.digest)
        return _SEPARATOR.join(words)

    def card(self, item: Item, root: str, *, summary: bool = True) -> Card:
        """An item's card on a page from which `root` leads to the site's root.

        A page whose key has `keys` instead of `key_with_summary` asks for no `summary`.
        """
        frame, lang = self._frame, item.lang
        day = item.date.date()
        return Card(
            title=item.title,
            url=root + item.path,
            day=frame.day(day, lang),
            date=day.isoformat(),
            kind=self._kinds[item.kind],
            summary=shorten(item.summary, SUMMARY) if summary else "",
            picture=self.picture(item.image, root),
            attributes=frame.attributes(lang),
            language="" if lang == frame.newsroom.language else language_name(lang),
            versions=self._issues.get(item.source, ()),
        )

    def theme_card(self, theme: Theme, root: str, *, summary: bool = True) -> Card:
        """A theme's card; the same holds for its `summary`."""
        return Card(
            title=theme.title,
            url=root + theme.path,
            day="",
            date="",
            kind=self._frame.words.theme,
            summary=shorten(theme.summary, SUMMARY) if summary else "",
            picture=self.picture(theme.image, root),
            attributes="",
            language="",
        )

    @cached_property
    def _issues(self) -> dict[str, tuple[IssueVersion, ...]]:
        """By the path of its lock, the further versions of each issue that has some."""
        return {lock.source: further_versions(lock) for lock in self._frame.site.issues}

    def picture(self, picture: Picture | None, root: str) -> Image | None:
        """A picture with its variants; None where there is none."""
        media = self._media.get(picture.src) if picture else None
        if picture is None or media is None:
            return None
        found = self._sizes.get((media.path, root))
        if found is None:
            src = root + quote(media.path)
            found = src, srcset(media, root), media.width, media.height
            self._sizes[media.path, root] = found
        src, candidates, width, height = found
        return Image(
            src=src,
            srcset=candidates,
            width=width,
            height=height,
            alt=picture.alt,
            caption=picture.caption,
            credit=picture.credit,
        )

    def address(self, picture: Picture | None) -> str:
        """A picture's absolute URL; "" where there is none."""
        if picture is None or picture.src not in self._media:
            return ""
        return self._frame.address(picture.src)


def further_versions(issue: Lock) -> tuple[IssueVersion, ...]:
    """A released issue in each of its languages but the main one."""
    return tuple(
        IssueVersion(
            path=issue_path(issue.id, version.lang),
            lang=version.lang,
            dir=direction(version.lang),
            name=language_name(version.lang),
        )
        for version in issue.versions[1:]
    )
