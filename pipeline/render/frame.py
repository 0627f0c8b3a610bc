"""What every page of the archive shares: address, head, masthead, words; worked out once a build.

`root` leads from a page to the site's root (`../../`, "" at the root itself), so that the site
works below any address and from a disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from pipeline.core.issue import issues_path
from pipeline.render.dates import direction, format_day_in, join_names
from pipeline.render.page import Page, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from datetime import date

    from pipeline.render.site import Site
    from pipeline.render.words import Words

WORDS = "site"
"""The part whose words the pages say."""

LOGO_HIGH, LOGO_WIDE = 56, 240
"""Pixels that the logo has in the masthead at most."""


class Link(NamedTuple):
    """A place on this site: its path below the root and what it is called."""

    path: str
    label: str


class FeedLink(NamedTuple):
    """A feed: the path of the folder of its three formats, and its title.

    `attributes` is ` lang="…" dir="…"` where the title is not in the site's language.
    """

    base: str
    title: str
    attributes: str = ""


class Logo(NamedTuple):
    """The newsroom's logo: `path` below the root, size in pixels as shown (0: unknown)."""

    path: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a page says of itself to machines.

    `title` is "" on the front page; `type` is Open Graph's; `image` an absolute URL, or ""; `data`
    a JSON-LD document; `feeds` its own, beside the one of everything; `section` the path of the
    masthead's link it belongs to; `attributes` the title's ` lang="…"` where it is not the site's.
    """

    title: str
    description: str
    type: str = "website"
    image: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    feeds: tuple[FeedLink, ...] = ()
    section: str = ""
    attributes: str = ""


class Frame:
    """A site with what its pages have in common; `address` gives a path its absolute URL."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.catalogue = site.catalogue
        self.newsroom = site.catalogue.newsroom
        # A page asks for the same few addresses several times.
        self.address: Callable[[str], str] = lru_cache(maxsize=64)(self.newsroom.url)
        self._feed = FeedLink(base="", title=self.newsroom.title)
        self._attributes: dict[str, str] = {}
        self._parts: dict[tuple[Hashable, ...], Markup] = {}
        self.logo = _logo(site)
        self._about = f"{site.environment}\x1f{bool(site.catalogue.themes)}\x1f{self.logo or ''}"

    @cached_property
    def words(self) -> Words:
        """The templates' own words. Raises RenderError."""
        return self.site.templates.words(WORDS, self.newsroom.language)

    @cached_property
    def direction(self) -> str:
        """`ltr` or `rtl`, of the newsroom's language."""
        return direction(self.newsroom.language)

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

        The key holds what the frame itself reads: the environment, whether there are themes, and
        the size of the logo.
        """
        whole = key_of(self._about, path, *key)
        name = path if path and not path.endswith("/") else f"{path}index.html"
        return Page(path=name, key=whole, render=render)

    def fill(self, template: str, path: str, root: str, head: Head, /, **values: object) -> bytes:
        """The bytes of the page at `path`, from which `root` leads to the site's root."""
        html = self.site.templates.html(
            f"site/{template}",
            newsroom=self.newsroom,
            direction=self.direction,
            words=self.words,
            root=root,
            path=path,
            canonical=self.address(path),
            head=head,
            **self.parts(path, root, head),
            **values,
        )
        return html.encode()

    def parts(self, path: str, root: str, head: Head) -> dict[str, Markup]:
        """The `links`, `masthead` and `footer` of the page at `path`, as markup."""
        return {
            "links": self._part("links.html", root, feeds=(self._feed, *head.feeds)),
            "masthead": self._part(
                "masthead.html",
                root,
                current=path if path in self._places else "",
                section=head.section,
                front=not path,
            ),
            "footer": self._part("footer.html", root),
        }

    def _part(self, template: str, root: str, **values: Hashable) -> Markup:
        """A part that many pages have in common, filled once for all of them."""
        key = (template, root, *values.values())
        if key not in self._parts:
            html = self.site.templates.html(
                f"site/{template}",
                newsroom=self.newsroom,
                words=self.words,
                nav=self.nav,
                logo=self.logo,
                root=root,
                home=root or "./",
                **values,
            )
            self._parts[key] = Markup(html)  # noqa: S704 # our own template's
        return self._parts[key]

    @cached_property
    def _places(self) -> frozenset[str]:
        return frozenset(link.path for link in self.nav)

    @cached_property
    def prefix(self) -> str:
        """The path of the site's root on its host, with a slash at its end."""
        return f"{urlsplit(self.newsroom.base_url).path}/"

    def day(self, day: date, lang: str) -> str:
        """A date as the newsroom writes it, in a language."""
        return format_day_in(day, self.newsroom.date_format, self.newsroom.language, lang)

    def days(self, first: date, last: date) -> str:
        """A stretch of time, in the newsroom's language."""
        lang = self.newsroom.language
        if first == last:
            return self.day(first, lang)
        return str(self.words.days(first=self.day(first, lang), last=self.day(last, lang)))

    def names(self, names: Sequence[str]) -> Markup:
        """Names in a row as the newsroom's language has it, each marked and turned for itself."""
        marked = [Markup('<bdi class="author">{}</bdi>').format(name) for name in names]
        return Markup(join_names(marked, self.newsroom.language))  # noqa: S704 # escaped just here

    def attributes(self, lang: str) -> str:
        """` lang="…" dir="…"` as markup, for a text not in the newsroom's language; else ""."""
        if lang not in self._attributes:
            mine = self.newsroom.language
            turned = direction(lang) != direction(mine)
            text = Markup(' lang="{}"').format(lang) if lang != mine else ""
            self._attributes[lang] = (
                Markup('{} dir="{}"').format(text, direction(lang)) if turned else text
            )
        return self._attributes[lang]


def _logo(site: Site) -> Logo | None:
    """The logo at the size at which it is shown: as it is, or made smaller, never larger."""
    logo = site.catalogue.newsroom.logo
    media = site.catalogue.media.get(logo.src) if logo else None
    if logo is None or media is None:
        return None
    share = min(1, LOGO_HIGH / max(1, media.height), LOGO_WIDE / max(1, media.width))
    return Logo(
        path=quote(media.path),
        alt=logo.alt,
        width=round(media.width * share),
        height=round(media.height * share),
    )


def root_of(path: str) -> str:
    """From the page at `path` to the site's root: `../` for each folder, "" at the root."""
    return "../" * path.count("/")
