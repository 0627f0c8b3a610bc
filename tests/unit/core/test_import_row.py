"""What a row says: who it is, whether they want mail, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.core.subscriber import SubscriberState
from tests.import_desk import (
    GHOST,
    LISTMONK,
    MAILCHIMP,
    MAILCHIMP_CLEANED,
    MAILCHIMP_UNSUBSCRIBED,
    entries,
)

ACTIVE, UNSUBSCRIBED = SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED
SUPPRESSED = SubscriberState.SUPPRESSED


def test_listmonk() -> None:
    (jane, joe, spam), troubles = entries(LISTMONK)
    assert troubles == []
    assert (jane.address, jane.state) == ("jane@example.org", ACTIVE)
    assert (jane.wishes.name, jane.wishes.language) == ("Jane Doe", "fr")
    assert jane.asked == "asked 2021-03-05T11:22:33+00:00"
    assert (joe.state, spam.state, spam.asked) == (UNSUBSCRIBED, SUPPRESSED, "")


def test_mailchimp() -> None:
    (jane,), troubles = entries(MAILCHIMP)
    assert troubles == []
    assert (jane.address, jane.state) == ("jane@example.org", ACTIVE)
    assert jane.wishes.name == "Jane Doe"
    assert (jane.asked, jane.origin) == ("confirmed 2018-10-11T09:56:00+00:00", "192.0.2.2")
    # Labels that somebody put on people are not what they want to read.
    assert jane.wishes.topics == frozenset()
    (joe,), _ = entries(MAILCHIMP_UNSUBSCRIBED)
    assert (joe.state, joe.left) == (UNSUBSCRIBED, datetime(2019, 1, 2, 3, 4, 5, tzinfo=UTC))
    (gone,), _ = entries(MAILCHIMP_CLEANED)
    assert (gone.state, gone.source) == (SUPPRESSED, "Mailchimp")


def test_ghost() -> None:
    (jane, joe), troubles = entries(GHOST)
    assert troubles == []
    assert (jane.state, joe.state) == (ACTIVE, UNSUBSCRIBED)
    assert jane.asked == "asked 2021-05-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Active", ACTIVE),
        ("subscribed", ACTIVE),
        ("Abonné", ACTIVE),
        ("UNSUBSCRIBED", UNSUBSCRIBED),
        ("Désabonné", UNSUBSCRIBED),
        ("dado de baja", UNSUBSCRIBED),
        ("blacklisted", SUPPRESSED),
        ("Bounced", SUPPRESSED),
    ],
)
def test_states(said: str, state: SubscriberState) -> None:
    (entry,), troubles = entries(f"email,status\na@example.org,{said}\n")
    assert (entry.state, troubles) == (state, [])


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("a.example.org,Jane,active", "Email", "has no @"),
        (",Jane,active", "Email", "has no @"),
        ("a@example.org,Jane,perhaps", "Status", "no state that is known"),
        ("a@example.org,Jane,", "Status", "no state that is known"),
        ("a@example.org", "Status", "no state that is known"),
        ("a@example.org,Jane,unconfirmed", "Status", "never confirmed"),
        ('"a@example.org\r\nRCPT TO:<b@example.org>",Jane,active', "Email",
         "holds a character that cannot be seen (U+000D)"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_sure_is_left_out(row: str, column: str, problem: str) -> None:
    found, troubles = entries(f"Email,Name,Status\n{row}\nb@example.org,Joe,active\n")
    assert [entry.address for entry in found] == ["b@example.org"]
    assert troubles == [(2, column, problem)]


@pytest.mark.parametrize(
    ("columns", "cells", "column", "problem"),
    [
        ("language", "Français", "language", "no language tag"),
        ("name", "x" * 201, "name", "longer than 200 characters"),
        ("topics", "care; gardening", "topics", "no theme gardening"),
        ("created_at", "10/11/2018", "created_at", "no time that is known"),
        ("unsubscribed_at", "10/11/2018", "unsubscribed_at", "no time that is known"),
    ],
)
def test_a_wrong_cell_costs_itself_only(
    columns: str, cells: str, column: str, problem: str
) -> None:
    found, troubles = entries(f"email,{columns}\na@example.org,{cells}\n")
    assert [entry.address for entry in found] == ["a@example.org"]
    assert troubles == [(2, column, problem)]


def test_a_name_in_another_encoding_is_said() -> None:
    found, troubles = entries(b"email,name\na@example.org,Jos\xe9\nb@example.org,Jos\xc3\xa9\n")
    assert [entry.wishes.name for entry in found] == ["", "José"]
    assert troubles == [(2, "name", "not UTF-8")]


def test_spaces_around_an_address_are_nobodys() -> None:
    (entry,), _ = entries("email\n \u00a0Jane@Example.org \n\n,\n")
    assert (entry.address, entry.folded) == ("Jane@example.org", "jane@example.org")


def test_newsletters_by_key_or_title() -> None:
    text = 'email,newsletters\na@example.org,letter\nb@example.org,"Weekly Care; THE LETTER"\n'
    found, troubles = entries(text, chosen="")
    assert [sorted(entry.wishes.newsletters) for entry in found] == [
        ["letter"],
        ["letter", "weekly"],
    ]
    assert troubles == []


def test_without_a_known_newsletter_a_row_is_left_out() -> None:
    text = "email,newsletters\na@example.org,daily\nb@example.org,\nc@example.org,letter|daily\n"
    found, troubles = entries(text, chosen="")
    assert [entry.address for entry in found] == ["c@example.org"]
    assert [problem for _, _, problem in troubles] == [
        "no newsletter daily", "no newsletter", "no newsletter daily",
    ]  # fmt: skip
    assert len(entries(text, chosen="letter")[0]) == 3


def test_one_who_left_needs_no_newsletter() -> None:
    text = "email,newsletters,status\na@example.org,,unsubscribed\n"
    found, troubles = entries(text, chosen="")
    assert ([entry.state for entry in found], troubles) == ([UNSUBSCRIBED], [])


def test_a_state_for_all_rows() -> None:
    (entry,), _ = entries("email,status\na@example.org,whatever\n", state=SUPPRESSED)
    assert entry.state is SUPPRESSED


@pytest.mark.parametrize(
    ("said", "tag"), [("FR", "fr"), ("pt_br", "pt-BR"), ("zh-hant", "zh-Hant"), ("", "es")]
)
def test_languages(said: str, tag: str) -> None:
    (entry,), _ = entries(f"email,lang\na@example.org,{said}\n", language="es")
    assert entry.wishes.language == tag


@pytest.mark.parametrize("raw", ["[1]", "{", "null", '{"lang": 3}', "[" * 50_000])
def test_attributes_that_say_nothing(raw: str) -> None:
    quoted = raw.replace('"', '""')
    row = f'1,a@example.org,,"{quoted}",enabled,,\n'
    (entry,), troubles = entries(LISTMONK.splitlines()[0] + "\n" + row)
    assert (entry.wishes.language, troubles) == ("", [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MAILCHIMP_UNSUBSCRIBED, "UNSUB_TIME"),
        (MAILCHIMP_CLEANED, "CLEAN_TIME"),
    ],
)
def test_nobody_is_active_out_of_mailchimps_files_of_others(text: str, problem: str) -> None:
    found, troubles = entries(text.replace('"2019-01-02 03:04:05"', ""))
    assert (found, troubles) == ([], [(2, problem, "empty, in a file of such people")])


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("true", UNSUBSCRIBED),
        ("2019-01-02", UNSUBSCRIBED),
        ("no", ACTIVE),
        ("0", ACTIVE),
        ("", ACTIVE),
    ],
)
def test_a_column_of_those_who_left(said: str, state: SubscriberState) -> None:
    (entry,), troubles = entries(f"email,unsubscribed\na@example.org,{said}\n")
    assert (entry.state, troubles) == (state, [])


@pytest.mark.parametrize("said", ["", " ", "no", "False", "0"])
def test_who_never_confirmed_is_left_out(said: str) -> None:
    text = f"email,confirmed_at\na@example.org,{said}\nb@example.org,2019-01-02\n"
    found, troubles = entries(text)
    assert [entry.address for entry in found] == ["b@example.org"]
    assert troubles == [(2, "confirmed_at", "never confirmed")]
    assert len(entries(text, state=ACTIVE)[0]) == 2
