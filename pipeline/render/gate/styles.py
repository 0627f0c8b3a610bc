"""CSS as far as the gate has to understand it: declarations, rules, and which media they are for.

No CSS library: the one that is there speaks CSS 2.1, takes a quarter of a second, and drops what
it does not know, which is just what is to be judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH_MOST = 16
"""At-rules within at-rules that are looked into; a style sheet of sense has two."""

DESCRIBING = ("@font-face", "@page")
"""At-rules that hold declarations, not rules."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_URL = re.compile(r"url\([^)]*\)", re.IGNORECASE)
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """`name: value`, both in lower case but for strings; `raw` as it stands."""

    name: str
    value: str
    important: bool
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleRule:
    """A selector list with its declarations; `media` are the at-rules around it, outermost first.

    An at-rule without a block (`@import …`) has it as its `selector` and no declarations; `line` is
    that of the HTML part.
    """

    selector: str
    declarations: tuple[Declaration, ...]
    media: tuple[str, ...] = ()
    line: int = 0


def declarations(text: str) -> tuple[Declaration, ...]:
    """What stands in a `style` attribute or between the braces of a rule; nonsense is left out."""
    found = []
    for part in _split(_COMMENT.sub("", text)):
        name, colon, value = part.partition(":")
        if not colon or not name.strip() or not value.strip():
            continue
        plain = _IMPORTANT.sub("", value).strip()
        found.append(
            Declaration(
                name=name.strip().lower(),
                value=" ".join(plain.lower().split()),
                important=plain != value.strip(),
                raw=part.strip(),
            )
        )
    return tuple(found)


def rules_of(text: str, first_line: int = 1) -> Iterator[StyleRule]:
    """The rules of a style sheet, those in `@media` and `@supports` too."""
    css = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    # Braces in strings and addresses are no braces.
    safe = _URL.sub(_blank, _STRING.sub(_blank, css))
    yield from _Sheet(css, safe, first_line).rules(0, len(css), ())


def without_strings(value: str) -> str:
    """A value without what stands in quotes."""
    return _STRING.sub('""', value)


def _blank(match: re.Match[str]) -> str:
    return "_" * len(match[0])


def _split(text: str) -> list[str]:
    """The declarations: at each semicolon outside strings and addresses."""
    safe = _URL.sub(_blank, _STRING.sub(_blank, text))
    parts, start = [], 0
    for at, char in enumerate(safe):
        if char == ";":
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


class _Sheet:
    """A style sheet being taken apart; `safe` is the same text with strings and addresses blank."""

    def __init__(self, css: str, safe: str, first_line: int) -> None:
        self._css = css
        self._safe = safe
        self._first_line = first_line

    def rules(self, start: int, end: int, media: tuple[str, ...]) -> Iterator[StyleRule]:
        """The rules between two places, which are inside the at-rules `media`."""
        at = start
        while at < end:
            brace, semicolon = self._safe.find("{", at, end), self._safe.find(";", at, end)
            bare = 0 <= semicolon < (brace if brace >= 0 else end)
            head_end = semicolon if bare else brace
            if head_end < 0:
                return
            head, line = self._head(at, head_end)
            if bare:
                if head.startswith("@"):
                    yield StyleRule(selector=head, declarations=(), media=media, line=line)
                at = semicolon + 1
                continue
            close = self._close(brace, end)
            holds_rules = head.startswith("@") and not head.lower().startswith(DESCRIBING)
            if holds_rules and len(media) < DEPTH_MOST:
                yield from self.rules(brace + 1, close, (*media, head.lower()))
            else:
                found = declarations(self._css[brace + 1 : close])
                yield StyleRule(selector=head, declarations=found, media=media, line=line)
            at = close + 1

    def _head(self, start: int, end: int) -> tuple[str, int]:
        """What stands before a block, and its line."""
        whole = self._css[start:end]
        space = len(whole) - len(whole.lstrip())
        return whole.strip(), self._first_line + self._css.count("\n", 0, start + space)

    def _close(self, brace: int, end: int) -> int:
        """Where the block that begins at `brace` ends."""
        depth = 0
        for at in range(brace, end):
            depth += {"{": 1, "}": -1}.get(self._safe[at], 0)
            if depth == 0:
                return at
        return end
