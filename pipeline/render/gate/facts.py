"""What the rules know of one mail: its parts, the plan behind it, and where its links would lead.

::

    message ─▶ parts ─▶ Document (parsed once) ─┐
    plan, items, pages of the site ─────────────┼─▶ Mail ─▶ groups of rules ─▶ findings
    the templates' sources ─────────────────────┘
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml.html import HtmlElement

    from pipeline.core.item import Item
    from pipeline.core.plan import Plan
    from pipeline.render.gate.document import Document

_TOKEN = re.compile(r"[\w-]+|\S")

HTML, TEXT, SUBJECT, PREHEADER, HEADERS = "HTML", "text", "subject", "preheader", "headers"
"""The parts of a mail, as `where` names them."""


def split_url(url: str) -> SplitResult:
    """The parts of an address; none of what is no address at all, such as `http://[`."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def host_of(address: SplitResult) -> tuple[str, int | None]:
    """The host that an address means and its port, None for the usual one, however written."""
    try:
        port = address.port
    except ValueError:
        return "", None
    usual = {"http": 80, "https": 443}.get(address.scheme)
    return (address.hostname or "").removesuffix("."), None if port == usual else port


class Standing(StrEnum):
    """Where an address of the site leads now."""

    THERE = "there"  # the build makes it
    NOWHERE = "nowhere"  # nothing is there
    DRAFT = "a draft"  # an item that is a draft
    WAITING = "not published yet"  # an item dated in the future
    EXPIRED = "expired"  # an item whose time is over


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A file as a mail loads it: `size` in bytes, `width` and `height` in pixels (0: unknown)."""

    size: int
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, in one language, with what the rules may know.

    `items` are those of the newsroom, hidden ones too, by path, and `by_id` by their id; `standing`
    says of a path below the site's root where it leads, `anchors` which fragments its page has;
    `pictures` holds the files of the site's pictures by their address in the mail; `templates` the
    sources of `email/`; `line_of` gives the line of a field, or of a text, in a file of `content/`.
    `default_css` is the style sheet that the program brings, whatever the newsroom has; `config`
    what newsroom.toml says by key, as far as a rule asks.
    `prefix` is where the plan has this version's words; `shortened` and `left_out` say what was
    left to the web to fit, "" for nothing; `released` is True where nothing can be changed.
    """

    lang: str
    dir: str
    subject: str
    text: str
    html: str
    raw: bytes
    base_url: str
    postal_address: str
    clients: tuple[str, ...]
    document: Document
    standing: Callable[[str], Standing]
    anchors: Callable[[str], frozenset[str]]
    line_of: Callable[[str, str, str], int]
    items: Mapping[str, Item] = field(default_factory=dict)
    by_id: Mapping[str, Item] = field(default_factory=dict)
    pictures: Mapping[str, PictureFile] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    default_css: str = ""
    config: Mapping[str, str] = field(default_factory=dict)
    plan: Plan | None = None
    prefix: str = ""
    shortened: str = ""
    left_out: str = ""
    released: bool = False

    def within(self, url: str) -> str | None:
        """The path below the site's root that an address means, or None for one elsewhere.

        The same site by http, with its port or with a user's name is the same site.
        """
        base, address = split_url(self.base_url), split_url(url)
        if address.scheme not in {"http", "https"} or host_of(address) != host_of(base):
            return None
        root = base.path.rstrip("/") + "/"
        path = address.path or "/"
        return unquote(path[len(root) :]) if (path + "/").startswith(root) else None

    def item_at(self, url: str) -> Item | None:
        """The item whose page an address is, with a fragment or without."""
        path = self.within(url)
        return None if path is None else self.items.get(path)

    def in_file(self, source: str, field_: str, text: str = "") -> str:
        """A file below `content/` with the line of a field, or of a text in its body."""
        line = self.line_of(source, field_, text)
        return f"{source}:{line}" if line else source

    def in_plan(self, field_: str, text: str = "", *, part: str = HTML) -> str:
        """The plan with a line; the part of the mail where there is no plan any more."""
        return self.in_file(self.plan.source, field_, text) if self.plan else part

    def place(self, element: HtmlElement, text: str = "") -> str:
        """Where an element comes from: its item, the plan's message, or a line of the HTML.

        `text` is what stands there: with it, the line in the item or in the message is found.
        """
        said = self.in_message(text)
        if said:
            return said
        owner = self._owner(element)
        if owner is not None:
            return self.in_file(owner.source, "", text) if text else owner.source
        return self.html_line(element)

    def in_message(self, text: str) -> str:
        """The plan with the line of its message that has `text`; "" where the message has not.

        An address of the site may stand there without the site's own.
        """
        written = self._as_written(text)
        if not written:
            return ""
        return self.in_plan(f"{self.prefix}message" if self.prefix else "", written)

    def _as_written(self, text: str) -> str:
        message = self.plan.message if self.plan else ""
        if text and text in message:
            return text
        short = text.removeprefix(self.base_url)
        if short == text or not short.startswith("/"):
            return ""
        # Nothing but a link: `/` alone, or `/a/`, stands in many a text.
        link = rf"(?:\]\(|\]:|\b(?:src|href)=)[ \t<\"']*{re.escape(short)}(?![\w/.-])"
        return short if re.search(link, message) else ""

    def html_line(self, element: HtmlElement) -> str:
        """A line of the HTML part."""
        return f"{HTML}, line {element.sourceline}" if element.sourceline else HTML

    def in_templates(self, text: str) -> str:
        """The template and line that a text stands in, however spaced; "" for none."""
        way = _spaced(text)
        for name, source in self.templates.items():
            match = way.search(source) if way.pattern else None
            if match:
                line = source.count("\n", 0, match.start()) + 1
                return f"templates/{name}:{line}"
        return ""

    def is_default(self, declaration: str) -> bool:
        """Whether a declaration is one of the program's own style sheet, however spaced."""
        return bool(_spaced(declaration).search(self.default_css))

    def _owner(self, element: HtmlElement) -> Item | None:
        """The item in whose row an element stands: the nearest part that links to just one."""
        near: HtmlElement | None = element
        while near is not None:
            links = (each.get("href", "") for each in near.iter("a"))
            owners = {item.id: item for url in links if (item := self.item_at(url))}
            if owners:
                return next(iter(owners.values())) if len(owners) == 1 else None
            near = near.getparent()
        return None


def _spaced(text: str) -> re.Pattern[str]:
    """A text with any white space between its words."""
    return re.compile(r"\s*".join(map(re.escape, _TOKEN.findall(text))))
