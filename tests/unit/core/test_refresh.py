"""What a refresh adds to an edited plan, and what it never touches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.assembly import Why, assemble
from pipeline.core.refresh import refresh, review
from tests.issue_desk import LETTER, choice, news, plan

if TYPE_CHECKING:
    from pipeline.core.plan import Plan


def built(*days: int) -> Plan:
    """The plan that a build makes of these days."""
    found = assemble(choice(news(*days)))
    return plan(lead=found.lead, offered=found.offered, sections=found.sections)


def titles(found: Plan) -> list[tuple[str, tuple[str, ...]]]:
    return [(section.title, section.items) for section in found.sections]


def why(left_out: object) -> dict[str, Why]:
    return {out.item.id: out.why for out in left_out}  # type: ignore[attr-defined]


def test_nothing_new_leaves_the_plan_as_it_is() -> None:
    before = built(20, 21)
    after, left_out = refresh(before, choice(news(20, 21)))
    assert after is before
    assert left_out == ()


def test_what_is_new_goes_to_the_end_of_its_section() -> None:
    after, _ = refresh(built(20, 21), choice(news(20, 21, 25)))
    assert after.lead == "n21"
    assert titles(after) == [("News for June 2017", ("n20", "n25"))]
    assert after.offered == ("n21", "n20", "n25")


def test_what_the_editor_dropped_never_comes_back() -> None:
    before = replace(built(20, 21, 22), sections=(), lead="n22")
    after, left_out = refresh(before, choice(news(20, 21, 22)))
    assert after is before
    assert why(left_out) == {"n21": Why.DROPPED, "n20": Why.DROPPED}


def test_a_full_section_stays_full() -> None:
    _, left_out = refresh(built(20, 21, 22), choice(news(20, 21, 22, 23)))
    assert why(left_out) == {"n23": Why.FULL}


def test_a_renamed_section_is_known_by_what_it_carries() -> None:
    before = replace(built(20, 21), sections=plan(("Seen around", ("n20",))).sections)
    after, _ = refresh(before, choice(news(20, 21, 25)))
    assert titles(after) == [("Seen around", ("n20", "n25"))]


def test_items_of_a_section_that_was_taken_out_stay_out() -> None:
    before = replace(built(20, 21), sections=plan(("My own", ("other",))).sections)
    after, left_out = refresh(before, choice(news(20, 21, 25)))
    assert after is before
    assert why(left_out) == {"n25": Why.DROPPED, "n20": Why.DROPPED}
    assert left_out[0].reason == "the editor took out the section that it belongs to"


def test_a_section_that_had_nothing_yet_is_added() -> None:
    items = (*news(20, 21), *news(25, kind="champion"))
    after, _ = refresh(built(20, 21), choice(items))
    assert titles(after) == [("News for June 2017", ("n20",)), ("Champion", ("c25",))]


def test_what_the_editor_added_by_hand_is_not_added_again() -> None:
    before = replace(built(20, 21), sections=plan(("News for June 2017", ("n20", "n25"))).sections)
    after, left_out = refresh(before, choice(news(20, 21, 25)))
    assert after is before
    assert left_out == ()


def test_a_lead_that_the_editor_took_out_is_not_set_again() -> None:
    before = replace(built(20), lead="")
    after, _ = refresh(before, choice(news(20, 25)))
    assert after.lead == ""
    assert titles(after) == [("News for June 2017", ("n25",))]


def test_a_lead_section_with_room_takes_new_items() -> None:
    lead, *others = LETTER.sections
    letter = replace(LETTER, sections=(replace(lead, limit=3), *others))
    after, _ = refresh(built(20), choice(news(20, 25), letter=letter))
    assert titles(after) == [("Top story", ("n25",))]


def test_a_review_says_what_a_refresh_would_add() -> None:
    found = review(built(20, 21), choice((*news(20, 21, 25), *news(3, kind="resource"))))
    assert [(out.item.id, out.why) for out in found] == [("n25", Why.NEW), ("r3", Why.NO_SECTION)]


def test_what_the_plan_carries_is_never_left_out_even_if_it_no_longer_fits() -> None:
    before = plan(("News for June 2017", ("n20",)), offered=("n20",))
    items = [replace(item, issue="skip") for item in news(20)]
    assert review(before, choice(items)) == ()


def test_a_layout_comes_from_the_rule_and_stays_as_the_editor_has_it() -> None:
    rules = tuple(replace(rule, layout="cards") for rule in LETTER.sections)
    letter = replace(LETTER, sections=rules)
    found = assemble(choice(news(20, 21), letter=letter))
    assert [section.layout for section in found.sections] == ["cards"]
    edited = tuple(replace(section, layout="list") for section in found.sections)
    before = plan(lead=found.lead, offered=found.offered, sections=edited)
    items = (*news(20, 21, 25), *news(10, kind="champion"))
    after, _ = refresh(before, choice(items, letter=letter))
    assert [section.layout for section in after.sections] == ["list", "cards"]
