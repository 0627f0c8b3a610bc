"""The API behind the door, over a real server and a real database."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.core.run import Flow, RunState
from pipeline.core.token import AccessToken, Scope, hashed
from pipeline.service.newsdesk import Newsdesk
from pipeline.web.application import make_application
from pipeline.web.context import Context
from pipeline.web.door import Door
from pipeline.web.server import WebServer
from tests.front_door import KEYS, write_room
from tests.newsrooms import app_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.store.opening import Store

TOKEN = {"Authorization": "Bearer enews_ci"}
NOW = datetime(2017, 7, 5, 9, tzinfo=UTC)


@contextmanager
def served(root: Path, ending: threading.Event) -> Iterator[tuple[str, Store]]:
    """Address and store of a newsroom below /news of its host."""
    write_room(root)
    app = app_in(root, ENEWS_LISTEN="127.0.0.1:0")
    folders = app.settings.folders
    with app.store(lambda _: None) as store:
        scopes = frozenset({Scope.BUILD})
        store.tokens.add(
            AccessToken(name="ci", hash=hashed("enews_ci"), scopes=scopes, created=NOW)
        )
        context = Context(
            app=app,
            store=store,
            newsroom=Newsdesk(folders.content),
            keys=KEYS,
            now=lambda: NOW,
            wake=lambda: None,
            ending=ending.is_set,
        )
        door = Door(
            make_application(context, rest=lambda _: asyncio.sleep(0.01)),
            folder=folders.output,
            base_url="https://x.example/news",
        )
        server = WebServer(door, listen_at=app.settings.listen)
        server.start()
        try:
            yield urlsplit(server.address).netloc, store
        finally:
            ending.set()
            server.stop(5)


def ask(
    host: str, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request(method, f"/news{path}", body, TOKEN | headers)
    return connection, connection.getresponse()


def test_a_run_is_asked_for_and_followed_to_its_end(tmp_path: Path) -> None:
    with served(tmp_path, threading.Event()) as (host, store):
        connection, answer = ask(host, "POST", "/api/v1/builds")
        assert (answer.status, answer.getheader("location")) == (202, "/news/api/v1/runs/1")
        assert answer.getheader("x-content-type-options") == "nosniff"
        connection.close()
        connection, stream = ask(host, "GET", "/api/v1/runs/1/events")
        assert stream.readline() == b"retry: 3000\n"
        stream.readline()
        assert stream.readline() == b"event: state\n"
        run = store.runs.take(NOW, [Flow.BUILD])
        assert run is not None
        store.runs.end(run.id, RunState.DONE, "3 files", {}, NOW)
        assert b'"reason":"3 files"' in stream.read()
        connection.close()
        connection, over = ask(host, "HEAD", "/api/v1/runs/1")
        assert (over.status, over.read()) == (200, b"")
        connection.close()


def test_the_server_does_not_wait_for_those_who_follow(tmp_path: Path) -> None:
    with served(tmp_path, threading.Event()) as (host, _):
        ask(host, "POST", "/api/v1/builds")[0].close()
        connection, stream = ask(host, "GET", "/api/v1/runs/1/events")
        assert stream.readline() == b"retry: 3000\n"
    assert stream.read().endswith(b"\n\n")
    connection.close()


def test_what_is_too_much_is_a_problem_too(tmp_path: Path) -> None:
    with served(tmp_path, threading.Event()) as (host, _):
        for path, size, status in (
            ("/api/v1/builds", (64 << 10) + 1, 413),
            ("/api/v1/hooks/push", (64 << 10) + 1, 404),
            ("/api/v1/hooks/push", (1 << 20) + 1, 413),
            (f"/api/v1/{'x' * 9000}", 0, 414),
        ):
            length = {"Content-Length": str(size)}
            body = b" " * size if status == 404 else None
            connection, answer = ask(host, "POST", path, body, **length)
            assert answer.getheader("content-type") == "application/problem+json"
            found = json.loads(answer.read())
            connection.close()
            assert (answer.status, found["status"]) == (status, status)
