"""What else a reader of an item may want: neighbours in its themes and its series.

Candidates are the items just before and after it in the list of each of its themes and of its
series, `WINDOW` either side, so that a new item changes what is shown beside a few others only. Of
these the ones that share most come first, then the nearest in age.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.item import newest_first

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.item import Item

LIMIT = 4
"""Items shown beside an item."""

WINDOW = 3
"""Candidates either side of an item in each of its lists."""

_FAR = 10_000_000
"""More days than any two dates are apart: what is shared weighs more than age."""


def related(
    catalogue: Catalogue, changed: Collection[str] | None = None
) -> Iterator[tuple[Item, tuple[Item, ...]]]:
    """Each public item, newest first, with up to `LIMIT` others.

    Where `changed` is given, only items with these ids and those beside which they may be shown.

    Never the item itself or a version of it, and of a piece in several languages one version only:
    that in the item's language, else in the newsroom's, else the newest. Which that is depends on
    what versions there are, their languages and dates, and on nothing else of what may change in
    them. The same catalogue gives the same answer.
    """
    items = catalogue.items
    total = len(items)
    places, shared = _places(items)
    days = [item.date.toordinal() for item in items]
    versions = translations(catalogue)
    translated = {index for index, item in enumerate(items) if item.id in versions}
    own = catalogue.newsroom.language
    for index in range(total) if changed is None else _near(items, places, changed):
        item = items[index]
        around = _around(places[index])
        for other in around & translated:
            if _misplaced(items[other], item, versions[items[other].id], own):
                around.remove(other)
        day, groups = days[index], shared[index]
        # One number each instead of a tuple: what is shared, then days apart, then newest first.
        ranks = [
            (abs(days[other] - day) - (shared[other] & groups).bit_count() * _FAR) * total + other
            for other in around
        ]
        ranks.sort()
        yield item, tuple([items[rank % total] for rank in ranks[:LIMIT]])


def _around(places: Iterable[tuple[list[int], int]]) -> set[int]:
    """The candidates of an item at these places in its lists."""
    around: set[int] = set()
    for members, at in places:
        around.update(members[max(0, at - WINDOW) : at], members[at + 1 : at + 1 + WINDOW])
    return around


def _near(
    items: Sequence[Item], places: Sequence[list[tuple[list[int], int]]], changed: Collection[str]
) -> list[int]:
    """The items with these ids and their candidates: who sees an item is seen by it."""
    near: set[int] = set()
    for index, item in enumerate(items):
        if item.id in changed:
            near.add(index)
            near |= _around(places[index])
    return sorted(near)


def translations(catalogue: Catalogue) -> dict[str, tuple[Item, ...]]:
    """The public versions of each piece that has several: item id → the others, by language."""
    found: dict[str, tuple[Item, ...]] = {}
    for name, piece in catalogue.pieces.items():
        others = [catalogue.by_id[x] for x in piece if x != name and x in catalogue.public]
        if others and name in catalogue.public:
            found[name] = tuple(sorted(others, key=lambda item: (item.lang, item.id)))
    return found


def _places(items: Iterable[Item]) -> tuple[list[list[tuple[list[int], int]]], list[int]]:
    """For each item its lists (as indices) with its position there; and its groups, a bit each."""
    lists: dict[str, tuple[int, list[int]]] = {}
    places: list[list[tuple[list[int], int]]] = []
    shared: list[int] = []
    for index, item in enumerate(items):
        groups, mine = 0, []
        # A theme and a series may have the same key; no key holds a slash.
        for name in (*item.themes, f"series/{item.series}") if item.series else item.themes:
            if name not in lists:
                lists[name] = 1 << len(lists), []
            bit, members = lists[name]
            if groups & bit:
                continue
            groups |= bit
            mine.append((members, len(members)))
            members.append(index)
        places.append(mine)
        shared.append(groups)
    return places, shared


def _misplaced(other: Item, item: Item, versions: tuple[Item, ...], own: str) -> bool:
    """True for a version of `item`, and where one of `versions` suits it better than `other`.

    `own` is the newsroom's language.
    """
    mine = _fitness(other, item.lang, own)
    return any(
        version.id == item.id or _fitness(version, item.lang, own) < mine for version in versions
    )


def _fitness(version: Item, lang: str, own: str) -> tuple[object, ...]:
    """The least is the version to show beside what is in `lang`."""
    return version.lang != lang, version.lang != own, *newest_first(version)
