"""The newsroom: everything `content/newsroom.toml` says, checked and typed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.core.cadence import Cadence

TAG_SAFE = "/-._~!$&'()*+,;=:@"
"""What a path (RFC 3986 §3.3) and the specific part of a tag (RFC 4151 §2.1) hold as it is."""

ISSUE_TITLE = "{title} No. {number}, {month} {year}"


class Numbering(StrEnum):
    """How issues are counted."""

    YEARLY = "yearly"  # 1 again each January
    CONTINUOUS = "continuous"  # never again 1


class Release(StrEnum):
    """Who lets an issue out."""

    MANUAL = "manual"  # an editor, with the digest they reviewed
    AUTOMATIC = "automatic"  # the schedule, when the gate passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who speaks when an item names nobody."""

    name: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A paged, newest-first web list of some kinds; `path` is one or more safe path segments."""

    path: str
    title: str
    kinds: tuple[str, ...]
    page_size: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """`limit` newest entries a feed; `full_text` puts the whole body in, else the summary.

    `hub` is the address of a WebSub hub that is told of changes (W3C WebSub §4), "" for none.
    """

    limit: int = 50
    full_text: bool = True
    hub: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRule:
    """Which items a new issue proposes under a title; `title` may hold {month} and {year}."""

    title: str
    kinds: tuple[str, ...]
    limit: int = 5
    lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """A publication: how its issues are named, numbered, filled and announced."""

    key: str
    title: str
    sender: str
    numbering: Numbering = Numbering.YEARLY
    issue_title: str = ISSUE_TITLE
    reply_to: str = ""
    postal_address: str
    cadence: Cadence
    release: Release = Release.MANUAL
    lookback_days: int = 62
    announce_as: str = ""
    sections: tuple[SectionRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """The whole. `base_url` has no trailing slash; `kinds` and `series` map keys to labels."""

    title: str
    description: str = ""
    base_url: str
    language: str = "en"
    timezone: str = "UTC"
    date_format: str = "d MMMM yyyy"
    authority: str
    author: Author
    kinds: Mapping[str, str]
    listings: tuple[Listing, ...] = ()
    series: Mapping[str, str]
    feeds: FeedSettings = FeedSettings()
    newsletters: tuple[Newsletter, ...] = ()

    def newsletter(self, key: str) -> Newsletter | None:
        """The newsletter of that key, or None."""
        return next((n for n in self.newsletters if n.key == key), None)

    def tag(self, specific: str) -> str:
        """An id for the world that outlives any address (a tag URI, RFC 4151).

        A URI is ASCII (RFC 3986 §2), and the id of an item may hold letters of any script.
        """
        return f"tag:{self.authority}:{quote(specific, safe=TAG_SAFE)}"

    def url(self, path: str) -> str:
        """The absolute address of a path below the site's root."""
        return f"{self.base_url}/{quote(path, safe=TAG_SAFE)}"
