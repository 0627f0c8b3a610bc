"""A mail as one client or another shows it: its HTML changed the way that client changes it.

A frame in a page cannot be told which colour scheme its reader prefers, so the questions that a
mail's styles ask are answered here: `(prefers-color-scheme: dark)` becomes a condition that always
holds, or never. Whole tags and style sheets are rewritten, never what stands between them: a text
about style sheets stays as it is.
"""

from __future__ import annotations

import re
from enum import StrEnum
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Appearance(StrEnum):
    """A way in which a mail is seen."""

    LIGHT = "light"  # everything works, and the reader likes it light
    DARK = "dark"  # everything works, and the reader likes it dark
    TURNED = "turned"  # the client turns the light colours round by itself, and knows no media
    NO_PICTURES = "no-pictures"  # pictures are not loaded until the reader asks
    NO_HEAD = "no-head"  # only styles in elements count: Gmail with other providers' accounts
    NO_STYLES = "no-styles"  # no style at all: very old clients, and how a screen reader hears it


HOLDS, FAILS = "(min-width: 0)", "(max-width: 0)"
"""Conditions of a media query that always and never hold."""

NOTHING = "data:,"
"""The address of a picture that is not there: its box and its words are shown."""

_PIECE = re.compile(
    r"(?P<open><style\b[^>]*>)(?P<css>.*?)(?P<close></style\s*>)"
    r"|(?P<comment><!--.*?-->)"
    r"""|(?P<tag><[a-z](?:[^>"']|"[^"]*"|'[^']*')*>)""",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""\s+([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
_NAME = re.compile(r"<([a-z][a-z0-9]*)", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_OWN_SCHEME = re.compile(r"(?<![\w-])(color-scheme\s*:\s*)[^;!}]+", re.IGNORECASE)
_LOADING = frozenset({"srcset", "background", "poster"})
"""Attributes that name a picture beside `src`."""

_BASE = '<base target="_blank">'
_BOXES = "<style>img { outline: 1px dashed #8a8a8a; outline-offset: -1px; }</style>"
_TURN = (
    "<style>html { background: #ffffff; filter: invert(1) hue-rotate(180deg); } "
    "img { filter: invert(1) hue-rotate(180deg); }</style>"
)


def seen(html: str, appearance: Appearance, pictures: Mapping[str, str]) -> str:
    """The mail `html` as it is seen; `pictures` holds for each address what to load instead.

    A picture that is not among them is shown as one that did not load; links open apart from it.
    """
    scheme = "dark" if appearance is Appearance.DARK else "light"
    shown = _NO_PICTURES if appearance is Appearance.NO_PICTURES else pictures

    def piece(match: re.Match[str]) -> str:
        if match["tag"]:
            return _tag(match["tag"], appearance, scheme, shown)
        if match["comment"]:
            return match[0]
        if appearance in {Appearance.NO_HEAD, Appearance.NO_STYLES}:
            return ""
        return match["open"] + in_scheme(match["css"], scheme) + match["close"]

    changed = _PIECE.sub(piece, html)
    own = _BASE
    if appearance is Appearance.NO_PICTURES:
        own += _BOXES
    if appearance is Appearance.TURNED:
        own += _TURN
    found = _HEAD.search(changed)
    place = found.end() if found else 0
    return changed[:place] + own + changed[place:]


def sources(html: str) -> tuple[str, ...]:
    """The addresses of its pictures, each once, in their order."""
    return tuple(dict.fromkeys(_sources(html)))


def in_scheme(css: str, scheme: str) -> str:
    """A style sheet, or a media query, as a reader who prefers `scheme` gets it."""

    def answer(match: re.Match[str]) -> str:
        return HOLDS if match[1].lower() == scheme else FAILS

    return _OWN_SCHEME.sub(rf"\g<1>{scheme}", _SCHEME.sub(answer, css))


_NO_PICTURES: Mapping[str, str] = {}


def _sources(html: str) -> Iterator[str]:
    for piece in _PIECE.finditer(html):
        tag = piece["tag"] or ""
        if _element(tag) == "img":
            for name, value in _ATTRIBUTE.findall(tag):
                if name.lower() == "src" and value:
                    yield _bare(value)


def _tag(tag: str, appearance: Appearance, scheme: str, pictures: Mapping[str, str]) -> str:
    element = _element(tag)

    def attribute(match: re.Match[str]) -> str:
        name, value = match[1].lower(), _bare(match[2] or "")
        if name in _LOADING:
            return ""
        if name == "style":
            stripped = appearance is Appearance.NO_STYLES
            return "" if stripped else f' style="{escape(in_scheme(value, scheme))}"'
        if name == "src":
            return f' src="{escape(pictures.get(value, NOTHING))}"'
        if name == "media":
            return f' media="{escape(in_scheme(value, scheme))}"'
        if name == "content" and element == "meta" and value.split() == ["light", "dark"]:
            return f' content="{scheme}"'
        return match[0]

    return _ATTRIBUTE.sub(attribute, tag)


def _element(tag: str) -> str:
    match = _NAME.match(tag)
    return match[1].lower() if match else ""


def _bare(value: str) -> str:
    """An attribute's value without its quotes."""
    quoted = value[:1] in {'"', "'"}
    return unescape(value[1:-1] if quoted else value)
