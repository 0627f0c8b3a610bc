"""Whether the service lives, whether it works, and its figures; for machines.

`/healthz` and `/readyz` tell nothing but yes and no, to anybody. `/metrics` is for who is on this
machine, and for who has an access token of the scope `metrics`; for others it is not there.
"""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response  # FastAPI reads the types of what it calls
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.exceptions import HTTPException

from pipeline.core.token import Scope, hashed
from pipeline.errors import StoreError
from pipeline.web.metrics import Stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.web.context import Context
    from pipeline.web.metrics import Counts

BEAT_MOST = 900.0
"""Seconds in which the main loop looks around: the longest that one run may take."""

METHODS = ["GET", "HEAD"]
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers of proxies: who comes with one of them came from elsewhere."""

OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What a program on this machine calls it; a proxy passes on what the client called it."""

NO_STORE = {"Cache-Control": "no-store"}


def router(context: Context, *, beat: Callable[[], float], counts: Counts) -> APIRouter:
    """The three of them; `beat` gives the seconds since the main loop last looked around."""
    counts.registry.register(Stored(context, time.monotonic))
    routes = APIRouter()

    def healthz() -> Response:
        return _plain("ok\n")

    def readyz() -> Response:
        checks = {
            "store": _store_answers(context),
            "output": (context.app.settings.folders.output / "index.html").is_file(),
            "loop": beat() < BEAT_MOST,
        }
        lines = "".join(f"{name}: {'ok' if fine else 'no'}\n" for name, fine in checks.items())
        return _plain(lines, 200 if all(checks.values()) else 503)

    def metrics(request: Request) -> Response:
        if not (_is_here(request) or _may_read(request, context)):
            raise HTTPException(404)
        data = generate_latest(counts.registry)
        return Response(data, headers=NO_STORE, media_type=CONTENT_TYPE_LATEST)

    for path, answer in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics)):
        routes.add_api_route(path, answer, methods=METHODS, include_in_schema=False)
    return routes


def _plain(words: str, status: int = 200) -> Response:
    return Response(words, status, NO_STORE, "text/plain; charset=utf-8")


def _store_answers(context: Context) -> bool:
    try:
        with context.store.database.reads() as connection:
            connection.execute(text("SELECT 1"))
    except StoreError:
        return False
    return True


def _is_here(request: Request) -> bool:
    """True for a peer on this machine that speaks for itself; a Unix socket has no peer.

    A proxy may say nothing of whom it speaks for: then the Host tells, or that it asks with
    HTTP/1.0, as nginx does where nobody told it otherwise.
    """
    if any(name in request.headers for name in FORWARDED) or request.client is None:
        return False
    hosts = request.headers.getlist("host")
    if len(hosts) != 1 or _name(hosts[0]) not in OWN_NAMES:
        return False
    if request.scope.get("http_version") == "1.0":
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """A Host without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def _may_read(request: Request, context: Context) -> bool:
    """True with a good token. That it was used is not noted: a GET changes nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return False
    try:
        found = context.store.tokens.find(hashed(token.strip()))
    except StoreError:
        return False
    return found is not None and found.allows(Scope.METRICS, context.now())
