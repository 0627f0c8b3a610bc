"""Pictures in a mail: hosted, at absolute addresses, with the size at which they are shown.

Every client is told the size in pixels; the file is twice as dense where there is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.core.media import variants

if TYPE_CHECKING:
    from pipeline.core.item import Picture
    from pipeline.core.media import MediaFile
    from pipeline.render.site import Site

COLUMN = 536
"""Pixels from the left of the text to its right, in a mail 600 pixels wide."""

THUMBNAIL = 168
"""Pixels of a picture beside a text."""

CARD = 258
"""Pixels of a picture on one of two cards side by side."""

LOGO_WIDTH, LOGO_HEIGHT = 240, 64
"""The box that a newsroom's logo is fitted into."""

DENSITY = 1.8
"""Pixels of a file for each that is shown: on a screen with twice as many nobody sees less."""

MAIL_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif"})
"""What every mail client shows; an SVG or WebP would be a hole in many."""

_IMAGE = re.compile(r'<img(?P<before>[^>]*?) src="(?P<src>[^"]*)"(?: width="\d+" height="\d+")?')


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPicture:
    """A picture at the size at which it is shown, in pixels; the file may be denser."""

    src: str
    alt: str
    width: int
    height: int


def mail_picture(
    picture: Picture | None, site: Site, most: int, *, highest: int = 0
) -> MailPicture | None:
    """A picture at most `most` pixels wide, and `highest` high unless that is 0.

    None where there is none that mail clients show.
    """
    media = site.catalogue.media.get(picture.src) if picture else None
    if picture is None or media is None or media.mime not in MAIL_PICTURES or not media.is_picture:
        return None
    if highest:
        most = min(most, max(1, round(media.width * highest / media.height)))
    path, width, height = _at(media, most)
    src = site.catalogue.newsroom.url(path)
    return MailPicture(src=src, alt=picture.alt, width=width, height=height)


def fitted(html: str, site: Site) -> str:
    """Pictures of this site in a message, at most as wide as the text, with their size."""
    base = site.catalogue.newsroom.url("")
    known = {base + quote(path): media for path, media in site.catalogue.media.items()}

    def put(match: re.Match[str]) -> str:
        media = known.get(match["src"])
        if media is None or not media.is_picture:
            return match[0]
        path, width, height = _at(media, COLUMN)
        src = base + quote(path)
        shown = f'width="{width}" height="{height}" style="width:100%;max-width:{width}px"'
        return f'<img{match["before"]} src="{src}" {shown}'

    return _IMAGE.sub(put, html) if "<img" in html else html


def _at(media: MediaFile, most: int) -> tuple[str, int, int]:
    """The lightest file that is dense enough, else the original; and the size shown."""
    width = min(most, media.width)
    dense = (each.path for each in variants(media) if each.width >= DENSITY * width)
    return next(dense, media.path), width, max(1, round(media.height * width / media.width))
