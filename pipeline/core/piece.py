"""A piece: one text in one or several languages, an item each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.core.item import Item


def pieces(items: Iterable[Item]) -> Mapping[str, tuple[str, ...]]:
    """The ids of each piece that has several versions: item id → all of them, sorted.

    A link in one direction is enough, and versions of a version count.
    """
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        for other in item.translations:
            neighbours[item.id].add(other)
            neighbours[other].add(item.id)
    found: dict[str, tuple[str, ...]] = {}
    for start in neighbours:
        if start in found:
            continue
        seen, waiting = {start}, [start]
        while waiting:
            new = neighbours[waiting.pop()] - seen
            seen |= new
            waiting.extend(new)
        piece = tuple(sorted(seen))
        found.update((name, piece) for name in piece)
    return found
