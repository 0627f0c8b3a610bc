"""What a mail server answered, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Which command of a conversation was answered (RFC 5321 §4.1)."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS, AUTH
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    DATA = "DATA"  # before the message: no byte of it left
    CONTENT = "content"  # after the message's last byte


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
