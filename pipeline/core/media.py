"""Pictures and files: what is known of each, and which sizes of a picture are worth making."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

WIDTHS = (336, 480, 1072)
"""Pixel widths of the variants: a phone, and twice what a mail shows: 168 beside a text, 536 above.

The widest also fills a column of the site on a dense screen.
"""

WORTH_IT = 1.1
"""A variant is made only where the original is wider by this factor."""

RASTER = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Types that variants are made of; a GIF may move, an SVG needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A file under `content/media/`.

    `path` is the same below `content/` and below the site's root; `size` is in bytes; `width` and
    `height` in pixels, as shown (EXIF orientation applied), 0 for what is no picture.
    """

    path: str
    size: int
    mime: str
    digest: str
    width: int = 0
    height: int = 0

    @property
    def is_picture(self) -> bool:
        """True where width and height are known."""
        return self.width > 0


class Variant(NamedTuple):
    """A smaller copy of a picture at `path`, `width` by `height` pixels."""

    path: str
    width: int
    height: int


def variants(media: MediaFile) -> tuple[Variant, ...]:
    """The smaller copies to make, narrowest first; none where the original is small already."""
    if media.mime not in RASTER:
        return ()
    stem, _, ending = media.path.rpartition(".")
    return tuple(
        Variant(
            path=f"{stem}.{width}w.{ending}",
            width=width,
            height=max(1, round(media.height * width / media.width)),
        )
        for width in WIDTHS
        if media.width >= width * WORTH_IT
    )
