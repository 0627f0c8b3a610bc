"""Rules on what nobody meant to send: placeholders, and what a template left behind."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.render.gate.facts import PREHEADER, SUBJECT, TEXT
from pipeline.render.gate.rule import Group, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

PLACEHOLDER = warning(
    "placeholder",
    "Words that stand for words to come have gone out in more newsletters than one.",
    "write what belongs there",
)
LEFTOVER = warning(
    "template-leftover",
    "Braces that a mail program should have filled are shown to readers as they are.",
    "take it out, or fill it in",
)

_PLACEHOLDER = re.compile(
    r"\b(?:TKTK\w*|TKK|TBD|FIXME|XXXX+)\b|\bTODO\b(?=:)|\bxxx+\b"
    r"|\b[Ll]orem\s+ipsum\b|\bdolor\s+sit\s+amet\b"
    r"|\[(?:insert|your|name|title|date|link|url|image|todo)\b[^\]]{0,40}\]"
    r"|\b(?:[Ii]nsert|INSERT) (?:text|title|link|image|picture|date) here\b"
    r"|\b(?:asdf|qwerty|foobar)\w*\b|\bplaceholder text\b"
)
_ALONE = re.compile(
    r"\b(TK|TBC|XXX)\b(?:(?=\s*(?:[.!?;)\]…]|$))|\s+\1\b)|(?<=[(\[])(?:TK|TBC|XXX)\b"
)
"""What is a word or a number as well, `TK Maxx`, `XXX Congreso`: only where nothing follows."""

_TODO = re.compile(r"\bTODO\b")
_LEFTOVER = re.compile(
    r"\{\{.{0,60}?\}\}|\{%.{0,60}?%\}|\{\{|\{%|%%\w+%%|\*\|\w+\|\*|\$\{\w[\w.]*\}"
    r"|<%=?.{0,60}?%>|\[\[\w+\]\]"
)
SPANISH = frozenset({"es", "pt", "gl"})
"""Where TODO is a word: everything."""


def ask(mail: Mail) -> Iterator[Finding]:
    """The subject, the preheader, what is seen of the HTML, and the text part."""
    yield from _in(mail, mail.subject, _subject(mail))
    yield from _in(mail, mail.document.preheader, PREHEADER)
    seen: set[str] = set()
    told: set[tuple[str, str]] = set()
    for element, text in mail.document.texts():
        for finding in _in(mail, text, ""):
            seen.add(finding.found)
            where = mail.place(element, finding.found)
            told.add((finding.rule, where))
            yield (LEFTOVER if finding.rule == LEFTOVER.name else PLACEHOLDER).at(
                where, finding.found
            )
    lines = mail.text.splitlines()
    for number, (line, after) in enumerate(pairwise([*lines, ""]), 1):
        for finding in _in(mail, line, f"{TEXT}, line {number}", after=after.strip()):
            # What stands in both parts comes from one place, which was named just above; but
            # where a line of the text ends within the braces, only their beginning is found.
            where = mail.in_message(finding.found) or finding.where
            if finding.found not in seen and (finding.rule, where) not in told:
                told.add((finding.rule, where))
                yield replace(finding, where=where)


def _in(mail: Mail, text: str, where: str, *, after: str = "") -> Iterator[Finding]:
    """`after` is what a text that was broken into lines goes on with."""
    found = [match[0] for match in _PLACEHOLDER.finditer(text)]
    whole = f"{text} {after}" if after[:1].isalnum() else text
    found += [match[0] for match in _ALONE.finditer(whole) if match.start() < len(text)]
    if mail.lang.partition("-")[0] not in SPANISH:
        found += [match[0] for match in _TODO.finditer(text)]
    for word in dict.fromkeys(found):
        yield PLACEHOLDER.at(where, word)
    for match in _LEFTOVER.finditer(text):
        yield LEFTOVER.at(where, match[0])


def _subject(mail: Mail) -> str:
    return mail.in_plan(f"{mail.prefix}subject", part=SUBJECT)


GROUP = Group(title="What nobody meant to send", rules=(PLACEHOLDER, LEFTOVER), ask=ask)
