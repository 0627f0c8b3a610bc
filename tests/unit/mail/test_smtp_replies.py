from __future__ import annotations

import pytest

from pipeline.core.reply import Reply, Stage
from pipeline.mail.smtp_replies import (
    BROKEN,
    REPLY_MOST,
    TEXT_MOST,
    ReplyReader,
    as_reply,
    cleaned,
)


def replies(*parts: bytes) -> list[tuple[int, list[bytes]]]:
    reader = ReplyReader()
    return [found for part in parts for found in reader.feed(part)]


def kept(data: bytes) -> Reply:
    ((code, lines),) = replies(data)
    return as_reply(Stage.RECIPIENT, code, lines)


def test_several_replies_come_in_one_piece() -> None:
    found = replies(b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n")
    assert [code for code, _ in found] == [250, 250, 354]


def test_one_reply_comes_in_several_pieces() -> None:
    assert replies(b"25", b"0-one\r", b"\n250 t", b"wo\r\n") == [(250, [b"one\r", b"two\r"])]


@pytest.mark.parametrize("data", [b"250\r\n", b"250 \r\n", b"250 ok\n", b"250-\r\n250\r\n"])
def test_replies_with_little_in_them_are_replies(data: bytes) -> None:
    assert [code for code, _ in replies(data)] == [250]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\r\n",
        b"25\r\n",
        b"2500 ok\r\n",
        b"150 wait\r\n",
        b"600 ok\r\n",
        b"+OK\r\n",
        "２５０ ok\r\n".encode(),
        b"x" * (REPLY_MOST + 1),
        b"250-on and on\r\n" * 2000,
        b"250-\r\n" * 20_000,
    ],
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    assert replies(data)[-1][0] == BROKEN


def test_a_reply_is_kept_in_one_line_with_its_status_apart() -> None:
    found = kept(b"550-5.1.1 The address you tried\r\n550 5.1.1 does not exist. \t x\r\n")
    words = "The address you tried does not exist. x"
    assert found == Reply(Stage.RECIPIENT, 550, "5.1.1", words)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"550 5.7.26 unauthenticated\r\n", "5.7.26"),
        (b"451 4.7.1 greylisted\r\n", "4.7.1"),
        (b"550 2.1.1 another class\r\n", ""),
        (b"550 5.1.1234 too long\r\n", ""),
        (b"550 5.1.1.1 an address\r\n", ""),
        (b"550 user 5.1.1 somewhere\r\n", ""),
        (b"550 10.5.1.1\r\n", ""),
        (b"550 5.1\r\n", ""),
    ],
)
def test_a_status_is_believed_where_it_is_one(data: bytes, status: str) -> None:
    assert kept(data).status == status


def test_a_reply_cannot_write_into_a_terminal_or_a_header() -> None:
    text = kept(b"550 red \x1b[31m\x00 \xc2\x9b \xe2\x80\xae back\xff\r\n").text
    assert text.isprintable()
    assert text == "red [31m back\ufffd"


def test_a_long_reply_is_cut() -> None:
    assert len(kept(b"550 " + b"x" * 9000 + b"\r\n").text) == TEXT_MOST
    assert len(cleaned(b"x" * 9000)) == TEXT_MOST
