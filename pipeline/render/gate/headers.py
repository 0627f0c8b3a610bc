"""Rules on the message as bytes: what servers and clients refuse, or read in another way."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import SMTP
from typing import TYPE_CHECKING

from pipeline.core.issue import UNSUBSCRIBE
from pipeline.render.gate.facts import HEADERS
from pipeline.render.gate.rule import Group, error, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

LINE_MOST = 998
ONCE = ("From", "To", "Subject", "Date", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
        "Message-ID", "Reply-To", "MIME-Version", "Content-Type")  # fmt: skip
REQUIRED = ("From", "To", "Subject", "Date", "List-Id", "MIME-Version", "Content-Type")

BROKEN = error(
    "message-broken",
    "A message that does not parse is shown as source, or refused.",
    "build it again; where it was released, restore the file from version control",
)
LONG = error(
    "line-too-long",
    "Servers cut or refuse lines of more than 998 characters (RFC 5322, 2.1.1).",
    "let the message be encoded as quoted-printable, and fold its headers",
)
RAW = error(
    "header-not-ascii",
    "Headers are ASCII; other letters stand in encoded words (RFC 2047).",
    "encode it",
)
TWICE = error(
    "header-twice",
    "Of a header that may stand once, servers and clients read one or the other (RFC 5322, 3.6).",
    "keep one",
)
MISSING = error(
    "header-missing",
    "Servers refuse or mistrust a message without it.",
    "set it",
)
FOLDED = warning(
    "header-folding",
    "Filters mistrust headers whose own line is empty, and fold marks in the wrong place.",
    "begin the value on the header's own line",
)
LEAVE = error(
    "list-unsubscribe",
    "One click leaves a list only where the address is neither encoded nor folded (RFC 8058).",
    "write List-Unsubscribe on one line, with List-Unsubscribe-Post beside it",
)

_ONE_CLICK = "List-Unsubscribe=One-Click"
_HEADER = re.compile(rb"([!-9;-~]+):(.*)", re.DOTALL)


def ask(mail: Mail) -> Iterator[Finding]:
    """Headers one by one, then the message as a parser sees it."""
    head, blank, _ = mail.raw.partition(b"\r\n\r\n")
    if not blank:
        yield BROKEN.at(HEADERS, "no empty line behind the headers, or lines without CRLF")
        return
    headers = _headers(head)
    yield from _lines(mail.raw)
    yield from _each(headers)
    yield from _leaving(headers)
    for defect in _defects(mail.raw):
        yield BROKEN.at(HEADERS, defect)


def _headers(head: bytes) -> list[tuple[str, bytes]]:
    """Each header with its value as it stands, folds and all."""
    found: list[tuple[str, bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"} and found:
            name, value = found.pop()
            found.append((name, value + b"\r\n" + line))
            continue
        match = _HEADER.fullmatch(line)
        name = match[1].decode() if match else ""
        found.append((name, match[2] if match else line))
    return found


def _lines(raw: bytes) -> Iterator[Finding]:
    for number, line in enumerate(raw.split(b"\r\n"), 1):
        if len(line) > LINE_MOST:
            yield LONG.at(f"message, line {number}", f"{len(line)} characters")
        if b"\n" in line or b"\r" in line:
            yield BROKEN.at(f"message, line {number}", "a line break that is not CRLF")
            return


def _each(headers: list[tuple[str, bytes]]) -> Iterator[Finding]:
    names = [name.lower() for name, _ in headers]
    for name, value in headers:
        if not name:
            yield BROKEN.at(HEADERS, f"not a header: {value.decode('latin-1')}")
        elif not value.isascii():
            yield RAW.at(name, value.decode("utf-8", "replace"))
        elif not value.partition(b"\r\n")[0].strip():
            yield FOLDED.at(name, "nothing on the header's own line")
    for name in ONCE:
        if names.count(name.lower()) > 1:
            yield TWICE.at(name, f"{names.count(name.lower())} times")
    for name in REQUIRED:
        if name.lower() not in names:
            yield MISSING.at(name, "not there")


def _leaving(headers: list[tuple[str, bytes]]) -> Iterator[Finding]:
    values = {name.lower(): value for name, value in headers}
    leave = values.get("list-unsubscribe")
    if leave is None:
        yield LEAVE.at("List-Unsubscribe", "not there")
        return
    if b"=?" in leave or b"\r\n" in leave or f"<{UNSUBSCRIBE}>".encode() not in leave:
        yield LEAVE.at("List-Unsubscribe", leave.decode("latin-1"))
    post = values.get("list-unsubscribe-post", b"").decode("latin-1").strip()
    if post != _ONE_CLICK:
        yield LEAVE.at("List-Unsubscribe-Post", post or "not there")


def _defects(raw: bytes) -> Iterator[str]:
    """What the standard library finds wrong with the message and each of its parts."""
    message = message_from_bytes(raw, policy=SMTP)
    for part in message.walk():
        yield from (type(defect).__name__ for defect in part.defects)
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    for kind in ("text/plain", "text/html"):
        if kind not in kinds:
            yield f"no part of the type {kind}"
    if "text/plain" in kinds and kinds[0] != "text/plain":
        yield "the text part comes after the HTML: clients take the last that they can show"


GROUP = Group(
    title="The message",
    rules=(BROKEN, LONG, RAW, TWICE, MISSING, FOLDED, LEAVE),
    ask=ask,
)
