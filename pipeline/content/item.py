"""An item's front matter, typed: `content/items/**/YYYY-MM-DD-slug.md`."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from datetime import date, datetime, time
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.content.schema import (
    Fields,
    Report,
    item_id,
    language,
    shown,
    slug,
    web_address,
)
from pipeline.core.conflicts import alias_file
from pipeline.core.item import SKIP_ISSUES, Item, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pipeline.content.frontmatter import Document
    from pipeline.core.newsroom import Newsroom

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2})?(?:[Zz]|[+-]\d{2}:\d{2})")
STEM = re.compile(r"(?:(?P<date>\d{4}-\d{2}-\d{2})-)?(?P<slug>.+)")
ALIAS = re.compile(r"(?:/(?!\.)[\w.~-]{1,120})+/?")
ALIAS_BYTES_MOST = 500
NAMELESS = "unnamed"
YEARS = range(1900, 3000)
ROOT_FILES = frozenset({
    "404.html", "atom.xml", "feed.json", "feed.xml", "feeds.opml", "index.html", "robots.txt",
    "sitemap.xml",
})  # fmt: skip
FOLDER_FILES = frozenset({"atom.xml", "feed.json", "feed.xml", "index.html"})


class Vocabulary(NamedTuple):
    """What an item may refer to: the newsroom's keys, and the keys of its themes."""

    newsroom: Newsroom
    themes: Collection[str]


def read_item(document: Document, vocabulary: Vocabulary) -> Item:
    """The item in a file. Raises ContentError with every problem of its front matter."""
    newsroom = vocabulary.newsroom
    report = Report(document.path, document.lines)
    fields = Fields(document.data, report)
    zone = ZoneInfo(newsroom.timezone)
    # Composed: some systems take the letters of names apart.
    stem = unicodedata.normalize("NFC", posixpath.basename(document.path).removesuffix(".md"))
    named = STEM.fullmatch(stem)
    named_slug = named["slug"] if named else stem

    when = _date(fields, named["date"] if named else None, zone)
    given = fields.parsed("id", item_id)
    name = fields.parsed("slug", slug) or _from_stem(fields, "slug", slug, named_slug)
    item = Item(
        # A name that gives no slug gives no id either: one problem, not two.
        id=given or (_from_stem(fields, "id", item_id, stem) if name != NAMELESS else NAMELESS),
        title=fields.text("title", required="the headline", most=300),
        date=when,
        kind=fields.choice("kind", newsroom.kinds, "kind", required=True),
        path=f"items/{when.year}/{name}/",
        source=document.path,
        digest=document.digest,
        lang=fields.parsed("lang", language) or newsroom.language,
        summary=fields.text("summary"),
        themes=fields.choices("themes", vocabulary.themes, "theme"),
        series=fields.choice("series", newsroom.series, "series"),
        image=read_picture(fields),
        link=fields.parsed("link", web_address) or "",
        authors=fields.texts("authors"),
        updated=_moment(fields, "updated", zone),
        translations=fields.texts("translations"),
        aliases=_aliases(fields, vocabulary),
        draft=fields.boolean("draft"),
        expires=_moment(fields, "expires", zone),
        issue=fields.choice(
            "issue", [SKIP_ISSUES, *(n.key for n in newsroom.newsletters)], "newsletter"
        ),
    )
    fields.finish()
    report.raise_if_any()
    return item


def read_picture(fields: Fields) -> Picture | None:
    """The `image` of an item or a theme; `alt` is required with `src`."""
    if isinstance(given := fields.take("image"), str):
        fields.wrong("image", "expected {src: media/seoul.jpg, alt: What it shows}", shown(given))
        return None
    table = fields.table("image")
    if table is None:
        return None
    picture = Picture(
        src=posixpath.normpath(
            table.text("src", required="a file under media/, such as media/seoul.jpg") or "media"
        ),
        alt=table.text("alt", required="what the picture shows, for those who do not see it"),
        caption=table.text("caption"),
        credit=table.text("credit"),
    )
    table.finish()
    return picture


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A date (midnight in `zone`) or a date-time with offset, in `zone`. Raises ValueError."""
    wrong = ValueError(
        "a date from 1900 on such as 2017-07-10, or with time and offset: 2017-07-10T09:30+02:00"
    )
    try:
        if DATE.fullmatch(text):
            parsed = datetime.combine(date.fromisoformat(text), time(), zone)
        elif MOMENT.fullmatch(text):
            parsed = datetime.fromisoformat(text.upper()).astimezone(zone)
        else:
            raise wrong
    except (ValueError, OverflowError):
        raise wrong from None
    if parsed.year not in YEARS:
        raise wrong
    # A fixed offset, so that an item is the same value wherever it is read again.
    return datetime.fromisoformat(parsed.isoformat())


def _date(fields: Fields, named: str | None, zone: ZoneInfo) -> datetime:
    given = _moment(fields, "date", zone)
    if given is not None:
        return given
    fallback = datetime(2000, 1, 1, tzinfo=zone)
    if named is None:
        if "date" not in fields.names():
            fields.wrong("date", "required: here, or in the file's name (2017-07-10-…)")
        return fallback
    try:
        return moment(named, zone)
    except ValueError as error:
        fields.wrong("date", f"in the file's name: expected {error}", f'"{named}"')
        return fallback


def _moment(fields: Fields, key: str, zone: ZoneInfo) -> datetime | None:
    return fields.parsed(key, lambda text: moment(text, zone))


def _from_stem(fields: Fields, key: str, parse: Callable[[str], str], text: str) -> str:
    """The id or slug that the file's name gives."""
    try:
        return parse(text)
    except ValueError as error:
        if not fields.has(key):
            fields.wrong(key, f"rename the file, or give '{key}': {error}", shown(text))
        return NAMELESS


def _aliases(fields: Fields, vocabulary: Vocabulary) -> tuple[str, ...]:
    aliases = tuple(unicodedata.normalize("NFC", alias) for alias in fields.texts("aliases"))
    for alias in aliases:
        if not ALIAS.fullmatch(alias) or len(alias.encode()) > ALIAS_BYTES_MOST:
            fields.wrong("aliases", "expected paths of this site such as /old/page/", shown(alias))
        elif _is_taken(alias_file(alias).casefold(), vocabulary):
            fields.wrong("aliases", "remove it: the site itself has something there", shown(alias))
    return aliases


def _is_taken(file: str, vocabulary: Vocabulary) -> bool:
    """True where the site has a file of its own, whatever the items are."""
    newsroom = vocabulary.newsroom
    first = file.partition("/")[0]
    if first in ROOT_FILES or first in {"assets", "media"}:
        return True
    folder, _, name = file.rpartition("/")
    listings = [listing.path for listing in newsroom.listings]
    folders = {
        "themes",
        *listings,
        *(f"themes/{key}" for key in vocabulary.themes),
        *(f"series/{key}" for key in newsroom.series),
        *(f"kinds/{key}" for key in newsroom.kinds),
        *(f"issues/{newsletter.key}" for newsletter in newsroom.newsletters),
    }
    if folder in folders and name in FOLDER_FILES:
        return True
    return any(folder.startswith(f"{path}/page/") for path in listings)
