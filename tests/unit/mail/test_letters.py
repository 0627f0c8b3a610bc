"""A subscriber's copy: what is new in it, and that all the rest is what was released."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from pipeline.core.delivery import message_id
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.links import Link, Purpose, leaving, read, sign
from pipeline.core.sending import Sending
from pipeline.errors import AddressError, MailingError
from pipeline.mail.letters import letter_writer
from pipeline.mail.message import compose, parts
from tests.letter_room import AT, ISSUE, KEY, MESSAGE, ROOM, claim, mail, plain, with_base, writer

if TYPE_CHECKING:
    from pipeline.core.message import Message

LEAVE = sign(KEY, Purpose.UNSUBSCRIBE, 123_456, 7)
CHOOSE = sign(KEY, Purpose.PREFERENCES, 123_456, 7)
BOUNCE = sign(KEY, Purpose.BOUNCE, 123_456, 7)


def filled(message: Message, base_url: str = ROOM.base_url) -> Message:
    """The message as it would be composed for this subscriber alone."""

    def put(text: str) -> str:
        text = text.replace(UNSUBSCRIBE, f"{base_url}/u/{LEAVE}")
        return text.replace(PREFERENCES, f"{base_url}/p/{CHOOSE}")

    return replace(message, text=put(message.text), html=put(message.html))


def fields(raw: bytes) -> dict[str, bytes]:
    """The header's fields as they stand, by name."""
    head = raw.partition(b"\r\n\r\n")[0]
    found = re.findall(rb"(?m)^([\w-]+):((?:.*\r?\n?)(?:[ \t].*\r?\n?)*)", head + b"\r\n")
    assert len({name for name, _ in found}) == len(found)
    return {name.decode(): value for name, value in found}


def test_the_whole_header() -> None:
    head = plain(writer().letter(claim())).partition(b"\r\n\r\n")[0]
    lines = head.decode("ascii").split("\r\n")
    assert [*lines[:11], lines[11], *lines[13:]] == [
        "From: ILO COOP <coop@news.example.org>",
        "Reply-To: desk@news.example.org",
        "To: Rea Der <reader@example.net>",
        "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe=3A_eNewsUpdate_No=2E_5=2C_June_2017?=",
        "Date: Mon, 03 Jul 2017 08:30:00 +0200",
        f"Message-ID: {message_id(ISSUE, 123_456, 'news.example.org')}",
        "List-Id: ILO COOP eNewsUpdate <enewsupdate.news.example.org>",
        f"List-Unsubscribe: <https://news.example.org/u/{LEAVE}>, "
        f"<mailto:bounces@mail.example.org?subject=unsubscribe%20{LEAVE}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Feedback-ID: 2017-05:enewsupdate:en:4o2pksfjyixo",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        *lines[13:14],
        "Content-Language: en",
    ]


def test_what_was_released_stays_as_it_was() -> None:
    released, sent = compose(MESSAGE), plain(writer().letter(claim()))
    new = {"To", "Date", "List-Unsubscribe"}
    added = {"Message-ID", "Feedback-ID", "Auto-Submitted"}
    before, after = fields(released), fields(sent)
    assert after.keys() - before.keys() == added
    assert {name for name in before if before[name] != after[name]} == new


def test_the_same_as_a_message_composed_for_this_reader() -> None:
    letter = writer().letter(claim())
    whole = parts(plain(letter))
    expected = filled(MESSAGE)
    assert (whole.text, whole.html) == (expected.text, expected.html)
    assert whole.subject == MESSAGE.subject
    assert parts(compose(expected)) == whole


@pytest.mark.parametrize("before", range(30, 80))
@pytest.mark.parametrize("after", ["", " ", ".", "é and more", ", and so on" * 9])
def test_a_link_anywhere_in_a_line(before: int, after: str) -> None:
    text = f"{'x' * before}{UNSUBSCRIBE}{after}\n{'é' * (before // 6)} {PREFERENCES}{after}\n.\n"
    message = replace(MESSAGE, text=text)
    raw = plain(writer(message).letter(claim()))
    assert parts(raw).text == filled(message).text
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76


@pytest.mark.parametrize(
    "base_url",
    [
        "https://n.example",
        "https://news.example.org/a=b/c%20d,e",
        "https://news.example.org" + "/.x" * 40,
        "https://news.example.org/" + "=" * 150,
        "https://" + "n" * 26 + ".example.org",
        *(f"https://news.example.org/{'y' * size}" for size in range(0, 80, 3)),
    ],
)
@pytest.mark.parametrize("subscriber", [1, 2**62])
def test_any_base_address(base_url: str, subscriber: int) -> None:
    letter = writer(room=with_base(base_url)).letter(claim(subscriber=subscriber))
    raw = plain(letter)
    leave = sign(KEY, Purpose.UNSUBSCRIBE, subscriber, 7)
    assert parts(raw).text.count(f"{base_url}/u/{leave}") == 1
    assert parts(raw).html.count(f"{base_url}/u/{leave}") == 3
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert f"\r\nList-Unsubscribe: <{base_url}/u/{leave}>, <mailto:".encode() in raw


def test_lines_cut_by_older_releases_are_found() -> None:
    cut = compose(MESSAGE).replace(b"/unsubscribe=\r\n", b"/unsub=\r\nscribe=\r\n")
    assert b"/unsub=" in cut
    letter = writer(messages={"en": cut}).letter(claim())
    assert parts(plain(letter)) == parts(compose(filled(MESSAGE)))


def test_the_bytes_are_ready_for_the_wire() -> None:
    letter = writer().letter(claim())
    assert letter.data.endswith(b"\r\n")
    assert letter.data.count(b"\n") == letter.data.count(b"\r\n") == letter.data.count(b"\r")
    assert b"\r\n.\r\n" not in letter.data
    assert b"\r\n..\r\n" in letter.data  # the text has a line of one dot
    assert b"\r\n...Gr" in letter.data  # and one that begins with two
    assert b"\0" not in letter.data
    assert max(map(len, letter.data.split(b"\r\n"))) <= 998
    assert b"subscriber.invalid" not in letter.data


def test_the_unsubscribe_pair_is_on_one_line_and_not_encoded() -> None:
    raw = plain(writer(room=with_base("https://news.example.org/" + "long/" * 30)).letter(claim()))
    line = next(line for line in raw.split(b"\r\n") if line.startswith(b"List-Unsubscribe:"))
    assert len(line) > 200
    assert line.endswith(b">")
    assert b"=?" not in line
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_links_say_who_it_is_and_show_no_address() -> None:
    raw = plain(writer().letter(claim()))
    assert raw.count(b"reader@example.net") == 1
    for name, purpose, times in [("u", Purpose.UNSUBSCRIBE, 5), ("p", Purpose.PREFERENCES, 3)]:
        tokens = re.findall(rf"https://news\.example\.org/{name}/([\w-]+)".encode(), raw)
        assert len(tokens) == times
        assert {read([KEY], purpose, token.decode()) for token in tokens} == {Link(123_456, 7)}


def test_who_leaves_by_mail_is_known() -> None:
    found = re.search(rb"<mailto:([^?]+)\?subject=([^>]+)>", plain(writer().letter(claim())))
    assert found is not None
    assert found[1] == b"bounces@mail.example.org"
    assert leaving([KEY], found[2].decode().replace("%20", " ")) == Link(123_456, 7)


def test_each_copy_has_a_return_path_of_its_own() -> None:
    letter = writer().letter(claim())
    assert letter.sender == f"bounces+{BOUNCE}@mail.example.org"
    assert letter.recipient == "reader@example.net"
    assert letter.claim == claim()
    assert read([KEY], Purpose.BOUNCE, BOUNCE.upper()) == Link(123_456, 7)


def test_without_a_return_path_bounces_and_leavers_go_to_the_sender() -> None:
    room = replace(ROOM, sending=Sending())
    letter = writer(room=room).letter(claim())
    assert letter.sender == "coop@news.example.org"
    assert b"<mailto:coop@news.example.org?subject=unsubscribe%20" in letter.data


def test_a_sender_with_odd_characters_in_a_mail_link() -> None:
    room = replace(ROOM, sending=Sending())
    message = replace(MESSAGE, sender="COOP <a=b&c%d#e?f@news.example.org>")
    letter = writer(message, room=room).letter(claim())
    assert letter.sender == "a=b&c%d#e?f@news.example.org"
    assert b"<mailto:a%3Db%26c%25d%23e%3Ff@news.example.org?subject=" in letter.data


def test_one_click_needs_https() -> None:
    raw = plain(writer(room=with_base("http://127.0.0.1:8000")).letter(claim()))
    assert f"List-Unsubscribe: <http://127.0.0.1:8000/u/{LEAVE}>".encode() in raw
    assert b"List-Unsubscribe-Post" not in raw


def test_the_same_letter_every_time() -> None:
    assert writer().letter(claim()) == writer().letter(claim())
    first, again = writer(), writer()
    first.letter(claim(subscriber=5, name="Somebody Else", address="else@example.net"))
    assert first.letter(claim()) == again.letter(claim())


def test_a_reader_gets_their_language() -> None:
    french = replace(MESSAGE, subject="Infolettre", sender="Bureau <b@bureau.example>", lang="fr")
    both = writer(messages={"en": compose(MESSAGE), "fr": compose(french)})
    found = {language: both.letter(claim(language=language)) for language in ("", "fr-CH", "ar")}
    assert mail(found["fr-CH"])["Subject"] == "Infolettre"
    assert mail(found["fr-CH"])["Feedback-ID"] == "2017-05:enewsupdate:fr:4o2pksfjyixo"
    assert found[""] == replace(found["ar"], claim=found[""].claim)
    # One subscriber has one Message-ID, also when the language was changed between two tries.
    assert len({mail(letter)["Message-ID"] for letter in found.values()}) == 1
    alone = letter_writer(
        messages={"en": compose(MESSAGE), "fr": compose(french)},
        issue=ISSUE,
        newsroom=replace(ROOM, sending=Sending()),
        mailing=7,
        at=AT,
        keys=[KEY],
    )
    assert alone.letter(claim(language="fr")).sender == "b@bureau.example"


def test_every_copy_of_a_test_is_shown() -> None:
    # A mail program drops a second message with the same Message-ID.
    found = []
    for minute in (30, 31):
        test = letter_writer(
            messages={"en": compose(MESSAGE), "pt-BR": compose(MESSAGE)},
            issue=ISSUE,
            newsroom=ROOM,
            mailing=0,
            at=AT.replace(minute=minute),
            keys=[KEY],
        )
        for language in ("en", "pt-BR"):
            letter = test.letter(claim(subscriber=0, language=language))
            found.append(str(mail(letter)["Message-ID"]))
    assert len(set(found)) == 4
    assert re.fullmatch(
        r"<enewsupdate\.2017-05\.test-pt-BR-20170703T063100\.\w{24}@news\.example\.org>", found[3]
    )


def test_the_first_key_signs() -> None:
    rotated = letter_writer(
        messages={"en": compose(MESSAGE)},
        issue=ISSUE,
        newsroom=ROOM,
        mailing=7,
        at=AT,
        keys=[b"the new key", KEY],
    )
    token = rotated.letter(claim()).sender.partition("+")[2].partition("@")[0]
    assert token == sign(b"the new key", Purpose.BOUNCE, 123_456, 7)


def test_the_moment_is_told_in_the_newsrooms_time() -> None:
    other = datetime(2017, 12, 31, 20, 30, tzinfo=timezone(timedelta(hours=-5)))
    late = letter_writer(
        messages={"en": compose(MESSAGE)},
        issue=ISSUE,
        newsroom=ROOM,
        mailing=7,
        at=other,
        keys=[KEY],
    )
    assert mail(late.letter(claim()))["Date"] == "Mon, 01 Jan 2018 02:30:00 +0100"


def test_the_feedback_id_is_as_gmail_asks() -> None:
    value = str(mail(writer().letter(claim()))["Feedback-ID"])
    identifiers = value.split(":")
    assert len(identifiers) == len(set(identifiers)) == 4
    assert 5 <= len(identifiers[-1]) <= 15
    elsewhere = writer(room=replace(ROOM, authority="other.example,2020")).letter(claim())
    assert str(mail(elsewhere)["Feedback-ID"]).split(":")[-1] != identifiers[-1]


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "nobody", ""])
def test_an_address_that_cannot_be_written(address: str) -> None:
    with pytest.raises(AddressError):
        writer().letter(claim(address=address))


@pytest.mark.parametrize(
    ("find", "put", "why"),
    [
        (b"From: ", b"X-From: ", "has not one sender"),
        (b"Subject: ", b"X-Subject: ", "has no subject"),
        (b"Subject: ", b"Content-Type: text/plain\r\nSubject: ", "has content-type twice"),
        (b"Reply-To: ", b"From: x@y.example\r\nReply-To: ", "has from twice"),
        (b"<coop@news.example.org>", b"<a@b.example>, <c@d.example>", "has not one sender"),
        (b"<coop@news.example.org>", b"<coop>", "has a sender that is no address"),
        (b"Encoding: quoted-printable", b"Encoding: base64", "is not quoted-printable"),
        (b"yyyy", b"\0yyy", "no mail can"),
        (b"yyyy", b"\ryyy", "no mail can"),
        (b"yyyy", b"\nyyy", "no mail can"),
        (b"ILO COOP <", b"x" * 950 + b" <", "header line that is too long"),
    ],
)
def test_what_was_not_released_by_us_is_not_sent(find: bytes, put: bytes, why: str) -> None:
    raw = compose(MESSAGE)
    assert find in raw
    with pytest.raises(MailingError, match=why):
        writer(messages={"en": raw.replace(find, put, 1)})


def test_a_body_of_one_part_without_a_last_line_end() -> None:
    raw = (
        b"From: coop@news.example.org\r\nSubject: s\r\nDate: Thu, 29 Jun 2017 09:00:00 +0200\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n.bye " + UNSUBSCRIBE.encode()
    )
    data = writer(messages={"en": raw}).letter(claim()).data
    assert data.endswith(f"\r\n\r\n..bye =\r\nhttps://news.example.org/u/{LEAVE}\r\n".encode())
    read_again = message_from_bytes(data.replace(b"\r\n..", b"\r\n."), policy=policy.default)
    assert read_again.get_content().strip() == f".bye https://news.example.org/u/{LEAVE}"
