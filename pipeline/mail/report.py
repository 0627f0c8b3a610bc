"""Reads a message of the bounce mailbox.

::

    bytes ─▶ parts ─▶ complaint (RFC 5965)? ─▶ notification (RFC 3464)? ─▶ a bounce in words?
                                                     other ◀─ an answer by a machine? ◀─┘

Bounces are looked for before automatic answers, since they call themselves so too (RFC 3834 §2).
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pipeline.core.report import Report, ReportKind
from pipeline.mail import arf, bounce_text, dsn
from pipeline.mail.auto_reply import is_auto_reply, subject_of
from pipeline.mail.dsn import what_was_said
from pipeline.mail.parts import ENCLOSED, Headers, headers_of, take_apart

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.core.report import Refused
    from pipeline.mail.parts import Mail

SENT_TO = (
    "x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "x-delivered-to",
    "x-forwarded-to", "x-rcpt-to", "to", "cc",
)  # fmt: skip
"""Where mail servers note the address that a message came for."""

RETURNED = (
    f"{ENCLOSED}rfc822", f"{ENCLOSED}global", f"{ENCLOSED}rfc822-headers",
    f"{ENCLOSED}global-headers", "text/rfc822-headers",
)  # fmt: skip
"""The parts in which the mail that is reported on comes back, whole or its headers (RFC 6522)."""

MESSAGE_ID = re.compile(r"<[^<>\s@]{1,250}@[^<>\s@]{1,250}>")
MARKS_MOST = 30


def read_report(raw: bytes, sent_to: str = "") -> Report:
    """What a message says; never raises. `sent_to` is its envelope's recipient, "" if unknown.

    A line `From …` of a mailbox file before the headers is passed over.
    """
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    mail = take_apart(raw)
    kind, refused, original = _judged(mail)
    returned = original.first("message-id") or original.first("x-original-message-id")
    found = MESSAGE_ID.search(returned)
    marks = (
        sent_to,
        *mail.headers.all(*SENT_TO),
        *original.all("return-path", "original-mail-from", "x-return-path", "list-unsubscribe"),
    )
    return Report(
        key=_key(raw, mail.headers),
        kind=kind,
        refused=refused,
        message_id=found[0] if found else "",
        marks=tuple(mark for mark in marks if mark)[:MARKS_MOST],
        at=_date(mail.headers.first("date")),
        subject=subject_of(mail.headers),
    )


def _judged(mail: Mail) -> tuple[ReportKind, tuple[Refused, ...], Headers]:
    """What it is, whom it is about, and the headers of the mail that it returns."""
    original = headers_of(mail.text_of(*RETURNED))
    fields = arf.feedback(mail, original)
    if fields is not None:
        both = Headers({**fields.values, **original.values})
        return ReportKind.COMPLAINT, (arf.complainant(fields),), both
    found = dsn.notification(mail)
    if found is not None:
        if not found.failed:
            return ReportKind.NOTICE, (), original
        return ReportKind.BOUNCE, _worded(found.refused, mail), original
    if bounce_text.is_warning(mail):
        return ReportKind.NOTICE, (), original
    if bounce_text.is_bounce(mail):
        original = original if original.values else bounce_text.original_headers(mail)
        return ReportKind.BOUNCE, _in_words(mail), original
    kind = ReportKind.AUTO_REPLY if is_auto_reply(mail) else ReportKind.OTHER
    return kind, (), original


def _worded(refused: tuple[Refused, ...], mail: Mail) -> tuple[Refused, ...]:
    """The same with what the part for people says of those of whom the other gives no reason."""
    if refused and all(one.said for one in refused):
        return refused
    words = _in_words(mail)
    if not refused:
        return words
    said = {name.lower(): one.said for one in words for name in one.addresses}
    return tuple(
        one if one.said else what_was_said(one.status, _first_said(one, said), one.addresses)
        for one in refused
    )


def _first_said(one: Refused, said: Mapping[str, str]) -> str:
    return next((said[name.lower()] for name in one.addresses if name.lower() in said), "")


def _in_words(mail: Mail) -> tuple[Refused, ...]:
    own = bounce_text.addresses_in(mail.headers.all("from", *SENT_TO))
    return bounce_text.refused(mail, frozenset(address.lower() for address in own))


def _key(raw: bytes, headers: Headers) -> str:
    """By its Message-ID; without one by its text, since each server on the way adds headers."""
    ident = headers.first("message-id")
    if ident:
        return hashlib.sha256(f"id\n{ident}".encode("utf-8", "replace")).hexdigest()
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    dated = headers.first("date").encode("utf-8", "replace")
    return hashlib.sha256(b"text\n" + dated + b"\n" + body).hexdigest()


def _date(value: str) -> datetime | None:
    """When it says that it was written, in UTC."""
    try:
        date = parsedate_to_datetime(value)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
