"""The commands before a letter: MAIL FROM and RCPT TO, with what the server offered.

A letter that this server cannot take is refused here, with the reply that it would give.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.core.reply import Reply, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.ports.sending import Letter

DATA = b"DATA\r\n"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What a server can do, of what is of use here (its reply to EHLO).

    `size` is the largest message it takes (RFC 1870): 0 for no limit, None where it does not say.
    """

    pipelining: bool = False  # RFC 2920
    size: int | None = None
    eight_bit: bool = False  # RFC 6152
    utf8: bool = False  # RFC 6531


def offers(extensions: Mapping[str, str]) -> Offers:
    """From keywords in lower case, each with its parameters."""
    limit = extensions.get("size", "").strip()
    size = (
        (int(limit) if limit.isdecimal() and limit.isascii() else 0)
        if "size" in extensions
        else None
    )
    return Offers(
        pipelining="pipelining" in extensions,
        size=size,
        eight_bit="8bitmime" in extensions,
        utf8="smtputf8" in extensions,
    )


def envelope(letter: Letter, offered: Offers) -> tuple[bytes, bytes] | Reply:
    """MAIL FROM and RCPT TO of a letter; or the reply that refuses it."""
    sender, recipient = letter.sender, letter.recipient
    size = 0 if offered.size is None else letter.size
    if offered.size and size > offered.size:
        words = f"the message has {size} bytes, the server takes {offered.size}"
        return Reply(Stage.SENDER, 552, "5.3.4", words)
    if not sender.isascii():
        sender = wire_address(sender)
    if not recipient.isascii():
        recipient = wire_address(recipient)
    # An address with a line break would be another command.
    if _CONTROL.search(sender):
        return Reply(Stage.SENDER, 553, "5.1.7", "the sender is no address")
    if _CONTROL.search(recipient) or not recipient:
        return Reply(Stage.RECIPIENT, 553, "5.1.3", "this is no address")
    options = f" SIZE={size}" if offered.size is not None else ""
    if not (sender.isascii() and recipient.isascii()):
        if not offered.utf8:
            stage = Stage.RECIPIENT if sender.isascii() else Stage.SENDER
            return Reply(stage, 553, "5.6.7", "the server takes no such address (no SMTPUTF8)")
        options += " SMTPUTF8"
        if offered.eight_bit and not letter.data.isascii():
            options += " BODY=8BITMIME"
    return f"MAIL FROM:<{sender}>{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode()


@lru_cache(maxsize=1024)
def wire_address(address: str) -> str:
    """An address with its domain as DNS has it (A-labels, RFC 5891); as it is where that fails."""
    import idna

    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode()}"
    except (idna.IDNAError, UnicodeError):
        return address
