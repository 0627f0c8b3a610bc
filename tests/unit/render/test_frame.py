"""What every page shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from pipeline.render.frame import Frame, root_of
from tests.archive_site import NEWSROOM, make_site

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_root_for_every_depth() -> None:
    assert [root_of(path) for path in ("", "a/", "a/b/", "old/x.html", "404.html")] == [
        "",
        "../",
        "../../",
        "../",
        "",
    ]


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
