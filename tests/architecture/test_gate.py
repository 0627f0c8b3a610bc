"""Every rule of the gate is documented as it is, and its waivers and clients too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.core.client import FAMILIES
from pipeline.render.gate.rules import EVERY, RULES
from pipeline.render.gate.support import HARMLESS, table

if TYPE_CHECKING:
    from pipeline.render.gate.rule import Group, Rule

DOCUMENT = Path(__file__).parents[2] / "docs/gate.md"
TEXT = DOCUMENT.read_text("utf-8")
NAME = re.compile(r"[a-z]+(?:-[a-z]+)+|[a-z]+")


def _row(rule: Rule) -> str:
    why, advice = (text.replace("<", "&lt;") for text in (rule.why, rule.advice))
    return f"| `{rule.name}` | {rule.severity} | {why} | {advice} |"


@pytest.mark.parametrize("group", EVERY, ids=lambda group: group.title)
def test_a_group_is_documented_as_it_is(group: Group) -> None:
    _, found, rest = TEXT.partition(f"\n### {group.title}\n")
    assert found, group.title
    section = re.split(r"\n##", rest, maxsplit=1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [_row(rule) for rule in group.rules]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_says_what_and_why(rule: Rule) -> None:
    assert NAME.fullmatch(rule.name)
    assert rule.why.endswith(".")
    assert rule.why[0].isupper()
    assert not rule.advice.endswith(".")


def test_the_clients_and_the_date_of_the_facts_are_documented() -> None:
    assert table().date in TEXT
    for family, platforms in FAMILIES.items():
        assert f"| `{family}` | {', '.join(f'`{name}`' for name in platforms)} |" in TEXT


def test_what_may_be_missing_without_harm_is_documented() -> None:
    flat = " ".join(TEXT.split())
    missing = [slug for slug in HARMLESS if f"`{table().features[slug].title}`" not in flat]
    assert missing == []
