"""Characters: what a text may hold so that every format can carry it."""

from __future__ import annotations

import re

ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What XML 1.0 (fifth edition, §2.2) forbids or discourages, and no reader could see."""


def legal(text: str) -> str:
    """`text` without characters that XML cannot carry."""
    return ILLEGAL.sub("", text)


def one_line(text: str) -> str:
    """`text` with every run of white space as one space, and none at its ends."""
    return " ".join(text.split())
