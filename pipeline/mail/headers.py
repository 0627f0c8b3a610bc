"""Header fields of one subscriber's copy, as bytes: what a name or an address holds stays a value.

A field that this module writes has no line break but those of its own folding (RFC 5322 §2.2.3).
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from typing import TYPE_CHECKING

from pipeline.core.address import parse_address
from pipeline.core.text import one_line
from pipeline.errors import AddressError
from pipeline.mail.envelope import wire_address

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME_MOST = 120
"""Characters of a name; what is longer is cut."""

PLAIN_MOST = 60
"""A longer name is written in encoded words, which can be folded anywhere."""

LINE_BEST = 78
"""Characters that a line should not exceed (RFC 5322 §2.1.1)."""

SHORT_MOST = LINE_BEST - len("To:  <>")

WORD_BYTES = 45
"""As many make an encoded word of 72 characters; 75 are allowed (RFC 2047 §2)."""

_COMMON = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,63}"
)
"""Nearly every address; all others are read with care."""

_COMMON_MOST = 64
_COMMON_NAME = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(rf"{_ATEXT}(?: {_ATEXT})*")
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how names are spelt in scripts of Iran and India."""


def to_field(name: str, address: str) -> bytes:
    """`To:` with its CRLF. Raises AddressError for an address that mail cannot go to."""
    spec = address_spec(address)
    if len(name) + len(spec) <= SHORT_MOST and _COMMON_NAME.fullmatch(name):
        return f"To: {name} <{spec}>\r\n".encode()
    name = clean_name(name)
    if not name:
        return f"To: {spec}\r\n".encode()
    words = phrase(name)
    column = len(f"To: {words}".rpartition("\n")[2])
    gap = " " if column + len(spec) + 3 <= LINE_BEST else "\r\n "
    return f"To: {words}{gap}<{spec}>\r\n".encode()


def address_spec(address: str) -> str:
    """An address as a header has it: a domain in other letters as DNS writes it (RFC 5890).

    Where the local part is not ASCII either, all of it stays as it is: such a message goes to
    servers that offer SMTPUTF8 only (RFC 6532). Raises AddressError.
    """
    if len(address) <= _COMMON_MOST and _COMMON.fullmatch(address):
        return address
    parsed = parse_address(address)
    if parsed.is_ascii or not parsed.local.isascii():
        return str(parsed)
    wire = wire_address(str(parsed))
    if not wire.isascii():
        why = "has a domain that cannot be in DNS"
        raise AddressError(f'"{parsed}" {why}: ask for another address', why=why)
    return wire


def clean_name(name: str) -> str:
    """A name on one line, without what nobody can see; "" for what is an address, not a name.

    Receivers take a name with another address in it for a forgery.
    """
    if not name.isprintable():
        seen = (c if c.isprintable() or c in _JOINERS or c.isspace() else "" for c in name)
        name = "".join(seen)
    name = one_line(name)[:NAME_MOST].strip()
    return "" if "@" in name or not any(map(str.isalnum, name)) else name


def phrase(name: str) -> str:
    """A clean name as a header has it: words, a quoted string, or encoded words (RFC 2047 §5)."""
    if not name.isascii() or len(name) > PLAIN_MOST or "=?" in name:
        return "\r\n ".join(_encoded_words(name))
    if _ATOMS.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encoded_words(text: str) -> Iterator[str]:
    """Each of whole characters (RFC 2047 §5: none is torn apart)."""
    piece = b""
    for character in text:
        raw = character.encode()
        if len(piece) + len(raw) > WORD_BYTES:
            yield _word(piece)
            piece = b""
        piece += raw
    yield _word(piece)


def _word(piece: bytes) -> str:
    return f"=?utf-8?B?{b2a_base64(piece, newline=False).decode('ascii')}?="
