"""Base32 (RFC 4648 §6) in lower case and without padding: for what may lose its case on the way.

The standard library's encoder takes 4 µs for a token, more than all else that a letter needs.
"""

from __future__ import annotations

from base64 import b32decode

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def encoded(raw: bytes) -> str:
    """The text of some bytes."""
    bits = len(raw) * 8
    spare = -bits % 10
    number = int.from_bytes(raw, "big") << spare
    text = "".join([_PAIRS[number >> at & 1023] for at in range(bits + spare - 10, -1, -10)])
    return text[:-1] if spare >= 5 else text


def decoded(text: str) -> bytes:
    """The bytes of a text in any case; spare bits are dropped. Raises ValueError."""
    return b32decode(text.upper() + "=" * (-len(text) % 8))
