"""From Markdown to plain text, by way of the parser's own tree and never of HTML.

What the editor typed and what a reader of plain text sees stay close: lists, quotes and code keep
their look, headings are underlined, links are numbered and listed below, tables stand in columns
where they fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree.ElementTree import Element

from markdown.util import AMP_SUBSTITUTE

from pipeline.render.dialect import parser
from pipeline.render.wrapping import WIDTH, columns, underline, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown import Markdown

LINKED = ("http://", "https://", "mailto:", "tel:")
MARKS = {"strong": "*", "b": "*", "em": "_", "i": "_", "del": "~~", "code": "`"}
BLOCKS = frozenset({
    "blockquote", "div", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table",
    "ul",
})  # fmt: skip

_STASHED = re.compile("\x02wzxhzdk:(\\d+)\x03")
_INTERNAL = re.compile("\x02[^\x03]*\x03")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>[^>]*)>|<!--.*?-->", re.DOTALL)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
_ENDS = re.compile(r"[\s<>\"]")
_UNSEEN = re.compile(r"<(script|style|svg|math)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(slots=True)
class Links:
    """The links of one document, numbered from 1 as they come; the same address, the same number.

    `address` makes an address absolute, or "" where it leads nowhere.
    """

    address: Callable[[str], str]
    found: dict[str, int] = field(default_factory=dict)

    def number(self, url: str) -> int:
        """The number of an absolute address."""
        return self.found.setdefault(url, len(self.found) + 1)

    def listed(self) -> list[str]:
        """A line for each, in order."""
        return [f"[{number}] {url}" for url, number in self.found.items()]


def to_text(markdown: str, links: Links, width: int = WIDTH) -> str:
    """Plain text in lines of at most `width` columns, without a line feed at the end."""
    if not markdown.strip():
        return ""
    md = parser(markdown, tree=True)
    lines = markdown.split("\n")
    for before in md.preprocessors:
        lines = before.run(lines)
    document = md.parser.parseDocument(lines).getroot()
    root = Element("div") if document is None else document
    for step in md.treeprocessors:
        changed: Element | None = step.run(root)
        root = root if changed is None else changed
    return "\n".join(_Writer(md, links).blocks(root, width)).strip("\n")


class _Writer:
    """Turns elements into lines; blocks by `blocks`, what runs within a line by `inline`."""

    def __init__(self, md: Markdown, links: Links) -> None:
        self._stash = md.htmlStash.rawHtmlBlocks
        self._links = links
        self._raw_links: list[str] = []

    def blocks(self, parent: Element, width: int, *, tight: bool = False) -> list[str]:
        """The blocks within an element, with an empty line between two (none where `tight`)."""
        groups: list[list[str]] = []
        running = self._plain(parent.text or "")
        for child in parent:
            if child.tag in BLOCKS:
                groups += [_flow(running, width), self._block(child, width)]
                running = self._plain(child.tail or "")
            else:
                running += self._one(child)
        groups.append(_flow(running, width))
        lines: list[str] = []
        for group in filter(None, groups):
            lines.extend([""] if lines and not tight else [])
            lines.extend(group)
        return lines

    def _block(self, element: Element, width: int) -> list[str]:
        tag = str(element.tag)
        if tag[0] == "h" and tag[1:].isdigit():
            text = wrap(" ".join(self.inline(element).split("\n")), width)
            return underline(text, "=" if tag in {"h1", "h2"} else "-", width)
        if tag == "hr":
            return ["-" * min(width, 24)]
        if tag in {"ul", "ol"}:
            return self._list(element, width)
        if tag == "blockquote":
            return [f"> {line}".rstrip() for line in self.blocks(element, width - 2)]
        if tag == "pre":
            return _code("".join(element.itertext()))
        if tag == "table":
            return self._table(element, width)
        if tag == "p":
            return self._paragraph(element, width)
        if element.get("class") == "footnote":
            notes = element.find("ol")
            return self._notes(notes, width) if notes is not None else []
        return self.blocks(element, width)

    def _list(self, element: Element, width: int) -> list[str]:
        loose = any(child.tag == "p" for entry in element for child in entry)
        start = element.get("start", "1")
        first = int(start) if start.isdigit() else 1
        marks = [
            f"{first + number}. " if element.tag == "ol" else "* " for number in range(len(element))
        ]
        lines: list[str] = []
        for mark, entry in zip(marks, element, strict=True):
            lines.extend([""] if loose and lines else [])
            lines.extend(self._hang(entry, mark, max(map(len, marks)), width, tight=not loose))
        return lines

    def _notes(self, notes: Element, width: int) -> list[str]:
        lines = ["-" * min(width, 24)]
        for number, entry in enumerate(notes, 1):
            mark = f"{str(number).translate(_SUPERSCRIPT)} "
            lines.extend(self._hang(entry, mark, len(mark), width, tight=True))
        return lines

    def _hang(
        self, entry: Element, mark: str, indent: int, width: int, *, tight: bool
    ) -> list[str]:
        """The lines of a list's entry, the first after its mark and the others below it."""
        inner = self.blocks(entry, max(16, width - indent), tight=tight) or [""]
        body = [f"{' ' * indent}{line}".rstrip() for line in inner[1:]]
        return [f"{mark.rjust(indent)}{inner[0]}".rstrip(), *body]

    def _table(self, element: Element, width: int) -> list[str]:
        rows = [
            [" ".join(self.inline(cell).split()) for cell in row if cell.tag in {"td", "th"}]
            for row in element.iter("tr")
        ]
        return columns([row for row in rows if row], width)

    def _paragraph(self, element: Element, width: int) -> list[str]:
        stashed = _STASHED.fullmatch((element.text or "").strip())
        if stashed and not len(element):
            return self._html_block(str(self._stash[int(stashed[1])]), width)
        return _flow(self.inline(element), width)

    def _html_block(self, html: str, width: int) -> list[str]:
        html = _UNSEEN.sub("", html)
        if html.startswith("<pre"):
            return _code(_TAG.sub("", html))
        return _flow(self._html(html), width)

    def inline(self, element: Element) -> str:
        """What runs within a line: words with one space between, and line feeds for breaks."""
        return self._plain(element.text or "") + "".join(self._one(child) for child in element)

    def _one(self, child: Element) -> str:
        """An inline element and the text after it."""
        return self._element(child) + self._plain(child.tail or "")

    def _element(self, element: Element) -> str:
        tag = str(element.tag)
        if tag == "br":
            return "\n"
        if tag == "img":
            alt = self._plain(element.get("alt", "")).strip()
            return f"[{alt}]" if alt else ""
        if tag == "code":
            return f"`{unescape(''.join(element.itertext()))}`"
        if tag == "sup":
            words = "".join(element.itertext())
            return words.translate(_SUPERSCRIPT) if words.isdigit() else f"^{self.inline(element)}"
        words = self.inline(element)
        if tag == "a":
            classes = element.get("class", "").split()
            return (
                "" if "footnote-backref" in classes else self._link(words, element.get("href", ""))
            )
        mark = MARKS.get(tag, "") if words.strip() else ""
        return f"{mark}{words}{mark}"

    def _link(self, words: str, href: str) -> str:
        """The words with the number of where they lead, unless they say it themselves."""
        url = _entities(href.replace(AMP_SUBSTITUTE, "&")).strip()
        target = "" if url.startswith("#") else whole(self._links.address(url))
        if not target.startswith(LINKED):
            return words
        said = {target, target.removeprefix("mailto:"), target.removeprefix("tel:")}
        # Lines may be broken within what is Chinese or Japanese.
        if words.strip() in said and len(wrap(target, 1)) == 1:
            return words
        return f"{words} [{self._links.number(target)}]"

    def _plain(self, text: str) -> str:
        """Text of the tree without the parser's own marks, raw HTML reduced to its words."""
        text = re.sub(r"[ \t\n]+", " ", text).replace(AMP_SUBSTITUTE, "&")
        if "\x02" in text:
            parts = _STASHED.split(text)
            for odd in range(1, len(parts), 2):
                parts[odd] = str(self._stash[int(parts[odd])])
            for even in range(0, len(parts), 2):
                parts[even] = escape(_INTERNAL.sub("", _entities(parts[even])), quote=False)
            return self._html("".join(parts))
        return _entities(text)

    def _html(self, html: str) -> str:
        """The words of raw HTML; its links are numbered too."""
        words = _TAG.sub(self._tag, _UNSEEN.sub("", html))
        return _entities(re.sub(r"[ \t\n]*\n[ \t\n]*", " ", words).replace("\r", "\n"))

    def _tag(self, match: re.Match[str]) -> str:
        name = (match["name"] or "").lower()
        if name == "a" and not match["end"]:
            href = _HREF.search(match["rest"])
            self._raw_links.append(next(filter(None, href.groups()), "") if href else "")
        elif name == "a" and self._raw_links:
            return self._link("", self._raw_links.pop())
        return "\r" if name in {"br", "tr", "li", "p", "div"} and not match["end"] else ""


def whole(url: str) -> str:
    """An address in one piece: what would end it for a reader's program stands encoded."""
    return _ENDS.sub(lambda match: quote(match[0]), url)


def _flow(text: str, width: int) -> list[str]:
    return wrap(text.strip(), width) if text.strip() else []


def _code(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in unescape(text).rstrip("\n").split("\n")]


def _entities(text: str) -> str:
    """Character references as characters; `&copy=1` in an address is none."""
    return _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" in text else text
