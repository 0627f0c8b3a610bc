"""Files beside the site's templates; the style sheets end with what a newsroom's own settings ask.

The accent is given once, as one colour. What readers see is made of it: as it is where it can be
read, else darker on light ground and lighter on dark ground.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.core.colour import readable
from pipeline.render.dates import direction

if TYPE_CHECKING:
    from pipeline.render.site import Site

SITE_STYLE = "site/assets/site.css"
FEED_STYLE = "site/assets/feed.css"

LIGHT = "#f0f4f2"
"""`--tint` of the style sheets: of the light grounds the one on which the accent is read worst."""

DARK = "#1a2422"
"""The same of the dark grounds."""


def asset(site: Site, name: str) -> bytes:
    """The bytes of a file such as `site/assets/site.css`, as it is published.

    Raises RenderError.
    """
    raw = site.templates.asset(name)
    if name == SITE_STYLE:
        return raw + accent_style(site.catalogue.newsroom.accent).encode()
    if name == FEED_STYLE:
        return raw + (_feed_style(site) + accent_style(site.catalogue.newsroom.accent)).encode()
    return raw


def accent_style(accent: str) -> str:
    """The rules that set a newsroom's accent, on light and on dark ground; "" without one."""
    if not accent:
        return ""
    return (
        "\n/* The accent of the newsroom, as it is read on each ground. */\n"
        f"@media screen {{ :root {{ --accent: {readable(accent, LIGHT)}; }} }}\n"
        "@media screen and (prefers-color-scheme: dark) "
        f"{{ :root {{ --accent: {readable(accent, DARK)}; }} }}\n"
    )


def _feed_style(site: Site) -> str:
    """The words and the direction of a feed that somebody opens in a browser."""
    lang = site.catalogue.newsroom.language
    # A CSS string: JSON's escapes for quotation mark and backslash are CSS's too.
    note = json.dumps(site.templates.words("site", lang).feed_note, ensure_ascii=False)
    return f"\n:root {{ --feed-note: {note}; direction: {direction(lang)}; }}\n"
