"""What every page shares."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RenderError
from pipeline.render.frame import WORDS, Frame, root_of
from pipeline.render.templates import Templates
from tests.archive_site import NEWSROOM, TEMPLATES, make_site, render

if TYPE_CHECKING:
    from collections.abc import Callable


class OtherWords(Templates):
    """The templates that ship, with another file of words."""

    def __init__(self, words: bytes) -> None:
        super().__init__(())
        self._words = words
        self.html = TEMPLATES.html  # type: ignore[method-assign]

    def asset(self, name: str) -> bytes:
        """The words, or nothing."""
        return self._words if name == WORDS else b""


def test_a_root_for_every_depth() -> None:
    assert [root_of(path) for path in ("", "a/", "a/b/", "old/x.html", "404.html")] == [
        "",
        "../",
        "../../",
        "../",
        "",
    ]


def test_the_words_can_be_another_languages() -> None:
    words = json.loads(TEMPLATES.asset(WORDS)) | {"newest": "Neueste & beste"}
    site = make_site(templates=OtherWords(json.dumps(words).encode()))
    assert "Neueste &amp; beste" in render("", site)


@pytest.mark.parametrize(
    ("words", "line", "message"),
    [
        (b'{"a": "b",\n"c"}', 2, "Expecting"),
        (b"[1, 2]", 1, "expected an object"),
    ],
)
def test_broken_words_are_named_with_their_line(words: bytes, line: int, message: str) -> None:
    with pytest.raises(RenderError, match=message) as caught:
        _ = Frame(make_site(templates=OtherWords(words))).words
    assert (caught.value.template, caught.value.line) == (WORDS, line)


def test_a_missing_word_is_an_error_not_a_gap() -> None:
    words = json.loads(TEMPLATES.asset(WORDS))
    del words["skip"]
    site = make_site(templates=OtherWords(json.dumps(words).encode()))
    with pytest.raises(RenderError, match=r"site/base.html:.*'skip'"):
        render("404.html", site)


def test_another_language_says_so_and_turns_where_it_must() -> None:
    frame = Frame(make_site())
    assert [frame.attributes(lang) for lang in ("en", "fr", "ar")] == [
        "",
        ' lang="fr"',
        ' lang="ar" dir="rtl"',
    ]


def test_days_are_said_once_where_they_are_one() -> None:
    frame = Frame(make_site(newsroom=replace(NEWSROOM, language="fr")))
    first = date(2017, 7, 1)
    assert frame.days(first, first) == "1 juillet 2017"
    assert frame.days(first, date(2017, 8, 1)) == "1 juillet 2017 – 1 août 2017"


def test_addresses_are_absolute_and_in_ascii() -> None:
    address: Callable[[str], str] = Frame(make_site()).address
    assert address("") == "https://news.example.org/coop/"
    assert address("é/") == "https://news.example.org/coop/%C3%A9/"
