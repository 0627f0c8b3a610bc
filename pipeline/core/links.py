"""Signed links: what a subscriber's mail carries so that we know them again, and nobody else does.

A token holds a subscriber's id and a mailing's (variable-length numbers, seven bits a byte) and ten
bytes of HMAC-SHA256 over them, other ones for each purpose: a link to leave opens no settings, and
a return path leads nowhere. 80 bits cannot be guessed by asking a server. No address is in it, and
no date: a mail in an archive still lets its reader leave years later. What else a link opens ends
with the next change of their address (`core.preferences.is_current`).
"""

from __future__ import annotations

import hashlib
import hmac
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.core import base32

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNATURE_BYTES = 10
NUMBER_MOST = 2**63 - 1
"""The highest id that a database gives."""

UNMAILED = 2**40
"""No mailing's id is as high: what stands in the place of one in a link that no mailing carried, a
notice's or a page's, from here on (`core.preferences.generation`)."""

TOKEN_MOST = 64
"""No token is longer: what is longer is not even looked at."""

LEAVE = "unsubscribe"
"""How the subject begins of a mail by which somebody leaves (`List-Unsubscribe`, RFC 2369)."""

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/", b"+/??")


class Purpose(StrEnum):
    """What a token may be used for."""

    UNSUBSCRIBE = "unsubscribe"  # leave this newsletter
    PREFERENCES = "preferences"  # see and change what one gets
    BOUNCE = "bounce"  # the return path of one copy (VERP)


@dataclass(frozen=True, slots=True)
class Link:
    """Whose copy of which mailing a token stands for, by their ids."""

    subscriber: int
    mailing: int


class Tokens:
    """The three tokens of one copy; each is written when it is asked for."""

    __slots__ = ("_ids", "_signature")

    def __init__(self, ids: bytes, signature: bytes) -> None:
        self._ids = ids
        self._signature = signature

    @property
    def unsubscribe(self) -> str:
        """For UNSUBSCRIBE."""
        return _web(self._ids + self._signature[:10])

    @property
    def preferences(self) -> str:
        """For PREFERENCES."""
        return _web(self._ids + self._signature[10:20])

    @property
    def bounce(self) -> str:
        """For BOUNCE."""
        return base32.encoded(self._ids + self._signature[20:30])


class Signer:
    """Signs many copies by one key; about 3 µs each."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        own = hmac.digest(key, b"enews links", "sha256").ljust(64, b"\0")
        # HMAC by hand (RFC 2104 §4): both states are kept, and copied for each text.
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in own))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in own))

    def tokens(self, subscriber: int, mailing: int) -> Tokens:
        """Those of a subscriber's copy. Raises ValueError for ids that no store gives."""
        ids = _packed(subscriber, mailing)
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(ids)
        outer.update(inner.digest())
        return Tokens(ids, outer.digest())


def sign(key: bytes, purpose: Purpose, subscriber: int, mailing: int) -> str:
    """The token: base64url without padding, about 20 characters (RFC 4648 §5).

    For BOUNCE lower-case base32, about 25: servers on the way may change the case of an address.
    Raises ValueError for ids that no store gives.
    """
    tokens = _signer(key).tokens(subscriber, mailing)
    found = {
        Purpose.UNSUBSCRIBE: tokens.unsubscribe,
        Purpose.PREFERENCES: tokens.preferences,
        Purpose.BOUNCE: tokens.bounce,
    }
    return found[purpose]


def read(keys: Sequence[bytes], purpose: Purpose, token: str) -> Link | None:
    """Whose it is, where one of `keys` signed it for this purpose; None for anything else.

    Several keys, so that links stay good when the newsroom takes a new one. Only the very text that
    `sign` wrote is taken, for BOUNCE in any case.
    """
    if len(token) > TOKEN_MOST or not token.isascii():
        return None
    text = token.lower() if purpose is Purpose.BOUNCE else token
    ids = _ids(_decoded(text, purpose))
    if ids is None:
        return None
    good = [hmac.compare_digest(sign(key, purpose, *ids), text) for key in keys]
    return Link(*ids) if any(good) else None


def leaving(keys: Sequence[bytes], subject: str) -> Link | None:
    """Who asks to leave by a mail with this subject: `unsubscribe` and a token to do so."""
    for word, token in zip(subject.split(), subject.split()[1:], strict=False):
        if word.lower() == LEAVE:
            return read(keys, Purpose.UNSUBSCRIBE, token)
    return None


@lru_cache(maxsize=16)
def _signer(key: bytes) -> Signer:
    return Signer(key)


def _web(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def _decoded(text: str, purpose: Purpose) -> bytes:
    """The token's bytes, b"" for no token; what else would decode to them is found by signing."""
    try:
        if purpose is Purpose.BOUNCE:
            return base32.decoded(text)
        return a2b_base64(text.encode().translate(_FROM_URL) + b"=" * (-len(text) % 4))
    except ValueError:
        return b""


def _ids(raw: bytes) -> tuple[int, int] | None:
    """Both numbers of a token; what else stands before its signature is found by signing."""
    numbers, value, shift = [], 0, 0
    for byte in raw[:-SIGNATURE_BYTES]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value, shift = 0, 0
    if len(numbers) != 2 or max(numbers) > NUMBER_MOST:
        return None
    return numbers[0], numbers[1]


def _packed(subscriber: int, mailing: int) -> bytes:
    """Both ids as a token holds them, 2 to 18 bytes."""
    if not (0 <= subscriber <= NUMBER_MOST and 0 <= mailing <= NUMBER_MOST):
        raise ValueError(f"not the ids of a subscriber and a mailing: {subscriber}, {mailing}")
    return _number(subscriber) + _number(mailing)


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the last byte is below 0x80."""
    if value < 0x80:
        return bytes((value,))
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
