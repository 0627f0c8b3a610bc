"""The newsroom: everything `content/newsroom.toml` says, checked and typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.core.schedule import Schedule
from pipeline.core.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pipeline.core.cadence import Cadence
    from pipeline.core.item import Picture

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


class Start(StrEnum):
    """Who begins the mailing of a released issue."""

    AUTOMATIC = "automatic"  # the service, at the issue's time or, if that has passed, at once
    MANUAL = "manual"  # an editor: enews mailing start


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
    """Which items a new issue proposes under a title; `title` may hold {month} and {year}.

    `layout` is the name of a file in `email/layouts/`, "" for the usual one.
    """

    title: str
    kinds: tuple[str, ...]
    limit: int = 5
    lead: bool = False
    layout: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterVersion:
    """A newsletter in a further language; what is "" is as in the main one.

    `sections` are the titles of all its sections, in their order, or ().
    """

    lang: str
    title: str = ""
    issue_title: str = ""
    sender: str = ""
    reply_to: str = ""
    postal_address: str = ""
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """A publication: how its issues are named, numbered, filled and announced.

    `languages` are those that each issue comes in, the main one first; () means the newsroom's
    only. `versions` say how the newsletter is called in the further ones. `clients` are the mail
    programs that the gate has in mind (`core.client`); () means the usual ones. With `topics`, who
    chose themes gets only the issues that have an item of one of them.
    """

    key: str
    title: str
    sender: str
    numbering: Numbering = Numbering.YEARLY
    issue_title: str = ISSUE_TITLE
    reply_to: str = ""
    postal_address: str
    cadence: Cadence
    release: Release = Release.MANUAL
    mailing: Start = Start.AUTOMATIC
    lookback_days: int = 62
    announce_as: str = ""
    sections: tuple[SectionRule, ...] = ()
    languages: tuple[str, ...] = ()
    versions: tuple[NewsletterVersion, ...] = ()
    clients: tuple[str, ...] = ()
    topics: bool = False

    def version(self, lang: str) -> NewsletterVersion | None:
        """What the newsletter is called in a further language, or None."""
        return next((version for version in self.versions if version.lang == lang), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribing:
    """`[subscribing]`: how people sign up.

    `open` puts the pages for it on the site, which needs 'enews run' to answer them; a confirmation
    link is good for `confirm_days`; `consent` is what one agrees to, "" for the words of the theme.
    """

    open: bool = False
    confirm_days: int = 7
    consent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """The whole. `base_url` has no trailing slash; `kinds` and `series` map keys to labels.

    `date_format` is a CLDR pattern, "" for the long form of the language.
    `accent` is a colour such as `#1a5fb4`, "" for that of the templates; `logo` stands in the head
    of the site and of every mail. `operators` are told when something is wrong; on `holidays`
    nobody works.
    """

    title: str
    description: str = ""
    base_url: str
    language: str = "en"
    timezone: str = "UTC"
    date_format: str = ""
    authority: str
    author: Author
    kinds: Mapping[str, str]
    listings: tuple[Listing, ...] = ()
    series: Mapping[str, str]
    feeds: FeedSettings = FeedSettings()
    newsletters: tuple[Newsletter, ...] = ()
    accent: str = ""
    logo: Picture | None = None
    sending: Sending = field(default_factory=Sending)
    schedule: Schedule = field(default_factory=Schedule)
    subscribing: Subscribing = Subscribing()
    operators: tuple[str, ...] = ()
    holidays: frozenset[date] = frozenset()

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
