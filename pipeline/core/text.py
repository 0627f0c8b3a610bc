"""Characters: what a text may hold so that every format can carry it."""

from __future__ import annotations

import re

ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What XML 1.0 (fifth edition, §2.2) forbids or discourages, and no reader could see.

The last two places of the planes above the first are as bad; see `legal`.
"""


_PLANES = range(0x10000, 0x110000, 0x10000)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_ASTRAL_ILLEGAL = re.compile(
    "[" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in _PLANES) + "]"
)


def legal(text: str) -> str:
    """`text` without characters that XML cannot carry.

    Nothing of the kind is printable, which is ten times as fast to ask; and few texts have
    characters of the higher planes, a set of which makes an expression eight times as slow.
    """
    if text.replace("\n", "").isprintable():
        return text
    text = ILLEGAL.sub("", text)
    return _ASTRAL_ILLEGAL.sub("", text) if _ASTRAL.search(text) else text


def one_line(text: str) -> str:
    """`text` with every run of white space as one space, and none at its ends."""
    return " ".join(text.split())
