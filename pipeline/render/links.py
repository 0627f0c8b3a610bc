"""Every URL that an editor wrote is resolved here, and nowhere else.

In two steps. While a body is sanitised, `mark` wraps each relative URL in a mark that no editor can
type. When a page, a feed or a mail is put together, `place` replaces the marks: a link to another
item by file name or id, to a theme's file, to media, or to a path of this site, written relative to
the page (`base="../../../"`) or absolute (`base="https://news.example.org/"`).
"""

from __future__ import annotations

import posixpath
import re
from html import escape, unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from pipeline.core.media import variants

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.item import Item
    from pipeline.core.media import MediaFile

MARK = "\x02"
"""Illegal in XML 1.0 and so refused in every source; U+0002 in a body is ours."""

SIZES = "(max-width: 44rem) 100vw, 42rem"

_MARKED = re.compile(rf'(?P<attribute>href|src)="{MARK}(?P<url>[^"{MARK}]*){MARK}"')
_ELSEWHERE = re.compile(r'<img [^>]*?src="(https?://[^"]*)"')


class Target(NamedTuple):
    """Where a relative URL leads: `path` below the site's root, with its `#fragment`.

    `public` is False for an item that has no page yet; `media` is set for a file under `media/`.
    """

    path: str
    public: bool = True
    media: MediaFile | None = None


def mark(url: str) -> str | None:
    """Mark a relative URL for `place`; None drops it. Called by the sanitiser.

    `//host` and its look-alikes with backslashes lead away from the site, so they are dropped: an
    address elsewhere is written with its scheme.
    """
    flat = url.replace("\\", "/").strip()
    if flat.startswith("//") or MARK in url:
        return None
    if flat.startswith("#"):
        return flat
    return f"{MARK}{flat}{MARK}"


def marked(html: str) -> tuple[str, ...]:
    """The relative URLs in a body and the addresses of pictures elsewhere, each once, in order."""
    found = [match["url"] for match in _MARKED.finditer(html)] if MARK in html else []
    if "<img" in html:
        found += _ELSEWHERE.findall(html)
    return tuple(dict.fromkeys(map(unescape, found)))


def is_elsewhere(url: str) -> bool:
    """True for an absolute address, of which `marked` gives only those of pictures."""
    return "://" in url


def resolve(url: str, source: str, catalogue: Catalogue) -> Target | None:
    """Where a relative `url` in the file `source` (below `content/`) leads; None: nowhere."""
    if is_elsewhere(url):
        return None
    path, hash_, fragment = url.partition("#")
    tail = hash_ + quote(fragment, safe="-._~!$&'()*+,;=:@/?%")
    path = unquote(path.partition("?")[0])
    if path.startswith("/"):
        if ".." in path.split("/"):
            return None
        return Target(quote(path.lstrip("/"), safe="/-._~!$&'()*+,;=:@") + tail)
    for candidate in _candidates(path, source):
        if media := catalogue.media.get(candidate):
            return Target(quote(media.path) + tail, media=media)
        folder, _, name = candidate.rpartition("/")
        theme = catalogue.themes.get(name.removesuffix(".md")) if folder == "themes" else None
        if theme is not None:
            return Target(theme.path + tail)
    item = _item(path, source, catalogue)
    if item is None:
        return None
    return Target(item.path + tail, public=catalogue.is_public(item))


def targets(urls: Iterable[str], source: str, catalogue: Catalogue) -> dict[str, Target | None]:
    """Each relative URL of a body with where it leads."""
    return {url: resolve(url, source, catalogue) for url in urls}


def place(html: str, source: str, catalogue: Catalogue, *, base: str) -> str:
    """Put real URLs where the marks are; `base` leads from the page to the site's root.

    Pictures get width and height, and on pages (a relative `base`) their smaller variants. A link
    to an item that is not public stays as text.
    """
    if MARK not in html:
        return html
    absolute = "://" in base

    def put(match: re.Match[str]) -> str:
        target = resolve(unescape(match["url"]), source, catalogue)
        if target is None or not target.public:
            return ""
        name = match["attribute"]
        placed = f'{name}="{escape(base + target.path)}"'
        if name == "src" and target.media is not None:
            return placed + _picture_attributes(target.media, base, plain=absolute)
        return placed

    # A mark that stands elsewhere came from a reference such as &#2; and means nothing.
    return _MARKED.sub(put, html).replace(MARK, "")


def srcset(media: MediaFile, base: str) -> str:
    """The `srcset` of a picture: its variants and itself; "" where there are no variants."""
    sizes = [(variant.path, variant.width) for variant in variants(media)]
    if not sizes:
        return ""
    sizes.append((media.path, media.width))
    return ", ".join(f"{base}{quote(path)} {width}w" for path, width in sizes)


def _picture_attributes(media: MediaFile, base: str, *, plain: bool) -> str:
    size = f' width="{media.width}" height="{media.height}"' if media.is_picture else ""
    if plain:
        return size
    candidates = srcset(media, base)
    several = f' srcset="{escape(candidates)}" sizes="{SIZES}"' if candidates else ""
    return f'{size}{several} loading="lazy" decoding="async"'


def _item(path: str, source: str, catalogue: Catalogue) -> Item | None:
    """An item by its id, by the path of its file, or, from anywhere, by its file's name."""
    beside, below = _candidates(path, source)
    return (
        catalogue.by_id.get(path.removesuffix("/"))
        or catalogue.by_source.get(beside)
        or catalogue.by_source.get(below)
        or catalogue.by_name.get(path)
    )


def _candidates(path: str, source: str) -> tuple[str, str]:
    """`path` seen from the file it stands in, and from `content/`."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    return beside, posixpath.normpath(path)
