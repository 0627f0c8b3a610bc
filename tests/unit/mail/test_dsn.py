"""Delivery status notifications, field by field."""

from __future__ import annotations

import pytest

from pipeline.core.report import Refused
from pipeline.mail.dsn import RECIPIENTS_MOST, notification, typed, what_was_said
from pipeline.mail.parts import ENCLOSED, Headers, Mail, Part


def mail(*blocks: str, kind: str = "delivery-status") -> Mail:
    text = "\n\n".join(("Reporting-MTA: dns; mx.example.net", *blocks))
    return Mail(headers=Headers(), parts=(Part(kind=f"{ENCLOSED}{kind}", text=text),))


def refused(*blocks: str) -> tuple[Refused, ...]:
    found = notification(mail(*blocks))
    assert found is not None
    return found.refused


def test_what_has_no_part_for_machines_is_none() -> None:
    assert notification(Mail(headers=Headers())) is None


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "Delayed"])
def test_nobody_is_refused_by_what_is_no_failure(action: str) -> None:
    found = notification(mail(f"Final-Recipient: rfc822; a@b.example\nAction: {action}"))
    assert found is not None
    assert (found.refused, found.failed) == ((), False)


def test_who_was_refused_under_which_names() -> None:
    (one,) = refused(
        "Original-Recipient: rfc822;a@b.example\nFinal-Recipient: RFC822; c@d.example\n"
        "X-Actual-Recipient: x400; /S=a/\nAction: FAILED\nStatus: 5.1.1 (gone)\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no\n such user"
    )
    assert one == Refused(
        addresses=("a@b.example", "c@d.example"), code=550, status="5.1.1",
        said="550 5.1.1 no such user",
    )  # fmt: skip


def test_without_an_action_the_status_says_whether_it_failed() -> None:
    assert refused("Final-Recipient: rfc822; a@b.example\nStatus: 5.1.1")[0].status == "5.1.1"
    assert refused("Final-Recipient: rfc822; a@b.example\nStatus: 4.4.7") == ()


def test_what_was_cut_off_failed_for_nobody_that_it_names() -> None:
    found = notification(mail())
    assert found is not None
    assert (found.refused, found.failed) == ((), True)


def test_so_many_recipients_and_no_more() -> None:
    block = "Final-Recipient: rfc822; a@b.example\nAction: failed"
    assert len(refused(*[block] * 500)) == RECIPIENTS_MOST


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("rfc822; a@b.example", "a@b.example"),
        ("RFC822;<a@b.example>", "a@b.example"),
        ("a@b.example", "a@b.example"),
        ("utf-8; zaunk\\x{F6}nig@b.example", "zaunkönig@b.example"),
        ("utf-8; ö@b.example", "ö@b.example"),
        ("utf-8; a\\x{D800}\\x{FFFFFF}@b.example", "a\ufffd\ufffd@b.example"),
        ("rfc822; a\\x{F6}@b.example", "a\\x{F6}@b.example"),
        ("x400; /S=a@b/", ""),
        ("rfc822; nobody", ""),
        ("rfc822; " + "a" * 400 + "@b.example", ""),
        ("", ""),
    ],
)
def test_an_address_of_a_type(value: str, address: str) -> None:
    assert typed(value) == address


@pytest.mark.parametrize(
    ("status", "words", "code", "found"),
    [
        ("5.1.1", "", 0, "5.1.1"),
        ("5.0.0", "550 5.1.1 No such user", 550, "5.1.1"),
        ("5.1.1", "550 5.7.26 unauthenticated", 550, "5.7.26"),
        ("5.1.1", "554 5.0.0 rejected", 554, "5.1.1"),
        ("5.0.0", "554 5.0.0 rejected", 554, "5.0.0"),
        ("", "550-5.1.1 gone", 550, "5.1.1"),
        ("5.1.1 (bad mailbox)", "user unknown", 0, "5.1.1"),
        ("no status", "host 192.0.2.25 said: 550 no", 550, ""),
        ("", "mailbox 5.1.1.1 and 4.4.4.4.4", 0, ""),
        ("", "(#5.2.2)", 0, "5.2.2"),
        ("", "port 5501, item 4550", 0, ""),
    ],
)
def test_codes_in_words(status: str, words: str, code: int, found: str) -> None:
    one = what_was_said(status, words)
    assert (one.code, one.status) == (code, found)
