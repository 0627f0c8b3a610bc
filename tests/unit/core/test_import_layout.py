"""Whose list it is, and which column holds what."""

from __future__ import annotations

import re

import pytest

from pipeline.cli.subscriber_output import CSV_HEAD
from pipeline.core.import_layout import Source, recognise, squeezed
from pipeline.errors import ConfigError
from tests.import_desk import (
    GHOST,
    LISTMONK,
    MAILCHIMP,
    MAILCHIMP_CLEANED,
    MAILCHIMP_UNSUBSCRIBED,
    opened,
)


def places(*header: str, **mapped: str) -> dict[str, str]:
    layout = recognise(header, mapped)
    return {str(column): layout.name(column) for column in layout.places}


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (LISTMONK, Source.LISTMONK),
        (MAILCHIMP, Source.MAILCHIMP),
        (MAILCHIMP_UNSUBSCRIBED, Source.MAILCHIMP),
        (MAILCHIMP_CLEANED, Source.MAILCHIMP),
        (MAILCHIMP.replace("Email Address", "Email"), Source.MAILCHIMP),
        (GHOST, Source.GHOST),
        (",".join(CSV_HEAD) + "\n", Source.OWN),
        ("email,name\n", Source.OTHER),
        ("uuid,email,status\n", Source.OTHER),
    ],
)
def test_the_source_is_told_by_columns_of_its_own(text: str, source: Source) -> None:
    assert recognise(opened(text).header, {}).source is source


def test_an_address_is_no_postal_one() -> None:
    assert places("Address", "Email Address")["address"] == "Email Address"
    assert places("Address", "Name")["address"] == "Address"


@pytest.mark.parametrize(
    "header",
    [
        ["E-Mail", "First Name", "Last Name", "Language"],
        ["e_mail", "fname", "LNAME", "lang"],
        ["Adresse électronique", "Prénom", "Nom", "Langue"],
        ["Correo electrónico", "Nombre", "Apellidos", "Idioma"],
    ],
)
def test_columns_are_known_in_three_languages(header: list[str]) -> None:
    found = places(*header)
    assert list(found.values()) == header
    assert set(found) == {"address", "first-name", "last-name", "language"}


def test_a_name_alone_is_the_whole_name() -> None:
    assert places("courriel", "nom") == {"address": "courriel", "name": "nom"}
    assert places("correo", "nombre") == {"address": "correo", "name": "nombre"}


def test_a_column_that_is_mapped_counts() -> None:
    assert places("email", "work", address="work")["address"] == "work"
    assert places("email", "Work Mail", address="work-mail")["address"] == "Work Mail"
    assert places("Wer", **{"address": "Wer", "first-name": "Wer"})["first-name"] == "Wer"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["email", "e-mail"], '"email", "e-mail": two columns for the same, address'),
        (["email", "status", "Status"], '"status", "Status": two columns for the same, state'),
        (["email", "status", "state"], '"status", "state": two columns for the same, state'),
        (["email", "subscribed", "active"], '"subscribed", "active"'),
        (["email", "unsubscribed", "unsubscribed_at"], "--map left=COLUMN"),
        (["email", "blocklisted", "email_disabled"], "--map blocked=COLUMN"),
    ],
)
def test_of_two_columns_for_the_same_one_is_named(header: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        recognise(header, {})


def test_a_column_that_is_named_has_no_twin() -> None:
    assert places("email", "e-mail", address="e-mail")["address"] == "e-mail"
    assert places("email", "status", "state", state="state")["state"] == "state"
    assert places("email", "status", "Status", state="Status")["state"] == "Status"
    with pytest.raises(ConfigError, match="two columns"):
        places("email", "status", "status", state="status")
    # What nobody uses may be there twice.
    assert places("email", "notes", "notes") == {"address": "email"}


def test_what_is_not_used_is_known() -> None:
    layout = recognise(["email", "shoe size", "", "name"], {})
    assert layout.unused == ("shoe size", "column 3")
    assert layout.width == 4


def test_a_header_in_another_encoding_is_shown_as_text() -> None:
    layout = recognise(opened("email,Prénom\n".encode("cp1252")).header, {"name": "email"})
    assert layout.header == ("email", "Pr<U+DCE9>nom")
    with pytest.raises(ConfigError, match="U\\+DCE9"):
        recognise(["Pr\udce9nom"], {})


@pytest.mark.parametrize(
    ("header", "mapped", "said"),
    [
        (["jane@example.org", "Jane"], {}, "put a line above it"),
        (["who", "what"], {}, 'there are "who", "what": say which one does'),
        (["email"], {"adress": "email"}, "did you mean address?"),
        (["email"], {"qqq": "email"}, "expected one of address, name"),
        (["email"], {"name": "Nom"}, 'no column "Nom"; there are "email"'),
        (["email"], {"name": ""}, 'no column ""'),
        ([f"c{n}" for n in range(20)], {}, "and 8 more"),
        ([], {}, "no column is known"),
    ],
)
def test_what_cannot_be_read_is_said(header: list[str], mapped: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        recognise(header, mapped)


def test_squeezing() -> None:
    assert squeezed(" E-Mail Address ") == "emailaddress"
    assert squeezed("Prénom") == "prenom"
    assert squeezed("***") == ""
