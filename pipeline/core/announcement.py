"""How readers of site and feeds learn of a released issue: as an item, a language at a time.

The main version's item stands in listings and feeds among all others. A further version's stands in
the feed of its own language only, so that nobody is told twice.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from pipeline.core.issue import issue_path
from pipeline.core.item import Item

if TYPE_CHECKING:
    from pipeline.core.issue import Lock, LockedVersion
    from pipeline.core.newsroom import Newsroom


def announcement(lock: Lock, newsroom: Newsroom) -> Item | None:
    """The item that tells readers of a released issue; None where nothing is to be announced."""
    newsletter = newsroom.newsletter(lock.newsletter)
    if newsletter is None or newsletter.announce_as not in newsroom.kinds:
        return None
    return Item(
        id=f"issue-{lock.id.replace('/', '-')}",
        title=lock.title,
        date=lock.at,
        kind=newsletter.announce_as,
        path=issue_path(lock.id),
        source=lock.source,
        digest=lock.digest,
        lang=lock.lang or newsroom.language,
        summary=lock.summary or _contents(lock.all_versions[0]),
    )


def announced_versions(lock: Lock, newsroom: Newsroom) -> tuple[Item, ...]:
    """The items that tell readers of the further versions of a released issue."""
    main = announcement(lock, newsroom)
    if main is None:
        return ()
    return tuple(
        replace(
            main,
            id=f"{main.id}-{version.lang.lower()}",
            title=version.title,
            path=issue_path(lock.id, version.lang),
            source=lock.message_file(version),
            digest=version.digest,
            lang=version.lang,
            summary=version.summary or _contents(version),
        )
        for version in lock.versions[1:]
    )


def announcement_body(lock: Lock, version: LockedVersion, newsroom: Newsroom) -> str:
    """The table of contents of a released issue as HTML, for listings and feeds."""
    parts = [f"<p>{escape(version.summary)}</p>\n"] if version.summary else []
    section: str | None = None
    for item in version.items:
        if item.section != section:
            parts.append("</ul>\n" if section is not None else "")
            parts.append(f"<h2>{escape(item.section)}</h2>\n" if item.section else "")
            parts.append("<ul>\n")
            section = item.section
        link = escape(newsroom.url(item.path))
        parts.append(f'<li><a href="{link}">{escape(item.title)}</a></li>\n')
    parts.append("</ul>\n" if section is not None else "")
    further = version.lang if version in lock.versions[1:] else ""
    whole = escape(newsroom.url(issue_path(lock.id, further)))
    parts.append(f'<p><a href="{whole}">{escape(version.title)}</a></p>\n')
    parts += [_other(lock, other, newsroom) for other in lock.versions if other != version]
    return "".join(parts)


def _other(lock: Lock, version: LockedVersion, newsroom: Newsroom) -> str:
    """A line that leads to the issue in another language, by its title there."""
    further = version.lang if version != lock.versions[0] else ""
    address = escape(newsroom.url(issue_path(lock.id, further)))
    lang = escape(version.lang)
    title = escape(version.title)
    return f'<p><a href="{address}" hreflang="{lang}" lang="{lang}">{title}</a></p>\n'


def _contents(version: LockedVersion) -> str:
    """The first titles of an issue, for one without a summary: no words, so no language."""
    titles = [item.title for item in version.items[:3]]
    return " · ".join(titles) + (" …" if len(version.items) > 3 else "")
