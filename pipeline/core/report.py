"""What came to the address that bounces go to: a report on a mail of ours, or something else."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.links import Purpose, read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.core.links import Link

_TOKENS = (
    (Purpose.BOUNCE, re.compile(r"\+([A-Za-z2-7]{16,64})@")),
    (Purpose.UNSUBSCRIBE, re.compile(r"(?<![\w-])([\w-]{16,64})(?![\w-])", re.ASCII)),
)
"""Where a signed token may stand: behind the plus of a return path; anywhere in a link."""

TOKENS_MOST = 50
"""Tokens that are tried for one report: each costs a signature."""


class ReportKind(StrEnum):
    """What somebody's machine, or somebody, wrote to us."""

    BOUNCE = "bounce"  # a mail could not be delivered to at least one recipient
    NOTICE = "notice"  # nothing failed: delayed, delivered, expanded (RFC 3464 §2.3.3)
    COMPLAINT = "complaint"  # a reader called a mail spam (RFC 5965)
    AUTO_REPLY = "auto-reply"  # vacation notes, challenges, receipts (RFC 3834, RFC 8098)
    OTHER = "other"  # no report, or one that nobody can read


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A recipient whom a mail did not reach.

    `addresses` are what the report calls them, the one that we wrote to first; `code`, `status` and
    `said` are as in `Bounce`. `in_words` says that no part for machines tells it: who is meant, and
    by which words, is a guess.
    """

    addresses: tuple[str, ...] = ()
    code: int = 0
    status: str = ""
    said: str = ""
    in_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One message of a bounce mailbox.

    `key` stands for it however often and by whatever way it comes. `refused` is () but for bounces
    and complaints. `message_id` is that of the mail it reports on, with its angle brackets, or "".
    `marks` are texts that may hold a token which we signed: the addresses that it was sent to, and
    headers of the mail that it returns. `at` is when it was written, None where it says nothing
    that can be read. `subject` is its own.
    """

    key: str
    kind: ReportKind
    refused: tuple[Refused, ...] = ()
    message_id: str = ""
    marks: tuple[str, ...] = ()
    at: datetime | None = None
    subject: str = ""

    def bounce_key(self, name: str) -> str:
        """What the bounce of one of its recipients counts once by; nobody is named in it."""
        return hashlib.sha256(f"{self.key}\n{name}".encode("utf-8", "replace")).hexdigest()


def signed_link(marks: Sequence[str], keys: Sequence[bytes]) -> Link | None:
    """Whose copy of which mailing it is about, where a token of ours says so; the first one."""
    tried = 0
    for purpose, pattern in _TOKENS:
        for mark in marks:
            for match in pattern.finditer(mark.replace("%20", " ")):
                tried += 1
                if tried > TOKENS_MOST:
                    return None
                link = read(keys, purpose, match[1])
                if link is not None:
                    return link
    return None
