"""Rules on contrast: every text on what it stands on, in the light and in the dark (WCAG AA)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.colour import TEXT as LEAST
from pipeline.core.colour import contrast
from pipeline.render.gate.cascade import shown_texts
from pipeline.render.gate.document import plain
from pipeline.render.gate.rule import Group, Rule, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.cascade import Look, Shown
    from pipeline.render.gate.facts import Mail

LEAST_LARGE = 3.0
LARGE, LARGE_BOLD, BOLD = 24.0, 56 / 3, 700
"""From these pixels on a text is large (WCAG 2.2: 18 point, or 14 point and bold)."""

WORDS = 40

IN_LIGHT = warning(
    "contrast-light",
    "Text below 4.5 to 1 (3 to 1 where it is large) is not readable for everyone (WCAG AA).",
    "take a darker colour for the text, or a lighter one behind it",
)
IN_DARK = warning(
    "contrast-dark",
    "The same in clients that ask for the dark.",
    "give it a colour in the dark part of head.css",
)


def ask(mail: Mail) -> Iterator[Finding]:
    """Both, each pair of colours told once."""
    yield from _in(mail, IN_LIGHT, dark=False)
    yield from _in(mail, IN_DARK, dark=True)


def _in(mail: Mail, rule: Rule, *, dark: bool) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for shown in shown_texts(mail.document, dark=dark):
        pair = _colours(shown.look)
        if not shown.look.known or pair in told:
            continue
        ratio = contrast(*pair)
        if ratio < (LEAST_LARGE if _is_large(shown.look) else LEAST):
            told.add(pair)
            yield rule.at(_place(mail, shown), _said(shown, pair, ratio))


def _colours(look: Look) -> tuple[str, str]:
    """The text and what it stands on, as they come out."""
    return look.ink.faded(look.opacity).over(look.paper).hex, look.paper.hex


def _is_large(look: Look) -> bool:
    return look.size >= (LARGE_BOLD if look.weight >= BOLD else LARGE)


def _said(shown: Shown, pair: tuple[str, str], ratio: float) -> str:
    words = plain(shown.text)
    words = words if len(words) <= WORDS else words[: WORDS - 1].rstrip() + "…"
    least = LEAST_LARGE if _is_large(shown.look) else LEAST
    # Rounded down, or 4.496 would be told as the 4.5 that it is not.
    return f'"{words}": {pair[0]} on {pair[1]} is {int(ratio * 100) / 100} to 1, least {least}'


def _place(mail: Mail, shown: Shown) -> str:
    return mail.place(shown.element)


GROUP = Group(title="Contrast", rules=(IN_LIGHT, IN_DARK), ask=ask)
