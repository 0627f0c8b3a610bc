"""Delivery status notifications (RFC 3464, RFC 6533): whom a mail did not reach, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.report import Refused
from pipeline.mail.parts import ENCLOSED, headers_of, one_line

if TYPE_CHECKING:
    from pipeline.mail.parts import Headers, Mail

STATUS = (f"{ENCLOSED}delivery-status", f"{ENCLOSED}global-delivery-status")
RECIPIENTS_MOST = 50
SAID_MOST = 500
"""Characters of a server's words that are kept."""

ADDRESS_MOST = 320

_BLANK = re.compile(r"\n[ \t]*\n")
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.#])([245]\d\d)(?=[ -]|$)")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_UNDEFINED = re.compile(r"[245]\.\d\.0|")
"""A status that says no more than the action does."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What a notification says: whom it did not reach, and whether anything failed at all."""

    refused: tuple[Refused, ...]
    failed: bool


def notification(mail: Mail) -> Notification | None:
    """Read the part that is for machines; None where there is none.

    A notification whose fields were cut off has failed for nobody that it names.
    """
    text = mail.text_of(*STATUS)
    if not text:
        return None
    blocks = [headers_of(block) for block in _BLANK.split(text, RECIPIENTS_MOST + 1)]
    recipients = [block for block in blocks[: RECIPIENTS_MOST + 1] if _actions(block)]
    refused = tuple(_refused(block) for block in recipients if _actions(block) == "failed")
    return Notification(refused, failed=bool(refused) or not recipients)


def what_was_said(status: str, words: str, addresses: tuple[str, ...] = ()) -> Refused:
    """A recipient, with the codes that a server's words hold: they are nearer than the report's.

    The program that reports often knows no more than 5.0.0, or calls everything 5.1.1.
    """
    said = one_line(words, SAID_MOST)
    enhanced = _ENHANCED.search(said)
    code = _CODE.search(said)
    given = _ENHANCED.match(status.strip())
    own = given[1] if given else ""
    if enhanced and (not _UNDEFINED.fullmatch(enhanced[1]) or _UNDEFINED.fullmatch(own)):
        own = enhanced[1]
    return Refused(addresses=addresses, code=int(code[1]) if code else 0, status=own, said=said)


def _actions(block: Headers) -> str:
    """What became of a recipient, "" where the block is of no recipient."""
    action = block.first("action").lower()
    if not action and not block.first("final-recipient"):
        return ""
    words = action.split()
    if words and words[0].isalpha():
        return words[0]
    return "failed" if block.first("status").startswith("5") else "delayed"


def _refused(block: Headers) -> Refused:
    names = block.all("original-recipient", "final-recipient", "x-actual-recipient")
    found = tuple(dict.fromkeys(address for name in names if (address := typed(name))))
    words = block.first("diagnostic-code")
    kind, semicolon, rest = words.partition(";")
    return what_was_said(
        block.first("status"), rest if semicolon and " " not in kind.strip() else words, found
    )


def typed(value: str) -> str:
    """The address of `rfc822; name@example.org` or `utf-8; …` (RFC 6533 §3), "" for others."""
    kind, semicolon, address = value.partition(";")
    if not semicolon:
        kind, address = "rfc822", value
    address = address.strip()
    if kind.strip().lower() == "utf-8":
        address = _ESCAPED.sub(_unescaped, address)
    elif kind.strip().lower() not in {"rfc822", "smtp"}:
        return ""
    address = address.strip(" <>'\"") if address.startswith(("<", "'")) else address
    return address if "@" in address and len(address) <= ADDRESS_MOST else ""


def _unescaped(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
