"""Short ways through Python-Markdown: the same result as its own rules give, in half the time.

A rule is asked only where a text holds one of its marks; white space is normalised only where there
is some; a line that begins with a letter is a paragraph; a run of text with nothing in it but plain
links and emphasis is taken apart at once. Property tests hold all of it to the library's results.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from markdown.blockparser import BlockParser
from markdown.inlinepatterns import DelimiterProcessor
from markdown.preprocessors import NormalizeWhitespace
from markdown.serializers import to_html_string
from markdown.treeprocessors import InlineProcessor as InlineTree
from markdown.util import AtomicString

BLOCKS: dict[str, tuple[str, ...]] = {
    "hashheader": ("#",),
    "hr": ("-", "_", "*"),
    "quote": (">",),
    "reference": ("]:",),
    "setextheader": ("\n=", "\n-"),
    "table": ("|",),
}
"""Block rules that search a whole paragraph, and the marks without which they find nothing."""

INLINE: dict[str, tuple[str, ...]] = {
    "backtick": ("`",),
    "escape": ("\\",),
    "reference": ("[",),
    "link": ("[",),
    "image_link": ("[",),
    "image_reference": ("[",),
    "short_reference": ("[",),
    "short_image_ref": ("[",),
    "autolink": ("<",),
    "automail": ("<",),
    "html": ("<",),
    "entity": ("&",),
    "linebreak": ("  ", "\t"),
    "strikethrough": ("~~",),
    "em_strong": ("*", "_"),
    "bare_url": ("://",),
    "footnote": ("[^",),
}
"""Inline rules, and the marks without which each has nothing to do."""


class Emphasis(DelimiterProcessor):
    """The library's own rule for `*` and `_`, with a short way for `*a word*` and `**two words**`.

    Letters stand just inside the asterisks and no other delimiter between them, so that nothing is
    left to decide; that is most of the emphasis there is, at a tenth of the cost.
    """

    SIMPLE = re.compile(r"(\*{1,2})((?=[^\W_])[^*_\x02\x03\\]*?[^\W_])\1(?!\*)")

    def handleMatch(  # type: ignore[override]  # noqa: N802  # the library's own name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        """The element, and where it begins and ends."""
        start = m.start(0)
        simple = None if self.regions else self.SIMPLE.match(data, start)
        if simple is None or (start and data[start - 1] in "*_"):
            return super().handleMatch(m, data)
        element = Element("em" if len(simple[1]) == 1 else "strong")
        element.text = simple[2]
        return element, start, simple.end()


class Run(str):
    """Running text with nothing but plain links and emphasis in it: `pieces` is it, taken apart.

    Plain text and then, four by four, label and address (or None), a second asterisk and the
    words (or None), and the plain text that follows.
    """

    __slots__ = ("pieces",)
    pieces: list[str | None]

    _CALM = r"[^\[\]`*_\\<>&~\x02\x03]"
    # Each way begins with a character, so that the search can skip all others.
    PARTS = re.compile(
        rf"\[(?<!!\[)(?=[^\W_])({_CALM}+)\]\((https?://[\w/.?#=%:,;+@-]+)\)"
        rf"|\*(?<![*_]\*)(\*?)((?=[^\W_]){_CALM}*?[^\W_])\*\3(?!\*)"
    )
    # A search for each of them takes less time than one expression for all.
    TROUBLE = ("[", "`", "*", "_", "\\", "<", "&", "~", "\x02", "\x03", "://", "  \n")

    @classmethod
    def of(cls, data: str) -> Run | None:
        """`data` taken apart; None where anything in it needs the library's rules."""
        if "[" not in data and "*" not in data:
            return None
        pieces = cls.apart(data)
        if pieces is None:
            return None
        run = cls(data)
        run.pieces = pieces
        return run

    @classmethod
    def apart(cls, data: str) -> list[str | None] | None:
        """The pieces of `data`; None where anything in it needs the library's rules."""
        pieces: list[str | None] = cls.PARTS.split(data)
        texts, labels, words = pieces[::5], pieces[1::5], pieces[4::5]
        plain = "\x1f".join(filter(None, (*texts, *labels, *words)))
        for mark in cls.TROUBLE:
            if mark in plain:
                return None
        return pieces

    def put(self, parent: Element, *, isText: bool) -> list[Element]:  # noqa: N803  # the library's name and shape
        """Give `parent` the text before the first element; the elements, with what follows each.

        Where it is no text of `parent`, it is the text behind it.
        """
        pieces, elements = self.pieces, []
        if isText:
            parent.text = pieces[0]
        else:
            parent.tail = pieces[0]
        for place in range(1, len(pieces), 5):
            label, address, star, words, after = pieces[place : place + 5]
            if star is None:
                element = Element("a", {"href": address or ""})
                element.text = label
            else:
                element = Element("strong" if star else "em")
                element.text = words
            element.tail = after or None
            elements.append(element)
        return elements


class Finished(AtomicString):
    """A paragraph's HTML, made at once from a text with nothing but plain links and emphasis."""

    LATER = frozenset({"\\", "{", "[^"})
    """Marks of what looks through all paragraphs once more: escapes, attribute lists, footnotes."""

    @classmethod
    def of(cls, block: str) -> Finished | None:
        """The paragraph that `block` is; None where anything in it needs the library's rules."""
        pieces = None if ">" in block else Run.apart(block)
        if pieces is None:
            return None
        html = [f"<p>{pieces[0]}"]
        for label, address, star, words, after in zip(*[iter(pieces[1:])] * 5, strict=True):
            if star is None:
                html.append(f'<a href="{address}">{label}</a>{after}')
            elif star:
                html.append(f"<strong>{words}</strong>{after}")
            else:
                html.append(f"<em>{words}</em>{after}")
        html.append("</p>")
        return cls("".join(html))


def serialised(root: Element) -> str:
    """An element as HTML, as the library writes it; paragraphs that are finished are just joined.

    Only the document holds such ones; the library asks for single elements, too.
    """
    if not any(isinstance(child.text, Finished) for child in root):
        return to_html_string(root)
    html = [
        child.text if isinstance(child.text, Finished) else to_html_string(child) for child in root
    ]
    return f"<{root.tag}>{''.join(html)}</{root.tag}>"


class Whitespace(NormalizeWhitespace):
    """The library's own rule, without its search where there is nothing to normalise."""

    ODD = ("\x02", "\x03", "\r", "\t", " \n")

    def run(self, lines: list[str]) -> list[str]:
        """The lines, and two empty ones."""
        text = "\n".join(lines) + "\n"
        if any(mark in text for mark in self.ODD):
            return super().run(lines)
        return [*lines, "", ""]


class Blocks(BlockParser):
    """The library's own block parser, without asking a rule that has nothing to do."""

    def prepare(self, *, finishes: bool) -> None:
        """Look the rules up, in their order, once they are all there.

        `finishes`: a paragraph may be HTML at once, since nothing looks at the tree later.
        """
        self._finishes = finishes
        rules = self.blockprocessors
        marks = {id(rules[name]): marks for name, marks in BLOCKS.items() if name in rules}
        self._rules = [(rule, marks.get(id(rule), ("",))) for rule in rules]

    def parseBlocks(self, parent: Element, blocks: list[str]) -> None:  # noqa: N802  # the library's name and shape
        """The same as the library's, with a look at the marks."""
        while blocks:
            block = blocks[0]
            if not self.state and block[:1].isalpha() and "\n" not in block:
                # All rules but that of paragraphs begin with another character, or need two lines.
                del blocks[0]
                whole = self._finishes and parent.tag == self.md.doc_tag
                SubElement(parent, "p").text = (whole and Finished.of(block)) or block
                continue
            for rule, marks in self._rules:
                for mark in marks:
                    if mark in block:
                        break
                else:
                    continue
                if rule.test(parent, block) and rule.run(parent, blocks) is not False:
                    break


class Inline(InlineTree):
    """The library's own pass over running text, without asking a rule that has nothing to do.

    It takes half of the time that a text costs: fourteen rules search every run of text, though
    most runs hold none of their characters.
    """

    def prepare(self) -> None:
        """Look the rules up, in their order, once they are all there."""
        marks = {
            id(self.inlinePatterns[name]): marks
            for name, marks in INLINE.items()
            if name in self.inlinePatterns
        }
        self._rules = [(rule, marks.get(id(rule), ("",))) for rule in self.inlinePatterns]

    def _InlineProcessor__handleInline(  # noqa: N802  # the library's name and shape
        self,
        data: str,
        patternIndex: int | None = None,  # noqa: N803  # the library's name and shape
    ) -> str:
        """Takes the place of the library's private method: the same, with a look at the marks.

        Without `patternIndex` for a whole text, with it for what an element holds.
        """
        if isinstance(data, AtomicString):
            return data
        if patternIndex is None and (run := Run.of(data)) is not None:
            return run
        start = 0
        number = patternIndex or 0
        while number < len(self._rules):
            rule, marks = self._rules[number]
            for mark in marks:
                if mark in data:
                    break
            else:
                number += 1
                start = 0
                continue
            data, matched, start = self._apply(rule, data, number, start)
            if not matched:
                number += 1
        return data

    def _InlineProcessor__processPlaceholders(  # noqa: N802  # the library's name and shape
        self,
        data: str | None,
        parent: Element,
        isText: bool = True,  # noqa: FBT001, FBT002, N803  # the library's name and shape
    ) -> list[tuple[Element, list[str]]]:
        """Takes the place of the library's private method: with a short way for a `Run`."""
        if isinstance(data, Run):
            return [(element, self.ancestors[:]) for element in data.put(parent, isText=isText)]
        return super()._InlineProcessor__processPlaceholders(  # type: ignore[misc,no-any-return]  # the library's name and shape
            data, parent, isText
        )

    def _apply(self, rule: object, data: str, number: int, start: int) -> tuple[str, bool, int]:
        return self._InlineProcessor__applyPattern(  # type: ignore[attr-defined,no-any-return]  # the library's name and shape
            rule, data, number, start
        )
