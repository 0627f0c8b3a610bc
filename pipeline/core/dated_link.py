"""Links that are good for a while: what a mail asks somebody to confirm, and nothing else.

A token holds a subscriber's id, when it was asked for and a `mark` (variable-length numbers, seven
bits a byte), and sixteen bytes of HMAC-SHA256 over its purpose and them. The mark says what the
token was made for: it is compared with what the record says by now, so that a link which was used
once, or which its reader left or moved after, does nothing more. No address is in it.
"""

from __future__ import annotations

import hmac
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNATURE_BYTES = 16
NUMBER_MOST = 2**63 - 1
TOKEN_MOST = 64
"""Characters: no token is longer, and what is longer is not even looked at."""

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/", b"+/??")


class Purpose(StrEnum):
    """What a token may be used for."""

    CONFIRM = "confirm"  # what somebody signed up for; the mark is `core.subscription.turns`
    ADDRESS = "address"  # another address; the mark is `core.preferences.address_mark`


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedLink:
    """Whose link it is, when it was asked for (aware, whole seconds), and what for."""

    purpose: Purpose
    subscriber: int
    at: datetime
    mark: int


def sign(key: bytes, link: DatedLink) -> str:
    """The token: base64url without padding, about 35 characters (RFC 4648 §5).

    Raises ValueError for numbers below 0 or above NUMBER_MOST.
    """
    numbers = (link.subscriber, int(link.at.timestamp()), link.mark)
    body = b"".join(map(_number, numbers))
    own = hmac.digest(key, b"enews dated links", "sha256")
    signature = hmac.digest(own, f"{link.purpose}\n".encode() + body, "sha256")
    text = b2a_base64(body + signature[:SIGNATURE_BYTES], newline=False)
    return text.translate(_TO_URL).rstrip(b"=").decode("ascii")


def read(keys: Sequence[bytes], purpose: Purpose, token: str) -> DatedLink | None:
    """What a token says, where one of `keys` signed it for this purpose; None for anything else.

    Whether it comes too late is for who asks to say. Only the very text that `sign` wrote is taken.
    """
    if len(token) > TOKEN_MOST or not token.isascii():
        return None
    try:
        raw = a2b_base64(token.encode().translate(_FROM_URL) + b"=" * (-len(token) % 4))
        subscriber, seconds, mark = _numbers(raw[:-SIGNATURE_BYTES])
        at = datetime.fromtimestamp(seconds, UTC)
        link = DatedLink(purpose=purpose, subscriber=subscriber, at=at, mark=mark)
        good = [hmac.compare_digest(sign(key, link), token) for key in keys]
    except (ValueError, OverflowError, OSError):
        return None
    return link if any(good) else None


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the last byte is below 0x80."""
    if not 0 <= value <= NUMBER_MOST:
        raise ValueError(f"no number of a link: {value}")
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _numbers(raw: bytes) -> list[int]:
    """The numbers in some bytes; that they end there is found by signing."""
    numbers, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return numbers
