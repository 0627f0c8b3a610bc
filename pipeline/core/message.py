"""A mail before it is written down as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

RECIPIENT = "subscriber@subscriber.invalid"
"""Stands where each subscriber's address goes when the message is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One issue as a mail, without anything of a subscriber's.

    `sender` and `reply_to` are `Name <address>` or an address (`reply_to` may be ""); `date` is
    aware; `list_id` is a name under a domain of the newsroom's (RFC 2919); `text` and `html` end
    with a line feed and have no carriage returns.
    """

    sender: str
    reply_to: str = ""
    subject: str
    date: datetime
    list_id: str
    list_title: str = ""
    lang: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a message's bytes say, as they were before they were written down."""

    subject: str
    text: str
    html: str
