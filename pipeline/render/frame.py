"""What every page of the archive shares: address, head, masthead, words; worked out once a build.

`root` leads from a page to the site's root (`../../`, "" at the root itself), so that the site
works below any address and from a disk.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from pipeline.core.issue import issues_path
from pipeline.render.dates import direction, format_day
from pipeline.render.page import Page, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from pipeline.render.site import Site

WORDS = "site/words.json"
"""The few words that are the templates' own, in one file, to be translated in one place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place on this site: its path below the root and what it is called."""

    path: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed: the path of the folder of its three formats, and its title."""

    base: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a page says of itself to machines.

    `title` is "" on the front page; `type` is Open Graph's; `image` an absolute URL, or ""; `data`
    schema.org objects; `feeds` its own, beside the one of everything; `section` the path of the
    masthead's link it belongs to; `attributes` the title's ` lang="…"` where it is not the site's.
    """

    title: str
    description: str
    type: str = "website"
    image: str = ""
    data: Sequence[Mapping[str, object]] = ()
    feeds: tuple[FeedLink, ...] = ()
    section: str = ""
    attributes: Markup = Markup()


class Frame:
    """A site with what its pages have in common."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.catalogue = site.catalogue
        self.newsroom = site.catalogue.newsroom
        self.feed = FeedLink(base="", title=self.newsroom.title)
        self._attributes: dict[str, Markup] = {}

    @cached_property
    def words(self) -> SimpleNamespace:
        """The templates' own words."""
        return SimpleNamespace(**json.loads(self.site.templates.asset(WORDS)))

    @cached_property
    def nav(self) -> tuple[Link, ...]:
        """The masthead's links: listings, themes if there are any, newsletters."""
        listings = [Link(path=f"{x.path}/", label=x.title) for x in self.newsroom.listings]
        themes = [Link(path="themes/", label=self.words.themes)] if self.catalogue.themes else []
        newsletters = [
            Link(path=issues_path(x.key), label=x.title) for x in self.newsroom.newsletters
        ]
        return (*listings, *themes, *newsletters)

    def plan(self, path: str, key: tuple[object, ...], render: Callable[[], bytes]) -> Page:
        """A page at `path` (a folder's path means its index.html).

        The key holds what the frame itself reads: the environment, and whether there are themes.
        """
        whole = key_of(self.site.environment, bool(self.catalogue.themes), path, *key)
        name = path if path and not path.endswith("/") else f"{path}index.html"
        return Page(path=name, key=whole, render=render)

    def fill(
        self, template: str, path: str, head: Head, /, *, root: str | None = None, **values: object
    ) -> bytes:
        """The bytes of the page at `path`; `root` is worked out from it where it is not given."""
        if root is None:
            root = root_of(path)
        html = self.site.templates.html(
            f"site/{template}",
            newsroom=self.newsroom,
            direction=direction(self.newsroom.language),
            words=self.words,
            nav=self.nav,
            all_feeds=(self.feed, *head.feeds),
            root=root,
            home=root or "./",
            path=path,
            canonical=self.address(path),
            head=head,
            **values,
        )
        return html.encode()

    def address(self, path: str) -> str:
        """The absolute address of a path below the root, in ASCII."""
        return self.newsroom.url(path if path.isascii() else quote(path))

    @cached_property
    def prefix(self) -> str:
        """The path of the site's root on its host, with a slash at its end."""
        return f"{urlsplit(self.newsroom.base_url).path}/"

    def day(self, day: date, lang: str) -> str:
        """A date as the newsroom writes it, in a language."""
        return format_day(day, self.newsroom.date_format, lang)

    def days(self, first: date, last: date) -> str:
        """A stretch of time, in the newsroom's language."""
        lang = self.newsroom.language
        if first == last:
            return self.day(first, lang)
        return f"{self.day(first, lang)} – {self.day(last, lang)}"

    def attributes(self, lang: str) -> Markup:
        """` lang="…" dir="…"` for a text that is not in the newsroom's language, else ""."""
        if lang not in self._attributes:
            mine = self.newsroom.language
            text = Markup()
            if lang != mine:
                text = Markup(' lang="{}"').format(lang)
                if direction(lang) != direction(mine):
                    text += Markup(' dir="{}"').format(direction(lang))
            self._attributes[lang] = text
        return self._attributes[lang]


def root_of(path: str) -> str:
    """From the page at `path` to the site's root: `../` for each folder, "" at the root."""
    return "../" * path.count("/")
