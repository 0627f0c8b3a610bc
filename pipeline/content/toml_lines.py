"""The lines on which the keys of a TOML file stand; the library tells values alone.

Good enough for a message: a key is looked for at the beginning of its line, below its table's
heading; what stands within a text of several lines is passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD = r"(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')"
_KEY = re.compile(rf"\s*({_WORD}(?:\s*\.\s*{_WORD})*)\s*=")
_HEADING = re.compile(rf"\s*(\[\[?)\s*({_WORD}(?:\s*\.\s*{_WORD})*)\s*\]\]?")
_PART = re.compile(_WORD)
_LONG_TEXT = re.compile("\"\"\"|'''")


def key_lines(text: str) -> Mapping[str, int]:
    """The line of each key path, such as `newsroom.title` or `listings[2].path`."""
    lines: dict[str, int] = {}
    counts: Counter[str] = Counter()
    table = ""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not fence:
            if heading := _HEADING.match(line):
                table = _table(heading[2], counts, several=heading[1] == "[[")
                lines.setdefault(table, number)
            elif key := _KEY.match(line):
                path = ".".join(_words(key[1]))
                lines.setdefault(f"{table}.{path}" if table else path, number)
        for mark in _LONG_TEXT.findall(line):
            fence = mark if not fence else "" if fence == mark else fence
    return lines


def _table(name: str, counts: Counter[str], *, several: bool) -> str:
    """The key path of a heading; each `[[heading]]` opens the next table of its list."""
    path = ""
    words = _words(name)
    for depth, word in enumerate(words, 1):
        path = f"{path}.{word}" if path else word
        if several and depth == len(words):
            counts[path] += 1
        if counts[path]:
            path = f"{path}[{counts[path]}]"
    return path


def _words(name: str) -> list[str]:
    return [word.strip("\"'") for word in _PART.findall(name)]
