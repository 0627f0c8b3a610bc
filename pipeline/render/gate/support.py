"""Rules on what mail clients understand: facts from caniemail, in `support.json`, with their date.

What is asked of the table is what stands in elements, where every client reads it. What stands in
`<style>` is an addition for those that read it, as are `mso` conditional comments for Outlook: both
may fail without harm, and only what loads something is looked at there. Of features that are
missing somewhere, those in `HARMLESS` are told in one note, since a mail without them is plainer
and nothing more; the rest are warnings, unless the element has a fallback (`_has_fallback`).
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.render.gate.features import features_of_element, features_of_style
from pipeline.render.gate.rule import Group, error, note, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail
    from pipeline.render.gate.styles import Declaration

TABLE = Path(__file__).with_name("support.json")
CLIENTS_NAMED = 4

CSS = warning(
    "css-unsupported",
    "A style that clients do not know leaves the mail broken for their readers.",
    "write it another way, or put it in a media query as an addition",
)
HTML_RULE = warning(
    "html-unsupported",
    "Elements and attributes that clients do not know are dropped, or shown as nothing.",
    "use what every client knows: tables, paragraphs, pictures, links",
)
DEGRADES = note(
    "css-degrades",
    "Some clients show the mail plainer; nothing that a reader needs depends on it.",
    "nothing has to be done",
)
ACTIVE = error(
    "html-active",
    "Scripts, forms, frames and handlers are cut out by clients, or the message is refused.",
    "take it out, and link to a page of the site",
)
LOADS = warning(
    "loads-from-elsewhere",
    "A style sheet or a font from a server tells it who reads, and most clients refuse it.",
    "write the styles in style.css, and use fonts that readers have",
)

ACTIVE_ELEMENTS = frozenset({
    "applet", "base", "embed", "form", "frame", "frameset", "iframe", "input", "object", "script",
    "select", "textarea",
})  # fmt: skip
HARMLESS = frozenset({
    # Decoration: without it the mail is plainer.
    "css-border-radius", "css-box-shadow", "css-cursor", "css-letter-spacing", "css-opacity",
    "css-outline", "css-outline-offset", "css-text-shadow", "css-transition", "css-word-spacing",
    "css-text-decoration-color", "css-text-decoration-style", "css-text-decoration-thickness",
    "css-text-underline-offset", "css-text-decoration-line", "css-user-select",
    # Bounds that only matter where something is wider or higher than it should be.
    "css-max-height", "css-min-height", "css-height", "css-overflow", "css-min-width",
    "css-box-sizing", "css-table-layout", "css-border-spacing",
    # How lines break.
    "css-hyphens", "css-overflow-wrap", "css-text-overflow", "css-text-wrap", "css-white-space",
    "css-word-break", "css-word-wrap", "css-orphans", "css-widows", "css-font-kerning",
    "css-direction",
})  # fmt: skip
"""Features whose absence leaves a mail that reads as well."""

ADDITIONS = frozenset({
    "html-aria-describedby", "html-aria-hidden", "html-aria-label", "html-aria-labelledby",
    "html-body", "html-dir", "html-lang", "html-loading-attribute", "html-meta-color-scheme",
    "html-role", "html-semantics", "html-style", "html-target", "html-abbr", "html-wbr",
    "html-doctype",
})  # fmt: skip
"""What tells readers' tools more and costs nothing where it is dropped: not even a note."""

_HIDDEN_ANYWAY = re.compile(r"max-height:\s*0|font-size:\s*[01]px|height:\s*0", re.IGNORECASE)
_LOADS = re.compile(r"@import\b|url\(\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)


class Feature(NamedTuple):
    """One line of the table: `no` and `part` are clients."""

    title: str
    tested: str
    no: frozenset[str]
    part: frozenset[str]


class Table(NamedTuple):
    """The facts, with the day on which caniemail's data was taken."""

    date: str
    clients: tuple[str, ...]
    features: Mapping[str, Feature]


@cache
def table() -> Table:
    """The table, read when it is first asked."""
    data = json.loads(TABLE.read_bytes())
    clients: list[str] = data["clients"]
    features = {
        slug: Feature(
            title=about["title"],
            tested=about["tested"],
            no=frozenset(clients[place] for place in about["no"]),
            part=frozenset(clients[place] for place in about["part"]),
        )
        for slug, about in data["features"].items()
    }
    return Table(date=data["date"], clients=tuple(clients), features=features)


def ask(mail: Mail) -> Iterator[Finding]:
    """Every element and every style of its own, each feature told once."""
    yield from _active(mail)
    yield from _loading(mail)
    harmless: dict[str, str] = {}
    told: set[str] = set()
    known = table().features
    for element in mail.document.root.iter():
        if not isinstance(element.tag, str):
            continue
        used = [(slug, raw, HTML_RULE) for slug, raw in features_of_element(element)]
        styles = mail.document.styles.get(element, ())
        used += [(slug, raw, CSS) for slug, raw in features_of_style(styles, known)]
        for slug, raw, rule in used:
            missing = missing_in(slug, mail.clients)
            if not missing or slug in told or _has_fallback(slug, element, styles):
                continue
            share = _share(missing, mail.clients)
            if slug in ADDITIONS:
                continue
            if slug in HARMLESS and mail.document.is_hidden(element):
                # How a preheader is hidden: several ways, since each fails somewhere.
                continue
            if slug in HARMLESS and mail.is_default(raw):
                # Known, and nothing that a newsroom could do anything about.
                continue
            if slug in HARMLESS:
                harmless.setdefault(slug, f"{table().features[slug].title} ({share})")
                continue
            told.add(slug)
            where = mail.in_templates(raw) or mail.place(element)
            yield rule.at(where, f"{raw}: {without(slug, missing, mail.clients)}")
    if harmless:
        said = "; ".join(harmless[slug] for slug in sorted(harmless))
        whole = f"missing in some clients: {said} (caniemail, {table().date})"
        yield DEGRADES.at("HTML", whole)


def missing_in(slug: str, clients: tuple[str, ...]) -> frozenset[str]:
    """The clients of these that do not have a feature at all."""
    feature = table().features.get(slug)
    return feature.no.intersection(clients) if feature else frozenset()


def _share(missing: frozenset[str], clients: tuple[str, ...]) -> str:
    return f"{len(missing)} of {len(clients)}"


def without(slug: str, missing: frozenset[str], clients: tuple[str, ...]) -> str:
    """In words: which clients, what share of those named, and since when that is known."""
    feature = table().features[slug]
    names = sorted(missing)
    named = ", ".join(names[:CLIENTS_NAMED]) + (" …" if len(names) > CLIENTS_NAMED else "")
    percent = round(100 * len(names) / len(clients))
    count = f"{len(names)} of {len(clients)} clients, {percent} %"
    return f"not in {named} ({count}; tested {feature.tested})"


def _has_fallback(slug: str, element: HtmlElement, styles: tuple[Declaration, ...]) -> bool:
    """True where an element says the same in a way that the others understand."""
    whole = "; ".join(each.raw for each in styles)
    if slug == "css-display-none":
        return bool(_HIDDEN_ANYWAY.search(whole))
    if slug in {"css-width", "css-height"}:
        return slug.removeprefix("css-") in element.attrib
    if slug == "css-background-image":
        return any(each.name == "background-color" for each in styles)
    return False


def _active(mail: Mail) -> Iterator[Finding]:
    for element in mail.document.root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ACTIVE_ELEMENTS:
            yield ACTIVE.at(mail.place(element), f"<{element.tag}>")
        handlers = [name for name in element.attrib if str(name).startswith("on")]
        for name in handlers:
            yield ACTIVE.at(mail.place(element), f"{name}=… on <{element.tag}>")
        if element.tag == "meta" and element.get("http-equiv", "").lower() == "refresh":
            yield ACTIVE.at(mail.html_line(element), "a refresh")


def _loading(mail: Mail) -> Iterator[Finding]:
    for rule in mail.document.rules:
        said = (rule.selector, *(each.raw for each in rule.declarations))
        raw = next((each for each in said if _LOADS.search(each)), "")
        if raw:
            yield LOADS.at(mail.in_templates(raw) or f"HTML, line {rule.line}", raw)
    for element in mail.document.root.iter("link"):
        if "stylesheet" in element.get("rel", "").lower():
            yield LOADS.at(mail.html_line(element), element.get("href", ""))


GROUP = Group(
    title="What clients understand", rules=(ACTIVE, CSS, HTML_RULE, LOADS, DEGRADES), ask=ask
)
