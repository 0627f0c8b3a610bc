"""What a mail server answered, and what follows from it for one delivery and for the mailing.

=========== ======================= ==========================================================
stage       2xx                     4xx                       5xx
=========== ======================= ==========================================================
MAIL FROM   (goes on)               deferred                  stops the mailing: sender or login
RCPT TO     (goes on)               deferred                  failed: this recipient only
DATA        (goes on)               deferred                  stops, unless it is the recipient's
content     sent                    deferred                  stops, unless it is the recipient's
no answer   deferred; after the message's last byte: uncertain
=========== ======================= ==========================================================

421 and 452 slow everything down (RFC 5321 §4.2.2: closing the channel; too little storage, or too
many recipients); but not a 452 that is about one mailbox (RFC 3463 §3.3: X.2.2, mailbox full).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.core.bounce import BounceKind, kind_of

LOGIN = frozenset({530, 534, 535, 538})
"""The server wants a login, or another one (RFC 4954 §6): no recipient's fault."""

SLOW = frozenset({421, 452})
"""Replies that ask for patience."""


class Stage(StrEnum):
    """Which command of a conversation was answered (RFC 5321 §4.1)."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS, AUTH
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    DATA = "DATA"  # before the message: no byte of it left
    CONTENT = "content"  # after the message's last byte


class Verdict(StrEnum):
    """What a reply means for the row it answers."""

    SENT = "sent"
    DEFERRED = "deferred"  # try again later
    FAILED = "failed"  # never again, this recipient
    UNCERTAIN = "uncertain"  # nobody knows
    STOPPED = "stopped"  # the mailing is paused; the row will be tried again when it goes on


CONTENT, SENT = Stage.CONTENT, Verdict.SENT
"""Asked of each mail; by way of the classes that takes a tenth of a microsecond each."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer, or the lack of one.

    `code` is its three digits, 0 where the connection ended instead; `status` the enhanced code
    (RFC 3463) such as `5.1.1`, or ""; `text` its words, one line without control characters.
    A reply of code 0 at `CONTENT` means: nobody knows whether the server took the message.
    """

    stage: Stage
    code: int
    status: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        """Code, enhanced code and text as a server writes them: `550 5.1.1 No such user`."""
        code = str(self.code) if self.code else ""
        text = self.text.removeprefix(f"{self.status} ") if self.status else self.text
        return " ".join(part for part in (code, self.status, text) if part)

    @property
    def slows(self) -> bool:
        """True where the server asks for less."""
        if self.code == 452 and self.status.startswith("4.2."):
            return False
        return self.code in SLOW or self.status in {"4.3.1", "4.3.2", "4.5.3", "4.7.28"}

    @property
    def counts(self) -> bool:
        """True where it says something of the recipient: no lost connection, no 421."""
        return self.code not in (0, 421)


def verdict(reply: Reply) -> Verdict:
    """What follows from a reply; see the table above."""
    if reply.stage is CONTENT and 0 < reply.code < 400:
        return SENT
    if reply.code == 0:
        return Verdict.UNCERTAIN if reply.stage is Stage.CONTENT else Verdict.DEFERRED
    if reply.code < 500:
        return Verdict.DEFERRED
    if reply.code in LOGIN or reply.stage in (Stage.CONNECT, Stage.SENDER):
        return Verdict.STOPPED
    if reply.stage is Stage.RECIPIENT:
        return Verdict.FAILED
    # Some servers look at the recipient when they have the message: their code says so.
    kind = kind_of(reply.code, reply.status, reply.text)
    of_recipient = kind in (BounceKind.HARD, BounceKind.SOFT)
    return Verdict.FAILED if of_recipient else Verdict.STOPPED
