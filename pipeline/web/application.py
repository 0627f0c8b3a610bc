"""The application behind the door: the pages, the API and what monitors ask for."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match

import pipeline
from pipeline.errors import ConfigError, StoreError
from pipeline.web import health
from pipeline.web.api import asking, hooks, runs
from pipeline.web.api.events import Streams
from pipeline.web.api.guard import Guard
from pipeline.web.metrics import Counts
from pipeline.web.pages import routes as pages
from pipeline.web.problems import API, ProblemError, problem, reasons

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from fastapi.telemetry import TelemetryConfig
    from starlette.requests import Request

    from pipeline.web.context import Context

OPENAPI = "/api/openapi.json"
ABOUT = "Ask for builds and issues, follow their runs, and tell of pushes to the repository."

UNTOLD: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""Spans would carry addresses with tokens in them to wherever the environment says."""

AWAY = "The newsroom cannot be used at the moment; try again in a minute."
AWAY_SECONDS = 30

DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take that method; Allow says which.",
}

PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><h1>{title}</h1><p>{detail}</p></body>
</html>
"""


def make_application(
    context: Context,
    *,
    steady: Callable[[], float] = time.monotonic,
    rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> FastAPI:
    """All that the service answers itself; built once, for the life of the web server.

    `steady` is a clock in seconds that never steps back, `rest` waits for so many seconds.
    """
    app = FastAPI(
        title="eNewsUpdate",
        description=ABOUT,
        version=pipeline.__version__,
        openapi_url=OPENAPI,
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        telemetry=UNTOLD,
    )
    guard = Guard(context, steady=steady)
    app.include_router(pages.router(context, steady=steady))
    app.include_router(health.router(context, beat=context.beat, counts=context.counts or Counts()))
    for router in asking.routers(context, guard):
        app.include_router(router)
    app.include_router(runs.router(context, guard, Streams(context, rest=rest)))
    app.include_router(hooks.router(context, guard))
    _answer_problems(app, context.app.settings.folders.output)
    return app


def _answer_problems(app: FastAPI, output: Path) -> None:
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)  # noqa: S101  # as registered
        return await _answer(
            request, output, error.status, error.detail, headers=error.headers, more=error.more
        )

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # as registered
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_allowed(app, request))
        detail = DETAILS.get(error.status_code, "The request cannot be read.")
        return await _answer(request, output, error.status_code, detail, headers=headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101  # as registered
        detail = "The request is not as described in the API's document; see errors."
        more = {"errors": reasons(error.errors())}
        return await _answer(request, output, 422, detail, more=more)

    async def away(request: Request, error: Exception) -> Response:
        del error  # a StoreError says where the database is: not for strangers
        headers = {"Retry-After": str(AWAY_SECONDS)}
        return await _answer(request, output, 503, AWAY, headers=headers)

    async def broken(request: Request, error: Exception) -> Response:
        del error  # the door logs it
        detail = "Something went wrong here. Trying again may help."
        return await _answer(request, output, 500, detail)

    app.add_exception_handler(ProblemError, refused)
    app.add_exception_handler(HTTPException, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(StoreError, away)
    app.add_exception_handler(ConfigError, away)
    app.add_exception_handler(Exception, broken)


async def _answer(
    request: Request,
    output: Path,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """A problem for programs, a page for people."""
    path = _path(request)
    if path.startswith(API):
        return problem(status, detail, request.scope["path"], headers=headers, more=more)
    own = {"cache-control": "no-store", **(headers or {})}
    if status == HTTPStatus.NOT_FOUND:
        page = await run_in_threadpool(partial(_built, output / "404.html"))
        if page is not None:
            return HTMLResponse(page, status, own)
    title = f"{status} {HTTPStatus(status).phrase}"
    return HTMLResponse(PAGE.format(title=title, detail=detail), status, own)


def _built(path: Path) -> bytes | None:
    """The archive's own page; None where nothing is built yet."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _path(request: Request) -> str:
    """Below the newsroom's own path."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _allowed(app: FastAPI, request: Request) -> list[str]:
    """The methods of a path, of all routes that have it."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return sorted(found)
