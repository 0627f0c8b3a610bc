"""Many records of one class in one go: a column for each field, instead of an object for each row.

Ten thousand items are read back in a fifth of the time that unpickling each of them takes, which is
much of what a build costs after a small change.
"""

from __future__ import annotations

import pickle
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeGuard

from pipeline.core.item import Item
from pipeline.ports import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def packed(records: Mapping[str, object]) -> bytes:
    """The records of items among these, by path, as bytes."""
    kept = {path: record for path, record in records.items() if is_item(record)}
    items = [record.record for record in kept.values()]
    others = [(record.body_key, record.urls) for record in kept.values()]
    columns = [list(map(read, items)) for read, _ in _slots(Item)]
    return pickle.dumps((list(kept), others, columns), 5)


def unpacked(shelf: bytes) -> dict[str, object]:
    """The records that `packed` was given; the bytes are this program's own."""
    paths, others, columns = pickle.loads(shelf)  # noqa: S301
    items = [Item.__new__(Item) for _ in paths]
    for (_, write), column in zip(_slots(Item), columns, strict=True):
        # A slot's setter gives None: `any` goes through all of them without a loop of Python's.
        any(map(write, items, column))
    return {
        path: Prepared(record=item, body_key=key, urls=urls)
        for path, item, (key, urls) in zip(paths, items, others, strict=True)
    }


def is_item(record: object) -> TypeGuard[Prepared]:
    """True for what belongs on a shelf: items, of which there are thousands."""
    return isinstance(record, Prepared) and isinstance(record.record, Item)


def _slots(cls: type[Any]) -> list[tuple[Callable[[Any], object], Callable[[Any, object], None]]]:
    places = [getattr(cls, field.name) for field in fields(cls)]
    return [(place.__get__, place.__set__) for place in places]
