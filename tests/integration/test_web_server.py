"""The web server over real connections: beginning, ending, and clients that mean no good."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.errors import ConfigError
from pipeline.web import protocol
from pipeline.web.asgi import started
from pipeline.web.door import Door
from pipeline.web.limits import PUSH_MOST
from pipeline.web.server import WebServer
from tests.web_desk import BASE, Inner, connected, live, one, request, rest, serving, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.web.asgi import Receive, Scope, Send

PAGE = b"<p>" + b"news " * 400 + b"</p>"
CHUNKED = ("transfer-encoding: chunked",)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_bytes(PAGE)
    (folder / "404.html").write_bytes(b"<p>nothing here</p>")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[WebServer]:
    with serving(folder) as server:
        yield server


@pytest.fixture(scope="module", params=["", "127.0.0.1"])
def watched(
    folder: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[WebServer, list[object]]]:
    """A server, behind a proxy or not, and what its short way had at hand, each time."""
    door = Door(Inner(), folder=folder, base_url=BASE, proxies=request.param)
    quick = door.quick
    short: list[object] = []

    def watching(*arguments: Any, **named: Any) -> Any:
        short.append(quick(*arguments, **named))
        return short[-1]

    door.quick = watching  # type: ignore[method-assign]
    with serving(door) as server:
        yield server, short


def undated(answer: bytes) -> bytes:
    found, count = re.subn(rb"(?m)^date: [^\r]*GMT\r\n", b"", answer)
    assert count == answer.count(b"HTTP/1.1 ")
    return found


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ("accept-encoding: gzip",),
        ("accept-encoding: br, gzip",),
        ("if-none-match: *",),
        ("If-None-Match: *", "Accept-Encoding: gzip"),
        ("if-modified-since: Sun, 01 Jan 2090 00:00:00 GMT",),
        ("if-modified-since: Sun, 01 Jan 2012 00:00:00 GMT",),
        ('if-none-match: "other"',),
        ("range: bytes=0-3",),
        ("x-forwarded-proto: https", "x-forwarded-for: 203.0.113.1"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_short_way_says_what_the_long_one_does(
    watched: tuple[WebServer, list[object]], fields: tuple[str, ...], method: str
) -> None:
    server, short = watched
    plain = request("/", *fields, method=method, last=False)
    asked = request("/?long", *fields, method=method, last=False)
    with connected(server) as connection:
        first, again, long = (one(connection, sent) for sent in (plain, plain, asked))
    assert undated(first) == undated(again) == undated(long)
    assert (short[-2] is None) is ("range: bytes=0-3" in fields)
    assert short[-1] is None


def test_many_requests_at_once_are_answered_in_their_order(server: WebServer) -> None:
    paths = ["/", "/", "/?x", "/nothing", "/", "/subscribe", "/", "/?y"]
    with connected(server) as connection:
        sent = b"".join(request(path, last=path == "/?y") for path in paths)
        found = told(connection, sent)
    statuses = re.findall(rb"HTTP/1\.1 (\d+)", found)
    assert statuses == [b"200"] * 3 + [b"404"] + [b"200"] * 4
    assert found.count(PAGE) == 6


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc",
    ],
)
def test_other_ways_to_ask(server: WebServer, sent: bytes) -> None:
    with connected(server) as connection:
        assert told(connection, sent).endswith(PAGE)


def test_a_body_that_nobody_asked_for_is_passed_over(server: WebServer) -> None:
    with connected(server) as connection:
        odd = request("/", "content-length: 3", last=False) + b"abc"
        assert told(connection, odd, odd, request("/")).count(PAGE) == 3


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET / HTTP/1.1\r\n", *[b"x: " + b"y" * 4000 + b"\r\n"] * 20],
        [b"GET /" + b"x" * 80_000],
        [b"GET / HTTP/1.1\r\nx: ", *[b"y" * 4000] * 20],
    ],
)
def test_an_endless_head_is_cut(server: WebServer, pieces: list[bytes]) -> None:
    with connected(server) as connection:
        try:
            found = told(connection, *pieces)
        except (BrokenPipeError, ConnectionResetError):
            return
        assert found[:12] in (b"HTTP/1.1 431", b"")


def test_fields_after_a_body_are_nobodys(folder: Path) -> None:
    inner = Inner()
    door = Door(inner, folder=folder, base_url=BASE, proxies="127.0.0.1")
    asked = request("/subscribe", "x-forwarded-for: 203.0.113.1", *CHUNKED, method="POST")
    after = b"2\r\nab\r\n0\r\nX-Forwarded-For: 203.0.113.2\r\nX-After: 1\r\n\r\n"
    with serving(door) as server, connected(server) as connection:
        assert told(connection, asked + after).endswith(b"inner")
    assert inner.bodies == [b"ab"]
    assert inner.asked[0]["client"][0] == "203.0.113.1"
    assert b"x-after" not in dict(inner.asked[0]["headers"])


@pytest.mark.parametrize("path", ["/", "/subscribe"])
@pytest.mark.parametrize(
    ("fields", "first", "again"),
    [
        (CHUNKED, b"0\r\n", b"a:\r\n" * 4096),
        (CHUNKED, b"0\r\na: ", b"a" * 16384),
        (CHUNKED, b"1;", b"a" * 16384),
        (CHUNKED, b"", b"1000\r\n" + b"a" * 4096 + b"\r\n"),
        (("content-length: 99999999",), b"", b"a" * 16384),
    ],
)
def test_a_request_without_end_is_ended(
    server: WebServer, path: str, fields: tuple[str, ...], first: bytes, again: bytes
) -> None:
    pieces = [again] * (2 * protocol.REQUEST_MOST // len(again))
    with connected(server) as connection, suppress(ConnectionError):
        # Else it waits for more, and this runs into the connection's own limit.
        told(connection, request(path, *fields, last=False), first, *pieces)


def test_the_longest_push_is_taken(folder: Path) -> None:
    inner = Inner()
    door = Door(inner, folder=folder, base_url=BASE)
    body = os.urandom(PUSH_MOST)
    pieces = [body[place : place + 1000] for place in range(0, PUSH_MOST, 1000)]
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
    path = "/api/v1/hooks/push"
    with serving(door) as server:
        with connected(server) as connection:
            length = request(path, f"content-length: {len(body)}", method="POST", last=False)
            assert one(connection, length + body).endswith(b"inner")
            assert one(connection, length + body).endswith(b"inner")
        with connected(server) as connection:
            asked = request(path, *CHUNKED, method="POST") + b"".join(chunks) + b"0\r\n\r\n"
            assert told(connection, asked).endswith(b"inner")
    assert inner.bodies == [body] * 3


def test_what_strangers_send_does_not_fill_the_log(
    server: WebServer, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade = request("/", "connection: upgrade", "upgrade: h2c", last=False)
    with caplog.at_level("WARNING"):
        for _ in range(3):
            with connected(server) as connection:
                told(connection, b"\x16\x03\x01 hello\r\n\r\n")
            with connected(server) as connection:
                assert PAGE in one(connection, upgrade)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == len(set(said)) <= 3


def test_what_is_no_request_is_refused(server: WebServer) -> None:
    with connected(server) as connection:
        assert told(connection, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nhost: x\r\n", b"\r\n", request("/", last=False)],
)
def test_who_says_nothing_more_goes(
    folder: Path, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "LOOK", 0.02)
    with serving(folder) as server, connected(server) as connection:
        found = told(connection, sent)
        assert found.count(b"HTTP/1.1 200") == sent.count(b"\r\n\r\n")


def test_who_takes_nothing_of_the_answer_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "LOOK", 0.02)
    (folder / "large.txt").write_bytes(os.urandom(1 << 20))
    with serving(folder) as server, connected(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(request("/large.txt", last=False) * 20)
        held = server._server
        assert held is not None
        connections = held.server_state.connections
        wait_for(lambda: bool(connections))
        wait_for(lambda: not connections)


def test_too_many_at_once_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS_MOST", 1)
    with serving(folder) as server, connected(server) as one:
        one.sendall(request("/", last=False))
        assert one.recv(12) == b"HTTP/1.1 200"
        with connected(server) as other:
            assert rest(other).startswith(b"HTTP/1.1 503")


def test_a_server_ends_and_begins_again_at_its_place(folder: Path) -> None:
    with serving(folder) as server:
        place = server.address.removeprefix("http://")
        assert server.is_alive()
        with pytest.raises(ConfigError, match="ENEWS_LISTEN"):
            WebServer(Inner(), listen_at=place).start()
    assert not server.is_alive()
    with serving(folder, listen_at=place) as again, connected(again) as connection:
        assert told(connection, request("/")).endswith(PAGE)


def test_a_request_under_way_ends_well(folder: Path) -> None:
    began, end = threading.Event(), threading.Event()

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        await send(started(200, [(b"content-length", b"4")]))
        began.set()
        await asyncio.to_thread(end.wait, 10)
        await send({"type": "http.response.body", "body": b"done"})

    server = WebServer(Door(inner, folder=folder, base_url=BASE), listen_at="127.0.0.1:0")
    server.start()
    with connected(server) as connection:
        connection.sendall(request("/subscribe", last=False))
        assert began.wait(10)
        threading.Timer(0.05, end.set).start()
        server.stop(10)
        assert rest(connection).endswith(b"done")


def test_one_that_never_ends_is_left_after_its_grace(folder: Path) -> None:
    began = threading.Event()

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        await send(started(200, []))
        began.set()
        await receive()
        await receive()

    server = WebServer(Door(inner, folder=folder, base_url=BASE), listen_at="127.0.0.1:0")
    server.start()
    with connected(server) as connection:
        connection.sendall(request("/api/v1/runs/1/events", last=False))
        assert began.wait(10)
        server.stop(0.1)
        assert not server.is_alive()


def test_an_application_that_cannot_begin(folder: Path) -> None:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    server = WebServer(Door(inner, folder=folder, base_url=BASE), listen_at="127.0.0.1:0")
    with pytest.raises(ConfigError, match="could not begin"):
        server.start()
    assert not server.is_alive()


def test_a_unix_socket(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with serving(folder, listen_at=f"unix:{path}") as server:
        assert server.address == f"unix:{path}"
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(path))
            assert told(connection, request("/", last=False), request("/")).count(PAGE) == 2
        with pytest.raises(ConfigError, match="in use"):
            WebServer(Inner(), listen_at=f"unix:{path}").start()
        assert path.exists()
    assert not path.exists()
    path.write_text("mine")
    with pytest.raises(ConfigError, match="exists"):
        WebServer(Inner(), listen_at=f"unix:{path}").start()
    assert path.read_text() == "mine"


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_both_kinds_of_addresses(folder: Path) -> None:
    with serving(folder, listen_at=":0") as server:
        port = int(server.address.rpartition(":")[2])
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=10) as connection:
                assert told(connection, request("/")).endswith(PAGE)


@pytest.mark.parametrize("place", ["192.0.2.1:0", "nowhere.invalid:0", "unix:/nowhere/at/all.sock"])
def test_a_place_where_nobody_can_listen(place: str) -> None:
    with pytest.raises(ConfigError, match="cannot listen on"):
        WebServer(Inner(), listen_at=place).start()


def wait_for(condition: object) -> None:
    """Until it holds; the test fails after ten seconds."""
    assert callable(condition)
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
