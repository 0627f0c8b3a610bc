"""Pages of a listing, counted from the oldest, so that a new item changes the newest page only.

The front page holds what does not fill a numbered page yet, and the newest full page with it: with
23 items and ten a page it shows 13; behind it stands page 1 with the ten oldest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


class ListingPage(NamedTuple, Generic[T]):
    """One page: `path` below the site's root with a trailing slash ("" is the home page).

    `number` is 0 on the front page; `newer` and `older` are the paths of the neighbours, "" where
    there is none (a front page at the root has no neighbour that is newer, so "" is never a path).
    """

    path: str
    number: int
    items: tuple[T, ...]
    newer: str
    older: str


def paginate(items: Sequence[T], base: str, page_size: int) -> Iterator[ListingPage[T]]:
    """Cut `items` (newest first) into pages below `base` (a path with a trailing slash)."""
    full = max(0, len(items) // page_size - 1)
    in_front = len(items) - full * page_size
    yield ListingPage(
        path=base,
        number=0,
        items=tuple(items[:in_front]),
        newer="",
        older=page_path(base, full) if full else "",
    )
    for number in range(full, 0, -1):
        start = in_front + (full - number) * page_size
        yield ListingPage(
            path=page_path(base, number),
            number=number,
            items=tuple(items[start : start + page_size]),
            newer=page_path(base, number + 1) if number < full else base,
            older=page_path(base, number - 1) if number > 1 else "",
        )


def page_path(base: str, number: int) -> str:
    """Where the numbered page of a listing lives."""
    return f"{base}page/{number}/"
