"""The outermost application: who asks, for what, and which of the two inside answers.

    request ─▶ proxies ─▶ prefix ─▶ first segment ─▶ ours ─▶ bounds ─▶ inner application
                                         └────────▶ else ─────────────▶ the built site

No answer is made from the Host field: absolute addresses come from the newsroom's `base_url` alone.
"""

from __future__ import annotations

import logging
import re
import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import ClientDisconnect

from pipeline.content.newsroom import ANSWERED
from pipeline.web.asgi import answer, answer_text
from pipeline.web.clients import Proxies
from pipeline.web.headers import PLAIN, Shield
from pipeline.web.limits import TooMuchError, body_most, read_whole
from pipeline.web.problems import API, PROBLEM, problem_body
from pipeline.web.site_files import SiteFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.web.asgi import Application, Headers, Message, Receive, Scope, Send

PRIVATE = frozenset({"c", "p", "u"})
"""What is followed by a token."""

SHOWN_MOST = 200
"""Characters of a path that a problem repeats."""

FRAMES = 6
"""Of a failure's place that are logged."""

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
"""In no address of ours; a pattern of routes takes a path with a line end for one without."""

_log = logging.getLogger("enews.web")


class Door:
    """`inner` answers what `content.newsroom.ANSWERED` names, the files below `folder` the rest.

    Raises ConfigError for proxies that are none.
    """

    def __init__(
        self, inner: Application, *, folder: Path, base_url: str, proxies: str = ""
    ) -> None:
        self._inner = inner
        self._shield = Shield(base_url)
        self._prefix = unquote(urlsplit(base_url).path).rstrip("/")
        self._site = SiteFiles(folder, self._shield, prefix=self._prefix)
        self._proxies = Proxies(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on the beginning and the end of the server's life."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._inner(scope, receive, send)
            return
        if self._proxies.any:
            self._proxies.unveil(scope)
        path: str = scope["path"]
        if self._prefix:
            path = path.removeprefix(self._prefix)
            if path == scope["path"] or not path.startswith("/"):
                await self._stray(path, scope, send)
                return
        if path[1:].partition("/")[0] in ANSWERED:
            await self._ask(path, scope, receive, send)
            return
        if self._prefix:
            scope["path"] = path
        await self._site(scope, receive, send)

    def quick(
        self,
        url: bytes,
        headers: Headers,
        fields: Mapping[bytes, bytes],
        client: tuple[str, int] | None,
        *,
        body: bool,
    ) -> tuple[bytes, bytes, bytes] | None:
        """The answer to a GET (or HEAD: not `body`) that needs no work, as `SiteFiles.quick`.

        None where it does: then the request is to be made of the application, the usual way.
        `fields` are the headers by name.
        """
        if b"%" in url or b"?" in url:
            return None
        path = url.decode("latin-1")
        if self._prefix:
            path = path.removeprefix(self._prefix)
            if len(path) == len(url):
                return None
        secure = False
        if self._proxies.any and self._shield.secure:
            scope: Scope = {"client": client, "scheme": "http", "headers": headers}
            self._proxies.unveil(scope)
            secure = scope["scheme"] == "https"
        return self._site.quick(path, fields, secure=secure, body=body)

    async def _stray(self, rest: str, scope: Scope, send: Send) -> None:
        """What is not below the prefix; the prefix itself is a folder, and lacks its slash."""
        if not rest:
            place = f"{quote(self._prefix)}/".encode()
            headers: Headers = [(b"location", place), *PLAIN]
            await answer_text(send, 301, "See there.", headers, body=scope["method"] != "HEAD")
            return
        await self._site.not_found(scope, send)

    async def _ask(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the inner application answer, within bounds, with the headers of all pages."""
        segment = path[1:].partition("/")[0]
        secure = scope["scheme"] == "https"
        shielded = self._shield.around(send, secure=secure, private=segment in PRIVATE)
        watch = _Watch(shielded)
        # The path stays whole: what is below `root_path` is the application's own (ASGI 3).
        scope["root_path"] = self._prefix
        if CONTROLS.search(path):
            await _tell(watch, 404, "There is nothing at this address.", path, [])
            return
        try:
            whole = await read_whole(scope, receive, body_most(path))
            await self._inner(scope, whole, watch)
        except TooMuchError as error:
            # The rest of the request is still on its way: this connection is of no more use.
            closing: Headers = [(b"connection", b"close")]
            await _tell(watch, error.status, str(error), path, closing)
        except ClientDisconnect:
            return  # whoever sent half a body is gone: nobody waits, and nothing is wrong here
        except Exception as error:
            # Without the message and the usual trace: both may hold what people typed.
            said = "%s %s failed: %s"
            _log.error(said, scope["method"], veiled(path), place_of(error))
            await _tell(watch, 500, "Something went wrong here.", path, [])


class _Watch:
    """A `send` that knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self._send(message)


async def _tell(watch: _Watch, status: int, text: str, path: str, headers: Headers) -> None:
    """What is wrong, to people or to programs; nothing where an answer has begun."""
    if watch.started:
        return
    if path.startswith(API):
        data = problem_body(status, text, path, {})
        await answer(watch, status, data, PROBLEM, headers, body=True)
    else:
        await answer_text(watch, status, text, headers, body=True)


def veiled(path: str) -> str:
    """A path for the log: what follows /u/, /p/ and /c/ opens a person's page."""
    segment, slash, _ = path[1:].partition("/")
    if segment in PRIVATE and slash:
        return f"/{segment}/…"
    return path[:100].encode("ascii", "backslashreplace").decode("ascii")


def place_of(error: BaseException) -> str:
    """What failed and where; never the message, which may hold what people typed."""
    names = [type(error).__name__]
    cause = error.__cause__
    while cause is not None and len(names) < FRAMES:
        names.append(type(cause).__name__)
        cause = cause.__cause__
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{' from '.join(names)} at {', '.join(places) or 'an unknown place'}"
