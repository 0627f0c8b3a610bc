"""Chooses how the bounce mailbox is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.mail.mailbox_server import parse_mailbox_url

if TYPE_CHECKING:
    from pipeline.mail.mailbox_server import Mailbox


def open_mailbox(url: str) -> tuple[Mailbox, str]:
    """The mailbox of `ENEWS_BOUNCES_URL`, and its protocol. Raises ConfigError."""
    server = parse_mailbox_url(url)
    if server.protocol == "imap":
        from pipeline.mail.imap import ImapMailbox

        return ImapMailbox(server), server.protocol
    from pipeline.mail.pop3 import PopMailbox

    return PopMailbox(server), server.protocol
