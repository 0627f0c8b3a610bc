"""Lines of plain text: as wide as they look, broken where a reader expects it.

A character of Chinese or Japanese takes two columns and may be followed by a break; a combining
mark takes none. Words of other scripts are never cut, nor are addresses, however long.
"""

from __future__ import annotations

import re
import unicodedata

WIDTH = 72

_WIDE = (
    "\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
)
_OPENING = "（「『【〈《〔［｛"
_CLOSING = "、。，．！？）」』】〉》〕］｝・：；…‥ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_PIECE = re.compile(f"[{_OPENING}]*(?:[{_WIDE}]|[^{_WIDE}]+)[{_CLOSING}]*")
_SPACES = re.compile(r"[ \t\n\r\f\v]+")


def cells(text: str) -> int:
    """The columns that `text` takes in a fixed-width font."""
    if text.isascii():
        return len(text)
    return sum(map(_cell, text))


def _cell(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def wrap(text: str, width: int = WIDTH, *, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most `width` columns; `first` and `rest` begin the first and the other lines.

    A line break in `text` stays one. What cannot be broken stands on a line of its own.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        start = rest if lines else first
        line, empty = start, True
        for gap, piece in _pieces(part):
            glue = "" if empty else gap
            if not empty and cells(line) + cells(glue) + cells(piece) > width:
                lines.append(line)
                line, glue = rest, ""
            line += glue + piece
            empty = False
        lines.append(line if not empty else line.rstrip())
    return lines


def _pieces(text: str) -> list[tuple[str, str]]:
    """What may not be broken, each with what stands before it: a space, or nothing."""
    pieces: list[tuple[str, str]] = []
    for word in filter(None, _SPACES.split(text)):
        for number, piece in enumerate(_PIECE.findall(word) or [word]):
            pieces.append(("" if number else " ", piece))
    return pieces


def runs_left(text: str) -> bool:
    """True where the first letter that has a direction runs from right to left (UAX 9, P2)."""
    classes = (unicodedata.bidirectional(char) for char in text)
    return next((name for name in classes if name in {"L", "R", "AL"}), "L") != "L"


def underline(lines: list[str], mark: str, width: int = WIDTH) -> list[str]:
    """`lines` with a rule below, as long as the longest of them.

    Text that runs from right to left stands between two short rules instead: a rule alone on its
    line has no direction, and would be set at the other side.
    """
    if lines and runs_left("".join(lines)):
        framed = [f"{mark * 2} {lines[0]}", *lines[1:]]
        return [*framed[:-1], f"{framed[-1]} {mark * 2}"]
    return [*lines, mark * min(width, max((cells(line) for line in lines), default=0))]


def columns(rows: list[list[str]], width: int = WIDTH) -> list[str]:
    """A table under its first row; where it is too wide, a block of lines for each row."""
    count = max(map(len, rows), default=0)
    full = [row + [""] * (count - len(row)) for row in rows]
    widths = [max(cells(row[column]) for row in full) for column in range(count)]
    if sum(widths) + 2 * (count - 1) > width:
        return _records(full, width)
    lines = [
        "  ".join(f"{cell}{' ' * (most - cells(cell))}" for cell, most in pairs).rstrip()
        for pairs in (zip(row, widths, strict=True) for row in full)
    ]
    return [*lines[:1], "  ".join("-" * most for most in widths), *lines[1:]]


def _records(rows: list[list[str]], width: int) -> list[str]:
    head, *others = rows
    lines: list[str] = []
    for row in others:
        lines.extend([""] if lines else [])
        for name, cell in zip(head, row, strict=True):
            if cell:
                label = f"{name}: " if name else ""
                lines.extend(wrap(f"{label}{cell}", width, rest="  "))
    return lines
