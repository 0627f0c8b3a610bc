"""The routes of the front door, for the application to include."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from pipeline.errors import RenderError
from pipeline.web.pages import ask_link, confirm, leave, preferences, sign_up
from pipeline.web.pages.asked import Asked
from pipeline.web.pages.form import BODY_MOST, Form, read_form
from pipeline.web.pages.house import House

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    from starlette.requests import Request

    from pipeline.web.context import Context
    from pipeline.web.pages.asked import Answer

_log = logging.getLogger("enews.web")

LANG_MOST = 40
"""Characters of a language tag that are looked at."""
ACCEPTS_MOST = 1000
"""Characters of an Accept-Language that are looked at."""
PAGES: dict[str, ModuleType] = {
    "/subscribe": sign_up,
    "/preferences": ask_link,
    "/c/{token:path}": confirm,
    "/u/{token:path}": leave,
    "/p/{token:path}": preferences,
}
"""Each has `look`, for GET and HEAD, which changes nothing, and `send`, for POST."""
ALWAYS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
}
"""Of every page here: it holds a token, or what somebody typed."""


@dataclass(frozen=True, slots=True)
class _Page:
    """What answers at one path."""

    house: House
    look: Callable[[House, Asked], Answer]
    send: Callable[[House, Asked], Answer]


def router(context: Context, *, steady: Callable[[], float] = time.monotonic) -> APIRouter:
    """Every page of the front door; `steady` is a clock in seconds that never steps back."""
    house = House(context, steady=steady)
    found = APIRouter(redirect_slashes=False)
    for path, module in PAGES.items():
        page = _Page(house, module.look, module.send)
        found.add_route(path, _endpoint(page), ["GET", "HEAD", "POST"], include_in_schema=False)
    return found


def _endpoint(page: _Page) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await _body(request) if request.method == "POST" else b""
        # A form, a store and a template take their time: in a thread, so that others are answered.
        try:
            answer = await run_in_threadpool(partial(_answer, page, request, body))
        except RenderError as error:
            # Where it is, for who wrote the template; not what was typed into the page.
            _log.error("templates/%s:%d: this template failed", error.template, error.line)
            raise
        return _response(answer, head=request.method == "HEAD")

    return endpoint


def _answer(page: _Page, request: Request, body: bytes) -> Answer:
    act = page.send if request.method == "POST" else page.look
    return act(page.house, _asked(page.house, request, body))


def _asked(house: House, request: Request, body: bytes) -> Asked:
    form = read_form(body, request.headers.get("content-type", ""))
    return Asked(
        token=request.path_params.get("token", ""),
        root=_root(request),
        lang=request.query_params.get("lang", "")[:LANG_MOST],
        accepts=request.headers.get("accept-language", "")[:ACCEPTS_MOST],
        form=form if isinstance(form, Form) else Form(),
        unread=None if isinstance(form, Form) else form,
        client=request.client.host if request.client else "",
        now=house.now(),
    )


def _root(request: Request) -> str:
    """From the address as the browser has it: what is escaped in it makes no folder."""
    raw: bytes = request.scope["raw_path"]
    below: int = raw.count(b"/") - request.scope.get("root_path", "").count("/")
    return "../" * max(0, below - 1)


async def _body(request: Request) -> bytes:
    """The body; of one that is longer than any form a byte more than that, and no more."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_MOST:
            break
    return bytes(body[: BODY_MOST + 1])


def _response(answer: Answer, *, head: bool) -> Response:
    headers = {**ALWAYS, **answer.headers, "content-length": str(len(answer.body))}
    return Response(b"" if head else answer.body, answer.status, headers, media_type=answer.type)
