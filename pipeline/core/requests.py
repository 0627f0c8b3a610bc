"""What a request asks of a file: a coding, only what is new, only a part (RFC 9110).

Values are those of header fields, as bytes; None where a request has no such field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

IDENTITY, GZIP, BROTLI = 0, 1, 2
"""Content codings, the one that makes files smallest last."""

CODINGS = {b"identity": IDENTITY, b"gzip": GZIP, b"x-gzip": GZIP, b"br": BROTLI}

_RANGE = re.compile(rb"bytes[ \t]*=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE)
_QUALITY = re.compile(rb"[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes `first` up to and without `end`; both 0 where the file has none of those asked for."""

    first: int
    end: int


@lru_cache(maxsize=512)
def codings(accept: bytes | None) -> tuple[int, ...]:
    """The codings that an Accept-Encoding allows (§12.5.3), best first; identity always at the end.

    Where even that is refused it is sent all the same, as nothing else is left.
    """
    if accept is None:
        return (IDENTITY,)
    weights: dict[int, float] = {}
    others = 0.0
    for part in accept.split(b","):
        name, _, parameter = part.strip().lower().partition(b";")
        weight = _weight(parameter)
        if name.strip() == b"*":
            others = weight
        elif (coding := CODINGS.get(name.strip())) is not None:
            weights[coding] = max(weight, weights.get(coding, 0.0))
    plain = weights.get(IDENTITY, 0.0)
    found = [
        (weight, coding)
        for coding in (BROTLI, GZIP)
        if (weight := weights.get(coding, others)) > 0 and weight >= plain
    ]
    found.sort(reverse=True)
    return (*(coding for _, coding in found), IDENTITY)


def _weight(parameter: bytes) -> float:
    """A q-value; what is none refuses nothing."""
    if not parameter.strip():
        return 1.0
    found = _QUALITY.fullmatch(parameter)
    return float(found[1]) if found else 1.0


def is_known(known: bytes, tag: bytes) -> bool:
    """True where an If-None-Match names the tag, compared weakly (§13.1.2)."""
    if known == tag:
        return True
    if known.strip() == b"*":
        return True
    return tag in {part.strip().removeprefix(b"W/") for part in known.split(b",")}


def byte_range(value: bytes | None, size: int) -> Part | None:
    """The one part that a Range asks of `size` bytes (§14.2); None for the whole file.

    Several parts, other units and what is no range ask for the whole: a server may (§14.2).
    """
    found = _RANGE.fullmatch(value) if value else None
    if found is None:
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if not first:
        count = min(int(last), size)
        return Part(first=size - count, end=size) if count else Part(first=0, end=0)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        return Part(first=0, end=0)
    return Part(first=start, end=min(int(last) + 1, size) if last else size)
