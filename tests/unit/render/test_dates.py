"""Dates, numbers and lists as each language writes them."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.render.dates import (
    direction,
    format_day,
    format_day_in,
    format_number,
    is_language,
    join_names,
    language_name,
    month_name,
    numerals,
)

DAY = date(2017, 7, 10)
PATTERN = "d MMMM yyyy"


@pytest.mark.parametrize(
    ("own", "lang", "said"),
    [
        ("en", "en", "10 July 2017"),
        ("en", "en-GB", "10 July 2017"),
        ("en", "fr", "10 juillet 2017"),
        ("en", "es", "10 de julio de 2017"),
        ("en", "ar", "10 يوليو 2017"),
        ("fr", "en", "10 July 2017"),
        ("fr", "en-US", "July 10, 2017"),
        ("fr", "de", "10. Juli 2017"),
        ("fr", "ja", "2017年7月10日"),
        ("en", "fa", "۱۰ ژوئیهٔ ۲۰۱۷"),
        ("en", "xx", "July 10, 2017"),
    ],
)
def test_a_day_in_another_language_is_written_as_that_language_does(
    own: str, lang: str, said: str
) -> None:
    assert format_day_in(DAY, PATTERN, own, lang) == said


def test_a_weekday_is_kept_in_another_language() -> None:
    assert format_day_in(DAY, "EEEE d MMMM", "en", "es") == "lunes, 10 de julio de 2017"


def test_the_newsrooms_own_pattern_holds_in_its_language() -> None:
    assert format_day(DAY, "dd.MM.yyyy", "fr") == "10.07.2017"
    assert format_day_in(DAY, "dd.MM.yyyy", "fr", "fr-CH") == "10.07.2017"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "10 July 2017"),
        ("en-US", "July 10, 2017"),
        ("fr", "10 juillet 2017"),
        ("es", "10 de julio de 2017"),
        ("ar", "10 يوليو 2017"),
        ("de", "10. Juli 2017"),
    ],
)
def test_without_a_pattern_a_day_is_written_as_the_language_does(lang: str, said: str) -> None:
    assert format_day_in(DAY, "", lang, lang) == said


def test_a_language_is_one_that_has_a_name() -> None:
    assert [lang for lang in ("de", "PT-br", "tpi", "zz", "xx-FR") if is_language(lang)] == [
        "de",
        "PT-br",
        "tpi",
    ]


def test_a_month_by_itself() -> None:
    assert [month_name(DAY, lang) for lang in ("en", "es", "ar")] == ["July", "julio", "يوليو"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "A, B and C"),
        ("en-US", "A, B, and C"),
        ("fr", "A, B et C"),
        ("es", "A, B y C"),
        ("ar", "A وB وC"),
        ("ja", "A、B、C"),
    ],
)
def test_names_in_a_row(lang: str, said: str) -> None:
    assert join_names(["A", "B", "C"], lang) == said
    assert join_names(["A"], lang) == "A"
    assert join_names([], lang) == ""


def test_numbers_have_the_digits_and_the_groups_of_a_language() -> None:
    assert [format_number(7, lang) for lang in ("en", "ar", "fa", "ar-EG")] == ["7", "7", "۷", "٧"]
    assert format_number(12345, "en") == "12,345"
    assert format_number(12345, "fa") == "۱۲٬۳۴۵"
    assert numerals("No. 5", "bn") == "No. ৫"


def test_languages_in_their_own_words_and_direction() -> None:
    assert [language_name(x) for x in ("fr", "ar", "qqq")] == ["français", "العربية", "qqq"]
    assert [direction(x) for x in ("en", "ar-EG", "az-Arab", "ar-Latn")] == [
        "ltr",
        "rtl",
        "rtl",
        "ltr",
    ]
