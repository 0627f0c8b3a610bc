"""Values as tables keep them, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK = 500
"""How many values one statement names: databases have a limit, and a text to parse."""

T = TypeVar("T")


def seconds(at: datetime) -> float:
    """Since the epoch; exact to the microsecond until the year 2242."""
    return at.timestamp()


def moment(at: float) -> datetime:
    """Aware, UTC; the inverse of `seconds`."""
    return datetime.fromtimestamp(at, UTC)


def seconds_or_none(at: datetime | None) -> float | None:
    """As `seconds`, of a time that need not be."""
    return None if at is None else seconds(at)


def moment_or_none(at: float | None) -> datetime | None:
    """The inverse of `seconds_or_none`."""
    return None if at is None else moment(at)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """All of them in order, `size` at a time."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def lines(keys: Iterable[str]) -> str:
    """Keys as one text; none holds a line break."""
    return "\n".join(sorted(keys))


def keys(text: str) -> frozenset[str]:
    """The inverse of `lines`."""
    return frozenset(text.split("\n")) if text else frozenset()
