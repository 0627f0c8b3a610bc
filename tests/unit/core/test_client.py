"""The names of mail clients are those of the support table."""

from __future__ import annotations

from pipeline.core.client import FAMILIES, NAMES, USUAL, clients_of
from pipeline.render.gate.support import table


def test_the_table_knows_just_these_clients() -> None:
    assert clients_of(FAMILIES) == table().clients


def test_a_family_means_all_of_it_and_a_platform_itself() -> None:
    assert clients_of(["apple-mail", "gmail.ios", "apple-mail.ios"]) == (
        "apple-mail.ios",
        "apple-mail.macos",
        "gmail.ios",
    )
    assert {"gmail", "gmail.ios"} <= NAMES
    assert "gmail.windows" not in NAMES


def test_without_names_the_usual_ones_are_meant() -> None:
    assert clients_of(()) == clients_of(USUAL)
    assert {name.partition(".")[0] for name in clients_of(())} == set(USUAL)
