"""Many records of one class in one go: a column for each field, instead of an object for each row.

Ten thousand items are read back in a fifth of the time that unpickling each of them takes, which is
much of what a build costs after a small change.
"""

from __future__ import annotations

import pickle
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from pipeline.core.item import Item
from pipeline.ports.building import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")


def packed(records: Mapping[str, object]) -> bytes:
    """The records of items among these, by path, as bytes."""
    kept = {path: record for path, record in records.items() if is_item(record)}
    prepared = list(kept.values())
    items = [record.record for record in prepared]
    columns = [list(map(read, items)) for read, _ in _slots(Item)]
    others = [list(map(read, prepared)) for read, _ in _slots(Prepared)[1:]]
    return pickle.dumps((list(kept), columns, others), 5)


def unpacked(shelf: bytes) -> dict[str, object]:
    """The records that `packed` was given; the bytes are this program's own."""
    paths, columns, others = pickle.loads(shelf)  # noqa: S301  # this program's own bytes
    prepared = _made(Prepared, [_made(Item, columns), *others])
    return dict(zip(paths, prepared, strict=True))


def _made(cls: type[T], columns: Sequence[Sequence[object]]) -> list[T]:
    """Objects from the values of their fields."""
    made = [cls.__new__(cls) for _ in columns[0]]
    for (_, write), column in zip(_slots(cls), columns, strict=True):
        # A slot's setter gives None: `any` goes through all of them without a loop of Python's.
        any(map(write, made, column))
    return made


def is_item(record: object) -> TypeGuard[Prepared]:
    """True for what belongs on a shelf: items, of which there are thousands."""
    return isinstance(record, Prepared) and isinstance(record.record, Item)


def _slots(cls: type[Any]) -> list[tuple[Callable[[Any], object], Callable[[Any, object], None]]]:
    places = [getattr(cls, field.name) for field in fields(cls)]
    return [(place.__get__, place.__set__) for place in places]
