"""What browsers are told not to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from pipeline.web.headers import Shield

if TYPE_CHECKING:
    from pipeline.web.asgi import Message

SITE = Shield("https://news.example.org/sub")


def named(path: str, kind: str) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in SITE.headers(path, kind)}


def added(
    *headers: tuple[bytes, bytes], secure: bool = True, private: bool = False
) -> dict[str, str]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    shielded = SITE.around(send, secure=secure, private=private)
    start: Message = {"type": "http.response.start", "status": 200, "headers": [*headers]}
    asyncio.run(shielded(start))  # type: ignore[arg-type]
    assert len(start["headers"]) == len(headers)
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize("path", ["/", "/items/2017/x/", "/404.html", "/issuesque/"])
def test_pages_run_nothing_and_stand_in_no_frame(path: str) -> None:
    policy = named(path, "text/html; charset=utf-8")["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "script" not in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self' https://news.example.org;" in policy


def test_issues_have_their_styles_in_them_and_no_scripts_either() -> None:
    found = named("/issues/letter/2017-01/", "text/html; charset=utf-8")
    assert "style-src 'self' 'unsafe-inline';" in found["content-security-policy"]
    assert "script" not in found["content-security-policy"]


def test_drawings_are_kept_in_a_box() -> None:
    assert "sandbox" in named("/media/x.svg", "image/svg+xml")["content-security-policy"]


@pytest.mark.parametrize("kind", ["image/png", "text/xml; charset=utf-8", "text/html", "x/y"])
def test_no_type_is_guessed(kind: str) -> None:
    assert named("/x", kind)["x-content-type-options"] == "nosniff"


def test_answers_get_what_they_lack() -> None:
    found = added((b"content-type", b"text/html"))
    assert found["content-type"] == "text/html"
    assert found["x-content-type-options"] == "nosniff"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in found["permissions-policy"]
    assert "frame-ancestors 'none'" in found["content-security-policy"]


def test_what_an_answer_says_itself_stays() -> None:
    found = added((b"Content-Security-Policy", b"default-src 'self'"))
    assert found["Content-Security-Policy"] == "default-src 'self'"
    assert "content-security-policy" not in found


def test_pages_with_a_token_tell_nobody_where_one_comes_from() -> None:
    assert added(private=True)["referrer-policy"] == "no-referrer"
    assert added()["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "content-security-policy" in added(private=True)


def test_tls_is_asked_for_only_where_it_is() -> None:
    assert "strict-transport-security" in added()
    assert "strict-transport-security" not in added(secure=False)
    assert Shield("http://news.example.org").secure is False
