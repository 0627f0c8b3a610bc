"""How long a mail's HTML may be: what Gmail shows whole, counted as a subscriber gets it."""

from __future__ import annotations

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE

HTML_MOST = 102_400
"""Bytes of HTML from which on Gmail cuts a message, and with it the way to leave."""

HTML_NEAR = HTML_MOST * 9 // 10
"""From here on an editor is told."""

LINK_MOST = 280
"""Bytes that a subscriber's own link may take: a long host, a path and a signed token."""


def weight(html: str) -> int:
    """The bytes of a mail's HTML once each token is a subscriber's own link."""
    tokens = sum(
        html.count(token) * (LINK_MOST - len(token)) for token in (UNSUBSCRIBE, PREFERENCES)
    )
    return len(html.encode()) + tokens
