from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.core.reply import Reply, Stage
from pipeline.mail.envelope import Offers, envelope, offers
from tests.rounds import letter

if TYPE_CHECKING:
    from pipeline.ports.sending import Letter

ALL = Offers(pipelining=True, size=1000, eight_bit=True, utf8=True)


def refused(found: tuple[bytes, bytes] | Reply) -> tuple[Stage, int, str]:
    assert isinstance(found, Reply)
    assert found.text
    return found.stage, found.code, found.status


def sender_command(one: Letter, offered: Offers) -> bytes:
    found = envelope(one, offered)
    assert isinstance(found, tuple)
    return found[0]


def test_a_plain_server_gets_plain_commands() -> None:
    found = envelope(letter(1, "a@example.org", sender="b@example.org"), Offers())
    assert found == (b"MAIL FROM:<b@example.org>\r\n", b"RCPT TO:<a@example.org>\r\n")


def test_the_size_is_told_where_it_is_asked_for() -> None:
    one = letter(1)
    size = f" SIZE={len(one.data)}\r\n".encode()
    for limit in (0, 1000):
        assert sender_command(one, Offers(size=limit)).endswith(size)


def test_a_letter_that_is_too_large_never_leaves() -> None:
    found = envelope(letter(1, size=2000), ALL)
    assert refused(found) == (Stage.SENDER, 552, "5.3.4")


def test_a_domain_goes_as_the_name_servers_have_it() -> None:
    found = envelope(letter(1, "info@bücher.example"), Offers())
    assert isinstance(found, tuple)
    assert found[1] == b"RCPT TO:<info@xn--bcher-kva.example>\r\n"


def test_a_local_part_of_other_letters_needs_smtputf8() -> None:
    one = letter(1, "müller@bücher.example")
    assert refused(envelope(one, Offers())) == (Stage.RECIPIENT, 553, "5.6.7")
    found = envelope(one, Offers(utf8=True, eight_bit=True))
    assert found == (
        b"MAIL FROM:<news@example.org> SMTPUTF8\r\n",
        "RCPT TO:<müller@xn--bcher-kva.example>\r\n".encode(),
    )


def test_letters_of_eight_bits_are_declared_with_smtputf8() -> None:
    one = replace(letter(1, "müller@example.org"), pieces=("To: müller@example.org\r\n".encode(),))
    mail = sender_command(one, Offers(utf8=True, eight_bit=True))
    assert mail == b"MAIL FROM:<news@example.org> SMTPUTF8 BODY=8BITMIME\r\n"
    mail = sender_command(one, Offers(utf8=True))
    assert mail == b"MAIL FROM:<news@example.org> SMTPUTF8\r\n"


def test_a_sender_of_other_letters_is_the_senders_trouble() -> None:
    one = letter(1, sender="grüße@example.org")
    assert refused(envelope(one, Offers())) == (Stage.SENDER, 553, "5.6.7")


@pytest.mark.parametrize(
    "bad", ["a@b>\r\nDATA", "a\n@b", "a\0@b", "a\u2028@b", "a\ud800@b", "a\x7f@b"]
)
def test_no_address_becomes_another_command(bad: str) -> None:
    assert refused(envelope(letter(1, bad), ALL)) == (Stage.RECIPIENT, 553, "5.1.3")
    assert refused(envelope(letter(1, sender=bad), ALL)) == (Stage.SENDER, 553, "5.1.7")


def test_bounces_of_nobody_have_the_empty_sender() -> None:
    mail = sender_command(letter(1, sender=""), Offers())
    assert mail == b"MAIL FROM:<>\r\n"


def test_a_domain_that_cannot_be_is_the_recipients_trouble() -> None:
    found = envelope(letter(1, f"a@{'ü' * 80}.example"), Offers())
    assert refused(found) == (Stage.RECIPIENT, 553, "5.6.7")


@pytest.mark.parametrize(
    ("extensions", "found"),
    [
        ({}, Offers()),
        ({"size": ""}, Offers(size=0)),
        ({"size": "1000"}, Offers(size=1000)),
        ({"size": "many"}, Offers(size=0)),
        ({"pipelining": "", "smtputf8": "", "8bitmime": ""}, replace(ALL, size=None)),
    ],
)
def test_offers_are_read_from_the_reply_to_ehlo(extensions: dict[str, str], found: Offers) -> None:
    assert offers(extensions) == found
