"""Rules on the HTML document: language, direction, title, tables, headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.render.gate.document import plain
from pipeline.render.gate.facts import HTML
from pipeline.render.gate.rule import Group, error, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

NO_HTML = error(
    "html-missing",
    "There is no HTML part, or nothing in it.",
    "let the template email/issue.html write it",
)
LANG = error(
    "lang-missing",
    "Without 'lang' a screen reader reads the mail in the voice of another language.",
    "write <html lang=…> with the language of this version",
)
DIR = error(
    "dir-wrong",
    "Without the right 'dir', Arabic is laid out from the left, or English from the right.",
    "write <html dir=…> for the language of this version",
)
TITLE = error(
    "title-missing",
    "The title names the mail in a browser and to a screen reader.",
    "write <title> with the subject",
)
CHARSET = error(
    "charset-missing",
    "Where the message's own headers are lost, letters with accents fall apart.",
    'write <meta charset="utf-8"> first in the head',
)
DOCTYPE = error(
    "doctype-missing",
    "Without it browsers lay out the mail as they did in 1998.",
    "begin the HTML with <!DOCTYPE html>",
)
TABLE = warning(
    "table-role",
    "A screen reader announces rows and columns of every table that is there for layout.",
    'write role="presentation"; a table of data has <th>',
)
HEADINGS = warning(
    "heading-order",
    "Readers of screen readers jump from heading to heading: one <h1>, and no level left out.",
    "use the next level, and set its size by a style",
)

_DOCTYPE = re.compile(r"\s*<!doctype html\b", re.IGNORECASE)
_LEVEL = re.compile(r"h([1-6])")
ROLES = frozenset({"presentation", "none"})


def ask(mail: Mail) -> Iterator[Finding]:
    """The document, its tables, its headings."""
    if not any(True for _ in mail.document.texts()):
        yield NO_HTML.at(HTML, "nothing to read")
        return
    yield from _document(mail)
    for table in mail.document.body.iter("table"):
        if table.get("role") not in ROLES and not _is_data(table):
            yield TABLE.at(mail.in_templates("<table>") or mail.html_line(table), "<table>")
    yield from _headings(mail)


def _document(mail: Mail) -> Iterator[Finding]:
    root = mail.document.root
    lang = root.get("lang", "")
    if lang.lower() != mail.lang.lower():
        yield LANG.at(HTML, f'lang="{lang}", the language is {mail.lang}' if lang else "no lang")
    if root.get("dir", "") != mail.dir:
        found = f'dir="{root.get("dir")}"' if root.get("dir") else "no dir"
        yield DIR.at(HTML, f"{found}, {mail.lang} runs {mail.dir}")
    title = root.find(".//title")
    if title is None or not plain(title.text or ""):
        yield TITLE.at(HTML, "no title")
    if not _DOCTYPE.match(mail.html):
        yield DOCTYPE.at(HTML, mail.html[:40])
    charsets = [each.get("charset", "").lower() for each in root.iter("meta")]
    types = [each.get("content", "").lower() for each in root.iter("meta")]
    if "utf-8" not in charsets and not any("charset=utf-8" in each for each in types):
        yield CHARSET.at(HTML, "no charset")


def _is_data(table: HtmlElement) -> bool:
    """True for a table with headings of its own."""
    cells = (each for each in table.iter("th", "caption"))
    return any(_table_of(each) is table for each in cells)


def _table_of(element: HtmlElement) -> HtmlElement | None:
    return next(element.iterancestors("table"), None)


def _headings(mail: Mail) -> Iterator[Finding]:
    before, firsts = 0, 0
    for element in mail.document.body.iter():
        match = _LEVEL.fullmatch(element.tag) if isinstance(element.tag, str) else None
        if match is None or mail.document.is_hidden(element):
            continue
        level = int(match[1])
        words = plain("".join(element.itertext()))
        firsts += level == 1
        if level == 1 and firsts > 1:
            yield HEADINGS.at(mail.place(element), f'a second <h1>: "{words}"')
        elif level > before + 1:
            found = f"<h{level}> after <h{before}>" if before else f"<h{level}> first"
            yield HEADINGS.at(mail.place(element), f'{found}: "{words}"')
        before = level


GROUP = Group(
    title="The document",
    rules=(NO_HTML, LANG, DIR, TITLE, CHARSET, DOCTYPE, TABLE, HEADINGS),
    ask=ask,
)
