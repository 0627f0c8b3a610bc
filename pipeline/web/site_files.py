"""The built site over HTTP, as an ASGI application.

    path ─▶ held in memory, and still that file? ─▶ no ─▶ open it below the root, read, compress
                 │ yes                                          │
                 └──────────▶ 304 │ 200 │ 206 │ 416 ◀───────────┘

One look at the root a request says whether a build was published since; then each file is looked at
again when it is asked for. Its forms stay in memory as long as its bytes are the same.
"""

from __future__ import annotations

import asyncio
import os
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.core.requests import IDENTITY, Part, byte_range, codings, is_known
from pipeline.web.asgi import NOTHING, Headers, answer_text, started
from pipeline.web.headers import PLAIN, SECURE
from pipeline.web.representation import About, tag_of, unchanged
from pipeline.web.site_cache import Held, SiteCache
from pipeline.web.site_folder import IsFolderError, SiteFolder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.web.asgi import Receive, Scope, Send
    from pipeline.web.headers import Shield

CHUNK = 1 << 16
PATH_MOST = 2000
AGAIN = 1.0
"""Seconds after which a file is looked at again though no build was published."""

MISSING = "/404.html"
OK = b"HTTP/1.1 200 OK\r\n"
UNCHANGED = b"HTTP/1.1 304 Not Modified\r\n"
ALLOW: Headers = [(b"allow", b"GET, HEAD"), *PLAIN]


class SiteFiles:
    """`folder` is the output; `prefix` what stands before each path in the world, or ""."""

    def __init__(self, folder: Path, shield: Shield, *, prefix: str = "") -> None:
        self._folder = SiteFolder(folder)
        self._cache = SiteCache(self._folder, shield)
        self._held = self._cache.held
        self._prefix = prefix
        self._root: tuple[int, int, int] | None = None
        self._hsts = shield.secure

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            await answer_text(send, 405, "Only GET and HEAD.", ALLOW, body=True)
            return
        held = self._current(scope["path"])
        if held is None:
            held = await self._find(scope, send)
            if held is None:
                return
        fields = dict(scope["headers"])
        if b"range" in fields or held.file is None:
            await self._send_carefully(held, fields, scope, send)
            return
        wanted = codings(fields.get(b"accept-encoding"))
        shown = held.shown.get(wanted)
        if shown is None:
            shown = held.shown[wanted] = await self._cache.choose(held, wanted)
        if _has(fields, shown.tag, held.about):
            await send(shown.unchanged)
            await send(NOTHING)
            return
        await send(shown.starts[self._hsts and scope["scheme"] == "https"])
        await send(shown.body if method == "GET" else NOTHING)

    def quick(
        self, path: str, fields: Mapping[bytes, bytes], *, secure: bool, body: bool
    ) -> tuple[bytes, bytes, bytes] | None:
        """What `__call__` would send for a GET or HEAD, where all of it is at hand; else None.

        A status line; the lines up to the empty one, but for the date; the body.
        """
        held = self._current(path)
        if held is None or held.file is None or b"range" in fields:
            return None
        shown = held.shown.get(codings(fields.get(b"accept-encoding")))
        if shown is None:
            return None
        if _has(fields, shown.tag, held.about):
            return UNCHANGED, shown.unchanged_lines, b""
        return OK, shown.lines[self._hsts and secure], shown.data if body else b""

    def _current(self, path: str) -> Held | None:
        """What is held of a path, where it is still so."""
        root = self._folder.stamp()
        now = time.monotonic()
        if root != self._root:
            # Where nothing is, for the moment between two renames, what was there is shown.
            if root is None and path in self._held:
                return self._held[path]
            self._root = root
            self._cache.doubt()
        held = self._held.get(path)
        if held is None or (held.sure and now < held.until):
            return held
        return self._cache.checked(held, now + AGAIN)

    async def _find(self, scope: Scope, send: Send) -> Held | None:
        """What a path names; where that is nothing, answers, and gives None."""
        path: str = scope["path"]
        try:
            held = None
            if len(path) <= PATH_MOST:
                held = await self._cache.load(path, time.monotonic() + AGAIN)
        except IsFolderError:
            place = quote(f"{self._prefix}{path}/").encode()
            headers: Headers = [(b"location", place), (b"cache-control", b"no-cache"), *PLAIN]
            await answer_text(send, 301, "See there.", headers, body=scope["method"] == "GET")
            return None
        if held is None:
            await self.not_found(scope, send)
        return held

    async def not_found(self, scope: Scope, send: Send) -> None:
        """The site's own page for what is not there; without a site, that there is none yet."""
        body = scope["method"] != "HEAD"
        held = self._current(MISSING) or await self._cache.load(MISSING, time.monotonic() + AGAIN)
        if held is None:
            if self._folder.stamp() is None:
                headers: Headers = [(b"retry-after", b"5"), *PLAIN]
                await answer_text(send, 503, "Nothing is built yet.", headers, body=body)
                return
            await answer_text(send, 404, "There is no page at this address.", PLAIN, body=body)
            return
        fields = dict(scope["headers"])
        shown = await self._cache.choose(held, codings(fields.get(b"accept-encoding")))
        dropped = (b"etag", b"last-modified", b"accept-ranges")
        headers = [field for field in shown.headers if field[0] not in dropped]
        await send(started(404, [*headers, *self._more(scope)]))
        await send(shown.body if body else NOTHING)

    async def _send_carefully(
        self, held: Held, fields: Mapping[bytes, bytes], scope: Scope, send: Send
    ) -> None:
        """A part of a file, or a file that is too large for memory: always as it is."""
        if held.file is not None:
            data = held.file.data
            part = await self._begin(held.about, held.mark, fields, scope, send)
            if part is not None:
                await send({"type": "http.response.body", "body": data[part.first : part.end]})
            return
        # What is open stays what it is, whatever is published meanwhile.
        opened = self._cache.open_large(held.about.path)
        if opened is None:
            await self.not_found(scope, send)
            return
        file, found, mark = opened
        try:
            part = await self._begin(found, mark, fields, scope, send)
            if part is not None:
                await _stream(file, part, send)
        finally:
            os.close(file)

    async def _begin(
        self, found: About, mark: str, fields: Mapping[bytes, bytes], scope: Scope, send: Send
    ) -> Part | None:
        """Send the head, and say which part of the file is to follow; None: all was sent."""
        size, tag = found.stamp.size, tag_of(mark, IDENTITY)
        if _has(fields, tag, found):
            await send(unchanged(found, tag))
            await send(NOTHING)
            return None
        headers: Headers = [*found.headers, (b"etag", tag), *self._more(scope)]
        part = None
        if scope["method"] == "GET" and _may_be_part(fields, tag, found):
            part = byte_range(fields.get(b"range"), size)
        status = 200 if part is None else 206 if part.end else 416
        shown = part or Part(first=0, end=size)
        if status == 416:
            headers.append((b"content-range", b"bytes */%d" % size))
        elif status == 206:
            place = (shown.first, shown.end - 1, size)
            headers.append((b"content-range", b"bytes %d-%d/%d" % place))
        headers.append((b"content-length", b"%d" % (shown.end - shown.first)))
        await send(started(status, headers))
        if scope["method"] == "HEAD" or shown.first == shown.end:
            await send(NOTHING)
            return None
        return shown

    def _more(self, scope: Scope) -> Headers:
        return SECURE if self._hsts and scope["scheme"] == "https" else []


async def _stream(file: int, part: Part, send: Send) -> None:
    """A piece at a time."""
    place = part.first
    while place < part.end:
        piece = await asyncio.to_thread(os.pread, file, min(CHUNK, part.end - place), place)
        if not piece:
            # Somebody cut the file short: the server ends the connection, which says so.
            return
        place += len(piece)
        more = place < part.end
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _has(fields: Mapping[bytes, bytes], tag: bytes, found: About) -> bool:
    """True where the client has it already: its tag says so, or without one the date (§13.2.2)."""
    known = fields.get(b"if-none-match")
    if known is not None:
        return is_known(known, tag)
    since = fields.get(b"if-modified-since")
    if since is None:
        return False
    moment = _seconds(since)
    return moment is not None and found.modified <= moment


def _may_be_part(fields: Mapping[bytes, bytes], tag: bytes, found: About) -> bool:
    """False where an If-Range names another version (RFC 9110 §13.1.5)."""
    condition = fields.get(b"if-range")
    if condition is None or condition == tag:
        return True
    return _seconds(condition) == found.modified


def _seconds(value: bytes | None) -> int | None:
    """A date in seconds since 1970; None for what is none."""
    if value is None:
        return None
    try:
        return int(parsedate_to_datetime(value.decode("ascii")).timestamp())
    except (ValueError, OverflowError, TypeError):
        return None
