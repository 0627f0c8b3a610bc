"""An issue: one number of a newsletter, named once and, when released, frozen for good."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.core.newsroom import Numbering

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from pipeline.core.newsroom import Newsletter, Newsroom

ISSUE_ID = re.compile(r"(?P<newsletter>[a-z0-9][a-z0-9-]*)/(?P<year>\d{4})-(?P<rest>[a-z0-9-]+)")

UNSUBSCRIBE = "https://subscriber.invalid/unsubscribe"
"""Stands in an issue where each subscriber's own link goes when it is sent (RFC 2606: .invalid)."""

PREFERENCES = "https://subscriber.invalid/preferences"
"""The same for the page where a subscriber chooses what to get."""

_NUMBERED = re.compile(r"\d{2,9}")
_FIELD = re.compile(r"\{(title|number|month|year)\}")
_SPECIAL = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedItem:
    """An item as it was when its issue was released; `digest` is the SHA-256 of its file.

    `section` is the title it stood under, "" for the lead.
    """

    id: str
    title: str
    section: str
    path: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedVersion:
    """An issue in one of its languages, as released; `digest` is that of its own `.eml`."""

    lang: str
    title: str
    subject: str
    preheader: str
    summary: str
    items: tuple[LockedItem, ...]
    digest: str
    html_digest: str
    text_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What `release` wrote: from then on number and message are frozen.

    `id` is `<newsletter>/<year>-<nn>`; `digest` the SHA-256 of the `.eml` beside it; `text_digest`
    and `html_digest` those of its two parts, decoded, with line feeds, as UTF-8.

    An issue in several languages has all of them in `versions`, the main one first, and says of
    itself what that one says; its `digest` is `digest_of` its messages. `lang` is "" in locks that
    were written before issues had languages: the newsroom's.
    """

    id: str
    newsletter: str
    number: int | None
    date: date
    at: datetime
    title: str
    subject: str
    preheader: str
    summary: str
    items: tuple[LockedItem, ...]
    digest: str
    html_digest: str
    text_digest: str
    lang: str = ""
    versions: tuple[LockedVersion, ...] = ()

    @property
    def source(self) -> str:
        """Its file below the content folder."""
        return f"issues/{self.id}.lock.json"

    @property
    def all_versions(self) -> tuple[LockedVersion, ...]:
        """Every language it came in, the main one first; at least one."""
        if self.versions:
            return self.versions
        alone = LockedVersion(
            lang=self.lang,
            title=self.title,
            subject=self.subject,
            preheader=self.preheader,
            summary=self.summary,
            items=self.items,
            digest=self.digest,
            html_digest=self.html_digest,
            text_digest=self.text_digest,
        )
        return (alone,)

    def message_file(self, version: LockedVersion) -> str:
        """Where the message of a version lies below the content folder."""
        return message_file(self.id, version.lang if self.versions else "")


def issues_path(newsletter: str, lang: str = "") -> str:
    """Where a newsletter's past issues are listed, below the site's root; `lang` as below."""
    return f"issues/{newsletter}/{lang}/" if lang else f"issues/{newsletter}/"


def issue_path(issue_id: str, lang: str = "") -> str:
    """Where one issue lives below the site's root; `lang` is "" for the main language."""
    return f"issues/{issue_id}/{lang}/" if lang else f"issues/{issue_id}/"


def message_file(issue_id: str, lang: str = "") -> str:
    """The file of a released message; `lang` is "" where an issue comes in one language."""
    return f"issues/{issue_id}.{lang}.eml" if lang else f"issues/{issue_id}.eml"


def digest_of(messages: Mapping[str, bytes]) -> str:
    """What stands for the messages of an issue, by language, the main one first.

    For one language the SHA-256 of its bytes; for several that of the lines `<lang> <SHA-256>`,
    each with a line feed at its end.
    """
    digests = {lang: hashlib.sha256(raw).hexdigest() for lang, raw in messages.items()}
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{lang} {digest}\n" for lang, digest in digests.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def issue_id(newsletter: str, year: int, number: int | None, slug: str = "") -> str:
    """`<newsletter>/<year>-<nn>`, or `<newsletter>/<year>-<slug>` for a special issue."""
    return f"{newsletter}/{year}-{slug if number is None else f'{number:02d}'}"


def newsletter_of(issue: str) -> str:
    """The key of the newsletter that an issue's id begins with."""
    return issue.partition("/")[0]


def number_in(issue: str) -> tuple[int, int] | None:
    """Year and number that an issue's id says; None for a special issue."""
    match = ISSUE_ID.fullmatch(issue)
    if match is None or not _NUMBERED.fullmatch(match["rest"]):
        return None
    return int(match["year"]), int(match["rest"])


def next_number(newsletter: Newsletter, year: int, given: Iterable[str]) -> int:
    """The number of a new issue of `year`: one more than the highest ever given in its run.

    `given` holds the ids of every plan, lock and message that is there; yearly numbering counts
    those of the same year only, by the year in the id, so that moving a date moves no number. A
    number is given once: a gap stays a gap, and special issues take none.
    """
    yearly = newsletter.numbering is Numbering.YEARLY
    found = (number_in(issue) for issue in given if newsletter_of(issue) == newsletter.key)
    numbers = (pair[1] for pair in found if pair and (not yearly or pair[0] == year))
    return max(numbers, default=0) + 1


def special_slug(title: str) -> str:
    """The last part of a special issue's id: never one that reads as a number.

    Titles in scripts other than Latin get a slug from their digest, the same every time.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "-".join(_SPECIAL.findall(plain))[:60].strip("-")
    if not slug:
        slug = hashlib.sha256(title.encode()).hexdigest()[:8]
    return slug if not slug.replace("-", "").isdigit() else f"special-{slug}"


def fill_title(pattern: str, values: Mapping[str, str]) -> str:
    """Replace {title}, {number}, {month} and {year} in one pass; other braces are text."""
    return _FIELD.sub(lambda match: values.get(match[1], match[0]), pattern)


def issue_title(newsletter: Newsletter, number: int, day: date, month: str) -> str:
    """The title of a numbered issue; `month` is the month's name in the newsroom's language."""
    values = {
        "title": newsletter.title,
        "number": str(number),
        "month": month,
        "year": str(day.year),
    }
    return fill_title(newsletter.issue_title, values)


def section_title(pattern: str, day: date, month: str) -> str:
    """The title of a section in an issue dated `day`."""
    return fill_title(pattern, {"month": month, "year": str(day.year)})


def sent_at(newsletter: Newsletter, newsroom: Newsroom, day: date) -> datetime:
    """The moment an issue dated `day` carries: its cadence's local time, with a fixed offset."""
    moment = datetime.combine(day, newsletter.cadence.at, ZoneInfo(newsroom.timezone))
    return datetime.fromisoformat(moment.isoformat())
