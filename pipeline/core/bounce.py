"""A bounce: a mail that was refused, at once or later, or that its reader complained of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class BounceKind(StrEnum):
    """What a bounce says of an address."""

    HARD = "hard"  # there is no such mailbox: never again
    SOFT = "soft"  # not now: full, greylisted, too large, down
    COMPLAINT = "complaint"  # the reader pressed the spam button (RFC 5965)
    POLICY = "policy"  # refused for what the message or its sender is; says nothing of the address
    UNKNOWN = "unknown"  # nobody could tell; kept and counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """One bounce of a subscriber's; `subscriber` and `mailing` are 0 where unknown.

    `key` stands for the report itself, so that the same one counts once; `code` is the SMTP reply
    or 0, `status` the enhanced code (RFC 3463) or "", `said` the server's words in one line;
    `source` is `smtp`, or the way the report came (`imap`, `pop3`, `pipe`, `file`).
    """

    key: str
    subscriber: int
    mailing: int
    at: datetime
    kind: BounceKind
    code: int = 0
    status: str = ""
    said: str = ""
    source: str
