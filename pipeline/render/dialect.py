"""The Markdown dialect: Python-Markdown with what newsrooms use, and no more than a text needs.

Tables, footnotes, fenced code, lists that keep their kind, attribute lists (the sanitiser leaves
ids and classes of them), ~~strikethrough~~ and bare web addresses as links. Smart punctuation is
off: what is typed is what is read.

Parsing costs grow with the number of rules, so a text is parsed only with those whose characters
it holds; the result is the same (a property test says so).
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.toc import slugify_unicode, unique
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor
from markdown.treeprocessors import Treeprocessor

from pipeline.render.shortcuts import (
    INLINE,
    Blocks,
    Emphasis,
    Finished,
    Inline,
    Whitespace,
    serialised,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown.extensions import Extension

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "attr_list": ("{",),
    "fenced_code": ("```", "~~~"),
    "footnotes": ("[^",),
    "tables": ("|",),
}
"""Extensions, and the marks without which each has nothing to do."""

CONFIGS: dict[str, dict[str, object]] = {
    "footnotes": {"BACKLINK_TITLE": "Back to the text, note {}"},
    "tables": {"use_align_attribute": True},
}
"""What extensions are told; alignment as an attribute, since no `style` passes the sanitiser."""

MARKS = frozenset(mark for marks in (*EXTENSIONS.values(), *INLINE.values()) for mark in marks)

LEVELS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

HEADING = re.compile(
    r"(?:^|\n)(?P<level>#{1,6})(?=[ \t]|\n|$)"
    r"(?P<header>(?:\\.|[^\\#]|#+(?=[^#\n]))*?)#*(?:\n|$)"
)
"""A heading's line: the library's own expression, with the space."""

_URL = r"(?<![\w/])(https?://[^\s<>\"'`\\\x02\x03]+)"
_TRAILING = re.compile(r"(?:[.,;:!?*_~]|&\w+;)+$")


class BareUrl(InlineProcessor):
    """A web address in running text, without the punctuation that ends the sentence."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # noqa: N802  # the library's own name
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002  # the library calls it so
    ) -> tuple[Element | None, int | None, int | None]:
        """Link the address; a closing bracket belongs to it only if it was opened in it."""
        url = _TRAILING.sub("", m.group(1))
        while url.endswith(")") and url.count(")") > url.count("("):
            url = _TRAILING.sub("", url[:-1])
        if url.endswith("://"):
            return None, None, None
        link = Element("a", {"href": url})
        link.text = url
        return link, m.start(1), m.start(1) + len(url)


class Headings(Treeprocessor):
    """Headings below the page's own `h1`, each with an id that a reader can link to."""

    def run(self, root: Element) -> None:
        """Shift and name; ids come from the words in any script, repeated ones are numbered."""
        headings = list(_headings(root))
        shift = any(element.tag == "h1" for element in headings)
        used: set[str] = {element.get("id", "") for element in headings} - {""}
        for element in headings:
            if shift:
                element.tag = f"h{min(6, int(element.tag[1]) + 1)}"
            if not element.get("id"):
                words = re.sub(r"\x02[^\x03]*\x03", "", "".join(element.itertext()))
                slug = slugify_unicode(words, "-") or "section"
                element.set("id", unique(slug, used))


def _headings(root: Element) -> Iterator[Element]:
    for element in root.iter():
        if element.tag in LEVELS:
            yield element


def convert(text: str) -> str:
    """`text` as HTML, not sanitised. Raises RecursionError."""
    try:
        return parser(text).convert(text)
    except BaseException:
        # Stopped midway, a parser is still inside the list or quote that it was reading.
        _parser.cache_clear()
        raise


def parser(text: str, *, tree: bool = False) -> Markdown:
    """A parser, reset and ready for one use, with all the rules that `text` needs.

    For its `tree` where that is looked at, or else for its HTML, which takes a shorter way.
    """
    found = frozenset(mark for mark in MARKS if mark in text)
    return _parser(found, tree).reset()


def _extension(name: str) -> Extension:
    """One of the library's own; by its name alone it would look through all that is installed."""
    module = import_module(f"markdown.extensions.{name}")
    made: Extension = module.makeExtension(**CONFIGS.get(name, {}))
    return made


@lru_cache(maxsize=256)
def _parser(found: frozenset[str], tree: bool) -> Markdown:  # noqa: FBT001  # part of a key
    wanted = {name for name, marks in EXTENSIONS.items() if found.intersection(marks)}
    md = Markdown(
        extensions=[_extension(name) for name in ("sane_lists", *sorted(wanted))],
        output_format="html",
    )
    emphasis = Emphasis("*", "strong,em", md)
    emphasis.add("_", "strong,em", smart=True)
    md.inlinePatterns.register(emphasis, "em_strong", 60)
    md.inlinePatterns.register(SimpleTagInlineProcessor(r"(~~)(.+?)~~", "del"), "strikethrough", 65)
    md.inlinePatterns.register(BareUrl(_URL, md), "bare_url", 55)
    inline = Inline(md)
    md.treeprocessors.register(inline, "inline", 20)
    md.treeprocessors.deregister("prettify")
    md.treeprocessors.register(Headings(md), "headings", 4)
    for name, marks in INLINE.items():
        if not found.intersection(marks) and name in md.inlinePatterns:
            md.inlinePatterns.deregister(name)
    md.preprocessors.register(Whitespace(md), "normalize_whitespace", 30)
    if "<" not in found:
        md.preprocessors.deregister("html_block")
    if "\\" not in found:
        md.treeprocessors.deregister("unescape")
    inline.prepare()
    blocks = Blocks(md)
    blocks.blockprocessors = md.parser.blockprocessors
    for rule in blocks.blockprocessors:
        rule.parser = blocks
    blocks.prepare(finishes=not tree and Finished.LATER.isdisjoint(found))
    md.parser = blocks
    md.serializer = serialised
    # With a space, as everywhere else: a line that begins with a #hashtag is no heading.
    md.parser.blockprocessors["hashheader"].RE = HEADING  # type: ignore[attr-defined]  # the types know only the base
    return md
