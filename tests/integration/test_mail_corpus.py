"""A corpus of bad mails: each rule of the gate fires, by itself, and a good mail passes clean."""

from __future__ import annotations

import pytest

from pipeline.render.gate.rules import EVERY, RULES, judge
from tests.mail_desk import Case, cases, mail

CASES = cases()


def test_a_good_mail_passes_clean() -> None:
    assert judge(mail()) == ()


def test_every_rule_has_a_bad_mail() -> None:
    shown = {case.data["rule"] for case in CASES}
    assert sorted(RULES.keys() - shown) == []
    assert sorted(shown - RULES.keys()) == []


def test_no_two_rules_have_one_name() -> None:
    names = [rule.name for group in EVERY for rule in group.rules]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_mail_is_told_by_its_rule_and_no_other(case: Case) -> None:
    found = case.findings()
    wanted = {case.data["rule"], *case.data.get("also", [])}
    assert {finding.rule for finding in found} == wanted, found
    mine = [finding for finding in found if finding.rule == case.data["rule"]]
    assert any(case.data["found"] in finding.found for finding in mine), mine
    if "where" in case.data:
        assert case.data["where"] in {finding.where for finding in mine}, mine
    assert len(mine) == 1 or "once" not in case.data, mine
    for finding in found:
        assert finding.severity is RULES[finding.rule].severity
        assert finding.where
        assert finding.advice
        assert finding.found.isprintable()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_what_is_wrong(case: Case) -> None:
    assert case.data["about"]
