"""Dates, numbers and lists of names as readers write them, by CLDR.

Babel takes 30 ms to load, so that it is loaded where something is written with it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from babel import Locale

RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)

INTERNATIONAL = {"en": "en-001"}
"""English without a country, as CLDR has it for the world: 10 July 2017, and A, B and C."""

LATIN_DIGITS = frozenset({"en", "fr", "es", "ar", "pt", "de", "it", "ru", "zh"})
"""Some languages whose digits are 0 to 9, so that CLDR need not be asked."""

DIGITS = {
    "arab": "٠١٢٣٤٥٦٧٨٩",
    "arabext": "۰۱۲۳۴۵۶۷۸۹",
    "beng": "০১২৩৪৫৬৭৮৯",
    "deva": "०१२३४५६७८९",
    "mymr": "၀၁၂၃၄၅၆၇၈၉",
    "tibt": "༠༡༢༣༤༥༦༧༨༩",
}
"""Digits by the names that CLDR gives numbering systems."""


@lru_cache(maxsize=4096)
def format_day(day: date, pattern: str, lang: str) -> str:
    """`day` in a CLDR date pattern (`d MMMM yyyy`), in the words of a BCP 47 language."""
    from babel.dates import format_date

    return numerals(format_date(day, pattern, locale=_locale(lang) or "en"), lang)


@lru_cache(maxsize=4096)
def format_day_in(day: date, pattern: str, own: str, lang: str) -> str:
    """`day` in a language: in the pattern where that is its `own`, else as the language has it.

    So it is where the pattern is "". `d MMMM yyyy` is right in English and French, and wrong in
    Spanish or Japanese: there, and wherever a text is not in the newsroom's language, CLDR's long
    form of that language stands.
    """
    if pattern and _base(own) == _base(lang):
        return format_day(day, pattern, lang)
    # A text that only says it is English is not from the United States before it says so.
    place = INTERNATIONAL.get(lang.lower(), lang)
    return format_day(day, "full" if "E" in pattern else "long", place)


def month_name(day: date, lang: str) -> str:
    """The name of the month as it stands alone, such as `June`."""
    return format_day(day, "LLLL", lang)


@lru_cache(maxsize=1024)
def format_number(number: int, lang: str) -> str:
    """A whole number with the digits and the groups of a language."""
    if -1000 < number < 1000:
        return numerals(str(number), lang)
    from babel.numbers import format_decimal

    text = format_decimal(number, locale=_locale(lang) or "en", numbering_system="default")
    return numerals(text, lang)


def numerals(text: str, lang: str) -> str:
    """`text` with the digits that its language has by CLDR: 2026, or ۲۰۲۶ in Persian."""
    if lang.lower() in LATIN_DIGITS:
        return text
    locale = _locale(lang)
    digits = DIGITS.get(locale.default_numbering_system, "") if locale else ""
    return text.translate(str.maketrans("0123456789", digits)) if digits else text


def join_names(names: Sequence[str], lang: str) -> str:
    """Names in a row, such as `A, B and C`, as a language does it."""
    if len(names) < 2:
        return "".join(names)
    from babel.lists import format_list

    return format_list(list(names), locale=_locale(INTERNATIONAL.get(lang.lower(), lang)) or "en")


@lru_cache(maxsize=256)
def language_name(lang: str) -> str:
    """A language in its own words, such as `français`; the tag where CLDR does not know it."""
    locale = _locale(lang)
    return (locale and locale.get_display_name(locale)) or lang


def is_language(lang: str) -> bool:
    """True where CLDR names the language of a tag, whether or not it knows how it is written."""
    known = _locale("en")
    return known is not None and _base(lang) in known.languages


def _base(lang: str) -> str:
    return lang.lower().partition("-")[0]


def direction(lang: str) -> str:
    """`rtl` or `ltr`, from a BCP 47 tag (a script subtag decides before the language)."""
    parts = lang.lower().split("-")
    scripts = {part for part in parts[1:] if len(part) == 4 and part.isalpha()}
    if scripts:
        return "rtl" if scripts & {"arab", "hebr", "syrc", "thaa", "nkoo"} else "ltr"
    return "rtl" if parts[0] in RIGHT_TO_LEFT else "ltr"


@lru_cache(maxsize=256)
def _locale(lang: str) -> Locale | None:
    """What CLDR knows of a language; None for a tag that is well formed but unknown to it."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(lang, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
