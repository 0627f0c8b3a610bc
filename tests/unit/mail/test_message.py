"""A message's bytes: what the standards ask, and what the standard library gets wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.message import RECIPIENT, Message
from pipeline.errors import IssueError
from pipeline.mail.message import compose, parts

MESSAGE = Message(
    sender="ILO COOP <coop@news.example.org>",
    reply_to="desk@news.example.org",
    subject="eNewsUpdate No. 5, June 2017",
    date=datetime.fromisoformat("2017-06-30T09:00:00+02:00"),
    list_id="enewsupdate.news.example.org",
    list_title="ILO COOP eNewsUpdate",
    lang="en",
    text=f"Grüße\n\nFrom here\n.\n{'x' * 200}\n{UNSUBSCRIBE}\n{PREFERENCES}\n",
    html=f'<p>ü {"y" * 200}</p>\n<a\nhref="{UNSUBSCRIBE}">x</a>\n<a\nhref="{PREFERENCES}">y</a>\n',
)


def headers(raw: bytes) -> dict[str, str]:
    return dict(message_from_bytes(raw, policy=policy.default).items())


def test_headers() -> None:
    assert headers(compose(MESSAGE)) == {
        "From": "ILO COOP <coop@news.example.org>",
        "Reply-To": "desk@news.example.org",
        "To": RECIPIENT,
        "Subject": "eNewsUpdate No. 5, June 2017",
        "Date": "Fri, 30 Jun 2017 09:00:00 +0200",
        "List-Id": "ILO COOP eNewsUpdate <enewsupdate.news.example.org>",
        "List-Unsubscribe": f"<{UNSUBSCRIBE}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
        "Content-Language": "en",
        "Content-Type": headers(compose(MESSAGE))["Content-Type"],
    }


def test_text_comes_first_and_both_are_read_back() -> None:
    mail = message_from_bytes(compose(MESSAGE), policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    found = parts(compose(MESSAGE))
    assert (found.subject, found.text, found.html) == (
        MESSAGE.subject,
        MESSAGE.text,
        MESSAGE.html,
    )


def test_lines_end_with_crlf_and_are_short() -> None:
    raw = compose(MESSAGE)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 76


def test_tokens_are_whole_in_the_raw_bytes() -> None:
    raw = compose(MESSAGE)
    assert raw.count(UNSUBSCRIBE.encode()) == 3
    assert raw.count(PREFERENCES.encode()) == 2


@pytest.mark.parametrize("before", range(30, 80))
@pytest.mark.parametrize("after", ["", " ", "é and more", ", and so on" * 9])
def test_a_token_anywhere_in_a_line_stays_whole(before: int, after: str) -> None:
    text = f"{'x' * before}{UNSUBSCRIBE}{after}\n{'é' * (before // 6)} {PREFERENCES}{after}\n"
    message = replace(MESSAGE, text=text)
    raw = compose(message)
    assert raw.count(UNSUBSCRIBE.encode()) == 3
    assert raw.count(PREFERENCES.encode()) == 2
    assert max(map(len, raw.split(b"\r\n"))) <= 76
    assert parts(raw).text == text


def test_the_same_bytes_every_time_and_others_for_other_content() -> None:
    assert compose(MESSAGE) == compose(replace(MESSAGE))
    assert compose(MESSAGE) != compose(replace(MESSAGE, text="other\n"))
    assert b"Message-ID" not in compose(MESSAGE)


def test_the_boundary_is_in_no_part() -> None:
    raw = compose(replace(MESSAGE, text="=_0123\n--=_\n"))
    boundary = message_from_bytes(raw).get_boundary()
    assert boundary is not None
    assert raw.count(boundary.encode()) == 4


@pytest.mark.parametrize(
    "subject",
    [
        "Genève",
        "très long sujet " * 12 + "é",
        "新聞通信第五号" * 12,
        "نشرة التعاونيات " * 9 + ".",
        "mixed ascii words é then plain ascii words again é and more plain ascii words é end",
    ],
)
def test_subjects_in_any_script_survive(subject: str) -> None:
    raw = compose(replace(MESSAGE, subject=subject))
    assert parts(raw).subject == subject
    head = raw.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 76
    assert all(len(word) <= 75 for word in head.split() if word.startswith(b"=?"))


def test_a_senders_name_in_any_script_survives() -> None:
    name = "Édition française de la lettre des coopératives, numéro spécial"
    raw = compose(replace(MESSAGE, sender=f'"{name}" <a@x.org>'))
    # The modern parser puts a space between two encoded words (Python 3.11); the older does not.
    words, address = message_from_bytes(raw)["From"].rsplit(" ", 1)
    assert str(make_header(decode_header(words.strip()))) == name
    assert address == "<a@x.org>"


def test_a_title_that_needs_encoding_stays_out_of_the_list_id() -> None:
    raw = compose(replace(MESSAGE, list_title='Coop "x", <y>'))
    assert headers(raw)["List-Id"] == "<enewsupdate.news.example.org>"


def test_a_long_list_id_is_neither_folded_nor_encoded() -> None:
    name = f"{'a' * 60}.{'b' * 60}.example.org"
    raw = compose(replace(MESSAGE, list_id=name))
    assert f"<{name}>\r\n".encode() in raw


@pytest.mark.parametrize("field", ["subject", "sender", "reply_to", "list_id", "lang"])
@pytest.mark.parametrize("evil", ["\r\nBcc: x@y.org", "\n", "\r", "\x00", "\u2028", "\x85"])
def test_no_header_can_begin_another(field: str, evil: str) -> None:
    value = getattr(MESSAGE, field)
    with pytest.raises(IssueError, match="control character"):
        compose(replace(MESSAGE, **{field: f"{value}{evil}"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["subject", "sender", "reply_to", "list_id", "lang"])
def test_no_header_can_smuggle_an_encoded_line_break(field: str) -> None:
    value = f"=?utf-8?q?a=0D=0ABcc:_x@y.org?= {getattr(MESSAGE, field)}"
    with pytest.raises(IssueError, match="cannot stand in a header"):
        compose(replace(MESSAGE, **{field: value}))  # type: ignore[arg-type]


def test_a_title_that_looks_encoded_stays_out_of_the_list_id() -> None:
    raw = compose(replace(MESSAGE, list_title="=?utf-8?q?a=0D=0ABcc:_x@y.org?="))
    assert headers(raw)["List-Id"] == "<enewsupdate.news.example.org>"


@pytest.mark.parametrize(
    "sender", ["", " ", "nobody", "<>", "a@b, c@d", "é@x.org", "a@é.org", 'Joe "x <a@b>']
)
def test_one_sender_with_a_plain_address(sender: str) -> None:
    with pytest.raises(IssueError, match="sender"):
        compose(replace(MESSAGE, sender=sender))


def test_what_is_no_message_of_ours_is_refused() -> None:
    with pytest.raises(IssueError, match="text/plain"):
        parts(b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n")
