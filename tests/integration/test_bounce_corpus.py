"""Every message of the corpus of bounces is read for what it is; hostile ones within bounds."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.bounce import kind_of
from pipeline.core.delivery import message_id
from pipeline.core.links import Link
from pipeline.core.report import Report, ReportKind, signed_link
from pipeline.mail.parts import READ_MOST
from pipeline.mail.report import read_report

CORPUS = Path(__file__).parents[1] / "corpus/bounces"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((CORPUS / "expected.toml").read_text("utf-8"))
KEY = b"the key that the corpus is signed with"
COPY = message_id("letter/2026-05", 42, "news.example.org")
SECONDS_MOST = 10.0
"""Processor time for one hostile message: far more than it takes, far less than hours."""


def message(name: str) -> bytes:
    return (CORPUS / f"{name}.eml").read_bytes()


def seen(report: Report) -> dict[str, object]:
    """A report as `expected.toml` writes it."""
    found: dict[str, object] = {"kind": report.kind.value}
    if report.refused:
        complaint = report.kind is ReportKind.COMPLAINT
        found["refused"] = [
            [
                "complaint" if complaint else kind_of(one.code, one.status, one.said).value,
                one.code,
                one.status,
                " ".join(one.addresses),
            ]
            for one in report.refused
        ]
    if signed_link(report.marks, [KEY]) != Link(42, 7):
        found["signed"] = False
    if report.message_id != COPY:
        found["message_id"] = False
    return found


def test_every_message_has_its_expectation() -> None:
    assert sorted(path.stem for path in CORPUS.glob("*.eml")) == sorted(EXPECTED)
    assert len(EXPECTED) >= 60


@pytest.mark.parametrize("name", EXPECTED)
def test_a_message_is_read_for_what_it_is(name: str) -> None:
    assert seen(read_report(message(name))) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_line_ends_and_the_way_it_came_change_nothing(name: str) -> None:
    raw = message(name)
    report = read_report(raw)
    if raw:
        crlf = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        assert read_report(crlf).key == report.key
        if name != "from-line":
            relayed = b"Received: from a by b; Fri, 29 May 2026 20:00:00 +0200\n" + raw
            assert read_report(relayed).key == report.key
        assert seen(read_report(crlf)) == EXPECTED[name]


def test_no_two_messages_have_one_key() -> None:
    assert len({read_report(message(name)).key for name in EXPECTED}) == len(EXPECTED)


def test_the_envelope_says_whose_it_is_where_the_message_does_not() -> None:
    raw = message("without-the-original")
    assert signed_link(read_report(raw).marks, [KEY]) is None
    marks = read_report(message("truncated")).marks
    address = next(mark for mark in marks if "+" in mark)
    assert signed_link(read_report(raw, address).marks, [KEY]) == Link(42, 7)


def test_another_key_or_purpose_signs_nothing() -> None:
    for name in EXPECTED:
        assert signed_link(read_report(message(name)).marks, [b"another"]) is None


def _nested(depth: int) -> bytes:
    begun = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        for level in range(depth)
    )
    return b"From: MAILER-DAEMON@x.example\n" + begun + b"\n" * 200_000


def _enclosed(depth: int) -> bytes:
    return b"From: postmaster@x.example\n" + b"Content-Type: message/rfc822\n\n" * depth


def mixed(part: bytes) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' + part + b"\n--b--\n"


REPORT = b"""From: MAILER-DAEMON@mx.example.net
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

"""
ONE = b"Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n\n"

WORDS = b"From: postmaster@x.example\nSubject: undeliverable\n"
HOSTILE = {
    "nested multiparts": _nested(5000),
    "nested as deep as is followed": _nested(18),
    "enclosed messages": _enclosed(8000),
    "many recipients": REPORT + ONE * 40_000,
    "many blank lines": REPORT + b"\n" * 250_000,
    "many parts": REPORT + b"\n--x\nContent-Type: text/plain\n\na\n" * 8000,
    "many headers": b"X: y\n" * 50_000,
    "a long header": b"To: " + b"a@" * 120_000 + b"\n\n",
    "a long subject": b"Subject: " + b"=?utf-8?q?=20?= " * 15_000 + b"\n\n",
    "a long folded header": b"To: a\n" + b" +aaaaaaaaaaaaaaaaaaaa@b.example,\n" * 8000,
    "addresses": WORDS + b"\n" + b"a@b.example\n" * 20_000,
    "almost addresses": WORDS + b"\n" + b"a." * 130_000,
    "almost markup": WORDS + b"Content-Type: text/html\n\n" + b"<a " * 80_000,
    "boundaries": b'Content-Type: multipart/mixed; boundary="' + b"=" * 200_000 + b'"\n\n--=\n',
    "parameters": b"Content-Type: text/plain" + b"; a*0*=x''%20" * 20_000 + b"\n\n",
    "a line of dashes": WORDS + b"\n" + b"-" * 16_000,
    "dashes, spaces and bars": WORDS + b"\n" + b"- >|\t" * 12_000,
    "an open quote": b'Content-Type: text/plain; a="' + b";" * 120_000 + b"\n\n",
    "an open quote in a part": mixed(b'Content-Type: text/plain; a="' + b";" * 120_000 + b"\n\n"),
    "an open quote in other letters": b'Content-Type: text/plain; a="\xc3\xbc'
    + b";" * 120_000 + b"\n\n",
    "a long disposition": b"Content-Disposition: a; a=\"" + b'\\";' * 60_000 + b"\n\n",
    "a charset that takes hours": b"Content-Type: text/plain; charset=punycode\n\n"
    + b"a-b9" * 60_000,
    "a charset that is none": b"Content-Type: text/plain; charset=\x00\xff\n\n" + b"a",
    "a charset of another sort": b"Content-Type: text/plain; charset=zlib\n\n" + b"a",
    "base64 that is none": b"Content-Transfer-Encoding: base64\n\n" + b"=A" * 120_000,
    "uuencoded": b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + b"M" * 240_000,
    "nulls": b"\0" * 250_000,
    "every byte": bytes(range(256)) * 1000,
    "a From line and nothing": b"From x\n",
    "10 MB": REPORT + ONE + b"--x\nContent-Type: message/rfc822\n\nA: b\n\n" + b"x" * 10**7,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_read_within_bounds(name: str) -> None:
    began = time.process_time()
    report = read_report(HOSTILE[name])
    assert time.process_time() - began < SECONDS_MOST
    assert len(report.refused) <= 50
    assert all(len(one.said) <= 500 for one in report.refused)


def test_of_a_long_message_the_beginning_is_enough() -> None:
    report = read_report(HOSTILE["10 MB"])
    assert (report.kind, report.refused[0].status) == (ReportKind.BOUNCE, "5.1.1")
    assert len(HOSTILE["10 MB"]) > 30 * READ_MOST
