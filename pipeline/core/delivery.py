"""A delivery: one mailing to one subscriber, a row of the ledger.

::

    queued ──▶ sending ──▶ sent                     the server said 250
      ▲ │         │  └───▶ failed                   refused for good, or given up
      │ │         ├──────▶ deferred ──▶ queued      refused for now: again when it is due
      │ │         └──────▶ uncertain                the connection died before the reply
      │ └────────────────▶ suppressed               left, suppressed or erased meanwhile
      └── retry, by an editor's word ── failed, uncertain

A worker takes rows that are queued or due (`claim`), which stay queued and are its own until it
ends; only one that it writes to a server is `sending`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core import base32

if TYPE_CHECKING:
    from datetime import datetime


class DeliveryState(StrEnum):
    """What became of one subscriber's copy."""

    QUEUED = "queued"  # not sent yet
    SENDING = "sending"  # on its way to the server now
    SENT = "sent"  # the server took it (250); whether it was read, or arrived, nobody knows
    DEFERRED = "deferred"  # refused for now; due again at its time
    FAILED = "failed"  # refused for good, or too often
    SUPPRESSED = "suppressed"  # no mail to this address any more; never tried
    UNCERTAIN = "uncertain"  # the connection died between the last byte and the reply


FINAL = frozenset(
    {
        DeliveryState.SENT,
        DeliveryState.FAILED,
        DeliveryState.SUPPRESSED,
        DeliveryState.UNCERTAIN,
    }
)
"""States that nothing but an editor's word changes."""

REACHED = frozenset({DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCERTAIN})
"""States of who has a copy, or may have one."""


class Claim(NamedTuple):
    """A row that this worker may send now.

    `attempts` counts the tries that a server answered before; `first` is when the first of them
    was, as seconds since the epoch (0: none yet). A tuple, like `Settled`: there may be a million,
    and a dataclass takes three times as long to make.
    """

    id: int
    subscriber: int
    address: str
    name: str
    language: str
    attempts: int
    first: float


class Settled(NamedTuple):
    """What became of a row that was sent, or tried; `at` and `due` are seconds since the epoch.

    `code` is the server's three digits (RFC 5321 §4.2), 0 where it said none; `status` the enhanced
    code (RFC 3463) or ""; `said` the server's words, one line; `due` is 0 but for deferred rows.
    `counts` is False for a try that says nothing of the recipient (421, a lost connection); `tried`
    where it stopped the mailing: the hours in which the row is tried again have not begun.
    """

    id: int
    state: DeliveryState
    at: float
    code: int = 0
    status: str = ""
    said: str = ""
    due: float = 0.0
    counts: bool = True
    tried: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row as it is told to people; `address` is "" where the subscriber was erased.

    `at` is when it came to its state (None: it was never tried), `due` when it will be tried again.
    """

    id: int
    mailing: int
    issue: str
    subscriber: int
    address: str
    state: DeliveryState
    attempts: int = 0
    at: datetime | None = None
    due: datetime | None = None
    code: int = 0
    status: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows of a mailing are in which state."""

    queued: int = 0
    sending: int = 0
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    suppressed: int = 0
    uncertain: int = 0

    @property
    def total(self) -> int:
        """All rows."""
        return self.open + self.sent + self.failed + self.suppressed + self.uncertain

    @property
    def reached(self) -> int:
        """Rows of who has a copy, or may have one."""
        return self.sending + self.sent + self.uncertain

    @property
    def open(self) -> int:
        """Rows that are not final."""
        return self.queued + self.sending + self.deferred


def message_id(issue: str, subscriber: int, domain: str) -> str:
    """The Message-ID (RFC 5322 §3.6.4) of a subscriber's copy, in angle brackets.

    The same for the same issue and subscriber for ever: a receiver may drop a second copy by it.
    """
    digest = hashlib.sha256(f"{issue}\n{subscriber}".encode()).digest()
    return f"<{issue.replace('/', '.')}.{base32.encoded(digest[:15])}@{domain}>"
