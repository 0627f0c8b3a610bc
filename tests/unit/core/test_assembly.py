"""Which items an issue proposes, and why not the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.core.assembly import Why, assemble
from tests.feed_site import ZURICH, day, make
from tests.issue_desk import LETTER, choice, news

if TYPE_CHECKING:
    from pipeline.core.item import Item


def reasons(*items: Item, **values: object) -> dict[str, tuple[Why, str]]:
    found = assemble(choice(items, **values))  # type: ignore[arg-type]
    return {out.item.id: (out.why, out.reason) for out in found.left_out}


def test_the_newest_leads_and_the_next_fill_their_sections() -> None:
    found = assemble(choice((*news(20, 22, 21), *news(10, kind="champion"))))
    assert found.lead == "n22"
    assert [(x.title, x.items) for x in found.sections] == [
        ("News for June 2017", ("n21", "n20")),
        ("Champion", ("c10",)),
    ]
    assert found.left_out == ()
    assert found.offered == ("n22", "n21", "n20", "c10")


def test_sections_without_items_are_left_away() -> None:
    assert assemble(choice(news(20))).sections == ()
    assert assemble(choice(())).offered == ()


def test_a_full_section_leaves_the_oldest_out_and_says_how_much_it_takes() -> None:
    assert reasons(*news(20, 21, 22, 23)) == {
        "n20": (Why.FULL, 'no room: "Top story" takes 1, "News for June 2017" takes 2')
    }


def test_a_lead_section_with_room_keeps_the_others_under_its_title() -> None:
    lead, *others = LETTER.sections
    letter = replace(LETTER, sections=(replace(lead, limit=3), *others))
    found = assemble(choice(news(20, 21, 22, 23), letter=letter))
    assert found.lead == "n23"
    assert [(x.title, x.items) for x in found.sections] == [
        ("Top story", ("n22", "n21")),
        ("News for June 2017", ("n20",)),
    ]


@pytest.mark.parametrize(
    ("values", "why", "reason"),
    [
        ({"draft": True}, Why.DRAFT, "a draft"),
        ({"issue": "skip"}, Why.SKIP, "kept out of newsletters (issue: skip)"),
        ({"issue": "other"}, Why.RESERVED, "reserved for other"),
        ({"kind": "resource"}, Why.NO_SECTION, 'no section takes the kind "resource"'),
        ({"expires": day("2017-06-30T08:59")}, Why.EXPIRED, "expires 2017-06-30"),
        ({"date": day("2017-07-01")}, Why.LATER, "dated 2017-07-01, after the issue's 2017-06-30"),
        ({"date": day("2017-06-30T13:00")}, Why.LATER, "dated 2017-06-30, its time has not come"),
        ({"date": day("2017-04-28")}, Why.OLD, "dated 2017-04-28, more than 62 days before"),
    ],
)
def test_each_reason_is_given(values: dict[str, object], why: Why, reason: str) -> None:
    item = replace(make("x", "2017-06-20"), **values)  # type: ignore[arg-type]
    assert reasons(item) == {"x": (why, reason)}


@pytest.mark.parametrize(
    "values",
    [
        {"issue": "enewsupdate"},
        {"date": day("2017-04-29")},
        {"date": day("2017-06-30T11:59")},
        {"expires": day("2017-07-01")},
    ],
)
def test_the_edges_are_in(values: dict[str, object]) -> None:
    assert reasons(replace(make("x", "2017-06-20"), **values)) == {}  # type: ignore[arg-type]


def test_what_an_earlier_issue_carried_is_out_by_id_whatever_happened_to_it() -> None:
    moved = make("x", "2017-06-29", title="New title", source="items/elsewhere.md", digest="other")
    assert reasons(moved, taken={"x": "enewsupdate/2017-04"}) == {
        "x": (Why.CARRIED, "carried by enewsupdate/2017-04")
    }


def test_an_issue_for_a_day_to_come_takes_nothing_whose_time_has_not_come() -> None:
    later = make("x", "2017-07-03")
    on, now = date(2017, 7, 5), datetime(2017, 6, 30, tzinfo=ZURICH)
    assert reasons(later, on=on, now=now) == {
        "x": (Why.LATER, "dated 2017-07-03, its time has not come")
    }
    assert reasons(later, on=on, now=datetime(2017, 7, 4, tzinfo=ZURICH)) == {}


def test_an_old_issue_built_late_takes_nothing_that_has_expired_since() -> None:
    item = make("x", "2017-06-20", expires=day("2017-08-01"))
    assert reasons(item, now=datetime(2017, 9, 1, tzinfo=ZURICH))["x"][0] is Why.EXPIRED


def test_items_that_announce_issues_are_never_candidates() -> None:
    found = assemble(choice([make("issue", "2017-06-20", path="issues/enewsupdate/2017-04/")]))
    assert found.offered == ()
    assert found.left_out == ()


def test_one_piece_in_two_languages_is_carried_once_in_the_newsrooms_own() -> None:
    spanish = make("es", "2017-06-25", lang="es", translations=("en",))
    english = make("en", "2017-06-20")
    found = assemble(choice([spanish, english]))
    assert found.offered == ("en",)
    assert [(x.item.id, x.why, x.reason) for x in found.left_out] == [
        ("es", Why.TRANSLATION, "a translation of en, which is in")
    ]


def test_a_translation_of_what_was_carried_is_out_and_one_without_original_is_in() -> None:
    spanish = make("es", "2017-06-25", lang="es", translations=("en",))
    english = make("en", "2017-06-20")
    found = reasons(spanish, english, taken={"en": "enewsupdate/2017-04"})
    assert found["es"] == (Why.TRANSLATION, "its translation was carried by enewsupdate/2017-04")
    assert assemble(choice([make("alone", "2017-06-25", lang="es")])).offered == ("alone",)
    draft = replace(english, draft=True)
    assert assemble(choice([spanish, draft])).offered == ("es",)
