"""Messages taken apart: what the library makes of odd ones, and where it is not followed."""

from __future__ import annotations

import pytest

from pipeline.mail.parts import (
    BOUNDARIES_MOST,
    PARTS_MOST,
    READ_MOST,
    TEXT_MOST,
    VALUE_MOST,
    headers_of,
    one_line,
    take_apart,
)


def mixed(*parts: bytes, kind: bytes = b"multipart/mixed") -> bytes:
    inside = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return b'Content-Type: %s; boundary="b"\n\n%s--b--\n' % (kind, inside)


def test_headers_are_unfolded_and_found_in_any_case() -> None:
    headers = headers_of("To: a\nX-One: first\n  second\nTO: b\n\nbody: no\n")
    assert headers.first("x-one") == "first second"
    assert headers.all("to", "x-one") == ("a", "b", "first second")
    assert (headers.first("body"), headers.all("none")) == ("", ())


def test_an_enclosed_message_is_text() -> None:
    mail = take_apart(mixed(b"Content-Type: message/rfc822\n\nSubject: inner\n\ntext\n"))
    (part,) = mail.parts
    assert part.kind == "text/enclosed.rfc822"
    assert headers_of(part.text).first("subject") == "inner"


def test_the_type_of_a_report_is_said_in_lower_case() -> None:
    raw = mixed(b"\na", kind=b"multipart/report; report-type=Delivery-Status")
    assert take_apart(raw).report == "delivery-status"
    assert take_apart(b"Subject: a\n\nb").report == ""


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b"charset=utf-8", "Empfänger".encode()),
        (b"charset=iso-8859-1", "Empfänger".encode("latin-1")),
        (b"charset=windows-1252", "Empfänger".encode("cp1252")),
        (b"charset=us-ascii", "Empfänger".encode()),
        (b"charset=iso-8859-1", "Empfänger".encode()),
        (b"charset=none-of-the-kind", "Empfänger".encode()),
        (b"charset=us-ascii", "Empfänger".encode("latin-1")),
        (b"charset=rot13", "Empfänger".encode()),
    ],
)
def test_a_text_is_decoded_as_it_is_rather_than_as_it_says(header: bytes, body: bytes) -> None:
    mail = take_apart(b"Content-Type: text/plain; " + header + b"\n\n" + body)
    assert mail.text_of("text/plain") == "Empfänger"


def test_a_text_in_japanese() -> None:
    body = "宛先不明".encode("iso-2022-jp")
    mail = take_apart(b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + body)
    assert mail.text_of("text/plain") == "宛先不明"


def test_base64_and_quoted_printable_are_undone() -> None:
    raw = mixed(
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\naGVsbG8=",
        b"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\na=3Db=\nc",
    )
    mail = take_apart(raw)
    assert mail.text_of("text/plain") == "hello"
    assert mail.text_of("text/html") == "a=bc"
    assert mail.text_of("text/x", "text/html") == "a=bc"


def test_what_has_too_many_boundaries_has_headers_only() -> None:
    raw = b"Subject: many\n" + mixed(*[b'X: boundary="c"\n\na'] * BOUNDARIES_MOST)
    mail = take_apart(raw)
    assert mail.headers.first("subject") == "many"
    assert mail.parts == ()


def test_bounds() -> None:
    assert len(take_apart(mixed(*[b"\na"] * 100)).parts) < PARTS_MOST
    assert len(take_apart(b"\n" + b"a" * 2 * READ_MOST).text_of("text/plain")) == TEXT_MOST
    assert len(headers_of("A: " + "b" * 9000).first("a")) == VALUE_MOST


def test_headers_in_other_letters_and_with_what_nobody_sees() -> None:
    raw = "To: zaunkönig@bücher.example\nX: a\x00b\x1b[2Jc\n\n".encode()
    headers = take_apart(raw).headers
    assert headers.first("to") == "zaunkönig@bücher.example"
    assert headers.first("x") == "a b [2Jc"


def test_one_line() -> None:
    assert one_line(" a\r\n\tb\u2028c  d ", 100) == "a b c d"
    assert one_line("abcdef", 3) == "abc"


def test_whatever_the_library_raises_is_a_message_without_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise AttributeError("as some versions do")

    monkeypatch.setattr("pipeline.mail.parts.BytesParser.parsebytes", fails)
    monkeypatch.setattr("pipeline.mail.parts.BytesHeaderParser.parsebytes", fails)
    mail = take_apart(b"Subject: a\n\nb")
    assert (mail.headers.values, mail.parts) == ({}, ())
    assert headers_of("Subject: a\n").values == {}
