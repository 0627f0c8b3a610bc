"""The catalogue: everything published at one moment, in order, ready to be asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.item import Item, newest_first
from pipeline.core.piece import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Listing, Newsroom
    from pipeline.core.theme import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What is public now. Every sequence of items is newest first.

    `items` holds released issues too, as the items that announce them; `by_id`, `by_source` (path)
    and `by_name` (name of the file) hold every item, also drafts and those whose time has not come;
    `pieces` has the ids of all versions of a piece that has several, by the id of each; `moves_at`
    is when the clock alone next changes what is public, or None.
    """

    newsroom: Newsroom
    items: tuple[Item, ...]
    by_id: Mapping[str, Item]
    by_source: Mapping[str, Item]
    by_name: Mapping[str, Item]
    public: frozenset[str]
    pieces: Mapping[str, tuple[str, ...]]
    themes: Mapping[str, Theme]
    media: Mapping[str, MediaFile]
    of_kind: Mapping[str, tuple[Item, ...]]
    of_theme: Mapping[str, tuple[Item, ...]]
    of_series: Mapping[str, tuple[Item, ...]]
    moves_at: datetime | None

    def listed(self, listing: Listing) -> tuple[Item, ...]:
        """The items of a listing's kinds."""
        if len(listing.kinds) == 1:
            return self.of_kind[listing.kinds[0]]
        kinds = frozenset(listing.kinds)
        return tuple(item for item in self.items if item.kind in kinds)

    def each_piece(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """These items without what says the same in another language, in their order.

        Of a piece in several languages the newsroom's own version stays, else the newest.
        """
        if not self.pieces:
            return tuple(items)
        mine = self.newsroom.language
        shown: dict[tuple[str, ...], Item] = {}
        for item in items:
            piece = self.pieces.get(item.id, (item.id,))
            other = shown.setdefault(piece, item)
            if item.lang == mine and other.lang != mine:
                shown[piece] = item
        kept = {item.id for item in shown.values()}
        return tuple(item for item in items if item.id in kept)

    def is_public(self, item: Item) -> bool:
        """True for what has a page now."""
        return item.id in self.public


def compile_catalogue(
    newsroom: Newsroom,
    items: Iterable[Item],
    *,
    themes: Mapping[str, Theme],
    media: Mapping[str, MediaFile],
    now: datetime,
) -> Catalogue:
    """Put items in order and in their groups, as they stand at `now` (aware)."""
    everything = sorted(items, key=newest_first)
    public = tuple(item for item in everything if item.is_public(now))
    kinds: defaultdict[str, list[Item]] = defaultdict(list)
    by_theme: defaultdict[str, list[Item]] = defaultdict(list)
    by_series: defaultdict[str, list[Item]] = defaultdict(list)
    for item in public:
        kinds[item.kind].append(item)
        for theme in item.themes:
            by_theme[theme].append(item)
        if item.series:
            by_series[item.series].append(item)
    return Catalogue(
        newsroom=newsroom,
        items=public,
        by_id={item.id: item for item in everything},
        by_source={item.source: item for item in everything},
        by_name={item.source.rpartition("/")[2]: item for item in everything},
        public=frozenset(item.id for item in public),
        pieces=pieces(everything),
        themes=themes,
        media=media,
        of_kind={key: tuple(kinds[key]) for key in newsroom.kinds},
        of_theme={key: tuple(by_theme[key]) for key in themes},
        of_series={key: tuple(by_series[key]) for key in newsroom.series},
        moves_at=next_move(everything, now),
    )


def next_move(items: Iterable[Item], now: datetime) -> datetime | None:
    """The next moment at which an item appears or expires by itself."""
    moments = (
        moment
        for item in items
        if not item.draft
        for moment in (item.date, item.expires)
        if moment is not None and moment > now
    )
    return min(moments, default=None)
