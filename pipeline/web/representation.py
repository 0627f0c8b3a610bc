"""One version of a file in the forms in which it is sent, each ready to the last byte.

The answer to most requests is two messages that were made before: a server in Python has no time
to make them anew.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

from pipeline.core.requests import BROTLI, GZIP, IDENTITY
from pipeline.web.asgi import Headers, Message, started
from pipeline.web.headers import SECURE
from pipeline.web.media_types import is_compressible, media_type

if TYPE_CHECKING:
    from pipeline.web.headers import Shield
    from pipeline.web.site_folder import Stamp

NAMES = {GZIP: b"gzip", BROTLI: b"br"}
ENDINGS = {IDENTITY: "", GZIP: "-gz", BROTLI: "-br"}

SMALL = 256
"""Bytes that are not worth compressing."""

QUALITY = 7
"""Of Brotli, of 11: a page takes some milliseconds, and is a fifth smaller than with gzip."""

NANOSECONDS = 1_000_000_000

CACHED = {"assets": b"max-age=600", "media": b"max-age=3600"}
"""Names of files there say nothing of their bytes, so that a browser may not keep them for long."""

ASK = b"no-cache"
"""Pages and feeds: kept, but asked about at each visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """One coding of one version of a file.

    `starts` are the first messages of a 200, plainly and over TLS, `body` the second one;
    `unchanged` is that of a 304. `lines` and `unchanged_lines` are the same as they go over the
    wire, from the second line on.
    """

    tag: bytes
    coding: int
    data: bytes
    headers: Headers
    starts: tuple[Message, Message]
    body: Message
    unchanged: Message
    lines: tuple[bytes, bytes]
    unchanged_lines: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is the same for each form of a file; `modified` in seconds since 1970."""

    path: str
    stamp: Stamp
    headers: Headers
    compressible: bool

    @property
    def modified(self) -> int:
        """When the file was last written."""
        return self.stamp.mtime // NANOSECONDS


def about(path: str, stamp: Stamp, shield: Shield) -> About:
    """What is sent with the file at a URL's path, whatever its form."""
    file = path + "index.html" if path.endswith("/") else path
    kind = media_type(file)
    compressible = is_compressible(file)
    headers: Headers = [
        (b"content-type", kind.encode()),
        (b"cache-control", CACHED.get(path.split("/")[1], ASK)),
        (b"last-modified", formatdate(stamp.mtime // NANOSECONDS, usegmt=True).encode()),
        *shield.headers(path, kind),
    ]
    if compressible:
        headers.append((b"vary", b"accept-encoding"))
    else:
        # A part of what is compressed would be one of other bytes than the file's.
        headers.append((b"accept-ranges", b"bytes"))
    return About(path=path, stamp=stamp, headers=headers, compressible=compressible)


def digest(data: bytes) -> str:
    """What the tags of a file's forms have in common."""
    return hashlib.sha256(data).hexdigest()[:20]


def tag_of(mark: str, coding: int) -> bytes:
    """A strong tag: each coding has its own (RFC 9110 §8.8.3.3)."""
    return f'"{mark}{ENDINGS[coding]}"'.encode()


def represent(found: About, data: bytes, coding: int, mark: str) -> Representation:
    """The file in one coding; `data` is in it already."""
    tag = tag_of(mark, coding)
    headers: Headers = [
        *found.headers,
        (b"etag", tag),
        (b"content-length", b"%d" % len(data)),
    ]
    if coding != IDENTITY:
        headers.append((b"content-encoding", NAMES[coding]))
    secure: Headers = [*headers, *SECURE]
    same = unchanged(found, tag)
    return Representation(
        tag=tag,
        coding=coding,
        data=data,
        headers=headers,
        starts=(started(200, headers), started(200, secure)),
        body={"type": "http.response.body", "body": data},
        unchanged=same,
        lines=(_lines(headers), _lines(secure)),
        unchanged_lines=_lines(same["headers"]),
    )


def unchanged(found: About, tag: bytes) -> Message:
    """A 304: what a cache has to know, and no more (RFC 9110 §15.4.5)."""
    fields = [field for field in found.headers if field[0] in (b"cache-control", b"vary")]
    return started(304, [(b"etag", tag), *fields])


def _lines(headers: Headers) -> bytes:
    return b"".join(b"%b: %b\r\n" % field for field in headers) + b"\r\n"


def compressed(data: bytes, coding: int) -> bytes | None:
    """The bytes in a coding; None where that saves nothing. The same bytes each time."""
    if len(data) < SMALL:
        return None
    if coding == GZIP:
        found = gzip.compress(data, 6, mtime=0)
    else:
        import brotli

        found = brotli.compress(data, quality=QUALITY)
    return found if len(found) < len(data) else None
