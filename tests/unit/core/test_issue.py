"""Names, numbers and titles of issues, and what stands for their messages."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime

import pytest

from pipeline.core.issue import (
    ISSUE_ID,
    Lock,
    LockedItem,
    digest_of,
    issue_id,
    issue_path,
    issue_title,
    next_number,
    number_in,
    section_title,
    sent_at,
    special_slug,
)
from pipeline.core.newsroom import Numbering
from tests.issue_desk import LETTER, ON, ROOM

LOCK = Lock(
    id="enewsupdate/2017-05",
    newsletter="enewsupdate",
    number=5,
    date=ON,
    at=datetime.fromisoformat("2017-06-30T09:00:00+02:00"),
    title="eNewsUpdate No. 5 <June>",
    subject="Subject",
    preheader="",
    summary="",
    items=(
        LockedItem(id="a", title="A & B", section="", path="items/2017/a/", digest="1"),
        LockedItem(id="c", title="C", section="News <x>", path="items/2017/c/", digest="2"),
        LockedItem(id="d", title="D", section="News <x>", path="items/2017/d/", digest="3"),
        LockedItem(id="e", title="E", section="More", path="items/2017/e/", digest="4"),
    ),
    digest="0" * 64,
    html_digest="",
    text_digest="",
)


@pytest.mark.parametrize(
    ("ids", "number"),
    [
        ([], 1),
        (["enewsupdate/2017-01"], 2),
        (["enewsupdate/2017-01", "enewsupdate/2017-07"], 8),
        (["enewsupdate/2016-12"], 1),
        (["other/2017-09"], 1),
        (["enewsupdate/2017-seoul", "enewsupdate/2017-50-years"], 1),
        (["enewsupdate/2017-128"], 129),
    ],
)
def test_yearly_numbers_start_again_and_gaps_stay(ids: list[str], number: int) -> None:
    assert next_number(LETTER, 2017, ids) == number


def test_continuous_numbers_never_start_again() -> None:
    letter = replace(LETTER, numbering=Numbering.CONTINUOUS)
    assert next_number(letter, 2018, ["enewsupdate/2017-128", "enewsupdate/2016-90"]) == 129


def test_numbers_in_ids() -> None:
    assert number_in("enewsupdate/2017-05") == (2017, 5)
    assert number_in("enewsupdate/2017-5") is None
    assert number_in("enewsupdate/2017-seoul") is None
    assert issue_id("enewsupdate", 2017, 5) == "enewsupdate/2017-05"
    assert issue_id("enewsupdate", 2017, None, "seoul") == "enewsupdate/2017-seoul"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Academy in Seoul!", "academy-in-seoul"),
        ("Économie sociale", "economie-sociale"),
        ("2018", "special-2018"),
        ("20-18", "special-20-18"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 200, "x" * 60),
    ],
)
def test_special_slugs_are_safe_and_never_numbers(title: str, slug: str) -> None:
    assert special_slug(title) == slug


@pytest.mark.parametrize("title", ["عدد خاص", "協同組合", "!!!"])
def test_special_slugs_of_other_scripts_are_stable(title: str) -> None:
    name = issue_id("enewsupdate", 2017, None, special_slug(title))
    assert ISSUE_ID.fullmatch(name)
    assert number_in(name) is None
    assert special_slug(title) == special_slug(title)
    assert special_slug(title) != special_slug(title + "x")


def test_titles_are_filled_in_one_pass() -> None:
    letter = replace(LETTER, title="The {number}")
    assert issue_title(letter, 5, ON, "June") == "The {number} No. 5, June 2017"
    assert section_title("News {month} {year} {title}", ON, "June") == "News June 2017 {title}"


def test_the_moment_of_an_issue_has_the_offset_of_its_day() -> None:
    assert sent_at(LETTER, ROOM, date(2017, 6, 30)).isoformat() == "2017-06-30T09:00:00+02:00"
    assert sent_at(LETTER, ROOM, date(2017, 12, 29)).isoformat() == "2017-12-29T09:00:00+01:00"


def test_one_message_is_its_own_digest_and_several_a_list() -> None:
    one, two = hashlib.sha256(b"one").hexdigest(), hashlib.sha256(b"two").hexdigest()
    assert digest_of({"en": b"one"}) == one
    lines = f"en {one}\nfr {two}\n"
    assert digest_of({"en": b"one", "fr": b"two"}) == hashlib.sha256(lines.encode()).hexdigest()
    assert digest_of({"fr": b"two", "en": b"one"}) != digest_of({"en": b"one", "fr": b"two"})


def test_a_further_version_has_a_folder_and_a_message_of_its_own() -> None:
    assert issue_path("a/2017-05", "fr") == "issues/a/2017-05/fr/"
    assert issue_path("a/2017-05") == "issues/a/2017-05/"
    (alone,) = LOCK.all_versions
    assert LOCK.message_file(alone) == "issues/enewsupdate/2017-05.eml"
    both = replace(LOCK, versions=(replace(alone, lang="en"), replace(alone, lang="fr")))
    assert list(map(both.message_file, both.all_versions)) == [
        "issues/enewsupdate/2017-05.en.eml",
        "issues/enewsupdate/2017-05.fr.eml",
    ]
