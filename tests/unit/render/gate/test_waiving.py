"""Waivers: a warning passes by name and with a reason; nothing else does."""

from __future__ import annotations

from pipeline.core.finding import Severity
from pipeline.render.gate.rules import RULES
from pipeline.render.gate.waiving import waived

LONG = RULES["subject-long"].at("subject", "70 characters")
EMPTY = RULES["link-empty"].at("HTML", "a link")


def _place(name: str) -> str:
    return f"plan: {name}"


def test_a_reason_goes_to_every_finding_of_its_rule() -> None:
    found = waived([LONG, EMPTY, LONG], {"subject-long": " It is a name. "}, RULES, _place)
    assert [(each.rule, each.waived) for each in found] == [
        ("link-empty", ""),
        ("subject-long", "It is a name."),
    ]
    assert [each.refuses for each in found] == [True, False]


def test_a_waiver_without_a_reason_waives_nothing() -> None:
    found = waived([LONG], {"subject-long": " "}, RULES, _place)
    assert {each.rule for each in found} == {"subject-long", "waiver-without-reason"}
    assert all(each.refuses for each in found)


def test_what_is_wrong_with_waivers_is_told_at_its_line() -> None:
    waivers = {"subject-lon": "x", "link-empty": "x", "css-degrades": "x", "emoji": "x"}
    found = {each.rule: each for each in waived([EMPTY], waivers, RULES, _place)}
    assert found["waiver-unknown"].where == "plan: subject-lon"
    assert 'did you mean "subject-long"' in found["waiver-unknown"].found
    assert found["waiver-not-allowed"].severity is Severity.ERROR
    assert found["waiver-idle"].severity is Severity.NOTE
    assert found["link-empty"].waived == ""
