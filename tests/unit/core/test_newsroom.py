"""The newsroom's addresses: ids that outlive it, and URLs in ASCII."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.content_examples import NEWSROOM


@pytest.mark.parametrize(
    ("specific", "tag"),
    [
        ("2017-07-10-a", "tag:news.example.org,2016:2017-07-10-a"),
        ("café 1", "tag:news.example.org,2016:caf%C3%A9%201"),
        ("a/b:c@d", "tag:news.example.org,2016:a/b:c@d"),
        ("a#b?c%d", "tag:news.example.org,2016:a%23b%3Fc%25d"),
    ],
)
def test_tags(specific: str, tag: str) -> None:
    assert NEWSROOM.tag(specific) == tag
    assert replace(NEWSROOM, base_url="https://elsewhere.example").tag(specific) == tag


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("", "https://news.example.org/"),
        ("items/2017/हिन्दी/", "https://news.example.org/items/2017/"
         "%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80/"),
        ("media/a b#c.png", "https://news.example.org/media/a%20b%23c.png"),
    ],
)  # fmt: skip
def test_urls(path: str, url: str) -> None:
    assert NEWSROOM.url(path) == url


def test_newsletters_by_key() -> None:
    assert NEWSROOM.newsletter("update") is NEWSROOM.newsletters[0]
    assert NEWSROOM.newsletter("updates") is None
