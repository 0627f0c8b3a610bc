from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.core import links
from pipeline.core.links import Link, Purpose
from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.sending import Sending
from pipeline.errors import AddressError, IssueError
from pipeline.mail.notice import NoticeWriter
from pipeline.render.notice import NoticeMail
from tests.front_desks import ADA, KEYS, NOW, ROOM
from tests.letter_room import ed25519_key, plain, rsa_key
from tests.unit.mail.test_dkim import verified

if TYPE_CHECKING:
    from pipeline.core.newsroom import Newsroom
    from pipeline.mail.dkim_keys import DkimKey
    from pipeline.ports.sending import Letter

NOTICE = Notice(id=7, kind=NoticeKind.CONFIRM, address=ADA, created=NOW, due=NOW, tries=1)
SAID = NoticeMail(
    sender="The week <weekly@news.example.org>",
    reply_to="desk@news.example.org",
    subject="Veuillez confirmer : Grüße",
    lang="fr",
    text=f"Grüße\n.\n..\n{'x' * 200}\nhttps://news.example.org/c/AbC_-=3D\n",
    html=f"<p>Grüße</p>\n.{'y' * 200}\n<a href='https://news.example.org/c/AbC'>x</a>\n",
)
RETURNED = replace(ROOM, sending=Sending(return_path="bounces@mail.example.org"))


def letter(
    *signers: DkimKey,
    notice: Notice = NOTICE,
    said: NoticeMail = SAID,
    subscriber: int = 12,
    newsroom: Newsroom = RETURNED,
) -> Letter:
    return NoticeWriter(newsroom, KEYS, signers).letter(notice, said, subscriber)


def parsed(found: Letter) -> EmailMessage:
    mail = message_from_bytes(plain(found), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def test_it_says_who_sends_it_and_that_a_program_did() -> None:
    mail = parsed(letter())
    assert mail["From"] == "The week <weekly@news.example.org>"
    assert mail["Reply-To"] == "desk@news.example.org"
    assert mail["To"] == ADA
    assert mail["Subject"] == "Veuillez confirmer : Grüße"
    assert mail["Date"] == "Wed, 12 Jul 2017 11:00:00 +0200"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fr"
    assert not [name for name in mail if name.lower().startswith(("list-", "x-"))]


def test_both_texts_are_what_was_written() -> None:
    mail = parsed(letter())
    text, html = mail.iter_parts()
    assert _said(text) == SAID.text
    assert _said(html) == SAID.html
    assert max(map(len, plain(letter()).split(b"\r\n"))) <= 78


def test_operators_get_plain_text() -> None:
    mail = parsed(letter(said=replace(SAID, html="")))
    assert mail.get_content_type() == "text/plain"
    assert _said(mail) == SAID.text


def test_it_is_the_same_at_every_try_and_another_for_every_notice() -> None:
    assert plain(letter()) == plain(letter(notice=replace(NOTICE, tries=3)))
    names = {
        parsed(letter(notice=notice))["Message-ID"]
        for notice in (
            NOTICE,
            replace(NOTICE, id=8),
            replace(NOTICE, created=NOW.replace(day=1)),
        )
    }
    assert len(names) == 3
    assert all(name.endswith("@news.example.org>") for name in names)


def test_a_bounce_of_it_is_theirs() -> None:
    found = letter()
    local, _, domain = found.sender.rpartition("@")
    assert domain == "mail.example.org"
    link = links.read(KEYS, Purpose.BOUNCE, local.removeprefix("bounces+"))
    assert link == Link(subscriber=12, mailing=0)
    assert (found.claim.id, found.claim.subscriber, found.recipient) == (7, 12, ADA)


def test_a_bounce_of_another_address_is_nobodys() -> None:
    assert letter(subscriber=0).sender == "bounces@mail.example.org"
    assert letter(newsroom=ROOM).sender == "weekly@news.example.org"


@pytest.mark.parametrize("make", [rsa_key, ed25519_key])
def test_its_signature_holds(make: object) -> None:
    key = make()  # type: ignore[operator]
    raw = plain(letter(key))
    assert raw.startswith(b"DKIM-Signature: v=1;")
    assert verified(raw, key) == [True]
    assert verified(raw.replace(b"xxxx", b"xxxy", 1), key) == [False]


@pytest.mark.parametrize("words", ["a\r\nBcc: x@y.example", "a\nb", "a\0b", "=?utf-8?q?=0A?=", ""])
def test_no_word_becomes_another_field(words: str) -> None:
    with pytest.raises(IssueError):
        letter(said=replace(SAID, subject=words))
    with pytest.raises(IssueError):
        letter(said=replace(SAID, sender=f"{words} <a@example.org>" if words else ""))


@pytest.mark.parametrize("address", ["a\r\nBcc: b@x.example", "a@x.example, b@x.example", "", "a"])
def test_no_address_becomes_another_field(address: str) -> None:
    with pytest.raises(AddressError):
        letter(notice=replace(NOTICE, address=address))


def _said(part: Any) -> str:
    return str(part.get_content()).replace("\r\n", "\n")
