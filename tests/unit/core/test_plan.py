"""What a plan says of itself."""

from __future__ import annotations

from tests.issue_desk import plan


def test_what_it_carries_is_told_once_and_in_order() -> None:
    found = plan(("A", ("two", "one")), ("B", ("three", "two")), lead="one")
    assert found.carried == ("one", "two", "three")


def test_its_file() -> None:
    assert plan().source == "issues/enewsupdate/2017-05.md"
