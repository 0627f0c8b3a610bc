"""The outermost application: who answers what, and what nobody gets to see."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from pipeline.content.newsroom import ANSWERED
from pipeline.errors import ConfigError
from pipeline.web.asgi import started
from pipeline.web.door import Door
from tests.asking import Answer, ask, scope_of
from tests.web_desk import BASE, Inner

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.web.asgi import Application, Message, Receive, Scope, Send

ADDRESS = "ada@example.org"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    for path in ("index.html", "404.html", "news/index.html"):
        (tmp_path / path).write_text(path)
    return tmp_path


def get(door: Application, path: str, method: str = "GET", **more: object) -> Answer:
    return ask(door, scope_of(path, method, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("base", [BASE, f"{BASE}/a/b", f"{BASE}/caf%C3%A9"])
def test_who_answers(folder: Path, base: str) -> None:
    inner = Inner()
    door = Door(inner, folder=folder, base_url=base)
    prefix = {"b": "/a/b", "9": "/café"}.get(base[-1], "")
    for segment in sorted(ANSWERED):
        for path in (f"{prefix}/{segment}", f"{prefix}/{segment}/x"):
            assert get(door, path).body == b"inner"
            assert inner.asked[-1]["path"] == path
            assert inner.asked[-1]["root_path"] == prefix
    asked = len(inner.asked)
    assert get(door, f"{prefix}/").body == b"index.html"
    assert get(door, f"{prefix}/news/").body == b"news/index.html"
    assert get(door, f"{prefix}/uu/x").status == 404
    assert get(door, f"{prefix}//u/x").status == 404
    assert get(door, f"{prefix}/U/x").status == 404
    assert len(inner.asked) == asked


def test_below_a_prefix(folder: Path) -> None:
    inner = Inner()
    door = Door(inner, folder=folder, base_url=f"{BASE}/sub")
    found = get(door, "/sub")
    assert (found.status, found.headers["location"]) == (301, "/sub/")
    assert get(door, "/sub/news").headers["location"] == "/sub/news/"
    for path in ("/", "/news/", "/u/x", "/subscribe", "/subs/", "/sub/../u/x"):
        assert get(door, path).status == 404
    assert inner.asked == []


@pytest.mark.parametrize("host", ["evil.example", "", "news.example.org:80@evil.example", "\xff"])
def test_the_host_is_nobodys_business(folder: Path, host: str) -> None:
    door = Door(Inner(), folder=folder, base_url=BASE)
    for path in ("/", "/news", "/nothing"):
        plain = get(door, path)
        for headers in ({"host": host}, {"host": "x", "x-forwarded-host": host}):
            found = get(door, path, headers=headers)
            assert found == plain


def test_only_named_proxies_are_believed(folder: Path) -> None:
    inner = Inner()
    headers = {"x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https"}
    for proxies, client in (("", "192.0.2.1"), ("192.0.2.0/24", "203.0.113.5")):
        door = Door(inner, folder=folder, base_url=BASE, proxies=proxies)
        found = get(door, "/subscribe", headers=headers)
        assert inner.asked[-1]["client"][0] == client
        assert ("strict-transport-security" in found.headers) is bool(proxies)
        assert ("strict-transport-security" in get(door, "/", headers=headers).headers) is bool(
            proxies
        )


def test_nonsense_for_proxies_is_told_at_once(folder: Path) -> None:
    with pytest.raises(ConfigError):
        Door(Inner(), folder=folder, base_url=BASE, proxies="everybody")


def test_large_bodies_do_not_come_in(folder: Path) -> None:
    inner = Inner()
    door = Door(inner, folder=folder, base_url=BASE)
    chunks = [b"x" * 40_000] * 2
    found = ask(door, scope_of("/subscribe", "POST", {"transfer-encoding": "chunked"}), chunks)
    assert (found.status, found.headers["connection"]) == (413, "close")
    assert "content-security-policy" in found.headers
    assert get(door, "/subscribe", "POST", headers={"content-length": "70000"}).status == 413
    assert get(door, "/u/" + "x" * 9000).status == 414
    assert inner.asked == []
    headers = {"content-length": "40000"}
    assert ask(door, scope_of("/subscribe", "POST", headers), chunks[:1]).status == 200
    assert inner.bodies == [chunks[0]]


def failing(after: bool = False) -> Application:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        if after:
            await send(started(200, []))
        raise ValueError(f"cannot find {ADDRESS}") from KeyError(ADDRESS)

    return inner


@pytest.mark.parametrize("path", ["/u/s3cret", "/p/s3cret/x", "/c/s3cret", "/api/v1/runs"])
def test_a_failure_tells_nobody_anything(
    folder: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(failing(), folder=folder, base_url=BASE)
    with caplog.at_level(logging.DEBUG):
        found = get(door, path, query_string=f"address={ADDRESS}".encode())
    assert found.status == 500
    assert b"Something went wrong here." in found.body
    assert found.headers["content-type"].startswith(
        "application/problem+json" if path.startswith("/api/") else "text/plain"
    )
    assert "x-content-type-options" in found.headers
    assert "ValueError from KeyError" in caplog.text
    assert "test_door.py" in caplog.text
    assert "s3cret" not in caplog.text
    assert ADDRESS not in caplog.text
    assert ("/api/v1/runs" in caplog.text) is path.startswith("/api")


def test_a_failure_in_the_middle_of_an_answer_only_ends_it(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(failing(after=True), folder=folder, base_url=BASE)
    sent: list[Message] = []

    async def run() -> None:
        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await door(scope_of("/u/x"), receive, send)

    asyncio.run(run())
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert ADDRESS not in caplog.text


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_who_goes_away_leaves_no_trace(
    folder: Path, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        raise AssertionError

    sent: list[Message] = []

    async def run() -> None:
        waiting: list[Message] = [{"type": "http.request", "body": b"ad", "more_body": True}]

        async def receive() -> Message:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = {"content-length": "9"} if method == "POST" else {}
        door = Door(inner, folder=folder, base_url=BASE)
        await door(scope_of("/subscribe", method, headers), receive, send)

    with caplog.at_level(logging.INFO):
        asyncio.run(run())
    assert sent == []
    assert caplog.text == ""


@pytest.mark.parametrize("odd", ["\n", "\r", "\x00", "\x7f", "\n/"])
def test_what_no_address_holds_is_nowhere(folder: Path, odd: str) -> None:
    inner = Inner()
    door = Door(inner, folder=folder, base_url=f"{BASE}/news")
    for path in ("/p/token", "/u/token", "/c/token", "/subscribe", "/metrics"):
        assert get(door, f"/news{path}{odd}").status == 404
    found = get(door, f"/news/api/v1/runs{odd}", "POST")
    assert (found.status, found.headers["content-type"]) == (404, "application/problem+json")
    assert inner.asked == []


def test_sockets_of_the_web_are_not_ours(folder: Path) -> None:
    inner = Inner()
    door = Door(inner, folder=folder, base_url=BASE)

    async def run() -> None:
        async def receive() -> Message:
            raise AssertionError

        async def send(message: Message) -> None:
            raise AssertionError(message)

        await door({"type": "websocket", "path": "/u/x"}, receive, send)

    asyncio.run(run())
    assert inner.asked == []
