"""Styles into the elements of a mail, once an issue and never once a reader.

premailer's traps, each closed here: it fetches what `@import` names even when told not to (so that
is refused before), overwrites the sizes of pictures (so those attributes are off limits), loses a
lower-case doctype (so ours is put in front), takes away what it does not understand and says
nothing (so `lint` says it first), reads style sheets in the head (so those are kept apart),
forgets what it parsed too soon (so it may keep more), and needs a quarter of a second to load (so
it is loaded only when there is something to do).
"""

from __future__ import annotations

import logging
import os
import re
from difflib import get_close_matches
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

from pipeline.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DOCTYPE = "<!DOCTYPE html>\n"
KEEP = ["width", "height", "align", "valign", "bgcolor"]
"""Attributes that the templates set and premailer must not."""

OWN = ("mso-", "-webkit-", "-ms-")
"""Properties that begin so are a client's own."""

MODERN = frozenset({
    "border-collapse", "border-radius", "border-spacing", "hyphens", "letter-spacing", "max-height",
    "max-width", "min-height", "min-width", "opacity", "outline", "overflow", "overflow-wrap",
    "table-layout", "text-decoration-color", "text-size-adjust", "unicode-bidi", "word-break",
    "word-wrap",
})  # fmt: skip
"""Properties that some of the library's lists leave out."""

OPTIONS: Mapping[str, Any] = {
    "base_url": None,
    "strip_important": False,
    "remove_classes": False,
    "keep_style_tags": False,
    "disable_basic_attributes": KEEP,
    "disable_leftover_css": True,
    "align_floating_images": False,
    "disable_validation": True,
    "allow_network": False,
    "cssutils_logging_level": logging.CRITICAL,
}
"""What premailer is told, always."""

CACHED = "4096"
"""What premailer keeps of what it parsed. One issue needs more than the 128 of its own choice, and
then each entry makes room for the next: every mail would parse all of its style sheet again."""

_APART = re.compile(r"<style\b[^>]*>.*?</style>|<!--.*?-->", re.DOTALL)
_PLACE = re.compile(r"<!--kept:(\d+)-->")
_DOCTYPE = re.compile(r"\A\s*<!doctype[^>]*>\s*", re.IGNORECASE)
_NOTE = re.compile(r"<!--(?!\[if\b|<!\[endif|(?:/?only-mail|rest)-->).*?-->", re.DOTALL)
TAG = re.compile(r"""<[a-zA-Z](?:[^<>"']|"[^"]*"|'[^']*')*>""")
"""An element's start: attributes stand here, and in text what only looks like one."""

_STYLE = re.compile(r' style="([^"]*)"')
_QUOTED = re.compile(r" style='([^']*)'")
_SPACE = re.compile(r"([;,]) ")
_CLASS = re.compile(r' class="([^"]*)"')
_INDENT = re.compile(r"[ \t\r]*\n[ \t\r\n]*")
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_AT_RULE = re.compile(r"@[\w-]*")
_RULE = re.compile(r"(?P<selector>[^{}]*)\{(?P<body>[^{}]*)\}")
_DECLARATION = re.compile(r"[^;]+")
_ODD_SELECTOR = re.compile(r"[:\[#*>+~]")


def inlined(html: str, css: str) -> str:
    """`html` with the rules of `css` in its elements, its own style sheets as they were.

    A doctype is put in front. Doing it again changes nothing.
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"<!--kept:{len(kept) - 1}-->"

    inliner = _inliner()(css_text=css, **OPTIONS)
    source = _APART.sub(keep, _DOCTYPE.sub("", html))
    found = str(inliner.transform(source, pretty_print=False))
    found = TAG.sub(lambda tag: _tidied(tag[0]), found)
    found = _PLACE.sub(lambda match: kept[int(match[1])], found)
    return DOCTYPE + found.strip() + "\n"


@lru_cache(maxsize=1)
def _inliner() -> Callable[..., Any]:
    """premailer, which keeps what it parsed: the second mail takes it a tenth of the first."""
    import cssutils

    os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", CACHED)  # read when it is loaded
    from premailer import Premailer

    # #112233 stays as it is: some clients know no #123, and readers of the result look for it.
    cssutils.ser.prefs.minimizeColorHash = False

    @lru_cache(maxsize=8)
    def rules(css: str, place: int) -> Any:
        return Premailer(**OPTIONS)._parse_style_rules(css, place)  # noqa: SLF001  # nothing public reads a style sheet alone

    class Inliner(Premailer):  # type: ignore[misc]  # it has no types
        def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
            return rules(css_body, ruleset_index)

    return Inliner


def _classes(match: re.Match[str]) -> str:
    """A `class` with one space between two names; "" where there is none."""
    names = " ".join(match[1].split())
    return f' class="{names}"' if names else ""


def compact(html: str) -> str:
    """Without comments, but for those that Outlook reads and the web version needs; no indents.

    Line feeds stay where there were some, one each; what is set as typed (`<pre>`) stays.
    """
    parts = _PRE.split(_NOTE.sub("", html))
    found = (part if odd % 2 else _INDENT.sub("\n", part) for odd, part in enumerate(parts))
    return TAG.sub(lambda tag: _CLASS.sub(_classes, tag[0]), "".join(found))


def _tidied(tag: str) -> str:
    """A tag with its styles in double quotes and without idle spaces."""
    tag = _QUOTED.sub(lambda match: ' style="' + match[1].replace('"', "'") + '"', tag)
    return _STYLE.sub(lambda match: ' style="' + _SPACE.sub(r"\1", match[1]) + '"', tag)


@lru_cache(maxsize=8)
def lint(name: str, css: str) -> None:
    """Refuse what would not reach the elements: a slip would show in no client, and silently.

    `css` is without comments and `var()`. Raises RenderError with template and line.
    """
    for query in _AT_RULE.finditer(css):
        line = css.count("\n", 0, query.start()) + 1
        raise RenderError(name, line, f"{query[0]} belongs in email/head.css")
    end = 0
    for rule in _RULE.finditer(css):
        start = rule.start() + len(rule[0]) - len(rule[0].lstrip())
        selector = rule["selector"].strip()
        line = css.count("\n", 0, start) + 1
        if css[end : rule.start()].strip() or not selector:
            raise RenderError(name, line, "a brace is missing or too many")
        if _ODD_SELECTOR.search(selector):
            expected = "only elements and classes can be put into elements"
            raise RenderError(name, line, f"{selector!r}: {expected}")
        end = rule.end()
        for place, complaint in _complaints(rule["body"]):
            at = css.count("\n", 0, rule.start("body") + place) + 1
            raise RenderError(name, at, complaint)
    if css[end:].strip():
        line = css.count("\n", 0, end + len(css[end:]) - len(css[end:].lstrip())) + 1
        raise RenderError(name, line, "a brace is missing or too many")


def lint_elements(name: str, html: str) -> None:
    """The same for styles that stand in elements already. Raises RenderError."""
    tags = (tag[0] for tag in TAG.finditer(html))
    for style in dict.fromkeys(style for tag in tags for style in _STYLE.findall(tag)):
        for _, complaint in _complaints(unescape(style)):
            raise RenderError(name, 0, f'style="{style}": {complaint}')


def _complaints(body: str) -> Iterator[tuple[int, str]]:
    """What is wrong with declarations, each with its place in `body`."""
    import cssutils

    cssutils.log.setLevel(logging.CRITICAL)
    known = MODERN.union(cssutils.profile.propertiesByProfile())
    for declaration in _DECLARATION.finditer(body):
        text = declaration[0].strip()
        if not text:
            continue
        place = declaration.start() + len(declaration[0]) - len(declaration[0].lstrip())
        name = text.partition(":")[0].strip().lower()
        parsed = [prop.name for prop in cssutils.parseStyle(text, validate=False)]
        if parsed != [name]:
            yield place, f"{text!r} is not understood: expected a property, a colon and a value"
        elif not name.startswith(OWN) and name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            yield place, f"no property {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
