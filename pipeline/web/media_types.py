"""What the files of the site are, by the end of their names."""

from __future__ import annotations

UNKNOWN = "application/octet-stream"
TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".eml": "message/rfc822",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/xml; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    # Not application/rss+xml: browsers offer that for download, and style this.
    ".xml": "text/xml; charset=utf-8",
}
COMPRESSIBLE = (".css", ".eml", ".html", ".json", ".opml", ".svg", ".txt", ".xml")
"""What becomes smaller; pictures are compressed already."""


def media_type(path: str) -> str:
    """The content type of a file."""
    return TYPES.get(ending(path), UNKNOWN)


def is_compressible(path: str) -> bool:
    """True where a file is worth compressing."""
    return ending(path) in COMPRESSIBLE


def ending(path: str) -> str:
    """The end of a file's name, lower case, with its dot; "" without one."""
    name = path.rpartition("/")[2]
    _, dot, end = name.rpartition(".")
    return (dot + end).lower()
