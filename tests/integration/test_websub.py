"""A hub on this machine hears of feeds; nothing leaves it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from pipeline.core.network import is_public
from pipeline.net.reaching import Reach
from pipeline.net.websub import Hub, Pinged

if TYPE_CHECKING:
    from collections.abc import Iterator

TOPICS = ("https://news.example.org/feed.xml", "https://news.example.org/grün/atom.xml?a=1&b=2")


class HubServer(ThreadingHTTPServer):
    """Answers with the next of `statuses`, the last one for good; keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = [204]
        self.heard: list[dict[str, str]] = []
        self.types: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hub"


class Handler(BaseHTTPRequestHandler):
    server: HubServer

    def do_POST(self) -> None:
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.heard.append(dict(parse_qsl(body.decode("ascii"))))
        server.types.append(self.headers["Content-Type"])
        status = server.statuses.pop(0) if len(server.statuses) > 1 else server.statuses[0]
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def running() -> Iterator[HubServer]:
    server = HubServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hub(url: str, *, private: bool = True, seconds: list[float] | None = None) -> Hub:
    clock = iter(seconds) if seconds else None
    return Hub(
        url=url,
        reach=Reach(agent="test", allows=(lambda _: True) if private else is_public, most=5.0),
        seconds=(lambda: next(clock)) if clock else (lambda: 0.0),
    )


def test_a_hub_hears_of_each_feed() -> None:
    with running() as server:
        assert hub(server.url).ping(TOPICS) == Pinged(TOPICS)
    assert server.heard == [{"hub.mode": "publish", "hub.url": topic} for topic in TOPICS]
    assert server.types == ["application/x-www-form-urlencoded"] * 2


def test_one_that_is_refused_does_not_keep_the_others() -> None:
    with running() as server:
        server.statuses = [400, 204]
        found = hub(server.url).ping(TOPICS)
    assert found == Pinged(TOPICS[1:], TOPICS[:1], "it answered with status 400")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_hub_in_trouble_is_not_asked_again(status: int) -> None:
    with running() as server:
        server.statuses = [status]
        found = hub(server.url).ping(TOPICS)
    assert found == Pinged((), TOPICS, f"it answered with status {status}")
    assert len(server.heard) == 1


def test_a_redirect_is_no_yes() -> None:
    with running() as server:
        server.statuses = [302]
        assert hub(server.url).ping(TOPICS[:1]).left == TOPICS[:1]


def test_time_is_up() -> None:
    with running() as server:
        found = hub(server.url, seconds=[0.0, 1.0, 61.0]).ping(TOPICS)
    assert found == Pinged(TOPICS[:1], TOPICS[1:], "it took too long")


def test_trouble_is_words() -> None:
    with running() as server:
        gone, private = server.url, hub(server.url, private=False).ping(TOPICS)
        assert server.heard == []
    assert private == Pinged((), TOPICS, "127.0.0.1 is in a private network")
    refused = hub(gone).ping(TOPICS)
    assert refused.left == TOPICS
    assert refused.said.startswith("no connection")
    assert hub("http://[").ping(TOPICS).said == "http://[ is no address of a hub"
    assert hub(gone).ping(()) == Pinged()
