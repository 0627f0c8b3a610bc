"""`enews issue preview`: an issue as its readers will see it, on one page.

::

    draft ────▶ rendered as it would go out now ─┐
    released ─▶ the bytes that were frozen ──────┼─▶ each version, as clients show it ─▶ page
    pictures ─▶ data in the page itself ─────────┤
    gate ─────▶ what it finds ───────────────────┘
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipeline.core.issue import digest_of, newsletter_of
from pipeline.core.media import variants
from pipeline.core.plan import Plan
from pipeline.core.versions import newsletter_in
from pipeline.flows.gate import judge_issue
from pipeline.flows.issue_report import find_issue, messages, open_site
from pipeline.render.appearance import sources
from pipeline.render.dates import format_day
from pipeline.render.preview import Seen, preview_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.finding import Finding
    from pipeline.core.issue import Lock
    from pipeline.core.media import MediaFile, Variant
    from pipeline.flows.workshop import Workshop
    from pipeline.ports.building import PictureMaker
    from pipeline.render.site import Site

PICTURES_MOST = 4_000_000
"""Bytes of one mail's pictures that a preview holds; each stands in it about ten times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """An issue's preview; `page` is HTML, `digest` what a release would name."""

    id: str
    title: str
    released: bool
    digest: str
    page: str
    findings: tuple[Finding, ...]


def preview(workshop: Workshop, name: str, *, now: datetime) -> Previewed:
    """The preview of one issue. Raises ConfigError for an unknown id, ContentError, RenderError."""
    site = open_site(workshop, now=now)
    issue = find_issue(site, name)
    raws = messages(workshop, site, issue)
    findings = judge_issue(workshop, site, issue, raws, now=now).findings
    digest = digest_of(raws)
    released = not isinstance(issue, Plan)
    page = preview_html(
        workshop.templates,
        tuple(_versions(workshop, site, issue, raws)),
        findings,
        issue=issue.id,
        title=issue.title,
        newsroom=site.catalogue.newsroom.title,
        released=released,
        digest=digest,
    )
    return Previewed(
        id=issue.id,
        title=issue.title,
        released=released,
        digest=digest,
        page=page,
        findings=findings,
    )


def _versions(
    workshop: Workshop, site: Site, issue: Lock | Plan, raws: Mapping[str, bytes]
) -> Iterator[Seen]:
    newsroom = site.catalogue.newsroom
    newsletter = newsroom.newsletter(newsletter_of(issue.id))
    load = picture_loader(workshop.pictures, site.catalogue)
    for lang, raw in raws.items():
        parts = workshop.composer.parts(raw)
        called = newsletter_in(newsletter, lang) if newsletter else None
        pictures, weight = embedded(sources(parts.html), load)
        yield Seen(
            lang=lang,
            sender=_name(called.sender) if called else newsroom.title,
            subject=parts.subject,
            day=format_day(issue.date, "d MMM", lang),
            html=parts.html,
            text=parts.text,
            digest=hashlib.sha256(raw).hexdigest(),
            weight=weight,
            pictures=pictures,
            missing=tuple(url for url in sources(parts.html) if url not in pictures),
        )


def _name(sender: str) -> str:
    """What an inbox shows of `Name <address>`."""
    name, address = parseaddr(sender)
    return name or address


def embedded(
    urls: Iterable[str], load: Callable[[str], tuple[str, bytes] | None]
) -> tuple[Mapping[str, str], int]:
    """Pictures as data, by their addresses, within bounds; and what all of them weigh, in bytes."""
    found: dict[str, str] = {}
    total = held = 0
    for url in urls:
        picture = load(url)
        if picture is None:
            continue
        mime, data = picture
        total += len(data)
        if held + len(data) <= PICTURES_MOST:
            held += len(data)
            found[url] = f"data:{mime};base64,{b64encode(data).decode()}"
    return found, total


def picture_loader(
    pictures: PictureMaker, catalogue: Catalogue
) -> Callable[[str], tuple[str, bytes] | None]:
    """What finds type and bytes of a picture by its address in a mail; None if it is not ours.

    An old issue may know the site by an earlier address, so only the end of the path counts.
    """
    files: dict[str, tuple[MediaFile, Variant | None]] = {}
    for media in catalogue.media.values():
        files[media.path] = media, None
        files.update((variant.path, (media, variant)) for variant in variants(media))

    @cache
    def load(url: str) -> tuple[str, bytes] | None:
        path = unquote(url.partition("://")[2].partition("?")[0])
        while path and path not in files:
            path = path.partition("/")[2]
        if not path:
            return None
        media, variant = files[path]
        if variant is None:
            return media.mime, pictures.original(media)
        return media.mime, pictures.variant(media, variant.width, variant.height)

    return load
