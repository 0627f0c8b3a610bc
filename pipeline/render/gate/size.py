"""Rules on how long the mail is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.budget import HTML_MOST, HTML_NEAR, weight
from pipeline.render.gate.facts import HTML
from pipeline.render.gate.rule import Group, error, note, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

OVER = error(
    "size-over-budget",
    "Gmail cuts a message whose HTML is longer than 102,400 bytes, and the way to leave with it.",
    "carry fewer items, or shorten the message",
)
NEAR = warning(
    "size-near-budget",
    "Above nine tenths of what Gmail shows whole, a few more words are cut.",
    "carry an item less, or shorten the message",
)
SHORTENED = note(
    "mail-shortened",
    "The issue is longer than Gmail shows, so its last rows are shorter than elsewhere.",
    "carry fewer items where all of them matter",
)
LEFT_OUT = warning(
    "mail-cut",
    "The issue is so long that a part of it is only on the web, and in the text part.",
    "carry fewer items, or shorten the message",
)
STYLE_MOST = 16_384
STYLE = warning(
    "style-too-long",
    "Gmail drops a style sheet of more than 16 KB, and with it what phones and the dark need.",
    "take rules out of head.css",
)


def ask(mail: Mail) -> Iterator[Finding]:
    """The HTML as a subscriber gets it, their own links filled in; then its style sheets."""
    for style in mail.document.root.iter("style"):
        length = len((style.text or "").encode())
        if length > STYLE_MOST:
            yield STYLE.at(mail.html_line(style), f"{length:,} bytes of {STYLE_MOST:,}")
    size = weight(mail.html)
    if size >= HTML_MOST:
        yield OVER.at(HTML, f"{size:,} bytes of {HTML_MOST:,}")
    elif mail.shortened or mail.left_out:
        # It was made to fit, so how near it is says nothing more.
        if mail.shortened:
            yield SHORTENED.at(HTML, mail.shortened)
        if mail.left_out:
            yield LEFT_OUT.at(HTML, mail.left_out)
    elif size >= HTML_NEAR:
        yield NEAR.at(HTML, f"{size:,} bytes of {HTML_MOST:,}")


GROUP = Group(title="Size", rules=(OVER, NEAR, LEFT_OUT, SHORTENED, STYLE), ask=ask)
