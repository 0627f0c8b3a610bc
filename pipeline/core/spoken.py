"""Which language a page speaks to somebody: what they chose, else what their browser asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RANGES_MOST = 20
"""So many of a header are looked at: a browser sends five."""


def spoken(chosen: str, accepts: str, known: Sequence[str]) -> str:
    """The one of `known` (BCP 47 tags, the usual one first) that fits best.

    `chosen` is a tag, or ""; `accepts` is an `Accept-Language` (RFC 9110 §12.5.4), or "". Looked up
    as RFC 4647 §3.4 does (`fr-CH`, then `fr`); also `pt-BR` for `pt`.
    """
    for wanted in (chosen, *_ranges(accepts)):
        found = _lookup(wanted.lower(), known) if wanted else ""
        if found:
            return found
    return known[0]


def _lookup(wanted: str, known: Sequence[str]) -> str:
    tags = {tag.lower(): tag for tag in reversed(known)}
    rest = wanted
    while rest:
        if rest in tags:
            return tags[rest]
        rest = rest.rpartition("-")[0]
    base = wanted.partition("-")[0]
    return next((tag for tag in known if tag.lower().partition("-")[0] == base), "")


def _ranges(accepts: str) -> list[str]:
    """Its languages, the most wanted first; those of weight 0 are not wanted."""
    found = []
    for part in accepts.split(",")[:RANGES_MOST]:
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if weight > 0 and tag.strip() not in ("", "*"):
            found.append((weight, tag.strip()))
    return [tag for _, tag in sorted(found, key=lambda pair: -pair[0])]


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
