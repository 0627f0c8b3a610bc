"""How much a request may bring."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.web import limits
from pipeline.web.limits import TooMuchError, body_most, read_whole
from tests.asking import scope_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.web.asgi import Message, Receive


def giving(*pieces: bytes, end: bool = True) -> tuple[Receive, list[Message]]:
    """What a server gives, and what is left of it."""
    waiting: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": not end or place < len(pieces)}
        for place, piece in enumerate(pieces, 1)
    ]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    return receive, waiting


def read(receive: Receive, *, most: int = 10, **headers: str) -> list[Message]:
    """The first two messages that the application gets."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}

    async def both() -> list[Message]:
        whole = await read_whole(scope_of("/api/v1/x", "POST", fields), receive, most)
        return [await whole(), await whole()]

    return asyncio.run(both())


def test_a_body_comes_in_one_piece_and_then_the_end_shows() -> None:
    receive, _ = giving(b"ab", b"cd", b"")
    first, second = read(receive, transfer_encoding="chunked")
    assert first == {"type": "http.request", "body": b"abcd", "more_body": False}
    assert second["type"] == "http.disconnect"


def test_the_longest_one_is_taken() -> None:
    receive, _ = giving(b"0123456789")
    assert read(receive, content_length="10")[0]["body"] == b"0123456789"


@pytest.mark.parametrize("length", ["11", "99999999999999999999", "-1", "0x5", "1e1", ""])
def test_a_length_that_is_too_much_is_refused_before_anything_is_read(length: str) -> None:
    receive, waiting = giving(b"0")
    with pytest.raises(TooMuchError) as caught:
        read(receive, content_length=length)
    assert caught.value.status == 413
    assert len(waiting) == 1


def test_an_endless_body_is_left_as_soon_as_it_is_too_long() -> None:
    receive, waiting = giving(*[b"0123"] * 100)
    with pytest.raises(TooMuchError) as caught:
        read(receive, transfer_encoding="chunked")
    assert caught.value.status == 413
    assert len(waiting) == 97


def test_a_request_without_a_body_is_not_waited_for() -> None:
    async def never() -> Message:
        raise AssertionError

    found = asyncio.run(read_whole(scope_of("/subscribe"), never, 10))
    assert found is never


def test_who_goes_away_meanwhile_is_seen_to_be_gone() -> None:
    receive, _ = giving(b"ab", end=False)
    assert read(receive, content_length="5")[0]["type"] == "http.disconnect"


def test_who_is_too_slow_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.0)

    async def slow() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(TooMuchError) as caught:
        read(slow, content_length="5")
    assert caught.value.status == 408


def test_an_endless_address_is_refused() -> None:
    check: Callable[..., Any] = lambda: asyncio.run(  # noqa: E731
        read_whole(scope_of("/u/" + "x" * 9000), giving()[0], 10)
    )
    with pytest.raises(TooMuchError) as caught:
        check()
    assert caught.value.status == 414


def test_a_push_may_name_many_files() -> None:
    assert body_most("/api/v1/hooks/push") > body_most("/api/v1/issues") == body_most("/subscribe")
