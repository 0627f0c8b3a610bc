"""`content/newsroom.toml`, typed; every problem at once, each with its key path."""

from __future__ import annotations

import posixpath
import re
import tomllib
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.content.frontmatter import decode
from pipeline.content.newsletter import mailbox, read_newsletters
from pipeline.content.schedule import (
    read_holidays,
    read_operators,
    read_schedule,
    read_subscribing,
)
from pipeline.content.schema import Fields, Report, key, language, shown, web_address
from pipeline.content.sending import read_sending
from pipeline.content.toml_lines import key_lines
from pipeline.core.colour import HEX
from pipeline.core.item import Picture
from pipeline.core.newsroom import Author, FeedSettings, Listing, Newsroom
from pipeline.core.text import legal
from pipeline.errors import ConfigError, ContentError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FILE = "newsroom.toml"
LISTING_PATH_MOST = 200
ZONES_OF_A_MACHINE = frozenset({"Factory", "localtime", "posix", "posixrules", "right"})
BUILT = frozenset({"assets", "issues", "items", "kinds", "media", "series", "themes"})
ANSWERED = frozenset(
    {"api", "c", "healthz", "metrics", "p", "preferences", "readyz", "subscribe", "u"}
)
"""What the service answers itself, below the site's root."""
RESERVED = BUILT | ANSWERED
AUTHORITY = re.compile(
    r"[a-zA-Z0-9][a-zA-Z0-9.-]*(?:@[a-zA-Z0-9.-]+)?,"
    r"(?:19|2\d)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
)


def read_newsroom(raw: bytes) -> Newsroom:
    """The newsroom in the bytes of its file. Raises ConfigError with every problem."""
    try:
        text = decode(FILE, raw)
    except ContentError as error:
        raise _wrong(error.problems) from error
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong([_not_toml(error, text)]) from error
    report = Report(FILE, key_lines(text))
    top = Fields(data, report)
    newsroom = _newsroom(top)
    top.finish()
    if report.problems:
        raise _wrong(report.problems, newsroom)
    return newsroom


def _not_toml(error: ValueError | RecursionError, text: str) -> Problem:
    """With the line, which the library has in its message only."""
    if isinstance(error, RecursionError):
        return Problem(path=FILE, expected="not TOML: nested too deep")
    if not isinstance(error, tomllib.TOMLDecodeError):
        return Problem(path=FILE, expected="not TOML: a number is too long")
    said, _, place = str(error).partition(" (at ")
    last = text.rstrip("\n").count("\n") + 1
    found = re.match(r"line (\d+)", place)
    line = int(found[1]) if found else last if place else 0
    shown = text.split("\n")[line - 1].strip()[:60] if line else ""
    hint = "put texts in quotes, and one 'key = value' on a line"
    said = said[:1].lower() + said[1:]
    return Problem(path=FILE, line=line, found=legal(shown), expected=f"not TOML: {said}: {hint}")


def _wrong(problems: Collection[Problem], partial: Newsroom | None = None) -> ConfigError:
    usable = partial if partial is not None and partial.kinds else None
    ordered = tuple(sorted(problems))
    return ConfigError("\n".join(map(str, ordered)), ordered, partial=usable)


def _newsroom(top: Fields) -> Newsroom:
    nothing = Fields({}, Report(FILE))
    about = top.table("newsroom", required="a table [newsroom]") or nothing
    kinds = _labels(top, "kinds", required="a table [kinds] of key = label")
    author = about.table("author")
    feeds = top.table("feeds") or nothing
    newsroom = Newsroom(
        title=about.text("title", required="the newsroom's name"),
        description=about.text("description"),
        base_url=about.parsed("base_url", base_url, required="https://news.example.org") or "",
        language=about.parsed("language", language) or "en",
        timezone=about.parsed("timezone", timezone) or "UTC",
        date_format=about.parsed("date_format", date_pattern) or "",
        authority=about.parsed("authority", authority, required="news.example.org,2016") or "",
        author=_author(author) if author else Author(name=""),
        kinds=kinds,
        listings=_listings(top.tables("listings"), kinds),
        series=_labels(top, "series"),
        feeds=FeedSettings(
            limit=feeds.integer("limit", 50, most=10_000),
            full_text=feeds.boolean("full_text", default=True),
            hub=feeds.parsed("hub", web_address) or "",
        ),
        newsletters=read_newsletters(top.tables("newsletters"), kinds),
        accent=about.parsed("accent", accent) or "",
        logo=_logo(about),
        sending=read_sending(top.table("sending")),
        schedule=read_schedule(top.table("schedule")),
        subscribing=read_subscribing(top.table("subscribing")),
        operators=read_operators(about),
        holidays=read_holidays(about),
    )
    for fields in (about, feeds):
        fields.finish()
    return newsroom


def _author(fields: Fields) -> Author:
    author = Author(
        name=fields.text("name", required="who publishes"),
        email=fields.parsed("email", mailbox) or "",
    )
    fields.finish()
    return author


def _logo(about: Fields) -> Picture | None:
    """The newsroom's sign; where nobody says what it shows, it shows the newsroom's name."""
    if isinstance(given := about.take("logo"), str):
        about.wrong("logo", 'expected {src = "media/logo.png", alt = "Our name"}', shown(given))
        return None
    fields = about.table("logo")
    if fields is None:
        return None
    src = fields.text("src", required="a picture below media/, such as media/logo.png")
    alt = fields.text("alt", most=200)
    fields.finish()
    return Picture(src=posixpath.normpath(src), alt=alt or about.text("title")) if src else None


def _labels(top: Fields, name: str, *, required: str = "") -> Mapping[str, str]:
    fields = top.table(name, required=required)
    if fields is None:
        return {}
    labels = {}
    for word in fields.names():
        try:
            key(word)
        except ValueError as error:
            fields.wrong(word, f"expected {error}", f'"{word}"')
        labels[word] = fields.text(word, required="the label that readers see", most=100)
    return labels


def _listings(tables: list[Fields], kinds: Mapping[str, str]) -> tuple[Listing, ...]:
    listings: list[Listing] = []
    for fields in tables:
        listing = Listing(
            path=fields.parsed("path", listing_path, required="a path such as news") or "",
            title=fields.text("title", required="the heading of the page", most=200),
            kinds=fields.choices("kinds", kinds, "kind", required="the kinds it shows"),
            page_size=fields.integer("page_size", 10, most=200),
        )
        if listing.path and listing.path in {other.path for other in listings}:
            fields.wrong("path", "each listing has a path of its own", f'"{listing.path}"')
        fields.finish()
        listings.append(listing)
    return tuple(listings)


def base_url(text: str) -> str:
    """An absolute address without query, fragment or trailing slash. Raises ValueError."""
    if text.endswith("/") or "?" in text or "#" in text:
        raise ValueError("no '/', '?' or '#' at the end, such as https://news.example.org")
    if not text.isascii():
        raise ValueError("an address in ASCII, as feeds need it: https://xn--…")
    return web_address(text)


def timezone(text: str) -> str:
    """An IANA zone, the same on every machine. Raises ValueError."""
    if text.partition("/")[0] not in ZONES_OF_A_MACHINE:
        try:
            return ZoneInfo(text).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    near = get_close_matches(text, sorted(available_timezones() - ZONES_OF_A_MACHINE), n=1)
    raise ValueError(f"a time zone such as {near[0] if near else 'Europe/Zurich'}")


def date_pattern(text: str) -> str:
    """A CLDR date pattern with a day and a year. Raises ValueError."""
    from babel.dates import format_date

    try:
        format_date(date(2017, 7, 10), text, locale="en")
    except (ValueError, KeyError, AttributeError, NotImplementedError):
        raise ValueError("a CLDR date pattern such as d MMMM yyyy, d.M.y or y-MM-dd") from None
    letters = re.sub(r"'[^']*'", "", text)
    if not {"d", "y"} <= set(letters) or re.search(r"[aHhKkmsSAzZvVXxOBb]", letters):
        raise ValueError("a CLDR date pattern with day, month and year, such as d MMMM yyyy")
    return text


def authority(text: str) -> str:
    """The authority of a tag URI (RFC 4151 §2.1): a domain or address, and a date. ValueError."""
    if not AUTHORITY.fullmatch(text):
        raise ValueError("a domain you had, and when, such as news.example.org,2016")
    return text


def accent(text: str) -> str:
    """A colour in six digits. Raises ValueError."""
    if not HEX.fullmatch(text):
        raise ValueError("a colour of six hexadecimal digits such as #1a5fb4")
    digits = text[1:].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(digit * 2 for digit in digits)


def listing_path(text: str) -> str:
    """Safe path segments that no other part of the site uses. Raises ValueError."""
    segments = text.split("/")
    for segment in segments:
        key(segment)
    if "page" in segments or len(text) > LISTING_PATH_MOST:
        raise ValueError(f"a path of {LISTING_PATH_MOST} characters at most, none of it 'page'")
    if segments[0] in RESERVED:
        raise ValueError(f"a path that does not begin with {', '.join(sorted(RESERVED))}")
    return text
