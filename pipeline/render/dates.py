"""Dates as readers write them, by CLDR."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from babel import Locale

RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)


@lru_cache(maxsize=4096)
def format_day(day: date, pattern: str, lang: str) -> str:
    """`day` in a CLDR date pattern (`d MMMM yyyy`), in the words of a BCP 47 language."""
    # Babel costs 30 ms to load; a build in which no date is new to it never does.
    from babel.dates import format_date

    return format_date(day, pattern, locale=_locale(lang) or "en")


def month_name(day: date, lang: str) -> str:
    """The name of the month as it stands alone, such as `June`."""
    return format_day(day, "LLLL", lang)


@lru_cache(maxsize=256)
def language_name(lang: str) -> str:
    """A language in its own words, such as `français`; the tag where CLDR does not know it."""
    locale = _locale(lang)
    return (locale and locale.get_display_name(locale)) or lang


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
