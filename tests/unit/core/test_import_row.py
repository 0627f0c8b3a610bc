"""What a row says: who it is, whether they want mail, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.content.subscriber_file import unformula
from pipeline.core.subscriber import SubscriberState
from tests.import_desk import (
    GHOST,
    LISTMONK,
    MAILCHIMP,
    MAILCHIMP_CLEANED,
    MAILCHIMP_UNSUBSCRIBED,
    entries,
    opened,
    reader,
)

ACTIVE, UNSUBSCRIBED = SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED
SUPPRESSED = SubscriberState.SUPPRESSED


def test_listmonk() -> None:
    (jane, joe, spam), troubles = entries(LISTMONK, state=ACTIVE)
    assert troubles == []
    assert (jane.address, jane.state) == ("jane@example.org", ACTIVE)
    assert (jane.wishes.name, jane.wishes.language) == ("Jane Doe", "fr")
    assert jane.asked == "asked 2021-03-05T11:22:33+00:00"
    assert (joe.state, spam.state, spam.asked) == (UNSUBSCRIBED, SUPPRESSED, "")


def test_nobody_is_active_by_listmonks_word_alone() -> None:
    found, troubles = entries(LISTMONK)
    assert [entry.state for entry in found] == [UNSUBSCRIBED, SUPPRESSED]
    said = "listmonk says so also of who left this list, or never confirmed"
    assert troubles == [(2, "status", said)]


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


@pytest.mark.parametrize("state", [None, ACTIVE])
def test_who_was_deleted_in_ghost_is_left_out(state: SubscriberState | None) -> None:
    """Also where the flag of before stands there still; who left besides is kept as that."""
    gone = GHOST.replace(".000Z,,,", ".000Z,2023-05-01T12:00:00.000Z,,")
    (joe,), troubles = entries(gone, state=state)
    assert (joe.address, joe.state) == ("joe@example.org", UNSUBSCRIBED)
    assert troubles == [(2, "deleted_at", "deleted there")]


def test_deleted_in_any_list() -> None:
    text = "email,deleted\na@example.org,true\nb@example.org,false\nc@example.org,\n"
    found, troubles = entries(text)
    assert [entry.address for entry in found] == ["b@example.org", "c@example.org"]
    assert troubles == [(2, "deleted", "deleted there")]


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
        (",Jane,active", "Email", "is empty"),
        ('"a@example.org; b@example.org",Jane,active', "Email", "holds two addresses"),
        ("a@example.org,Jane,perhaps", "Status", "no state that is known"),
        ("a@example.org,Jane,", "Status", "no state that is known"),
        ("a@example.org", "", "shorter than the header: the line, or the file, is cut off"),
        ("a@example.org,Doe, Jane,active", "",
         "longer than the header: its cells may stand in other columns"),
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
        ("language", "xx", "language", "nothing comes in xx"),
        ("language", "de_CH", "language", "nothing comes in de-CH"),
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


@pytest.mark.parametrize(
    ("columns", "cells", "state"),
    [
        ("status", "unsubscribed", UNSUBSCRIBED),
        ("status", "blocked", SUPPRESSED),
        ("unsubscribed_at", "2019-01-02", UNSUBSCRIBED),
        ("bounced_at", "2019-01-02", SUPPRESSED),
        ("active", "0", UNSUBSCRIBED),
        ("status,blocklisted", "active,1", SUPPRESSED),
        ("status,blocklisted", "unsubscribed,1", SUPPRESSED),
        ("status", "whatever", ACTIVE),
        ("status", "", ACTIVE),
        ("status", "unconfirmed", ACTIVE),
        ("active", "", ACTIVE),
    ],
)
def test_a_state_for_all_rows_never_brings_anybody_back(
    columns: str, cells: str, state: SubscriberState
) -> None:
    text = f"email,{columns}\na@example.org,{cells}\n"
    assert [entry.state for entry in entries(text, state=ACTIVE)[0]] == [state]
    gravest = SUPPRESSED if state is SUPPRESSED else UNSUBSCRIBED
    assert [entry.state for entry in entries(text, state=UNSUBSCRIBED)[0]] == [gravest]


def test_nor_out_of_mailchimps_files_of_others() -> None:
    text = MAILCHIMP_UNSUBSCRIBED.replace('"2019-01-02 03:04:05"', "")
    found, troubles = entries(text, state=ACTIVE)
    assert (found, len(troubles)) == ([], 1)
    assert [entry.state for entry in entries(text, state=UNSUBSCRIBED)[0]] == [UNSUBSCRIBED]


@pytest.mark.parametrize(
    ("column", "said", "state"),
    [
        ("subscribed", "no", UNSUBSCRIBED),
        ("subscribed", "FALSE", UNSUBSCRIBED),
        ("subscribed", "0", UNSUBSCRIBED),
        ("active", "0", UNSUBSCRIBED),
        ("opt_in", "non", UNSUBSCRIBED),
        ("opt-in", "unsubscribed", UNSUBSCRIBED),
        ("active", "yes", ACTIVE),
        ("subscribed", "active", ACTIVE),
        ("subscribed", "2019-01-02", ACTIVE),
        ("email_disabled", "true", SUPPRESSED),
        ("blocklisted", "1", SUPPRESSED),
        ("bounced", "hard", SUPPRESSED),
        ("blocklisted", "no", ACTIVE),
        ("bounced", "", ACTIVE),
    ],
)
def test_columns_of_yes_and_no(column: str, said: str, state: SubscriberState) -> None:
    (entry,), _ = entries(f"email,{column}\na@example.org,{said}\n")
    assert entry.state is state


@pytest.mark.parametrize("said", ["", "perhaps"])
def test_neither_yes_nor_no_is_left_out(said: str) -> None:
    found, troubles = entries(f"email,name,active\na@example.org,A,{said}\n")
    assert (found, troubles) == ([], [(2, "active", "neither true nor false")])


def test_a_date_of_subscribing_is_kept() -> None:
    (entry,), troubles = entries("email,subscribed\na@example.org,2019-01-02\n")
    assert (entry.asked, troubles) == ("asked 2019-01-02T00:00:00+00:00", [])


def test_empty_cells_too_many_are_nobodys() -> None:
    (entry,), troubles = entries("email,name\na@example.org,Jane,,\n")
    assert (entry.wishes.name, troubles) == ("Jane", [])


def test_what_turns_letters_around_is_not_in_a_name() -> None:
    (entry,), _ = entries("email,name\na@example.org,Jane\u202e eoD\u2066\u200f\n")
    assert entry.wishes.name == "Jane eoD"


def test_our_own_apostrophe_is_taken_away() -> None:
    head = "address,name,language,newsletters,topics,state,since"
    names = ["=SUM(1)", "'=x", "''-1", "'quoted'", "@home", "Jane"]
    rows = [
        f"{unformula(f'+{n}@example.org')},{unformula(name)},,letter,,active,2019-01-02\n"
        for n, name in enumerate(names)
    ]
    found, _ = entries(f"{head}\n{''.join(rows)}")
    assert [entry.wishes.name for entry in found] == names
    assert [entry.address for entry in found] == [f"+{n}@example.org" for n in range(6)]
    # In anybody else's file it is a letter.
    (other,), _ = entries("email,name\na@example.org,'=x\n")
    assert other.wishes.name == "'=x"


def test_a_state_for_all_rows() -> None:
    (entry,), _ = entries("email,status\na@example.org,whatever\n", state=SUPPRESSED)
    assert entry.state is SUPPRESSED


@pytest.mark.parametrize(
    ("said", "tag"), [("FR", "fr"), ("pt_br", "pt-BR"), ("zh-hant", "zh-Hant"), ("", "es")]
)
def test_languages(said: str, tag: str) -> None:
    (entry,), _ = entries(f"email,lang\na@example.org,{said}\n", language="es")
    assert entry.wishes.language == tag


def test_a_form_of_a_language_that_there_is_stays() -> None:
    """Whoever reads en-GB gets what comes in en, and pt what comes in pt-BR."""
    found, troubles = entries("email,lang\na@example.org,en_GB\nb@example.org,pt\n")
    assert [entry.wishes.language for entry in found] == ["en-GB", "pt"]
    assert troubles == []


def test_a_language_that_nothing_comes_in_is_said_and_left_out() -> None:
    for language, advice in (("", "imported without a language"), ("es", "imported with es")):
        file = opened("email,lang\na@example.org,de\n")
        read = reader(file, language=language)
        (entry,) = map(read.read, file.rows())
        assert entry is not None
        assert entry.wishes.language == language
        (trouble,) = read.troubles
        assert (trouble.column, trouble.value) == ("lang", "de")
        assert trouble.advice == f"expected en or es or fr or pt-BR or zh-Hant; {advice}"
    row = '1,a@example.org,,"{""lang"": ""de""}",enabled,,\n'
    (entry,), troubles = entries(LISTMONK.splitlines()[0] + "\n" + row, state=ACTIVE)
    assert entry.wishes.language == ""
    assert troubles == [(2, "attributes", "nothing comes in de")]


@pytest.mark.parametrize("raw", ["[1]", "{", "null", '{"lang": 3}', "[" * 50_000])
def test_attributes_that_say_nothing(raw: str) -> None:
    quoted = raw.replace('"', '""')
    row = f'1,a@example.org,,"{quoted}",enabled,,\n'
    (entry,), troubles = entries(LISTMONK.splitlines()[0] + "\n" + row, state=ACTIVE)
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
