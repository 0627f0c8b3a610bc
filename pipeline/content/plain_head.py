"""Front matter of nothing but plain lines, read without YAML.

`title: "A headline"`, `date: 2017-07-10`, `themes: [care, housing]`: most front matter is no more
than that, and to load YAML and to parse it takes a fourth of what a text costs. Whatever else
stands there is left to YAML; a property test holds both to the same result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.content.frontmatter import Raw

_KEY = r"[a-z][a-z_]{0,39}(?<!_)"
_QUOTED = r'"(?P<quoted>[^"\\]*)"'
_LIST = r"\[ *(?P<list>(?:[^\W_][\w .-]*(?:, *[^\W_][\w .-]*)*)?)\]"
# Begins with a letter or a digit, and nothing in it ends it: no colon before a space, no comment.
_BARE = r"(?P<bare>[^\W_](?:[^:#]|:(?=[^ #]))*)"
_LINE = re.compile(rf"(?P<key>{_KEY}): +(?:{_QUOTED}|{_LIST}|{_BARE}) *")


def read_plain(head: str, first: int) -> tuple[dict[str, Raw], dict[str, int]] | None:
    """The values and the line of each key, the first line being `first`; None where YAML is needed.

    Values are strings as they were typed, or lists of them.
    """
    values: dict[str, Raw] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(head.split("\n"), first):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None or not line.isprintable():
            return None
        key, quoted, listed, bare = match.groups()
        if key in values:
            return None
        if listed is not None:
            values[key] = [word.strip() for word in listed.split(",")] if listed else []
        else:
            values[key] = bare.rstrip(" ") if quoted is None else quoted
        lines[key] = number
    return values, lines
