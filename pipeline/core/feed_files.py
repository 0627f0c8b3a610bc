"""Which files of the output are feeds: what a hub is told of (W3C WebSub §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FILES = frozenset({"feed.xml", "atom.xml", "feed.json"})
NO_FEEDS = ("media/", "assets/")
"""Folders whose files are an editor's, whatever they are called."""


def feeds_among(paths: Iterable[str]) -> tuple[str, ...]:
    """The feeds among paths of the output, sorted; each once."""
    return tuple(
        sorted(
            {
                path
                for path in paths
                if path.rpartition("/")[2] in FILES and not path.startswith(NO_FEEDS)
            }
        )
    )
