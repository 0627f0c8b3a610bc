"""What to tell an editor whose front matter is not YAML: the line, the key, and what to do.

The library names what its grammar lacks ("did not find expected key"). An editor typed a headline
that begins with a quotation mark, so the line itself is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import yaml

FOUND_MOST = 60

_KEY_LINE = re.compile(r"(?P<indent>[ \t]*)(?:- +)?(?P<key>[\w.-]+)[ \t]*:(?:[ \t]+(?P<value>.*))?")
_OPENERS = {"[": "]", "{": "}"}
_KEPT = frozenset("@`%&*!|>,]}?-#")


class Advice(NamedTuple):
    """Where, counted from 0 in the front matter, which key, what stands there, what to do."""

    line: int
    field: str
    found: str
    expected: str


def advice(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Advice:
    """Read the error and the line it is about."""
    at = min(_line_of(error), max(0, len(lines) - 1))
    while at and not lines[at].strip():
        at -= 1
    text = lines[at] if lines else ""
    match = _KEY_LINE.fullmatch(text)
    value = (match["value"] or "").strip() if match else ""
    expected = _expected(error, text, value)
    if expected is None:
        at, expected = _misplaced_colon(lines, at, value)
        match = _KEY_LINE.fullmatch(lines[at])
        value = (match["value"] or "").strip() if match else lines[at].strip()
    return Advice(at, _shortened(_field(lines, at)), _shortened(value or text.strip()), expected)


def _line_of(error: yaml.MarkedYAMLError) -> int:
    """The line where what is wrong begins; the library names the one where it gave up."""
    begun = error.context_mark
    if begun is not None and (error.context or "").startswith(
        ("while parsing a flow", "while scanning a quoted", "while scanning a simple key")
    ):
        return begun.line
    mark = error.problem_mark or begun
    return mark.line if mark else 0


def _expected(error: yaml.MarkedYAMLError, text: str, value: str) -> str | None:
    """What to do; None where a colon stands in the wrong place, in this line or the one before."""
    problem = error.problem or ""
    if "tab character" in problem or ("cannot start" in problem and text.startswith("\t")):
        return "begin the line with spaces, not with a tab"
    if "escape" in problem:
        return "in double quotes a backslash begins a code: write two, or use single quotes"
    if "mapping values are not allowed" in problem:
        return None
    if "expected ':'" in problem:
        return "expected 'key: value', with a space after the colon"
    return _expected_of_value(error, value) if value else _unknown(error)


def _expected_of_value(error: yaml.MarkedYAMLError, value: str) -> str:
    first, context = value[0], error.context or ""
    if "quoted scalar" in context:
        return f"close the quotation mark {first} at the end of the value"
    if first in _OPENERS and context.startswith("while parsing a flow"):
        closed = _OPENERS[first]
        return f"close the {first} with {closed}, one comma between values, or quote the value"
    if first in ('"', "'"):
        return f"put the whole value in quotes: it goes on after the second {first}"
    if first in _OPENERS:
        return f"put the value in quotes: it begins with {first} and goes on after it"
    if first in _KEPT:
        return f"put the value in quotes: it begins with {first}, which YAML keeps for itself"
    return _unknown(error)


def _unknown(error: yaml.MarkedYAMLError) -> str:
    if "document start" in (error.problem or ""):
        return "begin every key in the first column, and write no line that begins with %"
    return f"the front matter is not YAML here: {error.problem or 'unreadable'}"


def _misplaced_colon(lines: Sequence[str], at: int, value: str) -> tuple[int, str]:
    """In the value of this line, or else this line was taken for a part of the one before."""
    if re.search(r":(?:\s|$)", value):
        return at, "put the value in quotes: it holds a colon"
    before = next((n for n in range(at - 1, -1, -1) if lines[n].strip()), at)
    if before != at and not _KEY_LINE.fullmatch(lines[before]):
        return before, "expected 'key: value', with a space after the colon"
    return at, "begin the line in the same column as the other keys"


def _field(lines: Sequence[str], at: int) -> str:
    """The key path of a line as far as one can tell: its key, and the one it is indented below."""
    match = _KEY_LINE.fullmatch(lines[at]) if at < len(lines) else None
    if match is not None and not match["indent"]:
        return match["key"]
    above = next(
        (
            found["key"]
            for number in range(at - 1, -1, -1)
            if (found := _KEY_LINE.fullmatch(lines[number])) and not found["indent"]
        ),
        "",
    )
    if match is None:
        return above if at < len(lines) and lines[at][:1].isspace() else ""
    return f"{above}.{match['key']}" if above else match["key"]


def _shortened(text: str) -> str:
    return text if len(text) <= FOUND_MOST else text[: FOUND_MOST - 1] + "…"
