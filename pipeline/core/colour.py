"""Colours: how well one is read on another, and the nearest that is read well enough.

Contrast is that of WCAG 2.2 ("contrast ratio", "relative luminance"): from 1 to 21.
"""

from __future__ import annotations

import re

HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
"""How a colour is written: `#1a5fb4`, or `#15b` for `#1155bb`."""

TEXT = 4.5
"""The least contrast of text (WCAG 2.2, success criterion 1.4.3, level AA)."""

STEPS = 256
BLACK, WHITE = "#000000", "#ffffff"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21. Raises ValueError for what is no colour."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(accent: str, background: str, least: float = TEXT) -> str:
    """`accent`, made darker or lighter no more than needed to reach `least` on `background`.

    The hue stays. Black or white where nothing reaches it, which can be only above 4.58. Six
    digits in lower case. Raises ValueError for what is no colour.
    """
    best = max(BLACK, WHITE, key=lambda end: contrast(end, background))
    for step in range(STEPS + 1):
        colour = mixed(accent, best, step / STEPS)
        if contrast(colour, background) >= least:
            return colour
    return best


def mixed(one: str, other: str, share: float) -> str:
    """`one` with a share (0 to 1) of `other` in it."""
    channels = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in channels)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    """Without the gamma of sRGB; WCAG's threshold, which differs from IEC's by nothing visible."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    if not HEX.fullmatch(colour):
        raise ValueError(f"not a colour such as #1a5fb4: {colour!r}")
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
