"""Refuses texts whose HTML would be far larger or deeper than what the editor typed.

Neither can be stopped by a limit on time, since no Python runs while it happens: a browser's parser
opens formatting that was never closed again in every paragraph that follows, and looks through
every open element at each new one (HTML Standard §13.2.4.3, §13.2.4.2); and Markdown writes the
address of `[a]: https://…` wherever `[a]` stands. What is counted here is never less than what the
parser will hold open, and for HTML that is closed as it was opened it is just that.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEEP_MOST = 200
REOPENED_MOST = 1_000_000
REFERENCED_MOST = 32_000_000

FORMATTING = frozenset({
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})  # fmt: skip
NEVER_OPEN = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
    # An end tag may be left out, so that the next one of the same sort closes it.
    "body", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p", "rp", "rt",
    "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
COMMENT = "!--"
OPEN, CLOSE, ODD, NOTHING = "open", "close", "odd", ""

_TOKEN = re.compile(r"-->|<(?P<mark>[/!?]?)(?P<name>[a-zA-Z][^\s/<>]*|--)?[^<>]*(?P<end>>?)")
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)[^\[\]]*\]:", re.MULTILINE)


def refuse_references(text: str) -> None:
    """Raises RecursionError where a long address stands behind many short references."""
    if "]:" not in text:
        return
    breaks = [match.start() for match in re.finditer("\n", text)]
    ends = [*breaks, len(text), len(text), len(text)]
    longest = max(
        (_defined(text, match.end(), ends) for match in _DEFINITION.finditer(text)), default=0
    )
    if longest * text.count("[") > REFERENCED_MOST:
        raise RecursionError


def _defined(text: str, start: int, ends: Sequence[int]) -> int:
    """The length of an address and its title, each of which may stand on a line of its own."""
    first = bisect_left(ends, start)
    length = ends[first] - start
    after = first
    if not text[start : ends[first]].strip():
        after += 1
        length = ends[after] - start
    title = text[ends[after] : ends[after + 1]]
    return length + (len(title) if title.strip()[:1] in ('"', "'", "(") else 0)


def refuse_html(html: str) -> None:
    """Raises RecursionError for elements open in too many others, or reopened too often."""
    open_: list[str] = []
    formatting = most_formatting = odd = tags = 0
    for step, name in _steps(html):
        tags += 1
        if step == OPEN:
            open_.append(name)
            formatting += name in FORMATTING
            most_formatting = max(most_formatting, formatting)
            if len(open_) > DEEP_MOST:
                raise RecursionError
        elif step == CLOSE and open_ and open_[-1] == name:
            open_.pop()
            formatting -= name in FORMATTING
        elif step != NOTHING and name != COMMENT:
            odd += 1
    if (odd + most_formatting) * tags > REOPENED_MOST:
        raise RecursionError


def _steps(html: str) -> Iterator[tuple[str, str]]:
    """What each tag does to the elements that are open.

    A tag that holds another, as in a quoted value or a comment, is odd: its end is not known.
    """
    for token in _TOKEN.finditer(html):
        text, mark, name = token[0], token["mark"], (token["name"] or "").lower()
        if text == "-->":
            yield CLOSE, COMMENT
        elif name == "--" and mark == "!":
            whole = text.endswith("-->") and len(text) > 6
            yield (NOTHING if whole else OPEN), COMMENT
        elif mark or name:
            if not token["end"]:
                yield ODD, name
            if not name or mark not in ("", "/") or name in NEVER_OPEN:
                yield NOTHING, name
            else:
                yield (CLOSE if mark else OPEN), name
