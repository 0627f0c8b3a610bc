"""Which language a page speaks."""

from __future__ import annotations

import pytest

from pipeline.core.spoken import spoken

KNOWN = ("en", "fr", "es", "ar", "zh-Hant")


@pytest.mark.parametrize(
    ("chosen", "accepts", "found"),
    [
        ("", "", "en"),
        ("fr", "es", "fr"),
        ("FR-ch", "", "fr"),
        ("xx", "es", "es"),
        ("", "de, fr;q=0.5, es;q=0.8", "es"),
        ("", "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("", "fr;q=0, *", "en"),
        ("", "ar-EG", "ar"),
        ("", "zh-Hant-TW", "zh-Hant"),
        ("", "zh", "zh-Hant"),
        ("", "*", "en"),
        ("", "fr;q=2, es;q=x, ar;q=nan", "en"),
        ("", ",;=,;;q", "en"),
        ("../../etc/passwd", "", "en"),
    ],
)
def test_what_was_chosen_then_what_the_browser_asks_for(
    chosen: str, accepts: str, found: str
) -> None:
    assert spoken(chosen, accepts, KNOWN) == found


def test_the_first_of_equals_is_the_most_wanted() -> None:
    assert spoken("", "es, fr", KNOWN) == "es"


def test_a_header_without_end_is_not_read_to_its_end() -> None:
    assert spoken("", "de," * 50_000 + "fr", KNOWN) == "en"
