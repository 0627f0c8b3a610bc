"""How each text of a mail looks, in the light and in the dark: styles resolved down the tree.

::

    what browsers set ─▶ style sheets by specificity ─▶ style attributes ─▶ !important
            └─ inherited: colour, size, weight        └─ laid over each other: backgrounds

The style sheets are those in the head, as a client that keeps them applies them on a wide screen:
rules for phones are left out, rules for the dark are in where the dark is asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.render.gate.colours import Colour, first_colour, parse
from pipeline.render.gate.document import HIDING, PADDING, UNSEEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.html import HtmlElement

    from pipeline.render.gate.document import Document
    from pipeline.render.gate.styles import Declaration

ROOT_SIZE = 16.0
SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 0.83, "sup": 0.83,
         "sub": 0.83}  # fmt: skip
BOLD = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"})
NAMED_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0,
               "x-large": 24.0, "xx-large": 32.0}  # fmt: skip
NAMED_WEIGHTS = {"normal": 400, "bold": 700, "bolder": 700, "lighter": 300}
LIGHT_CANVAS, DARK_CANVAS = Colour(255, 255, 255), Colour(18, 18, 18)
LIGHT_INK, DARK_INK = Colour(0, 0, 0), Colour(255, 255, 255)
LIGHT_LINK, DARK_LINK = Colour(0, 0, 238), Colour(158, 158, 255)

_SIZE = re.compile(r"([\d.]+)(px|pt|em|rem|%)")
_SCREEN = re.compile(r"^@media\s+(?:only\s+)?(?:screen|all)?\s*$")
_COMMA = re.compile(r",(?![^()\[]*[)\]])")

Weight = tuple[bool, bool, tuple[int, ...], int]
"""What decides between two declarations: important, in a style attribute, specificity, order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a text is shown. `size` is in pixels; `opacity` is that of all that it stands in."""

    ink: Colour
    paper: Colour
    size: float = ROOT_SIZE
    weight: int = 400
    opacity: float = 1.0
    hidden: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A piece of visible text with its look."""

    element: HtmlElement
    text: str
    look: Look


def shown_texts(document: Document, *, dark: bool) -> Iterator[Shown]:
    """Every piece of text that is seen, with its look."""
    styles = _styles(document, dark=dark)
    scheme = dark and _speaks_dark(document)
    start = Look(
        ink=DARK_INK if scheme else LIGHT_INK, paper=DARK_CANVAS if scheme else LIGHT_CANVAS
    )
    yield from _walk(document.root, start, styles, scheme=scheme)


def _walk(element: HtmlElement, above: Look, styles: _Styles, *, scheme: bool) -> Iterator[Shown]:
    look = _look(element, above, styles.get(element, {}), scheme=scheme)
    if look.hidden:
        return
    if element.text and element.text.strip(PADDING + " \t\n\r"):
        yield Shown(element=element, text=element.text, look=look)
    for child in element:
        if isinstance(child.tag, str):
            yield from _walk(child, look, styles, scheme=scheme)
        if child.tail and child.tail.strip(PADDING + " \t\n\r"):
            yield Shown(element=element, text=child.tail, look=look)


_Styles = dict["HtmlElement", dict[str, str]]


def _styles(document: Document, *, dark: bool) -> _Styles:
    """The winning value of each property for each element that has a style."""
    found: defaultdict[HtmlElement, dict[str, tuple[Weight, str]]] = defaultdict(dict)

    def put(element: HtmlElement, each: Declaration, rank: Weight) -> None:
        now = found[element].get(each.name)
        if now is None or now[0] <= rank:
            found[element][each.name] = (rank, each.value)

    for order, rule in enumerate(document.rules):
        if not _applies(rule.media, dark=dark):
            continue
        for selector in _COMMA.split(rule.selector):
            elements, specificity = _matched(document, selector.strip())
            for element in elements:
                for each in rule.declarations:
                    put(element, each, (each.important, False, specificity, order))
    for element, mine in document.styles.items():
        for order, each in enumerate(mine):
            put(element, each, (each.important, True, (), order))
    return {
        element: {name: value for name, (_, value) in values.items()}
        for element, values in found.items()
    }


def _matched(document: Document, selector: str) -> tuple[Sequence[HtmlElement], tuple[int, ...]]:
    """The elements that a selector means; none where it is of a state, or not understood."""
    if not selector or selector.startswith("@"):
        return (), ()
    # Loaded by premailer as well, and only where there are style sheets to be judged.
    from cssselect import SelectorError
    from cssselect import parse as parse_selector
    from lxml.cssselect import CSSSelector
    from lxml.etree import XPathError
    from lxml.html import HtmlElement

    try:
        specificity = parse_selector(selector)[0].specificity()
        found = CSSSelector(selector, translator="html")(document.root)
    except (SelectorError, XPathError, NotImplementedError, ValueError):
        return (), ()
    every = found if isinstance(found, list) else []
    return [each for each in every if isinstance(each, HtmlElement)], specificity


def _applies(media: Sequence[str], *, dark: bool) -> bool:
    """True for rules without a condition, and for those of the dark where it is asked for."""
    for condition in media:
        if "prefers-color-scheme" in condition:
            if ("dark" in condition.partition("prefers-color-scheme")[2]) is not dark:
                return False
        elif not _SCREEN.match(condition):
            return False
    return True


def _speaks_dark(document: Document) -> bool:
    """True where the mail says that it has colours for the dark."""
    metas = document.root.iter("meta")
    if any(x.get("name") == "color-scheme" and "dark" in x.get("content", "") for x in metas):
        return True
    return any(
        each.name == "color-scheme" and "dark" in each.value
        for rule in document.rules
        for each in rule.declarations
    )


def _look(element: HtmlElement, above: Look, mine: Mapping[str, str], *, scheme: bool) -> Look:
    tag = str(element.tag)
    hidden = tag in UNSEEN or "hidden" in element.attrib
    hidden = hidden or any(
        (name, mine.get(name, "")) in HIDING for name in ("display", "visibility")
    )
    ink, known = above.ink, above.known
    if tag == "a" and "href" in element.attrib:
        ink = DARK_LINK if scheme else LIGHT_LINK
    said = mine.get("color") or element.get("color", "").lower()
    if said and said not in {"inherit", "currentcolor"}:
        found = parse(said)
        ink, known = (found, True) if found else (ink, False)
    elif said:
        ink = above.ink
    paper, papered = _paper(element, above.paper, mine)
    size = _size(mine.get("font-size", ""), above.size, tag)
    opacity = above.opacity * _share(mine.get("opacity", "1"))
    return replace(
        above,
        ink=ink,
        paper=paper,
        size=size,
        weight=_weight(mine.get("font-weight", ""), above.weight, tag),
        opacity=opacity,
        hidden=hidden or size < 2,
        known=known and papered,
    )


def _paper(element: HtmlElement, below: Colour, mine: Mapping[str, str]) -> tuple[Colour, bool]:
    """What an element stands on, and False where that cannot be worked out."""
    said = mine.get("background-color") or mine.get("background") or ""
    said = said or element.get("bgcolor", "").lower()
    if not said or said in {"inherit", "initial", "unset"}:
        return below, True
    found = first_colour(said)
    if found is None:
        # A picture or a gradient alone: nobody knows what is under the text.
        return below, False
    return found.over(below), True


def _size(said: str, above: float, tag: str) -> float:
    if said in NAMED_SIZES:
        return NAMED_SIZES[said]
    match = _SIZE.fullmatch(said)
    if not match:
        return above * SIZES.get(tag, 1.0)
    number, unit = float(match[1]), match[2]
    factors = {"px": 1.0, "pt": 4 / 3, "em": above, "rem": ROOT_SIZE, "%": above / 100}
    return number * factors[unit]


def _weight(said: str, above: int, tag: str) -> int:
    if said in NAMED_WEIGHTS:
        return NAMED_WEIGHTS[said]
    return int(said) if said.isdigit() else (700 if tag in BOLD else above)


def _share(said: str) -> float:
    try:
        return min(max(float(said), 0.0), 1.0)
    except ValueError:
        return 1.0
