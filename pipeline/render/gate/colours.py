"""Colours as CSS writes them, with their opacity, and one laid over another."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb
from functools import lru_cache
from typing import NamedTuple

_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_CALL = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_PARTS = re.compile(r"[\s,/]+")


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255, and opacity from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: Colour) -> Colour:
        """The colour that comes out where this one lies on an opaque one."""
        pairs = zip(self[:3], below[:3], strict=True)
        red, green, blue = (a * self.alpha + b * (1 - self.alpha) for a, b in pairs)
        return Colour(red, green, blue)

    def faded(self, share: float) -> Colour:
        """The same colour, less opaque."""
        return self._replace(alpha=self.alpha * share)

    @property
    def hex(self) -> str:
        """`#rrggbb`."""
        return "#" + "".join(f"{round(part):02x}" for part in self[:3])


@lru_cache(maxsize=1024)
def parse(text: str) -> Colour | None:
    """A colour in lower case: hexadecimal, `rgb()`, `hsl()` or a name; None for anything else."""
    text = text.strip()
    if text == "transparent":
        return Colour(0, 0, 0, 0)
    if _HEX.fullmatch(text):
        return _hex(text)
    match = _CALL.fullmatch(text)
    if match:
        return _called(match[1], match[2])
    return _named(text)


def first_colour(value: str) -> Colour | None:
    """The colour in a `background` value such as `#fff url(…) no-repeat`."""
    if value.strip() == "none":
        return Colour(0, 0, 0, 0)
    calls = [match[0] for match in _CALL.finditer(value)]
    for word in (*calls, *value.split()):
        found = parse(word)
        if found is not None:
            return found
    return None


def _hex(text: str) -> Colour:
    digits = text[1:]
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue, alpha = (int((digits + "ff")[at : at + 2], 16) for at in (0, 2, 4, 6))
    return Colour(red, green, blue, alpha / 255)


def _called(kind: str, inside: str) -> Colour | None:
    parts = [part for part in _PARTS.split(inside.strip()) if part]
    if len(parts) not in {3, 4}:
        return None
    try:
        alpha = _number(parts[3], 1.0) if len(parts) == 4 else 1.0
        if kind == "rgb":
            red, green, blue = (_number(part, 255.0) for part in parts[:3])
            return Colour(red, green, blue, alpha)
        hue = float(parts[0].removesuffix("deg")) % 360 / 360
        saturation, lightness = (float(part.rstrip("%")) / 100 for part in parts[1:3])
    except ValueError:
        return None
    red, green, blue = (part * 255 for part in hls_to_rgb(hue, lightness, saturation))
    return Colour(red, green, blue, alpha)


def _number(text: str, whole: float) -> float:
    """A number, or a percentage of `whole`, within bounds. Raises ValueError."""
    value = float(text[:-1]) / 100 * whole if text.endswith("%") else float(text)
    return min(max(value, 0.0), whole)


def _named(text: str) -> Colour | None:
    if not text.isalpha():
        return None
    # The 148 names are in a library that is there for pictures; few mails use one.
    from PIL.ImageColor import colormap

    found = colormap.get(text)
    return _hex(found) if isinstance(found, str) else None
