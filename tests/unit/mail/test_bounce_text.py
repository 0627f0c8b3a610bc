"""Bounces in words: who may send one, and which words are about whom."""

from __future__ import annotations

import pytest

from pipeline.mail.bounce_text import (
    RECIPIENTS_MOST,
    before_the_original,
    is_bounce,
    is_warning,
    original_headers,
    refused,
)
from pipeline.mail.parts import Mail, Part, headers_of

SAYS = "Your message could not be delivered to the following address:"


def mail(head: str, text: str, kind: str = "text/plain") -> Mail:
    return Mail(headers=headers_of(f"{head}\n\n"), parts=(Part(kind=kind, text=text),))


@pytest.mark.parametrize(
    "head",
    [
        "From: MAILER-DAEMON@mx.example.net",
        "From: Mail Delivery System <mailer-daemon@mx.example.net>",
        "From: postmaster@example.net",
        'From: "Mail Delivery Subsystem" <any@example.net>',
        "Return-Path: <>\nFrom: gateway@example.net",
        "From: a@b.example\nX-Failed-Recipients: c@d.example",
        "Return-Path: <postmaster@a.example>\nFrom: postmaster@a.example\nSubject: Undeliverable",
        "Return-Path: <daemon@a.example>\nFrom: MAILER-DAEMON@a.example",
        "From: MAILER-DAEMON@a.example\nX-Auto-Response-Suppress: All",
        "From: postmaster@a.example\nX-Auto-Response-Suppress: All\nSubject: Undeliverable: a",
    ],
)
def test_a_mail_system_is_known_by_its_name_or_by_having_none(head: str) -> None:
    assert is_bounce(mail(head, SAYS))


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("From: wren@example.net", SAYS),
        ("From: postmaster@example.net", "Shall we meet on Monday?"),
        ("Return-Path: <>\nFrom: wren@example.net\nSubject: Out of office", SAYS),
        ("Return-Path: <>\nFrom: wren@example.net\nX-Autoreply: yes", SAYS),
        ("From: wren@example.net\nSubject: Returned mail", SAYS),
        ("From: postmaster@example.net\nSubject: Automatic reply: The letter", SAYS),
        ("Return-Path: <>\nFrom: root@example.net\nX-Auto-Response-Suppress: All", SAYS),
        ("From: administrator@example.net\nSubject: Re: The letter", SAYS),
        ("Return-Path: <>\nFrom: wren@example.net\nSubject: AW: The letter", SAYS),
        ("Return-Path: <postmaster@a.example>\nFrom: postmaster@a.example\nSubject: Why", SAYS),
        (
            "Return-Path: <postmaster@a.example>\nFrom: postmaster@a.example\n"
            "Subject: Undeliverable mail of yours",
            "Shall we meet on Monday?",
        ),
    ],
)
def test_what_people_write_is_no_bounce(head: str, text: str) -> None:
    assert not is_bounce(mail(head, text))


def test_a_warning_is_no_bounce() -> None:
    text = f"{SAYS}\na@b.example\nThis is a warning message only.\n"
    assert is_warning(mail("From: postmaster@example.net", text))
    assert not is_warning(mail("From: wren@example.net", text))
    assert not is_warning(
        mail("From: postmaster@x.example\nX-Failed-Recipients: a@b.example", text)
    )


@pytest.mark.parametrize(
    ("subject", "text", "warns"),
    [
        ("Warning: message 1abc delayed 24 hours", "Delay reason: 550 user unknown", True),
        ("Mail", "A message has not yet been delivered.\nDelay reason: 550 Undeliverable", True),
        ("Mail", f"{SAYS}\na@b.example: 550 message 1abc delayed 3 days", False),
        ("Mail delivery failed", "a@b.example: 550 has not yet been delivered", False),
        ("Mail", "a@b.example: 550 no such user", False),
    ],
)
def test_who_names_failed_recipients_may_only_warn(subject: str, text: str, warns: bool) -> None:
    """What is said first counts: the words of another server follow it."""
    head = "From: Mail Delivery System <Mailer-Daemon@x.example>\nX-Failed-Recipients: a@b.example"
    assert is_warning(mail(f"{head}\nSubject: {subject}", text)) is warns


def test_what_was_delayed_and_is_given_up_is_no_warning() -> None:
    daemon = "From: MAILER-DAEMON@x.example"
    for text, warns in (
        ("This message was delayed, and could not be delivered: 550 5.1.1 unknown", False),
        ("It was delayed, and could not be delivered: no such user here", False),
        ("Your message is delayed. Delivery to a@b.example failed: 450 4.2.1 busy", True),
        ("Your message is delayed.", True),
        ("could not be delivered: 550 no such user. It will be retried", True),
    ):
        assert is_warning(mail(daemon, text)) is warns, text


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("**Message you sent blocked by our bulk email filter**", "has NOT BEEN DELIVERED"),
        ("系统退信/Systems bounce", "收件人 a@b.example"),
        ("Delivery status notification: error", "A list of recipients:"),
        ("From our mail system", "An error has occurred while attempting to deliver a message"),
        ("ZUSTELLUNGSFEHLER", "Ihre Nachricht"),
    ],
)
def test_subjects_and_phrases_of_some(subject: str, text: str) -> None:
    assert is_bounce(mail(f"From: postmaster@a.example\nSubject: {subject}", text))


def test_words_belong_to_the_address_before_them() -> None:
    text = f"{SAYS}\n\n<a@b.example>:\nno such user\n\n<c@d.example>: mailbox full\nsince Monday\n"
    one, two = refused(mail("From: postmaster@x.example", text), frozenset())
    assert (one.addresses, one.said) == (("a@b.example",), "no such user")
    assert one.in_words
    assert (two.addresses, two.said) == (("c@d.example",), "mailbox full since Monday")


def test_an_address_in_the_middle_of_a_line_is_a_word_like_others() -> None:
    text = f"{SAYS}\n\na@b.example\n  host mx (as c@d.example) said: 550 gone\n"
    found = refused(mail("From: postmaster@x.example", text), frozenset({"c@d.example"}))
    assert [one.said for one in found] == ["host mx (as c@d.example) said: 550 gone"]


def test_our_own_addresses_are_not_recipients() -> None:
    text = "Mail from b+x@news.example.org to a@b.example failed: 550 user unknown\n"
    found = refused(mail("From: m@x.example", text), frozenset({"b+x@news.example.org"}))
    assert [one.addresses for one in found] == [("a@b.example",)]


def test_without_an_address_the_words_are_all_there_is() -> None:
    (one,) = refused(mail("From: postmaster@x.example", f"{SAYS} 550 5.1.1 unknown"), frozenset())
    assert (one.addresses, one.code, one.status) == ((), 550, "5.1.1")


def test_so_many_and_no_more() -> None:
    text = "\n".join(f"a{number}@b.example\n no\n" for number in range(100))
    assert len(refused(mail("From: postmaster@x.example", text), frozenset())) == RECIPIENTS_MOST


@pytest.mark.parametrize(
    "line",
    [
        "--- Below this line is a copy of the message.",
        "------ This is a copy of the message, including all the headers. ------",
        "   ----- Original message follows -----",
        "-----Original Message-----",
        "--- Original message follows.",
    ],
)
def test_the_returned_mail_is_no_word_of_the_server(line: str) -> None:
    text = f"{SAYS}\n{line}\n\nReceived: from a\nMessage-ID: <1@c.example>\n\nmy old@b.example\n"
    found = mail("From: postmaster@x.example", text)
    assert "old@" not in before_the_original(found)
    assert original_headers(found).first("message-id") == "<1@c.example>"
    assert original_headers(mail("From: a@b.example", SAYS)).values == {}


def test_html_is_read_as_text() -> None:
    text = "<p>could not be delivered to</p><td>a@b.example</td><td>550 user unknown</td>"
    (one,) = refused(mail("From: postmaster@x.example", text, "text/html"), frozenset())
    assert (one.addresses, one.code) == (("a@b.example",), 550)
