"""Rules on the text part: that it is there, and says what the HTML says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipeline.core.budget import HTML_NEAR, weight
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.render.gate.contents import HEADINGS, in_message, shown_items
from pipeline.render.gate.facts import TEXT, split_url
from pipeline.render.gate.rule import Group, error, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

MISSING = error(
    "text-missing",
    "Readers of plain text, watches and filters see an empty message.",
    "let the template email/issue.txt write the text part",
)
DIFFERS = error(
    "text-differs",
    "Readers of the text part would get another issue than the others.",
    "show the same items in email/issue.txt and email/issue.html",
)
ORDER = warning(
    "text-order",
    "The two parts tell the same news in another order.",
    "put the text part in the order of the HTML",
)
LINKS = warning(
    "text-links",
    "What the HTML links to cannot be reached from the text part.",
    "give the address in the text part as well",
)
MARKUP = warning(
    "text-markup",
    "Tags and styles in plain text are shown as they are.",
    "write the text part from the Markdown, not from the HTML",
)

_URL = re.compile(r"https?://[^\s<>\"]+")
_MARKUP = re.compile(
    r"</?(?:p|br|a|b|i|em|strong|div|span|td|tr|table|img|h[1-6]|ul|li|style)\b[^>]*>"
    r"|&(?:nbsp|amp|lt|gt|quot|#\d+);|\{[^{}:\n]{0,80}:[^{};\n]{0,80};[^{}\n]{0,80}\}",
    re.IGNORECASE,
)


def ask(mail: Mail) -> Iterator[Finding]:
    """The text beside the HTML."""
    if not mail.text.strip():
        yield MISSING.at(TEXT, "nothing")
        return
    written = [match[0] for match in _URL.finditer(mail.text)]
    addresses = [_trimmed(url) for url in written]
    pages = dict.fromkeys(_meant(url.partition("#")[0]) for url in addresses)
    mine = [url for url in pages if mail.item_at(url)]
    shown = [_meant(url) for url in shown_items(mail)]
    linked = {
        _meant(link.href.partition("#")[0])
        for link in mail.document.links
        if mail.item_at(link.href) is not None
    }
    yield from _same_items(mail, shown, mine, linked)
    yield from _other_links(mail, {*written, *addresses})
    for number, line in enumerate(mail.text.splitlines(), 1):
        match = _MARKUP.search(line)
        if match:
            yield MARKUP.at(f"{TEXT}, line {number}", match[0])


def _same_items(
    mail: Mail, shown: list[str], mine: list[str], linked: set[str]
) -> Iterator[Finding]:
    for url in shown:
        if url not in mine:
            yield DIFFERS.at(TEXT, f"not there: {_title(mail, url)}")
    for url in mine:
        if url not in linked and not _left_to_the_web(mail):
            yield DIFFERS.at(TEXT, f"only there: {_title(mail, url)}")
    # An item that the message links to as well stands in the text before its own entry.
    before = _linked_before(mail, shown)
    here = [url for url in shown if url in mine and url not in before]
    there = [url for url in mine if url in here]
    moved = [one for one, other in zip(here, there, strict=True) if one != other]
    if moved:
        yield ORDER.at(TEXT, f"from {_title(mail, moved[0])} on")


def _linked_before(mail: Mail, shown: list[str]) -> set[str]:
    """Items that the HTML links to before the first of its entries: in the editor's message."""
    found: set[str] = set()
    for link in mail.document.links:
        url = _meant(link.href.partition("#")[0])
        around = (link.element, *link.element.iterancestors())
        heads = any(each.tag in HEADINGS for each in around) and not in_message(link.element)
        if url in shown and heads:
            break
        if link.element.find(".//img") is not None:
            # The picture of an entry stands before its heading.
            continue
        if mail.item_at(url) is not None:
            found.add(url)
    return found


def _other_links(mail: Mail, addresses: set[str]) -> Iterator[Finding]:
    """Links to elsewhere that the text part has not; those of the site are ways, not news."""
    known = set(map(_meant, addresses))
    missed = dict.fromkeys(
        link.href
        for link in mail.document.links
        if split_url(link.href).scheme in {"http", "https"}
        and _meant(link.href) not in known
        and link.href not in {UNSUBSCRIBE, PREFERENCES}
        and mail.within(link.href) is None
    )
    for href in missed:
        yield LINKS.at(TEXT, href)


def _left_to_the_web(mail: Mail) -> bool:
    """True where the HTML was made shorter to fit, which the text part never is."""
    return bool(mail.shortened or mail.left_out) or (
        mail.released and weight(mail.html) >= HTML_NEAR
    )


def _title(mail: Mail, url: str) -> str:
    item = mail.item_at(url)
    return item.title if item else url


def _meant(url: str) -> str:
    """An address as it is compared: the HTML has percent signs where people write letters."""
    parts = split_url(url)
    return unquote(url.replace(parts.netloc, parts.netloc.lower(), 1))


def _trimmed(url: str) -> str:
    """An address without the punctuation of the sentence that it stands in."""
    url = url.rstrip(".,;:!?'’”»…")
    while url.endswith(")") and url.count("(") < url.count(")"):
        url = url[:-1]
    return url


GROUP = Group(title="The text part", rules=(MISSING, DIFFERS, ORDER, LINKS, MARKUP), ask=ask)
