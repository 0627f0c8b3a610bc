"""An issue in each of its languages: words, headings, and which version of a piece is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.core.catalogue import compile_catalogue
from pipeline.core.newsroom import NewsletterVersion
from pipeline.core.piece import pieces
from pipeline.core.plan import PlanSection, PlanVersion
from pipeline.core.versions import (
    further_languages,
    item_in,
    languages,
    newsletter_in,
    piece_of,
    plan_in,
    section_titles,
    version_for,
)
from tests.feed_site import MEDIA, THEMES, make
from tests.issue_desk import LETTER, NOW, ON, ROOM, plan
from tests.unit.core.test_announcement import BOTH
from tests.unit.core.test_issue import LOCK

if TYPE_CHECKING:
    from pipeline.core.catalogue import Catalogue
    from pipeline.core.item import Item

FRENCH = NewsletterVersion(
    lang="fr", title="Bulletin", sections=("À la une", "Actualités, {month} {year}", "Champion")
)
SEVERAL = replace(
    LETTER, languages=("en", "fr", "ar"), versions=(FRENCH, NewsletterVersion(lang="ar"))
)
EN = make("en", "2017-06-20", translations=("fr",))
FR = make("fr", "2017-06-21", lang="fr")
ES = make("es", "2017-06-22", lang="es", translations=("fr",))
ALONE = make("alone", "2017-06-20", lang="es")


def catalogue(*items: Item) -> Catalogue:
    return compile_catalogue(ROOM, items, themes=THEMES, media=MEDIA, now=NOW)


def test_without_a_word_an_issue_speaks_the_newsrooms_language() -> None:
    assert languages(LETTER, ROOM) == ("en",)
    assert languages(SEVERAL, ROOM) == ("en", "fr", "ar")


def test_a_language_that_was_given_up_keeps_its_feed() -> None:
    assert further_languages(SEVERAL, ROOM, ()) == ("fr", "ar")
    assert further_languages(LETTER, ROOM, (LOCK, BOTH)) == ("fr",)
    assert further_languages(replace(LETTER, key="other"), ROOM, (BOTH,)) == ()


def test_a_newsletter_has_its_own_words_in_a_language_and_keeps_the_others() -> None:
    french = newsletter_in(SEVERAL, "fr")
    assert (french.title, french.postal_address) == ("Bulletin", LETTER.postal_address)
    assert [rule.title for rule in french.sections] == list(FRENCH.sections)
    assert [rule.kinds for rule in french.sections] == [rule.kinds for rule in LETTER.sections]
    assert newsletter_in(SEVERAL, "ar") == SEVERAL
    assert newsletter_in(SEVERAL, "en") == SEVERAL


def test_headings_of_a_new_plan_are_filled_in_each_language_that_has_them() -> None:
    assert section_titles(SEVERAL, 1, ON, {"fr": "juin"}) == {"fr": "Actualités, juin 2017"}
    assert section_titles(LETTER, 1, ON, {}) == {}


def test_a_plan_in_a_language_says_what_was_written_for_it_and_nothing_of_another() -> None:
    whole = replace(
        plan(("News", ("en",)), ("More", ()), subject="S", preheader="P", message="Hello"),
        versions=(
            PlanVersion(lang="fr", title="Numéro 5", message="Bonjour"),
            PlanVersion(lang="ar"),
        ),
        sections=(
            PlanSection(title="News", items=("en",), titles={"fr": "Nouvelles"}),
            PlanSection(title="More", items=()),
        ),
    )
    assert plan_in(whole, "en") == whole
    french = plan_in(whole, "fr")
    assert (french.title, french.subject, french.preheader) == ("Numéro 5", "", "")
    assert french.message == "Bonjour"
    assert [section.title for section in french.sections] == ["Nouvelles", "More"]
    assert french.carried == whole.carried
    arabic = plan_in(whole, "ar")
    assert (arabic.title, arabic.subject, arabic.message) == (whole.title, "S", "")


def test_a_piece_is_shown_in_the_language_where_it_is_there_else_as_it_is() -> None:
    there = catalogue(EN, FR, ES, ALONE)
    assert item_in(EN, "fr", there) == FR
    assert item_in(FR, "en", there) == EN
    assert item_in(EN, "es", there) == ES  # a version of a version
    assert item_in(EN, "ar", there) == EN
    assert item_in(EN, "en", there) == EN
    assert item_in(ALONE, "fr", there) == ALONE
    assert {item.id for item in piece_of(ES, there)} == {"en", "fr", "es"}


def test_what_nobody_may_read_yet_is_not_shown_in_any_language() -> None:
    hidden = replace(FR, draft=True)
    there = catalogue(EN, hidden, ES)
    assert item_in(EN, "fr", there) == EN
    assert item_in(hidden, "en", there) == EN
    assert item_in(hidden, "es", there) == ES  # the draft still says what belongs together


def test_another_form_of_the_language_is_nearer_than_another_language() -> None:
    swiss = make("ch", "2017-06-20", lang="fr-CH", translations=("en",))
    assert item_in(EN, "fr", catalogue(replace(EN, translations=()), swiss)) == swiss
    there = catalogue(EN, FR, swiss)
    assert item_in(EN, "fr", there) == FR
    assert item_in(EN, "FR-ch", there) == swiss


def test_of_two_versions_in_one_language_the_one_that_is_named_is_shown() -> None:
    second = make("second", "2017-06-23", lang="fr", translations=("en",))
    there = catalogue(EN, FR, second)
    assert item_in(FR, "fr", there) == FR
    assert item_in(second, "fr", there) == second
    assert item_in(EN, "fr", there) == second  # the newest


def test_pieces_are_found_from_either_side() -> None:
    found = pieces([EN, FR, ES, ALONE])
    assert found == dict.fromkeys(("en", "fr", "es"), ("en", "es", "fr"))


@pytest.mark.parametrize(
    ("language", "version"),
    [
        ("", "en"),
        ("en", "en"),
        ("FR", "fr"),
        ("fr-CH", "fr"),
        ("pt", "pt-BR"),
        ("pt-BR", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("zh", "zh-Hans"),
        ("zh-TW", "zh-Hans"),
        ("zh-Hant", "zh-Hant"),
        ("zh-hant-TW", "zh-Hant"),
        ("ar", "en"),
        ("e", "en"),
        ("-", "en"),
    ],
)
def test_a_subscriber_gets_the_nearest_version(language: str, version: str) -> None:
    assert version_for(language, ("en", "fr", "pt-BR", "zh-Hans", "zh-Hant")) == version


def test_the_exact_version_comes_before_an_earlier_near_one() -> None:
    assert version_for("fr", ("fr-CH", "fr")) == "fr"
    assert version_for("fr-BE", ("fr-CH", "fr")) == "fr"
    assert version_for("fr-BE", ("en", "fr-CH", "fr-CA")) == "fr-CH"


def test_an_issue_without_versions_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        version_for("en", ())
