"""The page on which an editor sees an issue before it goes out: every version, as clients show it.

One file that needs nothing else: frames hold the mails whole, pictures stand in them as data, and
the page's own policy lets nothing be loaded from anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.budget import HTML_MOST, HTML_NEAR, weight
from pipeline.core.finding import Severity
from pipeline.render.appearance import Appearance, seen
from pipeline.render.dates import direction, language_name
from pipeline.render.mail_height import mail_height

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.core.finding import Finding
    from pipeline.render.templates import Templates

SNIPPET = 220
"""Characters that the longest row of an inbox shows of a message."""

SHOWN = {
    Appearance.LIGHT: ("Light", "Apple Mail, Gmail, Outlook and others as they come."),
    Appearance.DARK: ("Dark", "Apple Mail, iOS, Thunderbird and Outlook for Mac in the dark."),
    Appearance.TURNED: (
        "Dark without dark styles",
        "Roughly what Gmail on iOS and Outlook for Windows make of the light colours.",
    ),
    Appearance.NO_PICTURES: (
        "Pictures off",
        "Outlook and many offices, until the reader asks for pictures.",
    ),
    Appearance.NO_HEAD: (
        "Gmail without a style sheet",
        "Gmail's apps with an account elsewhere: only styles in elements are left.",
    ),
    Appearance.NO_STYLES: ("Styles off", "No style at all: the order and the words must do."),
}
"""What each appearance is called on the page, and where readers meet it."""

SCREENS = {600: "on a desktop", 375: "on a phone"}
"""The widths in pixels at which each appearance is shown."""

SEVERITIES = {
    Severity.ERROR: "Errors: to mend before a release",
    Severity.WARNING: "Warnings: to mend, or to waive with a reason",
    Severity.NOTE: "Notes",
}
WAIVED = "Warnings that the plan waives"

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_NO_TEXT = re.compile(
    r"<style\b.*?</style\s*>|<!--.*?-->|<title\b.*?</title\s*>", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_BLANK = re.compile(r"[ \t\r\n\f]+")
_UNSEEN = "\u00a0\u00ad\u034f\u2007\u200b\u200c\u200d\u2060\ufeff"
"""What senders put behind a preheader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A version of an issue as it goes out; `day` is as its readers write dates.

    `weight` is what its pictures weigh together, in bytes. `pictures` holds what to show for each
    address, `missing` the addresses of those that cannot be shown.
    """

    lang: str
    sender: str
    subject: str
    day: str
    html: str
    text: str
    digest: str
    weight: int
    pictures: Mapping[str, str]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One appearance of a mail, as a whole document."""

    key: str
    title: str
    where: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen that a mail is shown on: its width, and about how high the mail is there, pixels."""

    width: int
    height: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """What the template shows of a version.

    `html_bytes` count the links as long as any subscriber's may be; `share` is per cent of what
    Gmail shows whole.
    """

    lang: str
    name: str
    dir: str
    sender: str
    subject: str
    snippet: str
    day: str
    digest: str
    frames: tuple[Frame, ...]
    screens: tuple[Screen, ...]
    text: str
    html_bytes: int
    text_bytes: int
    picture_bytes: int
    pictures: int
    share: int
    over: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """Findings of one severity, never empty."""

    severity: str
    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewView:
    """What `desk/preview.html` shows.

    `command` is what would release these bytes, "" where a release would refuse them or was made;
    `to_mend` is how many findings a draft has to lose first.
    """

    id: str
    title: str
    newsroom: str
    released: bool
    digest: str
    command: str
    most: int
    near: int
    versions: tuple[VersionView, ...]
    groups: tuple[FindingGroup, ...]
    refused: bool
    to_mend: int


def preview_html(
    templates: Templates,
    versions: Sequence[Seen],
    findings: Sequence[Finding],
    *,
    issue: str,
    title: str,
    newsroom: str,
    released: bool,
    digest: str,
) -> str:
    """The whole page. Raises RenderError."""
    refusing = sum(finding.refuses for finding in findings)
    may_go = not released and not refusing
    view = PreviewView(
        id=issue,
        title=title,
        newsroom=newsroom,
        released=released,
        digest=digest,
        command=f"enews issue release {issue} --digest {digest[:16]}" if may_go else "",
        most=HTML_MOST,
        near=HTML_NEAR,
        versions=tuple(_version(version) for version in versions),
        groups=grouped(findings),
        refused=bool(refusing),
        to_mend=0 if released else refusing,
    )
    style = Markup(templates.asset("desk/preview.css").decode())  # noqa: S704  # a file of ours
    return templates.html("desk/preview.html", preview=view, style=style)


def grouped(findings: Sequence[Finding]) -> tuple[FindingGroup, ...]:
    """Findings by their severity, the heaviest first; what was waived is a group of its own.

    What several versions have in common stands there once, with all their languages.
    """
    langs: dict[Finding, list[str]] = {}
    for finding in findings:
        langs.setdefault(replace(finding, lang=""), []).append(finding.lang)
    merged = [
        replace(finding, lang=", ".join(filter(None, named))) for finding, named in langs.items()
    ]
    found = []
    for severity, title in SEVERITIES.items():
        mine = [finding for finding in merged if finding.severity is severity]
        for called, those in (
            (title, [finding for finding in mine if not finding.waived]),
            (WAIVED, [finding for finding in mine if finding.waived]),
        ):
            if those:
                found.append(FindingGroup(severity=severity, title=called, findings=tuple(those)))
    return tuple(found)


def snippet(html: str) -> str:
    """What an inbox shows beside the subject: the first words of the body, seen or not.

    Characters that take room without being seen keep the text below out; where nothing but them
    is left, they go, so that the row of the page is not cut for their sake.
    """
    body = _BODY.search(html)
    text = _TAG.sub(" ", _NO_TEXT.sub("", html[body.end() :] if body else html))
    return _BLANK.sub(" ", unescape(text)).strip(" ")[:SNIPPET].rstrip(_UNSEEN)


def _version(version: Seen) -> VersionView:
    bulk = weight(version.html)
    return VersionView(
        lang=version.lang,
        name=language_name(version.lang),
        dir=direction(version.lang),
        sender=version.sender,
        subject=version.subject,
        snippet=snippet(version.html),
        day=version.day,
        digest=version.digest,
        frames=tuple(
            Frame(
                key=appearance,
                title=title,
                where=where,
                document=seen(version.html, appearance, version.pictures),
            )
            for appearance, (title, where) in SHOWN.items()
        ),
        screens=tuple(
            Screen(width=width, height=mail_height(version.html, width), place=place)
            for width, place in SCREENS.items()
        ),
        text=version.text,
        html_bytes=bulk,
        text_bytes=len(version.text.encode()),
        picture_bytes=version.weight,
        pictures=len(version.pictures) + len(version.missing),
        share=round(100 * bulk / HTML_MOST),
        over=bulk > HTML_MOST,
        missing=version.missing,
    )
